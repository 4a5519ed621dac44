/* The head of a GGUF file, put together entry by entry. */
#ifndef HEAD_H
#define HEAD_H

#define HEAD_MAX 128

typedef struct head {
    llocal_meta meta[HEAD_MAX];
    int n;
} head;

static inline llocal_meta *head_add(head *h, const char *key, llocal_meta_type type) {
    llocal_meta *m = &h->meta[h->n++];
    memset(m, 0, sizeof *m);
    m->key.ptr = key, m->key.len = strlen(key), m->type = type, m->count = 1;
    return m;
}
static inline void head_int(head *h, const char *key, int v) { head_add(h, key, LLOCAL_META_U32)->as.u = (uint64_t)v; }
static inline void head_float(head *h, const char *key, double v) { head_add(h, key, LLOCAL_META_F32)->as.f = v; }
static inline void head_bool(head *h, const char *key, bool v) { head_add(h, key, LLOCAL_META_BOOL)->as.b = v; }
static inline void head_string(head *h, const char *key, const char *v) {
    llocal_meta *m = head_add(h, key, LLOCAL_META_STRING);
    m->as.s.ptr = v, m->as.s.len = strlen(v);
}
/* data: n little-endian numbers, or as llocal_meta says of strings; bytes of them. */
static inline void head_array(head *h, const char *key, llocal_meta_type type, size_t n, const void *data, size_t bytes) {
    llocal_meta *m = head_add(h, key, LLOCAL_META_ARRAY);
    m->elem_type = type, m->count = n, m->as.array = data, m->array_bytes = bytes;
}

static inline size_t head_write(void *user, const void *src, size_t size) {
    return fwrite(src, 1, size, (FILE *)user);
}
#endif
