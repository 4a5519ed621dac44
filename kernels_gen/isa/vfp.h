/* ARM's scalar floats: sixteen sums of products, in registers, sixteen columns after sixteen: n is 0 or a multiple. Both
 * are aligned as floats are. (gcc loads floats one by one.) */
LL_NOINLINE void llx_sum_lanes(const float *w, const float *x, int n, float *sum) {
    static const float zeros[16] = { 0 };
    __asm__ volatile(
        "vldmia %4, {s0-s15}\n\tcmp %2, #0\n\tbeq 2f\n"
        "1: vldmia %0!, {s16-s23}\n\tvldmia %1!, {s24-s31}\n\t"
        "vfma.f32 s0, s16, s24\n\tvfma.f32 s1, s17, s25\n\tvfma.f32 s2, s18, s26\n\tvfma.f32 s3, s19, s27\n\t"
        "vfma.f32 s4, s20, s28\n\tvfma.f32 s5, s21, s29\n\tvfma.f32 s6, s22, s30\n\tvfma.f32 s7, s23, s31\n\t"
        "vldmia %0!, {s16-s23}\n\tvldmia %1!, {s24-s31}\n\tsubs %2, %2, #16\n\t"
        "vfma.f32 s8, s16, s24\n\tvfma.f32 s9, s17, s25\n\tvfma.f32 s10, s18, s26\n\tvfma.f32 s11, s19, s27\n\t"
        "vfma.f32 s12, s20, s28\n\tvfma.f32 s13, s21, s29\n\tvfma.f32 s14, s22, s30\n\tvfma.f32 s15, s23, s31\n\t"
        "bne 1b\n"
        "2: vstmia %3, {s0-s15}"
        : "+r"(w), "+r"(x), "+r"(n) : "r"(sum), "r"(zeros)
        : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16",
          "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31",
          "cc", "memory");
}
LL_FN float llq_dot_lanes(const float *w, const float *x, int n) {
    const int rest = n % 16;
    float sum[16];
    n -= rest;
    llx_sum_lanes(w, x, n, sum);
    if (rest) for (int j = 0; j < 16; j++)              /* behind the end: zeros */
        sum[j] = j < rest ? ll_fma(w[n + j], x[n + j], sum[j]) : ll_fma(0, 0, sum[j]);
    return llv_parts_sum(sum);
}
