
/* Two bits each, as Q2_K, Q3_K and TQ2_0 keep them: two halves of 128 weights alike; in each the
 * byte s[l] is c[l] | c[32 + l] << 2 | c[64 + l] << 4 | c[96 + l] << 6             l = 0..31 */
LL_FN void llq_twos_codes(const uint8_t *s, int offset, int8_t *c) {
    for (int i = 0; i < 256; i += LLQ_WORD) {
        const llq_word x = llq_word_load(s + i / 128 * 32 + i % 32);
        llq_word_store(c + i, llq_word_minus(llq_word_bits(x, i / 32 % 4 * 2, 3), offset));
    }
}
LL_FN void llq_twos_pack(const int8_t *c, int offset, uint8_t *s) {
    memset(s, 0, 64);
    for (int i = 0; i < 256; i++)
        s[i / 128 * 32 + i % 32] |= (uint8_t)(((c[i] + offset) & 3) << (i / 32 % 4 * 2));
}
#if LLV_INT
LL_INLINE llv_b llq_twos_load(const uint8_t *s, int j) {
    return llv_b_bits(llv_b_load(s + j / 4 * 32), j % 4 * 2, 3);
}
#endif
#if LLV_PANEL
/* Sixteen columns of each quarter of a half: number j % 2 of half j / 2. */
LL_INLINE int llq_quarters_run(int j, int i) { return j / 2 * 8 + 2 * i + j % 2; }
LL_INLINE void llq_twos_panel(const uint8_t *s, size_t stride, int j, llv_p w[16]) {
    llv_p r[4];
    llv_p_rows(s + 16 * j, stride, r);
    LLV_UNROLL for (int i = 0; i < 16; i++) w[i] = ll_panel_bits(r[i % 4], i / 4 * 2, 3);
}
#endif

