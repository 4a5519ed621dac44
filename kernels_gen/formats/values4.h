/* What the 4-bit codes of IQ4_NL and IQ4_XS stand for, and those of MXFP4 and NVFP4: twice the
 * numbers of one sign bit, two of exponent, one of mantissa. Kernels want them unsigned. */
static const int8_t llq_iq4_values[16] = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
};
static const int8_t llq_fp4_values[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
#if LLV_INT
#define V(x) (uint8_t)((x) + LLV_S_OFFSET)
static const uint8_t llq_iq4_shifted[16] = {
    V(-127), V(-104), V(-83), V(-65), V(-49), V(-35), V(-22), V(-10),
    V(1), V(13), V(25), V(38), V(53), V(69), V(89), V(113)
};
#undef V
static const uint8_t llq_fp4_codes[16] = { 12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0 };
#endif
