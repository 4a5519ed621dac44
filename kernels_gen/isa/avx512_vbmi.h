
/* Eight groups of eight bytes; group t belongs to columns 32 * t .. 32 * t + 31 of a block. A
 * codebook's rows are looked up in registers, its codes cut out of them at any bit. (These are defined byte by byte
 * in kernels_gen/isa/scalar_grid.h.) */
#define LLV_GRID 1
#undef LLV_NAME
#define LLV_NAME "avx512+vbmi"
typedef __m512i llv_z;

LL_INLINE llv_z llv_z_load(const void *p) { return _mm512_loadu_si512(p); }
/* 1, 2 or 4 bytes to a group, zeros above. */
LL_INLINE llv_z llv_z_load1(const void *p) { return _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)p)); }
LL_INLINE llv_z llv_z_load2(const void *p) { return _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)p)); }
LL_INLINE llv_z llv_z_load4(const void *p) { return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)p)); }
/* In turn a group from p and one from q, made of 8, 4 or 2 bytes of each, zeros above. */
LL_INLINE llv_z llv_z_pairs8(const void *p, const void *q) {
    const __m512i x = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)p)),
                                         _mm256_loadu_si256((const __m256i *)q), 1);
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), x);
}
LL_INLINE llv_z llv_z_pairs4(const void *p, const void *q) {
    const __m128i x = _mm_loadu_si128((const __m128i *)p), y = _mm_loadu_si128((const __m128i *)q);
    return _mm512_cvtepu32_epi64(_mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi32(x, y)), _mm_unpackhi_epi32(x, y), 1));
}
LL_INLINE llv_z llv_z_pairs2(const void *p, const void *q) {
    return _mm512_cvtepu16_epi64(_mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)p), _mm_loadl_epi64((const __m128i *)q)));
}
/* The same, of the lower or upper bytes of words, or of the lower halves of groups. */
LL_INLINE llv_z llv_z_pairs_of_words(llv_z a, llv_z b, int upper) {
    const long long at = 0x0e0c0a0806040200, lane = 0x1010101010101010, other = 0x4040404040404040, up = upper * 0x0101010101010101;
    const llv_z index = _mm512_setr_epi64(at + up, at + up + other, at + up + lane, at + up + lane + other, at + up + 2 * lane,
                                          at + up + 2 * lane + other, at + up + 3 * lane, at + up + 3 * lane + other);
    return _mm512_permutex2var_epi8(a, index, b);
}
LL_INLINE llv_z llv_z_pairs_of_halves(llv_z a, llv_z b) {
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0x88));
}
/* Two groups of each in turn, of the upper halves. */
LL_INLINE llv_z llv_z_pairs_of_uppers(llv_z a, llv_z b) {
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0xdd));
}
/* Of each two groups the lower halves, then the upper ones. */
LL_INLINE llv_z llv_z_halves_first(llv_z a) { return _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xd8); }
LL_INLINE llv_z llv_z_all(uint64_t group) { return _mm512_set1_epi64((long long)group); }
LL_INLINE llv_z llv_z_all2(const void *p) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)p)); }
/* Byte i of each group: the 8 bits from bit at.byte[i] of it on, which wrap around. */
LL_INLINE llv_z llv_z_cut(llv_z a, llv_z at) { return _mm512_multishift_epi64_epi8(at, a); }
LL_INLINE llv_z llv_z_xor(llv_z a, llv_z b) { return _mm512_xor_si512(a, b); }
LL_INLINE llv_z llv_z_add(llv_z a, llv_z b) { return _mm512_add_epi32(a, b); }
LL_INLINE llv_z llv_z_sub(llv_z a, llv_z b) { return _mm512_sub_epi32(a, b); }
LL_INLINE llv_z llv_z_mul(llv_z a, llv_z b) { return _mm512_mullo_epi32(a, b); }
LL_INLINE llv_z llv_z_dot(llv_z acc, llv_z u, llv_z q) { return _mm512_dpbusd_epi32(acc, u, q); }
/* mask ? a : b, and a & mask | b, bit by bit. */
LL_INLINE llv_z llv_z_pick(llv_z mask, llv_z a, llv_z b) { return _mm512_ternarylogic_epi64(mask, a, b, 0xca); }
LL_INLINE llv_z llv_z_join(llv_z a, llv_z mask, llv_z b) { return _mm512_ternarylogic_epi64(a, mask, b, 0xea); }
/* Bytes of a table of 16, which stands four times in it. */
LL_INLINE llv_z llv_z_bytes(llv_z table, llv_z index) { return _mm512_permutexvar_epi8(index, table); }
/* Bytes (words) of two vectors, for those lanes that are in mask; the others stay as index has them. */
LL_INLINE llv_z llv_z_bytes2(llv_z a, llv_z b, llv_z index, uint64_t mask) {
#if LL_GNU
    __asm__("" : "+r"(mask));           /* clang would merge by permuting once more */
#endif
    return _mm512_mask2_permutex2var_epi8(a, index, mask, b);
}
LL_INLINE llv_z llv_z_words2(llv_z a, llv_z b, llv_z index, uint32_t mask) {
    return _mm512_mask2_permutex2var_epi16(a, index, mask, b);
}
/* Each byte times a matrix of bits: bit i becomes the parity of the bits that byte 7 - i of m picks. */
LL_INLINE llv_z llv_z_matrix(llv_z a, llv_z m) { return _mm512_gf2p8affine_epi64_epi8(a, m, 0); }
/* Bit 7 of each byte becomes such that the number of its bits is even. */
LL_INLINE llv_z llv_z_even(llv_z a) {
    return llv_z_matrix(a, llv_z_all(0x010204081020407f));
}
/* The lower and the upper four bits of each byte. */
LL_INLINE llv_z llv_z_low4(llv_z a) { return _mm512_and_si512(a, _mm512_set1_epi8(15)); }
LL_INLINE llv_z llv_z_high4(llv_z a) { return llv_z_matrix(a, llv_z_all(0x1020408000000000)); }
/* The upper ones become the lower ones, and above them is anything. */
LL_INLINE llv_z llv_z_down4(llv_z a) { return _mm512_srli_epi16(a, 4); }
/* Two groups of each in turn: quarters 0 and 2 of a and b, or 1 and 3. */
LL_INLINE llv_z llv_z_even_quarters(llv_z a, llv_z b) { return _mm512_shuffle_i64x2(a, b, 0x88); }
LL_INLINE llv_z llv_z_odd_quarters(llv_z a, llv_z b) { return _mm512_shuffle_i64x2(a, b, 0xdd); }
/* Sums as words; in each quarter those of a, then those of b. */
LL_INLINE llv_z llv_z_words(llv_z a, llv_z b) { return _mm512_packs_epi32(a, b); }
/* Products of words. In quarter i four of `scale` at 8 * half + 2 * i, and four of the next. */
LL_INLINE llv_z llv_z_dot_words(llv_z a, llv_w scale, int half) {
    static const uint64_t index[8] = { 0, 0x0001000100010001, 0x0002000200020002, 0x0003000300030003,
        0x0004000400040004, 0x0005000500050005, 0x0006000600060006, 0x0007000700070007 };
    const llv_z at = _mm512_add_epi16(llv_z_load(index), _mm512_set1_epi16((short)(8 * half)));
    return _mm512_dpwssd_epi32(_mm512_setzero_si512(), a, _mm512_permutexvar_epi16(at, _mm512_castsi256_si512(scale)));
}
/* Quarter i of a, then of b. */
LL_INLINE void llv_z_quarters(llv_z a, llv_z b, llv_i out[4]) {
    const __m512i x = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b);
    const __m512i y = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b);
    out[0] = _mm512_castsi512_si256(x), out[1] = _mm512_extracti64x4_epi64(x, 1);
    out[2] = _mm512_castsi512_si256(y), out[3] = _mm512_extracti64x4_epi64(y, 1);
}
/* f16: group j of a, then of b. */
LL_INLINE void llv_z_f16(llv_z a, llv_z b, llv_r out[8]) {
    LLV_UNROLL for (int odd = 0; odd < 2; odd++) {
        const __m512i x = odd ? _mm512_unpackhi_epi64(a, b) : _mm512_unpacklo_epi64(a, b);
        LLV_UNROLL for (int h = 0; h < 2; h++) {
            const __m512 f = _mm512_cvtph_ps(h ? _mm512_extracti64x4_epi64(x, 1) : _mm512_castsi512_si256(x));
            out[4 * h + odd] = _mm512_castps512_ps256(f), out[4 * h + 2 + odd] = _mm512_extractf32x8_ps(f, 1);
        }
    }
}
/* A byte each, in order: llv_r_e8m0_half. */
LL_INLINE void llv_z_e8m0_half(llv_z a, llv_r out[8]) {
    const __m128i bytes[4] = { _mm512_castsi512_si128(a), _mm512_extracti32x4_epi32(a, 1),
                               _mm512_extracti32x4_epi32(a, 2), _mm512_extracti32x4_epi32(a, 3) };
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        const __m512i x = _mm512_cvtepu8_epi32(bytes[j]);
        const __m512 f = _mm512_castsi512_ps(_mm512_max_epi32(
            _mm512_sub_epi32(_mm512_slli_epi32(x, 23), _mm512_set1_epi32(1 << 23)),
            _mm512_add_epi32(_mm512_slli_epi32(x, 21), _mm512_set1_epi32(1 << 21))));
        out[2 * j] = _mm512_castps512_ps256(f), out[2 * j + 1] = _mm512_extractf32x8_ps(f, 1);
    }
}
/* 64 words of a table of n, which has their lower bytes first, then the upper ones, for 64 indices: their
 * lower eight bits in index[0], those above in index[1]. Of each 128 bytes the one that the lower seven
 * bits say, then by the other bits one of two again and again, as soon as there are two. The words of
 * the first eight of each 16 indices go to out[0], of the others to out[1]. */
LL_INLINE void llv_z_rows(const uint8_t *table, const int n, const llv_z *index, llv_z *out) {
    __m512i wait[5], plane[2];
    __mmask64 upper[4];
    int n_wait = 0;
    upper[0] = _mm512_movepi8_mask(index[0]);
    LLV_UNROLL for (int i = 1; i < 4; i++) upper[i] = _mm512_test_epi8_mask(index[1], _mm512_set1_epi8((char)(1 << (i - 1))));
    LLV_UNROLL for (int p = 0; p < 2; p++) {
        LLV_UNROLL for (int i = 0; i < n / 128; i++) {
            const uint8_t *part = table + p * n + 128 * i;
            __m512i x = _mm512_permutex2var_epi8(llv_z_load(part), index[0], llv_z_load(part + 64));
            LLV_UNROLL for (int bit = 0; bit < 4; bit++)
                if ((i + 1) % (2 << bit) == 0) x = _mm512_mask_blend_epi8(upper[bit], wait[--n_wait], x);
            wait[n_wait++] = x;
        }
        plane[p] = wait[--n_wait];
    }
    out[0] = _mm512_unpacklo_epi8(plane[0], plane[1]), out[1] = _mm512_unpackhi_epi8(plane[0], plane[1]);
}
/* 1, 2 or 4 bytes of a group stand at both its halves. */
LL_INLINE llv_z llv_z_twice(llv_z a) { return _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xa0); }
LL_INLINE llv_i llv_z_half_sum(llv_z a) {
    return _mm256_add_epi32(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64(a, 1));
}
/* 4 * 64 bytes in order; group j of each 4 goes to out[j]. And back. */
LL_INLINE void llv_z_apart(const void *p, llv_z out[4]) {
    const uint8_t *b = (const uint8_t *)p;
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        const __m512i at = _mm512_setr_epi64(j, j + 4, j + 8, j + 12, j, j + 4, j + 8, j + 12);
        const __m512i low = _mm512_permutex2var_epi64(llv_z_load(b), at, llv_z_load(b + 64));
        const __m512i high = _mm512_permutex2var_epi64(llv_z_load(b + 128), at, llv_z_load(b + 192));
        out[j] = _mm512_mask_blend_epi64(0xf0, low, high);
    }
}
LL_INLINE void llv_z_together(const llv_z a[4], void *p) {
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), last = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const __m512i e = _mm512_unpacklo_epi64(a[0], a[1]), f = _mm512_unpacklo_epi64(a[2], a[3]);   /* groups 0, 2, 4, 6 */
    const __m512i g = _mm512_unpackhi_epi64(a[0], a[1]), h = _mm512_unpackhi_epi64(a[2], a[3]);
    LLV_UNROLL for (int j = 0; j < 2; j++) {
        const __m512i even = _mm512_permutex2var_epi64(e, j ? last : first, f), odd = _mm512_permutex2var_epi64(g, j ? last : first, h);
        _mm512_storeu_si512((uint8_t *)p + 128 * j, _mm512_shuffle_i64x2(even, odd, 0x44));
        _mm512_storeu_si512((uint8_t *)p + 128 * j + 64, _mm512_shuffle_i64x2(even, odd, 0xee));
    }
}
