/* >>vocab: real and synthetic vocabularies against tokens made by llama.cpp; what must hold for
 * any vocabulary; what is refused. */
#ifndef TEST_VOCAB_H
#define TEST_VOCAB_H

/* What llocal_model begins with; the rest of it does not matter here. */
typedef struct test_vocabulary {
    ll_vocab v;
    llocal_gguf *g;
    void *memory;
    uint64_t bytes;
    char message[400];
} test_vocabulary;

static void test_vocab_message(void *user, llocal_level level, const char *message) {
    (void)level;
    snprintf((char *)user, 400, "%s", message);
}

static const llocal_model *test_vocab_model(const test_vocabulary *t) {
    return (const llocal_model *)(const void *)&t->v;
}

static void test_vocab_close(test_vocabulary *t) {
    llocal_allocator a = { NULL, NULL };
    a = ll_allocator(a);
    ll_free(&a, t->memory, t->bytes);
    llocal_gguf_close(t->g);
    t->memory = NULL, t->g = NULL;
}

/* pre: take this tokenizer.ggml.pre instead of the file's. */
static llocal_result test_vocab_open_source(test_vocabulary *t, const llocal_source *src, const char *pre) {
    llocal_allocator a = { NULL, NULL };
    ll_arena arena = { NULL, 0 };
    llocal_logger log = { test_vocab_message, NULL };
    llocal_result r;
    memset(t, 0, sizeof *t);
    log.user = t->message;
    r = llocal_gguf_open(src, &t->g);
    if (r) return r;
    if (pre) t->g->meta[llocal_gguf_meta_find(t->g, "tokenizer.ggml.pre")].as.s = ll_str(pre);
    a = ll_allocator(a);
    ll_vocab_layout(&arena, &t->g->facts, &t->v);
    t->bytes = arena.used;
    t->memory = arena.base = (uint8_t *)ll_alloc(&a, arena.used);
    arena.used = 0;
    ll_vocab_layout(&arena, &t->g->facts, &t->v);
    CHECK_EQ(arena.used, t->bytes);
    t->v.allocator = a;
    return ll_vocab_load(&t->v, t->g, &log);
}
static llocal_result test_vocab_open(test_vocabulary *t, const char *path, const char *pre) {
    llocal_source src;
    memset(&src, 0, sizeof src);
    src.path = path;
    return test_vocab_open_source(t, &src, pre);
}

/* ---- golden values ------------------------------------------------------------------------------ */

typedef struct test_case {
    char text[8192], detok[16384];
    int n_text, n_detok, n_tokens;
    llocal_token tokens[8192];
    unsigned flags;
    int error;
} test_case;

/* The bytes of a JSON string at p (behind its quote) or, hex, of pairs of digits; where it ends. */
static const char *test_vocab_string(const char *p, int hex, char *out, int *n) {
    for (*n = 0; *p && *p != '"';) {
        unsigned c = (unsigned char)*p++;
        if (hex) {
            char digits[3] = { (char)c, *p++, 0 };
            out[(*n)++] = (char)strtoul(digits, NULL, 16);
        } else if (c == '\\' && *p == 'u') {
            char digits[5] = { p[1], p[2], p[3], p[4], 0 };
            c = (unsigned)strtoul(digits, NULL, 16), p += 5;
            if (c >> 10 == 0x36 && p[0] == '\\') {
                memcpy(digits, p + 2, 4);
                c = 0x10000 + ((c & 1023) << 10) + ((unsigned)strtoul(digits, NULL, 16) & 1023), p += 6;
            }
            *n += ll_utf8_put(c, out + *n);
        } else if (c == '\\') {
            c = (unsigned char)*p++;
            out[(*n)++] = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c);
        } else out[(*n)++] = (char)c;
    }
    return p;
}

/* One line of a .jsonl file; false: it is the header. */
static bool test_vocab_line(const char *line, test_case *c) {
    const char *p;
    c->n_text = c->n_detok = c->n_tokens = 0, c->flags = 0;
    if (strstr(line, "{\"vocab\"") == line) return false;
    if ((p = strstr(line, "\"text\": \""))) p = test_vocab_string(p + 9, 0, c->text, &c->n_text);
    else p = test_vocab_string(strstr(line, "\"hex\": \"") + 8, 1, c->text, &c->n_text);
    if (strstr(p, "\"parse_special\": true")) c->flags |= LLOCAL_PARSE_SPECIAL;
    if (strstr(p, "\"add_special\": true")) c->flags |= LLOCAL_ADD_SPECIAL;
    c->error = strstr(p, "\"error\": ") != NULL;
    if (c->error) return true;
    for (p = strstr(p, "\"tokens\": [") + 11; *p != ']'; p += *p == ',') c->tokens[c->n_tokens++] = (llocal_token)strtol(p, (char **)&p, 10);
    if (strstr(p, "\"detok\": \"")) test_vocab_string(strstr(p, "\"detok\": \"") + 10, 0, c->detok, &c->n_detok);
    else test_vocab_string(strstr(p, "\"detok_hex\": \"") + 14, 1, c->detok, &c->n_detok);
    return true;
}

static void test_vocab_case(const test_vocabulary *t, const test_case *c, int *bad) {
    static llocal_token got[8192];
    static char text[16384];
    const llocal_model *m = test_vocab_model(t);
    int n = llocal_tokenize(m, c->text, (size_t)c->n_text, c->flags, got, 8192), k;
    if (c->error) return;
    if (n != c->n_tokens || memcmp(got, c->tokens, (size_t)n * sizeof *got)) {
        if ((*bad)++ < 3) printf("       tokens of \"%.*s\" (flags %u)\n", c->n_text, c->text, c->flags);
        return;
    }
    k = llocal_detokenize(m, got, n, LLOCAL_PARSE_SPECIAL, text, sizeof text);
    if (k != c->n_detok || memcmp(text, c->detok, (size_t)k)) {
        if ((*bad)++ < 3) printf("       detok \"%.*s\", wanted \"%.*s\"\n", k, text, c->n_detok, c->detok);
    }
}

/* All lines of a .jsonl; how many. */
static int test_vocab_golden(const test_vocabulary *t, const char *path) {
    static test_case c;
    char *lines = t_read_file(path, NULL), *next;
    int n = 0, bad = 0;
    CHECK(lines != NULL);
    for (char *line = lines; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (test_vocab_line(line, &c)) test_vocab_case(t, &c, &bad), n++;
        else {
            const char *bos = strstr(line, "\"add_bos\": "), *eos = strstr(line, "\"add_eos\": ");
            CHECK_EQ(t->v.add_bos, bos[11] == '1');
            CHECK_EQ(t->v.add_eos, eos[11] == '1');
            CHECK_EQ(t->v.bos, atoi(strstr(line, "\"bos\": ") + 7));
            CHECK_EQ(t->v.eos, atoi(strstr(line, "\"eos\": ") + 7));
            CHECK_EQ(t->v.eot, atoi(strstr(line, "\"eot\": ") + 7));
        }
    }
    free(lines);
    CHECK_EQ(bad, 0);
    return n;
}

static void test_vocab_synth(void) {
    static const char *const names[][2] = {
        { "tests/golden/tok_synth/spm-eos.gguf", "tests/golden/tok_synth/spm-eos.jsonl" },
        { "tests/golden/tok_synth/spm-noprefix.gguf", "tests/golden/tok_synth/spm-noprefix.jsonl" }
    };
    TEST("vocab synthetic");
    for (int i = 0; i < 2; i++) {
        test_vocabulary t;
        llocal_result r = test_vocab_open(&t, names[i][0], NULL);
        if (r == LLOCAL_ERR_IO) { SKIP("run from the top of the repository"); return; }
        CHECK_EQ(r, LLOCAL_OK);
        CHECK(test_vocab_golden(&t, names[i][1]) > 100);
        t.v.cut_at_space = false;               /* the same without the short cut */
        test_vocab_golden(&t, names[i][1]);
        test_vocab_close(&t);
    }
}

/* Strings between marks, and a line of ids for each. */
static void test_vocab_real_file(const char *name, bool wanted) {
    static llocal_token got[4096];
    static const char mark[] = "\n__ggml_vocab_test__\n";
    char file[64];
    test_vocabulary t;
    char *in, *out, *p, *q;
    const char *path;
    int bad = 0, n_cases = 0;
    snprintf(file, sizeof file, "vocab/%s.gguf", name);
    path = t_shared(file);
    if (!path) { SKIP("no shared vocabularies"); return; }
    CHECK_EQ(test_vocab_open(&t, path, NULL), wanted ? LLOCAL_OK : LLOCAL_ERR_UNSUPPORTED);
    if (!wanted) {
        CHECK(strstr(t.message, strcmp(name, "bert-bge") ? name : "bert") != NULL);
        test_vocab_close(&t);
        return;
    }
    snprintf(file, sizeof file, "vocab/%s.inp", name), in = t_read_file(t_shared(file), NULL);
    snprintf(file, sizeof file, "vocab/%s.out", name), out = t_read_file(t_shared(file), NULL);
    for (p = in, q = out; q && *q; n_cases++) {
        char *end = strstr(p, mark);
        int n, k = 0;
        if (!end) break;
        n = llocal_tokenize(test_vocab_model(&t), p, (size_t)(end - p), 0, got, 4096);
        while (*q && *q != '\n') {
            long id = strtol(q, &q, 10);
            while (*q == ' ') q++;
            bad += k >= n || got[k] != id, k++;
        }
        bad += k != n;
        q++, p = end + sizeof mark - 1;
    }
    CHECK(n_cases > 40);
    CHECK_EQ(bad, 0);
    free(in), free(out);
    test_vocab_close(&t);
}

static void test_vocab_real(void) {
    TEST("vocab real");
    test_vocab_real_file("llama-spm", true);
    test_vocab_real_file("phi-3", true);
    test_vocab_real_file("gpt-2", true);
    test_vocab_real_file("qwen2.5", true);
    test_vocab_real_file("llama3", true);
    test_vocab_real_file("bert-bge", false);
    test_vocab_real_file("deepseek-llm", false);
}

static void test_vocab_pre(void) {
    static const char *const refused[] = {
        "afmoe", "bailingmoe", "bailingmoe2", "bloom", "chameleon", "deepseek-coder",
        "deepseek-llm", "deepseek-v3", "default", "exaone-moe", "falcon", "gemma4", "gpt-4o", "gpt3-finnish",
        "hunyuan-dense", "jais-2", "joyai-llm", "kanana2", "kimi-k2", "llada-moe", "llama4", "minimax-m2",
        "poro-chat", "sarvam-moe", "seed-coder", "superbpe", "talkie",
        "tekken", "tiny_aya", "viking", "youtu", "", "gpt-2 ", "GPT-2"
    };
    char path[1024];
    const char *vocab = t_shared("vocab/gpt-2.gguf");
    test_vocabulary t;
    TEST("vocab pre-tokenizers");
    if (!vocab || !t_shared("golden/tok_pre/gpt-2.jsonl")) { SKIP("no shared values"); return; }
    snprintf(path, sizeof path, "%s", vocab);
    for (int i = 0; i < LL_COUNT(ll_vocab_pres); i++) {
        char golden[128];
        CHECK_EQ(test_vocab_open(&t, path, ll_vocab_pres[i].name), LLOCAL_OK);
        snprintf(golden, sizeof golden, "golden/tok_pre/%s.jsonl", ll_vocab_pres[i].name);
        if (!t_shared(golden)) t_fail(__FILE__, __LINE__, golden);
        else CHECK_EQ(test_vocab_golden(&t, t_shared(golden)), 420);
        test_vocab_close(&t);
    }
    for (int i = 0; i < LL_COUNT(refused); i++) {
        CHECK_EQ(test_vocab_open(&t, path, refused[i]), LLOCAL_ERR_UNSUPPORTED);
        CHECK(strstr(t.message, refused[i]) != NULL);
        test_vocab_close(&t);
    }
}

static void test_vocab(void) {
    test_vocab_synth();
    test_vocab_real();
    test_vocab_pre();
}
#endif
