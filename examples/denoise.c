/* Writes a text with a diffusion model (LLaDA, Dream, RND1): all at once, from nothing but masks.
 *
 *     denoise -m model.gguf [-n 32] [-s 16] [--temp T] [--seed N] [-t THREADS] "a prompt"
 *
 * Behind the prompt stand n mask tokens. In each of s steps the whole text is evaluated, every mask is given the token
 * that is likeliest there, and those that the model is surest of stay; the others are masks again. So the text gets
 * clear as a picture does, not from left to right; each step is shown on stderr. Status 1: something failed, and a line
 * on stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 4096 };

typedef struct settings {
    const char *model, *prompt;
    int n, steps, threads;
    float temp;
    uint64_t seed;
} settings;

typedef struct place { int at; llocal_token token; float sure; } place;

static bool complain(const char *what, const char *detail) {
    fprintf(stderr, "denoise: error: %s%s\n", what, detail);
    return false;
}

static bool read_options(int argc, char **argv, settings *s) {
    s->n = 32, s->steps = 16, s->threads = 1, s->seed = 1;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (argv[i][0] != '-') { s->prompt = argv[i]; continue; }
        if (!value) return complain("unknown, or without a value: ", argv[i]);
        if (!strcmp(argv[i], "-m")) s->model = value;
        else if (!strcmp(argv[i], "-n")) s->n = atoi(value);
        else if (!strcmp(argv[i], "-s")) s->steps = atoi(value);
        else if (!strcmp(argv[i], "-t")) s->threads = atoi(value);
        else if (!strcmp(argv[i], "--temp")) s->temp = (float)atof(value);
        else if (!strcmp(argv[i], "--seed")) s->seed = strtoull(value, NULL, 10);
        else return complain("unknown: ", argv[i]);
        i++;
    }
    if (!s->model || !s->prompt) return complain("-m model.gguf and a prompt are wanted", "");
    if (s->n < 1 || s->n > MAX_TOKENS / 2 || s->steps < 1) return complain("-n is from 1 to 2048, -s at least 1", "");
    return true;
}

/* The surest first. */
static int by_sureness(const void *a, const void *b) {
    const place *x = (const place *)a, *y = (const place *)b;
    return x->sure > y->sure ? -1 : x->sure < y->sure ? 1 : x->at - y->at;
}

static void print_tokens(FILE *f, const llocal_model *m, const llocal_token *t, int n, llocal_token mask) {
    char text[256];
    for (int i = 0; i < n; i++) {
        int len = t[i] == mask ? 0 : llocal_token_text(m, t[i], false, text, sizeof text);
        if (t[i] == mask) fputs("_", f);
        for (int k = 0; k < len && k < (int)sizeof text; k++)       /* nothing that gives a terminal orders */
            fputc((unsigned char)text[k] < 32 && text[k] != '\n' && text[k] != '\t' ? '?' : text[k], f);
    }
    fputc('\n', f);
}

/* A text that gets clear. */
typedef struct painting {
    llocal_model *m;
    llocal_context *c;
    llocal_token t[MAX_TOKENS], mask;
    int first, n;                       /* where it begins that is to be written, and its end */
    int shift;                          /* 1: logits of a token are those of the one before it */
    llocal_sampler sampler;
    llocal_score *work;                 /* [n_vocab] */
} painting;

/* One step: what is there at each mask, and how sure that is; the `keep` surest stay. */
static bool denoise(painting *p, float temp, int keep) {
    static place places[MAX_TOKENS];
    const int n_vocab = llocal_model_hparams(p->m)->n_vocab;
    bool done;
    int k = 0;
    if (llocal_rewind(p->c, 0) || llocal_begin(p->c, p->t, p->n, p->n - p->first + p->shift)) return false;
    if (llocal_step(&p->c, 1, 0, &done)) return false;
    for (int i = p->first; i < p->n; i++) {
        float *logits = llocal_logits(p->c, i - p->first);
        llocal_score best;
        if (p->t[i] != p->mask) continue;
        logits[p->mask] = -INFINITY;            /* a mask is no answer */
        if (llocal_top(logits, n_vocab, &best, 1) < 1) return complain("no token is possible", "");
        places[k].at = i, places[k].token = best.token, places[k].sure = best.p;
        if (temp > 0) places[k].token = llocal_sample(&p->sampler, logits, n_vocab, p->t, 0, p->work);
        k++;
    }
    qsort(places, (size_t)k, sizeof *places, by_sureness);
    for (int i = 0; i < k && i < keep; i++) p->t[places[i].at] = places[i].token;
    return true;
}

/* The file says it, or the vocabulary has one of these names. */
static llocal_token mask_of(const llocal_model *m) {
    static const char *const names[] = { "<|mdm_mask|>", "<|mask|>", "[MASK]", "<mask>" };
    llocal_token t = llocal_token_role(m, LLOCAL_ROLE_MASK);
    for (int i = 0; i < 4 && t < 0; i++) t = llocal_token_id(m, names[i]);
    return t;
}

/* Of models that were made from one that writes from left to right. */
static int shift_of(const llocal_model *m) {
    const llocal_gguf *g = llocal_model_gguf(m);
    const int key = llocal_gguf_meta_find(g, "diffusion.shift_logits");
    return key < 0 || llocal_gguf_meta(g, key).as.b;
}

static bool open_all(painting *p, const settings *s, llocal_pool **pool) {
    llocal_source src;
    llocal_context_desc d;
    llocal_pool_desc pd;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&pd, 0, sizeof pd);
    src.path = s->model, src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &p->m)) return false;
    if (llocal_model_hparams(p->m)->embeds || !llocal_model_hparams(p->m)->both_ways)
        return complain("this model does not fill masks: it writes from left to right, or makes vectors", "");
    p->mask = mask_of(p->m), p->shift = shift_of(p->m);
    if (p->mask < 0) return complain("the file names no mask token", "");
    p->first = llocal_tokenize(p->m, s->prompt, strlen(s->prompt), LLOCAL_TOKENIZE_ADD_SPECIAL, p->t, MAX_TOKENS / 2);
    if (p->first < p->shift || p->first > MAX_TOKENS / 2) return complain("the prompt is empty or too long", "");
    p->n = p->first + s->n;
    for (int i = p->first; i < p->n; i++) p->t[i] = p->mask;
    pd.n_threads = s->threads;
    if (s->threads > 1 && llocal_pool_open(&pd, pool)) return complain("there are not so many threads", "");
    if (*pool) d.workers = llocal_pool_workers(*pool);
    d.n_ctx = p->n, d.n_logits = s->n + p->shift;
    p->work = (llocal_score *)malloc((size_t)llocal_model_hparams(p->m)->n_vocab * sizeof *p->work);
    p->sampler = llocal_sampler_default(s->seed), p->sampler.temperature = s->temp;
    return p->work && !llocal_context_open(p->m, &d, &p->c);
}

int main(int argc, char **argv) {
    static settings s;
    static painting p;
    llocal_pool *pool = NULL;
    bool good;
    if (!read_options(argc, argv, &s)) return 1;
    good = open_all(&p, &s, &pool);
    for (int step = 0; step < s.steps && good; step++) {        /* as many in each, and at the end all */
        good = denoise(&p, s.temp, s.n * (step + 1) / s.steps - s.n * step / s.steps);
        print_tokens(stderr, p.m, p.t + p.first, s.n, p.mask);
    }
    if (good) print_tokens(stdout, p.m, p.t + p.first, s.n, p.mask);
    free(p.work);
    llocal_context_close(p.c), llocal_model_close(p.m), llocal_pool_close(pool);
    return good ? 0 : 1;
}
