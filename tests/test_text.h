/* llocal_text_add: whole characters and stop strings, against a reference that looks at everything anew after
 * each token. */
#ifndef TEST_TEXT_H
#define TEST_TEXT_H

enum { TT_LETTERS = 6, TT_CONTROL = 6 + 36 + 216, TT_TEXT = 64 };
static const char tt_letters[] = "ab\xe2\x82\xac\xef";     /* of these: leads of three, and what goes on */

static int tt_letter(char c) { return (int)((const char *)memchr(tt_letters, c, TT_LETTERS) - tt_letters); }

/* All strings of one to three of the letters are tokens, and one more that has no text. */
static void tt_open(test_vocabulary *t) {
    test_file *f = test_file_new("llama");
    llocal_meta *m = test_file_array(f, "tokenizer.ggml.tokens", LLOCAL_META_STRING);
    char types[TT_CONTROL + 2], s[3];
    for (int len = 1, n = TT_LETTERS; len <= 3; len++, n *= TT_LETTERS)
        for (int i = 0; i < n; i++) {
            for (int k = len, rest = i; k-- > 0; rest /= TT_LETTERS) s[k] = tt_letters[rest % TT_LETTERS];
            test_file_add_str(f, m, s, (size_t)len);
        }
    test_file_add_str(f, m, "<c>", 3);
    memset(types, '1', TT_CONTROL), strcpy(types + TT_CONTROL, "3");
    test_file_types(f, types);
    CHECK_EQ(test_file_open(f, t), LLOCAL_OK);
}

static llocal_token tt_token(const char *s, int len) {
    int at = len == 1 ? 0 : len == 2 ? 6 : 42, i = 0;
    for (int k = 0; k < len; k++) i = i * TT_LETTERS + tt_letter(s[k]);
    return at + i;
}

/* ---- the reference ---- */

typedef struct tt_want { char text[3 * TT_TEXT + 4]; int n, n_tokens, stopped; } tt_want;

static bool tt_goes_on(const char *s, int at, int n) { return at < n && (s[at] & 0xc0) == 0x80; }

/* raw: the bytes of all tokens so far; ends[i]: where the i-th ends in them. flush: nothing follows. */
static void tt_look(const char *raw, int n, const int *ends, int n_tokens, bool flush, const char *const *stop, int n_stop,
                    tt_want *w) {
    int end_of[TT_TEXT + 1] = { 0 };            /* byte of raw -> where its character ends in the text; -1: not yet */
    int text = 0, keep = 0;
    memset(w, 0, sizeof *w);
    for (int at = 0; at < n;) {
        const bool lead = raw[at] == '\xe2' || raw[at] == '\xef';
        const int more = lead ? tt_goes_on(raw, at + 1, n) + (tt_goes_on(raw, at + 1, n) && tt_goes_on(raw, at + 2, n)) : 0;
        const int len = 1 + more;
        if (lead && more < 2 && at + len == n && !flush) {
            for (int i = 0; i < len; i++) end_of[at + i] = -1;
        } else {
            const bool good = lead ? more == 2 : raw[at] == 'a' || raw[at] == 'b';
            memcpy(w->text + text, good ? raw + at : "\xef\xbf\xbd", good ? (size_t)len : 3);
            text += good ? len : 3;
            for (int i = 0; i < len; i++) end_of[at + i] = text;
        }
        at += len;
    }
    w->n = text;
    for (int end = 1; end <= text && !w->stopped; end++)
        for (int k = end; k > 0 && !w->stopped; k--)
            for (int i = 0; i < n_stop && !w->stopped; i++)
                if ((int)strlen(stop[i]) == k && !memcmp(w->text + end - k, stop[i], (size_t)k)) w->stopped = 1 + i, w->n = end - k;
    for (int k = 1; k <= text && !w->stopped && !flush; k++)
        for (int i = 0; i < n_stop; i++)
            if ((int)strlen(stop[i]) > k && !memcmp(w->text + text - k, stop[i], (size_t)k)) keep = k;
    w->n -= keep;
    for (int i = 0; i < n_tokens; i++) {
        const int end = ends[i] ? end_of[ends[i] - 1] : 0;
        if (end >= 0 && end <= w->n) w->n_tokens = i + 1;
    }
}

/* ---- random texts, cut at random ---- */

static const char *const tt_chars[] = { "a", "b", "\xe2\x82\xac", "\xef\xbf\xbd", "\xef\x82\xac" };

/* A text of characters, wrong bytes, stop strings and their beginnings; none longer than TT_TEXT. */
static int tt_random(char *raw, const char *const *stop, int n_stop) {
    const int size = 8 + (int)(t_random() % (TT_TEXT - 8));
    int n = 0;
    while (n < size) {
        const char *s = t_random() % 2 ? stop[t_random() % (unsigned)n_stop] : tt_chars[t_random() % 5];
        int len = (int)strlen(s);
        if (t_random() % 3) len = 1 + (int)(t_random() % (unsigned)len);
        if (t_random() % 4 == 0) s = tt_letters + t_random() % TT_LETTERS, len = 1;
        for (int i = 0; i < len && n < size; i++) if (memchr(tt_letters, s[i], TT_LETTERS)) raw[n++] = s[i];
    }
    return n;
}

static int tt_text(const llocal_model *m, const char *const *stop, int n_stop) {
    char raw[TT_TEXT], got[3 * TT_TEXT + 4];
    llocal_text x;
    tt_want w;
    const int n = tt_random(raw, stop, n_stop);
    int ends[2 * TT_TEXT], n_tokens = 0, bad = 0, len = 0;
    memset(&x, 0, sizeof x);
    for (int at = 0; at <= n;) {
        const bool flush = at == n, control = !flush && t_random() % 5 == 0;
        const int k = flush || control ? 0 : 1 + (int)(t_random() % (unsigned)LL_MIN(3, n - at));
        const llocal_token t = flush ? -1 : control ? TT_CONTROL : tt_token(raw + at, k);
        llocal_text before = x;
        int more;
        at += k;
        if (!flush) ends[n_tokens++] = at;
        tt_look(raw, at, ends, n_tokens, flush, stop, n_stop, &w);
        more = llocal_text_add(&x, m, t, stop, n_stop, NULL, 0);
        bad += more > 0 && memcmp(&x, &before, sizeof x) != 0;         /* it did not fit */
        if (more > 0) bad += llocal_text_add(&x, m, t, stop, n_stop, got + len, more) != more;
        len += LL_MAX(more, 0);
        bad += more < 0 || len != w.n || memcmp(got, w.text, (size_t)len) != 0;
        bad += x.n_tokens != w.n_tokens || x.stopped != w.stopped;
        if (x.stopped || flush) break;
    }
    bad += x.stopped && llocal_text_add(&x, m, 0, stop, n_stop, NULL, 0) != 0;      /* nothing comes behind it */
    bad += x.n_held || x.stop_len;
    return bad;
}

static void test_text_random(const llocal_model *m) {
    int bad = 0;
    TEST("text: random stop strings and cuts");
    for (int round = 0; round < 20000; round++) {
        char stops[4][20];
        const char *stop[4];
        const int n_stop = 1 + (int)(t_random() % 4);
        for (int i = 0; i < n_stop; i++) {
            stop[i] = stops[i], stops[i][0] = 0;
            if (i && t_random() % 3 == 0)       /* the end of another: they end together */
                strcpy(stops[i], stops[i - 1] + (stops[i - 1][1] && (stops[i - 1][0] & 0x80) == 0));
            else for (int k = 1 + (int)(t_random() % 5); k > 0; k--) strcat(stops[i], tt_chars[t_random() % (t_random() % 2 ? 2 : 5)]);
        }
        bad += tt_text(m, stop, n_stop) != 0;
    }
    CHECK_EQ(bad, 0);
}

/* Every text of nine letters from two, with two stop strings of up to four. */
static void test_text_all(const llocal_model *m) {
    static char words[30][5];
    int n_words = 0, bad = 0;
    TEST("text: all short stop strings");
    for (int len = 1; len <= 4; len++)
        for (int bits = 0; bits < 1 << len; bits++, n_words++)
            for (int i = 0; i < len; i++) words[n_words][i] = "ab"[bits >> i & 1];
    CHECK_EQ(n_words, 30);
    for (int a = 0; a < n_words; a++)
        for (int b = 0; b < n_words; b += 1 + a % 3)
            for (int bits = 0; bits < 1 << 9; bits++) {
                const char *const stop[2] = { words[a], words[b] };
                char text[9], got[9];
                int ends[9], n = 0;
                llocal_text x;
                tt_want w;
                memset(&x, 0, sizeof x);
                for (int i = 0; i < 9; i++) text[i] = "ab"[bits >> i & 1], ends[i] = i + 1;
                for (int i = 0; i < 9 && !x.stopped; i++) {
                    n += llocal_text_add(&x, m, text[i] == 'b', stop, 2, got + n, 9 - n);
                    if (i < 8 && !x.stopped) continue;
                    tt_look(text, i + 1, ends, i + 1, false, stop, 2, &w);
                    bad += n != w.n || memcmp(got, w.text, (size_t)n) || x.stopped != w.stopped || x.n_tokens != w.n_tokens;
                }
            }
    CHECK_EQ(bad, 0);
}

/* ---- edges ---- */

/* Tokens without text inside a stop string: as many as can be counted, and one more. */
static void test_text_between(const llocal_model *m) {
    static const char *const stop[] = { "ab" };
    TEST("text: tokens without text inside a stop string");
    for (int n = 250; n < 260; n++) {
        char out[4];
        llocal_text x;
        int len = 0;
        memset(&x, 0, sizeof x);
        CHECK_EQ(llocal_text_add(&x, m, TT_CONTROL, stop, 1, out, 4), 0);       /* before it */
        CHECK_EQ(llocal_text_add(&x, m, 0, stop, 1, out, 4), 0);
        for (int i = 0; i < n; i++) len += llocal_text_add(&x, m, TT_CONTROL, stop, 1, out + len, 4 - len);
        CHECK(len == (n > 254) && x.n_tokens == (n > 254 ? 2 + n : 1));
        len += llocal_text_add(&x, m, 1, stop, 1, out + len, 4 - len);
        if (n > 254) CHECK(!x.stopped && len == 2 && !memcmp(out, "ab", 2) && x.n_tokens == 3 + n);
        else CHECK(x.stopped == 1 && len == 0 && x.n_tokens == 1);
    }
}

static void test_text_longest(const llocal_model *m) {
    static char longest[LLOCAL_MAX_STOP + 2];
    const char *const stop[] = { longest };
    llocal_text x;
    char out[600];
    int n = 0;
    TEST("text: the longest stop string");
    memset(&x, 0, sizeof x);
    memset(longest, 'a', LLOCAL_MAX_STOP - 1), longest[LLOCAL_MAX_STOP - 1] = 'b';
    for (int i = 0; i < 400; i++) n += llocal_text_add(&x, m, 0, stop, 1, out + n, 600 - n);
    CHECK(n == 400 - (LLOCAL_MAX_STOP - 1) && x.n_tokens == n && !x.stopped);
    { llocal_text saved = x;            /* nothing of it is elsewhere */
      char more[600];
      CHECK_EQ(llocal_text_add(&saved, m, -1, stop, 1, more, 600), LLOCAL_MAX_STOP - 1);
      CHECK(saved.n_tokens == 400 && !memcmp(more, longest, LLOCAL_MAX_STOP - 1));
      CHECK_EQ(llocal_text_add(&saved, m, -1, stop, 1, more, 600), 0); }
    CHECK_EQ(llocal_text_add(&x, m, 1, stop, 1, out, 600), 0);
    CHECK(x.stopped == 1 && x.n_tokens == n);
}

static void test_text_refused(const llocal_model *m) {
    static const char *const bad[] = { "", "\xe2\x82", "a\xff", "\x82", "\xed\xa0\x80", NULL };
    static const char *const stop[] = { "ab", "b" };
    static char longest[LLOCAL_MAX_STOP + 2];
    const char *one = longest;
    llocal_text x, y;
    char out[8];
    TEST("text: refused");
    memset(&x, 0, sizeof x);
    for (int i = 0; i < LL_COUNT(bad); i++) CHECK_EQ(llocal_text_add(&x, m, 0, &bad[i], 1, out, 8), -LLOCAL_ERR_ARGUMENT);
    memset(longest, 'x', LLOCAL_MAX_STOP + 1);
    CHECK_EQ(llocal_text_add(&x, m, 0, &one, 1, out, 8), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(&x, m, 0, NULL, 1, out, 8), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(&x, m, 0, stop, -1, out, 8), -LLOCAL_ERR_ARGUMENT);
    longest[LLOCAL_MAX_STOP] = 0;
    CHECK_EQ(llocal_text_add(&x, m, 0, &one, 1, out, 8), 1);
    CHECK_EQ(llocal_text_add(&x, m, 0, stop, 2, out, 8), 0);
    CHECK(x.stop_len == 1 && x.n_tokens == 1);
    y = x, y.stop_at = 2;
    CHECK_EQ(llocal_text_add(&y, m, 0, stop, 2, out, 8), -LLOCAL_ERR_ARGUMENT);
    y = x, y.stop_at = 1;               /* "b" is no beginning of "b" */
    CHECK_EQ(llocal_text_add(&y, m, 0, stop, 2, out, 8), -LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_text_add(&x, m, 0, NULL, 0, out, 8), -LLOCAL_ERR_ARGUMENT);     /* other ones than before */
    CHECK_EQ(llocal_text_add(&x, m, 0, stop, 2, out, 8), 1);
    for (int i = 0; i < 20000; i++) {   /* a damaged state leads to an error or to other text, and to nothing else */
        y = x;
        for (int k = 0; k < 3; k++) {
            const size_t at = (size_t)(t_random() % (t_random() % 2 ? 36 : sizeof y));
            ((unsigned char *)&y)[at] = (unsigned char)(t_random() % 2 ? t_random() % 4 : t_random());
        }
        for (int k = 0; k < 4; k++) {
            const int n = llocal_text_add(&y, m, (llocal_token)(t_random() % (TT_CONTROL + 1)) - (k == 3), stop, 2, out, 8);
            if (n > 8 || n < 0) break;
        }
    }
}

/* What fills a hole, with the texts of a vocabulary (the goldens have their own). */
static void test_text_infill(void) {
    static const struct { float logits[7]; bool kept[7]; } cases[] = {
        { { -1.2f, -1.4f, -1.05f, -2.3f, -9, -20, -20 }, { true, false, true, false, false, true, true } },   /* "a" has what "ab" has */
        { { -1.4f, -1.2f, -1.05f, -2.3f, -9, -20, -20 }, { false, true, true, false, false, true, true } },
        { { -1, -1, -1, -1, -1, 2, -30 }, { false, false, false, false, false, true, true } },
        { { -1, -3, -1, -1, -1, -20, -20 }, { true, false, true, true, true, true, true } },
        { { -1, -30, -1, -1, -1, -20, -20 }, { true, false, true, true, true, true, true } }
    };
    test_file *f = test_file_new("llama");
    test_vocabulary t;
    llocal_sampler s = llocal_sampler_default(1);
    llocal_score c[90];
    float many[90];
    llocal_meta *m;
    int n;
    TEST("text infill");
    test_file_strings(f, "tokenizer.ggml.tokens", "a ab b c d e f");
    m = test_file_array(f, "tokenizer.ggml.eos_token_id", LLOCAL_META_I32), test_file_add_u32(f, m, 5);
    m = test_file_array(f, "tokenizer.ggml.eot_token_id", LLOCAL_META_U32), test_file_add_u32(f, m, 6);
    CHECK_EQ(test_file_open(f, &t), LLOCAL_OK);
    s.infill = test_vocab_model(&t), s.top_k = 0, s.top_p = 0, s.min_p = 0;
    for (int i = 0; i < LL_COUNT(cases); i++) {
        bool kept[7] = { false };
        n = ll_sample_chain(&s, cases[i].logits, 7, NULL, 0, c);
        for (int k = 0; k < n; k++) kept[c[k].token] = true, CHECK(k == 0 || c[k].token > c[k - 1].token);
        CHECK(!memcmp(kept, cases[i].kept, sizeof kept));
    }
    for (int i = 0; i < 90; i++) many[i] = 0;   /* nothing is sure: it ends, if it may; of what no token is there nothing is read */
    many[5] = many[6] = -20;
    CHECK_EQ(llocal_sample(&s, many, 90, NULL, 0, c), 6);
    s.temperature = 0;
    CHECK_EQ(llocal_sample(&s, many, 90, NULL, 0, c), 6);
    many[6] = -INFINITY;
    CHECK_EQ(llocal_sample(&s, many, 90, NULL, 0, c), 0);
    for (int i = 0; i < 90; i++) many[i] = -INFINITY;
    CHECK_EQ(llocal_sample(&s, many, 90, NULL, 0, c), -1);
    test_vocab_close(&t);
}

static void test_text(void) {
    test_vocabulary t;
    tt_open(&t);
    test_text_all(test_vocab_model(&t));
    test_text_random(test_vocab_model(&t));
    test_text_between(test_vocab_model(&t));
    test_text_longest(test_vocab_model(&t));
    test_text_refused(test_vocab_model(&t));
    test_vocab_close(&t);
    test_text_infill();
}
#endif
