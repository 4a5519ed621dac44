/* What the programs of this folder want from the system and C does not have. Include it behind
 * llocal.h. Arguments and paths are UTF-8, on Windows too. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(_WIN32)
#  ifndef WIN32_LEAN_AND_MEAN
#    define WIN32_LEAN_AND_MEAN
#  endif
#  ifndef NOMINMAX
#    define NOMINMAX
#  endif
#  include <windows.h>
#  include <io.h>
#  include <process.h>
#  include <shellapi.h>
#  ifdef _MSC_VER
#    pragma comment(lib, "shell32")
#  endif
#else
#  include <sys/stat.h>
#  include <unistd.h>
#endif

#if defined(_WIN32)

/* What main got arrives in the local code page; take it as UTF-16. NULL: out of memory. */
static inline char **system_arguments(int *argc, char **argv) {
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), argc);
    argv = (char **)calloc((size_t)*argc + 1, sizeof *argv);
    for (int i = 0; words && argv && i < *argc; i++) {
        int n = WideCharToMultiByte(CP_UTF8, 0, words[i], -1, NULL, 0, NULL, NULL);
        argv[i] = (char *)malloc((size_t)n);
        if (!argv[i]) return NULL;
        WideCharToMultiByte(CP_UTF8, 0, words[i], -1, argv[i], n, NULL, NULL);
    }
    return words ? argv : NULL;
}

static inline wchar_t *file_wide(const char *path, wchar_t *room) {     /* room for 4096 */
    return MultiByteToWideChar(CP_UTF8, 0, path, -1, room, 4096) ? room : wcscpy(room, L"");
}

/* mode: "rb" or "wb". */
static inline FILE *file_open(const char *path, const char *mode) {
    wchar_t w[4096];
    return _wfopen(file_wide(path, w), *mode == 'w' ? L"wb" : L"rb");
}

static inline void file_remove(const char *path) {
    wchar_t w[4096];
    _wremove(file_wide(path, w));
}

static inline bool file_replace(const char *from, const char *to) {
    wchar_t a[4096], b[4096];
    return MoveFileExW(file_wide(from, a), file_wide(to, b), MOVEFILE_REPLACE_EXISTING) != 0;
}

static inline bool file_id(const char *path, BY_HANDLE_FILE_INFORMATION *id) {
    wchar_t w[4096];
    HANDLE h = CreateFileW(file_wide(path, w), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                           OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    bool ok = h != INVALID_HANDLE_VALUE && GetFileInformationByHandle(h, id);
    if (h != INVALID_HANDLE_VALUE) CloseHandle(h);
    return ok;
}

static inline bool file_exists(const char *path) {
    BY_HANDLE_FILE_INFORMATION id;
    return file_id(path, &id);
}

static inline bool file_same(const char *a, const char *b) {
    BY_HANDLE_FILE_INFORMATION x, y;
    return file_id(a, &x) && file_id(b, &y) && x.dwVolumeSerialNumber == y.dwVolumeSerialNumber &&
           x.nFileIndexHigh == y.nFileIndexHigh && x.nFileIndexLow == y.nFileIndexLow;
}

static inline bool is_terminal(FILE *f) { return _isatty(_fileno(f)) != 0; }
static inline long process_number(void) { return (long)_getpid(); }
static inline double now_seconds(void) { return (double)GetTickCount64() / 1e3; }

static inline int core_count(void) {
    SYSTEM_INFO s;
    GetSystemInfo(&s);
    return (int)s.dwNumberOfProcessors;
}

#else

static inline char **system_arguments(int *argc, char **argv) { (void)argc; return argv; }
static inline FILE *file_open(const char *path, const char *mode) { return fopen(path, mode); }
static inline void file_remove(const char *path) { remove(path); }
static inline bool file_replace(const char *from, const char *to) { return rename(from, to) == 0; }

static inline bool file_exists(const char *path) {      /* also a link that leads nowhere */
    struct stat s;
    return lstat(path, &s) == 0;
}

static inline bool file_same(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static inline bool is_terminal(FILE *f) { return isatty(fileno(f)) != 0; }
static inline long process_number(void) { return (long)getpid(); }

static inline int core_count(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static inline double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif

/* Is it the model, or a further part (-00002-of-00003.gguf) of the split model of which that is the
 * first? */
static inline bool file_of_model(const char *path, const char *model) {
    size_t n = strlen(model), tail = strlen("-00001-of-00000.gguf");
    char part[4096];
    int n_parts = 0;
    bool found = file_same(model, path);
    if (n > tail && n < sizeof part && !strncmp(model + n - tail, "-00001-of-", 10)) n_parts = atoi(model + n - 10);
    for (int i = 2; i <= n_parts && !found; i++) {
        snprintf(part, sizeof part, "%.*s-%05d-of-%05d.gguf", (int)(n - tail), model, i, n_parts);
        found = file_same(part, path);
    }
    return found;
}

/* ---- text that grows ------------------------------------------------------------------------ */

typedef struct text { char *at; size_t len, cap; } text;       /* zero it; at ends with a 0 once it is not NULL */

/* realloc, for programs that can do nothing without memory. */
static inline void *resize(void *p, size_t size) {
    p = realloc(p, size + !size);
    if (!p) {
        fprintf(stderr, "error: out of memory\n");
        exit(1);
    }
    return p;
}

static inline void append(text *t, const char *s, size_t len) {
    if (t->len + len + 1 > t->cap) t->at = (char *)resize(t->at, t->cap = 2 * (t->len + len) + 64);
    if (len) memcpy(t->at + t->len, s, len);
    t->at[t->len += len] = 0;
}
static inline void append_string(text *t, const char *s) { append(t, s, strlen(s)); }

/* It becomes a string that somebody else frees. */
static inline llocal_str give(text *t) {
    llocal_str s;
    s.ptr = t->at, s.len = t->len;
    memset(t, 0, sizeof *t);
    return s;
}

static inline llocal_str str_of(const char *s) {
    llocal_str r;
    r.ptr = s, r.len = s ? strlen(s) : 0;
    return r;
}

/* ---- text to read -------------------------------------------------------------------------- */

/* Everything there is to read, NUL-terminated, to be freed; NULL if it cannot be read. */
static inline char *stream_read(FILE *f, size_t *len) {
    char *text = NULL;
    size_t n = 0, cap = 0, got = 1;
    while (got > 0) {
        if (n + 1 >= cap) {
            char *more = (char *)realloc(text, cap = cap ? 2 * cap : 4096);
            if (!more) { free(text); return NULL; }
            text = more;
        }
        got = fread(text + n, 1, cap - 1 - n, f);
        n += got;
    }
    text[n] = 0, *len = n;
    if (!ferror(f)) return text;
    free(text);
    return NULL;
}

static inline char *file_read(const char *path, size_t *len) {
    FILE *f = file_open(path, "rb");
    char *text = f ? stream_read(f, len) : NULL;
    if (f) fclose(f);
    return text;
}

/* Beside it first, so that what was there stays if this fails. */
static inline bool file_write(const char *path, const void *data, size_t size) {
    text part = { NULL, 0, 0 };
    FILE *f;
    bool ok;
    append_string(&part, path), append_string(&part, ".part");
    f = file_open(part.at, "wb");
    ok = f && fwrite(data, 1, size, f) == size;
    if (f && fclose(f)) ok = false;
    ok = ok && file_replace(part.at, path);
    if (!ok && f) file_remove(part.at);
    free(part.at);
    return ok;
}

/* Texts are UTF-8. Takes away the byte order mark that some editors put in front; returns NULL, or what
 * the text is instead. Without a mark, UTF-16 is known by the zeros of its ASCII characters. */
static inline const char *text_check(char *text, size_t *len) {
    size_t zeros[2] = { 0, 0 }, n = *len < 256 ? *len / 2 : 128;
    if (*len >= 4 && (!memcmp(text, "\377\376\0\0", 4) || !memcmp(text, "\0\0\376\377", 4)))
        return "UTF-32, not UTF-8; convert it: iconv -f UTF-32 -t UTF-8";
    if (*len >= 2 && (!memcmp(text, "\377\376", 2) || !memcmp(text, "\376\377", 2)))
        return "UTF-16, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8";
    for (size_t i = 0; i < 2 * n; i++) zeros[i & 1] += text[i] == 0;
    if (n > 0 && ((zeros[0] > n / 2 && !zeros[1]) || (zeros[1] > n / 2 && !zeros[0])))
        return "UTF-16 by the look of it, not UTF-8; convert it: iconv -f UTF-16LE -t UTF-8 (or UTF-16BE)";
    if (*len >= 3 && !memcmp(text, "\357\273\277", 3)) memmove(text, text + 3, *len - 2), *len -= 3;
    return NULL;
}

/* ---- text that others wrote, for a terminal ------------------------------------------------ */

/* Names and texts from a file, and what a model says, must not command the terminal: clear it, set its
 * title, hide a line, answer in the user's stead. So control characters (ESC and its like, DEL, and
 * U+0080 to U+009F, which some terminals take for ESC and a letter) and bytes that are no UTF-8 are
 * shown as \x1b. */

/* How many bytes the character at text has, len > 0; 0: there is none, or one of those. */
static inline size_t plain_length(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (n > len || s[0] < 32 || s[0] == 127) return 0;
    for (size_t i = 1; i < n; i++) if ((s[i] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90)) return 0;
    return n;
}

/* let: the control characters that pass, as "\n\t". */
static inline void put_plain(FILE *f, const char *text, size_t len, const char *let) {
    while (len > 0) {
        size_t n = plain_length(text, len);
        if (!n && *text && strchr(let, *text)) n = 1;
        if (n) fwrite(text, 1, n, f);
        else fprintf(f, "\\x%02x", (unsigned char)*text), n = 1;
        text += n, len -= n;
    }
}

/* printf for lines with such texts in them; the newline at the end of the format is one. Cut at 2 KiB. */
static inline void print_plain_list(FILE *f, const char *format, va_list args) {
    char line[2048];
    size_t n = strlen(format);
    bool ends = n > 0 && format[n - 1] == '\n';
    int len = vsnprintf(line, sizeof line, format, args);
    if (len < 0) return;
    if (len >= (int)sizeof line) len = (int)sizeof line - 1;
    else len -= ends;
    put_plain(f, line, (size_t)len, "");
    if (ends) fputc('\n', f);
}
#if defined(__GNUC__) && !defined(_WIN32)
__attribute__((format(printf, 2, 3)))
#endif
static inline void print_plain(FILE *f, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_plain_list(f, format, args);
    va_end(args);
}

/* For %.*s: the length of a string that may be longer than an int, or than anybody wants to read. */
static inline int shown(llocal_str s) { return s.len < 1000 ? (int)s.len : 1000; }

/* A logger: names from the file are in its messages. */
static inline void log_plain(void *user, llocal_log_level level, const char *message) {
    (void)user;
    print_plain(stderr, "llocal: %s%s\n", level == LLOCAL_LOG_ERROR ? "error: " : level == LLOCAL_LOG_WARNING ? "warning: " : "",
                message);
}

/* The library has said why a context did not open; this is what helps. */
static inline void explain_context(const char *program, llocal_result r, int n_ctx) {
    if (r == LLOCAL_ERR_MEMORY)
        fprintf(stderr, "%s: error: a context of %d positions is more than there is memory for; give a smaller -c\n", program, n_ctx);
}

/* What to say when logits are not numbers. */
#define NOT_NUMBERS "the model's logits are no numbers (NaN): its file is damaged, or a value in it is too large; " \
                    "llocal --check-tensors tells whether a weight is NaN or infinite"

static inline bool has_number(const float *logits, int n) {
    for (int i = 0; logits && i < n; i++) if (logits[i] - logits[i] == 0) return true;
    return false;
}

#endif
