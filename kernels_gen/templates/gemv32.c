
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

/* Eight rows side by side. First the integer products of 256 columns, row after row; a pair of
 * blocks fills a vector with the first halves of their codes and one with the second halves.
 * Then the rows change places with the lanes, and the scales come in. Blocks behind the row's end,
 * in a short last group, get the scale -0: their fma then adds -0, which changes nothing. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * FMT_GROUP];
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < g->n_cols; i += 256, at += FMT_GROUP) {
            const int blocks = (g->n_cols - i) / 32;
            llv_i dot[4][8];                            /* [pair][row] */
            llv_b q[8];
            llq_scales32 s;
            llq_load_q(llq_a8(g, 0, i)->q, q);
            if (blocks < 8) at = llq_last(g, p, at, (size_t)(32 * blocks / FMT_BLOCK * FMT_BYTES), FMT_GROUP, copy);
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * FMT_GROUP) {
                LLV_UNROLL for (int c = 0; c < 2 * FMT_GROUP; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const int row = l + j / 4, k = j % 4 * 2;
                    llv_b lo, hi;
                    llq_FMT_load2((const llq_FMT *)(p[row] + at), k, &lo, &hi);
                    dot[k / 2][row] = FMT_IS(signed) ? llv_dot2_o(lo, q[k], hi, q[k + 1])
                                                     : llv_dot2_u(lo, q[k], hi, q[k + 1]);
                }
            }
            llq_FMT_load_scales(p, at, &s);
            for (int j = blocks; j < 8; j++) s.d[j] = s.m[j] = llv_r_set(-0.0f);
            acc = llq_group32(g, i, &s, FMT_IS(min), dot, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
