/* >>formats: the layouts against golden bytes, the quantisers, the activation record. */
#include "modes.h"

/* Where a block keeps its f16 scales; -1: no scale of minima. Random bytes must not stay there. */
static void test_set_scales(const ll_format *f, uint8_t *block, float d, float dmin) {
    static const struct { uint32_t id; int d, dmin; } at[] = {
        { LLOCAL_FORMAT_Q4_1, 0, 2 }, { LLOCAL_FORMAT_Q5_0, 0, -1 }, { LLOCAL_FORMAT_Q5_1, 0, 2 },
        { LLOCAL_FORMAT_IQ4_NL, 0, -1 }, { LLOCAL_FORMAT_Q1_0, 0, -1 }, { LLOCAL_FORMAT_Q2_0, 0, -1 },
        { LLOCAL_FORMAT_Q4_0, 0, -1 }, { LLOCAL_FORMAT_Q8_0, 0, -1 }, { LLOCAL_FORMAT_Q2_K, 80, 82 },
        { LLOCAL_FORMAT_Q3_K, 108, -1 }, { LLOCAL_FORMAT_Q4_K, 0, 2 }, { LLOCAL_FORMAT_Q5_K, 0, 2 },
        { LLOCAL_FORMAT_Q6_K, 208, -1 }, { LLOCAL_FORMAT_IQ4_XS, 0, -1 }, { LLOCAL_FORMAT_TQ1_0, 52, -1 },
        { LLOCAL_FORMAT_TQ2_0, 64, -1 }, { LLOCAL_FORMAT_IQ2_XXS, 0, -1 }, { LLOCAL_FORMAT_IQ2_XS, 0, -1 },
        { LLOCAL_FORMAT_IQ3_XXS, 0, -1 }, { LLOCAL_FORMAT_IQ1_S, 0, -1 }, { LLOCAL_FORMAT_IQ3_S, 0, -1 },
        { LLOCAL_FORMAT_IQ2_S, 0, -1 }
    };
    if (f->id == LLOCAL_FORMAT_MXFP4) block[0] = (uint8_t)(120 + block[0] % 16);
    if (f->id == LLOCAL_FORMAT_IQ1_M)                                   /* four bits in each word */
        for (int i = 0; i < 4; i++) block[49 + 2 * i] = (uint8_t)((block[49 + 2 * i] & 15) | (ll_f32_to_f16(d) >> (4 * i) & 15) << 4);
    if (f->id == LLOCAL_FORMAT_IQ1_M || f->id == LLOCAL_FORMAT_MXFP4 || f->id == LLOCAL_FORMAT_NVFP4) return;  /* NVFP4: all bytes will do */
    for (int i = 0; i < LL_COUNT(at); i++) {
        if (at[i].id != f->id) continue;
        llq_put_f16(block + at[i].d, d);
        if (at[i].dmin >= 0) llq_put_f16(block + at[i].dmin, dmin);
        return;
    }
    CHECK(!"a format without its scales in this table");
}

/* The next format this build can run, from id on; NULL: there is none. */
static const ll_format *test_next_format(uint32_t id) {
    for (; id < 64; id++) if (ll_format_find(id)) return ll_format_find(id);
    return NULL;
}
#define TEST_EACH_FORMAT(f) (const ll_format *f = test_next_format(0); f; f = test_next_format(f->id + 1))

/* A golden file is lines of a key, a row number and values; row 100 has random bytes. */
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
    ll_a8_quantize(act, 512, f->fine, a8);
    for (int i = 0; i < 3; i++) {
        const char *hex = test_golden_line(text, "hex", rows[i]), *p;
        size_t n = (size_t)(512 / f->block_len * f->block_bytes);
        double exact, scale, dot;
        if (!hex) continue;
        test_golden_hex(hex, bytes, n);
        CHECK_EQ(test_golden_floats(test_golden_line(text, "deq", rows[i]), want, 512), 512);
        f->dequantize(f, bytes, got, 512);
        CHECK(!memcmp(got, want, sizeof got));
        sscanf(test_golden_line(text, "dot", rows[i]), "%lf %lf", &exact, &scale);
        dot = f->dot(f, bytes, f->is_float ? (const void *)act : a8, 512);
        CHECK(fabs(dot - exact) <= (f->is_float ? 1e-5 : 4e-3) * scale);
        p = test_golden_line(text, "src", rows[i]);
        if (!p || !f->quantize) continue;
        CHECK_EQ(test_golden_floats(p, src, 512), 512);
        f->quantize(src, NULL, again, 512);
        if (f->block_len <= 32 && f->id != LLOCAL_FORMAT_IQ4_NL) CHECK(!memcmp(again, bytes, n));
        else {                          /* a search of our own: no worse than the golden one */
            double ours = 0, theirs = 0;
            f->dequantize(f, again, got, 512);
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

/* The record once more, number by number. */
static void test_a8_kind(const float *x, int n, bool fine) {
    const int levels = fine ? 2047 : 7;
    ll_a8 a;
    float max = 0, base, worst = 0;
    int bad = 0;
    memset(&a, 0xee, sizeof a);
    ll_a8_quantize(x, n, fine, &a);
    for (int i = 0; i < n; i++) max = fmaxf(max, fabsf(x[i]));
    base = max / ((float)levels * 127);
    if (base < ldexpf(1, -126)) base = 1;
    bad += a.base != base;
    for (int j = 0; j < 8; j++) {
        float block = 0;
        for (int i = 32 * j; i < 32 * j + 32 && i < n; i++) block = fmaxf(block, fabsf(x[i]));
        bad += a.k[j] != LL_MIN((int)(block * (1 / (127 * base))) + 1, levels);
        bad += (float)(127 * a.k[j]) * base < block * 0.999999f;        /* it reaches the largest, and hardly more */
        bad += (float)(127 * (a.k[j] - 1)) * base > block * 1.000001f;
    }
    for (int j = 0; j < 16; j++) {
        int sum = 0;
        float inv = 1.0f / (base * (float)a.k[j / 2]);
        for (int i = 16 * j; i < 16 * j + 16; i++) {
            float q = i < n ? rintf(x[i] * inv) : 0;
            q = fmaxf(-127, fminf(127, q));
            bad += a.q[i] != (int)q;
            sum += a.q[i];
            if (i < n) worst = fmaxf(worst, fabsf(x[i] - base * (float)(a.k[j / 2] * a.q[i])) / (base * (float)a.k[j / 2]));
        }
        bad += a.sum[j] != sum;
    }
    CHECK_EQ(bad, 0);
    CHECK(worst < 0.5001f);
}

static void test_a8_one(const float *x, int n) { test_a8_kind(x, n, false), test_a8_kind(x, n, true); }

static void test_a8(void) {
    float x[256];
    ll_a8 a;
    TEST("activations");
    for (int round = 0; round < 200; round++) {
        float size = ldexpf(1, (int)(t_random() % 200) - 100);
        for (int i = 0; i < 256; i++) x[i] = t_uniform() * size * (float)(1 + t_random() % (1 + (unsigned)(i / 32 % 5) * 9));
        test_a8_one(x, 32 * (1 + round % 8));
    }
    for (int i = 0; i < 256; i++) x[i] = (i % 2 ? -1 : 1) * ldexpf(1, -149 + i / 9);       /* denormals */
    test_a8_one(x, 256);
    for (int i = 0; i < 256; i++) x[i] = (i % 3 ? -3.402823466e38f : 3.402823466e38f) / (float)(1 + i % 2);
    test_a8_one(x, 256);
    memset(x, 0, sizeof x);
    test_a8_one(x, 256);
    for (int i = 0; i < 6; i++) {
        static const float odd[] = { (float)INFINITY, (float)-INFINITY, (float)NAN };
        x[100] = odd[i / 2], x[3] = 1;
        ll_a8_quantize(x, 256, i % 2, &a);
        CHECK(a.base != a.base && a.q[3] == 0 && a.k[0] == 1 && a.k[7] == 1);
    }
}

/* Everything at its extreme: no sum may overflow anywhere. */
static void test_extremes(const ll_format *f) {
    static uint8_t rows[9 * 8192];
    static ll_a8 a8[4 * 4], *a = a8;
    ll_matrix w;
    ll_batch b;
    float y[4 * 9];
    void *scratch = malloc((size_t)ll_matmul_scratch(1024, 8) + 64);
    int bad = 0;
    w.format = f, w.data = rows, w.n_rows = 9, w.n_cols = 1024;
    w.row_bytes = (uint64_t)(1024 / f->block_len * f->block_bytes);
    memset(&b, 0, sizeof b);
    b.n = 4, b.a8 = a8, b.a8_stride = 4, b.y = y, b.y_stride = 9;
    for (int mode = 0; mode < 12; mode++) {
        for (size_t i = 0; i < 9 * w.row_bytes; i++)
            rows[i] = (uint8_t)(mode % 3 == 0 ? 0xff : mode % 3 == 1 ? 0 : t_random() & 1 ? 0x80 : 0x7f);
        for (size_t i = 0; i < 9 * w.row_bytes; i += (size_t)f->block_bytes) test_set_scales(f, rows + i, 1, 1);
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 256; j++) a[i].q[j] = mode / 3 == 0 ? 127 : mode / 3 == 1 ? -127 : t_random() & 1 ? 127 : -127;
            for (int j = 0; j < 8; j++) a[i].k[j] = f->fine ? LL_A8_FINE : LL_A8_COARSE;
            for (int j = 0; j < 16; j++) {
                int sum = 0;
                for (int l = 0; l < 16; l++) sum += a[i].q[16 * j + l];
                a[i].sum[j] = (int16_t)sum;
            }
            a[i].base = 1;
        }
        ll_matmul(&w, &b, 0, 9, (void *)(((uintptr_t)scratch + 63) / 64 * 64));
        for (int i = 0; i < 36; i++) {
            float want = f->dot(f, rows + (size_t)(i % 9) * w.row_bytes, a8 + i / 9 * 4, 1024);
            bad += memcmp(&want, &y[i], 4) != 0;
        }
    }
    CHECK_EQ(bad, 0);
    free(scratch);
}

#define TEST_FORMATS_HASH 0xaf04a0b10f0e6f21ull

/* What must not depend on compiler or instruction set, in one number. */
static void test_formats_hash(void) {
    static float x[1024], y[1024];
    static uint8_t w[8192];
    static ll_a8 a[4];
    unsigned long long rng = t_rng;
    uint64_t h = LL_HASH_START;
    TEST("formats: one result everywhere");
    t_rng = 88172645463325252ull;
    for (int i = 0; i < 1024; i++) x[i] = t_uniform() * (float)(1 + i / 32 % 9);
    for TEST_EACH_FORMAT(f) {
        float dot;
        if (!f->quantize) continue;
        ll_a8_quantize(x, 1024, f->fine, a);
        h = ll_hash(h, a, sizeof a);
        f->quantize(x, NULL, w, 1024);
        h = ll_hash(h, w, (size_t)(1024 / f->block_len * f->block_bytes));
        f->dequantize(f, w, y, 1024);
        h = ll_hash(h, y, sizeof y);
        dot = f->dot(f, w, f->is_float ? (const void *)x : a, 1024);
        h = ll_hash(h, &dot, 4);
    }
    t_rng = rng;
    if (h != TEST_FORMATS_HASH) printf("hash 0x%llx\n", (unsigned long long)h);
    CHECK(h == TEST_FORMATS_HASH);
}

/* The enum of formats and the table behind llocal_format_traits: the same names, all of them. */
static void test_formats_enum(void) {
#define TEST_FORMAT(name) { #name, LLOCAL_FORMAT_##name }
    static const struct { const char *name; llocal_format f; } known[] = {
        TEST_FORMAT(F32), TEST_FORMAT(F16), TEST_FORMAT(Q4_0), TEST_FORMAT(Q4_1), TEST_FORMAT(Q5_0), TEST_FORMAT(Q5_1),
        TEST_FORMAT(Q8_0), TEST_FORMAT(Q8_1), TEST_FORMAT(Q2_K), TEST_FORMAT(Q3_K), TEST_FORMAT(Q4_K), TEST_FORMAT(Q5_K),
        TEST_FORMAT(Q6_K), TEST_FORMAT(Q8_K), TEST_FORMAT(IQ2_XXS), TEST_FORMAT(IQ2_XS), TEST_FORMAT(IQ3_XXS),
        TEST_FORMAT(IQ1_S), TEST_FORMAT(IQ4_NL), TEST_FORMAT(IQ3_S), TEST_FORMAT(IQ2_S), TEST_FORMAT(IQ4_XS),
        TEST_FORMAT(I8), TEST_FORMAT(I16), TEST_FORMAT(I32), TEST_FORMAT(I64), TEST_FORMAT(F64), TEST_FORMAT(IQ1_M),
        TEST_FORMAT(BF16), TEST_FORMAT(TQ1_0), TEST_FORMAT(TQ2_0), TEST_FORMAT(MXFP4), TEST_FORMAT(NVFP4),
        TEST_FORMAT(Q1_0), TEST_FORMAT(Q2_0)
    };
#undef TEST_FORMAT
    int n = 0;
    TEST("format names");
    for (int i = 0; i < LL_COUNT(known); i++) {
        const char *name = llocal_format_traits(known[i].f).name;
        CHECK(name && !strcmp(name, known[i].name));
    }
    for (llocal_format f = 0; f < 1000; f++) n += llocal_format_traits(f).block_len > 0;
    CHECK_EQ(n, LL_COUNT(known));
}

static void test_formats_public(void) {
    float x[256], y[256];
    uint8_t w[512];
    llocal_traits info = llocal_format_traits(LLOCAL_FORMAT_Q4_K);
    TEST("format functions");
    CHECK(info.can_run && info.can_quantize && info.block_len == 256 && !strcmp(info.name, "Q4_K"));
    CHECK(!llocal_format_traits(43).name && !llocal_format_traits(4000000000u).name);
    CHECK(llocal_format_traits(4).name && !llocal_format_traits(4).block_len && !llocal_format_traits(4).can_run);   /* removed */
    CHECK(llocal_format_traits(LLOCAL_FORMAT_F64).name && !llocal_format_traits(LLOCAL_FORMAT_F64).can_run);
    CHECK(llocal_format_bytes(LLOCAL_FORMAT_Q4_K, 512) == 288 && llocal_format_bytes(LLOCAL_FORMAT_Q4_K, 511) == 0);
    CHECK(llocal_format_bytes(5, 32) == 0);
    CHECK(llocal_format_bytes(LLOCAL_FORMAT_F64, UINT64_MAX / 4) == 0);
    for (int i = 0; i < 256; i++) x[i] = -5;
    CHECK(llocal_quantize(LLOCAL_FORMAT_Q4_K, x, NULL, w, 256) == LLOCAL_OK && llocal_dequantize(LLOCAL_FORMAT_Q4_K, w, y, 256) == LLOCAL_OK);
    for (int i = 0; i < 256; i++) if (fabsf(y[i] + 5) > 0.01f) { CHECK(!"a constant block"); break; }
    CHECK(llocal_quantize(LLOCAL_FORMAT_Q4_K, x, NULL, w, 255) == LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_quantize(LLOCAL_FORMAT_F64, x, NULL, w, 1) == LLOCAL_ERR_UNSUPPORTED);
    CHECK(llocal_quantize(5, x, NULL, w, 1) == LLOCAL_ERR_UNSUPPORTED && llocal_quantize(43, x, NULL, w, 1) == LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_dequantize(LLOCAL_FORMAT_F64, w, y, 1) == LLOCAL_ERR_UNSUPPORTED);
    for (uint32_t id = 2; id < 64; id++) {      /* values no scale can hold, and ones it holds badly */
        static const float sizes[] = { 0, 1e-45f, 1e-38f, 1e-20f, 1e-7f, 65504 };
        const ll_format *f = ll_format_find(id);
        const llocal_traits about = llocal_format_traits(id);
        const float bits = 8.0f * (float)about.block_bytes / (float)about.block_len;
        const float step = bits < 3 ? 1.0f : bits < 4 ? 0.4f : id == LLOCAL_FORMAT_MXFP4 ? 0.25f : 0.2f;     /* of the largest value */
        if (!f || f->is_float || !f->quantize) continue;
        for (int s = 0; s < LL_COUNT(sizes); s++) {
            float worst = 0;
            if (sizes[s] > about.max_weight) continue;
            for (int i = 0; i < 256; i++) x[i] = t_uniform() * sizes[s];
            CHECK(llocal_quantize(id, x, NULL, w, 256) == LLOCAL_OK);
            llocal_dequantize(id, w, y, 256);
            for (int i = 0; i < 256; i++) worst = fmaxf(worst, fabsf(x[i] - y[i]));
            CHECK(worst <= fmaxf(step * sizes[s], 2e-6f));
            if (!(worst <= fmaxf(step * sizes[s], 2e-6f))) printf("%s size %g worst %g\n", f->name, sizes[s], worst);
        }
    }
}

/* What a format cannot hold is refused and dst is as it was; what it takes comes back finite, the largest
 * weight too, with whatever importance. */
static void test_format_limits(void) {
    static float x[256], w[256], y[256];
    static uint8_t bytes[1024], before[1024];
    TEST("format limits");
    memset(before, 0xa5, sizeof before);
    for TEST_EACH_FORMAT(f) {
        const float max = llocal_format_traits(f->id).max_weight;
        const float beyond[] = { (float)NAN, (float)INFINITY, (float)-INFINITY, 3.402823466e38f, -3.402823466e38f,
                                 nextafterf(max, (float)INFINITY), -nextafterf(max, (float)INFINITY) };
        if (!f->quantize) { CHECK(max == 0); continue; }
        for (int i = 0; i < LL_COUNT(beyond); i++) {
            for (int j = 0; j < 256; j++) x[j] = t_uniform();
            x[255 - 40 * i] = beyond[i];
            memcpy(bytes, before, sizeof bytes);
            if (f->id) CHECK(llocal_quantize(f->id, x, NULL, bytes, 256) == LLOCAL_ERR_ARGUMENT && !memcmp(bytes, before, sizeof bytes));
            else CHECK(llocal_quantize(f->id, x, NULL, bytes, 256) == LLOCAL_OK && !memcmp(bytes, x, sizeof x));
        }
        if (!f->id) continue;
        for (int round = 0; round < 200; round++) {         /* few of them weigh much, at the ends of the range */
            bool ok = true;
            for (int j = 0; j < 256; j++) {
                const float u = t_uniform();
                x[j] = max * (round % 4 == 0 ? u : round % 4 == 1 ? (u < 0 ? -1.0f : 1.0f) : j % 32 == round % 32 ? -1 : 0.5f + 0.5f * fabsf(u));
                w[j] = round % 3 == 0 ? expf(60 * t_uniform()) : t_random() % 8 ? 0 : 1 + t_uniform();
            }
            ok &= llocal_quantize(f->id, x, round % 8 > 2 ? w : NULL, bytes, 256) == LLOCAL_OK;
            ok &= llocal_dequantize(f->id, bytes, y, 256) == LLOCAL_OK;
            for (int j = 0; j < 256; j++) ok &= fabsf(y[j]) <= 3 * (double)max && fabsf(y[j]) <= 3.402823466e38f;
            CHECK(ok);
            if (!ok) { printf("       %s, round %d\n", f->name, round); break; }
        }
    }
    if (ll_format_find(LLOCAL_FORMAT_F16)) {                /* to the last float that rounds to a number */
        const float last[] = { 65519.996f, 65520 };
        CHECK(llocal_quantize(LLOCAL_FORMAT_F16, &last[0], NULL, bytes, 1) == LLOCAL_OK && ll_load_u16(bytes) == 0x7bff);
        CHECK(llocal_quantize(LLOCAL_FORMAT_F16, &last[1], NULL, bytes, 1) == LLOCAL_ERR_ARGUMENT);
    }
    if (ll_format_find(LLOCAL_FORMAT_BF16)) {
        const float last[] = { ll_bits_to_f32(0xff7f7fffu), ll_bits_to_f32(0xff7f8000u) };
        CHECK(llocal_quantize(LLOCAL_FORMAT_BF16, &last[0], NULL, bytes, 1) == LLOCAL_OK && ll_load_u16(bytes) == 0xff7f);
        CHECK(llocal_quantize(LLOCAL_FORMAT_BF16, &last[1], NULL, bytes, 1) == LLOCAL_ERR_ARGUMENT);
    }
}

/* Importance: the weighted error is smaller with it than without; what has none is still rounded. */
static void test_importance(void) {
    static float x[4096], w[4096], y[2][4096];
    static uint8_t bytes[4096 * 4];
    TEST("importance");
    t_rng = 88172645463325252ull;       /* the same data whatever ran before: ternary formats gain only about 2 % */
    for (int i = 0; i < 4096; i++) x[i] = t_uniform() + t_uniform() + t_uniform(), w[i] = expf(3 * t_uniform());
    for (int i = 1024; i < 2048; i++) w[i] *= 1e30f;
    for (int i = 2048; i < 2304; i++) w[i] = 0;
    for (int i = 3000; i < 3072; i++) w[i] = 0;
    for (uint32_t id = 2; id < 64; id++) {
        const ll_format *f = ll_format_find(id);
        double error[2] = { 0, 0 };
        if (!f || f->is_float || !f->quantize) continue;
        for (int j = 0; j < 2; j++) {
            CHECK(llocal_quantize(id, x, j ? w : NULL, bytes, 4096) == LLOCAL_OK);
            f->dequantize(f, bytes, y[j], 4096);
            for (int i = 0; i < 4096; i++) {
                double e = (double)y[j][i] - x[i];
                error[j] += e * e * (i >= 1024 && i < 2048 ? w[i] * 1e-30f : w[i]);
                if (fabs(e) > 4) { CHECK(!"rounded sensibly"); break; }
            }
        }
        if (getenv("T_VERBOSE")) printf("%s: weighted error %.3f of that without weights\n", f->name, error[1] / error[0]);
        CHECK(f->id == LLOCAL_FORMAT_Q8_0 ? error[1] == error[0] : error[1] < error[0]);
        w[5] = -1;
        CHECK(llocal_quantize(id, x, w, bytes, 4096) == LLOCAL_ERR_ARGUMENT);
        w[5] = (float)NAN;
        CHECK(llocal_quantize(id, x, w, bytes, 4096) == LLOCAL_ERR_ARGUMENT);
        w[5] = (float)INFINITY;
        CHECK(llocal_quantize(id, x, w, bytes, 4096) == LLOCAL_ERR_ARGUMENT);
        w[5] = 1;
    }
}

/* The thread's mode of floating point changes no byte, and is as it was afterwards. */
static void test_format_modes(void) {
    static float x[512], w[512], y[2][512];
    static uint8_t bytes[2][2048];
    TEST("format modes");
    for (int i = 0; i < 512; i++) x[i] = t_uniform() * (i % 7 ? 1 : 1e-39f), w[i] = t_uniform() + 1;
    for TEST_EACH_FORMAT(f) {
        const size_t n = (size_t)(512 / f->block_len * f->block_bytes);
        if (!f->quantize) continue;
        llocal_quantize(f->id, x, w, bytes[0], 512), llocal_dequantize(f->id, bytes[0], y[0], 512);
        for (int mode = 0; mode < T_MODES; mode++) {
            unsigned long long before;
            bool same;
            t_mode_set(mode), before = t_mode_get();
            llocal_quantize(f->id, x, w, bytes[1], 512), llocal_dequantize(f->id, bytes[1], y[1], 512);
            same = t_mode_get() == before;
            t_mode_reset();
            same &= !memcmp(bytes[0], bytes[1], n) && !memcmp(y[0], y[1], sizeof y[0]);
            CHECK(same);
            if (!same) printf("       %s, %s\n", f->name, t_mode_names[mode]);
        }
    }
}

static void test_formats(void) {
    test_format_modes();
    test_a8();
    test_formats_hash();
    test_formats_enum();
    test_formats_public();
    test_format_limits();
    test_importance();
    for TEST_EACH_FORMAT(f) {
        TEST(f->name);
        if (!f->is_float) test_extremes(f);
    }
    test_golden_format("f32", 0);
    test_golden_format("f16", 1);
    test_golden_format("bf16", 30);
    test_golden_format("q8_0", 8);
    test_golden_format("q4_0", 2);
    test_golden_format("q4_K", 12);
    test_golden_format("q5_K", 13);
    test_golden_format("q6_K", 14);
    test_golden_format("q4_1", 3);
    test_golden_format("q5_0", 6);
    test_golden_format("q5_1", 7);
    test_golden_format("iq4_nl", 20);
    test_golden_format("mxfp4", 39);
    test_golden_format("nvfp4", 40);
    test_golden_format("q1_0", 41);
    test_golden_format("q2_0", 42);
    test_golden_format("q2_K", 10);
    test_golden_format("q3_K", 11);
    test_golden_format("iq4_xs", 23);
    test_golden_format("tq1_0", 34);
    test_golden_format("tq2_0", 35);
    test_golden_format("iq2_xxs", 16);
    test_golden_format("iq2_xs", 17);
    test_golden_format("iq2_s", 22);
    test_golden_format("iq3_xxs", 18);
    test_golden_format("iq3_s", 21);
    test_golden_format("iq1_s", 19);
    test_golden_format("iq1_m", 29);
}
