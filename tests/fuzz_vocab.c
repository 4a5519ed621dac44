/* Fuzzes >>vocab: a vocabulary and a text, both from the input.
 *
 *     clang -std=c99 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-coverage=trace-cmp \
 *         tests/fuzz_vocab.c -o build/fuzz_vocab -lm -lpthread
 *     build/fuzz_vocab -max_len=2000 corpus
 *
 * The input is read as: a byte of flags, one that chooses the pre-tokenizer, one of kind and more flags, then
 * strings (a length byte, the bytes) until a length of 255; of each, the length's upper bits say
 * what it is: a token of one of six types or a merge (of Unigram: bytes of its charsmap). The rest is the text. Whatever comes, calls
 * must agree with each other, give ids in range, and write nothing behind cap. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "fuzz.h"

typedef struct fuzz_array { uint8_t *bytes; size_t n; uint64_t count; } fuzz_array;
typedef struct fuzz_file { uint8_t *bytes; size_t n, room; } fuzz_file;

static void fuzz_add(fuzz_array *a, const void *data, size_t n) {
    memcpy(a->bytes + a->n, data, n);
    a->n += n;
}
static void fuzz_add_u32(fuzz_array *a, uint32_t v) {
    uint8_t b[4];
    ll_store_u32(b, v);
    fuzz_add(a, b, 4), a->count++;
}
static void fuzz_add_str(fuzz_array *a, const uint8_t *s, size_t n) {
    uint8_t b[8];
    ll_store_u64(b, n);
    fuzz_add(a, b, 8), fuzz_add(a, s, n), a->count++;
}
/* "<0x00>" to "<0xFF>" */
static void fuzz_fill_bytes(fuzz_array *tokens, fuzz_array *types, fuzz_array *scores) {
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", i);
        fuzz_add_str(tokens, (const uint8_t *)name, 6), fuzz_add_u32(types, 6), fuzz_add_u32(scores, 0);
    }
}
static size_t fuzz_write(void *user, const void *src, size_t n) {
    fuzz_file *f = (fuzz_file *)user;
    if (n > f->room - f->n) return 0;
    memcpy(f->bytes + f->n, src, n);
    f->n += n;
    return n;
}
static llocal_meta fuzz_meta(const char *key, llocal_meta_type type) {
    llocal_meta m;
    memset(&m, 0, sizeof m);
    m.key = ll_str(key), m.type = type, m.count = 1;
    return m;
}
static llocal_meta fuzz_meta_array(const char *key, llocal_meta_type type, const fuzz_array *a) {
    llocal_meta m = fuzz_meta(key, LLOCAL_META_ARRAY);
    m.elem_type = type, m.count = a->count, m.array_bytes = a->n, m.as.array = a->bytes;
    return m;
}

/* The text of the tokens as it comes: whole characters, with what follows a stop string left out. */
static void fuzz_stream(const llocal_model *m, const llocal_token *ids, int n, int sum, const char *const *stop, int n_stop) {
    llocal_text x;
    int streamed = 0, before = 0;
    memset(&x, 0, sizeof x);
    for (int i = 0; i <= n; i++) {
        const llocal_token t = i < n ? ids[i] : -1;
        const int k = llocal_text_add(&x, m, t, stop, n_stop, NULL, 0);
        char *out = (char *)malloc((size_t)k + 1);
        check(k >= 0);
        if (k > 0) check(llocal_text_add(&x, m, t, stop, n_stop, out, k) == k);
        for (int at = 0, c; at < k; at += c) {
            for (c = 1; c < 4 && at + c < k && ll_utf8_check((const uint8_t *)out + at, c) == 0; c++) {}
            check(ll_utf8_check((const uint8_t *)out + at, c) == c);
        }
        free(out);
        streamed += k;
        check(x.n_tokens >= before && x.n_tokens <= LL_MIN(i + 1, n) && x.stopped >= 0 && x.stopped <= n_stop);
        before = x.n_tokens;
    }
    check(streamed <= 3 * sum && (x.stopped || x.n_tokens == n) && !x.n_held && !x.stop_len);
}

static void fuzz_text(const ll_vocab *v, const char *text, size_t len, unsigned flags) {
    static const char *const stop[] = { "\xef\xbf\xbd\x61", "ab", "\xef\xbf\xbd", "b" };
    const llocal_model *m = (const llocal_model *)(const void *)v;
    int n = llocal_tokenize(m, text, len, flags, NULL, 0), cap, bytes, sum = 0;
    llocal_token *ids;
    char *out;
    if (n < 0) { check(n == -LLOCAL_ERR_UNSUPPORTED); return; }     /* flags << 2: detokenize has the next two bits */
    ids = (llocal_token *)malloc(((size_t)n + 1) * sizeof *ids);
    for (cap = 0; cap <= n; cap += 1 + n / 2) {
        ids[cap] = -7;
        check(llocal_tokenize(m, text, len, flags, ids, cap) == n && ids[cap] == -7);
    }
    llocal_tokenize(m, text, len, flags, ids, n);
    bytes = llocal_detokenize(m, ids, n, flags << 2, NULL, 0);
    check(bytes >= 0);
    out = (char *)malloc((size_t)bytes * 3 + 64);
    check(llocal_detokenize(m, ids, n, flags << 2, out, bytes) == bytes);
    free(out);
    for (int i = 0; i < n; i++) {
        int k;
        check(ids[i] >= 0 && ids[i] < v->n_tokens);
        k = llocal_token_text(m, ids[i], false, NULL, 0);
        check(k >= 0);
        sum += k;
        llocal_token_is_end(m, ids[i]);
    }
    for (int n_stop = 0; n_stop <= LL_COUNT(stop); n_stop += 2) fuzz_stream(m, ids, n, sum, stop, n_stop);
    free(ids);
}

/* pre: what the host asks for where the file names none. */
static void fuzz_file_open(const fuzz_file *f, const char *pre, const char *text, size_t len) {
    llocal_source src;
    llocal_allocator a = { NULL, NULL };
    llocal_logger log = { NULL, NULL, NULL, 0 };
    llocal_gguf *g;
    ll_arena arena = { NULL, 0 };
    ll_vocab v;
    uint64_t bytes;
    void *block;
    memset(&src, 0, sizeof src);
    src.data = f->bytes, src.data_size = f->n;
    if (llocal_gguf_open(&src, &g)) return;
    a = ll_allocator(a);
    ll_vocab_layout(&arena, &g->facts, &v);
    bytes = arena.used;
    check(ll_alloc(&a, bytes, &block) == LLOCAL_OK);
    arena.base = (uint8_t *)block, arena.used = 0;
    ll_vocab_layout(&arena, &g->facts, &v);
    check(arena.used == bytes);
    v.allocator = a, v.pre_asked = pre;
    if (ll_vocab_load(&v, g, &log) == LLOCAL_OK)
        for (unsigned flags = 0; flags < 4; flags++) fuzz_text(&v, text, len, flags);
    ll_free(&a, arena.base, bytes);
    llocal_gguf_close(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const kinds[] = { "llama", "gpt2", "gemma4", "bert", "t5", "rwkv", "plamo2", "none" };
    static const uint8_t six[] = { 1, 2, 3, 4, 5, 6 };
    fuzz_array tokens = { NULL, 0, 0 }, types = tokens, scores = tokens, merges = tokens;
    fuzz_file f = { NULL, 0, 0 };
    llocal_writer w = { fuzz_write, NULL, { NULL, NULL, NULL, 0 } };
    llocal_meta meta[24];
    const uint8_t *end = data + size;
    unsigned head, pre, kind;
    int n = 0;
    if (size < 3) return 0;
    head = *data++, pre = *data++, kind = *data++;
    if (head == 255) {                  /* the bytes of a file as they are */
        size_t text = LL_MIN((size_t)(pre + kind), (size_t)(end - data));
        f.bytes = (uint8_t *)malloc(size), f.n = (size_t)(end - data) - text;
        memcpy(f.bytes, data + text, f.n);
        fuzz_file_open(&f, NULL, (const char *)data, text);
        free(f.bytes);
        return 0;
    }
    tokens.bytes = (uint8_t *)malloc(size * 9 + 256 * 14), types.bytes = (uint8_t *)malloc(size * 4 + 1024);
    scores.bytes = (uint8_t *)malloc(size * 4 + 1024), merges.bytes = (uint8_t *)malloc(size * 9);
    while (data < end && *data != 255) {
        unsigned what = *data >> 5;
        size_t len = LL_MIN((size_t)(*data & 31), (size_t)(end - data - 1));
        data++;
        if (what == 7 && (kind & 7) == 4) fuzz_add(&merges, data, len), merges.count += len;
        else if (what == 7) fuzz_add_str(&merges, data, len);
        else {
            fuzz_add_str(&tokens, data, len);
            fuzz_add_u32(&types, six[what % 6]);
            fuzz_add_u32(&scores, ll_f32_to_bits((float)(len ? data[len - 1] % 16 : 0)));
        }
        data += len;
    }
    if (data < end) data++;
    if (kind & 128) fuzz_fill_bytes(&tokens, &types, &scores);
    meta[n] = fuzz_meta("tokenizer.ggml.model", LLOCAL_META_STRING), meta[n++].as.s = ll_str(kinds[kind & 7]);
    meta[n] = fuzz_meta("tokenizer.ggml.pre", LLOCAL_META_STRING);
    meta[n++].as.s = ll_str(pre & 64 ? "default" : ll_vocab_pres[pre % LL_COUNT(ll_vocab_pres)].name);
    meta[n] = fuzz_meta("general.name", LLOCAL_META_STRING), meta[n++].as.s = ll_str(head & 4 ? "Phi-3" : "x");
    meta[n++] = fuzz_meta_array("tokenizer.ggml.tokens", LLOCAL_META_STRING, &tokens);
    meta[n++] = fuzz_meta_array("tokenizer.ggml.token_type", LLOCAL_META_I32, &types);
    if ((kind & 7) == 4) meta[n++] = fuzz_meta_array("tokenizer.ggml.precompiled_charsmap", LLOCAL_META_U8, &merges);
    else meta[n++] = fuzz_meta_array("tokenizer.ggml.merges", LLOCAL_META_STRING, &merges);
    if (kind & 8) meta[n] = fuzz_meta("tokenizer.ggml.normalizer.lowercase", LLOCAL_META_BOOL), meta[n++].as.b = kind & 16;
    if (kind & 32) meta[n] = fuzz_meta("tokenizer.ggml.normalizer.strip_accents", LLOCAL_META_BOOL), meta[n++].as.b = kind & 16;
    if (kind & 64) meta[n] = fuzz_meta("tokenizer.ggml.remove_extra_whitespaces", LLOCAL_META_BOOL), meta[n++].as.b = kind & 16;
    if (head & 8) meta[n++] = fuzz_meta_array("tokenizer.ggml.scores", pre & 128 ? LLOCAL_META_I32 : LLOCAL_META_F32, &scores);
    if (head & 16) meta[n] = fuzz_meta("tokenizer.ggml.add_space_prefix", LLOCAL_META_BOOL), meta[n++].as.b = head & 32;
    if (head & 64) meta[n] = fuzz_meta("tokenizer.ggml.add_eos_token", LLOCAL_META_BOOL), meta[n++].as.b = true;
    meta[n] = fuzz_meta("tokenizer.ggml.eos_token_id", LLOCAL_META_U32), meta[n++].as.u = pre;
    f.room = size * 32 + 4096 + 256 * 22, f.bytes = (uint8_t *)malloc(f.room), w.user = &f;
    check(llocal_gguf_write_head(&w, meta, n, NULL, 0) == LLOCAL_OK);
    fuzz_file_open(&f, ll_vocab_pres[pre % LL_COUNT(ll_vocab_pres)].name, (const char *)data, (size_t)(end - data));
    free(tokens.bytes), free(types.bytes), free(scores.bytes), free(merges.bytes), free(f.bytes);
    return 0;
}
