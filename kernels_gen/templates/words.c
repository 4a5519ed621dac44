#if LL_ONCE
#if LL_MVE
//@ include isa/mve.h
#else
//@ include isa/words.h
#endif
#if LL_VFP
//@ include isa/vfp.h
#endif
enum { LLQ_WORD = sizeof(llq_word) };   /* bytes */

/* n bytes of two codes of four bits each, less an offset: the lower ones to low, the upper ones to high */
LL_INLINE void llq_nibble_codes(const uint8_t *s, const int n, int offset, int8_t *low, int8_t *high) {
    for (int i = 0; i < n; i += LLQ_WORD) {
        const llq_word x = llq_word_load(s + i);
        llq_word_store(low + i, llq_word_minus(llq_word_bits(x, 0, 15), offset));
        llq_word_store(high + i, llq_word_minus(llq_word_bits(x, 4, 15), offset));
    }
}
#endif

