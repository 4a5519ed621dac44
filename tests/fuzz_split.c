/* Fuzzes >>split: replies of tests/split_cases.h with random edits, or its templates with random edits.
 *
 *     clang -std=c99 -g -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -fsanitize=fuzzer,address,undefined \
 *         tests/fuzz_split.c -o build/fuzz_split -lm -lpthread
 *     build/fuzz_split -max_len=300 corpus
 *
 * Whatever comes: the raw bytes of all events are the reply, events stand in order, whole arguments are JSON, what was
 * allocated is given back, and pieces of any size give the same. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#define FUZZ_MEMORY
#include "fuzz.h"
#include "split_cases.h"

typedef struct fuzz_result { char raw[8000], line[40000]; size_t n_raw, n_line, n_arguments, at; int part, call; bool ended; } fuzz_result;

static void fuzz_put(fuzz_result *f, const char *s, size_t n) {
    check(f->n_line + n <= sizeof f->line);
    if (n) memcpy(f->line + f->n_line, s, n);
    f->n_line += n;
}

static bool fuzz_event(void *user, const llocal_event *e) {
    fuzz_result *f = (fuzz_result *)user;
    const char part = (char)('0' + e->part);
    const bool inside = f->part >= LLOCAL_PART_CALL && f->part < LLOCAL_PART_CALL_END;
    check(!f->ended && f->n_raw + e->raw.len <= sizeof f->raw);
    if (e->raw.len) memcpy(f->raw + f->n_raw, e->raw.ptr, e->raw.len);
    f->n_raw += e->raw.len;
    check(inside == (e->part >= LLOCAL_PART_NAME && e->part <= LLOCAL_PART_CALL_END));
    check(f->part != LLOCAL_PART_CALL || e->part == LLOCAL_PART_NAME);
    check(!e->problem || e->part >= LLOCAL_PART_CALL_END);
    if (e->part == LLOCAL_PART_CALL) check(e->call == f->call++);
    if (f->part != (int)e->part && (e->text.len || e->part >= LLOCAL_PART_CALL)) {
        fuzz_put(f, &part, 1);
        if (e->part == LLOCAL_PART_ARGUMENTS) f->at = f->n_line;
    }
    if (e->text.len || e->part >= LLOCAL_PART_CALL) f->part = (int)e->part;
    if (e->part == LLOCAL_PART_CALL_END && !e->problem) {
        llocal_json j;
        memset(&j, 0, sizeof j);
        j.text = f->line + f->at, j.len = f->n_line - 1 - f->at;
        check(j.len >= 2 && j.text[0] == '{' && llocal_json_read(&j, NULL) > 0);
    }
    fuzz_put(f, e->text.ptr, e->text.len);
    if (e->problem) fuzz_put(f, e->problem, strlen(e->problem));
    f->ended = e->part == LLOCAL_PART_END;
    return true;
}

static void fuzz_run(const llocal_chat *c, const llocal_chat_prompt *p, const char *reply, size_t n, size_t piece, size_t room, fuzz_result *f) {
    static char held[1 << 16];
    llocal_split s;
    memset(&s, 0, sizeof s);
    f->n_raw = f->n_line = f->at = 0, f->part = -1, f->call = 0, f->ended = false;
    s.chat = c, s.prompt = p, s.held = held, s.held_size = room, s.on_event = fuzz_event, s.user = f;
    for (size_t i = 0; i < n; i += piece) {
        llocal_str text;
        text.ptr = reply + i, text.len = LL_MIN(piece, n - i);
        check(!llocal_split_add(&s, text));
    }
    check(!llocal_split_end(&s) && f->ended && f->n_raw == n && memcmp(f->raw, reply, n) == 0);
}

/* Edits: where, how, which byte. */
static size_t fuzz_edit(char *text, size_t n, size_t cap, const uint8_t *data, size_t size) {
    for (; size >= 4 && n + 300 < cap; data += 4, size -= 4) {
        size_t at = n ? (size_t)(data[0] | data[1] << 8) % (n + 1) : 0, k = data[3];
        if (data[2] % 4 == 0) memmove(text + at + 1, text + at, n - at), text[at] = (char)data[3], n++;
        else if (data[2] % 4 == 1 && at < n) text[at] = (char)data[3];
        else if (data[2] % 4 == 2 && at < n) k = LL_MIN(k % 16 + 1, n - at), memmove(text + at, text + at + k, n - at - k), n -= k;
        else if (data[2] % 4 == 3) k = LL_MIN(k, n - at), memmove(text + at + k, text + at, n - at), n += k;    /* twice */
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static llocal_chat *chats[LL_COUNT(test_split_templates)];
    static fuzz_result f[2];
    static char source[6000], reply[6000];
    llocal_chat_prompt p;
    llocal_chat *c;
    llocal_allocator a;
    llocal_str text;
    size_t n, before;
    int which;
    if (size < 4) return 0;
    memset(&p, 0, sizeof p), memset(&a, 0, sizeof a);
    a.resize = fuzz_resize;
    n = strlen(test_split_cases[data[1] % LL_COUNT(test_split_cases)].reply);
    memcpy(reply, test_split_cases[data[1] % LL_COUNT(test_split_cases)].reply, n);
    which = data[0] & 64 ? data[2] % LL_COUNT(test_split_templates) : test_split_cases[data[1] % LL_COUNT(test_split_cases)].which;
    p.tools = ll_str(data[0] & 1 ? test_split_types : ""), p.in_thoughts = (data[0] & 6) == 6;
    if (data[0] & 128) {
        text.ptr = source, text.len = strlen(test_split_templates[which].source);
        memcpy(source, test_split_templates[which].source, text.len);
        text.len = fuzz_edit(source, text.len, sizeof source, data + 3, size - 3);
        before = fuzz_bytes;
        if (ll_chat_open(NULL, text, ll_str("<s>"), ll_str("</s>"), a, NULL, &c)) { check(fuzz_bytes == before); return 0; }
        fuzz_run(c, &p, reply, n, 1, LL_SPLIT_LEAST, &f[0]);
        llocal_chat_close(c);
        check(fuzz_bytes == before);
        return 0;
    }
    if (!chats[which]) check(!ll_chat_open(NULL, ll_str(test_split_templates[which].source), ll_str("<s>"), ll_str("</s>"), a, NULL, &chats[which]));
    n = fuzz_edit(reply, n, sizeof reply, data + 3, size - 3);
    before = fuzz_bytes;
    fuzz_run(chats[which], &p, reply, n, 1, sizeof reply * 2, &f[0]);
    fuzz_run(chats[which], &p, reply, n, n + 1, sizeof reply * 2, &f[1]);
    check(f[0].n_line == f[1].n_line && memcmp(f[0].line, f[1].line, f[0].n_line) == 0);
    fuzz_run(chats[which], &p, reply, n, data[2] % 8 + 1u, LL_SPLIT_LEAST, &f[1]);
    check(fuzz_bytes == before);
    return 0;
}
