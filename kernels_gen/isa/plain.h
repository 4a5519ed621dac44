
/* No instruction set: plain C, whose vectors are isa/scalar.h. The constants that an instruction set gives: */
#define LLV_NAME "scalar"               /* what llocal_build says */
#define LLV_INLINE LL_NOINLINE          /* of exp and its like: in line with all that uses them only where that pays */
#define LLV_UNROLL                      /* before loops over registers, whose trip count is constant: they must */
#define LLV_ROLL                        /* leave no array behind; and before loops that must stay loops */
#define LLV_PARTS 1                     /* registers that sixteen floats fill (llv_part is one) */
#define LLV_FLOAT_ROWS 4                /* rows x vectors of float products at once (>>formats: gemv_float) */
#define LLV_FLOAT_VECS 4
#define LLV_SUMS 6                      /* vectors of float sums that attention keeps in registers */
#define LLV_FORMS 0                     /* whether attention is compiled once for each number of rows */
#define LLV_INT 0                       /* whether integer vectors are fast: kernels for one vector are made of them */
#define LLV_S_OFFSET 0                  /* what llv_dot2_o wants added to signed codes */
#define LLV_PANEL 0                     /* whether there are panels, llv_p: kernels for many vectors are made of them */
#define LLV_TILE_PANELS 1               /* a tile: so many panels times so many vectors have their sums in registers */
#define LLV_TILE_VECS 1

