/* >>passes: whoever reads a value, and in whatever form, reads what was made. */
#include "t.h"

/* A list of a few phases over rows of wide-llama, whose formats want different forms of the same vectors. */
typedef struct test_list {
    test_world w;
    ll_builder b;
    ll_pass p;
    int32_t token[8], pos[8];
    ll_val got[8];
    int n_got;
} test_list;

#define TEST_LIST_BYTES (1 << 20)       /* for values, and for scratch */

typedef void test_writer(test_list *t);

static ll_val test_keep_id(test_list *t, ll_val v) { return t->got[t->n_got++] = v; }

/* Write the list, twice as a context does, and run it, phase by phase; each product is compared with one of the
 * floats that its value has then. */
static void test_list_run(test_list *t, test_writer *write, int n_rows, void *memory) {
    static float y[8 * 1024];
    uint8_t *scratch = (uint8_t *)memory + TEST_LIST_BYTES;
    ll_builder count;
    memset(&count, 0, sizeof count), memset(&t->p, 0, sizeof t->p);
    count.m = t->w.m, count.ops = ll_ops, count.max_rows = n_rows, count.layer = -1;
    t->b = count, t->n_got = 0, write(t), count = t->b;
    memset(&t->b, 0, sizeof t->b);
    t->b.m = t->w.m, t->b.ops = ll_ops, t->b.max_rows = n_rows, t->b.layer = -1;
    t->b.phases = (ll_phase *)calloc((size_t)count.n_phases, sizeof(ll_phase));
    t->b.jobs = (ll_job *)calloc((size_t)count.n_jobs + 1, sizeof(ll_job));
    t->b.values = (ll_value *)calloc((size_t)count.n_values + 1, sizeof(ll_value));
    t->b.memory = (uint8_t *)memory;
    t->n_got = 0, write(t);
    CHECK(t->b.used == count.used && t->b.n_phases == count.n_phases && t->b.n_jobs == count.n_jobs && !count.full);
    CHECK(t->b.scratch == count.scratch && count.scratch <= TEST_LIST_BYTES && count.used <= TEST_LIST_BYTES);
    t->p.m = t->w.m, t->p.values = t->b.values, t->p.jobs = t->b.jobs, t->p.n_rows = t->p.n_kept = n_rows;
    t->p.token = t->token, t->p.pos = t->pos;
    for (int i = 0; i < n_rows; i++) t->token[i] = 3 + 7 * i, t->pos[i] = i;
    for (int k = 0; k < t->b.n_phases; k++) {
        const ll_phase *ph = &t->b.phases[k];
        ll_ops[ph->op].run(&t->p, ph, 0, (int)ll_units_of(&t->p, ph), scratch);
        for (int j = 0; j < ph->n_jobs; j++) {
            const ll_job *job = &t->b.jobs[ph->job + j];
            const ll_value *in = &t->b.values[job->in], *out = &t->b.values[job->out];
            ll_a8 form[2 * 8];
            ll_batch one;
            for (int r = 0; r < n_rows; r++) {
                memset(&one, 0, sizeof one);
                ll_a8_quantize(ll_row(in, r), in->n, job->w->m.format->fine, form);
                one.n = 1, one.x = ll_row(in, r), one.a8 = form, one.y = y;
                ll_matmul(&job->w->m, &one, 0, job->w->m.n_rows, scratch);
                CHECK(!memcmp(y, ll_row(out, r), (size_t)out->n * sizeof(float)));
            }
        }
    }
    free(t->b.phases), free(t->b.jobs), free(t->b.values);
}

/* The same vector for three products of a layer, asked for together, and by one after the other. */
static void test_write_apart(test_list *t) {
    const ll_layer *l = &t->w.m->layers[0];
    ll_val x = ll_embed(&t->b), h;
    ll_plan_layer(&t->b);
    h = ll_norm(&t->b, "h", x, ll_w(l, LL_ATTN_NORM));
    test_keep_id(t, ll_linear(&t->b, "q", h, ll_w(l, LL_ATTN_Q)));
    ll_activation_of(&t->b, "a", t->got[0], 0);
    test_keep_id(t, ll_linear(&t->b, "k", h, ll_w(l, LL_ATTN_K)));
    ll_activation_of(&t->b, "a", t->got[1], 0);
    test_keep_id(t, ll_linear(&t->b, "v", h, ll_w(l, LL_ATTN_V)));
    ll_plan_layer(&t->b);
}

/* Columns, in whole records of what they are columns of and across them, of a product that others read as well; the
 * stream itself, of an earlier layer; and what the stream becomes. */
static void test_write_columns(test_list *t) {
    const ll_layer *l = &t->w.m->layers[0];
    ll_val x = ll_embed(&t->b), up, y;
    ll_plan_layer(&t->b);
    up = ll_linear(&t->b, "up", ll_columns(&t->b, x, 0, 256), ll_w(l, LL_FFN_UP));
    y = ll_linear(&t->b, "high", ll_columns(&t->b, up, 256, 256), ll_w(l, LL_ATTN_OUT));
    ll_linear(&t->b, "again", ll_columns(&t->b, up, 256, 256), ll_w(l, LL_ATTN_Q));
    ll_linear(&t->b, "across", ll_columns(&t->b, up, 100, 256), ll_w(l, LL_ATTN_K));
    ll_linear(&t->b, "across", ll_columns(&t->b, up, 32, 256), ll_w(l, LL_ATTN_Q));
    ll_linear(&t->b, "all", up, ll_w(l, LL_FFN_DOWN));
    x = ll_add_to(&t->b, x, y);         /* it was read since: a phase of its own */
    ll_linear(&t->b, "sum", x, ll_w(l, LL_ATTN_Q));
    x = ll_add_to(&t->b, x, ll_norm(&t->b, "n", x, ll_w(l, LL_ATTN_NORM)));
    test_keep_id(t, x);
    ll_linear(&t->b, "sum", x, ll_w(l, LL_ATTN_K));
    ll_plan_layer(&t->b);
    ll_linear(&t->b, "sum", ll_columns(&t->b, x, 0, 256), ll_w(l, LL_ATTN_V));
    ll_plan_layer(&t->b);
    for (int i = 0; i < 2 * LL_LAYER_VALUES; i++) {     /* as many layers as a model may have, with little room */
        x = ll_add_to(&t->b, x, ll_norm(&t->b, "n", x, ll_w(l, LL_ATTN_NORM)));
        ll_plan_layer(&t->b);
    }
}

static inline void test_passes(void) {
    static const int formats[] = { 0, LLOCAL_FORMAT_Q8_0, LLOCAL_FORMAT_Q4_0, LLOCAL_FORMAT_Q4_K, TINY_MIXED };
    uint8_t *memory = (uint8_t *)ll_default_resize(NULL, NULL, 0, 2 * TEST_LIST_BYTES);
    TEST("readers of one value");
    for (int f = 0; f < LL_COUNT(formats); f++)
        for (int n = 1; n <= 5; n += 4) {
            static test_list t;
            CHECK(test_world_open(&t.w, "wide-llama", (llocal_format)formats[f]));
            memset(memory, 0xff, TEST_LIST_BYTES);
            test_list_run(&t, test_write_apart, n, memory);
            memset(memory, 0xff, TEST_LIST_BYTES);
            test_list_run(&t, test_write_columns, n, memory);
            test_world_close(&t.w);
        }
    ll_default_resize(NULL, memory, 2 * TEST_LIST_BYTES, 0);
}

/* ---- networks of every shape, in every order ---- */

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
    return c;
}

/* In small batches, by three workers, token by token; saved in the middle and gone on with elsewhere; interrupted by a
 * budget of nothing and cancelled on the way: the bits of the straight run. */
static void test_arch_orders(const test_world *w) {
    const int half = w->t.n_tokens / 2;
    llocal_context *straight = test_arch_open(w, 0, 1), *c = test_arch_open(w, 5, 3), *other = test_arch_open(w, 7, 2);
    const uint64_t want = test_arch_hash(straight, w, 0, 0);
    uint64_t rest, mark = LL_HASH_START;
    uint8_t *state;
    size_t n;
    bool done = false;
    for (int i = half; i < w->t.n_tokens; i++)
        mark = ll_hash(mark, llocal_logits(straight, i), (size_t)w->m->hp.n_vocab * sizeof(float));
    CHECK(test_arch_hash(c, w, 0, 0) == want);
    CHECK_EQ(llocal_rewind(c, 0), LLOCAL_OK);
    CHECK(test_arch_hash(c, w, 0, 1) != 0);
    CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(straight, -1), (size_t)w->m->hp.n_vocab * sizeof(float)));
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
    CHECK(!memcmp(llocal_logits(c, -1), llocal_logits(straight, -1), (size_t)w->m->hp.n_vocab * sizeof(float)));
    free(state);
    llocal_context_close(straight), llocal_context_close(c), llocal_context_close(other);
}

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

static void test_archs_vectors(void) {
    static const struct { const char *name; llocal_pooling pooling; } rows[] = {
        { "bert", LLOCAL_POOL_MEAN }, { "bert-rank", LLOCAL_POOL_RANK }, { "nomic-bert-moe", LLOCAL_POOL_FIRST },
        { "jina-bert-v2", LLOCAL_POOL_LAST }, { "modern-bert-rank", LLOCAL_POOL_RANK }, { "gemma-embedding", LLOCAL_POOL_MEAN },
        { "lfm2-embd", LLOCAL_POOL_MEAN }, { "llama-embed-moe", LLOCAL_POOL_FIRST }, { "qwen3-rank", LLOCAL_POOL_RANK },
        { "gemma3", LLOCAL_POOL_LAST }
    };
    TEST("vectors");
    for (int i = 0; i < LL_COUNT(rows); i++) {
        test_world w;
        char path[100];
        snprintf(path, sizeof path, "tests/golden/arch/%s.golden", rows[i].name);
        if (!test_world_open(&w, path, i % 2 ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_F32)) { CHECK(!"the golden file"); continue; }
        test_vectors(&w, rows[i].pooling);
        test_world_close(&w);
    }
}

static inline void test_archs(void) {
    static const char *const names[] = {        /* of tests/golden/arch */
        "afmoe", "bailingmoe2", "bitnet", "bloom", "cohere2", "cohere2moe-fused", "falcon", "falcon-h1", "gemma2",
        "glm4", "glm4moe-mtp", "gpt-oss", "granite_swa-moe", "granitehybrid-moe", "granitemoe", "jamba-mixed",
        "laguna", "lfm2moe", "mamba", "mamba2", "mellum", "minicpm-longrope", "mistral3-yarn", "muse-glimmer",
        "nemotron_h", "nemotron_h_moe-latent", "olmo", "olmo2", "phi2-min", "plamo2", "qwen2moe", "stablelm-min"
    };
    TEST("orders");
    for (int i = 0; i < LL_COUNT(names); i++)
        for (int f = 0; f < 2; f++) {
            test_world w;
            char path[100];
            snprintf(path, sizeof path, "tests/golden/arch/%s.golden", names[i]);
            if (!test_world_open(&w, path, f ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_F32)) { CHECK(!"the golden file"); continue; }
            test_arch_orders(&w);
            test_world_close(&w);
        }
    test_archs_vectors();
}
