/* Codes on M-profile's vectors of integers: sixteen bytes at once. Floats stay with the scalar unit: its vectors flush
 * what is tiny, whatever is set. */
typedef uint8x16_t llq_word;
LL_INLINE llq_word llq_word_load(const void *p) { return vldrbq_u8((const uint8_t *)p); }
LL_INLINE void llq_word_store(void *p, llq_word x) { vstrbq_u8((uint8_t *)p, x); }
LL_INLINE llq_word llq_word_or(llq_word a, llq_word b) { return vorrq_u8(a, b); }
LL_INLINE llq_word llq_word_bits(llq_word x, int shift, int mask) {
    const int left = 255 & (shift >= 0 ? 255 >> shift : 255 << -shift);
    x = shift >= 0 ? x >> (uint8_t)shift : x << (uint8_t)-shift;
    return (left & mask) == left ? x : vandq_u8(x, vdupq_n_u8((uint8_t)mask));
}
LL_INLINE llq_word llq_word_minus(llq_word x, int offset) { return offset ? vsubq_n_u8(x, (uint8_t)offset) : x; }
LL_INLINE int32_t llq_word_dot(llq_word w, const int8_t *q) {
    int32_t sum = vmladavq_s8(vreinterpretq_s8_u8(w), vldrbq_s8(q));
    __asm__ volatile("" : "+r"(sum) : : "memory");      /* gcc -O2 would first load and unpack all, into memory: half again */
    return sum;
}
LL_INLINE int32_t llq_dot(const int8_t *a, const int8_t *b, const int n) {
    int32_t sum = vmladavq_s8(vldrbq_s8(a), vldrbq_s8(b));
    return n == 32 ? vmladavaq_s8(sum, vldrbq_s8(a + 16), vldrbq_s8(b + 16)) : sum;
}
LL_INLINE int32_t llq_dot_key(const uint8_t *w, const int8_t *q, int n) {
    const uint32x4_t at = vmulq_n_u32(vidupq_n_u32(0, 1), 64);
    int32_t sum = 0;
    for (int i = 0; i < n; i += 4) {
        const uint32x4_t x = veorq_u32(vldrwq_gather_offset_u32((const uint32_t *)(const void *)(w + 64 * i), at), vdupq_n_u32(0x80808080));
        sum = vmladavaq_s8(sum, vreinterpretq_s8_u32(x), vldrbq_s8(q + 4 * i));
    }
    return sum;
}
/* 16 scales as words, and times the multipliers of each two of them */
LL_INLINE void llq_scales_of(const int8_t *from, int16_t *sc) {
    vst1q_s16(sc, vldrbq_s16(from)), vst1q_s16(sc + 8, vldrbq_s16(from + 8));
}
LL_INLINE void llq_scales_by(int16_t *sc, const int16_t *k) {
    const uint16x8_t twice = vshrq_n_u16(vidupq_n_u16(0, 1), 1);
    vst1q_s16(sc, vmulq_s16(vld1q_s16(sc), vldrhq_gather_shifted_offset_s16(k, twice)));
    vst1q_s16(sc + 8, vmulq_s16(vld1q_s16(sc + 8), vldrhq_gather_shifted_offset_s16(k + 4, twice)));
}
