//@ format IQ2_XS id 17 family IQ block 256 bytes 74 codes -43..43 scales 1..31 is block256 sub16 grid grid8 signed
/* IQ2_XS: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 ... 65                                       | 66 ... 73
 *        d   | for each 8: row of the grid, 7 sign bits << 9  | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq2_xs { uint8_t d[2], qs[64], scales[8]; } llq_iq2_xs;
#define llq_iq2_xs_level LLQ_IQ2_LEVEL
enum { llq_iq2_xs_n_rows = 512 };

#define LLQ_IQ2_XS_ROWS(R) \
//@ include tables/grids/iq2xs.txt
LL_INLINE const llq_row8 *llq_iq2_xs_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(512)] = { LLQ_GRID(LLQ_IQ2_XS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_xs_d(const llq_iq2_xs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_xs_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_xs_scales(const llq_iq2_xs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 16; j++) sc[j] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq2_xs_signs(const llq_iq2_xs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const uint64_t x = ll_load_u64(b->qs + 8 * j);
        s[j] = llq_even_signs((uint32_t)(x >> 9 & 0x7f) | (uint32_t)(x >> 18 & 0x3f80) |
                              (uint32_t)(x >> 27 & 0x1fc000) | (uint32_t)(x >> 36 & 0xfe00000));
    }
}
LL_INLINE void llq_iq2_xs_rows(const llq_iq2_xs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = ll_load_u16(b->qs + 8 * j + 2 * l) & 511;
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq2_xs_sign_of(b) (b)->qs
#define llq_iq2_xs_scale_of(b) (b)->scales
enum { llq_iq2_xs_row_step = 16, llq_iq2_xs_sign_bit = 9, llq_iq2_xs_sign_step = 16,
       llq_iq2_xs_sign_bits = 7, llq_iq2_xs_scale_bit = 0, llq_iq2_xs_scale_bit2 = 4,
       llq_iq2_xs_scale_bits = 4 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_xs_load_signs(const llq_iq2_xs *b, uint32_t *signs) {
    llq_even_signs_of(llv_w_of_b(llv_b_load2(b->qs, b->qs + 32)), llv_w_of_b(llv_b_load2(b->qs + 16, b->qs + 48)), signs);
}
LL_INLINE llv_w llq_iq2_xs_load_scales(const llq_iq2_xs *b) { return llq_nibble_scales16(b->qs + 56); }
#endif
