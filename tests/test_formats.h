/* >>formats: the layouts against golden bytes, the quantisers, the activation record. */

/* A golden file is lines of a key, a row number and values; row 100 has random bytes. */
typedef struct test_golden { char *text; const char *at; } test_golden;

static const char *test_golden_line(const char *text, const char *key, int row) {
    char head[32];
    size_t n = (size_t)(row < 0 ? sprintf(head, "\n%s ", key) : sprintf(head, "\n%s %d ", key, row));
    const char *p = strstr(text, head);
    return p ? p + n : NULL;
}
static int test_golden_floats(const char *p, float *out, int n) {
    for (int i = 0; i < n; i++) {
        char *end;
        out[i] = strtof(p, &end);
        if (end == p) return i;
        p = end;
    }
    return n;
}
static void test_golden_hex(const char *p, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        sscanf(p + 2 * i, "%2x", &v);
        out[i] = (uint8_t)v;
    }
}

static void test_golden_format(const char *file, uint32_t id) {
    static const int rows[] = { 0, 1, 100 };
    char path[64];
    char *text;
    const ll_format *f = ll_format_find(id);
    static uint8_t bytes[2048], again[2048];
    static float want[512], got[512], src[512], act[512];
    static ll_a8 a8[2];
    snprintf(path, sizeof path, "tests/golden/quant/%s.golden", file);
    text = t_read_file(path, NULL);
    TEST(file);
    CHECK(text && f);
    if (!text || !f) { free(text); return; }
    test_golden_floats(test_golden_line(text, "act", 0), act, 512);
    ll_a8_quantize(act, 512, a8);
    for (int i = 0; i < 3; i++) {
        const char *hex = test_golden_line(text, "hex", rows[i]), *p;
        size_t n = (size_t)(512 / f->block_len * f->block_bytes);
        double exact, scale, dot;
        if (!hex) continue;
        test_golden_hex(hex, bytes, n);
        CHECK_EQ(test_golden_floats(test_golden_line(text, "deq", rows[i]), want, 512), 512);
        f->dequantize(bytes, got, 512);
        CHECK(!memcmp(got, want, sizeof got));
        sscanf(test_golden_line(text, "dot", rows[i]), "%lf %lf", &exact, &scale);
        dot = f->dot(bytes, f->is_float ? (const void *)act : a8, 512);
        CHECK(fabs(dot - exact) <= (f->is_float ? 1e-5 : 4e-3) * scale);
        p = test_golden_line(text, "src", rows[i]);
        if (!p || !f->quantize) continue;
        CHECK_EQ(test_golden_floats(p, src, 512), 512);
        f->quantize(src, again, 512);
        if (f->block_len <= 32) CHECK(!memcmp(again, bytes, n));
        else {                          /* a search of our own: no worse than the golden one */
            double ours = 0, theirs = 0;
            f->dequantize(again, got, 512);
            for (int j = 0; j < 512; j++) {
                ours += (double)(got[j] - src[j]) * (got[j] - src[j]);
                theirs += (double)(want[j] - src[j]) * (want[j] - src[j]);
            }
            CHECK(ours <= theirs);
            if (getenv("T_VERBOSE")) printf("%s row %d: error %.3f of the golden one\n", file, rows[i], ours / theirs);
        }
    }
    free(text);
}

static void test_formats(void) {
    test_golden_format("f32", 0);
    test_golden_format("f16", 1);
    test_golden_format("bf16", 30);
    test_golden_format("q8_0", 8);
    test_golden_format("q4_0", 2);
    test_golden_format("q4_K", 12);
    test_golden_format("q5_K", 13);
    test_golden_format("q6_K", 14);
}
