/* The fifth bits of Q5_0 and Q5_1: bit i of qh is bit 4 of c[i]. */
LL_INLINE void llq_q5_codes(const uint8_t *qh, const uint8_t *qs, int offset, int8_t *c) {
    const uint32_t h = ll_load_u32(qh);
    for (int i = 0; i < 16; i++) {
        c[i] = (int8_t)((qs[i] & 15) + (int)(h >> i << 4 & 16) - offset);
        c[16 + i] = (int8_t)((qs[i] >> 4) + (int)(h >> i >> 12 & 16) - offset);
    }
}
LL_FN void llq_q5_put(const uint8_t *c, uint8_t *qh, uint8_t *qs) {
    uint32_t h = 0;
    for (int i = 0; i < 32; i++) h |= (uint32_t)(c[i] >> 4) << i;
    for (int i = 0; i < 16; i++) qs[i] = (uint8_t)((c[i] & 15) | (c[16 + i] & 15) << 4);
    ll_store_u32(qh, h);
}

#if LLV_INT
/* Of two blocks; qs lies behind qh. */
LL_INLINE void llq_q5_load2(const uint8_t *qh, const uint8_t *qh2, llv_b *lo, llv_b *hi) {
    static const uint8_t low[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };
    static const uint8_t high[16] = { 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };
    const llv_b x = llv_b_load2(qh + 4, qh2 + 4), h = llv_b_load2(qh, qh2);
    *lo = llv_b_flag(llv_b_bits(x, 0, 15), llv_b_shuffle(h, llv_b_load2(low, low)), 16);
    *hi = llv_b_flag(llv_b_bits(x, 4, 15), llv_b_shuffle(h, llv_b_load2(high, high)), 16);
}
#endif
#if LLV_PANEL
/* Of sixteen rows. A product brings four bits to the four bytes of a lane. */
LL_INLINE void llq_q5_panel(const uint8_t *qh, size_t stride, llv_p w[8]) {
    llv_p h[4];
    llq_nibbles_panel(qh + 4, stride, w);
    llv_p_rows(qh, stride, h);
    LLV_UNROLL for (int i = 0; i < 8; i++) {
        const llv_p spread = llv_p_mul(ll_panel_field(h[0], 4 * i, 15), llv_p_set(0x02040810));
        w[i] = llv_p_or(w[i], llv_p_and(spread, llv_p_set(0x10101010)));
    }
}
#endif

