/* Sixteen floats are twice eight. */

typedef struct llv_f { llv_r lo, hi; } llv_f;

LL_INLINE llv_f llv_f_pair(llv_r lo, llv_r hi) { llv_f r; r.lo = lo, r.hi = hi; return r; }
#define LLV_F_EACH(f) llv_f_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE llv_f llv_f_load(const void *p) { return llv_f_pair(llx_r_load((const float *)p), llx_r_load((const float *)p + 8)); }
LL_INLINE void llv_f_store(float *p, llv_f a) { llx_r_store(p, a.lo), llx_r_store(p + 8, a.hi); }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    float x[16] = { 0 };
    memcpy(x, p, (size_t)n * sizeof *p);
    return llv_f_load(x);
}
LL_INLINE void llv_f_store_n(float *p, llv_f a, int n) {
    float x[16];
    llv_f_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}
LL_INLINE llv_f llv_f_set(float x) { return llv_f_pair(llv_r_set(x), llv_r_set(x)); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { return LLV_F_EACH(llx_r_add); }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { return LLV_F_EACH(llx_r_sub); }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_mul); }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { return LLV_F_EACH(llx_r_div); }
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) { return LLV_F_EACH(llx_r_max); }
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) { return LLV_F_EACH(llx_r_min); }
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    return llv_f_pair(llv_r_fma(a.lo, b.lo, c.lo), llv_r_fma(a.hi, b.hi, c.hi));
}
LL_INLINE llv_f llv_f_round(llv_f a) {
    const llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
