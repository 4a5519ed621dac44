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

/* Nobody has set anything: as many as a pass has rows share one. */
static void tl_many(void) {
    enum { N = 40 };
    test_world w;
    llocal_context *c[N], *alone;
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    bool done;
    TEST("many together");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-qwen3moe", 8));
    alone = tl_open(&w, NULL);
    tl_tokens(&w, t, 1);
    for (int i = 0; i < N; i++) c[i] = tl_open(&w, i % 3 ? NULL : (d.n_batch = 32, d.n_ctx = 50, &d));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) CHECK_EQ(llocal_begin(c[i], t + i * 3 + round, 1, 1), LLOCAL_OK);
        CHECK_EQ(llocal_pending(c[7]), 1);
        CHECK_EQ(llocal_step(c + round, N - round, 0, &done), LLOCAL_OK);
        CHECK(done && llocal_pending(c[7]) == 0);
        CHECK_EQ(c[round]->pass.n_rows, round == 0 ? 32 : N - round);
        if (round == 0) CHECK_EQ(c[32]->pass.n_rows, N - 32);
        for (int i = 0; i < round; i++) CHECK_EQ(llocal_step(&c[i], 1, 0, NULL), LLOCAL_OK);
    }
    for (int i = 0; i < N; i++) {
        llocal_rewind(alone, 0);
        CHECK_EQ(llocal_eval(alone, t + i * 3, 3), LLOCAL_OK);
        CHECK(tl_same(c[i], alone));
        llocal_context_close(c[i]);
    }
    llocal_context_close(alone);
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
        for (bool done = false; c->phase < c->list->n_phases - 3 && !done;) llocal_step(&c, 1, 100, &done);
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
    case 13: in->r = llocal_fork(in->c, in->other); break;
    case 14: in->r = llocal_fork(in->other, in->c); break;
    }
}

static bool tl_progress(void *user, int n_done, int n_total) {
    (void)n_done, (void)n_total;
    tl_call((tl_inside *)user);
    return true;
}
static void tl_trace(void *user, const llocal_trace *t) { (void)t, tl_call((tl_inside *)user); }

/* of: whom the call is for; caller: whose callback calls. 0 leads, 1 comes along. */
static void tl_from_inside(int of, int caller) {
    for (int trace = 0; trace < 2; trace++)
        for (int what = 0; what <= 14; what++) {
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
            alone = tl_open(&w, &d), in.other = tl_open(&w, &d), list[!caller] = tl_open(&w, &d);
            if (trace) d.trace = tl_trace, d.trace_user = &in;
            else d.progress = tl_progress, d.progress_user = &in;
            list[caller] = tl_open(&w, &d);
            in.c = list[of], in.what = what;
            for (int i = 0; i < 2; i++) CHECK_EQ(llocal_eval(list[i], t, 4), LLOCAL_OK);
            in.n_state = llocal_save_bytes(alone), in.state = (uint8_t *)malloc(in.n_state);
            CHECK_EQ(llocal_save(alone, in.state, in.n_state), LLOCAL_OK);
            in.left = 3, in.r = LLOCAL_ERR_ARGUMENT;
            for (int i = 0; i < 2; i++) CHECK_EQ(llocal_begin(list[i], t + 4, 16, 1), LLOCAL_OK);
            r = llocal_step(list, 2, 0, &done);
            CHECK(in.left <= 0 && in.r == LLOCAL_ERR_ARGUMENT);
            CHECK_EQ(r, what == 0 ? LLOCAL_ERR_CANCELLED : LLOCAL_OK);
            CHECK(done);
            for (int i = 0; i < 2; i++) {       /* whom it is for loses its tokens, the other gets on */
                CHECK_EQ(llocal_position(list[i]), what == 0 && i == of ? 4 : 20);
                CHECK_EQ(llocal_pending(list[i]), 0);
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
    for (int what = 0; what <= 14; what++) {
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

/* ---- what each is told ---- */

typedef struct tl_ear { uint64_t hash; int n_calls, n_done, n_total, stop_at; bool falls; } tl_ear;

static void tl_hear_rows(tl_ear *e, const float *x, int n_rows, int n_cols, int stride) {
    for (int r = 0; r < n_rows; r++) e->hash = ll_hash(e->hash, x + (size_t)r * (size_t)stride, (size_t)n_cols * sizeof *x);
}

static void tl_hear(void *user, const llocal_trace *t) {
    tl_ear *e = (tl_ear *)user;
    int what[5];
    what[0] = t->layer, what[1] = t->n_rows, what[2] = t->n_cols, what[3] = t->tensor, what[4] = t->in_shared;
    e->hash = ll_hash(ll_hash(e->hash, t->name, strlen(t->name)), what, sizeof what);
    tl_hear_rows(e, t->data, t->n_rows, t->n_cols, t->stride);
    if (t->in) tl_hear_rows(e, t->in, t->n_rows / t->in_shared, t->in_cols, t->in_stride);
    if (t->expert) e->hash = ll_hash(e->hash, t->expert, (size_t)t->n_rows * sizeof *t->expert);
    e->n_calls++;
}

static bool tl_hear_progress(void *user, int n_done, int n_total) {
    tl_ear *e = (tl_ear *)user;
    e->falls |= n_done < e->n_done;
    e->n_done = n_done, e->n_total = n_total;
    return ++e->n_calls != e->stop_at;
}

/* The trace of a timeline is the same in any company, whoever leads; progress is of its own tokens. */
static void tl_told(const char *name) {
    enum { N = 3 };
    static const int n_tokens[N] = { 9, 1, 30 };
    test_world w;
    llocal_context *c[N], *list[N];
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    tl_ear alone[N], ears[N];
    CHECK(test_world_open(&w, name, 0));
    tl_tokens(&w, t, 2);
    memset(alone, 0, sizeof alone), memset(&d, 0, sizeof d);
    d.trace = tl_hear, d.n_logits = 4;
    for (int i = 0; i < N; i++) {
        d.trace_user = &ears[i];
        c[i] = tl_open(&w, &d);
    }
    for (int round = 0; round <= N; round++) {          /* each alone; then together, each leading */
        memset(ears, 0, sizeof ears);
        for (int i = 0; i < N; i++) {
            list[i] = c[(round + i) % N];
            llocal_rewind(c[i], 0);
            CHECK_EQ(llocal_begin(c[i], t + i, n_tokens[i], LL_MIN(n_tokens[i], 1 + i)), LLOCAL_OK);
            if (round == 0) CHECK_EQ(llocal_step(&c[i], 1, 0, NULL), LLOCAL_OK);
        }
        if (round > 0) CHECK_EQ(llocal_step(list, N, 0, NULL), LLOCAL_OK);
        for (int i = 0; i < N; i++) {
            if (round == 0) alone[i] = ears[i];
            CHECK(ears[i].n_calls > 10 && ears[i].n_calls == alone[i].n_calls && ears[i].hash == alone[i].hash);
        }
    }
    for (int i = 0; i < N; i++) llocal_context_close(c[i]);
    memset(ears, 0, sizeof ears), memset(&d, 0, sizeof d);
    d.n_batch = 8, d.progress = tl_hear_progress;
    for (int i = 0; i < N; i++) {
        d.progress_user = &ears[i];
        c[i] = tl_open(&w, &d);
        CHECK_EQ(llocal_begin(c[i], t + i, n_tokens[i], 1), LLOCAL_OK);
    }
    CHECK_EQ(llocal_step(c, N, 0, NULL), LLOCAL_OK);
    for (int i = 0; i < N; i++) {
        CHECK(!ears[i].falls && ears[i].n_total == n_tokens[i] && ears[i].n_done < n_tokens[i]);
        CHECK(ears[i].n_calls >= w.m->hp.n_layer * ((n_tokens[i] + 7) / 8));
        llocal_context_close(c[i]);
    }
    test_world_close(&w);
}

/* One of three is cancelled by its own callback at its n-th call: it alone loses its tokens, in any pieces. */
static void tl_cancelled(void) {
    TEST("one is cancelled");
    for (int stop_at = 1; stop_at < 12; stop_at++)
        for (int who = 0; who < 3; who++) {
            test_world w;
            llocal_context *c[3], *alone;
            llocal_context_desc d;
            llocal_token t[TL_TOKENS];
            tl_ear ear;
            int n_cancelled = 0;
            bool done = false;
            memset(&ear, 0, sizeof ear), memset(&d, 0, sizeof d);
            CHECK(test_world_open(&w, test_models[stop_at % 4], 0));
            tl_tokens(&w, t, 3);
            d.clock_us = test_fake_clock, d.n_batch = 12, alone = tl_open(&w, &d);
            ear.stop_at = stop_at;
            for (int i = 0; i < 3; i++) {
                d.progress = i == who ? tl_hear_progress : NULL, d.progress_user = &ear;
                c[i] = tl_open(&w, &d);
                CHECK_EQ(llocal_begin(c[i], t + i, 20, 1), LLOCAL_OK);
            }
            for (int calls = 0; !done && calls < 10000; calls++) {
                const llocal_result r = llocal_step(c, 3, stop_at % 3 ? 200 : 0, &done);
                CHECK(r == LLOCAL_OK || r == LLOCAL_ERR_CANCELLED);
                n_cancelled += r != LLOCAL_OK;
            }
            CHECK(done && n_cancelled == 1 && ear.n_calls == stop_at);
            for (int i = 0; i < 3; i++) {
                CHECK(llocal_pending(c[i]) == 0 && (i == who) == (llocal_position(c[i]) < 20));
                CHECK((i == who) == !llocal_logits(c[i], -1));
                if (i == who) CHECK_EQ(llocal_sync(c[i], t + i, 20), LLOCAL_OK);
                CHECK_EQ(llocal_sync(alone, t + i, 20), LLOCAL_OK);
                CHECK(tl_same(c[i], alone));
                llocal_context_close(c[i]);
            }
            llocal_context_close(alone);
            test_world_close(&w);
        }
}

/* So is one that is in the pass, but no longer in the list: whoever steps does not hear of it. */
static void tl_cancelled_outside(void) {
    test_world w;
    llocal_context *c[2], *alone;
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    tl_ear ear;
    bool done = true;
    memset(&ear, 0, sizeof ear), memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", 0));
    tl_tokens(&w, t, 3);
    d.clock_us = test_fake_clock, alone = tl_open(&w, &d), c[0] = tl_open(&w, &d);
    d.progress = tl_hear_progress, d.progress_user = &ear, c[1] = tl_open(&w, &d);
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_begin(c[i], t + i, 20, 1), LLOCAL_OK);
    CHECK(llocal_step(c, 2, 100, &done) == LLOCAL_OK && !done);
    ear.stop_at = ear.n_calls + 1;
    CHECK(llocal_step(c, 1, 0, &done) == LLOCAL_OK && done && llocal_position(c[0]) == 20);
    CHECK(llocal_pending(c[1]) == 0 && llocal_position(c[1]) == 0 && ear.n_calls == ear.stop_at);
    ear.stop_at = 0;
    CHECK_EQ(llocal_eval(c[1], t, 20), LLOCAL_OK);      /* and it is as before */
    CHECK_EQ(llocal_eval(alone, t, 20), LLOCAL_OK);
    CHECK(tl_same(c[0], alone) && tl_same(c[1], alone));
    for (int i = 0; i < 2; i++) llocal_context_close(c[i]);
    llocal_context_close(alone);
    test_world_close(&w);
}

/* ---- what was chosen ---- */

static void tl_descs(void) {
    test_world w;
    llocal_context *c;
    llocal_context_desc d, got, again;
    llocal_plan plan, same;
    TEST("what was chosen");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", 0));
    c = tl_open(&w, NULL), got = llocal_context_get_desc(c);
    CHECK(got.n_ctx == LL_MIN(w.m->hp.n_ctx_train, 4096) && got.n_batch == LL_MIN(256, got.n_ctx) && got.n_logits == 1);
    CHECK(got.n_snapshots == 2 && got.k == LLOCAL_KV_F16 && got.v == LLOCAL_KV_F16 && got.workers.width == 1);
    CHECK(got.clock_us && !got.progress && !got.trace && !got.efficient);
    llocal_context_close(c);
    d.n_ctx = 77, d.n_batch = 1000, d.n_logits = 3, d.n_snapshots = 1, d.k = LLOCAL_KV_Q8, d.workers.run = test_run_reversed;
    d.workers.width = 3, d.efficient = true, d.progress = tl_progress, d.progress_user = &d;
    c = tl_open(&w, &d), got = llocal_context_get_desc(c);
    CHECK(got.n_ctx == 77 && got.n_batch == 77 && got.n_logits == 3 && got.n_snapshots == 1 && got.k == LLOCAL_KV_Q8);
    CHECK(got.workers.run == test_run_reversed && got.workers.width == 3 && got.efficient && got.progress_user == &d);
    CHECK(!llocal_context_plan(w.m, &d, &plan) && !llocal_context_plan(w.m, &got, &same) && plan.bytes == same.bytes);
    llocal_context_close(c);
    c = tl_open(&w, &got), again = llocal_context_get_desc(c);          /* and it can be opened with again */
    CHECK(!memcmp(&got, &again, sizeof got));
    llocal_context_close(c);
    test_world_close(&w);
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

/* A llama of one layer with so many key heads of two columns; matrices of 16 columns. *size: of the image. */
static llocal_model *tl_many_heads(int heads, int n_vocab, void **image, size_t *size) {
    tiny t;
    llocal_source src;
    llocal_model *m = NULL;
    char text[2000];
    *image = NULL;
    snprintf(text, sizeof text,
             "kv general.architecture str \"llama\"\nkv llama.context_length u32 4096\nkv llama.embedding_length u32 16\n"
             "kv llama.block_count u32 1\nkv llama.feed_forward_length u32 16\nkv llama.attention.key_length u32 2\n"
             "kv llama.attention.value_length u32 2\nkv llama.attention.head_count u32 %d\n"
             "kv llama.attention.layer_norm_rms_epsilon f32 1e-05\nkv llama.rope.dimension_count u32 2\n"
             "kv tokenizer.ggml.model str \"none\"\ntensor token_embd.weight f32 16 %d 0 1\n"
             "tensor output_norm.weight f32 16 1 0\ntensor blk.0.attn_norm.weight f32 16 1 0\n"
             "tensor blk.0.ffn_norm.weight f32 16 1 0\ntensor blk.0.attn_q.weight f32 16 %d 0 1\n"
             "tensor blk.0.attn_k.weight f32 16 %d 0 1\ntensor blk.0.attn_v.weight f32 16 %d 0 1\n"
             "tensor blk.0.attn_output.weight f32 %d 16 0 0.01\ntensor blk.0.ffn_gate.weight f32 16 16 0 1\n"
             "tensor blk.0.ffn_up.weight f32 16 16 0 1\ntensor blk.0.ffn_down.weight f32 16 16 0 1\n",
             heads, n_vocab, 2 * heads, 2 * heads, 2 * heads, 2 * heads);
    memset(&src, 0, sizeof src);
    if (!tiny_parse(text, strlen(text), "many heads", &t)) return NULL;
    *image = tiny_image(&t, LLOCAL_FORMAT_F32, size);
    tiny_free(&t);
    src.data = *image, src.data_size = *size;
    llocal_model_open(&src, &m);
    return m;
}

static void tl_limits(void) {
    test_world w;
    llocal_context *c = NULL;
    llocal_context_desc d;
    llocal_model *m;
    void *image;
    size_t size;
    TEST("limits");
    tl_slices();
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", LLOCAL_FORMAT_F32));
    c = tl_open(&w, &d);
    CHECK_EQ(ll_context_check(c), LLOCAL_OK);
    c->lists[0].n_phases = LL_PASS_PHASES + 1;
    CHECK_EQ(ll_context_check(c), LLOCAL_ERR_UNSUPPORTED);
    llocal_context_close(c);
    test_world_close(&w);
    if (sizeof(size_t) < 8) { SKIP("a gigabyte of addresses"); return; }
    m = tl_many_heads(1 << 14, 64, &image, &size);
    CHECK(m != NULL);
    d.n_ctx = d.n_batch = 1 << 10;
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_ERR_UNSUPPORTED);
    CHECK(c == NULL);
    d.n_batch--;                        /* 16 760 832 units */
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
    llocal_context_close(c), llocal_model_close(m);
    free(image);
}

typedef struct tl_opening { float last; int n_calls, cancel_at; bool bad; } tl_opening;
static bool tl_on_opening(void *user, float done) {
    tl_opening *o = (tl_opening *)user;
    o->bad |= !(done > o->last && done <= 1);
    o->last = done;
    return ++o->n_calls != o->cancel_at;
}

/* Copying weights, then checking them: one progress from 0 to 1, and a call that cancels anywhere. */
static void tl_checked(void) {
    void *image;
    size_t size;
    llocal_model *m = tl_many_heads(1, 1 << 18, &image, &size);        /* a matrix of 16 MB, and ten small ones */
    TEST("checked weights");
    CHECK(m != NULL);
    llocal_model_close(m);
    for (int copied = 0; copied < 2; copied++) {
        test_reader reader;
        test_heap heap = { 0, 0, 0, 0 };
        llocal_source src;
        tl_opening o;
        int n;
        memset(&src, 0, sizeof src), memset(&reader, 0, sizeof reader), memset(&o, 0, sizeof o);
        reader.data = (const uint8_t *)image, reader.size = size;
        if (copied) src.reader.read = test_reader_read, src.reader.size = size, src.reader.user = &reader;
        else src.data = image, src.data_size = size;
        src.allocator.resize = test_heap_resize, src.allocator.user = &heap;
        src.check_weights = true, src.progress = tl_on_opening, src.progress_user = &o;
        CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
        CHECK(!o.bad && o.last == 1 && o.n_calls == (10 + 4) * (1 + copied));
        llocal_model_close(m);
        n = o.n_calls;
        for (int k = 1; k <= n; k += 3) {
            memset(&o, 0, sizeof o), o.cancel_at = k;
            CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_ERR_CANCELLED);
            CHECK(m == NULL && o.n_calls == k && heap.bytes == 0);
        }
    }
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

/* Decoding in slices finds out how many workers are enough, too: of what is worked on a pass, not of what comes
 * between. The clock: each unit of work takes so long with so many workers. */
typedef struct tl_work { llocal_context *c; uint64_t now; int64_t units; } tl_work;

static uint64_t tl_work_clock(void *user) {
    static const uint64_t us[] = { 0, 200, 110, 0, 101, 0, 0, 0, 100 };
    tl_work *w = (tl_work *)user;
    int64_t units = 0;
    for (int k = 0; w->c && w->c->in_pass && k < w->c->list->n_phases; k++) units += w->c->tally[k].done;
    if (units > w->units) w->now += us[w->c->width] * (uint64_t)(units - w->units);
    w->units = units;
    return w->now;
}

static void tl_tuned(bool efficient) {
    test_world w;
    tl_work work = { NULL, 0, 0 };
    llocal_context *alone;
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    int n_steps = 0, n = 40;
    TEST("tuned in slices");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-llama", 0));
    tl_tokens(&w, t, 4);
    alone = tl_open(&w, &d);
    d.workers.run = test_run_reversed, d.workers.width = 8;
    d.clock_us = tl_work_clock, d.clock_user = &work, d.efficient = efficient;
    work.c = tl_open(&w, &d);
    for (int i = 0; i < n; i++) {
        CHECK_EQ(llocal_begin(work.c, t + i, 1, 1), LLOCAL_OK);
        for (bool done = false; !done; n_steps++) {
            CHECK_EQ(llocal_step(&work.c, 1, 2000, &done), LLOCAL_OK);
            work.now += 1000000 + (uint64_t)(i * 7919 % 1000) * 1000;  /* a frame */
        }
        CHECK_EQ(llocal_eval(alone, t + i, 1), LLOCAL_OK);
        CHECK(tl_same(work.c, alone));
    }
    CHECK(n_steps > 3 * n);
    CHECK_EQ(llocal_context_stats(work.c).decode_workers, efficient ? 2 : 4);
    llocal_context_close(alone), llocal_context_close(work.c);
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
            const int64_t group = layer->attends ? layer->n_head / layer->n_head_kv : 1;
            if (!layer->attends) continue;
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

/* A fork goes on as its origin would, whatever it was before and whatever its shape; both go back to the same
 * snapshots, and neither notices the other. */
static void tl_fork(const char *name, llocal_kv k, llocal_kv v) {
    static const struct { int n_ctx, n_batch, n_logits, n_snapshots, used; } shapes[] = {
        { 320, 16, 1, 1, 0 }, { 0, 256, 5, 6, 9 }, { 260, 40, 3, 3, 250 }, { 330, 7, 2, 1, 300 } };
    static const int lengths[] = { 0, 1, 16, 50, 131, 240, 260 };
    test_world w;
    llocal_context *from, *fresh, *into[LL_COUNT(shapes)];
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, name, 8));
    tl_tokens(&w, t, 1);
    d.k = k, d.v = v, d.n_ctx = TL_TOKENS, d.n_batch = 24, d.n_logits = 3, d.n_snapshots = 4;
    from = tl_open(&w, &d), fresh = tl_open(&w, &d);
    for (int i = 0; i < LL_COUNT(shapes); i++) {
        d.n_ctx = shapes[i].n_ctx, d.n_batch = shapes[i].n_batch, d.n_logits = shapes[i].n_logits;
        d.n_snapshots = shapes[i].n_snapshots;
        into[i] = tl_open(&w, &d);
        if (shapes[i].used) CHECK_EQ(llocal_eval(into[i], t + 5, shapes[i].used), LLOCAL_OK);
    }
    for (int at = 0; at < LL_COUNT(lengths); at++) {
        const int n = lengths[at], rows = LL_MIN(n, 3);
        uint64_t before;
        CHECK_EQ(llocal_sync(from, t, 0), LLOCAL_OK);
        if (n > 60) CHECK_EQ(llocal_sync(from, t, n - 60), LLOCAL_OK);      /* a snapshot, another, and a prompt of rows */
        if (n > 60) CHECK_EQ(llocal_sync(from, t, n - 30), LLOCAL_OK);
        CHECK_EQ(llocal_begin(from, t + llocal_position(from), n - llocal_position(from), rows), LLOCAL_OK);
        CHECK_EQ(llocal_step(&from, 1, 0, NULL), LLOCAL_OK);
        CHECK_EQ(llocal_sync(fresh, t, n), LLOCAL_OK);
        for (int i = 0; i < LL_COUNT(shapes); i++) {
            llocal_context *c = into[i];
            const int have = LL_MIN(rows, shapes[i].n_logits);
            before = tl_evaluated(c);
            CHECK_EQ(llocal_fork(from, c), LLOCAL_OK);
            CHECK(llocal_position(c) == n && !memcmp(llocal_tokens(c), t, (size_t)n * sizeof *t));
            CHECK(!llocal_logits(c, have) && (n == 0 || tl_same(c, fresh)) && (!have || llocal_logits(c, have - 1)));
            for (int r = 1; r <= have; r++)
                CHECK(!memcmp(llocal_logits(c, -r), llocal_logits(from, -r), (size_t)w.m->hp.n_vocab * sizeof(float)));
            CHECK_EQ(tl_evaluated(c), before);
        }
        for (int i = 0; i < LL_COUNT(shapes); i++) {    /* apart: to the edge of the window, and back */
            llocal_context *c = into[i];
            const int end = LL_MIN(LL_MIN(n + 20 + 11 * i, c->d.n_ctx), TL_TOKENS);
            llocal_token own[TL_TOKENS];
            memcpy(own, t, sizeof own), own[n] = t[(n + i * 3) % TL_TOKENS];
            if (end > n) CHECK_EQ(llocal_eval(c, own + n, end - n), LLOCAL_OK);
            CHECK_EQ(llocal_sync(fresh, own, end), LLOCAL_OK);
            if (end > n) CHECK(tl_same(c, fresh));
            before = tl_evaluated(c);
            CHECK_EQ(llocal_sync(c, t, n), LLOCAL_OK);
            CHECK_EQ(tl_evaluated(c), before);                          /* where it was forked is a snapshot */
            if (shapes[i].n_snapshots > 2 && n > 60) CHECK_EQ(llocal_sync(c, t, n - 30), LLOCAL_OK);
            CHECK_EQ(tl_evaluated(c), before);
            llocal_rewind(c, LL_MAX(n - 40, 0));
            CHECK_EQ(llocal_sync(c, own, LL_MAX(n - 20, 1)), LLOCAL_OK);
            CHECK_EQ(llocal_sync(fresh, own, LL_MAX(n - 20, 1)), LLOCAL_OK);
            CHECK(tl_same(c, fresh));
        }
        before = tl_evaluated(from);
        CHECK(llocal_position(from) == n && (n == 0 || llocal_logits(from, rows - 1)));
        CHECK_EQ(llocal_sync(from, t, n), LLOCAL_OK);
        CHECK_EQ(tl_evaluated(from), before);
    }
    for (int i = 0; i < LL_COUNT(shapes); i++) llocal_context_close(into[i]);
    llocal_context_close(from), llocal_context_close(fresh);
    test_world_close(&w);
}

/* Rings of other lengths hold other positions: what a fork says that it can go back to is what it has. */
/* What a model says of going back is so: anywhere while a timeline is shorter than the window. */
static void tl_window_told(void) {
    static const struct { const char *name; int window; bool recurrent; } models[] = {
        { "wide-llama", 0, false }, { "wide-gemma3", 16, false }, { "wide-lfm2", 0, true } };
    TEST("what is told of windows");
    for (int i = 0; i < 3; i++) {
        test_world w;
        llocal_context *c;
        llocal_token t[TL_TOKENS];
        llocal_context_desc d;
        memset(&d, 0, sizeof d);
        d.n_ctx = TL_TOKENS, d.n_batch = 1;
        CHECK(test_world_open(&w, models[i].name, 0));
        CHECK_EQ(llocal_model_hparams(w.m)->n_window, models[i].window);
        CHECK_EQ(llocal_model_hparams(w.m)->recurrent, models[i].recurrent);
        tl_tokens(&w, t, 2);
        c = tl_open(&w, &d);
        CHECK_EQ(llocal_eval(c, t, 15), LLOCAL_OK);
        CHECK_EQ(llocal_rewind(c, 4), LLOCAL_OK);
        CHECK_EQ(llocal_position(c), models[i].recurrent ? 0 : 4);
        CHECK_EQ(llocal_sync(c, t, 200), LLOCAL_OK);
        CHECK_EQ(llocal_rewind(c, 4), LLOCAL_OK);
        CHECK_EQ(llocal_position(c), models[i].recurrent || models[i].window ? 0 : 4);
        llocal_context_close(c);
        test_world_close(&w);
    }
}

static void tl_fork_rings(void) {
    static const int lengths[] = { 131, 200, 256, 291 };
    test_world w;
    llocal_context *fresh, *c[3];
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    TEST("forks of rings");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-gemma3", 0));
    tl_tokens(&w, t, 2);
    d.n_ctx = TL_TOKENS, fresh = tl_open(&w, &d);
    for (int i = 0; i < 3; i++) d.n_batch = 5 + 53 * i, c[i] = tl_open(&w, &d);
    for (int k = 0; k < 9; k++)
        for (int n = lengths[k % 4], to = n - 1 - k; to > n - 130; to -= 9) {
            llocal_context *from = c[k % 3], *into = c[(k / 3 + k + 1) % 3];
            if (from == into) into = c[(k + 1) % 3];
            CHECK_EQ(llocal_sync(from, NULL, 0), LLOCAL_OK);
            CHECK_EQ(llocal_eval(from, t, n - 20), LLOCAL_OK);
            CHECK_EQ(llocal_eval(from, t + n - 20, 20), LLOCAL_OK);
            CHECK_EQ(llocal_fork(from, into), LLOCAL_OK);
            CHECK_EQ(llocal_rewind(into, to), LLOCAL_OK);
            CHECK(llocal_position(into) == to || llocal_position(into) == 0 || llocal_position(into) == n);
            CHECK(llocal_position(into) == to || to < n - 60);          /* a short way back is always possible */
            CHECK_EQ(llocal_sync(into, t, to + 3), LLOCAL_OK);
            CHECK_EQ(llocal_sync(fresh, NULL, 0), LLOCAL_OK);
            CHECK_EQ(llocal_eval(fresh, t, to + 3), LLOCAL_OK);
            CHECK(tl_same(into, fresh));
        }
    for (int i = 0; i < 3; i++) llocal_context_close(c[i]);
    llocal_context_close(fresh);
    test_world_close(&w);
}

static void tl_message(void *user, llocal_log_level level, const char *message) {
    (void)level;
    snprintf((char *)user, 400, "%s", message);
}

/* Refused, by name, with nothing changed. */
static void tl_fork_refused(void) {
    char message[400] = "";
    llocal_context *from, *into, *small, *other, *strange;
    llocal_context_desc d;
    llocal_token t[TL_TOKENS];
    test_world w, w2;
    bool done;
    TEST("forks refused");
    memset(&d, 0, sizeof d);
    CHECK(test_world_open(&w, "wide-gemma3", 0) && test_world_open(&w2, "wide-gemma3", 0));
    tl_tokens(&w, t, 6);
    d.logger.write = tl_message, d.logger.user = message, d.clock_us = test_fake_clock;
    from = tl_open(&w, &d), into = tl_open(&w, &d), strange = tl_open(&w2, &d);
    d.n_ctx = 19, small = tl_open(&w, &d);
    d.n_ctx = 0, d.v = LLOCAL_KV_F32, other = tl_open(&w, &d);
    CHECK(!llocal_eval(from, t, 20) && !llocal_eval(into, t + 3, 7));
    CHECK(llocal_fork(from, from) == LLOCAL_ERR_ARGUMENT && strstr(message, "itself"));
    CHECK(llocal_fork(from, strange) == LLOCAL_ERR_ARGUMENT && strstr(message, "one model"));
    CHECK(llocal_fork(from, other) == LLOCAL_ERR_ARGUMENT && strstr(message, "the same k and v"));
    CHECK(llocal_fork(from, small) == LLOCAL_ERR_FULL && strstr(message, "20 positions") && strstr(message, "19"));
    CHECK(llocal_fork(NULL, into) == LLOCAL_ERR_ARGUMENT && llocal_fork(from, NULL) == LLOCAL_ERR_ARGUMENT);
    for (int busy = 0; busy < 2; busy++) {
        llocal_context *b = busy ? from : into;
        const int pos = llocal_position(b);
        CHECK_EQ(llocal_begin(b, t + 20, 5, 1), LLOCAL_OK);
        CHECK(llocal_step(&b, 1, 100, &done) == LLOCAL_OK && !done);
        CHECK(llocal_fork(from, into) == LLOCAL_ERR_ARGUMENT && strstr(message, "under way"));
        CHECK(llocal_position(b) == pos && llocal_pending(b) == 5);
        llocal_cancel(b);
    }
    CHECK(llocal_position(into) == 7 && !llocal_eval(into, t + 10, 1) && !llocal_eval(from, t + 20, 1));
    CHECK_EQ(llocal_fork(from, into), LLOCAL_OK);
    CHECK(tl_same(from, into));
    llocal_logits(from, -1)[3] = 1e9f;          /* edits are part of what it would do next */
    CHECK(!llocal_fork(from, into) && tl_same(from, into));
    llocal_context_close(from), llocal_context_close(into), llocal_context_close(small);
    llocal_context_close(other), llocal_context_close(strange);
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
    CHECK_EQ(llocal_fork(NULL, NULL), LLOCAL_ERR_ARGUMENT);
    CHECK(llocal_pending(NULL) == 0 && llocal_context_get_desc(NULL).n_ctx == 0);
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
    tl_many();
    TEST("a dropped pass");
    tl_dropped();
    for (int k = 0; k < 4; k++) {
        TEST("from inside");
        tl_from_inside(k & 1, k >> 1);
    }
    TEST("what each is told");
    for (int i = 0; i < LL_COUNT(test_models); i++) tl_told(test_models[i]);
    tl_cancelled();
    tl_cancelled_outside();
    tl_descs();
    tl_checked();
    tl_tuned(false), tl_tuned(true);
    for (int i = 0; i < LL_COUNT(test_models); i++) {
        TEST("forks");
        for (int k = 0; k < LL_COUNT(tl_kinds); k++) tl_fork(test_models[i], tl_kinds[k], tl_kinds[(k + i) % 3]);
    }
    tl_window_told();
    tl_fork_rings();
    tl_fork_refused();
    tl_from_text();
    tl_null();
    tl_limits();
    tl_routing();
    tl_clocks();
    tl_pieces();
    TEST("floating-point modes");
    tl_modes();
}
