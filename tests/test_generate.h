/* >>generate: texts of any length come in one piece, and what stops it is named. */
#ifndef TEST_GENERATE_H
#define TEST_GENERATE_H

/* wide-llama with a SentencePiece vocabulary of our own: `strings`, then "t0", "t1", ... */
static bool test_generate_open(test_world *w, const llocal_str *strings, int n, const llocal_logger *log) {
    tiny_bytes b = { NULL, 0, 0 };
    llocal_source src;
    llocal_meta *list;
    memset(w, 0, sizeof *w), memset(&src, 0, sizeof src);
    if (!tiny_load("tests/models/wide-llama.txt", &w->t)) return false;
    for (int i = 0; i < w->t.n_meta; i++)
        if (ll_str_is(w->t.meta[i].key, "tokenizer.ggml.model")) w->t.meta[i].as.s = ll_str("llama");
    for (int i = 0; i < 160; i++) {
        char name[8];
        uint8_t len[8];
        llocal_str s = { name, (size_t)sprintf(name, "t%d", i) };
        if (i >= 10 && i - 10 < n) s = strings[i - 10];     /* before them: unknown, begin, end */
        ll_store_u64(len, s.len);
        tiny_put(&b, len, 8), tiny_put(&b, s.ptr, s.len);
    }
    list = &w->t.meta[w->t.n_meta++];
    memset(list, 0, sizeof *list);
    list->key = ll_str("tokenizer.ggml.tokens");
    list->type = LLOCAL_ARRAY, list->elem_type = LLOCAL_STRING, list->count = 160;
    list->as.array = b.p, list->array_bytes = b.n;
    w->image = tiny_image(&w->t, 0, &w->size);
    free(b.p);
    if (!w->image) return false;
    src.data = w->image, src.data_size = w->size;
    if (log) src.logger = *log;
    return llocal_model_open(&src, &w->m) == LLOCAL_OK;
}

/* Leads the sampler along a list of tokens, and compares the texts. */
typedef struct test_script {
    const llocal_token *tokens;
    const llocal_str *texts;
    llocal_bias bias;
    int at, bad, stop_at;
} test_script;

static bool test_script_text(void *user, llocal_token t, llocal_str text) {
    test_script *s = (test_script *)user;
    s->bad += t != s->tokens[s->at] || !ll_str_eq(text, s->texts[s->at]);
    s->bias.token = s->tokens[++s->at];
    return s->at != s->stop_at;
}

static int test_n_resized;
static void *test_count_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    test_n_resized++;
    return ll_default_resize(user, ptr, old_size, new_size);
}

static void test_generate_text(int longest) {
    static char euros[65535 + 1], bad[600], bads[1803], xs[602], all[604];
    const llocal_str strings[] = { { euros, (size_t)longest }, { "a\xe2\x82", 3 }, { xs, 601 }, { bad, 600 }, { "\xe2", 1 } };
    const llocal_token tokens[] = { 10, 11, 12, 11, 13, 14, -1, -1 };
    const llocal_str texts[] = { { euros, (size_t)longest }, { "a", 1 }, { all, 603 }, { "a", 1 }, { bads, 1803 }, { "", 0 },
                                 { "\xef\xbf\xbd", 3 } };
    const llocal_token prompt[] = { 1, 20, 21 };
    llocal_allocator counting = { test_count_resize, NULL };
    llocal_context_desc d;
    llocal_context *c = NULL;
    llocal_sampler s;
    test_script script;
    test_world w;
    for (int i = 0; i < longest; i++) euros[i] = "\xe2\x82\xac"[i % 3];
    memset(bad, 0xff, sizeof bad), memset(xs, 'x', sizeof xs);
    xs[0] = '\xac', memcpy(all, "\xe2\x82\xac", 3), memcpy(all + 3, xs + 1, 600);
    for (int i = 0; i < 1803; i++) bads[i] = "\xef\xbf\xbd"[i % 3];
    memset(&d, 0, sizeof d), memset(&s, 0, sizeof s), memset(&script, 0, sizeof script);
    d.allocator = counting;
    CHECK(test_generate_open(&w, strings, LL_COUNT(strings), NULL));
    CHECK(llocal_context_open(w.m, &d, &c) == LLOCAL_OK && llocal_eval(c, prompt, 3) == LLOCAL_OK);
    script.tokens = tokens, script.texts = texts, script.stop_at = -1;
    script.bias.token = tokens[0], script.bias.add = 1e9f;
    s.bias = &script.bias, s.n_bias = 1;
    test_n_resized = 0;
    CHECK(llocal_generate(c, &s, 6, test_script_text, &script) == LLOCAL_OK);
    CHECK_EQ(test_n_resized, 0);
    CHECK_EQ(script.at, 7);             /* six tokens and what was held */
    CHECK_EQ(script.bad, 0);
    CHECK_EQ(llocal_position(c), 9);
    /* false ends it, with the token that was told of not evaluated */
    script.at = 0, script.stop_at = 2, script.bias.token = tokens[0];
    CHECK(llocal_generate(c, &s, 6, test_script_text, &script) == LLOCAL_OK);
    CHECK(script.at == 2 && script.bad == 0 && llocal_position(c) == 10);
    /* an end token ends it and is not told of */
    script.at = 0, script.stop_at = -1, script.bias.token = llocal_token_eos(w.m);
    CHECK(llocal_token_eos(w.m) == 2 && llocal_generate(c, &s, 6, test_script_text, &script) == LLOCAL_OK);
    CHECK(script.at == 0 && llocal_position(c) == 10);
    /* nobody wants the text: the same tokens */
    script.bias.token = 40;
    CHECK(llocal_generate(c, &s, 2, NULL, NULL) == LLOCAL_OK && llocal_position(c) == 12 && llocal_tokens(c)[11] == 40);
    llocal_context_close(c);
    test_world_close(&w);
}

static void test_generate_message(void *user, llocal_level level, const char *message) {
    (void)level;
    snprintf((char *)user, 400, "%s", message);
}

/* No token: which of the reasons it is. */
static void test_generate_none(void) {
    char message[400] = "";
    llocal_logger log = { test_generate_message, NULL };
    const llocal_workers serial = { NULL, 0, NULL };
    llocal_bias never[160];
    const llocal_token prompt[] = { 1, 20, 21 };
    llocal_tensor q;
    llocal_context *c;
    llocal_sampler s;
    test_world w;
    float *logits;
    memset(&s, 0, sizeof s);
    log.user = message;
    CHECK(test_generate_open(&w, NULL, 0, &log));
    c = test_context_new(&w, serial, 0);
    CHECK(llocal_generate(c, &s, 3, NULL, NULL) == LLOCAL_ERR_ARGUMENT && strstr(message, "evaluate a prompt first"));
    CHECK(llocal_eval(c, prompt, 3) == LLOCAL_OK);
    logits = llocal_logits(c, -1);
    for (int i = 0; i < 160; i++) never[i].token = i, never[i].add = -INFINITY;
    s.bias = never, s.n_bias = 160;
    CHECK(llocal_generate(c, &s, 3, NULL, NULL) == LLOCAL_ERR_ARGUMENT && strstr(message, "forbidden"));
    s.n_bias = 0;
    for (int i = 0; i < 160; i++) logits[i] = i == 50 ? NAN : -INFINITY;
    CHECK(llocal_generate(c, &s, 3, NULL, NULL) == LLOCAL_ERR_FORMAT && strstr(message, "NaN"));
    logits[51] = -1e30f;
    CHECK(llocal_generate(c, &s, 1, NULL, NULL) == LLOCAL_OK && llocal_tokens(c)[3] == 51);
    llocal_context_close(c);
    /* a damaged matrix: it is used where it lies */
    q = llocal_gguf_tensor(llocal_model_gguf(w.m), llocal_gguf_tensor_find(llocal_model_gguf(w.m), "blk.0.attn_q.weight"));
    memset((uint8_t *)w.image + q.offset, 0xff, (size_t)q.bytes);
    c = test_context_new(&w, serial, 0);
    CHECK(llocal_eval(c, prompt, 3) == LLOCAL_OK);
    s = llocal_sampler_default(1);
    CHECK(llocal_generate(c, &s, 3, NULL, NULL) == LLOCAL_ERR_FORMAT && strstr(message, "check_weights"));
    llocal_context_close(c);
    { llocal_model *m = NULL;           /* and the remedy that the message names is one */
      llocal_source src;
      memset(&src, 0, sizeof src);
      src.data = w.image, src.data_size = w.size, src.check_weights = true, src.logger = log;
      CHECK(llocal_model_open(&src, &m) == LLOCAL_ERR_FORMAT && strstr(message, "blk.0.attn_q.weight")); }
    test_world_close(&w);
}

/* Without its object a function has an error or nothing to say. */
static void test_generate_null(void) {
    llocal_sampler s = llocal_sampler_default(1);
    test_world w;
    llocal_context *c = NULL;
    CHECK(llocal_next(NULL, &s) == -1 && llocal_next(NULL, NULL) == -1 && s.rng == 1);
    CHECK(llocal_generate(NULL, &s, 1, NULL, NULL) == LLOCAL_ERR_ARGUMENT);
    CHECK(test_generate_open(&w, NULL, 0, NULL) && llocal_context_open(w.m, NULL, &c) == LLOCAL_OK);
    CHECK(llocal_next(c, NULL) == -1 && llocal_next(c, &s) == -1);
    CHECK(llocal_generate(c, NULL, 1, NULL, NULL) == LLOCAL_ERR_ARGUMENT);
    llocal_context_close(c);
    test_world_close(&w);
#if LL_THREADS
    CHECK(llocal_pool_open(2, NULL, NULL) == LLOCAL_ERR_ARGUMENT);
    CHECK(!llocal_pool_workers(NULL).run && llocal_pool_workers(NULL).width == 0);
    llocal_pool_close(NULL);
#endif
    CHECK(llocal_quantize(0, NULL, NULL, NULL, 4) == LLOCAL_ERR_ARGUMENT && llocal_dequantize(0, NULL, NULL, 4) == LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_quantize(0, NULL, NULL, NULL, 0) == LLOCAL_OK && llocal_dequantize(0, NULL, NULL, 0) == LLOCAL_OK);
}

static void test_generate(void) {
    TEST("no object");
    test_generate_null();
    TEST("generate: texts");
    test_generate_text(1800);           /* the others are shorter, but as U+FFFD longer */
    test_generate_text(65535);
    test_generate_text(3);
    TEST("generate: no token");
    test_generate_none();
}
#endif
