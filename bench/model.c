/* Writes a GGUF model of a real model's shape with random weights: what speed needs, without a
 * download.
 *
 *     model SHAPE FORMAT OUT.gguf [uneven]
 *
 * SHAPE: 135M (SmolLM2), 0.6B (Qwen3), 80M (four layers of it), 1B (Llama 3.2), 0.8B (Qwen3.5), E2B (Gemma 4),
 * 8B-A1B (LFM2 with experts), 370M (Mamba 2), 110M (BERT base). FORMAT: F16, Q8_0, Q4_0, ... (codebook
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
    void (*describe)(const struct shape *);             /* its own keys and tensors */
} shape;

#define MAX_TENSORS 1024
static llocal_tensor tensors[MAX_TENSORS];
static char names[MAX_TENSORS][64];
static int n_tensors;
static llocal_meta metas[64];
static char keys[64][64];
static llocal_format plain, big, f32 = LLOCAL_FORMAT_F32;      /* most matrices; those that a mix gives more bits */
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

/* One number for each layer. */
static void put_ints(const char *arch, const char *key, const int32_t *v, int n) {
    llocal_meta *m = meta(arch, key, LLOCAL_META_ARRAY);
    m->elem_type = LLOCAL_META_I32, m->count = (uint64_t)n, m->array_bytes = 4 * (uint64_t)n, m->as.array = v;
}

/* A name with a dot has its ending already, or, where it ends in one, has none. */
static void stack(const char *name, int layer, llocal_format f, int cols, int rows, int depth) {
    llocal_tensor *t = &tensors[n_tensors];
    int n = (int)strlen(name);
    const char *ending = strchr(name, '.') ? "" : ".weight";
    if (name[n - 1] == '.') n--;
    if (n_tensors == MAX_TENSORS) die("too many tensors");
    if (layer < 0) snprintf(names[n_tensors], 64, "%.*s%s", n, name, ending);
    else snprintf(names[n_tensors], 64, "blk.%d.%.*s%s", layer, n, name, ending);
    t->name.ptr = names[n_tensors], t->name.len = strlen(names[n_tensors]);
    t->format = f, t->n_dims = depth > 1 ? 3 : rows > 1 ? 2 : 1;
    t->dim[0] = cols, t->dim[1] = rows, t->dim[2] = depth, t->dim[3] = 1;
    n_tensors++;
}
static void tensor(const char *name, int layer, llocal_format f, int cols, int rows) {
    stack(name, layer, f, cols, rows, 1);
}
static void vector(const char *name, int layer, int n) { tensor(name, layer, f32, n, 1); }

/* Does the Q4_K_M mix give this layer's attn_v and ffn_down more bits? */
static bool more_bits(int i, int n) { return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; }
static llocal_format more(const shape *s, int i) { return more_bits(i, s->n_layer) ? big : plain; }

/* wide: times n_head * head_dim of queries. */
static void attention(const shape *s, int i, int wide, int head_dim, bool kv) {
    tensor("attn_q", i, plain, s->n_embd, wide * s->n_head * head_dim);
    if (kv) tensor("attn_k", i, plain, s->n_embd, s->n_head_kv * head_dim);
    if (kv) tensor("attn_v", i, more(s, i), s->n_embd, s->n_head_kv * head_dim);
    tensor("attn_output", i, plain, s->n_head * head_dim, s->n_embd);
}
static void head_norms(int i, int head_dim, bool kv) {
    vector("attn_q_norm", i, head_dim);
    if (kv) vector("attn_k_norm", i, head_dim);
}
static void feed_forward(const shape *s, int i, int n_ff) {
    tensor("ffn_gate", i, plain, s->n_embd, n_ff);
    tensor("ffn_up", i, plain, s->n_embd, n_ff);
    tensor("ffn_down", i, more(s, i), n_ff, s->n_embd);
}

static void put_heads(const shape *s) {
    put_int(s->arch, "feed_forward_length", s->n_ff);
    put_int(s->arch, "attention.head_count_kv", s->n_head_kv);
    put_int(s->arch, "attention.key_length", s->head_dim);
    put_int(s->arch, "attention.value_length", s->head_dim);
    put_float(s->arch, "rope.freq_base", s->rope_base);
}

static void describe_dense(const shape *s) {
    const bool norms = !strcmp(s->arch, "qwen3");
    put_heads(s);
    put_int(s->arch, "rope.dimension_count", s->head_dim);
    vector("output_norm", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        vector("attn_norm", i, s->n_embd);
        attention(s, i, 1, s->head_dim, true);
        if (norms) head_norms(i, s->head_dim, true);
        vector("ffn_norm", i, s->n_embd);
        feed_forward(s, i, s->n_ff);
    }
}

/* Three of four layers are delta nets, of 16 heads of 128; the fourth attends, with gates beside queries. */
static void describe_qwen35(const shape *s) {
    enum { HEADS = 16, DIM = 128, WIDTH = HEADS * DIM };
    static const int32_t sections[4] = { 11, 11, 10, 0 };
    put_heads(s);
    put_int(s->arch, "rope.dimension_count", s->head_dim / 4);
    put_ints(s->arch, "rope.dimension_sections", sections, 4);
    put_int(s->arch, "full_attention_interval", 4);
    put_int(s->arch, "ssm.conv_kernel", 4), put_int(s->arch, "ssm.inner_size", WIDTH);
    put_int(s->arch, "ssm.state_size", DIM);
    put_int(s->arch, "ssm.time_step_rank", HEADS), put_int(s->arch, "ssm.group_count", HEADS);
    vector("output_norm", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        vector("attn_norm", i, s->n_embd);
        if (i % 4 == 3) attention(s, i, 2, s->head_dim, true), head_norms(i, s->head_dim, true);
        else {
            tensor("attn_qkv", i, plain, s->n_embd, 3 * WIDTH);
            tensor("attn_gate", i, plain, s->n_embd, WIDTH);
            tensor("ssm_beta", i, plain, s->n_embd, HEADS);
            tensor("ssm_alpha", i, plain, s->n_embd, HEADS);
            tensor("ssm_conv1d", i, f32, 4, 3 * WIDTH);
            vector("ssm_dt.bias", i, HEADS), vector("ssm_a.", i, HEADS), vector("ssm_norm", i, DIM);
            tensor("ssm_out", i, more(s, i), WIDTH, s->n_embd);
        }
        vector("post_attention_norm", i, s->n_embd);
        feed_forward(s, i, s->n_ff);
    }
}

/* Every fifth layer sees all, with heads twice as wide; the last 20 look into the caches of those before, and have
 * feed-forwards twice as wide. 256 numbers of a token for each layer, out of a table. */
static void describe_gemma4(const shape *s) {
    enum { OWN = 15, LAYER = 256, MOST = 64 };
    static int32_t width[MOST], window[MOST];
    for (int i = 0; i < s->n_layer; i++) width[i] = i < OWN ? s->n_ff : 2 * s->n_ff, window[i] = i % 5 != 4;
    put_ints(s->arch, "feed_forward_length", width, s->n_layer);
    put_int(s->arch, "attention.head_count_kv", s->n_head_kv);
    put_int(s->arch, "attention.key_length", 2 * s->head_dim);
    put_int(s->arch, "attention.key_length_swa", s->head_dim);
    put_int(s->arch, "attention.value_length", 2 * s->head_dim);
    put_int(s->arch, "attention.value_length_swa", s->head_dim);
    put_int(s->arch, "rope.dimension_count", 2 * s->head_dim);
    put_int(s->arch, "rope.dimension_count_swa", s->head_dim);
    put_float(s->arch, "rope.freq_base", s->rope_base), put_float(s->arch, "rope.freq_base_swa", 10000);
    put_int(s->arch, "attention.sliding_window", 512);
    put_ints(s->arch, "attention.sliding_window_pattern", window, s->n_layer);
    metas[n_metas - 1].elem_type = LLOCAL_META_BOOL, metas[n_metas - 1].array_bytes = (uint64_t)s->n_layer;
    for (int i = 0; i < s->n_layer; i++) ((uint8_t *)window)[i] = i % 5 != 4;
    put_int(s->arch, "attention.shared_kv_layers", s->n_layer - OWN);
    put_int(s->arch, "embedding_length_per_layer_input", LAYER);
    put_float(s->arch, "final_logit_softcapping", 30);
    tensor("per_layer_token_embd", -1, plain, LAYER * s->n_layer, s->n_vocab);
    tensor("per_layer_model_proj", -1, LLOCAL_FORMAT_BF16, s->n_embd, LAYER * s->n_layer);
    vector("per_layer_proj_norm", -1, LAYER);
    vector("rope_freqs", -1, s->head_dim), vector("output_norm", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        const int head_dim = i % 5 == 4 ? 2 * s->head_dim : s->head_dim;
        vector("attn_norm", i, s->n_embd), vector("post_attention_norm", i, s->n_embd);
        attention(s, i, 1, head_dim, i < OWN);
        head_norms(i, head_dim, i < OWN);
        vector("ffn_norm", i, s->n_embd), vector("post_ffw_norm", i, s->n_embd), vector("layer_output_scale", i, 1);
        feed_forward(s, i, width[i]);
        tensor("inp_gate", i, plain, s->n_embd, LAYER);
        tensor("proj", i, plain, LAYER, s->n_embd);
        vector("post_norm", i, s->n_embd);
    }
}

/* Six layers attend, the others are short filters; all but two have 32 experts, of which four are asked. */
static void describe_lfm2moe(const shape *s) {
    enum { EXPERTS = 32, WIDTH = 1792, MOST = 64 };
    static int32_t kv[MOST];
    for (int i = 0; i < s->n_layer; i++) kv[i] = i % 4 == 2 && i < 20 ? s->n_head_kv : 0;
    kv[s->n_layer - 3] = s->n_head_kv;
    put_int(s->arch, "feed_forward_length", s->n_ff);
    put_ints(s->arch, "attention.head_count_kv", kv, s->n_layer);
    put_float(s->arch, "rope.freq_base", s->rope_base);
    put_int(s->arch, "rope.dimension_count", s->head_dim);
    put_int(s->arch, "leading_dense_block_count", 2);
    put_int(s->arch, "expert_count", EXPERTS), put_int(s->arch, "expert_used_count", 4);
    put_int(s->arch, "expert_feed_forward_length", WIDTH), put_int(s->arch, "expert_gating_func", 2);
    put_int(s->arch, "shortconv.l_cache", 3);
    vector("token_embd_norm", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        vector("attn_norm", i, s->n_embd), vector("ffn_norm", i, s->n_embd);
        if (kv[i]) attention(s, i, 1, s->head_dim, true), head_norms(i, s->head_dim, true);
        else {
            tensor("shortconv.conv.weight", i, f32, 3, s->n_embd);
            tensor("shortconv.in_proj.weight", i, plain, s->n_embd, 3 * s->n_embd);
            tensor("shortconv.out_proj.weight", i, plain, s->n_embd, s->n_embd);
        }
        if (i < 2) { feed_forward(s, i, s->n_ff); continue; }
        tensor("ffn_gate_inp", i, f32, s->n_embd, EXPERTS), vector("exp_probs_b.bias", i, EXPERTS);
        stack("ffn_gate_exps", i, plain, s->n_embd, WIDTH, EXPERTS);
        stack("ffn_up_exps", i, plain, s->n_embd, WIDTH, EXPERTS);
        stack("ffn_down_exps", i, more(s, i), WIDTH, s->n_embd, EXPERTS);
    }
}

/* A state of 128 numbers for each of 32 heads of 64. */
static void describe_mamba2(const shape *s) {
    enum { STATE = 128, HEADS = 32 };
    const int inner = 2 * s->n_embd, conv = inner + 2 * STATE;
    put_int(s->arch, "feed_forward_length", 0);
    put_int(s->arch, "ssm.conv_kernel", 4), put_int(s->arch, "ssm.inner_size", inner);
    put_int(s->arch, "ssm.state_size", STATE);
    put_int(s->arch, "ssm.time_step_rank", HEADS), put_int(s->arch, "ssm.group_count", 1);
    vector("output_norm", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        vector("attn_norm", i, s->n_embd);
        tensor("ssm_in", i, plain, s->n_embd, inner + conv + HEADS);
        tensor("ssm_conv1d", i, f32, 4, conv), vector("ssm_conv1d.bias", i, conv);
        vector("ssm_dt.bias", i, HEADS), tensor("ssm_a.", i, f32, 1, HEADS), tensor("ssm_d.", i, f32, 1, HEADS);
        vector("ssm_norm", i, inner);
        tensor("ssm_out", i, more(s, i), inner, s->n_embd);
    }
}

/* Vectors of texts: their mean. */
static void describe_bert(const shape *s) {
    put_heads(s);
    put_int(s->arch, "pooling_type", 1);
    meta(s->arch, "attention.causal", LLOCAL_META_BOOL)->as.b = false;
    put_int("tokenizer.ggml", "token_type_count", 2);
    tensor("token_types", -1, f32, s->n_embd, 2), tensor("position_embd", -1, f32, s->n_embd, 512);
    vector("token_embd_norm", -1, s->n_embd), vector("token_embd_norm.bias", -1, s->n_embd);
    for (int i = 0; i < s->n_layer; i++) {
        attention(s, i, 1, s->head_dim, true);
        vector("attn_q.bias", i, s->n_embd), vector("attn_k.bias", i, s->n_embd), vector("attn_v.bias", i, s->n_embd);
        vector("attn_output.bias", i, s->n_embd);
        vector("attn_output_norm", i, s->n_embd), vector("attn_output_norm.bias", i, s->n_embd);
        tensor("ffn_up", i, plain, s->n_embd, s->n_ff), vector("ffn_up.bias", i, s->n_ff);
        tensor("ffn_down", i, more(s, i), s->n_ff, s->n_embd), vector("ffn_down.bias", i, s->n_embd);
        vector("layer_output_norm", i, s->n_embd), vector("layer_output_norm.bias", i, s->n_embd);
    }
}

static const shape shapes[] = {
    { "135M", "llama",  49152,  576, 30,  9, 3,  64, 1536,  100000, describe_dense },
    { "0.6B", "qwen3", 151936, 1024, 28, 16, 8, 128, 3072, 1000000, describe_dense },
    { "80M",  "qwen3",  16384, 1024,  4, 16, 8, 128, 3072, 1000000, describe_dense },
    { "1B",   "llama", 128256, 2048, 16, 32, 8,  64, 8192,  500000, describe_dense },
    { "0.8B", "qwen35", 248320, 1024, 24,  8, 2, 256, 3584, 10000000, describe_qwen35 },
    { "E2B", "gemma4", 262144, 1536, 35,  8, 1, 256, 6144, 1000000, describe_gemma4 },
    { "8B-A1B", "lfm2moe", 65536, 2048, 24, 32, 8, 64, 7168, 1000000, describe_lfm2moe },
    { "370M", "mamba2", 50288, 1024, 48,  0, 0,   0,    0,       0, describe_mamba2 },
    { "110M", "bert",   30522,  768, 12, 12, 12, 64, 3072,   10000, describe_bert },
};

static void describe(const shape *s, const char *mix) {
    bool k_m = !strcmp(mix, "Q4_K_M");
    plain = format_named(k_m ? "Q4_K" : mix), big = k_m ? format_named("Q6_K") : plain;
    llocal_format head = strstr(mix, "Q4") || strstr(mix, "Q5") ? format_named("Q6_K") : plain;
    if (s->n_embd % llocal_format_traits(head).block_len) head = format_named("Q8_0");
    put_str("", "general.architecture", s->arch);
    put_str("", "general.name", s->name);
    put_int(s->arch, "vocab_size", s->n_vocab);
    put_int(s->arch, "context_length", s->describe == describe_bert ? 512 : 32768);
    put_int(s->arch, "embedding_length", s->n_embd);
    put_int(s->arch, "block_count", s->n_layer);
    put_int(s->arch, "attention.head_count", s->n_head);
    put_float(s->arch, s->describe == describe_bert ? "attention.layer_norm_epsilon"
                                                    : "attention.layer_norm_rms_epsilon", 1e-6);
    put_str("", "tokenizer.ggml.model", "none");
    tensor("token_embd", -1, head, s->n_embd, s->n_vocab);
    s->describe(s);
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
    size_t cols = (size_t)t->dim[0], rows = (size_t)(t->dim[1] * t->dim[2]), n = rows < ROWS ? rows : ROWS;
    size_t row = (size_t)llocal_format_bytes(t->format, cols), total = row * rows;
    float *x = (float *)malloc(2 * cols * sizeof *x), *column = x + cols, scale = 1.0f / sqrtf((float)cols);
    char *data = (char *)malloc(total);
    if (!x || !data) die("out of memory");
    for (size_t i = 0; uneven && i < cols; i++) column[i] = expf(0.3f * gauss());
    for (size_t r = 0; r < rows; r++) {
        if (r >= n) { memcpy(data + r * row, data + (r * 7919 % n) * row, row); continue; }
        if (!llocal_format_traits(t->format).can_quantize) {
            random_row(t->format, (uint8_t *)data + r * row, cols, scale);
            continue;
        }
        if (rows == 1 || cols == 1) for (size_t i = 0; i < cols; i++) x[i] = 1 + 0.1f * gauss();
        else gaussian_row(x, cols, scale, uneven ? column : NULL);
        if (strstr(t->name.ptr, ".ssm_a")) for (size_t i = 0; i < cols; i++) x[i] = -x[i];     /* what is known fades */
        if (strstr(t->name.ptr, "rope_freqs")) for (size_t i = cols / 4; i < cols; i++) x[i] = 1e30f;  /* it stays */
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
    if (!s) die("shapes: 135M 0.6B 80M 1B 0.8B E2B 8B-A1B 370M 110M");
    describe(s, argv[2]);
    if (!(f = fopen(argv[3], "wb"))) die("cannot open the output");
    w.user = f;
    if (llocal_gguf_write_head(&w, metas, n_metas, tensors, n_tensors)) die("cannot write the head");
    for (int i = 0; i < n_tensors; i++) write_tensor(&w, &tensors[i], uneven);
    if (fclose(f)) die("cannot write");
    return 0;
}
