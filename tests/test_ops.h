/* >>ops against libm in double, vector against scalar, rows against tails. */
#include <math.h>

/* Everything test_ops computes, so that builds for different instruction sets can be compared. */
static uint64_t ops_hash = LL_HASH_START;
static void ops_note(const float *x, int n) {
    for (int i = 0; i < n; i++) {
        uint32_t u = ll_f32_to_bits(x[i]);
        if (x[i] != x[i]) u = 0x7fc00000;       /* which NaN is not part of the contract */
        ops_hash = ll_hash(ops_hash, &u, 4);
    }
}

static bool same_bits(const float *a, const float *b, int n) {
    return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}
static bool both_nan(float a, float b) { return a != a && b != b; }

static void random_row(float *x, int n, float size) {
    for (int i = 0; i < n; i++) x[i] = size * t_uniform();
}

/* Arguments worth trying: dense near 0 and in the working range, sparse up to the largest. */
static int ops_arguments(float *x, int cap) {
    static const float corner[] = { 0.0f, -0.0f, 1.0f, -1.0f, 1e-45f, -1e-45f, 1e-38f, -1e-38f,
        1e-8f, -1e-8f, 86.5f, -86.5f, 86.98f, -86.98f, 87.0f, -87.0f, 88.72f, 88.73f, -88.72f,
        89.0f, 103.0f, -103.0f, 1e4f, -1e4f, 3e38f, -3e38f };
    int n = 0;
    for (; n < LL_COUNT(corner); n++) x[n] = corner[n];
    for (int i = -4000; i <= 4000 && n < cap; i++) x[n++] = (float)i * 0.0221f;
    for (int i = -2000; i <= 2000 && n < cap; i++) x[n++] = (float)i * 0.0007f;
    for (int i = -2000; i <= 2000 && n < cap; i++) x[n++] = (float)i * 0.0049f;
    for (float v = 1e-37f; v < 1e37f && n + 1 < cap; v *= 1.07f) x[n++] = v, x[n++] = -v;
    return n;
}

static double ref_sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double ref_silu(double x) { return x * ref_sigmoid(x); }
static double ref_gelu(double x) { return x * ref_sigmoid(2 * sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * x * x)); }
static double ref_gelu_erf(double x) { return x * 0.5 * erfc(-x / sqrt(2.0)); }
static double ref_gelu_quick(double x) { return x * ref_sigmoid(1.702 * x); }
static double ref_relu(double x) { return x > 0 ? x : 0; }
static double ref_relu2(double x) { return x > 0 ? x * x : 0; }
static double ref_softplus(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }
static double ref_none(double x) { return x; }

/* The worst of |got - want| / (|want| + floor). Below 2^-125 everything may be 0; above FLT_MAX
 * it must be infinite. */
static double ops_error(const float *got, const float *x, int n, double (*f)(double), double floor_) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
        double want = f(x[i]), e;
        if (fabs(want) > 3.4028235e38) {
            if (!(isinf(got[i]) && (got[i] > 0) == (want > 0))) return 1e9;
            continue;
        }
        e = fabs(got[i] - want) / (fabs(want) + floor_ + 2.4e-31);   /* 2^-125 counts as 1e-7 */
        if (!(e <= worst)) worst = e;
    }
    return worst;
}

static void test_ops_functions(void) {
    enum { CAP = 24000 };
    static float x[CAP], y[CAP], z[CAP], u[CAP];
    static const struct { ll_activation kind; const char *name; double (*f)(double); double rel, floor_; } acts[] = {
        { LL_ACT_NONE, "none", ref_none, 0, 0 },
        { LL_ACT_SILU, "silu", ref_silu, 4e-7, 0 },
        { LL_ACT_GELU, "gelu", ref_gelu, 1e-6, 1e-3 },
        { LL_ACT_GELU_ERF, "gelu_erf", ref_gelu_erf, 1e-6, 1e-3 },
        { LL_ACT_GELU_QUICK, "gelu_quick", ref_gelu_quick, 1e-6, 1e-3 },
        { LL_ACT_RELU, "relu", ref_relu, 0, 0 },
        { LL_ACT_RELU2, "relu2", ref_relu2, 1e-7, 0 },
        { LL_ACT_SIGMOID, "sigmoid", ref_sigmoid, 4e-7, 0 },
        { LL_ACT_TANH, "tanh", tanh, 4e-7, 0 },
        { LL_ACT_SOFTPLUS, "softplus", ref_softplus, 4e-7, 0 },
        { LL_ACT_EXP, "exp", exp, 1.2e-7, 0 },
    };
    int n = ops_arguments(x, CAP);
    const float bad[3] = { (float)NAN, (float)INFINITY, -(float)INFINITY };
    TEST("ops functions");
    CHECK(n < CAP - 1);
    for (int a = 0; a < LL_COUNT(acts); a++) {
        double e;
        ll_activate(acts[a].kind, y, x, n);
        ops_note(y, n);
        e = ops_error(y, x, n, acts[a].f, acts[a].floor_);
        if (!(e <= acts[a].rel)) printf("       %s: error %.3g\n", acts[a].name, e);
        CHECK(e <= acts[a].rel);
        memcpy(z, x, sizeof z);
        ll_activate(acts[a].kind, z, z, n);                 /* in place */
        CHECK(same_bits(y, z, n));
        for (int len = 1; len < 40; len++) {                /* an element does not know its place */
            ll_activate(acts[a].kind, z, x + 777, len);
            CHECK(same_bits(z, y + 777, len));
        }
        for (int i = 0; i < n; i++) u[i] = x[n - 1 - i];
        ll_activate_gated(acts[a].kind, z, x, u, n);
        for (int i = 0; i < n; i++) u[i] = y[i] * u[i];
        for (int i = 0; i < n; i++) if (both_nan(z[i], u[i])) z[i] = u[i] = 0;   /* inf * 0 */
        CHECK(same_bits(z, u, n));
        ll_activate(acts[a].kind, z, bad, 3);
        CHECK(z[0] != z[0]);
        ops_note(z, 3);
    }
    TEST("expf");
    for (int i = 0; i < n; i++) z[i] = ll_expf(x[i]);
    ll_activate(LL_ACT_EXP, y, x, n);
    CHECK(same_bits(y, z, n));
    CHECK(ll_expf(bad[0]) != ll_expf(bad[0]) && ll_expf(bad[1]) == bad[1] && ll_expf(bad[2]) == 0);
    ll_activate(LL_ACT_EXP, z, bad, 3);
    CHECK(z[0] != z[0] && z[1] == bad[1] && z[2] == 0);
    TEST("exp never subnormal");
    for (int i = 0; i < n; i++) CHECK(y[i] == 0 || y[i] >= 1.17549435e-38f);
    TEST("expm1");
    for (int i = 0; i < n; i += 16) ll_row_put(y, i, n, ll_expm1(ll_row_get(x, i, n)));
    ops_note(y, n);
    CHECK(ops_error(y, x, n, expm1, 0) <= 4e-7);
    TEST("logf");
    {
        double worst = 0;
        for (int i = 0; i < n; i++) {
            double want = log((double)x[i]), got = ll_logf(x[i]);
            if (!(x[i] > 0)) continue;
            if (!(fabs(got - want) <= worst * fabs(want))) worst = fabs(got - want) / fabs(want);
            y[0] = (float)got, ops_note(y, 1);
        }
        CHECK(worst < 1e-7);
        CHECK(ll_logf(1.0f) == 0 && ll_logf(0.0f) == bad[2] && ll_logf(bad[1]) == bad[1]);
        CHECK(ll_logf(-1.0f) != ll_logf(-1.0f) && ll_logf(bad[0]) != ll_logf(bad[0]));
        CHECK(fabs(ll_log_double(5e-324) - log(5e-324)) < 1e-12);
    }
    TEST("double exp, log, sin, cos");
    {
        double e_exp = 0, e_log = 0, e_sin = 0, e_far = 0;
        for (int i = 0; i < 200000; i++) {
            double v = t_uniform(), s, c, t;
            e_exp = fmax(e_exp, fabs(ll_exp_double(600 * v) / exp(600 * v) - 1));
            t = exp(300 * v);
            e_log = fmax(e_log, fabs(ll_log_double(t) - log(t)) / (1 + fabs(log(t))));
            t = 1e6 * v;
            ll_sincos_double(t, &s, &c);
            e_sin = fmax(e_sin, fmax(fabs(s - sin(t)), fabs(c - cos(t))));
            t = 2e9 * v;
            ll_sincos_double(t, &s, &c);
            e_far = fmax(e_far, fmax(fabs(s - sin(t)), fabs(c - cos(t))));
            y[0] = (float)s, y[1] = (float)c, ops_note(y, 2);
        }
        CHECK(e_exp < 1e-15 && e_log < 1e-15 && e_sin < 1e-13 && e_far < 1e-6);
        if (e_exp >= 1e-15 || e_log >= 1e-15 || e_sin >= 1e-13 || e_far >= 1e-6)
            printf("       exp %.3g log %.3g sincos %.3g, to 2e9 %.3g\n", e_exp, e_log, e_sin, e_far);
        {
            double s, c;
            ll_sincos_double(0, &s, &c);
            CHECK(s == 0 && c == 1);
            ll_sincos_double(3e9, &s, &c);
            CHECK(s != s);
        }
    }
    TEST("gated, clamped");
    random_row(x, 1000, 12), random_row(u, 1000, 12);
    ll_activate_gated(LL_ACT_SILU_CLAMPED, y, x, u, 1000);
    ops_note(y, 1000);
    for (int i = 0; i < 1000; i++) {
        double g = fmin(x[i], 7), w = fmax(-7, fmin(7, u[i]));
        double want = g * ref_sigmoid(1.702 * g) * (w + 1);
        CHECK(fabs(y[i] - want) <= 1e-6 * fabs(want) + 1e-9);
    }
    TEST("softcap");
    ll_softcap(y, x, 30.0f, 1000);
    ops_note(y, 1000);
    for (int i = 0; i < 1000; i++)
        CHECK(fabs(y[i] - 30 * tanh(x[i] / 30.0)) <= 1e-6 * fabs(y[i]));
}

/* Plain loops in double, for every length around the lane count. */
static void test_ops_rows(void) {
    enum { MAX = 300 };
    float x[MAX], w[MAX], b[MAX], y[MAX + 16], z[MAX];
    TEST("ops rows");
    for (int n = 1; n < MAX; n += n < 70 ? 1 : 37) {
        double dot = 0, sum = 0, mean, var = 0, top = -1e30, total = 0;
        random_row(x, n, 3), random_row(w, n, 2), random_row(b, n, 2);
        for (int i = n; i < MAX; i++) x[i] = w[i] = b[i] = (float)NAN;      /* never looked at */
        for (int i = 0; i < n; i++) dot += (double)x[i] * x[i], sum += x[i], top = fmax(top, x[i]);
        mean = sum / n;
        for (int i = 0; i < n; i++) var += (x[i] - mean) * (x[i] - mean), total += exp(x[i] - top);
        CHECK(fabs(ll_vec_dot(x, x, n) - dot) <= 1e-6 * dot);
        CHECK(fabs(ll_vec_sum(x, n) - sum) <= 1e-6 * dot + 1e-6);
        CHECK(ll_vec_max(x, n) == (float)top);
        CHECK(!ll_vec_nan(x, n) && ll_vec_nan(x, n + 1) && ll_vec_nan(x + n, 1));
        memcpy(y, x, sizeof x);
        for (int i = 0; i < n; i++) y[i] = i % 3 ? i % 3 == 1 ? INFINITY : -INFINITY : y[i];
        CHECK(!ll_vec_nan(y, n) && !ll_vec_nan(y, 0));
        for (int i = 0; i < MAX + 16; i++) y[i] = 12345;
        ll_rmsnorm(y, x, w, n, 1e-5f);
        ops_note(y, n);
        for (int i = 0; i < n; i++) CHECK(fabs(y[i] - x[i] / sqrt(dot / n + 1e-5f) * w[i]) <= 1e-6 * fabs(y[i]) + 1e-9);
        for (int i = n; i < MAX + 16; i++) CHECK(y[i] == 12345);
        memcpy(z, x, sizeof z);
        ll_rmsnorm(z, z, w, n, 1e-5f);
        CHECK(same_bits(y, z, n));
        ll_rmsnorm(z, x, NULL, n, 1e-5f);
        for (int i = 0; i < n; i++) CHECK(z[i] * w[i] == y[i]);
        ll_layernorm(y, x, w, b, n, 1e-5f);
        ops_note(y, n);
        for (int i = 0; i < n; i++)
            CHECK(fabs(y[i] - ((x[i] - mean) / sqrt(var / n + 1e-5f) * w[i] + b[i])) <= 3e-6 * (fabs(w[i]) * sqrt((double)n) + fabs(b[i])));
        for (int i = n; i < MAX + 16; i++) CHECK(y[i] == 12345);
        memcpy(z, x, sizeof z);
        ll_layernorm(z, z, w, b, n, 1e-5f);
        CHECK(same_bits(y, z, n));
        memcpy(y, x, sizeof(float) * (size_t)n);
        ll_softmax(y, n);
        ops_note(y, n);
        for (int i = 0; i < n; i++) CHECK(fabs(y[i] - exp(x[i] - top) / total) <= 1e-6 * y[i]);
        for (int i = n; i < MAX + 16; i++) CHECK(y[i] == 12345);
        ll_vec_add(y, x, w, n);
        for (int i = 0; i < n; i++) CHECK(y[i] == x[i] + w[i]);
        ll_vec_mul(y, x, w, n);
        for (int i = 0; i < n; i++) CHECK(y[i] == x[i] * w[i]);
        ll_vec_scale(y, x, 0.3f, n);
        for (int i = 0; i < n; i++) CHECK(y[i] == x[i] * 0.3f);
        ll_vec_axpy(y, 0.7f, w, n);
        for (int i = 0; i < n; i++) CHECK(y[i] == ll_fma(0.7f, w[i], x[i] * 0.3f));
        for (int i = n; i < MAX + 16; i++) CHECK(y[i] == 12345);
    }
    TEST("the sum's order");     /* lane i takes i, i + 16, ...; then lanes 8, 4, 2, 1 apart */
    {
        float lane[16] = { 0 };
        random_row(x, 100, 1), random_row(w, 100, 1);
        for (int i = 0; i < 100; i++) lane[i % 16] = ll_fma(x[i], w[i], lane[i % 16]);
        for (int h = 8; h; h /= 2) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
        CHECK(ll_vec_dot(x, w, 100) == lane[0]);
    }
    TEST("softmax of masked");
    y[0] = -(float)INFINITY, y[1] = 3, y[2] = -(float)INFINITY;
    ll_softmax(y, 3);
    CHECK(y[0] == 0 && y[1] == 1 && y[2] == 0);
    ll_softmax(y, 0);
}

/* What cos and sin must be, from the definition, in double and with libm. */
static void ref_rope(double *x, int n_rot, ll_rope_kind kind, double base, const ll_rope_scaling *s, int pos) {
    double pi = acos(-1.0), scale = s->scale != 0 ? s->scale : 1, mscale = s->attn_factor != 0 ? s->attn_factor : 1;
    double lo = 0, hi = 0;
    if (s->ext_factor != 0) {
        lo = fmax(0, floor(n_rot * log(s->n_ctx_orig / (s->beta_fast * 2 * pi)) / (2 * log(base))));
        hi = fmin(n_rot - 1, ceil(n_rot * log(s->n_ctx_orig / (s->beta_slow * 2 * pi)) / (2 * log(base))));
        mscale *= 1 + 0.1 * log(1 / scale);
    }
    for (int i = 0; i < n_rot / 2; i++) {
        double extra = pos * pow(base, -2.0 * i / n_rot) / (s->factors ? s->factors[i] : 1.0f);
        double mix = s->ext_factor * (1 - fmin(1, fmax(0, (i - lo) / fmax(0.001, hi - lo))));
        double angle = extra * scale * (1 - mix) + extra * mix, c = cos(angle) * mscale, w = sin(angle) * mscale;
        double *a = kind == LL_ROPE_NORM ? x + 2 * i : x + i, *b = kind == LL_ROPE_NORM ? a + 1 : a + n_rot / 2;
        double ra = *a * c - *b * w, rb = *a * w + *b * c;
        *a = ra, *b = rb;
    }
}

static void test_ops_rope(void) {
    static const int positions[] = { 0, 1, 2, 17, 511, 4095, 32767, 131071, 1000000 };
    float factors[64];
    ll_rope_scaling s[6];
    TEST("rope");
    for (int i = 0; i < 64; i++) factors[i] = (float)(5 + i) / 5;
    memset(s, 0, sizeof s);
    s[1].scale = 0.25f;                                             /* linear */
    s[2].factors = factors;                                         /* llama3 */
    s[3].factors = factors, s[3].attn_factor = 1.19f;               /* longrope */
    s[4].scale = 1 / 40.0f, s[4].ext_factor = 1, s[4].n_ctx_orig = 4096;    /* YaRN */
    s[5] = s[4], s[5].scale = 0.125f, s[5].attn_factor = ll_yarn_attn_factor(8, 1, 0.707f);
    for (int k = 4; k < 6; k++) s[k].beta_fast = 32, s[k].beta_slow = 1;
    for (int k = 0; k < LL_COUNT(s); k++) for (int kind = LL_ROPE_NORM; kind <= LL_ROPE_NEOX; kind++)
        for (int n_rot = 2; n_rot <= 128; n_rot += n_rot < 64 ? 6 : 32) for (int p = 0; p < LL_COUNT(positions); p++) {
            float base = p & 1 ? 10000.0f : 500000.0f, x[144], y[144], c[64], w[64], mscale;
            double freq[64], ref[144], worst = 0;
            random_row(x, 144, 1);
            for (int i = 0; i < 144; i++) ref[i] = x[i], y[i] = x[i];
            mscale = ll_rope_freqs(freq, n_rot, base, &s[k]);
            ll_rope_row(c, w, freq, n_rot / 2, positions[p], mscale);
            ll_rope_apply(y, c, w, (ll_rope_kind)kind, n_rot);
            ops_note(y, 144);
            ref_rope(ref, n_rot, (ll_rope_kind)kind, base, &s[k], positions[p]);
            for (int i = 0; i < 144; i++) {             /* (fmax here: gcc 12 for AArch64 ends in an internal error) */
                const double off = fabs(y[i] - ref[i]);
                if (!(off <= worst)) worst = off;
            }
            CHECK(worst < 1e-6);
            CHECK(same_bits(x + n_rot, y + n_rot, 144 - n_rot));
        }
    CHECK(fabs(ll_yarn_attn_factor(40, 1, 0) - 1) < 1e-7);
    CHECK(fabs(ll_yarn_attn_factor(40, 1, 1) - 1 / (1 + 0.1 * log(40))) < 1e-7);
    {
        ll_rope_scaling broken = s[2];
        float c[4], w[4];
        double freq[4];
        factors[2] = 0;                                             /* refused at load; must not trap */
        ll_rope_freqs(freq, 8, 10000.0f, &broken);
        ll_rope_row(c, w, freq, 4, 5, 1);
        CHECK(c[2] != c[2] && c[1] == c[1]);
    }
}

/* The delta rule as it is written, in double: one number of S after the other. */
static void ref_delta(const ll_delta *d, double *s, float *out, int n_tokens) {
    const int n = d->n, n_values = d->n_values;
    for (int t = 0; t < n_tokens; t++) {
        const float *q = d->q + (size_t)t * d->q_token, *k = d->k + (size_t)t * d->k_token;
        const float *keep = d->keep + (size_t)t * d->keep_token;
        double q_len = 0, k_len = 0;
        for (int j = 0; j < n; j++) q_len += (double)q[j] * q[j], k_len += (double)k[j] * k[j];
        q_len = fmax(sqrt(q_len), d->eps), k_len = fmax(sqrt(k_len), d->eps);
        for (int c = 0; c < n_values; c++) {
            double said = 0, o = 0, move;
            for (int j = 0; j < n; j++) s[j * n_values + c] *= keep[d->keys_fade ? j : 0];
            for (int j = 0; j < n; j++) said += s[j * n_values + c] * k[j] / k_len;
            move = (d->v[(size_t)t * d->v_token + (size_t)c] - said) * d->rate[(size_t)t * d->rate_token];
            for (int j = 0; j < n; j++) s[j * n_values + c] += move * k[j] / k_len;
            for (int j = 0; j < n; j++) o += s[j * n_values + c] * q[j] / q_len * d->scale;
            out[t * n_values + c] = (float)o;
        }
    }
}

static void test_ops_delta(void) {
    enum { TOKENS = 21, N = 70, VALUES = 83, ROW = 2 * N + VALUES, GATES = N + 1 };
    static const int sizes[][2] = { { 16, 16 }, { 1, 1 }, { 7, 33 }, { 32, 48 }, { 70, 83 }, { 64, 80 } };
    static float x[TOKENS * ROW], gates[TOKENS * GATES], out[TOKENS * VALUES], again[TOKENS * VALUES], want[TOKENS * VALUES];
    static float s[N * 96], s2[2][N * 96], scratch[LL_DELTA_TOKENS * (4 * N + 2)];
    static double exact[N * VALUES];
    TEST("delta rule");
    for (int z = 0; z < 2 * LL_COUNT(sizes); z++) {
        const int n = sizes[z / 2][0], n_values = sizes[z / 2][1];
        const size_t len = ll_delta_len(n, n_values);
        double worst = 0, size = 0;
        ll_delta d;
        memset(&d, 0, sizeof d);
        d.n = n, d.n_values = n_values, d.keys_fade = z % 2 != 0, d.scale = 0.3f, d.eps = 1e-6f;
        d.q = x, d.k = x + n, d.v = x + 2 * n, d.q_token = d.k_token = d.v_token = ROW;
        d.rate = gates, d.keep = gates + 1, d.rate_token = d.keep_token = GATES, d.out = out, d.out_token = (size_t)n_values;
        CHECK(len <= LL_COUNT(s) && ll_delta_scratch(n) <= LL_COUNT(scratch));
        random_row(x, LL_COUNT(x), 2);
        for (int i = 0; i < LL_COUNT(gates); i++) gates[i] = (t_uniform() + 1) / 2;
        for (int j = 0; j < n; j++) x[3 * ROW + j] = x[4 * ROW + n + j] = 0;    /* of no length */
        memset(s, 0, sizeof s), memset(s2, 0, sizeof s2), memset(exact, 0, sizeof exact);
        memset(out, 0, sizeof out), memset(again, 0, sizeof again);
        ll_delta_head(&d, s, s, TOKENS, scratch);
        ops_note(out, TOKENS * n_values), ops_note(s, (int)len);
        ref_delta(&d, exact, want, TOKENS);
        for (int i = 0; i < TOKENS * n_values; i++)
            worst = fmax(worst, fabs(out[i] - want[i])), size = fmax(size, fabs(want[i]));
        if (!(worst <= 2e-6 * size)) printf("       %d keys, %d values: %.3g of %.3g\n", n, n_values, worst, size);
        CHECK(size > 0.01 && worst <= 2e-6 * size);
        d.out = again;
        for (int t = 0, some, flip = 0; t < TOKENS; t += some, flip = !flip) {  /* in pieces, from one S to another */
            some = LL_MIN(1 + t % 11, TOKENS - t);
            ll_delta_head(&d, s2[!flip], s2[flip], some, scratch);
            d.q += some * ROW, d.k += some * ROW, d.v += some * ROW, d.out += some * n_values;
            d.rate += some * GATES, d.keep += some * GATES;
            if (t + some == TOKENS) CHECK(same_bits(s, s2[!flip], (int)len));
        }
        CHECK(same_bits(out, again, TOKENS * n_values));
    }
}

static void test_ops(void) {
    test_ops_functions();
    test_ops_rows();
    test_ops_rope();
    test_ops_delta();
    printf("ops: hash %016llx\n", (unsigned long long)ops_hash);
}
