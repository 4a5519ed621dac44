//@ format Q6_K id 14 family K block 256 bytes 210 codes 0..63 offset 32 scales -128..127 is block256 panel few sub16 words packs
/* Q6_K: w = d * sc[j] * (c - 32), j = index / 16. Two halves of 128 weights alike; in each
 *
 *   byte 0 ... 63 of ql: c[l] & 15 | c[64 + l] << 4               l = 0..63
 *   byte 0 ... 31 of qh: bits 4, 5 of c[l], c[32+l], c[64+l], c[96+l], two bits each from below
 *
 *   byte 0 ... 127 | 128 ... 191 | 192 ... 207        | 208 209
 *        ql        | qh          | sc: 16 signed bytes | d */
typedef struct llq_q6_k { uint8_t ql[128], qh[64]; int8_t sc[16]; uint8_t d[2]; } llq_q6_k;

LL_INLINE float llq_q6_k_scale(const llq_q6_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q6_k_scales(const llq_q6_k *b, int16_t *sc) {
    llq_scales_of(b->sc, sc);
}
LL_INLINE void llq_q6_k_words(const llq_q6_k *b, int l, llq_word *w) {
    const uint8_t *ql = b->ql + l / 32 * 64 + l % 32;
    const llq_word x = llq_word_load(ql), y = llq_word_load(ql + 32), h = llq_word_load(b->qh + l);
    w[0] = llq_word_minus(llq_word_or(llq_word_bits(x, 0, 15), llq_word_bits(h, -4, 48)), 32);
    w[1] = llq_word_minus(llq_word_or(llq_word_bits(y, 0, 15), llq_word_bits(h, -2, 48)), 32);
    w[2] = llq_word_minus(llq_word_or(llq_word_bits(x, 4, 15), llq_word_bits(h, 0, 48)), 32);
    w[3] = llq_word_minus(llq_word_or(llq_word_bits(y, 4, 15), llq_word_bits(h, 2, 48)), 32);
}

#if LL_ONCE
LL_FN void llq_q6_k_pack(const float *x, const float *w, llq_q6_k *b) {
    llq_super s = { 16, -32, 31, -128, 127, 0, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, false);
    llq_put_f16(b->d, s.d);
    for (int j = 0; j < 16; j++) b->sc[j] = (int8_t)s.sc[j];
    memset(b->ql, 0, sizeof b->ql), memset(b->qh, 0, sizeof b->qh);
    for (int i = 0; i < 256; i++) {
        int c = s.c[i] + 32;
        b->ql[i / 128 * 64 + i % 64] |= (uint8_t)((c & 15) << (i / 64 % 2 * 4));
        b->qh[i / 128 * 32 + i % 32] |= (uint8_t)(c >> 4 << (i / 32 % 4 * 2));
    }
}
#endif

#if LLV_INT
LL_INLINE llv_w llq_q6_k_load_scales(const llq_q6_k *b) { return llv_w_from_i8(b->sc); }
LL_INLINE llv_b llq_q6_k_load(const llq_q6_k *b, int j) {
    llv_b low = llv_b_bits(llv_b_load(b->ql + j / 4 * 64 + j % 2 * 32), j % 4 / 2 * 4, 15);
    return llv_b_or(low, llv_b_bits(llv_b_load(b->qh + j / 4 * 32), j % 4 * 2 - 4, 0x30));
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q6_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    const uint8_t *low = b + j / 2 * 64 + j % 2 * 16;
    llv_p r[4], s[4], q[4];
    llv_p_rows(low, stride, r);
    llv_p_rows(low + 32, stride, s);
    llv_p_rows(b + 128 + 16 * j, stride, q);
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        w[i] = llv_p_or(ll_panel_bits(r[i], 0, 15), ll_panel_bits(q[i], -4, 48));
        w[4 + i] = llv_p_or(ll_panel_bits(s[i], 0, 15), ll_panel_bits(q[i], -2, 48));
        w[8 + i] = llv_p_or(ll_panel_bits(r[i], 4, 15), ll_panel_bits(q[i], 0, 48));
        w[12 + i] = llv_p_or(ll_panel_bits(s[i], 4, 15), ll_panel_bits(q[i], 2, 48));
    }
}
LL_INLINE int llq_q6_k_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_q6_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b + 192, stride, r);
    LLV_UNROLL for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, llv_p_byte(r[j / 4], j % 4));
    llv_f_store(p->d.f, ll_panel_f16(b + 208, stride));
}
#endif
