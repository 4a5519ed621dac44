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
