/* Each primitive on the same numbers, all inside its domain (kernels_gen/isa/scalar*.h): test_simd.h includes this
 * twice, for an instruction set's own and for the definitions, and compares what they note.
 *
 * TAKE(type, f, (arguments)) calls f and notes its result; NOTE(f, bytes, n) notes what f has stored. The results of
 * TAKE_F are floats, of which any NaN will do. Of dots only sums of lanes are defined: of 2 or of 4 ints. */
#define NOTE(f, p, n)       test_simd_note(log, #f, p, n, 0)
#define TAKE(type, f, a)    do { const type r_ = f a; test_simd_note(log, #f, &r_, sizeof r_, 0); } while (0)
#define TAKE_F(type, f, a)  do { const type r_ = f a; test_simd_note(log, #f, &r_, sizeof r_, -1); } while (0)
#define TAKE_SUM(n, f, a)   do { const llv_i r_ = f a; test_simd_note(log, #f, &r_, sizeof r_, n); } while (0)
#define TAKE_PART(f, a)     do { const llv_part r_ = f a; test_simd_note(log, #f, &r_, 4 * LLV_LANES, -1); } while (0)

static void LLV_AT(test_simd_floats)(const test_simd_in *in, test_simd_log *log) {
    const float *x = in->any;
    const llv_f a = llv_f_load(x), b = llv_f_load(x + 16), c = llv_f_load(x + 32);
    float out[32];
    uint16_t half[16];
    int8_t byte[16];
    const int n = in->round % 17;
    memset(out, 0, sizeof out);
    TAKE_F(llv_f, llv_f_load, (x + 1));
    TAKE_F(llv_f, llv_f_load_n, (x, n));
    llv_f_store(out + 1, a), NOTE(llv_f_store, out, sizeof out);
    llv_f_store_n(out + 3, b, n), NOTE(llv_f_store_n, out, sizeof out);
    TAKE_F(llv_f, llv_f_set, (x[0]));
    TAKE_F(llv_f, llv_f_add, (a, b));
    TAKE_F(llv_f, llv_f_sub, (a, b));
    TAKE_F(llv_f, llv_f_mul, (a, b));
    TAKE_F(llv_f, llv_f_div, (a, b));
    TAKE_F(llv_f, llv_f_fma, (a, b, c));
    TAKE_F(llv_f, llv_f_max, (a, b));
    TAKE_F(llv_f, llv_f_min, (a, b));
    TAKE_F(llv_f, llv_f_abs, (a));
    TAKE_F(float, llv_f_sum, (a));
    TAKE_F(float, llv_f_hmax, (a));
    TAKE(llv_f, llv_f_round, (llv_f_load(in->tame)));
    TAKE(llv_f, llv_f_pow2, (llv_f_load(in->exponents)));
    TAKE(llv_f, llv_f_load_f16, (in->halves));
    TAKE(llv_f, llv_f_load_i8, ((const int8_t *)in->bytes + 1));
    llv_f_store_f16(half, a), NOTE(llv_f_store_f16, half, sizeof half);
    llv_f_store_i8(byte, llv_f_load_i8((const int8_t *)in->bytes)), NOTE(llv_f_store_i8, byte, sizeof byte);
}

static void LLV_AT(test_simd_parts)(const test_simd_in *in, test_simd_log *log) {
    const float *x = in->any;
    llv_part part[LLV_PARTS];
    float out[16];
    memset(out, 0, sizeof out);
    TAKE_PART(llv_part_set, (x[0]));
    TAKE_PART(llv_part_load, (x + 1));
    TAKE_PART(llv_part_load_f16, (in->halves));
    TAKE_PART(llv_part_load_bf16, (in->halves));
    TAKE_PART(llv_part_fma, (llv_part_load(x), llv_part_load(x + 16), llv_part_load(x + 32)));
    llv_part_store(out, llv_part_load(x)), NOTE(llv_part_store, out, 4 * LLV_LANES);
    memcpy(part, x, 16 * sizeof *x);
    TAKE_F(float, llv_parts_sum, (part));
}

#if LLV_INT || defined(TEST_SIMD_DEFINED)
static void LLV_AT(test_simd_bytes)(const test_simd_in *in, test_simd_log *log) {
    static const int shifts[][2] = { { 0, 15 }, { 4, 15 }, { 2, 3 }, { 2, 0x30 }, { 7, 1 }, { 0, 255 },
                                     { -4, 0xf0 }, { -2, 0x30 }, { -1, 16 } };
    static const uint8_t fours[16] = { 0, 0, 0, 0, 9, 9, 9, 9, 3, 3, 3, 3, 15, 15, 15, 15 };
    const uint8_t *p = in->bytes;
    const llv_b a = llv_b_load(p), b = llv_b_load(p + 32);
    const uint32_t bits = ll_load_u32(p);
    uint32_t u[8];
    uint64_t q[4];
    uint8_t out[64];
    for (int i = 0; i < 8; i++) u[i] = ll_load_u32(p + 4 * i);
    for (int i = 0; i < 4; i++) q[i] = ll_load_u64(p + 8 * i);
    memset(out, 0, sizeof out);
    TAKE(llv_b, llv_b_load, (p + 3));
    TAKE(llv_b, llv_b_load2, (p + 5, p + 50));
    TAKE(llv_b, llv_b_load8, (q + 2, q, q + 3, q + 1));
    TAKE(llv_b, llv_b_set4, (u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7]));
    TAKE(llv_b, llv_b_set, (p[0]));
    llv_b_store(out + 1, a), NOTE(llv_b_store, out, sizeof out);
    llv_b_store2(out + 3, out + 40, b), NOTE(llv_b_store2, out, sizeof out);
    TAKE(llv_b, llv_b_lows8, (a, b));
    TAKE(llv_b, llv_b_highs8, (a, b));
    TAKE(llv_b, llv_b_mask, (bits));
    TAKE(llv_b, llv_b_negate, (a, bits));
    TAKE(llv_b, llv_b_and, (a, b));
    TAKE(llv_b, llv_b_or, (a, b));
    TAKE(llv_b, llv_b_xor, (a, b));
    TAKE(llv_b, llv_b_add, (a, b));
    TAKE(llv_b, llv_b_third, (a));
    for (int i = 0; i < LL_COUNT(shifts); i++) TAKE(llv_b, llv_b_bits, (a, shifts[i][0], shifts[i][1]));
    TAKE(llv_b, llv_b_flag, (llv_b_bits(a, 0, 15), b, 16));
    TAKE(llv_b, llv_b_flag, (llv_b_set(0), b, 255));
    TAKE(llv_b, llv_b_quarter, (llv_b_shuffle(a, llv_b_load2(fours, fours))));
    TAKE(llv_b, llv_b_shuffle, (a, llv_b_and(b, llv_b_set(0x8f))));
}

static void LLV_AT(test_simd_words)(const test_simd_in *in, test_simd_log *log) {
    static const int shifts[][2] = { { 0, 255 }, { 4, 0x700 }, { 12, 14 }, { -8, 256 }, { -1, 0xffff } };
    const int16_t *p = in->words;
    const llv_w a = llv_w_load(p), b = llv_w_load(p + 16);
    const llv_b bytes = llv_b_load(in->bytes);
    llv_i i;
    int16_t out[40];
    memset(out, 0, sizeof out);
    memcpy(&i, in->fit_words, 32);
    TAKE(llv_w, llv_w_load, (p + 1));
    TAKE(llv_w, llv_w_load2, (p + 1, p + 20));
    TAKE(llv_w, llv_w_load_twice, (p + 5));
    llv_w_store(out + 1, a), NOTE(llv_w_store, out, sizeof out);
    llv_w_store_twice(out + 3, b), NOTE(llv_w_store_twice, out, sizeof out);
    TAKE(llv_w, llv_w_of_b, (bytes));
    TAKE(llv_b, llv_b_of_w, (a));
    TAKE(llv_w, llv_w_set, (p[0]));
    TAKE(llv_w, llv_w_set2, (p + 7));
    TAKE(llv_w, llv_w_from_i8, ((const int8_t *)in->bytes + 1));
    TAKE(llv_w, llv_w_from_low, (bytes));
    TAKE(llv_w, llv_w_from_high, (bytes));
    TAKE(llv_w, llv_w_from_i, (i));
    for (int j = 0; j < 8; j++) TAKE(llv_w, llv_w_halves, (a, j));
    TAKE(llv_w, llv_w_mul, (a, b));
    TAKE(llv_w, llv_w_add, (a, b));
    for (int j = 0; j < LL_COUNT(shifts); j++) TAKE(llv_w, llv_w_bits, (a, shifts[j][0], shifts[j][1]));
    TAKE(llv_i, llv_w_dot, (llv_w_load(in->words14), b));
}

static void LLV_AT(test_simd_ints)(const test_simd_in *in, test_simd_log *log) {
    const int16_t *p = in->words;
    llv_i a, b, c, d;
    memcpy(&a, in->ints, 32), memcpy(&b, in->ints + 8, 32), memcpy(&c, in->ints + 16, 32), memcpy(&d, in->ints + 24, 32);
    TAKE(llv_i, llv_i_set, (in->ints[0]));
    TAKE(llv_i, llv_i_add, (a, b));
    TAKE(llv_i, llv_i_sub, (a, b));
    TAKE(llv_i, llv_i_mul, (llv_i_from_w(p), llv_i_from_w(p + 8)));
    TAKE(llv_i, llv_i_from_w, (p + 1));
    for (int j = 0; j < 4; j++) TAKE(llv_i, llv_i_halves, (a, j));
    TAKE(llv_i, llv_i_lows, (a, b));
    TAKE(llv_i, llv_i_highs, (a, b));
    TAKE(llv_i, llv_i_evens, (a, b));
    TAKE(llv_i, llv_i_odds, (a, b));
    TAKE(llv_i, llv_i_sum4, (a, b, c, d));
}

static void LLV_AT(test_simd_rows)(const test_simd_in *in, test_simd_log *log) {
    llv_r a, b, c, out[4];
    float y[8];
    llv_i i;
    memcpy(&a, in->any, 32), memcpy(&b, in->any + 16, 32), memcpy(&c, in->any + 32, 32), memcpy(&i, in->ints, 32);
    memset(y, 0, sizeof y);
    TAKE_F(llv_r, llv_r_set, (in->any[0]));
    TAKE(llv_r, llv_r_from_i, (i));
    TAKE_F(llv_r, llv_r_mul, (a, b));
    TAKE_F(llv_r, llv_r_fma, (a, b, c));
    TAKE_F(llv_r, llv_r_nfma, (a, b, c));
    TAKE(llv_r, llv_r_f16, (in->row, 3));
    llv_r_f16_pair(in->row, 1, &out[0], &out[1]), NOTE(llv_r_f16_pair, out, 2 * sizeof out[0]);
    llv_r_ue4m3_half(in->row, 2, out), NOTE(llv_r_ue4m3_half, out, sizeof out);
    TAKE(llv_r, llv_r_e8m0_half, (in->row, 5));
    llv_r_store_n(y, a, in->round % 9), NOTE(llv_r_store_n, y, sizeof y);
}

static void LLV_AT(test_simd_integers)(const test_simd_in *in, test_simd_log *log) {
    LLV_AT(test_simd_bytes)(in, log);
    LLV_AT(test_simd_words)(in, log);
    LLV_AT(test_simd_ints)(in, log);
    LLV_AT(test_simd_rows)(in, log);
}
#endif

#if LLV_INT
static void LLV_AT(test_simd_dots)(const test_simd_in *in, test_simd_log *log) {
    const llv_b a = llv_b_load(in->bytes), b = llv_b_load(in->bytes + 32);
    const llv_b qa = llv_b_load(in->q), qb = llv_b_load(in->q + 32);
    const llv_w scales = llv_w_load(in->words14);
    int16_t twice[32];
    TAKE_SUM(2, llv_dot2_u, (llv_b_bits(a, 0, 63), qa, llv_b_bits(b, 1, 63), qb));
    TAKE_SUM(2, llv_dot2_o, (a, qa, b, qb));
    for (int j = 0; j < 8; j++)
        TAKE_SUM(4, llv_dot_scaled, (llv_i_set(in->ints[j]), llv_b_bits(a, 0, 127), qa, llv_w_halves(scales, j)));
    llv_w_store_twice(twice, scales);
    for (int j = 0; j < 8; j++)
        TAKE_SUM(8, llv_dot_scaled_by, (llv_i_set(in->ints[j]), llv_b_bits(a, 0, 127), qa, twice, j));
    for (int j = 0; j < 8; j += 2)
        TAKE_SUM(4, llv_dot2_scaled, (llv_i_set(in->ints[j]), llv_b_bits(a, 0, 63), qa, llv_b_bits(b, 1, 63), qb, scales, j));
}
#endif

#if LLV_PANEL
/* In line, so that the last four numbers are constants: loops over registers must be unrolled. */
LL_INLINE void LLV_AT(test_simd_panel_dots)(const test_simd_in *in, int bits, int n, int n_panels, int n_vecs,
                                         test_simd_log *log) {
    static uint8_t w[LLV_TILE_PANELS][8 * 64];
    llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    for (size_t i = 0; i < LLV_TILE_PANELS * 512u; i += 128) {
        uint8_t c[128];
        for (size_t j = 0; j < 128; j++) c[j] = (uint8_t)(in->bytes[(i + j) % 1024] >> (8 - bits));
        llv_p_store2(w[i / 512] + i % 512, llv_p_load(c), llv_p_load(c + 64));
    }
    for (int v = 0; v < n_vecs; v++) q[v] = in->q + 13 * v;
    for (int i = 0; i < n_panels * n_vecs; i++) acc[i] = llv_p_set(in->ints[i % 32]);
    llv_p_dots(acc, w[0], sizeof w[0], q, n, bits, n_panels, n_vecs);
    for (int i = 0; i < n_panels * n_vecs; i++) NOTE(llv_p_dots, &acc[i], sizeof acc[i]);
    NOTE(llv_p_store2, &acc[0], sizeof acc[0]);         /* what it stores only llv_p_dots reads */
}

static void LLV_AT(test_simd_panels)(const test_simd_in *in, test_simd_log *log) {
    const uint8_t *bytes = in->bytes;
    const llv_p a = llv_p_load(bytes), b = llv_p_load(bytes + 64);
    llv_p small, rows[4];
    llv_r lo, hi;
    uint8_t out[80];
    memset(out, 0, sizeof out);
    memcpy(&small, in->ints, 64), memcpy(&lo, in->tame, 32), memcpy(&hi, in->tame + 8, 32);
    TAKE(llv_f, llv_f_pair, (lo, hi));
    TAKE(llv_f, llv_f_f16, (in->row, 3));
    TAKE(llv_f, llv_f_of_halves, (a));
    TAKE(llv_p, llv_p_set, (in->ints[0]));
    TAKE(llv_p, llv_p_load, (bytes + 1));
    llv_p_store(out + 3, a), NOTE(llv_p_store, out, sizeof out);
    TAKE(llv_p, llv_p_four, (bytes + 3));
    TAKE(llv_p, llv_p_of_words, (in->words + 3));
    TAKE(llv_p, llv_p_and, (a, b));
    TAKE(llv_p, llv_p_or, (a, b));
    TAKE(llv_p, llv_p_xor, (a, b));
    TAKE(llv_p, llv_p_add, (small, small));
    TAKE(llv_p, llv_p_mul, (a, b));
    TAKE(llv_p, llv_p_shl, (a, 4));
    TAKE(llv_p, llv_p_shl, (a, in->round % 32));
    TAKE(llv_p, llv_p_shr, (a, 3));
    TAKE(llv_p, llv_p_shr, (a, in->round % 32));
    TAKE(llv_p, llv_p_lookup, (bytes + 200, llv_p_and(a, llv_p_set(0x0f0f0f0f))));
    for (int i = 0; i < 4; i++) TAKE(llv_p, llv_p_byte, (a, i));
    TAKE(llv_p, llv_p_dot2, (small, llv_p_load(in->words14), b));
    TAKE(llv_f, llv_p_float, (a));
    TAKE(llv_p, llv_p_pair_sums, (small));
    llv_p_rows(bytes + 1, 37, rows);
    for (int i = 0; i < 4; i++) NOTE(llv_p_rows, &rows[i], sizeof rows[i]);
    LLV_AT(test_simd_panel_dots)(in, 4, 8, LLV_TILE_PANELS, LLV_TILE_VECS, log);
    LLV_AT(test_simd_panel_dots)(in, 6, 8, LLV_TILE_PANELS, LLV_TILE_VECS, log);
    LLV_AT(test_simd_panel_dots)(in, 8, 8, LLV_TILE_PANELS, LLV_TILE_VECS, log);
    LLV_AT(test_simd_panel_dots)(in, 6, 4, LLV_TILE_PANELS, LLV_TILE_VECS, log);
    LLV_AT(test_simd_panel_dots)(in, 8, 4, LLV_TILE_PANELS, 1, log);
    LLV_AT(test_simd_panel_dots)(in, 4, 8, 1, LLV_TILE_VECS, log);
    LLV_AT(test_simd_panel_dots)(in, 6, 2, 1, 1, log);
    LLV_AT(test_simd_panel_dots)(in, 8, 8, 1, 1, log);
}
#endif

#if LLV_GRID
static void LLV_AT(test_simd_grids)(const test_simd_in *in, test_simd_log *log) {
    const uint8_t *p = in->bytes, *table = in->table;
    const llv_z a = llv_z_load(p), b = llv_z_load(p + 64), c = llv_z_load(p + 128), q = llv_z_load(in->q);
    const llv_z sum = llv_z_load(in->fit_words), sum2 = llv_z_load(in->fit_words + 16), words = llv_z_load(in->words14);
    const uint64_t mask = ll_load_u64(p);
    llv_z z[4];
    llv_i i[4];
    llv_r r[8];
    uint8_t out[256];
    TAKE(llv_z, llv_z_load, (p + 1));
    TAKE(llv_z, llv_z_load1, (p + 1));
    TAKE(llv_z, llv_z_load2, (p + 1));
    TAKE(llv_z, llv_z_load4, (p + 1));
    TAKE(llv_z, llv_z_pairs8, (p + 1, p + 50));
    TAKE(llv_z, llv_z_pairs4, (p + 1, p + 50));
    TAKE(llv_z, llv_z_pairs2, (p + 1, p + 50));
    TAKE(llv_z, llv_z_pairs_of_words, (a, b, 0));
    TAKE(llv_z, llv_z_pairs_of_words, (a, b, 1));
    TAKE(llv_z, llv_z_pairs_of_halves, (a, b));
    TAKE(llv_z, llv_z_pairs_of_uppers, (a, b));
    TAKE(llv_z, llv_z_halves_first, (a));
    TAKE(llv_z, llv_z_all, (mask));
    TAKE(llv_z, llv_z_all2, (p + 1));
    TAKE(llv_z, llv_z_cut, (a, b));
    TAKE(llv_z, llv_z_xor, (a, b));
    TAKE(llv_z, llv_z_add, (a, b));
    TAKE(llv_z, llv_z_sub, (a, b));
    TAKE(llv_z, llv_z_mul, (a, b));
    TAKE(llv_z, llv_z_dot, (a, b, q));
    TAKE(llv_z, llv_z_pick, (a, b, c));
    TAKE(llv_z, llv_z_join, (a, b, c));
    TAKE(llv_z, llv_z_bytes, (llv_z_all2(p), b));
    TAKE(llv_z, llv_z_bytes2, (a, b, c, mask));
    TAKE(llv_z, llv_z_words2, (a, b, c, (uint32_t)mask));
    TAKE(llv_z, llv_z_matrix, (a, b));
    TAKE(llv_z, llv_z_even, (a));
    TAKE(llv_z, llv_z_low4, (a));
    TAKE(llv_z, llv_z_high4, (a));
    z[0] = llv_z_low4(llv_z_down4(a)), NOTE(llv_z_down4, z, sizeof z[0]);
    TAKE(llv_z, llv_z_even_quarters, (a, b));
    TAKE(llv_z, llv_z_odd_quarters, (a, b));
    TAKE(llv_z, llv_z_words, (sum, sum2));
    TAKE(llv_z, llv_z_dot_words, (words, llv_w_load(in->words14 + 32), 0));
    TAKE(llv_z, llv_z_dot_words, (words, llv_w_load(in->words14 + 32), 1));
    llv_z_quarters(a, b, i), NOTE(llv_z_quarters, i, sizeof i);
    llv_z_f16(a, b, r), NOTE(llv_z_f16, r, sizeof r);
    llv_z_e8m0_half(a, r), NOTE(llv_z_e8m0_half, r, sizeof r);
    z[0] = a, z[1] = b;
    llv_z_rows(table, 256, z, z + 2), NOTE(llv_z_rows, z + 2, 2 * sizeof z[0]);
    llv_z_rows(table, 512, z, z + 2), NOTE(llv_z_rows, z + 2, 2 * sizeof z[0]);
    llv_z_rows(table, 1024, z, z + 2), NOTE(llv_z_rows, z + 2, 2 * sizeof z[0]);
    llv_z_rows(table, 2048, z, z + 2), NOTE(llv_z_rows, z + 2, 2 * sizeof z[0]);
    TAKE(llv_z, llv_z_twice, (a));
    TAKE(llv_i, llv_z_half_sum, (a));
    llv_z_apart(p + 1, z), NOTE(llv_z_apart, z, sizeof z);
    llv_z_together(z, out), NOTE(llv_z_together, out, sizeof out);
}
#endif

/* What depends on an instruction set's constants. */
static void LLV_AT(test_simd_others)(const test_simd_in *in, test_simd_log *log) {
    LLV_AT(test_simd_parts)(in, log);
#if LLV_INT
    LLV_AT(test_simd_dots)(in, log);
#endif
#if LLV_PANEL
    LLV_AT(test_simd_panels)(in, log);
#endif
#if LLV_GRID
    LLV_AT(test_simd_grids)(in, log);
#endif
}
#undef NOTE
#undef TAKE
#undef TAKE_F
#undef TAKE_SUM
#undef TAKE_PART
