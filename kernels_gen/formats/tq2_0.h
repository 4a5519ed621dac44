//@ format TQ2_0 id 35 family TERNARY block 256 bytes 66 codes 0..2 offset 1 scales 1..1 is block256 panel plain short packs
/* TQ2_0: w = d * (c - 1)
 *
 *   byte 0 ... 63                | 64 65
 *        qs: two bits, as Q2_K's | d */
typedef struct llq_tq2_0 { uint8_t qs[64], d[2]; } llq_tq2_0;

LL_INLINE float llq_tq2_0_scale(const llq_tq2_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_tq2_0_codes(const llq_tq2_0 *b, int8_t *c) { llq_twos_codes(b->qs, 1, c); }

#if LL_ONCE
LL_FN void llq_tq2_0_pack(const float *x, const float *w, llq_tq2_0 *b) {
    int8_t c[256];
    llq_put_f16(b->d, llq_ternary(x, w, c));
    llq_twos_pack(c, 1, b->qs);
}
#endif

#if LLV_INT
LL_INLINE llv_b llq_tq2_0_load(const llq_tq2_0 *b, int j) { return llq_twos_load(b->qs, j); }
#endif

#if LLV_PANEL
LL_INLINE void llq_tq2_0_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) { llq_twos_panel(b, stride, j, w); }
LL_INLINE int llq_tq2_0_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_tq2_0_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, llv_p_set(1));
    llv_f_store(p->d.f, ll_panel_f16(b + 64, stride));
}
#endif
