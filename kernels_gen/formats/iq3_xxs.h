//@ format IQ3_XXS id 18 block 256 bytes 98 codes -62..62 scales 1..31 is block256 sub32 grid grid4 signed
/* IQ3_XXS: w = d / 4 * (2 * s[j] + 1) * code, j = index / 32; codes are 4, 12, 20 ... 52 or 62 with a sign
 *
 *   byte 0 1 | 2 ... 65                  | 66 + 4 * j ... 69 + 4 * j
 *        d   | a row of the grid each 4  | 4 x 7 sign bits, s[j] in the upper 4 */
typedef struct llq_iq3_xxs { uint8_t d[2], qs[64], signs[32]; } llq_iq3_xxs;

LL_INLINE const uint32_t *llq_iq3_xxs_grid(void) {
#define LLQ_R(x) (uint32_t)LLQ_ROW4(x, 3, LLQ_IQ3_LEVEL)
    static const uint32_t grid[256] = {
//@ include tables/grids/iq3xxs.txt
    };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_xxs_d(const llq_iq3_xxs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_xxs_unit(void) { return 0.25f; }
LL_INLINE void llq_iq3_xxs_scales(const llq_iq3_xxs *b, int16_t *sc) {
    for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->signs[4 * j + 3] >> 4) + 1);
}
LL_INLINE void llq_iq3_xxs_signs(const llq_iq3_xxs *b, uint32_t *s) {
    for (int j = 0; j < 8; j++) s[j] = llq_even_signs(ll_load_u32(b->signs + 4 * j) & 0x0fffffff);
}
LL_INLINE void llq_iq3_xxs_rows(const llq_iq3_xxs *b, int j, int *index) {
    for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l];
}
