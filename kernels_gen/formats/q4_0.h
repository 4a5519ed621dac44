//@ format Q4_0 id 2 family LEGACY block 32 bytes 18 codes 0..15 offset 8 is block32 nibbles panel few packs
/* Q4_0: w = d * (c - 8)
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_q4_0 { uint8_t d[2], qs[16]; } llq_q4_0;

LL_INLINE float llq_q4_0_scale(const llq_q4_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q4_0_codes(const llq_q4_0 *b, int8_t *c) {
    llq_nibble_codes(b->qs, 16, 8, c, c + 16);
}

/* Without weights the value of largest magnitude becomes exactly -8 * d: one more step on its side. */
#if LL_ONCE
LL_FN void llq_q4_0_pack(const float *x, const float *w, llq_q4_0 *b) {
    float max = 0, d, inv;
    for (int i = 0; i < 32; i++) if (ll_fabsf(x[i]) > ll_fabsf(max)) max = x[i];
    d = w ? llq_fit_scale(x, w, 32, -8, 7, NULL) : max / -8.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 16; i++) {
        float lo = LL_MAX(x[i] * inv + 8.5f, 0), hi = LL_MAX(x[16 + i] * inv + 8.5f, 0);
        b->qs[i] = (uint8_t)((int)LL_MIN(lo, 15) | (int)LL_MIN(hi, 15) << 4);
    }
}
#endif

#if LLV_INT
LL_INLINE void llq_q4_0_load2(const llq_q4_0 *b, int j, llv_b *lo, llv_b *hi) {
    llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llv_b_bits(x, 0, 15), *hi = llv_b_bits(x, 4, 15);
}
#endif
