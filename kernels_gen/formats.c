//@ formats f32 f16 bf16 q8_0 q4_0 q4_1 q5_0 q5_1 iq4_nl mxfp4 nvfp4 q1_0 q2_0 q2_k q3_k q4_k q5_k q6_k iq4_xs tq1_0 tq2_0 iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq1_s iq1_m
//@ include templates/head.c
//@ include templates/rows512.c
#if LL_ONCE
//@ include templates/fit.c
#endif

/* ---- the formats ---------------------------------------------------------------------------- */

//@ include formats/k_scales.h
//@ include formats/nibbles.h
//@ include formats/q5_bits.h
//@ include formats/fp4.h
//@ include formats/twos.h
//@ include formats/nl.h
//@ include templates/codebook.c
//@ include formats/grids.h
//@ include formats/iq1_grid.h
//@ each format
//@ if always
//@ include templates/format.c
//@ else
#if FMT_FAMILY || defined(LLOCAL_ONLY_FMT_NAME)
//@ include templates/format.c
#endif
//@ end

//@ end
//@ include templates/table.c

