/* Products of a matrix of one format, 64 rows of 4096 columns, with some vectors, REPEATS times: what bench/arm/run.sh
 * counts the instructions of. The vectors are quantised before.
 * dots FORMAT VECTORS REPEATS */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"

enum { ROWS = 64, COLS = 4096, MOST = 64 };

static uint8_t weights[ROWS * COLS * 4];
static float x[MOST * COLS], y[MOST * ROWS];
static ll_a8 a8[MOST * COLS / 256];

int main(int argc, char **argv) {
    const ll_format *f = NULL;
    const int n = argc > 3 ? atoi(argv[2]) : 0, repeats = argc > 3 ? atoi(argv[3]) : 0;
    uint64_t r = 88172645463325252ull;
    void *scratch = malloc(1 << 20);
    ll_matrix w;
    ll_batch v;
    for (uint32_t id = 0; argc > 3 && id < 64; id++)
        if (ll_format_find(id) && !strcmp(ll_format_find(id)->name, argv[1])) f = ll_format_find(id);
    if (!f || n < 1 || n > MOST || repeats < 0 || !scratch) return fputs("usage: dots FORMAT VECTORS REPEATS\n", stderr), 2;
    for (size_t i = 0; i + 8 <= sizeof weights; i += 8) {
        uint64_t bits;
        r ^= r << 13, r ^= r >> 7, r ^= r << 17;
        bits = r & 0xbfbfbfbfbfbfbfbfull;       /* no float is huge or NaN */
        memcpy(weights + i, &bits, 8);
    }
    for (int i = 0; i < n * COLS; i++) x[i] = (float)(i % 251 - 125) / 64;
    memset(&w, 0, sizeof w), memset(&v, 0, sizeof v);
    w.format = f, w.data = weights, w.n_rows = ROWS, w.n_cols = COLS;
    w.row_bytes = (uint64_t)(COLS / f->block_len * f->block_bytes);
    v.n = n, v.x = x, v.x_stride = COLS, v.a8 = a8, v.a8_stride = COLS / 256, v.y = y, v.y_stride = ROWS;
    for (int i = 0; i < n; i++) ll_a8_quantize(x + i * COLS, COLS, false, a8 + i * (COLS / 256));
    for (int i = 0; i < repeats; i++) ll_matmul(&w, &v, 0, ROWS, scratch);
    return 0;
}
