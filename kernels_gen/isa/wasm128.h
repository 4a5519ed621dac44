
/* WebAssembly with vectors of 128 bits. Two hold a vector of 256, one half each. What an instruction is on the
 * machine below, its engine decides: these are few on x86-64 and on ARM. */

#ifdef LLOCAL_RELAXED
#define LLV_NAME "wasm128 RELAXED"
#elif LL_WASM_FMA
#define LLV_NAME "wasm128+fma"
#else
#define LLV_NAME "wasm128"
#endif
#if LL_WASM_FMA
#define LLV_INLINE LL_FN
#else
#define LLV_INLINE LL_NOINLINE          /* of exp and its like: its fma is long */
#endif
#define LLV_UNROLL LL_UNROLL
#define LLV_ROLL LL_ROLL
#define LLV_PARTS 4
#if LL_WASM_FMA
/* V8 puts all loads of a straight piece of code first, and then has registers for few of them; stores stay in order.
 * (Beside products that are longer it does not pay.) */
#define LLV_STEP(a) llx_step(a)
#endif
#define LLV_FLOAT_ROWS 2
#define LLV_FLOAT_VECS 2
#define LLV_SUMS 6
#define LLV_FORMS LL_WASM_FMA
#define LLV_INT 1
#define LLV_S_OFFSET 0

typedef struct llv_b { v128_t lo, hi; } llv_b;
typedef llv_b llv_w;
typedef llv_b llv_i;
typedef llv_b llv_r;

LL_INLINE llv_b llx_pair(v128_t lo, v128_t hi) { llv_b r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE void llx_step(llv_b a) {
    volatile v128_t seen[2];
    seen[0] = a.lo, seen[1] = a.hi;
}
LL_INLINE llv_b llx_both(v128_t a) { return llx_pair(a, a); }
#define LLV_B_EACH(f) llx_pair(f(a.lo, b.lo), f(a.hi, b.hi))
#define LLX_SPLAT32(x, i) wasm_i32x4_shuffle((x), (x), i, i, i, i)
#define LLX_WIDE(a) wasm_f64x2_promote_low_f32x4(a)
#define LLX_EVENS4(a, b) wasm_i32x4_shuffle((a), (b), 0, 2, 4, 6)
#define LLX_ODDS4(a, b) wasm_i32x4_shuffle((a), (b), 1, 3, 5, 7)
LL_INLINE v128_t llx_upper(v128_t a) { return wasm_i64x2_shuffle(a, a, 1, 1); }
LL_INLINE int llx_two(const void *p) { uint16_t x; memcpy(&x, p, 2); return x; }
LL_INLINE int32_t llx_four(const void *p) { int32_t x; memcpy(&x, p, 4); return x; }

LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) { return llx_pair(wasm_v128_load(lo), wasm_v128_load(hi)); }
LL_INLINE llv_b llv_b_load(const void *p) { return llv_b_load2(p, (const char *)p + 16); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) { wasm_v128_store(low, a.lo), wasm_v128_store(high, a.hi); }
LL_INLINE void llv_b_store(void *p, llv_b a) { llv_b_store2(p, (char *)p + 16, a); }
LL_INLINE v128_t llx_lows8(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
LL_INLINE v128_t llx_highs8(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 1, 3); }
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return LLV_B_EACH(llx_lows8); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return LLV_B_EACH(llx_highs8); }
LL_INLINE llv_b llv_b_set(int x) { return llx_both(wasm_i8x16_splat((int8_t)x)); }
LL_INLINE v128_t llx_two8(const uint64_t *a, const uint64_t *b) {
    return wasm_v128_load64_lane(b, wasm_v128_load64_zero(a), 1);
}
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return llx_pair(llx_two8(a, b), llx_two8(c, d));
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    return llx_pair(wasm_u32x4_make(a, b, c, d), wasm_u32x4_make(e, f, g, h));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return LLV_B_EACH(wasm_v128_and); }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return LLV_B_EACH(wasm_v128_xor); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return LLV_B_EACH(wasm_v128_or); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return LLV_B_EACH(wasm_i8x16_add); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b b) { return LLV_B_EACH(wasm_i8x16_swizzle); }
LL_INLINE llv_b llx_shift2(llv_b a, int shift) {        /* of words: to the right, where < 0 to the left */
    if (shift > 0) return llx_pair(wasm_u16x8_shr(a.lo, (uint32_t)shift), wasm_u16x8_shr(a.hi, (uint32_t)shift));
    if (shift < 0) return llx_pair(wasm_i16x8_shl(a.lo, (uint32_t)-shift), wasm_i16x8_shl(a.hi, (uint32_t)-shift));
    return a;
}
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) { return llv_b_and(llx_shift2(a, shift), llv_b_set(mask)); }
LL_INLINE v128_t llx_third16(v128_t a) {        /* one for more than 85, one for more than 170 */
    return wasm_i8x16_neg(wasm_i8x16_add(wasm_u8x16_gt(a, wasm_u8x16_const_splat(85)),
                                         wasm_u8x16_gt(a, wasm_u8x16_const_splat(170))));
}
LL_INLINE llv_b llv_b_third(llv_b a) { return llx_pair(llx_third16(a.lo), llx_third16(a.hi)); }
LL_INLINE v128_t llx_quarter16(v128_t a) {      /* two of four bytes by 4, then every other one by 2 */
    const v128_t b = wasm_v128_bitselect(wasm_u32x4_shr(a, 4), a, wasm_u32x4_const_splat(0xffff0000u));
    const v128_t c = wasm_v128_bitselect(wasm_u32x4_shr(b, 2), b, wasm_u32x4_const_splat(0xff00ff00u));
    return wasm_v128_and(c, wasm_i8x16_const_splat(3));
}
LL_INLINE llv_b llv_b_quarter(llv_b a) { return llx_pair(llx_quarter16(a.lo), llx_quarter16(a.hi)); }
/* 255 where byte i has bit i & 7 */
LL_INLINE v128_t llx_own_bit(v128_t a) {
    const v128_t bit = wasm_u64x2_const_splat(0x8040201008040201ull);
    return wasm_i8x16_eq(wasm_v128_and(a, bit), bit);
}
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const v128_t a = wasm_u32x4_splat(bits);
    return llx_pair(llx_own_bit(wasm_i8x16_shuffle(a, a, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)),
                    llx_own_bit(wasm_i8x16_shuffle(a, a, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3)));
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const llv_b b = llv_b_mask(bits);
    a = llv_b_xor(a, b);
    return LLV_B_EACH(wasm_i8x16_sub);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    return llv_b_or(a, llv_b_and(llx_pair(llx_own_bit(b.lo), llx_own_bit(b.hi)), llv_b_set(value)));
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return llv_b_load(p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { llv_b_store(p, a); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llx_twice(v128_t a) {
    return llx_pair(wasm_i16x8_shuffle(a, a, 0, 0, 1, 1, 2, 2, 3, 3), wasm_i16x8_shuffle(a, a, 4, 4, 5, 5, 6, 6, 7, 7));
}
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) { return llx_twice(wasm_v128_load(p)); }
LL_INLINE void llv_w_store_twice(int16_t *p, llv_w a) {
    llv_b_store(p, llx_twice(a.lo)), llv_b_store(p + 16, llx_twice(a.hi));
}
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
LL_INLINE llv_w llv_w_set(int x) { return llx_both(wasm_i16x8_splat((int16_t)x)); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) { return llx_both(wasm_v128_load32_splat(p)); }
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) { return llx_pair(wasm_i16x8_load8x8(p), wasm_i16x8_load8x8(p + 8)); }
LL_INLINE llv_w llv_w_from_low(llv_b a) {
    return llx_pair(wasm_u16x8_extend_low_u8x16(a.lo), wasm_u16x8_extend_low_u8x16(a.hi));
}
LL_INLINE llv_w llv_w_from_high(llv_b a) {
    return llx_pair(wasm_u16x8_extend_high_u8x16(a.lo), wasm_u16x8_extend_high_u8x16(a.hi));
}
LL_INLINE llv_w llv_w_from_i(llv_i a) { return llx_both(wasm_i16x8_narrow_i32x4(a.lo, a.hi)); }
LL_INLINE v128_t llx_splat64(v128_t a, int i) { return i ? llx_upper(a) : wasm_i64x2_shuffle(a, a, 0, 0); }
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    const v128_t s = j < 4 ? a.lo : a.hi, first = wasm_i16x8_splat((int16_t)((4 * j & 15) * 257 + 256));
    const v128_t second = wasm_i8x16_add(first, wasm_i8x16_const_splat(2));
    return llx_pair(wasm_i8x16_swizzle(s, first), wasm_i8x16_swizzle(s, second));
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) { return LLV_B_EACH(wasm_i16x8_mul); }
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) { return LLV_B_EACH(wasm_i16x8_add); }
LL_INLINE llv_w llv_w_bits(llv_w a, int shift, int mask) { return llv_b_and(llx_shift2(a, shift), llv_w_set(mask)); }
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return LLV_B_EACH(wasm_i32x4_dot_i16x8); }

LL_INLINE llv_i llv_i_set(int32_t x) { return llx_both(wasm_i32x4_splat(x)); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return LLV_B_EACH(wasm_i32x4_add); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return LLV_B_EACH(wasm_i32x4_sub); }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { return LLV_B_EACH(wasm_i32x4_mul); }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) { return llx_pair(wasm_i32x4_load16x4(p), wasm_i32x4_load16x4(p + 4)); }
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const v128_t s = j < 2 ? a.lo : a.hi;
    return j & 1 ? llx_pair(LLX_SPLAT32(s, 2), LLX_SPLAT32(s, 3)) : llx_pair(LLX_SPLAT32(s, 0), LLX_SPLAT32(s, 1));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return llx_pair(a.lo, b.lo); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return llx_pair(a.hi, b.hi); }
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) { return LLV_B_EACH(LLX_EVENS4); }
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) { return LLV_B_EACH(LLX_ODDS4); }
LL_INLINE v128_t llx_add_pairs(v128_t a, v128_t b) { return wasm_i32x4_add(LLX_EVENS4(a, b), LLX_ODDS4(a, b)); }
LL_INLINE v128_t llx_sum4(v128_t a, v128_t b, v128_t c, v128_t d) {
    return llx_add_pairs(llx_add_pairs(a, b), llx_add_pairs(c, d));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    return llx_pair(llx_sum4(a.lo, b.lo, c.lo, d.lo), llx_sum4(a.hi, b.hi, c.hi, d.hi));
}

/* Products of neighbours, added up: of codes up to 127 and q they fit 16 bits. Bytes of q are made words once for all
 * rows that it meets: on x86-64 that is quicker than to let each product widen (extmul). Relaxed SIMD has it in one
 * instruction, defined for codes up to 127. */
LL_INLINE v128_t llx_neighbours(v128_t even, v128_t odd, v128_t q) {
    const v128_t q_even = wasm_i16x8_shr(wasm_i16x8_shl(q, 8), 8), q_odd = wasm_i16x8_shr(q, 8);
    return wasm_i16x8_add(wasm_i16x8_mul(even, q_even), wasm_i16x8_mul(odd, q_odd));
}
#if LL_WASM_FMA
LL_INLINE v128_t llx_neighbours_u(v128_t a, v128_t q) {
    return (v128_t)__builtin_wasm_relaxed_dot_i8x16_i7x16_s_i16x8((ll_i8x16)q, (ll_i8x16)a);
}
#else
LL_INLINE v128_t llx_neighbours_u(v128_t a, v128_t q) {
    return llx_neighbours(wasm_v128_and(a, wasm_i16x8_const_splat(255)), wasm_u16x8_shr(a, 8), q);
}
#endif
LL_INLINE v128_t llx_neighbours_s(v128_t a, v128_t q) {
    return llx_neighbours(wasm_i16x8_shr(wasm_i16x8_shl(a, 8), 8), wasm_i16x8_shr(a, 8), q);
}
LL_INLINE v128_t llx_dot2_u(v128_t a, v128_t qa, v128_t b, v128_t qb) {         /* four of codes up to 63 fit, too */
    return wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_add(llx_neighbours_u(a, qa), llx_neighbours_u(b, qb)));
}
LL_INLINE v128_t llx_dot2_o(v128_t a, v128_t qa, v128_t b, v128_t qb) {         /* and two of -128 and 127 */
    return wasm_i32x4_add(wasm_i32x4_extadd_pairwise_i16x8(llx_neighbours_s(a, qa)),
                          wasm_i32x4_extadd_pairwise_i16x8(llx_neighbours_s(b, qb)));
}
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llx_pair(llx_dot2_u(a.lo, qa.lo, b.lo, qb.lo), llx_dot2_u(a.hi, qa.hi, b.hi, qb.hi));
}
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llx_pair(llx_dot2_o(a.lo, qa.lo, b.lo, qb.lo), llx_dot2_o(a.hi, qa.hi, b.hi, qb.hi));
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return llx_pair(wasm_i32x4_add(acc.lo, wasm_i32x4_dot_i16x8(llx_neighbours_u(u.lo, q.lo), scale.lo)),
                    wasm_i32x4_add(acc.hi, wasm_i32x4_dot_i16x8(llx_neighbours_u(u.hi, q.hi), scale.hi)));
}
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
    return llv_dot_scaled(acc, u, q, llv_w_set2(twice + 2 * j));
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

/* What a sum lost: s + e is exact. */
LL_INLINE v128_t llx_lost(v128_t p, v128_t c, v128_t s) {
    const v128_t t = wasm_f64x2_sub(s, p);
    return wasm_f64x2_add(wasm_f64x2_sub(p, wasm_f64x2_sub(s, t)), wasm_f64x2_sub(c, t));
}
/* As ll_fma: that sends it to the odd one of its two neighbours. (Of an infinity it is NaN, which is not more than 0.) */
LL_INLINE v128_t llx_to_odd(v128_t s, v128_t e) {
    const v128_t lost = wasm_f64x2_gt(wasm_f64x2_abs(e), wasm_f64x2_const_splat(0));
    const v128_t away = wasm_v128_and(lost, wasm_u64x2_shr(wasm_v128_xor(s, e), 63));
    return wasm_v128_or(wasm_i64x2_sub(s, away), wasm_u64x2_shr(lost, 63));
}
LL_INLINE v128_t llx_narrow(v128_t s, v128_t s2) {
    return llx_lows8(wasm_f32x4_demote_f64x2_zero(s), wasm_f32x4_demote_f64x2_zero(s2));
}
LL_NOINLINE v128_t llx_fma4_odd(v128_t a, v128_t b, v128_t c) {
    const v128_t p = wasm_f64x2_mul(LLX_WIDE(a), LLX_WIDE(b)), d = LLX_WIDE(c), s = wasm_f64x2_add(p, d);
    const v128_t p2 = wasm_f64x2_mul(LLX_WIDE(llx_upper(a)), LLX_WIDE(llx_upper(b))), d2 = LLX_WIDE(llx_upper(c));
    const v128_t s2 = wasm_f64x2_add(p2, d2), e = llx_lost(p, d, s), e2 = llx_lost(p2, d2, s2);
    /* most that come here lost nothing: a or b is 0, or both are short */
    if (!wasm_v128_any_true(wasm_i32x4_shl(wasm_v128_or(e, e2), 1))) return llx_narrow(s, s2);
    return llx_narrow(llx_to_odd(s, e), llx_to_odd(s2, e2));
}
/* a*b + c with one rounding. Only a number halfway between two floats can be rounded the wrong way, and the lowest 28
 * bits of such a double are 0: hardly ever, but for sums that are exact. With LLOCAL_RELAXED two roundings. */
LL_INLINE v128_t llx_fma4(v128_t a, v128_t b, v128_t c) {
#ifdef LLOCAL_RELAXED
    return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
#elif LL_WASM_FMA
    return (v128_t)__builtin_wasm_relaxed_madd_f32x4((ll_f4)a, (ll_f4)b, (ll_f4)c);
#else
    const v128_t p = wasm_f64x2_mul(LLX_WIDE(a), LLX_WIDE(b));
    const v128_t p2 = wasm_f64x2_mul(LLX_WIDE(llx_upper(a)), LLX_WIDE(llx_upper(b)));
    const v128_t s = wasm_f64x2_add(p, LLX_WIDE(c)), s2 = wasm_f64x2_add(p2, LLX_WIDE(llx_upper(c)));
    if (!wasm_i32x4_all_true(wasm_i32x4_shl(LLX_EVENS4(s, s2), 4))) return llx_fma4_odd(a, b, c);
    return llx_narrow(s, s2);
#endif
}

/* f16 in the lower half of each lane, and back. Subnormal ones become exact by a difference. */
LL_INLINE v128_t llx_f16_4(v128_t h) {
    const v128_t a = wasm_i32x4_shl(wasm_v128_and(h, wasm_i32x4_const_splat(0x7fff)), 13);
    const v128_t sign = wasm_i32x4_shl(wasm_u32x4_shr(h, 15), 31);
    const v128_t tiny = wasm_i32x4_const_splat(113 << 23);                      /* 2^-14 */
    const v128_t sub = wasm_f32x4_sub(wasm_v128_or(a, tiny), tiny);
    const v128_t normal = wasm_i32x4_add(a, wasm_i32x4_const_splat(112 << 23));
    const v128_t not_finite = wasm_i32x4_gt(a, wasm_i32x4_const_splat(0x0f7fffff));
    const v128_t nan = wasm_i32x4_gt(a, wasm_i32x4_const_splat(0x0f800000));
    const v128_t special = wasm_v128_and(not_finite, wasm_i32x4_const_splat(0x7f800000));
    const v128_t quiet = wasm_v128_and(nan, wasm_i32x4_const_splat(0x00400000));
    const v128_t r = wasm_v128_bitselect(sub, normal, wasm_i32x4_lt(a, wasm_i32x4_const_splat(1 << 23)));
    return wasm_v128_or(wasm_v128_or(r, sign), wasm_v128_or(special, quiet));
}
LL_INLINE v128_t llx_to_f16_4(v128_t u) {
    const v128_t a = wasm_v128_and(u, wasm_i32x4_const_splat(0x7fffffff)), top = wasm_u32x4_shr(a, 13);
    const v128_t odd = wasm_v128_and(top, wasm_i32x4_const_splat(1)), half = wasm_i32x4_const_splat(0x3f000000);
    const v128_t up = wasm_i32x4_add(odd, wasm_i32x4_const_splat(0xfff - 0x38000000));
    const v128_t normal = wasm_u32x4_shr(wasm_i32x4_add(a, up), 13);
    const v128_t sub = wasm_i32x4_sub(wasm_f32x4_add(a, half), half);
    const v128_t nan = wasm_v128_or(wasm_v128_and(top, wasm_i32x4_const_splat(0x1ff)), wasm_i32x4_const_splat(0x7e00));
    v128_t r = wasm_v128_bitselect(sub, normal, wasm_i32x4_lt(a, wasm_i32x4_const_splat(0x38800000)));
    r = wasm_v128_bitselect(wasm_i32x4_const_splat(0x7c00), r, wasm_i32x4_gt(a, wasm_i32x4_const_splat(0x477fffff)));
    r = wasm_v128_bitselect(nan, r, wasm_i32x4_gt(a, wasm_i32x4_const_splat(0x7f800000)));
    return wasm_v128_or(r, wasm_i32x4_shl(wasm_u32x4_shr(u, 31), 15));
}

LL_INLINE llv_r llx_r_pair(v128_t lo, v128_t hi) { return llx_pair(lo, hi); }
LL_INLINE llv_r llv_r_set(float x) { return llx_both(wasm_f32x4_splat(x)); }
LL_INLINE llv_r llv_r_from_i(llv_i a) {
    return llx_pair(wasm_f32x4_convert_i32x4(a.lo), wasm_f32x4_convert_i32x4(a.hi));
}
LL_INLINE llv_r llx_r_add(llv_r a, llv_r b) { return LLV_B_EACH(wasm_f32x4_add); }
LL_INLINE llv_r llx_r_sub(llv_r a, llv_r b) { return LLV_B_EACH(wasm_f32x4_sub); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return LLV_B_EACH(wasm_f32x4_mul); }
LL_INLINE llv_r llx_r_div(llv_r a, llv_r b) { return LLV_B_EACH(wasm_f32x4_div); }
/* (pmax gives its first operand where either is NaN.) */
LL_INLINE v128_t llx_max4(v128_t a, v128_t b) { return wasm_f32x4_pmax(b, a); }
LL_INLINE v128_t llx_min4(v128_t a, v128_t b) { return wasm_f32x4_pmin(b, a); }
LL_INLINE llv_r llx_r_max(llv_r a, llv_r b) { return LLV_B_EACH(llx_max4); }
LL_INLINE llv_r llx_r_min(llv_r a, llv_r b) { return LLV_B_EACH(llx_min4); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    return llx_pair(llx_fma4(a.lo, b.lo, c.lo), llx_fma4(a.hi, b.hi, c.hi));
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {
    return llv_r_fma(llx_pair(wasm_f32x4_neg(a.lo), wasm_f32x4_neg(a.hi)), b, c);
}
LL_INLINE llv_r llx_r_load(const float *p) { return llv_b_load(p); }
LL_INLINE void llx_r_store(float *p, llv_r a) { llv_b_store(p, a); }
LL_INLINE llv_r llx_r_of_f16(v128_t h) {
    return llx_pair(llx_f16_4(wasm_u32x4_extend_low_u16x8(h)), llx_f16_4(wasm_u32x4_extend_high_u16x8(h)));
}
/* lane i: two bytes at p[i] + at, of eight p; four, of four p */
LL_INLINE v128_t llx_twos(const uint8_t *const *p, size_t at) {
    v128_t x = wasm_i16x8_splat((int16_t)llx_two(p[0] + at));
    x = wasm_v128_load16_lane(p[1] + at, x, 1), x = wasm_v128_load16_lane(p[2] + at, x, 2);
    x = wasm_v128_load16_lane(p[3] + at, x, 3), x = wasm_v128_load16_lane(p[4] + at, x, 4);
    x = wasm_v128_load16_lane(p[5] + at, x, 5), x = wasm_v128_load16_lane(p[6] + at, x, 6);
    return wasm_v128_load16_lane(p[7] + at, x, 7);
}
LL_INLINE v128_t llx_fours4(const uint8_t *const *p, size_t at) {
    v128_t x = wasm_v128_load32_zero(p[0] + at);
    x = wasm_v128_load32_lane(p[1] + at, x, 1), x = wasm_v128_load32_lane(p[2] + at, x, 2);
    return wasm_v128_load32_lane(p[3] + at, x, 3);
}
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return llx_r_of_f16(llx_twos(p, at)); }
LL_INLINE llv_i llx_fours(const uint8_t *const *p, size_t at) {
    return llx_pair(llx_fours4(p, at), llx_fours4(p + 4, at));
}
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const llv_i x = llx_fours(p, at);
    const v128_t low = wasm_i32x4_const_splat(0xffff);
    *first = llx_pair(llx_f16_4(wasm_v128_and(x.lo, low)), llx_f16_4(wasm_v128_and(x.hi, low)));
    *second = llx_pair(llx_f16_4(wasm_u32x4_shr(x.lo, 16)), llx_f16_4(wasm_u32x4_shr(x.hi, 16)));
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE v128_t llx_ue4m3_half4(v128_t x) {
    x = wasm_v128_andnot(x, wasm_i8x16_eq(x, wasm_i8x16_const_splat(127)));     /* NaN counts as 0 */
    x = wasm_v128_and(wasm_i32x4_shl(x, 7), wasm_i32x4_const_splat(0x3f80));
    return wasm_f32x4_mul(llx_f16_4(x), wasm_f32x4_const_splat(128));
}
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const llv_i x = llx_fours(p, at);
    LLV_UNROLL for (int j = 0; j < 4; j++)
        d[j] = llx_pair(llx_ue4m3_half4(wasm_u32x4_shr(x.lo, 8 * (uint32_t)j)),
                        llx_ue4m3_half4(wasm_u32x4_shr(x.hi, 8 * (uint32_t)j)));
}
LL_INLINE v128_t llx_e8m0_half4(const uint8_t *const *p, size_t at) {   /* normal from 2 on, else the other */
    const v128_t x = wasm_i32x4_make(p[0][at], p[1][at], p[2][at], p[3][at]);
    return wasm_i32x4_max(wasm_i32x4_sub(wasm_i32x4_shl(x, 23), wasm_i32x4_const_splat(1 << 23)),
                          wasm_i32x4_add(wasm_i32x4_shl(x, 21), wasm_i32x4_const_splat(1 << 21)));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    return llx_pair(llx_e8m0_half4(p, at), llx_e8m0_half4(p + 4, at));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    float x[8];
    llx_r_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}

//@ include isa/halves.h
LL_INLINE llv_f llv_f_abs(llv_f a) {
    return llv_f_pair(llx_pair(wasm_f32x4_abs(a.lo.lo), wasm_f32x4_abs(a.lo.hi)),
                      llx_pair(wasm_f32x4_abs(a.hi.lo), wasm_f32x4_abs(a.hi.hi)));
}
LL_INLINE v128_t llx_pow2_4(v128_t n) {
    return wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_const_splat(127)), 23);
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return llv_f_pair(llx_pair(llx_pow2_4(n.lo.lo), llx_pow2_4(n.lo.hi)),
                      llx_pair(llx_pow2_4(n.hi.lo), llx_pow2_4(n.hi.hi)));
}
LL_INLINE float llv_f_sum(llv_f a) {
    const llv_r h = llx_r_add(a.lo, a.hi);
    v128_t t = wasm_f32x4_add(h.lo, h.hi);
    t = wasm_f32x4_add(t, llx_upper(t));
    return wasm_f32x4_extract_lane(t, 0) + wasm_f32x4_extract_lane(t, 1);
}
LL_INLINE float llv_f_hmax(llv_f a) {
    const llv_r h = llx_r_max(a.lo, a.hi);
    v128_t t = llx_max4(h.lo, h.hi);
    t = llx_max4(t, llx_upper(t));
    return wasm_f32x4_extract_lane(llx_max4(t, LLX_SPLAT32(t, 1)), 0);
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return llv_f_pair(llx_r_of_f16(wasm_v128_load(p)), llx_r_of_f16(wasm_v128_load((const char *)p + 16)));
}
LL_INLINE llv_r llx_r_from_i16(v128_t w) {
    return llx_pair(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(w)),
                    wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(w)));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    const llv_w w = llv_w_from_i8(p);
    return llv_f_pair(llx_r_from_i16(w.lo), llx_r_from_i16(w.hi));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    wasm_v128_store(p, wasm_u16x8_narrow_i32x4(llx_to_f16_4(a.lo.lo), llx_to_f16_4(a.lo.hi)));
    wasm_v128_store(p + 8, wasm_u16x8_narrow_i32x4(llx_to_f16_4(a.hi.lo), llx_to_f16_4(a.hi.hi)));
}
LL_INLINE v128_t llx_to_i16(llv_r a) {
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_trunc_sat_f32x4(a.lo), wasm_i32x4_trunc_sat_f32x4(a.hi));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    wasm_v128_store(p, wasm_i8x16_narrow_i16x8(llx_to_i16(a.lo), llx_to_i16(a.hi)));
}

/* The largest piece of the sixteen lanes that is one register. */
typedef v128_t llv_part;
LL_INLINE llv_part llv_part_set(float x) { return wasm_f32x4_splat(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return wasm_v128_load(p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { wasm_v128_store(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llx_f16_4(wasm_u32x4_load16x4(p)); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) { return wasm_i32x4_shl(wasm_u32x4_load16x4(p), 16); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llx_fma4(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) {
    return llv_f_sum(llv_f_pair(llx_pair(a[0], a[1]), llx_pair(a[2], a[3])));
}
