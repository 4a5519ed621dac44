
/* Two registers of 128 bits hold a vector of 256, one half each: what changes halves costs nothing. */

#define LLV_NAME "sse41"
#define LLV_INLINE LL_NOINLINE          /* its fma is a call */
#define LLV_UNROLL LL_UNROLL
#define LLV_ROLL LL_ROLL
#define LLV_PARTS 4
#define LLV_FLOAT_ROWS 2                /* measure: build/kernels 1 1024 F16 */
#define LLV_FLOAT_VECS 2
#define LLV_SUMS 6                      /* measure: build/attention */
#define LLV_FORMS 0                     /* where an fma is a call there is little to gain from constants */
#define LLV_INT 1
#define LLV_S_OFFSET 0

typedef struct llv_b { __m128i lo, hi; } llv_b;
typedef llv_b llv_w;
typedef llv_b llv_i;
typedef struct llv_r { __m128 lo, hi; } llv_r;

LL_INLINE llv_b llx_b_pair(__m128i lo, __m128i hi) { llv_b r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_b llx_b_both(__m128i a) { return llx_b_pair(a, a); }
LL_INLINE llv_r llx_r_pair(__m128 lo, __m128 hi) { llv_r r; r.lo = lo, r.hi = hi; return r; }
#define LLV_B_EACH(f) llx_b_pair(f(a.lo, b.lo), f(a.hi, b.hi))
#define LLV_R_EACH(f) llx_r_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE __m128i llx_load16(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
LL_INLINE void llx_store16(void *p, __m128i a) { _mm_storeu_si128((__m128i *)p, a); }

LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) { return llx_b_pair(llx_load16(lo), llx_load16(hi)); }
LL_INLINE llv_b llv_b_load(const void *p) { return llv_b_load2(p, (const char *)p + 16); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) { llx_store16(low, a.lo), llx_store16(high, a.hi); }
LL_INLINE void llv_b_store(void *p, llv_b a) { llv_b_store2(p, (char *)p + 16, a); }
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return LLV_B_EACH(_mm_unpacklo_epi64); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return LLV_B_EACH(_mm_unpackhi_epi64); }
LL_INLINE llv_b llv_b_set(int x) { return llx_b_both(_mm_set1_epi8((char)x)); }
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return llx_b_pair(llx_two8(a, b), llx_two8(c, d));
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    return llx_b_pair(_mm_setr_epi32((int)a, (int)b, (int)c, (int)d), _mm_setr_epi32((int)e, (int)f, (int)g, (int)h));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return LLV_B_EACH(_mm_and_si128); }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return LLV_B_EACH(_mm_xor_si128); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return LLV_B_EACH(_mm_or_si128); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return LLV_B_EACH(_mm_add_epi8); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b b) { return LLV_B_EACH(_mm_shuffle_epi8); }
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    if (shift > 0) a = llx_b_pair(_mm_srli_epi16(a.lo, shift), _mm_srli_epi16(a.hi, shift));
    if (shift < 0) a = llx_b_pair(_mm_slli_epi16(a.lo, -shift), _mm_slli_epi16(a.hi, -shift));
    return llv_b_and(a, llv_b_set(mask));
}
LL_INLINE __m128i llx_third16(__m128i a) {      /* one for more than 85, one for more than 170 */
    const __m128i one = _mm_set1_epi8(1);
    return _mm_add_epi8(_mm_min_epu8(_mm_subs_epu8(a, _mm_set1_epi8(85)), one),
                        _mm_min_epu8(_mm_subs_epu8(a, _mm_set1_epi8((char)170)), one));
}
LL_INLINE llv_b llv_b_third(llv_b a) { return llx_b_pair(llx_third16(a.lo), llx_third16(a.hi)); }
LL_INLINE __m128i llx_quarter16(__m128i a) {    /* of each two bytes alike: the upper one, shifted twice */
    const __m128i keep = _mm_set1_epi32((int)0xf0000f00), shift = _mm_set1_epi32(1040 << 16 | 16640);
    return _mm_and_si128(_mm_mulhi_epu16(_mm_and_si128(a, keep), shift), _mm_set1_epi8(3));
}
LL_INLINE llv_b llv_b_quarter(llv_b a) { return llx_b_pair(llx_quarter16(a.lo), llx_quarter16(a.hi)); }
/* 255 where byte i has bit i & 7 */
LL_INLINE __m128i llx_own_bit(__m128i a) {
    const __m128i bit = _mm_set1_epi64x((long long)0x8040201008040201ull);
    return _mm_cmpeq_epi8(_mm_and_si128(a, bit), bit);
}
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const __m128i a = _mm_cvtsi32_si128((int)bits);
    const __m128i lo = _mm_setr_epi32(0, 0, 0x01010101, 0x01010101);
    const __m128i hi = _mm_setr_epi32(0x02020202, 0x02020202, 0x03030303, 0x03030303);
    return llx_b_pair(llx_own_bit(_mm_shuffle_epi8(a, lo)), llx_own_bit(_mm_shuffle_epi8(a, hi)));
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const llv_b b = llv_b_mask(bits);
    a = llv_b_xor(a, b);
    return LLV_B_EACH(_mm_sub_epi8);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    return llv_b_or(a, llv_b_and(llx_b_pair(llx_own_bit(b.lo), llx_own_bit(b.hi)), llv_b_set(value)));
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return llv_b_load(p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { llv_b_store(p, a); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llx_twice(__m128i a) { return llx_b_pair(_mm_unpacklo_epi16(a, a), _mm_unpackhi_epi16(a, a)); }
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) { return llx_twice(llx_load16(p)); }
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) { llv_b_store(p, llx_twice(a.lo)), llv_b_store(p + 16, llx_twice(a.hi)); }
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
LL_INLINE llv_w llv_w_set(int x) { return llx_b_both(_mm_set1_epi16((short)x)); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) {
    int32_t x;
    memcpy(&x, p, 4);
    return llx_b_both(_mm_set1_epi32(x));
}
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) {
    const __m128i a = llx_load16(p);
    return llx_b_pair(_mm_cvtepi8_epi16(a), _mm_cvtepi8_epi16(_mm_unpackhi_epi64(a, a)));
}
LL_INLINE llv_w llv_w_from_low(llv_b a) { return llx_b_pair(_mm_cvtepu8_epi16(a.lo), _mm_cvtepu8_epi16(a.hi)); }
LL_INLINE llv_w llv_w_from_high(llv_b a) {
    const __m128i zero = _mm_setzero_si128();
    return llx_b_pair(_mm_unpackhi_epi8(a.lo, zero), _mm_unpackhi_epi8(a.hi, zero));
}
LL_INLINE llv_w llv_w_from_i(llv_i a) { return llx_b_both(_mm_packs_epi32(a.lo, a.hi)); }
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    const __m128i s = j < 4 ? a.lo : a.hi, first = _mm_set1_epi16((short)((4 * j & 15) * 257 + 256));
    return llx_b_pair(_mm_shuffle_epi8(s, first), _mm_shuffle_epi8(s, _mm_add_epi8(first, _mm_set1_epi8(2))));
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) { return LLV_B_EACH(_mm_mullo_epi16); }
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) { return LLV_B_EACH(_mm_add_epi16); }
LL_INLINE llv_w llv_w_bits(llv_w a, int shift, int mask) {
    if (shift > 0) a = llx_b_pair(_mm_srli_epi16(a.lo, shift), _mm_srli_epi16(a.hi, shift));
    if (shift < 0) a = llx_b_pair(_mm_slli_epi16(a.lo, -shift), _mm_slli_epi16(a.hi, -shift));
    return llv_b_and(a, llv_w_set(mask));
}
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return LLV_B_EACH(_mm_madd_epi16); }

LL_INLINE llv_i llv_i_set(int32_t x) { return llx_b_both(_mm_set1_epi32(x)); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return LLV_B_EACH(_mm_add_epi32); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return LLV_B_EACH(_mm_sub_epi32); }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { return LLV_B_EACH(_mm_mullo_epi32); }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) {
    const __m128i a = llx_load16(p);
    return llx_b_pair(_mm_cvtepi16_epi32(a), _mm_cvtepi16_epi32(_mm_unpackhi_epi64(a, a)));
}
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const __m128i s = j < 2 ? a.lo : a.hi;
    return j & 1 ? llx_b_pair(_mm_shuffle_epi32(s, 0xaa), _mm_shuffle_epi32(s, 0xff))
                 : llx_b_pair(_mm_shuffle_epi32(s, 0x00), _mm_shuffle_epi32(s, 0x55));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return llx_b_pair(a.lo, b.lo); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return llx_b_pair(a.hi, b.hi); }
LL_INLINE __m128i llx_evens4(__m128i a, __m128i b) {
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0x88));
}
LL_INLINE __m128i llx_odds4(__m128i a, __m128i b) {
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0xdd));
}
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) { return LLV_B_EACH(llx_evens4); }
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) { return LLV_B_EACH(llx_odds4); }
LL_INLINE __m128i llx_add_pairs(__m128i a, __m128i b) {
    return _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
}
LL_INLINE __m128i llx_sum4(__m128i a, __m128i b, __m128i c, __m128i d) {
    const __m128i ab = llx_add_pairs(a, b), cd = llx_add_pairs(c, d);
    return _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    return llx_b_pair(llx_sum4(a.lo, b.lo, c.lo, d.lo), llx_sum4(a.hi, b.hi, c.hi, d.hi));
}

/* Sums of two products of bytes, u unsigned: with u <= 127, or s in place of u, they fit 16 bits. */
LL_INLINE llv_w llx_products_u(llv_b a, llv_b b) { return LLV_B_EACH(_mm_maddubs_epi16); }
LL_INLINE __m128i llx_products_s16(__m128i a, __m128i b) { return _mm_maddubs_epi16(_mm_abs_epi8(a), _mm_sign_epi8(b, a)); }
LL_INLINE llv_w llx_products_s(llv_b a, llv_b b) { return LLV_B_EACH(llx_products_s16); }
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llv_w_dot(llv_w_add(llx_products_u(a, qa), llx_products_u(b, qb)), llv_w_set(1));
}
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    const llv_w one = llv_w_set(1);
    return llv_i_add(llv_w_dot(llx_products_s(a, qa), one), llv_w_dot(llx_products_s(b, qb), one));
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return llv_i_add(acc, llv_w_dot(llx_products_u(u, q), scale));
}
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
    return llv_dot_scaled(acc, u, q, llv_w_set2(twice + 2 * j));
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

/* As ll_fma: what the sum lost sends it to the odd one of its two neighbours. (Of an infinity the loss
 * is NaN, which is not more than 0.) */
LL_INLINE __m128d llx_to_odd(__m128d p, __m128d c, __m128d s) {
    const __m128d t = _mm_sub_pd(s, p);
    const __m128d e = _mm_add_pd(_mm_sub_pd(p, _mm_sub_pd(s, t)), _mm_sub_pd(c, t));    /* s + e is exact */
    const __m128i lost = _mm_castpd_si128(_mm_cmpgt_pd(_mm_andnot_pd(_mm_set1_pd(-0.0), e), _mm_setzero_pd()));
    const __m128i away = _mm_and_si128(lost, _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(s, e)), 63));
    const __m128i toward_0 = _mm_sub_epi64(_mm_castpd_si128(s), away);
    return _mm_castsi128_pd(_mm_or_si128(toward_0, _mm_srli_epi64(lost, 63)));
}
/* a*b + c with one rounding. Only a number halfway between two floats can be rounded the wrong way, and
 * the lowest 28 bits of such a double are 0: hardly ever, but for sums that are exact. A call, as ll_fma. */
LL_NOINLINE __m128 llx_fma4(__m128 a, __m128 b, __m128 c) {
    const __m128d p = _mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b)), d = _mm_cvtps_pd(c);
    const __m128d p2 = _mm_mul_pd(_mm_cvtps_pd(_mm_movehl_ps(a, a)), _mm_cvtps_pd(_mm_movehl_ps(b, b)));
    const __m128d d2 = _mm_cvtps_pd(_mm_movehl_ps(c, c));
    __m128d s = _mm_add_pd(p, d), s2 = _mm_add_pd(p2, d2);
    const __m128i low = llx_evens4(_mm_castpd_si128(s), _mm_castpd_si128(s2));
    if (_mm_movemask_epi8(_mm_cmpeq_epi32(_mm_slli_epi32(low, 4), _mm_setzero_si128())))
        s = llx_to_odd(p, d, s), s2 = llx_to_odd(p2, d2, s2);
    return _mm_movelh_ps(_mm_cvtpd_ps(s), _mm_cvtpd_ps(s2));
}

/* f16 in the lower half of each lane, and back. Subnormal ones become exact by a difference. The first is a
 * call too: in line it makes all kernels larger and only those of f16 faster. */
LL_NOINLINE __m128 llx_f16_4(__m128i h) {
    const __m128i a = _mm_slli_epi32(_mm_and_si128(h, _mm_set1_epi32(0x7fff)), 13);
    const __m128i sign = _mm_slli_epi32(_mm_srli_epi32(h, 15), 31);
    const __m128 tiny = _mm_castsi128_ps(_mm_set1_epi32(113 << 23));            /* 2^-14 */
    const __m128 sub = _mm_sub_ps(_mm_castsi128_ps(_mm_or_si128(a, _mm_castps_si128(tiny))), tiny);
    const __m128i normal = _mm_add_epi32(a, _mm_set1_epi32(112 << 23));
    const __m128i special = _mm_and_si128(_mm_cmpgt_epi32(a, _mm_set1_epi32(0x0f7fffff)), _mm_set1_epi32(0x7f800000));
    const __m128i quiet = _mm_and_si128(_mm_cmpgt_epi32(a, _mm_set1_epi32(0x0f800000)), _mm_set1_epi32(0x00400000));
    const __m128i small = _mm_cmpgt_epi32(_mm_set1_epi32(1 << 23), a);
    const __m128i r = _mm_blendv_epi8(normal, _mm_castps_si128(sub), small);
    return _mm_castsi128_ps(_mm_or_si128(_mm_or_si128(r, sign), _mm_or_si128(special, quiet)));
}
LL_INLINE __m128i llx_to_f16_4(__m128 x) {
    const __m128i u = _mm_castps_si128(x), a = _mm_and_si128(u, _mm_set1_epi32(0x7fffffff));
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(a, 13), _mm_set1_epi32(1));
    const __m128i half = _mm_set1_epi32(0x3f000000), top = _mm_srli_epi32(a, 13);
    const __m128i normal = _mm_srli_epi32(_mm_add_epi32(_mm_add_epi32(a, odd), _mm_set1_epi32(0xfff - 0x38000000)), 13);
    const __m128 moved = _mm_add_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(half));
    const __m128i sub = _mm_sub_epi32(_mm_castps_si128(moved), half);
    const __m128i nan = _mm_or_si128(_mm_and_si128(top, _mm_set1_epi32(0x1ff)), _mm_set1_epi32(0x7e00));
    __m128i r = _mm_blendv_epi8(normal, sub, _mm_cmpgt_epi32(_mm_set1_epi32(0x38800000), a));
    r = _mm_blendv_epi8(r, _mm_set1_epi32(0x7c00), _mm_cmpgt_epi32(a, _mm_set1_epi32(0x477fffff)));
    r = _mm_blendv_epi8(r, nan, _mm_cmpgt_epi32(a, _mm_set1_epi32(0x7f800000)));
    return _mm_or_si128(r, _mm_slli_epi32(_mm_srli_epi32(u, 31), 15));
}

LL_INLINE llv_r llv_r_set(float x) { return llx_r_pair(_mm_set1_ps(x), _mm_set1_ps(x)); }
LL_INLINE llv_r llv_r_from_i(llv_i a) { return llx_r_pair(_mm_cvtepi32_ps(a.lo), _mm_cvtepi32_ps(a.hi)); }
LL_INLINE llv_r llx_r_add(llv_r a, llv_r b) { return LLV_R_EACH(_mm_add_ps); }
LL_INLINE llv_r llx_r_sub(llv_r a, llv_r b) { return LLV_R_EACH(_mm_sub_ps); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return LLV_R_EACH(_mm_mul_ps); }
LL_INLINE llv_r llx_r_div(llv_r a, llv_r b) { return LLV_R_EACH(_mm_div_ps); }
LL_INLINE llv_r llx_r_max(llv_r a, llv_r b) { return LLV_R_EACH(_mm_max_ps); }
LL_INLINE llv_r llx_r_min(llv_r a, llv_r b) { return LLV_R_EACH(_mm_min_ps); }
LL_INLINE llv_r llx_r_and(llv_r a, llv_r b) { return LLV_R_EACH(_mm_and_ps); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    return llx_r_pair(llx_fma4(a.lo, b.lo, c.lo), llx_fma4(a.hi, b.hi, c.hi));
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {
    const llv_r sign = llv_r_set(-0.0f);
    return llv_r_fma(llx_r_pair(_mm_xor_ps(a.lo, sign.lo), _mm_xor_ps(a.hi, sign.hi)), b, c);
}
LL_INLINE llv_r llx_r_load(const float *p) { return llx_r_pair(_mm_loadu_ps(p), _mm_loadu_ps(p + 4)); }
LL_INLINE void llx_r_store(float *p, llv_r a) { _mm_storeu_ps(p, a.lo), _mm_storeu_ps(p + 4, a.hi); }
LL_INLINE llv_r llx_r_of_f16(__m128i h) {
    return llx_r_pair(llx_f16_4(_mm_cvtepu16_epi32(h)), llx_f16_4(_mm_unpackhi_epi16(h, _mm_setzero_si128())));
}
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return llx_r_of_f16(llx_twos(p, at)); }
LL_INLINE llv_i llx_fours(const uint8_t *const *p, size_t at) { return llx_b_pair(llx_fours4(p, at), llx_fours4(p + 4, at)); }
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const llv_i x = llx_fours(p, at);
    const __m128i low = _mm_set1_epi32(0xffff);
    *first = llx_r_pair(llx_f16_4(_mm_and_si128(x.lo, low)), llx_f16_4(_mm_and_si128(x.hi, low)));
    *second = llx_r_pair(llx_f16_4(_mm_srli_epi32(x.lo, 16)), llx_f16_4(_mm_srli_epi32(x.hi, 16)));
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE __m128 llx_ue4m3_half4(__m128i x) {
    x = _mm_andnot_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(127)), x);             /* NaN counts as 0 */
    return _mm_mul_ps(llx_f16_4(_mm_and_si128(_mm_slli_epi32(x, 7), _mm_set1_epi32(0x3f80))), _mm_set1_ps(128));
}
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const llv_i x = llx_fours(p, at);
    LLV_UNROLL for (int j = 0; j < 4; j++)
        d[j] = llx_r_pair(llx_ue4m3_half4(_mm_srli_epi32(x.lo, 8 * j)), llx_ue4m3_half4(_mm_srli_epi32(x.hi, 8 * j)));
}
LL_INLINE __m128 llx_e8m0_half4(__m128i x) {    /* normal from 2 on, else the other */
    return _mm_castsi128_ps(_mm_max_epi32(_mm_sub_epi32(_mm_slli_epi32(x, 23), _mm_set1_epi32(1 << 23)),
                                          _mm_add_epi32(_mm_slli_epi32(x, 21), _mm_set1_epi32(1 << 21))));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    return llx_r_pair(llx_e8m0_half4(_mm_setr_epi32(p[0][at], p[1][at], p[2][at], p[3][at])),
                      llx_e8m0_half4(_mm_setr_epi32(p[4][at], p[5][at], p[6][at], p[7][at])));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    float x[8];
    llx_r_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}

//@ include isa/halves.h
LL_INLINE llv_f llv_f_abs(llv_f a) {
    const __m128 m = _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff));
    const llv_r b = llx_r_pair(m, m);
    return llv_f_pair(llx_r_and(a.lo, b), llx_r_and(a.hi, b));
}
LL_INLINE __m128 llx_pow2_4(__m128 n) {
    return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(_mm_cvttps_epi32(n), _mm_set1_epi32(127)), 23));
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return llv_f_pair(llx_r_pair(llx_pow2_4(n.lo.lo), llx_pow2_4(n.lo.hi)),
                      llx_r_pair(llx_pow2_4(n.hi.lo), llx_pow2_4(n.hi.hi)));
}
LL_INLINE float llv_f_sum(llv_f a) {
    const llv_r h = llx_r_add(a.lo, a.hi);
    __m128 t = _mm_add_ps(h.lo, h.hi);
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_hmax(llv_f a) {
    const llv_r h = llx_r_max(a.lo, a.hi);
    __m128 t = _mm_max_ps(h.lo, h.hi);
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return llv_f_pair(llx_r_of_f16(llx_load16(p)), llx_r_of_f16(llx_load16((const char *)p + 16)));
}
LL_INLINE llv_r llx_r_from_i16(__m128i w) {
    return llx_r_pair(_mm_cvtepi32_ps(_mm_cvtepi16_epi32(w)), _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_unpackhi_epi64(w, w))));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    const llv_w w = llv_w_from_i8(p);
    return llv_f_pair(llx_r_from_i16(w.lo), llx_r_from_i16(w.hi));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    llx_store16(p, _mm_packus_epi32(llx_to_f16_4(a.lo.lo), llx_to_f16_4(a.lo.hi)));
    llx_store16(p + 8, _mm_packus_epi32(llx_to_f16_4(a.hi.lo), llx_to_f16_4(a.hi.hi)));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    llx_store16(p, _mm_packs_epi16(_mm_packs_epi32(_mm_cvtps_epi32(a.lo.lo), _mm_cvtps_epi32(a.lo.hi)),
                                   _mm_packs_epi32(_mm_cvtps_epi32(a.hi.lo), _mm_cvtps_epi32(a.hi.hi))));
}

/* The largest piece of the sixteen lanes that is one register. */
typedef __m128 llv_part;
LL_INLINE llv_part llv_part_set(float x) { return _mm_set1_ps(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return _mm_loadu_ps((const float *)p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { _mm_storeu_ps(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) {
    return llx_f16_4(_mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
LL_INLINE llv_part llv_part_load_bf16(const void *p) {
    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)p)));
}
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llx_fma4(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) {
    return llv_f_sum(llv_f_pair(llx_r_pair(a[0], a[1]), llx_r_pair(a[2], a[3])));
}
