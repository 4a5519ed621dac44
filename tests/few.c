/* A build that has only some of what there is says so, and keeps what it has. tests/check.sh compiles it with
 * LLOCAL_ONLY_KV_Q8 and LLOCAL_NO_SAMPLING; status 0: all as it should be. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

static char last[400];
static void keep(void *user, llocal_log_level level, const char *message) {
    (void)user, (void)level;
    strncpy(last, message, sizeof last - 1);
}
#define NEED(x) do { if (!(x)) { fprintf(stderr, "few.c:%d: %s (%s)\n", __LINE__, #x, last); return 1; } } while (0)

int main(void) {
    llocal_source src;
    llocal_context_desc d;
    llocal_sampler s;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_token best;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&s, 0, sizeof s);
    src.path = "examples/tiny.gguf", src.logger.write = keep, d.logger.write = keep, d.n_ctx = 64;
    NEED(!llocal_model_open(&src, &m));
    d.k = LLOCAL_KV_F16;
    NEED(llocal_context_open(m, &d, &c) == LLOCAL_ERR_UNSUPPORTED && strstr(last, "LLOCAL_ONLY_KV_"));
    d.k = LLOCAL_KV_DEFAULT;                            /* the one that there is */
    NEED(!llocal_context_open(m, &d, &c) && c->d.k == LLOCAL_KV_Q8 && c->d.v == LLOCAL_KV_Q8);
    NEED(!llocal_eval_text(c, "Once", 4, LLOCAL_TOKENIZE_ADD_SPECIAL));
    best = llocal_next(c, &s);
    for (int i = 0; i < llocal_model_hparams(m)->n_vocab; i++)
        NEED(best >= 0 && llocal_logits(c, -1)[i] <= llocal_logits(c, -1)[best]);
    s.temperature = 1;
    NEED(llocal_next(c, &s) == -1 && strstr(last, "LLOCAL_NO_SAMPLING"));
    s.temperature = 0, s.repeat_penalty = 1.5f;
    NEED(llocal_next(c, &s) == -1 && strstr(last, "LLOCAL_NO_SAMPLING"));
    llocal_context_close(c), llocal_model_close(m);
    return 0;
}
