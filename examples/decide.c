/* Decides about texts, a line each: notifications in, chances out; no token is generated.
 *
 *     decide -m model.gguf -q questions.json < lines.jsonl
 *     decide -m model.gguf --ask "What is it about?" --lead "This is about" --options bill,delivery,spam < lines.jsonl
 *     decide -m model.gguf -q questions.json --calibrate labelled.jsonl
 *
 * A line is {"text": "..."}, other members are not looked at. For each, a line is written:
 *
 *     {"topic":{"answer":"bill","p":{"bill":0.91,"delivery":0.06,"spam":0.03}}}
 *
 * The questions, all of one text, which is read once; what is left out is off, or as in llocal_question:
 *
 *     {"instruction": "You sort notifications.", "before": "Notification: ", "text_last": false, "questions": [
 *         {"name": "topic", "ask": "What is it about?", "lead": "This is about",
 *          "options": ["bill", "delivery", "spam"], "letters": false, "both_orders": false,
 *          "temperature": 1.4, "bias": [0.1, -0.2, 0]},
 *         {"name": "today", "kind": "yes_no", "ask": "Does it have to be dealt with today?"},
 *         {"name": "size", "kind": "scale", "ask": "...", "options": ["small", "middling", "large"]}]}
 *
 * --calibrate reads lines that have the right answer under the question's name ({"text": "...", "topic": "bill"}).
 * Every other one is used to find the bias (minus the mean of the logits, for which no answers are needed) and one
 * temperature (which makes the right answers most likely); the others tell what that is worth: how often the most
 * likely option is right, the negative log-likelihood, and the expected calibration error, the mean distance between
 * how sure it is and how often that is right. What was found is written as JSON, to be put into the questions.
 *
 * --plain: no chat template, though the file has one. -c N: positions (1024). -t N: threads (1). Status 1: something
 * failed, and a line on stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"
#include "questions.h"

enum { MAX_LINES = 100000 };

static char *judged;                    /* what is judged, with what stands before */
static size_t judged_size;

static bool complain(const char *what, const char *detail) {
    print_plain(stderr, "decide: error: %s%s\n", what, detail);
    return false;
}

static llocal_str str(const char *s) {
    llocal_str r;
    r.ptr = s, r.len = strlen(s);
    return r;
}

static void cut_options(decider *d, char *list) {
    for (char *p = strtok(list, ","); p && d->q[0].n_options < LLOCAL_MAX_OPTIONS; p = strtok(NULL, ","))
        d->options[0][d->q[0].n_options++] = str(p);
    d->q[0].options = d->options[0];
}

/* ---- lines --------------------------------------------------------------------------------- */

/* The next line of a file, to be freed; NULL: there is none. */
static char *read_line(FILE *f, size_t *len) {
    size_t cap = 256, n = 0;
    char *line = (char *)malloc(cap);
    int c = 0;
    while (line && (c = fgetc(f)) != EOF && c != '\n') {
        if (n + 1 == cap) {
            char *more = (char *)realloc(line, cap *= 2);
            if (!more) { free(line); return NULL; }
            line = more;
        }
        line[n++] = (char)c;
    }
    if (!line || (c == EOF && !n)) { free(line); return NULL; }
    line[n] = 0, *len = n;
    return line;
}

/* Decide about a line; its nodes stay in d->nodes. */
static bool decide_line(decider *d, llocal_json *j, char *line, size_t len, int number) {
    llocal_fault fault;
    llocal_str text;
    int n, node;
    memset(&fault, 0, sizeof fault);
    j->text = line, j->len = len, j->nodes = d->nodes, j->cap = MAX_NODES;
    n = llocal_json_read(j, &fault);
    node = n >= 0 && n <= MAX_NODES ? llocal_json_find(j, 0, "text") : -1;
    if (node < 0 || j->nodes[node].type != LLOCAL_JSON_STRING) {
        print_plain(stderr, "decide: error: line %d: %s\n", number, n < 0 ? fault.message : "there is no \"text\"");
        return false;
    }
    n = llocal_json_text(j, node, NULL, 0);
    if (judged_size < d->before.len + (size_t)n) {
        free(judged);
        judged = (char *)malloc(judged_size = 2 * (d->before.len + (size_t)n));
        if (!judged) return complain("out of memory", "");
    }
    if (d->before.len) memcpy(judged, d->before.ptr, d->before.len);
    llocal_json_text(j, node, judged + d->before.len, n);
    text.ptr = judged, text.len = d->before.len + (size_t)n;
    d->d.text = text;
    return llocal_decide(&d->d, 0, NULL) == LLOCAL_OK;
}

static bool decide_lines(decider *d) {
    size_t len;
    char *line, out[65536];
    bool ok = true;
    for (int number = 1; ok && (line = read_line(stdin, &len)) != NULL; number++) {
        llocal_json j;
        llocal_json_writer w;
        memset(&w, 0, sizeof w);
        w.out = out, w.cap = sizeof out;
        ok = decide_line(d, &j, line, len, number);
        free(line);
        if (ok) put_answers(d, &w);
        if (ok && w.n > w.cap) ok = complain("the answer of a line is too long", "");
        if (ok) fwrite(out, 1, w.n, stdout), putchar('\n'), fflush(stdout);
    }
    return ok;
}

/* ---- calibration --------------------------------------------------------------------------- */

/* What the model said of the labelled lines, for one question. */
typedef struct sample { float logit[LLOCAL_MAX_OPTIONS]; int right; } sample;
typedef struct score { double accuracy, loss, ece; } score;
enum { BINS = 10 };

/* Softmax of the logits, with bias and temperature. */
static void chances(const sample *s, int n, const float *bias, double temperature, double *p) {
    double max = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++) {
        p[i] = ((double)s->logit[i] + (bias ? (double)bias[i] : 0)) / temperature;
        max = p[i] > max ? p[i] : max;
    }
    for (int i = 0; i < n; i++) sum += p[i] = exp(p[i] - max);
    for (int i = 0; i < n; i++) p[i] /= sum;
}

/* Over every second sample, from the first or the second on. ECE: answers sorted by how sure they are into ten bins;
 * of each the distance between the mean of that and the share that is right, weighted by how many it has. */
static score measure(const sample *s, int n_samples, int first, int n, const float *bias, double temperature) {
    double p[LLOCAL_MAX_OPTIONS], sure[BINS] = { 0 }, right[BINS] = { 0 };
    score r = { 0, 0, 0 };
    int count = 0;
    for (int i = first; i < n_samples; i += 2, count++) {
        int best = 0, bin;
        chances(&s[i], n, bias, temperature, p);
        for (int k = 1; k < n; k++) if (p[k] > p[best]) best = k;
        bin = (int)(p[best] * BINS);
        if (bin == BINS) bin--;
        sure[bin] += p[best], right[bin] += best == s[i].right;
        r.accuracy += best == s[i].right;
        r.loss -= log(p[s[i].right] > 1e-30 ? p[s[i].right] : 1e-30);
    }
    for (int b = 0; b < BINS; b++) r.ece += fabs(sure[b] - right[b]);
    if (count) r.accuracy /= count, r.loss /= count, r.ece /= count;
    return r;
}

/* Golden-section search: the loss has one valley over the logarithm of the temperature. */
static double fit_temperature(const sample *s, int n_samples, int n, const float *bias) {
    const double golden = 0.6180339887498949;
    double low = log(0.05), high = log(20), a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = measure(s, n_samples, 0, n, bias, exp(a)).loss, at_b = measure(s, n_samples, 0, n, bias, exp(b)).loss;
    while (high - low > 1e-4) {
        if (at_a < at_b) {
            high = b, b = a, at_b = at_a, a = high - golden * (high - low);
            at_a = measure(s, n_samples, 0, n, bias, exp(a)).loss;
        } else {
            low = a, a = b, at_a = at_b, b = low + golden * (high - low);
            at_b = measure(s, n_samples, 0, n, bias, exp(b)).loss;
        }
    }
    return exp((low + high) / 2);
}

static void fit_bias(const sample *s, int n_samples, int n, float *bias) {
    int count = (n_samples + 1) / 2;
    double mean[LLOCAL_MAX_OPTIONS] = { 0 }, sum = 0;
    for (int i = 0; i < n_samples; i += 2) {
        double p[LLOCAL_MAX_OPTIONS];
        chances(&s[i], n, NULL, 1, p);
        for (int k = 0; k < n; k++) mean[k] -= log(p[k] > 1e-30 ? p[k] : 1e-30) / count;
    }
    for (int k = 0; k < n; k++) sum += mean[k];
    for (int k = 0; k < n; k++) bias[k] = (float)(mean[k] - sum / n);
}

static void show_score(const char *what, score s) {
    fprintf(stderr, "    %-34s right %5.1f %%   loss %.3f   ECE %.3f\n", what, 100 * s.accuracy, s.loss, s.ece);
}

static void calibrate_question(const decider *d, int k, const sample *s, int n_samples, const char *arch) {
    static const char *const kinds[] = { "choice", "score", "noul" };
    const llocal_question *q = &d->q[k];
    const int n = n_options(q);
    float bias[LLOCAL_MAX_OPTIONS];
    double alone = fit_temperature(s, n_samples, n, NULL), with;
    fit_bias(s, n_samples, n, bias);
    with = fit_temperature(s, n_samples, n, bias);
    print_plain(stderr, "%s: %d lines to fit, %d to measure\n", d->name[k].ptr, (n_samples + 1) / 2, n_samples / 2);
    show_score("as the model says", measure(s, n_samples, 1, n, NULL, 1));
    show_score("with the temperature", measure(s, n_samples, 1, n, NULL, alone));
    show_score("with bias and its temperature", measure(s, n_samples, 1, n, bias, with));
    fprintf(stderr, "    Put the line below into the questions. Without a bias the temperature is %.3f: --temperature,\n"
            "    or for all questions of this kind in the model's file, as f32, ", alone);
    print_plain(stderr, "%s.decision.temperature.%s\n", arch, kinds[q->kind]);
    print_plain(stdout, "{\"name\":\"%s\",\"temperature\":%.4f,\"bias\":[", d->name[k].ptr, with);
    for (int i = 0; i < n; i++) printf("%s%.4f", i ? "," : "", (double)bias[i]);
    printf("]}\n");
}

/* The number of the option that the line names as the right one, or -1. */
static int right_option(const decider *d, int k, const llocal_json *j) {
    char name[256];
    int node = llocal_json_find(j, 0, d->name[k].ptr), n;
    if (node >= 0 && j->nodes[node].type == LLOCAL_JSON_TRUE) return 0;
    if (node >= 0 && j->nodes[node].type == LLOCAL_JSON_FALSE) return 1;
    n = node < 0 ? -1 : llocal_json_text(j, node, name, sizeof name);
    for (int i = 0; i < n_options(&d->q[k]); i++) {
        llocal_str s = option_name(&d->q[k], i);
        if ((size_t)n == s.len && s.len < sizeof name && !memcmp(name, s.ptr, s.len)) return i;
    }
    return -1;
}

static bool calibrate(decider *d, const char *path, const char *arch) {
    FILE *f = file_open(path, "rb");
    sample *s[MAX_QUESTIONS] = { NULL };
    size_t len;
    char *line;
    int n = 0;
    bool ok = f != NULL || complain("cannot read ", path);
    for (int k = 0; k < d->d.n_questions; k++) d->q[k].bias = NULL, d->q[k].temperature = 1;
    for (; ok && n < MAX_LINES && (line = read_line(f, &len)) != NULL; n++) {
        llocal_json j;
        ok = decide_line(d, &j, line, len, n + 1);
        for (int k = 0; k < d->d.n_questions && ok; k++) {
            if (n % 256 == 0) s[k] = (sample *)realloc(s[k], (size_t)(n + 256) * sizeof *s[k]);
            if (!s[k]) { ok = complain("out of memory", ""); break; }
            memcpy(s[k][n].logit, d->q[k].logit, sizeof s[k][n].logit);
            s[k][n].right = right_option(d, k, &j);
            if (s[k][n].right < 0) {
                print_plain(stderr, "decide: error: line %d: \"%s\" is none of the options\n", n + 1, d->name[k].ptr);
                ok = false;
            }
        }
        free(line);
    }
    if (ok && n < 20) ok = complain("too few labelled lines: some dozens are the least, some hundreds are better", "");
    for (int k = 0; k < d->d.n_questions; k++) {
        if (ok) calibrate_question(d, k, s[k], n, arch);
        free(s[k]);
    }
    if (f) fclose(f);
    return ok;
}

/* ---- options ------------------------------------------------------------------------------- */

static int usage(void) {
    fprintf(stderr,
            "usage: decide -m model.gguf (-q questions.json | --ask TEXT --options A,B,...) [--calibrate lines.jsonl]\n"
            "           [--name NAME] [--lead TEXT] [--kind choice|scale|yes_no] [--letters] [--both-orders]\n"
            "           [--temperature T] [--instruction TEXT] [--before TEXT] [--text-last] [--plain] [-c N] [-t N]\n"
            "reads lines {\"text\": \"...\"}; the head of examples/decide.c has all of it\n");
    return 2;
}

typedef struct settings { const char *model, *questions, *labelled; int n_ctx, n_threads; bool plain; } settings;

/* An option, of which *i is moved behind the value if it has one. False: there is none such. */
static bool read_option(decider *d, settings *s, int argc, char **argv, int *i) {
    const char *name = argv[*i];
    char *value = *i + 1 < argc ? argv[*i + 1] : NULL;
    llocal_question *q = &d->q[0];
    if (!strcmp(name, "--letters")) return (q->letters = q->letters > 1 ? 2 : 1) > 0;
    if (!strcmp(name, "--both-orders")) return (q->letters = 2) > 0;
    if (!strcmp(name, "--text-last")) return d->d.text_last = true;
    if (!strcmp(name, "--plain")) return s->plain = true;
    if (!value) return false;
    ++*i;
    if (!strcmp(name, "-m")) return (s->model = value) != NULL;
    if (!strcmp(name, "-q")) return (s->questions = value) != NULL;
    if (!strcmp(name, "--calibrate")) return (s->labelled = value) != NULL;
    if (!strcmp(name, "-c")) return (s->n_ctx = atoi(value)) > 0;
    if (!strcmp(name, "-t")) return (s->n_threads = atoi(value)) > 0;
    if (!strcmp(name, "--kind")) return read_kind(d, value, q);
    if (!strcmp(name, "--temperature")) return (q->temperature = (float)atof(value)) > 0;
    if (!strcmp(name, "--options")) { cut_options(d, value); return true; }
    if (!strcmp(name, "--ask")) { q->ask = str(value); return true; }
    if (!strcmp(name, "--lead")) { q->lead = str(value); return true; }
    if (!strcmp(name, "--name")) { d->name[0] = str(value); return true; }
    if (!strcmp(name, "--instruction")) { d->d.instruction = str(value); return true; }
    if (!strcmp(name, "--before")) { d->before = str(value); return true; }
    return false;
}

int main(int argc, char **argv) {
    static decider d;
    settings s;
    llocal_json j;
    llocal_str arch;
    char arch_name[64];
    bool ok;
    memset(&s, 0, sizeof s), memset(&j, 0, sizeof j);
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    s.n_ctx = 1024, s.n_threads = 1;
    d.program = "decide", d.name[0] = str("answer");
    for (int i = 1; i < argc; i++) if (!read_option(&d, &s, argc, argv, &i)) return usage();
    if (!s.model) return usage();
    if (!s.questions && !d.q[0].n_options && d.q[0].kind != LLOCAL_YES_NO) return usage();
    if (s.questions && !read_questions(&d, &j, s.questions)) return 1;
    if (!s.questions) d.d.n_questions = 1;
    ok = decider_open(&d, s.model, s.n_ctx, s.n_threads, s.plain);
    if (ok) {
        arch = llocal_model_hparams(d.m)->arch;
        snprintf(arch_name, sizeof arch_name, "%.*s", shown(arch), arch.ptr);
        ok = s.labelled ? calibrate(&d, s.labelled, arch_name) : decide_lines(&d);
    }
    decider_close(&d);
    free(judged), free((void *)(size_t)j.text);
    return !ok;
}
