//@ format NVFP4 id 40 family FP4 block 64 bytes 36 codes 0..24 offset 12 holds 2688 is block16 packs
/* NVFP4: w = d[j] * v[c], j = index / 16, d half of the number in the byte, as v is twice one
 *
 *   byte 0 ... 3                              | 4 ... 35
 *        d[j]: 4 bits exponent, 3 of mantissa | qs[8 * j + i] = c[16 * j + i] | c[16 * j + 8 + i] << 4 */
typedef struct llq_nvfp4 { uint8_t d[4], qs[32]; } llq_nvfp4;

LL_INLINE float llq_nvfp4_scale(const llq_nvfp4 *b, int j) { return ll_ue4m3_half(b->d[j]); }
LL_INLINE void llq_nvfp4_codes(const llq_nvfp4 *b, int8_t *c) {
    for (int i = 0; i < 32; i++) {
        c[i / 8 * 16 + i % 8] = llq_fp4_values()[b->qs[i] & 15];
        c[i / 8 * 16 + 8 + i % 8] = llq_fp4_values()[b->qs[i] >> 4];
    }
}

/* Each scale is the nearest to the one that makes the largest value 6; with weights the best of
 * its neighbourhood. Its numbers are in order, 0x7e is the largest, 448: no value beyond 6 * 448. */
#if LL_ONCE
LL_FN void llq_nvfp4_pack(const float *x, const float *w, llq_nvfp4 *b) {
    for (int j = 0; j < 4; j++, x += 16, w = w ? w + 16 : NULL) {
        const float d = llq_max_abs(x, 16) / 12;
        float best = -1;
        int nearest = 0;
        for (int t = 1; t < 0x7f; t++)
            if (ll_fabsf(ll_ue4m3_half((uint8_t)t) - d) <= ll_fabsf(ll_ue4m3_half((uint8_t)nearest) - d)) nearest = t;
        for (int t = LL_MAX(nearest - 3, 0); t <= LL_MIN(nearest + 3, 0x7e); t++) {
            uint8_t c[16];
            float error;
            if (!w && t != nearest) continue;
            error = llq_fp4_nearest(x, w, 16, ll_ue4m3_half((uint8_t)t), c);
            if (best >= 0 && error >= best) continue;
            best = error, b->d[j] = (uint8_t)t;
            for (int i = 0; i < 8; i++) b->qs[8 * j + i] = (uint8_t)(c[i] | c[8 + i] << 4);
        }
    }
}
#endif

#if LLV_INT
/* All 64 codes: the first 8 of each 16, the last 8 of each 16. */
LL_INLINE void llq_nvfp4_load(const llq_nvfp4 *b, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load(b->qs);
    *lo = llq_fp4_lookup(llv_b_bits(x, 0, 15)), *hi = llq_fp4_lookup(llv_b_bits(x, 4, 15));
}
#endif
