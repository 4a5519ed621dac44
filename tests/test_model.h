/* >>model: what a file says is understood or refused, by the name of the key or tensor and with the
 * cause; what does not matter is ignored. The models are those of tests/golden/arch with lines of
 * their text dropped and added. */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H
#include "t.h"
#include "test_source.h"
#include "tiny.h"

typedef struct test_edited {
    tiny t;
    void *image;
    size_t size;
} test_edited;

static void test_edited_free(test_edited *e) {
    free(e->image);
    tiny_free(&e->t);
}

/* The text of a golden file without the keys and tensors that `drop` names (with spaces between), and
 * with the lines of `add`. */
static char *test_model_text(const char *golden, const char *drop, const char *add) {
    char path[200], *text, *out;
    size_t size, n = 0;
    snprintf(path, sizeof path, "tests/golden/arch/%s.golden", golden);
    text = t_read_file(path, &size);
    if (!text) return NULL;
    out = (char *)malloc(size + strlen(add) + 2);
    for (char *line = text, *end; *line; line = end) {
        const char *name = strchr(line, ' ');
        bool keep = true;
        end = strchr(line, '\n');
        end = end ? end + 1 : line + strlen(line);
        for (const char *p = drop; *p && name && name < end; p += strcspn(p, " "), p += *p == ' ') {
            size_t len = strcspn(p, " ");
            if (!strncmp(name + 1, p, len) && name[1 + len] == ' ') keep = false;
        }
        if (keep) memcpy(out + n, line, (size_t)(end - line)), n += (size_t)(end - line);
    }
    strcpy(out + n, "\n"), strcpy(out + n + 1, add);
    free(text);
    return out;
}

static bool test_edited_make(test_edited *e, const char *golden, const char *drop, const char *add) {
    char *text = test_model_text(golden, drop, add);
    bool ok;
    memset(e, 0, sizeof *e);
    ok = text && tiny_parse(text, strlen(text), golden, &e->t) && (e->image = tiny_image(&e->t, LLOCAL_FORMAT_F32, &e->size)) != NULL;
    free(text);
    if (!ok) test_edited_free(e);
    return ok;
}

/* Opens it; a hash of the logits after its tokens in *hash, where that is wanted. */
static llocal_result test_edited_open(const test_edited *e, t_log *log, uint64_t *hash) {
    llocal_source src = t_from_memory(e->image, e->size);
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_result r;
    memset(log, 0, sizeof *log);
    src.logger.write = t_log_write, src.logger.user = log;
    r = llocal_model_open(&src, &m);
    if (!r && hash) {
        CHECK_EQ(llocal_context_open(m, NULL, &c), LLOCAL_OK);
        CHECK_EQ(llocal_eval(c, e->t.tokens, e->t.n_tokens), LLOCAL_OK);
        *hash = ll_hash(LL_HASH_START, llocal_logits(c, -1), (size_t)m->hp.n_vocab * sizeof(float));
    }
    llocal_context_close(c);
    llocal_model_close(m);
    return r;
}

/* The edited model gives this result, in words that have these in them. */
static void test_model_gives_at(int line, const char *golden, const char *drop, const char *add,
                                llocal_result want, const char *word, const char *other) {
    test_edited e;
    t_log log;
    char what[300];
    llocal_result r;
    snprintf(what, sizeof what, "%s without %s, with %.60s", golden, drop, add);
    if (!test_edited_make(&e, golden, drop, add)) { t_fail(__FILE__, line, what); return; }
    r = test_edited_open(&e, &log, NULL);
    t_eq(__FILE__, line, what, r, want);
    if (r == want && (!strstr(log.error, word) || !strstr(log.error, other))) {
        t_fail(__FILE__, line, what);
        printf("       \"%s\" and \"%s\" are not in: %s\n", word, other, log.error);
    } else t_passed++;
    test_edited_free(&e);
}
#define test_model_gives(golden, drop, add, want, word, other) \
    test_model_gives_at(__LINE__, golden, drop, add, want, word, other)

static uint64_t test_model_hash(const char *golden, const char *drop, const char *add) {
    test_edited e;
    t_log log;
    uint64_t hash = 0;
    if (!test_edited_make(&e, golden, drop, add)) { CHECK(!"the golden file"); return 0; }
    CHECK_EQ(test_edited_open(&e, &log, &hash), LLOCAL_OK);
    test_edited_free(&e);
    return hash;
}

/* ---- vocabularies that are not known here ----------------------------------------------------- */

/* The model runs as it does without a vocabulary; what wants text says what is missing. */
static void test_model_mute(void) {
    static const char *const unknown[][2] = {           /* a vocabulary, and what is said of it */
        { "kv tokenizer.ggml.model str \"sentence\"\n", "\"sentence\"" },
        { "kv tokenizer.ggml.model str \"gpt2\"\nkv tokenizer.ggml.merges arr:str\n"
          "kv tokenizer.ggml.pre str \"nonsense\"\n", "\"nonsense\"" },
        { "kv tokenizer.ggml.model str \"gpt2\"\nkv tokenizer.ggml.merges arr:str\n", "tokenizer.ggml.pre is missing" },
    };
    const uint64_t want = test_model_hash("llama", "", "");
    TEST("model without text");
    for (int i = 0; i < LL_COUNT(unknown); i++) {
        char add[2000] = "kv tokenizer.ggml.eos_token_id u32 3\nkv tokenizer.ggml.tokens arr:str";
        test_edited e;
        t_log log;
        llocal_source src;
        llocal_model *m = NULL;
        llocal_context *c = NULL;
        for (int t = 0; t < 128; t++) snprintf(add + strlen(add), sizeof add - strlen(add), " t%d", t);
        snprintf(add + strlen(add), sizeof add - strlen(add), "\n%s", unknown[i][0]);
        CHECK(test_model_hash("llama", "tokenizer.ggml.model", add) == want);
        CHECK(test_edited_make(&e, "llama", "tokenizer.ggml.model", add));
        memset(&log, 0, sizeof log);
        src = t_from_memory(e.image, e.size), src.logger.write = t_log_write, src.logger.user = &log;
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
        CHECK(log.error[0] == 0 && strstr(log.warning, unknown[i][1]) != NULL);
        CHECK_EQ(llocal_context_open(m, NULL, &c), LLOCAL_OK);
        CHECK_EQ(llocal_tokenize(m, "a", 1, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
        CHECK(strstr(log.error, unknown[i][1]) != NULL);
        CHECK_EQ(llocal_detokenize(m, NULL, 0, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
        CHECK_EQ(llocal_token_text(m, 1, false, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
        CHECK_EQ(llocal_eval_text(c, "a", 1, 0), LLOCAL_ERR_UNSUPPORTED);
        CHECK(llocal_token_id(m, "t1") == -1 && llocal_token_role(m, LLOCAL_ROLE_EOS) == -1 && !llocal_token_is_end(m, 3));
#ifndef LLOCAL_NO_CHAT
        {
            llocal_chat *chat = NULL;
            llocal_fault fault;
            memset(&fault, 0, sizeof fault);
            CHECK_EQ(llocal_chat_open(m, NULL, &fault, &chat), LLOCAL_ERR_UNSUPPORTED);
            CHECK(strstr(fault.message, unknown[i][1]) != NULL);
        }
#endif
        llocal_context_close(c), llocal_model_close(m);
        src.vocab_only = true;                  /* there would be nothing left */
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_ERR_UNSUPPORTED);
        test_edited_free(&e);
    }
    /* one that is damaged is no model that could open */
    test_model_gives("llama", "tokenizer.ggml.model", "kv tokenizer.ggml.model str \"llama\"\n", LLOCAL_ERR_FORMAT,
                     "tokenizer.ggml.tokens", "");
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A window of 3 in an architecture that has none changes nothing; in the others it does. */
static void test_model_windows(void) {
    static const char *const none[] = { "llama", "qwen2", "qwen3", "qwen3moe", "gpt2" };
    static const char *const some[] = { "gemma3", "lfm2" };
    char add[200], drop[100];
    TEST("model windows");
    for (int i = 0; i < LL_COUNT(none); i++) {
        snprintf(add, sizeof add, "kv %s.attention.sliding_window u32 3\n"
                 "kv %s.attention.sliding_window_pattern u32 2\n", none[i], none[i]);
        CHECK(test_model_hash(none[i], "", add) == test_model_hash(none[i], "", ""));
    }
    for (int i = 0; i < LL_COUNT(some); i++) {
        snprintf(drop, sizeof drop, "%s.attention.sliding_window", some[i]);
        snprintf(add, sizeof add, "kv %s u32 3\n", drop);
        CHECK(test_model_hash(some[i], drop, add) != test_model_hash(some[i], "", ""));
    }
    /* which layers have a window: bools and 0 and 1 are the same list, others are refused */
    CHECK(test_model_hash("gemma3", "gemma3.attention.sliding_window_pattern",
                          "kv gemma3.attention.sliding_window_pattern arr:bool true false true\n") ==
          test_model_hash("gemma3", "gemma3.attention.sliding_window_pattern",
                          "kv gemma3.attention.sliding_window_pattern arr:i32 1 0 1\n"));
    CHECK(test_model_hash("gemma3", "gemma3.attention.sliding_window_pattern",
                          "kv gemma3.attention.sliding_window_pattern arr:bool true false true\n") ==
          test_model_hash("gemma3", "", ""));
    test_model_gives("gemma3", "gemma3.attention.sliding_window_pattern",
                     "kv gemma3.attention.sliding_window_pattern arr:i32 1 2 1\n", LLOCAL_ERR_FORMAT,
                     "gemma3.attention.sliding_window_pattern", "array of i32");
    test_model_gives("gemma3", "gemma3.attention.sliding_window_pattern",
                     "kv gemma3.attention.sliding_window_pattern arr:bool true false\n", LLOCAL_ERR_FORMAT,
                     "gemma3.attention.sliding_window_pattern", "2 numbers for 3 layers");
}

/* Every key that is read, with each type that it must not have. */
static void test_model_types(void) {
    static const struct { const char *golden, *kind, *keys; } rows[] = {
        { "llama", "int", "vocab_size context_length embedding_length block_count feed_forward_length "
          "attention.head_count attention.head_count_kv rope.dimension_count attention.key_length "
          "attention.value_length expert_count rope.scaling.original_context_length" },
        { "llama-moe", "int", "expert_count expert_used_count expert_feed_forward_length" },
        { "gemma3", "int", "attention.sliding_window attention.sliding_window_pattern" },
        { "lfm2", "int", "shortconv.l_cache attention.head_count_kv" },
        { "llama", "float", "attention.layer_norm_rms_epsilon rope.freq_base rope.freq_base_swa "
          "rope.scale_linear rope.scaling.factor rope.scaling.attn_factor rope.scaling.yarn_ext_factor "
          "rope.scaling.yarn_beta_fast rope.scaling.yarn_beta_slow attention.scale final_logit_softcapping "
          "attn_logit_softcapping expert_weights_scale" },
        { "gpt2", "float", "attention.layer_norm_epsilon" },
        { "llama", "str", "rope.scaling.type general.architecture general.name tokenizer.ggml.model" }
    };
    static const struct { const char *kind, *value, *type; } wrong[] = {
        { "int", "str \"7\"", "string" }, { "int", "f32 7", "f32" }, { "int", "bool true", "bool" },
        { "int", "arr:str 7 7 7 7", "array of string" }, { "int", "arr:f32 7 7 7 7", "array of f32" },
        { "int", "u64 -1", "u64" },
        { "float", "str \"1\"", "string" }, { "float", "bool true", "bool" }, { "float", "arr:f32 1", "array of f32" },
        { "str", "u32 1", "u32" }, { "str", "arr:str yarn", "array of string" }
    };
    TEST("model types");
    for (int i = 0; i < LL_COUNT(rows); i++)
        for (const char *p = rows[i].keys; *p; p += strcspn(p, " "), p += *p == ' ') {
            bool own = strncmp(p, "general.", 8) && strncmp(p, "tokenizer.", 10);
            char key[100], add[200];
            snprintf(key, sizeof key, "%.*s%s%.*s", own ? (int)strcspn(rows[i].golden, "-") : 0, rows[i].golden,
                     own ? "." : "", (int)strcspn(p, " "), p);
            for (int k = 0; k < LL_COUNT(wrong); k++) {
                if (strcmp(wrong[k].kind, rows[i].kind)) continue;
                snprintf(add, sizeof add, "kv %s %s\n", key, wrong[k].value);
                test_model_gives(rows[i].golden, key, add, LLOCAL_ERR_FORMAT, key, wrong[k].type);
            }
        }
}

static void test_model_keys(void) {
    TEST("model keys");
    test_model_gives("llama", "llama.attention.layer_norm_rms_epsilon", "", LLOCAL_ERR_FORMAT,
                     "no key llama.attention.layer_norm_rms_epsilon", "");
    /* the other norm's key does not stand in for it */
    test_model_gives("llama", "llama.attention.layer_norm_rms_epsilon",
                     "kv llama.attention.layer_norm_epsilon f32 1e-5\n", LLOCAL_ERR_FORMAT,
                     "no key llama.attention.layer_norm_rms_epsilon", "");
    test_model_gives("gpt2", "gpt2.attention.layer_norm_epsilon", "", LLOCAL_ERR_FORMAT,
                     "no key gpt2.attention.layer_norm_epsilon", "");
    test_model_gives("llama", "llama.attention.layer_norm_rms_epsilon",
                     "kv llama.attention.layer_norm_rms_epsilon f32 -1e-5\n", LLOCAL_ERR_FORMAT, "epsilon", "below 0");
    test_model_gives("llama", "llama.context_length", "kv llama.context_length u32 0\n", LLOCAL_ERR_FORMAT,
                     "llama.context_length is 0", "from 1");
    test_model_gives("lfm2", "lfm2.attention.head_count_kv", "kv lfm2.attention.head_count_kv arr:u32 0 2\n",
                     LLOCAL_ERR_FORMAT, "lfm2.attention.head_count_kv", "2 numbers for 4 layers");
    /* a float may be written as an integer */
    CHECK(test_model_hash("llama", "llama.rope.freq_base", "kv llama.rope.freq_base u32 50000\n") ==
          test_model_hash("llama", "", ""));
}

/* ---- tensors --------------------------------------------------------------------------------- */

/* What no part of the pass would read is refused, and a name that is another spelling of one. */
static void test_model_tensors(void) {
    static const char *const extra[][3] = {     /* architecture, a line, what the message names */
        { "llama", "tensor blk.00.attn_q.weight f32 64 64 0 0.5\n", "blk.00.attn_q.weight" },
        { "llama", "tensor blk.01.attn_norm.weight f32 64 0 0.5\n", "blk.01.attn_norm.weight" },
        { "llama", "tensor blk.3.attn_norm.weight f32 64 0 0.5\n", "blk.3.attn_norm.weight" },
        { "llama", "tensor token_embd_norm.weight f32 64 0 0.5\n", "token_embd_norm.weight" },
        { "lfm2", "tensor output_norm.weight f32 64 0 0.5\n", "output_norm.weight" },
        { "llama", "tensor token_embd.bias f32 128 0 0.5\n", "token_embd.bias" },
        { "llama", "tensor token_embd.scale f32 1 0 0.5\n", "token_embd.scale" },
        { "gpt2", "tensor position_embd.bias f32 256 0 0.5\n", "position_embd.bias" },
        { "llama", "tensor blk.0.ffn_gate_exps.weight f32 64 96 1 0 0.5\n", "blk.0.ffn_gate_exps.weight" },
        { "llama", "tensor one.number f32 1 0 0.5\n", "one.number" }
    };
    TEST("model tensors");
    for (int i = 0; i < LL_COUNT(extra); i++) {
        test_edited e;
        t_log log;
        llocal_result r;
        CHECK(test_edited_make(&e, extra[i][0], "", extra[i][1]));
        r = test_edited_open(&e, &log, NULL);
        CHECK(r == LLOCAL_ERR_UNSUPPORTED || r == LLOCAL_ERR_FORMAT);
        if (!strstr(log.error, extra[i][2])) printf("       %s is not in: %s\n", extra[i][2], log.error);
        CHECK(strstr(log.error, extra[i][2]) != NULL);
        test_edited_free(&e);
    }
    {   /* an empty tensor with the name and, but for the experts it has not, the shape of a rule */
        test_edited e;
        t_log log;
        tiny_tensor *x;
        CHECK(test_edited_make(&e, "llama", "", "tensor blk.0.ffn_gate_exps.weight f32 64 96 1 0 0.5\n"));
        x = &e.t.tensors[e.t.n_tensors - 1], x->dim[2] = 0, x->n = 0;
        free(e.image), e.image = tiny_image(&e.t, LLOCAL_FORMAT_F32, &e.size);
        CHECK_EQ(test_edited_open(&e, &log, NULL), LLOCAL_ERR_FORMAT);
        CHECK(strstr(log.error, "blk.0.ffn_gate_exps.weight is empty") != NULL);
        test_edited_free(&e);
    }
    /* a number is what a scale is */
    CHECK(test_model_hash("llama", "", "tensor blk.0.attn_q.scale f32 1 0.5 0\n") != test_model_hash("llama", "", ""));
}

/* Every key of the table at its ends and beyond, in models of several shapes: an error in words, or a model that can be
 * planned, opened and run. */
static void test_model_extreme(const char *golden, const char *arch, const ll_key_row *row, int64_t value) {
    test_edited e;
    t_log log;
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_plan plan;
    char key[100], add[200];
    snprintf(key, sizeof key, "%s.%s", arch, row->name);
    if (row->kind == LL_KEY_FLOAT) snprintf(add, sizeof add, "kv %s f32 %lld\n", key, (long long)value);
    else if (row->kind == LL_KEY_BOOL) snprintf(add, sizeof add, "kv %s bool %s\n", key, value & 1 ? "true" : "false");
    else snprintf(add, sizeof add, "kv %s i64 %lld\n", key, (long long)value);
    if (!test_edited_make(&e, golden, key, add)) { CHECK(!"the golden file"); return; }
    memset(&log, 0, sizeof log), memset(&d, 0, sizeof d);
    src = t_from_memory(e.image, e.size);
    src.logger.write = t_log_write, src.logger.user = &log;
    if (llocal_model_open(&src, &m)) CHECK(log.n == 1 && *log.error);
    else {
        d.n_ctx = 16, d.n_batch = llocal_model_hparams(m)->both_ways ? 0 : 4, d.logger = src.logger;
        CHECK_EQ(llocal_context_plan(m, &d, &plan), LLOCAL_OK);
        if (plan.bytes > 1 << 28 || llocal_context_open(m, &d, &c)) t_passed++;
        else CHECK_EQ(llocal_eval(c, e.t.tokens, 6), LLOCAL_OK);
    }
    llocal_context_close(c), llocal_model_close(m);
    test_edited_free(&e);
}

static void test_model_extremes(void) {
    static const char *const golden[] = { "llama-yarn", "gemma2", "bailingmoe2", "lfm2moe", "bloom", "minicpm-longrope" };
    TEST("model extremes");
    for (int i = 0; i < LL_COUNT(golden); i++)
        for (int k = 0; k < LL_COUNT(ll_keys); k++) {
            const ll_key_row *row = &ll_keys[k];
            const int64_t values[] = { row->lo, (int64_t)row->lo - 1, row->hi, (int64_t)row->hi + 1, 3, -1 };
            char arch[32];
            snprintf(arch, sizeof arch, "%.*s", (int)strcspn(golden[i], "-"), golden[i]);
            for (int v = 0; v < LL_COUNT(values); v++) test_model_extreme(golden[i], arch, row, values[v]);
        }
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void test_model_put(tiny_bytes *b, uint64_t v, size_t n) {
    uint8_t raw[8];
    ll_store_u64(raw, v);
    tiny_put(b, raw, n);
}
static void test_model_put_str(tiny_bytes *b, const char *s, size_t n) { test_model_put(b, n, 8), tiny_put(b, s, n); }

/* The file that makes the most of n tensors of one number each: of the shortest names, all of them
 * counted for layers or none. */
static tiny_bytes test_model_hostile(int n, bool layers) {
    tiny_bytes b = { NULL, 0, 0 };
    char name[32];
    tiny_put(&b, "GGUF", 4), test_model_put(&b, 3, 4), test_model_put(&b, (uint64_t)n, 8), test_model_put(&b, 3, 8);
    test_model_put_str(&b, "general.alignment", 17), test_model_put(&b, LLOCAL_META_U32, 4), test_model_put(&b, 8, 4);
    test_model_put_str(&b, "a.block_count", 13), test_model_put(&b, LLOCAL_META_U32, 4), test_model_put(&b, 2000000000, 4);
    test_model_put_str(&b, "t", 1), test_model_put(&b, LLOCAL_META_U32, 4), test_model_put(&b, 0, 4);
    for (int i = 0; i < n; i++) {
        int len = snprintf(name, sizeof name, layers ? "blk.%08x.weight" : "%x", (unsigned)i);
        test_model_put_str(&b, name, (size_t)len);
        test_model_put(&b, layers, 4);
        if (layers) test_model_put(&b, 1, 8);
        test_model_put(&b, 0, 4), test_model_put(&b, (uint64_t)i * 8, 8);
    }
    while (b.n % 8) test_model_put(&b, 0, 1);
    for (int i = 0; i < n; i++) test_model_put(&b, 0, i < n - 1 ? 8 : 4);
    return b;
}

/* Arrays of empty strings: what tokens and merges can cost. */
static tiny_bytes test_model_hostile_vocab(int n) {
    tiny_bytes b = { NULL, 0, 0 };
    static const char *const keys[] = { "tokenizer.ggml.tokens", "tokenizer.ggml.merges" };
    tiny_put(&b, "GGUF", 4), test_model_put(&b, 3, 4), test_model_put(&b, 0, 8), test_model_put(&b, 2, 8);
    for (int k = 0; k < 2; k++) {
        test_model_put_str(&b, keys[k], strlen(keys[k])), test_model_put(&b, LLOCAL_META_ARRAY, 4);
        test_model_put(&b, LLOCAL_META_STRING, 4), test_model_put(&b, (uint64_t)n, 8);
        for (int i = 0; i < n; i++) test_model_put(&b, 0, 8);
    }
    return b;
}

static tiny_bytes test_model_hostile_keys(int n) {
    tiny_bytes b = { NULL, 0, 0 };
    char name[16];
    tiny_put(&b, "GGUF", 4), test_model_put(&b, 3, 4), test_model_put(&b, 0, 8), test_model_put(&b, (uint64_t)n, 8);
    for (int i = 0; i < n; i++) {
        int len = snprintf(name, sizeof name, "%x", (unsigned)i);
        test_model_put_str(&b, name, (size_t)len), test_model_put(&b, LLOCAL_META_U8, 4), test_model_put(&b, 0, 1);
    }
    return b;
}

/* Whatever a file says, opening asks for no more than a multiple of its bytes; and opening is what the
 * plan says. */
static void test_model_ratio(void) {
    TEST("model memory");
    for (int kind = 0; kind < 10; kind++) {
        int n = kind < 6 ? 20000 : kind < 8 ? 196609 : 12289;   /* 3 * 2^n + 1: the emptiest hash tables */
        tiny_bytes b = kind / 2 == 0 ? test_model_hostile(n, true) : kind / 2 == 1 ? test_model_hostile(n, false)
                     : kind / 2 == 2 ? test_model_hostile_keys(n) : test_model_hostile_vocab(n);
        t_reader reader;
        t_heap heap = { 0, 0, 0, 0, 0, false };
        llocal_source src = t_from_memory(b.p, b.n);
        llocal_plan plan;
        llocal_model *m = NULL;
        if (kind & 1) src = t_from_reader(&reader, b.p, b.n);
        src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
        CHECK_EQ(llocal_model_plan(&src, &plan), LLOCAL_OK);
        CHECK(llocal_model_open(&src, &m) != LLOCAL_OK && m == NULL);
        CHECK(heap.peak == plan.bytes && heap.live == 0);
        CHECK(plan.bytes <= LL_MODEL_RATIO * (uint64_t)b.n + 16384);
        free(b.p);
    }
}

/* What the scan counts layers by: each has at least so many weights with names at least so long. */
static void test_model_smallest_layer(void) {
    TEST("model smallest layer");
    for (int i = 0; i < LL_COUNT(ll_archs); i++)
        for (int kind = 0; kind < 4; kind++) {
            const ll_arch *a = &ll_archs[i];
            ll_blocks blocks = { { 0 } };
            int n = 0;
            if ((kind & 1 && !a->other) || !(kind & 2 ? a->experts : a->ffn)) continue;
            ll_blocks_add(&blocks, a->norms), ll_blocks_add(&blocks, kind & 1 ? a->other : a->attention);
            ll_blocks_add(&blocks, kind & 2 ? a->experts : a->ffn);
            for (int k = 0; k < LL_COUNT(ll_layer_rules); k++)
                n += ll_layer_rules[k].must && ll_layer_rules[k].kind != LL_BIAS && ll_blocks_any(&blocks, ll_layer_rules[k].block) &&
                     strlen("blk.0..weight") + strlen(ll_layer_rules[k].name) >= LL_GGUF_LAYER_NAME;
            CHECK(n >= LL_GGUF_LAYER);
        }
}

/* Layers that lend what they remember, heads and turns by layer, loops, adapters: what does not go together is said. */
static void test_model_lent(void) {
    TEST("model lent");
    test_model_gives("gemma4", "gemma4.attention.shared_kv_layers", "kv gemma4.attention.shared_kv_layers u32 6\n",
                     LLOCAL_ERR_FORMAT, "shared_kv_layers", "from 0 to 5");
    test_model_gives("gemma4", "gemma4.attention.shared_kv_layers", "kv gemma4.attention.shared_kv_layers u32 3\n",
                     LLOCAL_ERR_FORMAT, "layer 3 has no keys", "no layer before it");
    test_model_gives("gemma4", "gemma4.attention.value_length_swa", "kv gemma4.attention.value_length_swa u32 32\n",
                     LLOCAL_ERR_FORMAT, "keys have 16 columns", "values 32");
    test_model_gives("gemma4", "gemma4.rope.dimension_count_swa", "kv gemma4.rope.dimension_count_swa u32 18\n",
                     LLOCAL_ERR_FORMAT, "rope.dimension_count_swa", "from 2 to 16");
    test_model_gives("gemma4", "gemma4.rope.dimension_count_swa", "kv gemma4.rope.dimension_count_swa u32 15\n",
                     LLOCAL_ERR_FORMAT, "rope.dimension_count_swa", "odd");
    test_model_gives("gemma4", "gemma4.embedding_length_per_layer_input",
                     "kv gemma4.embedding_length_per_layer_input u32 0\n", LLOCAL_ERR_UNSUPPORTED, "per_layer", "unknown");
    test_model_gives("gemma3n-min", "none", "kv gemma3n.embedding_length_per_layer_input u32 0\n", LLOCAL_ERR_FORMAT,
                     "embedding_length_per_layer_input", "from 1");
    test_model_gives("nanbeige", "nanbeige.num_loops", "kv nanbeige.num_loops u32 65\n", LLOCAL_ERR_FORMAT, "num_loops",
                     "from 1 to 64");
    test_model_gives("graniteswitch", "graniteswitch.adapters.token_ids_activate",
                     "kv graniteswitch.adapters.token_ids_activate arr:i32 3\n", LLOCAL_ERR_FORMAT, "token_ids_activate",
                     "one for each adapter");
    test_model_gives("graniteswitch", "graniteswitch.adapters.token_ids_substitute",
                     "kv graniteswitch.adapters.token_ids_substitute arr:i32 3 128\n", LLOCAL_ERR_FORMAT,
                     "token_ids_substitute", "from 0 to 127");
    /* a loop more is another model, and so is an adapter that nothing chooses */
    CHECK(test_model_hash("nanbeige", "nanbeige.num_loops", "kv nanbeige.num_loops u32 3\n") !=
          test_model_hash("nanbeige", "", ""));
    CHECK(test_model_hash("graniteswitch", "graniteswitch.adapters.token_ids_activate",
                          "kv graniteswitch.adapters.token_ids_activate arr:i32 3 4\n") !=
          test_model_hash("graniteswitch", "", ""));
}

/* A row says what exists: its keys are keys, each of its sets is of its room, and each block has rules or is known to
 * have none. */
static void test_model_rows(void) {
    static const uint64_t bare[] = {
        LL_B_SPARSE, LL_B_SITU, LL_B_LOOPS,
        LL_B_QUERY_GATE, LL_B_INTERVAL, LL_B_GATE_MAY, LL_B_SHARED_MAY, LL_B_SOFT_GATE, LL_B_HALVED, LL_B_V_NORM,
        LL_B_QK_BARE, LL_B_WEIGH_FIRST, LL_B_EMBD_BARE, LL_B_TURN_EACH, LL_B_TURN_MAY, LL_B_ALPHA, LL_B_NORM_BARE,
        LL_B_EXPERT_BIAS, LL_B_RMS, LL_B_LAYERNORM, LL_B_WINDOW, LL_B_PARALLEL, LL_B_CLAMP, LL_B_ALIBI, LL_B_SCALES,
        LL_B_HEATED, LL_B_NEXTN, LL_B_BOTH_WAYS, LL_B_EMBEDS, LL_B_LABELS_MEAN, LL_B_LABELS_SHARES, LL_B_ACT_KEY, LL_B_ENCODER,
        LL_B_YARN_SCORES, LL_B_VALUE_SCALE, LL_B_EXPERT_STEP, LL_B_XIELU, LL_B_NO_IMAGES, LL_B_LIMITS, LL_B_LIMITS_FIRST,
        LL_B_DENSE, LL_B_DENSE_MAY, LL_B_ROUTE_EARLY, LL_B_OWN_SCALE, LL_B_YARN_LOG, LL_B_CHOSEN, LL_B_INDEX_NEOX, LL_B_INDEX_SOME,
        LL_B_NORM_STAYS, LL_B_RESCALED
    };
    ll_blocks known = { { 0 } };
    TEST("model rows");
    for (int k = 0; k < LL_COUNT(bare); k++) ll_blocks_add(&known, bare[k]);
    for (int k = 0; k < LL_COUNT(ll_layer_rules); k++) ll_blocks_add(&known, ll_layer_rules[k].block);
    for (int k = 0; k < LL_COUNT(ll_model_rules); k++) {
        ll_blocks_add(&known, ll_model_rules[k].block);
        CHECK(ll_model_rules[k].block >> 62 == LL_ROOM_MODEL);
    }
    for (int i = 0; i < LL_COUNT(ll_archs); i++) {
        const ll_arch *a = &ll_archs[i];
        const uint64_t sets[] = { a->norms, a->attention, a->other, a->ffn, a->experts, a->model };
        const int rooms[] = { LL_ROOM_STREAM, LL_ROOM_MIX, LL_ROOM_MIX, LL_ROOM_FFN, LL_ROOM_FFN, LL_ROOM_MODEL };
        CHECK((a->attention | a->other) != 0);
        for (int k = 0; k < LL_COUNT(sets); k++)
            CHECK(!sets[k] || ((int)(sets[k] >> 62) == rooms[k] && (sets[k] & LL_B_BITS & ~known.of[rooms[k]]) == 0));
        for (int j = 0; j < i; j++) CHECK(strcmp(a->name, ll_archs[j].name) || (!a->n_layer && ll_archs[j].n_layer));
        for (int d = 0; d < LL_COUNT(a->defaults); d++) {
            bool found = !a->defaults[d].key;
            for (int k = 0; k < LL_COUNT(ll_keys) && !found; k++) found = !strcmp(a->defaults[d].key, ll_keys[k].name);
            CHECK(found);
        }
    }
}

static void test_model_counts(void) {
    TEST("model counts");
    test_model_gives("llama", "llama.block_count", "kv llama.block_count u32 4000000000\n", LLOCAL_ERR_FORMAT,
                     "llama.block_count is 4000000000", "at most");
    test_model_gives("llama", "llama.block_count", "kv llama.block_count u32 4\n", LLOCAL_ERR_FORMAT, "blk.3.", "no tensor");
    test_model_gives("llama", "llama.block_count", "kv llama.block_count u32 0\n", LLOCAL_ERR_FORMAT, "llama.block_count is 0", "from 1");
    test_model_gives("llama", "llama.block_count", "", LLOCAL_ERR_FORMAT, "no key llama.block_count", "");
    /* numbers that are made by division: columns of a head from embeddings and heads */
    test_model_gives("llama", "llama.attention.head_count llama.attention.head_count_kv llama.attention.key_length",
                     "kv llama.attention.head_count u32 128\n", LLOCAL_ERR_FORMAT, "64 is no multiple of the 128 heads", "key_length");
    test_model_gives("llama", "llama.attention.head_count llama.attention.head_count_kv llama.attention.key_length",
                     "kv llama.attention.head_count u32 5\n", LLOCAL_ERR_FORMAT, "64 is no multiple of the 5 heads", "key_length");
    test_model_gives("lfm2", "lfm2.attention.head_count lfm2.attention.head_count_kv",
                     "kv lfm2.attention.head_count u32 128\nkv lfm2.attention.head_count_kv u32 0\n", LLOCAL_ERR_FORMAT,
                     "64 is no multiple of the 128 heads", "");
    test_model_gives("llama", "llama.attention.key_length", "kv llama.attention.key_length u32 0\n", LLOCAL_ERR_FORMAT,
                     "llama.attention.key_length is 0", "");
}

/* What is no model is called by its name. */
static void test_model_others(void) {
    TEST("model others");
    test_model_gives("llama", "", "kv general.type str \"adapter\"\nkv adapter.type str \"lora\"\n", LLOCAL_ERR_UNSUPPORTED, "LoRA adapter", "merge");
    test_model_gives("llama", "tokenizer.ggml.model", "kv adapter.type str \"lora\"\n", LLOCAL_ERR_UNSUPPORTED, "LoRA adapter", "merge");
    test_model_gives("llama", "tokenizer.ggml.model", "kv general.type str \"mmproj\"\n", LLOCAL_ERR_UNSUPPORTED, "projector", "own file");
    test_model_gives("llama", "general.architecture tokenizer.ggml.model", "kv general.architecture str \"clip\"\n", LLOCAL_ERR_UNSUPPORTED, "projector", "own file");
    test_model_gives("llama", "", "kv general.type str \"imatrix\"\n", LLOCAL_ERR_UNSUPPORTED, "importance matrix", "");
    test_model_gives("llama", "general.architecture", "kv general.architecture str \"controlvector\"\n", LLOCAL_ERR_UNSUPPORTED, "control vector", "");
    test_model_gives("llama", "", "kv general.type str \"model\"\n", LLOCAL_OK, "", "");
    {   /* a vocabulary alone is a file for vocab_only */
        test_edited e;
        t_log log;
        llocal_source src;
        llocal_model *m = NULL;
        CHECK(test_edited_make(&e, "llama", "", ""));
        free(e.image), e.t.n_tensors = 0, e.image = tiny_image(&e.t, LLOCAL_FORMAT_F32, &e.size);
        CHECK_EQ(test_edited_open(&e, &log, NULL), LLOCAL_ERR_UNSUPPORTED);
        CHECK(strstr(log.error, "only a vocabulary") && strstr(log.error, "vocab_only"));
        src = t_from_memory(e.image, e.size), src.vocab_only = true;
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
        llocal_model_close(m);
        test_edited_free(&e);
    }
    test_model_gives("llama", "llama.feed_forward_length", "", LLOCAL_ERR_FORMAT, "no key llama.feed_forward_length", "");
    test_model_gives("lfm2", "lfm2.feed_forward_length", "", LLOCAL_ERR_FORMAT, "no key lfm2.feed_forward_length", "");
    test_model_gives("qwen2", "qwen2.feed_forward_length", "kv qwen2.expert_count u32 4\nkv qwen2.expert_used_count u32 2\n"
                     "kv qwen2.expert_feed_forward_length u32 48\n", LLOCAL_ERR_FORMAT, "no key qwen2.feed_forward_length", "");
    test_model_gives("qwen3moe", "qwen3moe.feed_forward_length qwen3moe.expert_feed_forward_length", "", LLOCAL_ERR_FORMAT,
                     "no key qwen3moe.feed_forward_length", "");
}

/* An allocator whose blocks lie `off` bytes behind a multiple of LLOCAL_ALIGN. */
typedef struct test_odd { size_t off; int n_taken, n_given; } test_odd;
static void *test_odd_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    test_odd *o = (test_odd *)user;
    uint8_t *p = ptr ? (uint8_t *)ptr - o->off : NULL;
    if (new_size == 0) {
        o->n_given++;
        return ll_default_resize(NULL, p, old_size + o->off, 0);
    }
    o->n_taken++;
    p = (uint8_t *)ll_default_resize(NULL, NULL, 0, new_size + o->off);
    if (p) memset(p, 0xa5, new_size + o->off);          /* a user's memory is not clean */
    return p ? p + o->off : NULL;
}

/* Memory that is not aligned is an error in words and goes back at once, for each kind of object. */
static void test_model_alignment(void) {
    static const size_t offs[] = { 0, 1, 8, 16, 32, 63 };
    test_edited e;
    TEST("model alignment");
    CHECK(test_edited_make(&e, "llama", "", ""));
    for (int i = 0; i < LL_COUNT(offs); i++) {
        t_log log = { "", "", 0 };
        test_odd odd = { 0, 0, 0 };
        llocal_source src = t_from_memory(e.image, e.size), good = src;
        llocal_context_desc d;
        llocal_model *m = NULL;
        llocal_context *c = NULL;
        llocal_gguf *g = NULL;
        llocal_result want = i ? LLOCAL_ERR_ARGUMENT : LLOCAL_OK;
        odd.off = offs[i];
        src.allocator.resize = test_odd_resize, src.allocator.user = &odd;
        src.logger.write = t_log_write, src.logger.user = &log;
        CHECK_EQ(llocal_gguf_open(&src, &g), want);
        llocal_gguf_close(g);
        CHECK(!i || strstr(log.error, "not aligned to LLOCAL_ALIGN, 64 bytes"));
        CHECK_EQ(llocal_model_open(&src, &m), want);
        llocal_model_close(m), m = NULL;
        CHECK(!i || strstr(log.error, "for the model that is not aligned"));
        CHECK_EQ(llocal_model_open(&good, &m), LLOCAL_OK);
        memset(&d, 0, sizeof d);
        d.allocator = src.allocator, d.logger = src.logger;
        CHECK_EQ(llocal_context_open(m, &d, &c), want);
        CHECK(!i || strstr(log.error, "for the context that is not aligned"));
        if (c) CHECK_EQ(llocal_eval(c, e.t.tokens, 3), LLOCAL_OK);
        llocal_context_close(c), llocal_model_close(m);
#if LL_THREADS
        {
            llocal_pool *p = NULL;
            llocal_pool_desc threads;
            memset(&threads, 0, sizeof threads);
            threads.n_threads = 2, threads.allocator = src.allocator;
            CHECK_EQ(llocal_pool_open(&threads, &p), want);
            llocal_pool_close(p);
        }
#endif
        CHECK(odd.n_taken == 3 + LL_THREADS && odd.n_given == odd.n_taken);
        CHECK_EQ(log.n, i ? 3 : 0);
    }
    test_edited_free(&e);
}

/* Bytes of this process that are in memory; 0: not known. */
static uint64_t test_resident(void) {
    unsigned long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%lu %lu", &all, &resident) != 2) resident = 0;
    if (f) fclose(f);
    return (uint64_t)resident * 4096;           /* pages of 4096 or more: never too much */
}

/* A long context asks for all of its cache and touches none of it. */
static void test_model_untouched(void) {
    test_edited e;
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_plan plan;
    uint64_t before = test_resident(), after;
    TEST("model untouched memory");
    if (!before) { SKIP("this system does not tell what is resident"); return; }
    CHECK(test_edited_make(&e, "llama", "llama.context_length", "kv llama.context_length u32 131072\n"));
    src = t_from_memory(e.image, e.size), memset(&d, 0, sizeof d);
    d.n_ctx = 131072;
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    CHECK_EQ(llocal_context_plan(m, &d, &plan), LLOCAL_OK);
    before = test_resident();
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c, e.t.tokens, 5), LLOCAL_OK);
    after = test_resident();
    CHECK(plan.cache > 40000000);
    if (after - before > plan.cache / 4 && after > before)
        printf("       %llu of %llu bytes\n", (unsigned long long)(after - before), (unsigned long long)plan.bytes);
    CHECK(after <= before || after - before <= plan.cache / 4);
    llocal_context_close(c), llocal_model_close(m);
    test_edited_free(&e);
}

/* ---- which model a state belongs to ------------------------------------------------------------ */

/* Of the file made from e, after change (NULL: none) has had its image. */
static uint64_t test_model_id_of(test_edited *e, void (*change)(test_edited *e, const llocal_gguf *g)) {
    llocal_source src = t_from_memory(e->image, e->size);
    llocal_model *m = NULL;
    uint64_t id;
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    if (!m) return 0;
    if (change) change(e, &m->gguf);            /* the image is used in place */
    id = ll_model_id(m);
    llocal_model_close(m);
    return id;
}
static uint64_t test_model_id(const char *golden, const char *drop, const char *add) {
    test_edited e;
    uint64_t id;
    if (!test_edited_make(&e, golden, drop, add)) { CHECK(!"the golden file"); return 0; }
    id = test_model_id_of(&e, NULL);
    test_edited_free(&e);
    return id;
}

static int test_id_tensor, test_id_at;          /* one byte of one tensor is another */
static void test_id_change(test_edited *e, const llocal_gguf *g) {
    llocal_tensor t = llocal_gguf_tensor(g, test_id_tensor);
    uint64_t at = test_id_at < 0 ? t.bytes - 1 : (uint64_t)test_id_at % t.bytes;
    ((uint8_t *)e->image)[t.offset + at] ^= 1;
}
/* All but the first 64 bytes are 0. */
static void test_id_clear(test_edited *e, const llocal_gguf *g) {
    llocal_tensor t = llocal_gguf_tensor(g, test_id_tensor);
    memset((uint8_t *)e->image + t.offset + 64, 0, (size_t)t.bytes - 64);
}

static void test_model_ids(void) {
    static const struct { const char *drop, *add; } other[] = {
        { "gemma3.rope.freq_base", "kv gemma3.rope.freq_base f32 51000\n" },
        { "gemma3.rope.freq_base_swa", "kv gemma3.rope.freq_base_swa f32 3001\n" },
        { "gemma3.attention.layer_norm_rms_epsilon", "kv gemma3.attention.layer_norm_rms_epsilon f32 1e-6\n" },
        { "gemma3.final_logit_softcapping", "" },
        { "gemma3.attention.sliding_window", "kv gemma3.attention.sliding_window u32 9\n" },
        { "gemma3.attention.sliding_window_pattern", "kv gemma3.attention.sliding_window_pattern arr:bool true false true\n" },
        { "gemma3.attention.sliding_window_pattern", "kv gemma3.attention.sliding_window_pattern arr:bool true true true\n" },
        { "", "kv gemma3.attention.scale f32 0.5\n" },
        { "", "kv gemma3.rope.scaling.type str \"none\"\n" },
        { "", "kv gemma3.rope.scaling.type str \"yarn\"\n" }
    };
    uint64_t same = test_model_id("gemma3", "", ""), seen[LL_COUNT(other)];
    test_edited e;
    TEST("model ids");
    CHECK(same == test_model_id("gemma3", "", ""));
    for (int i = 0; i < LL_COUNT(other); i++) {
        seen[i] = test_model_id("gemma3", other[i].drop, other[i].add);
        CHECK(seen[i] != same);
        for (int k = 0; k < i; k++) CHECK(seen[k] != seen[i]);
    }
    /* names, other prefixes and the order do not matter */
    CHECK(same == test_model_id("gemma3", "general.name", "kv general.name str \"another\"\nkv general.author str \"x\"\n"
                                "kv gemma.rope.freq_base f32 7\nkv gemma3n.rope.freq_base f32 7\n"
                                "kv tokenizer.chat_template str \"x\"\n"));
    CHECK(same == test_model_id("gemma3", "gemma3.rope.freq_base", "kv gemma3.rope.freq_base f32 50000\n"));
    CHECK(test_edited_make(&e, "gemma3", "", ""));
    for (int i = 0; i < e.t.n_tensors; i++) {           /* the first and the last byte of each, and most of it */
        test_id_tensor = i;
        for (test_id_at = -1; test_id_at < 1; test_id_at++) {
            CHECK(test_model_id_of(&e, test_id_change) != same);
            test_model_id_of(&e, test_id_change);
        }
    }
    CHECK(test_model_id_of(&e, NULL) == same);
    {   /* the directory in another order is the same model */
        tiny_tensor t = e.t.tensors[2];
        e.t.tensors[2] = e.t.tensors[e.t.n_tensors - 1], e.t.tensors[e.t.n_tensors - 1] = t;
        free(e.image), e.image = tiny_image(&e.t, LLOCAL_FORMAT_F32, &e.size);
        CHECK(test_model_id_of(&e, NULL) == same);
        free(e.image), e.image = tiny_image(&e.t, LLOCAL_FORMAT_Q8_0, &e.size);
        CHECK(test_model_id_of(&e, NULL) != same);      /* in another format it is another */
    }
    test_edited_free(&e);
    for (int i = 0; i < 20; i += 3) {
        CHECK(test_edited_make(&e, "gemma3", "", ""));
        test_id_tensor = i;
        if (e.t.tensors[i].n > 16) CHECK(test_model_id_of(&e, test_id_clear) != same);
        test_edited_free(&e);
    }
}

/* The state of another model is refused by name, and the context is as it was. */
static void test_model_states(void) {
    test_edited a, b;
    llocal_source src;
    llocal_model *ma = NULL, *mb = NULL;
    llocal_context *ca = NULL, *cb = NULL;
    t_log log = { "", "", 0 };
    uint8_t *state;
    size_t n;
    TEST("model states");
    CHECK(test_edited_make(&a, "llama", "", ""));
    CHECK(test_edited_make(&b, "llama", "llama.rope.freq_base", "kv llama.rope.freq_base f32 40000\n"));
    src = t_from_memory(a.image, a.size), CHECK_EQ(llocal_model_open(&src, &ma), LLOCAL_OK);
    src = t_from_memory(b.image, b.size), src.logger.write = t_log_write, src.logger.user = &log;
    CHECK_EQ(llocal_model_open(&src, &mb), LLOCAL_OK);
    CHECK_EQ(llocal_context_open(ma, NULL, &ca), LLOCAL_OK);
    CHECK_EQ(llocal_context_open(mb, NULL, &cb), LLOCAL_OK);
    CHECK_EQ(llocal_eval(ca, a.t.tokens, 5), LLOCAL_OK);
    n = llocal_save_bytes(ca), state = (uint8_t *)malloc(n);
    CHECK_EQ(llocal_save(ca, state, n), LLOCAL_OK);
    CHECK_EQ(llocal_restore(cb, state, n), LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(log.error, "another model") != NULL);
    CHECK_EQ(llocal_position(cb), 0);
    CHECK_EQ(llocal_restore(ca, state, n), LLOCAL_OK);
    free(state);
    llocal_context_close(ca), llocal_context_close(cb);
    llocal_model_close(ma), llocal_model_close(mb);
    test_edited_free(&a), test_edited_free(&b);
}

/* In a pack: the same result, whether its weights lie at odd addresses or are copied. */
static void test_model_packed(void) {
#if LL_STDIO
    static const size_t offsets[] = { 4099, 65536 };
    uint64_t want = 0;
    TEST("model in a pack");
    for (int k = 0; k < 5; k++) {
        test_world w;
        llocal_workers serial;
        llocal_context *c;
        llocal_plan plan;
        uint64_t h;
        memset(&serial, 0, sizeof serial);
        CHECK(test_world_open(&w, "wide-qwen3moe", LLOCAL_FORMAT_Q8_0));
        if (k) {
            llocal_source src = t_from_path(t_pack("t_model.pack", w.image, w.size, offsets[k / 3], 9));
            src.offset = offsets[k / 3], src.size = w.size, src.no_mmap = k % 2 == 0;
            llocal_model_close(w.m);
            CHECK_EQ(llocal_model_plan(&src, &plan), LLOCAL_OK);
            CHECK(LL_MMAP && !src.no_mmap ? plan.weights_copied == 0 : plan.weights_in_place == 0);
            CHECK_EQ(llocal_model_open(&src, &w.m), LLOCAL_OK);
        }
        c = test_context_new(&w, serial, 0);
        h = test_eval_hash(c, w.t.tokens, 20, 0);
        if (!k) want = h;
        CHECK(h == want);
        llocal_context_close(c);
        test_world_close(&w);
    }
    remove("build/t_model.pack"), remove("t_model.pack");
#endif
}

/* Small matrices of floats are used where they lie, and no room is taken for copies of them; where they lie at odd
 * addresses there is. The bits are the same. */
static void test_model_in_place(void) {
    test_world w;
    llocal_source src;
    llocal_plan even, odd;
    llocal_model *m = NULL;
    llocal_workers serial;
    uint64_t room = 0, h[2];
    unsigned char *copy;
    TEST("small matrices in place");
    memset(&src, 0, sizeof src), memset(&serial, 0, sizeof serial);
    CHECK(test_world_open(&w, "tests/golden/arch/llama-min.golden", LLOCAL_FORMAT_F32));
    for (int i = 0; i < w.m->gguf.n_tensors; i++) {
        const llocal_tensor *t = &w.m->gguf.tensors[i];
        const uint64_t n = (uint64_t)(t->dim[0] * t->dim[1]);
        if (t->format == LLOCAL_FORMAT_F32 && t->dim[0] >= 16 && t->dim[1] > 1 && n <= LL_GGUF_SMALL) room += 4 * ll_align(n, 16);
    }
    copy = (unsigned char *)malloc(w.size + 65);
    for (int i = 0; i < 2; i++) {
        unsigned char *at = copy + 64 - (uintptr_t)copy % 64 + i;
        llocal_context *c;
        test_world other = w;
        memcpy(at, w.image, w.size);
        src.data = at, src.data_size = w.size;
        CHECK_EQ(llocal_model_plan(&src, i ? &odd : &even), LLOCAL_OK);
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
        other.m = m, c = test_context_new(&other, serial, 0);
        h[i] = test_eval_hash(c, w.t.tokens, 20, 0);
        CHECK(m->n_vectors_used <= m->n_vectors);
        if (LL_BIG_ENDIAN || i) CHECK(m->n_vectors * 4 >= room);
        llocal_context_close(c), llocal_model_close(m);
    }
    CHECK(room >= 4096);                /* or this proves nothing */
    if (!LL_BIG_ENDIAN) CHECK_EQ(odd.bytes - even.bytes, room);
    CHECK(h[0] == h[1]);
    free(copy);
    test_world_close(&w);
}

static inline void test_model(void) {
    test_model_in_place();
    test_model_packed();
    test_model_mute();
    test_model_windows();
    test_model_types();
    test_model_keys();
    test_model_tensors();
    test_model_extremes();
    test_model_ratio();
    test_model_smallest_layer();
    test_model_rows();
    test_model_lent();
    test_model_counts();
    test_model_others();
    test_model_alignment();
    test_model_untouched();
    test_model_ids();
    test_model_states();
}
#endif
