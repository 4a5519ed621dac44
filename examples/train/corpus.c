/* Writes the text that the default model is trained on: documents of two grammars, each followed by
 * a line that is "%".
 *
 *     corpus [--seed N] [--first N] [--unseen names|wordings] [--only stories|tasks] COUNT DIR
 *
 * DIR is where stories.txt and tasks.txt lie. Document i is a function of the seed and of i, so that
 * a corpus can be made in pieces. With --unseen, the names or wordings that training never sees. */
#include "grammar.h"

#define TASKS_IN_6 5                    /* of 6 documents; a story is about three times as long */

static int usage(void) {
    fprintf(stderr, "usage: corpus [--seed N] [--first N] [--unseen names|wordings] "
                    "[--only stories|tasks] COUNT DIR\n");
    return 2;
}

int main(int argc, char **argv) {
    uint64_t seed = 1, first = 0, count;
    grammar_mode mode = GRAMMAR_TRAIN;
    int only = -1, at = 1;
    grammar *g[2];                      /* stories, tasks */
    char path[2][1024];
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        const char *value = argv[at + 1];
        if (!strcmp(argv[at], "--seed")) seed = strtoull(value, NULL, 10);
        else if (!strcmp(argv[at], "--first")) first = strtoull(value, NULL, 10);
        else if (!strcmp(argv[at], "--unseen") && !strcmp(value, "names")) mode = GRAMMAR_NAMES;
        else if (!strcmp(argv[at], "--unseen") && !strcmp(value, "wordings")) mode = GRAMMAR_WORDINGS;
        else if (!strcmp(argv[at], "--only") && !strcmp(value, "stories")) only = 0;
        else if (!strcmp(argv[at], "--only") && !strcmp(value, "tasks")) only = 1;
        else return usage();
    }
    if (argc - at != 2) return usage();
    count = strtoull(argv[at], NULL, 10);
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", argv[at + 1], i ? "tasks.txt" : "stories.txt");
        g[i] = grammar_open(path[i]);
    }
    for (uint64_t i = first; i < first + count; i++) {
        uint64_t mix = seed ^ i << 20;
        int which = only >= 0 ? only : grammar_random(&mix) % 6 < TASKS_IN_6;
        size_t len;
        const char *text = grammar_document(g[which], which ? "task" : "story", mode, seed, i, &len);
        fwrite(text, 1, len, stdout);
        if (fputs("\n%\n", stdout) < 0) { fprintf(stderr, "corpus: cannot write\n"); return 1; }
    }
    grammar_close(g[0]), grammar_close(g[1]);
    if (fflush(stdout)) { fprintf(stderr, "corpus: cannot write\n"); return 1; }
    return 0;
}
