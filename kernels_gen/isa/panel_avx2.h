
/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number.
 * (kernels_gen/isa/scalar_panel.h defines these, lane by lane.) */

#define LLV_PANEL 1
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4                 /* measure: build/kernels 1 1024 Q4_K, prefill */

typedef struct llv_p { __m256i lo, hi; } llv_p;

LL_INLINE llv_p llx_p_pair(__m256i lo, __m256i hi) { llv_p r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_p llv_p_set(int32_t x) { return llx_p_pair(_mm256_set1_epi32(x), _mm256_set1_epi32(x)); }
LL_INLINE llv_p llv_p_four(const void *p) { return llv_p_set(llx_four(p)); }
LL_INLINE llv_p llv_p_load(const void *p) {
    const __m256i *v = (const __m256i *)p;
    return llx_p_pair(_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1));
}
LL_INLINE void llv_p_store(void *p, llv_p a) {
    __m256i *v = (__m256i *)p;
    _mm256_storeu_si256(v, a.lo), _mm256_storeu_si256(v + 1, a.hi);
}
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return llx_p_pair(_mm256_and_si256(a.lo, b.lo), _mm256_and_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return llx_p_pair(_mm256_or_si256(a.lo, b.lo), _mm256_or_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return llx_p_pair(_mm256_xor_si256(a.lo, b.lo), _mm256_xor_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return llx_p_pair(_mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return llx_p_pair(_mm256_mullo_epi32(a.lo, b.lo), _mm256_mullo_epi32(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llx_p_pair(_mm256_slli_epi32(a.lo, n), _mm256_slli_epi32(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llx_p_pair(_mm256_srli_epi32(a.lo, n), _mm256_srli_epi32(a.hi, n)); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return llx_p_pair(_mm256_shuffle_epi8(t, i.lo), _mm256_shuffle_epi8(t, i.hi));
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    a = llv_p_shl(a, 24 - 8 * i);
    return llx_p_pair(_mm256_srai_epi32(a.lo, 24), _mm256_srai_epi32(a.hi, 24));
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) {
    return llv_p_add(acc, llx_p_pair(_mm256_madd_epi16(a.lo, b.lo), _mm256_madd_epi16(a.hi, b.hi)));
}
LL_INLINE llv_f llv_p_float(llv_p a) { return llv_f_pair(_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)); }

LL_INLINE void llx_p_rows8(const uint8_t *p, size_t stride, __m256i out[4]) {
    __m256i a[4], b[4];
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const uint8_t *r = p + (size_t)i * stride;
        a[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)r)),
                                       _mm_loadu_si128((const __m128i *)(r + 4 * stride)), 1);
    }
    b[0] = _mm256_unpacklo_epi32(a[0], a[1]), b[1] = _mm256_unpackhi_epi32(a[0], a[1]);
    b[2] = _mm256_unpacklo_epi32(a[2], a[3]), b[3] = _mm256_unpackhi_epi32(a[2], a[3]);
    out[0] = _mm256_unpacklo_epi64(b[0], b[2]), out[1] = _mm256_unpackhi_epi64(b[0], b[2]);
    out[2] = _mm256_unpacklo_epi64(b[1], b[3]), out[3] = _mm256_unpackhi_epi64(b[1], b[3]);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m256i lo[4], hi[4];
    llx_p_rows8(p, stride, lo);
    llx_p_rows8(p + 8 * stride, stride, hi);
    LLV_UNROLL for (int i = 0; i < 4; i++) out[i] = llx_p_pair(lo[i], hi[i]);
}

LL_INLINE llv_f llx_f_of_f16(__m128i lo, __m128i hi) { return llv_f_pair(_mm256_cvtph_ps(lo), _mm256_cvtph_ps(hi)); }
LL_INLINE llv_f llv_f_f16(const uint8_t *const *p, size_t at) { return llx_f_of_f16(llx_twos(p, at), llx_twos(p + 8, at)); }
/* The lower 16 bits of each lane are an f16. */
LL_INLINE llv_f llv_f_of_halves(llv_p a) {
    const __m256i low = _mm256_set1_epi32(0xffff);
    const __m256i x = _mm256_packus_epi32(_mm256_and_si256(a.lo, low), _mm256_and_si256(a.hi, low));
    const __m256i y = _mm256_permute4x64_epi64(x, 0xd8);
    return llx_f_of_f16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
}

LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }
LL_INLINE llv_p llv_p_of_words(const int16_t *p) {
    return llx_p_pair(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)p)),
                      _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(p + 8))));
}

LL_INLINE llv_p llv_p_pair_sums(llv_p a) {
    return llv_p_add(a, llx_p_pair(_mm256_srli_epi64(a.lo, 32), _mm256_srli_epi64(a.hi, 32)));
}
