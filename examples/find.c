/* Finds by meaning and by words in a folder of texts, notes, mail, source and PDF; on this machine, in one SQLite file.
 *
 *     find -m embed.gguf index FOLDER ...                 reads what is new or changed
 *     find -m embed.gguf "who pays for the roof?"         the nearest pieces: path:line, and how they begin
 *     find -m embed.gguf --answer chat.gguf "..."         an answer from these pieces, which it names
 *
 * Package (Debian): libsqlite3-dev; PDF is read where pdftotext is (poppler-utils). Pieces are what a text begins with,
 * then some ten lines each, cut at empty ones. Their vectors are compared with the question's, all of them, exactly;
 * words are looked for by SQLite's FTS5; the two orders are joined (reciprocal rank fusion, Cormack and others, 2009).
 * Questions and documents are put into the words that the model was trained with (llocal_text_pattern).
 *
 * Each file is one transaction: after a kill at any moment what was indexed is there, and the rest comes with the next
 * index. A file whose time and size are the same is not read; one whose bytes are the same is not evaluated. Files that
 * are gone are forgotten. Hidden files and folders, and what is no text, are left out.
 *
 * -d FILE: the index (.find.db in this folder). -k N: so many pieces (5). --json: a line each. -t N: threads (1).
 * Status 1: something failed, and a line on stderr says what; 2: nothing was found. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include "vectors.h"
#include "messages.h"
#include "answer.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    PIECE_BYTES = 900, PIECE_MOST = 1800, HEAD_LEAST = 60, HEAD_MOST = 300, MAX_K = 50, MAX_LOOK = 200,
    MAX_FILE = 64 << 20
};

typedef struct finder {
    const char *model, *chat, *db_path, *question;
    const char *folders[64];
    int n_folders, k, threads;
    bool json;
    sqlite3 *db;
    vector_run run;
    int size, n_seen, n_new, n_pieces, n_gone;
    int64_t stamp;                      /* of this run: files that do not get it are gone */
} finder;

static bool failed(const finder *f, const char *what) {
    print_plain(stderr, "find: error: %s: %s\n", what, f->db ? sqlite3_errmsg(f->db) : "out of memory");
    return false;
}

/* ---- the index ------------------------------------------------------------------------------------- */

static const char tables[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT);"
    "CREATE TABLE IF NOT EXISTS files(id INTEGER PRIMARY KEY, path TEXT UNIQUE, mtime INTEGER, size INTEGER, hash "
    "INTEGER, seen INTEGER);"
    "CREATE TABLE IF NOT EXISTS pieces(id INTEGER PRIMARY KEY, file INTEGER, line INTEGER, text TEXT, vector BLOB);"
    "CREATE INDEX IF NOT EXISTS pieces_of ON pieces(file);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, content='pieces', content_rowid='id', tokenize='porter "
    "unicode61');"
    "CREATE TRIGGER IF NOT EXISTS piece_new AFTER INSERT ON pieces BEGIN INSERT INTO words(rowid, text) VALUES(new.id, "
    "new.text); END;"
    "CREATE TRIGGER IF NOT EXISTS piece_old AFTER DELETE ON pieces BEGIN INSERT INTO words(words, rowid, text) "
    "VALUES('delete', old.id, old.text); END;";

static bool run_sql(finder *f, const char *sql) {
    return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(f, "the index");
}

static sqlite3_stmt *prepare(finder *f, const char *sql) {
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(f->db, sql, -1, &s, NULL) != SQLITE_OK) failed(f, "the index");
    return s;
}

/* An index belongs to one model: vectors of another mean nothing beside its own. */
static bool open_index(finder *f, const char *model_name) {
    sqlite3_stmt *s;
    bool same = true;
    char want[400];
    snprintf(want, sizeof want, "%s, %d", model_name, f->size);
    if (sqlite3_open(f->db_path, &f->db) != SQLITE_OK) return failed(f, f->db_path);
    sqlite3_busy_timeout(f->db, 10000);
    if (!run_sql(f, tables) || !(s = prepare(f, "SELECT value FROM meta WHERE key = 'model'"))) return false;
    if (sqlite3_step(s) == SQLITE_ROW) same = !strcmp((const char *)sqlite3_column_text(s, 0), want);
    sqlite3_finalize(s);
    if (!same)
        return complain("find", "the index was made with another model; give another -d, or remove it: ", f->db_path);
    if (!(s = prepare(f, "INSERT OR IGNORE INTO meta VALUES('model', ?)"))) return false;
    sqlite3_bind_text(s, 1, want, -1, SQLITE_TRANSIENT);
    same = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return same || failed(f, "the index");
}

/* ---- pieces ------------------------------------------------------------------------------------------ */

typedef struct piece { const char *at; size_t len; int line; } piece;

/* A line with no letter and no digit: empty, the end of a block, a comment's rule. */
static bool says_nothing(const char *line, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)line[i], low = c | 32;
        if (c >= 0x80 || (c >= '0' && c <= '9') || (low >= 'a' && low <= 'z')) return false;
    }
    return true;
}

/* What a text begins with, up to a line that says nothing: there it is said what all of it is about, and among ten
 * other lines that is hard to see for a model. 0: it has no such beginning. */
static size_t head_len(const char *text, size_t len) {
    size_t end = 0;
    while (end < len) {
        const char *next = (const char *)memchr(text + end, '\n', len - end);
        const size_t to = next ? (size_t)(next - text) + 1 : len;
        if (end >= HEAD_LEAST && says_nothing(text + end, to - end)) return end;
        if (to > HEAD_MOST) return end >= HEAD_LEAST ? end : 0;
        end = to;
    }
    return 0;
}

/* What it begins with, then whole lines, some PIECE_BYTES, cut behind one that says nothing where there is one in the
 * second half. */
static piece *cut(const char *text, size_t len, int *n) {
    const size_t head = len > PIECE_BYTES ? head_len(text, len) : 0;
    piece *list = NULL;
    int line = 1;
    size_t at = 0;
    for (*n = 0; at < len; ) {
        size_t end = at, empty = 0, blank = at;
        int lines = 0, empty_lines = 0;
        while (end < len && end - at < PIECE_BYTES && !(at < head && end >= head)) {
            const char *next = (const char *)memchr(text + end, '\n', len - end);
            size_t to = next ? (size_t)(next - text) + 1 : len, from = end;
            if (to - at > PIECE_MOST && end > at) break;
            if (to - at > PIECE_MOST) {         /* a line that is too long is cut, at a character */
                to = at + PIECE_MOST;
                while (to > at && ((unsigned char)text[to] & 0xc0) == 0x80) to--;
                end = to;
                break;
            }
            end = to, lines += next != NULL;
            if (end - at > PIECE_BYTES / 2 && says_nothing(text + from, to - from)) empty = end, empty_lines = lines;
        }
        if (empty && end < len) end = empty, lines = empty_lines;
        while (blank < end && (unsigned char)text[blank] <= ' ') blank++;
        if (blank < end) {
            list = (piece *)resize(list, sizeof *list * (size_t)(*n + 1));
            list[*n].at = text + at, list[*n].len = end - at, list[(*n)++].line = line;
        }
        at = end, line += lines;
    }
    return list;
}

/* Text of a program's output; arguments go to it as they are, through no shell. */
static char *read_output(const char *program, const char *path, size_t *len) {
    int ends[2], status = 0;
    pid_t child;
    FILE *f;
    char *text = NULL;
    if (pipe(ends)) return NULL;
    child = fork();
    if (child == 0) {
        dup2(ends[1], 1), close(ends[0]), close(ends[1]);
        execlp(program, program, "-q", "-enc", "UTF-8", path, "-", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    f = fdopen(ends[0], "r");
    if (f) text = stream_read(f, len), fclose(f);
    if (child > 0) waitpid(child, &status, 0);
    if (status == 0) return text;
    free(text);
    return NULL;
}

/* NULL: it is no text, or cannot be read. */
static char *read_text(const char *path, size_t *len) {
    const size_t n = strlen(path);
    char *text = n > 4 && !strcmp(path + n - 4, ".pdf") ? read_output("pdftotext", path, len) : file_read(path, len);
    if (!text) return NULL;
    if (!memchr(text, 0, *len) && !text_check(text, len)) return text;
    free(text);
    return NULL;
}

/* ---- indexing -------------------------------------------------------------------------------------------- */

static uint64_t hash_bytes(const char *s, size_t n) {
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h;
}

/* Vectors of all pieces: the path stands before each, for it says much. */
static float *vectors_of(finder *f, const char *path, const piece *list, int n) {
    float *v = (float *)resize(NULL, sizeof *v * (size_t)(n + 1) * (size_t)f->size);
    const llocal_str none = { NULL, 0 };
    text *texts = (text *)resize(NULL, sizeof *texts * (size_t)(n + 1));
    bool ok = true;
    memset(texts, 0, sizeof *texts * (size_t)(n + 1));
    for (int i = 0; i < n && ok; i++) {
        text_job job;
        size_t len = list[i].len;
        append_string(&texts[i], path), append_string(&texts[i], "\n"), append(&texts[i], list[i].at, len);
        memset(&job, 0, sizeof job);
        job.pattern = llocal_text_pattern(f->run.m, LLOCAL_PATTERN_DOCUMENT), job.query = none;
        job.document.ptr = texts[i].at, job.document.len = texts[i].len, job.out = v + (size_t)i * (size_t)f->size;
        /* what does not fit into the window is left out at the end */
        while (llocal_tokenize_pattern(f->run.m, job.pattern, none, job.document, NULL, 0) > f->run.n_ctx &&
               job.document.len > 64)
            job.document.len = job.document.len * 3 / 4;
        ok = vector_add(&f->run, &job);
    }
    ok = vector_finish(&f->run) && ok;
    for (int i = 0; i < n; i++) free(texts[i].at);
    free(texts);
    if (ok) return v;
    free(v);
    return NULL;
}

static bool store(finder *f, const char *path, const struct stat *st, uint64_t hash, const piece *list, int n,
                  const float *v) {
    sqlite3_stmt *file =
        prepare(f, "INSERT INTO files(path, mtime, size, hash, seen) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(path) "
                   "DO UPDATE SET mtime = ?2, size = ?3, hash = ?4, seen = ?5 RETURNING id");
    sqlite3_stmt *old = prepare(f, "DELETE FROM pieces WHERE file = ?"),
                 *add = prepare(f, "INSERT INTO pieces(file, line, text, vector) VALUES(?, ?, ?, ?)");
    bool ok = file && old && add && run_sql(f, "BEGIN IMMEDIATE");
    int64_t id = 0;
    if (ok) {
        sqlite3_bind_text(file, 1, path, -1, SQLITE_STATIC), sqlite3_bind_int64(file, 2, (int64_t)st->st_mtime);
        sqlite3_bind_int64(file, 3, (int64_t)st->st_size), sqlite3_bind_int64(file, 4, (int64_t)hash),
            sqlite3_bind_int64(file, 5, f->stamp);
        if ((ok = sqlite3_step(file) == SQLITE_ROW)) id = sqlite3_column_int64(file, 0);
        sqlite3_reset(file), sqlite3_bind_int64(old, 1, id);
        ok = ok && sqlite3_step(old) == SQLITE_DONE;
    }
    for (int i = 0; i < n && ok; i++) {
        sqlite3_bind_int64(add, 1, id), sqlite3_bind_int(add, 2, list[i].line);
        sqlite3_bind_text(add, 3, list[i].at, (int)list[i].len, SQLITE_STATIC);
        sqlite3_bind_blob(add, 4, v + (size_t)i * (size_t)f->size, (int)(sizeof *v * (size_t)f->size), SQLITE_STATIC);
        ok = sqlite3_step(add) == SQLITE_DONE, sqlite3_reset(add);
    }
    sqlite3_finalize(file), sqlite3_finalize(old), sqlite3_finalize(add);
    if (ok) return run_sql(f, "COMMIT");
    failed(f, path);
    sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* 0: it is new; 1: nothing has changed; 2: its time has. */
static int known(finder *f, const char *path, const struct stat *st, uint64_t *hash) {
    sqlite3_stmt *s = prepare(f, "SELECT mtime, size, hash FROM files WHERE path = ?");
    int result = 0;
    sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW) {
        result =
            sqlite3_column_int64(s, 0) == (int64_t)st->st_mtime && sqlite3_column_int64(s, 1) == (int64_t)st->st_size
                ? 1
                : 2;
        *hash = (uint64_t)sqlite3_column_int64(s, 2);
    }
    sqlite3_finalize(s);
    return result;
}

static bool mark(finder *f, const char *path, const struct stat *st) {
    sqlite3_stmt *s = prepare(f, "UPDATE files SET seen = ?, mtime = ?, size = ? WHERE path = ?");
    bool ok;
    sqlite3_bind_int64(s, 1, f->stamp), sqlite3_bind_int64(s, 2, (int64_t)st->st_mtime);
    sqlite3_bind_int64(s, 3, (int64_t)st->st_size), sqlite3_bind_text(s, 4, path, -1, SQLITE_STATIC);
    ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return ok || failed(f, path);
}

static bool index_file(finder *f, const char *path, const struct stat *st) {
    uint64_t before = 0, hash;
    const int have = known(f, path, st, &before);
    size_t len = 0;
    char *text;
    piece *list;
    float *v;
    int n = 0;
    bool ok;
    f->n_seen++;
    if (have == 1) return mark(f, path, st);
    text = st->st_size > MAX_FILE ? NULL : read_text(path, &len);
    if (!text) return true;             /* no text: not in the index */
    hash = hash_bytes(text, len);
    if (have && hash == before) { free(text); return mark(f, path, st); }
    list = cut(text, len, &n);
    v = vectors_of(f, path, list, n);
    ok = v && store(f, path, st, hash, list, n, v);
    f->n_new++, f->n_pieces += n;
    free(v), free(list), free(text);
    return ok;
}

static bool index_path(finder *f, const char *path, int depth) {
    struct stat st;
    struct dirent **list = NULL;
    int n;
    bool ok = true;
    if (stat(path, &st)) return complain("find", "cannot read ", path);
    if (S_ISREG(st.st_mode)) return index_file(f, path, &st);
    if (!S_ISDIR(st.st_mode) || depth > 64) return true;
    n = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        text inside = { NULL, 0, 0 };
        struct stat l;
        append_string(&inside, path);
        if (inside.len && inside.at[inside.len - 1] != '/') append_string(&inside, "/");
        append_string(&inside, list[i]->d_name);
        /* links are not followed: they may lead anywhere, and round */
        if (ok && list[i]->d_name[0] != '.' && !lstat(inside.at, &l) && !S_ISLNK(l.st_mode))
            ok = index_path(f, inside.at, depth + 1);
        free(inside.at), free(list[i]);
    }
    free(list);
    return ok;
}

/* Files of a folder that were not met are gone. */
static bool forget(finder *f, const char *folder) {
    sqlite3_stmt *s;
    text like = { NULL, 0, 0 };
    bool ok;
    append_string(&like, folder);
    while (like.len > 1 && like.at[like.len - 1] == '/') like.at[--like.len] = 0;
    if (!run_sql(f, "BEGIN IMMEDIATE")) return false;
    ok = true;
    for (int step = 0; step < 2 && ok; step++) {
        s = prepare(
            f,
            step == 0
                ? "DELETE FROM pieces WHERE file IN (SELECT id FROM files WHERE seen <> ?1 AND (path = ?2 OR "
                  "substr(path, 1, length(?2) + 1) = ?2 || '/'))"
                : "DELETE FROM files WHERE seen <> ?1 AND (path = ?2 OR substr(path, 1, length(?2) + 1) = ?2 || '/')");
        sqlite3_bind_int64(s, 1, f->stamp), sqlite3_bind_text(s, 2, like.at, -1, SQLITE_STATIC);
        ok = sqlite3_step(s) == SQLITE_DONE || failed(f, folder);
        sqlite3_finalize(s);
        if (step == 1) f->n_gone += sqlite3_changes(f->db);
    }
    free(like.at);
    return run_sql(f, ok ? "COMMIT" : "ROLLBACK") && ok;
}

static bool index_all(finder *f) {
    sqlite3_stmt *s = prepare(f, "SELECT coalesce(max(seen), 0) + 1 FROM files");
    bool ok = s && sqlite3_step(s) == SQLITE_ROW;
    if (ok) f->stamp = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    for (int i = 0; i < f->n_folders && ok; i++) ok = index_path(f, f->folders[i], 0) && forget(f, f->folders[i]);
    fprintf(stderr, "find: %d files, %d of them read, %d pieces made, %d files gone\n", f->n_seen, f->n_new,
            f->n_pieces, f->n_gone);
    return ok;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

typedef struct hit { int64_t id, file; float score; double joined; } hit;

static int by_score(const void *a, const void *b) {
    const float x = ((const hit *)a)->score, y = ((const hit *)b)->score;
    return (x < y) - (x > y);
}
static int by_joined(const void *a, const void *b) {
    const double x = ((const hit *)a)->joined, y = ((const hit *)b)->joined;
    return (x < y) - (x > y);
}
static int by_id(const void *a, const void *b) {
    const int64_t x = ((const hit *)a)->id, y = ((const hit *)b)->id;
    return (x > y) - (x < y);
}

/* Every piece's vector against the question's. */
static hit *nearest(finder *f, const float *query, int *n) {
    sqlite3_stmt *s = prepare(f, "SELECT id, vector FROM pieces");
    hit *list = NULL;
    int cap = 0;
    for (*n = 0; s && sqlite3_step(s) == SQLITE_ROW; (*n)++) {
        const float *v = (const float *)sqlite3_column_blob(s, 1);
        float dot = 0;
        if (*n == cap) list = (hit *)resize(list, sizeof *list * (size_t)(cap = 2 * cap + 1024));
        for (int i = 0; v && i < f->size && sqlite3_column_bytes(s, 1) == f->size * 4; i++) dot += v[i] * query[i];
        list[*n].id = sqlite3_column_int64(s, 0), list[*n].file = 0, list[*n].score = dot, list[*n].joined = 0;
    }
    sqlite3_finalize(s);
    qsort(list, (size_t)*n, sizeof *list, by_score);
    for (int i = 0; i < *n; i++) list[i].joined = 1.0 / (60 + i);
    return list;
}

/* Words that say nothing of what is looked for, in order. */
static bool is_small_word(const char *s, size_t n) {
    static const char *const list[] = {
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "for", "from", "has", "have", "how", "i", "in",
        "into", "is", "it", "its", "me", "my", "of", "on", "or", "so", "than", "that", "the", "their", "them", "then",
        "there", "these", "they", "this", "those", "to", "up", "was", "we", "were", "what", "when", "where", "which",
        "while", "who", "whose", "why", "will", "with", "you", "your"
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strlen(list[i]) == n && !strncasecmp(list[i], s, n)) return true;
    return false;
}

/* The question's words, each in quotes, any of them. */
static void append_words(text *words, const char *question, bool small_ones) {
    for (const char *p = question; *p; ) {
        size_t len = 0;
        while (p[len] && (((unsigned char)p[len] & 0x80) || (p[len] >= '0' && p[len] <= '9') ||
                          ((p[len] | 32) >= 'a' && (p[len] | 32) <= 'z')))
            len++;
        if (len > 1 && (small_ones || !is_small_word(p, len)))
            append_string(words, words->len ? " OR \"" : "\""), append(words, p, len), append_string(words, "\"");
        p += len + !len;
    }
}

static void add_words(finder *f, hit *list, int n) {
    sqlite3_stmt *s = prepare(f, "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 200");
    text words = { NULL, 0, 0 };
    if (!s) return;
    append_words(&words, f->question, false);
    if (!words.len) append_words(&words, f->question, true);
    if (words.len) {
        sqlite3_bind_text(s, 1, words.at, (int)words.len, SQLITE_STATIC);
        qsort(list, (size_t)n, sizeof *list, by_id);
        for (int i = 0; sqlite3_step(s) == SQLITE_ROW; i++) {
            hit key, *h;
            key.id = sqlite3_column_int64(s, 0);
            h = (hit *)bsearch(&key, list, (size_t)n, sizeof *list, by_id);
            if (h) h->joined += 1.0 / (60 + i);
        }
    }
    sqlite3_finalize(s);
    free(words.at);
}

/* The next to show of the first n, which comes to place i. Each further piece of a file counts a tenth less than the
 * one before, so that one long text does not take all places. */
static void pick(hit *list, int n, int i) {
    int best = i;
    double most = -1;
    for (int k = i; k < n; k++) {
        double joined = list[k].joined;
        for (int seen = 0; seen < i; seen++) joined *= list[seen].file == list[k].file ? 0.9 : 1;
        if (joined > most) most = joined, best = k;
    }
    if (best != i) {
        const hit one = list[best];
        memmove(&list[i + 1], &list[i], sizeof *list * (size_t)(best - i));
        list[i] = one;
    }
}

typedef struct found { char *path, *text; int line; float score; } found;

static found *look(finder *f, int *n) {
    float *query = (float *)resize(NULL, sizeof *query * (size_t)f->size);
    text_job job;
    sqlite3_stmt *s = prepare(f, "SELECT files.path, pieces.line, pieces.text, files.id FROM pieces JOIN files ON "
                                 "files.id = pieces.file WHERE pieces.id = ?");
    hit *list = NULL;
    found *out = NULL;
    int all = 0;
    memset(&job, 0, sizeof job);
    job.pattern = llocal_text_pattern(f->run.m, LLOCAL_PATTERN_QUERY), job.query = text_str(f->question),
    job.out = query;
    *n = -1;
    if (s && vector_add(&f->run, &job) && vector_finish(&f->run)) {
        list = nearest(f, query, &all);
        if (all) add_words(f, list, all), qsort(list, (size_t)all, sizeof *list, by_joined);
        out = (found *)resize(NULL, sizeof *out * (size_t)f->k);
        for (int i = 0; i < all && i < MAX_LOOK; i++) {
            sqlite3_bind_int64(s, 1, list[i].id);
            if (sqlite3_step(s) == SQLITE_ROW) list[i].file = sqlite3_column_int64(s, 3);
            sqlite3_reset(s);
        }
        for (*n = 0; *n < f->k && *n < all; (*n)++) {
            pick(list, all < MAX_LOOK ? all : MAX_LOOK, *n);
            sqlite3_bind_int64(s, 1, list[*n].id);
            if (sqlite3_step(s) != SQLITE_ROW) break;
            out[*n].path = strdup((const char *)sqlite3_column_text(s, 0)), out[*n].line = sqlite3_column_int(s, 1);
            out[*n].text = strdup((const char *)sqlite3_column_text(s, 2)), out[*n].score = list[*n].score;
            sqlite3_reset(s);
        }
    }
    sqlite3_finalize(s);
    free(list), free(query);
    return out;
}

static void print_json(const found *h) {
    text t = { NULL, 0, 0 };
    llocal_json_writer w;
    memset(&w, 0, sizeof w);
    w.cap = 6 * (strlen(h->path) + strlen(h->text)) + 200, w.out = t.at = (char *)resize(NULL, w.cap);
    llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("path")), llocal_json_put_string(&w, str_of(h->path));
    llocal_json_put_key(&w, str_of("line")), llocal_json_put_number(&w, h->line);
    llocal_json_put_key(&w, str_of("score")), llocal_json_put_number(&w, (double)h->score);
    llocal_json_put_key(&w, str_of("text")), llocal_json_put_string(&w, str_of(h->text));
    llocal_json_put(&w, "}");
    printf("%.*s\n", (int)w.n, t.at);
    free(t.at);
}

/* Path and line, and the first words. */
static void print_found(const found *h) {
    char begins[101];
    size_t n = 0;
    for (const char *p = h->text; *p && n < 100; p++) {
        bool space = (unsigned char)*p <= ' ';
        if (!space || (n && begins[n - 1] != ' ')) begins[n++] = space ? ' ' : *p;
    }
    while (n && ((unsigned char)begins[n - 1] & 0x80)) n--;     /* no half of a character */
    begins[n] = 0;
    print_plain(stdout, "%s:%d: %s\n", h->path, h->line, begins);
}

/* ---- an answer ------------------------------------------------------------------------------------------------- */

typedef struct answering { answer *w; const llocal_model *m; } answering;

static bool on_answer(void *user, llocal_token t, llocal_str s) {
    answering *a = (answering *)user;
    (void)s;
    return t < 0 || !llocal_split_token(&a->w->split, t);
}

/* The chat model reads the pieces, with their names, and is told to answer from them only. */
static bool answer_from(finder *f, const found *list, int n) {
    llocal_source src;
    llocal_context_desc d;
    llocal_chat_prompt p;
    llocal_fault fault;
    llocal_reply reply, *all = &reply;
    llocal_model *m = NULL;
    llocal_chat *chat = NULL;
    llocal_message said[2];
    answering now;
    answer *w = (answer *)resize(NULL, sizeof *w);
    text ask = { NULL, 0, 0 };
    bool ok;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&p, 0, sizeof p), memset(&fault, 0, sizeof fault);
    memset(&reply, 0, sizeof reply), memset(said, 0, sizeof said), memset(w, 0, sizeof *w);
    src.path = f->chat, src.logger.write = log_plain;
    for (int i = 0; i < n; i++) {
        char head[64];
        snprintf(head, sizeof head, "[%d] ", i + 1);
        append_string(&ask, head), append_string(&ask, list[i].path), append_string(&ask, ":\n"),
            append_string(&ask, list[i].text), append_string(&ask, "\n\n");
    }
    append_string(&ask, "Question: "), append_string(&ask, f->question);
    said[0].role = "system",
    said[0].text =
        str_of("Answer the question from the numbered excerpts only, briefly, and name those you used, as [1]. "
               "If they do not say it, say so.");
    said[1].role = "user", said[1].text.ptr = ask.at, said[1].text.len = ask.len;
    p.messages = said, p.n_messages = 2;
    if (llocal_model_open(&src, &m)) ok = false;
    else if (llocal_chat_open(m, NULL, &fault, &chat) || prompt_render(chat, &p, &fault))
        ok = complain("find", fault.message, "");
    else {
        d.n_ctx = p.n_tokens + 512, d.logger.write = log_plain;
        if (f->run.pool) d.workers = llocal_pool_workers(f->run.pool);
        now.w = w, now.m = m;
        ok = !llocal_context_open(m, &d, &reply.context);
        answer_begin(w, chat, &p);
        reply.prompt = p.tokens, reply.n_prompt = p.n_tokens, reply.on_text = on_answer, reply.user = &now;
        ok = ok && !llocal_reply_begin(&reply) && !llocal_reply_step(&all, 1, 0, NULL);
        llocal_split_end(&w->split);
        putchar('\n');
        for (int i = 0; i < n; i++) print_plain(stdout, "[%d] %s:%d\n", i + 1, list[i].path, list[i].line);
    }
    answer_free(w), free(w), free(ask.at), free(p.tokens);
    llocal_context_close(reply.context), llocal_chat_close(chat), llocal_model_close(m);
    return ok;
}

/* ---- the program --------------------------------------------------------------------------------------------------- */

static void print_help(void) {
    puts("usage: find -m embed.gguf [-d INDEX] [-t N] index FOLDER ...\n"
         "       find -m embed.gguf [-d INDEX] [-k N] [--json] [--answer chat.gguf] \"a question\"\n"
         "looks in texts by meaning and by words; status 2: nothing was found; the head of examples/find.c has all of it");
}

static bool read_options(int argc, char **argv, finder *f) {
    bool indexing = false;
    f->db_path = ".find.db", f->k = 5, f->threads = 1;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "--help")) { print_help(); exit(0); }
        if (!strcmp(a, "--json")) { f->json = true; continue; }
        if (a[0] != '-') {
            if (!indexing && !f->question && !strcmp(a, "index")) indexing = true;
            else if (indexing && f->n_folders < 64) f->folders[f->n_folders++] = a;
            else if (!indexing && !f->question) f->question = a;
            else return complain("find", "one question only, in quotes: ", a);
            continue;
        }
        if (!v) return complain("find", "unknown, or without a value: ", a);
        if (!strcmp(a, "-m")) f->model = v;
        else if (!strcmp(a, "-d")) f->db_path = v;
        else if (!strcmp(a, "--answer")) f->chat = v;
        else if (!strcmp(a, "-k")) f->k = atoi(v);
        else if (!strcmp(a, "-t")) f->threads = atoi(v);
        else return complain("find", "unknown: ", a);
        i++;
    }
    if (!f->model) return complain("find", "-m model.gguf is missing", "");
    if (f->k < 1 || f->k > MAX_K) return complain("find", "-k is from 1 to 50", "");
    if (indexing && !f->n_folders) f->folders[f->n_folders++] = ".";
    return f->n_folders || f->question || complain("find", "a question, or index FOLDER, is wanted", "");
}

int main(int argc, char **argv) {
    static finder f;
    static llocal_context_desc d;
    const char *name;
    found *list = NULL;
    int n = 0, status = 1;
    if (!(argv = system_arguments(&argc, argv)) || !read_options(argc, argv, &f)) return 1;
    d.embed = true;
    if (!vector_open(&f.run, "find", f.model, &d, f.threads, 8)) return 1;
    f.size = llocal_embedding_size(f.run.c[0]);
    name = strrchr(f.model, '/') ? strrchr(f.model, '/') + 1 : f.model;
    if (open_index(&f, name)) {
        if (f.n_folders) status = index_all(&f) ? 0 : 1;
        else if ((list = look(&f, &n)) != NULL) {
            for (int i = 0; i < n && !f.chat; i++) if (f.json) print_json(&list[i]); else print_found(&list[i]);
            status = n == 0 ? 2 : !f.chat || answer_from(&f, list, n) ? 0 : 1;
        }
    }
    for (int i = 0; i < n; i++) free(list[i].path), free(list[i].text);
    free(list);
    sqlite3_close(f.db);
    vector_close(&f.run);
    return status;
}
