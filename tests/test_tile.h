/* Panels and tiles: equal to the definition of the dot product, to the bit. */

/* Random bytes are codes of every value; scales must be finite and of one size. */
static void test_tile_matrix(const ll_format *f, uint8_t *data, size_t bytes, bool extreme) {
    for (size_t i = 0; i < bytes; i++) data[i] = (uint8_t)(extreme ? (t_random() & 1 ? 255 : 0) : t_random() >> 20);
    for (size_t i = 0; i + (size_t)f->block_bytes <= bytes; i += (size_t)f->block_bytes) {
        float d = 0.01f + 0.001f * (float)(t_random() % 64);
        uint8_t *b = data + i;
        if (f->is_float) {
            if (f->id == LLOCAL_FORMAT_F32) ll_store_u32(b, ll_f32_to_bits(t_uniform()));
            else if (f->id == LLOCAL_FORMAT_F16) llq_put_f16(b, t_uniform());
            else llq_put_u16(b, ll_f32_to_bf16(t_uniform()));
        } else test_set_scales(f, b, d, 0.5f * d);
    }
}

typedef struct test_tile_case { int rows, cols, n, row0, row1, shuffle, extreme, misalign; } test_tile_case;

static void test_tile_run(const ll_format *f, test_tile_case c) {
    ll_matrix w;
    ll_batch b;
    const int groups = (c.cols + 255) / 256, pool = c.n + 3;
    const size_t row_bytes = (size_t)(c.cols / f->block_len * f->block_bytes), bytes = row_bytes * (size_t)c.rows;
    const size_t scratch_bytes = (size_t)ll_matmul_scratch(c.cols, c.n);
    uint8_t *data = (uint8_t *)malloc(bytes + (size_t)c.misalign);
    float *x = (float *)malloc(sizeof(float) * (size_t)(pool * c.cols));
    char *raw = (char *)malloc(sizeof(ll_a8) * (size_t)(pool * groups) + 64), *raw2 = (char *)malloc(scratch_bytes + 64);
    ll_a8 *a8 = (ll_a8 *)(raw + (64 - (uintptr_t)raw % 64) % 64);
    void *scratch = raw2 + (64 - (uintptr_t)raw2 % 64) % 64;
    const size_t stride = (size_t)c.rows + 5;
    float *y = (float *)malloc(sizeof(float) * stride * (size_t)pool);
    int32_t *in = (int32_t *)malloc(sizeof(int32_t) * (size_t)c.n), *out = (int32_t *)malloc(sizeof(int32_t) * (size_t)c.n);
    int bad = 0, touched = 0;
    test_tile_matrix(f, data + c.misalign, bytes, c.extreme);
    for (int i = 0; i < pool * c.cols; i++)
        x[i] = c.extreme ? (t_random() & 1 ? 1.0f : -1.0f) : t_uniform() * (i % 97 == 0 ? 5.0f : 1.0f) * (float)(1 + i / 32 % 3);
    for (int i = 0; i < pool && !f->is_float; i++) ll_a8_quantize(x + i * c.cols, c.cols, f->fine, a8 + i * groups);
    for (int i = 0; i < c.n; i++) in[i] = (i * 7 + 3) % pool, out[i] = pool - 1 - i;
    for (size_t i = 0; i < stride * (size_t)pool; i++) y[i] = -12345.0f;
    w.format = f, w.data = data + c.misalign, w.row_bytes = row_bytes, w.n_rows = c.rows, w.n_cols = c.cols;
    memset(&b, 0, sizeof b);
    b.n = c.n, b.x = x, b.x_stride = (size_t)c.cols, b.a8 = a8, b.a8_stride = (size_t)groups;
    b.y = y, b.y_stride = stride;
    if (c.shuffle) b.in_row = in, b.out_row = out;
    ll_matmul(&w, &b, c.row0, c.row1, scratch);
    for (int i = 0; i < c.n; i++) {
        float *got = ll_batch_out(&b, i);
        for (int r = c.row0; r < c.row1; r++) {
            float want = f->dot(f, w.data + (size_t)r * row_bytes, ll_batch_in(f, &b, i), c.cols);
            bad += memcmp(&want, &got[r], 4) != 0;
            got[r] = -12345.0f;
        }
    }
    for (size_t i = 0; i < stride * (size_t)pool; i++) touched += y[i] != -12345.0f;
    CHECK_EQ(bad, 0);
    CHECK_EQ(touched, 0);
    if (bad || touched) printf("       %s rows %d cols %d n %d [%d,%d)\n", f->name, c.rows, c.cols, c.n, c.row0, c.row1);
    free(data), free(x), free(raw), free(raw2), free(y), free(in), free(out);
}

static void test_tile(void) {
    for TEST_EACH_FORMAT(f) {
        TEST(f->name);
        for (int n = 1; n <= 21; n += n < 9 ? 1 : 3) {
            test_tile_case c = { 100, 512, 1, 0, 100, 0, 0, 1 };
            c.n = n, c.shuffle = n % 2, c.extreme = n % 3 == 0;
            test_tile_run(f, c);
            c.rows = 77 + n, c.row0 = n, c.row1 = 50 + n, c.cols = 1024;
            test_tile_run(f, c);
            c.rows = 7, c.row0 = n % 3, c.row1 = 7 - n % 2, c.cols = f->block_len > 32 ? f->block_len : 32 * n;
            test_tile_run(f, c);
        }
    }
}
