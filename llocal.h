/* llocal.h: local AI in one C file                                     public domain or MIT-0

   Drop this file into any C99 or C++11 program and a GGUF file on the disk, in flash or inside
   an asset pack answers. It needs nothing else: no dependency, no build system.

   In ONE source file:

       #define LLOCAL_IMPLEMENTATION
       #include "llocal.h"

   THE FIRST PROGRAM

       static bool put_text(void *user, llocal_token t, llocal_str text) {
           (void)user; (void)t;
           return fwrite(text.ptr, 1, text.len, stdout) == text.len;
       }

       int main(int argc, char **argv) {
           llocal_source src = {0};
           llocal_model *m = NULL;
           llocal_context *c = NULL;
           llocal_sampler s = {0};
           llocal_token ids[512];
           src.path = argc > 1 ? argv[1] : "model.gguf";
           src.logger.write = llocal_log_stderr;
           if (llocal_model_open(&src, &m)) return 1;
           if (llocal_context_open(m, NULL, &c)) return 1;
           int n = llocal_tokenize(m, "Once upon a time", 16, LLOCAL_ADD_SPECIAL, ids, 512);
           if (llocal_eval(c, ids, n)) return 1;
           llocal_generate(c, &s, 200, put_text, NULL);
           llocal_context_close(c);
           llocal_model_close(m);
           return 0;
       }

   CONTENTS (search for the tag)

       >>api         results, hooks, data, objects, functions: all a user needs
       >>platform    compiler, system and instruction set become 0/1 macros
       >>bytes       checked sizes, little-endian loads, the cursor, strings, hash
       >>memory      the allocator hook; one block per object, measured before it is taken
       >>log         messages without stdio
       >>source      a file, a pointer or your read callback behind one struct
       >>workers     who runs the work: the caller, your job system, or the built-in pool
       >>float       f16 and bf16, each conversion once; exact fma
       >>simd        the vector primitives, per instruction set                     (generated)
       >>formats     weight formats: layout, dequantise, dot and tile kernels       (generated)
       >>ops         exp and its family, norms, rope, activations, softmax
       >>matmul      rows x vectors over the table of formats
       >>attention   scores, softmax and values over the cache
       >>gguf        metadata and tensor directory of a file; the writer
       >>unicode     categories and case tables                                     (generated)
       >>vocab       tokenizers
       >>model       hyper-parameters, the table of architectures, weight binding
       >>forward     one pass through the network: the page to read first
       >>context     cache, eval, step, sync, rewind, state
       >>sample      choosing the next token
       >>generate    the short way
       >>licence     history and licence

   OPTIONS (define before including the implementation)

       LLOCAL_STATIC        every public function is static
       LLOCAL_NO_STDIO      no stdio.h: files open only through your reader (or from memory)
       LLOCAL_NO_MMAP       files are read, never mapped
       LLOCAL_NO_THREADS    no built-in pool; your llocal_workers still work
       LLOCAL_NO_STDLIB     no realloc/free by default: you must pass an allocator
       LLOCAL_NO_SIMD       the scalar definition of every kernel
       LLOCAL_ONLY_<FORMAT> keep F32 and this format only (repeatable), e.g. LLOCAL_ONLY_Q4_0
       LLOCAL_ASSERT(x)     your assert for what the library itself guarantees (default: nothing)
*/

#ifndef LLOCAL_H
#define LLOCAL_H

/* -std=c99 hides the POSIX clock and file maps unless this comes before any system header. */
#if defined(LLOCAL_IMPLEMENTATION) && defined(__linux__) && !defined(_DEFAULT_SOURCE)
#  define _DEFAULT_SOURCE 1
#endif

/* ==========================================================================================
 * >>api    Results, hooks, data, objects, functions.
 * ==========================================================================================
 * Zero is a sane value of every struct you fill. Two nouns carry the library: a model is
 * immutable and may be shared by threads; a context is one timeline of tokens over a model and
 * is used by one thread at a time. There is no global state: objects are independent. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LLOCAL_VERSION 100              /* major * 10000 + minor * 100 + patch; the only copy */
#define LLOCAL_ALIGN   64               /* bytes; what allocators must return */

#ifndef LLOCAL_API
#  ifdef LLOCAL_STATIC
#    define LLOCAL_API static
#  else
#    define LLOCAL_API extern
#  endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- results ---------------------------------------------------------------------------- */

/* Whatever can fail returns one of these. Nothing here aborts, exits or prints: the reason
 * in words, with the remedy, goes to your logger if you gave one. */
typedef enum llocal_result {
    LLOCAL_OK = 0,
    LLOCAL_ERR_ARGUMENT,     /* a documented precondition was broken */
    LLOCAL_ERR_MEMORY,       /* the allocator returned NULL */
    LLOCAL_ERR_IO,           /* open, map or read failed */
    LLOCAL_ERR_FORMAT,       /* not GGUF, cut short, or inconsistent with itself */
    LLOCAL_ERR_UNSUPPORTED,  /* valid, but this build cannot run it; the log names what */
    LLOCAL_ERR_FULL,         /* the context window, or your buffer, is full */
    LLOCAL_ERR_CANCELLED     /* one of your callbacks returned false */
} llocal_result;

/* ---- hooks: every one optional, every one off when zero --------------------------------- */

/* One function does it all: ptr NULL allocates, new_size 0 frees, anything else resizes.
 * Return memory aligned to LLOCAL_ALIGN, or NULL. old_size is always exact, so an arena needs
 * no headers. Each object (model, context, pool, gguf) is ONE block, taken when it opens and
 * freed when it closes. Default: realloc and free. */
typedef struct llocal_allocator {
    void *(*resize)(void *user, void *ptr, size_t old_size, size_t new_size);
    void *user;
} llocal_allocator;

/* Read at an offset; may be called from several threads. Return how many bytes you read. */
typedef struct llocal_reader {
    size_t (*read)(void *user, uint64_t offset, void *dst, size_t size);
    uint64_t size;                      /* of the whole file, in bytes */
    void *user;
} llocal_reader;

/* Append bytes; called in order. Return how many you took (fewer stops the writing). */
typedef struct llocal_writer {
    size_t (*write)(void *user, const void *src, size_t size);
    void *user;
} llocal_writer;

typedef enum llocal_level { LLOCAL_ERROR = 1, LLOCAL_WARNING, LLOCAL_INFO } llocal_level;

/* message is one line without a newline, valid during the call. Default: silence. */
typedef struct llocal_logger {
    void (*write)(void *user, llocal_level level, const char *message);
    void *user;
} llocal_logger;

/* Call task(arg, i) once for each i in [0, count), in any order, on any threads; return when
 * all have returned. width is how many can run at once: count is never more than width, and 0
 * and 1 both mean serially, on the calling thread. The results do not depend on it. */
typedef struct llocal_workers {
    void (*run)(void *user, int count, void (*task)(void *arg, int i), void *arg);
    int width;
    void *user;
} llocal_workers;

/* What a context is computing, for teaching and debugging; see llocal_context_desc.trace. */
typedef struct llocal_trace {
    const char *name;                   /* "attn_norm", "q", "attn_out", "ffn_down", ... */
    int layer;                          /* -1: before the first or after the last */
    int n_rows, n_cols;                 /* one row per token of the batch */
    const float *data;                  /* [n_rows][n_cols], valid during the call */
} llocal_trace;

/* ---- plain data you read ---------------------------------------------------------------- */

typedef int32_t  llocal_token;
typedef uint32_t llocal_format;         /* a GGUF tensor type: 0 is F32, 12 is Q4_K, ... */

typedef struct llocal_str {             /* not NUL-terminated */
    const char *ptr;
    size_t len;
} llocal_str;

typedef struct llocal_format_info {
    const char *name;                   /* "Q4_K"; NULL: no such format */
    int block_len, block_bytes;
    bool can_run;                       /* this build has kernels for it */
    bool can_quantize;                  /* llocal_quantize can write it */
} llocal_format_info;

typedef struct llocal_tensor {
    llocal_str name;
    llocal_format format;
    int n_dims;                         /* 1 to 4 */
    int64_t dim[4];                     /* dim[0] varies fastest; unused ones are 1 */
    const void *data;                   /* NULL when reading through a llocal_reader */
    uint64_t offset, bytes;             /* offset from the start of its file */
    int file;                           /* which part of a split model, from 0 */
} llocal_tensor;

/* GGUF value types, with the numbers that the file format gives them. */
typedef enum llocal_type {
    LLOCAL_U8 = 0, LLOCAL_I8, LLOCAL_U16, LLOCAL_I16, LLOCAL_U32, LLOCAL_I32, LLOCAL_F32,
    LLOCAL_BOOL, LLOCAL_STRING, LLOCAL_ARRAY, LLOCAL_U64, LLOCAL_I64, LLOCAL_F64
} llocal_type;

/* One metadata entry. Integers of every width arrive in i (signed) or u (unsigned), floats in
 * f. An array is left as it lies in the file: count little-endian elements of elem_type, or
 * count strings, each a u64 length and its bytes; llocal_meta_item reads both. */
typedef struct llocal_meta {
    llocal_str key;
    llocal_type type, elem_type;        /* elem_type: of an array */
    uint64_t count;                     /* array elements, or 1 */
    uint64_t array_bytes;
    union { int64_t i; uint64_t u; double f; bool b; llocal_str s; const void *array; } as;
} llocal_meta;

typedef struct llocal_hparams {
    llocal_str arch;                    /* "llama", "qwen3", ... */
    llocal_str name;                    /* general.name, may be empty */
    int n_vocab, n_ctx_train, n_embd, n_layer;
    int n_head, n_head_kv, head_dim, n_ff;          /* of the widest layer where they differ */
    int n_expert, n_expert_used;
    uint64_t n_params;                  /* weights in all tensors */
} llocal_hparams;

/* Exact memory, in bytes, before anything is allocated. */
typedef struct llocal_plan {
    uint64_t bytes;                     /* what opening will ask of the allocator, in one block */
    uint64_t weights_in_place;          /* file bytes used where they lie (mapped or yours) */
    uint64_t weights_copied;            /* part of `bytes`: weights that cannot be used in place */
    uint64_t cache, state, scratch, logits;         /* parts of a context's `bytes` */
} llocal_plan;

typedef struct llocal_stats {
    uint64_t bytes_allocated;
    uint64_t tokens_prefilled, tokens_decoded;      /* decoded: evaluated one at a time */
    uint64_t us_prefill, us_decode;
    uint64_t us_longest_phase;          /* the longest stretch that a step could not interrupt */
} llocal_stats;

/* ---- plain data you fill: all zeros is a valid and sensible value of each ---------------- */

/* Where a GGUF file is: exactly one of path, data, reader. A path is UTF-8 on every system; a
 * split model is opened by its first part (...-00001-of-0000N.gguf), the others are found
 * beside it, or given as `parts` when it is in memory or behind readers. */
typedef struct llocal_source {
    const char *path;
    const void *data;                   /* a GGUF image in memory, used in place: keep it alive */
    size_t data_size;
    llocal_reader reader;
    const struct llocal_source *parts;  /* parts 2..N of a split model that has no path */
    int n_parts;
    bool no_mmap;                       /* copy the weights of a path into allocated memory */
    bool check_weights;                 /* look at every weight once; refuse NaN and infinity */
    bool vocab_only;                    /* no weights: only the text functions will work */
    bool (*progress)(void *user, float done);   /* 0..1 while opening; return false to cancel */
    void *progress_user;
    llocal_allocator allocator;
    llocal_logger logger;
} llocal_source;

typedef enum llocal_kv { LLOCAL_KV_DEFAULT, LLOCAL_KV_F32, LLOCAL_KV_F16, LLOCAL_KV_Q8 } llocal_kv;

typedef struct llocal_context_desc {
    int n_ctx;                          /* positions to remember (0: as trained, at most 4096) */
    int n_batch;                        /* tokens in one pass over the weights (0: 256) */
    int n_logits;                       /* rows of logits one eval can ask for (0: 1) */
    int n_snapshots;                    /* recurrent states kept for rewind (0: 2) */
    llocal_kv k, v;                     /* how to store keys and values (0: F16) */
    llocal_workers workers;             /* (0: the calling thread) */
    llocal_allocator allocator;         /* (0: the model's) */
    llocal_logger logger;               /* (0: the model's) */
    /* Called on the evaluating thread between phases, with how many of the tokens handed to
     * this eval are done. Return false to cancel: the context is as before the batch. */
    bool (*progress)(void *user, int n_done, int n_total);
    void *progress_user;
    void (*trace)(void *user, const llocal_trace *t);   /* after each phase */
    void *trace_user;
    uint64_t (*clock_us)(void *user);   /* any steady clock (0: the system's) */
    void *clock_user;
} llocal_context_desc;

/* A token's chance; also one candidate while sampling. */
typedef struct llocal_score { llocal_token token; float logit, p; } llocal_score;

typedef struct llocal_bias { llocal_token token; float add; } llocal_bias;

/* The stages of sampling. The default order is the order of this list, as in llama.cpp. */
typedef enum llocal_stage {
    LLOCAL_STAGE_END, LLOCAL_STAGE_PENALTIES, LLOCAL_STAGE_DRY, LLOCAL_STAGE_TOP_N_SIGMA,
    LLOCAL_STAGE_TOP_K, LLOCAL_STAGE_TYPICAL, LLOCAL_STAGE_TOP_P, LLOCAL_STAGE_MIN_P,
    LLOCAL_STAGE_XTC, LLOCAL_STAGE_TEMPERATURE
} llocal_stage;

/* Yours to own and copy: equal values replay equal text. Zero means "off" in every field, so
 * {0} is greedy decoding. llocal_sampler_default() has llama.cpp's usual settings. */
typedef struct llocal_sampler {
    float temperature;                  /* 0: greedy */
    float dynatemp_range, dynatemp_exponent;    /* entropy-dependent temperature +- range */
    int   top_k;
    float top_p, min_p, typical_p, top_n_sigma;
    float xtc_probability, xtc_threshold;
    int   min_keep;                     /* the filters leave at least this many */
    int   penalty_last_n;               /* how many recent tokens the penalties see; -1: all */
    float repeat_penalty;               /* 0 and 1: off */
    float frequency_penalty, presence_penalty;
    float dry_multiplier, dry_base;     /* dry_base 0: 1.75 */
    int   dry_allowed_length, dry_last_n;       /* 0: 2; 0 or -1: all */
    const llocal_token *dry_breakers;   /* token sequences, each ended by -1, list ended by -1 */
    int   mirostat;                     /* 0, 1 or 2: replaces the filters */
    float mirostat_tau, mirostat_eta;   /* 0: 5 and 0.1 */
    float mirostat_mu;                  /* running value; 0: starts at 2 tau */
    const llocal_bias *bias;            /* added to logits before everything else */
    int   n_bias;
    uint8_t order[16];                  /* llocal_stage values, ended by 0; empty: default */
    uint64_t rng;                       /* the seed, then the running state */
} llocal_sampler;

/* Holds bytes back until they are whole UTF-8 characters; see llocal_text_add. */
typedef struct llocal_text { unsigned char held[4]; int n_held; } llocal_text;

/* ---- objects ---------------------------------------------------------------------------- */

typedef struct llocal_gguf    llocal_gguf;     /* metadata and tensor directory of one model */
typedef struct llocal_model   llocal_model;    /* weights, vocabulary; immutable, any thread */
typedef struct llocal_context llocal_context;  /* one timeline; one thread at a time */
typedef struct llocal_pool    llocal_pool;     /* threads, if you have none of your own */

/* ---- about this build ------------------------------------------------------------------- */

LLOCAL_API int         llocal_version(void);   /* of the implementation; compare LLOCAL_VERSION */
LLOCAL_API const char *llocal_build(void);     /* e.g. "avx2 threads mmap" */
LLOCAL_API const char *llocal_result_name(llocal_result r);

/* ---- weight formats: n counts weights, a multiple of block_len ---------------------------- */

LLOCAL_API llocal_format_info llocal_format_get(llocal_format f);
LLOCAL_API uint64_t      llocal_format_bytes(llocal_format f, uint64_t n);   /* 0: not possible */
LLOCAL_API llocal_result llocal_dequantize(llocal_format f, const void *src, float *dst, size_t n);
LLOCAL_API llocal_result llocal_quantize(llocal_format f, const float *src, void *dst, size_t n);

/* ---- gguf: look inside a file without building a model; any thread -------------------------- */

LLOCAL_API llocal_result llocal_gguf_open(const llocal_source *src, llocal_gguf **out);
LLOCAL_API void          llocal_gguf_close(llocal_gguf *g);   /* every close accepts NULL */
LLOCAL_API int           llocal_gguf_meta_count(const llocal_gguf *g);
LLOCAL_API llocal_meta   llocal_gguf_meta(const llocal_gguf *g, int i);
LLOCAL_API int           llocal_gguf_meta_find(const llocal_gguf *g, const char *key);   /* or -1 */
LLOCAL_API int           llocal_gguf_tensor_count(const llocal_gguf *g);
LLOCAL_API llocal_tensor llocal_gguf_tensor(const llocal_gguf *g, int i);
LLOCAL_API int           llocal_gguf_tensor_find(const llocal_gguf *g, const char *name);
/* The element at *at of an array (start with *at = 0; it moves on) as a meta of its own. False
 * at the end. */
LLOCAL_API bool          llocal_meta_item(const llocal_meta *array, uint64_t *at, llocal_meta *out);
/* Copy part of a tensor's bytes, wherever the file is. */
LLOCAL_API llocal_result llocal_gguf_read(const llocal_gguf *g, int tensor, uint64_t offset,
                                          void *dst, size_t size);

/* Write a GGUF v3 file: the head (metadata, tensor directory; offsets are computed here, and
 * .data, .offset, .bytes and .file are not looked at), then each tensor's bytes in the same
 * order. Array metadata as described at llocal_meta. Alignment is 32. */
LLOCAL_API llocal_result llocal_gguf_write_head(const llocal_writer *w, const llocal_meta *meta,
                                                int n_meta, const llocal_tensor *tensors,
                                                int n_tensors);
LLOCAL_API llocal_result llocal_gguf_write_data(const llocal_writer *w, const void *data,
                                                uint64_t bytes);

/* ---- model: open once, share freely ------------------------------------------------------- */

LLOCAL_API llocal_result llocal_model_plan(const llocal_source *src, llocal_plan *out);
LLOCAL_API llocal_result llocal_model_open(const llocal_source *src, llocal_model **out);
LLOCAL_API void          llocal_model_close(llocal_model *m);  /* after its contexts */
LLOCAL_API const llocal_gguf    *llocal_model_gguf(const llocal_model *m);
LLOCAL_API const llocal_hparams *llocal_model_hparams(const llocal_model *m);

/* ---- text and tokens: any thread ---------------------------------------------------------- */

/* ADD_SPECIAL adds what the model's file asks for (BOS, EOS, ...); PARSE_SPECIAL lets the text
 * spell special tokens ("<|im_start|>"), so leave it off for text from outside. */
enum { LLOCAL_ADD_SPECIAL = 1, LLOCAL_PARSE_SPECIAL = 2 };

/* These fill at most cap elements and return how many the whole answer has, like snprintf;
 * negative is a llocal_result with its sign flipped. Text is UTF-8; invalid bytes are allowed. */
LLOCAL_API int llocal_tokenize(const llocal_model *m, const char *text, size_t len, unsigned flags,
                               llocal_token *out, int cap);
LLOCAL_API int llocal_detokenize(const llocal_model *m, const llocal_token *tokens, int n,
                                 unsigned flags, char *out, int cap);
LLOCAL_API int llocal_token_text(const llocal_model *m, llocal_token t, unsigned flags,
                                 char *out, int cap);   /* PARSE_SPECIAL: spell special tokens */
/* The text that token t completes, in whole UTF-8 characters; t = -1 flushes what is held. */
LLOCAL_API int llocal_text_add(llocal_text *held, const llocal_model *m, llocal_token t,
                               char *out, int cap);
LLOCAL_API llocal_token llocal_token_bos(const llocal_model *m);   /* -1 if there is none */
LLOCAL_API llocal_token llocal_token_eos(const llocal_model *m);
LLOCAL_API bool         llocal_token_is_end(const llocal_model *m, llocal_token t);

/* ---- context: after opening, no call allocates -------------------------------------------- */

LLOCAL_API llocal_result llocal_context_plan(const llocal_model *m, const llocal_context_desc *d,
                                             llocal_plan *out);
LLOCAL_API llocal_result llocal_context_open(const llocal_model *m, const llocal_context_desc *d,
                                             llocal_context **out);
LLOCAL_API void          llocal_context_close(llocal_context *c);

/* Append n tokens and run them. Afterwards there are logits for the last token. */
LLOCAL_API llocal_result llocal_eval(llocal_context *c, const llocal_token *tokens, int n);

/* The same in pieces. begin queues tokens (and asks for logits of the last n_logits of them);
 * step works for about budget_us microseconds (0: to the end) and sets *done. Several contexts
 * of one model may step together: each weight is read once for all of them. Go on with the same
 * list until done, or cancel. Results do not depend on how the work is cut up. */
LLOCAL_API llocal_result llocal_begin(llocal_context *c, const llocal_token *tokens, int n,
                                      int n_logits);
LLOCAL_API llocal_result llocal_step(llocal_context *const *contexts, int n, uint32_t budget_us,
                                     bool *done);
LLOCAL_API void          llocal_cancel(llocal_context *c);         /* drop what begin queued */

/* Make the timeline equal to tokens, evaluating as few as possible (chat: pass it all). */
LLOCAL_API llocal_result llocal_sync(llocal_context *c, const llocal_token *tokens, int n);

/* Forget all but the first n_keep positions. Where state cannot be wound back so exactly
 * (recurrent layers, window caches) it goes further back: llocal_position tells where to. */
LLOCAL_API llocal_result llocal_rewind(llocal_context *c, int n_keep);
LLOCAL_API int           llocal_position(const llocal_context *c);   /* tokens evaluated */
LLOCAL_API const llocal_token *llocal_tokens(const llocal_context *c);   /* [position] */

/* [n_vocab] of row i of the last eval's n_logits; negative i counts from the end, -1 being the
 * last token. NULL if there is none. Yours to edit until the next eval. hidden: [n_embd], the
 * vector those logits were made from (after the last norm). */
LLOCAL_API float        *llocal_logits(llocal_context *c, int i);
LLOCAL_API const float  *llocal_hidden(const llocal_context *c, int i);

/* The whole timeline as bytes, tagged with model and options: load refuses what does not fit. */
LLOCAL_API size_t        llocal_state_bytes(const llocal_context *c);
LLOCAL_API llocal_result llocal_state_save(const llocal_context *c, void *dst, size_t size);
LLOCAL_API llocal_result llocal_state_load(llocal_context *c, const void *src, size_t size);
LLOCAL_API llocal_stats  llocal_context_stats(const llocal_context *c);

/* ---- choosing the next token: functions over floats, usable without a model ---------------- */

LLOCAL_API llocal_sampler llocal_sampler_default(uint64_t seed);

/* logits: [n]. recent: the tokens so far, oldest first (penalties and DRY look at them). work:
 * room for n candidates. -1: nothing to choose from (n is 0, or every logit is NaN). */
LLOCAL_API llocal_token llocal_sample(llocal_sampler *s, const float *logits, int n,
                                      const llocal_token *recent, int n_recent, llocal_score *work);

/* Sample from a context's last logits with its own tokens as the recent ones. */
LLOCAL_API llocal_token llocal_next(llocal_context *c, llocal_sampler *s);

/* The k most likely tokens, best first, p over the whole vocabulary; returns how many. */
LLOCAL_API int          llocal_top(const float *logits, int n, llocal_score *out, int k);

/* ---- the short way: sample, report, evaluate, until the reply ends -------------------------- */

/* Ends at an end token, after max_tokens (0: until the window is full), or when on_text returns
 * false, which is no error. text holds whole UTF-8 characters and may be empty. */
LLOCAL_API llocal_result llocal_generate(llocal_context *c, llocal_sampler *s, int max_tokens,
    bool (*on_text)(void *user, llocal_token t, llocal_str text), void *user);

/* ---- conveniences that need an operating system -------------------------------------------- */

#ifndef LLOCAL_NO_STDIO
LLOCAL_API void           llocal_log_stderr(void *user, llocal_level level, const char *message);
#endif
#ifndef LLOCAL_NO_THREADS
/* n_threads counts the caller too (0: one per core). Contexts may share a pool: the evaluation
 * that finds it busy runs on its own thread alone. Workers spin briefly between phases and sleep
 * between evaluations. */
LLOCAL_API llocal_result  llocal_pool_open(int n_threads, const llocal_allocator *a,
                                           llocal_pool **out);
LLOCAL_API void           llocal_pool_close(llocal_pool *p);
LLOCAL_API llocal_workers llocal_pool_workers(llocal_pool *p);
#endif

#ifdef __cplusplus
}
#endif
#endif /* LLOCAL_H */

/* Stop here if you only want to use the library. */

/* ########################################################################################## */

#if defined(LLOCAL_IMPLEMENTATION) && !defined(LLOCAL_IMPLEMENTATION_DONE)
#define LLOCAL_IMPLEMENTATION_DONE

/* ==========================================================================================
 * >>platform    Compiler, system and instruction set become 0/1 macros.
 * ==========================================================================================
 * The only place that asks what it is compiled by or for. Below it there are whole blocks for a
 * platform (a pool, a file map, an instruction set) but never an #if inside a formula. */

#if defined(__GNUC__) || defined(__clang__)
#  define LL_GNU 1
#  define LL_FN static __attribute__((unused))
#  define LL_INLINE static inline __attribute__((always_inline, unused))
#  define LL_NOINLINE static __attribute__((noinline, unused))
#  define LL_RESTRICT __restrict__
#  define LL_PREFETCH(p) __builtin_prefetch((p), 0, 2)
#elif defined(_MSC_VER)
#  define LL_GNU 0
#  define LL_FN static
#  define LL_INLINE static __forceinline
#  define LL_NOINLINE static __declspec(noinline)
#  define LL_RESTRICT __restrict
#  define LL_PREFETCH(p) ((void)(p))
#else
#  define LL_GNU 0
#  define LL_FN static
#  define LL_INLINE static inline
#  define LL_NOINLINE static
#  define LL_RESTRICT
#  define LL_PREFETCH(p) ((void)(p))
#endif

/* One result (see >>formats) forbids the compiler to fuse a*b + c where we did not write fma. */
#if defined(__clang__)
#  pragma clang fp contract(off)
#elif defined(__GNUC__)
#  pragma GCC push_options
#  pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#  pragma fp_contract(off)
#endif

#if defined(_WIN32)
#  define LL_WINDOWS 1
#else
#  define LL_WINDOWS 0
#endif
#if defined(__unix__) || defined(__APPLE__)
#  define LL_POSIX 1
#else
#  define LL_POSIX 0
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#  define LL_BIG_ENDIAN 1
#else
#  define LL_BIG_ENDIAN 0
#endif

/* Instruction sets: each implies the ones before it. AVX2 stands for AVX2 + FMA + F16C, AVX512
 * for F, BW, DQ, VL and VNNI, which is what every CPU since Ice Lake and Zen 4 has. */
#if defined(LLOCAL_NO_SIMD)
#  define LL_AVX512 0
#  define LL_AVX2 0
#else
#  if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && \
      defined(__AVX512VL__) && defined(__AVX512VNNI__)
#    define LL_AVX512 1
#  else
#    define LL_AVX512 0
#  endif
#  if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#    define LL_AVX2 1
#  else
#    define LL_AVX2 0
#  endif
#endif
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
#  define LL_HARD_FMA 1                 /* fmaf is one instruction */
#else
#  define LL_HARD_FMA 0
#endif

#ifdef LLOCAL_NO_STDIO
#  define LL_STDIO 0
#else
#  define LL_STDIO 1
#endif
#if !defined(LLOCAL_NO_MMAP) && (LL_POSIX || LL_WINDOWS)
#  define LL_MMAP 1
#else
#  define LL_MMAP 0
#endif
#if !defined(LLOCAL_NO_THREADS) && (LL_POSIX || LL_WINDOWS)
#  define LL_THREADS 1
#else
#  define LL_THREADS 0
#endif

#include <math.h>
#include <stdarg.h>
#include <string.h>
#if LL_STDIO
#  include <stdio.h>
#endif
#ifndef LLOCAL_NO_STDLIB
#  include <stdlib.h>
#endif
#if LL_WINDOWS
#  ifndef WIN32_LEAN_AND_MEAN
#    define WIN32_LEAN_AND_MEAN
#  endif
#  ifndef NOMINMAX
#    define NOMINMAX
#  endif
#  include <windows.h>
#elif LL_POSIX
#  include <time.h>
#  if LL_MMAP
#    include <fcntl.h>
#    include <sys/mman.h>
#    include <sys/stat.h>
#    include <unistd.h>
#  endif
#  if LL_THREADS
#    include <pthread.h>
#    include <unistd.h>
#  endif
#endif
#if LL_AVX2
#  include <immintrin.h>
#endif

#ifndef LLOCAL_ASSERT
#  define LLOCAL_ASSERT(x) ((void)0)
#endif
#define LL_STATIC_ASSERT(name, x) typedef char ll_assert_##name[(x) ? 1 : -1]

LL_STATIC_ASSERT(int_is_32_bits, sizeof(int) == 4);
LL_STATIC_ASSERT(float_is_32_bits, sizeof(float) == 4);

/* Microseconds of a steady clock; 0 where there is none (then every budget is endless). */
LL_FN uint64_t ll_clock_us(void) {
#if LL_WINDOWS
    LARGE_INTEGER f, t;
    QueryPerformanceFrequency(&f);
    QueryPerformanceCounter(&t);
    return (uint64_t)((double)t.QuadPart * 1e6 / (double)f.QuadPart);
#elif LL_POSIX && defined(CLOCK_MONOTONIC)
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
#else
    return 0;
#endif
}

/* ==========================================================================================
 * >>bytes    Checked sizes, little-endian loads, the cursor, strings, hash.
 * ==========================================================================================
 * Everything that comes from outside (a file, a state, a vocabulary) is read through ll_cursor:
 * it checks each read against the end, in one place, and remembers the first failure, so that
 * callers look once a record. Sizes made of numbers from outside go through ll_mul / ll_add. */

#define LL_MIN(a, b) ((a) < (b) ? (a) : (b))
#define LL_MAX(a, b) ((a) > (b) ? (a) : (b))
#define LL_COUNT(a)  ((int)(sizeof(a) / sizeof((a)[0])))

/* Saturating: UINT64_MAX means "too much" and stays so, hence one check at the end is enough. */
LL_INLINE uint64_t ll_add(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }
LL_INLINE uint64_t ll_mul(uint64_t a, uint64_t b) {
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}
/* Round up to a multiple of a power of two. */
LL_INLINE uint64_t ll_align(uint64_t n, uint64_t to) {
    return n > UINT64_MAX - (to - 1) ? UINT64_MAX : (n + (to - 1)) & ~(to - 1);
}

LL_INLINE uint16_t ll_load_u16(const void *p) {
    const uint8_t *b = (const uint8_t *)p;
    return (uint16_t)(b[0] | b[1] << 8);
}
LL_INLINE uint32_t ll_load_u32(const void *p) {
    const uint8_t *b = (const uint8_t *)p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
LL_INLINE uint64_t ll_load_u64(const void *p) {
    return (uint64_t)ll_load_u32(p) | (uint64_t)ll_load_u32((const uint8_t *)p + 4) << 32;
}
LL_INLINE void ll_store_u32(void *p, uint32_t v) {
    uint8_t *b = (uint8_t *)p;
    b[0] = (uint8_t)v, b[1] = (uint8_t)(v >> 8), b[2] = (uint8_t)(v >> 16), b[3] = (uint8_t)(v >> 24);
}
LL_INLINE void ll_store_u64(void *p, uint64_t v) {
    ll_store_u32(p, (uint32_t)v);
    ll_store_u32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}
LL_INLINE float    ll_bits_to_f32(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
LL_INLINE uint32_t ll_f32_to_bits(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }
LL_INLINE float    ll_load_f32(const void *p) { return ll_bits_to_f32(ll_load_u32(p)); }

LL_FN llocal_str ll_str(const char *s) {
    llocal_str r = { s, strlen(s) };
    return r;
}
LL_FN bool ll_str_eq(llocal_str a, llocal_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
LL_FN bool ll_str_is(llocal_str a, const char *b) { return ll_str_eq(a, ll_str(b)); }
LL_FN bool ll_str_starts(llocal_str a, const char *b) {
    size_t n = strlen(b);
    return a.len >= n && memcmp(a.ptr, b, n) == 0;
}

/* FNV-1a, 64 bits. */
#define LL_HASH_START 14695981039346656037ull
LL_FN uint64_t ll_hash(uint64_t h, const void *data, size_t n) {
    const uint8_t *p = (const uint8_t *)data;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 1099511628211ull;
    return h;
}

/* ==========================================================================================
 * >>memory    The allocator hook; one block per object, measured before it is taken.
 * ==========================================================================================
 * An object is laid out by a function that takes each part from an ll_arena. It runs twice:
 * with base NULL it only measures (that is `plan`), then with the block it hands out addresses.
 * So the plan cannot differ from what is allocated, and closing is one free. */

#ifndef LLOCAL_NO_STDLIB
/* realloc does not promise LLOCAL_ALIGN, so keep the distance to the block in front of it. */
LL_FN void *ll_default_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    uint8_t *old_block = NULL, *block;
    size_t at;
    (void)user;
    if (ptr) old_block = (uint8_t *)ptr - ((uint8_t *)ptr)[-1];
    if (new_size == 0) { free(old_block); return NULL; }
    if (new_size > SIZE_MAX - LLOCAL_ALIGN) return NULL;
    block = (uint8_t *)malloc(new_size + LLOCAL_ALIGN);
    if (!block) return NULL;
    at = LLOCAL_ALIGN - (size_t)((uintptr_t)block % LLOCAL_ALIGN);
    block[at - 1] = (uint8_t)at;
    if (ptr) memcpy(block + at, ptr, LL_MIN(old_size, new_size));
    free(old_block);
    return block + at;
}
#endif

LL_FN llocal_allocator ll_allocator(llocal_allocator a) {
#ifndef LLOCAL_NO_STDLIB
    if (!a.resize) a.resize = ll_default_resize;
#endif
    return a;
}
/* Zeroed; NULL when the allocator has none (or there is no allocator). */
LL_FN void *ll_alloc(const llocal_allocator *a, uint64_t size) {
    void *p;
    if (!a->resize || size > SIZE_MAX / 2) return NULL;
    p = a->resize(a->user, NULL, 0, (size_t)size);
    if (p) memset(p, 0, (size_t)size);
    return p;
}
LL_FN void ll_free(const llocal_allocator *a, void *ptr, uint64_t size) {
    if (ptr) a->resize(a->user, ptr, (size_t)size, 0);
}

typedef struct ll_arena {
    uint8_t *base;                      /* NULL: measure only */
    uint64_t used;                      /* UINT64_MAX: overflowed */
} ll_arena;

/* count * size bytes at a multiple of LLOCAL_ALIGN; NULL while measuring. */
LL_FN void *ll_arena_take(ll_arena *a, uint64_t count, uint64_t size) {
    uint64_t at = ll_align(a->used, LLOCAL_ALIGN);
    a->used = ll_add(at, ll_mul(count, size));
    return a->base ? a->base + at : NULL;
}

/* ==========================================================================================
 * >>log    Messages without stdio.
 * ==========================================================================================
 * Every failure says in words what was wrong, where, and what would help. */

/* Into dst (NUL-terminated, cut at cap): %s char *, %S llocal_str *, %d int64_t, %u uint64_t,
 * %f double with three decimals, %%. */
LL_FN void ll_format_text(char *dst, size_t cap, const char *fmt, va_list args) {
    size_t n = 0;
    for (; *fmt; fmt++) {
        char digits[32];
        const char *s = fmt;
        size_t len = 1;
        if (*fmt == '%') {
            uint64_t u = 0;
            bool minus = false, point = false;
            int decimals = 0;
            fmt++;
            if (*fmt == 's') s = va_arg(args, const char *), len = strlen(s);
            else if (*fmt == 'S') {
                const llocal_str *t = va_arg(args, const llocal_str *);
                s = t->ptr, len = t->len;
            } else if (*fmt == 'd' || *fmt == 'u' || *fmt == 'f') {
                char *p = digits + sizeof digits;
                if (*fmt == 'u') u = va_arg(args, uint64_t);
                else if (*fmt == 'd') {
                    int64_t v = va_arg(args, int64_t);
                    minus = v < 0, u = minus ? 0 - (uint64_t)v : (uint64_t)v;
                } else {
                    double v = va_arg(args, double);
                    minus = v < 0, u = (uint64_t)((minus ? -v : v) * 1000.0 + 0.5), decimals = 3;
                }
                do {
                    *--p = (char)('0' + u % 10), u /= 10;
                    point = decimals == 1;
                    if (decimals > 0) decimals--;
                    if (point) *--p = '.';
                } while (u || decimals || point);
                if (minus) *--p = '-';
                s = p, len = (size_t)(digits + sizeof digits - p);
            } else s = fmt;
        }
        if (len > cap - 1 - n) len = cap - 1 - n;
        for (size_t i = 0; i < len; i++)        /* a file's bytes cannot break the line */
            dst[n + i] = (unsigned char)s[i] < 32 || s[i] == 127 ? '?' : s[i];
        n += len;
    }
    dst[n] = 0;
}

LL_FN void ll_log(const llocal_logger *l, llocal_level level, const char *fmt, ...) {
    char line[400];
    va_list args;
    if (!l->write) return;
    va_start(args, fmt);
    ll_format_text(line, sizeof line, fmt, args);
    va_end(args);
    l->write(l->user, level, line);
}

/* Log an error and hand the result on: return ll_fail(log, LLOCAL_ERR_FORMAT, "...", ...). */
LL_FN llocal_result ll_fail(const llocal_logger *l, llocal_result r, const char *fmt, ...) {
    char line[400];
    va_list args;
    if (!l->write) return r;
    va_start(args, fmt);
    ll_format_text(line, sizeof line, fmt, args);
    va_end(args);
    l->write(l->user, LLOCAL_ERROR, line);
    return r;
}

LLOCAL_API const char *llocal_result_name(llocal_result r) {
    static const char *const names[] = {
        "ok", "bad argument", "out of memory", "input/output error", "bad file format",
        "unsupported", "full", "cancelled"
    };
    return (unsigned)r < (unsigned)LL_COUNT(names) ? names[r] : "unknown result";
}

#if LL_STDIO
LLOCAL_API void llocal_log_stderr(void *user, llocal_level level, const char *message) {
    static const char *const names[] = { "", "error: ", "warning: ", "" };
    (void)user;
    fputs("llocal: ", stderr);
    fputs((unsigned)level < 4 ? names[level] : "", stderr);
    fputs(message, stderr);
    fputc('\n', stderr);
}
#endif

/* ==========================================================================================
 * >>source    A file, a pointer or your read callback behind one struct.
 * ==========================================================================================
 * (written with >>gguf) */

/* ==========================================================================================
 * >>workers    Who runs the work: the caller, your job system, or the built-in pool.
 * ==========================================================================================
 * Work is always "call task(arg, i) for i in [0, count)", so a host's job system fits as it is.
 * The built-in pool spins a moment between two such calls (a forward pass makes a few hundred,
 * each some tens of microseconds apart) and sleeps when none comes. */

LL_FN void ll_run(const llocal_workers *w, int count, void (*task)(void *, int), void *arg) {
    if (count > 1 && w->run) {
        w->run(w->user, count, task, arg);
        return;
    }
    for (int i = 0; i < count; i++) task(arg, i);
}

#if LL_THREADS

/* Spinning beats sleeping for the gaps inside a forward pass (a wake-up costs 5..50 us, a spin
 * hand-over 0.3 us); about 50 us of it, then sleep, so an idle pool burns nothing. */
#define LL_POOL_SPINS 2000

#if LL_WINDOWS
typedef HANDLE             ll_thread;
typedef SRWLOCK            ll_mutex;
typedef CONDITION_VARIABLE ll_cond;
#  define ll_mutex_init(m)    InitializeSRWLock(m)
#  define ll_mutex_free(m)    ((void)(m))
#  define ll_mutex_lock(m)    AcquireSRWLockExclusive(m)
#  define ll_mutex_unlock(m)  ReleaseSRWLockExclusive(m)
#  define ll_cond_init(c)     InitializeConditionVariable(c)
#  define ll_cond_free(c)     ((void)(c))
#  define ll_cond_wait(c, m)  SleepConditionVariableSRW((c), (m), INFINITE, 0)
#  define ll_cond_all(c)      WakeAllConditionVariable(c)
#  define LL_THREAD_RETURN    DWORD WINAPI
#else
typedef pthread_t          ll_thread;
typedef pthread_mutex_t    ll_mutex;
typedef pthread_cond_t     ll_cond;
#  define ll_mutex_init(m)    pthread_mutex_init((m), NULL)
#  define ll_mutex_free(m)    pthread_mutex_destroy(m)
#  define ll_mutex_lock(m)    pthread_mutex_lock(m)
#  define ll_mutex_unlock(m)  pthread_mutex_unlock(m)
#  define ll_cond_init(c)     pthread_cond_init((c), NULL)
#  define ll_cond_free(c)     pthread_cond_destroy(c)
#  define ll_cond_wait(c, m)  pthread_cond_wait((c), (m))
#  define ll_cond_all(c)      pthread_cond_broadcast(c)
#  define LL_THREAD_RETURN    void *
#endif

#if LL_GNU
#  define ll_atomic_get(p)    __atomic_load_n((p), __ATOMIC_ACQUIRE)
#  define ll_atomic_set(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#  define ll_atomic_add(p, v) __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL)
#  define ll_atomic_swap(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#else
#  define ll_atomic_get(p)    InterlockedOr((volatile LONG *)(p), 0)
#  define ll_atomic_set(p, v) InterlockedExchange((volatile LONG *)(p), (v))
#  define ll_atomic_swap(p, v) InterlockedExchange((volatile LONG *)(p), (v))
#  define ll_atomic_add(p, v) (InterlockedExchangeAdd((volatile LONG *)(p), (v)) + (v))
#endif
#if defined(__x86_64__) || defined(__i386__)
#  define ll_spin_pause()     __builtin_ia32_pause()
#elif defined(_MSC_VER)
#  define ll_spin_pause()     YieldProcessor()
#elif LL_GNU && (defined(__aarch64__) || defined(__ARM_ARCH_7A__))
#  define ll_spin_pause()     __asm__ volatile("yield")
#else
#  define ll_spin_pause()     ((void)0)
#endif

/* A round is one call of run: its number in `round`, its work in task, arg, count. Worker i
 * does index i + 1 and then counts itself off in `left`. */
typedef struct ll_worker { llocal_pool *pool; int index; ll_thread thread; } ll_worker;
struct llocal_pool {
    llocal_allocator allocator;
    uint64_t bytes;
    int n_threads;                      /* the caller included */
    int n_started;
    int round, left, quit, busy;        /* atomic */
    int sleepers;                       /* under the mutex */
    int count;
    void (*task)(void *arg, int i);
    void *arg;
    ll_mutex mutex;
    ll_cond wake;
    ll_worker *workers;
};

LL_FN LL_THREAD_RETURN ll_pool_worker(void *user) {
    ll_worker *self = (ll_worker *)user;
    llocal_pool *p = self->pool;
    for (int seen = 0;;) {
        int round = seen;
        for (int i = 0; i < LL_POOL_SPINS && (round = ll_atomic_get(&p->round)) == seen; i++)
            ll_spin_pause();
        if (round == seen) {
            ll_mutex_lock(&p->mutex);
            p->sleepers++;
            while ((round = ll_atomic_get(&p->round)) == seen) ll_cond_wait(&p->wake, &p->mutex);
            p->sleepers--;
            ll_mutex_unlock(&p->mutex);
        }
        seen = round;
        if (ll_atomic_get(&p->quit)) return 0;
        if (self->index < p->count) p->task(p->arg, self->index);
        ll_atomic_add(&p->left, -1);
    }
}

LL_FN void ll_pool_start_round(llocal_pool *p) {
    ll_atomic_set(&p->left, p->n_started);
    ll_mutex_lock(&p->mutex);
    ll_atomic_set(&p->round, p->round + 1);
    if (p->sleepers) ll_cond_all(&p->wake);
    ll_mutex_unlock(&p->mutex);
}

LL_FN void ll_pool_run(void *user, int count, void (*task)(void *arg, int i), void *arg) {
    llocal_pool *p = (llocal_pool *)user;
    if (ll_atomic_swap(&p->busy, 1)) {              /* another thread's evaluation has it */
        for (int i = 0; i < count; i++) task(arg, i);
        return;
    }
    p->task = task, p->arg = arg, p->count = count;
    ll_pool_start_round(p);
    task(arg, 0);
    while (ll_atomic_get(&p->left) > 0) ll_spin_pause();
    ll_atomic_set(&p->busy, 0);
}

LL_FN int ll_core_count(void) {
#if LL_WINDOWS
    SYSTEM_INFO s;
    GetSystemInfo(&s);
    return (int)s.dwNumberOfProcessors;
#elif defined(_SC_NPROCESSORS_ONLN)
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 && n < 1024 ? (int)n : 1;
#else
    return 1;
#endif
}

LL_FN bool ll_thread_start(ll_thread *t, LL_THREAD_RETURN (*run)(void *), void *arg) {
#if LL_WINDOWS
    *t = CreateThread(NULL, 0, run, arg, 0, NULL);
    return *t != NULL;
#else
    return pthread_create(t, NULL, run, arg) == 0;
#endif
}

LL_FN void ll_thread_join(ll_thread t) {
#if LL_WINDOWS
    WaitForSingleObject(t, INFINITE);
    CloseHandle(t);
#else
    pthread_join(t, NULL);
#endif
}

LLOCAL_API void llocal_pool_close(llocal_pool *p) {
    llocal_allocator a;
    if (!p) return;
    ll_atomic_set(&p->quit, 1);
    ll_pool_start_round(p);
    for (int i = 0; i < p->n_started; i++) ll_thread_join(p->workers[i].thread);
    ll_cond_free(&p->wake);
    ll_mutex_free(&p->mutex);
    a = p->allocator;
    ll_free(&a, p, p->bytes);
}

LLOCAL_API llocal_result llocal_pool_open(int n_threads, const llocal_allocator *allocator,
                                          llocal_pool **out) {
    llocal_allocator none = { NULL, NULL }, a = ll_allocator(allocator ? *allocator : none);
    llocal_pool *p;
    ll_arena arena = { NULL, 0 };
    if (!out) return LLOCAL_ERR_ARGUMENT;
    *out = NULL;
    if (n_threads < 0 || n_threads > 1024) return LLOCAL_ERR_ARGUMENT;
    if (n_threads == 0) n_threads = ll_core_count();
    ll_arena_take(&arena, 1, sizeof *p);
    ll_arena_take(&arena, (uint64_t)n_threads, sizeof *p->workers);
    p = (llocal_pool *)ll_alloc(&a, arena.used);
    if (!p) return LLOCAL_ERR_MEMORY;
    p->bytes = arena.used;
    arena.base = (uint8_t *)p, arena.used = sizeof *p;
    p->workers = (ll_worker *)ll_arena_take(&arena, (uint64_t)n_threads, sizeof *p->workers);
    p->allocator = a;
    p->n_threads = n_threads;
    ll_mutex_init(&p->mutex);
    ll_cond_init(&p->wake);
    for (int i = 0; i + 1 < n_threads; i++) {
        p->workers[i].pool = p, p->workers[i].index = i + 1;
        if (!ll_thread_start(&p->workers[i].thread, ll_pool_worker, &p->workers[i])) {
            llocal_pool_close(p);
            return LLOCAL_ERR_MEMORY;
        }
        p->n_started++;
    }
    *out = p;
    return LLOCAL_OK;
}

LLOCAL_API llocal_workers llocal_pool_workers(llocal_pool *p) {
    llocal_workers w = { ll_pool_run, p ? p->n_threads : 0, p };
    if (!p) w.run = NULL;
    return w;
}

#endif /* LL_THREADS */

/* ==========================================================================================
 * >>float    f16 and bf16, each conversion once; exact fma.
 * ==========================================================================================
 * The scalar truth of each conversion. The vector forms in >>simd give the same bits. */

/* IEEE binary16: s eeeee mmmmmmmmmm. Subnormals are exact (no flush). */
LL_INLINE float ll_f16_to_f32(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, e = h >> 10 & 31, m = h & 1023;
    if (e == 31) return ll_bits_to_f32(sign | 0x7f800000u | (m ? 0x400000u : 0) | m << 13);
    if (e) return ll_bits_to_f32(sign | (e + 112) << 23 | m << 13);
    return ll_bits_to_f32(sign | ll_f32_to_bits((float)m * 5.9604644775390625e-8f));  /* 2^-24 */
}

/* Round to nearest, ties to even; overflow gives infinity; NaN stays a (quiet) NaN. */
LL_INLINE uint16_t ll_f32_to_f16(float f) {
    uint32_t u = ll_f32_to_bits(f), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
    if (a > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x1ff));
    if (a >= 0x47800000) return (uint16_t)(sign | 0x7c00);              /* >= 65536 */
    if (a < 0x38800000) {                                               /* below 2^-14 */
        /* adding 0.5 leaves the value in units of 2^-24 in the low bits, rounded by the FPU */
        uint32_t m = ll_f32_to_bits(ll_bits_to_f32(a) + 0.5f) - 0x3f000000;
        return (uint16_t)(sign | m);
    }
    a += 0xfff + (a >> 13 & 1);
    return (uint16_t)(sign | (a - 0x38000000) >> 13);
}

/* bfloat16 is the upper half of a binary32. */
LL_INLINE float ll_bf16_to_f32(uint16_t h) { return ll_bits_to_f32((uint32_t)h << 16); }
LL_INLINE uint16_t ll_f32_to_bf16(float f) {
    uint32_t u = ll_f32_to_bits(f);
    if ((u & 0x7fffffff) > 0x7f800000) return (uint16_t)(u >> 16 | 64);
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

/* a*b + c with one rounding. Without the instruction: the product is exact in double (48 of 53
 * bits); the sum is rounded to odd there, which makes the second rounding, to float, correct. */
LL_INLINE float ll_fma(float a, float b, float c) {
#if LL_HARD_FMA
    return fmaf(a, b, c);
#else
    double p = (double)a * b, s = p + c;
    double t = s - p, e = (p - (s - t)) + (c - t);      /* s + e is the exact sum */
    uint64_t u;
    memcpy(&u, &s, 8);
    if (e != 0 && !(u & 1) && s - s == 0) {             /* inexact, even, finite: go to odd */
        u += (e > 0) == (s > 0) ? 1 : (uint64_t)-1;
        memcpy(&s, &u, 8);
    }
    return (float)s;
#endif
}

/* ==========================================================================================
 * >>simd    The vector primitives, per instruction set.
 * ==========================================================================================
 * llv_f is sixteen floats: the "virtual lanes" of the arithmetic contract. */

typedef struct llv_f { float v[16]; } llv_f;
#define LLV_EACH for (int i = 0; i < 16; i++)
LL_INLINE llv_f llv_f_load(const float *p) { llv_f r; LLV_EACH r.v[i] = p[i]; return r; }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) { llv_f r; LLV_EACH r.v[i] = i < n ? p[i] : 0; return r; }
LL_INLINE void  llv_f_store(float *p, llv_f a) { LLV_EACH p[i] = a.v[i]; }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) { for (int i = 0; i < n; i++) p[i] = a.v[i]; }
LL_INLINE llv_f llv_f_set(float x) { llv_f r; LLV_EACH r.v[i] = x; return r; }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { LLV_EACH a.v[i] += b.v[i]; return a; }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { LLV_EACH a.v[i] -= b.v[i]; return a; }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { LLV_EACH a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { LLV_EACH a.v[i] /= b.v[i]; return a; }
/* a*b + c, one rounding */
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) { LLV_EACH a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]); return a; }
/* a > b ? a : b, as maxps: b when either is NaN */
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) { LLV_EACH a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i]; return a; }
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) { LLV_EACH a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i]; return a; }
/* nearest integer, ties to even; |a| < 2^22 */
LL_INLINE llv_f llv_f_round(llv_f a) { LLV_EACH a.v[i] = (a.v[i] + 12582912.0f) - 12582912.0f; return a; }
/* 2^n for integral n in [-126, 127] */
LL_INLINE llv_f llv_f_pow2(llv_f n) { LLV_EACH n.v[i] = ll_bits_to_f32((uint32_t)((int)n.v[i] + 127) << 23); return n; }
/* the fixed tree: lanes 8 apart, then 4, 2, 1 */
LL_INLINE float llv_f_sum(llv_f a) {
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) a.v[i] += a.v[i + h];
    return a.v[0];
}
LL_INLINE float llv_f_hmax(llv_f a) {
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) a.v[i] = a.v[i] > a.v[i + h] ? a.v[i] : a.v[i + h];
    return a.v[0];
}
LL_INLINE llv_f llv_f_load_f16(const uint16_t *p) { llv_f r; LLV_EACH r.v[i] = ll_f16_to_f32(p[i]); return r; }
LL_INLINE llv_f llv_f_load_bf16(const uint16_t *p) { llv_f r; LLV_EACH r.v[i] = ll_bf16_to_f32(p[i]); return r; }
LL_INLINE void  llv_f_store_f16(uint16_t *p, llv_f a) { LLV_EACH p[i] = ll_f32_to_f16(a.v[i]); }

/* ==========================================================================================
 * >>formats    Weight formats: layout, dequantise, dot and tile kernels.
 * ========================================================================================== */

/* ==========================================================================================
 * >>ops    exp and its family, norms, rope, activations, softmax.
 * ========================================================================================== */

/* ==========================================================================================
 * >>matmul    Rows x vectors over the table of formats.
 * ========================================================================================== */

/* ==========================================================================================
 * >>attention    Scores, softmax and values over the cache.
 * ========================================================================================== */

/* ==========================================================================================
 * >>gguf    Metadata and tensor directory of a file; the writer.
 * ========================================================================================== */

/* ==========================================================================================
 * >>unicode    Categories and case tables.
 * ========================================================================================== */

/* ==========================================================================================
 * >>vocab    Tokenizers.
 * ========================================================================================== */

/* ==========================================================================================
 * >>model    Hyper-parameters, the table of architectures, weight binding.
 * ========================================================================================== */

/* ==========================================================================================
 * >>forward    One pass through the network: the page to read first.
 * ========================================================================================== */

/* ==========================================================================================
 * >>context    Cache, eval, step, sync, rewind, state.
 * ========================================================================================== */

/* ==========================================================================================
 * >>sample    Choosing the next token.
 * ==========================================================================================
 * Functions over floats that need no model. A stage gets candidates c[0..n), changes their
 * logits or keeps some of them, and returns how many are left. Three rules carry the rest:
 *
 * 1. Candidates stay in the order of their ids. Filters pick and never sort, so a token is found
 *    by bisection, ties go to the lowest id, and a draw depends only on who is left.
 * 2. No logit is NaN or +infinity (ll_sample_clean sees to that). -infinity means "never this
 *    one"; it still counts as a candidate, as it does in llama.cpp.
 * 3. .p is scratch between stages. ll_sample_softmax leaves exp(logit - max) in it, not divided
 *    by the sum, which it returns.
 *
 * A vocabulary has 150 000 to 260 000 entries and only some dozens of them matter, so what costs
 * is the number of passes over all of them: one for the usual settings (ll_sample_gather), about
 * four for the worst. Everything is + - * / and our own exp and log in a fixed order, so that
 * every machine draws the same token. */

#define LL_SAMPLE_HUGE      3.402823466e38f     /* the largest float */
#define LL_SAMPLE_BLOCKS    256
#define LL_SAMPLE_MAX_NEED  192                 /* of LL_SAMPLE_BLOCKS; see ll_sample_gather */
#define LL_SAMPLE_DRY_MAX   512                 /* a longer repetition counts as this long */
#define LL_SAMPLE_MIROSTAT  100                 /* candidates that its estimate looks at */

/* exp: x = k ln 2 + r, |r| <= ln 2 / 2, and a polynomial for e^r (relative error about 1e-7).
 * Below -87 it is 0, above 88 it stays at e^88. */
LL_INLINE float ll_sample_exp(float x) {
    float t = x > -87.0f ? (x < 88.0f ? x : 88.0f) : -87.0f;
    float k = (t * 1.442695041f + 12582912.0f) - 12582912.0f;
    float r = (t - k * 0.693359375f) + k * 2.12194440e-4f;
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = (y * r * r + r) + 1.0f;
    y *= ll_bits_to_f32((uint32_t)((int)k + 127) << 23);
    return x > -87.0f ? y : 0.0f;
}

/* log for normal x > 0: x = m 2^k, m in [sqrt(1/2), sqrt(2)), and a polynomial for log m. */
LL_INLINE float ll_sample_log(float x) {
    uint32_t u = ll_f32_to_bits(x) - 0x3f3504f3u;
    float k = (float)((int32_t)u >> 23), m = ll_bits_to_f32((u & 0x7fffff) + 0x3f3504f3u) - 1.0f;
    float z = m * m, y = 7.0376836292e-2f;
    y = y * m - 1.1514610310e-1f;
    y = y * m + 1.1676998740e-1f;
    y = y * m - 1.2420140846e-1f;
    y = y * m + 1.4249322787e-1f;
    y = y * m - 1.6668057665e-1f;
    y = y * m + 2.0000714765e-1f;
    y = y * m - 2.4999993993e-1f;
    y = y * m + 3.3333331174e-1f;
    y = y * m * z - k * 2.12194440e-4f;
    y -= 0.5f * z;
    return (m + y) + k * 0.693359375f;
}

/* x^y for x > 0 whose result is a normal float. */
LL_FN float ll_sample_pow(float x, float y) { return ll_sample_exp(y * ll_sample_log(x)); }

/* splitmix64 (Steele, Lea and Flood, 2014): the state is a counter, so every seed is as good as
 * another, 0 too. In [0, 1), in steps of 2^-53. */
LL_FN double ll_sample_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (double)((z ^ z >> 31) >> 11) * (1.0 / 9007199254740992.0);
}

LL_INLINE float ll_sample_clean(float x) {
    x = x > -INFINITY ? x : -INFINITY;          /* NaN too */
    return x < LL_SAMPLE_HUGE ? x : LL_SAMPLE_HUGE;
}

/* ---- a list of candidates ---------------------------------------------------------------- */

/* Where token t is, or -1. Before the first filter it is at c[t]. */
LL_FN int ll_sample_find(const llocal_score *c, int n, llocal_token t) {
    int lo = 0, hi = n;
    if (t >= 0 && t < n && c[t].token == t) return t;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (c[mid].token < t) lo = mid + 1;
        else hi = mid;
    }
    return lo < n && c[lo].token == t ? lo : -1;
}

/* The first of the best; 0 when n is 0. */
LL_FN int ll_sample_greedy(const llocal_score *c, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) if (c[i].logit > c[best].logit) best = i;
    return best;
}
LL_FN float ll_sample_max(const llocal_score *c, int n) {
    return n > 0 ? c[ll_sample_greedy(c, n)].logit : -INFINITY;
}

/* .p = exp(logit - max); returns their sum, 0 when nothing can be chosen. Sixteen sums side by
 * side, then a tree: a fixed order that leaves the compiler room for vectors. */
LL_FN double ll_sample_softmax(llocal_score *c, int n) {
    float max = ll_sample_max(c, n);
    double sum[16] = { 0 };
    if (max == -INFINITY) max = 0;              /* all p become 0 */
    for (int i = 0; i < n; i += 16) {
        int m = LL_MIN(16, n - i);
        float e[16];
        for (int j = 0; j < 16; j++) e[j] = j < m ? c[i + j].logit - max : -INFINITY;
        for (int j = 0; j < 16; j++) e[j] = ll_sample_exp(e[j]);
        for (int j = 0; j < 16; j++) sum[j] += e[j];
        for (int j = 0; j < m; j++) c[i + j].p = e[j];
    }
    for (int h = 8; h; h >>= 1) for (int j = 0; j < h; j++) sum[j] += sum[j + h];
    return sum[0];
}

/* The expected logit. With it the entropy, -sum p log p, needs one logarithm and not n. */
LL_FN double ll_sample_mean(const llocal_score *c, int n, double sum) {
    double acc[4] = { 0, 0, 0, 0 };
    for (int i = 0; i < n; i++) if (c[i].p > 0) acc[i & 3] += (double)c[i].p * c[i].logit;
    return sum > 0 ? ((acc[0] + acc[2]) + (acc[1] + acc[3])) / sum : 0;
}

/* Keep those whose .p is at least `bound`. */
LL_FN int ll_sample_keep_p(llocal_score *c, int n, double bound) {
    int m = 0;
    for (int i = 0; i < n; i++) if (c[i].p >= bound) c[m++] = c[i];
    return m;
}

/* Integers in the order of the floats. */
LL_INLINE uint32_t ll_sample_key(float x, const float *center) {
    uint32_t u = ll_f32_to_bits((center ? -fabsf(x - *center) : x) + 0.0f);     /* -0 becomes 0 */
    return u ^ (u >> 31 ? 0xffffffffu : 0x80000000u);
}

/* Keep the fewest best candidates that are at least `count` and hold at least `mass` of .p (0:
 * .p is not looked at). Best is the highest logit, or the nearest to *center if that is given.
 *
 * This replaces sorting: a histogram over the first byte of the key tells in which bucket the
 * cut falls, what lies below is dropped, and the next pass looks at the next byte inside that
 * bucket. After four bytes the cut is among equal keys, and the first of those stay. */
LL_FN int ll_sample_best(llocal_score *c, int n, int count, double mass, const float *center) {
    uint32_t cut = 0;                           /* the lowest key that may stay */
    int above = 0, ties = 0, m = 0;             /* above: surely kept, better than the bucket */
    double held = 0, p;                         /* what they hold */
    if (n <= count && mass <= 0) return n;
    for (int shift = 24; shift >= 0; shift -= 8) {
        int number[256] = { 0 }, bucket = 255;
        double sum[256] = { 0 };
        for (int i = 0; i < n; i++) {
            uint32_t key = ll_sample_key(c[i].logit, center);
            if ((uint64_t)(key ^ cut) >> shift >> 8) continue;
            number[key >> shift & 255]++;
            sum[key >> shift & 255] += mass > 0 ? c[i].p : 0;
        }
        for (; bucket && (above + number[bucket] < count || held + sum[bucket] < mass); bucket--)
            above += number[bucket], held += sum[bucket];
        cut |= (uint32_t)bucket << shift;
        m = 0;
        for (int i = 0; i < n; i++)
            if (ll_sample_key(c[i].logit, center) >= cut) c[m++] = c[i];
        n = m;
    }
    m = 0, p = 0;
    for (int i = 0; i < n; i++) {
        if (ll_sample_key(c[i].logit, center) == cut) {
            if (above + ties >= count && held + p >= mass) continue;
            ties++, p += mass > 0 ? c[i].p : 0;
        }
        c[m++] = c[i];
    }
    return m;
}

/* A heap of the best so far with the worst of them at h[0]. */
LL_INLINE bool ll_sample_better(const llocal_score *a, const llocal_score *b) {
    return a->logit > b->logit || (a->logit == b->logit && a->token < b->token);
}
LL_FN void ll_sample_sift(llocal_score *h, int n, int i) {
    for (int child; (child = 2 * i + 1) < n; i = child) {
        llocal_score t = h[i];
        if (child + 1 < n && ll_sample_better(&h[child], &h[child + 1])) child++;
        if (ll_sample_better(&h[child], &h[i])) return;
        h[i] = h[child], h[child] = t;
    }
}
/* Offer a candidate to a heap of at most k; returns how many it has. */
LL_FN int ll_sample_offer(llocal_score *h, int n, int k, llocal_token token, float logit) {
    llocal_score s = { token, logit, 0 };
    if (n < k) {
        h[n++] = s;
        if (n == k) for (int i = k / 2; i-- > 0;) ll_sample_sift(h, k, i);
    } else if (ll_sample_better(&s, &h[0])) {
        h[0] = s;
        ll_sample_sift(h, k, 0);
    }
    return n;
}
/* Best first. */
LL_FN void ll_sample_sort(llocal_score *h, int n) {
    for (int i = n / 2; i-- > 0;) ll_sample_sift(h, n, i);
    while (n-- > 1) {
        llocal_score t = h[0];
        h[0] = h[n], h[n] = t;
        ll_sample_sift(h, n, 0);
    }
}

/* ---- from logits to candidates ------------------------------------------------------------ */

LL_FN float ll_sample_block_max(const float *x, int n) {
    llv_f lanes = llv_f_set(-INFINITY);
    float max;
    int i = 0;
    for (; i + 16 <= n; i += 16) lanes = llv_f_max(llv_f_load(x + i), lanes);   /* drops NaN */
    max = llv_f_hmax(lanes);
    for (; i < n; i++) if (x[i] > max) max = x[i];
    return max;
}

/* Candidates from logits, without the NaNs: all of them, or when only the best `need` matter
 * (0: all) few more than those. There are 256 blocks of logits; `need` of them have a maximum
 * that is not below the need-th best of the maxima, so that many logits are not below it, and
 * what is lower does not matter. It leaves about need + need^2/512 candidates after one pass
 * with vectors; most blocks are not looked at again. */
LL_FN int ll_sample_gather(const float *logits, int n, int need, llocal_score *c) {
    llocal_score best[LL_SAMPLE_MAX_NEED];
    float max[LL_SAMPLE_BLOCKS], bound = -INFINITY;
    int len = n, n_best = 0, m = 0;
    bool all = need <= 0 || need > LL_SAMPLE_MAX_NEED || n < 16 * LL_SAMPLE_BLOCKS;
    if (!all) {
        len = (n + LL_SAMPLE_BLOCKS - 1) / LL_SAMPLE_BLOCKS;
        for (int b = 0; b * len < n; b++) {
            max[b] = ll_sample_block_max(logits + b * len, LL_MIN(len, n - b * len));
            n_best = ll_sample_offer(best, n_best, need, b, max[b]);
        }
        bound = best[0].logit;
    }
    for (int at = 0, b = 0; at < n; at += len, b++) {
        int end = at + LL_MIN(len, n - at);
        if (!all && max[b] < bound) continue;
        for (int i = at; i < end; i++) {
            if (!(logits[i] >= bound)) continue;
            c[m].token = i, c[m].logit = ll_sample_clean(logits[i]), c[m++].p = 0;
        }
    }
    return m;
}

/* Add token t to a list that was gathered without it. */
LL_FN int ll_sample_insert(llocal_score *c, int n, const float *logits, int n_vocab,
                           llocal_token t) {
    int at = n;
    if (t < 0 || t >= n_vocab || logits[t] != logits[t] || ll_sample_find(c, n, t) >= 0) return n;
    for (; at > 0 && c[at - 1].token > t; at--) c[at] = c[at - 1];
    c[at].token = t, c[at].logit = ll_sample_clean(logits[t]), c[at].p = 0;
    return n + 1;
}

/* ---- stages that change logits ------------------------------------------------------------ */

LL_FN void ll_sample_bias(llocal_score *c, int n, const llocal_bias *bias, int n_bias) {
    for (int i = 0; i < n_bias; i++) {
        int j = ll_sample_find(c, n, bias[i].token);
        if (j >= 0) c[j].logit = ll_sample_clean(c[j].logit + bias[i].add);
    }
}

/* How many of the n recent tokens a window of last_n (-1: all) sees. */
LL_FN int ll_sample_window(int n, int last_n) { return last_n < 0 || last_n > n ? n : last_n; }

/* Dividing would make a token with a negative logit likelier, so those are multiplied. */
LL_FN void ll_sample_penalties(llocal_score *c, int n, const llocal_token *recent, int n_recent,
                               int last_n, float repeat, float frequency, float presence) {
    int w = ll_sample_window(n_recent, last_n), j;
    const llocal_token *seen = recent + (n_recent - w);
    if (repeat == 0) repeat = 1;
    if (repeat == 1 && frequency == 0 && presence == 0) return;
    for (int i = 0; i < w; i++) if ((j = ll_sample_find(c, n, seen[i])) >= 0) c[j].p = 0;
    for (int i = 0; i < w; i++) if ((j = ll_sample_find(c, n, seen[i])) >= 0) c[j].p += 1;
    for (int i = 0; i < w; i++) {
        float x;
        if ((j = ll_sample_find(c, n, seen[i])) < 0 || c[j].p == 0) continue;
        x = c[j].logit <= 0 ? c[j].logit * repeat : c[j].logit / repeat;
        c[j].logit = ll_sample_clean(x - (c[j].p * frequency + presence));
        c[j].p = 0;                             /* once a token, however often it is in there */
    }
}

/* DRY looks for earlier places where the text went as it goes now, and makes the tokens that
 * followed there less likely, the more so the longer the match. A breaker (a newline, a quote)
 * ends a match. Here end[-1 - i] is the token i places back from the end, and while this runs .p
 * says what is known of a token: */
#define LL_DRY_NOTHING  0.0f
#define LL_DRY_BREAKER -1.0f            /* is one by itself: never penalised */
#define LL_DRY_HEAD    -2.0f            /* begins a longer one */
                                        /* above 0: the longest match it would go on, plus 1 */

/* The length of the breaker that starts at token i, less its first token; -1: none does. */
LL_FN int ll_sample_breaker_at(const llocal_token *breakers, const llocal_token *end, int i) {
    int longest = -1;
    for (const llocal_token *b = breakers; b && *b != -1; b++) {
        int k = 0;
        while (b[k] != -1 && k <= i && b[k] == end[-1 - i + k]) k++;
        if (b[k] == -1 && k - 1 > longest) longest = k - 1;
        while (*b != -1) b++;
    }
    return longest;
}

/* How many tokens ago the last breaker ended, w if there is none among the last w. */
LL_FN int ll_sample_dry_limit(llocal_score *c, int n, const llocal_token *end, int w,
                              const llocal_token *breakers) {
    int limit = w, j;
    for (const llocal_token *b = breakers; b && *b != -1; b++) {
        if ((j = ll_sample_find(c, n, *b)) >= 0 && c[j].p != LL_DRY_BREAKER)
            c[j].p = b[1] == -1 ? LL_DRY_BREAKER : LL_DRY_HEAD;
        while (*b != -1) b++;
    }
    for (int i = 0; i < w && limit == w; i++) {
        j = ll_sample_find(c, n, end[-1 - i]);
        if (j < 0 || c[j].p < 0) {
            int len = ll_sample_breaker_at(breakers, end, i);
            if (len >= 0) limit = i - len;
        }
    }
    for (int i = 0; i < w; i++)
        if ((j = ll_sample_find(c, n, end[-1 - i])) >= 0 && c[j].p == LL_DRY_HEAD)
            c[j].p = LL_DRY_NOTHING;
    return limit;
}

LL_FN void ll_sample_dry(llocal_score *c, int n, const llocal_token *recent, int n_recent,
                         float multiplier, float base, int allowed, int last_n,
                         const llocal_token *breakers) {
    uint16_t z[LL_SAMPLE_DRY_MAX];      /* z[k]: tokens in common going back from 0 and from k */
    int w = ll_sample_window(n_recent, last_n), limit, max_power, j;
    const llocal_token *end = recent + n_recent;
    if (multiplier == 0 || !(base >= 1) || w <= allowed) return;
    for (int i = 0; i < w; i++)
        if ((j = ll_sample_find(c, n, end[-1 - i])) >= 0) c[j].p = LL_DRY_NOTHING;
    limit = ll_sample_dry_limit(c, n, end, w, breakers);
    if (limit < allowed) return;
    limit = LL_MIN(limit, LL_SAMPLE_DRY_MAX);
    /* The Z algorithm: where [left, right) repeats [0, right - left), the lengths inside it are
     * known from the start, and only what lies beyond `right` is compared. Linear in w. */
    for (int k = 1, left = 0, right = 0; k < w; k++) {
        int len = k < right ? LL_MIN((int)z[k - left], right - k) : 0;
        while (len < limit && k + len < w && end[-1 - len] == end[-1 - k - len]) len++;
        if (k + len > right) left = k, right = k + len;
        if (k < LL_SAMPLE_DRY_MAX) z[k] = (uint16_t)len;
        if (len < allowed || (j = ll_sample_find(c, n, end[-k])) < 0) continue;
        if (c[j].p != LL_DRY_BREAKER) c[j].p = LL_MAX(c[j].p, (float)(len + 1));
    }
    /* the power stays a float: log(FLT_MAX) / log(base) */
    max_power = base > 1.000001f ? (int)(88.7228391f / ll_sample_log(base)) : LL_SAMPLE_DRY_MAX;
    for (int i = 0; i < w; i++) {
        double penalty = multiplier;
        if ((j = ll_sample_find(c, n, end[-1 - i])) < 0 || !(c[j].p > 0)) continue;
        for (int k = LL_MIN((int)c[j].p - 1 - allowed, max_power); k > 0; k--) penalty *= base;
        c[j].logit = ll_sample_clean(c[j].logit - (float)LL_MIN(penalty, LL_SAMPLE_HUGE));
        c[j].p = LL_DRY_NOTHING;
    }
}

LL_FN int ll_sample_temperature(llocal_score *c, int n, float t) {
    if (!(t > 0)) {                             /* only the best has a chance */
        if (n > 1) c[0] = c[ll_sample_greedy(c, n)];
        return LL_MIN(n, 1);
    }
    for (int i = 0; i < n; i++) c[i].logit = ll_sample_clean(c[i].logit / t);
    return n;
}

/* The less sure the model is (entropy as a share of the largest possible one), the hotter. */
LL_FN int ll_sample_dynamic_temperature(llocal_score *c, int n, float t, float range,
                                        float exponent) {
    double sum, entropy;
    float low = t > range ? t - range : 0, share;
    if (!(range > 0)) return ll_sample_temperature(c, n, t);
    if (n < 2) return n;
    sum = ll_sample_softmax(c, n);
    if (!(sum > 0)) return n;
    entropy = ll_sample_log((float)sum) + ((double)ll_sample_max(c, n) - ll_sample_mean(c, n, sum));
    share = (float)(entropy / ll_sample_log((float)n));
    if (exponent != 0) share = share > 1e-30f ? ll_sample_pow(share, exponent) : 0;
    else share = 1;
    return ll_sample_temperature(c, n, low + (t + range - low) * share);
}

/* ---- stages that keep some ----------------------------------------------------------------- */

/* What lies more than `sigmas` standard deviations below the best is forbidden (and stays in the
 * list, which the entropy of a dynamic temperature notices). */
LL_FN int ll_sample_top_n_sigma(llocal_score *c, int n, float sigmas) {
    float max = ll_sample_max(c, n);
    double a[4] = { 0, 0, 0, 0 }, b[4] = { 0, 0, 0, 0 }, mean, variance, bound;
    int valid = 0;
    if (!(sigmas > 0) || n < 2 || max == -INFINITY) return n;
    for (int i = 0; i < n; i++) {
        double d = (double)c[i].logit - max;
        if (c[i].logit == -INFINITY) continue;
        a[i & 3] += d, b[i & 3] += d * d, valid++;
    }
    mean = ((a[0] + a[2]) + (a[1] + a[3])) / valid;
    variance = ((b[0] + b[2]) + (b[1] + b[3])) / valid - mean * mean;
    bound = max - sigmas * sqrt(LL_MAX(variance, 0));
    for (int i = 0; i < n; i++) if (c[i].logit < bound) c[i].logit = -INFINITY;
    return n;
}

LL_FN int ll_sample_top_k(llocal_score *c, int n, int k) {
    return k > 0 ? ll_sample_best(c, n, k, 0, NULL) : n;
}

/* Those below (1 - p) / n could all go and still leave p: a first sieve that spares the
 * histogram nearly all of a large vocabulary. */
LL_FN int ll_sample_top_p(llocal_score *c, int n, float p, int min_keep) {
    double sum;
    if (!(p < 1)) return n;
    sum = ll_sample_softmax(c, n);
    if (min_keep < 2 && sum > 0) n = ll_sample_keep_p(c, n, (1 - (double)p) * sum / n);
    return ll_sample_best(c, n, LL_MAX(min_keep, 1), p * sum, NULL);
}

/* Keep the tokens whose surprise is nearest to the expected one. Surprise is a constant minus the
 * logit, so the distance is that of the logit from the expected logit. */
LL_FN int ll_sample_typical(llocal_score *c, int n, float p, int min_keep) {
    double sum;
    float center;
    if (!(p < 1)) return n;
    sum = ll_sample_softmax(c, n);
    center = (float)ll_sample_mean(c, n, sum);
    /* the factor: more than p, where top-p wants at least p */
    return ll_sample_best(c, n, LL_MAX(min_keep, 1), p * sum * (1 + 4e-16), &center);
}

LL_FN int ll_sample_min_p(llocal_score *c, int n, float p, int min_keep) {
    float bound;
    int m = 0;
    if (!(p > 0)) return n;
    bound = ll_sample_max(c, n) + ll_sample_log(p);
    for (int i = 0; i < n; i++) m += c[i].logit >= bound;
    if (m < LL_MAX(min_keep, 1)) return ll_sample_best(c, n, LL_MAX(min_keep, 1), 0, NULL);
    m = 0;
    for (int i = 0; i < n; i++) if (c[i].logit >= bound) c[m++] = c[i];
    return m;
}

/* "Exclude top choices": sometimes drop all that reach the threshold, but for the last of them. */
LL_FN int ll_sample_xtc(llocal_score *c, int n, float probability, float threshold, int min_keep,
                        uint64_t *rng) {
    double bound;
    int reach = 0, last = 0, m = 0;
    if (!(probability > 0) || !(threshold <= 0.5f) || n < 2) return n;
    if (ll_sample_random(rng) >= probability) return n;
    bound = ll_sample_softmax(c, n) * threshold;
    for (int i = 0; i < n; i++)
        if (c[i].p >= bound && (reach++ == 0 || c[i].logit <= c[last].logit)) last = i;
    if (reach < 2 || n - (reach - 1) < min_keep) return n;
    for (int i = 0; i < n; i++) if (!(c[i].p >= bound) || i == last) c[m++] = c[i];
    return m;
}

/* ---- the draw ------------------------------------------------------------------------------- */

/* The index where .p laid end to end reach beyond `at`, which is in [0, their sum); -1 when there
 * is nothing to choose from. What has no chance is never picked, however sums are rounded. */
LL_FN int ll_sample_pick(const llocal_score *c, int n, double at) {
    double run = 0;
    int last = -1;
    for (int i = 0; i < n; i++) {
        if (!(c[i].p > 0)) continue;
        last = i, run += c[i].p;
        if (run > at) break;
    }
    return last;
}

/* Mirostat (Basu et al., 2020) steers the surprise of what is drawn towards tau by moving mu.
 * Version 1 assumes Zipf's law, estimates its exponent from the best candidates and computes how
 * many to keep. */
LL_FN int ll_sample_mirostat_1(llocal_score *c, int n, int n_vocab, int n_look, float mu) {
    llocal_score best[LL_SAMPLE_MIROSTAT];
    float tb = 0, tt = 0, s, epsilon, k;
    int m = 0;
    n_look = LL_MIN(n_look, LL_SAMPLE_MIROSTAT);
    for (int i = 0; i < n; i++) m = ll_sample_offer(best, m, n_look, c[i].token, c[i].logit);
    ll_sample_sort(best, m);
    for (int i = 0; i + 1 < m; i++) {
        float t = ll_sample_log((float)(i + 2) / (float)(i + 1));
        tb += t * (best[i].logit - best[i + 1].logit), tt += t * t;
    }
    s = tb / tt, epsilon = s - 1;
    k = epsilon * ll_sample_pow(2, mu) / (1 - ll_sample_pow((float)n_vocab, -epsilon));
    k = k > 0 && s > 0 ? ll_sample_pow(k, 1 / s) : 1;       /* not when flat, or forbidden, NaN */
    /* too large for an int is no estimate: the best alone, which is what the reference does */
    return ll_sample_top_k(c, n, k >= 1 && k < 2147483648.0f ? (int)k : 1);
}

/* Version 2 keeps what surprises by no more than mu bits, and at least the best. */
LL_FN int ll_sample_mirostat_2(llocal_score *c, int n, float mu) {
    double bound = ll_sample_softmax(c, n) * ll_sample_exp(-mu * 0.693147181f);
    return bound <= 1 ? ll_sample_keep_p(c, n, bound) : ll_sample_temperature(c, n, 0);
}

LL_FN int ll_sample_mirostat(llocal_sampler *s, llocal_score *c, int n, int n_vocab) {
    float tau = s->mirostat_tau != 0 ? s->mirostat_tau : 5;
    float eta = s->mirostat_eta != 0 ? s->mirostat_eta : 0.1f;
    double sum;
    int i;
    if (s->mirostat_mu == 0) s->mirostat_mu = 2 * tau;
    n = s->mirostat == 1
        ? ll_sample_mirostat_1(c, n, n_vocab, LL_SAMPLE_MIROSTAT, s->mirostat_mu)
        : ll_sample_mirostat_2(c, n, s->mirostat_mu);
    sum = ll_sample_softmax(c, n);
    i = ll_sample_pick(c, n, ll_sample_random(&s->rng) * sum);
    if (i >= 0)
        s->mirostat_mu -= eta * (-ll_sample_log((float)(c[i].p / sum)) * 1.442695041f - tau);
    return i;
}

/* ---- the chain ------------------------------------------------------------------------------ */

LL_FN bool ll_sample_is_greedy(const llocal_sampler *s) {
    return !(s->temperature > 0) && !(s->dynatemp_range > 0);
}

/* Whether a stage would do anything. */
LL_FN bool ll_sample_is_on(const llocal_sampler *s, int stage) {
    switch (stage) {
    case LLOCAL_STAGE_PENALTIES:
        return s->penalty_last_n != 0 && ((s->repeat_penalty != 0 && s->repeat_penalty != 1) ||
                                          s->frequency_penalty != 0 || s->presence_penalty != 0);
    case LLOCAL_STAGE_DRY:         return s->dry_multiplier != 0;
    case LLOCAL_STAGE_TEMPERATURE: return true;
    default: break;
    }
    if (s->mirostat == 1 || s->mirostat == 2) return false;
    switch (stage) {
    case LLOCAL_STAGE_TOP_N_SIGMA: return s->top_n_sigma > 0;
    case LLOCAL_STAGE_TOP_K:       return s->top_k > 0;
    case LLOCAL_STAGE_TYPICAL:     return s->typical_p > 0 && s->typical_p < 1;
    case LLOCAL_STAGE_TOP_P:       return s->top_p > 0 && s->top_p < 1;
    case LLOCAL_STAGE_MIN_P:       return s->min_p > 0;
    case LLOCAL_STAGE_XTC:         return s->xtc_probability > 0;
    default:                       return false;
    }
}

LL_FN int ll_sample_stage(llocal_sampler *s, int stage, llocal_score *c, int n,
                          const llocal_token *recent, int n_recent) {
    if (!ll_sample_is_on(s, stage)) return n;
    switch (stage) {
    case LLOCAL_STAGE_PENALTIES:
        ll_sample_penalties(c, n, recent, n_recent, s->penalty_last_n, s->repeat_penalty,
                            s->frequency_penalty, s->presence_penalty);
        return n;
    case LLOCAL_STAGE_DRY:
        ll_sample_dry(c, n, recent, n_recent, s->dry_multiplier,
                      s->dry_base != 0 ? s->dry_base : 1.75f,
                      s->dry_allowed_length > 0 ? s->dry_allowed_length : 2,
                      s->dry_last_n > 0 ? s->dry_last_n : -1, s->dry_breakers);
        return n;
    case LLOCAL_STAGE_TOP_N_SIGMA: return ll_sample_top_n_sigma(c, n, s->top_n_sigma);
    case LLOCAL_STAGE_TOP_K:       return ll_sample_top_k(c, n, s->top_k);
    case LLOCAL_STAGE_TYPICAL:     return ll_sample_typical(c, n, s->typical_p, s->min_keep);
    case LLOCAL_STAGE_TOP_P:       return ll_sample_top_p(c, n, s->top_p, s->min_keep);
    case LLOCAL_STAGE_MIN_P:       return ll_sample_min_p(c, n, s->min_p, s->min_keep);
    case LLOCAL_STAGE_XTC:
        return ll_sample_xtc(c, n, s->xtc_probability,
                             s->xtc_threshold != 0 ? s->xtc_threshold : 0.1f, s->min_keep, &s->rng);
    case LLOCAL_STAGE_TEMPERATURE:
        return ll_sample_dynamic_temperature(c, n, s->temperature, s->dynatemp_range,
                   s->dynatemp_exponent != 0 ? s->dynatemp_exponent : 1);
    default: return n;
    }
}

/* How many of the best logits can matter, 0 when all may: the best one when the choice is greedy
 * and no stage drops it, or k when top-k is the first filter. */
LL_FN int ll_sample_need(const llocal_sampler *s, const uint8_t *order) {
    if (ll_sample_is_greedy(s))
        return !ll_sample_is_on(s, LLOCAL_STAGE_TYPICAL) && !ll_sample_is_on(s, LLOCAL_STAGE_XTC);
    for (int i = 0; order[i]; i++) {
        if (order[i] == LLOCAL_STAGE_PENALTIES || order[i] == LLOCAL_STAGE_DRY) continue;
        if (ll_sample_is_on(s, order[i])) return order[i] == LLOCAL_STAGE_TOP_K ? s->top_k : 0;
    }
    return 0;
}

/* The candidates that the stages start from. A token whose logit will be changed may rise or
 * fall, so each of them is in, and does not count among the `need` best. */
LL_FN int ll_sample_start(const llocal_sampler *s, const uint8_t *order, const float *logits,
                          int n_vocab, const llocal_token *recent, int n_recent, llocal_score *c) {
    int w = 0, need = ll_sample_need(s, order), n_bias = LL_MAX(s->n_bias, 0), n;
    if (ll_sample_is_on(s, LLOCAL_STAGE_PENALTIES))
        w = ll_sample_window(n_recent, s->penalty_last_n);
    if (ll_sample_is_on(s, LLOCAL_STAGE_DRY))
        w = LL_MAX(w, ll_sample_window(n_recent, s->dry_last_n > 0 ? s->dry_last_n : -1));
    if (need > LL_SAMPLE_MAX_NEED || w > LL_SAMPLE_MAX_NEED || n_bias > LL_SAMPLE_MAX_NEED) need = 0;
    n = ll_sample_gather(logits, n_vocab, need ? need + w + n_bias : 0, c);
    if (n == n_vocab) return n;
    for (int i = 0; i < n_bias; i++)
        n = ll_sample_insert(c, n, logits, n_vocab, s->bias[i].token);
    for (int i = n_recent - w; i < n_recent; i++)
        n = ll_sample_insert(c, n, logits, n_vocab, recent[i]);
    return n;
}

/* Everything but the choice. */
LL_FN int ll_sample_chain(llocal_sampler *s, const float *logits, int n_vocab,
                          const llocal_token *recent, int n_recent, llocal_score *c) {
    uint8_t order[LL_COUNT(s->order) + 1] = { 0 };
    int n;
    memcpy(order, s->order, sizeof s->order);
    if (!order[0])
        for (int i = 0; i < LLOCAL_STAGE_TEMPERATURE; i++) order[i] = (uint8_t)(i + 1);
    n = ll_sample_start(s, order, logits, n_vocab, recent, n_recent, c);
    ll_sample_bias(c, n, s->bias, s->n_bias);
    for (int i = 0; order[i]; i++) n = ll_sample_stage(s, order[i], c, n, recent, n_recent);
    return n;
}

LLOCAL_API llocal_sampler llocal_sampler_default(uint64_t seed) {
    llocal_sampler s;
    memset(&s, 0, sizeof s);
    s.temperature = 0.8f;
    s.dynatemp_exponent = 1;
    s.top_k = 40;
    s.top_p = 0.95f;
    s.min_p = 0.05f;
    s.xtc_threshold = 0.1f;
    s.penalty_last_n = 64;
    s.repeat_penalty = 1;
    s.dry_base = 1.75f;
    s.dry_allowed_length = 2;
    s.dry_last_n = -1;
    s.mirostat_tau = 5;
    s.mirostat_eta = 0.1f;
    s.rng = seed;
    return s;
}

LLOCAL_API llocal_token llocal_sample(llocal_sampler *s, const float *logits, int n,
                                      const llocal_token *recent, int n_recent,
                                      llocal_score *work) {
    llocal_token none = -1;
    int n_vocab = n, i;
    if (!s || !logits || !work || n <= 0) return -1;
    if (!recent || n_recent < 0) recent = &none, n_recent = 0;
    n = ll_sample_chain(s, logits, n_vocab, recent, n_recent, work);
    if (ll_sample_is_greedy(s)) {
        i = ll_sample_greedy(work, n);
        if (n == 0 || work[i].logit == -INFINITY) return -1;
    } else if (s->mirostat == 1 || s->mirostat == 2) {
        i = ll_sample_mirostat(s, work, n, n_vocab);
    } else {
        double sum = ll_sample_softmax(work, n);
        i = ll_sample_pick(work, n, ll_sample_random(&s->rng) * sum);
    }
    return i < 0 ? -1 : work[i].token;
}

LLOCAL_API int llocal_top(const float *logits, int n, llocal_score *out, int k) {
    double sum[16] = { 0 };
    float max;
    int m = 0;
    if (!logits || !out || n <= 0 || k <= 0) return 0;
    for (int i = 0; i < n; i++)
        if (logits[i] == logits[i]) m = ll_sample_offer(out, m, k, i, ll_sample_clean(logits[i]));
    ll_sample_sort(out, m);
    max = m > 0 && out[0].logit > -INFINITY ? out[0].logit : 0;
    for (int i = 0; i < n; i++)
        sum[i & 15] += ll_sample_exp(ll_sample_clean(logits[i]) - max);
    for (int h = 8; h; h >>= 1) for (int j = 0; j < h; j++) sum[j] += sum[j + h];
    for (int i = 0; i < m; i++)
        out[i].p = sum[0] > 0 ? (float)(ll_sample_exp(out[i].logit - max) / sum[0]) : 0;
    return m;
}

/* ==========================================================================================
 * >>generate    The short way.
 * ========================================================================================== */

LLOCAL_API int llocal_version(void) { return LLOCAL_VERSION; }

LLOCAL_API const char *llocal_build(void) {
    return ""
#if LL_AVX512
        "avx512"
#elif LL_AVX2
        "avx2"
#else
        "scalar"
#endif
#if LL_THREADS
        " threads"
#endif
#if LL_MMAP
        " mmap"
#endif
#if LL_BIG_ENDIAN
        " big-endian"
#endif
#ifdef __FAST_MATH__
        " FAST-MATH (results differ from other builds)"
#endif
        ;
}

#if defined(__GNUC__) && !defined(__clang__)
#  pragma GCC pop_options
#endif

#endif /* LLOCAL_IMPLEMENTATION */

/* ==========================================================================================
 * >>licence    History and licence.
 * ==========================================================================================

   HISTORY (newest first, one line per change that a user can see)

   0.1.0   first version

   LICENCE: choose either.

   Public domain. Anyone may copy, change, publish, use, compile, sell or give away this
   software, in source or binary form, for any purpose and by any means.

   MIT No Attribution. Permission is hereby granted, free of charge, to any person obtaining a
   copy of this software and associated documentation files (the "Software"), to deal in the
   Software without restriction, including without limitation the rights to use, copy, modify,
   merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
   persons to whom the Software is furnished to do so.

   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
   BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
   DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
   OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
