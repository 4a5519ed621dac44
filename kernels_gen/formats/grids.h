/* What a code becomes. */
#define LLQ_IQ2_LEVEL(c) (8 + 17 * (c) + ((c) >> 1))            /* 8, 25, 43 */
#define LLQ_IQ3_LEVEL(c) (4 + 8 * (c) + 2 * ((c) == 7))         /* 4, 12, ... 52, 62 */
#define LLQ_IQ3_S_LEVEL(c) (1 + 2 * (c))
#define LLQ_IQ1_LEVEL(c) (8 * (c) - 7)                          /* -7, 1, 9 */
#define LLQ_SAME(v) (v)
#define LLQ_LEVELS4(sign, level, c) sign(level(c)), sign(level((c) + 1)), sign(level((c) + 2)), sign(level((c) + 3))

/* Seven sign bits of each of four groups become eight: the eighth makes the number of signs even. */
LL_INLINE uint32_t llq_even_signs(uint32_t s) {
    const uint32_t x = (s & 0x7f) | (s << 1 & 0x7f00) | (s << 2 & 0x7f0000) | (s << 3 & 0x7f000000);
    uint32_t p = x ^ x >> 4;
    p ^= p >> 2, p ^= p >> 1;
    return x | (p & 0x01010101) << 7;
}
#if LLQ_GRID_BYTES
LL_INLINE llv_b llq_grid8_load(const uint64_t *grid, const int *index) {
    return llv_b_load8(grid + index[0], grid + index[1], grid + index[2], grid + index[3]);
}
LL_INLINE llv_b llq_grid4_load(const uint32_t *grid, const int *index) {
    return llv_b_set4(grid[index[0]], grid[index[1]], grid[index[2]], grid[index[3]],
                      grid[index[4]], grid[index[5]], grid[index[6]], grid[index[7]]);
}
/* llq_even_signs for a whole block: the bits stand in the upper seven of each word, of a for the first half
 * of each 128 columns, of b for the second. */
LL_INLINE void llq_even_signs_of(llv_w a, llv_w b, uint32_t *signs) {
    enum { Z = 128, P = 128 };          /* zero; the sign that makes their number even */
    static const uint8_t first[16] = { 1, 3, 5, 7, 9, 11, 13, 15, Z, Z, Z, Z, Z, Z, Z, Z };
    static const uint8_t second[16] = { Z, Z, Z, Z, Z, Z, Z, Z, 1, 3, 5, 7, 9, 11, 13, 15 };
    static const uint8_t odd[16] = { 0, P, P, 0, P, 0, 0, P, P, 0, 0, P, 0, P, P, 0 };
    const llv_b t = llv_b_load2(odd, odd);
    llv_b x = llv_b_shuffle(llv_b_of_w(a), llv_b_load2(first, first));
    x = llv_b_bits(llv_b_or(x, llv_b_shuffle(llv_b_of_w(b), llv_b_load2(second, second))), 1, 127);
    x = llv_b_xor(x, llv_b_xor(llv_b_shuffle(t, llv_b_bits(x, 0, 15)), llv_b_shuffle(t, llv_b_bits(x, 4, 15))));
    llv_b_store(signs, x);
}
/* Four times seven bits in each 32, brought to the upper bits of words. `order` takes the bytes, two for each. */
LL_INLINE llv_w llq_sevens(llv_b x, const uint8_t *order) {
    static const int16_t up[8] = { 2, 4, 8, 16, 2, 4, 8, 16 };
    return llv_w_mul(llv_w_of_b(llv_b_shuffle(x, llv_b_load2(order, order))), llv_w_load2(up, up));
}
LL_INLINE llv_w llq_odd_scales(llv_b s) { return llv_w_of_b(llv_b_or(llv_b_add(s, s), llv_b_of_w(llv_w_set(1)))); }
/* 2 * s + 1 in words, s in four bits: `low` takes the lower ones of the 16 bytes at p, `high` the upper ones. */
LL_INLINE llv_w llq_nibble_scales(const uint8_t *p, const uint8_t *low, const uint8_t *high) {
    const llv_b x = llv_b_load2(p, p);
    return llq_odd_scales(llv_b_or(llv_b_shuffle(llv_b_bits(x, 0, 15), llv_b_load(low)),
                                   llv_b_shuffle(llv_b_bits(x, 4, 15), llv_b_load(high))));
}
/* For each 16 columns, in bytes p + 8 to p + 15. */
LL_INLINE llv_w llq_nibble_scales16(const uint8_t *p) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 8, Z, Z, Z, 9, Z, Z, Z, 10, Z, Z, Z, 11, Z, Z, Z,
                                     12, Z, Z, Z, 13, Z, Z, Z, 14, Z, Z, Z, 15, Z, Z, Z };
    static const uint8_t high[32] = { Z, Z, 8, Z, Z, Z, 9, Z, Z, Z, 10, Z, Z, Z, 11, Z,
                                      Z, Z, 12, Z, Z, Z, 13, Z, Z, Z, 14, Z, Z, Z, 15, Z };
    return llq_nibble_scales(p, low, high);
}
/* 32 indices of rows: their lower eight bits, and words with those above in their places: for the first
 * eight of each sixteen, and the last. */
LL_INLINE void llq_store_index(llv_b low, llv_b first, llv_b last, uint16_t *index) {
    llv_b_store2(index, index + 16, llv_b_or(llv_b_of_w(llv_w_from_low(low)), first));
    llv_b_store2(index + 8, index + 24, llv_b_or(llv_b_of_w(llv_w_from_high(low)), last));
}
#endif
