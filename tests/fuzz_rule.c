/* Fuzzes >>rule: any text is a schema, tools, an expression or a grammar, or is refused; what opens never leads to where nothing goes
 * on, its states survive being cut up, and any bytes are a state or refused.
 *
 *     clang -std=c99 -g -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -fsanitize=fuzzer,address,undefined \
 *         tests/fuzz_rule.c -o build/fuzz_rule -lm -lpthread
 *     build/fuzz_rule -max_len=400 corpus
 *
 * The first byte says which kind of text it is, or FUZZ_RULE=schema, grammar, regex, tools, calls (tools, in one of the forms of
 * tests/split_cases.h), or bytes: then only bytes are tried, on one rule of each kind. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include <stdlib.h>
#include "fuzz.h"
#include "split_cases.h"

/* Goes on by bytes that `data` picks of those that are possible; there is one, or the text may end. */
static void fuzz_walk(llocal_rule *r, const uint8_t *data, size_t size) {
    llocal_rule_state st, next;
    memset(&st, 0, sizeof st);
    for (size_t i = 0; i < size && i < 60; i++) {
        int found = 0;
        for (int k = 0; k < 256 && !found; k++) {
            char c = (char)(uint8_t)(data[i] * 7 + k * (k & 1 ? 1 : 131));
            next = st;
            found = llocal_rule_accept_text(r, &next, &c, 1) == 1;
            check(found || !memcmp(&next, &st, sizeof st));
        }
        check(found || llocal_rule_can_end(r, &st));
        check(llocal_rule_must_end(r, &st) == !found);
        check(llocal_rule_need(r, &st) >= 0);
        if (!found) break;
        st = next;
    }
    for (size_t i = 0, n = LL_MIN(st.n_cells * 24 + 140, sizeof st); i < size; i++) ((uint8_t *)&st)[(i * 37 + data[i]) % n] ^= data[size - 1 - i];
    llocal_rule_can_end(r, &st), llocal_rule_need(r, &st), llocal_rule_must_end(r, &st);
    llocal_rule_accept_text(r, &st, (const char *)data, size);
}

/* The same bytes on rules that are known to open: what is let through goes on as it should. */
static int fuzz_bytes_only(const uint8_t *data, size_t size) {
    static const char *const texts[] = {
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",1]},\"uniqueItems\":true},\"b\":{\"pattern\":\"^a*\\\\d$\"},"
        "\"c\":{\"type\":\"number\",\"minimum\":-0.5}},\"patternProperties\":{\"^x\":{\"maxLength\":3}},\"minProperties\":2}",
        "^(a|[^b]{2,9}c)*\\p{Lu}$", "root ::= (\"a\" root \"b\" | [^ab]{0,3} \"c\")* | r \"x\"?\nr ::= \"(\" r? \")\""
    };
    static const llocal_rule_kind kinds[] = { LLOCAL_RULE_SCHEMA, LLOCAL_RULE_REGEX, LLOCAL_RULE_GRAMMAR };
    static llocal_rule *rules[9];
    llocal_rule_state st;
    int i = data[0] % 9;
    if (!rules[i]) {
        llocal_rule_desc d;
        memset(&d, 0, sizeof d);
        d.kind = kinds[i % 3], d.text = ll_str(texts[i % 3]), d.space = (llocal_rule_space)(i / 3);
        check(!llocal_rule_open(NULL, &d, NULL, &rules[i]));
    }
    memset(&st, 0, sizeof st);
    for (size_t at = 1; at < size; at++) {      /* what has been refused changes nothing, and other bytes still may come */
        llocal_rule_state was = st;
        if (!llocal_rule_accept_text(rules[i], &st, (const char *)data + at, 1)) check(!memcmp(&was, &st, sizeof st));
    }
    fuzz_walk(rules[i], data, size);
    return 0;
}

/* A chat whose template writes calls in one of many forms. */
static const llocal_chat *fuzz_chat(int i) {
    static llocal_chat *chats[LL_COUNT(test_split_templates)];
    llocal_allocator a;
    memset(&a, 0, sizeof a);
    i %= LL_COUNT(test_split_templates);
    if (!chats[i]) check(!ll_chat_open(NULL, ll_str(test_split_templates[i].source), ll_str("<s>"), ll_str("</s>"), ll_allocator(a), NULL, &chats[i]));
    return chats[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    llocal_rule_desc d;
    llocal_fault f;
    llocal_rule *r;
    const char *only = getenv("FUZZ_RULE");
    if (size < 2) return 0;
    if (only && !strcmp(only, "bytes")) return fuzz_bytes_only(data, size);
    memset(&d, 0, sizeof d), memset(&f, 0, sizeof f);
    d.kind = data[0] >= 192 ? LLOCAL_RULE_GRAMMAR : data[0] % 4 == 3 ? LLOCAL_RULE_TOOLS : data[0] % 4 == 2 ? LLOCAL_RULE_REGEX : LLOCAL_RULE_SCHEMA;
    if (only)
        d.kind = *only == 'g' ? LLOCAL_RULE_GRAMMAR : *only == 'r' ? LLOCAL_RULE_REGEX : *only == 't' || *only == 'c' ? LLOCAL_RULE_TOOLS : LLOCAL_RULE_SCHEMA;
    d.flags = data[0] >> 2 & 7, d.space = (llocal_rule_space)((data[0] >> 5) % 3), d.max_bytes = 16 << 20;
    d.text.ptr = (const char *)data + 1, d.text.len = size - 1;
    if (only ? *only == 'c' : d.kind == LLOCAL_RULE_TOOLS && data[1] & 1) {
        if (size < 3) return 0;
        d.chat = fuzz_chat(data[1] >> 1), d.calls = (llocal_calls)(data[0] >> 2 & 3), d.in_thoughts = data[0] >> 4 & 1;
        d.text.ptr++, d.text.len--;
    }
    if (llocal_rule_open(NULL, &d, &f, &r)) {
        check(f.message[0] != 0 && r == NULL);
        return 0;
    }
    fuzz_walk(r, data, size);
    llocal_rule_close(r);
    return 0;
}
