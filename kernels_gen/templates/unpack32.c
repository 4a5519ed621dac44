
/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_FMT_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += FMT_BYTES) {
        ahead = ll_panel_prefetch(ahead, 16 * FMT_BYTES);
        llq_FMT_panel(rows, stride, p, b);
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_FMT *x = (const llq_FMT *)rows;
        for (int b = 0; b < n_blocks; b++, x++) {
            int8_t c[32];
            llq_FMT_codes(x, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * b + i] = c[i];
            p->scale_f[r][b] = llq_FMT_scale(x);
        }
    }
#endif
}

LL_FN void llq_FMT_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, FMT_BITS, FMT_BIAS, false);
}
