/* Fields of a text as JSON: extract model.gguf schema.json "text" [max tokens]. What comes out is valid under the JSON schema
 * and whole, whatever the model thinks of the text; a schema that cannot be kept is refused, with the place and why. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path, size_t *size) {
    FILE *f = file_open(path, "rb");
    char *text = (char *)malloc(1 << 20);
    if (f && text) *size = fread(text, 1, 1 << 20, f);
    if (f) fclose(f);
    else fprintf(stderr, "%s cannot be opened\n", path);
    return f ? text : NULL;
}

static bool put_text(void *user, llocal_token t, llocal_str text) {
    (void)user; (void)t;
    return fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_context_desc d;
    static llocal_rule_desc rule;
    static llocal_fault fault;
    static llocal_reply r;
    llocal_reply *list[1] = { &r };
    llocal_model *m = NULL;
    char *prompt;
    llocal_token *ids;
    size_t size = 0;
    argv = system_arguments(&argc, argv);
    if (argc < 4) { fputs("extract model.gguf schema.json \"text\" [max tokens]\n", stderr); return 1; }
    src.path = argv[1], src.logger.write = llocal_log_stderr;
    rule.kind = LLOCAL_RULE_SCHEMA, rule.text.ptr = read_all(argv[2], &size), rule.text.len = size;
    rule.space = LLOCAL_RULE_SPACE_ONE;         /* as people write JSON, and models have read it */
    fault.logger = src.logger;
    if (!rule.text.ptr || llocal_model_open(&src, &m) || llocal_rule_open(m, &rule, &fault, &r.rule)) return 1;
    if (llocal_context_open(m, &d, &r.context)) return 1;
    prompt = (char *)malloc(strlen(argv[3]) + 60), ids = (llocal_token *)malloc((strlen(argv[3]) + 60) * sizeof *ids);
    if (!prompt || !ids) return 1;
    sprintf(prompt, "Text: %s\n\nWhat it says, as JSON:\n", argv[3]);
    r.n_prompt = llocal_tokenize(m, prompt, strlen(prompt), LLOCAL_TOKENIZE_ADD_SPECIAL, ids, (int)strlen(prompt) + 8);
    r.prompt = ids, r.max_tokens = argc > 4 ? atoi(argv[4]) : 400, r.on_text = put_text;
    if (llocal_reply_begin(&r) || llocal_reply_step(list, 1, 0, NULL)) return 1;
    putchar('\n');
    fprintf(stderr, "%d tokens, %d of them not sampled\n", r.state.n_tokens, r.state.n_forced);
    llocal_context_close(r.context);
    llocal_rule_close(r.rule);
    llocal_model_close(m);
    free(prompt), free(ids), free((void *)(size_t)rule.text.ptr);
    return 0;
}
