/* Codes in plain C: as many bytes at once as a register has, and products of two or one at a time. What blocks hold is
 * the same in any order of bytes. */
#if SIZE_MAX > 0xffffffff
typedef uint64_t llq_word;
#else
typedef uint32_t llq_word;
#endif
LL_INLINE llq_word llq_word_load(const void *p) { llq_word x; ll_memcpy(&x, p, sizeof x); return x; }
LL_INLINE void llq_word_store(void *p, llq_word x) { ll_memcpy(p, &x, sizeof x); }
LL_INLINE llq_word llq_word_or(llq_word a, llq_word b) { return a | b; }
/* of each byte (byte >> shift) & mask; shift < 0: to the left; the mask clears what other bytes may shift in */
LL_INLINE llq_word llq_word_bits(llq_word x, int shift, int mask) {
    return (shift >= 0 ? x >> shift : x << -shift) & (llq_word)-1 / 255 * (llq_word)mask;
}
/* of each byte, 0..127, byte - offset */
LL_INLINE llq_word llq_word_minus(llq_word x, int offset) {
    const llq_word ones = (llq_word)-1 / 255;
    return offset ? (x + ones * (llq_word)(128 - offset)) ^ ones * 128 : x;
}

#if LL_DSP
LL_INLINE int32_t llx_even_bytes(uint32_t x) { int32_t y; __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x)); return y; }
LL_INLINE int32_t llx_odd_bytes(uint32_t x) { int32_t y; __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x)); return y; }
LL_INLINE int32_t llx_add_products(int32_t a, int32_t b, int32_t sum) {         /* of two words each */
    __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(a), "r"(b));
    return sum;
}
LL_INLINE int32_t llq_dot(const int8_t *a, const int8_t *b, const int n) {
    int32_t sum = 0;
    LL_UNROLL for (int i = 0; i < n; i += 4) {
        const uint32_t x = llq_word_load(a + i), y = llq_word_load(b + i);
        sum = llx_add_products(llx_even_bytes(x), llx_even_bytes(y), sum);
        sum = llx_add_products(llx_odd_bytes(x), llx_odd_bytes(y), sum);
    }
    return sum;
}
LL_INLINE int32_t llq_dot_key(const uint8_t *w, const int8_t *q, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) {
        const uint32_t x = llq_word_load(w + 64 * i) ^ 0x80808080, y = llq_word_load(q + 4 * i);
        sum = llx_add_products(llx_even_bytes(x), llx_even_bytes(y), sum);
        sum = llx_add_products(llx_odd_bytes(x), llx_odd_bytes(y), sum);
    }
    return sum;
}
#else
LL_INLINE int32_t llq_dot(const int8_t *a, const int8_t *b, const int n) {      /* n: 16 or 32 */
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}
/* A key in Q8, n groups of four codes, 64 bytes apart and more by 128, times as many q. */
LL_INLINE int32_t llq_dot_key(const uint8_t *w, const int8_t *q, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++, w += 64, q += 4)
        sum += (w[0] - 128) * q[0] + (w[1] - 128) * q[1] + (w[2] - 128) * q[2] + (w[3] - 128) * q[3];
    return sum;
}
#endif
/* 16 scales as words, and times the multipliers of each two of them */
LL_INLINE void llq_scales_of(const int8_t *from, int16_t *sc) { for (int j = 0; j < 16; j++) sc[j] = from[j]; }
LL_INLINE void llq_scales_by(int16_t *sc, const int16_t *k) {
    for (int j = 0; j < 16; j++) sc[j] = (int16_t)(sc[j] * k[j / 2]);
}
