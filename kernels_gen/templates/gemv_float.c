
/* n_rows rows side by side; sixteen lanes along the columns, in parts of one register. */
LL_INLINE void llq_FMT_gemv_of(const ll_gemv *g, const int n, const int n_rows) {
    enum { PARTS = LLV_PARTS };
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += n_rows) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, n_rows);
        llv_part acc[4][4][PARTS];
        LLV_UNROLL for (int i = 0; i < n * n_rows * PARTS; i++)
            acc[i / PARTS / n_rows][i / PARTS % n_rows][i % PARTS] = llv_part_set(0);
        LLV_ROLL for (int i = 0; i < whole; i += 16, ahead += 16 * n_rows * FMT_BYTES) {
            LLV_UNROLL for (int c = 0; c < 16 * n_rows * FMT_BYTES; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int h = 0; h < PARTS; h++) {
                const size_t at = (size_t)(i + LLV_LANES * h);
                llv_part w[4], x;
                LLV_UNROLL for (int l = 0; l < n_rows; l++) {
                    w[l] = llq_FMT_part(p[l] + at * FMT_BYTES);
                    LLV_KEEP(w[l]);
                }
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    x = llv_part_load((const float *)g->vec[v] + at);
                    LLV_KEEP(x);
                    LLV_UNROLL for (int l = 0; l < n_rows; l++)
                        acc[v][l][h] = llv_part_fma(w[l], x, acc[v][l][h]);
                }
            }
        }
        if (rest) LLV_UNROLL for (int l = 0; l < n_rows; l++) {
            uint8_t w[16 * FMT_BYTES] = { 0 };
            memcpy(w, p[l] + (size_t)whole * FMT_BYTES, (size_t)rest * FMT_BYTES);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                float x[16] = { 0 };
                memcpy(x, (const float *)g->vec[v] + whole, (size_t)rest * sizeof(float));
                LLV_UNROLL for (int h = 0; h < PARTS; h++)
                    acc[v][l][h] = llv_part_fma(llq_FMT_part(w + LLV_LANES * FMT_BYTES * h),
                                                llv_part_load(x + LLV_LANES * h), acc[v][l][h]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < n_rows; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_parts_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_FMT_gemv_of(g, 1, 4);
    else llq_FMT_gemv_of(g, LLV_FLOAT_VECS, LLV_FLOAT_ROWS);
}
