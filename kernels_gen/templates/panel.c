/* ---- panels and tiles ----------------------------------------------------------------------- */

/* For many vectors a matrix is unpacked piece by piece, 16 rows x 256 columns at a time, and
 * each piece (a panel) serves all vectors before the next is looked at. A tile is a few panels
 * times a few vectors: as many sums as there are registers. Rows lie in lanes, so nothing is
 * shuffled inside it. Where scales are integers k is 1..7, so a panel holds each scale seven times,
 * multiplied: then the scale of a vector costs an address and no arithmetic. */

#define LL_GROUP_BYTES 320              /* no format has more for 256 columns of a row */

/* One group of 256 columns of the vectors in a tile. */
typedef struct ll_tile {
    const ll_a8 *a[LLV_TILE_VECS];
    float *y[LLV_TILE_VECS];            /* [16 * panels]; partial sums live here between groups */
    bool first;                         /* of the groups: y counts as 0 */
    int n_blocks;                       /* of 32 columns */
    const uint8_t *ahead;               /* what to fetch meanwhile: */
    int n_ahead;                        /* so many bytes with each block */
} ll_tile;

#if LLV_PANEL

typedef union ll_lanes { float f[16]; int32_t i[16]; } ll_lanes;

typedef struct ll_panel {
    uint8_t w[64][64];                  /* [column / 4], in pairs: unsigned codes, as llv_p_store2 lays them */
    ll_lanes scale[16][7];              /* [block][k - 1]: scale * k; float scales: only [block][0], as it is */
    ll_lanes min[8];                    /* [block], or two integer minima of 16 bits a lane */
    ll_lanes d, dmin;
    bool lean;                          /* of few vectors: only scale[block][0] there too, and they multiply by k */
    uint8_t unused[63];                 /* panels lie side by side, and a vector must not cross lines of the cache */
} ll_panel;
LL_STATIC_ASSERT(panel_is_in_lines, sizeof(ll_panel) % 64 == 0);

LL_INLINE void ll_panel_scale_f(ll_panel *p, int block, llv_f d) { llv_f_store(p->scale[block][0].f, d); }
LL_INLINE void ll_panel_scale_i(ll_panel *p, int block, llv_p sc) { llv_p_store(p->scale[block][0].i, sc); }
/* Of n integer scales that are there. */
LL_NOINLINE void ll_panel_multiples(ll_panel *p, int n) {
    for (int j = 0; j < n && !p->lean; j++) {
        const llv_p sc = llv_p_load(p->scale[j][0].i);
        llv_p sum = sc;
        LLV_UNROLL for (int k = 1; k < 7; k++) {
            sum = llv_p_add(sum, sc);
            llv_p_store(p->scale[j][k].i, sum);
        }
    }
}
/* Bits of each byte; `mask` must leave none that came from its neighbour. */
LL_INLINE llv_p ll_panel_bits(llv_p a, int shift, int mask) {
    a = shift >= 0 ? llv_p_shr(a, shift) : llv_p_shl(a, -shift);
    return llv_p_and(a, llv_p_set(mask * 0x01010101));
}
/* A field of each 32-bit number. */
LL_INLINE llv_p ll_panel_field(llv_p a, int shift, int mask) {
    return llv_p_and(llv_p_shr(a, shift), llv_p_set(mask));
}
/* Minima 2 * j and 2 * j + 1: bytes `at` and `at` + 1 of each lane. */
LL_INLINE void ll_panel_mins(ll_panel *p, int j, llv_p m, int at) {
    m = llv_p_shr(m, 8 * at);
    llv_p_store(p->min[j].i, llv_p_or(llv_p_and(m, llv_p_set(255)), llv_p_and(llv_p_shl(m, 8), llv_p_set(0xff0000))));
}
/* An f16 of each of 16 rows, `stride` bytes apart. */
LL_INLINE llv_f ll_panel_f16(const uint8_t *p, size_t stride) {
    const uint8_t *row[16];
    LLV_UNROLL for (int i = 0; i < 16; i++) row[i] = p + (size_t)i * stride;
    return llv_f_f16(row, 0);
}

/* Scale times k. */
LL_INLINE llv_p ll_panel_scaled_i(const ll_lanes *scale, int k, bool lean) {
    return lean ? llv_p_mul(llv_p_load(scale[0].i), llv_p_set(k)) : llv_p_load(scale[k - 1].i);
}

/* What to add to the integer sums: codes are unsigned here, `bias` more than the weights. */
LL_INLINE void ll_tile_start(const ll_tile *t, int n_vecs, int bias, bool sub16, int32_t (*start)[16]) {
    for (int v = 0; v < n_vecs; v++) {
        llv_p s = llv_p_mul(llv_p_of_words(t->a[v]->sum), llv_p_set(-bias));
        llv_p_store(start[v], sub16 ? s : llv_p_pair_sums(s));
    }
}

/* acc = fma(base, P, acc) */
LL_INLINE void ll_tile_end(const ll_tile *tile, const llv_f *p, int n_panels, int n_vecs) {
    const ll_tile t = *tile;            /* which no store can change */
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
        LLV_UNROLL for (int z = 0; z < n_panels; z++) {
            float *y = t.y[v] + 16 * z;
            llv_f acc = t.first ? llv_f_set(0) : llv_f_load(y);
            llv_f_store(y, llv_f_fma(llv_f_set(t.a[v]->base), p[v * n_panels + z], acc));
        }
    }
}

/* Fetch y while the tile is computed: a store that misses would wait at its end. */
LL_INLINE void ll_tile_prefetch(const ll_tile *t, int n_panels, int n_vecs) {
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        LLV_UNROLL for (int z = 0; z < n_panels; z++) LL_PREFETCH(t->y[v] + 16 * z);
}

/* Fetch some of what comes next: a little at a time, or the loads of a tile would wait behind it. */
LL_INLINE void ll_tile_ahead(const ll_tile *t, int block) {
    for (int i = 0; i < t->n_ahead; i += 64) LL_PREFETCH(t->ahead + block * t->n_ahead + i);
}

/* Formats with a float scale (and a minimum) for each 32 columns, or a scale for each 16. */
LL_INLINE void ll_tile32_of(const ll_panel *p, const ll_tile *t, int bits, int bias, bool min,
                            const int run, const int n_panels, const int n_vecs) {
    llv_f sum[LLV_TILE_PANELS * LLV_TILE_VECS];
    llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    int32_t start[LLV_TILE_VECS][16];
    float k_float[LLV_TILE_VECS][8];
    ll_tile_prefetch(t, n_panels, n_vecs);
    ll_tile_start(t, n_vecs, bias, run == 16, start);
    for (int v = 0; v < n_vecs; v++) for (int j = 0; j < 8; j++) k_float[v][j] = (float)t->a[v]->k[j];
    LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) sum[i] = llv_f_set(0);
    for (int b = 0; b < t->n_blocks * (32 / run); b++) {
        if (b * run % 32 == 0) ll_tile_ahead(t, b * run / 32);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            q[v] = t->a[v]->q + run * b;
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[v * n_panels + z] = llv_p_set(start[v][run / 16 * b]);
        }
        llv_p_dots(acc, p->w[run / 4 * b], sizeof *p, q, run / 4, bits, n_panels, n_vecs);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const llv_f k = llv_f_set(k_float[v][run * b / 32]);
            LLV_UNROLL for (int z = 0; z < n_panels; z++) {
                llv_f *s = &sum[v * n_panels + z];
                *s = llv_f_fma(llv_f_mul(llv_f_load(p[z].scale[b][0].f), k), llv_p_float(acc[v * n_panels + z]), *s);
            }
        }
        if (min) LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const llv_f ksum = llv_f_set((float)ll_a8_ksum(t->a[v], b));
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                sum[v * n_panels + z] = llv_f_fma(llv_f_load(p[z].min[b].f), ksum, sum[v * n_panels + z]);
        }
    }
    ll_tile_end(t, sum, n_panels, n_vecs);
}

/* What is left to do when the integer sums of 256 columns are known: minima, d and base. */
LL_INLINE void ll_tile256_end(const ll_panel *p, const ll_tile *t, const llv_p *isum, int n_min,
                              const int n_panels, const int n_vecs) {
    llv_f sum[LLV_TILE_PANELS * LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        LLV_UNROLL for (int z = 0; z < n_panels; z++)
            sum[v * n_panels + z] = llv_f_mul(llv_f_load(p[z].d.f), llv_p_float(isum[v * n_panels + z]));
    if (n_min) {
        llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
        int16_t ksum[LLV_TILE_VECS][16];
        for (int v = 0; v < n_vecs; v++)
            llv_w_store(ksum[v], n_min == 8 ? llq_ksum16(t->a[v]) : llq_ksum32(t->a[v]));
        LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) acc[i] = llv_p_set(0);
        for (int j = 0; j < n_min; j++)
            LLV_UNROLL for (int v = 0; v < n_vecs; v++)
                LLV_UNROLL for (int z = 0; z < n_panels; z++)
                    acc[v * n_panels + z] = llv_p_dot2(acc[v * n_panels + z], llv_p_load(p[z].min[j].i),
                                                       llv_p_four(&ksum[v][2 * j]));
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                sum[v * n_panels + z] = llv_f_fma(llv_f_load(p[z].dmin.f),     /* holds -dmin */
                                                  llv_p_float(acc[v * n_panels + z]), sum[v * n_panels + z]);
    }
    ll_tile_end(t, sum, n_panels, n_vecs);
}

/* Formats with one float scale for 256 columns and integer scales (and minima) for each 16, or
 * each 32 of them. */
LL_INLINE void ll_tile256_of(const ll_panel *p, const ll_tile *t, int bits, int bias, int n_min,
                             const int n_scales, const int n_panels, const int n_vecs) {
    llv_p isum[LLV_TILE_PANELS * LLV_TILE_VECS], acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    int32_t start[LLV_TILE_VECS][16];
    const int n = 64 / n_scales;        /* groups of four columns to a scale */
    const bool lean = n_panels == 1 && p->lean;
    ll_tile_prefetch(t, n_panels, n_vecs);
    if (bias) ll_tile_start(t, n_vecs, bias, n_scales == 16, start);
    LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) isum[i] = llv_p_set(0);
    for (int b = 0; b < n_scales; b++) {
        if (b * n % 8 == 0) ll_tile_ahead(t, b * n / 8);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            q[v] = t->a[v]->q + 4 * n * b;
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[v * n_panels + z] = llv_p_set(bias ? start[v][16 / n_scales * b] : 0);
        }
        llv_p_dots(acc, p->w[n * b], sizeof *p, q, n, bits, n_panels, n_vecs);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const int k = t->a[v]->k[b * n / 8];
            LLV_UNROLL for (int z = 0; z < n_panels; z++) {
                llv_p *s = &isum[v * n_panels + z];
                *s = llv_p_add(*s, llv_p_mul(acc[v * n_panels + z], ll_panel_scaled_i(p[z].scale[b], k, lean)));
            }
        }
    }
    ll_tile256_end(p, t, isum, n_min, n_panels, n_vecs);
}

/* Compiled are all panels of a tile or one, all its vectors or one. */
LL_INLINE void ll_tile32_bits(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                              const int bits, int bias, bool min) {
    if (LLV_TILE_PANELS > 1 && n_panels > 1) {
        if (n_vecs > 1) ll_tile32_of(p, t, bits, bias, min, 32, LLV_TILE_PANELS, LLV_TILE_VECS);
        else ll_tile32_of(p, t, bits, bias, min, 32, LLV_TILE_PANELS, 1);
    } else if (n_vecs > 1) ll_tile32_of(p, t, bits, bias, min, 32, 1, LLV_TILE_VECS);
    else ll_tile32_of(p, t, bits, bias, min, 32, 1, 1);
}
LL_INLINE void ll_tile256_bits(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               const int bits, int bias, int n_min, const int n_scales) {
    if (LLV_TILE_PANELS > 1 && n_panels > 1) {
        if (n_vecs > 1) ll_tile256_of(p, t, bits, bias, n_min, n_scales, LLV_TILE_PANELS, LLV_TILE_VECS);
        else ll_tile256_of(p, t, bits, bias, n_min, n_scales, LLV_TILE_PANELS, 1);
    } else if (n_vecs > 1) ll_tile256_of(p, t, bits, bias, n_min, n_scales, 1, LLV_TILE_VECS);
    else ll_tile256_of(p, t, bits, bias, n_min, n_scales, 1, 1);
}

/* n_panels is LLV_TILE_PANELS or 1, n_vecs is LLV_TILE_VECS or 1. */
LL_NOINLINE void ll_tile32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                           int bits, int bias, bool min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile32_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), min);
    else if (bits > 4) ll_tile32_bits(p, n_panels, t, n_vecs, 6, bias, min);
    else ll_tile32_bits(p, n_panels, t, n_vecs, 4, bias, min);
}
/* Of scales for 16 columns only whole tiles are compiled, and the least one for the rest. */
LL_NOINLINE void ll_tile16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs, int bits, int bias) {
    (void)bits;
    if (n_panels == LLV_TILE_PANELS && n_vecs == LLV_TILE_VECS) {
        ll_tile32_of(p, t, 6, bias, false, 16, LLV_TILE_PANELS, LLV_TILE_VECS);
        return;
    }
    for (int z = 0; z < n_panels; z++) {
        for (int v = 0; v < n_vecs; v++) {
            ll_tile one = *t;
            one.a[0] = t->a[v], one.y[0] = t->y[v] + 16 * z;
            ll_tile32_of(p + z, &one, 6, bias, false, 16, 1, 1);
        }
    }
}
LL_NOINLINE void ll_tile256_32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile256_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), n_min, 8);
    else if (bits > 4) ll_tile256_bits(p, n_panels, t, n_vecs, 6, bias, n_min, 8);
    else ll_tile256_bits(p, n_panels, t, n_vecs, 4, bias, n_min, 8);
}
LL_NOINLINE void ll_tile256_16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile256_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), n_min, 16);
    else ll_tile256_bits(p, n_panels, t, n_vecs, 6, bias, n_min, 16);
}

#else                                   /* no panels: rows of 16-bit weights, plain loops */

typedef struct ll_panel {
    int16_t w[16][256];                 /* [row][column] */
    float scale_f[16][16], min_f[16][8];/* [row][block]: float scales */
    int16_t scale[16][16], min[16][16]; /* the integer ones: for each 16 */
    float d[16], dmin[16];
    bool lean;
} ll_panel;

LL_INLINE int32_t ll_panel_dot(const int16_t *w, const int16_t *q, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += w[i] * q[i];
    return sum;
}

LL_INLINE void ll_tile32_of(const ll_panel *p, const ll_tile *t, bool min, const int run) {
    const ll_a8 *a = t->a[0];
    int16_t q[256];
    for (int i = 0; i < 256; i++) q[i] = a->q[i];
    for (int r = 0; r < 16; r++) {
        float sum = 0;
        for (int b = 0; b < t->n_blocks * (32 / run); b++) {
            float isum = (float)ll_panel_dot(p->w[r] + run * b, q + run * b, run);
            sum = ll_fma(p->scale_f[r][b] * (float)a->k[run * b / 32], isum, sum);
            if (min) sum = ll_fma(p->min_f[r][b], (float)ll_a8_ksum(a, b), sum);
        }
        t->y[0][r] = ll_fma(a->base, sum, t->first ? 0 : t->y[0][r]);
    }
}
LL_NOINLINE void ll_tile32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                           int bits, int bias, bool min) {
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    ll_tile32_of(p, t, min, 32);
}
LL_NOINLINE void ll_tile16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs, int bits, int bias) {
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    ll_tile32_of(p, t, false, 16);
}

LL_NOINLINE void ll_tile256_16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    const ll_a8 *a = t->a[0];
    int16_t q[256];
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    for (int i = 0; i < 256; i++) q[i] = a->q[i];
    for (int r = 0; r < 16; r++) {
        int32_t isum = 0, msum = 0;
        float sum;
        for (int b = 0; b < 16; b++)
            isum += p->scale[r][b] * a->k[b / 2] * ll_panel_dot(p->w[r] + 16 * b, q + 16 * b, 16);
        sum = p->d[r] * (float)isum;
        if (n_min) {
            for (int b = 0; b < 16; b++) msum += p->min[r][b] * a->k[b / 2] * a->sum[b];
            sum = ll_fma(-p->dmin[r], (float)msum, sum);
        }
        t->y[0][r] = ll_fma(a->base, sum, t->first ? 0 : t->y[0][r]);
    }
}
LL_INLINE void ll_tile256_32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                             int bits, int bias, int n_min) {
    ll_tile256_16(p, n_panels, t, n_vecs, bits, bias, n_min);
}

#endif
