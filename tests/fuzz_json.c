/* Fuzzes >>json: any bytes are read; what is JSON is written again with the writer and has to be the same tree.
 *
 *     clang -std=c99 -g -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -fsanitize=fuzzer,address,undefined \
 *         tests/fuzz_json.c -o build/fuzz_json -lm -lpthread
 *     build/fuzz_json -max_len=1000 corpus */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "fuzz.h"

static llocal_str fuzz_text(const llocal_json *j, int node, char *out, int cap) {
    llocal_str s;
    int n = llocal_json_text(j, node, NULL, 0);
    check(n >= 0 && n <= cap && llocal_json_text(j, node, out, cap) == n);
    s.ptr = out, s.len = (size_t)n;
    return s;
}

/* The nodes again, through the writer; numbers as they were written. */
static void fuzz_write(const llocal_json *j, int n, llocal_json_writer *w) {
    static char text[4000], piece[4000];
    int open[LLOCAL_JSON_DEPTH], depth = 0;
    for (int i = 0; i <= n; i++) {
        const llocal_json_node *k = &j->nodes[i];
        llocal_str s;
        while (depth > 0 && j->nodes[open[depth - 1]].next <= i)
            llocal_json_put(w, j->nodes[open[--depth]].type == LLOCAL_JSON_ARRAY ? "]" : "}");
        if (i == n) break;
        check(k->parent == (depth ? open[depth - 1] : -1));
        if (k->type >= LLOCAL_JSON_ARRAY) {
            llocal_json_put(w, k->type == LLOCAL_JSON_ARRAY ? "[" : "{");
            open[depth++] = i;
            continue;
        }
        s = fuzz_text(j, i, text, sizeof text - 1);
        if (k->is_key) llocal_json_put_key(w, s);
        else if (k->type == LLOCAL_JSON_STRING) llocal_json_put_string(w, s);
        else memcpy(piece, s.ptr, s.len), piece[s.len] = 0, llocal_json_put(w, piece);
    }
}

static void fuzz_same(const llocal_json *a, const llocal_json *b, int n) {
    static char x[4000], y[4000], p[9000];
    for (int i = 0; i < n; i++) {
        double f, g;
        check(a->nodes[i].type == b->nodes[i].type && a->nodes[i].next == b->nodes[i].next && a->nodes[i].count == b->nodes[i].count);
        check(ll_json_pointer(a, i, p, sizeof p) >= 0);
        if (a->nodes[i].type >= LLOCAL_JSON_ARRAY) { check(llocal_json_item(a, i, a->nodes[i].count) == -1); continue; }
        check(ll_str_eq(fuzz_text(a, i, x, sizeof x), fuzz_text(b, i, y, sizeof y)));
        check(llocal_json_number(a, i, &f) == llocal_json_number(b, i, &g));
        if (llocal_json_number(a, i, &f)) {               /* what is printed reads back as the same bits */
            char out[40];
            ll_decimal d;
            int len = ll_f64_write(f, out);
            check(len <= 32 && ll_decimal_read(&d, out, (size_t)len) && ll_f64_bits(ll_decimal_double(&d)) == ll_f64_bits(f));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static llocal_json_node a[2000], b[2000];
    static char out[20000];
    llocal_json j, again;
    llocal_json_writer w;
    llocal_fault fault;
    llocal_str bytes;
    int n;
    memset(&j, 0, sizeof j), memset(&again, 0, sizeof again), memset(&w, 0, sizeof w), memset(&fault, 0, sizeof fault);
    if (size > 1500) return 0;
    w.out = out, w.cap = sizeof out;
    bytes.ptr = (const char *)data, bytes.len = size;
    llocal_json_put_string(&w, bytes);          /* any bytes make a valid string */
    j.text = out, j.len = w.n, j.nodes = a, j.cap = 2000;
    check(w.n <= w.cap && llocal_json_read(&j, NULL) == 1);
    j.text = (const char *)data, j.len = size;
    n = llocal_json_read(&j, &fault);
    check(n != 0);
    if (n < 0) { check(fault.offset <= size && fault.message[0]); return 0; }
    memset(&w, 0, sizeof w), w.out = out, w.cap = sizeof out;
    fuzz_write(&j, n, &w);
    check(w.n <= w.cap);
    again.text = out, again.len = w.n, again.nodes = b, again.cap = 2000;
    check(llocal_json_read(&again, NULL) == n);
    fuzz_same(&j, &again, n);
    llocal_json_find(&j, 0, "a");
    return 0;
}
