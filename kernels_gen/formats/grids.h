/* ---- codebooks ------------------------------------------------------------------------------
 * The IQ formats store an index for each 8 (IQ3: 4) weights; a table, the grid, holds the rows of
 * codes they may have, and most have a bit for each sign. Rows have few levels, so tables are
 * written as numbers of 2 (IQ3: 3) bits a code and brought to bytes by the compiler. */
#define LLQ_ROW(x, i, bits, level) ((uint64_t)(level((x) >> (bits) * (i) & ((1 << (bits)) - 1)) & 255) << 8 * (i))
#define LLQ_ROW4(x, bits, level) \
    (LLQ_ROW(x, 0, bits, level) | LLQ_ROW(x, 1, bits, level) | LLQ_ROW(x, 2, bits, level) | LLQ_ROW(x, 3, bits, level))
#define LLQ_ROW8(x, level) (LLQ_ROW4((x) & 255, 2, level) | LLQ_ROW4((x) >> 8, 2, level) << 32)
#define LLQ_GRID8(a, b, c, d, e, f, g, h) LLQ_R(a), LLQ_R(b), LLQ_R(c), LLQ_R(d), LLQ_R(e), LLQ_R(f), LLQ_R(g), LLQ_R(h)
#define LLQ_IQ2_LEVEL(c) (8 + 17 * (c) + ((c) >> 1))            /* 8, 25, 43 */
#define LLQ_IQ3_LEVEL(c) (4 + 8 * (c) + 2 * ((c) == 7))         /* 4, 12, ... 52, 62 */
#define LLQ_IQ3_S_LEVEL(c) (1 + 2 * (c))
#define LLQ_IQ1_LEVEL(c) (8 * (c) - 7)                          /* -7, 1, 9 */

/* Seven sign bits of each of four groups become eight: the eighth makes the number of signs even. */
LL_INLINE uint32_t llq_even_signs(uint32_t s) {
    const uint32_t x = (s & 0x7f) | (s << 1 & 0x7f00) | (s << 2 & 0x7f0000) | (s << 3 & 0x7f000000);
    uint32_t p = x ^ x >> 4;
    p ^= p >> 2, p ^= p >> 1;
    return x | (p & 0x01010101) << 7;
}
/* The 32 codes of four rows of 8, or of eight rows of 4, in plain C. */
LL_INLINE void llq_grid8_codes(const uint64_t *grid, const int *index, uint32_t signs, int8_t *c) {
    for (int i = 0; i < 32; i++) {
        const int m = (int8_t)(grid[index[i / 8]] >> 8 * (i % 8) & 255);
        c[i] = (int8_t)(signs >> i & 1 ? -m : m);
    }
}
LL_INLINE void llq_grid4_codes(const uint32_t *grid, const int *index, uint32_t signs, int8_t *c) {
    for (int i = 0; i < 32; i++) {
        const int m = (int)(grid[index[i / 4]] >> 8 * (i % 4) & 255);
        c[i] = (int8_t)(signs >> i & 1 ? -m : m);
    }
}
#if LLV_INT
LL_INLINE llv_b llq_grid8_load(const uint64_t *grid, const int *index, uint32_t signs) {
    return llv_b_negate(llv_b_load8(grid + index[0], grid + index[1], grid + index[2], grid + index[3]), signs);
}
LL_INLINE llv_b llq_grid4_load(const uint32_t *grid, const int *index, uint32_t signs) {
    const llv_b c = llv_b_set4(grid[index[0]], grid[index[1]], grid[index[2]], grid[index[3]],
                               grid[index[4]], grid[index[5]], grid[index[6]], grid[index[7]]);
    return llv_b_negate(c, signs);
}
#endif
