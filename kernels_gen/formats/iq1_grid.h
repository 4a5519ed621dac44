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
#if LLQ_GRID_BYTES
/* For each 8 columns 9, or 7 where the uppermost bit of its byte is set: so much more than the row's codes are
 * those that are multiplied, which are not negative then. */
LL_INLINE void llq_iq1_store_shift(llv_b high, uint32_t *signs) {
    static const uint8_t more[16] = { 9, 9, 9, 9, 9, 9, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7 };
    llv_b_store(signs, llv_b_shuffle(llv_b_load2(more, more), llv_b_bits(high, 4, 15)));
}
/* Each of four bytes eight times. */
LL_INLINE llv_b llq_iq1_spread(uint32_t four) {
    static const uint8_t eight[32] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
                                       2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };
    int16_t two[2];
    memcpy(two, &four, 4);
    return llv_b_shuffle(llv_b_of_w(llv_w_set2(two)), llv_b_load(eight));
}
/* The three upper bits of an index stand in bits 12 to 14 of its word when that has been multiplied. */
LL_INLINE void llq_iq1_store_index(const uint8_t *qs, llv_b first, llv_b last, const int16_t *to, uint16_t *index) {
    const llv_w by = llv_w_load2(to, to);
    const llv_w f = llv_w_bits(llv_w_mul(llv_w_of_b(first), by), 4, 0x700);
    const llv_w l = llv_w_bits(llv_w_mul(llv_w_of_b(last), by), 4, 0x700);
    llq_store_index(llv_b_load(qs), llv_b_of_w(f), llv_b_of_w(l), index);
}
#endif
