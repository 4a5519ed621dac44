//@ if float
        { LLQ_HOT(llq_FMT_gemv), 0, NULL, NULL, NULL },
//@ else
//@ if few
        { LLQ_GEMV(llq_FMT_gemv), FMT_IS(signed) ? LLV_S_OFFSET : FMT_OFFSET, LLQ_HOT(llq_FMT_unpack), LLQ_HOT(llq_FMT_tile), LLQ_FEW(llq_FMT_few) },
//@ else
        { LLQ_GEMV(llq_FMT_gemv), FMT_IS(signed) ? LLV_S_OFFSET : FMT_OFFSET, LLQ_HOT(llq_FMT_unpack), LLQ_HOT(llq_FMT_tile), NULL },
//@ end
//@ end
