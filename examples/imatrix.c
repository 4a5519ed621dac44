/* Which weights matter: an importance matrix, as quantize --imatrix and llama-quantize read it.
 *
 *     imatrix -m model.gguf -f text.txt [-o imatrix.gguf] [-c 512] [--chunks N] [-t N]
 *             [--process-output] [--force]
 *
 * A weight of column i of a matrix is multiplied by input i. So an error of that weight costs, in the
 * mean of the squared output, its own square times the mean of input i squared: that mean is how much
 * column i matters. This program runs a text through the model in windows of c tokens (each starts
 * with BOS if the model's texts do; what is left over at the end is not used) and adds up the squared
 * inputs of every matrix of the layers, for experts those that each of them really got. With
 * --process-output also those of output.weight.
 *
 * The text should be like what the model is meant for: some 100 windows are enough. The output must
 * not exist, unless --force is given; what it then replaces is lost only to a complete file. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define PIECE 64                        /* tokens evaluated at once, all with logits: else the last
                                         * layer would work for the last token only */

/* ---- collecting --------------------------------------------------------------------------- */

typedef struct sums {                   /* of one tensor; x NULL: nothing yet */
    double *x;                          /* [n_parts][n_cols] sums of squared inputs */
    int64_t *count;                     /* [n_parts] how many inputs */
    int n_cols, n_parts;                /* parts: experts, or 1 */
} sums;

typedef struct collector {
    const llocal_gguf *g;
    sums *of;                           /* [tensors of g] */
    bool output;                        /* output.weight too */
    const char *failed;                 /* why to stop */
} collector;

static volatile sig_atomic_t interrupted;
static void on_interrupt(int number) { (void)number, interrupted = 1; }

static bool name_starts(llocal_str name, const char *with) {
    return name.len >= strlen(with) && !memcmp(name.ptr, with, strlen(with));
}

static bool sums_open(sums *s, const llocal_trace *t, const llocal_tensor *w) {
    s->n_cols = t->in_cols, s->n_parts = t->expert ? (int)w->dim[2] : 1;
    s->x = (double *)calloc((size_t)s->n_parts * (size_t)s->n_cols, sizeof *s->x);
    s->count = (int64_t *)calloc((size_t)s->n_parts, sizeof *s->count);
    return s->x && s->count;
}

static void on_trace(void *user, const llocal_trace *t) {
    collector *c = (collector *)user;
    llocal_tensor w;
    sums *s;
    if (t->tensor < 0 || c->failed) return;
    w = llocal_gguf_tensor(c->g, t->tensor), s = &c->of[t->tensor];
    if (!name_starts(w.name, "blk.") && !(c->output && name_starts(w.name, "output."))) return;
    if (!s->x && !sums_open(s, t, &w)) { c->failed = "out of memory"; return; }
    for (int r = 0; r < t->n_rows; r++) {
        const float *in = t->in + (size_t)(r / t->in_shared) * (size_t)t->in_stride;
        int part = t->expert ? t->expert[r] : 0;
        double *x = s->x + (size_t)part * (size_t)s->n_cols;
        for (int i = 0; i < s->n_cols; i++) x[i] += (double)in[i] * in[i];
        s->count[part]++;
    }
}

static bool on_progress(void *user, int n_done, int n_total) {
    (void)n_done, (void)n_total;
    return !interrupted && !((collector *)user)->failed;
}

static llocal_result run_window(llocal_context *c, const llocal_token *window, int n) {
    llocal_result r = llocal_rewind(c, 0);
    for (int at = 0; at < n && !r; at += PIECE) {
        int m = n - at < PIECE ? n - at : PIECE;
        bool done = false;
        r = llocal_begin(c, window + at, m, m);
        while (!r && !done) r = llocal_step(&c, 1, 0, &done);
    }
    return r;
}

/* One number that is none would spoil its column in silence. */
static bool all_numbers(const collector *c) {
    for (int i = 0; i < llocal_gguf_tensor_count(c->g); i++) {
        const sums *s = &c->of[i];
        for (int64_t k = 0; s->x && k < (int64_t)s->n_parts * s->n_cols; k++) {
            llocal_str name = llocal_gguf_tensor(c->g, i).name;
            if (s->x[k] - s->x[k] == 0) continue;
            print_plain(stderr, "imatrix: error: what %.*s is multiplied by is no number; %s\n", shown(name), name.ptr, NOT_NUMBERS);
            return false;
        }
    }
    return true;
}

static void show_progress(int done, int total) {
    if (!is_terminal(stderr)) return;
    fprintf(stderr, "\rimatrix [");
    for (int i = 0; i < 40; i++) fputc(i < 40.0 * done / total ? '#' : '.', stderr);
    fprintf(stderr, "] %d/%d ", done, total);
    if (done == total) fputc('\n', stderr);
}

static bool run_windows(collector *col, llocal_context *c, const llocal_model *m, llocal_token *tokens, int n_windows,
                        int n_ctx) {
    llocal_token bos = llocal_token_role(m, LLOCAL_ROLE_BOS);
    int n_vocab = llocal_model_hparams(m)->n_vocab;
    bool add_bos = tokens[0] == bos;
    for (int i = 0; i < n_windows; i++) {
        llocal_token *window = tokens + (size_t)i * (size_t)n_ctx;
        llocal_result r;
        show_progress(i, n_windows);
        if (add_bos) window[0] = bos;           /* it takes the first token's place */
        r = run_window(c, window, n_ctx);
        if (!r && has_number(llocal_logits(c, -1), n_vocab)) continue;
        fprintf(stderr, "\nimatrix: error: %s\n", col->failed ? col->failed : r ? llocal_result_name(r) : NOT_NUMBERS);
        return false;
    }
    show_progress(n_windows, n_windows);
    return true;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* For each tensor two: NAME.in_sum2, the sums, [n_parts][n_cols], and NAME.counts, [n_parts][1]. */

static size_t write_file(void *user, const void *src, size_t size) {
    return fwrite(src, 1, size, (FILE *)user);
}

static llocal_meta meta_number(const char *key, unsigned value) {
    llocal_meta m;
    memset(&m, 0, sizeof m);
    m.key = str_of(key), m.type = LLOCAL_META_U32, m.count = 1, m.as.u = value;
    return m;
}

/* An array of one string: its length in eight bytes, little-endian, and its bytes. */
static llocal_meta meta_list(const char *key, const char *text, char *room) {
    llocal_meta m = meta_number(key, 1);
    size_t n = strlen(text);
    for (int i = 0; i < 8; i++) room[i] = (char)((unsigned long long)n >> 8 * i & 255);
    memcpy(room + 8, text, n);
    m.type = LLOCAL_META_ARRAY, m.elem_type = LLOCAL_META_STRING, m.array_bytes = 8 + n, m.as.array = room;
    return m;
}

static void describe(llocal_tensor *t, llocal_str name, const char *suffix, int n_cols, int n_parts) {
    char *text = (char *)malloc(name.len + 16);
    memset(t, 0, sizeof *t);
    if (text) {
        memcpy(text, name.ptr, name.len), strcpy(text + name.len, suffix);
        t->name = str_of(text);
    }
    t->n_dims = 2, t->dim[0] = n_cols, t->dim[1] = n_parts, t->dim[2] = t->dim[3] = 1;
}

static bool write_floats(const llocal_writer *w, const sums *s, bool counts) {
    size_t n = (size_t)s->n_parts * (size_t)(counts ? 1 : s->n_cols);
    float *x = (float *)malloc(2 * n * sizeof *x);
    bool ok = x != NULL;
    for (size_t i = 0; ok && i < n; i++) x[i] = counts ? (float)s->count[i] : (float)s->x[i];
    ok = ok && !llocal_quantize(LLOCAL_FORMAT_F32, x, NULL, x + n, n) &&        /* to F32, in the file's byte order */
         !llocal_gguf_write_data(w, x + n, (uint64_t)n * sizeof *x);
    free(x);
    return ok;
}

static bool write_matrix(const collector *c, FILE *f, const char *text_path, int n_windows, int n_ctx) {
    int n = llocal_gguf_tensor_count(c->g), n_out = 0;
    llocal_tensor *out = (llocal_tensor *)calloc(2 * (size_t)n + 1, sizeof *out);
    char *room = (char *)malloc(strlen(text_path) + 8);
    llocal_writer w;
    llocal_meta meta[4];
    bool ok = out && room;
    memset(&w, 0, sizeof w);
    w.write = write_file, w.user = f;
    for (int i = 0; ok && i < n; i++) {
        const sums *s = &c->of[i];
        llocal_str name = llocal_gguf_tensor(c->g, i).name;
        if (!s->x) continue;
        describe(&out[n_out++], name, ".in_sum2", s->n_cols, s->n_parts);
        describe(&out[n_out++], name, ".counts", 1, s->n_parts);
        ok = out[n_out - 2].name.ptr && out[n_out - 1].name.ptr;
    }
    if (ok) {
        meta[0] = meta_number("general.type", 0);
        meta[0].type = LLOCAL_META_STRING, meta[0].as.s = str_of("imatrix");
        meta[1] = meta_list("imatrix.datasets", text_path, room);
        meta[2] = meta_number("imatrix.chunk_count", (unsigned)n_windows);
        meta[3] = meta_number("imatrix.chunk_size", (unsigned)n_ctx);
        ok = !llocal_gguf_write_head(&w, meta, 4, out, n_out);
    }
    for (int i = 0; ok && i < n; i++)
        if (c->of[i].x) ok = write_floats(&w, &c->of[i], false) && write_floats(&w, &c->of[i], true);
    for (int i = 0; out && i < n_out; i++) free((void *)out[i].name.ptr);
    free(room), free(out);
    return ok;
}

/* Under another name first, so that what is called `out` is always complete. */
static bool write_beside(const collector *c, const char *out, const char *text_path, int n_windows, int n_ctx) {
    char *tmp = (char *)malloc(strlen(out) + 5);
    FILE *f = NULL;
    bool ok;
    if (tmp) strcpy(tmp, out), strcat(tmp, ".tmp"), f = file_open(tmp, "wb");
    ok = f && write_matrix(c, f, text_path, n_windows, n_ctx);
    if (f && fclose(f)) ok = false;
    ok = ok && file_replace(tmp, out);
    if (f && !ok) file_remove(tmp);
    free(tmp);
    return ok;
}

/* Experts that no token chose: quantisers then take all their columns alike. */
static void report(const collector *c) {
    int n_tensors = 0, n_parts = 0, n_unseen = 0;
    for (int i = 0; i < llocal_gguf_tensor_count(c->g); i++) {
        if (!c->of[i].x) continue;
        n_tensors++, n_parts += c->of[i].n_parts;
        for (int j = 0; j < c->of[i].n_parts; j++) n_unseen += c->of[i].count[j] == 0;
    }
    printf("%d tensors", n_tensors);
    if (n_unseen) printf("; %d of %d matrices got no input: give a longer text", n_unseen, n_parts);
    putchar('\n');
}

/* ---- the program -------------------------------------------------------------------------- */

/* May the matrix be written there? */
static bool check_output(const char *out, const char *model, const char *text, bool force) {
    const char *why = NULL;
    if (!file_exists(out)) return true;
    if (file_of_model(out, model) || file_same(out, text)) why = "is what is read";
    else if (!force) why = "exists; --force replaces it";
    if (why) print_plain(stderr, "imatrix: error: %s %s\n", out, why);
    return !why;
}

typedef struct settings {
    const char *model, *text, *out;
    int n_ctx, n_chunks, n_threads;
    bool output, force;
} settings;

static int usage(void) {
    fprintf(stderr, "usage: imatrix -m model.gguf -f text.txt [-o imatrix.gguf] [-c 512] [--chunks N] [-t N] "
                    "[--process-output] [--force]\n");
    return 2;
}

static bool read_options(int argc, char **argv, settings *o) {
    memset(o, 0, sizeof *o);
    o->out = "imatrix.gguf", o->n_ctx = 512;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--process-output")) { o->output = true; continue; }
        if (!strcmp(argv[i], "--force")) { o->force = true; continue; }
        if (!strcmp(argv[i], "-m")) o->model = value;
        else if (!strcmp(argv[i], "-f")) o->text = value;
        else if (!strcmp(argv[i], "-o")) o->out = value;
        else if (!strcmp(argv[i], "-c") && atoi(value) >= 4) o->n_ctx = atoi(value);
        else if (!strcmp(argv[i], "--chunks") && atoi(value) > 0) o->n_chunks = atoi(value);
        else if (!strcmp(argv[i], "-t") && atoi(value) > 0) o->n_threads = atoi(value);
        else return false;
        i++;
    }
    return o->model && o->text && *o->out;
}

/* The tokens of the text, whole windows of them; NULL, and a reason, when there are none. */
static llocal_token *read_tokens(const llocal_model *m, const settings *o, int *n_windows) {
    size_t len = 0;
    char *text = file_read(o->text, &len);
    const char *other;
    llocal_token *tokens = NULL;
    int n = 0;
    if (!text) {
        print_plain(stderr, "imatrix: error: cannot read %s\n", o->text);
        return NULL;
    }
    other = text_check(text, &len);
    if (other) {
        print_plain(stderr, "imatrix: error: %s is %s\n", o->text, other);
        free(text);
        return NULL;
    }
    n = llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, NULL, 0);
    if (n >= o->n_ctx) tokens = (llocal_token *)malloc((size_t)n * sizeof *tokens);
    if (tokens) llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, n);
    else if (n < 0) fprintf(stderr, "imatrix: error: the text: %s\n", llocal_result_name((llocal_result)-n));
    else fprintf(stderr, "imatrix: error: the text has %d tokens; a window of %d is the least; give a longer "
                 "text or a smaller -c\n", n, o->n_ctx);
    free(text);
    *n_windows = n / o->n_ctx;
    if (o->n_chunks && o->n_chunks < *n_windows) *n_windows = o->n_chunks;
    return tokens;
}

int main(int argc, char **argv) {
    settings o;
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_pool_desc threads;
    llocal_pool *pool = NULL;
    llocal_token *tokens = NULL;
    llocal_result r;
    collector col;
    int n_windows = 0, status = 1;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&col, 0, sizeof col);
    memset(&threads, 0, sizeof threads);
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    if (!read_options(argc, argv, &o)) return usage();
    if (!check_output(o.out, o.model, o.text, o.force)) return 1;
    src.path = o.model, src.logger.write = log_plain;
    if (llocal_model_open(&src, &m)) return 1;
    tokens = read_tokens(m, &o, &n_windows);
    if (!tokens) goto done;
    col.g = llocal_model_gguf(m), col.output = o.output;
    col.of = (sums *)calloc((size_t)llocal_gguf_tensor_count(col.g) + 1, sizeof *col.of);
    if (!col.of) fprintf(stderr, "imatrix: error: out of memory\n");
    threads.n_threads = o.n_threads, threads.logger = src.logger;
    if (!col.of || llocal_pool_open(&threads, &pool)) goto done;
    d.n_ctx = o.n_ctx, d.n_batch = d.n_logits = PIECE;
    d.workers = llocal_pool_workers(pool);
    d.trace = on_trace, d.trace_user = &col;
    d.progress = on_progress, d.progress_user = &col;
    r = llocal_context_open(m, &d, &c);
    explain_context("imatrix", r, d.n_ctx);
    if (r) goto done;
    signal(SIGINT, on_interrupt);
    if (!run_windows(&col, c, m, tokens, n_windows, o.n_ctx) || !all_numbers(&col)) goto done;

    status = !write_beside(&col, o.out, o.text, n_windows, o.n_ctx);
    if (!status) report(&col);
    else print_plain(stderr, "imatrix: error: cannot write %s\n", o.out);
done:
    llocal_context_close(c);
    llocal_pool_close(pool);
    for (int i = 0; col.of && i < llocal_gguf_tensor_count(col.g); i++) free(col.of[i].x), free(col.of[i].count);
    free(col.of);
    free(tokens);
    llocal_model_close(m);
    return status;
}
