
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_FMT_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_FMT_load2((const llq_FMT *)row, j, &lo, &hi);
    return FMT_IS(signed) ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_FMT_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * FMT_GROUP];
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / FMT_BLOCK * FMT_BYTES), FMT_GROUP, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_FMT_dot2(p[l] + at, j, q + j);
//@ if scale8
    llq_scales32 s;
    for (int j = 0; j < n; j++) s.d[j] = llq_FMT_load_scale(p, at + (size_t)j * FMT_BYTES);
    return llq_short32(g, i, n, &s, dot, acc);
//@ else
//@ if min
    return llq_end32_min(g, i, p, at + offsetof(llq_FMT, d), FMT_BYTES, n, dot, acc);
//@ else
    return llq_end32(g, i, p, at + offsetof(llq_FMT, d), FMT_BYTES, FMT_BLOCK / 64, n, dot, acc);
//@ end
//@ end
}

//@ if nibbles
#if LLV_GRID
//@ include templates/eights.c
#else
//@ end
/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_FMT_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at,
                                const uint8_t *ahead, llv_r acc) {
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
//@ if calls
//@ else
    llq_scales32 s;
//@ end
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * FMT_GROUP) {
        LLV_UNROLL for (int c = 0; c < 2 * FMT_GROUP; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_FMT_dot2(p[row] + at, k, q + k);
        }
    }
//@ if calls
//@ if min
    return llq_end32_min(g, i, p, at + offsetof(llq_FMT, d), FMT_BYTES, 8, dot, acc);
//@ else
    return llq_end32(g, i, p, at + offsetof(llq_FMT, d), FMT_BYTES, FMT_BLOCK / 64, 8, dot, acc);
//@ end
//@ else
//@ if scale8
    LLV_UNROLL for (int j = 0; j < 8; j++) s.d[j] = llq_FMT_load_scale(p, at + (size_t)j * FMT_BYTES);
//@ else
    LLV_UNROLL for (int j = 0; j < 8; j++) s.d[j] = llv_r_f16(p, at + (size_t)j * FMT_BYTES + offsetof(llq_FMT, d));
//@ end
    return llq_sums32(g, i, 8, &s, false, dot, acc);
//@ end
}
//@ if nibbles
#endif
//@ end

/* Eight rows side by side. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
//@ if nibbles
#if LLV_GRID
    llq_load_eights(g);
#endif
//@ end
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += FMT_GROUP, ahead += 8 * FMT_GROUP)
            acc = llq_FMT_group(g, i, p, at, ahead, acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_FMT_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
