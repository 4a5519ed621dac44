/* Follows logs and says what matters: lines are gathered into shapes, the model judges each new shape once, and a digest
 * is written. A million lines of a few dozen shapes cost a few dozen decisions; known shapes cost nothing.
 *
 *     watch -m model.gguf /var/log/syslog /var/log/app.log    follows files, also when they are replaced; digests
 *     journalctl -f -o cat | watch -m model.gguf              what comes from a pipe
 *     watch -m model.gguf --once app.log                      to the end, one digest
 *
 * A shape is a line without what differs: figures, hexadecimal, paths, addresses and quoted text become one sign each.
 * Severity is one of the --levels (routine,notice,warning,critical), by llocal_decide: no text is generated.
 *
 * --digest SECONDS (60): how often, when something came. --from LEVEL: what is below is only counted (the second). --state
 * FILE: judgements are kept there, a line each, yours to edit ("critical<TAB>shape"); a line with a level of your own
 * making is never asked about again. --json: a digest is JSON lines. --instruction TEXT: what the model should know. -t N:
 * threads (1). -c N: positions (1024). Status 1: something failed, and a line on stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include "energy.h"
#include "lines.h"
#include <errno.h>

enum { MAX_FILES = 64, MAX_LEVELS = 9, MAX_SHAPES = 1 << 16, MAX_SHAPE = 240, MAX_LINE = 4096, EXAMPLE = 200 };

typedef struct shape {
    char *text, *example;               /* example: the last line that had it */
    int level;                          /* -1: not judged */
    float p;                            /* how sure */
    unsigned long n, fresh;             /* lines; of them since the last digest */
} shape;

typedef struct followed {
    const char *path;                   /* NULL: standard input */
    FILE *f;
    long long id;                       /* which file it was */
    char line[MAX_LINE];
    size_t n;
    bool skip;                          /* the rest of a line that is too long */
} followed;

typedef struct watcher {
    const char *model, *state, *instruction;
    llocal_str levels[MAX_LEVELS];
    int n_levels, from, threads, n_ctx;
    double every;
    bool once, json;
    followed files[MAX_FILES];
    int n_files;
    llocal_model *m;
    llocal_context *c;
    llocal_chat *chat;
    llocal_pool *pool;
    shape *shapes;
    int n_shapes, table[2 * MAX_SHAPES];        /* by hash: 1 + number */
    unsigned long n_lines, n_fresh, n_asked, n_lost;    /* lost: of shapes for which there was no room */
    float bias[MAX_LEVELS];             /* minus what the model prefers whatever the line is */
    bool calibrated;
    meter meter;
    double joules;                      /* of the decisions */
} watcher;

static bool complain(const char *what, const char *detail) {
    print_plain(stderr, "watch: error: %s%s\n", what, detail);
    return false;
}

/* ---- shapes -------------------------------------------------------------------------------------- */

static bool is_word(int c) { return (c >= '0' && c <= '9') || (c | 32) >= 'a'; }

/* Words with figures become #, quoted text "", paths /. Of several signs in a row one is left. */
static size_t shape_of(const char *line, size_t len, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < len && n + 2 < MAX_SHAPE; ) {
        const char c = line[i];
        size_t to = i;
        bool figure = false;
        if (c == '"' || c == '\'') {
            const char *end = (const char *)memchr(line + i + 1, c, len - i - 1);
            if (end && (c == '"' || i == 0 || !is_word((unsigned char)line[i - 1]))) {
                out[n++] = '"', i = (size_t)(end - line) + 1;
                continue;
            }
        }
        while (to < len && (is_word((unsigned char)line[to]) || line[to] == '/' || line[to] == '_' || line[to] == '-' ||
                            ((line[to] == '.' || line[to] == ':') && to + 1 < len && is_word((unsigned char)line[to + 1]))))
            figure = figure || (line[to] >= '0' && line[to] <= '9'), to++;
        if (to == i) { if (!(c == ' ' && n && out[n - 1] == ' ')) out[n++] = c == '\t' ? ' ' : c; i++; continue; }
        if (c == '/' && to > i + 1) out[n++] = '/';
        else if (figure) { if (!n || out[n - 1] != '#') out[n++] = '#'; }
        else { for (size_t k = i; k < to && n + 2 < MAX_SHAPE; k++) out[n++] = line[k]; }
        i = to;
    }
    while (n && out[n - 1] == ' ') n--;
    out[n] = 0;
    return n;
}

static shape *shape_find(watcher *w, const char *text, size_t n) {
    uint64_t h = 1469598103934665603u;
    shape *s;
    size_t at;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    for (at = (size_t)(h ^ h >> 29) % (2 * MAX_SHAPES); w->table[at]; at = (at + 1) % (2 * MAX_SHAPES))
        if (!strcmp(w->shapes[w->table[at] - 1].text, text)) return &w->shapes[w->table[at] - 1];
    if (w->n_shapes == MAX_SHAPES) return NULL;
    s = &w->shapes[w->n_shapes++];
    memset(s, 0, sizeof *s);
    s->text = (char *)resize(NULL, n + 1), s->example = (char *)resize(NULL, EXAMPLE + 1), s->level = -1;
    memcpy(s->text, text, n + 1), *s->example = 0;
    w->table[at] = w->n_shapes;
    return s;
}

/* ---- judging --------------------------------------------------------------------------------------- */

/* The first judgement is of a line that says nothing: what the model prefers then is taken from all others (Zhao et al.,
 * Calibrate Before Use, 2021). */
static bool judge(watcher *w, const char *line, shape *s) {
    static llocal_question q;
    llocal_decision d;
    double joules = meter_joules(&w->meter);
    llocal_result r;
    if (s && !w->calibrated && !judge(w, "N/A", NULL)) return false;
    memset(&q, 0, sizeof q), memset(&d, 0, sizeof d);
    q.ask = str_of("How serious is this line of a log for who runs the machine?"), q.lead = str_of("It is");
    q.options = w->levels, q.n_options = w->n_levels, q.bias = s ? w->bias : NULL;
    d.contexts = &w->c, d.n_contexts = 1, d.chat = w->chat, d.instruction = str_of(w->instruction), d.text = str_of(line);
    d.questions = &q, d.n_questions = 1;
    r = llocal_decide(&d, 0, NULL);
    if (!r && s) s->level = q.best, s->p = q.p[q.best];
    for (int i = 0; i < w->n_levels && !r && !s; i++) w->bias[i] = -q.logit[i], w->calibrated = true;
    w->n_asked++, w->joules += meter_joules(&w->meter) - joules;
    return !r || complain("cannot judge: ", llocal_result_name(r));
}

/* ---- judgements that are kept ------------------------------------------------------------------------ */

static bool state_read(watcher *w) {
    size_t len;
    char *s = w->state ? file_read(w->state, &len) : NULL, *line, *tab;
    for (line = s; line && *line; ) {
        char *end = strchr(line, '\n');
        if (end) *end = 0;
        if ((tab = strchr(line, '\t')) != NULL) {
            shape *p;
            *tab = 0;
            if ((p = shape_find(w, tab + 1, strlen(tab + 1))) != NULL)
                for (int i = 0; i < w->n_levels; i++) if (!strcmp(w->levels[i].ptr, line)) p->level = i, p->p = 1;
        }
        line = end ? end + 1 : NULL;
    }
    free(s);
    return true;
}

static bool state_write(const watcher *w) {
    text t = { NULL, 0, 0 };
    bool ok;
    if (!w->state) return true;
    append(&t, "", 0);
    for (int i = 0; i < w->n_shapes; i++) {
        if (w->shapes[i].level < 0) continue;
        append_string(&t, w->levels[w->shapes[i].level].ptr), append_string(&t, "\t");
        append_string(&t, w->shapes[i].text), append_string(&t, "\n");
    }
    ok = file_write(w->state, t.at, t.len);
    free(t.at);
    return ok || complain("cannot write ", w->state);
}

/* ---- digests -------------------------------------------------------------------------------------------- */

static int more_serious(const void *a, const void *b) {
    const shape *x = *(shape *const *)a, *y = *(shape *const *)b;
    if (x->level != y->level) return y->level - x->level;
    return x->fresh == y->fresh ? strcmp(x->text, y->text) : x->fresh < y->fresh ? 1 : -1;
}

static void print_shape(const watcher *w, const shape *s) {
    char json[2 * MAX_LINE];
    llocal_json_writer o;
    if (!w->json) {
        print_plain(stdout, "%-9s %6lu  %s\n", w->levels[s->level].ptr, s->fresh, s->example);
        return;
    }
    memset(&o, 0, sizeof o);
    o.out = json, o.cap = sizeof json - 2;
    llocal_json_put(&o, "{");
    llocal_json_put_key(&o, str_of("level")), llocal_json_put_string(&o, w->levels[s->level]);
    llocal_json_put_key(&o, str_of("p")), llocal_json_put_number(&o, (double)s->p);
    llocal_json_put_key(&o, str_of("lines")), llocal_json_put_number(&o, (double)s->fresh);
    llocal_json_put_key(&o, str_of("shape")), llocal_json_put_string(&o, str_of(s->text));
    llocal_json_put_key(&o, str_of("example")), llocal_json_put_string(&o, str_of(s->example));
    llocal_json_put(&o, "}");
    if (o.n <= o.cap) json[o.n] = 0, puts(json);
}

/* New shapes are judged now, all that came is told, the serious first. */
static bool digest(watcher *w) {
    shape **list = (shape **)resize(NULL, sizeof *list * (size_t)(w->n_shapes + 1));
    unsigned long below = 0, asked = w->n_asked;
    double joules = w->joules;
    int n = 0;
    bool ok = true;
    for (int i = 0; i < w->n_shapes && ok && !interrupted; i++) {
        shape *s = &w->shapes[i];
        if (s->fresh && s->level < 0) ok = judge(w, s->example, s);
        if (!s->fresh || s->level < 0) continue;
        if (s->level < w->from) below += s->fresh;
        else list[n++] = s;
    }
    qsort(list, (size_t)n, sizeof *list, more_serious);
    for (int i = 0; i < n; i++) print_shape(w, list[i]);
    if (!w->json)
        printf("-- %lu lines, %lu below %s; %d shapes known, %lu judged now, %.2f J (%s)%s\n", w->n_fresh, below, w->levels[w->from].ptr,
               w->n_shapes, w->n_asked - asked, w->joules - joules, w->meter.source, w->n_lost ? "; no room for more shapes" : "");
    fflush(stdout);
    for (int i = 0; i < w->n_shapes; i++) w->shapes[i].fresh = 0;
    w->n_fresh = 0;
    free(list);
    return ok && state_write(w) && !ferror(stdout);
}

/* ---- lines -------------------------------------------------------------------------------------------------- */

static void take_line(watcher *w, const char *line, size_t n) {
    char text[MAX_SHAPE];
    size_t len = shape_of(line, n, text);
    shape *s = len ? shape_find(w, text, len) : NULL;
    if (!len) return;
    w->n_lines++, w->n_fresh++;
    if (!s) { w->n_lost++; return; }
    if (!s->fresh || !*s->example) {
        n = n < EXAMPLE ? n : EXAMPLE;
        memcpy(s->example, line, n), s->example[n] = 0;
    }
    s->n++, s->fresh++;
}

static void take_bytes(watcher *w, followed *f, const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n') {
            if (f->n && f->line[f->n - 1] == '\r') f->n--;
            take_line(w, f->line, f->n);
            f->n = 0, f->skip = false;
        } else if (f->n < MAX_LINE && !f->skip) f->line[f->n++] = s[i];
        else f->skip = true;
    }
}

#if !defined(_WIN32)
static long long file_number(const char *path, long long *size) {
    struct stat s;
    if (stat(path, &s)) return -1;
    *size = (long long)s.st_size;
    return (long long)s.st_ino;
}
#else
static long long file_number(const char *path, long long *size) { (void)path; *size = 1LL << 62; return 0; }
#endif

/* What has come; a file that was replaced, or cut, is read from its beginning. True: something came. */
static bool follow(watcher *w, followed *f) {
    static char room[1 << 16];
    bool any = false;
    long long size = 0, id = f->path ? file_number(f->path, &size) : 0;
    size_t n;
    if (f->path && f->f && (id != f->id || size < ftell(f->f)) && id >= 0) {
        while ((n = fread(room, 1, sizeof room, f->f)) > 0) take_bytes(w, f, room, n);
        fclose(f->f), f->f = NULL;
    }
    if (!f->f && f->path) { if (!(f->f = file_open(f->path, "rb"))) return false; f->id = id; }
    clearerr(f->f);
    while ((n = fread(room, 1, sizeof room, f->f)) > 0) take_bytes(w, f, room, n), any = true;
    return any;
}

static bool run_files(watcher *w) {
    double last = now_seconds();
    bool ok = true;
    for (int i = 0; i < w->n_files && !w->once; i++) if (follow(w, &w->files[i]), w->files[i].f) fseek(w->files[i].f, 0, SEEK_END);
    while (ok && !interrupted) {
        bool any = false;
        for (int i = 0; i < w->n_files; i++) any = follow(w, &w->files[i]) || any;
        if (w->once) break;
        if (w->n_fresh && now_seconds() - last >= w->every) ok = digest(w), last = now_seconds();
        if (!any) {
#if defined(_WIN32)
            Sleep(500);
#else
            struct timespec t = { 0, 500000000L };
            nanosleep(&t, NULL);
#endif
        }
    }
    return ok;
}

/* A pipe: a line at a time, so that a digest is not late; the wait for a line can be. */
static bool run_pipe(watcher *w) {
    char line[MAX_LINE];
    double last = now_seconds();
    bool ok = true;
    while (ok && !interrupted && fgets(line, sizeof line, stdin)) {
        take_bytes(w, &w->files[0], line, strlen(line));
        if (!w->once && w->n_fresh && now_seconds() - last >= w->every) ok = digest(w), last = now_seconds();
    }
    take_bytes(w, &w->files[0], "\n", 1);
    return ok;
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

static bool set_levels(watcher *w, char *list) {
    for (char *p = strtok(list, ","); p; p = strtok(NULL, ",")) {
        if (w->n_levels == MAX_LEVELS) return complain("more levels than nine", "");
        w->levels[w->n_levels++] = str_of(p);
    }
    return w->n_levels >= 2 || complain("--levels are two at least, separated by commas", "");
}

static void print_help(void) {
    puts("usage: watch -m model.gguf [--once] [--json] [--from LEVEL] [--levels A,B,...] [--state FILE] [--digest SECONDS]\n"
         "             [--instruction TEXT] [-t N] [-c N] [FILE ...]\n"
         "judges each new shape of line once, and writes a digest; the head of examples/watch.c has all of it");
}

static bool read_options(int argc, char **argv, watcher *w) {
    static char usual[] = "routine,notice,warning,critical";
    char *levels = usual;
    const char *from = NULL;
    w->every = 60, w->threads = 1, w->n_ctx = 1024, w->from = 1;
    w->instruction = "You watch the logs of a computer for the person who runs it.";
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "--help")) { print_help(); exit(0); }
        if (!strcmp(a, "--once")) { w->once = true; continue; }
        if (!strcmp(a, "--json")) { w->json = true; continue; }
        if (a[0] != '-') {
            if (w->n_files == MAX_FILES) return complain("too many files", "");
            w->files[w->n_files++].path = a;
            continue;
        }
        if (!v) return complain("unknown, or without a value: ", a);
        if (!strcmp(a, "-m")) w->model = v;
        else if (!strcmp(a, "--levels")) levels = argv[i + 1];
        else if (!strcmp(a, "--from")) from = v;
        else if (!strcmp(a, "--state")) w->state = v;
        else if (!strcmp(a, "--instruction")) w->instruction = v;
        else if (!strcmp(a, "--digest")) w->every = atof(v);
        else if (!strcmp(a, "-t")) w->threads = atoi(v);
        else if (!strcmp(a, "-c")) w->n_ctx = atoi(v);
        else return complain("unknown: ", a);
        i++;
    }
    if (!w->model) return complain("-m model.gguf is missing", "");
    if (!set_levels(w, levels)) return false;
    for (int i = 0; from && i < w->n_levels; i++) if (!strcmp(w->levels[i].ptr, from)) w->from = i, from = NULL;
    return !from || complain("--from is none of the levels: ", from);
}

static bool open_all(watcher *w) {
    llocal_source src;
    llocal_context_desc d;
    llocal_pool_desc pd;
    llocal_fault fault;
    memset(&fault, 0, sizeof fault), memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&pd, 0, sizeof pd);
    src.path = w->model, src.logger.write = log_plain, pd.n_threads = w->threads;
    if (llocal_model_open(&src, &w->m) || (w->threads > 1 && llocal_pool_open(&pd, &w->pool))) return false;
    d.n_ctx = w->n_ctx, d.logger.write = log_plain;
    if (d.n_ctx > llocal_model_hparams(w->m)->n_ctx_train) d.n_ctx = llocal_model_hparams(w->m)->n_ctx_train;
    if (w->pool) d.workers = llocal_pool_workers(w->pool);
    if (llocal_chat_open(w->m, NULL, &fault, &w->chat)) w->chat = NULL;   /* a plain prompt will do */
    w->shapes = (shape *)resize(NULL, sizeof *w->shapes * MAX_SHAPES);
    meter_open(&w->meter);
    return !llocal_context_open(w->m, &d, &w->c);
}

int main(int argc, char **argv) {
    static watcher w;
    bool ok = (argv = system_arguments(&argc, argv)) != NULL && read_options(argc, argv, &w) && open_all(&w) && state_read(&w);
    catch_interrupt(true);
    for (int i = 0; ok && i < w.n_files; i++)
        if (w.once && !file_exists(w.files[i].path)) ok = complain("cannot read ", w.files[i].path);
    if (ok) ok = w.n_files ? run_files(&w) : run_pipe(&w);
    if (ok && w.n_fresh) interrupted = 0, ok = digest(&w);
    for (int i = 0; i < w.n_files; i++) if (w.files[i].f) fclose(w.files[i].f);
    for (int i = 0; i < w.n_shapes; i++) free(w.shapes[i].text), free(w.shapes[i].example);
    free(w.shapes);
    llocal_chat_close(w.chat), llocal_context_close(w.c), llocal_model_close(w.m), llocal_pool_close(w.pool);
    return ok ? 0 : 1;
}
