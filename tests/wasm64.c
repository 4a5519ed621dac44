/* The story of examples/board in WebAssembly with 64-bit addresses, where there is no libc: what the library wants of one
 * stands here. tests/wasm64.mjs runs it. */
#include <stddef.h>
#include <stdint.h>
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "../examples/board/story.h"

void *memcpy(void *LL_RESTRICT to, const void *LL_RESTRICT from, size_t n) {
    for (size_t i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memmove(void *to, const void *from, size_t n) {
    if (to <= from) return memcpy(to, from, n);
    for (size_t i = n; i-- > 0;) ((char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int c, size_t n) {
    for (size_t i = 0; i < n; i++) ((char *)to)[i] = (char)c;
    return to;
}
int memcmp(const void *a, const void *b, size_t n) {
    for (const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b; n; n--, x++, y++) if (*x != *y) return *x - *y;
    return 0;
}
void *memchr(const void *p, int c, size_t n) {
    for (const char *s = (const char *)p; n; n--, s++) if (*s == (char)c) return (void *)(uintptr_t)s;
    return NULL;
}
size_t strlen(const char *s) { size_t n = 0; while (s[n]) n++; return n; }
int strncmp(const char *a, const char *b, size_t n) {
    for (; n; n--, a++, b++) if (*a != *b || !*a) return (uint8_t)*a - (uint8_t)*b;
    return 0;
}
char *strchr(const char *s, int c) { return (char *)memchr(s, c, strlen(s) + 1); }
size_t strcspn(const char *s, const char *stop) { size_t n = 0; while (s[n] && !strchr(stop, s[n])) n++; return n; }
float sqrtf(float x) {                  /* its builtin would call itself */
    float r;
    __asm__("local.get %1\n\tf32.sqrt\n\tlocal.set %0" : "=r"(r) : "r"(x));
    return r;
}
float roundf(float x) {
    const float t = __builtin_truncf(x);
    return __builtin_fabsf(x - t) < 0.5f ? t : t + __builtin_copysignf(1, x);
}

/* clang's own, for a * b of 64 bits each: the halves' products are of 64 bits. */
__extension__ typedef __int128 wide;
wide __multi3(wide a, wide b) {
    const uint64_t x = (uint64_t)a, y = (uint64_t)b, low = (x & 0xffffffff) * (y & 0xffffffff);
    const uint64_t one = (x >> 32) * (y & 0xffffffff) + (low >> 32), two = (x & 0xffffffff) * (y >> 32) + (one & 0xffffffff);
    const uint64_t high = (x >> 32) * (y >> 32) + (one >> 32) + (two >> 32) + x * (uint64_t)(b >> 64) + (uint64_t)(a >> 64) * y;
    return (wide)high << 64 | (two << 32 | (low & 0xffffffff));
}

__attribute__((import_module("host"), import_name("put"))) void host_put(const char *s, size_t n);
__attribute__((import_module("host"), import_name("log"))) void host_log(const char *s, size_t n);

__attribute__((aligned(LLOCAL_ALIGN))) static unsigned char arena[8 << 20];
static unsigned char *at = arena;

static void *resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    void *p = at;
    (void)user, (void)ptr, (void)old_size;
    if (new_size > (size_t)(arena + sizeof arena - at)) return NULL;
    at += (new_size + 63) / 64 * 64;
    return new_size ? p : NULL;
}
static void write(void *user, llocal_log_level level, const char *message) {
    (void)user, (void)level;
    host_log(message, strlen(message));
}

__attribute__((export_name("room"))) unsigned char *room(size_t n) { return (unsigned char *)resize(NULL, NULL, 0, n); }
__attribute__((export_name("tell"))) int tell(const unsigned char *file, size_t size) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    story s;
    memset(&src, 0, sizeof src), memset(&s, 0, sizeof s);
    src.data = file, src.data_size = size, src.logger.write = write, src.allocator.resize = resize;
    story_desc(&d);
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &s.context)) return 1;
    s.model = m, s.put = host_put;
    return story_tell(&s);
}
