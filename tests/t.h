/* The whole test framework: CHECK counts and reports, TEST names a group, SKIP says why not. */
#ifndef T_H
#define T_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int t_passed, t_failed, t_skipped;
static const char *t_group = "";
static inline int t_total(void) { return t_passed + t_failed + t_skipped; }

#define CHECK(x) ((x) ? (void)t_passed++ : t_fail(__FILE__, __LINE__, #x))
#define CHECK_EQ(a, b) t_eq(__FILE__, __LINE__, #a " == " #b, (long long)(a), (long long)(b))
#define TEST(name) (t_group = (name))
#define SKIP(why) (t_skipped++, printf("SKIPPED %s: %s\n", t_group, (why)))

static inline void t_fail(const char *file, int line, const char *what) {
    t_failed++;
    printf("FAILED %s:%d [%s] %s\n", file, line, t_group, what);
}
static inline void t_eq(const char *file, int line, const char *what, long long a, long long b) {
    if (a == b) { t_passed++; return; }
    t_fail(file, line, what);
    printf("       %lld, wanted %lld\n", a, b);
}

/* A whole file as NUL-terminated bytes (free it); NULL when it is not there. */
static inline char *t_read_file(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    char *data;
    long n;
    if (!f) return NULL;
    fseek(f, 0, SEEK_END), n = ftell(f), fseek(f, 0, SEEK_SET);
    data = (char *)malloc((size_t)n + 1);
    if (data && fread(data, 1, (size_t)n, f) != (size_t)n) n = 0;
    if (data) data[n] = 0;
    if (size) *size = (size_t)n;
    fclose(f);
    return data;
}

/* xorshift64*: the same numbers everywhere. */
static unsigned long long t_rng = 88172645463325252ull;
static inline unsigned long long t_random(void) {
    t_rng ^= t_rng >> 12, t_rng ^= t_rng << 25, t_rng ^= t_rng >> 27;
    return t_rng * 2685821657736338717ull;
}
static inline float t_uniform(void) { return (float)((double)(t_random() >> 11) / 4503599627370496.0 - 1.0); }  /* [-1,1) */

/* Where the data that is not part of the repository lies, NULL when it does not. */
static inline const char *t_shared(const char *name) {
    static char path[8][1024];
    static int turn;
    const char *root = getenv("LLOCAL_SHARED");
    FILE *f;
    char *p = path[turn++ & 7];
    snprintf(p, 1024, "%s/%s", root ? root : "../shared", name);
    f = fopen(p, "rb");
    if (!f) return NULL;
    fclose(f);
    return p;
}
#endif
