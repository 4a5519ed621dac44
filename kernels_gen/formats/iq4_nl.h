//@ format IQ4_NL id 20 family IQ block 32 bytes 18 codes -127..113 is block32 nibbles panel few signed packs table
/* IQ4_NL: w = d * v[c], and v is not linear
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_iq4_nl { uint8_t d[2], qs[16]; } llq_iq4_nl;

LL_INLINE float llq_iq4_nl_scale(const llq_iq4_nl *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_iq4_nl_codes(const llq_iq4_nl *b, int8_t *c) {
    for (int i = 0; i < 16; i++) c[i] = llq_nl[b->qs[i] & 15], c[16 + i] = llq_nl[b->qs[i] >> 4];
}

#if LL_ONCE
LL_FN void llq_iq4_nl_pack(const float *x, const float *w, llq_iq4_nl *b) {
    const float d = llq_round_f16(llq_fit_scale(x, w, 32, -127, 113, llq_nl)), inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 16; i++)
        b->qs[i] = (uint8_t)(llq_nearest(x[i] * inv, llq_nl) | llq_nearest(x[16 + i] * inv, llq_nl) << 4);
}
#endif

#if LLV_INT
LL_INLINE const uint8_t *llq_iq4_nl_table(void) { return llq_nl_128; }
LL_INLINE void llq_iq4_nl_load2(const llq_iq4_nl *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs), v = llq_nl_table(LLV_S_OFFSET);
    *lo = llv_b_shuffle(v, llv_b_bits(x, 0, 15)), *hi = llv_b_shuffle(v, llv_b_bits(x, 4, 15));
}
#endif
