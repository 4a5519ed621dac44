/* Speed of a model, beside the machine's limits and other engines.
 *
 *     bench -m MODEL.gguf [-t THREADS] [-p PROMPT] [-n GENERATED] [-r ROUNDS] [--peer [NAME=]LLAMA-BENCH]...
 *           [--what LIST] [--csv FILE] [--svg FILE]
 *     bench --draw FILE.csv -m TITLE -t THREADS --svg FILE      nothing is measured: a picture of what --csv wrote
 *
 * LIST, separated by commas, or `all`:
 *     machine   linear read, integer dot products and float fma: what the hardware gives
 *     speed     prefill and decode (of a model that makes vectors: one text); peers are llama-bench
 *               binaries (llama.cpp or a fork of it), or what speaks as these do (bench/mistralrs_bench.py);
 *               NAME says who it is, and of when; else its folder does
 *     verify    2, 4 and 8 tokens in one step, in times of one
 *     replies   1, 4, 8, 16 replies that step together, in default contexts: all their tokens
 *     load      open, the first token, resident memory
 *     energy    prefill and decode: core seconds and joules a token, gross and net, by a meter or an estimate
 *               (examples/energy.h says which there are)
 *     step      a prompt in steps of 500 us: by how much they overrun
 *     depth     decode behind 1k, 4k, 8k and 16k tokens
 *     busy      decode while another process burns a core (peers too)
 *     threads   prefill and decode with 1, 2, 4 ... threads
 *
 * Everything is measured once a round, in turn, so that a slow minute slows all of it; the table
 * shows medians, extremes, and the median of the rounds' ratios to each peer. */
#ifdef LLOCAL_DISPATCH
#  error "what the machine gives is measured with the primitives of one instruction set: compile for it"
#endif
#define LLOCAL_IMPLEMENTATION
#define LLOCAL_NO_DISPATCH
#include "../llocal.h"
#include "../examples/system.h"
#include "../examples/energy.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MAX_ROUNDS 101
#define MAX_PEERS  4
#define MAX_ROWS   128

static const char *model_path, *csv_path, *svg_path, *draw_path, *wanted = "machine,speed,verify,load,energy";
static const char *peers[MAX_PEERS];
static int threads = 2, n_prompt = 512, n_gen = 64, rounds = 5, n_peers;

static void die(const char *why) { fprintf(stderr, "bench: %s\n", why); exit(1); }
static double now(void) { return 1e-6 * (double)ll_clock_us(); }
static bool wants(const char *what) {
    size_t len = strlen(what);
    for (const char *s = wanted; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
        if (!strncmp(s, what, len) && (s[len] == ',' || !s[len])) return true;
    return !strcmp(wanted, "all");
}

/* ---- what was measured: a row for each thing and engine, a value for each round ---- */

typedef struct row { char what[40], who[32], unit[12]; int n; double v[MAX_ROUNDS]; } row;
static row rows[MAX_ROWS];
static int n_rows;

static row *find_row(const char *what, const char *who) {
    for (int i = 0; i < n_rows; i++) if (!strcmp(rows[i].what, what) && !strcmp(rows[i].who, who)) return &rows[i];
    return NULL;
}
static void note(const char *what, const char *who, const char *unit, double value) {
    row *r = find_row(what, who);
    if (!r) {
        if (n_rows == MAX_ROWS) die("too many rows");
        r = &rows[n_rows++];
        snprintf(r->what, sizeof r->what, "%s", what);
        snprintf(r->who, sizeof r->who, "%s", who), snprintf(r->unit, sizeof r->unit, "%s", unit);
    }
    if (r->n < MAX_ROUNDS) r->v[r->n++] = value;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double quantile(const double *v, int n, int at) {        /* at: 0 least, 1 median, 2 most */
    double s[MAX_ROUNDS];
    memcpy(s, v, (size_t)n * sizeof *s);
    qsort(s, (size_t)n, sizeof *s, by_value);
    if (at == 1) return n % 2 ? s[n / 2] : 0.5 * (s[n / 2 - 1] + s[n / 2]);
    return at ? s[n - 1] : s[0];
}
static double ratio_to(const row *a, const row *b) {
    double r[MAX_ROUNDS];
    int n = a->n < b->n ? a->n : b->n;
    for (int i = 0; i < n; i++) r[i] = b->v[i] > 0 ? a->v[i] / b->v[i] : 0;
    return n ? quantile(r, n, 1) : 0;
}

static void print_rows(void) {
    for (int i = 0; i < n_rows; i++) {
        const row *r = &rows[i], *ours = find_row(r->what, "llocal");
        printf("%-34s %-12s %10.2f %-10s %9.2f ..%9.2f", r->what, r->who, quantile(r->v, r->n, 1), r->unit,
               quantile(r->v, r->n, 0), quantile(r->v, r->n, 2));
        if (ours && r != ours) printf("   llocal is %.2fx", ratio_to(ours, r));
        printf("\n");
    }
}
static void write_csv(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f) die("cannot write the CSV file");
    fprintf(f, "what,who,unit,median,least,most,rounds\n");
    for (int i = 0; i < n_rows; i++)
        fprintf(f, "%s,%s,%s,%.4f,%.4f,%.4f,%d\n", rows[i].what, rows[i].who, rows[i].unit, quantile(rows[i].v, rows[i].n, 1),
                quantile(rows[i].v, rows[i].n, 0), quantile(rows[i].v, rows[i].n, 2), rows[i].n);
    if (fclose(f)) die("cannot write the CSV file");
}

/* The medians of such a file, several models' put together or not. */
static void read_csv(const char *path) {
    char line[256], what[40], who[32], unit[12];
    double median;
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) die("cannot read the CSV file");
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%39[^,],%31[^,],%11[^,],%lf", what, who, unit, &median) != 4) die("a line of the CSV file is none");
        note(what, who, unit, median);
    }
    fclose(f);
}

/* The largest median of what row r is about; 0: no chart for it, for no peer was measured. */
static double most_of(const row *r) {
    double most = 0;
    int n = 0;
    if (strcmp(r->unit, "tok/s")) return 0;
    for (int k = 0; k < n_rows; k++)
        if (!strcmp(rows[k].what, r->what)) n++, most = LL_MAX(most, quantile(rows[k].v, rows[k].n, 1));
    return n > 1 ? most : 0;
}

/* Bars, in greys and a blue that light and dark pages both can show. */
static void write_svg(const char *path) {
    FILE *f = fopen(path, "w");
    const char *name = strrchr(model_path, '/');
    int y = 26, height = 34;
    if (!f) die("cannot write the SVG file");
    for (int i = 0; i < n_rows; i++) height += most_of(&rows[i]) > 0 ? strcmp(rows[i].who, "llocal") ? 20 : 28 : 0;
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"%d\" font-family=\"sans-serif\" "
               "font-size=\"13\" fill=\"#808890\">\n", height);
    fprintf(f, "<text x=\"8\" y=\"18\" font-weight=\"bold\">tokens per second, %d thread%s: %s</text>\n", threads, threads == 1 ? "" : "s",
            name ? name + 1 : model_path);
    for (int i = 0; i < n_rows; i++) {
        const row *r = &rows[i];
        const bool ours = !strcmp(r->who, "llocal");
        const double most = most_of(r), median = quantile(r->v, r->n, 1), width = most > 0 ? 380 * median / most : 0;
        if (most <= 0) continue;
        y += ours ? 8 : 0;
        fprintf(f, "<text x=\"8\" y=\"%d\">%s</text><text x=\"250\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 13,
                ours ? r->what : "", y + 13, r->who);
        fprintf(f, "<rect x=\"258\" y=\"%d\" width=\"%.1f\" height=\"16\" rx=\"2\" fill=\"%s\"/>"
                   "<text x=\"%.1f\" y=\"%d\">%.1f</text>\n", y, width, ours ? "#2a78d6" : "#9aa4ae", 264 + width, y + 13, median);
        y += 20;
    }
    fprintf(f, "</svg>\n");
    if (fclose(f)) die("cannot write the SVG file");
}

/* ---- the machine ---- */

#define BUFFER ((size_t)512 << 20)
#define DOT_ROUNDS 4000
typedef struct machine { const uint64_t *data; int n; uint64_t sum[64]; float keep[64]; } machine;

static void read_part(void *arg, int i) {
    machine *m = (machine *)arg;
    size_t words = BUFFER / 8, from = words / (size_t)m->n * (size_t)i, to = from + words / (size_t)m->n;
    uint64_t s[8] = { 0 };
    for (size_t k = from; k + 8 <= to; k += 8) for (int j = 0; j < 8; j++) s[j] ^= m->data[k + (size_t)j];
    m->sum[i] = s[0] ^ s[1] ^ s[2] ^ s[3] ^ s[4] ^ s[5] ^ s[6] ^ s[7];
}

/* The dot products of a tile, without what surrounds them. */
static void dot_part(void *arg, int i) {
#if LLV_PANEL
    static const uint8_t w[LLV_TILE_PANELS][32][64] = { { { 1 } } };
    static const int8_t a[LLV_TILE_VECS][128] = { { 1 } };
    machine *m = (machine *)arg;
    llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    int32_t out[16];
    LLV_UNROLL for (int k = 0; k < LLV_TILE_PANELS * LLV_TILE_VECS; k++) acc[k] = llv_p_set(k);
    for (int k = 0; k < LLV_TILE_VECS; k++) q[k] = a[k];
    for (int r = 0; r < DOT_ROUNDS; r++)
        llv_p_dots(acc, w[0][0], sizeof w[0], q, 32, 8, LLV_TILE_PANELS, LLV_TILE_VECS);
    for (int k = 0; k < LLV_TILE_PANELS * LLV_TILE_VECS; k++) llv_p_store(out, acc[k]), m->sum[i] += (uint64_t)out[0];
#else
    (void)arg, (void)i;
#endif
}
static void fma_part(void *arg, int i) {
    machine *m = (machine *)arg;
    llv_part a[12], x = llv_part_set(1e-9f);
    float out[16];
    for (int k = 0; k < 12; k++) a[k] = llv_part_set((float)k);
    for (int r = 0; r < 100 * DOT_ROUNDS; r++) LLV_UNROLL for (int k = 0; k < 12; k++) a[k] = llv_part_fma(a[k], x, x);
    for (int k = 0; k < 12; k++) llv_part_store(out, a[k]), m->keep[i] += out[0];
}

static void all_threads(const llocal_workers *w, machine *m, void (*part)(void *, int)) {
    if (m->n > 1) w->run(w->user, m->n, part, m);
    else part(m, 0);
}
static void run_machine(const llocal_workers *w, const uint64_t *data) {
    static machine m;
    double t;
    m.data = data, m.n = w->width > 1 ? LL_MIN(w->width, 64) : 1;
    t = now(), all_threads(w, &m, read_part);
    note("linear read", "machine", "GB/s", (double)BUFFER / (now() - t) / 1e9);
    t = now(), all_threads(w, &m, fma_part);
    note("float fma", "machine", "GMAC/s", (double)m.n * 100 * DOT_ROUNDS * 12 * LLV_LANES / (now() - t) / 1e9);
    if (!LLV_PANEL) return;
    t = now(), all_threads(w, &m, dot_part);
    note("integer dots", "machine", "GMAC/s",
         (double)m.n * DOT_ROUNDS * 32 * 4 * 16 * LLV_TILE_PANELS * LLV_TILE_VECS / (now() - t) / 1e9);
}

/* ---- ours ---- */

typedef struct engine { llocal_model *m; llocal_pool *pool; llocal_context *c; llocal_context_desc d; } engine;
static llocal_token ids[1 << 16];

static void engine_open(engine *e, llocal_model *m, int n_threads, int n_ctx) {
    llocal_pool_desc threads = {0};
    memset(e, 0, sizeof *e);
    e->m = m;
    threads.n_threads = n_threads;
    if (llocal_pool_open(&threads, &e->pool)) die("no threads");
    e->d.workers = llocal_pool_workers(e->pool);
    e->d.n_ctx = n_ctx, e->d.n_batch = 512, e->d.n_logits = 8;
    e->d.embed = llocal_model_hparams(m)->embeds;
    if (e->d.embed) e->d.n_ctx = n_prompt, e->d.n_logits = 0;
    if (llocal_context_open(m, &e->d, &e->c)) die("no context");
}
static void engine_close(engine *e) { llocal_context_close(e->c), llocal_pool_close(e->pool); }

static void eval(engine *e, int from, int n) { if (llocal_eval(e->c, ids + from, n)) die("eval failed"); }

static double prefill(engine *e, int n) {
    double t = now();
    llocal_rewind(e->c, 0);
    eval(e, 0, n);
    return n / (now() - t);
}
static double decode(engine *e, int n) {
    double t;
    llocal_rewind(e->c, 0);
    for (int i = 0; i < 16; i++) eval(e, i, 1);         /* until the number of workers is found */
    t = now();
    for (int i = 0; i < n; i++) eval(e, 16 + i, 1);
    return n / (now() - t);
}

static void run_verify(engine *e) {
    double one = 0;
    for (int n = 1; n <= 8; n *= 2) {
        double t;
        char what[40];
        bool done = false;
        llocal_rewind(e->c, 0);
        eval(e, 0, 16);
        t = now();
        for (int i = 0; i < 8; i++)
            if (llocal_begin(e->c, ids + i * n, n, n) || llocal_step(&e->c, 1, 0, &done)) die("step failed");
        t = (now() - t) / 8;
        if (n == 1) { one = t; continue; }
        snprintf(what, sizeof what, "%d tokens in one step", n);
        note(what, "llocal", "x of one", t / one);
    }
}

/* n replies of n_gen tokens; nothing is set but where the work runs. */
static void run_replies_of(engine *e, int n) {
    llocal_context_desc d;
    llocal_context *c[16];
    llocal_reply r[16], *list[16];
    llocal_bias never;
    char what[40];
    double t;
    memset(&d, 0, sizeof d), memset(r, 0, sizeof r);
    d.workers = e->d.workers;
    never.token = llocal_token_role(e->m, LLOCAL_ROLE_EOS), never.add = -INFINITY;
    for (int i = 0; i < n; i++) {
        if (llocal_context_open(e->m, &d, &c[i]) || llocal_eval(c[i], ids + i, 8)) die("no context");
        r[i].context = c[i], r[i].max_tokens = n_gen, list[i] = &r[i];
        r[i].sampler.bias = &never, r[i].sampler.n_bias = never.token >= 0;
        if (llocal_reply_begin(&r[i])) die("a reply does not begin");
    }
    t = now();
    if (llocal_reply_step(list, n, 0, NULL)) die("a reply failed");
    snprintf(what, sizeof what, "decode, %d repl%s", n, n == 1 ? "y" : "ies");
    note(what, "llocal", "tok/s", n * n_gen / (now() - t));
    for (int i = 0; i < n; i++) llocal_context_close(c[i]);
}
static void run_replies(engine *e) {
    static const int n[] = { 1, 4, 8, 16 };
    for (int i = 0; i < LL_COUNT(n); i++) run_replies_of(e, n[i]);
}

static double resident_mb(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}
static void run_load(const llocal_source *src) {
    double t = now();
    llocal_model *m;
    engine e;
    if (llocal_model_open(src, &m)) exit(1);
    note("open", "llocal", "ms", 1e3 * (now() - t));
    engine_open(&e, m, threads, 512);
    eval(&e, 0, 1);
    note("first token", "llocal", "ms", 1e3 * (now() - t));
    engine_close(&e);
    llocal_model_close(m);
}

/* Joules and core seconds of a piece of work, and tokens for a joule; net: without what the machine takes when idle. */
static void run_energy_of(engine *e, meter *m, const char *what, int n, bool prompt) {
    char name[40];
    double cores = meter_core_seconds(), joules = meter_joules(m), start = now(), net;
    if (prompt) llocal_rewind(e->c, 0), eval(e, 0, n);
    for (int i = 0; i < n && !prompt; i++) eval(e, i, 1);
    cores = meter_core_seconds() - cores, joules = meter_joules(m) - joules, net = joules - m->idle_watts * (now() - start);
    snprintf(name, sizeof name, "core seconds a token, %s", what), note(name, "llocal", "ms", 1e3 * cores / n);
    snprintf(name, sizeof name, "%s a token, %s, gross", m->source, what), note(name, "llocal", "J", joules / n);
    snprintf(name, sizeof name, "%s a token, %s, net", m->source, what), note(name, "llocal", "J", net / n);
    snprintf(name, sizeof name, "%s tokens a joule, %s", m->source, what), note(name, "llocal", "", net > 0 ? n / net : 0);
}
static void run_energy(engine *e, double weight_bytes) {
    static meter m;
    if (!m.source) meter_open(&m), meter_idle(&m, 1);
    run_energy_of(e, &m, "prefill", n_prompt, true);
    run_energy_of(e, &m, "decode", n_gen, false);
    note("weights for a token", "llocal", "MB", weight_bytes / 1e6);
}

/* The prompt and some tokens in steps of a budget; the logits must be those of the whole run. */
static void run_step(engine *e) {
    enum { BUDGET = 500 };
    size_t n_vocab = (size_t)llocal_model_hparams(e->m)->n_vocab;
    float *want = (float *)malloc(n_vocab * sizeof *want);
    double worst = 0;
    int calls = 0, over = 0;
    if (!want) die("out of memory");
    llocal_rewind(e->c, 0);
    eval(e, 0, n_prompt), eval(e, n_prompt, 8);
    memcpy(want, llocal_logits(e->c, -1), n_vocab * sizeof *want);
    llocal_rewind(e->c, 0);
    for (int part = 0; part < 2; part++) {
        bool done = false;
        if (llocal_begin(e->c, ids + (part ? n_prompt : 0), part ? 8 : n_prompt, 1)) die("begin failed");
        while (!done) {
            double t = now(), us;
            if (llocal_step(&e->c, 1, BUDGET, &done)) die("step failed");
            us = 1e6 * (now() - t);
            calls++, over += us > BUDGET, worst = LL_MAX(worst, us - BUDGET);
        }
    }
    if (memcmp(want, llocal_logits(e->c, -1), n_vocab * sizeof *want)) die("a run in steps gives other logits");
    free(want);
    note("steps of 500 us that overran", "llocal", "%", 100.0 * over / calls);
    note("the worst overran by", "llocal", "us", worst);
    note("longest stretch without a look", "llocal", "us", (double)llocal_context_stats(e->c).us_longest_phase);
}

/* Behind so many tokens that were never evaluated: all keys and values alike, which cost as much. (Memory
 * that nothing was written to would not do: all of it is one page.) */
static void run_depth(llocal_model *m, double weight_bytes) {
    static const int depth[] = { 0, 1024, 4096, 8192, 16384 };
    engine e;
    double kv_bytes = 0;                /* of one token */
    engine_open(&e, m, threads, depth[4] + 64);
    for (int i = 0; i < m->n_stores; i++) {
        ll_kv *kv = &e.c->t.stores[i].kv;
        memset(kv->k, 0x2c, (size_t)kv->k_bytes), memset(kv->v, 0x2c, (size_t)kv->v_bytes);
        kv_bytes += (double)(kv->k_bytes + kv->v_bytes) / kv->n_slots;
    }
    for (int k = 0; k < 5; k++) {
        char what[40];
        double t;
        llocal_rewind(e.c, 0);
        for (int i = 0; i < 20; i++) eval(&e, i, 1);
        e.c->position = LL_MAX(depth[k], e.c->position);
        t = now();
        for (int i = 0; i < 16; i++) eval(&e, i, 1);
        t = (now() - t) / 16;
        snprintf(what, sizeof what, "decode behind %d tokens", depth[k]);
        note(what, "llocal", "tok/s", 1 / t);
        snprintf(what, sizeof what, "read behind %d tokens", depth[k]);
        note(what, "llocal", "GB/s", (weight_bytes + kv_bytes * e.c->position) / t / 1e9);
    }
    engine_close(&e);
}

static void run_threads(llocal_model *m) {
    int most = ll_core_count();
    for (int n = 1; n <= most; n = n * 2 > most && n < most ? most : n * 2) {
        char what[40];
        engine e;
        engine_open(&e, m, n, n_prompt + n_gen + 64);
        snprintf(what, sizeof what, "prefill %d, %d threads", n_prompt, n);
        note(what, "llocal", "tok/s", prefill(&e, n_prompt));
        snprintf(what, sizeof what, "decode, %d threads", n);
        note(what, "llocal", "tok/s", decode(&e, n_gen));
        snprintf(what, sizeof what, "workers that decode, of %d", n);
        note(what, "llocal", "", llocal_context_stats(e.c).decode_workers);
        engine_close(&e);
    }
}

/* ---- peers: the column avg_ts of llama-bench's CSV is tokens per second ---- */

/* Column i of a line: a,b,... or "a","b",... where fields may hold commas. */
static const char *csv_field(const char *line, int i) {
    const char *between = *line == '"' ? "\",\"" : ",";
    line += *line == '"';
    for (; line && i > 0; i--) if ((line = strstr(line, between)) != NULL) line += strlen(between);
    return line ? line : "";
}
static int csv_column(const char *head, const char *name) {
    for (int i = 0; *csv_field(head, i); i++)
        if (!strncmp(csv_field(head, i), name, strlen(name))) return i;
    return -1;
}

/* A word for the shell, whatever is in it. */
static void quote(char *out, size_t size, const char *word) {
    size_t n = 0;
    out[n++] = '\'';
    for (; *word && n + 6 < size; word++) {
        if (*word == '\'') memcpy(out + n, "'\\''", 4), n += 4;
        else out[n++] = *word;
    }
    if (*word) die("a path is too long");
    out[n++] = '\'', out[n] = 0;
}

static double peer_run(const char *path, int p, int n, bool embed) {
    char cmd[8192], program[2048], model[2048], head[8192] = "", line[8192], last[8192] = "";
    int column;
    double speed;
    FILE *f;
    quote(program, sizeof program, path), quote(model, sizeof model, model_path);
    snprintf(cmd, sizeof cmd, "%s -m %s -t %d -p %d -n %d -r 1 -embd %d -o csv 2>/dev/null", program, model, threads, p, n,
             embed);
    f = popen(cmd, "r");
    while (f && fgets(line, sizeof line, f)) strcpy(*head ? last : head, line);
    if (f) pclose(f);
    column = csv_column(head, "avg_ts");
    speed = column < 0 ? 0 : atof(csv_field(last, column));
    if (!(speed > 0)) fprintf(stderr, "bench: this peer gives no result: %s\n", cmd), exit(1);
    return speed;
}

/* NAME=PATH, or the folder that a peer was built in tells whose it is: .../NAME/build/bin/llama-bench. */
static const char *peer_path(int k) { return strchr(peers[k], '=') ? strchr(peers[k], '=') + 1 : peers[k]; }
static const char *peer_name(int k) {
    static char name[32];
    char path[1024], *part;
    const char *best = "peer";
    if (strchr(peers[k], '=')) {
        snprintf(name, sizeof name, "%.*s", (int)LL_MIN(strchr(peers[k], '=') - peers[k], 31), peers[k]);
        return name;
    }
    snprintf(path, sizeof path, "%s", peers[k]);
    for (part = strtok(path, "/"); part; part = strtok(NULL, "/"))
        if (strcmp(part, "build") && strcmp(part, "bin") && strcmp(part, "llama-bench") && strcmp(part, "..")) best = part;
    snprintf(name, sizeof name, "%.*s", (int)sizeof name - 1, best);
    return name;
}

static void run_speed(engine *e, const char *suffix, bool with_prefill) {
    for (int pass = with_prefill ? 0 : 1; pass < 2; pass++) {
        char what[40];
        int p = pass ? 0 : n_prompt, n = pass ? n_gen : 0;
        if (p + n == 0 || (pass && e->d.embed)) continue;
        if (pass) snprintf(what, sizeof what, "decode%s", suffix);
        else snprintf(what, sizeof what, "prefill %d%s", p, suffix);
        note(what, "llocal", "tok/s", pass ? decode(e, n) : prefill(e, p));
        for (int k = 0; k < n_peers; k++) note(what, peer_name(k), "tok/s", peer_run(peer_path(k), p, n, e->d.embed));
    }
}

/* A process that burns core 0 until it is stopped. */
static void run_busy(engine *e) {
    pid_t burner = fork();
    if (burner == 0) {
#ifdef __linux__
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(0, &one);
        sched_setaffinity(0, sizeof one, &one);
#endif
        for (volatile unsigned i = 0;; i++) {}
    }
    if (burner < 0) die("cannot fork");
    run_speed(e, " beside a busy process", false);
    kill(burner, SIGKILL);
    waitpid(burner, NULL, 0);
}

/* ---- */

static void options(int argc, char **argv) {
    static const char usage[] = "usage: bench -m MODEL [-t N] [-p N] [-n N] [-r N] [--what LIST] [--peer LLAMA-BENCH]... "
                                "[--csv FILE] [--svg FILE]; the head of bench.c explains";
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *a = argv[i], *v = argv[i + 1];
        if (!strcmp(a, "-m")) model_path = v;
        else if (!strcmp(a, "-t")) threads = atoi(v);
        else if (!strcmp(a, "-p")) n_prompt = atoi(v);
        else if (!strcmp(a, "-n")) n_gen = atoi(v);
        else if (!strcmp(a, "-r")) rounds = atoi(v);
        else if (!strcmp(a, "--what")) wanted = v;
        else if (!strcmp(a, "--csv")) csv_path = v;
        else if (!strcmp(a, "--svg")) svg_path = v;
        else if (!strcmp(a, "--draw")) draw_path = v;
        else if (!strcmp(a, "--peer") && n_peers < MAX_PEERS) peers[n_peers++] = v;
        else die(usage);
    }
    if (!model_path || argc % 2 == 0) die(usage);
    if (rounds < 1 || rounds > MAX_ROUNDS || n_prompt < 1 || n_prompt > 1 << 15 || n_gen < 1 || n_gen > 1 << 15 || threads < 1)
        die("a number is out of range");
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_model *m;
    llocal_plan model_plan, plan;
    engine e;
    double load = 0;
    uint64_t *data;
    FILE *f = fopen("/proc/loadavg", "r");
    options(argc, argv);
    if (draw_path) {
        if (!svg_path) die("--draw wants --svg");
        read_csv(draw_path), write_svg(svg_path);
        return 0;
    }
    if (f && fscanf(f, "%lf", &load) == 1 && load > 0.5)
        printf("warning: other programs are running (load %.2f)\n", load);
    if (f) fclose(f);
    memset(&src, 0, sizeof src);
    src.path = model_path, src.logger.write = llocal_log_stderr;
    if (llocal_model_plan(&src, &model_plan) || llocal_model_open(&src, &m)) return 1;
    for (int i = 0; i < LL_COUNT(ids); i++) ids[i] = (llocal_token)((unsigned)(i * 7919 + 17) % (unsigned)llocal_model_hparams(m)->n_vocab);
    engine_open(&e, m, threads, n_prompt + n_gen + 64);
    if (llocal_context_plan(m, &e.d, &plan)) return 1;
    printf("%s, %d threads, llocal %s\n", model_path, threads, llocal_build());
    prefill(&e, n_prompt);                      /* touch everything once */
    if (wants("load"))
        printf("resident %.1f MB at most; weights in place %.1f + plan %.1f MB\n", resident_mb(),
               (double)model_plan.weights_in_place / 1048576, (double)(model_plan.bytes + plan.bytes) / 1048576);
    data = wants("machine") ? (uint64_t *)malloc(BUFFER) : NULL;
    for (size_t i = 0; data && i < BUFFER / 8; i++) data[i] = i * 0x9E3779B97F4A7C15ull;
    for (int r = 0; r < rounds; r++) {
        if (data) run_machine(&e.d.workers, data);
        if (wants("speed")) run_speed(&e, "", true);
        if (wants("busy")) run_busy(&e);
        if (wants("verify")) run_verify(&e);
        if (wants("replies")) run_replies(&e);
        if (wants("load")) run_load(&src);
        if (wants("energy")) run_energy(&e, (double)model_plan.weights_in_place);
        if (wants("step")) run_step(&e);
        if (wants("depth")) run_depth(m, (double)model_plan.weights_in_place);
        if (wants("threads")) run_threads(m);
    }
    print_rows();
    if (csv_path) write_csv(csv_path);
    if (svg_path) write_svg(svg_path);
    engine_close(&e);
    llocal_model_close(m);
    free(data);
    return 0;
}
