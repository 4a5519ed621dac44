/* ---- codebooks ------------------------------------------------------------------------------
 * The IQ formats store an index for each 8 (IQ3: 4) weights; a table, the grid, holds the rows of
 * codes they may have, and most have a bit for each sign. Rows have few levels: the tables are
 * written as numbers of 2 (IQ3: 3) bits a code. They stay so where the rows of two blocks are looked up at
 * once in registers (LLV_GRID), first all lower bytes, then all upper ones; for kernels that load rows one by
 * one (LLQ_GRID_BYTES), the compiler brings codes to bytes. */
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
