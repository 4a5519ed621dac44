/* All unit tests: the implementation is included, so private functions are tested too.
 * cc -std=c99 -march=native tests/test.c -o build/test -lm -lpthread && build/test [group...] */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "t.h"
#include "test_simd.h"
#include "test_formats.h"
#include "test_matmul.h"
#include "test_tile.h"

static int wanted(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++) if (!strcmp(argv[i], name)) return 1;
    return argc < 2;
}
#define GROUP(name) if (wanted(argc, argv, #name)) test_##name()

int main(int argc, char **argv) {
    (void)wanted, (void)argc, (void)argv;
    printf("%s\n", llocal_build());
    GROUP(simd);
    GROUP(formats);
    GROUP(matmul);
    GROUP(tile);
    printf("%d passed, %d failed, %d skipped\n", t_passed, t_failed, t_skipped);
    return t_failed != 0;
}
