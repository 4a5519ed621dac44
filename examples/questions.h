/* Questions about a text, from a file, and how their answers are written: what decide and triage have in common.
 * Include it behind system.h.
 *
 *     {"instruction": "You sort notifications.", "before": "Notification: ", "text_last": false, "questions": [
 *         {"name": "topic", "ask": "What is it about?", "lead": "This is about",
 *          "options": ["bill", "delivery", "spam"], "letters": false, "both_orders": false,
 *          "temperature": 1.4, "bias": [0.1, -0.2, 0]},
 *         {"name": "today", "kind": "yes_no", "ask": "Does it have to be dealt with today?"},
 *         {"name": "size", "kind": "scale", "ask": "...", "options": ["small", "middling", "large"]}]}
 *
 * What is left out is off, or as in llocal_question. */
#ifndef QUESTIONS_H
#define QUESTIONS_H
#include <math.h>

enum { MAX_QUESTIONS = 8, MAX_NODES = 4096 };

typedef struct decider {                /* zero it, and set program */
    const char *program;                /* in messages */
    llocal_decision d;
    llocal_question q[MAX_QUESTIONS];
    llocal_str name[MAX_QUESTIONS], options[MAX_QUESTIONS][LLOCAL_MAX_OPTIONS];
    float bias[MAX_QUESTIONS][LLOCAL_MAX_OPTIONS];
    llocal_str before;                  /* of every text */
    llocal_json_node nodes[MAX_NODES];
    llocal_model *m;
    llocal_context *c[MAX_QUESTIONS];
    llocal_chat *chat;
    llocal_pool *pool;
} decider;

static inline bool decider_fault(const decider *d, const char *what, const char *detail) {
    print_plain(stderr, "%s: error: %s%s\n", d->program, what, detail);
    return false;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* A string of a file, to be kept. It is as long as the program runs. */
static inline llocal_str keep_text(const llocal_json *j, int node) {
    int n = llocal_json_text(j, node, NULL, 0);
    char *p = n >= 0 ? (char *)malloc((size_t)n + 1) : NULL;
    if (!p) return str_of("");
    llocal_json_text(j, node, p, n);
    p[n] = 0;
    return str_of(p);
}

static inline llocal_str member_text(const llocal_json *j, int object, const char *key) {
    int node = llocal_json_find(j, object, key);
    return node >= 0 && j->nodes[node].type == LLOCAL_JSON_STRING ? keep_text(j, node) : str_of("");
}

static inline bool member_true(const llocal_json *j, int object, const char *key) {
    int node = llocal_json_find(j, object, key);
    return node >= 0 && j->nodes[node].type == LLOCAL_JSON_TRUE;
}

static inline bool read_kind(const decider *d, const char *kind, llocal_question *q) {
    static const char *const kinds[] = { "choice", "scale", "yes_no" };
    for (int i = 0; i < 3; i++)
        if (!*kind || !strcmp(kind, kinds[i])) { q->kind = (llocal_question_kind)(*kind ? i : 0); return true; }
    return decider_fault(d, "a kind is choice, scale or yes_no, not ", kind);
}

static inline bool read_question(decider *d, const llocal_json *j, int node) {
    const int k = d->d.n_questions++;
    llocal_question *q = &d->q[k];
    int options = llocal_json_find(j, node, "options"), bias = llocal_json_find(j, node, "bias"), item;
    double v = 0;
    d->name[k] = member_text(j, node, "name");
    if (!d->name[k].len) d->name[k] = str_of("answer");
    q->ask = member_text(j, node, "ask"), q->lead = member_text(j, node, "lead");
    q->letters = member_true(j, node, "letters") ? 1 + member_true(j, node, "both_orders") : 0;
    if (llocal_json_number(j, llocal_json_find(j, node, "temperature"), &v)) q->temperature = (float)v;
    if (!read_kind(d, member_text(j, node, "kind").ptr, q)) return false;
    if (llocal_json_number(j, options, &v)) q->n_options = (int)v;        /* of a scale, without words */
    for (int i = 0; (item = llocal_json_item(j, options, i)) >= 0; i++) {
        if (i == LLOCAL_MAX_OPTIONS) return decider_fault(d, "too many options: ", d->name[k].ptr);
        d->options[k][q->n_options++] = keep_text(j, item);
        q->options = d->options[k];
    }
    for (int i = 0; (item = llocal_json_item(j, bias, i)) >= 0 && i < LLOCAL_MAX_OPTIONS; i++) {
        if (!llocal_json_number(j, item, &v)) return decider_fault(d, "a bias is no number: ", d->name[k].ptr);
        d->bias[k][i] = (float)v, q->bias = d->bias[k];
    }
    return true;
}

/* The text of a file; its nodes stay in d->nodes until the next is read. */
static inline bool read_questions(decider *d, llocal_json *j, const char *path) {
    llocal_fault fault;
    size_t len;
    int list, item;
    char *text = file_read(path, &len);
    memset(&fault, 0, sizeof fault);
    if (!text) return decider_fault(d, "cannot read ", path);
    j->text = text, j->len = len, j->nodes = d->nodes, j->cap = MAX_NODES;
    list = llocal_json_read(j, &fault);
    if (list < 0 || list > MAX_NODES)
        return decider_fault(d, list < 0 ? fault.message : "too much in ", list < 0 ? "" : path);
    d->d.instruction = member_text(j, 0, "instruction"), d->before = member_text(j, 0, "before");
    d->d.text_last = member_true(j, 0, "text_last");
    list = llocal_json_find(j, 0, "questions");
    for (int i = 0; (item = llocal_json_item(j, list, i)) >= 0; i++) {
        if (i == MAX_QUESTIONS) return decider_fault(d, "too many questions in ", path);
        if (!read_question(d, j, item)) return false;
    }
    return d->d.n_questions > 0 || decider_fault(d, "no questions in ", path);
}

/* ---- the model ----------------------------------------------------------------------------- */

/* A context for each question: then they share passes. False: why has been said. */
static inline bool decider_open(decider *d, const char *path, int n_ctx, int n_threads, bool plain) {
    llocal_source src;
    llocal_context_desc cd;
    llocal_pool_desc pd;
    memset(&src, 0, sizeof src), memset(&cd, 0, sizeof cd), memset(&pd, 0, sizeof pd);
    src.path = path, src.logger.write = log_plain;
    if (llocal_model_open(&src, &d->m)) return false;
    pd.n_threads = n_threads, pd.logger.write = log_plain;
    if (n_threads > 1 && llocal_pool_open(&pd, &d->pool)) return false;
    if (d->pool) cd.workers = llocal_pool_workers(d->pool);
    cd.n_ctx = n_ctx, cd.n_logits = 8;
    for (int i = 0; i < d->d.n_questions; i++) {
        llocal_result r = llocal_context_open(d->m, &cd, &d->c[i]);
        explain_context(d->program, r, n_ctx);
        if (r) return false;
    }
    plain = plain || llocal_gguf_meta_find(llocal_model_gguf(d->m), "tokenizer.chat_template") < 0;
    if (!plain && llocal_chat_open(d->m, NULL, NULL, &d->chat)) return false;
    d->d.contexts = d->c, d->d.n_contexts = d->d.n_questions, d->d.chat = d->chat, d->d.questions = d->q;
    return true;
}

static inline void decider_close(decider *d) {
    llocal_chat_close(d->chat);
    for (int i = 0; i < MAX_QUESTIONS; i++) llocal_context_close(d->c[i]);
    llocal_pool_close(d->pool), llocal_model_close(d->m);
}

/* ---- answers ------------------------------------------------------------------------------- */

static inline int n_options(const llocal_question *q) { return q->options || q->kind != LLOCAL_YES_NO ? q->n_options
    : 2; }

static inline llocal_str option_name(const llocal_question *q, int i) {
    static const char *const figures[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9" };
    return q->options ? q->options[i] : q->kind == LLOCAL_YES_NO ? str_of(i ? "No" : "Yes") : str_of(figures[i]);
}

static inline void put_rounded(llocal_json_writer *w, float v) {
    llocal_json_put_number(w, floor((double)v * 1e4 + 0.5) / 1e4);
}

static inline void put_answers(const decider *d, llocal_json_writer *w) {
    llocal_json_put(w, "{");
    for (int k = 0; k < d->d.n_questions; k++) {
        const llocal_question *q = &d->q[k];
        llocal_json_put_key(w, d->name[k]);
        llocal_json_put(w, "{");
        llocal_json_put_key(w, str_of("answer"));
        llocal_json_put_string(w, option_name(q, q->best));
        if (q->kind == LLOCAL_SCALE) llocal_json_put_key(w, str_of("value")), put_rounded(w, q->value);
        llocal_json_put_key(w, str_of("p"));
        llocal_json_put(w, "{");
        for (int i = 0; i < n_options(q); i++) {
            llocal_json_put_key(w, option_name(q, i));
            put_rounded(w, q->p[i]);
        }
        llocal_json_put(w, "}");
        llocal_json_put(w, "}");
    }
    llocal_json_put(w, "}");
}

#endif
