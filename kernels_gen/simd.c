#if !LL_AVX2
//@ include isa/scalar.h
#elif !LL_AVX512
//@ include isa/avx2.h
#else
//@ include isa/avx512.h
#endif
