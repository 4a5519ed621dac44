
/* What AVX2 with VNNI has of its own: no permutation of words, and half a panel to a register. */

#define LLV_NAME "avxvnni"
/* Sums of four products fit 16 bits, so one scaling serves 64 columns. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i s = _mm256_packs_epi32(_mm256_dpbusd_epi32(zero, a, qa), _mm256_dpbusd_epi32(zero, b, qb));
    const __m256i i = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5,
                                       2, 3, 2, 3, 2, 3, 2, 3, 6, 7, 6, 7, 6, 7, 6, 7);
    scales = j == 0 ? _mm256_permute4x64_epi64(scales, 0x00) : j == 2 ? _mm256_permute4x64_epi64(scales, 0x55)
           : j == 4 ? _mm256_permute4x64_epi64(scales, 0xaa) : _mm256_permute4x64_epi64(scales, 0xff);
    return _mm256_dpwssd_epi32(acc, s, _mm256_shuffle_epi8(scales, i));
}

#define LLV_ANY_BITS 1                  /* dots are alike for codes of 4 to 8 bits */
#define LLV_BIAS8(bias) (bias)

LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    (void)w_step, (void)bits, (void)n_panels;
    LLV_UNROLL for (int g = 0; g < n; g++) {
        const llv_p c = llv_p_load(w + 64 * g);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const __m256i b = _mm256_set1_epi32(llx_four(q[v] + 4 * g));
            acc[v].lo = _mm256_dpbusd_epi32(acc[v].lo, c.lo, b);
            acc[v].hi = _mm256_dpbusd_epi32(acc[v].hi, c.hi, b);
        }
    }
}
