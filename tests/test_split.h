/* >>split: what a template renders for an assistant comes apart into the same again, cut anywhere; damaged it comes
 * apart into something, and no byte is lost. Templates of our own for every form, and those of models where they lie. */
#ifndef TEST_SPLIT_H
#define TEST_SPLIT_H

#include "split_cases.h"

#define TEST_SPLIT_CALLS 8
typedef struct test_pieces {
    llocal_split s;
    char thoughts[4000], text[8000], raw[8000];
    char name[TEST_SPLIT_CALLS][300], id[TEST_SPLIT_CALLS][300], arguments[TEST_SPLIT_CALLS][8000];
    const char *call_problem[TEST_SPLIT_CALLS], *problem;
    size_t n_thoughts, n_text, n_raw, n_arguments[TEST_SPLIT_CALLS];
    int n_calls, n_ended, in_call, ends, cancel_at, n_events;
    bool wrong, whole;                  /* events in a wrong order; characters cut */
    char room[2][1 << 16];
    const char *reply;
    size_t n_reply;
} test_pieces;

static bool test_split_json(const char *text, size_t n, int type) {
    static llocal_json_node nodes[4000];
    llocal_json j;
    memset(&j, 0, sizeof j);
    j.text = text, j.len = n, j.nodes = nodes, j.cap = LL_COUNT(nodes);
    return llocal_json_read(&j, NULL) > 0 && nodes[0].type == type;
}

static void test_split_put(char *to, size_t *n, size_t cap, llocal_str s) {
    size_t k = LL_MIN(s.len, cap - 1 - *n);
    if (k) memcpy(to + *n, s.ptr, k);
    *n += k, to[*n] = 0;
}

static bool test_split_event(void *user, const llocal_event *e) {
    test_pieces *t = (test_pieces *)user;
    const char *p = e->text.ptr, *end = p + e->text.len;
    int k = LL_MIN(t->n_calls, TEST_SPLIT_CALLS) - 1;
    bool inside = e->part >= LLOCAL_PART_NAME && e->part <= LLOCAL_PART_CALL_END;
    t->n_events++;
    test_split_put(t->raw, &t->n_raw, sizeof t->raw, e->raw);
    t->wrong = t->wrong || t->ends || inside != (t->in_call > 0) || (e->problem && e->part < LLOCAL_PART_CALL_END);
    if (inside && e->call != t->n_calls - 1) t->wrong = true;
    while (p < end) {                   /* a character is not cut, unless the reply has half of one */
        int n = 0;
        for (n = 1; n < 4 && p + n < end && ((uint8_t)p[n] & 0xc0) == 0x80; n++) {}
        if (ll_utf8_check((const uint8_t *)p, n) != n && t->whole) t->wrong = true;
        p += n;
    }
    switch (e->part) {
    case LLOCAL_PART_THOUGHTS: test_split_put(t->thoughts, &t->n_thoughts, sizeof t->thoughts, e->text); break;
    case LLOCAL_PART_TEXT: test_split_put(t->text, &t->n_text, sizeof t->text, e->text); break;
    case LLOCAL_PART_CALL:
        t->in_call = 1, k = LL_MIN(t->n_calls, TEST_SPLIT_CALLS - 1), t->n_calls++;
        snprintf(t->id[k], sizeof t->id[k], "%.*s", (int)e->text.len, e->text.ptr);
        t->n_arguments[k] = 0, t->arguments[k][0] = 0;
        if (e->call != t->n_calls - 1) t->wrong = true;
        break;
    case LLOCAL_PART_NAME:
        if (!e->text.len || t->in_call++ != 1) t->wrong = true;
        snprintf(t->name[k], sizeof t->name[k], "%.*s", (int)e->text.len, e->text.ptr);
        break;
    case LLOCAL_PART_ARGUMENTS:
        if (t->in_call < 2) t->wrong = true;
        test_split_put(t->arguments[k], &t->n_arguments[k], sizeof t->arguments[k], e->text);
        break;
    case LLOCAL_PART_CALL_END:
        if (t->in_call < 2) t->wrong = true;
        if (e->text.len) snprintf(t->id[k], sizeof t->id[k], "%.*s", (int)e->text.len, e->text.ptr);
        t->call_problem[k] = e->problem, t->in_call = 0;
        if (!e->problem && t->n_arguments[k] < sizeof t->arguments[k] - 1 &&
            !test_split_json(t->arguments[k], t->n_arguments[k], LLOCAL_JSON_OBJECT)) t->wrong = true;
        break;
    case LLOCAL_PART_END: t->ends++, t->problem = e->problem; break;
    }
    return t->n_events != t->cancel_at;
}

/* Splits a reply in pieces of n bytes (0: at random), moving to other memory between pieces. False: a rule is broken. */
static bool test_split_run(test_pieces *t, const llocal_chat *c, const llocal_chat_prompt *p, llocal_str reply, int n, size_t room) {
    llocal_result r = LLOCAL_OK;
    memset(&t->s, 0, sizeof t->s);
    t->thoughts[0] = t->text[0] = t->raw[0] = 0;
    t->n_thoughts = t->n_text = t->n_raw = 0;
    t->n_calls = t->in_call = t->ends = t->n_events = 0, t->wrong = false, t->problem = NULL;
    memset(t->call_problem, 0, sizeof t->call_problem);
    t->reply = reply.ptr, t->n_reply = reply.len, t->whole = true;
    for (size_t i = 0; i < reply.len && t->whole; i++) {
        int k = 1;
        while (k < 4 && i + (size_t)k < reply.len && ((uint8_t)reply.ptr[i + (size_t)k] & 0xc0) == 0x80) k++;
        t->whole = ll_utf8_check((const uint8_t *)reply.ptr + i, k) == k;
        i += (size_t)k - 1;
    }
    t->s.chat = c, t->s.prompt = p, t->s.held = t->room[0], t->s.held_size = room, t->s.on_event = test_split_event, t->s.user = t;
    memset(t->s.state, 0, sizeof t->s.state);
    for (size_t i = 0; i < reply.len && !r;) {
        llocal_split other = t->s;
        llocal_str piece;
        size_t k = n ? (size_t)n : (size_t)(t_random() % 30);
        piece.ptr = reply.ptr + i, piece.len = LL_MIN(k, reply.len - i);
        other.held = t->s.held == t->room[0] ? t->room[1] : t->room[0];
        memcpy(other.held, t->s.held, t->s.state[0]);
        memset(t->s.held, 'x', t->s.state[0]);
        t->s = other;
        r = llocal_split_add(&t->s, piece);
        i += piece.len;
    }
    if (!r) r = llocal_split_end(&t->s);
    return !r && !t->wrong && t->ends == 1 && !t->in_call && t->n_raw == LL_MIN(reply.len, sizeof t->raw - 1) && !memcmp(t->raw, reply.ptr, t->n_raw);
}

static bool test_split_same(const llocal_json *a, int i, const llocal_json *b, int k) {
    const llocal_json_node *x = &a->nodes[i], *y = &b->nodes[k];
    char s[2][2000];
    int n;
    if (x->type != y->type || x->count != y->count) return false;
    if (x->type == LLOCAL_JSON_OBJECT || x->type == LLOCAL_JSON_ARRAY) {
        for (n = 0; n < x->count; n++) {
            int in = llocal_json_item(a, i, n), other = llocal_json_item(b, k, n);
            if (x->type == LLOCAL_JSON_OBJECT) {
                llocal_json_text(a, in - 1, s[0], sizeof s[0]);
                s[0][a->nodes[in - 1].len] = 0;
                other = llocal_json_find(b, k, s[0]);
            }
            if (other < 0 || !test_split_same(a, in, b, other)) return false;
        }
        return true;
    }
    n = llocal_json_text(a, i, s[0], sizeof s[0]);
    return n == llocal_json_text(b, k, s[1], sizeof s[1]) && !memcmp(s[0], s[1], (size_t)n);
}
static bool test_split_equal(const char *a, const char *b) {
    static llocal_json_node nodes[2][200];
    llocal_json j[2];
    memset(j, 0, sizeof j);
    for (int i = 0; i < 2; i++) {
        j[i].text = i ? b : a, j[i].len = strlen(j[i].text), j[i].nodes = nodes[i], j[i].cap = 200;
        if (llocal_json_read(&j[i], NULL) <= 0) return false;
    }
    return test_split_same(&j[0], 0, &j[1], 0);
}

static const char test_split_tools[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"description\":\"w\",\"parameters\":{\"type\":\"object\",\"properties\":"
    "{\"city\":{\"type\":\"string\",\"description\":\"c\"},\"days\":{\"type\":\"integer\",\"description\":\"d\"},\"hot\":{\"type\":"
    "\"boolean\",\"description\":\"h\"},\"more\":{\"type\":\"object\",\"description\":\"m\",\"properties\":{},\"additionalProperties\":"
    "{\"type\":\"string\"}},\"zip\":{\"type\":\"string\",\"description\":\"z\"}},\"required\":[\"city\"]}}},{\"type\":\"function\","
    "\"function\":{\"name\":\"python\",\"description\":\"p\",\"parameters\":{\"type\":\"object\",\"properties\":{\"code\":{\"type\":"
    "\"string\",\"description\":\"c\"}},\"required\":[\"code\"]}}}]";
static const char test_split_city[] =
    "{\"city\":\"Z\xC3\xBCrich, <b> {1}\",\"days\":3,\"hot\":true,\"more\":{\"k\":[\"v\",7]},\"zip\":\"01234\"}";
static const char test_split_code[] = "{\"code\":\"print(\\\"a\\\\tb\\\")\\n  x = 1 < 2\"}";
static const char test_split_thoughts[] = "First 2+2 is\n4, I \xE2\x80\x9Cthink\xE2\x80\x9D.";
static const char test_split_said[] = "It is *4* < 5 \xF0\x9F\x98\x80 {so}.";

static bool test_split_has(llocal_str s, const char *what) { return ll_probe_find(s, what, 0) != LL_NOWHERE; }

static bool test_split_starts(llocal_str s, llocal_str with) { return s.len >= with.len && !memcmp(s.ptr, with.ptr, with.len); }

/* What the template renders for an assistant with these parts: the text behind the prompt, to the end of the message. */
static bool test_split_render(const llocal_chat *c, llocal_chat_prompt *p, bool thoughts, bool text, int calls, bool eom, char *out, llocal_str *reply) {
    llocal_call call[2];
    llocal_message m[2];
    ll_chat_page g[2];
    ll_probe probe;
    llocal_str s[2], tail;
    size_t at = 0, from, header;
    bool good = true;
    memset(m, 0, sizeof m), memset(g, 0, sizeof g), memset(p, 0, sizeof *p), memset(&probe, 0, sizeof probe);
    call[0].id = ll_str("abcdefgh1"), call[0].name = ll_str("get_weather"), call[0].arguments = ll_str(test_split_city);
    call[1].id = ll_str("abcdefgh2"), call[1].name = ll_str("python"), call[1].arguments = ll_str(test_split_code);
    m[0].role = "user", m[0].text = ll_str("UUserU"), m[1].role = "assistant", m[1].calls = call, m[1].n_calls = calls;
    m[1].thoughts = ll_str(thoughts ? test_split_thoughts : ""), m[1].text = ll_str(text ? test_split_said : "");
    p->messages = m, p->tools = ll_str(c->can & LLOCAL_CHAT_TOOLS ? test_split_tools : ""), p->now = 1700000000;
    if (c->style.think) p->think = LLOCAL_THINK_ON;
    for (int i = 0; i < 2; i++) {
        g[i].allocator = c->allocator;
        good = good && !ll_chat_page_render(&g[i], c, p, i ? 2 : 1, !i, NULL);
        s[i].ptr = g[i].text, s[i].len = good ? g[i].n_text : 0;
        for (size_t k = 0; (k = ll_probe_find(s[i], "UUserU", k)) != LL_NOWHERE; k++) at = k + 6;
        s[i] = ll_probe_cut(s[i], at, s[i].len);
    }
    if (good) {
        probe.f = (ll_forms *)&c->forms, probe.text[LL_PROBE_ANSWER] = s[0];
        from = LL_MIN(ll_probe_find(s[1], "First", 0), LL_MIN(ll_probe_find(s[1], "It is *", 0), LL_MIN(ll_probe_find(s[1], "get_weather", 0), ll_probe_find(s[1], "abcdefgh1", 0))));
        good = from != LL_NOWHERE;
    }
    if (good) {
        const llocal_str end = ll_lit_str(&c->forms, c->forms.eom);
        char mark[300];
        size_t n;
        snprintf(mark, sizeof mark, "%.*s", (int)end.len, end.ptr);
        header = ll_probe_header(&probe, s[1], from);
        p->in_thoughts = ll_forms_in_thoughts(&c->forms, s[1].ptr, header) ||     /* (some have it in the prompt only) */
                         (ll_forms_in_thoughts(&c->forms, s[0].ptr, s[0].len) && ll_probe_find(s[1], "First", 0) == header);
        for (size_t k = from; k < s[1].len; k++)                /* the last of what we said */
            if (!memcmp(s[1].ptr + k, "01234", LL_MIN(5, s[1].len - k)) || !memcmp(s[1].ptr + k, "2\"}", LL_MIN(3, s[1].len - k)) || !memcmp(s[1].ptr + k, "so}", LL_MIN(3, s[1].len - k))) from = k;
        if (end.len && !ll_str_eq(end, ll_lit_str(&c->forms, c->forms.think_end)) && !test_split_starts(ll_lit_str(&c->forms, c->forms.form[0].open), end))
            from = header;              /* the first end; some messages begin with one */
        tail = ll_probe_cut(s[1], from, s[1].len);
        n = ll_probe_find(tail, end.len ? mark : "\n\n\n\n", 0);
        if (n == LL_NOWHERE || n > ll_probe_tail(&probe, tail).len) n = ll_probe_tail(&probe, tail).len, eom = false;
        *reply = ll_probe_trim(ll_probe_cut(s[1], header, from + n + (eom ? end.len : 0)));
        memcpy(out, reply->ptr, reply->len);
        reply->ptr = out;
        if (!test_split_has(*reply, "First") && !test_split_has(*reply, "</think>")) p->in_thoughts = false;
    }
    ll_chat_page_free(&g[0]), ll_chat_page_free(&g[1]);
    return good;
}

/* Splits it and looks at what came; what the template left out of the reply is not wanted. Says what is wrong. */
static const char *test_split_check(test_pieces *t, const llocal_chat *c, const llocal_chat_prompt *p, llocal_str reply, int n, size_t room) {
    static const char *const names[] = { "get_weather", "python" };
    bool thoughts = test_split_has(reply, "First"), text = test_split_has(reply, "It is *");
    int k = 0;
    if (!test_split_run(t, c, p, reply, n, room)) return "a rule is broken";
    if (t->problem && !(reply.len > 10 && t->n_thoughts && !memcmp(reply.ptr + reply.len - 10, test_split_thoughts + sizeof test_split_thoughts - 11, 10))) return t->problem;
    if (c->forms.form[0].kind == LL_FORM_HARMONY && text && !t->n_text && !strcmp(t->thoughts, test_split_said))
        text = false, t->thoughts[0] = 0;       /* its template makes thoughts of what is said before a call */
    if (strcmp(t->thoughts, thoughts ? test_split_thoughts : "")) return "other thoughts";
    if (strcmp(t->text, text ? test_split_said : "")) return "another text";
    for (int i = 0; i < 2; i++) {
        if (!test_split_has(reply, names[i])) continue;
        if (k >= t->n_calls || strcmp(t->name[k], names[i])) return "another name";
        if (!test_split_equal(t->arguments[k], i ? test_split_code : test_split_city)) return "other arguments";
        if (test_split_has(reply, i ? "abcdefgh2" : "abcdefgh1") && strcmp(t->id[k], i ? "abcdefgh2" : "abcdefgh1")) return "another id";
        k++;
    }
    return k == t->n_calls ? NULL : "a call too many";
}

static void test_split_show(const test_pieces *t) {
    printf("       thoughts \"%s\"\n       text \"%s\"\n", t->thoughts, t->text);
    for (int i = 0; i < LL_MIN(t->n_calls, TEST_SPLIT_CALLS); i++)
        printf("       %s %s(%s) %s\n", t->id[i], t->name[i], t->arguments[i], t->call_problem[i] ? t->call_problem[i] : "");
}

/* All parts in all combinations. How many of them came apart. */
static int test_split_chat(test_pieces *t, const llocal_chat *c, const char *name, int want[2]) {
    static const int pieces[] = { 1, 2, 3, 7, 0, 0, 10000 };
    static char out[1 << 16], less[1 << 16];
    int good = 0;
    for (int how = 0; how < 12; how++) {
        llocal_chat_prompt p;
        llocal_str reply, cut;
        const char *wrong = NULL;
        if (!test_split_render(c, &p, (how & 1) != 0, (how & 2) != 0, how >> 2, how & 1, out, &reply)) continue;
        for (int i = 0; i < LL_COUNT(pieces) && !wrong; i++) {
            wrong = test_split_check(t, c, &p, reply, pieces[i], i & 1 ? LL_SPLIT_LEAST : sizeof t->room[0]);
            if (wrong) printf("       %s: %s (thoughts %d, text %d, calls %d; in pieces of %d)\n       of \"%.*s\"\n", name, wrong, how & 1, how >> 1 & 1, how >> 2, pieces[i], (int)reply.len, reply.ptr);
            if (wrong) test_split_show(t);
        }
        CHECK(!wrong);
        good += !wrong, want[0] |= t->n_calls == 2, want[1] |= t->n_thoughts > 0;
        if (how < 10) continue;
        cut.ptr = less, cut.len = reply.len - 1;
        for (size_t i = 0; i < reply.len; i++) {        /* without one byte */
            memcpy(less, reply.ptr, i), memcpy(less + i, reply.ptr + i + 1, reply.len - i - 1);
            if (!test_split_run(t, c, &p, cut, (int)(i % 5), LL_SPLIT_LEAST)) {
                printf("       %s: without byte %d of \"%.*s\"\n", name, (int)i, (int)reply.len, reply.ptr);
                CHECK(false);
                break;
            }
        }
    }
    return good;
}

static llocal_chat *test_split_open(const char *source) {
    llocal_allocator a;
    llocal_chat *c = NULL;
    llocal_fault fault;
    memset(&a, 0, sizeof a), memset(&fault, 0, sizeof fault);
    CHECK_EQ(ll_chat_open(NULL, ll_str(source), ll_str("<|bos|>"), ll_str("<|eos|>"), ll_allocator(a), &fault, &c), LLOCAL_OK);
    if (!c) printf("       %s\n", fault.message);
    return c;
}

static void test_split_own(void) {
    static test_pieces t;
    TEST("split own");
    for (int i = 0; i < LL_COUNT(test_split_templates); i++) {
        llocal_chat *c = test_split_open(test_split_templates[i].source);
        int want[2] = { 0, 0 }, good;
        if (!c) continue;
        good = test_split_chat(&t, c, test_split_templates[i].name, want);
        CHECK_EQ(c->forms.form[0].kind, test_split_templates[i].kind);
        CHECK_EQ(c->forms.n_derived, i != TEST_SPLIT_PLAIN && c->forms.form[0].kind != LL_FORM_HARMONY);
        CHECK(good >= (i == TEST_SPLIT_BARE ? 5 : 10));
        CHECK_EQ(want[0], i != TEST_SPLIT_BARE && i != TEST_SPLIT_RECIPIENTS);    /* (each call is a message of its own) */
        CHECK_EQ(want[1], i != TEST_SPLIT_PLAIN && i != TEST_SPLIT_BARE && i != TEST_SPLIT_HARMONY + 1);
        llocal_chat_close(c);
    }
}

/* ---- what models write beside that ---- */

/* All that came, as a line: {thoughts} text [id name arguments (problem)] ... (problem). */
static const char *test_split_line(const test_pieces *t) {
    static char line[16000];
    size_t n = 0;
    line[0] = 0;
    if (t->n_thoughts) n += (size_t)snprintf(line + n, sizeof line - n, "{%s}", t->thoughts);
    n += (size_t)snprintf(line + n, sizeof line - n, "%s", t->text);
    for (int i = 0; i < LL_MIN(t->n_calls, TEST_SPLIT_CALLS); i++)
        n += (size_t)snprintf(line + n, sizeof line - n, "[%s%s%s %s%s]", t->id[i], *t->id[i] ? " " : "", t->name[i], t->arguments[i], t->call_problem[i] ? " !" : "");
    if (t->problem) snprintf(line + n, sizeof line - n, " !");
    return line;
}

static void test_split_written(void) {
    static test_pieces t;
    static const int pieces[] = { 10000, 1, 3, 0 };
    llocal_chat *c[LL_COUNT(test_split_templates)];
    TEST("split written");
    for (int i = 0; i < LL_COUNT(c); i++) c[i] = test_split_open(test_split_templates[i].source);
    for (int i = 0; i < LL_COUNT(test_split_cases); i++)
        for (int k = 0; k < LL_COUNT(pieces); k++) {
            llocal_chat_prompt p;
            bool good;
            memset(&p, 0, sizeof p);
            p.tools = ll_str(*test_split_cases[i].tools ? test_split_types : "");
            good = test_split_run(&t, c[test_split_cases[i].which], &p, ll_str(test_split_cases[i].reply), pieces[k], LL_SPLIT_LEAST);
            good = good && !strcmp(test_split_line(&t), test_split_cases[i].want);
            CHECK(good);
            if (!good) printf("       %s\n       gives %s\n", test_split_cases[i].reply, test_split_line(&t));
            if (!good) break;
        }
    for (int i = 0; i < LL_COUNT(c); i++) llocal_chat_close(c[i]);
}

/* n times a piece. */
static llocal_str test_split_many(char *out, const char *before, const char *piece, int n, const char *after) {
    llocal_str s;
    s.ptr = out, s.len = strlen(before);
    memcpy(out, before, s.len);
    for (int i = 0; i < n; i++, s.len += strlen(piece)) memcpy(out + s.len, piece, strlen(piece));
    memcpy(out + s.len, after, strlen(after) + 1), s.len += strlen(after);
    return s;
}

/* What is larger than the room. raw is as long as `room` of test_pieces. */
static void test_split_limits(void) {
    static test_pieces t;
    static char out[1 << 16];
    const size_t least = LL_SPLIT_LEAST, large = sizeof t.room[0];
    llocal_chat *c = test_split_open(test_split_templates[0].source), *pairs = test_split_open(test_split_templates[6].source);
    llocal_str s;
    TEST("split limits");
    for (int piece = 1; piece < 8000; piece += piece < 8 ? 2 : 3000) {
        s = test_split_many(out, "a", " \n", 2000, "b");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_text == s.len && !t.problem);
        s = test_split_many(out, "a", " \n", 2000, "<call>{\"name\": \"f\"}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, large) && t.n_text == 1 && t.n_calls == 1 && !t.problem);
        s = test_split_many(out, "<call>{\"name\": \"f\", \"arguments\": {\"a\": [", "\"x\", ", 900, "1]}}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_calls == 1 && t.n_arguments[0] > 4500 && !t.problem);
        s = test_split_many(out, "<call>{\"arguments\": {\"a\": [", "\"x\", ", 900, "1]}, \"name\": \"f\"}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_calls == 0 && t.n_text == s.len && t.problem);
        CHECK(test_split_run(&t, c, NULL, s, piece, large) && t.n_calls == 1 && t.n_arguments[0] > 4500 && !t.problem);
        s = test_split_many(out, "<call>{\"name\": \"f\", \"arguments\": \"{", " ", 2000, "}\"}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_calls == 0 && t.n_text == s.len && t.problem);
        CHECK(test_split_run(&t, c, NULL, s, piece, large) && t.n_calls == 1 && !t.problem);
        s = test_split_many(out, "<call>{\"name\": \"f\", \"arguments\": {}, \"id\": \"", "x", 2000, "\"}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_calls == 1 && t.call_problem[0] && t.problem);
        s = test_split_many(out, "<call>{\"name\": \"", "x", 300, "\"}</call>");
        CHECK(test_split_run(&t, c, NULL, s, piece, large) && t.n_calls == 0 && t.n_text == s.len && t.problem);
        s = test_split_many(out, "<call>{\"name\": \"f\", \"arguments\": ", "{\"a\":", 200, "");
        CHECK(test_split_run(&t, c, NULL, s, piece, large) && t.n_calls == 1 && t.call_problem[0] && t.problem);
        s = test_split_many(out, "<call><function=f><arg=a>[", "1,", 1500, "1]</arg></function></call>");
        CHECK(test_split_run(&t, pairs, NULL, s, piece, large) && !t.problem && !strncmp(t.arguments[0], "{\"a\":[1,", 8));
        CHECK(test_split_run(&t, pairs, NULL, s, piece, least) && !t.problem && !strncmp(t.arguments[0], "{\"a\":\"[1,", 9));
        s = test_split_many(out, "<think>", "hm ", 1000, "</think>\n\n ok");
        CHECK(test_split_run(&t, c, NULL, s, piece, least) && t.n_thoughts == 2999 && !strcmp(t.text, "ok") && !t.problem);
    }
    for (t.cancel_at = 1; t.cancel_at < 20; t.cancel_at++) {    /* the caller stops it */
        s = ll_str("<think>hm</think>a<call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</call> b");
        if (test_split_run(&t, c, NULL, s, 5, least)) break;
        CHECK_EQ(t.n_events, t.cancel_at);
        CHECK(!memcmp(t.raw, s.ptr, t.n_raw));
        CHECK_EQ(llocal_split_add(&t.s, s), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_split_end(&t.s), LLOCAL_ERR_ARGUMENT);
    }
    CHECK(t.cancel_at > 8 && t.cancel_at < 20);
    t.cancel_at = 0;
    CHECK_EQ(llocal_split_add(NULL, s), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_split_end(NULL), LLOCAL_ERR_ARGUMENT);
    for (int i = 0; i < 5; i++) {                               /* nothing is set but... */
        memset(&t.s, 0, sizeof t.s);
        t.s.chat = i == 0 ? NULL : c, t.s.held = i == 1 ? NULL : t.room[0], t.s.held_size = least - (i == 2);
        if (i != 3) t.s.on_event = test_split_event;
        t.s.user = &t;
        CHECK_EQ(llocal_split_add(&t.s, ll_str("")), i < 4 ? LLOCAL_ERR_ARGUMENT : LLOCAL_OK);
    }
    for (int i = 0; i < 2000; i++) {                            /* states that somebody forged */
        const char reply[] = "x</call> </think> {\"a\": [1, \"b\"]}</call><call>{\"name\": \"f\"}";
        for (size_t k = 0; k < sizeof t.s.state; k++) ((uint8_t *)&t.s.state)[k] = (uint8_t)(t_random() % (k % 4 && k < 60 ? 2 : 9));
        if (i & 1) memset(t.s.state, 0, sizeof t.s.state), llocal_split_add(&t.s, ll_str("")), ((uint8_t *)&t.s.state)[t_random() % sizeof t.s.state] = (uint8_t)t_random();
        s.ptr = reply, s.len = sizeof reply - 1, t.n_raw = t.n_text = t.n_thoughts = 0, t.n_calls = 1;
        if (!llocal_split_add(&t.s, s)) llocal_split_end(&t.s);
    }
    llocal_chat_close(c), llocal_chat_close(pairs);
}

static int test_split_blocks;
static void *test_split_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    if (new_size && !ptr && *(int *)user == 0) return NULL;
    if (new_size && !ptr && *(int *)user > 0) --*(int *)user;
    test_split_blocks += (new_size > 0) - (ptr != NULL);
    return ll_default_resize(NULL, ptr, old_size, new_size);
}

/* Memory is asked for to look at the tools only, and given back. */
static void test_split_memory(void) {
    static test_pieces t;
    int left = -1;
    llocal_allocator a;
    llocal_chat *c = NULL;
    llocal_chat_prompt p;
    llocal_str s = ll_str("<call>\n<function=f>\n<arg=b>\n1\n</arg>\n</function>\n</call>");
    TEST("split memory");
    a.resize = test_split_resize, a.user = &left;
    memset(&p, 0, sizeof p);
    p.tools = ll_str(test_split_types);
    for (int i = 0; i < 400 && !c; i += 1 + i / 20) {           /* opening, with so many blocks */
        left = i;
        if (ll_chat_open(NULL, ll_str(test_split_templates[6].source), ll_str(""), ll_str(""), a, NULL, &c)) CHECK_EQ(test_split_blocks, 0);
    }
    left = -1;
    if (!c) CHECK_EQ(ll_chat_open(NULL, ll_str(test_split_templates[6].source), ll_str(""), ll_str(""), a, NULL, &c), LLOCAL_OK);
    for (left = 0; left < 3; left++) {
        int was = left, blocks = test_split_blocks;
        CHECK_EQ(test_split_run(&t, c, &p, s, 4, LL_SPLIT_LEAST), was == 2);
        CHECK(t.n_calls == (was > 0) && left == 0 && test_split_blocks == blocks);
        left = was;
    }
    left = 0;
    CHECK(test_split_run(&t, c, NULL, s, 4, LL_SPLIT_LEAST) && t.n_calls == 1 && !strcmp(t.arguments[0], "{\"b\":1}"));
    left = -1;
    llocal_chat_close(c);
    CHECK_EQ(test_split_blocks, 0);
}

/* Tokens: control tokens are spelled, characters may lie across them. */
static void test_split_tokens(void) {
    static test_pieces t;
    static const char reply[] = "\xC3\xA4<call>{\"name\": \"f\", \"arguments\": {\"a\": \"\xF0\x9F\x98\x80\"}}</call>";
    static const char *const tokens[] = { "[U]", "<call>", "</call>", "name" };
    llocal_chat *c = test_split_open(test_split_templates[0].source);
    test_file *f = test_file_new("rwkv");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    test_vocabulary vocab;
    const llocal_model *v = test_vocab_model(&vocab);
    llocal_token ids[100];
    int n = 0;
    TEST("split tokens");
    for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_str(f, m, tokens[i], strlen(tokens[i]));
    for (int i = 0; i < 256; i++) {
        char s[16];
        snprintf(s, sizeof s, "<0x%02X>", i);
        test_file_add_str(f, m, s, 6);
    }
    m = test_file_array(f, "tokenizer.ggml.token_type", LLOCAL_META_I32);
    for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_u32(f, m, i == 0 ? 2 : i == 3 ? 1 : 3);
    for (int i = 0; i < 256; i++) test_file_add_u32(f, m, 6);
    test_file_int(f, "tokenizer.ggml.unknown_token_id", 0);
    test_file_bool(f, "tokenizer.ggml.add_bos_token", false), test_file_bool(f, "tokenizer.ggml.add_space_prefix", false);
    CHECK_EQ(test_file_open(f, &vocab), LLOCAL_OK);
    for (const char *p = reply; *p; n++) {
        size_t len = 1;
        ids[n] = (llocal_token)(LL_COUNT(tokens) + (uint8_t)*p);
        for (int i = 1; i < LL_COUNT(tokens); i++)
            if (!strncmp(p, tokens[i], strlen(tokens[i]))) ids[n] = i, len = strlen(tokens[i]);
        p += len;
    }
    CHECK(n > 20 && n < 60 && ids[2] == 1 && ids[n - 1] == 2);
    CHECK(test_split_run(&t, c, NULL, ll_str(""), 1, LL_SPLIT_LEAST));
    memset(t.s.state, 0, sizeof t.s.state), ((llocal_chat *)c)->m = v;
    t.ends = 0, t.n_raw = 0;
    for (int i = 0; i < n; i++) CHECK_EQ(llocal_split_token(&t.s, ids[i]), LLOCAL_OK);
    CHECK_EQ(llocal_split_token(&t.s, -1), LLOCAL_OK);
    CHECK(llocal_split_token(&t.s, 100000) == LLOCAL_ERR_ARGUMENT && llocal_split_token(NULL, 1) == LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_split_end(&t.s), LLOCAL_OK);
    CHECK(!strcmp(test_split_line(&t), "\xC3\xA4[f {\"a\": \"\xF0\x9F\x98\x80\"}]") && !strcmp(t.raw, reply));
    test_vocab_close(&vocab);
    llocal_chat_close(c);
}

/* Templates of models: what they render comes apart. */
static void test_split_models(void) {
    static test_pieces t;
    int derived = 0, calls = 0, thoughts = 0, combinations = 0, n = 0;
    TEST("split models");
    for (int i = 0; i < LL_COUNT(test_chat_names); i++) {
        static llocal_json_node nodes[10];
        static char source[1 << 18];
        int want[2] = { 0, 0 };
        char file[128], *line;
        llocal_json j;
        llocal_chat *c;
        const char *path;
        snprintf(file, sizeof file, "golden/chat/%s.jsonl", test_chat_names[i]);
        path = t_shared(file);
        if (!path) { SKIP("no shared chat templates"); return; }
        line = t_read_file(path, NULL);
        *strchr(line, '\n') = 0;
        j.text = line, j.len = strlen(line), j.nodes = nodes, j.cap = LL_COUNT(nodes);
        CHECK(llocal_json_read(&j, NULL) > 0);
        source[LL_MAX(llocal_json_text(&j, llocal_json_find(&j, 0, "template"), source, sizeof source - 1), 0)] = 0;
        free(line);
        c = test_split_open(source);
        if (!c) continue;
        combinations += test_split_chat(&t, c, test_chat_names[i], want);
        n++, derived += c->forms.n_derived > 0, calls += want[0], thoughts += want[1];
        llocal_chat_close(c);
    }
    CHECK(n == LL_COUNT(test_chat_names) && derived == 52 && combinations >= 604 && calls >= 44 && thoughts >= 20);
    printf("       %d templates: %d show the form of calls, %d replies come apart, of %d templates with two calls, of %d with thoughts\n",
           n, derived, combinations, calls, thoughts);
}

/* ---- calls in the text of templates that leave them out ---- */

#define TEST_CARRY "{% if tools %}{{ tools | tojson }}{% endif %}" TEST_CHATML
#define TEST_DS(a, b) "<\xEF\xBD\x9Ctool\xE2\x96\x81" a "\xE2\x96\x81" b "\xEF\xBD\x9C>"
#define TEST_DS_SEP "<\xEF\xBD\x9Ctool\xE2\x96\x81sep\xEF\xBD\x9C>"
#define TEST_CARRY_ARGS "{\"city\":\"Z\\u00fcrich \\\"%\\\"\",\"n\":[1,null,{\"a\":true}]}"
/* Tokens of the vocabulary beside those of ChatML; the message ('%': a word, '@': its arguments), how many tags it has. */
static const struct test_carry_row { const char *name, *control[5], *source; int tags; const char *said; } test_carry_rows[] = {
    { "no tokens", { "" }, TEST_CARRY, 0, "B\n<tool_call>\n{\"name\": \"f\", \"arguments\": @}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>" },
    { "Hermes", { "<tool_call>", "</tool_call>" }, TEST_CARRY, 4,
      "B\n<tool_call>\n{\"name\": \"f\", \"arguments\": @}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>" },
    { "LFM2", { "<|tool_call_start|>", "<|tool_call_end|>" }, TEST_CARRY, 2,
      "B<|tool_call_start|>[f(city=\"Z\\u00fcrich \\\"%\\\"\", n=[1, None, {\"a\": True}]), g()]<|tool_call_end|>" },
    { "Granite", { "<|tool_call|>" }, TEST_CARRY, 1, "B<|tool_call|>[{\"name\": \"f\", \"arguments\": @}, {\"name\": \"g\", \"arguments\": {}}]" },
    { "Phi-4", { "<|tool_call|>", "<|/tool_call|>" }, TEST_CARRY, 2, "B<|tool_call|>[{\"name\": \"f\", \"arguments\": @}, {\"name\": \"g\", \"arguments\": {}}]<|/tool_call|>" },
    { "Mistral, and what the template names", { "<tool_call>", "</tool_call>", "[TOOL_CALLS]" }, "{# [TOOL_CALLS] #}" TEST_CARRY, 1,
      "B[TOOL_CALLS][{\"name\": \"f\", \"arguments\": @}, {\"name\": \"g\", \"arguments\": {}}]" },
    { "Kimi K2", { "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|tool_calls_section_end|>" }, TEST_CARRY, 8,
      "B<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>@<|tool_call_end|><|tool_call_begin|>functions.g:1"
      "<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>" },
    { "DeepSeek R1", { TEST_DS("calls", "begin"), TEST_DS("call", "begin"), TEST_DS_SEP, TEST_DS("call", "end"), TEST_DS("calls", "end") }, TEST_CARRY, 8,
      "B" TEST_DS("calls", "begin") TEST_DS("call", "begin") "function" TEST_DS_SEP "f\n```json\n@\n```" TEST_DS("call", "end") TEST_DS("call", "begin") "function"
      TEST_DS_SEP "g\n```json\n{}\n```" TEST_DS("call", "end") TEST_DS("calls", "end") },
};

/* A text with its places filled. */
static void test_carry_fill(const char *form, const char *word, const char *arguments, char *out) {
    for (; *form; form++) {
        const char *add = *form == '@' ? arguments : *form == '%' ? word : NULL;
        if (add) memcpy(out, add, strlen(add)), out += strlen(add);
        else *out++ = *form;
    }
    *out = 0;
}

/* The conversation with a word in the user's text, the arguments and the result: its control tokens, and its message
 * comes apart again. */
static int test_carry_render(const llocal_chat *c, const struct test_carry_row *row, const char *word, int n_control) {
    static test_pieces t;
    static char text[8000], said[2000], arguments[2000];
    static llocal_token ids[8000];
    llocal_message say[4];
    llocal_call calls[2];
    llocal_chat_prompt p;
    llocal_fault fault;
    llocal_str reply;
    const char *from;
    int ends[4], count = 0;
    memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault), memset(calls, 0, sizeof calls);
    test_carry_fill(TEST_CARRY_ARGS, word, "", arguments);
    test_carry_fill(row->said, word, arguments, said);
    calls[0].name = ll_str("f"), calls[0].arguments = ll_str(arguments), calls[1].name = ll_str("g");
    say[0] = test_chat_say("user", word), say[1] = test_chat_say("assistant", "B"), say[2] = test_chat_say("tool", word), say[3] = test_chat_say("tool", "R");
    say[1].calls = calls, say[1].n_calls = 2;
    p.messages = say, p.n_messages = 4, p.tools = ll_str(test_split_tools), p.text = text, p.text_size = sizeof text;
    p.tokens = ids, p.cap = LL_COUNT(ids), p.ends = ends;
    CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_OK);
    CHECK(p.n_tokens < p.cap && p.n_text < sizeof text && ends[0] > 0 && ends[0] < ends[1] && ends[1] < ends[2] && ends[2] < ends[3]);
    for (int i = 0; i < p.n_tokens; i++) count += ids[i] < n_control;
    from = strstr(text, "<|im_start|>assistant\n") + 22;
    reply.ptr = from, reply.len = (size_t)(strstr(from, "<|im_end|>") - from);
    if (!ll_str_is(reply, said)) printf("       %s: %.*s\n", row->name, (int)reply.len, reply.ptr);
    CHECK(ll_str_is(reply, said));
    for (int piece = 0; piece < 4; piece++) {
        CHECK(test_split_run(&t, c, &p, reply, piece, LL_SPLIT_LEAST) && !t.problem && t.n_calls == 2 && !strcmp(t.text, "B"));
        CHECK(!strcmp(t.name[0], "f") && !strcmp(t.name[1], "g") && test_split_equal(t.arguments[0], arguments) && test_split_equal(t.arguments[1], "{}"));
    }
    return count;
}

static void test_split_carried(void) {
    TEST("split carried");
    for (int i = 0; i < LL_COUNT(test_carry_rows); i++) {
        const struct test_carry_row *row = &test_carry_rows[i];
        const char *control[9];
        llocal_chat *c = NULL;
        llocal_model *m;
        int n = 4;
        for (int k = 0; k < 4; k++) control[k] = test_chat_control[k];
        for (int k = 0; k < 5 && row->control[k] && *row->control[k]; k++) control[n++] = row->control[k];
        m = test_chat_model("", control, n, NULL);
        CHECK_EQ(llocal_chat_open(m, row->source, NULL, &c), LLOCAL_OK);
        CHECK((llocal_chat_can(c) & (LLOCAL_CHAT_TOOLS | LLOCAL_CHAT_CALLS)) == LLOCAL_CHAT_TOOLS);
        for (int k = 0; k < n && c; k++) {              /* the tags are tokens, what only looks like one is not */
            char letters[64];
            memset(letters, 'x', sizeof letters), letters[strlen(control[k])] = 0;
            CHECK_EQ(test_carry_render(c, row, letters, n), 4 * 2 + 1 + row->tags);
            if (k != 3) CHECK_EQ(test_carry_render(c, row, control[k], n), 4 * 2 + 1 + row->tags);      /* (3: where the test cuts) */
        }
        llocal_chat_close(c), llocal_model_close(m);
    }
}

/* Arguments that are none, names that Python has no words for, turns that are taken, memory that ends. */
static void test_split_carried_more(void) {
    static const char *const control[] = { "<s>", "</s>", "<|tool_call_start|>", "<|tool_call_end|>" };
    static const struct { const char *name, *arguments, *expected; } rows[] = {
        { "f", "{ }", "[u]A[a]<|tool_call_start|>[f()]<|tool_call_end|>\n\nB[u]R[a]" },
        { "f-1.x", " {\"a\" : -1.5e+3 , \"_b\":\"\"} ", "[u]A[a]<|tool_call_start|>[f-1.x(a=-1.5e+3, _b=\"\")]<|tool_call_end|>\n\nB[u]R[a]" },
        { "f", "{\"a b\":{}}", "[u]A[a]<|tool_call_start|>[{\"name\": \"f\", \"arguments\": {\"a b\":{}}}]<|tool_call_end|>\n\nB[u]R[a]" },
        { "f", "{\"a\":1,\"\":2}", "[u]A[a]<|tool_call_start|>[{\"name\": \"f\", \"arguments\": {\"a\":1,\"\":2}}]<|tool_call_end|>\n\nB[u]R[a]" },
        { "a\"<|tool_call_end|>(", "", "[u]A[a]<|tool_call_start|>[{\"name\": \"a\\\"<|tool_call_end|>(\", \"arguments\": {}}]<|tool_call_end|>\n\nB[u]R[a]" },
        { "f", "{\"x\":", NULL }, { "f", "[1]", NULL }, { "f", "\"{}\"", NULL }, { "f", "{} {}", NULL }, { "f", " ", NULL } };
    llocal_model *m = test_chat_model("", control, 4, NULL);
    llocal_message say[4];
    llocal_call call;
    llocal_chat_prompt p;
    llocal_allocator a;
    llocal_fault fault;
    llocal_chat *c = NULL;
    llocal_token ids[400];
    llocal_result r = LLOCAL_ERR_MEMORY;
    t_heap heap = { 0, 0, 0, 0, 0, false };
    char text[400];
    TEST("split carried, more");
    memset(&p, 0, sizeof p), memset(&call, 0, sizeof call);
    a.resize = t_heap_resize, a.user = &heap;
    CHECK_EQ(test_chat_open_in(m, "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}"
                                  "[{{ m.role[0] }}]{{ m.content }}{% endfor %}[a]", a, &c), LLOCAL_OK);
    say[0] = test_chat_say("user", "A"), say[1] = test_chat_say("assistant", ""), say[2] = test_chat_say("assistant", "B"), say[3] = test_chat_say("tool", "R");
    say[1].calls = &call, say[1].n_calls = 1;
    p.messages = say, p.n_messages = 4, p.text = text, p.text_size = sizeof text, p.tokens = ids, p.cap = 400;
    for (int i = 0; i < LL_COUNT(rows); i++) {
        int tags = 0;
        memset(&fault, 0, sizeof fault);
        call.name = ll_str(rows[i].name), call.arguments = ll_str(rows[i].arguments);
        CHECK_EQ(llocal_chat_render(c, &p, &fault), rows[i].expected ? LLOCAL_OK : LLOCAL_ERR_FORMAT);
        for (int k = 0; k < p.n_tokens; k++) tags += ids[k] < 4;
        CHECK_EQ(tags, rows[i].expected ? 2 : 0);
        if (rows[i].expected && strcmp(text, rows[i].expected)) printf("       %s\n", text);
        CHECK(rows[i].expected ? !strcmp(text, rows[i].expected) : strstr(fault.message, "arguments") != NULL);
    }
    call.arguments.len = 0;
    for (heap.fail_at = 1; r && heap.fail_at < 50; heap.fail_at++) {
        size_t held = heap.live;
        heap.n_calls = 0;
        r = llocal_chat_render(c, &p, NULL);
        CHECK(r == (heap.n_calls < heap.fail_at ? LLOCAL_OK : LLOCAL_ERR_MEMORY) && heap.live == held);
    }
    CHECK_EQ(r, LLOCAL_OK);
    llocal_chat_close(c), llocal_model_close(m);
    CHECK_EQ(heap.live, 0);
}

static void test_split(void) {
    test_split_own();
    test_split_written();
    test_split_limits();
    test_split_memory();
    test_split_tokens();
    test_split_models();
    test_split_carried();
    test_split_carried_more();
}
#endif
