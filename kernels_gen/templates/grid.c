
/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_FMT_scale(const llq_FMT *b) { return llq_FMT_unit() * ll_f16_to_f32((uint16_t)llq_FMT_d(b)); }
//@ if grid1
#define llq_FMT_minus(level) ((level) - 2)
//@ else
#define llq_FMT_minus(level) (-(level))
//@ end
LL_INLINE void llq_FMT_codes(const llq_FMT *b, int8_t *c) {
    uint32_t signs[8];
    llq_FMT_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_FMT_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
//@ if grid4
            const int v = LLQ_CODE4(LLQ_GRID_ROW(llq_FMT_grid(), llq_FMT_n_rows, index[i / 4]), i % 4, llq_FMT_level);
//@ else
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_FMT_grid(), llq_FMT_n_rows, index[i / 8]), i % 8, llq_FMT_level);
//@ end
            *c = (int8_t)(signs[j] >> i & 1 ? llq_FMT_minus(v) : v);
        }
    }
}
#if LLV_GRID
//@ include templates/grid512.c
#elif LLV_INT
//@ include templates/grid_bytes.c
#endif
