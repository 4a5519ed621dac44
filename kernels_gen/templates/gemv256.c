
/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_FMT);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_FMT, d));
//@ if min
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_FMT, dmin));
//@ end
            llv_i sum[8], isum;
            llv_r t;
//@ if sub32
            /* Scales of b, then of b4, on the stack: all rows first, so that none waits for its
             * stores. fix: what minima or offsets amount to, in rows l and l + 4. */
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            int16_t sk[4][32];
            llv_i fix[4];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                const llq_FMT *b = (const llq_FMT *)(p[l] + at), *b4 = (const llq_FMT *)(p[l + 4] + at);
//@ if min
                llv_w sc, m;
                llq_FMT_load_scales(b, b4, &sc, &m);
//@ else
                const llv_w sc = llq_FMT_load_scales(b, b4), m = llv_w_mul(sc, llv_w_set(-LLV_S_OFFSET));
//@ end
//@ if pairs
                llv_w_store(sk[l], llv_w_mul(sc, k));
//@ else
                llv_w_store_twice(sk[l], llv_w_mul(sc, k));     /* 32 bits are broadcast for nothing */
//@ end
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum);
            }
//@ end
//@ if sub16
            const llv_w k = llv_w_load_twice(a->k), ksum = llq_ksum16(a);
//@ if min
            llv_i fix[8];
//@ end
//@ end
//@ if plain
            int16_t k[16];
            llv_w_store(k, llv_w_load_twice(a->k));
//@ end
//@ if pairs
            llv_b q[8];
            llq_load_q(a->q, 8, q);
//@ end
//@ if short
            LLV_UNROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_FMT)) {
//@ else
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_FMT)) {
//@ end
                const llq_FMT *b = (const llq_FMT *)(p[l] + at), *b4 = (const llq_FMT *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
//@ if sub16
                llv_w sk, sk4;
                LL_PREFETCH_NEAR(b + 2), LL_PREFETCH_NEAR(b4 + 2);
//@ if min
                llv_w sc, sc4, m, m4;
                llq_FMT_load_scales(b, &sc, &m), llq_FMT_load_scales(b4, &sc4, &m4);
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum), fix[l + 4] = llv_w_dot(m4, ksum);
//@ else
                const llv_w sc = llq_FMT_load_scales(b), sc4 = llq_FMT_load_scales(b4);
                const llv_w minus = llv_w_set(-FMT_OFFSET);
                sum[l] = llv_w_dot(llv_w_mul(sc, minus), ksum), sum[l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum);
//@ end
                sk = llv_w_mul(sc, k), sk4 = llv_w_mul(sc4, k);
//@ end
//@ if plain
                sum[l] = sum[l + 4] = llv_i_set(0);
//@ end
//@ if pairs
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_i s = llv_i_halves(llv_i_from_w(sk[l]), j / 2);
                    const llv_i s4 = llv_i_halves(llv_i_from_w(sk[l] + 8), j / 2);
                    llv_b lo, hi, lo4, hi4;
                    llq_FMT_load2(b, j, LLV_S_OFFSET, &lo, &hi), llq_FMT_load2(b4, j, LLV_S_OFFSET, &lo4, &hi4);
                    sum[l] = llv_i_add(sum[l], llv_i_mul(llv_dot2_o(lo, q[j], hi, q[j + 1]), s));
                    sum[l + 4] = llv_i_add(sum[l + 4], llv_i_mul(llv_dot2_o(lo4, q[j], hi4, q[j + 1]), s4));
                }
//@ else
//@ if sub16
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_b qc = llv_b_load(a->q + 32 * j), qe = llv_b_load(a->q + 32 * j + 32);
                    const llv_b c = llq_FMT_load(b, j), e = llq_FMT_load(b, j + 1);
                    const llv_b c4 = llq_FMT_load(b4, j), e4 = llq_FMT_load(b4, j + 1);
                    sum[l] = llv_dot2_scaled(sum[l], c, qc, e, qe, sk, j);
                    LLV_STEP(sum[l]);
                    sum[l + 4] = llv_dot2_scaled(sum[l + 4], c4, qc, e4, qe, sk4, j);
                    LLV_STEP(sum[l + 4]);
                }
//@ else
                llv_i odd = llv_i_set(0), odd4 = odd;   /* two sums a row: VNNI adds to one every four cycles */
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_FMT_load(b, j), c4 = llq_FMT_load(b4, j), q = llv_b_load(a->q + 32 * j);
                    llv_i *to = j % 2 ? &odd : &sum[l], *to4 = j % 2 ? &odd4 : &sum[l + 4];
//@ if sub32
                    const int16_t *s = sk[l], *s4 = sk[l] + 16;
//@ end
//@ if plain
                    const int16_t *s = k, *s4 = k;
//@ end
                    *to = llv_dot_scaled_by(*to, c, q, s, j), *to4 = llv_dot_scaled_by(*to4, c4, q, s4, j);
                    LLV_STEP(*to), LLV_STEP(*to4);
                }
                sum[l] = llv_i_add(sum[l], odd), sum[l + 4] = llv_i_add(sum[l + 4], odd4);
//@ end
//@ end
            }
            isum = llq_sum8(sum);
//@ if plain
            isum = llv_i_sub(isum, llv_i_set(FMT_OFFSET * llq_ksum(a)));
//@ end
//@ if min
            t = llv_r_mul(d, llv_r_from_i(isum));
//@ if sub32
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
//@ else
            t = llv_r_nfma(dmin, llv_r_from_i(llq_sum8(fix)), t);
//@ end
//@ else
//@ if sub32
            isum = llv_i_add(isum, llv_i_sum4(fix[0], fix[1], fix[2], fix[3]));
//@ end
            t = llv_r_mul(d, llv_r_from_i(isum));
//@ end
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
