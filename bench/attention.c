/* How fast attention reads its cache, and how fast it computes on a prompt.
 *
 *     cc -O3 -march=native bench/attention.c -o build/attention -lm -lpthread
 *     build/attention [threads] [positions] [KV heads] [query heads for each] [head_dim]
 *
 * decode   one token over a long cache, layer after layer as in a pass, in GB/s of keys and values
 *          and as a share of plain reading in the same round; us for each layer
 * prefill  the last 512 of so many positions at once, in GMAC/s: the peak of a core is about 16
 *          times its clock
 * store    a position into the cache, in ns for each head
 *
 * Rounds of all kinds are interleaved and medians reported. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

enum { ROUNDS = 7, MAX_THREADS = 64, MAX_LAYERS = 64, CACHE_MIB = 256, PROMPT = 512 };

static const struct { const char *name; llocal_kv kind; } kinds[] = {
    { "F32", LLOCAL_KV_F32 }, { "F16", LLOCAL_KV_F16 }, { "Q8", LLOCAL_KV_Q8 }
};

typedef struct bench {
    llocal_workers workers;
    int n_threads, n_pos, n_layer;
    ll_attention a;
    ll_kv kv[MAX_LAYERS];
    uint8_t *memory;
    size_t bytes;                       /* of all layers' keys and values */
    float *q, *out;
    void *scratch[MAX_THREADS];
    int layer, n_tokens, n_parts;       /* of the run: n_parts 0: a unit is a head */
    float *parts;
    uint64_t sum[MAX_THREADS];          /* so that reading is not optimised away */
} bench;

static void *take(size_t bytes) {
    void *p = malloc(bytes + 64);
    if (!p) { fputs("out of memory\n", stderr); exit(1); }
    return (void *)(((uintptr_t)p + 63) / 64 * 64);     /* never freed: this is a benchmark */
}

static void read_task(void *arg, int i) {
    bench *b = (bench *)arg;
    size_t part = b->bytes / (size_t)b->n_threads / 64 * 64;
    const uint8_t *p = b->memory + part * (size_t)i;
    uint64_t s[8] = { 0 };
    for (size_t at = 0; at + 64 <= part; at += 64)
        for (int j = 0; j < 8; j++) {
            uint64_t v;
            memcpy(&v, p + at + 8 * j, 8);
            s[j] ^= v;
        }
    b->sum[i] += s[0] ^ s[1] ^ s[2] ^ s[3] ^ s[4] ^ s[5] ^ s[6] ^ s[7];
}

static void attend_task(void *arg, int i) {
    bench *b = (bench *)arg;
    const ll_kv *kv = &b->kv[b->layer];
    int n = kv->n_head, pos0 = b->n_pos - b->n_tokens;
    for (int u = n * i / b->n_threads; u < n * (i + 1) / b->n_threads; u++)
        for (int t = 0; t < b->n_tokens; t += 16)
            ll_attend(&b->a, kv, u, b->q + (size_t)t * b->a.q_token,
                      b->out + (size_t)t * b->a.out_token, LL_MIN(16, b->n_tokens - t), pos0 + t,
                      b->scratch[i]);
}

static double seconds(bench *b, void (*task)(void *, int)) {
    uint64_t t = ll_clock_us();
    ll_run(&b->workers, b->n_threads, task, b);
    return (double)(ll_clock_us() - t) * 1e-6;
}

static double decode(bench *b) {
    double s = 0;
    b->n_tokens = 1;
    for (b->layer = 0; b->layer < b->n_layer; b->layer++) s += seconds(b, attend_task);
    return s;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(double *v) { qsort(v, ROUNDS, sizeof *v, by_value); return v[ROUNDS / 2]; }

/* Layers of this kind, as many as CACHE_MIB hold; returns ns for a position of a head. */
static double fill(bench *b, llocal_kv kind, int n_head, int dim) {
    float k[1024], v[1024];
    uint64_t t, us = 0;
    size_t at = 0;
    ll_kv kv;
    ll_kv_layout(&kv, kind, kind, b->n_pos, n_head, dim, dim);
    b->n_layer = (int)LL_MIN(MAX_LAYERS, ((uint64_t)CACHE_MIB << 20) / (kv.k_bytes + kv.v_bytes));
    b->n_layer = LL_MAX(b->n_layer, 1);
    for (int l = 0; l < b->n_layer; l++) {
        b->kv[l] = kv;
        b->kv[l].k = b->memory + at, at += (size_t)kv.k_bytes;
        b->kv[l].v = b->memory + at, at += (size_t)kv.v_bytes;
    }
    b->bytes = at;
    for (int i = 0; i < dim; i++)
        k[i] = 0.01f * (float)(i * 37 % 101 - 50), v[i] = 0.01f * (float)(i * 53 % 89 - 40);
    for (int l = 0; l < b->n_layer; l++) {
        t = ll_clock_us();
        for (int p = 0; p < b->n_pos; p++)
            for (int h = 0; h < n_head; h++) {
                k[p % dim] += 0.01f, v[p * 7 % dim] -= 0.01f;
                ll_kv_store(&b->kv[l], h, p, k, v);
            }
        us += ll_clock_us() - t;
    }
    return 1e3 * (double)us / ((double)b->n_layer * b->n_pos * n_head);
}

int main(int argc, char **argv) {
    static double gbs[8][ROUNDS], share[8][ROUNDS], us[8][ROUNDS], gmacs[8][ROUNDS], store[8][ROUNDS];
    static bench b;
    int n_head, n_group, dim;
    llocal_pool_desc threads = {0};
    llocal_pool *pool = NULL;
    b.n_threads = argc > 1 ? atoi(argv[1]) : 2;
    b.n_pos = argc > 2 ? atoi(argv[2]) : 16384;
    n_head = argc > 3 ? atoi(argv[3]) : 8, n_group = argc > 4 ? atoi(argv[4]) : 2;
    dim = argc > 5 ? atoi(argv[5]) : 128;
    if (b.n_threads < 1 || b.n_threads > MAX_THREADS || b.n_pos < 1 || b.n_pos > 1 << 16 || n_head < 1 ||
        n_head > 256 || n_group < 1 || n_group > 256 || dim < 1 || dim > 1024) {
        fputs("usage: attention [threads] [positions] [KV heads] [group] [head_dim]\n", stderr);
        return 1;
    }
    threads.n_threads = b.n_threads;
    if (llocal_pool_open(&threads, &pool)) return 1;
    b.workers = llocal_pool_workers(pool);
    b.a.n_group = n_group, b.a.scale = 0.1f;
    b.a.q_head = b.a.out_head = (size_t)dim;
    b.a.q_token = b.a.out_token = (size_t)(dim * n_head * n_group);
    {
        ll_kv kv;
        uint64_t most;
        ll_kv_layout(&kv, LLOCAL_KV_F32, LLOCAL_KV_F32, b.n_pos, n_head, dim, dim);
        most = LL_MAX((uint64_t)CACHE_MIB << 20, kv.k_bytes + kv.v_bytes);
        b.memory = (uint8_t *)take((size_t)most);
        for (int i = 0; i < b.n_threads; i++)
            b.scratch[i] = take((size_t)ll_attend_scratch(&b.a, &kv, 1 << 20) * 2);
    }
    b.q = (float *)take(PROMPT * b.a.q_token * sizeof(float));
    b.out = (float *)take(PROMPT * b.a.q_token * sizeof(float));
    for (size_t i = 0; i < PROMPT * b.a.q_token; i++) b.q[i] = 0.001f * (float)(i * 7919 % 2001) - 1;
    printf("llocal %s, %d threads, %d positions, %d KV heads of %d, group %d\n", llocal_build(), b.n_threads,
           b.n_pos, n_head, dim, n_group);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < LL_COUNT(kinds); i++) {
            double linear, s, n = LL_MIN(PROMPT, b.n_pos);
            store[i][round] = fill(&b, kinds[i].kind, n_head, dim);
            linear = seconds(&b, read_task);
            s = decode(&b);
            linear = 0.5 * (linear + seconds(&b, read_task));
            gbs[i][round] = (double)b.bytes / s * 1e-9, share[i][round] = linear / s;
            us[i][round] = s * 1e6 / b.n_layer;
            b.n_tokens = (int)n, b.layer = 0;
            s = seconds(&b, attend_task);
            gmacs[i][round] = 2.0 * n * (b.n_pos - 0.5 * (n - 1)) * (double)b.a.q_token / s * 1e-9;
        }
    printf("%-4s %12s %12s %12s %15s %10s\n", "", "decode GB/s", "of reading", "us a layer", "prefill GMAC/s", "store ns");
    for (int i = 0; i < LL_COUNT(kinds); i++)
        if (gbs[i][0] > 0)
            printf("%-4s %12.1f %12.2f %12.0f %15.1f %10.0f\n", kinds[i].name, median(gbs[i]), median(share[i]),
                   median(us[i]), median(gmacs[i]), median(store[i]));
    llocal_pool_close(pool);
    return 0;
}
