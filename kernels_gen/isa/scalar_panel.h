
/* The definition of what panels are made of (LLV_PANEL), as isa/scalar.h; only the tests compile it: plain C has
 * other panels. llv_p holds, for each of sixteen rows, four bytes or one 32-bit number. */

typedef struct llv_p { int32_t v[16]; } llv_p;

LL_INLINE llv_f llv_f_pair(llv_r lo, llv_r hi) {
    llv_f r;
    LLV_EACH r.v[i] = i < 8 ? lo.v[i] : hi.v[i - 8];
    return r;
}
/* lane i: the f16 at p[i] + at */
LL_INLINE llv_f llv_f_f16(const uint8_t *const *p, size_t at) {
    llv_f r;
    LLV_EACH r.v[i] = ll_f16_to_f32(ll_load_u16(p[i] + at));
    return r;
}
/* the lower 16 bits of each lane are an f16 */
LL_INLINE llv_f llv_f_of_halves(llv_p a) {
    llv_f r;
    LLV_EACH r.v[i] = ll_f16_to_f32((uint16_t)(a.v[i] & 0xffff));
    return r;
}
LL_INLINE llv_p llv_p_set(int32_t x) { llv_p r; LLV_EACH r.v[i] = x; return r; }
LL_INLINE llv_p llv_p_load(const void *p) { llv_p r; memcpy(r.v, p, sizeof r.v); return r; }
LL_INLINE void llv_p_store(void *p, llv_p a) { memcpy(p, a.v, sizeof a.v); }
/* the same four bytes for all rows; sixteen numbers of 16 bits, one a row */
LL_INLINE llv_p llv_p_four(const void *p) { int32_t x; memcpy(&x, p, 4); return llv_p_set(x); }
LL_INLINE llv_p llv_p_of_words(const int16_t *p) { llv_p r; LLV_EACH r.v[i] = p[i]; return r; }
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { LLV_EACH a.v[i] &= b.v[i]; return a; }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { LLV_EACH a.v[i] |= b.v[i]; return a; }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { LLV_EACH a.v[i] ^= b.v[i]; return a; }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { LLV_EACH a.v[i] += b.v[i]; return a; }
/* the lower 32 bits: also four bytes times a number, where no product leaves its byte */
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) {
    LLV_EACH a.v[i] = (int32_t)((uint32_t)a.v[i] * (uint32_t)b.v[i]);
    return a;
}
/* 0 <= n <= 31; zeros come in */
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { LLV_EACH a.v[i] = (int32_t)((uint32_t)a.v[i] << n); return a; }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { LLV_EACH a.v[i] = (int32_t)((uint32_t)a.v[i] >> n); return a; }
/* each byte, 0..15, becomes one of a table of sixteen */
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p a) {
    uint8_t b[64];
    memcpy(b, a.v, 64);
    for (int i = 0; i < 64; i++) b[i] = table[b[i] & 15];
    memcpy(a.v, b, 64);
    return a;
}
/* byte i of each lane, lowest first, with its sign */
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    for (int l = 0; l < 16; l++) a.v[l] = (int8_t)((uint32_t)a.v[l] >> 8 * i & 255);
    return a;
}
/* acc + the products of the lower and of the upper 16 bits, with their sign */
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) {
    LLV_EACH acc.v[i] += (int16_t)(a.v[i] & 0xffff) * (int16_t)(b.v[i] & 0xffff)
                       + (int16_t)((uint32_t)a.v[i] >> 16) * (int16_t)((uint32_t)b.v[i] >> 16);
    return acc;
}
LL_INLINE llv_f llv_p_float(llv_p a) { llv_f r; LLV_EACH r.v[i] = (float)a.v[i]; return r; }
/* lane 2i becomes the sum of lanes 2i and 2i + 1 */
LL_INLINE llv_p llv_p_pair_sums(llv_p a) {
    for (int i = 0; i < 16; i += 2) a.v[i] += a.v[i + 1];
    return a;
}
/* 16 bytes of each of sixteen rows, `stride` apart: bytes 4 * i and on, the first the lowest, go to out[i] */
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    for (int i = 0; i < 4; i++)
        for (int r = 0; r < 16; r++) out[i].v[r] = (int32_t)ll_load_u32(p + (size_t)r * stride + 4 * i);
}
/* Two times four columns of a panel, as llv_p_dots reads them: only it knows the order of these 128 bytes. */
LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }
/* acc[v * n_panels + z] += the dot of 4 * n codes of panel z, at w + z * w_step: 64 bytes for each four columns, with
 * q[v], -127..127. Codes have `bits` bits: 4 (n <= 8), 6 or 8; n is even; at most LLV_TILE_PANELS, LLV_TILE_VECS.
 * Where LLV_ANY_BITS is 0, 128 is subtracted from those of 8 bits: LLV_BIAS8(0). */
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    const int more = bits == 8 ? LLV_BIAS8(0) : 0;
    for (int v = 0; v < n_vecs; v++)
        for (int z = 0; z < n_panels; z++)
            for (int c = 0; c < 4 * n; c++)
                LLV_EACH acc[v * n_panels + z].v[i] +=
                    (w[(size_t)z * w_step + (size_t)(c / 4 * 64 + 4 * i + c % 4)] + more) * q[v][c];
}
