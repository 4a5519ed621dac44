#if LL_ONCE
/* What formats with float scales (blocks of 32 to 128) say of themselves, and those of 256 with integer ones. */
LL_FN void llq_dequantize32(const ll_format *f, const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    llq_block b;
    for (const float *end = dst + n; dst < end; p += f->block_bytes) {
        f->read(p, &b);
        for (int j = 0; j < f->block_len; j += 16, dst += 16) {
            const float d = b.d[j / 16];
            if (f->min) for (int i = 0; i < 16; i++) dst[i] = d * (float)b.c[j + i] + b.m;
            else for (int i = 0; i < 16; i++) dst[i] = d * (float)b.c[j + i];
        }
    }
}
LL_FN void llq_dequantize256(const ll_format *f, const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    llq_block b;
    for (const float *end = dst + n; dst < end; p += f->block_bytes) {
        f->read(p, &b);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = b.d[0] * (float)b.sc[j / 16], m = f->min ? b.m * (float)b.mc[j / 16] : 0;
            if (f->min) for (int i = 0; i < 16; i++) dst[i] = d * (float)b.c[j + i] - m;
            else for (int i = 0; i < 16; i++) dst[i] = d * (float)b.c[j + i];
        }
    }
}

LL_FN float llq_dot32(const ll_format *f, const void *row, const void *vec, int n_cols) {
    const uint8_t *from = (const uint8_t *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0, p = 0;
    llq_block b;
    for (int i = 0; i < n_cols; i += f->block_len, from += f->block_bytes) {
        f->read(from, &b);
        for (int j = 0, at = i % 256; j < f->block_len; j += f->run, at += f->run) {
            const int32_t isum = f->run == 16 ? llq_dot(b.c + j, a->q + at, 16) : llq_dot(b.c + j, a->q + at, 32);
            p = ll_fma(b.d[j / 16] * (float)a->k[at / 32], (float)isum, p);
            if (f->min) p = ll_fma(b.m, (float)ll_a8_ksum(a, at / 32), p);
        }
        if ((i + f->block_len) % 256 && i + f->block_len < n_cols) continue;
        acc = ll_fma(a->base, p, acc), p = 0, a++;      /* the end of a group */
    }
    return acc;
}
/* p, and what the minima make of a group of 256 */
LL_INLINE float llq_less_mins(float p, float m, const int16_t *mc, const ll_a8 *a) {
    int32_t msum = 0;
    for (int j = 0; j < 16; j++) msum += mc[j] * a->k[j / 2] * a->sum[j];
    return ll_fma(-m, (float)msum, p);
}
LL_FN float llq_dot256(const ll_format *f, const void *row, const void *vec, int n_cols) {
    const uint8_t *from = (const uint8_t *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    llq_block b;
    for (; n_cols > 0; n_cols -= 256, a++, from += f->block_bytes) {
        int32_t isum = 0;
        float p;
        f->read(from, &b);
        const int16_t *sc = b.sc;
        const int8_t *c = b.c, *q = a->q;
        llq_scales_by(b.sc, a->k);
        for (int j = 0; j < 16; j++, c += 16, q += 16) isum += *sc++ * llq_dot(c, q, 16);
        p = b.d[0] * (float)isum;
        if (f->min) p = llq_less_mins(p, b.m, b.mc, a);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#endif

#if !LLV_PANEL
/* 16 rows, `stride` bytes apart: n columns in blocks of `len` (`bytes` in the file), a scale for each `run`. */
LL_FN void ll_panel_read(llq_reader *read, const uint8_t *rows, size_t stride, int n, int len, int bytes, int run,
                         bool min, ll_panel *p) {
    llq_block b;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int i = 0; i < n; i += len) {
            read(rows + i / len * bytes, &b);
            for (int j = 0; j < len; j++) p->w[r][i + j] = b.c[j];
            for (int j = 0; j < len; j += run) p->scale_f[r][(i + j) / run] = b.d[j / 16];
            if (min) for (int j = 0; j < len; j += 32) p->min_f[r][(i + j) / 32] = b.m;
        }
    }
}
LL_FN void ll_panel_read256(llq_reader *read, const uint8_t *rows, size_t stride, bool min, ll_panel *p) {
    llq_block b;
    for (int r = 0; r < 16; r++, rows += stride) {
        read(rows, &b);
        for (int i = 0; i < 256; i++) p->w[r][i] = b.c[i];
        p->d[r] = b.d[0];
        memcpy(p->scale[r], b.sc, sizeof b.sc);
        if (min) p->dmin[r] = b.m, memcpy(p->min[r], b.mc, sizeof b.mc);
    }
}
#endif

