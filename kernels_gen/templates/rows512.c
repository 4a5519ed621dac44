#if LLV_GRID
/* ---- rows of 512 bits --------------------------------------------------------------------------
 * What templates/eights.c, runs.c and grid512.c have in common: kernels for one vector that take the place of
 * those of 256 bits where an instruction set picks bytes by bytes (LLV_GRID).
 *
 * Eights. Where a block takes at most 18 bytes, its 32 codes four bits each in 16 of them, eight bytes of eight
 * blocks come into one vector at a time: 512 bits for a row's 256 columns leave two sums for each block. */
typedef struct llq_eights {
    llv_z q[4], start;                  /* q[i]: columns 8 * i to 8 * i + 7 of each block */
} llq_eights;
LL_STATIC_ASSERT(eights, sizeof(llq_eights) == LL_GEMV_ROOM);

/* What the blocks' bytes `at` are in two vectors, of 64 bytes from a group on, and 64 which end 8 before
 * its end: then both, loaded 8 bytes further, have the next ones in the same place. */
#define LLQ_EIGHT(j, bytes, at) ((uint64_t)((j) * (bytes) + (at)) - (uint64_t)((j) < 4 ? 0 : 8 * (bytes) - 136))
#define LLQ_EIGHTS(of, bytes, at) { of(LLQ_EIGHT(0, bytes, at)), of(LLQ_EIGHT(1, bytes, at)), of(LLQ_EIGHT(2, bytes, at)), \
    of(LLQ_EIGHT(3, bytes, at)), of(LLQ_EIGHT(4, bytes, at)), of(LLQ_EIGHT(5, bytes, at)), of(LLQ_EIGHT(6, bytes, at)), \
    of(LLQ_EIGHT(7, bytes, at)) }
#define LLQ_ALIKE_BYTES(i) ((i) * 0x0101010101010101u)
#define LLQ_ALIKE_WORDS(i) ((i) / 2 * 0x0001000100010001u)
#define LLQ_NEXT_BYTES(i) (LLQ_ALIKE_BYTES(i) + 0x0706050403020100u)

/* The vector in that order. */
LL_FN void llq_load_eights(const ll_gemv *g) {
    llq_eights *to = (llq_eights *)g->room;
    for (int i = 0; i < g->n_cols / 256; i++) {
        int32_t start[16] = { 0 };
        for (int j = 0; j < 8; j++) start[2 * j] = -g->step[0][8 * i + j].offset;
        llv_z_apart(llq_a8(g, 0, 256 * i)->q, to[i].q);
        to[i].start = llv_z_load(start);
    }
}

/* Runs of 32 columns whose codes lie in the lower or the upper halves of 32 bytes: the vector's even and
 * odd runs apart, q[0] and q[1] the first and the last 16 columns of even ones, q[2] and q[3] of odd ones. */
LL_FN void llq_load_runs(const ll_gemv *g) {
    llq_eights *to = (llq_eights *)g->room;
    for (int i = 0; i < g->n_cols / 256; i++) {
        const int8_t *q = llq_a8(g, 0, 256 * i)->q;
        const llv_z a = llv_z_load(q), b = llv_z_load(q + 64), c = llv_z_load(q + 128), d = llv_z_load(q + 192);
        const llv_z ab = llv_z_even_quarters(a, b), cd = llv_z_even_quarters(c, d), ef = llv_z_odd_quarters(a, b), gh = llv_z_odd_quarters(c, d);
        to[i].q[0] = llv_z_even_quarters(ab, cd), to[i].q[1] = llv_z_even_quarters(ef, gh);
        to[i].q[2] = llv_z_odd_quarters(ab, cd), to[i].q[3] = llv_z_odd_quarters(ef, gh);
    }
}

/* Eight rows' sums change places with the lanes. */
LL_INLINE void llq_eights_sums(const llv_z sum[8], llv_i out[8]) {
    llv_i even[4], odd[4];
    llv_z two[4];
    LLV_UNROLL for (int l = 0; l < 4; l++)
        two[l] = llv_z_add(llv_z_pairs_of_halves(sum[2 * l], sum[2 * l + 1]), llv_z_pairs_of_uppers(sum[2 * l], sum[2 * l + 1]));
    llv_z_quarters(llv_z_pairs_of_halves(two[0], two[1]), llv_z_pairs_of_halves(two[2], two[3]), even);
    llv_z_quarters(llv_z_pairs_of_uppers(two[0], two[1]), llv_z_pairs_of_uppers(two[2], two[3]), odd);
    LLV_UNROLL for (int j = 0; j < 4; j++) out[2 * j] = even[j], out[2 * j + 1] = odd[j];
}

/* Of bytes x: what the lower, what the upper four bits stand for. */
LL_INLINE void llq_lookup_eights(const uint8_t *table, llv_z x, llv_z *lo, llv_z *hi) {
    const llv_z values = llv_z_all2(table);
    *lo = llv_z_bytes(values, x), *hi = llv_z_bytes(values, llv_z_down4(x));
}
/* 128 bytes: the first 16 of each 32, and the last. */
LL_INLINE void llq_quarter_runs(const uint8_t *qs, llv_z x[2]) {
    llv_z a = llv_z_load(qs), b = llv_z_load(qs + 64);
    LLV_KEEP(a);
    LLV_KEEP(b);
    x[0] = llv_z_even_quarters(a, b), x[1] = llv_z_odd_quarters(a, b);
}

/* Codebooks. llq_FMT_index gives the lower eight bits of 64 indices, and those above them (the lowest ones, as
 * many as the table needs; it may have others). Rows of 8: those of two blocks, eight of b, eight of c, and so
 * on. Rows of 4: those of one block, of each 16 the first four of both eights, then the last four.
 *
 * llq_FMT_cut gives what a block holds beside its rows: bits of signs, 8 * m + i of group t for column
 * 32 * t + 8 * m + i (grid1: where llq_FMT_sign_bit says); 2 * s + 1 for the first and the last 16 columns of
 * each 32 (if they differ), in both halves of a group.
 *
 * A format says where these lie, llq_FMT_ before each:
 *
 *   qs, high        lower and, if it says `high`, upper bits of the indices of rows: high_bits each, an eighth of
 *                   `high` for 32 columns; else an index has row_step bits, at the beginning of qs (rows of 4: 8)
 *   sign_of(b)      the field with the signs: from sign_bit on sign_bits of each 8 columns, sign_step apart (7: the
 *                   eighth makes their number even). grid1: one bit for each 8
 *   scale_of(b)     the field with the scales: from scale_bit on scale_bits, for the last 16 columns from scale_bit2
 *                   on. If it says `spread`, they have no bytes of their own: the next comes scale_next bits later,
 *                   the one after it scale_pair later */
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
/* Where a scale begins that has no byte of its own: `pair` bits after that of two runs before, `next` after the run's. */
#define LLZ_SCALE(t, pair, next) ((uint64_t)((t) / 2 * (pair) + (t) % 2 * (next) + 63) % 64 * 0x100000001u)
#define LLZ_SCALES(pair, next) { LLZ_SCALE(0, pair, next), LLZ_SCALE(1, pair, next), LLZ_SCALE(2, pair, next), \
    LLZ_SCALE(3, pair, next), LLZ_SCALE(4, pair, next), LLZ_SCALE(5, pair, next), LLZ_SCALE(6, pair, next), LLZ_SCALE(7, pair, next) }
/* A field of `bytes` bytes, an eighth of them to each 32 columns. */
LL_INLINE llv_z llq_z_runs(const uint8_t *p, const size_t bytes) {
    return bytes == 64 ? llv_z_load(p) : bytes == 32 ? llv_z_load4(p) : bytes == 16 ? llv_z_load2(p) : llv_z_load1(p);
}

#define LLQ_TOP 0x8080808080808080u     /* makes signed bytes unsigned: 128 more */
/* A vector's q in the order of llq_FMT_look, and -128 times their sums for the first and the last two;
 * returns the multipliers. */
LL_INLINE llv_z llq_grid_vector(const ll_a8 *a, llv_z q[4], llv_z first[2]) {
    const llv_z top = llv_z_all(LLQ_TOP), zero = llv_z_all(0);
    llv_z_apart(a->q, q);
    first[0] = llv_z_sub(zero, llv_z_dot(llv_z_dot(zero, top, q[0]), top, q[1]));
    first[1] = llv_z_sub(zero, llv_z_dot(llv_z_dot(zero, top, q[2]), top, q[3]));
    return llv_z_twice(llv_z_load2(a->k));
}
#endif
