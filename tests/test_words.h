/* >>log: every public function that fails says why, and the words can be had without a callback. */
#include "tiny.h"

static char test_said[400];
static void test_say(void *user, llocal_log_level level, const char *message) {
    (void)user, (void)level;
    snprintf(test_said, sizeof test_said, "%s", message);
}

/* The call fails so, and leaves words in test_said. */
#define FAILS(call, result) do { \
    test_said[0] = 0; \
    CHECK_EQ(call, result); \
    CHECK(test_said[0] != 0); \
} while (0)

static llocal_logger test_room(void) {
    llocal_logger l = { NULL, NULL, test_said, sizeof test_said };
    return l;
}

static void *test_no_memory(void *user, void *ptr, size_t old_size, size_t new_size) {
    (void)user, (void)ptr, (void)old_size, (void)new_size;
    return NULL;
}
static bool test_say_no(void *user, float done) { (void)user, (void)done; return false; }
static bool test_say_stop(void *user, int n_done, int n_total) { (void)user, (void)n_done, (void)n_total; return false; }
static size_t test_take_none(void *user, const void *src, size_t size) { (void)user, (void)src, (void)size; return 0; }

static void test_words_open(const test_world *w) {
    static const char junk[64] = "GGUF";
    llocal_source src;
    llocal_gguf *g;
    llocal_model *m;
    llocal_plan plan;
    memset(&src, 0, sizeof src);
    src.logger = test_room();
    TEST("words of opening");
    FAILS(llocal_gguf_open(&src, &g), LLOCAL_ERR_ARGUMENT);             /* from where? */
    FAILS(llocal_model_open(&src, &m), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_model_plan(&src, &plan), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_gguf_open(&src, NULL), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_model_open(&src, NULL), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_model_plan(&src, NULL), LLOCAL_ERR_ARGUMENT);
    src.data = junk, src.data_size = sizeof junk;
    FAILS(llocal_gguf_open(&src, &g), LLOCAL_ERR_UNSUPPORTED);
    FAILS(llocal_model_open(&src, &m), LLOCAL_ERR_UNSUPPORTED);
    src.data = w->image, src.data_size = w->size;
    src.allocator.resize = test_no_memory;
    FAILS(llocal_gguf_open(&src, &g), LLOCAL_ERR_MEMORY);
    FAILS(llocal_model_open(&src, &m), LLOCAL_ERR_MEMORY);
    src.allocator.resize = NULL;
    test_said[0] = 'x', test_said[1] = 0;
    CHECK(llocal_gguf_open(&src, &g) == LLOCAL_OK && !test_said[0]);    /* it held something from before */
    llocal_gguf_close(g);
#if LL_STDIO
    src.data = NULL, src.path = "there is no such file";
    FAILS(llocal_model_open(&src, &m), LLOCAL_ERR_IO);
    src.path = t_file("words.gguf", w->image, w->size);
    src.no_mmap = true, src.progress = test_say_no;
    FAILS(llocal_model_open(&src, &m), LLOCAL_ERR_CANCELLED);
    remove(src.path);
#endif
}

/* The words of an open model or gguf, which many threads may ask, are for the callback alone. */
static void test_words_shared(const test_world *w) {
    char room[64] = "x";
    const llocal_token t = 1;
    llocal_text held;
    llocal_source src;
    llocal_gguf *g;
    llocal_model *m;
    llocal_context *c;
    memset(&src, 0, sizeof src), memset(&held, 0, sizeof held);
    TEST("words of what is shared");
    src.data = w->image, src.data_size = w->size;
    src.logger.write = test_say, src.logger.error = room, src.logger.error_size = sizeof room;
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    FAILS(llocal_gguf_read(g, -1, 0, NULL, 0), LLOCAL_ERR_ARGUMENT);
    llocal_gguf_close(g);
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    FAILS(llocal_gguf_read(llocal_model_gguf(m), 0, UINT64_MAX, room, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_tokenize(m, "a", 1, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);     /* the model has no text */
    FAILS(llocal_tokenize(m, "a", 1, 64, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_detokenize(m, &t, 1, 0, NULL, -1), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_token_text(m, 1, true, NULL, 5), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_text_add(&held, m, 1, NULL, 0, NULL, 0), -LLOCAL_ERR_UNSUPPORTED);
    FAILS(llocal_context_open(m, NULL, NULL), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_context_open(m, NULL, &c), LLOCAL_OK);
    FAILS(llocal_rewind(c, -1), LLOCAL_ERR_ARGUMENT);
    llocal_context_close(c);
    llocal_model_close(m);
    CHECK(!room[0]);
}

static void test_words_text(void) {
#if LL_STDIO
    char text[4];
    const llocal_token t = 1 << 30;
    llocal_text held;
    llocal_source src;
    llocal_model *m;
    memset(&src, 0, sizeof src), memset(&held, 0, sizeof held);
    TEST("words of text");
    src.path = "examples/tiny.gguf", src.vocab_only = true, src.logger.write = test_say;
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    if (!m) return;
    FAILS(llocal_tokenize(m, NULL, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_detokenize(m, NULL, 1, 0, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_detokenize(m, &t, 1, 0, text, 4), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_token_text(m, t, false, text, 4), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_text_add(NULL, m, 1, NULL, 0, text, 4), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_text_add(&held, m, t, NULL, 0, text, 4), -LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_context_plan(m, NULL, NULL), LLOCAL_ERR_ARGUMENT);
    {
        llocal_plan plan;
        FAILS(llocal_context_plan(m, NULL, &plan), LLOCAL_ERR_ARGUMENT);        /* a vocabulary only */
    }
    llocal_model_close(m);
#endif
}

static void test_words_write(void) {
    llocal_writer w;
    llocal_meta meta[2];
    llocal_tensor t[2];
    tiny_bytes b = { NULL, 0, 0 };
    memset(&w, 0, sizeof w), memset(meta, 0, sizeof meta), memset(t, 0, sizeof t);
    TEST("words of writing");
    w.logger = test_room();
    FAILS(llocal_gguf_write_head(&w, NULL, 0, NULL, 0), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_gguf_write_data(&w, "", 1), LLOCAL_ERR_ARGUMENT);
    w.write = tiny_put, w.user = &b;
    FAILS(llocal_gguf_write_head(&w, NULL, 1, NULL, 0), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_gguf_write_data(&w, NULL, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_gguf_write_head(&w, meta, 1, NULL, 0), LLOCAL_ERR_ARGUMENT);
    meta[0].key = meta[1].key = ll_str("general.name"), meta[0].type = meta[1].type = LLOCAL_META_BOOL;
    FAILS(llocal_gguf_write_head(&w, meta, 2, NULL, 0), LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(test_said, "general.name") != NULL);
    FAILS(llocal_gguf_write_head(&w, NULL, 0, t, 1), LLOCAL_ERR_ARGUMENT);
    t[0].name = t[1].name = ll_str("output.weight");
    FAILS(llocal_gguf_write_head(&w, NULL, 0, t, 2), LLOCAL_ERR_ARGUMENT);
    CHECK(strstr(test_said, "output.weight") != NULL && b.n == 0);
    w.write = test_take_none;
    FAILS(llocal_gguf_write_head(&w, NULL, 0, NULL, 0), LLOCAL_ERR_IO);
    FAILS(llocal_gguf_write_data(&w, "abc", 3), LLOCAL_ERR_IO);
    free(b.p);
}

static void test_words_context_desc(const test_world *w) {
    llocal_context_desc d;
    llocal_context *c;
    llocal_plan plan;
    memset(&d, 0, sizeof d);
    TEST("words of a context that does not open");
    d.logger = test_room();
    FAILS(llocal_context_plan(NULL, &d, &plan), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_context_open(NULL, &d, &c), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_context_plan(w->m, &d, NULL), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_context_open(w->m, &d, NULL), LLOCAL_ERR_ARGUMENT);
    d.n_batch = -1;
    FAILS(llocal_context_open(w->m, &d, &c), LLOCAL_ERR_ARGUMENT);
    d.n_batch = 0, d.n_snapshots = 1 << 20;
    FAILS(llocal_context_plan(w->m, &d, &plan), LLOCAL_ERR_ARGUMENT);
    d.n_snapshots = 0, d.k = (llocal_kv)77;
    FAILS(llocal_context_open(w->m, &d, &c), LLOCAL_ERR_ARGUMENT);
    d.k = LLOCAL_KV_DEFAULT, d.allocator.resize = test_no_memory;
    FAILS(llocal_context_open(w->m, &d, &c), LLOCAL_ERR_MEMORY);
}

static void test_words_context(const test_world *w, const test_world *other) {
    uint8_t bytes[8];
    bool done;
    const llocal_token none = -1;
    const llocal_token *t = w->t.tokens;
    llocal_workers serial = { NULL, 0, NULL };
    llocal_context_desc d;
    llocal_context *c, *list[2];
    llocal_sampler s;
    llocal_reply r, *replies[2];
    memset(&d, 0, sizeof d), memset(&s, 0, sizeof s), memset(&r, 0, sizeof r);
    TEST("words of a context");
    d.logger = test_room(), d.n_ctx = 8;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    CHECK(!test_said[0]);
    list[0] = c, list[1] = NULL;
    replies[0] = &r, replies[1] = NULL, r.context = c;
    FAILS(llocal_next(c, &s), -1);
    FAILS(llocal_next(c, NULL), -1);
    FAILS(llocal_generate(c, &s, 1, NULL, NULL), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_generate(c, NULL, 1, NULL, NULL), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_reply_begin(&r), LLOCAL_ERR_ARGUMENT);                 /* no logits */
    FAILS(llocal_reply_step(replies, 1, 0, &done), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_eval_text(c, "a", 1, 0), LLOCAL_ERR_UNSUPPORTED);
    FAILS(llocal_eval_text(c, "a", 1, 4), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_eval(c, NULL, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_eval(c, t, -1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_eval(c, &none, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_eval(c, t, 9), LLOCAL_ERR_FULL);
    FAILS(llocal_begin(c, t, 2, 3), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_begin(c, t, 2, 2), LLOCAL_ERR_ARGUMENT);               /* it has room for one row */
    FAILS(llocal_step(list, 2, 0, &done), LLOCAL_ERR_ARGUMENT);
    list[1] = test_context_new(other, serial, 0);
    FAILS(llocal_step(list, 2, 0, &done), LLOCAL_ERR_ARGUMENT);
    llocal_context_close(list[1]);
    FAILS(llocal_sync(c, NULL, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_sync(c, t, 9), LLOCAL_ERR_FULL);
    FAILS(llocal_rewind(c, -1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_save(c, NULL, 0), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_save(c, bytes, sizeof bytes), LLOCAL_ERR_FULL);
    FAILS(llocal_restore(c, NULL, 0), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_restore(c, bytes, sizeof bytes), LLOCAL_ERR_FORMAT);
    CHECK_EQ(llocal_begin(c, t, 2, 1), LLOCAL_OK);
    FAILS(llocal_begin(c, t, 2, 1), LLOCAL_ERR_ARGUMENT);               /* under way */
    CHECK_EQ(llocal_step(&c, 1, 0, NULL), LLOCAL_OK);
    CHECK_EQ(llocal_reply_begin(&r), LLOCAL_OK);
    FAILS(llocal_reply_step(replies, 2, 0, &done), LLOCAL_ERR_ARGUMENT);
    replies[1] = &r;
    FAILS(llocal_reply_step(replies, 2, 0, &done), LLOCAL_ERR_ARGUMENT);
    r.n_stop = 1;
    FAILS(llocal_reply_begin(&r), LLOCAL_ERR_ARGUMENT);
    llocal_context_close(c);
    d.progress = test_say_stop;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    FAILS(llocal_eval(c, t, 2), LLOCAL_ERR_CANCELLED);
    llocal_context_close(c);
}

#if LL_THREADS
static void test_words_pool(void) {
    llocal_pool_desc d;
    llocal_pool *p;
    memset(&d, 0, sizeof d);
    TEST("words of a pool");
    d.logger = test_room();
    FAILS(llocal_pool_open(&d, NULL), LLOCAL_ERR_ARGUMENT);
    d.n_threads = -1;
    FAILS(llocal_pool_open(&d, &p), LLOCAL_ERR_ARGUMENT);
    d.n_threads = LL_THREADS_MAX + 1;
    FAILS(llocal_pool_open(&d, &p), LLOCAL_ERR_ARGUMENT);
    d.n_threads = 2, d.allocator.resize = test_no_memory;
    FAILS(llocal_pool_open(&d, &p), LLOCAL_ERR_MEMORY);
}
#endif

/* Whatever room there is, it holds a string of whole characters; a message that is too long, too. */
static void test_words_cut(void) {
    static const char name[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82z\xf0\x9f\x99";    /* of 1, 2, 3, 4 bytes; half a one */
    static const size_t whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11, 11 };     /* of the first n bytes */
    char room[32], line[600];
    llocal_logger l = { NULL, NULL, room, 0 };
    TEST("words are cut between characters");
    for (size_t n = 0; n < sizeof whole / sizeof *whole && n < sizeof name; n++)
        CHECK_EQ(ll_text_whole(name, n), whole[n]);
    for (size_t size = 0; size < sizeof room; size++) {
        memset(room, 7, sizeof room);
        l.error_size = size;
        CHECK_EQ(ll_fail(&l, LLOCAL_ERR_IO, "%s", name), LLOCAL_ERR_IO);
        if (size) CHECK(strlen(room) == ll_text_whole(name, LL_MIN(size - 1, sizeof name - 1)) && !memcmp(room, name, strlen(room)));
        for (size_t i = size; i < sizeof room; i++) if (room[i] != 7) { CHECK(!"outside of the room"); break; }
    }
    for (size_t n = 0; n < 8; n++) {            /* the end of a line is anywhere in a character */
        memset(line, 'x', n);
        for (size_t i = n; i + 3 < sizeof line; i += 3) memcpy(line + i, "\xe2\x82\xac", 4);
        test_said[0] = 0;
        l.error = NULL, l.write = test_say;
        ll_fail(&l, LLOCAL_ERR_IO, "%s", line);
        CHECK(strlen(test_said) > 396 && (strlen(test_said) - n) % 3 == 0);
    }
}

static void test_words(void) {
    test_world w, other;
    TEST("words");
    CHECK(test_world_open(&w, "wide-llama", LLOCAL_FORMAT_F32) && test_world_open(&other, "wide-gemma3", LLOCAL_FORMAT_F32));
    test_words_open(&w);
    test_words_shared(&w);
    test_words_text();
    test_words_write();
    test_words_context_desc(&w);
    test_words_context(&w, &other);
#if LL_THREADS
    test_words_pool();
#endif
    test_words_cut();
    test_world_close(&w);
    test_world_close(&other);
}
