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
