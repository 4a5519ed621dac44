
/* The sixteen values of the formats IQ4: denser around zero, as weights are. */
static const int8_t llq_nl[16] = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };
#if LLV_INT
static const uint8_t llq_nl_128[16] = { 1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241 };
/* For llv_b_shuffle, with an offset of 0 or LLV_S_OFFSET. */
LL_INLINE llv_b llq_nl_table(int offset) {
    static const uint8_t plain[16] = { 129, 152, 173, 191, 207, 221, 234, 246, 1, 13, 25, 38, 53, 69, 89, 113 };
    return offset ? llv_b_load2(llq_nl_128, llq_nl_128) : llv_b_load2(plain, plain);
}
#endif
