
/* Eight rows side by side. First the integer products of 256 columns, row after row; a pair of
 * blocks fills a vector with the first halves of their codes and one with the second halves.
 * Then the rows change places with the lanes, and the scales come in. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    const size_t size = sizeof(llq_FMT);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * 8 * sizeof(llq_FMT)];
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 32;
            size_t at = (size_t)(i / 32) * size;
            llv_i dot[4][4][8];                         /* [vector][pair][row] */
            llv_b q[4][8];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const int8_t *a = llq_a8(g, v, i)->q;
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    q[v][j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
                    q[v][j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
                }
            }
            if (blocks < 8) at = llq_last(g, p, at, (size_t)blocks * size, 8 * size, copy);
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 16 * size) {
                LLV_UNROLL for (size_t c = 0; c < 16 * sizeof(llq_FMT); c += 64)
                    LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llq_FMT *b = (const llq_FMT *)(p[l + j / 4] + at) + j % 4 * 2;
                    const int k = j % 4 * 2;
                    llv_b lo, hi;
                    llq_FMT_load2(b, &lo, &hi);
                    LLV_UNROLL for (int v = 0; v < n; v++)
//@ if signed
                        dot[v][k / 2][l + j / 4] = llv_dot2_s(lo, q[v][k], hi, q[v][k + 1]);
//@ else
                        dot[v][k / 2][l + j / 4] = llv_dot2_u(lo, q[v][k], hi, q[v][k + 1]);
//@ end
                }
            }
            if (blocks == 8) llq_group32(g, i, p, at, size, 8, dot, acc, 0, n);
            else llq_group32_last(g, i, p, at, size, blocks, dot, acc);
        }
        llq_store(g, r, acc, n);
    }
}
