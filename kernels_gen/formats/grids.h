/* ---- codebooks ------------------------------------------------------------------------------
 * The IQ formats store an index for each 8 (IQ3: 4) weights; a table, the grid, holds the rows of
 * codes they may have, and most have a bit for each sign. Rows have few levels: the tables are
 * written as numbers of 2 (IQ3: 3) bits a code. They stay so for AVX-512, which looks up the rows of
 * two blocks at once in registers, first all lower bytes, then all upper ones; for kernels that load
 * rows one by one, the compiler brings codes to bytes. */
#if LLV_INT && !LLV_GRID
#define LLQ_GRID_BYTES 1
typedef uint64_t llq_row8;
typedef uint32_t llq_row4;
#define LLQ_ROW(x, i, bits, level) ((uint64_t)(level((x) >> (bits) * (i) & ((1 << (bits)) - 1)) & 255) << 8 * (i))
#define LLQ_ROW4_AS(x, bits, level) \
    (LLQ_ROW(x, 0, bits, level) | LLQ_ROW(x, 1, bits, level) | LLQ_ROW(x, 2, bits, level) | LLQ_ROW(x, 3, bits, level))
#define LLQ_ROW4(x, level) (uint32_t)LLQ_ROW4_AS(x, 3, level)
#define LLQ_ROW8(x, level) (LLQ_ROW4_AS((x) & 255, 2, level) | LLQ_ROW4_AS((x) >> 8, 2, level) << 32)
#define LLQ_CODE8(row, i, level) ((int8_t)((row) >> 8 * (i) & 255))
#define LLQ_CODE4 LLQ_CODE8
#else
#define LLQ_GRID_BYTES 0
#if LLV_GRID
typedef uint8_t llq_row8, llq_row4;
#else
typedef uint16_t llq_row8, llq_row4;
#endif
#define LLQ_ROW4(x, level) x
#define LLQ_ROW8(x, level) x
#define LLQ_CODE8(row, i, level) level((row) >> 2 * (i) & 3)
#define LLQ_CODE4(row, i, level) level((row) >> 3 * (i) & 7)
#endif
#if LLV_GRID
#define LLQ_LOW(x) ((x) & 255)
#define LLQ_HIGH(x) ((x) >> 8)
#define LLQ_GRID(rows) rows(LLQ_LOW) rows(LLQ_HIGH)
#define LLQ_GRID_LEN(n) (2 * (n))
#define LLQ_GRID_ROW(grid, n, i) ((grid)[i] | (grid)[(n) + (i)] << 8)
#else
#define LLQ_GRID(rows) rows(LLQ_R)
#define LLQ_GRID_LEN(n) (n)
#define LLQ_GRID_ROW(grid, n, i) (grid)[i]
#endif
#define LLQ_GRID8(R, a, b, c, d, e, f, g, h) R(a), R(b), R(c), R(d), R(e), R(f), R(g), R(h)

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
#if LLV_GRID
/* llq_FMT_index gives the lower eight bits of 64 indices, and those above them (the lowest ones, as many as
 * the table needs; it may have others). Rows of 8: those of two blocks, eight of b, eight of c, and so
 * on. Rows of 4: those of one block, of each 16 the first four of both eights, then the last four.
 *
 * What a block holds beside its rows: bits of signs, 8 * m + i of group t for column 32 * t + 8 * m + i
 * (IQ1: where llq_FMT_sign_at says); 2 * s + 1 for the first and the last 16 columns of each 32 (if they differ), in both halves of a group. */
typedef struct llq_cut { llv_z sign, scale[2]; } llq_cut;

/* Positions of 8 bits, one each byte. */
#define LLZ_AT(a, b, c, d, e, f, g, h) \
    llv_z_all((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | \
              (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
#define LLZ_STEPS(at, n) LLZ_AT(at, at + (n), at + 2 * (n), at + 3 * (n), at + 4 * (n), at + 5 * (n), at + 6 * (n), at + 7 * (n))
/* 2 * s + 1 in 32 bits, of the scale that begins at bit `at` of each group; mask = its largest value * 2. */
LL_INLINE llv_z llq_cut_odd(llv_z a, llv_z at, int mask) {
    return llv_z_join(llv_z_cut(a, at), llv_z_all(((uint64_t)mask << 32) + (uint64_t)mask), llv_z_all(0x100000001));
}
LL_INLINE llv_z llq_cut_scale(llv_z a, int at, int mask) {
    return llq_cut_odd(a, llv_z_all((uint64_t)((at + 63) % 64) * 0x100000001u), mask);
}
/* Four times seven bits of signs from bit `at` on, brought to eight. */
LL_INLINE llv_z llq_cut_even(llv_z a, int at, int step) {
    return llv_z_even(llv_z_cut(a, LLZ_AT(at, at + step, at + 2 * step, at + 3 * step, 0, 0, 0, 0)));
}
#endif
