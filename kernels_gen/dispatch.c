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

/* A level that the compiler's flags have already, or that it does not know, is the one below. */
#if LL_SSE41
#  define ll_isa_sse41 ll_isa_base
#else
#define LL_AT(x) x##_sse41
#undef LL_SSE41
#define LL_SSE41 1
LL_TARGET("sse4.1")
#include LLOCAL_FILE
static const ll_isa ll_isa_sse41 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_AVX2
#  define ll_isa_avx2 ll_isa_base
#else
#define LL_AT(x) x##_avx2
#undef LL_AVX2
#define LL_AVX2 1
#undef LL_HARD_FMA
#define LL_HARD_FMA 1
LL_TARGET("avx2,fma,f16c")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx2 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_VNNI || !LL_KNOWS_VNNI
#  define ll_isa_vnni ll_isa_avx2
#else
#define LL_AT(x) x##_vnni
#undef LL_VNNI
#define LL_VNNI 1
LL_TARGET("avx2,fma,f16c,avxvnni")
#include LLOCAL_FILE
static const ll_isa ll_isa_vnni = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_VBMI
#  define ll_isa_avx512 ll_isa_base
#else
#define LL_AT(x) x##_avx512
#undef LL_VNNI
#define LL_VNNI 1
#undef LL_AVX512
#define LL_AVX512 1
#undef LL_VBMI
#define LL_VBMI 1
LL_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,gfni")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx512 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#undef LL_ONCE
#define LL_ONCE 1

/* The levels whose instructions the processor has and whose registers the system saves: level n is bit n - 1. */
LL_FN unsigned ll_isa_mask(void) {
    const unsigned avx = bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C;
    const unsigned avx512_b = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    const unsigned avx512_c = bit_AVX512VNNI | bit_AVX512VBMI | bit_GFNI;
    unsigned a, b, c, d, last, saved, mask = 1;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1)) return mask;
    mask |= 2;
    if ((c & avx) != avx) return mask;
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 0x06) != 0x06) return mask;            /* xmm, ymm */
    if (!__get_cpuid_count(7, 0, &last, &b, &c, &d) || !(b & bit_AVX2)) return mask;
    mask |= 4;
    if ((saved & 0xe6) == 0xe6 &&                       /* and masks, zmm, their upper half */
        (b & avx512_b) == avx512_b && (c & avx512_c) == avx512_c) mask |= 16;
    if (last >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 16)) mask |= 8;   /* AVX-VNNI */
    return mask;
}

/* The only variable of the library, NULL until the first use. Threads that find it so at the same time
 * all store the same pointer. */
static const ll_isa *ll_isa_chosen;

/* From now on the best of the first `most` levels; a test may call it before anything else. */
LL_NOINLINE const ll_isa *ll_isa_choose(int most) {
    static const ll_isa *const levels[] = { &ll_isa_base, &ll_isa_sse41, &ll_isa_avx2, &ll_isa_vnni, &ll_isa_avx512 };
    const unsigned mask = ll_isa_mask();
    const ll_isa *isa = levels[0];
    for (int i = 0; i < LL_MIN(most, LL_COUNT(levels)); i++) if (mask >> i & 1) isa = levels[i];
    __atomic_store_n(&ll_isa_chosen, isa, __ATOMIC_RELAXED);
    return isa;
}
LL_INLINE const ll_isa *ll_isa_get(void) {
    const ll_isa *isa = __atomic_load_n(&ll_isa_chosen, __ATOMIC_RELAXED);
    return isa ? isa : ll_isa_choose(5);
}
#define LL_AT(x) (ll_isa_get()->x##_)

#endif
