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

/* -std=c99 hides the POSIX clock and file maps, and 32-bit systems files from 2 GB up, unless
 * this comes before any system header. */
#if defined(LLOCAL_IMPLEMENTATION) && defined(__linux__) && !defined(_DEFAULT_SOURCE)
#  define _DEFAULT_SOURCE 1
#endif
#if defined(LLOCAL_IMPLEMENTATION) && !defined(_FILE_OFFSET_BITS)
#  define _FILE_OFFSET_BITS 64
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
#if LL_STDIO && !defined(LLOCAL_NO_MMAP) && (LL_POSIX || LL_WINDOWS)
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
#  if LL_STDIO
#    include <errno.h>
#    include <fcntl.h>
#    include <sys/stat.h>
#    include <unistd.h>
#  endif
#  if LL_MMAP
#    include <sys/mman.h>
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
 * Where the bytes are is decided once, here: either all of them are addressable (`data`: mapped,
 * or yours) and are used where they lie, or they come through ll_source_read. Opening allocates
 * nothing. Each system gives the same ll_file_ functions; paths are UTF-8 on all of them.
 * ll_cursor, at the end, is how the bytes of a source are taken apart. */

#define LL_PATH_MAX (LL_STDIO ? 4096 : 1)   /* bytes of a path and its NUL: on the stack */
#define LL_READ_MAX ((size_t)1 << 30)       /* of one request: some systems stop at 2^31 - 1 */

/* open and map return NULL when all went well, else the reason in words. read returns how many
 * bytes came, 0 at the end or on failure. */
#if LL_STDIO && LL_WINDOWS

typedef HANDLE ll_file;

LL_FN const char *ll_file_reason(void) {
    switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND: case ERROR_PATH_NOT_FOUND: case ERROR_INVALID_NAME:
        return "no such file";
    case ERROR_ACCESS_DENIED:     return "permission denied, or a directory";
    case ERROR_SHARING_VIOLATION: return "another program is writing to it";
    case ERROR_NOT_ENOUGH_MEMORY: case ERROR_COMMITMENT_LIMIT:
        return "not enough address space";
    default: return "the system refused";
    }
}

/* UTF-8 to the full UTF-16 name in out[LL_PATH_MAX + 8]. Only behind the prefix \\?\ (for
 * \\server\share: \\?\UNC\) may it be longer than 260; the prefix wants a full name. */
LL_FN const wchar_t *ll_file_wide(const char *path, wchar_t *out, const char **why) {
    static const wchar_t local[] = L"\\\\?\\", share[] = L"\\\\?\\UNC";
    wchar_t name[LL_PATH_MAX], *full = out + 8;
    DWORD n;
    *why = "its name is not UTF-8, or too long";
    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, name, LL_PATH_MAX))
        return NULL;
    n = GetFullPathNameW(name, LL_PATH_MAX, full, NULL);
    if (n == 0 || n >= LL_PATH_MAX) return NULL;
    if (n < 248 || (full[0] == '\\' && full[1] == '\\' && (full[2] == '?' || full[2] == '.')))
        return full;
    if (full[0] == '\\' && full[1] == '\\')     /* one of its two backslashes stays */
        return (const wchar_t *)memcpy(full - 6, share, 7 * sizeof *full);
    return (const wchar_t *)memcpy(full - 4, local, 4 * sizeof *full);
}

LL_FN const char *ll_file_open(const char *path, ll_file *f, uint64_t *size) {
    wchar_t room[LL_PATH_MAX + 8];
    const char *why;
    const wchar_t *wide = ll_file_wide(path, room, &why);
    LARGE_INTEGER n;
    if (!wide) return why;
    *f = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                     FILE_ATTRIBUTE_NORMAL, NULL);
    if (*f == INVALID_HANDLE_VALUE) return ll_file_reason();
    if (!GetFileSizeEx(*f, &n)) {
        CloseHandle(*f);
        return "its size is unknown";
    }
    *size = (uint64_t)n.QuadPart;
    return NULL;
}

LL_FN size_t ll_file_read(ll_file f, uint64_t offset, void *dst, size_t size) {
    OVERLAPPED at;
    DWORD got = 0;
    memset(&at, 0, sizeof at);
    at.Offset = (DWORD)offset, at.OffsetHigh = (DWORD)(offset >> 32);
    return ReadFile(f, dst, (DWORD)size, &got, &at) ? got : 0;
}

LL_FN void ll_file_close(ll_file f) { CloseHandle(f); }

#elif LL_STDIO && LL_POSIX

typedef int ll_file;

LL_FN const char *ll_file_reason(void) {
    switch (errno) {
    case ENOENT: case ENOTDIR: return "no such file";
    case EACCES: case EPERM:   return "permission denied";
    case EMFILE: case ENFILE:  return "too many open files";
    case ENAMETOOLONG:         return "its name is too long";
    case EOVERFLOW:            return "too large: compile with -D_FILE_OFFSET_BITS=64";
    case ENOMEM:               return "not enough address space";
    case ENODEV:               return "not possible on its file system";
    default:                   return "the system refused";
    }
}

LL_FN const char *ll_file_open(const char *path, ll_file *f, uint64_t *size) {
    struct stat st;
    const char *why = NULL;
    do *f = open(path, O_RDONLY | O_CLOEXEC); while (*f < 0 && errno == EINTR);
    if (*f < 0) return ll_file_reason();
    if (fstat(*f, &st) != 0) why = "its size is unknown";
    else if (S_ISDIR(st.st_mode)) why = "it is a directory";
    else if (!S_ISREG(st.st_mode)) why = "it is no regular file";
    if (why) close(*f);
    else *size = (uint64_t)st.st_size;
    return why;
}

LL_FN size_t ll_file_read(ll_file f, uint64_t offset, void *dst, size_t size) {
    ssize_t got;
    do got = pread(f, dst, size, (off_t)offset); while (got < 0 && errno == EINTR);
    return got > 0 ? (size_t)got : 0;
}

LL_FN void ll_file_close(ll_file f) { close(f); }

#elif LL_STDIO

/* Neither system: standard C. Here two threads must not read one source at a time, and where
 * long has 32 bits a file ends at 2 GB. */
typedef FILE *ll_file;

LL_FN const char *ll_file_open(const char *path, ll_file *f, uint64_t *size) {
    long n = -1;
    *f = fopen(path, "rb");
    if (!*f) return "no such file, or it may not be read";
    if (fseek(*f, 0, SEEK_END) == 0) n = ftell(*f);
    if (n < 0) {
        fclose(*f);
        return "its size is unknown, or 2 GB and more";
    }
    *size = (uint64_t)n;
    return NULL;
}

LL_FN size_t ll_file_read(ll_file f, uint64_t offset, void *dst, size_t size) {
    return fseek(f, (long)offset, SEEK_SET) == 0 ? fread(dst, 1, size, f) : 0;
}

LL_FN void ll_file_close(ll_file f) { fclose(f); }

#else

typedef int ll_file;
LL_FN const char *ll_file_open(const char *path, ll_file *f, uint64_t *size) {
    (void)path, *f = 0, *size = 0;
    return "this build opens no paths (LLOCAL_NO_STDIO); give it as data or through a reader";
}
LL_FN size_t ll_file_read(ll_file f, uint64_t offset, void *dst, size_t size) {
    (void)f, (void)offset, (void)dst, (void)size;
    return 0;
}
LL_FN void ll_file_close(ll_file f) { (void)f; }

#endif

#if LL_MMAP && LL_WINDOWS

LL_FN const char *ll_file_map(ll_file f, size_t size, const void **out) {
    HANDLE map = CreateFileMappingW(f, NULL, PAGE_READONLY, 0, 0, NULL);
    (void)size;
    if (!map) return ll_file_reason();
    *out = MapViewOfFile(map, FILE_MAP_READ, 0, 0, 0);
    CloseHandle(map);                   /* the view keeps it */
    return *out ? NULL : ll_file_reason();
}
LL_FN void ll_file_unmap(const void *p, size_t size) { (void)size, UnmapViewOfFile((void *)p); }

#elif LL_MMAP

LL_FN const char *ll_file_map(ll_file f, size_t size, const void **out) {
    void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, f, 0);
    if (p == MAP_FAILED) return ll_file_reason();
    *out = p;
    return NULL;
}
LL_FN void ll_file_unmap(const void *p, size_t size) { munmap((void *)p, size); }

#else

LL_FN const char *ll_file_map(ll_file f, size_t size, const void **out) {
    (void)f, (void)size, *out = NULL;
    return "this build has no maps (LLOCAL_NO_MMAP)";
}
LL_FN void ll_file_unmap(const void *p, size_t size) { (void)p, (void)size; }

#endif

typedef enum ll_source_kind {
    LL_SOURCE_CLOSED, LL_SOURCE_MEMORY, LL_SOURCE_MAPPED, LL_SOURCE_FILE, LL_SOURCE_READER
} ll_source_kind;

typedef struct ll_source {              /* all zeros: closed */
    ll_source_kind kind;
    const uint8_t *data;                /* [size] in place; NULL: only through ll_source_read */
    uint64_t size;
    llocal_reader reader;
    ll_file file;
} ll_source;

/* What messages call it: its path (the end of a long one, from a whole character on). */
LL_FN llocal_str ll_source_name(const llocal_source *src) {
    llocal_str s = ll_str(src->path ? src->path : src->data ? "(memory)" : "(reader)");
    if (s.len > 120) s.ptr += s.len - 120, s.len = 120;
    while (s.len && ((unsigned char)*s.ptr & 0xc0) == 0x80) s.ptr++, s.len--;
    return s;
}

LL_FN void ll_source_close(ll_source *s) {
    if (s->kind == LL_SOURCE_MAPPED) ll_file_unmap(s->data, (size_t)s->size);
    if (s->kind == LL_SOURCE_FILE) ll_file_close(s->file);
    memset(s, 0, sizeof *s);
}

LL_FN llocal_result ll_source_open_path(ll_source *s, const llocal_source *src,
                                        const llocal_logger *log) {
    llocal_str name = ll_source_name(src);
    const void *data = NULL;
    const char *why = ll_file_open(src->path, &s->file, &s->size);
    if (why) return ll_fail(log, LLOCAL_ERR_IO, "%S: cannot open: %s", &name, why);
    s->kind = LL_SOURCE_FILE;
    if (!LL_MMAP || src->no_mmap || s->size == 0) return LLOCAL_OK;
    why = s->size > SIZE_MAX ? "not enough address space"
                             : ll_file_map(s->file, (size_t)s->size, &data);
    ll_file_close(s->file);             /* a map lives without its file */
    s->kind = LL_SOURCE_CLOSED;
    if (why)
        return ll_fail(log, LLOCAL_ERR_IO, "%S: cannot map %u bytes: %s; no_mmap would read them "
                       "into memory", &name, s->size, why);
    s->kind = LL_SOURCE_MAPPED;
    s->data = (const uint8_t *)data;
    return LLOCAL_OK;
}

LL_FN llocal_result ll_source_open(ll_source *s, const llocal_source *src,
                                   const llocal_logger *log) {
    memset(s, 0, sizeof *s);
    if ((src->path != NULL) + (src->data != NULL) + (src->reader.read != NULL) != 1)
        return ll_fail(log, LLOCAL_ERR_ARGUMENT, "llocal_source: set exactly one of path, data and "
                       "reader.read");
    if (src->path) return ll_source_open_path(s, src, log);
    s->kind = src->data ? LL_SOURCE_MEMORY : LL_SOURCE_READER;
    s->data = (const uint8_t *)src->data;
    s->size = src->data ? src->data_size : src->reader.size;
    s->reader = src->reader;
    return LLOCAL_OK;
}

/* All of it or false. Any thread. */
LL_FN bool ll_source_read(const ll_source *s, uint64_t offset, void *dst, size_t size) {
    uint8_t *to = (uint8_t *)dst;
    if (offset > s->size || size > s->size - offset) return false;
    if (s->data) {
        memcpy(to, s->data + (size_t)offset, size);
        return true;
    }
    while (size > 0) {                  /* callbacks and files may give less than asked for */
        size_t want = LL_MIN(size, LL_READ_MAX);
        size_t got = s->kind == LL_SOURCE_READER ? s->reader.read(s->reader.user, offset, to, want)
                                                 : ll_file_read(s->file, offset, to, want);
        if (got == 0 || got > want) return false;
        to += got, offset += got, size -= got;
    }
    return true;
}

/* Takes bytes off a source, front to back. Each read is checked against the end and the first
 * failure sticks: afterwards every take gives NULL, every number is 0, and the caller looks at
 * `error` once a record. The bytes are in place, or in a buffer: one that slides is a small
 * window (what was taken is gone with the next take), one that does not keeps all that was read. */
typedef struct ll_cursor {
    const ll_source *src;
    const uint8_t *bytes;               /* resident: [base, base + have) of the source */
    uint8_t *buffer;                    /* the same memory if it is ours to fill, else NULL */
    uint64_t base, have, cap;
    uint64_t at;                        /* next byte, from the start of the source */
    bool slides;
    llocal_result error;                /* ERR_FORMAT: past the end; ERR_IO: reading failed */
} ll_cursor;

LL_FN ll_cursor ll_cursor_start(const ll_source *src, uint8_t *buffer, uint64_t cap, bool slides) {
    ll_cursor c;
    memset(&c, 0, sizeof c);
    c.src = src;
    if (src->data) c.bytes = src->data, c.have = src->size;
    else c.bytes = c.buffer = buffer, c.cap = cap, c.slides = slides;
    return c;
}

/* Make the next n bytes resident. They are there: take has compared with the end. */
LL_FN bool ll_cursor_fill(ll_cursor *c, uint64_t n) {
    uint64_t missing, want;
    if (c->slides) c->base = c->at, c->have = 0;
    missing = c->at + n - (c->base + c->have);
    want = LL_MIN(c->cap - c->have, c->src->size - (c->base + c->have));
    if (!c->slides) want = LL_MIN(want, LL_MAX(missing, 65536));    /* do not run far ahead */
    if (want < missing || !ll_source_read(c->src, c->base + c->have, c->buffer + (size_t)c->have,
                                          (size_t)want)) {
        c->error = LLOCAL_ERR_IO;
        return false;
    }
    c->have += want;
    return true;
}

LL_FN const uint8_t *ll_cursor_take(ll_cursor *c, uint64_t n) {
    const uint8_t *p;
    if (!c->error && n > c->src->size - c->at) c->error = LLOCAL_ERR_FORMAT;
    if (c->error) return NULL;
    if (c->at + n > c->base + c->have && !ll_cursor_fill(c, n)) return NULL;
    p = c->bytes + (size_t)(c->at - c->base);
    c->at += n;
    return p;
}

/* As take, but in a window the bytes need not be read. */
LL_FN void ll_cursor_skip(ll_cursor *c, uint64_t n) {
    if (!c->slides) ll_cursor_take(c, n);
    else if (c->error) return;
    else if (n > c->src->size - c->at) c->error = LLOCAL_ERR_FORMAT;
    else c->at += n;
}

LL_FN uint32_t ll_cursor_u32(ll_cursor *c) {
    const uint8_t *p = ll_cursor_take(c, 4);
    return p ? ll_load_u32(p) : 0;
}
LL_FN uint64_t ll_cursor_u64(ll_cursor *c) {
    const uint8_t *p = ll_cursor_take(c, 8);
    return p ? ll_load_u64(p) : 0;
}

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
 * ==========================================================================================
 * A file is a head and then the tensors' bytes. All numbers are little-endian.
 *
 *     "GGUF"  u32 version  u64 n_tensors  u64 n_meta
 *     n_meta times     string key, u32 type, value
 *                      value: a number; a bool of one byte; a string;
 *                      or u32 element type, u64 count, elements (for an array)
 *     n_tensors times  string name, u32 n_dims, u64 dim[n_dims], u32 format, u64 offset
 *     padding to general.alignment (32), from where the tensors' offsets count
 *     string: u64 length, bytes
 *
 * A file is read twice. The scan allocates nothing and answers how much memory the tables need
 * (and, where the file cannot be used in place, the head and the weights); then the load fills
 * them. Both walk the head with ll_gguf_read_head, so both refuse the same things; the load also
 * proves what takes tables (nothing twice, no overlap) and that the file is still the one that
 * was scanned. Keys, names, strings and arrays stay where they lie in the head. Afterwards
 * nothing here needs checking again.
 *
 * Every count is bounded by the bytes that are there, so tables are a small multiple of the file,
 * and every pass is linear or n log n, whatever the file says. */

#define LL_GGUF_WINDOW    1024          /* bytes on the stack through which a scan sees a head */
#define LL_GGUF_NAME      128           /* bytes of a key that it sees; those we know are shorter */
#define LL_GGUF_NAME_MAX  65535         /* the format's own bound */
#define LL_GGUF_ALIGN     32
#define LL_GGUF_FILES_MAX 99999         /* the names of parts have five digits */
#define LL_GGUF_CHUNK     ((uint64_t)4 << 20)   /* weights are copied this much at a time */

/* What a tensor of each type takes; block_len 0: the type was removed from the format. */
LL_FN llocal_format_info ll_gguf_type_info(llocal_format f) {
    static const struct { const char *name; int16_t len, bytes; } types[] = {
        { "F32", 1, 4 },          { "F16", 1, 2 },          { "Q4_0", 32, 18 },
        { "Q4_1", 32, 20 },       { "Q4_2", 0, 0 },         { "Q4_3", 0, 0 },
        { "Q5_0", 32, 22 },       { "Q5_1", 32, 24 },       { "Q8_0", 32, 34 },
        { "Q8_1", 32, 36 },       { "Q2_K", 256, 84 },      { "Q3_K", 256, 110 },
        { "Q4_K", 256, 144 },     { "Q5_K", 256, 176 },     { "Q6_K", 256, 210 },
        { "Q8_K", 256, 292 },     { "IQ2_XXS", 256, 66 },   { "IQ2_XS", 256, 74 },
        { "IQ3_XXS", 256, 98 },   { "IQ1_S", 256, 50 },     { "IQ4_NL", 32, 18 },
        { "IQ3_S", 256, 110 },    { "IQ2_S", 256, 82 },     { "IQ4_XS", 256, 136 },
        { "I8", 1, 1 },           { "I16", 1, 2 },          { "I32", 1, 4 },
        { "I64", 1, 8 },          { "F64", 1, 8 },          { "IQ1_M", 256, 56 },
        { "BF16", 1, 2 },         { "Q4_0_4_4", 0, 0 },     { "Q4_0_4_8", 0, 0 },
        { "Q4_0_8_8", 0, 0 },     { "TQ1_0", 256, 54 },     { "TQ2_0", 256, 66 },
        { "IQ4_NL_4_4", 0, 0 },   { "IQ4_NL_4_8", 0, 0 },   { "IQ4_NL_8_8", 0, 0 },
        { "MXFP4", 32, 17 },      { "NVFP4", 64, 36 },      { "Q1_0", 128, 18 },
        { "Q2_0", 64, 18 }
    };
    llocal_format_info info = { NULL, 0, 0, false, false };
    if (f < (llocal_format)LL_COUNT(types))
        info.name = types[f].name, info.block_len = types[f].len, info.block_bytes = types[f].bytes;
    return info;
}

/* ---- values ----------------------------------------------------------------------------- */

#define LL_GGUF_TYPES (LLOCAL_F64 + 1)

/* Bytes of one value of a type; 0 for strings and arrays, whose values say so themselves. */
LL_FN uint64_t ll_gguf_value_bytes(uint32_t type) {
    static const uint8_t bytes[LL_GGUF_TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };
    return type < LL_GGUF_TYPES ? bytes[type] : 0;
}

LL_FN void ll_gguf_load_value(llocal_meta *m, const uint8_t *p) {
    uint64_t bits;
    switch (m->type) {
    case LLOCAL_U8:   m->as.u = p[0]; break;
    case LLOCAL_I8:   m->as.i = (int8_t)p[0]; break;
    case LLOCAL_U16:  m->as.u = ll_load_u16(p); break;
    case LLOCAL_I16:  m->as.i = (int16_t)ll_load_u16(p); break;
    case LLOCAL_U32:  m->as.u = ll_load_u32(p); break;
    case LLOCAL_I32:  m->as.i = (int32_t)ll_load_u32(p); break;
    case LLOCAL_U64:  m->as.u = ll_load_u64(p); break;
    case LLOCAL_I64:  m->as.i = (int64_t)ll_load_u64(p); break;
    case LLOCAL_F32:  m->as.f = ll_load_f32(p); break;
    case LLOCAL_F64:  bits = ll_load_u64(p), memcpy(&m->as.f, &bits, 8); break;
    case LLOCAL_BOOL: m->as.b = p[0] != 0; break;
    case LLOCAL_STRING: case LLOCAL_ARRAY: break;
    }
}

/* What any integer or bool holds; false for other types and above INT64_MAX. */
LL_FN bool ll_meta_int(const llocal_meta *m, int64_t *out) {
    switch (m->type) {
    case LLOCAL_U8: case LLOCAL_U16: case LLOCAL_U32: case LLOCAL_U64:
        if (m->as.u > INT64_MAX) return false;
        *out = (int64_t)m->as.u;
        return true;
    case LLOCAL_I8: case LLOCAL_I16: case LLOCAL_I32: case LLOCAL_I64:
        *out = m->as.i;
        return true;
    case LLOCAL_BOOL:
        *out = m->as.b;
        return true;
    default:
        return false;
    }
}

/* What any number holds. */
LL_FN bool ll_meta_float(const llocal_meta *m, double *out) {
    int64_t i;
    if (m->type == LLOCAL_F32 || m->type == LLOCAL_F64) *out = m->as.f;
    else if (ll_meta_int(m, &i)) *out = (double)i;
    else return false;
    return true;
}

/* Element i of an array of numbers or bools as a meta of its own. */
LL_FN bool ll_meta_array_at(const llocal_meta *array, uint64_t i, llocal_meta *out) {
    uint64_t size = ll_gguf_value_bytes((uint32_t)array->elem_type);
    if (array->type != LLOCAL_ARRAY || size == 0 || i >= array->array_bytes / size) return false;
    memset(out, 0, sizeof *out);
    out->key = array->key, out->type = array->elem_type, out->count = 1;
    ll_gguf_load_value(out, (const uint8_t *)array->as.array + (size_t)(i * size));
    return true;
}

/* 0 where there is no such element or it is no number: callers look at count and elem_type. */
LL_FN int64_t ll_meta_array_int(const llocal_meta *array, uint64_t i) {
    llocal_meta m;
    int64_t v = 0;
    return ll_meta_array_at(array, i, &m) && ll_meta_int(&m, &v) ? v : 0;
}
LL_FN double ll_meta_array_float(const llocal_meta *array, uint64_t i) {
    llocal_meta m;
    double v = 0;
    return ll_meta_array_at(array, i, &m) && ll_meta_float(&m, &v) ? v : 0;
}

/* ---- the head of one file ----------------------------------------------------------------- */

/* What a scan learns; sums and maxima over all files of a split model. */
typedef struct ll_gguf_facts {
    int n_files, n_meta, n_tensors;
    uint64_t head_bytes;                /* of heads that must be copied, 0: all are in place */
    uint64_t weight_bytes;              /* of all tensors */
    uint64_t copy_bytes;                /* of tensors that cannot be used in place, each from a
                                           multiple of LLOCAL_ALIGN on; 0: all are in place */
    uint64_t n_weights;                 /* elements of all tensors */
    int n_layer;                        /* largest *.block_count, but at most n_tensors: a layer
                                           without a tensor needs no memory */
    int n_tokens, n_merges, n_scores;   /* lengths of the arrays tokenizer.ggml.* */
    uint64_t token_bytes;               /* of the text of all tokens */
    int64_t split_tensors;              /* how many the first of several files promises; or -1 */
} ll_gguf_facts;

/* While a head is being read. */
typedef struct ll_gguf_head {
    ll_cursor c;
    const llocal_logger *log;
    llocal_str file;                    /* for messages: file, "key" or "tensor", its name */
    const char *what;
    llocal_str name;                    /* at most 64 bytes of it */
    uint64_t n_meta, n_tensors;
    uint64_t alignment, data;           /* data: where the tensors begin */
    int64_t split_no, split_count, split_tensors;       /* -1: the file does not say */
    uint64_t tensor_bytes;              /* sum, and the largest offset + bytes and whose it is */
    uint64_t far_end;
    size_t far_len;
    char far_name[64];
    char window_name[LL_GGUF_NAME];     /* the current name, when it was read through a window */
} ll_gguf_head;

struct llocal_gguf {
    llocal_allocator allocator;         /* of llocal_gguf_open; inside a model bytes is 0 */
    uint64_t bytes;
    llocal_logger log;
    ll_gguf_facts facts;                /* of the scan: the room in the tables */
    int n_files, n_meta, n_tensors;     /* filled so far */
    int n_meta_first;                   /* of the first file: only these are for users */
    uint64_t heads_used;
    ll_source *files;                   /* [n_files] */
    llocal_meta *meta;                  /* [n_meta], file after file */
    llocal_tensor *tensors;             /* [n_tensors], file after file */
    uint32_t *meta_order;               /* [n_meta] sorted by key within each file */
    uint32_t *tensor_order;             /* [n_tensors] sorted by name */
    uint8_t *heads;                     /* [head_bytes] */
    uint8_t *weights;                   /* [copy_bytes]; NULL: none to copy, or not wanted */
};

LL_FN llocal_str ll_gguf_shown(llocal_str name) {
    name.len = LL_MIN(name.len, 64);
    return name;
}

/* Says why the cursor failed, if it did. */
LL_FN llocal_result ll_gguf_check(const ll_gguf_head *h) {
    if (h->c.error == LLOCAL_ERR_IO)
        return ll_fail(h->log, LLOCAL_ERR_IO, "%S: reading at byte %u failed, in %s \"%S\"",
                       &h->file, h->c.at, h->what, &h->name);
    if (h->c.error)
        return ll_fail(h->log, h->c.error, "%S: cut short: its %u bytes end inside %s \"%S\"; "
                       "download or copy it again", &h->file, h->c.src->size, h->what, &h->name);
    return LLOCAL_OK;
}

/* ll_fail with the file and the current key or tensor in front. */
LL_FN llocal_result ll_gguf_refuse(const ll_gguf_head *h, llocal_result r, const char *why) {
    return ll_fail(h->log, r, "%S: %s \"%S\" %s", &h->file, h->what, &h->name, why);
}

LL_FN llocal_result ll_gguf_refuse_start(const ll_gguf_head *h, const uint8_t *magic) {
    static const char *const known[][2] = {
        { "vers", "a Git LFS pointer: fetch the file it stands for (git lfs pull)" },
        { "lmgg", "a file of GGML, from before GGUF: convert the model again" },
        { "tjgg", "a file of GGJT, from before GGUF: convert the model again" },
        { "PK\3\4", "a zip archive or PyTorch file: convert the model to GGUF" },
        { "<!DO", "a web page: the download link led to a page, not to the file" },
        { "<htm", "a web page: the download link led to a page, not to the file" }
    };
    for (int i = 0; i < LL_COUNT(known); i++)
        if (memcmp(magic, known[i][0], 4) == 0)
            return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: not GGUF but %s", &h->file, known[i][1]);
    return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: not a GGUF file", &h->file);
}

LL_FN llocal_result ll_gguf_read_start(ll_gguf_head *h) {
    const uint8_t *magic = ll_cursor_take(&h->c, 4);
    uint32_t version;
    uint64_t left;
    h->what = "the", h->name = ll_str("start");
    if (magic && memcmp(magic, "GGUF", 4) != 0) return ll_gguf_refuse_start(h, magic);
    version = ll_cursor_u32(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    if (version != 0 && (version & 0xffff) == 0)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: its numbers are big-endian: convert "
                       "the model again, without that option", &h->file);
    if (version != 2 && version != 3)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: GGUF version %u; versions 2 and 3 can "
                       "be read%s", &h->file, (uint64_t)version,
                       version < 2 ? ": convert the model again" : "");
    h->n_tensors = ll_cursor_u64(&h->c);
    h->n_meta = ll_cursor_u64(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    /* The smallest entries: a key of one byte with a byte, and a tensor of one dimension. */
    left = h->c.src->size - h->c.at;
    if (h->n_meta > left / 14 || h->n_tensors > left / 33)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: cut short or damaged: %u keys and %u "
                       "tensors cannot be in its %u bytes", &h->file, h->n_meta, h->n_tensors,
                       h->c.src->size);
    return LLOCAL_OK;
}

/* Through a window only the first LL_GGUF_NAME bytes are seen, until the next name. */
LL_FN llocal_result ll_gguf_read_name(ll_gguf_head *h, const char *what, uint64_t number,
                                      llocal_str *out) {
    uint64_t len, seen;
    const uint8_t *p;
    h->what = what, h->name = ll_str("");
    len = ll_cursor_u64(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    if (len == 0 || len > LL_GGUF_NAME_MAX)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: %s number %u has a name of %u bytes; 1 to "
                       "%u are possible", &h->file, what, number, len, (uint64_t)LL_GGUF_NAME_MAX);
    seen = h->c.slides ? LL_MIN(len, LL_GGUF_NAME) : len;
    p = ll_cursor_take(&h->c, seen);
    ll_cursor_skip(&h->c, len - seen);
    if (h->c.error) return ll_gguf_check(h);
    if (h->c.slides) p = (const uint8_t *)memcpy(h->window_name, p, (size_t)seen);
    out->ptr = (const char *)p, out->len = (size_t)seen;
    h->name = ll_gguf_shown(*out);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_read_array(ll_gguf_head *h, llocal_meta *m) {
    uint32_t type = ll_cursor_u32(&h->c);
    uint64_t count = ll_cursor_u64(&h->c), start = h->c.at;
    if (h->c.error) return ll_gguf_check(h);
    if (type == LLOCAL_ARRAY)
        return ll_gguf_refuse(h, LLOCAL_ERR_UNSUPPORTED, "is an array of arrays");
    if (type >= LL_GGUF_TYPES)
        return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "is an array of an unknown type");
    m->elem_type = (llocal_type)type, m->count = count;
    if (type == LLOCAL_STRING)
        for (uint64_t i = 0; i < count && !h->c.error; i++)
            ll_cursor_skip(&h->c, ll_cursor_u64(&h->c));
    else
        ll_cursor_skip(&h->c, ll_mul(count, ll_gguf_value_bytes(type)));
    m->array_bytes = h->c.at - start;
    if (!h->c.slides) m->as.array = h->c.bytes + (size_t)(start - h->c.base);
    return ll_gguf_check(h);
}

/* One entry. Through a window, strings and arrays have no contents. */
LL_FN llocal_result ll_gguf_read_meta(ll_gguf_head *h, uint64_t number, llocal_meta *m) {
    llocal_result r;
    uint32_t type;
    memset(m, 0, sizeof *m);
    r = ll_gguf_read_name(h, "key", number, &m->key);
    if (r) return r;
    type = ll_cursor_u32(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    if (type >= LL_GGUF_TYPES) return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "has an unknown type");
    m->type = (llocal_type)type, m->count = 1;
    if (type == LLOCAL_ARRAY) return ll_gguf_read_array(h, m);
    if (type == LLOCAL_STRING) {
        uint64_t len = ll_cursor_u64(&h->c), start = h->c.at;
        ll_cursor_skip(&h->c, len);
        m->as.s = ll_str("");
        if (!h->c.slides && !h->c.error) {
            m->as.s.ptr = (const char *)h->c.bytes + (size_t)(start - h->c.base);
            m->as.s.len = (size_t)len;
        }
    } else {
        const uint8_t *p = ll_cursor_take(&h->c, ll_gguf_value_bytes(type));
        if (p) ll_gguf_load_value(m, p);
    }
    return ll_gguf_check(h);
}

LL_FN llocal_result ll_gguf_note_int(const ll_gguf_head *h, const llocal_meta *m, int64_t *out) {
    if (ll_meta_int(m, out) && *out >= 0) return LLOCAL_OK;
    return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "is not a whole number from 0 up");
}

LL_FN llocal_result ll_gguf_note_count(const ll_gguf_head *h, const llocal_meta *m, int *out) {
    if (m->type != LLOCAL_ARRAY) return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "is not an array");
    if (m->count > INT32_MAX) return ll_gguf_refuse(h, LLOCAL_ERR_UNSUPPORTED, "is too long");
    *out = (int)m->count;
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_note_alignment(ll_gguf_head *h, const llocal_meta *m) {
    int64_t v;
    if (!ll_meta_int(m, &v) || v < 8 || (v & (v - 1)) != 0)
        return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "is not a power of two from 8 up");
    h->alignment = (uint64_t)v;
    return LLOCAL_OK;
}

LL_FN void ll_gguf_note_layers(const llocal_meta *m, ll_gguf_facts *f) {
    static const char tail[] = ".block_count";
    size_t n = sizeof tail - 1;
    int64_t v;
    if (m->key.len > n && memcmp(m->key.ptr + m->key.len - n, tail, n) == 0 && ll_meta_int(m, &v))
        f->n_layer = (int)LL_MAX(f->n_layer, LL_MIN(v, INT32_MAX));
}

/* The few keys that say how the file itself is to be read, and how large the vocabulary is. */
LL_FN llocal_result ll_gguf_note(ll_gguf_head *h, const llocal_meta *m, ll_gguf_facts *f) {
    if (m->key.len >= LL_GGUF_NAME) return LLOCAL_OK;   /* a window may have cut it */
    if (ll_str_is(m->key, "general.alignment")) return ll_gguf_note_alignment(h, m);
    if (ll_str_is(m->key, "split.no")) return ll_gguf_note_int(h, m, &h->split_no);
    if (ll_str_is(m->key, "split.count")) return ll_gguf_note_int(h, m, &h->split_count);
    if (ll_str_is(m->key, "split.tensors.count")) return ll_gguf_note_int(h, m, &h->split_tensors);
    if (ll_str_is(m->key, "tokenizer.ggml.merges")) return ll_gguf_note_count(h, m, &f->n_merges);
    if (ll_str_is(m->key, "tokenizer.ggml.scores")) return ll_gguf_note_count(h, m, &f->n_scores);
    if (ll_str_is(m->key, "tokenizer.ggml.tokens")) {
        if (m->elem_type != LLOCAL_STRING)
            return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "is not an array of strings");
        f->token_bytes = m->array_bytes - m->count * 8;
        return ll_gguf_note_count(h, m, &f->n_tokens);
    }
    ll_gguf_note_layers(m, f);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_read_type(ll_gguf_head *h, llocal_tensor *t, uint64_t n_weights) {
    llocal_format_info info;
    t->format = ll_cursor_u32(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    info = ll_gguf_type_info(t->format);
    if (!info.name)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: tensor \"%S\" has type %u, which this "
                       "version does not know", &h->file, &h->name, (uint64_t)t->format);
    if (info.block_len == 0)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: tensor \"%S\" has type %s, which was "
                       "removed from GGUF: convert the model again", &h->file, &h->name, info.name);
    if (t->dim[0] % info.block_len != 0)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensor \"%S\" has rows of %d, which is no "
                       "multiple of %d, the block of its type %s", &h->file, &h->name, t->dim[0],
                       (int64_t)info.block_len, info.name);
    t->bytes = ll_mul(n_weights / (uint64_t)info.block_len, (uint64_t)info.block_bytes);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_read_dims(ll_gguf_head *h, llocal_tensor *t, uint64_t *n_weights) {
    uint32_t n = ll_cursor_u32(&h->c);
    uint64_t product = 1;
    if (h->c.error) return ll_gguf_check(h);
    if (n < 1 || n > 4)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensor \"%S\" has %u dimensions; 1 to 4 are "
                       "possible", &h->file, &h->name, (uint64_t)n);
    t->n_dims = (int)n;
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t d = i < n ? ll_cursor_u64(&h->c) : 1;
        if (h->c.error) return ll_gguf_check(h);
        if (d == 0) return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "has a dimension of 0");
        product = ll_mul(product, d);
        if (product > INT64_MAX)
            return ll_gguf_refuse(h, LLOCAL_ERR_FORMAT, "has impossible dimensions");
        t->dim[i] = (int64_t)d;
    }
    *n_weights = product;
    return LLOCAL_OK;
}

/* One entry of the directory; offset still counts from the start of the data. */
LL_FN llocal_result ll_gguf_read_tensor(ll_gguf_head *h, uint64_t number, llocal_tensor *t,
                                        ll_gguf_facts *f) {
    llocal_result r;
    uint64_t n_weights = 0, end;
    memset(t, 0, sizeof *t);
    r = ll_gguf_read_name(h, "tensor", number, &t->name);
    if (!r) r = ll_gguf_read_dims(h, t, &n_weights);
    if (!r) r = ll_gguf_read_type(h, t, n_weights);
    if (r) return r;
    t->offset = ll_cursor_u64(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    if (t->offset % h->alignment != 0)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensor \"%S\" lies at %u, which is no "
                       "multiple of general.alignment, %u", &h->file, &h->name, t->offset,
                       h->alignment);
    end = ll_add(t->offset, t->bytes);
    if (end > h->far_end) {
        h->far_end = end, h->far_len = h->name.len;
        memcpy(h->far_name, h->name.ptr, h->name.len);
    }
    h->tensor_bytes = ll_add(h->tensor_bytes, t->bytes);
    f->n_weights = ll_add(f->n_weights, n_weights);
    if (!h->c.src->data) f->copy_bytes = ll_add(f->copy_bytes, ll_align(t->bytes, LLOCAL_ALIGN));
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_read_end(ll_gguf_head *h, ll_gguf_facts *f) {
    llocal_str farthest;
    uint64_t size = h->c.src->size, end;
    farthest.ptr = h->far_name, farthest.len = h->far_len;
    h->data = ll_align(h->c.at, h->alignment);
    end = ll_add(h->data, h->far_end);
    if (h->n_tensors > 0 && end > size)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: cut short: tensor \"%S\" ends at byte %u, "
                       "the file at %u; download or copy it again", &h->file, &farthest, end, size);
    /* Needed here too: what a scan promises to copy must not be more than the file. */
    if (h->tensor_bytes > h->far_end)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensors overlap: they have %u bytes within "
                       "%u, up to \"%S\"", &h->file, h->tensor_bytes, h->far_end, &farthest);
    f->weight_bytes = ll_add(f->weight_bytes, h->tensor_bytes);
    if (!h->c.src->data) f->head_bytes = ll_add(f->head_bytes, h->c.at);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_changed(const llocal_logger *log, llocal_str file) {
    return ll_fail(log, LLOCAL_ERR_IO, "%S: changed while it was being opened; try again", &file);
}

/* Everything before the data, for the scan (g NULL) and for the load, which fills the tables. */
LL_FN llocal_result ll_gguf_read_head(ll_gguf_head *h, ll_gguf_facts *f, llocal_gguf *g) {
    llocal_result r = ll_gguf_read_start(h);
    if (r) return r;
    if (h->n_meta > (uint64_t)(INT32_MAX - f->n_meta) ||
        h->n_tensors > (uint64_t)(INT32_MAX - f->n_tensors))
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: with %u keys and %u tensors the model "
                       "has too many", &h->file, h->n_meta, h->n_tensors);
    f->n_meta += (int)h->n_meta, f->n_tensors += (int)h->n_tensors;
    if (g && (f->n_meta > g->facts.n_meta || f->n_tensors > g->facts.n_tensors))
        return ll_gguf_changed(h->log, h->file);
    for (uint64_t i = 0; i < h->n_meta; i++) {
        llocal_meta m;
        r = ll_gguf_read_meta(h, i, &m);
        if (!r) r = ll_gguf_note(h, &m, f);
        if (r) return r;
        if (g) g->meta[g->n_meta++] = m;
    }
    for (uint64_t i = 0; i < h->n_tensors; i++) {
        llocal_tensor t;
        r = ll_gguf_read_tensor(h, i, &t, f);
        if (r) return r;
        if (g) g->tensors[g->n_tensors++] = t;
    }
    return ll_gguf_read_end(h, f);
}

/* ---- order: finds what is there twice, and later by name ---------------------------------- */

LL_FN int ll_gguf_compare(llocal_str a, llocal_str b) {
    int c = memcmp(a.ptr, b.ptr, LL_MIN(a.len, b.len));
    return c ? c : a.len < b.len ? -1 : a.len > b.len;
}

typedef bool (*ll_gguf_less)(const llocal_gguf *g, uint32_t a, uint32_t b);
LL_FN bool ll_gguf_less_key(const llocal_gguf *g, uint32_t a, uint32_t b) {
    return ll_gguf_compare(g->meta[a].key, g->meta[b].key) < 0;
}
LL_FN bool ll_gguf_less_name(const llocal_gguf *g, uint32_t a, uint32_t b) {
    return ll_gguf_compare(g->tensors[a].name, g->tensors[b].name) < 0;
}
LL_FN bool ll_gguf_less_offset(const llocal_gguf *g, uint32_t a, uint32_t b) {
    return g->tensors[a].offset < g->tensors[b].offset;
}

/* Fill v with first .. first + n - 1 and sort it: a heap sort, so that no file can make it slow
 * (a hash of known form can be filled with collisions). */
LL_FN void ll_gguf_sort(const llocal_gguf *g, uint32_t *v, uint32_t first, uint32_t n,
                        ll_gguf_less less) {
    uint32_t t;
    for (uint32_t i = 0; i < n; i++) v[i] = first + i;
    for (uint32_t start = n / 2, end = n; end > 1;) {
        if (start > 0) start--;                 /* still building the heap */
        else end--, t = v[0], v[0] = v[end], v[end] = t;
        for (uint32_t at = start, child; (child = 2 * at + 1) < end; at = child) {
            if (child + 1 < end && less(g, v[child], v[child + 1])) child++;
            if (!less(g, v[at], v[child])) break;
            t = v[at], v[at] = v[child], v[child] = t;
        }
    }
}

LL_FN llocal_result ll_gguf_prove_keys(llocal_gguf *g, const ll_gguf_head *h, uint32_t first) {
    uint32_t n = (uint32_t)h->n_meta, *v = g->meta_order + first;
    ll_gguf_sort(g, v, first, n, ll_gguf_less_key);
    for (uint32_t i = 1; i < n; i++) {
        llocal_str key = ll_gguf_shown(g->meta[v[i]].key);
        if (ll_str_eq(g->meta[v[i - 1]].key, g->meta[v[i]].key))
            return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: key \"%S\" is there twice", &h->file,
                           &key);
    }
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_prove_offsets(llocal_gguf *g, const ll_gguf_head *h, uint32_t first) {
    uint32_t n = (uint32_t)h->n_tensors, *v = g->tensor_order + first;
    ll_gguf_sort(g, v, first, n, ll_gguf_less_offset);
    for (uint32_t i = 1; i < n; i++) {
        const llocal_tensor *a = &g->tensors[v[i - 1]], *b = &g->tensors[v[i]];
        llocal_str a_name = ll_gguf_shown(a->name), b_name = ll_gguf_shown(b->name);
        if (a->offset + a->bytes > b->offset)
            return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensors \"%S\" and \"%S\" overlap",
                           &h->file, &a_name, &b_name);
    }
    return LLOCAL_OK;
}

LL_FN llocal_result ll_gguf_prove_names(llocal_gguf *g, llocal_str file) {
    ll_gguf_sort(g, g->tensor_order, 0, (uint32_t)g->n_tensors, ll_gguf_less_name);
    for (int i = 1; i < g->n_tensors; i++) {
        const llocal_tensor *t = &g->tensors[g->tensor_order[i]];
        llocal_str name = ll_gguf_shown(t->name);
        if (ll_str_eq(g->tensors[g->tensor_order[i - 1]].name, t->name))
            return ll_fail(&g->log, LLOCAL_ERR_FORMAT, "%S: tensor \"%S\" is there twice", &file,
                           &name);
    }
    return LLOCAL_OK;
}

typedef llocal_str (*ll_gguf_name_of)(const llocal_gguf *g, uint32_t i);
LL_FN llocal_str ll_gguf_key_of(const llocal_gguf *g, uint32_t i) { return g->meta[i].key; }
LL_FN llocal_str ll_gguf_tensor_of(const llocal_gguf *g, uint32_t i) { return g->tensors[i].name; }

LL_FN int ll_gguf_search(const llocal_gguf *g, const uint32_t *order, int n, ll_gguf_name_of of,
                         llocal_str name) {
    for (int lo = 0, hi = n; lo < hi;) {
        int mid = lo + (hi - lo) / 2, c = ll_gguf_compare(of(g, order[mid]), name);
        if (c == 0) return (int)order[mid];
        if (c < 0) lo = mid + 1;
        else hi = mid;
    }
    return -1;
}

/* The index of a key of the first file, or of a tensor; -1: not there. */
LL_FN int ll_gguf_find_key(const llocal_gguf *g, llocal_str key) {
    return ll_gguf_search(g, g->meta_order, g->n_meta_first, ll_gguf_key_of, key);
}
LL_FN int ll_gguf_find_tensor(const llocal_gguf *g, llocal_str name) {
    return ll_gguf_search(g, g->tensor_order, g->n_tensors, ll_gguf_tensor_of, name);
}

/* ---- the files of a model ----------------------------------------------------------------- */

LL_FN void ll_gguf_put_digits(char *p, int n) {
    for (int i = 4; i >= 0; i--, n /= 10) p[i] = (char)('0' + n % 10);
}

/* ".../name-00001-of-00003.gguf" gives the name of its sibling `part` (from 0). */
LL_FN bool ll_gguf_part_path(const char *first, int part, int n_files, char *out) {
    char tail[] = "-00001-of-00000.gguf";
    size_t n = sizeof tail - 1, len = strlen(first);
    ll_gguf_put_digits(tail + 10, n_files);
    if (len < n || len >= LL_PATH_MAX || memcmp(first + len - n, tail, n) != 0) return false;
    memcpy(out, first, len + 1);
    ll_gguf_put_digits(out + len - n + 1, part + 1);
    return true;
}

/* Where part i of a model is; path: room of LL_PATH_MAX for its name. */
LL_FN llocal_result ll_gguf_part(const llocal_source *src, int part, int n_files, char *path,
                                 const llocal_logger *log, llocal_source *out) {
    llocal_str name = ll_source_name(src);
    *out = *src;
    if (part == 0) return LLOCAL_OK;
    if (src->n_parts > 0) {             /* ll_gguf_check_split has compared their number */
        *out = src->parts[part - 1];
        out->no_mmap = out->no_mmap || src->no_mmap;
        return LLOCAL_OK;
    }
    if (!src->path)
        return ll_fail(log, LLOCAL_ERR_ARGUMENT, "%S: is the first of %d files; give the others as "
                       "llocal_source.parts", &name, (int64_t)n_files);
    if (!ll_gguf_part_path(src->path, part, n_files, path))
        return ll_fail(log, LLOCAL_ERR_ARGUMENT, "%S: is the first of %d files, but its name does "
                       "not end in -00001-of-N.gguf (N: five digits), so the others cannot be "
                       "found; rename them or give llocal_source.parts", &name, (int64_t)n_files);
    out->path = path;
    return LLOCAL_OK;
}

/* Is this file the part that it should be? Of part 0, n_files is an answer. */
LL_FN llocal_result ll_gguf_check_split(const ll_gguf_head *h, const llocal_source *src, int part,
                                        int *n_files) {
    if (part > 0) {
        if (h->split_no == part && h->split_count == *n_files) return LLOCAL_OK;
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: is not part %d of %d: its split.no is %d "
                       "and its split.count %d", &h->file, (int64_t)part, (int64_t)*n_files,
                       h->split_no, h->split_count);
    }
    if (h->split_count > LL_GGUF_FILES_MAX)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: key \"split.count\" is %d; at most %d are "
                       "possible", &h->file, h->split_count, (int64_t)LL_GGUF_FILES_MAX);
    *n_files = h->split_count > 1 ? (int)h->split_count : 1;
    if (*n_files > 1 && h->split_no != 0)
        return ll_fail(h->log, LLOCAL_ERR_ARGUMENT, "%S: its split.no is %d: open part 0 of the "
                       "model, the file -00001-of-", &h->file, h->split_no);
    if (src->n_parts > 0 && (src->n_parts != *n_files - 1 || !src->parts))
        return ll_fail(h->log, LLOCAL_ERR_ARGUMENT, "%S: is the first of %d files, but %d parts "
                       "follow it in llocal_source.parts", &h->file, (int64_t)*n_files,
                       (int64_t)src->n_parts);
    return LLOCAL_OK;
}

/* The tables of a part are filled: make its tensors absolute and prove what takes all of them. */
LL_FN llocal_result ll_gguf_settle_part(llocal_gguf *g, int part, const ll_gguf_head *h) {
    const ll_source *s = h->c.src;
    int first = g->n_tensors - (int)h->n_tensors;
    llocal_result r;
    for (int i = first; i < g->n_tensors; i++) {
        llocal_tensor *t = &g->tensors[i];
        t->file = part;
        t->offset += h->data;
        if (s->data) t->data = s->data + (size_t)t->offset;
    }
    if (part == 0) g->n_meta_first = g->n_meta;
    if (!s->data) g->heads_used += h->c.at;
    r = ll_gguf_prove_keys(g, h, (uint32_t)g->n_meta - (uint32_t)h->n_meta);
    return r ? r : ll_gguf_prove_offsets(g, h, (uint32_t)first);
}

/* Part `part`, up to the end of its head. g NULL: scan. Else its tables are filled and the file
 * stays open in it. */
LL_FN llocal_result ll_gguf_read_part(const llocal_source *src, const llocal_logger *log, int part,
                                      ll_gguf_facts *f, llocal_gguf *g) {
    char path[LL_PATH_MAX];
    uint8_t window[LL_GGUF_WINDOW];
    llocal_source from;
    ll_source scanned, *s = g ? &g->files[part] : &scanned;
    ll_gguf_head h;
    llocal_result r = ll_gguf_part(src, part, f->n_files, path, log, &from);
    if (!r) r = ll_source_open(s, &from, log);
    if (r) return r;
    memset(&h, 0, sizeof h);
    h.log = log, h.file = ll_source_name(&from), h.alignment = LL_GGUF_ALIGN;
    h.split_no = h.split_count = h.split_tensors = -1;
    if (!g) h.c = ll_cursor_start(s, window, sizeof window, true);
    else {
        g->n_files = part + 1;
        h.c = ll_cursor_start(s, g->heads + (size_t)g->heads_used,
                              g->facts.head_bytes - g->heads_used, false);
    }
    r = ll_gguf_read_head(&h, f, g);
    if (!r) r = ll_gguf_check_split(&h, src, part, &f->n_files);
    if (part == 0) f->split_tensors = f->n_files > 1 ? h.split_tensors : -1;
    if (!g) ll_source_close(s);
    else if (!r) r = ll_gguf_settle_part(g, part, &h);
    return r;
}

/* ---- for models: scan, layout, load, unload ----------------------------------------------- */

LL_FN llocal_result ll_gguf_scan(const llocal_source *src, const llocal_logger *log,
                                 ll_gguf_facts *f) {
    llocal_str name = ll_source_name(src);
    llocal_result r = LLOCAL_OK;
    memset(f, 0, sizeof *f);
    f->n_files = 1;
    for (int part = 0; part < f->n_files && !r; part++)
        r = ll_gguf_read_part(src, log, part, f, NULL);
    if (!r && f->split_tensors >= 0 && f->split_tensors != f->n_tensors)
        r = ll_fail(log, LLOCAL_ERR_FORMAT, "%S: key \"split.tensors.count\" promises %d tensors, "
                    "the files have %d", &name, f->split_tensors, (int64_t)f->n_tensors);
    f->n_layer = LL_MIN(f->n_layer, f->n_tensors);
    return r;
}

/* Takes the tables from an arena; called with one that measures, then with one that places. With
 * with_weights there is room for those that cannot be used in place. */
LL_FN void ll_gguf_layout(ll_arena *a, const ll_gguf_facts *f, const llocal_source *src,
                          bool with_weights, llocal_gguf *g) {
    memset(g, 0, sizeof *g);
    g->log = src->logger;
    g->facts = *f;
    g->files = (ll_source *)ll_arena_take(a, (uint64_t)f->n_files, sizeof *g->files);
    g->meta = (llocal_meta *)ll_arena_take(a, (uint64_t)f->n_meta, sizeof *g->meta);
    g->tensors = (llocal_tensor *)ll_arena_take(a, (uint64_t)f->n_tensors, sizeof *g->tensors);
    g->meta_order = (uint32_t *)ll_arena_take(a, (uint64_t)f->n_meta, sizeof *g->meta_order);
    g->tensor_order = (uint32_t *)ll_arena_take(a, (uint64_t)f->n_tensors, sizeof *g->tensor_order);
    g->heads = (uint8_t *)ll_arena_take(a, f->head_bytes, 1);
    if (with_weights && f->copy_bytes) g->weights = (uint8_t *)ll_arena_take(a, f->copy_bytes, 1);
}

/* Closes the files; the tables are the caller's. Harmless twice. */
LL_FN void ll_gguf_unload(llocal_gguf *g) {
    for (int i = 0; i < g->n_files; i++) ll_source_close(&g->files[i]);
    g->n_files = 0;
}

LL_FN bool ll_gguf_same_facts(const ll_gguf_facts *a, const ll_gguf_facts *b) {
    return a->n_files == b->n_files && a->n_meta == b->n_meta && a->n_tensors == b->n_tensors &&
           a->head_bytes == b->head_bytes && a->weight_bytes == b->weight_bytes &&
           a->copy_bytes == b->copy_bytes && a->n_weights == b->n_weights &&
           a->n_layer == b->n_layer && a->n_tokens == b->n_tokens && a->n_merges == b->n_merges &&
           a->n_scores == b->n_scores && a->token_bytes == b->token_bytes &&
           a->split_tensors == b->split_tensors;
}

LL_FN llocal_result ll_gguf_read_weights(const llocal_gguf *g, const llocal_tensor *t,
                                         uint64_t offset, void *dst, size_t size) {
    llocal_str name = ll_gguf_shown(t->name);
    if (ll_source_read(&g->files[t->file], t->offset + offset, dst, size)) return LLOCAL_OK;
    return ll_fail(&g->log, LLOCAL_ERR_IO, "reading tensor \"%S\" failed: %u bytes at %u of file "
                   "%d", &name, (uint64_t)size, t->offset + offset, (int64_t)t->file);
}

/* Weights that are not in place, in pieces, between which the host hears how far it is. */
LL_FN llocal_result ll_gguf_copy_weights(llocal_gguf *g, const llocal_source *src) {
    uint64_t at = 0, done = 0, total = 0;
    for (int i = 0; i < g->n_tensors; i++) if (!g->tensors[i].data) total += g->tensors[i].bytes;
    for (int i = 0; i < g->n_tensors; i++) {
        llocal_tensor *t = &g->tensors[i];
        uint8_t *to = g->weights + (size_t)at;
        if (t->data) continue;
        for (uint64_t from = 0; from < t->bytes; from += LL_GGUF_CHUNK) {
            size_t n = (size_t)LL_MIN(t->bytes - from, LL_GGUF_CHUNK);
            llocal_result r = ll_gguf_read_weights(g, t, from, to + (size_t)from, n);
            if (r) return r;
            done += n;
            if (src->progress &&
                !src->progress(src->progress_user, (float)((double)done / (double)total)))
                return ll_fail(&g->log, LLOCAL_ERR_CANCELLED, "opening was cancelled");
        }
        t->data = to;
        at += ll_align(t->bytes, LLOCAL_ALIGN);
    }
    for (int i = 0; i < g->n_files; i++)        /* they have given all they had */
        if (!g->files[i].data) ll_source_close(&g->files[i]);
    return LLOCAL_OK;
}

/* Fills what layout took. After a failure everything is unloaded. */
LL_FN llocal_result ll_gguf_load(llocal_gguf *g, const llocal_source *src, const ll_gguf_facts *f) {
    llocal_str name = ll_source_name(src);
    ll_gguf_facts now;
    llocal_result r = LLOCAL_OK;
    memset(&now, 0, sizeof now);
    now.n_files = 1;
    for (int part = 0; part < f->n_files && !r; part++) {
        r = ll_gguf_read_part(src, &g->log, part, &now, g);
        if (!r && now.n_files != f->n_files) r = ll_gguf_changed(&g->log, name);
    }
    now.n_layer = LL_MIN(now.n_layer, now.n_tensors);
    if (!r && !ll_gguf_same_facts(&now, f)) r = ll_gguf_changed(&g->log, name);
    if (!r) r = ll_gguf_prove_names(g, name);
    if (!r && g->weights) r = ll_gguf_copy_weights(g, src);
    if (r) ll_gguf_unload(g);
    return r;
}

/* ---- look-ups for other sections ---------------------------------------------------------- */

LL_FN const llocal_meta *ll_gguf_find(const llocal_gguf *g, const char *key) {
    int i = ll_gguf_find_key(g, ll_str(key));
    return i < 0 ? NULL : &g->meta[i];
}

/* False, and *out as it was: the key is not there, or not of this kind. */
LL_FN bool ll_gguf_get_int(const llocal_gguf *g, const char *key, int64_t *out) {
    const llocal_meta *m = ll_gguf_find(g, key);
    return m && ll_meta_int(m, out);
}
LL_FN bool ll_gguf_get_float(const llocal_gguf *g, const char *key, double *out) {
    const llocal_meta *m = ll_gguf_find(g, key);
    return m && ll_meta_float(m, out);
}
LL_FN bool ll_gguf_get_bool(const llocal_gguf *g, const char *key, bool *out) {
    int64_t v;
    if (!ll_gguf_get_int(g, key, &v)) return false;
    *out = v != 0;
    return true;
}
LL_FN bool ll_gguf_get_str(const llocal_gguf *g, const char *key, llocal_str *out) {
    const llocal_meta *m = ll_gguf_find(g, key);
    if (!m || m->type != LLOCAL_STRING) return false;
    *out = m->as.s;
    return true;
}
LL_FN const llocal_tensor *ll_gguf_tensor(const llocal_gguf *g, const char *name) {
    int i = ll_gguf_find_tensor(g, ll_str(name));
    return i < 0 ? NULL : &g->tensors[i];
}

/* ---- the public face ---------------------------------------------------------------------- */

LLOCAL_API void llocal_gguf_close(llocal_gguf *g) {
    llocal_allocator a;
    if (!g) return;
    ll_gguf_unload(g);
    a = g->allocator;
    ll_free(&a, g, g->bytes);
}

LLOCAL_API llocal_result llocal_gguf_open(const llocal_source *src, llocal_gguf **out) {
    ll_gguf_facts f;
    ll_arena arena = { NULL, sizeof(llocal_gguf) };
    llocal_gguf measured, *g;
    llocal_allocator a;
    llocal_result r;
    if (out) *out = NULL;
    if (!src || !out) return LLOCAL_ERR_ARGUMENT;
    a = ll_allocator(src->allocator);
    r = ll_gguf_scan(src, &src->logger, &f);
    if (r) return r;
    ll_gguf_layout(&arena, &f, src, false, &measured);
    g = (llocal_gguf *)ll_alloc(&a, arena.used);
    if (!g)
        return ll_fail(&src->logger, LLOCAL_ERR_MEMORY, "the allocator did not give %u bytes for "
                       "the tables of the file", arena.used);
    arena.base = (uint8_t *)g;
    measured.bytes = arena.used;
    arena.used = sizeof *g;
    ll_gguf_layout(&arena, &f, src, false, g);
    g->allocator = a, g->bytes = measured.bytes;
    r = ll_gguf_load(g, src, &f);
    if (r) llocal_gguf_close(g);
    else *out = g;
    return r;
}

LLOCAL_API int llocal_gguf_meta_count(const llocal_gguf *g) { return g->n_meta_first; }
LLOCAL_API int llocal_gguf_tensor_count(const llocal_gguf *g) { return g->n_tensors; }

LLOCAL_API llocal_meta llocal_gguf_meta(const llocal_gguf *g, int i) {
    llocal_meta none;
    if (i >= 0 && i < g->n_meta_first) return g->meta[i];
    memset(&none, 0, sizeof none);
    return none;
}
LLOCAL_API llocal_tensor llocal_gguf_tensor(const llocal_gguf *g, int i) {
    llocal_tensor none;
    if (i >= 0 && i < g->n_tensors) return g->tensors[i];
    memset(&none, 0, sizeof none);
    return none;
}
LLOCAL_API int llocal_gguf_meta_find(const llocal_gguf *g, const char *key) {
    return ll_gguf_find_key(g, ll_str(key));
}
LLOCAL_API int llocal_gguf_tensor_find(const llocal_gguf *g, const char *name) {
    return ll_gguf_find_tensor(g, ll_str(name));
}

LLOCAL_API bool llocal_meta_item(const llocal_meta *array, uint64_t *at, llocal_meta *out) {
    const uint8_t *p = (const uint8_t *)array->as.array;
    uint64_t left, len;
    if (array->type != LLOCAL_ARRAY || *at >= array->array_bytes) return false;
    if (array->elem_type != LLOCAL_STRING) {            /* *at counts bytes in both cases */
        uint64_t size = ll_gguf_value_bytes((uint32_t)array->elem_type);
        if (size == 0 || !ll_meta_array_at(array, *at / size, out)) return false;
        *at += size;
        return true;
    }
    left = array->array_bytes - *at;
    if (left < 8) return false;
    len = ll_load_u64(p + (size_t)*at);
    if (len > left - 8) return false;
    memset(out, 0, sizeof *out);
    out->key = array->key, out->type = LLOCAL_STRING, out->count = 1;
    out->as.s.ptr = (const char *)p + (size_t)(*at + 8), out->as.s.len = (size_t)len;
    *at += 8 + len;
    return true;
}

LLOCAL_API llocal_result llocal_gguf_read(const llocal_gguf *g, int tensor, uint64_t offset,
                                          void *dst, size_t size) {
    const llocal_tensor *t = tensor >= 0 && tensor < g->n_tensors ? &g->tensors[tensor] : NULL;
    if (!t || offset > t->bytes || size > t->bytes - offset || (size && !dst))
        return ll_fail(&g->log, LLOCAL_ERR_ARGUMENT, "llocal_gguf_read: tensor %d has no %u bytes "
                       "at %u", (int64_t)tensor, (uint64_t)size, offset);
    if (!t->data) return ll_gguf_read_weights(g, t, offset, dst, size);
    if (size > 0) memcpy(dst, (const uint8_t *)t->data + (size_t)offset, size);
    return LLOCAL_OK;
}

/* ---- the writer --------------------------------------------------------------------------- */

/* First everything is looked at, then written, so what is refused has written nothing. */

LL_FN bool ll_gguf_put(const llocal_writer *w, const void *src, uint64_t size, uint64_t *total) {
    *total += size;
    return size == 0 || (size <= SIZE_MAX && w->write(w->user, src, (size_t)size) == (size_t)size);
}
LL_FN bool ll_gguf_put_u32(const llocal_writer *w, uint32_t v, uint64_t *total) {
    uint8_t b[4];
    ll_store_u32(b, v);
    return ll_gguf_put(w, b, 4, total);
}
LL_FN bool ll_gguf_put_u64(const llocal_writer *w, uint64_t v, uint64_t *total) {
    uint8_t b[8];
    ll_store_u64(b, v);
    return ll_gguf_put(w, b, 8, total);
}
LL_FN bool ll_gguf_put_str(const llocal_writer *w, llocal_str s, uint64_t *total) {
    return ll_gguf_put_u64(w, s.len, total) && ll_gguf_put(w, s.ptr, s.len, total);
}
LL_FN bool ll_gguf_put_padding(const llocal_writer *w, uint64_t *total) {
    static const uint8_t zeros[LL_GGUF_ALIGN] = { 0 };
    return ll_gguf_put(w, zeros, ll_align(*total, LL_GGUF_ALIGN) - *total, total);
}

/* The bits of a number as the file has them. */
LL_FN uint64_t ll_gguf_value_bits(const llocal_meta *m) {
    uint64_t bits = m->as.u;
    if (m->type == LLOCAL_F32) bits = ll_f32_to_bits((float)m->as.f);
    if (m->type == LLOCAL_F64) memcpy(&bits, &m->as.f, 8);
    if (m->type == LLOCAL_BOOL) bits = m->as.b;
    return bits;
}

LL_FN bool ll_gguf_put_meta(const llocal_writer *w, const llocal_meta *m, uint64_t *total) {
    uint8_t b[8];
    bool ok = ll_gguf_put_str(w, m->key, total) && ll_gguf_put_u32(w, (uint32_t)m->type, total);
    if (m->type == LLOCAL_STRING) return ok && ll_gguf_put_str(w, m->as.s, total);
    if (m->type == LLOCAL_ARRAY)
        return ok && ll_gguf_put_u32(w, (uint32_t)m->elem_type, total) &&
               ll_gguf_put_u64(w, m->count, total) &&
               ll_gguf_put(w, m->as.array, m->array_bytes, total);
    ll_store_u64(b, ll_str_is(m->key, "general.alignment") ? LL_GGUF_ALIGN : ll_gguf_value_bits(m));
    return ok && ll_gguf_put(w, b, ll_gguf_value_bytes((uint32_t)m->type), total);
}

LL_FN bool ll_gguf_name_ok(llocal_str s) {
    return s.ptr && s.len >= 1 && s.len <= LL_GGUF_NAME_MAX;
}

LL_FN bool ll_gguf_array_ok(const llocal_meta *m) {
    llocal_meta item;
    uint64_t at = 0, n = 0;
    if ((m->count || m->array_bytes) && !m->as.array) return false;
    if (m->elem_type != LLOCAL_STRING) {
        uint64_t size = ll_gguf_value_bytes((uint32_t)m->elem_type);
        return size > 0 && m->array_bytes == ll_mul(m->count, size);
    }
    while (llocal_meta_item(m, &at, &item)) n++;
    return n == m->count && at == m->array_bytes;
}

/* A type that exists and a value that it can hold. */
LL_FN bool ll_gguf_meta_ok(const llocal_meta *m) {
    int bits = (int)ll_gguf_value_bytes((uint32_t)m->type) * 8;
    int64_t v;
    if (!ll_gguf_name_ok(m->key)) return false;
    if (ll_str_is(m->key, "general.alignment") && (m->type == LLOCAL_BOOL || !ll_meta_int(m, &v)))
        return false;
    switch (m->type) {
    case LLOCAL_U8: case LLOCAL_U16: case LLOCAL_U32: return m->as.u >> bits == 0;
    case LLOCAL_I8: case LLOCAL_I16: case LLOCAL_I32:
        return m->as.i >= -((int64_t)1 << (bits - 1)) && m->as.i < (int64_t)1 << (bits - 1);
    case LLOCAL_STRING: return m->as.s.ptr || m->as.s.len == 0;
    case LLOCAL_ARRAY: return ll_gguf_array_ok(m);
    case LLOCAL_F32:                    /* NaN and infinity are values, overflow is an error */
        return !(fabs(m->as.f) > 3.4028234663852886e38) || m->as.f - m->as.f != 0;
    case LLOCAL_F64: case LLOCAL_BOOL: case LLOCAL_U64: case LLOCAL_I64: return true;
    }
    return false;
}

/* How many bytes its data will have; 0: it cannot be. */
LL_FN uint64_t ll_gguf_tensor_bytes(const llocal_tensor *t) {
    llocal_format_info info = ll_gguf_type_info(t->format);
    uint64_t n = 1;
    if (!ll_gguf_name_ok(t->name) || t->n_dims < 1 || t->n_dims > 4 || info.block_len == 0)
        return 0;
    for (int i = 0; i < t->n_dims; i++) {
        if (t->dim[i] < 1) return 0;
        n = ll_mul(n, (uint64_t)t->dim[i]);
    }
    if (n > INT64_MAX || t->dim[0] % info.block_len != 0) return 0;
    n = ll_mul(n / (uint64_t)info.block_len, (uint64_t)info.block_bytes);
    return n > INT64_MAX ? 0 : n;
}

/* Nothing is allocated, hence every pair is compared: a millisecond for a model's tensors. */
LL_FN bool ll_gguf_write_ok(const llocal_meta *meta, int n_meta, const llocal_tensor *tensors,
                            int n_tensors) {
    uint64_t end = 0;
    for (int i = 0; i < n_meta; i++) {
        if (!ll_gguf_meta_ok(&meta[i])) return false;
        for (int k = 0; k < i; k++) if (ll_str_eq(meta[k].key, meta[i].key)) return false;
    }
    for (int i = 0; i < n_tensors; i++) {
        uint64_t bytes = ll_gguf_tensor_bytes(&tensors[i]);
        end = ll_add(end, ll_align(bytes, LL_GGUF_ALIGN));
        if (bytes == 0 || end > INT64_MAX) return false;
        for (int k = 0; k < i; k++) if (ll_str_eq(tensors[k].name, tensors[i].name)) return false;
    }
    return true;
}

/* A key general.alignment, which belongs to the file that it came from, is written as 32. */
LLOCAL_API llocal_result llocal_gguf_write_head(const llocal_writer *w, const llocal_meta *meta,
                                                int n_meta, const llocal_tensor *tensors,
                                                int n_tensors) {
    uint64_t total = 0, offset = 0;
    bool ok;
    if (!w || !w->write || n_meta < 0 || n_tensors < 0 || (n_meta && !meta) ||
        (n_tensors && !tensors) || !ll_gguf_write_ok(meta, n_meta, tensors, n_tensors))
        return LLOCAL_ERR_ARGUMENT;
    ok = ll_gguf_put(w, "GGUF", 4, &total) && ll_gguf_put_u32(w, 3, &total) &&
         ll_gguf_put_u64(w, (uint64_t)n_tensors, &total) &&
         ll_gguf_put_u64(w, (uint64_t)n_meta, &total);
    for (int i = 0; i < n_meta && ok; i++) ok = ll_gguf_put_meta(w, &meta[i], &total);
    for (int i = 0; i < n_tensors && ok; i++) {
        const llocal_tensor *t = &tensors[i];
        ok = ll_gguf_put_str(w, t->name, &total) && ll_gguf_put_u32(w, (uint32_t)t->n_dims, &total);
        for (int k = 0; k < t->n_dims && ok; k++)
            ok = ll_gguf_put_u64(w, (uint64_t)t->dim[k], &total);
        ok = ok && ll_gguf_put_u32(w, t->format, &total) && ll_gguf_put_u64(w, offset, &total);
        offset += ll_align(ll_gguf_tensor_bytes(t), LL_GGUF_ALIGN);
    }
    return ok && ll_gguf_put_padding(w, &total) ? LLOCAL_OK : LLOCAL_ERR_IO;
}

/* One call for each tensor, with all its bytes. */
LLOCAL_API llocal_result llocal_gguf_write_data(const llocal_writer *w, const void *data,
                                                uint64_t bytes) {
    uint64_t total = 0;
    if (!w || !w->write || (bytes && !data)) return LLOCAL_ERR_ARGUMENT;
    return ll_gguf_put(w, data, bytes, &total) && ll_gguf_put_padding(w, &total) ? LLOCAL_OK
                                                                                 : LLOCAL_ERR_IO;
}

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
