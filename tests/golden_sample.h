/* Samplers: a golden file is `input`s (logits by name) and `case`s (what a sampler leaves of one of them, and which
 * tokens the reference then chose); see tests/golden/sampler/README.md. Its first line names the sampler. */
#ifndef GOLDEN_SAMPLE_H
#define GOLDEN_SAMPLE_H

enum { TS_VOCAB = 1024, TS_INPUTS = 64, TS_HISTORY = 4096, TS_LIST = 256 };      /* the most there may be */

/* The pieces of an infill's candidates, and their tokens. */
static ll_sample_piece ts_piece[TS_VOCAB];
static llocal_token ts_token[TS_VOCAB];

typedef struct ts_input { char name[32]; float logits[TS_VOCAB]; int n; } ts_input;

typedef struct ts_case {
    char kind[32];
    const char *params;                 /* " k=5 min_keep=1 ..." */
    const ts_input *input;              /* NULL: there is none of that name */
    llocal_token history[TS_HISTORY];
    int n_history, step;
    bool bad;                           /* a parameter is missing, or a number where none is allowed */
    float mu, sum, weight;              /* running values of mirostat and adaptive-p */
    float p[TS_VOCAB];                  /* adaptive-p: what its average is made of */
    double want_p[TS_VOCAB];            /* what the step should leave, by token */
    float want[TS_VOCAB];               /* -infinity: removed */
    int selected;
} ts_case;

/* What follows " name=" */
static const char *ts_text(ts_case *t, const char *name) {
    char key[32];
    const char *p;
    snprintf(key, sizeof key, " %s=", name);
    p = strstr(t->params, key);
    if (!p) t->bad = true;
    return p ? p + strlen(key) : "";
}
static double ts_param(ts_case *t, const char *name) { return strtod(ts_text(t, name), NULL); }
static float ts_f(ts_case *t, const char *name) { return (float)ts_param(t, name); }
static int ts_i(ts_case *t, const char *name) { return (int)ts_param(t, name); }

/* "3,9;13" becomes 3 9 -1 13 -1 -1 */
static void ts_breakers(const char *text, llocal_token *out) {
    int n = 0;
    while (*text >= '0' && *text <= '9' && n < TS_LIST - 3) {
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
    while (*text >= '0' && *text <= '9' && n < TS_LIST) {
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

static int ts_chain(ts_case *t, llocal_score *c) {
    static const struct { const char *name; int stage; } names[] = {
        { "penalties", LLOCAL_STAGE_PENALTIES }, { "dry", LLOCAL_STAGE_DRY },
        { "top_n_sigma", LLOCAL_STAGE_TOP_N_SIGMA }, { "top_k", LLOCAL_STAGE_TOP_K },
        { "typical", LLOCAL_STAGE_TYPICAL }, { "top_p", LLOCAL_STAGE_TOP_P },
        { "min_p", LLOCAL_STAGE_MIN_P }, { "xtc", LLOCAL_STAGE_XTC },
        { "temp_ext", LLOCAL_STAGE_TEMPERATURE }, { "temp", LLOCAL_STAGE_TEMPERATURE }
    };
    llocal_token breakers[TS_LIST];
    llocal_sampler s;
    const char *order = ts_text(t, "order"), *breaker_text = strstr(ts_stage_text(t, "dry"), "breakers=");
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
    ts_breakers(breaker_text ? breaker_text + 9 : "", breakers);
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
    while (*order && *order != '\n') {
        size_t len = strcspn(order, ",\n");
        for (int i = 0; i < LL_COUNT(names); i++)
            if (len == strlen(names[i].name) && !memcmp(order, names[i].name, len))
                s.order[n_order++ & 15] = (uint8_t)names[i].stage;
        order += len + (order[len] == ',');
    }
    return ll_sample_chain(&s, t->input->logits, t->input->n, t->history, t->n_history, c);
}

/* Candidates by their tokens' places in the file; its last one ends the text. */
static int ts_infill(ts_case *t, llocal_score *c, int n) {
    static ll_sample_piece piece[TS_VOCAB];
    static llocal_score best[TS_VOCAB];
    if (strstr(t->params, "top_k:")) n = ll_sample_top_k(c, n, (int)strtol(strstr(t->params, "top_k:") + 6, NULL, 10));
    if (strstr(t->params, "top_p:")) n = ll_sample_top_p(c, n, strtof(strstr(t->params, "top_p:") + 6, NULL), 0);
    memcpy(best, c, (size_t)n * sizeof *c);
    ll_sample_sort(best, n);
    for (int i = 0; i < n; i++) piece[i] = ts_piece[best[i].token];
    n = ll_sample_infill(best, piece, n);
    for (int i = 0; i < n; i++) {               /* by id */
        int at = i;
        for (; at > 0 && c[at - 1].token > best[i].token; at--) c[at] = c[at - 1];
        c[at] = best[i];
    }
    return n;
}

/* "12 4640 666f72": what stands at a place. */
static void ts_read_piece(const char *line) {
    char *p;
    long at = strtol(line, &p, 10);
    ll_sample_piece *piece;
    if (at < 0 || at >= TS_VOCAB) return;
    piece = &ts_piece[at], memset(piece, 0, sizeof *piece);
    ts_token[at] = (llocal_token)strtol(p, &p, 10);
    piece->end = ts_token[at] == 50256;         /* as the file says */
    for (p += *p == ' '; p[0] && p[1] && piece->len < LL_SAMPLE_PIECE; p += 2) {
        const char two[3] = { p[0], p[1], 0 };
        piece->text[piece->len++] = (char)strtol(two, NULL, 16);
    }
}
static int ts_place(const ts_case *t, int token) {
    for (int i = 0; i < t->input->n; i++) if (ts_token[i] == token) return i;
    return -1;
}

/* Run what the case asks for; returns how many candidates are left, -1: not built. */
static int ts_apply(ts_case *t, llocal_score *c) {
    int n = ll_sample_gather(t->input->logits, t->input->n, 0, c);
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
        if (ts_i(t, "last_n") <= 0) return n;           /* off there, all here */
        ll_sample_penalties(c, n, t->history, t->n_history, ts_i(t, "last_n"),
                            ts_f(t, "repeat"), ts_f(t, "freq"), ts_f(t, "present"));
        return n;
    }
    if (!strcmp(k, "dry")) {
        llocal_token breakers[TS_LIST];
        int last_n = ts_i(t, "last_n");
        if (last_n == 0) return n;                      /* off there, all here */
        ts_breakers(ts_text(t, "breakers"), breakers);
        ll_sample_dry(c, n, t->history, t->n_history, ts_f(t, "multiplier"), ts_f(t, "base"),
                      ts_i(t, "allowed_length"), last_n < 0 ? ts_i(t, "ctx") : last_n, breakers);
        return n;
    }
    if (!strcmp(k, "logit_bias")) {
        llocal_bias bias[TS_LIST];
        ll_sample_bias(c, n, bias, ts_bias(ts_text(t, "bias"), bias));
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
    if (!strcmp(k, "adaptive_p")) {
        float target = ts_f(t, "target"), aim;
        double sum = ll_sample_softmax(c, n);
        if (t->step == 0) t->weight = 1 / (1 - ts_f(t, "decay")), t->sum = target * t->weight;
        aim = ll_sample_aim(target, t->sum, t->weight);
        for (int i = 0; i < n; i++) {
            t->p[c[i].token] = (float)(c[i].p / sum);
            if (target >= 0 && c[i].logit > -INFINITY)
                c[i].logit = ll_sample_hill(t->p[c[i].token], aim);
        }
        return n;
    }
    if (!strcmp(k, "greedy") || !strcmp(k, "dist")) return n;
    if (!strcmp(k, "chain")) return ts_chain(t, c);
    if (!strcmp(k, "infill")) return ts_infill(t, c, n);
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
        double p = strcmp(t->kind, "infill") ? exp(c[i].logit - max) / sum : c[i].p;    /* it has its own */
        if (i > 0 && id <= c[i - 1].token) return false;
        if (c[i].logit == -INFINITY) continue;
        have[id] = true;
        if (!(fabs(c[i].logit - t->want[id]) <= 1e-4 + 1e-5 * fabs(t->want[id]))) return false;
        if (!(fabs(p - t->want_p[id]) <= 1e-5)) return false;
    }
    for (int i = 0; i < t->input->n; i++) if ((t->want[i] > -INFINITY) != have[i]) return false;
    return true;
}

/* Whether we choose as the reference did, where that can be said; then its choice counts. */
static bool ts_choice(ts_case *t, llocal_score *c, int n, ts_mt *mt) {
    bool same = true;
    float p;
    if (!strcmp(t->kind, "greedy")) same = ll_sample_greedy(c, n) == t->selected;
    if (!strcmp(t->kind, "dist")) {
        double sum = ll_sample_softmax(c, n), u;
        if (t->step == 0) ts_mt_seed(mt, (uint32_t)ts_param(t, "seed"));
        u = ts_mt_next(mt);
        u = (u + 4294967296.0 * ts_mt_next(mt)) / 18446744073709551616.0;
        same = n > 0 && c[ll_sample_pick(c, n, u * sum)].token == t->selected;
    }
    p = (float)t->want_p[t->selected];
    if (!strncmp(t->kind, "mirostat", 8)) t->mu -= ts_f(t, "eta") * (-log2f(p) - ts_f(t, "tau"));
    if (!strcmp(t->kind, "adaptive_p")) {
        t->sum = t->p[t->selected] + ts_f(t, "decay") * t->sum;
        t->weight = 1 + ts_f(t, "decay") * t->weight;
    }
    return same;
}

static void ts_read_want(ts_case *t, const char *line) {
    char *p;
    int n = (int)strtol(line, &p, 10);
    for (int i = 0; i < TS_VOCAB; i++) t->want[i] = -INFINITY, t->want_p[i] = 0;
    while (n-- > 0) {
        int id = (int)strtol(p, &p, 10);
        if (!strcmp(t->kind, "infill")) id = ts_place(t, id);
        if (id < 0 || id >= t->input->n) { t->bad = true; return; }
        t->want[id] = strtof(p + 1, &p);
        t->want_p[id] = strtod(p + 1, &p);
    }
}

/* Where a p is 0 in float, the reference's typical takes the logarithm of 0 and sorts by NaN: what
 * it keeps then depends on the sort of its C++ library. Those cases are left out. */
static bool ts_reference_is_nan(ts_case *t) {
    float max = -INFINITY, min = INFINITY;
    if (strcmp(t->kind, "typical") || ts_f(t, "p") >= 1) return false;
    for (int i = 0; i < t->input->n; i++)
        max = LL_MAX(max, t->input->logits[i]), min = LL_MIN(min, t->input->logits[i]);
    return max - min > 103;
}

/* What a file's cases came to. left_out: see ts_reference_is_nan. */
typedef struct ts_result { char kind[32]; int passed, failed, left_out; } ts_result;

static bool golden_sample_is(const char *text) { return !strncmp(text, "# sampler golden: ", 18); }

static void ts_read_input(ts_input *in, char *line) {
    char *p = line + strcspn(line, " "), *end;
    snprintf(in->name, sizeof in->name, "%.*s", (int)(p - line), line);
    for (in->n = 0; in->n < TS_VOCAB; in->n++, p = end) {
        in->logits[in->n] = strtof(p, &end);
        if (end == p) break;
    }
}

static void ts_read_case(ts_case *t, char *line, const ts_input *inputs, int n) {
    char *p = strstr(line, "input ");
    const size_t len = p ? strcspn(p += 6, " ") : 0;
    t->input = NULL, t->n_history = 0, t->step = 0, t->bad = false, t->params = p ? p + len : "";
    for (int i = 0; i < n && len; i++)
        if (strlen(inputs[i].name) == len && !memcmp(inputs[i].name, p, len)) t->input = &inputs[i];
}

/* One line of a case. False: it is not as the reference says. */
static bool ts_line(ts_case *t, char *line, llocal_score *c, int *n, ts_mt *mt, bool *left_out) {
    if (!t->input) return false;
    if (!strncmp(line, "history", 7)) {
        for (char *p = line + 7, *end; t->n_history < TS_HISTORY; p = end) {
            const llocal_token token = (llocal_token)strtol(p, &end, 10);
            if (end == p) return *p == 0;
            t->history[t->n_history++] = token;
        }
        return false;
    }
    if (!strncmp(line, "step ", 5)) t->step = (int)strtol(line + 5, NULL, 10);
    else if (!strncmp(line, "out ", 4)) {
        ts_read_want(t, line + 4);
        *left_out = !t->bad && ts_reference_is_nan(t);
        if (t->bad || *left_out) return !t->bad;
        *n = ts_apply(t, c);
        return !t->bad && *n >= 0 && ts_compare(t, c, *n);
    } else if (!strncmp(line, "selected ", 9)) {
        t->selected = (int)strtol(line + 9, NULL, 10);
        return t->selected >= 0 && t->selected < t->input->n && ts_choice(t, c, *n, mt) && !t->bad;
    }
    return true;
}

/* Prints the cases that fail; text is cut up. */
static ts_result golden_sample(char *text, const char *name) {
    static ts_input inputs[TS_INPUTS];
    static ts_case t;
    static llocal_score c[TS_VOCAB];
    static ts_mt mt;
    ts_result r;
    int n_inputs = 0, n = 0;
    bool in_case = false, good = true, left_out = false;
    char *next;
    memset(&r, 0, sizeof r), memset(&t, 0, sizeof t);
    snprintf(t.kind, sizeof t.kind, "%.*s", (int)strcspn(text + 18, " (\r\n"), text + 18);
    snprintf(r.kind, sizeof r.kind, "%s", t.kind);
    for (char *line = text;; line = next) {
        const size_t len = strcspn(line, "\n");
        const bool end = !*line, begins = end || !strncmp(line, "case ", 5);
        next = line + len + (line[len] == '\n');
        line[len] = 0;
        if (len && line[len - 1] == '\r') line[len - 1] = 0;
        if (begins && in_case) {                /* the one before it is over */
            if (left_out) r.left_out++;
            else if (good) r.passed++;
            else r.failed++;
            if (!good) printf("       %s: case input %s%s, at step %d\n", name, t.input ? t.input->name : "?", t.params, t.step);
        }
        if (end) break;
        if (!strncmp(line, "input ", 6) && n_inputs < TS_INPUTS) ts_read_input(&inputs[n_inputs++], line + 6);
        else if (!strncmp(line, "cand ", 5)) ts_read_piece(line + 5);
        else if (begins) ts_read_case(&t, line, inputs, n_inputs), in_case = true, good = t.input != NULL, left_out = false;
        else if (in_case && good && !left_out) good = ts_line(&t, line, c, &n, &mt, &left_out);
    }
    return r;
}
#endif
