        { "FMT_NAME", FMT_ID, FMT_BLOCK, FMT_BYTES, FMT_HOLDS,
//@ if float
          true, false,
//@ else
          false, !FMT_IS(block256),
//@ end
          llq_FMT_dequantize,
//@ if packs
          llq_FMT_quantize,
//@ else
          NULL,
//@ end
          llq_FMT_dot },
