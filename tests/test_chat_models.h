/* The templates of models (../shared/golden/chat) through llocal_message: what the goldens expect, a conversation of all
 * roles, and control tokens as text. */
#ifndef TEST_CHAT_MODELS_H
#define TEST_CHAT_MODELS_H

#define TEST_CHAT_NOW 1773480413                /* 2026-03-14 09:26:53 */

/* ---- a case as messages ---- */

typedef struct chat_case {
    llocal_message messages[16];
    llocal_call calls[64];
    int n_messages, n_calls;
    llocal_str tools, vars;
    bool no_answer;
    char room[1 << 16];
    size_t n_room;
} chat_case;

/* A string, or all texts of a list of parts; another value as it is written. */
static llocal_str chat_case_text(chat_case *c, const llocal_json *j, int node) {
    llocal_str s = { c->room + c->n_room, 0 };
    if (node < 0 || j->nodes[node].type == LLOCAL_JSON_NULL) return s;
    if (j->nodes[node].type == LLOCAL_JSON_ARRAY) {
        for (int i = 0; i < j->nodes[node].count; i++) s.len += chat_case_text(c, j, llocal_json_find(j, llocal_json_item(j, node, i), "text")).len;
        return s;
    }
    s.len = (size_t)llocal_json_text(j, node, c->room + c->n_room, (int)(sizeof c->room - c->n_room));
    c->n_room += s.len;
    return s;
}
static const char *chat_case_name(chat_case *c, const llocal_json *j, int node) {
    const char *s = chat_case_text(c, j, node).ptr;
    c->room[c->n_room++] = 0;
    return s;
}

/* All variables of the context that a prompt has no field for. */
static llocal_str chat_case_vars(chat_case *c, const llocal_json *j, int context) {
    static const char *const names[] = { "enable_thinking", "functions", "datetime" };
    llocal_json_writer w;
    llocal_str s;
    memset(&w, 0, sizeof w);
    w.out = c->room + c->n_room, w.cap = sizeof c->room - c->n_room;
    llocal_json_put(&w, "{");
    for (int i = 0; i < 3; i++) {
        int node = llocal_json_find(j, context, names[i]);
        if (node < 0) continue;
        s.ptr = names[i], s.len = strlen(names[i]);
        llocal_json_put_key(&w, s);
        if (j->nodes[node].type != LLOCAL_JSON_STRING) llocal_json_put(&w, j->nodes[node].type == LLOCAL_JSON_TRUE ? "true" : "false");
        else {
            char text[8000];
            s.ptr = text, s.len = (size_t)llocal_json_text(j, node, text, (int)sizeof text);
            llocal_json_put_string(&w, s);
        }
    }
    llocal_json_put(&w, "}");
    s.ptr = w.out, s.len = w.n;
    c->n_room += w.n;
    return s;
}

static void chat_case_read(chat_case *c, const llocal_json *j, int context) {
    int list = llocal_json_find(j, context, "messages"), node = llocal_json_find(j, context, "tools");
    memset(c, 0, sizeof *c);
    if (node >= 0) c->tools.ptr = j->text + j->nodes[node].at, c->tools.len = j->nodes[node].len;
    node = llocal_json_find(j, context, "add_generation_prompt");
    c->no_answer = node >= 0 && j->nodes[node].type == LLOCAL_JSON_FALSE;
    for (int i = 0; i < j->nodes[list].count; i++) {
        int at = llocal_json_item(j, list, i), calls = llocal_json_find(j, at, "tool_calls");
        llocal_message *m = &c->messages[c->n_messages++];
        m->role = chat_case_name(c, j, llocal_json_find(j, at, "role"));
        m->text = chat_case_text(c, j, llocal_json_find(j, at, "content"));
        m->thoughts = chat_case_text(c, j, llocal_json_find(j, at, "reasoning_content"));
        m->call_id = chat_case_text(c, j, llocal_json_find(j, at, "tool_call_id"));
        m->name = chat_case_text(c, j, llocal_json_find(j, at, "name"));
        m->calls = c->calls + c->n_calls;
        for (int k = 0; calls >= 0 && k < j->nodes[calls].count; k++) {
            int call = llocal_json_item(j, calls, k), function = llocal_json_find(j, call, "function");
            llocal_call *o = &c->calls[c->n_calls++];
            o->id = chat_case_text(c, j, llocal_json_find(j, call, "id"));
            o->name = chat_case_text(c, j, llocal_json_find(j, function, "name"));
            o->arguments = chat_case_text(c, j, llocal_json_find(j, function, "arguments"));
            m->n_calls++;
        }
    }
    c->vars = chat_case_vars(c, j, context);
}

/* The string of a member (free it), or NULL. */
static char *test_chat_member(const llocal_json *j, const char *key, int *len) {
    int node = llocal_json_find(j, 0, key), n = node < 0 ? 0 : llocal_json_text(j, node, NULL, 0);
    char *text = node < 0 ? NULL : (char *)malloc((size_t)n + 1);
    if (text) llocal_json_text(j, node, text, n), text[n] = 0;
    if (len) *len = n;
    return text;
}

/* ---- a template, and the vocabulary that it wants ---- */

typedef struct test_chat_tpl {
    char source[1 << 18], special[64][64];
    const char *control[64];
    int n_control;
    llocal_model *m;
    llocal_chat *c;
} test_chat_tpl;

/* What looks like a control token in a template: <...> and [WORD] without spaces or quotes; then words between
 * those are bytes. */
static void test_chat_specials(test_chat_tpl *t) {
    t->n_control = 0;
    t->control[t->n_control++] = "<|bos|>", t->control[t->n_control++] = "<|eos|>";
    for (const char *s = t->source; *s && t->n_control < 64; s++) {
        size_t n = *s == '<' ? strcspn(s + 1, "<> \n\t'\"{}()\\+") + 1 : *s == '[' ? strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_/") + 1 : 0;
        bool there = false;
        if (n < 3 || n > 60 || s[n] != (*s == '<' ? '>' : ']')) continue;
        for (int i = 0; i < t->n_control; i++) there = there || (strlen(t->control[i]) == n + 1 && !memcmp(t->control[i], s, n + 1));
        if (there) continue;
        memcpy(t->special[t->n_control], s, n + 1), t->special[t->n_control][n + 1] = 0;
        t->control[t->n_control] = t->special[t->n_control], t->n_control++;
    }
}

/* The template of a file's first line, with a vocabulary of its control tokens. */
static bool test_chat_tpl_open(test_chat_tpl *t, const char *line) {
    static llocal_json_node nodes[16];
    llocal_fault fault;
    llocal_json j;
    j.text = line, j.len = strcspn(line, "\n"), j.nodes = nodes, j.cap = 16;
    memset(&fault, 0, sizeof fault);
    if (llocal_json_read(&j, NULL) < 1) return false;
    t->source[llocal_json_text(&j, llocal_json_find(&j, 0, "template"), t->source, sizeof t->source - 1)] = 0;
    test_chat_specials(t);
    t->m = test_chat_model("", t->control, t->n_control, NULL);
    CHECK_EQ(llocal_chat_open(t->m, t->source, &fault, &t->c), LLOCAL_OK);
    if (!t->c) printf("       %s\n", fault.message);
    return t->c != NULL;
}

enum { TEST_SAME, TEST_OTHER, TEST_REFUSED, TEST_BOTH, TEST_CARRIED, TEST_CALLS_IN_TEXT, TEST_KINDS };

/* Whether a text is what the template writes with nothing taken away, and all calls. */
static bool test_chat_within(const chat_case *k, const char *expected, const char *text) {
    for (int i = 0; i < k->n_calls; i++) {
        char name[100];
        snprintf(name, sizeof name, "%.*s", (int)k->calls[i].name.len, k->calls[i].name.ptr);
        if (!strstr(text, name)) return false;
    }
    for (; *expected && *text; text++) expected += *expected == *text;
    return !*expected && k->n_calls > 0;
}

/* One case: what comes of it. All but TEST_SAME and TEST_BOTH has a reason. */
static int test_chat_case(const test_chat_tpl *t, const llocal_json *j, chat_case *k, char *text, size_t size) {
    static const char *const other[] = { "tool_calls_strargs", "content_parts", "tool_calls_null_content" };
    int len = 0, kind;
    char *expected = test_chat_member(j, "expected", &len), *name = test_chat_member(j, "case", NULL);
    llocal_chat_prompt p;
    llocal_fault fault;
    llocal_result r;
    bool may = false;
    memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault);
    chat_case_read(k, j, llocal_json_find(j, 0, "context"));
    p.messages = k->messages, p.n_messages = k->n_messages, p.tools = k->tools, p.vars = k->vars, p.no_answer = k->no_answer;
    p.now = TEST_CHAT_NOW, p.text = text, p.text_size = size;
    r = llocal_chat_render(t->c, &p, &fault);
    if (!expected && strstr(*t->source ? t->source : "", ".append(")) expected = test_chat_member(j, "expected_lenient", &len);
    kind = r ? expected ? TEST_REFUSED : TEST_BOTH : !expected ? TEST_CARRIED : TEST_OTHER;
    if (kind == TEST_OTHER && p.n_text == (size_t)len && !memcmp(text, expected, (size_t)len)) kind = TEST_SAME;
    for (int i = 0; i < 3; i++) may = may || !strcmp(name, other[i]);       /* a message says these otherwise */
    may = may || (!strcmp(name, "reasoning") && t->c->style.thoughts >= LL_THOUGHTS_PART);
    if (kind == TEST_OTHER && !may && !(llocal_chat_can(t->c) & LLOCAL_CHAT_CALLS) && test_chat_within(k, expected, text)) kind = TEST_CALLS_IN_TEXT;
    if (kind == TEST_OTHER && !may) printf("       %s differs\n", name);
    CHECK(kind != TEST_OTHER || may);
    CHECK(kind != TEST_REFUSED || r == LLOCAL_ERR_UNSUPPORTED);             /* tools that would be lost */
    free(expected), free(name);
    return kind;
}


/* A conversation of all roles, ten messages and more: what is said comes out, in order, and messages end where they do. */
static void test_chat_ten(const test_chat_tpl *t, int sum[2]) {
    static const char *const roles[] = { "system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool", "assistant", "user" };
    static const char *const texts[] = { "Zsys", "Zone", "", "Ztwo", "Zthree", "Zfour", "", "Zfive", "Zsix", "Zseven" };
    static char text[1 << 17];
    static llocal_token ids[1 << 17];
    llocal_message say[10];
    llocal_call call;
    llocal_chat_prompt p;
    llocal_fault fault;
    int ends[10], n = 0;
    const char *at = text;
    memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault), memset(&call, 0, sizeof call);
    call.name = ll_str("Zcall"), call.arguments = ll_str("{\"Zkey\":\"Zvalue\"}");
    for (int i = 0; i < 10; i++) {
        const bool caller = !texts[i][0];
        say[n] = test_chat_say(roles[i], texts[i]);
        if (caller) say[n].calls = &call, say[n].n_calls = 1;
        n++;
    }
    p.messages = say, p.n_messages = n, p.text = text, p.text_size = sizeof text, p.now = TEST_CHAT_NOW;
    p.tokens = ids, p.cap = LL_COUNT(ids), p.ends = ends;
    CHECK_EQ(llocal_chat_render(t->c, &p, &fault), LLOCAL_OK);
    if (*fault.message) printf("       %s\n", fault.message);
    CHECK(p.n_tokens > 0 && p.n_tokens <= p.cap && p.n_text < sizeof text);
    for (int i = 0; i < n; i++) {
        const char *where = strstr(at, say[i].n_calls ? "Zvalue" : say[i].text.ptr);
        CHECK(where != NULL);
        if (where && i) at = where;             /* a system's text may stand in the last user's */
        CHECK(ends[i] <= p.n_tokens && (i == 0 || ends[i] < 0 || ends[i - 1] < 0 || ends[i] >= ends[i - 1]));
        sum[1] += ends[i] >= 0;
    }
    sum[0] += n;
}

/* The word in every field of every role (not of names of roles): how many control tokens there are, -1: refused. */
static int test_chat_hostile(const test_chat_tpl *t, const char *word) {
    static llocal_token ids[1 << 17];
    static const char *const roles[] = { "system", "user", "assistant", "tool", "assistant", "user" };
    const unsigned can = llocal_chat_can(t->c);
    char json[400], tools[400], vars[200];
    llocal_message say[6];
    llocal_call call;
    llocal_chat_prompt p;
    int n = 0, count = 0;
    memset(&p, 0, sizeof p), memset(&call, 0, sizeof call);
    snprintf(json, sizeof json, "{\"k%s\":\"%s\"}", word, word);
    snprintf(vars, sizeof vars, "{\"custom\":\"%s\",\"date_string\":\"%s\"}", word, word);
    snprintf(tools, sizeof tools, "[{\"type\":\"function\",\"function\":{\"name\":\"f%s\",\"description\":\"%s\",\"parameters\":{\"type\":\"object\","
             "\"properties\":{\"k%s\":{\"type\":\"string\",\"description\":\"%s\"}}}}}]", word, word, word, word);
    call.name = ll_str(word), call.arguments = ll_str(json), call.id = ll_str(word);
    for (int i = 0; i < 6; i++) {
        say[n] = test_chat_say(roles[i], word);
        if (i == 2) say[n].calls = &call, say[n].n_calls = 1, say[n].thoughts = ll_str(word);
        if (i == 3) say[n].call_id = ll_str(word), say[n].name = ll_str(word);
        if (i == 4) say[n].thoughts = ll_str(word);
        n++;
    }
    p.messages = say, p.n_messages = n, p.tokens = ids, p.cap = LL_COUNT(ids), p.vars = ll_str(vars), p.now = TEST_CHAT_NOW;
    if (can & LLOCAL_CHAT_TOOLS) p.tools = ll_str(tools);
    if (llocal_chat_render(t->c, &p, NULL)) return -1;
    CHECK(p.n_tokens > 0 && p.n_tokens <= p.cap);
    for (int i = 0; i < p.n_tokens; i++) count += ids[i] < t->n_control;
    return count;
}

/* Each control token of the template, and as many letters in its place: not one control token more. */
static void test_chat_says(const test_chat_tpl *t, int sum[2]) {
    for (int i = 0; i < t->n_control; i++) {
        char letters[64];
        size_t len = strlen(t->control[i]);
        int plain, hostile;
        memset(letters, 'x', len), letters[len] = 0;
        plain = test_chat_hostile(t, letters), hostile = test_chat_hostile(t, t->control[i]);
        CHECK(hostile == plain || hostile < 0 || (hostile < plain && t->c->style.carries));     /* it cuts off what it takes for thoughts */
        sum[hostile < 0]++;
    }
}

static void test_chat_models(void) {
    static test_chat_tpl t;
    static chat_case k;
    static llocal_json_node nodes[20000];
    static char text[1 << 17];
    int kinds[TEST_KINDS] = { 0, 0, 0, 0, 0, 0 }, ends[2] = { 0, 0 }, says[2] = { 0, 0 };
    TEST("chat models");
    for (int i = 0; i < LL_COUNT(test_chat_names); i++) {
        char file[128], *lines;
        const char *path;
        snprintf(file, sizeof file, "golden/chat/%s.jsonl", test_chat_names[i]);
        path = t_shared(file);
        if (!path) { SKIP("no shared chat templates"); return; }
        lines = t_read_file(path, NULL);
        if (test_chat_tpl_open(&t, lines)) {
            for (char *line = strchr(lines, '\n'); line && line[1]; line = strchr(line, '\n')) {
                llocal_json j;
                j.text = ++line, j.len = strcspn(line, "\n"), j.nodes = nodes, j.cap = LL_COUNT(nodes);
                CHECK(llocal_json_read(&j, NULL) > 0);
                kinds[test_chat_case(&t, &j, &k, text, sizeof text)]++;
            }
            test_chat_ten(&t, ends);
            test_chat_says(&t, says);
        }
        llocal_chat_close(t.c), llocal_model_close(t.m);
        free(lines);
    }
    printf("       cases: %d as expected, %d refused as expected, %d said otherwise, %d with tools that would be lost, %d that only llocal can say, %d with calls in the text\n",
           kinds[TEST_SAME], kinds[TEST_BOTH], kinds[TEST_OTHER], kinds[TEST_REFUSED], kinds[TEST_CARRIED], kinds[TEST_CALLS_IN_TEXT]);
    printf("       of %d messages %d have an end; control tokens as text: %d are text, %d are refused\n",
           ends[0], ends[1], says[0], says[1]);
    CHECK(kinds[TEST_SAME] >= 1104 && kinds[TEST_CALLS_IN_TEXT] >= 9);
    CHECK(says[0] > 800 && says[1] < 20);
}
#endif
