/* GGUF files for tests/quantize.sh and tests/tools.sh: models to work on, and a look at what came out.
 *
 *     gguf model NAME OUT               tests/models/NAME.txt, or else tests/golden/arch/NAME.golden, with F32 matrices
 *                                       and a vocabulary of bytes
 *     gguf odd WHAT IN OUT              a model as nobody wants it; see make_odd
 *     gguf split IN PREFIX              the same in two parts
 *     gguf compare A B [IMATRIX]        for each tensor of A: its formats in A and in B, and its mean squared
 *                                       error against B, by the mean square of B; weighted if asked
 *     gguf same A B                     status 0 if A has the tensors of B with the same values, to 1e-5
 *     gguf inputs MODEL TEXT C OUT      what `imatrix -c C` must find for attn_q of layer 0, by plain arithmetic
 *     gguf counts IMATRIX               the sum of all counts of each tensor
 *     gguf old IMATRIX OUT              the same in the older form, which is no GGUF file */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "tiny.h"

static void die(const char *what) { fprintf(stderr, "tests/gguf: %s\n", what); exit(2); }

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
    f = fopen(path, "rb");
    if (f) fclose(f);
    else snprintf(path, sizeof path, "tests/golden/arch/%s.golden", name);
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
    meta[n].key = ll_str("tokenizer.ggml.model"), meta[n].type = LLOCAL_META_STRING, meta[n++].as.s = ll_str("llama");
    meta[n].key = ll_str("tokenizer.ggml.tokens"), meta[n].elem_type = LLOCAL_META_STRING, meta[n].as.array = list.p;
    meta[n].array_bytes = list.n, n++;
    meta[n].key = ll_str("tokenizer.ggml.scores"), meta[n].elem_type = LLOCAL_META_F32, meta[n].as.array = scores;
    meta[n].array_bytes = 4 * (uint64_t)n_vocab, n++;
    meta[n].key = ll_str("tokenizer.ggml.token_type"), meta[n].elem_type = LLOCAL_META_I32, meta[n].as.array = types;
    meta[n].array_bytes = 4 * (uint64_t)n_vocab, n++;
    for (int i = n - 3; i < n; i++) meta[i].type = LLOCAL_META_ARRAY, meta[i].count = (uint64_t)n_vocab;
    t.meta = meta, t.n_meta = n;
    image = tiny_image(&t, LLOCAL_FORMAT_F32, &size);
    f = fopen(out, "wb");
    if (!image || !f || fwrite(image, 1, size, f) != size || fclose(f)) die(out);
    free(image), free(list.p), tiny_free(&t);
    return 0;
}

/* ---- odd ---- */

#define EVIL "\x1b[2Jevil\xc2\x9b"

/* Token 100 becomes 700 bytes long, token 101 orders red text from a terminal, 102 thinks, speaks and calls a tool. */
static void odd_vocabulary(llocal_meta *meta, int n) {
    static tiny_bytes list, types;
    static char lengthy[700];
    memset(lengthy, '=', sizeof lengthy);
    for (int i = 0; i < n; i++) {
        llocal_meta item, *m = &meta[i];
        bool texts = ll_str_is(m->key, "tokenizer.ggml.tokens");
        uint64_t at = 0;
        if (!texts && !ll_str_is(m->key, "tokenizer.ggml.token_type")) continue;
        for (int id = 0; llocal_meta_item(m, &at, &item); id++) {
            uint8_t number[8];
            llocal_str text = texts ? item.as.s : ll_str("");
            if (id == 100) text.ptr = lengthy, text.len = sizeof lengthy;
            if (id == 101) text = ll_str("\x1b[31mred");
            if (id == 102) text = ll_str("<think>\nhm\n</think>\n\nA mo\x1b""ment.<tool_call>\n{\"name\": \"weather\", \"arguments\": "
                                         "{\"city\": \"Paris\"}}\n</tool_call>");
            if (texts) {
                ll_store_u64(number, text.len);
                tiny_put(&list, number, 8), tiny_put(&list, text.ptr, text.len);
            } else {
                ll_store_u32(number, id >= 100 && id <= 102 ? 1 : (uint32_t)item.as.i);
                tiny_put(&types, number, 4);
            }
        }
        m->as.array = texts ? list.p : types.p, m->array_bytes = texts ? list.n : types.n;
    }
}

static int make_odd(const char *what, const char *in, const char *out) {
    llocal_gguf *g = open_file(in);
    int n = llocal_gguf_tensor_count(g), n_meta = llocal_gguf_meta_count(g);
    llocal_meta meta[80];
    llocal_tensor t[64];
    float *x[64], bad = 0;
    tiny_bytes b = { NULL, 0, 0 };
    llocal_writer w = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
    FILE *f;
    w.user = &b;
    if (n > 64 || n_meta > 80) die("too much");
    for (int i = 0; i < n_meta; i++) meta[i] = llocal_gguf_meta(g, i);
    for (int i = 0; i < n; i++) {
        t[i] = llocal_gguf_tensor(g, i);
        x[i] = values(g, name_of(&t[i], ""), &t[i]);
    }
    if (!strcmp(what, "nan")) bad = NAN;                /* one weight is no number */
    else if (!strcmp(what, "big")) bad = 1e5f;          /* one weight is too large for F16 */
    else if (!strcmp(what, "bare")) n = 0;              /* no tensors */
    else if (!strcmp(what, "narrow")) t[n - 1].dim[1] *= t[n - 1].dim[0] / 64, t[n - 1].dim[0] = 64;  /* rows of 64 */
    else if (!strcmp(what, "vocabulary")) odd_vocabulary(meta, n_meta);
    else if (!strcmp(what, "evil")) t[n - 1].name = meta[n_meta - 1].key = ll_str(EVIL);        /* orders for a terminal */
    else if (strcmp(what, "arch") && strcmp(what, "uncut")) die(what);
    for (int i = 0; i < n_meta; i++) {
        if (!strcmp(what, "arch") && ll_str_is(meta[i].key, "general.architecture")) meta[i].as.s = ll_str(EVIL);
        if (!strcmp(what, "uncut") && ll_str_is(meta[i].key, "tokenizer.ggml.model")) meta[i].as.s = ll_str("gpt2");     /* but no pre */
        if (!strcmp(what, "vocabulary") && ll_str_is(meta[i].key, "general.name")) meta[i].as.s = ll_str(EVIL);
    }
    for (int i = 0; bad != 0 && i < n; i++) if (ll_str_is(t[i].name, "blk.1.ffn_down.weight")) x[i][0] = bad;
    if (llocal_gguf_write_head(&w, meta, n_meta, t, n)) die(out);
    for (int i = 0; i < n; i++) if (llocal_gguf_write_data(&w, x[i], 4 * (uint64_t)count(&t[i]))) die(out);
    f = fopen(out, "wb");
    if (!f || fwrite(b.p, 1, b.n, f) != b.n || fclose(f)) die(out);
    for (int i = 0; i < llocal_gguf_tensor_count(g); i++) free(x[i]);
    free(b.p), llocal_gguf_close(g);
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
            double v = weight ? weight[k % ta.dim[0] + (tw.dim[1] > 1 ? part * ta.dim[0] : 0)] : 1;
            double e = (double)x[k] - y[k];
            error += v * e * e, square += v * y[k] * (double)y[k];
        }
        printf("%-36s %-7s %-7s %.6e%s\n", name, llocal_format_traits(ta.format).name, llocal_format_traits(tb.format).name,
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
            if (fabsf(x[k] - y[k]) <= 1e-5f * fabsf(y[k]) + 1e-12f) continue;
            if (!wrong++) printf("%s[%d]: %.9g and %.9g\n", name_of(&tb, ""), (int)k, (double)x[k], (double)y[k]);
        }
        free(x), free(y);
    }
    llocal_gguf_close(a), llocal_gguf_close(b);
    printf("%d values, %d differ\n", n, wrong);
    return wrong || !n;
}

/* ---- split ---- */

static size_t write_file(void *user, const void *src, size_t n) { return fwrite(src, 1, n, (FILE *)user); }

static int split(const char *path, const char *prefix) {
    llocal_gguf *g = open_file(path);
    int n = llocal_gguf_tensor_count(g), n_meta = llocal_gguf_meta_count(g);
    llocal_meta meta[80];
    llocal_tensor *t = (llocal_tensor *)malloc((size_t)n * sizeof *t);
    if (!t || n_meta > 76) die("too much");
    memset(meta, 0, sizeof meta);
    for (int i = 0; i < n_meta; i++) meta[i + 3] = llocal_gguf_meta(g, i);
    for (int i = 0; i < n; i++) t[i] = llocal_gguf_tensor(g, i);
    meta[0].key = ll_str("split.no"), meta[1].key = ll_str("split.count");
    meta[2].key = ll_str("split.tensors.count");
    meta[0].type = meta[1].type = LLOCAL_META_U16, meta[2].type = LLOCAL_META_I32;
    meta[1].as.u = 2, meta[2].as.i = n;
    for (int part = 0, from = 0; part < 2; part++, from = n / 2) {
        int to = part ? n : n / 2;
        char name[400];
        llocal_writer w;
        FILE *f;
        snprintf(name, sizeof name, "%s-%05d-of-00002.gguf", prefix, part + 1);
        if (!(f = fopen(name, "wb"))) die(name);
        memset(&w, 0, sizeof w);
        w.write = write_file, w.user = f, meta[0].as.u = (uint64_t)part;
        if (llocal_gguf_write_head(&w, meta, part ? 3 : n_meta + 3, t + from, to - from)) die(name);
        for (int i = from; i < to; i++) if (llocal_gguf_write_data(&w, t[i].data, t[i].bytes)) die(name);
        if (fclose(f)) die(name);
    }
    free(t), llocal_gguf_close(g);
    return 0;
}

/* ---- importance ---- */

/* The input of attn_q in layer 0 is the embedding, divided by its root mean square, times attn_norm. */
static int inputs(const char *path, const char *text_path, int n_ctx, const char *out) {
    llocal_gguf *g = open_file(path);
    llocal_source src;
    llocal_model *m = NULL;
    llocal_tensor te, tn, dir[2];
    llocal_writer w;
    float *embd = values(g, "token_embd.weight", &te), *norm = values(g, "blk.0.attn_norm.weight", &tn);
    float *sum, count = 0;
    size_t len, n_embd = (size_t)te.dim[0];
    char *text = t_read_file(text_path, &len);
    llocal_token *tokens = (llocal_token *)malloc((4 * len + 16) * sizeof *tokens);
    FILE *f = fopen(out, "wb");
    int n;
    memset(&src, 0, sizeof src), memset(dir, 0, sizeof dir), memset(&w, 0, sizeof w);
    src.path = path;
    sum = (float *)calloc(n_embd, sizeof *sum);
    if (!embd || !norm || !sum || !text || !tokens || !f || llocal_model_open(&src, &m)) die(path);
    n = llocal_tokenize(m, text, len, LLOCAL_TOKENIZE_ADD_SPECIAL, tokens, 4 * (int)len + 16) / n_ctx * n_ctx;
    for (size_t k = 0; k < n_embd; k++) {
        double all = 0;
        for (int i = 0; i < n; i++) {
            bool bos = i % n_ctx == 0 && tokens[0] == llocal_token_role(m, LLOCAL_ROLE_BOS);      /* also of later windows */
            const float *x = embd + n_embd * (size_t)(bos ? tokens[0] : tokens[i]);
            double square = 0, y;
            for (size_t j = 0; j < n_embd; j++) square += (double)x[j] * x[j];
            y = x[k] / sqrt(square / (double)n_embd + 1e-5) * norm[k];
            all += y * y;
        }
        sum[k] = (float)all;
    }
    count = (float)n;
    for (int i = 0; i < 2; i++) {
        dir[i].name = ll_str(i ? "blk.0.attn_q.weight.counts" : "blk.0.attn_q.weight.in_sum2"), dir[i].n_dims = 2;
        for (int k = 0; k < 4; k++) dir[i].dim[k] = 1;
    }
    dir[0].dim[0] = te.dim[0];
    w.write = write_file, w.user = f;
    if (llocal_gguf_write_head(&w, NULL, 0, dir, 2) || llocal_gguf_write_data(&w, sum, n_embd * 4) ||
        llocal_gguf_write_data(&w, &count, 4) || fclose(f)) die(out);
    free(embd), free(norm), free(sum), free(text), free(tokens);
    llocal_model_close(m), llocal_gguf_close(g);
    return 0;
}

static int counts(const char *path) {
    llocal_gguf *g = open_file(path);
    for (int i = 0; i < llocal_gguf_tensor_count(g); i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        const char *name = name_of(&t, "");
        double sum = 0;
        float *x;
        if (!strstr(name, ".counts")) continue;
        x = values(g, name, &t);
        for (int64_t k = 0; k < count(&t); k++) sum += x[k];
        printf("%s %.0f\n", name, sum);
        free(x);
    }
    llocal_gguf_close(g);
    return 0;
}

static void put_int(FILE *f, int64_t v) {
    uint8_t b[4];
    ll_store_u32(b, (uint32_t)v);
    fwrite(b, 1, 4, f);
}

/* Means times a number of calls; an expert without inputs has a mean of 1. */
static int old_form(const char *path, const char *out) {
    llocal_gguf *g = open_file(path);
    FILE *f = fopen(out, "wb");
    if (!f) die(out);
    put_int(f, llocal_gguf_tensor_count(g) / 2);
    for (int i = 0; i < llocal_gguf_tensor_count(g); i += 2) {
        llocal_tensor s = llocal_gguf_tensor(g, i), c;
        int len = (int)s.name.len - (int)strlen(".in_sum2");
        float *x = values(g, name_of(&s, ""), &s), *n;
        char name[300];
        snprintf(name, sizeof name, "%.*s", len, s.name.ptr);
        put_int(f, len), fwrite(name, 1, (size_t)len, f);
        strcpy(name + len, ".counts"), n = values(g, name, &c);
        put_int(f, 4), put_int(f, count(&s));
        for (int64_t k = 0; k < count(&s); k++) {
            float count_k = n[k / s.dim[0]];
            uint8_t b[4];
            ll_store_u32(b, ll_f32_to_bits(4 * (count_k > 0 ? x[k] / count_k : 1)));
            fwrite(b, 1, 4, f);
        }
        free(x), free(n);
    }
    llocal_gguf_close(g);
    return fclose(f) != 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 4 && !strcmp(what, "model")) return make_model(argv[2], argv[3]);
    if (argc == 5 && !strcmp(what, "odd")) return make_odd(argv[2], argv[3], argv[4]);
    if (argc == 4 && !strcmp(what, "split")) return split(argv[2], argv[3]);
    if ((argc == 4 || argc == 5) && !strcmp(what, "compare"))
        return compare(argv[2], argv[3], argc == 5 ? argv[4] : NULL);
    if (argc == 4 && !strcmp(what, "same")) return same(argv[2], argv[3]);
    if (argc == 6 && !strcmp(what, "inputs")) return inputs(argv[2], argv[3], atoi(argv[4]), argv[5]);
    if (argc == 3 && !strcmp(what, "counts")) return counts(argv[2]);
    if (argc == 4 && !strcmp(what, "old")) return old_form(argv[2], argv[3]);
    die("see the head of tests/gguf.c");
    return 2;
}
