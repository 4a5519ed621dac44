/* >>attention against its definition (equal bits) and against a plain double softmax. */
#include <math.h>

enum { ATT_POS = 550, ATT_DIM = 272, ATT_HEADS = 16 };

/* One timeline: positions, heads, keys and values as the caches will hold them. */
typedef struct att_case {
    ll_attention a;
    int dim_k, dim_v, n_kv_heads, n_pos;
    llocal_kv kind_k, kind_v;
    float *q, *k, *v, *out, *want;      /* [n_pos][heads][dim], ATT_DIM-strided k and v */
} att_case;

static float *att_k(const att_case *c, int pos, int head) { return c->k + (pos * c->n_kv_heads + head) * ATT_DIM; }
static float *att_v(const att_case *c, int pos, int head) { return c->v + (pos * c->n_kv_heads + head) * ATT_DIM; }

static void att_fill(float *x, int n, llocal_kv kind, float size) {
    for (int i = 0; i < n; i++) {
        x[i] = size * t_uniform();
        if (kind == LLOCAL_KV_F16) x[i] = ll_f16_to_f32(ll_f32_to_f16(x[i]));
    }
}

static void att_open(att_case *c, int n_pos, int dim_k, int dim_v, int n_kv_heads, int n_group,
                     llocal_kv kind_k, llocal_kv kind_v) {
    int heads = n_kv_heads * n_group;
    memset(c, 0, sizeof *c);
    c->dim_k = dim_k, c->dim_v = dim_v, c->n_kv_heads = n_kv_heads, c->n_pos = n_pos;
    c->kind_k = kind_k, c->kind_v = kind_v;
    c->a.n_group = n_group;
    c->a.q_head = (size_t)dim_k, c->a.q_token = (size_t)(heads * dim_k + 3);
    c->a.out_head = (size_t)dim_v, c->a.out_token = (size_t)(heads * dim_v + 5);
    c->a.scale = 1 / sqrtf((float)dim_k);
    c->q = (float *)malloc((size_t)n_pos * c->a.q_token * sizeof(float));
    c->k = (float *)malloc((size_t)(n_pos * n_kv_heads * ATT_DIM) * sizeof(float));
    c->v = (float *)malloc((size_t)(n_pos * n_kv_heads * ATT_DIM) * sizeof(float));
    c->out = (float *)malloc((size_t)n_pos * c->a.out_token * sizeof(float));
    c->want = (float *)malloc((size_t)n_pos * c->a.out_token * sizeof(float));
    att_fill(c->q, n_pos * (int)c->a.q_token, LLOCAL_KV_F32, 4);
    att_fill(c->k, n_pos * n_kv_heads * ATT_DIM, kind_k, 3);
    att_fill(c->v, n_pos * n_kv_heads * ATT_DIM, kind_v, 2);
}
static void att_close(att_case *c) {
    free(c->q), free(c->k), free(c->v), free(c->out), free(c->want);
}

/* Evaluate all positions, `batch` at a time, as a forward pass does: store, then attend. */
static void att_run(att_case *c, int batch, int n_slots, bool by_parts) {
    llocal_allocator none = { NULL, NULL }, mem = ll_allocator(none);
    ll_kv kv;
    uint64_t scratch_bytes;
    void *scratch, *block;
    ll_kv_layout(&kv, c->kind_k, c->kind_v, n_slots, c->n_kv_heads, c->dim_k, c->dim_v);
    CHECK_EQ(ll_alloc(&mem, kv.k_bytes, &block), LLOCAL_OK), kv.k = (uint8_t *)block;
    CHECK_EQ(ll_alloc(&mem, kv.v_bytes, &block), LLOCAL_OK), kv.v = (uint8_t *)block;
    memset(kv.k, 0xff, (size_t)kv.k_bytes);     /* NaN: nobody may look at an empty slot */
    memset(kv.v, 0xff, (size_t)kv.v_bytes);
    scratch_bytes = ll_attend_scratch(&c->a, &kv, 1 << 20);
    CHECK_EQ(ll_alloc(&mem, scratch_bytes, &scratch), LLOCAL_OK);
    memset(scratch, 0xff, (size_t)scratch_bytes);
    for (int i = 0; i < c->n_pos * (int)c->a.out_token; i++) c->out[i] = 777;
    for (int pos = 0; pos < c->n_pos; pos += batch) {
        int n = LL_MIN(batch, c->n_pos - pos);
        for (int p = pos; p < pos + n; p++) for (int h = 0; h < c->n_kv_heads; h++)
            ll_kv_store(&kv, h, p % kv.n_slots, att_k(c, p, h), att_v(c, p, h));
        for (int h = 0; h < c->n_kv_heads; h++) {
            const float *q = c->q + (size_t)pos * c->a.q_token;
            ll_attention a = c->a;
            if (a.chosen) a.chosen += (size_t)pos * a.chosen_token;
            float *out = c->out + (size_t)pos * c->a.out_token;
            if (by_parts) {
                size_t len = ll_attend_part_len(&c->a, &kv);
                float *parts = (float *)malloc(len * 8 * sizeof(float));
                int first, end;
                ll_attend_chunks(&c->a, pos, &first, &end);
                CHECK(n == 1 && end - first <= 8);
                for (int i = end - 1; i >= first; i -= 2)       /* two at a time, from the end */
                    ll_attend_parts(&a, &kv, h, q, pos, LL_MAX(i - 1, first), i + 1,
                                    parts + (size_t)(LL_MAX(i - 1, first) - first) * len, scratch);
                ll_attend_join(&c->a, &kv, h, parts, end - first, out);
                free(parts);
            } else {
                ll_attend(&a, &kv, h, q, out, n, pos, scratch);
            }
        }
    }
    ll_free(&mem, kv.k, kv.k_bytes), ll_free(&mem, kv.v, kv.v_bytes), ll_free(&mem, scratch, scratch_bytes);
}

/* 32 elements of x[0..n) from i on as Q8_0, in plain words. */
static float att_block(const float *x, int i, int n, int *c) {
    float max = 0, d;
    for (int j = i; j < LL_MIN(i + 32, n); j++) max = LL_MAX(max, fabsf(x[j]));
    d = ll_f16_to_f32(ll_f32_to_f16(max / 127.0f));
    for (int j = 0; j < 32; j++) {
        c[j] = i + j < n && d > 0 ? (int)rintf(x[i + j] * (1.0f / d)) : 0;
        c[j] = LL_MAX(LL_MIN(c[j], 127), -127);
    }
    return d;
}

static float att_dot(const att_case *c, const float *q, const float *k) {
    float acc = 0, p = 0, padded[ATT_DIM + 256] = { 0 };
    ll_a8 a[(ATT_DIM + 255) / 256];
    if (c->kind_k != LLOCAL_KV_Q8) return ll_vec_dot(q, k, c->dim_k);
    memcpy(padded, q, (size_t)c->dim_k * sizeof *q);
    ll_a8_quantize(padded, (c->dim_k + 31) / 32 * 32, true, a);
    for (int i = 0; i < c->dim_k; i += 32) {
        int codes[32], sum = 0;
        float d = att_block(k, i, c->dim_k, codes);
        for (int j = 0; j < 32; j++) sum += codes[j] * a[i / 256].q[i % 256 + j];
        p = ll_fma(d * (float)a[i / 256].k[i % 256 / 32], (float)sum, i % 256 ? p : 0);
        if (i % 256 == 224 || i + 32 >= c->dim_k) acc = ll_fma(a[i / 256].base, p, acc);
    }
    return acc;
}

static void att_add_value(const att_case *c, float p, const float *v, float *a) {
    if (c->kind_v != LLOCAL_KV_Q8) {
        for (int d = 0; d < c->dim_v; d++) a[d] = ll_fma(p, v[d], a[d]);
        return;
    }
    for (int i = 0; i < c->dim_v; i += 32) {
        int codes[32];
        float w = p * att_block(v, i, c->dim_v, codes);
        for (int d = i; d < LL_MIN(i + 32, c->dim_v); d++) a[d] = ll_fma(w, (float)codes[d - i], a[d]);
    }
}

/* Is it among the positions that were chosen, where some were? */
static bool att_sees(const att_case *c, int pos, int kv_head, int j) {
    const uint32_t *bits = c->a.chosen;
    if (!bits) return true;
    return bits[(size_t)pos * c->a.chosen_token + (size_t)kv_head * c->a.chosen_head + (size_t)j / 32] >> j % 32 & 1;
}

/* The definition at the head of >>attention, in the slowest words. */
static void att_define(att_case *c, int pos, int head, float *out) {
    const float *q = c->q + (size_t)pos * c->a.q_token + (size_t)head * c->a.q_head;
    int kv_head = head / c->a.n_group, from, to;
    float M = 0, L = 0, A[ATT_DIM];
    ll_attend_range(&c->a, pos, &from, &to);
    for (int start = from - from % 256; start < to; start += 256) {
        float s[256], lane[16] = { 0 }, a[ATT_DIM] = { 0 }, m = -(float)INFINITY, l;
        int begin = LL_MAX(start, from), end = LL_MIN(start + 256, to);
        for (int j = begin; j < end; j++) {
            float x = att_dot(c, q, att_k(c, j, kv_head)) * c->a.scale;
            if (!att_sees(c, pos, kv_head, j)) continue;
            if (c->a.softcap != 0) ll_softcap(&x, &x, c->a.softcap, 1);
            if (c->a.slopes) x = ll_fma((float)(j > pos ? j - pos : pos - j), -c->a.slopes[head], x);
            s[j - start] = x;
            m = LL_MAX(m, x);
        }
        if (m == -(float)INFINITY) continue;
        for (int j = begin; j < end; j++) {
            float p;
            if (!att_sees(c, pos, kv_head, j)) continue;
            p = ll_expf(s[j - start] - m);
            lane[j % 16] += p;
            att_add_value(c, p, att_v(c, j, kv_head), a);
        }
        for (int h = 8; h; h /= 2) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
        l = lane[0];
        if (L == 0) {
            M = m, L = l;
            memcpy(A, a, sizeof A);
        } else if (m <= M) {
            float w = ll_expf(m - M);
            L = ll_fma(l, w, L);
            for (int d = 0; d < c->dim_v; d++) A[d] = ll_fma(w, a[d], A[d]);
        } else {
            float w = ll_expf(M - m);
            L = ll_fma(L, w, l), M = m;
            for (int d = 0; d < c->dim_v; d++) A[d] = ll_fma(A[d], w, a[d]);
        }
    }
    if (c->a.sinks) {
        float sink = c->a.sinks[head], w = 1;
        if (sink <= M) L += ll_expf(sink - M);
        else w = ll_expf(M - sink), L = ll_fma(L, w, 1.0f);
        L = w / L;
    } else L = 1.0f / L;
    for (int d = 0; d < c->dim_v; d++) out[d] = A[d] * L;
}

/* Softmax attention as the papers write it, in double. Returns the worst error over |v| = 2. */
static double att_error(const att_case *c, int pos, int head, const float *got) {
    const float *q = c->q + (size_t)pos * c->a.q_token + (size_t)head * c->a.q_head;
    int kv_head = head / c->a.n_group;
    static double s[ATT_POS];
    double top = c->a.sinks ? c->a.sinks[head] : -1e300, total, worst = 0;
    for (int j = 0; j < c->n_pos; j++) {
        int w = c->a.window;
        bool seen = (c->a.n_keys ? j < c->a.n_keys : j <= pos) && att_sees(c, pos, kv_head, j);
        if (w && c->a.window_kind == LL_WINDOW_SLIDING && pos - j >= w) seen = false;
        if (w && c->a.window_kind == LL_WINDOW_CHUNKED && j < pos / w * w) seen = false;
        if (w && c->a.window_kind == LL_WINDOW_SYMMETRIC && abs(pos - j) > w / 2) seen = false;
        s[j] = 0;
        for (int d = 0; d < c->dim_k; d++) s[j] += (double)q[d] * att_k(c, j, kv_head)[d];
        s[j] *= c->a.scale;
        if (c->a.softcap != 0) s[j] = c->a.softcap * tanh(s[j] / c->a.softcap);
        if (c->a.slopes) s[j] -= (double)c->a.slopes[head] * abs(pos - j);
        if (!seen) s[j] = -1e300;
        top = fmax(top, s[j]);
    }
    total = c->a.sinks ? exp(c->a.sinks[head] - top) : 0;
    for (int j = 0; j < c->n_pos; j++) total += s[j] = exp(s[j] - top);
    for (int d = 0; d < c->dim_v; d++) {
        double sum = 0;
        for (int j = 0; j < c->n_pos; j++) sum += s[j] * att_v(c, j, kv_head)[d];
        worst = fmax(worst, fabs(sum / total - got[d]) / 2);
    }
    return worst;
}

static uint64_t att_hash = LL_HASH_START;

/* All ways to compute a case must give the bits of the definition. */
static void att_check(att_case *c, const char *name) {
    int heads = c->n_kv_heads * c->a.n_group, slots = c->n_pos;
    size_t bytes = (size_t)c->n_pos * c->a.out_token * sizeof(float);
    double worst = 0, allowed = c->kind_k == LLOCAL_KV_Q8 ? 0.06 : c->kind_v == LLOCAL_KV_Q8 ? 5e-3 : 3e-6;
    TEST(name);
    att_run(c, c->a.n_keys ? c->n_pos : 1, slots, false);
    att_hash = ll_hash(att_hash, c->out, bytes);
    for (int pos = 0; pos < c->n_pos; pos += pos < 20 ? 1 : 23) for (int h = 0; h < heads; h++) {
        float want[ATT_DIM];
        float *got = c->out + (size_t)pos * c->a.out_token + (size_t)h * c->a.out_head;
        att_define(c, pos, h, want);
        CHECK(same_bits(got, want, c->dim_v));
        if (pos % 4 == 3) worst = fmax(worst, att_error(c, pos, h, got));
    }
    CHECK(worst < allowed);
    if (worst >= allowed) printf("       %s: error %.3g\n", name, worst);
    memcpy(c->want, c->out, bytes);
    if (c->a.n_keys) return;                    /* sees what a smaller batch would not have stored */
    for (int turn = 0; turn < 3; turn++) {
        static const int batches[3] = { 3, 61, 1 << 20 };
        att_run(c, LL_MIN(batches[turn], c->n_pos), slots, false);
        CHECK(memcmp(c->want, c->out, bytes) == 0);
    }
    att_run(c, 1, slots, true);
    CHECK(memcmp(c->want, c->out, bytes) == 0);
    if (c->a.window) {                          /* a ring just large enough, and one less aligned */
        for (int batch = 1; batch < 40; batch += 19) {
            att_run(c, batch, c->a.window + batch - 1, false);
            CHECK(memcmp(c->want, c->out, bytes) == 0);
            att_run(c, batch, c->a.window + batch + 100, false);
            CHECK(memcmp(c->want, c->out, bytes) == 0);
        }
        att_run(c, 1, c->a.window, true);
        CHECK(memcmp(c->want, c->out, bytes) == 0);
    }
}

/* A few positions for each token and head of keys, none of some chunks; what an indexer says of them. */
static void att_chosen(void) {
    static uint32_t bits[ATT_POS][2][(ATT_POS + 31) / 32];
    for (int kind = LLOCAL_KV_F32; kind <= LLOCAL_KV_Q8; kind++)
        for (int group = 1; group <= 13; group += 4) {
            att_case c;
            att_open(&c, ATT_POS, 24, 40, 2, group, (llocal_kv)kind, (llocal_kv)kind);
            memset(bits, 0, sizeof bits);
            for (int p = 0; p < ATT_POS; p++)
                for (int h = 0; h < 2; h++)
                    for (int i = 0; i < 9; i++) {
                        const int j = (int)((t_uniform() + 1) / 2 * (float)(p % 3 == 1 ? LL_MIN(p, 200) : p));
                        bits[p][h][j / 32] |= (uint32_t)1 << j % 32;
                    }
            c.a.chosen = bits[0][0], c.a.chosen_token = sizeof bits[0] / 4, c.a.chosen_head = sizeof bits[0][0] / 4;
            att_check(&c, "chosen positions");
            att_close(&c);
        }
}

static void att_index(llocal_kv kind, int n_head) {
    llocal_allocator none = { NULL, NULL }, mem = ll_allocator(none);
    static float scores[112], w[ATT_HEADS];
    att_case c;
    ll_kv kv;
    void *keys, *scratch;
    TEST("indexer");
    att_open(&c, 99, 40, 16, 1, n_head, kind, LLOCAL_KV_F32);
    ll_kv_layout(&kv, kind, LLOCAL_KV_F32, 99, 1, 40, 0);
    CHECK(kv.v_bytes == 0);
    CHECK_EQ(ll_alloc(&mem, kv.k_bytes, &keys), LLOCAL_OK), kv.k = (uint8_t *)keys;
    CHECK_EQ(ll_alloc(&mem, ll_index_scratch(&kv, n_head), &scratch), LLOCAL_OK);
    for (int j = 0; j < 99; j++) ll_kv_store(&kv, 0, j, att_k(&c, j, 0), NULL);
    for (int h = 0; h < n_head; h++) w[h] = t_uniform();
    for (int weighed = n_head > 1; weighed < 2; weighed++) {
        ll_index_scores(&kv, c.q, n_head, weighed ? w : NULL, 98, scores, scratch);
        for (int j = 0; j < 98; j++) {
            float want = 0;
            for (int h = 0; h < n_head; h++) {
                const float dot = att_dot(&c, c.q + h * 40, att_k(&c, j, 0));
                want = weighed ? ll_fma(LL_MAX(dot, 0), w[h], want) : dot;
            }
            CHECK(same_bits(&scores[j], &want, 1));
        }
    }
    ll_free(&mem, keys, kv.k_bytes), ll_free(&mem, scratch, ll_index_scratch(&kv, n_head));
    att_close(&c);
}

/* Keys whose first columns are the values: one store gives the bits of two, what is saved of it as well, over a ring
 * that has wrapped, and where positions are chosen. */
static void att_shared(llocal_kv kind, int dim_k, int dim_v, int n_group, bool choose) {
    static float q[3 * 8 * 72], out[3][3 * 8 * 72];
    llocal_allocator none = { NULL, NULL }, mem = ll_allocator(none);
    uint32_t chosen[3][16];
    uint8_t saved[80 * 4];
    float k[72];
    ll_attention a;
    ll_kv kv[3];
    void *room[3][3];
    size_t moved[2] = { 0, 0 };
    TEST("shared");
    memset(&a, 0, sizeof a), memset(chosen, 0, sizeof chosen);
    a.n_group = n_group, a.q_head = (size_t)dim_k, a.q_token = (size_t)(n_group * dim_k);
    a.out_head = (size_t)dim_v, a.out_token = (size_t)(n_group * dim_v), a.scale = 0.2f, a.window = 300;
    for (int i = 0; i < 3; i++) for (int j = 0; j < 16; j++) chosen[i][j] = 0x00f0003fu << (i + j) % 5;
    if (choose) a.chosen = chosen[0], a.chosen_token = 16;
    for (int i = 0; i < 3 * n_group * dim_k; i++) q[i] = 2 * t_uniform();
    for (int i = 0; i < 3; i++) {               /* two stores, one, and one that was loaded from what that saved */
        ll_kv_layout(&kv[i], kind, kind, 320, 1, dim_k, dim_v);
        if (i) ll_kv_share(&kv[i]);
        CHECK(kv[i].shared == (i > 0));
        CHECK(i == 0 || kv[i].k_bytes + kv[i].v_bytes < (kv[0].k_bytes + kv[0].v_bytes) * 3 / 4);
        CHECK_EQ(ll_alloc(&mem, LL_MAX(kv[i].k_bytes, 1), &room[i][0]), LLOCAL_OK), kv[i].k = (uint8_t *)room[i][0];
        CHECK_EQ(ll_alloc(&mem, kv[i].v_bytes, &room[i][1]), LLOCAL_OK), kv[i].v = (uint8_t *)room[i][1];
        CHECK_EQ(ll_alloc(&mem, ll_attend_scratch(&a, &kv[i], 3), &room[i][2]), LLOCAL_OK);
    }
    for (int j = 0; j < 403; j++) {
        for (int d = 0; d < dim_k; d++) k[d] = t_uniform() * (float)(1 + j % 3);
        for (int i = 0; i < 2; i++) {
            ll_kv_store(&kv[i], 0, j % 320, k, k);
            moved[i] = ll_kv_move(&kv[i], 0, j % 320, i ? saved : NULL, false);
        }
        CHECK(moved[1] < moved[0] && moved[1] <= sizeof saved);
        CHECK_EQ(ll_kv_move(&kv[2], 0, j % 320, saved, true), moved[1]);
    }
    for (int i = 0; i < 3; i++) ll_attend(&a, &kv[i], 0, q, out[i], 3, 400, room[i][2]);
    for (int i = 1; i < 3; i++) CHECK(same_bits(out[i], out[0], 3 * n_group * dim_v));
    for (int i = 0; i < 3; i++) {
        ll_free(&mem, room[i][0], LL_MAX(kv[i].k_bytes, 1)), ll_free(&mem, room[i][1], kv[i].v_bytes);
        ll_free(&mem, room[i][2], ll_attend_scratch(&a, &kv[i], 3));
    }
}

static void test_attention(void) {
    static const int dims[] = { 16, 24, 32, 40, 64, 80, 96, 128, 192, 256 };
    static float sinks[ATT_HEADS], slopes[ATT_HEADS];
    att_case c;
    for (int h = 0; h < ATT_HEADS; h++) sinks[h] = 3 * t_uniform(), slopes[h] = 0.5f / (float)(1 << (h % 8));
    for (int i = 0; i < LL_COUNT(dims); i++) {
        int group = 1 + i % 8;
        llocal_kv kind = i & 1 ? LLOCAL_KV_F16 : LLOCAL_KV_F32;
        for (int q8 = 0; q8 < 2; q8++, kind = LLOCAL_KV_Q8) {
            att_open(&c, 50, dims[i], dims[i], 2, group, kind, kind);
            att_check(&c, "head_dim");
            att_close(&c);
        }
    }
    for (int group = 1; group <= 8; group++) {
        for (int kind = LLOCAL_KV_F16; kind <= LLOCAL_KV_Q8; kind++) {
            att_open(&c, 90, 32, 32, 1, group, (llocal_kv)kind, (llocal_kv)kind);
            att_check(&c, "group");
            att_close(&c);
        }
    }
    att_open(&c, 30, 576 / 4, 512 / 4, 1, 16, LLOCAL_KV_F16, LLOCAL_KV_F32);
    att_check(&c, "value narrower than key, kinds mixed, group 16");
    att_close(&c);
    att_open(&c, 300, 24, 40, 2, 3, LLOCAL_KV_Q8, LLOCAL_KV_F16);
    att_check(&c, "keys Q8, values F16");
    att_close(&c);
    att_open(&c, 300, 40, 24, 2, 3, LLOCAL_KV_F32, LLOCAL_KV_Q8);
    att_check(&c, "keys F32, values Q8");
    att_close(&c);
    att_open(&c, 20, ATT_DIM, ATT_DIM, 1, 4, LLOCAL_KV_Q8, LLOCAL_KV_Q8);
    att_check(&c, "Q8, more than a group of 256");
    att_close(&c);
    att_open(&c, 12, 32, 16, 1, 100, LLOCAL_KV_F16, LLOCAL_KV_F16);
    att_check(&c, "more heads than a block");
    att_close(&c);
    for (int kind = LLOCAL_KV_F32; kind <= LLOCAL_KV_Q8; kind++) {
        att_open(&c, ATT_POS, 16, 24, 1, 3, (llocal_kv)kind, (llocal_kv)kind);
        att_check(&c, "long: chunks");
        c.a.window = 300, att_check(&c, "window over chunks");
        if (kind != LLOCAL_KV_F32) {
            c.a.window = 100, att_check(&c, "window");
            c.a.window = 1, att_check(&c, "window 1");
            c.a.window = 256, att_check(&c, "window of a chunk");
            c.a.softcap = 5, att_check(&c, "softcap");
            c.a.sinks = sinks, att_check(&c, "sinks");
            c.a.slopes = slopes, att_check(&c, "slopes");
            c.a.softcap = 0, c.a.sinks = NULL;
            c.a.window_kind = LL_WINDOW_CHUNKED, att_check(&c, "chunked window");
            c.a.n_keys = ATT_POS, c.a.window = 90, c.a.window_kind = LL_WINDOW_SYMMETRIC;
            att_check(&c, "symmetric window");
            c.a.window = 0, att_check(&c, "not causal");
        }
        att_close(&c);
    }
    att_chosen();
    for (int n = 1; n <= ATT_HEADS; n++) att_index((llocal_kv)(LLOCAL_KV_F32 + n % 3), n);
    TEST("large scores");                       /* weights that underflow, maxima that grow */
    att_open(&c, 500, 16, 16, 1, 2, LLOCAL_KV_F32, LLOCAL_KV_F32);
    c.a.scale = 10;
    for (int p = 0; p < c.n_pos; p++) for (int d = 0; d < 16; d++) att_k(&c, p, 0)[d] *= (float)p / 300.0f;
    att_run(&c, 500, 500, false);
    for (int p = 0; p < 500; p += 7) {
        float want[ATT_DIM];
        att_define(&c, p, 1, want);
        CHECK(same_bits(c.out + (size_t)p * c.a.out_token + 16, want, 16));
        CHECK(want[0] == want[0] && fabsf(want[0]) <= 2.0f);
    }
    att_close(&c);
    TEST("layout");
    {
        ll_kv kv;
        ll_kv_layout(&kv, LLOCAL_KV_F16, LLOCAL_KV_F32, 65, 2, 24, 20);
        CHECK_EQ(kv.n_slots, 80);
        CHECK_EQ(kv.k_bytes, 2 * 80 * 32 * 2);
        CHECK_EQ(kv.v_bytes, 2 * 80 * 32 * 4);
        ll_kv_layout(&kv, LLOCAL_KV_Q8, LLOCAL_KV_Q8, 65, 2, 128, 20);
        CHECK_EQ(kv.k_bytes, 2 * 80 * 4 * 34);
        CHECK_EQ(kv.v_bytes, 2 * 5 * 384 + 64); /* 16 rows of 20 codes and a scale, aligned; what kernels read beyond */
    }
    for (int kind = LLOCAL_KV_F32; kind <= LLOCAL_KV_Q8; kind++)
        for (int i = 0; i < 4; i++) {
            att_shared((llocal_kv)kind, 52, 32, 1 + 7 * (i & 1), i > 1), att_shared((llocal_kv)kind, 72, 64, 7, i > 1);
            att_shared((llocal_kv)kind, 40, 40, 5, i > 1);      /* keys are values */
            if (kind != LLOCAL_KV_Q8) att_shared((llocal_kv)kind, 36, 24, 8, i > 1);
        }
    {
        ll_kv kv;
        ll_kv_layout(&kv, LLOCAL_KV_Q8, LLOCAL_KV_Q8, 65, 1, 36, 24), ll_kv_share(&kv);
        CHECK(!kv.shared);                      /* a block would have columns of both and others */
        ll_kv_layout(&kv, LLOCAL_KV_Q8, LLOCAL_KV_F16, 65, 1, 64, 32), ll_kv_share(&kv);
        CHECK(!kv.shared);
    }
    TEST("a key that is not a number");
    for (int kind = LLOCAL_KV_F32; kind <= LLOCAL_KV_Q8; kind++) {
        att_open(&c, 20, 32, 32, 1, 2, (llocal_kv)kind, (llocal_kv)kind);
        att_v(&c, 3, 0)[7] = kind & 1 ? NAN : INFINITY;
        att_run(&c, 20, 20, false);
        CHECK(fabsf(c.out[7]) <= 2);
        CHECK(!(fabsf(c.out[3 * c.a.out_token + 7]) <= 1e30f));
        att_close(&c);
    }
    printf("attention: hash %016llx\n", (unsigned long long)att_hash);
}
