/* >>dispatch: where plain C runs and nobody asked for it, opening a model says so, once, with the remedy. */
#include "tiny.h"

typedef struct test_warnings { int n; char text[256]; } test_warnings;

static void test_warnings_write(void *user, llocal_log_level level, const char *message) {
    test_warnings *w = (test_warnings *)user;
    if (level != LLOCAL_LOG_WARNING) return;
    w->n++;
    snprintf(w->text, sizeof w->text, "%s", message);
}

static void test_build(void) {
#if defined(LLOCAL_NO_SIMD) || !(defined(__x86_64__) || defined(_M_X64) || defined(__aarch64__))
    const bool warns = false;
#else
    const bool warns = !strncmp(llocal_build(), "scalar", 6);
#endif
#if defined(LLOCAL_NO_DISPATCH)
    const char *const remedy = "-mavx2 -mfma -mf16c";
#else
    const char *const remedy = "this processor";
#endif
    tiny t;
    llocal_source src;
    llocal_model *m = NULL;
    llocal_result r;
    test_warnings w = { 0, "" };
    TEST("build");
    memset(&src, 0, sizeof src);
    if (!tiny_load("tests/golden/arch/llama.golden", &t)) { CHECK(!"a model"); return; }
    src.data = tiny_image(&t, LLOCAL_FORMAT_F32, &src.data_size);
    src.logger.write = test_warnings_write, src.logger.user = &w;
    r = llocal_model_open(&src, &m);
    CHECK_EQ(r, LLOCAL_OK);
    llocal_model_close(m);
    CHECK_EQ(w.n, warns);
    if (warns) CHECK(strstr(w.text, "plain C") && strstr(w.text, remedy));
    src.vocab_only = true, w.n = 0;             /* then no kernel runs */
    if (llocal_model_open(&src, &m) == LLOCAL_OK) llocal_model_close(m);
    CHECK_EQ(w.n, 0);
    free((void *)(uintptr_t)src.data);
    tiny_free(&t);
}
