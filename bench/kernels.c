/* How fast the kernels are on this machine.
 *
 *   cc -O2 -march=native bench/kernels.c -o build/bench_kernels -lm -lpthread
 *   build/bench_kernels [threads] [columns] [format ...]
 *
 * decode   one vector times a matrix too large for the caches, in GB/s of weights and as a share
 *          of what plain reading of the same memory reaches in the same second (the limit)
 * in cache one vector, one thread, 192 KiB of weights: ns for 256 of them
 * prefill  many vectors at once, in GMAC/s (multiply-adds)
 *
 * Rounds of all formats are interleaved and medians reported: clocks and memory of a shared
 * machine drift by the minute, so compare columns of one run, not runs. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

enum { ROUNDS = 7, BATCH = 256, DECODE_MIB = 192, PREFILL_ROWS = 2048, MAX_THREADS = 64 };

typedef struct bench {
    llocal_workers workers;
    int n_threads, n_cols, n_rows, n_vecs;
    const ll_format *format;            /* NULL: only read */
    uint8_t *weights;
    size_t bytes;
    float *x, *y;
    ll_a8 *a8;
    void *scratch[MAX_THREADS];
    uint64_t sum[MAX_THREADS];          /* so that reading is not optimised away */
} bench;

static void *take(size_t bytes) {
    void *p = malloc(bytes + 64);
    if (!p) { fputs("out of memory\n", stderr); exit(1); }
    return (void *)(((uintptr_t)p + 63) / 64 * 64);     /* never freed: this is a benchmark */
}

static uint64_t read_all(const uint8_t *p, size_t bytes) {
    uint64_t s[8] = { 0 };
    for (size_t i = 0; i + 64 <= bytes; i += 64)
        for (int j = 0; j < 8; j++) {
            uint64_t v;
            memcpy(&v, p + i + 8 * j, 8);
            s[j] ^= v;
        }
    return s[0] ^ s[1] ^ s[2] ^ s[3] ^ s[4] ^ s[5] ^ s[6] ^ s[7];
}

static void task(void *arg, int i) {
    bench *b = (bench *)arg;
    if (!b->format) {
        size_t part = b->bytes / (size_t)b->n_threads / 64 * 64;
        b->sum[i] += read_all(b->weights + part * (size_t)i, part);
    } else {
        const int rows = (b->n_rows + b->n_threads - 1) / b->n_threads, row0 = LL_MIN(i * rows, b->n_rows);
        ll_matrix w;
        ll_batch v;
        w.format = b->format, w.data = b->weights, w.n_rows = b->n_rows, w.n_cols = b->n_cols;
        w.row_bytes = (uint64_t)(b->n_cols / b->format->block_len * b->format->block_bytes);
        memset(&v, 0, sizeof v);
        v.n = b->n_vecs;
        v.x = b->x, v.x_stride = (size_t)b->n_cols;
        v.a8 = b->a8, v.a8_stride = ((size_t)b->n_cols + 255) / 256;
        v.y = b->y, v.y_stride = (size_t)b->n_rows;
        ll_matmul(&w, &v, row0, LL_MIN(row0 + rows, b->n_rows), b->scratch[i]);
    }
}

/* Seconds of one pass over all rows by this thread, the weights being in its cache. */
static double run_cached(bench *b) {
    enum { PASSES = 100 };
    const int n_threads = b->n_threads;
    uint64_t t = 0;
    b->n_threads = 1;
    for (int i = 0; i <= PASSES; i++) {         /* the first fills the cache */
        if (i == 1) t = ll_clock_us();
        task(b, 0);
    }
    b->n_threads = n_threads;
    return (double)(ll_clock_us() - t) * 1e-6 / PASSES;
}

/* Seconds of one run. */
static double run(bench *b) {
    uint64_t t = ll_clock_us();
    ll_run(&b->workers, b->n_threads, task, b);
    return (double)(ll_clock_us() - t) * 1e-6;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(double *v, int n) { qsort(v, (size_t)n, sizeof *v, by_value); return v[n / 2]; }

/* Random weights of moderate size. */
static void fill(uint8_t *p, size_t bytes) {
    uint64_t r = 88172645463325252ull;
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        uint64_t v;
        r ^= r << 13, r ^= r >> 7, r ^= r << 17;
        v = r & 0xbfbfbfbfbfbfbfbfull;  /* no f16, bf16 or f32 made of these is huge or NaN */
        memcpy(p + i, &v, 8);
    }
}

static bool wanted(const char *name, int argc, char **argv) {
    for (int i = 3; i < argc; i++) if (!strcmp(argv[i], name)) return true;
    return argc <= 3;
}

int main(int argc, char **argv) {
    static double decode[64][ROUNDS], share[64][ROUNDS], cached[64][ROUNDS], prefill[64][ROUNDS];
    static bench b;
    llocal_pool *pool = NULL;
    llocal_pool_desc threads = {0};
    b.n_threads = argc > 1 ? atoi(argv[1]) : 2;
    b.n_cols = argc > 2 ? atoi(argv[2]) : 4096;
    if (b.n_threads < 1 || b.n_threads > MAX_THREADS || b.n_cols < 256 || b.n_cols % 256) {
        fputs("usage: bench_kernels [threads] [columns, a multiple of 256] [format ...]\n", stderr);
        return 1;
    }
    threads.n_threads = b.n_threads;
    if (llocal_pool_open(&threads, &pool)) return 1;
    b.workers = llocal_pool_workers(pool);
    b.bytes = (size_t)DECODE_MIB << 20;
    b.weights = (uint8_t *)take(b.bytes);
    fill(b.weights, b.bytes);
    b.x = (float *)take(BATCH * (size_t)b.n_cols * sizeof(float));
    b.a8 = (ll_a8 *)take(BATCH * (size_t)b.n_cols / 256 * sizeof(ll_a8));
    b.y = (float *)take(LL_MAX(b.bytes / (size_t)b.n_cols * 8, BATCH * PREFILL_ROWS) * sizeof(float));     /* one bit a weight at least */
    for (int i = 0; i < BATCH * b.n_cols; i++) b.x[i] = (float)((i * 7919 + i / 97) % 2001 - 1000) * 0.001f;
    for (int i = 0; i < BATCH; i++)                 /* coarse k is as fast, and right for every format */
        ll_a8_quantize(b.x + (size_t)i * (size_t)b.n_cols, b.n_cols, false, b.a8 + (size_t)i * (size_t)b.n_cols / 256);
    for (int i = 0; i < b.n_threads; i++) b.scratch[i] = take((size_t)ll_matmul_scratch(b.n_cols, BATCH));

    printf("llocal %s, %d threads, %d columns\n", llocal_build(), b.n_threads, b.n_cols);
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t id = 0; id < 64; id++) {
            const ll_format *f = ll_format_find(id);
            size_t row_bytes;
            double seconds, linear;
            if (!f || !wanted(f->name, argc, argv)) continue;
            row_bytes = (size_t)(b.n_cols / f->block_len * f->block_bytes);
            b.format = NULL;
            linear = run(&b);
            b.format = f, b.n_vecs = 1, b.n_rows = (int)(b.bytes / row_bytes);
            seconds = run(&b);
            decode[id][round] = (double)row_bytes * b.n_rows / seconds * 1e-9;
            b.format = NULL;
            linear = (double)b.bytes / (0.5 * (linear + run(&b))) * 1e-9;
            share[id][round] = decode[id][round] / linear;
            b.format = f, b.n_vecs = 1, b.n_rows = (int)((192 << 10) / row_bytes);
            cached[id][round] = run_cached(&b) * 1e9 / b.n_rows / b.n_cols * 256;
            b.format = f, b.n_vecs = BATCH, b.n_rows = PREFILL_ROWS;
            seconds = run(&b);
            prefill[id][round] = (double)b.n_cols * b.n_rows * b.n_vecs / seconds * 1e-9;
        }
    printf("%-8s %12s %12s %12s %15s\n", "", "decode GB/s", "of reading", "in cache ns", "prefill GMAC/s");
    for (uint32_t id = 0; id < 64; id++) {
        const ll_format *f = ll_format_find(id);
        if (!f || !wanted(f->name, argc, argv)) continue;
        printf("%-8s %12.1f %12.2f %12.2f %15.1f\n", f->name, median(decode[id], ROUNDS),
               median(share[id], ROUNDS), median(cached[id], ROUNDS), median(prefill[id], ROUNDS));
    }
    llocal_pool_close(pool);
    return 0;
}
