
//@ if always
#if LL_VFP
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    const bool aligned = ((uintptr_t)g->rows | (uintptr_t)g->row_bytes) % 4 == 0;
    for (int v = 0; v < g->n; v++)
        for (int r = 0; r < g->n_rows; r++) {
            const void *row = g->rows + (size_t)r * g->row_bytes;
            g->y[v][r] = aligned ? llq_dot_lanes((const float *)row, (const float *)g->vec[v], g->n_cols) :
                                   llq_FMT_dot(NULL, row, g->vec[v], g->n_cols);
        }
}
#else
//@ end
#if LLV_LANES == 1
/* Four rows and one vector, or one row and four: four of the sixteen lanes at a time, which makes sixteen sums. So many
 * registers most machines have that have no vectors. Floats must be aligned: else they come by general registers. */
LL_INLINE float llq_FMT_aligned(const uint8_t *p) {
    return FMT_BYTES == 4 && !LL_BIG_ENDIAN ? *(const float *)(const void *)p : llq_FMT_part(p);
}
LL_INLINE void llq_FMT_lanes(const uint8_t *const *p, const float *const *x, int n, const int n_rows, float (*sum)[16]) {
    float a[4][4];
    int i = 0;
    LL_UNROLL for (int k = 0; k < 16; k++) a[k / 4][k % 4] = 0;
    LL_ROLL for (; i + 4 <= n; i += 16)
        LL_UNROLL for (int j = 0; j < 4; j++)
            LL_UNROLL for (int k = 0; k < 4; k++)
                a[k][j] = ll_fma(llq_FMT_aligned(p[n_rows == 1 ? 0 : k] + FMT_BYTES * (i + j)), x[n_rows == 1 ? k : 0][i + j],
                                 a[k][j]);
    LL_UNROLL for (int k = 0; k < 16; k++) sum[k / 4][k % 4] = a[k / 4][k % 4];
}

LL_NOINLINE void llq_FMT_gemv_by_dot(const ll_gemv *g) {
    for (int v = 0; v < g->n; v++)
        for (int r = 0; r < g->n_rows; r++) g->y[v][r] = llq_FMT_dot(NULL, g->rows + (size_t)r * g->row_bytes, g->vec[v], g->n_cols);
}

LL_INLINE void llq_FMT_gemv_of(const ll_gemv *g, const int n, const int n_rows) {
    const int rest = g->n_cols % 16;
    float sum[4][16];
    if (FMT_BYTES == 4 && ((uintptr_t)g->rows | (uintptr_t)g->row_bytes) % 4) {
        llq_FMT_gemv_by_dot(g);
        return;
    }
    for (int r = 0; r < g->n_rows; r += n_rows) {
        const uint8_t *p[4];
        const float *x[4];
        llq_rows(g, r, p, n_rows);
        for (int k = 0; k < n; k++) x[k] = (const float *)g->vec[k];
        for (int lane = 0; lane < 16; lane += 4) {
            llq_FMT_lanes(p, x, g->n_cols - lane, n_rows, (float (*)[16])(void *)(sum[0] + lane));
            for (int k = 0; k < n_rows; k++) p[k] += 4 * FMT_BYTES;
            for (int k = 0; k < n; k++) x[k] += 4;
        }
        for (int k = 0; k < 4 && rest; k++)
            for (int j = rest & ~3; j < 16; j++) {      /* behind the end: zeros */
                const int at = g->n_cols - rest + j - 16;
                const uint8_t *w = p[n == 1 ? k : 0] + FMT_BYTES * at;
                sum[k][j] = j < rest ? ll_fma(llq_FMT_part(w), x[n == 1 ? 0 : k][at], sum[k][j]) : ll_fma(0, 0, sum[k][j]);
            }
        for (int k = 0; k < 4; k++)
            if (r + k < g->n_rows || n > 1) g->y[n == 1 ? 0 : k][n == 1 ? r + k : r] = llv_parts_sum(sum[k]);
    }
}
#else
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
#endif

LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_FMT_gemv_of(g, 1, 4);
    else llq_FMT_gemv_of(g, LLV_FLOAT_VECS, LLV_FLOAT_ROWS);
}
//@ if always
#endif
//@ end
