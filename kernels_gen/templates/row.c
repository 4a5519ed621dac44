        { "FMT_NAME", FMT_ID, FMT_BLOCK, FMT_BYTES,
//@ if float
          true,
//@ else
          false,
//@ end
          llq_FMT_dequantize,
//@ if packs
          llq_FMT_quantize,
//@ else
          NULL,
//@ end
          llq_FMT_dot },
