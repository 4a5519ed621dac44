/* The nearest to MSVC where there is none: clang, told to be it. Its macros say MSVC's, all instructions are
 * taken everywhere, as there, and nothing of GNU's is used; levels are compiled, chosen, and give the hashes and
 * products of all others. (Not seen so: what MSVC itself refuses, its threads, and how fast it is.)
 *     clang -std=c99 -O1 -fms-extensions -ffp-contract=off -mavx2 -mfma -mf16c tests/msvc.c -o build/msvc -lm
 *     build/msvc [LEVEL]
 * -DARCH_AVX2 is /arch:AVX2; with -DLLOCAL_DISPATCH also give the instructions of AVX-512. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static unsigned long long msvc_xgetbv(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low | (unsigned long long)high << 32;
}
#undef _xgetbv
#define _xgetbv(register) msvc_xgetbv()
#define __cpuidex(r, leaf, part) \
    __asm__("cpuid" : "=a"((r)[0]), "=b"((r)[1]), "=c"((r)[2]), "=d"((r)[3]) : "a"(leaf), "c"(part))
#define __INTRIN_H                      /* clang's intrin.h declares these two otherwise */
#define __forceinline inline
#define YieldProcessor() ((void)0)

#undef __GNUC__
#undef __clang__
#undef __FILE_NAME__
#undef __x86_64__
#undef __SSE__
#undef __SSE2__
#undef __SSE4_1__
#undef __FMA__
#undef __F16C__
#undef __AVX512F__
#undef __AVXVNNI__
#undef __AVX512VNNI__
#ifndef ARCH_AVX2
#  undef __AVX__
#  undef __AVX2__
#endif
#define _MSC_VER 1939
#define _M_X64 100

#define LLOCAL_IMPLEMENTATION
#define LLOCAL_NO_THREADS               /* there are Windows' */
#ifdef PROGRAM                          /* another one than these tests: tests/compilers.sh */
#include PROGRAM
#else
#include "../llocal.h"
#include "t.h"
#include "test_formats.h"
#include "test_matmul.h"
#include "test_build.h"

int main(int argc, char **argv) {
#if LL_DISPATCH
    if (argc > 1) ll_isa_choose(atoi(argv[1]));
#else
    (void)argc, (void)argv;
#endif
    puts(llocal_build());
    test_build();
    test_formats();
    test_matmul();
    printf("%d passed, %d failed, %d skipped\n", t_passed, t_failed, t_skipped);
    return t_failed != 0;
}
#endif
