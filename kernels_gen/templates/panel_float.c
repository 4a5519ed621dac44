
/* Float weights. The sixteen virtual lanes of a dot product lie along the columns, but here rows
 * lie in lanes of the machine: so virtual lane l is a sum of its own, over columns l, l + 16, ...
 * A tile keeps sixteen such sums for each row and vector in memory, takes one lane after the
 * other into registers for a span of columns, and adds them up with the tree at the end. */

#define LL_SPAN 512                     /* columns of a panel; its vectors stay in L1 */
#define LL_SPAN_VECS 64                 /* at least so many vectors share a panel */
#define LL_SPAN_TILES ((LL_SPAN_VECS + LLV_FTILE_VECS - 1) / LLV_FTILE_VECS)
#define LL_FTILE_ROWS (16 * LLV_FTILE_PANELS)
#define LL_FTILE_LANE (LL_SPAN / 16 * LL_FTILE_ROWS + 16)
#define LL_FTILE_FOURS ((LLV_FTILE_VECS + 3) / 4)

typedef struct ll_float_room {
    float w[LLV_FTILE_STACK][16][LL_FTILE_LANE];    /* [..][lane][column / 16][row] */
    float sum[LL_SPAN_TILES][LLV_FTILE_STACK][16][LLV_FTILE_VECS][LL_FTILE_ROWS];
    float x[LL_SPAN / 16][LL_FTILE_FOURS][4][16];           /* see llv_f_quads */
    uint8_t edge[16 * 64];                                      /* a ragged end */
} ll_float_room;

/* Sixteen columns of a row at a time: each lane's sum moves on by n such steps. */
LL_INLINE void ll_tile_float_of(const ll_float_room *room, int stack, int n, bool first, float *sum,
                                const int n_vecs) {
    enum { Z = LLV_FTILE_PANELS };
    for (int l = 0; l < 16; l++, sum += n_vecs * LL_FTILE_ROWS) {
        const float *w = room->w[stack][l], *x = room->x[0][0][l % 4] + l / 4 * 4;
        llv_f acc[LLV_FTILE_VECS * Z];
        LLV_UNROLL for (int i = 0; i < n_vecs * Z; i++)
            acc[i] = first ? llv_f_set(0) : llv_f_load(sum + 16 * i);
        LLV_ROLL for (int j = 0; j < n; j++, w += LL_FTILE_ROWS, x += (n_vecs + 3) / 4 * 64) {
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const llv_f b = llv_f_set(x[v / 4 * 64 + v % 4]);
                LLV_UNROLL for (int z = 0; z < Z; z++)
                    acc[v * Z + z] = llv_f_fma(llv_f_load(w + 16 * z), b, acc[v * Z + z]);
            }
        }
        LLV_UNROLL for (int i = 0; i < n_vecs * Z; i++) llv_f_store(sum + 16 * i, acc[i]);
    }
}
LL_NOINLINE void ll_tile_float(const ll_float_room *room, int stack, int n, bool first, float *sum, int n_vecs) {
    if (n_vecs == LLV_FTILE_VECS) ll_tile_float_of(room, stack, n, first, sum, LLV_FTILE_VECS);
    else ll_tile_float_of(room, stack, n, first, sum, LLV_FTILE_VECS / 2);
}

/* n columns of the vectors of a tile, four vectors together; x repeats the last to fill a four. */
LL_FN void ll_tile_float_x(const float *const *x, int n, int n_vecs, ll_float_room *room) {
    float *out = room->x[0][0][0], end[LL_FTILE_FOURS * 4][16];
    const float *ends[LL_FTILE_FOURS * 4];
    for (int j = 0; j + 16 <= n; j += 16)
        for (int v = 0; v < n_vecs; v += 4, out += 64) llv_f_quads(x + v, j, out);
    if (n % 16 == 0) return;
    memset(end, 0, sizeof end);
    for (int v = 0; v < LL_FTILE_FOURS * 4; v++) {
        ends[v] = end[v];
        if (v < n_vecs) memcpy(end[v], x[v] + n / 16 * 16, (size_t)(n % 16) * sizeof(float));
    }
    for (int v = 0; v < n_vecs; v += 4, out += 64) llv_f_quads(ends + v, 0, out);
}

/* The tree over the lanes of 16 rows, `step` floats apart: lanes 8 apart, then 4, 2, 1. */
LL_INLINE llv_f ll_tile_float_sum(const float *sum, int step) {
    llv_f t[16];
    LLV_UNROLL for (int l = 0; l < 16; l++) t[l] = llv_f_load(sum + l * step);
    LLV_UNROLL for (int l = 0; l < 8; l++) t[l] = llv_f_add(t[l], t[l + 8]);
    LLV_UNROLL for (int l = 0; l < 4; l++) t[l] = llv_f_add(t[l], t[l + 4]);
    LLV_UNROLL for (int l = 0; l < 2; l++) t[l] = llv_f_add(t[l], t[l + 2]);
    return llv_f_add(t[0], t[1]);
}
