/* What a page calls of llocal.h: a model, a context and one reply at a time. llocal.mjs is the other half; `make web`
 * compiles this to WebAssembly. One instance of the module has one model: to forget the model, forget the instance.
 * Numbers are ints, texts UTF-8 with their length; 0 is success, else web_error says what is wrong. */
#define LLOCAL_NO_STDIO
#define LLOCAL_NO_THREADS
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"

#ifdef __wasm_atomics__
/* Threads: instances of this module over one memory, each in a worker (thread.mjs), each with a stack of its own. They
 * take indices of a round and sleep between rounds; a ticket is the round and the next index. */
enum { SPINS = 4000, MAX_THREADS = 64 };
static struct {
    void (*task)(void *arg, int i);
    void *arg;
    int count, ticket, left;            /* ticket, left: atomic */
} team;

static bool take(int round, int *i) {
    for (int t = __atomic_load_n(&team.ticket, __ATOMIC_ACQUIRE); t / MAX_THREADS == round;) {
        *i = t % MAX_THREADS;
        if (*i >= team.count) return false;
        if (__atomic_compare_exchange_n(&team.ticket, &t, t + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return true;
    }
    return false;
}
static void work(int round) {
    for (int i; take(round, &i); __atomic_fetch_sub(&team.left, 1, __ATOMIC_ACQ_REL)) team.task(team.arg, i);
}
static void run(void *user, int count, void (*task)(void *arg, int i), void *arg) {
    const int round = (team.ticket / MAX_THREADS + 1) & 0xffffff;
    (void)user;
    team.task = task, team.arg = arg, team.count = count;
    __atomic_store_n(&team.left, count, __ATOMIC_RELEASE);
    __atomic_store_n(&team.ticket, round * MAX_THREADS, __ATOMIC_RELEASE);
    __builtin_wasm_memory_atomic_notify(&team.ticket, MAX_THREADS);
    work(round);
    for (int i = 0; __atomic_load_n(&team.left, __ATOMIC_ACQUIRE) > 0; i++) ll_wait(i);
}
/* What a worker does, for ever. */
__attribute__((export_name("web_thread"))) void web_thread(void) {
    for (int seen = 0;; ) {
        int i = 0, t = __atomic_load_n(&team.ticket, __ATOMIC_ACQUIRE);
        for (; i < SPINS && t / MAX_THREADS == seen; i++) t = __atomic_load_n(&team.ticket, __ATOMIC_ACQUIRE);
        if (t / MAX_THREADS == seen) __builtin_wasm_memory_atomic_wait32(&team.ticket, t, -1);
        else seen = t / MAX_THREADS, work(seen);
    }
}
#endif

#define WEB(name) __attribute__((export_name(#name)))

enum { MAX_PROMPT = 1 << 16, MAX_TEXT = 1 << 20, MAX_MESSAGES = 1024, MAX_NODES = 8 * MAX_MESSAGES, ROOM = 1 << 20 };

static struct {
    llocal_model *model;
    llocal_context *context;
    llocal_chat *chat;
    llocal_reply reply, *list;
    llocal_stats before;                /* when the reply began */
    llocal_token *prompt;               /* [MAX_PROMPT] */
    char *text, *room;                  /* [MAX_TEXT] [ROOM] */
    char info[1024], error[512];
} web;

static llocal_str str_of(const char *s) { llocal_str r; r.ptr = s, r.len = strlen(s); return r; }
static int fail(const char *message) {
    strncpy(web.error, message, sizeof web.error - 1);
    return 1;
}

WEB(web_alloc) void *web_alloc(size_t n) { return malloc(n); }
WEB(web_free) void web_free(void *p) { free(p); }
WEB(web_error) const char *web_error(void) { return web.error; }
WEB(web_text) const char *web_text(void) { return web.text; }
WEB(web_text_length) size_t web_text_length(void) { return web.reply.state.n_text < MAX_TEXT ? web.reply.state.n_text : strlen(web.text); }

static void put_number(llocal_json_writer *w, const char *key, uint64_t n) {
    char digits[24], *at = digits + sizeof digits - 1;
    *at = 0;
    do *--at = (char)('0' + n % 10); while (n /= 10);
    llocal_json_put_key(w, str_of(key)), llocal_json_put(w, at);
}
/* What the model is, as a JSON object. */
WEB(web_info) const char *web_info(void) {
    const llocal_hparams *h = llocal_model_hparams(web.model);
    llocal_json_writer w;
    memset(&w, 0, sizeof w);
    w.out = web.info, w.cap = sizeof web.info - 1;
    llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("name")), llocal_json_put_string(&w, h->name);
    llocal_json_put_key(&w, str_of("architecture")), llocal_json_put_string(&w, h->arch);
    put_number(&w, "parameters", h->n_params);
    put_number(&w, "context", (uint64_t)llocal_context_get_desc(web.context).n_ctx);
    llocal_json_put_key(&w, str_of("chat")), llocal_json_put(&w, web.chat ? "true" : "false");
    llocal_json_put_key(&w, str_of("build")), llocal_json_put_string(&w, str_of(llocal_build()));
    llocal_json_put(&w, "}");
    web.info[w.n < w.cap ? w.n : 0] = 0;
    return web.info;
}

/* The image of a GGUF file, which stays where it is. n_ctx 0: as llocal_context_desc says. threads: this one and workers
 * that are in web_thread. */
WEB(web_open) int web_open(const void *data, size_t size, int n_ctx, int threads) {
    llocal_source src;
    llocal_context_desc d;
    llocal_fault ignored;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&ignored, 0, sizeof ignored);
    src.data = data, src.data_size = size;
    src.logger.error = web.error, src.logger.error_size = sizeof web.error;
    d.logger = src.logger, d.n_ctx = n_ctx;
#ifdef __wasm_atomics__
    d.workers.run = run, d.workers.width = threads < MAX_THREADS ? threads : MAX_THREADS - 1;
#else
    (void)threads;
#endif
    web.prompt = (llocal_token *)malloc(MAX_PROMPT * sizeof *web.prompt);
    web.text = (char *)malloc(MAX_TEXT), web.room = (char *)malloc(ROOM);
    if (!web.prompt || !web.text || !web.room) return fail("out of memory");
    if (llocal_model_open(&src, &web.model)) return 1;
    if (llocal_model_hparams(web.model)->embeds) return fail("this model makes vectors, no text");
    if (llocal_context_open(web.model, &d, &web.context)) return 1;
    if (llocal_chat_open(web.model, NULL, &ignored, &web.chat)) web.chat = NULL;    /* then there is completion only */
    web.error[0] = 0;
    return 0;
}

static int begin(int n_prompt) {
    llocal_reply *r = &web.reply;
    if (n_prompt < 0 || n_prompt > MAX_PROMPT) return fail("the prompt is too long, or no text");
    r->context = web.context, r->prompt = web.prompt, r->n_prompt = n_prompt;
    r->text = web.text, r->text_size = MAX_TEXT;
    memset(&r->state, 0, sizeof r->state);
    web.before = llocal_context_stats(web.context);
    web.list = r;
    return llocal_reply_begin(r) ? 1 : 0;
}

/* Of the replies to come. 0 of each: as llocal_sampler says; max_tokens 0: until the window is full. */
WEB(web_settings) void web_settings(float temperature, int top_k, float top_p, float min_p, float repeat_penalty,
                                    int seed, int max_tokens) {
    llocal_sampler s;
    memset(&s, 0, sizeof s);
    s.temperature = temperature, s.top_k = top_k, s.top_p = top_p, s.min_p = min_p;
    s.repeat_penalty = repeat_penalty, s.penalty_last_n = 64, s.rng = (uint64_t)(uint32_t)seed;
    web.reply.sampler = s, web.reply.max_tokens = max_tokens;
}
WEB(web_complete) int web_complete(const char *text, size_t length) {
    return begin(llocal_tokenize(web.model, text, length, LLOCAL_TOKENIZE_ADD_SPECIAL, web.prompt, MAX_PROMPT));
}

/* A member of a message, as text, in what is left of the room. */
static bool member(const llocal_json *j, int object, const char *key, size_t *used, llocal_str *out) {
    const int node = llocal_json_find(j, object, key);
    const int n = node < 0 ? -1 : llocal_json_text(j, node, web.room + *used, (int)(ROOM - *used));
    if (n < 0 || (size_t)n + 1 > ROOM - *used) return false;
    out->ptr = web.room + *used, out->len = (size_t)n;
    web.room[*used + out->len] = 0, *used += out->len + 1;
    return true;
}
/* [{"role": ..., "content": ...}, ...]: the model answers as its template wants it. */
WEB(web_chat) int web_chat(const char *json, size_t length) {
    static llocal_json_node nodes[MAX_NODES];
    static llocal_message messages[MAX_MESSAGES];
    llocal_json j;
    llocal_chat_prompt p;
    llocal_fault fault;
    size_t used = 0;
    int n;
    if (!web.chat) return fail("this model has no chat template");
    memset(&j, 0, sizeof j), memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault);
    j.text = json, j.len = length, j.nodes = nodes, j.cap = MAX_NODES;
    n = llocal_json_read(&j, &fault);
    if (n < 0 || n > MAX_NODES) return fail(n < 0 ? fault.message : "too many messages");
    for (int i; (i = llocal_json_item(&j, 0, p.n_messages)) >= 0; p.n_messages++) {
        llocal_str role;
        if (p.n_messages == MAX_MESSAGES) return fail("too many messages");
        memset(&messages[p.n_messages], 0, sizeof *messages);
        if (!member(&j, i, "role", &used, &role) || !member(&j, i, "content", &used, &messages[p.n_messages].text))
            return fail("a message has a role and a content, and all together at most a megabyte");
        messages[p.n_messages].role = role.ptr;
    }
    p.messages = messages, p.tokens = web.prompt, p.cap = MAX_PROMPT;
    if (llocal_chat_render(web.chat, &p, &fault)) return fail(*fault.message ? fault.message : "the template fails");
    return begin(p.n_tokens);
}

/* Works for so many microseconds: 0 while there is more to do, 1 when the reply has ended, -1 when it has failed. */
WEB(web_step) int web_step(int budget_us) {
    bool done = false;
    if (!web.list) return -1;
    if (llocal_reply_step(&web.list, 1, (uint32_t)budget_us, &done)) return -1;
    return done;
}
WEB(web_stop) const char *web_stop(void) { return llocal_stop_name(web.reply.state.stop); }

/* Of the reply: 0 tokens read, 1 milliseconds for them, 2 tokens written, 3 milliseconds for them. */
WEB(web_count) double web_count(int which) {
    const llocal_stats s = llocal_context_stats(web.context);
    switch (which) {
    case 0: return (double)(s.tokens_prefilled - web.before.tokens_prefilled);
    case 1: return (double)(s.us_prefill - web.before.us_prefill) / 1e3;
    case 2: return (double)(s.tokens_decoded - web.before.tokens_decoded);
    default: return (double)(s.us_decode - web.before.us_decode) / 1e3;
    }
}
