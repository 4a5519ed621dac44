//@ format Q4_1 id 3 family LEGACY block 32 bytes 20 codes 0..15 is block32 panel few min packs calls
/* Q4_1: w = d * c + m
 *
 *   byte 0 1 | 2 3 | 4 ... 19
 *        d   | m   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_q4_1 { uint8_t d[2], m[2], qs[16]; } llq_q4_1;

LL_INLINE float llq_q4_1_scale(const llq_q4_1 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q4_1_min(const llq_q4_1 *b) { return ll_f16_to_f32(ll_load_u16(b->m)); }
LL_INLINE void llq_q4_1_codes(const llq_q4_1 *b, int8_t *c) {
    llq_nibble_codes(b->qs, 16, 0, c, c + 16);
}

#if LL_ONCE
LL_FN void llq_q4_1_pack(const float *x, const float *w, llq_q4_1 *b) {
    uint8_t c[32];
    llq_span(x, w, 15, b->d, b->m, c);
    for (int i = 0; i < 16; i++) b->qs[i] = (uint8_t)(c[i] | c[16 + i] << 4);
}
#endif

#if LLV_INT
LL_INLINE void llq_q4_1_load2(const llq_q4_1 *b, int j, llv_b *lo, llv_b *hi) {
    llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llv_b_bits(x, 0, 15), *hi = llv_b_bits(x, 4, 15);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q4_1_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_nibbles_panel(b + 4, stride, w); }
#endif
