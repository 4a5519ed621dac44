/* Sixteen rows are twice eight. */

typedef struct llv_p { llv_b lo, hi; } llv_p;

LL_INLINE llv_p llx_p_pair(llv_b lo, llv_b hi) { llv_p r; r.lo = lo, r.hi = hi; return r; }
#define LLV_P_EACH(f) llx_p_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE llv_p llv_p_set(int32_t x) { return llx_p_pair(llv_i_set(x), llv_i_set(x)); }
LL_INLINE llv_p llv_p_load(const void *p) { return llx_p_pair(llv_b_load(p), llv_b_load((const char *)p + 32)); }
LL_INLINE void llv_p_store(void *p, llv_p a) { llv_b_store(p, a.lo), llv_b_store((char *)p + 32, a.hi); }
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_and); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_or); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_xor); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return LLV_P_EACH(llv_i_add); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return LLV_P_EACH(llv_i_mul); }
