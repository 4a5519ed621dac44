/* Any bytes at all, as a model file.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined tests/fuzz_gguf.c -o build/fuzz -lm -lpthread
 *     build/fuzz -max_len=4096 -max_total_time=300 build/inputs
 * gcc -g -O1 -fsanitize=address,undefined -DFUZZ_MAIN tests/fuzz_gguf.c -o build/fuzz -lm -lpthread
 *     build/fuzz [rounds]                mutates seeds that the writer makes
 *     build/fuzz --seeds build/inputs    writes those seeds, for the other one
 *
 * Each input is opened from memory and from a reader, as llocal_gguf_open and as a model do, alone
 * and as either file of a split model; what opens is read to its last byte, written again and
 * read back. Memory must stay within a small multiple of the file. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "t.h"
#include "test_gguf.h"

#define MUST(x) ((x) ? (void)0 : fuzz_fail(__LINE__, #x))
static void fuzz_fail(int line, const char *what) {
    fprintf(stderr, "fuzz_gguf.c:%d: %s\n", line, what);
    abort();
}

/* Touches every byte that the file gives out. */
static uint64_t fuzz_read(const llocal_gguf *g) {
    uint64_t h = LL_HASH_START;
    for (int i = 0; i < llocal_gguf_meta_count(g); i++) {
        llocal_meta m = llocal_gguf_meta(g, i), item;
        uint64_t n = 0;
        h = ll_hash(h, m.key.ptr, m.key.len);
        if (m.type == LLOCAL_META_STRING) h = ll_hash(h, m.as.s.ptr, m.as.s.len);
        for (uint64_t at = 0; llocal_meta_item(&m, &at, &item); n++)
            h = item.type == LLOCAL_META_STRING ? ll_hash(h, item.as.s.ptr,
                item.as.s.len) : h + item.as.u;
        MUST(m.type != LLOCAL_META_ARRAY || n == m.count);
        MUST(ll_str_eq(g->meta[ll_gguf_find_key(g, m.key)].key, m.key));
    }
    for (int i = 0; i < g->n_tensors; i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        uint8_t some[64];
        h = ll_hash(h, t.name.ptr, t.name.len);
        MUST(ll_gguf_find_tensor(g, t.name) == i);
        if (t.data) h = ll_hash(h, t.data, (size_t)t.bytes);
        MUST(llocal_gguf_read(g, i, t.bytes - LL_MIN(t.bytes, 64), some, (size_t)LL_MIN(t.bytes,
            64)) == LLOCAL_OK);
    }
    return h;
}

/* Opens it both ways; a hash of all it says, 0 when it was refused. room: bytes of its files. */
static uint64_t fuzz_open(llocal_source src, size_t room, bool rewrite) {
    t_heap heap = { 0, 0, 0, 0, 0, false };
    llocal_gguf *g;
    g_model m;
    llocal_result r;
    uint64_t h = 0;
    src.allocator.resize = t_heap_resize, src.allocator.user = &heap;
    r = llocal_gguf_open(&src, &g);
    if (!r) {
        fuzz_read(g);
        if (rewrite) g_check_round_trip(g);
        llocal_gguf_close(g);
    }
    MUST(g_model_open(&src, &m) == r);
    if (!r) h = fuzz_read(&m.g), g_model_close(&m);
    MUST(heap.live == 0 && !heap.wrong_size && heap.peak <= 8 * room + 8192);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    t_reader reader, other_reader;
    llocal_source memory = t_from_memory(data, size), read = t_from_reader(&reader, data, size);
    if (size == 0) return 0;
    MUST(fuzz_open(memory, size, true) == fuzz_open(read, size, false));
    for (int no = 0; no < 2; no++) {            /* with a good second, and with a good first file */
        tiny_bytes other = g_part(1 - no, 2, 2, 7);
        llocal_source part[2], read_part[2];
        part[no] = memory, part[1 - no] = t_from_memory(other.p, other.n);
        read_part[no] = read, read_part[1 - no] = t_from_reader(&other_reader, other.p, other.n);
        part[0].parts = &part[1], read_part[0].parts = &read_part[1];
        part[0].n_parts = read_part[0].n_parts = 1;
        MUST(fuzz_open(part[0], size + other.n, false) == fuzz_open(read_part[0], size + other.n,
            false));
        free(other.p);
    }
    MUST(t_failed == 0);
    return 0;
}

#ifdef FUZZ_MAIN
#define FUZZ_SEEDS 7
static tiny_bytes fuzz_seed(int i) {
    static const char *const goldens[] = { "llama-min", "qwen3-rank" };
    char path[100];
    tiny t;
    tiny_bytes b = { NULL, 0, 0 };
    if (i == 0) return g_good();
    if (i == 1) return g_part(0, 1, 1, 0);
    if (i == 2) return g_start(3, 0, 0);
    if (i == 3) return g_part(0, 2, 2, 0);
    if (i == 4) return g_part(1, 2, 2, 1);
    snprintf(path, sizeof path, "tests/golden/arch/%s.golden", goldens[i & 1]);
    if (!tiny_load(path, &t)) return g_good();
    for (int k = 0; k < t.n_tensors; k++)       /* as many tensors, but small ones */
        t.tensors[k].n_dims = 1, t.tensors[k].n = t.tensors[k].dim[0] = 8;
    b.p = (uint8_t *)tiny_image_with(&t, LLOCAL_FORMAT_F32, tiny_quantize_float, &b.n);
    tiny_free(&t);
    return b;
}

/* Sizes, counts and offsets are what a head is made of: put telling values over them. */
static void fuzz_mutate(uint8_t *p, size_t *n) {
    static const uint64_t telling[] = { 0, 1, 2, 7, 8, 31, 32, 33, 255, 256, 65535, 65536,
        0x7fffffff,
        0x80000000u, 0xffffffffu, 1ull << 32, 1ull << 60, 0x7fffffffffffffffull, 1ull << 63,
            UINT64_MAX };
    size_t head = LL_MIN(*n, 3000);
    for (uint64_t k = t_random() % 4 + 1; k > 0 && *n > 16; k--) {
        size_t at = (size_t)(t_random() % (t_random() % 4 ? head : *n)),
            to = (size_t)(t_random() % head);
        size_t len = (size_t)(t_random() % 24), left = *n - LL_MAX(at, to);
        switch (t_random() % 6) {
        case 0: p[at] = (uint8_t)t_random(); break;
        case 1: p[at] = (uint8_t)(p[at] ^ 1u << t_random() % 8); break;
        case 2: if (*n - at >= 8) ll_store_u64(p + at, telling[t_random() % LL_COUNT(telling)]);
            break;
        case 3: if (*n - at >= 4) ll_store_u32(p + at,
            (uint32_t)telling[t_random() % LL_COUNT(telling)]); break;
        case 4: memmove(p + to, p + at, LL_MIN(len, left)); break;
        default: if (t_random() % 8 == 0) *n = at; break;
        }
        head = LL_MIN(head, *n);
    }
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 20000;
    if (argc > 2 && !strcmp(argv[1], "--seeds")) {
        for (int i = 0; i < FUZZ_SEEDS; i++) {
            char path[300];
            tiny_bytes b = fuzz_seed(i);
            FILE *f;
            snprintf(path, sizeof path, "%s/seed-%d.gguf", argv[2], i);
            f = fopen(path, "wb");
            if (!f) { printf("cannot write %s\n", path); return 1; }
            fwrite(b.p, 1, b.n, f), fclose(f), free(b.p);
        }
        return 0;
    }
    for (int s = 0; s < FUZZ_SEEDS; s++) {
        tiny_bytes b = fuzz_seed(s);
        for (long i = 0; i < rounds; i++) {
            size_t n = b.n;
            uint8_t *copy = (uint8_t *)malloc(b.n), *exact;
            memcpy(copy, b.p, b.n);
            if (i > 0) fuzz_mutate(copy, &n);
            exact = (uint8_t *)malloc(n + !n);      /* so that a sanitizer sees the end */
            memcpy(exact, copy, n);
            LLVMFuzzerTestOneInput(exact, n);
            free(exact), free(copy);
        }
        free(b.p);
    }
    printf("%ld rounds over %d seeds: no findings\n", rounds, FUZZ_SEEDS);
    return 0;
}
#endif
