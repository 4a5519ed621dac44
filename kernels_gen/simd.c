
#if defined(__clang__)
#define LLV_UNROLL _Pragma("unroll")
#elif LL_GNU
#define LLV_UNROLL _Pragma("GCC unroll 16")
#else
#define LLV_UNROLL
#endif

#if !LL_AVX2
//@ include isa/scalar.h
#else

//@ include isa/avx_int.h
#  if !LL_AVX512
//@ include isa/avx2.h
#  else
//@ include isa/avx512.h
#  endif
#endif
#if LLV_INT
#define LLQ_GEMV(x) x
#else
#define LLQ_GEMV(x) NULL
#endif

