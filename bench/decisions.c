/* What a decision costs and how often it is right, beside asking for the answer as text.
 *
 *     decisions MODEL.gguf [N]       N of the 200 notifications of tests/notices.h (default: all; 0: questions only)
 *     decisions --lines              writes them, labelled, for examples/decide --calibrate
 *
 * Each notification is asked for its topic, one of eight: by options in their own words, by letters in both orders, and
 * by generating text until a topic is named. Seconds are of the process on one thread (user and system), not of the
 * clock. The bias and the temperature are found with the notifications of even number and measured with those of odd
 * number, which have other frames. Then: five questions over a text ten times as long as a question, and one. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "../tests/notices.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static llocal_model *model;
static llocal_context *context[5];
static llocal_chat *chat;
static bool toy;                        /* the model that comes along, which is asked as it was taught */
static llocal_str topics[N_TOPICS];
static float logits[N_NOTICES][N_TOPICS];
static int n_lines = N_NOTICES;

static llocal_str str(const char *s) {
    llocal_str r;
    r.ptr = s, r.len = strlen(s);
    return r;
}

static double seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void *need(bool ok, const char *what) {
    if (!ok) fprintf(stderr, "decisions: %s failed\n", what), exit(1);
    return NULL;
}

/* ---- decisions ------------------------------------------------------------------------------- */

static void score(const char *what, const float *bias, double temperature, int first, int step) {
    double sure[10] = { 0 }, right[10] = { 0 }, accuracy = 0, ece = 0, loss = 0;
    int n = 0;
    for (int i = first; i < n_lines; i += step, n++) {
        double p[N_TOPICS], sum = 0;
        int best = 0, topic = notice_get(i).topic, bin;
        for (int k = 0; k < N_TOPICS; k++) {
            p[k] = exp(((double)logits[i][k] + (bias ? (double)bias[k] : 0)) / temperature), sum += p[k];
            if (p[k] > p[best]) best = k;
        }
        bin = (int)(p[best] / sum * 10), bin = bin > 9 ? 9 : bin;
        sure[bin] += p[best] / sum, right[bin] += best == topic;
        accuracy += best == topic, loss -= log(p[topic] / sum);
    }
    for (int b = 0; b < 10; b++) ece += fabs(sure[b] - right[b]);
    printf("  %-32s right %5.1f %%   loss %6.3f   ECE %.3f   (%d lines)\n", what, 100 * accuracy / n, loss / n, ece / n,
           n);
}

static double loss_of(const float *bias, double temperature) {
    double loss = 0;
    for (int i = 0; i < n_lines; i += 2) {
        double sum = 0, z[N_TOPICS], max = -1e30;
        for (int k = 0; k < N_TOPICS; k++) {
            z[k] = ((double)logits[i][k] + (bias ? (double)bias[k] : 0)) / temperature;
            max = z[k] > max ? z[k] : max;
        }
        for (int k = 0; k < N_TOPICS; k++) sum += exp(z[k] - max);
        loss += log(sum) + max - z[notice_get(i).topic];
    }
    return loss;
}

static double fit(const float *bias) {
    double best = 1;
    for (double t = 0.05; t < 20; t *= 1.02) if (loss_of(bias, t) < loss_of(bias, best)) best = t;
    return best;
}

static llocal_question question(bool letters) {
    llocal_question q;
    memset(&q, 0, sizeof q);
    q.options = topics, q.n_options = N_TOPICS, q.letters = letters ? 2 : 0;
    q.ask = str("What kind of notification is this?");
    q.lead = str(letters ? "" : "This notification is about");
    if (toy) q.ask = str(letters ? "Question: What is the topic?" : "");
    if (toy) q.lead = str(letters ? "" : "JSON: {\"topic\":\"");
    return q;
}

static llocal_decision decision(const char *text, llocal_question *q, int n) {
    llocal_decision d;
    memset(&d, 0, sizeof d);
    d.contexts = context, d.n_contexts = 1, d.chat = chat, d.text = str(text), d.questions = q, d.n_questions = n;
    if (toy) d.instruction = str("Task: triage");
    return d;
}

static void measure(const char *what, bool letters) {
    llocal_question q = question(letters);
    double start = seconds(), mean[N_TOPICS] = { 0 }, t;
    float bias[N_TOPICS];
    for (int i = 0; i < n_lines; i++) {
        notice n = notice_get(i);
        char text[256];
        llocal_decision d;
        snprintf(text, sizeof text, "%s%s", toy ? "Text: " : "Notification: ", n.text);
        d = decision(text, &q, 1);
        need(!llocal_decide(&d, 0, NULL), "llocal_decide");
        memcpy(logits[i], q.logit, sizeof logits[i]);
    }
    printf("%s: %.4f core-seconds a decision\n", what, (seconds() - start) / n_lines);
    for (int i = 0; i < n_lines; i += 2) {
        double sum = 0;
        for (int k = 0; k < N_TOPICS; k++) sum += exp((double)logits[i][k]);
        for (int k = 0; k < N_TOPICS; k++) mean[k] += ((double)logits[i][k] - log(sum)) / ((n_lines + 1) / 2);
    }
    for (int k = 0; k < N_TOPICS; k++) bias[k] = (float)-mean[k];
    score("all lines, as the model says", NULL, 1, 0, 1);
    score("odd lines, as the model says", NULL, 1, 1, 2);
    t = fit(NULL);
    printf("  temperature %.2f\n", t), score("odd lines, with it", NULL, t, 1, 2);
    t = fit(bias);
    printf("  with a bias: temperature %.2f\n", t), score("odd lines, with both", bias, t, 1, 2);
    fflush(stdout);
}

/* ---- the same by text ---------------------------------------------------------------------------- */

static char said[512];
static int named;
static int named_in(const char *text) {         /* the topic that is named first, or -1 */
    const char *first = NULL;
    int topic = -1;
    for (int k = 0; k < N_TOPICS; k++) {
        const char *at = strstr(text, notice_topics[k]);
        if (at && (!first || at < first)) first = at, topic = k;
    }
    return topic;
}

static bool hear(void *user, llocal_token t, llocal_str text) {
    size_t n = strlen(said);
    (void)user, (void)t;
    for (size_t i = 0; i < text.len && n + 1 < sizeof said; i++) {
        char c = text.ptr[i];
        said[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c), said[n] = 0;
    }
    named = named_in(said);
    return named < 0;
}

static int prompt_for(const char *line, llocal_token *tokens, int cap) {
    char text[1024];
    if (toy) snprintf(text, sizeof text, "Task: triage\nText: %s\nJSON:", line);
    else snprintf(text, sizeof text, "Notification: %s\nWhat kind of notification is this? Answer with one of these "
                  "words: bill, delivery, meeting, family, health, security, news, spam.%s", line,
                  chat ? "" : "\nAnswer:");
    if (chat) {
        llocal_message m;
        llocal_chat_prompt p;
        memset(&m, 0, sizeof m), memset(&p, 0, sizeof p);
        m.role = "user", m.text = str(text), p.messages = &m, p.n_messages = 1, p.tokens = tokens, p.cap = cap;
        need(!llocal_chat_render(chat, &p, NULL), "llocal_chat_render");
        return p.n_tokens;
    }
    return llocal_tokenize(model, text, strlen(text), LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, cap);
}

static void measure_text(void) {
    double start = seconds();
    int right = 0, none = 0;
    for (int i = 0; i < n_lines; i++) {
        notice n = notice_get(i);
        llocal_token tokens[1024];
        llocal_sampler s;
        memset(&s, 0, sizeof s);
        said[0] = 0, named = -1;
        need(!llocal_sync(context[0], tokens, prompt_for(n.text, tokens, 1024)), "llocal_sync");
        need(!llocal_generate(context[0], &s, 24, hear, NULL), "llocal_generate");
        right += named == n.topic, none += named < 0;
    }
    printf("as text, greedy, at most 24 tokens: %.4f core-seconds an answer\n"
           "  right %5.1f %%, none of the topics %.1f %%\n",
           (seconds() - start) / n_lines, 100.0 * right / n_lines, 100.0 * none / n_lines);
    fflush(stdout);
}

/* ---- many questions over one text ------------------------------------------------------------------ */

static uint64_t n_evaluated(void) {
    uint64_t n = 0;
    for (int i = 0; i < 5; i++) {
        llocal_stats st = llocal_context_stats(context[i]);
        n += st.tokens_prefilled + st.tokens_decoded;
    }
    return n;
}

/* One to five questions over a text; how many tokens were evaluated. */
static uint64_t ask_over(const char *text, llocal_question *q, int n, int n_contexts) {
    llocal_decision d = decision(text, q, n);
    const uint64_t before = n_evaluated();
    d.n_contexts = n_contexts;
    for (int i = 0; i < 5; i++) llocal_rewind(context[i], 0);
    need(!llocal_decide(&d, 0, NULL), "llocal_decide");
    return n_evaluated() - before;
}

static void measure_shared(void) {
    static const char *const asks[5] = { "What is it about, all in all?", "Who is it that wrote this text?",
                                         "How urgent is it for me today?", "What should I do about it now?",
                                         "Where does all of this happen?" };
    static const struct { int n_questions, n_contexts; } ways[3] = { { 1, 1 }, { 5, 1 }, { 5, 5 } };
    static llocal_str words[3];
    llocal_question q[5];
    llocal_token tokens[1024];
    char text[2048] = "";
    double took[3];
    const int repeat = toy ? 50 : 4;
    int n_text = 0, n_ask = 0;
    words[0] = str("good"), words[1] = str("bad"), words[2] = str("old");
    memset(q, 0, sizeof q);
    for (int i = 0; i < 5; i++) q[i].ask = str(asks[i]), q[i].options = words, q[i].n_options = 3;
    n_ask = (int)(ask_over("x", q, 5, 1) - ask_over("x", q, 1, 1)) * 5 / 4;
    for (int i = 0; n_text < 2 * n_ask; i++) {          /* ten times as long as a fifth of them */
        notice n = notice_get(i * 7);
        strcat(text, n.text), strcat(text, " ");
        n_text = llocal_tokenize(model, text, strlen(text), 0, tokens, 1024);
    }
    printf("a text of %d tokens, five questions of %d together with what stands behind them, best of %d\n", n_text, n_ask,
           repeat);
    for (int k = 0; k < 3; k++) {
        uint64_t n = 0;
        took[k] = 1e9;
        for (int r = 0; r < repeat; r++) {
            const double start = seconds();
            n = ask_over(text, q, ways[k].n_questions, ways[k].n_contexts);
            took[k] = fmin(took[k], seconds() - start);
        }
        printf("  %d of them over it, %d contexts: %.4f core-seconds, %.2f times as long, %d tokens evaluated\n",
               ways[k].n_questions, ways[k].n_contexts, took[k], took[k] / took[0],
               (int)n);
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    for (int k = 0; k < N_TOPICS; k++) topics[k] = str(notice_topics[k]);
    if (argc > 1 && !strcmp(argv[1], "--lines")) {
        for (int i = 0; i < N_NOTICES; i++) {
            notice n = notice_get(i);
            printf("{\"text\":\"%s\",\"topic\":\"%s\",\"today\":%s}\n", n.text, notice_topics[n.topic],
                   n.today ? "true" : "false");
        }
        return 0;
    }
    if (argc < 2) return fprintf(stderr, "usage: decisions MODEL.gguf [N] | --lines\n"), 2;
    if (argc > 2) n_lines = atoi(argv[2]) < 0 || atoi(argv[2]) > N_NOTICES ? N_NOTICES : atoi(argv[2]);
    src.path = argv[1], src.logger.write = llocal_log_stderr;
    d.n_ctx = 1024, d.n_logits = 8;
    need(!llocal_model_open(&src, &model), "llocal_model_open");
    for (int i = 0; i < 5; i++) need(!llocal_context_open(model, &d, &context[i]), "llocal_context_open");
    toy = llocal_model_hparams(model)->n_vocab == 2048;
    if (llocal_gguf_meta_find(llocal_model_gguf(model), "tokenizer.chat_template") >= 0)
        need(!llocal_chat_open(model, NULL, NULL, &chat), "llocal_chat_open");
    printf("%s, %s\n", argv[1], chat ? "its chat template" : "a plain prompt");
    measure_shared();
    if (n_lines == 0) goto done;
    measure("words", false);
    measure_text();
    measure("letters, both orders", true);
done:
    llocal_chat_close(chat);
    for (int i = 0; i < 5; i++) llocal_context_close(context[i]);
    llocal_model_close(model);
    return 0;
}
