/* What a rule costs: rule VOCAB.gguf CASE.json prints how long its schema (or tools) takes to compile, how much memory, and
 * microseconds for the mask of a token along the texts that the case accepts: of the first 20 tokens, when nothing is kept
 * yet, of those behind them, and when all came before; and how many of their tokens need no choice. CASE.json has "schema" or "tools", and "accept": a list of strings. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "../tests/t.h"
#include <time.h>

/* Of this process: other ones do not count. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static double compile(const llocal_model *m, const llocal_rule_desc *d, llocal_rule **out) {
    double best = 1e12;
    for (int i = 0; i < 5; i++) {
        double begin = now();
        llocal_fault f;
        memset(&f, 0, sizeof f);
        llocal_rule_close(*out);
        if (llocal_rule_open(m, d, &f, out)) { fprintf(stderr, "%s\n", f.message); exit(1); }
        begin = now() - begin;
        if (begin < best) best = begin;
    }
    return best / 1e3;
}

typedef struct sums { double us, most; int n; } sums;
static void add(sums *s, double us) { s->us += us, s->n++, s->most = us > s->most ? us : s->most; }
static void print(const char *what, const sums *s) {
    printf("%-28s %8.1f us a token, at most %8.1f (%d tokens)\n", what, s->n ? s->us / s->n : 0, s->most, s->n);
}

/* A text's tokens behind a line's end, where a tokenizer puts a space before a text; NULL: it cannot be cut so. */
static const llocal_token *cut(const llocal_model *m, const char *text, int len, int *n) {
    static llocal_token ids[20000];
    static char line[1 << 16];
    char first[400];
    int from = 0, most;
    *n = llocal_tokenize(m, text, (size_t)len, 0, ids, 20000);
    if (*n > 0 && *n <= 20000 && llocal_token_text(m, ids[0], false, first, 400) > 0 && *first == *text) return ids;
    if (len > (1 << 16) - 2) return NULL;
    line[0] = '\n', memcpy(line + 1, text, (size_t)len);
    most = llocal_tokenize(m, line, (size_t)len + 1, 0, ids, 20000);
    while (from < most && (llocal_token_text(m, ids[from], false, first, 400) != 1 || *first != '\n')) from++;
    *n = most - from - 1;
    return *n > 0 && most <= 20000 ? ids + from + 1 : NULL;
}

/* Of the tokens of a text, those that need no choice: how many, and what it costs to find them. */
static void forced(const llocal_model *m, llocal_rule *r, const char *text, int len, int *n, sums *s) {
    static llocal_token now_ids[20000];
    llocal_rule_state st;
    int all;
    const llocal_token *ids = cut(m, text, len, &all);
    memset(&st, 0, sizeof st);
    for (int i = 0, k; ids && i < all; i += k) {
        double begin = now();
        k = llocal_rule_forced(r, &st, ids, i, 0, now_ids, LLOCAL_MAX_FORCED);
        add(s, now() - begin), *n += k;
        if (k > all - i || memcmp(ids + i, now_ids, (size_t)k * sizeof *ids)) { fprintf(stderr, "a tokenizer cuts otherwise: %.*s\n", len, text); exit(1); }
        if (!k) now_ids[0] = ids[i], k = 1;
        for (int j = 0; j < k; j++) if (!llocal_rule_accept(r, &st, now_ids[j])) return;
    }
}

/* Masks along a text; count: tokens so far. */
static void walk(const llocal_model *m, llocal_rule *r, const char *text, int len, uint32_t *mask, int *count, sums *early, sums *late) {
    llocal_rule_state st;
    int n;
    const llocal_token *ids = cut(m, text, len, &n);
    memset(&st, 0, sizeof st);
    for (int i = 0; ids && i < n; i++) {
        double begin = now();
        llocal_result e = llocal_rule_mask(r, &st, 4000, mask);
        bool ok = llocal_rule_accept(r, &st, ids[i]);
        begin = now() - begin;
        if (e || !ok) break;
        add(++*count <= 20 ? early : late, begin);
    }
}

int main(int argc, char **argv) {
    static llocal_json_node nodes[200000];
    sums s[5];
    llocal_source src;
    llocal_model *m = NULL;
    llocal_rule_desc d;
    llocal_rule *r = NULL;
    llocal_json j;
    size_t size;
    uint32_t *mask;
    char *file = argc == 3 ? t_read_file(argv[2], &size) : NULL, *text = (char *)malloc(1 << 22);
    int at, list, count = 0, n_forced = 0;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(s, 0, sizeof s);
    if (!file || !text) { fputs("rule VOCAB.gguf CASE.json\n", stderr); return 1; }
    src.path = argv[1], src.vocab_only = true, src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &m)) return 1;
    j.text = file, j.len = size, j.nodes = nodes, j.cap = (int)(sizeof nodes / sizeof *nodes);
    if (llocal_json_read(&j, NULL) < 1) return 1;
    at = llocal_json_find(&j, 0, "tools"), list = llocal_json_find(&j, 0, "accept");
    d.kind = at < 0 ? LLOCAL_RULE_SCHEMA : LLOCAL_RULE_TOOLS;
    if (at < 0) at = llocal_json_find(&j, 0, "schema");
    if (at < 0) return 1;
    d.text.ptr = file + nodes[at].at, d.text.len = nodes[at].len;
    printf("compiled in %.1f ms", compile(NULL, &d, &r));
    printf(", %.0f KB; ", (double)llocal_rule_bytes(r) / 1024);
    printf("with %d tokens %.1f ms", llocal_model_hparams(m)->n_vocab, compile(m, &d, &r));
    printf(", %.0f KB\n", (double)llocal_rule_bytes(r) / 1024);
    mask = (uint32_t *)calloc((size_t)llocal_model_hparams(m)->n_vocab / 32 + 1, 4);
    for (int pass = 0; pass < 2 && list >= 0 && mask; pass++)
        for (int i = 0; i < nodes[list].count; i++) {
            int n = llocal_json_text(&j, llocal_json_item(&j, list, i), text, 1 << 22);
            if (n > 0 && n < 5000) walk(m, r, text, n, mask, &count, &s[2 * pass], &s[2 * pass + 1]);
            if (n > 0 && n < 5000 && pass == 0) forced(m, r, text, n, &n_forced, &s[4]);
        }
    print("the first 20", &s[0]), print("behind them", &s[1]), print("all once more", &s[3]), print("looking for forced tokens", &s[4]);
    printf("%d tokens need no choice\n", n_forced);
    llocal_rule_close(r);
    llocal_model_close(m);
    free(mask), free(file), free(text);
    return 0;
}
