/* llocal.h on a board: a Cortex-M0+, M4F, M33 or M55, no system, no semihosting. The model is linked into flash and used
 * where it lies; all memory is one static arena, whose size the linker knows. The board plans, tells its story over the
 * UART (story.h), says what that took, and restarts. See README.md here; `make board` builds it, tests/board.sh runs it in qemu.
 *
 * What a board is: its linker file (m0.ld, m4.ld, m33.ld, m55.ld) and the four numbers below. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include "story.h"

#if defined(BOARD_M55)                  /* mps3-an547 */
enum { CLOCK_HZ = 32000000 };
#  define UART 0x49303000u
#elif defined(BOARD_M4)                 /* mps2-an386, mps2-an385 */
enum { CLOCK_HZ = 25000000 };
#  define UART 0x40004000u
#else                                   /* mps2-an505 */
enum { CLOCK_HZ = 20000000 };
#  define UART 0x40200000u
#endif
#ifndef ARENA
#  define ARENA (480 * 1024)
#endif
#define REGISTER(at) (*(volatile uint32_t *)(at))

/* ---- what the linker files name ---- */
extern const unsigned char model_start[], model_end[], data_from[];
extern uint32_t data_start[], data_end[], bss_start[], bss_end[], stack_low[], stack_top[];
static unsigned char arena[ARENA] __attribute__((aligned(LLOCAL_ALIGN)));

/* ---- the UART (CMSDK): its state says 1 while it is full ---- */
static void put_char(char c) {
    while (REGISTER(UART + 4) & 1) continue;
    REGISTER(UART) = (uint32_t)(unsigned char)c;
}
static void put_bytes(const char *s, size_t n) { while (n--) put_char(*s++); }
static void put(const char *s) { put_bytes(s, strlen(s)); }
static void put_number(const char *before, uint64_t v) {
    char digits[21], *p = digits + 20;
    *p = 0;
    do *--p = (char)('0' + v % 10), v /= 10; while (v);
    put(before), put(p);
}

/* ---- a clock: SysTick counts 24 bits down, and the interrupt the times it came by 0 ---- */
static volatile uint32_t wraps;
static void systick(void) { wraps++; }
static uint64_t ticks(void) {
    uint32_t before, now;
    do before = wraps, now = REGISTER(0xE000E018u); while (before != wraps);
    return (uint64_t)before * 0x1000000u + (0xffffffu - now);
}
static uint64_t clock_us(void *user) { (void)user; return ticks() / (CLOCK_HZ / 1000000); }

/* ---- the arena: only the last block grows or goes (see MEMORY in llocal.h) ---- */
static size_t used, used_most;
static void *resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    const size_t was = (old_size + 63) / 64 * 64, is = (new_size + 63) / 64 * 64;
    const size_t at = ptr ? (size_t)((unsigned char *)ptr - arena) : used;
    (void)user;
    if ((ptr && at + was != used) || is > sizeof arena - at) return NULL;
    used = at + is;
    if (used > used_most) used_most = used;
    return new_size ? arena + at : NULL;
}

static void say(void *user, llocal_log_level level, const char *message) {
    (void)user; (void)level;
    put("log: "), put(message), put("\n");
}

/* The deepest that the stack has been: from its end on words are still as reset() left them. */
static size_t stack_used(void) {
    const uint32_t *p = stack_low;
    while (p < stack_top && *p == 0xdeadbeefu) p++;
    return (size_t)((const char *)stack_top - (const char *)p);
}

static const char *tell(void) {
    static llocal_source src;           /* static: all zeros */
    static story s;
    llocal_context_desc d;
    llocal_plan mp, cp;
    llocal_model *m = NULL;
    src.data = model_start, src.data_size = (size_t)(model_end - model_start);
    src.allocator.resize = resize, src.logger.write = say;
    story_desc(&d), d.clock_us = clock_us;
    put("build: "), put(llocal_build()), put("\n");
    if (llocal_model_plan(&src, &mp)) return "the model has no plan";
    if (mp.bytes > sizeof arena) return "ARENA has no room for the model";
    if (llocal_model_open(&src, &m)) return "the model does not open";
    if (llocal_context_plan(m, &d, &cp)) return "the context has no plan";
    put_number("plan: ", mp.bytes + cp.bytes), put_number(" of ", sizeof arena), put_number(" bytes: model ", mp.bytes);
    put_number(", cache ", cp.cache), put_number(", scratch ", cp.scratch), put_number(", logits ", cp.logits);
    put_number(", state ", cp.state), put_number("\nflash: weights in place ", mp.weights_in_place);
    put_number(", copied ", mp.weights_copied), put("\n");
    if (used + (cp.bytes + 63) / 64 * 64 > sizeof arena) return "ARENA has no room for the context";
    if (llocal_context_open(m, &d, &s.context)) return "the context does not open";
    s.model = m, s.put = put_bytes, s.ticks = ticks;
    if (story_tell(&s)) return "the story ends early";
    put_number("ticks: ", CLOCK_HZ), put_number(" a second; prompt ", s.first - s.start);
    put_number(", then ", s.end - s.first), put_number(" for tokens ", (uint64_t)s.n - 1);
    put_number("\nmost: arena ", used_most), put_number(", stack ", stack_used()), put("\n");
    llocal_context_close(s.context), llocal_model_close(m);
    return used ? "memory is left" : NULL;
}

static void restart(void) {
    __asm__ volatile("dsb");
    REGISTER(0xE000ED0Cu) = 0x05FA0004u;
    for (;;) continue;
}
static void fault(void) { put("\nfailed: a fault\n"), restart(); }

static void reset(void) {
    const char *why;
#ifdef __ARM_FP                                             /* floating point, before any is used */
    REGISTER(0xE000ED88u) |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb");
#endif
    for (uint32_t *p = bss_start; p < bss_end; p++) *p = 0;
    for (size_t i = 0; i < (size_t)(data_end - data_start); i++) data_start[i] = ((const uint32_t *)(const void *)data_from)[i];
    for (uint32_t *p = stack_low; p < (uint32_t *)__builtin_frame_address(0) - 64; p++) *p = 0xdeadbeefu;
    REGISTER(UART + 16) = 16, REGISTER(UART + 8) = 1;       /* divider, then: send */
    REGISTER(0xE000E014u) = 0xffffff, REGISTER(0xE000E018u) = 0, REGISTER(0xE000E010u) = 7;
    why = tell();
    put(why ? "failed: " : "done"), put(why ? why : ""), put("\n");
    restart();
}

extern const struct board_vectors { uint32_t *stack; void (*handlers[15])(void); } vectors;
__attribute__((section(".vectors"), used)) const struct board_vectors vectors = { stack_top, {
    reset, fault, fault, fault, fault, fault, fault, 0, 0, 0, fault, fault, 0, fault, systick
} };

__asm__(".section .model,\"a\"\n.balign 64\n.global model_start\nmodel_start:\n.incbin \"" MODEL "\"\n"
        ".global model_end\nmodel_end:\n.previous\n");
