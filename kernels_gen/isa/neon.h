
/* AArch64, which always has NEON, a fused multiply-add and f16 conversions. Two registers of 128 bits hold a vector of
 * 256, one half each. All integers are kept as bytes; what they are is said where they are used. */

#if LL_I8MM
#define LLV_NAME "neon+i8mm"
#elif LL_DOTPROD
#define LLV_NAME "neon+dotprod"
#else
#define LLV_NAME "neon"
#endif
#define LLV_INLINE LL_NOINLINE          /* of exp and its like: four registers each time */
#define LLV_UNROLL LL_UNROLL
#define LLV_ROLL LL_ROLL
#define LLV_PARTS 4
#define LLV_FLOAT_ROWS 4                /* of 32 registers 16 are sums */
#define LLV_FLOAT_VECS 4
#define LLV_SUMS 6                      /* measure: build/attention */
#define LLV_FORMS 0
#define LLV_INT 1
#define LLV_S_OFFSET 0

typedef struct llv_b { uint8x16_t lo, hi; } llv_b;
typedef llv_b llv_w;
typedef llv_b llv_i;
typedef struct llv_r { float32x4_t lo, hi; } llv_r;

#define LLX_S8(a)  vreinterpretq_s8_u8(a)
#define LLX_S16(a) vreinterpretq_s16_u8(a)
#define LLX_U16(a) vreinterpretq_u16_u8(a)
#define LLX_S32(a) vreinterpretq_s32_u8(a)
#define LLX_U32(a) vreinterpretq_u32_u8(a)
#define LLX_U64(a) vreinterpretq_u64_u8(a)
LL_INLINE llv_b llx_b_pair(uint8x16_t lo, uint8x16_t hi) { llv_b r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_b llx_b_both(uint8x16_t a) { return llx_b_pair(a, a); }
LL_INLINE llv_w llx_w_pair(int16x8_t lo, int16x8_t hi) {
    return llx_b_pair(vreinterpretq_u8_s16(lo), vreinterpretq_u8_s16(hi));
}
LL_INLINE llv_w llx_u_pair(uint16x8_t lo, uint16x8_t hi) {
    return llx_b_pair(vreinterpretq_u8_u16(lo), vreinterpretq_u8_u16(hi));
}
LL_INLINE llv_i llx_i_pair(int32x4_t lo, int32x4_t hi) {
    return llx_b_pair(vreinterpretq_u8_s32(lo), vreinterpretq_u8_s32(hi));
}
LL_INLINE llv_r llx_r_pair(float32x4_t lo, float32x4_t hi) { llv_r r; r.lo = lo, r.hi = hi; return r; }
#define LLV_B_EACH(f) llx_b_pair(f(a.lo, b.lo), f(a.hi, b.hi))
#define LLV_R_EACH(f) llx_r_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE uint8x16_t llx_load16(const void *p) { return vld1q_u8((const uint8_t *)p); }
LL_INLINE void llx_store16(void *p, uint8x16_t a) { vst1q_u8((uint8_t *)p, a); }
/* byte i is 1 << (i & 7) */
LL_INLINE uint8x16_t llx_own(void) { return vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201ull)); }
LL_INLINE uint8x16_t llx_four_times(uint32_t x) { return vreinterpretq_u8_u32(vdupq_n_u32(x)); }

LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) { return llx_b_pair(llx_load16(lo), llx_load16(hi)); }
LL_INLINE llv_b llv_b_load(const void *p) { return llv_b_load2(p, (const char *)p + 16); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) { llx_store16(low, a.lo), llx_store16(high, a.hi); }
LL_INLINE void llv_b_store(void *p, llv_b a) { llv_b_store2(p, (char *)p + 16, a); }
LL_INLINE uint8x16_t llx_lows8(uint8x16_t a, uint8x16_t b) { return vreinterpretq_u8_u64(vzip1q_u64(LLX_U64(a), LLX_U64(b))); }
LL_INLINE uint8x16_t llx_highs8(uint8x16_t a, uint8x16_t b) { return vreinterpretq_u8_u64(vzip2q_u64(LLX_U64(a), LLX_U64(b))); }
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return LLV_B_EACH(llx_lows8); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return LLV_B_EACH(llx_highs8); }
LL_INLINE llv_b llv_b_set(int x) { return llx_b_both(vdupq_n_u8((uint8_t)x)); }
LL_INLINE uint8x16_t llx_two8(const uint64_t *a, const uint64_t *b) {
    return vcombine_u8(vld1_u8((const uint8_t *)a), vld1_u8((const uint8_t *)b));
}
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return llx_b_pair(llx_two8(a, b), llx_two8(c, d));
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    const uint32_t x[8] = { a, b, c, d, e, f, g, h };
    return llx_b_pair(vreinterpretq_u8_u32(vld1q_u32(x)), vreinterpretq_u8_u32(vld1q_u32(x + 4)));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return LLV_B_EACH(vandq_u8); }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return LLV_B_EACH(veorq_u8); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return LLV_B_EACH(vorrq_u8); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return LLV_B_EACH(vaddq_u8); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b b) { return LLV_B_EACH(vqtbl1q_u8); }
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    const int8x16_t s = vdupq_n_s8((int8_t)-shift);
    if (shift) a = llx_b_pair(vshlq_u8(a.lo, s), vshlq_u8(a.hi, s));
    return shift > 0 && mask == 255 >> shift ? a : llv_b_and(a, llv_b_set(mask));       /* bytes stay apart */
}
LL_INLINE uint8x16_t llx_third16(uint8x16_t a) {        /* one for more than 85, one for more than 170 */
    return vsubq_u8(vdupq_n_u8(0), vaddq_u8(vcgtq_u8(a, vdupq_n_u8(85)), vcgtq_u8(a, vdupq_n_u8(170))));
}
LL_INLINE llv_b llv_b_third(llv_b a) { return llx_b_pair(llx_third16(a.lo), llx_third16(a.hi)); }
LL_INLINE llv_b llv_b_quarter(llv_b a) {
    const int8x16_t s = LLX_S8(llx_four_times(0xfafcfe00u));           /* by 0, 2, 4, 6 to the right */
    return llv_b_and(llx_b_pair(vshlq_u8(a.lo, s), vshlq_u8(a.hi, s)), llv_b_set(3));
}
/* 255 where byte i has bit i & 7 */
LL_INLINE uint8x16_t llx_own_bit(uint8x16_t a) { return vtstq_u8(a, llx_own()); }
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const uint8x16_t a = llx_four_times(bits);
    const uint8x16_t lo = vcombine_u8(vdup_n_u8(0), vdup_n_u8(1)), hi = vcombine_u8(vdup_n_u8(2), vdup_n_u8(3));
    return llx_b_pair(llx_own_bit(vqtbl1q_u8(a, lo)), llx_own_bit(vqtbl1q_u8(a, hi)));
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const llv_b b = llv_b_mask(bits);
    a = llv_b_xor(a, b);
    return LLV_B_EACH(vsubq_u8);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    return llv_b_or(a, llv_b_and(llx_b_pair(llx_own_bit(b.lo), llx_own_bit(b.hi)), llv_b_set(value)));
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return llv_b_load(p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { llv_b_store(p, a); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llx_twice(uint8x16_t a) {
    return llx_w_pair(vzip1q_s16(LLX_S16(a), LLX_S16(a)), vzip2q_s16(LLX_S16(a), LLX_S16(a)));
}
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) { return llx_twice(llx_load16(p)); }
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) { llv_b_store(p, llx_twice(a.lo)), llv_b_store(p + 16, llx_twice(a.hi)); }
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
LL_INLINE llv_w llv_w_set(int x) { return llx_b_both(vreinterpretq_u8_s16(vdupq_n_s16((int16_t)x))); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) {
    uint32_t x;
    memcpy(&x, p, 4);
    return llx_b_both(llx_four_times(x));
}
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) {
    const int8x16_t a = vld1q_s8(p);
    return llx_w_pair(vmovl_s8(vget_low_s8(a)), vmovl_high_s8(a));
}
LL_INLINE llv_w llv_w_from_low(llv_b a) { return llx_u_pair(vmovl_u8(vget_low_u8(a.lo)), vmovl_u8(vget_low_u8(a.hi))); }
LL_INLINE llv_w llv_w_from_high(llv_b a) { return llx_u_pair(vmovl_high_u8(a.lo), vmovl_high_u8(a.hi)); }
LL_INLINE llv_w llv_w_from_i(llv_i a) {
    return llx_b_both(vreinterpretq_u8_s16(vuzp1q_s16(LLX_S16(a.lo), LLX_S16(a.hi))));
}
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    const uint8x16_t s = j < 4 ? a.lo : a.hi;
    const uint8x16_t first = vreinterpretq_u8_u16(vdupq_n_u16((uint16_t)((4 * j & 15) * 257 + 256)));
    return llx_b_pair(vqtbl1q_u8(s, first), vqtbl1q_u8(s, vaddq_u8(first, vdupq_n_u8(2))));
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) {
    return llx_w_pair(vmulq_s16(LLX_S16(a.lo), LLX_S16(b.lo)), vmulq_s16(LLX_S16(a.hi), LLX_S16(b.hi)));
}
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) {
    return llx_w_pair(vaddq_s16(LLX_S16(a.lo), LLX_S16(b.lo)), vaddq_s16(LLX_S16(a.hi), LLX_S16(b.hi)));
}
LL_INLINE llv_w llv_w_bits(llv_w a, int shift, int mask) {
    const int16x8_t s = vdupq_n_s16((int16_t)-shift);
    if (shift) a = llx_u_pair(vshlq_u16(LLX_U16(a.lo), s), vshlq_u16(LLX_U16(a.hi), s));
    return llv_b_and(a, llv_w_set(mask));
}
LL_INLINE int32x4_t llx_dot_w8(int16x8_t a, int16x8_t b) {
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
}
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) {
    return llx_i_pair(llx_dot_w8(LLX_S16(a.lo), LLX_S16(b.lo)), llx_dot_w8(LLX_S16(a.hi), LLX_S16(b.hi)));
}

LL_INLINE llv_i llv_i_set(int32_t x) { return llx_b_both(llx_four_times((uint32_t)x)); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) {
    return llx_i_pair(vaddq_s32(LLX_S32(a.lo), LLX_S32(b.lo)), vaddq_s32(LLX_S32(a.hi), LLX_S32(b.hi)));
}
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) {
    return llx_i_pair(vsubq_s32(LLX_S32(a.lo), LLX_S32(b.lo)), vsubq_s32(LLX_S32(a.hi), LLX_S32(b.hi)));
}
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) {
    return llx_i_pair(vmulq_s32(LLX_S32(a.lo), LLX_S32(b.lo)), vmulq_s32(LLX_S32(a.hi), LLX_S32(b.hi)));
}
LL_INLINE llv_i llv_i_from_w(const int16_t *p) {
    const int16x8_t a = vld1q_s16(p);
    return llx_i_pair(vmovl_s16(vget_low_s16(a)), vmovl_high_s16(a));
}
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const int32x4_t s = LLX_S32(j < 2 ? a.lo : a.hi);
    return j & 1 ? llx_i_pair(vdupq_laneq_s32(s, 2), vdupq_laneq_s32(s, 3))
                 : llx_i_pair(vdupq_laneq_s32(s, 0), vdupq_laneq_s32(s, 1));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return llx_b_pair(a.lo, b.lo); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return llx_b_pair(a.hi, b.hi); }
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) {
    return llx_i_pair(vuzp1q_s32(LLX_S32(a.lo), LLX_S32(b.lo)), vuzp1q_s32(LLX_S32(a.hi), LLX_S32(b.hi)));
}
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) {
    return llx_i_pair(vuzp2q_s32(LLX_S32(a.lo), LLX_S32(b.lo)), vuzp2q_s32(LLX_S32(a.hi), LLX_S32(b.hi)));
}
LL_INLINE int32x4_t llx_sum4(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    return vpaddq_s32(vpaddq_s32(LLX_S32(a), LLX_S32(b)), vpaddq_s32(LLX_S32(c), LLX_S32(d)));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    return llx_i_pair(llx_sum4(a.lo, b.lo, c.lo, d.lo), llx_sum4(a.hi, b.hi, c.hi, d.hi));
}

/* acc and sums of four products each: with sdot those of four bytes; else lanes 0 and 1 are of the lower eight bytes,
 * 2 and 3 of the upper ones. Two products of codes up to 128 and q fit 16 bits. */
LL_INLINE int32x4_t llx_dot2(int32x4_t acc, int8x16_t a, int8x16_t qa, int8x16_t b, int8x16_t qb) {
#if LL_DOTPROD
    return LL_VDOTQ(LL_VDOTQ(acc, a, qa), b, qb);
#else
    const int16x8_t lo = vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(qa)), vget_low_s8(b), vget_low_s8(qb));
    const int16x8_t hi = vmlal_high_s8(vmull_high_s8(a, qa), b, qb);
    return vaddq_s32(acc, vpaddq_s32(vpaddlq_s16(lo), vpaddlq_s16(hi)));
#endif
}
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    const int32x4_t zero = vdupq_n_s32(0);
    return llx_i_pair(llx_dot2(zero, LLX_S8(a.lo), LLX_S8(qa.lo), LLX_S8(b.lo), LLX_S8(qb.lo)),
                      llx_dot2(zero, LLX_S8(a.hi), LLX_S8(qa.hi), LLX_S8(b.hi), LLX_S8(qb.hi)));
}
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) { return llv_dot2_o(a, qa, b, qb); }
LL_INLINE int32x4_t llx_dot_scaled(int32x4_t acc, int8x16_t u, int8x16_t q, int16x8_t scale) {
#if LL_DOTPROD
    return vmlaq_s32(acc, LL_VDOTQ(vdupq_n_s32(0), u, q), vmovl_s16(vget_low_s16(scale)));
#else
    const int16x8_t two = vmlal_high_s8(vmull_s8(vget_low_s8(u), vget_low_s8(q)), u, q);
    return vmlal_high_s16(vmlal_s16(acc, vget_low_s16(two), vget_low_s16(scale)), two, scale);
#endif
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return llx_i_pair(llx_dot_scaled(LLX_S32(acc.lo), LLX_S8(u.lo), LLX_S8(q.lo), LLX_S16(scale.lo)),
                      llx_dot_scaled(LLX_S32(acc.hi), LLX_S8(u.hi), LLX_S8(q.hi), LLX_S16(scale.hi)));
}
/* acc + d * lane `lane` of s. The lane stands in the instruction: it is a constant wherever this is used. */
LL_INLINE int32x4_t llx_mla_lane(int32x4_t acc, int32x4_t d, int32x4_t s, int lane) {
    if (lane == 0) return vmlaq_laneq_s32(acc, d, s, 0);
    if (lane == 1) return vmlaq_laneq_s32(acc, d, s, 1);
    return lane == 2 ? vmlaq_laneq_s32(acc, d, s, 2) : vmlaq_laneq_s32(acc, d, s, 3);
}
/* acc + products * lane `lane` of four words. */
LL_INLINE int32x4_t llx_dot_lane(int32x4_t acc, int8x16_t u, int8x16_t q, int16x4_t s, int lane) {
#if LL_DOTPROD
    return llx_mla_lane(acc, LL_VDOTQ(vdupq_n_s32(0), u, q), vmovl_s16(s), lane);
#else
    const int16x8_t two = vmlal_high_s8(vmull_s8(vget_low_s8(u), vget_low_s8(q)), u, q);
    const int16x4_t lo = vget_low_s16(two), hi = vget_high_s16(two);
    if (lane == 0) return vmlal_lane_s16(vmlal_lane_s16(acc, lo, s, 0), hi, s, 0);
    if (lane == 1) return vmlal_lane_s16(vmlal_lane_s16(acc, lo, s, 1), hi, s, 1);
    if (lane == 2) return vmlal_lane_s16(vmlal_lane_s16(acc, lo, s, 2), hi, s, 2);
    return vmlal_lane_s16(vmlal_lane_s16(acc, lo, s, 3), hi, s, 3);
#endif
}
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
#if LL_DOTPROD
    const int32x4_t s = vshrq_n_s32(vreinterpretq_s32_s16(vld1q_s16(twice + j / 4 * 8)), 16);
    const int32x4_t d = LL_VDOTQ(LL_VDOTQ(vdupq_n_s32(0), LLX_S8(u.lo), LLX_S8(q.lo)), LLX_S8(u.hi), LLX_S8(q.hi));
    acc.lo = vreinterpretq_u8_s32(llx_mla_lane(LLX_S32(acc.lo), d, s, j % 4));
    return acc;
#else
    const int16x4_t s = vld1_s16(twice + j / 2 * 4);
    return llx_i_pair(llx_dot_lane(LLX_S32(acc.lo), LLX_S8(u.lo), LLX_S8(q.lo), s, j % 2 * 2),
                      llx_dot_lane(LLX_S32(acc.hi), LLX_S8(u.hi), LLX_S8(q.hi), s, j % 2 * 2));
#endif
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    const int16x8_t eight = LLX_S16(j < 4 ? scales.lo : scales.hi);
    const int16x4_t s = j & 2 ? vget_high_s16(eight) : vget_low_s16(eight);
    int32x4_t lo = LLX_S32(acc.lo), hi = LLX_S32(acc.hi);
    lo = llx_dot_lane(lo, LLX_S8(a.lo), LLX_S8(qa.lo), s, 0), hi = llx_dot_lane(hi, LLX_S8(a.hi), LLX_S8(qa.hi), s, 1);
    lo = llx_dot_lane(lo, LLX_S8(b.lo), LLX_S8(qb.lo), s, 2), hi = llx_dot_lane(hi, LLX_S8(b.hi), LLX_S8(qb.hi), s, 3);
    return llx_i_pair(lo, hi);
}

LL_INLINE llv_r llv_r_set(float x) { return llx_r_pair(vdupq_n_f32(x), vdupq_n_f32(x)); }
LL_INLINE llv_r llv_r_from_i(llv_i a) { return llx_r_pair(vcvtq_f32_s32(LLX_S32(a.lo)), vcvtq_f32_s32(LLX_S32(a.hi))); }
LL_INLINE llv_r llx_r_add(llv_r a, llv_r b) { return LLV_R_EACH(vaddq_f32); }
LL_INLINE llv_r llx_r_sub(llv_r a, llv_r b) { return LLV_R_EACH(vsubq_f32); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return LLV_R_EACH(vmulq_f32); }
LL_INLINE llv_r llx_r_div(llv_r a, llv_r b) { return LLV_R_EACH(vdivq_f32); }
/* (vmaxq gives NaN where either is one.) */
LL_INLINE float32x4_t llx_max4(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
LL_INLINE float32x4_t llx_min4(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
LL_INLINE llv_r llx_r_max(llv_r a, llv_r b) { return LLV_R_EACH(llx_max4); }
LL_INLINE llv_r llx_r_min(llv_r a, llv_r b) { return LLV_R_EACH(llx_min4); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    return llx_r_pair(vfmaq_f32(c.lo, a.lo, b.lo), vfmaq_f32(c.hi, a.hi, b.hi));
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {
    return llx_r_pair(vfmsq_f32(c.lo, a.lo, b.lo), vfmsq_f32(c.hi, a.hi, b.hi));
}
LL_INLINE llv_r llx_r_load(const float *p) { return llx_r_pair(vld1q_f32(p), vld1q_f32(p + 4)); }
LL_INLINE void llx_r_store(float *p, llv_r a) { vst1q_f32(p, a.lo), vst1q_f32(p + 4, a.hi); }
LL_INLINE float32x4_t llx_f16_4(uint16x4_t h) { return vcvt_f32_f16(vreinterpret_f16_u16(h)); }
LL_INLINE uint16x4_t llx_to_f16_4(float32x4_t a) { return vreinterpret_u16_f16(vcvt_f16_f32(a)); }
LL_INLINE llv_r llx_r_of_f16(uint16x8_t h) { return llx_r_pair(llx_f16_4(vget_low_u16(h)), llx_f16_4(vget_high_u16(h))); }
/* lane i: two bytes at p[i] + at, of eight p; four, of four p */
LL_INLINE uint16_t llx_two(const void *p) { uint16_t x; memcpy(&x, p, 2); return x; }
LL_INLINE uint32_t llx_four(const void *p) { uint32_t x; memcpy(&x, p, 4); return x; }
LL_INLINE uint16x8_t llx_twos(const uint8_t *const *p, size_t at) {
    uint16x8_t x = vdupq_n_u16(llx_two(p[0] + at));
    x = vsetq_lane_u16(llx_two(p[1] + at), x, 1);
    x = vsetq_lane_u16(llx_two(p[2] + at), x, 2);
    x = vsetq_lane_u16(llx_two(p[3] + at), x, 3);
    x = vsetq_lane_u16(llx_two(p[4] + at), x, 4);
    x = vsetq_lane_u16(llx_two(p[5] + at), x, 5);
    x = vsetq_lane_u16(llx_two(p[6] + at), x, 6);
    return vsetq_lane_u16(llx_two(p[7] + at), x, 7);
}
LL_INLINE uint32x4_t llx_fours4(const uint8_t *const *p, size_t at) {
    uint32x4_t x = vdupq_n_u32(llx_four(p[0] + at));
    x = vsetq_lane_u32(llx_four(p[1] + at), x, 1);
    x = vsetq_lane_u32(llx_four(p[2] + at), x, 2);
    return vsetq_lane_u32(llx_four(p[3] + at), x, 3);
}
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return llx_r_of_f16(llx_twos(p, at)); }
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const uint32x4_t lo = llx_fours4(p, at), hi = llx_fours4(p + 4, at);
    *first = llx_r_pair(llx_f16_4(vmovn_u32(lo)), llx_f16_4(vmovn_u32(hi)));
    *second = llx_r_pair(llx_f16_4(vshrn_n_u32(lo, 16)), llx_f16_4(vshrn_n_u32(hi, 16)));
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE float32x4_t llx_ue4m3_half4(uint32x4_t x) {
    const uint32x4_t low = vandq_u32(x, vdupq_n_u32(127));
    const uint32x4_t bits = vbicq_u32(vshlq_n_u32(low, 7), vceqq_u32(vandq_u32(x, vdupq_n_u32(255)), vdupq_n_u32(127)));
    return vmulq_n_f32(llx_f16_4(vmovn_u32(bits)), 128);        /* NaN counts as 0 */
}
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const uint32x4_t lo = llx_fours4(p, at), hi = llx_fours4(p + 4, at);
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        const int32x4_t s = vdupq_n_s32(-8 * j);
        d[j] = llx_r_pair(llx_ue4m3_half4(vshlq_u32(lo, s)), llx_ue4m3_half4(vshlq_u32(hi, s)));
    }
}
LL_INLINE float32x4_t llx_e8m0_half4(const uint8_t *const *p, size_t at) {      /* normal from 2 on, else the other */
    const uint32_t b[4] = { p[0][at], p[1][at], p[2][at], p[3][at] };
    const int32x4_t x = vreinterpretq_s32_u32(vld1q_u32(b));
    return vreinterpretq_f32_s32(vmaxq_s32(vsubq_s32(vshlq_n_s32(x, 23), vdupq_n_s32(1 << 23)),
                                           vaddq_s32(vshlq_n_s32(x, 21), vdupq_n_s32(1 << 21))));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    return llx_r_pair(llx_e8m0_half4(p, at), llx_e8m0_half4(p + 4, at));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    float x[8];
    llx_r_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}

//@ include isa/halves.h
LL_INLINE llv_f llv_f_abs(llv_f a) {
    return llv_f_pair(llx_r_pair(vabsq_f32(a.lo.lo), vabsq_f32(a.lo.hi)), llx_r_pair(vabsq_f32(a.hi.lo), vabsq_f32(a.hi.hi)));
}
LL_INLINE float32x4_t llx_pow2_4(float32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23));
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return llv_f_pair(llx_r_pair(llx_pow2_4(n.lo.lo), llx_pow2_4(n.lo.hi)),
                      llx_r_pair(llx_pow2_4(n.hi.lo), llx_pow2_4(n.hi.hi)));
}
LL_INLINE float llv_f_sum(llv_f a) {
    const llv_r h = llx_r_add(a.lo, a.hi);
    const float32x4_t t = vaddq_f32(h.lo, h.hi);
    return vpadds_f32(vadd_f32(vget_low_f32(t), vget_high_f32(t)));
}
LL_INLINE float llv_f_hmax(llv_f a) {
    const llv_r h = llx_r_max(a.lo, a.hi);
    const float32x4_t t = llx_max4(h.lo, h.hi), u = llx_max4(t, vextq_f32(t, t, 2));
    return vgetq_lane_f32(llx_max4(u, vdupq_laneq_f32(u, 1)), 0);
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    const llv_b h = llv_b_load(p);
    return llv_f_pair(llx_r_of_f16(LLX_U16(h.lo)), llx_r_of_f16(LLX_U16(h.hi)));
}
LL_INLINE llv_r llx_r_from_i16(int16x8_t w) {
    return llx_r_pair(vcvtq_f32_s32(vmovl_s16(vget_low_s16(w))), vcvtq_f32_s32(vmovl_high_s16(w)));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    const llv_w w = llv_w_from_i8(p);
    return llv_f_pair(llx_r_from_i16(LLX_S16(w.lo)), llx_r_from_i16(LLX_S16(w.hi)));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    vst1q_u16(p, vcombine_u16(llx_to_f16_4(a.lo.lo), llx_to_f16_4(a.lo.hi)));
    vst1q_u16(p + 8, vcombine_u16(llx_to_f16_4(a.hi.lo), llx_to_f16_4(a.hi.hi)));
}
LL_INLINE int16x8_t llx_to_i16(llv_r a) {
    return vuzp1q_s16(vreinterpretq_s16_s32(vcvtq_s32_f32(a.lo)), vreinterpretq_s16_s32(vcvtq_s32_f32(a.hi)));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    vst1q_s8(p, vuzp1q_s8(vreinterpretq_s8_s16(llx_to_i16(a.lo)), vreinterpretq_s8_s16(llx_to_i16(a.hi))));
}

/* The largest piece of the sixteen lanes that is one register. */
typedef float32x4_t llv_part;
LL_INLINE llv_part llv_part_set(float x) { return vdupq_n_f32(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return vld1q_f32((const float *)p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { vst1q_f32(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llx_f16_4(vld1_u16((const uint16_t *)p)); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16((const uint16_t *)p), 16));
}
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return vfmaq_f32(c, a, b); }
LL_INLINE float llv_parts_sum(const llv_part *a) {
    return llv_f_sum(llv_f_pair(llx_r_pair(a[0], a[1]), llx_r_pair(a[2], a[3])));
}
