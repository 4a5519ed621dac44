/* The command-line tool: continue a prompt with a GGUF model.
 *
 *     llocal -m model.gguf -p "Once upon a time" -n 200
 *     cat letter.txt | llocal -m model.gguf --temp 0
 *     llocal -m model.gguf --chat -sys "Answer in one word." -p "What is the capital of France?"
 *
 * A model with an encoder (T5) reads the prompt as a source text, and what it writes is an answer to that.
 *
 * Options are spelled as in llama.cpp's llama-completion and mean the same, but for -c, which by
 * default is what the work needs. The text goes to stdout as it appears; everything else goes to
 * stderr. A terminal gets control characters in the text as \x1b; a file or a pipe gets every byte.
 *
 * The exit status is 0 when all went well, 1 when something failed, 2 when an option was wrong, 3
 * when the context was full before the text or -n had come to its end (-n -2: that is what is wanted,
 * so 0), 130 after Ctrl-C. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "system.h"
#include "lines.h"
#include "messages.h"
#include "answer.h"
#include "energy.h"
#ifdef _WIN32
#  include <fcntl.h>
#endif

/* ---- options ----------------------------------------------------------------------------- */

typedef enum chat_kind { NO_CHAT, ONE_ANSWER, CONVERSATION } chat_kind;
typedef struct settings {
    const char *model, *prompt, *prompt_file, *pre;
    chat_kind chat;
    const char *system, *chat_template, *template_file, *kwargs;        /* of a chat */
    const char *rule, *rule_file;       /* what the text keeps to: itself, or a file that has it (NULL: nothing) */
    llocal_rule_kind rule_kind;
    llocal_think think;
    int n_predict, n_ctx, n_batch, n_threads;   /* n_ctx -1: what is needed */
    llocal_kv k, v;
    llocal_sampler sampler;
    long long seed;                     /* -1: random */
    llocal_bias bias[256];
    int n_bias;
    const char *breakers[64];           /* texts that end a repetition, for DRY */
    int n_breakers;
    bool escapes, show_prompt, special, ignore_eos, no_mmap, efficient, check_weights, verbose;
} settings;

enum {
    O_HELP, O_VERSION, O_MODEL, O_PROMPT, O_FILE, O_PREDICT, O_CTX, O_BATCH, O_THREADS, O_KEYS,
    O_VALUES, O_ESCAPE, O_NO_ESCAPE, O_DISPLAY, O_NO_DISPLAY, O_SPECIAL, O_IGNORE_EOS, O_NO_MMAP, O_EFFICIENT,
    O_CHECK, O_PRE, O_VERBOSE, O_SEED, O_SAMPLERS, O_SEQUENCE, O_TEMP, O_DYN_RANGE, O_DYN_EXP, O_TOP_K,
    O_TOP_P, O_MIN_P, O_TYPICAL, O_SIGMA, O_XTC_P, O_XTC_T, O_LAST_N, O_REPEAT, O_PRESENCE,
    O_FREQUENCY, O_DRY, O_DRY_BASE, O_DRY_LENGTH, O_DRY_LAST_N, O_DRY_BREAKER, O_MIROSTAT,
    O_MIRO_RATE, O_MIRO_ENTROPY, O_ADAPT_TARGET, O_ADAPT_DECAY, O_BIAS,
    O_CHAT, O_CONVERSATION, O_NO_CONVERSATION, O_SYSTEM, O_TEMPLATE, O_TEMPLATE_FILE, O_KWARGS, O_REASONING,
    O_SCHEMA, O_SCHEMA_FILE, O_GRAMMAR, O_GRAMMAR_FILE, O_CHOICES
};

static const struct option { int id; const char *brief, *name, *value, *help; } options[] = {
    { O_HELP,       "-h",   "--help", NULL, "print this" },
    { O_VERSION,    NULL,   "--version", NULL, "print version and build" },
    { O_MODEL,      "-m",   "--model", "FILE", "the model: a GGUF file, or the first part of a split one" },
    { O_PROMPT,     "-p",   "--prompt", "TEXT", "what to continue" },
    { O_FILE,       "-f",   "--file", "FILE", "read the prompt from a file (-: from standard input)" },
    { O_PREDICT,    "-n",   "--predict", "N", "tokens to generate (-1: until the end; -2: until the context is full) [-1]" },
    { O_CTX,        "-c",   "--ctx-size", "N", "positions to remember (0: all that it was trained for) [what is needed]" },
    { O_BATCH,      "-b",   "--batch-size", "N", "prompt tokens in one pass over the weights [256]" },
    { O_THREADS,    "-t",   "--threads", "N", "threads (-1: one per core) [-1]" },
    { O_KEYS,       "-ctk", "--cache-type-k", "TYPE", "how to store keys: f32, f16, q8_0 [f16]" },
    { O_VALUES,     "-ctv", "--cache-type-v", "TYPE", "how to store values: f32, f16, q8_0 [f16]" },
    { O_ESCAPE,     "-e",   "--escape", NULL, "\\n, \\r, \\t, \\', \\\", \\\\ and \\xHH in the prompt mean characters [on]" },
    { O_NO_ESCAPE,  NULL,   "--no-escape", NULL, "they are left as they are" },
    { O_DISPLAY,    NULL,   "--display-prompt", NULL, "print the prompt before its continuation [on]" },
    { O_NO_DISPLAY, NULL,   "--no-display-prompt", NULL, "print the continuation only" },
    { O_SPECIAL,    "-sp",  "--special", NULL, "print special tokens too" },
    { O_IGNORE_EOS, NULL,   "--ignore-eos", NULL, "go on where the model would end" },
    { O_NO_MMAP,    NULL,   "--no-mmap", NULL, "read the file into memory, do not map it" },
    { O_EFFICIENT,  NULL,   "--efficient", NULL, "generate with the fewest threads that reach 85 % of the best speed" },
    { O_PRE,        NULL,   "--pre", "NAME", "how to cut text, if a file of byte-level BPE does not say: gpt-2, llama-bpe, qwen2, ..." },
    { O_CHECK,      NULL,   "--check-tensors", NULL, "refuse a file with NaN or infinity in its weights" },
    { O_VERBOSE,    "-v",   "--verbose", NULL, "say what is being done" },
    { O_SEED,       "-s",   "--seed", "N", "start of the random numbers (-1: random) [-1]" },
    { O_SAMPLERS,   NULL,   "--samplers", "A;B;...", "the stages in order "
        "[penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature], or infill (for a hole)" },
    { O_SEQUENCE,   NULL,   "--sampler-seq", "LETTERS", "the same in letters [edskypmxit]" },
    { O_TEMP,       NULL,   "--temp", "X", "temperature (0: always the likeliest token) [0.8]" },
    { O_DYN_RANGE,  NULL,   "--dynatemp-range", "X", "temperature +- X with the model's doubt (0: off) [0]" },
    { O_DYN_EXP,    NULL,   "--dynatemp-exp", "X", "its exponent [1]" },
    { O_TOP_K,      NULL,   "--top-k", "N", "only the N likeliest (0: off) [40]" },
    { O_TOP_P,      NULL,   "--top-p", "X", "only the likeliest that together have this chance (1: off) [0.95]" },
    { O_MIN_P,      NULL,   "--min-p", "X", "only those with X times the best chance (0: off) [0.05]" },
    { O_TYPICAL,    NULL,   "--typical", "X", "only those that surprise as expected (1: off) [1]" },
    { O_SIGMA,      NULL,   "--top-nsigma", "X", "only those within X deviations of the best (-1: off) [-1]" },
    { O_XTC_P,      NULL,   "--xtc-probability", "X", "how often to drop the top choices (0: off) [0]" },
    { O_XTC_T,      NULL,   "--xtc-threshold", "X", "top choices have at least this chance [0.1]" },
    { O_LAST_N,     NULL,   "--repeat-last-n", "N", "tokens that penalties look back on (0: off, -1: all) [64]" },
    { O_REPEAT,     NULL,   "--repeat-penalty", "X", "divides the logits of repeated tokens (1: off) [1]" },
    { O_PRESENCE,   NULL,   "--presence-penalty", "X", "subtracted once from repeated tokens (0: off) [0]" },
    { O_FREQUENCY,  NULL,   "--frequency-penalty", "X", "subtracted for each repetition (0: off) [0]" },
    { O_DRY,        NULL,   "--dry-multiplier", "X", "DRY, against repeated passages (0: off) [0]" },
    { O_DRY_BASE,   NULL,   "--dry-base", "X", "its growth with each token repeated [1.75]" },
    { O_DRY_LENGTH, NULL,   "--dry-allowed-length", "N", "repetitions this long are free [2]" },
    { O_DRY_LAST_N, NULL,   "--dry-penalty-last-n", "N", "tokens it looks back on (0: off, -1: all) [-1]" },
    { O_DRY_BREAKER, NULL,  "--dry-sequence-breaker", "TEXT", "ends a passage; repeatable; replaces the usual "
        "four, newline : \" *; none: no breakers" },
    { O_MIROSTAT,   NULL,   "--mirostat", "N", "0, 1 or 2: steer the surprise; replaces the filters [0]" },
    { O_MIRO_RATE,  NULL,   "--mirostat-lr", "X", "its learning rate [0.1]" },
    { O_MIRO_ENTROPY, NULL, "--mirostat-ent", "X", "the surprise to aim at, in bits [5]" },
    { O_ADAPT_TARGET, NULL, "--adaptive-target", "X", "prefer tokens of this chance (-1: off) [-1]" },
    { O_ADAPT_DECAY, NULL,  "--adaptive-decay", "X", "memory of its running mean [0.9]" },
    { O_BIAS,       "-l",   "--logit-bias", "ID+X", "add X to (ID-X: subtract from) a token's logit; repeatable" },
    { O_CHAT,       NULL,   "--chat", NULL, "the prompt is a message, put into the model's chat template and answered" },
    { O_CHAT,       "-st",  "--single-turn", NULL, "the same" },
    { O_CONVERSATION, "-cnv", "--conversation", NULL, "the same, and then each line of standard input is a message" },
    { O_NO_CONVERSATION, "-no-cnv", "--no-conversation", NULL, "neither: continue the prompt [this is the default]" },
    { O_SYSTEM,     "-sys", "--system-prompt", "TEXT", "the system message of a chat" },
    { O_SYSTEM,     NULL,   "--system", "TEXT", "the same" },
    { O_TEMPLATE,   NULL,   "--chat-template", "TEXT", "a chat template in Jinja, chatml, or the name of one of the file's" },
    { O_TEMPLATE_FILE, NULL, "--chat-template-file", "FILE", "a chat template in Jinja from a file" },
    { O_KWARGS,     NULL,   "--chat-template-kwargs", "JSON", "an object of further variables for the template" },
    { O_REASONING,  "-rea", "--reasoning", "WORD", "whether the model thinks before it answers: on, off, auto [auto]" },
    { O_SCHEMA,     "-j",   "--json-schema", "JSON", "the text is JSON that keeps to this schema, whole whatever -n is" },
    { O_SCHEMA_FILE, "-jf", "--json-schema-file", "FILE", "the same from a file" },
    { O_GRAMMAR,    NULL,   "--grammar", "GBNF", "the text keeps to this grammar: 'root ::= \"yes\" | \"no\"'" },
    { O_GRAMMAR_FILE, NULL, "--grammar-file", "FILE", "the same from a file" },
    { O_CHOICES,    NULL,   "--choices", "A|B|...", "the text is one of these" }
};
#define N_OPTIONS ((int)(sizeof options / sizeof *options))

static void print_help(void) {
    printf("llocal: continue a prompt\n\n"
           "    llocal -m model.gguf -p \"Once upon a time\" -n 200\n\n"
           "Without -p and -f the prompt is read from standard input, unless that is a terminal.\n"
           "Without -c there is room for the prompt and -n tokens; without -n for 4096, or for 1024 more\n"
           "than the prompt has; never for more than the model was trained for.\n"
           "The status is 0: done, 1: failed, 2: a wrong option, 3: the context was full before the\n"
           "text ended or had -n tokens (not with -n -2), 130: interrupted.\n\n");
    for (int i = 0; i < N_OPTIONS; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s %s", options[i].brief ? options[i].brief : "",
                 options[i].brief ? ", " : "", options[i].name,
                 options[i].value ? options[i].value : "");
        printf("  %-31s %s\n", left, options[i].help);
    }
}

/* Each of these ends the program with status 2 and a sentence that says what was expected. */
static void wrong(const char *option, const char *expected, const char *got) {
    print_plain(stderr, "llocal: error: %s wants %s, not '%s'\n", option, expected, got);
    exit(2);
}
static int to_int(const char *option, const char *text, long min, long max) {
    char *end, expected[80];
    long x;
    errno = 0, x = strtol(text, &end, 10);
    if (end != text && !*end && !errno && x >= min && x <= max) return (int)x;
    snprintf(expected, sizeof expected, "a whole number from %ld to %ld", min, max);
    wrong(option, expected, text);
    return 0;
}
static long long to_seed(const char *option, const char *text) {
    char *end;
    long long x;
    errno = 0, x = strtoll(text, &end, 10);
    if (end == text || *end || errno || x < -1) wrong(option, "a whole number, or -1 for any", text);
    return x;
}
static float to_float(const char *option, const char *text, double min, double max) {
    char *end, expected[80];
    double x = strtod(text, &end);
    if (end != text && !*end && x >= min && x <= max) return (float)x;
    snprintf(expected, sizeof expected, "a number from %g to %g", min, max);
    wrong(option, expected, text);
    return 0;
}
/* In llocal_sampler zero means "off" or "the default". Where an option's zero is a value, the
 * smallest number that is not zero stands for it. */
static float not_zero(float x) { return x != 0 ? x : 1e-30f; }

static llocal_kv to_kv(const char *option, const char *text) {
    if (!strcmp(text, "f32")) return LLOCAL_KV_F32;
    if (!strcmp(text, "f16")) return LLOCAL_KV_F16;
    if (!strcmp(text, "q8_0")) return LLOCAL_KV_Q8;
    wrong(option, "f32, f16 or q8_0", text);
    return LLOCAL_KV_DEFAULT;
}

static llocal_think to_think(const char *option, const char *text) {
    if (!strcmp(text, "on")) return LLOCAL_THINK_ON;
    if (!strcmp(text, "off")) return LLOCAL_THINK_OFF;
    if (strcmp(text, "auto")) wrong(option, "on, off or auto", text);
    return LLOCAL_THINK_DEFAULT;
}

static const struct { const char *name; char letter; uint8_t stage; } stages[] = {
    { "penalties", 'e', LLOCAL_STAGE_PENALTIES }, { "dry", 'd', LLOCAL_STAGE_DRY },
    { "top_n_sigma", 's', LLOCAL_STAGE_TOP_N_SIGMA }, { "top_k", 'k', LLOCAL_STAGE_TOP_K },
    { "typ_p", 'y', LLOCAL_STAGE_TYPICAL }, { "top_p", 'p', LLOCAL_STAGE_TOP_P },
    { "min_p", 'm', LLOCAL_STAGE_MIN_P }, { "xtc", 'x', LLOCAL_STAGE_XTC }, { "infill", 'i', LLOCAL_STAGE_INFILL },
    { "temperature", 't', LLOCAL_STAGE_TEMPERATURE }
};
#define N_STAGES ((int)(sizeof stages / sizeof *stages))

static void add_stage(settings *o, const char *option, const char *name, size_t len) {
    size_t n = strlen((const char *)o->sampler.order);
    for (int i = 0; i < N_STAGES; i++) {
        bool same = len == 1 ? name[0] == stages[i].letter
                             : strlen(stages[i].name) == len && !memcmp(stages[i].name, name, len);
        if (!same) continue;
        if (n + 1 >= sizeof o->sampler.order) wrong(option, "at most 15 stages", name);
        o->sampler.order[n] = stages[i].stage;
        return;
    }
    wrong(option, "stages that --help lists", name);
}

static void read_order(settings *o, const char *option, const char *text, bool letters) {
    memset(o->sampler.order, 0, sizeof o->sampler.order);
    while (*text) {
        size_t len = letters ? 1 : strcspn(text, ";");
        if (!letters && len == 1) wrong(option, "names, not letters", text);
        add_stage(o, option, text, len);
        text += len + (text[len] == ';');
    }
}

static void read_bias(settings *o, const char *option, const char *text) {
    char *sign, *end;
    long id = strtol(text, &sign, 10);
    double add = strtod(sign, &end);
    if (sign == text || (*sign != '+' && *sign != '-') || end == sign || *end || id < 0 ||
        id > INT32_MAX)
        wrong(option, "a token id, + or -, and a number, as in 15043-1", text);
    if (o->n_bias == 256) wrong(option, "at most 256 of them", text);
    o->bias[o->n_bias].token = (llocal_token)id, o->bias[o->n_bias++].add = (float)add;
}

static void set_option(settings *o, int id, const char *name, const char *value) {
    llocal_sampler *s = &o->sampler;
    const double big = 1e30;
    switch (id) {
    case O_HELP: print_help(); exit(0);
    case O_VERSION:
        printf("llocal %d.%d.%d (%s)\n", llocal_version() / 10000, llocal_version() / 100 % 100,
               llocal_version() % 100, llocal_build());
        exit(0);
    case O_MODEL: o->model = value; break;
    case O_PROMPT: o->prompt = value; break;
    case O_FILE: o->prompt_file = value; break;
    case O_PREDICT: o->n_predict = to_int(name, value, -2, INT32_MAX); break;
    case O_CTX: o->n_ctx = to_int(name, value, 0, INT32_MAX); break;
    case O_BATCH: o->n_batch = to_int(name, value, 1, 1 << 20); break;
    case O_THREADS: o->n_threads = to_int(name, value, -1, 1024); break;
    case O_KEYS: o->k = to_kv(name, value); break;
    case O_VALUES: o->v = to_kv(name, value); break;
    case O_ESCAPE: o->escapes = true; break;
    case O_NO_ESCAPE: o->escapes = false; break;
    case O_DISPLAY: o->show_prompt = true; break;
    case O_NO_DISPLAY: o->show_prompt = false; break;
    case O_SPECIAL: o->special = true; break;
    case O_IGNORE_EOS: o->ignore_eos = true; break;
    case O_NO_MMAP: o->no_mmap = true; break;
    case O_EFFICIENT: o->efficient = true; break;
    case O_PRE: o->pre = value; break;
    case O_CHECK: o->check_weights = true; break;
    case O_VERBOSE: o->verbose = true; break;
    case O_SEED: o->seed = to_seed(name, value); break;
    case O_SAMPLERS: read_order(o, name, value, false); break;
    case O_SEQUENCE: read_order(o, name, value, true); break;
    case O_TEMP: s->temperature = to_float(name, value, -big, big); break;
    case O_DYN_RANGE: s->dynatemp_range = to_float(name, value, -big, big); break;
    case O_DYN_EXP: s->dynatemp_exponent = not_zero(to_float(name, value, -big, big)); break;
    case O_TOP_K: s->top_k = to_int(name, value, INT32_MIN, INT32_MAX); break;
    case O_TOP_P: s->top_p = not_zero(to_float(name, value, 0, big)); break;
    case O_MIN_P: s->min_p = to_float(name, value, -big, 1); break;
    case O_TYPICAL: s->typical_p = not_zero(to_float(name, value, 0, big)); break;
    case O_SIGMA: s->top_n_sigma = to_float(name, value, -big, big); break;
    case O_XTC_P: s->xtc_probability = to_float(name, value, 0, 1); break;
    case O_XTC_T: s->xtc_threshold = not_zero(to_float(name, value, 0, 1)); break;
    case O_LAST_N: s->penalty_last_n = to_int(name, value, -1, INT32_MAX); break;
    case O_REPEAT: s->repeat_penalty = to_float(name, value, 1e-6, big); break;
    case O_PRESENCE: s->presence_penalty = to_float(name, value, -big, big); break;
    case O_FREQUENCY: s->frequency_penalty = to_float(name, value, -big, big); break;
    case O_DRY: s->dry_multiplier = to_float(name, value, 0, big); break;
    case O_DRY_BASE: s->dry_base = not_zero(to_float(name, value, 0, big)); break;
    case O_DRY_LENGTH: s->dry_allowed_length = to_int(name, value, 1, INT32_MAX); break;
    case O_DRY_LAST_N: s->dry_last_n = to_int(name, value, -1, INT32_MAX); break;
    case O_DRY_BREAKER:
        if (o->n_breakers == 64) wrong(name, "at most 64 of them", value);
        if (strcmp(value, "none")) o->breakers[o->n_breakers++] = value;
        break;
    case O_MIROSTAT: s->mirostat = to_int(name, value, 0, 2); break;
    case O_MIRO_RATE: s->mirostat_eta = not_zero(to_float(name, value, 0, big)); break;
    case O_MIRO_ENTROPY: s->mirostat_tau = not_zero(to_float(name, value, 0, big)); break;
    case O_ADAPT_TARGET:
        s->adaptive_target = to_float(name, value, -big, 1);
        s->adaptive_target = s->adaptive_target < 0 ? 0 : not_zero(s->adaptive_target);
        break;
    case O_ADAPT_DECAY: s->adaptive_decay = not_zero(to_float(name, value, 0, 0.99)); break;
    case O_BIAS: read_bias(o, name, value); break;
    case O_CHAT: o->chat = ONE_ANSWER; break;
    case O_CONVERSATION: o->chat = CONVERSATION; break;
    case O_NO_CONVERSATION: o->chat = NO_CHAT; break;
    case O_SYSTEM: o->system = value; break;
    case O_TEMPLATE: o->chat_template = value; break;
    case O_TEMPLATE_FILE: o->template_file = value; break;
    case O_KWARGS: o->kwargs = value; break;
    case O_REASONING: o->think = to_think(name, value); break;
    case O_SCHEMA: o->rule = value, o->rule_file = NULL, o->rule_kind = LLOCAL_RULE_SCHEMA; break;
    case O_SCHEMA_FILE: o->rule_file = value, o->rule = NULL, o->rule_kind = LLOCAL_RULE_SCHEMA; break;
    case O_GRAMMAR: o->rule = value, o->rule_file = NULL, o->rule_kind = LLOCAL_RULE_GRAMMAR; break;
    case O_GRAMMAR_FILE: o->rule_file = value, o->rule = NULL, o->rule_kind = LLOCAL_RULE_GRAMMAR; break;
    case O_CHOICES: o->rule = value, o->rule_file = NULL, o->rule_kind = LLOCAL_RULE_CHOICES; break;
    }
}

static settings read_options(int argc, char **argv) {
    static const char *const usual[] = { "\n", ":", "\"", "*" };
    settings o;
    bool own_breakers = false;
    memset(&o, 0, sizeof o);
    o.n_predict = -1, o.n_ctx = -1, o.n_threads = -1, o.seed = -1;
    o.escapes = o.show_prompt = true;
    o.sampler = llocal_sampler_default(0);
    for (int i = 1; i < argc; i++) {
        const struct option *found = NULL;
        for (int j = 0; j < N_OPTIONS; j++)
            if ((options[j].brief && !strcmp(argv[i], options[j].brief)) ||
                !strcmp(argv[i], options[j].name)) found = &options[j];
        if (!found) {
            print_plain(stderr, "llocal: error: there is no option '%s'; --help lists them\n", argv[i]);
            exit(2);
        }
        if (found->value && i + 1 == argc) {
            print_plain(stderr, "llocal: error: %s wants a value (%s)\n", argv[i], found->value);
            exit(2);
        }
        if (found->id == O_DRY_BREAKER) own_breakers = true;
        set_option(&o, found->id, argv[i], found->value ? argv[i + 1] : NULL);
        if (found->value) i++;
    }
    if (!o.model) {
        fprintf(stderr, "llocal: error: which model? Give one with -m FILE; see --help\n");
        exit(2);
    }
    if (!o.chat && (o.system || o.chat_template || o.template_file || o.kwargs || o.think)) {
        fprintf(stderr, "llocal: error: a system message and options of chat templates go with --chat or -cnv only\n");
        exit(2);
    }
    if (!own_breakers) memcpy(o.breakers, usual, sizeof usual), o.n_breakers = 4;
    if (o.sampler.dry_last_n == 0) o.sampler.dry_multiplier = 0;        /* to the library 0 is all */
    if (o.sampler.penalty_last_n == 0)
        o.sampler.repeat_penalty = o.sampler.frequency_penalty = o.sampler.presence_penalty = 0;
    return o;
}

/* ---- text -------------------------------------------------------------------------------- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Replace escapes in place; returns the new length. What is no escape stays as it is. */
static size_t unescape(char *text, size_t len) {
    static const char from[] = "nrt'\"\\", to[] = "\n\r\t'\"\\";
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        const char *e = NULL;
        if (text[i] == '\\' && i + 1 < len && text[i + 1]) e = strchr(from, text[i + 1]);
        if (e) text[n++] = to[e - from], i++;
        else if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x' &&
                 hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0) {
            text[n++] = (char)(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
            i += 3;
        } else text[n++] = text[i];
    }
    text[n] = 0;
    return n;
}

/* A file ends with a newline that is no part of the prompt, whatever system wrote it. */
static size_t without_newline(char *text, size_t len) {
    if (len > 0 && text[len - 1] == '\n') len--;
    else return len;
    if (len > 0 && text[len - 1] == '\r') len--;
    text[len] = 0;
    return len;
}

/* The prompt from a file, or from standard input (path NULL); NULL, and a reason, if there is none. */
static char *read_prompt_file(const char *path, size_t *len) {
    char *text = path ? file_read(path, len) : stream_read(stdin, len);
    const char *other = text ? text_check(text, len) : NULL;
    if (!path) path = "standard input";
    if (!text) print_plain(stderr, "llocal: error: cannot read %s: %s\n", path, strerror(errno));
    else if (other) print_plain(stderr, "llocal: error: %s is %s\n", path, other);
    else *len = without_newline(text, *len);
    if (!other) return text;
    free(text);
    return NULL;
}

static char *read_prompt(const settings *o, size_t *len) {
    bool from_stdin = o->prompt_file ? !strcmp(o->prompt_file, "-") : !is_terminal(stdin) && o->chat != CONVERSATION;
    char *text;
    if (!o->prompt && (o->prompt_file || from_stdin)) text = read_prompt_file(from_stdin ? NULL : o->prompt_file, len);
    else {
        const char *given = o->prompt ? o->prompt : "";
        *len = strlen(given), text = (char *)malloc(*len + 1);
        if (text) memcpy(text, given, *len + 1);
        else fprintf(stderr, "llocal: error: out of memory\n");
    }
    if (text && o->escapes) *len = unescape(text, *len);
    return text;
}

/* The text of a token, of any length; NULL: out of memory. */
typedef struct piece { char *at; int cap, len; } piece;

static const char *token_text(piece *p, const llocal_model *m, llocal_token t) {
    p->len = llocal_token_text(m, t, true, p->at, p->cap);
    if (p->len > p->cap || !p->at) {
        char *more = (char *)realloc(p->at, (size_t)p->len + 256);
        if (!more) return NULL;
        p->at = more, p->cap = p->len + 256;
        p->len = llocal_token_text(m, t, true, p->at, p->cap);
    }
    return p->at;
}

/* ---- DRY's breakers as tokens ------------------------------------------------------------ */

typedef struct token_list { llocal_token *at; int n, cap; } token_list;

static bool push(token_list *l, llocal_token t) {
    if (l->n == l->cap) {
        int cap = l->cap ? 2 * l->cap : 1024;
        llocal_token *more = (llocal_token *)realloc(l->at, (size_t)cap * sizeof *more);
        if (!more) return false;
        l->at = more, l->cap = cap;
    }
    l->at[l->n++] = t;
    return true;
}

/* The text of a breaker can begin anywhere in a token. A token that contains all of it is a
 * breaker by itself; one that ends with its beginning is one together with the tokens of the
 * rest. */
static bool add_breaker(token_list *l, const llocal_model *m, llocal_token t, const char *piece,
                        int n_piece, const char *breaker) {
    int len = (int)strlen(breaker);
    for (int at = 0; at < n_piece; at++) {
        llocal_token rest[20];
        int same = 0, n;
        while (same < len && at + same < n_piece && piece[at + same] == breaker[same]) same++;
        if (same < len && at + same < n_piece) continue;
        n = llocal_tokenize(m, breaker + same, (size_t)(len - same), 0, rest, 20);
        if (!push(l, t)) return false;
        for (int i = 0; i < n && i < 20; i++) if (!push(l, rest[i])) return false;
        if (!push(l, -1)) return false;
        if (same == len) break;
    }
    return true;
}

static bool find_breakers(const llocal_model *m, const settings *o, token_list *l) {
    int n_vocab = llocal_model_hparams(m)->n_vocab;
    piece p = { NULL, 0, 0 };
    bool ok = true;
    for (llocal_token t = 0; ok && t < n_vocab; t++) {
        ok = token_text(&p, m, t) != NULL;
        for (int i = 0; ok && i < o->n_breakers; i++) ok = add_breaker(l, m, t, p.at, p.len, o->breakers[i]);
    }
    free(p.at);
    return ok && push(l, -1);
}

/* ---- what happens meanwhile -------------------------------------------------------------- */

static double now_ms(void) { return 1e3 * now_seconds(); }

typedef struct screen {
    const llocal_model *m;
    bool special, bar, terminal;        /* bar: stderr is a terminal; terminal: stdout is one */
    piece text;
    char held[4];                       /* the beginning of a character, until it is whole */
    int n_held;
    double started, shown;              /* shown: when the bar was drawn last, 0: not yet */
    double load_ms, prompt_ms, generate_ms;
    int n_read, n_tokens, n_forced;     /* evaluated of prompts, generated, those of them that needed no choice */
    meter meter;
    double prompt_joules, generate_joules;
    answer *reply;                      /* of a chat */
} screen;

/* A long prompt shows a bar after half a second. False cancels, at a point where that is safe. */
static bool on_progress(void *user, int n_done, int n_total) {
    screen *s = (screen *)user;
    double now = now_ms();
    if (interrupted) return false;
    if (!s->bar || n_total < 2 || now - s->started < 500 || now - s->shown < 100) return true;
    s->shown = now;
    fprintf(stderr, "\rprompt [");
    for (int i = 0; i < 40; i++) fputc(i < 40.0 * n_done / n_total ? '#' : '.', stderr);
    fprintf(stderr, "] %d/%d ", n_done, n_total);
    return true;
}
static void clear_bar(screen *s) {
    if (s->shown > 0) fprintf(stderr, "\r%70s\r", "");
    s->shown = 0;
}

/* To a terminal whole characters only, so that each can be looked at. */
static void put_text(screen *s, const char *text, size_t len) {
    if (!s->terminal) fwrite(text, 1, len, stdout);
    for (size_t i = 0; s->terminal && i < len; i++) {
        bool inside = ((unsigned char)text[i] & 0xc0) == 0x80;
        unsigned char first;
        if (s->n_held && !inside) put_plain(stdout, s->held, (size_t)s->n_held, "\n\t"), s->n_held = 0;
        s->held[s->n_held++] = text[i], first = (unsigned char)s->held[0];
        if (s->n_held < (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)) continue;
        put_plain(stdout, s->held, (size_t)s->n_held, "\n\t"), s->n_held = 0;
    }
    fflush(stdout);
}
static void end_text(screen *s) {
    put_plain(stdout, s->held, (size_t)s->n_held, "\n\t"), s->n_held = 0;
    fputc('\n', stdout);
    fflush(stdout);
}

static bool on_text(void *user, llocal_token t, llocal_str text) {
    screen *s = (screen *)user;
    if (t >= 0) s->n_tokens++;
    if (s->reply && t >= 0 && llocal_split_token(&s->reply->split, t)) return false;
    if (!s->special && !s->reply) put_text(s, text.ptr, text.len);
    else if (s->special && t >= 0 && token_text(&s->text, s->m, t) && s->text.len > 0)
        put_text(s, s->text.at, (size_t)s->text.len);       /* bytes that are half a character too */
    return !interrupted && !ferror(stdout);
}

static void log_line(void *user, llocal_log_level level, const char *message) {
    if (level < LLOCAL_LOG_INFO || *(bool *)user) log_plain(NULL, level, message);
}

/* ---- the program ------------------------------------------------------------------------- */

static void print_settings(const settings *o, const llocal_model *m, const llocal_plan *weights,
                           const llocal_plan *context, int n_ctx, int n_prompt, int n_threads) {
    const llocal_hparams *h = llocal_model_hparams(m);
    const llocal_sampler *s = &o->sampler;
    fprintf(stderr, "llocal: build: %s\n", llocal_build());
    print_plain(stderr, "llocal: model: %.*s, %.*s, %.1f M weights, %d layers, width %d, %d tokens\n",
                shown(h->arch), h->arch.ptr, shown(h->name), h->name.ptr, (double)h->n_params / 1e6,
                h->n_layer, h->n_embd, h->n_vocab);
    fprintf(stderr, "llocal: memory: %.1f MiB of weights in place, %.1f for the model; context of %d: "
            "%.1f MiB (cache %.1f, scratch %.1f, logits %.1f)\n",
            (double)weights->weights_in_place / 1048576, (double)weights->bytes / 1048576, n_ctx,
            (double)context->bytes / 1048576, (double)context->cache / 1048576,
            (double)context->scratch / 1048576, (double)context->logits / 1048576);
    fprintf(stderr, "llocal: %d threads, %d prompt tokens, seed %llu, temperature %g, top-k %d, "
            "top-p %g, min-p %g\n", n_threads, n_prompt, (unsigned long long)s->rng,
            (double)s->temperature, s->top_k, (double)s->top_p, (double)s->min_p);
}

static double per_second(int n, double ms) { return ms > 0 ? n * 1e3 / ms : 0; }

static void print_summary(const screen *s, const settings *o, int n_ctx, const llocal_plan *weights,
                          const llocal_plan *context) {
    fprintf(stderr, "llocal: load %.0f ms | prompt %d tokens, %.1f tok/s | generated %d tokens, "
            "%.1f tok/s", s->load_ms,
            s->n_read, per_second(s->n_read, s->prompt_ms), s->n_tokens,
            per_second(s->n_tokens, s->generate_ms));
    if (o->rule || o->rule_file) fprintf(stderr, ", %d of them not sampled", s->n_forced);
    fprintf(stderr, " | memory %.1f MiB + %.1f MiB of weights in place | context %d (trained for %d)",
            (double)(weights->bytes + context->bytes) / 1048576,
            (double)weights->weights_in_place / 1048576, n_ctx, llocal_model_hparams(s->m)->n_ctx_train);
    if (o->sampler.temperature > 0) fprintf(stderr, " | seed %lld", o->seed);
    fprintf(stderr, " | %.2f J for the prompt, %.2f J generating (%.1f tokens a joule), %s\n", s->prompt_joules, s->generate_joules,
            s->generate_joules > 0 ? s->n_tokens / s->generate_joules : 0, s->meter.source);
}

/* Forbid every token that ends a text. */
static llocal_bias *all_biases(const settings *o, const llocal_model *m, int *n) {
    int n_vocab = llocal_model_hparams(m)->n_vocab;
    llocal_bias *b = (llocal_bias *)malloc(((size_t)n_vocab + 256) * sizeof *b);
    if (!b) return NULL;
    memcpy(b, o->bias, sizeof o->bias);
    *n = o->n_bias;
    for (llocal_token t = 0; o->ignore_eos && t < n_vocab; t++)
        if (llocal_token_is_end(m, t)) b[*n].token = t, b[(*n)++].add = -INFINITY;
    return b;
}

/* The tokens of the prompt; NULL (and a reason) when there are none. */
static llocal_token *tokenize(const llocal_model *m, const char *text, size_t len, int *n) {
    unsigned flags = LLOCAL_TOKENIZE_ADD_SPECIAL | LLOCAL_TOKENIZE_PARSE_SPECIAL;
    llocal_token *tokens;
    *n = llocal_tokenize(m, text, len, flags, NULL, 0);
    if (*n < 0) {
        fprintf(stderr, "llocal: error: the prompt: %s\n", llocal_result_name((llocal_result)-*n));
        return NULL;
    }
    tokens = (llocal_token *)malloc(((size_t)*n + 1) * sizeof *tokens);
    if (tokens) *n = llocal_tokenize(m, text, len, flags, tokens, *n);
    if (tokens && *n == 0 && llocal_token_role(m, LLOCAL_ROLE_BOS) >= 0) tokens[(*n)++] = llocal_token_role(m, LLOCAL_ROLE_BOS);
    if (tokens && *n > 0) return tokens;
    fprintf(stderr, "llocal: error: %s\n", !tokens ? "out of memory" :
            "the prompt is empty, and this model has no token to start from; give one with -p");
    free(tokens);
    return NULL;
}

/* How many positions: by default no more than the work can use, and at most as many as the model knows. */
static int choose_context(const settings *o, const llocal_model *m, int n_prompt) {
    int trained = llocal_model_hparams(m)->n_ctx_train;
    long long need = o->n_predict >= 0 && o->chat != CONVERSATION ? (long long)n_prompt + o->n_predict
                   : n_prompt + 1024 > 4096 ? (long long)n_prompt + 1024 : 4096;
    if (o->n_ctx > trained)
        fprintf(stderr, "llocal: warning: -c %d is more than the %d positions that the model was trained for; "
                "its text may make no sense beyond them\n", o->n_ctx, trained);
    if (o->n_ctx > 0) return o->n_ctx;
    return o->n_ctx == 0 || need > trained ? trained : (int)need;
}

/* A seed that --seed takes. */
static long long any_seed(const void *somewhere) {
    uint64_t x = (uint64_t)time(NULL) * 1000003u ^ (uint64_t)(now_ms() * 1e3) ^ (uint64_t)(uintptr_t)somewhere;
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
    return (long long)(x >> 33);
}

typedef struct session {
    settings *o;
    char *prompt;
    size_t len;
    llocal_token *tokens;
    int n, n_ctx;                       /* prompt tokens, positions */
    bool encodes;                       /* the prompt is a source text */
    llocal_model *m;
    llocal_context *c;
    llocal_pool *pool;
    llocal_chat *chat;
    messages said;
    llocal_chat_prompt render;          /* of what was said: its tokens are those above */
    input in;
    llocal_reply reply;
    llocal_plan weights, context;
    token_list breakers;
    screen s;
} session;

/* ---- chat ---------------------------------------------------------------------------------- */

/* The messages as tokens. */
static bool render(session *a) {
    llocal_chat_prompt *p = &a->render;
    llocal_fault fault;
    llocal_result r;
    memset(&fault, 0, sizeof fault);
    p->messages = a->said.at, p->n_messages = a->said.n, p->vars = str_of(a->o->kwargs);
    r = prompt_render(a->chat, p, &fault);
    a->tokens = p->tokens, a->n = p->n_tokens;
    if (r) print_plain(stderr, "llocal: error: %s\n", fault_text(&fault, r));
    return !r;
}

/* The next message of the user: the prompt, then, in a conversation, what is typed. False: there is none. */
static bool next_message(session *a) {
    text message = { NULL, 0, 0 };
    if (a->len > 0) append(&message, a->prompt, a->len), a->len = 0;
    while (!message.len && a->o->chat == CONVERSATION) {
        if (!read_message(&a->in, "> ", &message) && !a->in.dropped) break;
        if (a->in.dropped) message.len = 0;
        else if (a->o->escapes && message.len) message.len = unescape(message.at, message.len);
    }
    if (message.len > 0) {
        message_add(&a->said, "user")->text = give(&message);
        return true;
    }
    free(message.at);
    return false;
}

static bool open_conversation(session *a) {
    settings *o = a->o;
    llocal_fault fault;
    llocal_result r;
    text system = { NULL, 0, 0 };
    memset(&fault, 0, sizeof fault);
    r = template_open(a->m, o->chat_template, o->template_file, &fault, &a->chat);
    if (r) {
        print_plain(stderr, "llocal: error: %s%s\n", fault_text(&fault, r), template_remedy(r));
        return false;
    }
    a->render.think = o->think, a->render.now = local_time();
    if (o->think && !(llocal_chat_can(a->chat) & LLOCAL_CHAT_THINK_SWITCH)) {
        fprintf(stderr, "llocal: warning: this model's template has no switch for thinking: no use for --reasoning\n");
        a->render.think = LLOCAL_THINK_DEFAULT;
    }
    if (o->system) append_string(&system, o->system);
    if (o->system && o->escapes) system.len = unescape(system.at, system.len);
    messages_set_system(&a->said, system.at);
    free(system.at);
    if (next_message(a)) return render(a);
    if (o->chat == ONE_ANSWER) fprintf(stderr, "llocal: error: --chat wants a message; give it with -p\n");
    return o->chat == CONVERSATION;
}

static bool open_model(session *a) {
    settings *o = a->o;
    llocal_source src;
    memset(&src, 0, sizeof src);
    src.path = o->model, src.no_mmap = o->no_mmap, src.check_weights = o->check_weights, src.pre = o->pre;
    src.logger.write = log_line, src.logger.user = &o->verbose;
    if (llocal_model_plan(&src, &a->weights) || llocal_model_open(&src, &a->m)) return false;
    a->encodes = llocal_model_hparams(a->m)->encodes;
    if (o->chat) return open_conversation(a);
    a->tokens = tokenize(a->m, a->prompt, a->len, &a->n);
    if (!a->tokens) return false;
    if (a->n > 1 && a->tokens[0] == llocal_token_role(a->m, LLOCAL_ROLE_BOS) && a->tokens[1] == a->tokens[0])
        fprintf(stderr, "llocal: warning: the prompt begins with the token that begins every text (BOS), and the model's "
                "file asks for one more: it is there twice; leave it out of the prompt\n");
    return true;
}

static bool open_context(session *a) {
    settings *o = a->o;
    llocal_pool_desc threads;
    llocal_context_desc d;
    llocal_result r;
    memset(&threads, 0, sizeof threads);
    memset(&d, 0, sizeof d);
    d.n_ctx = a->n_ctx = choose_context(o, a->m, a->encodes ? 1 : a->n);
    d.n_batch = o->n_batch, d.k = o->k, d.v = o->v, d.efficient = o->efficient;
    d.n_source = o->chat == CONVERSATION ? llocal_model_hparams(a->m)->n_ctx_train : a->n;
    if (a->encodes) {}
    else if (a->n > d.n_ctx || (a->n == d.n_ctx && o->n_predict != 0)) {
        fprintf(stderr, "llocal: error: the prompt has %d tokens and the context %d; "
                "shorten it or give a larger -c\n", a->n, d.n_ctx);
        return false;
    }
    threads.n_threads = o->n_threads < 0 ? 0 : o->n_threads, threads.logger.write = log_plain;
    if (llocal_pool_open(&threads, &a->pool)) return false;
    d.workers = llocal_pool_workers(a->pool);
    d.progress = on_progress, d.progress_user = &a->s;
    r = llocal_context_plan(a->m, &d, &a->context);
    if (!r) r = llocal_context_open(a->m, &d, &a->c);
    if (r == LLOCAL_ERR_MEMORY)
        fprintf(stderr, "llocal: error: a context of %d positions takes %.1f MiB; give a smaller -c, or -ctk q8_0 -ctv q8_0\n",
                d.n_ctx, (double)a->context.bytes / 1048576);
    if (!r && o->verbose) print_settings(o, a->m, &a->weights, &a->context, d.n_ctx, a->n, d.workers.width);
    return !r;
}

static bool open_sampler(session *a) {
    settings *o = a->o;
    if (o->seed < 0) o->seed = any_seed(a);
    o->sampler.rng = (uint64_t)o->seed;
    if (memchr(o->sampler.order, LLOCAL_STAGE_INFILL, sizeof o->sampler.order)) o->sampler.infill = a->m;
    o->sampler.bias = all_biases(o, a->m, &o->sampler.n_bias);
    if (!o->sampler.bias) return false;
    if (o->sampler.dry_multiplier != 0) {
        if (!find_breakers(a->m, o, &a->breakers)) return false;
        o->sampler.dry_breakers = a->breakers.at;
    }
    return true;
}

/* The texts between bars; NULL: there is no memory. */
static llocal_str *split_choices(const char *text, int *n) {
    llocal_str *list;
    int count = 1;
    for (const char *p = text; *p; p++) count += *p == '|';
    list = (llocal_str *)malloc((size_t)count * sizeof *list);
    for (*n = 0; list && *n < count; text += list[*n].len + 1, ++*n) list[*n].ptr = text, list[*n].len = strcspn(text, "|");
    return list;
}

/* What the text keeps to. */
static bool open_rule(session *a) {
    const settings *o = a->o;
    llocal_rule_desc d;
    llocal_fault fault;
    llocal_str *choices = NULL;
    size_t len = 0;
    char *file = NULL;
    llocal_result r = LLOCAL_ERR_MEMORY;
    if (!o->rule && !o->rule_file) return true;
    memset(&d, 0, sizeof d), memset(&fault, 0, sizeof fault);
    if (o->rule_file && !(file = file_read(o->rule_file, &len))) {
        print_plain(stderr, "llocal: error: cannot read %s\n", o->rule_file);
        return false;
    }
    d.kind = o->rule_kind, d.space = LLOCAL_RULE_SPACE_ONE;    /* as people write JSON, and models have read it */
    d.text.ptr = file ? file : o->rule, d.text.len = file ? len : strlen(o->rule);
    if (d.kind == LLOCAL_RULE_CHOICES) d.choices = choices = split_choices(o->rule, &d.n_choices);
    if (d.kind != LLOCAL_RULE_CHOICES || choices) r = llocal_rule_open(a->m, &d, &fault, &a->reply.rule);
    if (r) print_plain(stderr, "llocal: error: %s\n", fault_text(&fault, r));
    free(choices), free(file);
    return !r;
}

static void open_reply(session *a) {
    settings *o = a->o;
    screen *s = &a->s;
    a->reply.context = a->c, a->reply.sampler = o->sampler, a->reply.max_tokens = o->n_predict < 0 ? 0 : o->n_predict;
    a->reply.on_text = on_text, a->reply.user = s;
    s->m = a->m, s->special = o->special;
    meter_open(&s->meter);
    s->bar = is_terminal(stderr), s->terminal = is_terminal(stdout);
}

static bool has_logits(const session *a) {
    return has_number(llocal_logits(a->c, -1), llocal_model_hparams(a->m)->n_vocab);
}

/* Evaluate and write. */
static llocal_result write_reply(session *a) {
    settings *o = a->o;
    screen *s = &a->s;
    llocal_reply *reply = &a->reply;
    llocal_stats before = llocal_context_stats(a->c), after;
    llocal_result r;
    double start = now_ms(), joules = meter_joules(&s->meter);
    s->started = start;
    if (!a->encodes) r = llocal_sync(a->c, a->tokens, a->n);
    else {
        r = llocal_encode(a->c, a->tokens, a->n);
        if (!r) r = llocal_eval(a->c, &llocal_model_hparams(a->m)->decoder_start, 1);
    }
    after = llocal_context_stats(a->c);
    s->n_read += (int)(after.tokens_prefilled + after.tokens_decoded - before.tokens_prefilled - before.tokens_decoded);
    s->prompt_ms += now_ms() - start, s->prompt_joules += meter_joules(&s->meter) - joules;
    clear_bar(s);
    start = now_ms(), joules = meter_joules(&s->meter);
    reply->state.stop = LLOCAL_STOP_NONE;
    if (!r && o->n_predict != 0 && has_logits(a)) {
        r = llocal_reply_begin(reply);
        if (!r) r = llocal_reply_step(&reply, 1, 0, NULL);
        s->n_forced += reply->state.n_forced;
    }
    s->generate_ms += now_ms() - start, s->generate_joules += meter_joules(&s->meter) - joules;
    return r;
}

/* Says whether the reply is whole. Returns the status. */
static int judge(const session *a, llocal_result r) {
    const settings *o = a->o;
    if (ferror(stdout)) fprintf(stderr, "llocal: error: cannot write to standard output\n");
    else if (interrupted) return 130;
    else if (llocal_position(a->c) > 0 && !has_logits(a))
        fprintf(stderr, "llocal: error: " NOT_NUMBERS "\n");
    else if (r && r != LLOCAL_ERR_FULL) fprintf(stderr, "llocal: error: %s\n", llocal_result_name(r));
    else if (r || a->reply.state.stop == LLOCAL_STOP_FULL) {
        bool wanted = o->n_predict == -2, all = a->n_ctx >= llocal_model_hparams(a->m)->n_ctx_train;
        fprintf(stderr, "llocal: %sthe context of %d is full, and the text has not ended; %s\n", wanted ? "" : "warning: ",
                a->n_ctx, all ? "the model was not trained for more" : "a larger -c has room for more");
        return wanted ? 0 : 3;
    } else return 0;
    return 1;
}

static int write_text(session *a) {
    llocal_result r;
    if (a->o->show_prompt && !a->encodes) put_text(&a->s, a->prompt, a->len);
    r = write_reply(a);
    end_text(&a->s);
    print_summary(&a->s, a->o, a->n_ctx, &a->weights, &a->context);
    return judge(a, r);
}

/* One answer to what was said. */
static int write_answer(session *a) {
    answer *w = (answer *)resize(NULL, sizeof *w);
    screen *s = &a->s;
    llocal_result r;
    int status;
    memset(w, 0, sizeof *w);
    w->colour = s->terminal && !getenv("NO_COLOR"), w->verbatim = !s->terminal, w->quiet = s->special;
    answer_begin(w, a->chat, &a->render);
    s->reply = w;
    r = write_reply(a);
    llocal_split_end(&w->split);
    s->reply = NULL;
    answer_part(w, LLOCAL_PART_END);
    if (s->special) end_text(s);
    else if (a->in.terminal && a->o->chat == CONVERSATION) putchar('\n');
    fflush(stdout);
    if (w->problem) print_plain(stderr, "llocal: warning: %s\n", w->problem);
    status = judge(a, r);
    if (!answer_keep(w, &a->said)) messages_cut(&a->said, a->said.n - 1);      /* as if it had not been asked */
    answer_free(w), free(w);
    return status;
}

/* Answers until nothing more is said. On a terminal Ctrl-C ends an answer, not the conversation. */
static int converse(session *a) {
    int status = 0;
    bool more = a->n > 0;
    while (more) {
        status = write_answer(a);
        if (status == 130 && a->in.terminal && a->o->chat == CONVERSATION) status = 0;
        more = !status && a->o->chat == CONVERSATION && next_message(a);
        if (more && !render(a)) return 1;
    }
    print_summary(&a->s, a->o, a->n_ctx, &a->weights, &a->context);
    return status;
}

static int run(settings *o) {
    session a;
    double start = now_ms();
    int status = 1;
    memset(&a, 0, sizeof a);
    a.o = o;
    a.prompt = read_prompt(o, &a.len);
    a.in.terminal = o->chat == CONVERSATION && is_terminal(stdin) && is_terminal(stdout);
    if (a.prompt && open_model(&a) && open_context(&a)) {
        a.s.load_ms = now_ms() - start;
        catch_interrupt(false);
        if (!open_rule(&a)) status = 1;
        else if (open_sampler(&a)) open_reply(&a), status = o->chat ? converse(&a) : write_text(&a);
        else fprintf(stderr, "llocal: error: out of memory\n");
    }
    llocal_rule_close(a.reply.rule);
    llocal_context_close(a.c);
    llocal_pool_close(a.pool);
    llocal_chat_close(a.chat);
    llocal_model_close(a.m);
    messages_cut(&a.said, 0), free(a.said.at);
    free((void *)o->sampler.bias);
    free(a.breakers.at);
    free(a.s.text.at);
    free(a.tokens);
    free(a.prompt);
    return status;
}

int main(int argc, char **argv) {
    settings o;
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
#ifdef _WIN32
    SetConsoleOutputCP(CP_UTF8);
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    o = read_options(argc, argv);
    return run(&o);
}
