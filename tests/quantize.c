/* What tests/quantize.sh needs: models to work on, and a look at what came out.
 *
 *     quantize model NAME OUT.gguf      tests/models/NAME.txt with F32 matrices and a vocabulary of bytes
 *     quantize compare A.gguf B.gguf [IMATRIX.gguf]
 *                                       for each tensor of A: its formats in A and in B, and its mean squared
 *                                       error against B, by the mean square of B; weighted if asked
 *     quantize same A.gguf B.gguf       status 0 if all values of the same tensors are the same to a millionth
 *     quantize imatrix MODEL TEXT C OUT.gguf
 *                                       what `imatrix -c C` must write for attn_q of layer 0 and for the router
 *                                       of a model of one layer, by plain arithmetic */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "tiny.h"

static void die(const char *what) { fprintf(stderr, "tests/quantize: %s\n", what); exit(2); }

static llocal_gguf *open_file(const char *path) {
    llocal_source src;
    llocal_gguf *g = NULL;
    memset(&src, 0, sizeof src);
    src.path = path, src.logger.write = llocal_log_stderr;
    if (llocal_gguf_open(&src, &g)) die(path);
    return g;
}

static int64_t count(const llocal_tensor *t) { return t->dim[0] * t->dim[1] * t->dim[2] * t->dim[3]; }

static float *values(const llocal_gguf *g, const char *name, llocal_tensor *t) {
    int i = llocal_gguf_tensor_find(g, name);
    float *x;
    if (i < 0) return NULL;
    *t = llocal_gguf_tensor(g, i);
    x = (float *)malloc((size_t)count(t) * sizeof *x + 1);
    if (!x || llocal_dequantize(t->format, t->data, x, (size_t)count(t))) die(name);
    return x;
}

static const char *name_of(const llocal_tensor *t, const char *suffix) {
    static char room[2][300];
    static int turn;
    char *p = room[turn++ & 1];
    snprintf(p, 300, "%.*s%s", (int)t->name.len, t->name.ptr, suffix);
    return p;
}

/* ---- model ---- */

static int make_model(const char *name, const char *out) {
    static char words[512][8];
    static float scores[512];
    static int32_t types[512];
    tiny t;
    tiny_bytes list = { NULL, 0, 0 };
    llocal_meta meta[64];
    size_t size;
    char path[300];
    int n = 0, n_vocab = 0;
    FILE *f;
    void *image;
    snprintf(path, sizeof path, "tests/models/%s.txt", name);
    if (!tiny_load(path, &t) || t.n_meta > 56) die(path);
    for (int i = 0; i < t.n_tensors; i++)
        if (!strcmp(t.tensors[i].name, "token_embd.weight")) n_vocab = (int)t.tensors[i].dim[1];
    if (n_vocab < 100 || n_vocab > 512) die("token_embd.weight");
    for (int i = 0; i < t.n_meta; i++) if (!ll_str_is(t.meta[i].key, "tokenizer.ggml.model")) meta[n++] = t.meta[i];
    /* <unk>, <s>, </s>, then bytes from the space on, as far as they go */
    for (int i = 0; i < n_vocab; i++) {
        uint8_t len[8];
        snprintf(words[i], sizeof words[i], i < 3 ? i == 0 ? "<unk>" : i == 1 ? "<s>" : "</s>" : "<0x%02X>",
                 (i - 3 + 32) & 255);
        types[i] = i == 0 ? 2 : i < 3 ? 3 : 6;
        ll_store_u64(len, strlen(words[i]));
        tiny_put(&list, len, 8), tiny_put(&list, words[i], strlen(words[i]));
    }
    memset(meta + n, 0, 4 * sizeof *meta);
    meta[n].key = ll_str("tokenizer.ggml.model"), meta[n].type = LLOCAL_STRING, meta[n++].as.s = ll_str("llama");
    meta[n].key = ll_str("tokenizer.ggml.tokens"), meta[n].elem_type = LLOCAL_STRING, meta[n].as.array = list.p;
    meta[n].array_bytes = list.n, n++;
    meta[n].key = ll_str("tokenizer.ggml.scores"), meta[n].elem_type = LLOCAL_F32, meta[n].as.array = scores;
    meta[n].array_bytes = 4 * (uint64_t)n_vocab, n++;
    meta[n].key = ll_str("tokenizer.ggml.token_type"), meta[n].elem_type = LLOCAL_I32, meta[n].as.array = types;
    meta[n].array_bytes = 4 * (uint64_t)n_vocab, n++;
    for (int i = n - 3; i < n; i++) meta[i].type = LLOCAL_ARRAY, meta[i].count = (uint64_t)n_vocab;
    t.meta = meta, t.n_meta = n;
    image = tiny_image(&t, 0, &size);
    f = fopen(out, "wb");
    if (!image || !f || fwrite(image, 1, size, f) != size || fclose(f)) die(out);
    free(image), free(list.p), tiny_free(&t);
    return 0;
}

/* ---- compare ---- */

static int compare(const char *path_a, const char *path_b, const char *path_w) {
    llocal_gguf *a = open_file(path_a), *b = open_file(path_b), *w = path_w ? open_file(path_w) : NULL;
    for (int i = 0; i < llocal_gguf_tensor_count(a); i++) {
        llocal_tensor ta = llocal_gguf_tensor(a, i), tb, tw;
        const char *name = name_of(&ta, "");
        float *x = values(a, name, &ta), *y = values(b, name, &tb);
        float *weight = w ? values(w, name_of(&ta, ".in_sum2"), &tw) : NULL;
        double error = 0, square = 0;
        if (!y || count(&ta) != count(&tb)) die(name);
        for (int64_t k = 0; k < count(&ta); k++) {
            int64_t part = k / (ta.dim[0] * ta.dim[1]);
            double v = weight ? weight[k % ta.dim[0] + (tw.dim[1] > 1 ? part * ta.dim[0] : 0)] : 1, e = (double)x[k] - y[k];
            error += v * e * e, square += v * y[k] * (double)y[k];
        }
        printf("%-36s %-7s %-7s %.6e%s\n", name, llocal_format_get(ta.format).name, llocal_format_get(tb.format).name,
               square > 0 ? error / square : error, weight ? " weighted" : "");
        free(x), free(y), free(weight);
    }
    llocal_gguf_close(a), llocal_gguf_close(b), llocal_gguf_close(w);
    return 0;
}

static int same(const char *path_a, const char *path_b) {
    llocal_gguf *a = open_file(path_a), *b = open_file(path_b);
    int n = 0, wrong = 0;
    for (int i = 0; i < llocal_gguf_tensor_count(b); i++) {
        llocal_tensor tb = llocal_gguf_tensor(b, i), ta;
        float *y = values(b, name_of(&tb, ""), &tb), *x = values(a, name_of(&tb, ""), &ta);
        if (!x || count(&ta) != count(&tb)) die(name_of(&tb, ": not there, or of another size"));
        for (int64_t k = 0; k < count(&tb); k++, n++) {
            if (fabsf(x[k] - y[k]) <= 1e-6f * fabsf(y[k]) + 1e-12f) continue;
            if (!wrong++) printf("%s[%d]: %.9g and %.9g\n", name_of(&tb, ""), (int)k, (double)x[k], (double)y[k]);
        }
        free(x), free(y);
    }
    llocal_gguf_close(a), llocal_gguf_close(b);
    printf("%d values, %d differ\n", n, wrong);
    return wrong || !n;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "model")) return make_model(argv[2], argv[3]);
    if (argc >= 4 && !strcmp(argv[1], "compare")) return compare(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    if (argc == 4 && !strcmp(argv[1], "same")) return same(argv[2], argv[3]);
    die("see the head of tests/quantize.c");
    return 2;
}
