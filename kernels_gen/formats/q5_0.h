//@ format Q5_0 id 6 family LEGACY block 32 bytes 22 codes 0..31 offset 16 is block32 panel packs calls
/* Q5_0: w = d * (c - 16)
 *
 *   byte 0 1 | 2 ... 5                  | 6 ... 21
 *        d   | qh: bit i = bit 4 of c[i] | qs[i] = c[i] & 15 | (c[16 + i] & 15) << 4 */
typedef struct llq_q5_0 { uint8_t d[2], qh[4], qs[16]; } llq_q5_0;

LL_INLINE float llq_q5_0_scale(const llq_q5_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q5_0_codes(const llq_q5_0 *b, int8_t *c) { llq_q5_codes(b->qh, b->qs, 16, c); }

/* Without weights the value of largest magnitude becomes exactly -16 * d. */
#if LL_ONCE
LL_FN void llq_q5_0_pack(const float *x, const float *w, llq_q5_0 *b) {
    float max = 0, d, inv;
    uint8_t c[32];
    for (int i = 0; i < 32; i++) if (ll_fabsf(x[i]) > ll_fabsf(max)) max = x[i];
    d = w ? llq_fit_scale(x, w, 32, -16, 15, NULL) : max / -16.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 32; i++) c[i] = (uint8_t)LL_MIN(LL_MAX(x[i] * inv + 16.5f, 0), 31);
    llq_q5_put(c, b->qh, b->qs);
}
#endif

#if LLV_INT
LL_INLINE void llq_q5_0_load2(const llq_q5_0 *b, int j, llv_b *lo, llv_b *hi) {
    llq_q5_load2(b[j].qh, b[j + 1].qh, lo, hi);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_0_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_q5_panel(b + 2, stride, w); }
#endif
