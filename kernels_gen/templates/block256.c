LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

//@ if plain
LL_INLINE void llq_FMT_scales(const llq_FMT *b, int16_t *sc) {
    (void)b;
    for (int j = 0; j < 16; j++) sc[j] = 1;
}
//@ end
#if LL_ONCE
LL_FN void llq_FMT_dequantize(const void *src, float *dst, size_t n) {
    const llq_FMT *b = (const llq_FMT *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
//@ if min
        int16_t m[16];
        llq_FMT_scales(b, sc, m);
//@ else
        llq_FMT_scales(b, sc);
//@ end
        llq_FMT_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_FMT_scale(b) * (float)sc[j / 16];
//@ if min
            const float min = llq_FMT_min(b) * (float)m[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i] - min;
//@ else
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
//@ end
        }
    }
}

//@ if packs
LL_FN void llq_FMT_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_FMT *b = (llq_FMT *)dst;
    float w[FMT_BLOCK];
    for (size_t i = 0; i < n; i += FMT_BLOCK)
        llq_FMT_pack(src + i, llq_weights(importance ? importance + i : NULL, FMT_BLOCK, w), b++);
}

//@ end
LL_FN float llq_FMT_dot(const void *row, const void *vec, int n_cols) {
    const llq_FMT *b = (const llq_FMT *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_FMT_codes(b, c);
//@ if min
        int32_t msum = 0;
        int16_t m[16];
        llq_FMT_scales(b, sc, m);
        for (int j = 0; j < 16; j++) msum += m[j] * a->k[j / 2] * a->sum[j];
//@ else
        llq_FMT_scales(b, sc);
//@ end
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_FMT_scale(b) * (float)isum;
//@ if min
        p = ll_fma(-llq_FMT_min(b), (float)msum, p);
//@ end
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#endif
