//@ format Q5_K id 13 family K block 256 bytes 176 codes 0..31 scales 0..63 mins 0..63 is block256 panel few sub32 runs min words packs fifth
/* Q5_K: w = d * sc[j] * c - dmin * m[j], j = index / 32
 *
 *   byte 0 1 | 2 3  | 4 ... 15      | 16 ... 47                 | 48 ... 175
 *        d   | dmin | sc, m: 6 bits | qh: bit j of byte l       | qs: low four bits, as Q4_K
 *                                   |     = bit 4 of c[32*j+l]  | */
typedef struct llq_q5_k { uint8_t d[2], dmin[2], scales[12], qh[32], qs[128]; } llq_q5_k;

LL_INLINE float llq_q5_k_scale(const llq_q5_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q5_k_min(const llq_q5_k *b) { return ll_f16_to_f32(ll_load_u16(b->dmin)); }
LL_INLINE void llq_q5_k_scales(const llq_q5_k *b, int16_t *sc, int16_t *m) {
    llq_k_scales(b->scales, sc, m);
}
LL_INLINE void llq_q5_k_words(const llq_q5_k *b, int l, llq_word *w) {
    const uint8_t *qs = b->qs + l / 32 * 64 + l % 32;
    const llq_word x = llq_word_load(qs), y = llq_word_load(qs + 32);
    const llq_word h = llq_word_bits(llq_word_load(b->qh + l % 32), l / 32 * 4, 15);
    w[0] = llq_word_or(llq_word_bits(x, 0, 15), llq_word_bits(h, -4, 16));
    w[1] = llq_word_or(llq_word_bits(x, 4, 15), llq_word_bits(h, -3, 16));
    w[2] = llq_word_or(llq_word_bits(y, 0, 15), llq_word_bits(h, -2, 16));
    w[3] = llq_word_or(llq_word_bits(y, 4, 15), llq_word_bits(h, -1, 16));
}

#if LL_ONCE
LL_FN void llq_q5_k_pack(const float *x, const float *w, llq_q5_k *b) {
    llq_super s = { 32, 0, 31, 0, 63, 63, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, true);
    llq_put_f16(b->d, s.d), llq_put_f16(b->dmin, s.dmin);
    llq_k_pack_scales(s.sc, s.m, b->scales);
    memset(b->qh, 0, sizeof b->qh);
    for (int i = 0; i < 256; i++) b->qh[i % 32] |= (uint8_t)(s.c[i] >> 4 << i / 32);
    for (int i = 0; i < 128; i++) {
        const int8_t *c = s.c + i / 32 * 64 + i % 32;
        b->qs[i] = (uint8_t)((c[0] & 15) | (c[32] & 15) << 4);
    }
}
#endif

#if LLV_INT
LL_INLINE void llq_q5_k_load_scales(const llq_q5_k *b, const llq_q5_k *b4, llv_w *sc, llv_w *m) {
    llq_k_load_scales(b->d, b4->d, sc, m);
}
LL_INLINE llv_b llq_q5_k_load(const llq_q5_k *b, int j) {
    llv_b low = llv_b_bits(llv_b_load(b->qs + j / 2 * 32), j % 2 * 4, 15);
    return llv_b_or(low, llv_b_bits(llv_b_load(b->qh), j - 4, 16));
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    LLV_UNROLL for (int h = 0; h < 8; h += 4) {         /* half of a block and half of the next */
        llv_p r[4], q[4];
        llv_p_rows(b + 48 + 32 * j + 4 * h, stride, r);
        llv_p_rows(b + 16 + 4 * h, stride, q);
        LLV_UNROLL for (int i = 0; i < 4; i++) {
            const llv_p high = ll_panel_bits(q[i], 2 * j, 3);
            w[h + i] = llv_p_or(ll_panel_bits(r[i], 0, 15), ll_panel_bits(high, -4, 16));
            w[h + 8 + i] = llv_p_or(ll_panel_bits(r[i], 4, 15), ll_panel_bits(high, -3, 16));
        }
    }
}
LL_INLINE int llq_q5_k_run(int j, int i) { return 4 * j + i; }
LL_INLINE void llq_q5_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) { llq_k_panel_scales(b, stride, p); }
#endif
