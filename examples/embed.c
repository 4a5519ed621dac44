/* Vectors of texts, a line each: lines in, vectors or similarities out.
 *
 *     embed -m model.gguf < lines.txt                     a vector for each line, as JSON
 *     embed -m model.gguf --similar < lines.txt           how near every line is to every other: cosines, a row for each
 *     embed -m model.gguf --find "a question" < lines     the lines, the nearest first, with the cosine
 *
 * Texts are put into the words that the model was trained with (llocal_text_pattern): --find is a query, lines are
 * documents. --query P and --document P are patterns of yours ("query: {query}"), --bare leaves them all away.
 * --pooling mean|first|last: not the model's own. -c N: positions, the longest text (0: llocal.h chooses). -t N: threads
 * (1). -j N: so many lines are evaluated in one pass, where they fit (8). Status 1: something failed, and a line on
 * stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vectors.h"

typedef struct settings {
    const char *model, *find, *query, *document;
    bool similar, bare;
    llocal_pooling pooling;
    int n_ctx, threads, together;
} settings;

static bool read_options(int argc, char **argv, settings *s) {
    static const char *const poolings[] = { "", "none", "mean", "first", "last" };
    s->together = 8, s->threads = 1;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--similar")) { s->similar = true; continue; }
        if (!strcmp(argv[i], "--bare")) { s->bare = true; continue; }
        if (!value) return complain("embed", "unknown, or without a value: ", argv[i]);
        if (!strcmp(argv[i], "-m")) s->model = value;
        else if (!strcmp(argv[i], "--find")) s->find = value;
        else if (!strcmp(argv[i], "--query")) s->query = value;
        else if (!strcmp(argv[i], "--document")) s->document = value;
        else if (!strcmp(argv[i], "-c")) s->n_ctx = atoi(value);
        else if (!strcmp(argv[i], "-t")) s->threads = atoi(value);
        else if (!strcmp(argv[i], "-j")) s->together = atoi(value);
        else if (!strcmp(argv[i], "--pooling")) {
            for (int p = LLOCAL_POOL_MEAN; p <= LLOCAL_POOL_LAST; p++)
                if (!strcmp(value, poolings[p])) s->pooling = (llocal_pooling)p;
            if (!s->pooling) return complain("embed", "--pooling is mean, first or last, not ", value);
        } else return complain("embed", "unknown: ", argv[i]);
        i++;
    }
    if (!s->model) return complain("embed", "-m model.gguf is missing", "");
    if (s->together < 1 || s->together > MAX_TOGETHER) return complain("embed", "-j is from 1 to 32", "");
    return true;
}

static llocal_str pattern_of(const settings *s, const llocal_model *m, llocal_pattern p, const char *own) {
    llocal_str none = { NULL, 0 };
    if (own) return text_str(own);
    return s->bare ? none : llocal_text_pattern(m, p);
}

static void print_vector(const float *v, int n) {
    for (int i = 0; i < n; i++) printf("%s%.7g", i ? "," : "[", (double)v[i]);
    printf("]\n");
}

static double cosine(const float *a, const float *b, int n) {
    double dot = 0;
    for (int i = 0; i < n; i++) dot += (double)a[i] * b[i];
    return dot;                         /* they have length 1 */
}

/* The nearest first; of equal ones the first line. */
static void print_found(const float *v, int n, int size, char **lines) {
    const float *query = v + (size_t)n * (size_t)size;
    bool *done = (bool *)calloc((size_t)n + 1, sizeof *done);
    for (int k = 0; k < n && done; k++) {
        int best = -1;
        double most = -2;
        for (int i = 0; i < n; i++) {
            double c = cosine(v + (size_t)i * (size_t)size, query, size);
            if (!done[i] && c > most) best = i, most = c;
        }
        if (best < 0) break;
        done[best] = true;
        printf("%.4f %s\n", most, lines[best]);
    }
    free(done);
}

int main(int argc, char **argv) {
    static settings s;
    static llocal_context_desc d;
    static vector_run run;
    static text_lines in;
    text_job job;
    llocal_str none = { NULL, 0 };
    float *v;
    int size, n;
    bool good = read_options(argc, argv, &s) && read_text_lines(stdin, &in);
    if (!good) return 1;
    d.n_ctx = s.n_ctx, d.embed = true, d.pooling = s.pooling;
    if (!vector_open(&run, "embed", s.model, &d, s.threads, s.together)) return 1;
    size = llocal_embedding_size(run.c[0]), n = in.n;
    v = (float *)calloc((size_t)(n + 1) * (size_t)size + 1, sizeof *v);
    if (!v) return !complain("embed", "no memory for the vectors", "");
    for (int i = 0; i < n + (s.find != NULL) && good; i++) {
        memset(&job, 0, sizeof job);
        job.pattern = i < n ? pattern_of(&s, run.m, LLOCAL_PATTERN_DOCUMENT, s.document)
                            : pattern_of(&s, run.m, LLOCAL_PATTERN_QUERY, s.query);
        job.query = i < n ? none : text_str(s.find), job.document = i < n ? text_str(in.line[i]) : none;
        job.out = v + (size_t)i * (size_t)size;
        good = vector_add(&run, &job);
    }
    good = vector_finish(&run) && good;
    if (good && s.find) print_found(v, n, size, in.line);
    else for (int i = 0; i < n && good; i++) {
        if (!s.similar) print_vector(v + (size_t)i * (size_t)size, size);
        for (int k = 0; k < n && s.similar; k++)
            printf("%s%.4f", k ? " " : "", cosine(v + (size_t)i * (size_t)size, v + (size_t)k * (size_t)size, size));
        if (s.similar) printf("\n");
    }
    free(v), free_text_lines(&in);
    vector_close(&run);
    return good ? 0 : 1;
}
