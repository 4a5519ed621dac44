/* One result on any machine: every bit of the logits of small models, as one hash, which tests/hosts.sh compares. Float
 * weights (a model made here, in F32, F16 and BF16) and quantised ones (examples/tiny.gguf), with threads where there are
 * any. Prints "bits HASH"; then, on other lines, what the model says and what the build has; and "ruled HASH", of a reply
 * that keeps to a schema, where >>rule is compiled.
 *     cc -O1 -DLLOCAL_ONLY_F16 -DLLOCAL_ONLY_BF16 -DLLOCAL_ONLY_Q6_K tests/bits.c -o build/bits -lm -lpthread
 *     build/bits [TOKENS [THREADS]]       of tiny.gguf, 8 by default and 2; and how many tokens/s, at the last */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "t.h"
#include "tiny.h"

/* Bits of floats as little-endian words: byte order is the host's business. */
static uint64_t bits_hash(uint64_t h, const llocal_model *m, llocal_context *c) {
    const float *x = llocal_logits(c, -1);
    for (int i = 0; x && i < llocal_model_hparams(m)->n_vocab; i++) {
        uint8_t b[4];
        ll_store_u32(b, ll_f32_to_bits(x[i]));
        h = ll_hash(h, b, 4);
    }
    return x ? h : 0;
}

/* The tokens of a golden file, the first half at once, then one by one. */
static uint64_t bits_made(uint64_t h, llocal_format f) {
    tiny t;
    llocal_source src;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    memset(&src, 0, sizeof src);
    src.logger.write = llocal_log_stderr;
    if (!tiny_load("tests/golden/arch/llama.golden", &t)) return 0;
    src.data = tiny_image(&t, f, &src.data_size);
    if (llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &c)) return 0;
    if (llocal_eval(c, t.tokens, t.n_tokens / 2)) return 0;
    h = bits_hash(h, m, c);
    for (int i = t.n_tokens / 2; i < t.n_tokens; i++) {
        if (llocal_eval(c, t.tokens + i, 1)) return 0;
        h = bits_hash(h, m, c);
    }
    llocal_context_close(c), llocal_model_close(m);
    free((void *)(uintptr_t)src.data);
    tiny_free(&t);
    return h;
}

static uint64_t bits_told(uint64_t h, int n_tokens, int n_threads) {
    llocal_source src;
    llocal_context_desc d;
    llocal_sampler s;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    char text[64];
    uint64_t begin;
#if LL_THREADS
    llocal_pool *pool = tiny_pool(n_threads);
    if (!pool) return 0;
#endif
    (void)n_threads;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&s, 0, sizeof s);
    src.path = "examples/tiny.gguf", src.logger.write = llocal_log_stderr;
#if LL_THREADS
    d.workers = llocal_pool_workers(pool);
#endif
    d.n_ctx = 64;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &c)) return 0;
    if (llocal_eval_text(c, "Title: The Ant", 14, LLOCAL_TOKENIZE_ADD_SPECIAL)) return 0;
    begin = ll_clock_us();
    for (int i = 0; i < n_tokens; i++) {
        llocal_token t = llocal_next(c, &s);
        int n = llocal_token_text(m, t, false, text, (int)sizeof text);
        h = bits_hash(h, m, c);
        if (n > 0 && n < (int)sizeof text) fwrite(text, 1, (size_t)n, stdout);
        if (llocal_eval(c, &t, 1)) return 0;
    }
    begin = ll_clock_us() - begin;
    if (begin && n_tokens > 0) printf("\nspeed %.0f", n_tokens * 1e6 / (double)begin);
    llocal_context_close(c), llocal_model_close(m);
#if LL_THREADS
    llocal_pool_close(pool);
#endif
    return h;
}

#ifndef LLOCAL_NO_CHAT
/* A reply of random words that keep to a schema, by 1, 2 and 3 threads: its text and its last logits. */
static uint64_t bits_ruled(void) {
    static const char schema[] = "{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\",\"maxLength\":30},\"tags\":{\"type\":\"array\","
        "\"items\":{\"enum\":[\"red\",\"blue\",1]},\"maxItems\":3},\"n\":{\"type\":\"number\",\"minimum\":-3.5}},\"required\":[\"title\",\"tags\",\"n\"],\"additionalProperties\":false}";
    uint64_t h = 0;
    for (int width = 1; width < 4; width++) {
        llocal_source src;
        llocal_context_desc d;
        llocal_rule_desc rd;
        llocal_reply r, *list[1];
        llocal_model *m = NULL;
        uint64_t now;
        char text[300];
        bool done = false;
#if LL_THREADS
        llocal_pool *pool = tiny_pool(width);
        if (!pool) return 0;
#endif
        memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&rd, 0, sizeof rd), memset(&r, 0, sizeof r);
        src.path = "examples/tiny.gguf", src.logger.write = llocal_log_stderr, d.n_ctx = 96;
#if LL_THREADS
        d.workers = llocal_pool_workers(pool);
#endif
        rd.kind = LLOCAL_RULE_SCHEMA, rd.text = ll_str(schema);
        if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &r.context) || llocal_rule_open(m, &rd, NULL, &r.rule)) return 0;
        if (llocal_eval_text(r.context, "Title: The Ant", 14, LLOCAL_TOKENIZE_ADD_SPECIAL)) return 0;
        r.max_tokens = 40, r.sampler.temperature = 1.5f, r.sampler.rng = 3, r.text = text, r.text_size = sizeof text, list[0] = &r;
        if (llocal_reply_begin(&r) || llocal_reply_step(list, 1, 0, &done) || !done) return 0;
        now = bits_hash(ll_hash(LL_HASH_START, text, strlen(text)), m, r.context);
        if (width == 1) printf("\n%s", text);
        else if (now != h) return 0;
        h = now;
        llocal_rule_close(r.rule), llocal_context_close(r.context), llocal_model_close(m);
#if LL_THREADS
        llocal_pool_close(pool);
#endif
    }
    return h;
}
#endif

int main(int argc, char **argv) {
    static const llocal_format formats[] = { LLOCAL_FORMAT_F32, LLOCAL_FORMAT_F16, LLOCAL_FORMAT_BF16 };
    const uint64_t begin = ll_clock_us();
    uint64_t h = LL_HASH_START;
    for (int i = 0; i < LL_COUNT(formats) && h; i++) h = bits_made(h, formats[i]);
    if (h) h = bits_told(h, argc > 1 ? atoi(argv[1]) : 8, argc > 2 ? atoi(argv[2]) : 2);
    printf("\nhas %s%s\n", llocal_build(), ll_clock_us() > begin ? " clock" : "");
    printf("bits %08lx%08lx\n", (unsigned long)(h >> 32 & 0xffffffff), (unsigned long)(h & 0xffffffff));
#ifndef LLOCAL_NO_CHAT
    {
        uint64_t ruled = bits_ruled();
        printf("\nruled %08lx%08lx\n", (unsigned long)(ruled >> 32 & 0xffffffff), (unsigned long)(ruled & 0xffffffff));
        if (!ruled) return 1;
    }
#endif
    return h == 0;
}
