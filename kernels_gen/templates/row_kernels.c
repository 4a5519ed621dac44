//@ if float
        { llq_FMT_gemv, 0, NULL, NULL, NULL },
//@ else
        { LLQ_GEMV(llq_FMT_gemv), FMT_IS(signed) ? LLV_S_OFFSET : FMT_OFFSET, llq_FMT_unpack, llq_FMT_tile,
//@ if panel
          LLQ_FEW(llq_FMT_few) },
//@ else
          NULL },
//@ end
//@ end
