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
LL_INLINE llv_f llv_f_abs(llv_f a) { LLV_EACH a.v[i] = ll_bits_to_f32(ll_f32_to_bits(a.v[i]) & 0x7fffffff); return a; }
/* nearest integer, ties to even; |a| < 2^22 */
LL_INLINE llv_f llv_f_round(llv_f a) { LLV_EACH a.v[i] = (a.v[i] + 12582912.0f) - 12582912.0f; return a; }
/* 2^n for integral n in [-126, 127], 0 for -127 */
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
 * ==========================================================================================
 * Everything a layer does to one vector besides multiplying it by weights. Each function works
 * on one row on the calling thread; its result depends on that row alone, bit for bit.
 *
 * Sums run over sixteen virtual lanes (lane i takes elements i, i + 16, ...; the tail counts as
 * zeros) and end in the fixed tree of llv_f_sum. exp, log, sin and cos are our own, made of
 * operations that IEEE 754 rounds exactly: no C library has a say in what a model answers. */

/* Sixteen elements of a row of n from element i on, zeros beyond its end. */
LL_INLINE llv_f ll_row_get(const float *x, int i, int n) {
    return i + 16 <= n ? llv_f_load(x + i) : llv_f_load_n(x + i, n - i);
}
LL_INLINE void ll_row_put(float *y, int i, int n, llv_f a) {
    if (i + 16 <= n) llv_f_store(y + i, a);
    else llv_f_store_n(y + i, a, n - i);
}

/* ---- exp and what is made of it ---------------------------------------------------------
 * x = n ln 2 + r with |r| <= ln 2 / 2, so exp(x) = 2^n (1 + q) with q = expm1(r) = r + r^2 P(r)
 * (minimax P, 3e-9). Kept apart as q and half = 2^(n-1): exp is 2 (half + half q), one rounding,
 * and expm1 is 2 ((half - 1/2) + half q), exact near 0. */

#define LL_EXP_MAX 89.0f                /* above: infinity */
#define LL_EXP_MIN (-87.0f)             /* below: n = -126, half = 0, so the result is 0 */
#define LL_LOG2_E  1.44269504f
#define LL_LN2_HI  0.693147182f         /* ln 2 = HI - LO */
#define LL_LN2_LO  1.90465421e-9f
#define LL_EXP_C2  0.499999934f
#define LL_EXP_C3  0.166665204f
#define LL_EXP_C4  0.0416683908f
#define LL_EXP_C5  0.00836874511f
#define LL_EXP_C6  0.00138145402f

typedef struct ll_exp_parts { llv_f half, q; } ll_exp_parts;

LL_INLINE ll_exp_parts ll_exp_split(llv_f x) {
    ll_exp_parts e;
    llv_f n, r, p;
    x = llv_f_min(llv_f_set(LL_EXP_MAX), llv_f_max(llv_f_set(LL_EXP_MIN), x));  /* NaN stays */
    n = llv_f_round(llv_f_mul(x, llv_f_set(LL_LOG2_E)));
    r = llv_f_fma(n, llv_f_set(-LL_LN2_HI), x);
    r = llv_f_fma(n, llv_f_set(LL_LN2_LO), r);
    p = llv_f_fma(llv_f_set(LL_EXP_C6), r, llv_f_set(LL_EXP_C5));
    p = llv_f_fma(p, r, llv_f_set(LL_EXP_C4));
    p = llv_f_fma(p, r, llv_f_set(LL_EXP_C3));
    p = llv_f_fma(p, r, llv_f_set(LL_EXP_C2));
    e.q = llv_f_fma(llv_f_mul(r, r), p, r);
    /* a NaN has no exponent: give the conversion inside pow2 a number, q keeps the NaN */
    n = llv_f_sub(llv_f_max(n, llv_f_set(-126.0f)), llv_f_set(1.0f));
    e.half = llv_f_pow2(n);
    return e;
}

/* Relative error below 1e-7. 0 below -86.99 (so never subnormal), infinity above 88.72. */
LL_INLINE llv_f ll_exp(llv_f x) {
    ll_exp_parts e = ll_exp_split(x);
    llv_f t = llv_f_fma(e.q, e.half, e.half);
    return llv_f_add(t, t);
}

/* exp(x) - 1; relative error below 3e-7, also near 0. */
LL_INLINE llv_f ll_expm1(llv_f x) {
    ll_exp_parts e = ll_exp_split(x);
    llv_f t = llv_f_fma(e.q, e.half, llv_f_sub(e.half, llv_f_set(0.5f)));
    return llv_f_add(t, t);
}

/* One lane of ll_exp. */
LL_FN float ll_expf(float x) {
    float n, r, p, q, half;
    if (x != x) return x;
    x = LL_MIN(LL_EXP_MAX, LL_MAX(LL_EXP_MIN, x));
    n = (x * LL_LOG2_E + 12582912.0f) - 12582912.0f;
    r = ll_fma(n, -LL_LN2_HI, x);
    r = ll_fma(n, LL_LN2_LO, r);
    p = ll_fma(LL_EXP_C6, r, LL_EXP_C5);
    p = ll_fma(p, r, LL_EXP_C4);
    p = ll_fma(p, r, LL_EXP_C3);
    p = ll_fma(p, r, LL_EXP_C2);
    q = ll_fma(r * r, p, r);
    half = ll_bits_to_f32((uint32_t)((int)n + 126) << 23);
    return 2.0f * ll_fma(q, half, half);
}

LL_INLINE llv_f ll_neg(llv_f x) { return llv_f_sub(llv_f_set(-0.0f), x); }

/* x / (1 + exp(-z)): x times the logistic function of z. */
LL_INLINE llv_f ll_gate(llv_f x, llv_f z) {
    return llv_f_div(x, llv_f_add(llv_f_set(1.0f), ll_exp(ll_neg(z))));
}

LL_INLINE llv_f ll_tanh(llv_f x) {
    llv_f two_x = llv_f_min(llv_f_set(18.0f), llv_f_max(llv_f_set(-18.0f), llv_f_add(x, x)));
    llv_f e = ll_expm1(two_x);
    return llv_f_div(e, llv_f_add(e, llv_f_set(2.0f)));
}

/* tanh form: x/2 (1 + tanh z) = x sigmoid(2 z) with z = sqrt(2/pi) (x + 0.044715 x^3). */
LL_INLINE llv_f ll_gelu(llv_f x) {
    llv_f u = llv_f_fma(llv_f_mul(x, x), llv_f_set(0.0713548163f), llv_f_set(1.59576912f));
    return ll_gate(x, llv_f_mul(x, u));
}

/* x Phi(x) = max(x, 0) - a Phi(-a) with a = |x|, which has no cancellation on either side.
 * Phi(-a) = exp(-a^2/2) t P(t) with t = 1 / (1 + a/4): minimax P for a in [0, 14], 6e-8. */
LL_INLINE llv_f ll_gelu_erf(llv_f x) {
    llv_f a = llv_f_min(llv_f_set(14.0f), llv_f_abs(x)), t, p;
    t = llv_f_div(llv_f_set(1.0f), llv_f_fma(a, llv_f_set(0.25f), llv_f_set(1.0f)));
    p = llv_f_fma(llv_f_set(0.025723407f), t, llv_f_set(-0.152808989f));
    p = llv_f_fma(p, t, llv_f_set(0.296121278f));
    p = llv_f_fma(p, t, llv_f_set(-0.205782795f));
    p = llv_f_fma(p, t, llv_f_set(0.201758165f));
    p = llv_f_fma(p, t, llv_f_set(0.0329278656f));
    p = llv_f_fma(p, t, llv_f_set(0.103746721f));
    p = llv_f_fma(p, t, llv_f_set(0.0985168363f));
    p = llv_f_fma(p, t, llv_f_set(0.0997974818f));
    p = llv_f_mul(llv_f_mul(p, t), ll_exp(llv_f_mul(llv_f_mul(a, a), llv_f_set(-0.5f))));
    return llv_f_sub(llv_f_max(llv_f_set(0.0f), x), llv_f_mul(a, p));
}

/* log(1 + exp x) = max(x, 0) + log1p(t), t = exp(-|x|); log1p(t) = 2 atanh(s), s = t / (2 + t)
 * in [0, 1/3]: s times a minimax polynomial in s^2, 4e-9. */
LL_INLINE llv_f ll_softplus(llv_f x) {
    llv_f t = ll_exp(ll_neg(llv_f_abs(x)));
    llv_f s = llv_f_div(t, llv_f_add(t, llv_f_set(2.0f))), u = llv_f_mul(s, s), p;
    p = llv_f_fma(llv_f_set(0.140891676f), u, llv_f_set(0.139803014f));
    p = llv_f_fma(p, u, llv_f_set(0.200124551f));
    p = llv_f_fma(p, u, llv_f_set(0.333331573f));
    p = llv_f_fma(p, u, llv_f_set(1.0f));
    return llv_f_fma(llv_f_add(s, s), p, llv_f_max(llv_f_set(0.0f), x));
}

/* ---- double: angles, frequencies, logarithms --------------------------------------------
 * A few per token, so plain series in double; the errors are near 1e-15. */

/* -infinity at 0, NaN below. m in [sqrt(1/2), sqrt 2): log m = 2 atanh(s), s = (m-1) / (m+1). */
LL_FN double ll_log_double(double x) {
    double s, u, sum = 0;
    uint64_t bits;
    int e = 0;
    if (!(x > 0) || x - x != 0) return x == 0 ? (double)-INFINITY : x > 0 ? x : (double)NAN;
    if (x < 2.2250738585072014e-308) x *= 18014398509481984.0, e = -54;     /* subnormal */
    memcpy(&bits, &x, 8);
    e += (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
    memcpy(&x, &bits, 8);
    if (x > 1.4142135623730951) x *= 0.5, e++;
    s = (x - 1) / (x + 1);
    u = s * s;
    for (int k = 21; k >= 1; k -= 2) sum = sum * u + 1.0 / k;
    return e * 0.69314718055994531 + 2 * s * sum;
}

/* For |x| < 700; the caller's are. */
LL_FN double ll_exp_double(double x) {
    double n = (x * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0;
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10, sum = 1, scale;
    uint64_t bits = (uint64_t)((int64_t)n + 1023) << 52;
    memcpy(&scale, &bits, 8);
    for (int k = 14; k >= 1; k--) sum = 1 + sum * r / k;
    return sum * scale;
}

/* For |x| < 2^31, NaN elsewhere. pi/2 in two parts: the first has 33 bits, so its product with
 * the quadrant number is exact up to a million radians. */
LL_FN void ll_sincos_double(double x, double *sin_x, double *cos_x) {
    double n, r, u, s, c;
    int quadrant;
    if (!(x > -2147483648.0 && x < 2147483648.0)) {
        *sin_x = *cos_x = (double)NAN;
        return;
    }
    n = (x * 0.63661977236758134 + 6755399441055744.0) - 6755399441055744.0;
    r = (x - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11;
    u = r * r;
    s = -1.0 / 1307674368000.0; s = s * u + 1.0 / 6227020800.0; s = s * u - 1.0 / 39916800.0;
    s = s * u + 1.0 / 362880.0; s = s * u - 1.0 / 5040.0; s = s * u + 1.0 / 120.0;
    s = s * u - 1.0 / 6.0;
    c = 1.0 / 20922789888000.0; c = c * u - 1.0 / 87178291200.0;
    c = c * u + 1.0 / 479001600.0; c = c * u - 1.0 / 3628800.0; c = c * u + 1.0 / 40320.0;
    c = c * u - 1.0 / 720.0; c = c * u + 1.0 / 24.0; c = c * u - 1.0 / 2.0;
    s = r + r * (s * u), c = 1 + c * u;
    quadrant = (int)((int64_t)n & 3);
    *sin_x = quadrant & 1 ? c : s;
    *cos_x = quadrant & 1 ? s : c;
    if (quadrant & 2) *sin_x = -*sin_x;
    if ((quadrant + 1) & 2) *cos_x = -*cos_x;
}

LL_FN float ll_logf(float x) { return (float)ll_log_double(x); }
LL_FN float ll_sinf(float x) { double s, c; ll_sincos_double(x, &s, &c); return (float)s; }
LL_FN float ll_cosf(float x) { double s, c; ll_sincos_double(x, &s, &c); return (float)c; }

/* ---- rows -------------------------------------------------------------------------------
 * y may be any of the inputs. */

LL_FN void ll_vec_add(float *y, const float *a, const float *b, int n) {
    for (int i = 0; i < n; i += 16)
        ll_row_put(y, i, n, llv_f_add(ll_row_get(a, i, n), ll_row_get(b, i, n)));
}
LL_FN void ll_vec_mul(float *y, const float *a, const float *b, int n) {
    for (int i = 0; i < n; i += 16)
        ll_row_put(y, i, n, llv_f_mul(ll_row_get(a, i, n), ll_row_get(b, i, n)));
}
LL_FN void ll_vec_scale(float *y, const float *x, float s, int n) {
    for (int i = 0; i < n; i += 16)
        ll_row_put(y, i, n, llv_f_mul(ll_row_get(x, i, n), llv_f_set(s)));
}
/* y += s x */
LL_FN void ll_vec_axpy(float *y, float s, const float *x, int n) {
    for (int i = 0; i < n; i += 16)
        ll_row_put(y, i, n, llv_f_fma(llv_f_set(s), ll_row_get(x, i, n), ll_row_get(y, i, n)));
}
LL_FN float ll_vec_dot(const float *a, const float *b, int n) {
    llv_f sum = llv_f_set(0.0f);
    for (int i = 0; i < n; i += 16)
        sum = llv_f_fma(ll_row_get(a, i, n), ll_row_get(b, i, n), sum);
    return llv_f_sum(sum);
}
LL_FN float ll_vec_sum(const float *x, int n) {
    llv_f sum = llv_f_set(0.0f);
    for (int i = 0; i < n; i += 16) sum = llv_f_add(sum, ll_row_get(x, i, n));
    return llv_f_sum(sum);
}
/* n > 0; what a NaN does to it is not defined. */
LL_FN float ll_vec_max(const float *x, int n) {
    llv_f m = llv_f_set(x[0]);
    float r;
    int i = 0;
    for (; i + 16 <= n; i += 16) m = llv_f_max(m, llv_f_load(x + i));
    r = llv_f_hmax(m);
    for (; i < n; i++) r = LL_MAX(r, x[i]);
    return r;
}

/* The largest element must be finite; -infinity becomes 0. */
LL_FN void ll_softmax(float *x, int n) {
    llv_f sum = llv_f_set(0.0f), max;
    if (n <= 0) return;
    max = llv_f_set(ll_vec_max(x, n));
    for (int i = 0; i < n; i += 16) {
        ll_row_put(x, i, n, ll_exp(llv_f_sub(ll_row_get(x, i, n), max)));
        sum = llv_f_add(sum, ll_row_get(x, i, n));
    }
    ll_vec_scale(x, x, 1.0f / llv_f_sum(sum), n);
}

/* cap tanh(x / cap) keeps x inside (-cap, cap). */
LL_INLINE llv_f ll_cap(llv_f x, float cap) {
    return llv_f_mul(llv_f_set(cap), ll_tanh(llv_f_mul(x, llv_f_set(1.0f / cap))));
}
LL_FN void ll_softcap(float *y, const float *x, float cap, int n) {
    for (int i = 0; i < n; i += 16) ll_row_put(y, i, n, ll_cap(ll_row_get(x, i, n), cap));
}

/* ---- activations ------------------------------------------------------------------------ */

typedef enum ll_activation {
    LL_ACT_NONE, LL_ACT_SILU, LL_ACT_GELU, LL_ACT_GELU_ERF, LL_ACT_GELU_QUICK, LL_ACT_RELU,
    LL_ACT_RELU2, LL_ACT_SIGMOID, LL_ACT_TANH, LL_ACT_SOFTPLUS, LL_ACT_EXP,
    LL_ACT_SILU_CLAMPED                 /* gated only: gpt-oss, see ll_activate_gated */
} ll_activation;

LL_INLINE llv_f ll_act(ll_activation kind, llv_f x) {
    switch (kind) {
    case LL_ACT_SILU:       return ll_gate(x, x);
    case LL_ACT_GELU:       return ll_gelu(x);
    case LL_ACT_GELU_ERF:   return ll_gelu_erf(x);
    case LL_ACT_GELU_QUICK: return ll_gate(x, llv_f_mul(x, llv_f_set(1.702f)));
    case LL_ACT_RELU:       return llv_f_max(llv_f_set(0.0f), x);
    case LL_ACT_RELU2:      x = llv_f_max(llv_f_set(0.0f), x); return llv_f_mul(x, x);
    case LL_ACT_SIGMOID:    return ll_gate(llv_f_set(1.0f), x);
    case LL_ACT_TANH:       return ll_tanh(x);
    case LL_ACT_SOFTPLUS:   return ll_softplus(x);
    case LL_ACT_EXP:        return ll_exp(x);
    default:                return x;
    }
}

/* y = act(x) */
LL_FN void ll_activate(ll_activation kind, float *y, const float *x, int n) {
    for (int i = 0; i < n; i += 16) ll_row_put(y, i, n, ll_act(kind, ll_row_get(x, i, n)));
}

/* gpt-oss: g = min(gate, 7), u = clamp(up, -7, 7), y = g sigmoid(1.702 g) (u + 1) */
LL_INLINE llv_f ll_silu_clamped(llv_f gate, llv_f up) {
    llv_f limit = llv_f_set(7.0f);
    gate = llv_f_min(limit, gate);
    up = llv_f_min(limit, llv_f_max(llv_f_set(-7.0f), up));
    return llv_f_mul(ll_gate(gate, llv_f_mul(gate, llv_f_set(1.702f))),
                     llv_f_add(up, llv_f_set(1.0f)));
}

/* y = act(gate) up */
LL_FN void ll_activate_gated(ll_activation kind, float *y, const float *gate, const float *up,
                             int n) {
    for (int i = 0; i < n; i += 16) {
        llv_f g = ll_row_get(gate, i, n), u = ll_row_get(up, i, n);
        ll_row_put(y, i, n, kind == LL_ACT_SILU_CLAMPED ? ll_silu_clamped(g, u)
                                                        : llv_f_mul(ll_act(kind, g), u));
    }
}

/* xIELU (Apertus): alpha_p p^2 + alpha_n (expm1(m) - m) + beta x with p = max(x, 0) and
 * m = min(x, 0). The alphas are as used, not as trained: the model's file stores what softplus
 * (and, for alpha_n, adding beta) makes them of. */
LL_FN void ll_xielu(float *y, const float *x, float alpha_n, float alpha_p, float beta, int n) {
    for (int i = 0; i < n; i += 16) {
        llv_f v = ll_row_get(x, i, n), zero = llv_f_set(0.0f);
        llv_f p = llv_f_max(zero, v), m = llv_f_min(zero, v), r = llv_f_mul(v, llv_f_set(beta));
        r = llv_f_fma(llv_f_mul(p, p), llv_f_set(alpha_p), r);
        r = llv_f_fma(llv_f_sub(ll_expm1(m), m), llv_f_set(alpha_n), r);
        ll_row_put(y, i, n, r);
    }
}

/* ---- norms ------------------------------------------------------------------------------
 * w and b may be NULL: factors of 1, nothing added. */

/* y = (x s) w */
LL_INLINE void ll_scale_row(float *y, const float *x, float s, const float *w, int n) {
    for (int i = 0; i < n; i += 16) {
        llv_f v = llv_f_mul(ll_row_get(x, i, n), llv_f_set(s));
        ll_row_put(y, i, n, w ? llv_f_mul(v, ll_row_get(w, i, n)) : v);
    }
}

/* x / sqrt(mean(x^2) + eps) w */
LL_FN void ll_rmsnorm(float *y, const float *x, const float *w, int n, float eps) {
    ll_scale_row(y, x, 1.0f / sqrtf(ll_vec_dot(x, x, n) / (float)n + eps), w, n);
}

/* x / max(|x|, eps) */
LL_FN void ll_l2norm(float *y, const float *x, int n, float eps) {
    float length = sqrtf(ll_vec_dot(x, x, n));
    ll_scale_row(y, x, 1.0f / LL_MAX(length, eps), NULL, n);
}

/* (x - mean) / sqrt(variance + eps) w + b */
LL_FN void ll_layernorm(float *y, const float *x, const float *w, const float *b, int n,
                        float eps) {
    float mean = ll_vec_sum(x, n) / (float)n, scale;
    llv_f sum = llv_f_set(0.0f);
    for (int i = 0; i < n; i += 16) {
        llv_f d = llv_f_sub(ll_row_get(x, i, n), llv_f_set(mean));
        ll_row_put(y, i, n, d);
        d = ll_row_get(y, i, n);                    /* zeros beyond the end */
        sum = llv_f_fma(d, d, sum);
    }
    scale = 1.0f / sqrtf(llv_f_sum(sum) / (float)n + eps);
    for (int i = 0; i < n; i += 16) {
        llv_f v = llv_f_mul(ll_row_get(y, i, n), llv_f_set(scale));
        if (w) v = llv_f_mul(v, ll_row_get(w, i, n));
        if (b) v = llv_f_add(v, ll_row_get(b, i, n));
        ll_row_put(y, i, n, v);
    }
}

/* ---- rotary position embedding ----------------------------------------------------------
 * Pair i of a head turns by pos * freq[i]. When a model opens, its frequencies are computed once
 * for each (base, scaling) it has; then one row of cos and sin for each token serves all heads
 * and layers that share them. */

typedef enum ll_rope_kind {
    LL_ROPE_NONE,
    LL_ROPE_NORM,                       /* pair i is x[2i], x[2i + 1] */
    LL_ROPE_NEOX                        /* pair i is x[i], x[i + n_rot/2] */
} ll_rope_kind;

/* Zeros mean: no scaling. Linear: scale. llama3, longrope: factors. YaRN: all of it. */
typedef struct ll_rope_scaling {
    float scale;                        /* 1 / "rope.scaling.factor" (0: 1) */
    const float *factors;               /* [n_rot/2] each divides its frequency, or NULL */
    float attn_factor;                  /* multiplies cos and sin (0: 1) */
    float ext_factor;                   /* 0: not YaRN; 1: YaRN */
    float beta_fast, beta_slow;         /* YaRN (0: 32 and 1) */
    int n_ctx_orig;                     /* YaRN: the context before stretching */
} ll_rope_scaling;

/* YaRN: the dimension whose wave turns n_turns times within the original context. */
LL_FN double ll_yarn_dim(int n_rot, double base, int n_ctx_orig, double n_turns) {
    return n_rot * ll_log_double(n_ctx_orig / (n_turns * 6.283185307179586)) /
           (2 * ll_log_double(base));
}

/* The attention factor that makes cos and sin of a YaRN model come out scaled by
 * m(mscale) / m(mscale_all), m(a) = 1 + 0.1 a log(factor) (1 if factor <= 1): it has to undo the
 * 1 + 0.1 log(factor) that ll_rope_freqs applies to every YaRN. For most models mscale is 1 and
 * mscale_all 0, which gives 1; DeepSeek's yarn_log_multiplier / 0.1 is mscale_all. */
LL_FN float ll_yarn_attn_factor(float factor, float mscale, float mscale_all) {
    double log_factor = factor > 1.0f ? 0.1 * ll_log_double(factor) : 0;
    return (float)((1 + mscale * log_factor) / (1 + mscale_all * log_factor) /
                   (1 + 0.1 * ll_log_double(factor)));
}

/* Fills freq: [n_rot/2]. Returns what cos and sin must be multiplied by. YaRN: below the
 * dimension of beta_fast turns a frequency is kept, above that of beta_slow it is scaled, between
 * them a ramp mixes the two. */
LL_FN float ll_rope_freqs(double *freq, int n_rot, float base, const ll_rope_scaling *s) {
    double scale = s->scale != 0 ? (double)s->scale : 1, log_base = ll_log_double(base);
    double mscale = s->attn_factor != 0 ? (double)s->attn_factor : 1, low = 0, high = 0;
    if (s->ext_factor != 0) {
        double fast = s->beta_fast != 0 ? (double)s->beta_fast : 32;
        double slow = s->beta_slow != 0 ? (double)s->beta_slow : 1, last = n_rot - 1;
        low = ll_yarn_dim(n_rot, base, s->n_ctx_orig, fast);
        high = ll_yarn_dim(n_rot, base, s->n_ctx_orig, slow);
        low = (double)(int)LL_MIN(last, LL_MAX(low, 0.0));              /* floor */
        high = -(double)(int)(last - LL_MIN(last, LL_MAX(high, 0.0))) + last;   /* ceil */
        mscale *= 1 - 0.1 * ll_log_double(scale);
    }
    for (int i = 0; i < n_rot / 2; i++) {
        double f = ll_exp_double(-2.0 * i / n_rot * log_base), mix = 0;
        if (s->factors) f /= (double)s->factors[i];
        if (s->ext_factor != 0) {
            double y = (i - low) / LL_MAX(0.001, high - low);
            mix = (1 - LL_MIN(1.0, LL_MAX(0.0, y))) * (double)s->ext_factor;
        }
        freq[i] = f * scale * (1 - mix) + f * mix;
    }
    return (float)mscale;
}

/* cos, sin: [n], n = n_rot/2. */
LL_FN void ll_rope_row(float *cos_row, float *sin_row, const double *freq, int n, int pos,
                       float mscale) {
    for (int i = 0; i < n; i++) {
        double s, c;
        ll_sincos_double(pos * freq[i], &s, &c);
        cos_row[i] = (float)(c * (double)mscale);
        sin_row[i] = (float)(s * (double)mscale);
    }
}

/* Turn the first n_rot elements of one head in place; the others stay. */
LL_FN void ll_rope_apply(float *LL_RESTRICT x, const float *LL_RESTRICT cos_row,
                         const float *LL_RESTRICT sin_row, ll_rope_kind kind, int n_rot) {
    int n = n_rot / 2;
    if (kind == LL_ROPE_NORM) {
        for (int i = 0; i < n; i++) {
            float a = x[2 * i], b = x[2 * i + 1];
            x[2 * i] = a * cos_row[i] - b * sin_row[i];
            x[2 * i + 1] = a * sin_row[i] + b * cos_row[i];
        }
    } else if (kind == LL_ROPE_NEOX) {
        for (int i = 0; i < n; i += 16) {
            llv_f a = ll_row_get(x, i, n), b = ll_row_get(x + n, i, n);
            llv_f c = ll_row_get(cos_row, i, n), s = ll_row_get(sin_row, i, n);
            ll_row_put(x, i, n, llv_f_sub(llv_f_mul(a, c), llv_f_mul(b, s)));
            ll_row_put(x + n, i, n, llv_f_add(llv_f_mul(a, s), llv_f_mul(b, c)));
        }
    }
}

/* ==========================================================================================
 * >>matmul    Rows x vectors over the table of formats.
 * ========================================================================================== */

/* ==========================================================================================
 * >>attention    Scores, softmax and values over the cache.
 * ==========================================================================================
 * The work is one KV head: all its query heads, for a run of tokens. A row is one query head of
 * one token; rows never mix, so results do not depend on which rows are computed together.
 *
 * The arithmetic of a row, with s(j) the score of the key at position j:
 *     s(j) = dot(q, k[j]) * scale              dot: sixteen lanes over the head, as in >>ops
 *     s(j) = softcap tanh(s(j) / softcap)      if there is a cap
 *     s(j) = s(j) - slope |pos - j|            if there are ALiBi slopes
 * The visible positions are cut where j is a multiple of LL_ATT_CHUNK. A chunk gives
 *     m = max s(j)    p(j) = exp(s(j) - m)    l = sum p(j), lane j mod 16    a = sum p(j) v[j]
 * (a: fma in the order of j) and is merged into the running m, l, a in ascending order: the side
 * with the smaller m is scaled by exp of the difference. Chunks are cut by position, so neither
 * the batch, nor a ring's wrap, nor the threads (ll_attend_part) can be seen in the result.
 *
 * Keys lie in panels of sixteen slots, transposed: a vector holds one dimension of sixteen keys.
 * So a score needs no sum across lanes, and the softmax finds its scores in lanes. The dimensions
 * of a panel are stored in the order in which the virtual lanes of the dot product are summed:
 * four chains {i, i+8, i+4, i+12} at once, for i = 0, 2, 1, 3. Values lie as rows. */

#define LL_ATT_ROWS  6                  /* a tile: rows that share each load of the cache */
#define LL_ATT_BLOCK 72                 /* rows that share a chunk while it is in the cache */
#define LL_ATT_CHUNK 256
#define LL_ATT_AHEAD 16384              /* bytes to prefetch ahead: from DRAM 1.5x as fast */

/* How many vectors of sums fit the registers, and how many of them a row gets: chains of a dot
 * product, columns of the values. With sixteen registers and half a vector in each, six. */
#if LL_AVX512
#  define LL_ATT_SUMS 24
#else
#  define LL_ATT_SUMS 6
#endif
#define LL_ATT_EACH(rows) ((rows) * 4 <= LL_ATT_SUMS ? 4 : (rows) * 2 <= LL_ATT_SUMS ? 2 : 1)

#if LL_AVX2 && defined(__clang__)
#  define LL_UNROLL _Pragma("clang loop unroll(full)")
#elif LL_AVX2 && LL_GNU
#  define LL_UNROLL _Pragma("GCC unroll 16")
#else
#  define LL_UNROLL
#endif

/* ---- the cache -------------------------------------------------------------------------- */

/* One layer's keys and values. Position p is in slot p % n_slots, so a window layer may keep
 * fewer slots than positions: the window, and the batch being written.
 *     k: [n_head][n_slots / 16][16 n_step][16]       v: [n_head][n_slots][16 n_col]  */
typedef struct ll_kv {
    llocal_kv kind_k, kind_v;           /* F32 or F16 */
    int n_head, n_slots;                /* n_slots: a multiple of 16 */
    int dim_k, dim_v;
    int n_step, n_col;                  /* dim_k, dim_v in sixteens, rounded up; pads are 0 */
    size_t k_panel, v_row;              /* bytes of sixteen keys, of one value row */
    size_t k_head, v_head;              /* bytes of one head; its first slots are a prefix */
    uint64_t k_bytes, v_bytes;          /* of all heads */
    uint8_t *k, *v;                     /* the caller's, aligned to LLOCAL_ALIGN */
} ll_kv;

LL_INLINE size_t ll_kv_size(llocal_kv kind) { return kind == LLOCAL_KV_F16 ? 2 : 4; }

/* All but k and v; n_slots is rounded up. False: there is no such kind of cache. */
LL_FN bool ll_kv_layout(ll_kv *kv, llocal_kv kind_k, llocal_kv kind_v, int n_slots, int n_head,
                        int dim_k, int dim_v) {
    if (kind_k != LLOCAL_KV_F32 && kind_k != LLOCAL_KV_F16) return false;
    if (kind_v != LLOCAL_KV_F32 && kind_v != LLOCAL_KV_F16) return false;
    memset(kv, 0, sizeof *kv);
    kv->kind_k = kind_k, kv->kind_v = kind_v;
    kv->n_head = n_head;
    kv->n_slots = (int)LL_MIN(ll_align((uint64_t)n_slots, 16), 0x7ffffff0);
    kv->dim_k = dim_k, kv->dim_v = dim_v;
    kv->n_step = (dim_k + 15) / 16, kv->n_col = (dim_v + 15) / 16;
    kv->k_panel = (size_t)kv->n_step * 256 * ll_kv_size(kind_k);
    kv->v_row = (size_t)kv->n_col * 16 * ll_kv_size(kind_v);
    kv->k_head = (size_t)kv->n_slots / 16 * kv->k_panel;
    kv->v_head = (size_t)kv->n_slots * kv->v_row;
    kv->k_bytes = ll_mul(ll_mul((uint64_t)kv->n_slots / 16, kv->k_panel), (uint64_t)n_head);
    kv->v_bytes = ll_mul(ll_mul((uint64_t)kv->n_slots, kv->v_row), (uint64_t)n_head);
    return true;
}

LL_INLINE llv_f ll_kv_load(llocal_kv kind, const uint8_t *p) {
    return kind == LLOCAL_KV_F16 ? llv_f_load_f16((const uint16_t *)(const void *)p)
                                 : llv_f_load((const float *)(const void *)p);
}

/* Where the dimensions of a panel lie: d = 16 step + lane is at[lane] + 4 step. Bits 0 and 1 of
 * the lane choose the group of four chains, bits 2 and 3 the chain, each pair reversed. */
LL_FN void ll_kv_order(int *at, int n_step) {
    static const int reversed[4] = { 0, 2, 1, 3 };
    for (int lane = 0; lane < 16; lane++)
        at[lane] = reversed[lane & 3] * 4 * n_step + reversed[lane >> 2];
}

/* k: [dim_k], v: [dim_v] of one head. Threads may store different slots at the same time. */
LL_FN void ll_kv_store(const ll_kv *kv, int head, int slot, const float *k, const float *v) {
    uint8_t *panel = kv->k + (size_t)head * kv->k_head + (size_t)(slot / 16) * kv->k_panel;
    uint8_t *row = kv->v + (size_t)head * kv->v_head + (size_t)slot * kv->v_row;
    int at[16];
    ll_kv_order(at, kv->n_step);
    for (int step = 0; step < kv->n_step; step++) {
        llv_f x = ll_row_get(k, 16 * step, kv->dim_k);
        if (kv->kind_k == LLOCAL_KV_F16) {
            uint16_t h[16], *to = (uint16_t *)(void *)panel + slot % 16 + 64 * step;
            llv_f_store_f16(h, x);
            for (int i = 0; i < 16; i++) to[16 * at[i]] = h[i];
        } else {
            float f[16], *to = (float *)(void *)panel + slot % 16 + 64 * step;
            llv_f_store(f, x);
            for (int i = 0; i < 16; i++) to[16 * at[i]] = f[i];
        }
    }
    for (int d = 0; d < 16 * kv->n_col; d += 16) {
        llv_f x = ll_row_get(v, d, kv->dim_v);
        if (kv->kind_v == LLOCAL_KV_F16) llv_f_store_f16((uint16_t *)(void *)row + d, x);
        else llv_f_store((float *)(void *)row + d, x);
    }
}

/* ---- who sees what ---------------------------------------------------------------------- */

typedef enum ll_window {
    LL_WINDOW_SLIDING,                  /* the newest `window` positions, its own included */
    LL_WINDOW_CHUNKED,                  /* from the last multiple of `window` on */
    LL_WINDOW_SYMMETRIC                 /* window/2 positions to each side */
} ll_window;

/* What a layer's attention is. q and out are rows of tokens, each with heads inside; query head
 * h reads KV head h / n_group. */
typedef struct ll_attention {
    int n_group;                        /* query heads for each KV head */
    size_t q_token, q_head;             /* floats from one token, one head to the next */
    size_t out_token, out_head;
    float scale, softcap;               /* softcap 0: none */
    int window;                         /* 0: no window */
    ll_window window_kind;
    int n_keys;                         /* 0: causal; else positions [0, n_keys) see each other */
    const float *sinks;                 /* [n_head] a score without a value, or NULL */
    const float *slopes;                /* [n_head] of ALiBi, or NULL */
} ll_attention;

/* The positions [*from, *to) that the query at pos sees. */
LL_FN void ll_attend_range(const ll_attention *a, int pos, int *from, int *to) {
    *from = 0, *to = a->n_keys ? a->n_keys : pos + 1;
    if (a->window <= 0) return;
    if (a->window_kind == LL_WINDOW_SLIDING) *from = LL_MAX(0, pos - a->window + 1);
    else if (a->window_kind == LL_WINDOW_CHUNKED) *from = pos - pos % a->window;
    else {
        *from = LL_MAX(0, pos - a->window / 2);
        if (*to - pos > a->window / 2) *to = pos + a->window / 2 + 1;
    }
}

/* ---- kernels: kind, rows and cols are constants where these are inlined ------------------ */

/* Without vector registers there is nothing to gain from constants: one form serves all. */
#if LL_AVX2
#  define LL_ATT_BY_ROWS(f, kind, ...) do { \
        switch (rows) { \
        case 1: f(kind, 1, __VA_ARGS__); break; \
        case 2: f(kind, 2, __VA_ARGS__); break; \
        case 3: f(kind, 3, __VA_ARGS__); break; \
        case 4: f(kind, 4, __VA_ARGS__); break; \
        case 5: f(kind, 5, __VA_ARGS__); break; \
        default: f(kind, LL_ATT_ROWS, __VA_ARGS__); \
        } \
    } while (0)
#else
#  define LL_ATT_BY_ROWS(f, kind, ...) f(kind, rows, __VA_ARGS__)
#endif

/* out[r][0..15] = dot products of row r with the sixteen keys of a panel. q: [16 n_step][rows],
 * in the panel's order. out rows are LL_ATT_CHUNK floats apart. */
LL_INLINE void ll_att_dots(llocal_kv kind, int rows, const uint8_t *panel, int n_step,
                           const float *q, float *out) {
    const size_t bytes = 16 * ll_kv_size(kind);
    const int chains = LL_ATT_EACH(rows);
    llv_f part[16][LL_ATT_ROWS];
    for (int first = 0; first < 16; first += chains) {
        int at = first / 4 * 4 * n_step + first % 4;
        const uint8_t *k = panel + (size_t)at * bytes;
        const float *x = q + at * rows;
        llv_f s[LL_ATT_ROWS][4];
        LL_UNROLL for (int r = 0; r < rows; r++)
            LL_UNROLL for (int i = 0; i < chains; i++) s[r][i] = llv_f_set(0.0f);
        for (int step = 0; step < n_step; step++, k += 4 * bytes, x += 4 * rows) {
            LL_UNROLL for (size_t b = 0; b < (size_t)chains * bytes; b += 64)
                LL_PREFETCH(k + LL_ATT_AHEAD + b);
            LL_UNROLL for (int i = 0; i < chains; i++) {
                llv_f key = ll_kv_load(kind, k + (size_t)i * bytes);
                LL_UNROLL for (int r = 0; r < rows; r++)
                    s[r][i] = llv_f_fma(key, llv_f_set(x[i * rows + r]), s[r][i]);
            }
        }
        LL_UNROLL for (int r = 0; r < rows; r++) {
            llv_f t = s[r][0];
            if (chains >= 2) t = llv_f_add(t, s[r][1]);
            if (chains == 4) t = llv_f_add(t, llv_f_add(s[r][2], s[r][3]));
            part[first / chains][r] = t;
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int n = 8 / chains; n > 0; n /= 2)
            for (int i = 0; i < n; i++)
                part[i][r] = llv_f_add(part[2 * i][r], part[2 * i + 1][r]);
        llv_f_store(out + r * LL_ATT_CHUNK, part[0][r]);
    }
}

LL_FN void ll_att_dots_any(llocal_kv kind, int rows, const uint8_t *panel, int n_step,
                           const float *q, float *out) {
    if (kind == LLOCAL_KV_F16) LL_ATT_BY_ROWS(ll_att_dots, LLOCAL_KV_F16, panel, n_step, q, out);
    else LL_ATT_BY_ROWS(ll_att_dots, LLOCAL_KV_F32, panel, n_step, q, out);
}

/* acc[r][0 .. 16 cols) += p[r][j] v[j] for j in [0, n). p rows are LL_ATT_CHUNK floats apart. */
LL_INLINE void ll_att_values(llocal_kv kind, int rows, int cols, const uint8_t *v, size_t v_row,
                             int n, const float *p, float *acc, int acc_row) {
    const size_t bytes = 16 * ll_kv_size(kind);
    llv_f a[LL_ATT_ROWS][4];
    LL_UNROLL for (int r = 0; r < rows; r++)
        LL_UNROLL for (int c = 0; c < cols; c++) a[r][c] = llv_f_load(acc + r * acc_row + c * 16);
    for (int j = 0; j < n; j++, v += v_row, p++) {
        llv_f value[4];
        LL_UNROLL for (size_t b = 0; b < (size_t)cols * bytes; b += 64)
            LL_PREFETCH(v + LL_ATT_AHEAD + b);
        LL_UNROLL for (int c = 0; c < cols; c++) value[c] = ll_kv_load(kind, v + (size_t)c * bytes);
        LL_UNROLL for (int r = 0; r < rows; r++) {
            llv_f weight = llv_f_set(p[r * LL_ATT_CHUNK]);
            LL_UNROLL for (int c = 0; c < cols; c++)
                a[r][c] = llv_f_fma(weight, value[c], a[r][c]);
        }
    }
    LL_UNROLL for (int r = 0; r < rows; r++)
        LL_UNROLL for (int c = 0; c < cols; c++) llv_f_store(acc + r * acc_row + c * 16, a[r][c]);
}

LL_INLINE void ll_att_values_row(llocal_kv kind, int rows, const uint8_t *v, size_t v_row, int n,
                                 int n_col, const float *p, float *acc) {
    const size_t bytes = 16 * ll_kv_size(kind);
    const int cols = LL_ATT_EACH(rows);
    int c = 0;
    for (; c + cols <= n_col; c += cols)
        ll_att_values(kind, rows, cols, v + (size_t)c * bytes, v_row, n, p, acc + c * 16,
                      n_col * 16);
    for (; c < n_col; c++)
        ll_att_values(kind, rows, 1, v + (size_t)c * bytes, v_row, n, p, acc + c * 16, n_col * 16);
}

LL_FN void ll_att_values_any(llocal_kv kind, int rows, const uint8_t *v, size_t v_row, int n,
                             int n_col, const float *p, float *acc) {
    if (kind == LLOCAL_KV_F16)
        LL_ATT_BY_ROWS(ll_att_values_row, LLOCAL_KV_F16, v, v_row, n, n_col, p, acc);
    else
        LL_ATT_BY_ROWS(ll_att_values_row, LLOCAL_KV_F32, v, v_row, n, n_col, p, acc);
}

/* ---- one tile of rows, one chunk --------------------------------------------------------- */

typedef struct ll_att_tile {
    int n;                              /* rows, at most LL_ATT_ROWS */
    int pos[LL_ATT_ROWS];
    int from[LL_ATT_ROWS], to[LL_ATT_ROWS];     /* visible positions */
    float slope[LL_ATT_ROWS];
    const float *q;                     /* [16 n_step][n], in the order of a panel */
} ll_att_tile;

/* A chunk's result for one tile. */
typedef struct ll_att_part {
    float m[LL_ATT_ROWS], l[LL_ATT_ROWS];
    float *p;                           /* [LL_ATT_ROWS][LL_ATT_CHUNK] */
    float *a;                           /* [LL_ATT_ROWS][16 n_col] */
} ll_att_part;

/* From dot products to scores, over whole panels [from, to) of one row; start is the position
 * of s[0]. */
LL_FN void ll_att_scores(const ll_attention *a, float *s, int from, int to, int start, int pos,
                         float slope) {
    static const float lane[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    for (int j = from; j < to; j += 16) {
        llv_f x = llv_f_mul(llv_f_load(s + j), llv_f_set(a->scale));
        if (a->softcap != 0) x = ll_cap(x, a->softcap);
        if (slope != 0) {
            llv_f d = llv_f_add(llv_f_load(lane), llv_f_set((float)(start + j - pos)));
            x = llv_f_fma(llv_f_abs(d), llv_f_set(-slope), x);
        }
        llv_f_store(s + j, x);
    }
}

/* Scores s[from, to) become weights, zeros around them up to whole panels. */
LL_FN void ll_att_weights(float *s, int from, int to, float *m, float *l) {
    int begin = from & ~15, end = (to + 15) & ~15;
    llv_f max = llv_f_set(-(float)INFINITY), sum = llv_f_set(0.0f);
    for (int j = begin; j < from; j++) s[j] = -(float)INFINITY;
    for (int j = to; j < end; j++) s[j] = -(float)INFINITY;
    for (int j = begin; j < end; j += 16) max = llv_f_max(max, llv_f_load(s + j));
    *m = llv_f_hmax(max);
    max = llv_f_set(*m);
    for (int j = begin; j < end; j += 16) {
        llv_f p = ll_exp(llv_f_sub(llv_f_load(s + j), max));
        llv_f_store(s + j, p);
        sum = llv_f_add(sum, p);
    }
    *l = llv_f_sum(sum);
}

/* a[r] += p[r][j] v[j] for rows [row, row + rows) and j in [from, to) of the chunk. */
LL_FN void ll_att_add_values(const ll_kv *kv, int head, int start, int from, int to, int row,
                             int rows, ll_att_part *part) {
    while (from < to) {                 /* a ring may wrap inside the chunk */
        int slot = (start + from) % kv->n_slots, n = LL_MIN(to - from, kv->n_slots - slot);
        const uint8_t *v = kv->v + (size_t)head * kv->v_head + (size_t)slot * kv->v_row;
        ll_att_values_any(kv->kind_v, rows, v, kv->v_row, n, kv->n_col,
                          part->p + row * LL_ATT_CHUNK + from, part->a + row * kv->n_col * 16);
        from += n;
    }
}

/* The chunk that starts at position start; rows that see nothing of it get l = 0. */
LL_FN void ll_att_chunk(const ll_attention *a, const ll_kv *kv, int head, const ll_att_tile *t,
                        int start, ll_att_part *part) {
    int from[LL_ATT_ROWS], to[LL_ATT_ROWS];
    int lowest = LL_ATT_CHUNK, highest = 0, common_from = 0, common_to = LL_ATT_CHUNK;
    const uint8_t *panels = kv->k + (size_t)head * kv->k_head;
    for (int r = 0; r < t->n; r++) {
        from[r] = LL_MAX(t->from[r] - start, 0);
        to[r] = LL_MIN(t->to[r] - start, LL_ATT_CHUNK);
        common_from = LL_MAX(common_from, from[r]), common_to = LL_MIN(common_to, to[r]);
        if (from[r] < to[r]) lowest = LL_MIN(lowest, from[r]), highest = LL_MAX(highest, to[r]);
    }
    for (int j = lowest & ~15; j < highest; j += 16) {
        int slot = (start + j) % kv->n_slots;
        ll_att_dots_any(kv->kind_k, t->n, panels + (size_t)(slot / 16) * kv->k_panel, kv->n_step,
                        t->q, part->p + j);
    }
    for (int r = 0; r < t->n; r++) {
        float *s = part->p + r * LL_ATT_CHUNK;
        part->m[r] = -(float)INFINITY, part->l[r] = 0;
        if (from[r] >= to[r]) continue;
        ll_att_scores(a, s, from[r] & ~15, to[r], start, t->pos[r], t->slope[r]);
        ll_att_weights(s, from[r], to[r], &part->m[r], &part->l[r]);
    }
    memset(part->a, 0, (size_t)(t->n * kv->n_col * 16) * sizeof *part->a);
    if (common_from >= common_to) common_from = common_to = LL_ATT_CHUNK;
    for (int r = 0; r < t->n; r++)      /* what only some rows see */
        ll_att_add_values(kv, head, start, from[r], LL_MIN(to[r], common_from), r, 1, part);
    ll_att_add_values(kv, head, start, common_from, common_to, 0, t->n, part);
    for (int r = 0; r < t->n; r++)
        ll_att_add_values(kv, head, start, LL_MAX(from[r], common_to), to[r], r, 1, part);
}

/* ---- rows over all their chunks ---------------------------------------------------------- */

typedef struct ll_att_sum { float m, l; } ll_att_sum;

/* a: [n] belongs to sum, b: [n] to the next chunk. */
LL_FN void ll_att_merge(ll_att_sum *sum, float *a, float m, float l, const float *b, int n) {
    if (sum->l == 0) {                  /* the first one */
        sum->m = m, sum->l = l;
        memcpy(a, b, (size_t)n * sizeof *a);
    } else if (m <= sum->m) {
        float c = ll_expf(m - sum->m);
        sum->l = ll_fma(l, c, sum->l);
        ll_vec_axpy(a, c, b, n);
    } else {
        float c = ll_expf(sum->m - m);
        sum->l = ll_fma(sum->l, c, l);
        sum->m = m;
        for (int i = 0; i < n; i += 16)
            llv_f_store(a + i, llv_f_fma(llv_f_load(a + i), llv_f_set(c), llv_f_load(b + i)));
    }
}

/* out: [dim_v] = a / l; a sink takes its share of l. */
LL_FN void ll_att_finish(const ll_attention *at, const ll_kv *kv, int head, ll_att_sum sum,
                         const float *a, float *out) {
    float c = 1;
    if (at->sinks) {
        float sink = at->sinks[head];
        if (sink <= sum.m) sum.l += ll_expf(sink - sum.m);
        else c = ll_expf(sum.m - sink), sum.l = ll_fma(sum.l, c, 1.0f);
    }
    ll_vec_scale(out, a, c / sum.l, kv->dim_v);
}

/* Rows [row, row + n) of a run whose row 0 is the first head of this group at position pos0. */
LL_FN void ll_att_tile_init(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                            int pos0, int row, int n, float *packed, ll_att_tile *t) {
    int at[16];
    ll_kv_order(at, kv->n_step);
    t->n = n, t->q = packed;
    for (int r = 0; r < n; r++) {
        int token = (row + r) / a->n_group, head = kv_head * a->n_group + (row + r) % a->n_group;
        const float *x = q + (size_t)token * a->q_token + (size_t)head * a->q_head;
        t->pos[r] = pos0 + token;
        ll_attend_range(a, t->pos[r], &t->from[r], &t->to[r]);
        t->slope[r] = a->slopes ? a->slopes[head] : 0;
        for (int step = 0; step < kv->n_step; step++) {
            float f[16];
            llv_f_store(f, ll_row_get(x, 16 * step, kv->dim_k));
            for (int i = 0; i < 16; i++) packed[(at[i] + 4 * step) * n + r] = f[i];
        }
    }
}

/* A worker's memory. */
typedef struct ll_att_scratch {
    float *q;                           /* [rows][16 n_step] */
    float *a;                           /* [rows][16 n_col] */
    ll_att_sum *sum;                    /* [rows] */
    ll_att_tile *tile;                  /* [rows] */
    ll_att_part part;
} ll_att_scratch;

LL_FN uint64_t ll_att_scratch_layout(const ll_attention *a, const ll_kv *kv, void *base,
                                     ll_att_scratch *s) {
    ll_arena arena = { NULL, 0 };
    uint64_t rows = (uint64_t)LL_MAX(LL_ATT_BLOCK, a->n_group);
    arena.base = (uint8_t *)base;
    s->q = (float *)ll_arena_take(&arena, rows * 16 * (uint64_t)kv->n_step, sizeof *s->q);
    s->a = (float *)ll_arena_take(&arena, rows * 16 * (uint64_t)kv->n_col, sizeof *s->a);
    s->sum = (ll_att_sum *)ll_arena_take(&arena, rows, sizeof *s->sum);
    s->tile = (ll_att_tile *)ll_arena_take(&arena, rows, sizeof *s->tile);
    s->part.p = (float *)ll_arena_take(&arena, LL_ATT_ROWS * LL_ATT_CHUNK, sizeof(float));
    s->part.a = (float *)ll_arena_take(&arena, LL_ATT_ROWS * 16 * (uint64_t)kv->n_col,
                                       sizeof(float));
    return arena.used;
}

/* Bytes of scratch that one worker needs, aligned to LLOCAL_ALIGN. */
LL_FN uint64_t ll_attend_scratch(const ll_attention *a, const ll_kv *kv) {
    ll_att_scratch s;
    return ll_att_scratch_layout(a, kv, NULL, &s);
}

/* Cut n rows into tiles of nearly the same height. Returns how many. */
LL_FN int ll_att_tiles(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                       int pos0, int n, ll_att_scratch *s) {
    int n_tiles = (n + LL_ATT_ROWS - 1) / LL_ATT_ROWS;
    for (int i = 0; i < n_tiles; i++) {
        int row = n * i / n_tiles, end = n * (i + 1) / n_tiles;
        ll_att_tile_init(a, kv, kv_head, q, pos0, row, end - row,
                         s->q + (size_t)row * 16 * (size_t)kv->n_step, &s->tile[i]);
    }
    return n_tiles;
}

/* At most LL_ATT_BLOCK rows (or one token). */
LL_FN void ll_att_block(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                        float *out, int n_tokens, int pos0, ll_att_scratch *s) {
    int n = n_tokens * a->n_group, n_tiles = ll_att_tiles(a, kv, kv_head, q, pos0, n, s);
    int from, to, last_from, last_to, width = 16 * kv->n_col;
    ll_attend_range(a, pos0, &from, &to);
    ll_attend_range(a, pos0 + n_tokens - 1, &last_from, &last_to);
    for (int r = 0; r < n; r++) s->sum[r].l = 0;
    for (int start = from - from % LL_ATT_CHUNK; start < last_to; start += LL_ATT_CHUNK) {
        for (int i = 0, row = 0; i < n_tiles; row += s->tile[i++].n) {
            ll_att_chunk(a, kv, kv_head, &s->tile[i], start, &s->part);
            for (int r = 0; r < s->tile[i].n; r++) {
                if (s->part.l[r] == 0) continue;        /* it sees nothing of this chunk */
                ll_att_merge(&s->sum[row + r], s->a + (row + r) * width, s->part.m[r],
                             s->part.l[r], s->part.a + r * width, width);
            }
        }
    }
    for (int r = 0; r < n; r++) {
        int head = kv_head * a->n_group + r % a->n_group;
        ll_att_finish(a, kv, head, s->sum[r], s->a + r * width,
                      out + (size_t)(r / a->n_group) * a->out_token + (size_t)head * a->out_head);
    }
}

/* The heads of one KV head for n_tokens consecutive tokens, the first at position pos0. q and
 * out: the rows of the first token, all heads. Their keys and values must be stored already. */
LL_FN void ll_attend(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                     float *out, int n_tokens, int pos0, void *scratch) {
    int most = LL_MAX(1, LL_ATT_BLOCK / a->n_group);
    ll_att_scratch s;
    ll_att_scratch_layout(a, kv, scratch, &s);
    for (int i = 0; i < n_tokens; i += most)
        ll_att_block(a, kv, kv_head, q + (size_t)i * a->q_token, out + (size_t)i * a->out_token,
                     LL_MIN(most, n_tokens - i), pos0 + i, &s);
}

/* ---- one token, several threads ----------------------------------------------------------
 * Where there are fewer KV heads than threads and the cache is long, chunks are the unit: a part
 * for each chunk that the token sees, in any order on any threads, then join. The bits are those
 * of ll_attend. */

/* Chunk numbers [*first, *end) of the query at pos. */
LL_FN void ll_attend_chunks(const ll_attention *a, int pos, int *first, int *end) {
    int from, to;
    ll_attend_range(a, pos, &from, &to);
    *first = from / LL_ATT_CHUNK, *end = (to + LL_ATT_CHUNK - 1) / LL_ATT_CHUNK;
}

/* Floats of a part: m, l: [n_group]; a: [n_group][16 n_col]. */
LL_FN size_t ll_attend_part_len(const ll_attention *a, const ll_kv *kv) {
    return (size_t)a->n_group * (size_t)(2 + 16 * kv->n_col);
}

LL_FN void ll_attend_part(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                          int pos, int chunk, float *part, void *scratch) {
    int n = a->n_group, width = 16 * kv->n_col, n_tiles;
    ll_att_scratch s;
    ll_att_scratch_layout(a, kv, scratch, &s);
    n_tiles = ll_att_tiles(a, kv, kv_head, q, pos, n, &s);
    for (int i = 0, row = 0; i < n_tiles; row += s.tile[i++].n) {
        s.part.a = part + 2 * n + row * width;
        ll_att_chunk(a, kv, kv_head, &s.tile[i], chunk * LL_ATT_CHUNK, &s.part);
        for (int r = 0; r < s.tile[i].n; r++)
            part[row + r] = s.part.m[r], part[n + row + r] = s.part.l[r];
    }
}

/* parts: those of all chunks of the token, ascending; the first is overwritten. */
LL_FN void ll_attend_join(const ll_attention *a, const ll_kv *kv, int kv_head, float *parts,
                          int n_parts, float *out) {
    int n = a->n_group, width = 16 * kv->n_col;
    size_t len = ll_attend_part_len(a, kv);
    for (int r = 0; r < n; r++) {
        int head = kv_head * n + r;
        float *sum_a = parts + 2 * n + r * width;
        ll_att_sum sum;
        sum.m = parts[r], sum.l = parts[n + r];
        for (int i = 1; i < n_parts; i++) {
            const float *p = parts + (size_t)i * len;
            ll_att_merge(&sum, sum_a, p[r], p[n + r], p + 2 * n + r * width, width);
        }
        ll_att_finish(a, kv, head, sum, sum_a, out + (size_t)head * a->out_head);
    }
}

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
 * ========================================================================================== */

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
