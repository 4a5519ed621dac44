/* Runs golden files: golden FILE... prints a line for each (name, worst difference, verdict) and
 * exits 0 only if all pass. "unsupported" is a verdict of its own: the library named what it
 * cannot do; it does not count as passed.
 *
 * An architecture file (tests/tiny.h) is a tiny model with its logits. It is run as one batch and
 * token by token, with the cache in F32; once more, with a loose tolerance, in Q8; and with its matrices as
 * Q8_0 and Q4_0, where logits differ by what rounding does and no more. A format
 * file is bytes with the floats they stand for and dot products. A .jsonl of a chat template:
 * golden_chat.h. A schema with texts: golden_rule.h. A sampler file: golden_sample.h; its cases that the reference computes with NaN are left
 * out, and counted.
 *
 * Tokens (tests/tokens.h) need a vocabulary: golden --vocab FILE.gguf FILE.jsonl FILE.inp ..., or
 * FILE.gguf beside FILE.jsonl. Where the header of a .jsonl names a pre-tokenizer, that one is taken
 * instead of the vocabulary's. Of these the line says how many records passed. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "tiny.h"
#include "tokens.h"
#include "golden_chat.h"
#include "golden_sample.h"
#include "golden_rule.h"

#define ARCH_TOLERANCE 1e-4                     /* |x - g| <= tolerance * (1 + |g|) */
#define Q8_TOLERANCE   2e-1                     /* as the next two, with keys and values of 8 bits */
#define Q8_0_TOLERANCE 2e-1                     /* root mean square of the difference, by that of the logits about */
#define Q4_0_TOLERANCE 9e-1                     /* their mean, with matrices in this format; nonsense: 1.4. Of most */
                                                /* rows: in some a router is of two minds, and rounding decides */
#define DOT_TOLERANCE  4e-3                     /* of sum |w a|: activations are quantised */

static char reason[400];                        /* the last error the library gave */
static int n_passed, n_failed, n_unsupported;

static void remember(void *user, llocal_log_level level, const char *message) {
    (void)user;
    if (level == LLOCAL_LOG_ERROR) snprintf(reason, sizeof reason, "%s", message);
}

static void verdict(const char *name, double worst, const char *what) {
    if (!strcmp(what, "pass")) n_passed++;
    else if (!strcmp(what, "unsupported")) n_unsupported++;
    else n_failed++;
    printf("%-28s %9.2e  %s%s%s\n", name, worst, what, *reason ? ": " : "", reason);
}

/* How far results are from those that are known. */
typedef struct distance {
    double worst;                               /* |x - g| / (1 + |g|); NaN counts as infinite */
    double row[64];                             /* rms of x - g by that of g - mean, of the first rows */
    int n_rows;
    int n_layer;                                /* rounding adds up over layers, like steps of a random walk: */
} distance;

/* What is left of it in a model of a few layers, of the row in the middle. */
static double distance_by(const distance *d) {
    for (int i = 0; i < d->n_rows; i++) {
        int before = 0, same = 0;
        for (int k = 0; k < d->n_rows; k++) before += d->row[k] < d->row[i], same += d->row[k] == d->row[i];
        if (before <= (d->n_rows - 1) / 2 && (d->n_rows - 1) / 2 < before + same)
            return d->row[i] / sqrt(d->n_layer > 16 ? d->n_layer / 16.0 : 1);
    }
    return INFINITY;                            /* there are none, or NaN */
}

static void add_row(distance *d, const float *x, const float *g, int n) {
    double mean = 0, squares = 0, spread = 0;
    for (int i = 0; i < n; i++) mean += (double)g[i] / n;
    for (int i = 0; i < n; i++) {
        double off = (double)x[i] - g[i], by = fabs(off) / (1 + fabs(g[i]));
        if (!(by <= d->worst)) d->worst = by == by ? by : INFINITY;
        squares += off * off, spread += (g[i] - mean) * (g[i] - mean);
    }
    if (d->n_rows < (int)(sizeof d->row / sizeof *d->row)) d->row[d->n_rows++] = sqrt(squares / spread);
}

static bool recording;                          /* what a model gives becomes what is expected of it */

/* Logits of every position, or the vectors they are made from: as one batch (step 0) or so many tokens at a time. */
/* The pooling that makes a row's kind. */
static llocal_pooling row_pooling(const tiny_row *row) {
    return !strcmp(row->kind, "mean") ? LLOCAL_POOL_MEAN : !strcmp(row->kind, "cls") ? LLOCAL_POOL_FIRST :
           !strcmp(row->kind, "last") ? LLOCAL_POOL_LAST : !strcmp(row->kind, "rank") ? LLOCAL_POOL_RANK : LLOCAL_POOL_NONE;
}

/* Vectors of the whole text, of the pooling that the context has. */
static llocal_result run_pooled(llocal_context *c, const tiny *t, int step, distance *d) {
    const llocal_pooling pooling = llocal_context_get_desc(c).pooling;
    for (int at = 0; at < t->n_tokens;) {
        int n = step && step < t->n_tokens - at ? step : t->n_tokens - at;
        llocal_result r = llocal_begin(c, t->tokens + at, n, at + n == t->n_tokens);
        if (!r) r = llocal_step(&c, 1, 0, NULL);
        if (r) return r;
        at += n;
    }
    for (int i = 0; i < t->n_rows; i++)
        if (row_pooling(&t->rows[i]) == pooling) {
            if (llocal_embedding_size(c) != t->rows[i].n) return LLOCAL_ERR_FORMAT;
            add_row(d, llocal_embedding(c), t->rows[i].v, t->rows[i].n);
        }
    return LLOCAL_OK;
}

/* Logits of every position, or the vectors of each: as one batch (step 0) or so many tokens at a time. */
static llocal_result run_tokens(llocal_context *c, const tiny *t, int step, distance *d) {
    for (int at = 0; at < t->n_tokens;) {
        int n = step && step < t->n_tokens - at ? step : t->n_tokens - at;
        llocal_result r = llocal_begin(c, t->tokens + at, n, n);
        if (!r) r = llocal_step(&c, 1, 0, NULL);
        if (r) return r;
        for (int i = 0; i < t->n_rows; i++) {
            const tiny_row *row = &t->rows[i];
            const int pos = row->pos;
            const bool logits = !strcmp(row->kind, "logits");
            if (pos < at || pos >= at + n) continue;
            if (recording) memcpy(row->v, logits ? llocal_logits(c, pos - at) : llocal_hidden(c, pos - at), (size_t)row->n * sizeof(float));
            else add_row(d, logits ? llocal_logits(c, pos - at) : llocal_hidden(c, pos - at), row->v, row->n);
        }
        at += n;
    }
    return LLOCAL_OK;
}

/* The tiny model that t drafts for, opened: from its folder, or that of older files. NULL: there is none. */
static llocal_model *open_target(const tiny *t, const char *path, llocal_format f, void **image) {
    static const char *const folders[] = { "", "../arch/" };
    llocal_source src;
    llocal_model *m = NULL;
    memset(&src, 0, sizeof src);
    for (int i = 0; i < LL_COUNT(folders) && !m && t->target; i++) {
        char file[1300];
        const char *end = strrchr(path, '/');
        tiny target;
        snprintf(file, sizeof file, "%.*s%s%.100s", end ? (int)(end + 1 - path) : 0, path, folders[i], t->target);
        FILE *there = fopen(file, "rb");
        if (there) fclose(there);
        if (!there || !tiny_load(file, &target)) continue;
        *image = tiny_image(&target, f, &src.data_size);
        src.data = *image, src.logger.write = remember;
        if (llocal_model_open(&src, &m)) m = NULL;
        tiny_free(&target);
    }
    return m;
}

static const char *draft_path;                  /* of the file */

/* Drafts behind the tokens, which the other model has read, and once more. */
static llocal_result run_drafts(const tiny *t, const void *image, size_t size, llocal_format f, llocal_kv kv,
                                distance *dist) {
    llocal_source src;
    llocal_context_desc d;
    void *other = NULL;
    llocal_model *m = NULL, *large = open_target(t, draft_path, f, &other);
    llocal_context *c = NULL, *target = NULL;
    llocal_result r = large ? LLOCAL_OK : LLOCAL_ERR_IO;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.data = image, src.data_size = size, src.logger.write = remember;
    d.n_ctx = t->n_ctx, d.k = d.v = kv;
    if (!r) r = llocal_model_open(&src, &m);
    if (!r) dist->n_layer = llocal_model_hparams(m)->n_layer;
    if (!r) r = llocal_context_open(large, &d, &target);
    if (!r) r = llocal_eval(target, t->tokens, t->n_tokens);
    d.target = target;
    if (!r) r = llocal_context_open(m, &d, &c);
    for (int again = 0; again < 2 && !r; again++) {
        r = llocal_rewind(c, 0);
        for (int i = 0; i < t->n_rows && !r; i++) {
            r = llocal_eval(c, t->tokens_draft + i, 1);
            if (!r) add_row(dist, llocal_logits(c, -1), t->rows[i].v, t->rows[i].n);
        }
    }
    llocal_context_close(c), llocal_context_close(target);
    llocal_model_close(m), llocal_model_close(large);
    free(other);
    return r;
}

static llocal_result run_model(const tiny *t, const void *image, size_t size, llocal_format f, llocal_kv kv,
                               distance *dist) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_result r;
    bool whole;
    if (t->target) return run_drafts(t, image, size, f, kv, dist);
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.data = image, src.data_size = size, src.logger.write = remember;
    d.n_ctx = t->n_ctx, d.k = d.v = kv, d.raw = true, d.embed = !strcmp(t->mode, "embd");
    r = llocal_model_open(&src, &m);
    if (!r) dist->n_layer = llocal_model_hparams(m)->n_layer;
    whole = !r && llocal_model_hparams(m)->both_ways;   /* it has no steps */
    for (int p = d.embed ? LLOCAL_POOL_NONE : 0; p <= (d.embed ? (int)LLOCAL_POOL_RANK : 0) && !r; p++) {
        llocal_result (*run)(llocal_context *, const tiny *, int, distance *) = p > LLOCAL_POOL_NONE ? run_pooled : run_tokens;
        bool asked = !d.embed;
        for (int i = 0; i < t->n_rows; i++) asked |= (int)row_pooling(&t->rows[i]) == p;
        if (!asked) continue;
        d.pooling = (llocal_pooling)p, d.n_logits = p > LLOCAL_POOL_NONE ? 1 : t->n_tokens;
        r = llocal_context_open(m, &d, &c);
        if (!r && t->n_tokens_enc) r = llocal_encode(c, t->tokens_enc, t->n_tokens_enc);
        if (!r && !t->stepwise) r = run(c, t, 0, dist);
        if (!r) r = llocal_rewind(c, 0);
        if (!r) r = run(c, t, whole ? 0 : 1, dist);
        llocal_context_close(c), c = NULL;
    }
    llocal_model_close(m);
    return r;
}

/* The same model with its matrices in format f is about the same. */
static void run_format(const tiny *t, llocal_format f, double limit, llocal_result *r) {
    distance d;
    size_t size;
    void *image;
    double by;
    memset(&d, 0, sizeof d);
    if (*r || *reason) return;
    image = tiny_image(t, f, &size);
    *r = run_model(t, image, size, f, LLOCAL_KV_F32, &d);
    by = distance_by(&d);
    if (getenv("GOLDEN_SHOW")) printf("       %s: %.4f\n", llocal_format_traits(f).name, by);
    if (!*r && !(by <= limit)) snprintf(reason, sizeof reason, "%.2f from the logits, as %s", by, llocal_format_traits(f).name);
    free(image);
}

/* The key "<architecture>.<name>", or NULL. */
static llocal_meta *key_of(tiny *t, const char *name) {
    const size_t n = strlen(name);
    for (int i = 0; i < t->n_meta; i++) {
        llocal_meta *m = &t->meta[i];
        if (m->key.len > n && !memcmp(m->key.ptr + m->key.len - n, name, n) && m->key.ptr[m->key.len - n - 1] == '.') return m;
    }
    return NULL;
}

/* Where a model looks at a few positions only, rounding makes it look at others, and then what it says is another thing.
 * So how near other formats are is told with all positions chosen, and all experts, where no table chooses some: of
 * that, F32 says what is right. T5 divides no scores, so with random weights it looks at one position: here they are
 * divided as in other models. */
static llocal_result choose_all(tiny *t, void **image, size_t *size) {
    static const char *const pairs[][2] = { { "expert_used_count", "expert_count" },
                                            { "expert_group_used_count", "expert_group_count" } };
    llocal_meta *top = key_of(t, "attention.indexer.top_k");
    const bool undivided = !strcmp(t->mode, "encdec");
    distance d;
    llocal_result r;
    bool table = false;
    memset(&d, 0, sizeof d);
    if (!top && !undivided) return LLOCAL_OK;
    if (top) top->as.u = 1 << 20;
    if (undivided) {
        llocal_meta *m = &t->meta[t->n_meta++];         /* there is room for as many as the file has lines */
        m->key = ll_str("t5.attention.scale"), m->type = LLOCAL_META_F32, m->count = 1;
        m->as.f = sqrt((double)key_of(t, "head_count")->as.u / (double)key_of(t, "embedding_length")->as.u);
    }
    for (int i = 0; i < t->n_tensors; i++) table |= t->tensors[i].format == LLOCAL_FORMAT_I32;
    for (int i = 0; i < LL_COUNT(pairs) && !table; i++)
        if (key_of(t, pairs[i][0]) && key_of(t, pairs[i][1])) key_of(t, pairs[i][0])->as.u = key_of(t, pairs[i][1])->as.u;
    free(*image), *image = tiny_image(t, LLOCAL_FORMAT_F32, size);
    recording = true, r = run_model(t, *image, *size, LLOCAL_FORMAT_F32, LLOCAL_KV_F32, &d), recording = false;
    return r;
}

static void arch_file(const char *path, const char *name) {
    tiny t;
    size_t size;
    void *image = NULL;
    distance d, q8;
    const double more = !strncmp(name, "gemma3n", 7) ? 3 : 1;      /* its sparse gates amplify what rounding does */
    const double near_to = ARCH_TOLERANCE * (!strncmp(name, "wavtokenizer", 12) ? 50 : more);  /* the reference rounds to halves */
    llocal_result r;
    bool good;
    memset(&d, 0, sizeof d), memset(&q8, 0, sizeof q8);
    if (!tiny_load(path, &t) || !(image = tiny_image(&t, LLOCAL_FORMAT_F32, &size))) {
        snprintf(reason, sizeof reason, "cannot read the file");
        verdict(name, INFINITY, "FAIL");
        return;
    }
    draft_path = path;
    if (strcmp(t.mode, "causal") && strcmp(t.mode, "embd") && strcmp(t.mode, "diffusion") && strcmp(t.mode, "encdec") &&
        strcmp(t.mode, "assistant"))
        snprintf(reason, sizeof reason, "mode %s", t.mode);
    if (*reason) verdict(name, 0, "unsupported");
    else {
        r = run_model(&t, image, size, LLOCAL_FORMAT_F32, LLOCAL_KV_F32, &d);
        if (!r && d.worst <= near_to) r = choose_all(&t, &image, &size);
        if (!r) r = run_model(&t, image, size, LLOCAL_FORMAT_F32, LLOCAL_KV_Q8, &q8);
        if (getenv("GOLDEN_SHOW")) printf("       cache: %.4f\n", distance_by(&q8));
        if (!r && !(q8.worst < INFINITY && distance_by(&q8) <= more * Q8_TOLERANCE))
            snprintf(reason, sizeof reason, "%.2f from the logits with a Q8 cache", distance_by(&q8));
        if (d.worst <= near_to) {
            run_format(&t, LLOCAL_FORMAT_Q8_0, more * Q8_0_TOLERANCE, &r);
            run_format(&t, LLOCAL_FORMAT_Q4_0, Q4_0_TOLERANCE, &r);
        }
        good = !r && !*reason && d.worst <= near_to;
        if (good && t.later_heads) snprintf(reason, sizeof reason, "but heads of later tokens are not run");
        verdict(name, d.worst, r == LLOCAL_ERR_UNSUPPORTED ? "unsupported" : good ? "pass" : "FAIL");
    }
    free(image);
    tiny_free(&t);
}

/* ---- formats ---- */

/* What follows "KEY ROW " at the start of a line (row -1: "KEY "). */
static const char *find_line(const char *text, const char *key, int row) {
    char head[40];
    const char *p;
    if (row < 0) snprintf(head, sizeof head, "\n%s ", key);
    else snprintf(head, sizeof head, "\n%s %d ", key, row);
    p = strstr(text, head);
    return p ? p + strlen(head) : NULL;
}

static bool read_floats(const char *p, float *out, int n) {
    char *end;
    for (int i = 0; p && i < n; i++, p = end) {
        out[i] = strtof(p, &end);
        if (end == p) return false;
    }
    return p != NULL;
}

/* One row: the bytes dequantise to exactly these floats, and the dot product is near enough. */
static bool format_row(const char *text, const ll_format *f, int row, int n, double *worst) {
    static uint8_t bytes[1 << 16];
    static float want[4096], got[4096], act[4096];
    static ll_a8 a8[16];
    const char *hex = find_line(text, "hex", row), *dots = find_line(text, "dot", row);
    double exact, magnitude, dot;
    size_t size = (size_t)llocal_format_bytes(f->id, (uint64_t)n);
    if (!read_floats(find_line(text, "deq", row), want, n) || !read_floats(find_line(text, "act", 0), act, n)) return false;
    for (size_t i = 0; i < size; i++) {
        unsigned v;
        if (sscanf(hex + 2 * i, "%2x", &v) != 1) return false;
        bytes[i] = (uint8_t)v;
    }
    if (llocal_dequantize(f->id, bytes, got, (size_t)n) || memcmp(got, want, (size_t)n * sizeof *got)) {
        snprintf(reason, sizeof reason, "row %d dequantises to other bits", row);
        return false;
    }
    if (!dots || sscanf(dots, "%lf %lf", &exact, &magnitude) != 2) return true;
    ll_a8_quantize(act, n, f->fine, a8);
    dot = f->dot(f, bytes, f->is_float ? (const void *)act : (const void *)a8, n);
    if (fabs(dot - exact) / magnitude > *worst) *worst = fabs(dot - exact) / magnitude;
    return *worst <= DOT_TOLERANCE;
}

static void format_file(const char *text, const char *name) {
    static const int rows[] = { 0, 1, 100 };
    int id = -1, n = 0;
    double worst = 0;
    bool good = true;
    const char *p = find_line(text, "type", -1), *cols = find_line(text, "cols", -1);
    const ll_format *f;
    if (!p || sscanf(p, "%*s %d", &id) != 1 || !cols || sscanf(cols, "%d", &n) != 1 || n < 1 || n > 4096) {
        snprintf(reason, sizeof reason, "cannot read the file");
        verdict(name, INFINITY, "FAIL");
        return;
    }
    f = ll_format_find((uint32_t)id);
    if (!f) { verdict(name, 0, "unsupported"); return; }
    for (int i = 0; i < 3; i++)
        if (find_line(text, "hex", rows[i])) good = format_row(text, f, rows[i], n, &worst) && good;
    verdict(name, worst, good ? "pass" : "FAIL");
}

/* ---- tokens ---- */

/* path with its ending replaced; at most 1023 bytes. */
static char *beside(const char *path, const char *ending) {
    static char out[1024];
    const char *dot = strrchr(path, '.');
    snprintf(out, sizeof out, "%.*s%s", dot ? (int)(dot - path) : (int)strlen(path), path, ending);
    return out;
}

static void token_file(char *text, const char *path, const char *name, const char *vocab) {
    test_vocabulary t;
    bool jsonl = *text == '{';
    char *out = jsonl ? NULL : t_read_file(beside(path, ".out"), NULL);
    int passed = 0, failed = 0;
    char pre[64] = "";
    if (jsonl) {
        char *end = strchr(text, '\n');
        if (end) *end = 0;
        snprintf(pre, sizeof pre, "%s", test_vocab_header(text).pre);
        if (end) *end = '\n';
    }
    if (test_vocab_open(&t, vocab ? vocab : beside(path, ".gguf"), *pre ? pre : NULL)) printf("       %s\n", t.message), failed++;
    else if (jsonl) test_vocab_records(&t, text, &passed, &failed);
    else if (out) test_vocab_pairs(&t, text, out, &passed, &failed);
    else printf("       there is no .out file\n"), failed++;
    printf("%s: %d passed, %d failed\n", name, passed, failed);
    if (failed || !passed) n_failed++;
    else n_passed++;
    test_vocab_close(&t);
    free(out);
}

/* ---- samplers ---- */

static void sample_file(char *text, const char *name) {
    const ts_result r = golden_sample(text, name);
    printf("%s: %d passed, %d failed, %d left out\n", name, r.passed, r.failed, r.left_out);
    if (r.failed || !r.passed) n_failed++;
    else n_passed++;
}

int main(int argc, char **argv) {
    const char *vocab = NULL;
    for (int i = 1; i + 1 < argc; i++) if (!strcmp(argv[i], "--vocab")) vocab = argv[i + 1];
    for (int i = 1; i < argc; i++) {
        const char *name = strrchr(argv[i], '/');
        char *text;
        if (!strcmp(argv[i], "--vocab")) { i++; continue; }
        text = t_read_file(argv[i], NULL);
        name = name ? name + 1 : argv[i];
        *reason = 0;
        if (text && (!strncmp(text, "{\"vocab\"", 8) || strstr(text, "__ggml_vocab_test__"))) token_file(text, argv[i], name, vocab);
        else if (text && text[0] == '{' && golden_rule_file(text, name, &n_passed, &n_failed, &n_unsupported)) {}
        else if (text && text[0] == '{' && golden_chat_file(text, name, &n_passed, &n_failed)) {}
        else if (text && golden_sample_is(text)) sample_file(text, name);
        else if (!text) snprintf(reason, sizeof reason, "cannot read the file"), verdict(name, INFINITY, "FAIL");
        else if (find_line(text, "hex", 0) || find_line(text, "hex", 100)) format_file(text, name);
        else arch_file(argv[i], name);
        free(text);
    }
    printf("golden: %d passed, %d failed, %d unsupported\n", n_passed, n_failed, n_unsupported);
    return n_failed + n_unsupported != 0;
}
