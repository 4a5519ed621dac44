/* A probabilistic grammar: what stories.txt and tasks.txt are written in, and how they become text.
 *
 *     @rule [field field ...]    begins a rule, and names the fields of its alternatives (none: one, the text)
 *     alternative                one a line; fields are separated by " | "
 *     3* alternative             three times as likely
 *     !n alternative             a name that training never sees: for evaluation on unseen names
 *     !t alternative             a wording that training never sees: likewise
 *       more                     two spaces or more at its start: goes on with the line above
 *     # a comment
 *
 * In an alternative:
 *     <rule>  <rule.field>       any alternative of a rule, or what a variable of that name holds
 *     <x:rule>  <x=rule>         choose one, remember it as x; with : its text stands here as well
 *     <^x>  <a x>  <^a x>        with a capital; with "a" or "an"
 *     <3-9>  <n:3-9>             a whole number
 *     [x/y/z]                    one of these; they may nest, and be empty
 *     \n  \x                     a line break; x itself
 *
 * Choosing for a variable expands all fields once, so that it says the same wherever it is used, and
 * avoids what another variable of the document has from the same rule: two people are two people.
 * A document is a function of (seed, number): any of them can be made without those before it. */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAMMAR_FIELDS 24
#define GRAMMAR_VARS   64
#define GRAMMAR_DEPTH  64

typedef enum grammar_mode { GRAMMAR_TRAIN, GRAMMAR_NAMES, GRAMMAR_WORDINGS } grammar_mode;

typedef struct grammar_alt {
    double weight;
    grammar_mode mode;                  /* the only mode that it is for, TRAIN: for everyone */
    int line, n_fields;
    const char *field[GRAMMAR_FIELDS];  /* templates */
} grammar_alt;

typedef struct grammar_rule {
    const char *name;
    int line, n_fields, n_alts;
    const char *field[GRAMMAR_FIELDS];  /* their names */
    grammar_alt *alts;
    double weight[3];                   /* the sum of those that a mode may choose */
    bool has[3];                        /* whether there are alternatives for that mode alone */
} grammar_rule;

typedef struct grammar_var {
    char name[32];
    const grammar_rule *rule;           /* NULL: a number */
    int alt;
    char *value[GRAMMAR_FIELDS];
} grammar_var;

typedef struct grammar {
    const char *path;
    char *file;                         /* what all strings point into */
    grammar_rule *rules;                /* sorted by name */
    int n_rules;
    /* the document being made */
    grammar_mode mode;
    uint64_t random;
    const grammar_alt *at;              /* for messages */
    grammar_var vars[GRAMMAR_VARS];
    int n_vars, depth;
    char *text;
    size_t n, cap;
} grammar;

static void grammar_die(const grammar *g, int line, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "%s:%d: ", g->path, line);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void *grammar_grow(void *p, size_t size) {
    p = realloc(p, size);
    if (!p) { fprintf(stderr, "out of memory\n"); exit(1); }
    return p;
}

/* ---- reading the file ----------------------------------------------------------------------- */

/* Cut off what stands before the next " | " (an escaped one does not count). NULL: nothing left. */
static char *grammar_cut_field(char **rest) {
    char *start = *rest;
    if (!start) return NULL;
    for (char *p = start; *p; p++) {
        if (*p == '\\' && p[1]) { p++; continue; }
        if (*p != '|') continue;
        *rest = p[1] == ' ' ? p + 2 : p + 1;
        *p = 0;
        if (p > start && p[-1] == ' ') p[-1] = 0;
        return start;
    }
    *rest = NULL;
    return start;
}

static void grammar_read_rule(grammar *g, char *s, int line) {
    grammar_rule *r;
    g->rules = (grammar_rule *)grammar_grow(g->rules, (size_t)(g->n_rules + 1) * sizeof *g->rules);
    r = &g->rules[g->n_rules++];
    memset(r, 0, sizeof *r);
    r->line = line;
    for (char *word = strtok(s, " \t[]"); word; word = strtok(NULL, " \t[]")) {
        if (!r->name) r->name = word;
        else if (r->n_fields == GRAMMAR_FIELDS) grammar_die(g, line, "too many fields");
        else r->field[r->n_fields++] = word;
    }
    if (!r->name) grammar_die(g, line, "a rule needs a name");
    if (r->n_fields == 0) r->field[r->n_fields++] = "text";
}

static void grammar_read_alt(grammar *g, char *s, int line) {
    grammar_rule *r = &g->rules[g->n_rules - 1];
    grammar_alt *a;
    char *end;
    if (g->n_rules == 0) grammar_die(g, line, "an alternative without a rule");
    r->alts = (grammar_alt *)grammar_grow(r->alts, (size_t)(r->n_alts + 1) * sizeof *r->alts);
    a = &r->alts[r->n_alts++];
    memset(a, 0, sizeof *a);
    a->line = line, a->weight = 1;
    if (!strncmp(s, "!n ", 3)) a->mode = GRAMMAR_NAMES, s += 3;
    else if (!strncmp(s, "!t ", 3)) a->mode = GRAMMAR_WORDINGS, s += 3;
    if (isdigit((unsigned char)*s)) {
        double weight = strtod(s, &end);
        if (end[0] == '*' && end[1] == ' ') a->weight = weight, s = end + 2;
    }
    for (char *f, *rest = s; (f = grammar_cut_field(&rest)) != NULL; ) {
        if (a->n_fields == r->n_fields) grammar_die(g, line, "more fields than @%s names", r->name);
        a->field[a->n_fields++] = f;
    }
    if (a->n_fields < r->n_fields) grammar_die(g, line, "fewer fields than @%s names", r->name);
    r->has[a->mode] = true;
}

/* Join a line with those that continue it, in place; returns where the next one begins. */
static char *grammar_join_lines(char *s, int *line) {
    char *out = s + strcspn(s, "\n"), *next = out + (*out == '\n');
    while (out > s && isspace((unsigned char)out[-1])) out--;
    ++*line;
    while (out > s && !strncmp(next, "  ", 2)) {
        size_t len;
        next += strspn(next, " ");
        len = strcspn(next, "\n");
        if (out[-1] != 'n' || out[-2] != '\\') *out++ = ' ';
        memmove(out, next, len);
        out += len, next += len + (next[len] == '\n');
        while (isspace((unsigned char)out[-1])) out--;
        ++*line;
    }
    *out = 0;
    return next;
}

static bool grammar_may(const grammar_rule *r, const grammar_alt *a, grammar_mode mode) {
    return a->mode == (mode != GRAMMAR_TRAIN && r->has[mode] ? mode : GRAMMAR_TRAIN);
}

static int grammar_compare(const void *a, const void *b) {
    return strcmp(((const grammar_rule *)a)->name, ((const grammar_rule *)b)->name);
}

static char *grammar_read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    size_t n = 0, got = 1;
    if (!f) { fprintf(stderr, "cannot read %s\n", path); exit(1); }
    while (got > 0) {
        text = (char *)grammar_grow(text, n + 65537);
        got = fread(text + n, 1, 65536, f);
        n += got;
    }
    fclose(f);
    text[n] = 0;
    return text;
}

/* Errors end the program with a message that names file and line. */
static grammar *grammar_open(const char *path) {
    grammar *g = (grammar *)grammar_grow(NULL, sizeof *g);
    int line = 0;
    memset(g, 0, sizeof *g);
    g->path = path, g->file = grammar_read_file(path);
    for (char *s = g->file, *next; *s; s = next) {
        int first = line + 1;
        next = grammar_join_lines(s, &line);
        if (*s == '@') grammar_read_rule(g, s + 1, first);
        else if (*s && *s != '#') grammar_read_alt(g, s, first);
    }
    qsort(g->rules, (size_t)g->n_rules, sizeof *g->rules, grammar_compare);
    for (int i = 0; i < g->n_rules; i++) {
        grammar_rule *r = &g->rules[i];
        if (i > 0 && !strcmp(r->name, r[-1].name)) grammar_die(g, r->line, "@%s a second time", r->name);
        for (int mode = 0; mode < 3; mode++)
            for (int k = 0; k < r->n_alts; k++)
                if (grammar_may(r, &r->alts[k], (grammar_mode)mode)) r->weight[mode] += r->alts[k].weight;
        for (int mode = 0; mode < 3; mode++)
            if (!(r->weight[mode] > 0)) grammar_die(g, r->line, "@%s has nothing to choose from", r->name);
    }
    return g;
}

static void grammar_forget(grammar *g, int first) {
    while (g->n_vars > first) {
        grammar_var *v = &g->vars[--g->n_vars];
        for (int f = 0; f < GRAMMAR_FIELDS; f++) free(v->value[f]), v->value[f] = NULL;
    }
}

static void grammar_close(grammar *g) {
    grammar_forget(g, 0);
    for (int i = 0; i < g->n_rules; i++) free(g->rules[i].alts);
    free(g->rules), free(g->file), free(g->text), free(g);
}

/* ---- expanding ------------------------------------------------------------------------------ */

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
static uint64_t grammar_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double grammar_uniform(uint64_t *state) {           /* 0 <= x < 1 */
    return (double)(grammar_random(state) >> 11) / 9007199254740992.0;
}

static void grammar_put(grammar *g, const char *s, size_t len) {
    if (g->n + len + 1 > g->cap) {
        g->cap = 2 * g->cap + len + 256;
        g->text = (char *)grammar_grow(g->text, g->cap);
    }
    memcpy(g->text + g->n, s, len);
    g->n += len;
    g->text[g->n] = 0;
}

static const grammar_rule *grammar_find(const grammar *g, const char *name) {
    grammar_rule key;
    key.name = name;
    return (const grammar_rule *)bsearch(&key, g->rules, (size_t)g->n_rules, sizeof *g->rules,
                                         grammar_compare);
}

static int grammar_choose(grammar *g, const grammar_rule *r) {
    double x = grammar_uniform(&g->random) * r->weight[g->mode];
    int last = 0;
    for (int i = 0; i < r->n_alts; i++) {
        if (!grammar_may(r, &r->alts[i], g->mode)) continue;
        last = i, x -= r->alts[i].weight;
        if (x < 0) break;
    }
    return last;
}

/* One that no other variable has, if there is one to be found. */
static int grammar_choose_other(grammar *g, const grammar_rule *r, const char *name) {
    int alt = 0;
    for (int tries = 0; tries < 30; tries++) {
        bool taken = false;
        alt = grammar_choose(g, r);
        for (int i = 0; i < g->n_vars; i++)
            taken |= g->vars[i].rule == r && g->vars[i].alt == alt && strcmp(g->vars[i].name, name);
        if (!taken) break;
    }
    return alt;
}

static grammar_var *grammar_find_var(grammar *g, const char *name) {
    for (int i = 0; i < g->n_vars; i++)
        if (!strcmp(g->vars[i].name, name)) return &g->vars[i];
    return NULL;
}

static int grammar_field(const grammar *g, const grammar_rule *r, const char *field) {
    for (int f = 0; f < r->n_fields; f++)
        if (!strcmp(r->field[f], field)) return f;
    grammar_die(g, g->at->line, "@%s has no field %s", r->name, field);
    return 0;
}

/* Where the part that begins here ends: at a / on its own level, or at its bracket. */
static const char *grammar_part_end(const char *s) {
    int depth = 0;
    for (; *s; s++) {
        if (*s == '\\' && s[1]) { s++; continue; }
        if (depth == 0 && (*s == '/' || *s == ']')) break;
        depth += (*s == '[') - (*s == ']');
    }
    return s;
}

/* "a" or "an", by how English says the first letters. */
static const char *grammar_article(const char *word) {
    static const char *const a[] = { "one", "once", "uni", "use", "usu", "eu", "ewe" };
    static const char *const an[] = { "hour", "honest", "honour", "heir" };
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        if (!strncmp(word, a[i], strlen(a[i])) && strncmp(word, "unin", 4) && strncmp(word, "unim", 4))
            return "a ";
    for (size_t i = 0; i < sizeof an / sizeof *an; i++)
        if (!strncmp(word, an[i], strlen(an[i]))) return "an ";
    return strchr("aeiouAEIOU", *word) ? "an " : "a ";
}

/* One cycle: an expansion expands what it chose. */
static void grammar_expand(grammar *g, const char *s, const char *end);

/* All of it, away from the document. */
static char *grammar_expand_aside(grammar *g, const char *s) {
    size_t start = g->n;
    char *copy;
    grammar_put(g, "", 0);
    grammar_expand(g, s, s + strlen(s));
    copy = (char *)grammar_grow(NULL, g->n - start + 1);
    memcpy(copy, g->text + start, g->n - start);
    copy[g->n - start] = 0;
    g->n = start;
    return copy;
}

static void grammar_bind(grammar *g, const char *name, const grammar_rule *r, int from, int to) {
    grammar_var new_var, *old;
    memset(&new_var, 0, sizeof new_var);
    if (strlen(name) >= sizeof new_var.name) grammar_die(g, g->at->line, "the name %s is too long", name);
    memcpy(new_var.name, name, strlen(name));
    if (r) {
        new_var.rule = r, new_var.alt = grammar_choose_other(g, r, name);
        g->at = &r->alts[new_var.alt];
        for (int f = 0; f < r->n_fields; f++)
            new_var.value[f] = grammar_expand_aside(g, r->alts[new_var.alt].field[f]);
    } else {
        char digits[24];
        int v = from + (int)(grammar_uniform(&g->random) * (to - from + 1));
        snprintf(digits, sizeof digits, "%d", v);
        new_var.value[0] = grammar_expand_aside(g, digits);
    }
    old = grammar_find_var(g, name);
    if (old) for (int f = 0; f < GRAMMAR_FIELDS; f++) free(old->value[f]);
    else if (g->n_vars == GRAMMAR_VARS) grammar_die(g, g->at->line, "too many variables");
    else old = &g->vars[g->n_vars++];
    *old = new_var;
}

/* name or name.field: of a variable, or of any alternative of a rule. */
static void grammar_put_name(grammar *g, char *name) {
    char *field = name + strcspn(name, ".");
    const grammar_var *v;
    const grammar_rule *r;
    const char *text;
    int f = 0;
    if (*field) *field++ = 0;
    v = grammar_find_var(g, name);
    r = v ? v->rule : grammar_find(g, name);
    if (!v && !r) grammar_die(g, g->at->line, "there is no rule or variable %s", name);
    if (*field && r) f = grammar_field(g, r, field);
    if (v) {
        grammar_put(g, v->value[f], strlen(v->value[f]));
    } else {
        g->at = &r->alts[grammar_choose(g, r)];
        text = g->at->field[f];
        grammar_expand(g, text, text + strlen(text));
    }
}

/* Put "a" or "an" before what was written from start on. */
static void grammar_put_article(grammar *g, size_t start) {
    const char *article = grammar_article(g->text + start);
    size_t len = strlen(article), n = g->n - start;
    grammar_put(g, article, len);       /* makes room */
    memmove(g->text + start + len, g->text + start, n);
    memcpy(g->text + start, article, len);
    g->text[g->n] = 0;
}

/* What stands between < and >. */
static void grammar_expand_name(grammar *g, char *s) {
    const grammar_alt *at = g->at;
    const bool capital = *s == '^', article = !strncmp(s + capital, "a ", 2);
    const size_t start = g->n;
    char *bound, none[] = "";
    bool chosen, silent;
    int from = 0, to = 0;
    s += capital + 2 * article;
    bound = s + strcspn(s, ":=");
    chosen = *bound != 0, silent = *bound == '=';
    if (sscanf(chosen ? bound + 1 : s, "%d-%d", &from, &to) == 2 && to >= from) {
        if (chosen) *bound = 0;
        else s = none;                  /* a number without a name */
        grammar_bind(g, s, NULL, from, to);
    } else if (chosen) {
        const grammar_rule *r = grammar_find(g, bound + 1);
        if (!r) grammar_die(g, at->line, "there is no rule %s", bound + 1);
        *bound = 0;
        grammar_bind(g, s, r, 0, 0);
    }
    if (!silent) grammar_put_name(g, s);
    g->at = at;
    if (g->n > start && article) grammar_put_article(g, start);
    if (g->n > start && capital) g->text[start] = (char)toupper((unsigned char)g->text[start]);
}

/* [x/y/z]: s is behind the bracket. Returns what follows it. */
static const char *grammar_expand_choice(grammar *g, const char *s) {
    const char *part[64], *end = s;
    int n = 0, chosen;
    for (part[n++] = s; ; part[n++] = end) {
        end = grammar_part_end(end);
        if (*end != '/') break;
        end++;
        if (n == 63) grammar_die(g, g->at->line, "too many choices");
    }
    if (*end != ']') grammar_die(g, g->at->line, "[ without ]");
    chosen = (int)(grammar_uniform(&g->random) * n);
    grammar_expand(g, part[chosen], grammar_part_end(part[chosen]));
    return end + 1;
}

static void grammar_expand(grammar *g, const char *s, const char *end) {
    if (++g->depth > GRAMMAR_DEPTH) grammar_die(g, g->at->line, "rules call each other without end");
    while (s < end) {
        size_t plain = strcspn(s, "\\<[");
        if (plain > (size_t)(end - s)) plain = (size_t)(end - s);
        grammar_put(g, s, plain);
        s += plain;
        if (s == end) break;
        if (*s == '\\') {
            grammar_put(g, s[1] == 'n' ? "\n" : s + 1, 1);
            s += 2;
        } else if (*s == '[') {
            s = grammar_expand_choice(g, s + 1);
        } else {
            char name[100];
            size_t len = strcspn(s + 1, ">");
            if (s[1 + len] != '>' || len >= sizeof name) grammar_die(g, g->at->line, "< without >");
            memcpy(name, s + 1, len), name[len] = 0;
            grammar_expand_name(g, name);
            s += len + 2;
        }
    }
    g->depth--;
}

/* Document number i, from the rule called root; it stays valid until the next one. */
static const char *grammar_document(grammar *g, const char *root, grammar_mode mode, uint64_t seed,
                                    uint64_t i, size_t *len) {
    const grammar_rule *r = grammar_find(g, root);
    uint64_t mix = seed;
    char name[64];
    if (!r) grammar_die(g, 1, "there is no rule %s", root);
    g->random = grammar_random(&mix) ^ (i + 1) * 0xd1342543de82ef95u;
    g->mode = mode, g->n = 0, g->depth = 0, g->at = &r->alts[0];
    grammar_forget(g, 0);
    grammar_put(g, "", 0);
    snprintf(name, sizeof name, "%s", root);
    grammar_expand_name(g, name);
    *len = g->n;
    return g->text;
}

#endif
