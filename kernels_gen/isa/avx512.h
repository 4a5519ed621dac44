
#define LLV_NAME "avx512"
#define LLV_PARTS 1
#define LLV_FLOAT_ROWS 4                /* 4 x 4 sums in 16 of 32; measure: build/kernels 1 1024 F16 */
#define LLV_FLOAT_VECS 4
#define LLV_SUMS 24                     /* of 32 registers; measure: build/attention */
#if LL_GNU
#  define LLV_KEEP(a) __asm__("" : "+v"(a))     /* gcc would rather load it again for each use */
/* A weight that several products use stays their memory operand, which costs nothing; copied to all lanes of a
 * register first it takes a slot of the multipliers. Measure: build/attention, Q8. */
#  define LLV_ALIAS(p) __asm__("" : "+r"(p))
#endif

typedef __m512 llv_f;

LL_INLINE __mmask16 llx_mask16(int n) { return (__mmask16)((1u << n) - 1); }
LL_INLINE llv_f llv_f_load(const void *p) { return _mm512_loadu_ps(p); }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    return _mm512_maskz_loadu_ps(llx_mask16(n), p);
}
LL_INLINE void  llv_f_store(float *p, llv_f a) { _mm512_storeu_ps(p, a); }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) {
    _mm512_mask_storeu_ps(p, llx_mask16(n), a);
}
LL_INLINE llv_f llv_f_set(float x) { return _mm512_set1_ps(x); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { return _mm512_add_ps(a, b); }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { return _mm512_sub_ps(a, b); }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { return _mm512_mul_ps(a, b); }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { return _mm512_div_ps(a, b); }
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) { return _mm512_fmadd_ps(a, b, c); }
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) { return _mm512_max_ps(a, b); }
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) { return _mm512_min_ps(a, b); }
LL_INLINE llv_f llv_f_abs(llv_f a) { return _mm512_abs_ps(a); }
LL_INLINE llv_f llv_f_round(llv_f a) {
    llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(
        _mm512_add_epi32(_mm512_cvttps_epi32(n), _mm512_set1_epi32(127)), 23));
}
LL_INLINE float llv_f_sum(llv_f a) {
    __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 t = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_hmax(llv_f a) {
    __m256 h = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 t = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

/* The largest piece of the sixteen lanes that is one register. */
typedef llv_f llv_part;
LL_INLINE llv_part llv_part_set(float x) { return llv_f_set(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return llv_f_load(p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { llv_f_store(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llv_f_load_f16(p); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(
        _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llv_f_fma(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(a[0]); }

LL_INLINE llv_b llv_b_mask(uint32_t bits) { return _mm256_movm_epi8((__mmask32)bits); }
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    return _mm256_mask_sub_epi8(a, (__mmask32)bits, _mm256_setzero_si256(), a);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    return _mm256_mask_add_epi8(a, _mm256_test_epi8_mask(b, bit), a, _mm256_set1_epi8((char)value));
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const short a = (short)(2 * j), b = (short)(2 * j + 1);
    __m256i i = _mm256_setr_epi16(a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b);
    return _mm256_permutexvar_epi16(i, s);
}
/* Sums of four products fit 16 bits, so one scaling serves 64 columns. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i s = _mm256_packs_epi32(_mm256_dpbusd_epi32(zero, a, qa), _mm256_dpbusd_epi32(zero, b, qb));
    const short e = (short)(2 * j), f = (short)(e + 1), g = (short)(e + 2), h = (short)(e + 3);
    const __m256i i = _mm256_setr_epi16(e, e, e, e, g, g, g, g, f, f, f, f, h, h, h, h);
    return _mm256_dpwssd_epi32(acc, s, _mm256_permutexvar_epi16(i, scales));
}

