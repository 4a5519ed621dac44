//@ format Q1_0 id 41 family TERNARY block 128 bytes 18 codes 0..2 offset 1 is block32 packs calls
/* Q1_0: w = d or -d, which is d * (c - 1) with c = 0 or 2
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs: bit i % 8 of byte i / 8 = c[i] / 2 */
typedef struct llq_q1_0 { uint8_t d[2], qs[16]; } llq_q1_0;

LL_INLINE float llq_q1_0_scale(const llq_q1_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q1_0_codes(const llq_q1_0 *b, int8_t *c) {
    for (int i = 0; i < 128; i++) c[i] = (int8_t)((b->qs[i / 8] >> i % 8 & 1) * 2 - 1);
}

/* For signs as they are the mean magnitude is the best scale. */
#if LL_ONCE
LL_FN void llq_q1_0_pack(const float *x, const float *w, llq_q1_0 *b) {
    float sum = 0, sum_w = 0;
    memset(b->qs, 0, sizeof b->qs);
    for (int i = 0; i < 128; i++) {
        sum += llq_weight(w, i) * ll_fabsf(x[i]), sum_w += llq_weight(w, i);
        b->qs[i / 8] |= (uint8_t)((x[i] >= 0) << i % 8);
    }
    llq_put_f16(b->d, sum / sum_w);
}
#endif

#if LLV_INT
LL_INLINE void llq_q1_0_load2(const llq_q1_0 *b, int j, llv_b *lo, llv_b *hi) {
    static const uint8_t index[4][32] = {
        { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5 },
        { 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7 },
        { 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 12, 12, 12, 12, 12, 12, 12, 12, 13, 13, 13, 13, 13, 13, 13, 13 },
        { 10, 10, 10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 14, 14, 14, 14, 14, 14, 14, 14, 15, 15, 15, 15, 15, 15, 15, 15 }
    };
    const llv_b x = llv_b_load2(b[j / 4].qs, b[j / 4].qs);
    *lo = llv_b_flag(llv_b_set(0), llv_b_shuffle(x, llv_b_load(index[j % 4])), 2);
    *hi = llv_b_flag(llv_b_set(0), llv_b_shuffle(x, llv_b_load(index[j % 4 + 1])), 2);
}
#endif
