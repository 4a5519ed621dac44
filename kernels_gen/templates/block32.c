LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

#if LL_ONCE
LL_FN void llq_FMT_read(const void *src, llq_block *b) {
    const llq_FMT *from = (const llq_FMT *)src;
    llq_FMT_codes(from, b->c);
    for (int j = 0; j < FMT_BLOCK / 16; j++) b->d[j] = llq_FMT_scale(from);
//@ if min
    b->m = llq_FMT_min(from);
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
