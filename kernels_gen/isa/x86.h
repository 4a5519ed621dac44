
/* What the vectors of all x86 have in common: bytes brought together from several places. */
LL_INLINE int llx_two(const void *p) { uint16_t x; memcpy(&x, p, 2); return x; }
LL_INLINE int32_t llx_four(const void *p) { int32_t x; memcpy(&x, p, 4); return x; }
LL_INLINE __m128i llx_two8(const uint64_t *a, const uint64_t *b) {
    return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)a)), (const __m64 *)b));
}
/* lane i: two bytes at p[i] + at, of eight p; four, of four p */
LL_INLINE __m128i llx_twos(const uint8_t *const *p, size_t at) {
    __m128i x = _mm_cvtsi32_si128(llx_two(p[0] + at));
    x = _mm_insert_epi16(x, llx_two(p[1] + at), 1);
    x = _mm_insert_epi16(x, llx_two(p[2] + at), 2);
    x = _mm_insert_epi16(x, llx_two(p[3] + at), 3);
    x = _mm_insert_epi16(x, llx_two(p[4] + at), 4);
    x = _mm_insert_epi16(x, llx_two(p[5] + at), 5);
    x = _mm_insert_epi16(x, llx_two(p[6] + at), 6);
    return _mm_insert_epi16(x, llx_two(p[7] + at), 7);
}
LL_INLINE __m128i llx_fours4(const uint8_t *const *p, size_t at) {
    __m128i x = _mm_cvtsi32_si128(llx_four(p[0] + at));
    x = _mm_insert_epi32(x, llx_four(p[1] + at), 1);
    x = _mm_insert_epi32(x, llx_four(p[2] + at), 2);
    return _mm_insert_epi32(x, llx_four(p[3] + at), 3);
}
