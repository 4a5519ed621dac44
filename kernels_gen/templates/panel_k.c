#if LLV_PANEL
/* llq_k_scales for 16 rows, with d and dmin: the first 16 bytes of a block. */
LL_INLINE void llq_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], m[8];
    llv_p_rows(b, stride, r);
    llv_f_store(p->d.f, llv_p_f16(r[0]));
    llv_f_store(p->dmin.f, llv_f_mul(llv_p_f16(llv_p_shr(r[0], 16)), llv_f_set(-1)));
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        llv_p high = llv_p_shl(ll_panel_field(r[1], 8 * j + 6, 3), 4);
        ll_panel_scale_i(p, j, ll_panel_field(r[1], 8 * j, 63));
        ll_panel_scale_i(p, 4 + j, llv_p_or(ll_panel_field(r[3], 8 * j, 15), high));
        high = llv_p_shl(ll_panel_field(r[2], 8 * j + 6, 3), 4);
        m[j] = ll_panel_field(r[2], 8 * j, 63);
        m[4 + j] = llv_p_or(ll_panel_field(r[3], 8 * j + 4, 15), high);
    }
    LLV_UNROLL for (int j = 0; j < 4; j++)
        llv_p_store(p->min[j].i, llv_p_or(m[2 * j], llv_p_shl(m[2 * j + 1], 16)));
}
#endif

