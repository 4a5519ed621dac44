/* ---- choosing scales -------------------------------------------------------------------------
 * Least squares: the scale (and minimum) for which the rounded codes come closest to the values.
 * For given codes the best scale has a closed form; codes come from a few trial scales around
 * the one that just spans the values. The two-level formats then round these to their integer
 * scales, try the neighbours of each, and fit the outer scale anew. */

/* Nearest integer in [lo, hi]. */
LL_INLINE int llq_code(float x, int lo, int hi) {
    x = LL_MIN(LL_MAX(x, (float)lo), (float)hi);
    return (int)((x + 12582912.0f) - 12582912.0f);
}
/* The nearest of sixteen values, by its index. */
LL_INLINE int llq_nearest(float x, const int8_t *values) {
    int at = 0;
    for (int step = 8; step; step /= 2)
        if (2 * x > (float)(values[at + step - 1] + values[at + step])) at += step;
    return at;
}
LL_INLINE float llq_round_f16(double x) { return ll_f16_to_f32(ll_f32_to_f16((float)x)); }

/* Weights of errors: NULL, all alike, or made to have mean 1 and none below a millionth of it, so
 * that nothing under- or overflows and what does not matter is rounded sensibly. */
LL_INLINE float llq_weight(const float *w, int i) { return w ? w[i] : 1; }
LL_FN const float *llq_weights(const float *importance, int n, float *w) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += llq_weight(importance, i);
    if (!importance || sum <= 0) return NULL;
    for (int i = 0; i < n; i++) w[i] = (float)LL_MAX(importance[i] * (double)n / sum, 1e-6);
    return w;
}

#define LLQ_TRIALS 9                    /* on each side; a tenth of a code apart */

/* Sixteen at a time, as all n here are multiples of 16. */
LL_INLINE llv_f llq_weights16(const float *w, int i) { return w ? llv_f_load(w + i) : llv_f_set(1); }
/* The nearest of `values`: climbs a step for each middle between two that x lies above. x and a middle
 * are equal or differ by far more than 1e-30, as no middle is small: so `above` is 0 or 1. */
LL_INLINE llv_f llq_nearest16(llv_f x, const int8_t *values) {
    llv_f v = llv_f_set(values[0]);
    for (int i = 0; i < 15; i++) {
        const llv_f past = llv_f_sub(x, llv_f_set(0.5f * (float)(values[i] + values[i + 1])));
        const llv_f above = llv_f_min(llv_f_max(llv_f_mul(past, llv_f_set(1e30f)), llv_f_set(0)), llv_f_set(1));
        v = llv_f_add(v, llv_f_mul(above, llv_f_set((float)(values[i + 1] - values[i]))));
    }
    return v;
}
LL_INLINE llv_f llq_values16(llv_f x, int lo, int hi, const int8_t *values) {
    if (values) return llq_nearest16(x, values);
    return llv_f_round(llv_f_min(llv_f_max(x, llv_f_set((float)lo)), llv_f_set((float)hi)));
}

/* s with s * c nearest to x, c one of `values` or in [lo, hi], lo < 0. The largest x is led to lo or,
 * among values, which are not symmetric, to hi. */
LL_FN float llq_fit_scale(const float *x, const float *w, int n, int lo, int hi, const int8_t *values) {
    float max = 0, best = 0, scale = 0;
    for (int i = 0; i < n; i++) if (ll_fabsf(x[i]) > ll_fabsf(max)) max = x[i];
    if (ll_fabsf(max) < 1e-30f) return 0;
    for (int t = -LLQ_TRIALS; t <= (values ? 3 : 1) * LLQ_TRIALS; t++) {
        float xc, cc, inv = (float)lo + 0.1f * (float)t;
        llv_f sum_xc = llv_f_set(0), sum_cc = llv_f_set(0);
        if (values) inv = t <= LLQ_TRIALS ? (float)(lo + 2 * t) : (float)(hi + 2 * (t - 2 * LLQ_TRIALS));
        for (int i = 0; i < n; i += 16) {
            const llv_f v = llv_f_load(x + i);
            const llv_f c = llq_values16(llv_f_mul(v, llv_f_set(inv / max)), lo, hi, values);
            const llv_f wc = llv_f_mul(llq_weights16(w, i), c);
            sum_xc = llv_f_add(sum_xc, llv_f_mul(v, wc)), sum_cc = llv_f_add(sum_cc, llv_f_mul(c, wc));
        }
        xc = llv_f_sum(sum_xc), cc = llv_f_sum(sum_cc);
        if (cc > 0 && xc * xc > best * cc) best = xc * xc / cc, scale = xc / cc;
    }
    return scale;
}

/* Codes for a * c - b, put into c unless that is NULL, and the weighted squared error. inv: of the
 * scale that chooses codes. */
LL_INLINE float llq_error(const float *x, const float *w, int n, float a, float b, float inv, float low,
                          int lo, int hi, const int8_t *values, int8_t *c) {
    llv_f error = llv_f_set(0);
    for (int i = 0; i < n; i += 16) {
        const llv_f v = llv_f_load(x + i);
        const llv_f code = llq_values16(llv_f_mul(llv_f_sub(v, llv_f_set(low)), llv_f_set(inv)), lo, hi, values);
        const llv_f e = llv_f_sub(v, llv_f_sub(llv_f_mul(llv_f_set(a), code), llv_f_set(b)));
        error = llv_f_add(error, llv_f_mul(llv_f_mul(llq_weights16(w, i), e), e));
        if (c) llv_f_store_i8(c + i, code);
    }
    return llv_f_sum(error);
}

/* Codes for a * c - b, and the weighted squared error. */
LL_FN float llq_codes_for(const float *x, const float *w, int n, float a, float b,
                          int lo, int hi, const int8_t *values, int8_t *c) {
    return llq_error(x, w, n, a, b, llq_inverse(a), -b, lo, hi, values, c);
}

/* s and m >= 0 with s * c - m nearest to x, c in [0, hi]. */
LL_FN void llq_fit_scale_min(const float *x, const float *w, int n, int hi, float *s, float *m) {
    float low = 0, high = x[0], sum_x, sum_w, best = -1;
    llv_f all_x = llv_f_set(0), all_w = llv_f_set(0);
    for (int i = 0; i < n; i++) low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]);
    for (int i = 0; i < n; i += 16) {
        const llv_f v = llq_weights16(w, i);
        all_x = llv_f_add(all_x, llv_f_mul(v, llv_f_load(x + i))), all_w = llv_f_add(all_w, v);
    }
    sum_x = llv_f_sum(all_x), sum_w = llv_f_sum(all_w);
    *s = 0, *m = -low;
    if (high - low < 1e-30f) return;
    for (int t = -LLQ_TRIALS; t <= LLQ_TRIALS; t++) {
        const float inv = ((float)hi + 0.1f * (float)t) / (high - low);
        llv_f wc_1 = llv_f_set(0), wc_c = llv_f_set(0), wc_x = llv_f_set(0);
        float sum_c, cc, xc, det, scale, min, error;
        for (int i = 0; i < n; i += 16) {
            const llv_f v = llv_f_load(x + i);
            const llv_f c = llq_values16(llv_f_mul(llv_f_sub(v, llv_f_set(low)), llv_f_set(inv)), 0, hi, NULL);
            const llv_f wc = llv_f_mul(llq_weights16(w, i), c);
            wc_1 = llv_f_add(wc_1, wc), wc_c = llv_f_add(wc_c, llv_f_mul(wc, c));
            wc_x = llv_f_add(wc_x, llv_f_mul(wc, v));
        }
        sum_c = llv_f_sum(wc_1), cc = llv_f_sum(wc_c), xc = llv_f_sum(wc_x);
        det = sum_w * cc - sum_c * sum_c;
        if (det <= 0) continue;
        scale = (sum_w * xc - sum_c * sum_x) / det;
        min = (sum_c * xc - cc * sum_x) / det;
        if (min < 0) min = 0, scale = xc / cc;
        error = llq_error(x, w, n, scale, min, inv, low, 0, hi, NULL, NULL);
        if (best < 0 || error < best) best = error, *s = scale, *m = min;
    }
}

/* c in [0, hi], d and m (put as f16) for d * c + m nearest to 32 x. Without weights d and m just
 * span them; with weights a search does, and x - high <= 0 stands for x, as its minimum does. */
LL_FN void llq_span(const float *x, const float *w, int hi, uint8_t *put_d, uint8_t *put_m, uint8_t *c) {
    float low = x[0], high = x[0], d, inv;
    for (int i = 1; i < 32; i++) low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]);
    d = (high - low) / (float)hi;
    if (w) {
        float down[32], m;
        for (int i = 0; i < 32; i++) down[i] = x[i] - high;
        llq_fit_scale_min(down, w, 32, hi, &d, &m);
        low = llq_round_f16(LL_MAX(high - m, -65504.0f)), d = llq_round_f16(d);  /* m may lie far below all x */
    }
    inv = llq_inverse(d);
    llq_put_f16(put_d, d), llq_put_f16(put_m, low);
    for (int i = 0; i < 32; i++) c[i] = (uint8_t)LL_MIN(LL_MAX((x[i] - low) * inv + 0.5f, 0), (float)hi);
}

/* A super-block of 256 in blocks of n: w = d * sc[j] * c - dmin * m[j]. m NULL: no minima. */
typedef struct llq_super {
    int n, code_lo, code_hi, scale_lo, scale_hi, min_hi;
    const int8_t *values;               /* codes are among these; NULL: all of them */
    float d, dmin;
    int sc[16], m[16];
    int8_t c[256];
} llq_super;

/* The best of the scale and minimum of block j and their neighbours. Among `values`,
 * which are not symmetric, those of the other sign too. */
LL_FN void llq_super_block(llq_super *b, const float *x, const float *w, int j, bool min) {
    const int sc = b->sc[j], m = b->m[j];
    float best = -1;
    int8_t c[32];
    for (int i = -1; i <= (b->values ? 4 : 1); i++) {
        const int s = i <= 1 ? sc + i : i - 3 - sc;
        if (s < b->scale_lo || s > b->scale_hi) continue;
        for (int k = min ? LL_MAX(m - 1, 0) : 0; k <= (min ? LL_MIN(m + 1, b->min_hi) : 0); k++) {
            float error = llq_codes_for(x + b->n * j, w ? w + b->n * j : NULL, b->n, b->d * (float)s,
                                        b->dmin * (float)k, b->code_lo, b->code_hi, b->values, c);
            if (best >= 0 && error >= best) continue;
            best = error, b->sc[j] = s, b->m[j] = k;
            memcpy(b->c + b->n * j, c, (size_t)b->n);
        }
    }
}

/* d and dmin for the codes as they are. */
LL_FN void llq_super_refit(llq_super *b, const float *x, const float *w) {
    double ss = 0, sm = 0, mm = 0, xs = 0, xm = 0, det;
    for (int i = 0; i < 256; i++) {
        double s = b->sc[i / b->n] * b->c[i], m = b->m[i / b->n];
        double ws = llq_weight(w, i) * s, wm = llq_weight(w, i) * m;
        ss += ws * s, sm += ws * m, mm += wm * m, xs += x[i] * ws, xm += x[i] * wm;
    }
    det = ss * mm - sm * sm;
    if (mm == 0 && ss > 0) b->d = llq_round_f16(xs / ss);
    else if (det > 0 && xs * mm > xm * sm && xs * sm > xm * ss) {
        b->d = llq_round_f16((xs * mm - xm * sm) / det);
        b->dmin = llq_round_f16((xs * sm - xm * ss) / det);
    }
}

LL_FN void llq_super_fit(llq_super *b, const float *x, const float *w, bool min) {
    float s[16], m[16] = { 0 }, s_max = 0, m_max = 0;
    const int blocks = 256 / b->n;
    for (int j = 0; j < blocks; j++) {
        const float *wj = w ? w + b->n * j : NULL;
        if (min) llq_fit_scale_min(x + b->n * j, wj, b->n, b->code_hi, &s[j], &m[j]);
        else s[j] = llq_fit_scale(x + b->n * j, wj, b->n, b->code_lo, b->code_hi, b->values);
        if (ll_fabsf(s[j]) > ll_fabsf(s_max)) s_max = s[j];
        m_max = LL_MAX(m_max, m[j]);
    }
    b->d = llq_round_f16(s_max / (float)(b->scale_lo < 0 ? b->scale_lo : b->scale_hi));
    b->dmin = llq_round_f16(m_max / (float)LL_MAX(b->min_hi, 1));
    for (int j = 0; j < blocks; j++) {
        b->sc[j] = llq_code(s[j] * llq_inverse(b->d), b->scale_lo, b->scale_hi);
        b->m[j] = llq_code(m[j] * llq_inverse(b->dmin), 0, b->min_hi);
    }
    for (int j = 0; j < blocks; j++) llq_super_block(b, x, w, j, min);
    llq_super_refit(b, x, w);
    for (int j = 0; j < blocks; j++) llq_super_block(b, x, w, j, min);
}

/* d and codes -1, 0, 1. Weights trained to be ternary come out as they are. */
LL_FN float llq_ternary(const float *x, const float *w, int8_t *c) {
    float d = llq_round_f16(ll_fabsf(llq_fit_scale(x, w, 256, -1, 1, NULL)));
    llq_codes_for(x, w, 256, d, 0, -1, 1, NULL, c);
    return d;
}
