/* >>decide: chances of answers beside loops that a user could write, whatever the contexts are like. */
#ifndef TEST_DECIDE_H
#define TEST_DECIDE_H

enum { DC_TOKENS = 80, DC_ANSWERS = 5, DC_PROMPTS = 3 };

/* ---- tokens: any architecture ---- */

/* Prompts that share a beginning of `shared` tokens and have five each of their own; answers of 1 to 7 tokens, those to
 * the last prompt of three more that they share. */
static void dc_prompt(const test_world *w, int shared, int i, llocal_token *out) {
    for (int k = 0; k < shared + 5; k++) out[k] = w->t.tokens[(k * 31 + (k < shared ? 0 : i * 7 + 3)) % w->t.n_tokens];
}
static int dc_answer(const test_world *w, int i, int a, llocal_token *out) {
    const int same = i == DC_PROMPTS - 1 ? 3 : 0, n = (a == 0 ? 1 : 2 * a - 1) + same;
    for (int k = 0; k < n; k++) out[k] = w->t.tokens[(k * 17 + i * 5 + (k < same ? 0 : a * 3) + 1) % w->t.n_tokens];
    return n;
}

static void dc_lists(const test_world *w, int shared, ll_scoring *s, float each[DC_PROMPTS][DC_ANSWERS][12]) {
    for (int i = 0; i < DC_PROMPTS; i++) {
        ll_prompt *p = &s->prompts[s->n_prompts++];
        p->n = p->n_all = p->n_common = shared + 5, p->first = s->n_answers, p->n_answers = DC_ANSWERS;
        dc_prompt(w, shared, i, s->whole);
        CHECK_EQ(ll_score_keep(s, 0, p->n, &p->at), LLOCAL_OK);
        for (int a = 0; a < DC_ANSWERS; a++) {
            ll_answer *x = &s->answers[s->n_answers++];
            memset(x, 0, sizeof *x);
            x->shared = p->n, x->each = each[i][a], x->cap = 12;
            x->n = dc_answer(w, i, a, s->whole);
            CHECK_EQ(ll_score_keep(s, 0, x->n, &x->at), LLOCAL_OK);
        }
    }
}

/* What anybody would write: read the prompt anew, then token after token. */
static double dc_naive(llocal_context *c, const llocal_token *prompt, int n, const llocal_token *answer, int n_answer,
                       float *each) {
    const int n_vocab = c->m->hp.n_vocab;
    double sum = 0;
    llocal_rewind(c, 0);
    CHECK_EQ(llocal_eval(c, prompt, n), LLOCAL_OK);
    for (int i = 0; i < n_answer; i++) {
        const float *logits = llocal_logits(c, -1);
        double log_p = (double)logits[answer[i]] - ll_log_sum_exp(logits, n_vocab), by_libm = 0;
        for (int k = 0; k < n_vocab; k++) by_libm += exp((double)logits[k] - (double)logits[answer[i]]);
        CHECK(fabs(log_p + log(by_libm)) < 1e-5);
        each[i] = (float)log_p, sum += log_p;
        if (i + 1 < n_answer) CHECK_EQ(llocal_eval(c, answer + i, 1), LLOCAL_OK);
    }
    return sum;
}

static void dc_tokens(const char *name) {
    static const struct { int n_contexts, n_logits, n_batch, n_snapshots; } shapes[] = {
        { 1, 1, 256, 0 }, { 1, 8, 16, 1 }, { 2, 3, 7, 0 }, { 4, 8, 256, 0 }, { 7, 2, 3, 1 } };
    const int shared = 40;
    test_world w;
    llocal_context *alone;
    double want[DC_PROMPTS][DC_ANSWERS];
    float each[DC_PROMPTS][DC_ANSWERS][12];
    CHECK(test_world_open(&w, name, LLOCAL_FORMAT_Q8_0));
    alone = tl_open(&w, NULL);
    for (int i = 0; i < DC_PROMPTS; i++)
        for (int a = 0; a < DC_ANSWERS; a++) {
            llocal_token prompt[DC_TOKENS], answer[12];
            dc_prompt(&w, shared, i, prompt);
            want[i][a] = dc_naive(alone, prompt, shared + 5, answer, dc_answer(&w, i, a, answer), each[i][a]);
        }
    for (int k = 0; k < LL_COUNT(shapes); k++) {
        llocal_context *c[8];
        llocal_context_desc d;
        memset(&d, 0, sizeof d);
        d.n_logits = shapes[k].n_logits, d.n_batch = shapes[k].n_batch, d.n_snapshots = shapes[k].n_snapshots;
        d.n_ctx = 200;
        for (int i = 0; i < shapes[k].n_contexts; i++) c[i] = tl_open(&w, &d);
        for (int turn = 0; turn < 2; turn++) {          /* again: timelines are full of what was */
            float got[DC_PROMPTS][DC_ANSWERS][12];
            const uint64_t before = tl_evaluated(c[0]);
            ll_scoring s;
            CHECK_EQ(ll_score_open(&s, c, shapes[k].n_contexts, DC_PROMPTS, DC_PROMPTS * DC_ANSWERS), LLOCAL_OK);
            dc_lists(&w, shared, &s, got);
            CHECK_EQ(ll_score_ready(&s), LLOCAL_OK);
            for (bool over = false; !over;) {           /* at once; in pieces */
                const ll_budget time = ll_step_budget(c[0], turn ? 1 : 0);
                CHECK_EQ(ll_score_step(&s, &time, &over), LLOCAL_OK);
                CHECK(over || turn);
                over = over || t_failed;
            }
            for (int i = 0; i < DC_PROMPTS; i++)
                for (int a = 0; a < DC_ANSWERS; a++) {
                    const ll_answer *x = &s.answers[i * DC_ANSWERS + a];
                    CHECK_EQ(x->scored, x->n);
                    CHECK(x->sum == want[i][a] && !memcmp(got[i][a], each[i][a], (size_t)x->n * sizeof(float)));
                }
            /* The shared tokens once, each prompt's own, and of answers all but the last token. Recurrent layers go
             * back to the end of the prompt: they read what answers share again for two of them. */
            if (shapes[k].n_contexts == 1 && turn == 0 && shapes[k].n_snapshots == 0)
                CHECK_EQ(tl_evaluated(c[0]) - before,
                         shared + DC_PROMPTS * (5 + 0 + 0 + 2 + 4 + 6) + (c[0]->state_len ? 3 * 3 : 3));
            ll_score_close(&s);
        }
        for (int i = 0; i < shapes[k].n_contexts; i++) llocal_context_close(c[i]);
    }
    llocal_context_close(alone);
    test_world_close(&w);
}

/* ---- texts: the model that comes along ---- */

static int dc_blocks, dc_resized, dc_fail_at, dc_out_of_order;
static void *dc_last[64];               /* by dc_blocks: an arena takes only the last block back */
static void *dc_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    void *p;
    if (new_size && ++dc_resized == dc_fail_at) return NULL;
    if (ptr) dc_out_of_order += dc_last[--dc_blocks & 63] != ptr;
    p = ll_default_resize(user, ptr, old_size, new_size);
    if (p) dc_last[dc_blocks++ & 63] = p;
    return p;
}

static llocal_model *dc_open(const void *image, size_t size) {
    llocal_source src;
    llocal_model *m = NULL;
    memset(&src, 0, sizeof src);
    src.allocator.resize = dc_resize, src.logger = test_room();
    if (image) src.data = image, src.data_size = size;
    else src.path = "examples/tiny.gguf";
    CHECK_EQ(llocal_model_open(&src, &m), LLOCAL_OK);
    return m;
}

static llocal_context *dc_context(const llocal_model *m, int n_ctx, int n_logits) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    memset(&d, 0, sizeof d);
    d.n_ctx = n_ctx, d.n_logits = n_logits, d.logger = test_room();
    CHECK_EQ(llocal_context_open(m, &d, &c), LLOCAL_OK);
    return c;
}

/* How many tokens two texts begin with together; both are left in a and b. */
static int dc_cut(const llocal_model *m, const char *prefix, const char *text, llocal_token *a, llocal_token *b,
                  int *n) {
    char whole[1000];
    int same = 0, n_a = llocal_tokenize(m, prefix, strlen(prefix), LLOCAL_TOKENIZE_ADD_SPECIAL, a, 500);
    snprintf(whole, sizeof whole, "%s%s", prefix, text);
    *n = llocal_tokenize(m, whole, strlen(whole), LLOCAL_TOKENIZE_ADD_SPECIAL, b, 500);
    while (same < n_a && same < *n && a[same] == b[same]) same++;
    return same;
}

/* The context is at the end of the prefix already, and has more rows of logits than that of the last token. */
static void dc_texts_rows(const llocal_model *m) {
    llocal_context *c = dc_context(m, 0, 8);
    llocal_continuation t[2], again[2];
    llocal_token ids[64];
    const char *prefix = "Once upon a time there was a";
    const int n = llocal_tokenize(m, prefix, strlen(prefix), LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 64);
    TEST("texts behind rows of logits");
    memset(t, 0, sizeof t);
    t[0].text = ll_str(" cat"), t[1].text = ll_str(" small dog");
    memcpy(again, t, sizeof t);
    CHECK_EQ(llocal_score_texts(&c, 1, ll_str(prefix), LLOCAL_TOKENIZE_ADD_SPECIAL, t, 2), LLOCAL_OK);
    CHECK(t[0].n_tokens == 2 && t[1].n_tokens == 4);        /* the longest was read in the prompt's pass */
    CHECK_EQ(llocal_context_stats(c).tokens_decoded, 0);
    CHECK_EQ(llocal_context_stats(c).tokens_prefilled, n + t[1].n_tokens - 1);
    llocal_rewind(c, 0);
    CHECK(llocal_begin(c, ids, n, 6) == LLOCAL_OK && llocal_step(&c, 1, 0, NULL) == LLOCAL_OK);
    CHECK(llocal_logits(c, 5) != NULL);
    CHECK_EQ(llocal_score_texts(&c, 1, ll_str(prefix), LLOCAL_TOKENIZE_ADD_SPECIAL, again, 2), LLOCAL_OK);
    for (int i = 0; i < 2; i++) CHECK(t[i].sum == again[i].sum && t[i].n_tokens == again[i].n_tokens);
    llocal_context_close(c);
}

static void dc_texts(const llocal_model *m) {
    static const char *const prefixes[] = { "Once upon a time there was a", "Once upon a time there was a lit" };
    static const char *const ends[] = { " cat", " small dog that ran over the hill", "", "tle mouse", " <s>" };
    enum { N = LL_COUNT(ends) };
    llocal_context *c = dc_context(m, 0, 3), *alone = dc_context(m, 0, 1);
    TEST("texts");
    for (int p = 0; p < LL_COUNT(prefixes); p++) {
        llocal_token a[500], b[500];
        llocal_continuation t[N];
        float each[N][20], want[20];
        int shared = 500, n;
        memset(t, 0, sizeof t);
        for (int i = 0; i < N; i++) {
            t[i].text = ll_str(ends[i]), t[i].each = each[i], t[i].cap = 20;
            shared = LL_MIN(shared, dc_cut(m, prefixes[p], ends[i], a, b, &n));
        }
        CHECK_EQ(llocal_score_texts(&c, 1, ll_str(prefixes[p]), LLOCAL_TOKENIZE_ADD_SPECIAL, t, N), LLOCAL_OK);
        for (int i = 0; i < N; i++) {
            double sum;
            dc_cut(m, prefixes[p], ends[i], a, b, &n);
            sum = dc_naive(alone, b, shared, b + shared, n - shared, want);
            CHECK_EQ(t[i].n_tokens, n - shared);
            CHECK(t[i].sum == sum && !memcmp(each[i], want, (size_t)(n - shared) * sizeof *want));
            for (int k = shared; k < n; k++) CHECK((m->vocab.attr[b[k]] & LL_TOKEN_CONTROL) == 0);
        }
    }
    llocal_context_close(c), llocal_context_close(alone);
}

/* ---- decisions ---- */

static const llocal_str dc_topics[] = { { "bill", 4 }, { "delivery", 8 }, { "meeting", 7 }, { "spam", 4 } };

/* The notifications that the model knows, asked as it was taught. */
static llocal_question dc_topic(void) {
    llocal_question q;
    memset(&q, 0, sizeof q);
    q.lead = ll_str("JSON: {\"topic\":\""), q.options = dc_topics, q.n_options = LL_COUNT(dc_topics);
    return q;
}

static llocal_decision dc_decision(llocal_context *const *c, int n, const char *text, llocal_question *q,
                                   int n_questions) {
    llocal_decision d;
    memset(&d, 0, sizeof d);
    d.contexts = c, d.n_contexts = n, d.instruction = ll_str("Task: triage"), d.text = ll_str(text);
    d.questions = q, d.n_questions = n_questions;
    return d;
}

/* Letters by hand: the prompt written out, its last logits, the softmax of those of the letters. */
static void dc_letters_by_hand(const llocal_model *m) {
    static const char *const prompts[] = {
        "Task: triage\nText: Your parcel arrives on Friday\nWhat is it?\n"
        "A. bill\nB. delivery\nC. meeting\nD. spam\nAnswer:",
        "Task: triage\nText: Your parcel arrives on Friday\nWhat is it?\n"
        "A. spam\nB. meeting\nC. delivery\nD. bill\nAnswer:" };
    llocal_context *c = dc_context(m, 0, 1), *hand = dc_context(m, 0, 1);
    llocal_question q = dc_topic();
    double log_p[2][4];
    TEST("letters by hand");
    for (int o = 0; o < 2; o++) {
        for (int i = 0; i < 4; i++) {
            const char letter[] = { ' ', (char)('A' + (o ? 3 - i : i)), 0 };
            llocal_token a[500], b[500];
            float each[8];
            int n, shared = dc_cut(m, prompts[o], letter, a, b, &n);
            CHECK_EQ(n, shared + 2);    /* this model has no token for a space and a letter: they are two */
            log_p[o][i] = dc_naive(hand, b, shared, b + shared, n - shared, each);
        }
    }
    q.lead = ll_str(""), q.ask = ll_str("What is it?"), q.letters = 1;
    for (int both = 0; both < 2; both++) {
        const float bias[] = { 0.5f, -0.25f, 0, 1 };
        llocal_decision d = dc_decision(&c, 1, "Text: Your parcel arrives on Friday", &q, 1);
        q.letters = both ? 2 : 1;
        for (int heat = 0; heat < 3; heat++) {
            double sum = 0, e[4], all = 0;
            q.temperature = heat == 1 ? 2.5f : 0, q.bias = heat == 2 ? bias : NULL;
            CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
            for (int i = 0; i < 4; i++) {
                CHECK(q.logit[i] == (float)(both ? (log_p[0][i] + log_p[1][i]) / 2 : log_p[0][i]));
                sum += e[i] = exp(((double)q.logit[i] + (heat == 2 ? (double)bias[i] : 0)) / (heat == 1 ? 2.5 : 1.0));
            }
            for (int i = 0; i < 4; i++) {
                CHECK(fabs((double)q.p[i] - e[i] / sum) < 1e-6);
                CHECK(q.p[i] <= q.p[q.best]);
                all += (double)q.p[i];
            }
            CHECK(fabs(all - 1) < 1e-6 && q.value == q.p[q.best]);
        }
    }
    llocal_context_close(c), llocal_context_close(hand);
}

/* The bytes of results, one question after the other in a context of its own. */
static void dc_alone(const llocal_model *m, const char *text, bool last, llocal_question *q, int n) {
    for (int i = 0; i < n; i++) {
        llocal_context *c = dc_context(m, 0, 1);
        llocal_decision d = dc_decision(&c, 1, text, &q[i], 1);
        d.text_last = last;
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
        llocal_context_close(c);
    }
}

static void dc_same(const llocal_question *a, const llocal_question *b, int n) {
    for (int i = 0; i < n; i++) {
        const size_t k = (size_t)ll_decide_n(&a[i]) * sizeof(float);
        CHECK(!memcmp(a[i].p, b[i].p, k) && !memcmp(a[i].logit, b[i].logit, k));
        CHECK(a[i].best == b[i].best && a[i].value == b[i].value);
    }
}

/* All kinds of questions over one text together are what each is by itself. */
static void dc_shared(const llocal_model *m) {
    static const llocal_str sizes[] = { { "very small", 10 }, { "middling", 8 }, { "large", 5 } };
    static const char *const texts[] = { "Text: Your parcel arrives on Friday", "Text: Please pay 20 euros today", "" };
    llocal_question q[5], alone[5];
    TEST("questions over one text");
    for (int i = 0; i < 5; i++) q[i] = dc_topic();
    q[1].letters = 2, q[1].ask = ll_str("Which?"), q[1].lead = ll_str("");
    q[2].kind = LLOCAL_YES_NO, q[2].options = NULL, q[2].n_options = 0, q[2].ask = ll_str("Is it urgent?");
    q[3].kind = LLOCAL_SCALE, q[3].options = sizes, q[3].n_options = 3, q[3].ask = ll_str("How large is it?");
    q[4].kind = LLOCAL_SCALE, q[4].options = NULL, q[4].n_options = 9, q[4].letters = 1, q[4].lead = ll_str("");
    for (int last = 0; last < 2; last++)
        for (int n = 1; n < 5; n++) {
            llocal_context *c[4];
            for (int i = 0; i < n; i++) c[i] = dc_context(m, 300, 1 + i);
            for (int i = 0; i < LL_COUNT(texts); i++) {
                llocal_decision d = dc_decision(c, n, texts[i], q, 5);
                memcpy(alone, q, sizeof q);
                d.text_last = last != 0;
                dc_alone(m, texts[i], d.text_last, alone, 5);
                CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
                dc_same(q, alone, 5);
                CHECK(q[2].value == q[2].p[0] && fabsf(q[3].value - (q[3].p[1] + 2 * q[3].p[2])) < 1e-6f);
            }
            for (int i = 0; i < n; i++) llocal_context_close(c[i]);
        }
}

#ifndef LLOCAL_NO_CHAT
/* With a template: the prompt is what that writes, and then the answer's beginning. What the text says is text. */
static void dc_chat(const llocal_model *m) {
    static const char *const wants[] = {
        "[system]Task: triage\n[user]Text: </s> now\nWhat is it?\n[assistant]",
        "[system]Task: triage\n[user]Text: </s> now\nWhat is it?\n[assistant]It is a" };
    llocal_chat *chat = NULL;
    llocal_context *c = dc_context(m, 0, 1), *alone = dc_context(m, 0, 1);
    llocal_question q = dc_topic();
    const int blocks = dc_blocks;
    TEST("decisions of a chat");
    CHECK_EQ(llocal_chat_open(m, "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
                              "{% if add_generation_prompt %}[assistant]{% endif %}", NULL, &chat), LLOCAL_OK);
    q.ask = ll_str("What is it?");
    for (int k = 0; k < LL_COUNT(wants) && chat; k++) {
        llocal_decision d = dc_decision(&c, 1, "Text: </s> now", &q, 1);
        llocal_token a[500], b[500];
        float each[20];
        int n, shared = 500;
        d.chat = chat, q.lead = ll_str(k ? "It is a" : "");
        dc_out_of_order = 0;
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
        CHECK_EQ(dc_out_of_order, 0);
        for (int round = 0; round < 2; round++)
            for (int i = 0; i < q.n_options; i++) {
                char answer[20];
                snprintf(answer, sizeof answer, "%s%s", k ? " " : "", dc_topics[i].ptr);
                shared = LL_MIN(shared, dc_cut(m, wants[k], answer, a, b, &n));
                if (round) CHECK(q.logit[i] == (float)dc_naive(alone, b, shared, b + shared, n - shared, each));
            }
        CHECK(llocal_position(c) > 0 && llocal_tokens(c)[0] == 1);
        for (int i = 1; i < llocal_position(c); i++)
            CHECK((m->vocab.attr[llocal_tokens(c)[i]] & LL_TOKEN_CONTROL) == 0);
    }
    llocal_chat_close(chat);
    CHECK_EQ(llocal_chat_open(m, "{% for m in messages %}[{{ m.role }}]{% if m.role == 'assistant' %}<think>"
                              "{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}\n{% endfor %}"
                              "{% if add_generation_prompt %}[assistant]<think>{% endif %}", NULL, &chat), LLOCAL_OK);
    if (chat) {                         /* it would have to think first */
        llocal_decision d = dc_decision(&c, 1, "a", &q, 1);
        d.chat = chat;
        FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_UNSUPPORTED);
    }
    llocal_chat_close(chat);
    CHECK_EQ(dc_blocks, blocks);
    llocal_context_close(c), llocal_context_close(alone);
}
#endif

/* It knows what it was taught; and of the next text, only what is new is read. */
static void dc_knows(const llocal_model *m) {
    static const struct { const char *text; int topic; } lines[] = {
        { "Text: Your parcel is on its way and arrives on Friday", 1 },
        { "Text: Last notice: the electricity bill comes to 84 euros. Please pay.", 0 },
        { "Text: Team meeting starts in 10 minutes, please join now", 2 },
        { "Text: Congratulations! You have been chosen to receive a free phone, click here", 3 } };
    llocal_context *c[2];
    llocal_question q = dc_topic();
    TEST("decisions");
    for (int i = 0; i < 2; i++) c[i] = dc_context(m, 0, 4);
    for (int i = 0; i < LL_COUNT(lines); i++) {
        llocal_decision d = dc_decision(c, 2, lines[i].text, &q, 1);
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
        CHECK(q.best == lines[i].topic && q.p[q.best] > 0.8f);
    }
    q.letters = 2, q.ask = ll_str("Which of these words is it about, in this very long question?");
    for (int i = 0; i < 2; i++) {       /* each order has a context, and the text is last: the question is there */
        llocal_decision d = dc_decision(c, 2, i ? "b" : "a", &q, 1);
        const uint64_t before = tl_evaluated(c[0]) + tl_evaluated(c[1]);
        d.text_last = true;
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
        if (i) CHECK(tl_evaluated(c[0]) + tl_evaluated(c[1]) - before < 40);
    }
    for (int i = 0; i < 2; i++) llocal_context_close(c[i]);
}

/* The model as a file in memory, with one more key. */
static uint8_t *dc_with_key(const char *name, double value, size_t *size) {
    tiny_bytes b = { NULL, 0, 0 };
    llocal_writer w;
    llocal_source src;
    llocal_gguf *g = NULL;
    llocal_meta meta[64];
    llocal_tensor t[200];
    int n = 0, n_tensors;
    memset(&w, 0, sizeof w), memset(&src, 0, sizeof src);
    w.write = tiny_put, w.user = &b, src.path = "examples/tiny.gguf";
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    n_tensors = llocal_gguf_tensor_count(g);
    CHECK(llocal_gguf_meta_count(g) < 63 && n_tensors <= 200);
    for (; n < llocal_gguf_meta_count(g); n++) meta[n] = llocal_gguf_meta(g, n);
    memset(&meta[n], 0, sizeof meta[n]);
    meta[n].key = ll_str(name), meta[n].type = LLOCAL_META_F32, meta[n].count = 1, meta[n].as.f = value, n++;
    for (int i = 0; i < n_tensors; i++) t[i] = llocal_gguf_tensor(g, i);
    CHECK_EQ(llocal_gguf_write_head(&w, meta, n, t, n_tensors), LLOCAL_OK);
    for (int i = 0; i < n_tensors; i++) CHECK_EQ(llocal_gguf_write_data(&w, t[i].data, t[i].bytes), LLOCAL_OK);
    llocal_gguf_close(g);
    *size = b.n;
    return b.p;
}

/* Keys of the file: by kind and number of options, else by kind; a question's own comes first. */
static void dc_temperature(void) {
    static const struct { const char *key; double value, want[3]; } files[] = {     /* of 4 options, 2, a scale of 4 */
        { "llama.decision.temperature.choice", 3, { 3, 3, 1 } },
        { "llama.decision.temperature.choice.3_5", 2, { 2, 1, 1 } },
        { "llama.decision.temperature.choice.small", 4, { 4, 4, 1 } },
        { "llama.decision.temperature.score", 5, { 1, 1, 5 } },
        { "llama.decision.temperature.choice.2", 2, { 1, 2, 1 } },
        { "llama.decision.temperature.noul", 2, { 1, 1, 1 } },
        { "llama.decision.temperature.choice", -1, { 0, 0, 1 } } };
    TEST("temperatures of a file");
    for (int f = 0; f < LL_COUNT(files); f++) {
        size_t size;
        uint8_t *image = dc_with_key(files[f].key, files[f].value, &size);
        llocal_model *m = dc_open(image, size);
        llocal_context *c = dc_context(m, 0, 1);
        for (int i = 0; i < 3; i++) {
            llocal_question q = dc_topic(), own;
            llocal_decision d = dc_decision(&c, 1, "Text: Your parcel arrives on Friday", &q, 1);
            if (i == 1) q.n_options = 2;
            if (i == 2) q.kind = LLOCAL_SCALE;
            own = q, own.temperature = (float)files[f].want[i];
            if (files[f].want[i] == 0) { FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_FORMAT); continue; }
            CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
            d.questions = &own;
            CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
            dc_same(&q, &own, 1);
        }
        llocal_context_close(c), llocal_model_close(m);
        free(image);
    }
}

/* ---- limits, memory, cancelling ---- */

static void dc_limits(const llocal_model *m) {
    static llocal_str many[LLOCAL_MAX_OPTIONS + 1];
    static char words[LLOCAL_MAX_OPTIONS + 1][4];
    llocal_context *c = dc_context(m, 128, 1), *twice[2], *other[2];
    llocal_context_desc k8;
    llocal_question q = dc_topic(), kept, *list = (llocal_question *)calloc(LLOCAL_MAX_QUESTIONS + 1, sizeof *list);
    llocal_decision d = dc_decision(&c, 1, "Text: hello", &q, 1);
    llocal_continuation t;
    const float nan_bias[4] = { 0, NAN, 0, 0 };
    const llocal_token one[] = { 1, 20 };
    char large[4000];
    TEST("limits");
    memset(large, 'x', sizeof large), memset(&t, 0, sizeof t);
    for (int i = 0; i <= LLOCAL_MAX_OPTIONS; i++) snprintf(words[i], 4, "w%02d", i), many[i] = ll_str(words[i]);
    CHECK_EQ(llocal_eval(c, one, 2), LLOCAL_OK);
    kept = q;
    q.options = many;
    q.n_options = 1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.n_options = LLOCAL_MAX_OPTIONS + 1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.n_options = -1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.n_options = 4, q.options = NULL; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.kind = LLOCAL_YES_NO, q.options = many; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.kind = LLOCAL_SCALE, q.options = NULL, q.n_options = 10; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.kind = (llocal_question_kind)7; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q = kept, many[1].len = 0, q.options = many; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    many[1] = many[0], q.options = many; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    many[1] = ll_str("w00 w"); FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    many[1] = ll_str(words[1]), q = kept, q.temperature = NAN; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q.temperature = -1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q = kept, q.bias = nan_bias; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    q = kept, d.n_questions = 0; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    d.n_questions = 1, d.questions = NULL; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    for (int i = 0; i <= LLOCAL_MAX_QUESTIONS; i++) list[i] = q;
    d.questions = list, d.n_questions = LLOCAL_MAX_QUESTIONS + 1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    d.n_questions = 1, d.text.ptr = NULL; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    d.questions = &q, d.text.ptr = large, d.text.len = sizeof large;
    FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_FULL);                          /* far too long */
    for (d.text.len = 1; llocal_decide(&d, 0, NULL) == LLOCAL_OK;) d.text.len++;
    FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_FULL);                          /* by one token */
    d.text.len--;
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
    CHECK(llocal_position(c) >= 126);
    llocal_rewind(c, 0), llocal_eval(c, one, 2);
    d.text.len++; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_FULL);
    CHECK(llocal_position(c) == 2 && llocal_logits(c, -1) && !memcmp(llocal_tokens(c), one, sizeof one));
    d.text = ll_str(""), d.instruction = ll_str(""), q.lead = ll_str("");
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);                             /* nothing but "Answer:" */
    q.options = many, q.n_options = LLOCAL_MAX_OPTIONS;
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
    CHECK_EQ(llocal_decide(NULL, 0, NULL), LLOCAL_ERR_ARGUMENT);
    d.n_contexts = 0, CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    twice[0] = twice[1] = c, d.contexts = twice, d.n_contexts = 2; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    memset(&k8, 0, sizeof k8), k8.k = LLOCAL_KV_Q8, other[0] = c;
    CHECK_EQ(llocal_context_open(m, &k8, &other[1]), LLOCAL_OK);
    d.contexts = other; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    llocal_rewind(c, 0), llocal_begin(c, one, 2, 1), d.n_contexts = 1; FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_ARGUMENT);
    llocal_cancel(c);
    FAILS(llocal_score_texts(&c, 1, ll_str("a"), 0, NULL, 1), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_score_texts(&c, 1, ll_str("a"), 0, &t, 0), LLOCAL_ERR_ARGUMENT);
    FAILS(llocal_score_texts(&c, 1, ll_str("a"), 8, &t, 1), LLOCAL_ERR_ARGUMENT);
    t.cap = 1; FAILS(llocal_score_texts(&c, 1, ll_str("a"), 0, &t, 1), LLOCAL_ERR_ARGUMENT);
    t.cap = 0, t.text = ll_str("b");
    FAILS(llocal_score_texts(&c, 1, ll_str(""), 0, &t, 1), LLOCAL_ERR_ARGUMENT);     /* the first token of all */
    CHECK_EQ(llocal_score_texts(&c, 1, ll_str(""), LLOCAL_TOKENIZE_ADD_SPECIAL, &t, 1), LLOCAL_OK);
    t.text.ptr = large, t.text.len = sizeof large;
    FAILS(llocal_score_texts(&c, 1, ll_str("a"), 0, &t, 1), LLOCAL_ERR_FULL);
    llocal_context_close(c), llocal_context_close(other[1]);
    free(list);
}

/* What is taken is given back, also when there is none at any point; contexts stay of use. */
static void dc_memory(const llocal_model *m) {
    llocal_context *c = dc_context(m, 0, 1);
    llocal_question q = dc_topic(), want;
    llocal_decision d = dc_decision(&c, 1, "Text: Your parcel arrives on Friday", &q, 1);
    const int blocks = dc_blocks;
    int n;
    TEST("memory of decisions");
    dc_resized = dc_out_of_order = 0;
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
    CHECK(dc_blocks == blocks && dc_out_of_order == 0);
    n = dc_resized, want = q;
    CHECK(n > 0 && n <= 7);             /* the decision, lists, tokens, text, spans; some grow once */
    for (int i = 1; i <= n; i++) {
        dc_resized = 0, dc_fail_at = i;
        FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_MEMORY);
        CHECK_EQ(dc_blocks, blocks);
    }
    dc_fail_at = 0;
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
    dc_same(&q, &want, 1);
    llocal_context_close(c);
}

static int dc_told, dc_stop_at;
static bool dc_progress(void *user, int n_done, int n_total) {
    (void)user, (void)n_done, (void)n_total;
    return ++dc_told != dc_stop_at;
}

static void dc_cancel(const llocal_model *m) {
    llocal_context *c = NULL;
    llocal_context_desc desc;
    llocal_question q = dc_topic(), want;
    llocal_decision d = dc_decision(&c, 1, "Text: Your parcel arrives on Friday", &q, 1);
    const int blocks = dc_blocks;
    int n;
    TEST("cancelled decisions");
    memset(&desc, 0, sizeof desc);
    desc.progress = dc_progress, desc.logger = test_room();
    CHECK_EQ(llocal_context_open(m, &desc, &c), LLOCAL_OK);
    dc_told = 0;
    CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
    n = dc_told, want = q;
    for (int i = 1; i <= n; i++) {
        llocal_rewind(c, 0);
        q = dc_topic(), dc_told = 0, dc_stop_at = i;
        FAILS(llocal_decide(&d, 0, NULL), LLOCAL_ERR_CANCELLED);
        CHECK(q.p[0] == 0 && llocal_pending(c) == 0);
        dc_stop_at = 0;
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);
        dc_same(&q, &want, 1);
    }
    llocal_context_close(c);
    CHECK_EQ(dc_blocks, blocks);
}

static uint64_t dc_clock(void *user) { return *(uint64_t *)user += 10; }

/* In pieces: the same bits. Cancelled between two, or with a timeline that somebody changed: it is over, and what it took
 * is given back. */
static void dc_steps(const llocal_model *m) {
    llocal_context *c[2];
    llocal_context_desc desc;
    llocal_question q[3], want[3];
    uint64_t clock = 0;
    TEST("decisions in steps");
    memset(&desc, 0, sizeof desc);
    desc.n_ctx = 300, desc.n_logits = 2, desc.logger = test_room(), desc.clock_us = dc_clock, desc.clock_user = &clock;
    for (int i = 0; i < 3; i++) q[i] = dc_topic();
    q[1].letters = 2, q[1].ask = ll_str("Which?"), q[1].lead = ll_str("");
    q[2].kind = LLOCAL_YES_NO, q[2].options = NULL, q[2].ask = ll_str("Is it urgent?");
    for (int i = 0; i < 2; i++) CHECK_EQ(llocal_context_open(m, &desc, &c[i]), LLOCAL_OK);
    for (int n = 1; n < 3; n++) {
        llocal_decision d = dc_decision(c, n, "Text: Your parcel arrives on Friday", q, 3);
        const int blocks = dc_blocks;
        int all = 0;
        bool done = false;
        CHECK_EQ(llocal_decide(&d, 0, &done), LLOCAL_OK);
        CHECK(done && !d.work);
        memcpy(want, q, sizeof q);
        for (int way = 0; way < 6; way++) {             /* whole; cancelled at four places; changed */
            const int stop = way ? way * all / 6 : -1;
            for (int i = 0; i < n; i++) llocal_rewind(c[i], 0);
            for (int i = 0; i < 3; i++) memset(q[i].p, 0, sizeof q[i].p);
            done = false;
            for (int steps = 0; !done; steps++) {
                if (steps == stop && way < 5) for (int i = 0; i < n; i++) llocal_cancel(c[i]);
                if (steps == stop && way == 5) llocal_rewind(c[0], 1);
                if (steps == stop) {
                    FAILS(llocal_decide(&d, 1, &done), LLOCAL_ERR_CANCELLED);
                    CHECK(done);
                } else {
                    CHECK_EQ(llocal_decide(&d, 1, &done), LLOCAL_OK);
                    CHECK(done || d.work);
                    if (way == 0) all = steps + 1;
                }
            }
            CHECK(!d.work && dc_blocks == blocks && llocal_pending(c[0]) == 0 && llocal_pending(c[n - 1]) == 0);
            if (way == 0) dc_same(q, want, 3);
            else CHECK(q[0].p[0] == 0);
        }
        CHECK(all > 20);
        CHECK_EQ(llocal_decide(&d, 0, NULL), LLOCAL_OK);        /* what was read is still of use, and right */
        dc_same(q, want, 3);
        CHECK_EQ(llocal_decide(&d, 1, &done), LLOCAL_OK);
        CHECK(!done && d.work);
        q[1].n_options = 3;
        FAILS(llocal_decide(&d, 0, &done), LLOCAL_ERR_ARGUMENT);        /* changed while it was decided */
        CHECK(done && !d.work && dc_blocks == blocks);
        q[1].n_options = LL_COUNT(dc_topics);
    }
    for (int i = 0; i < 2; i++) llocal_context_close(c[i]);
}

/* Any bytes as texts: an answer or an error, and the same of other contexts; memory comes back. */
static void dc_random(const llocal_model *m) {
    static const char bytes[] = "abc .,\n\"{}<>/s\0\x80\xe2\x82\xac\xff";
    llocal_context *c[3], *alone = dc_context(m, 100, 1);
    int n_ok = 0, blocks;
    TEST("random decisions");
    for (int i = 0; i < 3; i++) c[i] = dc_context(m, 100 + 20 * i, 1 + i);
    blocks = dc_blocks;
    t_rng = 88172645463325252ull;       /* whatever ran before: how many are right depends on it */
    for (int round = 0; round < 150; round++) {
        char room[40][24];
        llocal_str s[40];
        llocal_question q[2], twin[2];
        llocal_decision d;
        llocal_result r;
        for (int i = 0; i < 40; i++) {
            s[i].ptr = room[i], s[i].len = (size_t)(t_random() % (i < 4 ? 24 : 7));
            for (size_t k = 0; k < s[i].len; k++) room[i][k] = bytes[t_random() % (sizeof bytes - 1)];
        }
        memset(q, 0, sizeof q);
        for (int i = 0; i < 2; i++) {
            q[i].ask = s[4 + i], q[i].lead = s[6 + i], q[i].options = s + 8 + 10 * i;
            q[i].n_options = (int)(t_random() % 6), q[i].kind = (llocal_question_kind)(t_random() % 3);
            q[i].letters = t_random() % 3 ? 0 : 1 + (int)(t_random() % 2);
        }
        memcpy(twin, q, sizeof q);
        d = dc_decision(c, 1 + (int)(t_random() % 3), "", q, 1 + (int)(t_random() % 2));
        d.instruction = s[0], d.text = s[1], d.text_last = t_random() % 2 == 0;
        r = llocal_decide(&d, 0, NULL);
        CHECK(r == LLOCAL_OK || r == LLOCAL_ERR_ARGUMENT || r == LLOCAL_ERR_FULL);
        d.contexts = &alone, d.n_contexts = 1, d.questions = twin;
        for (bool done = false; !done;) {
            const llocal_result again = llocal_decide(&d, 1, &done);
            CHECK(done ? again == r : again == LLOCAL_OK);
        }
        if (r) continue;
        n_ok++;
        dc_same(q, twin, d.n_questions);
    }
    CHECK(n_ok > 5);
    CHECK_EQ(dc_blocks, blocks);
    for (int i = 0; i < 3; i++) llocal_context_close(c[i]);
    llocal_context_close(alone);
}

static void test_decide(void) {
    llocal_model *m;
    TEST("answers in tokens");
    for (int i = 0; i < LL_COUNT(test_models); i++) dc_tokens(test_models[i]);
    m = dc_open(NULL, 0);
    if (!m) return;
    dc_texts(m);
    dc_texts_rows(m);
    dc_letters_by_hand(m);
    dc_shared(m);
#ifndef LLOCAL_NO_CHAT
    dc_chat(m);
#endif
    dc_knows(m);
    dc_temperature();
    dc_limits(m);
    dc_memory(m);
    dc_cancel(m);
    dc_steps(m);
    dc_random(m);
    llocal_model_close(m);
    CHECK_EQ(dc_blocks, 0);
}
#endif
