/* From a rendered template to tokens (llocal_tokenize_spans): what is trusted may be special, all else is text. */
#ifndef TEST_CHAT_H
#define TEST_CHAT_H

static llocal_template_span test_span(size_t at, size_t len, bool trusted) {
    llocal_template_span s;
    s.at = at, s.len = len, s.trusted = trusted;
    return s;
}

/* how: a letter for each byte of text, T for trusted; '|' ends a span early. Tokens as letters of `names`. */
static bool test_chat_gives(const llocal_model *m, const char *text, const char *how, unsigned flags, const char *want) {
    static const char names[] = "US<s>xaZE";        /* ids 0.. */
    llocal_template_span spans[64];
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
    k = llocal_tokenize_spans(m, text, strlen(text), spans, n, flags, ids, 64);
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
        llocal_template_span wrong[2];
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
        CHECK_EQ(llocal_tokenize_spans(v, "", 0, NULL, 0, 0, NULL, 0), 0);
        CHECK_EQ(llocal_tokenize_spans(v, "ab", 2, NULL, 0, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_tokenize_spans(v, "ab", 2, NULL, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
        for (int i = 0; i < 5; i++) {                                   /* short, long, a gap, back; then none of it */
            wrong[0] = test_span(0, 1, true), wrong[1] = test_span(1, 1, true);
            if (i == 0) wrong[1].len = 0;
            if (i == 1) wrong[1].len = (size_t)-1;
            if (i == 2) wrong[0].len = 0;
            if (i == 3) wrong[1].at = 0;
            CHECK_EQ(llocal_tokenize_spans(v, "aa", 2, wrong, 2, 0, NULL, 0), i < 4 ? -LLOCAL_ERR_ARGUMENT : 2);
        }
        CHECK_EQ(llocal_tokenize_spans(v, "aa", 2, wrong, 2, LLOCAL_TOKENIZE_PARSE_SPECIAL, NULL, 0), -LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_tokenize_spans(NULL, "aa", 2, wrong, 2, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
        test_vocab_close(&t);
    }
}

/* ---- templates of models ----------------------------------------------------------------------------- */

typedef struct test_chat_run {
    llocal_template_span spans[20000];
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
static int test_chat_count(const test_vocabulary *t, const llocal_template *tpl, size_t n_context, bool whole, test_chat_run *r) {
    const llocal_model *m = test_vocab_model(t);
    llocal_template_run run;
    llocal_template_var var;
    int n, count = 0;
    memset(&run, 0, sizeof run), memset(&var, 0, sizeof var);
    var.value.ptr = r->context, var.value.len = n_context;
    run.vars = &var, run.n_vars = 1, run.out = r->out, run.cap = sizeof r->out, run.spans = r->spans, run.span_cap = 20000;
    run.now = 1773480413;
    if (llocal_template_render(tpl, &run, NULL)) return -1;
    CHECK(run.n_out <= run.cap && run.n_spans <= run.span_cap);
    n = llocal_tokenize_spans(m, r->out, run.n_out, r->spans, run.n_spans, 0, r->ids, 1 << 18);
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
    llocal_template *tpl = NULL;
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
            CHECK_EQ(llocal_template_open(s, NULL, NULL, &tpl), LLOCAL_OK);
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
    llocal_template_close(tpl);
}

static void test_chat_templates(void) {
    static const char *const names[] = {
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
        for (int i = 0; i < LL_COUNT(names); i++) {
            char file[128], *lines;
            snprintf(file, sizeof file, "golden/chat/%s.jsonl", names[i]);
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

static void test_chat(void) {
    test_chat_spans();
    test_chat_templates();
}
#endif
