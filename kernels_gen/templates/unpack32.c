
//@ if panel
#if LLV_PANEL
//@ if nibbles
LL_INLINE void llq_FMT_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
//@ if table
    llq_lookup_panel(b + offsetof(llq_FMT, qs), stride, llq_FMT_table(), w);
//@ else
    llq_nibbles_panel(b + offsetof(llq_FMT, qs), stride, w);
//@ end
}
//@ end
LL_INLINE llv_f llq_FMT_panel_scale(const uint8_t *b, size_t stride) {
//@ if scale8
    const uint8_t *p[16];
    LLV_UNROLL for (int i = 0; i < 16; i++) p[i] = b + (size_t)i * stride;
    return llv_f_pair(llq_FMT_load_scale(p, 0), llq_FMT_load_scale(p + 8, 0));
//@ else
    return ll_panel_f16(b + offsetof(llq_FMT, d), stride);
//@ end
}
#endif

//@ end
/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_FMT_unpack(const uint8_t *rows, size_t stride, int n_blocks, ll_panel *p) {
#if LLV_PANEL
//@ if panel
    for (int b = 0; b < n_blocks; b++, rows += FMT_BYTES) {
        llv_p w[8];
        llq_FMT_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i += 2) llv_p_store2(p->w[8 * b + i], w[i], w[i + 1]);
        ll_panel_scale_f(p, b, llq_FMT_panel_scale(rows, stride));
//@ if min
        llv_f_store(p->min[b].f, ll_panel_f16(rows + offsetof(llq_FMT, m), stride));
//@ end
    }
//@ else
    uint8_t code[16][256];
    llq_FMT last[256 / FMT_BLOCK];
    for (int r = 0; r < 16; r++) {
        const llq_FMT *b = (const llq_FMT *)(rows + (size_t)r * stride);
        if (n_blocks % 2) memcpy(last, b, (size_t)(n_blocks * FMT_BYTES)), b = last;
        for (int j = 0; j < n_blocks; j += 2) {
            uint8_t *c = code[r] + 32 * j;
            llv_b lo, hi;
            llq_FMT_load2(b, j, &lo, &hi);
            llv_b_store2(c, c + 32, lo), llv_b_store2(c + 16, c + 48, hi);
        }
    }
    ll_panel_codes(p, code[0], 32 * n_blocks, FMT_IS(signed) && LLV_S_OFFSET == 0 ? 128 : 0);
    for (int j = 0; j < n_blocks; j++) {
        const uint8_t *b = rows + 32 * j / FMT_BLOCK * FMT_BYTES;
        ll_panel_scale_f(p, j, ll_panel_f16(b + offsetof(llq_FMT, d), stride));
//@ if min
        llv_f_store(p->min[j].f, ll_panel_f16(b + offsetof(llq_FMT, m), stride));
//@ end
    }
//@ end
#else
    ll_panel_read(llq_FMT_read, rows, stride, 32 * n_blocks, FMT_BLOCK, FMT_BYTES, 32, FMT_IS(min), p);
#endif
}

LL_FN void llq_FMT_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, FMT_BITS, FMT_BIAS, FMT_IS(min));
}
