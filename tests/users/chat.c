/* A chat over standard input: chat model.gguf. A line is a turn; the reply to it ends at a newline. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>

static bool say(void *user, llocal_token t, llocal_str text) {
    (void)user, (void)t;
    return fwrite(text.ptr, 1, text.len, stdout) == text.len && !fflush(stdout);
}

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_reply r, *list[] = { &r };
    static const char *const stop[] = { "\n" };
    char line[400], turn[512];
    llocal_model *m = NULL;
    bool done;
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    r.on_text = say, r.stop = stop, r.n_stop = 1;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, NULL, &r.context)) return 1;
    for (unsigned flags = LLOCAL_TOKENIZE_ADD_SPECIAL; fgets(line, sizeof line, stdin); flags = 0) {
        int len = snprintf(turn, sizeof turn, "%sTask: repeat\nText: %sAnswer:", flags ? "" : "\n", line);
        if (llocal_eval_text(r.context, turn, (size_t)len, flags) || llocal_reply_begin(&r)) return 1;
        if (llocal_reply_step(list, 1, 0, &done) || r.state.stop == LLOCAL_STOP_FULL) return 1;
        if (puts("") < 0) return 1;
    }
    llocal_context_close(r.context), llocal_model_close(m);
    return 0;
}
