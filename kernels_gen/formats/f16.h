//@ format F16 id 1 block 1 bytes 2 is float packs
/* F16: IEEE binary16. */
LL_INLINE float llq_f16_get(const uint8_t *p) { return ll_f16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_f16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
LL_INLINE llv_f llq_f16_load(const void *p) { return llv_f_load_f16(p); }

#if LLV_PANEL
LL_INLINE void llq_f16_columns(const uint8_t *p, size_t stride, float *out, size_t step) {
    for (int h = 0; h < 2; h++) {
        llv_p r[4];
        llv_p_rows(p + 16 * h, stride, r);
        LLV_UNROLL for (int i = 0; i < 4; i++) {
            float *pair = out + (size_t)(8 * h + 2 * i) * step;
            llv_f_store(pair, llv_p_f16(r[i]));
            llv_f_store(pair + step, llv_p_f16(llv_p_shr(r[i], 16)));
        }
    }
}
#endif
