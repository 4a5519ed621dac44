
LL_INLINE void llq_FMT_open_scales(const uint8_t *rows, size_t stride, ll_open *o, int r) {
    const llq_FMT *b = (const llq_FMT *)(rows + (size_t)r * stride), *c = (const llq_FMT *)(rows + (size_t)(r + 1) * stride);
//@ if sub32
//@ if min
    llv_w sc, m;
    llq_FMT_load_scales(b, c, &sc, &m);
    llv_w_store_twice(o->scale[r], sc), llv_w_store_twice(o->min[r], m);
//@ else
    llv_w_store_twice(o->scale[r], llq_FMT_load_scales(b, c));
//@ end
//@ end
//@ if sub16
//@ if min
    llv_w sc, m;
    llq_FMT_load_scales(b, &sc, &m);
    llv_w_store(o->scale[r], sc), llv_w_store(o->min[r], m);
    llq_FMT_load_scales(c, &sc, &m);
    llv_w_store(o->scale[r + 1], sc), llv_w_store(o->min[r + 1], m);
//@ else
    llv_w_store(o->scale[r], llq_FMT_load_scales(b));
    llv_w_store(o->scale[r + 1], llq_FMT_load_scales(c));
//@ end
//@ end
//@ if min
    memcpy(&o->dmin[r], b->dmin, 2), memcpy(&o->dmin[r + 1], c->dmin, 2);
//@ end
    memcpy(&o->d[r], b->d, 2), memcpy(&o->d[r + 1], c->d, 2);
}
LL_FN void llq_FMT_open(const uint8_t *rows, size_t stride, ll_open *o, int r) {
    llq_FMT_open_scales(rows, stride, o, r);
    for (int i = r; i < r + 2; i++)
        LLV_UNROLL for (int j = 0; j < 8; j++)
            llv_b_store(o->code[i] + 32 * j, llq_FMT_load((const llq_FMT *)(rows + (size_t)i * stride), j));
}
