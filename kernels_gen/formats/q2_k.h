//@ format Q2_K id 10 family K block 256 bytes 84 codes 0..3 scales 0..15 mins 0..15 is block256 panel sub16 min folds packs
/* Q2_K: w = d * sc[j] * c - dmin * m[j], j = index / 16. Two halves of 128 weights alike; in each
 * the byte qs[l] is c[l] | c[32 + l] << 2 | c[64 + l] << 4 | c[96 + l] << 6        l = 0..31
 *
 *   byte 0 ... 15         | 16 ... 79 | 80 81 | 82 83
 *        sc[j] | m[j] << 4 | qs        | d     | dmin */
typedef struct llq_q2_k { uint8_t scales[16], qs[64], d[2], dmin[2]; } llq_q2_k;

LL_INLINE float llq_q2_k_scale(const llq_q2_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q2_k_min(const llq_q2_k *b) { return ll_f16_to_f32(ll_load_u16(b->dmin)); }
LL_INLINE void llq_q2_k_scales(const llq_q2_k *b, int16_t *sc, int16_t *m) {
    for (int j = 0; j < 16; j++) sc[j] = b->scales[j] & 15, m[j] = b->scales[j] >> 4;
}
LL_INLINE void llq_q2_k_codes(const llq_q2_k *b, int8_t *c) { llq_twos_codes(b->qs, 0, c); }

#if LL_ONCE
LL_FN void llq_q2_k_pack(const float *x, const float *w, llq_q2_k *b) {
    llq_super s = { 16, 0, 3, 0, 15, 15, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, true);
    llq_put_f16(b->d, s.d), llq_put_f16(b->dmin, s.dmin);
    for (int j = 0; j < 16; j++) b->scales[j] = (uint8_t)(s.sc[j] | s.m[j] << 4);
    llq_twos_pack(s.c, 0, b->qs);
}
#endif

#if LLV_INT
LL_INLINE void llq_q2_k_load_scales(const llq_q2_k *b, llv_w *sc, llv_w *m) {
    const llv_b x = llv_b_load2(b->scales, b->scales + 8);      /* of each half the lower 8 bytes count */
    *sc = llv_w_from_low(llv_b_bits(x, 0, 15)), *m = llv_w_from_low(llv_b_bits(x, 4, 15));
}
LL_INLINE llv_b llq_q2_k_load(const llq_q2_k *b, int j) { return llq_twos_load(b->qs, j); }
#endif

#if LLV_PANEL
LL_INLINE void llq_q2_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) { llq_twos_panel(b + 16, stride, j, w); }
LL_INLINE int llq_q2_k_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_q2_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b, stride, r);
    LLV_UNROLL for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, ll_panel_field(r[j / 4], j % 4 * 8, 15));
    LLV_UNROLL for (int j = 0; j < 8; j++) ll_panel_mins(p, j, ll_panel_bits(r[j / 2], 4, 15), j % 2 * 2);
    llv_f_store(p->d.f, ll_panel_f16(b + 80, stride));
    llv_f_store(p->dmin.f, llv_f_mul(ll_panel_f16(b + 82, stride), llv_f_set(-1)));
}
#endif
