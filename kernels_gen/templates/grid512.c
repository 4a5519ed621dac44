//@ if grid4
LL_INLINE void llq_FMT_index(const llq_FMT *b, llv_z *index) {
    index[0] = index[1] = llv_z_halves_first(llv_z_load(b->qs));
//@ if high
    index[1] = llv_z_halves_first(llv_z_cut(llq_z_runs(b->high, sizeof b->high), LLZ_STEPS(0, llq_FMT_high_bits)));
//@ end
}
//@ else
LL_INLINE void llq_FMT_index(const llq_FMT *b, const llq_FMT *c, llv_z *index) {
//@ if high
    enum { NEXT = sizeof b->high, BITS = llq_FMT_high_bits };   /* bits of a run's part: its bytes / 8 * 8 */
    const llv_z high = NEXT == 8 ? llv_z_pairs2(b->high, c->high) : llv_z_pairs4(b->high, c->high);
    index[0] = llv_z_pairs8(b->qs, c->qs);
    index[1] = llv_z_cut(high, LLZ_AT(0, BITS, 2 * BITS, 3 * BITS, NEXT, NEXT + BITS, NEXT + 2 * BITS, NEXT + 3 * BITS));
//@ else
    const llv_z x = llv_z_load(b->qs), y = llv_z_load(c->qs);
    if (llq_FMT_row_step == 8) index[0] = index[1] = llv_z_pairs_of_halves(x, y);
    else index[0] = llv_z_pairs_of_words(x, y, 0), index[1] = llv_z_pairs_of_words(x, y, 1);
//@ end
}
//@ end
LL_INLINE llq_cut llq_FMT_cut(const llq_FMT *b) {
    enum { mask = (2 << llq_FMT_scale_bits) - 2 };
    llq_cut c;
    c.sign = llq_z_runs(llq_FMT_sign_of(b), sizeof llq_FMT_sign_of(b));
//@ if grid1
//@ else
    if (llq_FMT_sign_bits == 7) c.sign = llq_cut_even(c.sign, llq_FMT_sign_bit, llq_FMT_sign_step);
//@ end
//@ if spread
    static const uint64_t at[8] = LLZ_SCALES(llq_FMT_scale_pair, llq_FMT_scale_next);
    const uint8_t *p = llq_FMT_scale_of(b);
    const llv_z x = llv_z_all(sizeof llq_FMT_scale_of(b) == 4 ? ll_load_u32(p) : ll_load_u64(p));
    const llv_z later = llv_z_all((uint64_t)llq_FMT_scale_bit2 * 0x100000001u);
    c.scale[0] = llq_cut_odd(x, llv_z_load(at), mask);
    c.scale[1] = FMT_IS(sub16) ? llq_cut_odd(x, llv_z_add(llv_z_load(at), later), mask) : c.scale[0];
//@ else
    const llv_z x = llq_z_runs(llq_FMT_scale_of(b), sizeof llq_FMT_scale_of(b));
    c.scale[0] = llq_cut_scale(x, llq_FMT_scale_bit, mask);
    c.scale[1] = FMT_IS(sub16) ? llq_cut_scale(x, llq_FMT_scale_bit2, mask) : c.scale[0];
//@ end
    return c;
}
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_FMT_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
//@ if grid4
    const uint64_t row_at = 0x1916131009060300u, row_step = 0x2020202020202020u, below = 0x0707070707070707u;
    static const int8_t levels[16] = { LLQ_LEVELS4(LLQ_SAME, llq_FMT_level, 0), LLQ_LEVELS4(LLQ_SAME, llq_FMT_level, 4),
        LLQ_LEVELS4(llq_FMT_minus, llq_FMT_level, 0), LLQ_LEVELS4(llq_FMT_minus, llq_FMT_level, 4) };
//@ else
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_FMT_level, 0), LLQ_LEVELS4(llq_FMT_minus, llq_FMT_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_FMT_level, 0), LLQ_LEVELS4(llq_FMT_minus, llq_FMT_level, 0) };
//@ end
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
//@ if grid4
        const llv_z x = llv_z_cut(row[m / 2], llv_z_all(row_at + (uint64_t)(m % 2) * row_step));
        const llv_z sign_at = llv_z_all(0x04030201003f3e3du + (uint64_t)m * 0x0808080808080808u);
//@ else
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
//@ if grid1
        const llv_z sign_at = llv_z_all(0x0101010101010101u * (uint64_t)(llq_FMT_sign_bit - 2 + m * llq_FMT_sign_step));
//@ else
        const llv_z sign_at = llv_z_all(0x0504030201003f3eu + (uint64_t)m * 0x0808080808080808u);
//@ end
//@ end
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
//@ if grid4
enum { llq_FMT_vecs = 2 };
//@ else
enum { llq_FMT_vecs = 1 };
//@ end
LL_INLINE void llq_FMT_rows2(const llq_FMT *b, const llq_FMT *c, llv_z *row) {
    llv_z index[2];
//@ if grid4
    llq_FMT_index(b, index), llv_z_rows(llq_FMT_grid(), llq_FMT_n_rows, index, row);
    llq_FMT_index(c, index), llv_z_rows(llq_FMT_grid(), llq_FMT_n_rows, index, row + 2);
//@ else
    llq_FMT_index(b, c, index), llv_z_rows(llq_FMT_grid(), llq_FMT_n_rows, index, row);
//@ end
}
LL_FN void llq_FMT_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_FMT *b[2] = { (const llq_FMT *)block, (const llq_FMT *)next };
    llv_z row[2 * llq_FMT_vecs], code[4];
    llq_FMT_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_FMT_look(row + h * llq_FMT_vecs, llq_FMT_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_FMT_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_FMT_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * FMT_BYTES;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_FMT *b[2] = { (const llq_FMT *)(p[l] + at), (const llq_FMT *)(p[l + 1] + at) };
                llv_z row[2 * llq_FMT_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * FMT_BYTES; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * FMT_BYTES;
                llq_FMT_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_FMT_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_FMT_look(row + h * llq_FMT_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
//@ if sub16
                    s0 = llv_z_add(llv_z_mul(s0, c.scale[0]), llv_z_mul(s1, c.scale[1]));
//@ else
                    s0 = llv_z_mul(llv_z_add(s0, s1), c.scale[0]);
//@ end
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_FMT_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_FMT_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
