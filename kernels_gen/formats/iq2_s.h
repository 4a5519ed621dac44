//@ format IQ2_S id 22 family IQ block 256 bytes 82 codes -43..43 scales 1..31 is block256 sub16 grid grid8 signed high
/* IQ2_S: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 ... 33                | 34 ... 65     | 66 ... 73               | 74 ... 81
 *        d   | lower 8 bits of a row   | signs, 8 each | upper 2 bits, four each | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq2_s { uint8_t d[2], qs[32], signs[32], high[8], scales[8]; } llq_iq2_s;
#define llq_iq2_s_level LLQ_IQ2_LEVEL
enum { llq_iq2_s_n_rows = 1024 };

#define LLQ_IQ2_S_ROWS(R) \
//@ include tables/grids/iq2s.txt
LL_INLINE const llq_row8 *llq_iq2_s_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(1024)] = { LLQ_GRID(LLQ_IQ2_S_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_s_d(const llq_iq2_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_s_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_s_scales(const llq_iq2_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 16; j++) sc[j] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq2_s_signs(const llq_iq2_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = ll_load_u32(b->signs + 4 * j);
}
LL_INLINE void llq_iq2_s_rows(const llq_iq2_s *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (b->high[j] << (8 - 2 * l) & 0x300);
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq2_s_sign_of(b) (b)->signs
#define llq_iq2_s_scale_of(b) (b)->scales
enum { llq_iq2_s_high_bits = 2, llq_iq2_s_sign_bit = 0, llq_iq2_s_sign_step = 8, llq_iq2_s_sign_bits = 8,
       llq_iq2_s_scale_bit = 0, llq_iq2_s_scale_bit2 = 4, llq_iq2_s_scale_bits = 4 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_s_load_signs(const llq_iq2_s *b, uint32_t *signs) { memcpy(signs, b->signs, 32); }
LL_INLINE llv_w llq_iq2_s_load_scales(const llq_iq2_s *b) { return llq_nibble_scales16(b->high); }
#endif
