/* >>model >>passes >>forward >>context: evaluation in every order gives the same bits; plans are exact;
 * stepping, cancelling, rewinding, saving lose nothing. */
#include "tiny.h"

/* A model in memory and what it was opened with. */
typedef struct test_world {
    tiny t;
    void *image;
    size_t size;
    llocal_model *m;
    llocal_kv kv;                       /* of the contexts that test_context_new opens */
} test_world;

static void test_world_close(test_world *w) {
    llocal_model_close(w->m);
    free(w->image);
    tiny_free(&w->t);
}

/* name: of a model in tests/models, or a path. */
static bool test_world_open(test_world *w, const char *name, llocal_format f) {
    char path[200];
    llocal_source src;
    memset(w, 0, sizeof *w), memset(&src, 0, sizeof src);
    snprintf(path, sizeof path, "tests/models/%s.txt", name);
    if (!tiny_load(strchr(name, '/') ? name : path, &w->t) || !(w->image = tiny_image(&w->t, f, &w->size))) return false;
    src.data = w->image, src.data_size = w->size;
    return llocal_model_open(&src, &w->m) == LLOCAL_OK;
}

static llocal_context *test_context_new(const test_world *w, llocal_workers workers, int n_batch) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    memset(&d, 0, sizeof d);
    d.workers = workers, d.n_batch = n_batch, d.n_logits = 128, d.k = d.v = w->kv;
    llocal_context_open(w->m, &d, &c);
    return c;
}

/* Hash of the logits of n tokens, evaluated `step` at a time (0: all). */
static uint64_t test_eval_hash(llocal_context *c, const llocal_token *tokens, int n, int step) {
    uint64_t h = LL_HASH_START;
    size_t n_vocab = (size_t)c->m->hp.n_vocab;
    for (int at = 0; at < n;) {
        int k = step && step < n - at ? step : n - at;
        if (llocal_begin(c, tokens + at, k, k) || llocal_step(&c, 1, 0, NULL)) return 0;
        for (int i = 0; i < k; i++) h = ll_hash(h, llocal_logits(c, i), n_vocab * sizeof(float));
        at += k;
    }
    return h;
}

static void test_run_reversed(void *user, int count, void (*task)(void *, int), void *arg) {
    (void)user;
    for (int i = count - 1; i >= 0; i--) task(arg, i);
}

/* One hash over {threads, host hook} x {1, 3, all tokens} x {fresh, after a rewind}, for each width or,
 * if turn is not negative, for one that changes with it. */
static uint64_t test_one_result(const test_world *w, int turn) {
    static const int widths[] = { 1, 2, 3, 7 }, steps[] = { 0, 1, 3 };
    int n = 36;                         /* tokens: more than the window, more than a batch */
    uint64_t want = 0;
    for (int host = 0; host < 2; host++)
        for (int i = 0; i < 4; i++) {
            llocal_pool *pool = NULL;
            llocal_workers workers;
            llocal_context *c;
            if (turn >= 0 && i != (turn + host) % 4) continue;
            memset(&workers, 0, sizeof workers);
            if (host) workers.run = test_run_reversed, workers.width = widths[i];
            else if ((pool = tiny_pool(widths[i])) != NULL) workers = llocal_pool_workers(pool);
            c = test_context_new(w, workers, 32);
            for (int s = 0; s < 3; s++) {
                uint64_t h;
                llocal_rewind(c, 0);
                h = test_eval_hash(c, w->t.tokens, n, steps[s]);
                if (!want) want = h;
                CHECK(h == want);
                /* cached: go back some way and evaluate the rest again */
                if (s == 0) {
                    int at;
                    llocal_rewind(c, n - 9);
                    at = llocal_position(c);
                    CHECK(at <= n - 9);
                    test_eval_hash(c, w->t.tokens + at, n - at, 2);
                    llocal_context *fresh = test_context_new(w, workers, 64);
                    test_eval_hash(fresh, w->t.tokens, n, 0);
                    CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(fresh, -1), (size_t)w->m->hp.n_vocab * sizeof(float)));
                    llocal_context_close(fresh);
                }
            }
            llocal_context_close(c);
            llocal_pool_close(pool);
        }
    return want;
}

static const char *const test_models[] = { "wide-llama", "wide-gemma3", "wide-qwen3moe", "wide-lfm2" };

/* Plain C is slow (a minute and a half), and threads do not know what they run: it gets one width a model. */
static void test_one_result_of_all(void) {
    static const llocal_format formats[] = {
        LLOCAL_FORMAT_F32, LLOCAL_FORMAT_F16, LLOCAL_FORMAT_BF16, LLOCAL_FORMAT_Q4_0, LLOCAL_FORMAT_Q8_0, LLOCAL_FORMAT_Q4_K, LLOCAL_FORMAT_Q5_K,
        LLOCAL_FORMAT_Q6_K
    };
    const bool plain = !strncmp(llocal_build(), "scalar", 6);
    int n = 0;
    uint64_t all = LL_HASH_START;
    for (int i = 0; i < LL_COUNT(test_models); i++)
        for (int f = -1; f < LL_COUNT(formats); f++) {
            test_world w;
            uint64_t h;
            if (f < 0) {                        /* a cache of Q8 */
                TEST("one result");
                CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_F32));
                w.kv = LLOCAL_KV_Q8;
                h = test_one_result(&w, plain ? n++ : -1);
                CHECK(h != 0);
                all = ll_hash(all, &h, sizeof h);
                printf("one result: %-14s kv Q8 %016llx\n", test_models[i], (unsigned long long)h);
                test_world_close(&w);
                continue;
            }
            if (i > 0 && f > 0 && formats[f] != LLOCAL_FORMAT_Q4_K && formats[f] != LLOCAL_FORMAT_Q8_0) continue;
            TEST("one result");
            if (!llocal_format_traits(formats[f]).can_quantize && formats[f]) { SKIP("this build cannot write the format"); continue; }
            if (!test_world_open(&w, test_models[i], formats[f])) { CHECK(!"the model opens"); continue; }
            h = test_one_result(&w, plain ? n++ : -1);
            CHECK(h != 0);
            all = ll_hash(all, &h, sizeof h);
            printf("one result: %-14s %-5s %016llx\n", test_models[i], llocal_format_traits(formats[f]).name, (unsigned long long)h);
            test_world_close(&w);
        }
    printf("one result: everything %016llx\n", (unsigned long long)all);
}

/* How many chunks the last token's attention was cut into, over all layers. */
static int test_chunks(const llocal_context *c) {
    int n = 0;
    for (int i = 0; i < c->list->n_phases; i++)
        if (c->list->phases[i].op == LL_OP_ATTEND_PARTS) n += ll_attend_split(&c->pass, &c->list->phases[i]);
    return n;
}

/* Long enough that chunks of the cache are shared out: the bits of one thread. */
static void test_long(void) {
    enum { PROMPT = 262, MORE = 60, EACH = 3 };
    static const int widths[] = { 1, 2, 3, 7 };
    static llocal_token tokens[PROMPT + MORE];
    for (int i = 0; i < 2 * LL_COUNT(test_models); i++) {
        test_world w;
        uint64_t want = 0;
        TEST("a long cache");
        CHECK(test_world_open(&w, test_models[i / 2], LLOCAL_FORMAT_F32));
        w.kv = i % 2 ? LLOCAL_KV_Q8 : LLOCAL_KV_F16;
        for (int k = 0; k < PROMPT + MORE; k++) tokens[k] = w.t.tokens[(k * 31 + k / 50) % w.t.n_tokens];
        for (int k = 0; k < 8; k++) {
            llocal_pool *pool = NULL;
            llocal_workers workers;
            llocal_context *c[EACH];
            uint64_t h;
            bool done;
            memset(&workers, 0, sizeof workers);
            if (k & 1) workers.run = test_run_reversed, workers.width = widths[k / 2];
            else if ((pool = tiny_pool(widths[k / 2])) != NULL) workers = llocal_pool_workers(pool);
            for (int e = 0; e < EACH; e++) c[e] = test_context_new(&w, workers, 0);
            CHECK_EQ(llocal_eval(c[0], tokens, PROMPT), LLOCAL_OK);
            if (!w.m->arch->other)          /* the last layer attends for one row only */
                CHECK((test_chunks(c[0]) > 0) == (widths[k / 2] > 2));
            h = test_eval_hash(c[0], tokens + PROMPT, MORE, 1);
            CHECK((test_chunks(c[0]) > 0) == (widths[k / 2] > 2));
            CHECK_EQ(llocal_eval(c[1], tokens + 1, 300), LLOCAL_OK);    /* together, of several lengths */
            CHECK_EQ(llocal_eval(c[2], tokens + 2, 260), LLOCAL_OK);
            for (int e = 0; e < EACH; e++) CHECK_EQ(llocal_begin(c[e], tokens, 1, 1), LLOCAL_OK);
            CHECK_EQ(llocal_step(c, EACH, 0, &done), LLOCAL_OK);
            for (int e = 0; e < EACH; e++)
                h = ll_hash(h, llocal_logits(c[e], -1), (size_t)w.m->hp.n_vocab * sizeof(float));
            CHECK((test_chunks(c[0]) > 0) == (widths[k / 2] > 3));      /* 6 heads suit 3 threads */
            if (!want) want = h;
            CHECK(h == want);
            for (int e = 0; e < EACH; e++) llocal_context_close(c[e]);
            llocal_pool_close(pool);
        }
        test_world_close(&w);
    }
}

/* ---- memory: one block, exactly as planned, and nothing after opening ---- */

typedef struct test_heap { uint64_t bytes, peak; int calls, fail_at; } test_heap;

static void *test_heap_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    test_heap *h = (test_heap *)user;
    if (new_size && h->fail_at && ++h->calls >= h->fail_at) return NULL;
    if (!h->fail_at) h->calls++;
    h->bytes += new_size, h->bytes -= ptr ? old_size : 0;
    if (h->bytes > h->peak) h->peak = h->bytes;
    return ll_default_resize(NULL, ptr, old_size, new_size);
}

static void test_plans(void) {
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        test_world w;
        test_heap heap = { 0, 0, 0, 0 };
        llocal_source src;
        llocal_plan plan;
        llocal_model *m = NULL;
        llocal_context *c = NULL;
        llocal_context_desc d;
        int calls;
        llocal_sampler s = llocal_sampler_default(1);
        TEST("plans");
        CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_F32));
        memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
        src.data = w.image, src.data_size = w.size;
        src.allocator.resize = test_heap_resize, src.allocator.user = &heap;
        CHECK_EQ(llocal_model_plan(&src, &plan), LLOCAL_OK);
        CHECK_EQ(heap.calls, 0);
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
        CHECK_EQ(heap.bytes, plan.bytes);
        CHECK_EQ(heap.calls, 1);
        heap.bytes = heap.peak = 0, heap.calls = 0;
        d.n_batch = 7, d.n_logits = 3, d.workers.run = test_run_reversed, d.workers.width = 1 + 2 * i;
        d.k = LLOCAL_KV_Q8;
        CHECK_EQ(llocal_context_plan(m, &d, &plan), LLOCAL_OK);
        CHECK_EQ(heap.calls, 0);
        CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
        CHECK_EQ(heap.bytes, plan.bytes);
        CHECK_EQ(llocal_context_stats(c).bytes_allocated, plan.bytes);
        calls = heap.calls;
        CHECK_EQ(llocal_eval(c, w.t.tokens, 20), LLOCAL_OK);
        for (int k = 0; k < 5; k++) { llocal_token t = llocal_next(c, &s); CHECK_EQ(llocal_eval(c, &t, 1), LLOCAL_OK); }
        CHECK_EQ(llocal_rewind(c, 10), LLOCAL_OK);
        CHECK_EQ(llocal_sync(c, w.t.tokens, 30), LLOCAL_OK);
        CHECK_EQ(heap.calls, calls);
        llocal_context_close(c);
        CHECK_EQ(heap.bytes, 0);
        llocal_model_close(m);
        test_world_close(&w);
    }
}

/* ---- steps: any budget, any mixture, same bits ---- */

static uint64_t test_fake_now;
static uint64_t test_fake_clock(void *user) { (void)user; return test_fake_now += 40; }   /* time flies */

static void test_steps(void) {
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        test_world w;
        llocal_context *whole, *c = NULL;
        llocal_context_desc d;
        llocal_workers none;
        bool done = false;
        int calls = 0;
        size_t n_bytes;
        TEST("steps");
        memset(&none, 0, sizeof none), memset(&d, 0, sizeof d);
        CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_F32));
        n_bytes = (size_t)w.m->hp.n_vocab * sizeof(float);
        whole = test_context_new(&w, none, 0);
        CHECK_EQ(llocal_eval(whole, w.t.tokens, w.t.n_tokens), LLOCAL_OK);
        d.n_batch = 16, d.clock_us = test_fake_clock;
        CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c, w.t.tokens, w.t.n_tokens, 1), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c, w.t.tokens, 1, 1), LLOCAL_ERR_ARGUMENT);       /* one at a time */
        while (!done && calls++ < 1000000) CHECK_EQ(llocal_step(&c, 1, 100, &done), LLOCAL_OK);
        CHECK(calls > 50);
        CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(whole, -1), n_bytes));
        /* a cancelled evaluation leaves no trace, wherever it is cut off */
        for (int cut = 1; cut < 60; cut += 7) {
            CHECK_EQ(llocal_sync(c, w.t.tokens, 30), LLOCAL_OK);
            CHECK_EQ(llocal_begin(c, w.t.tokens + 30, 40, 1), LLOCAL_OK);
            for (int k = 0; k < cut; k++) llocal_step(&c, 1, 100, &done);
            llocal_cancel(c);
            CHECK(llocal_position(c) >= 30);
            CHECK_EQ(llocal_sync(c, w.t.tokens, w.t.n_tokens), LLOCAL_OK);
            CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(whole, -1), n_bytes));
        }
        llocal_context_close(c);
        llocal_context_close(whole);
        test_world_close(&w);
    }
}

/* Several timelines in one pass over the weights: each as if it were alone. */
static void test_together(void) {
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        enum { N = 5 };
        test_world w;
        llocal_context *c[N], *alone;
        llocal_context_desc d;
        llocal_workers none;
        bool done = false;
        TEST("together");
        memset(&none, 0, sizeof none), memset(&d, 0, sizeof d);
        CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_Q8_0));
        d.n_batch = 24;
        for (int k = 0; k < N; k++) CHECK_EQ(llocal_context_open(w.m, &d, &c[k]), LLOCAL_OK);
        for (int round = 0; round < 2; round++) {       /* a prompt each, then a token each */
            for (int k = 0; k < N; k++)
                CHECK_EQ(llocal_begin(c[k], w.t.tokens + (round ? 40 : k), round ? 1 : 10 + 7 * k, 1), LLOCAL_OK);
            for (done = false; !done;) CHECK_EQ(llocal_step(c, N, 200, &done), LLOCAL_OK);
        }
        alone = test_context_new(&w, none, 0);
        for (int k = 0; k < N; k++) {
            llocal_rewind(alone, 0);
            CHECK_EQ(llocal_eval(alone, w.t.tokens + k, 10 + 7 * k), LLOCAL_OK);
            CHECK_EQ(llocal_eval(alone, w.t.tokens + 40, 1), LLOCAL_OK);
            CHECK(!memcmp(llocal_logits(alone, -1), llocal_logits(c[k], -1), (size_t)w.m->hp.n_vocab * sizeof(float)));
            CHECK(!memcmp(llocal_hidden(alone, -1), llocal_hidden(c[k], -1), (size_t)w.m->hp.n_embd * sizeof(float)));
        }
        for (int k = 0; k < N; k++) llocal_context_close(c[k]);
        llocal_context_close(alone);
        test_world_close(&w);
    }
}

/* ---- going back, and states ---- */

static void test_states(void) {
    for (int i = 0; i < 2 * LL_COUNT(test_models); i++) {
        test_world w, other;
        llocal_context *a, *b;
        llocal_workers none;
        size_t n, n_bytes;
        uint8_t *state;
        TEST("states");
        memset(&none, 0, sizeof none);
        CHECK(test_world_open(&w, test_models[i / 2], LLOCAL_FORMAT_F32));
        CHECK(test_world_open(&other, test_models[(i / 2 + 1) % LL_COUNT(test_models)], 0));
        w.kv = i % 2 ? LLOCAL_KV_Q8 : LLOCAL_KV_F16;
        n_bytes = (size_t)w.m->hp.n_vocab * sizeof(float);
        a = test_context_new(&w, none, 8), b = test_context_new(&w, none, 32);
        CHECK_EQ(llocal_eval(a, w.t.tokens, 50), LLOCAL_OK);
        n = llocal_save_bytes(a);
        state = (uint8_t *)malloc(n);
        CHECK_EQ(llocal_save(a, state, n - 1), LLOCAL_ERR_FULL);
        CHECK_EQ(llocal_save(a, state, n), LLOCAL_OK);
        CHECK_EQ(llocal_eval(b, w.t.tokens + 3, 20), LLOCAL_OK);        /* something to overwrite */
        CHECK_EQ(llocal_restore(b, state, n), LLOCAL_OK);
        CHECK_EQ(llocal_position(b), 50);
        CHECK(!memcmp(llocal_tokens(b), w.t.tokens, 50 * sizeof(llocal_token)));
        CHECK_EQ(llocal_eval(a, w.t.tokens + 50, 20), LLOCAL_OK);
        CHECK_EQ(llocal_eval(b, w.t.tokens + 50, 20), LLOCAL_OK);
        CHECK(!memcmp(llocal_logits(a, -1), llocal_logits(b, -1), n_bytes));
        /* every byte matters, and a damaged state changes nothing */
        for (size_t at = 0; at < n; at += 1 + n / 97) {
            state[at] ^= 0x40;
            CHECK(llocal_restore(b, state, n) != LLOCAL_OK);
            state[at] ^= 0x40;
        }
        CHECK(llocal_restore(b, state, n - 1) != LLOCAL_OK);
        CHECK_EQ(llocal_position(b), 70);
        {
            llocal_context *x = test_context_new(&other, none, 8);
            CHECK_EQ(llocal_restore(x, state, n), LLOCAL_ERR_ARGUMENT);
            llocal_context_close(x);
            w.kv = LLOCAL_KV_F32;               /* another type of keys */
            x = test_context_new(&w, none, 8);
            CHECK_EQ(llocal_restore(x, state, n), LLOCAL_ERR_ARGUMENT);
            llocal_context_close(x);
        }
        free(state);
        llocal_context_close(a), llocal_context_close(b);
        test_world_close(&w), test_world_close(&other);
    }
}

static void test_going_back(void) {
    for (int i = 0; i < 2 * LL_COUNT(test_models); i++) {
        test_world w;
        llocal_context *a, *b;
        llocal_workers none;
        llocal_token turn[70];
        TEST("going back");
        memset(&none, 0, sizeof none);
        CHECK(test_world_open(&w, test_models[i / 2], LLOCAL_FORMAT_F32));
        w.kv = i % 2 ? LLOCAL_KV_Q8 : LLOCAL_KV_F16;
        a = test_context_new(&w, none, 8), b = test_context_new(&w, none, 0);
        /* a prompt, some tokens one by one, then the prompt with another ending */
        CHECK_EQ(llocal_eval(a, w.t.tokens, 40), LLOCAL_OK);
        for (int k = 40; k < 46; k++) CHECK_EQ(llocal_eval(a, w.t.tokens + k, 1), LLOCAL_OK);
        memcpy(turn, w.t.tokens, sizeof turn);
        turn[43] = (turn[43] + 1) % 160;
        CHECK_EQ(llocal_rewind(a, 43), LLOCAL_OK);
        CHECK_EQ(llocal_position(a), w.m->arch->other ? 40 : 43);   /* the end of the prompt */
        CHECK_EQ(llocal_sync(a, turn, 60), LLOCAL_OK);
        CHECK_EQ(llocal_eval(b, turn, 60), LLOCAL_OK);
        CHECK(!memcmp(llocal_logits(a, -1), llocal_logits(b, -1), (size_t)w.m->hp.n_vocab * sizeof(float)));
        CHECK_EQ(llocal_sync(a, turn, 60), LLOCAL_OK);                  /* nothing to do */
        CHECK_EQ(llocal_sync(a, turn, 20), LLOCAL_OK);
        CHECK_EQ(llocal_position(a), 20);
        llocal_rewind(b, 0);
        CHECK_EQ(llocal_eval(b, turn, 20), LLOCAL_OK);
        CHECK(!memcmp(llocal_logits(a, -1), llocal_logits(b, -1), (size_t)w.m->hp.n_vocab * sizeof(float)));
        llocal_context_close(a), llocal_context_close(b);
        test_world_close(&w);
    }
}

/* ---- misuse, and callbacks ---- */

static bool test_stop_after(void *user, int n_done, int n_total) {
    (void)n_done, (void)n_total;
    return --*(int *)user > 0;
}
static void test_count_trace(void *user, const llocal_trace *t) {
    int *counts = (int *)user;
    counts[0]++;
    if (!strcmp(t->name, "ffn_out") && t->n_cols == 256) counts[1]++;
    if (!strcmp(t->name, "logits") && t->layer == -1 && t->n_cols == 160) counts[2]++;
    for (int r = 0; r < t->n_rows; r++)
        for (int i = 0; i < t->n_cols; i++) if (t->data[r * t->stride + i] != t->data[r * t->stride + i]) counts[3]++;
}

/* Each product that is traced is the product of what it says: its input with its tensor. */
typedef struct test_products { const llocal_gguf *g; int n, n_expert, n_wrong; } test_products;

static void test_check_product(void *user, const llocal_trace *t) {
    test_products *p = (test_products *)user;
    llocal_tensor w;
    float row[512];
    if (t->tensor < 0) return;
    w = llocal_gguf_tensor(p->g, t->tensor);
    p->n++, p->n_expert += t->expert != NULL;
    for (int r = 0; r < t->n_rows; r++) {
        const float *x = t->in + (size_t)(r / t->in_shared) * (size_t)t->in_stride;
        int64_t first = t->expert ? t->expert[r] * w.dim[1] : 0;
        for (int i = 0; i < t->n_cols; i += 13) {
            const uint8_t *data = (const uint8_t *)w.data;
            double sum = 0;
            data += llocal_format_bytes(w.format, (uint64_t)w.dim[0]) * (uint64_t)(first + i);
            llocal_dequantize(w.format, data, row, (size_t)w.dim[0]);
            for (int k = 0; k < t->in_cols; k++) sum += (double)row[k] * x[k];
            p->n_wrong += !(fabs(sum - t->data[(size_t)r * (size_t)t->stride + i]) < (w.format ? 0.05 : 1e-4));
        }
    }
}

static void test_trace(const char *name, llocal_format f, int n_expert) {
    test_world w;
    test_products p;
    llocal_context_desc d;
    llocal_context *c = NULL;
    TEST(name);
    memset(&d, 0, sizeof d), memset(&p, 0, sizeof p);
    CHECK(test_world_open(&w, name, f));
    p.g = llocal_model_gguf(w.m);
    d.trace = test_check_product, d.trace_user = &p, d.n_batch = 16;
    CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c, w.t.tokens, 20), LLOCAL_OK);
    CHECK(p.n > 20 && p.n_wrong == 0);
    CHECK_EQ(p.n_expert, n_expert);
    llocal_context_close(c);
    test_world_close(&w);
}

/* The table of names at llocal_trace: nothing else is traced, widths and rows are as it says, the stream is what
 * it was and what was added, and the first token's keys are not turned. */
typedef struct test_names {
    const llocal_hparams *hp;
    const char *seen[32];
    int n_seen, n_wrong, n_tokens, n_kept, n_stream;
    float stream[32 * 256], added[32 * 256], key[512];
} test_names;

static int test_trace_width(const llocal_hparams *hp, const char *name, int cols) {
    const char *const embd[] = { "embd", "attn_norm", "attn_out", "conv", "conv_out", "attn_post_norm", "residual", "ffn_norm",
                                 "ffn_down", "ffn_out", "ffn_post_norm", "output_norm" };
    for (size_t i = 0; i < LL_COUNT(embd); i++) if (!strcmp(name, embd[i])) return hp->n_embd;
    if (!strcmp(name, "q") || !strcmp(name, "q_rope") || !strcmp(name, "attn")) return hp->n_head * hp->head_dim;
    if (!strcmp(name, "k") || !strcmp(name, "k_rope") || !strcmp(name, "v")) return hp->n_head_kv * hp->head_dim;
    if (!strcmp(name, "qkv")) return (hp->n_head + 2 * hp->n_head_kv) * hp->head_dim;
    if (!strcmp(name, "conv_in")) return 3 * hp->n_embd;
    if (!strcmp(name, "ffn_router") || !strcmp(name, "ffn_probs")) return hp->n_expert;
    if (!strcmp(name, "ffn_gate") || !strcmp(name, "ffn_up") || !strcmp(name, "ffn_act")) return hp->n_expert ? cols : hp->n_ff;
    return !strcmp(name, "logits") ? hp->n_vocab : -1;
}

static void test_check_names(void *user, const llocal_trace *t) {
    test_names *p = (test_names *)user;
    const bool pairs = p->hp->n_expert && (!strcmp(t->name, "ffn_up") || !strcmp(t->name, "ffn_gate") ||
                                           !strcmp(t->name, "ffn_act") || !strcmp(t->name, "ffn_down"));
    const int per = pairs ? p->hp->n_expert_used : 1, n = t->n_cols;
    int i = 0;
    while (i < p->n_seen && strcmp(p->seen[i], t->name)) i++;
    if (i == p->n_seen) p->seen[p->n_seen++] = t->name;
    p->n_wrong += n != test_trace_width(p->hp, t->name, n);
    p->n_wrong += t->n_rows != p->n_tokens * per && t->n_rows != p->n_kept * per;
    if (!strcmp(t->name, "k")) memcpy(p->key, t->data, (size_t)n * sizeof(float));
    if (!strcmp(t->name, "k_rope") && ll_str_is(p->hp->arch, "llama"))      /* which norms no heads */
        p->n_wrong += memcmp(p->key, t->data, (size_t)n * sizeof(float)) != 0;
    for (int r = 0; n == p->hp->n_embd && r < t->n_rows && r < 32; r++) {
        const float *x = t->data + (size_t)r * (size_t)t->stride;
        float *stream = p->stream + r * 256, *added = p->added + r * 256;
        if (!strcmp(t->name, "residual")) {
            if (t->n_rows == p->n_tokens)
                for (int k = 0; k < n; k++) p->n_wrong += x[k] != stream[k] + added[k];
            p->n_stream++;
        }
        if (!strcmp(t->name, "residual") || !strcmp(t->name, "embd")) memcpy(stream, x, (size_t)n * sizeof *x);
        else memcpy(added, x, (size_t)n * sizeof *x);
    }
}

static void test_trace_names(void) {
    const char *const models[] = { "wide-llama", "wide-qwen3moe", "wide-lfm2", "wide-gemma3", "tests/golden/arch/gpt2.golden" };
    const int n_names[] = { 17, 20, 20, 19, 14 };
    for (size_t i = 0; i < LL_COUNT(models); i++) {
        static test_names p;
        test_world w;
        llocal_context_desc d;
        llocal_context *c = NULL;
        TEST(models[i]);
        memset(&d, 0, sizeof d), memset(&p, 0, sizeof p);
        CHECK(test_world_open(&w, models[i], 0));
        p.hp = llocal_model_hparams(w.m), p.n_tokens = 10, p.n_kept = 2;
        d.trace = test_check_names, d.trace_user = &p, d.n_logits = 2;
        CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c, w.t.tokens, 10, 2), LLOCAL_OK);
        CHECK_EQ(llocal_step(&c, 1, 0, NULL), LLOCAL_OK);
        CHECK_EQ(p.n_wrong, 0);
        CHECK_EQ(p.n_seen, n_names[i]);
        CHECK_EQ(p.n_stream, 2 * ((p.hp->n_layer - 1) * 10 + 2));
        llocal_context_close(c);
        test_world_close(&w);
    }
}

static void test_misuse(void) {
    test_world w;
    llocal_context *c = NULL;
    llocal_context_desc d;
    llocal_token bad[2] = { 3, 160 };
    int left = 20, counts[4] = { 0, 0, 0, 0 };
    TEST("misuse");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", LLOCAL_FORMAT_F32));
    d.n_ctx = 32;
    d.progress = test_stop_after, d.progress_user = &left;
    d.trace = test_count_trace, d.trace_user = counts;
    CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c, w.t.tokens, 20), LLOCAL_ERR_CANCELLED);
    CHECK_EQ(llocal_position(c), 0);
    CHECK(llocal_logits(c, -1) == NULL);
    left = 1 << 30;
    CHECK_EQ(llocal_eval(c, w.t.tokens, 20), LLOCAL_OK);
    CHECK(counts[0] > 20 && counts[1] >= 2 && counts[2] == 1 && counts[3] == 0);
    CHECK_EQ(llocal_eval(c, w.t.tokens, 13), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_eval(c, bad, 2), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_begin(c, bad, 1, 2), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_position(c), 20);
    CHECK_EQ(llocal_eval(c, w.t.tokens, 12), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c, w.t.tokens, 1), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_eval(c, NULL, 0), LLOCAL_OK);
    llocal_context_close(c);
    d.n_ctx = -1;
    CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_ERR_ARGUMENT);
    CHECK(c == NULL);
    d.n_ctx = 32, d.k = (llocal_kv)(LLOCAL_KV_Q8 + 1);
    CHECK_EQ(llocal_context_open(w.m, &d, &c), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_context_open(NULL, NULL, &c), LLOCAL_ERR_ARGUMENT);
    {
        llocal_model *m;
        CHECK_EQ(llocal_model_open(NULL, &m), LLOCAL_ERR_ARGUMENT);
        CHECK(m == NULL);
    }
    llocal_context_close(NULL), llocal_model_close(NULL), llocal_pool_close(NULL), llocal_gguf_close(NULL);
    test_world_close(&w);
}

/* The first, second, ... allocation fails, for everything that opens. */
static void test_out_of_memory(void) {
    test_world w;
    llocal_source src;
    bool complete = false;
    TEST("out of memory");
    CHECK(test_world_open(&w, "wide-lfm2", LLOCAL_FORMAT_F32));
    memset(&src, 0, sizeof src);
    src.data = w.image, src.data_size = w.size;
    for (int fail = 1; fail < 50 && !complete; fail++) {
        test_heap heap = { 0, 0, 0, 0 };
        llocal_model *m = NULL;
        llocal_context *c = NULL;
        llocal_result r;
        heap.fail_at = fail;
        src.allocator.resize = test_heap_resize, src.allocator.user = &heap;
        r = llocal_model_open(&src, &m);
        if (!r) r = llocal_context_open(m, NULL, &c);
        complete = r == LLOCAL_OK;
        CHECK(complete || r == LLOCAL_ERR_MEMORY);
        llocal_context_close(c), llocal_model_close(m);
        CHECK_EQ(heap.bytes, 0);
    }
    CHECK(complete);
    test_world_close(&w);
}

/* The first, second, ... read fails or comes short while a model is opened through a reader. */
typedef struct test_reader { const uint8_t *data; size_t size; int calls, fail_at; bool cut; } test_reader;

static size_t test_reader_read(void *user, uint64_t offset, void *dst, size_t size) {
    test_reader *r = (test_reader *)user;
    bool fail = ++r->calls == r->fail_at;
    if (offset > r->size) return 0;
    if (size > r->size - offset) size = (size_t)(r->size - offset);
    if (fail && !r->cut) return 0;
    memcpy(dst, r->data + offset, size);
    return fail ? size / 2 : size;      /* the rest can be read with another call */
}

static void test_reads(void) {
    test_world w;
    llocal_context *a;
    llocal_workers none;
    int n_ok = 0, n_io = 0;
    TEST("reads");
    memset(&none, 0, sizeof none);
    CHECK(test_world_open(&w, "wide-gemma3", LLOCAL_FORMAT_Q8_0));
    a = test_context_new(&w, none, 0);
    CHECK_EQ(llocal_eval(a, w.t.tokens, 20), LLOCAL_OK);
    for (int i = 0; i < 400 && n_ok < 3; i++) {
        test_heap heap = { 0, 0, 0, 0 };
        test_reader reader;
        llocal_source src;
        llocal_model *m = NULL;
        llocal_context *c = NULL;
        llocal_plan plan;
        llocal_result r;
        memset(&src, 0, sizeof src);
        reader.data = (const uint8_t *)w.image, reader.size = w.size, reader.calls = 0;
        reader.fail_at = i / 2 + 1, reader.cut = i & 1;
        src.reader.read = test_reader_read, src.reader.size = w.size, src.reader.user = &reader;
        src.allocator.resize = test_heap_resize, src.allocator.user = &heap;
        r = llocal_model_open(&src, &m);
        CHECK(r == LLOCAL_OK || r == LLOCAL_ERR_IO);
        if (r) n_io++;
        else {
            n_ok += reader.calls < reader.fail_at;      /* past the last read */
            reader.fail_at = 0;
            CHECK_EQ(llocal_model_plan(&src, &plan), LLOCAL_OK);
            CHECK_EQ(heap.bytes, plan.bytes);
            CHECK_EQ(llocal_context_open(m, NULL, &c), LLOCAL_OK);
            CHECK_EQ(llocal_eval(c, w.t.tokens, 20), LLOCAL_OK);
            CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(a, -1), (size_t)w.m->hp.n_vocab * sizeof(float)));
        }
        llocal_context_close(c), llocal_model_close(m);
        CHECK_EQ(heap.bytes, 0);
    }
    CHECK(n_ok == 3 && n_io > 3);
    llocal_context_close(a);
    test_world_close(&w);
}

/* The fewest workers that are nearly as fast as the best number of them. */
static void test_tuning(void) {
    static const int us[] = { 0, 2000, 1110, 0, 1015, 0, 0, 0, 1000 };
    for (int efficient = 0; efficient < 2; efficient++) {
        ll_tuner t;
        int calls = 0;
        TEST("tuning");
        memset(&t, 0, sizeof t);
        for (; !t.chosen && calls < 100; calls++)
            ll_tune(&t, (uint64_t)us[ll_tuned_width(&t, 8)] + (calls % 3 ? 500 : 0), efficient ? 1 / 0.85 : 1 / 0.97);
        CHECK_EQ(calls, 4 * LL_TUNE_PASSES);
        CHECK_EQ(ll_tuned_width(&t, 8), efficient ? 2 : 4);
        for (calls = 0; ll_tuned_width(&t, 8) == t.chosen && calls < 10000; calls++) ll_tune(&t, 1000, 1);
        CHECK_EQ(calls, LL_TUNE_AGAIN);
        for (calls = 0; !t.rest && calls < 100; calls++)                /* now each counts */
            ll_tune(&t, 8000 / (uint64_t)ll_tuned_width(&t, 8), efficient ? 1 / 0.85 : 1 / 0.97);
        CHECK_EQ(calls, (efficient ? 4 : 3) * LL_TUNE_PASSES);
        CHECK_EQ(ll_tuned_width(&t, 8), 8);
        CHECK_EQ(ll_tuned_width(&t, 3), 3);                             /* other circumstances: anew */
    }
}

static void test_one(void) { test_one_result_of_all(); }

static void test_context(void) {
    test_plans();
    test_long();
    test_steps();
    test_together();
    test_going_back();
    test_states();
    test_trace("wide-llama", LLOCAL_FORMAT_F32, 0);
    test_trace("wide-llama", TINY_MIXED, 0);
    test_trace("wide-qwen3moe", TINY_MIXED, 9);
    test_trace("wide-lfm2", LLOCAL_FORMAT_Q8_0, 0);
    test_trace("wide-qwen3moe", LLOCAL_FORMAT_F32, 9);  /* two passes of three products; the second layer's first is empty */
    test_trace("wide-qwen3moe", LLOCAL_FORMAT_Q8_0, 9);
    test_trace_names();
    test_misuse();
    test_out_of_memory();
    test_reads();
    test_tuning();
}

/* ---- one model, one pool, several threads ---- */

#if LL_THREADS
typedef struct test_thread { test_world *w; llocal_workers workers; uint64_t hash; ll_thread id; } test_thread;

static void test_thread_work(test_thread *t) {
    llocal_context *c = test_context_new(t->w, t->workers, 8);
    for (int i = 0; i < 3; i++) {
        llocal_rewind(c, 0);
        t->hash = ll_hash(t->hash, &i, sizeof i) ^ test_eval_hash(c, t->w->t.tokens, 30, i);
    }
    llocal_context_close(c);
}
#if LL_WINDOWS
static DWORD WINAPI test_thread_run(void *user) { test_thread_work((test_thread *)user); return 0; }
#else
static void *test_thread_run(void *user) { test_thread_work((test_thread *)user); return NULL; }
#endif

static void test_threads(void) {
    enum { N = 3 };
    test_world w;
    test_thread t[N];
    llocal_pool *pool = NULL;
    TEST("threads");
    CHECK(test_world_open(&w, "wide-qwen3moe", LLOCAL_FORMAT_Q8_0));
    CHECK((pool = tiny_pool(2)) != NULL);
    for (int i = 0; i < N; i++) {
        t[i].w = &w, t[i].workers = llocal_pool_workers(pool), t[i].hash = LL_HASH_START;
        CHECK(ll_thread_start(&t[i].id, test_thread_run, &t[i]));
    }
    for (int i = 0; i < N; i++) ll_thread_join(t[i].id);
    CHECK(t[0].hash == t[1].hash && t[0].hash == t[2].hash);
    llocal_pool_close(pool);
    test_world_close(&w);
}
#else
static void test_threads(void) { TEST("threads"); SKIP("no threads in this build"); }
#endif
