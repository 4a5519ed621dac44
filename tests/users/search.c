/* How near sentences are to the first, by their tokens' mean vectors: search model.gguf "query" "a" "b" */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_context_desc d;
    static double mean[2][8192];
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_token ids[64];
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    d.n_ctx = d.n_logits = 64;                  /* vectors of every token, not only of the last */
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &c)) return 1;
    for (int i = 2, n_embd = llocal_model_hparams(m)->n_embd; i < argc; i++) {
        double *q = mean[0], *v = (double *)memset(mean[i > 2], 0, sizeof mean[0]), dot = 0, a = 0, b = 0;
        bool done = false;
        int n = llocal_tokenize(m, argv[i], strlen(argv[i]), LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 64);
        if (n < 1 || n > 64 || n_embd > 8192) return 1;
        if (llocal_rewind(c, 0) || llocal_begin(c, ids, n, n) || llocal_step(&c, 1, 0, &done)) return 1;
        for (int k = 0; k < n * n_embd; k++) v[k % n_embd] += llocal_hidden(c, k / n_embd)[k % n_embd];
        for (int k = 0; k < n_embd; k++) dot += q[k] * v[k], a += q[k] * q[k], b += v[k] * v[k];
        if (i > 2) printf("%.3f %s\n", dot / sqrt(a * b), argv[i]);
    }
    llocal_context_close(c), llocal_model_close(m);
    return 0;
}
