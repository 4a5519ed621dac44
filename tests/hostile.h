/* Model files as somebody hostile would write them: a golden file's model with keys and tensors changed by what ll_keys
 * and the rules say, so that whatever a row of ll_archs has is tried. A file is refused in words, with nothing left
 * behind, or it runs. */
#ifndef HOSTILE_H
#define HOSTILE_H
#include "t.h"
#include "tiny.h"
#include "test_source.h"

#define HOSTILE_KEYS    300
#define HOSTILE_TENSORS 600
#define HOSTILE_ROOM    (1 << 16)               /* bytes of names and arrays */

typedef struct hostile {
    tiny t;
    const ll_arch *arch;
    llocal_meta meta[HOSTILE_KEYS];
    llocal_tensor dir[HOSTILE_TENSORS];         /* as_of: whose weights it has */
    int as_of[HOSTILE_TENSORS];
    int n_meta, n_tensors;
    uint8_t *data[HOSTILE_TENSORS];
    char room[HOSTILE_ROOM];
    size_t n_room;
    uint64_t n_opened, n_refused;
} hostile;

/* As the golden file has it: undoes all changes. */
static inline void hostile_reset(hostile *h) {
    h->n_meta = h->t.n_meta, h->n_tensors = h->t.n_tensors, h->n_room = 0;
    memcpy(h->meta, h->t.meta, (size_t)h->n_meta * sizeof *h->meta);
    for (int i = 0; i < h->n_tensors; i++) {
        const tiny_tensor *x = &h->t.tensors[i];
        memset(&h->dir[i], 0, sizeof h->dir[i]);
        h->dir[i].name = ll_str(x->name), h->dir[i].format = x->format, h->dir[i].n_dims = x->n_dims;
        memcpy(h->dir[i].dim, x->dim, sizeof x->dim);
        h->as_of[i] = i;
    }
}

/* Zero it first. False: there is no such file, or it has no row of ll_archs. */
static inline bool hostile_open(hostile *h, const char *path) {
    if (!tiny_load(path, &h->t) || h->t.n_meta > HOSTILE_KEYS - 8 || h->t.n_tensors > HOSTILE_TENSORS - 8) return false;
    for (int i = 0; i < h->t.n_meta; i++)
        for (int k = 0; k < LL_COUNT(ll_archs); k++)
            if (ll_str_is(h->t.meta[i].key, "general.architecture") && ll_str_is(h->t.meta[i].as.s, ll_archs[k].name))
                h->arch = &ll_archs[k];
    for (int i = 0; i < h->t.n_tensors && h->arch; i++) {
        const tiny_tensor *x = &h->t.tensors[i];
        h->data[i] = (uint8_t *)malloc((size_t)x->n * 4);
        tiny_quantize_float(x->format, x->w, NULL, h->data[i], (size_t)x->n);
    }
    hostile_reset(h);
    return h->arch != NULL;
}

static inline void hostile_close(hostile *h) {
    for (int i = 0; i < HOSTILE_TENSORS; i++) free(h->data[i]);
    tiny_free(&h->t);
    memset(h, 0, sizeof *h);
}

static inline char *hostile_keep(hostile *h, const char *s, size_t n) {
    char *to = h->room + h->n_room;
    if (n >= HOSTILE_ROOM - h->n_room) return NULL;
    memcpy(to, s, n), to[n] = 0;
    h->n_room += n + 1;
    return to;
}

/* ---- changes ---- */

static inline int hostile_find(const hostile *h, const char *key) {
    for (int i = 0; i < h->n_meta; i++) if (ll_str_is(h->meta[i].key, key)) return i;
    return -1;
}
static inline void hostile_drop(hostile *h, const char *key) {
    const int i = hostile_find(h, key);
    if (i >= 0) memmove(&h->meta[i], &h->meta[i + 1], (size_t)(--h->n_meta - i) * sizeof *h->meta);
}

/* The key gets this value, which has none yet. */
static inline void hostile_set(hostile *h, const char *key, llocal_meta value) {
    const char *name = hostile_keep(h, key, strlen(key));
    int i = hostile_find(h, key);
    if (i < 0) i = h->n_meta < HOSTILE_KEYS ? h->n_meta++ : -1;
    if (i < 0 || !name) return;
    value.key = ll_str(name), value.count = value.type == LLOCAL_META_ARRAY ? value.count : 1;
    h->meta[i] = value;
}

/* An array of n of this value, but the last is another. */
static inline llocal_meta hostile_array(hostile *h, llocal_meta most, llocal_meta last, int n) {
    tiny_bytes b = { NULL, 0, 0 };
    llocal_meta a;
    memset(&a, 0, sizeof a);
    for (int i = 0; i < n; i++) tiny_put_element(&b, i == n - 1 ? &last : &most);
    a.type = LLOCAL_META_ARRAY, a.elem_type = most.type, a.count = (uint64_t)n, a.array_bytes = b.n;
    a.as.array = b.n ? hostile_keep(h, (const char *)b.p, b.n) : h->room;
    if (!a.as.array) a.as.array = h->room, a.count = 0, a.array_bytes = 0;
    free(b.p);
    return a;
}

/* ---- trying ---- */

static inline void hostile_put(tiny_bytes *b, uint64_t v, size_t n) {
    uint8_t raw[8];
    ll_store_u64(raw, v);
    tiny_put(b, raw, n);
}
static inline void hostile_put_str(tiny_bytes *b, llocal_str s) {
    hostile_put(b, s.len, 8);
    tiny_put(b, s.ptr, s.len);
}

/* The file as bytes, of which no more are there than it needs (free them). */
static inline uint8_t *hostile_image(const hostile *h, size_t *size) {
    static const uint8_t zeros[4096];
    tiny_bytes b = { NULL, 0, 0 };
    uint64_t offset = 0;
    uint8_t *exact;
    tiny_put(&b, "GGUF", 4), hostile_put(&b, 3, 4);
    hostile_put(&b, (uint64_t)h->n_tensors, 8), hostile_put(&b, (uint64_t)h->n_meta, 8);
    for (int i = 0; i < h->n_meta; i++) {
        const llocal_meta *m = &h->meta[i];
        hostile_put_str(&b, m->key), hostile_put(&b, (uint64_t)m->type, 4);
        if (m->type != LLOCAL_META_ARRAY) { tiny_put_element(&b, m); continue; }
        hostile_put(&b, (uint64_t)m->elem_type, 4), hostile_put(&b, m->count, 8);
        tiny_put(&b, m->as.array, (size_t)m->array_bytes);
    }
    for (int i = 0; i < h->n_tensors; i++) {
        const llocal_tensor *x = &h->dir[i];
        hostile_put_str(&b, x->name), hostile_put(&b, (uint64_t)x->n_dims, 4);
        for (int k = 0; k < x->n_dims; k++) hostile_put(&b, (uint64_t)x->dim[k], 8);
        hostile_put(&b, x->format, 4), hostile_put(&b, offset, 8);
        offset = ll_align(ll_add(offset, LL_MIN(ll_gguf_tensor_bytes(x), 1u << 22)), 32);
    }
    tiny_put(&b, zeros, (size_t)(ll_align(b.n, 32) - b.n));
    for (int i = 0; i < h->n_tensors; i++) {
        const tiny_tensor *x = &h->t.tensors[h->as_of[i]];
        uint64_t want = LL_MIN(ll_gguf_tensor_bytes(&h->dir[i]), 1u << 22), have = (uint64_t)x->n * (x->format ? 2 : 4);
        tiny_put(&b, h->data[h->as_of[i]], (size_t)LL_MIN(want, have));
        for (uint64_t left = ll_align(want, 32) - LL_MIN(want, have), n; left; left -= n)
            n = LL_MIN(left, sizeof zeros), tiny_put(&b, zeros, (size_t)n);
    }
    exact = (uint8_t *)malloc(b.n);
    memcpy(exact, b.p, b.n);
    free(b.p);
    *size = b.n;
    return exact;
}

/* A few tokens, alone and together, saved and gone on with. */
static inline bool hostile_run(const hostile *h, const llocal_model *m, llocal_allocator a) {
    llocal_context_desc d;
    llocal_context *c = NULL;
    llocal_plan plan;
    uint8_t *state;
    size_t n;
    bool good = true;
    memset(&d, 0, sizeof d);
    d.n_ctx = 16, d.n_batch = 3, d.n_snapshots = 1, d.allocator = a;
    if (llocal_context_plan(m, &d, &plan) || plan.bytes > 1u << 26) return true;
    if (llocal_context_open(m, &d, &c)) return true;
    for (int i = 0; i < 2 && h->t.n_tokens >= 4; i++) {
        llocal_token t[4];
        for (int k = 0; k < 4; k++) t[k] = h->t.tokens[k] % m->hp.n_vocab;
        if (m->hp.encodes && !i && llocal_encode(c, t, 3)) break;
        if (llocal_eval(c, t, 1 + 3 * i)) break;
    }
    state = (uint8_t *)malloc(n = llocal_save_bytes(c));
    if (!llocal_save(c, state, n)) good = llocal_rewind(c, 0) == LLOCAL_OK && llocal_restore(c, state, n) == LLOCAL_OK;
    free(state);
    llocal_context_close(c);
    return good;
}

/* Opens it, and runs it if that can be. False: a failure without words, something left behind, more memory than the
 * file may ask for. */
static inline bool hostile_try(hostile *h) {
    t_heap heap = { 0, 0, 0, 0, 0, false };
    t_log log;
    llocal_source src;
    llocal_model *m = NULL;
    size_t size;
    uint8_t *image = hostile_image(h, &size);
    llocal_result r;
    bool good;
    memset(&log, 0, sizeof log);
    src = t_from_memory(image, size);
    src.logger.write = t_log_write, src.logger.user = &log;
    src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
    r = llocal_model_open(&src, &m);
    good = (r == LLOCAL_OK) == (m != NULL) && (r == LLOCAL_OK || log.error[0]) &&
           heap.peak <= LL_MODEL_RATIO * (uint64_t)size + 32768;
    if (r) h->n_refused++;
    else h->n_opened++;
    if (m) good = hostile_run(h, m, src.allocator) && good;
    llocal_model_close(m);
    good = good && heap.live == 0 && !heap.wrong_size;
    free(image);
    return good;
}

/* ---- the changes that the tables tell of ---- */

/* Values that a key of this kind should not have, or that are its last good ones. */
static inline llocal_meta hostile_value(const ll_key_row *k, int i) {
    static const double floats[] = { 0, -1, 1e-38, 1e29, 1e38, 0.5, NAN, INFINITY };
    const bool is_float = k->kind == LL_KEY_FLOAT || k->kind == LL_KEY_LAYER_FLOAT;
    const int64_t lo = is_float || k->lo == LL_ANY ? 0 : k->lo, hi = k->hi;
    const int64_t ints[] = { lo, lo - 1, hi, hi + 1, 0, 1, 3, 1 << 20, INT32_MAX, INT64_MAX };
    llocal_meta m;
    memset(&m, 0, sizeof m);
    switch (i) {
    case 0: m.type = LLOCAL_META_STRING, m.as.s = ll_str("x"); return m;
    case 1: m.type = LLOCAL_META_U64, m.as.u = UINT64_MAX; return m;
    case 2: m.type = LLOCAL_META_BOOL, m.as.b = true; return m;
    case 3: m.type = LLOCAL_META_F32, m.as.f = NAN; return m;
    default: break;
    }
    i -= 4;
    if (is_float) m.type = LLOCAL_META_F32, m.as.f = floats[i % LL_COUNT(floats)];
    else if (k->kind == LL_KEY_BOOL) m.type = LLOCAL_META_BOOL, m.as.b = i & 1;
    else m.type = LLOCAL_META_I64, m.as.i = ints[i % LL_COUNT(ints)];
    return m;
}
#define HOSTILE_VALUES 14

/* Change i of key k: absent, a value, an array that ends with one, of as many as there are layers or one too few. */
#define HOSTILE_KEY_CHANGES (1 + 3 * HOSTILE_VALUES)
static inline void hostile_change_key(hostile *h, const ll_key_row *k, int i) {
    char name[200];
    const int old = (snprintf(name, sizeof name, "%s.block_count", h->arch->name), hostile_find(h, name));
    const int n_layer = old < 0 ? 1 : (int)(h->meta[old].as.u % 64);
    const int form = i > 0 ? (i - 1) / HOSTILE_VALUES : 0, n = form == 1 ? n_layer : n_layer - 1;
    llocal_meta value = hostile_value(k, i > 0 ? (i - 1) % HOSTILE_VALUES : 0), most = value;
    if (*k->name == ':') snprintf(name, sizeof name, "%s", k->name + 1);
    else snprintf(name, sizeof name, "%s.%s", h->arch->name, k->name);
    if (i <= 0) { hostile_drop(h, name); return; }
    if (form > 0) {
        const int was = hostile_find(h, name);
        if (was >= 0 && h->meta[was].type == value.type) most = h->meta[was];
        else if (was >= 0 && value.type == LLOCAL_META_I64 && h->meta[was].type == LLOCAL_META_U32)
            most.as.i = (int64_t)h->meta[was].as.u;
        value = hostile_array(h, most, value, n);
    }
    hostile_set(h, name, value);
}

/* Change i of tensor x: absent, there twice in several ways, of other shapes and formats, in another layer. */
#define HOSTILE_TENSOR_CHANGES 14
static inline void hostile_change_tensor(hostile *h, int x, int i) {
    llocal_tensor *t = &h->dir[x], *twin = &h->dir[h->n_tensors];
    char name[200];
    const int len = (int)LL_MIN(t->name.len, 150);
    const int64_t first = t->dim[0];
    if (i >= 1 && i <= 3 && h->n_tensors < HOSTILE_TENSORS) {
        *twin = *t, h->as_of[h->n_tensors++] = h->as_of[x];
        snprintf(name, sizeof name, "%.*s", i == 2 && len > 7 ? len - 7 : len, t->name.ptr);
        if (i == 3) snprintf(name, sizeof name, "blk.00.%.*s", len > 6 ? len - 6 : len, t->name.ptr + (len > 6 ? 6 : 0));
        twin->name = ll_str(hostile_keep(h, name, strlen(name)));
        return;
    }
    switch (i) {
    case 0:
        memmove(t, t + 1, (size_t)(h->n_tensors - x - 1) * sizeof *t);
        memmove(&h->as_of[x], &h->as_of[x + 1], (size_t)(--h->n_tensors - x) * sizeof *h->as_of);
        break;
    case 4: t->dim[0] = t->dim[1], t->dim[1] = first, t->n_dims = LL_MAX(2, t->n_dims); break;
    case 5: t->dim[0]++; break;
    case 6: t->dim[0] = 0; break;
    case 7: t->dim[0] = LL_MAX(1, first / 2), t->dim[1] *= 2, t->n_dims = LL_MAX(2, t->n_dims); break;
    case 8: t->dim[3] = 2, t->n_dims = 4; break;
    case 9: t->dim[0] = 1, t->n_dims = 1; break;
    case 10: t->format = LLOCAL_FORMAT_Q8_0; break;
    case 11: t->format = LLOCAL_FORMAT_F16; break;
    case 12: t->format = 0xffff; break;
    default:
        snprintf(name, sizeof name, "blk.%d.%.*s", i == 13 ? 9999 : 63, len > 6 ? len - 6 : len, t->name.ptr + (len > 6 ? 6 : 0));
        t->name = ll_str(hostile_keep(h, name, strlen(name)));
    }
}

/* A tensor as rule r has it, in the shape it should have in model m (exact) or in another, with part: ".weight", ... */
static inline void hostile_add_rule(hostile *h, const llocal_model *m, const ll_rule *r, bool layer, const char *part,
                                    bool exact) {
    llocal_tensor *t = &h->dir[h->n_tensors];
    char name[200];
    if (h->n_tensors == HOSTILE_TENSORS) return;
    memset(t, 0, sizeof *t);
    snprintf(name, sizeof name, "%s%s%s", layer ? "blk.0." : "", r->name, part);
    t->name = ll_str(hostile_keep(h, name, strlen(name))), t->n_dims = 4, h->as_of[h->n_tensors++] = 0;
    for (int i = 0; i < 4; i++) {
        const int64_t n = ll_dim_value(m, layer ? &m->layers[0] : NULL, r->dim[i]);
        t->dim[i] = LL_MAX(1, LL_MIN(n + !exact, 1 << 14));
    }
    if (!strcmp(part, ".bias")) t->dim[0] = r->kind == LL_VECTOR ? t->dim[0] : t->dim[1], t->dim[1] = 1;
}
#endif
