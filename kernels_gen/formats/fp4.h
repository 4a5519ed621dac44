/* What the 4-bit codes of MXFP4 and NVFP4 stand for: twice the numbers of one sign bit, two of
 * exponent, one of mantissa. */
LL_INLINE const int8_t *llq_fp4_values(void) {
    static const int8_t v[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
    return v;
}
/* c for d * v[c] nearest to n x, the first of equals; returns the weighted squared error. */
LL_FN float llq_fp4_nearest(const float *x, const float *w, int n, float d, uint8_t *c) {
    const int8_t *v = llq_fp4_values();
    float error = 0;
    for (int i = 0; i < n; i++) {
        float best = ll_fabsf(d * (float)v[0] - x[i]);
        c[i] = 0;
        for (int j = 1; j < 16; j++) {
            const float e = ll_fabsf(d * (float)v[j] - x[i]);
            if (e < best) best = e, c[i] = (uint8_t)j;
        }
        error += llq_weight(w, i) * best * best;
    }
    return error;
}
#if LLV_INT
/* 12 more. */
static const uint8_t llq_fp4_12[16] = { 12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0 };
LL_INLINE llv_b llq_fp4_lookup(llv_b c) { return llv_b_shuffle(llv_b_load2(llq_fp4_12, llq_fp4_12), c); }
#endif

