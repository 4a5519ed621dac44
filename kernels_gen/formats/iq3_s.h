//@ format IQ3_S id 21 family IQ block 256 bytes 110 codes -15..15 scales 1..31 is block256 sub32 grid grid4 signed wide high spread
/* IQ3_S: w = d * (2 * s[j] + 1) * code, j = index / 32; codes are 1, 3, 5 ... 15 with a sign
 *
 *   byte 0 1 | 2 ... 65              | 66 ... 73             | 74 ... 105    | 106 ... 109
 *        d   | lower 8 bits of a row | upper bit, eight each | signs, 8 each | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq3_s { uint8_t d[2], qs[64], high[8], signs[32], scales[4]; } llq_iq3_s;
#define llq_iq3_s_level LLQ_IQ3_S_LEVEL
enum { llq_iq3_s_n_rows = 512 };

#define LLQ_IQ3_S_ROWS(R) \
//@ include tables/grids/iq3s.txt
LL_INLINE const llq_row4 *llq_iq3_s_grid(void) {
#define LLQ_R(x) LLQ_ROW4(x, LLQ_IQ3_S_LEVEL)
    static const llq_row4 grid[LLQ_GRID_LEN(512)] = { LLQ_GRID(LLQ_IQ3_S_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_s_d(const llq_iq3_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_s_unit(void) { return 1; }
LL_INLINE void llq_iq3_s_scales(const llq_iq3_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq3_s_signs(const llq_iq3_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = ll_load_u32(b->signs + 4 * j);
}
LL_INLINE void llq_iq3_s_rows(const llq_iq3_s *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l] | (b->high[j] << (8 - l) & 256);
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq3_s_sign_of(b) (b)->signs
#define llq_iq3_s_scale_of(b) (b)->scales
enum { llq_iq3_s_high_bits = 1, llq_iq3_s_sign_bit = 0, llq_iq3_s_sign_step = 8, llq_iq3_s_sign_bits = 8,
       llq_iq3_s_scale_next = 4, llq_iq3_s_scale_pair = 8, llq_iq3_s_scale_bit2 = 0,
       llq_iq3_s_scale_bits = 4 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq3_s_load_signs(const llq_iq3_s *b, uint32_t *signs) { memcpy(signs, b->signs, 32); }
LL_INLINE void llq_iq3_s_load_index(const llq_iq3_s *b, uint16_t *index) {
    LLV_UNROLL for (int i = 0; i < 64; i += 32) {
        const llv_b high = llv_b_mask(ll_load_u32(b->high + i / 8));
        llq_store_index(llv_b_load(b->qs + i), llv_b_of_w(llv_w_bits(llv_w_from_low(high), -8, 256)),
                        llv_b_of_w(llv_w_bits(llv_w_from_high(high), -8, 256)), index + i);
    }
}
LL_INLINE llv_w llq_iq3_s_load_scales(const llq_iq3_s *b) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 12, Z, 12, Z, Z, Z, Z, Z, 13, Z, 13, Z, Z, Z, Z, Z,
                                     14, Z, 14, Z, Z, Z, Z, Z, 15, Z, 15, Z, Z, Z, Z, Z };
    static const uint8_t high[32] = { Z, Z, Z, Z, 12, Z, 12, Z, Z, Z, Z, Z, 13, Z, 13, Z,
                                      Z, Z, Z, Z, 14, Z, 14, Z, Z, Z, Z, Z, 15, Z, 15, Z };
    return llq_nibble_scales(b->signs + 20, low, high);     /* the last 16 bytes */
}
#endif
