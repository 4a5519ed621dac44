
/* One register of weights: they lie as little-endian machines load them. */
LL_INLINE llv_part llq_FMT_part(const uint8_t *p) {
    float x[LLV_LANES];
    if (!LL_BIG_ENDIAN) return llq_FMT_load(p);
    for (int i = 0; i < LLV_LANES; i++) x[i] = llq_FMT_get(p + FMT_BYTES * i);
    return llv_part_load(x);
}

#if LL_ONCE
LL_FN void llq_FMT_dequantize(const ll_format *f, const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    (void)f;
    for (; i + LLV_LANES <= n; i += LLV_LANES) llv_part_store(dst + i, llq_FMT_part(p + FMT_BYTES * i));
    for (; i < n; i++) dst[i] = llq_FMT_get(p + FMT_BYTES * i);
}

LL_FN void llq_FMT_quantize(const float *src, const float *importance, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    (void)importance;
    for (size_t i = 0; i < n; i++) llq_FMT_put(p + FMT_BYTES * i, src[i]);
}

LL_FN float llq_FMT_dot(const ll_format *f, const void *row, const void *vec, int n_cols) {
    const uint8_t *p = (const uint8_t *)row;
    const float *x = (const float *)vec;
    float lane[16] = { 0 };
    (void)f;
    for (int i = 0; i < n_cols; i += 16) {
        for (int l = 0; l < 16; l++) {                  /* behind the end: zeros */
            float w = i + l < n_cols ? llq_FMT_get(p + FMT_BYTES * (i + l)) : 0;
            lane[l] = ll_fma(w, i + l < n_cols ? x[i + l] : 0, lane[l]);
        }
    }
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
    return lane[0];
}
#endif
