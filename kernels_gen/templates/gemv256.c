
/* Eight rows side by side, one a lane. The products of a row stay integers, spread over the
 * lanes of a vector, for all 256 columns; the scales of rows l and l + 4 are unpacked together. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p);
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const size_t at = (size_t)(i / 256) * FMT_BYTES;
            llv_w k[4];
            const llv_r d = llv_r_f16(p, at + offsetof(llq_FMT, d));
            llv_i sum[4][8];
//@ if min
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_FMT, dmin));
            llv_w ksum[4];
            llv_i min[4][4];
            LLV_UNROLL for (int v = 0; v < n; v++) ksum[v] = llq_ksum32(llq_a8(g, v, i));
//@ end
//@ if sub32
            LLV_UNROLL for (int v = 0; v < n; v++) k[v] = llv_w_load2(llq_a8(g, v, i)->k, llq_a8(g, v, i)->k);
//@ else
            LLV_UNROLL for (int v = 0; v < n; v++) k[v] = llv_w_load_twice(llq_a8(g, v, i)->k);
//@ end
            for (int l = 0; l < 4; l++) {
                const llq_FMT *b = (const llq_FMT *)(p[l] + at), *b4 = (const llq_FMT *)(p[l + 4] + at);
                LLV_UNROLL for (int b = 0; b < 2 * FMT_BYTES; b += 64) LL_PREFETCH(ahead + b);
                ahead += 2 * FMT_BYTES;
//@ if sub32
                int16_t scales[4][32];              /* each twice: a pair fills a lane of the dot */
                llv_w sc, m;
                llq_FMT_load_scales(b, b4, &sc, &m);
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    const llv_w sk = llv_w_mul(sc, k[v]);
                    llv_w_store_twice(scales[v], sk);
                    min[v][l] = llv_w_dot(m, ksum[v]);
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                }
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_FMT_load(b, j), c4 = llq_FMT_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, llv_w_set2(scales[v] + 2 * j));
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, llv_w_set2(scales[v] + 2 * j + 16));
                    }
                }
//@ else
                const llv_w sc = llq_FMT_load_scales(b), sc4 = llq_FMT_load_scales(b4);
                const llv_w off = llv_w_mul(sc, llv_w_set(-FMT_OFFSET)), off4 = llv_w_mul(sc4, llv_w_set(-FMT_OFFSET));
                llv_w sk[4], sk4[4];
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    const llv_w ksum = llv_w_load(llq_a8(g, v, i)->ksum);
                    sk[v] = llv_w_mul(sc, k[v]), sk4[v] = llv_w_mul(sc4, k[v]);
                    sum[v][l] = llv_w_dot(off, ksum), sum[v][l + 4] = llv_w_dot(off4, ksum);
                }
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_FMT_load(b, j), c4 = llq_FMT_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, llv_w_halves(sk[v], j));
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, llv_w_halves(sk4[v], j));
                    }
                }
//@ end
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_r t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum[v])));
//@ if min
                llv_i msum = llv_i_sum4(min[v][0], min[v][1], min[v][2], min[v][3]);
                t = llv_r_nfma(dmin, llv_r_from_i(msum), t);
//@ end
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) llv_r_store_n(g->y[v] + r, acc[v], LL_MIN(8, g->n_rows - r));
    }
}
