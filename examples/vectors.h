/* What embed and rerank have in common: lines of a file, and several contexts that evaluate texts in the same passes.
 * Include it behind llocal.h. */
#ifndef VECTORS_H
#define VECTORS_H

enum { MAX_TOGETHER = 32 };

static inline bool complain(const char *program, const char *what, const char *detail) {
    fprintf(stderr, "%s: error: %s%s\n", program, what, detail);
    return false;
}

static inline llocal_str text_str(const char *s) {
    llocal_str r;
    r.ptr = s, r.len = strlen(s);
    return r;
}

/* ---- lines ----------------------------------------------------------------------------------- */

typedef struct text_lines { char **line; char *text; int n; } text_lines;

/* All lines of a file but empty ones, without their ends. */
static inline bool read_text_lines(FILE *f, text_lines *out) {
    size_t n = 0, cap = 1 << 16, got;
    char *p = (char *)malloc(cap), *more;
    while (p && (got = fread(p + n, 1, cap - n - 1, f)) > 0) {
        n += got;
        if (n < cap / 2) continue;
        more = (char *)realloc(p, cap *= 2);
        if (!more) free(p);
        p = more;
    }
    if (!p) return complain("lines", "no memory", "");
    p[n] = 0, out->text = p;
    out->line = (char **)malloc((n + 1) * sizeof *out->line);
    for (char *at = p, *end; out->line && at < p + n; at = end + 1) {
        end = strchr(at, '\n');
        if (!end) end = at + strlen(at);
        *end = 0;
        if (end > at && end[-1] == '\r') end[-1] = 0;
        if (*at) out->line[out->n++] = at;
    }
    return out->line != NULL;
}

static inline void free_text_lines(text_lines *l) { free(l->line), free(l->text); }

/* ---- texts in the same passes ------------------------------------------------------------------ */

typedef struct text_job {
    llocal_str pattern, query, document;        /* as llocal_tokenize_pattern takes them */
    float *out;                                 /* [llocal_embedding_size] */
} text_job;

typedef struct vector_run {
    const char *program;
    llocal_model *m;
    llocal_pool *pool;
    llocal_context *c[MAX_TOGETHER];
    float *out[MAX_TOGETHER];                   /* of the text that each has queued */
    llocal_token *tokens;
    int n, n_queued, n_ctx;
} vector_run;

/* False: why has been said. together: contexts. */
static inline bool vector_open(vector_run *r, const char *program, const char *path, llocal_context_desc *d, int threads,
                               int together) {
    llocal_source src;
    llocal_pool_desc pd;
    memset(&src, 0, sizeof src), memset(&pd, 0, sizeof pd);
    src.path = path, src.logger.write = llocal_log_stderr, r->program = program;
    pd.n_threads = threads;
    if (llocal_model_open(&src, &r->m)) return false;
    if (threads > 1 && llocal_pool_open(&pd, &r->pool)) return complain(program, "there are not so many threads", "");
    if (r->pool) d->workers = llocal_pool_workers(r->pool);
    for (r->n = 0; r->n < together; r->n++) if (llocal_context_open(r->m, d, &r->c[r->n])) return false;
    r->n_ctx = llocal_context_get_desc(r->c[0]).n_ctx;
    r->tokens = (llocal_token *)malloc((size_t)r->n_ctx * sizeof *r->tokens);
    return r->tokens ? true : complain(program, "no memory", "");
}

/* Evaluate what is queued, and hand it out. */
static inline bool vector_finish(vector_run *r) {
    const size_t bytes = (size_t)llocal_embedding_size(r->c[0]) * sizeof(float);
    bool done = true;
    if (r->n_queued && llocal_step(r->c, r->n_queued, 0, &done)) return false;
    for (int i = 0; i < r->n_queued; i++) memcpy(r->out[i], llocal_embedding(r->c[i]), bytes);
    r->n_queued = 0;
    return true;
}

static inline bool vector_add(vector_run *r, const text_job *j) {
    llocal_context *c;
    int n = llocal_tokenize_pattern(r->m, j->pattern, j->query, j->document, r->tokens, r->n_ctx);
    if (n < 0) return false;
    if (n == 0) return complain(r->program, "a text without tokens", "");
    if (n > r->n_ctx) return complain(r->program, "a text is too long: give more positions (-c)", "");
    if (r->n_queued == r->n && !vector_finish(r)) return false;
    c = r->c[r->n_queued];
    r->out[r->n_queued] = j->out;
    if (llocal_rewind(c, 0) || llocal_begin(c, r->tokens, n, 1)) return false;
    r->n_queued++;
    return true;
}

static inline void vector_close(vector_run *r) {
    free(r->tokens);
    for (int i = 0; i < r->n; i++) llocal_context_close(r->c[i]);
    llocal_model_close(r->m), llocal_pool_close(r->pool);
}
#endif
