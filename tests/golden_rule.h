/* Cases of >>rule: {"case", "compile", "schema" or "tools", "accept", "refuse", "malformed"}, and where "compile" is "refuse"
 * "pointer" and "keyword" (one of a list) and "more" of such. What is to be accepted is, byte by byte, and may end there; the
 * rest does not; a refusal names a pointer that begins with the given one, and the keyword. A schema that should compile
 * and is refused counts as unsupported. */
#ifndef GOLDEN_RULE_H
#define GOLDEN_RULE_H

typedef struct golden_rule { llocal_json j; const char *name; int passed, failed, missed; } golden_rule;

static char *golden_rule_text(const golden_rule *g, int node, int *len) {
    int n = llocal_json_text(&g->j, node, NULL, 0);
    char *s = (char *)malloc((size_t)(n > 0 ? n : 0) + 1);
    if (s && n > 0) llocal_json_text(&g->j, node, s, n);
    if (s) s[n > 0 ? n : 0] = 0;
    if (len) *len = n;
    return s;
}

static void golden_rule_fail(golden_rule *g, const char *what, const char *text) {
    g->failed++;
    printf("%s: %s: %.300s\n", g->name, what, text);
}

static void golden_rule_lines(golden_rule *g, llocal_rule *r, int list, bool want) {
    for (int i = 0; list >= 0 && i < g->j.nodes[list].count; i++) {
        int len;
        char *s = golden_rule_text(g, llocal_json_item(&g->j, list, i), &len);
        llocal_rule_state st;
        bool takes;
        memset(&st, 0, sizeof st);
        takes = llocal_rule_accept_text(r, &st, s, (size_t)len) == (size_t)len && llocal_rule_can_end(r, &st);
        if (takes == want) g->passed++;
        else golden_rule_fail(g, want ? "not accepted" : "accepted", s);
        free(s);
    }
}

/* Does the fault name the place and a keyword that the case names? */
static bool golden_rule_named(golden_rule *g, int at, const llocal_fault *f) {
    int pointer = llocal_json_find(&g->j, at, "pointer"), keyword = llocal_json_find(&g->j, at, "keyword");
    bool list = keyword >= 0 && g->j.nodes[keyword].type == LLOCAL_JSON_ARRAY, found = false;
    char *want = golden_rule_text(g, pointer, NULL);
    for (int i = 0; keyword >= 0 && i < (list ? g->j.nodes[keyword].count : 1); i++) {
        char words[100], *word = golden_rule_text(g, list ? llocal_json_item(&g->j, keyword, i) : keyword, NULL);
        snprintf(words, sizeof words, ": %s: ", word);
        found = found || strstr(f->message, words);
        free(word);
    }
    found = found && !strncmp(f->pointer, want, strlen(want));
    free(want);
    return found;
}

static void golden_rule_one(golden_rule *g, int at, bool compiles) {
    int tools = llocal_json_find(&g->j, at, "tools"), schema = llocal_json_find(&g->j, at, "schema");
    const llocal_json_node *k = &g->j.nodes[tools >= 0 ? tools : schema];
    llocal_rule_desc d;
    llocal_rule *r;
    llocal_fault f;
    memset(&d, 0, sizeof d), memset(&f, 0, sizeof f);
    d.kind = tools >= 0 ? LLOCAL_RULE_TOOLS : LLOCAL_RULE_SCHEMA;
    d.text.ptr = g->j.text + k->at, d.text.len = k->len;
    if (llocal_rule_open(NULL, &d, &f, &r)) {
        if (compiles) g->missed++, printf("%s: refused: %s\n", g->name, f.message);
        else if (golden_rule_named(g, at, &f)) g->passed++;
        else golden_rule_fail(g, "another place or keyword", f.message);
        return;
    }
    if (!compiles) golden_rule_fail(g, "should be refused", "");
    else golden_rule_lines(g, r, llocal_json_find(&g->j, at, "accept"), true);
    golden_rule_lines(g, r, llocal_json_find(&g->j, at, "refuse"), false);
    golden_rule_lines(g, r, llocal_json_find(&g->j, at, "malformed"), false);
    llocal_rule_close(r);
}

/* False: the file is no such case. */
static bool golden_rule_file(const char *text, const char *name, int *passed, int *failed, int *unsupported) {
    golden_rule g;
    int n, more, compile;
    memset(&g, 0, sizeof g);
    g.j.text = text, g.j.len = strlen(text), g.name = name;
    n = llocal_json_read(&g.j, NULL);
    if (n <= 0) return false;
    g.j.nodes = (llocal_json_node *)malloc((size_t)n * sizeof *g.j.nodes), g.j.cap = n;
    llocal_json_read(&g.j, NULL);
    compile = llocal_json_find(&g.j, 0, "compile");
    if (compile < 0 || (llocal_json_find(&g.j, 0, "schema") < 0 && llocal_json_find(&g.j, 0, "tools") < 0)) {
        free(g.j.nodes);
        return false;
    }
    golden_rule_one(&g, 0, ll_json_is(&g.j, compile, "ok"));
    more = llocal_json_find(&g.j, 0, "more");
    for (int i = 0; more >= 0 && i < g.j.nodes[more].count; i++) golden_rule_one(&g, llocal_json_item(&g.j, more, i), false);
    printf("%-40s %4d passed, %d failed, %d refused\n", name, g.passed, g.failed, g.missed);
    *passed += g.passed, *failed += g.failed, *unsupported += g.missed;
    free(g.j.nodes);
    return true;
}
#endif
