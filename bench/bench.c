/* Speed of a model: prefill and decode, beside the machine's read bandwidth and other engines.
 *
 *     bench -m MODEL.gguf [-t THREADS] [-p PROMPT] [-n GENERATED] [-r ROUNDS] [--step MICROSECONDS]
 *           [--peer LLAMA-BENCH]...
 *
 * Everything is measured once a round, in turn, so that a slow minute slows all of it; medians
 * over the rounds are printed. A peer is a llama-bench binary (llama.cpp or a fork of it), run
 * on the same file with the same sizes. --step also runs the prompt in steps of that budget and
 * prints by how much they overran, and the longest stretch that could not be interrupted. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define MAX_ROUNDS 101
#define MAX_PEERS  4
#define MAX_ROWS   (2 + 2 * MAX_PEERS + 1)

static const char *model_path;
static int threads = 2, n_prompt = 512, n_gen = 64, rounds = 5, step_us, n_peers;
static const char *peers[MAX_PEERS];
static double samples[MAX_ROWS][MAX_ROUNDS];

static void die(const char *why) { fprintf(stderr, "bench: %s\n", why); exit(1); }
static double now(void) { return 1e-6 * (double)ll_clock_us(); }

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(const double *v, int n) {
    double s[MAX_ROUNDS];
    memcpy(s, v, (size_t)n * sizeof *s);
    qsort(s, (size_t)n, sizeof *s, by_value);
    return n % 2 ? s[n / 2] : 0.5 * (s[n / 2 - 1] + s[n / 2]);
}

/* ---- linear read of memory that no cache holds ---- */

#define BUFFER ((size_t)512 << 20)
typedef struct reading { const uint64_t *data; int n; uint64_t sum[64]; } reading;

static void read_part(void *arg, int i) {
    reading *r = (reading *)arg;
    size_t words = BUFFER / 8, from = words / (size_t)r->n * (size_t)i, to = from + words / (size_t)r->n;
    uint64_t s[8] = { 0 };
    for (size_t k = from; k + 8 <= to; k += 8) for (int j = 0; j < 8; j++) s[j] ^= r->data[k + (size_t)j];
    r->sum[i] = s[0] ^ s[1] ^ s[2] ^ s[3] ^ s[4] ^ s[5] ^ s[6] ^ s[7];
}

static double read_bandwidth(const llocal_workers *w, const uint64_t *data) {
    reading r;
    double t0 = now();
    r.data = data, r.n = w->width > 1 ? (w->width < 64 ? w->width : 64) : 1;
    if (r.n > 1) w->run(w->user, r.n, read_part, &r);
    else read_part(&r, 0);
    return (double)BUFFER / (now() - t0) / 1e9;
}

/* ---- ours ---- */

static double run(llocal_context *c, int n, bool one_by_one, int n_vocab) {
    static llocal_token ids[1 << 16];
    double t0;
    for (int i = 0; i < n; i++) ids[i] = (llocal_token)((unsigned)(i * 7919 + 17) % (unsigned)n_vocab);
    llocal_rewind(c, 0);
    t0 = now();
    if (!one_by_one) { if (llocal_eval(c, ids, n)) die("eval failed"); }
    else for (int i = 0; i < n; i++) if (llocal_eval(c, ids + i, 1)) die("eval failed");
    return n / (now() - t0);
}

/* The prompt and some tokens in steps of a budget; the logits must be those of the whole run. */
static void run_steps(llocal_context *c, int n_vocab) {
    static llocal_token ids[1 << 16];
    float *want = (float *)malloc((size_t)n_vocab * sizeof *want);
    uint64_t worst = 0;
    int calls = 0, over = 0;
    if (!want) die("out of memory");
    for (int i = 0; i < n_prompt + 8; i++) ids[i] = (llocal_token)((unsigned)(i * 7919 + 17) % (unsigned)n_vocab);
    llocal_rewind(c, 0);
    if (llocal_eval(c, ids, n_prompt) || llocal_eval(c, ids + n_prompt, 8)) die("eval failed");
    memcpy(want, llocal_logits(c, -1), (size_t)n_vocab * sizeof *want);
    llocal_rewind(c, 0);
    c->stats.us_longest_phase = 0;
    for (int part = 0; part < 2; part++) {
        bool done = false;
        if (llocal_begin(c, ids + (part ? n_prompt : 0), part ? 8 : n_prompt, 1)) die("begin failed");
        while (!done) {
            uint64_t t0 = ll_clock_us(), us;
            if (llocal_step(&c, 1, (uint32_t)step_us, &done)) die("step failed");
            us = ll_clock_us() - t0;
            calls++;
            if (us > (uint64_t)step_us) over++, worst = us - (uint64_t)step_us > worst ? us - (uint64_t)step_us : worst;
        }
    }
    printf("steps of %d us: %d calls, %d over, the worst by %d us; longest uninterrupted stretch %d us; logits %s\n",
           step_us, calls, over, (int)worst, (int)llocal_context_stats(c).us_longest_phase,
           memcmp(want, llocal_logits(c, -1), (size_t)n_vocab * sizeof *want) ? "DIFFER" : "equal");
    free(want);
}

/* ---- a peer: the column avg_ts of llama-bench's CSV is tokens per second ---- */

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

static double peer_run(const char *path, int p, int n) {
    char cmd[2048], head[8192] = "", line[8192], last[8192] = "";
    int column;
    FILE *f;
    snprintf(cmd, sizeof cmd, "%s -m %s -t %d -p %d -n %d -r 1 -o csv 2>/dev/null", path, model_path, threads, p, n);
    f = popen(cmd, "r");
    if (!f) return 0;
    while (fgets(line, sizeof line, f)) strcpy(*head ? last : head, line);
    pclose(f);
    column = csv_column(head, "avg_ts");
    return column < 0 ? 0 : atof(csv_field(last, column));
}

static void report(const char *what, int row, int base, const char *unit) {
    double m = median(samples[row], rounds), lo = samples[row][0], hi = lo;
    for (int i = 0; i < rounds; i++) {
        if (samples[row][i] < lo) lo = samples[row][i];
        if (samples[row][i] > hi) hi = samples[row][i];
    }
    printf("%-44s %9.2f %-5s  %8.2f ..%8.2f", what, m, unit, lo, hi);
    if (base >= 0) {
        double ratio[MAX_ROUNDS];
        for (int i = 0; i < rounds; i++) ratio[i] = samples[row][i] > 0 ? samples[base][i] / samples[row][i] : 0;
        printf("   llocal is %.2fx", median(ratio, rounds));
    }
    printf("\n");
}

static void options(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *a = argv[i], *v = argv[i + 1];
        if (!strcmp(a, "-m")) model_path = v;
        else if (!strcmp(a, "-t")) threads = atoi(v);
        else if (!strcmp(a, "-p")) n_prompt = atoi(v);
        else if (!strcmp(a, "-n")) n_gen = atoi(v);
        else if (!strcmp(a, "-r")) rounds = atoi(v);
        else if (!strcmp(a, "--step")) step_us = atoi(v);
        else if (!strcmp(a, "--peer") && n_peers < MAX_PEERS) peers[n_peers++] = v;
        else die("usage: bench -m MODEL [-t N] [-p N] [-n N] [-r N] [--peer LLAMA-BENCH]...");
    }
    if (!model_path || argc % 2 == 0) die("usage: bench -m MODEL [-t N] [-p N] [-n N] [-r N] [--peer LLAMA-BENCH]...");
    if (rounds < 1 || rounds > MAX_ROUNDS || n_prompt < 0 || n_prompt > 1 << 16 || n_gen < 0 || n_gen > 1 << 16)
        die("a number is out of range");
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m;
    llocal_context *c;
    llocal_pool *pool;
    uint64_t *data = (uint64_t *)malloc(BUFFER);
    struct rusage usage;
    llocal_plan plan, model_plan;
    double t0;
    options(argc, argv);
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.path = model_path, src.logger.write = llocal_log_stderr;
    t0 = now();
    if (llocal_model_plan(&src, &model_plan) || llocal_model_open(&src, &m)) return 1;
    if (llocal_pool_open(threads, NULL, &pool)) die("no threads");
    d.workers = llocal_pool_workers(pool);
    d.n_ctx = (n_prompt > n_gen ? n_prompt : n_gen) + 64, d.n_batch = n_prompt > 0 && n_prompt < 512 ? n_prompt : 512;
    if (llocal_context_plan(m, &d, &plan) || llocal_context_open(m, &d, &c)) return 1;
    printf("%s, %d threads, %s, open %.1f ms\n", model_path, threads, llocal_build(), 1e3 * (now() - t0));
    if (!data) die("out of memory");
    for (size_t i = 0; i < BUFFER / 8; i++) data[i] = i * 0x9E3779B97F4A7C15ull;
    for (int r = 0; r < rounds; r++) {
        samples[0][r] = read_bandwidth(&d.workers, data);
        for (int row = 1; row <= 2; row++) {
            int p = row == 1 ? n_prompt : 0, n = row == 1 ? 0 : n_gen;
            if (p + n == 0) continue;
            samples[row][r] = run(c, p + n, row == 2, llocal_model_hparams(m)->n_vocab);
            for (int k = 0; k < n_peers; k++) samples[row + 2 * (k + 1)][r] = peer_run(peers[k], p, n);
        }
    }
    report("linear read", 0, -1, "GB/s");
    for (int row = 1; row <= 2; row++) {
        char what[64];
        if ((row == 1 ? n_prompt : n_gen) == 0) continue;
        snprintf(what, sizeof what, row == 1 ? "prefill %d: llocal" : "decode %d: llocal", row == 1 ? n_prompt : n_gen);
        report(what, row, -1, "tok/s");
        for (int k = 0; k < n_peers; k++) {
            const char *name = strlen(peers[k]) > 40 ? peers[k] + strlen(peers[k]) - 40 : peers[k];
            report(name, row + 2 * (k + 1), row, "tok/s");
        }
    }
    if (step_us > 0) run_steps(c, llocal_model_hparams(m)->n_vocab);
    getrusage(RUSAGE_SELF, &usage);
    printf("resident %.1f MB at most, less %.1f MB of this program's buffer: %.1f; weights in place %.1f + plan %.1f MB\n",
           (double)usage.ru_maxrss / 1024, (double)(BUFFER >> 20), (double)usage.ru_maxrss / 1024 - (double)(BUFFER >> 20),
           (double)model_plan.weights_in_place / 1048576, (double)(model_plan.bytes + plan.bytes) / 1048576);
    llocal_context_close(c);
    llocal_pool_close(pool);
    llocal_model_close(m);
    free(data);
    return 0;
}
