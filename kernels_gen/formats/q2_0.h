//@ format Q2_0 id 42 family TERNARY block 64 bytes 18 codes 0..3 offset 1 is block32 packs calls
/* Q2_0: w = d * (c - 1)
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[4 * i] | c[4 * i + 1] << 2 | c[4 * i + 2] << 4 | c[4 * i + 3] << 6 */
typedef struct llq_q2_0 { uint8_t d[2], qs[16]; } llq_q2_0;

LL_INLINE float llq_q2_0_scale(const llq_q2_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q2_0_codes(const llq_q2_0 *b, int8_t *c) {
    for (int i = 0; i < 64; i++) c[i] = (int8_t)((b->qs[i / 4] >> i % 4 * 2 & 3) - 1);
}

/* One more step on one side, so the scale of either sign may be the better one. */
#if LL_ONCE
LL_FN void llq_q2_0_pack(const float *x, const float *w, llq_q2_0 *b) {
    int8_t c[2][64];
    float d[2], error[2];
    for (int i = 0; i < 2; i++) {
        d[i] = llq_fit_scale(x, w, 64, i ? -1 : -2, i ? 2 : 1, NULL) * (i ? 1 : -1);
        d[i] = llq_round_f16(d[i]);
        error[i] = llq_codes_for(x, w, 64, d[i], 0, -1, 2, NULL, c[i]);
    }
    const int8_t *best = c[error[1] < error[0]];
    llq_put_f16(b->d, d[error[1] < error[0]]);
    for (int i = 0; i < 16; i++, best += 4)
        b->qs[i] = (uint8_t)((best[0] + 1) | (best[1] + 1) << 2 | (best[2] + 1) << 4 | (best[3] + 1) << 6);
}
#endif

#if LLV_INT
LL_INLINE void llq_q2_0_load2(const llq_q2_0 *b, int j, llv_b *lo, llv_b *hi) {
    static const uint8_t low[32] = { 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                     8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11 };
    static const uint8_t high[32] = { 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7,
                                      12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15 };
    const llv_b x = llv_b_load2(b[j / 2].qs, b[j / 2].qs);
    *lo = llv_b_quarter(llv_b_shuffle(x, llv_b_load(low)));
    *hi = llv_b_quarter(llv_b_shuffle(x, llv_b_load(high)));
}
#endif
