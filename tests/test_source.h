/* >>source: a path (mapped or read), memory and a reader are the same bytes, and failures say what
 * and where. Also the helpers that the GGUF tests share: a counting allocator, a logger that keeps
 * the last error, a reader that fails on request, files that come and go. */
#ifndef TEST_SOURCE_H
#define TEST_SOURCE_H
#include "t.h"
#ifndef __wasi__
#  include <signal.h>
#endif

/* ---- helpers --------------------------------------------------------------------------------- */

typedef struct t_heap { int n_calls, fail_at; size_t live, peak, last; bool wrong_size; } t_heap;

/* fail_at n: the nth allocation gives NULL. In front of each block stands its size. */
static void *t_heap_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    t_heap *h = (t_heap *)user;
    uint8_t *block = ptr ? (uint8_t *)ptr - LLOCAL_ALIGN : NULL;
    if (block && *(size_t *)(void *)block != old_size) h->wrong_size = true;
    if (new_size == 0) {
        h->live -= old_size;
        ll_default_resize(NULL, block, old_size + LLOCAL_ALIGN, 0);
        return NULL;
    }
    if (++h->n_calls == h->fail_at) return NULL;
    block = (uint8_t *)ll_default_resize(NULL, block, old_size, new_size + LLOCAL_ALIGN);
    if (!block) return NULL;
    *(size_t *)(void *)block = h->last = new_size;
    h->live += new_size - old_size;
    h->peak = LL_MAX(h->peak, h->live);
    return block + LLOCAL_ALIGN;
}

typedef struct t_log { char error[512], warning[512]; int n; } t_log;        /* the last ones, and how many errors */

static void t_log_write(void *user, llocal_log_level level, const char *message) {
    t_log *l = (t_log *)user;
    if (level == LLOCAL_LOG_WARNING) snprintf(l->warning, sizeof l->warning, "%s", message);
    if (level != LLOCAL_LOG_ERROR) return;
    l->n++;
    snprintf(l->error, sizeof l->error, "%s", message);
}

/* The nth read fails (gives nothing), is short (gives half) or lies (claims more than asked). */
typedef struct t_reader {
    const uint8_t *data;
    uint64_t size;
    int n_calls, fail_at, short_at, lie_at;
} t_reader;

static size_t t_reader_read(void *user, uint64_t offset, void *dst, size_t size) {
    t_reader *r = (t_reader *)user;
    r->n_calls++;
    if (r->n_calls == r->fail_at) return 0;
    if (r->n_calls == r->lie_at) return size + 1;
    if (r->n_calls == r->short_at) size = (size + 1) / 2;
    if (offset > r->size || size > r->size - offset) return 0;
    memcpy(dst, r->data + offset, size);
    return size;
}

static llocal_source t_from_memory(const void *data, size_t size) {
    llocal_source s;
    memset(&s, 0, sizeof s);
    s.data = data, s.data_size = size;
    return s;
}
static llocal_source t_from_reader(t_reader *r, const void *data, size_t size) {
    llocal_source s;
    memset(&s, 0, sizeof s), memset(r, 0, sizeof *r);
    r->data = (const uint8_t *)data, r->size = size;
    s.reader.read = t_reader_read, s.reader.user = r, s.reader.size = size;
    return s;
}
static llocal_source t_from_path(const char *path) {
    llocal_source s;
    memset(&s, 0, sizeof s);
    s.path = path;
    return s;
}

/* fopen, mkdir, and remove of both, with paths that are UTF-8 and long on every system. */
static FILE *t_fopen(const char *path, const char *mode) {
#if LL_WINDOWS
    wchar_t room[LL_PATH_MAX + 8];
    const char *why;
    const wchar_t *wide = ll_file_wide(path, room, &why);
    return wide ? _wfopen(wide, *mode == 'w' ? L"wb" : L"rb") : NULL;
#else
    return fopen(path, mode);
#endif
}
static void t_mkdir(const char *path) {
#if LL_WINDOWS
    wchar_t room[LL_PATH_MAX + 8];
    const char *why;
    CreateDirectoryW(ll_file_wide(path, room, &why), NULL);
#elif LL_POSIX
    mkdir(path, 0777);
#else
    (void)path;
#endif
}
static void t_remove(const char *path) {
#if LL_WINDOWS
    wchar_t room[LL_PATH_MAX + 8];
    const char *why;
    const wchar_t *wide = ll_file_wide(path, room, &why);
    if (!DeleteFileW(wide)) RemoveDirectoryW(wide);
#else
    remove(path);
#endif
}

/* A file of `size` bytes, most of which are on no disk, with `text` at `at`. */
static inline bool t_sparse(const char *path, uint64_t size, uint64_t at, const char *text) {
#if LL_WINDOWS
    wchar_t room[LL_PATH_MAX + 8];
    const char *why;
    HANDLE f = CreateFileW(ll_file_wide(path, room, &why), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER end, to;
    DWORD n = 0;
    bool ok;
    if (f == INVALID_HANDLE_VALUE) return false;
    end.QuadPart = (LONGLONG)size, to.QuadPart = (LONGLONG)at;
    DeviceIoControl(f, 0x900c4, NULL, 0, NULL, 0, &n, NULL);            /* FSCTL_SET_SPARSE; where it is unknown, try */
    ok = SetFilePointerEx(f, end, NULL, FILE_BEGIN) && SetEndOfFile(f) && SetFilePointerEx(f, to, NULL, FILE_BEGIN) &&
        WriteFile(f, text, (DWORD)strlen(text), &n, NULL) && n == strlen(text);
    CloseHandle(f);
    return ok;
#elif LL_POSIX
    const int f = open(path, O_WRONLY);
    const bool ok = f >= 0 && ftruncate(f, (off_t)size) == 0 && pwrite(f, text, strlen(text), (off_t)at) == (ssize_t)strlen(text);
    if (f >= 0) close(f);
    return ok;
#else
    return (void)path, (void)size, (void)at, (void)text, false;
#endif
}

/* A file under build/ (or here, where there is no such folder); its path is valid for 8 more. */
static const char *t_file(const char *name, const void *data, size_t size) {
    static char path[8][256];
    static int turn;
    char *p = path[turn++ & 7];
    FILE *f;
    snprintf(p, 256, "build/%s", name);
    f = t_fopen(p, "wb");
    if (!f) snprintf(p, 256, "%s", name), f = t_fopen(p, "wb");
    if (!f) return NULL;
    fwrite(data, 1, size, f);
    fclose(f);
    return p;
}

/* ---- tests -------------------------------------------------------------------------------- */

static void test_source_is_same(const llocal_source *src, const uint8_t *data, size_t size) {
    ll_source s;
    uint8_t back[3000];
    CHECK_EQ(ll_source_open(&s, src, &src->logger), LLOCAL_OK);
    CHECK_EQ(s.size, size);
    CHECK((s.data != NULL) == (s.kind == LL_SOURCE_MEMORY || s.kind == LL_SOURCE_MAPPED));
    if (s.data) CHECK(!memcmp(s.data, data, size));
    for (size_t at = 0; at < size; at += 977) {
        size_t n = LL_MIN(sizeof back, size - at);
        CHECK(ll_source_read(&s, at, back, n));
        CHECK(!memcmp(back, data + at, n));
    }
    CHECK(ll_source_read(&s, size, back, 0));
    CHECK(!ll_source_read(&s, size, back, 1));
    CHECK(!ll_source_read(&s, size - 5, back, 6));
    CHECK(!ll_source_read(&s, UINT64_MAX, back, 2));
    ll_source_close(&s);
    CHECK_EQ(s.kind, LL_SOURCE_CLOSED);
    ll_source_close(&s);
}

static void test_source_refuses(llocal_source src, llocal_result want, const char *needle) {
    t_log log = { "", "", 0 };
    ll_source s;
    src.logger.write = t_log_write, src.logger.user = &log;
    CHECK_EQ(ll_source_open(&s, &src, &src.logger), want);
    CHECK_EQ(log.n, 1);
    if (!strstr(log.error, needle)) printf("       \"%s\" is not in: %s\n", needle, log.error);
    CHECK(strstr(log.error, needle) != NULL);
    CHECK_EQ(s.kind, LL_SOURCE_CLOSED);
}

static void test_source_kinds(void) {
    uint8_t data[10000];
    t_reader reader;
    llocal_source src;
    const char *path;
    TEST("source kinds");
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)t_random();
    src = t_from_memory(data, sizeof data), test_source_is_same(&src, data, sizeof data);
    src = t_from_reader(&reader, data, sizeof data), test_source_is_same(&src, data, sizeof data);
    for (int n = 1; n < 5; n++) {           /* short reads are only slower */
        src = t_from_reader(&reader, data, sizeof data), reader.short_at = n;
        test_source_is_same(&src, data, sizeof data);
    }
    path = t_file("t_source.bin", data, sizeof data);
    src = t_from_path(path), test_source_is_same(&src, data, sizeof data);
    src.no_mmap = true, test_source_is_same(&src, data, sizeof data);
    t_remove(path);
}

/* Letters of all lengths in UTF-8, and more than the 260 units that Windows once allowed. */
static void test_source_paths(void) {
    enum { N = 4 };
    static const char *const names[N] = { "\xc5\xbb\xc3\xb3\xc5\x82w ", "\xf0\x9f\xa6\x99",
        "\xe6\xa8\xa1\xe5\x9e\x8b", "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb0" };
    char path[N][600] = { "build" };
    uint8_t data[5000] = { 1, 2, 3 };
    llocal_source src;
    FILE *f;
    TEST("source paths");
    for (int i = 0; i < N; i++) {
        if (i) strcpy(path[i], path[i - 1]);
        strcat(path[i], "/");
        strcat(path[i], names[i]);
        for (int k = 0; k < 100; k++) strcat(path[i], "x");
        if (i < N - 1) t_mkdir(path[i]);
    }
    f = t_fopen(path[N - 1], "wb");
    if (!f) { SKIP("no folder build/"); return; }
    fwrite(data, 1, sizeof data, f), fclose(f);
    src = t_from_path(path[N - 1]), test_source_is_same(&src, data, sizeof data);
    src.no_mmap = true, test_source_is_same(&src, data, sizeof data);
    for (int i = N - 1; i >= 0; i--) t_remove(path[i]);
}

/* n bytes at `at` of a file that has others before and tail ones behind. */
static const char *t_pack(const char *name, const void *data, size_t n, size_t at, size_t tail) {
    uint8_t *all = (uint8_t *)malloc(at + n + tail);
    const char *path;
    memset(all, 0xa5, at + n + tail), memcpy(all + at, data, n);
    path = t_file(name, all, at + n + tail);
    free(all);
    return path;
}

/* A part of a file is as good as a file, wherever it begins. */
static void test_source_packed(void) {
    static const size_t offsets[] = { 1, 63, 64, 4095, 4096, 65535, 65536, 65537, 200000 };
    uint8_t data[10000];
    t_reader reader;
    llocal_source src;
    const char *path;
    TEST("source in a pack");
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)t_random();
    for (int i = 0; i < LL_COUNT(offsets); i++)
        for (int tail = 0; tail < 2; tail++) {
            path = t_pack("t_source.pack", data, sizeof data, offsets[i], tail ? 5000 : 0);
            src = t_from_path(path), src.offset = offsets[i];
            for (int size = tail; size < 2; size++) {       /* 0: to the end */
                src.size = size ? sizeof data : 0;
                src.no_mmap = false, test_source_is_same(&src, data, sizeof data);
                src.no_mmap = true, test_source_is_same(&src, data, sizeof data);
            }
            src.size = 77, test_source_is_same(&src, data, 77);
            src.no_mmap = false, test_source_is_same(&src, data, 77);
        }
    path = t_file("t_source.pack", data, sizeof data);
    src = t_from_path(path), src.size = 50, test_source_is_same(&src, data, 50);        /* from the start on */
    src.size = sizeof data + 1, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "llocal_source.size is 10001");
    src.offset = 1, src.size = sizeof data, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "9999 bytes from offset 1 on");
    src.size = UINT64_MAX, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "llocal_source.size");
    src.size = 0, src.offset = sizeof data, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "llocal_source.offset is 10000");
    src.offset = UINT64_MAX, src.no_mmap = true, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "the file has 10000 bytes");
    t_remove(path);
    src = t_from_memory(data, 100), src.offset = 1, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "of a path");
    src = t_from_reader(&reader, data, 100), src.size = 9, test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "of a path");
}

static void test_source_failures(void) {
    uint8_t data[100] = { 0 }, back[100];
    char longest[LL_PATH_MAX + 200];
    t_reader reader;
    llocal_source src = t_from_path("no/such/file.gguf");
    ll_source s;
    const char *path;
    TEST("source failures");
    test_source_refuses(src, LLOCAL_ERR_IO, "no/such/file.gguf: cannot open: no such file");
    test_source_refuses(t_from_path("tests"), LLOCAL_ERR_IO, "tests: cannot open: ");
    test_source_refuses(t_from_path(NULL), LLOCAL_ERR_ARGUMENT, "exactly one");
    src.data = data;
    test_source_refuses(src, LLOCAL_ERR_ARGUMENT, "exactly one");
    memset(longest, 'x', sizeof longest), longest[sizeof longest - 1] = 0;
    memcpy(longest + sizeof longest - 9, "end.gguf", 8);
    test_source_refuses(t_from_path(longest), LLOCAL_ERR_IO, "xend.gguf: cannot open: ");
    for (int i = 1; i < 40; i++) longest[sizeof longest - 9 - i] = (char)(i & 1 ? 0xb3 : 0xc3);
    {                                       /* a name is cut between characters */
        llocal_source from = t_from_path(longest);
        llocal_str name;
        for (int drop = 0; drop < 2; drop++, from.path++) {
            longest[sizeof longest - 1 - 8 + drop] = 0;
            name = ll_source_name(&from);
            CHECK(name.len <= 120 && name.len >= 117);
            CHECK(((unsigned char)name.ptr[0] & 0xc0) != 0x80);
        }
    }
    path = t_file("t_source.bin", data, 0);
    src = t_from_path(path);                /* an empty file opens; it has no bytes */
    CHECK_EQ(ll_source_open(&s, &src, &src.logger), LLOCAL_OK);
    CHECK_EQ(s.size, 0);
    CHECK(!ll_source_read(&s, 0, back, 1));
    ll_source_close(&s);
    t_remove(path);
    src = t_from_reader(&reader, data, sizeof data), reader.fail_at = 2;
    CHECK_EQ(ll_source_open(&s, &src, &src.logger), LLOCAL_OK);
    CHECK(ll_source_read(&s, 0, back, 10));
    CHECK(!ll_source_read(&s, 0, back, 10));
    reader.lie_at = 3;
    CHECK(!ll_source_read(&s, 0, back, 10));
    CHECK(ll_source_read(&s, 90, back, 10));
    ll_source_close(&s);
}

#if LL_POSIX && !defined(__wasi__)
static void test_source_alarm(int signal_number) {
    static const char text[] = "FAILED: opening a pipe does not come back\n";
    (void)signal_number;
    if (write(1, text, sizeof text - 1) < 0) _exit(2);
    _exit(1);
}

/* A pipe with a name and no writer is refused at once, and so is a device. */
static void test_source_pipe(void) {
    const char *path = t_file("t_source.pipe", "", 0);
    TEST("source pipe");
    if (!path) { SKIP("no file can be written"); return; }
    t_remove(path);
    if (mkfifo(path, 0600) != 0) { SKIP("no pipe can be made"); return; }
    signal(SIGALRM, test_source_alarm);
    alarm(10);
    test_source_refuses(t_from_path(path), LLOCAL_ERR_IO, "no regular file");
    test_source_refuses(t_from_path("/dev/null"), LLOCAL_ERR_IO, "no regular file");
    alarm(0);
    signal(SIGALRM, SIG_DFL);
    t_remove(path);
}
#else
static void test_source_pipe(void) { TEST("source pipe"); SKIP("no pipes with names here"); }
#endif

/* Whatever lies under it, a cursor gives the same numbers. */
static void test_source_cursor(void) {
    uint8_t data[9000], keep[9000], window[64];
    t_reader reader;
    llocal_source sources[2];
    TEST("cursor");
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)t_random();
    sources[0] = t_from_memory(data, sizeof data), sources[1] = t_from_reader(&reader, data,
        sizeof data);
    for (int kind = 0; kind < 3; kind++) {
        ll_source s;
        ll_cursor c;
        uint64_t at = 0;
        CHECK_EQ(ll_source_open(&s, &sources[kind > 0], &sources[0].logger), LLOCAL_OK);
        c = kind == 1 ? ll_cursor_start(&s, window, sizeof window, true)
                      : ll_cursor_start(&s, keep, sizeof keep, false);
        for (int i = 0; at < sizeof data - 300; i++) {
            const uint8_t *p = ll_cursor_take(&c, (uint64_t)(i % 60));
            CHECK(p && !memcmp(p, data + at, (size_t)(i % 60)));
            at += (uint64_t)(i % 60);
            CHECK_EQ(ll_cursor_u64(&c), ll_load_u64(data + at));
            CHECK_EQ(ll_cursor_u32(&c), ll_load_u32(data + at + 8));
            ll_cursor_skip(&c, (uint64_t)(i % 100));
            at += 12 + (uint64_t)(i % 100);
            CHECK_EQ(c.at, at);
            if (kind == 2) CHECK(!memcmp(c.bytes, data, (size_t)at));   /* all of it stays */
        }
        ll_cursor_skip(&c, sizeof data - at);
        CHECK_EQ(c.error, LLOCAL_OK);
        CHECK(ll_cursor_take(&c, 0) != NULL);
        CHECK(ll_cursor_take(&c, 1) == NULL);
        CHECK_EQ(c.error, LLOCAL_ERR_FORMAT);
        CHECK(ll_cursor_take(&c, 0) == NULL);           /* it sticks */
        CHECK_EQ(ll_cursor_u64(&c), 0);
        c = ll_cursor_start(&s, keep, 1000, kind == 1);
        ll_cursor_skip(&c, UINT64_MAX);
        CHECK_EQ(c.error, LLOCAL_ERR_FORMAT);
        c = ll_cursor_start(&s, keep, 1000, kind == 1);
        CHECK((ll_cursor_take(&c, 1001) == NULL) == (kind > 0));        /* more than its buffer */
        CHECK_EQ(c.error, kind > 0 ? LLOCAL_ERR_IO : LLOCAL_OK);
        ll_source_close(&s);
    }
}

static inline void test_source(void) {
    test_source_kinds();
    test_source_paths();
    test_source_packed();
    test_source_failures();
    test_source_pipe();
    test_source_cursor();
}
#endif
