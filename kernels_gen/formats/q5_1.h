//@ format Q5_1 id 7 family LEGACY block 32 bytes 24 codes 0..31 is block32 panel min packs calls
/* Q5_1: w = d * c + m
 *
 *   byte 0 1 | 2 3 | 4 ... 7                   | 8 ... 23
 *        d   | m   | qh: bit i = bit 4 of c[i] | qs[i] = c[i] & 15 | (c[16 + i] & 15) << 4 */
typedef struct llq_q5_1 { uint8_t d[2], m[2], qh[4], qs[16]; } llq_q5_1;

LL_INLINE float llq_q5_1_scale(const llq_q5_1 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q5_1_min(const llq_q5_1 *b) { return ll_f16_to_f32(ll_load_u16(b->m)); }
LL_INLINE void llq_q5_1_codes(const llq_q5_1 *b, int8_t *c) { llq_q5_codes(b->qh, b->qs, 0, c); }

#if LL_ONCE
LL_FN void llq_q5_1_pack(const float *x, const float *w, llq_q5_1 *b) {
    uint8_t c[32];
    llq_span(x, w, 31, b->d, b->m, c);
    llq_q5_put(c, b->qh, b->qs);
}
#endif

#if LLV_INT
LL_INLINE void llq_q5_1_load2(const llq_q5_1 *b, int j, llv_b *lo, llv_b *hi) {
    llq_q5_load2(b[j].qh, b[j + 1].qh, lo, hi);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_1_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_q5_panel(b + 4, stride, w); }
#endif
