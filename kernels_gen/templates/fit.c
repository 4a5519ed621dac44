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
LL_INLINE int llq_value(float x, int lo, int hi, const int8_t *values) {
    return values ? values[llq_nearest(x, values)] : llq_code(x, lo, hi);
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

/* s with s * c nearest to x, c one of `values` or in [lo, hi], lo < 0. The largest x is led to lo or,
 * among values, which are not symmetric, to hi. */
LL_FN float llq_fit_scale(const float *x, const float *w, int n, int lo, int hi, const int8_t *values) {
    float max = 0, best = 0, scale = 0;
    for (int i = 0; i < n; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    if (fabsf(max) < 1e-30f) return 0;
    for (int t = -LLQ_TRIALS; t <= (values ? 3 : 1) * LLQ_TRIALS; t++) {
        float xc = 0, cc = 0, inv = (float)lo + 0.1f * (float)t;
        if (values) inv = t <= LLQ_TRIALS ? (float)(lo + 2 * t) : (float)(hi + 2 * (t - 2 * LLQ_TRIALS));
        for (int i = 0; i < n; i++) {
            float c = (float)llq_value(x[i] * (inv / max), lo, hi, values), wc = llq_weight(w, i) * c;
            xc += x[i] * wc, cc += c * wc;
        }
        if (cc > 0 && xc * xc > best * cc) best = xc * xc / cc, scale = xc / cc;
    }
    return scale;
}

/* s and m >= 0 with s * c - m nearest to x, c in [0, hi]; n <= 32. */
LL_FN void llq_fit_scale_min(const float *x, const float *w, int n, int hi, float *s, float *m) {
    float low = 0, high = x[0], sum_x = 0, sum_w = 0, best = -1;
    for (int i = 0; i < n; i++) {
        low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]);
        sum_x += llq_weight(w, i) * x[i], sum_w += llq_weight(w, i);
    }
    *s = 0, *m = -low;
    if (high - low < 1e-30f) return;
    for (int t = -LLQ_TRIALS; t <= LLQ_TRIALS; t++) {
        float inv = ((float)hi + 0.1f * (float)t) / (high - low);
        float c[32], sum_c = 0, cc = 0, xc = 0, det, scale, min, error = 0;
        for (int i = 0; i < n; i++) {
            float wc;
            c[i] = (float)llq_code((x[i] - low) * inv, 0, hi), wc = llq_weight(w, i) * c[i];
            sum_c += wc, cc += wc * c[i], xc += wc * x[i];
        }
        det = sum_w * cc - sum_c * sum_c;
        if (det <= 0) continue;
        scale = (sum_w * xc - sum_c * sum_x) / det;
        min = (sum_c * xc - cc * sum_x) / det;
        if (min < 0) min = 0, scale = xc / cc;
        for (int i = 0; i < n; i++) {
            float e = x[i] - (scale * c[i] - min);
            error += llq_weight(w, i) * e * e;
        }
        if (best < 0 || error < best) best = error, *s = scale, *m = min;
    }
}

/* Codes for a * c - b, and the weighted squared error. */
LL_FN float llq_codes_for(const float *x, const float *w, int n, float a, float b,
                          int lo, int hi, const int8_t *values, int8_t *c) {
    float inv = llq_inverse(a), error = 0;
    for (int i = 0; i < n; i++) {
        float e;
        c[i] = (int8_t)llq_value((x[i] + b) * inv, lo, hi, values);
        e = x[i] - (a * (float)c[i] - b);
        error += llq_weight(w, i) * e * e;
    }
    return error;
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
        low = llq_round_f16(high - m), d = llq_round_f16(d);
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
        if (fabsf(s[j]) > fabsf(s_max)) s_max = s[j];
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
    float d = llq_round_f16(fabsf(llq_fit_scale(x, w, 256, -1, 1, NULL)));
    llq_codes_for(x, w, 256, d, 0, -1, 1, NULL, c);
    return d;
}
