/* Two characters over one model speak at once, a millisecond of each frame: characters model.gguf */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    static const char *const begins[] = { "Title: The Fox", "Dear" };
    static llocal_source src;
    static llocal_context_desc d;
    static llocal_reply r[2], *list[] = { &r[0], &r[1] };
    static llocal_token ids[2][64];
    static char said[2][2000];
    llocal_model *m = NULL;
    bool done = false;
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    d.n_ctx = 200;
    if (llocal_model_open(&src, &m)) return 1;
    for (int i = 0; i < 2; i++) {
        int n = llocal_tokenize(m, begins[i], strlen(begins[i]), LLOCAL_TOKENIZE_ADD_SPECIAL, ids[i], 64);
        r[i].prompt = ids[i], r[i].n_prompt = n, r[i].max_tokens = 60;
        r[i].sampler = llocal_sampler_default(7), r[i].text = said[i], r[i].text_size = sizeof said[i];
        if (n < 1 || n > 64 || llocal_context_open(m, &d, &r[i].context) || llocal_reply_begin(&r[i])) return 1;
    }
    while (!done) if (llocal_reply_step(list, 2, 1000, &done)) return 1;        /* the game goes here */
    for (int i = 0; i < 2; i++) printf("%s%s [%s]\n", begins[i], said[i], llocal_stop_name(r[i].state.stop));
    for (int i = 0; i < 2; i++) llocal_context_close(r[i].context);
    llocal_model_close(m);
    return 0;
}
