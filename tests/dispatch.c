/* Levels: that the best of those the program holds is chosen; or at a given level that products of all
 * formats equal `dot`, which is level 1's, with the hashes of `test one` printed. `dispatch LEVEL has` only
 * says whether there is such a level here. Without flags the levels are 1 and 3 (AArch64: 1 and 2), with
 * LLOCAL_DISPATCH all.
 * cc -std=c99 -O2 [-DLLOCAL_DISPATCH] tests/dispatch.c -o build/dispatch -lm -lpthread
 * build/dispatch [LEVEL [has]] */
#define LLOCAL_IMPLEMENTATION
#define LL_TASK_WORK   512
#define LL_WORKER_WORK 4096
#include "../llocal.h"
#include "t.h"
#include "test_sample.h"
#include "test_context.h"
#include "test_formats.h"
#include "test_matmul.h"
#include "test_build.h"

#ifdef LLOCAL_DISPATCH
#  define LEVELS 31u                    /* a bit each */
#else
#  define LEVELS (LL_NEON ? 3u : 5u)
#endif
#if LL_NEON
static const char *const names[] = { "neon ", "neon+dotprod ", "neon+i8mm " };
#else
static const char *const names[] = { "scalar ", "sse41 ", "avx2 ", "avxvnni ", "avx512+vbmi " };
#endif

int main(int argc, char **argv) {
    const unsigned mask = ll_isa_mask() & LEVELS;
    const int asked = argc > 1 ? atoi(argv[1]) : 0;
    int level = asked ? asked : LL_COUNT(names);
    if (asked < 0 || asked > LL_COUNT(names)) return printf("levels are 1 to %d\n", LL_COUNT(names)), 2;
    while (!asked && !(mask >> (level - 1) & 1)) level--;
    if (argc > 2) return !(mask >> (level - 1) & 1);
    TEST("dispatch");
    if (asked) ll_isa_choose(level);
    puts(llocal_build());
    CHECK(!strncmp(llocal_build(), names[level - 1], strlen(names[level - 1])));
    CHECK(strstr(llocal_build(), " dispatch"));
    test_build();
    if (asked) test_one();
    if (asked > 1) {                    /* level 1 is the plain build, which has these tests already */
        test_threads();
        test_sample();
        TEST("formats");
        if (LLQ_K && LLQ_IQ && LLQ_FP4 && LLQ_TERNARY && LLQ_LEGACY) test_formats();
        else SKIP("the hash of all formats, for this build has only some of them");
        test_matmul();
    }
    printf("%d passed, %d failed, %d skipped\n", t_passed, t_failed, t_skipped);
    return t_failed != 0;
}
