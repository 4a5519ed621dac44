//@ format IQ1_S id 19 family IQ block 256 bytes 50 codes -9..9 scales 1..15 is block256 sub32 grid grid1 signed wide high
/* IQ1_S: w = d / 8 * (2 * s[j] + 1) * code, j = index / 32
 *
 *   byte 0 1 | 2 ... 33               | 34 + 2 * j, 35 + 2 * j
 *        d   | lower 8 bits of a row  | 4 x 3 upper bits, s[j] << 12, bit 15: codes are 8 * g - 1 */
typedef struct llq_iq1_s { uint8_t d[2], qs[32], high[16]; } llq_iq1_s;
#define llq_iq1_s_level LLQ_IQ1_LEVEL
enum { llq_iq1_s_n_rows = 2048 };

LL_INLINE int llq_iq1_s_d(const llq_iq1_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq1_s_unit(void) { return 0.125f; }
LL_INLINE void llq_iq1_s_scales(const llq_iq1_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->high[2 * j + 1] >> 4 & 7) + 1);
}
LL_INLINE void llq_iq1_s_signs(const llq_iq1_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = b->high[2 * j + 1] & 0x80 ? 0xffffffffu : 0;
}
LL_INLINE void llq_iq1_s_rows(const llq_iq1_s *b, int j, int *index) {
    const int high = ll_load_u16(b->high + 2 * j);
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (high >> (3 * l) & 7) << 8;
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq1_s_sign_of(b) (b)->high
#define llq_iq1_s_scale_of(b) (b)->high
enum { llq_iq1_s_high_bits = 3, llq_iq1_s_sign_bit = 15, llq_iq1_s_sign_step = 0, llq_iq1_s_scale_bit = 12,
       llq_iq1_s_scale_bit2 = 12, llq_iq1_s_scale_bits = 3 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq1_s_load_signs(const llq_iq1_s *b, uint32_t *signs) {
    static const uint8_t up[16] = { 1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7 };
    static const uint8_t up2[16] = { 9, 9, 9, 9, 11, 11, 11, 11, 13, 13, 13, 13, 15, 15, 15, 15 };
    llq_iq1_store_shift(llv_b_shuffle(llv_b_load2(b->high, b->high), llv_b_load2(up, up2)), signs);
}
LL_INLINE void llq_iq1_s_load_index(const llq_iq1_s *b, uint16_t *index) {
    static const uint8_t first[32] = { 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3,
                                       8, 9, 8, 9, 8, 9, 8, 9, 10, 11, 10, 11, 10, 11, 10, 11 };
    static const uint8_t last[32] = { 4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7,
                                      12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15 };
    static const int16_t to[8] = { 1 << 12, 1 << 9, 1 << 6, 1 << 3, 1 << 12, 1 << 9, 1 << 6, 1 << 3 };
    const llv_b x = llv_b_load2(b->high, b->high);
    llq_iq1_store_index(b->qs, llv_b_shuffle(x, llv_b_load(first)), llv_b_shuffle(x, llv_b_load(last)), to, index);
}
LL_INLINE llv_w llq_iq1_s_load_scales(const llq_iq1_s *b) {
    static const uint8_t twice[32] = { 0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7,
                                       8, 9, 8, 9, 10, 11, 10, 11, 12, 13, 12, 13, 14, 15, 14, 15 };
    const llv_b x = llv_b_shuffle(llv_b_load2(b->high, b->high), llv_b_load(twice));
    return llv_w_of_b(llv_b_or(llv_b_of_w(llv_w_bits(llv_w_of_b(x), 11, 14)), llv_b_of_w(llv_w_set(1))));
}
#endif
