/* What the codes in the lower and the upper halves of bytes x stand for. */
LL_INLINE void llq_FMT_halves(llv_z x, llv_z *lo, llv_z *hi) {
//@ if table
    llq_lookup_eights(llq_FMT_table(), x, lo, hi);
//@ else
    *lo = llv_z_low4(x), *hi = llv_z_high4(x);
//@ end
}
/* 256 columns of eight rows: llq_eights. */
LL_INLINE llv_r llq_FMT_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at,
                                const uint8_t *ahead, llv_r acc) {
    const llq_eights *a = (const llq_eights *)g->room + i / 256;
    const ll_step *step = g->step[0] + i / 32;
    static const uint64_t codes[8] = LLQ_EIGHTS(LLQ_NEXT_BYTES, FMT_BYTES, offsetof(llq_FMT, qs));
    const llv_z index = llv_z_load(codes);
    const uint64_t all = ~(uint64_t)0;
    llv_z sum[8];
    llv_i isum[8];
    llv_r d[8], total = llv_r_set(0);
//@ if scale8
    static const uint64_t scales[8] = LLQ_EIGHTS(LLQ_ALIKE_BYTES, FMT_BYTES, 0);
    llv_z scale = llv_z_load(scales);
//@ else
    static const uint64_t scales[8] = LLQ_EIGHTS(LLQ_ALIKE_WORDS, FMT_BYTES, offsetof(llq_FMT, d));
    llv_z scale[2];
    scale[0] = scale[1] = llv_z_load(scales);
//@ end
    LLV_UNROLL for (int l = 0; l < 8; l++) {
        const uint8_t *b = p[l] + at, *c = b + FMT_GROUP - 72;
        llv_z x = llv_z_load(b), y = llv_z_load(c), lo, hi;
        LLV_KEEP(x);
        LLV_KEEP(y);
        if (l % 2 == 0) LLV_UNROLL for (int k = 0; k < 2 * FMT_GROUP; k += 64) LL_PREFETCH(ahead + l * FMT_GROUP + k);
//@ if scale8
        scale = llv_z_bytes2(x, y, scale, LLQ_ALIKE_BYTES(1u) << l);
//@ else
        scale[l / 4] = llv_z_words2(x, y, scale[l / 4], 0x11111111u << l % 4);
//@ end
        llq_FMT_halves(llv_z_bytes2(x, y, index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(a->start, lo, a->q[0]), hi, a->q[2]);
        llq_FMT_halves(llv_z_bytes2(llv_z_load(b + 8), llv_z_load(c + 8), index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(sum[l], lo, a->q[1]), hi, a->q[3]);
    }
    llq_eights_sums(sum, isum);
//@ if scale8
    llv_z_e8m0_half(scale, d);
//@ else
    llv_z_f16(scale[0], scale[1], d);
//@ end
    LLV_UNROLL for (int j = 0; j < 8; j++)
        total = llv_r_fma(llv_r_mul(d[j], llv_r_set(step[j].k)), llv_r_from_i(isum[j]), total);
    return llq_group32(g, i, total, acc);
}
