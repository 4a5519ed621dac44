/* >>sample: the golden files of tests/golden/sampler (see its README), the selection against a
 * full sort, the draw, replay, hostile input. */
#include "modes.h"
#include "golden_sample.h"

#define TS_DRAWS 7711712                      /* a hash of 64 draws, see test_sample_draw */

/* ---- golden files ------------------------------------------------------------------------ */

static void test_sample_golden(void) {
    static const struct { const char *kind; int n; } files[] = {
        { "top_k", 48 }, { "top_p", 126 }, { "min_p", 126 }, { "typical", 90 },
        { "top_n_sigma", 42 }, { "temp", 48 }, { "temp_ext", 300 }, { "xtc", 368 },
        { "penalties", 200 }, { "dry", 208 }, { "logit_bias", 30 }, { "mirostat_v1", 48 },
        { "mirostat_v2", 32 }, { "greedy", 6 }, { "dist", 9 }, { "chain", 42 },
        { "adaptive_p", 60 }, { "infill", 8 }
    };
    TEST("sample golden");
    for (int i = 0; i < LL_COUNT(files); i++) {
        char path[256];
        char *text;
        ts_result r;
        snprintf(path, sizeof path, "tests/golden/sampler/%s.golden", files[i].kind);
        text = t_read_file(path, NULL);
        if (!text) { SKIP(path); continue; }
        CHECK(golden_sample_is(text));
        r = golden_sample(text, path);
        CHECK(!strcmp(r.kind, files[i].kind) && r.failed == 0);
        CHECK_EQ(r.passed + r.left_out, files[i].n);
        CHECK(!r.left_out == (strcmp(r.kind, "typical") != 0));
        if (r.left_out) SKIP("typical: the reference computes with NaN where a p is 0");
        free(text);
    }
}

/* ---- the selection against a full sort --------------------------------------------------- */

#define TS_BIG 6000

static const float *ts_sort_center;
static int ts_by_preference(const void *a, const void *b) {
    const llocal_score *x = (const llocal_score *)a, *y = (const llocal_score *)b;
    float u = x->logit, v = y->logit;
    if (ts_sort_center) u = -fabsf(u - *ts_sort_center), v = -fabsf(v - *ts_sort_center);
    if (u != v) return u > v ? -1 : 1;
    return x->token < y->token ? -1 : 1;
}
static int ts_by_token(const void *a, const void *b) {
    return ((const llocal_score *)a)->token < ((const llocal_score *)b)->token ? -1 : 1;
}

/* What ll_sample_best promises, by sorting. */
static int ts_naive_best(llocal_score *c, int n, int count, double mass, const float *center) {
    double held = 0;
    int m = 0;
    ts_sort_center = center;
    qsort(c, (size_t)n, sizeof *c, ts_by_preference);
    while (m < n && (m < count || held < mass)) held += c[m++].p;
    qsort(c, (size_t)m, sizeof *c, ts_by_token);
    return m;
}
static bool ts_same(const llocal_score *a, int n, const llocal_score *b, int m) {
    if (n != m) return false;
    for (int i = 0; i < n; i++)
        if (a[i].token != b[i].token || a[i].logit != b[i].logit) return false;
    return true;
}

/* kind 0: bell-shaped; 1: many ties; 2: all equal; 3: ascending; 4: with -infinity and zeros */
static void ts_fill(float *x, int n, int kind) {
    for (int i = 0; i < n; i++) {
        float bell = (t_uniform() + t_uniform() + t_uniform() + t_uniform()) * 4;
        x[i] = kind == 0 ? bell : kind == 1 ? floorf(bell) : kind == 2 ? 1.5f
             : kind == 3 ? (float)i * 0.01f
             : i % 3 == 0 ? -INFINITY : i % 3 == 1 ? (i & 4 ? 0.0f : -0.0f) : bell;
    }
}

static void test_sample_selection(void) {
    static float x[TS_BIG];
    static llocal_score a[TS_BIG], b[TS_BIG];
    static const int sizes[] = { 1, 2, 17, 64, 1000, 4095, 4096, 4111, TS_BIG };
    static const int ks[] = { 1, 2, 3, 40, 100, 192, 193, 500, 4095, TS_BIG + 1 };
    TEST("sample selection");
    for (int kind = 0; kind < 5; kind++) for (int s = 0; s < LL_COUNT(sizes); s++) {
        int n = sizes[s];
        ts_fill(x, n, kind);
        for (int k = 0; k < LL_COUNT(ks); k++) {
            float center = t_uniform() * 3;
            double mass;
            int m, w;
            /* by count */
            CHECK_EQ(ll_sample_gather(x, n, 0, a), n);
            memcpy(b, a, sizeof a);
            m = ll_sample_top_k(a, n, ks[k]), w = ts_naive_best(b, n, ks[k], 0, NULL);
            CHECK(ts_same(a, m, b, w));
            /* gathered from blocks first */
            m = ll_sample_gather(x, n, ks[k], a);
            CHECK(m >= LL_MIN(n, ks[k]));
            if (kind == 0 && n == TS_BIG && ks[k] <= 100) CHECK(m < 2 * ks[k] + 20);
            m = ll_sample_top_k(a, m, ks[k]);
            CHECK(ts_same(a, m, b, w));
            /* by count and mass, from either order */
            ll_sample_gather(x, n, 0, a);
            mass = ll_sample_softmax(a, n) * (t_uniform() + 1) / 2;
            memcpy(b, a, sizeof a);
            m = ll_sample_best(a, n, ks[k] / 3, mass, k & 1 ? &center : NULL);
            w = ts_naive_best(b, n, ks[k] / 3, mass, k & 1 ? &center : NULL);
            CHECK(ts_same(a, m, b, w));
            /* top-p with its sieve */
            ll_sample_gather(x, n, 0, a);
            mass = ll_sample_softmax(a, n) * 0.9f;
            memcpy(b, a, sizeof a);
            CHECK(ts_same(a, ll_sample_top_p(a, n, 0.9f, 0), b, ts_naive_best(b, n, 1, mass, NULL)));
            /* the best k, best first */
            m = llocal_top(x, n, a, LL_MIN(ks[k], TS_BIG));
            ll_sample_gather(x, n, 0, b);
            ts_sort_center = NULL;
            qsort(b, (size_t)n, sizeof *b, ts_by_preference);
            CHECK(ts_same(a, m, b, LL_MIN(n, ks[k])));
        }
    }
}

/* Looking only at the best logits and at those that a penalty touches changes nothing. */
static void test_sample_shortcut(void) {
    static float x[TS_BIG];
    static llocal_score a[TS_BIG], b[TS_BIG];
    TEST("sample shortcut");
    for (int round = 0; round < 60; round++) {
        llocal_token recent[70];
        llocal_bias bias[5];
        llocal_sampler s = llocal_sampler_default((uint64_t)round), full;
        uint8_t none[1] = { 0 };
        int n, m;
        ts_fill(x, TS_BIG, round % 2);
        for (int i = 0; i < 70; i++) recent[i] = (llocal_token)(t_random() % TS_BIG) - 20;
        for (int i = 0; i < 5; i++) {
            bias[i].token = (llocal_token)(t_random() % TS_BIG);
            bias[i].add = t_uniform() * 30;
        }
        if (round % 3 == 0) s.repeat_penalty = 1.3f, s.presence_penalty = -9;
        if (round % 4 == 0) s.bias = bias, s.n_bias = 5;
        if (round % 5 == 0) s.temperature = 0;
        if (round % 7 == 0) s.dry_multiplier = 1, s.dry_allowed_length = 1;
        full = s;
        n = ll_sample_chain(&s, x, TS_BIG, recent, 70, a);
        /* the same with a stage in front that prevents the shortcut and keeps all */
        memset(full.order, 0, sizeof full.order);
        m = ll_sample_start(&full, none, x, TS_BIG, recent, 0, b);
        if (m < TS_BIG) m = ll_sample_gather(x, TS_BIG, 0, b);
        ll_sample_bias(b, m, full.bias, full.n_bias);
        for (int stage = 1; stage <= LLOCAL_STAGE_TEMPERATURE; stage++)
            m = ll_sample_stage(&full, stage, x, TS_BIG, b, m, recent, 70);
        CHECK(ts_same(a, n, b, m));
        CHECK(n >= 1 && n <= 40);
    }
}

/* ---- the draw ---------------------------------------------------------------------------- */

static void test_sample_draw(void) {
    static const float x[4] = { 0.0f, 0.6931472f, 1.3862944f, -INFINITY };     /* 1 : 2 : 4 : 0 */
    llocal_score work[64];
    llocal_sampler s, t;
    int seen[4] = { 0 }, first[8], n = 70000, heat = 0;
    uint64_t state = 1234567;
    TEST("sample draw");
    /* splitmix64 as its authors published it: the first output for seed 1234567 */
    CHECK(ll_sample_random(&state) == (double)(6457827717110365317ull >> 11) / 9007199254740992.0);
    memset(&s, 0, sizeof s);
    s.temperature = 1, s.rng = 99;
    for (int i = 0; i < n; i++) {
        llocal_token k = llocal_sample(&s, x, 4, NULL, 0, work);
        if (k >= 0 && k < 4) seen[k]++;
    }
    CHECK(fabs(seen[0] - n / 7.0) < 500 && fabs(seen[1] - n * 2 / 7.0) < 600);
    CHECK(fabs(seen[2] - n * 4 / 7.0) < 600 && seen[3] == 0);
    /* temperature sharpens: with 1/2 the odds are 1 : 4 : 16 */
    s.temperature = 0.5f;
    for (int i = 0; i < n; i++) heat += llocal_sample(&s, x, 4, NULL, 0, work) == 2;
    CHECK(fabs(heat - n * 16 / 21.0) < 600);
    /* XTC at one half: half of the draws lose the best two of 1 : 2 : 4 */
    s.temperature = 1, s.xtc_probability = 0.5f, heat = 0;
    for (int i = 0; i < n; i++) heat += llocal_sample(&s, x, 4, NULL, 0, work) == 0;
    CHECK(fabs(heat - n * (0.5 + 0.5 / 7)) < 700);
    /* equal values replay; the state moves */
    s = llocal_sampler_default(7), t = s;
    s.top_p = t.top_p = 0, s.min_p = t.min_p = 0;
    for (int i = 0; i < 8; i++) first[i] = llocal_sample(&s, x, 4, NULL, 0, work);
    for (int i = 0; i < 8; i++) CHECK_EQ(llocal_sample(&t, x, 4, NULL, 0, work), first[i]);
    CHECK(s.rng == t.rng && s.rng != 7);
    /* the same draws on every machine: these were taken once */
    s = llocal_sampler_default(42);
    for (int i = 0, hash = 0; i < 64; i++) {
        float y[64];
        for (int j = 0; j < 64; j++) y[j] = (float)((i * 37 + j * 101) % 64) * 0.11f;
        hash = (hash * 31 + llocal_sample(&s, y, 64, NULL, 0, work)) & 0xffffff;
        if (i == 63) CHECK_EQ(hash, TS_DRAWS);
    }
    /* the edges of the line that is drawn from */
    { llocal_score c[3] = { { 5, 0, 0.0f }, { 6, 0, 1.0f }, { 7, 0, 0.0f } };
      CHECK_EQ(ll_sample_pick(c, 3, 0.0), 1);
      CHECK_EQ(ll_sample_pick(c, 3, 1.0), 1);
      CHECK_EQ(ll_sample_pick(c, 1, 0.0), -1);
      c[0].p = 1;                       /* [0, 1) is the first one's */
      CHECK_EQ(ll_sample_pick(c, 3, 0.5), 0);
      CHECK_EQ(ll_sample_pick(c, 3, 1.0), 1); }
}

/* Mirostat's aim: the mean surprise of what is drawn comes near tau. */
static void test_sample_mirostat(void) {
    static float x[5000];
    static llocal_score work[5000];
    TEST("sample mirostat");
    for (int version = 1; version <= 2; version++) {
        llocal_sampler s = llocal_sampler_default(3);
        double surprise = 0, sum = 0;
        int n = 2000;
        s.mirostat = version, s.mirostat_tau = 4, s.temperature = 1;
        for (int i = 0; i < 5000; i++) x[i] = -1.1f * logf((float)(i + 1));    /* Zipf */
        for (int i = 0; i < 5000; i++) sum += exp(x[i]);
        for (int i = 0; i < n; i++) {
            llocal_token t = llocal_sample(&s, x, 5000, NULL, 0, work);
            CHECK(t >= 0 && t < 5000);
            if (t >= 0) surprise -= log2(exp(x[t]) / sum) / n;
        }
        CHECK(s.mirostat_mu != 0);
        /* the estimate is of the truncated distribution: surprise in the whole one is higher */
        CHECK(surprise > 3 && surprise < 6.5);
    }
}

/* Adaptive-p's aim: the mean chance of what is drawn comes near the target. */
static void test_sample_adaptive(void) {
    float x[12], sum = 0;
    llocal_score work[12];
    TEST("sample adaptive-p");
    for (int i = 0; i < 12; i++) x[i] = -1.1f * logf((float)(i + 1)), sum += expf(x[i]);
    for (int k = 1; k <= 3; k++) {
        llocal_sampler s = llocal_sampler_default(5), t;
        double mean = 0;
        int n = 4000;
        s.temperature = 1, s.adaptive_target = 0.1f * (float)k, s.top_k = 0, s.top_p = s.min_p = 0;
        t = s;
        for (int i = 0; i < n; i++) {
            llocal_token id = llocal_sample(&s, x, 12, NULL, 0, work);
            if (i < 20) CHECK_EQ(llocal_sample(&t, x, 12, NULL, 0, work), id);
            if (id >= 0) mean += expf(x[id]) / sum / n;
        }
        CHECK(fabs(mean - s.adaptive_target) < 0.05);
    }
}

/* ---- hostile input and edges ------------------------------------------------------------- */

static void test_sample_edges(void) {
    llocal_score work[64];
    float x[64], y[64];
    llocal_sampler s, zero;
    llocal_token recent[6] = { 3, -1, 3, 64, 2147483647, -2147483647 - 1 };
    llocal_token breakers[9] = { 3, -1, 99, 7, -1, 1000000, -1, -1, 0 };
    llocal_bias bias[5] = { { 5, INFINITY }, { -1, 9 }, { 64, 9 }, { 6, -INFINITY }, { 7, NAN } };
    TEST("sample edges");
    memset(&zero, 0, sizeof zero);
    for (int i = 0; i < 64; i++) x[i] = (float)(i % 8);
    /* zero is greedy: the lowest id of the best, and no draw */
    CHECK_EQ(llocal_sample(&zero, x, 64, NULL, 0, work), 7);
    CHECK(zero.rng == 0);
    CHECK_EQ(llocal_sample(&zero, x, 0, NULL, 0, work), -1);
    CHECK_EQ(llocal_sample(&zero, NULL, 64, NULL, 0, work), -1);
    CHECK_EQ(llocal_sample(NULL, x, 64, NULL, 0, work), -1);
    CHECK_EQ(llocal_sample(&zero, x, 64, NULL, 5, work), 7);
    CHECK_EQ(llocal_sample(&zero, x, -3, NULL, 0, work), -1);
    /* NaN is no candidate, +infinity wins, all forbidden is nothing */
    for (int i = 0; i < 64; i++) y[i] = NAN;
    s = llocal_sampler_default(1);
    CHECK_EQ(llocal_sample(&zero, y, 64, NULL, 0, work), -1);
    CHECK_EQ(llocal_sample(&s, y, 64, NULL, 0, work), -1);
    CHECK_EQ(llocal_top(y, 64, work, 5), 0);
    y[9] = -3;
    CHECK_EQ(llocal_sample(&zero, y, 64, NULL, 0, work), 9);
    CHECK_EQ(llocal_sample(&s, y, 64, NULL, 0, work), 9);
    CHECK_EQ(llocal_top(y, 64, work, 5), 1);
    CHECK(work[0].token == 9 && work[0].p == 1);
    for (int i = 0; i < 64; i++) y[i] = i == 20 ? NAN : -INFINITY;
    CHECK_EQ(llocal_sample(&zero, y, 64, NULL, 0, work), -1);
    CHECK_EQ(llocal_sample(&s, y, 64, NULL, 0, work), -1);
    memcpy(y, x, sizeof y), y[33] = INFINITY;
    CHECK_EQ(llocal_sample(&zero, y, 64, NULL, 0, work), 33);
    for (int i = 0; i < 20; i++) CHECK_EQ(llocal_sample(&s, y, 64, NULL, 0, work), 33);
    /* tokens out of range in recent, bias and breakers; infinities in bias */
    s.repeat_penalty = 1.5f, s.dry_multiplier = 2, s.dry_breakers = breakers;
    s.bias = bias, s.n_bias = 5;
    CHECK_EQ(llocal_sample(&s, x, 64, recent, 6, work), 5);
    /* duplicates count for the frequency and once for the rest: 3 -> 3/1.5 - 2*0.25 - 0.5 */
    ll_sample_gather(x, 64, 0, work);
    ll_sample_penalties(work, 64, recent, 6, -1, 1.5f, 0.25f, 0.5f);
    CHECK(work[3].logit == 1.0f && work[2].logit == 2.0f && work[63].logit == 7.0f);
    ll_sample_penalties(work, 64, recent, 3, 1, 1, 0, 1);       /* window 1 */
    CHECK(work[3].logit == 0.0f);
    /* a window of 0 is everything, for both who have one, and whatever is less too */
    for (int last_n = -2; last_n <= 1; last_n++)
        for (int dry = 0; dry < 2; dry++) {
            static const float even[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
            static const llocal_token said[] = { 4, 5, 6, 7, 4, 5, 6 };
            llocal_sampler one;
            memset(&one, 0, sizeof one);
            if (dry) one.dry_multiplier = 1, one.dry_last_n = last_n;
            else one.presence_penalty = 1, one.penalty_last_n = last_n;
            ll_sample_chain(&one, even, 8, said, 7, work);
            for (int t = 0; t < 8; t++)
                CHECK((work[t].logit < 1) == (dry ? last_n < 1 && t == 7 : t == 6 || (last_n < 1 && t >= 4)));
        }
    /* every field at its worst: a token comes that is possible, unless there is none */
    for (int i = 0; i < 40000; i++) {
        static const float wild[] = { 0, -0.0f, 1, -1, 0.5f, 2, 1e30f, -1e30f, 1e-40f, 1e-38f, 3e38f,
                                      -3e38f, 3.402823466e38f, INFINITY, -INFINITY, NAN };
        float *f[] = { &s.temperature, &s.dynatemp_range, &s.dynatemp_exponent, &s.top_p, &s.min_p,
                       &s.typical_p, &s.top_n_sigma, &s.xtc_probability, &s.xtc_threshold,
                       &s.repeat_penalty, &s.frequency_penalty, &s.presence_penalty,
                       &s.dry_multiplier, &s.dry_base, &s.mirostat_tau, &s.mirostat_eta,
                       &s.mirostat_mu, &s.adaptive_target, &s.adaptive_decay, &s.adaptive_sum,
                       &s.adaptive_weight };
        int *k[] = { &s.top_k, &s.min_keep, &s.penalty_last_n, &s.dry_allowed_length,
                     &s.dry_last_n, &s.mirostat };
        llocal_token t;
        int n = 1 + (int)(t_random() % (i % 2 ? 4 : 64)), rate = 1 + (int)(t_random() % 6);
        bool none = true, bad;
        memset(&s, 0, sizeof s);
        s.dry_breakers = breakers, s.bias = bias, s.n_bias = (int)(t_random() % 6);
        for (int j = 0; j < LL_COUNT(f); j++)
            if (t_random() % 3 == 0) *f[j] = wild[t_random() % LL_COUNT(wild)];
        for (int j = 0; j < LL_COUNT(k); j++)
            if (t_random() % 3 == 0)
                *k[j] = t_random() % 4 ? (int)(t_random() % 70) - 3 : (int)(uint32_t)t_random();
        if (t_random() % 4 == 0) s.mirostat = 1 + (int)(t_random() % 2);
        if (t_random() % 2)
            for (int j = 0; j < 16; j++) s.order[j] = (uint8_t)(t_random() % 12);
        for (int j = 0; j < n; j++)
            y[j] = (int)(t_random() % 6) >= rate ? t_uniform() * 9 : wild[t_random() % LL_COUNT(wild)];
        for (int k = 0; k < 3; k++) {                   /* running values too stay usable */
            t = llocal_sample(&s, y, n, recent, (int)(t_random() % 7), work);
            for (int j = 0; j < n; j++) none &= !(y[j] > -INFINITY) || (s.n_bias >= 4 && j == 6);
            bad = none ? t != -1 : t < 0 || t >= n || !(y[t] > -INFINITY) || (s.n_bias >= 4 && t == 6);
            if (s.temperature > 0 && (s.mirostat == 1 || s.mirostat == 2)) bad |= s.mirostat_mu != s.mirostat_mu;
            if (bad) break;
        }
        CHECK(!bad);
    }
    /* the coldest temperature is greedy, whatever the sign of the logits; so is one that only the largest
     * of them feels */
    for (int i = 0; i < 4; i++) {
        static const float cold[] = { 1e-38f, 1e-45f, 1.17549435e-38f, 1e-37f };
        const float negative[] = { -6, -5, -7 }, positive[] = { 5, 7, 6 }, small[] = { 1e-20f, 3e-20f, 2e-20f };
        const float large[] = { 2e38f, 3e38f, -3e38f };
        memset(&s, 0, sizeof s), s.temperature = cold[i];
        for (int k = 0; k < 8; k++) {
            CHECK_EQ(llocal_sample(&s, negative, 3, NULL, 0, work), 1);
            CHECK_EQ(llocal_sample(&s, positive, 3, NULL, 0, work), 1);
            CHECK_EQ(llocal_sample(&s, small, 3, NULL, 0, work), 1);
        }
        s.temperature = 0.5f;
        for (int k = 0; k < 8; k++) CHECK_EQ(llocal_sample(&s, large, 3, NULL, 0, work), 1);
    }
    memset(&s, 0, sizeof s), s.n_bias = 5;                      /* but no list of them */
    CHECK_EQ(llocal_sample(&s, x, 64, NULL, 0, work), 7);
    /* a penalty without end forbids nothing, and none makes the impossible likely */
    { const float few[] = { 1, 0, -INFINITY, -1 };
      const llocal_token all[] = { 0, 1, 2, 3 };
      memset(&s, 0, sizeof s);
      s.presence_penalty = INFINITY;
      CHECK_EQ(llocal_sample(&s, few, 4, all, 4, work), 0);
      CHECK_EQ(llocal_sample(&s, few, 4, all, 1, work), 1);
      s.presence_penalty = 0, s.repeat_penalty = -1;
      CHECK_EQ(llocal_sample(&s, few, 4, all, 4, work), 3);
      s.repeat_penalty = 0, s.frequency_penalty = NAN;                  /* both are off */
      CHECK_EQ(llocal_sample(&s, few, 4, all, 4, work), 0); }
}

/* DRY against its definition, and in time that does not grow with the square. */
static void test_sample_dry(void) {
    static llocal_token recent[20000];
    static const llocal_token breakers[] = { 9, -1, 5, 6, -1, -1 };
    llocal_score c[12];
    TEST("sample dry");
    for (int round = 0; round < 300; round++) {
        int n = (int)(t_random() % 40), limit = n, allowed = 1 + (int)(t_random() % 3);
        float want[12] = { 0 };
        for (int i = 0; i < n; i++) recent[i] = (llocal_token)(t_random() % (round & 1 ? 11 : 4));
        for (int i = 0; i < n && limit == n; i++) {             /* i tokens back */
            if (recent[n - 1 - i] == 9) limit = i;
            else if (i > 0 && recent[n - 1 - i] == 5 && recent[n - i] == 6) limit = i - 1;
        }
        for (int t = 0; t < 12; t++) {
            int longest = 0;
            for (int k = 1; k < n; k++) {                       /* t followed there */
                int len = 0;
                if (recent[n - k] != t) continue;
                while (len < limit && k + len < n && recent[n - 1 - len] == recent[n - 1 - k - len])
                    len++;
                longest = LL_MAX(longest, len);
            }
            if (longest >= allowed && t != 9 && n > allowed)
                want[t] = -0.5f * powf(1.75f, (float)(longest - allowed));
        }
        for (int t = 0; t < 12; t++) c[t].token = t, c[t].logit = 0, c[t].p = 77;
        ll_sample_dry(c, 12, recent, n, 0.5f, 1.75f, allowed, -1, breakers);
        for (int t = 0; t < 12; t++)
            CHECK(fabsf(c[t].logit - want[t]) <= 1e-5f * fabsf(want[t]));
    }
    for (int i = 0; i < 20000; i++) recent[i] = 1;
    for (int t = 0; t < 12; t++) c[t].token = t, c[t].logit = 0;
    ll_sample_dry(c, 12, recent, 20000, 0.5f, 1.01f, 2, -1, breakers);
    CHECK(c[1].logit < -50 && c[2].logit == 0);
}

/* The thread's mode of floating point changes no draw, and is as it was afterwards. What is drawn from
 * has denormals, near ties and sums that round. */
static void test_sample_modes(void) {
    static float x[3000];
    static llocal_score work[3000];
    llocal_score top[2][8];
    llocal_token recent[40], want[24];
    llocal_sampler start[6], after[6], s;
    TEST("sample modes");
    memset(top, 0, sizeof top);
    for (int i = 0; i < 3000; i++) x[i] = t_uniform() * (i % 3 ? 4 : 1e-39f);
    for (int i = 0; i < 40; i++) recent[i] = (llocal_token)(t_random() % 3000);
    for (int i = 0; i < 6; i++) start[i] = llocal_sampler_default((uint64_t)i);
    start[0].top_k = 0, start[0].top_p = 0, start[0].min_p = 0;
    start[1].typical_p = 0.7f, start[1].repeat_penalty = 1.1f, start[1].frequency_penalty = 0.3f;
    start[2].mirostat = 1, start[3].mirostat = 2;
    start[4].adaptive_target = 0.4f;
    start[5].dynatemp_range = 0.5f, start[5].top_n_sigma = 1.5f, start[5].xtc_probability = 0.5f;
    for (int mode = -1; mode < T_MODES; mode++) {
        for (int i = 0; i < 6; i++) {
            bool same = true;
            unsigned long long before;
            llocal_token got[4];
            s = start[i];
            if (mode >= 0) t_mode_set(mode);
            before = t_mode_get();
            for (int k = 0; k < 4; k++) got[k] = llocal_sample(&s, x, 3000, recent, 40, work);
            same = t_mode_get() == before;
            t_mode_reset();
            if (mode < 0) memcpy(want + 4 * i, got, sizeof got), after[i] = s;
            same &= !memcmp(want + 4 * i, got, sizeof got) && s.rng == after[i].rng;
            same &= !memcmp(&s.mirostat_mu, &after[i].mirostat_mu, 4) && !memcmp(&s.adaptive_sum, &after[i].adaptive_sum, 4);
            CHECK(same);
            if (!same) printf("       sampler %d, %s\n", i, t_mode_names[LL_MAX(mode, 0)]);
        }
        if (mode >= 0) t_mode_set(mode);
        llocal_top(x, 3000, top[mode >= 0], 8);
        t_mode_reset();
        if (mode >= 0) CHECK(!memcmp(top[0], top[1], sizeof top[0]));
    }
}

static void test_sample(void) {
    test_sample_modes();
    test_sample_golden();
    test_sample_selection();
    test_sample_shortcut();
    test_sample_draw();
    test_sample_mirostat();
    test_sample_adaptive();
    test_sample_edges();
    test_sample_dry();
}
