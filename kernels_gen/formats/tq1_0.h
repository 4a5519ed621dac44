//@ format TQ1_0 id 34 family TERNARY block 256 bytes 54 codes 0..2 offset 1 scales 1..1 is block256 plain packs
/* TQ1_0: w = d * (c - 1). Five codes to a byte: as the number 0.c0 c1 c2 c3 c4 in base three, times
 * 256 and rounded up. So c0 = byte * 3 >> 8, and byte * 3 modulo 256 holds the rest.
 *
 *   byte 0 ... 31          | 32 ... 47              | 48 ... 51             | 52 53
 *        c[32 * n + l]     | c[160 + 16 * n + l]    | c[240 + 4 * n + l]    | d
 *        n = 0..4, l: byte | n = 0..4               | n = 0..3, fifth: 0    | */
typedef struct llq_tq1_0 { uint8_t qs[48], qh[4], d[2]; } llq_tq1_0;

LL_INLINE float llq_tq1_0_scale(const llq_tq1_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
/* The codes of n bytes, `count` each: c[n * i + l] is number i of byte l. */
LL_FN void llq_tq1_0_digits(const uint8_t *s, int n, int count, int8_t *c) {
    for (int l = 0; l < n; l++) {
        int x = s[l];
        for (int i = 0; i < count; i++, x = x * 3 & 255) c[n * i + l] = (int8_t)((x * 3 >> 8) - 1);
    }
}
LL_FN void llq_tq1_0_bytes(const int8_t *c, int n, int count, uint8_t *s) {
    for (int l = 0; l < n; l++) {
        int x = 0;
        for (int i = 0; i < 5; i++) x = 3 * x + (i < count ? c[n * i + l] + 1 : 0);
        s[l] = (uint8_t)((x * 256 + 242) / 243);
    }
}
LL_INLINE void llq_tq1_0_codes(const llq_tq1_0 *b, int8_t *c) {
    llq_tq1_0_digits(b->qs, 32, 5, c);
    llq_tq1_0_digits(b->qs + 32, 16, 5, c + 160);
    llq_tq1_0_digits(b->qh, 4, 4, c + 240);
}

#if LL_ONCE
LL_FN void llq_tq1_0_pack(const float *x, const float *w, llq_tq1_0 *b) {
    int8_t c[256];
    llq_put_f16(b->d, llq_ternary(x, w, c));
    llq_tq1_0_bytes(c, 32, 5, b->qs);
    llq_tq1_0_bytes(c + 160, 16, 5, b->qs + 32);
    llq_tq1_0_bytes(c + 240, 4, 4, b->qh);
}
#endif

#if LLV_INT
LL_INLINE llv_b llq_tq1_0_times3(llv_b a, int n) {
    LLV_UNROLL for (int i = 0; i < 4; i++) if (i < n) a = llv_b_add(a, llv_b_add(a, a));
    return a;
}
LL_INLINE llv_b llq_tq1_0_load(const llq_tq1_0 *b, int j) {
    static const uint8_t qh[16] = { 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15 };
    static const uint8_t odd[16] = { 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255 };
    static const uint8_t late[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 };
    llv_b x, y, z;
    if (j < 5) return llv_b_third(llq_tq1_0_times3(llv_b_load(b->qs), j));
    x = llv_b_load2(b->qs + 32, b->qs + 32);
    if (j < 7) {                        /* [number 0 | 1], [number 2 | 3] of 16 bytes */
        x = llq_tq1_0_times3(x, 2 * (j - 5));
        y = llq_upper(llv_b_add(x, x));
        return llv_b_third(llv_b_add(x, y));
    }
    x = llq_lower(llq_tq1_0_times3(x, 4));
    y = llv_b_load2(b->qs + 36, b->qs + 36);                    /* ends with qh */
    y = llq_upper(llv_b_shuffle(y, llv_b_load2(qh, qh)));
    y = llv_b_add(y, llv_b_and(llv_b_add(y, y), llv_b_load2(odd, odd)));
    z = llv_b_add(y, y), z = llv_b_add(z, z), z = llv_b_add(z, z);      /* 9 = 1 + 8 */
    y = llv_b_add(y, llv_b_and(z, llv_b_load2(late, late)));
    return llv_b_third(llv_b_or(x, y));
}
#endif
