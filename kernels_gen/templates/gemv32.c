
LL_INLINE void llq_FMT_load_scales(const uint8_t *const *p, size_t at, llq_scales32 *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const size_t b = at + (size_t)(32 * j / FMT_BLOCK) * sizeof(llq_FMT);
//@ if min
        llv_r_f16_pair(p, b + offsetof(llq_FMT, d), &s->d[j], &s->m[j]);
//@ else
//@ if scale8
        s->d[j] = llq_FMT_load_scale(p, b);
//@ else
        s->d[j] = llv_r_f16(p, b + offsetof(llq_FMT, d));
//@ end
//@ end
    }
}

LL_FN void llq_FMT_eight(const uint8_t *const *p, size_t at, llq_eight *e) {
    LLV_ROLL for (int l = 0; l < 8; l++)
        LLV_UNROLL for (int j = 0; j < 8; j += 2)
            llq_FMT_load2((const llq_FMT *)(p[l] + at), j, &e->c[l][j], &e->c[l][j + 1]);
    llq_FMT_load_scales(p, at, &e->s);
}

static const llq_kind32 llq_FMT_kind = {
    FMT_BLOCK, FMT_BYTES, FMT_IS(signed), FMT_IS(min), llq_FMT_eight
};

/* Eight rows side by side. First the integer products of 256 columns, row after row; a pair of
 * blocks fills a vector with the first halves of their codes and one with the second halves.
 * Then the rows change places with the lanes, and the scales come in. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc[4];
        size_t at = 0;
        int i = 0;
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (; i + 256 <= g->n_cols; i += 256, at += FMT_GROUP) {
            llv_i dot[4][4][8];                         /* [vector][pair][row] */
            llv_b q[4][8];
            llq_scales32 s;
            LLV_UNROLL for (int v = 0; v < n; v++) llq_load_q(llq_a8(g, v, i)->q, q[v]);
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * FMT_GROUP) {
                LLV_UNROLL for (int c = 0; c < 2 * FMT_GROUP; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const int row = l + j / 4, k = j % 4 * 2;
                    llv_b lo, hi;
                    llq_FMT_load2((const llq_FMT *)(p[row] + at), k, &lo, &hi);
                    LLV_UNROLL for (int v = 0; v < n; v++)
                        dot[v][k / 2][row] = FMT_IS(signed) ? llv_dot2_o(lo, q[v][k], hi, q[v][k + 1])
                                                            : llv_dot2_u(lo, q[v][k], hi, q[v][k + 1]);
                }
            }
            llq_FMT_load_scales(p, at, &s);
            LLV_UNROLL for (int v = 0; v < n; v++)
                acc[v] = llq_group32(g, v, i, &s, FMT_IS(min), dot[v], acc[v]);
        }
        if (i < g->n_cols) llq_eight_last(g, &llq_FMT_kind, i, p, acc);
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_FMT_gemv(const ll_gemv *g) { llq_FMT_gemv_n(g, 1); }
