
/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number.
 * (kernels_gen/isa/scalar_panel.h defines these, lane by lane.) */

#define LLV_PANEL 1                     /* this instruction set has them */
#define LLV_FEW 1                       /* its registers hold a piece of one beside the sums */
#define LLV_TILE_PANELS 3               /* 48 rows x 4 vectors: 12 integer and 12 float sums, 3 weights and the */
#define LLV_TILE_VECS 4                 /* broadcast fill 28 of 32 registers; measure: build/kernels 1 1024 Q4_K, prefill */
#define LLV_ANY_BITS 1                  /* dots are alike for codes of 4 to 8 bits */
#define LLV_BIAS8(bias) (bias)

typedef __m512i llv_p;

LL_INLINE llv_p llv_p_set(int32_t x) { return _mm512_set1_epi32(x); }
LL_INLINE llv_p llv_p_four(const void *p) { return llv_p_set(llx_four(p)); }
LL_INLINE llv_p llv_p_load(const void *p) { return _mm512_loadu_si512(p); }
LL_INLINE void  llv_p_store(void *p, llv_p a) { _mm512_storeu_si512(p, a); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return _mm512_or_si512(a, b); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return _mm512_xor_si512(a, b); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return _mm512_add_epi32(a, b); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return _mm512_mullo_epi32(a, b); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return _mm512_slli_epi32(a, (unsigned)n); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return _mm512_srli_epi32(a, (unsigned)n); }
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return _mm512_and_si512(a, b); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)), i);
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    return _mm512_srai_epi32(_mm512_slli_epi32(a, (unsigned)(24 - 8 * i)), 24);
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) { return _mm512_dpwssd_epi32(acc, a, b); }
LL_INLINE llv_f llv_f_pair(llv_r lo, llv_r hi) { return _mm512_insertf32x8(_mm512_castps256_ps512(lo), hi, 1); }
LL_INLINE llv_f llv_p_float(llv_p a) { return _mm512_cvtepi32_ps(a); }

/* Sixteen bytes of each row: lanes of 128 bits take four rows each, so that the transposition
 * of 4 x 4 words stays inside them. */
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m512i a[4], b[4];
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const uint8_t *r = p + (size_t)i * stride;
        a[i] = _mm512_inserti64x4(_mm512_castsi256_si512(llv_b_load2(r, r + 4 * stride)),
                                  llv_b_load2(r + 8 * stride, r + 12 * stride), 1);
    }
    b[0] = _mm512_unpacklo_epi32(a[0], a[1]), b[1] = _mm512_unpackhi_epi32(a[0], a[1]);
    b[2] = _mm512_unpacklo_epi32(a[2], a[3]), b[3] = _mm512_unpackhi_epi32(a[2], a[3]);
    out[0] = _mm512_unpacklo_epi64(b[0], b[2]), out[1] = _mm512_unpackhi_epi64(b[0], b[2]);
    out[2] = _mm512_unpacklo_epi64(b[1], b[3]), out[3] = _mm512_unpackhi_epi64(b[1], b[3]);
}

LL_INLINE llv_f llx_f_of_f16(__m128i lo, __m128i hi) {
    return _mm512_cvtph_ps(_mm256_inserti128_si256(_mm256_castsi128_si256(lo), hi, 1));
}
LL_INLINE llv_f llv_f_f16(const uint8_t *const *p, size_t at) { return llx_f_of_f16(llx_twos(p, at), llx_twos(p + 8, at)); }
LL_INLINE llv_f llv_f_of_halves(llv_p a) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a)); }

/* Sixteen numbers of 16 bits, one a lane. */
LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }
LL_INLINE llv_p llv_p_of_words(const int16_t *p) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)p));
}

/* Lane 2i becomes the sum of lanes 2i and 2i + 1. */
LL_INLINE llv_p llv_p_pair_sums(llv_p a) { return _mm512_add_epi32(a, _mm512_srli_epi64(a, 32)); }

/* The same four bytes for all lanes. gcc would not take them from memory in the product itself. */
LL_INLINE llv_p llx_p_dot_four(llv_p acc, llv_p w, const int8_t *q) {
#if LL_GNU && !defined(__clang__)
    __asm__("vpdpbusd\t{%2%{1to16%}, %1, %0|%0, %1, %2%{1to16%}}" : "+v"(acc) : "v"(w), "m"(*(const int8_t (*)[4])q));
    return acc;
#else
    return _mm512_dpbusd_epi32(acc, w, llv_p_four(q));
#endif
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    (void)bits;
    LLV_UNROLL for (int g = 0; g < n; g++) {
        if (n_panels == 1) {
            LLV_UNROLL for (int t = 0; t < n_vecs; t++) acc[t] = llx_p_dot_four(acc[t], llv_p_load(w + 64 * g), q[t] + 4 * g);
        } else LLV_UNROLL for (int t = 0; t < n_vecs; t++) {
            const llv_p four = llv_p_four(q[t] + 4 * g);
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[t * n_panels + z] = _mm512_dpbusd_epi32(
                    acc[t * n_panels + z], llv_p_load(w + (size_t)z * w_step + 64 * g), four);
        }
    }
}
