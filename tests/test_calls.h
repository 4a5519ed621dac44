/* >>rule, calls of tools: the rule of a chat takes what its template renders, no other names and arguments, and whatever comes
 * at random comes apart into calls that are valid. Templates of our own for every form, and those of models. */
#ifndef TEST_CALLS_H
#define TEST_CALLS_H

static const char test_calls_tools[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"string\",\"maxLength\":6},"
    "\"n\":{\"type\":\"integer\",\"minimum\":-3,\"maximum\":12},\"e\":{\"enum\":[\"a b\",\"c\",7,null]},\"u\":{\"type\":[\"string\",\"null\",\"boolean\"],\"maxLength\":4},"
    "\"o\":{\"type\":\"object\",\"properties\":{\"k\":{\"type\":\"string\",\"maxLength\":3}},\"required\":[\"k\"],\"additionalProperties\":false},"
    "\"l\":{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"maxItems\":2}},\"required\":[\"s\",\"e\",\"o\"],\"additionalProperties\":false}}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"ff\",\"parameters\":{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"g\",\"parameters\":{\"type\":\"object\",\"properties\":{\"t\":{\"type\":\"string\",\"pattern\":\"^[0-9a-z]{1,4}$\"}},"
    "\"required\":[\"t\"],\"additionalProperties\":false}}}]";
/* Those of the vocabulary of tests; the second ends replies. */
static const char *const test_calls_control[] = {
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "<|python_tag|>", "<|channel|>", "<|message|>", "<|start|>", "<|end|>",
    "<|return|>", "<|call|>", "<|constrain|>", "[THINK]", "[/THINK]", "<|section|>", "<|/section|>", "<|over|>", "<|say|>"
};

static llocal_result test_calls_open(const llocal_model *m, const llocal_chat *c, llocal_calls how, bool in_thoughts, const char *only, llocal_fault *fault, llocal_rule **r) {
    llocal_rule_desc d;
    memset(&d, 0, sizeof d);
    d.kind = LLOCAL_RULE_TOOLS, d.text = ll_str(test_calls_tools), d.chat = c, d.calls = how, d.in_thoughts = in_thoughts, d.call = ll_str(only), d.mask_bytes = 1 << 20;
    return llocal_rule_open(m, &d, fault, r);
}

/* What the template renders is what its rule takes (with tools whose schema that call meets). How many replies. */
static int test_calls_rendered(const llocal_chat *c, const char *name) {
    static char out[1 << 16], tools[2000];
    char *cut;
    int good = 0;
    for (int how = 0; how < 12; how++) {
        llocal_chat_prompt p;
        llocal_rule_desc d;
        llocal_rule *r;
        llocal_fault f;
        llocal_rule_state st;
        llocal_str reply;
        size_t n;
        if (!test_split_render(c, &p, (how & 1) != 0, (how & 2) != 0, how >> 2, false, out, &reply)) continue;
        memset(&d, 0, sizeof d), memset(&f, 0, sizeof f), memset(&st, 0, sizeof st);
        strcpy(tools, test_split_tools), cut = strstr(tools, ",\"additionalProperties");
        memmove(cut, cut + 41, strlen(cut + 41) + 1);
        d.kind = LLOCAL_RULE_TOOLS, d.chat = c, d.text = ll_str(tools), d.in_thoughts = p.in_thoughts, d.calls = how & 4 ? LLOCAL_CALLS_AUTO : how < 4 ? LLOCAL_CALLS_NONE : LLOCAL_CALLS_FREE;
        if (!c->forms.n_derived) d.space = LLOCAL_RULE_SPACE_FREE;     /* arguments stand in the text as they are given */
        if (how < 2 || (how >= 4 && c->forms.python_words)) continue;  /* thoughts without an answer; values of Python */
        if (test_split_has(reply, "\n    {")) continue;                /* lines of JSON that are indented */
        if (c->forms.quote.len && how & 2 && how >= 4) continue;      /* text behind calls */
        if (c->forms.form[0].kind == LL_FORM_PYTHON && test_split_has(reply, "'k': ")) continue;    /* the rule has one kind of quotes */
        if (strstr(name, "functionary") && test_split_has(reply, "<|python_tag|>")) continue;          /* another form for one tool */
        if (reply.len > 3 && !memcmp(reply.ptr, "to=", 3)) memmove(out + 1, out, reply.len++), *out = ' ';
        if (llocal_rule_open(NULL, &d, &f, &r)) { CHECK(f.message[0] && r == NULL); return good ? -1 : 0; }
        n = llocal_rule_accept_text(r, &st, reply.ptr, reply.len);
        if (n < reply.len || !llocal_rule_can_end(r, &st)) {
            t_fail(__FILE__, __LINE__, "the rule does not take what the template renders");
            printf("       %s (thoughts %d, text %d, calls %d, in thoughts %d), byte %d:\n       %.*s\n", name, how & 1, how >> 1 & 1, how >> 2, p.in_thoughts, (int)n, (int)reply.len, reply.ptr);
        } else t_passed++;
        llocal_rule_close(r), good++;
    }
    return good;
}

static bool test_calls_valid(const char *name, const char *arguments) {
    static llocal_json_node nodes[200];
    llocal_rule_desc d;
    llocal_rule *r = NULL;
    llocal_json j;
    bool good = false;
    memset(&d, 0, sizeof d), memset(&j, 0, sizeof j);
    j.text = test_calls_tools, j.len = strlen(test_calls_tools), j.nodes = nodes, j.cap = LL_COUNT(nodes);
    llocal_json_read(&j, NULL);
    for (int i = 0; i < 3; i++) {
        int f = llocal_json_find(&j, llocal_json_item(&j, 0, i), "function"), s = llocal_json_find(&j, f, "parameters");
        if (!ll_json_is(&j, llocal_json_find(&j, f, "name"), name)) continue;
        d.kind = LLOCAL_RULE_SCHEMA, d.flags = LLOCAL_RULE_ANY_ORDER, d.space = LLOCAL_RULE_SPACE_FREE;
        d.text.ptr = j.text + nodes[s].at, d.text.len = nodes[s].len;
        if (llocal_rule_open(NULL, &d, NULL, &r)) return false;
        good = test_rule_takes(r, arguments, strlen(arguments));
    }
    llocal_rule_close(r);
    return good;
}

/* Random tokens that the rule lets through, within a budget: the splitter finds whole calls of these tools in it. */
static bool test_calls_walk(const llocal_model *m, const llocal_chat *c, llocal_rule *r, llocal_calls how, const llocal_chat_prompt *p, int *n_calls) {
    static test_pieces t;
    static char out[4000];
    uint32_t mask[64];
    llocal_rule_state st, tried;
    llocal_str reply;
    int left, n_vocab = llocal_model_hparams(m)->n_vocab;
    bool good;
    memset(&st, 0, sizeof st);
    reply.ptr = out, reply.len = 0;
    left = llocal_rule_need(r, &st) + (int)(t_random() % 200);
    while (left > 0 && reply.len < 3000) {
        int pick = -1, n = 0;
        if (llocal_rule_mask(r, &st, left, mask)) { CHECK(llocal_rule_can_end(r, &st)); break; }
        for (int i = 0; i < n_vocab; i++) {                     /* tags and what calls are made of more often */
            bool likely = i < LL_COUNT(test_calls_control) || strchr("<>[]{}\":", i - LL_COUNT(test_calls_control));
            if (mask[i >> 5] >> (i & 31) & 1 && (likely || t_random() % 4 == 0) && t_random() % (unsigned)++n == 0) pick = i;
        }
        if (pick < 0) continue;
        if (llocal_token_is_end(m, pick)) { if (t_random() % 4) continue; break; }
        if (!llocal_rule_accept(r, &st, pick)) { CHECK(!"a token of the mask is not accepted"); return false; }
        reply.len += (size_t)llocal_token_text(m, pick, true, out + reply.len, 100), left--;
    }
    out[reply.len] = 0;
    memset(&tried, 0, sizeof tried);
    good = llocal_rule_can_end(r, &st) && llocal_rule_accept_text(r, &tried, out, reply.len) == reply.len && llocal_rule_can_end(r, &tried);
    good = good && test_split_run(&t, c, p, reply, 0, sizeof t.room[0]) && !t.problem;
    if (how == LLOCAL_CALLS_REQUIRED) good = good && t.n_calls > 0;
    if (how == LLOCAL_CALLS_NONE) good = good && t.n_calls == 0;
    for (int i = 0; i < LL_MIN(t.n_calls, TEST_SPLIT_CALLS) && good; i++) good = test_calls_valid(t.name[i], t.arguments[i]);
    if (!good) {
        printf("       of a reply that the rule lets through, in thoughts %d: %s\n       %s\n", p->in_thoughts, t.problem ? t.problem : "", out);
        test_split_show(&t);
    }
    *n_calls += t.n_calls;
    return good;
}

static int test_calls_random(const char *source, const char *name, int walks) {
    llocal_model *m = test_chat_model("", test_calls_control, LL_COUNT(test_calls_control), NULL);
    llocal_chat *c = NULL;
    int calls = 0, good = 0;
    if (llocal_chat_open(m, source, NULL, &c)) { llocal_model_close(m); return 0; }
    for (int how = LLOCAL_CALLS_AUTO; how <= LLOCAL_CALLS_NONE; how++)
        for (int thoughts = 0; thoughts < 2; thoughts++) {
            llocal_fault f;
            llocal_rule *r;
            llocal_chat_prompt p;
            memset(&f, 0, sizeof f), memset(&p, 0, sizeof p);
            if (thoughts && c->forms.form[0].kind == LL_FORM_HARMONY) continue;
            p.in_thoughts = thoughts != 0, p.tools = ll_str(test_calls_tools);
            if (test_calls_open(m, c, (llocal_calls)how, p.in_thoughts, "", &f, &r)) { CHECK(strstr(f.message, "not") != NULL); continue; }
            for (int i = 0; i < walks; i++) {
                bool ok = test_calls_walk(m, c, r, (llocal_calls)how, &p, &calls);
                if (!ok) { t_fail(__FILE__, __LINE__, name); break; }
                t_passed++, good++;
            }
            llocal_rule_close(r);
        }
    llocal_chat_close(c);
    llocal_model_close(m);
    return good ? calls : 0;
}

/* What a rule takes and does not; which: of test_split_templates. */
static const struct { int which; llocal_calls how; const char *only; int max; const char *accept, *refuse; } test_calls_cases[] = {
    { 0, LLOCAL_CALLS_AUTO, "", 0, "hello {}<b>\1<call>{\"name\": \"ff\", \"arguments\": {}}</call>\1a <call>\n{\"name\": \"g\", \"arguments\": {\"t\": \"1a\"}}\n</call>"
      "\n<call>{\"name\": \"ff\", \"arguments\": {}}</call>\1<think>hm <call> </think>yes\1",
      "<call>{\"name\": \"h\", \"arguments\": {}}</call>\1<call>{\"name\": \"ff\", \"arguments\": {\"a\": 1}}</call>\1<call>{\"name\": \"g\", \"arguments\": {}}</call>\1"
      "a<call>b\1<call>{\"name\": \"ff\", \"arguments\": {}}\1<think>hm\1<call>{\"name\": \"ff\", \"arguments\": {}}</call> then" },
    { 0, LLOCAL_CALLS_REQUIRED, "", 1, "<call>{\"name\": \"ff\", \"arguments\": {}}</call>\1<think>hm</think>\n<call>{\"name\": \"ff\", \"arguments\": {}}</call>",
      "a\1\1<think>hm</think>\1<call>{\"name\": \"ff\", \"arguments\": {}}</call><call>{\"name\": \"ff\", \"arguments\": {}}</call>" },
    { 0, LLOCAL_CALLS_FREE, "g", 0, "<call>{\"name\": \"g\", \"arguments\": {\"t\": \"1\"}}</call>", "<call>{\"name\": \"ff\", \"arguments\": {}}</call>\1a" },
    { 0, LLOCAL_CALLS_NONE, "", 0, "a\1<think>hm</think>a", "<call>{\"name\": \"ff\", \"arguments\": {}}</call>\1a<call>" },
    { 1, LLOCAL_CALLS_REQUIRED, "", 2, "[CALLS][{\"tool\": \"ff\", \"input\": {}, \"ident\": \"abcdefgh1\"}]", "[CALLS][]\1[CALLS][{\"tool\": \"ff\", \"input\": {}}]\1"
      "[CALLS][{\"tool\": \"ff\", \"input\": {}, \"ident\": \"a-cdefgh1\"}]" },
    { 6, LLOCAL_CALLS_AUTO, "", 0, "x\n<call>\n<function=f>\n<arg=s>\n\"1\n</arg>\n<arg=e>\na b\n</arg>\n<arg=u>\nTom\n</arg>\n<arg=o>\n{\"k\": \"\"}\n</arg>\n</function>\n</call>\1"
      "<call>\n<function=f>\n<arg=s>\n\n</arg>\n<arg=n>\n12\n</arg>\n<arg=e>\nnull\n</arg>\n<arg=u>\ntrue\n</arg>\n<arg=o>\n{\"k\": \"a\"}\n</arg>\n</function>\n</call>",
      "<call>\n<function=f>\n<arg=s>\n1234567\1<call>\n<function=f>\n<arg=s>\n1\n</arg>\n<arg=n>\n13\1<call>\n<function=f>\n<arg=e>\1<call>\n<function=g>\n</function>\1"
      "<call>\n<function=f>\n<arg=s>\n1\n</arg>\n<arg=e>\nd" },
    { 11, LLOCAL_CALLS_AUTO, "", 0, "so {\1{\"name\": \"ff\", \"parameters\": {}}", "{\"a\": 1}\1{\"name\": \"ff\", \"parameters\": {}}; {\"name\": \"ff\", \"parameters\": {}}\1 {}" },
    { 12, LLOCAL_CALLS_AUTO, "", 0, "<|channel|>final<|message|>yes<|return|>\1<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.ff <|constrain|>json<|message|>{}<|call|>\1"
      " to=functions.ff<|channel|>commentary json<|message|>{ }", "hello\1<|channel|>analysis<|message|>hm\1<|channel|>commentary to=functions.h<|message|>{}\1"
      "<|channel|>commentary to=functions.g<|message|>{}" },
    { 17, LLOCAL_CALLS_AUTO, "", 0, "a<|run|>[f(s=\"x\", n=-3, e=\"a b\", u=True, o={\"k\": \"\"}, l=[False, True]), ff()]<|/run|>\1<|run|>[f(s=\"\", e=None, o={\"k\": \"1\"})]<|/run|>",
      "<|run|>[]<|/run|>\1<|run|>[ff(a=1)]<|/run|>\1<|run|>[g()]<|/run|>\1<|run|>[ff{}]<|/run|>\1<|run|>[g(t=1)]<|/run|>\1<|run|>[g(t=\"1\"]<|/run|>\1<|run|>[g(\"t\"=\"1\")]<|/run|>\1"
      "<|run|>[f(s=\"\", s=\"\", e=7, o={\"k\": \"\"})]<|/run|>\1<|run|>[f(s=\"\", e=null, o={\"k\": \"\"})]<|/run|>\1<|run|>[h()]<|/run|>" },
    { 18, LLOCAL_CALLS_AUTO, "", 0, " to=user<|message|>hello\1 to=self<|message|>hm<|eom|><|start|>assistant to=g<|message|><calls>\n<do name=\"g\">\n<with name=\"t\">1</with>\n</do>\n</calls><|eom|>"
      "<|start|>assistant to=ff<|message|><calls>\n<do name=\"ff\">\n</do>\n</calls><|eot|>", "hello\1 to=self<|message|>hm\1 to=g<|message|><calls>\n<do name=\"ff\">\n</do>\n</calls>\1"
      " to=h<|message|>a\1 to=user<|message|>a<|eom|><|start|>assistant" },
    { 18, LLOCAL_CALLS_REQUIRED, "ff", 1, " to=ff<|message|><calls>\n<do name=\"ff\">\n</do>\n</calls>", " to=user<|message|>a\1 to=ff<|message|><calls>\n<do name=\"ff\">\n</do>\n</calls><|eom|>"
      "<|start|>assistant to=ff<|message|><calls>\n<do name=\"ff\">\n</do>\n</calls>" },
    { 19, LLOCAL_CALLS_AUTO, "", 0, "a<|open|>tools<|sep|><|open|>call tool=\"f\" index=\"1\"<|sep|><|open|>argument key=\"s\" type=\"string\"<|sep|>1<|close|>argument<|sep|><|open|>argument key=\"n\" "
      "type=\"number\"<|sep|>3<|close|>argument<|sep|><|open|>argument key=\"e\" type=\"null\"<|sep|>null<|close|>argument<|sep|><|open|>argument key=\"u\" type=\"boolean\"<|sep|>true<|close|>argument<|sep|>"
      "<|open|>argument key=\"o\" type=\"object\"<|sep|>{\"k\": \"\"}<|close|>argument<|sep|><|open|>argument key=\"l\" type=\"array\"<|sep|>[]<|close|>argument<|sep|><|close|>call<|sep|>"
      "<|open|>call tool=\"ff\" index=\"2\"<|sep|><|close|>call<|sep|><|close|>tools<|sep|>",
      "<|open|>tools<|sep|><|open|>call tool=\"ff\" index=\"x\"<|sep|>\1<|open|>tools<|sep|><|open|>call tool=\"g\" index=\"1\"<|sep|><|open|>argument key=\"t\" type=\"number\"<|sep|>\1"
      "<|open|>tools<|sep|><|open|>call tool=\"f\" index=\"1\"<|sep|><|open|>argument key=\"s\" type=\"string\"<|sep|>1<|close|>argument<|sep|><|open|>argument key=\"n\" type=\"string\"<|sep|>3" }
};

static void test_calls_table(void) {
    TEST("calls table");
    for (int i = 0; i < LL_COUNT(test_calls_cases); i++) {
        llocal_chat *c = test_split_open(test_split_templates[test_calls_cases[i].which].source);
        llocal_rule_desc d;
        llocal_rule *r = NULL;
        memset(&d, 0, sizeof d);
        d.kind = LLOCAL_RULE_TOOLS, d.text = ll_str(test_calls_tools), d.chat = c, d.calls = test_calls_cases[i].how, d.call = ll_str(test_calls_cases[i].only), d.max_calls = test_calls_cases[i].max;
        CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_OK);
        for (int refuse = 0; refuse < 2; refuse++)
            for (const char *p = refuse ? test_calls_cases[i].refuse : test_calls_cases[i].accept;; p++) {
                size_t len = strcspn(p, "\1");
                if (test_rule_takes(r, p, len) == !refuse) t_passed++;
                else t_fail(__FILE__, __LINE__, refuse ? "a reply is not refused:" : "a reply is not accepted:"), printf("       %d: %.*s\n", i, (int)len, p);
                p += len;
                if (!*p) break;
            }
        llocal_rule_close(r);
        d.call = ll_str("h"), d.calls = LLOCAL_CALLS_FREE;
        CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_ERR_ARGUMENT);
        d.call = ll_str(""), d.calls = (llocal_calls)9;
        CHECK_EQ(llocal_rule_open(NULL, &d, NULL, &r), LLOCAL_ERR_ARGUMENT);
        llocal_chat_close(c);
    }
}

/* The short way: the default model, which knows nothing of tools, calls them. */
static void test_calls_talk(void) {
    llocal_source src;
    llocal_model *m = NULL;
    llocal_rule_desc d;
    llocal_chat *c = NULL;
    llocal_context *context = NULL;
    llocal_context_desc cd;
    llocal_message messages[12];
    static char room[20000];
    llocal_talk t;
    llocal_fault f;
    TEST("calls talk");
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&t, 0, sizeof t), memset(&f, 0, sizeof f), memset(&cd, 0, sizeof cd);
    src.path = "examples/tiny.gguf", cd.n_ctx = 3000;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &cd, &context)) { SKIP("no examples/tiny.gguf"); return; }
    CHECK_EQ(llocal_chat_open(m, test_split_templates[0].source, &f, &c), LLOCAL_OK);
    t.split.chat = c, t.reply.context = context, t.messages = messages, t.cap = 12, t.room = room, t.room_size = sizeof room;
    t.prompt.tools = ll_str(test_calls_tools), t.calls = &d, d.calls = LLOCAL_CALLS_REQUIRED, d.max_calls = 2;
    t.reply.max_tokens = 150, t.reply.sampler.temperature = 2;
    for (int i = 0; i < 3; i++) {
        const llocal_message *said;
        d.call = ll_str(i == 1 ? "g" : ""), t.n_messages = 0;
        CHECK_EQ(llocal_chat_next(&t, "Call something.", &f), LLOCAL_OK);
        said = &messages[t.n_messages - 1];
        CHECK(said->n_calls >= 1 && said->n_calls <= 2 && !t.problem && (t.reply.state.stop == LLOCAL_STOP_END || t.reply.state.stop == LLOCAL_STOP_LIMIT));
        for (int k = 0; k < said->n_calls; k++) {
            char name[20], arguments[4000];
            snprintf(name, sizeof name, "%.*s", (int)said->calls[k].name.len, said->calls[k].name.ptr);
            snprintf(arguments, sizeof arguments, "%.*s", (int)said->calls[k].arguments.len, said->calls[k].arguments.ptr);
            CHECK(test_calls_valid(name, arguments) && (i != 1 || !strcmp(name, "g")));
        }
    }
    for (int i = 0; i < 6; i++) {       /* a turn's rule is that of the turn before, if nothing is other */
        uint64_t before = c->kept;
        d.call = ll_str(i < 4 ? "" : "g"), d.max_calls = i < 2 ? 2 : 1, t.n_messages = 0;
        CHECK_EQ(llocal_chat_next(&t, "Call something.", &f), LLOCAL_OK);
        CHECK(c->kept && ((const ll_kept_rule *)(uintptr_t)c->kept)->max_calls == d.max_calls);
        if (i == 1 || i == 3 || i == 5) CHECK(c->kept == before);
    }
    d.call = ll_str("");
    t.reply.max_tokens = 3, t.n_messages = 0;
    CHECK_EQ(llocal_chat_next(&t, "Call something.", &f), LLOCAL_ERR_FULL);
    t.prompt.tools = ll_str("[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":\"(?=a)\"}}}}}]"), t.reply.max_tokens = 100, d.call = ll_str("");
    CHECK_EQ(llocal_chat_next(&t, "Call something.", &f), LLOCAL_ERR_UNSUPPORTED);
    CHECK(!strcmp(f.pointer, "/0/function/parameters/properties/a") && t.n_messages == 0);
    llocal_chat_close(c);
    llocal_context_close(context);
    llocal_model_close(m);
}

static void test_calls_own(void) {
    int rules = 0, calls = 0;
    TEST("calls own");
    for (int i = 0; i < LL_COUNT(test_split_templates); i++) {
        llocal_chat *c = test_split_open(test_split_templates[i].source);
        rules += test_calls_rendered(c, test_split_templates[i].name) > 0;
        llocal_chat_close(c);
        calls += test_calls_random(test_split_templates[i].source, test_split_templates[i].name, 12) > 0;
    }
    CHECK(rules == 20 && calls == 19);
    printf("       %d of %d forms have a rule; of %d calls came at random\n", rules, LL_COUNT(test_split_templates), calls);
}

static void test_calls_models(void) {
    int n = 0, rules = 0, calls = 0;
    TEST("calls models");
    for (int i = 0; i < LL_COUNT(test_chat_names); i++) {
        static llocal_json_node nodes[10];
        static char source[1 << 18];
        char file[128], *line;
        llocal_json j;
        llocal_chat *c;
        const char *path;
        snprintf(file, sizeof file, "golden/chat/%s.jsonl", test_chat_names[i]);
        path = t_shared(file);
        if (!path) { SKIP("no shared chat templates"); return; }
        line = t_read_file(path, NULL);
        *strchr(line, '\n') = 0;
        memset(&j, 0, sizeof j);
        j.text = line, j.len = strlen(line), j.nodes = nodes, j.cap = LL_COUNT(nodes);
        CHECK(llocal_json_read(&j, NULL) > 0);
        source[LL_MAX(llocal_json_text(&j, llocal_json_find(&j, 0, "template"), source, sizeof source - 1), 0)] = 0;
        free(line);
        c = test_split_open(source);
        if (!c) continue;
        n++;
        if (test_calls_rendered(c, test_chat_names[i]) > 0) rules++;
        else {
            llocal_rule *r;
            llocal_fault f;
            memset(&f, 0, sizeof f);
            if (test_calls_open(NULL, c, LLOCAL_CALLS_AUTO, false, "", &f, &r)) printf("       %s: %s\n", test_chat_names[i], f.message);
            else llocal_rule_close(r);
        }
        llocal_chat_close(c);
        calls += test_calls_random(source, test_chat_names[i], 3) > 0;
    }
    CHECK(rules == 60 && calls == 60);
    printf("       %d templates: %d have a rule for calls, of %d calls came at random\n", n, rules, calls);
}

/* Grammars that name tokens. */
static void test_calls_tokens(void) {
    static const struct { const char *grammar, *accept, *refuse; } cases[] = {
        { "root ::= \"a\" <|section|> \"b\"", "a<|section|>b", "ab\1a<|section|>\1a<|over|>b\1a<|section|>b<|section|>" },
        { "root ::= <|say|>{2} | <[17]>+", "<|say|><|say|>\1<|section|>\1<|section|><|section|>", "<|say|>\1<|say|><|section|>\1" },
        { "root ::= <|section|> !<|/section|>* <|/section|> [0-9]", "<|section|><|/section|>1\1<|section|>any </text> [1]<|/section|>2",
          "<|section|>a1\1<|section|>" },
        { "root ::= (<|say|> !<|say|>+)*", "\1<|say|>a\1<|say|>abc<|say|>d", "<|say|>\1<|say|>a<|say|>\1a" },
        { "root ::= !<[33]>* \"!\"", "!\1abc!\1a\n!", "\1abc" }
    };
    static const char *const wrong[] = { "root ::= <|nothing|>", "root ::= !<|say|>", "root ::= !<|say|>{2}", "root ::= !<|say|>{2,}", "root ::= !\"a\"",
        "root ::= <|say", "root ::= <[99999999]>", "root ::= <[1x]>", "root ::= </s>", "root ::= !" };
    llocal_model *m = test_chat_model("", test_calls_control, LL_COUNT(test_calls_control), NULL);
    llocal_rule *r;
    llocal_fault f;
    TEST("calls tokens");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        memset(&f, 0, sizeof f);
        CHECK_EQ(test_rule_open(m, LLOCAL_RULE_GRAMMAR, ll_str(cases[i].grammar), 0, &f, &r), LLOCAL_OK);
        if (!r) { printf("       %s: %s\n", cases[i].grammar, f.message); continue; }
        for (int refuse = 0; refuse < 2; refuse++)
            for (const char *p = refuse ? cases[i].refuse : cases[i].accept;; p++) {
                size_t len = strcspn(p, "\1");
                if (test_rule_takes(r, p, len) == !refuse) t_passed++;
                else t_fail(__FILE__, __LINE__, refuse ? "a text is not refused:" : "a text is not accepted:"), printf("       %d: %.*s\n", i, (int)len, p);
                p += len;
                if (!*p) break;
            }
        llocal_rule_close(r);
    }
    for (int i = 0; i < LL_COUNT(wrong); i++) {
        memset(&f, 0, sizeof f);
        CHECK(test_rule_open(m, LLOCAL_RULE_GRAMMAR, ll_str(wrong[i]), 0, &f, &r) != LLOCAL_OK && !r && f.line == 1);
    }
    llocal_model_close(m);
}

static void test_calls(void) {
    test_calls_tokens();
    test_calls_table();
    test_calls_talk();
    test_calls_own();
    test_calls_models();
}
#endif
