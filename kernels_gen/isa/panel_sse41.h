
/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number.
 * (kernels_gen/isa/scalar_panel.h defines these, lane by lane.) */

#define LLV_PANEL 1
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4                 /* measure: build/kernels 1 1024 Q4_K, prefill */
#define LLV_ANY_BITS 0                  /* dots of 4, 6 and 8 bits differ; the last takes codes - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)

//@ include isa/panel_halves.h
LL_INLINE llv_p llv_p_four(const void *p) { return llv_p_set(llx_four(p)); }
LL_INLINE llv_b llx_shl8(llv_b a, int n) { return llx_b_pair(_mm_slli_epi32(a.lo, n), _mm_slli_epi32(a.hi, n)); }
LL_INLINE llv_b llx_shr8(llv_b a, int n) { return llx_b_pair(_mm_srli_epi32(a.lo, n), _mm_srli_epi32(a.hi, n)); }
LL_INLINE llv_b llx_top8(llv_b a) { return llx_b_pair(_mm_srai_epi32(a.lo, 24), _mm_srai_epi32(a.hi, 24)); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llx_p_pair(llx_shl8(a.lo, n), llx_shl8(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llx_p_pair(llx_shr8(a.lo, n), llx_shr8(a.hi, n)); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const llv_b t = llv_b_load2(table, table);
    return llx_p_pair(llv_b_shuffle(t, i.lo), llv_b_shuffle(t, i.hi));
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    a = llv_p_shl(a, 24 - 8 * i);
    return llx_p_pair(llx_top8(a.lo), llx_top8(a.hi));
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) { return llv_p_add(acc, LLV_P_EACH(llv_w_dot)); }
LL_INLINE llv_f llv_p_float(llv_p a) { return llv_f_pair(llv_r_from_i(a.lo), llv_r_from_i(a.hi)); }
LL_INLINE llv_f llx_f_of_f16(__m128i lo, __m128i hi) { return llv_f_pair(llx_r_of_f16(lo), llx_r_of_f16(hi)); }
LL_INLINE llv_f llv_f_f16(const uint8_t *const *p, size_t at) { return llx_f_of_f16(llx_twos(p, at), llx_twos(p + 8, at)); }
LL_INLINE llv_f llv_f_of_halves(llv_p a) {
    a = llv_p_and(a, llv_p_set(0xffff));
    return llx_f_of_f16(_mm_packus_epi32(a.lo.lo, a.lo.hi), _mm_packus_epi32(a.hi.lo, a.hi.hi));
}

LL_INLINE void llx_p_rows4(const uint8_t *p, size_t stride, __m128i out[4]) {
    const __m128i a = llx_load16(p), b = llx_load16(p + stride);
    const __m128i c = llx_load16(p + 2 * stride), d = llx_load16(p + 3 * stride);
    const __m128i ab = _mm_unpacklo_epi32(a, b), ab2 = _mm_unpackhi_epi32(a, b);
    const __m128i cd = _mm_unpacklo_epi32(c, d), cd2 = _mm_unpackhi_epi32(c, d);
    out[0] = _mm_unpacklo_epi64(ab, cd), out[1] = _mm_unpackhi_epi64(ab, cd);
    out[2] = _mm_unpacklo_epi64(ab2, cd2), out[3] = _mm_unpackhi_epi64(ab2, cd2);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m128i r[4][4];
    LLV_UNROLL for (int i = 0; i < 4; i++) llx_p_rows4(p + (size_t)(4 * i) * stride, stride, r[i]);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        out[i] = llx_p_pair(llx_b_pair(r[0][i], r[1][i]), llx_b_pair(r[2][i], r[3][i]));
}

LL_INLINE llv_b llx_b_of_words(const int16_t *p) {
    return llx_b_pair(_mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)p)),
                      _mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)(p + 4))));
}
LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }
LL_INLINE llv_p llv_p_of_words(const int16_t *p) { return llx_p_pair(llx_b_of_words(p), llx_b_of_words(p + 8)); }

LL_INLINE llv_b llx_pair_sums8(llv_b a) {
    return llv_i_add(a, llx_b_pair(_mm_srli_epi64(a.lo, 32), _mm_srli_epi64(a.hi, 32)));
}
LL_INLINE llv_p llv_p_pair_sums(llv_p a) { return llx_p_pair(llx_pair_sums8(a.lo), llx_pair_sums8(a.hi)); }

/* One sum of 32 bits from each pair of 16 bits. */
LL_INLINE llv_b llx_widen(llv_b acc, llv_b pairs) { return llv_i_add(acc, llv_w_dot(pairs, llv_w_set(1))); }

/* Eight rows x 4 vectors: eight sums of 16 bits, two of weights and the broadcast fill the registers.
 * Sums of 16 bits hold two columns of 8-bit codes, four of up to 6 bits, 32 of 4 bits. */
LL_INLINE void llx_p_dots8(llv_b *acc, const uint8_t *w, const int8_t *const *q, int n, int bits, int n_vecs) {
    llv_b sum[LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) sum[v] = llv_i_set(0);
    if (bits == 8) LLV_ROLL for (int g = 0; g < n; g++) {
        const llv_b c = llv_b_xor(llv_b_load(w + 64 * g), llv_b_set(-128));
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            acc[v] = llx_widen(acc[v], llx_products_s(c, llv_i_set(llx_four(q[v] + 4 * g))));
    } else LLV_ROLL for (int g = 0; g < n; g += 2) {
        LLV_UNROLL for (int i = 0; i < 2; i++) {
            const llv_b c = llv_b_load(w + 64 * (g + i));
            LLV_UNROLL for (int v = 0; v < n_vecs; v++)
                sum[v] = llv_w_add(sum[v], llx_products_u(c, llv_i_set(llx_four(q[v] + 4 * (g + i)))));
        }
        if (bits > 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            acc[v] = llx_widen(acc[v], sum[v]), sum[v] = llv_i_set(0);
    }
    if (bits <= 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++) acc[v] = llx_widen(acc[v], sum[v]);
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    llv_b lo[LLV_TILE_VECS], hi[LLV_TILE_VECS];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) lo[v] = acc[v].lo, hi[v] = acc[v].hi;
    llx_p_dots8(lo, w, q, n, bits, n_vecs);
    llx_p_dots8(hi, w + 32, q, n, bits, n_vecs);
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) acc[v] = llx_p_pair(lo[v], hi[v]);
}
