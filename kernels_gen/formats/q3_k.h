//@ format Q3_K id 11 block 256 bytes 110 codes 0..7 offset 4 scales -32..31 is block256 sub16 packs
/* Q3_K: w = d * (sc[j] - 32) * (c - 4), j = index / 16
 *
 *   byte 0 ... 31               | 32 ... 95           | 96 ... 107     | 108 109
 *        bit i of hm[l]          | qs: the lower two   | sc: 6 bits     | d
 *        = bit 2 of c[32 * i + l] | bits, as Q2_K's     | each           |
 *
 *   byte 96 + j:  (sc[j] & 15) | (sc[8 + j] & 15) << 4                              j = 0..7
 *   byte 104 + j: the upper two bits of sc[j], sc[4 + j], sc[8 + j], sc[12 + j]     j = 0..3 */
typedef struct llq_q3_k { uint8_t hm[32], qs[64], scales[12], d[2]; } llq_q3_k;

LL_INLINE float llq_q3_k_scale(const llq_q3_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q3_k_scales(const llq_q3_k *b, int16_t *sc) {
    for (int j = 0; j < 16; j++) {
        int low = b->scales[j % 8] >> (j / 8 * 4) & 15, high = b->scales[8 + j % 4] >> (j / 4 * 2) & 3;
        sc[j] = (int16_t)((low | high << 4) - 32);
    }
}
LL_INLINE void llq_q3_k_codes(const llq_q3_k *b, int8_t *c) {
    llq_twos_codes(b->qs, 4, c);
    for (int i = 0; i < 256; i++) c[i] = (int8_t)(c[i] + (b->hm[i % 32] >> (i / 32) & 1) * 4);
}

LL_FN void llq_q3_k_pack(const float *x, const float *w, llq_q3_k *b) {
    llq_super s = { 16, -4, 3, -32, 31, 0, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, false);
    llq_put_f16(b->d, s.d);
    memset(b->hm, 0, sizeof b->hm), memset(b->scales, 0, sizeof b->scales);
    for (int j = 0; j < 16; j++) {
        int sc = s.sc[j] + 32;
        b->scales[j % 8] |= (uint8_t)((sc & 15) << (j / 8 * 4));
        b->scales[8 + j % 4] |= (uint8_t)(sc >> 4 << (j / 4 * 2));
    }
    for (int i = 0; i < 256; i++) b->hm[i % 32] |= (uint8_t)((s.c[i] >= 0) << (i / 32));
    llq_twos_pack(s.c, 4, b->qs);
}

#if LLV_INT
/* A product puts the bits of every word where one shift and one mask find them: of the lower four
 * bits in the upper half of each byte, of the two upper ones in its bits 6 and 7. */
LL_INLINE llv_w llq_q3_k_load_scales(const llq_q3_k *b) {
    static const uint8_t low[16] = { 2, 3, 4, 5, 6, 7, 8, 9 };
    static const uint8_t high[16] = { 10, 11, 12, 13, 10, 11, 12, 13 };
    static const int16_t low_to[16] = { 16, 16, 16, 16, 0, 0, 0, 0, 1, 1, 1, 1 };
    static const int16_t high_to[16] = { 64, 64, 16, 16, 0, 0, 0, 0, 4, 4, 1, 1 };
    const llv_b x = llv_b_load2((const uint8_t *)b + 94, (const uint8_t *)b + 94);  /* nothing behind d */
    llv_b s = llv_b_shuffle(x, llv_b_load2(low, low)), t = llv_b_shuffle(x, llv_b_load2(high, high));
    s = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(s), llv_w_load(low_to))), 4, 15);
    t = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(t), llv_w_load(high_to))), 2, 0x30);
    return llv_w_add(llv_w_from_low(llv_b_or(s, t)), llv_w_set(-32));
}
LL_INLINE llv_b llq_q3_k_load(const llq_q3_k *b, int j) {
    return llv_b_or(llq_twos_load(b->qs, j), llv_b_bits(llv_b_load(b->hm), j - 2, 4));
}
#endif
