/* The eight 6-bit scales and minima of Q4_K and Q5_K, each for 32 weights, in 12 bytes:
 *
 *   byte 0..3: sc[0..3] | (sc[4..7] >> 4) << 6
 *   byte 4..7:  m[0..3] | ( m[4..7] >> 4) << 6
 *   byte 8..11: sc[4..7] & 15 | (m[4..7] & 15) << 4 */
LL_FN void llq_k_scales(const uint8_t *s, int16_t *sc, int16_t *m) {
    for (int j = 0; j < 4; j++) {
        int hi_sc = (s[8 + j] & 15) | s[j] >> 6 << 4, hi_m = s[8 + j] >> 4 | s[4 + j] >> 6 << 4;
        sc[2 * j] = sc[2 * j + 1] = s[j] & 63;
        m[2 * j] = m[2 * j + 1] = s[4 + j] & 63;
        sc[8 + 2 * j] = sc[9 + 2 * j] = (int16_t)hi_sc;
        m[8 + 2 * j] = m[9 + 2 * j] = (int16_t)hi_m;
    }
}

LL_FN void llq_k_pack_scales(const int *sc, const int *m, uint8_t *s) {
    for (int j = 0; j < 4; j++) {
        s[j] = (uint8_t)(sc[j] | sc[4 + j] >> 4 << 6);
        s[4 + j] = (uint8_t)(m[j] | m[4 + j] >> 4 << 6);
        s[8 + j] = (uint8_t)((sc[4 + j] & 15) | (m[4 + j] & 15) << 4);
    }
}

#if LLV_INT
/* llq_k_scales for two blocks at once, one in each half; Z: index of a zero byte. */
LL_INLINE void llq_k_load_scales(const uint8_t *b, const uint8_t *b4, llv_w *sc, llv_w *m) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, Z, Z, Z, Z };
    static const uint8_t keep[16] = { 63, 63, 63, 63, 15, 15, 15, 15, 63, 63, 63, 63, 0, 0, 0, 0 };
    static const uint8_t low_m[16] = { Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, 12, 13, 14, 15 };
    static const uint8_t high[16] = { Z, Z, Z, Z, 4, 5, 6, 7, Z, Z, Z, Z, 8, 9, 10, 11 };
    const llv_b x = llv_b_load2(b, b4);             /* d dmin, then the 12 bytes: from byte 4 on */
    llv_b s = llv_b_and(llv_b_shuffle(x, llv_b_load2(low, low)), llv_b_load2(keep, keep));
    s = llv_b_or(s, llv_b_shuffle(llv_b_bits(x, 4, 15), llv_b_load2(low_m, low_m)));
    s = llv_b_or(s, llv_b_bits(llv_b_shuffle(x, llv_b_load2(high, high)), 2, 0x30));
    *sc = llv_w_from_low(s), *m = llv_w_from_high(s);
}
#endif

#if LLV_PANEL
/* The same of sixteen rows, each in a lane. Before the 12 bytes stand d and dmin. */
LL_INLINE void llq_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], sc[2], m[2];            /* four scales to a lane, a byte each */
    llv_p_rows(b, stride, r);
    llv_f_store(p->d.f, llv_f_of_halves(r[0]));
    llv_f_store(p->dmin.f, llv_f_mul(llv_f_of_halves(llv_p_shr(r[0], 16)), llv_f_set(-1)));
    sc[0] = ll_panel_bits(r[1], 0, 63), sc[1] = llv_p_or(ll_panel_bits(r[3], 0, 15), ll_panel_bits(r[1], 2, 48));
    m[0] = ll_panel_bits(r[2], 0, 63), m[1] = llv_p_or(ll_panel_bits(r[3], 4, 15), ll_panel_bits(r[2], 2, 48));
    LLV_UNROLL for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, ll_panel_field(sc[j / 4], j % 4 * 8, 255));
    LLV_UNROLL for (int j = 0; j < 4; j++) ll_panel_mins(p, j, m[j / 2], j % 2 * 2);
}
#endif
