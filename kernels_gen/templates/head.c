
/* ---- activations -------------------------------------------------------------------------- */

/* 256 values of a vector, quantised once and used by every matrix that multiplies it:
 * x ~= base * k * q. A short last group is padded with q = 0. */
typedef struct ll_a8 {
    int8_t  q[256];                     /* -127..127 */
    int16_t ksum[16];                   /* k * the sum of each 16 q */
    int16_t k[8];                       /* multiplier of each 32: 1..7 */
    float   base;
    int32_t unused[3];
} ll_a8;
LL_STATIC_ASSERT(a8_is_320_bytes, sizeof(ll_a8) == 320);

/* One group of n (a multiple of 32) values. Plain IEEE operations, so every instruction set
 * gives the same record. Values so small that 1 / base could overflow count as zero; an
 * infinity or a NaN makes base NaN, and with it every product. */
LL_FN void ll_a8_group(const float *x, int n, ll_a8 *out) {
    float block_max[8] = { 0 }, max = 0, base;
    llv_f zero = llv_f_set(0), bad = zero, lo = llv_f_set(-127), hi = llv_f_set(127);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i += 32) {
        llv_f a = llv_f_load(x + i), b = llv_f_load(x + i + 16);
        bad = llv_f_fma(a, zero, llv_f_fma(b, zero, bad));      /* 0, or NaN */
        block_max[i / 32] = llv_f_hmax(llv_f_max(llv_f_abs(a), llv_f_abs(b)));
        max = LL_MAX(max, block_max[i / 32]);
    }
    base = max / (7 * 127.0f);
    if (base < 1.17549435e-38f) base = 1;               /* 2^-126 */
    out->base = base + llv_f_sum(bad);
    if (out->base != out->base) n = 0;
    for (int j = 0; j < 8; j++) {
        int k = 1;
        for (int i = 1; i < 7; i++) k += (float)(127 * i) * base < block_max[j];
        out->k[j] = (int16_t)k;
    }
    for (int i = 0; i < n; i += 16) {
        float inv = 1.0f / (base * (float)out->k[i / 32]);
        llv_f q = llv_f_round(llv_f_mul(llv_f_load(x + i), llv_f_set(inv)));
        int sum = 0;
        llv_f_store_i8(out->q + i, llv_f_max(llv_f_min(q, hi), lo));
        for (int j = 0; j < 16; j++) sum += out->q[i + j];
        out->ksum[i / 16] = (int16_t)(out->k[i / 32] * sum);
    }
}

/* n % 32 == 0; fills (n + 255) / 256 records. */
LL_FN void ll_a8_quantize(const float *x, int n, ll_a8 *out) {
    for (; n > 0; x += 256, n -= 256) ll_a8_group(x, LL_MIN(n, 256), out++);
}

//@ include templates/panel.c
/* ---- what every format has ------------------------------------------------------------------ */

typedef struct ll_format {
    const char *name;
    uint32_t id;                        /* the type's number in a GGUF file */
    int block_len, block_bytes;
    bool is_float;                      /* its kernels read float vectors, not ll_a8 */
    void (*dequantize)(const void *src, float *dst, size_t n);
    void (*quantize)(const float *src, void *dst, size_t n);        /* NULL: cannot */
    /* One row times one vector (float or ll_a8): the definition, in plain C. */
    float (*dot)(const void *row, const void *vec, int n_cols);
    /* 16 rows of up to 256 columns made ready; their products with a few vectors. */
    void (*unpack)(const uint8_t *rows, size_t stride, int n_blocks, ll_panel *p);
    void (*tile)(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs);
} ll_format;

#if 0 \
//@ each format
    || defined(LLOCAL_ONLY_FMT_NAME) \
//@ end

#  define LLQ_ALL 0
#else
#  define LLQ_ALL 1
#endif

LL_INLINE void llq_put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8); }
LL_INLINE void llq_put_f16(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }

/* 1 / d, and 0 where that overflows: d is 0 then, as far as an f16 scale can tell. */
LL_INLINE float llq_inverse(float d) { return fabsf(d) >= 1.17549435e-38f ? 1.0f / d : 0; }

LL_INLINE int32_t llq_dot(const int8_t *a, const int8_t *b, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

#if LLV_PANEL
/* The same for 16 rows: d, dmin, scales and minima from the first 16 bytes of the block. */
LL_INLINE void llq_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], m[8];
    llv_p_rows(b, stride, r);
    llv_f_store(p->d.f, llv_p_f16(r[0]));
    llv_f_store(p->dmin.f, llv_f_mul(llv_p_f16(llv_p_shr(r[0], 16)), llv_f_set(-1)));
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        llv_p high = llv_p_shl(ll_panel_field(r[1], 8 * j + 6, 3), 4);
        ll_panel_scale_i(p, j, ll_panel_field(r[1], 8 * j, 63));
        ll_panel_scale_i(p, 4 + j, llv_p_or(ll_panel_field(r[3], 8 * j, 15), high));
        high = llv_p_shl(ll_panel_field(r[2], 8 * j + 6, 3), 4);
        m[j] = ll_panel_field(r[2], 8 * j, 63);
        m[4 + j] = llv_p_or(ll_panel_field(r[3], 8 * j + 4, 15), high);
    }
    LLV_UNROLL for (int j = 0; j < 4; j++)
        llv_p_store(p->min[j].i, llv_p_or(m[2 * j], llv_p_shl(m[2 * j + 1], 16)));
}
#endif

LL_FN float llq_max_abs(const float *x, int n) {
    float max = 0;
    for (int i = 0; i < n; i++) if (fabsf(x[i]) > max) max = fabsf(x[i]);
    return max;
}

/* The eight 6-bit scales and minima of Q4_K and Q5_K, each for 32 weights, in 12 bytes:
 *
 *   byte 0..3: sc[0..3] | (sc[4..7] >> 4) << 6
 *   byte 4..7:  m[0..3] | ( m[4..7] >> 4) << 6
 *   byte 8..11: sc[4..7] & 15 | (m[4..7] & 15) << 4 */
LL_FN void llq_k_scales(const uint8_t *s, int16_t *sc, int16_t *m) {
    for (int j = 0; j < 4; j++) {
        int hi_sc = (s[8 + j] & 15) | s[j] >> 6 << 4, hi_m = s[8 + j] >> 4 | s[4 + j] >> 6 << 4;
        sc[2 * j] = sc[2 * j + 1] = s[j] & 63;
        m[2 * j] = m[2 * j + 1] = s[4 + j] & 63;
        sc[8 + 2 * j] = sc[9 + 2 * j] = (int16_t)hi_sc;
        m[8 + 2 * j] = m[9 + 2 * j] = (int16_t)hi_m;
    }
}

