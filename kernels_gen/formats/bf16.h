//@ format BF16 id 30 block 1 bytes 2 holds 3.39617733e38f is float packs
/* BF16: the upper half of a binary32. The next float beyond what it holds rounds to infinity. */
LL_INLINE float llq_bf16_get(const uint8_t *p) { return ll_bf16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_bf16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_bf16(x)); }
LL_INLINE llv_part llq_bf16_load(const void *p) { return llv_part_load_bf16(p); }
