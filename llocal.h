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
#  if LL_GNU && !defined(__clang__)     /* the undefined registers of gcc's own header */
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wuninitialized"
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#  endif
#  include <immintrin.h>
#  if LL_GNU && !defined(__clang__)
#    pragma GCC diagnostic pop
#  endif
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
 * llv_f is sixteen floats: the "virtual lanes" of the arithmetic contract (see >>formats). The
 * other vectors are for the products of quantised weights. The scalar form of each function is
 * its definition; every instruction set gives the same bits, which is all that the code above
 * relies on. */

/* generated from kernels_gen/simd.c: edit there, then run kernels_gen/gen */

/* Loops over registers: their trip count is constant, and they must leave no array behind. */
#if defined(__clang__)
#  define LLV_UNROLL _Pragma("clang loop unroll(full)")
#  define LLV_ROLL _Pragma("clang loop unroll(disable)")
#elif LL_GNU
#  define LLV_UNROLL _Pragma("GCC unroll 16")
#  define LLV_ROLL _Pragma("GCC unroll 1")
#else
#  define LLV_UNROLL
#  define LLV_ROLL
#endif

#if !LL_AVX2

/* The definition of each primitive, lane by lane. Every other instruction set gives these bits. */

typedef struct llv_f { float v[16]; } llv_f;
#define LLV_EACH for (int i = 0; i < 16; i++)

/* Loads take any alignment. */
LL_INLINE llv_f llv_f_load(const void *p) { llv_f r; memcpy(r.v, p, sizeof r.v); return r; }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {       /* 0 <= n <= 16; the others are 0 */
    llv_f r;
    LLV_EACH r.v[i] = i < n ? p[i] : 0;
    return r;
}
LL_INLINE void  llv_f_store(float *p, llv_f a) { LLV_EACH p[i] = a.v[i]; }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) {
    for (int i = 0; i < n; i++) p[i] = a.v[i];
}
LL_INLINE llv_f llv_f_set(float x) { llv_f r; LLV_EACH r.v[i] = x; return r; }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { LLV_EACH a.v[i] += b.v[i]; return a; }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { LLV_EACH a.v[i] -= b.v[i]; return a; }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { LLV_EACH a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { LLV_EACH a.v[i] /= b.v[i]; return a; }
/* a*b + c, one rounding */
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    LLV_EACH a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]);
    return a;
}
/* a > b ? a : b, as maxps: b when either is NaN */
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) {
    LLV_EACH a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i];
    return a;
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    LLV_EACH a.v[i] = ll_bits_to_f32(ll_f32_to_bits(a.v[i]) & 0x7fffffff);
    return a;
}
/* nearest integer, ties to even; |a| < 2^22; -0.25 gives +0 */
LL_INLINE llv_f llv_f_round(llv_f a) {
    LLV_EACH a.v[i] = (a.v[i] + 12582912.0f) - 12582912.0f;
    return a;
}
/* 2^n for integral n in [-126, 127] */
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    LLV_EACH n.v[i] = ll_bits_to_f32((uint32_t)((int)n.v[i] + 127) << 23);
    return n;
}
/* the fixed tree: lanes 8 apart, then 4, 2, 1 */
LL_INLINE float llv_f_sum(llv_f a) {
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) a.v[i] += a.v[i + h];
    return a.v[0];
}
LL_INLINE float llv_f_hmax(llv_f a) {
    for (int h = 8; h; h >>= 1)
        for (int i = 0; i < h; i++) a.v[i] = a.v[i] > a.v[i + h] ? a.v[i] : a.v[i + h];
    return a.v[0];
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    uint16_t h[16];
    llv_f r;
    memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_f16_to_f32(h[i]);
    return r;
}
LL_INLINE llv_f llv_f_load_bf16(const void *p) {
    uint16_t h[16];
    llv_f r;
    memcpy(h, p, sizeof h);
    LLV_EACH r.v[i] = ll_bf16_to_f32(h[i]);
    return r;
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) { LLV_EACH p[i] = ll_f32_to_f16(a.v[i]); }
/* integral a in [-128, 127] */
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) { LLV_EACH p[i] = (int8_t)a.v[i]; }

/* Integers: 32 bytes, 16 words or 8 ints, which are two halves alike; and 8 floats, one a row.
 * The kernels that use them need them fast, so this build has other ones (LLV_INT 0). */
#define LLV_INT 0
typedef struct llv_b { uint8_t v[32]; } llv_b;
typedef struct llv_w { int16_t v[16]; } llv_w;
typedef struct llv_i { int32_t v[8]; } llv_i;
typedef struct llv_r { float v[8]; } llv_r;
#define LLV_EACH_B for (int i = 0; i < 32; i++)
#define LLV_EACH_R for (int i = 0; i < 8; i++)

LL_INLINE llv_b llv_b_load(const void *p) { llv_b r; memcpy(r.v, p, 32); return r; }
LL_INLINE llv_b llv_b_load2(const void *low, const void *high) {        /* 16 bytes each */
    llv_b r;
    memcpy(r.v, low, 16), memcpy(r.v + 16, high, 16);
    return r;
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { LLV_EACH_B a.v[i] &= b.v[i]; return a; }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { LLV_EACH_B a.v[i] |= b.v[i]; return a; }
/* (byte >> shift) & mask, shift < 0: to the left; the mask clears what other bytes may shift in */
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    LLV_EACH_B a.v[i] = (uint8_t)((shift >= 0 ? a.v[i] >> shift : a.v[i] << -shift) & mask);
    return a;
}
/* byte index & 15 of the same half, 0 where index >= 128 */
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) {
    LLV_EACH_B index.v[i] = index.v[i] & 128 ? 0 : a.v[(i & 16) + (index.v[i] & 15)];
    return index;
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { llv_w r; memcpy(r.v, p, 32); return r; }
LL_INLINE llv_w llv_w_load2(const int16_t *low, const int16_t *high) {  /* 8 words each */
    llv_w r;
    memcpy(r.v, low, 16), memcpy(r.v + 8, high, 16);
    return r;
}
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) {                    /* 8 words, each twice */
    llv_w r;
    LLV_EACH r.v[i] = p[i / 2];
    return r;
}
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) {                /* 32 words */
    LLV_EACH p[2 * i] = p[2 * i + 1] = a.v[i];
}
LL_INLINE llv_w llv_w_set(int x) { llv_w r; LLV_EACH r.v[i] = (int16_t)x; return r; }
LL_INLINE llv_w llv_w_set2(const int16_t *p) { llv_w r; LLV_EACH r.v[i] = p[i & 1]; return r; }
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) { llv_w r; LLV_EACH r.v[i] = p[i]; return r; }
/* the lower (upper) 8 bytes of each half, unsigned */
LL_INLINE llv_w llv_w_from_low(llv_b a) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[i / 8 * 16 + i % 8];
    return r;
}
LL_INLINE llv_w llv_w_from_high(llv_b a) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[i / 8 * 16 + 8 + i % 8];
    return r;
}
/* eight ints that fit, in both halves */
LL_INLINE llv_w llv_w_from_i(llv_i a) { llv_w r; LLV_EACH r.v[i] = (int16_t)a.v[i % 8]; return r; }
/* lane 2 * j in the lower half, 2 * j + 1 in the upper */
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    llv_w r;
    LLV_EACH r.v[i] = a.v[2 * j + i / 8];
    return r;
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) {
    LLV_EACH a.v[i] = (int16_t)(a.v[i] * b.v[i]);
    return a;
}
/* sums of two products */
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) {
    llv_i r;
    LLV_EACH_R r.v[i] = a.v[2 * i] * b.v[2 * i] + a.v[2 * i + 1] * b.v[2 * i + 1];
    return r;
}

LL_INLINE llv_i llv_i_set(int32_t x) { llv_i r; LLV_EACH_R r.v[i] = x; return r; }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { LLV_EACH_R a.v[i] += b.v[i]; return a; }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { LLV_EACH_R a.v[i] -= b.v[i]; return a; }
/* [lower half of a | lower half of b], and the upper halves */
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) {
    for (int i = 4; i < 8; i++) a.v[i] = b.v[i - 4];
    return a;
}
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) {
    for (int i = 0; i < 4; i++) b.v[i] = a.v[i + 4];
    return b;
}
/* the sums of the lower halves of a, b, c, d, and of their upper halves */
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    llv_i r;
    for (int h = 0; h < 8; h += 4) {
        r.v[h] = a.v[h] + a.v[h + 1] + a.v[h + 2] + a.v[h + 3];
        r.v[h + 1] = b.v[h] + b.v[h + 1] + b.v[h + 2] + b.v[h + 3];
        r.v[h + 2] = c.v[h] + c.v[h + 1] + c.v[h + 2] + c.v[h + 3];
        r.v[h + 3] = d.v[h] + d.v[h + 1] + d.v[h + 2] + d.v[h + 3];
    }
    return r;
}
/* The dot of codes a, b with q, -127..127. The lanes of a half add up to the products of that
 * half; how they are spread inside it is not defined. u: codes 0..63. s: signed codes, and the
 * result has LLV_S_OFFSET times the sum of q too much. */
#define LLV_S_OFFSET 0
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    llv_i r = llv_i_set(0);
    LLV_EACH_B r.v[i / 4] += (int8_t)a.v[i] * (int8_t)qa.v[i] + (int8_t)b.v[i] * (int8_t)qb.v[i];
    return r;
}
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llv_dot2_s(a, qa, b, qb);
}
/* acc + scale * products of codes 0..127; the scale of a half is the same in all its lanes */
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    LLV_EACH_B acc.v[i / 4] += scale.v[i / 2] * u.v[i] * (int8_t)q.v[i];
    return acc;
}

LL_INLINE llv_r llv_r_set(float x) { llv_r r; LLV_EACH_R r.v[i] = x; return r; }
LL_INLINE llv_r llv_r_from_i(llv_i a) { llv_r r; LLV_EACH_R r.v[i] = (float)a.v[i]; return r; }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { LLV_EACH_R a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    LLV_EACH_R a.v[i] = ll_fma(a.v[i], b.v[i], c.v[i]);
    return a;
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {                 /* c - a * b */
    LLV_EACH_R a.v[i] = ll_fma(-a.v[i], b.v[i], c.v[i]);
    return a;
}
/* lane i: the f16 at p[i] + at */
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) {
    llv_r r;
    LLV_EACH_R r.v[i] = ll_f16_to_f32(ll_load_u16(p[i] + at));
    return r;
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    for (int i = 0; i < n; i++) p[i] = a.v[i];
}

#else


/* Integers in 256 bits, for AVX2 and AVX-512 alike: Zen 4 does two such dot products in the
 * cycle that one of 512 bits takes, and a run of 32 weights is what most formats scale. */

#define LLV_INT 1
typedef __m256i llv_b;
typedef __m256i llv_w;
typedef __m256i llv_i;
typedef __m256 llv_r;

LL_INLINE llv_b llv_b_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) {
    __m256i a = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)lo));
    return _mm256_inserti128_si256(a, _mm_loadu_si128((const __m128i *)hi), 1);
}
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    if (shift > 0) a = _mm256_srli_epi16(a, shift);
    if (shift < 0) a = _mm256_slli_epi16(a, -shift);
    return _mm256_and_si256(a, _mm256_set1_epi8((char)mask));
}
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return _mm256_or_si256(a, b); }
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return _mm256_and_si256(a, b); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) { return _mm256_shuffle_epi8(a, index); }

LL_INLINE llv_w llv_w_load(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) {
    __m256i x = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return _mm256_or_si256(x, _mm256_slli_epi32(x, 16));
}
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) {
    __m256i x = _mm256_unpacklo_epi16(a, a), y = _mm256_unpackhi_epi16(a, a);
    _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(x));
    _mm_storeu_si128((__m128i *)(p + 8), _mm256_castsi256_si128(y));
    _mm_storeu_si128((__m128i *)(p + 16), _mm256_extracti128_si256(x, 1));
    _mm_storeu_si128((__m128i *)(p + 24), _mm256_extracti128_si256(y, 1));
}
LL_INLINE llv_w llv_w_set(int x) { return _mm256_set1_epi16((short)x); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) {
    int32_t x;
    memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
}
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_w llv_w_from_low(llv_b a) { return _mm256_unpacklo_epi8(a, _mm256_setzero_si256()); }
LL_INLINE llv_w llv_w_from_high(llv_b a) { return _mm256_unpackhi_epi8(a, _mm256_setzero_si256()); }
LL_INLINE llv_w llv_w_from_i(llv_i a) {
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(a, a), 0x88);
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) { return _mm256_mullo_epi16(a, b); }
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return _mm256_madd_epi16(a, b); }

LL_INLINE llv_i llv_i_set(int32_t x) { return _mm256_set1_epi32(x); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return _mm256_add_epi32(a, b); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return _mm256_sub_epi32(a, b); }
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x20); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x31); }
LL_INLINE llv_i llv_add_pairs(llv_i a, llv_i b) {
    return _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    llv_i ab = llv_add_pairs(a, b), cd = llv_add_pairs(c, d);
    return _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}
LL_INLINE llv_r llv_r_set(float x) { return _mm256_set1_ps(x); }
LL_INLINE llv_r llv_r_from_i(llv_i a) { return _mm256_cvtepi32_ps(a); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return _mm256_mul_ps(a, b); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) { return _mm256_fmadd_ps(a, b, c); }
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) { return _mm256_fnmadd_ps(a, b, c); }
LL_INLINE int llv_load_u16(const void *p) { uint16_t h; memcpy(&h, p, 2); return h; }
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) {
    __m128i x = _mm_cvtsi32_si128(llv_load_u16(p[0] + at));
    x = _mm_insert_epi16(x, llv_load_u16(p[1] + at), 1);
    x = _mm_insert_epi16(x, llv_load_u16(p[2] + at), 2);
    x = _mm_insert_epi16(x, llv_load_u16(p[3] + at), 3);
    x = _mm_insert_epi16(x, llv_load_u16(p[4] + at), 4);
    x = _mm_insert_epi16(x, llv_load_u16(p[5] + at), 5);
    x = _mm_insert_epi16(x, llv_load_u16(p[6] + at), 6);
    x = _mm_insert_epi16(x, llv_load_u16(p[7] + at), 7);
    return _mm256_cvtph_ps(x);
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), a);
}

#  if !LL_AVX512

typedef struct llv_f { __m256 lo, hi; } llv_f;

LL_INLINE llv_f llv_f_pair(__m256 lo, __m256 hi) { llv_f r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_f llv_f_load(const void *p) {
    return llv_f_pair(_mm256_loadu_ps((const float *)p), _mm256_loadu_ps((const float *)p + 8));
}
/* all ones in the first n of eight lanes */
LL_INLINE __m256i llv_mask8(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    return llv_f_pair(_mm256_maskload_ps(p, llv_mask8(n)),
                      _mm256_maskload_ps(p + 8, llv_mask8(n - 8)));
}
LL_INLINE void llv_f_store(float *p, llv_f a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}
LL_INLINE void llv_f_store_n(float *p, llv_f a, int n) {
    _mm256_maskstore_ps(p, llv_mask8(n), a.lo);
    _mm256_maskstore_ps(p + 8, llv_mask8(n - 8), a.hi);
}
LL_INLINE llv_f llv_f_set(float x) { return llv_f_pair(_mm256_set1_ps(x), _mm256_set1_ps(x)); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    return llv_f_pair(_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi));
}
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) {
    return llv_f_pair(_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi));
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    __m256 m = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    return llv_f_pair(_mm256_and_ps(a.lo, m), _mm256_and_ps(a.hi, m));
}
LL_INLINE llv_f llv_f_round(llv_f a) {
    llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
LL_INLINE __m256 llv_pow2_half(__m256 n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(
        _mm256_add_epi32(_mm256_cvttps_epi32(n), _mm256_set1_epi32(127)), 23));
}
LL_INLINE llv_f llv_f_pow2(llv_f n) { return llv_f_pair(llv_pow2_half(n.lo), llv_pow2_half(n.hi)); }
/* lanes 4, 2, 1 apart of what is left after the first step of the tree */
LL_INLINE float llv_sum8(__m256 a) {
    __m128 t = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_hmax8(__m256 a) {
    __m128 t = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_sum(llv_f a) { return llv_sum8(_mm256_add_ps(a.lo, a.hi)); }
LL_INLINE float llv_f_hmax(llv_f a) { return llv_hmax8(_mm256_max_ps(a.lo, a.hi)); }
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return llv_f_pair(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                      _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1)));
}
LL_INLINE __m256 llv_bf16_half(__m128i h) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16));
}
LL_INLINE llv_f llv_f_load_bf16(const void *p) {
    return llv_f_pair(llv_bf16_half(_mm_loadu_si128((const __m128i *)p)),
                      llv_bf16_half(_mm_loadu_si128((const __m128i *)p + 1)));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(a.lo, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)(p + 8), _mm256_cvtps_ph(a.hi, _MM_FROUND_TO_NEAREST_INT));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    __m256i w = _mm256_packs_epi32(_mm256_cvtps_epi32(a.lo), _mm256_cvtps_epi32(a.hi));
    w = _mm256_permute4x64_epi64(w, 0xd8);      /* packs works inside 128-bit halves */
    _mm_storeu_si128((__m128i *)p,
                     _mm_packs_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1)));
}

LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i s = _mm256_add_epi16(_mm256_maddubs_epi16(a, qa), _mm256_maddubs_epi16(b, qb));
    return _mm256_madd_epi16(s, _mm256_set1_epi16(1));
}
/* No sum of two products of |s| <= 128 and |q| <= 127 leaves an int16. */
#define LLV_S_OFFSET 0
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i one = _mm256_set1_epi16(1);
    __m256i s = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8(qa, a));
    __m256i t = _mm256_maddubs_epi16(_mm256_abs_epi8(b), _mm256_sign_epi8(qb, b));
    return _mm256_add_epi32(_mm256_madd_epi16(s, one), _mm256_madd_epi16(t, one));
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(u, q), scale));
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const char a = (char)(4 * j & 15), b = (char)(a + 1), c = (char)(a + 2), d = (char)(a + 3);
    __m256i i = _mm256_setr_epi8(a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b,
                                 c, d, c, d, c, d, c, d, c, d, c, d, c, d, c, d);
    s = j < 4 ? _mm256_permute4x64_epi64(s, 0x44) : _mm256_permute4x64_epi64(s, 0xee);
    return _mm256_shuffle_epi8(s, i);
}

#  else

typedef __m512 llv_f;

LL_INLINE __mmask16 llv_mask16(int n) { return (__mmask16)((1u << n) - 1); }
LL_INLINE llv_f llv_f_load(const void *p) { return _mm512_loadu_ps(p); }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    return _mm512_maskz_loadu_ps(llv_mask16(n), p);
}
LL_INLINE void  llv_f_store(float *p, llv_f a) { _mm512_storeu_ps(p, a); }
LL_INLINE void  llv_f_store_n(float *p, llv_f a, int n) {
    _mm512_mask_storeu_ps(p, llv_mask16(n), a);
}
LL_INLINE llv_f llv_f_set(float x) { return _mm512_set1_ps(x); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { return _mm512_add_ps(a, b); }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { return _mm512_sub_ps(a, b); }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { return _mm512_mul_ps(a, b); }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { return _mm512_div_ps(a, b); }
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) { return _mm512_fmadd_ps(a, b, c); }
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) { return _mm512_max_ps(a, b); }
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) { return _mm512_min_ps(a, b); }
LL_INLINE llv_f llv_f_abs(llv_f a) { return _mm512_abs_ps(a); }
LL_INLINE llv_f llv_f_round(llv_f a) {
    llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(
        _mm512_add_epi32(_mm512_cvttps_epi32(n), _mm512_set1_epi32(127)), 23));
}
LL_INLINE float llv_f_sum(llv_f a) {
    __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 t = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_hmax(llv_f a) {
    __m256 h = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 t = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
LL_INLINE llv_f llv_f_load_bf16(const void *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(
        _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return _mm256_dpbusd_epi32(_mm256_dpbusd_epi32(_mm256_setzero_si256(), a, qa), b, qb);
}
/* Signed codes become unsigned by adding 128. */
#define LLV_S_OFFSET 128
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i top = _mm256_set1_epi8(-128);
    return llv_dot2_u(_mm256_xor_si256(a, top), qa, _mm256_xor_si256(b, top), qb);
}
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_dpwssd_epi32(acc, _mm256_maddubs_epi16(u, q), scale);
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const short a = (short)(2 * j), b = (short)(2 * j + 1);
    __m256i i = _mm256_setr_epi16(a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b);
    return _mm256_permutexvar_epi16(i, s);
}

#  endif
#endif
#if LLV_INT
#define LLQ_GEMV(x) x
#else
#define LLQ_GEMV(x) NULL
#endif

/* end of generated text */

/* ==========================================================================================
 * >>formats    Weight formats: layout, dequantise, dot and tile kernels.
 * ==========================================================================================
 * A format is a struct as it lies in the file, its codes and scales, and the loops below, which
 * are the same for all of them. Weights are used in place, at any alignment.
 *
 * THE ARITHMETIC CONTRACT. A product of a weight row and a vector has one value, to the bit, on
 * every instruction set, for one vector or many, for any number of threads. It is defined by
 * each format's `dot`, in plain C:
 *
 *   Quantised weights multiply a quantised vector, ll_a8: for every 256 values a float base, for
 *   every 32 a small integer k, for each value a signed byte q; x ~= base * k * q. All products
 *   inside a block are integers, hence exact and in any order. Blocks are added up in floats, in
 *   one order: for each group of 256 columns, ascending,
 *
 *       P = 0;  for its blocks of 32, ascending:  P = fma(d * k, sum of code * q, P)
 *       acc = fma(base, P, acc)
 *
 *   where d * k is exact (11 bits times 3). Formats with integer scales inside 256 weights stay
 *   integer longer:  P = fma(-dmin, sum of m * k * q, d * sum of sc * k * code * q).
 *
 *   Float weights multiply the floats themselves: column i goes to lane i % 16, each lane is one
 *   chain of fma, and the lanes are added 8 apart, then 4, 2, 1.
 *
 * So a kernel may put rows, columns or vectors side by side, as long as each sum keeps its order. */

/* generated from kernels_gen/formats.c: edit there, then run kernels_gen/gen */

/* ---- activations -------------------------------------------------------------------------- */

/* 256 values of a vector, quantised once and used by every matrix that multiplies it:
 * x ~= base * k * q. A short last group is padded with q = 0. */
typedef struct ll_a8 {
    int8_t  q[256];                     /* -127..127 */
    int16_t ksum[16];                   /* k * the sum of each 16 q */
    int16_t k[8];                       /* multiplier of each 32: 1..7 */
    float   base;
    int32_t unused[3];
} ll_a8;
LL_STATIC_ASSERT(a8_is_320_bytes, sizeof(ll_a8) == 320);

/* One group of n (a multiple of 32) values. Plain IEEE operations, so every instruction set
 * gives the same record. Values so small that 1 / base could overflow count as zero; an
 * infinity or a NaN makes base NaN, and with it every product. */
LL_FN void ll_a8_group(const float *x, int n, ll_a8 *out) {
    const llv_f low = llv_f_set(-127), high = llv_f_set(127);
    float block_max[8] = { 0 }, max = 0, base;
    llv_f bad = llv_f_set(0);
    int32_t k[8];
    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i += 32) {
        const llv_f a = llv_f_load(x + i), b = llv_f_load(x + i + 16);
        bad = llv_f_add(bad, llv_f_add(llv_f_sub(a, a), llv_f_sub(b, b)));      /* 0, or NaN */
        block_max[i / 32] = llv_f_hmax(llv_f_max(llv_f_abs(a), llv_f_abs(b)));
        max = LL_MAX(max, block_max[i / 32]);
    }
    base = max / (7 * 127.0f);
    if (base < 1.17549435e-38f) base = 1;               /* 2^-126 */
    out->base = base + llv_f_sum(bad);
    if (out->base != out->base) n = 0;
    for (int j = 0; j < 8; j++) k[j] = 1;               /* the least that reaches block_max */
    for (int i = 1; i < 7; i++) {
        const float reach = (float)(127 * i) * base;
        for (int j = 0; j < 8; j++) k[j] += reach < block_max[j];
    }
    for (int j = 0; j < 8; j++) {
        const llv_f inv = llv_f_set(1.0f / (base * (float)k[j]));
        out->k[j] = (int16_t)k[j];
        for (int i = 32 * j; i < LL_MIN(32 * j + 32, n); i += 16) {
            llv_f q = llv_f_round(llv_f_mul(llv_f_load(x + i), inv));
            q = llv_f_max(llv_f_min(q, high), low);
            llv_f_store_i8(out->q + i, q);
            out->ksum[i / 16] = (int16_t)(k[j] * (int)llv_f_sum(q));
        }
    }
}

/* n % 32 == 0; fills (n + 255) / 256 records. */
LL_FN void ll_a8_quantize(const float *x, int n, ll_a8 *out) {
    for (; n > 0; x += 256, n -= 256) ll_a8_group(x, LL_MIN(n, 256), out++);
}

/* What a block of 32 contributes apart from its q, ready for use. */
typedef struct ll_step {
    float k;
    int32_t offset;                     /* of the format's codes, times the sum of q */
} ll_step;

/* What a kernel for few vectors works on: some rows of a matrix and 1..4 vectors. */
typedef struct ll_gemv {
    const uint8_t *rows;
    uint64_t row_bytes;
    int n_rows, n_cols, n;
    const void *vec[4];                 /* float or ll_a8 */
    const ll_step *step[4];             /* integer formats: one for each 32 columns */
    float *y[4];                        /* [n_rows] */
} ll_gemv;

/* ---- what every format has ------------------------------------------------------------------ */

typedef struct ll_format {
    const char *name;
    uint32_t id;                        /* the type's number in a GGUF file */
    int block_len, block_bytes;
    bool is_float;                      /* its kernels read float vectors, not ll_a8 */
    void (*dequantize)(const void *src, float *dst, size_t n);
    void (*quantize)(const float *src, void *dst, size_t n);        /* NULL: cannot */
    /* One row times one vector (float or ll_a8): the definition, in plain C. */
    float (*dot)(const void *row, const void *vec, int n_cols);
    void (*gemv)(const ll_gemv *g);     /* NULL: none */
    int offset;                         /* what the gemv's codes have too much */
} ll_format;

#if 0 \
    || defined(LLOCAL_ONLY_F32) \
    || defined(LLOCAL_ONLY_F16) \
    || defined(LLOCAL_ONLY_BF16) \
    || defined(LLOCAL_ONLY_Q8_0) \
    || defined(LLOCAL_ONLY_Q4_0) \
    || defined(LLOCAL_ONLY_Q4_K) \
    || defined(LLOCAL_ONLY_Q5_K) \
    || defined(LLOCAL_ONLY_Q6_K) \

#  define LLQ_ALL 0
#else
#  define LLQ_ALL 1
#endif

LL_INLINE void llq_put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8); }
LL_INLINE void llq_put_f16(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }

/* 1 / d, and 0 where that overflows: d is 0 then, as far as an f16 scale can tell. */
LL_INLINE float llq_inverse(float d) { return fabsf(d) >= 1.17549435e-38f ? 1.0f / d : 0; }

LL_INLINE int32_t llq_dot(const int8_t *a, const int8_t *b, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

LL_FN float llq_max_abs(const float *x, int n) {
    float max = 0;
    for (int i = 0; i < n; i++) if (fabsf(x[i]) > max) max = fabsf(x[i]);
    return max;
}

/* Rows r, r + 1, ..., n of them; where there are fewer, the last one again. Returns what to
 * fetch meanwhile: the lanes walk along the rows in more streams than the hardware follows, so
 * the rows after these are fetched into the second-level cache as one stream, a group of rows
 * ahead and at least 16 KiB. (Without it half the bandwidth is lost, with every other line too;
 * into the first level it costs a quarter.) */
#define LLQ_AHEAD 16384
LL_INLINE const uint8_t *llq_rows(const ll_gemv *g, int r, const uint8_t **p, const int n) {
    const size_t left = (size_t)(g->n_rows - r) * g->row_bytes;
    const size_t ahead = LL_MAX((size_t)n * g->row_bytes, LLQ_AHEAD);
    LLV_UNROLL for (int i = 0; i < n; i++)
        p[i] = g->rows + (size_t)LL_MIN(r + i, g->n_rows - 1) * g->row_bytes;
    return ahead < left ? p[0] + ahead : p[0];
}

/* The record of vector v that holds column i. */
LL_INLINE const ll_a8 *llq_a8(const ll_gemv *g, int v, int i) {
    return (const ll_a8 *)g->vec[v] + i / 256;
}

/* A kernel reads whole groups of 256 columns; in the last, shorter one it ignores what lies
 * behind the row. Where that could lie behind the matrix, the rows are copied first. Returns
 * where the group begins then. */
LL_NOINLINE size_t llq_last(const ll_gemv *g, const uint8_t **p, size_t at, size_t bytes,
                            size_t group_bytes, uint8_t *copy) {
    const uint8_t *end = g->rows + (size_t)g->n_rows * g->row_bytes;
    if ((size_t)(end - p[7]) >= at + group_bytes) return at;
    memset(copy, 0, 8 * group_bytes);
    for (int l = 0; l < 8; l++, copy += group_bytes) {
        memcpy(copy, p[l] + at, bytes);
        p[l] = copy;
    }
    return 0;
}

#if LLV_INT
/* One block of eight rows, one a lane: sum + d * k * (isum without the offset). */
LL_INLINE llv_r llq_add32(llv_r sum, llv_r d, llv_i isum, ll_step step) {
    isum = llv_i_sub(isum, llv_i_set(step.offset));
    return llv_r_fma(llv_r_mul(d, llv_r_set(step.k)), llv_r_from_i(isum), sum);
}
/* The blocks of 32 in the group at column i, in order, for n vectors from v0 on: scales at
 * p[row] + at, size apart; dot: [vector][pair of blocks][row]. */
LL_INLINE void llq_group32(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, size_t size,
                           const int blocks, llv_i (*dot)[4][8], llv_r *acc, int v0, const int n) {
    llv_r sum[4];
    LLV_UNROLL for (int v = 0; v < n; v++) sum[v] = llv_r_set(0);
    LLV_UNROLL for (int j = 0; j < 8; j += 2, at += 2 * size) {
        const llv_r d = llv_r_f16(p, at), d2 = llv_r_f16(p, at + size);
        LLV_UNROLL for (int v = 0; v < n; v++) {
            const ll_step *step = g->step[v0 + v] + i / 32 + j;
            const llv_i *s = dot[v][j / 2];
            const llv_i low = llv_i_sum4(s[0], s[1], s[2], s[3]);
            const llv_i high = llv_i_sum4(s[4], s[5], s[6], s[7]);
            if (j < blocks) sum[v] = llq_add32(sum[v], d, llv_i_lows(low, high), step[0]);
            if (j + 1 < blocks) sum[v] = llq_add32(sum[v], d2, llv_i_highs(low, high), step[1]);
        }
    }
    LLV_UNROLL for (int v = 0; v < n; v++)
        acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v0 + v, i)->base), sum[v], acc[v]);
}
/* The same for fewer than eight blocks; out of line, so that the usual case has no branches. */
LL_NOINLINE void llq_group32_last(const ll_gemv *g, int i, const uint8_t *const *p, size_t at,
                                  size_t size, int blocks, llv_i (*dot)[4][8], llv_r *acc) {
    for (int v = 0; v < g->n; v++) llq_group32(g, i, p, at, size, blocks, dot + v, acc + v, v, 1);
}
LL_INLINE void llq_store(const ll_gemv *g, int r, const llv_r *acc, const int n) {
    LLV_UNROLL for (int v = 0; v < n; v++)
        llv_r_store_n(g->y[v] + r, acc[v], LL_MIN(8, g->n_rows - r));
}
/* k * the sum of each 32 q, in both halves */
LL_INLINE llv_w llq_ksum32(const ll_a8 *a) {
    return llv_w_from_i(llv_w_dot(llv_w_load(a->ksum), llv_w_set(1)));
}
/* Lane l: the sum of all lanes of s[l]. */
LL_INLINE llv_i llq_sum8(const llv_i *s) {
    llv_i a = llv_i_sum4(s[0], s[1], s[2], s[3]), b = llv_i_sum4(s[4], s[5], s[6], s[7]);
    return llv_i_add(llv_i_lows(a, b), llv_i_highs(a, b));
}
#endif

/* ---- choosing scales -------------------------------------------------------------------------
 * Least squares: the scale (and minimum) for which the rounded codes come closest to the values.
 * For given codes the best scale has a closed form; codes come from a few trial scales around
 * the one that just spans the values. The two-level formats then round these to their integer
 * scales, try the neighbours of each, and fit the outer scale anew. */

/* Nearest integer in [lo, hi]. */
LL_INLINE int llq_code(float x, int lo, int hi) {
    x = LL_MIN(LL_MAX(x, (float)lo), (float)hi);
    return (int)((x + 12582912.0f) - 12582912.0f);
}
LL_INLINE float llq_round_f16(double x) { return ll_f16_to_f32(ll_f32_to_f16((float)x)); }

#define LLQ_TRIALS 9                    /* on each side; a tenth of a code apart */

/* s with s * c nearest to x, c in [lo, hi], lo < 0: the largest value is led to lo. */
LL_FN float llq_fit_scale(const float *x, int n, int lo, int hi) {
    float max = 0, best = 0, scale = 0;
    for (int i = 0; i < n; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    if (fabsf(max) < 1e-30f) return 0;
    for (int t = -LLQ_TRIALS; t <= LLQ_TRIALS; t++) {
        float inv = ((float)lo + 0.1f * (float)t) / max, xc = 0, cc = 0;
        for (int i = 0; i < n; i++) {
            float c = (float)llq_code(x[i] * inv, lo, hi);
            xc += x[i] * c, cc += c * c;
        }
        if (cc > 0 && xc * xc > best * cc) best = xc * xc / cc, scale = xc / cc;
    }
    return scale;
}

/* s and m >= 0 with s * c - m nearest to x, c in [0, hi]; n <= 32. */
LL_FN void llq_fit_scale_min(const float *x, int n, int hi, float *s, float *m) {
    float low = 0, high = x[0], sum_x = 0, best = -1;
    for (int i = 0; i < n; i++) low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]), sum_x += x[i];
    *s = 0, *m = -low;
    if (high - low < 1e-30f) return;
    for (int t = -LLQ_TRIALS; t <= LLQ_TRIALS; t++) {
        float inv = ((float)hi + 0.1f * (float)t) / (high - low);
        float c[32], sum_c = 0, cc = 0, xc = 0, det, scale, min, error = 0;
        for (int i = 0; i < n; i++) {
            c[i] = (float)llq_code((x[i] - low) * inv, 0, hi);
            sum_c += c[i], cc += c[i] * c[i], xc += c[i] * x[i];
        }
        det = (float)n * cc - sum_c * sum_c;
        if (det <= 0) continue;
        scale = ((float)n * xc - sum_c * sum_x) / det;
        min = (sum_c * xc - cc * sum_x) / det;
        if (min < 0) min = 0, scale = xc / cc;
        for (int i = 0; i < n; i++) {
            float e = x[i] - (scale * c[i] - min);
            error += e * e;
        }
        if (best < 0 || error < best) best = error, *s = scale, *m = min;
    }
}

/* Codes for a * c - b, and the squared error. */
LL_FN float llq_codes_for(const float *x, int n, float a, float b, int lo, int hi, int8_t *c) {
    float inv = llq_inverse(a), error = 0;
    for (int i = 0; i < n; i++) {
        float e;
        c[i] = (int8_t)llq_code((x[i] + b) * inv, lo, hi);
        e = x[i] - (a * (float)c[i] - b);
        error += e * e;
    }
    return error;
}

/* A super-block of 256 in blocks of n: w = d * sc[j] * c - dmin * m[j]. m NULL: no minima. */
typedef struct llq_super {
    int n, code_lo, code_hi, scale_lo, scale_hi;
    float d, dmin;
    int sc[16], m[16];
    int8_t c[256];
} llq_super;

/* The best of the scale and minimum of block j and their neighbours. */
LL_FN void llq_super_block(llq_super *b, const float *x, int j, bool min) {
    const int sc = b->sc[j], m = b->m[j];
    float best = -1;
    int8_t c[32];
    for (int s = LL_MAX(sc - 1, b->scale_lo); s <= LL_MIN(sc + 1, b->scale_hi); s++) {
        for (int k = min ? LL_MAX(m - 1, 0) : 0; k <= (min ? LL_MIN(m + 1, 63) : 0); k++) {
            float error = llq_codes_for(x, b->n, b->d * (float)s, b->dmin * (float)k,
                                        b->code_lo, b->code_hi, c);
            if (best >= 0 && error >= best) continue;
            best = error, b->sc[j] = s, b->m[j] = k;
            memcpy(b->c + b->n * j, c, (size_t)b->n);
        }
    }
}

/* d and dmin for the codes as they are. */
LL_FN void llq_super_refit(llq_super *b, const float *x) {
    double ss = 0, sm = 0, mm = 0, xs = 0, xm = 0, det;
    for (int i = 0; i < 256; i++) {
        double s = b->sc[i / b->n] * b->c[i], m = b->m[i / b->n];
        ss += s * s, sm += s * m, mm += m * m, xs += x[i] * s, xm += x[i] * m;
    }
    det = ss * mm - sm * sm;
    if (mm == 0 && ss > 0) b->d = llq_round_f16(xs / ss);
    else if (det > 0 && xs * mm > xm * sm && xs * sm > xm * ss) {
        b->d = llq_round_f16((xs * mm - xm * sm) / det);
        b->dmin = llq_round_f16((xs * sm - xm * ss) / det);
    }
}

LL_FN void llq_super_fit(llq_super *b, const float *x, bool min) {
    float s[16], m[16] = { 0 }, s_max = 0, m_max = 0;
    const int blocks = 256 / b->n;
    for (int j = 0; j < blocks; j++) {
        if (min) llq_fit_scale_min(x + b->n * j, b->n, b->code_hi, &s[j], &m[j]);
        else s[j] = llq_fit_scale(x + b->n * j, b->n, b->code_lo, b->code_hi);
        if (fabsf(s[j]) > fabsf(s_max)) s_max = s[j];
        m_max = LL_MAX(m_max, m[j]);
    }
    b->d = llq_round_f16(s_max / (float)(b->scale_lo < 0 ? b->scale_lo : b->scale_hi));
    b->dmin = llq_round_f16(m_max / 63);
    for (int j = 0; j < blocks; j++) {
        b->sc[j] = llq_code(s[j] * llq_inverse(b->d), b->scale_lo, b->scale_hi);
        b->m[j] = llq_code(m[j] * llq_inverse(b->dmin), 0, 63);
    }
    for (int j = 0; j < blocks; j++) llq_super_block(b, x + b->n * j, j, min);
    llq_super_refit(b, x);
    for (int j = 0; j < blocks; j++) llq_super_block(b, x + b->n * j, j, min);
}

/* ---- the formats ---------------------------------------------------------------------------- */

/* The eight 6-bit scales and minima of Q4_K and Q5_K, each for 32 weights, in 12 bytes:
 *
 *   byte 0..3: sc[0..3] | (sc[4..7] >> 4) << 6
 *   byte 4..7:  m[0..3] | ( m[4..7] >> 4) << 6
 *   byte 8..11: sc[4..7] & 15 | (m[4..7] & 15) << 4 */
LL_FN void llq_k_scales(const uint8_t *s, int16_t *sc, int16_t *m) {
    for (int j = 0; j < 4; j++) {
        int hi_sc = (s[8 + j] & 15) | s[j] >> 6 << 4, hi_m = s[8 + j] >> 4 | s[4 + j] >> 6 << 4;
        sc[2 * j] = sc[2 * j + 1] = s[j] & 63;
        m[2 * j] = m[2 * j + 1] = s[4 + j] & 63;
        sc[8 + 2 * j] = sc[9 + 2 * j] = (int16_t)hi_sc;
        m[8 + 2 * j] = m[9 + 2 * j] = (int16_t)hi_m;
    }
}

LL_FN void llq_k_pack_scales(const int *sc, const int *m, uint8_t *s) {
    for (int j = 0; j < 4; j++) {
        s[j] = (uint8_t)(sc[j] | sc[4 + j] >> 4 << 6);
        s[4 + j] = (uint8_t)(m[j] | m[4 + j] >> 4 << 6);
        s[8 + j] = (uint8_t)((sc[4 + j] & 15) | (m[4 + j] & 15) << 4);
    }
}

#if LLV_INT
/* llq_k_scales for two blocks at once, one in each half; Z: index of a zero byte. */
LL_INLINE void llq_k_load_scales(const uint8_t *b, const uint8_t *b4, llv_w *sc, llv_w *m) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, Z, Z, Z, Z };
    static const uint8_t keep[16] = { 63, 63, 63, 63, 15, 15, 15, 15, 63, 63, 63, 63, 0, 0, 0, 0 };
    static const uint8_t low_m[16] = { Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, Z, 12, 13, 14, 15 };
    static const uint8_t high[16] = { Z, Z, Z, Z, 4, 5, 6, 7, Z, Z, Z, Z, 8, 9, 10, 11 };
    const llv_b x = llv_b_load2(b, b4);             /* d dmin, then the 12 bytes: from byte 4 on */
    llv_b s = llv_b_and(llv_b_shuffle(x, llv_b_load2(low, low)), llv_b_load2(keep, keep));
    s = llv_b_or(s, llv_b_shuffle(llv_b_bits(x, 4, 15), llv_b_load2(low_m, low_m)));
    s = llv_b_or(s, llv_b_bits(llv_b_shuffle(x, llv_b_load2(high, high)), 2, 0x30));
    *sc = llv_w_from_low(s), *m = llv_w_from_high(s);
}
#endif

/* F32: a plain IEEE binary32. */
LL_INLINE float llq_f32_get(const uint8_t *p) { return ll_load_f32(p); }
LL_INLINE void llq_f32_put(uint8_t *p, float x) { ll_store_u32(p, ll_f32_to_bits(x)); }
LL_INLINE llv_f llq_f32_load(const void *p) { return llv_f_load(p); }

LL_FN void llq_f32_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + 16 <= n; i += 16) llv_f_store(dst + i, llq_f32_load(p + 4 * i));
    for (; i < n; i++) dst[i] = llq_f32_get(p + 4 * i);
}

LL_FN void llq_f32_quantize(const float *src, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    for (size_t i = 0; i < n; i++) llq_f32_put(p + 4 * i, src[i]);
}

LL_FN float llq_f32_dot(const void *row, const void *vec, int n_cols) {
    const uint8_t *p = (const uint8_t *)row;
    const float *x = (const float *)vec;
    float lane[16] = { 0 };
    for (int i = 0; i < n_cols; i += 16) {
        for (int l = 0; l < 16; l++) {                  /* behind the end: zeros */
            float w = i + l < n_cols ? llq_f32_get(p + 4 * (i + l)) : 0;
            lane[l] = ll_fma(w, i + l < n_cols ? x[i + l] : 0, lane[l]);
        }
    }
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
    return lane[0];
}

/* Four rows side by side; sixteen lanes along the columns. */
LL_INLINE void llq_f32_gemv_n(const ll_gemv *g, const int n) {
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += 4) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, 4);
        llv_f acc[4][4];
        LLV_UNROLL for (int v = 0; v < 4 * n; v++) acc[v / 4][v % 4] = llv_f_set(0);
        for (int i = 0; i < whole; i += 16, ahead += 64 * 4) {
            llv_f w[4];
            LLV_UNROLL for (int c = 0; c < 64 * 4; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int l = 0; l < 4; l++) w[l] = llq_f32_load(p[l] + (size_t)i * 4);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load((const float *)g->vec[v] + i);
                LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_fma(w[l], x, acc[v][l]);
            }
        }
        for (int l = 0; l < 4 && rest; l++) {
            uint8_t w[16 * 4] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 4, (size_t)rest * 4);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load_n((const float *)g->vec[v] + whole, rest);
                acc[v][l] = llv_f_fma(llq_f32_load(w), x, acc[v][l]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < 4; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_f_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_f32_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_f32_gemv_n(g, 1);
    else if (g->n == 2) llq_f32_gemv_n(g, 2);
    else llq_f32_gemv_n(g, 4);
}

#if LLQ_ALL || defined(LLOCAL_ONLY_F16)
/* F16: IEEE binary16. */
LL_INLINE float llq_f16_get(const uint8_t *p) { return ll_f16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_f16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
LL_INLINE llv_f llq_f16_load(const void *p) { return llv_f_load_f16(p); }

LL_FN void llq_f16_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + 16 <= n; i += 16) llv_f_store(dst + i, llq_f16_load(p + 2 * i));
    for (; i < n; i++) dst[i] = llq_f16_get(p + 2 * i);
}

LL_FN void llq_f16_quantize(const float *src, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    for (size_t i = 0; i < n; i++) llq_f16_put(p + 2 * i, src[i]);
}

LL_FN float llq_f16_dot(const void *row, const void *vec, int n_cols) {
    const uint8_t *p = (const uint8_t *)row;
    const float *x = (const float *)vec;
    float lane[16] = { 0 };
    for (int i = 0; i < n_cols; i += 16) {
        for (int l = 0; l < 16; l++) {                  /* behind the end: zeros */
            float w = i + l < n_cols ? llq_f16_get(p + 2 * (i + l)) : 0;
            lane[l] = ll_fma(w, i + l < n_cols ? x[i + l] : 0, lane[l]);
        }
    }
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
    return lane[0];
}

/* Four rows side by side; sixteen lanes along the columns. */
LL_INLINE void llq_f16_gemv_n(const ll_gemv *g, const int n) {
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += 4) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, 4);
        llv_f acc[4][4];
        LLV_UNROLL for (int v = 0; v < 4 * n; v++) acc[v / 4][v % 4] = llv_f_set(0);
        for (int i = 0; i < whole; i += 16, ahead += 64 * 2) {
            llv_f w[4];
            LLV_UNROLL for (int c = 0; c < 64 * 2; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int l = 0; l < 4; l++) w[l] = llq_f16_load(p[l] + (size_t)i * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load((const float *)g->vec[v] + i);
                LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_fma(w[l], x, acc[v][l]);
            }
        }
        for (int l = 0; l < 4 && rest; l++) {
            uint8_t w[16 * 2] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 2, (size_t)rest * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load_n((const float *)g->vec[v] + whole, rest);
                acc[v][l] = llv_f_fma(llq_f16_load(w), x, acc[v][l]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < 4; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_f_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_f16_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_f16_gemv_n(g, 1);
    else if (g->n == 2) llq_f16_gemv_n(g, 2);
    else llq_f16_gemv_n(g, 4);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_BF16)
/* BF16: the upper half of a binary32. */
LL_INLINE float llq_bf16_get(const uint8_t *p) { return ll_bf16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_bf16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_bf16(x)); }
LL_INLINE llv_f llq_bf16_load(const void *p) { return llv_f_load_bf16(p); }

LL_FN void llq_bf16_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + 16 <= n; i += 16) llv_f_store(dst + i, llq_bf16_load(p + 2 * i));
    for (; i < n; i++) dst[i] = llq_bf16_get(p + 2 * i);
}

LL_FN void llq_bf16_quantize(const float *src, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    for (size_t i = 0; i < n; i++) llq_bf16_put(p + 2 * i, src[i]);
}

LL_FN float llq_bf16_dot(const void *row, const void *vec, int n_cols) {
    const uint8_t *p = (const uint8_t *)row;
    const float *x = (const float *)vec;
    float lane[16] = { 0 };
    for (int i = 0; i < n_cols; i += 16) {
        for (int l = 0; l < 16; l++) {                  /* behind the end: zeros */
            float w = i + l < n_cols ? llq_bf16_get(p + 2 * (i + l)) : 0;
            lane[l] = ll_fma(w, i + l < n_cols ? x[i + l] : 0, lane[l]);
        }
    }
    for (int h = 8; h; h >>= 1) for (int i = 0; i < h; i++) lane[i] += lane[i + h];
    return lane[0];
}

/* Four rows side by side; sixteen lanes along the columns. */
LL_INLINE void llq_bf16_gemv_n(const ll_gemv *g, const int n) {
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += 4) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, 4);
        llv_f acc[4][4];
        LLV_UNROLL for (int v = 0; v < 4 * n; v++) acc[v / 4][v % 4] = llv_f_set(0);
        for (int i = 0; i < whole; i += 16, ahead += 64 * 2) {
            llv_f w[4];
            LLV_UNROLL for (int c = 0; c < 64 * 2; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int l = 0; l < 4; l++) w[l] = llq_bf16_load(p[l] + (size_t)i * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load((const float *)g->vec[v] + i);
                LLV_UNROLL for (int l = 0; l < 4; l++) acc[v][l] = llv_f_fma(w[l], x, acc[v][l]);
            }
        }
        for (int l = 0; l < 4 && rest; l++) {
            uint8_t w[16 * 2] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 2, (size_t)rest * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const llv_f x = llv_f_load_n((const float *)g->vec[v] + whole, rest);
                acc[v][l] = llv_f_fma(llq_bf16_load(w), x, acc[v][l]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < 4; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_f_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_bf16_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_bf16_gemv_n(g, 1);
    else if (g->n == 2) llq_bf16_gemv_n(g, 2);
    else llq_bf16_gemv_n(g, 4);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q8_0)
/* Q8_0: w = d * c
 *
 *   byte 0 1 | 2 ... 33
 *        d   | c[0..31]            d: f16, c: signed bytes */
typedef struct llq_q8_0 { uint8_t d[2]; int8_t c[32]; } llq_q8_0;

LL_INLINE float llq_q8_0_scale(const llq_q8_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q8_0_codes(const llq_q8_0 *b, int8_t *c) { memcpy(c, b[0].c, 32); }

LL_FN void llq_q8_0_pack(const float *x, llq_q8_0 *b) {
    float max = llq_max_abs(x, 32), d = max / 127.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 32; i++) b->c[i] = (int8_t)roundf(x[i] * inv);
}

#if LLV_INT
LL_INLINE void llq_q8_0_load2(const llq_q8_0 *b, llv_b *lo, llv_b *hi) {
    *lo = llv_b_load2(b[0].c, b[1].c), *hi = llv_b_load2(b[0].c + 16, b[1].c + 16);
}
#endif
LL_STATIC_ASSERT(q8_0_bytes, sizeof(llq_q8_0) == 34);

LL_FN void llq_q8_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q8_0 *b = (const llq_q8_0 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        float d = llq_q8_0_scale(b);
        int8_t c[32];
        llq_q8_0_codes(b, c);
        for (int j = 0; j < 32; j++) dst[i + (size_t)j] = d * (float)c[j];
    }
}

LL_FN void llq_q8_0_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 32; i++) llq_q8_0_pack(src + 32 * i, (llq_q8_0 *)dst + i);
}

LL_FN float llq_q8_0_dot(const void *row, const void *vec, int n_cols) {
    const llq_q8_0 *b = (const llq_q8_0 *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && 32 * j < n_cols; j++, b++) {
            int8_t c[32];
            llq_q8_0_codes(b, c);
            p = ll_fma(llq_q8_0_scale(b) * (float)a->k[j], (float)llq_dot(c, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. First the integer products of 256 columns, row after row; a pair of
 * blocks fills a vector with the first halves of their codes and one with the second halves.
 * Then the rows change places with the lanes, and the scales come in. */
LL_INLINE void llq_q8_0_gemv_n(const ll_gemv *g, const int n) {
    const size_t size = sizeof(llq_q8_0);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * 8 * sizeof(llq_q8_0)];
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 32;
            size_t at = (size_t)(i / 32) * size;
            llv_i dot[4][4][8];                         /* [vector][pair][row] */
            llv_b q[4][8];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const int8_t *a = llq_a8(g, v, i)->q;
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    q[v][j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
                    q[v][j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
                }
            }
            if (blocks < 8) at = llq_last(g, p, at, (size_t)blocks * size, 8 * size, copy);
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 16 * size) {
                LLV_UNROLL for (size_t c = 0; c < 16 * sizeof(llq_q8_0); c += 64)
                    LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llq_q8_0 *b = (const llq_q8_0 *)(p[l + j / 4] + at) + j % 4 * 2;
                    const int k = j % 4 * 2;
                    llv_b lo, hi;
                    llq_q8_0_load2(b, &lo, &hi);
                    LLV_UNROLL for (int v = 0; v < n; v++)
                        dot[v][k / 2][l + j / 4] = llv_dot2_s(lo, q[v][k], hi, q[v][k + 1]);
                }
            }
            if (blocks == 8) llq_group32(g, i, p, at, size, 8, dot, acc, 0, n);
            else llq_group32_last(g, i, p, at, size, blocks, dot, acc);
        }
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_q8_0_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_q8_0_gemv_n(g, 1);
    else if (g->n == 2) llq_q8_0_gemv_n(g, 2);
    else llq_q8_0_gemv_n(g, 4);
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_0)
/* Q4_0: w = d * (c - 8)
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_q4_0 { uint8_t d[2], qs[16]; } llq_q4_0;

LL_INLINE float llq_q4_0_scale(const llq_q4_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q4_0_codes(const llq_q4_0 *b, int8_t *c) {
    for (int i = 0; i < 16; i++) {
        c[i] = (int8_t)((b->qs[i] & 15) - 8);
        c[16 + i] = (int8_t)((b->qs[i] >> 4) - 8);
    }
}

/* The value of largest magnitude becomes exactly -8 * d: one more step on its side. */
LL_FN void llq_q4_0_pack(const float *x, llq_q4_0 *b) {
    float max = 0, d, inv;
    for (int i = 0; i < 32; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    d = max / -8.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 16; i++) {
        int lo = (int)(x[i] * inv + 8.5f), hi = (int)(x[16 + i] * inv + 8.5f);
        b->qs[i] = (uint8_t)(LL_MIN(lo, 15) | LL_MIN(hi, 15) << 4);
    }
}

#if LLV_INT
LL_INLINE void llq_q4_0_load2(const llq_q4_0 *b, llv_b *lo, llv_b *hi) {
    llv_b x = llv_b_load2(b[0].qs, b[1].qs);
    *lo = llv_b_bits(x, 0, 15), *hi = llv_b_bits(x, 4, 15);
}
#endif
LL_STATIC_ASSERT(q4_0_bytes, sizeof(llq_q4_0) == 18);

LL_FN void llq_q4_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q4_0 *b = (const llq_q4_0 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        float d = llq_q4_0_scale(b);
        int8_t c[32];
        llq_q4_0_codes(b, c);
        for (int j = 0; j < 32; j++) dst[i + (size_t)j] = d * (float)c[j];
    }
}

LL_FN void llq_q4_0_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 32; i++) llq_q4_0_pack(src + 32 * i, (llq_q4_0 *)dst + i);
}

LL_FN float llq_q4_0_dot(const void *row, const void *vec, int n_cols) {
    const llq_q4_0 *b = (const llq_q4_0 *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && 32 * j < n_cols; j++, b++) {
            int8_t c[32];
            llq_q4_0_codes(b, c);
            p = ll_fma(llq_q4_0_scale(b) * (float)a->k[j], (float)llq_dot(c, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. First the integer products of 256 columns, row after row; a pair of
 * blocks fills a vector with the first halves of their codes and one with the second halves.
 * Then the rows change places with the lanes, and the scales come in. */
LL_INLINE void llq_q4_0_gemv_n(const ll_gemv *g, const int n) {
    const size_t size = sizeof(llq_q4_0);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * 8 * sizeof(llq_q4_0)];
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 32;
            size_t at = (size_t)(i / 32) * size;
            llv_i dot[4][4][8];                         /* [vector][pair][row] */
            llv_b q[4][8];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const int8_t *a = llq_a8(g, v, i)->q;
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    q[v][j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
                    q[v][j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
                }
            }
            if (blocks < 8) at = llq_last(g, p, at, (size_t)blocks * size, 8 * size, copy);
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 16 * size) {
                LLV_UNROLL for (size_t c = 0; c < 16 * sizeof(llq_q4_0); c += 64)
                    LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llq_q4_0 *b = (const llq_q4_0 *)(p[l + j / 4] + at) + j % 4 * 2;
                    const int k = j % 4 * 2;
                    llv_b lo, hi;
                    llq_q4_0_load2(b, &lo, &hi);
                    LLV_UNROLL for (int v = 0; v < n; v++)
                        dot[v][k / 2][l + j / 4] = llv_dot2_u(lo, q[v][k], hi, q[v][k + 1]);
                }
            }
            if (blocks == 8) llq_group32(g, i, p, at, size, 8, dot, acc, 0, n);
            else llq_group32_last(g, i, p, at, size, blocks, dot, acc);
        }
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_q4_0_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_q4_0_gemv_n(g, 1);
    else if (g->n == 2) llq_q4_0_gemv_n(g, 2);
    else llq_q4_0_gemv_n(g, 4);
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_K)
/* Q4_K: w = d * sc[j] * c - dmin * m[j], j = index / 32
 *
 *   byte 0 1 | 2 3  | 4 ... 15      | 16 ... 143
 *        d   | dmin | sc, m: 6 bits | qs[32 * i + l] = c[64 * i + l] | c[64 * i + 32 + l] << 4 */
typedef struct llq_q4_k { uint8_t d[2], dmin[2], scales[12], qs[128]; } llq_q4_k;

LL_INLINE float llq_q4_k_scale(const llq_q4_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q4_k_min(const llq_q4_k *b) { return ll_f16_to_f32(ll_load_u16(b->dmin)); }
LL_INLINE void llq_q4_k_scales(const llq_q4_k *b, int16_t *sc, int16_t *m) {
    llq_k_scales(b->scales, sc, m);
}
LL_INLINE void llq_q4_k_codes(const llq_q4_k *b, int8_t *c) {
    for (int j = 0; j < 8; j++)
        for (int l = 0; l < 32; l++)
            c[32 * j + l] = (int8_t)(b->qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15);
}

LL_FN void llq_q4_k_pack(const float *x, llq_q4_k *b) {
    llq_super s = { 32, 0, 15, 0, 63, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, true);
    llq_put_f16(b->d, s.d), llq_put_f16(b->dmin, s.dmin);
    llq_k_pack_scales(s.sc, s.m, b->scales);
    for (int i = 0; i < 128; i++) {
        const int8_t *c = s.c + i / 32 * 64 + i % 32;
        b->qs[i] = (uint8_t)(c[0] | c[32] << 4);
    }
}

#if LLV_INT
LL_INLINE void llq_q4_k_load_scales(const llq_q4_k *b, const llq_q4_k *b4, llv_w *sc, llv_w *m) {
    llq_k_load_scales(b->d, b4->d, sc, m);
}
LL_INLINE llv_b llq_q4_k_load(const llq_q4_k *b, int j) {
    return llv_b_bits(llv_b_load(b->qs + j / 2 * 32), j % 2 * 4, 15);
}
#endif
LL_STATIC_ASSERT(q4_k_bytes, sizeof(llq_q4_k) == 144);

LL_FN void llq_q4_k_dequantize(const void *src, float *dst, size_t n) {
    const llq_q4_k *b = (const llq_q4_k *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        int16_t m[16];
        llq_q4_k_scales(b, sc, m);
        llq_q4_k_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_q4_k_scale(b) * (float)sc[j / 16];
            const float min = llq_q4_k_min(b) * (float)m[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i] - min;
        }
    }
}

LL_FN void llq_q4_k_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 256; i++) llq_q4_k_pack(src + 256 * i, (llq_q4_k *)dst + i);
}

LL_FN float llq_q4_k_dot(const void *row, const void *vec, int n_cols) {
    const llq_q4_k *b = (const llq_q4_k *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_q4_k_codes(b, c);
        int32_t msum = 0;
        int16_t m[16];
        llq_q4_k_scales(b, sc, m);
        for (int j = 0; j < 16; j++) msum += m[j] * a->ksum[j];
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q4_k_scale(b) * (float)isum;
        p = ll_fma(-llq_q4_k_min(b), (float)msum, p);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_INLINE void llq_q4_k_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const size_t at = (size_t)(i / 256) * sizeof(llq_q4_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q4_k, d));
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_q4_k, dmin));
            llv_i min[4][4];
            llv_i sum[4][8];
            llv_w k[4], ksum[4];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const ll_a8 *a = llq_a8(g, v, i);
                k[v] = llv_w_load2(a->k, a->k), ksum[v] = llq_ksum32(a);
            }
            /* Scales of b, then of b4, each twice to fill 32 bits: on the stack, from where they
             * are broadcast for nothing. All rows first, so that none waits for its stores. */
            int16_t sk[4][4][32];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_q4_k_load_scales((const llq_q4_k *)(p[l] + at),
                                    (const llq_q4_k *)(p[l + 4] + at), &sc, &m);
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    llv_w_store_twice(sk[l][v], llv_w_mul(sc, k[v]));
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                    min[v][l] = llv_w_dot(m, ksum[v]);
                }
            }
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q4_k)) {
                const llq_q4_k *b = (const llq_q4_k *)(p[l] + at);
                const llq_q4_k *b4 = (const llq_q4_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_q4_k_load(b, j), c4 = llq_q4_k_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
                        const llv_w s = llv_w_set2(sk[l][v] + 2 * j);
                        const llv_w s4 = llv_w_set2(sk[l][v] + 2 * j + 16);
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, s);
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, s4);
                    }
                }
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_r t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum[v])));
                llv_i m = llv_i_sum4(min[v][0], min[v][1], min[v][2], min[v][3]);
                t = llv_r_nfma(dmin, llv_r_from_i(m), t);
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_q4_k_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_q4_k_gemv_n(g, 1);
    else if (g->n == 2) llq_q4_k_gemv_n(g, 2);
    else llq_q4_k_gemv_n(g, 4);
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_K)
/* Q5_K: w = d * sc[j] * c - dmin * m[j], j = index / 32
 *
 *   byte 0 1 | 2 3  | 4 ... 15      | 16 ... 47                 | 48 ... 175
 *        d   | dmin | sc, m: 6 bits | qh: bit j of byte l       | qs: low four bits, as Q4_K
 *                                   |     = bit 4 of c[32*j+l]  | */
typedef struct llq_q5_k { uint8_t d[2], dmin[2], scales[12], qh[32], qs[128]; } llq_q5_k;

LL_INLINE float llq_q5_k_scale(const llq_q5_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q5_k_min(const llq_q5_k *b) { return ll_f16_to_f32(ll_load_u16(b->dmin)); }
LL_INLINE void llq_q5_k_scales(const llq_q5_k *b, int16_t *sc, int16_t *m) {
    llq_k_scales(b->scales, sc, m);
}
LL_INLINE void llq_q5_k_codes(const llq_q5_k *b, int8_t *c) {
    for (int j = 0; j < 8; j++) {
        for (int l = 0; l < 32; l++) {
            int low = b->qs[j / 2 * 32 + l] >> (j % 2 * 4) & 15, high = b->qh[l] >> j & 1;
            c[32 * j + l] = (int8_t)(low | high << 4);
        }
    }
}

LL_FN void llq_q5_k_pack(const float *x, llq_q5_k *b) {
    llq_super s = { 32, 0, 31, 0, 63, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, true);
    llq_put_f16(b->d, s.d), llq_put_f16(b->dmin, s.dmin);
    llq_k_pack_scales(s.sc, s.m, b->scales);
    memset(b->qh, 0, sizeof b->qh);
    for (int i = 0; i < 256; i++) b->qh[i % 32] |= (uint8_t)(s.c[i] >> 4 << i / 32);
    for (int i = 0; i < 128; i++) {
        const int8_t *c = s.c + i / 32 * 64 + i % 32;
        b->qs[i] = (uint8_t)((c[0] & 15) | (c[32] & 15) << 4);
    }
}

#if LLV_INT
LL_INLINE void llq_q5_k_load_scales(const llq_q5_k *b, const llq_q5_k *b4, llv_w *sc, llv_w *m) {
    llq_k_load_scales(b->d, b4->d, sc, m);
}
LL_INLINE llv_b llq_q5_k_load(const llq_q5_k *b, int j) {
    llv_b low = llv_b_bits(llv_b_load(b->qs + j / 2 * 32), j % 2 * 4, 15);
    return llv_b_or(low, llv_b_bits(llv_b_load(b->qh), j - 4, 16));
}
#endif
LL_STATIC_ASSERT(q5_k_bytes, sizeof(llq_q5_k) == 176);

LL_FN void llq_q5_k_dequantize(const void *src, float *dst, size_t n) {
    const llq_q5_k *b = (const llq_q5_k *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        int16_t m[16];
        llq_q5_k_scales(b, sc, m);
        llq_q5_k_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_q5_k_scale(b) * (float)sc[j / 16];
            const float min = llq_q5_k_min(b) * (float)m[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i] - min;
        }
    }
}

LL_FN void llq_q5_k_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 256; i++) llq_q5_k_pack(src + 256 * i, (llq_q5_k *)dst + i);
}

LL_FN float llq_q5_k_dot(const void *row, const void *vec, int n_cols) {
    const llq_q5_k *b = (const llq_q5_k *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_q5_k_codes(b, c);
        int32_t msum = 0;
        int16_t m[16];
        llq_q5_k_scales(b, sc, m);
        for (int j = 0; j < 16; j++) msum += m[j] * a->ksum[j];
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q5_k_scale(b) * (float)isum;
        p = ll_fma(-llq_q5_k_min(b), (float)msum, p);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_INLINE void llq_q5_k_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const size_t at = (size_t)(i / 256) * sizeof(llq_q5_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q5_k, d));
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_q5_k, dmin));
            llv_i min[4][4];
            llv_i sum[4][8];
            llv_w k[4], ksum[4];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const ll_a8 *a = llq_a8(g, v, i);
                k[v] = llv_w_load2(a->k, a->k), ksum[v] = llq_ksum32(a);
            }
            /* Scales of b, then of b4, each twice to fill 32 bits: on the stack, from where they
             * are broadcast for nothing. All rows first, so that none waits for its stores. */
            int16_t sk[4][4][32];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_q5_k_load_scales((const llq_q5_k *)(p[l] + at),
                                    (const llq_q5_k *)(p[l + 4] + at), &sc, &m);
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    llv_w_store_twice(sk[l][v], llv_w_mul(sc, k[v]));
                    sum[v][l] = sum[v][l + 4] = llv_i_set(0);
                    min[v][l] = llv_w_dot(m, ksum[v]);
                }
            }
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q5_k)) {
                const llq_q5_k *b = (const llq_q5_k *)(p[l] + at);
                const llq_q5_k *b4 = (const llq_q5_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_q5_k_load(b, j), c4 = llq_q5_k_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
                        const llv_w s = llv_w_set2(sk[l][v] + 2 * j);
                        const llv_w s4 = llv_w_set2(sk[l][v] + 2 * j + 16);
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, s);
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, s4);
                    }
                }
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_r t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum[v])));
                llv_i m = llv_i_sum4(min[v][0], min[v][1], min[v][2], min[v][3]);
                t = llv_r_nfma(dmin, llv_r_from_i(m), t);
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_q5_k_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_q5_k_gemv_n(g, 1);
    else if (g->n == 2) llq_q5_k_gemv_n(g, 2);
    else llq_q5_k_gemv_n(g, 4);
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q6_K)
/* Q6_K: w = d * sc[j] * (c - 32), j = index / 16. Two halves of 128 weights alike; in each
 *
 *   byte 0 ... 63 of ql: c[l] & 15 | c[64 + l] << 4               l = 0..63
 *   byte 0 ... 31 of qh: bits 4, 5 of c[l], c[32+l], c[64+l], c[96+l], two bits each from below
 *
 *   byte 0 ... 127 | 128 ... 191 | 192 ... 207        | 208 209
 *        ql        | qh          | sc: 16 signed bytes | d */
typedef struct llq_q6_k { uint8_t ql[128], qh[64]; int8_t sc[16]; uint8_t d[2]; } llq_q6_k;

LL_INLINE float llq_q6_k_scale(const llq_q6_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q6_k_scales(const llq_q6_k *b, int16_t *sc) {
    for (int j = 0; j < 16; j++) sc[j] = b->sc[j];
}
LL_INLINE void llq_q6_k_codes(const llq_q6_k *b, int8_t *c) {
    for (int j = 0; j < 8; j++) {
        const uint8_t *ql = b->ql + j / 4 * 64 + j % 2 * 32, *qh = b->qh + j / 4 * 32;
        for (int l = 0; l < 32; l++) {
            int low = ql[l] >> (j % 4 / 2 * 4) & 15, high = qh[l] >> (j % 4 * 2) & 3;
            c[32 * j + l] = (int8_t)((low | high << 4) - 32);
        }
    }
}

LL_FN void llq_q6_k_pack(const float *x, llq_q6_k *b) {
    llq_super s = { 16, -32, 31, -128, 127, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, false);
    llq_put_f16(b->d, s.d);
    for (int j = 0; j < 16; j++) b->sc[j] = (int8_t)s.sc[j];
    memset(b->ql, 0, sizeof b->ql), memset(b->qh, 0, sizeof b->qh);
    for (int i = 0; i < 256; i++) {
        int c = s.c[i] + 32;
        b->ql[i / 128 * 64 + i % 64] |= (uint8_t)((c & 15) << (i / 64 % 2 * 4));
        b->qh[i / 128 * 32 + i % 32] |= (uint8_t)(c >> 4 << (i / 32 % 4 * 2));
    }
}

#if LLV_INT
LL_INLINE llv_w llq_q6_k_load_scales(const llq_q6_k *b) { return llv_w_from_i8(b->sc); }
LL_INLINE llv_b llq_q6_k_load(const llq_q6_k *b, int j) {
    llv_b low = llv_b_bits(llv_b_load(b->ql + j / 4 * 64 + j % 2 * 32), j % 4 / 2 * 4, 15);
    return llv_b_or(low, llv_b_bits(llv_b_load(b->qh + j / 4 * 32), j % 4 * 2 - 4, 0x30));
}
#endif
LL_STATIC_ASSERT(q6_k_bytes, sizeof(llq_q6_k) == 210);

LL_FN void llq_q6_k_dequantize(const void *src, float *dst, size_t n) {
    const llq_q6_k *b = (const llq_q6_k *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_q6_k_scales(b, sc);
        llq_q6_k_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_q6_k_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN void llq_q6_k_quantize(const float *src, void *dst, size_t n) {
    for (size_t i = 0; i < n / 256; i++) llq_q6_k_pack(src + 256 * i, (llq_q6_k *)dst + i);
}

LL_FN float llq_q6_k_dot(const void *row, const void *vec, int n_cols) {
    const llq_q6_k *b = (const llq_q6_k *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_q6_k_codes(b, c);
        llq_q6_k_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q6_k_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_INLINE void llq_q6_k_gemv_n(const ll_gemv *g, const int n) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc[4];
        LLV_UNROLL for (int v = 0; v < n; v++) acc[v] = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const size_t at = (size_t)(i / 256) * sizeof(llq_q6_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q6_k, d));
            llv_i sum[4][8];
            llv_w k[4], ksum[4];
            LLV_UNROLL for (int v = 0; v < n; v++) {
                const ll_a8 *a = llq_a8(g, v, i);
                k[v] = llv_w_load_twice(a->k), ksum[v] = llv_w_load(a->ksum);
            }
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q6_k)) {
                const llq_q6_k *b = (const llq_q6_k *)(p[l] + at);
                const llq_q6_k *b4 = (const llq_q6_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                const llv_w sc = llq_q6_k_load_scales(b), sc4 = llq_q6_k_load_scales(b4);
                const llv_w minus = llv_w_set(-32);
                llv_w sk[4], sk4[4];
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    sk[v] = llv_w_mul(sc, k[v]), sk4[v] = llv_w_mul(sc4, k[v]);
                    sum[v][l] = llv_w_dot(llv_w_mul(sc, minus), ksum[v]);
                    sum[v][l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum[v]);
                }
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_q6_k_load(b, j), c4 = llq_q6_k_load(b4, j);
                    LLV_UNROLL for (int v = 0; v < n; v++) {
                        const llv_b q = llv_b_load(llq_a8(g, v, i)->q + 32 * j);
                        const llv_w s = llv_w_halves(sk[v], j), s4 = llv_w_halves(sk4[v], j);
                        sum[v][l] = llv_dot_scaled(sum[v][l], c, q, s);
                        sum[v][l + 4] = llv_dot_scaled(sum[v][l + 4], c4, q, s4);
                    }
                }
            }
            LLV_UNROLL for (int v = 0; v < n; v++) {
                llv_r t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum[v])));
                acc[v] = llv_r_fma(llv_r_set(llq_a8(g, v, i)->base), t, acc[v]);
            }
        }
        llq_store(g, r, acc, n);
    }
}

LL_FN void llq_q6_k_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_q6_k_gemv_n(g, 1);
    else if (g->n == 2) llq_q6_k_gemv_n(g, 2);
    else llq_q6_k_gemv_n(g, 4);
}
#endif
#endif

/* ---- the table ------------------------------------------------------------------------------ */

/* NULL: no such format, or none that this build can run. */
LL_FN const ll_format *ll_format_find(uint32_t id) {
    static const ll_format table[] = {
        { "F32", 0, 1, 4,
          true,
          llq_f32_dequantize,
          llq_f32_quantize,
          llq_f32_dot,
          llq_f32_gemv, 0 },
#if LLQ_ALL || defined(LLOCAL_ONLY_F16)
        { "F16", 1, 1, 2,
          true,
          llq_f16_dequantize,
          llq_f16_quantize,
          llq_f16_dot,
          llq_f16_gemv, 0 },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_BF16)
        { "BF16", 30, 1, 2,
          true,
          llq_bf16_dequantize,
          llq_bf16_quantize,
          llq_bf16_dot,
          llq_bf16_gemv, 0 },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q8_0)
        { "Q8_0", 8, 32, 34,
          false,
          llq_q8_0_dequantize,
          llq_q8_0_quantize,
          llq_q8_0_dot,
          LLQ_GEMV(llq_q8_0_gemv), LLV_S_OFFSET },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_0)
        { "Q4_0", 2, 32, 18,
          false,
          llq_q4_0_dequantize,
          llq_q4_0_quantize,
          llq_q4_0_dot,
          LLQ_GEMV(llq_q4_0_gemv), 8 },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_K)
        { "Q4_K", 12, 256, 144,
          false,
          llq_q4_k_dequantize,
          llq_q4_k_quantize,
          llq_q4_k_dot,
          LLQ_GEMV(llq_q4_k_gemv), 0 },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_K)
        { "Q5_K", 13, 256, 176,
          false,
          llq_q5_k_dequantize,
          llq_q5_k_quantize,
          llq_q5_k_dot,
          LLQ_GEMV(llq_q5_k_gemv), 0 },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q6_K)
        { "Q6_K", 14, 256, 210,
          false,
          llq_q6_k_dequantize,
          llq_q6_k_quantize,
          llq_q6_k_dot,
          LLQ_GEMV(llq_q6_k_gemv), 32 },
#endif
    };
    for (int i = 0; i < LL_COUNT(table); i++) if (table[i].id == id) return &table[i];
    return NULL;
}

/* Every type number a GGUF file may hold, for names and sizes: 0 len ends a gap. */
typedef struct ll_type_info { const char *name; int len, bytes; } ll_type_info;

LL_FN ll_type_info ll_type_get(uint32_t id) {
    static const ll_type_info types[] = {
        { "F32", 1, 4 }, { "F16", 1, 2 }, { "Q4_0", 32, 18 }, { "Q4_1", 32, 20 },
        { NULL, 0, 0 }, { NULL, 0, 0 }, { "Q5_0", 32, 22 }, { "Q5_1", 32, 24 },
        { "Q8_0", 32, 34 }, { "Q8_1", 32, 36 }, { "Q2_K", 256, 84 }, { "Q3_K", 256, 110 },
        { "Q4_K", 256, 144 }, { "Q5_K", 256, 176 }, { "Q6_K", 256, 210 }, { "Q8_K", 256, 292 },
        { "IQ2_XXS", 256, 66 }, { "IQ2_XS", 256, 74 }, { "IQ3_XXS", 256, 98 }, { "IQ1_S", 256, 50 },
        { "IQ4_NL", 32, 18 }, { "IQ3_S", 256, 110 }, { "IQ2_S", 256, 82 }, { "IQ4_XS", 256, 136 },
        { "I8", 1, 1 }, { "I16", 1, 2 }, { "I32", 1, 4 }, { "I64", 1, 8 }, { "F64", 1, 8 },
        { "IQ1_M", 256, 56 }, { "BF16", 1, 2 }, { NULL, 0, 0 }, { NULL, 0, 0 }, { NULL, 0, 0 },
        { "TQ1_0", 256, 54 }, { "TQ2_0", 256, 66 }, { NULL, 0, 0 }, { NULL, 0, 0 }, { NULL, 0, 0 },
        { "MXFP4", 32, 17 }, { "NVFP4", 64, 36 }, { "Q1_0", 128, 18 }, { "Q2_0", 64, 18 }
    };
    static const ll_type_info none = { NULL, 0, 0 };
    return id < (uint32_t)LL_COUNT(types) ? types[id] : none;
}

LLOCAL_API llocal_format_info llocal_format_get(llocal_format f) {
    ll_type_info t = ll_type_get(f);
    const ll_format *format = ll_format_find(f);
    llocal_format_info info;
    info.name = t.name, info.block_len = t.len, info.block_bytes = t.bytes;
    info.can_run = format != NULL;
    info.can_quantize = format && format->quantize;
    return info;
}

LLOCAL_API uint64_t llocal_format_bytes(llocal_format f, uint64_t n) {
    ll_type_info t = ll_type_get(f);
    uint64_t bytes;
    if (!t.len || n % (uint64_t)t.len) return 0;
    bytes = ll_mul(n / (uint64_t)t.len, (uint64_t)t.bytes);
    return bytes == UINT64_MAX ? 0 : bytes;
}

LLOCAL_API llocal_result llocal_dequantize(llocal_format f, const void *src, float *dst, size_t n) {
    const ll_format *format = ll_format_find(f);
    if (!format) return ll_type_get(f).name ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_ERR_ARGUMENT;
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return LLOCAL_ERR_ARGUMENT;
    format->dequantize(src, dst, n);
    return LLOCAL_OK;
}

/* A block of a quantised format holds no infinity and no NaN, and its scale is an f16. */
LLOCAL_API llocal_result llocal_quantize(llocal_format f, const float *src, void *dst, size_t n) {
    const ll_format *format = ll_format_find(f);
    if (!ll_type_get(f).name) return LLOCAL_ERR_ARGUMENT;
    if (!format || !format->quantize) return LLOCAL_ERR_UNSUPPORTED;
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return LLOCAL_ERR_ARGUMENT;
    if (!format->is_float)
        for (size_t i = 0; i < n; i++) if (!(fabsf(src[i]) <= 65504)) return LLOCAL_ERR_ARGUMENT;
    format->quantize(src, dst, n);
    return LLOCAL_OK;
}

/* end of generated text */

/* ==========================================================================================
 * >>ops    exp and its family, norms, rope, activations, softmax.
 * ========================================================================================== */

/* ==========================================================================================
 * >>matmul    Rows x vectors over the table of formats.
 * ==========================================================================================
 * y = W x for n vectors at once. Every element of y is the format's `dot` of a row and a vector,
 * to the bit, whichever kernel computes it: few vectors or many, one thread or several. */

/* Weights where they lie: n_rows rows (the outputs) of n_cols weights in GGUF blocks. */
typedef struct ll_matrix {
    const ll_format *format;
    const uint8_t *data;                /* any alignment; nothing behind the last row is read */
    uint64_t row_bytes;
    int n_rows, n_cols;                 /* n_cols % block_len == 0, and % 32 for integer formats */
} ll_matrix;

/* n vectors in, n vectors out. */
typedef struct ll_batch {
    int n;
    const float *x;                     /* float formats: vector i at x + row * x_stride */
    size_t x_stride;
    const ll_a8 *a8;                    /* integer formats: records of vector i at a8 + row * a8_stride */
    size_t a8_stride;
    const int32_t *in_row;              /* row of vector i; NULL: i */
    float *y;                           /* y[row * y_stride + r] = row r of W times vector i */
    size_t y_stride;
    const int32_t *out_row;             /* NULL: i */
} ll_batch;

LL_INLINE const void *ll_batch_in(const ll_format *f, const ll_batch *b, int i) {
    size_t row = (size_t)(b->in_row ? b->in_row[i] : i);
    if (f->is_float) return b->x + row * b->x_stride;
    return b->a8 + row * b->a8_stride;
}

LL_INLINE float *ll_batch_out(const ll_batch *b, int i) {
    return b->y + (size_t)(b->out_row ? b->out_row[i] : i) * b->y_stride;
}

/* Bytes of scratch that each worker needs. */
LL_FN uint64_t ll_matmul_scratch(int n_cols_max, int n_batch_max) {
    (void)n_batch_max;
    return ll_align(4 * (uint64_t)(n_cols_max / 32 + 1) * sizeof(ll_step), LLOCAL_ALIGN);
}

LL_FN void ll_matmul_steps(const ll_a8 *a, int n_cols, int offset, ll_step *out) {
    for (int j = 0; j < (n_cols + 32) / 64 * 2; j++) {
        const ll_a8 *g = &a[j / 8];
        int k = g->k[j % 8], ksum = g->ksum[j % 8 * 2] + g->ksum[j % 8 * 2 + 1];
        out[j].k = (float)k;
        out[j].offset = ksum / k * offset;
    }
}

/* Rows [row0, row1) times the vectors [i, i + n) of the batch, n <= 4. */
LL_FN void ll_matmul_few(const ll_matrix *w, const ll_batch *b, int i, int n, int row0, int row1,
                         void *scratch) {
    const ll_format *f = w->format;
    ll_step *steps = (ll_step *)scratch;
    ll_gemv g;
    g.rows = w->data + (uint64_t)row0 * w->row_bytes;
    g.row_bytes = w->row_bytes;
    g.n_rows = row1 - row0, g.n_cols = w->n_cols, g.n = n;
    for (int v = 0; v < n; v++) {
        g.vec[v] = ll_batch_in(f, b, i + v);
        g.y[v] = ll_batch_out(b, i + v) + row0;
        g.step[v] = NULL;
        if (f->is_float || f->block_len == 256) continue;
        ll_matmul_steps((const ll_a8 *)g.vec[v], w->n_cols, f->offset, steps);
        g.step[v] = steps;
        steps += w->n_cols / 32 + 1;
    }
    if (n == 3) {                       /* there are kernels for 1, 2 and 4 */
        g.vec[3] = g.vec[2], g.step[3] = g.step[2], g.y[3] = g.y[2];
        g.n = 4;
    }
    f->gemv(&g);
}

/* Rows [row0, row1) of w, on the calling thread. */
LL_FN void ll_matmul(const ll_matrix *w, const ll_batch *b, int row0, int row1, void *scratch) {
    if (w->format->gemv) {
        for (int i = 0; i < b->n; i += 4)
            ll_matmul_few(w, b, i, LL_MIN(b->n - i, 4), row0, row1, scratch);
        return;
    }
    for (int r = row0; r < row1; r++) {
        const uint8_t *row = w->data + (uint64_t)r * w->row_bytes;
        for (int i = 0; i < b->n; i++)
            ll_batch_out(b, i)[r] = w->format->dot(row, ll_batch_in(w->format, b, i), w->n_cols);
    }
}

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
