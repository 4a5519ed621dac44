
/* Four rows side by side; sixteen lanes along the columns. */
LL_INLINE void llq_FMT_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 4) {
        const uint8_t *p[4], *ahead = llq_rows4(g, r, p);
        llv_f acc[4][4];
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_set(0);
        }
        for (int i = 0; i < g->n_cols / 16 * 16; i += 16) {
            llv_f w[4];
            LLV_UNROLL for (int b = 0; b < 64 * FMT_BYTES; b += 64) LL_PREFETCH(ahead + b);
            ahead += 64 * FMT_BYTES;
            LLV_UNROLL for (int l = 0; l < 4; l++) w[l] = llq_FMT_load(p[l] + (size_t)i * FMT_BYTES);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load((const float *)g->vec[v] + i);
                LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_fma(w[l], x, acc[v][l]);
            }
        }
        if (g->n_cols % 16) {
            const int i = g->n_cols / 16 * 16, left = g->n_cols - i;
            for (int l = 0; l < 4; l++) {
                uint8_t w[16 * FMT_BYTES] = { 0 };
                memcpy(w, p[l] + (size_t)i * FMT_BYTES, (size_t)left * FMT_BYTES);
                LLV_UNROLL for (int v = 0; v < n; v++)
                    acc[v][l] = llv_f_fma(llq_FMT_load(w), llv_f_load_n((const float *)g->vec[v] + i, left), acc[v][l]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            for (int l = 0; l < 4 && r + l < g->n_rows; l++) g->y[v][r + l] = llv_f_sum(acc[v][l]);
        }
    }
}
