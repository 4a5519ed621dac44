/* The JSON-Schema-Test-Suite beside >>rule: each instance byte by byte, and token by token in two ways of cutting it (the
 * tokenizer's, and pieces at random), where each token is let through exactly if the mask has it. By hand:
 *
 *     git clone https://github.com/json-schema-org/JSON-Schema-Test-Suite suite
 *     make build/suite_schema && build/suite_schema [--vocab FILE.gguf]... [--all] suite/tests/draft2020-12/[!_]*.json
 *
 * A line for each file: its tests; passed; refused: of schemas that are refused with a place and a keyword; narrower:
 * valid, but not let through (--all names them, and what is refused); wrong: invalid and let through, refused without a
 * keyword, or another answer token by token than byte by byte. Status 0: nothing is wrong. */
#ifndef LLOCAL_IMPLEMENTATION_DONE
#  define LLOCAL_IMPLEMENTATION
#endif
#include "../llocal.h"
#include "t.h"

#define SUITE_VOCABS 8
typedef struct suite_piece { const char *s; int len; llocal_token t; } suite_piece;
typedef struct suite_vocab { llocal_model *m; suite_piece *pieces; int n; char *text; uint32_t *mask; } suite_vocab;
typedef struct suite_sums { int tests, passed, refused, narrower, wrong; } suite_sums;
typedef struct suite {
    suite_vocab vocab[SUITE_VOCABS];
    int n_vocab;
    bool all;
    const char *file;
    suite_sums sums;
} suite;

static int suite_compare(const void *a, const void *b) {
    const suite_piece *x = (const suite_piece *)a, *y = (const suite_piece *)b;
    int d = memcmp(x->s, y->s, (size_t)(x->len < y->len ? x->len : y->len));
    return d ? d : x->len != y->len ? x->len - y->len : x->t - y->t;
}

static bool suite_vocab_open(suite_vocab *v, const char *path) {
    llocal_source src;
    int n_vocab;
    size_t used = 0;
    memset(&src, 0, sizeof src);
    src.path = path, src.vocab_only = true, src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &v->m)) return false;
    n_vocab = llocal_model_hparams(v->m)->n_vocab;
    v->pieces = (suite_piece *)malloc((size_t)n_vocab * sizeof *v->pieces), v->text = (char *)malloc((size_t)n_vocab * 256);
    v->mask = (uint32_t *)malloc(((size_t)n_vocab + 31) / 32 * 4);
    if (!v->pieces || !v->text || !v->mask) return false;
    for (llocal_token t = 0; t < n_vocab; t++) {
        int n = llocal_token_text(v->m, t, false, v->text + used, 256);
        if (n <= 0 || n > 200) continue;
        v->pieces[v->n].s = v->text + used, v->pieces[v->n].len = n, v->pieces[v->n++].t = t;
        used += (size_t)n;
    }
    qsort(v->pieces, (size_t)v->n, sizeof *v->pieces, suite_compare);
    return true;
}

/* A token that is the first len bytes of s; -1: there is none. */
static llocal_token suite_token(const suite_vocab *v, const char *s, int len) {
    int lo = 0, hi = v->n;
    suite_piece p;
    p.s = s, p.len = len, p.t = -1;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (suite_compare(&v->pieces[mid], &p) < 0) lo = mid + 1;
        else hi = mid;
    }
    return lo < v->n && v->pieces[lo].len == len && !memcmp(v->pieces[lo].s, s, (size_t)len) ? v->pieces[lo].t : -1;
}

static int suite_cut(const suite_vocab *v, const char *s, int len, llocal_token *out, int cap) {
    int n = 0;
    for (int at = 0; at < len && n < cap;) {
        llocal_token t = -1;
        int k = 0;
        for (int turn = 0; turn < 6 && t < 0; turn++) {
            k = 1 + (int)(t_random() % 8);
            if (k <= len - at) t = suite_token(v, s + at, k);
        }
        if (t < 0) t = suite_token(v, s + at, k = 1);
        if (t < 0) return -1;                   /* a vocabulary without some byte */
        out[n++] = t, at += k;
    }
    return n;
}

static bool suite_bit(const uint32_t *mask, llocal_token t) { return mask[t >> 5] >> (t & 31) & 1; }

/* 1: the text is let through and may end; 0: not; -1: mask and accept are of two minds. */
static int suite_tokens(llocal_rule *r, const suite_vocab *v, const llocal_token *t, int n) {
    llocal_rule_state st;
    bool end = false;
    memset(&st, 0, sizeof st);
    for (int i = 0; i < n; i++) {
        bool none = llocal_rule_mask(r, &st, 0, v->mask) != LLOCAL_OK, may = !none && suite_bit(v->mask, t[i]);
        if (llocal_rule_accept(r, &st, t[i]) != may) return -1;
        if (!may) return 0;
    }
    if (!llocal_rule_mask(r, &st, 0, v->mask))
        for (llocal_token e = 0; e < llocal_model_hparams(v->m)->n_vocab; e++)
            end = end || (llocal_token_is_end(v->m, e) && suite_bit(v->mask, e));
    return end == llocal_rule_can_end(r, &st) ? end : -1;
}

static bool suite_bytes(llocal_rule *r, const char *s, int len) {
    llocal_rule_state st;
    memset(&st, 0, sizeof st);
    for (int i = 0; i < len; i++) if (llocal_rule_accept_text(r, &st, s + i, 1) != 1) return false;
    return llocal_rule_can_end(r, &st);
}

/* The JSON of a node without white space. */
static char *suite_compact(const llocal_json *j, int node, int *len) {
    const int quote = j->nodes[node].type == LLOCAL_JSON_STRING;        /* of which a string's node says the inside */
    const char *s = j->text + j->nodes[node].at - quote, *end = s + j->nodes[node].len + 2 * quote;
    char *out = (char *)malloc((size_t)(end - s) + 1), *o = out;
    bool inside = false;
    for (; out && s < end; s++) {
        if (!inside && strchr(" \t\r\n", *s)) continue;
        if (*s == '"') inside = !inside;
        if (inside && *s == '\\') *o++ = *s++;
        *o++ = *s;
    }
    if (out) *o = 0;
    *len = (int)(o - out);
    return out;
}

/* Names that a refusal has: the words before its second colon are a keyword or a schema that is false. */
static bool suite_named(const llocal_fault *f) {
    static const char *const words[] = { "$ref", "$id", "id", "$dynamicRef", "$anchor", "unevaluatedItems", "unevaluatedProperties", "dependentSchemas",
        "dependencies", "maxContains", "minContains", "contains", "uniqueItems", "not", "oneOf", "anyOf", "allOf", "if", "then", "else", "items", "prefixItems",
        "additionalItems", "type", "enum", "const", "pattern", "patternProperties", "properties", "additionalProperties", "propertyNames", "required",
        "dependentRequired", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "format", "false", "$recursiveRef", "$vocabulary", "divisibleBy", "disallow", "extends", "$schema" };
    char want[40];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf(want, sizeof want, ": %s: ", words[i]);
        if (strstr(f->message, want)) return true;
    }
    return false;
}

static void suite_say(const suite *s, const char *what, const char *group, const char *test, const char *why) {
    if (s->all || !strcmp(what, "WRONG")) printf("    %s %s | %s | %s | %.300s\n", what, s->file, group, test, why);
}

static void suite_refused(suite *s, const llocal_json *j, int tests, const char *group, llocal_result e, const llocal_fault *f) {
    int n = j->nodes[tests].count, valid = 0;
    for (int i = 0; i < n; i++) {
        int at = llocal_json_find(j, llocal_json_item(j, tests, i), "valid");
        valid += j->nodes[at].type == LLOCAL_JSON_TRUE;
    }
    if (!valid) s->sums.passed += n;            /* nothing is valid, and nothing comes */
    else if (suite_named(f) && e == LLOCAL_ERR_UNSUPPORTED) s->sums.refused += n, suite_say(s, "refused", group, "", f->message);
    else s->sums.wrong += n, suite_say(s, "WRONG", group, "refused without need or name", f->message);
}

static void suite_test(suite *s, llocal_rule *r, llocal_rule **by_token, const char *group, const char *name, const char *text, int len, bool valid) {
    static llocal_token t[20000];
    bool may = suite_bytes(r, text, len);
    for (int i = 0; i < s->n_vocab; i++)
        for (int way = 0; way < 2; way++) {
            const suite_vocab *v = &s->vocab[i];
            int n = way ? suite_cut(v, text, len, t, 20000) : llocal_tokenize(v->m, text, (size_t)len, 0, t, 20000);
            if (n >= 0 && n <= 20000 && suite_tokens(by_token[i], v, t, n) == may) continue;
            s->sums.wrong++, suite_say(s, "WRONG", group, name, "token by token");
            return;
        }
    if (may == valid) s->sums.passed++;
    else if (valid) s->sums.narrower++, suite_say(s, "narrower", group, name, text);
    else s->sums.wrong++, suite_say(s, "WRONG", group, name, text);
}

static char *suite_string(const llocal_json *j, int node) {
    char *s = (char *)calloc(1, 400);
    if (s && node >= 0) llocal_json_text(j, node, s, 399);
    return s;
}

static void suite_group(suite *s, const llocal_json *j, int at) {
    int tests = llocal_json_find(j, at, "tests"), len;
    char *schema = suite_compact(j, llocal_json_find(j, at, "schema"), &len), *group = suite_string(j, llocal_json_find(j, at, "description"));
    llocal_rule *r = NULL, *by_token[SUITE_VOCABS] = { 0 };
    llocal_rule_desc d;
    llocal_fault f;
    llocal_result e;
    memset(&d, 0, sizeof d), memset(&f, 0, sizeof f);
    d.kind = LLOCAL_RULE_SCHEMA, d.text.ptr = schema, d.text.len = (size_t)len, d.flags = LLOCAL_RULE_ANY_ORDER;
    s->sums.tests += j->nodes[tests].count;
    e = llocal_rule_open(NULL, &d, &f, &r);
    if (e) suite_refused(s, j, tests, group, e, &f);
    for (int i = 0; r && i < s->n_vocab; i++)
        if (llocal_rule_open(s->vocab[i].m, &d, NULL, &by_token[i])) suite_say(s, "WRONG", group, "", "does not open with tokens"), s->sums.wrong++;
    for (int i = 0; r && i < j->nodes[tests].count; i++) {
        int test = llocal_json_item(j, tests, i), valid = llocal_json_find(j, test, "valid");
        char *text = suite_compact(j, llocal_json_find(j, test, "data"), &len), *name = suite_string(j, llocal_json_find(j, test, "description"));
        suite_test(s, r, by_token, group, name, text, len, j->nodes[valid].type == LLOCAL_JSON_TRUE);
        free(text), free(name);
    }
    for (int i = 0; i < s->n_vocab; i++) llocal_rule_close(by_token[i]);
    llocal_rule_close(r);
    free(schema), free(group);
}

static bool suite_file(suite *s, const char *path, suite_sums *all) {
    llocal_json j;
    suite_sums *n = &s->sums;
    const char *name = strrchr(path, '/');
    char *text;
    memset(&j, 0, sizeof j), memset(n, 0, sizeof *n);
    j.text = text = t_read_file(path, &j.len), s->file = name ? name + 1 : path;
    if (!text) return false;
    j.cap = llocal_json_read(&j, NULL);
    if (j.cap < 1) return false;
    j.nodes = (llocal_json_node *)malloc((size_t)j.cap * sizeof *j.nodes);
    llocal_json_read(&j, NULL);
    for (int i = 0; i < j.nodes[0].count; i++) suite_group(s, &j, llocal_json_item(&j, 0, i));
    printf("| %.*s | %d | %d | %d | %d | %d |\n", (int)strcspn(s->file, "."), s->file, n->tests, n->passed, n->refused, n->narrower, n->wrong);
    all->tests += n->tests, all->passed += n->passed, all->refused += n->refused, all->narrower += n->narrower, all->wrong += n->wrong;
    free(j.nodes), free(text);
    return true;
}

int main(int argc, char **argv) {
    static suite s;
    suite_sums all;
    int i = 1;
    memset(&all, 0, sizeof all);
    for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
        if (!strcmp(argv[i], "--all")) s.all = true;
        else if (strcmp(argv[i], "--vocab") || i + 1 == argc || s.n_vocab == SUITE_VOCABS || !suite_vocab_open(&s.vocab[s.n_vocab++], argv[++i])) i = argc;
    }
    if (i >= argc) { fputs("suite_schema [--vocab FILE.gguf]... [--all] FILE.json...\n", stderr); return 2; }
    printf("| keyword | tests | passed | refused by name | narrower | wrong |\n|---|---|---|---|---|---|\n");
    for (; i < argc; i++) if (!suite_file(&s, argv[i], &all)) { fprintf(stderr, "%s: cannot be read\n", argv[i]); return 2; }
    printf("| all | %d | %d | %d | %d | %d |\n", all.tests, all.passed, all.refused, all.narrower, all.wrong);
    for (int k = 0; k < s.n_vocab; k++) {
        llocal_model_close(s.vocab[k].m);
        free(s.vocab[k].pieces), free(s.vocab[k].text), free(s.vocab[k].mask);
    }
    return all.wrong || !all.tests;
}
