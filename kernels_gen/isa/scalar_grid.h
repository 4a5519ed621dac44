
/* The definition of the rows of 512 bits (LLV_GRID), as isa/scalar.h; only the tests compile it: plain C has no
 * kernels of them. llv_z is eight groups of eight bytes, the lowest first; group t belongs to columns 32 * t to
 * 32 * t + 31 of a block. Two groups are a quarter. */

typedef struct llv_z { uint8_t v[64]; } llv_z;
#define LLV_EACH_Z for (int i = 0; i < 64; i++)

LL_INLINE llv_z llv_z_load(const void *p) { llv_z r; memcpy(r.v, p, 64); return r; }
/* 1, 2 or 4 bytes to a group, zeros above */
LL_INLINE llv_z llv_z_load1(const void *p) {
    llv_z r;
    LLV_EACH_Z r.v[i] = i % 8 < 1 ? ((const uint8_t *)p)[i / 8] : 0;
    return r;
}
LL_INLINE llv_z llv_z_load2(const void *p) {
    llv_z r;
    LLV_EACH_Z r.v[i] = i % 8 < 2 ? ((const uint8_t *)p)[2 * (i / 8) + i % 8] : 0;
    return r;
}
LL_INLINE llv_z llv_z_load4(const void *p) {
    llv_z r;
    LLV_EACH_Z r.v[i] = i % 8 < 4 ? ((const uint8_t *)p)[4 * (i / 8) + i % 8] : 0;
    return r;
}
/* in turn a group from p and one from q, made of 8, 4 or 2 bytes of each, zeros above */
LL_INLINE llv_z llv_z_pairs8(const void *p, const void *q) {
    llv_z r;
    LLV_EACH_Z r.v[i] = ((const uint8_t *)(i & 8 ? q : p))[8 * (i / 16) + i % 8];
    return r;
}
LL_INLINE llv_z llv_z_pairs4(const void *p, const void *q) {
    llv_z r;
    LLV_EACH_Z r.v[i] = i % 8 < 4 ? ((const uint8_t *)(i & 8 ? q : p))[4 * (i / 16) + i % 8] : 0;
    return r;
}
LL_INLINE llv_z llv_z_pairs2(const void *p, const void *q) {
    llv_z r;
    LLV_EACH_Z r.v[i] = i % 8 < 2 ? ((const uint8_t *)(i & 8 ? q : p))[2 * (i / 16) + i % 8] : 0;
    return r;
}
/* the same, of the lower (upper) bytes of words */
LL_INLINE llv_z llv_z_pairs_of_words(llv_z a, llv_z b, int upper) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 8 ? b : a).v[i / 16 * 16 + 2 * (i % 8) + upper];
    return r;
}
/* a group of the lower (upper) halves of two groups of a, then one of those of b */
LL_INLINE llv_z llv_z_pairs_of_halves(llv_z a, llv_z b) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 8 ? b : a).v[i / 16 * 16 + (i & 4) * 2 + i % 4];
    return r;
}
LL_INLINE llv_z llv_z_pairs_of_uppers(llv_z a, llv_z b) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 8 ? b : a).v[i / 16 * 16 + (i & 4) * 2 + i % 4 + 4];
    return r;
}
/* of each two groups the lower halves, then the upper ones */
LL_INLINE llv_z llv_z_halves_first(llv_z a) {
    llv_z r;
    LLV_EACH_Z r.v[i] = a.v[i / 16 * 16 + (i & 4) * 2 + (i & 8) / 2 + i % 4];
    return r;
}
/* the same group eight times; the same quarter four times */
LL_INLINE llv_z llv_z_all(uint64_t group) { llv_z r; LLV_EACH_Z r.v[i] = (uint8_t)(group >> i % 8 * 8); return r; }
LL_INLINE llv_z llv_z_all2(const void *p) { llv_z r; LLV_EACH_Z r.v[i] = ((const uint8_t *)p)[i % 16]; return r; }
/* byte i of each group: the 8 bits from bit at.byte[i], 0..63, of it on, which wrap around */
LL_INLINE llv_z llv_z_cut(llv_z a, llv_z at) {
    llv_z r;
    for (int i = 0; i < 64; i++) {
        const uint64_t x = ll_load_u64(a.v + i / 8 * 8);
        const int n = at.v[i] & 63;
        r.v[i] = (uint8_t)(n ? x >> n | x << (64 - n) : x);
    }
    return r;
}
LL_INLINE llv_z llv_z_xor(llv_z a, llv_z b) { LLV_EACH_Z a.v[i] ^= b.v[i]; return a; }
/* of 32-bit numbers */
LL_INLINE llv_z llv_z_add(llv_z a, llv_z b) {
    for (int i = 0; i < 64; i += 4) ll_store_u32(a.v + i, ll_load_u32(a.v + i) + ll_load_u32(b.v + i));
    return a;
}
LL_INLINE llv_z llv_z_sub(llv_z a, llv_z b) {
    for (int i = 0; i < 64; i += 4) ll_store_u32(a.v + i, ll_load_u32(a.v + i) - ll_load_u32(b.v + i));
    return a;
}
LL_INLINE llv_z llv_z_mul(llv_z a, llv_z b) {
    for (int i = 0; i < 64; i += 4) ll_store_u32(a.v + i, ll_load_u32(a.v + i) * ll_load_u32(b.v + i));
    return a;
}
/* acc + sums of four products of unsigned and signed bytes */
LL_INLINE llv_z llv_z_dot(llv_z acc, llv_z u, llv_z q) {
    for (int i = 0; i < 64; i++) {
        uint8_t *to = acc.v + i / 4 * 4;
        ll_store_u32(to, ll_load_u32(to) + (uint32_t)(u.v[i] * (int8_t)q.v[i]));
    }
    return acc;
}
/* mask ? a : b, and a & mask | b, bit by bit */
LL_INLINE llv_z llv_z_pick(llv_z mask, llv_z a, llv_z b) {
    LLV_EACH_Z a.v[i] = (uint8_t)((mask.v[i] & a.v[i]) | (~mask.v[i] & b.v[i]));
    return a;
}
LL_INLINE llv_z llv_z_join(llv_z a, llv_z mask, llv_z b) {
    LLV_EACH_Z a.v[i] = (uint8_t)((a.v[i] & mask.v[i]) | b.v[i]);
    return a;
}
/* bytes of a table of 16, which stands four times in it */
LL_INLINE llv_z llv_z_bytes(llv_z table, llv_z index) {
    LLV_EACH_Z index.v[i] = table.v[index.v[i] & 63];
    return index;
}
/* bytes (words) of two vectors, for those lanes that are in mask; the others stay as index has them */
LL_INLINE llv_z llv_z_bytes2(llv_z a, llv_z b, llv_z index, uint64_t mask) {
    LLV_EACH_Z if (mask >> i & 1) index.v[i] = (index.v[i] & 64 ? b : a).v[index.v[i] & 63];
    return index;
}
LL_INLINE llv_z llv_z_words2(llv_z a, llv_z b, llv_z index, uint32_t mask) {
    for (int i = 0; i < 32; i++) {
        const int n = index.v[2 * i];
        if (mask >> i & 1) memcpy(index.v + 2 * i, (n & 32 ? b : a).v + 2 * (n & 31), 2);
    }
    return index;
}
/* each byte times a matrix of bits: bit i becomes the parity of the bits that byte 7 - i of m picks */
LL_INLINE llv_z llv_z_matrix(llv_z a, llv_z m) {
    llv_z r;
    for (int i = 0; i < 64; i++) {
        r.v[i] = 0;
        for (int bit = 0; bit < 8; bit++) {
            int x = a.v[i] & m.v[i / 8 * 8 + 7 - bit];
            x ^= x >> 4, x ^= x >> 2, x ^= x >> 1;
            r.v[i] = (uint8_t)(r.v[i] | (x & 1) << bit);
        }
    }
    return r;
}
/* bit 7 of each byte becomes such that the number of its bits is even */
LL_INLINE llv_z llv_z_even(llv_z a) {
    for (int i = 0; i < 64; i++) {
        int x = a.v[i] & 127;
        x ^= x >> 4, x ^= x >> 2, x ^= x >> 1;
        a.v[i] = (uint8_t)((a.v[i] & 127) | (x & 1) << 7);
    }
    return a;
}
/* the lower and the upper four bits of each byte; the upper ones, and above them is anything */
LL_INLINE llv_z llv_z_low4(llv_z a) { LLV_EACH_Z a.v[i] &= 15; return a; }
LL_INLINE llv_z llv_z_high4(llv_z a) { LLV_EACH_Z a.v[i] >>= 4; return a; }
LL_INLINE llv_z llv_z_down4(llv_z a) { return llv_z_high4(a); }
/* quarters 0 and 2 of a and b, or 1 and 3 */
LL_INLINE llv_z llv_z_even_quarters(llv_z a, llv_z b) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 32 ? b : a).v[(i & 16) * 2 + i % 16];
    return r;
}
LL_INLINE llv_z llv_z_odd_quarters(llv_z a, llv_z b) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 32 ? b : a).v[(i & 16) * 2 + 16 + i % 16];
    return r;
}
/* sums that fit as words; in each quarter those of a, then those of b */
LL_INLINE llv_z llv_z_words(llv_z a, llv_z b) {
    llv_z r;
    LLV_EACH_Z r.v[i] = (i & 8 ? b : a).v[i / 16 * 16 + i % 8 / 2 * 4 + i % 2];
    return r;
}
/* sums of two products of words. In quarter i four of `scale` at 8 * half + 2 * i, and four of the next */
LL_INLINE llv_z llv_z_dot_words(llv_z a, llv_w scale, int half) {
    llv_z r;
    for (int i = 0; i < 64; i += 4) {
        const int x = (int16_t)ll_load_u16(a.v + i) + (int16_t)ll_load_u16(a.v + i + 2);
        ll_store_u32(r.v + i, (uint32_t)(x * scale.v[8 * half + i / 8]));
    }
    return r;
}
/* quarter i of a, then of b */
LL_INLINE void llv_z_quarters(llv_z a, llv_z b, llv_i out[4]) {
    for (int j = 0; j < 4; j++)
        LLV_EACH_R out[j].v[i] = (int32_t)ll_load_u32((i & 4 ? b : a).v + 16 * j + i % 4 * 4);
}
/* f16: group j of a, then of b */
LL_INLINE void llv_z_f16(llv_z a, llv_z b, llv_r out[8]) {
    for (int j = 0; j < 8; j++)
        LLV_EACH_R out[j].v[i] = ll_f16_to_f32(ll_load_u16((i & 4 ? b : a).v + 8 * j + i % 4 * 2));
}
/* a byte each, in order: llv_r_e8m0_half */
LL_INLINE void llv_z_e8m0_half(llv_z a, llv_r out[8]) {
    for (int j = 0; j < 8; j++) LLV_EACH_R out[j].v[i] = ll_e8m0_half(a.v[8 * j + i]);
}
/* 64 words of a table of n (256, 512, 1024 or 2048), which has their lower bytes first, then the upper ones, for 64
 * indices: their lower eight bits in index[0], those above in index[1] (what is more does not matter). The words of
 * the first eight of each 16 indices go to out[0], of the others to out[1]. */
LL_INLINE void llv_z_rows(const uint8_t *table, const int n, const llv_z *index, llv_z *out) {
    llv_z r[2];
    for (int i = 0; i < 64; i++) {
        const int row = (index[0].v[i] | index[1].v[i] << 8) & (n - 1);
        uint8_t *to = r[i / 8 % 2].v + i / 16 * 16 + i % 8 * 2;
        to[0] = table[row], to[1] = table[n + row];
    }
    out[0] = r[0], out[1] = r[1];
}
/* the lower half of each group at both its halves */
LL_INLINE llv_z llv_z_twice(llv_z a) { LLV_EACH_Z if (i & 4) a.v[i] = a.v[i - 4]; return a; }
/* the two halves added up as 32-bit numbers */
LL_INLINE llv_i llv_z_half_sum(llv_z a) {
    llv_i r;
    LLV_EACH_R r.v[i] = (int32_t)(ll_load_u32(a.v + 4 * i) + ll_load_u32(a.v + 32 + 4 * i));
    return r;
}
/* 4 * 64 bytes in order; group j of each 4 goes to out[j]. And back. */
LL_INLINE void llv_z_apart(const void *p, llv_z out[4]) {
    for (int j = 0; j < 4; j++) LLV_EACH_Z out[j].v[i] = ((const uint8_t *)p)[i / 8 * 32 + 8 * j + i % 8];
}
LL_INLINE void llv_z_together(const llv_z a[4], void *p) {
    for (int j = 0; j < 4; j++) LLV_EACH_Z ((uint8_t *)p)[i / 8 * 32 + 8 * j + i % 8] = a[j].v[i];
}
