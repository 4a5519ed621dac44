//@ format IQ2_XXS id 16 family IQ block 256 bytes 66 codes -43..43 scales 1..31 is block256 sub32 grid grid8 signed
/* IQ2_XXS: w = d / 8 * (2 * s[j] + 1) * code, j = index / 32; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 + 8 * j ... 5 + 8 * j   | 6 + 8 * j ... 9 + 8 * j
 *        d   | four rows of the grid     | 4 x 7 sign bits, s[j] in the upper 4 */
typedef struct llq_iq2_xxs { uint8_t d[2], qs[64]; } llq_iq2_xxs;
#define llq_iq2_xxs_level LLQ_IQ2_LEVEL
enum { llq_iq2_xxs_n_rows = 256 };

#define LLQ_IQ2_XXS_ROWS(R) \
//@ include tables/grids/iq2xxs.txt
LL_INLINE const llq_row8 *llq_iq2_xxs_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(256)] = { LLQ_GRID(LLQ_IQ2_XXS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_xxs_d(const llq_iq2_xxs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_xxs_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_xxs_scales(const llq_iq2_xxs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->qs[8 * j + 7] >> 4) + 1);
}
LL_INLINE void llq_iq2_xxs_signs(const llq_iq2_xxs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = llq_even_signs(ll_load_u32(b->qs + 8 * j + 4) & 0x0fffffff);
}
LL_INLINE void llq_iq2_xxs_rows(const llq_iq2_xxs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[8 * j + l];
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq2_xxs_sign_of(b) (b)->qs
#define llq_iq2_xxs_scale_of(b) (b)->qs
enum { llq_iq2_xxs_row_step = 8, llq_iq2_xxs_sign_bit = 32, llq_iq2_xxs_sign_step = 7,
       llq_iq2_xxs_sign_bits = 7, llq_iq2_xxs_scale_bit = 60, llq_iq2_xxs_scale_bit2 = 60,
       llq_iq2_xxs_scale_bits = 4 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_xxs_load_signs(const llq_iq2_xxs *b, uint32_t *signs) {
    static const uint8_t order[16] = { 128, 4, 4, 5, 5, 6, 6, 7, 128, 12, 12, 13, 13, 14, 14, 15 };
    llq_even_signs_of(llq_sevens(llv_b_load2(b->qs, b->qs + 32), order),
                      llq_sevens(llv_b_load2(b->qs + 16, b->qs + 48), order), signs);
}
LL_INLINE llv_w llq_iq2_xxs_load_scales(const llq_iq2_xxs *b) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 7, Z, 7, Z, 15, Z, 15, Z, Z, Z, Z, Z, Z, Z, Z, Z };
    static const uint8_t high[16] = { Z, Z, Z, Z, Z, Z, Z, Z, 7, Z, 7, Z, 15, Z, 15, Z };
    return llq_odd_scales(llv_b_bits(llv_b_or(
        llv_b_shuffle(llv_b_load2(b->qs, b->qs + 32), llv_b_load2(low, low)),
        llv_b_shuffle(llv_b_load2(b->qs + 16, b->qs + 48), llv_b_load2(high, high))), 4, 15));
}
#endif
