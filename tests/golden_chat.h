/* Chat templates with conversations: line 1 of a file is {"template_file", "template"}, each other one a case,
 * {"case", "context", "expected" or "error"}. The render has to be the expected text byte for byte, or a
 * fault where an error stands. Where that is an append to a list, which a chat allows, the text is "expected_lenient" with
 * that allowed. */
#ifndef GOLDEN_CHAT_H
#define GOLDEN_CHAT_H

#define GOLDEN_CHAT_NOW 1773480413              /* 2026-03-14 09:26:53, the time of the reference */

typedef struct golden_json { llocal_json j; int n; } golden_json;

/* A line as nodes (free j.nodes); n <= 0: it is no JSON. */
static golden_json golden_chat_line(const char *line, size_t len) {
    golden_json g;
    memset(&g, 0, sizeof g);
    g.j.text = line, g.j.len = len;
    g.n = llocal_json_read(&g.j, NULL);
    if (g.n <= 0) return g;
    g.j.nodes = (llocal_json_node *)malloc((size_t)g.n * sizeof *g.j.nodes), g.j.cap = g.n;
    llocal_json_read(&g.j, NULL);
    return g;
}

/* The string of a member (free it), or NULL. */
static char *golden_chat_text(const llocal_json *j, const char *key, int *len) {
    int node = llocal_json_find(j, 0, key);
    char *text;
    if (node < 0) return NULL;
    *len = llocal_json_text(j, node, NULL, 0);
    text = (char *)malloc((size_t)*len + 1);
    llocal_json_text(j, node, text, *len);
    text[*len] = 0;
    return text;
}

static bool golden_chat_case(const ll_template *t, const llocal_json *j, const char *key, llocal_fault *fault) {
    ll_template_var vars[3];
    ll_template_run run;
    int context = llocal_json_find(j, 0, "context"), expected_len = 0;
    char *expected = golden_chat_text(j, key, &expected_len);
    bool good;
    memset(vars, 0, sizeof vars), memset(&run, 0, sizeof run);
    vars[0].value.ptr = j->text + j->nodes[context].at, vars[0].value.len = j->nodes[context].len;
    run.vars = vars, run.n_vars = 1, run.now = GOLDEN_CHAT_NOW;
    run.cap = (size_t)expected_len, run.out = expected;         /* too small where the output is longer */
    run.out = (char *)malloc(run.cap + 1);
    if (ll_template_render(t, &run, NULL, fault)) good = !expected;
    else {
        good = expected && run.n_out == run.cap && memcmp(run.out, expected, run.cap) == 0;
        if (!good) snprintf(fault->message, sizeof fault->message, "%s", expected ? "another text" : "no error");
        if (!good && expected && getenv("GOLDEN_CHAT_SHOW")) printf("--- expected\n%s\n--- got\n%.*s\n", expected, (int)LL_MIN(run.cap, run.n_out), run.out);
    }
    free(run.out), free(expected);
    return good;
}

static bool golden_chat_both(ll_template *t, const llocal_json *j, llocal_fault *fault) {
    int len;
    char *error = golden_chat_text(j, "error", &len);
    bool good = golden_chat_case(t, j, "expected", fault);
    t->lists_change = true;
    if (good && error && strstr(error, "'append'") && llocal_json_find(j, 0, "expected_lenient") >= 0)
        good = golden_chat_case(t, j, "expected_lenient", fault);
    t->lists_change = false;
    free(error);
    return good;
}

/* Whether it was such a file. */
static bool golden_chat_file(const char *text, const char *name, int *n_passed, int *n_failed) {
    const char *line = text, *end = strchr(text, '\n');
    golden_json head = golden_chat_line(line, end ? (size_t)(end - line) : strlen(line));
    ll_template *t = NULL;
    llocal_fault fault;
    int len = 0, passed = 0, failed = 0;
    char *source = head.n > 0 ? golden_chat_text(&head.j, "template", &len) : NULL;
    llocal_str src;
    free(head.j.nodes);
    if (!source) return false;
    src.ptr = source, src.len = (size_t)len;
    memset(&fault, 0, sizeof fault);
    if (ll_template_open(src, NULL, &fault, &t)) printf("%s: %s\n", name, fault.message);
    for (line = end; line && *line; line = end) {
        golden_json g;
        line++, end = strchr(line, '\n');
        if (!*line) break;
        g = golden_chat_line(line, end ? (size_t)(end - line) : strlen(line));
        memset(&fault, 0, sizeof fault);
        if (t && g.n > 0 && golden_chat_both(t, &g.j, &fault)) passed++;
        else if (t || g.n <= 0 || llocal_json_find(&g.j, 0, "error") < 0) {
            char *what = g.n > 0 ? golden_chat_text(&g.j, "case", &len) : NULL;
            printf("%s: %s: %s\n", name, what ? what : "no JSON", fault.message);
            free(what);
            failed++;
        } else passed++;
        free(g.j.nodes);
    }
    printf("%s: %d passed, %d failed\n", name, passed, failed);
    *n_passed += failed == 0, *n_failed += failed != 0;
    ll_template_close(t);
    free(source);
    return true;
}
#endif
