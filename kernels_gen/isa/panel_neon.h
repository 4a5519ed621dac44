
/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number.
 * (kernels_gen/isa/scalar_panel.h defines these, lane by lane.) */

#define LLV_PANEL 1
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4                 /* sums fill 16 registers of 32 */
#if LL_I8MM
#define LLV_ANY_BITS 1
#define LLV_BIAS8(bias) (bias)
#else
#define LLV_ANY_BITS 0                  /* products are of signed bytes: codes of 8 bits are taken - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)
#endif

//@ include isa/panel_halves.h
LL_INLINE llv_p llv_p_four(const void *p) { return llv_p_set((int32_t)llx_four(p)); }
LL_INLINE llv_b llx_shift8(llv_b a, int n) {    /* n < 0: to the right */
    const int32x4_t s = vdupq_n_s32(n);
    return llx_b_pair(vreinterpretq_u8_u32(vshlq_u32(LLX_U32(a.lo), s)), vreinterpretq_u8_u32(vshlq_u32(LLX_U32(a.hi), s)));
}
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llx_p_pair(llx_shift8(a.lo, n), llx_shift8(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llx_p_pair(llx_shift8(a.lo, -n), llx_shift8(a.hi, -n)); }
LL_INLINE llv_b llx_look(uint8x16_t t, llv_b i) { return llx_b_pair(vqtbl1q_u8(t, i.lo), vqtbl1q_u8(t, i.hi)); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const uint8x16_t t = llx_load16(table);
    return llx_p_pair(llx_look(t, i.lo), llx_look(t, i.hi));
}
LL_INLINE llv_b llx_top8(llv_b a) { return llx_i_pair(vshrq_n_s32(LLX_S32(a.lo), 24), vshrq_n_s32(LLX_S32(a.hi), 24)); }
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    a = llv_p_shl(a, 24 - 8 * i);
    return llx_p_pair(llx_top8(a.lo), llx_top8(a.hi));
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) { return llv_p_add(acc, LLV_P_EACH(llv_w_dot)); }
LL_INLINE llv_f llv_p_float(llv_p a) { return llv_f_pair(llv_r_from_i(a.lo), llv_r_from_i(a.hi)); }
LL_INLINE llv_f llv_f_f16(const uint8_t *const *p, size_t at) {
    return llv_f_pair(llx_r_of_f16(llx_twos(p, at)), llx_r_of_f16(llx_twos(p + 8, at)));
}
LL_INLINE llv_r llx_r_of_halves(llv_b a) {
    return llx_r_pair(llx_f16_4(vmovn_u32(LLX_U32(a.lo))), llx_f16_4(vmovn_u32(LLX_U32(a.hi))));
}
LL_INLINE llv_f llv_f_of_halves(llv_p a) { return llv_f_pair(llx_r_of_halves(a.lo), llx_r_of_halves(a.hi)); }

LL_INLINE void llx_p_rows4(const uint8_t *p, size_t stride, uint8x16_t out[4]) {
    const uint32x4_t a = LLX_U32(llx_load16(p)), b = LLX_U32(llx_load16(p + stride));
    const uint32x4_t c = LLX_U32(llx_load16(p + 2 * stride)), d = LLX_U32(llx_load16(p + 3 * stride));
    const uint8x16_t ab = vreinterpretq_u8_u32(vzip1q_u32(a, b)), ab2 = vreinterpretq_u8_u32(vzip2q_u32(a, b));
    const uint8x16_t cd = vreinterpretq_u8_u32(vzip1q_u32(c, d)), cd2 = vreinterpretq_u8_u32(vzip2q_u32(c, d));
    out[0] = llx_lows8(ab, cd), out[1] = llx_highs8(ab, cd);
    out[2] = llx_lows8(ab2, cd2), out[3] = llx_highs8(ab2, cd2);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    uint8x16_t r[4][4];
    LLV_UNROLL for (int i = 0; i < 4; i++) llx_p_rows4(p + (size_t)(4 * i) * stride, stride, r[i]);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        out[i] = llx_p_pair(llx_b_pair(r[0][i], r[1][i]), llx_b_pair(r[2][i], r[3][i]));
}

LL_INLINE llv_p llv_p_of_words(const int16_t *p) { return llx_p_pair(llv_i_from_w(p), llv_i_from_w(p + 8)); }

LL_INLINE uint8x16_t llx_pair_sums4(uint8x16_t a) {
    return vreinterpretq_u8_u32(vaddq_u32(LLX_U32(a), vreinterpretq_u32_u64(vshrq_n_u64(LLX_U64(a), 32))));
}
LL_INLINE llv_p llv_p_pair_sums(llv_p a) {
    return llx_p_pair(llx_b_pair(llx_pair_sums4(a.lo.lo), llx_pair_sums4(a.lo.hi)),
                      llx_b_pair(llx_pair_sums4(a.hi.lo), llx_pair_sums4(a.hi.hi)));
}

#if LL_I8MM
/* Sixteen bytes of a panel are eight columns of two rows, and usmmla multiplies them with two vectors: both rows with the
 * first and the second, four sums. */
LL_INLINE void llx_p_pairs(uint8_t *p, llv_b a, llv_b b) {
    llx_store16(p, vreinterpretq_u8_u32(vzip1q_u32(LLX_U32(a.lo), LLX_U32(b.lo))));
    llx_store16(p + 16, vreinterpretq_u8_u32(vzip2q_u32(LLX_U32(a.lo), LLX_U32(b.lo))));
    llx_store16(p + 32, vreinterpretq_u8_u32(vzip1q_u32(LLX_U32(a.hi), LLX_U32(b.hi))));
    llx_store16(p + 48, vreinterpretq_u8_u32(vzip2q_u32(LLX_U32(a.hi), LLX_U32(b.hi))));
}
LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llx_p_pairs(p, a.lo, b.lo), llx_p_pairs(p + 64, a.hi, b.hi); }

LL_INLINE void llx_p_dots_of_2(llv_b *x, llv_b *y, int32x4_t *to) {     /* sums of two vectors, and back */
    to[0] = vzip1q_s32(LLX_S32(x->lo), LLX_S32(y->lo)), to[1] = vzip2q_s32(LLX_S32(x->lo), LLX_S32(y->lo));
    to[2] = vzip1q_s32(LLX_S32(x->hi), LLX_S32(y->hi)), to[3] = vzip2q_s32(LLX_S32(x->hi), LLX_S32(y->hi));
}
LL_INLINE void llx_p_dots_apart(const int32x4_t *from, llv_b *x, llv_b *y) {
    *x = llx_i_pair(vuzp1q_s32(from[0], from[1]), vuzp1q_s32(from[2], from[3]));
    *y = llx_i_pair(vuzp2q_s32(from[0], from[1]), vuzp2q_s32(from[2], from[3]));
}
LL_INLINE void llx_p_dots_one(llv_p *acc, const uint8_t *w, const int8_t *q, int n) {
    int32x4_t a[8];
    LLV_UNROLL for (int r = 0; r < 8; r++) a[r] = vdupq_n_s32(0);
    LLV_ROLL for (int g = 0; g < n; g += 2) {
        const int8x8_t x = vld1_s8(q + 4 * g);
        LLV_UNROLL for (int r = 0; r < 8; r++)
            a[r] = LL_VUSDOTQ(a[r], llx_load16(w + 64 * g + 16 * r), vcombine_s8(x, x));
    }
    acc->lo = llv_i_add(acc->lo, llx_i_pair(vpaddq_s32(a[0], a[1]), vpaddq_s32(a[2], a[3])));
    acc->hi = llv_i_add(acc->hi, llx_i_pair(vpaddq_s32(a[4], a[5]), vpaddq_s32(a[6], a[7])));
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    int32x4_t a[LLV_TILE_VECS / 2][8];
    (void)w_step, (void)bits, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs / 2; v++) {
        llx_p_dots_of_2(&acc[2 * v].lo, &acc[2 * v + 1].lo, a[v]);
        llx_p_dots_of_2(&acc[2 * v].hi, &acc[2 * v + 1].hi, a[v] + 4);
    }
    if (n_vecs > 1) LLV_ROLL for (int g = 0; g < n; g += 2) {
        int8x16_t x[LLV_TILE_VECS / 2];
        LLV_UNROLL for (int v = 0; v < n_vecs / 2; v++)
            x[v] = vcombine_s8(vld1_s8(q[2 * v] + 4 * g), vld1_s8(q[2 * v + 1] + 4 * g));
        LLV_UNROLL for (int r = 0; r < 8; r++) {
            const uint8x16_t c = llx_load16(w + 64 * g + 16 * r);
            LLV_UNROLL for (int v = 0; v < n_vecs / 2; v++) a[v][r] = LL_VUSMMLAQ(a[v][r], c, x[v]);
        }
    }
    LLV_UNROLL for (int v = 0; v < n_vecs / 2; v++) {
        llx_p_dots_apart(a[v], &acc[2 * v].lo, &acc[2 * v + 1].lo);
        llx_p_dots_apart(a[v] + 4, &acc[2 * v].hi, &acc[2 * v + 1].hi);
    }
    if (n_vecs % 2) llx_p_dots_one(acc + n_vecs - 1, w, q[n_vecs - 1], n);
}
#else
LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }

/* Sixteen bytes of a panel: four columns of four rows. */
LL_INLINE int8x16_t llx_p_codes(const uint8_t *w, int bits) {
    const uint8x16_t c = llx_load16(w);
    return LLX_S8(bits == 8 ? veorq_u8(c, vdupq_n_u8(128)) : c);
}

#if LL_DOTPROD
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    int32x4_t a[LLV_TILE_VECS][4];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
        a[v][0] = LLX_S32(acc[v].lo.lo), a[v][1] = LLX_S32(acc[v].lo.hi);
        a[v][2] = LLX_S32(acc[v].hi.lo), a[v][3] = LLX_S32(acc[v].hi.hi);
    }
    LLV_ROLL for (int g = 0; g < n; g += 2) {
        int8x8_t x[LLV_TILE_VECS];              /* of eight columns; sdot takes one half for all rows */
        int8x16_t c[4];
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) x[v] = vld1_s8(q[v] + 4 * g);
        LLV_UNROLL for (int r = 0; r < 4; r++) c[r] = llx_p_codes(w + 64 * g + 16 * r, bits);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int r = 0; r < 4; r++) a[v][r] = LL_VDOTQ_LANE(a[v][r], c[r], x[v], 0);
        LLV_UNROLL for (int r = 0; r < 4; r++) c[r] = llx_p_codes(w + 64 * g + 64 + 16 * r, bits);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int r = 0; r < 4; r++) a[v][r] = LL_VDOTQ_LANE(a[v][r], c[r], x[v], 1);
    }
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        acc[v] = llx_p_pair(llx_i_pair(a[v][0], a[v][1]), llx_i_pair(a[v][2], a[v][3]));
}
#else
/* Four rows of sums, from products of 16 bits: those of a row stand side by side, two rows in each half. */
LL_INLINE int32x4_t llx_p_widen(int32x4_t acc, int16x8_t lo, int16x8_t hi) {
    return vaddq_s32(acc, vpaddq_s32(vpaddlq_s16(lo), vpaddlq_s16(hi)));
}
/* Eight rows x 4 vectors of 8-bit codes: 16 bits hold two products, so that sums are of 32. */
LL_INLINE void llx_p_dots8_wide(llv_b *acc, const uint8_t *w, const int8_t *const *q, int n, int n_vecs) {
    int32x4_t t[LLV_TILE_VECS][4];
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) LLV_UNROLL for (int r = 0; r < 4; r++) t[v][r] = vdupq_n_s32(0);
    LLV_ROLL for (int g = 0; g < n; g += 2) {
        const int8x16_t a = llx_p_codes(w + 64 * g, 8), b = llx_p_codes(w + 64 * g + 16, 8);
        const int8x16_t c = llx_p_codes(w + 64 * g + 64, 8), d = llx_p_codes(w + 64 * g + 80, 8);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const int8x16_t x = LLX_S8(llx_four_times(llx_four(q[v] + 4 * g)));
            const int8x16_t y = LLX_S8(llx_four_times(llx_four(q[v] + 4 * g + 4)));
            const int8x8_t x8 = vget_low_s8(x), y8 = vget_low_s8(y);
            t[v][0] = vpadalq_s16(t[v][0], vmlal_s8(vmull_s8(vget_low_s8(a), x8), vget_low_s8(c), y8));
            t[v][1] = vpadalq_s16(t[v][1], vmlal_high_s8(vmull_high_s8(a, x), c, y));
            t[v][2] = vpadalq_s16(t[v][2], vmlal_s8(vmull_s8(vget_low_s8(b), x8), vget_low_s8(d), y8));
            t[v][3] = vpadalq_s16(t[v][3], vmlal_high_s8(vmull_high_s8(b, x), d, y));
        }
    }
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        acc[v] = llv_i_add(acc[v], llx_i_pair(vpaddq_s32(t[v][0], t[v][1]), vpaddq_s32(t[v][2], t[v][3])));
}
/* The same of codes of up to 6 bits: products fill 16 registers, which hold four columns of 6 bits, all of 4 bits. */
LL_INLINE void llx_p_dots8(llv_b *acc, const uint8_t *w, const int8_t *const *q, int n, int bits, int n_vecs) {
    const int room = bits > 4 ? 4 : 8;
    for (int g = 0; g < n;) {
        int16x8_t s[LLV_TILE_VECS][4];
        const int end = LL_MIN(n, g + room);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = vdupq_n_s16(0);
        LLV_ROLL for (; g < end; g++) {
            const int8x16_t a = llx_p_codes(w + 64 * g, bits), b = llx_p_codes(w + 64 * g + 16, bits);
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const int8x16_t x = LLX_S8(llx_four_times(llx_four(q[v] + 4 * g)));
                s[v][0] = vmlal_s8(s[v][0], vget_low_s8(a), vget_low_s8(x)), s[v][1] = vmlal_high_s8(s[v][1], a, x);
                s[v][2] = vmlal_s8(s[v][2], vget_low_s8(b), vget_low_s8(x)), s[v][3] = vmlal_high_s8(s[v][3], b, x);
            }
        }
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            acc[v] = llx_i_pair(llx_p_widen(LLX_S32(acc[v].lo), s[v][0], s[v][1]),
                                llx_p_widen(LLX_S32(acc[v].hi), s[v][2], s[v][3]));
    }
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    llv_b lo[LLV_TILE_VECS], hi[LLV_TILE_VECS];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) lo[v] = acc[v].lo, hi[v] = acc[v].hi;
    if (bits == 8) llx_p_dots8_wide(lo, w, q, n, n_vecs), llx_p_dots8_wide(hi, w + 32, q, n, n_vecs);
    else llx_p_dots8(lo, w, q, n, bits, n_vecs), llx_p_dots8(hi, w + 32, q, n, bits, n_vecs);
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) acc[v] = llx_p_pair(lo[v], hi[v]);
}
#endif
#endif
