/* >>simd: each primitive against its definition where that is short, and one hash over
 * all of them that every instruction set and compiler must arrive at. */

static uint64_t test_simd_hash;
static void test_simd_take(const void *p, size_t n) { test_simd_hash = ll_hash(test_simd_hash, p, n); }
#define TEST_TAKE_F(x) (llv_f_store(test_out, (x)), test_simd_take(test_out, sizeof test_out))

static void test_simd_floats(void) {
    float x[48], test_out[16];
    uint16_t h[16];
    int8_t b[16];
    TEST("float vectors");
    for (int round = 0; round < 50; round++) {
        llv_f a, c, d;
        for (int i = 0; i < 48; i++) x[i] = t_uniform() * (float)(1 << round % 20);
        if (round == 1) x[0] = x[17] = (float)NAN, x[2] = (float)INFINITY, x[3] = 0, x[19] = -0.0f;
        a = llv_f_load(x), c = llv_f_load(x + 16), d = llv_f_load(x + 32);
        if (round != 1) {               /* the bits of a new NaN are nobody's business */
            TEST_TAKE_F(llv_f_add(a, c)), TEST_TAKE_F(llv_f_sub(a, c)), TEST_TAKE_F(llv_f_mul(a, c));
            TEST_TAKE_F(llv_f_div(a, c)), TEST_TAKE_F(llv_f_fma(a, c, d)), TEST_TAKE_F(llv_f_round(a));
            llv_f_store_f16(h, a), test_simd_take(h, sizeof h);
            test_out[0] = llv_f_sum(a), test_out[1] = llv_f_hmax(a);
            test_simd_take(test_out, 8);
            llv_f_store_i8(b, llv_f_round(llv_f_div(a, llv_f_set((float)(1 << round % 20) / 127))));
            test_simd_take(b, sizeof b);
            llv_f_store(test_out, llv_f_load_i8(b));
            for (int i = 0; i < 16; i++) CHECK(test_out[i] == (float)b[i]);
        }
        TEST_TAKE_F(llv_f_max(a, c)), TEST_TAKE_F(llv_f_min(a, c)), TEST_TAKE_F(llv_f_abs(a));
        for (int n = 0; n <= 16; n++) {
            TEST_TAKE_F(llv_f_load_n(x, n));
            memset(test_out, 0, sizeof test_out);
            llv_f_store_n(test_out, a, n), test_simd_take(test_out, sizeof test_out);
        }
    }
    for (int n = -126; n <= 127; n++) {
        llv_f_store(test_out, llv_f_pow2(llv_f_set((float)n)));
        CHECK(test_out[7] == ldexpf(1, n));
    }
    for (int i = 0; i < 16; i++) x[i] = (float)i - 7.5f;                /* ties */
    llv_f_store(test_out, llv_f_round(llv_f_load(x)));
    for (int i = 0; i < 16; i++) CHECK(test_out[i] == rintf(x[i]));
    for (int i = 0; i < 65536; i += 16) {                               /* every f16 */
        float got[16], want[16];
        uint16_t back[16];
        for (int j = 0; j < 16; j++) h[j] = (uint16_t)(i + j), want[j] = ll_f16_to_f32(h[j]);
        llv_f_store(got, llv_f_load_f16(h));
        llv_f_store_f16(back, llv_f_load_f16(h));
        if (memcmp(got, want, sizeof got)) CHECK(!"f16 to f32");
        if ((i & 0x7c00) != 0x7c00 && memcmp(back, h, sizeof h)) CHECK(!"f32 to f16");
        for (int j = 0; j < 16; j++) want[j] = ll_bf16_to_f32(h[j]);
        llv_f_store(got, llv_f_load_bf16(h));
        if (memcmp(got, want, sizeof got)) CHECK(!"bf16 to f32");
    }
}

static void test_simd_ints(void) {
    uint8_t bytes[128], rows[8][16];
    int16_t words[64], twice[32];
    const uint8_t *p[8];
    float out[8];
    static const uint8_t fours[16] = { 0, 0, 0, 0, 9, 9, 9, 9, 3, 3, 3, 3, 15, 15, 15, 15 };
    TEST("integer vectors");
    for (int i = 0; i < 8; i++) p[i] = rows[i];
    for (int round = 0; round < 50; round++) {
        llv_b a, b, c, d, low, q;
        llv_w w, x, scale;
        llv_i s, t, u, v;
        llv_r r, pair[2], four[4];
        union { llv_b b; llv_w w; llv_i i; uint8_t bytes[32]; } test_un;
        for (int i = 0; i < 128; i++) bytes[i] = (uint8_t)(t_random() >> 50);
        for (int i = 0; i < 64; i++) words[i] = (int16_t)(t_random() >> 40);
        for (int i = 0; i < 128; i++) rows[i / 16][i % 16] = (uint8_t)(t_random() >> 50);
        for (int i = 0; i < 8; i++) llq_put_f16(rows[i] + 2, t_uniform()), llq_put_f16(rows[i] + 4, t_uniform()), llq_put_f16(rows[i] + 9, t_uniform());
#define TEST_TAKE_B(e) (test_un.b = (e), test_simd_take(test_un.bytes, 32))
#define TEST_TAKE_W(e) (test_un.w = (e), test_simd_take(test_un.bytes, 32))
#define TEST_TAKE_I(e) (test_un.i = (e), test_simd_take(test_un.bytes, 32))
        a = llv_b_load(bytes), b = llv_b_load(bytes + 32), c = llv_b_load(bytes + 64), d = llv_b_load(bytes + 96);
        TEST_TAKE_B(a), TEST_TAKE_B(llv_b_load2(bytes + 3, bytes + 50));
        TEST_TAKE_B(llv_b_lows8(a, b)), TEST_TAKE_B(llv_b_highs8(a, b)), TEST_TAKE_B(llv_b_and(a, b)), TEST_TAKE_B(llv_b_or(a, b)), TEST_TAKE_B(llv_b_shuffle(a, b));
        TEST_TAKE_B(llv_b_bits(a, 0, 15)), TEST_TAKE_B(llv_b_bits(a, 4, 15)), TEST_TAKE_B(llv_b_bits(a, 2, 0x30));
        TEST_TAKE_B(llv_b_bits(a, -4, 0x30)), TEST_TAKE_B(llv_b_bits(a, -2, 0x30)), TEST_TAKE_B(llv_b_bits(a, 7, 1));
        TEST_TAKE_B(llv_b_flag(llv_b_bits(a, 0, 15), b, 16)), TEST_TAKE_B(llv_b_flag(llv_b_set(0), a, 255));
        TEST_TAKE_B(llv_b_quarter(llv_b_shuffle(a, llv_b_load2(fours, fours))));
        w = llv_w_load(words), x = llv_w_load(words + 16);
        TEST_TAKE_W(llv_w_load2(words + 1, words + 20)), TEST_TAKE_W(llv_w_load_twice(words + 5));
        TEST_TAKE_W(llv_w_set(words[0])), TEST_TAKE_W(llv_w_set2(words + 7));
        TEST_TAKE_W(llv_w_from_i8((const int8_t *)bytes));
        TEST_TAKE_W(llv_w_from_low(a)), TEST_TAKE_W(llv_w_from_high(a)), TEST_TAKE_W(llv_w_mul(w, x));
        llv_w_store_twice(twice, w), test_simd_take(twice, sizeof twice);
        TEST_TAKE_W(llv_w_halves(w, 0)), TEST_TAKE_W(llv_w_halves(w, 1)), TEST_TAKE_W(llv_w_halves(w, 2));
        TEST_TAKE_W(llv_w_halves(w, 3)), TEST_TAKE_W(llv_w_halves(w, 4)), TEST_TAKE_W(llv_w_halves(w, 5));
        TEST_TAKE_W(llv_w_halves(w, 6)), TEST_TAKE_W(llv_w_halves(w, 7));
        for (int i = 0; i < 64; i++) words[i] = (int16_t)(words[i] >> 3);
        w = llv_w_load(words), x = llv_w_load(words + 16);
        s = llv_w_dot(w, x), t = llv_w_dot(x, x), u = llv_w_dot(w, w), v = llv_i_set(round);
        TEST_TAKE_I(s), TEST_TAKE_I(llv_i_add(s, t)), TEST_TAKE_I(llv_i_sub(s, v));
        TEST_TAKE_I(llv_i_evens(s, t)), TEST_TAKE_I(llv_i_odds(s, t)), TEST_TAKE_I(llv_i_lows(s, t)), TEST_TAKE_I(llv_i_highs(s, t)), TEST_TAKE_I(llv_i_sum4(s, t, u, v));
        TEST_TAKE_W(llv_w_from_i(llv_w_dot(llv_w_from_i8((const int8_t *)bytes), llv_w_set(1))));
        /* dots: the sum of two lanes is defined; q is never -128 */
        for (int i = 64; i < 128; i++) if (bytes[i] == 128) bytes[i] = 129;
        c = llv_b_load(bytes + 64), d = llv_b_load(bytes + 96);
        v = llv_i_set(0);
        t = llv_dot2_u(llv_b_bits(a, 0, 63), c, llv_b_bits(b, 1, 63), d);
        TEST_TAKE_I(llv_i_add(llv_i_evens(t, t), llv_i_odds(t, t)));
        if (LLV_S_OFFSET == 0) TEST_TAKE_I(llv_i_sum4(llv_dot2_s(a, c, b, d), v, v, v));
        else {
            int16_t sum[2] = { 0, 0 };
            for (int i = 0; i < 64; i++) sum[i / 16 % 2] = (int16_t)(sum[i / 16 % 2] + (int8_t)bytes[64 + i]);
            t = llv_i_sum4(llv_dot2_s(a, c, b, d), v, v, v);
            test_un.i = t;
            for (int h = 0; h < 2; h++) {
                int32_t e;
                memcpy(&e, test_un.bytes + 16 * h, 4);
                e -= LLV_S_OFFSET * sum[h];
                memcpy(test_un.bytes + 16 * h, &e, 4);
            }
            test_simd_take(test_un.bytes, 32);
        }
        scale = llv_w_halves(w, round % 2 ? 0 : 3), low = llv_b_bits(a, 1, 127), q = c;
        TEST_TAKE_I(llv_i_sum4(llv_dot_scaled(llv_i_set(7), low, q, scale), v, v, v));
        r = llv_r_fma(llv_r_f16(p, 2), llv_r_from_i(s), llv_r_mul(llv_r_f16(p, 9), llv_r_set(3)));
        llv_r_store_n(out, llv_r_nfma(llv_r_set(0.1f), r, r), 8), test_simd_take(out, sizeof out);
        memset(out, 0, sizeof out);
        llv_r_store_n(out, r, round % 9), test_simd_take(out, sizeof out);
        llv_r_f16_pair(p, 2, &pair[0], &pair[1]), llv_r_store_n(out, llv_r_mul(pair[0], pair[1]), 8), test_simd_take(out, sizeof out);
        llv_r_ue4m3_half(p, 5, four);
        for (int i = 0; i < 4; i++) llv_r_store_n(out, four[i], 8), test_simd_take(out, sizeof out);
        rows[0][5] = 0, rows[1][5] = 1, rows[2][5] = 2, rows[3][5] = 255;
        llv_r_store_n(out, llv_r_e8m0_half(p, 5), 8), test_simd_take(out, sizeof out);
    }
}

/* Those only some formats use, number by number. */
static void test_simd_few(void) {
    uint8_t a[64], q[64], got[32];
    int16_t w[32], sum[16];
    int32_t e[8];
    int bad = 0;
    TEST("integer vectors for a few formats");
    for (int i = 0; i < 256; i += 32) {
        for (int j = 0; j < 32; j++) a[j] = (uint8_t)(i + j);
        llv_b_store(got, llv_b_third(llv_b_load(a)));
        for (int j = 0; j < 32; j++) bad += got[j] != 3 * a[j] >> 8;
        llv_b_store(got, llv_b_add(llv_b_load(a), llv_b_third(llv_b_load(a))));
        for (int j = 0; j < 32; j++) bad += got[j] != (uint8_t)(a[j] + (3 * a[j] >> 8));
    }
    for (int round = 0; round < 100; round++) {
        const int j = round % 4 * 2;
        int32_t s[2] = { 0, 0 }, u[2] = { 0, 0 };
        llv_i zero = llv_i_set(0);
        for (int i = 0; i < 64; i++) q[i] = (uint8_t)((int)(t_random() >> 40 & 255) % 255 - 127), a[i] = (uint8_t)(t_random() >> 40 & 63);
        for (int i = 0; i < 32; i++) w[i] = (int16_t)((int)(t_random() >> 40 & 255) - 128);
        llv_w_store(sum, llv_w_add(llv_w_load(w), llv_w_load(w + 16)));
        for (int i = 0; i < 16; i++) bad += sum[i] != w[i] + w[16 + i];
        zero = llv_i_mul(llv_i_halves(llv_i_from_w(w), j / 2), llv_i_from_w(w + 8));
        memcpy(e, &zero, 32);
        for (int i = 0; i < 8; i++) bad += e[i] != w[j + i / 4] * w[8 + i];
        zero = llv_i_set(0);
        for (int i = 0; i < 64; i++) u[i / 16 % 2] += w[2 * j + i / 16] * a[i] * (int8_t)q[i];
        zero = llv_dot2_scaled(zero, llv_b_load(a), llv_b_load(q), llv_b_load(a + 32), llv_b_load(q + 32), llv_w_load(w), j);
        memcpy(e, &zero, 32);
        bad += e[0] + e[1] + e[2] + e[3] != u[0] || e[4] + e[5] + e[6] + e[7] != u[1];
        for (int i = 0; i < 32; i++) s[i / 16] += w[j + i / 16] * a[i] * (int8_t)q[i];
        zero = llv_dot_scaled(llv_i_set(0), llv_b_load(a), llv_b_load(q), llv_w_halves(llv_w_load(w), j / 2));
        memcpy(e, &zero, 32);
        bad += e[0] + e[1] + e[2] + e[3] != s[0] || e[4] + e[5] + e[6] + e[7] != s[1];
    }
    CHECK_EQ(bad, 0);
}

/* A float of any size: one in eight subnormal, infinite or 0, others with few bits, so that products meet
 * the middle between two floats. */
static float test_simd_any(void) {
    static const uint32_t few[] = { 0, 0x80000000, 0x7f800000, 0xff800000, 1, 0x80000001, 0x7f7fffff, 0x00800000 };
    const uint64_t r = t_random();
    const uint32_t u = (uint32_t)(r >> 32);
    switch (r >> 8 & 7) {
    case 0: return ll_bits_to_f32(u);
    case 1: return ll_bits_to_f32(few[u >> 3 & 7]);
    case 2: return ll_bits_to_f32(u & 0x807fffff);
    case 3: return ll_bits_to_f32((u & 0x80000007) | 0x3f800000 | (u & 8 ? 0x7ffff8 : 0));
    case 4: return ll_bits_to_f32((u & 0x80fff000) | 0x3f000000);
    default: return ll_bits_to_f32((u & 0x87ffffff) | 0x38000000);
    }
}

/* Where an instruction set has no fma or no f16, its vectors do what the scalars do. */
static void test_simd_emulated(void) {
    uint8_t row[8][4];
    const uint8_t *p[8];
    int bad = 0;
    TEST("fma and conversions against the scalar ones");
    for (int round = 0; round < 20000; round++) {
        float x[3][16], got[16];
        uint16_t h[16];
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 3; j++) x[j][i] = test_simd_any();
            if (round % 4 == 0) x[2][i] = -x[0][i] * x[1][i];           /* what is left is the error */
        }
        llv_f_store(got, llv_f_fma(llv_f_load(x[0]), llv_f_load(x[1]), llv_f_load(x[2])));
        for (int i = 0; i < 16; i++) {
            const float want = ll_fma(x[0][i], x[1][i], x[2][i]);
            bad += want != want ? got[i] == got[i] : ll_f32_to_bits(got[i]) != ll_f32_to_bits(want);
        }
        for (int i = 0; i < 16; i++) if (round % 2) x[0][i] = ldexpf(x[0][i], -10);
        llv_f_store_f16(h, llv_f_load(x[0]));
        for (int i = 0; i < 16; i++) bad += h[i] != ll_f32_to_f16(x[0][i]);
    }
    CHECK_EQ(bad, 0), bad = 0;
    for (int i = 0; i < 8; i++) p[i] = row[i];
    for (int byte = 0; byte < 256; byte++) {
        llv_r d[4];
        float out[8];
        for (int i = 0; i < 32; i++) row[i / 4][i % 4] = (uint8_t)(byte + 8 * i);
        llv_r_ue4m3_half(p, 0, d);
        for (int j = 0; j < 4; j++) {
            llv_r_store_n(out, d[j], 8);
            for (int i = 0; i < 8; i++) bad += out[i] != ll_ue4m3_half(row[i][j]);
        }
        llv_r_store_n(out, llv_r_e8m0_half(p, 1), 8);
        for (int i = 0; i < 8; i++) bad += out[i] != ll_e8m0_half(row[i][1]);
    }
    CHECK_EQ(bad, 0);
}

static void test_simd(void) {
    unsigned long long rng = t_rng;
    t_rng = 88172645463325252ull, test_simd_hash = LL_HASH_START;
    test_simd_floats();
    test_simd_ints();
    t_rng = rng;
    test_simd_few();
    test_simd_emulated();
    TEST("one result on every instruction set");
    if (test_simd_hash != 0xbe154743b426d413ull) printf("hash 0x%llx\n", (unsigned long long)test_simd_hash);
    CHECK(test_simd_hash == 0xbe154743b426d413ull);
}
