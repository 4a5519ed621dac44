/* Random texts of schemas, for a validator that is not ours (tests/ajv.sh). Of each line of stdin, a JSON Schema:
 *
 *     rule_samples FILE.gguf [TEXTS] [SEED] < schemas
 *
 * prints "S" and the schema's number, then "R" and the refusal, or a line "O text" for each text. A model is asked at
 * temperature 2; where the file has only a vocabulary, logits are random. A text has as many tokens as the rule needs, or
 * up to 90 more. A line that begins with # is a fault found here: not whole at the limit, or refused by its own rule. */
#ifndef LLOCAL_IMPLEMENTATION_DONE
#  define LLOCAL_IMPLEMENTATION
#endif
#include "../llocal.h"
#include "t.h"

#define SAMPLES_TEXT (1 << 16)

typedef struct samples {
    llocal_model *m;
    llocal_context *c;                  /* NULL: only a vocabulary */
    llocal_rule *rule;
    float *logits;
    llocal_score *work;
    llocal_sampler sampler;
    char text[SAMPLES_TEXT];
    int n_vocab, len;
} samples;

/* Some texts end early, others try to go on. */
static void samples_random(samples *s, bool ends) {
    for (int t = 0; t < s->n_vocab; t++) s->logits[t] = 4 * t_uniform();
    for (int t = 0; t < s->n_vocab && ends; t++) {
        char b[8];
        int n = llocal_token_is_end(s->m, t) ? 0 : llocal_token_text(s->m, t, false, b, 8);
        if (n == 0 || (n <= 2 && strchr("\"}],", b[0]))) s->logits[t] += 14;
    }
}

/* Returns tokens of the text, -1: it failed. */
static int samples_by_hand(samples *s, int limit, bool ends) {
    llocal_rule_state st;
    int n = 0;
    memset(&st, 0, sizeof st), s->len = 0;
    for (; n < limit && s->len < SAMPLES_TEXT - 300; n++) {
        llocal_token t;
        if (llocal_rule_must_end(s->rule, &st)) break;
        samples_random(s, ends);
        if (llocal_rule_apply(s->rule, &st, limit - n, s->logits)) {
            if (llocal_rule_can_end(s->rule, &st)) break;
            return -1;
        }
        t = llocal_sample(&s->sampler, s->logits, s->n_vocab, NULL, 0, s->work);
        if (t < 0 || llocal_token_is_end(s->m, t)) break;
        if (!llocal_rule_accept(s->rule, &st, t)) return -1;
        s->len += llocal_token_text(s->m, t, false, s->text + s->len, 300);
    }
    return n;
}

static int samples_by_model(samples *s, int limit) {
    static llocal_token prompt[16];
    llocal_reply r, *list[1];
    bool done = false;
    memset(&r, 0, sizeof r);
    r.prompt = prompt, r.n_prompt = llocal_tokenize(s->m, "Title:", 6, LLOCAL_TOKENIZE_ADD_SPECIAL, prompt, 16);
    r.context = s->c, r.max_tokens = limit, r.rule = s->rule, r.sampler = s->sampler, r.sampler.rng = t_random();
    r.text = s->text, r.text_size = SAMPLES_TEXT, list[0] = &r, s->text[0] = 0;
    if (llocal_reply_begin(&r)) puts("# it does not begin");
    else if (llocal_reply_step(list, 1, 0, &done)) puts("# a step fails");
    s->len = (int)r.state.n_text;
    return done && (r.state.stop == LLOCAL_STOP_END || r.state.stop == LLOCAL_STOP_LIMIT) ? r.state.n_tokens : -1;
}

static void samples_text(samples *s, int number) {
    llocal_rule_state st;
    int need, extra = (int)(t_random() % 90), limit, n;
    bool ends = t_random() % 2 == 0;
    memset(&st, 0, sizeof st);
    need = llocal_rule_need(s->rule, &st), limit = need + (extra < 20 ? 0 : extra);
    if (s->c && limit > 900) { printf("R needs %d tokens\n", need); return; }
    n = s->c ? samples_by_model(s, limit) : samples_by_hand(s, limit, ends);
    memset(&st, 0, sizeof st);
    if (n < 0 || n > limit) printf("# schema %d: it stopped after %d of %d tokens: ", number, n, limit);
    else if (llocal_rule_accept_text(s->rule, &st, s->text, (size_t)s->len) != (size_t)s->len || !llocal_rule_can_end(s->rule, &st))
        printf("# schema %d: not whole: ", number);
    printf("O ");
    for (int i = 0; i < s->len; i++) putchar(s->text[i] == '\n' || s->text[i] == '\r' ? ' ' : s->text[i]);
    putchar('\n');
}

static void samples_schema(samples *s, const char *schema, int number, int n) {
    static const llocal_rule_space spaces[] = { LLOCAL_RULE_SPACE_NONE, LLOCAL_RULE_SPACE_NONE, LLOCAL_RULE_SPACE_ONE, LLOCAL_RULE_SPACE_FREE };
    llocal_rule_desc d;
    llocal_fault f;
    memset(&d, 0, sizeof d), memset(&f, 0, sizeof f);
    d.kind = LLOCAL_RULE_SCHEMA, d.text.ptr = schema, d.text.len = strlen(schema);
    d.flags = t_random() % 2 ? LLOCAL_RULE_ANY_ORDER : 0, d.space = spaces[t_random() % 4];
    printf("S %d\n", number);
    if (llocal_rule_open(s->m, &d, &f, &s->rule)) { printf("R %s\n", f.message); return; }
    for (int i = 0; i < n; i++) samples_text(s, number);
    llocal_rule_close(s->rule);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static samples s;
    static char line[1 << 20];
    llocal_source src;
    llocal_context_desc d;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    if (argc < 2) { fputs("rule_samples FILE.gguf [TEXTS] [SEED] < schemas\n", stderr); return 2; }
    src.path = argv[1], src.logger.write = llocal_log_stderr, src.vocab_only = strstr(argv[1], "vocab") != NULL;
    if (llocal_model_open(&src, &s.m)) return 1;
    d.n_ctx = 1024;
    if (!src.vocab_only && llocal_context_open(s.m, &d, &s.c)) return 1;
    for (int i = argc > 3 ? atoi(argv[3]) : 0; i > 0; i--) t_random();
    s.n_vocab = llocal_model_hparams(s.m)->n_vocab;
    s.logits = (float *)malloc((size_t)s.n_vocab * sizeof *s.logits), s.work = (llocal_score *)malloc((size_t)s.n_vocab * sizeof *s.work);
    s.sampler.temperature = 2;
    for (int i = 0; fgets(line, sizeof line, stdin); i++) {
        line[strcspn(line, "\n")] = 0;
        samples_schema(&s, line, i, argc > 2 ? atoi(argv[2]) : 1);
    }
    free(s.logits), free(s.work);
    llocal_context_close(s.c), llocal_model_close(s.m);
    return 0;
}
