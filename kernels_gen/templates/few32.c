
#if LLV_FEW
LL_FN void llq_FMT_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, FMT_BIAS, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
//@ if min
            float ksum[LLV_TILE_VECS][8];
            for (int v = 0; v < LLV_TILE_VECS; v++)
                for (int j = 0; j < 8; j++) ksum[v][j] = (float)ll_a8_ksum(f.t.a[v], j);
//@ end
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += FMT_BYTES) {
                const llv_f d = llq_FMT_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                ll_few_ahead(&f, 16 * FMT_BYTES);
                llq_FMT_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, FMT_BIAS, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
//@ if min
                const llv_f m = ll_panel_f16(f.rows + offsetof(llq_FMT, m), stride);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_fma(m, llv_f_set(ksum[v][b]), sum[v]);
//@ end
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
}
#endif
