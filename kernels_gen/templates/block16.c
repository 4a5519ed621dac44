LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

#if LL_ONCE
LL_FN void llq_FMT_read(const void *src, llq_block *b) {
    const llq_FMT *from = (const llq_FMT *)src;
    llq_FMT_codes(from, b->c);
    for (int j = 0; j < FMT_BLOCK / 16; j++) b->d[j] = llq_FMT_scale(from, j);
}

//@ if packs
LL_FN void llq_FMT_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_FMT *b = (llq_FMT *)dst;
    float w[FMT_BLOCK];
    for (size_t i = 0; i < n; i += FMT_BLOCK)
        llq_FMT_pack(src + i, llq_weights(importance ? importance + i : NULL, FMT_BLOCK, w), b++);
}

//@ end
#endif

#if LLV_INT
/* Eight rows side by side, as with blocks of 32. A pair of lanes belongs to each scale; the sums
 * of the offset are subtracted in the lanes. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    const llv_b offset = llv_b_set(FMT_OFFSET);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * FMT_GROUP];
        llv_r acc = llv_r_set(0), sum;
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 64;
            const ll_a8 *a = llq_a8(g, 0, i);
            size_t at = (size_t)(i / 64) * FMT_BYTES;
            llv_i dot[4][8], minus[4];
            llv_b q[8];
            if (blocks < 4) at = llq_last(g, p, at, (size_t)blocks * FMT_BYTES, FMT_GROUP, copy);
            LLV_UNROLL for (int b = 0; b < 4; b++) {
                llq_load_q16(a->q + 64 * b, &q[2 * b], &q[2 * b + 1]);
                minus[b] = llv_dot2_u(offset, q[2 * b], offset, q[2 * b + 1]);
            }
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * FMT_GROUP) {
                LLV_UNROLL for (int c = 0; c < 2 * FMT_GROUP; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const int row = l + j / 4, b = j % 4;
                    llv_b lo, hi;
                    llq_FMT_load((const llq_FMT *)(p[row] + at) + b, &lo, &hi);
                    dot[b][row] = llv_i_sub(llv_dot2_u(lo, q[2 * b], hi, q[2 * b + 1]), minus[b]);
                }
            }
            sum = llv_r_set(0);
            for (int b = 0; b < blocks; b++) {
                llv_r d[4];
                llv_i isum[4];
                llv_r_ue4m3_half(p, at + (size_t)b * FMT_BYTES, d);
                llq_sum2(dot[b], isum);
                LLV_UNROLL for (int j = 0; j < 4; j++)
                    sum = llv_r_fma(llv_r_mul(d[j], llv_r_set((float)a->k[2 * b + j / 2])), llv_r_from_i(isum[j]), sum);
            }
            acc = llv_r_fma(llv_r_set(a->base), sum, acc);
        }
        llv_r_store_n(g->y[0] + r, acc, LL_MIN(8, g->n_rows - r));
    }
}

#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_FMT_unpack(const uint8_t *rows, size_t stride, int n_blocks, ll_panel *p) {
#if LLV_PANEL
    const uint8_t *row[16];
    uint8_t code[16][256];
    for (int r = 0; r < 16; r++) {
        const llq_FMT *b = (const llq_FMT *)(rows + (size_t)r * stride);
        for (int j = 0; j < n_blocks; j += 2) {
            uint8_t *c = code[r] + 32 * j;
            llv_b lo, hi;
            llq_FMT_load(b + j / 2, &lo, &hi);
            llv_b_store2(c, c + 32, llv_b_lows8(lo, hi)), llv_b_store2(c + 16, c + 48, llv_b_highs8(lo, hi));
        }
    }
    ll_panel_codes(p, code[0], 32 * n_blocks, 0);
    for (int r = 0; r < 16; r++) row[r] = rows + (size_t)r * stride;
    for (int b = 0; b < n_blocks / 2; b++) {
        llv_r lo[4], hi[4];
        llv_r_ue4m3_half(row, (size_t)b * FMT_BYTES, lo), llv_r_ue4m3_half(row + 8, (size_t)b * FMT_BYTES, hi);
        LLV_UNROLL for (int j = 0; j < 4; j++) ll_panel_scale_f(p, 4 * b + j, llv_f_pair(lo[j], hi[j]));
    }
#else
    ll_panel_read(llq_FMT_read, rows, stride, 32 * n_blocks, FMT_BLOCK, FMT_BYTES, 16, false, p);
#endif
}

LL_FN void llq_FMT_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile16(p, n_panels, t, n_vecs, FMT_BITS, FMT_BIAS);
}
