/* All unit tests: the implementation is included, so private functions are tested too.
 * cc -std=c99 -march=native tests/test.c -o build/test -lm -lpthread && build/test [group...], or [-group...] */
#ifdef LLOCAL_DISPATCH
#  error "these test the primitives of one instruction set; tests/dispatch.c tests levels"
#endif
#define LLOCAL_IMPLEMENTATION
#define LLOCAL_NO_DISPATCH              /* what the flags say */
#define LL_TASK_WORK   512              /* let small models have many workers, and small pieces */
#define LL_WORKER_WORK 4096
#include "../llocal.h"
#include "t.h"
#include "test_sample.h"
#include "test_context.h"
#include "test_passes.h"
#include "test_archs.h"
#include "test_hostile.h"
#include "test_timelines.h"
#include "test_reply.h"
#include "test_ops.h"
#include "test_simd.h"
#include "test_formats.h"
#include "test_source.h"
#include "test_gguf.h"
#include "test_unicode.h"
#include "test_vocab.h"
#include "test_text.h"
#ifndef LLOCAL_NO_CHAT
#include "test_json.h"
#include "test_template.h"
#include "test_chat.h"
#include "test_split.h"
#include "test_rule.h"
#include "test_proof.h"
#include "test_calls.h"
#endif
#include "test_model.h"
#include "test_attention.h"
#include "test_matmul.h"
#include "test_tile.h"
#include "test_words.h"
#include "test_decide.h"
#include "test_build.h"

/* Those that are named, or all but those named with a - before. */
static int wanted(int argc, char **argv, const char *name) {
    int all = 1;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') all = 0;
        if (!strcmp(argv[i] + (argv[i][0] == '-'), name)) return argv[i][0] != '-';
    }
    return all;
}
#define GROUP(name) if (wanted(argc, argv, #name)) test_##name()

int main(int argc, char **argv) {
    (void)wanted, (void)argc, (void)argv;
    printf("%s\n", llocal_build());
    GROUP(sample);
    GROUP(context);
    GROUP(passes);
    GROUP(archs);
    GROUP(hostile);
    GROUP(reply);
    GROUP(one);
    GROUP(timelines);
    GROUP(threads);
    GROUP(ops);
    GROUP(simd);
    GROUP(formats);
    GROUP(source);
    GROUP(gguf);
    GROUP(unicode);
    GROUP(vocab);
    GROUP(text);
#ifndef LLOCAL_NO_CHAT
    GROUP(json);
    GROUP(template);
    GROUP(chat);
    GROUP(split);
    GROUP(rule);
    GROUP(proof);
    GROUP(calls);
#endif
    GROUP(model);
    GROUP(attention);
    GROUP(matmul);
    GROUP(tile);
    GROUP(words);
    GROUP(decide);
    GROUP(build);
    GROUP(left);                        /* build/test taken, in a process of its own, takes it up */
    if (argc > 1 && argv[1][0] != '-') {        /* and what is asked for by name only */
        GROUP(taken);
        GROUP(bits);
    }
    printf("%d passed, %d failed, %d skipped\n", t_passed, t_failed, t_skipped);
    return t_failed != 0;
}
