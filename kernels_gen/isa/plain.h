
/* No instruction set: plain C, whose vectors are isa/scalar.h. The constants that an instruction set gives: */
#if LL_MVE                              /* what llocal_build says */
#define LLV_NAME "mve"
#else
#define LLV_NAME "scalar"
#endif
#define LLV_INLINE LL_NOINLINE          /* of exp and its like: in line where that pays */
#define LLV_UNROLL                      /* loops over registers, of a constant trip count: no array may be left */
#define LLV_ROLL                        /* loops that must stay loops */
#define LLV_PARTS 16                    /* registers that sixteen floats fill (llv_part is one) */
#define LLV_FLOAT_ROWS 1                /* rows x vectors of float products at once (>>formats: gemv_float) */
#define LLV_FLOAT_VECS 4
#define LLV_SUMS 6                      /* vectors of float sums that attention keeps in registers */
#define LLV_FORMS 0                     /* whether attention is compiled once for each number of rows */
#define LLV_INT 0                       /* whether kernels for one vector are made of integer vectors */
#define LLV_S_OFFSET 0                  /* what llv_dot2_o wants added to signed codes */
#define LLV_PANEL 0                     /* whether kernels for many vectors are made of panels, llv_p */
#define LLV_TILE_PANELS 1               /* a tile: the sums of so many panels and vectors stay in registers */
#define LLV_TILE_VECS 1

