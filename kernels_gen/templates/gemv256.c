
/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const size_t at = (size_t)(i / 256) * sizeof(llq_FMT);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_FMT, d));
//@ if min
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_FMT, dmin));
            llv_i min[4][4];
//@ end
            llv_i sum[4][8];
            llv_w k[4], ksum[4];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const ll_a8 *a = llq_a8(g, v, i);
//@ if sub32
                k[v] = llv_w_load2(a->k, a->k), ksum[v] = llq_ksum32(a);
//@ else
                k[v] = llv_w_load_twice(a->k), ksum[v] = llv_w_load(a->ksum);
//@ end
            }
//@ if sub32
            /* Scales of b, then of b4, each twice to fill 32 bits: on the stack, from where they
             * are broadcast for nothing. All rows first, so that none waits for its stores. */
            int16_t sk[4][4][32];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_FMT_load_scales((const llq_FMT *)(p[l] + at),
                                    (const llq_FMT *)(p[l + 4] + at), &sc, &m);
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    llv_w_store_twice(sk[l][v], llv_w_mul(sc, k[v]));
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                    min[v][l] = llv_w_dot(m, ksum[v]);
                }
            }
//@ end
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_FMT)) {
                const llq_FMT *b = (const llq_FMT *)(p[l] + at);
                const llq_FMT *b4 = (const llq_FMT *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
//@ if sub16
                const llv_w sc = llq_FMT_load_scales(b), sc4 = llq_FMT_load_scales(b4);
                const llv_w minus = llv_w_set(-FMT_OFFSET);
                llv_w sk[4], sk4[4];
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    sk[v] = llv_w_mul(sc, k[v]), sk4[v] = llv_w_mul(sc4, k[v]);
                    sum[v][l] = llv_w_dot(llv_w_mul(sc, minus), ksum[v]);
                    sum[v][l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum[v]);
                }
//@ end
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_FMT_load(b, j), c4 = llq_FMT_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
//@ if sub32
                        const llv_w s = llv_w_set2(sk[l][v] + 2 * j);
                        const llv_w s4 = llv_w_set2(sk[l][v] + 2 * j + 16);
//@ else
                        const llv_w s = llv_w_halves(sk[v], j), s4 = llv_w_halves(sk4[v], j);
//@ end
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, s);
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, s4);
                    }
                }
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_r t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum[v])));
//@ if min
                llv_i m = llv_i_sum4(min[v][0], min[v][1], min[v][2], min[v][3]);
                t = llv_r_nfma(dmin, llv_r_from_i(m), t);
//@ end
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        llq_store(g, r, acc, n);
    }
}
