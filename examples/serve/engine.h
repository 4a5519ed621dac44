/* The engine of serve.c: models, slots (timelines that are stepped together, each weight read once for all), jobs with
 * a queue, and timelines kept on disk. One thread steps; any thread hands in jobs and reads what they say. Include it
 * behind system.h. */
#ifndef ENGINE_H
#define ENGINE_H

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_MODELS = 64, MAX_SLOTS = LLOCAL_MAX_REPLIES, MAX_VECTORS = 16, MAX_TOP = 20, MAX_STOPS = 16, MAX_CHOICES = 16,
    STEP_US = 4000,                     /* one look at the queue for so much work, or one pass */
    KEEP_LEAST = 32,                    /* positions that are worth a copy, or a file */
    KEEP_EVERY = 256,                   /* of a prompt that is no conversation so many are */
    MAX_MARKS = 8, MAX_SHELF = 64       /* places of a prompt, and of a model, that are kept */
};

typedef struct engine_settings {
    int n_ctx, n_slots, n_batch, n_threads, max_queue;
    llocal_kv k, v;
    uint64_t max_memory;                /* bytes of all models and contexts together (0: no limit) */
    double idle_seconds;                /* then a model is closed (0: never) */
    const char *snapshots;              /* a folder, or NULL */
    uint64_t snapshot_bytes;            /* all files of it together */
    uint64_t shelf_bytes;               /* of a model: what prompts begin with, where it cannot go back */
    const char *chat_template;          /* Jinja, or NULL */
    bool verbose;
} engine_settings;

/* ---- what a job says ------------------------------------------------------------------------- */

/* Chances of a token that was chosen, and of the likeliest in its place. */
typedef struct chance { llocal_token token; double logprob; } chance;

enum { SAID_TOKEN = 100, SAID_END };            /* beside llocal_part: a token's chances; a job has ended */

typedef struct event {
    struct event *next;
    int part, choice, call;
    text text;
    int offset;                         /* of TOKEN: characters before it */
    bool broken;                        /* of CALL_END: the call is not whole, and what was written of it is text */
    chance chosen, top[MAX_TOP];
    int n_top;
} event;

/* Where the jobs of one request put what they say. */
typedef struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t news;
    event *first, *last;
    int n_running;
} mailbox;

typedef enum job_kind { JOB_REPLY, JOB_VECTORS, JOB_DECIDE, JOB_CONTROL } job_kind;
typedef enum job_stop { STOP_END, STOP_LENGTH, STOP_TEXT, STOP_CANCELLED, STOP_FAILED } job_stop;

struct model; struct slot;

typedef struct job {
    struct job *next;                   /* in the queue */
    job_kind kind;
    struct model *m;
    mailbox *box;
    int choice;
    uint64_t client;                    /* whose it is: of several the one with the least running comes first */
    bool cancelled;                     /* by job_cancel, from another thread */
    double queued, begun, first, ended; /* seconds */
    /* a reply */
    llocal_token *prompt;
    int n_prompt, marks[MAX_MARKS], n_marks;    /* marks: ends of what other prompts may begin with, too */
    llocal_sampler sampler;
    llocal_bias *bias;
    int max_tokens, n_top;              /* n_top: chances of so many rivals are wanted; -1: of none, not even its own */
    char *stop[MAX_STOPS];
    int n_stop;
    llocal_rule *rule;
    bool chat, ignore_end, cache;       /* chat: taken apart by the model's template; cache: begin from what is there */
    bool nothing;                       /* of a reply is wanted: the prompt is read, for others that begin like it */
    llocal_chat_prompt split_prompt;    /* its tools and in_thoughts */
    char *tools;
    int want_slot;                      /* -1: any */
    /* vectors: texts of tokens, one after the other */
    bool rank;
    int n_texts, n_given, n_done;
    llocal_token **texts;
    int *lengths;
    float *vectors;                     /* [n_texts][size], from when it ends */
    int size;
    /* a decision, or something to do with slots */
    llocal_decision *decision;
    llocal_result (*control)(struct job *j, struct slot *s, void *user);
    void *control_user;
    /* results */
    job_stop stop_kind;
    int stop_index;
    llocal_result result;
    char words[240];
    int n_cached, n_generated, n_thoughts;      /* thoughts: tokens of them, among those generated */
    double joules;                      /* its share of what the machine, or this program, took meanwhile */
    /* while it runs */
    struct slot *slot;
    llocal_split split;
    char *held;
    text hold;                          /* text that may become a stop string */
    bool stopped, thinking;             /* thinking: what came last was a thought */
    uint64_t evaluated;                 /* tokens of the slot, when the job began */
} job;

/* ---- models ------------------------------------------------------------------------------------ */

typedef struct slot {
    int id;
    llocal_context *c;
    job *j;
    llocal_reply reply;
    bool marking, dirty;                /* marking: reads up to the mark; dirty: no file has this timeline */
    uint64_t used;                      /* when last, in steps of the engine */
} slot;

/* What prompts begin with, of a model that cannot go back there: a context just so long, from which slots go on. */
typedef struct shelf { llocal_context *c; uint64_t bytes, used; bool dirty; } shelf;

typedef struct vector_context { llocal_context *c; job *j; int text; } vector_context;

typedef struct model {
    char name[256], path[4096];
    char arch[48], format[24];          /* format: of most of its weights; these are known before it is open */
    uint64_t n_params, file_bytes;
    uint64_t bytes, id;                 /* of memory, when it is open */
    int64_t made;
    pthread_mutex_t rules;              /* making one */
    llocal_model *m;                    /* NULL: it is closed */
    llocal_chat *chat;                  /* or NULL */
    slot slots[MAX_SLOTS];
    int n_slots, n_ctx;
    bool remembers_state;               /* recurrent: a timeline is of use whole, or not at all */
    int n_window;                       /* the same, once it is as long as this (0: never) */
    shelf shelves[MAX_SHELF];
    int n_shelves;
    vector_context vectors[2][MAX_VECTORS];     /* [1]: for ranks */
    int n_vectors[2];
    int users, n_active;                /* requests that hold it, jobs */
    double last_used;
} model;

typedef struct snapshot {               /* a file of the folder */
    char name[64];
    uint64_t model, bytes;
    llocal_token *tokens;
    int n;
    int64_t used;
} snapshot;

typedef struct counters {
    uint64_t n_requests, n_prompt, n_cached, n_generated, n_failed, n_cancelled, n_refused;
    double s_prompt, s_generate, s_busy, joules;
} counters;

typedef struct engine {
    engine_settings o;
    pthread_mutex_t lock;               /* the queue, counters, users of models */
    pthread_mutex_t opening;            /* which models are open; taken before the others */
    pthread_mutex_t files;              /* snapshots */
    pthread_cond_t work;
    pthread_t thread;
    llocal_pool *pool;
    llocal_workers workers;
    model models[MAX_MODELS];
    int n_models;
    job *first, *last;                  /* the queue */
    int n_queued, n_running;
    bool closing, closed;
    uint64_t steps;
    snapshot *snapshots;
    int n_snapshots;
    counters count;
    meter meter;
} engine;

/* ---- mailboxes --------------------------------------------------------------------------------- */

static void mailbox_open(mailbox *b) {
    pthread_condattr_t steady;
    memset(b, 0, sizeof *b);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&b->lock, NULL), pthread_cond_init(&b->news, &steady);
    pthread_condattr_destroy(&steady);
}

static void event_free(event *e) {
    if (e) free(e->text.at);
    free(e);
}

static void mailbox_close(mailbox *b) {
    for (event *e = b->first, *next; e; e = next) next = e->next, event_free(e);
    pthread_cond_destroy(&b->news), pthread_mutex_destroy(&b->lock);
}

static event *event_new(const job *j, int part, llocal_str s) {
    event *e = (event *)resize(NULL, sizeof *e);
    memset(e, 0, sizeof *e);
    e->part = part, e->choice = j->choice, e->call = -1;
    append(&e->text, s.ptr, s.len);
    return e;
}

static void mailbox_put(mailbox *b, event *e) {
    pthread_mutex_lock(&b->lock);
    if (b->last) b->last->next = e;
    else b->first = e;
    b->last = e;
    if (e->part == SAID_END) b->n_running--;
    pthread_cond_signal(&b->news);
    pthread_mutex_unlock(&b->lock);
}

static struct timespec time_after(int ms) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000, t.tv_nsec += ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000L) t.tv_nsec -= 1000000000L, t.tv_sec++;
    return t;
}

/* The next event, to be freed; NULL: none came within ms, or (*over) all jobs have ended and all was read. */
static event *mailbox_take(mailbox *b, int ms, bool *over) {
    struct timespec until = time_after(ms);
    event *e;
    pthread_mutex_lock(&b->lock);
    while (!b->first && b->n_running > 0 && !pthread_cond_timedwait(&b->news, &b->lock, &until)) { }
    e = b->first;
    if (e && !(b->first = e->next)) b->last = NULL;
    *over = !e && b->n_running == 0;
    pthread_mutex_unlock(&b->lock);
    return e;
}

/* ---- jobs -------------------------------------------------------------------------------------- */

static void job_cancel(job *j) { __atomic_store_n(&j->cancelled, true, __ATOMIC_RELEASE); }
static bool job_cancelled(const job *j) { return __atomic_load_n(&j->cancelled, __ATOMIC_ACQUIRE); }

static job *job_new(job_kind kind, model *m, mailbox *box, int choice) {
    job *j = (job *)resize(NULL, sizeof *j);
    memset(j, 0, sizeof *j);
    j->kind = kind, j->m = m, j->box = box, j->choice = choice, j->n_top = -1, j->want_slot = -1, j->cache = true;
    return j;
}

static void job_free(job *j) {
    if (!j) return;
    free(j->prompt), free(j->bias), free(j->held), free(j->hold.at), free(j->tools);
    for (int i = 0; i < j->n_stop; i++) free(j->stop[i]);
    for (int i = 0; i < j->n_texts; i++) free(j->texts[i]);
    free(j->texts), free(j->lengths), free(j->vectors);
    if (j->rule) llocal_rule_close(j->rule);
    free(j);
}

static void job_say(job *j, int part, llocal_str s, int call, bool broken) {
    event *e = event_new(j, part, s);
    e->call = call, e->broken = broken;
    mailbox_put(j->box, e);
}

/* After this the job belongs to who handed it in. */
static void job_end(engine *g, job *j, job_stop stop, llocal_result r, const char *words) {
    j->stop_kind = stop, j->result = r, j->ended = now_seconds();
    if (words) snprintf(j->words, sizeof j->words, "%s", words);
    if (j->slot) j->slot->j = NULL, j->slot = NULL;
    pthread_mutex_lock(&g->lock);
    g->n_running--, j->m->n_active--;
    g->count.n_prompt += (uint64_t)(j->n_prompt - j->n_cached), g->count.n_cached += (uint64_t)j->n_cached;
    g->count.n_generated += (uint64_t)j->n_generated;
    g->count.n_failed += stop == STOP_FAILED, g->count.n_cancelled += stop == STOP_CANCELLED;
    if (j->kind == JOB_REPLY && j->first > 0)
        g->count.s_prompt += j->first - j->begun, g->count.s_generate += j->ended - j->first;
    pthread_mutex_unlock(&g->lock);
    job_say(j, SAID_END, str_of(""), -1, false);
}

/* ---- stop strings ------------------------------------------------------------------------------- */

/* Text goes on but for what may still become a stop string. True: one has come; nothing of it, or behind it, does. */
static bool job_text(job *j, llocal_str s, bool last) {
    text *h = &j->hold;
    size_t keep = 0, at;
    if (j->stopped) return true;
    append(h, s.ptr, s.len);
    for (at = 0; at < h->len && !j->stopped; at++)
        for (int i = 0; i < j->n_stop && !j->stopped; i++) {
            size_t n = strlen(j->stop[i]), left = h->len - at;
            if (left >= n && !memcmp(h->at + at, j->stop[i], n)) j->stopped = true, j->stop_index = i, keep = left;
            else if (left < n && !last && left > keep && !memcmp(h->at + at, j->stop[i], left)) keep = left;
        }
    if (h->len > keep) {
        llocal_str out = { h->at, h->len - keep };
        job_say(j, LLOCAL_PART_TEXT, out, -1, false);
    }
    if (h->len > keep) memmove(h->at, h->at + h->len - keep, keep);
    h->len = j->stopped ? 0 : keep;
    return j->stopped;
}

static bool job_part(void *user, const llocal_event *e) {
    job *j = (job *)user;
    llocal_str none = { "", 0 };
    if (j->stopped) return true;
    j->thinking = e->part == LLOCAL_PART_THOUGHTS;
    if (e->part == LLOCAL_PART_TEXT) return job_text(j, e->text, false), true;
    if (j->hold.len) job_text(j, none, true);
    if (e->part == LLOCAL_PART_END) return true;
    job_say(j, (int)e->part, e->part == LLOCAL_PART_CALL_END && e->problem ? str_of(e->problem) : e->text, e->call,
            e->part == LLOCAL_PART_CALL_END && e->problem != NULL);
    return true;
}

/* The chances of what was chosen, from the logits it was chosen by. */
static void job_chances(job *j, llocal_token t) {
    const float *logits = llocal_logits(j->slot->c, -1);
    const int n = llocal_model_hparams(j->m->m)->n_vocab;
    llocal_score top[MAX_TOP];
    event *e;
    int k;
    double most, sum = 0;
    if (!logits) return;
    k = llocal_top(logits, n, top, j->n_top > 0 ? j->n_top : 1);
    most = k ? (double)top[0].logit : 0;
    for (int i = 0; i < n; i++) sum += exp((double)logits[i] - most);
    e = event_new(j, SAID_TOKEN, str_of(""));
    e->chosen.token = t, e->chosen.logprob = (double)logits[t] - most - log(sum);
    for (e->n_top = 0; e->n_top < k && e->n_top < j->n_top; e->n_top++) {
        e->top[e->n_top].token = top[e->n_top].token;
        e->top[e->n_top].logprob = (double)top[e->n_top].logit - most - log(sum);
    }
    mailbox_put(j->box, e);
}

static uint64_t evaluated(const llocal_context *c) {
    llocal_stats s = llocal_context_stats(c);
    return s.tokens_prefilled + s.tokens_decoded;
}

static bool job_token(void *user, llocal_token t, llocal_str s) {
    job *j = (job *)user;
    if (job_cancelled(j)) return false;
    if (j->first == 0) {
        uint64_t n = evaluated(j->slot->c) - j->evaluated;
        j->first = now_seconds(), j->n_cached = n < (uint64_t)j->n_prompt ? j->n_prompt - (int)n : 0;
    }
    if (j->nothing) return false;
    if (t >= 0 && j->n_top >= 0) job_chances(j, t);
    if (j->chat) {
        if (t >= 0 && llocal_split_token(&j->split, t)) return false;
        j->n_thoughts += t >= 0 && j->thinking;
    } else if (s.len) job_text(j, s, false);
    return !j->stopped;
}

static bool mark_token(void *user, llocal_token t, llocal_str s) { (void)user, (void)t, (void)s; return false; }

/* ---- timelines on disk ---------------------------------------------------------------------------- */

/* A file: "LLSNAP1\n", the model's and the file's hash, how many tokens and bytes, tokens, state. Written beside and
 * then renamed, so it is whole or not there; what does not check is removed. */
typedef struct snapshot_head { char magic[8]; uint64_t model, check, n, bytes; } snapshot_head;

static uint64_t hash_more(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = (const unsigned char *)data;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}
/* Of a state: eight bytes at a time. */
static uint64_t hash_words(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = (const unsigned char *)data;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        h = (h ^ w) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
    }
    return hash_more(h, p, n);
}
enum { HASH_FIRST = 1469598103 };

static void snapshot_path(const engine *g, const char *name, char *out, size_t size) {
    snprintf(out, size, "%s/%s", g->o.snapshots, name);
}

static void snapshot_drop(engine *g, int i) {
    char path[4400];
    snapshot_path(g, g->snapshots[i].name, path, sizeof path);
    unlink(path);
    free(g->snapshots[i].tokens);
    g->snapshots[i] = g->snapshots[--g->n_snapshots];
}

static void snapshot_note(engine *g, const char *name, const snapshot_head *h, llocal_token *tokens, int64_t used) {
    snapshot *s;
    g->snapshots = (snapshot *)resize(g->snapshots, sizeof *s * (size_t)(g->n_snapshots + 1));
    s = &g->snapshots[g->n_snapshots++];
    memset(s, 0, sizeof *s);
    snprintf(s->name, sizeof s->name, "%s", name);
    s->model = h->model, s->bytes = sizeof *h + h->n * sizeof *tokens + h->bytes, s->tokens = tokens, s->n = (int)h->n;
    s->used = used;
}

/* Reads the beginning of a file; NULL: it is damaged. */
static llocal_token *snapshot_tokens(FILE *f, snapshot_head *h) {
    llocal_token *tokens = NULL;
    if (fread(h, sizeof *h, 1, f) != 1 || memcmp(h->magic, "LLSNAP1\n", 8) || h->n < 1 || h->n > 1 << 27) return NULL;
    tokens = (llocal_token *)resize(NULL, (size_t)h->n * sizeof *tokens);
    if (fread(tokens, sizeof *tokens, (size_t)h->n, f) == h->n) return tokens;
    free(tokens);
    return NULL;
}

static void snapshots_find(engine *g) {
    DIR *d = opendir(g->o.snapshots);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        char path[4400];
        size_t n = strlen(e->d_name);
        snapshot_head h;
        struct stat st;
        FILE *f;
        llocal_token *tokens;
        if (n < 6 || n > 60) continue;
        snapshot_path(g, e->d_name, path, sizeof path);
        if (!strcmp(e->d_name + n - 5, ".part")) unlink(path);
        if (strcmp(e->d_name + n - 5, ".snap") || stat(path, &st) || !(f = fopen(path, "rb"))) continue;
        tokens = snapshot_tokens(f, &h);
        fclose(f);
        if (tokens && (uint64_t)st.st_size == sizeof h + h.n * sizeof *tokens + h.bytes)
            snapshot_note(g, e->d_name, &h, tokens, (int64_t)st.st_mtime);
        else {
            fprintf(stderr, "serve: warning: %s is damaged and removed\n", e->d_name);
            free(tokens), unlink(path);
        }
    }
    if (d) closedir(d);
}

/* Oldest first, until `more` bytes have room. */
static bool snapshots_shrink(engine *g, uint64_t more) {
    for (;;) {
        uint64_t all = more;
        int oldest = -1;
        for (int i = 0; i < g->n_snapshots; i++) {
            all += g->snapshots[i].bytes;
            if (oldest < 0 || g->snapshots[i].used < g->snapshots[oldest].used) oldest = i;
        }
        if (all <= g->o.snapshot_bytes) return true;
        if (oldest < 0) return false;
        snapshot_drop(g, oldest);
    }
}

static bool snapshot_write(const char *path, const snapshot_head *h, const llocal_token *tokens, const void *state) {
    char part[4500];
    FILE *f;
    bool ok;
    snprintf(part, sizeof part, "%s.part", path);
    if (!(f = fopen(part, "wb"))) return false;
    ok = fwrite(h, sizeof *h, 1, f) == 1 && fwrite(tokens, sizeof *tokens, (size_t)h->n, f) == h->n &&
         fwrite(state, 1, (size_t)h->bytes, f) == h->bytes && !fflush(f) && !fsync(fileno(f));
    if (fclose(f)) ok = false;
    ok = ok && !rename(part, path);
    if (!ok) unlink(part);
    return ok;
}

/* Can a timeline of n tokens go back to any place? */
static bool goes_back(const model *m, int n) { return !m->remembers_state && (!m->n_window || n < m->n_window); }

/* What a timeline remembers goes to a file, once. */
static void timeline_keep(engine *g, model *m, const llocal_context *c, bool *dirty) {
    const llocal_token *tokens = llocal_tokens(c);
    snapshot_head h;
    char name[64], path[4400];
    void *state;
    bool known = false;
    if (!g->o.snapshots || !*dirty || llocal_position(c) < KEEP_LEAST || llocal_pending(c)) return;
    *dirty = false;
    pthread_mutex_lock(&g->files);
    memset(&h, 0, sizeof h);
    memcpy(h.magic, "LLSNAP1\n", 8), h.model = m->id, h.n = (uint64_t)llocal_position(c);
    h.bytes = llocal_save_bytes(c);
    /* a file that has only the beginning of this is of no more use, unless the model cannot go back */
    for (int i = 0; i < g->n_snapshots; i++) {
        snapshot *old = &g->snapshots[i];
        if (old->model != m->id || (uint64_t)old->n > h.n ||
            memcmp(old->tokens, tokens, sizeof *tokens * (size_t)old->n))
            continue;
        if ((uint64_t)old->n == h.n) known = true;
        else if (goes_back(m, (int)h.n)) snapshot_drop(g, i--);
    }
    state = known || !snapshots_shrink(g, sizeof h + h.n * sizeof *tokens + h.bytes) ? NULL : malloc((size_t)h.bytes);
    h.check = hash_words(hash_more(HASH_FIRST, tokens, sizeof *tokens * (size_t)h.n), NULL, 0);
    snprintf(name, sizeof name, "%016llx.snap", (unsigned long long)hash_more(h.check, &m->id, sizeof m->id));
    snapshot_path(g, name, path, sizeof path);
    if (state && !llocal_save(c, state, (size_t)h.bytes)) {
        h.check = hash_words(h.check, state, (size_t)h.bytes);
        if (snapshot_write(path, &h, tokens, state)) {
            llocal_token *copy = (llocal_token *)resize(NULL, sizeof *copy * (size_t)h.n);
            memcpy(copy, tokens, sizeof *copy * (size_t)h.n);
            snapshot_note(g, name, &h, copy, (int64_t)time(NULL));
        } else fprintf(stderr, "serve: warning: cannot write %s: %s\n", path, strerror(errno));
    }
    pthread_mutex_unlock(&g->files);
    free(state);
}

/* A file's timeline into a slot; what is damaged, or of another version, is removed. */
static bool slot_restore(engine *g, slot *s, int i) {
    snapshot *w = &g->snapshots[i];
    char path[4400];
    snapshot_head h;
    llocal_token *tokens = NULL;
    void *state = NULL;
    bool ok = false;
    FILE *f;
    snapshot_path(g, w->name, path, sizeof path);
    if ((f = fopen(path, "rb")) != NULL) {
        tokens = snapshot_tokens(f, &h);
        if (tokens && (state = malloc((size_t)h.bytes + 1)) != NULL && fread(state, 1, (size_t)h.bytes, f) == h.bytes)
            ok = hash_words(hash_more(HASH_FIRST, tokens, sizeof *tokens * (size_t)h.n), state, (size_t)h.bytes) ==
                     h.check &&
                 !llocal_restore(s->c, state, (size_t)h.bytes);
        fclose(f);
    }
    if (ok) w->used = (int64_t)time(NULL), s->dirty = false;
    else
        fprintf(stderr, "serve: warning: %s is damaged, or of another version, and removed\n", w->name),
            snapshot_drop(g, i);
    free(tokens), free(state);
    return ok;
}

/* ---- what prompts begin with ---------------------------------------------------------------------- */

static void shelf_drop(engine *g, model *m, int i) {
    llocal_context_close(m->shelves[i].c);
    pthread_mutex_lock(&g->lock);
    m->bytes -= m->shelves[i].bytes;
    pthread_mutex_unlock(&g->lock);
    m->shelves[i] = m->shelves[--m->n_shelves];
}

/* Room for one of so many bytes: what was used longest ago goes. False: there is none. */
static bool shelf_room(engine *g, model *m, uint64_t bytes) {
    for (;;) {
        uint64_t here = bytes, all = bytes;
        int oldest = -1;
        bool fits;
        for (int i = 0; i < m->n_shelves; i++) {
            here += m->shelves[i].bytes;
            if (oldest < 0 || m->shelves[i].used < m->shelves[oldest].used) oldest = i;
        }
        pthread_mutex_lock(&g->lock);
        for (int i = 0; i < g->n_models; i++) all += g->models[i].bytes;
        fits = here <= g->o.shelf_bytes && (!g->o.max_memory || all <= g->o.max_memory) && m->n_shelves < MAX_SHELF;
        if (fits) m->bytes += bytes;
        pthread_mutex_unlock(&g->lock);
        if (fits) return true;
        if (oldest < 0) return false;
        timeline_keep(g, m, m->shelves[oldest].c, &m->shelves[oldest].dirty);
        shelf_drop(g, m, oldest);
    }
}

/* Keeps the timeline as it is now. */
static void shelf_put(engine *g, model *m, const slot *s) {
    const int n = llocal_position(s->c);
    const llocal_context_desc of = llocal_context_get_desc(s->c);
    llocal_context_desc d;
    llocal_plan plan;
    shelf *w;
    for (int i = 0; i < m->n_shelves; i++)
        if (llocal_position(m->shelves[i].c) == n &&
            !memcmp(llocal_tokens(m->shelves[i].c), llocal_tokens(s->c), sizeof(llocal_token) * (size_t)n)) {
            m->shelves[i].used = g->steps;
            return;
        }
    memset(&d, 0, sizeof d);
    d.n_ctx = n, d.n_batch = 1, d.n_snapshots = 1, d.k = of.k, d.v = of.v, d.logger.write = log_plain;
    if (llocal_context_plan(m->m, &d, &plan) || !shelf_room(g, m, plan.bytes)) return;
    w = &m->shelves[m->n_shelves++];
    w->c = NULL, w->bytes = plan.bytes, w->used = g->steps, w->dirty = s->dirty;
    if (llocal_context_open(m->m, &d, &w->c) || llocal_fork(s->c, w->c)) shelf_drop(g, m, m->n_shelves - 1);
}

/* ---- placing a reply ------------------------------------------------------------------------------- */

static int common(const llocal_token *a, int n, const llocal_token *b, int n_b) {
    int i = 0;
    while (i < n && i < n_b && a[i] == b[i]) i++;
    return i;
}

/* How much of a timeline is of use for a prompt; where the model cannot go back only all of it. */
static int useful(const model *m, const llocal_token *have, int n, const job *j) {
    int same = common(have, n, j->prompt, j->n_prompt);
    return same < n && !goes_back(m, n) ? 0 : same;
}

/* A free slot for the job, the one that knows most of its prompt; of equal ones the one that was used longest ago. */
static slot *slot_find(model *m, const job *j, int *best) {
    slot *found = NULL;
    *best = -1;
    for (int i = 0; i < m->n_slots; i++) {
        slot *s = &m->slots[i];
        int same;
        if (s->j || (j->want_slot >= 0 && j->want_slot != i)) continue;
        same = j->cache ? useful(m, llocal_tokens(s->c), llocal_position(s->c), j) : 0;
        if (!found || same > *best || (same == *best && s->used < found->used)) found = s, *best = same;
    }
    return found;
}

/* Other slots, busy ones too, the shelf, and files may know more of the prompt than this one does. */
static void slot_prepare(engine *g, model *m, slot *s, const job *j, int have) {
    llocal_context *from = NULL;
    int file = -1, most = have + KEEP_LEAST;
    for (int i = 0; i < m->n_slots; i++) {
        slot *o = &m->slots[i];         /* (a decision on it could not go on when it had been cancelled) */
        int same = o == s || (o->j && o->j->kind == JOB_DECIDE) ? 0 : useful(m, llocal_tokens(o->c), llocal_position(o->c), j);
        if (same > most) most = same, from = o->c;
    }
    for (int i = 0; i < m->n_shelves; i++) {
        shelf *w = &m->shelves[i];
        int same = useful(m, llocal_tokens(w->c), llocal_position(w->c), j);
        if (same >= have) w->used = g->steps;
        if (same > most) most = same, from = w->c;
    }
    if (have < llocal_position(s->c)) timeline_keep(g, m, s->c, &s->dirty);
    pthread_mutex_lock(&g->files);
    for (int i = 0; i < g->n_snapshots; i++) {
        int same = g->snapshots[i].model != m->id ? 0 : useful(m, g->snapshots[i].tokens, g->snapshots[i].n, j);
        if (same > most) most = same, file = i;
    }
    if (file >= 0 && !slot_restore(g, s, file)) file = -1;
    pthread_mutex_unlock(&g->files);
    if (file >= 0 && !goes_back(m, llocal_position(s->c))) shelf_put(g, m, s);
    if (file < 0 && from) {
        llocal_cancel(from);                    /* work on a token under way; its reply begins it again */
        llocal_fork(from, s->c);
    }
}

static void job_fail(engine *g, job *j, llocal_result r, const char *words) {
    job_end(g, j, r == LLOCAL_ERR_CANCELLED ? STOP_CANCELLED : STOP_FAILED, r, words);
}

/* Begins the reply, or the reading of what its prompt has in common with others, up to the next mark. */
static void slot_begin(engine *g, slot *s) {
    job *j = s->j;
    llocal_reply *r = &s->reply;
    llocal_result e;
    int from = useful(j->m, llocal_tokens(s->c), llocal_position(s->c), j) + KEEP_LEAST, to = j->n_prompt;
    memset(r, 0, sizeof *r);
    for (int i = j->n_marks - 1; i >= 0; i--)
        if (j->marks[i] >= from && j->marks[i] < j->n_prompt - 1) to = j->marks[i];
    s->marking = to < j->n_prompt;
    r->context = s->c, r->prompt = j->prompt, r->n_prompt = to;
    r->on_text = s->marking ? mark_token : job_token, r->user = j;
    if (!s->marking) {
        r->sampler = j->sampler, r->max_tokens = j->max_tokens, r->rule = j->rule;
    }
    e = llocal_reply_begin(r);
    if (e)
        job_fail(g, j, e,
                 e == LLOCAL_ERR_FULL ? "the rule needs more tokens than there may come" : llocal_result_name(e));
}

static void job_place(engine *g, job *j, slot *s, int have) {
    model *m = j->m;
    if (j->cache) slot_prepare(g, m, s, j, have);
    else llocal_rewind(s->c, 0), j->n_marks = 0;
    s->j = j, s->used = ++g->steps, s->dirty = true, j->slot = s, j->begun = now_seconds();
    j->evaluated = evaluated(s->c);
    if (j->chat) {
        j->held = (char *)resize(NULL, 65536);
        j->split.chat = m->chat, j->split.held = j->held, j->split.held_size = 65536;
        j->split.on_event = job_part, j->split.user = j, j->split.prompt = &j->split_prompt;
    }
    slot_begin(g, s);
}

/* What was taken since it was asked last, in equal parts to those that run. */
static void share_joules(engine *g, model *const *active, int n) {
    int jobs = 0;
    double sum = g->meter.sum, taken = meter_joules(&g->meter) - sum;
    for (int give = 0; give < 2; give++)
        for (int i = 0; i < n; i++)
            for (int k = 0; k < active[i]->n_slots; k++) {
                job *j = active[i]->slots[k].j;
                if (j && give) j->joules += taken / jobs;
                else jobs += j != NULL;
            }
    pthread_mutex_lock(&g->lock);
    g->count.joules += jobs ? taken : 0;
    pthread_mutex_unlock(&g->lock);
}

static void slot_finish(engine *g, slot *s) {
    job *j = s->j;
    const llocal_reply_state *st = &s->reply.state;
    llocal_str none = { "", 0 };
    job_stop stop = st->stop == LLOCAL_STOP_END ? STOP_END : st->stop == LLOCAL_STOP_ERROR ? STOP_FAILED
                  : st->stop == LLOCAL_STOP_CALLBACK ? STOP_CANCELLED : STOP_LENGTH;
    if (s->marking && st->stop == LLOCAL_STOP_CALLBACK && !job_cancelled(j)) {
        shelf_put(g, j->m, s);
        slot_begin(g, s);
        return;
    }
    if (j->chat && !j->stopped) llocal_split_end(&j->split);
    if (!j->stopped) job_text(j, none, true);
    if (j->stopped) stop = STOP_TEXT;
    if (j->nothing && stop == STOP_CANCELLED && !job_cancelled(j)) stop = STOP_LENGTH;
    share_joules(g, &j->m, 1);
    j->n_generated = j->nothing ? 0 : st->n_tokens + (stop == STOP_TEXT || stop == STOP_END);
    job_end(g, j, stop, st->result, st->stop == LLOCAL_STOP_ERROR ? llocal_result_name(st->result) : NULL);
}

/* ---- vectors ----------------------------------------------------------------------------------------- */

static void vectors_end(engine *g, job *j, llocal_result r) {
    for (int i = 0; i < MAX_VECTORS; i++)
        if (j->m->vectors[j->rank][i].j == j)
            llocal_cancel(j->m->vectors[j->rank][i].c), j->m->vectors[j->rank][i].j = NULL;
    if (r) job_fail(g, j, r, llocal_result_name(r));
    else job_end(g, j, STOP_END, LLOCAL_OK, NULL);
}

/* One step for texts of both kinds of contexts; true: there is more. */
static bool vectors_step(engine *g, model *m, int rank) {
    llocal_context *list[MAX_VECTORS];
    int n = 0;
    bool done = true;
    llocal_result r;
    for (int i = 0; i < m->n_vectors[rank]; i++) if (m->vectors[rank][i].j) list[n++] = m->vectors[rank][i].c;
    if (!n) return false;
    r = llocal_step(list, n, STEP_US, &done);
    for (int i = 0; i < m->n_vectors[rank]; i++) {
        vector_context *v = &m->vectors[rank][i];
        job *j = v->j;
        if (!j) continue;
        if (job_cancelled(j) || r) vectors_end(g, j, r ? r : LLOCAL_ERR_CANCELLED);
        else if (!llocal_pending(v->c)) {
            memcpy(j->vectors + (size_t)v->text * (size_t)j->size, llocal_embedding(v->c),
                   sizeof(float) * (size_t)j->size);
            v->j = NULL;
            if (++j->n_done == j->n_texts) vectors_end(g, j, LLOCAL_OK);
        }
    }
    return true;
}

/* ---- the thread ---------------------------------------------------------------------------------------- */

static int running_of(const model *m, uint64_t client) {
    int n = 0;
    for (int i = 0; i < m->n_slots; i++) n += m->slots[i].j && m->slots[i].j->client == client;
    return n;
}

static vector_context *vectors_free(model *m, const job *j) {
    for (int i = 0; i < m->n_vectors[j->rank]; i++) if (!m->vectors[j->rank][i].j) return &m->vectors[j->rank][i];
    return NULL;
}

static bool can_begin(const job *j) {
    int best;
    if (job_cancelled(j)) return true;
    return j->kind == JOB_VECTORS ? vectors_free(j->m, j) != NULL : slot_find(j->m, j, &best) != NULL;
}

/* Of those that can begin, one of the client who has the least running. (With the lock.) */
static job *queue_take(engine *g) {
    job **best = NULL, *j;
    int least = 0;
    for (job **p = &g->first; *p; p = &(*p)->next) {
        int n;
        if (!can_begin(*p)) continue;
        n = running_of((*p)->m, (*p)->client);
        if (!best || n < least) best = p, least = n;
    }
    if (!best) return NULL;
    j = *best;
    if (j->kind == JOB_VECTORS && !job_cancelled(j) && j->n_given + 1 < j->n_texts)
        return j; /* it has more texts: it stays */
    *best = j->next;
    if (g->last == j) for (g->last = g->first; g->last && g->last->next; g->last = g->last->next) { }
    g->n_queued--;
    return j;
}

static void job_decide(engine *g, job *j, slot *s) {
    memset(&s->reply, 0, sizeof s->reply);
    s->j = j, s->used = ++g->steps, s->dirty = true, j->slot = s, j->begun = now_seconds();
    j->evaluated = evaluated(s->c);
    j->decision->contexts = (llocal_context *const *)&s->c, j->decision->n_contexts = 1;
}

/* One step for each decision, as long as one of the replies beside it; true: there is more. */
static bool decisions_step(engine *g, model *m) {
    bool any = false;
    for (int i = 0; i < m->n_slots; i++) {
        slot *s = &m->slots[i];
        job *j = s->j;
        bool done = false;
        llocal_result r;
        if (!j || j->kind != JOB_DECIDE) continue;
        any = true, r = llocal_decide(j->decision, STEP_US, &done);
        if (!done) continue;
        j->decision->contexts = NULL, j->n_prompt = (int)(evaluated(s->c) - j->evaluated);
        share_joules(g, &m, 1);
        if (r) job_fail(g, j, r, llocal_result_name(r));
        else job_end(g, j, STOP_END, LLOCAL_OK, NULL);
    }
    return any;
}

static void job_begin(engine *g, job *j) {
    int have = 0;
    slot *s = j->kind == JOB_VECTORS ? NULL : slot_find(j->m, j, &have);
    if (job_cancelled(j)) {
        if (j->kind == JOB_VECTORS) vectors_end(g, j, LLOCAL_ERR_CANCELLED);
        else job_fail(g, j, LLOCAL_ERR_CANCELLED, NULL);
    } else if (j->kind == JOB_REPLY) job_place(g, j, s, have);
    else if (j->kind == JOB_DECIDE) job_decide(g, j, s);
    else if (j->kind == JOB_CONTROL) {
        llocal_result r = j->control(j, s, j->control_user);
        if (r) job_fail(g, j, r, *j->words ? NULL : llocal_result_name(r));
        else job_end(g, j, STOP_END, LLOCAL_OK, NULL);
    } else {
        vector_context *v = vectors_free(j->m, j);
        llocal_result r;
        v->j = j, v->text = j->n_given++;
        if (j->begun == 0) j->begun = now_seconds();
        r = llocal_rewind(v->c, 0);
        if (!r) r = llocal_begin(v->c, j->texts[v->text], j->lengths[v->text], 1);
        if (r) {
            /* it may stand in the queue still */
            pthread_mutex_lock(&g->lock);
            for (job **p = &g->first; *p; p = &(*p)->next) if (*p == j) { *p = j->next, g->n_queued--; break; }
            for (g->last = g->first; g->last && g->last->next; g->last = g->last->next) { }
            pthread_mutex_unlock(&g->lock);
            vectors_end(g, j, r);
        }
    }
}

/* Replies that write come first, so that a long prompt fills what is left of a pass and delays them by one. */
static bool model_step(engine *g, model *m) {
    llocal_reply *list[MAX_SLOTS];
    int n = 0;
    bool done = true, any = false;
    for (int prefill = 0; prefill < 2; prefill++)
        for (int i = 0; i < m->n_slots; i++) {
            slot *s = &m->slots[i];
            if (s->j && s->j->kind == JOB_REPLY && (s->j->first == 0) == (prefill == 1)) list[n++] = &s->reply;
        }
    for (int i = 0; i < m->n_slots; i++) {
        slot *s = &m->slots[i];
        if (s->j && job_cancelled(s->j) && s->reply.state.stop == LLOCAL_STOP_NONE) llocal_cancel(s->c);
    }
    if (n) {
        any = true;
        for (int i = 0; i < n; i++) {           /* without waiting for its next token */
            job *j = list[i]->on_text == mark_token || list[i]->on_text == job_token ? (job *)list[i]->user : NULL;
            if (!j || !job_cancelled(j)) continue;
            job_fail(g, j, LLOCAL_ERR_CANCELLED, NULL);
            memmove(&list[i], &list[i + 1], sizeof *list * (size_t)(n - i - 1)), n--, i--;
        }
        if (n) llocal_reply_step(list, n, STEP_US, &done);
        for (int i = 0; i < m->n_slots; i++)
            if (m->slots[i].j && m->slots[i].reply.state.stop != LLOCAL_STOP_NONE) slot_finish(g, &m->slots[i]);
    }
    any = decisions_step(g, m) || any;
    for (int rank = 0; rank < 2; rank++) any = vectors_step(g, m, rank) || any;
    return any;
}

static void model_close(engine *g, model *m) {
    for (int i = 0; i < m->n_slots; i++)
        timeline_keep(g, m, m->slots[i].c, &m->slots[i].dirty), llocal_context_close(m->slots[i].c);
    for (int i = 0; i < m->n_shelves; i++)
        timeline_keep(g, m, m->shelves[i].c, &m->shelves[i].dirty), llocal_context_close(m->shelves[i].c);
    m->n_shelves = 0;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < m->n_vectors[k]; i++) llocal_context_close(m->vectors[k][i].c);
    llocal_chat_close(m->chat), llocal_model_close(m->m);
    memset(m->slots, 0, sizeof m->slots), memset(m->vectors, 0, sizeof m->vectors);
    m->n_slots = 0, m->n_vectors[0] = m->n_vectors[1] = 0, m->chat = NULL, m->m = NULL, m->bytes = 0;
    if (g->o.verbose) fprintf(stderr, "serve: %s closed\n", m->name);
}

/* With nothing to do: timelines go to disk, one at a time, and models that nobody asks for are closed. */
static void engine_idle(engine *g) {
    const double now = now_seconds();
    if (pthread_mutex_trylock(&g->opening)) return;
    for (int i = 0; i < g->n_models; i++) {
        model *m = &g->models[i];
        bool idle;
        if (!m->m) continue;
        for (int k = 0; k < m->n_slots; k++) if (!m->slots[k].j) timeline_keep(g, m, m->slots[k].c, &m->slots[k].dirty);
        for (int k = 0; k < m->n_shelves; k++) timeline_keep(g, m, m->shelves[k].c, &m->shelves[k].dirty);
        pthread_mutex_lock(&g->lock);
        idle = m->users == 0 && g->o.idle_seconds > 0 && now - m->last_used > g->o.idle_seconds;
        pthread_mutex_unlock(&g->lock);
        if (idle) model_close(g, m);
    }
    pthread_mutex_unlock(&g->opening);
}

static void *engine_run(void *user) {
    engine *g = (engine *)user;
    double idle_since = now_seconds(), kept = 0;
    for (;;) {
        model *active[MAX_MODELS];
        int n_active = 0;
        bool any = false, queued;
        double start;
        job *j;
        pthread_mutex_lock(&g->lock);
        while ((j = queue_take(g)) != NULL) {
            pthread_mutex_unlock(&g->lock);
            job_begin(g, j);
            pthread_mutex_lock(&g->lock);
        }
        queued = g->first != NULL;
        for (int i = 0; i < g->n_models; i++) if (g->models[i].n_active) active[n_active++] = &g->models[i];
        pthread_mutex_unlock(&g->lock);
        start = now_seconds();
        share_joules(g, active, n_active);
        for (int i = 0; i < n_active; i++) any = model_step(g, active[i]) || any;
        pthread_mutex_lock(&g->lock);
        if (any) g->count.s_busy += now_seconds() - start, idle_since = now_seconds();
        else if (g->closing && !queued) { pthread_mutex_unlock(&g->lock); break; }
        else {
            struct timespec until = time_after(250);
            if (!g->first && !g->closing) pthread_cond_timedwait(&g->work, &g->lock, &until);
        }
        pthread_mutex_unlock(&g->lock);
        if (!any && now_seconds() - idle_since > 0.5 && now_seconds() - kept > 0.5)
            engine_idle(g), kept = now_seconds();
    }
    return NULL;
}

/* ---- the face of the engine: any thread ------------------------------------------------------------------ */

static bool engine_open(engine *g) {
    llocal_pool_desc d;
    pthread_condattr_t steady;
    memset(&d, 0, sizeof d);
    d.n_threads = g->o.n_threads, d.logger.write = log_plain;
    meter_open(&g->meter);
    pthread_mutex_init(&g->lock, NULL), pthread_mutex_init(&g->opening, NULL), pthread_mutex_init(&g->files, NULL);
    pthread_condattr_init(&steady), pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&g->work, &steady), pthread_condattr_destroy(&steady);
    if (g->o.snapshots) {
        if (mkdir(g->o.snapshots, 0700) && errno != EEXIST) {
            fprintf(stderr, "serve: error: cannot make %s: %s\n", g->o.snapshots, strerror(errno));
            return false;
        }
        snapshots_find(g);
    }
    if (llocal_pool_open(&d, &g->pool)) return false;
    g->workers = llocal_pool_workers(g->pool);
    return !pthread_create(&g->thread, NULL, engine_run, g);
}

/* What runs goes on to its end; models stay open for who still reads what came. */
static void engine_finish(engine *g) {
    pthread_mutex_lock(&g->lock);
    g->closing = true;
    pthread_cond_signal(&g->work);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
}

static void engine_close(engine *g) {
    for (int i = 0; i < g->n_models; i++) if (g->models[i].m) model_close(g, &g->models[i]);
    llocal_pool_close(g->pool);
    for (int i = 0; i < g->n_snapshots; i++) free(g->snapshots[i].tokens);
    free(g->snapshots);
}

/* False: the queue is full, or the server is closing. */
static bool engine_submit(engine *g, job *j) {
    bool ok;
    pthread_mutex_lock(&g->lock);
    ok = !g->closing && (g->n_queued < g->o.max_queue || j->kind == JOB_CONTROL);
    if (ok) {
        j->next = NULL, j->queued = now_seconds();
        if (g->last) g->last->next = j;
        else g->first = j;
        g->last = j, g->n_queued++, g->n_running++, j->m->n_active++;
        pthread_mutex_lock(&j->box->lock);
        j->box->n_running++;
        pthread_mutex_unlock(&j->box->lock);
        pthread_cond_signal(&g->work);
    } else g->count.n_refused++;
    pthread_mutex_unlock(&g->lock);
    return ok;
}

static model *engine_find(engine *g, const char *name) {
    for (int i = 0; i < g->n_models; i++) if (!strcmp(g->models[i].name, name)) return &g->models[i];
    return NULL;
}

static void engine_release(engine *g, model *m) {
    pthread_mutex_lock(&g->lock);
    if (m) m->users--, m->last_used = now_seconds();
    pthread_mutex_unlock(&g->lock);
}

/* What a model's slots take, before they do. */
static llocal_result slot_desc(const engine *g, const model *m, llocal_context_desc *d) {
    memset(d, 0, sizeof *d);
    d->n_ctx = g->o.n_ctx, d->n_batch = g->o.n_batch, d->k = g->o.k, d->v = g->o.v, d->n_snapshots = 4;
    d->workers = g->workers, d->logger.write = log_plain;
    if (d->n_ctx > llocal_model_hparams(m->m)->n_ctx_train) d->n_ctx = llocal_model_hparams(m->m)->n_ctx_train;
    return LLOCAL_OK;
}

/* Closes models that nobody holds, those unused for longest first, until `bytes` have room. (With `opening`, and only
 * when the thread cannot be stepping them: nobody holds them, so nothing of theirs runs.) */
static bool engine_room(engine *g, uint64_t bytes, const model *but) {
    for (;;) {
        uint64_t all = bytes;
        model *oldest = NULL;
        if (!g->o.max_memory) return true;
        pthread_mutex_lock(&g->lock);
        for (int i = 0; i < g->n_models; i++) {
            model *m = &g->models[i];
            all += m->bytes;
            if (m->m && m != but && m->users == 0 && (!oldest || m->last_used < oldest->last_used)) oldest = m;
        }
        pthread_mutex_unlock(&g->lock);
        if (all <= g->o.max_memory) return true;
        if (!oldest) return false;
        model_close(g, oldest);
    }
}

/* What a file says of its model, without opening that. */
static void model_describe(model *m) {
    llocal_source src;
    llocal_gguf *f = NULL;
    uint64_t weights[256], most = 0;
    int at;
    memset(&src, 0, sizeof src), memset(weights, 0, sizeof weights);
    src.path = m->path;
    if (llocal_gguf_open(&src, &f)) return;     /* opening it will say why */
    at = llocal_gguf_meta_find(f, "general.architecture");
    if (at >= 0) {
        llocal_meta arch = llocal_gguf_meta(f, at);
        if (arch.type == LLOCAL_META_STRING)
            snprintf(m->arch, sizeof m->arch, "%.*s", (int)(arch.as.s.len < 40 ? arch.as.s.len : 40), arch.as.s.ptr);
    }
    for (int i = 0; i < llocal_gguf_tensor_count(f); i++) {
        const llocal_tensor t = llocal_gguf_tensor(f, i);
        const uint64_t n = (uint64_t)(t.dim[0] * t.dim[1] * t.dim[2] * t.dim[3]);
        const char *name = llocal_format_traits(t.format).name;
        m->n_params += n;
        if ((unsigned)t.format < 256 && name && (weights[t.format] += n) > most)
            most = weights[t.format], snprintf(m->format, sizeof m->format, "%s", name);
    }
    llocal_gguf_close(f);
}

static llocal_result model_open(engine *g, model *m, char *words, size_t size) {
    llocal_source src;
    llocal_plan plan, weights;
    llocal_context_desc d;
    llocal_fault fault;
    llocal_result r;
    struct stat st;
    int want = g->o.n_slots;
    memset(&src, 0, sizeof src), memset(&fault, 0, sizeof fault),
        memset(&plan, 0, sizeof plan);
    src.path = m->path, src.logger.write = log_plain, src.logger.error = words, src.logger.error_size = size;
    r = llocal_model_plan(&src, &weights);
    if (!r) r = llocal_model_open(&src, &m->m);
    if (r) return r;
    m->file_bytes = stat(m->path, &st) ? 0 : (uint64_t)st.st_size, m->made = (int64_t)st.st_mtime;
    slot_desc(g, m, &d);
    m->remembers_state = false, m->n_window = m->n_ctx = 0;
    m->bytes = weights.bytes + weights.weights_in_place;
    if (!llocal_model_hparams(m->m)->embeds) {
        r = llocal_context_plan(m->m, &d, &plan);
        m->remembers_state = llocal_model_hparams(m->m)->recurrent;
        m->n_window = llocal_model_hparams(m->m)->n_window;
        if (m->n_window >= d.n_ctx) m->n_window = 0;
        if (!r && !engine_room(g, m->bytes + plan.bytes * (uint64_t)want, m)) r = LLOCAL_ERR_MEMORY;
        if (r == LLOCAL_ERR_MEMORY)
            snprintf(words, size, "the model and %d slots need %.1f MiB, more than --memory allows", want,
                     (double)(m->bytes + plan.bytes * (uint64_t)want) / 1048576);
        for (m->n_slots = 0; !r && m->n_slots < want; m->n_slots += !r) {
            m->slots[m->n_slots].id = m->n_slots;
            r = llocal_context_open(m->m, &d, &m->slots[m->n_slots].c);
            m->bytes += r ? 0 : plan.bytes;
        }
        if (!r) m->n_ctx = llocal_context_get_desc(m->slots[0].c).n_ctx;
    }
    if (!r && !llocal_model_hparams(m->m)->embeds && llocal_chat_open(m->m, g->o.chat_template, &fault, &m->chat))
        m->chat = NULL;                 /* asked for when a chat is */
    m->id = hash_more(hash_more(HASH_FIRST, &m->file_bytes, sizeof m->file_bytes), m->name, strlen(m->name));
    m->id = hash_more(hash_more(m->id, &d.k, sizeof d.k), &d.v, sizeof d.v);
    m->last_used = now_seconds();
    if (r) model_close(g, m);
    return r;
}

/* The model of that name, open and held until engine_release; NULL: words say why. The thread looks at models only
 * through their slots, which are there when a job is. */
static model *engine_hold(engine *g, const char *name, llocal_result *r, char *words, size_t size) {
    model *m = engine_find(g, name);
    *r = LLOCAL_OK;
    if (!m) return NULL;
    pthread_mutex_lock(&g->opening);
    if (!m->m) *r = model_open(g, m, words, size);
    if (!*r) {
        pthread_mutex_lock(&g->lock);
        m->users++, m->last_used = now_seconds();
        pthread_mutex_unlock(&g->lock);
    }
    pthread_mutex_unlock(&g->opening);
    return *r ? NULL : m;
}

/* Contexts for vectors are opened when the first text comes, four, or as many as there is memory for. (A model that is
 * held.) */
static llocal_result engine_vectors(engine *g, model *m, int rank, int *size, int *n_ctx) {
    llocal_context_desc d;
    llocal_plan plan;
    llocal_result r = LLOCAL_OK;
    pthread_mutex_lock(&g->opening);
    memset(&d, 0, sizeof d);
    d.embed = true, d.workers = g->workers, d.pooling = rank ? LLOCAL_POOL_RANK : LLOCAL_POOL_DEFAULT;
    d.logger.write = log_plain;
    if (m->n_vectors[rank] < 4) r = llocal_context_plan(m->m, &d, &plan);
    while (!r && m->n_vectors[rank] < 4) {
        llocal_context *c = NULL;
        if (!engine_room(g, plan.bytes, m)) {
            if (m->n_vectors[rank] > 0) break;
            r = LLOCAL_ERR_MEMORY;
        } else r = llocal_context_open(m->m, &d, &c);
        if (!r) {
            pthread_mutex_lock(&g->lock);
            m->vectors[rank][m->n_vectors[rank]++].c = c, m->bytes += plan.bytes;
            pthread_mutex_unlock(&g->lock);
        }
    }
    if (!r)
        *size = llocal_embedding_size(m->vectors[rank][0].c),
        *n_ctx = llocal_context_get_desc(m->vectors[rank][0].c).n_batch;
    if (!r && !llocal_model_hparams(m->m)->both_ways) *n_ctx = llocal_context_get_desc(m->vectors[rank][0].c).n_ctx;
    pthread_mutex_unlock(&g->opening);
    return r;
}

#endif
