
/* The definition of each primitive, lane by lane. Every other instruction set gives these bits. */

typedef struct llv_f { float v[16]; } llv_f;
#define LLV_EACH for (int i = 0; i < 16; i++)

/* Loads take any alignment. */
LL_INLINE llv_f llv_f_load(const void *p) { llv_f r; ll_memcpy(r.v, p, sizeof r.v); return r; }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {       /* 0 <= n <= 16; the others are 0 */
    llv_f r;
    LLV_EACH r.v[i] = i < n ? p[i] : 0;
    return r;
}
LL_INLINE void  llv_f_store(float *p, llv_f a) { LLV_EACH p[i] = a.v[i]; }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) {
    for (int i = 0; i < n; i++) p[i] = a.v[i];
}
LL_INLINE llv_f llv_f_set(float x) { llv_f r; LLV_EACH r.v[i] = x; return r; }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { LLV_EACH a.v[i] += b.v[i]; return a; }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { LLV_EACH a.v[i] -= b.v[i]; return a; }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { LLV_EACH a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { LLV_EACH a.v[i] /= b.v[i]; return a; }
/* a*b + c, one rounding */
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    LLV_EACH a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]);
    return a;
}
/* a > b ? a : b, as maxps: b when either is NaN */
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    LLV_EACH a.v[i] = ll_bits_to_f32(ll_f32_to_bits(a.v[i]) & 0x7fffffff);
    return a;
}
/* nearest integer, ties to even; |a| < 2^22; -0.25 gives +0 */
LL_INLINE llv_f llv_f_round(llv_f a) {
    LLV_EACH a.v[i] = (a.v[i] + 12582912.0f) - 12582912.0f;
    return a;
}
/* 2^n for integral n in [-126, 127] */
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    LLV_EACH n.v[i] = ll_bits_to_f32((uint32_t)((int)n.v[i] + 127) << 23);
    return n;
}
/* the fixed tree: lanes 8 apart, then 4, 2, 1 */
LL_INLINE float llv_f_sum(llv_f a) {
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) a.v[i] += a.v[i + h];
    return a.v[0];
}
LL_INLINE float llv_f_hmax(llv_f a) {
    for (int h = 8; h; h >>= 1)
        for (int i = 0; i < h; i++) a.v[i] = a.v[i] > a.v[i + h] ? a.v[i] : a.v[i + h];
    return a.v[0];
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    uint16_t h[16];
    llv_f r;
    ll_memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_f16_to_f32(h[i]);
    return r;
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    llv_f r;
    LLV_EACH r.v[i] = p[i];
    return r;
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) { LLV_EACH p[i] = ll_f32_to_f16(a.v[i]); }
/* integral a in [-128, 127] */
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) { LLV_EACH p[i] = (int8_t)a.v[i]; }

/* The largest piece of the sixteen lanes that is one register: the first lanes of it. In plain C it is one. */
#if LLV_PARTS == 16
typedef float llv_part;
LL_INLINE llv_part llv_part_set(float x) { return x; }
LL_INLINE llv_part llv_part_load(const void *p) { float x; ll_memcpy(&x, p, sizeof x); return x; }
LL_INLINE void llv_part_store(float *p, llv_part a) { *p = a; }
LL_INLINE llv_part llv_part_load_f16(const void *p) { uint16_t h; ll_memcpy(&h, p, sizeof h); return ll_f16_to_f32(h); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) { uint16_t h; ll_memcpy(&h, p, sizeof h); return ll_bf16_to_f32(h); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return ll_fma(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) {
    float s[8];
    LL_UNROLL for (int i = 0; i < 8; i++) s[i] = a[i] + a[i + 8];
    LL_UNROLL for (int i = 0; i < 4; i++) s[i] += s[i + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}
#else
typedef llv_f llv_part;
LL_INLINE llv_part llv_part_set(float x) { return llv_f_set(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return llv_f_load(p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { llv_f_store(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llv_f_load_f16(p); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) {
    uint16_t h[16];
    llv_part r;
    memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_bf16_to_f32(h[i]);
    return r;
}
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llv_f_fma(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(a[0]); }
#endif

/* Integers: 32 bytes, 16 words or 8 ints, which are two halves alike; and 8 floats, one a row.
 * The kernels that use them need them fast, so this build has other ones (LLV_INT 0). */

typedef struct llv_b { uint8_t v[32]; } llv_b;
typedef struct llv_w { int16_t v[16]; } llv_w;
typedef struct llv_i { int32_t v[8]; } llv_i;
typedef struct llv_r { float v[8]; } llv_r;
#define LLV_EACH_B for (int i = 0; i < 32; i++)
#define LLV_EACH_R for (int i = 0; i < 8; i++)

LL_INLINE llv_b llv_b_load(const void *p) { llv_b r; ll_memcpy(r.v, p, 32); return r; }
LL_INLINE llv_b llv_b_load2(const void *low, const void *high) {        /* 16 bytes each */
    llv_b r;
    ll_memcpy(r.v, low, 16), ll_memcpy(r.v + 16, high, 16);
    return r;
}
/* in each half: the lower (upper) 8 bytes of a, then those of b */
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) {
    LLV_EACH_B if (i & 8) a.v[i] = b.v[i - 8];
    return a;
}
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) {
    LLV_EACH_B if (!(i & 8)) b.v[i] = a.v[i + 8];
    return b;
}
LL_INLINE llv_b llv_b_set(int x) { llv_b r; LLV_EACH_B r.v[i] = (uint8_t)x; return r; }
LL_INLINE void  llv_b_store(void *p, llv_b a) { ll_memcpy(p, a.v, 32); }
LL_INLINE void  llv_b_store2(void *low, void *high, llv_b a) { ll_memcpy(low, a.v, 16), ll_memcpy(high, a.v + 16, 16); }
/* eight bytes from each of four places */
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    llv_b r;
    for (int i = 0; i < 8; i++) {
        r.v[i] = (uint8_t)(*a >> 8 * i), r.v[8 + i] = (uint8_t)(*b >> 8 * i);
        r.v[16 + i] = (uint8_t)(*c >> 8 * i), r.v[24 + i] = (uint8_t)(*d >> 8 * i);
    }
    return r;
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    const uint32_t x[8] = { a, b, c, d, e, f, g, h };
    llv_b r;
    LLV_EACH_B r.v[i] = (uint8_t)(x[i / 4] >> i % 4 * 8);
    return r;
}
/* 255 where a bit is set; minus the byte there */
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    llv_b r;
    LLV_EACH_B r.v[i] = (uint8_t)(0 - (bits >> i & 1));
    return r;
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    LLV_EACH_B if (bits >> i & 1) a.v[i] = (uint8_t)(0 - a.v[i]);
    return a;
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { LLV_EACH_B a.v[i] &= b.v[i]; return a; }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { LLV_EACH_B a.v[i] ^= b.v[i]; return a; }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { LLV_EACH_B a.v[i] |= b.v[i]; return a; }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { LLV_EACH_B a.v[i] = (uint8_t)(a.v[i] + b.v[i]); return a; }
/* 3 * byte >> 8: 0, 1 or 2. (Written so, gcc before 12.3 computes it in bytes where it packs them into words: PR 106322.) */
LL_INLINE llv_b llv_b_third(llv_b a) { LLV_EACH_B a.v[i] = (uint8_t)((a.v[i] > 85) + (a.v[i] > 170)); return a; }
/* (byte >> shift) & mask, |shift| < 8, shift < 0: to the left; the mask clears what other bytes may shift in */
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    LLV_EACH_B a.v[i] = (uint8_t)((shift >= 0 ? a.v[i] >> shift : a.v[i] << -shift) & mask);
    return a;
}
/* a, and value more in byte i where bit i & 7 of that byte of b is set; a has no bits of value */
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    LLV_EACH_B if (b.v[i] >> (i & 7) & 1) a.v[i] = (uint8_t)(a.v[i] | value);
    return a;
}
/* byte i: two bits of it, from bit 2 * (i & 3) on; four bytes are alike */
LL_INLINE llv_b llv_b_quarter(llv_b a) {
    LLV_EACH_B a.v[i] = (uint8_t)(a.v[i] >> 2 * (i & 3) & 3);
    return a;
}
/* byte `index` of the same half; 0 where index >= 128. None is 16 to 127. */
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) {
    LLV_EACH_B index.v[i] = index.v[i] & 128 ? 0 : a.v[(i & 16) + (index.v[i] & 15)];
    return index;
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { llv_w r; ll_memcpy(r.v, p, 32); return r; }
LL_INLINE void  llv_w_store(int16_t *p, llv_w a) { ll_memcpy(p, a.v, 32); }
LL_INLINE llv_w llv_w_load2(const int16_t *low, const int16_t *high) {  /* 8 words each */
    llv_w r;
    ll_memcpy(r.v, low, 16), ll_memcpy(r.v + 8, high, 16);
    return r;
}
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) {                    /* 8 words, each twice */
    llv_w r;
    LLV_EACH r.v[i] = p[i / 2];
    return r;
}
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) {                /* 32 words */
    LLV_EACH p[2 * i] = p[2 * i + 1] = a.v[i];
}
LL_INLINE llv_w llv_w_of_b(llv_b a) { llv_w r; ll_memcpy(r.v, a.v, 32); return r; }    /* the same bits */
LL_INLINE llv_b llv_b_of_w(llv_w a) { llv_b r; ll_memcpy(r.v, a.v, 32); return r; }
LL_INLINE llv_w llv_w_set(int x) { llv_w r; LLV_EACH r.v[i] = (int16_t)x; return r; }
LL_INLINE llv_w llv_w_set2(const int16_t *p) { llv_w r; LLV_EACH r.v[i] = p[i & 1]; return r; }
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) { llv_w r; LLV_EACH r.v[i] = p[i]; return r; }
/* the lower (upper) 8 bytes of each half, unsigned */
LL_INLINE llv_w llv_w_from_low(llv_b a) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[i / 8 * 16 + i % 8];
    return r;
}
LL_INLINE llv_w llv_w_from_high(llv_b a) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[i / 8 * 16 + 8 + i % 8];
    return r;
}
/* eight ints that fit, in both halves */
LL_INLINE llv_w llv_w_from_i(llv_i a) { llv_w r; LLV_EACH r.v[i] = (int16_t)a.v[i % 8]; return r; }
/* lane 2 * j in the lower half, 2 * j + 1 in the upper */
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[2 * j + i / 8];
    return r;
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) {
    LLV_EACH a.v[i] = (int16_t)(a.v[i] * b.v[i]);
    return a;
}
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) {
    LLV_EACH a.v[i] = (int16_t)(a.v[i] + b.v[i]);
    return a;
}
/* (word >> shift) & mask, shift < 0: to the left */
LL_INLINE llv_w llv_w_bits(llv_w a, int shift, int mask) {
    LLV_EACH a.v[i] = (int16_t)((shift >= 0 ? (uint16_t)a.v[i] >> shift : (uint16_t)a.v[i] << -shift) & mask);
    return a;
}
/* sums of two products, not all four numbers -32768 */
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) {
    llv_i r;
    LLV_EACH_R r.v[i] = a.v[2 * i] * b.v[2 * i] + a.v[2 * i + 1] * b.v[2 * i + 1];
    return r;
}

LL_INLINE llv_i llv_i_set(int32_t x) { llv_i r; LLV_EACH_R r.v[i] = x; return r; }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { LLV_EACH_R a.v[i] += b.v[i]; return a; }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { LLV_EACH_R a.v[i] -= b.v[i]; return a; }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { LLV_EACH_R a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) { llv_i r; LLV_EACH_R r.v[i] = p[i]; return r; }
/* lane 2 * j in the lower half, 2 * j + 1 in the upper */
LL_INLINE llv_i llv_i_halves(llv_i a, int j) { llv_i r; LLV_EACH_R r.v[i] = a.v[2 * j + i / 4]; return r; }
/* [lower half of a | lower half of b], and the upper halves */
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) {
    for (int i = 4; i < 8; i++) a.v[i] = b.v[i - 4];
    return a;
}
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) {
    for (int i = 0; i < 4; i++) b.v[i] = a.v[i + 4];
    return b;
}
/* in each half: lanes 0 and 2 of a, then of b; lanes 1 and 3 */
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) {
    llv_i r;
    LLV_EACH_R r.v[i] = (i & 2 ? b : a).v[(i & 4) + 2 * (i & 1)];
    return r;
}
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) {
    llv_i r;
    LLV_EACH_R r.v[i] = (i & 2 ? b : a).v[(i & 4) + 2 * (i & 1) + 1];
    return r;
}
/* the sums of the lower halves of a, b, c, d, and of their upper halves */
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    llv_i r;
    for (int h = 0; h < 8; h += 4) {
        r.v[h] = a.v[h] + a.v[h + 1] + a.v[h + 2] + a.v[h + 3];
        r.v[h + 1] = b.v[h] + b.v[h + 1] + b.v[h + 2] + b.v[h + 3];
        r.v[h + 2] = c.v[h] + c.v[h + 1] + c.v[h + 2] + c.v[h + 3];
        r.v[h + 3] = d.v[h] + d.v[h + 1] + d.v[h + 2] + d.v[h + 3];
    }
    return r;
}
/* The dot of codes a, b with q, -127..127. Two lanes, those of 8 bytes, add up to their products;
 * how these are spread in them is not defined. u: codes 0..63. o: signed codes with LLV_S_OFFSET, 0 or 128, added:
 * then unsigned bytes. */
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    llv_i r = llv_i_set(0);
    LLV_EACH_B r.v[i / 4] += a.v[i] * (int8_t)qa.v[i] + b.v[i] * (int8_t)qb.v[i];
    return r;
}
LL_INLINE llv_i llv_dot2_o(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    llv_i r = llv_i_set(0);
    if (LLV_S_OFFSET) return llv_dot2_u(a, qa, b, qb);
    LLV_EACH_B r.v[i / 4] += (int8_t)a.v[i] * (int8_t)qa.v[i] + (int8_t)b.v[i] * (int8_t)qb.v[i];
    return r;
}
/* acc + scale * products of codes 0..127; the scale of a half is the same in all its lanes, and the four lanes of
 * a half add up to theirs */
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    LLV_EACH_B acc.v[i / 4] += scale.v[i / 2] * u.v[i] * (int8_t)q.v[i];
    return acc;
}
/* The same with scale j of eight, each of which is there twice; all eight lanes add up to theirs. */
LL_INLINE llv_i llv_dot_scaled_by(llv_i acc, llv_b u, llv_b q, const int16_t *twice, int j) {
    return llv_dot_scaled(acc, u, q, llv_w_set2(twice + 2 * j));
}

/* Columns 32 * j to 32 * j + 63 of codes 0..63 with sixteen scales, one for each 16 columns; j even. Lanes as above. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

LL_INLINE llv_r llv_r_set(float x) { llv_r r; LLV_EACH_R r.v[i] = x; return r; }
LL_INLINE llv_r llv_r_from_i(llv_i a) { llv_r r; LLV_EACH_R r.v[i] = (float)a.v[i]; return r; }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { LLV_EACH_R a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    LLV_EACH_R a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]);
    return a;
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {                 /* c - a * b */
    LLV_EACH_R a.v[i] = ll_fma(-a.v[i], b.v[i], c.v[i]);
    return a;
}
/* lane i: the f16 at p[i] + at */
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) {
    llv_r r;
    LLV_EACH_R r.v[i] = ll_f16_to_f32(ll_load_u16(p[i] + at));
    return r;
}
/* lane i: the f16 at p[i] + at, and the one behind it */
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    *first = llv_r_f16(p, at), *second = llv_r_f16(p, at + 2);
}
/* lane i of d[j]: half of the number (4 bits of exponent, 3 of mantissa) at p[i] + at + j */
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    for (int j = 0; j < 4; j++) LLV_EACH_R d[j].v[i] = ll_ue4m3_half(p[i][at + (size_t)j]);
}
/* lane i: 2^(x - 128), x the byte at p[i] + at */
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    llv_r r;
    LLV_EACH_R r.v[i] = ll_e8m0_half(p[i][at]);
    return r;
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    for (int i = 0; i < n; i++) p[i] = a.v[i];
}

