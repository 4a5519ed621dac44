LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

//@ if plain
LL_INLINE void llq_FMT_scales(const llq_FMT *b, int16_t *sc) {
    (void)b;
    for (int j = 0; j < 16; j++) sc[j] = 1;
}
//@ end
#if LL_ONCE
LL_FN void llq_FMT_read(const void *src, llq_block *b) {
    const llq_FMT *from = (const llq_FMT *)src;
    llq_FMT_codes(from, b->c);
    b->d[0] = llq_FMT_scale(from);
//@ if min
    b->m = llq_FMT_min(from);
    llq_FMT_scales(from, b->sc, b->mc);
//@ else
    llq_FMT_scales(from, b->sc);
//@ end
}

//@ if packs
LL_FN void llq_FMT_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_FMT *b = (llq_FMT *)dst;
    float w[FMT_BLOCK];
    for (size_t i = 0; i < n; i += FMT_BLOCK)
        llq_FMT_pack(src + i, llq_weights(importance ? importance + i : NULL, FMT_BLOCK, w), b++);
}

//@ end
#endif
