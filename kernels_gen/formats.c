//@ formats f32 f16 bf16 q8_0 q4_0 q4_k q5_k q6_k
//@ include templates/head.c
//@ include templates/fit.c
/* ---- the formats ---------------------------------------------------------------------------- */

//@ include formats/k_scales.h
//@ each format
//@ if always
//@ include templates/format.c
//@ else
#if LLQ_ALL || defined(LLOCAL_ONLY_FMT_NAME)
//@ include templates/format.c
#endif
//@ end

//@ end
//@ include templates/table.c

