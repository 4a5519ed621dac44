/* One of these JSON texts and nothing else, whatever the model would like to say: json model.gguf "a prompt" */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static const char *const all[] = { " {\"pay\":\"now\"}", " {\"pay\":\"later\"}", " {\"pay\":\"never\"}" };
    static llocal_source src;
    static llocal_sampler greedy;
    char piece[64], said[64] = "";
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    if (argc != 3 || llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &c)) return 1;
    if (llocal_eval_text(c, argv[2], strlen(argv[2]), LLOCAL_TOKENIZE_ADD_SPECIAL)) return 1;
    for (size_t at = 0; at == 0 || said[at - 1] != '}'; at = strlen(said)) {
        llocal_token t = 0;
        for (; t < llocal_model_hparams(m)->n_vocab; t++) {
            int n = llocal_token_text(m, t, false, piece, 64), fits = 0;
            for (int i = 0; i < 3 && n > 0 && n < 64; i++)
                fits += !strncmp(all[i], said, at) && !strncmp(all[i] + at, piece, (size_t)n);
            if (!fits) llocal_logits(c, -1)[t] = -INFINITY;
        }
        if ((t = llocal_next(c, &greedy)) < 0 || llocal_eval(c, &t, 1)) return 1;
        strncat(said, piece, (size_t)llocal_token_text(m, t, false, piece, 64));
    }
    return llocal_context_close(c), llocal_model_close(m), puts(said + 1) < 0;
}
