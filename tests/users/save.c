/* A timeline that goes on in the next run: save model.gguf file. Each run adds ten tokens. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>

int main(int argc, char **argv) {
    static unsigned char state[4 << 20];
    static llocal_source src;
    static llocal_sampler greedy;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    char text[4096];
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    if (argc != 3 || llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &c)) return 1;
    FILE *f = fopen(argv[2], "rb");
    if (f) {
        size_t size = fread(state, 1, sizeof state, f);
        if (fclose(f) || llocal_restore(c, state, size)) return 1;
    } else if (llocal_eval_text(c, "Once upon a time", 16, LLOCAL_TOKENIZE_ADD_SPECIAL)) return 1;
    if (llocal_generate(c, &greedy, 10, NULL, NULL)) return 1;
    const unsigned plain = LLOCAL_DETOKENIZE_REMOVE_SPECIAL;
    int len = llocal_detokenize(m, llocal_tokens(c), llocal_position(c), plain, text, 4096);
    if (len < 0 || len > 4096 || llocal_save(c, state, sizeof state)) return 1;
    if (!(f = fopen(argv[2], "wb"))) return 1;
    if (fwrite(state, 1, llocal_save_bytes(c), f) != llocal_save_bytes(c) || fclose(f)) return 1;
    printf("%.*s\n", len, text);
    llocal_context_close(c), llocal_model_close(m);
    return 0;
}
