#if LL_AVX512 > LL_VNNI || LL_VNNI > LL_AVX2 || LL_AVX2 > LL_SSE41
#  error "what is compiled for AVX-512 needs AVX2, FMA and F16C too: -mavx2 -mfma -mf16c"
#endif

/* Loops over registers: their trip count is constant, and they must leave no array behind. The
 * scalar forms have no registers to win: unrolled, or with exp inside everything, they only take
 * the compiler three times longer. (Of exp that holds for SSE4.1, whose fma is a call, as well.) */
#if !LL_AVX2
#  define LLV_INLINE LL_NOINLINE
#else
#  define LLV_INLINE LL_INLINE
#endif
#if !LL_SSE41
#  define LLV_UNROLL
#  define LLV_ROLL
#elif defined(__clang__)
#  define LLV_UNROLL _Pragma("clang loop unroll(full)")
#  define LLV_ROLL _Pragma("clang loop unroll(disable)")
#elif LL_GNU
#  define LLV_UNROLL _Pragma("GCC unroll 32")
#  define LLV_ROLL _Pragma("GCC unroll 1")
#else
#  define LLV_UNROLL
#  define LLV_ROLL
#endif

#if LL_SSE41
//@ include isa/x86.h
#endif
#if !LL_SSE41
//@ include isa/scalar.h
#elif !LL_AVX2
//@ include isa/sse41.h
//@ include isa/panel_sse41.h
#else

//@ include isa/avx_int.h
#  if LL_AVX512
//@ include isa/avx512.h
#  else
//@ include isa/avx2.h
//@ include isa/panel_avx2.h
#  endif
#  if LL_VNNI
//@ include isa/vnni.h
#  else
//@ include isa/avx2_dots.h
#  endif
#  if LL_AVX512
//@ include isa/panel_avx512.h
#  elif LL_VNNI
//@ include isa/avx2_vnni.h
#  endif
#endif
#if LL_VBMI
//@ include isa/avx512_vbmi.h
#else
#  define LLV_GRID 0
#endif
#if LLV_INT
#define LLQ_GEMV(x) x
#else
#define LLQ_GEMV(x) NULL
#endif
#if LLV_FEW
#define LLQ_FEW(x) x
#else
#define LLQ_FEW(x) NULL
#endif

