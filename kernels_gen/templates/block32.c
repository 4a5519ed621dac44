LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

#if LL_ONCE
LL_FN void llq_FMT_dequantize(const void *src, float *dst, size_t n) {
    const llq_FMT *b = (const llq_FMT *)src;
    for (size_t i = 0; i < n; i += FMT_BLOCK, b++) {
        const float d = llq_FMT_scale(b);
        int8_t c[FMT_BLOCK];
        llq_FMT_codes(b, c);
//@ if min
        for (size_t j = 0; j < FMT_BLOCK; j++) dst[i + j] = d * (float)c[j] + llq_FMT_min(b);
//@ else
        for (size_t j = 0; j < FMT_BLOCK; j++) dst[i + j] = d * (float)c[j];
//@ end
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
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_FMT *b = (const llq_FMT *)row + (i + 32 * j) / FMT_BLOCK;
            int8_t c[FMT_BLOCK];
            llq_FMT_codes(b, c);
            p = ll_fma(llq_FMT_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % FMT_BLOCK, a->q + 32 * j, 32), p);
//@ if min
            p = ll_fma(llq_FMT_min(b), (float)ll_a8_ksum(a, j), p);
//@ end
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#endif
