/* ---- the table ------------------------------------------------------------------------------ */

#if LL_ONCE
#ifdef LLOCAL_NO_QUANTIZE
#  define LLQ_WRITES(quantize) NULL
#else
#  define LLQ_WRITES(quantize) quantize
#endif
#if LL_MVE
#  define LLQ_DOT_OF_WORDS(dot) dot
#else
#  define LLQ_DOT_OF_WORDS(dot) llq_dot256
#endif
static const ll_format ll_formats[] = {
//@ each format
//@ if always
//@ include templates/row.c
//@ else
#if FMT_FAMILY || defined(LLOCAL_ONLY_FMT_NAME)
//@ include templates/row.c
#endif
//@ end
//@ end
};

/* NULL: no such format, or none that this build can run. */
LL_FN const ll_format *ll_format_find(uint32_t id) {
    for (int i = 0; i < LL_COUNT(ll_formats); i++) if (ll_formats[i].id == id) return &ll_formats[i];
    return NULL;
}
#endif

/* f points into ll_formats. */
LL_FN const ll_kernels *ll_kernels_of(const ll_format *f) {
    static const ll_kernels table[] = {     /* in the order of ll_formats */
//@ each format
//@ if always
//@ include templates/row_kernels.c
//@ else
#if FMT_FAMILY || defined(LLOCAL_ONLY_FMT_NAME)
//@ include templates/row_kernels.c
#endif
//@ end
//@ end
    };
    return &table[f - ll_formats];
}

#if LL_ONCE
/* Every type number a GGUF file may hold, with its name and size; len 0: it was removed. */
typedef struct ll_type_info { const char *name; int len, bytes; } ll_type_info;

LL_FN ll_type_info ll_type_get(uint32_t id) {
    static const ll_type_info types[] = {
        { "F32", 1, 4 }, { "F16", 1, 2 }, { "Q4_0", 32, 18 }, { "Q4_1", 32, 20 },
        { "Q4_2", 0, 0 }, { "Q4_3", 0, 0 }, { "Q5_0", 32, 22 }, { "Q5_1", 32, 24 },
        { "Q8_0", 32, 34 }, { "Q8_1", 32, 36 }, { "Q2_K", 256, 84 }, { "Q3_K", 256, 110 },
        { "Q4_K", 256, 144 }, { "Q5_K", 256, 176 }, { "Q6_K", 256, 210 }, { "Q8_K", 256, 292 },
        { "IQ2_XXS", 256, 66 }, { "IQ2_XS", 256, 74 }, { "IQ3_XXS", 256, 98 }, { "IQ1_S", 256, 50 },
        { "IQ4_NL", 32, 18 }, { "IQ3_S", 256, 110 }, { "IQ2_S", 256, 82 }, { "IQ4_XS", 256, 136 },
        { "I8", 1, 1 }, { "I16", 1, 2 }, { "I32", 1, 4 }, { "I64", 1, 8 }, { "F64", 1, 8 },
        { "IQ1_M", 256, 56 }, { "BF16", 1, 2 }, { "Q4_0_4_4", 0, 0 }, { "Q4_0_4_8", 0, 0 },
        { "Q4_0_8_8", 0, 0 }, { "TQ1_0", 256, 54 }, { "TQ2_0", 256, 66 }, { "IQ4_NL_4_4", 0, 0 },
        { "IQ4_NL_4_8", 0, 0 }, { "IQ4_NL_8_8", 0, 0 },
        { "MXFP4", 32, 17 }, { "NVFP4", 64, 36 }, { "Q1_0", 128, 18 }, { "Q2_0", 64, 18 }
    };
    static const ll_type_info none = { NULL, 0, 0 };
    return id < (uint32_t)LL_COUNT(types) ? types[id] : none;
}

/* Of a format that is not in ll_formats, the end of a sentence that says so. */
LL_FN const char *ll_format_remedy(uint32_t id) {
    switch (id) {
//@ each format
//@ if always
//@ else
    case FMT_ID: return LLQ_ALL ? ": compile it without FMT_OPTION" : ": compile it with LLOCAL_ONLY_FMT_NAME too";
//@ end
//@ end
    default: return "";
    }
}

LLOCAL_API llocal_traits llocal_format_traits(llocal_format f) {
    ll_type_info t = ll_type_get(f);
    const ll_format *format = ll_format_find(f);
    llocal_traits info;
    info.name = t.name, info.block_len = t.len, info.block_bytes = t.bytes;
    info.can_run = format != NULL;
    info.can_quantize = format && format->quantize;
    info.max_weight = info.can_quantize ? format->holds : 0;
    return info;
}

LL_FN uint64_t ll_format_bytes(llocal_format f, uint64_t n) {
    ll_type_info t = ll_type_get(f);
    uint64_t bytes;
    if (!t.len || n % (uint64_t)t.len) return 0;
    bytes = ll_mul(n / (uint64_t)t.len, (uint64_t)t.bytes);
    return bytes == UINT64_MAX ? 0 : bytes;
}

LLOCAL_API uint64_t llocal_format_bytes(llocal_format f, uint64_t n) { return ll_format_bytes(f, n); }

LLOCAL_API llocal_result llocal_dequantize(llocal_format f, const void *src, float *dst, size_t n) {
    const ll_format *format = ll_format_find(f);
    ll_fp_mode mode;
    if (!format) return ll_fail_unheard(ll_type_get(f).name ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_ERR_ARGUMENT);
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return ll_fail_unheard(LLOCAL_ERR_ARGUMENT);
    mode = ll_fp_enter();
    format->dequantize(format, src, dst, n);
    ll_fp_leave(mode);
    return LLOCAL_OK;
}

/* Infinity and NaN are beyond what anything but F32 holds. */
LL_NOINLINE bool ll_quantize_takes(const ll_format *format, const float *src, const float *importance, size_t n) {
    if (format->holds > 0)
        for (size_t i = 0; i < n; i++) if (!(ll_fabsf(src[i]) <= format->holds)) return false;
    if (importance)
        for (size_t i = 0; i < n; i++) if (!(importance[i] >= 0 && importance[i] <= 3e38f)) return false;
    return true;
}

LLOCAL_API llocal_result llocal_quantize(llocal_format f, const float *src, const float *importance,
                                          void *dst, size_t n) {
    const ll_format *format = ll_format_find(f);
    ll_fp_mode mode;
    bool takes;
    if (!ll_type_get(f).name) return ll_fail_unheard(LLOCAL_ERR_ARGUMENT);
    if (!format || !format->quantize) return ll_fail_unheard(LLOCAL_ERR_UNSUPPORTED);
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return ll_fail_unheard(LLOCAL_ERR_ARGUMENT);
    mode = ll_fp_enter();
    takes = ll_quantize_takes(format, src, importance, n);
    if (takes) format->quantize(src, importance, dst, n);
    ll_fp_leave(mode);
    return takes ? LLOCAL_OK : ll_fail_unheard(LLOCAL_ERR_ARGUMENT);
}
#endif

