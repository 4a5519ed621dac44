/* >>context >>passes: any contexts of one model together, in any order of calls, from inside callbacks,
 * at the edges of what is counted; timelines that are saved, taken up again and gone back to. */
#include <fenv.h>

enum { TL_TOKENS = 330 };

/* Tokens of a timeline that looks like no other. */
static void tl_tokens(const test_world *w, llocal_token *out, int seed) {
    for (int i = 0; i < TL_TOKENS; i++) out[i] = w->t.tokens[(i * 31 + i / 50 + seed * 7) % w->t.n_tokens];
}

static llocal_context *tl_open(const test_world *w, const llocal_context_desc *d) {
    llocal_context *c = NULL;
    CHECK_EQ(llocal_context_open(w->m, d, &c), LLOCAL_OK);
    return c;
}

static bool tl_same(llocal_context *a, llocal_context *b) {
    const size_t n = (size_t)a->m->hp.n_vocab * sizeof(float), h = (size_t)a->m->hp.n_embd * sizeof(float);
    const float *x = llocal_logits(a, -1), *y = llocal_logits(b, -1);
    return x && y && !memcmp(x, y, n) && !memcmp(llocal_hidden(a, -1), llocal_hidden(b, -1), h);
}

static uint64_t tl_evaluated(const llocal_context *c) {
    const llocal_stats s = llocal_context_stats(c);
    return s.tokens_prefilled + s.tokens_decoded;
}

/* ---- together ---- */

/* Every pair of unlike contexts, each leading in turn: prompts, then a token each. */
static void tl_unlike(const char *name, int width) {
    static const struct { int n_ctx, n_batch, n_logits, prompt; llocal_kv k, v; } shapes[] = {
        { 300, 300, 2, 290, LLOCAL_KV_F32, LLOCAL_KV_F32 },     { 40, 4, 1, 30, LLOCAL_KV_F32, LLOCAL_KV_F32 },
        { 512, 16, 3, 320, LLOCAL_KV_F16, LLOCAL_KV_F16 },      { 512, 512, 1, 5, LLOCAL_KV_F16, LLOCAL_KV_F16 },
        { 330, 8, 1, 300, LLOCAL_KV_Q8, LLOCAL_KV_Q8 },         { 270, 64, 2, 260, LLOCAL_KV_Q8, LLOCAL_KV_F16 } };
    enum { N = LL_COUNT(shapes) };
    test_world w;
    llocal_context *c[N], *alone[N], *list[N];
    llocal_token t[TL_TOKENS];
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_Q8_0));
    for (int i = 0; i < N; i++) {
        llocal_context_desc d;
        memset(&d, 0, sizeof d);
        d.n_ctx = shapes[i].n_ctx, d.n_batch = shapes[i].n_batch, d.n_logits = shapes[i].n_logits;
        d.k = shapes[i].k, d.v = shapes[i].v;
        alone[i] = tl_open(&w, &d);
        d.workers.run = test_run_reversed, d.workers.width = width;
        c[i] = tl_open(&w, &d);
        tl_tokens(&w, t, i);
        CHECK_EQ(llocal_eval(alone[i], t, shapes[i].prompt), LLOCAL_OK);
    }
    for (int lead = 0; lead < N; lead++) {
        bool done = false;
        for (int round = 0; round < 3; round++) {       /* a prompt, a token, a token */
            for (int i = 0; i < N; i++) {
                tl_tokens(&w, t, i);
                list[i] = c[(lead + i) % N];
                if (round == 0) llocal_rewind(c[i], 0);
                if (round == 0) CHECK_EQ(llocal_begin(c[i], t, shapes[i].prompt, 1), LLOCAL_OK);
                else CHECK_EQ(llocal_begin(c[i], t + shapes[i].prompt + round - 1, 1, 1), LLOCAL_OK);
            }
            CHECK_EQ(llocal_step(list, N, 0, &done), LLOCAL_OK);
            CHECK(done);
            for (int i = 0; i < N; i++) {
                tl_tokens(&w, t, i);
                CHECK_EQ(llocal_sync(alone[i], t, shapes[i].prompt + round), LLOCAL_OK);
                CHECK(tl_same(c[i], alone[i]));
            }
        }
    }
    for (int i = 0; i < N; i++) llocal_context_close(c[i]), llocal_context_close(alone[i]);
    test_world_close(&w);
}

/* A context is closed, cancelled or rewound while a pass with its tokens and another's is unfinished. */
static void tl_leave(const char *name) {
    for (int how = 0; how < 6; how++) {
        test_world w;
        llocal_context *c[2], *alone, *left, *gone;
        llocal_context_desc d;
        llocal_token t[TL_TOKENS];
        bool done = false;
        memset(&d, 0, sizeof d);
        d.clock_us = test_fake_clock;
        CHECK(test_world_open(&w, name, LLOCAL_FORMAT_F32));
        tl_tokens(&w, t, 1);
        c[0] = tl_open(&w, &d), c[1] = tl_open(&w, &d), alone = tl_open(&w, &d);
        CHECK_EQ(llocal_begin(c[0], t, 20, 1), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c[1], t + 3, 20, 1), LLOCAL_OK);
        CHECK_EQ(llocal_step(c, 2, 100, &done), LLOCAL_OK);
        CHECK(!done && c[1]->leader == c[0]);
        gone = c[how & 1], left = c[!(how & 1)];
        if (how < 2) llocal_context_close(gone);
        else if (how < 4) llocal_cancel(gone);
        else CHECK_EQ(llocal_rewind(gone, 0), LLOCAL_OK);
        CHECK_EQ(llocal_step(&left, 1, 0, &done), LLOCAL_OK);
        CHECK(done);
        CHECK_EQ(llocal_eval(alone, left == c[0] ? t : t + 3, 20), LLOCAL_OK);
        CHECK(tl_same(left, alone));
        if (how >= 2) {
            CHECK_EQ(llocal_position(gone), 0);
            CHECK_EQ(llocal_eval(gone, left == c[0] ? t : t + 3, 20), LLOCAL_OK);
            CHECK(tl_same(gone, alone));
            llocal_context_close(gone);
        }
        llocal_context_close(left), llocal_context_close(alone);
        test_world_close(&w);
    }
}

/* A pass that is dropped has written into the rings of a window model: going back knows. */
static void tl_dropped(void) {
    for (int to = 10; to < 200; to += 17) {
        test_world w;
        llocal_context *c, *fresh;
        llocal_context_desc d;
        llocal_token t[TL_TOKENS];
        memset(&d, 0, sizeof d);
        d.n_ctx = TL_TOKENS, d.n_batch = 50, d.clock_us = test_fake_clock;
        CHECK(test_world_open(&w, "wide-gemma3", LLOCAL_FORMAT_F32));
        tl_tokens(&w, t, 2);
        c = tl_open(&w, &d), fresh = tl_open(&w, &d);
        for (int at = 0; at < 200; at += 20) CHECK_EQ(llocal_eval(c, t + at, 20), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c, t + 200, 50, 1), LLOCAL_OK);
        for (bool done = false; c->phase < c->n_phases - 3 && !done;) llocal_step(&c, 1, 100, &done);
        llocal_cancel(c);
        CHECK_EQ(llocal_position(c), 200);
        CHECK_EQ(llocal_rewind(c, to), LLOCAL_OK);
        CHECK(llocal_position(c) <= to);
        CHECK_EQ(llocal_sync(c, t, to + 5), LLOCAL_OK);
        CHECK_EQ(llocal_eval(fresh, t, to + 5), LLOCAL_OK);
        CHECK(tl_same(c, fresh));
        llocal_context_close(c), llocal_context_close(fresh);
        test_world_close(&w);
    }
}

/* ---- from inside a callback ---- */

typedef struct tl_inside {
    llocal_context *c, *other;
    llocal_token t[4];
    uint8_t *state;
    size_t n_state;
    int what, left;                     /* which call, at the n-th callback */
    llocal_result r;
} tl_inside;

static void tl_call(tl_inside *in) {
    llocal_sampler greedy;
    llocal_context *list[2];
    bool done;
    memset(&greedy, 0, sizeof greedy);
    list[0] = in->other, list[1] = in->c;
    if (--in->left != 0) return;
    switch (in->what) {
    case 0: llocal_cancel(in->c); break;
    case 1: in->r = llocal_begin(in->c, in->t, 1, 1); break;
    case 2: in->r = llocal_step(&in->c, 1, 0, &done); break;
    case 3: in->r = llocal_step(list, 2, 0, &done); break;
    case 4: in->r = llocal_eval(in->c, in->t, 1); break;
    case 5: in->r = llocal_sync(in->c, in->t, 2); break;
    case 6: in->r = llocal_rewind(in->c, 0); break;
    case 7: in->r = llocal_restore(in->c, in->state, in->n_state); break;
    case 8: in->r = llocal_save(in->c, in->state, in->n_state); break;
    case 9: in->r = llocal_generate(in->c, &greedy, 1, NULL, NULL); break;
    case 10: in->r = llocal_next(in->c, &greedy) < 0 ? LLOCAL_ERR_ARGUMENT : LLOCAL_OK; break;
    case 11: llocal_context_close(in->c); in->r = LLOCAL_ERR_ARGUMENT; break;
    case 12: in->r = llocal_eval(in->other, in->t, 3) ? LLOCAL_OK : LLOCAL_ERR_ARGUMENT; break;   /* a stranger may */
    }
}

static bool tl_progress(void *user, int n_done, int n_total) {
    (void)n_done, (void)n_total;
    tl_call((tl_inside *)user);
    return true;
}
static void tl_trace(void *user, const llocal_trace *t) { (void)t, tl_call((tl_inside *)user); }

static void tl_from_inside(int member) {
    for (int trace = 0; trace < 2; trace++)
        for (int what = 0; what <= 12; what++) {
            test_world w;
            tl_inside in;
            llocal_context_desc d;
            llocal_context *list[2], *alone;
            llocal_token t[TL_TOKENS];
            llocal_result r;
            bool done;
            memset(&in, 0, sizeof in), memset(&d, 0, sizeof d);
            CHECK(test_world_open(&w, "wide-lfm2", LLOCAL_FORMAT_F32));
            tl_tokens(&w, t, 3);
            alone = tl_open(&w, &d), in.other = tl_open(&w, &d), list[1] = tl_open(&w, &d);
            if (trace) d.trace = tl_trace, d.trace_user = &in;
            else d.progress = tl_progress, d.progress_user = &in;
            list[0] = tl_open(&w, &d);          /* it leads, and calls back */
            in.c = list[member], in.what = what;
            for (int i = 0; i < 2; i++) CHECK_EQ(llocal_eval(list[i], t, 4), LLOCAL_OK);
            in.n_state = llocal_save_bytes(alone), in.state = (uint8_t *)malloc(in.n_state);
            CHECK_EQ(llocal_save(alone, in.state, in.n_state), LLOCAL_OK);
            in.left = 3, in.r = LLOCAL_ERR_ARGUMENT;
            for (int i = 0; i < 2; i++) CHECK_EQ(llocal_begin(list[i], t + 4, 16, 1), LLOCAL_OK);
            r = llocal_step(list, 2, 0, &done);
            CHECK(in.left <= 0 && in.r == LLOCAL_ERR_ARGUMENT);
            CHECK_EQ(r, what == 0 ? LLOCAL_ERR_CANCELLED : LLOCAL_OK);
            for (int i = 0; i < 2; i++) {
                CHECK_EQ(llocal_position(list[i]), what == 0 ? 4 : 20);
                CHECK_EQ(llocal_sync(list[i], t, 20), LLOCAL_OK);
                CHECK_EQ(llocal_sync(alone, t, 20), LLOCAL_OK);
                CHECK(tl_same(list[i], alone));
                llocal_context_close(list[i]);
            }
            free(in.state), llocal_context_close(in.other), llocal_context_close(alone);
            test_world_close(&w);
        }
}

static bool tl_on_text(void *user, llocal_token t, llocal_str text) {
    (void)t, (void)text;
    tl_call((tl_inside *)user);
    return true;
}

/* on_text is such a callback too; cancelling there ends the reply, which is no error. */
static void tl_from_text(void) {
    for (int what = 0; what <= 12; what++) {
        test_world w;
        tl_inside in;
        llocal_context *alone;
        llocal_sampler greedy;
        llocal_token t[TL_TOKENS];
        if (what == 3) continue;        /* (its list begins with the stranger) */
        memset(&in, 0, sizeof in), memset(&greedy, 0, sizeof greedy);
        CHECK(test_world_open(&w, "wide-gemma3", LLOCAL_FORMAT_F32));
        tl_tokens(&w, t, 3);
        in.c = tl_open(&w, NULL), in.other = tl_open(&w, NULL), alone = tl_open(&w, NULL);
        CHECK_EQ(llocal_eval(in.c, t, 9), LLOCAL_OK);
        CHECK_EQ(llocal_eval(alone, t, 9), LLOCAL_OK);
        in.n_state = llocal_save_bytes(alone), in.state = (uint8_t *)malloc(in.n_state);
        CHECK_EQ(llocal_save(alone, in.state, in.n_state), LLOCAL_OK);
        in.what = what, in.left = 3, in.r = LLOCAL_ERR_ARGUMENT;
        CHECK_EQ(llocal_generate(in.c, &greedy, 6, tl_on_text, &in), LLOCAL_OK);
        CHECK(in.left <= 0 && in.r == LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_generate(alone, &greedy, what == 0 ? 2 : 6, NULL, NULL), LLOCAL_OK);
        CHECK_EQ(llocal_position(in.c), llocal_position(alone));
        CHECK(tl_same(in.c, alone));
        free(in.state), llocal_context_close(in.c), llocal_context_close(in.other), llocal_context_close(alone);
        test_world_close(&w);
    }
}

/* ---- what is counted ---- */

/* A slice hands each unit out once, up to the last number it has bits for. */
static void tl_slices(void) {
    for (int i = 0; i < 4; i++) {
        const int k = i & 1 ? LL_PASS_PHASES - 1 : 5, n = i & 2 ? LL_SLICE_UNITS : 1000;
        ll_slice s[2];
        ll_region r;
        int64_t handed = 0, calls = 0;
        memset(&r, 0, sizeof r), memset(s, 0, sizeof s);
        r.slices = s, r.width = 2;
        for (int w = 0; w < 2; w++)
            for (ll_units u; u = ll_slice_take(&r, k, n, w, true, 1, 1 << 20), u.from < u.to && calls < 1000; calls++)
                handed += u.to - u.from;
        CHECK_EQ(handed, n);
    }
}

/* A llama of one layer with so many key heads of two columns; matrices of 16 columns. */
static llocal_model *tl_many_heads(int heads, void **image) {
    tiny t;
    llocal_source src;
    llocal_model *m = NULL;
    size_t size;
    char text[2000];
    *image = NULL;
    snprintf(text, sizeof text,
             "kv general.architecture str \"llama\"\nkv llama.context_length u32 4096\nkv llama.embedding_length u32 16\n"
             "kv llama.block_count u32 1\nkv llama.feed_forward_length u32 16\nkv llama.attention.key_length u32 2\n"
             "kv llama.attention.value_length u32 2\nkv llama.attention.head_count u32 %d\n"
             "kv llama.attention.layer_norm_rms_epsilon f32 1e-05\nkv llama.rope.dimension_count u32 2\n"
             "kv tokenizer.ggml.model str \"none\"\ntensor token_embd.weight f32 16 64 0 1\n"
             "tensor output_norm.weight f32 16 1 0\ntensor blk.0.attn_norm.weight f32 16 1 0\n"
             "tensor blk.0.ffn_norm.weight f32 16 1 0\ntensor blk.0.attn_q.weight f32 16 %d 0 1\n"
             "tensor blk.0.attn_k.weight f32 16 %d 0 1\ntensor blk.0.attn_v.weight f32 16 %d 0 1\n"
             "tensor blk.0.attn_output.weight f32 %d 16 0 0.01\ntensor blk.0.ffn_gate.weight f32 16 16 0 1\n"
             "tensor blk.0.ffn_up.weight f32 16 16 0 1\ntensor blk.0.ffn_down.weight f32 16 16 0 1\n",
             heads, 2 * heads, 2 * heads, 2 * heads, 2 * heads);
    memset(&src, 0, sizeof src);
    if (!tiny_parse(text, strlen(text), "many heads", &t)) return NULL;
    *image = tiny_image(&t, LLOCAL_FORMAT_F32, &size);
    tiny_free(&t);
    src.data = *image, src.data_size = size;
    llocal_model_open(&src, &m);
    return m;
}

static void tl_limits(void) {
    test_world w;
    llocal_context *c = NULL;
    llocal_context_desc d;
    llocal_model *m;
    void *image;
    TEST("limits");
    tl_slices();
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", LLOCAL_FORMAT_F32));
    c = tl_open(&w, &d);
    CHECK_EQ(ll_context_check(c), LLOCAL_OK);
    c->n_phases = LL_PASS_PHASES + 1;
    CHECK_EQ(ll_context_check(c), LLOCAL_ERR_UNSUPPORTED);
    llocal_context_close(c);
    test_world_close(&w);
    if (sizeof(size_t) < 8) { SKIP("a gigabyte of addresses"); return; }
    m = tl_many_heads(1 << 14, &image);
    CHECK(m != NULL);
    d.n_ctx = d.n_batch = 1 << 10;
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK(c == NULL);
    d.n_batch--;                        /* 16 760 832 units */
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
    llocal_context_close(c), llocal_model_close(m);
    free(image);
}

/* The chosen experts are those of a search for each choice, in its order. */
static void tl_routing(void) {
    TEST("routing");
    for (int round = 0; round < 2000; round++) {
        float prob[64];
        int32_t best[64];
        bool taken[64] = { false };
        const int n = 1 + (int)(t_random() % 64), used = 1 + (int)(t_random() % (unsigned)n);
        for (int i = 0; i < n; i++) prob[i] = (float)(t_random() % (round & 1 ? 5 : 1000));     /* ties too */
        ll_route_best(prob, n, best, used);
        for (int i = 0; i < used; i++) {
            int want = -1;
            for (int e = 0; e < n; e++) if (!taken[e] && (want < 0 || prob[e] > prob[want])) want = e;
            taken[want] = true;
            if (best[i] != want) { CHECK_EQ(best[i], want); return; }
        }
        if (round % 100 == 0) {         /* not a number: still each expert once */
            int64_t sum = 0;
            for (int i = 0; i < n; i++) prob[i] = (float)NAN;
            ll_route_best(prob, n, best, n);
            for (int i = 0; i < n; i++) sum += best[i];
            CHECK_EQ(sum, (int64_t)n * (n - 1) / 2);
        }
    }
}

/* ---- clocks ---- */

static uint64_t tl_ticks;
static uint64_t tl_clock_back(void *user) { (void)user; tl_ticks++; return 1000 + tl_ticks * 7 - (tl_ticks % 3 ? 0 : 40); }
static uint64_t tl_clock_still(void *user) { (void)user; return 5; }
static uint64_t tl_clock_end(void *user) { (void)user; return UINT64_MAX - 20 + tl_ticks++ % 8; }

static void tl_clocks(void) {
    uint64_t (*const clocks[])(void *) = { tl_clock_back, tl_clock_still, tl_clock_end, test_fake_clock, NULL };
    test_world w;
    llocal_context *c[LL_COUNT(clocks)], *alone;
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    TEST("clocks");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-qwen3moe", LLOCAL_FORMAT_F32));
    tl_tokens(&w, t, 4);
    alone = tl_open(&w, &d);
    CHECK_EQ(llocal_eval(alone, t, 30), LLOCAL_OK);
    for (int i = 0; i < LL_COUNT(clocks); i++) d.clock_us = clocks[i], c[i] = tl_open(&w, &d);
    for (int first = 0; first < LL_COUNT(clocks); first++) {
        llocal_context *list[LL_COUNT(clocks)];
        bool done = false;
        for (int i = 0; i < LL_COUNT(clocks); i++) {
            list[i] = c[(first + i) % LL_COUNT(clocks)];
            CHECK_EQ(llocal_rewind(c[i], 0), LLOCAL_OK);
            CHECK_EQ(llocal_begin(c[i], t, 30, 1), LLOCAL_OK);
        }
        for (int calls = 0; !done && calls < 100000; calls++) CHECK_EQ(llocal_step(list, LL_COUNT(clocks), 60, &done), LLOCAL_OK);
        CHECK(done);
        for (int i = 0; i < LL_COUNT(clocks); i++) {
            CHECK(tl_same(c[i], alone));
            CHECK(llocal_context_stats(c[i]).us_longest_phase < 1u << 30);
        }
    }
    for (int i = 0; i < LL_COUNT(clocks); i++) llocal_context_close(c[i]);
    llocal_context_close(alone);
    test_world_close(&w);
}

/* A budget makes units of attention small, down to one query head of one token; nothing else changes. */
static void tl_pieces(void) {
    TEST("pieces");
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        test_world w;
        llocal_context *c, *alone;
        llocal_context_desc d;
        llocal_token t[TL_TOKENS];
        ll_pass p;
        memset(&p, 0, sizeof p), memset(&d, 0, sizeof d);
        CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_F32));
        p.m = w.m;
        for (int l = 0; l < w.m->hp.n_layer; l++) {
            const ll_layer *layer = &w.m->layers[l];
            const int64_t group = layer->recurrent ? 1 : layer->n_head / layer->n_head_kv;
            if (layer->recurrent) continue;
            p.attend_end = 0;
            CHECK(ll_attend_unit(&p, layer).tokens == LL_ATTEND_TOKENS && ll_attend_unit(&p, layer).heads == group);
            for (p.attend_end = 1; p.attend_end < 1 << 28; p.attend_end *= 3) {
                const int64_t seen = layer->window ? LL_MIN(layer->window, p.attend_end) : p.attend_end;
                const ll_attend_size u = ll_attend_unit(&p, layer);
                CHECK((u.tokens == 1 && u.heads == 1) || 2 * seen * w.m->hp.head_dim * u.heads * u.tokens <= LL_ATTEND_WORK);
                CHECK(u.heads == group || u.tokens == 1);
            }
        }
        /* as if the cache were endless: the same bits from the smallest units */
        tl_tokens(&w, t, 9);
        d.n_ctx = TL_TOKENS, d.n_logits = 3, d.clock_us = tl_clock_still;
        alone = tl_open(&w, &d), c = tl_open(&w, &d);
        CHECK_EQ(llocal_eval(alone, t, 300), LLOCAL_OK);
        CHECK_EQ(llocal_begin(c, t, 300, 1), LLOCAL_OK);
        for (bool done = false; !done;) {
            if (!c->in_pass) {
                ll_pass_begin(c, &c, 1, true);
                c->pass.attend_end = INT32_MAX;
                ll_pass_count(c);
            }
            CHECK_EQ(llocal_step(&c, 1, 1, &done), LLOCAL_OK);
        }
        CHECK(tl_same(c, alone));
        llocal_context_close(c), llocal_context_close(alone);
        test_world_close(&w);
    }
}

/* ---- states and snapshots ---- */

static const llocal_kv tl_kinds[] = { LLOCAL_KV_F32, LLOCAL_KV_F16, LLOCAL_KV_Q8 };

/* A loaded timeline goes on at once, and back to where it was loaded, without evaluating anything. */
static void tl_take_up(const char *name, llocal_kv kv) {
    test_world w, w2;
    llocal_context_desc d;
    llocal_context *a, *b, *fresh;
    llocal_sampler greedy;
    llocal_token t[TL_TOKENS], reply[20];
    uint8_t *state;
    uint64_t before;
    size_t n;
    memset(&d, 0, sizeof d), memset(&greedy, 0, sizeof greedy);
    d.k = d.v = kv, d.n_batch = 32;
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_F32) && test_world_open(&w2, name, LLOCAL_FORMAT_F32));
    tl_tokens(&w, t, 5);
    a = tl_open(&w, &d), b = tl_open(&w2, &d), fresh = tl_open(&w, &d);
    CHECK_EQ(llocal_sync(a, t, 200), LLOCAL_OK);
    state = (uint8_t *)malloc(n = llocal_save_bytes(a));
    CHECK_EQ(llocal_save(a, state, n), LLOCAL_OK);
    CHECK_EQ(llocal_eval(b, t + 9, 11), LLOCAL_OK);
    CHECK_EQ(llocal_restore(b, state, n), LLOCAL_OK);
    before = tl_evaluated(b);
    CHECK(tl_same(a, b));
    CHECK_EQ(llocal_sync(b, t, 200), LLOCAL_OK);
    CHECK_EQ(tl_evaluated(b), before);
    for (int round = 0; round < 3; round++) {           /* a reply, the same again, another */
        for (int i = 0; i < 20; i++) {
            const llocal_token x = llocal_next(a, &greedy), y = llocal_next(b, &greedy);
            CHECK_EQ(x, y);
            if (round == 0) reply[i] = x;
            else if (round == 1) CHECK_EQ(x, reply[i]);
            CHECK_EQ(llocal_eval(a, &x, 1), LLOCAL_OK);
            CHECK_EQ(llocal_eval(b, round < 2 ? &y : &t[i], 1), LLOCAL_OK);
            if (round == 2) CHECK_EQ(llocal_eval(fresh, &x, 1), LLOCAL_OK);
            if (round == 2) break;
        }
        if (round == 2) break;
        for (int side = 0; side < 2; side++) {
            llocal_context *c = side ? b : a;
            before = tl_evaluated(c);
            CHECK_EQ(llocal_sync(c, t, 200), LLOCAL_OK);
            CHECK_EQ(tl_evaluated(c), before);
        }
        CHECK_EQ(llocal_sync(fresh, t, 200), LLOCAL_OK);
        CHECK(tl_same(a, fresh) && tl_same(b, fresh));
    }
    CHECK(tl_same(a, fresh));
    /* where a sync ends is the end of a prompt, also if a single token was evaluated last, or nothing is to be done */
    for (int cancelled = 0; cancelled < 2; cancelled++) {
        const int n = 201 + 2 * cancelled;
        if (llocal_position(a) != 201) CHECK_EQ(llocal_sync(a, t, 201), LLOCAL_OK);
        while (llocal_position(a) < n) CHECK_EQ(llocal_eval(a, &t[llocal_position(a)], 1), LLOCAL_OK);
        memcpy(reply, llocal_tokens(a) + 200, sizeof(llocal_token));
        t[200] = reply[0];
        if (cancelled) CHECK_EQ(llocal_begin(a, t, 5, 0), LLOCAL_OK);
        CHECK_EQ(llocal_sync(a, t, n), LLOCAL_OK);
        for (int i = 0; i < 9; i++) CHECK_EQ(llocal_eval(a, &t[i], 1), LLOCAL_OK);
        before = tl_evaluated(a);
        CHECK_EQ(llocal_sync(a, t, n), LLOCAL_OK);
        CHECK_EQ(tl_evaluated(a), before);
        CHECK_EQ(llocal_sync(fresh, t, n), LLOCAL_OK);
        CHECK(tl_same(a, fresh));
    }
    /* no logits asked for, none there: neither before nor after */
    CHECK_EQ(llocal_rewind(a, 0), LLOCAL_OK);
    CHECK_EQ(llocal_begin(a, t, 10, 0), LLOCAL_OK);
    CHECK_EQ(llocal_step(&a, 1, 0, NULL), LLOCAL_OK);
    CHECK(llocal_logits(a, -1) == NULL);
    n = llocal_save_bytes(a);
    CHECK_EQ(llocal_save(a, state, n), LLOCAL_OK);
    CHECK_EQ(llocal_restore(b, state, n), LLOCAL_OK);
    CHECK(llocal_logits(b, -1) == NULL && llocal_position(b) == 10);
    CHECK_EQ(llocal_sync(b, t, 10), LLOCAL_OK);
    CHECK_EQ(llocal_sync(fresh, t, 10), LLOCAL_OK);
    CHECK(tl_same(b, fresh));
    free(state);
    llocal_context_close(a), llocal_context_close(b), llocal_context_close(fresh);
    test_world_close(&w), test_world_close(&w2);
}

/* What is refused has changed nothing, not even what is under way. */
static void tl_refused(const char *name) {
    test_world w;
    llocal_context_desc d;
    llocal_context *c, *alone;
    llocal_token t[TL_TOKENS], bad[8] = { 3, 4, 5, -1, 7, 8, 9, 10 };
    uint8_t *state;
    size_t n;
    memset(&d, 0, sizeof d);
    d.n_ctx = 64, d.clock_us = test_fake_clock;
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_F32));
    tl_tokens(&w, t, 6);
    c = tl_open(&w, &d), alone = tl_open(&w, &d);
    CHECK_EQ(llocal_sync(alone, t, 30), LLOCAL_OK);
    CHECK_EQ(llocal_sync(c, t, 30), LLOCAL_OK);
    state = (uint8_t *)malloc(n = llocal_save_bytes(c));
    CHECK_EQ(llocal_save(c, state, n), LLOCAL_OK);
    state[n / 2] ^= 1;
    for (int busy = 0; busy < 2; busy++) {
        bool done = true;
        if (busy) {
            CHECK_EQ(llocal_begin(c, t + 30, 20, 1), LLOCAL_OK);
            CHECK_EQ(llocal_step(&c, 1, 100, &done), LLOCAL_OK);
            CHECK(!done);
        }
        CHECK_EQ(llocal_sync(c, bad, 8), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_sync(c, t, 65), LLOCAL_ERR_FULL);
        CHECK_EQ(llocal_sync(c, NULL, 3), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_rewind(c, -1), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_restore(c, state, n), LLOCAL_ERR_FORMAT);
        CHECK_EQ(llocal_restore(c, state, 3), LLOCAL_ERR_FORMAT);
        CHECK_EQ(llocal_eval(c, bad, 8), LLOCAL_ERR_ARGUMENT);
        CHECK_EQ(llocal_position(c), 30);
        if (!busy) CHECK(tl_same(c, alone));
        else CHECK_EQ(llocal_step(&c, 1, 0, &done), LLOCAL_OK);
    }
    CHECK_EQ(llocal_sync(alone, t, 50), LLOCAL_OK);
    CHECK(tl_same(c, alone));
    CHECK_EQ(llocal_sync(c, NULL, 0), LLOCAL_OK);
    CHECK_EQ(llocal_position(c), 0);
    CHECK(llocal_logits(c, -1) == NULL);
    CHECK_EQ(llocal_sync(c, NULL, 0), LLOCAL_OK);
    free(state);
    llocal_context_close(c), llocal_context_close(alone);
    test_world_close(&w);
}

/* ---- a process that takes up what another has left: one runs `left`, another `taken` ---- */

static void tl_process(bool leave) {
    for (int i = 0; i < LL_COUNT(test_models); i++)
        for (int k = 0; k < LL_COUNT(tl_kinds); k++) {
            char path[100];
            test_world w;
            llocal_context_desc d;
            llocal_context *c;
            llocal_sampler greedy;
            llocal_token t[TL_TOKENS], reply[20];
            FILE *f;
            memset(&d, 0, sizeof d), memset(&greedy, 0, sizeof greedy);
            d.k = d.v = tl_kinds[k];
            snprintf(path, sizeof path, "build/%s-%d.state", test_models[i], k);
            CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_F32));
            tl_tokens(&w, t, 7);
            c = tl_open(&w, &d);
            if (leave) {
                const int n_tokens = 150;
                size_t n;
                uint8_t *state;
                CHECK_EQ(llocal_eval(c, t, n_tokens), LLOCAL_OK);
                state = (uint8_t *)malloc(n = llocal_save_bytes(c));
                CHECK_EQ(llocal_save(c, state, n), LLOCAL_OK);
                f = fopen(path, "wb");
                for (int j = 0; j < 20; j++) {
                    reply[j] = llocal_next(c, &greedy);
                    CHECK_EQ(llocal_eval(c, &reply[j], 1), LLOCAL_OK);
                }
                CHECK(f && fwrite(reply, sizeof reply, 1, f) == 1 && fwrite(state, n, 1, f) == 1);
                if (f) fclose(f);
                free(state);
            } else {
                size_t n = 0;
                char *data = t_read_file(path, &n);
                CHECK(data != NULL && n > sizeof reply);
                if (!data) { llocal_context_close(c), test_world_close(&w); continue; }
                memcpy(reply, data, sizeof reply);
                CHECK_EQ(llocal_restore(c, data + sizeof reply, n - sizeof reply), LLOCAL_OK);
                for (int j = 0; j < 20; j++) {
                    const llocal_token x = llocal_next(c, &greedy);
                    CHECK_EQ(x, reply[j]);
                    CHECK_EQ(llocal_eval(c, &x, 1), LLOCAL_OK);
                }
                free(data), remove(path);
            }
            llocal_context_close(c);
            test_world_close(&w);
        }
}

/* Threads come with any floating-point mode, and keep it. */
static void tl_modes(void) {
    static const int rounding[] = {
        FE_TONEAREST,
#ifdef FE_UPWARD
        FE_UPWARD,
#endif
#ifdef FE_TOWARDZERO
        FE_TOWARDZERO,
#endif
    };
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        test_world w;
        llocal_context_desc d;
        llocal_context *want, *c;
        llocal_token t[TL_TOKENS];
        uint8_t *state;
        size_t n;
        memset(&d, 0, sizeof d);
        CHECK(test_world_open(&w, test_models[i], LLOCAL_FORMAT_Q8_0));
        tl_tokens(&w, t, 8);
        want = tl_open(&w, &d);
        CHECK_EQ(llocal_sync(want, t, 60), LLOCAL_OK);
        state = (uint8_t *)malloc(n = llocal_save_bytes(want));
        for (int r = 0; r < LL_COUNT(rounding); r++) {
            fesetround(rounding[r]);
            d.workers.run = test_run_reversed, d.workers.width = 3;
            c = tl_open(&w, &d);
            CHECK_EQ(llocal_sync(c, t, 60), LLOCAL_OK);
            CHECK(tl_same(c, want));
            CHECK_EQ(llocal_save(c, state, n), LLOCAL_OK);
            CHECK_EQ(llocal_restore(c, state, n), LLOCAL_OK);
            CHECK(tl_same(c, want));
            CHECK_EQ(fegetround(), rounding[r]);
            llocal_context_close(c);
        }
        fesetround(FE_TONEAREST);
        free(state), llocal_context_close(want);
        test_world_close(&w);
    }
}

/* Every function takes NULL for its object: an error, or nothing. */
static void tl_null(void) {
    llocal_gguf *g = NULL;
    llocal_context *c = NULL;
    llocal_model *m = NULL;
    llocal_plan plan;
    llocal_token t = 1;
    bool done;
    char byte[4];
    TEST("NULL objects");
    CHECK(llocal_gguf_meta_count(NULL) == 0 && llocal_gguf_tensor_count(NULL) == 0);
    CHECK(llocal_gguf_meta(NULL, 0).key.ptr == NULL && llocal_gguf_tensor(NULL, 0).name.ptr == NULL);
    CHECK(llocal_gguf_meta_find(NULL, "a") == -1 && llocal_gguf_tensor_find(NULL, "a") == -1);
    CHECK_EQ(llocal_gguf_read(NULL, 0, 0, byte, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_open(NULL, &g), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_model_plan(NULL, &plan), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_model_open(NULL, &m), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_context_plan(NULL, NULL, &plan), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_begin(NULL, &t, 1, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_step(NULL, 1, 0, &done), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_step(&c, 1, 0, &done), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_eval(NULL, &t, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_sync(NULL, &t, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_rewind(NULL, 0), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_save(NULL, byte, 4), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_restore(NULL, byte, 4), LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_position(NULL) == 0 && llocal_tokens(NULL) == NULL && llocal_save_bytes(NULL) == 0);
    CHECK(llocal_logits(NULL, -1) == NULL && llocal_hidden(NULL, -1) == NULL && llocal_next(NULL, NULL) == -1);
    CHECK_EQ(llocal_context_stats(NULL).bytes_allocated, 0);
    llocal_cancel(NULL), llocal_context_close(NULL), llocal_model_close(NULL), llocal_gguf_close(NULL);
}

static void test_left(void) { TEST("left for another process"); tl_process(true); }
static void test_taken(void) { TEST("taken up from another process"); tl_process(false); }

static void test_timelines(void) {
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        TEST("unlike contexts together");
        for (int width = 1; width < 8; width += 3) tl_unlike(test_models[i], width);
        TEST("leaving a pass");
        tl_leave(test_models[i]);
        TEST("taking up");
        for (int k = 0; k < LL_COUNT(tl_kinds); k++) tl_take_up(test_models[i], tl_kinds[k]);
        TEST("refused");
        tl_refused(test_models[i]);
    }
    TEST("a dropped pass");
    tl_dropped();
    for (int member = 0; member < 2; member++) {
        TEST("from inside");
        tl_from_inside(member);
    }
    tl_from_text();
    tl_null();
    tl_limits();
    tl_routing();
    tl_clocks();
    tl_pieces();
    TEST("floating-point modes");
    tl_modes();
}
