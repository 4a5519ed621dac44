/* From a rendered template to tokens (ll_tokenize_spans): what is trusted may be special, all else is text. */
#ifndef TEST_CHAT_H
#define TEST_CHAT_H

static ll_text_span test_span(size_t at, size_t len, bool trusted) {
    ll_text_span s;
    s.at = at, s.len = len, s.trusted = trusted;
    return s;
}

/* how: a letter for each byte of text, T for trusted; '|' ends a span early. Tokens as letters of `names`. */
static bool test_chat_gives(const llocal_model *m, const char *text, const char *how, unsigned flags, const char *want) {
    static const char names[] = "US<s>xaZE";        /* ids 0.. */
    ll_text_span spans[64];
    llocal_token ids[64];
    char got[65];
    size_t n = 0, at = 0;
    int k;
    for (const char *p = how; *p; p++)
        if (*p == '|') spans[n++] = test_span(at, 0, true);
        else {
            bool more = p > how && p[-1] == *p;
            if (!more) spans[n++] = test_span(at, 0, *p == 'T');
            spans[n - 1].len++, at++;
        }
    k = ll_tokenize_spans(m, NULL, text, 0, strlen(text), spans, n, flags | LL_TOKENIZE_PROMPT, ids, 64);
    for (int i = 0; i < k && i < 64; i++) got[i] = names[ids[i]];
    got[k < 0 ? 0 : k] = 0;
    if (strcmp(got, want)) printf("       \"%s\" %s gives %s (%d)\n", text, how, got, k);
    return !strcmp(got, want);
}

static void test_chat_spans(void) {
    static const char *const kinds[] = { "rwkv", "plamo2", "t5" };
    static const char *const tokens[] = { "[U]", "<s>", "<", "s", ">", "xx", "a", "Z<", "</s>" };
    enum { ADD = LLOCAL_TOKENIZE_ADD_SPECIAL };
    TEST("chat spans");
    for (int kind = 0; kind < LL_COUNT(kinds); kind++) {
        test_file *f = test_file_new(kinds[kind]);
        llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
        test_vocabulary t;
        const llocal_model *v = test_vocab_model(&t);
        for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_str(f, m, tokens[i], strlen(tokens[i]));
        for (int i = 0; i < 256; i++) {
            char s[16];
            snprintf(s, sizeof s, "<0x%02X>", i);
            test_file_add_str(f, m, s, 6);
        }
        m = test_file_array(f, "tokenizer.ggml.token_type", LLOCAL_META_I32);
        for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_u32(f, m, i == 0 ? 2 : i == 1 || i == 8 ? 3 : i == 7 ? 4 : 1);
        for (int i = 0; i < 256; i++) test_file_add_u32(f, m, 6);
        test_file_int(f, "tokenizer.ggml.unknown_token_id", 0);
        test_file_int(f, "tokenizer.ggml.bos_token_id", 1), test_file_int(f, "tokenizer.ggml.eos_token_id", 8);
        test_file_bool(f, "tokenizer.ggml.add_bos_token", true), test_file_bool(f, "tokenizer.ggml.add_eos_token", true);
        test_file_bool(f, "tokenizer.ggml.add_space_prefix", false);
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        CHECK(test_chat_gives(v, "<s>a<s>", "TTTTTTT", 0, "SaS"));
        CHECK(test_chat_gives(v, "<s>a<s>", "TTTUUUU", 0, "Sa<s>"));
        CHECK(test_chat_gives(v, "<s>a<s>", "UUUUUUU", 0, "<s>a<s>"));
        CHECK(test_chat_gives(v, "<s>a<s>", "UUUTTTT", 0, "<s>aS"));
        CHECK(test_chat_gives(v, "<s><s>", "TUTTTT", 0, "<s>S"));       /* half a token is none, from either side */
        CHECK(test_chat_gives(v, "<s><s>", "TTTTTU", 0, "S<s>"));
        CHECK(test_chat_gives(v, "<s><s>", "TTUTTT", 0, "<s>S"));
        CHECK(test_chat_gives(v, "<s>", "|TTT|", 0, "S"));              /* spans of nothing */
        CHECK(test_chat_gives(v, "xx", "TU", 0, "x"));                  /* one text where they meet */
        CHECK(test_chat_gives(v, "Z<s>", "UUUU", 0, "Zs>"));            /* user-defined tokens are text */
        if (kind == 2) {                                                /* (the others put nothing before text) */
            CHECK(test_chat_gives(v, "a", "T", ADD, "Sa"));             /* no EOS behind a prompt */
            CHECK(test_chat_gives(v, "<s>a", "TTTT", ADD, "Sa"));       /* not twice */
            CHECK(test_chat_gives(v, "<s>a", "UUUU", ADD, "S<s>a"));
            CHECK(test_chat_gives(v, "<s><s>a", "TTTTTTT", ADD, "SSa"));
            CHECK(test_chat_gives(v, "a<s>", "TTTT", ADD, "SaS"));
        }
        CHECK_EQ(ll_tokenize_spans(v, NULL, "", 0, 0, NULL, 0, LL_TOKENIZE_PROMPT, NULL, 0), 0);
        test_vocab_close(&t);
    }
}

/* ---- templates of models ----------------------------------------------------------------------------- */

typedef struct test_chat_run {
    ll_text_span spans[20000];
    llocal_token ids[1 << 18], whole[1 << 18];
    char context[1 << 20], out[1 << 20];
} test_chat_run;

/* The context with `add` (letters that JSON needs not escape) at the end of every string but names of roles and
 * types; how long. */
static size_t test_chat_context(const llocal_json *j, int at, const char *add, char *out) {
    size_t n = 0, from = j->nodes[at].at;
    for (int i = at; i < j->nodes[at].next; i++) {
        const llocal_json_node *k = &j->nodes[i], *key = i > at && j->nodes[i - 1].is_key ? &j->nodes[i - 1] : NULL;
        llocal_str name;
        name.ptr = key ? j->text + key->at : "", name.len = key ? key->len : 0;
        if (k->type != LLOCAL_JSON_STRING || k->is_key || !key || ll_str_is(name, "role") || ll_str_is(name, "type")) continue;
        if (ll_str_is(name, "bos_token") || ll_str_is(name, "eos_token") || ll_str_is(name, "arguments")) continue;
        memcpy(out + n, j->text + from, k->at + k->len - from), n += k->at + k->len - from, from = k->at + k->len;
        memcpy(out + n, add, strlen(add)), n += strlen(add);
    }
    memcpy(out + n, j->text + from, j->nodes[at].at + j->nodes[at].len - from);
    return n + j->nodes[at].at + j->nodes[at].len - from;
}

/* How many control tokens the prompt has; -1: the template has an error. */
static int test_chat_count(const test_vocabulary *t, const ll_template *tpl, size_t n_context, bool whole, test_chat_run *r) {
    const llocal_model *m = test_vocab_model(t);
    ll_template_run run;
    ll_template_var var;
    int n, count = 0;
    memset(&run, 0, sizeof run), memset(&var, 0, sizeof var);
    var.value.ptr = r->context, var.value.len = n_context;
    run.vars = &var, run.n_vars = 1, run.out = r->out, run.cap = sizeof r->out, run.spans = r->spans, run.span_cap = 20000;
    run.now = 1773480413;
    if (ll_template_render(tpl, &run, NULL, NULL)) return -1;
    CHECK(run.n_out <= run.cap && run.n_spans <= run.span_cap);
    n = ll_tokenize_spans(m, NULL, r->out, 0, run.n_out, r->spans, run.n_spans, LL_TOKENIZE_PROMPT, r->ids, 1 << 18);
    CHECK(n >= 0 && n <= 1 << 18);
    if (whole) {
        CHECK_EQ(llocal_tokenize(m, r->out, run.n_out, LLOCAL_TOKENIZE_PARSE_SPECIAL, r->whole, 1 << 18), n);
        CHECK(memcmp(r->ids, r->whole, (size_t)LL_MAX(n, 0) * sizeof *r->ids) == 0);
    }
    for (int i = 0; i < n; i++) count += (t->v.attr[r->ids[i]] & LL_TOKEN_CONTROL) != 0;
    return count;
}

/* A file of cases: as they are, the tokens are those of the whole text. With every control token written into every
 * text there are no more of them than with as many letters. */
static void test_chat_file(const test_vocabulary *t, char *lines, const char *special, const char *letters, int n_sum[2],
                           test_chat_run *r) {
    ll_template *tpl = NULL;
    static llocal_json_node nodes[20000];
    static char source[1 << 18];
    for (char *line = lines, *next; line && *line; line = next) {
        llocal_json j;
        llocal_str s;
        int at, n, plain, counts[2];
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        j.text = line, j.len = strlen(line), j.nodes = nodes, j.cap = LL_COUNT(nodes);
        n = llocal_json_read(&j, NULL);
        CHECK(n > 0 && n <= j.cap);
        if (line == lines) {
            n = llocal_json_text(&j, llocal_json_find(&j, 0, "template"), source, sizeof source);
            s.ptr = source, s.len = (size_t)n;
            CHECK_EQ(ll_template_open(s, NULL, NULL, &tpl), LLOCAL_OK);
            if (!tpl) return;
            continue;
        }
        at = llocal_json_find(&j, 0, "context");
        plain = test_chat_count(t, tpl, test_chat_context(&j, at, "", r->context), true, r);
        counts[0] = test_chat_count(t, tpl, test_chat_context(&j, at, letters, r->context), true, r);
        counts[1] = test_chat_count(t, tpl, test_chat_context(&j, at, special, r->context), false, r);
        CHECK_EQ(counts[1], counts[0]);
        n_sum[0]++, n_sum[1] += LL_MAX(plain, 0);
    }
    ll_template_close(tpl);
}

static const char *const test_chat_names[] = {
    "Apertus-8B-Instruct", "Apriel-1.6-15b-Thinker-fixed", "Apriel-1.6-15b-Thinker-fixed__eliza",
    "Bielik-11B-v3.0-Instruct", "ByteDance-Seed-OSS", "CohereForAI-c4ai-command-r-plus-tool_use",
    "CohereForAI-c4ai-command-r7b-12-2024-tool_use", "GLM-4.6", "GLM-4.7-Flash", "GigaChat3-10B-A1.8B",
    "GigaChat3.1-10B-A1.8B", "HuggingFaceTB-SmolLM3-3B", "Kimi-K2-Instruct", "Kimi-K2-Thinking",
    "LFM2-8B-A1B", "LFM2.5-Instruct", "MiMo-VL", "MiniMax-M2", "Mistral-Small-3.2-24B-Instruct-2506",
    "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "NVIDIA-Nemotron-Nano-v2",
    "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
    "Qwen-QwQ-32B", "Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B", "Qwen3-Coder", "Qwen3.5-4B", "Reka-Edge",
    "StepFun3.5-Flash", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B__eliza",
    "deepseek-ai-DeepSeek-V3.1", "deepseek-ai-DeepSeek-V3.1__eliza", "deepseek-ai-DeepSeek-V3.2",
    "fireworks-ai-llama-3-firefunction-v2", "google-gemma-2-2b-it", "google-gemma-4-31B-it",
    "google-gemma-4-31B-it-interleaved", "ibm-granite-granite-3.3-2B-Instruct", "ibm-granite-granite-4.0",
    "llama-cpp-deepseek-r1", "llama-cpp-deepseek-r1__eliza", "llama-cpp-rwkv-world",
    "meetkai-functionary-medium-v3.1", "meetkai-functionary-medium-v3.1__eliza",
    "meetkai-functionary-medium-v3.2", "meta-llama-Llama-3.1-8B-Instruct",
    "meta-llama-Llama-3.2-3B-Instruct", "meta-llama-Llama-3.3-70B-Instruct",
    "microsoft-Phi-3.5-mini-instruct", "mistralai-Ministral-3-14B-Reasoning-2512",
    "mistralai-Mistral-Nemo-Instruct-2407", "moonshotai-Kimi-K2", "openai-gpt-oss-120b",
    "stepfun-ai-Step-3.5-Flash", "unsloth-Apriel-1.5", "unsloth-mistral-Devstral-Small-2507",
    "upstage-Solar-Open-100B"
};

static void test_chat_templates(void) {
    static const char *const vocabs[] = { "vocab/qwen2.5.gguf", "vocab/llama3.gguf" };
    static char special[1 << 16], letters[1 << 16];
    TEST("chat templates");
    for (int k = 0; k < LL_COUNT(vocabs); k++) {
        test_vocabulary t;
        test_chat_run *r;
        size_t n = 0;
        int sum[2] = { 0, 0 };
        const char *path = t_shared(vocabs[k]);
        if (!path) { SKIP("no shared vocabularies"); return; }
        CHECK_EQ(test_vocab_open(&t, path, NULL), LLOCAL_OK);
        r = (test_chat_run *)malloc(sizeof *r);
        for (int id = 0, n_control = 0; id < t.v.n_tokens && n_control < 24; id++) {
            llocal_str s = ll_vocab_str(&t.v, id);
            if (!(t.v.attr[id] & LL_TOKEN_CONTROL)) continue;
            memcpy(special + n, s.ptr, s.len), n += s.len, n_control++;
        }
        special[n] = 0, memset(letters, 'x', n), letters[n] = 0;
        CHECK(n > 40);
        for (int i = 0; i < LL_COUNT(test_chat_names); i++) {
            char file[128], *lines;
            snprintf(file, sizeof file, "golden/chat/%s.jsonl", test_chat_names[i]);
            path = t_shared(file);
            if (!path) { SKIP("no shared chat templates"); break; }
            lines = t_read_file(path, NULL);
            test_chat_file(&t, lines, special, letters, sum, r);
            free(lines);
        }
        printf("       %s: %d prompts, %d control tokens\n", vocabs[k], sum[0], sum[1]);
        CHECK(sum[0] > 1000 && sum[1] > 1000);
        free(r);
        test_vocab_close(&t);
    }
}

/* ---- conversations -------------------------------------------------------------------------------------- */

/* A model without weights: control tokens, then a token for each byte. template: of the file, "" none. */
static llocal_model *test_chat_model(const char *tpl, const char *const *control, int n, const llocal_allocator *a) {
    test_file *f = test_file_new("plamo2");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    llocal_writer w = { test_file_write, NULL, { NULL, NULL, NULL, 0 } };
    llocal_source src;
    llocal_model *model = NULL;
    for (int i = 0; i < n; i++) test_file_add_str(f, m, control[i], strlen(control[i]));
    for (int i = 0; i < 256; i++) {
        char s[16];
        snprintf(s, sizeof s, "<0x%02X>", i);
        test_file_add_str(f, m, s, 6);
    }
    m = test_file_array(f, "tokenizer.ggml.token_type", LLOCAL_META_I32);
    for (int i = 0; i < n + 256; i++) test_file_add_u32(f, m, i < n ? 3 : 6);
    test_file_int(f, "tokenizer.ggml.bos_token_id", 0), test_file_int(f, "tokenizer.ggml.eos_token_id", 1);
    test_file_bool(f, "tokenizer.ggml.add_bos_token", false), test_file_bool(f, "tokenizer.ggml.add_eos_token", false);
    test_file_bool(f, "tokenizer.ggml.add_space_prefix", false);
    if (*tpl) test_file_str(f, "tokenizer.chat_template", tpl), test_file_str(f, "tokenizer.chat_template.other", "{{ messages[0].content }}!");
    w.user = f, f->n_bytes = 0;
    CHECK_EQ(llocal_gguf_write_head(&w, f->meta, f->n_meta, NULL, 0), LLOCAL_OK);
    memset(&src, 0, sizeof src);
    src.data = f->bytes, src.data_size = f->n_bytes, src.vocab_only = true;
    if (a) src.allocator = *a;
    CHECK_EQ(llocal_model_open(&src, &model), LLOCAL_OK);
    return model;
}

static const char *const test_chat_control[] = { "<s>", "</s>", "<|im_start|>", "<|im_end|>" };
#define TEST_CHATML "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" \
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

static llocal_message test_chat_say(const char *role, const char *text) {
    llocal_message m;
    memset(&m, 0, sizeof m);
    m.role = role, m.text = ll_str(text);
    return m;
}

/* Templates of our own: what is found out about them, and what a conversation looks like. */
static const struct test_chat_row { const char *name, *source; unsigned can; const char *expected; } test_chat_rows[] = {
    { "roles by name", TEST_CHATML, LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS,
      "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC"
      "<|im_end|>\n<|im_start|>user\nD<|im_end|>\n<|im_start|>assistant\n" },
    { "neither system nor two of a role",
      "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}"
      "[{{ m.role[0] }}]{{ m.content }}{% endfor %}[a]", 0, "[u]S\n\nA[a]B[u]C\n\nD[a]" },
    { "lists", "{% for m in messages %}{{ m.role[0] }}:{% for p in m.content %}{{ p.text }}{% endfor %};{% endfor %}",
      LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS, "s:S;u:A;a:B;u:C;u:D;" },
    { "a system's text is dropped", "{% for m in messages if m.role in ['user', 'assistant'] %}{{ m.content }}|{% endfor %}", 0, "S\n\nA|B|C|D|" },
    { "thinking is switched and shown",
      "{% for m in messages %}{{ m.role[0] }}:{% if m.thinking %}({{ m.thinking }}){% endif %}{{ m.content }};{% endfor %}"
      "{% if enable_thinking is defined and not enable_thinking %}()"
      "{% endif %}", LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS | LLOCAL_CHAT_THOUGHTS | LLOCAL_CHAT_THINK_SWITCH, "s:S;u:A;a:(T)B;u:C;u:D;" },
    { "thoughts are a part",
      "{% for m in messages %}{{ m.role[0] }}:{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}"
      "{{ p.text or '(' + p.thinking + ')' }}{% endfor %}{% endif %};{% endfor %}",
      LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS | LLOCAL_CHAT_THOUGHTS, "s:S;u:A;a:(T)B;u:C;u:D;" },
    { "a level of thinking", "{% for m in messages %}{{ m.content }};{% endfor %}{{ reasoning_effort }}",
      LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS | LLOCAL_CHAT_THINK_SWITCH, "S;A;B;C;D;" },
    { "functions and a date", "{{ functions + datetime }}{% for m in messages %}{{ m.content }};{% endfor %}",
      LLOCAL_CHAT_SYSTEM | LLOCAL_CHAT_RESULTS | LLOCAL_CHAT_TOOLS, "[]2026-03-14 09:26:53S;A;B;C;D;" },
};

static void test_chat_styles(void) {
    llocal_model *m = test_chat_model("", test_chat_control, 4, NULL);
    llocal_message say[5];
    TEST("chat styles");
    say[0] = test_chat_say("system", "S"), say[1] = test_chat_say("user", "A"), say[2] = test_chat_say("assistant", "B");
    say[3] = test_chat_say("user", "C"), say[4] = test_chat_say("user", "D"), say[2].thoughts = ll_str("T");
    for (int i = 0; i < LL_COUNT(test_chat_rows); i++) {
        const struct test_chat_row *row = &test_chat_rows[i];
        llocal_chat_prompt p;
        llocal_fault fault;
        llocal_chat *c = NULL;
        char text[400];
        memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault);
        CHECK_EQ(llocal_chat_open(m, row->source, &fault, &c), LLOCAL_OK);
        CHECK_EQ(llocal_chat_can(c), row->can);
        p.messages = say, p.n_messages = 5, p.text = text, p.text_size = sizeof text, p.now = 1773480413;
        if (c) CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_OK);
        if (c && strcmp(text, row->expected)) printf("       %s: %s\n", row->name, text);
        CHECK(c && !strcmp(text, row->expected));
        p.tools = ll_str("[]"), p.tools.len = row->can & LLOCAL_CHAT_TOOLS ? 0 : 2;
        if (c && p.tools.len) CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_UNSUPPORTED);
        p.tools.len = 0, p.think = LLOCAL_THINK_OFF;
        if (c) CHECK_EQ(llocal_chat_render(c, &p, &fault), row->can & LLOCAL_CHAT_THINK_SWITCH ? LLOCAL_OK : LLOCAL_ERR_UNSUPPORTED);
        if (c && !strcmp(row->name, "a level of thinking")) CHECK(!strcmp(text, "S;A;B;C;D;low"));
        llocal_chat_close(c);
    }
    llocal_model_close(m);
}

/* Calls and results in the shapes that templates want. */
#define TEST_CALLS(arguments) "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}{% for c in m.tool_calls %}" \
    "[{{ c.id }} {{ c.function.name }} {{ " arguments " }}]{% endfor %}{{ m.tool_call_id }}{{ m.name }};{% endfor %}"
static const struct test_chat_call_row { const char *source, *expected, *no_ids; } test_chat_call_rows[] = {
    { TEST_CALLS("c.function.arguments | tojson"), "u:A;a:[id1 f {\"x\": 1}][id2 g {}];t:R1id1f;t:R2id2g;",
      "u:A;a:[call01001 f {\"x\": 1}][call01002 g {}];t:R1call01001f;t:R2call01002g;" },
    { TEST_CALLS("'(' + c.function.arguments + ')'"), "u:A;a:[id1 f ({\"x\":1})][id2 g ({})];t:R1id1f;t:R2id2g;",
      "u:A;a:[call01001 f ({\"x\":1})][call01002 g ({})];t:R1call01001f;t:R2call01002g;" },
    { TEST_CALLS("c.function.arguments | tojson if c.id | length == 9 else raise_exception('nine')"), NULL,
      "u:A;a:[call01001 f {\"x\": 1}][call01002 g {}];t:R1call01001f;t:R2call01002g;" },
    { "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}{{ m.content }}{{ m.tool_calls | tojson if m.tool_calls }};"
      "{% endfor %}", NULL, "A;[{\"id\": \"call01001\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"x\": 1}}}, "
      "{\"id\": \"call01002\", \"type\": \"function\", \"function\": {\"name\": \"g\", \"arguments\": {}}}];R1;R2;" },
};

static void test_chat_calls(void) {
    llocal_model *m = test_chat_model("", test_chat_control, 4, NULL);
    llocal_message say[4];
    llocal_call calls[2];
    TEST("chat calls");
    memset(calls, 0, sizeof calls);
    calls[0].name = ll_str("f"), calls[0].arguments = ll_str("{\"x\":1}"), calls[1].name = ll_str("g");
    say[0] = test_chat_say("user", "A"), say[1] = test_chat_say("assistant", ""), say[2] = test_chat_say("tool", "R1");
    say[3] = test_chat_say("tool", "R2"), say[1].calls = calls, say[1].n_calls = 2;
    for (int i = 0; i < 2 * LL_COUNT(test_chat_call_rows); i++) {
        const struct test_chat_call_row *row = &test_chat_call_rows[i / 2];
        llocal_chat_prompt p;
        llocal_chat *c = NULL;
        char text[400];
        const bool ids = i & 1;
        memset(&p, 0, sizeof p);
        calls[0].id = ll_str(ids ? "id1" : ""), calls[1].id = ll_str(ids ? "id2" : "");
        say[2].call_id = calls[0].id, say[3].call_id = calls[1].id;     /* the name comes from the call */
        CHECK_EQ(llocal_chat_open(m, row->source, NULL, &c), LLOCAL_OK);
        CHECK(llocal_chat_can(c) & LLOCAL_CHAT_CALLS);
        CHECK_EQ((llocal_chat_can(c) & LLOCAL_CHAT_RESULTS) != 0, i / 2 != 3);
        p.messages = say, p.n_messages = 4, p.text = text, p.text_size = sizeof text;
        CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK);
        if (!ids || row->expected) {
            if (strcmp(text, ids ? row->expected : row->no_ids)) printf("       %s\n", text);
            CHECK(!strcmp(text, ids ? row->expected : row->no_ids));
        } else if (i / 2 == 2) CHECK(strstr(text, "id1") == NULL && strstr(text, "[") != NULL);   /* ids of nine characters, and results have the same */
        calls[0].arguments = ll_str("{\"x\":"), CHECK(i / 2 == 1 || llocal_chat_render(c, &p, NULL) == LLOCAL_ERR_FORMAT);
        calls[0].arguments = ll_str("{\"x\":1}");
        llocal_chat_close(c);
    }
    llocal_model_close(m);
}

/* With an allocator of its own, and not the model's. */
static llocal_result test_chat_open_in(const llocal_model *m, const char *source, llocal_allocator a, llocal_chat **out) {
    llocal_str s = ll_str(source ? source : "");
    *out = NULL;
    if (!source && ll_chat_source(m, NULL, NULL, &s)) return LLOCAL_ERR_UNSUPPORTED;
    return ll_chat_open(m, s, ll_chat_spelling(&m->vocab, LLOCAL_ROLE_BOS), ll_chat_spelling(&m->vocab, LLOCAL_ROLE_EOS), a, NULL, out);
}

static void test_chat_open(void) {
    static const char *const plain[] = { "<s>", "</s>" };
    llocal_model *m = test_chat_model(TEST_CHATML, test_chat_control, 4, NULL);
    llocal_fault fault;
    llocal_chat *c = NULL;
    llocal_chat_prompt p;
    llocal_message hi = test_chat_say("user", "hi");
    char text[100];
    TEST("chat open");
    memset(&fault, 0, sizeof fault), memset(&p, 0, sizeof p);
    p.messages = &hi, p.n_messages = 1, p.text = text, p.text_size = sizeof text;
    CHECK_EQ(llocal_chat_open(NULL, NULL, &fault, &c), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_chat_open(m, NULL, &fault, NULL), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_chat_open(m, "other", &fault, &c), LLOCAL_OK);
    CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_OK);
    CHECK(!strcmp(text, "hi!"));
    CHECK_EQ(llocal_chat_render(c, NULL, &fault), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_chat_render(NULL, &p, &fault), LLOCAL_ERR_ARGUMENT);
    hi.role = NULL, CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_ARGUMENT), hi.role = "user";
    hi.n_calls = 1, CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_ARGUMENT), hi.n_calls = 0;
    p.cap = 1, CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_ARGUMENT), p.cap = 0;
    p.n_messages = 0, CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_ARGUMENT), p.n_messages = 1;
    p.vars = ll_str("{]"), CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_ERR_FORMAT);
    llocal_chat_close(c);
    CHECK_EQ(llocal_chat_open(m, "none", &fault, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK(!c && strstr(fault.message, "\"none\""));
    CHECK_EQ(llocal_chat_open(m, "{% if %}", &fault, &c), LLOCAL_ERR_FORMAT);
    CHECK_EQ(fault.line, 1);
    CHECK_EQ(llocal_chat_open(m, "{# nothing #}Hello!", &fault, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK_EQ(llocal_chat_open(m, "{{ raise_exception('only on Sundays') }}", &fault, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK(strstr(fault.message, "only on Sundays") != NULL);
    CHECK(llocal_chat_open(m, "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", &fault, &c) != LLOCAL_OK);
    llocal_model_close(m);
    m = test_chat_model("", test_chat_control, 4, NULL);            /* no template, but the tokens */
    CHECK_EQ(llocal_chat_open(m, NULL, &fault, &c), LLOCAL_OK);
    p.vars.len = 0;
    CHECK_EQ(llocal_chat_render(c, &p, &fault), LLOCAL_OK);
    CHECK(!strcmp(text, "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"));
    llocal_chat_close(c), llocal_model_close(m);
    m = test_chat_model("", plain, 2, NULL);
    CHECK_EQ(llocal_chat_open(m, NULL, &fault, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK(strstr(fault.message, "to llocal_chat_open") != NULL);
    llocal_chat_close(NULL), llocal_model_close(m);
}

/* Where messages end, room that is too small, dates, and every allocation failing. */
static void test_chat_limits(void) {
    llocal_model *m = test_chat_model(TEST_CHATML, test_chat_control, 4, NULL);
    llocal_message say[3];
    llocal_token ids[200], few[10];
    llocal_chat_prompt p;
    llocal_allocator a;
    llocal_chat *c = NULL;
    llocal_result r = LLOCAL_ERR_MEMORY;
    t_heap heap = { 0, 0, 0, 0, 0, false };
    int ends[3], n;
    char text[8];
    TEST("chat limits");
    memset(&p, 0, sizeof p);
    say[0] = test_chat_say("user", "a"), say[1] = test_chat_say("assistant", "bc"), say[2] = test_chat_say("user", "d");
    CHECK_EQ(llocal_chat_open(m, NULL, NULL, &c), LLOCAL_OK);
    p.messages = say, p.n_messages = 3, p.tokens = ids, p.cap = 200, p.ends = ends;
    CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK);
    n = p.n_tokens;                             /* <|im_start|> user\n a <|im_end|> \n: 9 */
    CHECK_EQ(n, 9 + 15 + 9 + 11);
    CHECK_EQ(p.n_text, 9 + 15 + 9 + 11 + 3 * (11 + 9) + 11);
    CHECK(ends[0] == 9 && ends[1] == 9 + 15 && ends[2] == 9 + 15 + 9);
    p.no_answer = true, CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK), CHECK_EQ(p.n_tokens, 33);
    p.no_answer = false, p.tokens = few, p.cap = 10, p.text = text, p.text_size = 8, few[9] = -7, ends[2] = -7;
    CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK);
    CHECK(p.n_tokens == n && memcmp(ids, few, sizeof few) == 0 && !strcmp(text, "<|im_st") && ends[2] == 33);
    p.tokens = NULL, p.cap = 0, p.text = NULL, p.text_size = 0, p.ends = NULL;
    CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK), CHECK_EQ(p.n_tokens, n);
    llocal_chat_close(c);
    CHECK_EQ(llocal_chat_open(m, "{% for m in messages %}{{ m.content }}{% endfor %}{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% endif %}",
                              NULL, &c), LLOCAL_OK);
    p.text = text, p.text_size = 8, p.n_messages = 1;
    CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK), CHECK(!strcmp(text, "a"));
    p.now = 1773480413, CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK), CHECK(!strcmp(text, "a2026"));
    p.n_messages = 3, llocal_chat_close(c), p.ends = ends;
    a.resize = t_heap_resize, a.user = &heap;
    for (heap.fail_at = 1; r; heap.fail_at++) {
        heap.n_calls = 0;
        r = test_chat_open_in(m, NULL, a, &c);
        CHECK(r == (heap.n_calls < heap.fail_at ? LLOCAL_OK : LLOCAL_ERR_MEMORY) && (r != LLOCAL_OK) == !c && (c || !heap.live));
    }
    printf("       opening asks for memory %d times, %d bytes at once, and keeps %d\n", heap.n_calls, (int)heap.peak, (int)heap.live);
    r = LLOCAL_ERR_MEMORY;
    for (heap.fail_at = 1; r; heap.fail_at++) {         /* a render leaves nothing behind */
        size_t held = heap.live;
        heap.n_calls = 0;
        r = llocal_chat_render(c, &p, NULL);
        CHECK(r == (heap.n_calls < heap.fail_at ? LLOCAL_OK : LLOCAL_ERR_MEMORY) && heap.live == held);
    }
    CHECK(!heap.wrong_size && p.n_tokens == n);
    printf("       a render with ends asks %d times\n", heap.n_calls);
    llocal_chat_close(c), llocal_model_close(m);
    CHECK_EQ(heap.live, 0);
}

/* An arena as the manual has it: after a render it is where it was. */
typedef struct test_chat_arena { unsigned char *at, *end; } test_chat_arena;
static void *test_chat_arena_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    test_chat_arena *a = (test_chat_arena *)user;
    size_t was = (old_size + 63) / 64 * 64, is = (new_size + 63) / 64 * 64;
    unsigned char *p = ptr ? (unsigned char *)ptr : a->at;
    if ((ptr && p + was != a->at) || is > (size_t)(a->end - p)) return NULL;
    a->at = p + is;
    return new_size ? p : NULL;
}
static void test_chat_last_first(void) {
    enum { SIZE = 1 << 19 };
    unsigned char *block = (unsigned char *)ll_default_resize(NULL, NULL, 0, SIZE);
    llocal_model *m = test_chat_model(TEST_CHATML, test_chat_control, 4, NULL);
    test_chat_arena a;
    llocal_message say[40];
    llocal_chat_prompt p;
    llocal_allocator arena;
    llocal_chat *c = NULL;
    int ends[40];
    TEST("chat last first");
    memset(&p, 0, sizeof p);
    a.at = block, a.end = block + SIZE;
    arena.resize = test_chat_arena_resize, arena.user = &a;
    CHECK_EQ(test_chat_open_in(m, NULL, arena, &c), LLOCAL_OK);
    for (int i = 0; i < 40; i++) say[i] = test_chat_say(i % 2 ? "assistant" : "user", "some words, and more than the first try has room for");
    p.messages = say, p.ends = ends;
    for (int n = 1; n <= 40 && c; n += 13) {
        unsigned char *at = a.at;
        p.n_messages = n;
        CHECK_EQ(llocal_chat_render(c, &p, NULL), LLOCAL_OK);
        CHECK(a.at == at && ends[n - 1] > 0);
    }
    llocal_chat_close(c), llocal_model_close(m);
    ll_default_resize(NULL, block, SIZE, 0);
}

/* ---- turns ---------------------------------------------------------------------------------------------- */

/* What the splitter tells becomes a message, in any room that holds it, and none that does not is written beyond. */
static void test_chat_message(void) {
    static const struct { int part; const char *text, *problem; } events[] = {
        { LLOCAL_PART_THOUGHTS, "hm", NULL }, { LLOCAL_PART_TEXT, "a", NULL }, { LLOCAL_PART_CALL, "", NULL }, { LLOCAL_PART_NAME, "f", NULL },
        { LLOCAL_PART_ARGUMENTS, "{\"x\":", NULL }, { LLOCAL_PART_ARGUMENTS, "1}", NULL }, { LLOCAL_PART_CALL_END, "late", NULL },
        { LLOCAL_PART_THOUGHTS, "m", NULL }, { LLOCAL_PART_CALL, "id", NULL }, { LLOCAL_PART_NAME, "g", NULL }, { LLOCAL_PART_TEXT, "b", NULL },
        { LLOCAL_PART_ARGUMENTS, "{}", NULL }, { LLOCAL_PART_CALL_END, "", NULL }, { LLOCAL_PART_CALL, "", NULL }, { LLOCAL_PART_NAME, "h", NULL },
        { LLOCAL_PART_CALL_END, "", "cut" }, { LLOCAL_PART_TEXT, "c", NULL }, { LLOCAL_PART_END, "", "cut" } };
    int whole = 0;
    TEST("chat message");
    for (size_t size = 0; size < 300; size++) {
        llocal_message said[1];
        llocal_talk t;
        ll_talk k;
        char *room = (char *)malloc(size + 1);              /* a place of its own: a sanitizer sees what is beyond */
        bool on = true;
        memset(&t, 0, sizeof t), memset(&k, 0, sizeof k), memset(said, 0, sizeof said);
        t.messages = said, t.cap = 1, t.room = room, t.room_size = size / sizeof(void *) * sizeof(void *), k.t = &t;
        for (int i = 0; i < LL_COUNT(events) && on; i++) {
            llocal_event e;
            memset(&e, 0, sizeof e);
            e.part = (llocal_part)events[i].part, e.text = ll_str(events[i].text), e.problem = events[i].problem;
            on = ll_talk_event(&k, &e);
        }
        CHECK_EQ(on, !k.full);
        if (on) {
            const llocal_call *c;
            whole++;
            ll_talk_finish(&k);
            c = said[0].calls;
            CHECK(t.n_messages == 1 && ll_str_is(said[0].thoughts, "hmm") && ll_str_is(said[0].text, "abc") && said[0].n_calls == 2);
            CHECK(ll_str_is(c[0].id, "late") && ll_str_is(c[0].name, "f") && ll_str_is(c[0].arguments, "{\"x\":1}"));
            CHECK(ll_str_is(c[1].id, "id") && ll_str_is(c[1].name, "g") && ll_str_is(c[1].arguments, "{}"));
            CHECK(t.problem && !strcmp(t.problem, "cut") && t.room > room && t.room + t.room_size <= room + size);
        }
        free(room);
    }
    CHECK(whole > 50 && whole < 290);
}

static bool test_chat_heard(void *user, const llocal_event *e) {
    char *said = (char *)user;
    size_t n = strlen(said);
    if (e->part == LLOCAL_PART_TEXT) memcpy(said + n, e->text.ptr, e->text.len), said[n + e->text.len] = 0;
    return strlen(said) < 400;
}

/* Stop strings, and answers in pieces, several at once: what is said is the same. */
static void test_chat_pieces(llocal_chat *chat, const llocal_model *m, const t_heap *heap) {
    static const char *const stops[] = { "mill", "ite" }, *const lines[] = { "the blue kite flies", "three small ants" };
    llocal_message said[3][8];
    llocal_talk t[3], *list[4];
    char room[3][600];
    llocal_fault fault;
    bool done = false;
    const size_t live = heap->live;
    int steps = 0;
    memset(t, 0, sizeof t), memset(said, 0, sizeof said), memset(&fault, 0, sizeof fault);
    for (int i = 0; i < 3; i++) {
        t[i].split.chat = chat, t[i].messages = said[i], t[i].cap = 8, t[i].room = room[i], t[i].room_size = sizeof room[i];
        t[i].reply.max_tokens = 60;
        CHECK_EQ(llocal_context_open(m, NULL, &t[i].reply.context), LLOCAL_OK);
        list[i] = &t[i];
    }
    t[0].reply.stop = stops, t[0].reply.n_stop = 2;
    CHECK_EQ(llocal_chat_next(&t[0], lines[0], &fault), LLOCAL_OK);
    CHECK(t[0].reply.state.stop == LLOCAL_STOP_TEXT && ll_str_is(said[0][1].text, " the blue k"));
    CHECK_EQ(llocal_chat_next(&t[0], lines[1], &fault), LLOCAL_OK);             /* and on, without the stop string */
    CHECK(t[0].reply.state.stop != LLOCAL_STOP_ERROR && t[0].n_messages == 4 && t[0].n_cached > 0);
    for (int i = 1; i < 3; i++) CHECK_EQ(llocal_talk_begin(&t[i], lines[i - 1], &fault), LLOCAL_OK);
    CHECK_EQ(llocal_talk_begin(&t[1], "x", &fault), LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(fault.message, "under way") != NULL);
    CHECK_EQ(llocal_chat_next(&t[1], "x", &fault), LLOCAL_ERR_ARGUMENT);
    list[3] = NULL;
    while (!done && steps++ < 100000) CHECK_EQ(llocal_talk_step(list, 4, 1, &done), LLOCAL_OK);
    CHECK(done && steps > 10 && heap->live == live);
    for (int i = 1; i < 3; i++)
        CHECK(t[i].reply.state.stop == LLOCAL_STOP_END && t[i].n_messages == 2 && ll_str_is(said[i][1].text.len ? said[i][1].text : ll_str("-"), i == 1 ? " the blue kite flies" : " three small ants"));
    CHECK_EQ(llocal_talk_step(list, 3, 1, &done), LLOCAL_OK);                   /* nothing is under way */
    CHECK(done);
    CHECK_EQ(llocal_talk_begin(&t[1], lines[1], &fault), LLOCAL_OK);            /* ended early: what came is a message */
    for (steps = 0; steps < 100000 && t[1].answer->reply.state.n_tokens < 3; steps++) CHECK_EQ(llocal_talk_step(list, 3, 1, &done), LLOCAL_OK);
    llocal_cancel(t[1].reply.context);
    CHECK_EQ(llocal_talk_step(list, 3, 1, &done), LLOCAL_OK);
    CHECK(done && t[1].n_messages == 4 && t[1].reply.state.stop == LLOCAL_STOP_CALLBACK && t[1].reply.state.n_tokens == 3 && heap->live == live);
    CHECK(said[1][3].text.len > 0 && said[1][3].text.len < 20);
    t[2].room_size = 16;                        /* a room that the question fills: as if it had not been asked */
    CHECK_EQ(llocal_talk_begin(&t[2], "a", &fault), LLOCAL_OK);
    CHECK_EQ(llocal_talk_step(list, 3, 0, &done), LLOCAL_ERR_FULL);
    CHECK(done && t[2].n_messages == 2 && t[2].reply.state.stop == LLOCAL_STOP_ERROR && t[2].room_size == 16 && heap->live == live);
    t[2].reply.n_stop = 1, CHECK_EQ(llocal_talk_begin(&t[2], "a", &fault), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_talk_step(NULL, 1, 0, &done), LLOCAL_ERR_ARGUMENT);
    for (int i = 0; i < 3; i++) llocal_context_close(t[i].reply.context);
}

/* Turns with the model that is here: what is evaluated, what stays when a turn is refused, memory. */
static void test_chat_turns(void) {
    static const char *const lines[] = { "the blue kite flies over the old mill", "three small ants", "bread" };
    llocal_source src;
    llocal_allocator a;
    llocal_context_desc cd;
    llocal_model *m = NULL;
    llocal_context *c = NULL, *small = NULL;
    llocal_chat *chat = NULL;
    llocal_message said[8];
    llocal_fault fault;
    llocal_talk t, was;
    t_heap heap = { 0, 0, 0, 0, 0, false };
    char room[2000], heard[1000] = "";
    int position = 0;
    TEST("chat turns");
    memset(&src, 0, sizeof src), memset(&cd, 0, sizeof cd), memset(&t, 0, sizeof t);
    memset(&fault, 0, sizeof fault);
    src.path = "examples/tiny.gguf";
    if (llocal_model_open(&src, &m)) { SKIP("not in the folder of the repository"); return; }
    a.resize = t_heap_resize, a.user = &heap;
    CHECK_EQ(test_chat_open_in(m, "{% for m in messages %}{% if m.role == 'user' %}Task: repeat\nText: {{ m.content }}\nAnswer:{% else %}{{ m.content }}"
                                  "{{ eos_token }}{% endif %}{% endfor %}", a, &chat), LLOCAL_OK);
    CHECK_EQ(llocal_context_open(m, NULL, &c), LLOCAL_OK);
    cd.n_ctx = 24;
    CHECK_EQ(llocal_context_open(m, &cd, &small), LLOCAL_OK);
    t.split.chat = chat, t.reply.context = c, t.messages = said, t.cap = 8, t.room = room, t.room_size = sizeof room;
    t.split.on_event = test_chat_heard, t.split.user = heard, t.reply.max_tokens = 60;
    for (int i = 0; i < 3; i++) {
        heard[0] = 0;
        CHECK_EQ(llocal_chat_next(&t, lines[i], &fault), LLOCAL_OK);
        CHECK(t.n_messages == 2 * i + 2 && t.reply.state.stop == LLOCAL_STOP_END && !t.problem);
        CHECK(ll_str_is(said[2 * i].text, lines[i]) && ll_str_is(said[2 * i + 1].text, heard) && !strcmp(said[2 * i + 1].role, "assistant"));
        CHECK_EQ(t.n_cached, position);         /* all that was there; and the end token is in the timeline */
        position = llocal_position(c);
        CHECK(llocal_token_is_end(m, llocal_tokens(c)[position - 1]));
    }
    CHECK(ll_str_is(said[1].text, " the blue kite flies over the old mill"));
    was = t;                                    /* what is refused changes nothing but the timeline */
    t.cap = 7, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_ARGUMENT);
    t = was, t.room_size = 0, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_FULL);
    t.room_size = 2, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_FULL);
    CHECK(t.n_messages == 6 && t.room == was.room && t.room_size == 2);
    t = was, t.reply.context = small, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_FULL);
    CHECK(t.n_messages == 6 && strstr(fault.message, "n_ctx") != NULL);
    t = was, t.prompt.think = LLOCAL_THINK_ON, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_UNSUPPORTED);
    CHECK_EQ(llocal_chat_next(NULL, "x", &fault), LLOCAL_ERR_ARGUMENT);
    t = was, t.split.chat = NULL, CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_ARGUMENT);
    memset(heard, 'x', 400), t = was;           /* the listener has enough: what came is a message */
    CHECK_EQ(llocal_chat_next(&t, lines[0], &fault), LLOCAL_OK);
    CHECK(t.reply.state.stop == LLOCAL_STOP_CALLBACK && t.n_messages == 8 && said[7].text.len > 0);
    heard[0] = 0, t = was, heap.n_calls = 0, heap.fail_at = 0;
    CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_OK);
    for (int n = heap.n_calls; n > 0; n--) {
        size_t live = heap.live;
        t = was, heap.n_calls = 0, heap.fail_at = n;
        CHECK_EQ(llocal_chat_next(&t, "x", &fault), LLOCAL_ERR_MEMORY);
        CHECK(t.n_messages == 6 && heap.live == live && !heap.wrong_size);
    }
    heap.fail_at = 0;
    test_chat_pieces(chat, m, &heap);
    llocal_chat_close(chat), llocal_context_close(c), llocal_context_close(small), llocal_model_close(m);
}

#include "test_chat_models.h"

static void test_chat(void) {
    test_chat_styles();
    test_chat_calls();
    test_chat_open();
    test_chat_limits();
    test_chat_spans();
    test_chat_last_first();
    test_chat_message();
    test_chat_turns();
    test_chat_templates();
    test_chat_models();
}
#endif
