#if LL_DISPATCH

/* What the rest of the library calls. */
//@ calls
typedef struct ll_isa {
#define LL_MEMBER(x) __typeof__(x) *x##_;
    LL_ISA_CALLS(LL_MEMBER)
#undef LL_MEMBER
} ll_isa;
#define LL_ENTRY(x) x,
static const ll_isa ll_isa_base = { LL_ISA_CALLS(LL_ENTRY) };

#define LL_PRAGMA(x) _Pragma(#x)
#if defined(__clang__)
#  define LL_TARGET(t) LL_PRAGMA(clang attribute push(__attribute__((target(t))), apply_to = function))
#  define LL_TARGET_END _Pragma("clang attribute pop")
#else
#  define LL_TARGET(t) _Pragma("GCC push_options") LL_PRAGMA(GCC target(t))
#  define LL_TARGET_END _Pragma("GCC pop_options")
#endif
#ifndef LLOCAL_FILE
#  define LLOCAL_FILE "llocal.h"
#endif

//@ names
#undef LL_ONCE
#define LL_ONCE 0
#undef LL_HARD_FMA
#define LL_HARD_FMA 1                   /* of every level from here on */

#define LL_AT(x) x##_avx2
#undef LL_SSE41
#define LL_SSE41 1
#undef LL_AVX2
#define LL_AVX2 1
LL_TARGET("avx2,fma,f16c")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx2 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT

#define LL_AT(x) x##_avx512
#undef LL_AVX512
#define LL_AVX512 1
#undef LL_VNNI
#define LL_VNNI 1
#undef LL_VBMI
#define LL_VBMI 1
LL_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,gfni")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx512 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT

#undef LL_ONCE
#define LL_ONCE 1

/* How many levels the processor has, and the system saves the registers of. */
LL_FN int ll_isa_count(void) {
    const unsigned old = bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C;
    const unsigned want_b = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    const unsigned want_c = bit_AVX512VNNI | bit_AVX512VBMI | bit_GFNI;
    unsigned a, b, c, d, saved;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & old) != old) return 1;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2)) return 1;
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 0x06) != 0x06) return 1;               /* xmm, ymm */
    if ((saved & 0xe6) != 0xe6) return 2;               /* and masks, zmm, their upper half */
    return (b & want_b) == want_b && (c & want_c) == want_c ? 3 : 2;
}

/* The only variable of the library, NULL until the first use. Threads that find it so at the same time
 * all store the same pointer. */
static const ll_isa *ll_isa_chosen;

/* From now on the best of the first `most` levels; a test may call it before anything else. */
LL_NOINLINE const ll_isa *ll_isa_choose(int most) {
    static const ll_isa *const levels[] = { &ll_isa_base, &ll_isa_avx2, &ll_isa_avx512 };
    const int n = ll_isa_count();
    const ll_isa *isa = levels[LL_MIN(n, most) - 1];
    __atomic_store_n(&ll_isa_chosen, isa, __ATOMIC_RELAXED);
    return isa;
}
LL_INLINE const ll_isa *ll_isa_get(void) {
    const ll_isa *isa = __atomic_load_n(&ll_isa_chosen, __ATOMIC_RELAXED);
    return isa ? isa : ll_isa_choose(3);
}
#define LL_AT(x) (ll_isa_get()->x##_)

#endif
