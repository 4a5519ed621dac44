/* Fuzzes >>chat: a hostile template with a usual conversation, or a usual template with hostile messages, tools and
 * variables.
 *
 *     clang -std=c99 -g -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -fsanitize=fuzzer,address,undefined \
 *         tests/fuzz_chat.c -o build/fuzz_chat -lm -lpthread
 *     build/fuzz_chat -max_len=1000 corpus
 *
 * The first byte chooses. Whatever comes: what was allocated is given back, an error has words, two renders are alike,
 * messages end in order and within the prompt, and hostile messages give no control token that others would not. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#define FUZZ_MEMORY
#include "fuzz.h"

/* A vocabulary: four control tokens, and a token for each byte. */
static unsigned char fuzz_file[1 << 14];
static size_t fuzz_size;
static size_t fuzz_write(void *user, const void *src, size_t n) {
    (void)user;
    memcpy(fuzz_file + fuzz_size, src, n), fuzz_size += n;
    return n;
}
static const char *const fuzz_control[] = { "<s>", "</s>", "<|im_start|>", "<|im_end|>" };
static llocal_model *fuzz_model(void) {
    static unsigned char strings[8000], types[260 * 4];
    llocal_meta meta[6];
    llocal_writer w;
    llocal_source src;
    llocal_model *m = NULL;
    size_t n = 0;
    memset(meta, 0, sizeof meta), memset(&w, 0, sizeof w), memset(&src, 0, sizeof src);
    for (int i = 0; i < 260; i++) {
        char s[] = "<0x00>";
        const char *token = i < 4 ? fuzz_control[i] : s;
        s[3] = "0123456789ABCDEF"[(i - 4) >> 4 & 15], s[4] = "0123456789ABCDEF"[(i - 4) & 15];
        ll_store_u64(strings + n, strlen(token)), memcpy(strings + n + 8, token, strlen(token)), n += 8 + strlen(token);
        ll_store_u32(types + 4 * i, i < 4 ? 3 : 6);
    }
    meta[0].key = ll_str("general.architecture"), meta[0].type = LLOCAL_META_STRING, meta[0].as.s = ll_str("llama");
    meta[1].key = ll_str("tokenizer.ggml.model"), meta[1].type = LLOCAL_META_STRING, meta[1].as.s = ll_str("plamo2");
    meta[2].key = ll_str("tokenizer.ggml.tokens"), meta[2].type = LLOCAL_META_ARRAY, meta[2].elem_type = LLOCAL_META_STRING;
    meta[2].as.array = strings, meta[2].array_bytes = n, meta[2].count = 260;
    meta[3].key = ll_str("tokenizer.ggml.token_type"), meta[3].type = LLOCAL_META_ARRAY, meta[3].elem_type = LLOCAL_META_I32;
    meta[3].as.array = types, meta[3].array_bytes = sizeof types, meta[3].count = 260;
    meta[4].key = ll_str("tokenizer.ggml.bos_token_id"), meta[4].type = LLOCAL_META_U32;
    meta[5].key = ll_str("tokenizer.ggml.eos_token_id"), meta[5].type = LLOCAL_META_U32, meta[5].as.u = 1;
    w.write = fuzz_write;
    check(llocal_gguf_write_head(&w, meta, 6, NULL, 0) == LLOCAL_OK);
    src.data = fuzz_file, src.data_size = fuzz_size, src.vocab_only = true;
    check(llocal_model_open(&src, &m) == LLOCAL_OK);
    return m;
}

#define FUZZ_CALLS "{% for c in m.tool_calls or [] %}<|im_start|>{{ c.function.name }}{{ c.function.arguments|tojson }}{{ c.id }}{% endfor %}"
static const char *const fuzz_sources[] = {
    "{{ bos_token }}{{ tools }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{{ m.thinking }}" FUZZ_CALLS "<|im_end|>\n{% endfor %}",
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('turns') }}{% endif %}<s>{{ m.content|trim }}</s>{% endfor %}",
    "{% for m in messages %}{% for p in m.content %}{{ p.text|trim }}{% endfor %}{{ m.name }}{{ m.tool_call_id }}" FUZZ_CALLS "{{ eos_token }}{% endfor %}{{ x }}",
};

/* How many control tokens a conversation has in all of whose fields the text is; -1: it has an error. */
static int fuzz_render(const llocal_chat *c, llocal_str hostile, bool in_json) {
    static llocal_token ids[2][4000];
    llocal_message m[5];
    llocal_call call;
    llocal_chat_prompt p;
    llocal_fault fault;
    llocal_result r[2];
    int ends[5], n[2], count = 0;
    memset(m, 0, sizeof m), memset(&call, 0, sizeof call);
    call.id = call.name = hostile, call.arguments = in_json ? hostile : ll_str("{\"k\":[1,\"v\"]}");
    for (int i = 0; i < 5; i++) m[i].role = i == 0 ? "system" : i == 3 ? "tool" : i == 2 ? "assistant" : "user", m[i].text = hostile;
    m[2].thoughts = hostile, m[3].call_id = m[3].name = hostile;
    m[2].calls = &call, m[2].n_calls = 1;
    for (int i = 0; i < 2; i++) {
        memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault);
        p.messages = m, p.n_messages = 5, p.tokens = ids[i], p.cap = 4000, p.ends = i ? ends : NULL;
        if (in_json) p.vars = hostile;
        if (c->can & LLOCAL_CHAT_TOOLS) p.tools = in_json ? hostile : ll_str("[{\"f\":1}]");
        r[i] = llocal_chat_render(c, &p, &fault), n[i] = p.n_tokens;
        check(r[i] == LLOCAL_OK || fault.message[0]);
    }
    check(r[0] == r[1] && n[0] == n[1] && memcmp(ids[0], ids[1], (size_t)LL_MIN(n[0], 4000) * sizeof ids[0][0]) == 0);
    if (r[0]) return -1;
    for (int i = 0; i < 5 && n[0]; i++) check(ends[i] >= -1 && ends[i] <= n[0]);
    for (int i = 0; i < LL_MIN(n[0], 4000); i++) count += ids[0][i] < 4;
    return n[0] <= 4000 ? count : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static llocal_model *m;
    llocal_allocator a;
    llocal_chat *c;
    llocal_fault fault;
    llocal_str rest, source;
    llocal_result r;
    bool hostile_source, in_json;
    if (size < 1 || size > 3000) return 0;
    if (!m) m = fuzz_model();
    memset(&a, 0, sizeof a), memset(&fault, 0, sizeof fault);
    a.resize = fuzz_resize, fuzz_bytes = 0;
    hostile_source = data[0] < 128, in_json = data[0] & 1;
    rest.ptr = (const char *)data + 1, rest.len = size - 1;
    source = hostile_source ? rest : ll_str(fuzz_sources[(data[0] >> 1) % LL_COUNT(fuzz_sources)]);
    r = ll_chat_open(m, source, ll_chat_spelling(&m->vocab, LLOCAL_ROLE_BOS), ll_chat_spelling(&m->vocab, LLOCAL_ROLE_EOS), a, &fault, &c);
    check(!r == (c != NULL) && (!r || fault.message[0]) && (hostile_source || !r));
    if (c && hostile_source) fuzz_render(c, ll_str("hello"), false);
    else if (c) {
        const int hostile = fuzz_render(c, rest, in_json), usual = fuzz_render(c, ll_str("x"), false);
        check(hostile < 0 || in_json || hostile == usual);
    }
    llocal_chat_close(c);
    check(fuzz_bytes == 0);
    return 0;
}
