/* How often a model answers a task exactly as it should.
 *
 *     evaluate -m MODEL.gguf [-n 100] [-t N] [--seed 99] [--show] DIR
 *
 * DIR holds tasks.txt. For each task, n documents with names that training never sees and n with
 * wordings that it never sees (and n of the kind that it does see) are cut before the answer; the
 * model goes on from there, greedily. The answer counts if all of its characters are right. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include "../system.h"
#include "grammar.h"

#define MAX_KINDS 16

typedef struct kind { char name[32]; int right, asked; } kind;

/* The model's line after the prompt, in `line`; NULL: the evaluation failed. */
static const char *answer(const llocal_model *m, llocal_context *c, const char *prompt, size_t len, char *line, size_t size) {
    static const char *const end_of_line[] = { "\n" };
    llocal_token tokens[1024];
    llocal_reply r, *list = &r;
    memset(&r, 0, sizeof r);
    r.context = c, r.max_tokens = 100, r.stop = end_of_line, r.n_stop = 1, r.text = line, r.text_size = size;
    r.prompt = tokens, r.n_prompt = llocal_tokenize(m, prompt, len, LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, 1024);
    if (r.n_prompt > 1024 || llocal_reply_begin(&r) || llocal_reply_step(&list, 1, 0, NULL)) return NULL;
    return line + (line[0] == ' ');
}

static kind *kind_of(kind *kinds, int *n, const char *document) {
    size_t len = strcspn(document, "\n");
    const char *name = !strncmp(document, "Task: ", 6) ? document + 6 : document;
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)(len - (size_t)(name - document)), name);
    for (int i = 0; i < *n; i++) if (!strcmp(kinds[i].name, text)) return &kinds[i];
    if (*n == MAX_KINDS) return NULL;
    memset(&kinds[*n], 0, sizeof *kinds);
    memcpy(kinds[*n].name, text, sizeof text);
    return &kinds[(*n)++];
}

/* One line of the table. */
static void evaluate(const llocal_model *m, llocal_context *c, grammar *g, grammar_mode mode, uint64_t seed, int n_each,
                    bool show) {
    static const char *const called[] = { "seen kinds", "unseen names", "unseen wordings" };
    kind kinds[MAX_KINDS];
    int n_kinds = 0, right = 0, asked = 0;
    for (uint64_t i = 0; i < (uint64_t)n_each * 40; i++) {
        size_t len, cut;
        const char *text = grammar_document(g, "task", mode, seed, i, &len), *got, *last;
        kind *k = kind_of(kinds, &n_kinds, text);
        char line[1024];
        if (!k || k->asked == n_each) continue;
        last = strrchr(text, '\n');
        last = last ? strstr(last, ": ") : NULL;
        if (!last) continue;
        cut = (size_t)(last + 1 - text);
        got = answer(m, c, text, cut, line, sizeof line);
        if (!got) { fprintf(stderr, "evaluate: error: the model cannot be run on this:\n%s\n", text); exit(1); }
        k->asked++, k->right += !strcmp(got, last + 2);
        if (show && strcmp(got, last + 2)) {
            printf("---- %s\n%s\n", called[mode], text);
            print_plain(stdout, "!!!! %s\n", got);
        }
    }
    printf("%-16s", called[mode]);
    for (int k = 0; k < n_kinds; k++) {
        printf("  %s %5.1f %%", kinds[k].name, 100.0 * kinds[k].right / kinds[k].asked);
        right += kinds[k].right, asked += kinds[k].asked;
    }
    printf("  all %5.1f %% of %d\n", 100.0 * right / (asked ? asked : 1), asked);
    fflush(stdout);

}

static int usage(void) {
    fprintf(stderr, "usage: evaluate -m MODEL.gguf [-n 100] [-t N] [--seed 99] [--show] DIR\n");
    return 2;
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_pool_desc threads = {0};
    llocal_pool *pool = NULL;
    grammar *g;
    char path[1024];
    const char *dir = NULL;
    int n = 100, status = 1;
    uint64_t seed = 99;
    bool show = false;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--show")) show = true;
        else if (!strcmp(argv[i], "-m")) src.path = value, i++;
        else if (!strcmp(argv[i], "-n") && atoi(value) > 0) n = atoi(value), i++;
        else if (!strcmp(argv[i], "-t") && atoi(value) > 0) threads.n_threads = atoi(value), i++;
        else if (!strcmp(argv[i], "--seed")) seed = strtoull(value, NULL, 10), i++;
        else if (argv[i][0] != '-' && !dir) dir = argv[i];
        else return usage();
    }
    if (!src.path || !dir) return usage();
    src.logger.write = log_plain, threads.logger = src.logger;
    snprintf(path, sizeof path, "%s/tasks.txt", dir);
    g = grammar_open(path);
    if (!llocal_model_open(&src, &m) && !llocal_pool_open(&threads, &pool)) {
        d.workers = llocal_pool_workers(pool);
        if (!llocal_context_open(m, &d, &c)) {
            for (int mode = 0; mode < 3; mode++) evaluate(m, c, g, (grammar_mode)mode, seed, n, show);
            status = 0;
        }
    }
    llocal_context_close(c), llocal_pool_close(pool), llocal_model_close(m);
    grammar_close(g);
    return status;
}
