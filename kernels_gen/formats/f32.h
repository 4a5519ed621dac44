//@ format F32 id 0 block 1 bytes 4 is float packs always
/* F32: a plain IEEE binary32. */
LL_INLINE float llq_f32_get(const uint8_t *p) { return ll_load_f32(p); }
LL_INLINE void llq_f32_put(uint8_t *p, float x) { ll_store_u32(p, ll_f32_to_bits(x)); }
LL_INLINE llv_f llq_f32_load(const void *p) { return llv_f_load(p); }

#if LLV_PANEL
LL_INLINE void llq_f32_columns(const uint8_t *p, size_t stride, float *out, size_t step) {
    for (int h = 0; h < 4; h++) {
        llv_p r[4];
        llv_p_rows(p + 16 * h, stride, r);
        LLV_UNROLL for (int i = 0; i < 4; i++) llv_p_store(out + (size_t)(4 * h + i) * step, r[i]);
    }
}
#endif
