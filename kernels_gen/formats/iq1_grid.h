/* IQ1_S and IQ1_M: codes are 8 * g + 1 or 8 * g - 1, g in -1, 0, 1. The table has the former; for
 * the latter a bit is set where others have signs. */
#define LLQ_IQ1_ROWS(R) \
//@ include tables/grids/iq1s.txt
LL_INLINE const llq_row8 *llq_iq1_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ1_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(2048)] = { LLQ_GRID(LLQ_IQ1_ROWS) };
#undef LLQ_R
    return grid;
}
#define llq_iq1_s_grid llq_iq1_grid
#define llq_iq1_m_grid llq_iq1_grid
