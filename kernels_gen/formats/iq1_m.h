//@ format IQ1_M id 29 family IQ block 256 bytes 56 codes -9..9 scales 1..15 is block256 sub16 grid grid1 signed wide high spread
/* IQ1_M: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16
 *
 *   byte 0 ... 31              | 32 ... 47                           | 48 ... 55: four words
 *        lower 8 bits of a row | for each 8 four bits: upper 3, and  | s[4 * i] | ... | s[4 * i + 3] << 9,
 *                              | 8 where codes are 8 * g - 1         | above them bits 4 * i .. of d */
typedef struct llq_iq1_m { uint8_t qs[32], high[16], scales[8]; } llq_iq1_m;
#define llq_iq1_m_level LLQ_IQ1_LEVEL
enum { llq_iq1_m_n_rows = 2048 };

LL_INLINE int llq_iq1_m_d(const llq_iq1_m *b) {
    int d = 0;
    LLV_UNROLL for (int i = 0; i < 4; i++) d |= b->scales[2 * i + 1] >> 4 << (4 * i);
    return d;
}
LL_INLINE float llq_iq1_m_unit(void) { return 0.125f; }
LL_INLINE void llq_iq1_m_scales(const llq_iq1_m *b, int16_t *sc) {
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const int x = ll_load_u16(b->scales + 2 * i);
        sc[4 * i] = (int16_t)((x << 1 & 14) + 1), sc[4 * i + 1] = (int16_t)((x >> 2 & 14) + 1);
        sc[4 * i + 2] = (int16_t)((x >> 5 & 14) + 1), sc[4 * i + 3] = (int16_t)((x >> 8 & 14) + 1);
    }
}
LL_INLINE void llq_iq1_m_signs(const llq_iq1_m *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const uint32_t x = ll_load_u16(b->high + 2 * j);
        s[j] = ((x >> 3 & 1) | (x << 1 & 0x100) | (x << 5 & 0x10000) | (x << 9 & 0x1000000)) * 255;
    }
}
LL_INLINE void llq_iq1_m_rows(const llq_iq1_m *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (b->high[2 * j + l / 2] >> (l % 2 * 4) & 7) << 8;
}
/* Where the parts of 32 columns lie: see llq_cut. */
#define llq_iq1_m_sign_of(b) (b)->high
#define llq_iq1_m_scale_of(b) (b)->scales
enum { llq_iq1_m_high_bits = 4, llq_iq1_m_sign_bit = 3, llq_iq1_m_sign_step = 4, llq_iq1_m_scale_next = 6,
       llq_iq1_m_scale_pair = 16, llq_iq1_m_scale_bit2 = 3, llq_iq1_m_scale_bits = 3 };
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq1_m_load_signs(const llq_iq1_m *b, uint32_t *signs) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 0, Z, 1, Z, 2, Z, 3, Z, 4, Z, 5, Z, 6, Z, 7, Z,
                                     8, Z, 9, Z, 10, Z, 11, Z, 12, Z, 13, Z, 14, Z, 15, Z };
    static const uint8_t high[32] = { Z, 0, Z, 1, Z, 2, Z, 3, Z, 4, Z, 5, Z, 6, Z, 7,
                                      Z, 8, Z, 9, Z, 10, Z, 11, Z, 12, Z, 13, Z, 14, Z, 15 };
    const llv_b x = llv_b_load2(b->high, b->high);
    const llv_b even = llv_b_bits(llv_b_shuffle(x, llv_b_load(low)), -4, 0xf0);
    llq_iq1_store_shift(llv_b_or(even, llv_b_shuffle(x, llv_b_load(high))), signs);
}
/* Every byte twice, once for each of its halves. */
LL_INLINE void llq_iq1_m_load_index(const llq_iq1_m *b, uint16_t *index) {
    enum { Z = 128 };
    static const uint8_t first[32] = { Z, 0, Z, 0, Z, 1, Z, 1, Z, 2, Z, 2, Z, 3, Z, 3,
                                       Z, 8, Z, 8, Z, 9, Z, 9, Z, 10, Z, 10, Z, 11, Z, 11 };
    static const uint8_t last[32] = { Z, 4, Z, 4, Z, 5, Z, 5, Z, 6, Z, 6, Z, 7, Z, 7,
                                      Z, 12, Z, 12, Z, 13, Z, 13, Z, 14, Z, 14, Z, 15, Z, 15 };
    static const int16_t to[8] = { 16, 1, 16, 1, 16, 1, 16, 1 };
    const llv_b x = llv_b_load2(b->high, b->high);
    llq_iq1_store_index(b->qs, llv_b_shuffle(x, llv_b_load(first)), llv_b_shuffle(x, llv_b_load(last)), to, index);
}
LL_INLINE llv_w llq_iq1_m_load_scales(const llq_iq1_m *b) {
    static const uint8_t order[32] = { 8, 9, 8, 9, 8, 9, 8, 9, 10, 11, 10, 11, 10, 11, 10, 11,
                                       12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15 };
    static const int16_t to[8] = { 1 << 13, 1 << 10, 1 << 7, 1 << 4, 1 << 13, 1 << 10, 1 << 7, 1 << 4 };
    const llv_b x = llv_b_shuffle(llv_b_load2(b->high + 8, b->high + 8), llv_b_load(order));
    const llv_w s = llv_w_mul(llv_w_of_b(x), llv_w_load2(to, to));
    return llv_w_of_b(llv_b_or(llv_b_of_w(llv_w_bits(s, 12, 14)), llv_b_of_w(llv_w_set(1))));
}
#endif
