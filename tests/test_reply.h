/* >>reply: texts of any length come in one piece, stop strings at any border, and what stops a reply is
 * named; in any steps and any company, and saved in between, it has the same tokens. */
#ifndef TEST_REPLY_H
#define TEST_REPLY_H

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
    list->type = LLOCAL_META_ARRAY, list->elem_type = LLOCAL_META_STRING, list->count = 160;
    list->as.array = b.p, list->array_bytes = b.n;
    w->image = tiny_image(&w->t, LLOCAL_FORMAT_F32, &w->size);
    free(b.p);
    if (!w->image) return false;
    src.data = w->image, src.data_size = w->size;
    if (log) src.logger = *log;
    return llocal_model_open(&src, &w->m) == LLOCAL_OK;
}

/* A text is evaluated as its tokens are; what is refused has changed nothing. */
static void test_eval_text(void) {
    const llocal_str strings[] = { { "a", 1 }, { "b", 1 }, { "ab", 2 } };
    static char text[64];
    test_world w;
    llocal_context *c[2] = { NULL, NULL };
    llocal_context_desc d;
    llocal_token tokens[64];
    int n;
    TEST("eval_text");
    memset(&d, 0, sizeof d), memset(text, 'a', sizeof text);
    d.n_ctx = 32;
    CHECK(test_generate_open(&w, strings, 3, NULL));
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_context_open(w.m, &d, &c[i]), LLOCAL_OK);
    n = llocal_tokenize(w.m, "abba", 4, LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, 64);
    CHECK(n > 2 && n < 32);
    CHECK_EQ(llocal_eval(c[0], tokens, n), LLOCAL_OK);
    CHECK_EQ(llocal_eval_text(c[1], "abba", 4, LLOCAL_TOKENIZE_ADD_SPECIAL), LLOCAL_OK);
    CHECK_EQ(llocal_position(c[1]), n);
    CHECK(!memcmp(llocal_tokens(c[1]), tokens, (size_t)n * sizeof *tokens));
    CHECK_EQ(llocal_eval_text(c[1], text, sizeof text, 0), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_eval_text(c[1], NULL, 1, 0), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_eval_text(NULL, "a", 1, 0), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_eval_text(c[1], "", 0, 0), LLOCAL_OK);
    CHECK_EQ(llocal_position(c[1]), n);
    CHECK(!memcmp(llocal_tokens(c[1]), tokens, (size_t)n * sizeof *tokens));
    CHECK(!memcmp(llocal_logits(c[0], -1), llocal_logits(c[1], -1), 160 * sizeof(float)));
    CHECK_EQ(llocal_begin(c[1], tokens, 2, 1), LLOCAL_OK);
    CHECK_EQ(llocal_eval_text(c[1], "a", 1, 0), LLOCAL_ERR_ARGUMENT);
    llocal_cancel(c[1]);
    for (int i = 0; i < 2; i++) llocal_context_close(c[i]);
    test_world_close(&w);
    CHECK(test_world_open(&w, "wide-llama", 0));        /* no tokenizer */
    CHECK_EQ(llocal_context_open(w.m, &d, &c[0]), LLOCAL_OK);
    CHECK_EQ(llocal_eval_text(c[0], "a", 1, 0), LLOCAL_ERR_UNSUPPORTED);
    llocal_context_close(c[0]);
    test_world_close(&w);
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
    /* an end token ends it, is not told of, and is evaluated */
    script.at = 0, script.stop_at = -1, script.bias.token = llocal_token_role(w.m, LLOCAL_ROLE_EOS);
    CHECK(llocal_token_role(w.m, LLOCAL_ROLE_EOS) == 2 && llocal_generate(c, &s, 6, test_script_text, &script) == LLOCAL_OK);
    CHECK(script.at == 0 && llocal_position(c) == 11 && llocal_tokens(c)[10] == 2);
    /* nobody wants the text: the same tokens */
    script.bias.token = 40;
    CHECK(llocal_generate(c, &s, 2, NULL, NULL) == LLOCAL_OK && llocal_position(c) == 13 && llocal_tokens(c)[12] == 40);
    llocal_context_close(c);
    test_world_close(&w);
}

static void test_generate_message(void *user, llocal_log_level level, const char *message) {
    (void)level;
    snprintf((char *)user, 400, "%s", message);
}

/* No token: which of the reasons it is. */
static void test_generate_none(void) {
    char message[400] = "";
    llocal_logger log = { test_generate_message, NULL, NULL, 0 };
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
    logits[51] = -1e30f;                /* one is enough, wherever it is and whatever the others are */
    for (int at = 0; at < 160; at += 53) {
        const llocal_sampler before = s;
        logits[50] = -INFINITY, logits[at] = NAN;
        CHECK(llocal_generate(c, &s, 1, NULL, NULL) == LLOCAL_ERR_FORMAT && strstr(message, "NaN"));
        CHECK(llocal_next(c, &s) == -1 && strstr(message, "check_weights") && llocal_position(c) == 3);
        CHECK(!memcmp(&s, &before, sizeof s));
        logits[at] = -INFINITY;
    }
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
    CHECK(llocal_pool_open(NULL, NULL) == LLOCAL_ERR_ARGUMENT);
    CHECK(!llocal_pool_workers(NULL).run && llocal_pool_workers(NULL).width == 0);
    llocal_pool_close(NULL);
#endif
    CHECK(llocal_quantize(LLOCAL_FORMAT_F32, NULL, NULL, NULL, 4) == LLOCAL_ERR_ARGUMENT && llocal_dequantize(LLOCAL_FORMAT_F32, NULL, NULL, 4) == LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_quantize(LLOCAL_FORMAT_F32, NULL, NULL, NULL, 0) == LLOCAL_OK && llocal_dequantize(LLOCAL_FORMAT_F32, NULL, NULL, 0) == LLOCAL_OK);
}

/* ---- stop strings ---- */

/* Where the text that is reported ends, by looking at everything: text is NUL-terminated. */
static int test_stop_find(const char *text, const char *const *stop, int n_stop, bool *found) {
    *found = true;
    for (int end = 1; text[end - 1]; end++) {
        int longest = 0;
        for (int i = 0; i < n_stop; i++) {
            const int k = (int)strlen(stop[i]);
            if (k <= end && k > longest && !memcmp(text + end - k, stop[i], (size_t)k)) longest = k;
        }
        if (longest) return end - longest;
    }
    *found = false;
    return (int)strlen(text);
}

/* A text of the script's tokens; each of its parts is one. */
typedef struct test_cut {
    test_world w;
    llocal_context *c;
    const char *text;
    int n;
    llocal_token part[16][17];          /* part[i][k]: bytes i to k - 1 */
} test_cut;

static void test_cut_open(test_cut *t, const char *text) {
    llocal_str parts[150];
    int n = 0;
    t->text = text, t->n = (int)strlen(text);
    for (int i = 0; i < t->n; i++)
        for (int k = i + 1; k <= t->n; k++) {
            int at = 0;
            while (at < n && !(parts[at].len == (size_t)(k - i) && !memcmp(parts[at].ptr, text + i, (size_t)(k - i)))) at++;
            parts[at].ptr = text + i, parts[at].len = (size_t)(k - i);
            n += at == n;
            t->part[i][k] = 10 + at;
        }
    CHECK(n <= 150 && test_generate_open(&t->w, parts, n, NULL));
    CHECK(llocal_context_open(t->w.m, NULL, &t->c) == LLOCAL_OK);
}

/* What on_text hears, and which token comes next. */
typedef struct test_talk {
    llocal_bias bias;
    const llocal_token *tokens;         /* [n], then `last` for ever */
    int n, at, said_len, n_calls;
    char said[256];
} test_talk;

static bool test_talk_text(void *user, llocal_token t, llocal_str text) {
    test_talk *k = (test_talk *)user;
    k->n_calls++;
    if (t >= 0 && ++k->at < k->n) k->bias.token = k->tokens[k->at];
    if (k->said_len + (int)text.len < 256) memcpy(k->said + k->said_len, text.ptr, text.len);
    k->said_len += (int)text.len;
    return true;
}

static void test_talk_begin(test_talk *k, llocal_reply *r, llocal_context *c, const llocal_token *tokens, int n) {
    memset(k, 0, sizeof *k), memset(r, 0, sizeof *r);
    k->tokens = tokens, k->n = n, k->bias.token = tokens[0], k->bias.add = 1e9f;
    r->context = c, r->sampler.bias = &k->bias, r->sampler.n_bias = 1;
    r->on_text = test_talk_text, r->user = k, r->max_tokens = n;
}

/* The text with these stop strings, cut into tokens in every way. */
static void test_stop_cuts(const char *text, const char *const *stop, int n_stop) {
    static test_cut t;
    const llocal_token prompt[] = { 1, 3 };
    bool found;
    const int want = test_stop_find(text, stop, n_stop, &found);
    test_cut_open(&t, text);
    for (int cuts = 0; cuts < 1 << (t.n - 1); cuts++) {
        llocal_token tokens[16];
        int ends[16], n = 0, before = 0;
        char room[32];
        test_talk k;
        llocal_reply r, *list = &r;
        bool done = false;
        for (int i = 0, from = 0; i < t.n; i++)
            if (i + 1 == t.n || cuts >> i & 1) tokens[n] = t.part[from][i + 1], ends[n++] = from = i + 1;
        for (int i = 0; i < n; i++) if (ends[i] <= want) before = i + 1;
        test_talk_begin(&k, &r, t.c, tokens, n);
        r.stop = stop, r.n_stop = n_stop, r.text = room, r.text_size = sizeof room;
        r.prompt = prompt, r.n_prompt = 2;
        CHECK_EQ(llocal_reply_begin(&r), LLOCAL_OK);
        CHECK_EQ(llocal_reply_step(&list, 1, 0, &done), LLOCAL_OK);
        CHECK(done && r.state.stop == (found ? LLOCAL_STOP_TEXT : LLOCAL_STOP_LIMIT));
        CHECK(k.said_len == want && !memcmp(k.said, text, (size_t)want));
        CHECK(r.state.n_text == (size_t)want && !strncmp(room, text, (size_t)want) && !room[want]);
        CHECK_EQ(r.state.n_tokens, before);
        /* the token that completed it is not in the timeline; going back leaves the reply */
        CHECK_EQ(llocal_position(t.c), found ? 2 + k.at - 1 : 2 + n);
        CHECK_EQ(llocal_rewind(t.c, r.state.start + r.state.n_tokens), LLOCAL_OK);
        CHECK(llocal_position(t.c) == 2 + before && !memcmp(llocal_tokens(t.c) + 2, tokens, (size_t)before * sizeof *tokens));
    }
    llocal_context_close(t.c);
    test_world_close(&t.w);
}

static void test_stop_strings(void) {
    static const char *const aab[] = { "aab" }, *const both[] = { "aab", "ab" }, *const late[] = { "abcX", "bc" };
    static const char *const euro[] = { "\xe2\x82\xac" }, *const none[] = { "yz", "ab\xe2\x82\xacx" };
    static const char *const bad[] = { "\xef\xbf\xbd" };
    test_stop_cuts("xaaabab", aab, 1);
    test_stop_cuts("xaaabab", both, 2);
    test_stop_cuts("zabcXbc", late, 2);
    test_stop_cuts("xa\xe2\x82\xac\xe2\x82y", euro, 1);
    test_stop_cuts("ab\xe2\x82\xacy", none, 2);
    { static test_cut t;                /* the end of the reply makes the half of a character one that is looked for */
      const llocal_token prompt[] = { 1, 3 };
      for (int with = 0; with < 2; with++) {
          llocal_token tokens[2];
          test_talk k;
          llocal_reply r, *list = &r;
          test_cut_open(&t, "a\xe2\x82");
          tokens[0] = t.part[0][1], tokens[1] = t.part[1][3];
          test_talk_begin(&k, &r, t.c, tokens, 2);
          r.prompt = prompt, r.n_prompt = 2, r.stop = bad, r.n_stop = with;
          CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL));
          CHECK(r.state.stop == (with ? LLOCAL_STOP_TEXT : LLOCAL_STOP_LIMIT) && r.state.n_tokens == (with ? 1 : 2));
          CHECK(k.said_len == (with ? 1 : 4) && r.state.n_text == (size_t)k.said_len);
          llocal_context_close(t.c), test_world_close(&t.w);
      } }
}

static bool test_reply_false(void *user, llocal_token t, llocal_str text) {
    (void)t, (void)text;
    return --*(int *)user > 0;
}

/* A reply that begins anew, after one that was stopped where it held something back, has nothing of it. */
static void test_reply_anew(void) {
    static const char *const stop[] = { "aab" };
    const llocal_token prompt[] = { 1, 3 };
    static test_cut t;
    llocal_token tokens[1];
    test_cut_open(&t, "aab\xe2\x82");
    for (int half = 0; half < 2; half++) {
        int left = 1;
        test_talk k;
        llocal_reply r, *list = &r;
        tokens[0] = half ? t.part[3][5] : t.part[0][2];         /* half a character, or "aa" */
        test_talk_begin(&k, &r, t.c, tokens, 1);
        r.prompt = prompt, r.n_prompt = 2, r.stop = stop, r.n_stop = 1, r.max_tokens = 2;
        r.on_text = test_reply_false, r.user = &left;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL) && r.state.stop == LLOCAL_STOP_CALLBACK);
        CHECK(half ? r.state.text.n_held == 2 : r.state.text.stop_len == 2);
        tokens[0] = t.part[2][3];               /* "b" */
        k.bias.token = tokens[0], k.at = 0;
        r.on_text = test_talk_text, r.user = &k, r.max_tokens = 1;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL) && r.state.stop == LLOCAL_STOP_LIMIT);
        CHECK(k.said_len == 1 && k.said[0] == 'b');
    }
    llocal_context_close(t.c), test_world_close(&t.w);
}

/* ---- the caller's room ---- */

static void test_reply_room(void) {
    static const char text[] = "ab\xe2\x82\xac" "cd";
    const llocal_token prompt[] = { 1, 3 };
    static test_cut t;
    llocal_token tokens[7];
    test_cut_open(&t, text);
    for (int i = 0; i < 7; i++) tokens[i] = t.part[i][i + 1];
    for (size_t size = 1; size <= 9; size++) {
        const size_t fits = size > 7 ? 7 : size == 4 || size == 5 ? 2 : size - 1;
        char room[16];
        test_talk k;
        llocal_reply r, *list = &r;
        test_talk_begin(&k, &r, t.c, tokens, 7);
        memset(room, '#', sizeof room);
        r.prompt = prompt, r.n_prompt = 2, r.text = room, r.text_size = size;
        CHECK(!llocal_reply_begin(&r) && room[0] == 0);
        CHECK(!llocal_reply_step(&list, 1, 0, NULL) && k.said_len == 7 && r.state.n_text == 7);
        CHECK(!strncmp(room, text, fits) && room[fits] == 0);
        for (size_t i = size; i < sizeof room; i++) CHECK(room[i] == '#');
    }
    llocal_context_close(t.c), test_world_close(&t.w);
}

/* ---- why it stops ---- */

static bool test_reply_progress(void *user, int n_done, int n_total) {
    (void)n_done, (void)n_total;
    return --*(int *)user > 0;
}

static void test_reply_start(llocal_reply *r, llocal_context *c, const llocal_token *prompt, int n) {
    memset(r, 0, sizeof *r);
    r->context = c, r->prompt = prompt, r->n_prompt = n;
}

static void test_reply_stops(void) {
    const llocal_token prompt[] = { 1, 20, 21 };
    llocal_bias bias = { 40, 1e9f };
    llocal_context_desc d;
    llocal_context *c = NULL, *other = NULL, *small = NULL;
    llocal_reply r, q, *list[2] = { &r, &q };
    test_world w;
    int left;
    bool done;
    memset(&d, 0, sizeof d);
    CHECK(test_generate_open(&w, NULL, 0, NULL));
    d.progress = test_reply_progress, d.progress_user = &left;
    CHECK(!llocal_context_open(w.m, &d, &c) && !llocal_context_open(w.m, NULL, &other));
    d.progress = NULL, d.n_ctx = 5;
    CHECK(!llocal_context_open(w.m, &d, &small));
    /* as many as are wanted: the last one is evaluated, so that another reply goes on from it */
    left = 1000;
    test_reply_start(&r, c, prompt, 3);
    r.sampler.bias = &bias, r.sampler.n_bias = 1, r.max_tokens = 4;
    CHECK(!llocal_reply_begin(&r) && r.state.stop == LLOCAL_STOP_NONE && !llocal_reply_step(list, 1, 0, &done) && done);
    CHECK(r.state.stop == LLOCAL_STOP_LIMIT && r.state.start == 3 && r.state.n_tokens == 4 && llocal_position(c) == 7);
    CHECK(llocal_logits(c, -1) && !strcmp(llocal_stop_name(r.state.stop), "token limit"));
    /* an end token: told to nobody, not counted, and the next turn finds it in the timeline */
    bias.token = 2;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && r.state.stop == LLOCAL_STOP_END);
    CHECK(r.state.n_tokens == 0 && llocal_position(c) == 4 && llocal_tokens(c)[3] == 2 && llocal_logits(c, -1));
    /* the window: its last token is told of, and has no room */
    bias.token = 40, r.context = small, r.max_tokens = 0;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && r.state.stop == LLOCAL_STOP_FULL);
    CHECK(r.state.n_tokens == 3 && llocal_position(small) == 5);
    r.max_tokens = 3;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && r.state.stop == LLOCAL_STOP_LIMIT);
    r.max_tokens = 0, r.prompt = NULL, r.n_prompt = 0, bias.token = 2;       /* nor has an end token, but it ends */
    CHECK(llocal_sync(small, llocal_tokens(small), 5) == LLOCAL_OK);
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(list, 1, 0, &done) && r.state.stop == LLOCAL_STOP_END);
    CHECK(r.state.n_tokens == 0 && llocal_position(small) == 5);
    /* on_text says so: of that reply only, and its token is not in the timeline */
    bias.token = 40;
    test_reply_start(&r, c, prompt, 3), test_reply_start(&q, other, prompt, 3);
    r.sampler.bias = q.sampler.bias = &bias, r.sampler.n_bias = q.sampler.n_bias = 1, q.max_tokens = 6;
    r.on_text = test_reply_false, r.user = &left;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_begin(&q));
    { int texts = 3;
      r.user = &texts;
      CHECK(!llocal_reply_step(list, 2, 0, &done) && done); }
    CHECK(r.state.stop == LLOCAL_STOP_CALLBACK && !r.state.result && r.state.n_tokens == 3 && llocal_position(c) == 5);
    CHECK(q.state.stop == LLOCAL_STOP_LIMIT && q.state.n_tokens == 6 && llocal_position(other) == 9);
    /* so does the evaluation's callback, with a result; whichever leads */
    r.on_text = NULL;
    for (int first = 0; first < 2; first++) {
        list[0] = first ? &q : &r, list[1] = first ? &r : &q;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_begin(&q));
        left = 9;
        CHECK(llocal_reply_step(list, 2, 0, &done) == LLOCAL_ERR_CANCELLED && done);
        CHECK(r.state.stop == LLOCAL_STOP_CALLBACK && r.state.result == LLOCAL_ERR_CANCELLED && r.state.n_tokens < 6);
        CHECK(q.state.stop == LLOCAL_STOP_LIMIT && !q.state.result && q.state.n_tokens == 6 && llocal_position(other) == 9);
        CHECK(!llocal_reply_step(list, 2, 0, &done) && done);
    }
    list[0] = &r, list[1] = &q;
    /* logits that are no numbers: the other goes on */
    left = 1000000;
    CHECK(!llocal_sync(c, prompt, 3));
    for (int i = 0; i < 160; i++) llocal_logits(c, -1)[i] = NAN;
    r.prompt = NULL, r.n_prompt = 0;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_begin(&q));
    CHECK(llocal_reply_step(list, 2, 0, &done) == LLOCAL_ERR_FORMAT && done);
    CHECK(r.state.stop == LLOCAL_STOP_ERROR && r.state.result == LLOCAL_ERR_FORMAT && r.state.n_tokens == 0);
    CHECK(q.state.stop == LLOCAL_STOP_LIMIT && !q.state.result && llocal_position(other) == 9);
    llocal_context_close(c), llocal_context_close(other), llocal_context_close(small);
    test_world_close(&w);
}

/* From on_text: each context of the step can be cancelled, which stops its reply and no other, and none changed. */
typedef struct test_meddler { llocal_context *other; llocal_reply *mine; int left, refused; } test_meddler;

static bool test_reply_meddle(void *user, llocal_token t, llocal_str text) {
    test_meddler *in = (test_meddler *)user;
    llocal_reply again = *in->mine, *list = &again;
    (void)text;
    if (--in->left) return true;
    again.context = in->other;
    in->refused += llocal_reply_begin(&again) == LLOCAL_ERR_ARGUMENT;
    again.state.stop = LLOCAL_STOP_NONE;
    in->refused += llocal_reply_step(&list, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT;
    in->refused += llocal_eval(in->other, &t, 1) == LLOCAL_ERR_ARGUMENT;
    llocal_cancel(in->other);
    return true;
}

static void test_reply_inside(void) {
    const llocal_token prompt[] = { 1, 20, 21 };
    for (int who = 0; who < 3; who++) {         /* one before it in the list, itself, one behind */
        llocal_context *c[3] = { NULL, NULL, NULL };
        llocal_reply r[3], *list[3];
        test_meddler in;
        test_world w;
        CHECK(test_generate_open(&w, NULL, 0, NULL));
        for (int i = 0; i < 3; i++) {
            CHECK(!llocal_context_open(w.m, NULL, &c[i]));
            test_reply_start(&r[i], c[i], prompt, 3);
            list[i] = &r[i], r[i].max_tokens = 8;
            CHECK(!llocal_reply_begin(&r[i]));
        }
        in.other = c[who], in.mine = &r[1], in.left = 4, in.refused = 0;
        r[1].on_text = test_reply_meddle, r[1].user = &in;
        CHECK(!llocal_reply_step(list, 3, 0, NULL));
        CHECK_EQ(in.refused, 3);
        for (int i = 0; i < 3; i++) {
            CHECK(r[i].state.stop == (i == who ? LLOCAL_STOP_CALLBACK : LLOCAL_STOP_LIMIT) && !r[i].state.result);
            CHECK(i == who ? llocal_position(c[i]) < 11 : llocal_position(c[i]) == 11);
            CHECK(!llocal_begin(c[i], prompt, 1, 1));   /* nothing is left queued */
        }
        for (int i = 0; i < 3; i++) llocal_context_close(c[i]);
        test_world_close(&w);
    }
}

/* ---- what is refused ---- */

static void test_reply_refused(void) {
    static const char *const bad[] = { "", "\xe2\x82", "a\xff", "\x82", "\xed\xa0\x80", NULL };
    static char longest[LLOCAL_MAX_STOP + 2];
    const char *one = longest;
    const llocal_token prompt[] = { 1, 20, 21 };
    char message[400] = "", room[4] = "abc";
    llocal_logger log = { test_generate_message, NULL, NULL, 0 };
    llocal_context *c[LLOCAL_MAX_REPLIES + 1];
    static llocal_reply many[LLOCAL_MAX_REPLIES + 1];
    llocal_reply r, q, *list[LLOCAL_MAX_REPLIES + 1];
    llocal_context_desc d;
    test_world w, no_text;
    bool done = true;
    log.user = message;
    memset(&d, 0, sizeof d), d.n_ctx = 8;
    CHECK(test_generate_open(&w, NULL, 0, &log) && test_world_open(&no_text, "wide-llama", LLOCAL_FORMAT_F32));
    for (int i = 0; i <= LLOCAL_MAX_REPLIES; i++) CHECK(!llocal_context_open(w.m, &d, &c[i]));
    CHECK(llocal_reply_begin(NULL) == LLOCAL_ERR_ARGUMENT);
    test_reply_start(&r, NULL, NULL, 0), list[0] = &r, list[1] = &q;
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && llocal_reply_step(list, 1, 0, &done) == LLOCAL_ERR_ARGUMENT && !done);
    CHECK(llocal_reply_step(list, 0, 0, NULL) == LLOCAL_ERR_ARGUMENT && llocal_reply_step(NULL, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT);
    r.context = c[0];
    CHECK(llocal_reply_step(list, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT && strstr(message, "not begun"));
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, "evaluate a prompt first"));
    CHECK(!llocal_begin(c[0], prompt, 3, 0));           /* an evaluation that will have no logits */
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, "evaluate a prompt first"));
    llocal_cancel(c[0]);
    CHECK(!llocal_begin(c[0], prompt, 3, 1) && !llocal_reply_begin(&r) && r.state.start == 3);
    llocal_cancel(c[0]);                                /* it is not the reply's to begin again */
    CHECK(llocal_reply_step(list, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT && r.state.stop == LLOCAL_STOP_ERROR &&
          r.state.result == LLOCAL_ERR_ARGUMENT && strstr(message, "not where the reply left it"));
    /* settings */
    r.prompt = prompt, r.n_prompt = -1;
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT);
    r.n_prompt = 9;
    { const llocal_token nine[9] = { 1, 3, 3, 3, 3, 3, 3, 3, 3 };
      r.prompt = nine;
      CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_FULL && r.state.stop == LLOCAL_STOP_ERROR); }
    r.prompt = prompt, r.n_prompt = 3, r.text = room;
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, "text_size") && room[0] == 'a');
    r.text = NULL, r.text_size = 4;
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, "text_size"));
    r.text_size = 0, r.n_stop = 1;
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT);
    for (int i = 0; i < LL_COUNT(bad); i++) {
        r.stop = &bad[i];
        CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, i % 5 ? "not UTF-8" : "empty"));
    }
    r.stop = &one, memset(longest, 'x', LLOCAL_MAX_STOP + 1);
    CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_ARGUMENT && strstr(message, "LLOCAL_MAX_STOP"));
    longest[LLOCAL_MAX_STOP] = 0;
    CHECK(!llocal_reply_begin(&r));
    longest[LLOCAL_MAX_STOP] = 'x';                     /* a step looks again */
    CHECK(llocal_reply_step(list, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT && strstr(message, "LLOCAL_MAX_STOP"));
    longest[1] = 0;
    { llocal_context *dumb = NULL;
      CHECK(!llocal_context_open(no_text.m, &d, &dumb));
      r.context = dumb;
      CHECK(llocal_reply_begin(&r) == LLOCAL_ERR_UNSUPPORTED);
      r.n_stop = 0;
      CHECK(!llocal_reply_begin(&r));
      test_reply_start(&q, c[1], prompt, 3);            /* another model */
      CHECK(!llocal_reply_begin(&q) && llocal_reply_step(list, 2, 0, NULL) == LLOCAL_ERR_ARGUMENT);
      llocal_context_close(dumb); }
    /* two replies of one context: together, and in turn */
    test_reply_start(&r, c[0], prompt, 3), q = r;
    CHECK(!llocal_reply_begin(&r) && !llocal_reply_begin(&q) && llocal_reply_step(list, 2, 0, NULL) == LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(message, "two replies of one context") && llocal_position(c[0]) == 0);
    r.max_tokens = 2;
    CHECK(!llocal_reply_step(list, 1, 0, NULL) && r.state.stop == LLOCAL_STOP_LIMIT);
    q.prompt = NULL, q.n_prompt = 0;
    CHECK(llocal_reply_step(list + 1, 1, 0, NULL) == LLOCAL_ERR_ARGUMENT && q.state.stop == LLOCAL_STOP_ERROR);
    CHECK(!llocal_reply_begin(&q) && !llocal_reply_step(list, 2, 0, &done) && done);   /* one has stopped: no matter */
    /* too many */
    for (int i = 0; i <= LLOCAL_MAX_REPLIES; i++) {
        test_reply_start(&many[i], c[i], prompt, 3);
        many[i].max_tokens = 2, list[i] = &many[i];
        CHECK(!llocal_reply_begin(&many[i]));
    }
    CHECK(llocal_reply_step(list, LLOCAL_MAX_REPLIES + 1, 0, NULL) == LLOCAL_ERR_ARGUMENT && strstr(message, "LLOCAL_MAX_REPLIES"));
    CHECK(!llocal_reply_step(list, LLOCAL_MAX_REPLIES, 0, &done) && done);
    for (int i = 0; i < LLOCAL_MAX_REPLIES; i++) CHECK(many[i].state.n_tokens == 2);
    CHECK(!llocal_reply_step(list, LLOCAL_MAX_REPLIES + 1, 0, &done) && done);     /* those that have stopped do not count */
    for (int i = 0; i <= LLOCAL_MAX_REPLIES; i++) llocal_context_close(c[i]);
    test_world_close(&w), test_world_close(&no_text);
}

/* ---- any budget, any company ---- */

enum { TEST_N_TALK = 5 };

static uint64_t test_reply_time;
static uint64_t test_reply_clock(void *user) {  /* some units of work take a microsecond, some none */
    (void)user;
    return ++test_reply_time / 3;
}

/* Unlike replies: each with its own prompt, sampler, length and context. */
static void test_reply_nth(llocal_reply *r, int i, llocal_context *c, llocal_token *prompt, const test_world *w) {
    static const int n[TEST_N_TALK] = { 3, 40, 1, 90, 17 }, most[TEST_N_TALK] = { 12, 5, 20, 9, 16 };
    for (int k = 0; k < n[i]; k++) prompt[k] = w->t.tokens[(k * 7 + i * 3) % w->t.n_tokens];
    test_reply_start(r, c, prompt, n[i]);
    r->max_tokens = most[i];
    if (i % 2) r->sampler = llocal_sampler_default((uint64_t)i);
    if (i == 3) r->sampler.mirostat = 2, r->sampler.mirostat_tau = 2, r->sampler.mirostat_eta = 0.5f;
    if (i == 4) r->sampler.temperature = 1, r->sampler.adaptive_target = 0.3f;
}

static llocal_context *test_reply_context(const test_world *w, int i, int n_ctx) {
    llocal_context_desc d;
    memset(&d, 0, sizeof d);
    d.n_ctx = n_ctx, d.n_batch = 8 + i, d.clock_us = test_reply_clock;
    d.k = d.v = i == 2 ? LLOCAL_KV_F32 : LLOCAL_KV_F16;
    return tl_open(w, &d);
}

static void test_reply_company(const char *name) {
    static const uint32_t budgets[] = { 0, 1, 7, 60 };
    llocal_token prompt[TEST_N_TALK][90];
    llocal_context *alone[TEST_N_TALK], *c[TEST_N_TALK];
    llocal_reply r[TEST_N_TALK], *list[TEST_N_TALK];
    test_world w;
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_Q8_0));
    for (int i = 0; i < TEST_N_TALK; i++) {
        llocal_sampler s;
        alone[i] = test_reply_context(&w, i, 160), c[i] = test_reply_context(&w, i, 160);
        test_reply_nth(&r[i], i, NULL, prompt[i], &w);
        s = r[i].sampler;
        CHECK(!llocal_eval(alone[i], r[i].prompt, r[i].n_prompt) && !llocal_eval(c[i], r[i].prompt, r[i].n_prompt));
        for (int k = 0; k < r[i].max_tokens; k++) {
            const llocal_token t = llocal_next(alone[i], &s);
            CHECK(!llocal_eval(alone[i], &t, 1));
        }
        CHECK(!llocal_generate(c[i], &r[i].sampler, r[i].max_tokens, NULL, NULL) && tl_same(c[i], alone[i]));
        CHECK(!memcmp(llocal_tokens(c[i]), llocal_tokens(alone[i]), (size_t)llocal_position(alone[i]) * sizeof(llocal_token)));
        CHECK(s.rng == r[i].sampler.rng && s.mirostat_mu == r[i].sampler.mirostat_mu);     /* moved on as much */
        CHECK(s.adaptive_sum == r[i].sampler.adaptive_sum && s.adaptive_weight == r[i].sampler.adaptive_weight);
        llocal_context_close(c[i]);
    }
    for (int b = 0; b < LL_COUNT(budgets) * 2; b++) {
        int steps = 0, n = 0;
        bool done = false;
        for (int i = 0; i < TEST_N_TALK; i++) c[i] = test_reply_context(&w, i, 160);
        while (!done || n < TEST_N_TALK) {
            if (n < TEST_N_TALK && steps >= 3 * n) {    /* they come one after the other */
                list[n] = &r[n], test_reply_nth(&r[n], n, c[n], prompt[n], &w);
                CHECK(!llocal_reply_begin(&r[n])), n++;
            }
            CHECK(!llocal_reply_step(list, n, budgets[b / 2], &done));
            if (++steps == 5 && (b & 1)) llocal_cancel(c[0]);        /* which loses only work */
            if (steps > 100000) { CHECK(!"it comes to an end"); break; }
        }
        CHECK(budgets[b / 2] != 1 || steps > 60);
        for (int i = 0; i < TEST_N_TALK; i++) {
            CHECK(r[i].state.stop == LLOCAL_STOP_LIMIT && llocal_position(c[i]) == llocal_position(alone[i]));
            CHECK(!memcmp(llocal_tokens(c[i]), llocal_tokens(alone[i]), (size_t)llocal_position(c[i]) * sizeof(llocal_token)));
            CHECK(tl_same(c[i], alone[i]));
            llocal_context_close(c[i]);
        }
    }
    for (int i = 0; i < TEST_N_TALK; i++) llocal_context_close(alone[i]);
    test_world_close(&w);
}

/* Passes are shared by those who store keys alike, and taken in turn by others; nobody waits for a prompt. */
static void test_reply_fair(void) {
    llocal_token prompt[300];
    test_world w;
    CHECK(test_world_open(&w, "wide-llama", LLOCAL_FORMAT_Q8_0));
    for (int i = 0; i < 300; i++) prompt[i] = w.t.tokens[i % w.t.n_tokens];
    for (int shared = 0; shared < 2; shared++) {
        llocal_context *c[4];
        llocal_reply r[4], *list[4];
        int rows = 0, apart = 0, waited = 0;
        bool done = false;
        for (int i = 0; i < 4; i++) {
            llocal_context_desc d;
            memset(&d, 0, sizeof d);
            d.n_ctx = 400, d.n_batch = 16, d.clock_us = test_reply_clock;
            d.k = shared ? LLOCAL_KV_F16 : (llocal_kv)(1 + i % 3);
            c[i] = tl_open(&w, &d);
            test_reply_start(&r[i], c[i], prompt, i < 3 ? 1 : 300);
            list[i] = &r[i];
            CHECK(!llocal_reply_begin(&r[i]));
        }
        while (r[0].state.n_tokens < 20) {      /* three: nobody is ahead of another by more than a token */
            CHECK(!llocal_reply_step(list, 3, 1, &done));
            for (int i = 0; i < 3; i++) apart = LL_MAX(apart, abs(r[i].state.n_tokens - r[(i + 1) % 3].state.n_tokens));
            for (int i = 0; i < 3; i++) rows = LL_MAX(rows, c[i]->pass.n_rows);
        }
        CHECK(apart <= 1);
        CHECK(shared ? rows == 3 : rows == 1);
        list[0] = &r[3], list[3] = &r[0];
        while (r[3].state.n_tokens == 0) {      /* and one with a prompt of 300, in passes of 16 */
            CHECK(!llocal_reply_step(list, 4, 1, &done));
            for (int i = 0; i < 4; i++) rows = LL_MAX(rows, c[i]->pass.n_rows);
            waited++;
        }
        for (int i = 0; i < 3; i++) CHECK(r[i].state.n_tokens >= 20 + 300 / 16 / (shared ? 1 : 3) - 2);
        CHECK(rows == 16 && waited > 40);
        for (int i = 0; i < 4; i++) llocal_context_close(c[i]);
    }
    test_world_close(&w);
}

/* ---- saved in between ---- */

/* Saved at its n-th step and taken up in another context, for each n; and in two halves. */
static void test_reply_saved(const char *name) {
    llocal_token prompt[90];
    test_world w;
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_Q8_0));
    for (int which = 1; which < TEST_N_TALK; which += 2) {
        llocal_context *a = test_reply_context(&w, 0, 160), *b = test_reply_context(&w, 1, 160), *whole = test_reply_context(&w, 0, 160);
        llocal_reply r, *list = &r;
        bool done = false, early = false;
        int steps = 0;
        test_reply_nth(&r, which, whole, prompt, &w);
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL));
        test_reply_nth(&r, which, a, prompt, &w);
        CHECK(!llocal_reply_begin(&r));
        while (!done) {
            CHECK(!llocal_reply_step(&list, 1, 40, &done));
            early |= !done && r.state.n_tokens == 0;
            if (steps++ % 3 == 0 && !done) {
                const llocal_reply_state st = r.state;
                const size_t n = (llocal_cancel(r.context), llocal_save_bytes(r.context));
                llocal_context *to = r.context == a ? b : a;
                void *bytes = malloc(n);
                CHECK(!llocal_save(r.context, bytes, n) && !llocal_rewind(r.context, 0));
                CHECK(!llocal_restore(to, bytes, n));
                memset(&r, 0xee, sizeof r);
                test_reply_nth(&r, which, to, prompt, &w);
                r.state = st;
                free(bytes);
            }
        }
        CHECK(steps > 10 && early && r.state.stop == LLOCAL_STOP_LIMIT && tl_same(r.context, whole));
        CHECK(!memcmp(llocal_tokens(r.context), llocal_tokens(whole), (size_t)llocal_position(whole) * sizeof(llocal_token)));
        /* a second reply goes on with the random numbers; after a clear state they begin again */
        test_reply_nth(&r, which, a, prompt, &w);
        r.max_tokens = 2;
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL));
        r.prompt = NULL, r.n_prompt = 0, r.max_tokens = llocal_position(whole) - llocal_position(a);
        CHECK(!llocal_reply_begin(&r) && !llocal_reply_step(&list, 1, 0, NULL) && tl_same(a, whole));
        llocal_context_close(a), llocal_context_close(b), llocal_context_close(whole);
    }
    test_world_close(&w);
}

/* A state from a damaged file leads to errors or to another text, and to nothing else. */
static void test_reply_damaged(void) {
    static const char *const stop[] = { "t4", "t5t6" };
    const llocal_token prompt[] = { 1, 20, 21 };
    char room[40];
    llocal_context *c = NULL;
    test_world w;
    int failed = 0, rounds = 400;
    llocal_context_desc d;
    memset(&d, 0, sizeof d), d.n_ctx = 12, d.clock_us = test_reply_clock;
    CHECK(test_generate_open(&w, NULL, 0, NULL) && !llocal_context_open(w.m, &d, &c));
    for (int i = 0; i < rounds; i++) {
        llocal_reply r, *list = &r;
        bool done = false;
        test_reply_start(&r, c, prompt, 3);
        r.stop = stop, r.n_stop = 2, r.text = room, r.text_size = sizeof room, r.max_tokens = 5;
        CHECK(!llocal_reply_begin(&r));
        if (i % 7) llocal_reply_step(&list, 1, (uint32_t)(1 + i * 3), NULL);
        for (int k = 0; k < 3; k++) {
            size_t at = (size_t)(t_random() % (offsetof(llocal_reply_state, rule) - sizeof r.state.text.ends - 31 * 4));  /* most of it is those, the rule, */
            if (at >= offsetof(llocal_reply_state, next) + 4) at += 31 * 4;                                               /* and tokens of which one is there */
            if (at >= offsetof(llocal_reply_state, text.ends)) at += sizeof r.state.text.ends;
            ((uint8_t *)&r.state)[at] = (uint8_t)(t_random() % 4 ? t_random() % 8 : t_random());
        }
        if (i % 4) llocal_cancel(c);
        failed += llocal_reply_step(&list, 1, 0, &done) != LLOCAL_OK;
        llocal_rewind(c, 0);
    }
    CHECK(failed > rounds / 8 && failed < rounds);
    llocal_context_close(c);
    test_world_close(&w);
}

static void test_reply(void) {
    TEST("no object");
    test_generate_null();
    test_eval_text();
    TEST("generate: texts");
    test_generate_text(1800);           /* the others are shorter, but as U+FFFD longer */
    test_generate_text(65535);
    test_generate_text(3);
    TEST("generate: no token");
    test_generate_none();
    TEST("stop strings");
    test_stop_strings();
    TEST("begun anew");
    test_reply_anew();
    TEST("the caller's room");
    test_reply_room();
    TEST("why it stops");
    test_reply_stops();
    TEST("from inside on_text");
    test_reply_inside();
    TEST("refused");
    test_reply_refused();
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        TEST("any budget, any company");
        test_reply_company(test_models[i]);
        TEST("saved in between");
        test_reply_saved(test_models[i]);
    }
    TEST("taking turns");
    test_reply_fair();
    TEST("damaged");
    test_reply_damaged();
}
#endif
