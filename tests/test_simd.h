/* >>simd: each primitive (simd_calls.h) against its definition in kernels_gen/isa/scalar*.h, lane by lane, over edges
 * and random values of its domain; the definitions against C's own arithmetic; and one hash over what they give, which
 * every instruction set and compiler must arrive at. */

typedef struct test_simd_in {
    int round;
    float any[64];                      /* of any size, infinities and NaN too */
    float tame[16], exponents[16];      /* |x| < 2^22; whole numbers -126..127 */
    uint8_t bytes[1024];
    int8_t q[256];                      /* -127..127 */
    int16_t words[64], words14[64];     /* the latter of 14 bits: sums of their products fit */
    int32_t ints[32], fit_words[32];    /* of 29 bits; of 16 */
    uint16_t halves[16];                /* in 4096 rounds every f16 */
    const uint8_t *row[16];             /* eight bytes each */
    uint8_t table[2 * 2048];
} test_simd_in;

enum { TEST_SIMD_NOTES = 512, TEST_SIMD_BYTES = 256 };
typedef struct test_simd_entry { const char *name; size_t n; uint8_t bytes[TEST_SIMD_BYTES]; } test_simd_entry;
typedef struct test_simd_log { int n; test_simd_entry entry[TEST_SIMD_NOTES]; } test_simd_log;

/* sums: 0, or -1 where p holds floats, of which all NaN are alike, or so many ints of p that are added up. */
static void test_simd_note(test_simd_log *log, const char *name, const void *p, size_t n, int sums) {
    test_simd_entry *e = &log->entry[log->n++];
    if (log->n >= TEST_SIMD_NOTES || n > sizeof e->bytes) { CHECK(!"room for notes"); log->n = 0; return; }
    e->name = name, e->n = n;
    memcpy(e->bytes, p, n);
    for (size_t i = 0; i < n && sums < 0; i += 4) {
        float f;
        memcpy(&f, e->bytes + i, 4);
        if (f != f) f = (float)NAN, memcpy(e->bytes + i, &f, 4);
    }
    for (size_t i = 0; i < n / 4 && sums > 0; i++) {                    /* the first of them gets the sum */
        uint8_t *to = e->bytes + 4 * (i - i % (size_t)sums), *from = e->bytes + 4 * i;
        if (to != from) ll_store_u32(to, ll_load_u32(to) + ll_load_u32(from)), memset(from, 0, 4);
    }
}

#define TEST_SIMD_DEFINED
#define LLV_AT(x) x##_defined
#include "simd_names.h"
#include "../kernels_gen/isa/scalar.h"
#if LLV_PANEL
#include "../kernels_gen/isa/scalar_panel.h"
#endif
#if LLV_GRID
#include "../kernels_gen/isa/scalar_grid.h"
#endif
#include "simd_calls.h"
#undef TEST_SIMD_DEFINED
#undef LLV_AT
#define LLV_AT(x) x
#include "simd_calls.h"

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

/* Of each 16 rounds four have bytes at the ends of their range. */
static void test_simd_fill(test_simd_in *in, int round) {
    static const uint8_t edge[] = { 0, 255, 128, 127 };
    const bool at_edge = round % 4 == 0;
    in->round = round;
    for (int i = 0; i < 64; i++) in->any[i] = test_simd_any();
    for (int i = 0; i < 16; i++) {
        if (round % 4 == 1) in->any[32 + i] = -in->any[i] * in->any[16 + i];       /* what is left is the error */
        if (round % 4 == 2) in->any[i] = t_uniform() * (float)(1 << i);
        in->tame[i] = round % 2 ? t_uniform() * (float)(1 << (i + 6)) : (float)(round + i) * 0.5f - 1000;
        in->exponents[i] = (float)((round + i) % 254 - 126);
        in->halves[i] = (uint16_t)(16 * round + i);
        in->row[i] = in->bytes + 8 * i;
    }
    for (int i = 0; i < 1024; i++) in->bytes[i] = at_edge ? edge[t_random() >> 40 & 3] : (uint8_t)(t_random() >> 50);
    for (int i = 0; i < 256; i++) in->q[i] = (int8_t)LL_MAX((int8_t)in->bytes[i + 300], -127);
    for (int i = 0; i < 64; i++) {
        in->words[i] = (int16_t)ll_load_u16(in->bytes + 400 + 2 * i);
        in->words14[i] = (int16_t)(in->words[i] / 4);
    }
    for (int i = 0; i < 32; i++) {
        in->ints[i] = (int32_t)ll_load_u32(in->bytes + 600 + 4 * i) / 8;
        in->fit_words[i] = (int16_t)ll_load_u16(in->bytes + 800 + 2 * i);
    }
    for (int i = 0; i < 4096; i++) in->table[i] = (uint8_t)(i * 7 + round);
}

/* Returns how many of `got` are not what is wanted. */
static int test_simd_differ(const test_simd_log *got, const test_simd_log *want, int round) {
    int bad = got->n != want->n;
    for (int i = 0; i < LL_MIN(got->n, want->n); i++) {
        const test_simd_entry *g = &got->entry[i], *w = &want->entry[i];
        if (g->n == w->n && !memcmp(g->bytes, w->bytes, g->n)) continue;
        if (bad++ < 4) printf("       %s differs in round %d\n", g->name, round);
    }
    return bad;
}

static void test_simd_compare(void) {
    static test_simd_in in;
    static test_simd_log got, want;
    uint64_t hash = LL_HASH_START;
    int bad = 0;
    TEST("vector primitives are what they are defined to be");
    for (int round = 0; round < 4096 && bad < 20; round++) {
        test_simd_fill(&in, round);
        got.n = want.n = 0;
        test_simd_floats(&in, &got);
        test_simd_floats_defined(&in, &want);
        test_simd_integers_defined(&in, &want);
        for (int i = 0; i < want.n && round < 256; i++) hash = ll_hash(hash, want.entry[i].bytes, want.entry[i].n);
#if LLV_INT
        test_simd_integers(&in, &got);
#else
        want.n = got.n;
#endif
        test_simd_others(&in, &got);
        test_simd_others_defined(&in, &want);
        bad += test_simd_differ(&got, &want, round);
    }
    CHECK_EQ(bad, 0);
    TEST("one result on every instruction set");
#ifdef TEST_VALGRIND
    SKIP("valgrind's c - a * b is -0 where it is 0: llv_r_nfma");
#else
    if (hash != 0x3a2104a99487d249ull) printf("hash 0x%llx\n", (unsigned long long)hash);
    CHECK(hash == 0x3a2104a99487d249ull);
#endif
}

/* The definitions that are not plain by themselves, against C's own arithmetic. */
static void test_simd_definitions(void) {
    float x[16], out[16];
    uint16_t h[16], back[16];
    int bad = 0;
    TEST("definitions of vector primitives");
    for (int n = -126; n <= 127; n++) {
        llv_f_store_defined(out, llv_f_pow2_defined(llv_f_set_defined((float)n)));
        bad += out[7] != ldexpf(1, n);
    }
    for (int i = 0; i < 16; i++) x[i] = (float)i - 7.5f;                /* ties */
    llv_f_store_defined(out, llv_f_round_defined(llv_f_load_defined(x)));
    for (int i = 0; i < 16; i++) bad += out[i] != rintf(x[i]);
    for (int i = 0; i < 65536; i += 16) {                               /* every f16 comes back */
        for (int j = 0; j < 16; j++) h[j] = (uint16_t)(i + j);
        llv_f_store_f16_defined(back, llv_f_load_f16_defined(h));
        bad += (i & 0x7c00) != 0x7c00 && memcmp(back, h, sizeof h);
    }
    CHECK_EQ(bad, 0);
}

static void test_simd(void) {
    const unsigned long long rng = t_rng;
    t_rng = 88172645463325252ull;
    test_simd_compare();
    test_simd_definitions();
    t_rng = rng;
}
