/* Of even runs of 32 columns the first 16 and the last, then of odd ones. */
LL_INLINE void llq_FMT_runs(const llq_FMT *b, llv_z c[4]) {
//@ if fifth
    /* bit 2 * i of a byte of qh, or the next one, becomes bit 4 in quarter i */
    static const uint64_t bit[8] = { 1 << 24, 1 << 24, 4 << 24, 4 << 24, 16 << 24, 16 << 24, 64 << 24, 64 << 24 };
    const llv_z even = llv_z_load(bit), odd = llv_z_add(even, even), low = llv_z_all(0x0f0f0f0f0f0f0f0f);
//@ end
    llv_z x[2];
    llq_quarter_runs(b->qs, x);
//@ if fifth
    LLV_UNROLL for (int i = 0; i < 2; i++) {
        const llv_z high = llv_z_all2(b->qh + 16 * i);
        c[i] = llv_z_join(x[i], low, llv_z_matrix(high, even));
        c[2 + i] = llv_z_join(llv_z_down4(x[i]), low, llv_z_matrix(high, odd));
    }
//@ else
    LLV_UNROLL for (int i = 0; i < 2; i++) c[i] = llv_z_low4(x[i]), c[2 + i] = llv_z_high4(x[i]);
//@ end
}

/* Eight rows side by side, 512 bits of each at a time (llq_load_runs). Sums of eight products fit 16 bits;
 * times the scales they are 16 numbers a row, and only then the rows change places with the lanes. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    llq_load_runs(g);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const llv_z *q = ((const llq_eights *)g->room)[i / 256].q, zero = llv_z_all(0);
            const size_t at = (size_t)(i / 256) * sizeof(llq_FMT);
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            llv_i sum[8], fix[4];
            llv_w sk[4];
            llv_r d, dmin, t;
            llv_r_f16_pair(p, at + offsetof(llq_FMT, d), &d, &dmin);
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_FMT_load_scales((const llq_FMT *)(p[l] + at), (const llq_FMT *)(p[l + 4] + at), &sc, &m);
                sk[l] = llv_w_mul(sc, k), fix[l] = llv_w_dot(m, ksum);
            }
            LLV_UNROLL for (int l = 0; l < 8; l++) {
                llv_z c[4], even, odd;
                if (l % 2 == 0) LLV_UNROLL for (size_t j = 0; j < 2 * sizeof(llq_FMT); j += 64) LL_PREFETCH(ahead + j);
                ahead += sizeof(llq_FMT);
                llq_FMT_runs((const llq_FMT *)(p[l] + at), c);
                even = llv_z_dot(llv_z_dot(zero, c[0], q[0]), c[1], q[1]);
                odd = llv_z_dot(llv_z_dot(zero, c[2], q[2]), c[3], q[3]);
                sum[l] = llv_z_half_sum(llv_z_dot_words(llv_z_words(even, odd), sk[l % 4], l / 4));
            }
            t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum)));
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
