
/* Dots of 256 bits with VNNI, of AVX-512 or by itself: products of bytes are added up in 32 bits. */

LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return _mm256_dpbusd_epi32(_mm256_dpbusd_epi32(_mm256_setzero_si256(), a, qa), b, qb);
}
/* Signed codes become unsigned by adding 128. */
#define LLV_S_OFFSET 128
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) { return llv_dot2_u(a, qa, b, qb); }
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_dpwssd_epi32(acc, _mm256_maddubs_epi16(u, q), scale);
}
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
    return llv_dot_scaled(acc, u, q, llv_w_set2(twice + 2 * j));
}
