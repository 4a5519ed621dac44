#if LLV_INT
/* ---- super-blocks, opened ---------------------------------------------------------------------
 * 256 columns of a few rows as plain numbers: formats of 256 that do not lay rows into lanes by
 * themselves are brought to this (llq_FMT_open), and one text for all makes panels of it. */
typedef struct ll_open {
    uint8_t code[16][256];              /* the kernels' codes: unsigned, or signed bytes */
    int16_t scale[16][16];              /* for each 16 columns */
    uint16_t d[16];                     /* f16 */
} ll_open;

/* Fills rows r and r + 1 of o from the blocks b and c. */
typedef void ll_opener(const uint8_t *b, const uint8_t *c, ll_open *o, int r);

/* One half, zeros in the other. */
LL_INLINE llv_b llq_lower(llv_b a) {
    static const uint8_t keep[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    return llv_b_and(a, llv_b_load(keep));
}
LL_INLINE llv_b llq_upper(llv_b a) {
    static const uint8_t keep[32] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    return llv_b_and(a, llv_b_load(keep));
}
#endif

#if LLV_PANEL
/* Sixteen rows of n <= 256 bytes change places with the lanes. */
LL_NOINLINE void ll_panel_codes(ll_panel *p, const uint8_t *code, int n, int flip) {
    for (int i = 0; i < n / 16; i++) {
        llv_p r[4];
        llv_p_rows(code + 16 * i, 256, r);
        LLV_UNROLL for (int j = 0; j < 4; j++) r[j] = llv_p_xor(r[j], llv_p_set((int32_t)((uint32_t)flip * 0x01010101u)));
        llv_p_store2(p->w[4 * i], r[0], r[1]), llv_p_store2(p->w[4 * i + 2], r[2], r[3]);
    }
}

/* Numbers of 16 bits in pairs: the lower and the upper ones, with their sign. */
LL_INLINE llv_p ll_panel_lower(llv_p a) { return llv_p_dot2(llv_p_set(0), a, llv_p_set(1)); }
LL_INLINE llv_p ll_panel_upper(llv_p a) { return llv_p_dot2(llv_p_set(0), a, llv_p_set(1 << 16)); }

/* Scales for each 16 columns, or for each 32, where those of 16 are alike. */
LL_NOINLINE void ll_panel_scales(ll_panel *p, const ll_open *o, bool each32) {
    for (int i = 0; i < 2; i++) {
        llv_p r[4];
        llv_p_rows((const uint8_t *)&o->scale[0][8 * i], sizeof o->scale[0], r);
        LLV_UNROLL for (int j = 0; j < 4; j++) {
            if (each32) ll_panel_scale_i(p, 4 * i + j, ll_panel_lower(r[j]));
            else {
                ll_panel_scale_i(p, 8 * i + 2 * j, ll_panel_lower(r[j]));
                ll_panel_scale_i(p, 8 * i + 2 * j + 1, ll_panel_upper(r[j]));
            }
        }
    }
    ll_panel_multiples(p, each32 ? 8 : 16);
    llv_f_store(p->d.f, llv_f_load_f16(o->d));
}

/* A panel of a format of 256 that has no llq_FMT_panel. */
LL_NOINLINE void ll_panel_open(ll_opener *open, const uint8_t *rows, size_t stride, bool each32, int flip,
                               ll_panel *p) {
    ll_open o;
    for (int r = 0; r < 16; r += 2) open(rows + (size_t)r * stride, rows + (size_t)(r + 1) * stride, &o, r);
    ll_panel_codes(p, o.code[0], 256, flip);
    ll_panel_scales(p, &o, each32);
}
#endif

#if LLV_FEW
/* ---- few vectors ----------------------------------------------------------------------------
 * For two vectors or a few more a panel would be stored to be read once. Where a format lays rows into
 * lanes by itself (llq_FMT_panel), its codes go from there into the products (LLV_FEW: with LLV_ANY_BITS). */
typedef struct ll_few {
    ll_tile t;                          /* of 16 rows and LLV_TILE_VECS vectors */
    const uint8_t *rows, *ahead;        /* where they go on; what to fetch meanwhile */
    int32_t start[LLV_TILE_VECS][16];
    float beside[16];                   /* what missing vectors give */
} ll_few;

/* Fetches n bytes more, as one stream. */
LL_INLINE void ll_few_ahead(ll_few *f, int n) {
    for (int i = 0; i < n; i += 64) LL_PREFETCH(f->ahead + i);
    f->ahead += n;
}
/* Rows r to r + 15. */
LL_INLINE void ll_few_rows(ll_few *f, const ll_gemv *g, int r) {
    const uint8_t *p[16];
    f->ahead = llq_rows(g, r, p, 16), f->rows = p[0];
    for (int v = 0; v < LLV_TILE_VECS; v++) f->t.y[v] = v < g->n ? g->y[v] + r : f->beside;
}
/* Columns i to i + 255. */
LL_INLINE void ll_few_group(ll_few *f, const ll_gemv *g, int i, int bias, bool sub16) {
    f->t.first = i == 0, f->t.n_blocks = LL_MIN(8, (g->n_cols - i) / 32);
    for (int v = 0; v < LLV_TILE_VECS; v++) f->t.a[v] = llq_a8(g, LL_MIN(v, g->n - 1), i);
    if (bias) ll_tile_start(&f->t, LLV_TILE_VECS, bias, sub16, f->start);
}
/* acc = the products of n runs of 16 columns, from number `run` of the group on. */
LL_INLINE void ll_few_dots(const ll_few *f, const llv_p *w, int run, const int n, int bias, llv_p *acc) {
    const int8_t *q[LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
        q[v] = f->t.a[v]->q + 16 * run;
        acc[v] = llv_p_set(bias ? f->start[v][run] : 0);
    }
    llv_p_dots(acc, (const uint8_t *)w, 0, q, 4 * n, 8, 1, LLV_TILE_VECS);
}
#endif
