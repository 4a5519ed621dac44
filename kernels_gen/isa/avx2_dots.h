
/* Dots of AVX2 without VNNI, then those of panels. */

#define LLV_NAME "avx2"
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i s = _mm256_add_epi16(_mm256_maddubs_epi16(a, qa), _mm256_maddubs_epi16(b, qb));
    return _mm256_madd_epi16(s, _mm256_set1_epi16(1));
}
/* No sum of two products of |s| <= 128 and |q| <= 127 leaves an int16. */
#define LLV_S_OFFSET 0
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i one = _mm256_set1_epi16(1);
    __m256i s = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(qa, a));
    __m256i t = _mm256_maddubs_epi16(_mm256_abs_epi8(b), _mm256_sign_epi8(qb, b));
    return _mm256_add_epi32(_mm256_madd_epi16(s, one), _mm256_madd_epi16(t, one));
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(u, q), scale));
}
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
    return llv_dot_scaled(acc, u, q, llv_w_set2(twice + 2 * j));
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

#define LLV_ANY_BITS 0                  /* dots of 4, 6 and 8 bits differ; the last takes codes - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)

/* One sum of 32 bits from each pair of 16 bits. */
LL_INLINE __m256i llx_widen(__m256i acc, __m256i pairs) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* 16 rows x 4 vectors: eight sums of 16 bits, a pair of weights and the broadcast; the other sums are
 * memory. Sums of 16 bits hold two columns of 8-bit codes, four of up to 6 bits, 32 of 4 bits. */
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    const __m256i flip = _mm256_set1_epi8(-128);
    __m256i lo[LLV_TILE_VECS], hi[LLV_TILE_VECS];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) lo[v] = hi[v] = _mm256_setzero_si256();
    if (bits == 8) LLV_ROLL for (int g = 0; g < n; g++) {
        const llv_p c = llv_p_load(w + 64 * g);
        const __m256i c_lo = _mm256_xor_si256(c.lo, flip), c_hi = _mm256_xor_si256(c.hi, flip);
        const __m256i abs_lo = _mm256_abs_epi8(c_lo), abs_hi = _mm256_abs_epi8(c_hi);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const __m256i b = _mm256_set1_epi32(llx_four(q[v] + 4 * g));
            acc[v].lo = llx_widen(acc[v].lo, _mm256_maddubs_epi16(abs_lo, _mm256_sign_epi8(b, c_lo)));
            acc[v].hi = llx_widen(acc[v].hi, _mm256_maddubs_epi16(abs_hi, _mm256_sign_epi8(b, c_hi)));
        }
    } else LLV_ROLL for (int g = 0; g < n; g += 2) {
        LLV_UNROLL for (int i = 0; i < 2; i++) {
            const llv_p c = llv_p_load(w + 64 * (g + i));
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const __m256i b = _mm256_set1_epi32(llx_four(q[v] + 4 * (g + i)));
                lo[v] = _mm256_add_epi16(lo[v], _mm256_maddubs_epi16(c.lo, b));
                hi[v] = _mm256_add_epi16(hi[v], _mm256_maddubs_epi16(c.hi, b));
            }
        }
        if (bits > 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            acc[v] = llx_p_pair(llx_widen(acc[v].lo, lo[v]), llx_widen(acc[v].hi, hi[v]));
            lo[v] = hi[v] = _mm256_setzero_si256();
        }
    }
    if (bits <= 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        acc[v] = llx_p_pair(llx_widen(acc[v].lo, lo[v]), llx_widen(acc[v].hi, hi[v]));
}
