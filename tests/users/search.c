/* How near sentences are to the first, by their vectors: search model.gguf "query" "a" "b" */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_context_desc d;
    static float query[8192];
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_token ids[64];
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    d.n_ctx = 64, d.embed = true, d.pooling = LLOCAL_POOL_MEAN;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &c)) return 1;
    for (int i = 2, size = llocal_embedding_size(c); i < argc; i++) {
        double dot = 0;
        int n = llocal_tokenize(m, argv[i], strlen(argv[i]), LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 64);
        if (n < 1 || n > 64 || size > 8192 || llocal_sync(c, ids, n)) return 1;
        if (i == 2) memcpy(query, llocal_embedding(c), (size_t)size * sizeof *query);
        for (int k = 0; k < size; k++) dot += (double)query[k] * llocal_embedding(c)[k];
        if (i > 2) printf("%.3f %s\n", dot, argv[i]);
    }
    llocal_context_close(c), llocal_model_close(m);
    return 0;
}
