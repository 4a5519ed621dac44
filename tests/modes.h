/* The modes of floating point that a host may leave a thread in: one result all the same. */
#ifndef MODES_H
#define MODES_H

#if LL_MXCSR
static const char *const t_mode_names[] = { "upward", "downward", "toward zero", "flush to zero", "denormals are zero", "traps" };
static void t_mode_set(int k) {
    static const unsigned modes[] = { 0x5f80, 0x3f80, 0x7f80, 0x9f80, 0x1fc0, 0x1900 };
    _mm_setcsr(modes[k]);
}
static unsigned long long t_mode_get(void) { return _mm_getcsr() & 0xffc0u; }
static void t_mode_reset(void) { _mm_setcsr(0x1f80); }
#elif LL_FPCR
static const char *const t_mode_names[] = { "upward", "downward", "toward zero", "flush to zero" };
static unsigned long long t_mode_get(void) {
    uint64_t x;
    __asm__ volatile("mrs %0, fpcr" : "=r"(x) : : "memory");
    return x;
}
static void t_mode_put(uint64_t x) { __asm__ volatile("msr fpcr, %0" : : "r"(x) : "memory"); }
static void t_mode_set(int k) { t_mode_put((uint64_t)(k + 1) << 22 & 0x1c00000); }
static void t_mode_reset(void) { t_mode_put(0); }
#else
#include <fenv.h>
static const char *const t_mode_names[] = { "upward", "downward", "toward zero" };
static void t_mode_set(int k) {
    int modes[] = { FE_TONEAREST, FE_TONEAREST, FE_TONEAREST };     /* where there is no other */
#  if defined(FE_UPWARD) && defined(FE_DOWNWARD) && defined(FE_TOWARDZERO)
    modes[0] = FE_UPWARD, modes[1] = FE_DOWNWARD, modes[2] = FE_TOWARDZERO;
#  endif
    fesetround(modes[k]);
}
static unsigned long long t_mode_get(void) { return (unsigned long long)fegetround(); }
static void t_mode_reset(void) { fesetround(FE_TONEAREST); }
#endif
#define T_MODES LL_COUNT(t_mode_names)

#endif
