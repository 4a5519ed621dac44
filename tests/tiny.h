/* Tiny models with known answers. A golden file (tests/golden/arch) is text that defines a model
 * completely: its metadata, the shape of each tensor and the formula of its weights, some tokens,
 * and the logits or embeddings that a reference gives for them. tiny_load reads one, tiny_image
 * makes a GGUF file of it in memory.
 *
 *     mode causal|diffusion|encdec|embd    ctx N    seed N    stepwise    pool KIND
 *     kv KEY TYPE VALUE..                  types as in GGUF, arr:TYPE for arrays
 *     tensor NAME f32|f16|i32 NE0 [NE1 ..] OFFSET SCALE    i32: the integers below these numbers
 *     tokens ..    tokens_enc ..
 *     mode assistant: target FILE    tokens_draft ..    draft STEP V..: logits of what goes on behind FILE's tokens
 *     logits POS V..    embd none POS V..    embd mean|cls|last|rank V..    mtp ..: of a head that is not run
 */
#ifndef TINY_H
#define TINY_H
#include "t.h"

typedef struct tiny_tensor {
    const char *name;
    llocal_format format;               /* F32, F16 or I32 */
    int n_dims;
    int64_t dim[4], n;
    float *w;                           /* [n], rounded to half already where the file says f16 */
} tiny_tensor;

typedef struct tiny_row {
    const char *kind;                   /* "logits", "none", "mean", "cls", "last", "rank" */
    int pos;                            /* -1: pooled */
    int n;                              /* the first n entries are known */
    float *v;
} tiny_row;

typedef struct tiny {
    const char *mode;                   /* "causal", "diffusion", "encdec", "embd" */
    int n_ctx;
    bool later_heads;                   /* it has logits of later tokens, too, which nothing here reads */
    bool stepwise;
    llocal_meta *meta;
    tiny_tensor *tensors;
    llocal_token *tokens, *tokens_enc, *tokens_draft;
    const char *target;                 /* the file of the model that it drafts for, or NULL */
    tiny_row *rows;
    int n_meta, n_tensors, n_tokens, n_tokens_enc, n_rows;
    void *blocks;                       /* everything that tiny_free frees, as a list */
} tiny;

/* ---- memory ------------------------------------------------------------------------------- */

static inline void *tiny_alloc(tiny *t, size_t n) {
    void **block = (void **)calloc(1, n + 16);
    if (!block) return NULL;
    block[0] = t->blocks, t->blocks = block;
    return (char *)block + 16;
}

static inline void tiny_free(tiny *t) {
    for (void *block = t->blocks, *next; block; block = next) next = *(void **)block, free(block);
    memset(t, 0, sizeof *t);
}

/* Bytes that grow: what the writer writes to, and test files are made of. */
typedef struct tiny_bytes { uint8_t *p; size_t n, cap; } tiny_bytes;

static inline size_t tiny_put(void *user, const void *src, size_t n) {
    tiny_bytes *b = (tiny_bytes *)user;
    if (b->n + n > b->cap) {
        b->cap = (b->n + n) * 2;
        b->p = (uint8_t *)realloc(b->p, b->cap);
        if (!b->p) return 0;
    }
    if (n) memcpy(b->p + b->n, src, n);
    b->n += n;
    return n;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Cuts the next word off *at; "quoted words" without their quotes. NULL: the line has ended. */
static inline char *tiny_word(char **at) {
    char *p = *at, *word;
    char end = ' ';
    while (*p == ' ') p++;
    if (!*p) return NULL;
    if (*p == '"') end = '"', p++;
    for (word = p; *p && *p != end; p++) {}
    if (*p) *p++ = 0;
    *at = p;
    return word;
}

static inline int tiny_count_words(const char *line) {
    char *copy = (char *)malloc(strlen(line) + 1), *at = copy;
    int n = 0;
    strcpy(copy, line);
    while (tiny_word(&at)) n++;
    free(copy);
    return n;
}

static inline int tiny_type(const char *name) {
    static const struct { const char *name; int type; } types[] = {
        { "u8", LLOCAL_META_U8 },   { "i8", LLOCAL_META_I8 },   { "u16", LLOCAL_META_U16 }, { "i16", LLOCAL_META_I16 },
        { "u32", LLOCAL_META_U32 }, { "i32", LLOCAL_META_I32 }, { "u64", LLOCAL_META_U64 }, { "i64", LLOCAL_META_I64 },
        { "f32", LLOCAL_META_F32 }, { "f64", LLOCAL_META_F64 }, { "bool", LLOCAL_META_BOOL }, { "str",
            LLOCAL_META_STRING }
    };
    for (int i = 0; i < LL_COUNT(types); i++) if (!strcmp(types[i].name,
        name)) return types[i].type;
    return -1;
}

static inline void tiny_value(llocal_meta *m, const char *word) {
    bool is_true = !strcmp(word, "true") || !strcmp(word, "1");
    switch (m->type) {
    case LLOCAL_META_STRING: m->as.s = ll_str(word); break;
    case LLOCAL_META_F32: case LLOCAL_META_F64: m->as.f = strtod(word, NULL); break;
    case LLOCAL_META_BOOL: m->as.b = is_true; break;
    default: m->as.i = strtoll(word, NULL, 10); break;
    }
}

/* The bytes of one array element as a file has them. */
static inline void tiny_put_element(tiny_bytes *b, const llocal_meta *m) {
    uint8_t raw[8];
    ll_store_u64(raw, m->type == LLOCAL_META_STRING ? m->as.s.len : ll_gguf_value_bits(m));
    tiny_put(b, raw, m->type == LLOCAL_META_STRING ? 8 : (size_t)ll_gguf_value_bytes((uint32_t)m->type));
    if (m->type == LLOCAL_META_STRING) tiny_put(b, m->as.s.ptr, m->as.s.len);
}

static inline bool tiny_kv(tiny *t, char *line) {
    llocal_meta *m = &t->meta[t->n_meta++];
    const char *key = tiny_word(&line), *type = tiny_word(&line);
    char *word;
    bool array = type && !strncmp(type, "arr:", 4);
    int number = type ? tiny_type(type + (array ? 4 : 0)) : -1;
    if (number < 0) return false;
    m->key = ll_str(key), m->type = (llocal_meta_type)number, m->count = 1;
    if (!array) {
        word = tiny_word(&line);
        if (word) tiny_value(m, word);
        return word != NULL;
    }
    {
        tiny_bytes b = { NULL, 0, 0 };
        llocal_meta item;
        void *kept;
        memset(&item, 0, sizeof item);
        item.type = m->type;
        for (m->count = 0; (word = tiny_word(&line)) != NULL; m->count++) {
            tiny_value(&item, word);
            tiny_put_element(&b, &item);
        }
        kept = tiny_alloc(t, b.n + 1);
        if (b.n) memcpy(kept, b.p, b.n);
        free(b.p);
        m->elem_type = m->type, m->type = LLOCAL_META_ARRAY;
        m->as.array = kept, m->array_bytes = b.n;
    }
    return true;
}

/* Weight i is offset + scale * u, u in [-1, 1) from a hash of the tensor's name, the seed and i. */
static inline float tiny_weight(uint64_t base, int64_t i, double offset, double scale) {
    uint64_t z = base + (uint64_t)i + 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    return (float)(offset + scale * ((double)(z >> 11) * (1.0 / 9007199254740992.0) * 2 - 1));
}

static inline bool tiny_add_tensor(tiny *t, char *line, uint64_t seed) {
    tiny_tensor *x = &t->tensors[t->n_tensors++];
    int n_words = tiny_count_words(line);
    const char *format;
    double offset, scale;
    uint64_t base;
    if (n_words < 5 || n_words > 8) return false;
    x->name = tiny_word(&line), format = tiny_word(&line);
    x->format = !strcmp(format, "i32") ? LLOCAL_FORMAT_I32 : !strcmp(format, "f16") ? LLOCAL_FORMAT_F16 : LLOCAL_FORMAT_F32;
    x->n_dims = n_words - 4, x->n = 1;
    for (int i = 0; i < 4; i++) {
        x->dim[i] = i < x->n_dims ? strtoll(tiny_word(&line), NULL, 10) : 1;
        if (x->dim[i] < 1 || x->dim[i] > 1 << 20) return false;
        x->n *= x->dim[i];
    }
    offset = strtod(tiny_word(&line), NULL), scale = strtod(tiny_word(&line), NULL);
    base = ll_hash(LL_HASH_START, x->name, strlen(x->name)) + seed;
    x->w = (float *)tiny_alloc(t, (size_t)x->n * sizeof(float));
    for (int64_t i = 0; i < x->n; i++) {
        x->w[i] = tiny_weight(base, i, offset, scale);
        if (x->format == LLOCAL_FORMAT_F16) x->w[i] = ll_f16_to_f32(ll_f32_to_f16(x->w[i]));
        if (x->format == LLOCAL_FORMAT_I32) x->w[i] = (float)floor((double)x->w[i]);
    }
    return true;
}

static inline int tiny_token_list(tiny *t, char *line, llocal_token **out) {
    int n = tiny_count_words(line), i = 0;
    *out = (llocal_token *)tiny_alloc(t, (size_t)n * sizeof **out + 1);
    for (char *word; (word = tiny_word(&line)) != NULL;) (*out)[i++] = (llocal_token)atoi(word);
    return n;
}

static inline bool tiny_add_row(tiny *t, const char *kind, char *line) {
    tiny_row *row = &t->rows[t->n_rows++];
    row->kind = kind;
    row->pos = !strcmp(kind, "logits") || !strcmp(kind, "none") || !strcmp(kind, "draft") ? atoi(tiny_word(&line)) : -1;
    row->v = (float *)tiny_alloc(t, (size_t)tiny_count_words(line) * sizeof(float) + 1);
    for (char *word; (word = tiny_word(&line)) != NULL;) row->v[row->n++] = (float)strtod(word,
        NULL);
    return row->n > 0;
}

static inline bool tiny_line(tiny *t, char *line, uint64_t *seed) {
    const char *what = tiny_word(&line);
    if (!what || what[0] == '#' || !strcmp(what, "pool")) return true;
    if (!strcmp(what, "mtp")) return t->later_heads = true;
    if (!strcmp(what, "target")) return (t->target = tiny_word(&line)) != NULL;
    if (!strcmp(what, "draft")) return tiny_add_row(t, "draft", line);
    if (!strcmp(what, "tokens_draft")) return tiny_token_list(t, line, &t->tokens_draft) > 0;
    if (!strcmp(what, "kv")) return tiny_kv(t, line);
    if (!strcmp(what, "tensor")) return tiny_add_tensor(t, line, *seed);
    if (!strcmp(what, "logits")) return tiny_add_row(t, "logits", line);
    if (!strcmp(what, "embd")) { what = tiny_word(&line); return tiny_add_row(t, what, line); }
    if (!strcmp(what, "tokens")) return (t->n_tokens = tiny_token_list(t, line, &t->tokens)) > 0;
    if (!strcmp(what, "tokens_enc"))
        return (t->n_tokens_enc = tiny_token_list(t, line, &t->tokens_enc)) > 0;
    if (!strcmp(what, "mode")) return (t->mode = tiny_word(&line)) != NULL;
    if (!strcmp(what, "ctx")) return (t->n_ctx = atoi(line)) > 0;
    if (!strcmp(what, "seed")) { *seed = strtoull(line, NULL, 10); return true; }
    if (!strcmp(what, "stepwise")) return t->stepwise = true;
    return false;
}

/* False: a line of it was not understood (and is printed). name: of the text, for that. */
static inline bool tiny_parse(const char *text, size_t size, const char *name, tiny *out) {
    char *line, *next;
    int n_lines = 1;
    uint64_t seed = 0;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < size; i++) n_lines += text[i] == '\n';
    line = (char *)tiny_alloc(out, size + 1);           /* names point into it */
    memcpy(line, text, size + 1);
    out->meta = (llocal_meta *)tiny_alloc(out, (size_t)n_lines * sizeof *out->meta);
    out->tensors = (tiny_tensor *)tiny_alloc(out, (size_t)n_lines * sizeof *out->tensors);
    out->rows = (tiny_row *)tiny_alloc(out, (size_t)n_lines * sizeof *out->rows);
    for (; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (!tiny_line(out, line, &seed)) {
            printf("%s: not understood: %.60s\n", name, line);
            tiny_free(out);
            return false;
        }
    }
    return true;
}

/* False: there is no such file, or it was not understood. */
static inline bool tiny_load(const char *golden_path, tiny *out) {
    size_t size;
    char *text = t_read_file(golden_path, &size);
    bool ok = text && tiny_parse(text, size, golden_path, out);
    if (!text) memset(out, 0, sizeof *out);
    free(text);
    return ok;
}

/* ---- as a GGUF file ----------------------------------------------------------------------- */

typedef llocal_result (*tiny_quantizer)(llocal_format f, const float *src, const float *importance, void *dst, size_t n);

/* F32, F16 and I32 without the library's kernels, so that this much works before they do. */
static inline llocal_result tiny_quantize_float(llocal_format f, const float *src,
    const float *importance, void *dst, size_t n) {
    uint8_t *to = (uint8_t *)dst;
    (void)importance;
    for (size_t i = 0; i < n; i++) {
        uint16_t h = ll_f32_to_f16(src[i]);
        if (f == LLOCAL_FORMAT_I32) ll_store_u32(to + i * 4, (uint32_t)(int32_t)src[i]);
        else if (f == LLOCAL_FORMAT_F32) ll_store_u32(to + i * 4, ll_f32_to_bits(src[i]));
        else to[i * 2] = (uint8_t)h, to[i * 2 + 1] = (uint8_t)(h >> 8);
    }
    return LLOCAL_OK;
}

/* In place of a format: Q8_0 where the name has "_q.", "_up." or "_up_", else Q4_K. They want different vectors of what
 * both read. */
enum { TINY_MIXED = 1000 };

/* As in files people use: matrices are quantised where the format's blocks fit their rows; norms,
 * biases, routers, convolutions and learned positions stay as they are. */
static inline llocal_format tiny_format(const tiny_tensor *x, llocal_format f) {
    static const char *const plain[] = { "norm", "conv", "gate_inp", "position_embd", "token_types",
                                         "rope_f", "time_mix_first", "time_mix_w",
                                         "time_mix_decay", "ssm_a", ".bias" };
    int block;
    if (f == TINY_MIXED) f = strstr(x->name, "_q.") || strstr(x->name, "_up.") || strstr(x->name, "_up_")
        ? LLOCAL_FORMAT_Q8_0 : LLOCAL_FORMAT_Q4_K;
    block = ll_type_get(f).len;
    if (x->format == LLOCAL_FORMAT_I32 || x->n_dims < 2 || block == 0 || x->dim[0] % block != 0) return x->format;
    for (int i = 0; i < LL_COUNT(plain); i++) if (strstr(x->name, plain[i])) return x->format;
    return f == LLOCAL_FORMAT_F32 ? x->format : f;
}

static inline void *tiny_image_with(const tiny *t, llocal_format f, tiny_quantizer quantize,
                                    size_t *size) {
    tiny_bytes b = { NULL, 0, 0 };
    llocal_writer w = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
    llocal_tensor *dir = (llocal_tensor *)calloc((size_t)t->n_tensors + 1, sizeof *dir);
    llocal_result r;
    w.user = &b;
    for (int i = 0; i < t->n_tensors; i++) {
        dir[i].name = ll_str(t->tensors[i].name);
        dir[i].format = tiny_format(&t->tensors[i], f);
        dir[i].n_dims = t->tensors[i].n_dims;
        memcpy(dir[i].dim, t->tensors[i].dim, sizeof dir[i].dim);
    }
    r = llocal_gguf_write_head(&w, t->meta, t->n_meta, dir, t->n_tensors);
    for (int i = 0; i < t->n_tensors && !r; i++) {
        const tiny_tensor *x = &t->tensors[i];
        uint64_t bytes = ll_gguf_tensor_bytes(&dir[i]);
        void *data = malloc((size_t)bytes);
        r = (dir[i].format > LLOCAL_FORMAT_F16 && dir[i].format != LLOCAL_FORMAT_I32 ? quantize : tiny_quantize_float)(dir[i].format, x->w, NULL, data,
            (size_t)x->n);
        if (!r) r = llocal_gguf_write_data(&w, data, bytes);
        free(data);
    }
    free(dir);
    if (r) free(b.p), b.p = NULL, b.n = 0;
    *size = b.n;
    return b.p;
}

/* A GGUF image (free it) with the matrices in format f where their rows allow; NULL: failed. */
#ifndef LLOCAL_NO_THREADS
static inline llocal_pool *tiny_pool(int n_threads) {       /* NULL: no such pool */
    llocal_pool_desc d;
    llocal_pool *p = NULL;
    memset(&d, 0, sizeof d);
    d.n_threads = n_threads;
    return llocal_pool_open(&d, &p) ? NULL : p;
}
#endif

static inline void *tiny_image(const tiny *t, llocal_format f, size_t *size) {
    return tiny_image_with(t, f, llocal_quantize, size);
}
#endif
