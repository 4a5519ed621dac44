/* One HTML page that shows what a model does with a text: each head's attention, what each layer would
 * say, the largest activations, and the tokens that were in the running.
 *
 *     xray [MODEL [TEXT [N]]] > page.html
 *
 * The model reads the text and writes up to N tokens behind it (24), the likeliest each time; then the whole
 * is evaluated once more under the trace, which hands out every value that the page needs. Attention weights
 * it does not hand out: they are computed again from queries and keys, in plain loops, and so is the logit
 * lens. Both are compared with what the library made of the same values, and the program ends with status 1
 * rather than draw something else. The page needs nothing but a browser, and asks nobody for anything; what
 * it shows first can stand in its address: page.html#layer=3&head=2&token=33 */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define MAX_TOKENS 256                  /* of text and what is written: the pictures grow with its square */
#define DEFAULT_TEXT "Task: repeat\nText: the blue kite flies over the old mill\nAnswer:"     /* tiny.gguf copies it */
#define N_GUESSES  5                    /* of the lens */
#define N_RIVALS   8
#define N_LARGEST  8                    /* activations */

static void fail(const char *what, const char *which) {
    print_plain(stderr, "xray: error: %s%s\n", what, which);
    exit(1);
}

static void *room(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size);
    if (!p) fail("out of memory", "");
    return p;
}
static float *floats(size_t n) { return (float *)room(n, sizeof(float)); }

/* ---- the model --------------------------------------------------------------------------- */

typedef struct guess { llocal_token token; float p; } guess;
typedef struct largest { int i; float x; } largest;
typedef struct written { float p; int rank; } written;

/* Letters as in forward_by_hand.c: T tokens, E width, H heads, G of keys and values, D their width. */
typedef struct xray {
    const llocal_model *m;
    const llocal_gguf *g;
    const char *arch;
    int T, E, H, G, D, L, V, n_prompt;
    float eps;
    llocal_token tokens[MAX_TOKENS + 1];        /* and the one behind them */

    /* of the layer that is at work */
    float *q, *k, *v;                   /* [T][H D], [T][G D], [T][G D]: as attention takes them */
    float *mix;                         /* [T][H D]: what attention should give */
    int32_t *expert;                    /* [T][n_expert_used]: who works on each token */

    /* for the page; layer L of the streams is the last, 0 the embedding */
    uint8_t *attention;                 /* [L][H][T (T + 1) / 2] in 255ths */
    float *stream;                      /* [L + 1][T][E] */
    guess *lens;                        /* [L + 1][T][N_GUESSES] */
    guess *rivals;                      /* [T][N_RIVALS] */
    written *next;                      /* [L + 1][T]: the next token's chance and rank */
    largest *neurons, *channels;        /* [L][T][N_LARGEST] */
    bool *has_neurons;                  /* [L] */
    double attention_off, lens_off;
} xray;

/* A vector or, with row, a row of a matrix, as floats. */
static void read_row(const llocal_gguf *g, int tensor, int64_t row, float *out, int n) {
    llocal_tensor t = llocal_gguf_tensor(g, tensor);
    size_t bytes = (size_t)llocal_format_bytes(t.format, (uint64_t)n);
    void *raw = room(bytes, 1);
    if (t.dim[0] != n || llocal_gguf_read(g, tensor, (uint64_t)row * bytes, raw, bytes) ||
        llocal_dequantize(t.format, raw, out, (size_t)n))
        fail("cannot read a tensor of the model", "");
    free(raw);
}

static double number(const xray *r, const char *key, double otherwise) {
    char full[128];
    int i;
    llocal_meta m;
    snprintf(full, sizeof full, "%s.%s", r->arch, key);
    i = llocal_gguf_meta_find(r->g, full);
    if (i < 0) return otherwise;
    m = llocal_gguf_meta(r->g, i);
    if (m.type == LLOCAL_META_STRING || m.type == LLOCAL_META_ARRAY) fail("not one number: ", full);
    return m.type == LLOCAL_META_F32 || m.type == LLOCAL_META_F64 ? m.as.f : (double)m.as.i;
}

static void read_shape(xray *r) {
    static const char *const known[] = { "llama", "qwen2", "qwen3", "qwen3moe", "gemma3" };
    const llocal_hparams *hp = llocal_model_hparams(r->m);
    char name[64];
    snprintf(name, sizeof name, "%.*s", hp->arch.len < 40 ? (int)hp->arch.len : 40, hp->arch.ptr);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(name, known[i])) r->arch = known[i];
    if (!r->arch) fail("this program draws llama, qwen2, qwen3, qwen3moe and gemma3, but the model is ", name);
    r->E = hp->n_embd, r->H = hp->n_head, r->G = hp->n_head_kv, r->D = hp->head_dim;
    r->L = hp->n_layer, r->V = hp->n_vocab;
    r->eps = (float)number(r, "attention.layer_norm_rms_epsilon", 1e-5);
}

/* ---- plain loops ------------------------------------------------------------------------- */

static void rms_norm(float *y, const float *x, const float *weight, int n, float eps) {
    double squares = 0;
    float scale;
    for (int i = 0; i < n; i++) squares += (double)x[i] * x[i];
    scale = (float)(1 / sqrt(squares / n + eps));
    for (int i = 0; i < n; i++) y[i] = x[i] * scale * weight[i];
}

static void softmax(float *x, int n) {
    float max = x[0];
    double sum = 0;
    for (int i = 1; i < n; i++) if (x[i] > max) max = x[i];
    for (int i = 0; i < n; i++) sum += x[i] = (float)exp(x[i] - max);
    for (int i = 0; i < n; i++) x[i] = (float)(x[i] / sum);
}

/* Eight sums side by side, which compilers make fast. */
static float dot(const float *a, const float *b, int n) {
    float sum[8] = { 0, 0, 0, 0, 0, 0, 0, 0 };
    int i = 0;
    for (; i + 8 <= n; i += 8) for (int j = 0; j < 8; j++) sum[j] += a[i + j] * b[i + j];
    for (; i < n; i++) sum[0] += a[i] * b[i];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

static void find_largest(const float *x, int n, largest *out) {
    int have = 0;
    for (int i = 0; i < n; i++) {
        int at = have < N_LARGEST ? have++ : N_LARGEST;
        if (at == N_LARGEST && fabsf(out[at - 1].x) >= fabsf(x[i])) continue;
        if (at == N_LARGEST) at--;
        for (; at > 0 && fabsf(out[at - 1].x) < fabsf(x[i]); at--) out[at] = out[at - 1];
        out[at].i = i, out[at].x = x[i];
    }
    for (; have < N_LARGEST; have++) out[have].i = -1;
}

/* How far two rows are apart: the root mean square of the difference, by that of the second; 9: at least
 * one is no number. */
static double difference(const float *a, const float *b, int n) {
    double squares = 0, size = 0;
    for (int i = 0; i < n; i++) {
        squares += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        size += (double)b[i] * b[i];
    }
    squares = sqrt(squares / (size > 0 ? size : 1));
    return squares < 9 ? squares : 9;
}
static void note(double *worst, double off) { if (off > *worst) *worst = off; }

/* ---- what the trace hands out ------------------------------------------------------------ */

static const float *row(const llocal_trace *t, int i) { return t->data + (size_t)i * (size_t)t->stride; }

static float *copy_rows(float *to, const llocal_trace *t) {
    const size_t n = (size_t)t->n_cols;
    for (int i = 0; i < t->n_rows; i++) memcpy(to + (size_t)i * n, row(t, i), n * sizeof *to);
    return to;
}

/* Keeps what each head takes from each token, and the mix of values that this gives: forward_by_hand.c
 * explains it. */
static void attend(xray *r, int layer) {
    const size_t D = (size_t)r->D, G = (size_t)r->G, H = (size_t)r->H;
    const size_t triangle = (size_t)r->T * ((size_t)r->T + 1) / 2;
    float share[MAX_TOKENS];
    for (int t = 0; t < r->T; t++)
        for (size_t h = 0; h < H; h++) {
            const size_t kv = h / (H / G);
            float *mix = r->mix + ((size_t)t * H + h) * D;
            uint8_t *out = r->attention + ((size_t)layer * H + h) * triangle + (size_t)t * ((size_t)t + 1) / 2;
            for (int u = 0; u <= t; u++)
                share[u] = dot(r->q + ((size_t)t * H + h) * D, r->k + ((size_t)u * G + kv) * D, r->D) / sqrtf((float)r->D);
            softmax(share, t + 1);
            memset(mix, 0, D * sizeof *mix);
            for (int u = 0; u <= t; u++) {
                const float *value = r->v + ((size_t)u * G + kv) * D;
                for (size_t i = 0; i < D; i++) mix[i] += share[u] * value[i];
                out[u] = (uint8_t)(255 * share[u] + 0.5f);
            }
        }
}

/* The stream at the end of a layer; before the first, and in the middle of one, there is nothing to note. */
static void keep_stream(xray *r, const llocal_trace *t) {
    const size_t T = (size_t)r->T, E = (size_t)r->E;
    copy_rows(r->stream + (size_t)(t->layer + 1) * T * E, t);
    for (int i = 0; i < r->T && t->layer >= 0; i++)
        find_largest(row(t, i), r->E, r->channels + ((size_t)t->layer * T + (size_t)i) * N_LARGEST);
}

static bool is(const llocal_trace *t, const char *name, int n_cols) {
    if (strcmp(t->name, name)) return false;
    if (n_cols && t->n_cols != n_cols) fail("a width that this program did not expect: ", name);
    return true;
}

/* The numbers between the two halves of the feed-forward part; of experts there is a row for each that was chosen,
 * whose numbers follow those of the expert before it. */
static void note_neurons(xray *r, const llocal_trace *t) {
    const int per = t->n_rows / r->T, n = t->n_cols;
    float *all = floats((size_t)per * (size_t)n);
    r->has_neurons[t->layer] = true;
    for (int i = 0; i < r->T; i++) {
        largest *out = r->neurons + ((size_t)t->layer * (size_t)r->T + (size_t)i) * N_LARGEST;
        for (int k = 0; k < per; k++) memcpy(all + (size_t)k * (size_t)n, row(t, i * per + k), (size_t)n * sizeof *all);
        find_largest(all, per * n, out);
        for (int k = 0; k < N_LARGEST && per > 1; k++)
            if (out[k].i >= 0) out[k].i = r->expert[i * per + out[k].i / n] * n + out[k].i % n;
    }
    free(all);
}

static void on_trace(void *user, const llocal_trace *t) {
    xray *r = (xray *)user;
    const int QD = r->H * r->D, KD = r->G * r->D;
    if (is(t, "embd", r->E) || is(t, "residual", r->E)) keep_stream(r, t);      /* the second of a layer stays */
    else if (is(t, "v", KD)) copy_rows(r->v, t);
    else if (is(t, "q_rope", QD)) copy_rows(r->q, t);
    else if (is(t, "k_rope", KD)) copy_rows(r->k, t), attend(r, t->layer);
    else if (is(t, "attn", QD))
        for (int i = 0; i < r->T; i++)
            note(&r->attention_off, difference(r->mix + (size_t)i * (size_t)QD, row(t, i), QD));
    else if (is(t, "ffn_up", 0) && t->expert) memcpy(r->expert, t->expert, (size_t)t->n_rows * sizeof *r->expert);
    else if (is(t, "ffn_act", 0)) note_neurons(r, t);
}

/* ---- the logit lens ---------------------------------------------------------------------- */

/* What a row of logits says: the best tokens, and the chance and rank of the one that came. */
static void judge(const xray *r, const float *logits, llocal_token next, guess *best, int n, written *w) {
    llocal_score top[N_RIVALS];
    int got = llocal_top(logits, r->V, top, n);
    for (int i = 0; i < n; i++) best[i].token = i < got ? top[i].token : -1, best[i].p = i < got ? top[i].p : 0;
    w->p = got ? top[0].p * expf(logits[next] - top[0].logit) : 0;
    w->rank = 1;
    for (int i = 0; i < r->V; i++) w->rank += logits[i] > logits[next];
}

/* Every layer's stream through the last norm and the output table, row by row of the table. The last layer is
 * what the library says itself; there, the rows that were computed are compared with its own. */
static void look_through(xray *r, llocal_context *c) {
    const size_t T = (size_t)r->T, E = (size_t)r->E, V = (size_t)r->V;
    int head = llocal_gguf_tensor_find(r->g, "output.weight");
    float *weight = floats(E), *weights_of = floats(E), *y = floats(T * E), *logits = floats(T * V);
    if (head < 0) head = llocal_gguf_tensor_find(r->g, "token_embd.weight");
    read_row(r->g, llocal_gguf_tensor_find(r->g, "output_norm.weight"), 0, weight, r->E);
    for (int layer = 0; layer <= r->L; layer++) {
        const float *x = r->stream + (size_t)layer * T * E;
        for (size_t t = 0; t < T; t++) rms_norm(y + t * E, x + t * E, weight, r->E, r->eps);
        for (size_t o = 0; o < V; o++) {
            read_row(r->g, head, (int64_t)o, weights_of, r->E);
            for (size_t t = 0; t < T; t++) logits[t * V + o] = dot(weights_of, y + t * E, r->E);
        }
        for (size_t t = 0; t < T; t++) {
            const float *of = logits + t * V;
            const size_t at = (size_t)layer * T + t;
            if (layer == r->L) {
                of = llocal_logits(c, (int)t);
                note(&r->lens_off, difference(logits + t * V, of, r->V));
                judge(r, of, r->tokens[t + 1], r->rivals + t * N_RIVALS, N_RIVALS, &r->next[at]);
            }
            judge(r, of, r->tokens[t + 1], r->lens + at * N_GUESSES, N_GUESSES, &r->next[at]);
        }
        if (is_terminal(stderr)) fprintf(stderr, "\rlens: layer %d of %d%s", layer, r->L, layer < r->L ? "" : "\n");
    }
    free(weight), free(weights_of), free(y), free(logits);
}

/* ---- the page: the data stands between its two halves -------------------------------------- */

static const char *const page_head[] = {
    "<!doctype html>",
    "<html lang='en'>",
    "<head>",
    "<meta charset='utf-8'>",
    "<meta name='viewport' content='width=device-width, initial-scale=1'>",
    "<meta http-equiv='Content-Security-Policy' content='default-src &apos;none&apos;; script-src",
    "  &apos;unsafe-inline&apos;; style-src &apos;unsafe-inline&apos;; img-src data:'>",
    "<link rel='icon' href='data:,'>",
    "<title>An x-ray of a text</title>",
    "<style>",
    ":root { color-scheme: light dark; --page: #fbfbfa; --ink: #1c1d1f; --soft: #686c72; --line: #d9dbdd;",
    "  --blue: 36 98 186; --fill: 36 98 186; --chosen: 186 92 14; }",
    "@media (prefers-color-scheme: dark) {",
    "  :root { --page: #16181b; --ink: #e6e7e8; --soft: #9a9fa6; --line: #363a40; --blue: 108 166 250;",
    "    --fill: 56 112 200; --chosen: 240 160 84; }",
    "}",
    "* { box-sizing: border-box; }",
    "body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--page); color: var(--ink);",
    "  font: 16px/1.5 system-ui, sans-serif; }",
    "h1 { font-size: 1.5rem; margin: 0 0 .2rem; }",
    "h2 { font-size: 1.1rem; margin: 2rem 0 .2rem; }",
    "p { margin: .2rem 0 .6rem; max-width: 46rem; }",
    ".soft { color: var(--soft); font-size: .9rem; }",
    "code, .token, td, th { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: .85rem; }",
    ".controls { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem;",
    "  padding: .5rem 0; background: var(--page); border-bottom: 1px solid var(--line); }",
    ".controls label { flex: 1 1 6.5rem; font-size: .9rem; }",
    ".controls input { display: block; width: 100%; accent-color: rgb(var(--blue)); }",
    "output { font-weight: 600; }",
    ".text { display: flex; flex-wrap: wrap; gap: .25rem; margin: .6rem 0; }",
    ".token { border: 1px solid var(--line); border-radius: .25rem; padding: .1rem .25rem; min-width: 1.2rem;",
    "  color: inherit; background: none; white-space: pre; cursor: pointer; max-width: 100%; overflow:",
    "  hidden; }",
    ".token.later { opacity: .45; border-style: dashed; }",
    ".token.now { border-color: rgb(var(--chosen)); box-shadow: 0 0 0 1px rgb(var(--chosen)); }",
    ".heads { display: flex; flex-wrap: wrap; gap: .4rem; margin: .6rem 0; }",
    ".heads button { border: 1px solid var(--line); border-radius: .25rem; padding: .2rem; background: none;",
    "  color: inherit; font-size: .8rem; cursor: pointer; }",
    ".heads button.now { border-color: rgb(var(--chosen)); box-shadow: 0 0 0 1px rgb(var(--chosen)); }",
    ".heads canvas { display: block; width: 4.2rem; height: 4.2rem; }",
    "#map { display: block; width: 100%; max-width: 34rem; border: 1px solid var(--line); cursor: crosshair;",
    "  image-rendering: pixelated; }",
    ".wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .25rem; margin: .6rem 0; }",
    "table { border-collapse: collapse; }",
    "td, th { padding: .15rem .35rem; text-align: left; white-space: pre; font-weight: normal; }",
    "th { color: var(--soft); }",
    "#grid td { max-width: 6rem; overflow: hidden; text-overflow: ellipsis; border-left: 1px solid",
    "  var(--line); cursor: pointer; }",
    "#grid .now { box-shadow: inset 0 0 0 1px rgb(var(--chosen)); }",
    "#grid th:first-child, #lens th:first-child { position: sticky; left: 0; background: var(--page); }",
    ".bars { display: grid; grid-template-columns: minmax(4rem, max-content) 1fr max-content; gap: .15rem",
    "  .6rem; align-items: center; max-width: 34rem; font-size: .85rem; }",
    ".bars code { max-width: 10rem; overflow: hidden; text-overflow: ellipsis; white-space: pre; }",
    ".bars .bar { height: .8rem; min-width: 1px; background: rgb(var(--blue)); border-radius: .15rem; }",
    ".bars .minus { background: rgb(var(--blue) / .4); }",
    ".bars .chosen { background: rgb(var(--chosen)); }",
    ".bars .value { text-align: right; font-variant-numeric: tabular-nums; white-space: pre; }",
    ".pair { display: flex; flex-wrap: wrap; gap: 0 3rem; }",
    ".pair > div { flex: 1 1 18rem; }",
    "#checks { margin-top: 2rem; }",
    "h3 { font-size: .95rem; margin: .6rem 0 .2rem; }",
    "</style>",
    "</head>",
    "<body>",
    "<h1>An x-ray of a text</h1>",
    "<p id='what' class='soft'></p>",
    "<div class='controls'>",
    "<label>layer <output id='layer_is'></output><input id='layer' type='range' min='0'></label>",
    "<label>head <output id='head_is'></output><input id='head' type='range' min='0'></label>",
    "<label>token <output id='token_is'></output><input id='token' type='range' min='0'></label>",
    "</div>",
    "",
    "<h2>The text</h2>",
    "<p class='soft'>Every box is a token. Choose one; the others are shaded by how much the chosen head",
    "  takes from each of them. A token cannot look ahead: what comes later is dashed. Underlined tokens were",
    "  written by the model; a dot is a space.</p>",
    "<div id='text' class='text'></div>",
    "<p id='looks'></p>",
    "",
    "<h2>Attention</h2>",
    "<p class='soft'>All heads of the layer, and below the chosen one in large. Each row is a token that",
    "  looks, each column one that is looked at; the darker, the more it takes. A line just below the",
    "  diagonal is a head that looks one token back; filled first columns are a head that finds nothing and",
    "  rests on the start; a line further left is one that reads along in earlier text, as copying needs",
    "  it.</p>",
    "<div id='heads' class='heads'></div>",
    "<canvas id='map' role='img' aria-label='attention of the chosen head'></canvas>",
    "<p id='spot' class='soft'>Point at the picture to read it; choose a row to choose its token.</p>",
    "",
    "<h2>Logit lens</h2>",
    "<p class='soft'>If the layers behind it were left out, what would the model say? The residual stream",
    "  after each layer, through the last norm and the output table. First for the chosen token, then the",
    "  best guess for each. <span id='tied'></span></p>",
    "<div class='wide'><table id='lens'></table></div>",
    "<div class='wide'><table id='grid'></table></div>",
    "",
    "<h2>What comes next</h2>",
    "<p id='chosen'></p>",
    "<div id='rivals' class='bars'></div>",
    "",
    "<h2>Largest activations</h2>",
    "<p class='soft'>Of the chosen layer and token. A neuron is one of the numbers between the two halves of",
    "  the feed-forward part (of experts, they are counted through: the second begins where the first",
    "  ends); a channel is one of the numbers that describe the token. Pale bars are negative.</p>",
    "<div class='pair'>",
    "<div><h3>neurons</h3><div id='neurons' class='bars'></div></div>",
    "<div><h3>channels of the stream, after the layer</h3><div id='channels' class='bars'></div></div>",
    "</div>",
    "<p id='checks' class='soft'></p>",
    NULL };

static const char *const page_tail[] = {
    "<script>",
    "'use strict';",
    "const data = JSON.parse(document.getElementById('data').textContent);",
    "const T = data.tokens.length, L = data.n_layer, H = data.n_head;",
    "const bytes = Uint8Array.from(atob(data.attention), c => c.charCodeAt(0));",
    "const at = { layer: 0, head: 0, token: Math.min(data.n_prompt, T - 1) };",
    "const $ = id => document.getElementById(id);",
    "",
    "// How much of token u token t takes, 0 to 1; the triangle u <= t of each head, one after the other.",
    "const share = (layer, head, t, u) => bytes[(layer * H + head) * T * (T + 1) / 2 + t * (t + 1) / 2 + u] / 255;",
    "",
    "// Texts come from a model and a prompt: they only ever become the text of an element.",
    "function add(parent, tag, text, name) {",
    "  const e = parent.appendChild(document.createElement(tag));",
    "  if (text !== undefined) e.textContent = text;",
    "  if (name) e.className = name;",
    "  return e;",
    "}",
    "const empty = id => { const e = $(id); e.textContent = ''; return e; };",
    "const show = id => data.texts[id].replaceAll(String.fromCharCode(10), '\\u21b5').replaceAll(' ', '\\u00b7');",
    "const place = t => quote(data.tokens[t]) + ' (' + t + ')';",
    "const quote = id => '\\u201c' + show(id) + '\\u201d';",
    "const percent = p => p < 0.0001 ? '< 0.01 %' : (100 * p).toFixed(p < 0.1 || p > 0.99 ? 2 : 1) + ' %';",
    "const blue = strength => 'rgb(var(--fill) / ' + (0.75 * strength).toFixed(3) + ')';",
    "",
    "const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim();",
    "",
    "// Small shares would be invisible: the square root lifts them.",
    "function draw(canvas, layer, head, size) {",
    "  const c = canvas.getContext('2d'), ink = colour('--blue');",
    "  canvas.width = canvas.height = T * size;",
    "  for (let t = 0; t < T; t++) for (let u = 0; u <= t; u++) {",
    "    c.fillStyle = 'rgb(' + ink + ' / ' + Math.sqrt(share(layer, head, t, u)) + ')';",
    "    c.fillRect(u * size, t * size, size, size);",
    "  }",
    "  return c;",
    "}",
    "",
    "function drawMap() {",
    "  const size = Math.max(4, Math.floor(1024 / T)), c = draw($('map'), at.layer, at.head, size);",
    "  c.strokeStyle = 'rgb(' + colour('--chosen') + ')';",
    "  const w = c.lineWidth = Math.max(2, T * size / 250);",
    "  c.strokeRect(w / 2, at.token * size, (at.token + 1) * size - w, size);",
    "}",
    "",
    "// In words, what the pointer is at.",
    "function tellSpot(t, u) {",
    "  $('spot').textContent = place(t) + (u > t ? ' cannot look ahead' :",
    "    ' takes ' + percent(share(at.layer, at.head, t, u)) + ' from ' + place(u));",
    "}",
    "",
    "function drawHeads() {",
    "  const box = empty('heads');",
    "  for (let h = 0; h < H; h++) {",
    "    const b = add(box, 'button', undefined, h === at.head ? 'now' : '');",
    "    draw(add(b, 'canvas'), at.layer, h, 2);",
    "    add(b, 'span', 'head ' + h);",
    "    b.onclick = () => go({ head: h });",
    "  }",
    "}",
    "",
    "function drawText() {",
    "  const box = empty('text');",
    "  data.tokens.forEach((id, u) => {",
    "    const e = add(box, 'button', show(id), 'token');",
    "    if (u > at.token) e.classList.add('later');",
    "    else e.style.background = blue(Math.sqrt(share(at.layer, at.head, at.token, u)));",
    "    if (u === at.token) e.classList.add('now');",
    "    if (u >= data.n_prompt) e.style.textDecoration = 'underline';",
    "    e.title = 'token ' + u + ', number ' + id + ' of the vocabulary';",
    "    e.onclick = () => go({ token: u });",
    "  });",
    "  const most = [];",
    "  for (let u = 0; u <= at.token; u++) most.push([share(at.layer, at.head, at.token, u), u]);",
    "  most.sort((a, b) => b[0] - a[0]);",
    "  const told = most.slice(0, 4).filter(m => m[0] > 0).map(m => place(m[1]) + ' ' + percent(m[0])).join(', ');",
    "  $('looks').textContent =",
    "    'In layer ' + at.layer + ', head ' + at.head + ', ' + place(at.token) + ' looks at ' + told + '.';",
    "}",
    "",
    "// Row 0 is the embedding, row n the stream after layer n - 1; the last is what the model says.",
    "const lensName = n => n === 0 ? 'embedding' : 'layer ' + (n - 1);",
    "function drawLens() {",
    "  const table = empty('lens'), grid = empty('grid'), next = data.next[at.token];",
    "  const top = add(table, 'tr');",
    "  add(top, 'th', 'after');",
    "  add(top, 'th', quote(next) + ' has');",
    "  for (let i = 1; i <= data.lens[0][0].length; i++) add(top, 'th', 'guess ' + i);",
    "  for (let n = 0; n <= L; n++) {",
    "    const row = add(table, 'tr');",
    "    add(row, 'th', lensName(n));",
    "    add(row, 'td', percent(data.written[n][at.token][0]) + ', rank ' + data.written[n][at.token][1]);",
    "    for (const [id, p] of data.lens[n][at.token]) {",
    "      const cell = add(row, 'td', show(id) + '  ' + percent(p));",
    "      cell.style.background = blue(p);",
    "      if (id === next) cell.style.boxShadow = 'inset 0 0 0 1px rgb(var(--chosen))';",
    "    }",
    "  }",
    "  const heads = add(grid, 'tr');",
    "  add(heads, 'th', 'token');",
    "  data.tokens.forEach(id => add(heads, 'th', show(id)));",
    "  for (let n = 0; n <= L; n++) {",
    "    const row = add(grid, 'tr');",
    "    add(row, 'th', lensName(n));",
    "    for (let t = 0; t < T; t++) {",
    "      const [id, p] = data.lens[n][t][0], cell = add(row, 'td', show(id), t === at.token ? 'now' : '');",
    "      cell.style.background = blue(p);",
    "      cell.title = percent(p);",
    "      cell.onclick = () => go({ token: t });",
    "    }",
    "  }",
    "  const now = grid.querySelector('td.now'), box = grid.parentElement;",
    "  box.scrollLeft = now.offsetLeft - box.clientWidth / 2;",
    "}",
    "",
    "function bar(box, name, size, value, kind) {",
    "  add(box, 'code', name);",
    "  add(add(box, 'div'), 'div', undefined, 'bar ' + kind).style.width = (100 * size).toFixed(2) + '%';",
    "  add(box, 'div', value, 'value');",
    "}",
    "",
    "function drawNext() {",
    "  const box = empty('rivals'), t = at.token, next = data.next[t], rivals = data.rivals[t];",
    "  const [p, rank] = data.written[L][t];",
    "  $('chosen').textContent =",
    "    'After ' + quote(data.tokens[t]) + ' the model gives ' + quote(next) + ' ' + percent(p) +",
    "    (t + 1 < data.n_prompt ? '; it is what the prompt goes on with.' :",
    "      t + 1 < T ? '; it was written.' : '; it would be written next.');",
    "  for (const [id, q] of rivals) bar(box, show(id), q, percent(q), id === next ? 'chosen' : '');",
    "  if (!rivals.some(r => r[0] === next)) bar(box, show(next), p, percent(p) + ', rank ' + rank, 'chosen');",
    "}",
    "",
    "function drawLargest(id, list, name) {",
    "  const box = empty(id);",
    "  if (!list.length) add(box, 'span', 'the layer has none', 'soft');",
    "  for (const [i, x] of list)",
    "    bar(box, name + ' ' + i, Math.abs(x / (list[0][1] || 1)), x.toPrecision(4), x < 0 ? 'minus' : '');",
    "}",
    "",
    "function drawAll() {",
    "  for (const name of ['layer', 'head', 'token']) $(name).value = $(name + '_is').textContent = at[name];",
    "  drawText(); drawHeads(); drawMap(); drawLens(); drawNext();",
    "  drawLargest('neurons', data.neurons[at.layer][at.token], 'neuron');",
    "  drawLargest('channels', data.channels[at.layer][at.token], 'channel');",
    "}",
    "",
    "// The choice stands in the address: #layer=2&head=1&token=5.",
    "function go(change) {",
    "  Object.assign(at, change);",
    "  history.replaceState(null, '', '#layer=' + at.layer + '&head=' + at.head + '&token=' + at.token);",
    "  drawAll();",
    "}",
    "// To begin with: the head that looks most sharply at something but the first token, itself and its neighbour.",
    "function sharpest() {",
    "  let best = -1;",
    "  for (let layer = 0; layer < L; layer++) for (let head = 0; head < H; head++) {",
    "    let sum = 0;",
    "    for (let t = Math.min(data.n_prompt, T - 1); t < T; t++) {",
    "      let most = 0;",
    "      for (let u = 1; u < t - 1; u++) most = Math.max(most, share(layer, head, t, u));",
    "      sum += most;",
    "    }",
    "    if (sum > best) best = sum, at.layer = layer, at.head = head;",
    "  }",
    "}",
    "function readAddress() {",
    "  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))",
    "    if (Object.hasOwn(at, name) && Number.isInteger(+value))",
    "      at[name] = Math.min(Math.max(+value, 0), +$(name).max);",
    "  drawAll();",
    "}",
    "",
    "$('layer').max = L - 1, $('head').max = H - 1, $('token').max = T - 1;",
    "for (const name of ['layer', 'head', 'token']) $(name).oninput = e => go({ [name]: +e.target.value });",
    "const cellAt = e => {",
    "  const box = $('map').getBoundingClientRect();",
    "  const cell = x => Math.min(T - 1, Math.max(0, Math.floor(x / box.width * T)));",
    "  return [cell(e.clientY - box.top), cell(e.clientX - box.left)];",
    "};",
    "$('map').onpointermove = e => tellSpot(...cellAt(e));",
    "$('map').onclick = e => go({ token: cellAt(e)[0] });",
    "$('what').textContent = data.model + ': ' + data.arch + ', ' + L + ' layers, ' + H + ' heads, width ' +",
    "  data.n_embd + ', a vocabulary of ' + data.n_vocab + '. The text has ' + data.n_prompt + ' tokens, and the model wrote ' +",
    "  (T - data.n_prompt) + ' behind it, the likeliest each time.';",
    "if (data.tied)",
    "  $('tied').textContent = 'This model reads and writes by one table, so the embedding alone says the token itself.';",
    "$('checks').textContent = data.checks;",
    "matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);",
    "addEventListener('hashchange', readAddress);",
    "sharpest();",
    "readAddress();",
    "</script>",
    "</body>",
    "</html>",
    NULL };

/* ---- writing it ---------------------------------------------------------------------------- */

static void print_lines(const char *const *line) {
    for (; *line; line++) puts(*line);
}

/* A JSON string that is also harmless inside a page: no character of it can be markup, and what is no UTF-8
 * or controls something is shown as \x1b. */
static void print_json(const char *text, size_t len) {
    putchar('"');
    while (len > 0) {
        size_t n = plain_length(text, len);
        if (!n && *text == '\n') fputs("\\n", stdout), n = 1;
        else if (!n) printf("\\\\x%02x", (unsigned char)*text), n = 1;
        else if (strchr("<>&'\"\\", *text)) printf("\\u%04x", (unsigned char)*text);
        else fwrite(text, 1, n, stdout);
        text += n, len -= n;
    }
    putchar('"');
}

static void print_token(const xray *r, llocal_token t) {
    int len = llocal_token_text(r->m, t, true, NULL, 0);
    char *text = (char *)room(len > 0 ? (size_t)len : 1, 1);
    if (len > 0) llocal_token_text(r->m, t, true, text, len);
    print_json(text, len > 0 ? (size_t)len : 0);
    free(text);
}

/* Texts of the tokens that the page speaks of, by their numbers. */
static void print_texts(const xray *r) {
    const size_t n_lens = (size_t)(r->L + 1) * (size_t)r->T * N_GUESSES, n_rivals = (size_t)r->T * N_RIVALS;
    bool *used = (bool *)room((size_t)r->V, sizeof *used);
    const char *comma = "";
    for (int t = 0; t <= r->T; t++) used[r->tokens[t]] = true;
    for (size_t i = 0; i < n_lens; i++) if (r->lens[i].token >= 0) used[r->lens[i].token] = true;
    for (size_t i = 0; i < n_rivals; i++) if (r->rivals[i].token >= 0) used[r->rivals[i].token] = true;
    printf("\"texts\":{");
    for (llocal_token t = 0; t < r->V; t++) {
        if (!used[t]) continue;
        printf("%s\"%d\":", comma, t), comma = ",";
        print_token(r, t);
    }
    printf("},\n");
    free(used);
}

static void print_guesses(const guess *g, int n) {
    putchar('[');
    for (int i = 0; i < n && g[i].token >= 0; i++) printf("%s[%d,%.4g]", i ? "," : "", g[i].token, (double)g[i].p);
    putchar(']');
}

static void print_largest(const xray *r, const char *name, const largest *list, const bool *has) {
    printf("\"%s\":[", name);
    for (int l = 0; l < r->L; l++) {
        printf("%s[", l ? ",\n" : "");
        for (int t = 0; t < r->T; t++) {
            const largest *a = list + ((size_t)l * (size_t)r->T + (size_t)t) * N_LARGEST;
            printf("%s[", t ? "," : "");
            for (int i = 0; i < N_LARGEST && a[i].i >= 0 && (!has || has[l]); i++)
                printf("%s[%d,%.4g]", i ? "," : "", a[i].i, (double)a[i].x);
            putchar(']');
        }
        putchar(']');
    }
    printf("],\n");
}

static void print_base64(const uint8_t *b, size_t n) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned second = i + 1 < n ? b[i + 1] : 0, third = i + 2 < n ? b[i + 2] : 0;
        unsigned x = (unsigned)b[i] << 16 | second << 8 | third;
        putchar(digit[x >> 18]), putchar(digit[x >> 12 & 63]);
        putchar(i + 1 < n ? digit[x >> 6 & 63] : '='), putchar(i + 2 < n ? digit[x & 63] : '=');
    }
}

static void print_head(const xray *r) {
    llocal_str name = llocal_model_hparams(r->m)->name;
    bool tied = llocal_gguf_tensor_find(r->g, "output.weight") < 0;
    char checks[500];
    printf("{\"model\":");
    print_json(name.len ? name.ptr : "a model", name.len ? (size_t)shown(name) : 7);
    printf(",\"arch\":\"%s\",\"n_layer\":%d,\"n_head\":%d,\"n_embd\":%d,", r->arch, r->L, r->H, r->E);
    printf("\"n_vocab\":%d,\"n_prompt\":%d,\"tied\":%s,\n", r->V, r->n_prompt, tied ? "true" : "false");
    snprintf(checks, sizeof checks,
             "Attention was computed again from queries and keys; the values that it mixes differ from the "
             "library's by %.1e. Logits computed from the residual stream, without rounding activations to 8 bits, "
             "differ by %.1e. (Root mean squares, by those of the values; the largest of all tokens.)",
             r->attention_off, r->lens_off);
    printf("\"checks\":");
    print_json(checks, strlen(checks));
    printf(",\n\"tokens\":[");
    for (int t = 0; t < r->T; t++) printf("%s%d", t ? "," : "", r->tokens[t]);
    printf("],\n\"next\":[");
    for (int t = 0; t < r->T; t++) printf("%s%d", t ? "," : "", r->tokens[t + 1]);
    printf("],\n");
}

static void print_data(const xray *r) {
    const size_t T = (size_t)r->T;
    print_head(r);
    print_texts(r);
    printf("\"lens\":[");
    for (size_t l = 0; l <= (size_t)r->L; l++)
        for (size_t t = 0; t < T; t++) {
            printf("%s", t ? "," : l ? "],\n[" : "[");
            print_guesses(r->lens + (l * T + t) * N_GUESSES, N_GUESSES);
        }
    printf("]],\n\"written\":[");
    for (size_t l = 0; l <= (size_t)r->L; l++)
        for (size_t t = 0; t < T; t++)
            printf("%s[%.4g,%d]", t ? "," : l ? "],\n[" : "[", (double)r->next[l * T + t].p,
                   r->next[l * T + t].rank);
    printf("]],\n\"rivals\":[");
    for (size_t t = 0; t < T; t++) {
        if (t) putchar(',');
        print_guesses(r->rivals + t * N_RIVALS, N_RIVALS);
    }
    printf("],\n");
    print_largest(r, "neurons", r->neurons, r->has_neurons);
    print_largest(r, "channels", r->channels, NULL);
    printf("\"attention\":\"");
    print_base64(r->attention, (size_t)r->L * (size_t)r->H * T * (T + 1) / 2);
    printf("\"}\n");
}

/* ---- the program --------------------------------------------------------------------------- */

/* The text, and up to n tokens behind it. */
static void write_on(xray *r, llocal_context *c, const char *text, int n) {
    llocal_sampler greedy;
    memset(&greedy, 0, sizeof greedy);
    r->n_prompt = r->T = llocal_tokenize(r->m, text, strlen(text), LLOCAL_TOKENIZE_ADD_SPECIAL, r->tokens, MAX_TOKENS);
    if (r->T < 1 || r->T > MAX_TOKENS) fail("the text should have 1 to 256 tokens", "");
    if (llocal_eval(c, r->tokens, r->T)) exit(1);
    if (!has_number(llocal_logits(c, -1), r->V)) fail(NOT_NUMBERS, "");
    for (;; r->T++) {
        llocal_token next = r->tokens[r->T] = llocal_next(c, &greedy);
        if (next < 0) fail(NOT_NUMBERS, "");
        if (r->T == MAX_TOKENS || r->T - r->n_prompt == n || llocal_token_is_end(r->m, next)) return;
        if (llocal_eval(c, &next, 1)) exit(1);
    }
}

static void measure(xray *r, llocal_context *c) {
    const size_t T = (size_t)r->T, E = (size_t)r->E, L = (size_t)r->L, H = (size_t)r->H, D = (size_t)r->D;
    const size_t used = (size_t)llocal_model_hparams(r->m)->n_expert_used;
    bool done = false;
    r->q = floats(T * H * D), r->k = floats(T * (size_t)r->G * D), r->v = floats(T * (size_t)r->G * D);
    r->mix = floats(T * H * D), r->stream = floats((L + 1) * T * E);
    r->expert = (int32_t *)room(T * used, sizeof *r->expert);
    r->attention = (uint8_t *)room(L * H * T * (T + 1) / 2, 1);
    r->lens = (guess *)room((L + 1) * T * N_GUESSES, sizeof *r->lens);
    r->rivals = (guess *)room(T * N_RIVALS, sizeof *r->rivals);
    r->next = (written *)room((L + 1) * T, sizeof *r->next);
    r->neurons = (largest *)room(L * T * N_LARGEST, sizeof *r->neurons);
    r->channels = (largest *)room(L * T * N_LARGEST, sizeof *r->channels);
    r->has_neurons = (bool *)room(L, sizeof *r->has_neurons);
    if (llocal_begin(c, r->tokens, r->T, r->T) || llocal_step(&c, 1, 0, &done)) exit(1);
    if (r->attention_off > 1e-3) fail("the attention that this program computes is not the model's", "");
    look_through(r, c);
    if (r->lens_off > 0.1) fail("the logits that this program computes are not the model's", "");
}

static void forget(xray *r) {
    free(r->q), free(r->k), free(r->v), free(r->mix), free(r->stream), free(r->attention);
    free(r->lens), free(r->rivals), free(r->next);
    free(r->neurons), free(r->channels), free(r->has_neurons), free(r->expert);
}

/* For xray r the trace sees the whole text in one pass, with logits of every token; for NULL there is none. */
static llocal_context *open_context(const llocal_model *m, xray *r) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    memset(&d, 0, sizeof d);
    d.k = d.v = LLOCAL_KV_F32, d.n_ctx = MAX_TOKENS + 1;
    if (r) d.trace = on_trace, d.trace_user = r, d.n_batch = d.n_logits = d.n_ctx = r->T;
    if (llocal_context_open(m, &d, &c)) exit(1);
    return c;
}

/* 0 and up; -1: it is no such number. */
static int whole_number(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits < 7 && !text[digits] ? atoi(text) : -1;
}

int main(int argc, char **argv) {
    static xray r;
    llocal_source src;
    llocal_model *m = NULL;
    llocal_context *c;
    int n = 24;
    argv = system_arguments(&argc, argv);
    if (argv && argc > 3) n = whole_number(argv[3]);
    if (!argv || argc > 4 || (argc > 1 && argv[1][0] == '-') || n < 0 || is_terminal(stdout)) {
        fprintf(stderr, "usage: xray [MODEL [TEXT [N]]] > page.html\n");
        return 2;
    }
    memset(&src, 0, sizeof src);
    src.path = argc > 1 ? argv[1] : "examples/tiny.gguf", src.logger.write = log_plain;
    if (llocal_model_open(&src, &m)) return 1;
    r.m = m, r.g = llocal_model_gguf(m);
    read_shape(&r);
    c = open_context(m, NULL);
    write_on(&r, c, argc > 2 ? argv[2] : DEFAULT_TEXT, n);
    llocal_context_close(c);
    c = open_context(m, &r);
    measure(&r, c);
    print_lines(page_head);
    printf("<script id='data' type='application/json'>\n");
    print_data(&r);
    printf("</script>\n");
    print_lines(page_tail);
    llocal_context_close(c);
    llocal_model_close(m);
    forget(&r);
    if (!ferror(stdout) && !fflush(stdout)) return 0;
    fprintf(stderr, "xray: error: cannot write the page\n");
    return 1;
}
