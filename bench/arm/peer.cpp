// The same of llama.cpp: its dots of one row and one vector (0), or what it does with repacked rows where it has that for
// the level it is compiled for (1). See bench/arm/run.sh.
// peer FORMAT VECTORS REPEATS REPACKED
#include "ggml-cpu.h"
#include "quants.h"
#include "repack.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" { float ggml_table_f32_f16[1 << 16]; }

typedef void (*dot_fn)(int, float *, size_t, const void *, size_t, const void *, size_t, int);
typedef void (*rows_fn)(int, float *, size_t, const void *, const void *, int, int);
struct row { const char *name; int bytes, a_bytes; dot_fn dot; rows_fn gemv, gemm; };     // bytes of 256 columns

#ifdef __ARM_FEATURE_MATMUL_INT8
#  define REPACKED(f, with, i, d) ggml_gemv_##f##_##i##_##with, ggml_gemm_##f##_##i##_##with
#elif defined(__ARM_FEATURE_DOTPROD)
#  define REPACKED(f, with, i, d) ggml_gemv_##f##_##d##_##with, ggml_gemm_##f##_##d##_##with
#else
#  define REPACKED(f, with, i, d) nullptr, nullptr
#endif

static const row rows[] = {
    { "Q4_0", 8 * 18, 8 * 34, ggml_vec_dot_q4_0_q8_0, REPACKED(q4_0, q8_0, 4x8, 4x4) },
    { "Q8_0", 8 * 34, 8 * 34, ggml_vec_dot_q8_0_q8_0, REPACKED(q8_0, q8_0, 4x8, 4x4) },
    { "Q4_K", 144, 292, ggml_vec_dot_q4_K_q8_K, REPACKED(q4_K, q8_K, 8x8, 8x4) },
    { "Q6_K", 210, 292, ggml_vec_dot_q6_K_q8_K, REPACKED(q6_K, q8_K, 8x8, 8x4) },
    { "IQ4_XS", 136, 292, ggml_vec_dot_iq4_xs_q8_K, nullptr, nullptr },
};

enum { ROWS = 64, COLS = 4096, MOST = 64 };
static uint8_t w[ROWS * COLS * 2], a[MOST * COLS * 2];
static float y[MOST * ROWS];

static void fill(uint8_t *p, size_t n) {
    uint64_t r = 88172645463325252ull;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        r ^= r << 13, r ^= r >> 7, r ^= r << 17;
        const uint64_t bits = r & 0xbfbfbfbfbfbfbfbfull;
        memcpy(p + i, &bits, 8);
    }
}

int main(int argc, char **argv) {
    const row *f = nullptr;
    if (argc < 5) return 2;
    for (const row &r : rows) if (!strcmp(r.name, argv[1])) f = &r;
    const int n = atoi(argv[2]), repeats = atoi(argv[3]);
    const bool repacked = atoi(argv[4]) != 0;
    if (!f || n < 1 || n > MOST || (repacked && !f->gemv)) return puts("none"), 3;
    const size_t w_row = (size_t)f->bytes * (COLS / 256), a_row = (size_t)f->a_bytes * (COLS / 256);
    fill(w, sizeof w), fill(a, sizeof a);
    for (int i = 0; i < repeats; i++) {
        if (repacked && n > 1) f->gemm(COLS, y, ROWS, w, a, n, ROWS);
        else if (repacked) f->gemv(COLS, y, ROWS, w, a, 1, ROWS);
        else for (int v = 0; v < n; v++)
            for (int r = 0; r < ROWS; r++) f->dot(COLS, y + v * ROWS + r, 0, w + r * w_row, 0, a + v * a_row, 0, 1);
    }
    return 0;
}
