/* >>sample: the golden files of tests/golden/sampler (see its README), the selection against a
 * full sort, the draw, replay, hostile input. */

#define TS_VOCAB 64

/* ---- golden files ---------------------------------------------------------------------------- */

typedef struct ts_case {
    char kind[32], input[32];
    const char *params;                 /* " k=5 min_keep=1 ..." */
    const float *logits;
    llocal_token history[256];
    int n_history, step;
    float mu, sum, weight;              /* running values of mirostat and adaptive-p */
    double want_p[TS_VOCAB];            /* what the step should leave, by token */
    float want[TS_VOCAB];               /* -infinity: removed */
    int selected;
} ts_case;

/* The number after " name=" */
static double ts_param(const ts_case *t, const char *name) {
    char key[32];
    const char *p;
    snprintf(key, sizeof key, " %s=", name);
    p = strstr(t->params, key);
    if (p) return strtod(p + strlen(key), NULL);
    t_fail(__FILE__, __LINE__, name);
    return 0;
}
static float ts_f(const ts_case *t, const char *name) { return (float)ts_param(t, name); }
static int ts_i(const ts_case *t, const char *name) { return (int)ts_param(t, name); }

/* "3,9;13" becomes 3 9 -1 13 -1 -1 */
static void ts_breakers(const char *text, llocal_token *out) {
    int n = 0;
    while (*text >= '0' && *text <= '9') {
        char *end;
        out[n++] = (llocal_token)strtol(text, &end, 10);
        if (*end != ',' || end[1] < '0' || end[1] > '9') out[n++] = -1;
        text = *end == ';' || *end == ',' ? end + 1 : end;
    }
    out[n] = -1;
}

static int ts_bias(const char *text, llocal_bias *out) {
    int n = 0;
    char *end;
    while (*text >= '0' && *text <= '9') {
        out[n].token = (llocal_token)strtol(text, &end, 10);
        out[n++].add = strtof(end + 1, &end);
        text = *end == ',' ? end + 1 : end;
    }
    return n;
}

/* "top_k:20 typical:0.9 ... ; order=top_k,typical": the text after "name:" */
static const char *ts_stage_text(const ts_case *t, const char *name) {
    char key[32];
    const char *p;
    snprintf(key, sizeof key, " %s:", name);
    p = strstr(t->params, key);
    return p ? p + strlen(key) : "";
}
static float ts_stage_value(const ts_case *t, const char *name, const char *field) {
    const char *p = strstr(ts_stage_text(t, name), field);
    return p ? strtof(p + strlen(field), NULL) : 0;
}

static int ts_chain(const ts_case *t, llocal_score *c) {
    static const struct { const char *name; int stage; } names[] = {
        { "penalties", LLOCAL_STAGE_PENALTIES }, { "dry", LLOCAL_STAGE_DRY },
        { "top_n_sigma", LLOCAL_STAGE_TOP_N_SIGMA }, { "top_k", LLOCAL_STAGE_TOP_K },
        { "typical", LLOCAL_STAGE_TYPICAL }, { "top_p", LLOCAL_STAGE_TOP_P },
        { "min_p", LLOCAL_STAGE_MIN_P }, { "xtc", LLOCAL_STAGE_XTC },
        { "temp_ext", LLOCAL_STAGE_TEMPERATURE }, { "temp", LLOCAL_STAGE_TEMPERATURE }
    };
    llocal_token breakers[64];
    llocal_sampler s;
    const char *order = strstr(t->params, "order=");
    int n_order = 0;
    memset(&s, 0, sizeof s);
    s.penalty_last_n = (int)ts_stage_value(t, "penalties", "last_n=");
    s.repeat_penalty = ts_stage_value(t, "penalties", "repeat=");
    s.frequency_penalty = ts_stage_value(t, "penalties", "freq=");
    s.presence_penalty = ts_stage_value(t, "penalties", "present=");
    s.dry_multiplier = ts_stage_value(t, "dry", "mult=");
    s.dry_base = ts_stage_value(t, "dry", "base=");
    s.dry_allowed_length = (int)ts_stage_value(t, "dry", "allowed=");
    s.dry_last_n = (int)ts_stage_value(t, "dry", "last_n=");
    ts_breakers(strstr(ts_stage_text(t, "dry"), "breakers=") + 9, breakers);
    s.dry_breakers = breakers;
    s.top_n_sigma = strtof(ts_stage_text(t, "top_n_sigma"), NULL);
    s.top_k = (int)strtol(ts_stage_text(t, "top_k"), NULL, 10);
    s.typical_p = strtof(ts_stage_text(t, "typical"), NULL);
    s.top_p = strtof(ts_stage_text(t, "top_p"), NULL);
    s.min_p = strtof(ts_stage_text(t, "min_p"), NULL);
    s.xtc_probability = ts_stage_value(t, "xtc", "p=");
    s.xtc_threshold = ts_stage_value(t, "xtc", "t=");
    s.temperature = strtof(ts_stage_text(t, "temp"), NULL);
    s.min_keep = 0;
    if (strstr(order, "temp_ext")) {
        char *end;
        s.temperature = strtof(ts_stage_text(t, "temp_ext"), &end);
        s.dynatemp_range = strtof(end + 1, &end);
        s.dynatemp_exponent = strtof(end + 1, NULL);
    }
    for (order += 6; *order && *order != '\n';) {
        size_t len = strcspn(order, ",\n");
        for (int i = 0; i < LL_COUNT(names); i++)
            if (len == strlen(names[i].name) && !memcmp(order, names[i].name, len))
                s.order[n_order++] = (uint8_t)names[i].stage;
        order += len + (order[len] == ',');
    }
    return ll_sample_chain(&s, t->logits, TS_VOCAB, t->history, t->n_history, c);
}

/* Run what the case asks for; returns how many candidates are left, -1: not built. */
static int ts_apply(ts_case *t, llocal_score *c) {
    int n = ll_sample_gather(t->logits, TS_VOCAB, 0, c);
    uint64_t rng = 1;
    const char *k = t->kind;
    if (!strcmp(k, "top_k")) return ll_sample_top_k(c, n, ts_i(t, "k"));
    if (!strcmp(k, "top_p")) return ll_sample_top_p(c, n, ts_f(t, "p"), ts_i(t, "min_keep"));
    if (!strcmp(k, "min_p")) return ll_sample_min_p(c, n, ts_f(t, "p"), ts_i(t, "min_keep"));
    if (!strcmp(k, "typical")) return ll_sample_typical(c, n, ts_f(t, "p"), ts_i(t, "min_keep"));
    if (!strcmp(k, "top_n_sigma")) return ll_sample_top_n_sigma(c, n, ts_f(t, "n"));
    if (!strcmp(k, "temp")) return ll_sample_temperature(c, n, ts_f(t, "temp"));
    if (!strcmp(k, "temp_ext"))
        return ll_sample_dynamic_temperature(c, n, ts_f(t, "temp"), ts_f(t, "delta"),
                                             ts_f(t, "exponent"));
    if (!strcmp(k, "xtc"))
        return ll_sample_xtc(c, n, ts_f(t, "probability"), ts_f(t, "threshold"),
                             ts_i(t, "min_keep"), &rng);
    if (!strcmp(k, "penalties")) {
        /* a negative last_n is 0 there and "all" here */
        ll_sample_penalties(c, n, t->history, t->n_history, LL_MAX(ts_i(t, "last_n"), 0),
                            ts_f(t, "repeat"), ts_f(t, "freq"), ts_f(t, "present"));
        return n;
    }
    if (!strcmp(k, "dry")) {
        llocal_token breakers[64];
        int last_n = ts_i(t, "last_n");
        ts_breakers(strstr(t->params, "breakers=") + 9, breakers);
        ll_sample_dry(c, n, t->history, t->n_history, ts_f(t, "multiplier"), ts_f(t, "base"),
                      ts_i(t, "allowed_length"), last_n < 0 ? ts_i(t, "ctx") : last_n, breakers);
        return n;
    }
    if (!strcmp(k, "logit_bias")) {
        llocal_bias bias[64];
        ll_sample_bias(c, n, bias, ts_bias(strstr(t->params, "bias=") + 5, bias));
        return n;
    }
    if (!strcmp(k, "mirostat_v1")) {
        if (t->step == 0) t->mu = 2 * ts_f(t, "tau");
        return ll_sample_mirostat_1(c, n, ts_i(t, "n_vocab"), ts_i(t, "m"), t->mu);
    }
    if (!strcmp(k, "mirostat_v2")) {
        if (t->step == 0) t->mu = 2 * ts_f(t, "tau");
        return ll_sample_mirostat_2(c, n, t->mu);
    }
    if (!strcmp(k, "greedy") || !strcmp(k, "dist")) return n;
    if (!strcmp(k, "chain")) return ts_chain(t, c);
    return -1;
}

/* std::mt19937 and libstdc++'s uniform double, to draw what the reference drew. */
typedef struct ts_mt { uint32_t x[624]; int at; } ts_mt;
static void ts_mt_seed(ts_mt *r, uint32_t seed) {
    r->x[0] = seed, r->at = 624;
    for (uint32_t i = 1; i < 624; i++)
        r->x[i] = 1812433253u * (r->x[i - 1] ^ r->x[i - 1] >> 30) + i;
}
static uint32_t ts_mt_next(ts_mt *r) {
    uint32_t y;
    if (r->at == 624) {
        for (int i = 0; i < 624; i++) {
            y = (r->x[i] & 0x80000000u) | (r->x[(i + 1) % 624] & 0x7fffffffu);
            r->x[i] = r->x[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
        }
        r->at = 0;
    }
    y = r->x[r->at++];
    y ^= y >> 11, y ^= y << 7 & 0x9d2c5680u, y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

/* The candidates against `want`; p from their logits in double. */
static bool ts_compare(const ts_case *t, const llocal_score *c, int n) {
    double sum = 0, max = -INFINITY;
    bool have[TS_VOCAB] = { false };
    for (int i = 0; i < n; i++) max = LL_MAX(max, (double)c[i].logit);
    for (int i = 0; i < n; i++) sum += exp(c[i].logit - max);
    for (int i = 0; i < n; i++) {
        int id = c[i].token;
        double p = exp(c[i].logit - max) / sum;
        if (i > 0 && id <= c[i - 1].token) return false;
        if (c[i].logit == -INFINITY) continue;
        have[id] = true;
        if (!(fabs(c[i].logit - t->want[id]) <= 1e-4 + 1e-5 * fabs(t->want[id]))) return false;
        if (!(fabs(p - t->want_p[id]) <= 1e-5)) return false;
    }
    for (int i = 0; i < TS_VOCAB; i++) if ((t->want[i] > -INFINITY) != have[i]) return false;
    return true;
}

static void ts_check_choice(ts_case *t, llocal_score *c, int n, ts_mt *mt) {
    float p;
    if (!strcmp(t->kind, "greedy")) CHECK_EQ(ll_sample_greedy(c, n), t->selected);
    if (!strcmp(t->kind, "dist")) {
        double sum = ll_sample_softmax(c, n), u;
        if (t->step == 0) ts_mt_seed(mt, (uint32_t)ts_param(t, "seed"));
        u = ts_mt_next(mt);
        u = (u + 4294967296.0 * ts_mt_next(mt)) / 18446744073709551616.0;
        CHECK_EQ(c[ll_sample_pick(c, n, u * sum)].token, t->selected);
    }
    p = (float)t->want_p[t->selected];
    if (!strncmp(t->kind, "mirostat", 8)) t->mu -= ts_f(t, "eta") * (-log2f(p) - ts_f(t, "tau"));
}

static void ts_read_want(ts_case *t, const char *line) {
    char *p;
    int n = (int)strtol(line, &p, 10);
    for (int i = 0; i < TS_VOCAB; i++) t->want[i] = -INFINITY, t->want_p[i] = 0;
    while (n-- > 0) {
        int id = (int)strtol(p, &p, 10);
        if (id < 0 || id >= TS_VOCAB) { t_fail(__FILE__, __LINE__, "token in golden file"); return; }
        t->want[id] = strtof(p + 1, &p);
        t->want_p[id] = strtod(p + 1, &p);
    }
}

static int ts_golden(const char *kind) {
    static float inputs[16][TS_VOCAB];
    static char names[16][32];
    static ts_mt mt;
    char path[256];
    char *text, *next;
    ts_case t;
    llocal_score c[TS_VOCAB];
    int n_inputs = 0, n_cases = 0, n = 0;
    snprintf(path, sizeof path, "tests/golden/sampler/%s.golden", kind);
    text = t_read_file(path, NULL);
    if (!text) { SKIP(path); return 0; }
    memset(&t, 0, sizeof t);
    snprintf(t.kind, sizeof t.kind, "%s", kind);
    for (char *line = text; *line; line = next) {
        next = line + strcspn(line, "\n");
        if (*next) *next++ = 0;
        if (!strncmp(line, "input ", 6) && n_inputs < 16) {
            char *p = strchr(line + 6, ' ');
            snprintf(names[n_inputs], 32, "%.*s", (int)(p - line - 6), line + 6);
            for (int i = 0; i < TS_VOCAB; i++) inputs[n_inputs][i] = strtof(p, &p);
            n_inputs++;
        } else if (!strncmp(line, "case ", 5)) {
            char *p = strstr(line, "input ") + 6;
            size_t len = strcspn(p, " ");
            t.logits = NULL, t.n_history = 0, t.step = 0, t.params = p + len;
            for (int i = 0; i < n_inputs; i++)
                if (strlen(names[i]) == len && !memcmp(names[i], p, len)) t.logits = inputs[i];
            CHECK(t.logits != NULL);
            n_cases++;
        } else if (!strncmp(line, "history", 7)) {
            for (char *p = line + 7; *p && t.n_history < 256;)
                t.history[t.n_history++] = (llocal_token)strtol(p, &p, 10);
        } else if (!strncmp(line, "step ", 5)) t.step = (int)strtol(line + 5, NULL, 10);
        else if (!strncmp(line, "out ", 4)) {
            bool same;
            ts_read_want(&t, line + 4);
            n = ts_apply(&t, c);
            same = n >= 0 && ts_compare(&t, c, n);
            CHECK(same);
            if (!same) printf("       %s case %d step %d%s\n", kind, n_cases, t.step, t.params);
        } else if (!strncmp(line, "selected ", 9)) {
            t.selected = (int)strtol(line + 9, NULL, 10);
            ts_check_choice(&t, c, n, &mt);
        }
    }
    free(text);
    return n_cases;
}

static void test_sample_golden(void) {
    static const struct { const char *kind; int n; } files[] = {
        { "top_k", 48 }, { "top_p", 126 }, { "min_p", 126 }, { "typical", 90 },
        { "top_n_sigma", 42 }, { "temp", 48 }, { "temp_ext", 300 }, { "xtc", 368 },
        { "penalties", 200 }, { "dry", 208 }, { "logit_bias", 30 }, { "mirostat_v1", 48 },
        { "mirostat_v2", 32 }, { "greedy", 6 }, { "dist", 9 }, { "chain", 42 }
    };
    TEST("sample golden");
    for (int i = 0; i < LL_COUNT(files); i++) {
        int n = ts_golden(files[i].kind);
        if (n) CHECK_EQ(n, files[i].n);
    }
    TEST("sample golden infill");
    SKIP("it needs the text of the vocabulary; not one of llocal_sampler's stages");
}
static void test_sample(void) {
    test_sample_golden();
}
