
/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_FMT_scale(const llq_FMT *b) { return llq_FMT_unit() * ll_f16_to_f32((uint16_t)llq_FMT_d(b)); }
LL_INLINE void llq_FMT_codes(const llq_FMT *b, int8_t *c) {
    uint32_t signs[8];
    llq_FMT_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_FMT_rows(b, j, index);
//@ if grid8
        llq_grid8_codes(llq_FMT_grid(), index, signs[j], c + 32 * j);
//@ end
//@ if grid4
        llq_grid4_codes(llq_FMT_grid(), index, signs[j], c + 32 * j);
//@ end
//@ if grid1
        llq_iq1_codes(index, signs[j], c + 32 * j);
//@ end
    }
}
#if LLV_INT
LL_INLINE llv_b llq_FMT_load(const llq_FMT *b, int j, const uint32_t *signs) {
    int index[8];
    llq_FMT_rows(b, j, index);
//@ if grid8
    return llq_grid8_load(llq_FMT_grid(), index, signs[j]);
//@ end
//@ if grid4
    return llq_grid4_load(llq_FMT_grid(), index, signs[j]);
//@ end
//@ if grid1
    return llq_iq1_load(index, signs[j]);
//@ end
}
LL_FN void llq_FMT_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_FMT *b[2] = { (const llq_FMT *)block, (const llq_FMT *)next };
    for (int h = 0; h < 2; h++) {
        uint32_t signs[8];
        llq_FMT_signs(b[h], signs);
        LLV_ROLL for (int j = 0; j < 8; j++) llv_b_store(o->code[r + h] + 32 * j, llq_FMT_load(b[h], j, signs));
        llq_FMT_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_FMT_d(b[h]);
    }
}

/* Eight rows; the products of a row stay integers for all 256 columns. Here the time goes into
 * looking up codes, not into reading them. */
LL_FN void llq_FMT_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const llv_w k = llv_w_load_twice(a->k);
            int16_t sc[8][16];
            uint32_t signs[8][8];
            uint8_t d[8][2];
            const uint8_t *at_d[8];
            llv_i sum[8];
            for (int l = 0; l < 8; l++) {       /* all rows first, so that none waits for its stores */
                const llq_FMT *b = (const llq_FMT *)p[l] + i / 256;
                llq_FMT_scales(b, sc[l]);
                llq_FMT_signs(b, signs[l]);
                llq_put_u16(d[l], (uint16_t)llq_FMT_d(b)), at_d[l] = d[l];
            }
            LLV_ROLL for (int l = 0; l < 8; l++, ahead += sizeof(llq_FMT)) {
                const llq_FMT *b = (const llq_FMT *)p[l] + i / 256;
                const llv_w sk = llv_w_mul(llv_w_load(sc[l]), k);
                llv_i s = llv_i_set(0);
                LL_PREFETCH(ahead), LL_PREFETCH(ahead + 64);
                LLV_UNROLL for (int j = 0; j < 8; j++)
                    s = llv_dot_scaled_s(s, llq_FMT_load(b, j, signs[l]), llv_b_load(a->q + 32 * j), llv_w_halves(sk, j));
                sum[l] = s;
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(at_d, 0), llv_r_set(llq_FMT_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
