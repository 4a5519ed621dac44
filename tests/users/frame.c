/* The second program of the manual: a game's frame gives the model two milliseconds. frame model.gguf */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_reply r, *list[] = { &r };
    static char said[2000];
    llocal_token ids[64];
    llocal_model *m = NULL;
    bool done = false;
    src.path = argc > 1 ? argv[1] : "model.gguf";
    src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &m)) return 1;
    if (llocal_context_open(m, NULL, &r.context)) return 1;
    r.prompt = ids;                     // how many there are, or (negative) why not:
    r.n_prompt = llocal_tokenize(m, "Title:", 6, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 64);
    if (r.n_prompt < 1 || r.n_prompt > 64) return 1;
    r.text = said, r.text_size = sizeof said, r.max_tokens = 100;
    if (llocal_reply_begin(&r)) return 1;
    while (!done)                       // a frame
        if (llocal_reply_step(list, 1, 2000, &done)) return 1;
    puts(said);                         // what is there so far: always whole characters
    llocal_context_close(r.context);
    llocal_model_close(m);
    return 0;
}
