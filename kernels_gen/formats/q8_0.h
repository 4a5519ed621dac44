//@ format Q8_0 id 8 block 32 bytes 34 codes -128..127 is block32 panel few signed packs
/* Q8_0: w = d * c
 *
 *   byte 0 1 | 2 ... 33
 *        d   | c[0..31]            d: f16, c: signed bytes */
typedef struct llq_q8_0 { uint8_t d[2]; int8_t c[32]; } llq_q8_0;

LL_INLINE float llq_q8_0_scale(const llq_q8_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q8_0_codes(const llq_q8_0 *b, int8_t *c) { memcpy(c, b[0].c, 32); }

#if LL_ONCE
LL_FN void llq_q8_0_pack(const float *x, const float *w, llq_q8_0 *b) {
    float max = llq_max_abs(x, 32), d = max / 127.0f, inv = llq_inverse(d);
    (void)w;                            /* so fine that no other scale is worth a search */
    llq_put_f16(b->d, d);
    for (int i = 0; i < 32; i++) b->c[i] = (int8_t)ll_roundf(x[i] * inv);
}
#endif

#if LLV_INT
LL_INLINE void llq_q8_0_load2(const llq_q8_0 *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b offset = llv_b_set(LLV_S_OFFSET);               /* 128 is added by xor */
    *lo = llv_b_xor(llv_b_load2(b[j].c, b[j + 1].c), offset);
    *hi = llv_b_xor(llv_b_load2(b[j].c + 16, b[j + 1].c + 16), offset);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q8_0_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
    llv_p_rows(b + 2, stride, w), llv_p_rows(b + 18, stride, w + 4);
    LLV_UNROLL for (int i = 0; i < 8; i++) w[i] = llv_p_xor(w[i], llv_p_set((int32_t)0x80808080));
}
#endif
