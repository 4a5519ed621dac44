/* >>matmul: every path against the dot that defines it, to the bit. */

/* Random blocks with finite scales: random bytes, then each f16 scale is made moderate. */
static void test_random_weights(const ll_format *f, uint8_t *p, size_t n_blocks) {
    for (size_t i = 0; i < n_blocks * (size_t)f->block_bytes; i++) p[i] = (uint8_t)(t_random() >> 56);
    if (f->block_len == 1) {
        for (size_t i = 0; i < n_blocks; i++) {
            float x = t_uniform();
            f->quantize(&x, NULL, p + i * (size_t)f->block_bytes, 1);
        }
        return;
    }
    for (size_t i = 0; i < n_blocks; i++) test_set_scales(f, p + i * (size_t)f->block_bytes, t_uniform(), t_uniform());
}

/* n bytes behind which nothing can be read: a page without access, or else the end of a malloc
 * (which a sanitizer watches). */
typedef struct test_guarded { uint8_t *block, *p; size_t size; } test_guarded;

static test_guarded test_guarded_take(size_t n) {
    test_guarded g;
#if LL_MMAP && LL_POSIX && defined(MAP_ANONYMOUS)
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (n + page - 1) / page * page;
    g.size = body + page;
    g.block = (uint8_t *)mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.block == (uint8_t *)MAP_FAILED || mprotect(g.block + body, page, PROT_NONE)) abort();
    g.p = g.block + body - n;
#else
    g.size = n, g.p = g.block = (uint8_t *)malloc(n);
#endif
    return g;
}
static void test_guarded_free(test_guarded g) {
#if LL_MMAP && LL_POSIX && defined(MAP_ANONYMOUS)
    munmap(g.block, g.size);
#else
    free(g.block);
#endif
}

/* rows x cols against n vectors. Nothing behind the matrix can be read; rows before row0 and
 * after row1 of the result must stay untouched. */
static void test_matmul_case(const ll_format *f, int rows, int cols, int n, int row0, int row1, bool indexed) {
    size_t row_bytes = (size_t)(cols / f->block_len * f->block_bytes), records = ((size_t)cols + 255) / 256;
    size_t x_stride = (size_t)cols + 3, y_stride = (size_t)rows + 5, n_in = (size_t)n + 2;
    test_guarded weights = test_guarded_take(row_bytes * (size_t)rows + (size_t)(n & 1));   /* odd too */
    float *x = (float *)malloc(n_in * x_stride * sizeof(float));
    float *y = (float *)malloc(n_in * y_stride * sizeof(float));
    void *a8_block = malloc(n_in * records * sizeof(ll_a8) + 64);
    ll_a8 *a8 = (ll_a8 *)(((uintptr_t)a8_block + 63) / 64 * 64);
    void *scratch_block = malloc((size_t)ll_matmul_scratch(cols, n) + 64);
    void *scratch = (void *)(((uintptr_t)scratch_block + 63) / 64 * 64);
    int32_t in_row[64], out_row[64];
    ll_matrix w;
    ll_batch b;
    int bad = 0;
    w.format = f, w.data = weights.p, w.row_bytes = row_bytes, w.n_rows = rows, w.n_cols = cols;
    test_random_weights(f, weights.p, row_bytes / (size_t)f->block_bytes * (size_t)rows);
    for (size_t i = 0; i < n_in * x_stride; i++) x[i] = t_uniform() * (float)(1 + i / 32 % 5 * i / 32 % 5);
    for (size_t i = 0; i < n_in; i++) ll_a8_quantize(x + i * x_stride, cols / 32 * 32, f->fine, a8 + i * records);
    for (size_t i = 0; i < n_in * y_stride; i++) y[i] = 12345;
    for (int i = 0; i < n; i++) in_row[i] = (i * 5 + 1) % (n + 2), out_row[i] = n + 1 - i;
    memset(&b, 0, sizeof b);
    b.n = n, b.x = x, b.x_stride = x_stride, b.a8 = a8, b.a8_stride = records, b.y = y, b.y_stride = y_stride;
    if (indexed) b.in_row = in_row, b.out_row = out_row;
    ll_matmul(&w, &b, row0, row1, scratch);
    for (int i = 0; i < n; i++) {
        size_t in = (size_t)(indexed ? in_row[i] : i), out = (size_t)(indexed ? out_row[i] : i);
        const void *vec = f->is_float ? (const void *)(x + in * x_stride) : a8 + in * records;
        for (int r = 0; r < rows; r++) {
            float want = r < row0 || r >= row1 ? 12345 : f->dot(f, w.data + (size_t)r * row_bytes, vec, cols);
            bad += memcmp(&want, &y[out * y_stride + (size_t)r], 4) != 0;
        }
        for (size_t r = (size_t)rows; r < y_stride; r++) bad += y[out * y_stride + r] != 12345;
    }
    CHECK_EQ(bad, 0);
    test_guarded_free(weights), free(x), free(y), free(a8_block), free(scratch_block);
}

static double test_worst_error;

static float test_normal(void) {
    float sum = 0;
    for (int i = 0; i < 12; i++) sum += t_uniform();
    return 0.5f * sum;
}

/* What activations of 8 bits cost: the squared error of products against those of float activations and
 * the same weights, normal data, relative to their squares. */
static void test_matmul_error(const ll_format *f) {
    enum { COLS = 2048, ROWS = 160, VECS = 8 };
    size_t row_bytes = (size_t)(COLS / f->block_len * f->block_bytes);
    float *w = (float *)malloc(COLS * sizeof *w), *x = (float *)malloc(VECS * COLS * sizeof *x);
    uint8_t *row = (uint8_t *)malloc(row_bytes), *block = (uint8_t *)malloc(VECS * (COLS / 256) * sizeof(ll_a8) + 64);
    ll_a8 *a8 = (ll_a8 *)(((uintptr_t)block + 63) / 64 * 64);
    double error = 0, squares = 0;
    t_rng = 88172645463325252ull;       /* not what the tests before it left */
    for (int i = 0; i < VECS * COLS; i++) x[i] = test_normal();
    for (int v = 0; v < VECS; v++) ll_a8_quantize(x + v * COLS, COLS, f->fine, a8 + v * (COLS / 256));
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < COLS; i++) w[i] = 0.02f * test_normal();
        if (f->quantize) f->quantize(w, NULL, row, COLS);
        else test_random_weights(f, row, row_bytes / (size_t)f->block_bytes);
        f->dequantize(f, row, w, COLS);
        for (int v = 0; v < VECS; v++) {
            double want = 0, got;
            for (int i = 0; i < COLS; i++) want += (double)w[i] * (double)x[v * COLS + i];
            got = (double)f->dot(f, row, f->is_float ? (const void *)(x + v * COLS) : a8 + v * (COLS / 256), COLS);
            error += (got - want) * (got - want), squares += want * want;
        }
    }
    CHECK(error <= 4e-5 * squares);
    if (!f->is_float) {
        CHECK(error > 1e-6 * squares);      /* it is not zero either: the comparison sees something */
        test_worst_error = error / squares > test_worst_error ? error / squares : test_worst_error;
    }
    free(w), free(x), free(row), free(block);
}

static void test_matmul(void) {
    static const uint32_t floats[] = { LLOCAL_FORMAT_F32, LLOCAL_FORMAT_F16, LLOCAL_FORMAT_BF16 };
    static const int cols[] = { 32, 64, 96, 256, 288, 512, 576, 896, 1024, 2048 };
    for TEST_EACH_FORMAT(f) {
        TEST(f->name);
        for (int c = 0; c < LL_COUNT(cols); c++) {
            if (cols[c] % f->block_len) continue;
            for (int n = 1; n <= 6; n++) {
                test_matmul_case(f, 17 + c, cols[c], n, 0, 17 + c, n % 2 != 0);
                test_matmul_case(f, 21, cols[c], n, n, 21 - c, n % 2 == 0);
            }
            test_matmul_case(f, 1, cols[c], 1, 0, 1, false);
            test_matmul_case(f, 5, cols[c], 40, 1, 4, true);
        }
        test_matmul_case(f, 9, 8192, 4, 0, 9, false);
        test_matmul_error(f);
    }
    printf("activations of 8 bits: squared error at most %.2g of the products' squares\n", test_worst_error);
    TEST("odd columns of float formats");
    for (int n = 1; n < 50; n += 7)
        for (int i = 0; i < 3; i++)
            if (ll_format_find(floats[i])) test_matmul_case(ll_format_find(floats[i]), 7, n, 3, 0, 7, false);
}
