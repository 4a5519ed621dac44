//@ format IQ1_M id 29 block 256 bytes 56 codes -9..9 scales 1..15 is block256 sub16 grid grid1 signed
/* IQ1_M: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16
 *
 *   byte 0 ... 31              | 32 ... 47                           | 48 ... 55: four words
 *        lower 8 bits of a row | for each 8 four bits: upper 3, and  | s[4 * i] | ... | s[4 * i + 3] << 9,
 *                              | 8 where codes are 8 * g - 1         | above them bits 4 * i .. of d */
typedef struct llq_iq1_m { uint8_t qs[32], high[16], scales[8]; } llq_iq1_m;

LL_INLINE int llq_iq1_m_d(const llq_iq1_m *b) {
    int d = 0;
    for (int i = 0; i < 4; i++) d |= b->scales[2 * i + 1] >> 4 << (4 * i);
    return d;
}
LL_INLINE float llq_iq1_m_unit(void) { return 0.125f; }
LL_INLINE void llq_iq1_m_scales(const llq_iq1_m *b, int16_t *sc) {
    for (int i = 0; i < 4; i++) {
        const int x = ll_load_u16(b->scales + 2 * i);
        sc[4 * i] = (int16_t)((x << 1 & 14) + 1), sc[4 * i + 1] = (int16_t)((x >> 2 & 14) + 1);
        sc[4 * i + 2] = (int16_t)((x >> 5 & 14) + 1), sc[4 * i + 3] = (int16_t)((x >> 8 & 14) + 1);
    }
}
LL_INLINE void llq_iq1_m_signs(const llq_iq1_m *b, uint32_t *s) {
    for (int j = 0; j < 8; j++) {
        const uint32_t x = ll_load_u16(b->high + 2 * j);
        s[j] = ((x >> 3 & 1) | (x << 1 & 0x100) | (x << 5 & 0x10000) | (x << 9 & 0x1000000)) * 255;
    }
}
LL_INLINE void llq_iq1_m_rows(const llq_iq1_m *b, int j, int *index) {
    for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (b->high[2 * j + l / 2] >> (l % 2 * 4) & 7) << 8;
}
