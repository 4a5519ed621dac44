/* A chat in the terminal with any GGUF model that has a chat template.
 *
 *     chat -m model.gguf
 *     chat -m model.gguf -sys "You are a helpful assistant." --temp 0.7
 *     chat -m model.gguf < questions.txt > answers.txt
 *
 * A line is a message; more than one is taken where a line ends with a backslash, or between """ and """.
 * Lines that begin with / are commands (/help lists them). Ctrl-C stops an answer and keeps what came, Ctrl-D
 * or /quit ends the chat. Where the Makefile finds libedit, lines can be edited and called back.
 *
 * What it shows of the library: messages become tokens by the model's own template (llocal_chat_render), of
 * which llocal_reply evaluates only those that the timeline does not have yet, and its tokens come apart into
 * thoughts, text and calls of tools while they are written (llocal_split). -v prints after each turn how many
 * tokens were evaluated.
 *
 * The context is full: when less than an eighth of the window (or than -n, if that is less) would be left for an
 * answer, the oldest turns are left out of what the model sees until half of it is free, never the system message
 * and never the message that is being answered; the same in the middle of an answer, which then goes on. It is
 * said each time, and the conversation itself keeps everything: /save writes it all.
 *
 * /save NAME writes the messages to NAME.json, as other programs take them, and the timeline to NAME.state, so
 * that /load NAME goes on without evaluating anything again. Files are given to the model with /file, as text.
 *
 * Nothing that the model says, or that stands in a file, reaches the terminal as an order: control characters
 * are shown as \x1b. Tools (/tools FILE.json) are not run either: their calls are shown, and what you type is
 * their result.
 *
 * Answers and what commands print go to stdout, all else to stderr. The exit status is 0; 1 when something
 * failed, 2 when an option was wrong. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "system.h"
#include "lines.h"
#include "messages.h"
#include "answer.h"
#ifdef _WIN32
#  include <fcntl.h>
#endif

/* ---- options: spelled as in llama.cpp, and meaning the same --------------------------------- */

typedef struct settings {
    const char *model, *system, *tools, *load, *history;
    const char *chat_template, *template_file, *kwargs;
    const char *stop[16];
    llocal_bias bias[64];
    int n_stop, n_ctx, n_predict, n_threads;    /* n_ctx -1: up to 4096; n_predict -1: no limit */
    llocal_sampler sampler;
    llocal_think think;
    long long seed;                             /* -1: any */
    bool verbose;
} settings;

enum {
    O_HELP, O_MODEL, O_SYSTEM, O_TOOLS, O_LOAD, O_HISTORY, O_CTX, O_PREDICT, O_THREADS, O_REVERSE, O_TEMPLATE,
    O_TEMPLATE_FILE, O_KWARGS, O_REASONING, O_TEMP, O_TOP_K, O_TOP_P, O_MIN_P, O_REPEAT, O_BIAS, O_SEED, O_VERBOSE
};

static const struct option { int id; const char *brief, *name, *value, *help; } options[] = {
    { O_HELP,      "-h",   "--help", NULL, "print this" },
    { O_MODEL,     "-m",   "--model", "FILE", "the model: a GGUF file, or the first part of a split one" },
    { O_SYSTEM,    "-sys", "--system-prompt", "TEXT", "the system message" },
    { O_TOOLS,     NULL,   "--tools", "FILE", "tools that the model may call, as JSON" },
    { O_LOAD,      NULL,   "--load", "NAME", "go on with a conversation that /save wrote" },
    { O_HISTORY,   NULL,   "--history", "FILE", "keep the lines that were typed there [not kept]" },
    { O_CTX,       "-c",   "--ctx-size", "N", "positions to remember (0: all that it was trained for) [up to 4096]" },
    { O_PREDICT,   "-n",   "--predict", "N", "tokens of an answer at most (-1: no limit) [-1]" },
    { O_THREADS,   "-t",   "--threads", "N", "threads (-1: one per core) [-1]" },
    { O_REVERSE,   "-r",   "--reverse-prompt", "TEXT", "an answer ends before this text; repeatable" },
    { O_TEMPLATE,  NULL,   "--chat-template", "TEXT", "a template in Jinja, chatml, or the name of one of the file's" },
    { O_TEMPLATE_FILE, NULL, "--chat-template-file", "FILE", "a template in Jinja from a file" },
    { O_KWARGS,    NULL,   "--chat-template-kwargs", "JSON", "an object of further variables for the template" },
    { O_REASONING, "-rea", "--reasoning", "WORD", "whether it thinks before it answers: on, off, auto [auto]" },
    { O_TEMP,      NULL,   "--temp", "X", "temperature (0: always the likeliest token) [0.8]" },
    { O_TOP_K,     NULL,   "--top-k", "N", "only the N likeliest (0: off) [40]" },
    { O_TOP_P,     NULL,   "--top-p", "X", "only the likeliest that together have this chance (1: off) [0.95]" },
    { O_MIN_P,     NULL,   "--min-p", "X", "only those with X times the best chance (0: off) [0.05]" },
    { O_REPEAT,    NULL,   "--repeat-penalty", "X", "divides the logits of the last 64 tokens (1: off) [1]" },
    { O_BIAS,      "-l",   "--logit-bias", "ID+X", "add X to (ID-X: subtract from) a token's logit; repeatable" },
    { O_SEED,      "-s",   "--seed", "N", "start of the random numbers (-1: any) [-1]" },
    { O_VERBOSE,   "-v",   "--verbose", NULL, "after each turn, say what it cost" }
};
#define N_OPTIONS ((int)(sizeof options / sizeof *options))

static void print_options(void) {
    printf("chat: talk to a model, as in chat -m model.gguf\n\n");
    for (int i = 0; i < N_OPTIONS; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s %s", options[i].brief ? options[i].brief : "", options[i].brief ? ", " : "",
                 options[i].name, options[i].value ? options[i].value : "");
        printf("  %-32s %s\n", left, options[i].help);
    }
}

/* Each of these ends the program with status 2 and a sentence that says what was expected. */
static void wrong(const char *option, const char *expected, const char *got) {
    print_plain(stderr, "chat: error: %s wants %s, not '%s'\n", option, expected, got);
    exit(2);
}
static int to_int(const char *option, const char *s, long min) {
    char *end;
    long x;
    errno = 0, x = strtol(s, &end, 10);
    if (end != s && !*end && !errno && x >= min && x <= INT32_MAX) return (int)x;
    wrong(option, min < 0 ? "a whole number, or -1" : "a whole number", s);
    return 0;
}
static float to_float(const char *option, const char *s) {
    char *end;
    double x = strtod(s, &end);
    if (end == s || *end || !(x >= 0 && x <= 1e30)) wrong(option, "a number from 0", s);
    return (float)x;
}
static llocal_think to_think(const char *option, const char *s) {
    if (!strcmp(s, "on")) return LLOCAL_THINK_ON;
    if (!strcmp(s, "off")) return LLOCAL_THINK_OFF;
    if (strcmp(s, "auto")) wrong(option, "on, off or auto", s);
    return LLOCAL_THINK_DEFAULT;
}

static void read_bias(llocal_sampler *s, llocal_bias bias[64], const char *option, const char *text) {
    char *sign, *end;
    long id = strtol(text, &sign, 10);
    float add = strtof(sign, &end);
    bool ok = sign != text && (*sign == '+' || *sign == '-') && end != sign && !*end;
    if (!ok || id < 0 || id > INT32_MAX || s->n_bias == 64)
        wrong(option, "a token id, + or -, and a number, as in 15043-1, at most 64 times", text);
    bias[s->n_bias].token = (llocal_token)id, bias[s->n_bias++].add = add;
}

static void set_option(settings *o, int id, const char *name, const char *value) {
    llocal_sampler *s = &o->sampler;
    switch (id) {
    case O_HELP: print_options(); exit(0);
    case O_MODEL: o->model = value; break;
    case O_SYSTEM: o->system = value; break;
    case O_TOOLS: o->tools = value; break;
    case O_LOAD: o->load = value; break;
    case O_HISTORY: o->history = value; break;
    case O_CTX: o->n_ctx = to_int(name, value, 0); break;
    case O_PREDICT:
        o->n_predict = to_int(name, value, -1);
        if (!o->n_predict) wrong(name, "a number of tokens, or -1", value);
        break;
    case O_THREADS: o->n_threads = to_int(name, value, -1); break;
    case O_REVERSE:
        if (!*value || strlen(value) > LLOCAL_MAX_STOP || o->n_stop == 16)
            wrong(name, "a short text, at most 16 times", value);
        o->stop[o->n_stop++] = value;
        break;
    case O_TEMPLATE: o->chat_template = value; break;
    case O_TEMPLATE_FILE: o->template_file = value; break;
    case O_KWARGS: o->kwargs = value; break;
    case O_REASONING: o->think = to_think(name, value); break;
    case O_TEMP: s->temperature = to_float(name, value); break;
    case O_TOP_K: s->top_k = to_int(name, value, 0); break;
    case O_TOP_P: s->top_p = to_float(name, value); break;
    case O_MIN_P: s->min_p = to_float(name, value); break;
    case O_REPEAT: s->repeat_penalty = to_float(name, value); break;
    case O_BIAS: read_bias(s, o->bias, name, value); break;
    case O_SEED: o->seed = to_int(name, value, -1); break;
    case O_VERBOSE: o->verbose = true; break;
    }
}

static settings read_options(int argc, char **argv) {
    settings o;
    memset(&o, 0, sizeof o);
    o.n_predict = o.n_ctx = o.n_threads = -1, o.seed = -1;
    o.sampler = llocal_sampler_default(0);
    for (int i = 1; i < argc; i++) {
        const struct option *found = NULL;
        for (int j = 0; j < N_OPTIONS; j++)
            if ((options[j].brief && !strcmp(argv[i], options[j].brief)) ||
                !strcmp(argv[i], options[j].name)) found = &options[j];
        if (!found || (found->value && i + 1 == argc)) {
            print_plain(stderr, "chat: error: %s %s\n", argv[i],
                        found ? "wants a value" : "is no option; --help lists them");
            exit(2);
        }
        set_option(&o, found->id, argv[i], found->value ? argv[i + 1] : NULL);
        i += found->value != NULL;
    }
    if (!o.model) {
        fprintf(stderr, "chat: error: which model? Give one with -m FILE; see --help\n");
        exit(2);
    }
    return o;
}

/* ---- the conversation ----------------------------------------------------------------------- */

typedef struct cost { int read, there, written; double read_s, write_s; } cost;     /* of a turn, in tokens, seconds */

typedef struct app {
    settings *o;
    input in;
    bool colour, failed;
    llocal_model *m;
    llocal_chat *chat;
    llocal_context *c;
    llocal_pool *pool;
    int n_ctx;
    messages said;                      /* the conversation */
    int left_out;                       /* so many of the oldest, behind the system message, the model does not see */
    bool unsaved;
    text name;                          /* that it was saved or loaded under */
    text tools, attached;               /* JSON; files that go with the next message */
    llocal_chat_prompt prompt;          /* with room for its tokens */
    llocal_reply reply;
    struct writing *writing;            /* the answer under way */
    cost last, sum;
    int n_answers;
} app;

/* A line for the person, not part of any answer. */
static void notice(app *a, const char *format, ...) {
    va_list args;
    bool dim = a->colour && is_terminal(stderr);
    fflush(stdout);
    if (dim) fputs("\033[2m", stderr);
    va_start(args, format);
    print_plain_list(stderr, format, args);
    va_end(args);
    fputs(dim ? "\033[0m\n" : "\n", stderr);
}

static bool complain(app *a, const char *format, ...) {
    va_list args;
    fflush(stdout);
    fputs("chat: error: ", stderr);
    va_start(args, format);
    print_plain_list(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    a->failed = true;
    return false;
}

/* The first message behind the system's. */
static int first_message(const app *a) { return a->said.n > 0 && message_is(&a->said.at[0], "system"); }

static llocal_message *add_message(app *a, const char *role) {
    a->unsaved = true;
    return message_add(&a->said, role);
}

static void forget_from(app *a, int n) {
    if (n < a->said.n) a->unsaved = true;
    messages_cut(&a->said, n);
    if (first_message(a) + a->left_out >= a->said.n) a->left_out = 0;
}

static int last_user(const app *a) {
    int i = a->said.n - 1;
    while (i >= 0 && !message_is(&a->said.at[i], "user")) i--;
    return i;
}

/* ---- from messages to tokens, as many as there is room for ----------------------------------- */

/* The conversation as the model's template writes it, in a->prompt. */
static bool render(app *a) {
    llocal_chat_prompt *p = &a->prompt;
    llocal_fault fault;
    llocal_result r;
    int first = first_message(a), skip = a->left_out;
    llocal_message *view = (llocal_message *)resize((void *)p->messages, sizeof *view * (size_t)a->said.n);
    for (int i = 0; i < first; i++) view[i] = a->said.at[i];
    for (int i = first + skip; i < a->said.n; i++) view[i - skip] = a->said.at[i];
    memset(&fault, 0, sizeof fault);
    p->messages = view, p->n_messages = a->said.n - skip;
    p->tools.ptr = a->tools.at, p->tools.len = a->tools.len, p->vars = str_of(a->o->kwargs);
    r = prompt_render(a->chat, p, &fault);
    return !r || complain(a, "%s", fault_text(&fault, r));
}

/* Leaves out the oldest turn: from one message of the user to the next. Not the one that is being answered. */
static bool leave_out(app *a) {
    int first = first_message(a), i = first + a->left_out + 1;
    while (i < a->said.n && !message_is(&a->said.at[i], "user")) i++;
    if (i >= a->said.n) return false;
    a->left_out = i - first;
    return true;
}

/* The prompt, and whether there is room in the window: for it, for n_more tokens of an answer that has begun, and
 * for what may come. */
static bool make_prompt(app *a, int n_more) {
    int was = a->left_out, room = a->n_ctx / 8, limit = a->o->n_predict;
    llocal_chat_prompt *p = &a->prompt;
    if (limit >= 0 && limit - n_more < room) room = limit - n_more;
    if (!render(a)) return false;
    if (p->n_tokens + n_more + room > a->n_ctx)
        while (p->n_tokens + n_more > a->n_ctx / 2 && leave_out(a)) if (!render(a)) return false;
    if (p->n_tokens + n_more >= a->n_ctx) {
        a->left_out = was;
        if (n_more) return complain(a, "the context of %d tokens is full, the answer cut: give a larger -c", a->n_ctx);
        return complain(a, "that makes %d tokens, and the context has %d: give a larger -c, or shorten it", p->n_tokens,
                        a->n_ctx);
    }
    if (a->left_out > was)
        notice(a, "(the context of %d tokens is full: the oldest %d of %d messages are left out of what "
               "the model sees; /save has them)", a->n_ctx, a->left_out, a->said.n);
    return true;
}

/* ---- an answer, while it comes ---------------------------------------------------------------- */

typedef struct writing {
    answer shown;
    llocal_token *tokens;               /* [n] all that came */
    int n, cap;
    llocal_result broken;               /* of the splitter */
    bool reading;                       /* a prompt, at present */
    uint64_t mark;                      /* tokens evaluated when that began, */
    double began, drawn;                /* when that was, and when its progress was shown last (0: not) */
    cost cost;
} writing;

static uint64_t evaluated(const app *a) {
    llocal_stats s = llocal_context_stats(a->c);
    return s.tokens_prefilled + s.tokens_decoded;
}

/* A long prompt shows how far it is. False cancels. */
static bool on_progress(void *user, int n_done, int n_total) {
    app *a = (app *)user;
    writing *w = a->writing;
    double now = now_seconds();
    if (a->in.terminal && w->reading && n_total > 1 && now - w->began > 0.5 && now - w->drawn > 0.2) {
        fprintf(stderr, "\r(%d of %d tokens evaluated) ", n_done, n_total);
        w->drawn = now;
    }
    return !interrupted;
}

static void end_reading(app *a, writing *w) {
    if (w->drawn > 0) fprintf(stderr, "\r%50s\r", "");
    if (w->reading) w->cost.read += (int)(evaluated(a) - w->mark), w->cost.read_s += now_seconds() - w->began;
    w->drawn = 0, w->reading = false;
}

static bool on_text(void *user, llocal_token t, llocal_str s) {
    app *a = (app *)user;
    writing *w = a->writing;
    end_reading(a, w);
    if (!w->n) w->cost.there = a->prompt.n_tokens - w->cost.read;
    if (t >= 0) {
        if (w->n == w->cap) tokens_resize(&w->tokens, &w->cap, 2 * w->cap + 64);
        w->tokens[w->n++] = t;
    }
    /* What comes before a stop string is known as text only; else tokens, which say more: special ones have no text. */
    if (a->o->n_stop) w->broken = llocal_split_add(&w->shown.split, s);
    else if (t >= 0) w->broken = llocal_split_token(&w->shown.split, t);
    return !interrupted && !w->broken && !ferror(stdout);
}

/* The prompt once more, without the oldest turns, and what has been written behind it. */
static bool go_on(app *a, writing *w) {
    llocal_chat_prompt *p = &a->prompt;
    bool ok;
    answer_pause(&w->shown);
    ok = make_prompt(a, w->n);
    answer_resume(&w->shown);
    if (!ok) return false;
    if (p->cap < p->n_tokens + w->n) tokens_resize(&p->tokens, &p->cap, p->n_tokens + w->n);
    memcpy(p->tokens + p->n_tokens, w->tokens, sizeof *p->tokens * (size_t)w->n);
    return true;
}

/* Evaluate and write. When the window is full in the middle, the oldest turns go and the answer goes on. */
static llocal_result write_answer(app *a, writing *w) {
    llocal_reply *r = &a->reply, *list = r;
    llocal_result err;
    r->on_text = on_text, r->user = a, r->context = a->c;
    do {
        if (w->n > 0 && !go_on(a, w)) return LLOCAL_OK;
        r->prompt = a->prompt.tokens, r->n_prompt = a->prompt.n_tokens + w->n;
        r->max_tokens = a->o->n_predict < 0 ? 0 : a->o->n_predict - w->n;
        w->reading = true, w->mark = evaluated(a), w->began = now_seconds();
        err = llocal_reply_begin(r);
        if (!err) err = llocal_reply_step(&list, 1, 0, NULL);
    } while (!err && r->state.stop == LLOCAL_STOP_FULL && !interrupted);
    return err;
}

static double rate(int n, double seconds) { return seconds > 0 ? n / seconds : 0; }

/* "25 tokens evaluated (83 were there), 23.9/s; 39 written, 6.6/s; window 148 of 2048" */
static void cost_text(const app *a, const cost *c, char *out, size_t size) {
    snprintf(out, size, "%d tokens evaluated (%d were there), %.1f/s; %d written, %.1f/s; window %d of %d",
             c->read, c->there, rate(c->read, c->read_s), c->written, rate(c->written, c->write_s),
             llocal_position(a->c), a->n_ctx);
}

static void count_cost(app *a, const writing *w, double seconds) {
    cost *c = &a->last;
    *c = w->cost, c->written = w->n, c->write_s = seconds - c->read_s;
    a->sum.read += c->read, a->sum.written += c->written, a->sum.read_s += c->read_s, a->sum.write_s += c->write_s;
    a->n_answers++;
}

/* Says why it ended, if that is not clear. */
static void explain_end(app *a, const writing *w, llocal_result r) {
    bool some = w->shown.said.len || w->shown.thoughts.len || w->shown.n_calls;
    if (w->broken) complain(a, "the answer does not come apart: %s", llocal_result_name(w->broken));
    else if (interrupted) notice(a, some ? "(stopped; what came is kept)" : "(stopped before the answer began)");
    else if (r) complain(a, "%s", llocal_result_name(r));
    else if (a->reply.state.stop == LLOCAL_STOP_LIMIT) notice(a, "(stopped after %d tokens, as -n wants it)", w->n);
    else if (!some) notice(a, "(the model says nothing)");
    if (w->shown.problem) notice(a, "(%s)", w->shown.problem);
}

/* One answer of the model to what was said; false: nothing came. */
static bool answer_once(app *a) {
    writing *w = (writing *)resize(NULL, sizeof *w);
    llocal_result r;
    double start;
    char cost[200];
    bool came;
    memset(w, 0, sizeof *w);
    a->writing = w, w->shown.colour = a->colour;
    interrupted = 0;
    came = make_prompt(a, 0);
    answer_begin(&w->shown, a->chat, &a->prompt);
    if (came) {
        start = now_seconds();
        r = write_answer(a, w);
        end_reading(a, w);
        if (!w->broken) w->broken = llocal_split_end(&w->shown.split);
        answer_part(&w->shown, LLOCAL_PART_END);
        fflush(stdout);
        count_cost(a, w, now_seconds() - start);
        explain_end(a, w, r);
        came = answer_keep(&w->shown, &a->said);
        cost_text(a, &a->last, cost, sizeof cost);
        if (a->o->verbose) notice(a, "(%s)", cost);
    }
    a->unsaved |= came;
    answer_free(&w->shown);
    free(w->tokens), free(w);
    a->writing = NULL;
    return came;
}

/* The results of the last message's calls, typed. All of them or none. */
static bool ask_results(app *a) {
    llocal_message asked = a->said.at[a->said.n - 1];
    text result = { NULL, 0, 0 };
    int n = a->said.n;
    bool all = true;
    notice(a, "(nothing is run: type what each call gives back; Ctrl-C leaves them open)");
    for (int i = 0; all && i < asked.n_calls; i++) {
        all = read_message(&a->in, "result> ", &result);
        if (!all) break;
        llocal_message *m = add_message(a, "tool");
        m->text = give(&result);
        m->call_id = string_copy(asked.calls[i].id), m->name = string_copy(asked.calls[i].name);
    }
    free(result.at);
    if (!all) forget_from(a, n);
    return all;
}

/* Answers until there is one without calls. */
static bool answer_all(app *a) {
    while (answer_once(a)) if (!a->said.at[a->said.n - 1].n_calls || !ask_results(a)) return true;
    return false;
}

/* A message of the user, and the answer. Without one, the message is taken back. */
static void say(app *a, llocal_str message) {
    text t = { NULL, 0, 0 };
    int n = a->said.n;
    append(&t, a->attached.at, a->attached.len);
    append(&t, message.ptr, message.len);
    add_message(a, "user")->text = give(&t);
    if (!answer_all(a) && a->said.n == n + 1) {
        forget_from(a, n);
        notice(a, "(your message is taken back%s)", a->attached.len ? "; the files go with the next one" : "");
    } else a->attached.len = 0;
}

/* ---- files ------------------------------------------------------------------------------------ */

/* A text file; NULL, and a reason, if it is none. */
static char *read_text(app *a, const char *path, size_t *len) {
    char *s = file_read(path, len);
    const char *other = s ? text_check(s, len) : NULL;
    if (!s) complain(a, "cannot read %s: %s", path, strerror(errno));
    else if (!other && memchr(s, 0, *len)) other = "no text: it has zeros in it";
    if (!other) return s;
    complain(a, "%s is %s", path, other);
    free(s);
    return NULL;
}

static bool write_file(app *a, const char *path, const void *data, size_t size) {
    return file_write(path, data, size) || complain(a, "cannot write %s: %s", path, strerror(errno));
}

static void attach(app *a, const char *path) {
    text *to = &a->attached;
    size_t len;
    char *s = *path ? read_text(a, path, &len) : NULL;
    int n = s ? llocal_tokenize(a->m, s, len, 0, NULL, 0) : 0;
    if (!*path) complain(a, "/file wants a path");
    if (!s) return;
    if (n >= a->n_ctx) complain(a, "%s has %d tokens, and the context %d; start with a larger -c", path, n, a->n_ctx);
    else {
        append_string(to, "--- file "), append_string(to, path), append_string(to, " ---\n"), append(to, s, len);
        append_string(to, len && s[len - 1] == '\n' ? "--- end of file ---\n\n" : "\n--- end of file ---\n\n");
        notice(a, "(%s, %d tokens, goes with your next message)", path, n);
    }
    free(s);
}

static void use_tools(app *a, const char *path) {
    llocal_json j;
    llocal_fault fault;
    memset(&j, 0, sizeof j), memset(&fault, 0, sizeof fault);
    if (!strcmp(path, "off")) a->tools.len = 0;
    else if (*path) {
        char *s = read_text(a, path, &j.len);
        if (!s) return;
        j.text = s;
        if (!json_nodes(&j, &fault)) complain(a, "%s is no JSON: %s", path, fault.message);
        else if (j.nodes[0].type != LLOCAL_JSON_ARRAY) complain(a, "%s is no array of tools", path);
        else a->tools.len = 0, append(&a->tools, s, j.len);
        free(s), free(j.nodes);
    }
    if (!a->tools.len) printf("no tools; /tools FILE.json gives some\n");
    else {
        put_plain(stdout, a->tools.at, a->tools.len, "\n\t"), putchar('\n');
        if (!(llocal_chat_can(a->chat) & LLOCAL_CHAT_TOOLS))
            notice(a, "(this model's template has no place for tools, and will refuse messages with them: /tools off)");
    }
}

/* ---- saved conversations: messages as other programs write them, and the timeline -------------- */

static void put_conversation(llocal_json_writer *w, const app *a) {
    llocal_json_put(w, "{");
    llocal_json_put_key(w, str_of("messages")), put_messages(w, &a->said);
    if (a->tools.len) llocal_json_put_key(w, str_of("tools")), llocal_json_put(w, a->tools.at);
    llocal_json_put_key(w, str_of("left_out")), llocal_json_put_number(w, a->left_out);
    llocal_json_put_key(w, str_of("date")), llocal_json_put_number(w, (double)a->prompt.now);
    llocal_json_put(w, "}");
}

static bool save_messages(app *a, const char *path) {
    llocal_json_writer w = { NULL, 0, 0, false };
    bool ok;
    put_conversation(&w, a);
    w.out = (char *)resize(NULL, w.cap = w.n + 1), w.n = 0, w.comma = false;
    put_conversation(&w, a);
    w.out[w.n] = '\n';
    ok = write_file(a, path, w.out, w.n + 1);
    free(w.out);
    return ok;
}

static bool save_timeline(app *a, const char *path) {
    size_t size = llocal_save_bytes(a->c);
    void *data = resize(NULL, size);
    llocal_result r = llocal_save(a->c, data, size);
    bool ok = r ? complain(a, "the timeline: %s", llocal_result_name(r)) : write_file(a, path, data, size);
    free(data);
    return ok;
}

static void file_names(const char *name, text *json, text *state) {
    append_string(json, name), append_string(json, ".json");
    append_string(state, name), append_string(state, ".state");
}

static void save(app *a, const char *name) {
    text json = { NULL, 0, 0 }, state = { NULL, 0, 0 };
    bool force = !strncmp(name, "-f ", 3);
    if (force) name += 3;
    if (!*name && a->name.len) name = a->name.at;
    file_names(name, &json, &state);
    if (!*name) complain(a, "/save wants a name");
    else if (!force && file_exists(json.at) && (!a->name.len || strcmp(name, a->name.at)))
        complain(a, "%s is there already; /save -f %s writes over it", json.at, name);
    else if (save_messages(a, json.at) && save_timeline(a, state.at)) {
        if (name != a->name.at) a->name.len = 0, append_string(&a->name, name);
        a->unsaved = false;
        notice(a, "(%d messages in %s, %d tokens in %s)", a->said.n, json.at, llocal_position(a->c), state.at);
    }
    free(json.at), free(state.at);
}

static bool load_messages(app *a, const char *path) {
    llocal_json j;
    llocal_fault fault;
    char *s;
    int list = -1, node;
    double n = 0;
    memset(&j, 0, sizeof j), memset(&fault, 0, sizeof fault);
    s = read_text(a, path, &j.len), j.text = s;
    if (!s) return false;
    if (!json_nodes(&j, &fault)) complain(a, "%s is no JSON: %s", path, fault.message);
    else if (j.nodes[0].type == LLOCAL_JSON_ARRAY) list = 0;
    else if ((list = llocal_json_find(&j, 0, "messages")) < 0 || j.nodes[list].type != LLOCAL_JSON_ARRAY)
        list = -1, complain(a, "%s has no messages", path);
    for (int i = 0; list >= 0 && i < j.nodes[list].count; i++)
        if (!message_read(&a->said, &j, llocal_json_item(&j, list, i)))
            list = -1, complain(a, "%s: message %d is not one of a chat of texts", path, i + 1);
    if (list >= 0) {
        node = llocal_json_find(&j, 0, "tools");
        if (node >= 0) a->tools.len = 0, append(&a->tools, s + j.nodes[node].at, j.nodes[node].len);
        if (llocal_json_number(&j, llocal_json_find(&j, 0, "left_out"), &n) && n > 0 && n < a->said.n)
            a->left_out = (int)n;
        if (llocal_json_number(&j, llocal_json_find(&j, 0, "date"), &n) && n > -1e12 && n < 1e12)
            a->prompt.now = (int64_t)n;
    }
    free(s), free(j.nodes);
    return list >= 0;
}

static void print_conversation(const app *a) {
    for (int i = 0; i < a->said.n; i++) {
        const llocal_message *m = &a->said.at[i];
        bool user = message_is(m, "user"), ended = m->text.len && m->text.ptr[m->text.len - 1] == '\n';
        if (user) fputs("> ", stdout);
        else if (!message_is(m, "assistant")) printf("[%s] ", m->role);
        put_plain(stdout, m->text.ptr, m->text.len, "\n\t");
        for (int k = 0; k < m->n_calls; k++) {
            const llocal_call *c = &m->calls[k];
            fputs(m->text.len && !ended ? "\n[call] " : "[call] ", stdout), ended = true;
            put_plain(stdout, c->name.ptr, c->name.len, ""), putchar(' ');
            put_plain(stdout, c->arguments.ptr, c->arguments.len, "\n\t"), putchar('\n');
        }
        if (!ended) putchar('\n');
        if (!user) putchar('\n');
    }
}

/* Messages and timeline of a saved conversation; what was said before stays if that fails. */
static void load(app *a, const char *name) {
    text json = { NULL, 0, 0 }, state = { NULL, 0, 0 };
    messages was = a->said;
    int was_left_out = a->left_out;
    size_t size = 0;
    char *data;
    bool busy = a->unsaved && a->said.n > first_message(a);
    if (!*name) complain(a, "/load wants the name of a saved conversation");
    else if (busy) complain(a, "this conversation is not saved: /save it or /clear it first");
    if (!*name || busy) return;
    file_names(name, &json, &state);
    memset(&a->said, 0, sizeof a->said), a->left_out = 0;
    if (load_messages(a, json.at)) {
        messages_cut(&was, 0), free(was.at);
        a->name.len = 0, append_string(&a->name, name), a->unsaved = false;
        if (a->in.terminal) print_conversation(a);
        data = file_read(state.at, &size);
        if (data && !llocal_restore(a->c, data, size))
            notice(a, "(%d messages, %d tokens)", a->said.n, llocal_position(a->c));
        else notice(a, "(%d messages; %s, so they will be evaluated again)", a->said.n,
                    data ? "the timeline beside them does not fit" : "no timeline is beside them");
        free(data);
    } else {
        messages_cut(&a->said, 0), free(a->said.at);
        a->said = was, a->left_out = was_left_out;
    }
    free(json.at), free(state.at);
}

/* ---- commands --------------------------------------------------------------------------------- */

static void do_help(app *a, const char *arg);

static void do_system(app *a, const char *arg) {
    if (*arg) messages_set_system(&a->said, strcmp(arg, "off") ? arg : NULL), a->unsaved = true;
    if (!first_message(a)) printf("no system message; /system TEXT gives one\n");
    else put_plain(stdout, a->said.at[0].text.ptr, a->said.at[0].text.len, "\n\t"), putchar('\n');
}

/* The old answer stays until there is another. */
static void do_regen(app *a, const char *arg) {
    llocal_message was;
    bool has = a->said.n > 0 && message_is(&a->said.at[a->said.n - 1], "assistant");
    int n = a->said.n - has;
    (void)arg;
    memset(&was, 0, sizeof was);
    if (last_user(a) < 0) { complain(a, "nothing has been said yet"); return; }
    if (has) was = a->said.at[--a->said.n];
    answer_all(a);
    if (has && a->said.n == n) {
        *add_message(a, "assistant") = was;
        notice(a, "(the answer before stays)");
    } else message_free(&was);
}

static void do_undo(app *a, const char *arg) {
    int i = last_user(a);
    (void)arg;
    if (i < 0) { complain(a, "there is nothing to take back"); return; }
    fflush(stdout);
    fputs("(taken back, with what came after it: ", stderr);
    put_plain(stderr, a->said.at[i].text.ptr, a->said.at[i].text.len < 200 ? a->said.at[i].text.len : 200, "");
    fputs(")\n", stderr);
    forget_from(a, i);
}

static void do_clear(app *a, const char *arg) {
    int first = first_message(a), n = a->said.n - first;
    bool files = a->attached.len > 0;
    (void)arg;
    forget_from(a, first);
    a->attached.len = 0, a->unsaved = false;
    notice(a, "(%d messages forgotten%s%s)", n, files ? ", and the files that were to come" : "",
           first ? "; the system message stays" : "");
}

static void do_think(app *a, const char *arg) {
    static const char *const words[] = { "auto", "on", "off" };
    bool can = (llocal_chat_can(a->chat) & LLOCAL_CHAT_THINK_SWITCH) != 0;
    int want = 0;
    while (want < 3 && strcmp(arg, words[want])) want++;
    if (want < 3 && (can || want == 0)) a->prompt.think = (llocal_think)want;
    if (*arg && want == 3) complain(a, "/think takes on, off or auto");
    else if (*arg && want > 0 && !can) complain(a, "this model's template has no switch for thinking");
    else printf("thinking: %s%s\n", words[a->prompt.think], can ? "" : " (the template has no switch for it)");
}

static void do_stats(app *a, const char *arg) {
    const cost *c = &a->sum;
    char last[200];
    (void)arg;
    cost_text(a, &a->last, last, sizeof last);
    if (a->n_answers) printf("last answer: %s\n", last);
    printf("%d answers: %d tokens evaluated, %.1f/s; %d written, %.1f/s\n", a->n_answers, c->read,
           rate(c->read, c->read_s), c->written, rate(c->written, c->write_s));
    printf("%d messages, %d of them left out of what the model sees; context of %d tokens (trained for %d), %.1f MiB\n",
           a->said.n, a->left_out, a->n_ctx, llocal_model_hparams(a->m)->n_ctx_train,
           (double)llocal_context_stats(a->c).bytes_allocated / 1048576);
}

typedef struct command { const char *name, *arg; void (*run)(app *a, const char *arg); const char *help; } command;
static const command commands[] = {
    { "/help",   "",       do_help,   "this list" },
    { "/system", " TEXT",  do_system, "change the system message (off: none; without a text: show it)" },
    { "/regen",  "",       do_regen,  "another answer to the same" },
    { "/undo",   "",       do_undo,   "take back your last message and what came after it" },
    { "/file",   " PATH",  attach,    "give a text file along with the next message" },
    { "/save",   " NAME",  save,      "write NAME.json (messages) and NAME.state (timeline); -f NAME: over another's" },
    { "/load",   " NAME",  load,      "go on with what was saved" },
    { "/clear",  "",       do_clear,  "forget all but the system message" },
    { "/think",  " WORD",  do_think,  "thinking before an answer: on, off, auto" },
    { "/tools",  " FILE",  use_tools, "tools that it may call, as JSON (off: none); you type their results" },
    { "/stats",  "",       do_stats,  "tokens and speeds" },
    { "/quit",   "",       NULL,      "end the chat, as Ctrl-D does" }
};
#define N_COMMANDS ((int)(sizeof commands / sizeof *commands))

static void do_help(app *a, const char *arg) {
    (void)a, (void)arg;
    for (int i = 0; i < N_COMMANDS; i++)
        printf("  %-8s%-6s  %s\n", commands[i].name, commands[i].arg, commands[i].help);
    printf("Several lines: end them with \\, or put \"\"\" before and behind.\n"
           "Ctrl-C stops an answer and keeps what came.\n");
}

/* False: the chat is at its end. */
static bool run_command(app *a, char *line) {
    size_t n = strcspn(line, " \t\n");
    const char *arg = line + n + strspn(line + n, " \t\n");
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strlen(commands[i].name) != n || memcmp(commands[i].name, line, n)) continue;
        if (!commands[i].run) return false;
        commands[i].run(a, arg);
        fflush(stdout);
        return true;
    }
    line[n] = 0;
    complain(a, "there is no %s; /help lists what there is (a message that begins with / wants a space first)", line);
    return true;
}

/* ---- the program ------------------------------------------------------------------------------ */

static void log_line(void *user, llocal_log_level level, const char *message) {
    if (level < LLOCAL_LOG_INFO) log_plain(user, level, message);       /* that Ctrl-C cancelled is no news */
}

static bool open_template(app *a) {
    llocal_fault fault;
    llocal_result r;
    memset(&fault, 0, sizeof fault);
    r = template_open(a->m, a->o->chat_template, a->o->template_file, &fault, &a->chat);
    if (!r) return true;
    return complain(a, "%s%s", fault_text(&fault, r), template_remedy(r));
}

static bool open_model(app *a) {
    const settings *o = a->o;
    llocal_source src;
    llocal_context_desc d;
    llocal_pool_desc threads;
    llocal_result r;
    int trained;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&threads, 0, sizeof threads);
    src.path = o->model, src.logger.write = log_line;
    if (llocal_model_open(&src, &a->m) || !open_template(a)) return false;
    trained = llocal_model_hparams(a->m)->n_ctx_train;
    d.n_ctx = a->n_ctx = o->n_ctx > 0 ? o->n_ctx : o->n_ctx == 0 || trained < 4096 ? trained : 4096;
    threads.n_threads = o->n_threads < 0 ? 0 : o->n_threads, threads.logger.write = log_line;
    if (llocal_pool_open(&threads, &a->pool)) return false;
    d.workers = llocal_pool_workers(a->pool);
    d.progress = on_progress, d.progress_user = a;
    r = llocal_context_open(a->m, &d, &a->c);
    explain_context("chat", r, d.n_ctx);
    return !r;
}

static bool open_chat(app *a) {
    settings *o = a->o;
    if (!open_model(a)) return false;
    a->in.terminal = is_terminal(stdin) && is_terminal(stdout);
    a->colour = is_terminal(stdout) && !getenv("NO_COLOR");
    if (a->in.terminal) catch_interrupt(false);         /* with pipes it ends the program, as any */
    a->prompt.now = local_time(), a->prompt.think = o->think;
    if (o->think && !(llocal_chat_can(a->chat) & LLOCAL_CHAT_THINK_SWITCH)) {
        notice(a, "(this model's template has no switch for thinking: --reasoning changes nothing)");
        a->prompt.think = LLOCAL_THINK_DEFAULT;
    }
    o->sampler.bias = o->bias;
    if (o->sampler.repeat_penalty == 1) o->sampler.repeat_penalty = 0;
    o->sampler.penalty_last_n = 64;
    if (o->seed < 0) o->seed = (long long)(((uint64_t)time(NULL) * 1000003u ^ (uint64_t)(now_seconds() * 1e6)) >> 1);
    o->sampler.rng = (uint64_t)o->seed;
    a->reply.sampler = o->sampler, a->reply.stop = o->stop, a->reply.n_stop = o->n_stop;
    if (o->load) load(a, o->load);
    if (o->system) messages_set_system(&a->said, o->system);
    if (o->tools) use_tools(a, o->tools);
    return !a->failed;
}

static void talk(app *a) {
    const llocal_hparams *h = llocal_model_hparams(a->m);
    const char *name = strrchr(a->o->model, '/');
    text message = { NULL, 0, 0 };
    bool more = true;
    if (a->in.terminal)
        notice(a, "%s: %.0f million weights, context of %d tokens; /help lists the commands",
               name ? name + 1 : a->o->model, (double)h->n_params * 1e-6, a->n_ctx);
    while (more) {
        more = read_message(&a->in, "> ", &message);
        if (a->in.dropped) notice(a, "(Ctrl-D or /quit ends the chat)"), more = true;
        else if (more && message.at[0] == '/') more = run_command(a, message.at);
        else if (more && message.at[strspn(message.at, " \t\n")]) {
            llocal_str s;
            s.ptr = message.at, s.len = message.len;
            if (s.len > 1 && s.ptr[0] == ' ' && s.ptr[1] == '/') s.ptr++, s.len--;
            say(a, s);
            if (a->in.terminal) putchar('\n');
        }
        if (ferror(stdout)) more = complain(a, "cannot write to standard output");
    }
    free(message.at);
}

static void close_chat(app *a) {
    messages_cut(&a->said, 0);
    free(a->said.at), free(a->name.at), free(a->tools.at), free(a->attached.at);
    free((void *)a->prompt.messages), free(a->prompt.tokens);
    llocal_context_close(a->c);
    llocal_pool_close(a->pool);
    llocal_chat_close(a->chat);
    llocal_model_close(a->m);
}

int main(int argc, char **argv) {
    settings o;
    app a;
    memset(&a, 0, sizeof a);
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
#ifdef _WIN32
    SetConsoleCP(CP_UTF8), SetConsoleOutputCP(CP_UTF8);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    o = read_options(argc, argv);
    a.o = &o;
    if (open_chat(&a)) {
        if (a.in.terminal) open_editor(&a.in, o.history);
        talk(&a);
        close_editor(&a.in, o.history);
    } else a.failed = true;
    close_chat(&a);
    return a.failed;
}
