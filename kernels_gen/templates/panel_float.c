
/* Float weights. The sixteen virtual lanes of a dot product lie along the columns, but here rows
 * lie in lanes of the machine: so virtual lane l is a sum of its own, over columns l, l + 16, ...
 * A tile keeps sixteen such sums for each row and vector in memory (L1), takes one lane after
 * the other into registers for a span of columns, and adds them up with the tree at the end. */

#define LL_SPAN 512                     /* columns of a panel: vectors of a tile stay in L1 */
#define LL_SPAN_TILES 16                /* tiles that share a panel before it is made again */

typedef struct ll_float_room {
    float w[16][LL_SPAN / 16][LLV_FTILE_PANELS][16];    /* [lane][column / 16][panel][row] */
    float sum[LL_SPAN_TILES][16][LLV_FTILE_VECS][LLV_FTILE_PANELS][16];
    float x[LLV_FTILE_VECS][LL_SPAN];                   /* a ragged end of the vectors */
    uint8_t edge[16 * 64];                              /* a ragged end of the rows */
} ll_float_room;

/* Sixteen columns of a row at a time: each lane's sum moves on by n such steps. */
LL_INLINE void ll_tile_float_of(const float *w, const float *const *x, int n, bool first, float *sum,
                                const int n_vecs) {
    enum { Z = LLV_FTILE_PANELS };
    for (int l = 0; l < 16; l++, sum += n_vecs * Z * 16, w += LL_SPAN / 16 * Z * 16) {
        llv_f acc[LLV_FTILE_VECS * Z];
        LLV_UNROLL for (int i = 0; i < n_vecs * Z; i++)
            acc[i] = first ? llv_f_set(0) : llv_f_load(sum + 16 * i);
        LLV_ROLL for (int j = 0; j < n; j++) {
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const llv_f b = llv_f_set(x[v][16 * j + l]);
                LLV_UNROLL for (int z = 0; z < Z; z++)
                    acc[v * Z + z] = llv_f_fma(llv_f_load(w + (j * Z + z) * 16), b, acc[v * Z + z]);
            }
        }
        LLV_UNROLL for (int i = 0; i < n_vecs * Z; i++) llv_f_store(sum + 16 * i, acc[i]);
    }
}
LL_NOINLINE void ll_tile_float(const float *w, const float *const *x, int n, bool first, float *sum, int n_vecs) {
    if (n_vecs == LLV_FTILE_VECS) ll_tile_float_of(w, x, n, first, sum, LLV_FTILE_VECS);
    else ll_tile_float_of(w, x, n, first, sum, LLV_FTILE_VECS / 2);
}

/* The tree over the lanes of row block i of a tile: lanes 8 apart, then 4, 2, 1. */
LL_INLINE llv_f ll_tile_float_sum(const float *sum, int step, int i) {
    llv_f t[16];
    LLV_UNROLL for (int l = 0; l < 16; l++) t[l] = llv_f_load(sum + l * step + 16 * i);
    LLV_UNROLL for (int l = 0; l < 8; l++) t[l] = llv_f_add(t[l], t[l + 8]);
    LLV_UNROLL for (int l = 0; l < 4; l++) t[l] = llv_f_add(t[l], t[l + 4]);
    LLV_UNROLL for (int l = 0; l < 2; l++) t[l] = llv_f_add(t[l], t[l + 2]);
    return llv_f_add(t[0], t[1]);
}
