/* >>vocab: real and synthetic vocabularies against tokens made by llama.cpp; what must hold for
 * any vocabulary; what is refused. */
#ifndef TEST_VOCAB_H
#define TEST_VOCAB_H

#include "tokens.h"

/* ---- golden values ------------------------------------------------------------------------------ */

/* All lines of a .jsonl; how many. */
static int test_vocab_golden(const test_vocabulary *t, const char *path) {
    char *lines = t_read_file(path, NULL);
    int n_passed = 0, n_failed = 0;
    CHECK(lines != NULL);
    if (lines) test_vocab_records(t, lines, &n_passed, &n_failed);
    free(lines);
    CHECK_EQ(n_failed, 0);
    return n_passed;
}

static void test_vocab_synth(void) {
    static const char *const names[] = { "spm-eos", "spm-noprefix", "ugm", "ugm-keepws", "ugm-nows", "wpm", "rwkv", "plamo2" };
    TEST("vocab synthetic");
    for (int i = 0; i < LL_COUNT(names); i++) {
        char gguf[64], jsonl[64];
        test_vocabulary t;
        llocal_source src;
        llocal_result r;
        snprintf(gguf, sizeof gguf, "tests/golden/tok_synth/%s.gguf", names[i]);
        snprintf(jsonl, sizeof jsonl, "tests/golden/tok_synth/%s.jsonl", names[i]);
        r = test_vocab_open(&t, gguf, NULL);
        if (r == LLOCAL_ERR_IO) { SKIP("run from the top of the repository"); return; }
        CHECK_EQ(r, LLOCAL_OK);
        CHECK_EQ(test_vocab_golden(&t, jsonl), 520);
        if (t.v.cut_at_space) t.v.cut_at_space = false, test_vocab_golden(&t, jsonl);     /* the same without the short cut */
        test_vocab_close(&t);
        memset(&src, 0, sizeof src);
        src.path = gguf, src.no_mmap = true;            /* what the tokenizer needs is known through a window, too */
        CHECK_EQ(test_vocab_open_source(&t, &src, NULL), LLOCAL_OK);
        CHECK_EQ(test_vocab_golden(&t, jsonl), 520);
        test_vocab_close(&t);
    }
}

static void test_vocab_real_file(const char *name) {
    char file[64], *in, *out;
    test_vocabulary t;
    const char *path;
    int n_passed = 0, n_failed = 0;
    snprintf(file, sizeof file, "vocab/%s.gguf", name);
    path = t_shared(file);
    if (!path) { SKIP("no shared vocabularies"); return; }
    CHECK_EQ(test_vocab_open(&t, path, NULL), LLOCAL_OK);
    snprintf(file, sizeof file, "vocab/%s.inp", name), in = t_read_file(t_shared(file), NULL);
    snprintf(file, sizeof file, "vocab/%s.out", name), out = t_read_file(t_shared(file), NULL);
    if (in && out) test_vocab_pairs(&t, in, out, &n_passed, &n_failed);
    CHECK(n_passed > 40);
    CHECK_EQ(n_failed, 0);
    free(in), free(out);
    test_vocab_close(&t);
}

static void test_vocab_real(void) {
    TEST("vocab real");
    test_vocab_real_file("llama-spm");
    test_vocab_real_file("phi-3");
    test_vocab_real_file("gpt-2");
    test_vocab_real_file("qwen2.5");
    test_vocab_real_file("llama3");
    test_vocab_real_file("bert-bge");
    test_vocab_real_file("deepseek-llm");
}

static void test_vocab_pre(void) {
    static const char *const refused[] = { "", "gpt-2 ", "GPT-2", "nonsense" };
    int n_golden = 0;
    char path[1024];
    const char *vocab = t_shared("vocab/gpt-2.gguf");
    test_vocabulary t;
    TEST("vocab pre-tokenizers");
    if (!vocab || !t_shared("golden/tok_pre/gpt-2.jsonl")) { SKIP("no shared values"); return; }
    snprintf(path, sizeof path, "%s", vocab);
    for (int i = 0; i < LL_COUNT(ll_vocab_pres); i++) {
        char golden[128];
        CHECK_EQ(test_vocab_open(&t, path, ll_vocab_pres[i].name), LLOCAL_OK);
        CHECK_EQ(ll_vocab_border(&t.v, "say what the dog, it is", 23), 12), CHECK_EQ(ll_vocab_border(&t.v, "an it\xc3\xa4\x61 b", 9), 0);
        snprintf(golden, sizeof golden, "golden/tok_pre/%s.jsonl", ll_vocab_pres[i].name);
        if (t_shared(golden)) CHECK_EQ(test_vocab_golden(&t, t_shared(golden)), 420), n_golden++;
        test_vocab_close(&t);
    }
    CHECK_EQ(n_golden, 80);
    for (int i = 0; i < LL_COUNT(refused); i++) {
        CHECK_EQ(test_vocab_open(&t, path, refused[i]), LLOCAL_ERR_UNSUPPORTED);
        CHECK(strstr(t.message, refused[i]) != NULL);
        test_vocab_close(&t);
    }
}

/* ---- vocabularies made here ------------------------------------------------------------------------ */

typedef struct test_file {
    llocal_meta meta[32];
    unsigned char arrays[1 << 17], bytes[1 << 18];
    int n_meta;
    size_t n_arrays, n_bytes;
} test_file;

static llocal_meta *test_file_key(test_file *f, const char *key, llocal_meta_type type) {
    llocal_meta *m = &f->meta[f->n_meta++];
    memset(m, 0, sizeof *m);
    m->key = ll_str(key), m->type = type, m->count = 1;
    return m;
}
static void test_file_str(test_file *f, const char *key, const char *s) {
    test_file_key(f, key, LLOCAL_META_STRING)->as.s = ll_str(s);
}
static void test_file_int(test_file *f, const char *key, uint32_t v) { test_file_key(f, key, LLOCAL_META_U32)->as.u = v; }
static void test_file_bool(test_file *f, const char *key, bool v) { test_file_key(f, key, LLOCAL_META_BOOL)->as.b = v; }
static llocal_meta *test_file_array(test_file *f, const char *key, llocal_meta_type type) {
    llocal_meta *m = test_file_key(f, key, LLOCAL_META_ARRAY);
    m->elem_type = type, m->count = 0, m->as.array = f->arrays + f->n_arrays;
    return m;
}
static void test_file_add(test_file *f, llocal_meta *m, const void *data, size_t n) {
    memcpy(f->arrays + f->n_arrays, data, n);
    f->n_arrays += n, m->array_bytes += n;
}
static void test_file_add_str(test_file *f, llocal_meta *m, const char *s, size_t n) {
    unsigned char len[8];
    ll_store_u64(len, n);
    test_file_add(f, m, len, 8), test_file_add(f, m, s, n);
    m->count++;
}
static void test_file_add_u32(test_file *f, llocal_meta *m, uint32_t v) {
    unsigned char b[4];
    ll_store_u32(b, v);
    test_file_add(f, m, b, 4);
    m->count++;
}
/* The strings between spaces. */
static void test_file_strings(test_file *f, const char *key, const char *list) {
    llocal_meta *m = test_file_array(f, key, LLOCAL_META_STRING);
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, " ");
        test_file_add_str(f, m, p, n);
        p += n + (p[n] == ' ');
    }
}
/* A digit each. */
static void test_file_types(test_file *f, const char *digits) {
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.token_type", LLOCAL_META_I32);
    for (; *digits; digits++) test_file_add_u32(f, m, (uint32_t)(*digits - '0'));
}
static size_t test_file_write(void *user, const void *src, size_t n) {
    test_file *f = (test_file *)user;
    memcpy(f->bytes + f->n_bytes, src, n);
    f->n_bytes += n;
    return n;
}
static test_file *test_file_new(const char *model) {
    static test_file f;
    f.n_meta = 0, f.n_arrays = f.n_bytes = 0;
    test_file_str(&f, "general.architecture", "llama");
    if (model) test_file_str(&f, "tokenizer.ggml.model", model);
    return &f;
}
static llocal_result test_file_open_pre(test_file *f, const char *pre, test_vocabulary *t) {
    llocal_writer w = { test_file_write, NULL, { NULL, NULL, NULL, 0 } };
    llocal_source src;
    w.user = f, f->n_bytes = 0;
    CHECK_EQ(llocal_gguf_write_head(&w, f->meta, f->n_meta, NULL, 0), LLOCAL_OK);
    memset(&src, 0, sizeof src);
    src.data = f->bytes, src.data_size = f->n_bytes, src.pre = pre;
    return test_vocab_open_source(t, &src, NULL);
}
static llocal_result test_file_open(test_file *f, test_vocabulary *t) { return test_file_open_pre(f, NULL, t); }
/* Opens it, and closes it again if that worked. */
static void test_file_refused(test_file *f, llocal_result wanted, const char *word) {
    test_vocabulary t;
    CHECK_EQ(test_file_open(f, &t), wanted);
    CHECK(strstr(t.message, word) != NULL);
    test_vocab_close(&t);
}

/* A key of a vocabulary that has another type is refused by both names. */
static void test_vocab_types(void) {
    static const char *const ids[] = { "bos_token_id", "eos_token_id", "unknown_token_id", "eot_token_id", "eom_token_id", "seperator_token_id", "padding_token_id", "mask_token_id",
        "fim_pad_token_id", "fim_rep_token_id", "fim_sep_token_id", "fim_pre_token_id", "fim_suf_token_id",
        "fim_mid_token_id", "prefix_token_id", "suffix_token_id", "middle_token_id" };
    static const char *const bools[] = { "add_bos_token", "add_eos_token", "add_space_prefix" };
    char key[64];
    TEST("vocab types");
    for (int i = 0; i < LL_COUNT(ids); i++)
        for (int k = 0; k < 3; k++) {
            test_file *f = test_file_new("llama");
            test_file_strings(f, "tokenizer.ggml.tokens", "a b c");
            snprintf(key, sizeof key, "tokenizer.ggml.%s", ids[i]);
            if (k == 0) test_file_str(f, key, "2");
            else if (k == 1) test_file_bool(f, key, true);
            else test_file_strings(f, key, "2 1");
            test_file_refused(f, LLOCAL_ERR_FORMAT, key);
            f->n_bytes = 0, test_file_refused(f, LLOCAL_ERR_FORMAT, k == 0 ? "type string" : k == 1 ? "type bool" : "array of string");
        }
    for (int i = 0; i < LL_COUNT(bools); i++)
        for (int k = 0; k < 2; k++) {
            test_file *f = test_file_new("llama");
            test_file_strings(f, "tokenizer.ggml.tokens", "a b c");
            snprintf(key, sizeof key, "tokenizer.ggml.%s", bools[i]);
            if (k == 0) test_file_str(f, key, "false");
            else test_file_int(f, key, 2);
            test_file_refused(f, LLOCAL_ERR_FORMAT, key);
            f->n_bytes = 0, test_file_refused(f, LLOCAL_ERR_FORMAT, k == 0 ? "type string" : "type u32");
        }
    {
        test_file *f = test_file_new("gpt2");
        test_file_strings(f, "tokenizer.ggml.tokens", "a b"), test_file_int(f, "tokenizer.ggml.pre", 1);
        test_file_refused(f, LLOCAL_ERR_FORMAT, "tokenizer.ggml.pre");
        f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b"), test_file_int(f, "general.name", 3);
        test_file_refused(f, LLOCAL_ERR_FORMAT, "general.name");    /* what a phi-3 would be known by */
        f = test_file_new("none"), test_file_str(f, "llama.vocab_size", "77");
        test_file_refused(f, LLOCAL_ERR_FORMAT, "llama.vocab_size");
    }
}

/* What ends a reply may be a list: each of it does, the first is the end token. */
static void test_vocab_end_lists(void) {
    test_file *f = test_file_new("llama");
    test_vocabulary t;
    llocal_meta *m;
    TEST("vocab end lists");
    test_file_strings(f, "tokenizer.ggml.tokens", "a b c d e f g");
    m = test_file_array(f, "tokenizer.ggml.eos_token_id", LLOCAL_META_I32), test_file_add_u32(f, m, 5), test_file_add_u32(f, m, 3);
    m = test_file_array(f, "tokenizer.ggml.eot_token_id", LLOCAL_META_U32), test_file_add_u32(f, m, 6);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    CHECK_EQ(llocal_token_role(test_vocab_model(&t), LLOCAL_ROLE_EOS), 5);
    CHECK_EQ(t.v.role[LLOCAL_ROLE_EOT], 6);
    for (int i = 0; i < 7; i++) CHECK_EQ(llocal_token_is_end(test_vocab_model(&t), i), i == 3 || i == 5 || i == 6);
    test_vocab_close(&t);
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b c");
    m = test_file_array(f, "tokenizer.ggml.eos_token_id", LLOCAL_META_I32), test_file_add_u32(f, m, 1), test_file_add_u32(f, m, 3);
    test_file_refused(f, LLOCAL_ERR_FORMAT, "eos_token_id lists 3");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b c");
    m = test_file_array(f, "tokenizer.ggml.bos_token_id", LLOCAL_META_I32), test_file_add_u32(f, m, 1);
    test_file_refused(f, LLOCAL_ERR_FORMAT, "bos_token_id");
}

/* Whole scores merge in the same order whether they are written as floats or as integers. */
static void test_vocab_whole_scores(void) {
    static const struct { llocal_meta_type type; int bytes; } types[] = {
        { LLOCAL_META_F32, 4 }, { LLOCAL_META_I32, 4 }, { LLOCAL_META_I8, 1 }, { LLOCAL_META_I16, 2 }, { LLOCAL_META_I64, 8 } };
    static const int scores[] = { 0, 0, 0, 7, 7, -3, -9, 100, -100 };
    llocal_token want[16], got[16];
    int n_want = 0;
    TEST("vocab whole scores");
    for (int i = 0; i < LL_COUNT(types); i++) {
        test_file *f = test_file_new("llama");
        llocal_meta *m;
        test_vocabulary t;
        int n;
        test_file_strings(f, "tokenizer.ggml.tokens", "<unk> <s> </s> a b ab ba aba abab");
        m = test_file_array(f, "tokenizer.ggml.scores", types[i].type);
        for (int k = 0; k < LL_COUNT(scores); k++) {
            unsigned char b[8];
            ll_store_u64(b, i ? (uint64_t)(int64_t)scores[k] : ll_f32_to_bits((float)scores[k]));
            test_file_add(f, m, b, (size_t)types[i].bytes), m->count++;
        }
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        n = llocal_tokenize(test_vocab_model(&t), "abbabaaabab", 11, 0, got, 16);
        if (i == 0) memcpy(want, got, sizeof want), n_want = n;
        CHECK(n == n_want && n < 11 && n > 2 && !memcmp(want, got, (size_t)n * sizeof *got));
        test_vocab_close(&t);
    }
}

static test_file *test_file_bpe(const char *pre) {
    test_file *f = test_file_new("gpt2");
    test_file_strings(f, "tokenizer.ggml.tokens", "a b 1 2 ab 12"), test_file_strings(f, "tokenizer.ggml.merges", "");
    test_file_add_str(f, &f->meta[f->n_meta - 1], "a b", 3), test_file_add_str(f, &f->meta[f->n_meta - 1], "1 2", 3);
    if (pre) test_file_str(f, "tokenizer.ggml.pre", pre);
    return f;
}

/* Text cannot be cut between words where tokens have words inside, as those of SuperBPE. */
static void test_vocab_words_inside(void) {
    static const char text[] = "aaab aaab";
    for (int inside = 0; inside < 2; inside++) {
        test_file *f = test_file_new("gpt2");
        test_vocabulary t;
        llocal_token ids[16], parts[16];
        const ll_text_span span = { 0, sizeof text - 1, false };
        size_t at;
        int n, k;
        TEST("vocab words inside of tokens");
        test_file_strings(f, "tokenizer.ggml.tokens", inside ? "a b \xc4\xa0 aa aaa aaab \xc4\xa0" "aaab aaab\xc4\xa0" "aaab"
                                                             : "a b \xc4\xa0 aa aaa aaab \xc4\xa0" "aaab c");
        test_file_strings(f, "tokenizer.ggml.merges", "");
        test_file_add_str(f, &f->meta[f->n_meta - 1], "a a", 3), test_file_add_str(f, &f->meta[f->n_meta - 1], "aa a", 4);
        test_file_add_str(f, &f->meta[f->n_meta - 1], "aaa b", 5), test_file_add_str(f, &f->meta[f->n_meta - 1], "\xc4\xa0 aaab", 7);
        if (inside) test_file_add_str(f, &f->meta[f->n_meta - 1], "aaab \xc4\xa0" "aaab", 11);
        test_file_str(f, "tokenizer.ggml.pre", "superbpe");
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        n = ll_vocab_encode(&t.v, text, sizeof text - 1, 0, ids, 16);
        CHECK_EQ(n, inside ? 1 : 2);                        /* a token over both words, or none */
        at = ll_vocab_border(&t.v, text, sizeof text - 1);
        CHECK_EQ(at, inside ? 0u : 4u);
        k = ll_vocab_encode_spans(&t.v, text, 0, at, &span, 1, 0, parts, 16);
        k += ll_vocab_encode_spans(&t.v, text, at, sizeof text - 1, &span, 1, 0, parts + k, 16 - k);
        CHECK(k == n && !memcmp(ids, parts, (size_t)n * sizeof *ids));
        test_vocab_close(&t);
    }
}

/* Byte-level BPE of a file that does not say how text is cut: the host may say it, and only then. */
static void test_vocab_pre_asked(void) {
    static const struct { const char *file, *asked; llocal_result r; const char *word; int n; } cases[] = {
        { NULL, NULL, LLOCAL_ERR_UNSUPPORTED, "llocal_source.pre", 0 },
        { "default", NULL, LLOCAL_OK, "", 2 },
        { NULL, "default", LLOCAL_OK, "", 2 },
        { NULL, "nonsense", LLOCAL_ERR_ARGUMENT, "\"nonsense\"", 0 },
        { NULL, "", LLOCAL_ERR_ARGUMENT, "\"\"", 0 },
        { NULL, "qwen2", LLOCAL_OK, "", 3 },            /* digits one by one: ab 1 2 */
        { NULL, "gpt-2", LLOCAL_OK, "", 2 },            /* and together: ab 12 */
        { "default", "qwen2", LLOCAL_OK, "", 3 },
        { "gpt-2", "qwen2", LLOCAL_OK, "", 2 },         /* the file's name goes first */
        { "gpt-2", "nonsense", LLOCAL_OK, "", 2 },
        { "nonsense", "qwen2", LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.pre is \"nonsense\"", 0 }
    };
    TEST("vocab pre asked for");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        test_vocabulary t;
        test_file *f = test_file_bpe(cases[i].file);
        CHECK_EQ(test_file_open_pre(f, cases[i].asked, &t), cases[i].r);
        CHECK(strstr(t.message, cases[i].word) != NULL);
        if (!cases[i].r) CHECK_EQ(llocal_tokenize(test_vocab_model(&t), "ab12", 4, 0, NULL, 0), cases[i].n);
        test_vocab_close(&t);
    }
    for (int i = 0; i < LL_COUNT(ll_vocab_pres); i++) {
        int at = 0;
        while (ll_vocab_pres[i].cut[at]) CHECK(ll_vocab_pres[i].cut[at++] < LL_BY_COUNT);
        CHECK(at > 0 && at <= LL_CUTS_MAX && ll_bpe_find_pre(ll_str(ll_vocab_pres[i].name)) == &ll_vocab_pres[i]);
    }
}

/* A vocabulary at the limits of the fields that are packed loads; one above is refused by name. The two
 * counts are only promised: what is looked at before them is the limit. */
static void test_vocab_limits(void) {
    static char special[LL_SPECIAL_MAX + 1];
    test_file *f;
    test_vocabulary t;
    llocal_logger log = { test_vocab_message, NULL, NULL, 0 };
    llocal_gguf g;
    llocal_meta list;
    ll_vocab v;
    uint32_t order = 0, slots[4] = { 0, 0, 0, 0 }, step = 0;
    ll_index x = { slots, 3 };
    char message[400];
    TEST("vocab limits");
    memset(special, 's', sizeof special);
    for (size_t n = LL_SPECIAL_MAX; n <= sizeof special; n++)
        for (int type = 3; type <= 4; type++) {
            llocal_meta *m;
            llocal_token id = -1;
            f = test_file_new("llama"), m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
            test_file_add_str(f, m, "a", 1), test_file_add_str(f, m, special, n), test_file_types(f, type == 3 ? "13" : "14");
            if (n > LL_SPECIAL_MAX) {
                test_file_refused(f, LLOCAL_ERR_UNSUPPORTED, "token 1, a special token, has 256 bytes; 255");
                continue;
            }
            CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
            CHECK_EQ(llocal_tokenize(test_vocab_model(&t), special, n, LLOCAL_TOKENIZE_PARSE_SPECIAL, &id, 1), 1);
            CHECK_EQ(id, 1);
            test_vocab_close(&t);
        }
    memset(&g, 0, sizeof g), memset(&list, 0, sizeof list), memset(&v, 0, sizeof v);
    log.user = message;
    list.type = LLOCAL_META_ARRAY, list.elem_type = LLOCAL_META_STRING, list.as.array = "";
    g.meta = &list, g.meta_order = &order, g.n_meta = g.n_meta_first = 1;
    for (int over = 0; over < 2; over++) {
        list.key = ll_str("tokenizer.ggml.tokens"), v.n_tokens = LL_VOCAB_MAX + over, list.count = (uint64_t)v.n_tokens;
        CHECK(ll_vocab_load_strings(&v, &g, &log) == (over ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_ERR_FORMAT));
        CHECK(strstr(message, over ? "tokenizer.ggml.tokens has 16777215 entries; 16777214" : "ends early") != NULL);
        list.key = ll_str("tokenizer.ggml.merges"), v.n_merges = v.n_tokens;
        CHECK(ll_bpe_load_merges(&v, &g, &log) == (over ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_ERR_FORMAT));
        CHECK(strstr(message, over ? "tokenizer.ggml.merges has 16777215 entries; 16777214" : "ends early") != NULL);
    }
    list.key = ll_str("tokenizer.ggml.tokens"), v.n_tokens = 1, list.count = 1, list.array_bytes = (uint64_t)LL_STRINGS_MAX + 1;
    CHECK_EQ(ll_vocab_load_strings(&v, &g, &log), LLOCAL_ERR_UNSUPPORTED);
    CHECK(strstr(message, "bytes; 4294967280 are possible") != NULL);
    /* the largest number comes back out of the table, for the hash that fills the bits above it */
    CHECK(ll_index_add(&x, UINT64_MAX, LL_VOCAB_MAX - 1));
    CHECK_EQ(ll_index_next(&x, UINT64_MAX, &step), LL_VOCAB_MAX - 1);
}

/* What llocal_tokenize is documented to borrow: nothing for words of 250 bytes, then up to 40 bytes for
 * one of text, 120 of spaces and what is no UTF-8, all given back. */
static void test_vocab_borrows(void) {
    static const char *const kinds[] = { "llama", "gpt2", "bert", "t5", "rwkv", "plamo2" };
    static char text[20000];
    TEST("vocab borrows");
    for (int kind = 0; kind < LL_COUNT(kinds); kind++) {
        test_file *f = test_file_new(kinds[kind]);
        test_vocabulary t;
        t_heap heap = { 0, 0, 0, 0, 0, false };
        llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
        for (int i = 0; i < 256; i++) {
            char s[16];
            snprintf(s, sizeof s, "<0x%02X>", i);
            test_file_add_str(f, m, s, 6);
        }
        test_file_add_str(f, m, "a", 1), test_file_add_str(f, m, "ab", 2);
        test_file_strings(f, "tokenizer.ggml.merges", ""), test_file_str(f, "tokenizer.ggml.pre", "gpt-2");
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        t.v.allocator.resize = t_heap_resize, t.v.allocator.user = &heap;
        memset(text, 'a', sizeof text);
        for (size_t i = 250; i < sizeof text; i += 251) text[i] = ' ';
        CHECK(llocal_tokenize(test_vocab_model(&t), text, kind == 5 ? 250 : sizeof text, 0, NULL, 0) >= 0);
        CHECK_EQ(heap.n_calls, 0);
        for (size_t n = 600; n < sizeof text; n = n * 5 / 3)
            for (int k = 0; k < 3; k++) {
                heap.peak = 0, memset(text, "a \xff"[k], n);
                CHECK(llocal_tokenize(test_vocab_model(&t), text, n, 0, NULL, 0) >= 0);
                CHECK(heap.peak <= (k ? 120 : 40) * n && heap.live == 0 && !heap.wrong_size);
                if (k == 0) CHECK((heap.peak > 0) == (kind != 4 && (kind != 2 || n > 8000)));
            }
        test_vocab_close(&t);
    }
}

static void test_vocab_refused(void) {
    test_file *f;
    test_vocabulary t;
    static char long_token[LL_TOKEN_MAX + 1];
    TEST("vocab refused");
    test_file_refused(test_file_new(NULL), LLOCAL_ERR_FORMAT, "tokenizer.ggml.model");
    test_file_refused(test_file_new("sentence"), LLOCAL_ERR_UNSUPPORTED, "\"sentence\"");
    test_file_refused(test_file_new("llama"), LLOCAL_ERR_FORMAT, "tokenizer.ggml.tokens");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "");
    test_file_refused(f, LLOCAL_ERR_FORMAT, "tokenizer.ggml.tokens");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b"), test_file_types(f, "1");
    test_file_refused(f, LLOCAL_ERR_FORMAT, "tokenizer.ggml.token_type");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b");
    test_file_add_u32(f, test_file_array(f, "tokenizer.ggml.scores", LLOCAL_META_F32), 0);
    test_file_refused(f, LLOCAL_ERR_FORMAT, "tokenizer.ggml.scores");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a");
    test_file_add_u32(f, test_file_array(f, "tokenizer.ggml.scores", LLOCAL_META_F64), 0), f->meta[f->n_meta - 1].array_bytes += 4;
    test_file_refused(f, LLOCAL_ERR_FORMAT, "array of f64");
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b");
    test_file_add_u32(f, test_file_array(f, "tokenizer.ggml.scores", LLOCAL_META_I32), 0), test_file_add_u32(f, &f->meta[f->n_meta - 1], 0x80000000u);
    test_file_refused(f, LLOCAL_ERR_UNSUPPORTED, "-2147483648, of token 1");
    f = test_file_new("gpt2"), test_file_strings(f, "tokenizer.ggml.tokens", "a b");
    test_file_refused(f, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.pre");
    test_file_str(f, "tokenizer.ggml.pre", "gpt-2"), f->n_bytes = 0;
    test_file_refused(f, LLOCAL_ERR_FORMAT, "tokenizer.ggml.merges");
    f = test_file_new("llama"), memset(long_token, 'x', sizeof long_token);
    test_file_add_str(f, test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING), long_token, sizeof long_token);
    test_file_refused(f, LLOCAL_ERR_FORMAT, "token 0 has 65536 bytes");
    /* ids out of range are a warning; -1 in either spelling is not */
    f = test_file_new("llama"), test_file_strings(f, "tokenizer.ggml.tokens", "a b c");
    test_file_int(f, "tokenizer.ggml.eos_token_id", 3);
    test_file_int(f, "tokenizer.ggml.unknown_token_id", 0xffffffff);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    CHECK(strstr(t.message, "eos_token_id is 3") != NULL);
    CHECK_EQ(t.v.role[LLOCAL_ROLE_BOS], 1);
    CHECK_EQ(t.v.role[LLOCAL_ROLE_EOS], 2);
    CHECK_EQ(t.v.role[LLOCAL_ROLE_UNKNOWN], 0);
    test_vocab_close(&t);
    /* no vocabulary at all is fine, but then there is no text */
    f = test_file_new("none"), test_file_int(f, "llama.vocab_size", 77);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    CHECK_EQ(t.v.n_tokens, 77);
    CHECK_EQ(llocal_token_role(test_vocab_model(&t), LLOCAL_ROLE_BOS), -1);
    CHECK_EQ(llocal_token_role(test_vocab_model(&t), LLOCAL_ROLE_EOS), -1);
    CHECK(!llocal_token_is_end(test_vocab_model(&t), 5));
    CHECK_EQ(llocal_tokenize(test_vocab_model(&t), "a", 1, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
    CHECK_EQ(llocal_detokenize(test_vocab_model(&t), NULL, 0, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
    CHECK_EQ(llocal_token_text(test_vocab_model(&t), 1, false, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
    test_vocab_close(&t);
}

static void test_vocab_arguments(void) {
    test_file *f = test_file_new("llama");
    test_vocabulary t;
    const llocal_model *m = test_vocab_model(&t);
    llocal_text held;
    llocal_token bad = 2;
    TEST("vocab arguments");
    memset(&held, 0, sizeof held);
    test_file_strings(f, "tokenizer.ggml.tokens", "a b");
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    CHECK_EQ(llocal_tokenize(NULL, "a", 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_tokenize(m, NULL, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_tokenize(m, NULL, 0, 0, NULL, 0), 0);
    CHECK_EQ(llocal_tokenize(m, "a", 1, 0, NULL, 1), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_tokenize(m, "a", 1, 0, NULL, -1), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_tokenize(m, "a", SIZE_MAX, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_detokenize(m, NULL, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    for (unsigned bit = 0; bit < 32; bit++) {               /* each function takes its own flags only */
        CHECK((llocal_tokenize(m, NULL, 0, 1u << bit, NULL, 0) == -LLOCAL_ERR_ARGUMENT) == (bit > 1));
        CHECK_EQ(llocal_detokenize(m, NULL, 0, 1u << bit, NULL, 0), bit == 2 || bit == 3 ? 0 : -LLOCAL_ERR_ARGUMENT);
    }
    CHECK_EQ(llocal_detokenize(m, &bad, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_detokenize(m, &bad, -1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_token_text(m, 2, false, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_token_text(m, -1, false, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(&held, m, 2, NULL, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(&held, m, -2, NULL, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(NULL, m, 0, NULL, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    held.n_held = 4;
    CHECK_EQ(llocal_text_add(&held, m, 0, NULL, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK(!llocal_token_is_end(m, -1) && !llocal_token_is_end(m, 2) && !llocal_token_is_end(NULL, 0));
    CHECK_EQ(llocal_token_role(NULL, LLOCAL_ROLE_BOS), -1);
    CHECK_EQ(llocal_token_role(NULL, LLOCAL_ROLE_EOS), -1);
    test_vocab_close(&t);
}

/* A vocabulary of these texts, with these types, under SentencePiece. */
static void test_vocab_texts(test_vocabulary *t, const char *texts, const char *types) {
    test_file *f = test_file_new("llama");
    test_file_strings(f, "tokenizer.ggml.tokens", texts);
    test_file_types(f, types);
    test_file_bool(f, "tokenizer.ggml.add_space_prefix", false);
    CHECK_EQ(test_file_open(f, t), LLOCAL_OK);
}
static bool test_vocab_is_end(const test_vocabulary *t, const char *text) {
    return llocal_token_is_end(test_vocab_model(t), ll_vocab_find_text(&t->v, text));
}
static unsigned test_vocab_attr(const test_vocabulary *t, const char *text) {
    return t->v.attr[ll_vocab_find_text(&t->v, text)];
}

/* A token by the text that the file has for it. */
static void test_vocab_token_id(void) {
    test_vocabulary t;
    TEST("vocab token id");
    test_vocab_texts(&t, "<unk> <s> <|im_end|> a \xe2\x96\x81the <0x0A> a", "2331161");
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "<|im_end|>"), 2);
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "a"), 3);            /* of two the first */
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "\xe2\x96\x81the"), 4);
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "<0x0A>"), 5);
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "the"), -1);         /* as the file spells it, not as text does */
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), "\n"), -1);
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), ""), -1);
    CHECK_EQ(llocal_token_id(test_vocab_model(&t), NULL), -1);
    CHECK_EQ(llocal_token_id(NULL, "a"), -1);
    for (llocal_token k = 0; k < 6; k++) {
        char text[16];
        llocal_str s = ll_vocab_str(&t.v, k);
        memcpy(text, s.ptr, s.len), text[s.len] = 0;
        CHECK_EQ(llocal_token_id(test_vocab_model(&t), text), k);
    }
    test_vocab_close(&t);
}

static void test_vocab_ends(void) {
    test_vocabulary t;
    TEST("vocab end tokens");
    test_vocab_texts(&t, "<unk> <s> </s> <|im_end|> <|endoftext|> <|fim_prefix|> <|fim_pad|> <|file_sep|> <|x|> y", "2334144431");
    CHECK(test_vocab_is_end(&t, "</s>") && test_vocab_is_end(&t, "<|im_end|>") && test_vocab_is_end(&t, "<|endoftext|>"));
    CHECK(test_vocab_is_end(&t, "<|fim_pad|>") && test_vocab_is_end(&t, "<|file_sep|>"));
    CHECK(!test_vocab_is_end(&t, "<|fim_prefix|>") && !test_vocab_is_end(&t, "<s>") && !test_vocab_is_end(&t, "y"));
    CHECK(test_vocab_attr(&t, "<|fim_prefix|>") & LL_TOKEN_CONTROL);        /* by its text */
    CHECK(test_vocab_attr(&t, "<|im_end|>") & LL_TOKEN_CONTROL);
    CHECK_EQ(t.v.role[LLOCAL_ROLE_EOT], 3);
    test_vocab_close(&t);
    test_vocab_texts(&t, "<unk> <s> stop a", "2331");             /* whatever eos is */
    CHECK(test_vocab_is_end(&t, "stop") && !test_vocab_is_end(&t, "<s>"));
    {   /* what tokenize adds, detokenize takes away */
        static const llocal_token ids[] = { 1, 3, 2 };
        const unsigned both = LLOCAL_DETOKENIZE_REMOVE_SPECIAL | LLOCAL_DETOKENIZE_SPELL_SPECIAL;
        char text[32];
        CHECK_EQ(llocal_detokenize(test_vocab_model(&t), ids, 3, both, text, 32), 5);
        CHECK_EQ(llocal_detokenize(test_vocab_model(&t), ids, 3, LLOCAL_DETOKENIZE_SPELL_SPECIAL, text, 32), 8);
        CHECK(!memcmp(text, "<s>astop", 8));
        t.v.add_eos = true;
        CHECK_EQ(llocal_detokenize(test_vocab_model(&t), ids, 3, both, text, 32), 1);
        CHECK_EQ(llocal_detokenize(test_vocab_model(&t), ids, 0, both, text, 32), 0);
    }
    test_vocab_close(&t);
    /* replies in parts */
    test_vocab_texts(&t, "<unk> <s> </s> <|end|> <|return|> <|call|> <|channel|> <|start|>", "23333333");
    CHECK(!test_vocab_is_end(&t, "<|end|>") && test_vocab_is_end(&t, "<|return|>") && test_vocab_is_end(&t, "<|call|>"));
    CHECK_EQ(llocal_token_text(test_vocab_model(&t), 3, false, NULL, 0), 7);    /* shown */
    CHECK_EQ(llocal_token_text(test_vocab_model(&t), 6, false, NULL, 0), 11);
    CHECK_EQ(llocal_token_text(test_vocab_model(&t), 4, false, NULL, 0), 0);
    CHECK_EQ(llocal_token_text(test_vocab_model(&t), 4, true, NULL, 0), 10);
    test_vocab_close(&t);
    test_vocab_texts(&t, "<unk> <s> </s> <|end|> <|flush|> <|calls|>", "233333");
    CHECK(!test_vocab_is_end(&t, "<|end|>") && test_vocab_is_end(&t, "<|flush|>") && test_vocab_is_end(&t, "</s>"));
    test_vocab_close(&t);
    test_vocab_texts(&t, "<unk> <s> </s> <|end|> <|return|>", "23333");
    CHECK(test_vocab_is_end(&t, "<|end|>"));
    test_vocab_close(&t);
    test_vocab_texts(&t, "<pad> <eos> <bos> </s> <turn|> <|tool_response>", "333433");
    CHECK(!test_vocab_is_end(&t, "</s>") && test_vocab_is_end(&t, "<|tool_response>") && test_vocab_is_end(&t, "<turn|>"));
    test_vocab_close(&t);
}

static void test_vocab_equal(const test_vocabulary *t, const char *text, unsigned flags, const llocal_token *ids, int n) {
    llocal_token got[64];
    int k = llocal_tokenize(test_vocab_model(t), text, strlen(text), flags, got, 64);
    if (k == n && !memcmp(got, ids, (size_t)n * sizeof *ids)) { t_passed++; return; }
    t_fail(__FILE__, __LINE__, text);
}
#define TEST_IDS(t, text, flags, ...) do { \
    static const llocal_token ids[] = { __VA_ARGS__ }; \
    test_vocab_equal(t, text, flags, ids, (int)(sizeof ids / sizeof *ids)); \
} while (0)

/* <unk> <s> </s>, the 256 bytes, and from 259 on these texts (each ended by a NUL) of these types. */
static void test_vocab_bytes_and(test_vocabulary *t, const char *texts, const char *types, const char *name) {
    test_file *f = test_file_new("llama");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    char all[512];
    test_file_add_str(f, m, "<unk>", 5), test_file_add_str(f, m, "<s>", 3), test_file_add_str(f, m, "</s>", 4);
    for (int i = 0; i < 256; i++) {
        char s[16];
        snprintf(s, sizeof s, "<0x%02X>", i);
        test_file_add_str(f, m, s, 6);
    }
    for (; *texts; texts += strlen(texts) + 1) test_file_add_str(f, m, texts, strlen(texts));
    memset(all, '6', 259), memcpy(all, "233", 3), memcpy(all + 259, types, strlen(types) + 1);
    test_file_types(f, all);
    test_file_bool(f, "tokenizer.ggml.add_space_prefix", false);
    test_file_str(f, "general.name", name);
    CHECK_EQ(test_file_open(f, t), LLOCAL_OK);
}

/* Special tokens that overlap: the longest wins wherever it begins. Ids made by llama.cpp. */
static void test_vocab_specials(void) {
    test_vocabulary t;
    const char *path;
    TEST("vocab special tokens");
    test_vocab_bytes_and(&t, "a\0b\0c\0d\0\xe2\x96\x81\0ab\0bcd\0cdab\0\xe2\x96\x81\xe2\x96\x81\0d a\0abcab\0"
                         "dddd\0ddd\0<m>\0<l>\0", "111114441344334", "x");
    TEST_IDS(&t, "abcd", 2, 259, 265);
    TEST_IDS(&t, "abcdab", 2, 264, 266);
    TEST_IDS(&t, "abcabcdab", 2, 269, 266);
    TEST_IDS(&t, "dddddd", 2, 270, 262, 262);
    TEST_IDS(&t, "ddddddd", 2, 270, 271);
    TEST_IDS(&t, "ddddddd", 0, 270, 262, 262, 262);
    TEST_IDS(&t, "d ab", 2, 268, 260);
    TEST_IDS(&t, "d ab", 0, 262, 263, 264);
    TEST_IDS(&t, "abcd abcab dddd ab", 2, 259, 265, 263, 269, 263, 270, 263, 264);
    TEST_IDS(&t, "<m>bcd ab<l>cd ab", 2, 272, 265, 263, 264, 273, 261, 268, 260);
    TEST_IDS(&t, "<m>bcd ab<l>cd ab", 0, 63, 112, 65, 265, 263, 264, 273, 261, 262, 263, 264);
    test_vocab_close(&t);
    /* a shorter token where a longer one is in the way; one of a single byte; and white space that
     * a token takes (by the model's name) is not there for another token */
    test_vocab_bytes_and(&t, "a\0b\0x\0\xe2\x96\x81\0a-b\0a-bx\0xyzwv\0q\0  \0<|endoftext|>\0<m>\0aq\0",
                         "111144444331", "Phi-3");
    TEST_IDS(&t, "a-bxyzwv", 2, 263, 265);
    TEST_IDS(&t, "aqbq", 2, 259, 266, 260, 266);
    TEST_IDS(&t, "<m>    a", 2, 269, 259);
    TEST_IDS(&t, "<m>  \n  a<m>b", 2, 269, 259, 269, 260);
    TEST_IDS(&t, "a  <m>", 2, 259, 267, 269);
    test_vocab_close(&t);
    test_vocab_texts(&t, "<unk> <s> </s> < s > <s", "2331111");
    TEST_IDS(&t, "<s>", 0, 6, 5);               /* text from outside does not merge into control tokens */
    TEST_IDS(&t, "<s>", LLOCAL_TOKENIZE_PARSE_SPECIAL, 1);
    test_vocab_close(&t);
    path = t_shared("vocab/phi-3.gguf");
    if (!path) { SKIP("no shared vocabularies"); return; }
    CHECK_EQ(test_vocab_open(&t, path, NULL), LLOCAL_OK);       /* takes white space behind most of them */
    TEST_IDS(&t, "<|user|>\n Hi there<|end|>  \n<|assistant|>\n\nok </s>  x <s> y", 3,
             1, 32010, 6324, 727, 32007, 32001, 3431, 29871, 2, 921, 29871, 1, 29871, 343);
    test_vocab_close(&t);
    CHECK_EQ(test_vocab_open(&t, t_shared("vocab/qwen2.5.gguf"), NULL), LLOCAL_OK);
    TEST_IDS(&t, "<|im_start|>user\nHi<|im_end|>\n<tool_call>x</tool_call><|fim_prefix|>", 3,
             151644, 872, 198, 13048, 151645, 198, 151657, 87, 151658, 151659);
    TEST_IDS(&t, "<|im_start|>user\nHi<|im_end|>\n<tool_call>x</tool_call><|fim_prefix|>", 1, 27, 91, 318, 4906, 91,
             29, 872, 198, 13048, 27, 91, 318, 6213, 91, 397, 151657, 87, 151658, 27, 91, 69, 318, 13974, 91, 29);
    TEST_IDS(&t, "we'LLama 'REx'Sy 'Dog'Tis", 0, 896, 6, 4086, 3029, 364, 787, 87, 13272, 88, 364, 48940, 17323, 285);
    TEST_IDS(&t, "'Redg", 0, 49427, 35138);
    TEST_IDS(&t, "we'llama 'rex'sy", 0, 896, 3278, 3029, 364, 37539, 594, 88);
    test_vocab_close(&t);
    CHECK_EQ(test_vocab_open(&t, t_shared("vocab/gpt-2.gguf"), NULL), LLOCAL_OK);
    TEST_IDS(&t, "we'LLama 'REx'Sy 'Dog'Tis", 0, 732, 6, 3069, 1689, 705, 2200, 87, 6, 13940, 705, 32942, 6, 51, 271);
    TEST_IDS(&t, "'Redg", 0, 6, 7738, 70);
    TEST_IDS(&t, "we'llama 'rex'sy", 0, 732, 1183, 1689, 705, 21510, 338, 88);
    test_vocab_close(&t);
}

/* ---- what holds for any vocabulary ------------------------------------------------------------------ */

/* Random text of many scripts, at most n bytes; broken: not all of it UTF-8. U+2581 is left out: where it stands for
 * a space it comes back as one. */
static size_t test_vocab_random(char *text, size_t n, bool broken) {
    static const unsigned first[] = { 32, 97, 48, 33, 0xc0, 0x391, 0x410, 0x600, 0x900, 0xe01, 0x4e00, 0xac00, 0x1f600, 0x300, 9, 0 };
    static const unsigned count[] = { 1, 26, 10, 15, 64, 40, 64, 100, 80, 50, 2000, 2000, 60, 20, 5, 0x110000 };
    size_t len = 0;
    while (len + 8 < n) {
        int kind = (int)(t_random() % 16), run = 1 + (int)(t_random() % (t_random() % 8 ? 6 : 40));
        unsigned same = (unsigned)t_random();
        for (; run > 0 && len + 8 < n; run--) {
            unsigned r = kind < 4 ? same : (unsigned)t_random(), c = first[kind] + r % count[kind];
            if (broken && t_random() % 20 == 0) text[len++] = (char)t_random();
            else if ((c < 0xd800 || c > 0xdfff) && c != 0x2581) len += (size_t)ll_utf8_put(c, text + len);
        }
    }
    return len;
}

/* Cutting text at spaces changes nothing. */
static void test_vocab_cut(test_vocabulary *t) {
    static char text[1000];
    static llocal_token ids[3000], whole[3000];
    const llocal_model *m = test_vocab_model(t);
    int bad = 0;
    CHECK(t->v.cut_at_space);
    for (int i = 0; i < 500; i++) {
        size_t len = test_vocab_random(text, 30 + t_random() % 900, i & 1);
        int n, k;
        for (int j = 0; j < 20; j++)
            memcpy(text + t_random() % (len - 4), &" \xe2\x96\x81 "[t_random() % 3], 1 + t_random() % 3);
        n = llocal_tokenize(m, text, len, 0, ids, 3000);
        t->v.cut_at_space = false;
        k = llocal_tokenize(m, text, len, 0, whole, 3000);
        t->v.cut_at_space = true;
        bad += n != k || memcmp(ids, whole, (size_t)n * sizeof *ids);
    }
    CHECK_EQ(bad, 0);
}

static void test_vocab_round_trip(const test_vocabulary *t) {
    static char text[1000], back[9000], stream[9000];
    static llocal_token ids[3000];
    const llocal_model *m = test_vocab_model(t);
    int bad = 0;
    for (int i = 0; i < 300; i++) {
        bool broken = i % 3 == 0;
        size_t len = test_vocab_random(text, 4 + t_random() % 996, broken);
        llocal_text held;
        int n = llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 3000), k = 0, s = 0, cap;
        /* the bytes of the tokens are the text, behind a space if one was put there (but a space
         * that bytes in front of it swallow comes back as U+2581, as everywhere) */
        for (int j = ll_vocab_first(&t->v) >= 0; j < n; j++) k += llocal_token_text(m, ids[j], false, back + k, 9000 - k);
        if (!broken && len)
            bad += k - t->v.add_space != (int)len || memcmp(back + t->v.add_space, text, len);
        /* and detokenize gives it back, but where the vocabulary wants cleaned text */
        memset(&held, 0, sizeof held);
        for (int j = 0; j < n; j++) {
            int c = llocal_text_add(&held, m, ids[j], NULL, 0, NULL, 0);         /* 0: there was nothing */
            if (c > 0) bad += llocal_text_add(&held, m, ids[j], NULL, 0, stream + s, c) != c;
            s += c;
        }
        s += llocal_text_add(&held, m, -1, NULL, 0, stream + s, 9000 - s);
        bad += held.n_held != 0;
        if (!broken) bad += s != k || memcmp(stream, back, (size_t)k);
        for (int j = 0, c; j < s; j += c) {             /* whatever came: UTF-8 goes out */
            for (c = 1; c < 4 && ll_utf8_check((const uint8_t *)stream + j, c) == 0; c++) {}
            if (ll_utf8_check((const uint8_t *)stream + j, c) != c) { bad++; break; }
        }
        k = llocal_detokenize(m, ids, n, LLOCAL_DETOKENIZE_REMOVE_SPECIAL, back, 9000);
        if (!broken && !(t->v.pre && t->v.pre->flags & LL_PRE_CLEAN)) bad += k != (int)len || memcmp(back, text, len);
        /* less room gives the beginning of the same, and the same count */
        cap = (int)(t_random() % (unsigned)(n + 1));
        ids[cap] = -7;
        bad += llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, cap) != n || (cap < n && ids[cap] != -7);
        n = llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 3000);
        cap = (int)(t_random() % (unsigned)(k + 1));
        stream[cap] = 7;
        bad += llocal_detokenize(m, ids, n, LLOCAL_DETOKENIZE_REMOVE_SPECIAL, stream, cap) != k || stream[cap] != 7;
        bad += memcmp(stream, back, (size_t)cap) != 0;
    }
    CHECK_EQ(bad, 0);
}

static void test_vocab_round_trips(void) {
    static const char *const names[] = { "vocab/llama-spm.gguf", "vocab/phi-3.gguf", "vocab/gpt-2.gguf",
        "vocab/qwen2.5.gguf", "vocab/llama3.gguf", "vocab/deepseek-llm.gguf", "golden/tok_synth/spm-noprefix.gguf",
        "golden/tok_synth/rwkv.gguf", "golden/tok_synth/plamo2.gguf", "models/stories260K.gguf" };
    TEST("vocab round trips");
    for (int i = 0; i < LL_COUNT(names); i++) {
        test_vocabulary t;
        if (!t_shared(names[i])) { SKIP(names[i]); continue; }
        CHECK_EQ(test_vocab_open(&t, t_shared(names[i]), NULL), LLOCAL_OK);
        if (t.v.cut_at_space) test_vocab_cut(&t);
        test_vocab_round_trip(&t);
        test_vocab_close(&t);
    }
}

/* However text is cut, the pieces are the text, and none is lost by a cut that ends early. */
static void test_vocab_cuts(void) {
    static char text[400], back[2000];
    static llocal_token ids[2000];
    static const struct { int cut; const char *text; int n[6]; } cases[] = {
        { LL_BY_THREES, "ab1234567 x", { 3, 3, 3, 2 } }, { LL_BY_THREES, "(123456", { 4, 3 } }, { LL_BY_THREES, "12", { 2 } },
        { LL_BY_ASCII_THREES, "12\xc2\xb2" "3456", { 5, 3 } }, { LL_BY_ASCII_THREES, "123\xc2\xb2" "12", { 7 } },
        { LL_BY_3ASCII, "12345 678", { 3, 3, 3 } }, { LL_BY_TAIL, " a \n", { 2, 2 } }, { LL_BY_TAIL, "  ", { 2 } },
        { LL_BY_MARKUP, "a<sentinel:12>    IMGIMGABZ", { 1, 13, 4, 9 } }, { LL_BY_MARKUP, "IMGIMGABCDEZ", { 12 } },
        { LL_BY_TEKKEN, "ABC", { 3 } }, { LL_BY_TEKKEN, "ABCdef", { 6 } }, { LL_BY_TEKKEN, "\xc3\xa9" "AB", { 2, 2 } },
        { LL_BY_GPT4O, "He'll/\n/x", { 5, 3, 1 } }, { LL_BY_EXAONE, " a b  c", { 4, 1, 2 } }, { LL_BY_CODE, ".name a\xcc\x81 !", { 5, 4, 2 } },
        { LL_BY_JAIS2, "         a", { 8, 2 } }, { LL_BY_KIMI, "a\xe4\xb8\xad" "b", { 1, 3, 1 } }, { LL_BY_BLOOM, " a.,b", { 2, 2, 1 } } };
    int bad = 0;
    TEST("vocab cuts");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        ll_cut_state state = { 0, NULL };
        const char *p = cases[i].text, *end = p + strlen(p);
        for (int k = 0; k < 6; k++) {
            int n = p < end ? (int)ll_cut_next(&ll_cuts[cases[i].cut], p, end, &state) : 0;
            if (n != cases[i].n[k]) t_fail(__FILE__, __LINE__, cases[i].text), printf("       %d, wanted %d\n", n, cases[i].n[k]);
            else t_passed++;
            p += n;
        }
    }
    for (int cut = 1; cut < LL_BY_COUNT; cut++)
        for (int i = 0; i < 300; i++) {
            size_t len = test_vocab_random(text, 30 + t_random() % 370, i % 3 == 0), at = 0, n;
            ll_cut_state state = { 0, NULL };
            for (; at < len; at += n) {
                n = ll_cut_next(&ll_cuts[cut], text + at, text + len, &state);
                if (n == 0 || n > len - at) { bad++; break; }
                if (i % 3) bad += at + n < len && ((uint8_t)text[at + n] & 0xc0) == 0x80;     /* a character is whole */
            }
        }
    CHECK_EQ(bad, 0);
    for (int i = 0; i < LL_COUNT(ll_vocab_pres); i++) {
        test_vocabulary t;
        if (!t_shared("vocab/gpt-2.gguf")) { SKIP("no shared vocabularies"); return; }
        if (ll_vocab_pres[i].flags & LL_PRE_RAW) continue;
        CHECK_EQ(test_vocab_open(&t, t_shared("vocab/gpt-2.gguf"), ll_vocab_pres[i].name), LLOCAL_OK);
        for (int k = 0; k < 30; k++) {
            size_t len = test_vocab_random(text, 30 + t_random() % 370, false);
            int n = llocal_tokenize(test_vocab_model(&t), text, len, 0, ids, 2000), to = 0;
            for (int j = 0; j < n; j++) to += llocal_token_text(test_vocab_model(&t), ids[j], false, back + to, 2000 - to);
            bad += to != (int)len || memcmp(back, text, len);
        }
        test_vocab_close(&t);
    }
    CHECK_EQ(bad, 0);
}

/* Gemma 4: characters merge, a line at a time, and bytes have names. */
static void test_vocab_raw(void) {
    static char text[600], back[3000];
    static llocal_token ids[2000], whole[2000];
    int bad = 0;
    test_vocabulary t;
    test_file *f = test_file_new("gemma4");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    char types[300];
    TEST("vocab raw BPE");
    for (int i = 0; i < 256; i++) {
        char s[16];
        snprintf(s, sizeof s, "<0x%02X>", i);
        test_file_add_str(f, m, s, 6);
    }
    memset(types, '6', 256);
    test_file_add_str(f, m, LL_SPM_SPACE, 3), test_file_add_str(f, m, "a", 1), test_file_add_str(f, m, "b", 1);
    test_file_add_str(f, m, LL_SPM_SPACE "a", 4), test_file_add_str(f, m, "ab", 2), test_file_add_str(f, m, "\n\n", 2);
    test_file_add_str(f, m, LL_SPM_SPACE LL_SPM_SPACE, 6), test_file_add_str(f, m, "<bos>", 5);
    memcpy(types + 256, "11111113", 9), test_file_types(f, types);
    test_file_strings(f, "tokenizer.ggml.merges", "");
    m = &f->meta[f->n_meta - 1];
    test_file_add_str(f, m, "a b", 3), test_file_add_str(f, m, LL_SPM_SPACE " a", 5), test_file_add_str(f, m, LL_SPM_SPACE " " LL_SPM_SPACE, 7);
    test_file_int(f, "tokenizer.ggml.bos_token_id", 263), test_file_bool(f, "tokenizer.ggml.add_bos_token", false);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    TEST_IDS(&t, "ab  a\n\nb\n \xc3\xa9", 1, 263, 260, 256, 259, 261, 258, 10, 256, 0xc3, 0xa9);
    CHECK(t.v.cut_at_space && !strcmp(t.v.pre->name, "gemma4"));
    for (int i = 0; i < 500; i++) {
        size_t len = i % 2 ? test_vocab_random(text, 300, false) : 0;
        int n, k, to = 0;
        while (len < 300) text[len++] = "ab \n"[t_random() % 4];
        n = llocal_tokenize(test_vocab_model(&t), text, len, 0, ids, 2000);
        t.v.cut_at_space = false;
        k = llocal_tokenize(test_vocab_model(&t), text, len, 0, whole, 2000);
        t.v.cut_at_space = true;
        bad += n != k || memcmp(ids, whole, (size_t)n * sizeof *ids);
        for (int j = 0; j < n; j++) to += llocal_token_text(test_vocab_model(&t), ids[j], false, back + to, 3000 - to);
        bad += to != (int)len || memcmp(back, text, len);
    }
    CHECK_EQ(bad, 0);
    test_vocab_close(&t);
}

/* ---- Unigram: how text is normalised ------------------------------------------------------------------ */

/* A charsmap in which A becomes bc, and B what lies at `where`. */
static llocal_result test_vocab_charsmap(size_t size, uint32_t words, uint32_t where, uint32_t base, const char *tail, size_t n_tail,
                                         test_vocabulary *t) {
    static unsigned char map[2048];
    test_file *f = test_file_new("t5");
    llocal_meta *m;
    memset(map, 0, sizeof map);
    ll_store_u32(map, words * 4);
    ll_store_u32(map + 4, base << 10);
    ll_store_u32(map + 4 + 4 * 0x41, 0x41 | 256 | (0x41 ^ 0x80) << 10), ll_store_u32(map + 4 + 4 * 0x80, 0x80000000u);
    ll_store_u32(map + 4 + 4 * 0x42, 0x42 | 256 | (0x42 ^ 0x81) << 10), ll_store_u32(map + 4 + 4 * 0x81, 0x80000000u | where);
    memcpy(map + 4 + 4 * 0x90, tail, n_tail);
    test_file_strings(f, "tokenizer.ggml.tokens", "<pad> </s> <unk> b c bc x \xe2\x96\x81 A B");
    test_file_types(f, "3321111114");
    m = test_file_array(f, "tokenizer.ggml.precompiled_charsmap", LLOCAL_META_U8);
    test_file_add(f, m, map, size), m->count = size;
    return test_file_open(f, t);
}

static void test_vocab_normalizing(void) {
    static char longest[LL_CHARSMAP_MAX + 2];
    const size_t full = 4 + 4 * 0x90 + 4;
    test_vocabulary t;
    TEST("vocab charsmap");
    CHECK_EQ(test_vocab_charsmap(full, 0x90, 3, 0, "bc\0", 4, &t), LLOCAL_OK);
    TEST_IDS(&t, "xAx", 0, 6, 5, 6);
    TEST_IDS(&t, "Bx", 0, 9, 6);                    /* user-defined: it stays as it is */
    test_vocab_close(&t);
    CHECK_EQ(test_vocab_charsmap(full, 0x90, 0x7fffffff, 0x300000 - 1, "bc\0", 4, &t), LLOCAL_OK);      /* leads nowhere */
    TEST_IDS(&t, "xAx", 0, 6, 8, 6);
    test_vocab_close(&t);
    for (int i = 0; i < 5; i++) {       /* cut short; longer than it is; not ended */
        static const size_t sizes[] = { 1, 4, 5, 64, 4 + 4 * 0x90 + 4 };
        CHECK_EQ(test_vocab_charsmap(sizes[i], i == 4 ? 0x91 : 0x90, 0, 0, "bc\0", 4, &t), LLOCAL_ERR_FORMAT);
        CHECK(strstr(t.message, "precompiled_charsmap") != NULL);
        test_vocab_close(&t);
    }
    CHECK_EQ(test_vocab_charsmap(full, 0x90, 0, 0, "bcde", 4, &t), LLOCAL_ERR_FORMAT);
    test_vocab_close(&t);
    memset(longest, 'c', sizeof longest - 1);
    CHECK_EQ(test_vocab_charsmap(full - 4 + sizeof longest, 0x90, 0, 0, longest, sizeof longest, &t), LLOCAL_ERR_UNSUPPORTED);
    CHECK(strstr(t.message, "255") != NULL);
    test_vocab_close(&t);
    CHECK_EQ(test_vocab_charsmap(full - 4 + sizeof longest - 1, 0x90, 0, 0, longest + 1, sizeof longest - 1, &t), LLOCAL_OK);
    CHECK_EQ(llocal_tokenize(test_vocab_model(&t), "A", 1, 0, NULL, 0), LL_CHARSMAP_MAX);
    test_vocab_close(&t);
}

/* Tokens in order: which text begins with, against looking at all; and what is refused. */
static void test_vocab_prefixes(void) {
    static const char letters[] = { 'a', 'b', 0, (char)0xff };
    static char token[LL_SORTED_MAX + 1];
    int bad = 0;
    TEST("vocab prefixes");
    for (int round = 0; round < 30; round++) {
        test_file *f = test_file_new("rwkv");
        llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
        test_vocabulary t;
        for (int i = 0; i < 200; i++) {
            char s[24];
            size_t n = t_random() % (unsigned)(round < 5 ? 4 : 20);
            for (size_t k = 0; k < n; k++) s[k] = letters[t_random() % 4];
            test_file_add_str(f, m, s, n);
        }
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        for (int i = 0; i < 500; i++) {
            char s[24];
            llocal_str text = { s, 1 + t_random() % 23 }, best = { s, 0 };
            int32_t found;
            for (size_t k = 0; k < text.len; k++) s[k] = letters[t_random() % 4];
            for (int k = 0; k < t.v.n_tokens; k++) {
                llocal_str x = ll_vocab_str(&t.v, k);
                if (x.len > best.len && x.len <= text.len && !memcmp(x.ptr, s, x.len)) best = x;
            }
            found = ll_prefix_find(&t.v, text);
            bad += found < 0 ? best.len != 0 : ll_prefix_str(&t.v, found).len != best.len;
        }
        test_vocab_close(&t);
    }
    CHECK_EQ(bad, 0);
    memset(token, 'x', sizeof token);
    for (size_t n = LL_SORTED_MAX; n <= sizeof token; n++) {
        test_file *f = test_file_new("rwkv");
        test_vocabulary t;
        test_file_add_str(f, test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING), token, n);
        CHECK_EQ(test_file_open(f, &t), n > LL_SORTED_MAX ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_OK);
        test_vocab_close(&t);
    }
    for (int n = LL_NESTED_MAX; n <= LL_NESTED_MAX + 1; n++) {
        test_file *f = test_file_new("t5");
        llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
        test_vocabulary t;
        for (int i = 1; i <= n; i++) test_file_add_str(f, m, token, (size_t)i);
        CHECK_EQ(test_file_open(f, &t), n > LL_NESTED_MAX ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_OK);
        if (n > LL_NESTED_MAX) CHECK(strstr(t.message, "begins with 255 others") != NULL);
        test_vocab_close(&t);
    }
}

/* No control token comes of text without PARSE_SPECIAL, whatever the vocabulary; with it each one can be
 * spelled. How many there are (of other spellings than another token's before it). */
static int test_vocab_closed_file(const test_vocabulary *t) {
    const llocal_model *m = test_vocab_model(t);
    static char text[600];
    llocal_token ids[600];
    int n_control = 0, bad = 0, unspelled = 0;
    for (llocal_token c = 0; c < t->v.n_tokens; c++) {
        llocal_str s = ll_vocab_str(&t->v, c);
        bool control = t->v.attr[c] & LL_TOKEN_CONTROL && ll_vocab_find(&t->v, s) == c;
        if (!control || s.len == 0 || s.len > 255) continue;
        n_control++;
        for (int how = 0; how < 4; how++) {     /* alone, behind a letter, before one, twice */
            int at = how == 1, n;
            memset(text, 'a', sizeof text), memcpy(text + at, s.ptr, s.len);
            if (how == 3) memcpy(text + s.len, s.ptr, s.len);
            n = llocal_tokenize(m, text, (size_t)at + s.len * (how == 3 ? 2 : 1) + (how == 2), 0, ids, 600);
            for (int i = 0; i < n && i < 600; i++)
                bad += t->v.attr[ids[i]] & LL_TOKEN_CONTROL && ids[i] != t->v.role[LLOCAL_ROLE_UNKNOWN];
            bad += n < 0 || n > 600;
        }
        unspelled += llocal_tokenize(m, s.ptr, s.len, LLOCAL_TOKENIZE_PARSE_SPECIAL, ids, 600) < 1 || ids[0] != c;
    }
    CHECK_EQ(bad, 0);
    CHECK_EQ(unspelled, 0);
    return n_control;
}

static void test_vocab_closed(void) {
    static const char *const kinds[] = { "llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "gemma4" };
    static const char *const synth[] = { "spm-eos", "ugm", "wpm", "rwkv", "plamo2" };
    static const char *const real[] = { "llama-spm", "phi-3", "gpt-2", "qwen2.5", "llama3", "bert-bge", "deepseek-llm" };
    test_vocabulary t;
    TEST("vocab closed");
    for (int kind = 0; kind < LL_COUNT(kinds); kind++) {        /* parts that lead to control tokens, and bytes that are some */
        test_file *f = test_file_new(kinds[kind]);
        llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING), *type;
        static const char *const tokens[] = { "[UNK]", "<s>", "<", "s", ">", "<s", "a", "\xe2\x96\x81", "Z" };
        for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_str(f, m, tokens[i], strlen(tokens[i]));
        for (int i = 0; i < 256; i++) {
            char s[16];
            snprintf(s, sizeof s, "<0x%02X>", i);
            test_file_add_str(f, m, s, 6);
        }
        type = test_file_array(f, "tokenizer.ggml.token_type", LLOCAL_META_I32);
        for (int i = 0; i < LL_COUNT(tokens); i++) test_file_add_u32(f, type, i == 0 ? 2 : i == 1 || i == 8 ? 3 : 1);
        for (int i = 0; i < 256; i++) test_file_add_u32(f, type, 6);
        m = test_file_array(f, "tokenizer.ggml.merges", LLOCAL_META_STRING);
        test_file_add_str(f, m, "< s", 3), test_file_add_str(f, m, "<s >", 4);
        test_file_int(f, "tokenizer.ggml.unknown_token_id", 0);
        test_file_str(f, "tokenizer.ggml.pre", "gpt-2");
        CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
        CHECK_EQ(test_vocab_closed_file(&t), 3);
        test_vocab_close(&t);
    }
    for (int i = 0; i < LL_COUNT(synth) + LL_COUNT(real); i++) {
        char path[64];
        const char *file = path;
        bool ours = i < LL_COUNT(synth);
        snprintf(path, sizeof path, ours ? "tests/golden/tok_synth/%s.gguf" : "vocab/%s.gguf",
                 ours ? synth[i] : real[i - LL_COUNT(synth)]);
        if (!ours) file = t_shared(path);
        if (!file) { SKIP("no shared vocabularies"); return; }
        if (test_vocab_open(&t, file, NULL)) { t_fail(__FILE__, __LINE__, file); continue; }
        CHECK(test_vocab_closed_file(&t) > 0);
        test_vocab_close(&t);
    }
}

/* A role is what the key says, else the first of the known texts that is there. */
static void test_vocab_roles(void) {
    test_file *f = test_file_new("llama");
    test_vocabulary t;
    const llocal_model *m = test_vocab_model(&t);
    TEST("vocab roles");
    test_file_strings(f, "tokenizer.ggml.tokens", "<unk> <s> </s> a <PAD> <fim_prefix> <|fim_prefix|> <|fim_suffix|> <MID> <|file_sep|> <|im_end|> "
                      "<|eom_id|> <REPO> <0x0A> x");
    test_file_types(f, "233133333333361");
    test_file_int(f, "tokenizer.ggml.fim_suf_token_id", 14), test_file_int(f, "tokenizer.ggml.middle_token_id", 3);
    test_file_int(f, "tokenizer.ggml.padding_token_id", 4), test_file_int(f, "tokenizer.ggml.seperator_token_id", 2);
    test_file_int(f, "tokenizer.ggml.mask_token_id", 99);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_BOS), 1);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_EOS), 2);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_EOT), 10);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_EOM), 11);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_UNKNOWN), 0);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_SEPARATOR), 2);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_PADDING), 4);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_MASK), -1);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_NEWLINE), 13);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_PREFIX), 6);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_SUFFIX), 14);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_MIDDLE), 3);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_PADDING), 4);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_REPO), 12);
    CHECK_EQ(llocal_token_role(m, LLOCAL_ROLE_FIM_FILE), 9);
    CHECK_EQ(llocal_token_role(m, (llocal_role)LL_ROLES), -1);
    CHECK_EQ(llocal_token_role(NULL, LLOCAL_ROLE_BOS), -1);
    for (int i = 0; i < t.v.n_tokens; i++)      /* EOS, what ends a turn or a message, and what fills in around holes */
        CHECK_EQ(llocal_token_is_end(m, i), i == 2 || i == 4 || (i >= 9 && i <= 12));
    test_vocab_close(&t);
}

static void test_vocab_streaming(void) {
    /* bytes as tokens: 0 .. 255 */
    static const struct { const char *in, *out; } cases[] = {
        { "a\xe4\xb8\xad" "b", "a|||\xe4\xb8\xad|b|" }, { "\xe4\xb8", "||\xef\xbf\xbd" },
        { "\xe4\xb8" "a", "||\xef\xbf\xbd" "a|" }, { "\xff", "\xef\xbf\xbd|" }, { "\x80\x80", "\xef\xbf\xbd|\xef\xbf\xbd|" },
        { "\xe4\xe4\xb8\xad", "|\xef\xbf\xbd||\xe4\xb8\xad|" }, { "\xf0\x9f\x98\x80", "|||\xf0\x9f\x98\x80|" },
        { "\xf0\x9f\x98", "|||\xef\xbf\xbd" }, { "\xc0\xaf", "\xef\xbf\xbd|\xef\xbf\xbd|" },
        { "\xed\xa0\x80", "|\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd|" }
    };
    test_file *f = test_file_new("llama");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    char types[257];
    test_vocabulary t;
    TEST("vocab streaming");
    for (int i = 0; i < 256; i++) {
        char s[16];
        snprintf(s, sizeof s, "<0x%02X>", i);
        test_file_add_str(f, m, s, 6);
    }
    memset(types, '6', 256), types[256] = 0;
    test_file_types(f, types);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    for (int i = 0; i < LL_COUNT(cases); i++) {
        llocal_text held;
        char got[100];
        int n = 0;
        memset(&held, 0, sizeof held);
        for (const char *p = cases[i].in; *p; p++) {
            n += llocal_text_add(&held, test_vocab_model(&t), (unsigned char)*p, NULL, 0, got + n, 50);
            got[n++] = '|';
        }
        if (held.n_held) n += llocal_text_add(&held, test_vocab_model(&t), -1, NULL, 0, got + n, 50);
        else CHECK_EQ(llocal_text_add(&held, test_vocab_model(&t), -1, NULL, 0, got + n, 50), 0);
        got[n] = 0;
        if (strcmp(got, cases[i].out)) t_fail(__FILE__, __LINE__, cases[i].out), printf("       %s\n", got);
        else t_passed++;
    }
    test_vocab_close(&t);
}

/* The three steps of cleaning, each over the whole text. */
static int test_vocab_cleaned(char *s, int n) {
    char out[64];
    int k = 0;
    for (int i = 0; i < n; i++)
        if (!(s[i] == ' ' && i + 1 < n && strchr("?!.,", s[i + 1]))) out[k++] = s[i];
    for (int i = n = 0; i < k; i++)
        if (out[i] == ' ' && i + 2 < k && out[i + 1] == '\'' && out[i + 2] == ' ') s[n++] = '\'', i += 2;
        else s[n++] = out[i];
    for (int i = k = 0; i < n; i++) {
        int left = n - i;
        const char *p = s + i;
        bool drop = left > 2 && p[0] == ' ' && p[1] == '\'' && (p[2] == 's' || p[2] == 'm' ||
                    (left > 3 && (p[2] == 'r' || p[2] == 'v') && p[3] == 'e'));
        if (!drop) out[k++] = s[i];
    }
    memcpy(s, out, (size_t)k);
    return k;
}

static void test_vocab_cleaning(void) {
    static const char letters[] = " '.srve";
    int bad = 0;
    TEST("vocab cleaning");
    for (int len = 0; len <= 7; len++) {
        int n_texts = 1;
        for (int i = 0; i < len; i++) n_texts *= 7;
        for (int k = 0; k < n_texts; k++) {
            char want[64], got[64];
            ll_sink o;
            int n = k;
            for (int i = 0; i < len; i++, n /= 7) want[i] = letters[n % 7];
            ll_sink_init(&o, got, 64);
            o.clean = true;
            for (int i = 0; i < len; i++) ll_sink_put(&o, want[i]);
            ll_sink_end(&o);
            n = test_vocab_cleaned(want, len);
            bad += (int)o.n != n || memcmp(got, want, (size_t)n);
        }
    }
    CHECK_EQ(bad, 0);
}

/* ---- parts -------------------------------------------------------------------------------------------- */

static void test_vocab_tree(void) {
    uint32_t tree[64], value[32];
    int bad = 0;
    TEST("vocab tree");
    for (uint32_t n = 1; n <= 17; n++) {
        uint32_t leaves = ll_tree_leaves(n);
        for (uint32_t i = 0; i < leaves; i++) tree[leaves + i] = value[i] = i < n ? (uint32_t)(t_random() % 5) : LL_NO_RANK;
        ll_tree_build(tree, leaves);
        for (int step = 0; step < 500; step++) {
            uint32_t at = (uint32_t)(t_random() % n), best = LL_NO_RANK;
            value[at] = t_random() % 3 ? LL_NO_RANK : (uint32_t)(t_random() % 5);
            ll_tree_set(tree, leaves, at, value[at]);
            for (uint32_t i = 0; i < n; i++)
                if (value[i] != LL_NO_RANK && (best == LL_NO_RANK || value[i] < value[best])) best = i;
            bad += ll_tree_first(tree, leaves) != best;
        }
    }
    CHECK_EQ(bad, 0);
}

static void test_vocab_index(void) {
    static uint32_t slots[8192];
    ll_index x = { slots, 8191 };
    uint32_t n = 0, step = 0;
    TEST("vocab index");
    memset(slots, 0, sizeof slots);
    while (n < 6000 && ll_index_add(&x, 0x1234567890ull, n)) n++;       /* all at one place: bounded */
    CHECK_EQ(n, LL_INDEX_STEPS);
    for (uint32_t i = 0; i < n; i++) if (ll_index_next(&x, 0x1234567890ull, &step) != (int32_t)i) { CHECK(0); break; }
    CHECK_EQ(ll_index_next(&x, 0x1234567890ull, &step), -1);
    memset(slots, 0, sizeof slots);
    x.mask = 3, n = 0;
    while (ll_index_add(&x, 5, n)) n++;                                 /* a full table ends the search */
    CHECK_EQ(n, 4);
    step = 0;
    CHECK_EQ(ll_index_next(&x, 5 | 1ull << 56, &step), -1);
}

/* ---- memory ----------------------------------------------------------------------------------------------- */

typedef struct test_memory { llocal_allocator base; int n_calls, n_live, fail_at; } test_memory;
static void *test_memory_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    test_memory *m = (test_memory *)user;
    if (new_size && ++m->n_calls == m->fail_at) return NULL;
    m->n_live += (new_size != 0) - (ptr != NULL);
    return m->base.resize(m->base.user, ptr, old_size, new_size);
}

static void test_vocab_memory(void) {
    static const char *const names[] = { "vocab/llama-spm.gguf", "vocab/gpt-2.gguf" };
    static char text[1 << 20];
    static llocal_token ids[1000];
    TEST("vocab memory");
    for (int i = 0; i < 2; i++) {
        test_vocabulary t;
        test_memory memory;
        const llocal_model *m = test_vocab_model(&t);
        size_t len;
        int n;
        if (!t_shared(names[i])) { SKIP("no shared vocabularies"); return; }
        CHECK_EQ(test_vocab_open(&t, t_shared(names[i]), NULL), LLOCAL_OK);
        memset(&memory, 0, sizeof memory);
        memory.base = t.v.allocator;
        t.v.allocator.resize = test_memory_resize, t.v.allocator.user = &memory;
        for (len = 0; len < 60000; len += 6) memcpy(text + len, "Hello ", 6);
        CHECK(llocal_tokenize(m, text, len, 0, NULL, 0) > 5000);        /* ordinary text takes none */
        CHECK_EQ(memory.n_calls, 0);
        memset(text, 'a', 3000), memcpy(text + 500, "</s><|endoftext|>", 17);
        n = llocal_tokenize(m, text, 3000, LLOCAL_TOKENIZE_PARSE_SPECIAL, ids, 1000);
        CHECK(n > 300 && memory.n_calls > 0 && memory.n_live == 0);
        for (int fail = 1, calls = memory.n_calls; fail <= calls; fail++) {
            memory.n_calls = 0, memory.fail_at = fail;
            CHECK_EQ(llocal_tokenize(m, text, 3000, LLOCAL_TOKENIZE_PARSE_SPECIAL, ids, 1000), -LLOCAL_ERR_MEMORY);
            CHECK_EQ(memory.n_live, 0);
        }
        memory.fail_at = 0;
        for (int k = 0; k < 600; k++) memcpy(text + k * 20, i ? "<|endoftext|>word   " : "</s>word            ", 20);
        memory.n_calls = 0;
        CHECK(llocal_tokenize(m, text, 12000, LLOCAL_TOKENIZE_PARSE_SPECIAL, NULL, 0) > 1200);
        CHECK(memory.n_calls == 1 && memory.n_live == 0);
        memory.n_calls = 0, memory.fail_at = 1;
        CHECK_EQ(llocal_tokenize(m, text, 12000, LLOCAL_TOKENIZE_PARSE_SPECIAL, NULL, 0), -LLOCAL_ERR_MEMORY);
        memory.fail_at = 0;
        /* a megabyte of one word, each kind of it, takes no time to speak of */
        for (int k = 0; k < 6; k++) {
            memset(text, "a 0\n!\xff"[k], sizeof text);
            CHECK(llocal_tokenize(m, text, sizeof text, 3, NULL, 0) > 1000);
        }
        for (size_t k = 0; k < sizeof text; k++) text[k] = (char)("ab<|endoftext"[t_random() % 13]);
        CHECK(llocal_tokenize(m, text, sizeof text, 3, NULL, 0) > 1000);
        CHECK_EQ(memory.n_live, 0);
        test_vocab_close(&t);
    }
}

/* The other kinds: memory that is not there is an error, and no text of a megabyte takes long. */
static void test_vocab_memory_kinds(void) {
    static const char *const names[] = { "ugm", "ugm-keepws", "wpm", "rwkv", "plamo2" };
    static const char *const units[] = { "a", " ", "A", "0", "\n", "!", "\xff", "\xcc\x81", "\xf0\x9f\x98\x80", "\xc3\xa9", "a ", "<", "\xe2\x96\x81" };
    static char text[1 << 20];
    TEST("vocab memory of kinds");
    for (int i = 0; i < LL_COUNT(names); i++) {
        char path[64];
        test_vocabulary t;
        test_memory memory;
        int n;
        snprintf(path, sizeof path, "tests/golden/tok_synth/%s.gguf", names[i]);
        if (test_vocab_open(&t, path, NULL)) { SKIP("run from the top of the repository"); test_vocab_close(&t); return; }
        memset(&memory, 0, sizeof memory);
        memory.base = t.v.allocator;
        t.v.allocator.resize = test_memory_resize, t.v.allocator.user = &memory;
        memset(text, 'a', 3000);
        n = llocal_tokenize(test_vocab_model(&t), text, 3000, 0, NULL, 0);
        CHECK(n > 0 && memory.n_live == 0);
        for (int fail = 1, calls = memory.n_calls; fail <= calls; fail++) {
            memory.n_calls = 0, memory.fail_at = fail;
            CHECK_EQ(llocal_tokenize(test_vocab_model(&t), text, 3000, 0, NULL, 0), -LLOCAL_ERR_MEMORY);
            CHECK_EQ(memory.n_live, 0);
        }
        memory.fail_at = 0;
        for (int k = 0; k < LL_COUNT(units); k++) {
            size_t unit = strlen(units[k]), len = sizeof text / unit * unit;
            for (size_t at = 0; at < len; at++) text[at] = units[k][at % unit];
            CHECK(llocal_tokenize(test_vocab_model(&t), text, len, 0, NULL, 0) >= 0);
        }
        CHECK_EQ(memory.n_live, 0);
        test_vocab_close(&t);
    }
}

static void test_vocab(void) {
    test_vocab_tree();
    test_vocab_index();
    test_vocab_cleaning();
    test_vocab_refused();
    test_vocab_types();
    test_vocab_end_lists();
    test_vocab_pre_asked();
    test_vocab_words_inside();
    test_vocab_limits();
    test_vocab_borrows();
    test_vocab_whole_scores();
    test_vocab_token_id();
    test_vocab_arguments();
    test_vocab_ends();
    test_vocab_specials();
    test_vocab_streaming();
    test_vocab_synth();
    test_vocab_real();
    test_vocab_pre();
    test_vocab_round_trips();
    test_vocab_cuts();
    test_vocab_raw();
    test_vocab_normalizing();
    test_vocab_prefixes();
    test_vocab_closed();
    test_vocab_roles();
    test_vocab_memory();
    test_vocab_memory_kinds();
}
#endif
