        { "FMT_NAME", FMT_ID, FMT_BLOCK, FMT_BYTES, FMT_HOLDS,
//@ if float
          true, false, 0, false, NULL, llq_FMT_dequantize, LLQ_WRITES(llq_FMT_quantize), llq_FMT_dot },
//@ else
          false, !FMT_IS(block256), FMT_IS(block16) ? 16 : 32, FMT_IS(min), llq_FMT_read,
//@ if block256
          llq_dequantize256,
//@ else
          llq_dequantize32,
//@ end
//@ if packs
          LLQ_WRITES(llq_FMT_quantize),
//@ else
          NULL,
//@ end
//@ if words
          LLQ_DOT_OF_WORDS(llq_FMT_dot) },
//@ else
//@ if block256
          llq_dot256 },
//@ else
          llq_dot32 },
//@ end
//@ end
//@ end
