/* Trains a small llama on a text, from nothing, on the CPU.
 *
 *     train --vocab VOCAB.gguf --text TEXT --out MODEL.gguf [--steps 4000] [--rate 0.002]
 *           [--embd 256] [--layers 5] [--heads 8] [--kv-heads 4] [--ff 512] [--ctx 512]
 *           [--batches 16] [--seed 1] [--threads N] [--name NAME] [--save FILE [--resume]]
 *           [--minutes M] [--curve FILE.csv]
 *
 * VOCAB is what tokenizer writes, TEXT what corpus writes: documents, each followed by a line "%".
 * A step reads the next `batches` batches of up to `ctx` tokens, computes by how much each weight
 * should change, and changes it (AdamW; the rate goes up to --rate, stays, and goes down to nothing in
 * the last fifth).
 *
 * The same arguments give the same weights, to the bit, on any machine and with any number of
 * threads: a batch is computed by one thread, batches are added in order, and all arithmetic is
 * llocal.h's own, which gives one result on every instruction set.
 *
 * The plan of this file: the network's weights; the kernels, each with its way back; the network
 * forwards and backwards; the optimizer; the text; files; main. A function NAME_back takes the
 * derivative of the loss by NAME's result and adds to the derivatives by what NAME was given. */
#define LLOCAL_IMPLEMENTATION
#define LLOCAL_NO_DISPATCH              /* loops of our own use the primitives of one instruction set */
#include "../../llocal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../system.h"
#include "head.h"

static void *take(size_t size) {
    void *p = calloc(1, size);
    if (!p) { fprintf(stderr, "train: out of memory\n"); exit(1); }
    return p;
}
static float *take_floats(size_t n) { return (float *)take(n * sizeof(float)); }

/* ---- weights -------------------------------------------------------------------------------- */

typedef struct shape {
    int n_vocab, n_embd, n_layer, n_head, n_head_kv, n_ff, n_ctx;
} shape;
static int head_dim(const shape *s) { return s->n_embd / s->n_head; }
static int kv_dim(const shape *s) { return s->n_head_kv * head_dim(s); }

#define ROPE_BASE 10000.0f
#define NORM_EPS  1e-5f
#define MAX_LAYERS 32

/* A matrix [n_in][n_out] turns a row of n_in numbers into one of n_out: y = x W. */
typedef struct layer {
    float *attn_norm, *wq, *wk, *wv, *wo, *ffn_norm, *gate, *up, *down;
} layer;

/* Also the form of everything that there is one of per weight: its gradient, its moments. All of
 * them are one block of n floats. */
typedef struct weights {
    float *block;
    size_t n;
    float *embd, *norm;                 /* [n_vocab][n_embd], which is the output matrix as well; [n_embd] */
    layer layers[MAX_LAYERS];
} weights;

/* What there is to know of each tensor, in the order of the block. layer -1: of the whole model. */
typedef struct tensor { const char *name; int layer, n_in, n_out; float **where; } tensor;

static int list_tensors(const shape *s, weights *w, tensor *out) {
    int n = 0, d = s->n_embd, kv = kv_dim(s);
    tensor embd = { "token_embd", -1, s->n_vocab, d, &w->embd }, norm = { "output_norm", -1, 0, d, &w->norm };
    out[n++] = embd;
    for (int i = 0; i < s->n_layer; i++) {
        layer *l = &w->layers[i];
        tensor of_layer[] = {
            { "attn_norm", i, 0, d, &l->attn_norm }, { "attn_q", i, d, d, &l->wq },
            { "attn_k", i, d, kv, &l->wk }, { "attn_v", i, d, kv, &l->wv },
            { "attn_output", i, d, d, &l->wo }, { "ffn_norm", i, 0, d, &l->ffn_norm },
            { "ffn_gate", i, d, s->n_ff, &l->gate }, { "ffn_up", i, d, s->n_ff, &l->up },
            { "ffn_down", i, s->n_ff, d, &l->down },
        };
        memcpy(out + n, of_layer, sizeof of_layer);
        n += (int)(sizeof of_layer / sizeof *of_layer);
    }
    out[n++] = norm;
    return n;
}
#define MAX_TENSORS (2 + 9 * MAX_LAYERS)

static size_t tensor_size(const tensor *t) { return (size_t)(t->n_in ? t->n_in : 1) * (size_t)t->n_out; }

static weights weights_new(const shape *s) {
    weights w;
    tensor list[MAX_TENSORS];
    int n = list_tensors(s, &w, list);
    size_t at = 0;
    w.n = 0;
    for (int i = 0; i < n; i++) w.n += tensor_size(&list[i]);
    w.block = take_floats(w.n);
    for (int i = 0; i < n; at += tensor_size(&list[i++])) *list[i].where = w.block + at;
    return w;
}

static uint64_t random_bits(uint64_t *state) {              /* splitmix64 */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Nearly normal, mean 0, variance 1: the sum of twelve uniform numbers, exact in integers. */
static float random_normal(uint64_t *state) {
    int64_t sum = 0;
    for (int i = 0; i < 12; i++) sum += (int64_t)(random_bits(state) >> 44);
    return (float)(sum - 6 * (1 << 20)) / (float)(1 << 20);
}

/* What writes into the stream of the residuals starts smaller, so that its variance does not grow
 * with the number of layers. */
static void weights_start(const shape *s, weights *w, uint64_t seed) {
    tensor list[MAX_TENSORS];
    float *block = w->block;
    int n = list_tensors(s, w, list);
    float into_stream = 0.02f / sqrtf((float)(2 * s->n_layer));
    for (int i = 0; i < n; i++) {
        const tensor *t = &list[i];
        bool writes = !strcmp(t->name, "attn_output") || !strcmp(t->name, "ffn_down");
        for (size_t k = 0; k < tensor_size(t); k++)
            *block++ = t->n_in ? random_normal(&seed) * (writes ? into_stream : 0.02f) : 1.0f;
    }
}

/* ---- matrices ------------------------------------------------------------------------------- */

/* c[m][n] = a[m][k] b[k][n], or += where add. a and b may lie in any order: a_row floats from one
 * row to the next, a_col from one column to the next; so a transposed matrix costs nothing. Each
 * element is one chain of fma along k, whatever the tiles: one result.
 *
 * A strip of 16 columns of b is copied together, then each tile of rows stays in registers while
 * k runs. AVX-512 has 32 registers of 16 floats, AVX2 sixteen of 8. */
#if LL_AVX512
#  define TILE_ROWS 16
#elif LL_AVX2
#  define TILE_ROWS 6
#else
#  define TILE_ROWS 2
#endif
#define STRIP_LEN 512

static void copy_strip(float *out, const float *b, int b_row, int b_col, int n, int k) {
    for (int i = 0; i < k; i++) {
        const float *row = b + (size_t)i * (size_t)b_row;
        if (b_col == 1) llv_f_store(out + 16 * i, ll_row_get(row, 0, n));
        else for (int j = 0; j < 16; j++) out[16 * i + j] = j < n ? row[(size_t)j * (size_t)b_col] : 0;
    }
}

LL_INLINE void tile(float *c, int c_row, const float *a, int a_row, int a_col, const float *strip,
                    int rows, int n, int k, bool add) {
    llv_f sum[TILE_ROWS];
    for (int r = 0; r < rows; r++)
        sum[r] = add ? ll_row_get(c + (size_t)r * (size_t)c_row, 0, n) : llv_f_set(0.0f);
    for (int i = 0; i < k; i++) {
        llv_f b = llv_f_load(strip + 16 * i);
        for (int r = 0; r < rows; r++)
            sum[r] = llv_f_fma(llv_f_set(a[(size_t)r * (size_t)a_row + (size_t)i * (size_t)a_col]), b, sum[r]);
    }
    for (int r = 0; r < rows; r++) ll_row_put(c + (size_t)r * (size_t)c_row, 0, n, sum[r]);
}

static void matmul(float *c, int c_row, const float *a, int a_row, int a_col, const float *b, int b_row,
                   int b_col, int m, int n, int k, bool add) {
    float strip[16 * STRIP_LEN];
    for (int j = 0; j < n; j += 16)
        for (int i = 0; i < k; i += STRIP_LEN) {
            int width = LL_MIN(16, n - j), len = LL_MIN(STRIP_LEN, k - i), r = 0;
            const float *a_part = a + (size_t)i * (size_t)a_col;
            copy_strip(strip, b + (size_t)i * (size_t)b_row + (size_t)j * (size_t)b_col, b_row, b_col, width, len);
            for (int rows; r < m; r += rows) {
                float *to = c + (size_t)r * (size_t)c_row + j;
                const float *from = a_part + (size_t)r * (size_t)a_row;
                bool more = add || i > 0;
                rows = m - r >= TILE_ROWS ? TILE_ROWS : m - r >= 4 ? 4 : 1;     /* each has a loop of its own */
                if (rows == TILE_ROWS) tile(to, c_row, from, a_row, a_col, strip, TILE_ROWS, width, len, more);
                else if (rows == 4) tile(to, c_row, from, a_row, a_col, strip, LL_MIN(4, TILE_ROWS), width, len, more);
                else tile(to, c_row, from, a_row, a_col, strip, 1, width, len, more);
            }
        }
}

/* y = x W, rows of x: T. W: [n_in][n_out]. */
static void linear(float *y, const float *x, const float *w, int n_rows, int n_in, int n_out, bool add) {
    matmul(y, n_out, x, n_in, 1, w, n_out, 1, n_rows, n_out, n_in, add);
}
/* dx += dy W^T (or =), dW += x^T dy */
static void linear_back(float *dx, float *dw, const float *dy, const float *x, const float *w, int n_rows,
                        int n_in, int n_out, bool add) {
    matmul(dx, n_in, dy, n_out, 1, w, 1, n_out, n_rows, n_in, n_out, add);
    matmul(dw, n_out, x, 1, n_in, dy, n_out, 1, n_in, n_out, n_rows, true);
}

/* ---- norm, positions, gate, attention ------------------------------------------------------- */

static float norm_scale(const float *x, int n) {
    return 1.0f / sqrtf(ll_vec_dot(x, x, n) / (float)n + NORM_EPS);
}

/* y = x s g with s = 1 / sqrt(mean of x^2 + eps): RMSNorm (Zhang, Sennrich, 2019). */
static void norm(float *y, const float *x, const float *g, int n_rows, int n) {
    for (int r = 0; r < n_rows; r++, x += n, y += n) {
        llv_f s = llv_f_set(norm_scale(x, n));
        for (int i = 0; i < n; i += 16)
            llv_f_store(y + i, llv_f_mul(llv_f_mul(llv_f_load(x + i), s), llv_f_load(g + i)));
    }
}

/* dx += s (dy g - x (s^2 / n) sum of dy g x), dg += dy x s */
static void norm_back(float *dx, float *dg, const float *dy, const float *x, const float *g, int n_rows, int n) {
    for (int r = 0; r < n_rows; r++, x += n, dy += n, dx += n) {
        float scale = norm_scale(x, n);
        llv_f s = llv_f_set(scale), sum = llv_f_set(0.0f), c;
        for (int i = 0; i < n; i += 16)
            sum = llv_f_fma(llv_f_mul(llv_f_load(dy + i), llv_f_load(g + i)), llv_f_load(x + i), sum);
        c = llv_f_set(-llv_f_sum(sum) * scale * scale / (float)n);
        for (int i = 0; i < n; i += 16) {
            llv_f x_i = llv_f_load(x + i), dy_i = llv_f_load(dy + i);
            llv_f v = llv_f_fma(x_i, c, llv_f_mul(dy_i, llv_f_load(g + i)));
            llv_f_store(dx + i, llv_f_fma(v, s, llv_f_load(dx + i)));
            llv_f_store(dg + i, llv_f_fma(llv_f_mul(dy_i, x_i), s, llv_f_load(dg + i)));
        }
    }
}

/* Turns each pair of numbers of each head by an angle that grows with the position: RoPE (Su et al.,
 * 2021). The way back turns by the same angle the other way. */
typedef struct angles { float *cos, *sin, *minus_sin; int n; } angles;       /* [n_ctx][n] */

static angles angles_new(const shape *s) {
    angles a;
    double freq[512];
    ll_rope_scaling plain;
    memset(&plain, 0, sizeof plain);
    a.n = head_dim(s) / 2;
    a.cos = take_floats((size_t)(s->n_ctx * a.n)), a.sin = take_floats((size_t)(s->n_ctx * a.n));
    a.minus_sin = take_floats((size_t)(s->n_ctx * a.n));
    ll_rope_freqs(freq, 2 * a.n, ROPE_BASE, &plain);
    for (int pos = 0; pos < s->n_ctx; pos++) ll_rope_row(a.cos + pos * a.n, a.sin + pos * a.n, freq, a.n, pos, 1);
    for (int i = 0; i < s->n_ctx * a.n; i++) a.minus_sin[i] = -a.sin[i];
    return a;
}

static void rope(float *x, const angles *a, const float *sin_rows, const int *pos, int n_rows, int n_heads) {
    for (int r = 0; r < n_rows; r++)
        for (int h = 0; h < n_heads; h++, x += 2 * a->n)
            ll_rope_apply(x, a->cos + pos[r] * a->n, sin_rows + pos[r] * a->n, LL_ROPE_NORM, 2 * a->n);
}

/* y = a sigmoid(a) b: SwiGLU (Shazeer: GLU variants improve transformer, 2020). */
static void gate(float *y, const float *a, const float *b, int n) {
    for (int i = 0; i < n; i += 16) {
        llv_f a_i = llv_f_load(a + i);
        llv_f_store(y + i, llv_f_mul(ll_gate(a_i, a_i), llv_f_load(b + i)));
    }
}

/* With g = sigmoid(a): d(a g)/da = g + a g (1 - g). da and db may be dy. */
static void gate_back(float *da, float *db, const float *dy, const float *a, const float *b, int n) {
    llv_f one = llv_f_set(1.0f);
    for (int i = 0; i < n; i += 16) {
        llv_f a_i = llv_f_load(a + i), dy_i = llv_f_load(dy + i), g = ll_gate(one, a_i);
        llv_f slope = llv_f_mul(g, llv_f_fma(a_i, llv_f_sub(one, g), one));
        llv_f_store(da + i, llv_f_mul(llv_f_mul(dy_i, llv_f_load(b + i)), slope));
        llv_f_store(db + i, llv_f_mul(dy_i, llv_f_mul(a_i, g)));
    }
}

/* One head over one document of n tokens. q, k, v, y: a row per token, `row` floats apart for q and
 * y, `kv_row` for k and v; p: [n][n], how much each token (row) attends to each one before it. */
static void attend(float *y, float *p, const float *q, const float *k, const float *v, int n, int dim, int row,
                   int kv_row) {
    float scale = 1.0f / sqrtf((float)dim);
    matmul(p, n, q, row, 1, k, 1, kv_row, n, n, dim, false);
    for (int t = 0; t < n; t++) {
        ll_vec_scale(p + t * n, p + t * n, scale, t + 1);
        ll_softmax(p + t * n, t + 1);
        memset(p + t * n + t + 1, 0, (size_t)(n - t - 1) * sizeof *p);
    }
    matmul(y, row, p, n, 1, v, kv_row, 1, n, dim, n, false);
}

/* dp: [n][n] of work space. dq is written, dk and dv are added to (heads share them). */
static void attend_back(float *dq, float *dk, float *dv, float *dp, const float *dy, const float *p,
                        const float *q, const float *k, const float *v, int n, int dim, int row, int kv_row) {
    float scale = 1.0f / sqrtf((float)dim);
    matmul(dv, kv_row, p, 1, n, dy, row, 1, n, dim, n, true);
    matmul(dp, n, dy, row, 1, v, 1, kv_row, n, n, dim, false);
    for (int t = 0; t < n; t++) {       /* through the softmax: ds = p (dp - sum of dp p) */
        const float *p_t = p + t * n;
        float *dp_t = dp + t * n;
        llv_f sum = llv_f_set(ll_vec_dot(dp_t, p_t, t + 1)), s = llv_f_set(scale);
        for (int i = 0; i < n; i += 16)
            ll_row_put(dp_t, i, n, llv_f_mul(llv_f_mul(llv_f_sub(ll_row_get(dp_t, i, n), sum),
                                                       ll_row_get(p_t, i, n)), s));
    }
    matmul(dq, row, dp, n, 1, k, kv_row, 1, n, dim, n, false);
    matmul(dk, kv_row, dp, 1, n, q, row, 1, n, dim, n, true);
}

/* ---- the network ---------------------------------------------------------------------------- */

/* Some documents, one after the other. Each begins at position 0 and sees only itself. */
typedef struct batch {
    int n, n_docs;
    int *token, *next, *pos;            /* [n_ctx] */
    float *weight;                      /* [n_ctx] how much it matters to predict the next one */
    int *first;                         /* [n_ctx + 1]: where document i begins, then n */
} batch;

/* What a thread remembers of the way forwards, for the way back. */
typedef struct memory_of_layer {
    float *x, *normed, *q, *k, *v, *p, *y;          /* the layer's input, ... attention's weights, its result */
    float *mid, *mid_normed, *a, *b, *h;            /* the stream between the two halves, ... gate, up, product */
} memory_of_layer;

typedef struct memory {
    memory_of_layer layers[MAX_LAYERS];
    float *x, *normed, *logits;                     /* behind the last layer */
    float *dx, *dn, *dq, *dk, *dv, *dy, *da, *db, *dp;
} memory;

/* Floats from one row of logits to the next. Were they a multiple of 4096 bytes apart, the rows that a
 * tile reads side by side would put each other out of the cache (matmul at 24 instead of 55 GMAC/s). */
static int logits_row(const shape *s) { return s->n_vocab + 16; }

static memory memory_new(const shape *s) {
    memory m;
    size_t t = (size_t)s->n_ctx, d = (size_t)s->n_embd * t, kv = (size_t)kv_dim(s) * t, ff = (size_t)s->n_ff * t;
    size_t p = (size_t)s->n_head * t * t;
    for (int i = 0; i < s->n_layer; i++) {
        memory_of_layer *l = &m.layers[i];
        l->x = take_floats(d), l->normed = take_floats(d), l->q = take_floats(d), l->y = take_floats(d);
        l->k = take_floats(kv), l->v = take_floats(kv), l->p = take_floats(p);
        l->mid = take_floats(d), l->mid_normed = take_floats(d);
        l->a = take_floats(ff), l->b = take_floats(ff), l->h = take_floats(ff);
    }
    m.x = take_floats(d), m.normed = take_floats(d), m.logits = take_floats(t * (size_t)logits_row(s));
    m.dx = take_floats(d), m.dn = take_floats(d), m.dq = take_floats(d);
    m.dy = take_floats(d), m.dk = take_floats(kv), m.dv = take_floats(kv);
    m.da = take_floats(ff), m.db = take_floats(ff), m.dp = take_floats(t * t);
    return m;
}

static void memory_free(memory *m, int n_layer) {
    for (int i = 0; i < n_layer; i++) {
        memory_of_layer *l = &m->layers[i];
        free(l->x), free(l->normed), free(l->q), free(l->k), free(l->v), free(l->p), free(l->y);
        free(l->mid), free(l->mid_normed), free(l->a), free(l->b), free(l->h);
    }
    free(m->x), free(m->normed), free(m->logits), free(m->dx), free(m->dn), free(m->dq), free(m->dk);
    free(m->dv), free(m->dy), free(m->da), free(m->db), free(m->dp);
}

/* Documents and heads: p of document i, head h begins behind those before it. */
static void attention(const shape *s, const batch *b, memory_of_layer *l) {
    int dim = head_dim(s), group = s->n_head / s->n_head_kv, kv = kv_dim(s), d = s->n_embd;
    float *p = l->p;
    for (int i = 0; i < b->n_docs; i++) {
        int at = b->first[i], n = b->first[i + 1] - at;
        for (int h = 0; h < s->n_head; h++, p += n * n)
            attend(l->y + at * d + h * dim, p, l->q + at * d + h * dim, l->k + at * kv + h / group * dim,
                   l->v + at * kv + h / group * dim, n, dim, d, kv);
    }
}

static void attention_back(const shape *s, const batch *b, const memory_of_layer *l, memory *m) {
    int dim = head_dim(s), group = s->n_head / s->n_head_kv, kv = kv_dim(s), d = s->n_embd;
    const float *p = l->p;
    memset(m->dk, 0, (size_t)(b->n * kv) * sizeof(float));
    memset(m->dv, 0, (size_t)(b->n * kv) * sizeof(float));
    for (int i = 0; i < b->n_docs; i++) {
        int at = b->first[i], n = b->first[i + 1] - at;
        for (int h = 0; h < s->n_head; h++, p += n * n) {
            int q_at = at * d + h * dim, kv_at = at * kv + h / group * dim;
            attend_back(m->dq + q_at, m->dk + kv_at, m->dv + kv_at, m->dp, m->dy + q_at, p, l->q + q_at,
                        l->k + kv_at, l->v + kv_at, n, dim, d, kv);
        }
    }
}

static void copy(float *y, const float *x, int n) { memcpy(y, x, (size_t)n * sizeof *y); }

static void layer_forward(const shape *s, const layer *w, const angles *a, const batch *b, memory_of_layer *l,
                          float *out) {
    int n = b->n, d = s->n_embd, kv = kv_dim(s);
    norm(l->normed, l->x, w->attn_norm, n, d);
    linear(l->q, l->normed, w->wq, n, d, d, false);
    linear(l->k, l->normed, w->wk, n, d, kv, false);
    linear(l->v, l->normed, w->wv, n, d, kv, false);
    rope(l->q, a, a->sin, b->pos, n, s->n_head);
    rope(l->k, a, a->sin, b->pos, n, s->n_head_kv);
    attention(s, b, l);
    copy(l->mid, l->x, n * d);
    linear(l->mid, l->y, w->wo, n, d, d, true);
    norm(l->mid_normed, l->mid, w->ffn_norm, n, d);
    linear(l->a, l->mid_normed, w->gate, n, d, s->n_ff, false);
    linear(l->b, l->mid_normed, w->up, n, d, s->n_ff, false);
    gate(l->h, l->a, l->b, n * s->n_ff);
    copy(out, l->mid, n * d);
    linear(out, l->h, w->down, n, s->n_ff, d, true);
}

/* m->dx: of the layer's result, then of its input. */
static void layer_back(const shape *s, const layer *w, layer *g, const angles *a, const batch *b,
                       const memory_of_layer *l, memory *m) {
    int n = b->n, d = s->n_embd, kv = kv_dim(s), ff = s->n_ff;
    linear_back(m->da, g->down, m->dx, l->h, w->down, n, ff, d, false);
    gate_back(m->da, m->db, m->da, l->a, l->b, n * ff);
    linear_back(m->dn, g->gate, m->da, l->mid_normed, w->gate, n, d, ff, false);
    linear_back(m->dn, g->up, m->db, l->mid_normed, w->up, n, d, ff, true);
    norm_back(m->dx, g->ffn_norm, m->dn, l->mid, w->ffn_norm, n, d);    /* now of mid: by both ways */
    linear_back(m->dy, g->wo, m->dx, l->y, w->wo, n, d, d, false);
    attention_back(s, b, l, m);
    rope(m->dq, a, a->minus_sin, b->pos, n, s->n_head);
    rope(m->dk, a, a->minus_sin, b->pos, n, s->n_head_kv);
    linear_back(m->dn, g->wq, m->dq, l->normed, w->wq, n, d, d, false);
    linear_back(m->dn, g->wk, m->dk, l->normed, w->wk, n, d, kv, true);
    linear_back(m->dn, g->wv, m->dv, l->normed, w->wv, n, d, kv, true);
    norm_back(m->dx, g->attn_norm, m->dn, l->x, w->attn_norm, n, d);
}

/* The weighted sum of -log p(next token). Logits become its derivatives, times scale. */
static double loss(float *logits, int row, const batch *b, int n_vocab, float scale) {
    double sum = 0;
    for (int t = 0; t < b->n; t++, logits += row) {
        ll_softmax(logits, n_vocab);
        sum -= (double)b->weight[t] * log((double)logits[b->next[t]] + 1e-30);
        logits[b->next[t]] -= 1.0f;
        ll_vec_scale(logits, logits, scale * b->weight[t], n_vocab);
    }
    return sum;
}

static double forward(const shape *s, const weights *w, const angles *a, const batch *b, memory *m, float scale) {
    int n = b->n, d = s->n_embd;
    for (int t = 0; t < n; t++) copy(m->layers[0].x + t * d, w->embd + b->token[t] * d, d);
    for (int i = 0; i < s->n_layer; i++)
        layer_forward(s, &w->layers[i], a, b, &m->layers[i], i + 1 < s->n_layer ? m->layers[i + 1].x : m->x);
    norm(m->normed, m->x, w->norm, n, d);
    matmul(m->logits, logits_row(s), m->normed, d, 1, w->embd, 1, d, n, s->n_vocab, d, false);
    return loss(m->logits, logits_row(s), b, s->n_vocab, scale);
}

/* After forward: adds to the gradients. */
static void backward(const shape *s, const weights *w, weights *g, const angles *a, const batch *b, memory *m) {
    int n = b->n, d = s->n_embd;
    matmul(m->dn, d, m->logits, logits_row(s), 1, w->embd, d, 1, n, d, s->n_vocab, false);
    matmul(g->embd, d, m->logits, 1, logits_row(s), m->normed, d, 1, s->n_vocab, d, n, true);
    memset(m->dx, 0, (size_t)(n * d) * sizeof(float));
    norm_back(m->dx, g->norm, m->dn, m->x, w->norm, n, d);
    for (int i = s->n_layer - 1; i >= 0; i--)
        layer_back(s, &w->layers[i], &g->layers[i], a, b, &m->layers[i], m);
    for (int t = 0; t < n; t++) {
        float *row = g->embd + b->token[t] * d;
        for (int i = 0; i < d; i++) row[i] += m->dx[t * d + i];
    }
}

/* ---- one step ------------------------------------------------------------------------------- */

#define CHUNK 4096                      /* weights whose squares are summed together */

typedef struct trainer {
    shape s;
    weights w, mean, square;            /* AdamW's running means of gradients and of their squares */
    int n_batches, step, n_steps;
    float peak_rate;
    batch *batches;                     /* [n_batches] */
    weights *grads;                     /* [n_batches]; after a step the first one is the sum */
    double *losses, *sums;              /* of each batch; of each chunk */
    memory *memories;                   /* [workers.width] */
    angles a;
    llocal_workers workers;
    float scale, clip, rate;            /* of this step */
} trainer;

static void train_batches(void *arg, int worker) {
    trainer *t = (trainer *)arg;
    for (int i = worker; i < t->n_batches; i += LL_MAX(1, t->workers.width)) {
        memory *m = &t->memories[worker];
        memset(t->grads[i].block, 0, t->grads[i].n * sizeof(float));
        t->losses[i] = forward(&t->s, &t->w, &t->a, &t->batches[i], m, t->scale);
        backward(&t->s, &t->w, &t->grads[i], &t->a, &t->batches[i], m);
    }
}

/* The chunks of one worker: for each weight the sum over batches, in order. */
static void add_gradients(void *arg, int worker) {
    trainer *t = (trainer *)arg;
    for (size_t c = (size_t)worker; c * CHUNK < t->w.n; c += (size_t)LL_MAX(1, t->workers.width)) {
        size_t n = LL_MIN(CHUNK, t->w.n - c * CHUNK);
        float *sum = t->grads[0].block + c * CHUNK;
        for (int b = 1; b < t->n_batches; b++) {
            const float *g = t->grads[b].block + c * CHUNK;
            for (size_t i = 0; i < n; i++) sum[i] += g[i];
        }
        t->sums[c] = (double)ll_vec_dot(sum, sum, (int)n);
    }
}

/* AdamW (Loshchilov, Hutter: Decoupled weight decay regularization, 2019). Norms do not decay. */
static void change_weights(void *arg, int worker) {
    const float b1 = 0.9f, b2 = 0.95f, decay = 0.1f, eps = 1e-8f;
    trainer *t = (trainer *)arg;
    size_t width = (size_t)LL_MAX(1, t->workers.width), at = 0;
    size_t from = t->w.n * (size_t)worker / width, to = t->w.n * ((size_t)worker + 1) / width;
    float left1 = 1, left2 = 1;         /* b^step: how much of a mean its start still is */
    tensor list[MAX_TENSORS];
    int n = list_tensors(&t->s, &t->w, list);
    for (int i = 0; i < t->step + 1 && left1 + left2 > 0; i++) left1 *= b1, left2 *= b2;
    for (int k = 0; k < n; at += tensor_size(&list[k++])) {
        float keep = list[k].n_in ? 1.0f - t->rate * decay : 1.0f;
        for (size_t i = LL_MAX(from, at); i < LL_MIN(to, at + tensor_size(&list[k])); i++) {
            float g = t->grads[0].block[i] * t->clip, mean, square;
            mean = t->mean.block[i] = b1 * t->mean.block[i] + (1 - b1) * g;
            square = t->square.block[i] = b2 * t->square.block[i] + (1 - b2) * g * g;
            t->w.block[i] = keep * t->w.block[i] -
                            t->rate * (mean / (1 - left1)) / (sqrtf(square / (1 - left2)) + eps);
        }
    }
}

/* Up in a straight line, then level, then down in a straight line. While it is level, a run can be
 * made longer or shorter than it was meant to be. */
static int decay_start(int n_steps) { return n_steps - n_steps / 5; }

static float rate_at(const trainer *t, int step) {
    int warm = LL_MIN(100, t->n_steps / 10 + 1), down = decay_start(t->n_steps);
    if (step < warm) return t->peak_rate * (float)(step + 1) / (float)warm;
    if (step < down) return t->peak_rate;
    return t->peak_rate * (float)(t->n_steps - step) / (float)(t->n_steps - down);
}

static void all_workers(trainer *t, void (*task)(void *arg, int i)) {
    if (t->workers.run) t->workers.run(t->workers.user, t->workers.width, task, t);
    else task(t, 0);
}

/* Batches are filled. Returns the weighted mean of -log p. */
static double train_step(trainer *t) {
    double sum = 0, squares = 0, weight = 0, norm_of_all;
    for (int i = 0; i < t->n_batches; i++)
        for (int k = 0; k < t->batches[i].n; k++) weight += (double)t->batches[i].weight[k];
    t->scale = weight > 0 ? (float)(1 / weight) : 0;
    all_workers(t, train_batches);
    all_workers(t, add_gradients);
    for (int i = 0; i < t->n_batches; i++) sum += t->losses[i];
    for (size_t c = 0; c * CHUNK < t->w.n; c++) squares += t->sums[c];
    norm_of_all = sqrt(squares);
    t->clip = norm_of_all > 1 ? (float)(1 / norm_of_all) : 1;
    t->rate = rate_at(t, t->step);
    all_workers(t, change_weights);
    t->step++;
    return weight > 0 ? sum / weight : 0;
}

static trainer trainer_new(const shape *s, int n_batches, llocal_workers workers) {
    trainer t;
    size_t n = (size_t)s->n_ctx * sizeof(int);
    memset(&t, 0, sizeof t);
    t.s = *s, t.n_batches = n_batches, t.workers = workers, t.a = angles_new(s);
    t.w = weights_new(s), t.mean = weights_new(s), t.square = weights_new(s);
    t.batches = (batch *)take((size_t)n_batches * sizeof(batch));
    t.grads = (weights *)take((size_t)n_batches * sizeof(weights));
    t.losses = (double *)take((size_t)n_batches * sizeof(double));
    t.sums = (double *)take((t.w.n / CHUNK + 1) * sizeof(double));
    t.memories = (memory *)take((size_t)LL_MAX(1, workers.width) * sizeof(memory));
    for (int i = 0; i < LL_MAX(1, workers.width); i++) t.memories[i] = memory_new(s);
    for (int i = 0; i < n_batches; i++) {
        batch *b = &t.batches[i];
        b->token = (int *)take(n), b->next = (int *)take(n), b->pos = (int *)take(n), b->weight = take_floats((size_t)s->n_ctx);
        b->first = (int *)take(n + sizeof(int));
        t.grads[i] = weights_new(s);
    }
    return t;
}

static void trainer_free(trainer *t) {
    for (int i = 0; i < t->n_batches; i++) {
        batch *b = &t->batches[i];
        free(b->token), free(b->next), free(b->pos), free(b->weight), free(b->first);
        free(t->grads[i].block);
    }
    for (int i = 0; i < LL_MAX(1, t->workers.width); i++) memory_free(&t->memories[i], t->s.n_layer);
    free(t->w.block), free(t->mean.block), free(t->square.block);
    free(t->batches), free(t->grads), free(t->losses), free(t->sums), free(t->memories);
    free(t->a.cos), free(t->a.sin), free(t->a.minus_sin);
}

/* ---- the text ------------------------------------------------------------------------------- */

typedef struct reader {
    FILE *f;
    const llocal_model *vocab;
    char *text;                         /* the document that was read last */
    size_t len, cap;
    llocal_token *tokens;               /* the same, cut to what a batch can hold */
    int n_tokens, max_tokens;
    long at;                            /* where that document begins in the file */
    bool held;                          /* it has not been used */
} reader;

/* The next document; from the start again at the end of the file. */
static bool read_document(reader *r) {
    bool again = false;
    r->len = 0, r->at = ftell(r->f);
    for (;;) {
        char *line;
        if (r->cap < r->len + 4096 && !(r->text = (char *)realloc(r->text, r->cap = 2 * r->cap + 8192))) return false;
        line = r->text + r->len;
        if (!fgets(line, 4096, r->f)) {
            if (again) return false;
            again = true, rewind(r->f), r->len = 0, r->at = 0;
        } else if (!strcmp(line, "%\n") && (r->len == 0 || line[-1] == '\n')) {
            if (r->len > 0) break;
        } else {
            r->len += strlen(line);
        }
    }
    r->n_tokens = llocal_tokenize(r->vocab, r->text, r->len - 1, LLOCAL_TOKENIZE_ADD_SPECIAL, r->tokens, r->max_tokens);
    if (r->n_tokens < 0) return false;
    r->n_tokens = LL_MIN(r->n_tokens, r->max_tokens);
    if (r->n_tokens < r->max_tokens) r->tokens[r->n_tokens++] = llocal_token_role(r->vocab, LLOCAL_ROLE_EOS);
    return r->n_tokens > 1;
}

/* In a document that is a task, the last line matters most: the answer. Returns its first token. */
static int answer_begins(const reader *r) {
    llocal_token line_break[8];
    int n = llocal_tokenize(r->vocab, "\n", 1, 0, line_break, 8), at = r->n_tokens;
    if (r->len < 5 || memcmp(r->text, "Task:", 5)) return at;
    while (at > 0 && r->tokens[at - 1] != line_break[LL_MIN(n, 8) - 1]) at--;
    return at;
}
#define OTHER_WEIGHT 0.3f

/* As many whole documents as fit. */
LL_FN bool fill_batch(batch *b, reader *r) {
    int room = r->max_tokens - 1;       /* a document of n tokens has n - 1 to predict from */
    b->n = b->n_docs = 0;
    for (;;) {
        int answer;
        if (!r->held && !read_document(r)) return false;
        r->held = true;
        if (b->n + r->n_tokens - 1 > room) break;
        b->first[b->n_docs++] = b->n;
        answer = answer_begins(r);
        for (int i = 0; i + 1 < r->n_tokens; i++, b->n++) {
            b->token[b->n] = r->tokens[i], b->next[b->n] = r->tokens[i + 1], b->pos[b->n] = i;
            b->weight[b->n] = i + 1 >= answer ? 1.0f : OTHER_WEIGHT;
        }
        r->held = false;
    }
    b->first[b->n_docs] = b->n;
    return true;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* A file appears under its name only when it is whole. */
static FILE *begin_file(const char *path, char *temporary, size_t size) {
    if ((size_t)snprintf(temporary, size, "%s.part", path) >= size) return NULL;
    return file_open(temporary, "wb");
}
static bool end_file(FILE *f, bool ok, const char *temporary, const char *path) {
    ok = f && !ferror(f) && ok;
    if (f && fclose(f)) ok = false;
    if (ok && file_replace(temporary, path)) return true;
    if (f) file_remove(temporary);
    return false;
}

/* GGUF has matrices the other way: a row for each output. */
static bool write_tensor(const llocal_writer *out, const tensor *t) {
    const float *w = *t->where;
    size_t rows = (size_t)t->n_out, cols = (size_t)(t->n_in ? t->n_in : 1), n = rows * cols;
    bool turned = t->n_in && t->layer >= 0, ok;
    uint8_t *bytes = (uint8_t *)take(4 * n);
    for (size_t i = 0; i < n; i++)
        ll_store_u32(bytes + 4 * i, ll_f32_to_bits(turned ? w[i % cols * rows + i / cols] : w[i]));
    ok = !llocal_gguf_write_data(out, bytes, 4 * n);
    free(bytes);
    return ok;
}

LL_FN bool write_model(trainer *t, const llocal_model *vocab, const char *name, const char *path) {
    static head h;
    static llocal_tensor tensors[MAX_TENSORS];
    static char names[MAX_TENSORS][64];
    const llocal_gguf *g = llocal_model_gguf(vocab);
    const shape *s = &t->s;
    tensor list[MAX_TENSORS];
    char temporary[1024];
    int n = list_tensors(s, &t->w, list);
    FILE *f = begin_file(path, temporary, sizeof temporary);
    llocal_writer out = {0};
    bool ok = f != NULL;
    out.write = head_write, out.user = f, h.n = 0;
    head_string(&h, "general.architecture", "llama");
    head_string(&h, "general.name", name);
    head_int(&h, "general.file_type", 0);
    head_int(&h, "llama.context_length", s->n_ctx);
    head_int(&h, "llama.embedding_length", s->n_embd);
    head_int(&h, "llama.block_count", s->n_layer);
    head_int(&h, "llama.feed_forward_length", s->n_ff);
    head_int(&h, "llama.attention.head_count", s->n_head);
    head_int(&h, "llama.attention.head_count_kv", s->n_head_kv);
    head_int(&h, "llama.rope.dimension_count", head_dim(s));
    head_int(&h, "llama.vocab_size", s->n_vocab);
    head_float(&h, "llama.rope.freq_base", (double)ROPE_BASE);
    head_float(&h, "llama.attention.layer_norm_rms_epsilon", (double)NORM_EPS);
    for (int i = 0; i < llocal_gguf_meta_count(g); i++) {
        llocal_meta m = llocal_gguf_meta(g, i);
        if (m.key.len > 10 && !memcmp(m.key.ptr, "tokenizer.", 10)) h.meta[h.n++] = m;
    }
    for (int i = 0; i < n; i++) {
        llocal_tensor *to = &tensors[i];
        if (list[i].layer < 0) snprintf(names[i], sizeof names[i], "%s.weight", list[i].name);
        else snprintf(names[i], sizeof names[i], "blk.%d.%s.weight", list[i].layer, list[i].name);
        memset(to, 0, sizeof *to);
        to->name.ptr = names[i], to->name.len = strlen(names[i]);
        to->n_dims = list[i].n_in ? 2 : 1, to->dim[1] = to->dim[2] = to->dim[3] = 1;
        to->dim[0] = list[i].n_in && list[i].layer >= 0 ? list[i].n_in : list[i].n_out;
        if (list[i].n_in) to->dim[1] = list[i].layer >= 0 ? list[i].n_out : list[i].n_in;
    }
    ok = ok && !llocal_gguf_write_head(&out, h.meta, h.n, tensors, n);
    for (int i = 0; i < n && ok; i++) ok = write_tensor(&out, &list[i]);
    return end_file(f, ok, temporary, path);
}

/* What is needed to go on: all that is not computed anew in each step. For this machine only. */
typedef struct saved { char magic[8]; shape s; int step, n_steps, n_batches; long text_at; } saved;

static saved saved_of(const trainer *t, long text_at) {
    saved h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, "lltrain1", 8);
    h.s = t->s, h.step = t->step, h.n_steps = t->n_steps, h.n_batches = t->n_batches, h.text_at = text_at;
    return h;
}

static bool save(const trainer *t, const reader *r, const char *path) {
    char temporary[1024];
    saved h = saved_of(t, r->at);
    FILE *f = begin_file(path, temporary, sizeof temporary);
    bool ok = f && fwrite(&h, sizeof h, 1, f) == 1;
    const weights *all[] = { &t->w, &t->mean, &t->square };
    for (int i = 0; i < 3 && ok; i++) ok = fwrite(all[i]->block, sizeof(float), all[i]->n, f) == all[i]->n;
    return end_file(f, ok, temporary, path);
}

static bool resume(trainer *t, reader *r, const char *path) {
    FILE *f = file_open(path, "rb");
    saved h, mine;
    bool ok = f && fread(&h, sizeof h, 1, f) == 1;
    weights *all[] = { &t->w, &t->mean, &t->square };
    if (ok) {
        mine = saved_of(t, h.text_at);
        ok = h.n_steps == t->n_steps || h.step <= decay_start(LL_MIN(h.n_steps, t->n_steps));
        mine.step = h.step, mine.n_steps = h.n_steps;
        ok = ok && !memcmp(&h, &mine, sizeof h);
    }
    for (int i = 0; i < 3 && ok; i++) ok = fread(all[i]->block, sizeof(float), all[i]->n, f) == all[i]->n;
    if (f) fclose(f);
    if (ok) t->step = h.step, ok = !fseek(r->f, h.text_at, SEEK_SET);
    return ok;
}

/* The curve of the loss, drawn from the CSV. */
LL_FN void draw_curve(const char *csv, const char *svg, int n_steps) {
    FILE *in = file_open(csv, "rb"), *out = in ? file_open(svg, "wb") : NULL;
    char line[256];
    int step;
    double tokens, value;
    if (out) {
        fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 320\" font-family=\"sans-serif\" "
                     "font-size=\"12\">\n<rect width=\"640\" height=\"320\" fill=\"#fff\"/>\n");
        for (int y = 0; y <= 8; y++)
            fprintf(out, "<path d=\"M40 %dH620\" stroke=\"#ddd\"/><text x=\"32\" y=\"%d\" text-anchor=\"end\">%d</text>\n",
                    280 - 32 * y, 284 - 32 * y, y);
        fprintf(out, "<text x=\"40\" y=\"300\">step 0</text><text x=\"620\" y=\"300\" text-anchor=\"end\">%d</text>"
                     "<text x=\"330\" y=\"300\" text-anchor=\"middle\">mean of -ln p(next token)</text>\n"
                     "<polyline fill=\"none\" stroke=\"#07c\" stroke-width=\"1.5\" points=\"", n_steps);
        while (fgets(line, sizeof line, in))
            if (sscanf(line, "%d,%lf,%lf", &step, &tokens, &value) == 3)
                fprintf(out, "%.1f,%.1f ", 40 + 580.0 * step / n_steps, 280 - 32 * value);
        fprintf(out, "\"/>\n</svg>\n");
        fclose(out);
    }
    if (in) fclose(in);
}

/* ---- main ----------------------------------------------------------------------------------- */

#ifndef TRAIN_NO_MAIN
typedef struct options {
    const char *vocab, *text, *out, *name, *save, *curve;
    shape s;
    int steps, until, batches, threads;
    double rate;
    uint64_t seed;
    bool resume;
} options;

static void fail(const char *what, const char *which) {
    fprintf(stderr, "train: error: %s %s\n", what, which);
    exit(1);
}

static options read_options(int argc, char **argv) {
    options o = { NULL, NULL, NULL, "tiny", NULL, NULL, { 0, 256, 5, 8, 4, 512, 512 }, 4000, 0, 16, 0, 2e-3, 1, false };
    const struct { const char *name; const char **text; int *number; } known[] = {
        { "--vocab", &o.vocab, NULL }, { "--text", &o.text, NULL }, { "--out", &o.out, NULL },
        { "--name", &o.name, NULL }, { "--save", &o.save, NULL }, { "--curve", &o.curve, NULL },
        { "--embd", NULL, &o.s.n_embd }, { "--layers", NULL, &o.s.n_layer }, { "--heads", NULL, &o.s.n_head },
        { "--kv-heads", NULL, &o.s.n_head_kv }, { "--ff", NULL, &o.s.n_ff }, { "--ctx", NULL, &o.s.n_ctx },
        { "--steps", NULL, &o.steps }, { "--until", NULL, &o.until }, { "--batches", NULL, &o.batches },
        { "--threads", NULL, &o.threads },
    };
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        size_t k = 0;
        if (!strcmp(argv[i], "--resume")) { o.resume = true; continue; }
        i++;
        if (!strcmp(argv[i - 1], "--rate")) { o.rate = atof(value); continue; }
        if (!strcmp(argv[i - 1], "--seed")) { o.seed = strtoull(value, NULL, 10); continue; }
        while (k < sizeof known / sizeof *known && strcmp(argv[i - 1], known[k].name)) k++;
        if (k == sizeof known / sizeof *known) fail("unknown option", argv[i - 1]);
        if (known[k].text) *known[k].text = value;
        else if ((*known[k].number = atoi(value)) <= 0) fail("this needs a number above 0:", argv[i - 1]);
    }
    if (!o.vocab || !o.text || !o.out) fail("it needs", "--vocab, --text and --out");
    if (o.s.n_embd % (16 * o.s.n_head) || o.s.n_head % o.s.n_head_kv || o.s.n_ff % 16 || o.s.n_layer > MAX_LAYERS)
        fail("the shape must have", "heads of a multiple of 16, heads a multiple of kv-heads, ff of 16, at most 32 layers");
    if (o.until == 0 || o.until > o.steps) o.until = o.steps;
    return o;
}

#define REPORT_EVERY 20
#define SAVE_EVERY   200

/* The curve's file, without what a run that was cut short wrote after it had saved; tokens: so far. */
static FILE *open_curve(const char *path, int step, double *tokens) {
    FILE *old = step ? file_open(path, "rb") : NULL, *f;
    char (*kept)[128] = NULL, line[128];
    int n = 0, at;
    double seen, value;
    while (old && fgets(line, sizeof line, old)) {
        if (sscanf(line, "%d,%lf,%lf", &at, &seen, &value) != 3 || at > step) continue;
        kept = (char (*)[128])realloc(kept, (size_t)(n + 1) * sizeof *kept);
        if (!kept) fail("out of memory", "");
        strcpy(kept[n++], line), *tokens = seen;
    }
    if (old) fclose(old);
    f = file_open(path, "wb");
    if (!f) fail("cannot write", path);
    fprintf(f, "step,tokens,loss,rate\n");
    for (int i = 0; i < n; i++) fputs(kept[i], f);
    free(kept);
    return f;
}

static void run(trainer *t, reader *r, const options *o) {
    double sum = 0, tokens = 0, before, seconds;
    FILE *csv = o->curve ? open_curve(o->curve, t->step, &tokens) : NULL;
    uint64_t start = ll_clock_us();
    int first = t->step;
    before = tokens;
    while (t->step < o->until) {
        for (int i = 0; i < t->n_batches; i++) {
            if (!fill_batch(&t->batches[i], r)) fail("no documents in", o->text);
            tokens += t->batches[i].n;
        }
        sum += train_step(t);
        if (t->step % REPORT_EVERY == 0 || t->step == o->until) {
            int n = t->step % REPORT_EVERY ? t->step % REPORT_EVERY : LL_MIN(REPORT_EVERY, t->step - first);
            seconds = (double)(ll_clock_us() - start) * 1e-6;
            printf("step %d/%d  loss %.4f  %.0f tokens/s  %.0f min to go\n", t->step, t->n_steps, sum / n,
                   (tokens - before) / seconds, seconds / (t->step - first) * (o->until - t->step) / 60);
            fflush(stdout);
            if (csv) fprintf(csv, "%d,%.0f,%.4f,%.6f\n", t->step, tokens, sum / n, (double)t->rate), fflush(csv);
            sum = 0;
        }
        if (o->save && (t->step % SAVE_EVERY == 0 || t->step == o->until) && !save(t, r, o->save))
            fail("cannot write", o->save);
    }
    if (csv) fclose(csv);
}

int main(int argc, char **argv) {
    options o;
    llocal_source src;
    llocal_model *vocab = NULL;
    llocal_pool_desc threads = {0};
    llocal_pool *pool = NULL;
    trainer t;
    reader r;
    memset(&src, 0, sizeof src), memset(&r, 0, sizeof r);
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    o = read_options(argc, argv);
    src.path = o.vocab, src.vocab_only = true, src.logger.write = llocal_log_stderr;
    if (llocal_model_open(&src, &vocab)) return 1;
    o.s.n_vocab = llocal_model_hparams(vocab)->n_vocab;
    threads.n_threads = o.threads, threads.logger = src.logger;
    if (llocal_pool_open(&threads, &pool)) return 1;
    t = trainer_new(&o.s, o.batches, llocal_pool_workers(pool));
    t.n_steps = o.steps, t.peak_rate = (float)o.rate;
    weights_start(&o.s, &t.w, o.seed);
    r.f = file_open(o.text, "rb"), r.vocab = vocab, r.max_tokens = o.s.n_ctx + 1;
    r.tokens = (llocal_token *)take((size_t)r.max_tokens * sizeof *r.tokens);
    if (!r.f) fail("cannot read", o.text);
    if (o.resume && !resume(&t, &r, o.save ? o.save : "")) fail("cannot go on from", o.save ? o.save : "nothing: --save is missing");
    printf("%.2f million weights, %d steps of at most %d tokens, %d threads\n", (double)t.w.n * 1e-6, o.steps,
           o.batches * o.s.n_ctx, t.workers.width);
    run(&t, &r, &o);
    if (!write_model(&t, vocab, o.name, o.out)) fail("cannot write", o.out);
    if (o.curve) {
        char svg[1024];                 /* beside the CSV */
        size_t len = strlen(o.curve);
        if (len > 4 && !strcmp(o.curve + len - 4, ".csv")) len -= 4;
        snprintf(svg, sizeof svg, "%.*s.svg", (int)len, o.curve);
        draw_curve(o.curve, svg, o.steps);
    }
    trainer_free(&t);
    fclose(r.f), free(r.text), free(r.tokens);
    llocal_pool_close(pool);
    llocal_model_close(vocab);
    return 0;
}
#endif
