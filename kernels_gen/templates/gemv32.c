
/* An odd last block gets a partner. Its q are 0, and with a negative scale it contributes -0,
 * the one number that changes no sum. */
LL_INLINE const uint8_t *llq_FMT_last(llq_FMT *pair, const uint8_t *block) {
    memset(pair, 0, 2 * sizeof *pair);
    memcpy(&pair[0], block, sizeof *pair);
    llq_put_f16(pair[1].d, -1);
    return (const uint8_t *)pair;
}

/* Eight rows side by side, one a lane. Blocks come in pairs, which fill a vector: the first
 * halves of their codes, [block j | block j + 1], then the second halves. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    const size_t size = sizeof(llq_FMT);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llq_FMT odd[8][2];
        llv_r acc[4], sum[4];
        size_t at = 0;
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 32;
            LLV_UNROLL for (int v = 0; v < n; v++) sum[v] = llv_r_set(0);
            for (int j = 0; j < blocks; j += 2, at += 2 * size, ahead += 16 * size) {
                llv_b lo[8], hi[8];
                llv_r d, d2;
                if (j + 1 == blocks) {
                    LLV_UNROLL for (int l = 0; l < 8; l++) p[l] = llq_FMT_last(odd[l], p[l] + at);
                    at = 0;
                }
                d = llv_r_f16(p, at), d2 = llv_r_f16(p, at + size);
                LLV_UNROLL for (size_t c = 0; c < 16 * sizeof(llq_FMT); c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int l = 0; l < 8; l++)
                    llq_FMT_load2((const llq_FMT *)(p[l] + at), &lo[l], &hi[l]);
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    const int8_t *q = llq_a8(g, v, i)->q + 32 * j;
                    const llv_b q_lo = llv_b_load2(q, q + 32), q_hi = llv_b_load2(q + 16, q + 48);
                    const ll_step *step = g->step[v] + i / 32 + j;
                    llv_i s[8];
                    LLV_UNROLL for (int l = 0; l < 8; l++)
//@ if signed
                        s[l] = llv_dot2_s(lo[l], q_lo, hi[l], q_hi);
//@ else
                        s[l] = llv_dot2_u(lo[l], q_lo, hi[l], q_hi);
//@ end
                    s[0] = llv_i_sum4(s[0], s[1], s[2], s[3]);
                    s[4] = llv_i_sum4(s[4], s[5], s[6], s[7]);
                    sum[v] = llq_add(sum[v], d, llv_i_lows(s[0], s[4]), step[0]);
                    sum[v] = llq_add(sum[v], d2, llv_i_highs(s[0], s[4]), step[1]);
                }
            }
            LLV_UNROLL for (int v = 0; v < n; v++)
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), sum[v], acc[v]);
        }
        llq_store(g, r, acc, n);
    }
}
