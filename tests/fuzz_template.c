/* Fuzzes >>template: a hostile source with usual variables, or a usual source with hostile ones.
 *
 *     clang -std=c99 -g -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -fsanitize=fuzzer,address,undefined \
 *         tests/fuzz_template.c -o build/fuzz_template -lm -lpthread
 *     build/fuzz_template -max_len=600 -dict=DICT corpus
 *
 * The first byte chooses. Whatever comes: spans have no gaps, what was allocated is given back, two renders are
 * alike, and a letter that is in the variables alone is never trusted. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#define FUZZ_MEMORY
#include "fuzz.h"

static const char *const fuzz_sources[] = {
    "{% for m in messages %}<|{{ m.role }}|>{{ m['content']|trim }}{% if m.tool_calls %}{{ m.tool_calls|tojson(indent=2) }}{% endif %}{% endfor %}",
    "{{ messages }}{{ messages|tojson(sort_keys=true) }}{{ x|string|upper|title|replace('a', x|string) }}",
    "{% for k, v in x.items() %}{{ k ~ v }}{{ v|default('d')|indent(3) }}{% else %}{{ x|list|sort|join(x|string) }}{% endfor %}",
    "{{ x.split(',')[1:][::-1]|join('-') }}{{ x[1:-1] }}{{ x|wordwrap(5)|striptags|e }}{{ '%s %r' % (x, messages) }}{{ '{:>9}'.format(x) }}",
    "{{ x|int + x|float|round(2) }}{{ x|truncate(4) }}{{ x|urlencode }}{{ x.rsplit('b', 1) }}{{ x|center(9)|capitalize }}{{ x.partition('a') }}",
    "{% set l = [x] %}{% set k = l %}{% set _ = l.append(messages) %}{{ k.pop(0) }}{{ k.insert(0, l) }}{{ l|length }}{{ k.extend(l[1:]) }}{{ k == l }}",
    "{{ messages|map(attribute='content')|select|unique|list }}{{ messages|groupby('role') }}{{ x in messages }}{{ x == messages }}",
};

static void fuzz_render(const ll_template *t, const ll_template_var *vars, bool has_q) {
    static char out[2][3000];
    static ll_text_span spans[500];
    ll_template_run run;
    llocal_fault fault;
    llocal_result result[2];
    size_t n[2], at = 0;
    for (int i = 0; i < 2; i++) {
        memset(&run, 0, sizeof run), memset(&fault, 0, sizeof fault);
        run.vars = vars, run.n_vars = 2, run.out = out[i], run.cap = sizeof out[i], run.spans = spans, run.span_cap = LL_COUNT(spans);
        run.max_steps = 20000, run.max_bytes = 1 << 22;
        result[i] = ll_template_render(t, &run, NULL, &fault);
        n[i] = run.n_out;
        check(result[i] == LLOCAL_OK || (fault.message[0] && !run.n_out && !run.n_spans));
    }
    check(result[0] == result[1] && n[0] == n[1] && memcmp(out[0], out[1], LL_MIN(n[0], sizeof out[0])) == 0);
    for (size_t i = 0; i < run.n_spans && i < LL_COUNT(spans); i++) {
        check(spans[i].at == at && spans[i].len > 0 && (i == 0 || spans[i].trusted != spans[i - 1].trusted));
        for (size_t k = at; spans[i].trusted && !has_q && k < at + spans[i].len && k < sizeof out[0]; k++) check(out[0][k] != 'q' && out[0][k] != 'Q');
        at += spans[i].len;
    }
    if (run.n_spans <= LL_COUNT(spans)) check(at == run.n_out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ll_template *t;
    ll_template_var vars[2];
    llocal_allocator a;
    llocal_fault fault;
    llocal_str source;
    llocal_result r;
    bool has_q = false, hostile_source;
    if (size < 1 || size > 2000) return 0;
    hostile_source = data[0] < 128;
    memset(vars, 0, sizeof vars), memset(&a, 0, sizeof a), memset(&fault, 0, sizeof fault);
    a.resize = fuzz_resize;
    fuzz_bytes = 0;
    vars[0].name = "messages", vars[1].name = "x";
    vars[0].value = ll_str("[{\"role\":\"qq\",\"content\":\"q, Qq\\nq<q>\",\"n\":7},{\"role\":\"q\",\"content\":null,\"l\":[1,\"q\",{\"q\":2.5}]}]");
    vars[1].value = ll_str("\"Qa,q b\"");
    source.ptr = (const char *)data + 1, source.len = size - 1;
    if (!hostile_source) {
        vars[1].value = source, vars[1].is_text = data[0] & 1;
        source = ll_str(fuzz_sources[(data[0] >> 1) % (unsigned)LL_COUNT(fuzz_sources)]);
    }
    for (size_t i = 0; i < source.len; i++) has_q = has_q || strchr("qQ\\%", source.ptr[i]);
    r = ll_template_open(source, &a, &fault, &t);
    check(!r == (t != NULL) && (!r || fault.message[0]) && (hostile_source || !r));
    if (t) t->lists_change = (data[0] & 64) != 0;
    if (t) fuzz_render(t, vars, has_q && hostile_source);
    ll_template_close(t);
    check(fuzz_bytes == 0);
    return 0;
}
