//@ format Q3_K id 11 family K block 256 bytes 110 codes 0..7 offset 4 scales -32..31 is block256 panel sub16 packs
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
    for (int j = 0; j < 8; j++)
        for (int l = 0; l < 32; l += LLQ_WORD) {
            const llq_word low = llq_word_bits(llq_word_load(b->qs + j / 4 * 32 + l), j % 4 * 2, 3);
            const llq_word high = llq_word_bits(llq_word_bits(llq_word_load(b->hm + l), j, 1), -2, 4);
            llq_word_store(c + 32 * j + l, llq_word_minus(llq_word_or(low, high), 4));
        }
}

#if LL_ONCE
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
#endif

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

#if LLV_PANEL
LL_INLINE void llq_q3_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    llv_p h[4];
    llq_twos_panel(b + 32, stride, j, w);
    llv_p_rows(b + 16 * (j % 2), stride, h);
    LLV_UNROLL for (int i = 0; i < 4; i++) h[i] = llv_p_shr(h[i], 4 * (j / 2));
    LLV_UNROLL for (int i = 0; i < 16; i++) w[i] = llv_p_or(w[i], ll_panel_bits(h[i % 4], i / 4 - 2, 4));
}
LL_INLINE int llq_q3_k_run(int j, int i) { return llq_quarters_run(j, i); }
/* In r the 12 bytes begin in the middle of a number; in s not. */
LL_INLINE void llq_q3_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], s[3];
    llv_p_rows(b + 94, stride, r);
    LLV_UNROLL for (int i = 0; i < 3; i++) s[i] = llv_p_or(llv_p_shr(r[i], 16), llv_p_shl(r[i + 1], 16));
    LLV_UNROLL for (int j = 0; j < 16; j++) {
        const llv_p low = ll_panel_field(s[j % 8 / 4], j % 4 * 8 + j / 8 * 4, 15);
        const llv_p high = ll_panel_field(s[2], j % 4 * 8 + j / 4 * 2, 3);
        ll_panel_scale_i(p, j, llv_p_add(llv_p_or(low, llv_p_shl(high, 4)), llv_p_set(-32)));
    }
    llv_f_store(p->d.f, llv_f_of_halves(llv_p_shr(r[3], 16)));
}
#endif
