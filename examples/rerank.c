/* Sorts texts by how well they answer a question, with a model that was trained to judge that (a reranker).
 *
 *     rerank -m model.gguf "a question" < lines.txt       the lines, the best first, with the score
 *     rerank -m model.gguf --labels "a text" < lines.txt  all labels' scores, in the order of the lines, as JSON
 *
 * The question and a line are put into the words of the file's template for it, or of --pattern P ("{query} {document}"),
 * or one after the other with what the vocabulary has between two texts. Scores are as the model makes them: compare
 * them with each other. Of several labels the first counts, "yes" of those that are called so. -c N: positions, the
 * longest pair (0: llocal.h chooses). -t N: threads (1). -j N: so many lines are evaluated in one pass, where they fit
 * (8). Status 1: something failed, and a line on stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vectors.h"

typedef struct settings {
    const char *model, *question, *pattern;
    bool labels;
    int n_ctx, threads, together;
} settings;

static bool read_options(int argc, char **argv, settings *s) {
    s->together = 8, s->threads = 1;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--labels")) { s->labels = true; continue; }
        if (argv[i][0] != '-') { s->question = argv[i]; continue; }
        if (!value) return complain("rerank", "unknown, or without a value: ", argv[i]);
        if (!strcmp(argv[i], "-m")) s->model = value;
        else if (!strcmp(argv[i], "--pattern")) s->pattern = value;
        else if (!strcmp(argv[i], "-c")) s->n_ctx = atoi(value);
        else if (!strcmp(argv[i], "-t")) s->threads = atoi(value);
        else if (!strcmp(argv[i], "-j")) s->together = atoi(value);
        else return complain("rerank", "unknown: ", argv[i]);
        i++;
    }
    if (!s->model || !s->question) return complain("rerank", "-m model.gguf and a question are wanted", "");
    if (s->together < 1 || s->together > MAX_TOGETHER) return complain("rerank", "-j is from 1 to 32", "");
    return true;
}

static void print_label(const llocal_model *m, int i) {
    llocal_str name = llocal_label(m, i);
    char json[300];
    llocal_json_writer w;
    memset(&w, 0, sizeof w);
    w.out = json, w.cap = sizeof json;
    llocal_json_put_string(&w, name);
    if (name.len && w.n <= sizeof json) printf("%.*s", (int)w.n, json);
    else printf("\"%d\"", i);
}

static void print_scores(const llocal_model *m, const float *v, int n, int size) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < size; k++) {
            printf("%s", k ? "," : "{");
            print_label(m, k);
            printf(":%.6g", (double)v[i * size + k]);
        }
        printf("}\n");
    }
}

static void print_sorted(const llocal_model *m, const float *v, int n, int size, char **lines) {
    bool *done = (bool *)calloc((size_t)n + 1, sizeof *done);
    int label = 0;
    for (int k = 0; k < size; k++) {
        llocal_str name = llocal_label(m, k);
        if (name.len == 3 && !memcmp(name.ptr, "yes", 3)) label = k;
    }
    for (int k = 0; k < n && done; k++) {
        int best = -1;
        for (int i = 0; i < n; i++)
            if (!done[i] && (best < 0 || v[i * size + label] > v[best * size + label])) best = i;
        done[best] = true;
        printf("%.4f %s\n", (double)v[best * size + label], lines[best]);
    }
    free(done);
}

int main(int argc, char **argv) {
    static settings s;
    static llocal_context_desc d;
    static vector_run run;
    static text_lines in;
    text_job job;
    float *v;
    int size;
    bool good = read_options(argc, argv, &s) && read_text_lines(stdin, &in);
    if (!good) return 1;
    d.n_ctx = s.n_ctx, d.embed = true, d.pooling = LLOCAL_POOL_RANK;
    if (!vector_open(&run, "rerank", s.model, &d, s.threads, s.together)) return 1;
    size = llocal_embedding_size(run.c[0]);
    v = (float *)calloc((size_t)in.n * (size_t)size + 1, sizeof *v);
    if (!v) return !complain("rerank", "no memory for the scores", "");
    for (int i = 0; i < in.n && good; i++) {
        job.pattern = s.pattern ? text_str(s.pattern) : llocal_text_pattern(run.m, LLOCAL_PATTERN_PAIR);
        job.query = text_str(s.question), job.document = text_str(in.line[i]);
        job.out = v + (size_t)i * (size_t)size;
        good = vector_add(&run, &job);
    }
    good = vector_finish(&run) && good;
    if (good && s.labels) print_scores(run.m, v, in.n, size);
    else if (good) print_sorted(run.m, v, in.n, size, in.line);
    free(v), free_text_lines(&in);
    vector_close(&run);
    return good ? 0 : 1;
}
