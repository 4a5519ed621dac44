LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

LL_FN void llq_FMT_dequantize(const void *src, float *dst, size_t n) {
    const llq_FMT *b = (const llq_FMT *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        float d = llq_FMT_scale(b);
        int8_t c[32];
        llq_FMT_codes(b, c);
        for (int j = 0; j < 32; j++) dst[i + (size_t)j] = d * (float)c[j];
    }
}

//@ if packs
LL_FN void llq_FMT_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 32; i++) llq_FMT_pack(src + 32 * i, (llq_FMT *)dst + i);
}

//@ end
LL_FN float llq_FMT_dot(const void *row, const void *vec, int n_cols) {
    const llq_FMT *b = (const llq_FMT *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && 32 * j < n_cols; j++, b++) {
            int8_t c[32];
            llq_FMT_codes(b, c);
            p = ll_fma(llq_FMT_scale(b) * (float)a->k[j], (float)llq_dot(c, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
