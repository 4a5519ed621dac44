/* A vocabulary without a model, and the files of tokens that llocal_tokenize is compared with: a .jsonl
 * (a header line, then records of text, flags, tokens and what they spell), or a pair .inp, .out
 * (texts between marks, and a line of ids for each, without what ADD_SPECIAL adds). */
#ifndef TOKENS_H
#define TOKENS_H
#include "t.h"

/* What llocal_model begins with; the rest of it does not matter here. */
typedef struct test_vocabulary {
    ll_vocab v;
    llocal_gguf *g;
    void *memory;
    uint64_t bytes;
    char message[400];
} test_vocabulary;

static inline void test_vocab_message(void *user, llocal_log_level level, const char *message) {
    (void)level;
    snprintf((char *)user, 400, "%s", message);
}

static inline const llocal_model *test_vocab_model(const test_vocabulary *t) {
    return (const llocal_model *)(const void *)&t->v;
}

static inline void test_vocab_close(test_vocabulary *t) {
    llocal_allocator a = { NULL, NULL };
    a = ll_allocator(a);
    ll_free(&a, t->memory, t->bytes);
    llocal_gguf_close(t->g);
    t->memory = NULL, t->g = NULL;
}

/* pre: take this tokenizer.ggml.pre instead of the file's. */
static inline llocal_result test_vocab_open_source(test_vocabulary *t, const llocal_source *src, const char *pre) {
    llocal_allocator a = { NULL, NULL };
    ll_arena arena = { NULL, 0 };
    llocal_logger log = { test_vocab_message, NULL, NULL, 0 };
    llocal_result r;
    llocal_source logged = *src;
    int at;
    memset(t, 0, sizeof *t);
    log.user = t->message, logged.logger = log;
    r = llocal_gguf_open(&logged, &t->g);
    if (r) return r;
    at = llocal_gguf_meta_find(t->g, "tokenizer.ggml.pre");
    if (pre && at >= 0) t->g->meta[at].as.s = ll_str(pre);
    a = ll_allocator(a);
    ll_vocab_layout(&arena, &t->g->facts, &t->v);
    t->bytes = arena.used;
    r = ll_alloc(&a, arena.used, &t->memory);
    if (r) return r;
    arena.base = (uint8_t *)t->memory;
    arena.used = 0;
    ll_vocab_layout(&arena, &t->g->facts, &t->v);
    if (arena.used != t->bytes) return LLOCAL_ERR_ARGUMENT;
    t->v.allocator = a, t->v.pre_asked = pre && at < 0 ? pre : src->pre;
    return ll_vocab_load(&t->v, t->g, &log);
}
static inline llocal_result test_vocab_open(test_vocabulary *t, const char *path, const char *pre) {
    llocal_source src;
    memset(&src, 0, sizeof src);
    src.path = path;
    return test_vocab_open_source(t, &src, pre);
}

/* ---- a .jsonl --------------------------------------------------------------------------------- */

typedef struct test_case {
    char *text, *detok, *got_text;      /* with room for whatever a line can hold */
    int n_text, n_detok, n_tokens, room;
    llocal_token *tokens, *got, *parts; /* got, parts: 2 * room */
    unsigned flags;
    bool error;                         /* the record has no answer: anything but a crash will do */
} test_case;

typedef struct test_header { char pre[64]; int bos, eos, eot, sep, add_bos, add_eos, n; } test_header;

/* The bytes of a JSON string at p (behind its quote) or, hex, of pairs of digits; where it ends. */
static inline const char *test_vocab_string(const char *p, bool hex, char *out, int *n) {
    for (*n = 0; *p && *p != '"';) {
        unsigned c = (unsigned char)*p++;
        if (hex) {
            char digits[3] = { (char)c, *p, 0 };
            if (*p) p++;
            out[(*n)++] = (char)strtoul(digits, NULL, 16);
        } else if (c == '\\' && *p == 'u') {
            char digits[5] = { p[1], p[2], p[3], p[4], 0 };
            c = (unsigned)strtoul(digits, NULL, 16), p += 5;
            if (c >> 10 == 0x36 && p[0] == '\\') {
                memcpy(digits, p + 2, 4);
                c = 0x10000 + ((c & 1023) << 10) + ((unsigned)strtoul(digits, NULL, 16) & 1023), p += 6;
            }
            *n += ll_utf8_put(c, out + *n);
        } else if (c == '\\') {
            c = (unsigned char)*p++;
            out[(*n)++] = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c);
        } else out[(*n)++] = (char)c;
    }
    return p;
}

static inline bool test_vocab_field(const char *p, const char *name, bool hex, char *out, int *n) {
    const char *at = strstr(p, name);
    if (at) test_vocab_string(at + strlen(name), hex, out, n);
    return at != NULL;
}

/* Other lines than the header. No field's name occurs in a text: there its quotes have a backslash. */
static inline bool test_vocab_line(const char *line, test_case *c) {
    const char *p;
    c->n_text = c->n_detok = c->n_tokens = 0, c->flags = 0;
    if (!test_vocab_field(line, "{\"text\": \"", false, c->text, &c->n_text) &&
        !test_vocab_field(line, "{\"hex\": \"", true, c->text, &c->n_text)) return false;
    if (strstr(line, "\"parse_special\": true")) c->flags |= LLOCAL_TOKENIZE_PARSE_SPECIAL;
    if (strstr(line, "\"add_special\": true")) c->flags |= LLOCAL_TOKENIZE_ADD_SPECIAL;
    c->error = strstr(line, "\"error\": ") != NULL;
    if (c->error) return true;
    if (!(p = strstr(line, "\"tokens\": ["))) return false;
    for (p += 11; *p && *p != ']'; p += *p == ',') c->tokens[c->n_tokens++] = (llocal_token)strtol(p, (char **)&p, 10);
    return test_vocab_field(line, "\"detok\": \"", false, c->detok, &c->n_detok) ||
           test_vocab_field(line, "\"detok_hex\": \"", true, c->detok, &c->n_detok);
}

static inline int test_vocab_number(const char *line, const char *name) {
    const char *at = strstr(line, name);
    return at ? atoi(at + strlen(name)) : -2;
}
static inline test_header test_vocab_header(const char *line) {
    test_header h;
    int n = 0;
    memset(&h, 0, sizeof h);
    if (strlen(line) < 4000) {
        char pre[4000];
        if (test_vocab_field(line, "\"pre\": \"", false, pre, &n) && n < 64) memcpy(h.pre, pre, (size_t)n);
    }
    h.bos = test_vocab_number(line, "\"bos\": "), h.eos = test_vocab_number(line, "\"eos\": ");
    h.eot = test_vocab_number(line, "\"eot\": "), h.sep = test_vocab_number(line, "\"sep\": ");
    h.add_bos = test_vocab_number(line, "\"add_bos\": "), h.add_eos = test_vocab_number(line, "\"add_eos\": ");
    h.n = test_vocab_number(line, "\"n\": ");
    return h;
}

static inline void test_case_show(const char *what, const llocal_token *ids, int n) {
    printf("       %s", what);
    for (int i = 0; i < n && i < 40; i++) printf(" %d", (int)ids[i]);
    printf("\n");
}

/* Between two words (ll_vocab_border) text can be cut, whatever is before and behind: c->got has the n tokens of it all. */
static inline bool test_vocab_border(const test_vocabulary *t, test_case *c, int *shown) {
    const ll_vocab *v = &t->v;
    const size_t len = (size_t)c->n_text, all = 2 * len + 7;
    const ll_text_span span = { 0, all, (c->flags & LLOCAL_TOKENIZE_PARSE_SPECIAL) != 0 };
    char *text = c->got_text;
    int n, k;
    size_t at;
    if (!v->cut_at_words || len > 10000 || len > (size_t)c->room / 4) return true;
    memcpy(text, c->text, len), memcpy(text + len, "abc def", 7), memcpy(text + len + 7, c->text, len);
    n = ll_vocab_encode(v, text, all, c->flags | LL_TOKENIZE_PROMPT, c->got, 2 * c->room);
    for (size_t end = all; (at = ll_vocab_border(v, text, end)) != 0; end = at) {
        k = ll_vocab_encode_spans(v, text, 0, at, &span, 1, c->flags | LL_TOKENIZE_PROMPT, c->parts, 2 * c->room);
        k += ll_vocab_encode_spans(v, text, at, all, &span, 1, c->flags | LL_TOKENIZE_PROMPT, c->parts + k, 2 * c->room - k);
        if (k == n && !memcmp(c->got, c->parts, (size_t)n * sizeof *c->got)) continue;
        if ((*shown)++ < 3) {
            printf("       at %d \"%.*s\" was cut (flags %u)\n", (int)at, (int)all, text, c->flags);
            test_case_show("parts ", c->parts, k), test_case_show("wanted", c->got, n);
        }
        return false;
    }
    return true;
}

/* shown: how many failures were told of so far. */
static inline bool test_vocab_case(const test_vocabulary *t, test_case *c, int *shown) {
    const llocal_model *m = test_vocab_model(t);
    /* (where llama.cpp lets text spell control tokens the records have that, and the library not) */
    bool open = t->v.kind->flags & LL_KIND_OPEN && !(c->flags & LLOCAL_TOKENIZE_PARSE_SPECIAL);
    int n = open ? ll_vocab_encode(&t->v, c->text, (size_t)c->n_text, c->flags | LL_TOKENIZE_OPEN, c->got, c->room)
                 : llocal_tokenize(m, c->text, (size_t)c->n_text, c->flags, c->got, c->room), k;
    if (c->error) return true;
    if (n != c->n_tokens || memcmp(c->got, c->tokens, (size_t)n * sizeof *c->got)) {
        if ((*shown)++ < 3) {
            printf("       tokens of \"%.*s\" (flags %u)\n", c->n_text, c->text, c->flags);
            test_case_show("are   ", c->got, n), test_case_show("wanted", c->tokens, c->n_tokens);
        }
        return false;
    }
    k = llocal_detokenize(m, c->got, n, LLOCAL_DETOKENIZE_SPELL_SPECIAL, c->got_text, 4 * c->room);
    if (k == c->n_detok && !memcmp(c->got_text, c->detok, (size_t)k)) return test_vocab_border(t, c, shown);
    if ((*shown)++ < 3) printf("       detok \"%.*s\", wanted \"%.*s\"\n", k, c->got_text, c->n_detok, c->detok);
    return false;
}

/* All records of a .jsonl, as its bytes (which change). */
static inline void test_vocab_records(const test_vocabulary *t, char *lines, int *n_passed, int *n_failed) {
    test_case c;
    int shown = 0;
    memset(&c, 0, sizeof c);
    c.room = (int)strlen(lines) + 64;
    c.text = (char *)malloc((size_t)c.room), c.detok = (char *)malloc((size_t)c.room);
    c.got_text = (char *)malloc(4 * (size_t)c.room);
    c.tokens = (llocal_token *)malloc((size_t)c.room * sizeof *c.tokens);
    c.got = (llocal_token *)malloc(2 * (size_t)c.room * sizeof *c.got);
    c.parts = (llocal_token *)malloc(2 * (size_t)c.room * sizeof *c.parts);
    for (char *line = lines, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (line == lines && !strncmp(line, "{\"vocab\"", 8)) {
            test_header h = test_vocab_header(line);
            /* (where a file names no BOS or EOS of byte-level BPE, llama.cpp says 11) */
            llocal_token bos = t->v.role[LLOCAL_ROLE_BOS], eos = t->v.role[LLOCAL_ROLE_EOS];
            bool same = (bos == h.bos || (bos < 0 && h.bos == 11)) && (eos == h.eos || (eos < 0 && h.eos == 11)) &&
                        t->v.role[LLOCAL_ROLE_EOT] == h.eot && t->v.role[LLOCAL_ROLE_SEPARATOR] == h.sep &&
                        t->v.n_tokens == h.n && t->v.add_bos == (h.add_bos == 1) && t->v.add_eos == (h.add_eos == 1);
            if (!same)
                printf("       bos %d, eos %d, eot %d, sep %d, add %d %d, n %d; wanted %d %d %d %d, %d %d, %d\n", (int)bos, (int)eos, (int)t->v.role[LLOCAL_ROLE_EOT], (int)t->v.role[LLOCAL_ROLE_SEPARATOR], t->v.add_bos, t->v.add_eos, t->v.n_tokens, h.bos, h.eos, h.eot, h.sep,
                       h.add_bos, h.add_eos, h.n);
            *n_failed += !same;
        } else if (test_vocab_line(line, &c) && test_vocab_case(t, &c, &shown)) (*n_passed)++;
        else (*n_failed)++;
    }
    free(c.text), free(c.detok), free(c.got_text), free(c.tokens), free(c.got), free(c.parts);
}

/* ---- .inp and .out ------------------------------------------------------------------------------ */

static inline void test_vocab_pairs(const test_vocabulary *t, const char *in, const char *out, int *n_passed, int *n_failed) {
    static const char mark[] = "\n__ggml_vocab_test__\n";
    size_t room = strlen(in) + 64;
    llocal_token *got = (llocal_token *)malloc(2 * room * sizeof *got);
    test_case c;
    int shown = 0;
    memset(&c, 0, sizeof c);
    c.room = (int)room, c.got = got, c.parts = (llocal_token *)malloc(2 * room * sizeof *got);
    c.text = (char *)malloc(room), c.got_text = (char *)malloc(2 * room);
    for (const char *p = in, *q = out, *end; *q && (end = strstr(p, mark)) != NULL; q += *q == '\n', p = end + sizeof mark - 1) {
        int n = llocal_tokenize(test_vocab_model(t), p, (size_t)(end - p), 0, got, (int)room), k = 0;
        bool good = true;
        while (*q && *q != '\n') {
            long id = strtol(q, (char **)&q, 10);
            while (*q == ' ') q++;
            good = good && k < n && got[k] == id, k++;
        }
        memcpy(c.text, p, (size_t)(end - p)), c.n_text = (int)(end - p);
        if (good && k == n && test_vocab_border(t, &c, &shown)) (*n_passed)++;
        else (*n_failed)++;
    }
    free(got), free(c.parts), free(c.text), free(c.got_text);
}
#endif
