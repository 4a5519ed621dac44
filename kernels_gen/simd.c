#if LL_AVX512 > LL_VNNI || LL_VNNI > LL_AVX2 || LL_AVX2 > LL_SSE41
#  error "what is compiled for AVX-512 needs AVX2, FMA and F16C too: -mavx2 -mfma -mf16c"
#endif

#if LL_ONCE                             /* for LLV_UNROLL and LLV_ROLL */
#  if defined(__clang__)
#    define LL_UNROLL _Pragma("clang loop unroll(full)")
#    define LL_ROLL _Pragma("clang loop unroll(disable)")
#  elif LL_GNU
#    define LL_UNROLL _Pragma("GCC unroll 32")
#    define LL_ROLL _Pragma("GCC unroll 1")
#  else
#    define LL_UNROLL
#    define LL_ROLL
#  endif
#endif

#if LL_SSE41
//@ include isa/x86.h
#endif
#if LL_NEON
//@ include isa/neon.h
//@ include isa/panel_neon.h
#elif LL_WASM
//@ include isa/wasm128.h
//@ include isa/panel_wasm128.h
#elif !LL_SSE41
//@ include isa/plain.h
#if LL_ONCE
#if LL_FALLBACK || defined(__OPTIMIZE_SIZE__)       /* calls: as fast, in less time and code */
#undef LL_INLINE
#define LL_INLINE LL_FN
#endif
#endif
//@ include isa/scalar.h
#if LL_ONCE
#if LL_FALLBACK || defined(__OPTIMIZE_SIZE__)
#undef LL_INLINE
#define LL_INLINE LL_ALWAYS
#endif
#endif
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
#endif

/* What all instruction sets have in the same way, and what those that say nothing about it do not have. */
#define LLV_LANES (16 / LLV_PARTS)
#ifndef LLV_STEP
#  define LLV_STEP(a) ((void)0)         /* a is made before what follows is loaded */
#endif
#ifndef LLV_KEEP
#  define LLV_KEEP(a) ((void)0)         /* a stays in its register */
#endif
#ifndef LLV_ALIAS
#  define LLV_ALIAS(p) ((void)0)        /* the same pointer, but the compiler does not know */
#endif
#ifndef LLV_FEW
#  define LLV_FEW 0                     /* registers for kernels of two to LLV_TILE_VECS vectors: with LLV_ANY_BITS */
#endif
#ifndef LLV_GRID
#  define LLV_GRID 0                    /* llv_z: rows of 512 bits, whose bytes tables and permutations pick */
#endif
#if LLV_INT
#define LLQ_GEMV(x) x
#else
#define LLQ_GEMV(x) NULL
#endif
#if LL_FALLBACK && LL_ONCE              /* each format's `dot` does all */
#define LLQ_HOT(x) NULL
#else
#define LLQ_HOT(x) x
#endif
#if LLV_FEW
#define LLQ_FEW(x) x
#else
#define LLQ_FEW(x) NULL
#endif

