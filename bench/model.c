/* Writes a GGUF model of a real model's shape with random weights: what speed needs, without a
 * download.
 *
 *     model SHAPE FORMAT OUT.gguf [uneven]
 *
 * SHAPE: 135M (SmolLM2), 0.6B (Qwen3), 80M (four layers of it), 1B (Llama 3.2), 0.8B (Qwen3.5). FORMAT: F16, Q8_0, Q4_0, ... (codebook
 * formats, which are not quantised to, are filled with random indices), or Q4_K_M: Q4_K with Q6_K
 * for the tensors that the usual mix gives it to.
 * Weights are Gaussian with the variance of a trained model's, so activations stay in range. A
 * matrix repeats a few hundred random rows: its bytes are as incompressible to the caches, and
 * writing takes seconds. `uneven` is for quantisers: rows and columns of different size, and one weight
 * in a thousand eight times too large, as in trained models. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct shape {
    const char *name, *arch;
    int n_vocab, n_embd, n_layer, n_head, n_head_kv, head_dim, n_ff;
    double rope_base;
    bool qk_norm;
    int period;                         /* of layers that attend; others are delta nets of 16 heads of 128; 0: all do */
} shape;

static const shape shapes[] = {
    { "135M", "llama",  49152,  576, 30,  9, 3,  64, 1536,  100000, false, 0 },
    { "0.6B", "qwen3", 151936, 1024, 28, 16, 8, 128, 3072, 1000000, true, 0 },
    { "80M",  "qwen3",  16384, 1024,  4, 16, 8, 128, 3072, 1000000, true, 0 },
    { "1B",   "llama", 128256, 2048, 16, 32, 8,  64, 8192,  500000, false, 0 },
    { "0.8B", "qwen35", 248320, 1024, 24,  8, 2, 256, 3584, 10000000, true, 4 },
};

#define MAX_TENSORS 1024
static llocal_tensor tensors[MAX_TENSORS];
static char names[MAX_TENSORS][64];
static int n_tensors;
static llocal_meta metas[64];
static char keys[64][64];
static int n_metas;

static void die(const char *why) { fprintf(stderr, "model: %s\n", why); exit(1); }

static llocal_format format_named(const char *name) {
    for (llocal_format f = 0; f < 64; f++) {
        llocal_traits i = llocal_format_traits(f);
        if (i.name && !strcmp(i.name, name)) return f;
    }
    fprintf(stderr, "model: there is no format %s\n", name);
    exit(1);
}

static llocal_meta *meta(const char *arch, const char *key, llocal_meta_type type) {
    llocal_meta *m = &metas[n_metas];
    snprintf(keys[n_metas], 64, "%s%s%s", arch, *arch ? "." : "", key);
    m->key.ptr = keys[n_metas], m->key.len = strlen(keys[n_metas]), m->type = type, m->count = 1;
    n_metas++;
    return m;
}
static void put_int(const char *arch, const char *key, int v) { meta(arch, key, LLOCAL_META_U32)->as.u = (uint64_t)v; }
static void put_float(const char *arch, const char *key, double v) { meta(arch, key, LLOCAL_META_F32)->as.f = v; }
static void put_str(const char *arch, const char *key, const char *v) {
    llocal_meta *m = meta(arch, key, LLOCAL_META_STRING);
    m->as.s.ptr = v, m->as.s.len = strlen(v);
}

/* A name with a dot has its ending already. */
static void tensor(const char *name, int layer, llocal_format f, int cols, int rows) {
    llocal_tensor *t = &tensors[n_tensors];
    if (layer < 0) snprintf(names[n_tensors], 64, "%s.weight", name);
    else snprintf(names[n_tensors], 64, "blk.%d.%s%s", layer, name, strchr(name, '.') ? "" : ".weight");
    t->name.ptr = names[n_tensors], t->name.len = strlen(names[n_tensors]);
    t->format = f, t->n_dims = rows > 1 ? 2 : 1;
    t->dim[0] = cols, t->dim[1] = rows, t->dim[2] = t->dim[3] = 1;
    n_tensors++;
}

/* Does the Q4_K_M mix give this layer's attn_v and ffn_down more bits? */
static bool more_bits(int i, int n) { return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; }

static void describe_delta(const shape *s, int i, llocal_format f, llocal_format more) {
    enum { HEADS = 16, DIM = 128, WIDTH = HEADS * DIM };
    tensor("attn_qkv", i, f, s->n_embd, 3 * WIDTH);
    tensor("attn_gate", i, f, s->n_embd, WIDTH);
    tensor("ssm_beta", i, f, s->n_embd, HEADS);
    tensor("ssm_alpha", i, f, s->n_embd, HEADS);
    tensor("ssm_conv1d", i, LLOCAL_FORMAT_F32, 4, 3 * WIDTH);
    tensor("ssm_dt.bias", i, LLOCAL_FORMAT_F32, HEADS, 1);
    tensor("ssm_a", i, LLOCAL_FORMAT_F32, HEADS, 1);
    tensor("ssm_norm", i, LLOCAL_FORMAT_F32, DIM, 1);
    tensor("ssm_out", i, more, WIDTH, s->n_embd);
}

static void describe(const shape *s, const char *mix) {
    bool k_m = !strcmp(mix, "Q4_K_M");
    llocal_format f = format_named(k_m ? "Q4_K" : mix), big = k_m ? format_named("Q6_K") : f, f32 = LLOCAL_FORMAT_F32;
    llocal_format head = strstr(mix, "Q4") || strstr(mix, "Q5") ? format_named("Q6_K") : f;
    int n_q = s->n_head * s->head_dim, n_kv = s->n_head_kv * s->head_dim;
    if (s->n_embd % llocal_format_traits(head).block_len) head = format_named("Q8_0");
    put_str("", "general.architecture", s->arch);
    put_str("", "general.name", s->name);
    put_int(s->arch, "vocab_size", s->n_vocab);
    put_int(s->arch, "context_length", 32768);
    put_int(s->arch, "embedding_length", s->n_embd);
    put_int(s->arch, "block_count", s->n_layer);
    put_int(s->arch, "feed_forward_length", s->n_ff);
    put_int(s->arch, "attention.head_count", s->n_head);
    put_int(s->arch, "attention.head_count_kv", s->n_head_kv);
    put_int(s->arch, "attention.key_length", s->head_dim);
    put_int(s->arch, "attention.value_length", s->head_dim);
    put_int(s->arch, "rope.dimension_count", s->period ? s->head_dim / 4 : s->head_dim);
    if (s->period) {
        put_int(s->arch, "full_attention_interval", s->period);
        put_int(s->arch, "ssm.conv_kernel", 4), put_int(s->arch, "ssm.inner_size", 2048);
        put_int(s->arch, "ssm.state_size", 128);
        put_int(s->arch, "ssm.time_step_rank", 16), put_int(s->arch, "ssm.group_count", 16);
    }
    put_float(s->arch, "attention.layer_norm_rms_epsilon", 1e-6);
    put_float(s->arch, "rope.freq_base", s->rope_base);
    put_str("", "tokenizer.ggml.model", "none");
    tensor("token_embd", -1, head, s->n_embd, s->n_vocab);
    tensor("output_norm", -1, f32, s->n_embd, 1);
    for (int i = 0; i < s->n_layer; i++) {
        llocal_format more = more_bits(i, s->n_layer) ? big : f;
        tensor("attn_norm", i, f32, s->n_embd, 1);
        if (s->period && (i + 1) % s->period) describe_delta(s, i, f, more);
        else {
            tensor("attn_q", i, f, s->n_embd, s->period ? 2 * n_q : n_q);      /* with gates */
            tensor("attn_k", i, f, s->n_embd, n_kv);
            tensor("attn_v", i, more, s->n_embd, n_kv);
            tensor("attn_output", i, f, n_q, s->n_embd);
            if (s->qk_norm) tensor("attn_q_norm", i, f32, s->head_dim, 1), tensor("attn_k_norm", i, f32, s->head_dim, 1);
        }
        tensor(s->period ? "post_attention_norm" : "ffn_norm", i, f32, s->n_embd, 1);
        tensor("ffn_gate", i, f, s->n_embd, s->n_ff);
        tensor("ffn_up", i, f, s->n_embd, s->n_ff);
        tensor("ffn_down", i, more, s->n_ff, s->n_embd);
    }
}

static uint32_t random24(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(state >> 40);
}

/* Sum of twelve uniforms: near enough to a Gaussian of variance 1. */
static float gauss(void) {
    float sum = 0;
    for (int i = 0; i < 12; i++) sum += (float)random24() / 16777216.0f;
    return sum - 6;
}

/* d, an f16, of a block of a codebook format. */
static void set_scale(llocal_traits f, uint8_t *block, float d) {
    uint8_t half[2];
    if (llocal_quantize(LLOCAL_FORMAT_F16, &d, NULL, half, 1)) die("cannot quantise");
    if (strcmp(f.name, "IQ1_M")) memcpy(block, half, 2);
    else for (int k = 0; k < 4; k++)                    /* four bits in each of four words */
        block[49 + 2 * k] = (uint8_t)((block[49 + 2 * k] & 15) | (half[k / 2] >> (k % 2 * 4) & 15) << 4);
}

/* Codebook formats: any indices, signs and scales will do; d makes their size right. */
static void random_row(llocal_format format, uint8_t *row, size_t n, float scale) {
    const llocal_traits f = llocal_format_traits(format);
    for (size_t i = 0; i < n / 256; i++, row += f.block_bytes) {
        float x[256], sum = 0;
        for (int j = 0; j < f.block_bytes; j++) row[j] = (uint8_t)random24();
        set_scale(f, row, 1);
        if (llocal_dequantize(format, row, x, 256)) die("cannot dequantise");
        for (int j = 0; j < 256; j++) sum += x[j] * x[j];
        set_scale(f, row, scale / sqrtf(sum / 256));
    }
}

static size_t write_file(void *user, const void *src, size_t size) { return fwrite(src, 1, size, (FILE *)user); }

#define ROWS 512                                /* different rows in a matrix */

/* x[n]: Gaussian of variance scale^2; where `column` is given, by rows, columns and outliers. */
static void gaussian_row(float *x, size_t n, float scale, const float *column) {
    if (column) scale *= expf(0.4f * gauss());
    for (size_t i = 0; i < n; i++) {
        x[i] = scale * gauss();
        if (column) x[i] *= column[i] * (random24() % 1000 ? 1 : 8);
    }
}

static void write_tensor(const llocal_writer *w, const llocal_tensor *t, bool uneven) {
    size_t cols = (size_t)t->dim[0], n = (size_t)(t->dim[1] < ROWS ? t->dim[1] : ROWS);
    size_t row = (size_t)llocal_format_bytes(t->format, cols), total = row * (size_t)t->dim[1];
    float *x = (float *)malloc(2 * cols * sizeof *x), *column = x + cols, scale = 1.0f / sqrtf((float)cols);
    char *data = (char *)malloc(total);
    if (!x || !data) die("out of memory");
    for (size_t i = 0; uneven && i < cols; i++) column[i] = expf(0.3f * gauss());
    for (size_t r = 0; r < (size_t)t->dim[1]; r++) {
        if (r >= n) { memcpy(data + r * row, data + (r * 7919 % n) * row, row); continue; }
        if (!llocal_format_traits(t->format).can_quantize) {
            random_row(t->format, (uint8_t *)data + r * row, cols, scale);
            continue;
        }
        if (t->dim[1] == 1) for (size_t i = 0; i < cols; i++) x[i] = 1 + 0.1f * gauss();
        else gaussian_row(x, cols, scale, uneven ? column : NULL);
        if (strstr(t->name.ptr, ".ssm_a.")) for (size_t i = 0; i < cols; i++) x[i] = -x[i];     /* what is known fades */
        if (llocal_quantize(t->format, x, NULL, data + r * row, cols)) die("cannot quantise");
    }
    if (llocal_gguf_write_data(w, data, total)) die("cannot write");
    free(x), free(data);
}

int main(int argc, char **argv) {
    const shape *s = NULL;
    llocal_writer w = {0};
    FILE *f;
    bool uneven = argc == 5 && !strcmp(argv[4], "uneven");
    w.write = write_file;
    if (argc != 4 + uneven) die("usage: model SHAPE FORMAT OUT.gguf [uneven]");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) if (!strcmp(argv[1], shapes[i].name)) s = &shapes[i];
    if (!s) die("shapes: 135M 0.6B 80M 1B 0.8B");
    describe(s, argv[2]);
    if (!(f = fopen(argv[3], "wb"))) die("cannot open the output");
    w.user = f;
    if (llocal_gguf_write_head(&w, metas, n_metas, tensors, n_tensors)) die("cannot write the head");
    for (int i = 0; i < n_tensors; i++) write_tensor(&w, &tensors[i], uneven);
    if (fclose(f)) die("cannot write");
    return 0;
}
