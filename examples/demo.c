/* What `make run` shows: a story, notifications sorted into JSON, and what it cost.
 *
 *     demo [MODEL [SEED]]
 *
 * It is made for examples/tiny.gguf, which knows these tasks (see examples/train), and make compiles it
 * for that file's weight format only (Q6_K), so that there is something to see soon. Not every seed gives
 * as good a story as the one that is taken without a choice, nor is every notification understood. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

static const char *const notifications[] = {
    "Last notice: the electricity bill comes to 84 euros. Please pay.",
    "Your mother: please call me when you have time, nothing urgent",
    "Your parcel is on its way and arrives on Friday",
    "Congratulations! You have been chosen to receive a free phone, click here",
    "Team meeting starts in 10 minutes, please join now",
};

static bool put_text(void *user, llocal_token t, llocal_str text) {
    bool *line = (bool *)user;          /* true: one line is all that is wanted */
    (void)t;
    put_plain(stdout, text.ptr, text.len, "\n\t");
    fflush(stdout);
    return !line || !memchr(text.ptr, '\n', text.len);
}

/* Let the model go on with a text. */
static bool go_on(const llocal_model *m, llocal_context *c, llocal_sampler *s, const char *text, bool *line) {
    llocal_token tokens[256];
    int n = llocal_tokenize(m, text, strlen(text), LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, 256);
    if (n < 1 || n > 256 || llocal_sync(c, tokens, n)) return false;
    if (has_number(llocal_logits(c, -1), llocal_model_hparams(m)->n_vocab)) return !llocal_generate(c, s, 0, put_text, line);
    fprintf(stderr, "\ndemo: error: " NOT_NUMBERS "\n");
    return false;
}

static bool show(const llocal_model *m, llocal_context *c, uint64_t seed) {
    llocal_sampler storyteller, clerk;
    bool line = true, ok;
    memset(&storyteller, 0, sizeof storyteller), memset(&clerk, 0, sizeof clerk);
    storyteller.temperature = 0.7f, storyteller.min_p = 0.05f, storyteller.rng = seed;
    printf("\nA story:\n\nTitle:");
    ok = go_on(m, c, &storyteller, "Title:", NULL);
    printf("\n\nNotifications, as JSON:\n");
    for (size_t i = 0; i < sizeof notifications / sizeof *notifications && ok; i++) {
        char prompt[512];
        snprintf(prompt, sizeof prompt, "Task: triage\nText: %s\nJSON:", notifications[i]);
        printf("\n    %s\n   ", notifications[i]);
        ok = go_on(m, c, &clerk, prompt, &line);        /* greedy: always the same */
    }
    printf("\n\n");
    return ok;
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_plan plan;
    llocal_stats s;
    int status = 1;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.path = argc > 1 ? argv[1] : "examples/tiny.gguf";
    src.logger.write = log_plain;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &c)) goto done;
    if (!show(m, c, argc > 2 ? strtoull(argv[2], NULL, 10) : 3)) goto done;
    s = llocal_context_stats(c);
    if (llocal_model_plan(&src, &plan)) goto done;
    printf("%.1f million weights on one thread (%s): %.0f tokens/s read, %.0f tokens/s written;\n"
           "%.1f MiB of weights, used where they lie in the file, and %.1f MiB of memory.\n\n",
           (double)llocal_model_hparams(m)->n_params * 1e-6, llocal_build(),
           (double)s.tokens_prefilled * 1e6 / (double)(s.us_prefill + !s.us_prefill),
           (double)s.tokens_decoded * 1e6 / (double)(s.us_decode + !s.us_decode),
           (double)plan.weights_in_place / (1 << 20), (double)(plan.bytes + s.bytes_allocated) / (1 << 20));
    printf("The model is a toy, made from nothing by `make model`. Any other GGUF file runs like this:\n"
           "    make run MODEL=path/to/model.gguf PROMPT=\"Once upon a time\"\n");
    status = 0;
done:
    llocal_context_close(c);
    llocal_model_close(m);
    return status;
}
