
#if LLV_FEW
LL_FN void llq_FMT_few(const ll_gemv *g) {
    enum { RUNS = FMT_IS(sub32) ? 2 : 1 };              /* of 16 columns to a scale */
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256, f.rows += FMT_BYTES) {
            llv_p isum[LLV_TILE_VECS];
            ll_panel p;                                 /* only its scales */
            llq_FMT_panel_scales(f.rows, stride, &p);
            ll_few_group(&f, g, i, FMT_BIAS, RUNS == 1);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) isum[v] = llv_p_set(0);
            LLV_ROLL for (int j = 0; j < 4; j++) {
                llv_p w[16];
                ll_few_ahead(&f, 4 * FMT_BYTES);
                llq_FMT_panel(f.rows, stride, j, w);
                LLV_UNROLL for (int h = 0; h < 4; h += RUNS) {
                    const int run = llq_FMT_run(j, h);
                    llv_p acc[LLV_TILE_VECS];
                    ll_few_dots(&f, w + 4 * h, run, RUNS, FMT_BIAS, acc);
                    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
                        const llv_p sk = ll_panel_scaled_i(p.scale[run / RUNS], f.t.a[v]->k[run / 2], true);
                        isum[v] = llv_p_add(isum[v], llv_p_mul(acc[v], sk));
                    }
                }
            }
            ll_tile256_end(&p, &f.t, isum, llq_FMT_mins, 1, LLV_TILE_VECS);
        }
    }
}
#endif
