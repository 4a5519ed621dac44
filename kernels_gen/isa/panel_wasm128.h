
/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number.
 * (kernels_gen/isa/scalar_panel.h defines these, lane by lane.) */

#define LLV_PANEL 1
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4
#define LLV_ANY_BITS 0                  /* products are of signed words: codes of 8 bits are taken - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)

//@ include isa/panel_halves.h
LL_INLINE llv_p llv_p_four(const void *p) { return llv_p_set(llx_four(p)); }
LL_INLINE llv_b llx_shl8(llv_b a, int n) {
    return llx_pair(wasm_i32x4_shl(a.lo, (uint32_t)n), wasm_i32x4_shl(a.hi, (uint32_t)n));
}
LL_INLINE llv_b llx_shr8(llv_b a, int n) {
    return llx_pair(wasm_u32x4_shr(a.lo, (uint32_t)n), wasm_u32x4_shr(a.hi, (uint32_t)n));
}
LL_INLINE llv_b llx_top8(llv_b a) { return llx_pair(wasm_i32x4_shr(a.lo, 24), wasm_i32x4_shr(a.hi, 24)); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llx_p_pair(llx_shl8(a.lo, n), llx_shl8(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llx_p_pair(llx_shr8(a.lo, n), llx_shr8(a.hi, n)); }
LL_INLINE llv_b llx_look(v128_t t, llv_b i) {
    return llx_pair(wasm_i8x16_swizzle(t, i.lo), wasm_i8x16_swizzle(t, i.hi));
}
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const v128_t t = wasm_v128_load(table);
    return llx_p_pair(llx_look(t, i.lo), llx_look(t, i.hi));
}
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
    const v128_t low = wasm_i32x4_const_splat(0xffff);
    return llx_pair(llx_f16_4(wasm_v128_and(a.lo, low)), llx_f16_4(wasm_v128_and(a.hi, low)));
}
LL_INLINE llv_f llv_f_of_halves(llv_p a) { return llv_f_pair(llx_r_of_halves(a.lo), llx_r_of_halves(a.hi)); }

LL_INLINE void llx_p_rows4(const uint8_t *p, size_t stride, v128_t out[4]) {
    const v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + stride);
    const v128_t c = wasm_v128_load(p + 2 * stride), d = wasm_v128_load(p + 3 * stride);
    const v128_t ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab2 = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
    const v128_t cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd2 = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    out[0] = llx_lows8(ab, cd), out[1] = llx_highs8(ab, cd);
    out[2] = llx_lows8(ab2, cd2), out[3] = llx_highs8(ab2, cd2);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    v128_t r[4][4];
    LLV_UNROLL for (int i = 0; i < 4; i++) llx_p_rows4(p + (size_t)(4 * i) * stride, stride, r[i]);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        out[i] = llx_p_pair(llx_pair(r[0][i], r[1][i]), llx_pair(r[2][i], r[3][i]));
}

LL_INLINE void llv_p_store2(uint8_t *p, llv_p a, llv_p b) { llv_p_store(p, a), llv_p_store(p + 64, b); }
LL_INLINE llv_p llv_p_of_words(const int16_t *p) { return llx_p_pair(llv_i_from_w(p), llv_i_from_w(p + 8)); }

LL_INLINE v128_t llx_pair_sums4(v128_t a) { return wasm_i32x4_add(a, wasm_u64x2_shr(a, 32)); }
LL_INLINE llv_b llx_pair_sums8(llv_b a) { return llx_pair(llx_pair_sums4(a.lo), llx_pair_sums4(a.hi)); }
LL_INLINE llv_p llv_p_pair_sums(llv_p a) { return llx_p_pair(llx_pair_sums8(a.lo), llx_pair_sums8(a.hi)); }

#if LL_WASM_FMA
/* Lanes of words: two columns of each of four rows; all the rows, at once. Sums of four products of 6 bits, and of sixteen
 * of 4 bits fit words. */
LL_INLINE void llx_p_dots16(llv_p *acc, const uint8_t *w, const int8_t *const *q, int n, int bits, int n_vecs) {
    const int room = bits == 6 ? 2 : n;
    for (int g = 0; g < n;) {
        const int end = LL_MIN(n, g + room);
        v128_t s[2][4];
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = wasm_i32x4_const_splat(0);
        LLV_ROLL for (; g < end; g++) {
            v128_t c[4];
            LLV_UNROLL for (int r = 0; r < 4; r++) c[r] = wasm_v128_load(w + 64 * g + 16 * r);
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const v128_t x = wasm_v128_load32_splat(q[v] + 4 * g);
                LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = wasm_i16x8_add(s[v][r], llx_neighbours_u(c[r], x));
            }
        }
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = wasm_i32x4_extadd_pairwise_i16x8(s[v][r]);
            acc[v] = llv_p_add(acc[v], llx_p_pair(llx_pair(s[v][0], s[v][1]), llx_pair(s[v][2], s[v][3])));
        }
    }
}
#endif

/* Words: codes of four columns of two rows, and q for both. Sums of four products of 6 bits, and of sixteen of 4 bits,
 * fit words, too; those of 8 bits are added up in pairs. */
LL_INLINE v128_t llx_p_codes(const uint8_t *w, int bits) {
    const v128_t c = wasm_u16x8_load8x8(w);
    return bits == 8 ? wasm_i16x8_sub(c, wasm_i16x8_const_splat(128)) : c;
}
LL_INLINE v128_t llx_p_step(v128_t sum, v128_t c, v128_t x, int bits) {
    return bits == 8 ? wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(c, x)) : wasm_i16x8_add(sum, wasm_i16x8_mul(c, x));
}
/* Eight rows x up to two vectors: eight sums, four of weights and the broadcast are what 16 registers hold. */
LL_INLINE void llx_p_dots8(llv_b *acc, const uint8_t *w, const int8_t *const *q, int n, int bits, int n_vecs) {
    const int room = bits == 6 ? 4 : n;
    v128_t s[2][4];
    for (int g = 0; g < n;) {
        const int end = LL_MIN(n, g + room);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = wasm_i32x4_const_splat(0);
        LLV_ROLL for (; g < end; g += 2) {
            v128_t c[4], x[2];
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) x[v] = wasm_i16x8_load8x8(q[v] + 4 * g);
            LLV_UNROLL for (int i = 0; i < 2; i++) {
                LLV_UNROLL for (int r = 0; r < 4; r++) c[r] = llx_p_codes(w + 64 * (g + i) + 8 * r, bits);
                LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                    const v128_t both = llx_splat64(x[v], i);
                    LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = llx_p_step(s[v][r], c[r], both, bits);
                }
            }
        }
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            if (bits != 8) LLV_UNROLL for (int r = 0; r < 4; r++) s[v][r] = wasm_i32x4_extadd_pairwise_i16x8(s[v][r]);
            acc[v] = llv_i_add(acc[v], llx_pair(llx_add_pairs(s[v][0], s[v][1]), llx_add_pairs(s[v][2], s[v][3])));
        }
    }
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    (void)w_step, (void)n_panels;
#if LL_WASM_FMA
    if (bits != 8) {
        LLV_UNROLL for (int v = 0; v < n_vecs; v += 2) llx_p_dots16(acc + v, w, q + v, n, bits, LL_MIN(2, n_vecs - v));
        return;
    }
#endif
    LLV_UNROLL for (int h = 0; h < 2; h++) LLV_UNROLL for (int v = 0; v < n_vecs; v += 2) {
        const int few = LL_MIN(2, n_vecs - v);
        llv_b a[2];
        LLV_UNROLL for (int i = 0; i < few; i++) a[i] = h ? acc[v + i].hi : acc[v + i].lo;
        llx_p_dots8(a, w + 32 * h, q + v, n, bits, few);
        LLV_UNROLL for (int i = 0; i < few; i++) if (h) acc[v + i].hi = a[i]; else acc[v + i].lo = a[i];
    }
}
