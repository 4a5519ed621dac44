/* Sequences of public calls, valid and invalid, on several contexts of several shapes and models, also
 * from inside callbacks; replies with stop strings, forks and texts among them. Beside each context goes a
 * shadow: what >>api says its timeline must be. After every call each context is compared with its shadow,
 * and each row of logits and hidden, to the bit, with one straight evaluation of the same tokens in a
 * context of its own.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined tests/fuzz_api.c -o build/fuzz_api -lm -lpthread
 * build/fuzz_api -len_control=0 -max_len=400       (short inputs are only openings)
 * Without libFuzzer: cc -DFUZZ_MAIN ... && build/fuzz_api [ROUNDS [SEED]]; round i is the only one of
 * "1 SEED+i". FUZZ_PRINT=1 in the environment prints the calls, as C with results behind. Contexts with a
 * pool or the system's clock do not repeat exactly. */
#define LLOCAL_IMPLEMENTATION
#define LL_TASK_WORK   512              /* let small models have many workers, and small pieces */
#define LL_WORKER_WORK 4096
#include "../llocal.h"
#include "tiny.h"
#if defined(__has_feature)
#  if __has_feature(address_sanitizer)
#    define __SANITIZE_ADDRESS__ 1      /* as gcc has it */
#  endif
#endif
#ifdef __SANITIZE_ADDRESS__
#  include <sanitizer/asan_interface.h>
#else
#  define ASAN_POISON_MEMORY_REGION(p, n)   ((void)0)
#  define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)0)
#endif

enum {
    MAX_CONTEXTS = 6, MAX_TOKENS = 512, MAX_ROWS = 5, MAX_CALLS = 60, MAX_STATES = 3,
    MAX_VOCAB = 160, MAX_EMBD = 256,
    MAX_STEPS = 200000                  /* with the smallest budget until done: more is no progress */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the input, and what is said ------------------------------------------------------------ */

static const uint8_t *input, *input_end;
static int below(int n) { return n > 1 && input < input_end ? *input++ % n : 0; }
static bool one_in(int n) { return below(n) == n - 1; }

static bool roomy;                      /* a sequence of long timelines: past windows, rings, chunks of attention */

/* Mostly small. */
static int size_up_to(int most) {
    int kind = below(8), n = kind < (roomy ? 3 : 5) ? below(9) : kind < 7 && !roomy ? below(40) : below(256) + below(64);
    return LL_MIN(n, most);
}

static bool printing;
static int depth;                       /* of calls from inside callbacks */
static char calls[2][300];              /* the running one of each depth */
static int n_errors[2], n_errors_before[2];      /* errors of each depth of calls; and when the running one began */
enum { ROOM = 32 };
static char room[ROOM + 1];             /* of all contexts for the last error, and a byte behind it */

static void say(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(calls[depth], sizeof calls[depth], fmt, args);
    va_end(args);
    n_errors_before[depth] = n_errors[depth];
    room[0] = 0, room[ROOM] = 7;
    if (printing) printf("%s%s\n", depth ? "        inside: " : "", calls[depth]), fflush(stdout);
}

static void said(llocal_result r) {
    if (printing) printf("%s    // %s\n", depth ? "        " : "", llocal_result_name(r)), fflush(stdout);
}

static void found(int line, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    printf("FOUND, line %d: ", line);
    vprintf(fmt, args);
    printf("\n  in %s\n", calls[0]);
    if (depth) printf("  and, inside of it, %s\n", calls[1]);
    fflush(stdout);
    abort();
}
#define MUST(x, ...) ((x) ? (void)0 : found(__LINE__, __VA_ARGS__))

/* Four texts; a timeline takes token i from one of them, so that timelines share beginnings. */
static llocal_token text_token(int text, int i, int n_vocab) {
    return (llocal_token)((i * 37 + i * i / 8 + text * 11 * (i + 1)) % n_vocab);
}

/* ---- models, and the straight run -------------------------------------------------------------- */

typedef struct model {
    llocal_model *m;
    const char *name;
    bool exact;                         /* every layer remembers every position: any rewind is exact */
    bool text;                          /* it has a vocabulary, see add_text */
    int n_vocab, n_embd, most;          /* most: positions; 0: any number */
} model;

static model models[18];
static const char *const words[] = { "<unk>", "<s>", "</s>", "<|c|>", "a", "b", "ab", "\xe2\x82\xac", "aab", "\xe2\x96\x81" };
enum { CONTROL = 3, N_WORDS = LL_COUNT(words) };

/* A SentencePiece vocabulary: these words, over and over. */
static void add_text(tiny *t, int n_vocab, tiny_bytes *strings, tiny_bytes *types) {
    llocal_meta *list = &t->meta[t->n_meta];
    for (int i = 0; i < t->n_meta; i++)
        if (ll_str_is(t->meta[i].key, "tokenizer.ggml.model")) t->meta[i].as.s = ll_str("llama");
    for (int i = 0; i < n_vocab; i++) {
        const char *word = words[i < N_WORDS ? i : CONTROL + 1 + (i - N_WORDS) % (N_WORDS - CONTROL - 1)];
        uint8_t n[8];
        ll_store_u64(n, strlen(word)), tiny_put(strings, n, 8), tiny_put(strings, word, strlen(word));
        ll_store_u32(n, i == 0 ? 2 : i <= CONTROL ? 3 : 1), tiny_put(types, n, 4);
    }
    memset(list, 0, 2 * sizeof *list);
    list[0].key = ll_str("tokenizer.ggml.tokens"), list[0].elem_type = LLOCAL_META_STRING;
    list[0].as.array = strings->p, list[0].array_bytes = strings->n;
    list[1].key = ll_str("tokenizer.ggml.token_type"), list[1].elem_type = LLOCAL_META_I32;
    list[1].as.array = types->p, list[1].array_bytes = types->n;
    for (int i = 0; i < 2; i++) list[i].type = LLOCAL_META_ARRAY, list[i].count = (uint64_t)n_vocab;
    t->n_meta += 2;
}

/* Rows of the embedding table. */
static int vocabulary(const tiny *t) {
    for (int i = 0; i < t->n_tensors; i++) if (!strcmp(t->tensors[i].name, "token_embd.weight")) return (int)t->tensors[i].dim[1];
    return 0;
}

static bool models_open(void) {
    static const char *const names[] = { "golden/arch/llama.golden", "golden/arch/gemma3.golden",
        "golden/arch/lfm2.golden", "golden/arch/qwen3moe.golden", "golden/arch/gpt2.golden",
        "models/wide-llama.txt", "models/wide-gemma3.txt", "models/wide-lfm2.txt", "models/wide-qwen3moe.txt" };
    for (int i = 0; i < 2 * LL_COUNT(names); i++) {
        model *m = &models[i];
        llocal_source src;
        tiny t;
        char path[100];
        void *image;                    /* stays: weights are used where they lie */
        tiny_bytes strings = { NULL, 0, 0 }, types = { NULL, 0, 0 };
        memset(&src, 0, sizeof src);
        m->name = names[i / 2];
        snprintf(path, sizeof path, "tests/%s", m->name);
        if (!tiny_load(path, &t)) return false;
        m->text = i / 2 % 2 == 0;
        if (m->text) add_text(&t, vocabulary(&t), &strings, &types);
        src.data = image = tiny_image(&t, i % 2 ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_F32, &src.data_size);
        if (!image || llocal_model_open(&src, &m->m)) return false;
        tiny_free(&t), free(strings.p), free(types.p);
        m->exact = !strstr(m->name, "gemma3") && !strstr(m->name, "lfm2");
        m->n_vocab = llocal_model_hparams(m->m)->n_vocab, m->n_embd = llocal_model_hparams(m->m)->n_embd;
        m->most = strstr(m->name, "gpt2") ? llocal_model_hparams(m->m)->n_ctx_train : 0;
        if (m->n_vocab > MAX_VOCAB || m->n_embd > MAX_EMBD) return false;
    }
    return true;
}

typedef struct row { uint64_t key; float logits[MAX_VOCAB], hidden[MAX_EMBD]; } row;
static row rows[1 << 14];

static uint64_t row_key(int m, int k, int v, uint64_t tokens) {
    int what[3];
    what[0] = m, what[1] = k, what[2] = v;
    return ll_hash(tokens, what, sizeof what) | 1;
}
static row *row_of(uint64_t key) { return &rows[key >> 7 & (LL_COUNT(rows) - 1)]; }

/* What the last of these tokens gives: hash[n] is of the first n. */
static const row *straight(int model_at, int k, int v, const llocal_token *tokens, const uint64_t *hash, int n) {
    const model *m = &models[model_at];
    row *last = row_of(row_key(model_at, k, v, hash[n]));
    llocal_context_desc d;
    llocal_context *c;
    if (last->key == row_key(model_at, k, v, hash[n])) return last;
    memset(&d, 0, sizeof d);
    d.n_ctx = d.n_batch = d.n_logits = n, d.k = (llocal_kv)k, d.v = (llocal_kv)v;
    MUST(!llocal_context_open(m->m, &d, &c), "the straight run: no context");
    MUST(!llocal_begin(c, tokens, n, n) && !llocal_step(&c, 1, 0, NULL), "the straight run failed");
    for (int i = 0; i < n; i++) {
        uint64_t key = row_key(model_at, k, v, hash[i + 1]);
        row *r = row_of(key);
        r->key = key;
        memcpy(r->logits, llocal_logits(c, i), (size_t)m->n_vocab * sizeof(float));
        memcpy(r->hidden, llocal_hidden(c, i), (size_t)m->n_embd * sizeof(float));
    }
    llocal_context_close(c);
    return last;
}

/* ---- hooks: memory, messages, clocks, workers --------------------------------------------------- */

typedef struct heap { size_t bytes; int blocks; bool fail; } heap;
enum { GUARD = 64 };

/* Each block lies between guards: bytes that must not change (and, under ASan, nobody may touch). */
static void *heap_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    heap *h = (heap *)user;
    uint8_t *raw, *block = (uint8_t *)ptr;
    if (block) {
        MUST(new_size == 0, "a block was resized");
        ASAN_UNPOISON_MEMORY_REGION(block - GUARD, GUARD), ASAN_UNPOISON_MEMORY_REGION(block + old_size, GUARD);
        for (int i = 0; i < GUARD; i++)
            MUST(block[(int)old_size + i] == 0xA7 && (i < 8 || block[i - GUARD] == 0xA7), "a guard byte was written, or old_size is wrong");
        memcpy(&raw, block - GUARD, sizeof raw);
        h->bytes -= old_size, h->blocks--;
        free(raw);
        return NULL;
    }
    if (h->fail) return NULL;
    raw = (uint8_t *)malloc(new_size + 2 * GUARD + LLOCAL_ALIGN);
    if (!raw) return NULL;
    block = raw + GUARD + (LLOCAL_ALIGN - (uintptr_t)(raw + GUARD) % LLOCAL_ALIGN);
    memset(block - GUARD, 0xA7, GUARD), memset(block + new_size, 0xA7, GUARD), memset(block, 0xA5, new_size);
    memcpy(block - GUARD, &raw, sizeof raw);
    ASAN_POISON_MEMORY_REGION(block - GUARD, GUARD), ASAN_POISON_MEMORY_REGION(block + new_size, GUARD);
    h->bytes += new_size, h->blocks++;
    return block;
}

static int n_messages;
static bool listening = true;
static void on_message(void *user, llocal_log_level level, const char *message) {
    (void)user;
    MUST(level >= LLOCAL_LOG_ERROR && level <= LLOCAL_LOG_INFO && message && *message && strlen(message) < 1000, "a bad message");
    for (const char *p = message; *p; p++) MUST((unsigned char)*p >= 32 && *p != 127, "a message is not one line: %s", message);
    n_messages++, n_errors[depth] += level == LLOCAL_LOG_ERROR;
    if (printing && listening) printf("%s    // log: %s\n", depth ? "        " : "", message);
}

enum { CLOCK_SYSTEM, CLOCK_RUNS, CLOCK_FAST, CLOCK_STEPS_BACK, CLOCK_STILL, N_CLOCKS };
typedef struct ticker { int kind; uint64_t now; } ticker;

static uint64_t tick(void *user) {
    ticker *t = (ticker *)user;
    static const uint64_t add[N_CLOCKS] = { 0, 1, 300, 7, 0 };
    uint64_t now = ll_atomic_add(&t->now, add[t->kind]);
    return t->kind == CLOCK_STEPS_BACK && now % 5 == 0 ? now - 9 : now;
}

/* A host's job system of width n on one thread: backwards, or beginning in the middle. */
static void run_backwards(void *user, int count, void (*task)(void *, int), void *arg) {
    (void)user;
    for (int i = count - 1; i >= 0; i--) task(arg, i);
}
static void run_from_middle(void *user, int count, void (*task)(void *, int), void *arg) {
    static int turn;
    int first = turn++ % count;
    (void)user;
    for (int i = 0; i < count; i++) task(arg, (first + i) % count);
}
static llocal_pool *pools[2];           /* of two and three threads */

/* ---- shadows ------------------------------------------------------------------------------------ */

enum { CALL_NOTHING, CALL_TRUE, CALL_FALSE, CALL_INSIDE, CALL_CANCEL, N_CALLBACKS };

typedef struct shadow {
    llocal_context *c;                  /* NULL: closed */
    int model, k, v, n_ctx, n_logits;
    llocal_token tokens[MAX_TOKENS];    /* evaluated, then queued */
    uint64_t hash[MAX_TOKENS + 1];      /* [i] of the first i tokens */
    int pos, goal;                      /* an evaluation is under way: pos < goal */
    int asked;                          /* rows of logits wanted of it */
    int rows_least, rows_most;          /* that must be there */
    int group;                          /* contexts with the same number may be in one unfinished pass; 0: in none */
    int prompt_end;                     /* a prompt ended here and nothing but single tokens followed; -1: no */
    int ends[4], n_ends;                /* where evaluations ended, to go back to */
    int n_batch, high;                  /* high: the furthest position so far; past n_batch behind it rings forget */
    uint64_t evaluated;                 /* as stats must count it */
    int began;                          /* the tokens under way were queued at this position; -1: not known */
    heap memory;
    ticker clock;
    int callback, call_at, n_calls;     /* what a callback does at its call_at-th call */
    bool stopped;                       /* a callback said false, or cancelled it */
    /* a reply, while nothing but llocal_step, llocal_cancel and forks from here come between its steps */
    bool replying, ended;               /* ended: an end token was chosen */
    llocal_reply r;
    llocal_sampler sampler;             /* with its running values */
    llocal_token prompt[MAX_TOKENS], told[MAX_TOKENS], end;
    int n_told, n_checked, stop_at;
    char text[3 * MAX_TOKENS];          /* of the reply, as it was told */
    int n_text;
} shadow;

static shadow contexts[MAX_CONTEXTS];
static int n_groups;

typedef struct state { uint8_t *data; size_t size; int model, k, v, pos; bool logits; llocal_token tokens[MAX_TOKENS]; } state;
static state states[MAX_STATES];

/* A call that evaluates. Its contexts refuse every change while it runs. */
typedef struct run {
    shadow *list[MAX_CONTEXTS + 2];
    int n;
    bool replies;                       /* of these; who has stopped may be free again, or not */
    struct run *outer;
} run;
static run *running;

static bool in_list(const run *r, const shadow *x) {
    for (int i = 0; i < r->n; i++) if (r->list[i] == x) return true;
    return false;
}

static int at(const shadow *x) { return (int)(x - contexts); }
static bool under_way(const shadow *x) { return x->pos < x->goal; }

static run *run_with(const shadow *x) {
    run *r = running;
    while (r && !in_list(r, x)) r = r->outer;
    return r;
}
static bool out_of_talk(const shadow *x) { return run_with(x) && run_with(x)->replies && x->r.state.stop; }
static bool barred(const shadow *x) { return run_with(x) && !out_of_talk(x); }

static bool same_pass(const shadow *x, const shadow *y) {
    return x->group && x->group == y->group && under_way(x) && under_way(y);
}

/* Not in the list of a run, but perhaps in its pass, so that it may be refused or not. */
static bool unsettled(const shadow *x) {
    if (out_of_talk(x)) return true;
    if (barred(x)) return false;
    for (run *r = running; r; r = r->outer)
        for (int i = 0; i < r->n; i++) if (same_pass(x, r->list[i])) return true;
    return false;
}

/* one: the only context of its list. */
static void run_begin(run *r, shadow *one) {
    if (one) r->list[0] = one, r->n = !barred(one);
    r->replies = false, r->outer = running, running = r;
}
static void run_end(run *r) { running = r->outer; }
static bool was_stopped(shadow *x) {
    bool stopped = x->stopped;
    x->stopped = false;
    return stopped;
}

static void append(shadow *x, llocal_token t) {
    x->tokens[x->goal++] = t;
    x->hash[x->goal] = ll_hash(x->hash[x->goal - 1], &t, sizeof t);
    x->high = LL_MAX(x->high, x->goal);
}
/* Where to go back to. */
static int some_end(const shadow *x) {
    int n = roomy && one_in(3) ? x->high - x->n_batch - 60 - below(10) : one_in(3) ? below(x->pos + 3) : x->ends[below(4)] + below(2);
    return LL_MAX(0, n);
}
static void ended(shadow *x) { x->ends[x->n_ends++ % 4] = x->goal; }
static void set_timeline(shadow *x, const llocal_token *tokens, int n) {
    x->goal = 0;
    for (int i = 0; i < n; i++) append(x, tokens[i]);
    x->pos = n;
}
static void set_rows(shadow *x, int least, int most) { x->rows_least = least, x->rows_most = most; }
/* What was under way is dropped. A reply begins with its prompt again, if it has one. */
static void lost(shadow *x) {
    if (under_way(x) && x->r.n_prompt == 0 && x->n_told == 0) x->replying = false;
    if (under_way(x)) x->prompt_end = -1;
    x->goal = x->pos;
}

static const row *straight_of(const shadow *x, int n) { return straight(x->model, x->k, x->v, x->tokens, x->hash, n); }

static uint64_t counted(const shadow *x) {
    llocal_stats s = llocal_context_stats(x->c);
    return s.tokens_prefilled + s.tokens_decoded;
}

/* An evaluation may have got on: so far. */
static void moved_on(shadow *x) {
    int pos = llocal_position(x->c);
    MUST(pos >= x->pos && pos <= x->goal, "c%d: position %d, should be in %d..%d", at(x), pos, x->pos, x->goal);
    x->evaluated += (uint64_t)(pos - x->pos);
    if (under_way(x) && pos == x->goal) set_rows(x, x->asked, x->asked);
    x->pos = pos;
}

static void verify(shadow *x) {
    const model *m = &models[x->model];
    int n = 0;
    char nowhere;
    llocal_result r;
    MUST(llocal_position(x->c) == x->pos, "c%d: position %d, should be %d", at(x), llocal_position(x->c), x->pos);
    MUST(!memcmp(llocal_tokens(x->c), x->tokens, (size_t)x->pos * sizeof(llocal_token)), "c%d: other tokens", at(x));
    MUST(counted(x) == x->evaluated, "c%d: stats count %d tokens, should be %d", at(x), (int)counted(x), (int)x->evaluated);
    while (n <= MAX_ROWS && llocal_logits(x->c, n)) n++;
    MUST(n >= x->rows_least && n <= x->rows_most, "c%d: %d rows of logits, should be %d..%d", at(x), n, x->rows_least, x->rows_most);
    set_rows(x, n, n);
    MUST(!llocal_logits(x->c, -n - 1) && !llocal_hidden(x->c, n), "c%d: a row that is not there", at(x));
    for (int i = 1; i <= n; i++) {
        const row *want = straight_of(x, x->pos - i + 1);
        MUST(!memcmp(llocal_logits(x->c, -i), want->logits, (size_t)m->n_vocab * sizeof(float)), "c%d: other logits, row %d of position %d", at(x), -i, x->pos);
        MUST(!memcmp(llocal_hidden(x->c, -i), want->hidden, (size_t)m->n_embd * sizeof(float)), "c%d: other hidden, row %d of position %d", at(x), -i, x->pos);
    }
    listening = false, r = llocal_save(x->c, &nowhere, 0), listening = true;
    MUST(r == (under_way(x) ? LLOCAL_ERR_ARGUMENT : LLOCAL_ERR_FULL), "c%d: an evaluation is %sunder way, but saving gives \"%s\"", at(x), under_way(x) ? "" : "not ", llocal_result_name(r));
}

/* A call that must be refused, and say why. full: also because something is full. */
static void refused(llocal_result r, bool full) {
    said(r);
    MUST(n_errors[depth] > n_errors_before[depth], "refused without a word");
    MUST(n_errors_before[depth] < 0 || (room[0] && memchr(room, 0, ROOM)), "no words in the room for them");
    MUST(room[ROOM] == 7, "words outside of their room");
    MUST(r == LLOCAL_ERR_ARGUMENT || (full && r == LLOCAL_ERR_FULL), "should be refused, gives \"%s\"", llocal_result_name(r));
}
static void done_well(llocal_result r, int errors_before) {
    said(r);
    MUST(r == LLOCAL_OK, "should be ok, gives \"%s\"", llocal_result_name(r));
    MUST(n_errors[depth] == errors_before, "ok, but an error was logged");
}
static void done_or_stopped(llocal_result r, int errors_before, bool stopped) {
    if (!stopped) { done_well(r, errors_before); return; }
    said(r);
    MUST(r == LLOCAL_ERR_CANCELLED, "should be cancelled, gives \"%s\"", llocal_result_name(r));
}

/* ---- calls: evaluation ---------------------------------------------------------------------------- */

/* settled: not one of which >>api does not say what happens. */
static shadow *some_context(bool settled) {
    int first = below(MAX_CONTEXTS);
    for (int i = 0; i < MAX_CONTEXTS; i++) {
        shadow *x = &contexts[(first + i) % MAX_CONTEXTS];
        if (x->c && !out_of_talk(x) && !(settled && unsettled(x))) return x;
    }
    return NULL;
}

/* Tokens for a call: from `text`, or with one that is no token. */
static llocal_token *some_tokens(const shadow *x, int text, int from, int n, bool bad) {
    static llocal_token buffer[2][MAX_TOKENS + 400];
    llocal_token *t = buffer[depth];
    for (int i = 0; i < n; i++) t[i] = text_token(text, from + i, models[x->model].n_vocab);
    if (bad && n > 0) t[below(n)] = one_in(2) ? -1 : models[x->model].n_vocab;
    return t;
}

/* n good tokens are queued, with room for them. */
static void will_evaluate(shadow *x, const llocal_token *t, int n, int n_logits) {
    if (n > 0) x->replying = false, x->began = x->pos;
    for (int i = 0; i < n; i++) append(x, t[i]);
    ended(x);
    if (n > 0) x->asked = n_logits, set_rows(x, 0, 0), x->group = 0;
    if (n > 1) x->prompt_end = n_logits ? x->goal : -1;
}

/* eval: and evaluated. */
static void has_evaluated(shadow *x, llocal_result r, int errors, bool eval) {
    if (was_stopped(x)) {
        done_or_stopped(r, errors, true);
        moved_on(x), lost(x), x->prompt_end = -1;
        return;
    }
    done_well(r, errors);
    if (eval) MUST(llocal_position(x->c) == x->goal, "position %d after an eval to %d", llocal_position(x->c), x->goal), moved_on(x);
}

/* llocal_begin, or llocal_eval. */
static void call_begin(shadow *x, bool eval) {
    int kind = below(24), text = below(4), room = x->n_ctx - x->pos, errors = n_errors[depth];
    int n = kind == 1 ? -below(3) - 1 : kind == 2 ? room + 1 + below(9) : size_up_to(LL_MAX(room, 0));
    int n_logits = eval ? n > 0 : kind == 3 ? x->n_logits + 1 + below(3) : below(LL_MIN(x->n_logits, LL_MAX(n, 0)) + 1);
    llocal_token *t = kind == 4 ? NULL : some_tokens(x, text, x->pos, n, kind == 5);
    bool bad = barred(x) || under_way(x) || n < 0 || n > room || (n > 0 && (!t || kind == 5)) || n_logits > n || n_logits > x->n_logits;
    llocal_result r;
    run me;
    if (eval) say("llocal_eval(c%d, %s%d + %d, %d)", at(x), t ? kind == 5 ? "bad_text" : "text" : "NULL", text, x->pos, n);
    else say("llocal_begin(c%d, %s%d + %d, %d, %d)", at(x), t ? kind == 5 ? "bad_text" : "text" : "NULL", text, x->pos, n, n_logits);
    me.n = 0, run_begin(&me, eval ? x : NULL);
    if (!bad) will_evaluate(x, t, n, n_logits);
    r = eval ? llocal_eval(x->c, t, n) : llocal_begin(x->c, t, n, n_logits);
    run_end(&me);
    if (bad) refused(r, n > room);
    else has_evaluated(x, r, errors, eval);
}

/* A text of words of the vocabulary, and what is none; at most 400 bytes. */
static int some_text(char *text) {
    static const char *const pieces[] = { "a", "b", "ab ", "\xe2\x82\xac", "<|c|>", "aab", "\xff", "</s>" };
    int len = 0;
    for (int n = size_up_to(60); n > 0; n--) len += sprintf(text + len, "%s", pieces[below(LL_COUNT(pieces))]);
    return len;
}

static void call_eval_text(shadow *x) {
    static llocal_token buffer[2][MAX_TOKENS + 400];
    const model *m = &models[x->model];
    char text[400];
    int kind = below(16), len = some_text(text), room = x->n_ctx - x->pos, n = 0, errors = n_errors[depth];
    unsigned flags = kind == 1 ? 4u << below(8) : (unsigned)below(4);
    bool wrong = barred(x) || under_way(x) || kind == 1 || (kind == 2 && len && m->text);
    llocal_result r;
    run me;
    if (m->text && kind != 1) n = llocal_tokenize(m->m, text, (size_t)len, flags, buffer[depth], LL_COUNT(buffer[0]));
    MUST(n >= 0 && n <= LL_COUNT(buffer[0]), "%d tokens of %d bytes", n, len);
    say("llocal_eval_text(c%d, %s, %d, %u): %d tokens", at(x), kind == 2 ? "NULL" : "text", len, flags, n);
    me.n = 0, run_begin(&me, x);
    if (!wrong && m->text && n <= room) will_evaluate(x, buffer[depth], n, n > 0);
    r = llocal_eval_text(x->c, kind == 2 ? NULL : text, (size_t)len, flags);
    run_end(&me);
    if (wrong) refused(r, false);
    else if (!m->text) MUST(r == LLOCAL_ERR_UNSUPPORTED && n_errors[depth] > n_errors_before[depth], "without a vocabulary it gives \"%s\"", llocal_result_name(r));
    else if (n > room) refused(r, true);
    else has_evaluated(x, r, errors, true);
}

static void add_to_list(run *me, llocal_context **list, shadow *x) { list[me->n] = x->c, me->list[me->n++] = x; }

/* Some contexts in some order, now and then twice, or what must be refused. */
static bool choose_list(run *me, llocal_context **list) {
    bool bad = false;
    int kind = below(16), n = kind < 3 ? 1 : 1 + below(MAX_CONTEXTS);
    for (int i = 0; i < n; i++) {
        shadow *x = some_context(false);
        bool other = x && me->n && x->model != me->list[0]->model;
        if (!x || (in_list(me, x) && kind != 15) || (other && kind != 14)) continue;
        bad |= other || barred(x);
        add_to_list(me, list, x);
    }
    if (kind == 13 && me->n) { list[below(me->n)] = NULL; return true; }
    return bad || me->n == 0;
}

static void say_list(const char *before, llocal_context *const *list, int n, int budget) {
    char text[100] = "";
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < MAX_CONTEXTS && contexts[k].c != list[i]) k++;
        snprintf(text + strlen(text), sizeof text - strlen(text), list[i] ? "%sc%d" : "%sNULL", i ? ", " : "", k);
    }
    say("%sllocal_step({ %s }, %d, %d, &done)", before, text, n, budget);
}

/* What a step did to the shadows; r was the result. */
static void after_step(const run *me, llocal_result r, bool done) {
    bool left = false, with[MAX_CONTEXTS] = { false };
    for (int i = 0; i < MAX_CONTEXTS; i++)              /* those of an older pass get on with it */
        for (int k = 0; k < me->n && !run_with(&contexts[i]); k++) with[i] |= me->list[k] == &contexts[i] || same_pass(&contexts[i], me->list[k]);
    for (int i = 0; i < MAX_CONTEXTS; i++) {
        shadow *x = &contexts[i];
        if (!with[i] || r == LLOCAL_ERR_ARGUMENT) continue;
        if (!(me->replies && in_list(me, x))) moved_on(x);
        if (was_stopped(x) && !(me->replies && in_list(me, x))) lost(x);
        left |= in_list(me, x) && (me->replies ? !x->r.state.stop : under_way(x));
    }
    if (r == LLOCAL_ERR_ARGUMENT) { MUST(!done, "done, and refused"); return; }
    MUST(done == !left, done ? "done, but something is left" : "not done, but nothing is left");
    if (!done) n_groups++;
    for (int i = 0; i < MAX_CONTEXTS && !done; i++) {
        const int old = contexts[i].group;
        if (!with[i] || !under_way(&contexts[i])) continue;
        contexts[i].group = n_groups;
        for (int k = 0; k < MAX_CONTEXTS; k++)          /* of the step around this one */
            if (old && contexts[k].group == old && under_way(&contexts[k])) contexts[k].group = n_groups;
    }
}

/* One step, or with `all` as many as it takes. crowd: of every context of the first one's model. */
static void call_step(bool all, bool crowd) {
    static const int budgets[] = { 1, 3, 20, 1, 0, 300, 20000 };
    llocal_context *list[MAX_CONTEXTS + 2] = { NULL };
    run me;
    bool bad = false, done = false, doubtful = false, stopped = false, none = !crowd && one_in(24), before[MAX_CONTEXTS + 2];
    int budget = budgets[below(crowd ? 4 : LL_COUNT(budgets))], n_steps = 0, errors = n_errors[depth], n;
    llocal_result r;
    me.n = 0;
    if (!crowd) bad = choose_list(&me, list);
    else for (int i = 0, first = below(MAX_CONTEXTS); i < MAX_CONTEXTS; i++) {
        shadow *x = &contexts[(first + i) % MAX_CONTEXTS];
        if (x->c && (!me.n || x->model == me.list[0]->model)) add_to_list(&me, list, x);
    }
    n = me.n;
    for (int i = 0; i < n; i++) doubtful |= unsettled(me.list[i]), before[i] = me.list[i]->stopped;     /* by the step around this one */
    if (none) bad = true, n = one_in(2) ? 0 : n;
    say_list(all ? "do " : "", list, n, budget);
    if (bad) me.n = 0;
    run_begin(&me, NULL);
    do r = llocal_step(none && n ? NULL : list, n, (uint32_t)budget, &done), stopped |= r == LLOCAL_ERR_CANCELLED;
    while (all && r != LLOCAL_ERR_ARGUMENT && !done && ++n_steps < MAX_STEPS);
    run_end(&me);
    MUST(n_steps < MAX_STEPS, "%d steps, and it is not done", n_steps);
    if (bad) {
        MUST(!done, "refused, but done");
        if (none || !list[0]) n_errors_before[depth] = -1;          /* there is no logger to speak through */
        refused(r, false);
        return;
    }
    if (doubtful && r == LLOCAL_ERR_ARGUMENT) said(r);
    else {
        bool must = false;
        for (int i = 0; i < n; i++) must |= me.list[i]->stopped && !before[i];
        MUST(must == stopped, "a callback %s, but it %s", must ? "cancelled one" : "cancelled none", stopped ? "returned that it did" : "did not return that");
        if (stopped) said(LLOCAL_ERR_CANCELLED);
        else done_well(r, errors);
        MUST(done || budget, "without a budget it was not finished");
    }
    if (printing) printf("    // done: %d\n", done);
    after_step(&me, r, done);
}

static void call_cancel(shadow *x) {
    say("llocal_cancel(c%d)", at(x));
    llocal_cancel(x->c);
    if (barred(x)) x->stopped = true;
    else lost(x);
}

/* How many tokens may a sync evaluate that keeps the first `same` of its n tokens? */
static void check_sync_cost(const shadow *x, int same, int n, bool nothing, uint64_t cost, bool to_prompt) {
    MUST(!nothing || cost == 0, "%d tokens were evaluated for a timeline that was there", (int)cost);
    MUST(cost >= (uint64_t)(n - same) && cost <= (uint64_t)n, "%d tokens evaluated", (int)cost);
    MUST(!models[x->model].exact || cost <= (uint64_t)LL_MAX(n - same, n > 0), "%d tokens evaluated, %d were new", (int)cost, n - same);
    MUST(!to_prompt || cost == 0, "%d tokens evaluated to go back to the end of a prompt", (int)cost);
}

static void call_sync(shadow *x) {
    llocal_token t[MAX_TOKENS + 400];
    int kind = below(16), text = below(4), keep = kind == 6 && x->prompt_end >= 0 ? x->prompt_end : below(2) ? x->pos : LL_MIN(some_end(x), x->pos);
    int n = kind == 1 ? -1 : kind == 2 ? x->n_ctx + 1 + below(5) : kind == 3 ? 0 : LL_MIN(kind < 8 ? keep : keep + size_up_to(60), x->n_ctx);
    int same = 0, errors = n_errors[depth], pos;
    bool bad = barred(x) || n < 0 || n > x->n_ctx || (n > 0 && (kind == 4 || kind == 5));
    bool was = under_way(x), nothing, to_prompt;
    uint64_t before = counted(x);
    llocal_result r;
    run me;
    for (int i = 0; i < n; i++) t[i] = i < keep ? x->tokens[i] : text_token(text, i, models[x->model].n_vocab);
    if (kind == 5 && n > 0) t[below(n)] = -1 - below(3);
    while (same < LL_MIN(n, x->pos) && t[same] == x->tokens[same]) same++;
    nothing = same == n && n == x->pos && !was && (n == 0 || x->rows_least > 0);
    to_prompt = n > 0 && n == x->prompt_end && same == n;
    say("llocal_sync(c%d, %s{ its first %d, then text%d + %d }, %d)%s", at(x), kind == 4 || kind == 3 ? "NULL: " : "", LL_MIN(keep, n), text, keep, n, kind == 5 ? " with a bad token" : "");
    if (!bad) x->group = 0, x->replying = false, x->began = -1;
    run_begin(&me, x);
    r = llocal_sync(x->c, kind == 4 || kind == 3 ? NULL : t, n);
    run_end(&me);
    if (bad) { refused(r, n > x->n_ctx); return; }
    pos = llocal_position(x->c), x->evaluated = counted(x);
    if (!nothing) x->prompt_end = n > 0 ? n : -1;
    if (was_stopped(x)) {
        done_or_stopped(r, errors, true), x->prompt_end = -1;
        MUST(pos <= n, "cancelled at %d of %d", pos, n);
        set_timeline(x, t, pos), set_rows(x, 0, 0);
        return;
    }
    done_well(r, errors);
    check_sync_cost(x, same, n, nothing, counted(x) - before, to_prompt);
    set_timeline(x, t, n), ended(x);
    if (!nothing) set_rows(x, n > 0, n > 0);
}

static void call_rewind(shadow *x) {
    int n = one_in(12) ? -1 - below(2) : below(2) ? some_end(x) : LL_MAX(0, x->pos - below(12)), to, errors = n_errors[depth];
    bool bad = barred(x) || n < 0;
    llocal_result r;
    say("llocal_rewind(c%d, %d)", at(x), n);
    r = llocal_rewind(x->c, n);
    if (bad) { refused(r, false); return; }
    done_well(r, errors);
    to = llocal_position(x->c);
    MUST(to <= LL_MIN(n, x->pos) && (to == LL_MIN(n, x->pos) || !models[x->model].exact), "from %d it went to %d", x->pos, to);
    if (to < x->pos) set_rows(x, 0, 0), x->prompt_end = -1;
    x->pos = x->goal = to, x->replying = false;
}

/* ---- calls: states ---------------------------------------------------------------------------------- */

static void call_save(shadow *x) {
    state *s = &states[below(MAX_STATES)];
    int kind = below(10), errors = n_errors[depth];
    size_t n = llocal_save_bytes(x->c), size = kind == 0 ? n - 1 - (size_t)below(200) % n : kind == 1 ? n + (size_t)below(50) : n;
    uint8_t *dst = (uint8_t *)malloc(size + 1);     /* + 1: also when there is nothing to write to */
    llocal_result r;
    MUST(n <= x->memory.bytes, "a state of %d bytes, the context has %d", (int)n, (int)x->memory.bytes);
    say("llocal_save(c%d, %s, %d) to state %d", at(x), kind == 2 ? "NULL" : "dst", (int)size, (int)(s - states));
    ASAN_POISON_MEMORY_REGION(dst + size, 1);
    r = llocal_save(x->c, kind == 2 ? NULL : dst, size);
    ASAN_UNPOISON_MEMORY_REGION(dst + size, 1);
    if (kind == 2 || size < n || (under_way(x) && !barred(x)) || (barred(x) && r)) { refused(r, size < n); free(dst); return; }
    done_well(r, errors);
    if (barred(x)) { free(dst); return; }
    free(s->data);
    s->data = dst, s->size = n, s->model = x->model, s->k = x->k, s->v = x->v, s->pos = x->pos;
    s->logits = x->rows_least > 0;
    memcpy(s->tokens, x->tokens, sizeof s->tokens);
}

static bool fits_state(const shadow *x, const state *s) {
    return x->c && s->model == x->model && s->k == x->k && s->v == x->v && s->pos <= x->n_ctx;
}

static void call_load(shadow *x) {
    const state *s = &states[below(MAX_STATES)];
    int kind = below(8), errors = n_errors[depth];
    bool fits, bit = kind == 1;
    size_t size;
    uint8_t *src;
    llocal_result r;
    if (!s->data) return;
    for (int i = 0; i < MAX_CONTEXTS && !depth && kind > 2 && !fits_state(x, s); i++) x = &contexts[(at(x) + 1) % MAX_CONTEXTS];
    if (!x->c) return;
    size = kind == 0 ? s->size * (size_t)below(256) / 256 : s->size;
    src = (uint8_t *)malloc(size + 1);
    memcpy(src, s->data, size);
    if (bit) src[(below(2) ? (size_t)below(256) : (size_t)below(256) * 251 + (size_t)below(256)) % llocal_save_bytes(x->c) % size] ^= (uint8_t)(1 << below(8));
    fits = fits_state(x, s);
    say("llocal_restore(c%d, state %d%s%s, %d) of model %d, position %d", at(x), (int)(s - states), bit ? " with another bit" : "", kind == 2 ? " at NULL" : "", (int)size, s->model, s->pos);
    ASAN_POISON_MEMORY_REGION(src + size, 1);
    r = llocal_restore(x->c, kind == 2 ? NULL : src, size);
    ASAN_UNPOISON_MEMORY_REGION(src + size, 1);
    free(src);
    said(r);
    if (!fits || kind < 3 || barred(x)) {
        MUST(r == LLOCAL_ERR_ARGUMENT || (!barred(x) && (r == LLOCAL_ERR_FORMAT || r == LLOCAL_ERR_UNSUPPORTED || (r == LLOCAL_ERR_FULL && s->pos > x->n_ctx))), "should be refused, gives \"%s\"", llocal_result_name(r));
        return;
    }
    done_well(r, errors);
    set_timeline(x, s->tokens, s->pos), set_rows(x, s->logits, s->pos > 0), x->prompt_end = s->logits ? s->pos : -1;
    x->replying = false;
}

/* Also in the middle of a reply, which then goes on in both. */
static void call_fork(shadow *x) {
    int kind = below(8), first = below(MAX_CONTEXTS), errors = n_errors[depth];
    shadow *y = kind ? NULL : x;
    bool bad, full;
    llocal_result r;
    for (int i = 0; i < 2 * MAX_CONTEXTS && !y; i++) {         /* first one that fits, then any */
        shadow *o = &contexts[(first + i) % MAX_CONTEXTS];
        if (o == x || !o->c || unsettled(o)) continue;
        if (i >= MAX_CONTEXTS || (o->model == x->model && o->k == x->k && o->v == x->v && o->n_ctx >= x->pos)) y = o;
    }
    if (!y) return;
    if (kind > 4 && !barred(x)) call_cancel(x);
    bad = x == y || barred(x) || barred(y) || x->model != y->model || x->k != y->k || x->v != y->v || under_way(x) || under_way(y);
    full = !bad && x->pos > y->n_ctx;
    say("llocal_fork(c%d, c%d)", at(x), at(y));
    r = llocal_fork(x->c, y->c);
    if (bad || full) { refused(r, full); MUST(full == (r == LLOCAL_ERR_FULL), "refused for another reason"); return; }
    done_well(r, errors);
    memcpy(y->tokens, x->tokens, sizeof y->tokens), memcpy(y->hash, x->hash, sizeof y->hash);
    y->pos = y->goal = x->pos, y->high = LL_MAX(y->high, x->pos), y->group = 0, ended(y);
    set_rows(y, LL_MIN(x->rows_least, y->n_logits), LL_MIN(x->rows_most, y->n_logits)), y->prompt_end = x->rows_least ? x->pos : -1;
    y->replying = x->replying && x->r.state.start + x->n_told <= y->n_ctx;
    if (!y->replying) return;
    y->r = x->r, y->r.context = y->c, y->r.user = y, y->sampler = x->sampler;
    memcpy(y->prompt, x->prompt, sizeof y->prompt), memcpy(y->told, x->told, sizeof y->told);
    y->r.prompt = y->r.n_prompt ? y->prompt : NULL;
    memcpy(y->text, x->text, sizeof y->text), y->n_text = x->n_text;
    y->ended = x->ended, y->end = x->end, y->n_told = x->n_told, y->n_checked = x->n_checked, y->stop_at = x->stop_at;
}

/* ---- calls: sampling ---------------------------------------------------------------------------------- */

static llocal_sampler some_sampler(void) {
    int kind = below(5);
    llocal_sampler s = llocal_sampler_default((uint64_t)below(3) + 1);
    if (kind == 0) memset(&s, 0, sizeof s);
    if (kind == 1) s.mirostat = 2;
    if (kind == 2) s.repeat_penalty = 1.3f, s.dry_multiplier = 0.8f;
    return s;
}

static llocal_token sample_as(const shadow *x, llocal_sampler *s, int pos) {
    llocal_score work[MAX_VOCAB];
    return llocal_sample(s, straight_of(x, pos)->logits, models[x->model].n_vocab, x->tokens, pos, work);
}

static void call_next(shadow *x) {
    llocal_sampler s = some_sampler(), copy;
    llocal_token t, want = -1;
    memcpy(&copy, &s, sizeof s);
    say("llocal_next(c%d, &sampler)", at(x));
    t = llocal_next(x->c, &s);
    if (!barred(x) && !under_way(x) && x->rows_least > 0) want = sample_as(x, &copy, x->pos);
    MUST(t == want, "token %d, should be %d", (int)t, (int)want);
    MUST(!memcmp(&s, &copy, sizeof s), "another sampler afterwards");
}

typedef struct reply { llocal_token tokens[MAX_TOKENS + 1]; int n, stop_at; bool over; } reply;
static bool call_back(shadow *x);
static bool on_text(void *user, llocal_token t, llocal_str text) {
    reply *r = (reply *)user;
    (void)text;
    MUST(!r->over && r->n <= MAX_TOKENS, "a text after the last");
    if (t < 0) return r->over = true;
    r->tokens[r->n++] = t;
    if (r->n == r->stop_at) r->over = true;
    return !r->over;
}

/* The same reply token by token from straight runs, up to position `cancelled` (-1: it was not). */
static void replay(shadow *x, llocal_sampler *s, int max, const reply *got, int cancelled) {
    int n = 0;
    for (int i = 0; max <= 0 || i < max; i++) {
        llocal_token t = sample_as(x, s, x->pos);
        if (llocal_token_is_end(models[x->model].m, t)) {       /* not told of, but part of the timeline */
            if (x->pos == cancelled) set_rows(x, 0, 0);
            else if (x->pos < x->n_ctx) append(x, t), x->pos++, x->evaluated++, set_rows(x, 1, 1);
            break;
        }
        MUST(n < got->n && got->tokens[n] == t, "token %d of the reply is %d, should be %d", n, n < got->n ? (int)got->tokens[n] : -1, (int)t);
        if (++n == got->stop_at || x->pos == x->n_ctx) break;
        if (x->pos == cancelled) { set_rows(x, 0, 0); break; }
        append(x, t), x->pos++, x->evaluated++;
        set_rows(x, 1, 1);
    }
    MUST(n == got->n, "a reply of %d tokens, should be %d", got->n, n);
}

static void call_generate(shadow *x) {
    llocal_sampler s = some_sampler(), copy;
    int max = x->n_ctx - x->pos < 10 ? below(8) : 1 + below(6), errors = n_errors[depth];
    static reply replies[2];
    reply *got = &replies[depth];
    bool stopped;
    llocal_result r;
    run me;
    got->n = 0, got->stop_at = below(8), got->over = false;
    memcpy(&copy, &s, sizeof s);
    say("llocal_generate(c%d, &sampler, %d, on_text, stop at %d)", at(x), max, got->stop_at);
    run_begin(&me, x);
    if (!barred(x) || in_list(&me, x)) x->began = under_way(x) ? x->began : -1;
    r = llocal_generate(x->c, &s, max, on_text, got);
    run_end(&me);
    if (barred(x) || under_way(x) || x->rows_least == 0) { refused(r, false); MUST(!got->n, "refused, but said something"); return; }
    x->replying = false;
    stopped = was_stopped(x), done_or_stopped(r, errors, stopped);
    replay(x, &copy, max, got, stopped ? llocal_position(x->c) : -1);
    MUST(!memcmp(&s, &copy, sizeof s), "another sampler afterwards");
}

/* ---- calls: replies ----------------------------------------------------------------------------------- */

static bool on_reply(void *user, llocal_token t, llocal_str text) {
    shadow *x = (shadow *)user;
    MUST(x->n_text + (int)text.len <= (int)sizeof x->text, "too much text");
    memcpy(x->text + x->n_text, text.ptr, text.len), x->n_text += (int)text.len;
    if (t < 0) return true;
    MUST(x->replying && !x->ended && x->n_told < MAX_TOKENS && !(x->stop_at && x->n_told >= x->stop_at), "a text after the last");
    x->told[x->n_told++] = t;
    if (x->callback == CALL_INSIDE) call_back(x);
    return x->n_told != x->stop_at;
}

static void call_reply_begin(shadow *x) {
    int kind = below(16), text = below(4), keep = below(2) ? x->pos : LL_MIN(some_end(x), x->pos), errors = n_errors[depth];
    int end = keep + below(2) * size_up_to(40), n = kind < 5 ? 0 : kind == 5 ? x->n_ctx + 1 + below(5) : LL_MIN(LL_MAX(1, end), x->n_ctx);
    bool bad = barred(x) || (n == 0 && (under_way(x) ? !x->asked : !x->rows_least)) || n > x->n_ctx, none = n == 0;
    static const char *const stops[] = { "\xe2\x82\xac\x61", "ba", "a\xe2\x82\xac" };
    static llocal_token prompt[MAX_TOKENS + 400];
    llocal_reply r;
    llocal_result result;
    for (int i = 0; i < n; i++) prompt[i] = i < keep ? x->tokens[i] : text_token(text, i, models[x->model].n_vocab);
    if (kind == 6) prompt[below(n)] = -1, bad = true;
    memset(&r, 0, sizeof r);
    r.context = x->c, r.sampler = some_sampler(), r.prompt = n ? prompt : NULL, r.n_prompt = n, r.on_text = on_reply, r.user = x;
    r.max_tokens = x->n_ctx - x->pos < 20 ? below(8) : 1 + below(9);
    if (models[x->model].text || kind == 7) r.stop = stops, r.n_stop = below(4);
    say("llocal_reply_begin(c%d, %d tokens of text%d behind %d, max_tokens %d, %d stop strings)%s", at(x), n, text, LL_MIN(keep, n), r.max_tokens, r.n_stop, kind == 6 ? " with a bad token" : "");
    result = llocal_reply_begin(&r);
    if (!barred(x) && r.n_stop && !models[x->model].text) {
        MUST(result == LLOCAL_ERR_UNSUPPORTED && n_errors[depth] > n_errors_before[depth], "stop strings without text give \"%s\"", llocal_result_name(result));
        return;
    }
    if (bad) { refused(result, n > x->n_ctx); return; }
    done_well(result, errors);
    x->replying = true, x->ended = false, x->n_told = x->n_checked = x->n_text = 0, x->stop_at = below(3) ? 0 : 1 + below(6);
    x->r = r, x->sampler = r.sampler;
    if (none) return;
    memcpy(x->prompt, prompt, (size_t)n * sizeof *prompt), x->r.prompt = x->prompt;
    set_timeline(x, prompt, n), ended(x);
    x->pos = llocal_position(x->c), x->evaluated = counted(x), x->group = 0, x->prompt_end = x->began = -1, x->asked = 1;
    set_rows(x, !under_way(x), under_way(x) ? 0 : MAX_ROWS);
}

/* What was told is the text of the tokens, up to the first stop string; what may become one is held back. */
static void check_reply_text(const shadow *x) {
    const llocal_reply *r = &x->r;
    char text[3 * MAX_TOKENS];
    int ends[MAX_TOKENS], n = 0, stop = -1, n_tokens = 0;
    if (!models[x->model].text) { MUST(x->n_text == 0, "a text without a vocabulary"); return; }
    for (int i = 0; i < x->n_told; i++) {
        n += llocal_token_text(models[x->model].m, x->told[i], false, text + n, (int)sizeof text - n);
        ends[i] = n;
    }
    for (int i = 0; i < n && stop < 0; i++)             /* of these no two end together, and none is in another */
        for (int k = 0; k < r->n_stop; k++) {
            const int len = (int)strlen(r->stop[k]);
            if (n - i >= len && !memcmp(text + i, r->stop[k], (size_t)len)) stop = i;
        }
    for (int i = 0; i < x->n_told && stop >= 0; i++) if (ends[i] <= stop) n_tokens = i + 1;
    MUST((stop >= 0) == (r->state.stop == LLOCAL_STOP_TEXT) || (r->state.stop == LLOCAL_STOP_CALLBACK && stop < 0), "c%d: a stop string at %d, but %s", at(x), stop, llocal_stop_name(r->state.stop));
    MUST(stop < 0 || (x->n_text == stop && r->state.n_tokens == n_tokens), "c%d: a stop string at %d behind %d tokens; %d bytes were told, and %d tokens counted", at(x), stop, n_tokens, x->n_text, r->state.n_tokens);
    MUST(!memcmp(text, x->text, (size_t)x->n_text) && (stop >= 0 || n - x->n_text <= (r->n_stop ? 3 : 0)), "c%d: another text", at(x));
    MUST(!r->state.stop || stop >= 0 || r->state.stop == LLOCAL_STOP_CALLBACK || n == x->n_text, "c%d: text is held back at the end", at(x));
}

/* What was told is what straight runs give, and the timeline has as much of it as >>api says. */
static void after_reply(shadow *x, bool stopped) {
    const llocal_reply_state *st = &x->r.state;
    const int pos = llocal_position(x->c), pending = llocal_pending(x->c);
    int full;
    x->goal = st->start;
    for (int i = 0; i < x->n_told; i++) {
        if (i == x->n_checked) {
            llocal_token want = sample_as(x, &x->sampler, st->start + i);
            x->n_checked++;
            MUST(x->told[i] == want, "c%d: token %d of its reply is %d, should be %d", at(x), i, (int)x->told[i], (int)want);
        }
        append(x, x->told[i]);
    }
    if (!x->ended && (st->stop == LLOCAL_STOP_END || (!st->stop && pos + pending == x->goal + 1))) {
        x->ended = true, x->end = sample_as(x, &x->sampler, x->goal);
        MUST(llocal_token_is_end(models[x->model].m, x->end), "c%d: its reply has ended without an end token", at(x));
    }
    if (x->ended) append(x, x->end);
    full = x->goal;
    check_reply_text(x);
    MUST(st->n_tokens == x->n_told || st->stop == LLOCAL_STOP_TEXT, "c%d: a reply of %d tokens, %d were told", at(x), st->n_tokens, x->n_told);
    switch (st->stop) {
    case LLOCAL_STOP_NONE: MUST(pos + pending == full, "c%d: %d tokens and %d, should be %d", at(x), pos, pending, full); break;
    case LLOCAL_STOP_END: MUST(pos == LL_MIN(full, x->n_ctx) && x->ended, "c%d: ended at %d, should be %d", at(x), pos, full); break;
    case LLOCAL_STOP_LIMIT: MUST(pos == LL_MIN(full, x->n_ctx) && x->n_told == x->r.max_tokens, "c%d: a limit at %d", at(x), x->n_told); break;
    case LLOCAL_STOP_FULL: MUST(pos == x->n_ctx && full == pos + 1, "c%d: full at %d", at(x), pos); break;
    case LLOCAL_STOP_TEXT: MUST(pos == full - 1 && !x->ended, "c%d: a stop string came at %d of %d", at(x), pos, full); break;
    case LLOCAL_STOP_CALLBACK:
        MUST(stopped || (x->n_told == x->stop_at && pos == full - 1 && !st->result), "c%d: nobody has cancelled", at(x));
        MUST(pos <= full, "c%d: cancelled at %d of %d", at(x), pos, full);
        break;
    default: MUST(false, "c%d: the reply stopped, %s, %s", at(x), llocal_stop_name(st->stop), llocal_result_name(st->result));
    }
    MUST(!st->stop || pending == 0, "c%d: its reply has stopped, and something is queued", at(x));
    MUST(!stopped || st->stop == LLOCAL_STOP_CALLBACK, "c%d: cancelled, but %s", at(x), llocal_stop_name(st->stop));
    MUST(pos >= x->pos || pos >= st->start || !x->n_told, "c%d: position %d, was %d", at(x), pos, x->pos);
    x->pos = pos, x->goal = pos + pending, x->evaluated = counted(x), x->prompt_end = x->began = -1;
    if (x->n_told || x->r.n_prompt) x->asked = 1;
    if (pending || stopped) set_rows(x, 0, pending ? 0 : MAX_ROWS);
    else set_rows(x, 1, MAX_ROWS);
    if (st->stop) x->replying = false;
}

/* One step of several replies, or as many as it takes. */
static void call_reply_step(bool all) {
    static const int budgets[] = { 1, 3, 20, 1, 0, 300, 20000 };
    llocal_reply *list[MAX_CONTEXTS + 2];
    int kind = below(24), budget = budgets[all ? 4 + below(3) : below(LL_COUNT(budgets))], first = below(MAX_CONTEXTS), errors = n_errors[depth], n_steps = 0;
    bool bad = false, doubtful = false, done = false, stops[MAX_CONTEXTS] = { false };
    llocal_result r, want = LLOCAL_OK, got = LLOCAL_OK;
    char text[100] = "";
    run me;
    me.n = 0;
    for (int i = 0; i < MAX_CONTEXTS; i++) {
        shadow *x = &contexts[(first + i) % MAX_CONTEXTS];
        if (!x->c || !x->replying || out_of_talk(x) || (me.n && x->model != me.list[0]->model) || one_in(5)) continue;
        bad |= barred(x), doubtful |= unsettled(x);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%sc%d", me.n ? ", " : "", at(x));
        if (!barred(x)) x->began = -1;
        list[me.n] = &x->r, me.list[me.n++] = x;
    }
    if (me.n == 0) return;
    if (kind == 0) list[below(me.n)] = NULL, bad = true;
    if (kind == 1 && me.n < MAX_CONTEXTS) list[me.n] = list[0], bad = true;
    say("%sllocal_reply_step({ %s }, %d, %d, &done)%s", all ? "do " : "", text, me.n, budget, kind < 2 ? " with a bad list" : "");
    if (bad) {
        r = llocal_reply_step(list, me.n + (kind == 1), (uint32_t)budget, &done);
        if (!list[0]) n_errors_before[depth] = -1;      /* there is no logger to speak through */
        refused(r, false);
        MUST(!done, "refused, but done");
        return;
    }
    run_begin(&me, NULL), me.replies = true;
    do r = llocal_reply_step(list, me.n, (uint32_t)budget, &done), got = got ? got : r;
    while (all && r != LLOCAL_ERR_ARGUMENT && !done && ++n_steps < MAX_STEPS);
    run_end(&me);
    MUST(n_steps < MAX_STEPS, "%d steps, and it is not done", n_steps);
    if (doubtful && r == LLOCAL_ERR_ARGUMENT) { said(r); return; }
    for (int i = 0; i < me.n; i++) stops[i] = me.list[i]->stopped, want = want ? want : me.list[i]->r.state.result;
    after_step(&me, r, done);
    for (int i = 0; i < me.n; i++) after_reply(me.list[i], stops[i]);
    said(got);
    MUST(got == want && (!want || want == LLOCAL_ERR_CANCELLED), "the result is \"%s\", should be \"%s\"", llocal_result_name(got), llocal_result_name(want));
    MUST(want || n_errors[depth] == errors, "ok, but an error was logged");
    MUST(done || budget, "without a budget it was not finished");
    for (int i = 0; i < me.n; i++) if (under_way(me.list[i])) me.list[i]->group = n_groups;
}

/* ---- calls: objects --------------------------------------------------------------------------------- */

static void inside(void);

static bool call_back(shadow *x) {
    MUST(running, "a callback outside of any evaluation");
    if (++x->n_calls != x->call_at || depth) return true;
    x->n_calls = 0;
    if (x->callback == CALL_FALSE) { x->stopped = true; return false; }
    if (x->callback == CALL_INSIDE) inside();
    if (x->callback == CALL_CANCEL && barred(x)) depth++, call_cancel(x), depth--;
    return true;
}

static bool on_progress(void *user, int n_done, int n_total) {
    shadow *x = (shadow *)user;
    MUST(n_done >= 0 && n_done < n_total, "progress of c%d: %d of %d", at(x), n_done, n_total);
    MUST(x->began < 0 || (n_done == llocal_position(x->c) - x->began && n_total == x->goal - x->began), "progress of c%d: %d of %d, others' tokens", at(x), n_done, n_total);
    MUST(!x->stopped, "called again after false");
    return call_back(x);
}

static void on_trace(void *user, const llocal_trace *t) {
    shadow *x = (shadow *)user;
    float sum = 0;
    MUST(x->began < 0 || !strcmp(t->name, "ffn_router") || t->n_rows <= (x->goal - x->began) * 8, "a trace of others' tokens");
    MUST(t->name && t->n_rows > 0 && t->n_cols > 0 && t->stride >= t->n_cols, "an odd trace");
    for (int r = 0; r < t->n_rows; r++) for (int i = 0; i < t->n_cols; i++) sum += t->data[(size_t)r * (size_t)t->stride + (size_t)i];
    MUST(sum == sum, "a trace of NaN");
    if (x->callback != CALL_FALSE) call_back(x);
}

static int usual_kv;                    /* of most contexts of a sequence: only those share passes */

static llocal_context_desc some_desc(shadow *x) {
    llocal_context_desc d;
    int kind = below(32), workers = below(12);
    memset(&d, 0, sizeof d);
    d.n_ctx = kind == 1 ? -1 : kind == 2 ? 0 : roomy ? 301 - below(200) : below(4) ? 1 + below(64) : 1 + below(150) + below(151);
    d.n_batch = kind == 3 ? -1 : kind == 4 ? 0 : below(2) ? 1 + below(16) : 20 + below(256) + below(25);
    d.n_logits = kind == 5 ? -3 : 1 + below(MAX_ROWS);
    d.n_snapshots = kind == 6 ? -1 : below(5);
    d.k = (llocal_kv)(kind == 7 ? 4 : below(6) ? usual_kv % 3 + 1 : 1 + below(3));
    d.v = (llocal_kv)(kind == 8 ? -1 : kind == 9 ? 0 : below(6) ? usual_kv / 3 + 1 : 1 + below(3));
    if (workers > 5 && workers < 11) {
        d.workers.run = workers & 1 ? run_backwards : run_from_middle;
        d.workers.width = 1 + below(7);
    }
    if (workers == 11 && pools[0]) d.workers = llocal_pool_workers(pools[below(2)]);
    x->clock.kind = below(3) ? below(2) + CLOCK_RUNS : below(N_CLOCKS), x->clock.now = (uint64_t)below(256) * 1000;
    if (x->clock.kind != CLOCK_SYSTEM) d.clock_us = tick, d.clock_user = &x->clock;
    x->callback = below(2) ? below(N_CALLBACKS) : CALL_NOTHING, x->call_at = 1 + below(20), x->n_calls = 0;
    if (x->callback && (x->callback == CALL_FALSE || below(3))) d.progress = on_progress, d.progress_user = x;
    else if (x->callback) d.trace = on_trace, d.trace_user = x;
    d.efficient = one_in(4);
    d.allocator.resize = heap_resize, d.allocator.user = &x->memory;
    d.logger.write = on_message, d.logger.error = room, d.logger.error_size = ROOM;
    return d;
}

static void call_open(shadow *x, int model_at) {
    const model *m = &models[model_at];
    llocal_context_desc d;
    llocal_plan plan;
    llocal_result r, planned;
    bool bad;
    memset(x, 0, sizeof *x);
    d = some_desc(x);
    x->model = model_at, x->k = d.k ? (int)d.k : LLOCAL_KV_F16, x->v = d.v ? (int)d.v : LLOCAL_KV_F16;
    x->n_ctx = d.n_ctx ? d.n_ctx : llocal_model_hparams(m->m)->n_ctx_train, x->n_logits = d.n_logits, x->n_batch = d.n_batch;
    x->memory.fail = one_in(24), x->prompt_end = x->began = -1, x->hash[0] = LL_HASH_START;
    bad = d.n_ctx < 0 || d.n_batch < 0 || d.n_logits < 0 || d.n_snapshots < 0 || d.k > 3 || (int)d.v < 0 || (m->most && x->n_ctx > m->most);
    say("c%d = open(%s %s, n_ctx %d, n_batch %d, n_logits %d, n_snapshots %d, k %d, v %d, workers %d%s, clock %d, %s callback %d at %d%s)", at(x),
        m->name, model_at % 2 ? "Q8_0" : "F32", d.n_ctx, d.n_batch, d.n_logits, d.n_snapshots, (int)d.k, (int)d.v, d.workers.width, d.workers.user ? " of a pool" : "", x->clock.kind, d.trace ? "trace" : "progress", x->callback, x->call_at, x->memory.fail ? ", no memory" : "");
    planned = llocal_context_plan(m->m, &d, &plan);
    r = llocal_context_open(m->m, &d, &x->c);
    said(r);
    MUST(planned == r || (planned == LLOCAL_OK && x->memory.blocks == 0), "the plan gives \"%s\"", llocal_result_name(planned));
    MUST(!r == (x->c != NULL), "\"%s\", and a context: %d", llocal_result_name(r), x->c != NULL);
    if (r) {
        MUST(n_errors[depth] > n_errors_before[depth], "refused without a word");
        MUST(r == (bad ? LLOCAL_ERR_ARGUMENT : LLOCAL_ERR_MEMORY) && x->memory.bytes == 0, "\"%s\"", llocal_result_name(r));
        return;
    }
    MUST(!bad, "should be refused");
    MUST(plan.bytes == x->memory.bytes && x->memory.blocks == 1 && llocal_context_stats(x->c).bytes_allocated == plan.bytes, "the plan says %d bytes, %d were taken", (int)plan.bytes, (int)x->memory.bytes);
    MUST(plan.cache + plan.state + plan.scratch + plan.logits <= plan.bytes, "parts of the plan are more than the whole");
}

static void call_close(shadow *x) {
    int messages = n_messages;
    say("llocal_context_close(c%d)", at(x));
    llocal_context_close(x->c);
    if (barred(x)) { MUST(x->memory.blocks == 1 && n_messages > messages, "closed from inside, or without a word"); return; }
    MUST(x->memory.blocks == 0 && x->memory.bytes == 0, "%d bytes are left", (int)x->memory.bytes);
    x->c = NULL, x->pos = x->goal = x->group = 0, x->replying = false;
}

/* A text in spans: pieces that meet are cut as one, and only trusted bytes are a control token. */
static void check_spans(const model *m) {
    ll_text_span spans[40];
    llocal_token all[500], some[500];
    char text[400];
    int len = some_text(text), n_spans = 0, n, k, want = 0, seen = 0, kind = below(8);
    for (int from = 0; from < len && n_spans < 40; n_spans++) {
        const int more = n_spans == 39 ? len - from : 1 + below(30);
        spans[n_spans].at = (size_t)from, spans[n_spans].len = (size_t)LL_MIN(more, len - from);
        spans[n_spans].trusted = kind > 5 || (kind > 1 && below(2));
        from += (int)spans[n_spans].len;
    }
    for (int i = 0; i + 5 <= len; i++) {
        int inside = 0;                 /* trusted bytes */
        if (memcmp(text + i, "<|c|>", 5)) continue;
        for (int k = 0; k < n_spans; k++)
            for (int b = i; b < i + 5; b++) inside += spans[k].trusted && b >= (int)spans[k].at && b < (int)(spans[k].at + spans[k].len);
        want += inside == 5;
    }
    n = ll_tokenize_spans(m->m, NULL, text, 0, (size_t)len, spans, (size_t)n_spans, LL_TOKENIZE_PROMPT, some, LL_COUNT(some));
    MUST(n >= 0 && n <= LL_COUNT(some), "%d tokens of %d bytes", n, len);
    for (int i = 0; i < n; i++) seen += some[i] == CONTROL;
    MUST(seen == want, "%d control tokens, should be %d", seen, want);
    if (kind > 1 && kind < 6) return;           /* else all are trusted alike */
    k = llocal_tokenize(m->m, text, (size_t)len, kind < 2 ? 0 : LLOCAL_TOKENIZE_PARSE_SPECIAL, all, LL_COUNT(all));
    MUST(k == n && !memcmp(all, some, (size_t)n * sizeof *all), "spans of one kind give other tokens than the text");
}

/* Calls without an object, and of functions that only read. */
static void call_odd(shadow *x) {
    const model *m = &models[x->model];
    llocal_sampler s = some_sampler();
    llocal_token t = 1, out[8];
    llocal_context *none = NULL;
    llocal_plan plan;
    uint8_t byte = 0;
    bool done = true;
    int n;
    say("calls with NULL; text, of c%d's model", at(x));
    llocal_cancel(NULL), llocal_context_close(NULL);
    MUST(llocal_begin(NULL, &t, 1, 1) == LLOCAL_ERR_ARGUMENT && llocal_eval(NULL, &t, 1) == LLOCAL_ERR_ARGUMENT, "no context");
    MUST(llocal_sync(NULL, &t, 1) == LLOCAL_ERR_ARGUMENT && llocal_rewind(NULL, 0) == LLOCAL_ERR_ARGUMENT, "no context");
    MUST(llocal_step(&none, 1, 0, &done) == LLOCAL_ERR_ARGUMENT && !done, "no context");
    MUST(llocal_save(NULL, &byte, 1) == LLOCAL_ERR_ARGUMENT && llocal_restore(NULL, &byte, 1) == LLOCAL_ERR_ARGUMENT, "no context");
    MUST(llocal_position(NULL) == 0 && !llocal_tokens(NULL) && !llocal_logits(NULL, 0) && !llocal_hidden(NULL, -1) && !llocal_save_bytes(NULL), "no context");
    MUST(llocal_fork(NULL, x->c) == LLOCAL_ERR_ARGUMENT && llocal_fork(x->c, NULL) == LLOCAL_ERR_ARGUMENT && !llocal_pending(NULL), "no context");
    MUST(llocal_context_get_desc(x->c).n_ctx == x->n_ctx && llocal_context_get_desc(x->c).n_logits == x->n_logits, "another desc");
    MUST(llocal_next(NULL, &s) == -1 && llocal_next(x->c, NULL) == -1, "no context");
    MUST(llocal_generate(NULL, &s, 1, NULL, NULL) == LLOCAL_ERR_ARGUMENT && llocal_generate(x->c, NULL, 1, NULL, NULL) == LLOCAL_ERR_ARGUMENT, "no context");
    MUST(llocal_context_plan(NULL, NULL, &plan) == LLOCAL_ERR_ARGUMENT && llocal_context_plan(m->m, NULL, NULL) == LLOCAL_ERR_ARGUMENT, "no model");
    MUST(llocal_context_open(NULL, NULL, &none) == LLOCAL_ERR_ARGUMENT && !none, "no model");
    n = llocal_tokenize(m->m, "a b", 3, LLOCAL_TOKENIZE_ADD_SPECIAL, NULL, 0);
    MUST(n == llocal_tokenize(m->m, "a b", 3, LLOCAL_TOKENIZE_ADD_SPECIAL, out, 8), "another number of tokens with room for them");
    MUST(m->text ? n >= 0 : n == -LLOCAL_ERR_UNSUPPORTED, "a text gives %d", n);
    for (int role = -1; role <= LL_ROLES; role++) {
        t = llocal_token_role(m->m, (llocal_role)role);
        MUST(t >= -1 && t < m->n_vocab && (m->text || t == -1), "role %d is token %d", role, (int)t);
    }
    MUST(llocal_token_role(m->m, LLOCAL_ROLE_EOS) == (m->text ? 2 : -1), "another EOS");
    MUST(llocal_token_id(m->m, "<|c|>") == (m->text ? CONTROL : -1) && llocal_token_id(m->m, "none") == -1, "another token of that name");
    if (m->text) check_spans(m);
    t = m->n_vocab;
    MUST(llocal_token_text(m->m, t, false, NULL, 0) < 1 && !llocal_token_is_end(m->m, t), "a text of a token that is none");
}

/* ---- sequences ---------------------------------------------------------------------------------------- */

/* Calls that are also made from callbacks. */
static void call_one(int which, shadow *x) {
    switch (which) {
    case 0: call_begin(x, false); break;
    case 1: call_begin(x, true); break;
    case 2: call_step(false, false); break;
    case 3: call_step(depth == 0, false); break;
    case 4: call_cancel(x); break;
    case 5: call_sync(x); break;
    case 6: call_rewind(x); break;
    case 7: call_save(x); break;
    case 8: call_load(x); break;
    case 9: call_next(x); break;
    case 10: call_generate(x); break;
    case 11: call_reply_begin(x); break;
    case 12: call_reply_step(depth == 0 && one_in(4)); break;
    case 13: call_fork(x); break;
    case 14: call_eval_text(x); break;
    default: call_close(x); break;
    }
}

static void inside(void) {
    int pos[MAX_CONTEXTS];
    shadow *x;
    depth++;
    for (int i = 0; i < MAX_CONTEXTS; i++) pos[i] = llocal_position(contexts[i].c);
    if ((x = some_context(true)) != NULL) call_one(below(16), x);
    for (int i = 0; i < MAX_CONTEXTS; i++)
        MUST(!barred(&contexts[i]) || llocal_position(contexts[i].c) == pos[i], "c%d: position %d, was %d", i, llocal_position(contexts[i].c), pos[i]);
    depth--;
}

/* Everybody queues something, and a little of it gets done. */
static void crowd(void) {
    for (int i = 0; i < MAX_CONTEXTS; i++) if (contexts[i].c && !under_way(&contexts[i])) call_begin(&contexts[i], false);
    call_step(false, true);
}

/* And everybody who does not talk begins to. */
static void talk(void) {
    for (int i = 0; i < MAX_CONTEXTS; i++) if (contexts[i].c && !contexts[i].replying) call_reply_begin(&contexts[i]);
    call_reply_step(false);
}

static void one_call(const int *two_models) {
    enum { CLOSE = 15, OPEN, ODD, CROWD, TALK };
    static const uint8_t often[] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 8, 9, 10, 10,
        11, 12, 12, 12, 12, 13, 13, 13, 14, 14, CLOSE, OPEN, OPEN, ODD, CROWD, CROWD, CROWD, CROWD, CROWD, TALK, TALK, TALK };
    int which = often[below(LL_COUNT(often))], slot = below(MAX_CONTEXTS);
    shadow *x = &contexts[slot];
    if (which == ODD) {
        if ((x = some_context(true)) != NULL) call_odd(x);
        return;
    }
    if (which == OPEN || !some_context(true)) {
        if (!x->c) call_open(x, two_models[one_in(4)]);
        return;
    }
    if (which == CROWD) { crowd(); return; }
    if (which == TALK) { talk(); return; }
    x = some_context(true);
    if (which == CLOSE && one_in(2)) return;
    call_one(which, x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool open;
    int two_models[2];
    if (!open) {
        if (!models_open()) {
            fprintf(stderr, "run this from the top of the repository\n");
            exit(1);
        }
#ifndef LLOCAL_NO_THREADS
        for (int i = 0; i < 2; i++) pools[i] = tiny_pool(2 + i);
#endif
        open = true, printing = getenv("FUZZ_PRINT") != NULL;
    }
    input = data, input_end = data + size, n_groups = 0, usual_kv = below(9), roomy = one_in(16);
    for (int i = 0; i < 2; i++)         /* wide ones and F32 take most of the time, so they come less often */
        two_models[i] = 2 * (one_in(24) ? 5 + below(4) : roomy && one_in(2) ? 1 : below(5)) + !one_in(3);
    for (int i = 0; i < 2 + below(3); i++) call_open(&contexts[i], two_models[0]);
    for (int n = 0; n < MAX_CALLS && input < input_end; n++) {
        one_call(two_models);
        for (int i = 0; i < MAX_CONTEXTS; i++) if (contexts[i].c) verify(&contexts[i]);
    }
    for (int i = 0; i < MAX_CONTEXTS; i++) if (contexts[i].c) call_close(&contexts[i]);
    for (int i = 0; i < MAX_STATES; i++) free(states[i].data), states[i].data = NULL;
    return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv) {
    static uint8_t bytes[400];
    int rounds = argc > 1 ? atoi(argv[1]) : 2000;
    unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (int i = 0; i < rounds; i++) {
        size_t n;
        t_rng = (seed + (unsigned long long)i) * 0x9E3779B97F4A7C15ull | 1;
        for (int k = 0; k < 8; k++) t_random();
        n = 30 + (size_t)(t_random() >> 32) % (sizeof bytes - 30);
        for (size_t k = 0; k < n; k++) bytes[k] = (uint8_t)(t_random() >> 32);
        fprintf(stderr, "\r%llu ", seed + (unsigned long long)i);
        LLVMFuzzerTestOneInput(bytes, n);
    }
    printf("%d rounds without a finding\n", rounds);
    return t_total();
}
#endif
