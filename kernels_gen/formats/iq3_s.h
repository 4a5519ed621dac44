//@ format IQ3_S id 21 block 256 bytes 110 codes -15..15 scales 1..31 is block256 sub32 grid grid4 signed
/* IQ3_S: w = d * (2 * s[j] + 1) * code, j = index / 32; codes are 1, 3, 5 ... 15 with a sign
 *
 *   byte 0 1 | 2 ... 65              | 66 ... 73             | 74 ... 105    | 106 ... 109
 *        d   | lower 8 bits of a row | upper bit, eight each | signs, 8 each | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq3_s { uint8_t d[2], qs[64], high[8], signs[32], scales[4]; } llq_iq3_s;

LL_INLINE const uint32_t *llq_iq3_s_grid(void) {
#define LLQ_R(x) (uint32_t)LLQ_ROW4(x, 3, LLQ_IQ3_S_LEVEL)
    static const uint32_t grid[512] = {
//@ include tables/grids/iq3s.txt
    };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_s_d(const llq_iq3_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_s_unit(void) { return 1; }
LL_INLINE void llq_iq3_s_scales(const llq_iq3_s *b, int16_t *sc) {
    for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq3_s_signs(const llq_iq3_s *b, uint32_t *s) {
    for (int j = 0; j < 8; j++) s[j] = ll_load_u32(b->signs + 4 * j);
}
LL_INLINE void llq_iq3_s_rows(const llq_iq3_s *b, int j, int *index) {
    for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l] | (b->high[j] << (8 - l) & 256);
}
