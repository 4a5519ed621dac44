
/* ---- activations -------------------------------------------------------------------------- */

#if LL_ONCE
/* 256 values of a vector, quantised once and used by every matrix that multiplies it:
 * x ~= base * k * q. A short last group is padded with q = 0. */
typedef struct ll_a8 {
    int8_t  q[256];                     /* -127..127 */
    int16_t sum[16];                    /* of each 16 q */
    int16_t k[8];                       /* multiplier of each 32: 1..7, or 1..2047 */
    float   base;
    int32_t unused[3];
} ll_a8;
/* The largest k: where integer sums multiply scales by k, and where float scales do (their product is exact). */
enum { LL_A8_COARSE = 7, LL_A8_FINE = 2047 };
LL_STATIC_ASSERT(a8_is_320_bytes, sizeof(ll_a8) == 320);
LL_STATIC_ASSERT(a8_ksum_fits, 32 * 127 * LL_A8_COARSE <= INT16_MAX);           /* llq_ksum16, llq_ksum32 */
LL_STATIC_ASSERT(a8_k_is_exact, LL_A8_FINE < 1 << 11);                          /* times the 11 bits of an f16 */
#endif

/* The largest |x| of 32, and where one is no number NaN in bad; 16 codes x inv, rounded, within 127, and their sum. In
 * plain C one by one. */
#if LLV_LANES == 1
LL_INLINE float llq_max32(const float *x, llv_f *bad) {
    float max = 0, sum = 0;
    for (int i = 0; i < 32; i++) {
        const float a = ll_fabsf(x[i]);
        sum += a - a;
        if (a > max) max = a;
    }
    bad->v[0] += sum;
    return max;
}
LL_INLINE int llq_round16(const float *x, float inv, int8_t *q) {
    int sum = 0;
    for (int i = 0; i < 16; i++) {
        const float r = (x[i] * inv + 12582912.0f) - 12582912.0f;
        const int c = (int)LL_MAX(LL_MIN(r, 127.0f), -127.0f);
        q[i] = (int8_t)c, sum += c;
    }
    return sum;
}
#else
LL_INLINE float llq_max32(const float *x, llv_f *bad) {
    const llv_f a = llv_f_load(x), b = llv_f_load(x + 16);
    *bad = llv_f_add(*bad, llv_f_add(llv_f_sub(a, a), llv_f_sub(b, b)));        /* 0, or NaN */
    return llv_f_hmax(llv_f_max(llv_f_abs(a), llv_f_abs(b)));
}
LL_INLINE int llq_round16(const float *x, float inv, int8_t *q) {
    const llv_f r = llv_f_round(llv_f_mul(llv_f_load(x), llv_f_set(inv)));
    const llv_f c = llv_f_max(llv_f_min(r, llv_f_set(127)), llv_f_set(-127));
    llv_f_store_i8(q, c);
    return (int)llv_f_sum(c);
}
#endif

/* One group of n (a multiple of 32) values. Plain IEEE operations, so every instruction set
 * gives the same record. Values so small that 1 / base could overflow count as zero; an
 * infinity or a NaN makes base NaN, and with it every product. */
LL_FN void ll_a8_group(const float *x, int n, bool fine, ll_a8 *out) {
    const int levels = fine ? LL_A8_FINE : LL_A8_COARSE;
    float block_max[8] = { 0 }, max = 0, base, per;
    llv_f bad = llv_f_set(0);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i += 32) {
        block_max[i / 32] = llq_max32(x + i, &bad);
        max = LL_MAX(max, block_max[i / 32]);
    }
    base = max / ((float)levels * 127.0f);
    if (base < 1.17549435e-38f) base = 1;               /* 2^-126 */
    out->base = base + llv_f_sum(bad);
    if (out->base != out->base) n = 0, memset(block_max, 0, sizeof block_max), base = 1;
    per = 1.0f / (127 * base);
    for (int j = 0; j < 8; j++) {
        const int k = LL_MIN((int)(block_max[j] * per) + 1, levels);        /* reaches block_max */
        const float inv = 1.0f / (base * (float)k);
        out->k[j] = (int16_t)k;
        for (int i = 32 * j; i < LL_MIN(32 * j + 32, n); i += 16)
            out->sum[i / 16] = (int16_t)llq_round16(x + i, inv, out->q + i);
    }
}

/* What a minimum is multiplied by: k * the sum of 32 q. */
LL_INLINE int32_t ll_a8_ksum(const ll_a8 *a, int block) {
    return a->k[block] * (a->sum[2 * block] + a->sum[2 * block + 1]);
}
#if LLV_INT
/* k * the sum of each 16 q, and of each 32 in both halves */
LL_INLINE llv_w llq_ksum16(const ll_a8 *a) { return llv_w_mul(llv_w_load(a->sum), llv_w_load_twice(a->k)); }
LL_INLINE llv_w llq_ksum32(const ll_a8 *a) {
    return llv_w_from_i(llv_w_dot(llv_w_load(a->sum), llv_w_load_twice(a->k)));
}
#endif

/* n % 32 == 0; fills (n + 255) / 256 records. */
LL_FN void ll_a8_quantize(const float *x, int n, bool fine, ll_a8 *out) {
    for (; n > 0; x += 256, n -= 256) ll_a8_group(x, LL_MIN(n, 256), fine, out++);
}

/* What 32 columns of a vector contribute apart from their q, ready for use. */
typedef struct ll_step {
    float k, ksum;                      /* the multiplier, and it times the sum of q */
    int32_t offset;                     /* of the format's codes, times the sum of q */
} ll_step;

/* What a kernel for few vectors works on: some rows of a matrix and 1..4 vectors. */
typedef struct ll_gemv {
    const uint8_t *rows;
    uint64_t row_bytes, bytes;          /* bytes: to the end of the matrix, beyond n_rows */
    int n_rows, n_cols, n;
    const void *vec[4];                 /* float or ll_a8 */
    const ll_step *step[4];             /* blocks of 32: eight for each ll_a8 */
    float *y[4];                        /* [n_rows] */
    void *room;                         /* LL_GEMV_ROOM bytes for 256 columns: the vector in another order */
} ll_gemv;
#if LLV_GRID
#  define LL_GEMV_ROOM 320
#else
#  define LL_GEMV_ROOM 0
#endif

//@ include templates/panel.c
/* ---- what every format has ------------------------------------------------------------------ */

#if LL_ONCE
/* A block of an integer format as numbers: what defines the format. */
typedef struct llq_block {
    int8_t c[256];                      /* its codes, in order */
    float d[8], m;                      /* the scale of each 16 codes, the minimum; of 256 codes: d[0] and m */
    int16_t sc[16], mc[16];             /* of 256 codes: the integer ones of each 16 */
} llq_block;
typedef void llq_reader(const void *src, llq_block *b);

typedef struct ll_format ll_format;
struct ll_format {
    const char *name;
    uint32_t id;                        /* the type's number in a GGUF file */
    int block_len, block_bytes;
    float holds;                        /* the largest |weight| that quantize takes; 0: any float */
    bool is_float;                      /* its kernels read float vectors, not ll_a8 */
    bool fine;                          /* of ll_a8: those with k to LL_A8_FINE */
    int run;                            /* integer formats: columns to a float scale, if not 256: 32 or 16 */
    bool min;                           /* there are minima */
    llq_reader *read;
    void (*dequantize)(const ll_format *f, const void *src, float *dst, size_t n);
    /* NULL: cannot. importance: [n] or NULL */
    void (*quantize)(const float *src, const float *importance, void *dst, size_t n);
    /* One row times one vector (float or ll_a8): the definition, in plain C. */
    float (*dot)(const ll_format *f, const void *row, const void *vec, int n_cols);
};
#endif

/* And what it has on each instruction set. */
typedef struct ll_kernels {
    void (*gemv)(const ll_gemv *g);     /* integer formats: n is 1; NULL: none */
    int offset;                         /* what the gemv's codes have too much */
    /* 16 rows of up to 256 columns made ready; their products with a few vectors. */
    void (*unpack)(const uint8_t *rows, size_t stride, int n_blocks, ll_panel *p);
    void (*tile)(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs);
    void (*few)(const ll_gemv *g);      /* up to LLV_TILE_VECS vectors, rows in sixteens; NULL: none */
} ll_kernels;

#if LL_ONCE
/* LLOCAL_ONLY_<FORMAT> leaves all others away but F32, LLOCAL_NO_<FAMILY> a family. */
#if 0 \
//@ each format
    || defined(LLOCAL_ONLY_FMT_NAME) \
//@ end

#  define LLQ_ALL 0
#else
#  define LLQ_ALL 1
#endif
#if LLQ_ALL && !defined(LLOCAL_NO_LEGACY)
#  define LLQ_LEGACY 1
#else
#  define LLQ_LEGACY 0
#endif
#if LLQ_ALL && !defined(LLOCAL_NO_K)
#  define LLQ_K 1
#else
#  define LLQ_K 0
#endif
#if LLQ_ALL && !defined(LLOCAL_NO_IQ)
#  define LLQ_IQ 1
#else
#  define LLQ_IQ 0
#endif
#if LLQ_ALL && !defined(LLOCAL_NO_FP4)
#  define LLQ_FP4 1
#else
#  define LLQ_FP4 0
#endif
#if LLQ_ALL && !defined(LLOCAL_NO_TERNARY)
#  define LLQ_TERNARY 1
#else
#  define LLQ_TERNARY 0
#endif
#endif

#if LL_ONCE
LL_INLINE void llq_put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8); }
LL_INLINE void llq_put_f16(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
#endif

/* 1 / d, and 0 where that overflows: d is 0 then, as far as an f16 scale can tell. */
LL_INLINE float llq_inverse(float d) { return ll_fabsf(d) >= 1.17549435e-38f ? 1.0f / d : 0; }

//@ include templates/words.c
//@ include templates/plain.c
LL_FN float llq_max_abs(const float *x, int n) {
    float max = 0;
    for (int i = 0; i < n; i++) if (ll_fabsf(x[i]) > max) max = ll_fabsf(x[i]);
    return max;
}

/* Rows r, r + 1, ..., n of them; where there are fewer, the last one again. Returns what to
 * fetch meanwhile: the lanes walk along the rows in more streams than the hardware follows, so
 * the rows after these are fetched into the second-level cache as one stream, a group of rows
 * ahead and at least LLQ_AHEAD bytes. (Every other line, or into the first level, is slower.) */
#define LLQ_AHEAD 16384                 /* measure: build/kernels 1 1024 Q4_0, decode */
LL_INLINE const uint8_t *llq_rows(const ll_gemv *g, int r, const uint8_t **p, const int n) {
    const size_t left = g->bytes - (size_t)r * g->row_bytes;
    const size_t ahead = LL_MAX((size_t)n * g->row_bytes, LLQ_AHEAD);
    LLV_UNROLL for (int i = 0; i < n; i++)
        p[i] = g->rows + (size_t)LL_MIN(r + i, g->n_rows - 1) * g->row_bytes;
    return ahead < left ? p[0] + ahead : p[0];
}

/* The record of vector v that holds column i. */
LL_INLINE const ll_a8 *llq_a8(const ll_gemv *g, int v, int i) {
    return (const ll_a8 *)g->vec[v] + i / 256;
}

/* A kernel reads whole groups of 256 columns; in the last, shorter one it ignores what lies
 * behind the row. Where that could lie behind the matrix, the rows are copied first. Returns
 * where the group begins then. */
LL_NOINLINE size_t llq_last(const ll_gemv *g, const uint8_t **p, size_t at, size_t bytes,
                            size_t group_bytes, uint8_t *copy) {
    const uint8_t *end = g->rows + (size_t)g->n_rows * g->row_bytes;
    if ((size_t)(end - p[7]) >= at + group_bytes) return at;
    memset(copy, 0, 8 * group_bytes);
    for (int l = 0; l < 8; l++, copy += group_bytes) {
        memcpy(copy, p[l] + at, bytes);
        p[l] = copy;
    }
    return 0;
}

#if LLV_INT
LL_INLINE void llq_store(const ll_gemv *g, int r, const llv_r *acc, const int n) {
    LLV_UNROLL for (int v = 0; v < n; v++)
        llv_r_store_n(g->y[v] + r, acc[v], LL_MIN(8, g->n_rows - r));
}
/* n (2 to 8) blocks of q in pairs: [2 * pair] the first 16 of both, [2 * pair + 1] the last. */
LL_INLINE void llq_load_q(const int8_t *a, const int n, llv_b *q) {
    LLV_UNROLL for (int j = 0; j < n; j += 2) {
        q[j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
        q[j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
    }
}

/* The scales (and minima) of a group's blocks of 32: eight rows, one a lane. */
typedef struct llq_scales32 { llv_r d[8], m[8]; } llq_scales32;

/* The sums of a group with two more blocks, j and j + 1 (if two); dot: of eight rows. */
LL_INLINE llv_r llq_pair32(const ll_step *step, const llq_scales32 *s, int j, bool two, bool min, const llv_i *dot, llv_r sum) {
    const llv_i a = llv_i_sum4(dot[0], dot[1], dot[2], dot[3]), b = llv_i_sum4(dot[4], dot[5], dot[6], dot[7]);
    LLV_UNROLL for (int h = 0; h < 2; h++, j++) {
        const llv_i isum = llv_i_sub(h ? llv_i_highs(a, b) : llv_i_lows(a, b), llv_i_set(step[j].offset));
        if (h && !two) break;
        sum = llv_r_fma(llv_r_mul(s->d[j], llv_r_set(step[j].k)), llv_r_from_i(isum), sum);
        if (min) sum = llv_r_fma(s->m[j], llv_r_set(step[j].ksum), sum);
    }
    return sum;
}
/* acc + base * P, of the group at column i */
LL_INLINE llv_r llq_group32(const ll_gemv *g, int i, llv_r sum, llv_r acc) {
    return llv_r_fma(llv_r_set(llq_a8(g, 0, i)->base), sum, acc);
}

/* The same for n blocks. */
LL_INLINE llv_r llq_sums32(const ll_gemv *g, int i, int n, const llq_scales32 *s, bool min, llv_i (*dot)[8],
                           llv_r acc) {
    const ll_step *step = g->step[0] + i / 32;
    llv_r sum = llv_r_set(0);
    if (n == 8) LLV_UNROLL for (int j = 0; j < 8; j += 2) sum = llq_pair32(step, s, j, true, min, dot[j / 2], sum);
    else LLV_ROLL for (int j = 0; j < n; j += 2) sum = llq_pair32(step, s, j, j + 1 < n, min, dot[j / 2], sum);
    return llq_group32(g, i, sum, acc);
}
/* Without minima, and not in line. */
LL_NOINLINE llv_r llq_short32(const ll_gemv *g, int i, int n, const llq_scales32 *s, llv_i (*dot)[8], llv_r acc) {
    return llq_sums32(g, i, n, s, false, dot, acc);
}
/* Their scales come in, too: f16, `bytes` apart, each for 32 << twice columns; or with a minimum behind each. */
LL_NOINLINE llv_r llq_end32(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, size_t bytes, int twice, int n,
                            llv_i (*dot)[8], llv_r acc) {
    llq_scales32 s;
    if (n == 8) LLV_UNROLL for (int j = 0; j < 8; j++) s.d[j] = llv_r_f16(p, at + (size_t)(j >> twice) * bytes);
    else LLV_ROLL for (int j = 0; j < n; j++) s.d[j] = llv_r_f16(p, at + (size_t)(j >> twice) * bytes);
    return llq_sums32(g, i, n, &s, false, dot, acc);
}
LL_NOINLINE llv_r llq_end32_min(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, size_t bytes, int n,
                                llv_i (*dot)[8], llv_r acc) {
    llq_scales32 s;
    if (n == 8) LLV_UNROLL for (int j = 0; j < 8; j++) llv_r_f16_pair(p, at + (size_t)j * bytes, &s.d[j], &s.m[j]);
    else LLV_ROLL for (int j = 0; j < n; j++) llv_r_f16_pair(p, at + (size_t)j * bytes, &s.d[j], &s.m[j]);
    return llq_sums32(g, i, n, &s, true, dot, acc);
}

/* 64 q: the first 8 of each 16, the last 8 of each 16. */
LL_INLINE void llq_load_q16(const int8_t *a, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(a, a + 32), y = llv_b_load2(a + 16, a + 48);
    *lo = llv_b_lows8(x, y), *hi = llv_b_highs8(x, y);
}
/* sum[j]: lanes 2 * j and 2 * j + 1 of each s. */
LL_INLINE void llq_sum2(const llv_i *s, llv_i *sum) {
    llv_i t[4], even, odd, even2, odd2;
    LLV_UNROLL for (int i = 0; i < 4; i++)
        t[i] = llv_i_add(llv_i_evens(s[2 * i], s[2 * i + 1]), llv_i_odds(s[2 * i], s[2 * i + 1]));
    even = llv_i_evens(t[0], t[1]), odd = llv_i_odds(t[0], t[1]);
    even2 = llv_i_evens(t[2], t[3]), odd2 = llv_i_odds(t[2], t[3]);
    sum[0] = llv_i_lows(even, even2), sum[1] = llv_i_lows(odd, odd2);
    sum[2] = llv_i_highs(even, even2), sum[3] = llv_i_highs(odd, odd2);
}
/* Of all k * q. */
LL_INLINE int32_t llq_ksum(const ll_a8 *a) {
    int32_t sum = 0;
    for (int j = 0; j < 16; j++) sum += a->k[j / 2] * a->sum[j];
    return sum;
}
/* Lane l: the sum of all lanes of s[l]. */
LL_INLINE llv_i llq_sum8(const llv_i *s) {
    llv_i a = llv_i_sum4(s[0], s[1], s[2], s[3]), b = llv_i_sum4(s[4], s[5], s[6], s[7]);
    return llv_i_add(llv_i_lows(a, b), llv_i_highs(a, b));
}
#endif

//@ include templates/rows.c
