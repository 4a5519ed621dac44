
LL_FN void llq_FMT_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_FMT *b[2] = { (const llq_FMT *)block, (const llq_FMT *)next };
    LLV_UNROLL for (int h = 0; h < 2; h++) {
        LLV_UNROLL for (int j = 0; j < 8; j++) llv_b_store(o->code[r + h] + 32 * j, llq_FMT_load(b[h], j));
        llv_w_store(o->scale[r + h], llv_w_set(1));
        memcpy(&o->d[r + h], b[h]->d, 2);
    }
}
