/* >>gguf: what a good file says arrives whole, by path, memory and reader alike; every broken file
 * is refused in words that name the key or tensor; nothing leaks whichever read or allocation
 * fails; the writer makes what the reader reads. */
#ifndef TEST_GGUF_H
#define TEST_GGUF_H
#include "t.h"
#include "test_source.h"
#include "tiny.h"
#include <limits.h>

/* ---- files made by hand ------------------------------------------------------------------- */

static void g_u8(tiny_bytes *b, int v)       { uint8_t x = (uint8_t)v; tiny_put(b, &x, 1); }
static void g_u16(tiny_bytes *b, int v)      { g_u8(b, v), g_u8(b, v >> 8); }
static void g_u32(tiny_bytes *b, uint32_t v) { uint8_t x[4]; ll_store_u32(x, v); tiny_put(b, x,
    4); }
static void g_u64(tiny_bytes *b, uint64_t v) { uint8_t x[8]; ll_store_u64(x, v); tiny_put(b, x,
    8); }
static void g_str(tiny_bytes *b, const char *s) { g_u64(b, strlen(s)), tiny_put(b, s, strlen(s)); }
static void g_pad(tiny_bytes *b, size_t to)  { while (b->n % to) g_u8(b, 0); }
static void g_data(tiny_bytes *b, size_t n)  { for (size_t i = 0; i < n; i++) g_u8(b,
    (int)(i * 7 + 1)); }

static tiny_bytes g_start(uint32_t version, uint64_t n_tensors, uint64_t n_meta) {
    tiny_bytes b = { NULL, 0, 0 };
    tiny_put(&b, "GGUF", 4), g_u32(&b, version), g_u64(&b, n_tensors), g_u64(&b, n_meta);
    return b;
}
static void g_key(tiny_bytes *b, const char *key, int type) { g_str(b, key), g_u32(b,
    (uint32_t)type); }
static void g_key_u32(tiny_bytes *b, const char *key, uint32_t v) { g_key(b, key, LLOCAL_META_U32),
    g_u32(b, v); }
static void g_key_str(tiny_bytes *b, const char *key, const char *v) { g_key(b, key,
    LLOCAL_META_STRING), g_str(b, v); }
static void g_key_array(tiny_bytes *b, const char *key, int elem, uint64_t n) {
    g_key(b, key, LLOCAL_META_ARRAY), g_u32(b, (uint32_t)elem), g_u64(b, n);
}
static void g_tensor(tiny_bytes *b, const char *name, uint64_t d0, uint64_t d1, uint32_t type,
    uint64_t offset) {
    g_str(b, name), g_u32(b, 2), g_u64(b, d0), g_u64(b, d1), g_u32(b, type), g_u64(b, offset);
}

/* A good file with everything in it. */
static tiny_bytes g_good(void) {
    tiny_bytes b = g_start(3, 4, 22);
    g_key(&b, "t.u8", LLOCAL_META_U8), g_u8(&b, 250);
    g_key(&b, "t.i8", LLOCAL_META_I8), g_u8(&b, -5);
    g_key(&b, "t.u16", LLOCAL_META_U16), g_u16(&b, 65000);
    g_key(&b, "t.i16", LLOCAL_META_I16), g_u16(&b, -300);
    g_key_u32(&b, "t.u32", 4000000000u);
    g_key(&b, "t.i32", LLOCAL_META_I32), g_u32(&b, (uint32_t)-70000);
    g_key(&b, "t.f32", LLOCAL_META_F32), g_u32(&b, 0xbdcccccd);
    g_key(&b, "t.bool", LLOCAL_META_BOOL), g_u8(&b, 1);
    g_key_str(&b, "t.str", "h\xc3\xa9llo");
    g_key_str(&b, "t.empty", "");
    g_key(&b, "t.u64", LLOCAL_META_U64), g_u64(&b, 18000000000000000000ull);
    g_key(&b, "t.i64", LLOCAL_META_I64), g_u64(&b, (uint64_t)-5000000000ll);
    g_key(&b, "t.f64", LLOCAL_META_F64), g_u64(&b, 0x400921fb54442d18ull);
    g_key_u32(&b, "llama.block_count", 3);
    g_key_array(&b, "tokenizer.ggml.tokens", LLOCAL_META_STRING, 4), g_str(&b, "<s>"), g_str(&b, "a"),
        g_str(&b, ""), g_str(&b, "bcd");
    g_key_array(&b, "tokenizer.ggml.scores", LLOCAL_META_F32, 4);
    for (int i = 0; i < 4; i++) g_u32(&b, ll_f32_to_bits((float)i * -1.5f));
    g_key_array(&b, "tokenizer.ggml.merges", LLOCAL_META_STRING, 2), g_str(&b, "a b"), g_str(&b, "b cd");
    g_key_array(&b, "a.i16", LLOCAL_META_I16, 3), g_u16(&b, -1), g_u16(&b, 2), g_u16(&b, -3);
    g_key_array(&b, "a.bool", LLOCAL_META_BOOL, 2), g_u8(&b, 0), g_u8(&b, 1);
    g_key_array(&b, "a.f64", LLOCAL_META_F64, 1), g_u64(&b, 0x400921fb54442d18ull);
    g_key_array(&b, "a.none", LLOCAL_META_U64, 0);
    g_key_array(&b, "a.nothing", LLOCAL_META_STRING, 0);
    g_tensor(&b, "blk.0.w", 32, 3, 2, 96);          /* Q4_0: 54 bytes, in any order in the file */
    g_tensor(&b, "first", 5, 4, 0, 0);              /* F32: 80 bytes */
    g_str(&b, "vector"), g_u32(&b, 1), g_u64(&b, 7), g_u32(&b, 1), g_u64(&b, 160);  /* F16: 14 */
    g_str(&b, "cube"), g_u32(&b, 4), g_u64(&b, 256), g_u64(&b, 1), g_u64(&b, 2), g_u64(&b, 1),
        g_u32(&b, 12), g_u64(&b, 192);
    g_pad(&b, 32);
    g_data(&b, 192 + 288);
    return b;
}

/* ---- what they must come to --------------------------------------------------------------- */

static bool g_same_meta(const llocal_meta *a, const llocal_meta *b) {
    if (!ll_str_eq(a->key, b->key) || a->type != b->type || a->count != b->count) return false;
    if (a->type == LLOCAL_META_STRING) return ll_str_eq(a->as.s, b->as.s);
    if (a->type == LLOCAL_META_ARRAY)
        return a->elem_type == b->elem_type && a->array_bytes == b->array_bytes &&
               (a->array_bytes == 0 || !memcmp(a->as.array, b->as.array, (size_t)a->array_bytes));
    if (a->type == LLOCAL_META_BOOL) return a->as.b == b->as.b;
    return a->as.u == b->as.u;
}

static void g_check_same_tensor(const llocal_gguf *a, const llocal_gguf *b, int i) {
    llocal_tensor x = llocal_gguf_tensor(a, i), y = llocal_gguf_tensor(b, i);
    uint8_t *p = (uint8_t *)malloc((size_t)x.bytes), *q = (uint8_t *)malloc((size_t)x.bytes);
    CHECK(ll_str_eq(x.name, y.name) && x.format == y.format && x.n_dims == y.n_dims);
    CHECK(!memcmp(x.dim, y.dim, sizeof x.dim) && x.bytes == y.bytes);
    CHECK_EQ(llocal_gguf_read(a, i, 0, p, (size_t)x.bytes), LLOCAL_OK);
    CHECK_EQ(llocal_gguf_read(b, i, 0, q, (size_t)x.bytes), LLOCAL_OK);
    CHECK(!memcmp(p, q, (size_t)x.bytes));
    if (x.data) CHECK(!memcmp(p, x.data, (size_t)x.bytes));
    free(p), free(q);
}

/* written: b is what the writer made of a, which has the writer's alignment. */
static void g_check_same(const llocal_gguf *a, const llocal_gguf *b, bool written) {
    CHECK_EQ(llocal_gguf_meta_count(a), llocal_gguf_meta_count(b));
    CHECK_EQ(llocal_gguf_tensor_count(a), llocal_gguf_tensor_count(b));
    for (int i = 0; i < llocal_gguf_meta_count(a); i++) {
        llocal_meta x = llocal_gguf_meta(a, i), y = llocal_gguf_meta(b, i);
        if (written && ll_str_is(x.key, "general.alignment")) x.as.u = 32;
        CHECK(g_same_meta(&x, &y));
    }
    for (int i = 0; i < llocal_gguf_tensor_count(a); i++) g_check_same_tensor(a, b, i);
}

/* Open from memory, a reader, and a path that is mapped or read: the same result each time. */
static void g_each_source(const tiny_bytes *b, llocal_source out[4], t_reader *reader) {
    const char *path = t_file("t_gguf.gguf", b->p, b->n);
    out[0] = t_from_memory(b->p, b->n), out[1] = t_from_reader(reader, b->p, b->n);
    out[2] = t_from_path(path), out[3] = t_from_path(path);
    out[3].no_mmap = true;
}

/* The file must be refused with this result, in words that have these in them. Frees b. */
static void g_refused_at(int line, tiny_bytes *b, llocal_result want, const char *needle,
    const char *name) {
    t_reader reader;
    llocal_source src[4];
    char text[160];
    g_each_source(b, src, &reader);
    for (int i = 0; i < 4; i++) {
        t_log log = { "", "", 0 };
        t_heap heap = { 0, 0, 0, 0, 0, false };
        llocal_gguf *g = (llocal_gguf *)&heap;
        llocal_result r;
        src[i].logger.write = t_log_write, src[i].logger.user = &log;
        src[i].allocator.resize = t_heap_resize, src[i].allocator.user = &heap;
        r = llocal_gguf_open(&src[i], &g);
        snprintf(text, sizeof text, "line %d, source %d: result", line, i);
        t_eq(__FILE__, line, text, r, want);
        CHECK(g == NULL && heap.live == 0 && !heap.wrong_size && log.n == 1);
        CHECK(heap.peak <= 8 * b->n + 4096);
        if (!strstr(log.error, needle) || !strstr(log.error, name)) {
            snprintf(text, sizeof text, "line %d, source %d: \"%s\" and \"%s\"", line, i, needle,
                name);
            t_fail(__FILE__, line, text);
            printf("       are not in: %s\n", log.error);
        } else t_passed++;
        if (r == LLOCAL_OK) llocal_gguf_close(g);
    }
    remove(src[2].path);
    free(b->p);
}
#define g_refused(b, want, needle, name) g_refused_at(__LINE__, (b), (want), (needle), (name))

/* ---- good files --------------------------------------------------------------------------- */

/* Each getter takes what has its type and refuses the rest, naming key and type. */
static void test_gguf_get_each(const llocal_gguf *g, const llocal_meta *m) {
    static const char *const names[] = { "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool",
                                         "string", "array of ", "u64", "i64", "f64" };
    bool is_int = m->type != LLOCAL_META_ARRAY && m->type != LLOCAL_META_STRING && m->type != LLOCAL_META_BOOL &&
                  m->type != LLOCAL_META_F32 && m->type != LLOCAL_META_F64;
    bool fits = is_int && !(m->type == LLOCAL_META_U64 && m->as.u > INT64_MAX);
    t_log log = { "", "", 0 };
    llocal_gguf copy = *g;
    char key[300];
    int64_t i = 77;
    bool b = false;
    llocal_str s = { NULL, 77 };
    llocal_result r[3];
    if (m->key.len >= sizeof key) return;
    memcpy(key, m->key.ptr, m->key.len), key[m->key.len] = 0;
    copy.log.write = t_log_write, copy.log.user = &log;
    r[0] = ll_gguf_get_int(&copy, key, &i), CHECK_EQ(r[0], fits ? LLOCAL_OK : LLOCAL_ERR_FORMAT);
    r[1] = ll_gguf_get_bool(&copy, key, &b);
    CHECK_EQ(r[1], m->type == LLOCAL_META_BOOL ? LLOCAL_OK : LLOCAL_ERR_FORMAT);     /* none is 0 or 1 */
    r[2] = ll_gguf_get_str(&copy, key, &s);
    CHECK_EQ(r[2], m->type == LLOCAL_META_STRING ? LLOCAL_OK : LLOCAL_ERR_FORMAT);
    CHECK((i == 77) == (r[0] != LLOCAL_OK) && b == (r[1] == LLOCAL_OK) && (s.ptr == NULL) == (r[2] != LLOCAL_OK));
    CHECK_EQ(log.n, !!r[0] + !!r[1] + !!r[2]);
    CHECK(strstr(log.error, names[m->type]) != NULL);
    CHECK(strstr(log.error, key) != NULL);
}

static void test_gguf_values(const llocal_gguf *g) {
    int64_t i = 0;
    int k;
    double f = 0;
    bool b = false;
    llocal_str s;
    llocal_meta item;
    const llocal_meta *m;
    uint64_t at = 0;
    CHECK(!ll_gguf_get_int(g, "t.u8", &i) && i == 250);
    CHECK(!ll_gguf_get_int(g, "t.i8", &i) && i == -5);
    CHECK(!ll_gguf_get_int(g, "t.u16", &i) && i == 65000);
    CHECK(!ll_gguf_get_int(g, "t.i16", &i) && i == -300);
    CHECK(!ll_gguf_get_int(g, "t.u32", &i) && i == 4000000000ll);
    CHECK(!ll_gguf_get_int(g, "t.i32", &i) && i == -70000);
    CHECK(!ll_gguf_get_int(g, "t.i64", &i) && i == -5000000000ll);
    CHECK(!ll_gguf_get_int(g, "none", &i) && i == -5000000000ll);       /* not there: as it was */
    CHECK(ll_meta_float(ll_gguf_find(g, "t.f32"), &f) && f == (double)ll_bits_to_f32(0xbdcccccd));
    CHECK(ll_meta_float(ll_gguf_find(g, "t.f64"), &f) && f == 3.141592653589793);
    CHECK(ll_meta_float(ll_gguf_find(g, "t.i16"), &f) && f == -300);
    CHECK(!ll_gguf_get_bool(g, "t.bool", &b) && b);
    CHECK(!ll_gguf_get_str(g, "t.str", &s) && ll_str_is(s, "h\xc3\xa9llo"));
    CHECK(!ll_gguf_get_str(g, "t.empty", &s) && s.len == 0);
    for (int k = 0; k < llocal_gguf_meta_count(g); k++) test_gguf_get_each(g, &g->meta[k]);
    CHECK(ll_gguf_find(g, "t.") == NULL && ll_gguf_find(g, "") == NULL && ll_gguf_find(g,
        "zzz") == NULL);
    m = ll_gguf_find(g, "a.i16");
    CHECK(m && m->count == 3 && ll_meta_array_int(m, 0, &i) && i == -1);
    CHECK(ll_meta_array_int(m, 2, &i) && i == -3 && !ll_meta_array_int(m, 3, &i));
    for (k = 0; llocal_meta_item(m, &at, &item); k++)
        CHECK(ll_meta_array_int(m, (uint64_t)k, &i) && item.as.i == i);
    CHECK_EQ(k, 3);
    m = ll_gguf_find(g, "a.bool");
    CHECK(m && !ll_meta_array_int(m, 1, &i) && ll_meta_array_at(m, 1, &item) && item.as.b);
    m = ll_gguf_find(g, "a.f64");
    CHECK(m && ll_meta_array_at(m, 0, &item) && item.as.f == 3.141592653589793);
    m = ll_gguf_find(g, "a.nothing"), at = 0;
    CHECK(m && m->count == 0 && !llocal_meta_item(m, &at, &item));
    m = ll_gguf_find(g, "tokenizer.ggml.tokens");
    CHECK(m && m->count == 4 && !ll_meta_array_int(m, 0, &i));
    {
        static const char *const want[] = { "<s>", "a", "", "bcd" };
        for (i = 0, at = 0; llocal_meta_item(m, &at, &item); i++)
            CHECK(i < 4 && item.type == LLOCAL_META_STRING && ll_str_is(item.as.s, want[i]));
        CHECK_EQ(i, 4);
    }
    CHECK(llocal_gguf_meta(g, -1).key.ptr == NULL && llocal_gguf_meta(g, 22).key.ptr == NULL);
}

static void test_gguf_tensors(const llocal_gguf *g, bool in_place, uint64_t data_at) {
    const llocal_tensor *t = ll_gguf_tensor(g, "cube");
    uint8_t back[300];
    CHECK(t && t->n_dims == 4 && t->dim[0] == 256 && t->dim[1] == 1 && t->dim[2] == 2 &&
        t->dim[3] == 1);
    CHECK(t && t->format == LLOCAL_FORMAT_Q4_K && t->bytes == 288 && t->offset == data_at + 192 &&
        (t->data != NULL) == in_place);
    t = ll_gguf_tensor(g, "vector");
    CHECK(t && t->n_dims == 1 && t->dim[0] == 7 && t->dim[3] == 1 && t->bytes == 14);
    t = ll_gguf_tensor(g, "blk.0.w");
    CHECK(t && t->bytes == 54 && t->offset == data_at + 96);
    CHECK_EQ(llocal_gguf_tensor_find(g, "first"), 1);
    CHECK_EQ(llocal_gguf_tensor_find(g, "firs"), -1);
    CHECK(ll_gguf_tensor(g, "") == NULL && llocal_gguf_tensor(g, 4).name.ptr == NULL);
    CHECK_EQ(llocal_gguf_read(g, 1, 3, back, 77), LLOCAL_OK);
    CHECK(back[0] == 22 && back[76] == (uint8_t)(79 * 7 + 1));
    CHECK_EQ(llocal_gguf_read(g, 1, 80, back, 0), LLOCAL_OK);
    CHECK_EQ(llocal_gguf_read(g, 1, 4, back, 77), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_read(g, 1, UINT64_MAX, back, 2), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_read(g, 4, 0, back, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_read(g, -1, 0, back, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_read(g, 1, 0, NULL, 1), LLOCAL_ERR_ARGUMENT);
}

static void test_gguf_good(void) {
    tiny_bytes b = g_good();
    t_reader reader;
    llocal_source src[4];
    llocal_gguf *g[4];
    ll_gguf_facts f;
    t_heap heap[4];
    TEST("gguf good");
    g_each_source(&b, src, &reader);
    for (int i = 0; i < 4; i++) {
        memset(&heap[i], 0, sizeof heap[i]);
        src[i].allocator.resize = t_heap_resize, src[i].allocator.user = &heap[i];
        CHECK_EQ(llocal_gguf_open(&src[i], &g[i]), LLOCAL_OK);
        CHECK(heap[i].n_calls == 1 && heap[i].live == g[i]->bytes);
        CHECK_EQ(ll_gguf_scan(&src[i], &src[i].logger, &f), LLOCAL_OK);
        CHECK(f.n_files == 1 && f.n_meta == 22 && f.n_tensors == 4 && f.n_layer == 0);     /* 3 are promised */
        CHECK(f.n_tokens == 4 && f.token_bytes == 7 && f.n_merges == 2 && f.n_scores == 4);
        CHECK(f.weight_bytes == 54 + 80 + 14 + 288 && f.n_weights == 96 + 20 + 7 + 512);
        CHECK_EQ(f.copy_bytes, g[i]->files[0].data ? 0 : 64 + 128 + 64 + 320);
        CHECK((f.head_bytes == 0) == (g[i]->files[0].data != NULL));
        test_gguf_values(g[i]);
        test_gguf_tensors(g[i], g[i]->files[0].data != NULL, b.n - 480);
        g_check_same(g[0], g[i], false);
    }
    CHECK_EQ(heap[1].n_calls, 1);
    for (int i = 0; i < 4; i++) {
        llocal_gguf_close(g[i]);
        CHECK(heap[i].live == 0 && !heap[i].wrong_size);
    }
    llocal_gguf_close(NULL);
    CHECK_EQ(llocal_gguf_open(NULL, &g[0]), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_open(&src[0], NULL), LLOCAL_ERR_ARGUMENT);
    remove(src[2].path);
    b.p[4] = 2;                                             /* version 2 has the same layout */
    src[0] = t_from_memory(b.p, b.n);
    CHECK_EQ(llocal_gguf_open(&src[0], &g[0]), LLOCAL_OK);
    llocal_gguf_close(g[0]);
    free(b.p);
}

/* A window sees the start of long names only; the load sees them whole. */
static void test_gguf_long_names(void) {
    static char key[60001], name[9001];
    tiny_bytes b = g_start(3, 2, 4);
    t_reader reader;
    llocal_source src[4];
    TEST("gguf long names");
    memset(key, 'k', sizeof key - 1), memset(name, 'n', sizeof name - 1);
    memcpy(key + sizeof key - 13, ".block_count", 12);      /* not ours: that long */
    g_key_str(&b, key, "a long key"), key[0] = 'x', g_key_u32(&b, key, 77);
    key[LL_GGUF_NAME] = 0, memcpy(key + LL_GGUF_NAME - 12, ".block_count", 12), g_key_u32(&b, key,
        2);
    g_key(&b, "k", LLOCAL_META_STRING), g_u64(&b, 20000), g_data(&b, 20000);
    g_tensor(&b, name, 8, 1, 0, 0), name[9000 - 1] = 'm', g_tensor(&b, name, 8, 1, 0, 32);
    g_pad(&b, 32), g_data(&b, 64);
    g_each_source(&b, src, &reader);
    for (int i = 0; i < 4; i++) {
        llocal_gguf *g;
        CHECK_EQ(llocal_gguf_open(&src[i], &g), LLOCAL_OK);
        CHECK(ll_gguf_find(g, "k") && ll_gguf_find(g, "k")->as.s.len == 20000);
        CHECK_EQ(llocal_gguf_tensor_find(g, name), 1);
        CHECK_EQ(g->facts.n_layer, 0);
        llocal_gguf_close(g);
    }
    remove(src[2].path);
    free(b.p);
}

/* ---- refusals ----------------------------------------------------------------------------- */

static void test_gguf_bad_start(void) {
    tiny_bytes b = { NULL, 0, 0 };
    TEST("gguf bad start");
    tiny_put(&b, "version https://git-lfs.github.com/spec/v1\n", 43),
        g_refused(&b, LLOCAL_ERR_FORMAT, "Git LFS", "");
    memset(&b, 0, sizeof b), tiny_put(&b, "<!DOCTYPE html>....", 19),
        g_refused(&b, LLOCAL_ERR_FORMAT, "web page", "");
    memset(&b, 0, sizeof b), tiny_put(&b, "tjgg\1\0\0\0", 8),
        g_refused(&b, LLOCAL_ERR_FORMAT, "GGJT", "");
    memset(&b, 0, sizeof b), tiny_put(&b, "anything else", 13),
        g_refused(&b, LLOCAL_ERR_FORMAT, "not a GGUF file", "");
    memset(&b, 0, sizeof b), tiny_put(&b, "GGU", 3),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "start");
    b = g_start(1, 0, 0), g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "GGUF version 1;", "convert");
    b = g_start(4, 0, 0), g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "GGUF version 4;", "2 and 3");
    b = g_start(0, 0, 0), g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "GGUF version 0;", "");
    b = g_start(0x03000000, 0, 0), g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "big-endian", "");
    b = g_start(3, 0, 0), b.n = 20, g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "start");
    b = g_start(3, 1ull << 60, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "1152921504606846976 tensors", "");
    b = g_start(3, 0, UINT64_MAX),
        g_refused(&b, LLOCAL_ERR_FORMAT, "18446744073709551615 keys", "");
    b = g_start(3, 0, 20), g_data(&b, 200),
        g_refused(&b, LLOCAL_ERR_FORMAT, "20 keys", "224 bytes");
}

static void test_gguf_bad_meta(void) {
    static const int not_alignments[] = { 0, 1, 4, 12, 33 };
    char text[64];
    tiny_bytes b;
    TEST("gguf bad metadata");
    b = g_start(3, 0, 1), g_u64(&b, 0), g_data(&b, 20),
        g_refused(&b, LLOCAL_ERR_FORMAT, "key number 0", "0 bytes");
    b = g_start(3, 0, 2), g_key_u32(&b, "a", 1), g_u64(&b, 65536), g_data(&b, 20),
        g_refused(&b, LLOCAL_ERR_FORMAT, "key number 1", "65536 bytes");
    b = g_start(3, 0, 1), g_u64(&b, 60), g_data(&b, 20),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "key");
    b = g_start(3, 0, 1), g_key(&b, "odd.type", 13), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "unknown type", "\"odd.type\"");
    b = g_start(3, 0, 1), g_key(&b, "short", LLOCAL_META_U64), g_u32(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"short\"");
    b = g_start(3, 0, 1), g_key(&b, "s", LLOCAL_META_STRING), g_u64(&b, 9), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"s\"");
    b = g_start(3, 0, 1), g_key(&b, "s", LLOCAL_META_STRING), g_u64(&b, UINT64_MAX), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"s\"");
    b = g_start(3, 0, 1), g_key_array(&b, "deep", LLOCAL_META_ARRAY, 1), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "array of arrays", "\"deep\"");
    b = g_start(3, 0, 1), g_key_array(&b, "odd", 99, 1), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "array of an unknown type", "\"odd\"");
    b = g_start(3, 0, 1), g_key_array(&b, "long", LLOCAL_META_U16, 5), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"long\"");
    b = g_start(3, 0, 1), g_key_array(&b, "long", LLOCAL_META_F64, 1ull << 61), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"long\"");
    b = g_start(3, 0, 1), g_key_array(&b, "long", LLOCAL_META_STRING, UINT64_MAX), g_str(&b, "abc"),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"long\"");
    b = g_start(3, 0, 3), g_key_u32(&b, "b", 1), g_key_u32(&b, "a", 2), g_key_u32(&b, "b", 1),
        g_refused(&b, LLOCAL_ERR_FORMAT, "twice", "key \"b\"");
    for (int i = 0; i < LL_COUNT(not_alignments); i++)
        b = g_start(3, 0, 1), g_key_u32(&b, "general.alignment", (uint32_t)not_alignments[i]),
            g_refused(&b, LLOCAL_ERR_FORMAT, "power of two", "\"general.alignment\"");
    b = g_start(3, 0, 1), g_key_str(&b, "general.alignment", "32"),
        g_refused(&b, LLOCAL_ERR_FORMAT, "power of two", "\"general.alignment\"");
    b = g_start(3, 0, 1), g_key_str(&b, "split.count", "2"),
        g_refused(&b, LLOCAL_ERR_FORMAT, "whole number", "\"split.count\"");
    b = g_start(3, 0, 1), g_key(&b, "split.no", LLOCAL_META_I32), g_u32(&b, 0xffffffff),
        g_refused(&b, LLOCAL_ERR_FORMAT, "whole number", "\"split.no\"");
    b = g_start(3, 0, 1), g_key_u32(&b, "tokenizer.ggml.tokens", 2),
        g_refused(&b, LLOCAL_ERR_FORMAT, "array of strings", "\"tokenizer.ggml.tokens\"");
    b = g_start(3, 0, 1), g_key_array(&b, "tokenizer.ggml.tokens", LLOCAL_META_U8, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "array of strings", "\"tokenizer.ggml.tokens\"");
    b = g_start(3, 0, 1), g_key_u32(&b, "tokenizer.ggml.merges", 2),
        g_refused(&b, LLOCAL_ERR_FORMAT, "not an array", "\"tokenizer.ggml.merges\"");
    memset(text, 'q', 63), text[63] = 0;
               /* a line of the log is one line, whatever is in a name */
    text[5] = '\n', text[6] = 27;
    b = g_start(3, 0, 1), g_key(&b, text, 77), g_u64(&b, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "qqqqq??qqq", "unknown type");
}

static void test_gguf_bad_tensors(void) {
    static const uint32_t removed[] = { 4, 5, 31, 32, 33, 36, 37, 38 };
    tiny_bytes b;
    TEST("gguf bad tensors");
    b = g_start(3, 1, 0), g_u64(&b, 0), g_data(&b, 40),
        g_refused(&b, LLOCAL_ERR_FORMAT, "tensor number 0", "0 bytes");
    b = g_start(3, 1, 0), g_str(&b, "w"), g_u32(&b, 5), g_data(&b, 60),
        g_refused(&b, LLOCAL_ERR_FORMAT, "5 dimensions", "\"w\"");
    b = g_start(3, 1, 0), g_str(&b, "w"), g_u32(&b, 0), g_u32(&b, 2), g_u64(&b, 0), g_data(&b, 60),
        g_refused(&b, LLOCAL_ERR_FORMAT, "rows of 1", "Q4_0");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 0, 1ull << 63, 0, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "impossible dimensions", "\"w\"");
    b = g_start(3, 1, 0), g_str(&b, "w"), g_u32(&b, 3), g_u64(&b, 1ull << 32), g_u64(&b, 0), g_u64(&b, 1ull << 32),
        g_u32(&b, 0), g_u64(&b, 0), g_refused(&b, LLOCAL_ERR_FORMAT, "impossible dimensions", "\"w\"");
    b = g_start(3, 4, 0), g_tensor(&b, "w", 8, 2, 0, 0), g_tensor(&b, "empty", 0, 1, 0, 32), g_tensor(&b, "v", 8, 1, 0, 32),
        g_tensor(&b, "far", 8, 1, 0, 640), g_pad(&b, 32), g_data(&b, 672),      /* one between them does not hide it */
        g_refused(&b, LLOCAL_ERR_FORMAT, "\"w\" and \"v\" overlap", "");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 1ull << 63, 1, 0, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "impossible dimensions", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 1ull << 32, 1ull << 32, 0, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "impossible dimensions", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 1ull << 31, 1ull << 31, 0, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 1ull << 31, 1ull << 31, 28, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 32, 1, 43, 0),
        g_refused(&b, LLOCAL_ERR_UNSUPPORTED, "type 43", "\"w\"");
    for (int i = 0; i < LL_COUNT(removed); i++)
        b = g_start(3, 1, 0), g_tensor(&b, "w", 256, 1, removed[i], 0),
            g_refused(&b, LLOCAL_ERR_UNSUPPORTED, ll_type_get(removed[i]).name, "removed");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 48, 1, 2, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "rows of 48", "Q4_0");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 128, 2, 12, 0),
        g_refused(&b, LLOCAL_ERR_FORMAT, "multiple of 256", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 8, 1, 0, 16), g_pad(&b, 32), g_data(&b, 64),
        g_refused(&b, LLOCAL_ERR_FORMAT, "lies at 16", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 8, 1, 0, 0), g_pad(&b, 32), g_data(&b, 31),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"w\"");
    b = g_start(3, 1, 0), g_tensor(&b, "w", 8, 1, 0, 0xffffffffffffffe0ull), g_pad(&b, 32),
        g_data(&b, 64),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"w\"");
    b = g_start(3, 2, 0), g_tensor(&b, "w", 8, 2, 0, 0), g_tensor(&b, "v", 8, 1, 0, 32), g_pad(&b,
        32), g_data(&b, 64),
        g_refused(&b, LLOCAL_ERR_FORMAT, "overlap", "\"w\"");
    b = g_start(3, 3, 0), g_tensor(&b, "far", 8, 1, 0, 640), g_tensor(&b, "w", 8, 2, 0, 0),
        g_tensor(&b, "v", 8, 1, 0, 32), g_pad(&b, 32), g_data(&b, 672),
        g_refused(&b, LLOCAL_ERR_FORMAT, "\"w\" and \"v\" overlap", "");
    b = g_start(3, 3, 0), g_tensor(&b, "v", 8, 1, 0, 0), g_tensor(&b, "w", 8, 1, 0, 32),
        g_tensor(&b, "v", 8, 1, 0, 64), g_pad(&b, 32), g_data(&b, 96),
        g_refused(&b, LLOCAL_ERR_FORMAT, "twice", "tensor \"v\"");
    b = g_start(3, 1, 1), g_key_u32(&b, "general.alignment", 0x80000000u), g_tensor(&b, "w", 8, 1,
        0, 0), g_pad(&b, 64), g_data(&b, 64),
        g_refused(&b, LLOCAL_ERR_FORMAT, "cut short", "\"w\"");
}

static llocal_result g_open_only(const llocal_source *src) {
    llocal_gguf *g;
    llocal_result r = llocal_gguf_open(src, &g);
    if (!r) llocal_gguf_close(g);
    return r;
}

/* Cut anywhere, a file is refused; the bytes of its last tensor may be its end. */
static void test_gguf_cut(void) {
    tiny_bytes b = g_good();
    TEST("gguf cut");
    for (size_t n = 0; n <= b.n; n++) {
        t_reader reader;
        uint8_t *copy = (uint8_t *)malloc(n + 1);       /* so that a sanitizer sees its end */
        llocal_source memory = t_from_memory(copy, n), read = t_from_reader(&reader, b.p, n);
        memcpy(copy, b.p, n);
        CHECK_EQ(g_open_only(&memory), n < b.n ? LLOCAL_ERR_FORMAT : LLOCAL_OK);
        CHECK_EQ(g_open_only(&read), n < b.n ? LLOCAL_ERR_FORMAT : LLOCAL_OK);
        free(copy);
    }
    free(b.p);
}

/* Any change of bytes gives an error or a file that can be used; a sanitizer watches. */
static void test_gguf_mutations(void) {
    tiny_bytes b = g_good();
    uint8_t *copy = (uint8_t *)malloc(b.n);
    int n_good = 0;
    TEST("gguf mutations");
    for (int round = 0; round < 4000; round++) {
        t_reader reader;
        llocal_source src[2];
        llocal_result r[2];
        memcpy(copy, b.p, b.n);
        for (uint64_t k = t_random() % 3 + 1; k > 0; k--) {
            size_t at = (size_t)(t_random() % b.n);
            copy[at] = (uint8_t)(t_random() % 4 ? t_random() : copy[at] ^ 1u << t_random() % 8);
        }
        src[0] = t_from_memory(copy, b.n), src[1] = t_from_reader(&reader, copy, b.n);
        for (int i = 0; i < 2; i++) r[i] = g_open_only(&src[i]);
        CHECK_EQ(r[0], r[1]);
        n_good += r[0] == LLOCAL_OK;
    }
    CHECK(n_good > 100 && n_good < 3900);
    free(copy), free(b.p);
}

/* ---- failures around it ------------------------------------------------------------------- */

typedef struct g_model { llocal_gguf g; void *block; uint64_t bytes; llocal_allocator a; } g_model;

/* What a model does: scan, measure, allocate, place, load with weights. */
static llocal_result g_model_open(const llocal_source *src, g_model *m) {
    ll_gguf_facts f;
    ll_arena arena = { NULL, 0 };
    llocal_result r = ll_gguf_scan(src, &src->logger, &f);
    memset(m, 0, sizeof *m);
    if (r) return r;
    ll_gguf_layout(&arena, &f, src, true, &m->g);
    m->a = ll_allocator(src->allocator), m->bytes = arena.used;
    r = ll_alloc(&m->a, m->bytes, &m->block);
    if (r) return r;
    arena.base = (uint8_t *)m->block, arena.used = 0;
    ll_gguf_layout(&arena, &f, src, true, &m->g);
    CHECK_EQ(arena.used, m->bytes);
    r = ll_gguf_load(&m->g, src, &f);
    if (r) ll_free(&m->a, m->block, m->bytes);
    return r;
}
static void g_model_close(g_model *m) {
    ll_gguf_unload(&m->g), ll_gguf_unload(&m->g);
    ll_free(&m->a, m->block, m->bytes);
}

static void g_check_weights(const llocal_gguf *g, const llocal_gguf *truth) {
    for (int i = 0; i < g->n_tensors; i++) {
        const llocal_tensor *t = &g->tensors[i];
        CHECK(t->data != NULL);
        CHECK(g->facts.copy_bytes == 0 || (uintptr_t)t->data % LLOCAL_ALIGN == 0);
        CHECK(t->data && !memcmp(t->data, truth->tensors[i].data, (size_t)t->bytes));
    }
    g_check_same(g, truth, false);
}

typedef struct g_progress { int n_calls, cancel_at; float last; bool falls; } g_progress;
static bool g_on_progress(void *user, float done) {
    g_progress *p = (g_progress *)user;
    if (done < p->last || done > 1) p->falls = true;
    p->last = done;
    return ++p->n_calls != p->cancel_at;
}

/* A file whose weights take several pieces to copy. */
static tiny_bytes g_heavy(void) {
    tiny_bytes b = g_start(3, 2, 1);
    size_t n = (size_t)LL_GGUF_CHUNK * 2 + 4096;
    uint8_t *data = (uint8_t *)malloc(n);
    for (size_t i = 0; i < n; i++) data[i] = (uint8_t)(i * 31 + i / 977);
    g_key_u32(&b, "a", 1), g_tensor(&b, "big", n / 4, 1, 0, 0), g_tensor(&b, "small", 9, 1, 24, n);
    g_pad(&b, 32), tiny_put(&b, data, n), g_data(&b, 9);
    free(data);
    return b;
}

static void test_gguf_with_weights(void) {
    tiny_bytes files[2];
    files[0] = g_good(), files[1] = g_heavy();
    TEST("gguf with weights");
    for (int k = 0; k < 2; k++) {
        t_reader reader;
        llocal_source src[4];
        llocal_gguf *truth;
        g_each_source(&files[k], src, &reader);
        CHECK_EQ(llocal_gguf_open(&src[0], &truth), LLOCAL_OK);
        for (int i = 0; i < 4; i++) {
            g_model m;
            t_heap heap = { 0, 0, 0, 0, 0, false };
            g_progress p = { 0, 0, 0, false };
            int n_pieces = k ? 4 : 4;                   /* 3 + 1; or four tensors */
            src[i].allocator.resize = t_heap_resize, src[i].allocator.user = &heap;
            src[i].progress = g_on_progress, src[i].progress_user = &p;
            CHECK_EQ(g_model_open(&src[i], &m), LLOCAL_OK);
            CHECK(heap.live == m.bytes && !p.falls);
            CHECK_EQ(p.n_calls, m.g.facts.copy_bytes ? n_pieces : 0);
            if (p.n_calls) CHECK(p.last == 1);
            g_check_weights(&m.g, truth);
            if (m.g.facts.copy_bytes) CHECK_EQ(m.g.files[0].kind, LL_SOURCE_CLOSED);
            g_model_close(&m);
            for (int n = 1; m.g.facts.copy_bytes && n <= n_pieces; n++) {
                memset(&p, 0, sizeof p), p.cancel_at = n;
                CHECK_EQ(g_model_open(&src[i], &m), LLOCAL_ERR_CANCELLED);
                CHECK_EQ(p.n_calls, n);
            }
            CHECK(heap.live == 0 && !heap.wrong_size);
        }
        llocal_gguf_close(truth);
        remove(src[2].path);
        free(files[k].p);
    }
}

static void test_gguf_failing_reads(void) {
    tiny_bytes b = g_good();
    t_reader reader;
    llocal_source src = t_from_reader(&reader, b.p, b.n), memory = t_from_memory(b.p, b.n);
    llocal_gguf *truth;
    t_heap heap = { 0, 0, 0, 0, 0, false };
    t_log log = { "", "", 0 };
    g_model m;
    int n_reads;
    TEST("gguf failing reads");
    src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
    src.logger.write = t_log_write, src.logger.user = &log;
    CHECK_EQ(llocal_gguf_open(&memory, &truth), LLOCAL_OK);
    CHECK_EQ(g_model_open(&src, &m), LLOCAL_OK);
    g_model_close(&m);
    n_reads = reader.n_calls;
    CHECK(n_reads >= 6);
    for (int n = 1; n <= n_reads; n++) {
        reader.n_calls = 0, reader.fail_at = n, log.n = 0;
        CHECK_EQ(g_model_open(&src, &m), LLOCAL_ERR_IO);
        CHECK(log.n == 1 && strstr(log.error, "failed"));
        reader.n_calls = 0, reader.fail_at = 0, reader.lie_at = n;
        CHECK_EQ(g_model_open(&src, &m), LLOCAL_ERR_IO);
        CHECK_EQ(heap.live, 0);
        reader.n_calls = 0, reader.lie_at = 0, reader.short_at = n;
        CHECK_EQ(g_model_open(&src, &m), LLOCAL_OK);    /* the rest is asked for again */
        g_check_weights(&m.g, truth);
        g_model_close(&m);
        reader.short_at = 0;
    }
    llocal_gguf_close(truth);
    CHECK(heap.live == 0 && !heap.wrong_size);
    free(b.p);
}

static void test_gguf_failing_allocation(void) {
    tiny_bytes b = g_good();
    t_reader reader;
    llocal_source src[4];
    TEST("gguf failing allocation");
    g_each_source(&b, src, &reader);
    for (int i = 0; i < 4; i++) {
        t_log log = { "", "", 0 };
        t_heap heap = { 0, 1, 0, 0, 0, false };
        llocal_gguf *g;
        src[i].logger.write = t_log_write, src[i].logger.user = &log;
        src[i].allocator.resize = t_heap_resize, src[i].allocator.user = &heap;
        CHECK_EQ(llocal_gguf_open(&src[i], &g), LLOCAL_ERR_MEMORY);
        CHECK(g == NULL && heap.live == 0 && strstr(log.error, "allocator"));
    }
    remove(src[2].path);
    free(b.p);
}

/* Other bytes after the nth read: refused, or read as if they had always been so. */
typedef struct g_changing { const tiny_bytes *before, *after; int n_calls, change_at; } g_changing;
static size_t g_changing_read(void *user, uint64_t offset, void *dst, size_t size) {
    g_changing *c = (g_changing *)user;
    const tiny_bytes *b = ++c->n_calls >= c->change_at ? c->after : c->before;
    if (offset + size > b->n) return 0;
    memcpy(dst, b->p + offset, size);
    return size;
}

static void test_gguf_changing(void) {
    tiny_bytes good = g_good(), other[3];
    TEST("gguf changing");
    other[0] = g_start(3, 1, 2), g_key_u32(&other[0], "a", 1), g_key_u32(&other[0], "b", 1);
    g_tensor(&other[0], "w", 8, 1, 0, 0), g_data(&other[0], good.n);
    other[1] = g_start(3, 4, 30);               /* more keys than were counted */
    for (char key[] = "k.."; key[1] <= 'z'; key[1]++) g_key_u32(&other[1], key, 1);
    g_data(&other[1], good.n);
    other[2] = g_good();
    other[2].p[24] = 200;                       /* the first key is longer */
    for (int k = 0; k < 3; k++) {
        int n_scan = INT_MAX;
        for (int n = 1; n < 12; n++) {
            g_changing c = { &good, &other[k], 0, n };
            llocal_source src;
            t_heap heap = { 0, 0, 0, 0, 0, false };
            g_model m;
            llocal_result r;
            memset(&src, 0, sizeof src);
            src.reader.read = g_changing_read, src.reader.user = &c, src.reader.size = good.n;
            if (n == 1) {
                ll_gguf_facts f;
                c.change_at = INT_MAX;
                CHECK_EQ(ll_gguf_scan(&src, &src.logger, &f), LLOCAL_OK);
                n_scan = c.n_calls, c.n_calls = 0, c.change_at = 1;
            }
            src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
            r = g_model_open(&src, &m);
            if (!r) g_model_close(&m);
            CHECK_EQ(heap.live, 0);
            if (n == n_scan + 1) CHECK(r != LLOCAL_OK);     /* the scan saw the good one */
        }
    }
    for (int k = 0; k < 3; k++) free(other[k].p);
    free(good.p);
}

/* ---- large -------------------------------------------------------------------------------- */

/* 6 GiB that are a head and a rule. */
static size_t g_huge_read(void *user, uint64_t offset, void *dst, size_t size) {
    const tiny_bytes *b = (const tiny_bytes *)user;
    for (size_t i = 0; i < size; i++, offset++)
        ((uint8_t *)dst)[i] = offset < b->n ? b->p[offset] : (uint8_t)(offset * 2654435761u >> 13);
    return size;
}

static void test_gguf_huge(void) {
    tiny_bytes b = g_start(3, 3, 1);
    uint64_t gib = 1ull << 30, start;
    llocal_source src;
    llocal_gguf *g;
    uint8_t back[16], want[16];
    TEST("gguf over 4 GiB");
    g_key_u32(&b, "general.alignment", 64);
    g_tensor(&b, "a", 1024 * 1024, 1279, 0, 0);                 /* 5 GiB less 4 MiB */
    g_tensor(&b, "b", 256, 4, 14, 5 * gib);
    g_tensor(&b, "c", 256, 1024, 0, 5 * gib + 1024);
    g_pad(&b, 64);
    start = b.n;
    memset(&src, 0, sizeof src);
    src.reader.read = g_huge_read, src.reader.user = &b, src.reader.size = 6 * gib;
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    CHECK(g->bytes < 10000);
    for (int i = 0; i < 3; i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        CHECK_EQ(t.offset, start + (i ? 5 * gib : 0) + (i == 2 ? 1024 : 0));
        CHECK_EQ(llocal_gguf_read(g, i, t.bytes - 16, back, 16), LLOCAL_OK);
        g_huge_read(&b, t.offset + t.bytes - 16, want, 16);
        CHECK(!memcmp(back, want, 16));
    }
    llocal_gguf_close(g);
    src.reader.size = 5 * gib + 100;
    CHECK_EQ(g_open_only(&src), LLOCAL_ERR_FORMAT);
#if LL_STDIO
    {                                           /* the same with a real file, sparse on the disk */
        const char *path = t_file("t_huge.gguf", b.p, b.n);
        if (path && t_sparse(path, 6 * gib, start + 5 * gib, "sixteen letters.")) {
            for (int no_mmap = 0; no_mmap < 2; no_mmap++) {
                llocal_source real = t_from_path(path);
                real.no_mmap = no_mmap != 0;
                if (sizeof(size_t) == 4 && !no_mmap) {
                    CHECK_EQ(g_open_only(&real), LLOCAL_ERR_IO);
                    continue;
                }
                CHECK_EQ(llocal_gguf_open(&real, &g), LLOCAL_OK);
                CHECK_EQ(llocal_gguf_read(g, 1, 0, back, 16), LLOCAL_OK);
                CHECK(!memcmp(back, "sixteen letters.", 16));
                llocal_gguf_close(g);
            }
        } else SKIP("no sparse file of 6 GiB here");
        if (path) t_remove(path);
    }
#endif
    free(b.p);
}

/* Work grows as n log n, also where names have long common starts. A quadratic search would take
 * minutes here. */
static void test_gguf_many(void) {
    enum { N = 60000 };
    tiny_bytes b = g_start(3, N, N);
    char name[80];
    uint64_t t0;
    llocal_source src;
    llocal_gguf *g;
    TEST("gguf many");
    for (int i = 0; i < N; i++)
        snprintf(name, sizeof name, "a.long.common.start.of.all.names.%08d", i ^ 0x5555),
            g_key_u32(&b, name, (uint32_t)i);
    for (int i = 0; i < N; i++)
        snprintf(name, sizeof name, "t.%d", i), g_tensor(&b, name, 8, 1, 0,
            (uint64_t)(N - 1 - i) * 32);
    g_pad(&b, 32);
    for (int i = 0; i < N; i++) g_u64(&b, (uint64_t)i), g_u64(&b, 0), g_u64(&b, 0), g_u64(&b, 0);
    src = t_from_memory(b.p, b.n);
    t0 = ll_clock_us();
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    CHECK(ll_clock_us() - t0 < 20000000);
    CHECK(g->bytes < 4 * b.n);
    CHECK_EQ(llocal_gguf_tensor_find(g, "t.4321"), 4321);
    CHECK_EQ(llocal_gguf_meta_find(g, "a.long.common.start.of.all.names.00000000"), 0x5555);
    for (int i = 0; i < N; i += 999) CHECK_EQ(ll_load_u64(g->tensors[i].data), N - 1 - i);
    llocal_gguf_close(g);
    free(b.p);
}

/* ---- split models ------------------------------------------------------------------------- */

/* Part i of n: split.no and so on, tensor(s) t.0 ...; no is what the file says it is. */
static tiny_bytes g_part(int no, int n, int n_all, int tensor) {
    tiny_bytes b = g_start(3, 1, no == 0 ? 4 : 3);
    char name[16];
    snprintf(name, sizeof name, "t.%d", tensor);
    g_key(&b, "split.no", LLOCAL_META_U16), g_u16(&b, no);
    g_key(&b, "split.count", LLOCAL_META_U16), g_u16(&b, n);
    g_key(&b, "split.tensors.count", LLOCAL_META_I32), g_u32(&b, (uint32_t)n_all);
    if (no == 0) g_key_str(&b, "general.architecture", "llama");
    g_tensor(&b, name, 8, 2, 0, 0), g_pad(&b, 32);
    for (int i = 0; i < 64; i++) g_u8(&b, tensor * 10 + i);
    return b;
}

static void g_check_split(const llocal_source *src) {
    g_model m;
    llocal_gguf *g;
    uint8_t back[64];
    CHECK_EQ(llocal_gguf_open(src, &g), LLOCAL_OK);
    CHECK_EQ(llocal_gguf_tensor_count(g), 3);
    CHECK_EQ(llocal_gguf_meta_count(g), 4);             /* the first file's */
    CHECK(ll_gguf_find(g, "general.architecture") != NULL);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(llocal_gguf_tensor(g, i).file, i);
        CHECK_EQ(llocal_gguf_read(g, i, 0, back, 64), LLOCAL_OK);
        CHECK(back[0] == i * 10 && back[63] == i * 10 + 63);
    }
    CHECK_EQ(llocal_gguf_tensor_find(g, "t.2"), 2);
    llocal_gguf_close(g);
    CHECK_EQ(g_model_open(src, &m), LLOCAL_OK);
    for (int i = 0; i < 3; i++) CHECK(((const uint8_t *)m.g.tensors[i].data)[5] == i * 10 + 5);
    g_model_close(&m);
}

static void g_split_refused_at(int line, llocal_source src, llocal_result want,
    const char *needle) {
    t_log log = { "", "", 0 };
    t_heap heap = { 0, 0, 0, 0, 0, false };
    src.logger.write = t_log_write, src.logger.user = &log;
    src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
    t_eq(__FILE__, line, needle, g_open_only(&src), want);
    if (!strstr(log.error, needle)) t_fail(__FILE__, line, needle),
        printf("       is not in: %s\n", log.error);
    else t_passed++;
    CHECK(heap.live == 0 && log.n == 1);
}
#define g_split_refused(src, want, needle) g_split_refused_at(__LINE__, (src), (want), (needle))

static void test_gguf_split(void) {
    tiny_bytes b[3], wrong;
    llocal_source src, parts[2];
    t_reader readers[3];
    char paths[3][256];
    TEST("gguf split");
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "t_split-%05d-of-00003.gguf", i + 1);
        b[i] = g_part(i, 3, 3, i), strcpy(paths[i], t_file(name, b[i].p, b[i].n));
    }
    src = t_from_path(paths[0]), g_check_split(&src);
    src.no_mmap = true, g_check_split(&src);
    src = t_from_memory(b[0].p, b[0].n), src.parts = parts, src.n_parts = 2;
    for (int i = 0; i < 2; i++) parts[i] = t_from_memory(b[i + 1].p, b[i + 1].n);
    g_check_split(&src);
    parts[1] = t_from_reader(&readers[2], b[2].p, b[2].n), g_check_split(&src);     /* mixed */
    src = t_from_reader(&readers[0], b[0].p, b[0].n), src.parts = parts, src.n_parts = 2;
    parts[0] = t_from_reader(&readers[1], b[1].p, b[1].n), g_check_split(&src);
    parts[0] = t_from_path(paths[1]), g_check_split(&src);

    src.n_parts = 1, g_split_refused(src, LLOCAL_ERR_ARGUMENT, "3 files");
    src.n_parts = 0, g_split_refused(src, LLOCAL_ERR_ARGUMENT, "llocal_source.parts");
    src.n_parts = 2, src.parts = NULL, g_split_refused(src, LLOCAL_ERR_ARGUMENT, "3 files");
    src.parts = parts, parts[0] = parts[1], g_split_refused(src, LLOCAL_ERR_FORMAT,
        "is not part 1 of 3: its split.no is 2");
    g_split_refused(t_from_path(paths[1]), LLOCAL_ERR_ARGUMENT, "split.no is 1");
    remove(paths[2]), g_split_refused(t_from_path(paths[0]), LLOCAL_ERR_IO,
        "t_split-00003-of-00003.gguf: cannot open");
    wrong = g_part(2, 4, 3, 2), t_file("t_split-00003-of-00003.gguf", wrong.p, wrong.n);
    g_split_refused(t_from_path(paths[0]), LLOCAL_ERR_FORMAT,
        "t_split-00003-of-00003.gguf: is not part 2 of 3"), free(wrong.p);
    wrong = g_part(2, 3, 3, 1), t_file("t_split-00003-of-00003.gguf", wrong.p, wrong.n);
    g_split_refused(t_from_path(paths[0]), LLOCAL_ERR_FORMAT, "tensor \"t.1\" is there twice"),
        free(wrong.p);
    wrong = b[2], wrong.n -= 40, t_file("t_split-00003-of-00003.gguf", wrong.p, wrong.n);
    g_split_refused(t_from_path(paths[0]), LLOCAL_ERR_FORMAT,
        "t_split-00003-of-00003.gguf: cut short");
    parts[0] = t_from_memory(b[1].p, b[1].n), parts[1] = t_from_memory(b[2].p, b[2].n);
    wrong = g_part(0, 3, 4, 0), src = t_from_memory(wrong.p, wrong.n), src.parts = parts,
        src.n_parts = 2;
    g_split_refused(src, LLOCAL_ERR_FORMAT, "\"split.tensors.count\" promises 4 tensors"),
        free(wrong.p);
    wrong = g_part(0, 1, 1, 0), src.data = wrong.p, g_split_refused(src, LLOCAL_ERR_ARGUMENT,
        "first of 1 files");
    src.n_parts = 0, CHECK_EQ(g_open_only(&src), LLOCAL_OK), free(wrong.p);
               /* split in one */
    wrong = g_start(3, 0, 1), g_key_u32(&wrong, "split.count", 100000),
        g_refused(&wrong, LLOCAL_ERR_FORMAT, "\"split.count\" is 100000", "");
    wrong = g_start(3, 0, 2), g_key_u32(&wrong, "split.count", 65535), g_key_u32(&wrong,
        "split.no", 0);
    remove(paths[1]), strcpy(paths[1], t_file("t_name.gguf", wrong.p, wrong.n));
    g_split_refused(t_from_path(paths[1]), LLOCAL_ERR_ARGUMENT, "does not end in -00001-of-N.gguf");
    g_refused(&wrong, LLOCAL_ERR_ARGUMENT, "first of 65535 files", "llocal_source.parts");
    for (int i = 0; i < 3; i++) remove(paths[i]), free(b[i].p);
    remove("build/t_split-00003-of-00003.gguf"), remove("t_split-00003-of-00003.gguf");
}

/* A model, and one in three parts, inside other files: at any offset, mapped (then in place) or read. */
static void test_gguf_packed(void) {
    static const size_t offsets[] = { 1, 31, 32, 4096, 70001 };
    tiny_bytes b = g_good(), p[3];
    llocal_source src, whole = t_from_memory(b.p, b.n), parts[2];
    llocal_gguf *truth;
    g_model m;
    TEST("gguf in a pack");
    for (int i = 0; i < 3; i++) p[i] = g_part(i, 3, 3, i);
    CHECK_EQ(llocal_gguf_open(&whole, &truth), LLOCAL_OK);
    for (int k = 0; k < LL_COUNT(offsets); k++)
        for (int read = 0; read < 2; read++) {
            src = t_from_path(t_pack("t_gguf.pack", b.p, b.n, offsets[k], 99));
            src.offset = offsets[k], src.size = b.n, src.no_mmap = read;
            CHECK_EQ(g_model_open(&src, &m), LLOCAL_OK);
            CHECK((m.g.facts.copy_bytes == 0) == (LL_MMAP && !read));
            for (int i = 0; i < m.g.n_tensors; i++) CHECK_EQ(m.g.tensors[i].offset, truth->tensors[i].offset);
            g_check_weights(&m.g, truth);
            g_model_close(&m);
            src.size = b.n - 1, g_split_refused(src, LLOCAL_ERR_FORMAT, "cut short");
            src.offset++, src.size = 0, g_split_refused(src, LLOCAL_ERR_FORMAT, "not a GGUF file");
            remove(src.path);
            src = t_from_path(t_pack("t_gguf.pack", p[0].p, p[0].n, offsets[k], 99));
            src.offset = offsets[k], src.size = p[0].n, src.no_mmap = read;
            g_split_refused(src, LLOCAL_ERR_ARGUMENT, "llocal_source.parts");
            src.parts = parts, src.n_parts = 2;
            parts[0] = t_from_path(t_pack("t_gguf_2.pack", p[1].p, p[1].n, 5 * offsets[k], 1));
            parts[0].offset = 5 * offsets[k], parts[0].size = p[1].n;
            parts[1] = t_from_path(t_file("t_gguf_3.gguf", p[2].p, p[2].n));
            g_check_split(&src);
            parts[0].size--, g_split_refused(src, LLOCAL_ERR_FORMAT, "cut short");
            remove(src.path), remove(parts[0].path), remove(parts[1].path);
        }
    llocal_gguf_close(truth);
    for (int i = 0; i < 3; i++) free(p[i].p);
    free(b.p);
}

static void test_gguf_part_path(void) {
    char out[LL_PATH_MAX];
    TEST("gguf part path");
    CHECK(ll_gguf_part_path("x/y-00001-of-00012.gguf", 11, 12, out) && !strcmp(out,
        "x/y-00012-of-00012.gguf"));
    CHECK(ll_gguf_part_path("-00001-of-99999.gguf", 99998, 99999, out) && !strcmp(out,
        "-99999-of-99999.gguf"));
    CHECK(!ll_gguf_part_path("x-00001-of-00012.gguf", 1, 13, out));
    CHECK(!ll_gguf_part_path("x-00002-of-00012.gguf", 1, 12, out));
    CHECK(!ll_gguf_part_path("00001-of-00012.gguf", 1, 12, out));
    CHECK(!ll_gguf_part_path("", 1, 12, out));
}

/* ---- the writer --------------------------------------------------------------------------- */

/* Reads back what the writer makes of a file: it must say the same. */
static void g_check_round_trip(const llocal_gguf *g) {
    tiny_bytes b = { NULL, 0, 0 };
    llocal_writer w = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
    llocal_source src;
    llocal_gguf *back;
    w.user = &b;
    CHECK_EQ(llocal_gguf_write_head(&w, g->meta, g->n_meta_first, g->tensors, g->n_tensors),
        LLOCAL_OK);
    CHECK_EQ(b.n % 32, 0);
    for (int i = 0; i < g->n_tensors; i++) {
        uint8_t *data = (uint8_t *)malloc((size_t)g->tensors[i].bytes);
        CHECK_EQ(llocal_gguf_read(g, i, 0, data, (size_t)g->tensors[i].bytes), LLOCAL_OK);
        CHECK_EQ(llocal_gguf_write_data(&w, data, g->tensors[i].bytes), LLOCAL_OK);
        free(data);
    }
    src = t_from_memory(b.p, b.n);
    CHECK_EQ(llocal_gguf_open(&src, &back), LLOCAL_OK);
    if (back) g_check_same(g, back, true), llocal_gguf_close(back);
    free(b.p);
}

static size_t g_count_writes(void *user, const void *src, size_t n) {
    int *left = (int *)user;
    (void)src;
    return --*left == 0 ? n / 2 : n;            /* the nth write takes less than it was given */
}

static void test_gguf_writer(void) {
    tiny_bytes b = g_good();
    llocal_source src = t_from_memory(b.p, b.n);
    llocal_gguf *g;
    TEST("gguf writer");
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    g_check_round_trip(g);
    for (int n = 1, r = -1; r != LLOCAL_OK; n++) {      /* a full disk, at every write */
        int left = n;
        llocal_writer w = { g_count_writes, NULL, { NULL, NULL, NULL, 0 } };
        w.user = &left;
        r = llocal_gguf_write_head(&w, g->meta, g->n_meta, g->tensors, g->n_tensors);
        CHECK(r == (left > 0 ? LLOCAL_OK : LLOCAL_ERR_IO));
        if (n > 1000) break;
    }
    llocal_gguf_close(g);
    free(b.p);
    b = g_start(3, 0, 1), g_key_u32(&b, "general.alignment", 64);   /* that was the other file's */
    src = t_from_memory(b.p, b.n);
    CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
    {
        tiny_bytes out = { NULL, 0, 0 };
        llocal_writer w = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
        w.user = &out;
        CHECK_EQ(llocal_gguf_write_head(&w, g->meta, 1, NULL, 0), LLOCAL_OK);
        CHECK_EQ(ll_load_u32(out.p + 24 + 8 + 17 + 4), 32);
        free(out.p);
    }
    g_check_round_trip(g);
    llocal_gguf_close(g);
    free(b.p);
}

static void g_not_written(const llocal_meta *m, int n_meta, const llocal_tensor *t, int n_tensors,
    int line) {
    tiny_bytes out = { NULL, 0, 0 };
    llocal_writer w = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
    w.user = &out;
    t_eq(__FILE__, line, "refused by the writer", llocal_gguf_write_head(&w, m, n_meta, t,
        n_tensors), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(out.n, 0);
    free(out.p);
}
#define G_META(code) \
    do { m[0] = m[1] = good; code; g_not_written(m, 2, NULL, 0, __LINE__); } while (0)
#define G_TENSOR(code) \
    do { t[0] = t[1] = w, t[0].name = ll_str("v"); code; g_not_written(NULL, 0, t, 2, __LINE__); } while (0)

static void test_gguf_writer_refuses(void) {
    llocal_meta m[2], good;
    llocal_tensor t[2], w;
    tiny_bytes out = { NULL, 0, 0 };
    llocal_writer none = { NULL, NULL, { NULL, NULL, NULL, 0 } }, sink = { tiny_put, NULL, { NULL, NULL, NULL, 0 } };
    uint8_t raw[64] = { 3, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c' };
    TEST("gguf writer refuses");
    sink.user = &out;
    memset(&good, 0, sizeof good), memset(&w, 0, sizeof w);
    good.key = ll_str("k"), good.type = LLOCAL_META_U32, good.count = 1;
    w.name = ll_str("w"), w.n_dims = 2, w.dim[0] = 32, w.dim[1] = 2;    /* unused dims may be 0 */
    CHECK_EQ(llocal_gguf_write_head(&none, &good, 1, &w, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_head(NULL, &good, 1, &w, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_head(&sink, NULL, 1, &w, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_head(&sink, &good, 1, NULL, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_head(&sink, &good, -1, &w, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_data(&sink, NULL, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(llocal_gguf_write_data(&none, raw, 1), LLOCAL_ERR_ARGUMENT);
    CHECK_EQ(out.n, 0);
    CHECK_EQ(llocal_gguf_write_head(&sink, &good, 1, &w, 1), LLOCAL_OK);
    free(out.p);
    G_META((void)0);                                                    /* the same key twice */
    G_META(m[0].key.len = 0);
    G_META(m[0].key.len = 65536);
    G_META(m[0].key = ll_str("j"); m[0].type = (llocal_meta_type)13);
    G_META(m[0].key = ll_str("j"); m[0].as.u = 1ull << 32);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_I8; m[0].as.i = 128);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_I16; m[0].as.i = -32769);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_STRING; m[0].as.s.ptr = NULL;
        m[0].as.s.len = 1);
    G_META(m[0].key = ll_str("general.alignment"); m[0].type = LLOCAL_META_F32; m[0].as.f = 32);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_F32; m[0].as.f = -4e38);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_ARRAY;
        m[0].as.array = raw);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_U16;
        m[0].count = 2; m[0].array_bytes = 3; m[0].as.array = raw);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_U16;
        m[0].count = 1; m[0].array_bytes = 2; m[0].as.array = NULL);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_STRING;
        m[0].count = 2; m[0].array_bytes = 11; m[0].as.array = raw);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_STRING;
        m[0].count = 1; m[0].array_bytes = 12; m[0].as.array = raw);
    G_META(m[0].key = ll_str("j"); m[0].type = LLOCAL_META_ARRAY; m[0].elem_type = LLOCAL_META_STRING;
        m[0].count = 1; m[0].array_bytes = 10; m[0].as.array = raw);
    G_TENSOR(t[0].name = w.name);
    G_TENSOR(t[0].name.len = 0);
    G_TENSOR(t[0].n_dims = -1);
    G_TENSOR(t[0].n_dims = 0; t[0].format = LLOCAL_FORMAT_Q4_0);
    G_TENSOR(t[0].n_dims = 5);
    G_TENSOR(t[0].dim[1] = 0; t[0].n_dims = 3; t[0].dim[2] = INT64_MAX);
    G_TENSOR(t[0].dim[1] = -1);
    G_TENSOR(t[0].dim[1] = INT64_MAX);
    G_TENSOR(t[0].dim[1] = INT64_MAX / 64);
                                    /* too many bytes together */
    G_TENSOR(t[0].format = 4);
    G_TENSOR(t[0].format = 43);
    G_TENSOR(t[0].format = LLOCAL_FORMAT_Q4_K);
}

/* Arrays that lie about themselves do not lead a reader out of them. */
static void test_gguf_items(void) {
    uint8_t raw[16] = { 3, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 9, 0, 0, 0, 0 };
    llocal_meta m, item;
    uint64_t at = 0;
    TEST("gguf items");
    memset(&m, 0, sizeof m);
    m.type = LLOCAL_META_ARRAY, m.elem_type = LLOCAL_META_STRING, m.count = 2, m.array_bytes = 16,
        m.as.array = raw;
    CHECK(llocal_meta_item(&m, &at, &item) && ll_str_is(item.as.s, "abc") && at == 11);
    CHECK(!llocal_meta_item(&m, &at, &item));
    at = 0, m.array_bytes = 10;
    CHECK(!llocal_meta_item(&m, &at, &item));
    at = UINT64_MAX;
    CHECK(!llocal_meta_item(&m, &at, &item));
    at = 0, m.elem_type = LLOCAL_META_U32;
    CHECK(llocal_meta_item(&m, &at, &item) && item.as.u == 3 && llocal_meta_item(&m, &at,
        &item) && at == 8);
    CHECK(!llocal_meta_item(&m, &at, &item));
    m.type = LLOCAL_META_U32, at = 0;
    CHECK(!llocal_meta_item(&m, &at, &item));
}

/* A number and empty tensors, before, between and behind others: they open, and the writer and the
 * reader agree about them. */
static void test_gguf_odd_tensors(void) {
    tiny_bytes b = g_start(3, 7, 0);
    t_reader reader;
    llocal_source src[4];
    llocal_gguf *truth = NULL;
    TEST("gguf odd tensors");
    g_str(&b, "number"), g_u32(&b, 0), g_u32(&b, 0), g_u64(&b, 0);
    g_tensor(&b, "none at all", 0, 0, 0, 0), g_tensor(&b, "no rows", 32, 0, 2, 32);
    g_tensor(&b, "full", 8, 3, 0, 32), g_tensor(&b, "inside", 0, 5, 2, 64);
    g_tensor(&b, "behind", 4, 0, 1, 128), g_tensor(&b, "far behind", 0, 1, 0, 0xffffffffffffffe0ull);
    g_pad(&b, 32), g_data(&b, 128);
    g_each_source(&b, src, &reader);
    for (int i = 0; i < 4; i++) {
        llocal_gguf *g = NULL;
        llocal_tensor t;
        uint8_t back[4];
        g_model m;
        CHECK_EQ(llocal_gguf_open(&src[i], &g), LLOCAL_OK);
        if (!g) continue;
        t = llocal_gguf_tensor(g, 0);
        CHECK(t.n_dims == 0 && t.dim[0] == 1 && t.dim[3] == 1 && t.bytes == 4);
        CHECK_EQ(llocal_gguf_read(g, 0, 0, back, 4), LLOCAL_OK);
        CHECK(back[0] == 1 && back[1] == 8);
        for (int k = 0; k < 7; k++) {
            t = llocal_gguf_tensor(g, k);
            CHECK(t.bytes == (k == 0 ? 4u : k == 3 ? 96u : 0u) && t.offset <= b.n);
            CHECK_EQ(llocal_gguf_read(g, k, t.bytes, back, 0), LLOCAL_OK);
        }
        CHECK_EQ(llocal_gguf_read(g, 6, 0, back, 1), LLOCAL_ERR_ARGUMENT);
        g_check_round_trip(g);
        if (i == 0) { truth = g; continue; }
        CHECK_EQ(g_model_open(&src[i], &m), LLOCAL_OK);
        g_check_weights(&m.g, truth);
        g_model_close(&m);
        llocal_gguf_close(g);
    }
    llocal_gguf_close(truth);
    remove(src[2].path);
    free(b.p);
}

/* ---- real and golden files ---------------------------------------------------------------- */

static void test_gguf_types(void) {
    static const struct { llocal_format f; const char *name; int len, bytes; } known[] = {
        { LLOCAL_FORMAT_F32, "F32", 1, 4 }, { LLOCAL_FORMAT_Q8_0, "Q8_0", 32, 34 }, { LLOCAL_FORMAT_Q4_K, "Q4_K", 256, 144 },
        { LLOCAL_FORMAT_Q6_K, "Q6_K", 256, 210 }, { LLOCAL_FORMAT_IQ4_XS, "IQ4_XS", 256, 136 }, { LLOCAL_FORMAT_BF16, "BF16", 1, 2 },
        { LLOCAL_FORMAT_TQ2_0, "TQ2_0", 256, 66 }, { LLOCAL_FORMAT_MXFP4, "MXFP4", 32, 17 }, { LLOCAL_FORMAT_NVFP4, "NVFP4", 64, 36 },
        { LLOCAL_FORMAT_Q2_0, "Q2_0", 64, 18 }
    };
    TEST("gguf types");
    for (int i = 0; i < LL_COUNT(known); i++) {
        llocal_traits info = llocal_format_traits(known[i].f);
        CHECK(info.name && !strcmp(info.name, known[i].name));
        CHECK(info.block_len == known[i].len && info.block_bytes == known[i].bytes);
    }
    CHECK(ll_type_get(43).name == NULL && ll_type_get(0xffffffff).name == NULL);
}

static void test_gguf_shared(void) {
    static const char *const names[] = {
        "vocab/bert-bge.gguf", "vocab/deepseek-llm.gguf", "vocab/gpt-2.gguf",
            "vocab/llama-spm.gguf",
        "vocab/llama3.gguf", "vocab/phi-3.gguf", "vocab/qwen2.5.gguf", "models/stories260K.gguf"
    };
    static const int n_tokens[] = { 30522, 102400, 50257, 32000, 128256, 32064, 151665, 512 };
    TEST("gguf shared files");
    for (int i = 0; i < LL_COUNT(names); i++) {
        llocal_source src = t_from_path(t_shared(names[i])), in_memory;
        llocal_gguf *a, *b, *c;
        size_t size = 0;
        char *data;
        if (!src.path) { SKIP(names[i]); continue; }
        data = t_read_file(src.path, &size);
        CHECK_EQ(llocal_gguf_open(&src, &a), LLOCAL_OK);
        src.no_mmap = true;
        CHECK_EQ(llocal_gguf_open(&src, &b), LLOCAL_OK);
        in_memory = t_from_memory(data, size);
        CHECK_EQ(llocal_gguf_open(&in_memory, &c), LLOCAL_OK);
        g_check_same(a, b, false), g_check_same(a, c, false);
        CHECK_EQ(a->facts.n_tokens, n_tokens[i]);
        g_check_round_trip(b);
        llocal_gguf_close(a), llocal_gguf_close(b), llocal_gguf_close(c);
        free(data);
    }
}

/* Every golden model becomes a file that says what the golden says. */
static void test_gguf_tiny(void) {
    static const char *const names[] = { "llama", "qwen2-yarn", "qwen3-rank", "gemma3", "gpt2",
        "qwen3moe", "lfm2", "llama-embd" };
    TEST("gguf tiny models");
    for (int i = 0; i < LL_COUNT(names); i++) {
        char path[100];
        tiny t;
        void *image;
        size_t size = 0;
        llocal_source src;
        llocal_gguf *g;
        int64_t n_layer = 0;
        llocal_str arch;
        snprintf(path, sizeof path, "tests/golden/arch/%s.golden", names[i]);
        CHECK(tiny_load(path, &t));
        if (!t.n_tensors) continue;
        CHECK(t.n_rows > 0 && t.n_tokens > 0 && t.n_ctx > 0 && t.mode);
        for (llocal_format f = LLOCAL_FORMAT_F32; f <= LLOCAL_FORMAT_F16; f++) {
            image = tiny_image_with(&t, f, tiny_quantize_float, &size);
            CHECK(image != NULL);
            src = t_from_memory(image, size);
            CHECK_EQ(llocal_gguf_open(&src, &g), LLOCAL_OK);
            CHECK(llocal_gguf_meta_count(g) == t.n_meta &&
                llocal_gguf_tensor_count(g) == t.n_tensors);
            CHECK(!ll_gguf_get_str(g, "general.architecture", &arch));
            snprintf(path, sizeof path, "%.*s.block_count", (int)arch.len, arch.ptr);
            CHECK(!ll_gguf_get_int(g, path, &n_layer) && n_layer == g->facts.n_layer);
            for (int k = 0; k < t.n_tensors; k++) {
                const llocal_tensor *x = &g->tensors[k];
                const tiny_tensor *y = &t.tensors[k];
                bool plain = x->n_dims < 2 || strstr(y->name, "conv") ||
                             strstr(y->name, "gate_inp") || strstr(y->name, "position_embd");
                CHECK(ll_str_is(x->name, y->name) && x->dim[0] == y->dim[0]);
                CHECK_EQ(x->format, plain ? 0 : f);
                if (x->format == LLOCAL_FORMAT_F32) CHECK(ll_load_f32((const uint8_t *)x->data + 4) == y->w[1]);
                else CHECK_EQ(ll_load_u16((const uint8_t *)x->data + 2), ll_f32_to_f16(y->w[1]));
            }
            llocal_gguf_close(g);
            free(image);
        }
        tiny_free(&t);
    }
    {
        tiny t;
        CHECK(tiny_load("tests/golden/arch/qwen3-rank.golden", &t));
        CHECK(!strcmp(t.mode, "embd") && t.n_rows == 1 && !strcmp(t.rows[0].kind, "rank") &&
            t.rows[0].n == 3);
        CHECK(t.rows[0].pos == -1 && fabs(t.rows[0].v[2] - 0.590586) < 1e-6 && t.n_tokens == 24 &&
            t.tokens[23] == 98);
        tiny_free(&t);
        CHECK(!tiny_load("tests/golden/arch/nothing.golden", &t));
    }
}

static inline void test_gguf(void) {
    test_gguf_types();
    test_gguf_good();
    test_gguf_long_names();
    test_gguf_bad_start();
    test_gguf_bad_meta();
    test_gguf_bad_tensors();
    test_gguf_odd_tensors();
    test_gguf_cut();
    test_gguf_mutations();
    test_gguf_with_weights();
    test_gguf_failing_reads();
    test_gguf_failing_allocation();
    test_gguf_changing();
    test_gguf_huge();
    test_gguf_many();
    test_gguf_split();
    test_gguf_packed();
    test_gguf_part_path();
    test_gguf_items();
    test_gguf_writer();
    test_gguf_writer_refuses();
    test_gguf_tiny();
    test_gguf_shared();
}
#endif
