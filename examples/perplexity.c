/* How well a model predicts a text: perplexity, as llama.cpp's llama-perplexity defines it.
 *
 *     perplexity -m model.gguf -f text.txt [-c 512] [-ctk TYPE] [-ctv TYPE] [-t N]
 *
 * The tokens of the text are cut into windows of c; what is left over at the end is not used.
 * Each window is a context of its own and starts with BOS if the model's texts do. Only the second
 * half of a window is scored, so that each scored token has at least c/2 before it. With L the mean
 * of -log p(token | those before it), perplexity is e^L: the model is as uncertain as if it chose
 * among that many equally likely tokens. The +/- is the standard error of L, times e^L. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 32                        /* tokens evaluated at once, and rows of logits kept */

/* -log of the softmax's p of token t. */
static double surprise(const float *logits, int n, llocal_token t) {
    double max = logits[0], sum = 0;
    for (int i = 1; i < n; i++) if (logits[i] > max) max = logits[i];
    for (int i = 0; i < n; i++) sum += exp(logits[i] - max);
    return log(sum) - (logits[t] - max);
}

/* Score the second half of one window; sums up L and its square. */
static llocal_result score_window(llocal_context *c, const llocal_token *window, int n, int n_vocab,
                                  double *sum, double *squares) {
    int first = n / 2;                  /* the position whose logits are the first to be scored */
    llocal_result r = llocal_rewind(c, 0);
    if (!r && first > 0) r = llocal_eval(c, window, first);
    for (int at = first; at < n - 1 && !r; at += PIECE) {
        int m = n - 1 - at < PIECE ? n - 1 - at : PIECE;
        bool done = false;
        r = llocal_begin(c, window + at, m, m);
        while (!r && !done) r = llocal_step(&c, 1, 0, &done);
        for (int i = 0; i < m && !r; i++) {
            double s = surprise(llocal_logits(c, i), n_vocab, window[at + i + 1]);
            *sum += s, *squares += s * s;
        }
    }
    return r;
}

static int measure(llocal_context *c, const llocal_model *m, llocal_token *tokens, int n_tokens,
                   int n_ctx) {
    int n_vocab = llocal_model_hparams(m)->n_vocab, n_windows = n_tokens / n_ctx;
    bool add_bos = tokens[0] == llocal_token_bos(m);
    double sum = 0, squares = 0, mean = 0, error = 0;
    for (int i = 0; i < n_windows; i++) {
        llocal_token *window = tokens + (size_t)i * (size_t)n_ctx;
        double n = (double)(i + 1) * (n_ctx - 1 - n_ctx / 2);
        llocal_result r;
        if (add_bos) window[0] = llocal_token_bos(m);       /* it takes the first token's place */
        r = score_window(c, window, n_ctx, n_vocab, &sum, &squares);
        if (r) {
            fprintf(stderr, "perplexity: error: %s\n", llocal_result_name(r));
            return 1;
        }
        mean = sum / n;
        error = squares / n - mean * mean;
        error = error > 0 && n > 1 ? sqrt(error / (n - 1)) * exp(mean) : 0;
        fprintf(stderr, "\rwindow %d/%d: %.4f ", i + 1, n_windows, exp(mean));
    }
    fputc('\n', stderr);
    printf("perplexity %.4f +/- %.4f (%d windows of %d tokens)\n", exp(mean), error, n_windows, n_ctx);
    return 0;
}

static char *read_file(const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    long n = -1;
    if (f && !fseek(f, 0, SEEK_END)) n = ftell(f);
    if (n >= 0) text = (char *)malloc((size_t)n + 1);
    if (text) {
        rewind(f);
        *len = fread(text, 1, (size_t)n, f);
    }
    if (f) fclose(f);
    return text;
}

static int usage(void) {
    fprintf(stderr, "usage: perplexity -m model.gguf -f text.txt [-c 512] [-ctk f32|f16|q8_0] "
                    "[-ctv f32|f16|q8_0] [-t N]\n");
    return 2;
}
static llocal_kv kv_named(const char *text) {
    return !strcmp(text, "f32") ? LLOCAL_KV_F32 : !strcmp(text, "f16") ? LLOCAL_KV_F16
         : !strcmp(text, "q8_0") ? LLOCAL_KV_Q8 : LLOCAL_KV_DEFAULT;
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_pool *pool = NULL;
    llocal_token *tokens = NULL;
    const char *file = NULL;
    char *text = NULL;
    size_t len = 0;
    int n, n_threads = 0, status = 1;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    d.n_ctx = 512, d.n_logits = PIECE;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "-m")) src.path = value;
        else if (!strcmp(argv[i], "-f")) file = value;
        else if (!strcmp(argv[i], "-c") && atoi(value) >= 4) d.n_ctx = atoi(value);
        else if (!strcmp(argv[i], "-t") && atoi(value) > 0) n_threads = atoi(value);
        else if (!strcmp(argv[i], "-ctk") && kv_named(value)) d.k = kv_named(value);
        else if (!strcmp(argv[i], "-ctv") && kv_named(value)) d.v = kv_named(value);
        else return usage();
    }
    if (!src.path || !file) return usage();
    text = read_file(file, &len);
    if (!text) {
        fprintf(stderr, "perplexity: error: cannot read %s\n", file);
        return 1;
    }
    src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &m)) goto done;
    n = llocal_tokenize(m, text, len, LLOCAL_ADD_SPECIAL, NULL, 0);
    tokens = n > 0 ? (llocal_token *)malloc((size_t)n * sizeof *tokens) : NULL;
    if (tokens) n = llocal_tokenize(m, text, len, LLOCAL_ADD_SPECIAL, tokens, n);
    if (!tokens || n < 2 * d.n_ctx) {
        fprintf(stderr, "perplexity: error: the text has %d tokens; two windows of %d are the least; "
                "give a longer text or a smaller -c\n", n, d.n_ctx);
        goto done;
    }
    if (llocal_pool_open(n_threads, NULL, &pool)) goto done;
    d.workers = llocal_pool_workers(pool);
    if (llocal_context_open(m, &d, &c)) goto done;
    status = measure(c, m, tokens, n, d.n_ctx);
done:
    llocal_context_close(c);
    llocal_pool_close(pool);
    llocal_model_close(m);
    free(tokens);
    free(text);
    return status;
}
