/* IQ1_S and IQ1_M: codes are 8 * g + 1 or 8 * g - 1, g in -1, 0, 1. The table has the former. */
LL_INLINE const uint64_t *llq_iq1_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ1_LEVEL)
    static const uint64_t grid[2048] = {
//@ include tables/grids/iq1s.txt
    };
#undef LLQ_R
    return grid;
}
/* 32 codes; where a bit of lower is set, 2 less. */
LL_INLINE void llq_iq1_codes(const int *index, uint32_t lower, int8_t *c) {
    llq_grid8_codes(llq_iq1_grid(), index, 0, c);
    for (int i = 0; i < 32; i++) c[i] = (int8_t)(c[i] - (int)(lower >> i & 1) * 2);
}
#if LLV_INT
LL_INLINE llv_b llq_iq1_load(const int *index, uint32_t lower) {
    const uint64_t *grid = llq_iq1_grid();
    const llv_b c = llv_b_load8(grid + index[0], grid + index[1], grid + index[2], grid + index[3]);
    return llv_b_add(c, llv_b_and(llv_b_mask(lower), llv_b_set(-2)));
}
#endif
