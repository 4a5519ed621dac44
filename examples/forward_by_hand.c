/* One pass through a llama network, written out by hand.
 *
 *     forward_by_hand model.gguf ["a prompt"]
 *
 * This program uses llocal.h to read the file, to turn weights into floats and text into tokens;
 * all the mathematics stands below in plain loops, slow and in full. It prints the tokens that
 * the network finds likeliest after the prompt, and at the end compares its logits with those of
 * llocal_eval. Read it from "the network" down: it is a complete description of how these models
 * work.
 *
 * Letters, as in the papers:
 *     T  tokens in the prompt              E  width: numbers that describe one token (n_embd)
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

#define MAX_TOKENS 64

/* ---- weights and hyper-parameters from the file ------------------------------------------ */

static void fail(const char *what, const char *which) {
    fprintf(stderr, "forward_by_hand: error: %s%s\n", what, which);
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
    return m.type == LLOCAL_F32 || m.type == LLOCAL_F64 ? m.as.f : (double)m.as.i;
}

typedef struct shape {
    int E, H, G, D, F, L, V;
    int n_rot;                          /* how many of a head's D numbers are rotated */
    float rope_base, norm_eps;
} shape;

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

/* Attention: each token looks back at the tokens up to itself and takes something from them.
 *
 * From its vector a token makes, for each head, a query ("what am I looking for"), a key ("what do
 * I have to offer") and a value ("what I hand over"). How much token t takes from token u is the
 * softmax, over all u <= t, of query_t . key_u / sqrt(D). Heads work side by side, each with its
 * own idea of what matters; H / G query heads share each key and value head to save memory.
 *
 * x [T][E]: the tokens' vectors, which this adds to. */
static void attention(const llocal_gguf *g, const shape *s, int layer, float *x, int T,
                      const float *rope_factors) {
    const int E = s->E, H = s->H, G = s->G, D = s->D;
    float *norm = load_layer(g, layer, "attn_norm", E);
    float *Wq = load_layer(g, layer, "attn_q", (int64_t)E * H * D);        /* [H D][E] */
    float *Wk = load_layer(g, layer, "attn_k", (int64_t)E * G * D);        /* [G D][E] */
    float *Wv = load_layer(g, layer, "attn_v", (int64_t)E * G * D);        /* [G D][E] */
    float *Wo = load_layer(g, layer, "attn_output", (int64_t)H * D * E);   /* [E][H D] */
    float *n = floats((size_t)E), *out = floats((size_t)E), *mix = floats((size_t)(H * D));
    float *q = floats((size_t)(T * H * D)), *k = floats((size_t)(T * G * D));
    float *v = floats((size_t)(T * G * D)), *share = floats((size_t)T);

    for (int t = 0; t < T; t++) {
        rms_norm(n, x + t * E, norm, E, s->norm_eps);
        matmul(q + t * H * D, Wq, n, H * D, E);
        matmul(k + t * G * D, Wk, n, G * D, E);
        matmul(v + t * G * D, Wv, n, G * D, E);
        for (int h = 0; h < H; h++)
            rotate(q + (t * H + h) * D, s->n_rot, t, s->rope_base, rope_factors);
        for (int h = 0; h < G; h++)
            rotate(k + (t * G + h) * D, s->n_rot, t, s->rope_base, rope_factors);
    }
    for (int t = 0; t < T; t++) {
        for (int h = 0; h < H; h++) {
            const float *query = q + (t * H + h) * D;
            int kv = h / (H / G);                           /* the key head of this query head */
            for (int u = 0; u <= t; u++) {
                const float *key = k + (u * G + kv) * D;
                double score = 0;
                for (int i = 0; i < D; i++) score += (double)query[i] * key[i];
                share[u] = (float)(score / sqrt(D));
            }
            softmax(share, t + 1);
            for (int i = 0; i < D; i++) {
                double sum = 0;
                for (int u = 0; u <= t; u++) sum += (double)share[u] * v[(u * G + kv) * D + i];
                mix[h * D + i] = (float)sum;
            }
        }
        /* Wo blends what the heads found; it is added to the token's vector, not put in its place:
         * layers make small changes to a stream that runs through the whole network. */
        matmul(out, Wo, mix, E, H * D);
        for (int i = 0; i < E; i++) x[t * E + i] += out[i];
    }
    free(norm), free(Wq), free(Wk), free(Wv), free(Wo), free(n), free(out), free(mix);
    free(q), free(k), free(v), free(share);
}

/* Feed-forward: what a token thinks on its own. Its vector is widened to F numbers, twice: one
 * copy passes through SiLU and gates the other, and the result is brought back to width E. Much of
 * what a model knows is kept in these matrices. */
static void feed_forward(const llocal_gguf *g, const shape *s, int layer, float *x, int T) {
    const int E = s->E, F = s->F;
    float *norm = load_layer(g, layer, "ffn_norm", E);
    float *Wgate = load_layer(g, layer, "ffn_gate", (int64_t)E * F);       /* [F][E] */
    float *Wup = load_layer(g, layer, "ffn_up", (int64_t)E * F);           /* [F][E] */
    float *Wdown = load_layer(g, layer, "ffn_down", (int64_t)F * E);       /* [E][F] */
    float *n = floats((size_t)E), *out = floats((size_t)E);
    float *gate = floats((size_t)F), *up = floats((size_t)F);
    for (int t = 0; t < T; t++) {
        rms_norm(n, x + t * E, norm, E, s->norm_eps);
        matmul(gate, Wgate, n, F, E);
        matmul(up, Wup, n, F, E);
        for (int i = 0; i < F; i++) gate[i] = silu(gate[i]) * up[i];
        matmul(out, Wdown, gate, E, F);
        for (int i = 0; i < E; i++) x[t * E + i] += out[i];
    }
    free(norm), free(Wgate), free(Wup), free(Wdown), free(n), free(out), free(gate), free(up);
}

/* Tokens in, logits [V] out: one number for each token of the vocabulary, the higher the likelier
 * it comes next. */
static void forward(const llocal_gguf *g, const shape *s, const llocal_token *tokens, int T,
                    float *logits) {
    const int E = s->E;
    bool tied = llocal_gguf_tensor_find(g, "output.weight") < 0;
    float *embedding = load(g, "token_embd.weight", (int64_t)s->V * E);    /* [V][E] */
    float *output = tied ? embedding : load(g, "output.weight", (int64_t)s->V * E);
    float *norm = load(g, "output_norm.weight", E);
    float *factors = NULL, *x = floats((size_t)(T * E));

    if (llocal_gguf_tensor_find(g, "rope_freqs.weight") >= 0)
        factors = load(g, "rope_freqs.weight", s->n_rot / 2);
    /* 1. Each token becomes its vector: a row of a table. */
    for (int t = 0; t < T; t++)
        memcpy(x + t * E, embedding + (size_t)tokens[t] * (size_t)E, (size_t)E * sizeof *x);
    /* 2. The layers: look around, think, look around, think, ... */
    for (int layer = 0; layer < s->L; layer++) {
        attention(g, s, layer, x, T, factors);
        feed_forward(g, s, layer, x, T);
        fprintf(stderr, "\rlayer %d/%d ", layer + 1, s->L);
    }
    fputc('\n', stderr);
    /* 3. The last token's vector now describes what should follow. Its dot product with each row
     *    of another table (often the same one) says how well each token would fit. */
    rms_norm(x + (T - 1) * E, x + (T - 1) * E, norm, E, s->norm_eps);
    matmul(logits, output, x + (T - 1) * E, s->V, E);
    free(embedding), free(norm), free(factors), free(x);
    if (!tied) free(output);
}

/* ---- the program ------------------------------------------------------------------------- */

static void print_top(const llocal_model *m, const float *logits, int V) {
    llocal_score top[5];
    int n = llocal_top(logits, V, top, 5);
    for (int i = 0; i < n; i++) {
        char text[64];
        int len = llocal_token_text(m, top[i].token, LLOCAL_PARSE_SPECIAL, text, sizeof text);
        print_plain(stdout, "  %6d  %7.4f  %5.1f %%  \"%.*s\"\n", top[i].token, (double)top[i].logit,
                    (double)top[i].p * 100, len < (int)sizeof text ? len : (int)sizeof text, text);
    }
}

/* The same through the library; returns the largest difference, as a share of the logits' range. */
static double compare(const llocal_model *m, const llocal_token *tokens, int T, const float *logits,
                      int V) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    const float *theirs;
    double difference = 0, min = logits[0], max = logits[0];
    memset(&d, 0, sizeof d);
    d.k = d.v = LLOCAL_KV_F32, d.n_ctx = MAX_TOKENS;
    if (llocal_context_open(m, &d, &c) || llocal_eval(c, tokens, T)) fail("llocal_eval ", "failed");
    theirs = llocal_logits(c, -1);
    for (int i = 0; i < V; i++) {
        double e = fabs((double)logits[i] - theirs[i]);
        if (e > difference) difference = e;
        if (logits[i] < min) min = logits[i];
        if (logits[i] > max) max = logits[i];
    }
    llocal_context_close(c);
    printf("largest difference to llocal_eval: %.3g; the logits span %.3g\n", difference, max - min);
    return difference / (max - min);
}

int main(int argc, char **argv) {
    const char *prompt = argc > 2 ? argv[2] : "Once upon a time";
    llocal_token tokens[MAX_TOKENS];
    llocal_source src;
    llocal_model *m = NULL;
    const llocal_gguf *g;
    shape s;
    float *logits;
    double off;
    int T;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: forward_by_hand model.gguf [\"a prompt\"]\n");
        return 2;
    }
    memset(&src, 0, sizeof src);
    src.path = argv[1], src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &m)) return 1;
    g = llocal_model_gguf(m);
    s = read_shape(g, m);
    T = llocal_tokenize(m, prompt, strlen(prompt), LLOCAL_ADD_SPECIAL, tokens, MAX_TOKENS);
    if (T < 1 || T > MAX_TOKENS) fail("a prompt of 1 to 64 tokens, ", "please");
    logits = floats((size_t)s.V);
    forward(g, &s, tokens, T, logits);
    printf("after \"%s\" (%d tokens):\n", prompt, T);
    print_top(m, logits, s.V);
    off = compare(m, tokens, T, logits, s.V);
    free(logits);
    llocal_model_close(m);
    /* Quantised weights are multiplied with activations rounded to 8 bits there, but not here. */
    return off < 0.02 ? 0 : 1;
}
