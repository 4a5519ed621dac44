/* A llama network, written out by hand: it reads a prompt and writes ten tokens.
 *
 *     forward_by_hand [MODEL [PROMPT]]
 *
 * This program uses llocal.h to read the file, to turn weights into floats and text into tokens;
 * all the mathematics stands below in plain loops, slow and in full. Token by token it compares
 * its logits with those of llocal_eval, and ends with status 1 if they differ. Read it from "the
 * network" down: it is a complete description of how these models work. All weights are kept as
 * floats, four bytes each.
 *
 * Letters, as in the papers:
 *     E  width: numbers that describe one token (n_embd)
 *     H  attention heads                   D  width of one head (usually E / H)
 *     G  heads that have keys and values   F  width inside the feed-forward part
 *     V  tokens in the vocabulary          L  layers */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define MAX_PROMPT 256                  /* tokens */
#define N_WRITE    10
#define MAX_TOKENS (MAX_PROMPT + N_WRITE)

/* ---- weights and hyper-parameters from the file ------------------------------------------ */

static void fail(const char *what, const char *which) {
    print_plain(stderr, "forward_by_hand: error: %s%s\n", what, which);
    exit(1);
}

static float *floats(size_t n) {
    float *p = (float *)calloc(n ? n : 1, sizeof *p);
    if (!p) fail("out of memory", "");
    return p;
}

/* A tensor as floats, whatever its format; free it. A matrix of a GGUF file with dimensions
 * { n_in, n_out } has n_out rows, one after the other, of n_in weights each. */
static float *load(const llocal_gguf *g, const char *name, int64_t n_expected) {
    int i = llocal_gguf_tensor_find(g, name);
    llocal_tensor t;
    void *bytes;
    float *w;
    if (i < 0) fail("the file has no tensor ", name);
    t = llocal_gguf_tensor(g, i);
    if (t.dim[0] * t.dim[1] * t.dim[2] * t.dim[3] != n_expected) fail("unexpected shape of ", name);
    bytes = malloc((size_t)t.bytes);
    w = floats((size_t)n_expected);
    if (!bytes || llocal_gguf_read(g, i, 0, bytes, (size_t)t.bytes) ||
        llocal_dequantize(t.format, bytes, w, (size_t)n_expected))
        fail("cannot read ", name);
    free(bytes);
    return w;
}
static float *load_layer(const llocal_gguf *g, int layer, const char *name, int64_t n_expected) {
    char full[64];
    snprintf(full, sizeof full, "blk.%d.%s.weight", layer, name);
    return load(g, full, n_expected);
}

static double number(const llocal_gguf *g, const char *key, double otherwise) {
    int i = llocal_gguf_meta_find(g, key);
    llocal_meta m;
    if (i < 0) return otherwise;
    m = llocal_gguf_meta(g, i);
    if (m.type == LLOCAL_META_STRING || m.type == LLOCAL_META_ARRAY) fail("not a number: ", key);
    return m.type == LLOCAL_META_F32 || m.type == LLOCAL_META_F64 ? m.as.f : (double)m.as.i;
}

typedef struct shape {
    int E, H, G, D, F, L, V;
    int n_rot;                          /* how many of a head's D numbers are rotated */
    float rope_base, norm_eps;
} shape;

/* The weights of a layer, and the keys and values it remembers: its part of the cache. */
typedef struct layer {
    float *attn_norm;                   /* [E] */
    float *Wq, *Wk, *Wv, *Wo;           /* [H D][E]  [G D][E]  [G D][E]  [E][H D] */
    float *ffn_norm;                    /* [E] */
    float *Wgate, *Wup, *Wdown;         /* [F][E]  [F][E]  [E][F] */
    float *keys, *values;               /* [MAX_TOKENS][G D] */
} layer;

typedef struct network {
    shape s;
    float *embedding;                   /* [V][E] */
    layer *layers;                      /* [L] */
    float *norm;                        /* [E] */
    float *output;                      /* [V][E]; in some models the same as embedding */
    float *rope_factors;                /* [n_rot / 2], or NULL */
} network;

static shape read_shape(const llocal_gguf *g, const llocal_model *m) {
    shape s;
    int arch = llocal_gguf_meta_find(g, "general.architecture");
    llocal_str name = arch < 0 ? llocal_model_hparams(m)->arch : llocal_gguf_meta(g, arch).as.s;
    static const char *const beyond[] = { "blk.0.ffn_gate_inp.weight", "blk.0.attn_q.bias",
                                          "blk.0.attn_output.bias", "blk.0.ffn_down.bias" };
    if (name.len != 5 || memcmp(name.ptr, "llama", 5))
        fail("this program knows one architecture only: ", "llama");
    for (int i = 0; i < 4; i++)
        if (llocal_gguf_tensor_find(g, beyond[i]) >= 0) fail("not in this lesson: ", beyond[i]);
    if (llocal_gguf_meta_find(g, "llama.rope.scaling.type") >= 0)
        fail("not in this lesson: ", "llama.rope.scaling.type");
    s.E = (int)number(g, "llama.embedding_length", 0);
    s.H = (int)number(g, "llama.attention.head_count", 0);
    s.G = (int)number(g, "llama.attention.head_count_kv", s.H);
    s.F = (int)number(g, "llama.feed_forward_length", 0);
    s.L = (int)number(g, "llama.block_count", 0);
    s.V = llocal_model_hparams(m)->n_vocab;
    if (s.H <= 0 || s.G <= 0 || s.H % s.G || s.E <= 0) fail("the file's shape makes no ", "sense");
    s.D = (int)number(g, "llama.attention.key_length", s.E / s.H);
    s.n_rot = (int)number(g, "llama.rope.dimension_count", s.D);
    s.rope_base = (float)number(g, "llama.rope.freq_base", 10000);
    s.norm_eps = (float)number(g, "llama.attention.layer_norm_rms_epsilon", 1e-5);
    return s;
}

static layer read_layer(const llocal_gguf *g, const shape *s, int i) {
    const int64_t E = s->E, QD = s->H * s->D, KD = s->G * s->D, F = s->F;
    layer l;
    l.attn_norm = load_layer(g, i, "attn_norm", E);
    l.Wq = load_layer(g, i, "attn_q", QD * E);
    l.Wk = load_layer(g, i, "attn_k", KD * E);
    l.Wv = load_layer(g, i, "attn_v", KD * E);
    l.Wo = load_layer(g, i, "attn_output", E * QD);
    l.ffn_norm = load_layer(g, i, "ffn_norm", E);
    l.Wgate = load_layer(g, i, "ffn_gate", F * E);
    l.Wup = load_layer(g, i, "ffn_up", F * E);
    l.Wdown = load_layer(g, i, "ffn_down", E * F);
    l.keys = floats((size_t)(MAX_TOKENS * KD));
    l.values = floats((size_t)(MAX_TOKENS * KD));
    return l;
}

static network read_network(const llocal_model *m) {
    const llocal_gguf *g = llocal_model_gguf(m);
    network n;
    n.s = read_shape(g, m);
    n.embedding = load(g, "token_embd.weight", (int64_t)n.s.V * n.s.E);
    n.layers = (layer *)calloc((size_t)n.s.L + 1, sizeof *n.layers);
    if (!n.layers) fail("out of memory", "");
    for (int i = 0; i < n.s.L; i++) n.layers[i] = read_layer(g, &n.s, i);
    n.norm = load(g, "output_norm.weight", n.s.E);
    n.output = n.embedding, n.rope_factors = NULL;
    if (llocal_gguf_tensor_find(g, "output.weight") >= 0)
        n.output = load(g, "output.weight", (int64_t)n.s.V * n.s.E);
    if (llocal_gguf_tensor_find(g, "rope_freqs.weight") >= 0)
        n.rope_factors = load(g, "rope_freqs.weight", n.s.n_rot / 2);
    return n;
}

static void free_network(network *n) {
    for (int i = 0; i < n->s.L; i++) {
        layer *l = &n->layers[i];
        free(l->attn_norm), free(l->Wq), free(l->Wk), free(l->Wv), free(l->Wo);
        free(l->ffn_norm), free(l->Wgate), free(l->Wup), free(l->Wdown), free(l->keys), free(l->values);
    }
    if (n->output != n->embedding) free(n->output);
    free(n->embedding), free(n->layers), free(n->norm), free(n->rope_factors);
}

/* ---- the five operations --------------------------------------------------------------------
 * Everything a llama does is made of these. */

/* y = W x: each output is the dot product of one row of weights with the input. Nearly all of a
 * model's weights, and so nearly all of its time, are in here. */
static void matmul(float *y, const float *W, const float *x, int n_out, int n_in) {
    for (int o = 0; o < n_out; o++) {
        double sum = 0;
        for (int i = 0; i < n_in; i++) sum += (double)W[(size_t)o * (size_t)n_in + (size_t)i] * x[i];
        y[o] = (float)sum;
    }
}

/* RMSNorm: scale a vector to length sqrt(n), then each number by a learned weight. It keeps the
 * numbers in a range where the layers, which were trained on such vectors, work. */
static void rms_norm(float *y, const float *x, const float *weight, int n, float eps) {
    double squares = 0;
    float scale;
    for (int i = 0; i < n; i++) squares += (double)x[i] * x[i];
    scale = (float)(1 / sqrt(squares / n + eps));
    for (int i = 0; i < n; i++) y[i] = x[i] * scale * weight[i];
}

/* Rotary position: take the numbers of a head in pairs, as points in the plane, and turn pair i by
 * the angle pos * base^(-2i / n_rot). The first pairs turn fast, the last hardly at all. The dot
 * product of a query and a key that were both turned depends only on how far apart they are, and
 * that is how attention knows the order of words. (Some models stretch the angles: factors.) */
static void rotate(float *head, int n_rot, int pos, float base, const float *factors) {
    for (int i = 0; i < n_rot / 2; i++) {
        double angle = pos * pow(base, -2.0 * i / n_rot) / (factors ? factors[i] : 1);
        float c = (float)cos(angle), s = (float)sin(angle);
        float a = head[2 * i], b = head[2 * i + 1];
        head[2 * i] = a * c - b * s;
        head[2 * i + 1] = a * s + b * c;
    }
}

/* Softmax: any numbers become shares that are positive and add up to 1; larger stays larger.
 * Subtracting the maximum changes nothing but keeps exp in range. */
static void softmax(float *x, int n) {
    float max = x[0];
    double sum = 0;
    for (int i = 1; i < n; i++) if (x[i] > max) max = x[i];
    for (int i = 0; i < n; i++) sum += x[i] = (float)exp(x[i] - max);
    for (int i = 0; i < n; i++) x[i] = (float)(x[i] / sum);
}

/* SiLU: x times the logistic function of x; near 0 for negative x, near x for positive x. A
 * smooth switch. Without something that is not linear, all layers would collapse into one matrix. */
static float silu(float x) { return (float)(x / (1 + exp(-x))); }

/* ---- the network ------------------------------------------------------------------------- */

/* Attention: a token looks back at the tokens up to itself and takes something from them.
 *
 * From its vector a token makes, for each head, a query ("what am I looking for"), a key ("what do
 * I have to offer") and a value ("what I hand over"). How much token t takes from token u is the
 * softmax, over all u <= t, of query_t . key_u / sqrt(D). Heads work side by side, each with its
 * own idea of what matters; H / G query heads share each key and value head to save memory.
 *
 * A token never looks ahead, so its key and value stay the same however the text goes on. They are
 * made once and kept: that is the cache. Only the query of the newest token is needed, and never
 * again. Without the cache each new token would take a pass over the whole text so far.
 *
 * x [E]: the vector of the token at position t, which this adds to. */
static void attention(const network *net, const layer *l, float *x, int t) {
    const shape *s = &net->s;
    const int E = s->E, H = s->H, G = s->G, D = s->D;
    float *n = floats((size_t)E), *q = floats((size_t)(H * D)), *mix = floats((size_t)(H * D));
    float *out = floats((size_t)E), *share = floats((size_t)t + 1);
    float *k = l->keys + t * G * D, *v = l->values + t * G * D;     /* this token's place */

    rms_norm(n, x, l->attn_norm, E, s->norm_eps);
    matmul(q, l->Wq, n, H * D, E);
    matmul(k, l->Wk, n, G * D, E);
    matmul(v, l->Wv, n, G * D, E);
    for (int h = 0; h < H; h++) rotate(q + h * D, s->n_rot, t, s->rope_base, net->rope_factors);
    for (int h = 0; h < G; h++) rotate(k + h * D, s->n_rot, t, s->rope_base, net->rope_factors);

    for (int h = 0; h < H; h++) {
        const float *query = q + h * D;
        int kv = h / (H / G);                               /* the key head of this query head */
        for (int u = 0; u <= t; u++) {
            const float *key = l->keys + (u * G + kv) * D;
            double score = 0;
            for (int i = 0; i < D; i++) score += (double)query[i] * key[i];
            share[u] = (float)(score / sqrt(D));
        }
        softmax(share, t + 1);
        for (int i = 0; i < D; i++) {
            double sum = 0;
            for (int u = 0; u <= t; u++) sum += (double)share[u] * l->values[(u * G + kv) * D + i];
            mix[h * D + i] = (float)sum;
        }
    }
    /* Wo blends what the heads found; it is added to the token's vector, not put in its place:
     * layers make small changes to a stream that runs through the whole network. */
    matmul(out, l->Wo, mix, E, H * D);
    for (int i = 0; i < E; i++) x[i] += out[i];
    free(n), free(q), free(mix), free(out), free(share);
}

/* Feed-forward: what a token thinks on its own. Its vector is widened to F numbers, twice: one
 * copy passes through SiLU and gates the other, and the result is brought back to width E. Much of
 * what a model knows is kept in these matrices. */
static void feed_forward(const network *net, const layer *l, float *x) {
    const int E = net->s.E, F = net->s.F;
    float *n = floats((size_t)E), *out = floats((size_t)E);
    float *gate = floats((size_t)F), *up = floats((size_t)F);
    rms_norm(n, x, l->ffn_norm, E, net->s.norm_eps);
    matmul(gate, l->Wgate, n, F, E);
    matmul(up, l->Wup, n, F, E);
    for (int i = 0; i < F; i++) gate[i] = silu(gate[i]) * up[i];
    matmul(out, l->Wdown, gate, E, F);
    for (int i = 0; i < E; i++) x[i] += out[i];
    free(n), free(out), free(gate), free(up);
}

/* One token in, at position t behind those that were given before; logits [V] out: one number for
 * each token of the vocabulary, the higher the likelier it comes next. */
static void forward(const network *net, llocal_token token, int t, float *logits) {
    const int E = net->s.E;
    float *x = floats((size_t)E);
    /* 1. The token becomes its vector: a row of a table. */
    memcpy(x, net->embedding + (size_t)token * (size_t)E, (size_t)E * sizeof *x);
    /* 2. The layers: look around, think, look around, think, ... */
    for (int i = 0; i < net->s.L; i++) {
        attention(net, &net->layers[i], x, t);
        feed_forward(net, &net->layers[i], x);
    }
    /* 3. The vector now describes what should follow. Its dot product with each row of another
     *    table (often the same one) says how well each token would fit. */
    rms_norm(x, x, net->norm, E, net->s.norm_eps);
    matmul(logits, net->output, x, net->s.V, E);
    free(x);
}

/* Greedy: the token with the highest logit. */
static llocal_token likeliest(const float *logits, int V) {
    llocal_token best = 0;
    for (int i = 1; i < V; i++) if (logits[i] > logits[best]) best = i;
    return best;
}

/* ---- the program ------------------------------------------------------------------------- */

/* How far two rows of logits are apart: the root mean square of the difference, by that of the logits
 * about their mean. 0: equal; about 1.4: unrelated; 2: at least one is no number. */
static double difference(const float *ours, const float *theirs, int V) {
    double mean = 0, spread = 0, squares = 0;
    for (int i = 0; i < V; i++) mean += (double)theirs[i] / V;
    for (int i = 0; i < V; i++) {
        spread += (theirs[i] - mean) * (theirs[i] - mean);
        squares += ((double)ours[i] - theirs[i]) * ((double)ours[i] - theirs[i]);
    }
    return squares <= 4 * spread ? sqrt(squares / (spread > 0 ? spread : 1)) : 2;
}

/* How large it may be. The library multiplies quantised weights with activations rounded to 8 bits, this
 * program does not; so where two tokens are about as likely the library may prefer the other. */
static double limit_of(const llocal_gguf *g) {
    for (int i = 0; i < llocal_gguf_tensor_count(g); i++)
        if (llocal_format_traits(llocal_gguf_tensor(g, i).format).block_len > 1) return 0.1;
    return 0.0001;
}

static void print_token(const llocal_model *m, llocal_token t) {
    char text[64];
    int len = llocal_token_text(m, t, true, text, sizeof text);
    putchar('"');
    put_plain(stdout, text, len < 0 ? 0 : len < (int)sizeof text ? (size_t)len : sizeof text, "");
    putchar('"');
}

/* Read the T tokens of the prompt and write up to N_WRITE behind them. The library, in c, gets the same
 * tokens one by one. Returns the largest difference of all tokens. */
static double read_and_write(const network *net, const llocal_model *m, llocal_context *c,
                             llocal_token *tokens, int T) {
    float *logits = floats((size_t)net->s.V);
    double off, worst = 0;
    for (int t = 0; t < T + N_WRITE - 1; t++) {
        llocal_token next, theirs;
        forward(net, tokens[t], t, logits);
        if (llocal_eval(c, &tokens[t], 1)) fail("llocal_eval ", "failed");
        off = difference(logits, llocal_logits(c, -1), net->s.V);
        if (off > worst) worst = off;
        if (t < T - 1) continue;                /* within the prompt: what comes next is given */
        next = tokens[t + 1] = likeliest(logits, net->s.V);
        theirs = likeliest(llocal_logits(c, -1), net->s.V);
        softmax(logits, net->s.V);
        printf("%4d  %6.2f %%  off by %.5f  ", t + 1, 100 * (double)logits[next], off);
        print_token(m, next);
        if (theirs != next) printf("; llocal_eval prefers "), print_token(m, theirs);
        putchar('\n');
        fflush(stdout);
        if (llocal_token_is_end(m, next)) break;
    }
    free(logits);
    return worst;
}

int main(int argc, char **argv) {
    const char *prompt;
    static llocal_token tokens[MAX_TOKENS];
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    network net;
    double off, limit;
    int T;
    argv = system_arguments(&argc, argv);
    if (!argv || argc > 3 || (argc > 1 && argv[1][0] == '-')) {
        fprintf(stderr, "usage: forward_by_hand [MODEL [PROMPT]]\n");
        return 2;
    }
    prompt = argc > 2 ? argv[2] : "Once upon a time";
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.path = argc > 1 ? argv[1] : "examples/tiny.gguf", src.logger.write = log_plain;
    d.k = d.v = LLOCAL_KV_F32, d.n_ctx = MAX_TOKENS;        /* the cache in full, as it is here */
    if (llocal_model_open(&src, &m)) return 1;
    net = read_network(m);
    T = llocal_tokenize(m, prompt, strlen(prompt), LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, MAX_PROMPT);
    if (T < 1 || T > MAX_PROMPT) fail("a prompt of 1 to 256 tokens, ", "please");
    if (llocal_context_open(m, &d, &c)) return 1;
    print_plain(stdout, "after \"%s\" (%d tokens):\n", prompt, T);
    off = read_and_write(&net, m, c, tokens, T);
    limit = limit_of(llocal_model_gguf(m));
    printf("largest difference to llocal_eval: %.5f (up to %g is %s)\n", off, limit,
           limit < 0.01 ? "the order of sums" : "the library's 8-bit activations");
    llocal_context_close(c);
    free_network(&net);
    llocal_model_close(m);
    return off < limit ? 0 : 1;
}
