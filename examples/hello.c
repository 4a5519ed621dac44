/* The first program: continue a sentence. hello model.gguf */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>

static bool put_text(void *user, llocal_token t, llocal_str text) {
    (void)user; (void)t;
    return fwrite(text.ptr, 1, text.len, stdout) == text.len;
}

int main(int argc, char **argv) {
    static llocal_source src;           // static: all zeros, which every struct here understands
    static llocal_sampler s;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    src.path = argc > 1 ? argv[1] : "model.gguf";
    src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &m)) return 1;
    if (llocal_context_open(m, NULL, &c)) return 1;
    if (llocal_eval_text(c, "Once upon a time", 16, LLOCAL_TOKENIZE_ADD_SPECIAL)) return 1;
    if (llocal_generate(c, &s, 200, put_text, NULL)) return 1;
    llocal_context_close(c);
    llocal_model_close(m);
    return 0;
}
