
/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_FMT_scale(const llq_FMT *b) { return llq_FMT_unit() * ll_f16_to_f32((uint16_t)llq_FMT_d(b)); }
//@ if grid1
#define llq_FMT_minus(level) ((level) - 2)
//@ else
#define llq_FMT_minus(level) (-(level))
//@ end
LL_INLINE void llq_FMT_codes(const llq_FMT *b, int8_t *c) {
    uint32_t signs[8];
    llq_FMT_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_FMT_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
//@ if grid4
            const int v = LLQ_CODE4(LLQ_GRID_ROW(llq_FMT_grid(), llq_FMT_n_rows, index[i / 4]), i % 4, llq_FMT_level);
//@ else
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_FMT_grid(), llq_FMT_n_rows, index[i / 8]), i % 8, llq_FMT_level);
//@ end
            *c = (int8_t)(signs[j] >> i & 1 ? llq_FMT_minus(v) : v);
        }
    }
}
#if LLV_GRID
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
        const llv_z sign_at = llq_FMT_sign_at(m);
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
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_FMT_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
//@ if wide
    uint16_t index[256 / (FMT_IS(grid4) ? 4 : 8)];
//@ else
    const llq_FMT *b;
//@ end
} llq_FMT_parts;
LL_INLINE void llq_FMT_load_parts(const llq_FMT *b, llq_FMT_parts *x) {
    llq_FMT_load_signs(b, x->signs);
//@ if wide
    llq_FMT_load_index(b, x->index);
//@ else
    x->b = b;
//@ end
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_FMT_load(const llq_FMT_parts *x, int j) {
    int row[8];
//@ if wide
    enum { N = FMT_IS(grid4) ? 8 : 4 };
    LLV_UNROLL for (int l = 0; l < N; l++) row[l] = x->index[N * j + l];
//@ else
    llq_FMT_rows(x->b, j, row);
//@ end
//@ if grid4
    return llq_grid4_load(llq_FMT_grid(), row);
//@ end
//@ if grid8
    return llq_grid8_load(llq_FMT_grid(), row);
//@ end
//@ if grid1
    return llv_b_add(llq_grid8_load(llq_FMT_grid(), row), llq_iq1_spread(x->signs[j]));
//@ end
}
LL_FN void llq_FMT_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_FMT *b[2] = { (const llq_FMT *)block, (const llq_FMT *)next };
    for (int h = 0; h < 2; h++) {
        llq_FMT_parts x;
        llq_FMT_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_FMT_load(&x, j);
            c = FMT_IS(grid1) ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_FMT_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_FMT_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * FMT_BYTES;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_FMT *b = (const llq_FMT *)(p[l] + at);
                llq_FMT_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < FMT_BYTES; j += 64) LL_PREFETCH(ahead + j);
                ahead += FMT_BYTES;
                llq_FMT_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_FMT_load_scales(b), k));
                if (FMT_IS(grid1)) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!FMT_IS(grid1)) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_FMT_load(&x, j), q,
                                       FMT_IS(sub16) ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_FMT_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_FMT_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
