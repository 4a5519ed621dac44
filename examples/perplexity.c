/* How well a model predicts a text: perplexity, as llama.cpp's llama-perplexity defines it.
 *
 *     perplexity -m model.gguf -f text.txt [-c 512] [-ctk TYPE] [-ctv TYPE] [-t N] [--base base.gguf]
 *
 * The tokens of the text are cut into windows of c; what is left over at the end is not used.
 * Each window is a context of its own and starts with BOS if the model's texts do. Only the second
 * half of a window is scored, so that each scored token has at least c/2 before it. With L the mean
 * of -log p(token | those before it), perplexity is e^L: the model is as uncertain as if it chose
 * among that many equally likely tokens. The +/- is the standard error of L, times e^L.
 *
 * With a base, usually the same model before it was quantised, also how far the two are apart: the
 * mean of the Kullback-Leibler divergence, sum of p_base log(p_base / p), in nats, and how often both
 * think the same token the most likely. Both must have the same vocabulary. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define PIECE 32                        /* tokens evaluated at once, and rows of logits kept */

/* What is subtracted from a logit to get log p; best: the most likely token. */
static double log_sum(const float *logits, int n, int *best) {
    double sum = 0;
    *best = 0;
    for (int i = 1; i < n; i++) if (logits[i] > logits[*best]) *best = i;
    for (int i = 0; i < n; i++) sum += exp(logits[i] - logits[*best]);
    return log(sum) + logits[*best];
}

typedef struct score { double n, sum, squares, divergence, agree; } score;

/* One token. base: logits of the other model, or NULL. */
static void score_token(score *s, const float *logits, const float *base, int n, llocal_token next) {
    int best, base_best;
    double norm = log_sum(logits, n, &best), surprise = norm - logits[next], base_norm;
    s->n++, s->sum += surprise, s->squares += surprise * surprise;
    if (!base) return;
    base_norm = log_sum(base, n, &base_best);
    s->agree += best == base_best;
    for (int i = 0; i < n; i++) {
        double log_p = base[i] - base_norm;
        s->divergence += exp(log_p) * (log_p - (logits[i] - norm));
    }
}

/* c[0], and c[1] if there is a base: the second half of one window. */
static llocal_result score_window(llocal_context **c, const llocal_token *window, int n, int n_vocab, score *s) {
    int first = n / 2, n_contexts = c[1] ? 2 : 1;   /* first: the position whose logits are scored first */
    llocal_result r = LLOCAL_OK;
    for (int k = 0; k < n_contexts && !r; k++) {
        r = llocal_rewind(c[k], 0);
        if (!r && first > 0) r = llocal_eval(c[k], window, first);
    }
    for (int at = first; at < n - 1 && !r; at += PIECE) {
        int m = n - 1 - at < PIECE ? n - 1 - at : PIECE;
        for (int k = 0; k < n_contexts && !r; k++) {
            bool done = false;
            r = llocal_begin(c[k], window + at, m, m);
            while (!r && !done) r = llocal_step(&c[k], 1, 0, &done);
        }
        for (int i = 0; i < m && !r; i++)
            score_token(s, llocal_logits(c[0], i), c[1] ? llocal_logits(c[1], i) : NULL, n_vocab, window[at + i + 1]);
    }
    return r;
}

static int measure(llocal_context **c, const llocal_model *m, llocal_token *tokens, int n_tokens,
                   int n_ctx) {
    int n_vocab = llocal_model_hparams(m)->n_vocab, n_windows = n_tokens / n_ctx;
    bool add_bos = tokens[0] == llocal_token_role(m, LLOCAL_ROLE_BOS);
    bool terminal = is_terminal(stderr);
    double mean = 0, error = 0;
    score s;
    memset(&s, 0, sizeof s);
    for (int i = 0; i < n_windows; i++) {
        llocal_token *window = tokens + (size_t)i * (size_t)n_ctx;
        llocal_result r;
        if (add_bos) window[0] = llocal_token_role(m, LLOCAL_ROLE_BOS);       /* it takes the first token's place */
        r = score_window(c, window, n_ctx, n_vocab, &s);
        if (r || s.sum != s.sum || s.divergence != s.divergence) {
            fprintf(stderr, "%sperplexity: error: %s%s\n", terminal && i ? "\n" : "", !r && s.sum == s.sum ? "the base: " : "",
                    r ? llocal_result_name(r) : NOT_NUMBERS);
            return 1;
        }
        mean = s.sum / s.n;
        error = s.squares / s.n - mean * mean;
        error = error > 0 && s.n > 1 ? sqrt(error / (s.n - 1)) * exp(mean) : 0;
        if (terminal) fprintf(stderr, "\rwindow %d/%d: %.4f ", i + 1, n_windows, exp(mean));
    }
    if (terminal) fputc('\n', stderr);
    printf("perplexity %.4f +/- %.4f (%d windows of %d tokens)\n", exp(mean), error, n_windows, n_ctx);
    if (c[1]) printf("from the base: KL divergence %.6f, the same best token %.2f %%\n", s.divergence / s.n, 100 * s.agree / s.n);
    return 0;
}

static int usage(void) {
    fprintf(stderr, "usage: perplexity -m model.gguf -f text.txt [-c 512] [-ctk f32|f16|q8_0] "
                    "[-ctv f32|f16|q8_0] [-t N] [--base base.gguf]\n");
    return 2;
}
static llocal_kv kv_named(const char *text) {
    return !strcmp(text, "f32") ? LLOCAL_KV_F32 : !strcmp(text, "f16") ? LLOCAL_KV_F16
         : !strcmp(text, "q8_0") ? LLOCAL_KV_Q8 : LLOCAL_KV_DEFAULT;
}

/* NULL, and a reason, if it is none that can be read. */
static char *read_text(const char *path, size_t *len) {
    char *text = file_read(path, len);
    const char *other = text ? text_check(text, len) : NULL;
    if (!text) print_plain(stderr, "perplexity: error: cannot read %s\n", path);
    if (!other) return text;
    print_plain(stderr, "perplexity: error: %s is %s\n", path, other);
    free(text);
    return NULL;
}

int main(int argc, char **argv) {
    llocal_source src[2];               /* the model, and the base */
    llocal_context_desc d;
    llocal_model *m[2] = { NULL, NULL };
    llocal_context *c[2] = { NULL, NULL };
    llocal_pool_desc threads;
    llocal_pool *pool = NULL;
    llocal_token *tokens = NULL;
    const char *file = NULL;
    char *text = NULL;
    size_t len = 0;
    int n, status = 1;
    memset(src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&threads, 0, sizeof threads);
    d.n_ctx = 512, d.n_logits = PIECE;
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "-m")) src[0].path = value;
        else if (!strcmp(argv[i], "--base")) src[1].path = value;
        else if (!strcmp(argv[i], "-f")) file = value;
        else if (!strcmp(argv[i], "-c") && atoi(value) >= 4) d.n_ctx = atoi(value);
        else if (!strcmp(argv[i], "-t") && atoi(value) > 0) threads.n_threads = atoi(value);
        else if (!strcmp(argv[i], "-ctk") && kv_named(value)) d.k = kv_named(value);
        else if (!strcmp(argv[i], "-ctv") && kv_named(value)) d.v = kv_named(value);
        else return usage();
    }
    if (!src[0].path || !file) return usage();
    text = read_text(file, &len);
    if (!text) return 1;
    for (int k = 0; k < 2 && src[k].path; k++) {
        src[k].logger.write = log_plain;
        if (llocal_model_open(&src[k], &m[k])) goto done;
    }
    if (m[1] && llocal_model_hparams(m[0])->n_vocab != llocal_model_hparams(m[1])->n_vocab) {
        fprintf(stderr, "perplexity: error: the base has another vocabulary\n");
        goto done;
    }
    n = llocal_tokenize(m[0], text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, NULL, 0);
    tokens = n > 0 ? (llocal_token *)malloc((size_t)n * sizeof *tokens) : NULL;
    if (tokens) n = llocal_tokenize(m[0], text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, n);
    if (!tokens || n < 2 * d.n_ctx) {
        fprintf(stderr, "perplexity: error: the text has %d tokens; two windows of %d are the least; "
                "give a longer text or a smaller -c\n", n, d.n_ctx);
        goto done;
    }
    threads.logger.write = log_plain;
    if (llocal_pool_open(&threads, &pool)) goto done;
    d.workers = llocal_pool_workers(pool);
    for (int k = 0; k < 2 && m[k]; k++) {
        llocal_result r = llocal_context_open(m[k], &d, &c[k]);
        explain_context("perplexity", r, d.n_ctx);
        if (r) goto done;
    }
    status = measure(c, m[0], tokens, n, d.n_ctx);
done:
    for (int k = 0; k < 2; k++) llocal_context_close(c[k]);
    llocal_pool_close(pool);
    for (int k = 0; k < 2; k++) llocal_model_close(m[k]);
    free(tokens);
    free(text);
    return status;
}
