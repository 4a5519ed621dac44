
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
//@ end
            llv_i sum[4][8];
//@ if sub32
            /* Scales of b, then of b4, on the stack: all rows first, so that none waits for its
             * stores. fix: what minima or offsets amount to, in rows l and l + 4. */
            int16_t sk[4][4][32];
            llv_i fix[4][4];
            llv_w k[4], ksum[4];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const ll_a8 *a = llq_a8(g, v, i);
                k[v] = llv_w_load2(a->k, a->k), ksum[v] = llq_ksum32(a);
            }
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                const llq_FMT *b = (const llq_FMT *)(p[l] + at), *b4 = (const llq_FMT *)(p[l + 4] + at);
//@ if min
                llv_w sc, m;
                llq_FMT_load_scales(b, b4, &sc, &m);
//@ else
                const llv_w sc = llq_FMT_load_scales(b, b4), m = llv_w_mul(sc, llv_w_set(-LLV_S_OFFSET));
//@ end
                LLV_UNROLL for (int v = 0; v < n; v++) {
//@ if pairs
                    llv_w_store(sk[l][v], llv_w_mul(sc, k[v]));
//@ else
                    llv_w_store_twice(sk[l][v], llv_w_mul(sc, k[v]));   /* 32 bits are broadcast for nothing */
//@ end
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                    fix[v][l] = llv_w_dot(m, ksum[v]);
                }
            }
//@ end
//@ if sub16
            llv_w k[4], ksum[4];
//@ if min
            llv_i fix[4][8];
//@ end
            LLV_UNROLL for (int v = 0; v < n; v++)
                k[v] = llv_w_load_twice(llq_a8(g, v, i)->k), ksum[v] = llv_w_load(llq_a8(g, v, i)->ksum);
//@ end
//@ if plain
            int16_t k[4][16];
            LLV_UNROLL for (int v = 0; v < n; v++) llv_w_store(k[v], llv_w_load_twice(llq_a8(g, v, i)->k));
//@ end
//@ if pairs
            llv_b q[4][8];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const int8_t *a = llq_a8(g, v, i)->q;
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    q[v][j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
                    q[v][j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
                }
            }
//@ end
//@ if plain
            LLV_UNROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_FMT)) {
//@ else
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_FMT)) {
//@ end
                const llq_FMT *b = (const llq_FMT *)(p[l] + at), *b4 = (const llq_FMT *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
//@ if sub16
                llv_w sk[4], sk4[4];
                LL_PREFETCH_NEAR(b + 2), LL_PREFETCH_NEAR(b4 + 2);
//@ if min
                llv_w sc, sc4, m, m4;
                llq_FMT_load_scales(b, &sc, &m), llq_FMT_load_scales(b4, &sc4, &m4);
//@ else
                const llv_w sc = llq_FMT_load_scales(b), sc4 = llq_FMT_load_scales(b4);
                const llv_w minus = llv_w_set(-FMT_OFFSET);
//@ end
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    sk[v] = llv_w_mul(sc, k[v]), sk4[v] = llv_w_mul(sc4, k[v]);
//@ if min
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                    fix[v][l] = llv_w_dot(m, ksum[v]), fix[v][l + 4] = llv_w_dot(m4, ksum[v]);
//@ else
                    sum[v][l] = llv_w_dot(llv_w_mul(sc, minus), ksum[v]);
                    sum[v][l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum[v]);
//@ end
                }
//@ end
//@ if plain
                LLV_UNROLL for (int v = 0; v < n; v++) sum[v][l] = sum[v][l + 4] = llv_i_set(0);
//@ end
//@ if pairs
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    llv_b lo, hi, lo4, hi4;
                    llq_FMT_load2(b, j, LLV_S_OFFSET, &lo, &hi), llq_FMT_load2(b4, j, LLV_S_OFFSET, &lo4, &hi4);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_i s = llv_i_halves(llv_i_from_w(sk[l][v]), j / 2);
                        const llv_i s4 = llv_i_halves(llv_i_from_w(sk[l][v] + 8), j / 2);
                        sum[v][l] = llv_i_add(sum[v][l], llv_i_mul(llv_dot2_o(lo, q[v][j], hi, q[v][j + 1]), s));
                        sum[v][l + 4] = llv_i_add(sum[v][l + 4], llv_i_mul(llv_dot2_o(lo4, q[v][j], hi4, q[v][j + 1]), s4));
                    }
                }
//@ else
//@ if sub16
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_b c = llq_FMT_load(b, j), e = llq_FMT_load(b, j + 1);
                    const llv_b c4 = llq_FMT_load(b4, j), e4 = llq_FMT_load(b4, j + 1);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const int8_t *q = llq_a8(g, v, i)->q + 32 * j;
                        const llv_b qc = llv_b_load(q), qe = llv_b_load(q + 32);
                        sum[v][l] = llv_dot2_scaled(sum[v][l], c, qc, e, qe, sk[v], j);
                        sum[v][l + 4] = llv_dot2_scaled(sum[v][l + 4], c4, qc, e4, qe, sk4[v], j);
                    }
                }
//@ else
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_FMT_load(b, j), c4 = llq_FMT_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
//@ if sub32
                        const llv_w s = llv_w_set2(sk[l][v] + 2 * j), s4 = llv_w_set2(sk[l][v] + 2 * j + 16);
//@ end
//@ if plain
                        const llv_w s = llv_w_set2(k[v] + 2 * j), s4 = s;
//@ end
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, s);
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, s4);
                    }
                }
//@ end
//@ end
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_i isum = llq_sum8(sum[v]);
//@ if sub32
                const llv_i f = llv_i_sum4(fix[v][0], fix[v][1], fix[v][2], fix[v][3]);
//@ end
                llv_r t;
//@ if plain
                isum = llv_i_sub(isum, llv_i_set(FMT_OFFSET * llq_ksum(llq_a8(g, v, i))));
//@ end
//@ if min
                t = llv_r_mul(d, llv_r_from_i(isum));
//@ if sub32
                t = llv_r_nfma(dmin, llv_r_from_i(f), t);
//@ else
                t = llv_r_nfma(dmin, llv_r_from_i(llq_sum8(fix[v])), t);
//@ end
//@ else
//@ if sub32
                isum = llv_i_add(isum, f);
//@ end
                t = llv_r_mul(d, llv_r_from_i(isum));
//@ end
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        llq_store(g, r, acc, n);
    }
}
LL_FN void llq_FMT_gemv(const ll_gemv *g) { llq_FMT_gemv_n(g, 1); }
