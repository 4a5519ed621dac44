/* Blocks of 32 codes of four bits, as most formats keep them: qs[i] = c[i] | c[16 + i] << 4. */
#if LLV_PANEL
/* Of sixteen rows, `stride` bytes apart. */
LL_INLINE void llq_nibbles_panel(const uint8_t *qs, size_t stride, llv_p w[8]) {
    llv_p r[4];
    llv_p_rows(qs, stride, r);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        w[i] = ll_panel_bits(r[i], 0, 15), w[4 + i] = ll_panel_bits(r[i], 4, 15);
}
/* The same, then what the codes stand for. */
LL_INLINE void llq_lookup_panel(const uint8_t *qs, size_t stride, const uint8_t *table, llv_p w[8]) {
    llq_nibbles_panel(qs, stride, w);
    LLV_UNROLL for (int i = 0; i < 8; i++) w[i] = llv_p_lookup(table, w[i]);
}
#endif

