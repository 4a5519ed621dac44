/* One token's way through the network, as the trace tells it.
 *
 *     look [MODEL [PROMPT]]
 *
 * Evaluates the prompt and prints its tokens, and for the last of them every value that the pass makes, in
 * the order of the pass: layer, name, shape, root mean square, smallest and largest number, and the matrix
 * that made it if one did. A name is explained where it comes first. At the end stand the tokens that the
 * model finds likeliest. Read examples/forward_by_hand.c first: these are the same values. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define MAX_TOKENS 4096

/* ---- what the names mean ----------------------------------------------------------------- */

typedef struct lesson { const char *name, *text; } lesson;

/* In the order of the pass; no architecture has all of them. */
static const lesson lessons[] = {
    { "embd",           "the token's row of the embedding table: the residual stream begins with it" },
    { "attn_norm",      "the stream, scaled to a common size: what the layer works on" },
    { "q",              "query of each head, side by side: what this token looks for" },
    { "k",              "key of each head (fewer than of queries: some share one): what it offers" },
    { "v",              "value of each head: what it hands to those that look at it" },
    { "qkv",            "query, key and value of each head, by one matrix" },
    { "q_rope",         "queries, turned by the token's position" },
    { "k_rope",         "keys, turned too: they go to the cache, with the values" },
    { "attn",           "each head's mix of the values so far, by how well key and query agree" },
    { "attn_gate",      "by how much that is let through, before a sigmoid" },
    { "attn_out",       "what the heads found, blended: to be added to the residual stream" },
    { "conv_in",        "two gates and what they gate, for the short convolution" },
    { "conv",           "the last few tokens, weighed channel by channel, and gated" },
    { "conv_out",       "what the convolution found, blended: to be added to the residual stream" },
    { "q_short",        "a short vector that all queries are made of" },
    { "kv_short",       "a short vector that all keys and values are made of: all that is kept of the token" },
    { "kv",             "keys and values of all heads, made of it" },
    { "attn_values",    "what the heads found in short vectors, made into values" },
    { "index_q",        "queries of the indexer, which chooses the tokens that attention looks at" },
    { "index_k",        "its key: by what this token may be chosen" },
    { "index_heads",    "how much each of its heads counts" },
    { "digest_kv",      "what the token brings to a key and value that it shares with its neighbours" },
    { "digest_score",   "how much of that counts, column by column" },
    { "index_kv",       "the same, for what chooses the positions worth a look" },
    { "index_score",    "how much of that counts" },
    { "attn_back",      "what the heads found, turned back by position" },
    { "attn_out_short", "that, each group of heads as a shorter vector" },
    { "stream_mix",     "how several residual streams are read, written and mixed" },
    { "draft",          "the token's row of another model's table, and that model's last vector" },
    { "draft_in",       "what follows of both: the residual stream begins with it" },
    { "draft_out",      "the vector that the next draft goes on from" },
    { "ssm_in",         "what a state space takes in, and what opens its answer" },
    { "ssm_x",          "rates, and what writes to the states and reads them" },
    { "ssm_dt",         "how fast each channel's state fades and takes in" },
    { "ssm",            "what the states answer: all tokens so far, in a fixed amount of memory" },
    { "ssm_gated",      "that, opened and closed" },
    { "ssm_norm",       "that, scaled to a common size" },
    { "ssm_out",        "what the states found, blended: to be added to the residual stream" },
    { "delta_rate_in",  "how far each head of a delta net corrects itself, before a sigmoid" },
    { "delta_decay_in", "how much each keeps, before its activation" },
    { "delta_rate",     "how far each head corrects what it says of this key" },
    { "delta_keep",     "how much each keeps of what it knew" },
    { "delta",          "what each head says to the query: its matrix of all tokens so far, asked" },
    { "delta_gate",     "what opens and closes that" },
    { "delta_norm",     "that, scaled to a common size, opened and closed" },
    { "delta_out",      "what the heads know, blended: to be added to the residual stream" },
    { "attn_post_norm", "that, scaled once more: this is what will be added" },
    { "residual",       "the residual stream, with that added" },
    { "source_norm",    "what the encoder has made of the source text, scaled: what the decoder will look at" },
    { "cross_k",        "by what each token of the source text can be found, in this layer" },
    { "cross_v",        "what it then hands over" },
    { "cross_norm",     "the stream, scaled: what looks at the source text" },
    { "cross_q",        "query of each head: what this token looks for there" },
    { "cross",          "each head's mix of the source text's values" },
    { "cross_out",      "what was found there, blended: to be added to the residual stream" },
    { "ffn_norm",       "the stream again, scaled to a common size" },
    { "ffn_router",     "a score for each expert: who should work on this token?" },
    { "ffn_probs",      "softmax of the scores; the few best experts are taken" },
    { "ffn_gate",       "how far each neuron opens, before the activation function" },
    { "ffn_up",         "what each neuron would pass on (of experts: a row for each that was chosen)" },
    { "ffn_act",        "what each neuron says now: activation(gate) x up, or without a gate activation(up)" },
    { "ffn_down",       "back to the width of the stream, a row for each expert that was chosen" },
    { "ffn_weighed",    "the stream times each expert's weight, where that is on what it gets" },
    { "ffn_short",      "the shorter vector that experts work on" },
    { "ffn_widen",      "what they say, back at the width of the stream" },
    { "ffn_shared_router", "how far the expert that works on every token is open, before a sigmoid" },
    { "ffn_shared_gate", "its neurons: how far each opens" },
    { "ffn_shared_up",  "what each would pass on" },
    { "ffn_shared_act", "what each says now" },
    { "ffn_shared_down", "and that, back at the width of the stream" },
    { "ffn_out",        "what the neurons say, back at the stream's width: to be added to the stream" },
    { "ffn_post_norm",  "that, scaled once more: this is what will be added" },
    { "per_layer_proj", "an input of its own for each layer, made of the token's embedding" },
    { "per_layer",      "that, with what a second table of embeddings says of the token" },
    { "per_layer_gate", "how far the layer's own input is open, by the stream" },
    { "per_layer_act",  "the layer's own input, opened" },
    { "per_layer_out",  "what it adds to the stream" },
    { "output_norm",    "the stream after the last layer, scaled: what should follow, as a vector" },
    { "logits",         "its dot product with each token's row of the output table: how well each fits" },
};
#define N_LESSONS ((int)(sizeof lessons / sizeof *lessons))

typedef struct walk {
    const llocal_gguf *g;
    bool on;                            /* the token that we watch is on its way */
    int layer;
    bool told[N_LESSONS];
} walk;

static void explain(walk *w, const char *name) {
    for (int i = 0; i < N_LESSONS; i++) {
        if (strcmp(lessons[i].name, name)) continue;
        if (!w->told[i]) printf("      # %s\n", lessons[i].text);
        w->told[i] = true;
        return;
    }
    printf("      # (this program has no words for the next one)\n");
}

/* ---- a line of the table ------------------------------------------------------------------ */

static void print_value(void *user, const llocal_trace *t) {
    walk *w = (walk *)user;
    char layer[16] = "", shape[32];
    float min = t->data[0], max = t->data[0];
    double squares = 0;
    if (!w->on) return;
    for (int r = 0; r < t->n_rows; r++) {
        const float *x = t->data + (size_t)r * (size_t)t->stride;
        for (int i = 0; i < t->n_cols; i++) {
            squares += (double)x[i] * x[i];
            if (x[i] < min) min = x[i];
            if (x[i] > max) max = x[i];
        }
    }
    if (t->layer != w->layer) putchar('\n');
    w->layer = t->layer;
    explain(w, t->name);
    if (t->layer >= 0) snprintf(layer, sizeof layer, "%d", t->layer);
    snprintf(shape, sizeof shape, "%d x %d", t->n_rows, t->n_cols);
    printf("%5s %-14s %10s %9.4g %9.4g %9.4g", layer, t->name, shape,
           sqrt(squares / ((double)t->n_rows * t->n_cols)), (double)min, (double)max);
    if (t->tensor >= 0) {
        llocal_tensor m = llocal_gguf_tensor(w->g, t->tensor);
        int len = shown(m.name) < 29 ? shown(m.name) : 29;
        print_plain(stdout, "  %s %.*s", llocal_format_traits(m.format).name, len, m.name.ptr);
    }
    putchar('\n');
}

/* ---- the program -------------------------------------------------------------------------- */

#define MAX_TEXT 24                     /* bytes of a token: more are cut */

/* A token's text in quotes, with nothing in it that a terminal obeys. Returns how many columns it takes. */
static int token_shown(const llocal_model *m, llocal_token t, char shown_text[4 * MAX_TEXT + 3]) {
    char text[MAX_TEXT], *out = shown_text;
    int len = llocal_token_text(m, t, true, text, MAX_TEXT), columns = 2;
    *out++ = '"';
    for (int i = 0; i < len && i < MAX_TEXT;) {
        size_t n = plain_length(text + i, (size_t)((len < MAX_TEXT ? len : MAX_TEXT) - i));
        if (n) memcpy(out, text + i, n), out += n, i += (int)n, columns++;
        else out += sprintf(out, "\\x%02x", (unsigned char)text[i++]), columns += 4;
    }
    memcpy(out, "\"", 2);
    return columns;
}

static void print_prompt(const llocal_model *m, const llocal_token *tokens, int n) {
    char text[4 * MAX_TEXT + 3];
    int column = printf("tokens:");
    for (int i = 0; i < n; i++) {
        int columns = token_shown(m, tokens[i], text) + 9;
        if (column + columns > 100) printf("\n       "), column = 7;
        column += printf(" %d %s", tokens[i], text);
    }
    putchar('\n');
}

static bool look(const llocal_model *m, const llocal_token *tokens, int n) {
    walk w;
    llocal_context_desc d;
    llocal_context *c = NULL;
    llocal_score top[5];
    char text[4 * MAX_TEXT + 3];
    bool ok;
    memset(&d, 0, sizeof d), memset(&w, 0, sizeof w);
    d.trace = print_value, d.trace_user = &w, d.n_ctx = n;
    w.g = llocal_model_gguf(m), w.layer = -2;
    if (llocal_context_open(m, &d, &c)) return false;
    ok = n == 1 || !llocal_eval(c, tokens, n - 1);      /* the tokens before it: into the cache, unseen */
    print_prompt(m, tokens, n);
    token_shown(m, tokens[n - 1], text);
    printf("\nThe way of the last one, %s:\n\n%5s %-14s %10s %9s %9s %9s  %s\n", text, "layer", "name", "shape", "rms",
           "min", "max", "matrix");
    w.on = true;
    ok = ok && !llocal_eval(c, tokens + n - 1, 1);
    printf("\nlikeliest to follow:\n");
    n = ok ? llocal_top(llocal_logits(c, -1), llocal_model_hparams(m)->n_vocab, top, 5) : 0;
    for (int i = 0; i < n; i++) {
        token_shown(m, top[i].token, text);
        printf("%8.2f %%  logit %8.4f  %s\n", 100 * (double)top[i].p, (double)top[i].logit, text);
    }
    llocal_context_close(c);
    return ok;
}

int main(int argc, char **argv) {
    static llocal_token tokens[MAX_TOKENS];
    const char *prompt;
    llocal_source src;
    llocal_model *m = NULL;
    bool ok;
    int n;
    argv = system_arguments(&argc, argv);
    if (!argv || argc > 3 || (argc > 1 && argv[1][0] == '-')) {
        fprintf(stderr, "usage: look [MODEL [PROMPT]]\n");
        return 2;
    }
    prompt = argc > 2 ? argv[2] : "Once upon a time";
    memset(&src, 0, sizeof src);
    src.path = argc > 1 ? argv[1] : "examples/tiny.gguf", src.logger.write = log_plain;
    if (llocal_model_open(&src, &m)) return 1;
    n = llocal_tokenize(m, prompt, strlen(prompt), LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, MAX_TOKENS);
    ok = n >= 1 && n <= MAX_TOKENS;
    if (ok) ok = look(m, tokens, n);
    else fprintf(stderr, "look: error: the prompt should have 1 to %d tokens\n", MAX_TOKENS);
    llocal_model_close(m);
    return ok ? 0 : 1;
}
