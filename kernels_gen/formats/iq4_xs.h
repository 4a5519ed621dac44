//@ format IQ4_XS id 23 family IQ block 256 bytes 136 codes -127..113 scales -32..31 is block256 panel few sub32 pairs signed packs
/* IQ4_XS: w = d * (sc[j] - 32) * llq_nl[c], j = index / 32
 *
 *   byte 0 1 | 2 3                     | 4 ... 7                   | 8 ... 135
 *        d   | bits 2 * j, 2 * j + 1:  | the lower four bits of    | qs[16 * j + l]
 *            | the upper two of sc[j]  | sc[2 * i] | sc[2 * i + 1] << 4 | = c[32 * j + l] | c[32 * j + 16 + l] << 4 */
typedef struct llq_iq4_xs { uint8_t d[2], high[2], low[4], qs[128]; } llq_iq4_xs;

LL_INLINE float llq_iq4_xs_scale(const llq_iq4_xs *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_iq4_xs_scales(const llq_iq4_xs *b, int16_t *sc) {
    for (int j = 0; j < 8; j++) {
        int low = b->low[j / 2] >> (j % 2 * 4) & 15, high = ll_load_u16(b->high) >> (2 * j) & 3;
        sc[2 * j] = sc[2 * j + 1] = (int16_t)((low | high << 4) - 32);
    }
}
LL_INLINE void llq_iq4_xs_codes(const llq_iq4_xs *b, int8_t *c) {
    for (int i = 0; i < 128; i++) {
        int8_t *to = c + i / 16 * 32 + i % 16;
        to[0] = llq_nl[b->qs[i] & 15], to[16] = llq_nl[b->qs[i] >> 4];
    }
}

#if LL_ONCE
LL_FN void llq_iq4_xs_pack(const float *x, const float *w, llq_iq4_xs *b) {
    llq_super s = { 32, -127, 113, -32, 31, 0, llq_nl, 0, 0, { 0 }, { 0 }, { 0 } };
    int high = 0;
    llq_super_fit(&s, x, w, false);
    llq_put_f16(b->d, s.d);
    memset(b->low, 0, sizeof b->low);
    for (int j = 0; j < 8; j++) {
        b->low[j / 2] |= (uint8_t)(((s.sc[j] + 32) & 15) << (j % 2 * 4));
        high |= (s.sc[j] + 32) >> 4 << (2 * j);
    }
    llq_put_u16(b->high, (uint16_t)high);
    for (int i = 0; i < 128; i++) {
        const int8_t *c = s.c + i / 16 * 32 + i % 16;
        b->qs[i] = (uint8_t)(llq_nearest(c[0], llq_nl) | llq_nearest(c[16], llq_nl) << 4);
    }
}
#endif

#if LLV_INT
/* As words: a product brings the lower four bits to bits 4..7, the two upper ones to 14 and 15. */
LL_INLINE llv_w llq_iq4_xs_load_scales(const llq_iq4_xs *b, const llq_iq4_xs *b4) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 4, Z, 4, Z, 5, Z, 5, Z, 6, Z, 6, Z, 7, Z, 7, Z };
    static const uint8_t high[16] = { 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3 };
    static const uint8_t down[16] = { 1, Z, 3, Z, 5, Z, 7, Z, 9, Z, 11, Z, 13, Z, 15, Z };
    static const int16_t low_to[8] = { 16, 1, 16, 1, 16, 1, 16, 1 };
    static const int16_t high_to[8] = { 1 << 14, 1 << 12, 1 << 10, 1 << 8, 1 << 6, 1 << 4, 1 << 2, 1 };
    const llv_b x = llv_b_load2(b->d, b4->d);
    llv_w s = llv_w_of_b(llv_b_shuffle(x, llv_b_load2(low, low)));
    llv_w t = llv_w_of_b(llv_b_shuffle(x, llv_b_load2(high, high)));
    llv_b lower = llv_b_bits(llv_b_of_w(llv_w_mul(s, llv_w_load2(low_to, low_to))), 4, 15);
    llv_b upper = llv_b_bits(llv_b_of_w(llv_w_mul(t, llv_w_load2(high_to, high_to))), 2, 0x30);
    upper = llv_b_shuffle(upper, llv_b_load2(down, down));
    return llv_w_add(llv_w_of_b(llv_b_or(lower, upper)), llv_w_set(-32));
}
LL_INLINE void llq_iq4_xs_load2(const llq_iq4_xs *b, int j, int offset, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load(b->qs + 16 * j), table = llq_nl_table(offset);
    *lo = llv_b_shuffle(table, llv_b_bits(x, 0, 15)), *hi = llv_b_shuffle(table, llv_b_bits(x, 4, 15));
}
#endif

#if LLV_PANEL
LL_INLINE void llq_iq4_xs_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    llq_lookup_panel(b + 8 + 32 * j, stride, llq_nl_128, w);
    llq_lookup_panel(b + 24 + 32 * j, stride, llq_nl_128, w + 8);
}
LL_INLINE int llq_iq4_xs_run(int j, int i) { return 4 * j + i; }
LL_INLINE void llq_iq4_xs_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b, stride, r);           /* d and high, low */
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const llv_p high = llv_p_and(llv_p_shr(r[0], 12 + 2 * j), llv_p_set(48));
        ll_panel_scale_i(p, j, llv_p_add(llv_p_or(ll_panel_field(r[1], 4 * j, 15), high), llv_p_set(-32)));
    }
    llv_f_store(p->d.f, llv_f_of_halves(r[0]));
}
#endif
