#if LL_DISPATCH

/* What the rest of the library calls. */
//@ calls
typedef struct ll_isa {
//@ members
} ll_isa;
static const ll_isa ll_isa_base = { LL_ISA_CALLS };

#define LL_NAMES
#undef LL_ONCE
#include LLOCAL_FILE
#undef LL_NAMES
#define LL_ONCE 0

/* A level that the compiler's flags have already, that it does not know, or that nobody asked for is the one
 * below. */
#if LL_NEON
#if LL_DOTPROD
#  define ll_isa_sdot ll_isa_base
#else
#define LL_AT(x) x##_sdot
#undef LL_DOTPROD
#define LL_DOTPROD 1
LL_TARGET(LL_TARGET_DOTS)
#include LLOCAL_FILE
static const ll_isa ll_isa_sdot = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_I8MM || !LL_KNOWS_I8MM || !LL_DISPATCH_ALL
#  define ll_isa_smmla ll_isa_sdot
#else
#define LL_AT(x) x##_smmla
#undef LL_I8MM
#define LL_I8MM 1
LL_TARGET(LL_TARGET_I8MM)
#include LLOCAL_FILE
static const ll_isa ll_isa_smmla = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif

#else
#if LL_SSE41 || !LL_DISPATCH_ALL
#  define ll_isa_sse41 ll_isa_base
#else
#define LL_AT(x) x##_sse41
#undef LL_SSE41
#define LL_SSE41 1
LL_TARGET("sse4.1")
#include LLOCAL_FILE
static const ll_isa ll_isa_sse41 = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_AVX2
#  define ll_isa_avx2 ll_isa_base
#else
#define LL_AT(x) x##_avx2
#undef LL_SSE41
#define LL_SSE41 1
#undef LL_AVX2
#define LL_AVX2 1
#undef LL_HARD_FMA
#define LL_HARD_FMA 1
LL_TARGET("avx2,fma,f16c")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx2 = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_VNNI || !LL_KNOWS_VNNI || !LL_DISPATCH_ALL
#  define ll_isa_vnni ll_isa_avx2
#else
#define LL_AT(x) x##_vnni
#undef LL_VNNI
#define LL_VNNI 1
LL_TARGET("avx2,fma,f16c,avxvnni")
#include LLOCAL_FILE
static const ll_isa ll_isa_vnni = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif

#if !LL_DISPATCH_ALL
#  define ll_isa_avx512 ll_isa_avx2
#elif LL_VBMI
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
static const ll_isa ll_isa_avx512 = { LL_ISA_CALLS };
LL_TARGET_END
#undef LL_AT
#endif
#endif

#undef LL_ONCE
#define LL_ONCE 1

#if LL_NEON
/* What the processor has: level n is bit n - 1. */
LL_FN unsigned ll_isa_mask(void) { return !ll_arm_has_dots() ? 1u : ll_arm_has_i8mm() ? 7u : 3u; }
#else
/* What the processor has and the system saves the registers of: level n is bit n - 1. */
LL_FN unsigned ll_isa_mask(void) {
    enum { a, b, c, d };                /* registers; the bits are Intel's, as are their names */
    const unsigned sse41 = 1u << 19, fma = 1u << 12, f16c = 1u << 29, avx = 1u << 28, osxsave = 1u << 27;
    const unsigned avx1 = avx | osxsave | fma | f16c, avx2 = 1u << 5;
    const unsigned avx512_b = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;        /* F, DQ, BW, VL */
    const unsigned avx512_c = 1u << 1 | 1u << 8 | 1u << 11;                     /* VBMI, GFNI, VNNI */
    unsigned r[4], last, saved, mask = 1;
    ll_cpuid(0, 0, r);
    last = r[a];
    ll_cpuid(1, 0, r);
    if (!(r[c] & sse41)) return mask;
    mask |= 2;
    if ((r[c] & avx1) != avx1 || last < 7) return mask;
    saved = ll_xgetbv();
    ll_cpuid(7, 0, r);
    if ((saved & 0x06) != 0x06 || !(r[b] & avx2)) return mask;                  /* xmm, ymm */
    mask |= 4;
    if ((saved & 0xe6) == 0xe6 &&                       /* and masks, zmm, their upper half */
        (r[b] & avx512_b) == avx512_b && (r[c] & avx512_c) == avx512_c) mask |= 16;
    if (r[a] < 1) return mask;          /* the last part of leaf 7 */
    ll_cpuid(7, 1, r);
    return r[a] & 1u << 4 ? mask | 8 : mask;            /* AVX-VNNI */
}
#endif

/* The only variable of the library, NULL until the first use. Threads that find it so at the same time
 * all store the same pointer. */
#if LL_GNU
static const ll_isa *ll_isa_chosen;
LL_INLINE const ll_isa *ll_isa_load(void) { return __atomic_load_n(&ll_isa_chosen, __ATOMIC_RELAXED); }
LL_INLINE void ll_isa_store(const ll_isa *isa) { __atomic_store_n(&ll_isa_chosen, isa, __ATOMIC_RELAXED); }
#else                                   /* there an aligned volatile pointer is read and written whole */
static const ll_isa *volatile ll_isa_chosen;
LL_INLINE const ll_isa *ll_isa_load(void) { return ll_isa_chosen; }
LL_INLINE void ll_isa_store(const ll_isa *isa) { ll_isa_chosen = isa; }
#endif

/* From now on the best of the first `most` levels; a test may call it before anything else. */
LL_NOINLINE const ll_isa *ll_isa_choose(int most) {
#if LL_NEON
    static const ll_isa *const levels[] = { &ll_isa_base, &ll_isa_sdot, &ll_isa_smmla };
#else
    static const ll_isa *const levels[] = { &ll_isa_base, &ll_isa_sse41, &ll_isa_avx2, &ll_isa_vnni, &ll_isa_avx512 };
#endif
    const unsigned mask = ll_isa_mask();
    const ll_isa *isa = levels[0];
    for (int i = 0; i < LL_MIN(most, LL_COUNT(levels)); i++) if (mask >> i & 1) isa = levels[i];
    ll_isa_store(isa);
    return isa;
}
LL_INLINE const ll_isa *ll_isa_get(void) {
    const ll_isa *isa = ll_isa_load();
    return isa ? isa : ll_isa_choose(5);
}
#define LL_AT(x) (ll_isa_get()->x##_)

#endif
