/* What the 4-bit codes of IQ4_NL stand for, and those of MXFP4 and NVFP4: twice the numbers of one
 * sign bit, two of exponent, one of mantissa. */
LL_INLINE const int8_t *llq_iq4_values(void) {
    static const int8_t v[16] = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };
    return v;
}
LL_INLINE const int8_t *llq_fp4_values(void) {
    static const int8_t v[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
    return v;
}
#if LLV_INT
/* For 4-bit codes: LLV_S_OFFSET more than those; 12 more than these. */
LL_INLINE llv_b llq_iq4_lookup(llv_b c) {
    const llv_b v = llv_b_load2(llq_iq4_values(), llq_iq4_values());
    return llv_b_shuffle(llv_b_xor(v, llv_b_set(LLV_S_OFFSET)), c);
}
LL_INLINE llv_b llq_fp4_lookup(llv_b c) {
    static const uint8_t v[16] = { 12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0 };
    return llv_b_shuffle(llv_b_load2(v, v), c);
}
#endif

