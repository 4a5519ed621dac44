
LL_INLINE void llq_FMT_open_scales(const llq_FMT *b, const llq_FMT *c, ll_open *o, int r) {
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
//@ if plain
    llv_w_store(o->scale[r], llv_w_set(1)), llv_w_store(o->scale[r + 1], llv_w_set(1));
//@ end
//@ if min
    memcpy(&o->dmin[r], b->dmin, 2), memcpy(&o->dmin[r + 1], c->dmin, 2);
//@ end
    memcpy(&o->d[r], b->d, 2), memcpy(&o->d[r + 1], c->d, 2);
}
LL_FN void llq_FMT_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_FMT *b[2] = { (const llq_FMT *)block, (const llq_FMT *)next };
    llq_FMT_open_scales(b[0], b[1], o, r);
    LLV_UNROLL for (int h = 0; h < 2; h++) {
//@ if folds
        const llv_w sc = llv_w_load(o->scale[r + h]);
        LLV_UNROLL for (int j = 0; j < 8; j++) {        /* two codes to a word: neither leaves its byte */
            const llv_w c = llv_w_of_b(llq_FMT_load(b[h], j));
            llv_b_store(o->code[r + h] + 32 * j, llv_b_of_w(llv_w_mul(c, llv_w_halves(sc, j))));
        }
        llv_w_store(o->scale[r + h], llv_w_set(1));
//@ else
        LLV_UNROLL for (int j = 0; j < 8; j++) llv_b_store(o->code[r + h] + 32 * j, llq_FMT_load(b[h], j));
//@ end
    }
}
