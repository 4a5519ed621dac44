//@ format IQ3_XXS id 18 family IQ block 256 bytes 98 codes -62..62 scales 1..31 is block256 sub32 grid grid4 signed
/* IQ3_XXS: w = d / 4 * (2 * s[j] + 1) * code, j = index / 32; codes are 4, 12, 20 ... 52 or 62 with a sign
 *
 *   byte 0 1 | 2 ... 65                  | 66 + 4 * j ... 69 + 4 * j
 *        d   | a row of the grid each 4  | 4 x 7 sign bits, s[j] in the upper 4 */
typedef struct llq_iq3_xxs { uint8_t d[2], qs[64], signs[32]; } llq_iq3_xxs;
#define llq_iq3_xxs_level LLQ_IQ3_LEVEL
enum { llq_iq3_xxs_n_rows = 256 };

#define LLQ_IQ3_XXS_ROWS(R) \
//@ include tables/grids/iq3xxs.txt
LL_INLINE const llq_row4 *llq_iq3_xxs_grid(void) {
#define LLQ_R(x) LLQ_ROW4(x, LLQ_IQ3_LEVEL)
    static const llq_row4 grid[LLQ_GRID_LEN(256)] = { LLQ_GRID(LLQ_IQ3_XXS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_xxs_d(const llq_iq3_xxs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_xxs_unit(void) { return 0.25f; }
LL_INLINE void llq_iq3_xxs_scales(const llq_iq3_xxs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->signs[4 * j + 3] >> 4) + 1);
}
LL_INLINE void llq_iq3_xxs_signs(const llq_iq3_xxs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = llq_even_signs(ll_load_u32(b->signs + 4 * j) & 0x0fffffff);
}
LL_INLINE void llq_iq3_xxs_rows(const llq_iq3_xxs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l];
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq3_xxs_sign_of(b) (b)->signs
#define llq_iq3_xxs_scale_of(b) (b)->signs
enum { llq_iq3_xxs_sign_bit = 0, llq_iq3_xxs_sign_step = 7, llq_iq3_xxs_sign_bits = 7,
       llq_iq3_xxs_scale_bit = 28, llq_iq3_xxs_scale_bit2 = 28, llq_iq3_xxs_scale_bits = 4 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq3_xxs_load_signs(const llq_iq3_xxs *b, uint32_t *signs) {
    static const uint8_t first[16] = { 128, 0, 0, 1, 1, 2, 2, 3, 128, 4, 4, 5, 5, 6, 6, 7 };
    static const uint8_t second[16] = { 128, 8, 8, 9, 9, 10, 10, 11, 128, 12, 12, 13, 13, 14, 14, 15 };
    const llv_b x = llv_b_load(b->signs);
    llq_even_signs_of(llq_sevens(x, first), llq_sevens(x, second), signs);
}
LL_INLINE llv_w llq_iq3_xxs_load_scales(const llq_iq3_xxs *b) {
    static const uint8_t last[16] = { 3, 128, 3, 128, 7, 128, 7, 128, 11, 128, 11, 128, 15, 128, 15, 128 };
    return llq_odd_scales(llv_b_bits(llv_b_shuffle(llv_b_load(b->signs), llv_b_load2(last, last)), 4, 15));
}
#endif
