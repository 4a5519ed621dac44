
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

LL_FN void llq_FMT_gemv(const ll_gemv *g) { llq_grid_gemv(g, llq_FMT_open, FMT_BYTES, llq_FMT_unit()); }
#endif
