//@ format MXFP4 id 39 family FP4 block 32 bytes 17 codes 0..24 offset 12 is block32 nibbles panel few scale8 packs table
/* MXFP4: w = d * v[c], d = 2^(e - 128): half of what e says, because v is twice the number
 *
 *   byte 0 | 1 ... 16
 *        e | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_mxfp4 { uint8_t e, qs[16]; } llq_mxfp4;

LL_INLINE float llq_mxfp4_scale(const llq_mxfp4 *b) { return ll_e8m0_half(b->e); }
LL_INLINE void llq_mxfp4_codes(const llq_mxfp4 *b, int8_t *c) {
    for (int i = 0; i < 16; i++) c[i] = llq_fp4_values()[b->qs[i] & 15], c[16 + i] = llq_fp4_values()[b->qs[i] >> 4];
}

/* e for which the largest value lies between 4 and 8 of the numbers, of which 6 is the largest;
 * with weights also its neighbours, if they come closer. */
#if LL_ONCE
LL_FN void llq_mxfp4_pack(const float *x, const float *w, llq_mxfp4 *b) {
    const float max = llq_max_abs(x, 32);
    const int e = LL_MAX((int)(ll_f32_to_bits(max) >> 23) - 2, 0);
    float best = -1;
    uint8_t c[32];
    for (int t = w ? LL_MAX(e - 1, 0) : e; t <= (w ? e + 1 : e); t++) {
        const float error = llq_fp4_nearest(x, w, 32, ll_e8m0_half((uint8_t)t), c);
        if (best >= 0 && error >= best) continue;
        best = error, b->e = (uint8_t)t;
        for (int i = 0; i < 16; i++) b->qs[i] = (uint8_t)(c[i] | c[16 + i] << 4);
    }
}
#endif

#if LLV_INT
LL_INLINE const uint8_t *llq_mxfp4_table(void) { return llq_fp4_12; }
LL_INLINE llv_r llq_mxfp4_load_scale(const uint8_t *const *p, size_t at) { return llv_r_e8m0_half(p, at); }
LL_INLINE void llq_mxfp4_load2(const llq_mxfp4 *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llq_fp4_lookup(llv_b_bits(x, 0, 15)), *hi = llq_fp4_lookup(llv_b_bits(x, 4, 15));
}
#endif
