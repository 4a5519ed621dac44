/* What the programs of this folder want from the system and C does not have. Include it behind
 * llocal.h. Arguments and paths are UTF-8, on Windows too. */
#ifndef SYSTEM_H
#define SYSTEM_H

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

/* All of it, to be freed; NULL if it cannot be read. */
static inline char *file_read(const char *path, size_t *len) {
    FILE *f = file_open(path, "rb");
    char *text = NULL;
    long n = -1;
    if (f && !fseek(f, 0, SEEK_END)) n = ftell(f);
    if (n >= 0) text = (char *)malloc((size_t)n + 1);
    if (text) {
        rewind(f);
        *len = fread(text, 1, (size_t)n, f);
        if (ferror(f)) free(text), text = NULL;
    }
    if (f) fclose(f);
    return text;
}

#endif
