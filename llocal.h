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
/* With ADD_SPECIAL, without what tokenize adds. (Vocabularies whose makers want it so lose spaces
 * before punctuation; token_text and text_add always give the exact bytes.) */
LLOCAL_API int llocal_detokenize(const llocal_model *m, const llocal_token *tokens, int n,
                                 unsigned flags, char *out, int cap);
LLOCAL_API int llocal_token_text(const llocal_model *m, llocal_token t, unsigned flags,
                                 char *out, int cap);   /* PARSE_SPECIAL: spell special tokens */
/* The text that token t completes, in whole UTF-8 characters; t = -1 flushes what is held. What
 * is no UTF-8 becomes U+FFFD. More than cap: nothing has happened, come again with more room. */
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
 * ==========================================================================================
 * What tokenizers ask of Unicode 15.1: the general category, \s, the Han script and the simple
 * lower case of a code point. A code point's class is four bits, found by root, branch, twig and
 * leaf (16 classes in a word); equal pieces of the tree are stored once, which leaves 10 KB of
 * what would be half a megabyte. Derived from the Unicode Character Database, (c) Unicode, Inc.,
 * with its permission: kernels_gen/tables/README.md. */

enum {
    LL_UNI_LU = 1, LL_UNI_LL = 2, LL_UNI_LT = 4, LL_UNI_LM = 8, LL_UNI_LO = 16,
    LL_UNI_L = 31,                      /* any letter: the five above */
    LL_UNI_M = 32, LL_UNI_N = 64, LL_UNI_P = 128, LL_UNI_S = 256, LL_UNI_Z = 512,
    LL_UNI_SPACE = 1024,                /* \s: White_Space, that is Z, tab to CR, U+0085 */
    LL_UNI_HAN = 2048                   /* with L, N and S; three marks of Han go without */
};

/* first, first + step, ... first + span have the lower case first + add, ... */
typedef struct ll_unicode_map { uint32_t first; uint16_t span, step; int32_t add; } ll_unicode_map;

/* ---- generated by kernels_gen/unicode.c: begin ---- */
static const uint16_t ll_unicode_flags_of[16] = {
    0, LL_UNI_LU, LL_UNI_LL, LL_UNI_LT, LL_UNI_LM, LL_UNI_LO, LL_UNI_M, LL_UNI_N, LL_UNI_P,
    LL_UNI_S, LL_UNI_Z | LL_UNI_SPACE, LL_UNI_SPACE, LL_UNI_LM | LL_UNI_HAN,
    LL_UNI_LO | LL_UNI_HAN, LL_UNI_N | LL_UNI_HAN, LL_UNI_S | LL_UNI_HAN,
};
static const uint16_t ll_unicode_ascii[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, LL_UNI_SPACE, LL_UNI_SPACE, LL_UNI_SPACE, LL_UNI_SPACE,
    LL_UNI_SPACE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LL_UNI_Z | LL_UNI_SPACE,
    LL_UNI_P, LL_UNI_P, LL_UNI_P, LL_UNI_S, LL_UNI_P, LL_UNI_P, LL_UNI_P, LL_UNI_P, LL_UNI_P,
    LL_UNI_P, LL_UNI_S, LL_UNI_P, LL_UNI_P, LL_UNI_P, LL_UNI_P, LL_UNI_N, LL_UNI_N, LL_UNI_N,
    LL_UNI_N, LL_UNI_N, LL_UNI_N, LL_UNI_N, LL_UNI_N, LL_UNI_N, LL_UNI_N, LL_UNI_P, LL_UNI_P,
    LL_UNI_S, LL_UNI_S, LL_UNI_S, LL_UNI_P, LL_UNI_P, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU,
    LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU,
    LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU,
    LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_LU, LL_UNI_P, LL_UNI_P,
    LL_UNI_P, LL_UNI_S, LL_UNI_P, LL_UNI_S, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL,
    LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL,
    LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL,
    LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_LL, LL_UNI_P, LL_UNI_S,
    LL_UNI_P, LL_UNI_S, 0,
};
static const uint64_t ll_unicode_leaf[618] = {
    0x00bbbbb000000000, 0x0000000000000000, 0x888898888889888a, 0x8999887777777777,
    0x1111111111111118, 0x8988811111111111, 0x2222222222222229, 0x0989822222222222,
    0x0000000000b00000, 0x990985998999998a, 0x8777857988297799, 0x1111111111111111,
    0x2111111191111111, 0x2222222222222222, 0x2222222292222222, 0x2121212121212121,
    0x1212121221212121, 0x2121212212121212, 0x2212121121212121, 0x1122111211212112,
    0x1211222111211211, 0x1121221211212121, 0x2221522112121112, 0x1212312312315555,
    0x2122121212121212, 0x2121212111212312, 0x2112112222222121, 0x2121212121111212,
    0x2222222222252222, 0x4444444444444444, 0x4444444444999944, 0x9999999999999944,
    0x9494999999944444, 0x9999999999999999, 0x6666666666666666, 0x1822240021942121,
    0x1101011181990000, 0x1111111111111112, 0x2222111111111011, 0x1222222222222222,
    0x2121212122211122, 0x1112211219212222, 0x2121216666666921, 0x2212121212121211,
    0x1111111111111110, 0x8888884001111111, 0x9990088222222222, 0x6666666666666660,
    0x6866666666666666, 0x0000000068668668, 0x5555555555555555, 0x5000055555555555,
    0x0000000000088555, 0x9988988999000000, 0x8880866666666666, 0x6666655555555554,
    0x5588887777777777, 0x5555555555555556, 0x6906666666585555, 0x5566669664466666,
    0x5995557777777777, 0x0088888888888888, 0x5555555555555565, 0x5550066666666666,
    0x6666666666555555, 0x0000000000000056, 0x5555557777777777, 0x6666655555555555,
    0x9960048889446666, 0x6666646666555555, 0x0066666466646666, 0x0888888888888888,
    0x0800666555555555, 0x0000055555555555, 0x0555555955555555, 0x6666666600000000,
    0x6666664555555555, 0x6666666666666066, 0x5555555555556666, 0x6656665555555555,
    0x5555555566666665, 0x7777777777886655, 0x5555555555555548, 0x5005555555506665,
    0x5555555555555005, 0x5555550555555555, 0x6656005555000505, 0x0566600660066666,
    0x5055000060000000, 0x7777777777006655, 0x0685997777779955, 0x5000055555506660,
    0x6606005505505505, 0x0066600660000666, 0x0505555000000060, 0x7777777777000000,
    0x0000000008655566, 0x5055555555506660, 0x5555555555555055, 0x6656005555505505,
    0x0066606660666666, 0x0000000000000005, 0x6666665000000098, 0x5005555555506660,
    0x0066600660066666, 0x5055000066600000, 0x0000000077777759, 0x5500055555505600,
    0x5505055000555505, 0x5500055500055000, 0x6600005555555555, 0x0066660666000666,
    0x0000000060000005, 0x0000099999999777, 0x5505555555566666, 0x5555555555555505,
    0x6656005555555555, 0x0066660666066666, 0x0050055506600000, 0x9777777780000000,
    0x5505555555586665, 0x6656005555505555, 0x0550000006600000, 0x0000000000006550,
    0x5505555555556666, 0x6656655555555555, 0x9566660666066666, 0x5777777765550000,
    0x5555559777777777, 0x5555555555506660, 0x5555550005555555, 0x0050555555555055,
    0x6000060005555555, 0x6666666606066666, 0x0000000000086600, 0x5555555555555550,
    0x9000066666665565, 0x8666666664555555, 0x0000887777777777, 0x5555055555050550,
    0x5555555550505555, 0x0056666666665565, 0x0666666604055555, 0x5555007777777777,
    0x8888888888889995, 0x9999996699989888, 0x7777777777777777, 0x6688886969697777,
    0x5555555055555555, 0x0005555555555555, 0x6665555566866666, 0x6666666066666666,
    0x9906666666666666, 0x9909999996999999, 0x0000088999988888, 0x5666666666666666,
    0x8888887777777777, 0x6655556666555555, 0x5566666665566656, 0x5555555555566665,
    0x6566666666666655, 0x9966667777777777, 0x0010000010111111, 0x2224822222222222,
    0x0055550555555555, 0x0055550505555555, 0x0555555500555505, 0x5555555500555505,
    0x5555555505555555, 0x6660055555555555, 0x7777777888888888, 0x0007777777777777,
    0x0000009999999999, 0x0022222200111111, 0x5555555555555558, 0x5895555555555555,
    0x555555555555555a, 0x0008855555555555, 0x7788855555555555, 0x0000000555555557,
    0x5000000000666655, 0x0000000008866655, 0x0000000000006655, 0x5505555555555555,
    0x0000000000006605, 0x6666666666665555, 0x0065988848886666, 0x0000007777777777,
    0x6066688888888888, 0x5555555555554555, 0x0000000555555555, 0x5555555556655555,
    0x0000056555555555, 0x0000000000555555, 0x0555555555555555, 0x0000666666666666,
    0x7777777777880009, 0x0055555555555555, 0x0000000000055555, 0x0000555555555555,
    0x0000005555555555, 0x9900077777777777, 0x8800666665555555, 0x0666666666655555,
    0x6006666666666666, 0x0088888848888888, 0x0666666666666666, 0x5555555555566666,
    0x0005555555566666, 0x6666699999999998, 0x0889999999996666, 0x5555555555555666,
    0x5566666666666665, 0x8888000000006666, 0x8888800066666666, 0x5550007777777777,
    0x8844444455555555, 0x0000000222222222, 0x1110011111111111, 0x0000000088888888,
    0x6666666666668666, 0x5565555666666666, 0x0000056665565555, 0x4444222222222222,
    0x2222244444444444, 0x2222222422222222, 0x4444422222222222, 0x2122222222212121,
    0x1111111122222222, 0x0011111100222222, 0x1010101022222222, 0x0022222222222222,
    0x3333333322222222, 0x9293111122022222, 0x9993111122022299, 0x9990111122002222,
    0x9991111122222222, 0x0993111122022200, 0x00000aaaaaaaaaaa, 0x8888888888888888,
    0xa00000aa88888888, 0x8888888888898888, 0xa888888888888988, 0x4889997777770047,
    0x0889997777777777, 0x0004444444444444, 0x0000000000000009, 0x0000000000000006,
    0x2211129919999199, 0x9911111999192111, 0x2911119191919999, 0x1122992555521111,
    0x9299992222199999, 0x0000997777721777, 0x9999888899999999, 0x9999988999999999,
    0x0000000009999999, 0x0000099999999999, 0x9999777777777777, 0x7777779999999999,
    0x8888888899999999, 0x7777777777888888, 0x9999999999997777, 0x9999999998899999,
    0x8888888888999999, 0x8888888888888999, 0x9999999888888888, 0x9988999999999999,
    0x9999999999009999, 0x9999999990999999, 0x1112121212211121, 0x1144222222122121,
    0x6212199999922121, 0x8878888000002166, 0x0020000020222222, 0x4000000055555555,
    0x6000000000000008, 0x0000000005555555, 0x0555555505555555, 0x4888888888888888,
    0x0088888888888899, 0xffffffffffffffff, 0xfffff0ffffffffff, 0x000000000000ffff,
    0x0000000000ffffff, 0x88888888e5c9888a, 0x8888888888889988, 0x666666eeeeeeeee9,
    0x9985ceee99444448, 0x5449966005555555, 0x5444855555555555, 0x5555555555500000,
    0x9999999999777799, 0x9000000000009999, 0x0999999999999999, 0x9999997777777777,
    0x7777777799999999, 0x7777777777777779, 0xdddddddddddddddd, 0x5555555555455555,
    0x8884555555555555, 0x0000557777777777, 0x6521212121212121, 0x4866666666668666,
    0x6644212121212121, 0x7777777777555555, 0x0000000088888866, 0x4444444449999999,
    0x2121212121212199, 0x2121212121212122, 0x2112121222222224, 0x5212199421212121,
    0x2121212121222121, 0x2111112121212121, 0x2121212121211111, 0x0000021211112121,
    0x0000002121202021, 0x5555524452144400, 0x5555655556555655, 0x0006999966666555,
    0x0000009999777777, 0x0000000088885555, 0x5555555555555566, 0x8800000000666666,
    0x6558588855555566, 0x8866666666555555, 0x6666666665555555, 0x8000000000006666,
    0x6666666666666555, 0x4088888888888886, 0x8800007777777777, 0x5555555554655555,
    0x0555557777777777, 0x6666666555555555, 0x0000000006666666, 0x0066555555556555,
    0x8888007777777777, 0x5566659995555554, 0x6655555665566656, 0x0000000000000565,
    0x8845500000000000, 0x0000000006644588, 0x0555555005555550, 0x0000000005555550,
    0x4444922222222222, 0x0000994222222222, 0x0066866666666555, 0x0000000000005555,
    0x5555500005555555, 0x00dddddddddddddd, 0x000000dddddddddd, 0x0000000002222222,
    0x5650000022222000, 0x5555559555555555, 0x0505555505555555, 0x5555555555055055,
    0x9999999999999955, 0x0000000000000999, 0x5555555555555000, 0x8855555555555555,
    0x5555555555555500, 0x9000000055555555, 0x9999555555555555, 0x0000008888888888,
    0x8888888888880888, 0x0000889809998988, 0x5555555555055555, 0x8888988888898880,
    0x8989822222222222, 0x5555555555888888, 0x5555555555555554, 0x4455555555555555,
    0x5555550055555500, 0x0005550055555500, 0x0999999909999999, 0x0099000000000000,
    0x5550555555555555, 0x5055055555555555, 0x7777777770000888, 0x9999999990007777,
    0x9999999777777777, 0x0999779999999999, 0x0009999999999999, 0x0069999999999999,
    0x7777777777777776, 0x0000777777777777, 0x5550000000007777, 0x0000075555555575,
    0x0000066666555555, 0x8055555555555555, 0x5555555500005555, 0x0000000000777778,
    0x2222222211111111, 0x2222222200001111, 0x0000222222222222, 0x0000000055555555,
    0x8000000000005555, 0x1111011111111111, 0x2222222220110111, 0x2222222222222022,
    0x0002202222222022, 0x4444444440444444, 0x0000044444444404, 0x5555550500555555,
    0x5005000550555555, 0x7777777780555555, 0x7777777995555555, 0x7777777770000000,
    0x7777700000550555, 0x8000777777555555, 0x8000005555555555, 0x5577000055555555,
    0x7777777777777700, 0x6666000006606665, 0x5555555055505555, 0x6000066600555555,
    0x0000000777777777, 0x0000000888888888, 0x8775555555555555, 0x7775555555555555,
    0x5555555955555555, 0x7777700006655555, 0x0000000008888888, 0x8888888000555555,
    0x7777777700555555, 0x7777777700000555, 0x0008888000000055, 0x7777777000000000,
    0x0000000000000111, 0x7777770000000222, 0x0000000066665555, 0x0777777777777777,
    0x0086605555555555, 0x0000000000000055, 0x6660000000000000, 0x0000000057777777,
    0x0000008888877776, 0x0000008888666655, 0x0000777777755555, 0x6666666655555555,
    0x0088888886666666, 0x6000000000566556, 0x8808866666666666, 0x0000000000000688,
    0x7777777777066666, 0x0000000056658888, 0x0000000005886555, 0x6686666888855556,
    0x8885857777777777, 0x7777777777777770, 0x0000000000077777, 0x6666555555555555,
    0x5688888866666666, 0x0000000000000065, 0x5055550505555555, 0x5055555555555555,
    0x0000008555555555, 0x6555555555555555, 0x0000066666666666, 0x5005555555506666,
    0x6656605555505505, 0x5550000060000005, 0x0006666666006655, 0x0000000000066666,
    0x6666666666655555, 0x8888855556666666, 0x5680887777777777, 0x0000000058556666,
    0x6666666600666666, 0x8888888888888886, 0x0066555588888888, 0x0000000000058886,
    0x0008888888888888, 0x0000008566666666, 0x9888777777777777, 0x0000866666666666,
    0x5000000000000777, 0x5555005005555555, 0x5555555505505555, 0x5666600660666666,
    0x0000000008886656, 0x5555550055555555, 0x6666660066666665, 0x0000000000065856,
    0x5555566666666665, 0x8666656666666555, 0x0000000068888888, 0x5555666666666665,
    0x6666665555555555, 0x8858886666666666, 0x0000000000000888, 0x6666666606666666,
    0x0000000000888885, 0x5555555555555588, 0x6666666666666600, 0x5555505505555555,
    0x6066060006666665, 0x0000000065666666, 0x5555550550555555, 0x0666665555555555,
    0x0000000566666066, 0x0000000886666555, 0x5555555555556566, 0x6600066666665555,
    0x8888888888888666, 0x9999999999977777, 0x8000000000000099, 0x0000000000088888,
    0x0000000000000885, 0x6666666665555556, 0x0000000000666666, 0x0000000000866666,
    0x9999888886666666, 0x0000000000984444, 0x7777707777777777, 0x5555555555555077,
    0x5550000055555555, 0x0000088887777777, 0x6000055555555555, 0x6666666666666665,
    0x6000000066666666, 0x4444444444444666, 0x000000000006c844, 0x0000000000000066,
    0x0440444444404444, 0x0000000000000555, 0x0000000000000500, 0x0000000000500555,
    0x0000000055550000, 0x8669005555555555, 0x0066666666666666, 0x0000000000009999,
    0x0000000000999999, 0x9999999009999999, 0x6669996666699999, 0x6666600000000666,
    0x9999666666699666, 0x9966669999999999, 0x0000000000966699, 0x0000000000007777,
    0x2222221111111111, 0x1111111111112222, 0x2211111111111111, 0x2222222222022222,
    0x2222222222222211, 0x1101222222222222, 0x1101111001100100, 0x2220202222111111,
    0x2222222222202222, 0x1110011110112222, 0x2201111111011111, 0x0111101122222222,
    0x1111110001011111, 0x2222222222222201, 0x1111222222222222, 0x2222222222111111,
    0x1111111100222222, 0x2222222222222291, 0x2222922222222222, 0x1111111111111122,
    0x2222911111111111, 0x1111222222922222, 0x2222222222911111, 0x9222222222222222,
    0x1111111111222222, 0x9111111111111111, 0x2222229222222222, 0x2222229111111111,
    0x7700212222229222, 0x6666699996666666, 0x9996666666666666, 0x9999999999699999,
    0x0000888889969999, 0x6666600000000000, 0x2222252222222222, 0x0222222222222222,
    0x0000022222200000, 0x6666600666666666, 0x0000066666066066, 0x0044444444444444,
    0x6000000000000000, 0x0044444446666666, 0x9500007777777777, 0x0655555555555555,
    0x9000007777777777, 0x6666455555555555, 0x0550555505555555, 0x7777777770055555,
    0x0000466666662222, 0x7779777777777777, 0x0000000000077779, 0x7977777777777777,
    0x0077777777777777, 0x5555555555505555, 0x5555555050050550, 0x0000505055550555,
    0x5550505050000500, 0x5050505050050550, 0x5555055550050550, 0x0505555055550555,
    0x5555505555555555, 0x5555505555505550, 0x0000000000000099, 0x0000999999999999,
    0x9999999999999990, 0x9997777777777777, 0x0099999999999999, 0x9999999999000000,
    0x0000000999999999, 0x9999000099999999, 0x9999900009999999, 0x0000000099999999,
    0x9099999999999999, 0x9900000000999999, 0x9999999999990999, 0x00000000000000dd,
    0x000000000000000d, 0x00000ddddddddddd,
};
static const uint16_t ll_unicode_twig[1984] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 9, 10, 11, 12, 13, 14, 15, 15, 15, 16, 17, 15, 15, 18, 19, 20,
    21, 22, 23, 24, 15, 25, 15, 15, 15, 26, 27, 13, 13, 13, 13, 28, 13, 29, 30, 31, 32, 33, 34,
    34, 34, 34, 34, 34, 34, 35, 36, 37, 38, 13, 39, 40, 15, 41, 11, 11, 11, 13, 13, 13, 15, 15,
    42, 15, 15, 15, 43, 15, 15, 15, 15, 15, 15, 44, 11, 45, 13, 13, 46, 47, 34, 48, 49, 50, 51,
    52, 53, 54, 50, 50, 55, 34, 56, 57, 50, 50, 50, 50, 50, 58, 59, 60, 61, 62, 50, 34, 63, 50,
    50, 50, 50, 50, 64, 65, 66, 50, 67, 68, 50, 69, 70, 71, 50, 72, 73, 50, 74, 75, 50, 50, 76,
    34, 77, 34, 78, 50, 50, 79, 34, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 84, 85, 92,
    93, 94, 95, 96, 97, 98, 85, 99, 100, 101, 89, 102, 103, 84, 85, 99, 104, 105, 89, 106, 107,
    108, 109, 110, 111, 112, 95, 113, 114, 115, 85, 116, 117, 118, 89, 119, 120, 115, 85, 121,
    117, 122, 89, 123, 124, 115, 50, 125, 126, 127, 89, 128, 129, 130, 50, 131, 132, 133, 95,
    134, 135, 50, 50, 136, 137, 138, 1, 1, 139, 50, 140, 141, 142, 143, 1, 1, 144, 145, 146,
    147, 148, 50, 149, 47, 150, 151, 34, 152, 153, 154, 1, 1, 50, 50, 67, 155, 156, 157, 158,
    159, 160, 161, 11, 11, 162, 13, 13, 163, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50,
    164, 165, 50, 50, 164, 50, 50, 166, 167, 168, 50, 50, 50, 167, 50, 50, 50, 169, 170, 171,
    50, 172, 11, 11, 11, 11, 11, 173, 174, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50,
    175, 50, 176, 177, 50, 50, 50, 50, 178, 179, 50, 180, 50, 181, 50, 182, 183, 184, 50, 50,
    50, 185, 34, 186, 187, 187, 188, 187, 50, 50, 189, 50, 50, 190, 191, 50, 192, 50, 50, 50,
    50, 193, 50, 194, 195, 195, 196, 50, 197, 198, 50, 50, 199, 50, 200, 201, 33, 33, 50, 202,
    50, 50, 50, 203, 34, 204, 187, 187, 205, 34, 206, 1, 1, 1, 207, 50, 50, 185, 208, 156, 209,
    210, 211, 50, 212, 66, 50, 50, 64, 213, 50, 50, 185, 214, 215, 66, 50, 216, 217, 11, 11,
    218, 219, 220, 221, 222, 13, 13, 223, 29, 29, 29, 224, 225, 13, 226, 29, 29, 34, 34, 34, 34,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 227, 15, 15, 15, 15, 15, 15, 228, 229, 228, 228, 229,
    230, 228, 231, 232, 232, 232, 233, 234, 235, 236, 237, 238, 239, 240, 239, 241, 242, 1, 243,
    244, 245, 33, 33, 246, 34, 34, 247, 248, 249, 250, 251, 252, 146, 146, 146, 253, 33, 33, 33,
    33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33, 254, 33, 255, 33, 33, 33, 33, 33, 33, 33,
    256, 1, 257, 1, 146, 146, 146, 258, 33, 33, 33, 33, 259, 146, 33, 33, 33, 33, 33, 33, 260,
    261, 146, 262, 33, 33, 263, 33, 264, 33, 265, 266, 33, 33, 33, 254, 33, 267, 33, 33, 33, 33,
    33, 33, 33, 268, 33, 269, 33, 33, 33, 33, 33, 33, 11, 11, 11, 13, 13, 13, 270, 271, 15, 15,
    15, 15, 15, 15, 272, 273, 13, 13, 274, 50, 50, 50, 275, 276, 50, 277, 278, 278, 278, 278,
    34, 34, 239, 239, 279, 239, 239, 280, 1, 1, 281, 282, 281, 281, 281, 281, 281, 283, 281,
    281, 281, 281, 281, 281, 281, 281, 281, 281, 281, 281, 281, 284, 1, 33, 285, 286, 287, 288,
    135, 50, 50, 50, 50, 289, 174, 50, 50, 50, 50, 290, 291, 50, 50, 135, 50, 50, 50, 50, 194,
    292, 50, 50, 33, 33, 293, 50, 33, 294, 295, 33, 296, 297, 33, 33, 295, 33, 33, 297, 33, 33,
    33, 33, 298, 298, 298, 298, 298, 298, 298, 298, 298, 298, 298, 298, 33, 33, 33, 33, 50, 299,
    50, 50, 50, 50, 50, 50, 149, 33, 33, 33, 256, 50, 50, 216, 300, 50, 301, 1, 15, 15, 302,
    303, 15, 304, 50, 50, 50, 50, 305, 306, 33, 307, 308, 309, 15, 15, 15, 310, 311, 312, 313,
    314, 315, 316, 1, 317, 318, 50, 319, 320, 50, 50, 50, 321, 322, 50, 50, 185, 323, 187, 34,
    324, 66, 50, 325, 50, 326, 327, 50, 149, 78, 50, 50, 328, 329, 330, 331, 332, 50, 50, 333,
    334, 335, 336, 50, 337, 50, 50, 50, 338, 339, 340, 67, 341, 342, 343, 278, 13, 13, 344, 345,
    13, 13, 13, 13, 13, 50, 50, 346, 187, 50, 50, 347, 50, 348, 50, 50, 199, 1, 1, 1, 1, 1, 1,
    1, 1, 298, 298, 298, 298, 298, 298, 349, 298, 298, 298, 298, 298, 298, 350, 1, 1, 351, 352,
    353, 354, 355, 50, 50, 50, 50, 50, 50, 356, 357, 358, 50, 50, 50, 50, 50, 359, 33, 50, 50,
    50, 50, 360, 50, 50, 361, 1, 1, 362, 34, 363, 34, 239, 239, 364, 365, 366, 50, 50, 50, 50,
    50, 50, 50, 149, 367, 3, 4, 5, 6, 368, 369, 370, 50, 371, 50, 194, 372, 373, 374, 375, 376,
    50, 168, 377, 197, 197, 1, 1, 50, 50, 50, 50, 50, 50, 50, 73, 378, 146, 146, 379, 146, 146,
    146, 380, 381, 382, 246, 1, 1, 33, 33, 383, 50, 149, 50, 50, 50, 101, 384, 385, 50, 50, 386,
    50, 387, 50, 50, 388, 50, 389, 50, 50, 390, 391, 1, 1, 11, 11, 392, 13, 13, 50, 50, 50, 50,
    197, 187, 11, 11, 393, 13, 394, 50, 50, 395, 50, 50, 50, 396, 397, 397, 398, 399, 400, 1, 1,
    1, 1, 50, 50, 50, 277, 50, 193, 395, 1, 401, 29, 29, 402, 1, 1, 1, 1, 403, 50, 50, 404, 50,
    405, 50, 406, 50, 194, 407, 1, 1, 1, 50, 408, 50, 409, 50, 410, 1, 1, 1, 1, 50, 50, 50, 411,
    146, 412, 146, 146, 413, 414, 50, 415, 416, 417, 50, 418, 50, 419, 1, 1, 420, 50, 421, 422,
    50, 50, 50, 423, 50, 424, 50, 425, 50, 426, 427, 1, 1, 1, 1, 1, 50, 50, 50, 50, 190, 1, 1,
    1, 11, 11, 11, 428, 13, 13, 13, 429, 50, 50, 430, 187, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 146,
    431, 50, 50, 432, 433, 1, 1, 1, 434, 50, 419, 435, 50, 64, 436, 1, 50, 437, 1, 1, 50, 438,
    1, 50, 277, 211, 50, 50, 439, 440, 412, 146, 441, 211, 50, 50, 442, 443, 50, 190, 187, 211,
    50, 326, 444, 445, 50, 50, 446, 211, 50, 50, 328, 447, 448, 449, 450, 50, 98, 451, 452, 453,
    1, 1, 1, 454, 455, 456, 50, 50, 457, 458, 187, 459, 84, 85, 460, 104, 461, 462, 463, 50, 50,
    50, 464, 465, 466, 433, 1, 50, 50, 50, 34, 467, 187, 1, 1, 50, 50, 457, 468, 469, 470, 1, 1,
    50, 50, 50, 34, 471, 187, 472, 1, 50, 50, 67, 473, 187, 1, 1, 1, 50, 169, 195, 474, 277, 1,
    1, 1, 50, 50, 451, 475, 1, 1, 1, 1, 1, 1, 11, 11, 13, 13, 146, 476, 477, 478, 50, 479, 480,
    187, 1, 1, 1, 1, 481, 50, 50, 482, 483, 1, 484, 50, 50, 485, 486, 487, 50, 50, 488, 489,
    490, 50, 50, 50, 50, 190, 363, 1, 1, 1, 1, 1, 1, 1, 85, 50, 457, 491, 492, 146, 171, 493,
    50, 494, 151, 334, 1, 1, 1, 1, 495, 50, 50, 496, 497, 187, 498, 50, 499, 500, 187, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 50, 501, 502, 115, 50, 503, 504, 187, 1, 1, 1, 1, 1, 101, 146, 505,
    33, 506, 50, 200, 1, 1, 1, 1, 1, 1, 146, 146, 146, 146, 146, 146, 431, 507, 50, 50, 50, 50,
    347, 1, 1, 1, 1, 50, 50, 50, 50, 50, 50, 508, 50, 50, 50, 1, 509, 510, 1, 1, 50, 50, 50, 50,
    277, 1, 1, 1, 50, 50, 50, 190, 50, 194, 330, 50, 50, 50, 50, 194, 187, 50, 197, 511, 50, 50,
    50, 512, 513, 514, 515, 516, 50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 11, 11, 13, 13, 146, 517,
    1, 1, 1, 1, 1, 1, 50, 50, 50, 50, 518, 519, 34, 34, 520, 521, 1, 1, 1, 1, 522, 523, 50, 50,
    50, 50, 50, 50, 50, 395, 50, 50, 50, 50, 50, 193, 1, 1, 190, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 524, 50, 50, 525, 526, 1, 527, 528, 50, 50, 50, 50, 50, 50, 50, 50, 199, 50, 50,
    50, 50, 50, 50, 73, 149, 190, 529, 1, 1, 1, 1, 1, 1, 34, 34, 530, 34, 334, 33, 33, 33, 33,
    33, 33, 33, 531, 1, 1, 1, 33, 33, 33, 33, 33, 33, 33, 532, 33, 33, 533, 33, 33, 33, 534,
    535, 536, 33, 537, 33, 33, 33, 257, 1, 33, 33, 33, 33, 538, 1, 1, 1, 1, 1, 1, 1, 146, 539,
    146, 539, 33, 33, 33, 33, 33, 256, 146, 416, 11, 540, 13, 541, 542, 543, 228, 11, 544, 545,
    546, 547, 548, 11, 540, 13, 549, 550, 13, 551, 552, 553, 554, 11, 555, 13, 11, 540, 13, 541,
    542, 13, 228, 11, 544, 554, 11, 555, 13, 11, 540, 13, 556, 11, 557, 558, 559, 560, 13, 561,
    11, 562, 563, 564, 565, 13, 566, 11, 567, 13, 568, 146, 146, 146, 34, 34, 34, 569, 34, 34,
    570, 571, 572, 573, 47, 1, 1, 1, 1, 1, 574, 575, 576, 1, 1, 1, 1, 1, 491, 577, 578, 29, 29,
    29, 579, 1, 580, 1, 1, 1, 1, 1, 1, 1, 50, 50, 149, 581, 582, 1, 1, 1, 1, 50, 583, 1, 50, 50,
    451, 584, 1, 1, 1, 1, 1, 50, 585, 187, 1, 1, 1, 1, 1, 1, 586, 194, 50, 50, 50, 50, 587, 334,
    1, 1, 11, 11, 544, 13, 588, 330, 1, 1, 1, 1, 1, 1, 1, 1, 1, 449, 146, 146, 589, 590, 1, 1,
    1, 1, 449, 146, 591, 592, 1, 1, 1, 1, 593, 50, 594, 595, 596, 597, 598, 599, 600, 199, 601,
    199, 1, 1, 1, 602, 33, 33, 603, 33, 33, 33, 33, 33, 33, 531, 294, 604, 604, 604, 33, 532,
    605, 33, 33, 33, 33, 33, 33, 33, 33, 33, 606, 1, 1, 1, 607, 33, 357, 33, 33, 603, 608, 602,
    532, 1, 33, 33, 33, 33, 33, 609, 382, 382, 33, 33, 33, 33, 33, 33, 33, 610, 33, 33, 33, 33,
    33, 172, 603, 246, 603, 33, 33, 33, 611, 172, 33, 33, 611, 33, 606, 602, 1, 1, 1, 1, 33, 33,
    33, 33, 33, 531, 606, 382, 608, 33, 33, 612, 613, 603, 608, 608, 33, 614, 33, 33, 257, 1, 1,
    187, 298, 298, 298, 298, 298, 298, 1, 1, 298, 298, 298, 350, 298, 298, 298, 298, 298, 349,
    298, 298, 298, 298, 298, 298, 298, 298, 615, 298, 298, 298, 298, 298, 298, 298, 298, 298,
    298, 298, 616, 298, 298, 298, 298, 298, 298, 349, 1, 1, 298, 349, 1, 1, 1, 1, 1, 1, 298,
    298, 298, 298, 617, 298, 298, 298, 298, 298, 298, 1, 1, 1, 1, 1, 34, 34, 34, 34, 34, 34, 34,
    34, 34, 34, 34, 34, 34, 34, 34, 1,
};
static const uint16_t ll_unicode_branch[720] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 34, 35, 36, 37, 38, 39, 34, 34, 34, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 64, 65,
    64, 66, 67, 64, 64, 64, 64, 68, 69, 64, 64, 64, 70, 64, 64, 71, 72, 73, 74, 75, 76, 77, 78,
    79, 80, 81, 82, 83, 84, 85, 86, 64, 64, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87,
    87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 88,
    87, 87, 87, 87, 89, 34, 34, 34, 34, 34, 34, 34, 34, 90, 34, 34, 91, 92, 93, 94, 95, 96, 97,
    98, 99, 100, 101, 102, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
    34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 103,
    104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104,
    87, 87, 105, 106, 107, 108, 34, 34, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 104,
    119, 120, 121, 122, 123, 124, 125, 34, 34, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135,
    136, 137, 138, 104, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 104, 150, 151,
    104, 152, 153, 154, 155, 104, 156, 157, 158, 159, 160, 161, 162, 104, 163, 164, 165, 166,
    104, 167, 168, 169, 34, 34, 34, 34, 34, 34, 34, 170, 171, 34, 172, 104, 104, 104, 104, 104,
    104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 173, 34, 34, 34,
    34, 34, 34, 34, 34, 174, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104,
    104, 104, 34, 34, 34, 34, 175, 104, 104, 104, 34, 34, 34, 34, 176, 177, 178, 179, 104, 104,
    104, 104, 180, 181, 182, 183, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
    184, 34, 34, 34, 34, 34, 34, 34, 34, 34, 185, 186, 104, 104, 104, 104, 104, 104, 104, 104,
    104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 187, 34, 34, 188, 34, 34, 189,
    104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104,
    190, 191, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104,
    104, 104, 104, 104, 192, 193, 64, 194, 195, 196, 197, 198, 199, 104, 200, 201, 202, 203,
    204, 205, 206, 207, 64, 64, 64, 64, 208, 209, 104, 104, 104, 104, 104, 104, 104, 104, 210,
    104, 211, 212, 213, 104, 104, 214, 104, 104, 104, 215, 104, 104, 104, 104, 104, 216, 34,
    217, 218, 104, 104, 104, 104, 104, 219, 220, 221, 104, 222, 223, 104, 104, 224, 225, 226,
    227, 228, 104, 64, 64, 64, 64, 64, 64, 64, 229, 230, 231, 232, 233, 64, 64, 234, 235, 64,
    236, 104, 104, 104, 104, 104, 104, 104, 104, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87,
    87, 237, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 238, 87, 239, 87,
    87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87,
    87, 87, 87, 87, 240, 87, 87, 87, 87, 87, 87, 87, 87, 87, 241, 87, 87, 87, 87, 242, 104, 104,
    104, 87, 87, 87, 87, 243, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 104, 87, 87, 87,
    87, 87, 87, 244, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 87, 245, 104,
    104, 104, 104, 104, 104, 104, 104, 104, 104, 246, 247, 104, 104, 104, 104, 104, 104, 104,
    104, 104, 104, 104, 104,
};
static const uint8_t ll_unicode_root[544] = {
    0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 9, 10, 11, 11, 11, 11, 12, 13,
    13, 13, 13, 14, 15, 16, 17, 18, 19, 20, 21, 13, 22, 13, 13, 13, 13, 23, 11, 11, 24, 25, 13,
    13, 13, 26, 27, 28, 13, 29, 30, 31, 32, 33, 34, 35, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 36, 7, 37, 38, 7, 39, 7, 7, 7, 40, 13, 41, 7, 7, 42, 7, 43, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 44,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
    13, 13, 13,
};
static const ll_unicode_map ll_unicode_lowers[182] = {
    {0x41,25,1,32}, {0xC0,22,1,32}, {0xD8,6,1,32}, {0x100,46,2,1}, {0x130,0,1,-199},
    {0x132,4,2,1}, {0x139,14,2,1}, {0x14A,44,2,1}, {0x178,0,1,-121}, {0x179,4,2,1},
    {0x181,0,1,210}, {0x182,2,2,1}, {0x186,0,1,206}, {0x187,0,1,1}, {0x189,1,1,205},
    {0x18B,0,1,1}, {0x18E,0,1,79}, {0x18F,0,1,202}, {0x190,0,1,203}, {0x191,0,1,1},
    {0x193,0,1,205}, {0x194,0,1,207}, {0x196,0,1,211}, {0x197,0,1,209}, {0x198,0,1,1},
    {0x19C,0,1,211}, {0x19D,0,1,213}, {0x19F,0,1,214}, {0x1A0,4,2,1}, {0x1A6,0,1,218},
    {0x1A7,0,1,1}, {0x1A9,0,1,218}, {0x1AC,0,1,1}, {0x1AE,0,1,218}, {0x1AF,0,1,1},
    {0x1B1,1,1,217}, {0x1B3,2,2,1}, {0x1B7,0,1,219}, {0x1B8,0,1,1}, {0x1BC,0,1,1},
    {0x1C4,0,1,2}, {0x1C5,0,1,1}, {0x1C7,0,1,2}, {0x1C8,0,1,1}, {0x1CA,0,1,2}, {0x1CB,16,2,1},
    {0x1DE,16,2,1}, {0x1F1,0,1,2}, {0x1F2,2,2,1}, {0x1F6,0,1,-97}, {0x1F7,0,1,-56},
    {0x1F8,38,2,1}, {0x220,0,1,-130}, {0x222,16,2,1}, {0x23A,0,1,10795}, {0x23B,0,1,1},
    {0x23D,0,1,-163}, {0x23E,0,1,10792}, {0x241,0,1,1}, {0x243,0,1,-195}, {0x244,0,1,69},
    {0x245,0,1,71}, {0x246,8,2,1}, {0x370,2,2,1}, {0x376,0,1,1}, {0x37F,0,1,116},
    {0x386,0,1,38}, {0x388,2,1,37}, {0x38C,0,1,64}, {0x38E,1,1,63}, {0x391,16,1,32},
    {0x3A3,8,1,32}, {0x3CF,0,1,8}, {0x3D8,22,2,1}, {0x3F4,0,1,-60}, {0x3F7,0,1,1},
    {0x3F9,0,1,-7}, {0x3FA,0,1,1}, {0x3FD,2,1,-130}, {0x400,15,1,80}, {0x410,31,1,32},
    {0x460,32,2,1}, {0x48A,52,2,1}, {0x4C0,0,1,15}, {0x4C1,12,2,1}, {0x4D0,94,2,1},
    {0x531,37,1,48}, {0x10A0,37,1,7264}, {0x10C7,0,1,7264}, {0x10CD,0,1,7264},
    {0x13A0,79,1,38864}, {0x13F0,5,1,8}, {0x1C90,42,1,-3008}, {0x1CBD,2,1,-3008},
    {0x1E00,148,2,1}, {0x1E9E,0,1,-7615}, {0x1EA0,94,2,1}, {0x1F08,7,1,-8}, {0x1F18,5,1,-8},
    {0x1F28,7,1,-8}, {0x1F38,7,1,-8}, {0x1F48,5,1,-8}, {0x1F59,6,2,-8}, {0x1F68,7,1,-8},
    {0x1F88,7,1,-8}, {0x1F98,7,1,-8}, {0x1FA8,7,1,-8}, {0x1FB8,1,1,-8}, {0x1FBA,1,1,-74},
    {0x1FBC,0,1,-9}, {0x1FC8,3,1,-86}, {0x1FCC,0,1,-9}, {0x1FD8,1,1,-8}, {0x1FDA,1,1,-100},
    {0x1FE8,1,1,-8}, {0x1FEA,1,1,-112}, {0x1FEC,0,1,-7}, {0x1FF8,1,1,-128}, {0x1FFA,1,1,-126},
    {0x1FFC,0,1,-9}, {0x2126,0,1,-7517}, {0x212A,0,1,-8383}, {0x212B,0,1,-8262},
    {0x2132,0,1,28}, {0x2160,15,1,16}, {0x2183,0,1,1}, {0x24B6,25,1,26}, {0x2C00,47,1,48},
    {0x2C60,0,1,1}, {0x2C62,0,1,-10743}, {0x2C63,0,1,-3814}, {0x2C64,0,1,-10727},
    {0x2C67,4,2,1}, {0x2C6D,0,1,-10780}, {0x2C6E,0,1,-10749}, {0x2C6F,0,1,-10783},
    {0x2C70,0,1,-10782}, {0x2C72,0,1,1}, {0x2C75,0,1,1}, {0x2C7E,1,1,-10815}, {0x2C80,98,2,1},
    {0x2CEB,2,2,1}, {0x2CF2,0,1,1}, {0xA640,44,2,1}, {0xA680,26,2,1}, {0xA722,12,2,1},
    {0xA732,60,2,1}, {0xA779,2,2,1}, {0xA77D,0,1,-35332}, {0xA77E,8,2,1}, {0xA78B,0,1,1},
    {0xA78D,0,1,-42280}, {0xA790,2,2,1}, {0xA796,18,2,1}, {0xA7AA,0,1,-42308},
    {0xA7AB,0,1,-42319}, {0xA7AC,0,1,-42315}, {0xA7AD,0,1,-42305}, {0xA7AE,0,1,-42308},
    {0xA7B0,0,1,-42258}, {0xA7B1,0,1,-42282}, {0xA7B2,0,1,-42261}, {0xA7B3,0,1,928},
    {0xA7B4,14,2,1}, {0xA7C4,0,1,-48}, {0xA7C5,0,1,-42307}, {0xA7C6,0,1,-35384}, {0xA7C7,2,2,1},
    {0xA7D0,0,1,1}, {0xA7D6,2,2,1}, {0xA7F5,0,1,1}, {0xFF21,25,1,32}, {0x10400,39,1,40},
    {0x104B0,35,1,40}, {0x10570,10,1,39}, {0x1057C,14,1,39}, {0x1058C,6,1,39}, {0x10594,1,1,39},
    {0x10C80,50,1,64}, {0x118A0,31,1,32}, {0x16E40,31,1,32}, {0x1E900,33,1,34},
};
/* ---- generated by kernels_gen/unicode.c: end ---- */

/* LL_UNI_ bits; 0 for controls, what is not assigned and what is no code point. */
LL_INLINE unsigned ll_unicode_flags(uint32_t c) {
    uint64_t leaf;
    unsigned i;
    if (c < 128) return ll_unicode_ascii[c];
    if (c > 0x10ffff) return 0;
    i = ll_unicode_root[c >> 11];
    i = ll_unicode_branch[i * 16 + (c >> 7 & 15)];
    i = ll_unicode_twig[i * 8 + (c >> 4 & 7)];
    leaf = ll_unicode_leaf[i];
    return ll_unicode_flags_of[leaf >> 4 * (c & 15) & 15];
}

LL_FN uint32_t ll_unicode_lower(uint32_t c) {
    int at = 0, end = LL_COUNT(ll_unicode_lowers);
    while (end - at > 1) {
        int middle = (at + end) / 2;
        if (ll_unicode_lowers[middle].first <= c) at = middle;
        else end = middle;
    }
    {
        const ll_unicode_map *m = &ll_unicode_lowers[at];
        uint32_t i = c - m->first;      /* wraps around below the first map */
        return i <= m->span && i % m->step == 0 ? c + (uint32_t)m->add : c;
    }
}

/* The code point at *p, which moves past it; *p < end. A byte that begins none is U+FFFD by
 * itself. Overlong forms and surrogates pass, because the tokenizers that vocabularies are
 * compared with let them pass; writing them again gives the usual form. */
#define LL_UTF8_BAD 0xfffdu
LL_INLINE uint32_t ll_utf8_next(const char **p, const char *end) {
    const uint8_t *s = (const uint8_t *)*p;
    uint32_t c = s[0];
    int n;
    (*p)++;
    if (c < 0x80) return c;
    if (c < 0xc0 || c > 0xf7) return LL_UTF8_BAD;
    n = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (end - *p < n) return LL_UTF8_BAD;
    c &= 0x3fu >> n;
    for (int i = 1; i <= n; i++) {
        if ((s[i] & 0xc0) != 0x80) return LL_UTF8_BAD;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c > 0x10ffff) return LL_UTF8_BAD;
    *p += n;
    return c;
}

/* 1 to 4 bytes into dst; how many. */
LL_FN int ll_utf8_put(uint32_t c, char *dst) {
    int n = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[4] = { 0, 0xc0, 0xe0, 0xf0 };
    for (int i = n; i > 0; i--, c >>= 6) dst[i] = (char)(0x80 | (c & 0x3f));
    dst[0] = (char)(lead[n] | c);
    return n + 1;
}

/* Strictly, for what goes out: are these n bytes (1 to 4) a character (n), the beginning of one
 * (0), or neither (-1)? */
LL_FN int ll_utf8_check(const uint8_t *s, int n) {
    int want = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (n > want) return -1;
    if (n > 1) {
        /* the second byte rules out overlong forms, surrogates and what is above U+10FFFF */
        int low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
        int high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
        if (s[1] < low || s[1] > high) return -1;
    }
    for (int i = 2; i < n; i++) if ((s[i] & 0xc0) != 0x80) return -1;
    return n == want ? n : 0;
}

/* ==========================================================================================
 * >>vocab    Tokenizers.
 * ==========================================================================================
 * Text to tokens and back, as the model's file says. Two kinds merge neighbouring symbols, best
 * pair first, until no pair is left: SentencePiece merges characters into whatever has the best
 * score; byte-level BPE first cuts text into words, then merges bytes in the order of a list.
 *
 * Token strings stay where they lie in the file. What is built has a size known from the counts
 * alone (ll_vocab_layout) and is built once; after that a vocabulary is immutable. Text needs
 * working memory only for what is merged together, in general a word: the stack has room for 256
 * bytes of it, longer ones take a block from the allocator until the call returns. Whatever
 * vocabulary and text are, time is n log n: pairs wait in a tree, tables have bounded searches.
 *
 * llocal_model begins with its ll_vocab, hence (const ll_vocab *)m below. */

#define LL_VOCAB_MAX      0xfffffe      /* tokens, and merges: an index has 24 bits for a number */
#define LL_TOKEN_MAX      65535         /* bytes of a token; real ones have up to a few hundred */
#define LL_SPECIAL_MAX    255           /* bytes of a special token that text can spell */
#define LL_NONE           0xffffffffu   /* rank of a pair that does not merge */

enum {                                  /* ll_vocab.attr */
    LL_TOKEN_NORMAL = 1,
    LL_TOKEN_BYTE = 2,                  /* "<0xE2>" */
    LL_TOKEN_USER = 4,                  /* text spells it always */
    LL_TOKEN_CONTROL = 8,               /* text spells it, and it is shown, only if asked for */
    LL_TOKEN_VISIBLE = 16,              /* a control token that is always shown */
    LL_TOKEN_END = 32,                  /* ends a reply */
    LL_TOKEN_LSTRIP = 64,               /* takes the white space before it, or after it */
    LL_TOKEN_RSTRIP = 128
};

/* ---- a hash table of numbers, whose keys its owner keeps --------------------------------- */

/* A slot is 0, or eight bits of the key's hash above number + 1. No entry is farther from where
 * its hash points than LL_INDEX_STEPS: real vocabularies need up to 41, and keys made to collide
 * are refused instead of searched. */
#define LL_INDEX_STEPS 2048
typedef struct ll_index { uint32_t *slot; uint32_t mask; } ll_index;

LL_FN void ll_index_layout(ll_arena *a, int n, ll_index *x) {
    uint64_t slots = 4;
    while (slots / 4 * 3 < (uint64_t)n) slots *= 2;
    x->slot = (uint32_t *)ll_arena_take(a, slots, sizeof *x->slot);
    x->mask = (uint32_t)(slots - 1);
}

LL_INLINE uint32_t ll_index_home(uint64_t hash) { return (uint32_t)(hash ^ hash >> 29); }

/* The next number whose key may have this hash, or -1; *step starts at 0. */
LL_INLINE int32_t ll_index_next(const ll_index *x, uint64_t hash, uint32_t *step) {
    while (*step < LL_INDEX_STEPS) {
        uint32_t s = x->slot[(ll_index_home(hash) + (*step)++) & x->mask];
        if (s == 0) return -1;
        if (s >> 24 == hash >> 56) return (int32_t)(s & 0xffffff) - 1;
    }
    return -1;
}

LL_FN bool ll_index_add(ll_index *x, uint64_t hash, uint32_t number) {
    for (uint32_t step = 0; step < LL_INDEX_STEPS && step <= x->mask; step++) {
        uint32_t *s = &x->slot[(ll_index_home(hash) + step) & x->mask];
        if (*s) continue;
        *s = (uint32_t)(hash >> 56) << 24 | (number + 1);
        return true;
    }
    return false;
}

/* ---- the vocabulary ---------------------------------------------------------------------- */

typedef struct ll_encoder ll_encoder;
typedef struct ll_sink ll_sink;
typedef struct ll_vocab ll_vocab;

/* One value of tokenizer.ggml.model. */
typedef struct ll_vocab_kind {
    const char *model;
    llocal_token bos, eos, unk;         /* unless the file says otherwise; -1: none */
    bool add_bos, add_space;
    llocal_result (*load)(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log);
    /* Text between special tokens; after_special: at the start too. NULL: there is no text. */
    void (*encode)(ll_encoder *e, const char *text, size_t len, bool after_special);
    void (*spell)(llocal_str token, ll_sink *o);        /* the text of a normal token */
} ll_vocab_kind;

/* One value of tokenizer.ggml.pre. Each function gives the length of the first piece of a text
 * that is not empty; the pieces of one are cut by the next, and the last one's are the words. */
typedef size_t (*ll_word_fn)(const char *text, const char *end);
typedef struct ll_vocab_pre {
    const char *name;
    uint8_t flags;
    ll_word_fn cut[3];                  /* the last is NULL */
} ll_vocab_pre;
enum {
    LL_PRE_WHOLE = 1,                   /* a word that is a token is not merged from its bytes */
    LL_PRE_BOS = 2,                     /* add_bos, unless the file says otherwise */
    LL_PRE_CLEAN = 4                    /* detokenize takes spaces before punctuation away */
};

typedef struct ll_merge { llocal_token left, right, result; } ll_merge;

struct ll_vocab {
    const ll_vocab_kind *kind;
    const ll_vocab_pre *pre;            /* byte-level BPE */
    llocal_allocator allocator;         /* for long words; the model sets it after layout */
    int n_tokens, n_merges;
    llocal_token bos, eos, eot, unk;    /* -1: none */
    bool add_bos, add_eos, add_space;   /* add_space: a space goes before text */
    bool cut_at_space;                  /* SentencePiece: no token has a space inside */
    const uint8_t *strings;             /* in the file: each a u64 length and bytes */
    uint32_t *string_at;                /* [n_tokens + 1] where the bytes begin */
    uint32_t longest;                   /* bytes of the longest token */
    const uint8_t *scores;              /* [n_tokens] of f32 in the file; NULL: all are 0 */
    uint8_t *attr;                      /* [n_tokens] */
    ll_index ids;                       /* by string */
    ll_merge *merges;                   /* [n_merges], best first */
    ll_index pairs;                     /* merges by left and right */
    llocal_token byte_token[256];       /* -1: none */
    /* Special tokens: which lengths there are (bits); and, for a quick no, which bytes they begin
     * with (1: some that text spells always, 2: others, 4: one of a single byte) and go on with. */
    uint64_t special_lengths[LL_SPECIAL_MAX / 64 + 1];
    uint8_t special_first[256], special_second[256];
};

/* Called twice, with an arena that measures and with one that places (in zeroed memory). */
LL_FN void ll_vocab_layout(ll_arena *a, const ll_gguf_facts *f, ll_vocab *v) {
    uint64_t n = (uint64_t)f->n_tokens;
    memset(v, 0, sizeof *v);
    v->n_tokens = f->n_tokens, v->n_merges = f->n_merges;
    v->string_at = (uint32_t *)ll_arena_take(a, n + 1, sizeof *v->string_at);
    v->attr = (uint8_t *)ll_arena_take(a, n, 1);
    v->merges = (ll_merge *)ll_arena_take(a, (uint64_t)f->n_merges, sizeof *v->merges);
    ll_index_layout(a, f->n_tokens, &v->ids);
    ll_index_layout(a, f->n_merges, &v->pairs);
}

LL_INLINE llocal_str ll_vocab_str(const ll_vocab *v, llocal_token t) {
    llocal_str s;
    s.ptr = (const char *)v->strings + v->string_at[t];
    s.len = v->string_at[t + 1] - v->string_at[t] - 8;      /* the next one's length lies between */
    return s;
}

/* The next string of an array from the file; *at starts at 0 and ends up behind it. */
LL_FN bool ll_vocab_next_string(const llocal_meta *list, uint64_t *at, llocal_str *s) {
    const uint8_t *p = (const uint8_t *)list->as.array + (size_t)*at;
    uint64_t left = list->array_bytes - *at, n;
    if (left < 8 || (n = ll_load_u64(p)) > left - 8) return false;
    s->ptr = (const char *)p + 8, s->len = (size_t)n;
    *at += 8 + n;
    return true;
}

/* The token whose string is a followed by b, of which hash is the hash; or -1. */
LL_FN llocal_token ll_vocab_find_hash(const ll_vocab *v, uint64_t hash, llocal_str a, llocal_str b) {
    uint32_t step = 0;
    for (llocal_token t; (t = ll_index_next(&v->ids, hash, &step)) >= 0;) {
        llocal_str s = ll_vocab_str(v, t);
        if (s.len == a.len + b.len && memcmp(s.ptr, a.ptr, a.len) == 0 &&
            memcmp(s.ptr + a.len, b.ptr, b.len) == 0)
            return t;
    }
    return -1;
}
LL_FN llocal_token ll_vocab_find(const ll_vocab *v, llocal_str s) {
    return ll_vocab_find_hash(v, ll_hash(LL_HASH_START, s.ptr, s.len), s, ll_str(""));
}
LL_FN llocal_token ll_vocab_find_text(const ll_vocab *v, const char *s) {
    return ll_vocab_find(v, ll_str(s));
}

LL_INLINE uint64_t ll_merge_hash(llocal_token left, llocal_token right) {
    uint64_t h = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * 0x9e3779b97f4a7c15ull;
    return (h ^ h >> 32) * 0xd6e8feb86659fd93ull;
}
/* The rank of a merge, or LL_NONE. */
LL_INLINE uint32_t ll_vocab_merge(const ll_vocab *v, llocal_token left, llocal_token right) {
    uint64_t hash = ll_merge_hash(left, right);
    uint32_t step = 0;
    for (int32_t i; (i = ll_index_next(&v->pairs, hash, &step)) >= 0;)
        if (v->merges[i].left == left && v->merges[i].right == right) return (uint32_t)i;
    return LL_NONE;
}

/* ---- a tree that knows which of n numbers is smallest, the leftmost of equals ------------ */

/* Leaf i is tree[leaves + i], a node the smaller of its two children; leaves is a power of two. */
LL_FN uint32_t ll_tree_leaves(uint32_t n) {
    uint32_t leaves = 1;
    while (leaves < n) leaves *= 2;
    return leaves;
}
LL_FN void ll_tree_build(uint32_t *tree, uint32_t leaves) {
    for (uint32_t i = leaves - 1; i > 0; i--) tree[i] = LL_MIN(tree[2 * i], tree[2 * i + 1]);
}
LL_INLINE void ll_tree_set(uint32_t *tree, uint32_t leaves, uint32_t i, uint32_t value) {
    for (i += leaves; tree[i] != value; value = LL_MIN(tree[i], tree[i ^ 1]), i /= 2) {
        tree[i] = value;
        if (i == 1) return;
    }
}
/* LL_NONE: every number is LL_NONE. */
LL_INLINE uint32_t ll_tree_first(const uint32_t *tree, uint32_t leaves) {
    uint32_t i = 1;
    if (tree[1] == LL_NONE) return LL_NONE;
    while (i < leaves) {
        i *= 2;
        if (tree[i] != tree[1]) i++;
    }
    return i - leaves;
}

/* ---- while text is encoded --------------------------------------------------------------- */

/* Working memory: the stack's, or a block that only grows. */
typedef struct ll_vocab_scratch {
    const llocal_allocator *allocator;
    void *stack, *block;
    size_t stack_bytes, block_bytes;
} ll_vocab_scratch;

LL_FN ll_vocab_scratch ll_vocab_scratch_on(void *stack, size_t bytes, const ll_vocab *v) {
    ll_vocab_scratch s = { &v->allocator, stack, NULL, bytes, 0 };
    return s;
}
LL_FN void ll_vocab_scratch_free(ll_vocab_scratch *s) {
    ll_free(s->allocator, s->block, s->block_bytes);
    s->block = NULL, s->block_bytes = 0;
}
/* At least so many bytes, aligned to 8; what was there before is lost. */
LL_FN void *ll_vocab_scratch_take(ll_vocab_scratch *s, uint64_t bytes) {
    if (bytes <= s->stack_bytes) return s->stack;
    if (bytes <= s->block_bytes) return s->block;
    ll_vocab_scratch_free(s);
    s->block = ll_alloc(s->allocator, bytes);
    if (s->block) s->block_bytes = (size_t)bytes;
    return s->block;
}

struct ll_encoder {
    const ll_vocab *v;
    llocal_token *out;
    int cap, n;                         /* n counts on beyond cap */
    bool no_memory;
    ll_vocab_scratch scratch;
    uint64_t stack[1024];
};

LL_INLINE void ll_encoder_put(ll_encoder *e, llocal_token t) {
    if (e->n < e->cap) e->out[e->n] = t;
    e->n++;
}
/* Without a token for it a byte is unknown; if there is none for that either, it is lost. */
LL_FN void ll_encoder_put_byte(ll_encoder *e, uint8_t byte) {
    llocal_token t = e->v->byte_token[byte] >= 0 ? e->v->byte_token[byte] : e->v->unk;
    if (t >= 0) ll_encoder_put(e, t);
}

/* Symbols are a list; each keeps what it would become with its right neighbour, whose rank is its
 * leaf in the tree. sym[n] marks the end. */
typedef struct ll_symbol {
    uint32_t start, prev, next;         /* start: in merger.text */
    llocal_token id, merged;            /* id -1: not a token */
} ll_symbol;
typedef struct ll_merger {
    const ll_vocab *v;
    const char *text;
    ll_symbol *sym;                     /* [n + 1] */
    uint32_t *tree, n, leaves;
} ll_merger;
typedef uint32_t (*ll_merger_fn)(const ll_merger *m, ll_symbol *left, const ll_symbol *right);

LL_FN uint64_t ll_merger_bytes(uint32_t n) {
    return ((uint64_t)n + 1) * sizeof(ll_symbol) + (uint64_t)ll_tree_leaves(n) * 8;
}
/* memory: ll_merger_bytes, aligned for uint32_t; then fill start and id of sym[0..n). */
LL_FN void ll_merger_init(ll_merger *m, const ll_vocab *v, void *memory, uint32_t n) {
    m->v = v, m->n = n, m->leaves = ll_tree_leaves(n);
    m->sym = (ll_symbol *)memory;
    m->tree = (uint32_t *)(void *)(m->sym + n + 1);
    for (uint32_t i = 0; i <= n; i++) m->sym[i].prev = i - 1, m->sym[i].next = i + 1;
}
LL_INLINE uint32_t ll_merger_pair(const ll_merger *m, uint32_t i, ll_merger_fn pair) {
    return m->sym[i].next < m->n ? pair(m, &m->sym[i], &m->sym[m->sym[i].next]) : LL_NONE;
}
LL_INLINE void ll_merger_run(ll_merger *m, ll_merger_fn pair) {
    uint32_t left;
    for (uint32_t i = 0; i < m->leaves; i++)
        m->tree[m->leaves + i] = i < m->n ? ll_merger_pair(m, i, pair) : LL_NONE;
    ll_tree_build(m->tree, m->leaves);
    while ((left = ll_tree_first(m->tree, m->leaves)) != LL_NONE) {
        ll_symbol *s = &m->sym[left];
        uint32_t right = s->next;
        s->id = s->merged;
        s->next = m->sym[right].next;
        m->sym[s->next].prev = left;
        ll_tree_set(m->tree, m->leaves, right, LL_NONE);
        ll_tree_set(m->tree, m->leaves, left, ll_merger_pair(m, left, pair));
        if (left > 0) ll_tree_set(m->tree, m->leaves, s->prev, ll_merger_pair(m, s->prev, pair));
    }
}

/* ---- what comes out of tokens ------------------------------------------------------------ */

struct ll_sink {
    char *out;
    uint64_t cap, n;                    /* n counts on beyond cap */
    bool drop_space;                    /* as the very first character */
    bool clean;
    bool whole;                         /* hold bytes back until they are whole characters */
    llocal_text held;
    char kept[3][4];                    /* of each step of cleaning */
    int n_kept[3];
};

LL_INLINE void ll_sink_byte(ll_sink *o, char c) {
    if (o->n < o->cap) o->out[o->n] = c;
    o->n++;
}

/* What the first n bytes of a step's pattern are: the pattern (1), its beginning (0), not it (-1).
 * Step 0 takes the space from " ?" " !" " ." " ,"; step 1 both from " ' "; step 2 the one from
 * " 's" " 'm" " 're" " 've". */
LL_FN int ll_clean_match(int step, const char *s, int n) {
    char c = s[n - 1];
    if (n == 1) return c == ' ' ? 0 : -1;
    if (step == 0) return c == '?' || c == '!' || c == '.' || c == ',' ? 1 : -1;
    if (n == 2) return c == '\'' ? 0 : -1;
    if (step == 1) return c == ' ' ? 1 : -1;
    if (n == 3) return c == 's' || c == 'm' ? 1 : c == 'r' || c == 'v' ? 0 : -1;
    return c == 'e' ? 1 : -1;
}

/* A step passes on to the next; step 3 is the output. (It calls itself at most three deep.) */
LL_FN void ll_clean_put(ll_sink *o, int step, char c) {
    char s[4];
    int n, match;
    if (step == 3) { ll_sink_byte(o, c); return; }
    o->kept[step][o->n_kept[step]++] = c;
    n = o->n_kept[step];
    memcpy(s, o->kept[step], sizeof s);
    match = ll_clean_match(step, s, n);
    if (match == 0) return;
    o->n_kept[step] = 0;
    if (match < 0) {                    /* c may begin the pattern anew */
        for (int i = 0; i < n - 1; i++) ll_clean_put(o, step + 1, s[i]);
        if (c == ' ') o->kept[step][o->n_kept[step]++] = c;
        else ll_clean_put(o, step + 1, c);
    } else
        for (int i = 1; i < n - (step == 1); i++) ll_clean_put(o, step + 1, s[i]);
}

LL_FN void ll_whole_put(ll_sink *o, uint8_t c) {
    llocal_text *h = &o->held;
    int n;
    h->held[h->n_held++] = c;
    n = ll_utf8_check(h->held, h->n_held);
    if (n == 0) return;
    if (n < 0) {
        for (int i = 0; i < 3; i++) ll_sink_byte(o, "\xef\xbf\xbd"[i]);     /* U+FFFD */
        n = h->n_held;
        h->n_held = 0;
        if (n > 1) ll_whole_put(o, c);  /* what was held ended early; c is another matter */
        return;
    }
    for (int i = 0; i < n; i++) ll_sink_byte(o, (char)h->held[i]);
    h->n_held = 0;
}

LL_FN void ll_sink_put(ll_sink *o, char c) {
    bool drop = o->drop_space && c == ' ';
    o->drop_space = false;
    if (drop) return;
    if (o->clean) ll_clean_put(o, 0, c);
    else if (o->whole) ll_whole_put(o, (uint8_t)c);
    else ll_sink_byte(o, c);
}

LL_FN void ll_sink_end(ll_sink *o) {
    for (int step = 0; o->clean && step < 3; step++) {
        int n = o->n_kept[step];
        o->n_kept[step] = 0;
        for (int i = 0; i < n; i++) ll_clean_put(o, step + 1, o->kept[step][i]);
    }
    if (o->held.n_held) {
        for (int i = 0; i < 3; i++) ll_sink_byte(o, "\xef\xbf\xbd"[i]);
        o->held.n_held = 0;
    }
}

/* ---- SentencePiece: characters merge into the token with the best score ------------------ */

/* In tokens, and so while merging, a space is U+2581. */
#define LL_SPM_SPACE "\xe2\x96\x81"

/* From the bits of a score: higher scores first, as numbers that go up; NaN comes last. */
LL_FN uint32_t ll_spm_rank(uint32_t bits) {
    if ((bits & 0x7fffffff) > 0x7f800000) return LL_NONE - 1;
    if (bits == 0x80000000) bits = 0;                   /* -0 equals 0 */
    return bits >> 31 ? bits : ~(bits | 0x80000000u);
}

/* Text does not merge into a control token, even where the vocabulary has the parts for it. */
LL_FN llocal_token ll_spm_find(const ll_vocab *v, llocal_str s) {
    llocal_token t = s.len > v->longest ? -1 : ll_vocab_find(v, s);
    return t >= 0 && v->attr[t] & LL_TOKEN_CONTROL ? -1 : t;
}

LL_FN uint32_t ll_spm_pair(const ll_merger *m, ll_symbol *left, const ll_symbol *right) {
    llocal_str s;
    s.ptr = m->text + left->start;
    s.len = m->sym[right->next].start - left->start;
    left->merged = ll_spm_find(m->v, s);
    if (left->merged < 0) return LL_NONE;
    return ll_spm_rank(m->v->scores ? ll_load_u32(m->v->scores + (size_t)left->merged * 4) : 0);
}

/* Characters by their first byte alone: what is not UTF-8 stays as it is, byte by byte. */
LL_INLINE uint32_t ll_spm_char_bytes(char c) {
    uint8_t b = (uint8_t)c;
    return b < 0xc0 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

LL_FN void ll_spm_encode_piece(ll_encoder *e, const char *text, size_t len, bool space) {
    uint32_t size = space ? 3 : 0, n = 0;
    size_t room;
    char *copy, *p;
    ll_merger m;
    for (size_t i = 0; i < len; i++) size += text[i] == ' ' ? 3 : 1;
    room = (size + 3) & ~(size_t)3;
    copy = p = (char *)ll_vocab_scratch_take(&e->scratch, room + ll_merger_bytes(size));
    if (!copy) { e->no_memory = true; return; }
    if (space) memcpy(p, LL_SPM_SPACE, 3), p += 3;
    for (size_t i = 0; i < len; i++)
        if (text[i] == ' ') memcpy(p, LL_SPM_SPACE, 3), p += 3;
        else *p++ = text[i];
    for (uint32_t i = 0; i < size; n++) i += ll_spm_char_bytes(copy[i]);
    ll_merger_init(&m, e->v, copy + room, n);
    m.text = copy;
    for (uint32_t i = 0, at = 0; i < n; i++) {
        llocal_str s;
        s.ptr = copy + at, s.len = LL_MIN(ll_spm_char_bytes(copy[at]), size - at);
        m.sym[i].start = at, m.sym[i].id = ll_spm_find(e->v, s);
        at += (uint32_t)s.len;
    }
    m.sym[n].start = size;
    ll_merger_run(&m, ll_spm_pair);
    for (uint32_t i = 0; i < n; i = m.sym[i].next) {
        if (m.sym[i].id >= 0) ll_encoder_put(e, m.sym[i].id);
        else for (uint32_t k = m.sym[i].start; k < m.sym[m.sym[i].next].start; k++)
            ll_encoder_put_byte(e, (uint8_t)copy[k]);
    }
}

/* Where no token has a space behind something else, nothing merges across such a place and text
 * can be cut there. Not where bytes that are not UTF-8 swallow the space, nor after U+2581. */
LL_FN size_t ll_spm_piece(const char *text, size_t len) {
    uint32_t owed = 0;                  /* bytes that the current character still takes */
    for (size_t i = 0; i < len; i++) {
        uint32_t n = text[i] == ' ' ? 3 : 1;
        if (owed) owed -= LL_MIN(owed, n);
        else if (n == 1) owed = ll_spm_char_bytes(text[i]) - 1;
        else if (i > 0 && text[i - 1] != ' ' && text[i - 1] != LL_SPM_SPACE[2]) return i;
    }
    return len;
}

LL_FN void ll_spm_encode(ll_encoder *e, const char *text, size_t len, bool after_special) {
    bool space = after_special && e->v->add_space;
    for (size_t n; len > 0; text += n, len -= n, space = false) {
        n = e->v->cut_at_space ? ll_spm_piece(text, len) : len;
        ll_spm_encode_piece(e, text, n, space);
    }
}

LL_FN void ll_spm_spell(llocal_str s, ll_sink *o) {
    for (size_t i = 0; i < s.len; i++)
        if (s.len - i >= 3 && memcmp(s.ptr + i, LL_SPM_SPACE, 3) == 0) ll_sink_put(o, ' '), i += 2;
        else ll_sink_put(o, s.ptr[i]);
}

LL_FN bool ll_spm_space_inside(llocal_str s) {
    for (size_t i = 1; i + 3 <= s.len; i++)
        if (memcmp(s.ptr + i, LL_SPM_SPACE, 3) == 0 &&
            !(i >= 3 && memcmp(s.ptr + i - 3, LL_SPM_SPACE, 3) == 0)) return true;
    return false;
}

LL_FN llocal_result ll_spm_load(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    static const char hex[] = "0123456789ABCDEF";
    (void)g, (void)log;
    for (int i = 0; i < 256; i++) {
        char name[6] = { '<', '0', 'x', hex[i >> 4], hex[i & 15], '>' };
        llocal_str s = { name, 6 };
        v->byte_token[i] = ll_vocab_find(v, s);
        if (v->byte_token[i] >= 0) continue;
        name[0] = (char)i, s.len = 1;
        v->byte_token[i] = ll_vocab_find(v, s);
    }
    v->cut_at_space = true;
    for (int t = 0; t < v->n_tokens && v->cut_at_space; t++)
        v->cut_at_space = !ll_spm_space_inside(ll_vocab_str(v, t));
    return LLOCAL_OK;
}

/* ---- byte-level BPE: how text is cut into words ------------------------------------------ */

/* Each of these is a regular expression of the original tokenizers, written out. They look at
 * what follows, never at what came before. */

/* The flags of the character at p, and in *next where it ends; 0 at the end, as for controls. */
LL_INLINE unsigned ll_word_flags(const char *p, const char *end, const char **next) {
    *next = p;
    return p < end ? ll_unicode_flags(ll_utf8_next(next, end)) : 0;
}
/* Past up to `most` characters that have one of the flags. */
LL_FN const char *ll_word_run(const char *p, const char *end, unsigned flags, int most) {
    for (const char *next; most > 0 && (ll_word_flags(p, end, &next) & flags); most--) p = next;
    return p;
}
/* Past all characters that have none of the flags. */
LL_FN const char *ll_word_run_not(const char *p, const char *end, unsigned flags) {
    for (const char *next; p < end && !(ll_word_flags(p, end, &next) & flags);) p = next;
    return p;
}
LL_INLINE bool ll_word_newline(char c) { return c == '\r' || c == '\n'; }

/* 's|'t|'re|'ve|'m|'ll|'d; fold: in capitals too. How many bytes, or 0. */
LL_FN size_t ll_word_contraction(const char *p, const char *end, bool fold) {
    char bit = fold ? 0x20 : 0, a, b;
    if (end - p < 2 || *p != '\'') return 0;
    a = (char)(p[1] | bit);
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
    if (end - p < 3) return 0;
    b = (char)(p[2] | bit);
    return (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/* \s+(?!\S)|\s+: white space, but the last character of it is left to a word that follows. */
LL_FN const char *ll_word_space(const char *p, const char *end) {
    const char *last = p, *next;
    for (const char *q = p; ll_word_flags(q, end, &next) & LL_UNI_SPACE; q = next) last = q;
    ll_word_flags(last, end, &next);    /* next: the end of the white space */
    return next == end || last == p ? next : last;
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
LL_FN size_t ll_word_gpt2(const char *text, const char *end) {
    const char *p = text + (*text == ' ' && end - text > 1), *next;
    size_t n = ll_word_contraction(text, end, false);
    unsigned f = ll_word_flags(p, end, &next);
    if (n) return n;
    if (f & LL_UNI_L) p = ll_word_run(next, end, LL_UNI_L, INT32_MAX);
    else if (f & LL_UNI_N) p = ll_word_run(next, end, LL_UNI_N, INT32_MAX);
    else if (!(f & LL_UNI_SPACE)) p = ll_word_run_not(next, end, LL_UNI_SPACE | LL_UNI_L | LL_UNI_N);
    else p = ll_word_space(text, end);
    return (size_t)(p - text);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[letters]+|\p{N}{1,digits}
 * | ?[^\s\p{N}letters]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ */
LL_INLINE size_t ll_word_tiktoken(const char *text, const char *end, unsigned letters, int digits) {
    const char *next, *after, *p, *newline = NULL;
    size_t n = ll_word_contraction(text, end, true);
    unsigned f = ll_word_flags(text, end, &next);
    if (n) return n;
    if (f & LL_UNI_N) return (size_t)(ll_word_run(text, end, LL_UNI_N, digits) - text);
    if (!ll_word_newline(*text) && ((f | ll_word_flags(next, end, &after)) & letters))
        return (size_t)(ll_word_run(next, end, letters, INT32_MAX) - text);
    p = *text == ' ' ? next : text;
    next = ll_word_run_not(p, end, LL_UNI_SPACE | LL_UNI_N | letters);
    if (next > p) {
        while (next < end && ll_word_newline(*next)) next++;
        return (size_t)(next - text);
    }
    for (p = text; ll_word_flags(p, end, &next) & LL_UNI_SPACE; p = next)
        if (ll_word_newline(*p)) newline = next;
    return (size_t)((newline ? newline : ll_word_space(text, end)) - text);
}
LL_FN size_t ll_word_llama3(const char *text, const char *end) {
    return ll_word_tiktoken(text, end, LL_UNI_L, 3);
}
LL_FN size_t ll_word_qwen2(const char *text, const char *end) {
    return ll_word_tiktoken(text, end, LL_UNI_L, 1);
}
LL_FN size_t ll_word_qwen35(const char *text, const char *end) {
    return ll_word_tiktoken(text, end, LL_UNI_L | LL_UNI_M, 1);
}

/* \p{N}, and what lies between */
LL_FN size_t ll_word_digit(const char *text, const char *end) {
    const char *p = ll_word_run(text, end, LL_UNI_N, 1);
    return (size_t)((p > text ? p : ll_word_run_not(text, end, LL_UNI_N)) - text);
}

#define LL_PRE_LLAMA3 (LL_PRE_CLEAN | LL_PRE_WHOLE | LL_PRE_BOS)
static const ll_vocab_pre ll_vocab_pres[] = {
    { "gpt-2",            LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "phi-2",            LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-es",          LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-de",          LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-v1-en",       LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-v2-es",       LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-v2-de",       LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jina-v2-code",     LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "roberta-bpe",      LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "modern-bert",      LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "gigachat",         LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "a.x-4.0",          LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "mellum",           LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "exaone4",          LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "mpt",              LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "olmo",             LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "jais",             LL_PRE_CLEAN,  { ll_word_gpt2, NULL } },
    { "trillion",         0,             { ll_word_gpt2, NULL } },
    { "granite-docling",  0,             { ll_word_gpt2, NULL } },
    { "starcoder",        LL_PRE_CLEAN,  { ll_word_digit, ll_word_gpt2, NULL } },
    { "refact",           LL_PRE_CLEAN,  { ll_word_digit, ll_word_gpt2, NULL } },
    { "codeshell",        LL_PRE_CLEAN,  { ll_word_digit, ll_word_gpt2, NULL } },
    { "exaone",           LL_PRE_CLEAN,  { ll_word_digit, ll_word_gpt2, NULL } },
    { "minerva-7b",       LL_PRE_CLEAN,  { ll_word_digit, ll_word_gpt2, NULL } },
    { "command-r",        0,             { ll_word_digit, ll_word_gpt2, NULL } },
    { "smollm",           0,             { ll_word_digit, ll_word_gpt2, NULL } },
    { "llama3",           LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "llama-v3",         LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "llama-bpe",        LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "falcon3",          LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "falcon-h1",        LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "pixtral",          LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "midm-2.0",         LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "lfm2",             LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "jina-v5-nano",     LL_PRE_LLAMA3, { ll_word_llama3, NULL } },
    { "dbrx",             LL_PRE_CLEAN,  { ll_word_llama3, NULL } },
    { "smaug-bpe",        LL_PRE_CLEAN,  { ll_word_llama3, NULL } },
    { "glm4",             LL_PRE_CLEAN,  { ll_word_llama3, NULL } },
    { "chatglm-bpe",      LL_PRE_CLEAN,  { ll_word_llama3, NULL } },
    { "qwen2",            0,             { ll_word_qwen2, NULL } },
    { "deepseek-r1-qwen", 0,             { ll_word_qwen2, NULL } },
    { "kormo",            0,             { ll_word_qwen2, NULL } },
    { "f2llmv2",          0,             { ll_word_qwen2, NULL } },
    { "hunyuan",          0,             { ll_word_qwen2, NULL } },
    { "solar-open",       0,             { ll_word_qwen2, NULL } },
    { "grok-2",           0,             { ll_word_qwen2, NULL } },
    { "megrez",           LL_PRE_CLEAN,  { ll_word_qwen2, NULL } },
    { "stablelm2",        LL_PRE_CLEAN,  { ll_word_qwen2, NULL } },
    { "qwen35",           0,             { ll_word_qwen35, NULL } }
};

/* ---- byte-level BPE: bytes merge in the order of a list ---------------------------------- */

/* Token strings spell each byte as one printable character: those that print in Latin-1 as
 * themselves, the others in turn as U+0100 and on. */
LL_FN uint32_t ll_bpe_char(uint8_t b) {
    if (b <= 0x20) return 0x100u + b;
    if (b >= 0x7f && b <= 0xa0) return 0x121u + (b - 0x7fu);
    return b == 0xad ? 0x143 : b;
}
LL_FN int ll_bpe_byte(uint32_t c) {                     /* -1: no byte is spelled so */
    if (c >= 0x100 && c <= 0x143)
        return c <= 0x120 ? (int)c - 0x100 : c <= 0x142 ? (int)c - 0x121 + 0x7f : 0xad;
    return c < 0x100 && ll_bpe_char((uint8_t)c) == c ? (int)c : -1;
}

LL_FN uint32_t ll_bpe_pair(const ll_merger *m, ll_symbol *left, const ll_symbol *right) {
    uint32_t rank;
    if (left->id < 0 || right->id < 0) return LL_NONE;
    rank = ll_vocab_merge(m->v, left->id, right->id);
    if (rank != LL_NONE) left->merged = m->v->merges[rank].result;
    return rank;
}

/* The token that spells these bytes, or -1. */
LL_FN llocal_token ll_bpe_find(const ll_vocab *v, const uint8_t *bytes, uint32_t n) {
    uint64_t hash = LL_HASH_START;
    uint32_t step = 0;
    char c[4];
    for (uint32_t i = 0; i < n; i++)
        hash = ll_hash(hash, c, (size_t)ll_utf8_put(ll_bpe_char(bytes[i]), c));
    for (llocal_token t; (t = ll_index_next(&v->ids, hash, &step)) >= 0;) {
        llocal_str s = ll_vocab_str(v, t);
        const char *p = s.ptr, *end = s.ptr + s.len;
        uint32_t i = 0;
        while (i < n && p < end && ll_utf8_next(&p, end) == ll_bpe_char(bytes[i])) i++;
        if (i == n && p == end) return v->attr[t] & LL_TOKEN_CONTROL ? -1 : t;
    }
    return -1;
}

/* UTF-8 in its usual form into dst (if not NULL), U+FFFD for what is not UTF-8; how many bytes. */
LL_FN uint32_t ll_bpe_repair(const char *text, size_t len, uint8_t *dst) {
    const char *end = text + len;
    uint32_t n = 0;
    while (text < end) {
        char c[4];
        int k = ll_utf8_put(ll_utf8_next(&text, end), c);
        if (dst) memcpy(dst + n, c, (size_t)k);
        n += (uint32_t)k;
    }
    return n;
}

LL_FN void ll_bpe_encode_word(ll_encoder *e, const char *text, size_t len) {
    uint32_t n = ll_bpe_repair(text, len, NULL);
    size_t room = ((size_t)n + 3) & ~(size_t)3;
    uint8_t *bytes = (uint8_t *)ll_vocab_scratch_take(&e->scratch, room + ll_merger_bytes(n));
    ll_merger m;
    if (!bytes) { e->no_memory = true; return; }
    ll_bpe_repair(text, len, bytes);
    if (e->v->pre->flags & LL_PRE_WHOLE && n <= e->v->longest) {
        llocal_token t = ll_bpe_find(e->v, bytes, n);
        if (t >= 0) { ll_encoder_put(e, t); return; }
    }
    ll_merger_init(&m, e->v, bytes + room, n);
    for (uint32_t i = 0; i < n; i++) m.sym[i].start = i, m.sym[i].id = e->v->byte_token[bytes[i]];
    ll_merger_run(&m, ll_bpe_pair);
    for (uint32_t i = 0; i < n; i = m.sym[i].next) {
        if (m.sym[i].id >= 0) ll_encoder_put(e, m.sym[i].id);
        else ll_encoder_put_byte(e, bytes[i]);
    }
}

LL_FN void ll_bpe_encode_words(ll_encoder *e, const char *text, const char *end,
                               const ll_word_fn *cut) {
    for (size_t n; text < end; text += n) {
        n = cut[0](text, end);
        if (cut[1]) ll_bpe_encode_words(e, text, text + n, cut + 1);
        else ll_bpe_encode_word(e, text, n);
    }
}

LL_FN void ll_bpe_encode(ll_encoder *e, const char *text, size_t len, bool after_special) {
    (void)after_special;
    ll_bpe_encode_words(e, text, text + len, e->v->pre->cut);
}

/* A string with a character that spells no byte stands for itself. */
LL_FN void ll_bpe_spell(llocal_str s, ll_sink *o) {
    const char *p = s.ptr, *end = s.ptr + s.len;
    bool bytes = true;
    while (p < end && bytes) bytes = ll_bpe_byte(ll_utf8_next(&p, end)) >= 0;
    for (p = s.ptr; p < end;)
        ll_sink_put(o, bytes ? (char)ll_bpe_byte(ll_utf8_next(&p, end)) : *p++);
}

/* "left right": the space is the first one that does not begin the string. */
LL_FN bool ll_bpe_load_merge(ll_vocab *v, llocal_str s, uint32_t rank, bool *room) {
    ll_merge *m = &v->merges[rank];
    const char *space = s.len < 2 ? NULL : (const char *)memchr(s.ptr + 1, ' ', s.len - 1);
    llocal_str left = s, right = s;
    uint64_t hash;
    if (!space) return false;
    left.len = (size_t)(space - s.ptr);
    right.ptr = space + 1, right.len = s.len - left.len - 1;
    hash = ll_hash(LL_HASH_START, left.ptr, left.len);
    m->left = ll_vocab_find_hash(v, hash, left, ll_str(""));
    m->right = ll_vocab_find(v, right);
    m->result = ll_vocab_find_hash(v, ll_hash(hash, right.ptr, right.len), left, right);
    if (m->left < 0 || m->right < 0 || m->result < 0) return false;
    *room = ll_index_add(&v->pairs, ll_merge_hash(m->left, m->right), rank);
    return true;                        /* of a pair that is there twice, the first is found */
}

LL_FN llocal_result ll_bpe_load_merges(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    const llocal_meta *list = ll_gguf_find(g, "tokenizer.ggml.merges");
    uint64_t at = 0;
    int n_lost = 0;
    bool room = true;
    if (!list || list->elem_type != LLOCAL_STRING || list->count != (uint64_t)v->n_merges)
        return ll_fail(log, LLOCAL_ERR_FORMAT, "tokenizer.ggml.merges is missing or no array of "
                       "strings; convert the model again");
    if (v->n_merges > LL_VOCAB_MAX)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.merges has %d entries; %d are "
                       "possible", (int64_t)v->n_merges, (int64_t)LL_VOCAB_MAX);
    for (int i = 0; i < v->n_merges && room; i++) {
        llocal_str s;
        if (!ll_vocab_next_string(list, &at, &s))
            return ll_fail(log, LLOCAL_ERR_FORMAT, "tokenizer.ggml.merges ends early");
        n_lost += !ll_bpe_load_merge(v, s, (uint32_t)i, &room);
    }
    if (!room)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.merges does not fit into a hash "
                       "table");
    if (n_lost)
        ll_log(log, LLOCAL_WARNING, "%d of %d entries of tokenizer.ggml.merges are ignored: what they "
               "merge is not in the vocabulary", (int64_t)n_lost, (int64_t)v->n_merges);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_bpe_load(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    llocal_str name = ll_str("");
    if (!ll_gguf_get_str(g, "tokenizer.ggml.pre", &name))
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.pre is missing, so how to cut text "
                       "into words is unknown; convert the model again");
    for (int i = 0; i < LL_COUNT(ll_vocab_pres); i++)
        if (ll_str_is(name, ll_vocab_pres[i].name)) v->pre = &ll_vocab_pres[i];
    name.len = LL_MIN(name.len, 64);
    if (!v->pre)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.pre is \"%S\": this version does "
                       "not know how that cuts text into words", &name);
    v->add_bos = v->pre->flags & LL_PRE_BOS;
    for (int i = 0; i < 256; i++) {
        char c[4];
        llocal_str s = { c, 0 };
        s.len = (size_t)ll_utf8_put(ll_bpe_char((uint8_t)i), c);
        v->byte_token[i] = ll_vocab_find(v, s);
    }
    return ll_bpe_load_merges(v, g, log);
}

/* ---- loading ----------------------------------------------------------------------------- */

static const ll_vocab_kind ll_vocab_kinds[] = {
    { "llama",    1,  2,  0,  true,  true,  ll_spm_load, ll_spm_encode, ll_spm_spell },
    { "gpt2",     -1, -1, -1, false, false, ll_bpe_load, ll_bpe_encode, ll_bpe_spell },
    { "none",     -1, -1, -1, false, false, NULL,        NULL,          NULL },
    { "no_vocab", -1, -1, -1, false, false, NULL,        NULL,          NULL }
};

LL_FN llocal_result ll_vocab_load_kind(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    llocal_str name = ll_str("");
    if (!ll_gguf_get_str(g, "tokenizer.ggml.model", &name))
        return ll_fail(log, LLOCAL_ERR_FORMAT, "tokenizer.ggml.model is missing: the file has no "
                       "vocabulary; convert the model again");
    for (int i = 0; i < LL_COUNT(ll_vocab_kinds); i++)
        if (ll_str_is(name, ll_vocab_kinds[i].model)) v->kind = &ll_vocab_kinds[i];
    name.len = LL_MIN(name.len, 64);
    if (!v->kind)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.model is \"%S\": this version has "
                       "no such tokenizer", &name);
    return LLOCAL_OK;
}

/* A model without text still has a number of tokens. */
LL_FN void ll_vocab_load_count(ll_vocab *v, const llocal_gguf *g) {
    static const char tail[] = ".vocab_size";
    char key[64];
    llocal_str arch;
    int64_t n = 0;
    if (!ll_gguf_get_str(g, "general.architecture", &arch)) return;
    if (arch.len > sizeof key - sizeof tail) return;
    memcpy(key, arch.ptr, arch.len);
    memcpy(key + arch.len, tail, sizeof tail);
    if (ll_gguf_get_int(g, key, &n) && n > 0 && n <= INT32_MAX) v->n_tokens = (int)n;
}

/* An array with one number of 4 bytes for each token; NULL: not there. */
LL_FN llocal_result ll_vocab_load_numbers(const ll_vocab *v, const llocal_gguf *g, const char *key,
                                          llocal_type a, llocal_type b, const llocal_logger *log,
                                          const uint8_t **out) {
    const llocal_meta *m = ll_gguf_find(g, key);
    *out = NULL;
    if (!m) return LLOCAL_OK;
    if (m->type != LLOCAL_ARRAY || (m->elem_type != a && m->elem_type != b) ||
        m->count != (uint64_t)v->n_tokens)
        return ll_fail(log, LLOCAL_ERR_FORMAT, "%s is not an array of %d numbers, one for each token",
                       key, (int64_t)v->n_tokens);
    *out = (const uint8_t *)m->as.array;
    return LLOCAL_OK;
}

LL_FN llocal_result ll_vocab_load_strings(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    const llocal_meta *list = ll_gguf_find(g, "tokenizer.ggml.tokens");
    uint64_t at = 0;
    if (!list || list->count != (uint64_t)v->n_tokens || v->n_tokens == 0)
        return ll_fail(log, LLOCAL_ERR_FORMAT, "tokenizer.ggml.tokens is missing or empty");
    if (v->n_tokens > LL_VOCAB_MAX || list->array_bytes > UINT32_MAX - 8)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.tokens has %d entries; %d are "
                       "possible", (int64_t)v->n_tokens, (int64_t)LL_VOCAB_MAX);
    v->strings = (const uint8_t *)list->as.array;
    for (int t = 0; t < v->n_tokens; t++) {
        llocal_str s;
        uint64_t hash;
        if (!ll_vocab_next_string(list, &at, &s))
            return ll_fail(log, LLOCAL_ERR_FORMAT, "tokenizer.ggml.tokens ends early");
        if (s.len > LL_TOKEN_MAX)
            return ll_fail(log, LLOCAL_ERR_FORMAT, "token %d has %u bytes; %u are possible",
                           (int64_t)t, (uint64_t)s.len, (uint64_t)LL_TOKEN_MAX);
        v->string_at[t] = (uint32_t)(at - s.len), v->string_at[t + 1] = (uint32_t)at + 8;
        v->longest = LL_MAX(v->longest, (uint32_t)s.len);
        hash = ll_hash(LL_HASH_START, s.ptr, s.len);
        if (s.len == 0 || ll_vocab_find_hash(v, hash, s, ll_str("")) >= 0) continue;    /* twice */
        if (!ll_index_add(&v->ids, hash, (uint32_t)t))
            return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tokenizer.ggml.tokens does not fit into a "
                           "hash table");
    }
    return LLOCAL_OK;
}

LL_FN llocal_result ll_vocab_load_types(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    /* 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte */
    static const uint8_t attr[7] = { 0, LL_TOKEN_NORMAL, LL_TOKEN_CONTROL, LL_TOKEN_CONTROL,
                                     LL_TOKEN_USER, 0, LL_TOKEN_BYTE };
    const uint8_t *types;
    llocal_result r = ll_vocab_load_numbers(v, g, "tokenizer.ggml.token_type", LLOCAL_I32,
                                            LLOCAL_U32, log, &types);
    for (int t = 0; t < v->n_tokens && !r; t++) {
        uint32_t type = types ? ll_load_u32(types + (size_t)t * 4) : 1;
        v->attr[t] = type < 7 ? attr[type] : 0;
    }
    return r;
}

/* The id that a key gives; where it gives none, `none`. */
LL_FN llocal_token ll_vocab_id(const ll_vocab *v, const llocal_gguf *g, const char *key,
                               llocal_token none, const llocal_logger *log) {
    int64_t id = -1;
    ll_gguf_get_int(g, key, &id);
    if (id >= 0 && id < v->n_tokens) return (llocal_token)id;
    if (id != -1 && id != UINT32_MAX)   /* both are written for "none" */
        ll_log(log, LLOCAL_WARNING, "%s is %d, but the vocabulary has %d tokens: not used", key, id,
               (int64_t)v->n_tokens);
    return none < v->n_tokens ? none : -1;
}

LL_FN void ll_vocab_load_ids(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    int n_lost = 0;
    v->bos = ll_vocab_id(v, g, "tokenizer.ggml.bos_token_id", v->kind->bos, log);
    v->eos = ll_vocab_id(v, g, "tokenizer.ggml.eos_token_id", v->kind->eos, log);
    v->unk = ll_vocab_id(v, g, "tokenizer.ggml.unknown_token_id", v->kind->unk, log);
    v->add_bos = v->add_bos || v->kind->add_bos;
    v->add_space = v->kind->add_space;
    ll_gguf_get_bool(g, "tokenizer.ggml.add_bos_token", &v->add_bos);
    ll_gguf_get_bool(g, "tokenizer.ggml.add_eos_token", &v->add_eos);
    ll_gguf_get_bool(g, "tokenizer.ggml.add_space_prefix", &v->add_space);
    v->add_bos = v->add_bos && v->bos >= 0;
    v->add_eos = v->add_eos && v->eos >= 0;
    for (int i = 0; i < 256; i++) n_lost += v->byte_token[i] < 0;
    if (n_lost && v->unk < 0)
        ll_log(log, LLOCAL_WARNING, "the vocabulary has neither tokens for %d of the 256 bytes nor an "
               "unknown token: text loses what they spell", (int64_t)n_lost);
}

/* Tokens with a part to play are named by keys, but files leave keys out, and give some of these
 * tokens the type of ordinary text. So they are known by their texts too: a role without a key
 * goes to the first of its texts that is there, and that is then a control token. */
enum { LL_ENDS_NONE, LL_ENDS_ROLE, LL_ENDS_ALL };       /* what ends a reply: all: each text */
LL_FN void ll_vocab_load_roles(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    static const struct { const char *key, *old_key; int ends; const char *texts; } roles[] = {
        { "tokenizer.ggml.eot_token_id", NULL, LL_ENDS_ALL,
          "<|eot_id|> <|im_end|> <|end|> <end_of_turn> <|endoftext|> <|end_of_text|> <EOT> _<EOT> [EOT] "
          "<end_of_utterance> <\xef\xbd\x9c" "end\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>" },
        { "tokenizer.ggml.eom_token_id", NULL, LL_ENDS_ALL,
          "<|eom_id|>" },
        { NULL, NULL, LL_ENDS_ALL,
          "<|return|> <|call|> <|flush|> <|calls|> </s> [EOS] <eos> <turn|> <|tool_response>" },
        { "tokenizer.ggml.fim_pad_token_id", NULL, LL_ENDS_ROLE,
          "<|fim_pad|> <fim-pad> <fim_pad> <PAD> [PAD]" },
        { "tokenizer.ggml.fim_rep_token_id", NULL, LL_ENDS_ROLE,
          "<|fim_repo|> <|repo_name|> <fim-repo> <REPO> <reponame>" },
        { "tokenizer.ggml.fim_sep_token_id", NULL, LL_ENDS_ROLE,
          "<|file_sep|>" },
        { "tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.prefix_token_id", LL_ENDS_NONE,
          "<|fim_prefix|> <fim-prefix> <fim_prefix> <\xef\xbd\x9c" "fim\xe2\x96\x81" "begin\xef\xbd\x9c> "
          "<PRE> \xe2\x96\x81<PRE> <|code_prefix|> <|prefix|>" },
        { "tokenizer.ggml.fim_suf_token_id", "tokenizer.ggml.suffix_token_id", LL_ENDS_NONE,
          "<|fim_suffix|> <fim-suffix> <fim_suffix> <\xef\xbd\x9c" "fim\xe2\x96\x81hole\xef\xbd\x9c> "
          "<SUF> \xe2\x96\x81<SUF> <|code_suffix|> <|suffix|>" },
        { "tokenizer.ggml.fim_mid_token_id", "tokenizer.ggml.middle_token_id", LL_ENDS_NONE,
          "<|fim_middle|> <fim-middle> <fim_middle> <\xef\xbd\x9c" "fim\xe2\x96\x81" "end\xef\xbd\x9c> "
          "<MID> \xe2\x96\x81<MID> <|code_middle|> <|middle|>" }
    };
    for (int i = 0; i < LL_COUNT(roles); i++) {
        llocal_token role = roles[i].key ? ll_vocab_id(v, g, roles[i].key, -1, log) : -1;
        if (role < 0 && roles[i].old_key) role = ll_vocab_id(v, g, roles[i].old_key, -1, log);
        for (const char *p = roles[i].texts; *p; p += *p == ' ') {
            llocal_str s = { p, strcspn(p, " ") };
            llocal_token t = ll_vocab_find(v, s);
            p += s.len;
            if (t < 0) continue;
            if (roles[i].ends == LL_ENDS_ALL) v->attr[t] |= LL_TOKEN_CONTROL | LL_TOKEN_END;
            if (role < 0 && roles[i].key) role = t, v->attr[t] |= LL_TOKEN_CONTROL;
        }
        if (role >= 0 && roles[i].ends != LL_ENDS_NONE) v->attr[role] |= LL_TOKEN_END;
        if (i == 0) v->eot = role;
    }
    if (v->eos >= 0) v->attr[v->eos] |= LL_TOKEN_END;
}

LL_FN bool ll_vocab_ends(const ll_vocab *v, const char *text) {
    llocal_token t = ll_vocab_find_text(v, text);
    return t >= 0 && v->attr[t] & LL_TOKEN_END;
}

/* Formats whose replies have several parts: the end of a part is not the end, and the marks
 * between parts are of use to whoever reads the reply. */
LL_FN void ll_vocab_load_parts(ll_vocab *v) {
    static const char *const marks[] = { "<|channel|>", "<|message|>", "<|start|>", "<|constrain|>" };
    bool call = ll_vocab_ends(v, "<|call|>") || ll_vocab_ends(v, "<|calls|>");
    llocal_token end = ll_vocab_find_text(v, "<|end|>"), stop = ll_vocab_find_text(v, "</s>");
    for (int i = 0; i < LL_COUNT(marks); i++) {
        llocal_token t = ll_vocab_find_text(v, marks[i]);
        if (t >= 0) v->attr[t] |= LL_TOKEN_CONTROL | LL_TOKEN_VISIBLE;
    }
    if (call && end >= 0 && (ll_vocab_ends(v, "<|return|>") || ll_vocab_ends(v, "<|flush|>")))
        v->attr[end] = (uint8_t)((v->attr[end] & ~LL_TOKEN_END) | LL_TOKEN_VISIBLE);
    if (stop >= 0 && ll_vocab_ends(v, "<|tool_response>")) v->attr[stop] &= (uint8_t)~LL_TOKEN_END;
}

/* Is this ASCII text, in any case of letters, somewhere in the value of the key? */
LL_FN bool ll_vocab_names(const llocal_gguf *g, const char *key, const char *text) {
    llocal_str s = ll_str("");
    size_t n = strlen(text);
    ll_gguf_get_str(g, key, &s);
    for (size_t i = 0; i + n <= s.len; i++) {
        size_t k = 0;
        while (k < n && ll_unicode_lower((uint8_t)s.ptr[i + k]) == (uint8_t)text[k]) k++;
        if (k == n) return true;
    }
    return false;
}

/* Which special tokens take the white space around them is known, but not in the file's keys:
 * what models that say their names were trained with. */
LL_FN void ll_vocab_load_strips(ll_vocab *v, const llocal_gguf *g) {
    static const char *const spared[] = { "<unk>", "<s>", "<|endoftext|>" };
    llocal_token mask = -1;
    if (ll_vocab_names(g, "tokenizer.ggml.pre", "jina-v2-") ||
        ll_vocab_names(g, "general.architecture", "nomic-bert-moe") ||
        ll_vocab_names(g, "general.architecture", "jina-bert-v3")) {
        mask = ll_vocab_find_text(v, "<mask>");
    } else if (ll_vocab_names(g, "general.name", "phi-3") ||
               ll_vocab_names(g, "general.name", "phi3")) {
        for (int t = 0; t < v->n_tokens; t++)
            if (v->attr[t] & (LL_TOKEN_CONTROL | LL_TOKEN_USER)) v->attr[t] |= LL_TOKEN_RSTRIP;
        for (int i = 0; i < LL_COUNT(spared); i++) {
            llocal_token t = ll_vocab_find_text(v, spared[i]);
            if (t >= 0) v->attr[t] &= (uint8_t)~LL_TOKEN_RSTRIP;
        }
    } else if (ll_vocab_names(g, "general.name", "modern-bert"))
        mask = ll_vocab_find_text(v, "[MASK]");
    if (mask >= 0) v->attr[mask] |= LL_TOKEN_LSTRIP;
}

/* Which bit of special_first and special_second a token sets; 0: not special. */
LL_INLINE unsigned ll_special_class(uint8_t attr) {
    return attr & LL_TOKEN_CONTROL ? 2 : attr & LL_TOKEN_USER ? 1 : 0;
}

LL_FN void ll_vocab_load_specials(ll_vocab *v) {
    for (int t = 0; t < v->n_tokens; t++) {
        llocal_str s = ll_vocab_str(v, t);
        unsigned bit = ll_special_class(v->attr[t]);
        if (bit == 0 || s.len == 0 || s.len > LL_SPECIAL_MAX) continue;
        v->special_lengths[s.len / 64] |= 1ull << s.len % 64;
        v->special_first[(uint8_t)s.ptr[0]] |= (uint8_t)(s.len == 1 ? bit | 4 : bit);
        if (s.len > 1) v->special_second[(uint8_t)s.ptr[1]] |= (uint8_t)bit;
    }
}

/* Fills what layout took. g must live as long as v. */
LL_FN llocal_result ll_vocab_load(ll_vocab *v, const llocal_gguf *g, const llocal_logger *log) {
    llocal_result r;
    v->bos = v->eos = v->eot = v->unk = -1;
    r = ll_vocab_load_kind(v, g, log);
    if (r) return r;
    if (!v->kind->encode) {
        ll_vocab_load_count(v, g);
        return LLOCAL_OK;
    }
    r = ll_vocab_load_strings(v, g, log);
    if (!r) r = ll_vocab_load_types(v, g, log);
    if (!r) r = ll_vocab_load_numbers(v, g, "tokenizer.ggml.scores", LLOCAL_F32, LLOCAL_F32, log,
                                      &v->scores);
    if (!r) r = v->kind->load(v, g, log);
    if (r) return r;
    ll_vocab_load_ids(v, g, log);
    ll_vocab_load_roles(v, g, log);
    ll_vocab_load_parts(v);
    ll_vocab_load_strips(v, g);
    ll_vocab_load_specials(v);
    return LLOCAL_OK;
}

/* ---- special tokens in text -------------------------------------------------------------- */

/* The longest special token that begins text and has less than `below` bytes, or -1. classes: 1,
 * or 3 for control tokens too. */
LL_FN llocal_token ll_special_find(const ll_vocab *v, llocal_str text, unsigned classes,
                                   uint32_t below) {
    uint64_t hash = LL_HASH_START;
    llocal_token found = -1;
    size_t most = LL_MIN(text.len, (size_t)below - 1);
    unsigned first = v->special_first[(uint8_t)text.ptr[0]];
    if (!(first & classes)) return -1;
    if (!(first & 4) && text.len < 2) return -1;
    if (!(first & 4) && !(v->special_second[(uint8_t)text.ptr[1]] & classes)) return -1;
    for (text.len = 1; text.len <= most; text.len++) {
        llocal_token t;
        hash = ll_hash(hash, text.ptr + text.len - 1, 1);
        if (!(v->special_lengths[text.len / 64] >> text.len % 64 & 1)) continue;
        t = ll_vocab_find_hash(v, hash, text, ll_str(""));
        if (t >= 0 && ll_special_class(v->attr[t]) & classes) found = t;
    }
    return found;
}

/* Places where one begins, from left to right; each is a leaf of a tree of their ranks: longer
 * tokens first, of equal ones that with the lower id, of one token the leftmost. */
typedef struct ll_special { uint32_t at; llocal_token id; } ll_special;
typedef struct ll_specials {
    const ll_vocab *v;
    const char *text;
    uint32_t len, n, leaves;
    unsigned classes;
    ll_special *place;                  /* [n] */
    uint32_t *tree;
    uint8_t *taken;                     /* a bit for each byte of text: not to be matched any more */
} ll_specials;

LL_FN uint32_t ll_special_rank(const ll_vocab *v, llocal_token t) {
    return (uint32_t)(LL_SPECIAL_MAX - ll_vocab_str(v, t).len) << 24 | (uint32_t)t;
}
LL_INLINE bool ll_special_taken(const ll_specials *s, uint32_t at) {
    return s->taken[at / 8] >> at % 8 & 1;
}
LL_INLINE void ll_special_take(ll_specials *s, uint32_t at) {
    s->taken[at / 8] |= (uint8_t)(1 << at % 8);
}
LL_INLINE bool ll_special_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

LL_FN llocal_token ll_special_at(const ll_specials *s, uint32_t at, uint32_t below) {
    llocal_str rest;
    rest.ptr = s->text + at, rest.len = s->len - at;
    return ll_special_find(s->v, rest, s->classes, below);
}

LL_FN void ll_special_accept(ll_specials *s, const ll_special *p) {
    uint32_t at = p->at, end = at + (uint32_t)ll_vocab_str(s->v, p->id).len;
    unsigned attr = s->v->attr[p->id];
    for (uint32_t i = at; i < end; i++) ll_special_take(s, i);
    if (attr & LL_TOKEN_LSTRIP)
        while (at > 0 && ll_special_space(s->text[at - 1]) && !ll_special_taken(s, at - 1))
            ll_special_take(s, --at);
    if (attr & LL_TOKEN_RSTRIP)
        while (end < s->len && ll_special_space(s->text[end]) && !ll_special_taken(s, end))
            ll_special_take(s, end++);
}

/* Decides which places become tokens: those in the way of a better one get a shorter token or
 * none (id -1). */
LL_FN void ll_special_choose(ll_specials *s) {
    uint32_t i;
    while ((i = ll_tree_first(s->tree, s->leaves)) != LL_NONE) {
        ll_special *p = &s->place[i];
        uint32_t n = (uint32_t)ll_vocab_str(s->v, p->id).len, k = 0, rank = LL_NONE;
        while (k < n && !ll_special_taken(s, p->at + k)) k++;
        if (k == n) ll_special_accept(s, p);
        else p->id = k == 0 ? -1 : ll_special_at(s, p->at, n);
        if (k < n && p->id >= 0) rank = ll_special_rank(s->v, p->id);
        ll_tree_set(s->tree, s->leaves, i, rank);
    }
}

/* Text around the special tokens in it, without the white space that they take. */
LL_FN void ll_special_encode(ll_encoder *e, const ll_specials *s) {
    bool after_special = true, rstrip = false;
    uint32_t at = 0;
    for (uint32_t i = 0; i <= s->n; i++) {
        const ll_special *p = i < s->n ? &s->place[i] : NULL;
        uint32_t end = p ? p->at : s->len;
        if (p && p->id < 0) continue;
        if (rstrip) while (at < end && ll_special_space(s->text[at])) at++;
        if (p && s->v->attr[p->id] & LL_TOKEN_LSTRIP)
            while (end > at && ll_special_space(s->text[end - 1])) end--;
        if (end > at) e->v->kind->encode(e, s->text + at, end - at, after_special);
        if (!p) return;
        ll_encoder_put(e, p->id);
        at = p->at + (uint32_t)ll_vocab_str(s->v, p->id).len;
        after_special = true, rstrip = s->v->attr[p->id] & LL_TOKEN_RSTRIP;
    }
}

/* Finds the places. False: there is no memory for them. */
LL_FN bool ll_special_collect(ll_specials *s, ll_vocab_scratch *scratch) {
    uint64_t bits = ((uint64_t)s->len + 7) / 8;
    uint32_t n = 0;
    for (uint32_t at = 0; at < s->len; at++) s->n += ll_special_at(s, at, LL_SPECIAL_MAX + 1) >= 0;
    if (s->n == 0) return true;
    s->leaves = ll_tree_leaves(s->n);
    s->place = (ll_special *)ll_vocab_scratch_take(scratch, (uint64_t)s->n * sizeof *s->place +
                                                   (uint64_t)s->leaves * 8 + bits);
    if (!s->place) return false;
    s->tree = (uint32_t *)(void *)(s->place + s->n);
    s->taken = (uint8_t *)(s->tree + 2 * (size_t)s->leaves);
    memset(s->tree, 0xff, (size_t)s->leaves * 8);           /* LL_NONE */
    memset(s->taken, 0, (size_t)bits);
    for (uint32_t at = 0; n < s->n; at++) {
        llocal_token t = ll_special_at(s, at, LL_SPECIAL_MAX + 1);
        if (t < 0) continue;
        s->place[n].at = at, s->place[n].id = t;
        s->tree[s->leaves + n++] = ll_special_rank(s->v, t);
    }
    ll_tree_build(s->tree, s->leaves);
    return true;
}

LL_FN void ll_vocab_encode_text(ll_encoder *e, const char *text, size_t len, unsigned flags) {
    uint64_t stack[256];
    ll_vocab_scratch scratch = ll_vocab_scratch_on(stack, sizeof stack, e->v);
    ll_specials s;
    memset(&s, 0, sizeof s);
    s.v = e->v, s.text = text, s.len = (uint32_t)len;
    s.classes = flags & LLOCAL_PARSE_SPECIAL ? 3 : 1;
    if (ll_special_collect(&s, &scratch)) {
        if (s.n) ll_special_choose(&s);
        ll_special_encode(e, &s);
    } else e->no_memory = true;
    ll_vocab_scratch_free(&scratch);
}

LL_FN int ll_vocab_encode(const ll_vocab *v, const char *text, size_t len, unsigned flags,
                          llocal_token *out, int cap) {
    ll_encoder e;
    e.v = v, e.out = out, e.cap = cap, e.n = 0, e.no_memory = false;
    e.scratch = ll_vocab_scratch_on(e.stack, sizeof e.stack, v);
    if (flags & LLOCAL_ADD_SPECIAL && v->add_bos) ll_encoder_put(&e, v->bos);
    ll_vocab_encode_text(&e, text, len, flags);
    if (flags & LLOCAL_ADD_SPECIAL && v->add_eos) ll_encoder_put(&e, v->eos);
    ll_vocab_scratch_free(&e.scratch);
    return e.no_memory ? -LLOCAL_ERR_MEMORY : e.n;
}

/* ---- tokens to text ---------------------------------------------------------------------- */

LL_FN int ll_vocab_hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "<0xE2>" stands for, or -1. */
LL_FN int ll_vocab_byte(llocal_str s) {
    int high, low;
    if (s.len != 6 || !ll_str_starts(s, "<0x") || s.ptr[5] != '>') return -1;
    high = ll_vocab_hex(s.ptr[3]), low = ll_vocab_hex(s.ptr[4]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

LL_FN void ll_vocab_spell(const ll_vocab *v, llocal_token t, unsigned flags, ll_sink *o) {
    llocal_str s = ll_vocab_str(v, t);
    unsigned attr = v->attr[t];
    bool hidden = attr & LL_TOKEN_CONTROL && !(attr & LL_TOKEN_VISIBLE);
    if (hidden && !(flags & LLOCAL_PARSE_SPECIAL)) return;
    if (attr & (LL_TOKEN_CONTROL | LL_TOKEN_USER))
        for (size_t i = 0; i < s.len; i++) ll_sink_put(o, s.ptr[i]);
    else if (attr & LL_TOKEN_NORMAL)
        v->kind->spell(s, o);
    else if (attr & LL_TOKEN_BYTE && ll_vocab_byte(s) >= 0)
        ll_sink_put(o, (char)ll_vocab_byte(s));
}

LL_FN int ll_sink_count(const ll_sink *o) {
    return o->n > INT32_MAX ? -LLOCAL_ERR_ARGUMENT : (int)o->n;
}

/* ---- the public face: nothing before its arguments are proved ---------------------------- */

/* 0, or what to return. */
LL_FN int ll_vocab_refuse(const llocal_model *m, const void *out, int cap) {
    if (!m || cap < 0 || (cap > 0 && !out)) return -LLOCAL_ERR_ARGUMENT;
    return ((const ll_vocab *)(const void *)m)->kind->encode ? 0 : -LLOCAL_ERR_UNSUPPORTED;
}
LL_FN bool ll_vocab_has(const ll_vocab *v, llocal_token t) { return t >= 0 && t < v->n_tokens; }
LL_FN void ll_sink_init(ll_sink *o, char *out, int cap) {
    memset(o, 0, sizeof *o);
    o->out = out, o->cap = (uint64_t)cap;
}

LLOCAL_API int llocal_tokenize(const llocal_model *m, const char *text, size_t len, unsigned flags,
                               llocal_token *out, int cap) {
    int refuse = ll_vocab_refuse(m, out, cap);
    if (refuse) return refuse;
    /* a byte that is not UTF-8 may become three tokens */
    if ((len && !text) || len > INT32_MAX / 4) return -LLOCAL_ERR_ARGUMENT;
    return ll_vocab_encode((const ll_vocab *)(const void *)m, text, len, flags, out, cap);
}

LLOCAL_API int llocal_detokenize(const llocal_model *m, const llocal_token *tokens, int n,
                                 unsigned flags, char *out, int cap) {
    const ll_vocab *v = (const ll_vocab *)(const void *)m;
    int refuse = ll_vocab_refuse(m, out, cap);
    ll_sink o;
    if (refuse) return refuse;
    if (n < 0 || (n > 0 && !tokens)) return -LLOCAL_ERR_ARGUMENT;
    ll_sink_init(&o, out, cap);
    o.drop_space = v->add_space;
    o.clean = v->pre && v->pre->flags & LL_PRE_CLEAN;
    if (flags & LLOCAL_ADD_SPECIAL && v->add_bos && n > 0 && tokens[0] == v->bos) tokens++, n--;
    if (flags & LLOCAL_ADD_SPECIAL && v->add_eos && n > 0 && tokens[n - 1] == v->eos) n--;
    for (int i = 0; i < n; i++) {
        if (!ll_vocab_has(v, tokens[i])) return -LLOCAL_ERR_ARGUMENT;
        ll_vocab_spell(v, tokens[i], flags, &o);
    }
    ll_sink_end(&o);
    return ll_sink_count(&o);
}

LLOCAL_API int llocal_token_text(const llocal_model *m, llocal_token t, unsigned flags,
                                 char *out, int cap) {
    const ll_vocab *v = (const ll_vocab *)(const void *)m;
    int refuse = ll_vocab_refuse(m, out, cap);
    ll_sink o;
    if (refuse) return refuse;
    if (!ll_vocab_has(v, t)) return -LLOCAL_ERR_ARGUMENT;
    ll_sink_init(&o, out, cap);
    ll_vocab_spell(v, t, flags, &o);
    return ll_sink_count(&o);
}

LLOCAL_API int llocal_text_add(llocal_text *held, const llocal_model *m, llocal_token t,
                               char *out, int cap) {
    const ll_vocab *v = (const ll_vocab *)(const void *)m;
    int refuse = ll_vocab_refuse(m, out, cap), n;
    ll_sink o;
    if (refuse) return refuse;
    if (!held || held->n_held < 0 || held->n_held > 3 || (t != -1 && !ll_vocab_has(v, t)))
        return -LLOCAL_ERR_ARGUMENT;
    ll_sink_init(&o, out, cap);
    o.whole = true, o.held = *held;
    if (t >= 0) ll_vocab_spell(v, t, 0, &o);
    else ll_sink_end(&o);
    n = ll_sink_count(&o);
    if (n >= 0 && n <= cap) *held = o.held;
    return n;
}

LLOCAL_API llocal_token llocal_token_bos(const llocal_model *m) {
    return m ? ((const ll_vocab *)(const void *)m)->bos : -1;
}
LLOCAL_API llocal_token llocal_token_eos(const llocal_model *m) {
    return m ? ((const ll_vocab *)(const void *)m)->eos : -1;
}
LLOCAL_API bool llocal_token_is_end(const llocal_model *m, llocal_token t) {
    const ll_vocab *v = (const ll_vocab *)(const void *)m;
    return m && v->kind->encode && ll_vocab_has(v, t) && v->attr[t] & LL_TOKEN_END;
}

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
