LL_STATIC_ASSERT(FMT_bytes, sizeof(llq_FMT) == FMT_BYTES);

//@ if plain
LL_INLINE void llq_FMT_scales(const llq_FMT *b, int16_t *sc) {
    (void)b;
    for (int j = 0; j < 16; j++) sc[j] = 1;
}
//@ end
#if LL_ONCE
//@ if words
LL_INLINE void llq_FMT_codes(const llq_FMT *b, int8_t *c) {
    for (int l = 0; l < 64; l += LLQ_WORD, c += LLQ_WORD) {
        llq_word w[4];
        llq_FMT_words(b, l, w);
        if (l == 32) c += 96;
        LL_UNROLL for (int k = 0; k < 4; k++) llq_word_store(c + 32 * k, w[k]);
    }
}
#if LL_MVE
/* llq_dot256, whose codes are multiplied as they come */
LL_FN float llq_FMT_dot(const ll_format *f, const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    int16_t sc[16];
//@ if min
    int16_t m[16];
//@ end
    (void)f;
    for (const llq_FMT *b = (const llq_FMT *)row; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        float p;
//@ if min
        llq_FMT_scales(b, sc, m);
//@ else
        llq_FMT_scales(b, sc);
//@ end
        llq_scales_by(sc, a->k);
        LL_UNROLL for (int h = 0; h < 4; h++) {
            const int8_t *q = a->q + h / 2 * 128 + h % 2 * 16;
            const int16_t *s = sc + h / 2 * 8 + h % 2;
            llq_word w[4];
            llq_FMT_words(b, 16 * h, w);
            LL_UNROLL for (int k = 0; k < 4; k++) isum += s[2 * k] * llq_word_dot(w[k], q + 32 * k);
        }
        p = llq_FMT_scale(b) * (float)isum;
//@ if min
        p = llq_less_mins(p, llq_FMT_min(b), m, a);
//@ end
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#endif

//@ end
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
