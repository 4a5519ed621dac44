/* Make a model smaller: the weights of a GGUF file in another format.
 *
 *     quantize [options] IN.gguf OUT.gguf TYPE [THREADS]
 *
 * TYPE is a mix (Q4_K_M, Q5_K_S, ...: most matrices in one format, the more delicate ones in a finer one)
 * or a plain format (Q8_0, Q4_0, F16, ...); quantize --help lists them. Names, rules and numbers are
 * llama.cpp's, so that a file of a name is what people expect of it. A split model is given by its first
 * part; OUT is one file.
 *
 *     --imatrix FILE               errors count as much as their columns matter, by a file of imatrix or
 *                                  llama-imatrix
 *     --leave-output-tensor        keep output.weight as it is (also --keep-output)
 *     --output-tensor-type TYPE    the format of output.weight
 *     --token-embedding-type TYPE  the format of token_embd.weight
 *     --tensor-type NAME=TYPE      the format of every matrix whose name contains NAME (repeatable)
 *     --pure                       every matrix in the format of TYPE, without the mix's exceptions
 *     --allow-requantize           also from a file that is quantised already (also --requantize)
 *     --dry-run                    only say what would become of each tensor
 *     --force                      replace OUT if it exists
 *     -v                           a line per tensor
 *
 * The work goes tensor by tensor and some rows at a time, so it takes little memory. OUT appears when it is
 * complete: until then it is called OUT.tmp-..., and is removed if anything goes wrong or the program is
 * interrupted. Status 0: done; 1: failed; 2: bad command line; 130: interrupted. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

static bool fail(const char *format, ...) {             /* always false: return fail("...") */
    va_list args;
    va_start(args, format);
    if (is_terminal(stderr)) fprintf(stderr, "\r%60s\r", "");         /* over the progress bar */
    fprintf(stderr, "quantize: error: ");
    print_plain_list(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool str_is(llocal_str s, const char *text) {
    return s.len == strlen(text) && !memcmp(s.ptr, text, s.len);
}
static bool str_has(llocal_str s, const char *part) {
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= s.len; i++) if (!memcmp(s.ptr + i, part, n)) return true;
    return false;
}
static bool str_ends(llocal_str s, const char *end) {
    size_t n = strlen(end);
    return s.len >= n && !memcmp(s.ptr + s.len - n, end, n);
}
/* The 3 of blk.3.attn_q.weight; -1 of others. */
static int layer_of(llocal_str name) {
    int n = 0;
    if (name.len < 6 || memcmp(name.ptr, "blk.", 4)) return -1;
    for (size_t i = 4; i < name.len && i < 9 && isdigit((unsigned char)name.ptr[i]); i++)
        n = n * 10 + (name.ptr[i] - '0');
    return n;
}
static bool same_word(const char *a, const char *b) {           /* upper or lower case */
    while (*a && toupper((unsigned char)*a) == toupper((unsigned char)*b)) a++, b++;
    return !*a && !*b;
}

#define NO_FORMAT 0xffffffffu

static llocal_format format_named(const char *name) {
    for (llocal_format f = 0; f < 256; f++) {
        llocal_traits i = llocal_format_traits(f);
        if (i.name && i.can_quantize && same_word(i.name, name)) return f;
    }
    return NO_FORMAT;
}
static const char *format_name(llocal_format f) {
    const char *name = llocal_format_traits(f).name;
    return name ? name : "(unknown)";
}

/* ---- which format for which tensor ---------------------------------------------------------- */

/* Some matrices hurt more than others when they are rounded, for their size: attention's values,
 * ffn_down (its inputs have the worst outliers), the first and the last layers, and the matrix that makes
 * logits. A mix gives these a finer format. */

/* Where a finer format is used. Layers are counted among the tensors of the same kind. */
typedef enum where {
    NONE, ALL,
    GROUPED,                            /* where four or more query heads share a value head: it is small */
    FIRST_2, FIRST_4, EIGHTH, SIXTEENTH,        /* so many layers, or that part of them, from the first */
    MORE,                               /* the first and the last eighth, and every third between */
    EIGHTH_BLIND, EIGHTH_SEEN           /* the first eighth, without or with an importance matrix */
} where;

typedef struct rule { where at; const char *format, *otherwise; } rule;         /* otherwise 0: base */

typedef struct mix {
    const char *name;
    int file_type;                      /* its number in general.file_type */
    const char *base;
    rule attn_v;                        /* and fused attn_qkv, attn_kv_b */
    rule ffn_down;
    rule attn_output;
    const char *attn_output_8;          /* attn_output with eight experts; 0: base */
} mix;

#define SAME { NONE, 0, 0 }
#define PLAIN(name, number) { name, number, name, SAME, SAME, SAME, 0 }

static const mix mixes[] = {
/*    name      type  base      attn_v                       ffn_down                   attn_output         8 experts */
    { "Q2_K",     10, "Q2_K",   { GROUPED, "Q4_K", "Q3_K" }, { ALL, "Q3_K", 0 },           { ALL, "Q3_K", 0 }, "Q5_K" },
    { "Q2_K_S",   21, "Q2_K",   { GROUPED, "Q4_K", 0 },      { EIGHTH, "Q4_K", 0 },        SAME,               0 },
    { "Q3_K_S",   11, "Q3_K",   SAME,                        SAME,                         SAME,               "Q5_K" },
    { "Q3_K_M",   12, "Q3_K",   { FIRST_2, "Q5_K", "Q4_K" }, { SIXTEENTH, "Q5_K", "Q4_K" },{ ALL, "Q4_K", 0 }, "Q5_K" },
    { "Q3_K_L",   13, "Q3_K",   { ALL, "Q5_K", 0 },          { ALL, "Q5_K", 0 },           { ALL, "Q5_K", 0 }, 0 },
    { "Q4_K_S",   14, "Q4_K",   { FIRST_4, "Q5_K", 0 },      { EIGHTH, "Q5_K", 0 },        SAME,               "Q5_K" },
    { "Q4_K_M",   15, "Q4_K",   { MORE, "Q6_K", 0 },         { MORE, "Q6_K", 0 },          SAME,               "Q5_K" },
    { "Q5_K_S",   16, "Q5_K",   SAME,                        SAME,                         SAME,               0 },
    { "Q5_K_M",   17, "Q5_K",   { MORE, "Q6_K", 0 },         { MORE, "Q6_K", 0 },          SAME,               0 },
    { "IQ4_NL",   25, "IQ4_NL", { GROUPED, "Q5_K", 0 },      { EIGHTH_BLIND, "Q5_K", 0 },  SAME,               "Q5_K" },
    { "IQ4_XS",   30, "IQ4_XS", { GROUPED, "Q5_K", 0 },      { EIGHTH_BLIND, "Q5_K", 0 },  SAME,               "Q5_K" },
    { "Q4_0",      2, "Q4_0",   SAME,                        { EIGHTH_SEEN, "Q4_1", 0 },   SAME,               0 },
    { "Q5_0",      8, "Q5_0",   SAME,                        { EIGHTH_SEEN, "Q5_1", 0 },   SAME,               0 },
    { "MXFP4_MOE",38, "MXFP4",  SAME,                        SAME,                         SAME,               0 },
    PLAIN("Q4_1", 3), PLAIN("Q5_1", 9), PLAIN("Q6_K", 18), PLAIN("Q8_0", 7), PLAIN("TQ1_0", 36), PLAIN("TQ2_0", 37),
    PLAIN("MXFP4", 38), PLAIN("NVFP4", 39), PLAIN("Q1_0", 1024), PLAIN("Q2_0", 1024),   /* 1024: without a number */
    PLAIN("F16", 1), PLAIN("BF16", 32), PLAIN("F32", 0),
};
#define N_MIXES ((int)(sizeof mixes / sizeof *mixes))

static const struct { const char *from, *to; } mix_aliases[] = {
    { "Q3_K", "Q3_K_M" }, { "Q4_K", "Q4_K_M" }, { "Q5_K", "Q5_K_M" },
};

/* Rows that are no multiple of a format's block take this one instead; where that does not fit either, F16. */
static const struct { const char *from, *to; } smaller_blocks[] = {
    { "Q2_K", "Q4_0" }, { "Q3_K", "Q4_0" }, { "Q4_K", "Q5_0" }, { "Q5_K", "Q5_1" }, { "Q6_K", "Q8_0" },
    { "IQ4_XS", "IQ4_NL" }, { "TQ1_0", "Q4_0" }, { "TQ2_0", "Q4_0" },
};

/* Matrices that stay as they are: small, and everything passes through them. */
static const char *const kept[] = {
    "_norm.weight", "ffn_gate_inp.weight", "altup", "laurel", "per_layer_model_proj", "ssm_conv1d",
    "shortconv.conv.weight", "attn_rel_b.weight", ".position_embd.", "time_mix_first.weight",
    "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight",
    "time_mix_v1.weight", "time_mix_v2.weight", "time_mix_a0.weight", "time_mix_a1.weight",
    "time_mix_a2.weight", "time_mix_g1.weight", "time_mix_g2.weight", "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight",
};

typedef struct override { const char *part; size_t len; llocal_format format; } override;        /* PART=TYPE */

/* What the rules ask about a model and a command line. */
typedef struct choice {
    const llocal_gguf *g;
    const mix *m;
    llocal_str arch;
    int n_layer, n_group, n_expert;     /* n_group: query heads that share a value head */
    bool tied;                          /* no output.weight: token_embd makes the logits */
    bool imatrix, pure, leave_output;
    llocal_format output, token_embd;   /* or NO_FORMAT */
    override overrides[64];
    int n_overrides;
} choice;

static bool is_attn_v(llocal_str name) {
    return str_has(name, "attn_v.weight") || str_has(name, "attn_qkv.weight") || str_has(name, "attn_kv_b.weight");
}
static bool is_ffn_down(llocal_str name) { return str_has(name, "ffn_down"); }

static bool is_quantised_tensor(const choice *c, const llocal_tensor *t) {
    if (t->bytes == 0 || (t->dim[1] == 1 && t->dim[2] == 1 && t->dim[3] == 1) || !str_ends(t->name, "weight")) return false;
    if (str_is(t->name, "position_embd.weight") || str_is(t->name, "token_types.weight")) return false;
    if (c->leave_output && str_is(t->name, "output.weight")) return false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) if (str_has(t->name, kept[i])) return false;
    return true;
}

/* Layers in order, and names within one. */
static bool comes_before(llocal_str a, llocal_str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, n);
    if (layer_of(a) != layer_of(b)) return layer_of(a) < layer_of(b);
    return order ? order < 0 : a.len < b.len;
}

/* How many tensors of the kind there are; with `before`, only those before it. */
static int count_kind(const choice *c, bool (*kind)(llocal_str), const llocal_str *before) {
    int n = 0;
    for (int i = 0; i < llocal_gguf_tensor_count(c->g); i++) {
        llocal_tensor t = llocal_gguf_tensor(c->g, i);
        if (!kind(t.name) || (before && (!comes_before(t.name, *before) || !is_quantised_tensor(c, &t)))) continue;
        n++;
    }
    return n;
}

/* The rule's format for the i-th of n. */
static const char *apply(const choice *c, const rule *r, int i, int n) {
    bool yes = false;
    switch (r->at) {
    case NONE:         break;
    case ALL:          yes = true; break;
    case GROUPED:      yes = c->n_group >= 4; break;
    case FIRST_2:      yes = i < 2; break;
    case FIRST_4:      yes = i < 4; break;
    case EIGHTH:       yes = i < n / 8; break;
    case SIXTEENTH:    yes = i < n / 16; break;
    case MORE:         yes = i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; break;
    case EIGHTH_BLIND: yes = i < n / 8 && !c->imatrix; break;
    case EIGHTH_SEEN:  yes = i < n / 8 && c->imatrix; break;
    }
    return yes ? r->format : r->otherwise ? r->otherwise : c->m->base;
}

/* Those models of 80 layers that llama.cpp calls 70B: attn_v is an eighth of attn_q, so better is cheap. */
static bool is_70b(const choice *c) {
    static const char *const archs[] = { "llama", "qwen2", "deci", "olmo" };
    if (c->n_layer != 80 || c->n_group == 1) return false;
    for (int i = 0; i < 4; i++) if (str_is(c->arch, archs[i])) return true;
    return false;
}

static const char *mix_attn_v(const choice *c, const llocal_tensor *t) {
    const char *f = apply(c, &c->m->attn_v, count_kind(c, is_attn_v, &t->name), count_kind(c, is_attn_v, NULL));
    if (c->n_expert == 8) return "Q8_0";
    return is_70b(c) && (!strcmp(f, "Q3_K") || !strcmp(f, "Q4_K")) ? "Q5_K" : f;
}

/* With experts there may be several in a layer: then their layer counts. */
static const char *mix_ffn_down(const choice *c, const llocal_tensor *t) {
    int i = c->n_expert > 1 ? layer_of(t->name) : count_kind(c, is_ffn_down, &t->name);
    return apply(c, &c->m->ffn_down, i, c->n_layer);
}

/* The matrix of logits: at least Q6_K, and Q8_0 where rows do not fit the mix's own blocks. */
static const char *mix_output(const choice *c, const llocal_tensor *t) {
    int block = llocal_format_traits(format_named(c->m->base)).block_len;
    if (t->dim[0] % block || !strcmp(c->m->base, "Q8_0")) return "Q8_0";
    return "Q6_K";
}

static const char *mix_format(const choice *c, const llocal_tensor *t) {
    const char *base = c->m->base;
    bool embd = str_is(t->name, "token_embd.weight") || str_is(t->name, "per_layer_token_embd.weight");
    bool output = str_is(t->name, "output.weight") || (embd && c->tied);
    if (!strcmp(c->m->name, "MXFP4_MOE")) return !output && t->dim[2] > 1 ? base : "Q8_0";
    if (output) return mix_output(c, t);
    if (embd) return !strcmp(base, "TQ1_0") || !strcmp(base, "TQ2_0") ? "Q4_K" : base;
    if (is_attn_v(t->name)) return mix_attn_v(c, t);
    if (str_has(t->name, "attn_k.weight")) return c->n_expert == 8 ? "Q8_0" : base;
    if (str_has(t->name, "attn_q.weight")) return base;
    if (str_has(t->name, "attn_output.weight")) {
        if (c->n_expert == 8) return c->m->attn_output_8 ? c->m->attn_output_8 : base;
        return apply(c, &c->m->attn_output, 0, 1);
    }
    return is_ffn_down(t->name) ? mix_ffn_down(c, t) : base;
}

static bool fits(llocal_format f, int64_t n_cols) {
    int block = llocal_format_traits(f).block_len;
    return block > 0 && n_cols % block == 0;
}

static llocal_format fit_rows(llocal_format f, int64_t n_cols) {
    if (fits(f, n_cols)) return f;
    for (size_t i = 0; i < sizeof smaller_blocks / sizeof *smaller_blocks; i++)
        if (f == format_named(smaller_blocks[i].from)) { f = format_named(smaller_blocks[i].to); break; }
    return fits(f, n_cols) ? f : format_named("F16");
}

static bool override_has(const override *o, const llocal_tensor *t) {
    char part[128];
    snprintf(part, sizeof part, "%.*s", (int)o->len, o->part);
    return str_has(t->name, part);
}

/* What the command line asks for a matrix, or NO_FORMAT. */
static llocal_format asked_format(const choice *c, const llocal_tensor *t) {
    if (c->output != NO_FORMAT && str_is(t->name, "output.weight")) return c->output;
    if (c->token_embd != NO_FORMAT && str_is(t->name, "token_embd.weight")) return c->token_embd;
    for (int i = 0; i < c->n_overrides; i++) if (override_has(&c->overrides[i], t)) return c->overrides[i].format;
    return NO_FORMAT;
}

static llocal_format choose(const choice *c, const llocal_tensor *t) {
    llocal_format f = asked_format(c, t);
    if (!is_quantised_tensor(c, t)) return t->format;
    if (f == NO_FORMAT) {
        f = format_named(c->m->base);
        if (llocal_format_traits(f).block_len > 1 && !c->pure) f = format_named(mix_format(c, t));
    }
    return fit_rows(f, t->dim[0]);
}

/* ARCH.key, an integer or the first of an array of them. */
static int arch_int(const choice *c, const char *key, int otherwise) {
    char name[128];
    int i;
    llocal_meta m, item;
    uint64_t at = 0;
    snprintf(name, sizeof name, "%.*s.%s", shown(c->arch), c->arch.ptr, key);
    i = llocal_gguf_meta_find(c->g, name);
    if (i < 0) return otherwise;
    m = llocal_gguf_meta(c->g, i);
    if (m.type == LLOCAL_META_ARRAY && llocal_meta_item(&m, &at, &item)) m = item;
    if (m.type > LLOCAL_META_I32 && m.type != LLOCAL_META_U64 && m.type != LLOCAL_META_I64) return otherwise;
    return m.as.i >= 0 && m.as.i < 1 << 20 ? (int)m.as.i : otherwise;
}

static bool describe_model(choice *c, const llocal_gguf *g) {
    int arch = llocal_gguf_meta_find(g, "general.architecture"), n_head, n_kv;
    c->g = g;
    if (arch < 0 || llocal_gguf_meta(g, arch).type != LLOCAL_META_STRING)
        return fail("the file has no general.architecture: it is not a model");
    c->arch = llocal_gguf_meta(g, arch).as.s;
    c->n_layer = arch_int(c, "block_count", 0), c->n_expert = arch_int(c, "expert_count", 0);
    n_head = arch_int(c, "attention.head_count", 1), n_kv = arch_int(c, "attention.head_count_kv", n_head);
    c->n_group = n_kv ? n_head / n_kv : 0;
    c->tied = llocal_gguf_tensor_find(g, "output.weight") < 0;
    return true;
}

/* ---- importance ----------------------------------------------------------------------------- */

typedef struct entry { char *name; float *x; int64_t n; } entry;        /* mean squared inputs */

typedef struct imatrix {
    entry *of;
    int n, n_chunks;
    char *dataset;
} imatrix;

static void imatrix_close(imatrix *m) {
    for (int i = 0; i < m->n; i++) free(m->of[i].name), free(m->of[i].x);
    free(m->of), free(m->dataset);
    memset(m, 0, sizeof *m);
}

static char *copy_text(const char *ptr, size_t len) {
    char *s = (char *)malloc(len + 1);
    if (s) memcpy(s, ptr, len), s[len] = 0;
    return s;
}

static bool entry_add(imatrix *m, const char *name, size_t len, int64_t n) {
    entry *e, *more = (entry *)realloc(m->of, ((size_t)m->n + 1) * sizeof *more);
    if (!more) return fail("out of memory");
    m->of = more, e = &m->of[m->n++];
    e->n = n, e->name = copy_text(name, len), e->x = (float *)malloc((size_t)n * sizeof(float) + 1);
    return (e->name && e->x) || fail("out of memory");
}

/* Floats as files have them, in place: little-endian. */
static void floats_of_bytes(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char b[4];
        uint32_t u;
        memcpy(b, &x[i], 4);
        u = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        memcpy(&x[i], &u, 4);
    }
}

static bool read_floats(const llocal_gguf *g, int i, float *x) {
    llocal_tensor t = llocal_gguf_tensor(g, i);
    if (t.format != LLOCAL_FORMAT_F32 || llocal_gguf_read(g, i, 0, x, (size_t)t.bytes)) return false;
    floats_of_bytes(x, (size_t)t.bytes / 4);
    return true;
}

/* NAME.in_sum2 [n_parts][n_cols] and NAME.counts [n_parts][1]: the mean is the one by the other. A part
 * without inputs has all columns alike. */
static bool imatrix_add(imatrix *m, const llocal_gguf *g, const llocal_tensor *sums) {
    size_t len = sums->name.len - strlen(".in_sum2");
    char *name = (char *)malloc(len + 16);
    float *count = (float *)malloc((size_t)sums->dim[1] * sizeof *count + 1);
    bool ok = false;
    int i = -1;
    entry *e;
    if (name) memcpy(name, sums->name.ptr, len), strcpy(name + len, ".counts"), i = llocal_gguf_tensor_find(g, name);
    if (i >= 0 && count && sums->dim[2] * sums->dim[3] == 1 &&
        llocal_gguf_tensor(g, i).bytes == (uint64_t)sums->dim[1] * 4 && read_floats(g, i, count) &&
        entry_add(m, sums->name.ptr, len, sums->dim[0] * sums->dim[1])) {
        e = &m->of[m->n - 1];
        strcpy(name + len, ".in_sum2");
        ok = read_floats(g, llocal_gguf_tensor_find(g, name), e->x);
        for (int64_t k = 0; ok && k < e->n; k++) {
            float n = count[k / sums->dim[0]];
            e->x[k] = n > 0 ? e->x[k] / n : 1;
        }
    }
    free(name), free(count);
    return ok || fail("the importance matrix has no good counts for %.*s", (int)(len < 1000 ? len : 1000), sums->name.ptr);
}

static bool imatrix_read_gguf(imatrix *m, const char *path) {
    llocal_source src;
    llocal_gguf *g = NULL;
    llocal_meta meta, item;
    uint64_t at = 0;
    bool ok = true;
    int i;
    memset(&src, 0, sizeof src);
    src.path = path, src.logger.write = log_plain;
    if (llocal_gguf_open(&src, &g)) return false;
    for (i = 0; ok && i < llocal_gguf_tensor_count(g); i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        if (str_ends(t.name, ".in_sum2")) ok = imatrix_add(m, g, &t);
    }
    i = llocal_gguf_meta_find(g, "imatrix.chunk_count");
    if (i >= 0) m->n_chunks = (int)llocal_gguf_meta(g, i).as.u;
    i = llocal_gguf_meta_find(g, "imatrix.datasets");
    if (i >= 0) {
        meta = llocal_gguf_meta(g, i);
        if (meta.type == LLOCAL_META_ARRAY && llocal_meta_item(&meta, &at, &item) && item.type == LLOCAL_META_STRING)
            m->dataset = copy_text(item.as.s.ptr, item.as.s.len);
    }
    llocal_gguf_close(g);
    return ok;
}

/* The older form: a count of entries, then for each the length of its name, the name, the number of calls,
 * the number of values, and their sums; at the end the number of chunks and the name of the text. */
static bool read_int(FILE *f, int low, int high, int *out) {
    unsigned char b[4];
    if (fread(b, 1, 4, f) != 4) return false;
    *out = (int)((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
    return *out >= low && *out <= high;
}

static bool imatrix_read_old(imatrix *m, FILE *f) {
    int n, len, calls, n_values;
    char name[256];
    if (!read_int(f, 1, 1 << 20, &n)) return false;
    for (int i = 0; i < n; i++) {
        entry *e;
        if (!read_int(f, 1, 255, &len) || fread(name, 1, (size_t)len, f) != (size_t)len ||
            !read_int(f, 0, INT32_MAX, &calls) || !read_int(f, 1, 1 << 28, &n_values) ||
            !entry_add(m, name, (size_t)len, n_values)) return false;
        e = &m->of[m->n - 1];
        if (fread(e->x, 4, (size_t)n_values, f) != (size_t)n_values) return false;
        floats_of_bytes(e->x, (size_t)n_values);
        for (int k = 0; calls > 0 && k < n_values; k++) e->x[k] /= (float)calls;
    }
    if (read_int(f, 0, INT32_MAX, &m->n_chunks) && read_int(f, 1, 255, &len) &&
        fread(name, 1, (size_t)len, f) == (size_t)len)
        m->dataset = copy_text(name, (size_t)len);
    return true;
}

static bool imatrix_open(imatrix *m, const char *path) {
    FILE *f = file_open(path, "rb");
    char magic[4];
    bool ok;
    if (!f) return fail("cannot read %s: %s", path, strerror(errno));
    if (fread(magic, 1, 4, f) == 4 && !memcmp(magic, "GGUF", 4)) ok = imatrix_read_gguf(m, path);
    else ok = !fseek(f, 0, SEEK_SET) && imatrix_read_old(m, f);
    fclose(f);
    if (!ok || !m->n) return fail("%s is no importance matrix, or is damaged", path);
    for (int i = 0; i < m->n; i++)
        for (int64_t k = 0; k < m->of[i].n; k++)
            if (!(m->of[i].x[k] >= 0 && m->of[i].x[k] < 3e38f))
                return fail("%s: %s has a value that is no mean square", path, m->of[i].name);
    return true;
}

static const entry *imatrix_find(const imatrix *m, llocal_str name) {
    for (int i = 0; i < m->n; i++) if (str_is(name, m->of[i].name)) return &m->of[i];
    return NULL;
}

/* ---- the plan: what becomes of each tensor -------------------------------------------------- */

typedef struct job {
    llocal_tensor in, out;
    const float *importance;            /* [n_experts][n_cols], or NULL */
} job;

static int64_t n_weights(const llocal_tensor *t) { return t->dim[0] * t->dim[1] * t->dim[2] * t->dim[3]; }
static bool is_float(llocal_format f) { return llocal_format_traits(f).block_len == 1; }

/* An option that names no matrix is a slip: better before the work than after it. */
static bool check_asked(const choice *c, const job *jobs, int n) {
    for (int k = 0; k < c->n_overrides; k++) {
        const override *o = &c->overrides[k];
        int n_named = 0, n_matrices = 0;
        for (int i = 0; i < n; i++) {
            bool named = override_has(o, &jobs[i].in);
            n_named += named, n_matrices += named && is_quantised_tensor(c, &jobs[i].in);
        }
        if (!n_matrices)
            return fail("--tensor-type %s: %s", o->part, n_named ? "all that it names stays as it is (norms, biases and other "
                        "small tensors)" : "no tensor's name contains that; inspect lists the names");
    }
    if (c->output != NO_FORMAT && c->leave_output)
        return fail("--leave-output-tensor and --output-tensor-type exclude each other");
    if (c->output != NO_FORMAT && c->tied)
        return fail("--output-tensor-type: the file has no output.weight; token_embd.weight makes the logits: "
                    "--token-embedding-type");
    if (c->token_embd != NO_FORMAT && llocal_gguf_tensor_find(c->g, "token_embd.weight") < 0)
        return fail("--token-embedding-type: the file has no token_embd.weight");
    return true;
}

/* Formats that were asked for and that rows do not fit: what is taken instead is said. */
static void warn_asked(const choice *c, const job *jobs, int n) {
    const job *first = NULL;
    int n_others = 0;
    for (int i = 0; i < n; i++) {
        llocal_format f = asked_format(c, &jobs[i].in);
        if (f == NO_FORMAT || f == jobs[i].out.format || !is_quantised_tensor(c, &jobs[i].in)) continue;
        if (first) n_others++;
        else first = &jobs[i];
    }
    if (!first) return;
    print_plain(stderr, "quantize: warning: %.*s cannot be %s, as was asked: its rows of %lld do not fit the blocks of %d; "
                "it becomes %s", shown(first->in.name), first->in.name.ptr, format_name(asked_format(c, &first->in)),
                (long long)first->in.dim[0], llocal_format_traits(asked_format(c, &first->in)).block_len,
                format_name(first->out.format));
    if (n_others) fprintf(stderr, " (and %d others likewise; -v or --dry-run lists them)", n_others);
    fputc('\n', stderr);
}

/* Fills in jobs; false if some tensor cannot become what it should. */
static bool plan(const choice *c, const imatrix *m, bool requantise, job *jobs, int n) {
    int n_missing = 0, n_converted = 0;
    llocal_str missing = { NULL, 0 };
    for (int i = 0; i < n; i++) {
        job *j = &jobs[i];
        memset(j, 0, sizeof *j);
        j->in = j->out = llocal_gguf_tensor(c->g, i);
    }
    if (!check_asked(c, jobs, n)) return false;
    for (int i = 0; i < n; i++) {
        job *j = &jobs[i];
        const entry *e;
        j->out.format = choose(c, &j->in);
        j->out.bytes = llocal_format_bytes(j->out.format, (uint64_t)n_weights(&j->out));
        if (j->out.format == NO_FORMAT)
            return fail("%.*s: this build lacks the format for it", shown(j->in.name), j->in.name.ptr);
        if (j->out.format == j->in.format) { j->out.bytes = j->in.bytes; continue; }
        if (!is_float(j->in.format) && !requantise)
            return fail("%.*s is %s already, and rounding twice costs quality; take the original file, or give "
                        "--allow-requantize", shown(j->in.name), j->in.name.ptr, format_name(j->in.format));
        if (!llocal_format_traits(j->in.format).can_run)
            return fail("%.*s is %s, which this build cannot read", shown(j->in.name), j->in.name.ptr,
                        format_name(j->in.format));
        if (!m->n || is_float(j->out.format)) continue;
        n_converted++;
        e = imatrix_find(m, j->in.name);
        if (!e) {
            if (!n_missing++) missing = j->in.name;
        } else if (e->n == j->in.dim[0] * j->in.dim[2]) j->importance = e->x;
        else return fail("the importance matrix has %lld values for %.*s, not %lld: it is of another model",
                         (long long)e->n, shown(j->in.name), j->in.name.ptr,
                         (long long)(j->in.dim[0] * j->in.dim[2]));
    }
    if (n_missing)
        print_plain(stderr, "quantize: %d of %d matrices are not in the importance matrix (%.*s%s)\n", n_missing,
                n_converted, shown(missing), missing.ptr, n_missing > 1 ? ", ..." : "");
    warn_asked(c, jobs, n);
    return true;
}

/* ---- the work: rows over threads ------------------------------------------------------------ */

#define CHUNK_WEIGHTS (1 << 20)         /* as many rows at a time as have about this many */

static volatile sig_atomic_t interrupted;
static void on_interrupt(int number) {
    interrupted = 1;
    signal(number, on_interrupt);       /* some systems forget it after the first */
}

typedef struct chunk {
    const job *j;
    const uint8_t *src;
    uint8_t *dst;
    float *rows;                        /* [n_tasks][n_cols] */
    int64_t first, n;                   /* rows of the tensor */
    int n_tasks;
    bool *failed;                       /* [n_tasks] */
} chunk;

static void convert_rows(void *arg, int task) {
    const chunk *c = (const chunk *)arg;
    const llocal_tensor *in = &c->j->in, *out = &c->j->out;
    size_t n_cols = (size_t)in->dim[0];
    size_t src_row = (size_t)llocal_format_bytes(in->format, n_cols);
    size_t dst_row = (size_t)llocal_format_bytes(out->format, n_cols);
    float *x = c->rows + (size_t)task * n_cols;
    for (int64_t r = c->n * task / c->n_tasks; r < c->n * (task + 1) / c->n_tasks; r++) {
        const float *w = c->j->importance;
        if (w) w += (size_t)((c->first + r) / in->dim[1] % in->dim[2]) * n_cols;        /* the expert's */
        if (llocal_dequantize(in->format, c->src + (size_t)r * src_row, x, n_cols) ||
            llocal_quantize(out->format, x, w, c->dst + (size_t)r * dst_row, n_cols)) c->failed[task] = true;
    }
}

/* What all tensors share. */
typedef struct work {
    const llocal_gguf *g;
    llocal_workers workers;
    int n_tasks;
    bool bar;
    double n_done, n_all, shown;        /* weights; when the bar was drawn last */
} work;

static void show_bar(work *w) {
    double now = now_seconds();
    if (!w->bar || now - w->shown < 0.1 || w->n_all <= 0) return;
    w->shown = now;
    fprintf(stderr, "\rquantize [");
    for (int i = 0; i < 40; i++) fputc(i < 40 * w->n_done / w->n_all ? '#' : '.', stderr);
    fprintf(stderr, "] %3.0f %% ", 100 * w->n_done / w->n_all);
}

/* Convert the chunk and append it. */
static bool write_chunk(const work *w, const llocal_writer *out, const chunk *c) {
    const llocal_tensor *t = &c->j->out;
    memset(c->failed, 0, (size_t)c->n_tasks * sizeof *c->failed);
    if (w->workers.run) w->workers.run(w->workers.user, c->n_tasks, convert_rows, (void *)c);
    else for (int i = 0; i < c->n_tasks; i++) convert_rows((void *)c, i);
    for (int i = 0; i < c->n_tasks; i++)
        if (c->failed[i])
            return fail("%.*s has weights that %s cannot hold (NaN, infinity, or beyond %.6g)",
                        (int)t->name.len, t->name.ptr, format_name(t->format), (double)llocal_format_traits(t->format).max_weight);
    return !llocal_gguf_write_data(out, c->dst, llocal_format_bytes(t->format, (uint64_t)(c->n * t->dim[0]))) ||
           fail("cannot write: %s", strerror(errno));
}

/* The bytes of a tensor from offset on: where they lie, or copied into room. */
static const uint8_t *tensor_bytes(const work *w, const job *j, int i, uint64_t offset, size_t size, uint8_t *room) {
    if (j->in.data) return (const uint8_t *)j->in.data + offset;
    return llocal_gguf_read(w->g, i, offset, room, size) ? NULL : room;
}

/* Pieces that are not the last must have a multiple of 32 bytes: 32 rows always have. */
static bool convert_tensor(work *w, const llocal_writer *out, const job *j, int i) {
    int64_t n_cols = j->in.dim[0], n_rows = n_weights(&j->in) / n_cols;
    int64_t most = (CHUNK_WEIGHTS / n_cols / 32 + 1) * 32;
    uint64_t src_row = llocal_format_bytes(j->in.format, (uint64_t)n_cols);
    uint8_t *room;
    chunk c;
    bool ok;
    if (most > n_rows) most = n_rows;
    memset(&c, 0, sizeof c);
    c.j = j, c.n_tasks = w->n_tasks;
    room = (uint8_t *)malloc((size_t)(src_row * (uint64_t)most));
    c.dst = (uint8_t *)malloc((size_t)llocal_format_bytes(j->out.format, (uint64_t)(n_cols * most)));
    c.rows = (float *)malloc((size_t)n_cols * (size_t)c.n_tasks * sizeof *c.rows);
    c.failed = (bool *)malloc((size_t)c.n_tasks * sizeof *c.failed);
    ok = (room && c.dst && c.rows && c.failed) || fail("out of memory");
    for (c.first = 0; ok && c.first < n_rows && !interrupted; c.first += c.n) {
        c.n = n_rows - c.first < most ? n_rows - c.first : most;
        c.src = tensor_bytes(w, j, i, (uint64_t)c.first * src_row, (size_t)((uint64_t)c.n * src_row), room);
        ok = c.src ? write_chunk(w, out, &c) : fail("cannot read %.*s", shown(j->in.name), j->in.name.ptr);
        w->n_done += (double)(c.n * n_cols);
        show_bar(w);
    }
    free(room), free(c.dst), free(c.rows), free(c.failed);
    return ok && !interrupted;
}

static bool copy_tensor(work *w, const llocal_writer *out, const job *j, int i) {
    static uint8_t room[1 << 16];
    for (uint64_t at = 0; at < j->in.bytes; at += sizeof room) {
        uint64_t left = j->in.bytes - at;
        size_t n = left < sizeof room ? (size_t)left : sizeof room;
        const uint8_t *src = tensor_bytes(w, j, i, at, n, room);
        if (!src) return fail("cannot read %.*s", shown(j->in.name), j->in.name.ptr);
        if (llocal_gguf_write_data(out, src, n)) return fail("cannot write: %s", strerror(errno));
        if (interrupted) return false;
    }
    w->n_done += (double)n_weights(&j->in);
    show_bar(w);
    return true;
}

static void print_job(const job *j, int i, int n) {
    char shape[96] = "1";               /* of a number, which has no dimensions */
    int len = 0;
    for (int k = 0; k < j->in.n_dims; k++)
        len += snprintf(shape + len, sizeof shape - (size_t)len, "%s%lld", k ? " x " : "", (long long)j->in.dim[k]);
    print_plain(stdout, "[%4d/%4d] %-36.*s %-20s %-6s -> %-6s %10.2f -> %.2f MiB%s\n", i + 1, n, shown(j->in.name),
           j->in.name.ptr, shape, format_name(j->in.format), format_name(j->out.format),
           (double)j->in.bytes / 1048576, (double)j->out.bytes / 1048576, j->importance ? ", by importance" : "");
    fflush(stdout);
}

/* ---- the file ------------------------------------------------------------------------------- */

static llocal_meta meta_number(const char *key, unsigned value) {
    llocal_meta m;
    memset(&m, 0, sizeof m);
    m.key = str_of(key), m.type = LLOCAL_META_U32, m.count = 1, m.as.u = value;
    return m;
}
static llocal_meta meta_text(const char *key, const char *text) {
    llocal_meta m = meta_number(key, 0);
    m.type = LLOCAL_META_STRING, m.as.s = str_of(text);
    return m;
}

/* The input's, without what was true of it only; returns how many. `out` has room for 6 more. */
static int new_metadata(const choice *c, const imatrix *im, const char *im_path, llocal_meta *out) {
    static const char *const dropped[] = {
        "general.file_type", "general.quantization_version", "split.no", "split.count", "split.tensors.count",
        "quantize.imatrix.file", "quantize.imatrix.dataset", "quantize.imatrix.entries_count",
        "quantize.imatrix.chunks_count",
    };
    int n = 0;
    for (int i = 0; i < llocal_gguf_meta_count(c->g); i++) {
        bool drop = false;
        out[n] = llocal_gguf_meta(c->g, i);
        for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++) drop |= str_is(out[n].key, dropped[k]);
        n += !drop;
    }
    out[n++] = meta_number("general.quantization_version", 2);
    out[n++] = meta_number("general.file_type", (unsigned)c->m->file_type);
    if (im->n) {
        out[n++] = meta_text("quantize.imatrix.file", im_path);
        if (im->dataset) out[n++] = meta_text("quantize.imatrix.dataset", im->dataset);
        out[n++] = meta_number("quantize.imatrix.entries_count", (unsigned)im->n);
        if (im->n_chunks) out[n++] = meta_number("quantize.imatrix.chunks_count", (unsigned)im->n_chunks);
    }
    return n;
}

static size_t write_file(void *user, const void *src, size_t size) { return fwrite(src, 1, size, (FILE *)user); }

static bool write_head(const llocal_writer *out, const choice *c, const imatrix *im, const char *im_path,
                       const job *jobs, int n) {
    llocal_tensor *tensors = (llocal_tensor *)malloc(((size_t)n + 1) * sizeof *tensors);
    llocal_meta *meta = (llocal_meta *)malloc(((size_t)llocal_gguf_meta_count(c->g) + 6) * sizeof *meta);
    bool ok = (tensors && meta) || fail("out of memory");
    for (int i = 0; ok && i < n; i++) tensors[i] = jobs[i].out;
    if (ok && llocal_gguf_write_head(out, meta, new_metadata(c, im, im_path, meta), tensors, n))
        ok = fail("cannot write: %s", strerror(errno));
    free(tensors), free(meta);
    return ok;
}

static bool write_model(work *w, FILE *f, const choice *c, const imatrix *im, const char *im_path, const job *jobs,
                        int n, bool verbose) {
    llocal_writer out;
    bool ok;
    memset(&out, 0, sizeof out);
    out.write = write_file, out.user = f;
    ok = write_head(&out, c, im, im_path, jobs, n);
    for (int i = 0; ok && i < n; i++) {
        if (verbose) print_job(&jobs[i], i, n);
        ok = (jobs[i].in.format == jobs[i].out.format ? copy_tensor : convert_tensor)(w, &out, &jobs[i], i);
    }
    if (w->bar && w->shown > 0) fprintf(stderr, "\r%60s\r", "");
    return ok;
}

/* Write under another name first, so that what is called OUT is always complete. */
static bool write_beside(work *w, const char *path, const choice *c, const imatrix *im, const char *im_path,
                         const job *jobs, int n, bool verbose) {
    char *tmp = (char *)malloc(strlen(path) + 40);
    FILE *f;
    bool ok;
    if (!tmp) return fail("out of memory");
    sprintf(tmp, "%s.tmp-%ld", path, process_number());
    f = file_open(tmp, "wb");
    ok = f ? write_model(w, f, c, im, im_path, jobs, n, verbose) : fail("cannot open %s: %s", tmp, strerror(errno));
    if (f && fclose(f) && ok) ok = fail("cannot write: %s", strerror(errno));
    if (ok && interrupted) ok = false;
    if (ok && !file_replace(tmp, path)) ok = fail("cannot rename %s to %s: %s", tmp, path, strerror(errno));
    if (f && !ok) file_remove(tmp);
    free(tmp);
    return ok;
}

/* ---- the program ---------------------------------------------------------------------------- */

typedef struct settings {
    const char *in, *out, *type, *imatrix;
    int n_threads;
    bool requantise, dry_run, force, verbose;
} settings;

static void print_help(void) {
    printf("quantize [options] IN.gguf OUT.gguf TYPE [THREADS]\n\n"
           "  --imatrix FILE               errors count as their columns matter (a file of imatrix)\n"
           "  --leave-output-tensor        keep output.weight as it is\n"
           "  --output-tensor-type TYPE    the format of output.weight\n"
           "  --token-embedding-type TYPE  the format of token_embd.weight\n"
           "  --tensor-type NAME=TYPE      the format of every matrix whose name contains NAME\n"
           "  --pure                       every matrix in the format of TYPE\n"
           "  --allow-requantize           also from a file that is quantised already\n"
           "  --dry-run                    only say what would become of each tensor\n"
           "  --force                      replace OUT if it exists\n"
           "  -v                           a line per tensor\n\n"
           "TYPE:");
    for (int i = 0; i < N_MIXES; i++) printf("%s%s", i % 9 ? " " : "\n  ", mixes[i].name);
    printf("\n");
}

static bool read_override(choice *c, const char *text) {
    const char *equals = strchr(text, '=');
    override *o = &c->overrides[c->n_overrides];
    if (!equals || equals == text || equals - text > 100 || c->n_overrides == 64) return false;
    o->part = text, o->len = (size_t)(equals - text), o->format = format_named(equals + 1);
    c->n_overrides++;
    return o->format != NO_FORMAT;
}

/* One option and its value, if it has one; 0: not understood, else how many arguments they are. */
static int read_option(const char *option, const char *value, settings *o, choice *c) {
    bool *flag = !strcmp(option, "--leave-output-tensor") || !strcmp(option, "--keep-output") ? &c->leave_output
               : !strcmp(option, "--allow-requantize") || !strcmp(option, "--requantize") ? &o->requantise
               : !strcmp(option, "--pure") ? &c->pure
               : !strcmp(option, "--dry-run") ? &o->dry_run
               : !strcmp(option, "--force") ? &o->force
               : !strcmp(option, "-v") ? &o->verbose : NULL;
    if (flag) { *flag = true; return 1; }
    if (!value) return 0;
    if (!strcmp(option, "--imatrix")) { o->imatrix = value; return 2; }
    if (!strcmp(option, "--output-tensor-type")) return (c->output = format_named(value)) != NO_FORMAT ? 2 : 0;
    if (!strcmp(option, "--token-embedding-type")) return (c->token_embd = format_named(value)) != NO_FORMAT ? 2 : 0;
    if (!strcmp(option, "--tensor-type")) return read_override(c, value) ? 2 : 0;
    return 0;
}

static const mix *mix_named(const char *name) {
    for (size_t i = 0; i < sizeof mix_aliases / sizeof *mix_aliases; i++)
        if (same_word(mix_aliases[i].from, name)) name = mix_aliases[i].to;
    for (int i = 0; i < N_MIXES; i++)
        if (same_word(mixes[i].name, name) && format_named(mixes[i].base) != NO_FORMAT) return &mixes[i];
    return NULL;
}

static bool read_command_line(int argc, char **argv, settings *o, choice *c) {
    const char **words[] = { &o->in, &o->out, &o->type };
    int n = 0;
    memset(o, 0, sizeof *o), memset(c, 0, sizeof *c);
    c->output = c->token_embd = NO_FORMAT;
    for (int i = 1, used; i < argc; i += used) {
        used = 1;
        if (argv[i][0] == '-' && argv[i][1]) {
            used = read_option(argv[i], i + 1 < argc ? argv[i + 1] : NULL, o, c);
            if (!used) return fail("not understood: %s %s; see --help", argv[i], i + 1 < argc ? argv[i + 1] : "");
        } else if (n < 3) *words[n++] = argv[i];
        else if (n++ > 3 || (o->n_threads = atoi(argv[i])) < 1 || o->n_threads > 4096)
            return fail("not understood: %s", argv[i]);
    }
    if (n < 3) return fail("give IN.gguf OUT.gguf TYPE; see --help");
    c->m = mix_named(o->type);
    return c->m || fail("%s is no type that can be written; see --help (of IQ1, IQ2 and IQ3 none can)", o->type);
}

/* Is it one of the files that are read? */
static bool is_input(const settings *o, const char *path) {
    return file_of_model(path, o->in) || (o->imatrix && file_same(o->imatrix, path));
}

static bool check_output(const settings *o) {
    if (o->dry_run || !file_exists(o->out)) return true;
    if (is_input(o, o->out)) return fail("%s is what is read; give another name for the output", o->out);
    return o->force || fail("%s exists; --force replaces it", o->out);
}

static void print_summary(const settings *o, const choice *c, const job *jobs, int n, double seconds,
                          int n_threads) {
    double before = 0, after = 0, weights = 0;
    int n_fallback = 0;
    for (int i = 0; i < n; i++) {
        int block = llocal_format_traits(format_named(c->m->base)).block_len;
        before += (double)jobs[i].in.bytes, after += (double)jobs[i].out.bytes;
        weights += (double)n_weights(&jobs[i].in);
        n_fallback += is_quantised_tensor(c, &jobs[i].in) && jobs[i].in.dim[0] % block != 0;
    }
    if (n_fallback)
        printf("%d matrices have rows that do not fit the blocks of %s, and are in larger formats\n", n_fallback, c->m->base);
    if (weights > 0) {
        print_plain(stdout, "%s: %.2f MiB, %.2f bits per weight\n", o->in, before / 1048576, before * 8 / weights);
        print_plain(stdout, "%s: %.2f MiB, %.2f bits per weight (%s)\n", o->out, after / 1048576, after * 8 / weights, c->m->name);
    } else print_plain(stdout, "%s has no weights: only its metadata is in %s\n", o->in, o->out);
    if (!o->dry_run) printf("%.1f s, %d threads\n", seconds, n_threads);
}

static bool quantize(const settings *o, choice *c, work *w) {
    double start = now_seconds();
    llocal_source src;
    llocal_gguf *g = NULL;
    imatrix im;
    job *jobs = NULL;
    int n;
    bool ok;
    memset(&src, 0, sizeof src), memset(&im, 0, sizeof im);
    src.path = o->in, src.logger.write = log_plain;
    if (llocal_gguf_open(&src, &g)) return false;
    n = llocal_gguf_tensor_count(g), w->g = g;
    ok = describe_model(c, g) && (!o->imatrix || imatrix_open(&im, o->imatrix));
    c->imatrix = im.n > 0;
    if (ok) jobs = (job *)malloc(((size_t)n + 1) * sizeof *jobs);
    ok = ok && (jobs || fail("out of memory")) && plan(c, &im, o->requantise, jobs, n);
    for (int i = 0; ok && i < n; i++) {
        w->n_all += (double)n_weights(&jobs[i].in);
        if (o->dry_run) print_job(&jobs[i], i, n);
    }
    if (ok && !o->dry_run) ok = write_beside(w, o->out, c, &im, o->imatrix, jobs, n, o->verbose);
    if (ok) print_summary(o, c, jobs, n, now_seconds() - start, w->n_tasks);
    free(jobs);
    imatrix_close(&im);
    llocal_gguf_close(g);
    return ok;
}

/* An interrupt is noticed between two chunks, within some tenths of a second. */
static void catch_interrupts(void) {
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
#ifdef SIGHUP
    signal(SIGHUP, on_interrupt);
#endif
#ifdef SIGXFSZ
    signal(SIGXFSZ, SIG_IGN);           /* a file that may not grow is an error of writing */
#endif
}

int main(int argc, char **argv) {
    settings o;
    choice c;
    work w;
    bool ok;
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) { print_help(); return 0; }
    if (!read_command_line(argc, argv, &o, &c)) return 2;
    if (!check_output(&o)) return 1;
    memset(&w, 0, sizeof w);
    w.bar = is_terminal(stderr) && !o.verbose, w.n_tasks = 1;
#ifndef LLOCAL_NO_THREADS
    llocal_pool *pool = NULL;
    llocal_pool_desc threads = {0};
    threads.n_threads = o.n_threads, threads.logger.write = log_plain;
    if (llocal_pool_open(&threads, &pool)) return 1;
    w.workers = llocal_pool_workers(pool);
    if (w.workers.width > 1) w.n_tasks = w.workers.width;
#endif
    catch_interrupts();
    ok = quantize(&o, &c, &w);
#ifndef LLOCAL_NO_THREADS
    llocal_pool_close(pool);
#endif
    if (!ok && interrupted) print_plain(stderr, "quantize: interrupted; %s is not written\n", o.out);
    return ok ? 0 : interrupted ? 130 : 1;
}
