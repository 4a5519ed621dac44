
/* The definition of each primitive, lane by lane. Every other instruction set gives these bits. */

#define LLV_PANEL 0
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 1

typedef struct llv_f { float v[16]; } llv_f;
#define LLV_EACH for (int i = 0; i < 16; i++)

/* Loads take any alignment. */
LL_INLINE llv_f llv_f_load(const void *p) { llv_f r; memcpy(r.v, p, sizeof r.v); return r; }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {       /* 0 <= n <= 16; the others are 0 */
    llv_f r;
    LLV_EACH r.v[i] = i < n ? p[i] : 0;
    return r;
}
LL_INLINE void  llv_f_store(float *p, llv_f a) { LLV_EACH p[i] = a.v[i]; }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) { for (int i = 0; i < n; i++) p[i] = a.v[i]; }
LL_INLINE llv_f llv_f_set(float x) { llv_f r; LLV_EACH r.v[i] = x; return r; }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { LLV_EACH a.v[i] += b.v[i]; return a; }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { LLV_EACH a.v[i] -= b.v[i]; return a; }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { LLV_EACH a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { LLV_EACH a.v[i] /= b.v[i]; return a; }
/* a*b + c, one rounding */
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    LLV_EACH a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]);
    return a;
}
/* a > b ? a : b, as maxps: b when either is NaN */
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    LLV_EACH a.v[i] = ll_bits_to_f32(ll_f32_to_bits(a.v[i]) & 0x7fffffff);
    return a;
}
/* nearest integer, ties to even; |a| < 2^22; -0.25 gives +0 */
LL_INLINE llv_f llv_f_round(llv_f a) {
    LLV_EACH a.v[i] = (a.v[i] + 12582912.0f) - 12582912.0f;
    return a;
}
/* 2^n for integral n in [-126, 127] */
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    LLV_EACH n.v[i] = ll_bits_to_f32((uint32_t)((int)n.v[i] + 127) << 23);
    return n;
}
/* the fixed tree: lanes 8 apart, then 4, 2, 1 */
LL_INLINE float llv_f_sum(llv_f a) {
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) a.v[i] += a.v[i + h];
    return a.v[0];
}
LL_INLINE float llv_f_hmax(llv_f a) {
    for (int h = 8; h; h >>= 1)
        for (int i = 0; i < h; i++) a.v[i] = a.v[i] > a.v[i + h] ? a.v[i] : a.v[i + h];
    return a.v[0];
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    uint16_t h[16];
    llv_f r;
    memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_f16_to_f32(h[i]);
    return r;
}
LL_INLINE llv_f llv_f_load_bf16(const void *p) {
    uint16_t h[16];
    llv_f r;
    memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_bf16_to_f32(h[i]);
    return r;
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) { LLV_EACH p[i] = ll_f32_to_f16(a.v[i]); }
/* integral a in [-128, 127] */
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) { LLV_EACH p[i] = (int8_t)a.v[i]; }

#define LLV_INT 0
#define LLV_S_OFFSET 0
