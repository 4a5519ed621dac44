//@ format F16 id 1 block 1 bytes 2 holds 65519.996f is float packs
/* F16: IEEE binary16. From 65520 on it rounds to infinity. */
LL_INLINE float llq_f16_get(const uint8_t *p) { return ll_f16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_f16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
LL_INLINE llv_part llq_f16_load(const void *p) { return llv_part_load_f16(p); }
