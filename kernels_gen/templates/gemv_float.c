
/* Four rows side by side; sixteen lanes along the columns. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += 4) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, 4);
        llv_f acc[4][4];
        LLV_UNROLL for (int v = 0; v < 4 * n; v++) acc[v / 4][v % 4] = llv_f_set(0);
        for (int i = 0; i < whole; i += 16, ahead += 64 * FMT_BYTES) {
            llv_f w[4];
            LLV_UNROLL for (int c = 0; c < 64 * FMT_BYTES; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int l = 0; l < 4; l++) w[l] = llq_FMT_load(p[l] + (size_t)i * FMT_BYTES);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load((const float *)g->vec[v] + i);
                LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_fma(w[l], x, acc[v][l]);
            }
        }
        for (int l = 0; l < 4 && rest; l++) {
            uint8_t w[16 * FMT_BYTES] = { 0 };
            memcpy(w, p[l] + (size_t)whole * FMT_BYTES, (size_t)rest * FMT_BYTES);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load_n((const float *)g->vec[v] + whole, rest);
                acc[v][l] = llv_f_fma(llq_FMT_load(w), x, acc[v][l]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < 4; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_f_sum(acc[v][l]);
        }
    }
}
