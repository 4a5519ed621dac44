
/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_FMT_each32 = !FMT_IS(sub16) || FMT_IS(folds), llq_FMT_mins = FMT_IS(min) ? (FMT_IS(sub32) ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_FMT_unpack(const uint8_t *rows, size_t stride, int n_blocks, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
//@ if panel
    llq_FMT_panel_scales(rows, stride, p);
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        llq_FMT_panel(rows, stride, j, w);
        if (FMT_IS(folds)) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_FMT_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i += 2)
            llv_p_store2(p->w[4 * llq_FMT_run(j, i / 4) + i % 4], w[i], w[i + 1]);
    }
    if (FMT_IS(folds)) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
    ll_panel_multiples(p, llq_FMT_each32 ? 8 : 16);
//@ else
    ll_panel_open(llq_FMT_open, rows, stride, llq_FMT_each32, FMT_IS(signed) ? 128 : 0, p);
//@ end
//@ if grid
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_FMT_unit())));
//@ end
#else
    ll_panel_read256(llq_FMT_read, rows, stride, FMT_IS(min), p);
#endif
}

LL_FN void llq_FMT_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_FMT_each32) ll_tile256_32(p, n_panels, t, n_vecs, FMT_BITS, FMT_BIAS, llq_FMT_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, FMT_BITS, FMT_BIAS, llq_FMT_mins);
}
