/* What is told, and how, the same on a board (board.c) and on the machine that checks it (tests/board.c). */
#ifndef STORY_H
#define STORY_H
#ifndef N_CTX
#  define N_CTX 256                     /* positions; the arena must be large enough (ARENA) */
#endif
#ifndef N_TOKENS
#  define N_TOKENS 40
#endif
#ifndef KV
#  define KV LLOCAL_KV_Q8
#endif
#define PROMPT "Once upon a time"

typedef struct story {
    const llocal_model *model;
    llocal_context *context;
    void (*put)(const char *s, size_t n);
    uint64_t (*ticks)(void);            /* a steady clock, or NULL */
    uint64_t start, first, end;         /* its ticks at the start, at the first token, and behind the last */
    int n;                              /* tokens told */
    uint64_t bits;                      /* a hash of every bit of the logits of each */
} story;

/* One pass for each token, no end of a prompt to go back to but one: as little memory as it takes. */
static void story_desc(llocal_context_desc *d) {
    memset(d, 0, sizeof *d);
    d->n_ctx = N_CTX, d->n_batch = 1, d->n_snapshots = 1;
    d->k = d->v = KV;
}

static bool story_text(void *user, llocal_token t, llocal_str text) {
    story *s = (story *)user;
    const float *logits = llocal_logits(s->context, -1);
    (void)t;
    if (s->n++ == 0 && s->ticks) s->first = s->ticks();
    for (int i = 0; i < llocal_model_hparams(s->model)->n_vocab; i++) {
        uint32_t word;
        memcpy(&word, logits + i, 4);
        s->bits = (s->bits ^ word) * 1099511628211u;
    }
    s->put(text.ptr, text.len);
    return true;
}

/* The greedy story, then a line with its bits; s: model, context, put and ticks. */
static llocal_result story_tell(story *s) {
    static const char head[] = "story: " PROMPT, bits[] = "\nbits: ";
    char hex[17];
    llocal_sampler greedy;
    llocal_result r;
    memset(&greedy, 0, sizeof greedy);
    s->bits = 14695981039346656037u, s->n = 0;
    if (s->ticks) s->start = s->ticks();
    s->put(head, sizeof head - 1);
    r = llocal_eval_text(s->context, PROMPT, sizeof PROMPT - 1, LLOCAL_TOKENIZE_ADD_SPECIAL);
    if (!r) r = llocal_generate(s->context, &greedy, N_TOKENS, story_text, s);
    if (s->ticks) s->end = s->ticks();
    for (int i = 0; i < 16; i++) hex[i] = "0123456789abcdef"[s->bits >> (60 - 4 * i) & 15];
    hex[16] = '\n';
    s->put(bits, sizeof bits - 1), s->put(hex, sizeof hex);
    return r;
}
#endif
