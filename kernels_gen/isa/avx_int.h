
/* Integers in 256 bits, for AVX2 and AVX-512 alike: Zen 4 does two such dot products in the
 * cycle that one of 512 bits takes, and a run of 32 weights is what most formats scale. */

#define LLV_INLINE LL_INLINE
#define LLV_UNROLL LL_UNROLL
#define LLV_ROLL LL_ROLL
#define LLV_FORMS 1
#define LLV_INT 1
typedef __m256i llv_b;
typedef __m256i llv_w;
typedef __m256i llv_i;
typedef __m256 llv_r;

LL_INLINE llv_b llv_b_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) {
    __m256i a = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)lo));
    return _mm256_inserti128_si256(a, _mm_loadu_si128((const __m128i *)hi), 1);
}
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return _mm256_unpacklo_epi64(a, b); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return _mm256_unpackhi_epi64(a, b); }
LL_INLINE llv_b llv_b_set(int x) { return _mm256_set1_epi8((char)x); }
LL_INLINE void llv_b_store(void *p, llv_b a) { _mm256_storeu_si256((__m256i *)p, a); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) {
    _mm_storeu_si128((__m128i *)low, _mm256_castsi256_si128(a));
    _mm_storeu_si128((__m128i *)high, _mm256_extracti128_si256(a, 1));
}
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(llx_two8(a, b)), llx_two8(c, d), 1);
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    return _mm256_setr_epi32((int)a, (int)b, (int)c, (int)d, (int)e, (int)f, (int)g, (int)h);
}
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    if (shift > 0) a = _mm256_srli_epi16(a, shift);
    if (shift < 0) a = _mm256_slli_epi16(a, -shift);
    return _mm256_and_si256(a, _mm256_set1_epi8((char)mask));
}
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return _mm256_xor_si256(a, b); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return _mm256_or_si256(a, b); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return _mm256_add_epi8(a, b); }
LL_INLINE llv_b llv_b_third(llv_b a) {          /* one for more than 85, one for more than 170 */
    const __m256i one = _mm256_set1_epi8(1);
    return _mm256_add_epi8(_mm256_min_epu8(_mm256_subs_epu8(a, _mm256_set1_epi8(85)), one),
                           _mm256_min_epu8(_mm256_subs_epu8(a, _mm256_set1_epi8((char)170)), one));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return _mm256_and_si256(a, b); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) { return _mm256_shuffle_epi8(a, index); }

LL_INLINE llv_b llv_b_quarter(llv_b a) {        /* of each two bytes alike: the upper one, shifted twice */
    const __m256i keep = _mm256_set1_epi32((int)0xf0000f00), shift = _mm256_set1_epi32(1040 << 16 | 16640);
    return llv_b_bits(_mm256_mulhi_epu16(_mm256_and_si256(a, keep), shift), 0, 3);
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { _mm256_storeu_si256((__m256i *)p, a); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) {
    __m256i x = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return _mm256_or_si256(x, _mm256_slli_epi32(x, 16));
}
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) {
    __m256i x = _mm256_unpacklo_epi16(a, a), y = _mm256_unpackhi_epi16(a, a);
    _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(x));
    _mm_storeu_si128((__m128i *)(p + 8), _mm256_castsi256_si128(y));
    _mm_storeu_si128((__m128i *)(p + 16), _mm256_extracti128_si256(x, 1));
    _mm_storeu_si128((__m128i *)(p + 24), _mm256_extracti128_si256(y, 1));
}
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
LL_INLINE llv_w llv_w_set(int x) { return _mm256_set1_epi16((short)x); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) {
    int32_t x;
    memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
}
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_w llv_w_from_low(llv_b a) { return _mm256_unpacklo_epi8(a, _mm256_setzero_si256()); }
LL_INLINE llv_w llv_w_from_high(llv_b a) { return _mm256_unpackhi_epi8(a, _mm256_setzero_si256()); }
LL_INLINE llv_w llv_w_from_i(llv_i a) {
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(a, a), 0x88);
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) { return _mm256_mullo_epi16(a, b); }
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) { return _mm256_add_epi16(a, b); }
LL_INLINE llv_w llv_w_bits(llv_w a, int shift, int mask) {
    if (shift > 0) a = _mm256_srli_epi16(a, shift);
    if (shift < 0) a = _mm256_slli_epi16(a, -shift);
    return _mm256_and_si256(a, _mm256_set1_epi16((short)mask));
}
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return _mm256_madd_epi16(a, b); }

LL_INLINE llv_i llv_i_set(int32_t x) { return _mm256_set1_epi32(x); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return _mm256_add_epi32(a, b); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return _mm256_sub_epi32(a, b); }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { return _mm256_mullo_epi32(a, b); }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const int b = 2 * j, c = 2 * j + 1;
    return _mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(b, b, b, b, c, c, c, c));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x20); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x31); }
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
}
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0xdd));
}
LL_INLINE llv_i llx_add_pairs(llv_i a, llv_i b) {
    return _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    llv_i ab = llx_add_pairs(a, b), cd = llx_add_pairs(c, d);
    return _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}
LL_INLINE llv_r llv_r_set(float x) { return _mm256_set1_ps(x); }
LL_INLINE llv_r llv_r_from_i(llv_i a) { return _mm256_cvtepi32_ps(a); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return _mm256_mul_ps(a, b); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) { return _mm256_fmadd_ps(a, b, c); }
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) { return _mm256_fnmadd_ps(a, b, c); }
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return _mm256_cvtph_ps(llx_twos(p, at)); }
LL_INLINE __m256i llx_fours(const uint8_t *const *p, size_t at) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(llx_fours4(p, at)), llx_fours4(p + 4, at), 1);
}
LL_INLINE llv_r llx_r_low_f16(__m256i h) { return _mm256_cvtph_ps(_mm256_castsi256_si128(h)); }
LL_INLINE llv_r llx_r_high_f16(__m256i h) { return _mm256_cvtph_ps(_mm256_extracti128_si256(h, 1)); }
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    __m256i x = _mm256_shuffle_epi8(llx_fours(p, at), _mm256_broadcastsi128_si256(order));
    x = _mm256_permute4x64_epi64(x, 0xd8);
    *first = llx_r_low_f16(x), *second = llx_r_high_f16(x);
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m256i zero = _mm256_setzero_si256(), keep = _mm256_set1_epi16(0x3f80);
    __m256i x = _mm256_shuffle_epi8(llx_fours(p, at), _mm256_broadcastsi128_si256(order)), s02, s13;
    x = _mm256_andnot_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7f)), x);           /* NaN counts as 0 */
    x = _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    s02 = _mm256_and_si256(_mm256_slli_epi16(_mm256_unpacklo_epi8(x, zero), 7), keep);
    s13 = _mm256_and_si256(_mm256_slli_epi16(_mm256_unpackhi_epi8(x, zero), 7), keep);
    d[0] = llx_r_low_f16(s02), d[1] = llx_r_low_f16(s13), d[2] = llx_r_high_f16(s02), d[3] = llx_r_high_f16(s13);
    LLV_UNROLL for (int j = 0; j < 4; j++) d[j] = _mm256_mul_ps(d[j], _mm256_set1_ps(128));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    __m256i x;
    __m128i b = _mm_cvtsi32_si128(p[0][at]);
    b = _mm_insert_epi8(b, p[1][at], 1);
    b = _mm_insert_epi8(b, p[2][at], 2);
    b = _mm_insert_epi8(b, p[3][at], 3);
    b = _mm_insert_epi8(b, p[4][at], 4);
    b = _mm_insert_epi8(b, p[5][at], 5);
    b = _mm_insert_epi8(b, p[6][at], 6);
    b = _mm_insert_epi8(b, p[7][at], 7);
    x = _mm256_cvtepu8_epi32(b);
    return _mm256_castsi256_ps(_mm256_max_epi32(            /* normal from 2 on, else the other */
        _mm256_sub_epi32(_mm256_slli_epi32(x, 23), _mm256_set1_epi32(1 << 23)),
        _mm256_add_epi32(_mm256_slli_epi32(x, 21), _mm256_set1_epi32(1 << 21))));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), a);
}

