
#define LLV_PARTS 2
#define LLV_FLOAT_ROWS 2                /* 2 x 3 sums in 12 of 16 registers; measure: build/kernels 1 1024 F16 */
#define LLV_FLOAT_VECS 3
#define LLV_SUMS 6                      /* in 12 of 16 registers; measure: build/attention */
#if LL_GNU
#  define LLV_KEEP(a) __asm__("" : "+x"(a))     /* gcc would rather load it again for each use */
#endif

typedef struct llv_f { __m256 lo, hi; } llv_f;

LL_INLINE llv_f llv_f_pair(__m256 lo, __m256 hi) { llv_f r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_f llv_f_load(const void *p) {
    return llv_f_pair(_mm256_loadu_ps((const float *)p), _mm256_loadu_ps((const float *)p + 8));
}
/* all ones in the first n of eight lanes */
LL_INLINE __m256i llx_mask8(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    return llv_f_pair(_mm256_maskload_ps(p, llx_mask8(n)),
                      _mm256_maskload_ps(p + 8, llx_mask8(n - 8)));
}
LL_INLINE void llv_f_store(float *p, llv_f a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}
LL_INLINE void llv_f_store_n(float *p, llv_f a, int n) {
    _mm256_maskstore_ps(p, llx_mask8(n), a.lo);
    _mm256_maskstore_ps(p + 8, llx_mask8(n - 8), a.hi);
}
LL_INLINE llv_f llv_f_set(float x) { return llv_f_pair(_mm256_set1_ps(x), _mm256_set1_ps(x)); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    return llv_f_pair(_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi));
}
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    __m256 m = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    return llv_f_pair(_mm256_and_ps(a.lo, m), _mm256_and_ps(a.hi, m));
}
LL_INLINE llv_f llv_f_round(llv_f a) {
    llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
LL_INLINE __m256 llx_pow2_half(__m256 n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(
        _mm256_add_epi32(_mm256_cvttps_epi32(n), _mm256_set1_epi32(127)), 23));
}
LL_INLINE llv_f llv_f_pow2(llv_f n) { return llv_f_pair(llx_pow2_half(n.lo), llx_pow2_half(n.hi)); }
/* lanes 4, 2, 1 apart of what is left after the first step of the tree */
LL_INLINE float llx_sum8(__m256 a) {
    __m128 t = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llx_hmax8(__m256 a) {
    __m128 t = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_sum(llv_f a) { return llx_sum8(_mm256_add_ps(a.lo, a.hi)); }
LL_INLINE float llv_f_hmax(llv_f a) { return llx_hmax8(_mm256_max_ps(a.lo, a.hi)); }
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return llv_f_pair(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                      _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1)));
}
LL_INLINE __m256 llx_bf16_half(__m128i h) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    __m128i b = _mm_loadu_si128((const __m128i *)p);
    return llv_f_pair(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(b)),
                      _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(b, b))));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(a.lo, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)(p + 8), _mm256_cvtps_ph(a.hi, _MM_FROUND_TO_NEAREST_INT));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    __m256i w = _mm256_packs_epi32(_mm256_cvtps_epi32(a.lo), _mm256_cvtps_epi32(a.hi));
    w = _mm256_permute4x64_epi64(w, 0xd8);      /* packs works inside 128-bit halves */
    _mm_storeu_si128((__m128i *)p,
                     _mm_packs_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1)));
}

/* The largest piece of the sixteen lanes that is one register. */
typedef __m256 llv_part;
LL_INLINE llv_part llv_part_set(float x) { return _mm256_set1_ps(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return _mm256_loadu_ps((const float *)p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { _mm256_storeu_ps(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_part llv_part_load_bf16(const void *p) { return llx_bf16_half(_mm_loadu_si128((const __m128i *)p)); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return _mm256_fmadd_ps(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(llv_f_pair(a[0], a[1])); }

LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    const __m256i b = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
    return _mm256_cmpeq_epi8(_mm256_and_si256(b, bit), bit);
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const __m256i m = llv_b_mask(bits);
    return _mm256_sub_epi8(_mm256_xor_si256(a, m), m);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    b = _mm256_cmpeq_epi8(_mm256_and_si256(b, bit), bit);
    return _mm256_or_si256(a, _mm256_and_si256(b, _mm256_set1_epi8((char)value)));
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const char a = (char)(4 * j & 15), b = (char)(a + 1), c = (char)(a + 2), d = (char)(a + 3);
    __m256i i = _mm256_setr_epi8(a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b,
                                 c, d, c, d, c, d, c, d, c, d, c, d, c, d, c, d);
    s = j < 4 ? _mm256_permute4x64_epi64(s, 0x44) : _mm256_permute4x64_epi64(s, 0xee);
    return _mm256_shuffle_epi8(s, i);
}
