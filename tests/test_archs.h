/* Every architecture, in every order: the golden files of tests/golden/arch, and those of the shared data where that is
 * there. A row of ll_archs that no file of either proves is a failure where the shared data is. */
#ifndef TEST_ARCHS_H
#define TEST_ARCHS_H
#include "t.h"
#include "test_source.h"
#include "goldens.h"

/* ---- orders ---- */

/* Logits of the tokens from `from` on, `step` at a time (0: all), as one hash. */
static uint64_t test_arch_hash(llocal_context *c, const test_world *w, int from, int step) {
    uint64_t h = LL_HASH_START;
    for (int at = from; at < w->t.n_tokens;) {
        const int n = step && step < w->t.n_tokens - at ? step : w->t.n_tokens - at;
        CHECK_EQ(llocal_begin(c, w->t.tokens + at, n, n), LLOCAL_OK);
        for (bool done = false; !done;) CHECK_EQ(llocal_step(&c, 1, 0, &done), LLOCAL_OK);
        for (int i = 0; i < n; i++)
            h = ll_hash(h, llocal_logits(c, i), (size_t)w->m->hp.n_vocab * sizeof(float));
        at += n;
    }
    return h;
}

static llocal_context *test_arch_open(const test_world *w, int n_batch, int width) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    memset(&d, 0, sizeof d);
    d.n_batch = n_batch, d.n_logits = w->t.n_tokens, d.workers.run = test_run_reversed, d.workers.width = width;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    if (w->t.n_tokens_enc) CHECK_EQ(llocal_encode(c, w->t.tokens_enc, w->t.n_tokens_enc), LLOCAL_OK);
    return c;
}

static bool test_arch_same(const test_world *w, llocal_context *a, int i, llocal_context *b, int k) {
    const float *x = llocal_logits(a, i), *y = llocal_logits(b, k);
    return x && y && !memcmp(x, y, (size_t)w->m->hp.n_vocab * sizeof(float));
}

/* One reads a prompt while another goes on by a token at a time, in the same passes. */
static void test_arch_together(const test_world *w, llocal_context *straight, llocal_context *a, llocal_context *b) {
    const int n = w->t.n_tokens, half = n / 2;
    llocal_context *both[2];
    CHECK_EQ(llocal_rewind(a, 0), LLOCAL_OK);
    CHECK_EQ(llocal_rewind(b, 0), LLOCAL_OK);
    CHECK_EQ(llocal_eval(a, w->t.tokens, half), LLOCAL_OK);
    both[0] = b, both[1] = a;
    CHECK_EQ(llocal_begin(b, w->t.tokens, n, n), LLOCAL_OK);
    for (int i = half; i < n; i++) {
        CHECK_EQ(llocal_begin(a, w->t.tokens + i, 1, 1), LLOCAL_OK);
        while (llocal_pending(a)) CHECK_EQ(llocal_step(both, 2, 1, NULL), LLOCAL_OK);
        CHECK(test_arch_same(w, a, -1, straight, i));
    }
    for (bool done = false; !done;) CHECK_EQ(llocal_step(&b, 1, 0, &done), LLOCAL_OK);
    for (int i = 0; i < n; i++) CHECK(test_arch_same(w, b, i, straight, i));
}

/* In small batches, by three workers, token by token; saved in the middle and gone on with elsewhere; made equal to
 * other tokens and back; interrupted by a budget of nothing and cancelled on the way: the bits of the straight run. */
static void test_arch_orders(const test_world *w) {
    const int n_tokens = w->t.n_tokens, half = n_tokens / 2;
    llocal_context *straight = test_arch_open(w, 0, 1), *c = test_arch_open(w, 5, 3), *other = test_arch_open(w, 7, 2);
    const uint64_t want = test_arch_hash(straight, w, 0, 0);
    uint64_t rest, mark = LL_HASH_START;
    uint8_t *state;
    size_t n;
    bool done = false;
    if (!w->t.n_tokens_enc) CHECK_EQ(llocal_encode(other, w->t.tokens, 1), LLOCAL_ERR_UNSUPPORTED);
    for (int i = half; i < n_tokens; i++)
        mark = ll_hash(mark, llocal_logits(straight, i), (size_t)w->m->hp.n_vocab * sizeof(float));
    CHECK(test_arch_hash(c, w, 0, 0) == want);
    CHECK_EQ(llocal_rewind(c, 0), LLOCAL_OK);
    CHECK(test_arch_hash(c, w, 0, 1) != 0);
    CHECK(test_arch_same(w, c, -1, straight, -1));
    CHECK_EQ(llocal_rewind(c, 0), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c, w->t.tokens, half), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c, w->t.tokens + half, 5, 1), LLOCAL_OK);     /* a part of it, and then not */
    for (int i = 0; i < 9 && !done; i++) CHECK_EQ(llocal_step(&c, 1, 1, &done), LLOCAL_OK);
    llocal_cancel(c);
    CHECK_EQ(llocal_rewind(c, half), LLOCAL_OK);
    if (llocal_position(c) != half) {           /* it was done already, and a state went on */
        CHECK_EQ(llocal_rewind(c, 0), LLOCAL_OK);
        CHECK_EQ(llocal_eval(c, w->t.tokens, half), LLOCAL_OK);
    }
    state = (uint8_t *)malloc(n = llocal_save_bytes(c));
    CHECK_EQ(llocal_save(c, state, n), LLOCAL_OK);
    CHECK_EQ(llocal_restore(other, state, n), LLOCAL_OK);
    rest = test_arch_hash(other, w, half, 0);
    CHECK(rest == mark && test_arch_hash(c, w, half, 3) != 0);
    CHECK(test_arch_same(w, c, -1, straight, -1));
    CHECK_EQ(llocal_sync(c, w->t.tokens + 1, half), LLOCAL_OK);
    CHECK_EQ(llocal_sync(c, w->t.tokens, n_tokens), LLOCAL_OK);
    CHECK(test_arch_same(w, c, -1, straight, -1));
    test_arch_together(w, straight, c, other);
    free(state);
    llocal_context_close(straight), llocal_context_close(c), llocal_context_close(other);
}

/* A source text: what is refused and when; begun and cancelled; read in pieces, in the pass of another that reads one
 * and beside one that goes on; kept by rewinds, syncs, states and forks: the bits of the straight run. */
static void test_encode(const test_world *w) {
    const int n = w->t.n_tokens, n_enc = w->t.n_tokens_enc;
    llocal_context *straight = test_arch_open(w, 0, 1), *c[3] = { NULL, NULL, NULL };
    llocal_context_desc d;
    uint8_t *state;
    size_t bytes;
    bool done = false;
    CHECK_EQ(llocal_begin(straight, w->t.tokens, n, n), LLOCAL_OK);
    CHECK_EQ(llocal_step(&straight, 1, 0, NULL), LLOCAL_OK);
    memset(&d, 0, sizeof d);
    d.n_ctx = n + 9, d.n_batch = 5, d.n_source = n_enc, d.n_logits = n;
    d.workers.run = test_run_reversed, d.workers.width = 3;
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_context_open(w->m, &d, &c[i]), LLOCAL_OK);
    d.n_source = 2 * n_enc;
    CHECK_EQ(llocal_context_open(w->m, &d, &c[2]), LLOCAL_OK);
    CHECK(llocal_model_hparams(w->m)->encodes && llocal_model_hparams(w->m)->decoder_start == w->t.tokens[0]);
    CHECK_EQ(llocal_eval(c[0], w->t.tokens, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_sync(c[0], w->t.tokens, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_encode(c[0], w->t.tokens_enc, 0), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_encode(c[0], NULL, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_encode(c[0], w->t.tokens_enc, n_enc + 1), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_encode(NULL, w->t.tokens_enc, n_enc), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_encode_begin(c[0], w->t.tokens_enc, n_enc), LLOCAL_OK);
    CHECK(llocal_pending(c[0]) == n_enc && llocal_encode(c[0], w->t.tokens_enc, 1) == LLOCAL_ERR_ARGUMENT);
    for (int i = 0; i < 9; i++) CHECK_EQ(llocal_step(c, 1, 1, &done), LLOCAL_OK);
    CHECK(!done);
    llocal_cancel(c[0]);
    CHECK(llocal_pending(c[0]) == 0 && llocal_eval(c[0], w->t.tokens, 1) == LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_encode(c[1], w->t.tokens_enc + 1, n_enc - 1), LLOCAL_OK);   /* another text, */
    CHECK_EQ(llocal_eval(c[1], w->t.tokens, n), LLOCAL_OK);
    CHECK(!test_arch_same(w, c[1], -1, straight, -1));                          /* another answer */
    CHECK_EQ(llocal_encode_begin(c[2], w->t.tokens_enc, n_enc), LLOCAL_OK);
    CHECK_EQ(llocal_encode_begin(c[0], w->t.tokens_enc, n_enc), LLOCAL_OK);
    CHECK_EQ(llocal_rewind(c[1], 0), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c[1], w->t.tokens, n, 1), LLOCAL_OK);
    { llocal_context *list[3]; list[0] = c[2], list[1] = c[1], list[2] = c[0];
      for (done = false; !done;) CHECK_EQ(llocal_step(list, 3, 1, &done), LLOCAL_OK); }
    CHECK(!test_arch_same(w, c[1], -1, straight, -1) && llocal_position(c[0]) == 0 && !llocal_logits(c[0], -1));
    CHECK_EQ(llocal_fork(c[2], c[1]), LLOCAL_OK);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(llocal_begin(c[i], w->t.tokens, n, n), LLOCAL_OK);
        for (done = false; !done;) CHECK_EQ(llocal_step(&c[i], 1, 1, &done), LLOCAL_OK);
        for (int k = 0; k < n; k++) CHECK(test_arch_same(w, c[i], k, straight, k));
    }
    CHECK_EQ(llocal_rewind(c[0], n / 2), LLOCAL_OK);
    CHECK_EQ(llocal_sync(c[0], w->t.tokens, n), LLOCAL_OK);
    CHECK(test_arch_same(w, c[0], -1, straight, -1));
    state = (uint8_t *)malloc(bytes = llocal_save_bytes(c[0]));
    CHECK_EQ(llocal_save(c[0], state, bytes), LLOCAL_OK);
    CHECK_EQ(llocal_encode(c[1], w->t.tokens, 3), LLOCAL_OK);
    CHECK_EQ(llocal_restore(c[1], state, bytes), LLOCAL_OK);
    CHECK(test_arch_same(w, c[1], -1, straight, -1));
    CHECK_EQ(llocal_rewind(c[1], 1), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c[1], w->t.tokens + 1, n - 1), LLOCAL_OK);
    CHECK(test_arch_same(w, c[1], -1, straight, -1));
    CHECK_EQ(llocal_encode(c[2], w->t.tokens_enc, 1), LLOCAL_OK);
    llocal_context_close(c[1]);
    d.n_source = n_enc - 1;
    CHECK_EQ(llocal_context_open(w->m, &d, &c[1]), LLOCAL_OK);
    CHECK_EQ(llocal_restore(c[1], state, bytes), LLOCAL_ERR_FULL);
    CHECK_EQ(llocal_fork(c[0], c[1]), LLOCAL_ERR_FULL);
    free(state);
    llocal_context_close(straight);
    for (int i = 0; i < 3; i++) llocal_context_close(c[i]);
}

/* ---- memory ---- */

/* What is planned is what is taken, once; where that is not given, and where a read fails, there is an error and
 * nothing is kept. */
static void test_arch_memory(const test_world *w) {
    t_heap heap = { 0, 0, 0, 0, 0, false };
    t_reader reader;
    llocal_source src = t_from_reader(&reader, w->image, w->size);
    llocal_context_desc d;
    llocal_plan plan;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    int n_reads, n_model;
    memset(&d, 0, sizeof d);
    src.allocator.resize = t_heap_resize, src.allocator.user = &heap, d.n_ctx = 32;
    CHECK_EQ(llocal_model_plan(&src, &plan), LLOCAL_OK);
    reader.n_calls = heap.n_calls = 0;
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    CHECK(m && heap.peak <= plan.bytes + plan.weights_copied && heap.live <= plan.bytes + plan.weights_copied);
    if (!m) return;
    n_model = heap.n_calls, n_reads = reader.n_calls;
    d.allocator = src.allocator;
    CHECK_EQ(llocal_context_plan(m, &d, &plan), LLOCAL_OK);
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
    CHECK_EQ(heap.last, plan.bytes);
    llocal_context_close(c), c = NULL;
    heap.fail_at = heap.n_calls + 1;
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_ERR_MEMORY);
    llocal_model_close(m);
    CHECK(!c && heap.live == 0 && !heap.wrong_size);
    for (int i = 1; i <= n_model; i++) {
        heap.n_calls = 0, heap.fail_at = i;
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_ERR_MEMORY);
        CHECK(!m && heap.live == 0);
    }
    heap.fail_at = 0;
    for (int i = 1; i <= n_reads; i += 1 + n_reads / 24) {
        reader.n_calls = 0, reader.fail_at = i;
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_ERR_IO);
        CHECK(!m && heap.live == 0);
    }
}

/* ---- builds with some architectures only ---- */

/* What a build with this model's rows alone may have, its layers have no more. */
static void test_arch_alone(const test_world *w) {
    ll_blocks have;
    memset(&have, 0, sizeof have);
    for (int k = 0; k < LL_COUNT(ll_archs); k++) {
        const ll_arch *a = &ll_archs[k];
        if (strcmp(a->name, w->m->arch->name)) continue;
        ll_blocks_add(&have, a->norms), ll_blocks_add(&have, a->attention), ll_blocks_add(&have, a->other);
        ll_blocks_add(&have, a->ffn), ll_blocks_add(&have, a->experts);
    }
    ll_blocks_add(&have, LL_B_TAKE_PLACE_MIX), ll_blocks_add(&have, LL_B_TAKE_PLACE_FFN);
    for (int i = 0; i < w->m->hp.n_layer; i++)
        for (int r = LL_ROOM_STREAM; r <= LL_ROOM_FFN; r++) CHECK((w->m->layers[i].blocks.of[r] & ~have.of[r]) == 0);
}

/* ---- all ---- */

/* A context that makes vectors. */
static llocal_context *test_vector_open(const test_world *w, llocal_pooling pooling, int n_batch, int width) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    memset(&d, 0, sizeof d);
    d.n_ctx = 64, d.n_batch = llocal_model_hparams(w->m)->both_ways ? 0 : n_batch;
    d.workers.run = test_run_reversed, d.workers.width = width, d.embed = true, d.pooling = pooling;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    return c;
}

/* Vectors in small batches, by three workers; beside another text in the same pass, interrupted and cancelled on the way;
 * saved and restored; asked for again: the bits of the straight run. */
static void test_vectors(const test_world *w, llocal_pooling pooling) {
    llocal_context *straight = test_vector_open(w, pooling, 0, 1), *c[2];
    const int n = w->t.n_tokens, size = llocal_embedding_size(straight);
    const size_t bytes = (size_t)size * sizeof(float);
    const bool whole = llocal_model_hparams(w->m)->both_ways;
    double sum = 0;
    uint8_t *state;
    size_t n_state;
    bool done = false;
    c[0] = test_vector_open(w, pooling, 5, 3), c[1] = test_vector_open(w, pooling, 7, 2);
    CHECK(!llocal_embedding(straight) && !llocal_logits(straight, -1));
    CHECK_EQ(llocal_sync(straight, w->t.tokens, n), LLOCAL_OK);
    CHECK(!llocal_logits(straight, -1) && size > 0);
    for (int i = 0; i < size; i++) sum += (double)llocal_embedding(straight)[i] * llocal_embedding(straight)[i];
    CHECK(pooling == LLOCAL_POOL_RANK || fabs(sum - 1) < 1e-5);
    CHECK_EQ(llocal_begin(c[0], w->t.tokens, n, 1), LLOCAL_OK);
    for (int i = 0; i < 7 && !done; i++) CHECK_EQ(llocal_step(c, 1, 1, &done), LLOCAL_OK);
    llocal_cancel(c[0]), CHECK_EQ(llocal_rewind(c[0], 0), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c[0], w->t.tokens, n, 1), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c[1], w->t.tokens + 3, n - 3, 1), LLOCAL_OK);
    for (done = false; !done;) CHECK_EQ(llocal_step(c, 2, 1, &done), LLOCAL_OK);
    CHECK(!memcmp(llocal_embedding(c[0]), llocal_embedding(straight), bytes));
    CHECK(memcmp(llocal_embedding(c[1]), llocal_embedding(straight), bytes));
    state = (uint8_t *)malloc(n_state = llocal_save_bytes(c[0]));
    CHECK_EQ(llocal_save(c[0], state, n_state), LLOCAL_OK);
    CHECK_EQ(llocal_restore(c[1], state, n_state), LLOCAL_OK);
    CHECK(!memcmp(llocal_embedding(c[1]), llocal_embedding(straight), bytes));
    if (!whole) {                               /* the text goes on */
        CHECK_EQ(llocal_rewind(c[1], 0), LLOCAL_OK);
        for (int i = 0; i < n; i++) CHECK_EQ(llocal_eval(c[1], w->t.tokens + i, 1), LLOCAL_OK);
        CHECK(!memcmp(llocal_embedding(c[1]), llocal_embedding(straight), bytes));
    } else {
        CHECK_EQ(llocal_eval(c[1], w->t.tokens, 1), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_rewind(c[1], 3), LLOCAL_OK);
        CHECK_EQ(llocal_position(c[1]), 0);
    }
    CHECK_EQ(llocal_sync(c[1], w->t.tokens, 4), LLOCAL_OK);
    CHECK_EQ(llocal_sync(c[1], w->t.tokens, n), LLOCAL_OK);
    CHECK(!memcmp(llocal_embedding(c[1]), llocal_embedding(straight), bytes));
    CHECK_EQ(llocal_begin(c[1], w->t.tokens, 65, 1), LLOCAL_ERR_FULL);
    free(state);
    llocal_context_close(straight), llocal_context_close(c[0]), llocal_context_close(c[1]);
}

/* Logits of a text that is evaluated whole: by three workers, interrupted, cancelled and begun again. */
static void test_whole(const test_world *w) {
    const int n = w->t.n_tokens;
    const size_t bytes = (size_t)w->m->hp.n_vocab * (size_t)n * sizeof(float);
    llocal_context_desc d;
    llocal_context *straight = NULL, *c = NULL;
    bool done = false;
    memset(&d, 0, sizeof d);
    d.n_logits = n, d.n_ctx = 64;
    CHECK_EQ(llocal_context_open(w->m, &d, &straight), LLOCAL_OK);
    d.workers.run = test_run_reversed, d.workers.width = 3;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    CHECK_EQ(llocal_begin(straight, w->t.tokens, n, n), LLOCAL_OK);
    CHECK_EQ(llocal_step(&straight, 1, 0, &done), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c, w->t.tokens + 1, n - 1, 1), LLOCAL_OK);
    for (int i = 0; i < 7; i++) CHECK_EQ(llocal_step(&c, 1, 1, &done), LLOCAL_OK);
    llocal_cancel(c), CHECK_EQ(llocal_rewind(c, 0), LLOCAL_OK);
    CHECK_EQ(llocal_begin(c, w->t.tokens, n, n), LLOCAL_OK);
    for (done = false; !done;) CHECK_EQ(llocal_step(&c, 1, 1, &done), LLOCAL_OK);
    CHECK(!memcmp(llocal_logits(c, 0), llocal_logits(straight, 0), bytes));
    CHECK_EQ(llocal_eval(c, w->t.tokens, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_sync(c, w->t.tokens, 3), LLOCAL_OK);
    CHECK_EQ(llocal_position(c), 3);
    llocal_context_close(straight), llocal_context_close(c);
}

/* All poolings that a golden file has vectors of. */
static void test_all_vectors(const test_world *w) {
    static const struct { const char *kind; llocal_pooling pooling; } kinds[] = {
        { "mean", LLOCAL_POOL_MEAN }, { "cls", LLOCAL_POOL_FIRST }, { "last", LLOCAL_POOL_LAST }, { "rank", LLOCAL_POOL_RANK }
    };
    bool any = false;
    for (int k = 0; k < LL_COUNT(kinds); k++)
        for (int i = 0; i < w->t.n_rows; i++)
            if (!strcmp(w->t.rows[i].kind, kinds[k].kind)) test_vectors(w, kinds[k].pooling), any = true;
    if (!any) test_vectors(w, LLOCAL_POOL_MEAN);
}

static bool test_tokens_are(const llocal_model *m, const char *pattern, const char *query, const char *document,
                            const llocal_token *want, int n) {
    llocal_str q = { query, query ? strlen(query) : 0 }, d = { document, document ? strlen(document) : 0 };
    bool good = true;
    for (int cap = 0; cap <= n + 1; cap++) {    /* as many as fit, and none more */
        llocal_token out[20];
        for (int i = 0; i < 20; i++) out[i] = -7;
        good = good && llocal_tokenize_pattern(m, ll_str(pattern), q, d, out, cap) == n;
        for (int i = 0; i < 20; i++) good = good && out[i] == (i < cap && i < n ? want[i] : -7);
    }
    return good;
}

/* What stands around texts: of a vocabulary with CLS (101) and SEP (102), and of a file that has a template for pairs. */
static void test_patterns(void) {
    static const llocal_token pair[] = { 101, 5, 102, 6, 102 }, one[] = { 101, 5, 102 }, other[] = { 101, 7, 6, 8, 102 };
    llocal_str none = { NULL, 0 };
    test_world w;
    TEST("patterns");
    if (!test_world_open(&w, "tests/golden/arch/bert-rank.golden", LLOCAL_FORMAT_F32)) { CHECK(!"the golden file"); return; }
    CHECK(test_tokens_are(w.m, "", "t5", "t6", pair, 5));
    CHECK(test_tokens_are(w.m, "", "t5", NULL, one, 3) && test_tokens_are(w.m, "", NULL, "t5", one, 3));
    CHECK(test_tokens_are(w.m, "t7 {document} t8", "t5", "t6", other, 5));
    CHECK(test_tokens_are(w.m, "t7 {document} {que", "", "t6 t8", NULL, 0) == false);
    CHECK_EQ(llocal_tokenize_pattern(NULL, none, none, none, NULL, 0), -LLOCAL_ERR_ARGUMENT);
    CHECK(ll_str_is(llocal_label(w.m, 1), "no") && llocal_label(w.m, 3).len == 0 && llocal_label(w.m, -1).len == 0);
    CHECK(llocal_text_pattern(w.m, LLOCAL_PATTERN_PAIR).len == 0 && llocal_text_pattern(w.m, LLOCAL_PATTERN_QUERY).len == 0);
    test_world_close(&w);
    if (!test_world_open(&w, "tests/golden/arch/nomic-bert.golden", LLOCAL_FORMAT_F32)) { CHECK(!"the golden file"); return; }
    CHECK(ll_str_is(llocal_text_pattern(w.m, LLOCAL_PATTERN_DOCUMENT), "search_document: {document}"));
    CHECK(llocal_label(w.m, 0).len == 0 && llocal_model_hparams(w.m)->n_labels == 0);
    test_world_close(&w);
    CHECK(ll_has_words(ll_str("Snowflake Arctic_Embed L v2.0"), "arctic-embed-l-v2") && !ll_has_words(ll_str("e5"), "e5-base"));
}

/* A model that drafts, beside a target: by three workers, two of them in the same pass, interrupted, cancelled and begun
 * again, saved in the middle and gone on with elsewhere, forked, gone back: the bits of the straight run. */
static void test_drafts(const test_world *w, const char *path, llocal_format f) {
    static const char *const folders[] = { "", "../arch/" };
    llocal_context_desc d;
    llocal_context *target = NULL, *straight = NULL, *c[2] = { NULL, NULL };
    const int n = 3, n_vocab = llocal_model_hparams(w->m)->n_vocab;
    float *want = (float *)calloc((size_t)(n * n_vocab), sizeof *want);
    const size_t row = (size_t)n_vocab * sizeof *want;
    test_world large;
    uint8_t *state;
    size_t size;
    bool done = false, opens = false;
    for (int i = 0; i < 2 && !opens; i++) {
        char file[1300];
        FILE *there;
        snprintf(file, sizeof file, "%.*s%s%s", (int)(strrchr(path, '/') + 1 - path), path, folders[i], w->t.target);
        there = fopen(file, "rb");
        if (there) fclose(there);
        opens = there && test_world_open(&large, file, f);
    }
    CHECK(opens);
    if (!opens) { free(want); return; }
    memset(&d, 0, sizeof d);
    CHECK_EQ(llocal_context_open(w->m, &d, &straight), LLOCAL_ERR_ARGUMENT);    /* for whom? */
    d.n_batch = 5;
    CHECK_EQ(llocal_context_open(large.m, &d, &target), LLOCAL_OK);
    d.target = target;
    CHECK_EQ(llocal_context_open(large.m, &d, &straight), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_context_open(w->m, &d, &straight), LLOCAL_OK);
    CHECK_EQ(llocal_eval(straight, w->t.tokens_draft, 1), LLOCAL_ERR_ARGUMENT); /* behind nothing */
    CHECK_EQ(llocal_eval(target, w->t.tokens, w->t.n_tokens), LLOCAL_OK);
    d.n_batch = 0, d.n_logits = n, d.workers.run = test_run_reversed, d.workers.width = 3;
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_context_open(w->m, &d, &c[i]), LLOCAL_OK);
    for (int i = 0; i < n; i++) {
        CHECK_EQ(llocal_eval(straight, w->t.tokens_draft + i, 1), LLOCAL_OK);
        memcpy(want + i * n_vocab, llocal_logits(straight, -1), row);
    }
    CHECK_EQ(llocal_begin(c[0], w->t.tokens_draft, n, n), LLOCAL_OK);
    for (int i = 0; i < 7 && !done; i++) CHECK_EQ(llocal_step(c, 1, 1, &done), LLOCAL_OK);
    llocal_cancel(c[0]), CHECK_EQ(llocal_rewind(c[0], 0), LLOCAL_OK);
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_begin(c[i], w->t.tokens_draft, n, n), LLOCAL_OK);
    for (done = false; !done;) CHECK_EQ(llocal_step(c, 2, 1, &done), LLOCAL_OK);
    for (int i = 0; i < 2 * n; i++) CHECK(!memcmp(llocal_logits(c[i / n], i % n), want + i % n * n_vocab, row));
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_rewind(c[i], 0), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c[0], w->t.tokens_draft, 1), LLOCAL_OK);
    CHECK_EQ(llocal_fork(c[0], c[1]), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c[1], w->t.tokens_draft + 1, 1), LLOCAL_OK);
    CHECK(!memcmp(llocal_logits(c[1], -1), want + n_vocab, row));
    state = (uint8_t *)malloc(size = llocal_save_bytes(c[1]));
    CHECK_EQ(llocal_save(c[1], state, size), LLOCAL_OK);
    CHECK_EQ(llocal_restore(c[0], state, size), LLOCAL_OK);
    CHECK(!memcmp(llocal_logits(c[0], -1), want + n_vocab, row));
    CHECK_EQ(llocal_eval(c[0], w->t.tokens_draft + 2, 1), LLOCAL_OK);
    CHECK(!memcmp(llocal_logits(c[0], -1), want + 2 * n_vocab, row));
    CHECK_EQ(llocal_sync(c[0], w->t.tokens_draft, 2), LLOCAL_OK);
    CHECK(!memcmp(llocal_logits(c[0], -1), want + n_vocab, row));
    CHECK_EQ(llocal_eval(target, w->t.tokens, 1), LLOCAL_OK);                   /* it goes on */
    CHECK_EQ(llocal_eval(c[0], w->t.tokens_draft, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_rewind(c[0], 0), LLOCAL_OK);
    CHECK_EQ(llocal_eval(c[0], w->t.tokens_draft, 1), LLOCAL_OK);
    CHECK(memcmp(llocal_logits(c[0], -1), want, row));
    free(state), free(want);
    llocal_context_close(straight), llocal_context_close(c[0]), llocal_context_close(c[1]), llocal_context_close(target);
    test_world_close(&large);
}

typedef struct test_archs_seen { bool row[LL_COUNT(ll_archs)]; int n, n_refused; } test_archs_seen;

static void test_arch_file(void *user, const char *path, const char *name) {
    test_archs_seen *seen = (test_archs_seen *)user;
    const bool own = !strncmp(path, "tests/", 6);
    for (int f = 0; f < 2; f++) {
        test_world w;
        const int failed = t_failed;
        const bool opens = test_world_open(&w, path, f ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_F32);
        for (int i = 0; i < w.t.n_meta; i++)
            for (int k = 0; k < LL_COUNT(ll_archs); k++)
                if (!strcmp(w.t.meta[i].key.ptr, "general.architecture") && ll_str_is(w.t.meta[i].as.s, ll_archs[k].name))
                    seen->row[k] = true;
        if (opens) CHECK_EQ(llocal_model_hparams(w.m)->n_ahead > 0, strstr(name, "-mtp") != NULL);
        if (!opens && own) { CHECK(!"a golden file of our own opens"); printf("       %s\n", name); }
        if (opens && !strcmp(w.t.mode, "embd")) test_all_vectors(&w);
        if (opens && !strcmp(w.t.mode, "diffusion")) test_whole(&w);
        if (opens && !strcmp(w.t.mode, "encdec")) test_encode(&w);
        if (opens && !strcmp(w.t.mode, "assistant"))
            test_drafts(&w, path, f ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_F32);
        if (opens && (!strcmp(w.t.mode, "causal") || !strcmp(w.t.mode, "encdec"))) {
            test_arch_orders(&w);
            if (f == 0) test_arch_memory(&w);
            if (t_failed != failed) printf("       %s, format %d\n", name, f);
        }
        if (opens) test_arch_alone(&w);
        seen->n += opens, seen->n_refused += !opens;
        test_world_close(&w);
    }
}

#define TEST_ARCH_ROW(name, stream, mix, ffn, model, act, flags) + 1
static inline void test_archs(void) {
    test_archs_seen seen;
    bool all;
    TEST("orders");
    memset(&seen, 0, sizeof seen);
    CHECK_EQ(0 LL_ARCH_ROWS(TEST_ARCH_ROW), LL_COUNT(ll_archs));        /* or: make gen */
    all = goldens_all(test_arch_file, &seen);
    test_patterns();
    printf("       %d models of golden files in every order; %d do not open\n", seen.n, seen.n_refused);
    for (int k = 0; k < LL_COUNT(ll_archs) && all; k++) {
        CHECK(seen.row[k]);
        if (!seen.row[k]) printf("       %s has no golden file\n", ll_archs[k].name);
    }
}

/* ---- the same bits on every instruction set ---- */

/* All that a model gives for (the beginning of) its text, as one batch or token by token, as one hash. */
static uint64_t test_bits_of(const test_world *w, int step) {
    const int n_tokens = LL_MIN(w->t.n_tokens, 40);
    const bool vectors = !strcmp(w->t.mode, "embd");
    llocal_context_desc d;
    llocal_context *c = NULL;
    uint64_t h = LL_HASH_START;
    memset(&d, 0, sizeof d);
    d.n_ctx = d.n_logits = n_tokens, d.embed = vectors, d.pooling = vectors ? LLOCAL_POOL_NONE : LLOCAL_POOL_DEFAULT;
    CHECK_EQ(llocal_context_open(w->m, &d, &c), LLOCAL_OK);
    if (w->t.n_tokens_enc) CHECK_EQ(llocal_encode(c, w->t.tokens_enc, w->t.n_tokens_enc), LLOCAL_OK);
    for (int at = 0, n; at < n_tokens; at += n) {
        n = step ? step : n_tokens;
        CHECK_EQ(llocal_begin(c, w->t.tokens + at, n, n), LLOCAL_OK);
        CHECK_EQ(llocal_step(&c, 1, 0, NULL), LLOCAL_OK);
        for (int i = 0; i < n; i++) {
            const float *x = vectors ? llocal_hidden(c, i) : llocal_logits(c, i);
            CHECK(x);
            if (x) h = ll_hash(h, x, (size_t)(vectors ? llocal_embedding_size(c) : w->m->hp.n_vocab) * sizeof(float));
        }
    }
    llocal_context_close(c);
    return h;
}

typedef struct test_bits_seen { uint64_t all; int n; } test_bits_seen;

static void test_bits_file(void *user, const char *path, const char *name) {
    static const llocal_format formats[] = { LLOCAL_FORMAT_F32, LLOCAL_FORMAT_Q8_0, LLOCAL_FORMAT_Q4_0 };
    test_bits_seen *seen = (test_bits_seen *)user;
    for (int f = 0; f < LL_COUNT(formats); f++) {
        test_world w;
        if (test_world_open(&w, path, formats[f]) && !llocal_model_hparams(w.m)->drafts) {     /* those want a target */
            const uint64_t whole = test_bits_of(&w, 0);
            const uint64_t steps = llocal_model_hparams(w.m)->both_ways ? 0 : test_bits_of(&w, 1);
            printf("bits of %s %s %016llx %016llx\n", name, llocal_format_traits(formats[f]).name,
                   (unsigned long long)whole, (unsigned long long)steps);
            seen->n++, seen->all += whole ^ steps << 1;
        }
        test_world_close(&w);
    }
}

/* check.sh compares what builds of other instruction sets print. */
static inline void test_bits(void) {
    test_bits_seen seen;
    TEST("bits");
    memset(&seen, 0, sizeof seen);
    goldens_all(test_bits_file, &seen);
    CHECK(seen.n > 0);
    printf("bits of everything: %d models, %016llx\n", seen.n, (unsigned long long)seen.all);
}
#endif
