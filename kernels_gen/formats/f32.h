//@ format F32 id 0 block 1 bytes 4 holds 0 is float packs always
/* F32: a plain IEEE binary32. */
LL_INLINE float llq_f32_get(const uint8_t *p) { return ll_load_f32(p); }
LL_INLINE void llq_f32_put(uint8_t *p, float x) { ll_store_u32(p, ll_f32_to_bits(x)); }
LL_INLINE llv_part llq_f32_load(const void *p) { return llv_part_load(p); }
