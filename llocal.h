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
       >>dispatch    kernels for several x86 levels in one program                  (generated)
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
       LLOCAL_DISPATCH      x86-64, gcc or clang: kernels for several levels, chosen at run time
       LLOCAL_FILE          with it: this file's name, if it is not "llocal.h"
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
#  if defined(LLOCAL_STATIC) && defined(__GNUC__)
#    define LLOCAL_API static __attribute__((unused))
#  elif defined(LLOCAL_STATIC)
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
    const char *name;                   /* "attn_norm", "q", "attn_out", "ffn_up", ... */
    int layer;                          /* -1: before the first or after the last */
    int n_rows, n_cols, stride;         /* one row per token of the batch, stride floats apart;
                                         * of experts: per token and choice */
    const float *data;                  /* [n_rows][stride], valid during the call */
    int tensor;                         /* the matrix that made it, as llocal_model_gguf numbers
                                         * them; -1: it is no product, and these are 0: */
    const float *in;                    /* what was multiplied: row r / in_shared gave row r */
    int in_cols, in_stride, in_shared;
    const int32_t *expert;              /* [n_rows] by whose part of the tensor; NULL: it has one */
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
    int block_len, block_bytes;         /* 0: it was removed from GGUF */
    bool can_run;                       /* this build has kernels for it */
    bool can_quantize;                  /* llocal_quantize can write it */
    float max_weight;                   /* and takes weights up to this magnitude; 0: any (F32) */
} llocal_format_info;

typedef struct llocal_tensor {
    llocal_str name;
    llocal_format format;
    int n_dims;                         /* 1 to 4 */
    int64_t dim[4];                     /* dim[0] varies fastest; unused ones are 1 */
    const void *data;                   /* NULL in a llocal_gguf that reads its file (a reader, or
                                         * no_mmap): llocal_gguf_read copies it */
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
    int decode_workers;                 /* found to be enough for decoding; 0: not known yet */
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

/* How keys and values are stored. Q8 is Q8_0: half the memory of F16, and nearly twice the speed
 * where a long cache is what takes the time. Queries then are rounded to 8 bits as well. */
typedef enum llocal_kv { LLOCAL_KV_DEFAULT, LLOCAL_KV_F32, LLOCAL_KV_F16, LLOCAL_KV_Q8 } llocal_kv;

typedef struct llocal_context_desc {
    int n_ctx;                          /* positions to remember (0: as trained, at most 4096) */
    int n_batch;                        /* tokens in one pass over the weights (0: 256) */
    int n_logits;                       /* rows of logits that one eval can ask for, or contexts
                                         * that step together (0: 1) */
    int n_snapshots;                    /* recurrent states kept for rewind (0: 2) */
    llocal_kv k, v;                     /* how to store keys and values (0: F16) */
    llocal_workers workers;             /* (0: the calling thread) */
    bool efficient;                     /* decode with the fewest of them that reach 85 % of the
                                         * best speed (0: the fewest that reach 97 %) */
    llocal_allocator allocator;         /* (0: the model's) */
    llocal_logger logger;               /* (0: the model's) */
    /* Called on the evaluating thread between layers, with how many of the tokens handed to
     * this eval are done. Return false to cancel: the context is as before the batch. */
    bool (*progress)(void *user, int n_done, int n_total);
    void *progress_user;
    void (*trace)(void *user, const llocal_trace *t);   /* after each phase */
    void *trace_user;
    uint64_t (*clock_us)(void *user);   /* any steady clock, asked by workers (0: the system's) */
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
 * {0} is greedy decoding; NaN counts as zero. Any other values, and any logits, are safe: a token
 * comes. llocal_sampler_default() has llama.cpp's usual settings. */
typedef struct llocal_sampler {
    float temperature;                  /* 0: greedy */
    float dynatemp_range, dynatemp_exponent;    /* entropy-dependent: +- range; 0: 1 */
    int   top_k;
    float top_p, min_p, typical_p, top_n_sigma;
    float xtc_probability, xtc_threshold;       /* threshold 0: 0.1 */
    int   min_keep;                     /* the filters leave at least this many */
    int   penalty_last_n;               /* how many recent tokens the penalties see; -1: all */
    float repeat_penalty;               /* 0 and 1: off */
    float frequency_penalty, presence_penalty;
    float dry_multiplier, dry_base;     /* dry_base 0: 1.75 */
    int   dry_allowed_length, dry_last_n;       /* 0: 2; 0 or -1: all */
    const llocal_token *dry_breakers;   /* token sequences, each ended by -1, list ended by -1 */
    int   mirostat;                     /* 0, 1 or 2: replaces the filters (not the penalties) */
    float mirostat_tau, mirostat_eta;   /* 0: 5 and 0.1 */
    float mirostat_mu;                  /* running value; 0: starts at 2 tau */
    float adaptive_target, adaptive_decay;      /* adaptive-p: the chance to aim at; 0: 0.9 */
    float adaptive_sum, adaptive_weight;        /* running values; 0: start at the target */
    const llocal_bias *bias;            /* added to logits before everything else; -infinity: never */
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
LLOCAL_API const char *llocal_build(void);     /* e.g. "avx2 threads mmap": what runs */
LLOCAL_API const char *llocal_result_name(llocal_result r);

/* ---- weight formats: n counts weights, a multiple of block_len ---------------------------- */

LLOCAL_API llocal_format_info llocal_format_get(llocal_format f);
LLOCAL_API uint64_t      llocal_format_bytes(llocal_format f, uint64_t n);   /* 0: not possible */
LLOCAL_API llocal_result llocal_dequantize(llocal_format f, const void *src, float *dst, size_t n);
/* importance: [n] weights of the squared errors, 0 to 3e38; NULL: all alike. What the format cannot
 * hold is refused, with LLOCAL_ERR_ARGUMENT and dst as it was: NaN, infinity and weights beyond
 * max_weight (llocal_format_get), which would become infinity or far too small; F32 takes all. */
LLOCAL_API llocal_result llocal_quantize(llocal_format f, const float *src, const float *importance,
                                         void *dst, size_t n);

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
 * order; a tensor may come in several pieces, of multiples of 32 bytes but for the last. Array
 * metadata as described at llocal_meta. Alignment is 32. */
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
 * room for n candidates. -1: nothing to choose from (no logit is a number above -infinity, or
 * biases of -infinity forbid all that are). */
LLOCAL_API llocal_token llocal_sample(llocal_sampler *s, const float *logits, int n,
                                      const llocal_token *recent, int n_recent, llocal_score *work);

/* Sample from a context's last logits with its own tokens as the recent ones. -1 also without any. */
LLOCAL_API llocal_token llocal_next(llocal_context *c, llocal_sampler *s);

/* The k most likely tokens, best first, p over the whole vocabulary; returns how many. */
LLOCAL_API int          llocal_top(const float *logits, int n, llocal_score *out, int k);

/* ---- the short way: sample, report, evaluate, until the reply ends -------------------------- */

/* Ends at an end token, after max_tokens (0: until the window is full), or when on_text returns
 * false, which is no error. text is what t completes, in one piece however long, in whole UTF-8
 * characters; it may be empty, and is valid during the call. Without logits (no prompt was
 * evaluated), or when all tokens are forbidden: LLOCAL_ERR_ARGUMENT; when logits are NaN, as of
 * damaged weights: LLOCAL_ERR_FORMAT. */
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
#  define LL_PREFETCH(p) __builtin_prefetch((p), 0, 2)          /* into the second-level cache */
#  define LL_PREFETCH_NEAR(p) __builtin_prefetch((p), 0, 3)
#elif defined(_MSC_VER)
#  define LL_GNU 0
#  define LL_FN static
#  define LL_INLINE static __forceinline
#  define LL_NOINLINE static __declspec(noinline)
#  define LL_RESTRICT __restrict
#  define LL_PREFETCH(p) ((void)(p))
#  define LL_PREFETCH_NEAR(p) ((void)(p))
#else
#  define LL_GNU 0
#  define LL_FN static
#  define LL_INLINE static inline
#  define LL_NOINLINE static
#  define LL_RESTRICT
#  define LL_PREFETCH(p) ((void)(p))
#  define LL_PREFETCH_NEAR(p) ((void)(p))
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

/* It forbids more precision than a float has, too: x87 registers round later, when they are stored. (16
 * and 32 are about types narrower than float. A compiler that may reorder anything says -1, and
 * llocal_build says so.) */
#include <float.h>
#if defined(_MSC_VER) && !defined(__clang__)
#  if defined(_M_IX86) && _M_IX86_FP < 2
#    error "x87 arithmetic gives other results than every other machine: compile with /arch:SSE2"
#  endif
#elif defined(FLT_EVAL_METHOD)
#  if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16 && FLT_EVAL_METHOD != 32 && \
      !(FLT_EVAL_METHOD < 0 && defined(__FAST_MATH__))
#    error "arithmetic with more precision than float's gives other results than every other machine: \
on 32-bit x86 compile with -msse2 -mfpmath=sse"
#  endif
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
 * for F, BW, DQ, VL and VNNI, which is what every CPU since Ice Lake and Zen 4 has. VNNI, its dots of 256
 * bits, is also in CPUs without AVX-512; the encoding is the compiler's business. */
#if defined(LLOCAL_NO_SIMD)
#  define LL_AVX512 0
#  define LL_VNNI 0
#  define LL_AVX2 0
#  define LL_VBMI 0
#  define LL_SSE41 0
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
#  if LL_AVX512 && defined(__AVX512VBMI__) && defined(__GFNI__)
#    define LL_VBMI 1                   /* bytes picked by bytes: for codebook formats */
#  else
#    define LL_VBMI 0
#  endif
#  if LL_AVX2 && (defined(__AVXVNNI__) || (defined(__AVX512VNNI__) && defined(__AVX512VL__)))
#    define LL_VNNI 1
#  else
#    define LL_VNNI 0
#  endif
#  if defined(__SSE4_1__) || defined(__AVX__)
#    define LL_SSE41 1
#  else
#    define LL_SSE41 0
#  endif
#endif
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
#  define LL_HARD_FMA 1                 /* fmaf is one instruction */
#else
#  define LL_HARD_FMA 0
#endif

/* Whether there are instruction sets to choose from at run time: see >>dispatch. */
#if !defined(LLOCAL_DISPATCH) || defined(LLOCAL_NO_SIMD) || !(defined(__x86_64__) || defined(_M_X64))
#  define LL_DISPATCH 0
#elif LL_GNU
#  define LL_DISPATCH 1
#else
#  error "LLOCAL_DISPATCH needs gcc or clang: without it, choose an instruction set for the whole program"
#endif
#if defined(__clang__) ? __clang_major__ >= 13 : defined(__GNUC__) && __GNUC__ >= 11
#  define LL_KNOWS_VNNI 1               /* the compiler can be told to use AVX-VNNI */
#else
#  define LL_KNOWS_VNNI 0
#endif

/* Where the mode of floating point is kept: MXCSR, FPCR, or what fenv.h knows of. */
#if defined(__SSE__) || defined(_M_X64) || (defined(_M_IX86_FP) && _M_IX86_FP >= 1)
#  define LL_MXCSR 1
#else
#  define LL_MXCSR 0
#endif
#if defined(__aarch64__) && LL_GNU
#  define LL_FPCR 1
#else
#  define LL_FPCR 0
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
#  include <sched.h>
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
#if !LL_MXCSR && !LL_FPCR
#  include <fenv.h>
#endif
#if LL_SSE41 || LL_DISPATCH || LL_MXCSR
#  if LL_GNU && !defined(__clang__)     /* the undefined registers of gcc's own header */
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wuninitialized"
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#  endif
#  if LL_SSE41 || LL_DISPATCH
#    include <immintrin.h>
#  else
#    include <xmmintrin.h>
#  endif
#  if LL_GNU && !defined(__clang__)
#    pragma GCC diagnostic pop
#  endif
#endif
#if LL_DISPATCH
#  include <cpuid.h>
#endif

#ifndef LLOCAL_ASSERT
#  define LLOCAL_ASSERT(x) ((void)0)
#endif
#define LL_STATIC_ASSERT(name, x) extern char ll_assert_##name[(x) ? 1 : -1]     /* may be repeated */

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

/* One result on any thread: rounding to nearest, denormals kept, no exception trapped, whatever the
 * host, its audio or its plug-ins have set. enter says what was set, leave puts it back; between them
 * stands a call that is not inlined, or the compiler may move arithmetic past either. Where the mode
 * is right already, as nearly always, this costs one read. */
typedef uint64_t ll_fp_mode;
#if LL_MXCSR
/*  15     14 13     12 ... 7            6            5 ... 0
 *  flush  rounding  exceptions masked   denormals=0  exceptions seen (left alone) */
LL_INLINE ll_fp_mode ll_fp_enter(void) {
    const unsigned old = _mm_getcsr();
    if ((old & 0xffc0u) != 0x1f80u) _mm_setcsr((old & ~0xffc0u) | 0x1f80u);
    return old;
}
LL_INLINE void ll_fp_leave(ll_fp_mode old) {
    if ((old & 0xffc0u) != 0x1f80u) _mm_setcsr((unsigned)old);
}
#elif LL_FPCR
/*  26             25           24 (and 19: f16)  23 22     15, 12 ... 8        2 ... 0
 *  f16 otherwise  default NaN  flush             rounding  exceptions trapped  other NaNs, flush of inputs */
#  define LL_FPCR_MODE ((uint64_t)0x7c89f07)
LL_INLINE ll_fp_mode ll_fp_enter(void) {
    uint64_t old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old) : : "memory");
    if (old & LL_FPCR_MODE) __asm__ volatile("msr fpcr, %0" : : "r"(old & ~LL_FPCR_MODE) : "memory");
    return old;
}
LL_INLINE void ll_fp_leave(ll_fp_mode old) {
    if (old & LL_FPCR_MODE) __asm__ volatile("msr fpcr, %0" : : "r"(old) : "memory");
}
#elif defined(FE_TONEAREST)             /* the rounding is all that C99 can set */
LL_INLINE ll_fp_mode ll_fp_enter(void) {
    const int old = fegetround();
    if (old >= 0 && old != FE_TONEAREST) fesetround(FE_TONEAREST);
    return (ll_fp_mode)old;
}
LL_INLINE void ll_fp_leave(ll_fp_mode old) {
    if ((int)old >= 0 && (int)old != FE_TONEAREST) fesetround((int)old);
}
#else
LL_INLINE ll_fp_mode ll_fp_enter(void) { return 0; }
LL_INLINE void ll_fp_leave(ll_fp_mode old) { (void)old; }
#endif

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
/* Where the program gave no allocator: the only call of malloc here. realloc does not promise
 * LLOCAL_ALIGN, so keep the distance to the block in front of it. */
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
 * A pass over the network is one such call (see >>forward, "running it"): the built-in pool spins a
 * moment for the next one and sleeps when none comes. */

LL_FN void ll_run(const llocal_workers *w, int count, void (*task)(void *, int), void *arg) {
    if (count > 1 && w->run) {
        w->run(w->user, count, task, arg);
        return;
    }
    for (int i = 0; i < count; i++) task(arg, i);
}

/* Whoever runs the work, it may run at the same time: numbers that threads share. cas: replace *p if
 * it still is `old`. Where 64 bits cannot be exchanged at once (some 32-bit systems) LL_CAS_64 is 0,
 * and one worker runs a whole pass. */
#if LL_GNU
#  define ll_atomic_get(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#  define ll_atomic_set(p, v)  __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#  define ll_atomic_add(p, v)  __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL)
#  define ll_atomic_swap(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#  if __GCC_ATOMIC_LLONG_LOCK_FREE == 2
#    define LL_CAS_64 1
LL_INLINE uint64_t ll_atomic_get_64(uint64_t *p) { return ll_atomic_get(p); }
LL_INLINE bool ll_atomic_cas_64(uint64_t *p, uint64_t old, uint64_t v) {
    return __atomic_compare_exchange_n(p, &old, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
#  endif
LL_INLINE bool ll_atomic_cas(int *p, int old, int v) {
    return __atomic_compare_exchange_n(p, &old, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
#elif LL_WINDOWS
#  define ll_atomic_get(p)     InterlockedOr((volatile LONG *)(p), 0)
#  define ll_atomic_set(p, v)  InterlockedExchange((volatile LONG *)(p), (v))
#  define ll_atomic_add(p, v)  (InterlockedExchangeAdd((volatile LONG *)(p), (v)) + (v))
#  define ll_atomic_swap(p, v) InterlockedExchange((volatile LONG *)(p), (v))
#  define LL_CAS_64 1
LL_INLINE uint64_t ll_atomic_get_64(uint64_t *p) {
    return (uint64_t)InterlockedCompareExchange64((volatile LONG64 *)p, 0, 0);
}
LL_INLINE bool ll_atomic_cas_64(uint64_t *p, uint64_t old, uint64_t v) {
    return (uint64_t)InterlockedCompareExchange64((volatile LONG64 *)p, (LONG64)v, (LONG64)old) == old;
}
LL_INLINE bool ll_atomic_cas(int *p, int old, int v) {
    return InterlockedCompareExchange((volatile LONG *)p, v, old) == old;
}
#else                                   /* no way known: no threads */
#  define ll_atomic_get(p)     (*(p))
#  define ll_atomic_add(p, v)  (*(p) += (v))
LL_INLINE bool ll_atomic_cas(int *p, int old, int v) { *p = *p == old ? v : *p; return true; }
#endif
#ifndef LL_CAS_64
#  define LL_CAS_64 0
LL_INLINE uint64_t ll_atomic_get_64(uint64_t *p) { return *p; }
LL_INLINE bool ll_atomic_cas_64(uint64_t *p, uint64_t old, uint64_t v) { (void)old; *p = v; return true; }
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

/* Spinning beats sleeping for the gaps inside a forward pass (a wake-up costs 5..50 us, a spin
 * hand-over 0.3 us): some 30 us of it, then as many of giving the core away. After that whoever we
 * wait for has probably lost its own: a nap leaves ours idle, and an idle core takes over threads.
 * (Napping at once costs 5 %: a nap lasts 70 us where two cores finish 30 us apart.) */
#define LL_SPINS  2000
#define LL_YIELDS 200

/* What to do for the i-th time while something is not there yet. */
LL_FN void ll_wait(int i) {
#if LL_WINDOWS
    if (i >= LL_SPINS) SwitchToThread();
    else ll_spin_pause();
#elif LL_POSIX
    struct timespec nap = { 0, 20000 };
    if (i >= LL_SPINS + LL_YIELDS) nanosleep(&nap, NULL);
    else if (i >= LL_SPINS) sched_yield();
    else ll_spin_pause();
#else
    (void)i;
    ll_spin_pause();
#endif
}

#if LL_THREADS

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

/* A round is one call of run. Whoever is awake takes the next index, the caller too, so that it need
 * not wait for a thread that the system wakes late. */
struct llocal_pool {
    llocal_allocator allocator;
    uint64_t bytes;
    int n_threads;                      /* the caller included */
    int n_started;
    int round, left, busy;              /* atomic; left: indices not finished */
    ll_mutex mutex;                     /* of what follows */
    ll_cond wake;
    int sleepers;
    bool quit;
    int next, count;                    /* indices of this round */
    void (*task)(void *arg, int i);
    void *arg;
    ll_thread *threads;
};

/* Run indices of the round as long as there are any. The mutex is held before and after. */
LL_FN void ll_pool_work(llocal_pool *p) {
    while (p->next < p->count) {
        void (*task)(void *arg, int i) = p->task;
        void *arg = p->arg;
        int i = p->next++;
        ll_mutex_unlock(&p->mutex);
        task(arg, i);
        ll_atomic_add(&p->left, -1);
        ll_mutex_lock(&p->mutex);
    }
}

LL_FN LL_THREAD_RETURN ll_pool_thread(void *user) {
    llocal_pool *p = (llocal_pool *)user;
    bool quit = false;
    for (int seen = 0; !quit;) {
        for (int i = 0; i < LL_SPINS && ll_atomic_get(&p->round) == seen; i++) ll_spin_pause();
        ll_mutex_lock(&p->mutex);
        p->sleepers++;
        while (ll_atomic_get(&p->round) == seen) ll_cond_wait(&p->wake, &p->mutex);
        p->sleepers--;
        seen = ll_atomic_get(&p->round);
        ll_pool_work(p);
        quit = p->quit;
        ll_mutex_unlock(&p->mutex);
    }
    return 0;
}

/* The mutex is held. */
LL_FN void ll_pool_start_round(llocal_pool *p) {
    ll_atomic_set(&p->round, p->round + 1);
    if (p->sleepers) ll_cond_all(&p->wake);
}

LL_FN void ll_pool_run(void *user, int count, void (*task)(void *arg, int i), void *arg) {
    llocal_pool *p = (llocal_pool *)user;
    if (ll_atomic_swap(&p->busy, 1)) {              /* another thread's evaluation has it */
        for (int i = 0; i < count; i++) task(arg, i);
        return;
    }
    ll_mutex_lock(&p->mutex);
    p->task = task, p->arg = arg, p->next = 0, p->count = count;
    ll_atomic_set(&p->left, count);
    ll_pool_start_round(p);
    ll_pool_work(p);
    ll_mutex_unlock(&p->mutex);
    for (int i = 0; ll_atomic_get(&p->left) > 0; i++) ll_wait(i);
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
    ll_mutex_lock(&p->mutex);
    p->quit = true;
    ll_pool_start_round(p);
    ll_mutex_unlock(&p->mutex);
    for (int i = 0; i < p->n_started; i++) ll_thread_join(p->threads[i]);
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
    ll_arena_take(&arena, (uint64_t)n_threads, sizeof *p->threads);
    p = (llocal_pool *)ll_alloc(&a, arena.used);
    if (!p) return LLOCAL_ERR_MEMORY;
    p->bytes = arena.used;
    arena.base = (uint8_t *)p, arena.used = sizeof *p;
    p->threads = (ll_thread *)ll_arena_take(&arena, (uint64_t)n_threads, sizeof *p->threads);
    p->allocator = a;
    p->n_threads = n_threads;
    ll_mutex_init(&p->mutex);
    ll_cond_init(&p->wake);
    while (p->n_started + 1 < n_threads) {
        if (!ll_thread_start(&p->threads[p->n_started], ll_pool_thread, p)) {
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

/* 2^(x - 128): half of what the byte x is as the scale of MX formats. */
LL_INLINE float ll_e8m0_half(uint8_t x) { return ll_bits_to_f32(x < 2 ? 0x200000u << x : (uint32_t)(x - 1) << 23); }

/* Half of a number of four bits exponent and three of mantissa, as f16 2^8 smaller; its NaN counts
 * as 0, and the eighth bit has no meaning. */
LL_INLINE float ll_ue4m3_half(uint8_t x) { return x == 127 ? 0 : ll_f16_to_f32((uint16_t)((x & 127) << 7)) * 128; }

#define LL_ONCE 1
#endif

/* ---- kernels: from here to >>dispatch, which compiles them again for other instruction sets. What
 * all of them share, above all types, is skipped then: #if LL_ONCE. */
#ifdef LL_ONCE

/* What llocal_build says: of a level, if there are several. */
LL_FN const char *ll_build(void) {
    return ""
#if LL_VBMI
        "avx512+vbmi"
#elif LL_AVX512
        "avx512"
#elif LL_VNNI
        "avxvnni"
#elif LL_AVX2
        "avx2"
#elif LL_SSE41
        "sse41"
#else
        "scalar"
#endif
#if LL_DISPATCH
        " dispatch"
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

/* a*b + c with one rounding. Without the instruction: the product is exact in double (48 of 53
 * bits); the sum is rounded to odd there, which makes the second rounding, to float, correct. A
 * call, for it stands in hundreds of places. */
#if LL_HARD_FMA
LL_INLINE float ll_fma(float a, float b, float c) { return fmaf(a, b, c); }
#else
LL_NOINLINE float ll_fma(float a, float b, float c) {
    double p = (double)a * b, s = p + c;
    double t = s - p, e = (p - (s - t)) + (c - t);      /* s + e is the exact sum */
    uint64_t u;
    memcpy(&u, &s, 8);
    if (e != 0 && !(u & 1) && s - s == 0) {             /* inexact, even, finite: go to odd */
        u += (e > 0) == (s > 0) ? 1 : (uint64_t)-1;
        memcpy(&s, &u, 8);
    }
    return (float)s;
}
#endif

/* ==========================================================================================
 * >>simd    The vector primitives, per instruction set.
 * ==========================================================================================
 * llv_f is sixteen floats: the "virtual lanes" of the arithmetic contract (see >>formats). The
 * other vectors are for the products of quantised weights. The scalar form of each function is
 * its definition; every instruction set gives the same bits, which is all that the code above
 * relies on. */

/* generated from kernels_gen/simd.c: edit there, then run kernels_gen/gen */
#if LL_AVX512 > LL_VNNI || LL_VNNI > LL_AVX2 || LL_AVX2 > LL_SSE41
#  error "what is compiled for AVX-512 needs AVX2, FMA and F16C too: -mavx2 -mfma -mf16c"
#endif

/* Loops over registers: their trip count is constant, and they must leave no array behind. The
 * scalar forms have no registers to win: unrolled, or with exp inside everything, they only take
 * the compiler three times longer. (Of exp that holds for SSE4.1, whose fma is a call, as well.) */
#if !LL_AVX2
#  define LLV_INLINE LL_NOINLINE
#else
#  define LLV_INLINE LL_INLINE
#endif
#if !LL_SSE41
#  define LLV_UNROLL
#  define LLV_ROLL
#elif defined(__clang__)
#  define LLV_UNROLL _Pragma("clang loop unroll(full)")
#  define LLV_ROLL _Pragma("clang loop unroll(disable)")
#elif LL_GNU
#  define LLV_UNROLL _Pragma("GCC unroll 32")
#  define LLV_ROLL _Pragma("GCC unroll 1")
#else
#  define LLV_UNROLL
#  define LLV_ROLL
#endif

#if LL_SSE41

/* What the vectors of all x86 have in common: bytes brought together from several places. */
LL_INLINE int llv_two(const void *p) { uint16_t x; memcpy(&x, p, 2); return x; }
LL_INLINE int32_t llv_four(const void *p) { int32_t x; memcpy(&x, p, 4); return x; }
LL_INLINE __m128i llv_two8(const uint64_t *a, const uint64_t *b) {
    return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)a)), (const __m64 *)b));
}
/* lane i: two bytes at p[i] + at, of eight p; four, of four p */
LL_INLINE __m128i llv_twos(const uint8_t *const *p, size_t at) {
    __m128i x = _mm_cvtsi32_si128(llv_two(p[0] + at));
    x = _mm_insert_epi16(x, llv_two(p[1] + at), 1);
    x = _mm_insert_epi16(x, llv_two(p[2] + at), 2);
    x = _mm_insert_epi16(x, llv_two(p[3] + at), 3);
    x = _mm_insert_epi16(x, llv_two(p[4] + at), 4);
    x = _mm_insert_epi16(x, llv_two(p[5] + at), 5);
    x = _mm_insert_epi16(x, llv_two(p[6] + at), 6);
    return _mm_insert_epi16(x, llv_two(p[7] + at), 7);
}
LL_INLINE __m128i llv_fours4(const uint8_t *const *p, size_t at) {
    __m128i x = _mm_cvtsi32_si128(llv_four(p[0] + at));
    x = _mm_insert_epi32(x, llv_four(p[1] + at), 1);
    x = _mm_insert_epi32(x, llv_four(p[2] + at), 2);
    return _mm_insert_epi32(x, llv_four(p[3] + at), 3);
}
#endif
#if !LL_SSE41

/* The definition of each primitive, lane by lane. Every other instruction set gives these bits. */

#define LLV_FLOAT_ROWS 4
#define LLV_FLOAT_VECS 4
#define LLV_KEEP(a) ((void)0)
#define LLV_PANEL 0
#define LLV_FEW 0
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 1

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
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    llv_f r;
    LLV_EACH r.v[i] = p[i];
    return r;
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) { LLV_EACH p[i] = ll_f32_to_f16(a.v[i]); }
/* integral a in [-128, 127] */
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) { LLV_EACH p[i] = (int8_t)a.v[i]; }

/* Integers: 32 bytes, 16 words or 8 ints, which are two halves alike; and 8 floats, one a row.
 * The kernels that use them need them fast, so this build has other ones (LLV_INT 0). */

/* The largest piece of the sixteen lanes that is one register. */
#define LLV_PARTS 1
#define LLV_LANES (16 / LLV_PARTS)
typedef llv_f llv_part;
LL_INLINE llv_part llv_part_set(float x) { return llv_f_set(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return llv_f_load(p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { llv_f_store(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llv_f_load_f16(p); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) { return llv_f_load_bf16(p); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llv_f_fma(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(a[0]); }

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
/* in each half: the lower (upper) 8 bytes of a, then those of b */
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) {
    LLV_EACH_B if (i & 8) a.v[i] = b.v[i - 8];
    return a;
}
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) {
    LLV_EACH_B if (!(i & 8)) b.v[i] = a.v[i + 8];
    return b;
}
LL_INLINE llv_b llv_b_set(int x) { llv_b r; LLV_EACH_B r.v[i] = (uint8_t)x; return r; }
LL_INLINE void  llv_b_store(void *p, llv_b a) { memcpy(p, a.v, 32); }
LL_INLINE void  llv_b_store2(void *low, void *high, llv_b a) { memcpy(low, a.v, 16), memcpy(high, a.v + 16, 16); }
/* eight bytes from each of four places */
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    llv_b r;
    for (int i = 0; i < 8; i++) {
        r.v[i] = (uint8_t)(*a >> 8 * i), r.v[8 + i] = (uint8_t)(*b >> 8 * i);
        r.v[16 + i] = (uint8_t)(*c >> 8 * i), r.v[24 + i] = (uint8_t)(*d >> 8 * i);
    }
    return r;
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    const uint32_t x[8] = { a, b, c, d, e, f, g, h };
    llv_b r;
    LLV_EACH_B r.v[i] = (uint8_t)(x[i / 4] >> i % 4 * 8);
    return r;
}
/* 255 where a bit is set; minus the byte there */
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    llv_b r;
    LLV_EACH_B r.v[i] = (uint8_t)(0 - (bits >> i & 1));
    return r;
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    LLV_EACH_B if (bits >> i & 1) a.v[i] = (uint8_t)(0 - a.v[i]);
    return a;
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { LLV_EACH_B a.v[i] &= b.v[i]; return a; }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { LLV_EACH_B a.v[i] ^= b.v[i]; return a; }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { LLV_EACH_B a.v[i] |= b.v[i]; return a; }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { LLV_EACH_B a.v[i] = (uint8_t)(a.v[i] + b.v[i]); return a; }
/* 3 * byte >> 8: 0, 1 or 2 */
LL_INLINE llv_b llv_b_third(llv_b a) { LLV_EACH_B a.v[i] = (uint8_t)(3 * a.v[i] >> 8); return a; }
/* (byte >> shift) & mask, shift < 0: to the left; the mask clears what other bytes may shift in */
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    LLV_EACH_B a.v[i] = (uint8_t)((shift >= 0 ? a.v[i] >> shift : a.v[i] << -shift) & mask);
    return a;
}
/* a, and value more in byte i where bit i & 7 of that byte of b is set; a has no bits of value */
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    LLV_EACH_B if (b.v[i] >> (i & 7) & 1) a.v[i] = (uint8_t)(a.v[i] | value);
    return a;
}
/* byte i: two bits of it, from bit 2 * (i & 3) on; four bytes are alike */
LL_INLINE llv_b llv_b_quarter(llv_b a) {
    LLV_EACH_B a.v[i] = (uint8_t)(a.v[i] >> 2 * (i & 3) & 3);
    return a;
}
/* byte index & 15 of the same half, 0 where index >= 128 */
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) {
    LLV_EACH_B index.v[i] = index.v[i] & 128 ? 0 : a.v[(i & 16) + (index.v[i] & 15)];
    return index;
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { llv_w r; memcpy(r.v, p, 32); return r; }
LL_INLINE void  llv_w_store(int16_t *p, llv_w a) { memcpy(p, a.v, 32); }
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
LL_INLINE llv_w llv_w_of_b(llv_b a) { llv_w r; memcpy(r.v, a.v, 32); return r; }    /* the same bits */
LL_INLINE llv_b llv_b_of_w(llv_w a) { llv_b r; memcpy(r.v, a.v, 32); return r; }
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
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) {
    LLV_EACH a.v[i] = (int16_t)(a.v[i] + b.v[i]);
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
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { LLV_EACH_R a.v[i] *= b.v[i]; return a; }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) { llv_i r; LLV_EACH_R r.v[i] = p[i]; return r; }
/* lane 2 * j in the lower half, 2 * j + 1 in the upper */
LL_INLINE llv_i llv_i_halves(llv_i a, int j) { llv_i r; LLV_EACH_R r.v[i] = a.v[2 * j + i / 4]; return r; }
/* [lower half of a | lower half of b], and the upper halves */
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) {
    for (int i = 4; i < 8; i++) a.v[i] = b.v[i - 4];
    return a;
}
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) {
    for (int i = 0; i < 4; i++) b.v[i] = a.v[i + 4];
    return b;
}
/* in each half: lanes 0 and 2 of a, then of b; lanes 1 and 3 */
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) {
    llv_i r;
    LLV_EACH_R r.v[i] = (i & 2 ? b : a).v[(i & 4) + 2 * (i & 1)];
    return r;
}
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) {
    llv_i r;
    LLV_EACH_R r.v[i] = (i & 2 ? b : a).v[(i & 4) + 2 * (i & 1) + 1];
    return r;
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
/* The dot of codes a, b with q, -127..127. Two lanes, those of 8 bytes, add up to their products;
 * how these are spread in them is not defined. u: codes 0..63. s: signed codes, and the result has
 * LLV_S_OFFSET times the sum of q too much. o: signed codes with LLV_S_OFFSET added. */
#define LLV_S_OFFSET 0
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    llv_i r = llv_i_set(0);
    LLV_EACH_B r.v[i / 4] += (int8_t)a.v[i] * (int8_t)qa.v[i] + (int8_t)b.v[i] * (int8_t)qb.v[i];
    return r;
}
#define llv_dot2_o llv_dot2_s
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llv_dot2_s(a, qa, b, qb);
}
/* acc + scale * products of codes 0..127; the scale of a half is the same in all its lanes */
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    LLV_EACH_B acc.v[i / 4] += scale.v[i / 2] * u.v[i] * (int8_t)q.v[i];
    return acc;
}

/* Columns 32 * j to 32 * j + 63 of codes 0..63 with sixteen scales, one for each 16 columns; j even. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
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
/* lane i: the f16 at p[i] + at, and the one behind it */
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    *first = llv_r_f16(p, at), *second = llv_r_f16(p, at + 2);
}
/* lane i of d[j]: half of the number (4 bits of exponent, 3 of mantissa) at p[i] + at + j */
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    for (int j = 0; j < 4; j++) LLV_EACH_R d[j].v[i] = ll_ue4m3_half(p[i][at + (size_t)j]);
}
/* lane i: 2^(x - 128), x the byte at p[i] + at */
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    llv_r r;
    LLV_EACH_R r.v[i] = ll_e8m0_half(p[i][at]);
    return r;
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    for (int i = 0; i < n; i++) p[i] = a.v[i];
}

#elif !LL_AVX2

/* Two registers of 128 bits hold a vector of 256, one half each: what changes halves costs nothing. */

#define LLV_INT 1
typedef struct llv_b { __m128i lo, hi; } llv_b;
typedef llv_b llv_w;
typedef llv_b llv_i;
typedef struct llv_r { __m128 lo, hi; } llv_r;

LL_INLINE llv_b llv_b_pair(__m128i lo, __m128i hi) { llv_b r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_b llv_b_both(__m128i a) { return llv_b_pair(a, a); }
LL_INLINE llv_r llv_r_pair(__m128 lo, __m128 hi) { llv_r r; r.lo = lo, r.hi = hi; return r; }
#define LLV_B_EACH(f) llv_b_pair(f(a.lo, b.lo), f(a.hi, b.hi))
#define LLV_R_EACH(f) llv_r_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE __m128i llv_load16(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
LL_INLINE void llv_store16(void *p, __m128i a) { _mm_storeu_si128((__m128i *)p, a); }

LL_INLINE llv_b llv_b_load2(const void *lo, const void *hi) { return llv_b_pair(llv_load16(lo), llv_load16(hi)); }
LL_INLINE llv_b llv_b_load(const void *p) { return llv_b_load2(p, (const char *)p + 16); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) { llv_store16(low, a.lo), llv_store16(high, a.hi); }
LL_INLINE void llv_b_store(void *p, llv_b a) { llv_b_store2(p, (char *)p + 16, a); }
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return LLV_B_EACH(_mm_unpacklo_epi64); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return LLV_B_EACH(_mm_unpackhi_epi64); }
LL_INLINE llv_b llv_b_set(int x) { return llv_b_both(_mm_set1_epi8((char)x)); }
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return llv_b_pair(llv_two8(a, b), llv_two8(c, d));
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    return llv_b_pair(_mm_setr_epi32((int)a, (int)b, (int)c, (int)d), _mm_setr_epi32((int)e, (int)f, (int)g, (int)h));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return LLV_B_EACH(_mm_and_si128); }
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return LLV_B_EACH(_mm_xor_si128); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return LLV_B_EACH(_mm_or_si128); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return LLV_B_EACH(_mm_add_epi8); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b b) { return LLV_B_EACH(_mm_shuffle_epi8); }
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    if (shift > 0) a = llv_b_pair(_mm_srli_epi16(a.lo, shift), _mm_srli_epi16(a.hi, shift));
    if (shift < 0) a = llv_b_pair(_mm_slli_epi16(a.lo, -shift), _mm_slli_epi16(a.hi, -shift));
    return llv_b_and(a, llv_b_set(mask));
}
LL_INLINE __m128i llv_third16(__m128i a) {      /* one for more than 85, one for more than 170 */
    const __m128i one = _mm_set1_epi8(1);
    return _mm_add_epi8(_mm_min_epu8(_mm_subs_epu8(a, _mm_set1_epi8(85)), one),
                        _mm_min_epu8(_mm_subs_epu8(a, _mm_set1_epi8((char)170)), one));
}
LL_INLINE llv_b llv_b_third(llv_b a) { return llv_b_pair(llv_third16(a.lo), llv_third16(a.hi)); }
LL_INLINE __m128i llv_quarter16(__m128i a) {    /* of each two bytes alike: the upper one, shifted twice */
    const __m128i keep = _mm_set1_epi32((int)0xf0000f00), shift = _mm_set1_epi32(1040 << 16 | 16640);
    return _mm_and_si128(_mm_mulhi_epu16(_mm_and_si128(a, keep), shift), _mm_set1_epi8(3));
}
LL_INLINE llv_b llv_b_quarter(llv_b a) { return llv_b_pair(llv_quarter16(a.lo), llv_quarter16(a.hi)); }
/* 255 where byte i has bit i & 7 */
LL_INLINE __m128i llv_own_bit(__m128i a) {
    const __m128i bit = _mm_set1_epi64x((long long)0x8040201008040201ull);
    return _mm_cmpeq_epi8(_mm_and_si128(a, bit), bit);
}
LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const __m128i a = _mm_cvtsi32_si128((int)bits);
    const __m128i lo = _mm_setr_epi32(0, 0, 0x01010101, 0x01010101);
    const __m128i hi = _mm_setr_epi32(0x02020202, 0x02020202, 0x03030303, 0x03030303);
    return llv_b_pair(llv_own_bit(_mm_shuffle_epi8(a, lo)), llv_own_bit(_mm_shuffle_epi8(a, hi)));
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const llv_b b = llv_b_mask(bits);
    a = llv_b_xor(a, b);
    return LLV_B_EACH(_mm_sub_epi8);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    return llv_b_or(a, llv_b_and(llv_b_pair(llv_own_bit(b.lo), llv_own_bit(b.hi)), llv_b_set(value)));
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return llv_b_load(p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { llv_b_store(p, a); }
LL_INLINE llv_w llv_w_load2(const int16_t *lo, const int16_t *hi) { return llv_b_load2(lo, hi); }
LL_INLINE llv_w llv_twice(__m128i a) { return llv_b_pair(_mm_unpacklo_epi16(a, a), _mm_unpackhi_epi16(a, a)); }
LL_INLINE llv_w llv_w_load_twice(const int16_t *p) { return llv_twice(llv_load16(p)); }
LL_INLINE void  llv_w_store_twice(int16_t *p, llv_w a) { llv_b_store(p, llv_twice(a.lo)), llv_b_store(p + 16, llv_twice(a.hi)); }
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
LL_INLINE llv_w llv_w_set(int x) { return llv_b_both(_mm_set1_epi16((short)x)); }
LL_INLINE llv_w llv_w_set2(const int16_t *p) {
    int32_t x;
    memcpy(&x, p, 4);
    return llv_b_both(_mm_set1_epi32(x));
}
LL_INLINE llv_w llv_w_from_i8(const int8_t *p) {
    const __m128i a = llv_load16(p);
    return llv_b_pair(_mm_cvtepi8_epi16(a), _mm_cvtepi8_epi16(_mm_unpackhi_epi64(a, a)));
}
LL_INLINE llv_w llv_w_from_low(llv_b a) { return llv_b_pair(_mm_cvtepu8_epi16(a.lo), _mm_cvtepu8_epi16(a.hi)); }
LL_INLINE llv_w llv_w_from_high(llv_b a) {
    const __m128i zero = _mm_setzero_si128();
    return llv_b_pair(_mm_unpackhi_epi8(a.lo, zero), _mm_unpackhi_epi8(a.hi, zero));
}
LL_INLINE llv_w llv_w_from_i(llv_i a) { return llv_b_both(_mm_packs_epi32(a.lo, a.hi)); }
LL_INLINE llv_w llv_w_halves(llv_w a, int j) {
    const __m128i s = j < 4 ? a.lo : a.hi, first = _mm_set1_epi16((short)((4 * j & 15) * 257 + 256));
    return llv_b_pair(_mm_shuffle_epi8(s, first), _mm_shuffle_epi8(s, _mm_add_epi8(first, _mm_set1_epi8(2))));
}
LL_INLINE llv_w llv_w_mul(llv_w a, llv_w b) { return LLV_B_EACH(_mm_mullo_epi16); }
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) { return LLV_B_EACH(_mm_add_epi16); }
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return LLV_B_EACH(_mm_madd_epi16); }

LL_INLINE llv_i llv_i_set(int32_t x) { return llv_b_both(_mm_set1_epi32(x)); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return LLV_B_EACH(_mm_add_epi32); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return LLV_B_EACH(_mm_sub_epi32); }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { return LLV_B_EACH(_mm_mullo_epi32); }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) {
    const __m128i a = llv_load16(p);
    return llv_b_pair(_mm_cvtepi16_epi32(a), _mm_cvtepi16_epi32(_mm_unpackhi_epi64(a, a)));
}
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const __m128i s = j < 2 ? a.lo : a.hi;
    return j & 1 ? llv_b_pair(_mm_shuffle_epi32(s, 0xaa), _mm_shuffle_epi32(s, 0xff))
                 : llv_b_pair(_mm_shuffle_epi32(s, 0x00), _mm_shuffle_epi32(s, 0x55));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return llv_b_pair(a.lo, b.lo); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return llv_b_pair(a.hi, b.hi); }
LL_INLINE __m128i llv_evens4(__m128i a, __m128i b) {
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0x88));
}
LL_INLINE __m128i llv_odds4(__m128i a, __m128i b) {
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0xdd));
}
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) { return LLV_B_EACH(llv_evens4); }
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) { return LLV_B_EACH(llv_odds4); }
LL_INLINE __m128i llv_add_pairs(__m128i a, __m128i b) {
    return _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
}
LL_INLINE __m128i llv_sum4(__m128i a, __m128i b, __m128i c, __m128i d) {
    const __m128i ab = llv_add_pairs(a, b), cd = llv_add_pairs(c, d);
    return _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}
LL_INLINE llv_i llv_i_sum4(llv_i a, llv_i b, llv_i c, llv_i d) {
    return llv_b_pair(llv_sum4(a.lo, b.lo, c.lo, d.lo), llv_sum4(a.hi, b.hi, c.hi, d.hi));
}

/* Sums of two products of bytes, u unsigned: with u <= 127, or s in place of u, they fit 16 bits. */
LL_INLINE llv_w llv_products_u(llv_b a, llv_b b) { return LLV_B_EACH(_mm_maddubs_epi16); }
LL_INLINE __m128i llv_products_s16(__m128i a, __m128i b) { return _mm_maddubs_epi16(_mm_abs_epi8(a), _mm_sign_epi8(b, a)); }
LL_INLINE llv_w llv_products_s(llv_b a, llv_b b) { return LLV_B_EACH(llv_products_s16); }
LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return llv_w_dot(llv_w_add(llv_products_u(a, qa), llv_products_u(b, qb)), llv_w_set(1));
}
#define LLV_S_OFFSET 0
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    const llv_w one = llv_w_set(1);
    return llv_i_add(llv_w_dot(llv_products_s(a, qa), one), llv_w_dot(llv_products_s(b, qb), one));
}
#define llv_dot2_o llv_dot2_s
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return llv_i_add(acc, llv_w_dot(llv_products_u(u, q), scale));
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

/* As ll_fma: what the sum lost sends it to the odd one of its two neighbours. (Of an infinity the loss
 * is NaN, which is not more than 0.) */
LL_INLINE __m128d llv_to_odd(__m128d p, __m128d c, __m128d s) {
    const __m128d t = _mm_sub_pd(s, p);
    const __m128d e = _mm_add_pd(_mm_sub_pd(p, _mm_sub_pd(s, t)), _mm_sub_pd(c, t));    /* s + e is exact */
    const __m128i lost = _mm_castpd_si128(_mm_cmpgt_pd(_mm_andnot_pd(_mm_set1_pd(-0.0), e), _mm_setzero_pd()));
    const __m128i away = _mm_and_si128(lost, _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(s, e)), 63));
    const __m128i toward_0 = _mm_sub_epi64(_mm_castpd_si128(s), away);
    return _mm_castsi128_pd(_mm_or_si128(toward_0, _mm_srli_epi64(lost, 63)));
}
/* a*b + c with one rounding. Only a number halfway between two floats can be rounded the wrong way, and
 * the lowest 28 bits of such a double are 0: hardly ever, but for sums that are exact. A call, as ll_fma. */
LL_NOINLINE __m128 llv_fma4(__m128 a, __m128 b, __m128 c) {
    const __m128d p = _mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b)), d = _mm_cvtps_pd(c);
    const __m128d p2 = _mm_mul_pd(_mm_cvtps_pd(_mm_movehl_ps(a, a)), _mm_cvtps_pd(_mm_movehl_ps(b, b)));
    const __m128d d2 = _mm_cvtps_pd(_mm_movehl_ps(c, c));
    __m128d s = _mm_add_pd(p, d), s2 = _mm_add_pd(p2, d2);
    const __m128i low = llv_evens4(_mm_castpd_si128(s), _mm_castpd_si128(s2));
    if (_mm_movemask_epi8(_mm_cmpeq_epi32(_mm_slli_epi32(low, 4), _mm_setzero_si128())))
        s = llv_to_odd(p, d, s), s2 = llv_to_odd(p2, d2, s2);
    return _mm_movelh_ps(_mm_cvtpd_ps(s), _mm_cvtpd_ps(s2));
}

/* f16 in the lower half of each lane, and back. Subnormal ones become exact by a difference. The first is a
 * call too: in line it made all kernels together a tenth larger, and none but those of f16 faster (4 %). */
LL_NOINLINE __m128 llv_f16_4(__m128i h) {
    const __m128i a = _mm_slli_epi32(_mm_and_si128(h, _mm_set1_epi32(0x7fff)), 13);
    const __m128i sign = _mm_slli_epi32(_mm_srli_epi32(h, 15), 31);
    const __m128 tiny = _mm_castsi128_ps(_mm_set1_epi32(113 << 23));            /* 2^-14 */
    const __m128 sub = _mm_sub_ps(_mm_castsi128_ps(_mm_or_si128(a, _mm_castps_si128(tiny))), tiny);
    const __m128i normal = _mm_add_epi32(a, _mm_set1_epi32(112 << 23));
    const __m128i special = _mm_and_si128(_mm_cmpgt_epi32(a, _mm_set1_epi32(0x0f7fffff)), _mm_set1_epi32(0x7f800000));
    const __m128i quiet = _mm_and_si128(_mm_cmpgt_epi32(a, _mm_set1_epi32(0x0f800000)), _mm_set1_epi32(0x00400000));
    const __m128i small = _mm_cmpgt_epi32(_mm_set1_epi32(1 << 23), a);
    const __m128i r = _mm_blendv_epi8(normal, _mm_castps_si128(sub), small);
    return _mm_castsi128_ps(_mm_or_si128(_mm_or_si128(r, sign), _mm_or_si128(special, quiet)));
}
LL_INLINE __m128i llv_to_f16_4(__m128 x) {
    const __m128i u = _mm_castps_si128(x), a = _mm_and_si128(u, _mm_set1_epi32(0x7fffffff));
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(a, 13), _mm_set1_epi32(1));
    const __m128i half = _mm_set1_epi32(0x3f000000), top = _mm_srli_epi32(a, 13);
    const __m128i normal = _mm_srli_epi32(_mm_add_epi32(_mm_add_epi32(a, odd), _mm_set1_epi32(0xfff - 0x38000000)), 13);
    const __m128 moved = _mm_add_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(half));
    const __m128i sub = _mm_sub_epi32(_mm_castps_si128(moved), half);
    const __m128i nan = _mm_or_si128(_mm_and_si128(top, _mm_set1_epi32(0x1ff)), _mm_set1_epi32(0x7e00));
    __m128i r = _mm_blendv_epi8(normal, sub, _mm_cmpgt_epi32(_mm_set1_epi32(0x38800000), a));
    r = _mm_blendv_epi8(r, _mm_set1_epi32(0x7c00), _mm_cmpgt_epi32(a, _mm_set1_epi32(0x477fffff)));
    r = _mm_blendv_epi8(r, nan, _mm_cmpgt_epi32(a, _mm_set1_epi32(0x7f800000)));
    return _mm_or_si128(r, _mm_slli_epi32(_mm_srli_epi32(u, 31), 15));
}

LL_INLINE llv_r llv_r_set(float x) { return llv_r_pair(_mm_set1_ps(x), _mm_set1_ps(x)); }
LL_INLINE llv_r llv_r_from_i(llv_i a) { return llv_r_pair(_mm_cvtepi32_ps(a.lo), _mm_cvtepi32_ps(a.hi)); }
LL_INLINE llv_r llv_r_add(llv_r a, llv_r b) { return LLV_R_EACH(_mm_add_ps); }
LL_INLINE llv_r llv_r_sub(llv_r a, llv_r b) { return LLV_R_EACH(_mm_sub_ps); }
LL_INLINE llv_r llv_r_mul(llv_r a, llv_r b) { return LLV_R_EACH(_mm_mul_ps); }
LL_INLINE llv_r llv_r_div(llv_r a, llv_r b) { return LLV_R_EACH(_mm_div_ps); }
LL_INLINE llv_r llv_r_max(llv_r a, llv_r b) { return LLV_R_EACH(_mm_max_ps); }
LL_INLINE llv_r llv_r_min(llv_r a, llv_r b) { return LLV_R_EACH(_mm_min_ps); }
LL_INLINE llv_r llv_r_and(llv_r a, llv_r b) { return LLV_R_EACH(_mm_and_ps); }
LL_INLINE llv_r llv_r_fma(llv_r a, llv_r b, llv_r c) {
    return llv_r_pair(llv_fma4(a.lo, b.lo, c.lo), llv_fma4(a.hi, b.hi, c.hi));
}
LL_INLINE llv_r llv_r_nfma(llv_r a, llv_r b, llv_r c) {
    const llv_r sign = llv_r_set(-0.0f);
    return llv_r_fma(llv_r_pair(_mm_xor_ps(a.lo, sign.lo), _mm_xor_ps(a.hi, sign.hi)), b, c);
}
LL_INLINE llv_r llv_r_load(const float *p) { return llv_r_pair(_mm_loadu_ps(p), _mm_loadu_ps(p + 4)); }
LL_INLINE void llv_r_store(float *p, llv_r a) { _mm_storeu_ps(p, a.lo), _mm_storeu_ps(p + 4, a.hi); }
LL_INLINE llv_r llv_r_of_f16(__m128i h) {
    return llv_r_pair(llv_f16_4(_mm_cvtepu16_epi32(h)), llv_f16_4(_mm_unpackhi_epi16(h, _mm_setzero_si128())));
}
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return llv_r_of_f16(llv_twos(p, at)); }
LL_INLINE llv_i llv_fours(const uint8_t *const *p, size_t at) { return llv_b_pair(llv_fours4(p, at), llv_fours4(p + 4, at)); }
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const llv_i x = llv_fours(p, at);
    const __m128i low = _mm_set1_epi32(0xffff);
    *first = llv_r_pair(llv_f16_4(_mm_and_si128(x.lo, low)), llv_f16_4(_mm_and_si128(x.hi, low)));
    *second = llv_r_pair(llv_f16_4(_mm_srli_epi32(x.lo, 16)), llv_f16_4(_mm_srli_epi32(x.hi, 16)));
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE __m128 llv_ue4m3_half4(__m128i x) {
    x = _mm_andnot_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(127)), x);             /* NaN counts as 0 */
    return _mm_mul_ps(llv_f16_4(_mm_and_si128(_mm_slli_epi32(x, 7), _mm_set1_epi32(0x3f80))), _mm_set1_ps(128));
}
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const llv_i x = llv_fours(p, at);
    LLV_UNROLL for (int j = 0; j < 4; j++)
        d[j] = llv_r_pair(llv_ue4m3_half4(_mm_srli_epi32(x.lo, 8 * j)), llv_ue4m3_half4(_mm_srli_epi32(x.hi, 8 * j)));
}
LL_INLINE __m128 llv_e8m0_half4(__m128i x) {    /* normal from 2 on, else the other */
    return _mm_castsi128_ps(_mm_max_epi32(_mm_sub_epi32(_mm_slli_epi32(x, 23), _mm_set1_epi32(1 << 23)),
                                          _mm_add_epi32(_mm_slli_epi32(x, 21), _mm_set1_epi32(1 << 21))));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    return llv_r_pair(llv_e8m0_half4(_mm_setr_epi32(p[0][at], p[1][at], p[2][at], p[3][at])),
                      llv_e8m0_half4(_mm_setr_epi32(p[4][at], p[5][at], p[6][at], p[7][at])));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    float x[8];
    llv_r_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}

/* Sixteen floats are twice eight. */

#define LLV_FLOAT_ROWS 2
#define LLV_FLOAT_VECS 2
#define LLV_KEEP(a) ((void)0)

typedef struct llv_f { llv_r lo, hi; } llv_f;

LL_INLINE llv_f llv_f_pair(llv_r lo, llv_r hi) { llv_f r; r.lo = lo, r.hi = hi; return r; }
#define LLV_F_EACH(f) llv_f_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE llv_f llv_f_load(const void *p) { return llv_f_pair(llv_r_load((const float *)p), llv_r_load((const float *)p + 8)); }
LL_INLINE void llv_f_store(float *p, llv_f a) { llv_r_store(p, a.lo), llv_r_store(p + 8, a.hi); }
LL_INLINE llv_f llv_f_load_n(const float *p, int n) {
    float x[16] = { 0 };
    memcpy(x, p, (size_t)n * sizeof *p);
    return llv_f_load(x);
}
LL_INLINE void llv_f_store_n(float *p, llv_f a, int n) {
    float x[16];
    llv_f_store(x, a);
    memcpy(p, x, (size_t)n * sizeof *p);
}
LL_INLINE llv_f llv_f_set(float x) { return llv_f_pair(llv_r_set(x), llv_r_set(x)); }
LL_INLINE llv_f llv_f_add(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_add); }
LL_INLINE llv_f llv_f_sub(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_sub); }
LL_INLINE llv_f llv_f_mul(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_mul); }
LL_INLINE llv_f llv_f_div(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_div); }
LL_INLINE llv_f llv_f_max(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_max); }
LL_INLINE llv_f llv_f_min(llv_f a, llv_f b) { return LLV_F_EACH(llv_r_min); }
LL_INLINE llv_f llv_f_fma(llv_f a, llv_f b, llv_f c) {
    return llv_f_pair(llv_r_fma(a.lo, b.lo, c.lo), llv_r_fma(a.hi, b.hi, c.hi));
}
LL_INLINE llv_f llv_f_abs(llv_f a) {
    const __m128 m = _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff));
    const llv_r b = llv_r_pair(m, m);
    return llv_f_pair(llv_r_and(a.lo, b), llv_r_and(a.hi, b));
}
LL_INLINE llv_f llv_f_round(llv_f a) {
    const llv_f m = llv_f_set(12582912.0f);
    return llv_f_sub(llv_f_add(a, m), m);
}
LL_INLINE __m128 llv_pow2_4(__m128 n) {
    return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(_mm_cvttps_epi32(n), _mm_set1_epi32(127)), 23));
}
LL_INLINE llv_f llv_f_pow2(llv_f n) {
    return llv_f_pair(llv_r_pair(llv_pow2_4(n.lo.lo), llv_pow2_4(n.lo.hi)),
                      llv_r_pair(llv_pow2_4(n.hi.lo), llv_pow2_4(n.hi.hi)));
}
LL_INLINE float llv_f_sum(llv_f a) {
    const llv_r h = llv_r_add(a.lo, a.hi);
    __m128 t = _mm_add_ps(h.lo, h.hi);
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE float llv_f_hmax(llv_f a) {
    const llv_r h = llv_r_max(a.lo, a.hi);
    __m128 t = _mm_max_ps(h.lo, h.hi);
    t = _mm_max_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_max_ss(t, _mm_movehdup_ps(t)));
}
LL_INLINE llv_f llv_f_load_f16(const void *p) {
    return llv_f_pair(llv_r_of_f16(llv_load16(p)), llv_r_of_f16(llv_load16((const char *)p + 16)));
}
LL_INLINE llv_r llv_r_load_bf16(const void *p) {
    const __m128i zero = _mm_setzero_si128(), h = llv_load16(p);
    return llv_r_pair(_mm_castsi128_ps(_mm_unpacklo_epi16(zero, h)), _mm_castsi128_ps(_mm_unpackhi_epi16(zero, h)));
}
LL_INLINE llv_f llv_f_load_bf16(const void *p) {
    return llv_f_pair(llv_r_load_bf16(p), llv_r_load_bf16((const char *)p + 16));
}
LL_INLINE llv_r llv_r_from_i16(__m128i w) {
    return llv_r_pair(_mm_cvtepi32_ps(_mm_cvtepi16_epi32(w)), _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_unpackhi_epi64(w, w))));
}
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    const llv_w w = llv_w_from_i8(p);
    return llv_f_pair(llv_r_from_i16(w.lo), llv_r_from_i16(w.hi));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    llv_store16(p, _mm_packus_epi32(llv_to_f16_4(a.lo.lo), llv_to_f16_4(a.lo.hi)));
    llv_store16(p + 8, _mm_packus_epi32(llv_to_f16_4(a.hi.lo), llv_to_f16_4(a.hi.hi)));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    llv_store16(p, _mm_packs_epi16(_mm_packs_epi32(_mm_cvtps_epi32(a.lo.lo), _mm_cvtps_epi32(a.lo.hi)),
                                   _mm_packs_epi32(_mm_cvtps_epi32(a.hi.lo), _mm_cvtps_epi32(a.hi.hi))));
}

/* The largest piece of the sixteen lanes that is one register. */
#define LLV_PARTS 4
#define LLV_LANES (16 / LLV_PARTS)
typedef __m128 llv_part;
LL_INLINE llv_part llv_part_set(float x) { return _mm_set1_ps(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return _mm_loadu_ps((const float *)p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { _mm_storeu_ps(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) {
    return llv_f16_4(_mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
LL_INLINE llv_part llv_part_load_bf16(const void *p) {
    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)p)));
}
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llv_fma4(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) {
    return llv_f_sum(llv_f_pair(llv_r_pair(a[0], a[1]), llv_r_pair(a[2], a[3])));
}

/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number. */

#define LLV_PANEL 1
#define LLV_FEW 0
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4
#define LLV_ANY_BITS 0                  /* dots of 4, 6 and 8 bits differ; the last takes codes - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)

typedef struct llv_p { llv_b lo, hi; } llv_p;

LL_INLINE llv_p llv_p_pair(llv_b lo, llv_b hi) { llv_p r; r.lo = lo, r.hi = hi; return r; }
#define LLV_P_EACH(f) llv_p_pair(f(a.lo, b.lo), f(a.hi, b.hi))
LL_INLINE llv_p llv_p_set(int32_t x) { return llv_p_pair(llv_i_set(x), llv_i_set(x)); }
LL_INLINE llv_p llv_p_load(const void *p) { return llv_p_pair(llv_b_load(p), llv_b_load((const char *)p + 32)); }
LL_INLINE void llv_p_store(void *p, llv_p a) { llv_b_store(p, a.lo), llv_b_store((char *)p + 32, a.hi); }
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_and); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_or); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return LLV_P_EACH(llv_b_xor); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return LLV_P_EACH(llv_i_add); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return LLV_P_EACH(llv_i_mul); }
LL_INLINE llv_b llv_shl8(llv_b a, int n) { return llv_b_pair(_mm_slli_epi32(a.lo, n), _mm_slli_epi32(a.hi, n)); }
LL_INLINE llv_b llv_shr8(llv_b a, int n) { return llv_b_pair(_mm_srli_epi32(a.lo, n), _mm_srli_epi32(a.hi, n)); }
LL_INLINE llv_b llv_top8(llv_b a) { return llv_b_pair(_mm_srai_epi32(a.lo, 24), _mm_srai_epi32(a.hi, 24)); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llv_p_pair(llv_shl8(a.lo, n), llv_shl8(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llv_p_pair(llv_shr8(a.lo, n), llv_shr8(a.hi, n)); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const llv_b t = llv_b_load2(table, table);
    return llv_p_pair(llv_b_shuffle(t, i.lo), llv_b_shuffle(t, i.hi));
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    a = llv_p_shl(a, 24 - 8 * i);
    return llv_p_pair(llv_top8(a.lo), llv_top8(a.hi));
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) { return llv_p_add(acc, LLV_P_EACH(llv_w_dot)); }
LL_INLINE llv_f llv_p_float(llv_p a) { return llv_f_pair(llv_r_from_i(a.lo), llv_r_from_i(a.hi)); }
LL_INLINE llv_f llv_f_of_f16(__m128i lo, __m128i hi) { return llv_f_pair(llv_r_of_f16(lo), llv_r_of_f16(hi)); }
LL_INLINE llv_f llv_f_of_halves(llv_p a) {
    a = llv_p_and(a, llv_p_set(0xffff));
    return llv_f_of_f16(_mm_packus_epi32(a.lo.lo, a.lo.hi), _mm_packus_epi32(a.hi.lo, a.hi.hi));
}

LL_INLINE void llv_p_rows4(const uint8_t *p, size_t stride, __m128i out[4]) {
    const __m128i a = llv_load16(p), b = llv_load16(p + stride);
    const __m128i c = llv_load16(p + 2 * stride), d = llv_load16(p + 3 * stride);
    const __m128i ab = _mm_unpacklo_epi32(a, b), ab2 = _mm_unpackhi_epi32(a, b);
    const __m128i cd = _mm_unpacklo_epi32(c, d), cd2 = _mm_unpackhi_epi32(c, d);
    out[0] = _mm_unpacklo_epi64(ab, cd), out[1] = _mm_unpackhi_epi64(ab, cd);
    out[2] = _mm_unpacklo_epi64(ab2, cd2), out[3] = _mm_unpackhi_epi64(ab2, cd2);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m128i r[4][4];
    LLV_UNROLL for (int i = 0; i < 4; i++) llv_p_rows4(p + (size_t)(4 * i) * stride, stride, r[i]);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        out[i] = llv_p_pair(llv_b_pair(r[0][i], r[1][i]), llv_b_pair(r[2][i], r[3][i]));
}

LL_INLINE llv_b llv_b_of_words(const int16_t *p) {
    return llv_b_pair(_mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)p)),
                      _mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)(p + 4))));
}
LL_INLINE llv_p llv_p_of_words(const int16_t *p) { return llv_p_pair(llv_b_of_words(p), llv_b_of_words(p + 8)); }

LL_INLINE llv_b llv_pair_sums8(llv_b a) {
    return llv_i_add(a, llv_b_pair(_mm_srli_epi64(a.lo, 32), _mm_srli_epi64(a.hi, 32)));
}
LL_INLINE llv_p llv_p_pair_sums(llv_p a) { return llv_p_pair(llv_pair_sums8(a.lo), llv_pair_sums8(a.hi)); }

/* One sum of 32 bits from each pair of 16 bits. */
LL_INLINE llv_b llv_widen(llv_b acc, llv_b pairs) { return llv_i_add(acc, llv_w_dot(pairs, llv_w_set(1))); }

/* Eight rows x 4 vectors: eight sums of 16 bits, two of weights and the broadcast fill the registers.
 * Sums of 16 bits hold two columns of 8-bit codes, four of up to 6 bits, 32 of 4 bits. */
LL_INLINE void llv_p_dots8(llv_b *acc, const uint8_t *w, const int8_t *const *q, int n, int bits, int n_vecs) {
    llv_b sum[LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) sum[v] = llv_i_set(0);
    if (bits == 8) LLV_ROLL for (int g = 0; g < n; g++) {
        const llv_b c = llv_b_xor(llv_b_load(w + 64 * g), llv_b_set(-128));
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            acc[v] = llv_widen(acc[v], llv_products_s(c, llv_i_set(llv_four(q[v] + 4 * g))));
    } else LLV_ROLL for (int g = 0; g < n; g += 2) {
        LLV_UNROLL for (int i = 0; i < 2; i++) {
            const llv_b c = llv_b_load(w + 64 * (g + i));
            LLV_UNROLL for (int v = 0; v < n_vecs; v++)
                sum[v] = llv_w_add(sum[v], llv_products_u(c, llv_i_set(llv_four(q[v] + 4 * (g + i)))));
        }
        if (bits > 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            acc[v] = llv_widen(acc[v], sum[v]), sum[v] = llv_i_set(0);
    }
    if (bits <= 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++) acc[v] = llv_widen(acc[v], sum[v]);
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    llv_b lo[LLV_TILE_VECS], hi[LLV_TILE_VECS];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) lo[v] = acc[v].lo, hi[v] = acc[v].hi;
    llv_p_dots8(lo, w, q, n, bits, n_vecs);
    llv_p_dots8(hi, w + 32, q, n, bits, n_vecs);
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) acc[v] = llv_p_pair(lo[v], hi[v]);
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
LL_INLINE llv_b llv_b_lows8(llv_b a, llv_b b) { return _mm256_unpacklo_epi64(a, b); }
LL_INLINE llv_b llv_b_highs8(llv_b a, llv_b b) { return _mm256_unpackhi_epi64(a, b); }
LL_INLINE llv_b llv_b_set(int x) { return _mm256_set1_epi8((char)x); }
LL_INLINE void llv_b_store(void *p, llv_b a) { _mm256_storeu_si256((__m256i *)p, a); }
LL_INLINE void llv_b_store2(void *low, void *high, llv_b a) {
    _mm_storeu_si128((__m128i *)low, _mm256_castsi256_si128(a));
    _mm_storeu_si128((__m128i *)high, _mm256_extracti128_si256(a, 1));
}
LL_INLINE llv_b llv_b_load8(const uint64_t *a, const uint64_t *b, const uint64_t *c, const uint64_t *d) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(llv_two8(a, b)), llv_two8(c, d), 1);
}
LL_INLINE llv_b llv_b_set4(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e, uint32_t f, uint32_t g, uint32_t h) {
    return _mm256_setr_epi32((int)a, (int)b, (int)c, (int)d, (int)e, (int)f, (int)g, (int)h);
}
LL_INLINE llv_b llv_b_bits(llv_b a, int shift, int mask) {
    if (shift > 0) a = _mm256_srli_epi16(a, shift);
    if (shift < 0) a = _mm256_slli_epi16(a, -shift);
    return _mm256_and_si256(a, _mm256_set1_epi8((char)mask));
}
LL_INLINE llv_b llv_b_xor(llv_b a, llv_b b) { return _mm256_xor_si256(a, b); }
LL_INLINE llv_b llv_b_or(llv_b a, llv_b b) { return _mm256_or_si256(a, b); }
LL_INLINE llv_b llv_b_add(llv_b a, llv_b b) { return _mm256_add_epi8(a, b); }
LL_INLINE llv_b llv_b_third(llv_b a) {          /* one for more than 85, one for more than 170 */
    const __m256i one = _mm256_set1_epi8(1);
    return _mm256_add_epi8(_mm256_min_epu8(_mm256_subs_epu8(a, _mm256_set1_epi8(85)), one),
                           _mm256_min_epu8(_mm256_subs_epu8(a, _mm256_set1_epi8((char)170)), one));
}
LL_INLINE llv_b llv_b_and(llv_b a, llv_b b) { return _mm256_and_si256(a, b); }
LL_INLINE llv_b llv_b_shuffle(llv_b a, llv_b index) { return _mm256_shuffle_epi8(a, index); }

LL_INLINE llv_b llv_b_quarter(llv_b a) {        /* of each two bytes alike: the upper one, shifted twice */
    const __m256i keep = _mm256_set1_epi32((int)0xf0000f00), shift = _mm256_set1_epi32(1040 << 16 | 16640);
    return llv_b_bits(_mm256_mulhi_epu16(_mm256_and_si256(a, keep), shift), 0, 3);
}

LL_INLINE llv_w llv_w_load(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
LL_INLINE void llv_w_store(int16_t *p, llv_w a) { _mm256_storeu_si256((__m256i *)p, a); }
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
LL_INLINE llv_w llv_w_of_b(llv_b a) { return a; }
LL_INLINE llv_b llv_b_of_w(llv_w a) { return a; }
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
LL_INLINE llv_w llv_w_add(llv_w a, llv_w b) { return _mm256_add_epi16(a, b); }
LL_INLINE llv_i llv_w_dot(llv_w a, llv_w b) { return _mm256_madd_epi16(a, b); }

LL_INLINE llv_i llv_i_set(int32_t x) { return _mm256_set1_epi32(x); }
LL_INLINE llv_i llv_i_add(llv_i a, llv_i b) { return _mm256_add_epi32(a, b); }
LL_INLINE llv_i llv_i_sub(llv_i a, llv_i b) { return _mm256_sub_epi32(a, b); }
LL_INLINE llv_i llv_i_mul(llv_i a, llv_i b) { return _mm256_mullo_epi32(a, b); }
LL_INLINE llv_i llv_i_from_w(const int16_t *p) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_i llv_i_halves(llv_i a, int j) {
    const int b = 2 * j, c = 2 * j + 1;
    return _mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(b, b, b, b, c, c, c, c));
}
LL_INLINE llv_i llv_i_lows(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x20); }
LL_INLINE llv_i llv_i_highs(llv_i a, llv_i b) { return _mm256_permute2x128_si256(a, b, 0x31); }
LL_INLINE llv_i llv_i_evens(llv_i a, llv_i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
}
LL_INLINE llv_i llv_i_odds(llv_i a, llv_i b) {
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0xdd));
}
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
LL_INLINE llv_r llv_r_f16(const uint8_t *const *p, size_t at) { return _mm256_cvtph_ps(llv_twos(p, at)); }
LL_INLINE __m256i llv_fours(const uint8_t *const *p, size_t at) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(llv_fours4(p, at)), llv_fours4(p + 4, at), 1);
}
LL_INLINE llv_r llv_r_low_f16(__m256i h) { return _mm256_cvtph_ps(_mm256_castsi256_si128(h)); }
LL_INLINE llv_r llv_r_high_f16(__m256i h) { return _mm256_cvtph_ps(_mm256_extracti128_si256(h, 1)); }
LL_INLINE void llv_r_f16_pair(const uint8_t *const *p, size_t at, llv_r *first, llv_r *second) {
    const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    __m256i x = _mm256_shuffle_epi8(llv_fours(p, at), _mm256_broadcastsi128_si256(order));
    x = _mm256_permute4x64_epi64(x, 0xd8);
    *first = llv_r_low_f16(x), *second = llv_r_high_f16(x);
}
/* As an f16 the seven bits are a number 2^8 smaller. */
LL_INLINE void llv_r_ue4m3_half(const uint8_t *const *p, size_t at, llv_r d[4]) {
    const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m256i zero = _mm256_setzero_si256(), keep = _mm256_set1_epi16(0x3f80);
    __m256i x = _mm256_shuffle_epi8(llv_fours(p, at), _mm256_broadcastsi128_si256(order)), s02, s13;
    x = _mm256_andnot_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7f)), x);           /* NaN counts as 0 */
    x = _mm256_permutevar8x32_epi32(x, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    s02 = _mm256_and_si256(_mm256_slli_epi16(_mm256_unpacklo_epi8(x, zero), 7), keep);
    s13 = _mm256_and_si256(_mm256_slli_epi16(_mm256_unpackhi_epi8(x, zero), 7), keep);
    d[0] = llv_r_low_f16(s02), d[1] = llv_r_low_f16(s13), d[2] = llv_r_high_f16(s02), d[3] = llv_r_high_f16(s13);
    LLV_UNROLL for (int j = 0; j < 4; j++) d[j] = _mm256_mul_ps(d[j], _mm256_set1_ps(128));
}
LL_INLINE llv_r llv_r_e8m0_half(const uint8_t *const *p, size_t at) {
    __m256i x;
    __m128i b = _mm_cvtsi32_si128(p[0][at]);
    b = _mm_insert_epi8(b, p[1][at], 1);
    b = _mm_insert_epi8(b, p[2][at], 2);
    b = _mm_insert_epi8(b, p[3][at], 3);
    b = _mm_insert_epi8(b, p[4][at], 4);
    b = _mm_insert_epi8(b, p[5][at], 5);
    b = _mm_insert_epi8(b, p[6][at], 6);
    b = _mm_insert_epi8(b, p[7][at], 7);
    x = _mm256_cvtepu8_epi32(b);
    return _mm256_castsi256_ps(_mm256_max_epi32(            /* normal from 2 on, else the other */
        _mm256_sub_epi32(_mm256_slli_epi32(x, 23), _mm256_set1_epi32(1 << 23)),
        _mm256_add_epi32(_mm256_slli_epi32(x, 21), _mm256_set1_epi32(1 << 21))));
}
LL_INLINE void llv_r_store_n(float *p, llv_r a, int n) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), a);
}

#  if LL_AVX512

typedef __m512 llv_f;

#define LLV_FLOAT_ROWS 4                /* 4 x 4 sums of sixteen lanes */
#define LLV_FLOAT_VECS 4
#if LL_GNU
#  define LLV_KEEP(a) __asm__("" : "+v"(a))     /* gcc would rather load it again for each use */
#else
#  define LLV_KEEP(a) ((void)0)
#endif

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
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
LL_INLINE void llv_f_store_f16(uint16_t *p, llv_f a) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
LL_INLINE void llv_f_store_i8(int8_t *p, llv_f a) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}

/* The largest piece of the sixteen lanes that is one register. */
#define LLV_PARTS 1
#define LLV_LANES (16 / LLV_PARTS)
typedef llv_f llv_part;
LL_INLINE llv_part llv_part_set(float x) { return llv_f_set(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return llv_f_load(p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { llv_f_store(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) { return llv_f_load_f16(p); }
LL_INLINE llv_part llv_part_load_bf16(const void *p) { return llv_f_load_bf16(p); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return llv_f_fma(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(a[0]); }

LL_INLINE llv_b llv_b_mask(uint32_t bits) { return _mm256_movm_epi8((__mmask32)bits); }
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    return _mm256_mask_sub_epi8(a, (__mmask32)bits, _mm256_setzero_si256(), a);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    return _mm256_mask_add_epi8(a, _mm256_test_epi8_mask(b, bit), a, _mm256_set1_epi8((char)value));
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const short a = (short)(2 * j), b = (short)(2 * j + 1);
    __m256i i = _mm256_setr_epi16(a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b);
    return _mm256_permutexvar_epi16(i, s);
}
/* Sums of four products fit 16 bits, so one scaling serves 64 columns. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i s = _mm256_packs_epi32(_mm256_dpbusd_epi32(zero, a, qa), _mm256_dpbusd_epi32(zero, b, qb));
    const short e = (short)(2 * j), f = (short)(e + 1), g = (short)(e + 2), h = (short)(e + 3);
    const __m256i i = _mm256_setr_epi16(e, e, e, e, g, g, g, g, f, f, f, f, h, h, h, h);
    return _mm256_dpwssd_epi32(acc, s, _mm256_permutexvar_epi16(i, scales));
}

#  else

#define LLV_FLOAT_ROWS 2                /* 2 x 3 sums of sixteen lanes fill 12 of 16 registers */
#define LLV_FLOAT_VECS 3
#if LL_GNU
#  define LLV_KEEP(a) __asm__("" : "+x"(a))     /* gcc would rather load it again for each use */
#else
#  define LLV_KEEP(a) ((void)0)
#endif

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
LL_INLINE llv_f llv_f_load_i8(const int8_t *p) {
    __m128i b = _mm_loadu_si128((const __m128i *)p);
    return llv_f_pair(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(b)),
                      _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(b, b))));
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

/* The largest piece of the sixteen lanes that is one register. */
#define LLV_PARTS 2
#define LLV_LANES (16 / LLV_PARTS)
typedef __m256 llv_part;
LL_INLINE llv_part llv_part_set(float x) { return _mm256_set1_ps(x); }
LL_INLINE llv_part llv_part_load(const void *p) { return _mm256_loadu_ps((const float *)p); }
LL_INLINE void llv_part_store(float *p, llv_part a) { _mm256_storeu_ps(p, a); }
LL_INLINE llv_part llv_part_load_f16(const void *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
LL_INLINE llv_part llv_part_load_bf16(const void *p) { return llv_bf16_half(_mm_loadu_si128((const __m128i *)p)); }
LL_INLINE llv_part llv_part_fma(llv_part a, llv_part b, llv_part c) { return _mm256_fmadd_ps(a, b, c); }
LL_INLINE float llv_parts_sum(const llv_part *a) { return llv_f_sum(llv_f_pair(a[0], a[1])); }

LL_INLINE llv_b llv_b_mask(uint32_t bits) {
    const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    const __m256i b = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
    return _mm256_cmpeq_epi8(_mm256_and_si256(b, bit), bit);
}
LL_INLINE llv_b llv_b_negate(llv_b a, uint32_t bits) {
    const __m256i m = llv_b_mask(bits);
    return _mm256_sub_epi8(_mm256_xor_si256(a, m), m);
}
LL_INLINE llv_b llv_b_flag(llv_b a, llv_b b, int value) {
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    b = _mm256_cmpeq_epi8(_mm256_and_si256(b, bit), bit);
    return _mm256_or_si256(a, _mm256_and_si256(b, _mm256_set1_epi8((char)value)));
}
LL_INLINE llv_w llv_w_halves(llv_w s, int j) {
    const char a = (char)(4 * j & 15), b = (char)(a + 1), c = (char)(a + 2), d = (char)(a + 3);
    __m256i i = _mm256_setr_epi8(a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b,
                                 c, d, c, d, c, d, c, d, c, d, c, d, c, d, c, d);
    s = j < 4 ? _mm256_permute4x64_epi64(s, 0x44) : _mm256_permute4x64_epi64(s, 0xee);
    return _mm256_shuffle_epi8(s, i);
}

/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number. */

#define LLV_PANEL 1
#define LLV_FEW 0
#define LLV_TILE_PANELS 1
#define LLV_TILE_VECS 4

typedef struct llv_p { __m256i lo, hi; } llv_p;

LL_INLINE llv_p llv_p_pair(__m256i lo, __m256i hi) { llv_p r; r.lo = lo, r.hi = hi; return r; }
LL_INLINE llv_p llv_p_set(int32_t x) { return llv_p_pair(_mm256_set1_epi32(x), _mm256_set1_epi32(x)); }
LL_INLINE llv_p llv_p_load(const void *p) {
    const __m256i *v = (const __m256i *)p;
    return llv_p_pair(_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1));
}
LL_INLINE void llv_p_store(void *p, llv_p a) {
    __m256i *v = (__m256i *)p;
    _mm256_storeu_si256(v, a.lo), _mm256_storeu_si256(v + 1, a.hi);
}
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return llv_p_pair(_mm256_and_si256(a.lo, b.lo), _mm256_and_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return llv_p_pair(_mm256_or_si256(a.lo, b.lo), _mm256_or_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return llv_p_pair(_mm256_xor_si256(a.lo, b.lo), _mm256_xor_si256(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return llv_p_pair(_mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return llv_p_pair(_mm256_mullo_epi32(a.lo, b.lo), _mm256_mullo_epi32(a.hi, b.hi)); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return llv_p_pair(_mm256_slli_epi32(a.lo, n), _mm256_slli_epi32(a.hi, n)); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return llv_p_pair(_mm256_srli_epi32(a.lo, n), _mm256_srli_epi32(a.hi, n)); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    const __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return llv_p_pair(_mm256_shuffle_epi8(t, i.lo), _mm256_shuffle_epi8(t, i.hi));
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    a = llv_p_shl(a, 24 - 8 * i);
    return llv_p_pair(_mm256_srai_epi32(a.lo, 24), _mm256_srai_epi32(a.hi, 24));
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) {
    return llv_p_add(acc, llv_p_pair(_mm256_madd_epi16(a.lo, b.lo), _mm256_madd_epi16(a.hi, b.hi)));
}
LL_INLINE llv_f llv_p_float(llv_p a) { return llv_f_pair(_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)); }

LL_INLINE void llv_p_rows8(const uint8_t *p, size_t stride, __m256i out[4]) {
    __m256i a[4], b[4];
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const uint8_t *r = p + (size_t)i * stride;
        a[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)r)),
                                       _mm_loadu_si128((const __m128i *)(r + 4 * stride)), 1);
    }
    b[0] = _mm256_unpacklo_epi32(a[0], a[1]), b[1] = _mm256_unpackhi_epi32(a[0], a[1]);
    b[2] = _mm256_unpacklo_epi32(a[2], a[3]), b[3] = _mm256_unpackhi_epi32(a[2], a[3]);
    out[0] = _mm256_unpacklo_epi64(b[0], b[2]), out[1] = _mm256_unpackhi_epi64(b[0], b[2]);
    out[2] = _mm256_unpacklo_epi64(b[1], b[3]), out[3] = _mm256_unpackhi_epi64(b[1], b[3]);
}
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m256i lo[4], hi[4];
    llv_p_rows8(p, stride, lo);
    llv_p_rows8(p + 8 * stride, stride, hi);
    LLV_UNROLL for (int i = 0; i < 4; i++) out[i] = llv_p_pair(lo[i], hi[i]);
}

LL_INLINE llv_f llv_f_of_f16(__m128i lo, __m128i hi) { return llv_f_pair(_mm256_cvtph_ps(lo), _mm256_cvtph_ps(hi)); }
/* The lower 16 bits of each lane are an f16. */
LL_INLINE llv_f llv_f_of_halves(llv_p a) {
    const __m256i low = _mm256_set1_epi32(0xffff);
    const __m256i x = _mm256_packus_epi32(_mm256_and_si256(a.lo, low), _mm256_and_si256(a.hi, low));
    const __m256i y = _mm256_permute4x64_epi64(x, 0xd8);
    return llv_f_of_f16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
}

LL_INLINE llv_p llv_p_of_words(const int16_t *p) {
    return llv_p_pair(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)p)),
                      _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(p + 8))));
}

LL_INLINE llv_p llv_p_pair_sums(llv_p a) {
    return llv_p_add(a, llv_p_pair(_mm256_srli_epi64(a.lo, 32), _mm256_srli_epi64(a.hi, 32)));
}
#  endif
#  if LL_VNNI

/* Dots of 256 bits with VNNI, of AVX-512 or by itself: products of bytes are added up in 32 bits. */

LL_INLINE llv_i llv_dot2_u(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    return _mm256_dpbusd_epi32(_mm256_dpbusd_epi32(_mm256_setzero_si256(), a, qa), b, qb);
}
/* Signed codes become unsigned by adding 128. */
#define LLV_S_OFFSET 128
LL_INLINE llv_i llv_dot2_s(llv_b a, llv_b qa, llv_b b, llv_b qb) {
    __m256i top = _mm256_set1_epi8(-128);
    return llv_dot2_u(_mm256_xor_si256(a, top), qa, _mm256_xor_si256(b, top), qb);
}
#define llv_dot2_o llv_dot2_u
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_dpwssd_epi32(acc, _mm256_maddubs_epi16(u, q), scale);
}
#  else

/* Dots of AVX2 without VNNI, then those of panels. */

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
#define llv_dot2_o llv_dot2_s
LL_INLINE llv_i llv_dot_scaled(llv_i acc, llv_b u, llv_b q, llv_w scale) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(u, q), scale));
}
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    acc = llv_dot_scaled(acc, a, qa, llv_w_halves(scales, j));
    return llv_dot_scaled(acc, b, qb, llv_w_halves(scales, j + 1));
}

#define LLV_ANY_BITS 0                  /* dots of 4, 6 and 8 bits differ; the last takes codes - 128 */
#define LLV_BIAS8(bias) ((bias) - 128)

/* One sum of 32 bits from each pair of 16 bits. */
LL_INLINE __m256i llv_widen(__m256i acc, __m256i pairs) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* 16 rows x 4 vectors: eight sums of 16 bits, a pair of weights and the broadcast; the other sums are
 * memory. Sums of 16 bits hold two columns of 8-bit codes, four of up to 6 bits, 32 of 4 bits. */
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    const __m256i flip = _mm256_set1_epi8(-128);
    __m256i lo[LLV_TILE_VECS], hi[LLV_TILE_VECS];
    (void)w_step, (void)n_panels;
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) lo[v] = hi[v] = _mm256_setzero_si256();
    if (bits == 8) LLV_ROLL for (int g = 0; g < n; g++) {
        const llv_p c = llv_p_load(w + 64 * g);
        const __m256i c_lo = _mm256_xor_si256(c.lo, flip), c_hi = _mm256_xor_si256(c.hi, flip);
        const __m256i abs_lo = _mm256_abs_epi8(c_lo), abs_hi = _mm256_abs_epi8(c_hi);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const __m256i b = _mm256_set1_epi32(llv_four(q[v] + 4 * g));
            acc[v].lo = llv_widen(acc[v].lo, _mm256_maddubs_epi16(abs_lo, _mm256_sign_epi8(b, c_lo)));
            acc[v].hi = llv_widen(acc[v].hi, _mm256_maddubs_epi16(abs_hi, _mm256_sign_epi8(b, c_hi)));
        }
    } else LLV_ROLL for (int g = 0; g < n; g += 2) {
        LLV_UNROLL for (int i = 0; i < 2; i++) {
            const llv_p c = llv_p_load(w + 64 * (g + i));
            LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
                const __m256i b = _mm256_set1_epi32(llv_four(q[v] + 4 * (g + i)));
                lo[v] = _mm256_add_epi16(lo[v], _mm256_maddubs_epi16(c.lo, b));
                hi[v] = _mm256_add_epi16(hi[v], _mm256_maddubs_epi16(c.hi, b));
            }
        }
        if (bits > 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            acc[v] = llv_p_pair(llv_widen(acc[v].lo, lo[v]), llv_widen(acc[v].hi, hi[v]));
            lo[v] = hi[v] = _mm256_setzero_si256();
        }
    }
    if (bits <= 4) LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        acc[v] = llv_p_pair(llv_widen(acc[v].lo, lo[v]), llv_widen(acc[v].hi, hi[v]));
}
#  endif
#  if LL_AVX512

/* Panels: llv_p holds, for each of sixteen rows, four bytes or one 32-bit number. */

#define LLV_PANEL 1                     /* this instruction set has them */
#define LLV_FEW 1                       /* its registers hold a piece of one beside the sums */
#define LLV_TILE_PANELS 3               /* 48 rows x 4 vectors: 12 integer and 12 float sums, */
#define LLV_TILE_VECS 4                 /* 3 weights and the broadcast fill 28 of 32 registers */
#define LLV_ANY_BITS 1                  /* dots are alike for codes of 4 to 8 bits */
#define LLV_BIAS8(bias) (bias)

typedef __m512i llv_p;

LL_INLINE llv_p llv_p_set(int32_t x) { return _mm512_set1_epi32(x); }
LL_INLINE llv_p llv_p_load(const void *p) { return _mm512_loadu_si512(p); }
LL_INLINE void  llv_p_store(void *p, llv_p a) { _mm512_storeu_si512(p, a); }
LL_INLINE llv_p llv_p_or(llv_p a, llv_p b) { return _mm512_or_si512(a, b); }
LL_INLINE llv_p llv_p_xor(llv_p a, llv_p b) { return _mm512_xor_si512(a, b); }
LL_INLINE llv_p llv_p_add(llv_p a, llv_p b) { return _mm512_add_epi32(a, b); }
LL_INLINE llv_p llv_p_mul(llv_p a, llv_p b) { return _mm512_mullo_epi32(a, b); }
LL_INLINE llv_p llv_p_shl(llv_p a, int n) { return _mm512_slli_epi32(a, (unsigned)n); }
LL_INLINE llv_p llv_p_shr(llv_p a, int n) { return _mm512_srli_epi32(a, (unsigned)n); }
LL_INLINE llv_p llv_p_and(llv_p a, llv_p b) { return _mm512_and_si512(a, b); }
LL_INLINE llv_p llv_p_lookup(const uint8_t *table, llv_p i) {
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)), i);
}
LL_INLINE llv_p llv_p_byte(llv_p a, int i) {
    return _mm512_srai_epi32(_mm512_slli_epi32(a, (unsigned)(24 - 8 * i)), 24);
}
LL_INLINE llv_p llv_p_dot2(llv_p acc, llv_p a, llv_p b) { return _mm512_dpwssd_epi32(acc, a, b); }
LL_INLINE llv_f llv_f_pair(llv_r lo, llv_r hi) { return _mm512_insertf32x8(_mm512_castps256_ps512(lo), hi, 1); }
LL_INLINE llv_f llv_p_float(llv_p a) { return _mm512_cvtepi32_ps(a); }

/* Sixteen bytes of each row: lanes of 128 bits take four rows each, so that the transposition
 * of 4 x 4 words stays inside them. */
LL_INLINE void llv_p_rows(const uint8_t *p, size_t stride, llv_p out[4]) {
    __m512i a[4], b[4];
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const uint8_t *r = p + (size_t)i * stride;
        a[i] = _mm512_inserti64x4(_mm512_castsi256_si512(llv_b_load2(r, r + 4 * stride)),
                                  llv_b_load2(r + 8 * stride, r + 12 * stride), 1);
    }
    b[0] = _mm512_unpacklo_epi32(a[0], a[1]), b[1] = _mm512_unpackhi_epi32(a[0], a[1]);
    b[2] = _mm512_unpacklo_epi32(a[2], a[3]), b[3] = _mm512_unpackhi_epi32(a[2], a[3]);
    out[0] = _mm512_unpacklo_epi64(b[0], b[2]), out[1] = _mm512_unpackhi_epi64(b[0], b[2]);
    out[2] = _mm512_unpacklo_epi64(b[1], b[3]), out[3] = _mm512_unpackhi_epi64(b[1], b[3]);
}

LL_INLINE llv_f llv_f_of_f16(__m128i lo, __m128i hi) {
    return _mm512_cvtph_ps(_mm256_inserti128_si256(_mm256_castsi128_si256(lo), hi, 1));
}
LL_INLINE llv_f llv_f_of_halves(llv_p a) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a)); }

/* Sixteen numbers of 16 bits, one a lane. */
LL_INLINE llv_p llv_p_of_words(const int16_t *p) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)p));
}

/* Lane 2i becomes the sum of lanes 2i and 2i + 1. */
LL_INLINE llv_p llv_p_pair_sums(llv_p a) { return _mm512_add_epi32(a, _mm512_srli_epi64(a, 32)); }

/* The same four bytes for all lanes. gcc would not take them from memory in the product itself. */
LL_INLINE llv_p llv_p_dot_four(llv_p acc, llv_p w, const int8_t *q) {
#if LL_GNU && !defined(__clang__)
    __asm__("vpdpbusd\t{%2%{1to16%}, %1, %0|%0, %1, %2%{1to16%}}" : "+v"(acc) : "v"(w), "m"(*(const int8_t (*)[4])q));
    return acc;
#else
    return _mm512_dpbusd_epi32(acc, w, llv_p_set(llv_four(q)));
#endif
}
LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    (void)bits;
    LLV_UNROLL for (int g = 0; g < n; g++) {
        if (n_panels == 1) {
            LLV_UNROLL for (int t = 0; t < n_vecs; t++) acc[t] = llv_p_dot_four(acc[t], llv_p_load(w + 64 * g), q[t] + 4 * g);
        } else LLV_UNROLL for (int t = 0; t < n_vecs; t++) {
            const llv_p four = llv_p_set(llv_four(q[t] + 4 * g));
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[t * n_panels + z] = _mm512_dpbusd_epi32(
                    acc[t * n_panels + z], llv_p_load(w + (size_t)z * w_step + 64 * g), four);
        }
    }
}
#  elif LL_VNNI

/* What AVX2 with VNNI has of its own: no permutation of words, and half a panel to a register. */

/* Sums of four products fit 16 bits, so one scaling serves 64 columns. */
LL_INLINE llv_i llv_dot2_scaled(llv_i acc, llv_b a, llv_b qa, llv_b b, llv_b qb, llv_w scales, int j) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i s = _mm256_packs_epi32(_mm256_dpbusd_epi32(zero, a, qa), _mm256_dpbusd_epi32(zero, b, qb));
    const __m256i i = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5,
                                       2, 3, 2, 3, 2, 3, 2, 3, 6, 7, 6, 7, 6, 7, 6, 7);
    scales = j == 0 ? _mm256_permute4x64_epi64(scales, 0x00) : j == 2 ? _mm256_permute4x64_epi64(scales, 0x55)
           : j == 4 ? _mm256_permute4x64_epi64(scales, 0xaa) : _mm256_permute4x64_epi64(scales, 0xff);
    return _mm256_dpwssd_epi32(acc, s, _mm256_shuffle_epi8(scales, i));
}

#define LLV_ANY_BITS 1                  /* dots are alike for codes of 4 to 8 bits */
#define LLV_BIAS8(bias) (bias)

LL_INLINE void llv_p_dots(llv_p *acc, const uint8_t *w, size_t w_step, const int8_t *const *q,
                          int n, int bits, int n_panels, int n_vecs) {
    (void)w_step, (void)bits, (void)n_panels;
    LLV_UNROLL for (int g = 0; g < n; g++) {
        const llv_p c = llv_p_load(w + 64 * g);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const __m256i b = _mm256_set1_epi32(llv_four(q[v] + 4 * g));
            acc[v].lo = _mm256_dpbusd_epi32(acc[v].lo, c.lo, b);
            acc[v].hi = _mm256_dpbusd_epi32(acc[v].hi, c.hi, b);
        }
    }
}
#  endif
#endif
#if LL_VBMI

/* Eight groups of eight bytes; group t belongs to columns 32 * t .. 32 * t + 31 of a block. A
 * codebook's rows are looked up in registers, its codes cut out of them at any bit. */
#define LLV_GRID 1
typedef __m512i llv_z;

LL_INLINE llv_z llv_z_load(const void *p) { return _mm512_loadu_si512(p); }
/* 1, 2 or 4 bytes to a group, zeros above. */
LL_INLINE llv_z llv_z_load1(const void *p) { return _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)p)); }
LL_INLINE llv_z llv_z_load2(const void *p) { return _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)p)); }
LL_INLINE llv_z llv_z_load4(const void *p) { return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)p)); }
/* In turn a group from p and one from q, made of 8, 4 or 2 bytes of each, zeros above. */
LL_INLINE llv_z llv_z_pairs8(const void *p, const void *q) {
    const __m512i x = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)p)),
                                         _mm256_loadu_si256((const __m256i *)q), 1);
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), x);
}
LL_INLINE llv_z llv_z_pairs4(const void *p, const void *q) {
    const __m128i x = _mm_loadu_si128((const __m128i *)p), y = _mm_loadu_si128((const __m128i *)q);
    return _mm512_cvtepu32_epi64(_mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi32(x, y)), _mm_unpackhi_epi32(x, y), 1));
}
LL_INLINE llv_z llv_z_pairs2(const void *p, const void *q) {
    return _mm512_cvtepu16_epi64(_mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)p), _mm_loadl_epi64((const __m128i *)q)));
}
/* The same, of the lower or upper bytes of words, or of the lower halves of groups. */
LL_INLINE llv_z llv_z_pairs_of_words(llv_z a, llv_z b, int upper) {
    const long long at = 0x0e0c0a0806040200, lane = 0x1010101010101010, other = 0x4040404040404040, up = upper * 0x0101010101010101;
    const llv_z index = _mm512_setr_epi64(at + up, at + up + other, at + up + lane, at + up + lane + other, at + up + 2 * lane,
                                          at + up + 2 * lane + other, at + up + 3 * lane, at + up + 3 * lane + other);
    return _mm512_permutex2var_epi8(a, index, b);
}
LL_INLINE llv_z llv_z_pairs_of_halves(llv_z a, llv_z b) {
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0x88));
}
/* Two groups of each in turn, of the upper halves. */
LL_INLINE llv_z llv_z_pairs_of_uppers(llv_z a, llv_z b) {
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), 0xdd));
}
/* Of each two groups the lower halves, then the upper ones. */
LL_INLINE llv_z llv_z_halves_first(llv_z a) { return _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xd8); }
LL_INLINE llv_z llv_z_all(uint64_t group) { return _mm512_set1_epi64((long long)group); }
LL_INLINE llv_z llv_z_all2(const void *p) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)p)); }
/* Byte i of each group: the 8 bits from bit at.byte[i] of it on, which wrap around. */
LL_INLINE llv_z llv_z_cut(llv_z a, llv_z at) { return _mm512_multishift_epi64_epi8(at, a); }
LL_INLINE llv_z llv_z_or(llv_z a, llv_z b) { return _mm512_or_si512(a, b); }
LL_INLINE llv_z llv_z_xor(llv_z a, llv_z b) { return _mm512_xor_si512(a, b); }
LL_INLINE llv_z llv_z_add(llv_z a, llv_z b) { return _mm512_add_epi32(a, b); }
LL_INLINE llv_z llv_z_sub(llv_z a, llv_z b) { return _mm512_sub_epi32(a, b); }
LL_INLINE llv_z llv_z_mul(llv_z a, llv_z b) { return _mm512_mullo_epi32(a, b); }
LL_INLINE llv_z llv_z_dot(llv_z acc, llv_z u, llv_z q) { return _mm512_dpbusd_epi32(acc, u, q); }
/* mask ? a : b, and a & mask | b, bit by bit. */
LL_INLINE llv_z llv_z_pick(llv_z mask, llv_z a, llv_z b) { return _mm512_ternarylogic_epi64(mask, a, b, 0xca); }
LL_INLINE llv_z llv_z_join(llv_z a, llv_z mask, llv_z b) { return _mm512_ternarylogic_epi64(a, mask, b, 0xea); }
/* Bytes of a table of 16, which stands four times in it. */
LL_INLINE llv_z llv_z_bytes(llv_z table, llv_z index) { return _mm512_permutexvar_epi8(index, table); }
/* Bytes (words) of two vectors, for those lanes that are in mask; the others stay as index has them. */
LL_INLINE llv_z llv_z_bytes2(llv_z a, llv_z b, llv_z index, uint64_t mask) {
#if LL_GNU
    __asm__("" : "+r"(mask));           /* clang would merge by permuting once more */
#endif
    return _mm512_mask2_permutex2var_epi8(a, index, mask, b);
}
LL_INLINE llv_z llv_z_words2(llv_z a, llv_z b, llv_z index, uint32_t mask) {
    return _mm512_mask2_permutex2var_epi16(a, index, mask, b);
}
/* Each byte times a matrix of bits: bit i becomes the parity of the bits that byte 7 - i of m picks. */
LL_INLINE llv_z llv_z_matrix(llv_z a, llv_z m) { return _mm512_gf2p8affine_epi64_epi8(a, m, 0); }
/* Bit 7 of each byte becomes such that the number of its bits is even. */
LL_INLINE llv_z llv_z_even(llv_z a) {
    return llv_z_matrix(a, llv_z_all(0x010204081020407f));
}
/* The lower and the upper four bits of each byte. */
LL_INLINE llv_z llv_z_low4(llv_z a) { return _mm512_and_si512(a, _mm512_set1_epi8(15)); }
LL_INLINE llv_z llv_z_high4(llv_z a) { return llv_z_matrix(a, llv_z_all(0x1020408000000000)); }
/* The upper ones become the lower ones, and above them is anything. */
LL_INLINE llv_z llv_z_down4(llv_z a) { return _mm512_srli_epi16(a, 4); }
/* Two groups of each in turn: quarters 0 and 2 of a and b, or 1 and 3. */
LL_INLINE llv_z llv_z_even_quarters(llv_z a, llv_z b) { return _mm512_shuffle_i64x2(a, b, 0x88); }
LL_INLINE llv_z llv_z_odd_quarters(llv_z a, llv_z b) { return _mm512_shuffle_i64x2(a, b, 0xdd); }
/* Sums as words; in each quarter those of a, then those of b. */
LL_INLINE llv_z llv_z_words(llv_z a, llv_z b) { return _mm512_packs_epi32(a, b); }
/* Products of words. In quarter i four of `scale` at 8 * half + 2 * i, and four of the next. */
LL_INLINE llv_z llv_z_dot_words(llv_z a, llv_w scale, int half) {
    static const uint64_t index[8] = { 0, 0x0001000100010001, 0x0002000200020002, 0x0003000300030003,
        0x0004000400040004, 0x0005000500050005, 0x0006000600060006, 0x0007000700070007 };
    const llv_z at = _mm512_add_epi16(llv_z_load(index), _mm512_set1_epi16((short)(8 * half)));
    return _mm512_dpwssd_epi32(_mm512_setzero_si512(), a, _mm512_permutexvar_epi16(at, _mm512_castsi256_si512(scale)));
}
/* Quarter i of a, then of b. */
LL_INLINE void llv_z_quarters(llv_z a, llv_z b, llv_i out[4]) {
    const __m512i x = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b);
    const __m512i y = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b);
    out[0] = _mm512_castsi512_si256(x), out[1] = _mm512_extracti64x4_epi64(x, 1);
    out[2] = _mm512_castsi512_si256(y), out[3] = _mm512_extracti64x4_epi64(y, 1);
}
/* f16: group j of a, then of b. */
LL_INLINE void llv_z_f16(llv_z a, llv_z b, llv_r out[8]) {
    LLV_UNROLL for (int odd = 0; odd < 2; odd++) {
        const __m512i x = odd ? _mm512_unpackhi_epi64(a, b) : _mm512_unpacklo_epi64(a, b);
        LLV_UNROLL for (int h = 0; h < 2; h++) {
            const __m512 f = _mm512_cvtph_ps(h ? _mm512_extracti64x4_epi64(x, 1) : _mm512_castsi512_si256(x));
            out[4 * h + odd] = _mm512_castps512_ps256(f), out[4 * h + 2 + odd] = _mm512_extractf32x8_ps(f, 1);
        }
    }
}
/* A byte each, in order: llv_r_e8m0_half. */
LL_INLINE void llv_z_e8m0_half(llv_z a, llv_r out[8]) {
    const __m128i bytes[4] = { _mm512_castsi512_si128(a), _mm512_extracti32x4_epi32(a, 1),
                               _mm512_extracti32x4_epi32(a, 2), _mm512_extracti32x4_epi32(a, 3) };
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        const __m512i x = _mm512_cvtepu8_epi32(bytes[j]);
        const __m512 f = _mm512_castsi512_ps(_mm512_max_epi32(
            _mm512_sub_epi32(_mm512_slli_epi32(x, 23), _mm512_set1_epi32(1 << 23)),
            _mm512_add_epi32(_mm512_slli_epi32(x, 21), _mm512_set1_epi32(1 << 21))));
        out[2 * j] = _mm512_castps512_ps256(f), out[2 * j + 1] = _mm512_extractf32x8_ps(f, 1);
    }
}
/* 64 words of a table of n, which has their lower bytes first, then the upper ones, for 64 indices: their
 * lower eight bits in index[0], those above in index[1]. Of each 128 bytes the one that the lower seven
 * bits say, then by the other bits one of two again and again, as soon as there are two. The words of
 * the first eight of each 16 indices go to out[0], of the others to out[1]. */
LL_INLINE void llv_z_rows(const uint8_t *table, const int n, const llv_z *index, llv_z *out) {
    __m512i wait[5], plane[2];
    __mmask64 upper[4];
    int n_wait = 0;
    upper[0] = _mm512_movepi8_mask(index[0]);
    LLV_UNROLL for (int i = 1; i < 4; i++) upper[i] = _mm512_test_epi8_mask(index[1], _mm512_set1_epi8((char)(1 << (i - 1))));
    LLV_UNROLL for (int p = 0; p < 2; p++) {
        LLV_UNROLL for (int i = 0; i < n / 128; i++) {
            const uint8_t *part = table + p * n + 128 * i;
            __m512i x = _mm512_permutex2var_epi8(llv_z_load(part), index[0], llv_z_load(part + 64));
            LLV_UNROLL for (int bit = 0; bit < 4; bit++)
                if ((i + 1) % (2 << bit) == 0) x = _mm512_mask_blend_epi8(upper[bit], wait[--n_wait], x);
            wait[n_wait++] = x;
        }
        plane[p] = wait[--n_wait];
    }
    out[0] = _mm512_unpacklo_epi8(plane[0], plane[1]), out[1] = _mm512_unpackhi_epi8(plane[0], plane[1]);
}
/* 1, 2 or 4 bytes of a group stand at both its halves. */
LL_INLINE llv_z llv_z_twice(llv_z a) { return _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xa0); }
LL_INLINE llv_i llv_z_half_sum(llv_z a) {
    return _mm256_add_epi32(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64(a, 1));
}
/* 4 * 64 bytes in order; group j of each 4 goes to out[j]. And back. */
LL_INLINE void llv_z_apart(const void *p, llv_z out[4]) {
    const uint8_t *b = (const uint8_t *)p;
    LLV_UNROLL for (int j = 0; j < 4; j++) {
        const __m512i at = _mm512_setr_epi64(j, j + 4, j + 8, j + 12, j, j + 4, j + 8, j + 12);
        const __m512i low = _mm512_permutex2var_epi64(llv_z_load(b), at, llv_z_load(b + 64));
        const __m512i high = _mm512_permutex2var_epi64(llv_z_load(b + 128), at, llv_z_load(b + 192));
        out[j] = _mm512_mask_blend_epi64(0xf0, low, high);
    }
}
LL_INLINE void llv_z_together(const llv_z a[4], void *p) {
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), last = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const __m512i e = _mm512_unpacklo_epi64(a[0], a[1]), f = _mm512_unpacklo_epi64(a[2], a[3]);   /* groups 0, 2, 4, 6 */
    const __m512i g = _mm512_unpackhi_epi64(a[0], a[1]), h = _mm512_unpackhi_epi64(a[2], a[3]);
    LLV_UNROLL for (int j = 0; j < 2; j++) {
        const __m512i even = _mm512_permutex2var_epi64(e, j ? last : first, f), odd = _mm512_permutex2var_epi64(g, j ? last : first, h);
        _mm512_storeu_si512((uint8_t *)p + 128 * j, _mm512_shuffle_i64x2(even, odd, 0x44));
        _mm512_storeu_si512((uint8_t *)p + 128 * j + 64, _mm512_shuffle_i64x2(even, odd, 0xee));
    }
}
#else
#  define LLV_GRID 0
#endif
#if LLV_INT
#define LLQ_GEMV(x) x
#else
#define LLQ_GEMV(x) NULL
#endif
#if LLV_FEW
#define LLQ_FEW(x) x
#else
#define LLQ_FEW(x) NULL
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
 *   every 32 an integer k, for each value a signed byte q; x ~= base * k * q. All products
 *   inside a block are integers, hence exact and in any order. Blocks are added up in floats, in
 *   one order: for each group of 256 columns, ascending,
 *
 *       P = 0;  for its blocks of 32, ascending:  P = fma(d * k, sum of code * q, P)
 *       acc = fma(base, P, acc)
 *
 *   where d * k is exact (11 bits times 11). A minimum follows its block: P = fma(m, sum of k * q, P).
 *   A scale that serves more than 32 weights is used for each 32 of them, one that serves 16 makes
 *   blocks of 16. Formats with integer scales inside 256 weights stay integer longer, for which k is
 *   small (1..7, otherwise 1..2047): P = fma(-dmin, sum of m * k * q, d * sum of sc * k * code * q).
 *
 *   Float weights multiply the floats themselves: column i goes to lane i % 16, each lane is one
 *   chain of fma, and the lanes are added 8 apart, then 4, 2, 1.
 *
 * So a kernel may put rows, columns or vectors side by side, as long as each sum keeps its order. */

/* generated from kernels_gen/formats.c: edit there, then run kernels_gen/gen */

/* ---- activations -------------------------------------------------------------------------- */

#if LL_ONCE
/* 256 values of a vector, quantised once and used by every matrix that multiplies it:
 * x ~= base * k * q. A short last group is padded with q = 0. */
typedef struct ll_a8 {
    int8_t  q[256];                     /* -127..127 */
    int16_t sum[16];                    /* of each 16 q */
    int16_t k[8];                       /* multiplier of each 32: 1..7, or 1..2047 */
    float   base;
    int32_t unused[3];
} ll_a8;
/* The largest k: where integer sums multiply scales by k, and where float scales do (their product is exact). */
enum { LL_A8_COARSE = 7, LL_A8_FINE = 2047 };
LL_STATIC_ASSERT(a8_is_320_bytes, sizeof(ll_a8) == 320);
#endif

/* One group of n (a multiple of 32) values. Plain IEEE operations, so every instruction set
 * gives the same record. Values so small that 1 / base could overflow count as zero; an
 * infinity or a NaN makes base NaN, and with it every product. */
LL_FN void ll_a8_group(const float *x, int n, bool fine, ll_a8 *out) {
    const llv_f low = llv_f_set(-127), high = llv_f_set(127);
    const int levels = fine ? LL_A8_FINE : LL_A8_COARSE;
    float block_max[8] = { 0 }, max = 0, base, per;
    llv_f bad = llv_f_set(0);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i += 32) {
        const llv_f a = llv_f_load(x + i), b = llv_f_load(x + i + 16);
        bad = llv_f_add(bad, llv_f_add(llv_f_sub(a, a), llv_f_sub(b, b)));      /* 0, or NaN */
        block_max[i / 32] = llv_f_hmax(llv_f_max(llv_f_abs(a), llv_f_abs(b)));
        max = LL_MAX(max, block_max[i / 32]);
    }
    base = max / ((float)levels * 127.0f);
    if (base < 1.17549435e-38f) base = 1;               /* 2^-126 */
    out->base = base + llv_f_sum(bad);
    if (out->base != out->base) n = 0, memset(block_max, 0, sizeof block_max), base = 1;
    per = 1.0f / (127 * base);
    for (int j = 0; j < 8; j++) {
        const int k = LL_MIN((int)(block_max[j] * per) + 1, levels);        /* reaches block_max */
        const llv_f inv = llv_f_set(1.0f / (base * (float)k));
        out->k[j] = (int16_t)k;
        for (int i = 32 * j; i < LL_MIN(32 * j + 32, n); i += 16) {
            llv_f q = llv_f_round(llv_f_mul(llv_f_load(x + i), inv));
            q = llv_f_max(llv_f_min(q, high), low);
            llv_f_store_i8(out->q + i, q);
            out->sum[i / 16] = (int16_t)llv_f_sum(q);
        }
    }
}

/* What a minimum is multiplied by: k * the sum of 32 q. */
LL_INLINE int32_t ll_a8_ksum(const ll_a8 *a, int block) {
    return a->k[block] * (a->sum[2 * block] + a->sum[2 * block + 1]);
}
#if LLV_INT
/* k * the sum of each 16 q, and of each 32 in both halves */
LL_INLINE llv_w llq_ksum16(const ll_a8 *a) { return llv_w_mul(llv_w_load(a->sum), llv_w_load_twice(a->k)); }
LL_INLINE llv_w llq_ksum32(const ll_a8 *a) {
    return llv_w_from_i(llv_w_dot(llv_w_load(a->sum), llv_w_load_twice(a->k)));
}
#endif

/* n % 32 == 0; fills (n + 255) / 256 records. */
LL_FN void ll_a8_quantize(const float *x, int n, bool fine, ll_a8 *out) {
    for (; n > 0; x += 256, n -= 256) ll_a8_group(x, LL_MIN(n, 256), fine, out++);
}

/* What 32 columns of a vector contribute apart from their q, ready for use. */
typedef struct ll_step {
    float k, ksum;                      /* the multiplier, and it times the sum of q */
    int32_t offset;                     /* of the format's codes, times the sum of q */
} ll_step;

/* What a kernel for few vectors works on: some rows of a matrix and 1..4 vectors. */
typedef struct ll_gemv {
    const uint8_t *rows;
    uint64_t row_bytes, bytes;          /* bytes: to the end of the matrix, beyond n_rows */
    int n_rows, n_cols, n;
    const void *vec[4];                 /* float or ll_a8 */
    const ll_step *step[4];             /* blocks of 32: eight for each ll_a8 */
    float *y[4];                        /* [n_rows] */
    void *room;                         /* LL_GEMV_ROOM bytes for 256 columns: the vector in another order */
} ll_gemv;
#if LLV_GRID
#  define LL_GEMV_ROOM 320
#else
#  define LL_GEMV_ROOM 0
#endif

/* ---- panels and tiles ----------------------------------------------------------------------- */

/* For many vectors a matrix is unpacked piece by piece, 16 rows x 256 columns at a time, and
 * each piece (a panel) serves all vectors before the next is looked at. A tile is a few panels
 * times a few vectors: as many sums as there are registers. Rows lie in lanes, so nothing is
 * shuffled inside it. Where scales are integers k is 1..7, so a panel holds each scale seven times,
 * multiplied: then the scale of a vector costs an address and no arithmetic. */

#define LL_GROUP_BYTES 320              /* no format has more for 256 columns of a row */

/* One group of 256 columns of the vectors in a tile. */
typedef struct ll_tile {
    const ll_a8 *a[LLV_TILE_VECS];
    float *y[LLV_TILE_VECS];            /* [16 * panels]; partial sums live here between groups */
    bool first;                         /* of the groups: y counts as 0 */
    int n_blocks;                       /* of 32 columns */
} ll_tile;

#if LLV_PANEL

typedef union ll_lanes { float f[16]; int32_t i[16]; } ll_lanes;

typedef struct ll_panel {
    uint8_t w[64][64];                  /* [column / 4][row][column % 4]: unsigned codes */
    ll_lanes scale[16][7];              /* [block][k - 1]: scale * k; float scales: only [block][0], as it is */
    ll_lanes min[8];                    /* [block], or two integer minima of 16 bits a lane */
    ll_lanes d, dmin;
    bool lean;                          /* of few vectors: only scale[block][0] there too, and they multiply by k */
} ll_panel;

/* The hardware does not follow sixteen rows side by side: fetch what is needed next, as one
 * stream, while this is unpacked. Without it, few vectors take twice the time. */
LL_INLINE const uint8_t *ll_panel_prefetch(const uint8_t *ahead, int n) {
    for (int i = 0; i < n; i += 64) LL_PREFETCH(ahead + i);
    return ahead + n;
}

LL_INLINE void ll_panel_scale_f(ll_panel *p, int block, llv_f d) { llv_f_store(p->scale[block][0].f, d); }
LL_INLINE void ll_panel_scale_i(ll_panel *p, int block, llv_p sc) {
    llv_p sum = sc;
    llv_p_store(p->scale[block][0].i, sc);
    if (p->lean) return;
    LLV_UNROLL for (int k = 1; k < 7; k++) {
        sum = llv_p_add(sum, sc);
        llv_p_store(p->scale[block][k].i, sum);
    }
}
/* Bits of each byte; `mask` must leave none that came from its neighbour. */
LL_INLINE llv_p ll_panel_bits(llv_p a, int shift, int mask) {
    a = shift >= 0 ? llv_p_shr(a, shift) : llv_p_shl(a, -shift);
    return llv_p_and(a, llv_p_set(mask * 0x01010101));
}
/* A field of each 32-bit number. */
LL_INLINE llv_p ll_panel_field(llv_p a, int shift, int mask) {
    return llv_p_and(llv_p_shr(a, shift), llv_p_set(mask));
}
/* Minima 2 * j and 2 * j + 1: bytes `at` and `at` + 1 of each lane. */
LL_INLINE void ll_panel_mins(ll_panel *p, int j, llv_p m, int at) {
    m = llv_p_shr(m, 8 * at);
    llv_p_store(p->min[j].i, llv_p_or(llv_p_and(m, llv_p_set(255)), llv_p_and(llv_p_shl(m, 8), llv_p_set(0xff0000))));
}
/* An f16 of each of 16 rows, `stride` bytes apart. */
LL_INLINE llv_f ll_panel_f16(const uint8_t *p, size_t stride) {
    const uint8_t *row[16];
    LLV_UNROLL for (int i = 0; i < 16; i++) row[i] = p + (size_t)i * stride;
    return llv_f_of_f16(llv_twos(row, 0), llv_twos(row + 8, 0));
}

/* Scale times k. */
LL_INLINE llv_p ll_panel_scaled_i(const ll_lanes *scale, int k, bool lean) {
    return lean ? llv_p_mul(llv_p_load(scale[0].i), llv_p_set(k)) : llv_p_load(scale[k - 1].i);
}

/* What to add to the integer sums: codes are unsigned here, `bias` more than the weights. */
LL_INLINE void ll_tile_start(const ll_tile *t, int n_vecs, int bias, bool sub16, int32_t (*start)[16]) {
    for (int v = 0; v < n_vecs; v++) {
        llv_p s = llv_p_mul(llv_p_of_words(t->a[v]->sum), llv_p_set(-bias));
        llv_p_store(start[v], sub16 ? s : llv_p_pair_sums(s));
    }
}

/* acc = fma(base, P, acc) */
LL_INLINE void ll_tile_end(const ll_tile *tile, const llv_f *p, int n_panels, int n_vecs) {
    const ll_tile t = *tile;            /* which no store can change */
    LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
        LLV_UNROLL for (int z = 0; z < n_panels; z++) {
            float *y = t.y[v] + 16 * z;
            llv_f acc = t.first ? llv_f_set(0) : llv_f_load(y);
            llv_f_store(y, llv_f_fma(llv_f_set(t.a[v]->base), p[v * n_panels + z], acc));
        }
    }
}

/* Fetch y while the tile is computed: a store that misses would wait at its end. */
LL_INLINE void ll_tile_prefetch(const ll_tile *t, int n_panels, int n_vecs) {
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        LLV_UNROLL for (int z = 0; z < n_panels; z++) LL_PREFETCH(t->y[v] + 16 * z);
}

/* Formats with a float scale (and a minimum) for each 32 columns, or a scale for each 16. */
LL_INLINE void ll_tile32_of(const ll_panel *p, const ll_tile *t, int bits, int bias, bool min,
                            const int run, const int n_panels, const int n_vecs) {
    llv_f sum[LLV_TILE_PANELS * LLV_TILE_VECS];
    llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    int32_t start[LLV_TILE_VECS][16];
    float k_float[LLV_TILE_VECS][8];
    ll_tile_prefetch(t, n_panels, n_vecs);
    ll_tile_start(t, n_vecs, bias, run == 16, start);
    for (int v = 0; v < n_vecs; v++) for (int j = 0; j < 8; j++) k_float[v][j] = (float)t->a[v]->k[j];
    LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) sum[i] = llv_f_set(0);
    for (int b = 0; b < t->n_blocks * (32 / run); b++) {
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            q[v] = t->a[v]->q + run * b;
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[v * n_panels + z] = llv_p_set(start[v][run / 16 * b]);
        }
        llv_p_dots(acc, p->w[run / 4 * b], sizeof *p, q, run / 4, bits, n_panels, n_vecs);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const llv_f k = llv_f_set(k_float[v][run * b / 32]);
            LLV_UNROLL for (int z = 0; z < n_panels; z++) {
                llv_f *s = &sum[v * n_panels + z];
                *s = llv_f_fma(llv_f_mul(llv_f_load(p[z].scale[b][0].f), k), llv_p_float(acc[v * n_panels + z]), *s);
            }
        }
        if (min) LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const llv_f ksum = llv_f_set((float)ll_a8_ksum(t->a[v], b));
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                sum[v * n_panels + z] = llv_f_fma(llv_f_load(p[z].min[b].f), ksum, sum[v * n_panels + z]);
        }
    }
    ll_tile_end(t, sum, n_panels, n_vecs);
}

/* What is left to do when the integer sums of 256 columns are known: minima, d and base. */
LL_INLINE void ll_tile256_end(const ll_panel *p, const ll_tile *t, const llv_p *isum, int n_min,
                              const int n_panels, const int n_vecs) {
    llv_f sum[LLV_TILE_PANELS * LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < n_vecs; v++)
        LLV_UNROLL for (int z = 0; z < n_panels; z++)
            sum[v * n_panels + z] = llv_f_mul(llv_f_load(p[z].d.f), llv_p_float(isum[v * n_panels + z]));
    if (n_min) {
        llv_p acc[LLV_TILE_PANELS * LLV_TILE_VECS];
        int16_t ksum[LLV_TILE_VECS][16];
        for (int v = 0; v < n_vecs; v++)
            llv_w_store(ksum[v], n_min == 8 ? llq_ksum16(t->a[v]) : llq_ksum32(t->a[v]));
        LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) acc[i] = llv_p_set(0);
        for (int j = 0; j < n_min; j++)
            LLV_UNROLL for (int v = 0; v < n_vecs; v++)
                LLV_UNROLL for (int z = 0; z < n_panels; z++)
                    acc[v * n_panels + z] = llv_p_dot2(acc[v * n_panels + z], llv_p_load(p[z].min[j].i),
                                                       llv_p_set(llv_four(&ksum[v][2 * j])));
        LLV_UNROLL for (int v = 0; v < n_vecs; v++)
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                sum[v * n_panels + z] = llv_f_fma(llv_f_load(p[z].dmin.f),     /* holds -dmin */
                                                  llv_p_float(acc[v * n_panels + z]), sum[v * n_panels + z]);
    }
    ll_tile_end(t, sum, n_panels, n_vecs);
}

/* Formats with one float scale for 256 columns and integer scales (and minima) for each 16, or
 * each 32 of them. */
LL_INLINE void ll_tile256_of(const ll_panel *p, const ll_tile *t, int bits, int bias, int n_min,
                             const int n_scales, const int n_panels, const int n_vecs) {
    llv_p isum[LLV_TILE_PANELS * LLV_TILE_VECS], acc[LLV_TILE_PANELS * LLV_TILE_VECS];
    const int8_t *q[LLV_TILE_VECS];
    int32_t start[LLV_TILE_VECS][16];
    const int n = 64 / n_scales;        /* groups of four columns to a scale */
    const bool lean = n_panels == 1 && p->lean;
    ll_tile_prefetch(t, n_panels, n_vecs);
    if (bias) ll_tile_start(t, n_vecs, bias, n_scales == 16, start);
    LLV_UNROLL for (int i = 0; i < n_panels * n_vecs; i++) isum[i] = llv_p_set(0);
    for (int b = 0; b < n_scales; b++) {
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            q[v] = t->a[v]->q + 4 * n * b;
            LLV_UNROLL for (int z = 0; z < n_panels; z++)
                acc[v * n_panels + z] = llv_p_set(bias ? start[v][16 / n_scales * b] : 0);
        }
        llv_p_dots(acc, p->w[n * b], sizeof *p, q, n, bits, n_panels, n_vecs);
        LLV_UNROLL for (int v = 0; v < n_vecs; v++) {
            const int k = t->a[v]->k[b * n / 8];
            LLV_UNROLL for (int z = 0; z < n_panels; z++) {
                llv_p *s = &isum[v * n_panels + z];
                *s = llv_p_add(*s, llv_p_mul(acc[v * n_panels + z], ll_panel_scaled_i(p[z].scale[b], k, lean)));
            }
        }
    }
    ll_tile256_end(p, t, isum, n_min, n_panels, n_vecs);
}

/* Compiled are all panels of a tile or one, all its vectors or one. */
LL_INLINE void ll_tile32_bits(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                              const int bits, int bias, bool min) {
    if (LLV_TILE_PANELS > 1 && n_panels > 1) {
        if (n_vecs > 1) ll_tile32_of(p, t, bits, bias, min, 32, LLV_TILE_PANELS, LLV_TILE_VECS);
        else ll_tile32_of(p, t, bits, bias, min, 32, LLV_TILE_PANELS, 1);
    } else if (n_vecs > 1) ll_tile32_of(p, t, bits, bias, min, 32, 1, LLV_TILE_VECS);
    else ll_tile32_of(p, t, bits, bias, min, 32, 1, 1);
}
LL_INLINE void ll_tile256_bits(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               const int bits, int bias, int n_min, const int n_scales) {
    if (LLV_TILE_PANELS > 1 && n_panels > 1) {
        if (n_vecs > 1) ll_tile256_of(p, t, bits, bias, n_min, n_scales, LLV_TILE_PANELS, LLV_TILE_VECS);
        else ll_tile256_of(p, t, bits, bias, n_min, n_scales, LLV_TILE_PANELS, 1);
    } else if (n_vecs > 1) ll_tile256_of(p, t, bits, bias, n_min, n_scales, 1, LLV_TILE_VECS);
    else ll_tile256_of(p, t, bits, bias, n_min, n_scales, 1, 1);
}

/* n_panels is LLV_TILE_PANELS or 1, n_vecs is LLV_TILE_VECS or 1. */
LL_NOINLINE void ll_tile32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                           int bits, int bias, bool min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile32_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), min);
    else if (bits > 4) ll_tile32_bits(p, n_panels, t, n_vecs, 6, bias, min);
    else ll_tile32_bits(p, n_panels, t, n_vecs, 4, bias, min);
}
/* Of scales for 16 columns only whole tiles are compiled, and the least one for the rest. */
LL_NOINLINE void ll_tile16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs, int bits, int bias) {
    (void)bits;
    if (n_panels == LLV_TILE_PANELS && n_vecs == LLV_TILE_VECS) {
        ll_tile32_of(p, t, 6, bias, false, 16, LLV_TILE_PANELS, LLV_TILE_VECS);
        return;
    }
    for (int z = 0; z < n_panels; z++) {
        for (int v = 0; v < n_vecs; v++) {
            ll_tile one = *t;
            one.a[0] = t->a[v], one.y[0] = t->y[v] + 16 * z;
            ll_tile32_of(p + z, &one, 6, bias, false, 16, 1, 1);
        }
    }
}
LL_NOINLINE void ll_tile256_32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile256_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), n_min, 8);
    else if (bits > 4) ll_tile256_bits(p, n_panels, t, n_vecs, 6, bias, n_min, 8);
    else ll_tile256_bits(p, n_panels, t, n_vecs, 4, bias, n_min, 8);
}
LL_NOINLINE void ll_tile256_16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    if (LLV_ANY_BITS || bits > 6) ll_tile256_bits(p, n_panels, t, n_vecs, 8, LLV_BIAS8(bias), n_min, 16);
    else ll_tile256_bits(p, n_panels, t, n_vecs, 6, bias, n_min, 16);
}

#else                                   /* no panels: rows of 16-bit weights, plain loops */

typedef struct ll_panel {
    int16_t w[16][256];                 /* [row][column] */
    float scale_f[16][16], min_f[16][8];/* [row][block]: float scales */
    int16_t scale[16][16], min[16][16]; /* the integer ones: for each 16 */
    float d[16], dmin[16];
    bool lean;
} ll_panel;

LL_INLINE int32_t ll_panel_dot(const int16_t *w, const int16_t *q, int n) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += w[i] * q[i];
    return sum;
}

LL_INLINE void ll_tile32_of(const ll_panel *p, const ll_tile *t, bool min, const int run) {
    const ll_a8 *a = t->a[0];
    int16_t q[256];
    for (int i = 0; i < 256; i++) q[i] = a->q[i];
    for (int r = 0; r < 16; r++) {
        float sum = 0;
        for (int b = 0; b < t->n_blocks * (32 / run); b++) {
            float isum = (float)ll_panel_dot(p->w[r] + run * b, q + run * b, run);
            sum = ll_fma(p->scale_f[r][b] * (float)a->k[run * b / 32], isum, sum);
            if (min) sum = ll_fma(p->min_f[r][b], (float)ll_a8_ksum(a, b), sum);
        }
        t->y[0][r] = ll_fma(a->base, sum, t->first ? 0 : t->y[0][r]);
    }
}
LL_NOINLINE void ll_tile32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                           int bits, int bias, bool min) {
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    ll_tile32_of(p, t, min, 32);
}
LL_NOINLINE void ll_tile16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs, int bits, int bias) {
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    ll_tile32_of(p, t, false, 16);
}

LL_NOINLINE void ll_tile256_16(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                               int bits, int bias, int n_min) {
    const ll_a8 *a = t->a[0];
    int16_t q[256];
    (void)n_panels, (void)n_vecs, (void)bits, (void)bias;
    for (int i = 0; i < 256; i++) q[i] = a->q[i];
    for (int r = 0; r < 16; r++) {
        int32_t isum = 0, msum = 0;
        float sum;
        for (int b = 0; b < 16; b++)
            isum += p->scale[r][b] * a->k[b / 2] * ll_panel_dot(p->w[r] + 16 * b, q + 16 * b, 16);
        sum = p->d[r] * (float)isum;
        if (n_min) {
            for (int b = 0; b < 16; b++) msum += p->min[r][b] * a->k[b / 2] * a->sum[b];
            sum = ll_fma(-p->dmin[r], (float)msum, sum);
        }
        t->y[0][r] = ll_fma(a->base, sum, t->first ? 0 : t->y[0][r]);
    }
}
LL_INLINE void ll_tile256_32(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs,
                             int bits, int bias, int n_min) {
    ll_tile256_16(p, n_panels, t, n_vecs, bits, bias, n_min);
}

#endif
/* ---- what every format has ------------------------------------------------------------------ */

#if LL_ONCE
typedef struct ll_format {
    const char *name;
    uint32_t id;                        /* the type's number in a GGUF file */
    int block_len, block_bytes;
    float holds;                        /* the largest |weight| that quantize takes; 0: any float */
    bool is_float;                      /* its kernels read float vectors, not ll_a8 */
    bool fine;                          /* of ll_a8: those with k to LL_A8_FINE */
    void (*dequantize)(const void *src, float *dst, size_t n);
    /* NULL: cannot. importance: [n] or NULL */
    void (*quantize)(const float *src, const float *importance, void *dst, size_t n);
    /* One row times one vector (float or ll_a8): the definition, in plain C. */
    float (*dot)(const void *row, const void *vec, int n_cols);
} ll_format;
#endif

/* And what it has on each instruction set. */
typedef struct ll_kernels {
    void (*gemv)(const ll_gemv *g);     /* integer formats: n is 1; NULL: none */
    int offset;                         /* what the gemv's codes have too much */
    /* 16 rows of up to 256 columns made ready; their products with a few vectors. */
    void (*unpack)(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p);
    void (*tile)(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs);
    void (*few)(const ll_gemv *g);      /* up to LLV_TILE_VECS vectors, rows in sixteens; NULL: none */
} ll_kernels;

#if 0 \
    || defined(LLOCAL_ONLY_F32) \
    || defined(LLOCAL_ONLY_F16) \
    || defined(LLOCAL_ONLY_BF16) \
    || defined(LLOCAL_ONLY_Q8_0) \
    || defined(LLOCAL_ONLY_Q4_0) \
    || defined(LLOCAL_ONLY_Q4_1) \
    || defined(LLOCAL_ONLY_Q5_0) \
    || defined(LLOCAL_ONLY_Q5_1) \
    || defined(LLOCAL_ONLY_IQ4_NL) \
    || defined(LLOCAL_ONLY_MXFP4) \
    || defined(LLOCAL_ONLY_NVFP4) \
    || defined(LLOCAL_ONLY_Q1_0) \
    || defined(LLOCAL_ONLY_Q2_0) \
    || defined(LLOCAL_ONLY_Q2_K) \
    || defined(LLOCAL_ONLY_Q3_K) \
    || defined(LLOCAL_ONLY_Q4_K) \
    || defined(LLOCAL_ONLY_Q5_K) \
    || defined(LLOCAL_ONLY_Q6_K) \
    || defined(LLOCAL_ONLY_IQ4_XS) \
    || defined(LLOCAL_ONLY_TQ1_0) \
    || defined(LLOCAL_ONLY_TQ2_0) \
    || defined(LLOCAL_ONLY_IQ2_XXS) \
    || defined(LLOCAL_ONLY_IQ2_XS) \
    || defined(LLOCAL_ONLY_IQ2_S) \
    || defined(LLOCAL_ONLY_IQ3_XXS) \
    || defined(LLOCAL_ONLY_IQ3_S) \
    || defined(LLOCAL_ONLY_IQ1_S) \
    || defined(LLOCAL_ONLY_IQ1_M) \

#  define LLQ_ALL 0
#else
#  define LLQ_ALL 1
#endif

#if LL_ONCE
LL_INLINE void llq_put_u16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8); }
LL_INLINE void llq_put_f16(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
#endif

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
    const size_t left = g->bytes - (size_t)r * g->row_bytes;
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
LL_INLINE void llq_store(const ll_gemv *g, int r, const llv_r *acc, const int n) {
    LLV_UNROLL for (int v = 0; v < n; v++)
        llv_r_store_n(g->y[v] + r, acc[v], LL_MIN(8, g->n_rows - r));
}
/* n (2 to 8) blocks of q in pairs: [2 * pair] the first 16 of both, [2 * pair + 1] the last. */
LL_INLINE void llq_load_q(const int8_t *a, const int n, llv_b *q) {
    LLV_UNROLL for (int j = 0; j < n; j += 2) {
        q[j] = llv_b_load2(a + 32 * j, a + 32 * j + 32);
        q[j + 1] = llv_b_load2(a + 32 * j + 16, a + 32 * j + 48);
    }
}

/* The scales (and minima) of a group's blocks of 32: eight rows, one a lane. */
typedef struct llq_scales32 { llv_r d[8], m[8]; } llq_scales32;

/* The sums of a group with two more blocks, j and j + 1 (if two); dot: of eight rows. */
LL_INLINE llv_r llq_pair32(const ll_step *step, const llq_scales32 *s, int j, bool two, bool min, const llv_i *dot, llv_r sum) {
    const llv_i a = llv_i_sum4(dot[0], dot[1], dot[2], dot[3]), b = llv_i_sum4(dot[4], dot[5], dot[6], dot[7]);
    LLV_UNROLL for (int h = 0; h < 2; h++, j++) {
        const llv_i isum = llv_i_sub(h ? llv_i_highs(a, b) : llv_i_lows(a, b), llv_i_set(step[j].offset));
        if (h && !two) break;
        sum = llv_r_fma(llv_r_mul(s->d[j], llv_r_set(step[j].k)), llv_r_from_i(isum), sum);
        if (min) sum = llv_r_fma(s->m[j], llv_r_set(step[j].ksum), sum);
    }
    return sum;
}
/* acc + base * P, of the group at column i */
LL_INLINE llv_r llq_group32(const ll_gemv *g, int i, llv_r sum, llv_r acc) {
    return llv_r_fma(llv_r_set(llq_a8(g, 0, i)->base), sum, acc);
}

/* The same for a short last group of n blocks. */
LL_NOINLINE llv_r llq_short32(const ll_gemv *g, int i, int n, const llq_scales32 *s, bool min, llv_i (*dot)[8], llv_r acc) {
    llv_r sum = llv_r_set(0);
    for (int j = 0; j < n; j += 2) sum = llq_pair32(g->step[0] + i / 32, s, j, j + 1 < n, min, dot[j / 2], sum);
    return llq_group32(g, i, sum, acc);
}

#if LLV_GRID
/* ---- eights ------------------------------------------------------------------------------------
 * Where a block takes at most 18 bytes, its 32 codes four bits each in 16 of them, eight bytes of eight
 * blocks come into one vector at a time: 512 bits for a row's 256 columns leave two sums for each block. */
typedef struct llq_eights {
    llv_z q[4], start;                  /* q[i]: columns 8 * i to 8 * i + 7 of each block */
} llq_eights;
LL_STATIC_ASSERT(eights, sizeof(llq_eights) == LL_GEMV_ROOM);

/* What the blocks' bytes `at` are in two vectors, of 64 bytes from a group on, and 64 which end 8 before
 * its end: then both, loaded 8 bytes further, have the next ones in the same place. */
#define LLQ_EIGHT(j, bytes, at) ((uint64_t)((j) * (bytes) + (at)) - (uint64_t)((j) < 4 ? 0 : 8 * (bytes) - 136))
#define LLQ_EIGHTS(of, bytes, at) { of(LLQ_EIGHT(0, bytes, at)), of(LLQ_EIGHT(1, bytes, at)), of(LLQ_EIGHT(2, bytes, at)), \
    of(LLQ_EIGHT(3, bytes, at)), of(LLQ_EIGHT(4, bytes, at)), of(LLQ_EIGHT(5, bytes, at)), of(LLQ_EIGHT(6, bytes, at)), \
    of(LLQ_EIGHT(7, bytes, at)) }
#define LLQ_ALIKE_BYTES(i) ((i) * 0x0101010101010101u)
#define LLQ_ALIKE_WORDS(i) ((i) / 2 * 0x0001000100010001u)
#define LLQ_NEXT_BYTES(i) (LLQ_ALIKE_BYTES(i) + 0x0706050403020100u)

/* The vector in that order. */
LL_FN void llq_load_eights(const ll_gemv *g) {
    llq_eights *to = (llq_eights *)g->room;
    for (int i = 0; i < g->n_cols / 256; i++) {
        int32_t start[16] = { 0 };
        for (int j = 0; j < 8; j++) start[2 * j] = -g->step[0][8 * i + j].offset;
        llv_z_apart(llq_a8(g, 0, 256 * i)->q, to[i].q);
        to[i].start = llv_z_load(start);
    }
}

/* Runs of 32 columns whose codes lie in the lower or the upper halves of 32 bytes: the vector's even and
 * odd runs apart, q[0] and q[1] the first and the last 16 columns of even ones, q[2] and q[3] of odd ones. */
LL_FN void llq_load_runs(const ll_gemv *g) {
    llq_eights *to = (llq_eights *)g->room;
    for (int i = 0; i < g->n_cols / 256; i++) {
        const int8_t *q = llq_a8(g, 0, 256 * i)->q;
        const llv_z a = llv_z_load(q), b = llv_z_load(q + 64), c = llv_z_load(q + 128), d = llv_z_load(q + 192);
        const llv_z ab = llv_z_even_quarters(a, b), cd = llv_z_even_quarters(c, d), ef = llv_z_odd_quarters(a, b), gh = llv_z_odd_quarters(c, d);
        to[i].q[0] = llv_z_even_quarters(ab, cd), to[i].q[1] = llv_z_even_quarters(ef, gh);
        to[i].q[2] = llv_z_odd_quarters(ab, cd), to[i].q[3] = llv_z_odd_quarters(ef, gh);
    }
}

/* Eight rows' sums change places with the lanes. */
LL_INLINE void llq_eights_sums(const llv_z sum[8], llv_i out[8]) {
    llv_i even[4], odd[4];
    llv_z two[4];
    LLV_UNROLL for (int l = 0; l < 4; l++)
        two[l] = llv_z_add(llv_z_pairs_of_halves(sum[2 * l], sum[2 * l + 1]), llv_z_pairs_of_uppers(sum[2 * l], sum[2 * l + 1]));
    llv_z_quarters(llv_z_pairs_of_halves(two[0], two[1]), llv_z_pairs_of_halves(two[2], two[3]), even);
    llv_z_quarters(llv_z_pairs_of_uppers(two[0], two[1]), llv_z_pairs_of_uppers(two[2], two[3]), odd);
    LLV_UNROLL for (int j = 0; j < 4; j++) out[2 * j] = even[j], out[2 * j + 1] = odd[j];
}
#endif

/* 64 q: the first 8 of each 16, the last 8 of each 16. */
LL_INLINE void llq_load_q16(const int8_t *a, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(a, a + 32), y = llv_b_load2(a + 16, a + 48);
    *lo = llv_b_lows8(x, y), *hi = llv_b_highs8(x, y);
}
/* sum[j]: lanes 2 * j and 2 * j + 1 of each s. */
LL_INLINE void llq_sum2(const llv_i *s, llv_i *sum) {
    llv_i t[4], even, odd, even2, odd2;
    LLV_UNROLL for (int i = 0; i < 4; i++)
        t[i] = llv_i_add(llv_i_evens(s[2 * i], s[2 * i + 1]), llv_i_odds(s[2 * i], s[2 * i + 1]));
    even = llv_i_evens(t[0], t[1]), odd = llv_i_odds(t[0], t[1]);
    even2 = llv_i_evens(t[2], t[3]), odd2 = llv_i_odds(t[2], t[3]);
    sum[0] = llv_i_lows(even, even2), sum[1] = llv_i_lows(odd, odd2);
    sum[2] = llv_i_highs(even, even2), sum[3] = llv_i_highs(odd, odd2);
}
/* Of all k * q. */
LL_INLINE int32_t llq_ksum(const ll_a8 *a) {
    int32_t sum = 0;
    for (int j = 0; j < 16; j++) sum += a->k[j / 2] * a->sum[j];
    return sum;
}
/* Lane l: the sum of all lanes of s[l]. */
LL_INLINE llv_i llq_sum8(const llv_i *s) {
    llv_i a = llv_i_sum4(s[0], s[1], s[2], s[3]), b = llv_i_sum4(s[4], s[5], s[6], s[7]);
    return llv_i_add(llv_i_lows(a, b), llv_i_highs(a, b));
}
#endif

#if LLV_INT
/* ---- super-blocks, opened ---------------------------------------------------------------------
 * 256 columns of a few rows as plain numbers: formats of 256 that do not lay rows into lanes by
 * themselves are brought to this (llq_FMT_open), and one text for all makes panels of it. */
typedef struct ll_open {
    uint8_t code[16][256];              /* the kernels' codes: unsigned, or signed bytes */
    int16_t scale[16][16];              /* for each 16 columns */
    uint16_t d[16];                     /* f16 */
} ll_open;

/* Fills rows r and r + 1 of o from the blocks b and c. */
typedef void ll_opener(const uint8_t *b, const uint8_t *c, ll_open *o, int r);

/* One half, zeros in the other. */
LL_INLINE llv_b llq_lower(llv_b a) {
    static const uint8_t keep[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    return llv_b_and(a, llv_b_load(keep));
}
LL_INLINE llv_b llq_upper(llv_b a) {
    static const uint8_t keep[32] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    return llv_b_and(a, llv_b_load(keep));
}

#if LLV_GRID
#define LLQ_TOP 0x8080808080808080u     /* makes signed bytes unsigned: 128 more */
/* A vector's q in the order of llq_FMT_look, and -128 times their sums for the first and the last two;
 * returns the multipliers. */
LL_INLINE llv_z llq_grid_vector(const ll_a8 *a, llv_z q[4], llv_z first[2]) {
    const llv_z top = llv_z_all(LLQ_TOP), zero = llv_z_all(0);
    llv_z_apart(a->q, q);
    first[0] = llv_z_sub(zero, llv_z_dot(llv_z_dot(zero, top, q[0]), top, q[1]));
    first[1] = llv_z_sub(zero, llv_z_dot(llv_z_dot(zero, top, q[2]), top, q[3]));
    return llv_z_twice(llv_z_load2(a->k));
}
#endif
#endif

#if LLV_PANEL
/* Sixteen rows of n <= 256 bytes change places with the lanes. */
LL_NOINLINE void ll_panel_codes(ll_panel *p, const uint8_t *code, int n, int flip) {
    for (int i = 0; i < n / 16; i++) {
        llv_p r[4];
        llv_p_rows(code + 16 * i, 256, r);
        LLV_UNROLL for (int j = 0; j < 4; j++)
            llv_p_store(p->w[4 * i + j], llv_p_xor(r[j], llv_p_set((int32_t)((uint32_t)flip * 0x01010101u))));
    }
}

/* Numbers of 16 bits in pairs: the lower and the upper ones, with their sign. */
LL_INLINE llv_p ll_panel_lower(llv_p a) { return llv_p_dot2(llv_p_set(0), a, llv_p_set(1)); }
LL_INLINE llv_p ll_panel_upper(llv_p a) { return llv_p_dot2(llv_p_set(0), a, llv_p_set(1 << 16)); }

/* Scales for each 16 columns, or for each 32, where those of 16 are alike. */
LL_NOINLINE void ll_panel_scales(ll_panel *p, const ll_open *o, bool each32) {
    for (int i = 0; i < 2; i++) {
        llv_p r[4];
        llv_p_rows((const uint8_t *)&o->scale[0][8 * i], sizeof o->scale[0], r);
        LLV_UNROLL for (int j = 0; j < 4; j++) {
            if (each32) ll_panel_scale_i(p, 4 * i + j, ll_panel_lower(r[j]));
            else {
                ll_panel_scale_i(p, 8 * i + 2 * j, ll_panel_lower(r[j]));
                ll_panel_scale_i(p, 8 * i + 2 * j + 1, ll_panel_upper(r[j]));
            }
        }
    }
    llv_f_store(p->d.f, llv_f_load_f16(o->d));
}

/* A panel of a format of 256 that has no llq_FMT_panel. */
LL_NOINLINE void ll_panel_open(ll_opener *open, const uint8_t *rows, size_t stride, int block_bytes,
                               const uint8_t *ahead, bool each32, int flip, ll_panel *p) {
    ll_open o;
    for (int r = 0; r < 16; r += 2) {
        ahead = ll_panel_prefetch(ahead, 2 * block_bytes);
        open(rows + (size_t)r * stride, rows + (size_t)(r + 1) * stride, &o, r);
    }
    ll_panel_codes(p, o.code[0], 256, flip);
    ll_panel_scales(p, &o, each32);
}
#endif

#if LLV_FEW
/* ---- few vectors ----------------------------------------------------------------------------
 * For two vectors or a few more a panel would be stored to be read once. Where a format lays rows into
 * lanes by itself (llq_FMT_panel), its codes go from there into the products (LLV_FEW: with LLV_ANY_BITS). */
typedef struct ll_few {
    ll_tile t;                          /* of 16 rows and LLV_TILE_VECS vectors */
    const uint8_t *rows, *ahead;        /* where they go on; what to fetch meanwhile */
    int32_t start[LLV_TILE_VECS][16];
    float beside[16];                   /* what missing vectors give */
} ll_few;

/* Rows r to r + 15. */
LL_INLINE void ll_few_rows(ll_few *f, const ll_gemv *g, int r) {
    const uint8_t *p[16];
    f->ahead = llq_rows(g, r, p, 16), f->rows = p[0];
    for (int v = 0; v < LLV_TILE_VECS; v++) f->t.y[v] = v < g->n ? g->y[v] + r : f->beside;
}
/* Columns i to i + 255. */
LL_INLINE void ll_few_group(ll_few *f, const ll_gemv *g, int i, int bias, bool sub16) {
    f->t.first = i == 0, f->t.n_blocks = LL_MIN(8, (g->n_cols - i) / 32);
    for (int v = 0; v < LLV_TILE_VECS; v++) f->t.a[v] = llq_a8(g, LL_MIN(v, g->n - 1), i);
    if (bias) ll_tile_start(&f->t, LLV_TILE_VECS, bias, sub16, f->start);
}
/* acc = the products of n runs of 16 columns, from number `run` of the group on. */
LL_INLINE void ll_few_dots(const ll_few *f, const llv_p *w, int run, const int n, int bias, llv_p *acc) {
    const int8_t *q[LLV_TILE_VECS];
    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
        q[v] = f->t.a[v]->q + 16 * run;
        acc[v] = llv_p_set(bias ? f->start[v][run] : 0);
    }
    llv_p_dots(acc, (const uint8_t *)w, 0, q, 4 * n, 8, 1, LLV_TILE_VECS);
}
#endif
#if LL_ONCE
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
/* The nearest of sixteen values, by its index. */
LL_INLINE int llq_nearest(float x, const int8_t *values) {
    int at = 0;
    for (int step = 8; step; step /= 2)
        if (2 * x > (float)(values[at + step - 1] + values[at + step])) at += step;
    return at;
}
LL_INLINE float llq_round_f16(double x) { return ll_f16_to_f32(ll_f32_to_f16((float)x)); }

/* Weights of errors: NULL, all alike, or made to have mean 1 and none below a millionth of it, so
 * that nothing under- or overflows and what does not matter is rounded sensibly. */
LL_INLINE float llq_weight(const float *w, int i) { return w ? w[i] : 1; }
LL_FN const float *llq_weights(const float *importance, int n, float *w) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += llq_weight(importance, i);
    if (!importance || sum <= 0) return NULL;
    for (int i = 0; i < n; i++) w[i] = (float)LL_MAX(importance[i] * (double)n / sum, 1e-6);
    return w;
}

#define LLQ_TRIALS 9                    /* on each side; a tenth of a code apart */

/* Sixteen at a time, as all n here are multiples of 16. */
LL_INLINE llv_f llq_weights16(const float *w, int i) { return w ? llv_f_load(w + i) : llv_f_set(1); }
/* The nearest of `values`: climbs a step for each middle between two that x lies above. x and a middle
 * are equal or differ by far more than 1e-30, as no middle is small: so `above` is 0 or 1. */
LL_INLINE llv_f llq_nearest16(llv_f x, const int8_t *values) {
    llv_f v = llv_f_set(values[0]);
    for (int i = 0; i < 15; i++) {
        const llv_f past = llv_f_sub(x, llv_f_set(0.5f * (float)(values[i] + values[i + 1])));
        const llv_f above = llv_f_min(llv_f_max(llv_f_mul(past, llv_f_set(1e30f)), llv_f_set(0)), llv_f_set(1));
        v = llv_f_add(v, llv_f_mul(above, llv_f_set((float)(values[i + 1] - values[i]))));
    }
    return v;
}
LL_INLINE llv_f llq_values16(llv_f x, int lo, int hi, const int8_t *values) {
    if (values) return llq_nearest16(x, values);
    return llv_f_round(llv_f_min(llv_f_max(x, llv_f_set((float)lo)), llv_f_set((float)hi)));
}

/* s with s * c nearest to x, c one of `values` or in [lo, hi], lo < 0. The largest x is led to lo or,
 * among values, which are not symmetric, to hi. */
LL_FN float llq_fit_scale(const float *x, const float *w, int n, int lo, int hi, const int8_t *values) {
    float max = 0, best = 0, scale = 0;
    for (int i = 0; i < n; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    if (fabsf(max) < 1e-30f) return 0;
    for (int t = -LLQ_TRIALS; t <= (values ? 3 : 1) * LLQ_TRIALS; t++) {
        float xc, cc, inv = (float)lo + 0.1f * (float)t;
        llv_f sum_xc = llv_f_set(0), sum_cc = llv_f_set(0);
        if (values) inv = t <= LLQ_TRIALS ? (float)(lo + 2 * t) : (float)(hi + 2 * (t - 2 * LLQ_TRIALS));
        for (int i = 0; i < n; i += 16) {
            const llv_f v = llv_f_load(x + i);
            const llv_f c = llq_values16(llv_f_mul(v, llv_f_set(inv / max)), lo, hi, values);
            const llv_f wc = llv_f_mul(llq_weights16(w, i), c);
            sum_xc = llv_f_add(sum_xc, llv_f_mul(v, wc)), sum_cc = llv_f_add(sum_cc, llv_f_mul(c, wc));
        }
        xc = llv_f_sum(sum_xc), cc = llv_f_sum(sum_cc);
        if (cc > 0 && xc * xc > best * cc) best = xc * xc / cc, scale = xc / cc;
    }
    return scale;
}

/* Codes for a * c - b, put into c unless that is NULL, and the weighted squared error. inv: of the
 * scale that chooses codes. */
LL_INLINE float llq_error(const float *x, const float *w, int n, float a, float b, float inv, float low,
                          int lo, int hi, const int8_t *values, int8_t *c) {
    llv_f error = llv_f_set(0);
    for (int i = 0; i < n; i += 16) {
        const llv_f v = llv_f_load(x + i);
        const llv_f code = llq_values16(llv_f_mul(llv_f_sub(v, llv_f_set(low)), llv_f_set(inv)), lo, hi, values);
        const llv_f e = llv_f_sub(v, llv_f_sub(llv_f_mul(llv_f_set(a), code), llv_f_set(b)));
        error = llv_f_add(error, llv_f_mul(llv_f_mul(llq_weights16(w, i), e), e));
        if (c) llv_f_store_i8(c + i, code);
    }
    return llv_f_sum(error);
}

/* Codes for a * c - b, and the weighted squared error. */
LL_FN float llq_codes_for(const float *x, const float *w, int n, float a, float b,
                          int lo, int hi, const int8_t *values, int8_t *c) {
    return llq_error(x, w, n, a, b, llq_inverse(a), -b, lo, hi, values, c);
}

/* s and m >= 0 with s * c - m nearest to x, c in [0, hi]. */
LL_FN void llq_fit_scale_min(const float *x, const float *w, int n, int hi, float *s, float *m) {
    float low = 0, high = x[0], sum_x, sum_w, best = -1;
    llv_f all_x = llv_f_set(0), all_w = llv_f_set(0);
    for (int i = 0; i < n; i++) low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]);
    for (int i = 0; i < n; i += 16) {
        const llv_f v = llq_weights16(w, i);
        all_x = llv_f_add(all_x, llv_f_mul(v, llv_f_load(x + i))), all_w = llv_f_add(all_w, v);
    }
    sum_x = llv_f_sum(all_x), sum_w = llv_f_sum(all_w);
    *s = 0, *m = -low;
    if (high - low < 1e-30f) return;
    for (int t = -LLQ_TRIALS; t <= LLQ_TRIALS; t++) {
        const float inv = ((float)hi + 0.1f * (float)t) / (high - low);
        llv_f wc_1 = llv_f_set(0), wc_c = llv_f_set(0), wc_x = llv_f_set(0);
        float sum_c, cc, xc, det, scale, min, error;
        for (int i = 0; i < n; i += 16) {
            const llv_f v = llv_f_load(x + i);
            const llv_f c = llq_values16(llv_f_mul(llv_f_sub(v, llv_f_set(low)), llv_f_set(inv)), 0, hi, NULL);
            const llv_f wc = llv_f_mul(llq_weights16(w, i), c);
            wc_1 = llv_f_add(wc_1, wc), wc_c = llv_f_add(wc_c, llv_f_mul(wc, c));
            wc_x = llv_f_add(wc_x, llv_f_mul(wc, v));
        }
        sum_c = llv_f_sum(wc_1), cc = llv_f_sum(wc_c), xc = llv_f_sum(wc_x);
        det = sum_w * cc - sum_c * sum_c;
        if (det <= 0) continue;
        scale = (sum_w * xc - sum_c * sum_x) / det;
        min = (sum_c * xc - cc * sum_x) / det;
        if (min < 0) min = 0, scale = xc / cc;
        error = llq_error(x, w, n, scale, min, inv, low, 0, hi, NULL, NULL);
        if (best < 0 || error < best) best = error, *s = scale, *m = min;
    }
}

/* c in [0, hi], d and m (put as f16) for d * c + m nearest to 32 x. Without weights d and m just
 * span them; with weights a search does, and x - high <= 0 stands for x, as its minimum does. */
LL_FN void llq_span(const float *x, const float *w, int hi, uint8_t *put_d, uint8_t *put_m, uint8_t *c) {
    float low = x[0], high = x[0], d, inv;
    for (int i = 1; i < 32; i++) low = LL_MIN(low, x[i]), high = LL_MAX(high, x[i]);
    d = (high - low) / (float)hi;
    if (w) {
        float down[32], m;
        for (int i = 0; i < 32; i++) down[i] = x[i] - high;
        llq_fit_scale_min(down, w, 32, hi, &d, &m);
        low = llq_round_f16(LL_MAX(high - m, -65504.0f)), d = llq_round_f16(d);  /* m may lie far below all x */
    }
    inv = llq_inverse(d);
    llq_put_f16(put_d, d), llq_put_f16(put_m, low);
    for (int i = 0; i < 32; i++) c[i] = (uint8_t)LL_MIN(LL_MAX((x[i] - low) * inv + 0.5f, 0), (float)hi);
}

/* A super-block of 256 in blocks of n: w = d * sc[j] * c - dmin * m[j]. m NULL: no minima. */
typedef struct llq_super {
    int n, code_lo, code_hi, scale_lo, scale_hi, min_hi;
    const int8_t *values;               /* codes are among these; NULL: all of them */
    float d, dmin;
    int sc[16], m[16];
    int8_t c[256];
} llq_super;

/* The best of the scale and minimum of block j and their neighbours. Among `values`,
 * which are not symmetric, those of the other sign too. */
LL_FN void llq_super_block(llq_super *b, const float *x, const float *w, int j, bool min) {
    const int sc = b->sc[j], m = b->m[j];
    float best = -1;
    int8_t c[32];
    for (int i = -1; i <= (b->values ? 4 : 1); i++) {
        const int s = i <= 1 ? sc + i : i - 3 - sc;
        if (s < b->scale_lo || s > b->scale_hi) continue;
        for (int k = min ? LL_MAX(m - 1, 0) : 0; k <= (min ? LL_MIN(m + 1, b->min_hi) : 0); k++) {
            float error = llq_codes_for(x + b->n * j, w ? w + b->n * j : NULL, b->n, b->d * (float)s,
                                        b->dmin * (float)k, b->code_lo, b->code_hi, b->values, c);
            if (best >= 0 && error >= best) continue;
            best = error, b->sc[j] = s, b->m[j] = k;
            memcpy(b->c + b->n * j, c, (size_t)b->n);
        }
    }
}

/* d and dmin for the codes as they are. */
LL_FN void llq_super_refit(llq_super *b, const float *x, const float *w) {
    double ss = 0, sm = 0, mm = 0, xs = 0, xm = 0, det;
    for (int i = 0; i < 256; i++) {
        double s = b->sc[i / b->n] * b->c[i], m = b->m[i / b->n];
        double ws = llq_weight(w, i) * s, wm = llq_weight(w, i) * m;
        ss += ws * s, sm += ws * m, mm += wm * m, xs += x[i] * ws, xm += x[i] * wm;
    }
    det = ss * mm - sm * sm;
    if (mm == 0 && ss > 0) b->d = llq_round_f16(xs / ss);
    else if (det > 0 && xs * mm > xm * sm && xs * sm > xm * ss) {
        b->d = llq_round_f16((xs * mm - xm * sm) / det);
        b->dmin = llq_round_f16((xs * sm - xm * ss) / det);
    }
}

LL_FN void llq_super_fit(llq_super *b, const float *x, const float *w, bool min) {
    float s[16], m[16] = { 0 }, s_max = 0, m_max = 0;
    const int blocks = 256 / b->n;
    for (int j = 0; j < blocks; j++) {
        const float *wj = w ? w + b->n * j : NULL;
        if (min) llq_fit_scale_min(x + b->n * j, wj, b->n, b->code_hi, &s[j], &m[j]);
        else s[j] = llq_fit_scale(x + b->n * j, wj, b->n, b->code_lo, b->code_hi, b->values);
        if (fabsf(s[j]) > fabsf(s_max)) s_max = s[j];
        m_max = LL_MAX(m_max, m[j]);
    }
    b->d = llq_round_f16(s_max / (float)(b->scale_lo < 0 ? b->scale_lo : b->scale_hi));
    b->dmin = llq_round_f16(m_max / (float)LL_MAX(b->min_hi, 1));
    for (int j = 0; j < blocks; j++) {
        b->sc[j] = llq_code(s[j] * llq_inverse(b->d), b->scale_lo, b->scale_hi);
        b->m[j] = llq_code(m[j] * llq_inverse(b->dmin), 0, b->min_hi);
    }
    for (int j = 0; j < blocks; j++) llq_super_block(b, x, w, j, min);
    llq_super_refit(b, x, w);
    for (int j = 0; j < blocks; j++) llq_super_block(b, x, w, j, min);
}

/* d and codes -1, 0, 1. Weights trained to be ternary come out as they are. */
LL_FN float llq_ternary(const float *x, const float *w, int8_t *c) {
    float d = llq_round_f16(fabsf(llq_fit_scale(x, w, 256, -1, 1, NULL)));
    llq_codes_for(x, w, 256, d, 0, -1, 1, NULL, c);
    return d;
}
#endif

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

#if LLV_PANEL
/* The same of sixteen rows, each in a lane. Before the 12 bytes stand d and dmin. */
LL_INLINE void llq_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], sc[2], m[2];            /* four scales to a lane, a byte each */
    llv_p_rows(b, stride, r);
    llv_f_store(p->d.f, llv_f_of_halves(r[0]));
    llv_f_store(p->dmin.f, llv_f_mul(llv_f_of_halves(llv_p_shr(r[0], 16)), llv_f_set(-1)));
    sc[0] = ll_panel_bits(r[1], 0, 63), sc[1] = llv_p_or(ll_panel_bits(r[3], 0, 15), ll_panel_bits(r[1], 2, 48));
    m[0] = ll_panel_bits(r[2], 0, 63), m[1] = llv_p_or(ll_panel_bits(r[3], 4, 15), ll_panel_bits(r[2], 2, 48));
    LLV_UNROLL for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, ll_panel_field(sc[j / 4], j % 4 * 8, 255));
    LLV_UNROLL for (int j = 0; j < 4; j++) ll_panel_mins(p, j, m[j / 2], j % 2 * 2);
}
#endif
/* Blocks of 32 codes of four bits, as most formats keep them: qs[i] = c[i] | c[16 + i] << 4. */
#if LLV_PANEL
/* Of sixteen rows, `stride` bytes apart. */
LL_INLINE void llq_nibbles_panel(const uint8_t *qs, size_t stride, llv_p w[8]) {
    llv_p r[4];
    llv_p_rows(qs, stride, r);
    LLV_UNROLL for (int i = 0; i < 4; i++)
        w[i] = ll_panel_bits(r[i], 0, 15), w[4 + i] = ll_panel_bits(r[i], 4, 15);
}
/* The same, then what the codes stand for. */
LL_INLINE void llq_lookup_panel(const uint8_t *qs, size_t stride, const uint8_t *table, llv_p w[8]) {
    llq_nibbles_panel(qs, stride, w);
    LLV_UNROLL for (int i = 0; i < 8; i++) w[i] = llv_p_lookup(table, w[i]);
}
#endif
#if LLV_GRID
/* Of bytes x: what the lower, what the upper four bits stand for. */
LL_INLINE void llq_lookup_eights(const uint8_t *table, llv_z x, llv_z *lo, llv_z *hi) {
    const llv_z values = llv_z_all2(table);
    *lo = llv_z_bytes(values, x), *hi = llv_z_bytes(values, llv_z_down4(x));
}
/* 128 bytes: the first 16 of each 32, and the last. */
LL_INLINE void llq_quarter_runs(const uint8_t *qs, llv_z x[2]) {
    llv_z a = llv_z_load(qs), b = llv_z_load(qs + 64);
    LLV_KEEP(a);
    LLV_KEEP(b);
    x[0] = llv_z_even_quarters(a, b), x[1] = llv_z_odd_quarters(a, b);
}
#endif

/* The fifth bits of Q5_0 and Q5_1: bit i of qh is bit 4 of c[i]. */
LL_INLINE void llq_q5_codes(const uint8_t *qh, const uint8_t *qs, int offset, int8_t *c) {
    const uint32_t h = ll_load_u32(qh);
    for (int i = 0; i < 16; i++) {
        c[i] = (int8_t)((qs[i] & 15) + (int)(h >> i << 4 & 16) - offset);
        c[16 + i] = (int8_t)((qs[i] >> 4) + (int)(h >> i >> 12 & 16) - offset);
    }
}
LL_FN void llq_q5_put(const uint8_t *c, uint8_t *qh, uint8_t *qs) {
    uint32_t h = 0;
    for (int i = 0; i < 32; i++) h |= (uint32_t)(c[i] >> 4) << i;
    for (int i = 0; i < 16; i++) qs[i] = (uint8_t)((c[i] & 15) | (c[16 + i] & 15) << 4);
    ll_store_u32(qh, h);
}

#if LLV_INT
/* Of two blocks; qs lies behind qh. */
LL_INLINE void llq_q5_load2(const uint8_t *qh, const uint8_t *qh2, llv_b *lo, llv_b *hi) {
    static const uint8_t low[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 };
    static const uint8_t high[16] = { 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };
    const llv_b x = llv_b_load2(qh + 4, qh2 + 4), h = llv_b_load2(qh, qh2);
    *lo = llv_b_flag(llv_b_bits(x, 0, 15), llv_b_shuffle(h, llv_b_load2(low, low)), 16);
    *hi = llv_b_flag(llv_b_bits(x, 4, 15), llv_b_shuffle(h, llv_b_load2(high, high)), 16);
}
#endif
#if LLV_PANEL
/* Of sixteen rows. A product brings four bits to the four bytes of a lane. */
LL_INLINE void llq_q5_panel(const uint8_t *qh, size_t stride, llv_p w[8]) {
    llv_p h[4];
    llq_nibbles_panel(qh + 4, stride, w);
    llv_p_rows(qh, stride, h);
    LLV_UNROLL for (int i = 0; i < 8; i++) {
        const llv_p spread = llv_p_mul(ll_panel_field(h[0], 4 * i, 15), llv_p_set(0x02040810));
        w[i] = llv_p_or(w[i], llv_p_and(spread, llv_p_set(0x10101010)));
    }
}
#endif

/* What the 4-bit codes of MXFP4 and NVFP4 stand for: twice the numbers of one sign bit, two of
 * exponent, one of mantissa. */
LL_INLINE const int8_t *llq_fp4_values(void) {
    static const int8_t v[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
    return v;
}
/* c for d * v[c] nearest to n x, the first of equals; returns the weighted squared error. */
LL_FN float llq_fp4_nearest(const float *x, const float *w, int n, float d, uint8_t *c) {
    const int8_t *v = llq_fp4_values();
    float error = 0;
    for (int i = 0; i < n; i++) {
        float best = fabsf(d * (float)v[0] - x[i]);
        c[i] = 0;
        for (int j = 1; j < 16; j++) {
            const float e = fabsf(d * (float)v[j] - x[i]);
            if (e < best) best = e, c[i] = (uint8_t)j;
        }
        error += llq_weight(w, i) * best * best;
    }
    return error;
}
#if LLV_INT
/* 12 more. */
static const uint8_t llq_fp4_12[16] = { 12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0 };
LL_INLINE llv_b llq_fp4_lookup(llv_b c) { return llv_b_shuffle(llv_b_load2(llq_fp4_12, llq_fp4_12), c); }
#endif


/* Two bits each, as Q2_K, Q3_K and TQ2_0 keep them: two halves of 128 weights alike; in each the
 * byte s[l] is c[l] | c[32 + l] << 2 | c[64 + l] << 4 | c[96 + l] << 6             l = 0..31 */
LL_FN void llq_twos_codes(const uint8_t *s, int offset, int8_t *c) {
    for (int i = 0; i < 256; i++)
        c[i] = (int8_t)((s[i / 128 * 32 + i % 32] >> (i / 32 % 4 * 2) & 3) - offset);
}
LL_FN void llq_twos_pack(const int8_t *c, int offset, uint8_t *s) {
    memset(s, 0, 64);
    for (int i = 0; i < 256; i++)
        s[i / 128 * 32 + i % 32] |= (uint8_t)(((c[i] + offset) & 3) << (i / 32 % 4 * 2));
}
#if LLV_INT
LL_INLINE llv_b llq_twos_load(const uint8_t *s, int j) {
    return llv_b_bits(llv_b_load(s + j / 4 * 32), j % 4 * 2, 3);
}
#endif
#if LLV_PANEL
/* Sixteen columns of each quarter of a half: number j % 2 of half j / 2. */
LL_INLINE int llq_quarters_run(int j, int i) { return j / 2 * 8 + 2 * i + j % 2; }
LL_INLINE void llq_twos_panel(const uint8_t *s, size_t stride, int j, llv_p w[16]) {
    llv_p r[4];
    llv_p_rows(s + 16 * j, stride, r);
    LLV_UNROLL for (int i = 0; i < 16; i++) w[i] = ll_panel_bits(r[i % 4], i / 4 * 2, 3);
}
#endif


/* The sixteen values of the formats IQ4: denser around zero, as weights are. */
static const int8_t llq_nl[16] = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };
#if LLV_INT
static const uint8_t llq_nl_128[16] = { 1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241 };
/* For llv_b_shuffle, with an offset of 0 or LLV_S_OFFSET. */
LL_INLINE llv_b llq_nl_table(int offset) {
    static const uint8_t plain[16] = { 129, 152, 173, 191, 207, 221, 234, 246, 1, 13, 25, 38, 53, 69, 89, 113 };
    return offset ? llv_b_load2(llq_nl_128, llq_nl_128) : llv_b_load2(plain, plain);
}
#endif
/* ---- codebooks ------------------------------------------------------------------------------
 * The IQ formats store an index for each 8 (IQ3: 4) weights; a table, the grid, holds the rows of
 * codes they may have, and most have a bit for each sign. Rows have few levels: the tables are
 * written as numbers of 2 (IQ3: 3) bits a code. They stay so for AVX-512, which looks up the rows of
 * two blocks at once in registers, first all lower bytes, then all upper ones; for kernels that load
 * rows one by one, the compiler brings codes to bytes. */
#if LLV_INT && !LLV_GRID
#define LLQ_GRID_BYTES 1
typedef uint64_t llq_row8;
typedef uint32_t llq_row4;
#define LLQ_ROW(x, i, bits, level) ((uint64_t)(level((x) >> (bits) * (i) & ((1 << (bits)) - 1)) & 255) << 8 * (i))
#define LLQ_ROW4_AS(x, bits, level) \
    (LLQ_ROW(x, 0, bits, level) | LLQ_ROW(x, 1, bits, level) | LLQ_ROW(x, 2, bits, level) | LLQ_ROW(x, 3, bits, level))
#define LLQ_ROW4(x, level) (uint32_t)LLQ_ROW4_AS(x, 3, level)
#define LLQ_ROW8(x, level) (LLQ_ROW4_AS((x) & 255, 2, level) | LLQ_ROW4_AS((x) >> 8, 2, level) << 32)
#define LLQ_CODE8(row, i, level) ((int8_t)((row) >> 8 * (i) & 255))
#define LLQ_CODE4 LLQ_CODE8
#else
#define LLQ_GRID_BYTES 0
#if LLV_GRID
typedef uint8_t llq_row8, llq_row4;
#else
typedef uint16_t llq_row8, llq_row4;
#endif
#define LLQ_ROW4(x, level) x
#define LLQ_ROW8(x, level) x
#define LLQ_CODE8(row, i, level) level((row) >> 2 * (i) & 3)
#define LLQ_CODE4(row, i, level) level((row) >> 3 * (i) & 7)
#endif
#if LLV_GRID
#define LLQ_LOW(x) ((x) & 255)
#define LLQ_HIGH(x) ((x) >> 8)
#define LLQ_GRID(rows) rows(LLQ_LOW) rows(LLQ_HIGH)
#define LLQ_GRID_LEN(n) (2 * (n))
#define LLQ_GRID_ROW(grid, n, i) ((grid)[i] | (grid)[(n) + (i)] << 8)
#else
#define LLQ_GRID(rows) rows(LLQ_R)
#define LLQ_GRID_LEN(n) (n)
#define LLQ_GRID_ROW(grid, n, i) (grid)[i]
#endif
#define LLQ_GRID8(R, a, b, c, d, e, f, g, h) R(a), R(b), R(c), R(d), R(e), R(f), R(g), R(h)

/* What a code becomes. */
#define LLQ_IQ2_LEVEL(c) (8 + 17 * (c) + ((c) >> 1))            /* 8, 25, 43 */
#define LLQ_IQ3_LEVEL(c) (4 + 8 * (c) + 2 * ((c) == 7))         /* 4, 12, ... 52, 62 */
#define LLQ_IQ3_S_LEVEL(c) (1 + 2 * (c))
#define LLQ_IQ1_LEVEL(c) (8 * (c) - 7)                          /* -7, 1, 9 */
#define LLQ_SAME(v) (v)
#define LLQ_LEVELS4(sign, level, c) sign(level(c)), sign(level((c) + 1)), sign(level((c) + 2)), sign(level((c) + 3))

/* Seven sign bits of each of four groups become eight: the eighth makes the number of signs even. */
LL_INLINE uint32_t llq_even_signs(uint32_t s) {
    const uint32_t x = (s & 0x7f) | (s << 1 & 0x7f00) | (s << 2 & 0x7f0000) | (s << 3 & 0x7f000000);
    uint32_t p = x ^ x >> 4;
    p ^= p >> 2, p ^= p >> 1;
    return x | (p & 0x01010101) << 7;
}
#if LLQ_GRID_BYTES
LL_INLINE llv_b llq_grid8_load(const uint64_t *grid, const int *index) {
    return llv_b_load8(grid + index[0], grid + index[1], grid + index[2], grid + index[3]);
}
LL_INLINE llv_b llq_grid4_load(const uint32_t *grid, const int *index) {
    return llv_b_set4(grid[index[0]], grid[index[1]], grid[index[2]], grid[index[3]],
                      grid[index[4]], grid[index[5]], grid[index[6]], grid[index[7]]);
}
/* llq_even_signs for a whole block: the bits stand in the upper seven of each word, of a for the first half
 * of each 128 columns, of b for the second. */
LL_INLINE void llq_even_signs_of(llv_w a, llv_w b, uint32_t *signs) {
    enum { Z = 128, P = 128 };          /* zero; the sign that makes their number even */
    static const uint8_t first[16] = { 1, 3, 5, 7, 9, 11, 13, 15, Z, Z, Z, Z, Z, Z, Z, Z };
    static const uint8_t second[16] = { Z, Z, Z, Z, Z, Z, Z, Z, 1, 3, 5, 7, 9, 11, 13, 15 };
    static const uint8_t odd[16] = { 0, P, P, 0, P, 0, 0, P, P, 0, 0, P, 0, P, P, 0 };
    const llv_b t = llv_b_load2(odd, odd);
    llv_b x = llv_b_shuffle(llv_b_of_w(a), llv_b_load2(first, first));
    x = llv_b_bits(llv_b_or(x, llv_b_shuffle(llv_b_of_w(b), llv_b_load2(second, second))), 1, 127);
    x = llv_b_xor(x, llv_b_xor(llv_b_shuffle(t, llv_b_bits(x, 0, 15)), llv_b_shuffle(t, llv_b_bits(x, 4, 15))));
    llv_b_store(signs, x);
}
/* Four times seven bits in each 32, brought to the upper bits of words. `order` takes the bytes, two for each. */
LL_INLINE llv_w llq_sevens(llv_b x, const uint8_t *order) {
    static const int16_t up[8] = { 2, 4, 8, 16, 2, 4, 8, 16 };
    return llv_w_mul(llv_w_of_b(llv_b_shuffle(x, llv_b_load2(order, order))), llv_w_load2(up, up));
}
LL_INLINE llv_w llq_odd_scales(llv_b s) { return llv_w_of_b(llv_b_or(llv_b_add(s, s), llv_b_of_w(llv_w_set(1)))); }
/* 2 * s + 1 in words, s in four bits: `low` takes the lower ones of the 16 bytes at p, `high` the upper ones. */
LL_INLINE llv_w llq_nibble_scales(const uint8_t *p, const uint8_t *low, const uint8_t *high) {
    const llv_b x = llv_b_load2(p, p);
    return llq_odd_scales(llv_b_or(llv_b_shuffle(llv_b_bits(x, 0, 15), llv_b_load(low)),
                                   llv_b_shuffle(llv_b_bits(x, 4, 15), llv_b_load(high))));
}
/* For each 16 columns, in bytes p + 8 to p + 15. */
LL_INLINE llv_w llq_nibble_scales16(const uint8_t *p) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 8, Z, Z, Z, 9, Z, Z, Z, 10, Z, Z, Z, 11, Z, Z, Z,
                                     12, Z, Z, Z, 13, Z, Z, Z, 14, Z, Z, Z, 15, Z, Z, Z };
    static const uint8_t high[32] = { Z, Z, 8, Z, Z, Z, 9, Z, Z, Z, 10, Z, Z, Z, 11, Z,
                                      Z, Z, 12, Z, Z, Z, 13, Z, Z, Z, 14, Z, Z, Z, 15, Z };
    return llq_nibble_scales(p, low, high);
}
/* 32 indices of rows: their lower eight bits, and words with those above in their places: for the first
 * eight of each sixteen, and the last. */
LL_INLINE void llq_store_index(llv_b low, llv_b first, llv_b last, uint16_t *index) {
    llv_b_store2(index, index + 16, llv_b_or(llv_b_of_w(llv_w_from_low(low)), first));
    llv_b_store2(index + 8, index + 24, llv_b_or(llv_b_of_w(llv_w_from_high(low)), last));
}
#endif
#if LLV_GRID
/* llq_FMT_index gives the lower eight bits of 64 indices, and those above them (the lowest ones, as many as
 * the table needs; it may have others). Rows of 8: those of two blocks, eight of b, eight of c, and so
 * on. Rows of 4: those of one block, of each 16 the first four of both eights, then the last four.
 *
 * What a block holds beside its rows: bits of signs, 8 * m + i of group t for column 32 * t + 8 * m + i
 * (IQ1: where llq_FMT_sign_at says); 2 * s + 1 for the first and the last 16 columns of each 32 (if they differ), in both halves of a group. */
typedef struct llq_cut { llv_z sign, scale[2]; } llq_cut;

/* Positions of 8 bits, one each byte. */
#define LLZ_AT(a, b, c, d, e, f, g, h) \
    llv_z_all((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | \
              (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
#define LLZ_STEPS(at, n) LLZ_AT(at, at + (n), at + 2 * (n), at + 3 * (n), at + 4 * (n), at + 5 * (n), at + 6 * (n), at + 7 * (n))
/* 2 * s + 1 in 32 bits, of the scale that begins at bit `at` of each group; mask = its largest value * 2. */
LL_INLINE llv_z llq_cut_odd(llv_z a, llv_z at, int mask) {
    return llv_z_join(llv_z_cut(a, at), llv_z_all(((uint64_t)mask << 32) + (uint64_t)mask), llv_z_all(0x100000001));
}
LL_INLINE llv_z llq_cut_scale(llv_z a, int at, int mask) {
    return llq_cut_odd(a, llv_z_all((uint64_t)((at + 63) % 64) * 0x100000001u), mask);
}
/* Four times seven bits of signs from bit `at` on, brought to eight. */
LL_INLINE llv_z llq_cut_even(llv_z a, int at, int step) {
    return llv_z_even(llv_z_cut(a, LLZ_AT(at, at + step, at + 2 * step, at + 3 * step, 0, 0, 0, 0)));
}
#endif
/* IQ1_S and IQ1_M: codes are 8 * g + 1 or 8 * g - 1, g in -1, 0, 1. The table has the former; for
 * the latter a bit is set where others have signs. */
#define LLQ_IQ1_ROWS(R) \
    LLQ_GRID8(R, 0, 2, 5, 8, 10, 17, 21, 32), LLQ_GRID8(R, 34, 40, 42, 69, 81, 84, 86, 101), \
    LLQ_GRID8(R, 128, 130, 136, 138, 149, 160, 162, 168), LLQ_GRID8(R, 170, 260, 261, 273, 276, 278, 281, 282), \
    LLQ_GRID8(R, 293, 321, 326, 329, 338, 341, 346, 353), LLQ_GRID8(R, 356, 358, 360, 389, 401, 404, 406, 421), \
    LLQ_GRID8(R, 512, 514, 520, 522, 533, 544, 546, 552), LLQ_GRID8(R, 554, 581, 593, 601, 612, 617, 640, 642), \
    LLQ_GRID8(R, 648, 650, 657, 661, 665, 672, 674, 680), \
    LLQ_GRID8(R, 682, 1041, 1044, 1046, 1061, 1089, 1097, 1109), \
    LLQ_GRID8(R, 1114, 1124, 1125, 1169, 1177, 1189, 1281, 1284), \
    LLQ_GRID8(R, 1285, 1286, 1301, 1304, 1306, 1321, 1344, 1349), \
    LLQ_GRID8(R, 1354, 1360, 1361, 1364, 1365, 1366, 1369, 1376), \
    LLQ_GRID8(R, 1378, 1381, 1384, 1386, 1409, 1425, 1429, 1432), \
    LLQ_GRID8(R, 1434, 1441, 1444, 1445, 1446, 1449, 1556, 1561), \
    LLQ_GRID8(R, 1601, 1604, 1616, 1618, 1621, 1624, 1632, 1633), \
    LLQ_GRID8(R, 1638, 1641, 1669, 1681, 1684, 1689, 2048, 2050), \
    LLQ_GRID8(R, 2056, 2058, 2069, 2080, 2082, 2088, 2090, 2117), \
    LLQ_GRID8(R, 2129, 2134, 2149, 2176, 2178, 2184, 2186, 2197), \
    LLQ_GRID8(R, 2208, 2210, 2216, 2218, 2309, 2321, 2324, 2329), \
    LLQ_GRID8(R, 2340, 2341, 2369, 2384, 2385, 2389, 2401, 2404), \
    LLQ_GRID8(R, 2409, 2449, 2452, 2454, 2457, 2469, 2560, 2562), \
    LLQ_GRID8(R, 2568, 2570, 2581, 2592, 2594, 2600, 2602, 2629), \
    LLQ_GRID8(R, 2641, 2649, 2657, 2661, 2688, 2690, 2693, 2696), \
    LLQ_GRID8(R, 2698, 2709, 2720, 2722, 2728, 2730, 4112, 4113), \
    LLQ_GRID8(R, 4116, 4121, 4132, 4133, 4161, 4164, 4176, 4181), \
    LLQ_GRID8(R, 4184, 4193, 4196, 4197, 4201, 4241, 4244, 4246), \
    LLQ_GRID8(R, 4257, 4261, 4353, 4356, 4358, 4361, 4368, 4370), \
    LLQ_GRID8(R, 4373, 4376, 4385, 4388, 4393, 4421, 4426, 4432), \
    LLQ_GRID8(R, 4433, 4434, 4436, 4437, 4438, 4441, 4448, 4453), \
    LLQ_GRID8(R, 4484, 4498, 4501, 4513, 4516, 4625, 4628, 4630), \
    LLQ_GRID8(R, 4645, 4672, 4678, 4681, 4690, 4693, 4696, 4698), \
    LLQ_GRID8(R, 4708, 4710, 4741, 4753, 4756, 4758, 4773, 5121), \
    LLQ_GRID8(R, 5126, 5129, 5140, 5141, 5144, 5145, 5153, 5158), \
    LLQ_GRID8(R, 5185, 5189, 5190, 5192, 5194, 5201, 5204, 5205), \
    LLQ_GRID8(R, 5206, 5209, 5218, 5221, 5224, 5252, 5257, 5264), \
    LLQ_GRID8(R, 5268, 5269, 5272, 5273, 5274, 5281, 5284, 5285), \
    LLQ_GRID8(R, 5289, 5378, 5381, 5386, 5393, 5396, 5397, 5398), \
    LLQ_GRID8(R, 5401, 5408, 5410, 5413, 5416, 5418, 5441, 5444), \
    LLQ_GRID8(R, 5445, 5446, 5457, 5458, 5460, 5461, 5462, 5465), \
    LLQ_GRID8(R, 5466, 5473, 5476, 5477, 5478, 5481, 5504, 5506), \
    LLQ_GRID8(R, 5508, 5509, 5512, 5514, 5520, 5521, 5524, 5525), \
    LLQ_GRID8(R, 5526, 5529, 5530, 5536, 5538, 5541, 5633, 5636), \
    LLQ_GRID8(R, 5637, 5638, 5653, 5654, 5656, 5658, 5665, 5670), \
    LLQ_GRID8(R, 5696, 5698, 5700, 5701, 5704, 5706, 5713, 5717), \
    LLQ_GRID8(R, 5718, 5720, 5721, 5729, 5732, 5733, 5736, 5737), \
    LLQ_GRID8(R, 5738, 5766, 5770, 5778, 5781, 5796, 5801, 6161), \
    LLQ_GRID8(R, 6166, 6181, 6209, 6212, 6214, 6217, 6224, 6229), \
    LLQ_GRID8(R, 6232, 6234, 6240, 6241, 6244, 6246, 6249, 6277), \
    LLQ_GRID8(R, 6289, 6292, 6309, 6416, 6418, 6421, 6426, 6433), \
    LLQ_GRID8(R, 6437, 6466, 6468, 6469, 6472, 6481, 6484, 6485), \
    LLQ_GRID8(R, 6486, 6489, 6490, 6496, 6501, 6506, 6537, 6545), \
    LLQ_GRID8(R, 6546, 6549, 6552, 6561, 6566, 6569, 6665, 6678), \
    LLQ_GRID8(R, 6692, 6694, 6724, 6726, 6729, 6736, 6738, 6741), \
    LLQ_GRID8(R, 6744, 6753, 6758, 6761, 6789, 6801, 6806, 6810), \
    LLQ_GRID8(R, 8192, 8194, 8200, 8202, 8213, 8224, 8226, 8229), \
    LLQ_GRID8(R, 8232, 8234, 8261, 8273, 8281, 8289, 8293, 8320), \
    LLQ_GRID8(R, 8322, 8328, 8330, 8341, 8352, 8354, 8357, 8360), \
    LLQ_GRID8(R, 8362, 8453, 8465, 8468, 8473, 8485, 8514, 8516), \
    LLQ_GRID8(R, 8521, 8533, 8536, 8538, 8545, 8548, 8549, 8550), \
    LLQ_GRID8(R, 8581, 8592, 8598, 8601, 8613, 8705, 8712, 8714), \
    LLQ_GRID8(R, 8721, 8725, 8736, 8738, 8744, 8746, 8773, 8785), \
    LLQ_GRID8(R, 8790, 8793, 8805, 8833, 8840, 8842, 8849, 8853), \
    LLQ_GRID8(R, 8864, 8866, 8872, 8874, 9221, 9236, 9238, 9241), \
    LLQ_GRID8(R, 9253, 9284, 9285, 9286, 9289, 9298, 9301, 9304), \
    LLQ_GRID8(R, 9306, 9318, 9349, 9361, 9364, 9369, 9377, 9381), \
    LLQ_GRID8(R, 9481, 9493, 9505, 9513, 9536, 9541, 9544, 9553), \
    LLQ_GRID8(R, 9556, 9557, 9561, 9570, 9573, 9576, 9609, 9616), \
    LLQ_GRID8(R, 9620, 9621, 9624, 9626, 9633, 9636, 9638, 9641), \
    LLQ_GRID8(R, 9733, 9744, 9746, 9753, 9765, 9793, 9801, 9813), \
    LLQ_GRID8(R, 9824, 9825, 9833, 9860, 9862, 9872, 9882, 10240), \
    LLQ_GRID8(R, 10242, 10248, 10250, 10261, 10272, 10274, 10280, 10282), \
    LLQ_GRID8(R, 10309, 10321, 10324, 10341, 10368, 10370, 10376, 10378), \
    LLQ_GRID8(R, 10400, 10402, 10408, 10410, 10505, 10513, 10516, 10521), \
    LLQ_GRID8(R, 10533, 10566, 10569, 10578, 10581, 10593, 10596, 10598), \
    LLQ_GRID8(R, 10601, 10629, 10640, 10646, 10649, 10660, 10661, 10752), \
    LLQ_GRID8(R, 10754, 10760, 10762, 10784, 10786, 10792, 10794, 10821), \
    LLQ_GRID8(R, 10833, 10838, 10841, 10853, 10880, 10882, 10888, 10890), \
    LLQ_GRID8(R, 10901, 10912, 10914, 10920, 10922, 16389, 16401, 16406), \
    LLQ_GRID8(R, 16421, 16457, 16466, 16469, 16472, 16474, 16481, 16484), \
    LLQ_GRID8(R, 16486, 16532, 16537, 16545, 16550, 16640, 16641, 16644), \
    LLQ_GRID8(R, 16646, 16649, 16658, 16661, 16662, 16664, 16666, 16673), \
    LLQ_GRID8(R, 16678, 16681, 16709, 16712, 16714, 16721, 16724, 16725), \
    LLQ_GRID8(R, 16726, 16729, 16730, 16741, 16744, 16746, 16769, 16772), \
    LLQ_GRID8(R, 16774, 16784, 16786, 16789, 16800, 16801, 16802, 16901), \
    LLQ_GRID8(R, 16913, 16916, 16918, 16933, 16961, 16978, 16981, 16986), \
    LLQ_GRID8(R, 16996, 17001, 17033, 17044, 17061, 17409, 17429, 17433), \
    LLQ_GRID8(R, 17449, 17477, 17480, 17482, 17489, 17492, 17493, 17494), \
    LLQ_GRID8(R, 17505, 17506, 17509, 17512, 17514, 17537, 17542, 17545), \
    LLQ_GRID8(R, 17552, 17554, 17557, 17568, 17569, 17577, 17665, 17666), \
    LLQ_GRID8(R, 17669, 17674, 17681, 17684, 17685, 17686, 17689, 17696), \
    LLQ_GRID8(R, 17701, 17706, 17729, 17732, 17733, 17734, 17737, 17744), \
    LLQ_GRID8(R, 17745, 17748, 17749, 17750, 17752, 17753, 17761, 17764), \
    LLQ_GRID8(R, 17765, 17766, 17769, 17794, 17796, 17797, 17800, 17809), \
    LLQ_GRID8(R, 17812, 17813, 17814, 17817, 17818, 17829, 17832, 17834), \
    LLQ_GRID8(R, 17921, 17925, 17929, 17940, 17941, 17944, 17946, 17953), \
    LLQ_GRID8(R, 17956, 17961, 17984, 17986, 17989, 17992, 18000, 18001), \
    LLQ_GRID8(R, 18002, 18005, 18006, 18009, 18018, 18021, 18024, 18049), \
    LLQ_GRID8(R, 18053, 18058, 18068, 18069, 18081, 18084, 18086, 18437), \
    LLQ_GRID8(R, 18449, 18453, 18458, 18469, 18498, 18505, 18512, 18517), \
    LLQ_GRID8(R, 18520, 18529, 18532, 18534, 18537, 18565, 18577, 18580), \
    LLQ_GRID8(R, 18582, 18585, 18597, 18689, 18693, 18694, 18698, 18704), \
    LLQ_GRID8(R, 18708, 18709, 18712, 18721, 18724, 18726, 18752, 18757), \
    LLQ_GRID8(R, 18762, 18769, 18770, 18772, 18773, 18774, 18777, 18784), \
    LLQ_GRID8(R, 18786, 18789, 18790, 18794, 18822, 18825, 18834, 18837), \
    LLQ_GRID8(R, 18838, 18840, 18849, 18852, 18854, 18857, 18966, 19012), \
    LLQ_GRID8(R, 19014, 19017, 19029, 19032, 19034, 19044, 19049, 19092), \
    LLQ_GRID8(R, 19109, 20481, 20484, 20485, 20486, 20489, 20498, 20501), \
    LLQ_GRID8(R, 20506, 20513, 20516, 20521, 20544, 20549, 20552, 20561), \
    LLQ_GRID8(R, 20564, 20565, 20566, 20569, 20581, 20584, 20614, 20617), \
    LLQ_GRID8(R, 20629, 20632, 20640, 20641, 20646, 20649, 20741, 20744), \
    LLQ_GRID8(R, 20745, 20746, 20753, 20756, 20757, 20758, 20760, 20761), \
    LLQ_GRID8(R, 20768, 20773, 20774, 20776, 20778, 20801, 20804, 20805), \
    LLQ_GRID8(R, 20806, 20809, 20816, 20817, 20818, 20820, 20821, 20822), \
    LLQ_GRID8(R, 20824, 20825, 20826, 20833, 20836, 20837, 20838, 20841), \
    LLQ_GRID8(R, 20866, 20869, 20881, 20884, 20885, 20886, 20889, 20896), \
    LLQ_GRID8(R, 20901, 20906, 20993, 20998, 21010, 21013, 21018, 21025), \
    LLQ_GRID8(R, 21028, 21058, 21061, 21066, 21073, 21076, 21077, 21078), \
    LLQ_GRID8(R, 21081, 21090, 21093, 21125, 21136, 21138, 21141, 21145), \
    LLQ_GRID8(R, 21146, 21156, 21508, 21509, 21521, 21524, 21525, 21526), \
    LLQ_GRID8(R, 21528, 21529, 21537, 21541, 21544, 21546, 21569, 21572), \
    LLQ_GRID8(R, 21573, 21574, 21577, 21578, 21584, 21585, 21588, 21589), \
    LLQ_GRID8(R, 21590, 21592, 21593, 21594, 21601, 21602, 21604, 21605), \
    LLQ_GRID8(R, 21606, 21609, 21632, 21640, 21642, 21649, 21652, 21653), \
    LLQ_GRID8(R, 21654, 21657, 21665, 21668, 21669, 21674, 21761, 21762), \
    LLQ_GRID8(R, 21764, 21765, 21766, 21769, 21776, 21777, 21778, 21780), \
    LLQ_GRID8(R, 21781, 21782, 21785, 21786, 21793, 21796, 21797, 21798), \
    LLQ_GRID8(R, 21801, 21824, 21825, 21826, 21828, 21829, 21830, 21832), \
    LLQ_GRID8(R, 21833, 21840, 21841, 21842, 21844, 21845, 21846, 21848), \
    LLQ_GRID8(R, 21849, 21850, 21856, 21857, 21860, 21861, 21862, 21864), \
    LLQ_GRID8(R, 21865, 21866, 21889, 21892, 21893, 21897, 21898, 21904), \
    LLQ_GRID8(R, 21905, 21908, 21909, 21910, 21912, 21913, 21921, 21924), \
    LLQ_GRID8(R, 21925, 21926, 21929, 22016, 22017, 22018, 22020, 22022), \
    LLQ_GRID8(R, 22024, 22025, 22033, 22036, 22037, 22040, 22041, 22048), \
    LLQ_GRID8(R, 22049, 22050, 22052, 22053, 22054, 22056, 22057, 22081), \
    LLQ_GRID8(R, 22085, 22086, 22088, 22089, 22090, 22096, 22097, 22098), \
    LLQ_GRID8(R, 22100, 22101, 22102, 22104, 22105, 22106, 22113, 22116), \
    LLQ_GRID8(R, 22117, 22121, 22146, 22149, 22150, 22152, 22153, 22154), \
    LLQ_GRID8(R, 22161, 22165, 22170, 22178, 22181, 22182, 22184, 22185), \
    LLQ_GRID8(R, 22532, 22533, 22534, 22537, 22544, 22549, 22552, 22561), \
    LLQ_GRID8(R, 22570, 22597, 22600, 22602, 22609, 22612, 22613, 22614), \
    LLQ_GRID8(R, 22616, 22617, 22624, 22626, 22628, 22629, 22658, 22665), \
    LLQ_GRID8(R, 22672, 22674, 22677, 22680, 22689, 22697, 22785, 22786), \
    LLQ_GRID8(R, 22789, 22794, 22801, 22804, 22805, 22806, 22809, 22821), \
    LLQ_GRID8(R, 22849, 22852, 22853, 22854, 22857, 22864, 22865, 22866), \
    LLQ_GRID8(R, 22868, 22869, 22870, 22872, 22873, 22874, 22881, 22884), \
    LLQ_GRID8(R, 22885, 22886, 22889, 22913, 22917, 22921, 22929, 22932), \
    LLQ_GRID8(R, 22933, 22934, 22936, 22937, 22949, 23044, 23048, 23061), \
    LLQ_GRID8(R, 23066, 23072, 23077, 23078, 23081, 23109, 23112, 23113), \
    LLQ_GRID8(R, 23121, 23125, 23126, 23128, 23129, 23138, 23141, 23144), \
    LLQ_GRID8(R, 23146, 23169, 23178, 23186, 23189, 23190, 23192, 23194), \
    LLQ_GRID8(R, 23201, 24581, 24596, 24598, 24601, 24613, 24644, 24656), \
    LLQ_GRID8(R, 24661, 24662, 24664, 24666, 24673, 24676, 24678, 24681), \
    LLQ_GRID8(R, 24705, 24726, 24741, 24833, 24836, 24838, 24841, 24850), \
    LLQ_GRID8(R, 24853, 24865, 24866, 24870, 24873, 24901, 24905, 24913), \
    LLQ_GRID8(R, 24917, 24918, 24921, 24933, 24934, 24938, 24964, 24970), \
    LLQ_GRID8(R, 24978, 24981, 24993, 24998, 25001, 25105, 25110, 25113), \
    LLQ_GRID8(R, 25152, 25153, 25158, 25173, 25174, 25176, 25184, 25221), \
    LLQ_GRID8(R, 25233, 25238, 25253, 25617, 25618, 25621, 25622, 25626), \
    LLQ_GRID8(R, 25633, 25638, 25641, 25664, 25666, 25669, 25672, 25674), \
    LLQ_GRID8(R, 25681, 25684, 25685, 25686, 25689, 25690, 25696, 25698), \
    LLQ_GRID8(R, 25701, 25732, 25733, 25737, 25744, 25746, 25748, 25749), \
    LLQ_GRID8(R, 25750, 25752, 25754, 25761, 25764, 25769, 25861, 25864), \
    LLQ_GRID8(R, 25866, 25873, 25877, 25878, 25881, 25924, 25925, 25926), \
    LLQ_GRID8(R, 25929, 25936, 25937, 25940, 25941, 25942, 25945, 25953), \
    LLQ_GRID8(R, 25956, 25957, 25958, 25961, 25990, 25993, 25994, 26001), \
    LLQ_GRID8(R, 26005, 26006, 26009, 26010, 26018, 26021, 26022, 26024), \
    LLQ_GRID8(R, 26114, 26121, 26133, 26144, 26150, 26152, 26153, 26176), \
    LLQ_GRID8(R, 26181, 26184, 26186, 26193, 26196, 26197, 26198, 26200), \
    LLQ_GRID8(R, 26202, 26208, 26213, 26216, 26240, 26242, 26245, 26250), \
    LLQ_GRID8(R, 26260, 26262, 26264, 26265, 26272, 26276, 26278, 26282), \
    LLQ_GRID8(R, 26646, 26649, 26661, 26689, 26706, 26709, 26714, 26721), \
    LLQ_GRID8(R, 26729, 26757, 26769, 26776, 26790, 26881, 26884, 26896), \
    LLQ_GRID8(R, 26901, 26913, 26916, 26918, 26921, 26944, 26945, 26949), \
    LLQ_GRID8(R, 26950, 26952, 26961, 26964, 26965, 26966, 26969, 26976), \
    LLQ_GRID8(R, 26981, 26986, 27010, 27012, 27018, 27029, 27041, 27044), \
    LLQ_GRID8(R, 27045, 27049, 27153, 27158, 27160, 27201, 27204, 27209), \
    LLQ_GRID8(R, 27216, 27221, 27224, 27226, 27236, 27237, 27241, 27270), \
    LLQ_GRID8(R, 27284, 27288, 27290, 27302, 32768, 32770, 32776, 32778), \
    LLQ_GRID8(R, 32800, 32802, 32808, 32810, 32837, 32848, 32849, 32852), \
    LLQ_GRID8(R, 32854, 32857, 32869, 32896, 32898, 32904, 32906, 32917), \
    LLQ_GRID8(R, 32928, 32930, 32936, 32938, 33029, 33041, 33044, 33046), \
    LLQ_GRID8(R, 33049, 33061, 33089, 33092, 33097, 33104, 33106, 33109), \
    LLQ_GRID8(R, 33110, 33112, 33113, 33124, 33126, 33129, 33157, 33161), \
    LLQ_GRID8(R, 33172, 33174, 33177, 33189, 33280, 33282, 33288, 33290), \
    LLQ_GRID8(R, 33301, 33312, 33314, 33320, 33322, 33361, 33364, 33369), \
    LLQ_GRID8(R, 33381, 33408, 33410, 33416, 33418, 33429, 33440, 33442), \
    LLQ_GRID8(R, 33448, 33450, 33812, 33817, 33857, 33860, 33873, 33877), \
    LLQ_GRID8(R, 33882, 33889, 33892, 33897, 33940, 33945, 34049, 34057), \
    LLQ_GRID8(R, 34066, 34069, 34074, 34086, 34089, 34112, 34113, 34117), \
    LLQ_GRID8(R, 34120, 34129, 34132, 34133, 34134, 34137, 34138, 34149), \
    LLQ_GRID8(R, 34150, 34152, 34154, 34177, 34180, 34182, 34185, 34192), \
    LLQ_GRID8(R, 34194, 34197, 34200, 34214, 34321, 34326, 34329, 34341), \
    LLQ_GRID8(R, 34369, 34372, 34377, 34378, 34384, 34389, 34393, 34394), \
    LLQ_GRID8(R, 34401, 34406, 34410, 34437, 34449, 34458, 34468, 34816), \
    LLQ_GRID8(R, 34818, 34824, 34826, 34837, 34848, 34850, 34856, 34858), \
    LLQ_GRID8(R, 34881, 34885, 34897, 34900, 34905, 34917, 34921, 34944), \
    LLQ_GRID8(R, 34946, 34952, 34954, 34965, 34976, 34978, 34984, 34986), \
    LLQ_GRID8(R, 35077, 35078, 35089, 35092, 35094, 35109, 35137, 35140), \
    LLQ_GRID8(R, 35142, 35145, 35152, 35154, 35157, 35162, 35169, 35172), \
    LLQ_GRID8(R, 35205, 35222, 35225, 35237, 35328, 35330, 35336, 35338), \
    LLQ_GRID8(R, 35349, 35360, 35362, 35368, 35370, 35397, 35409, 35412), \
    LLQ_GRID8(R, 35414, 35456, 35458, 35464, 35466, 35477, 35488, 35490), \
    LLQ_GRID8(R, 35496, 35498, 36869, 36881, 36886, 36888, 36889, 36901), \
    LLQ_GRID8(R, 36929, 36934, 36937, 36949, 36952, 36954, 36969, 36970), \
    LLQ_GRID8(R, 36997, 37009, 37012, 37014, 37017, 37029, 37121, 37124), \
    LLQ_GRID8(R, 37126, 37129, 37136, 37141, 37144, 37146, 37153, 37156), \
    LLQ_GRID8(R, 37158, 37161, 37184, 37189, 37200, 37201, 37204, 37205), \
    LLQ_GRID8(R, 37206, 37209, 37218, 37221, 37252, 37254, 37266, 37269), \
    LLQ_GRID8(R, 37272, 37281, 37284, 37286, 37289, 37381, 37393, 37396), \
    LLQ_GRID8(R, 37401, 37413, 37444, 37446, 37449, 37456, 37458, 37461), \
    LLQ_GRID8(R, 37464, 37478, 37481, 37509, 37524, 37526, 37545, 37889), \
    LLQ_GRID8(R, 37892, 37894, 37904, 37909, 37912, 37926, 37952, 37962), \
    LLQ_GRID8(R, 37969, 37972, 37973, 37974, 37976, 37977, 37984, 37985), \
    LLQ_GRID8(R, 37986, 37989, 38020, 38022, 38034, 38036, 38037, 38040), \
    LLQ_GRID8(R, 38049, 38057, 38144, 38149, 38152, 38154, 38160, 38161), \
    LLQ_GRID8(R, 38164, 38165, 38166, 38169, 38177, 38181, 38185, 38186), \
    LLQ_GRID8(R, 38209, 38212, 38213, 38214, 38217, 38224, 38225, 38226), \
    LLQ_GRID8(R, 38228, 38229, 38230, 38232, 38233, 38234, 38241, 38244), \
    LLQ_GRID8(R, 38245, 38246, 38249, 38273, 38277, 38280, 38289, 38290), \
    LLQ_GRID8(R, 38292, 38293, 38294, 38297, 38298, 38304, 38306, 38309), \
    LLQ_GRID8(R, 38312, 38314, 38401, 38404, 38416, 38421, 38425, 38432), \
    LLQ_GRID8(R, 38438, 38441, 38469, 38472, 38473, 38481, 38482, 38485), \
    LLQ_GRID8(R, 38486, 38489, 38501, 38504, 38530, 38532, 38537, 38538), \
    LLQ_GRID8(R, 38546, 38548, 38549, 38564, 38566, 38569, 38917, 38934), \
    LLQ_GRID8(R, 38937, 38949, 38977, 38982, 38992, 38994, 38997, 38998), \
    LLQ_GRID8(R, 39002, 39012, 39013, 39045, 39057, 39062, 39065, 39077), \
    LLQ_GRID8(R, 39172, 39174, 39177, 39184, 39186, 39189, 39192, 39194), \
    LLQ_GRID8(R, 39200, 39201, 39204, 39206, 39232, 39234, 39237, 39240), \
    LLQ_GRID8(R, 39242, 39249, 39252, 39253, 39254, 39257, 39266, 39269), \
    LLQ_GRID8(R, 39270, 39274, 39297, 39300, 39312, 39314, 39317, 39322), \
    LLQ_GRID8(R, 39329, 39334, 39429, 39445, 39461, 39492, 39494, 39497), \
    LLQ_GRID8(R, 39504, 39509, 39512, 39521, 39557, 39569, 39572, 39573), \
    LLQ_GRID8(R, 39574, 40960, 40962, 40968, 40970, 40981, 40992, 40994), \
    LLQ_GRID8(R, 41000, 41002, 41029, 41041, 41044, 41046, 41049, 41088), \
    LLQ_GRID8(R, 41090, 41096, 41098, 41109, 41120, 41122, 41128, 41130), \
    LLQ_GRID8(R, 41221, 41225, 41233, 41236, 41238, 41241, 41242, 41286), \
    LLQ_GRID8(R, 41289, 41297, 41301, 41304, 41306, 41313, 41316, 41349), \
    LLQ_GRID8(R, 41360, 41362, 41366, 41369, 41474, 41480, 41482, 41488), \
    LLQ_GRID8(R, 41497, 41506, 41512, 41514, 41541, 41553, 41558, 41561), \
    LLQ_GRID8(R, 41573, 41600, 41602, 41608, 41610, 41621, 41632, 41634), \
    LLQ_GRID8(R, 41640, 41642, 42009, 42021, 42049, 42052, 42064, 42068), \
    LLQ_GRID8(R, 42069, 42072, 42074, 42081, 42085, 42086, 42088, 42089), \
    LLQ_GRID8(R, 42117, 42246, 42249, 42256, 42258, 42261, 42264, 42278), \
    LLQ_GRID8(R, 42281, 42306, 42309, 42321, 42324, 42325, 42326, 42329), \
    LLQ_GRID8(R, 42341, 42346, 42369, 42372, 42373, 42374, 42377, 42386), \
    LLQ_GRID8(R, 42389, 42392, 42501, 42513, 42518, 42522, 42529, 42533), \
    LLQ_GRID8(R, 42564, 42566, 42570, 42578, 42581, 42582, 42584, 42592), \
    LLQ_GRID8(R, 42594, 42630, 42640, 42645, 42646, 42649, 42657, 42660), \
    LLQ_GRID8(R, 42662, 43008, 43010, 43016, 43018, 43040, 43042, 43048), \
    LLQ_GRID8(R, 43050, 43089, 43092, 43094, 43097, 43136, 43138, 43144), \
    LLQ_GRID8(R, 43146, 43157, 43168, 43170, 43176, 43178, 43269, 43284), \
    LLQ_GRID8(R, 43289, 43297, 43301, 43329, 43344, 43349, 43354, 43361), \
    LLQ_GRID8(R, 43366, 43369, 43408, 43414, 43520, 43522, 43528, 43530), \
    LLQ_GRID8(R, 43552, 43554, 43560, 43562, 43601, 43604, 43606, 43648), \
    LLQ_GRID8(R, 43650, 43656, 43658, 43669, 43680, 43682, 43688, 43690),
LL_INLINE const llq_row8 *llq_iq1_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ1_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(2048)] = { LLQ_GRID(LLQ_IQ1_ROWS) };
#undef LLQ_R
    return grid;
}
#define llq_iq1_s_grid llq_iq1_grid
#define llq_iq1_m_grid llq_iq1_grid
#if LLQ_GRID_BYTES
/* For each 8 columns 9, or 7 where the uppermost bit of its byte is set: so much more than the row's codes are
 * those that are multiplied, which are not negative then. */
LL_INLINE void llq_iq1_store_shift(llv_b high, uint32_t *signs) {
    static const uint8_t more[16] = { 9, 9, 9, 9, 9, 9, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7 };
    llv_b_store(signs, llv_b_shuffle(llv_b_load2(more, more), llv_b_bits(high, 4, 15)));
}
/* Each of four bytes eight times. */
LL_INLINE llv_b llq_iq1_spread(uint32_t four) {
    static const uint8_t eight[32] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
                                       2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3 };
    int16_t two[2];
    memcpy(two, &four, 4);
    return llv_b_shuffle(llv_b_of_w(llv_w_set2(two)), llv_b_load(eight));
}
/* The three upper bits of an index stand in bits 12 to 14 of its word when that has been multiplied. */
LL_INLINE void llq_iq1_store_index(const uint8_t *qs, llv_b first, llv_b last, const int16_t *to, uint16_t *index) {
    const llv_b keep = llv_b_of_w(llv_w_set(0x700));
    const llv_w by = llv_w_load2(to, to);
    first = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(first), by)), 4, 255);
    last = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(last), by)), 4, 255);
    llq_store_index(llv_b_load(qs), llv_b_and(first, keep), llv_b_and(last, keep), index);
}
#endif
/* F32: a plain IEEE binary32. */
LL_INLINE float llq_f32_get(const uint8_t *p) { return ll_load_f32(p); }
LL_INLINE void llq_f32_put(uint8_t *p, float x) { ll_store_u32(p, ll_f32_to_bits(x)); }
LL_INLINE llv_part llq_f32_load(const void *p) { return llv_part_load(p); }

LL_FN void llq_f32_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + LLV_LANES <= n; i += LLV_LANES) llv_part_store(dst + i, llq_f32_load(p + 4 * i));
    for (; i < n; i++) dst[i] = llq_f32_get(p + 4 * i);
}

LL_FN void llq_f32_quantize(const float *src, const float *importance, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    (void)importance;
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

/* n_rows rows side by side; sixteen lanes along the columns, in parts of one register. */
LL_INLINE void llq_f32_gemv_of(const ll_gemv *g, const int n, const int n_rows) {
    enum { PARTS = LLV_PARTS };
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += n_rows) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, n_rows);
        llv_part acc[4][4][PARTS];
        LLV_UNROLL for (int i = 0; i < n * n_rows * PARTS; i++)
            acc[i / PARTS / n_rows][i / PARTS % n_rows][i % PARTS] = llv_part_set(0);
        LLV_ROLL for (int i = 0; i < whole; i += 16, ahead += 16 * n_rows * 4) {
            LLV_UNROLL for (int c = 0; c < 16 * n_rows * 4; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int h = 0; h < PARTS; h++) {
                const size_t at = (size_t)(i + LLV_LANES * h);
                llv_part w[4], x;
                LLV_UNROLL for (int l = 0; l < n_rows; l++) {
                    w[l] = llq_f32_load(p[l] + at * 4);
                    LLV_KEEP(w[l]);
                }
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    x = llv_part_load((const float *)g->vec[v] + at);
                    LLV_KEEP(x);
                    LLV_UNROLL for (int l = 0; l < n_rows; l++)
                        acc[v][l][h] = llv_part_fma(w[l], x, acc[v][l][h]);
                }
            }
        }
        if (rest) LLV_UNROLL for (int l = 0; l < n_rows; l++) {
            uint8_t w[16 * 4] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 4, (size_t)rest * 4);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                float x[16] = { 0 };
                memcpy(x, (const float *)g->vec[v] + whole, (size_t)rest * sizeof(float));
                LLV_UNROLL for (int h = 0; h < PARTS; h++)
                    acc[v][l][h] = llv_part_fma(llq_f32_load(w + LLV_LANES * 4 * h),
                                                llv_part_load(x + LLV_LANES * h), acc[v][l][h]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < n_rows; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_parts_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_f32_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_f32_gemv_of(g, 1, 4);
    else llq_f32_gemv_of(g, LLV_FLOAT_VECS, LLV_FLOAT_ROWS);
}

#if LLQ_ALL || defined(LLOCAL_ONLY_F16)
/* F16: IEEE binary16. From 65520 on it rounds to infinity. */
LL_INLINE float llq_f16_get(const uint8_t *p) { return ll_f16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_f16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_f16(x)); }
LL_INLINE llv_part llq_f16_load(const void *p) { return llv_part_load_f16(p); }

LL_FN void llq_f16_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + LLV_LANES <= n; i += LLV_LANES) llv_part_store(dst + i, llq_f16_load(p + 2 * i));
    for (; i < n; i++) dst[i] = llq_f16_get(p + 2 * i);
}

LL_FN void llq_f16_quantize(const float *src, const float *importance, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    (void)importance;
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

/* n_rows rows side by side; sixteen lanes along the columns, in parts of one register. */
LL_INLINE void llq_f16_gemv_of(const ll_gemv *g, const int n, const int n_rows) {
    enum { PARTS = LLV_PARTS };
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += n_rows) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, n_rows);
        llv_part acc[4][4][PARTS];
        LLV_UNROLL for (int i = 0; i < n * n_rows * PARTS; i++)
            acc[i / PARTS / n_rows][i / PARTS % n_rows][i % PARTS] = llv_part_set(0);
        LLV_ROLL for (int i = 0; i < whole; i += 16, ahead += 16 * n_rows * 2) {
            LLV_UNROLL for (int c = 0; c < 16 * n_rows * 2; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int h = 0; h < PARTS; h++) {
                const size_t at = (size_t)(i + LLV_LANES * h);
                llv_part w[4], x;
                LLV_UNROLL for (int l = 0; l < n_rows; l++) {
                    w[l] = llq_f16_load(p[l] + at * 2);
                    LLV_KEEP(w[l]);
                }
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    x = llv_part_load((const float *)g->vec[v] + at);
                    LLV_KEEP(x);
                    LLV_UNROLL for (int l = 0; l < n_rows; l++)
                        acc[v][l][h] = llv_part_fma(w[l], x, acc[v][l][h]);
                }
            }
        }
        if (rest) LLV_UNROLL for (int l = 0; l < n_rows; l++) {
            uint8_t w[16 * 2] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 2, (size_t)rest * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                float x[16] = { 0 };
                memcpy(x, (const float *)g->vec[v] + whole, (size_t)rest * sizeof(float));
                LLV_UNROLL for (int h = 0; h < PARTS; h++)
                    acc[v][l][h] = llv_part_fma(llq_f16_load(w + LLV_LANES * 2 * h),
                                                llv_part_load(x + LLV_LANES * h), acc[v][l][h]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < n_rows; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_parts_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_f16_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_f16_gemv_of(g, 1, 4);
    else llq_f16_gemv_of(g, LLV_FLOAT_VECS, LLV_FLOAT_ROWS);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_BF16)
/* BF16: the upper half of a binary32. The next float beyond what it holds rounds to infinity. */
LL_INLINE float llq_bf16_get(const uint8_t *p) { return ll_bf16_to_f32(ll_load_u16(p)); }
LL_INLINE void llq_bf16_put(uint8_t *p, float x) { llq_put_u16(p, ll_f32_to_bf16(x)); }
LL_INLINE llv_part llq_bf16_load(const void *p) { return llv_part_load_bf16(p); }

LL_FN void llq_bf16_dequantize(const void *src, float *dst, size_t n) {
    const uint8_t *p = (const uint8_t *)src;
    size_t i = 0;
    if (!LL_BIG_ENDIAN)
        for (; i + LLV_LANES <= n; i += LLV_LANES) llv_part_store(dst + i, llq_bf16_load(p + 2 * i));
    for (; i < n; i++) dst[i] = llq_bf16_get(p + 2 * i);
}

LL_FN void llq_bf16_quantize(const float *src, const float *importance, void *dst, size_t n) {
    uint8_t *p = (uint8_t *)dst;
    (void)importance;
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

/* n_rows rows side by side; sixteen lanes along the columns, in parts of one register. */
LL_INLINE void llq_bf16_gemv_of(const ll_gemv *g, const int n, const int n_rows) {
    enum { PARTS = LLV_PARTS };
    const int whole = g->n_cols / 16 * 16, rest = g->n_cols - whole;
    for (int r = 0; r < g->n_rows; r += n_rows) {
        const uint8_t *p[4], *ahead = llq_rows(g, r, p, n_rows);
        llv_part acc[4][4][PARTS];
        LLV_UNROLL for (int i = 0; i < n * n_rows * PARTS; i++)
            acc[i / PARTS / n_rows][i / PARTS % n_rows][i % PARTS] = llv_part_set(0);
        LLV_ROLL for (int i = 0; i < whole; i += 16, ahead += 16 * n_rows * 2) {
            LLV_UNROLL for (int c = 0; c < 16 * n_rows * 2; c += 64) LL_PREFETCH(ahead + c);
            LLV_UNROLL for (int h = 0; h < PARTS; h++) {
                const size_t at = (size_t)(i + LLV_LANES * h);
                llv_part w[4], x;
                LLV_UNROLL for (int l = 0; l < n_rows; l++) {
                    w[l] = llq_bf16_load(p[l] + at * 2);
                    LLV_KEEP(w[l]);
                }
                LLV_UNROLL for (int v = 0; v < n; v++) {
                    x = llv_part_load((const float *)g->vec[v] + at);
                    LLV_KEEP(x);
                    LLV_UNROLL for (int l = 0; l < n_rows; l++)
                        acc[v][l][h] = llv_part_fma(w[l], x, acc[v][l][h]);
                }
            }
        }
        if (rest) LLV_UNROLL for (int l = 0; l < n_rows; l++) {
            uint8_t w[16 * 2] = { 0 };
            memcpy(w, p[l] + (size_t)whole * 2, (size_t)rest * 2);
            LLV_UNROLL for (int v = 0; v < n; v++) {
                float x[16] = { 0 };
                memcpy(x, (const float *)g->vec[v] + whole, (size_t)rest * sizeof(float));
                LLV_UNROLL for (int h = 0; h < PARTS; h++)
                    acc[v][l][h] = llv_part_fma(llq_bf16_load(w + LLV_LANES * 2 * h),
                                                llv_part_load(x + LLV_LANES * h), acc[v][l][h]);
            }
        }
        LLV_UNROLL for (int v = 0; v < n; v++) {
            LLV_UNROLL for (int l = 0; l < n_rows; l++)
                if (r + l < g->n_rows) g->y[v][r + l] = llv_parts_sum(acc[v][l]);
        }
    }
}

LL_FN void llq_bf16_gemv(const ll_gemv *g) {
    if (g->n == 1) llq_bf16_gemv_of(g, 1, 4);
    else llq_bf16_gemv_of(g, LLV_FLOAT_VECS, LLV_FLOAT_ROWS);
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

LL_FN void llq_q8_0_pack(const float *x, const float *w, llq_q8_0 *b) {
    float max = llq_max_abs(x, 32), d = max / 127.0f, inv = llq_inverse(d);
    (void)w;                            /* so fine that no other scale is worth a search */
    llq_put_f16(b->d, d);
    for (int i = 0; i < 32; i++) b->c[i] = (int8_t)roundf(x[i] * inv);
}

#if LLV_INT
LL_INLINE void llq_q8_0_load2(const llq_q8_0 *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b offset = llv_b_set(LLV_S_OFFSET);               /* 128 is added by xor */
    *lo = llv_b_xor(llv_b_load2(b[j].c, b[j + 1].c), offset);
    *hi = llv_b_xor(llv_b_load2(b[j].c + 16, b[j + 1].c + 16), offset);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q8_0_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
    llv_p_rows(b + 2, stride, w), llv_p_rows(b + 18, stride, w + 4);
    LLV_UNROLL for (int i = 0; i < 8; i++) w[i] = llv_p_xor(w[i], llv_p_set((int32_t)0x80808080));
}
#endif
LL_STATIC_ASSERT(q8_0_bytes, sizeof(llq_q8_0) == 34);

LL_FN void llq_q8_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q8_0 *b = (const llq_q8_0 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_q8_0_scale(b);
        int8_t c[32];
        llq_q8_0_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_q8_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q8_0 *b = (llq_q8_0 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_q8_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_q8_0_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q8_0 *b = (const llq_q8_0 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_q8_0_codes(b, c);
            p = ll_fma(llq_q8_0_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q8_0_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_q8_0);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_q8_0, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q8_0_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q8_0_load2((const llq_q8_0 *)row, j, &lo, &hi);
    return true ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q8_0_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 272];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 34), 272, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q8_0_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q8_0_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q8_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 272) {
        LLV_UNROLL for (int c = 0; c < 2 * 272; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q8_0_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q8_0_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q8_0_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 272, ahead += 8 * 272)
            acc = llq_group32(g, i, llq_q8_0_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q8_0_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_q8_0_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_q8_0, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q8_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 34) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 34);
        llq_q8_0_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_q8_0_panel_scale(rows, stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q8_0 *b = (const llq_q8_0 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_q8_0_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_q8_0_scale(b);
        }
    }
#endif
}

LL_FN void llq_q8_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 8, 128, false);
}

#if LLV_FEW
LL_FN void llq_q8_0_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, 128, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += 34) {
                const llv_f d = llq_q8_0_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                f.ahead = ll_panel_prefetch(f.ahead, 16 * 34);
                llq_q8_0_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, 128, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
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

/* Without weights the value of largest magnitude becomes exactly -8 * d: one more step on its side. */
LL_FN void llq_q4_0_pack(const float *x, const float *w, llq_q4_0 *b) {
    float max = 0, d, inv;
    for (int i = 0; i < 32; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    d = w ? llq_fit_scale(x, w, 32, -8, 7, NULL) : max / -8.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 16; i++) {
        float lo = LL_MAX(x[i] * inv + 8.5f, 0), hi = LL_MAX(x[16 + i] * inv + 8.5f, 0);
        b->qs[i] = (uint8_t)((int)LL_MIN(lo, 15) | (int)LL_MIN(hi, 15) << 4);
    }
}

#if LLV_INT
LL_INLINE void llq_q4_0_load2(const llq_q4_0 *b, int j, llv_b *lo, llv_b *hi) {
    llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llv_b_bits(x, 0, 15), *hi = llv_b_bits(x, 4, 15);
}
#if LLV_GRID
LL_INLINE void llq_q4_0_eights(llv_z x, llv_z *lo, llv_z *hi) { *lo = llv_z_low4(x), *hi = llv_z_high4(x); }
#endif
#endif

#if LLV_PANEL
LL_INLINE void llq_q4_0_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
    llq_nibbles_panel(b + 2, stride, w);
}
#endif
LL_STATIC_ASSERT(q4_0_bytes, sizeof(llq_q4_0) == 18);

LL_FN void llq_q4_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q4_0 *b = (const llq_q4_0 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_q4_0_scale(b);
        int8_t c[32];
        llq_q4_0_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_q4_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q4_0 *b = (llq_q4_0 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_q4_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_q4_0_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q4_0 *b = (const llq_q4_0 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_q4_0_codes(b, c);
            p = ll_fma(llq_q4_0_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q4_0_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_q4_0);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_q4_0, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q4_0_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q4_0_load2((const llq_q4_0 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q4_0_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 144];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 18), 144, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q4_0_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q4_0_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

#if LLV_GRID
/* 256 columns of eight rows: llq_eights. */
LL_INLINE llv_r llq_q4_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    const llq_eights *a = (const llq_eights *)g->room + i / 256;
    const ll_step *step = g->step[0] + i / 32;
    static const uint64_t codes[8] = LLQ_EIGHTS(LLQ_NEXT_BYTES, 18, offsetof(llq_q4_0, qs));
    const llv_z index = llv_z_load(codes);
    const uint64_t all = ~(uint64_t)0;
    llv_z sum[8];
    llv_i isum[8];
    llv_r d[8], total = llv_r_set(0);
    static const uint64_t scales[8] = LLQ_EIGHTS(LLQ_ALIKE_WORDS, 18, offsetof(llq_q4_0, d));
    llv_z scale[2];
    scale[0] = scale[1] = llv_z_load(scales);
    LLV_UNROLL for (int l = 0; l < 8; l++) {
        const uint8_t *b = p[l] + at, *c = b + 144 - 72;
        llv_z x = llv_z_load(b), y = llv_z_load(c), lo, hi;
        LLV_KEEP(x);
        LLV_KEEP(y);
        if (l % 2 == 0) LLV_UNROLL for (int k = 0; k < 2 * 144; k += 64) LL_PREFETCH(ahead + l * 144 + k);
        scale[l / 4] = llv_z_words2(x, y, scale[l / 4], 0x11111111u << l % 4);
        llq_q4_0_eights(llv_z_bytes2(x, y, index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(a->start, lo, a->q[0]), hi, a->q[2]);
        llq_q4_0_eights(llv_z_bytes2(llv_z_load(b + 8), llv_z_load(c + 8), index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(sum[l], lo, a->q[1]), hi, a->q[3]);
    }
    llq_eights_sums(sum, isum);
    llv_z_f16(scale[0], scale[1], d);
    LLV_UNROLL for (int j = 0; j < 8; j++)
        total = llv_r_fma(llv_r_mul(d[j], llv_r_set(step[j].k)), llv_r_from_i(isum[j]), total);
    return total;
}
#else
/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q4_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 144) {
        LLV_UNROLL for (int c = 0; c < 2 * 144; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q4_0_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q4_0_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}
#endif

/* Eight rows side by side. */
LL_FN void llq_q4_0_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
#if LLV_GRID
    llq_load_eights(g);
#endif
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 144, ahead += 8 * 144)
            acc = llq_group32(g, i, llq_q4_0_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q4_0_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_q4_0_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_q4_0, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q4_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 18) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 18);
        llq_q4_0_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_q4_0_panel_scale(rows, stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q4_0 *b = (const llq_q4_0 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_q4_0_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_q4_0_scale(b);
        }
    }
#endif
}

LL_FN void llq_q4_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 4, 8, false);
}

#if LLV_FEW
LL_FN void llq_q4_0_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, 8, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += 18) {
                const llv_f d = llq_q4_0_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                f.ahead = ll_panel_prefetch(f.ahead, 16 * 18);
                llq_q4_0_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, 8, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_1)
/* Q4_1: w = d * c + m
 *
 *   byte 0 1 | 2 3 | 4 ... 19
 *        d   | m   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_q4_1 { uint8_t d[2], m[2], qs[16]; } llq_q4_1;

LL_INLINE float llq_q4_1_scale(const llq_q4_1 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q4_1_min(const llq_q4_1 *b) { return ll_f16_to_f32(ll_load_u16(b->m)); }
LL_INLINE void llq_q4_1_codes(const llq_q4_1 *b, int8_t *c) {
    for (int i = 0; i < 16; i++) c[i] = (int8_t)(b->qs[i] & 15), c[16 + i] = (int8_t)(b->qs[i] >> 4);
}

LL_FN void llq_q4_1_pack(const float *x, const float *w, llq_q4_1 *b) {
    uint8_t c[32];
    llq_span(x, w, 15, b->d, b->m, c);
    for (int i = 0; i < 16; i++) b->qs[i] = (uint8_t)(c[i] | c[16 + i] << 4);
}

#if LLV_INT
LL_INLINE void llq_q4_1_load2(const llq_q4_1 *b, int j, llv_b *lo, llv_b *hi) {
    llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llv_b_bits(x, 0, 15), *hi = llv_b_bits(x, 4, 15);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q4_1_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_nibbles_panel(b + 4, stride, w); }
#endif
LL_STATIC_ASSERT(q4_1_bytes, sizeof(llq_q4_1) == 20);

LL_FN void llq_q4_1_dequantize(const void *src, float *dst, size_t n) {
    const llq_q4_1 *b = (const llq_q4_1 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_q4_1_scale(b);
        int8_t c[32];
        llq_q4_1_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j] + llq_q4_1_min(b);
    }
}

LL_FN void llq_q4_1_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q4_1 *b = (llq_q4_1 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_q4_1_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_q4_1_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q4_1 *b = (const llq_q4_1 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_q4_1_codes(b, c);
            p = ll_fma(llq_q4_1_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
            p = ll_fma(llq_q4_1_min(b), (float)ll_a8_ksum(a, j), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q4_1_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_q4_1);
    llv_r_f16_pair(p, at + offsetof(llq_q4_1, d), &s->d[j], &s->m[j]);
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q4_1_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q4_1_load2((const llq_q4_1 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q4_1_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 160];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 20), 160, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q4_1_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q4_1_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, true, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q4_1_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 160) {
        LLV_UNROLL for (int c = 0; c < 2 * 160; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q4_1_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q4_1_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, true, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q4_1_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 160, ahead += 8 * 160)
            acc = llq_group32(g, i, llq_q4_1_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q4_1_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_q4_1_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_q4_1, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q4_1_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 20) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 20);
        llq_q4_1_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_q4_1_panel_scale(rows, stride));
        llv_f_store(p->min[b].f, ll_panel_f16(rows + offsetof(llq_q4_1, m), stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q4_1 *b = (const llq_q4_1 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_q4_1_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_q4_1_scale(b);
            p->min_f[r][j] = llq_q4_1_min(b);
        }
    }
#endif
}

LL_FN void llq_q4_1_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 4, 0, true);
}

#if LLV_FEW
LL_FN void llq_q4_1_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, 0, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
            float ksum[LLV_TILE_VECS][8];
            for (int v = 0; v < LLV_TILE_VECS; v++)
                for (int j = 0; j < 8; j++) ksum[v][j] = (float)ll_a8_ksum(f.t.a[v], j);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += 20) {
                const llv_f d = llq_q4_1_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                f.ahead = ll_panel_prefetch(f.ahead, 16 * 20);
                llq_q4_1_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, 0, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
                const llv_f m = ll_panel_f16(f.rows + offsetof(llq_q4_1, m), stride);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_fma(m, llv_f_set(ksum[v][b]), sum[v]);
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_0)
/* Q5_0: w = d * (c - 16)
 *
 *   byte 0 1 | 2 ... 5                  | 6 ... 21
 *        d   | qh: bit i = bit 4 of c[i] | qs[i] = c[i] & 15 | (c[16 + i] & 15) << 4 */
typedef struct llq_q5_0 { uint8_t d[2], qh[4], qs[16]; } llq_q5_0;

LL_INLINE float llq_q5_0_scale(const llq_q5_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q5_0_codes(const llq_q5_0 *b, int8_t *c) { llq_q5_codes(b->qh, b->qs, 16, c); }

/* Without weights the value of largest magnitude becomes exactly -16 * d. */
LL_FN void llq_q5_0_pack(const float *x, const float *w, llq_q5_0 *b) {
    float max = 0, d, inv;
    uint8_t c[32];
    for (int i = 0; i < 32; i++) if (fabsf(x[i]) > fabsf(max)) max = x[i];
    d = w ? llq_fit_scale(x, w, 32, -16, 15, NULL) : max / -16.0f, inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 32; i++) c[i] = (uint8_t)LL_MIN(LL_MAX(x[i] * inv + 16.5f, 0), 31);
    llq_q5_put(c, b->qh, b->qs);
}

#if LLV_INT
LL_INLINE void llq_q5_0_load2(const llq_q5_0 *b, int j, llv_b *lo, llv_b *hi) {
    llq_q5_load2(b[j].qh, b[j + 1].qh, lo, hi);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_0_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_q5_panel(b + 2, stride, w); }
#endif
LL_STATIC_ASSERT(q5_0_bytes, sizeof(llq_q5_0) == 22);

LL_FN void llq_q5_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q5_0 *b = (const llq_q5_0 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_q5_0_scale(b);
        int8_t c[32];
        llq_q5_0_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_q5_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q5_0 *b = (llq_q5_0 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_q5_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_q5_0_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q5_0 *b = (const llq_q5_0 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_q5_0_codes(b, c);
            p = ll_fma(llq_q5_0_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q5_0_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_q5_0);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_q5_0, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q5_0_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q5_0_load2((const llq_q5_0 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q5_0_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 176];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 22), 176, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q5_0_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q5_0_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q5_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 176) {
        LLV_UNROLL for (int c = 0; c < 2 * 176; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q5_0_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q5_0_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q5_0_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 176, ahead += 8 * 176)
            acc = llq_group32(g, i, llq_q5_0_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q5_0_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_q5_0_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_q5_0, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q5_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 22) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 22);
        llq_q5_0_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_q5_0_panel_scale(rows, stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q5_0 *b = (const llq_q5_0 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_q5_0_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_q5_0_scale(b);
        }
    }
#endif
}

LL_FN void llq_q5_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 5, 16, false);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_1)
/* Q5_1: w = d * c + m
 *
 *   byte 0 1 | 2 3 | 4 ... 7                   | 8 ... 23
 *        d   | m   | qh: bit i = bit 4 of c[i] | qs[i] = c[i] & 15 | (c[16 + i] & 15) << 4 */
typedef struct llq_q5_1 { uint8_t d[2], m[2], qh[4], qs[16]; } llq_q5_1;

LL_INLINE float llq_q5_1_scale(const llq_q5_1 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q5_1_min(const llq_q5_1 *b) { return ll_f16_to_f32(ll_load_u16(b->m)); }
LL_INLINE void llq_q5_1_codes(const llq_q5_1 *b, int8_t *c) { llq_q5_codes(b->qh, b->qs, 0, c); }

LL_FN void llq_q5_1_pack(const float *x, const float *w, llq_q5_1 *b) {
    uint8_t c[32];
    llq_span(x, w, 31, b->d, b->m, c);
    llq_q5_put(c, b->qh, b->qs);
}

#if LLV_INT
LL_INLINE void llq_q5_1_load2(const llq_q5_1 *b, int j, llv_b *lo, llv_b *hi) {
    llq_q5_load2(b[j].qh, b[j + 1].qh, lo, hi);
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_1_panel(const uint8_t *b, size_t stride, llv_p w[8]) { llq_q5_panel(b + 4, stride, w); }
#endif
LL_STATIC_ASSERT(q5_1_bytes, sizeof(llq_q5_1) == 24);

LL_FN void llq_q5_1_dequantize(const void *src, float *dst, size_t n) {
    const llq_q5_1 *b = (const llq_q5_1 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_q5_1_scale(b);
        int8_t c[32];
        llq_q5_1_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j] + llq_q5_1_min(b);
    }
}

LL_FN void llq_q5_1_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q5_1 *b = (llq_q5_1 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_q5_1_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_q5_1_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q5_1 *b = (const llq_q5_1 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_q5_1_codes(b, c);
            p = ll_fma(llq_q5_1_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
            p = ll_fma(llq_q5_1_min(b), (float)ll_a8_ksum(a, j), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q5_1_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_q5_1);
    llv_r_f16_pair(p, at + offsetof(llq_q5_1, d), &s->d[j], &s->m[j]);
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q5_1_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q5_1_load2((const llq_q5_1 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q5_1_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 192];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 24), 192, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q5_1_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q5_1_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, true, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q5_1_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 192) {
        LLV_UNROLL for (int c = 0; c < 2 * 192; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q5_1_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q5_1_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, true, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q5_1_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 192, ahead += 8 * 192)
            acc = llq_group32(g, i, llq_q5_1_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q5_1_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_q5_1_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_q5_1, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q5_1_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 24) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 24);
        llq_q5_1_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_q5_1_panel_scale(rows, stride));
        llv_f_store(p->min[b].f, ll_panel_f16(rows + offsetof(llq_q5_1, m), stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q5_1 *b = (const llq_q5_1 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_q5_1_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_q5_1_scale(b);
            p->min_f[r][j] = llq_q5_1_min(b);
        }
    }
#endif
}

LL_FN void llq_q5_1_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 5, 0, true);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_NL)
/* IQ4_NL: w = d * v[c], and v is not linear
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_iq4_nl { uint8_t d[2], qs[16]; } llq_iq4_nl;

LL_INLINE float llq_iq4_nl_scale(const llq_iq4_nl *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_iq4_nl_codes(const llq_iq4_nl *b, int8_t *c) {
    for (int i = 0; i < 16; i++) c[i] = llq_nl[b->qs[i] & 15], c[16 + i] = llq_nl[b->qs[i] >> 4];
}

LL_FN void llq_iq4_nl_pack(const float *x, const float *w, llq_iq4_nl *b) {
    const float d = llq_round_f16(llq_fit_scale(x, w, 32, -127, 113, llq_nl)), inv = llq_inverse(d);
    llq_put_f16(b->d, d);
    for (int i = 0; i < 16; i++)
        b->qs[i] = (uint8_t)(llq_nearest(x[i] * inv, llq_nl) | llq_nearest(x[16 + i] * inv, llq_nl) << 4);
}

#if LLV_INT
LL_INLINE void llq_iq4_nl_load2(const llq_iq4_nl *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs), v = llq_nl_table(LLV_S_OFFSET);
    *lo = llv_b_shuffle(v, llv_b_bits(x, 0, 15)), *hi = llv_b_shuffle(v, llv_b_bits(x, 4, 15));
}
#if LLV_GRID
LL_INLINE void llq_iq4_nl_eights(llv_z x, llv_z *lo, llv_z *hi) { llq_lookup_eights(llq_nl_128, x, lo, hi); }
#endif
#endif

#if LLV_PANEL
LL_INLINE void llq_iq4_nl_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
    llq_lookup_panel(b + 2, stride, llq_nl_128, w);
}
#endif
LL_STATIC_ASSERT(iq4_nl_bytes, sizeof(llq_iq4_nl) == 18);

LL_FN void llq_iq4_nl_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq4_nl *b = (const llq_iq4_nl *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_iq4_nl_scale(b);
        int8_t c[32];
        llq_iq4_nl_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_iq4_nl_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_iq4_nl *b = (llq_iq4_nl *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_iq4_nl_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_iq4_nl_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_iq4_nl *b = (const llq_iq4_nl *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_iq4_nl_codes(b, c);
            p = ll_fma(llq_iq4_nl_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_iq4_nl_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_iq4_nl);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_iq4_nl, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_iq4_nl_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_iq4_nl_load2((const llq_iq4_nl *)row, j, &lo, &hi);
    return true ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_iq4_nl_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 144];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 18), 144, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_iq4_nl_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_iq4_nl_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

#if LLV_GRID
/* 256 columns of eight rows: llq_eights. */
LL_INLINE llv_r llq_iq4_nl_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    const llq_eights *a = (const llq_eights *)g->room + i / 256;
    const ll_step *step = g->step[0] + i / 32;
    static const uint64_t codes[8] = LLQ_EIGHTS(LLQ_NEXT_BYTES, 18, offsetof(llq_iq4_nl, qs));
    const llv_z index = llv_z_load(codes);
    const uint64_t all = ~(uint64_t)0;
    llv_z sum[8];
    llv_i isum[8];
    llv_r d[8], total = llv_r_set(0);
    static const uint64_t scales[8] = LLQ_EIGHTS(LLQ_ALIKE_WORDS, 18, offsetof(llq_iq4_nl, d));
    llv_z scale[2];
    scale[0] = scale[1] = llv_z_load(scales);
    LLV_UNROLL for (int l = 0; l < 8; l++) {
        const uint8_t *b = p[l] + at, *c = b + 144 - 72;
        llv_z x = llv_z_load(b), y = llv_z_load(c), lo, hi;
        LLV_KEEP(x);
        LLV_KEEP(y);
        if (l % 2 == 0) LLV_UNROLL for (int k = 0; k < 2 * 144; k += 64) LL_PREFETCH(ahead + l * 144 + k);
        scale[l / 4] = llv_z_words2(x, y, scale[l / 4], 0x11111111u << l % 4);
        llq_iq4_nl_eights(llv_z_bytes2(x, y, index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(a->start, lo, a->q[0]), hi, a->q[2]);
        llq_iq4_nl_eights(llv_z_bytes2(llv_z_load(b + 8), llv_z_load(c + 8), index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(sum[l], lo, a->q[1]), hi, a->q[3]);
    }
    llq_eights_sums(sum, isum);
    llv_z_f16(scale[0], scale[1], d);
    LLV_UNROLL for (int j = 0; j < 8; j++)
        total = llv_r_fma(llv_r_mul(d[j], llv_r_set(step[j].k)), llv_r_from_i(isum[j]), total);
    return total;
}
#else
/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_iq4_nl_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 144) {
        LLV_UNROLL for (int c = 0; c < 2 * 144; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_iq4_nl_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_iq4_nl_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}
#endif

/* Eight rows side by side. */
LL_FN void llq_iq4_nl_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
#if LLV_GRID
    llq_load_eights(g);
#endif
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 144, ahead += 8 * 144)
            acc = llq_group32(g, i, llq_iq4_nl_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_iq4_nl_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_iq4_nl_panel_scale(const uint8_t *b, size_t stride) {
    return ll_panel_f16(b + offsetof(llq_iq4_nl, d), stride);
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq4_nl_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 18) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 18);
        llq_iq4_nl_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_iq4_nl_panel_scale(rows, stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_iq4_nl *b = (const llq_iq4_nl *)rows + 32 * j / 32;
            int8_t c[32];
            llq_iq4_nl_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_iq4_nl_scale(b);
        }
    }
#endif
}

LL_FN void llq_iq4_nl_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 8, 128, false);
}

#if LLV_FEW
LL_FN void llq_iq4_nl_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, 128, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += 18) {
                const llv_f d = llq_iq4_nl_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                f.ahead = ll_panel_prefetch(f.ahead, 16 * 18);
                llq_iq4_nl_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, 128, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_MXFP4)
/* MXFP4: w = d * v[c], d = 2^(e - 128): half of what e says, because v is twice the number
 *
 *   byte 0 | 1 ... 16
 *        e | qs[i] = c[i] | c[16 + i] << 4 */
typedef struct llq_mxfp4 { uint8_t e, qs[16]; } llq_mxfp4;

LL_INLINE float llq_mxfp4_scale(const llq_mxfp4 *b) { return ll_e8m0_half(b->e); }
LL_INLINE void llq_mxfp4_codes(const llq_mxfp4 *b, int8_t *c) {
    for (int i = 0; i < 16; i++) c[i] = llq_fp4_values()[b->qs[i] & 15], c[16 + i] = llq_fp4_values()[b->qs[i] >> 4];
}

/* e for which the largest value lies between 4 and 8 of the numbers, of which 6 is the largest;
 * with weights also its neighbours, if they come closer. */
LL_FN void llq_mxfp4_pack(const float *x, const float *w, llq_mxfp4 *b) {
    const float max = llq_max_abs(x, 32);
    const int e = LL_MAX((int)(ll_f32_to_bits(max) >> 23) - 2, 0);
    float best = -1;
    uint8_t c[32];
    for (int t = w ? LL_MAX(e - 1, 0) : e; t <= (w ? e + 1 : e); t++) {
        const float error = llq_fp4_nearest(x, w, 32, ll_e8m0_half((uint8_t)t), c);
        if (best >= 0 && error >= best) continue;
        best = error, b->e = (uint8_t)t;
        for (int i = 0; i < 16; i++) b->qs[i] = (uint8_t)(c[i] | c[16 + i] << 4);
    }
}

#if LLV_INT
LL_INLINE llv_r llq_mxfp4_load_scale(const uint8_t *const *p, size_t at) { return llv_r_e8m0_half(p, at); }
LL_INLINE void llq_mxfp4_load2(const llq_mxfp4 *b, int j, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load2(b[j].qs, b[j + 1].qs);
    *lo = llq_fp4_lookup(llv_b_bits(x, 0, 15)), *hi = llq_fp4_lookup(llv_b_bits(x, 4, 15));
}
#if LLV_GRID
LL_INLINE void llq_mxfp4_eights(llv_z x, llv_z *lo, llv_z *hi) { llq_lookup_eights(llq_fp4_12, x, lo, hi); }
#endif
#endif

#if LLV_PANEL
LL_INLINE void llq_mxfp4_panel(const uint8_t *b, size_t stride, llv_p w[8]) {
    llq_lookup_panel(b + 1, stride, llq_fp4_12, w);
}
#endif
LL_STATIC_ASSERT(mxfp4_bytes, sizeof(llq_mxfp4) == 17);

LL_FN void llq_mxfp4_dequantize(const void *src, float *dst, size_t n) {
    const llq_mxfp4 *b = (const llq_mxfp4 *)src;
    for (size_t i = 0; i < n; i += 32, b++) {
        const float d = llq_mxfp4_scale(b);
        int8_t c[32];
        llq_mxfp4_codes(b, c);
        for (size_t j = 0; j < 32; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_mxfp4_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_mxfp4 *b = (llq_mxfp4 *)dst;
    float w[32];
    for (size_t i = 0; i < n; i += 32)
        llq_mxfp4_pack(src + i, llq_weights(importance ? importance + i : NULL, 32, w), b++);
}

LL_FN float llq_mxfp4_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_mxfp4 *b = (const llq_mxfp4 *)row + (i + 32 * j) / 32;
            int8_t c[32];
            llq_mxfp4_codes(b, c);
            p = ll_fma(llq_mxfp4_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 32, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_mxfp4_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 32) * sizeof(llq_mxfp4);
    s->d[j] = llq_mxfp4_load_scale(p, at);
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_mxfp4_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_mxfp4_load2((const llq_mxfp4 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_mxfp4_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 136];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 32 * 17), 136, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_mxfp4_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_mxfp4_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

#if LLV_GRID
/* 256 columns of eight rows: llq_eights. */
LL_INLINE llv_r llq_mxfp4_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    const llq_eights *a = (const llq_eights *)g->room + i / 256;
    const ll_step *step = g->step[0] + i / 32;
    static const uint64_t codes[8] = LLQ_EIGHTS(LLQ_NEXT_BYTES, 17, offsetof(llq_mxfp4, qs));
    const llv_z index = llv_z_load(codes);
    const uint64_t all = ~(uint64_t)0;
    llv_z sum[8];
    llv_i isum[8];
    llv_r d[8], total = llv_r_set(0);
    static const uint64_t scales[8] = LLQ_EIGHTS(LLQ_ALIKE_BYTES, 17, 0);
    llv_z scale = llv_z_load(scales);
    LLV_UNROLL for (int l = 0; l < 8; l++) {
        const uint8_t *b = p[l] + at, *c = b + 136 - 72;
        llv_z x = llv_z_load(b), y = llv_z_load(c), lo, hi;
        LLV_KEEP(x);
        LLV_KEEP(y);
        if (l % 2 == 0) LLV_UNROLL for (int k = 0; k < 2 * 136; k += 64) LL_PREFETCH(ahead + l * 136 + k);
        scale = llv_z_bytes2(x, y, scale, LLQ_ALIKE_BYTES(1u) << l);
        llq_mxfp4_eights(llv_z_bytes2(x, y, index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(a->start, lo, a->q[0]), hi, a->q[2]);
        llq_mxfp4_eights(llv_z_bytes2(llv_z_load(b + 8), llv_z_load(c + 8), index, all), &lo, &hi);
        sum[l] = llv_z_dot(llv_z_dot(sum[l], lo, a->q[1]), hi, a->q[3]);
    }
    llq_eights_sums(sum, isum);
    llv_z_e8m0_half(scale, d);
    LLV_UNROLL for (int j = 0; j < 8; j++)
        total = llv_r_fma(llv_r_mul(d[j], llv_r_set(step[j].k)), llv_r_from_i(isum[j]), total);
    return total;
}
#else
/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_mxfp4_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 136) {
        LLV_UNROLL for (int c = 0; c < 2 * 136; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_mxfp4_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_mxfp4_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}
#endif

/* Eight rows side by side. */
LL_FN void llq_mxfp4_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
#if LLV_GRID
    llq_load_eights(g);
#endif
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 136, ahead += 8 * 136)
            acc = llq_group32(g, i, llq_mxfp4_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_mxfp4_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

#if LLV_PANEL
LL_INLINE llv_f llq_mxfp4_panel_scale(const uint8_t *b, size_t stride) {
    const uint8_t *p[16];
    LLV_UNROLL for (int i = 0; i < 16; i++) p[i] = b + (size_t)i * stride;
    return llv_f_pair(llq_mxfp4_load_scale(p, 0), llq_mxfp4_load_scale(p + 8, 0));
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_mxfp4_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    for (int b = 0; b < n_blocks; b++, rows += 17) {
        llv_p w[8];
        ahead = ll_panel_prefetch(ahead, 16 * 17);
        llq_mxfp4_panel(rows, stride, w);
        LLV_UNROLL for (int i = 0; i < 8; i++) llv_p_store(p->w[8 * b + i], w[i]);
        ll_panel_scale_f(p, b, llq_mxfp4_panel_scale(rows, stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_mxfp4 *b = (const llq_mxfp4 *)rows + 32 * j / 32;
            int8_t c[32];
            llq_mxfp4_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 32 + i];
            p->scale_f[r][j] = llq_mxfp4_scale(b);
        }
    }
#endif
}

LL_FN void llq_mxfp4_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 5, 12, false);
}

#if LLV_FEW
LL_FN void llq_mxfp4_few(const ll_gemv *g) {
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256) {
            llv_f sum[LLV_TILE_VECS];
            float k[LLV_TILE_VECS][8];
            ll_few_group(&f, g, i, 12, false);
            for (int v = 0; v < LLV_TILE_VECS; v++) for (int j = 0; j < 8; j++) k[v][j] = (float)f.t.a[v]->k[j];
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) sum[v] = llv_f_set(0);
            for (int b = 0; b < f.t.n_blocks; b++, f.rows += 17) {
                const llv_f d = llq_mxfp4_panel_scale(f.rows, stride);
                llv_p w[8], acc[LLV_TILE_VECS];
                f.ahead = ll_panel_prefetch(f.ahead, 16 * 17);
                llq_mxfp4_panel(f.rows, stride, w);
                ll_few_dots(&f, w, 2 * b, 2, 12, acc);
                LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++)
                    sum[v] = llv_f_fma(llv_f_mul(d, llv_f_set(k[v][b])), llv_p_float(acc[v]), sum[v]);
            }
            ll_tile_end(&f.t, sum, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_NVFP4)
/* NVFP4: w = d[j] * v[c], j = index / 16, d half of the number in the byte, as v is twice one
 *
 *   byte 0 ... 3                              | 4 ... 35
 *        d[j]: 4 bits exponent, 3 of mantissa | qs[8 * j + i] = c[16 * j + i] | c[16 * j + 8 + i] << 4 */
typedef struct llq_nvfp4 { uint8_t d[4], qs[32]; } llq_nvfp4;

LL_INLINE float llq_nvfp4_scale(const llq_nvfp4 *b, int j) { return ll_ue4m3_half(b->d[j]); }
LL_INLINE void llq_nvfp4_codes(const llq_nvfp4 *b, int8_t *c) {
    for (int i = 0; i < 32; i++) {
        c[i / 8 * 16 + i % 8] = llq_fp4_values()[b->qs[i] & 15];
        c[i / 8 * 16 + 8 + i % 8] = llq_fp4_values()[b->qs[i] >> 4];
    }
}

/* Each scale is the nearest to the one that makes the largest value 6; with weights the best of
 * its neighbourhood. Its numbers are in order, 0x7e is the largest, 448: no value beyond 6 * 448. */
LL_FN void llq_nvfp4_pack(const float *x, const float *w, llq_nvfp4 *b) {
    for (int j = 0; j < 4; j++, x += 16, w = w ? w + 16 : NULL) {
        const float d = llq_max_abs(x, 16) / 12;
        float best = -1;
        int nearest = 0;
        for (int t = 1; t < 0x7f; t++)
            if (fabsf(ll_ue4m3_half((uint8_t)t) - d) <= fabsf(ll_ue4m3_half((uint8_t)nearest) - d)) nearest = t;
        for (int t = LL_MAX(nearest - 3, 0); t <= LL_MIN(nearest + 3, 0x7e); t++) {
            uint8_t c[16];
            float error;
            if (!w && t != nearest) continue;
            error = llq_fp4_nearest(x, w, 16, ll_ue4m3_half((uint8_t)t), c);
            if (best >= 0 && error >= best) continue;
            best = error, b->d[j] = (uint8_t)t;
            for (int i = 0; i < 8; i++) b->qs[8 * j + i] = (uint8_t)(c[i] | c[8 + i] << 4);
        }
    }
}

#if LLV_INT
/* All 64 codes: the first 8 of each 16, the last 8 of each 16. */
LL_INLINE void llq_nvfp4_load(const llq_nvfp4 *b, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load(b->qs);
    *lo = llq_fp4_lookup(llv_b_bits(x, 0, 15)), *hi = llq_fp4_lookup(llv_b_bits(x, 4, 15));
}
#endif
LL_STATIC_ASSERT(nvfp4_bytes, sizeof(llq_nvfp4) == 36);

LL_FN void llq_nvfp4_dequantize(const void *src, float *dst, size_t n) {
    const llq_nvfp4 *b = (const llq_nvfp4 *)src;
    for (size_t i = 0; i < n; i += 64, b++) {
        int8_t c[64];
        llq_nvfp4_codes(b, c);
        for (int j = 0; j < 64; j++) dst[i + (size_t)j] = llq_nvfp4_scale(b, j / 16) * (float)c[j];
    }
}

LL_FN void llq_nvfp4_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_nvfp4 *b = (llq_nvfp4 *)dst;
    float w[64];
    for (size_t i = 0; i < n; i += 64)
        llq_nvfp4_pack(src + i, llq_weights(importance ? importance + i : NULL, 64, w), b++);
}

LL_FN float llq_nvfp4_dot(const void *row, const void *vec, int n_cols) {
    const llq_nvfp4 *b = (const llq_nvfp4 *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++) {
        float p = 0;
        for (int i = 0; i < LL_MIN(n_cols, 256); i += 64, b++) {
            int8_t c[64];
            llq_nvfp4_codes(b, c);
            for (int j = 0; j < 64; j += 16)
                p = ll_fma(llq_nvfp4_scale(b, j / 16) * (float)a->k[(i + j) / 32],
                           (float)llq_dot(c + j, a->q + i + j, 16), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

#if LLV_INT
/* Eight rows side by side, as with blocks of 32. A pair of lanes belongs to each scale; the sums
 * of the offset are subtracted in the lanes. */
LL_FN void llq_nvfp4_gemv(const ll_gemv *g) {
    const llv_b offset = llv_b_set(12);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        uint8_t copy[8 * 144];
        llv_r acc = llv_r_set(0), sum;
        for (int i = 0; i < g->n_cols; i += 256) {
            const int blocks = LL_MIN(g->n_cols - i, 256) / 64;
            const ll_a8 *a = llq_a8(g, 0, i);
            size_t at = (size_t)(i / 64) * 36;
            llv_i dot[4][8], minus[4];
            llv_b q[8];
            if (blocks < 4) at = llq_last(g, p, at, (size_t)blocks * 36, 144, copy);
            LLV_UNROLL for (int b = 0; b < 4; b++) {
                llq_load_q16(a->q + 64 * b, &q[2 * b], &q[2 * b + 1]);
                minus[b] = llv_dot2_u(offset, q[2 * b], offset, q[2 * b + 1]);
            }
            LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 144) {
                LLV_UNROLL for (int c = 0; c < 2 * 144; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const int row = l + j / 4, b = j % 4;
                    llv_b lo, hi;
                    llq_nvfp4_load((const llq_nvfp4 *)(p[row] + at) + b, &lo, &hi);
                    dot[b][row] = llv_i_sub(llv_dot2_u(lo, q[2 * b], hi, q[2 * b + 1]), minus[b]);
                }
            }
            sum = llv_r_set(0);
            for (int b = 0; b < blocks; b++) {
                llv_r d[4];
                llv_i isum[4];
                llv_r_ue4m3_half(p, at + (size_t)b * 36, d);
                llq_sum2(dot[b], isum);
                LLV_UNROLL for (int j = 0; j < 4; j++)
                    sum = llv_r_fma(llv_r_mul(d[j], llv_r_set((float)a->k[2 * b + j / 2])), llv_r_from_i(isum[j]), sum);
            }
            acc = llv_r_fma(llv_r_set(a->base), sum, acc);
        }
        llv_r_store_n(g->y[0] + r, acc, LL_MIN(8, g->n_rows - r));
    }
}

#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_nvfp4_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    const uint8_t *row[16];
    uint8_t code[16][256];
    for (int r = 0; r < 16; r++) {
        const llq_nvfp4 *b = (const llq_nvfp4 *)(rows + (size_t)r * stride);
        ahead = ll_panel_prefetch(ahead, 144);
        for (int j = 0; j < n_blocks; j += 2) {
            uint8_t *c = code[r] + 32 * j;
            llv_b lo, hi;
            llq_nvfp4_load(b + j / 2, &lo, &hi);
            llv_b_store2(c, c + 32, llv_b_lows8(lo, hi)), llv_b_store2(c + 16, c + 48, llv_b_highs8(lo, hi));
        }
    }
    ll_panel_codes(p, code[0], 32 * n_blocks, 0);
    for (int r = 0; r < 16; r++) row[r] = rows + (size_t)r * stride;
    for (int b = 0; b < n_blocks / 2; b++) {
        llv_r lo[4], hi[4];
        llv_r_ue4m3_half(row, (size_t)b * 36, lo), llv_r_ue4m3_half(row + 8, (size_t)b * 36, hi);
        LLV_UNROLL for (int j = 0; j < 4; j++) ll_panel_scale_f(p, 4 * b + j, llv_f_pair(lo[j], hi[j]));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j += 2) {
            const llq_nvfp4 *b = (const llq_nvfp4 *)rows + j / 2;
            int8_t c[64];
            llq_nvfp4_codes(b, c);
            for (int i = 0; i < 64; i++) p->w[r][32 * j + i] = c[i];
            for (int i = 0; i < 4; i++) p->scale_f[r][2 * j + i] = llq_nvfp4_scale(b, i);
        }
    }
#endif
}

LL_FN void llq_nvfp4_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile16(p, n_panels, t, n_vecs, 5, 12);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q1_0)
/* Q1_0: w = d or -d, which is d * (c - 1) with c = 0 or 2
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs: bit i % 8 of byte i / 8 = c[i] / 2 */
typedef struct llq_q1_0 { uint8_t d[2], qs[16]; } llq_q1_0;

LL_INLINE float llq_q1_0_scale(const llq_q1_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q1_0_codes(const llq_q1_0 *b, int8_t *c) {
    for (int i = 0; i < 128; i++) c[i] = (int8_t)((b->qs[i / 8] >> i % 8 & 1) * 2 - 1);
}

/* For signs as they are the mean magnitude is the best scale. */
LL_FN void llq_q1_0_pack(const float *x, const float *w, llq_q1_0 *b) {
    float sum = 0, sum_w = 0;
    memset(b->qs, 0, sizeof b->qs);
    for (int i = 0; i < 128; i++) {
        sum += llq_weight(w, i) * fabsf(x[i]), sum_w += llq_weight(w, i);
        b->qs[i / 8] |= (uint8_t)((x[i] >= 0) << i % 8);
    }
    llq_put_f16(b->d, sum / sum_w);
}

#if LLV_INT
LL_INLINE void llq_q1_0_load2(const llq_q1_0 *b, int j, llv_b *lo, llv_b *hi) {
    static const uint8_t index[4][32] = {
        { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5 },
        { 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7 },
        { 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 12, 12, 12, 12, 12, 12, 12, 12, 13, 13, 13, 13, 13, 13, 13, 13 },
        { 10, 10, 10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 14, 14, 14, 14, 14, 14, 14, 14, 15, 15, 15, 15, 15, 15, 15, 15 }
    };
    const llv_b x = llv_b_load2(b[j / 4].qs, b[j / 4].qs);
    *lo = llv_b_flag(llv_b_set(0), llv_b_shuffle(x, llv_b_load(index[j % 4])), 2);
    *hi = llv_b_flag(llv_b_set(0), llv_b_shuffle(x, llv_b_load(index[j % 4 + 1])), 2);
}
#endif
LL_STATIC_ASSERT(q1_0_bytes, sizeof(llq_q1_0) == 18);

LL_FN void llq_q1_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q1_0 *b = (const llq_q1_0 *)src;
    for (size_t i = 0; i < n; i += 128, b++) {
        const float d = llq_q1_0_scale(b);
        int8_t c[128];
        llq_q1_0_codes(b, c);
        for (size_t j = 0; j < 128; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_q1_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q1_0 *b = (llq_q1_0 *)dst;
    float w[128];
    for (size_t i = 0; i < n; i += 128)
        llq_q1_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 128, w), b++);
}

LL_FN float llq_q1_0_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q1_0 *b = (const llq_q1_0 *)row + (i + 32 * j) / 128;
            int8_t c[128];
            llq_q1_0_codes(b, c);
            p = ll_fma(llq_q1_0_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 128, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q1_0_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 128) * sizeof(llq_q1_0);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_q1_0, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q1_0_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q1_0_load2((const llq_q1_0 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q1_0_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 36];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 128 * 18), 36, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q1_0_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q1_0_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q1_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 36) {
        LLV_UNROLL for (int c = 0; c < 2 * 36; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q1_0_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q1_0_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q1_0_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 36, ahead += 8 * 36)
            acc = llq_group32(g, i, llq_q1_0_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q1_0_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q1_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    uint8_t code[16][256];
    llq_q1_0 last[256 / 128];
    for (int r = 0; r < 16; r++) {
        const llq_q1_0 *b = (const llq_q1_0 *)(rows + (size_t)r * stride);
        ahead = ll_panel_prefetch(ahead, 36);
        if (n_blocks % 2) memcpy(last, b, (size_t)(n_blocks * 18)), b = last;
        for (int j = 0; j < n_blocks; j += 2) {
            uint8_t *c = code[r] + 32 * j;
            llv_b lo, hi;
            llq_q1_0_load2(b, j, &lo, &hi);
            llv_b_store2(c, c + 32, lo), llv_b_store2(c + 16, c + 48, hi);
        }
    }
    ll_panel_codes(p, code[0], 32 * n_blocks, false && LLV_S_OFFSET == 0 ? 128 : 0);
    for (int j = 0; j < n_blocks; j++) {
        const uint8_t *b = rows + 32 * j / 128 * 18;
        ll_panel_scale_f(p, j, ll_panel_f16(b + offsetof(llq_q1_0, d), stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q1_0 *b = (const llq_q1_0 *)rows + 32 * j / 128;
            int8_t c[128];
            llq_q1_0_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 128 + i];
            p->scale_f[r][j] = llq_q1_0_scale(b);
        }
    }
#endif
}

LL_FN void llq_q1_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 2, 1, false);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_0)
/* Q2_0: w = d * (c - 1)
 *
 *   byte 0 1 | 2 ... 17
 *        d   | qs[i] = c[4 * i] | c[4 * i + 1] << 2 | c[4 * i + 2] << 4 | c[4 * i + 3] << 6 */
typedef struct llq_q2_0 { uint8_t d[2], qs[16]; } llq_q2_0;

LL_INLINE float llq_q2_0_scale(const llq_q2_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q2_0_codes(const llq_q2_0 *b, int8_t *c) {
    for (int i = 0; i < 64; i++) c[i] = (int8_t)((b->qs[i / 4] >> i % 4 * 2 & 3) - 1);
}

/* One more step on one side, so the scale of either sign may be the better one. */
LL_FN void llq_q2_0_pack(const float *x, const float *w, llq_q2_0 *b) {
    int8_t c[2][64];
    float d[2], error[2];
    for (int i = 0; i < 2; i++) {
        d[i] = llq_fit_scale(x, w, 64, i ? -1 : -2, i ? 2 : 1, NULL) * (i ? 1 : -1);
        d[i] = llq_round_f16(d[i]);
        error[i] = llq_codes_for(x, w, 64, d[i], 0, -1, 2, NULL, c[i]);
    }
    const int8_t *best = c[error[1] < error[0]];
    llq_put_f16(b->d, d[error[1] < error[0]]);
    for (int i = 0; i < 16; i++, best += 4)
        b->qs[i] = (uint8_t)((best[0] + 1) | (best[1] + 1) << 2 | (best[2] + 1) << 4 | (best[3] + 1) << 6);
}

#if LLV_INT
LL_INLINE void llq_q2_0_load2(const llq_q2_0 *b, int j, llv_b *lo, llv_b *hi) {
    static const uint8_t low[32] = { 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                     8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11 };
    static const uint8_t high[32] = { 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7,
                                      12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15 };
    const llv_b x = llv_b_load2(b[j / 2].qs, b[j / 2].qs);
    *lo = llv_b_quarter(llv_b_shuffle(x, llv_b_load(low)));
    *hi = llv_b_quarter(llv_b_shuffle(x, llv_b_load(high)));
}
#endif
LL_STATIC_ASSERT(q2_0_bytes, sizeof(llq_q2_0) == 18);

LL_FN void llq_q2_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_q2_0 *b = (const llq_q2_0 *)src;
    for (size_t i = 0; i < n; i += 64, b++) {
        const float d = llq_q2_0_scale(b);
        int8_t c[64];
        llq_q2_0_codes(b, c);
        for (size_t j = 0; j < 64; j++) dst[i + j] = d * (float)c[j];
    }
}

LL_FN void llq_q2_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q2_0 *b = (llq_q2_0 *)dst;
    float w[64];
    for (size_t i = 0; i < n; i += 64)
        llq_q2_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 64, w), b++);
}

LL_FN float llq_q2_0_dot(const void *row, const void *vec, int n_cols) {
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (int i = 0; i < n_cols; i += 256, a++) {
        float p = 0;
        for (int j = 0; j < 8 && i + 32 * j < n_cols; j++) {
            const llq_q2_0 *b = (const llq_q2_0 *)row + (i + 32 * j) / 64;
            int8_t c[64];
            llq_q2_0_codes(b, c);
            p = ll_fma(llq_q2_0_scale(b) * (float)a->k[j],
                       (float)llq_dot(c + 32 * j % 64, a->q + 32 * j, 32), p);
        }
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_INLINE void llq_q2_0_load_scale32(const uint8_t *const *p, size_t at, int j, llq_scales32 *s) {
    at += (size_t)(32 * j / 64) * sizeof(llq_q2_0);
    s->d[j] = llv_r_f16(p, at + offsetof(llq_q2_0, d));
}
/* The products of a row's blocks j and j + 1. */
LL_INLINE llv_i llq_q2_0_dot2(const uint8_t *row, int j, const llv_b *q) {
    llv_b lo, hi;
    llq_q2_0_load2((const llq_q2_0 *)row, j, &lo, &hi);
    return false ? llv_dot2_o(lo, q[0], hi, q[1]) : llv_dot2_u(lo, q[0], hi, q[1]);
}

/* The last group of eight rows, if it is short: has n blocks of 32 columns. */
LL_FN llv_r llq_q2_0_short(const ll_gemv *g, const uint8_t **p, size_t at, int i, int n, llv_r acc) {
    uint8_t copy[8 * 72];
    llq_scales32 s;
    llv_i dot[4][8];
    llv_b q[8];
    at = llq_last(g, p, at, (size_t)(32 * n / 64 * 18), 72, copy);
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int j = 0; j < n; j += 2)
        LLV_ROLL for (int l = 0; l < 8; l++) dot[j / 2][l] = llq_q2_0_dot2(p[l] + at, j, q + j);
    LLV_ROLL for (int j = 0; j < n; j++) llq_q2_0_load_scale32(p, at, j, &s);
    return llq_short32(g, i, n, &s, false, dot, acc);
}

/* 256 columns of eight rows. First the integer products, row after row; a pair of blocks fills a
 * vector with the first halves of their codes and one with the second halves. Then the rows change
 * places with the lanes, and the scales come in. */
LL_INLINE llv_r llq_q2_0_group(const ll_gemv *g, int i, const uint8_t *const *p, size_t at, const uint8_t *ahead) {
    llv_r sum = llv_r_set(0);
    llv_i dot[4][8];                            /* [pair][row] */
    llv_b q[8];
    llq_scales32 s;
    llq_load_q(llq_a8(g, 0, i)->q, 8, q);
    LLV_ROLL for (int l = 0; l < 8; l += 2, ahead += 2 * 72) {
        LLV_UNROLL for (int c = 0; c < 2 * 72; c += 64) LL_PREFETCH(ahead + c);
        LLV_UNROLL for (int j = 0; j < 8; j++) {
            const int row = l + j / 4, k = j % 4 * 2;
            dot[k / 2][row] = llq_q2_0_dot2(p[row] + at, k, q + k);
        }
    }
    LLV_UNROLL for (int j = 0; j < 8; j++) llq_q2_0_load_scale32(p, at, j, &s);
    LLV_UNROLL for (int j = 0; j < 8; j += 2)
        sum = llq_pair32(g->step[0] + i / 32, &s, j, true, false, dot[j / 2], sum);
    return sum;
}

/* Eight rows side by side. */
LL_FN void llq_q2_0_gemv(const ll_gemv *g) {
    const int whole = g->n_cols / 256 * 256;
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        size_t at = 0;
        for (int i = 0; i < whole; i += 256, at += 72, ahead += 8 * 72)
            acc = llq_group32(g, i, llq_q2_0_group(g, i, p, at, ahead), acc);
        if (whole < g->n_cols) {
            for (size_t c = 0; c < 8 * (g->row_bytes - at); c += 64) LL_PREFETCH(ahead + c);
            acc = llq_q2_0_short(g, p, at, whole, (g->n_cols - whole) / 32, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Columns [0, 32 * n_blocks) of 16 rows, `stride` bytes apart. */
LL_FN void llq_q2_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
#if LLV_PANEL
    uint8_t code[16][256];
    llq_q2_0 last[256 / 64];
    for (int r = 0; r < 16; r++) {
        const llq_q2_0 *b = (const llq_q2_0 *)(rows + (size_t)r * stride);
        ahead = ll_panel_prefetch(ahead, 72);
        if (n_blocks % 2) memcpy(last, b, (size_t)(n_blocks * 18)), b = last;
        for (int j = 0; j < n_blocks; j += 2) {
            uint8_t *c = code[r] + 32 * j;
            llv_b lo, hi;
            llq_q2_0_load2(b, j, &lo, &hi);
            llv_b_store2(c, c + 32, lo), llv_b_store2(c + 16, c + 48, hi);
        }
    }
    ll_panel_codes(p, code[0], 32 * n_blocks, false && LLV_S_OFFSET == 0 ? 128 : 0);
    for (int j = 0; j < n_blocks; j++) {
        const uint8_t *b = rows + 32 * j / 64 * 18;
        ll_panel_scale_f(p, j, ll_panel_f16(b + offsetof(llq_q2_0, d), stride));
    }
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        for (int j = 0; j < n_blocks; j++) {
            const llq_q2_0 *b = (const llq_q2_0 *)rows + 32 * j / 64;
            int8_t c[64];
            llq_q2_0_codes(b, c);
            for (int i = 0; i < 32; i++) p->w[r][32 * j + i] = c[32 * j % 64 + i];
            p->scale_f[r][j] = llq_q2_0_scale(b);
        }
    }
#endif
}

LL_FN void llq_q2_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    ll_tile32(p, n_panels, t, n_vecs, 2, 1, false);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_K)
/* Q2_K: w = d * sc[j] * c - dmin * m[j], j = index / 16. Two halves of 128 weights alike; in each
 * the byte qs[l] is c[l] | c[32 + l] << 2 | c[64 + l] << 4 | c[96 + l] << 6        l = 0..31
 *
 *   byte 0 ... 15         | 16 ... 79 | 80 81 | 82 83
 *        sc[j] | m[j] << 4 | qs        | d     | dmin */
typedef struct llq_q2_k { uint8_t scales[16], qs[64], d[2], dmin[2]; } llq_q2_k;

LL_INLINE float llq_q2_k_scale(const llq_q2_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE float llq_q2_k_min(const llq_q2_k *b) { return ll_f16_to_f32(ll_load_u16(b->dmin)); }
LL_INLINE void llq_q2_k_scales(const llq_q2_k *b, int16_t *sc, int16_t *m) {
    for (int j = 0; j < 16; j++) sc[j] = b->scales[j] & 15, m[j] = b->scales[j] >> 4;
}
LL_INLINE void llq_q2_k_codes(const llq_q2_k *b, int8_t *c) { llq_twos_codes(b->qs, 0, c); }

LL_FN void llq_q2_k_pack(const float *x, const float *w, llq_q2_k *b) {
    llq_super s = { 16, 0, 3, 0, 15, 15, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, true);
    llq_put_f16(b->d, s.d), llq_put_f16(b->dmin, s.dmin);
    for (int j = 0; j < 16; j++) b->scales[j] = (uint8_t)(s.sc[j] | s.m[j] << 4);
    llq_twos_pack(s.c, 0, b->qs);
}

#if LLV_INT
LL_INLINE void llq_q2_k_load_scales(const llq_q2_k *b, llv_w *sc, llv_w *m) {
    const llv_b x = llv_b_load2(b->scales, b->scales + 8);      /* of each half the lower 8 bytes count */
    *sc = llv_w_from_low(llv_b_bits(x, 0, 15)), *m = llv_w_from_low(llv_b_bits(x, 4, 15));
}
LL_INLINE llv_b llq_q2_k_load(const llq_q2_k *b, int j) { return llq_twos_load(b->qs, j); }
#endif

#if LLV_PANEL
LL_INLINE void llq_q2_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) { llq_twos_panel(b + 16, stride, j, w); }
LL_INLINE int llq_q2_k_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_q2_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b, stride, r);
    LLV_UNROLL for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, ll_panel_field(r[j / 4], j % 4 * 8, 15));
    LLV_UNROLL for (int j = 0; j < 8; j++) ll_panel_mins(p, j, ll_panel_bits(r[j / 2], 4, 15), j % 2 * 2);
    llv_f_store(p->d.f, ll_panel_f16(b + 80, stride));
    llv_f_store(p->dmin.f, llv_f_mul(ll_panel_f16(b + 82, stride), llv_f_set(-1)));
}
#endif
LL_STATIC_ASSERT(q2_k_bytes, sizeof(llq_q2_k) == 84);

LL_FN void llq_q2_k_dequantize(const void *src, float *dst, size_t n) {
    const llq_q2_k *b = (const llq_q2_k *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        int16_t m[16];
        llq_q2_k_scales(b, sc, m);
        llq_q2_k_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_q2_k_scale(b) * (float)sc[j / 16];
            const float min = llq_q2_k_min(b) * (float)m[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i] - min;
        }
    }
}

LL_FN void llq_q2_k_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q2_k *b = (llq_q2_k *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_q2_k_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
}

LL_FN float llq_q2_k_dot(const void *row, const void *vec, int n_cols) {
    const llq_q2_k *b = (const llq_q2_k *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_q2_k_codes(b, c);
        int32_t msum = 0;
        int16_t m[16];
        llq_q2_k_scales(b, sc, m);
        for (int j = 0; j < 16; j++) msum += m[j] * a->k[j / 2] * a->sum[j];
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q2_k_scale(b) * (float)isum;
        p = ll_fma(-llq_q2_k_min(b), (float)msum, p);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_q2_k_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q2_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q2_k, d));
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_q2_k, dmin));
            llv_i sum[8], isum;
            llv_r t;
            const llv_w k = llv_w_load_twice(a->k), ksum = llq_ksum16(a);
            llv_i fix[8];
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q2_k)) {
                const llq_q2_k *b = (const llq_q2_k *)(p[l] + at), *b4 = (const llq_q2_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                llv_w sk, sk4;
                LL_PREFETCH_NEAR(b + 2), LL_PREFETCH_NEAR(b4 + 2);
                llv_w sc, sc4, m, m4;
                llq_q2_k_load_scales(b, &sc, &m), llq_q2_k_load_scales(b4, &sc4, &m4);
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum), fix[l + 4] = llv_w_dot(m4, ksum);
                sk = llv_w_mul(sc, k), sk4 = llv_w_mul(sc4, k);
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_b qc = llv_b_load(a->q + 32 * j), qe = llv_b_load(a->q + 32 * j + 32);
                    const llv_b c = llq_q2_k_load(b, j), e = llq_q2_k_load(b, j + 1);
                    const llv_b c4 = llq_q2_k_load(b4, j), e4 = llq_q2_k_load(b4, j + 1);
                    sum[l] = llv_dot2_scaled(sum[l], c, qc, e, qe, sk, j);
                    sum[l + 4] = llv_dot2_scaled(sum[l + 4], c4, qc, e4, qe, sk4, j);
                }
            }
            isum = llq_sum8(sum);
            t = llv_r_mul(d, llv_r_from_i(isum));
            t = llv_r_nfma(dmin, llv_r_from_i(llq_sum8(fix)), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_q2_k_each32 = !true || true, llq_q2_k_mins = true ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_q2_k_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || true;                    /* scales that go into the codes need no multiples */
    llq_q2_k_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 84);
        llq_q2_k_panel(rows, stride, j, w);
        if (true) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_q2_k_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_q2_k_run(j, i / 4) + i % 4], w[i]);
    }
    if (true) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_q2_k *x = (const llq_q2_k *)rows;
        int8_t c[256];
        llq_q2_k_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_q2_k_scale(x);
        p->dmin[r] = llq_q2_k_min(x);
        llq_q2_k_scales(x, p->scale[r], p->min[r]);
    }
#endif
}

LL_FN void llq_q2_k_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_q2_k_each32) ll_tile256_32(p, n_panels, t, n_vecs, 6, 0, llq_q2_k_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 6, 0, llq_q2_k_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_Q3_K)
/* Q3_K: w = d * (sc[j] - 32) * (c - 4), j = index / 16
 *
 *   byte 0 ... 31               | 32 ... 95           | 96 ... 107     | 108 109
 *        bit i of hm[l]          | qs: the lower two   | sc: 6 bits     | d
 *        = bit 2 of c[32 * i + l] | bits, as Q2_K's     | each           |
 *
 *   byte 96 + j:  (sc[j] & 15) | (sc[8 + j] & 15) << 4                              j = 0..7
 *   byte 104 + j: the upper two bits of sc[j], sc[4 + j], sc[8 + j], sc[12 + j]     j = 0..3 */
typedef struct llq_q3_k { uint8_t hm[32], qs[64], scales[12], d[2]; } llq_q3_k;

LL_INLINE float llq_q3_k_scale(const llq_q3_k *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_q3_k_scales(const llq_q3_k *b, int16_t *sc) {
    for (int j = 0; j < 16; j++) {
        int low = b->scales[j % 8] >> (j / 8 * 4) & 15, high = b->scales[8 + j % 4] >> (j / 4 * 2) & 3;
        sc[j] = (int16_t)((low | high << 4) - 32);
    }
}
LL_INLINE void llq_q3_k_codes(const llq_q3_k *b, int8_t *c) {
    llq_twos_codes(b->qs, 4, c);
    for (int i = 0; i < 256; i++) c[i] = (int8_t)(c[i] + (b->hm[i % 32] >> (i / 32) & 1) * 4);
}

LL_FN void llq_q3_k_pack(const float *x, const float *w, llq_q3_k *b) {
    llq_super s = { 16, -4, 3, -32, 31, 0, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, false);
    llq_put_f16(b->d, s.d);
    memset(b->hm, 0, sizeof b->hm), memset(b->scales, 0, sizeof b->scales);
    for (int j = 0; j < 16; j++) {
        int sc = s.sc[j] + 32;
        b->scales[j % 8] |= (uint8_t)((sc & 15) << (j / 8 * 4));
        b->scales[8 + j % 4] |= (uint8_t)(sc >> 4 << (j / 4 * 2));
    }
    for (int i = 0; i < 256; i++) b->hm[i % 32] |= (uint8_t)((s.c[i] >= 0) << (i / 32));
    llq_twos_pack(s.c, 4, b->qs);
}

#if LLV_INT
/* A product puts the bits of every word where one shift and one mask find them: of the lower four
 * bits in the upper half of each byte, of the two upper ones in its bits 6 and 7. */
LL_INLINE llv_w llq_q3_k_load_scales(const llq_q3_k *b) {
    static const uint8_t low[16] = { 2, 3, 4, 5, 6, 7, 8, 9 };
    static const uint8_t high[16] = { 10, 11, 12, 13, 10, 11, 12, 13 };
    static const int16_t low_to[16] = { 16, 16, 16, 16, 0, 0, 0, 0, 1, 1, 1, 1 };
    static const int16_t high_to[16] = { 64, 64, 16, 16, 0, 0, 0, 0, 4, 4, 1, 1 };
    const llv_b x = llv_b_load2((const uint8_t *)b + 94, (const uint8_t *)b + 94);  /* nothing behind d */
    llv_b s = llv_b_shuffle(x, llv_b_load2(low, low)), t = llv_b_shuffle(x, llv_b_load2(high, high));
    s = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(s), llv_w_load(low_to))), 4, 15);
    t = llv_b_bits(llv_b_of_w(llv_w_mul(llv_w_of_b(t), llv_w_load(high_to))), 2, 0x30);
    return llv_w_add(llv_w_from_low(llv_b_or(s, t)), llv_w_set(-32));
}
LL_INLINE llv_b llq_q3_k_load(const llq_q3_k *b, int j) {
    return llv_b_or(llq_twos_load(b->qs, j), llv_b_bits(llv_b_load(b->hm), j - 2, 4));
}
#endif

#if LLV_PANEL
LL_INLINE void llq_q3_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    llv_p h[4];
    llq_twos_panel(b + 32, stride, j, w);
    llv_p_rows(b + 16 * (j % 2), stride, h);
    LLV_UNROLL for (int i = 0; i < 4; i++) h[i] = llv_p_shr(h[i], 4 * (j / 2));
    LLV_UNROLL for (int i = 0; i < 16; i++) w[i] = llv_p_or(w[i], ll_panel_bits(h[i % 4], i / 4 - 2, 4));
}
LL_INLINE int llq_q3_k_run(int j, int i) { return llq_quarters_run(j, i); }
/* In r the 12 bytes begin in the middle of a number; in s not. */
LL_INLINE void llq_q3_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4], s[3];
    llv_p_rows(b + 94, stride, r);
    LLV_UNROLL for (int i = 0; i < 3; i++) s[i] = llv_p_or(llv_p_shr(r[i], 16), llv_p_shl(r[i + 1], 16));
    LLV_UNROLL for (int j = 0; j < 16; j++) {
        const llv_p low = ll_panel_field(s[j % 8 / 4], j % 4 * 8 + j / 8 * 4, 15);
        const llv_p high = ll_panel_field(s[2], j % 4 * 8 + j / 4 * 2, 3);
        ll_panel_scale_i(p, j, llv_p_add(llv_p_or(low, llv_p_shl(high, 4)), llv_p_set(-32)));
    }
    llv_f_store(p->d.f, llv_f_of_halves(llv_p_shr(r[3], 16)));
}
#endif
LL_STATIC_ASSERT(q3_k_bytes, sizeof(llq_q3_k) == 110);

LL_FN void llq_q3_k_dequantize(const void *src, float *dst, size_t n) {
    const llq_q3_k *b = (const llq_q3_k *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_q3_k_scales(b, sc);
        llq_q3_k_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_q3_k_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN void llq_q3_k_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q3_k *b = (llq_q3_k *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_q3_k_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
}

LL_FN float llq_q3_k_dot(const void *row, const void *vec, int n_cols) {
    const llq_q3_k *b = (const llq_q3_k *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_q3_k_codes(b, c);
        llq_q3_k_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q3_k_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_q3_k_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q3_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q3_k, d));
            llv_i sum[8], isum;
            llv_r t;
            const llv_w k = llv_w_load_twice(a->k), ksum = llq_ksum16(a);
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q3_k)) {
                const llq_q3_k *b = (const llq_q3_k *)(p[l] + at), *b4 = (const llq_q3_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                llv_w sk, sk4;
                LL_PREFETCH_NEAR(b + 2), LL_PREFETCH_NEAR(b4 + 2);
                const llv_w sc = llq_q3_k_load_scales(b), sc4 = llq_q3_k_load_scales(b4);
                const llv_w minus = llv_w_set(-4);
                sum[l] = llv_w_dot(llv_w_mul(sc, minus), ksum), sum[l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum);
                sk = llv_w_mul(sc, k), sk4 = llv_w_mul(sc4, k);
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_b qc = llv_b_load(a->q + 32 * j), qe = llv_b_load(a->q + 32 * j + 32);
                    const llv_b c = llq_q3_k_load(b, j), e = llq_q3_k_load(b, j + 1);
                    const llv_b c4 = llq_q3_k_load(b4, j), e4 = llq_q3_k_load(b4, j + 1);
                    sum[l] = llv_dot2_scaled(sum[l], c, qc, e, qe, sk, j);
                    sum[l + 4] = llv_dot2_scaled(sum[l + 4], c4, qc, e4, qe, sk4, j);
                }
            }
            isum = llq_sum8(sum);
            t = llv_r_mul(d, llv_r_from_i(isum));
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_q3_k_each32 = !true || false, llq_q3_k_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_q3_k_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_q3_k_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 110);
        llq_q3_k_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_q3_k_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_q3_k_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_q3_k *x = (const llq_q3_k *)rows;
        int8_t c[256];
        llq_q3_k_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_q3_k_scale(x);
        llq_q3_k_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_q3_k_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_q3_k_each32) ll_tile256_32(p, n_panels, t, n_vecs, 3, 4, llq_q3_k_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 3, 4, llq_q3_k_mins);
}
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

LL_FN void llq_q4_k_pack(const float *x, const float *w, llq_q4_k *b) {
    llq_super s = { 32, 0, 15, 0, 63, 63, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, true);
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
#if LLV_GRID
LL_INLINE void llq_q4_k_runs(const llq_q4_k *b, llv_z c[4]) {
    llv_z x[2];
    llq_quarter_runs(b->qs, x);
    LLV_UNROLL for (int i = 0; i < 2; i++) c[i] = llv_z_low4(x[i]), c[2 + i] = llv_z_high4(x[i]);
}
#endif
#endif

#if LLV_PANEL
LL_INLINE void llq_q4_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    LLV_UNROLL for (int h = 0; h < 8; h += 4) {         /* half of a block and half of the next */
        llv_p r[4];
        llv_p_rows(b + 16 + 32 * j + 4 * h, stride, r);
        LLV_UNROLL for (int i = 0; i < 4; i++)
            w[h + i] = ll_panel_bits(r[i], 0, 15), w[h + 8 + i] = ll_panel_bits(r[i], 4, 15);
    }
}
LL_INLINE int llq_q4_k_run(int j, int i) { return 4 * j + i; }
LL_INLINE void llq_q4_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) { llq_k_panel_scales(b, stride, p); }
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

LL_FN void llq_q4_k_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q4_k *b = (llq_q4_k *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_q4_k_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
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
        for (int j = 0; j < 16; j++) msum += m[j] * a->k[j / 2] * a->sum[j];
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q4_k_scale(b) * (float)isum;
        p = ll_fma(-llq_q4_k_min(b), (float)msum, p);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT
#if LLV_GRID
/* Eight rows side by side, 512 bits of each at a time (llq_load_runs). Sums of eight products fit 16 bits;
 * times the scales they are 16 numbers a row, and only then the rows change places with the lanes. */
LL_FN void llq_q4_k_gemv(const ll_gemv *g) {
    llq_load_runs(g);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const llv_z *q = ((const llq_eights *)g->room)[i / 256].q, zero = llv_z_all(0);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q4_k);
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            llv_i sum[8], fix[4];
            llv_w sk[4];
            llv_r d, dmin, t;
            llv_r_f16_pair(p, at + offsetof(llq_q4_k, d), &d, &dmin);
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_q4_k_load_scales((const llq_q4_k *)(p[l] + at), (const llq_q4_k *)(p[l + 4] + at), &sc, &m);
                sk[l] = llv_w_mul(sc, k), fix[l] = llv_w_dot(m, ksum);
            }
            LLV_UNROLL for (int l = 0; l < 8; l++) {
                llv_z c[4], even, odd;
                if (l % 2 == 0) LLV_UNROLL for (size_t j = 0; j < 2 * sizeof(llq_q4_k); j += 64) LL_PREFETCH(ahead + j);
                ahead += sizeof(llq_q4_k);
                llq_q4_k_runs((const llq_q4_k *)(p[l] + at), c);
                even = llv_z_dot(llv_z_dot(zero, c[0], q[0]), c[1], q[1]);
                odd = llv_z_dot(llv_z_dot(zero, c[2], q[2]), c[3], q[3]);
                sum[l] = llv_z_half_sum(llv_z_dot_words(llv_z_words(even, odd), sk[l % 4], l / 4));
            }
            t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum)));
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#else

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_q4_k_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q4_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q4_k, d));
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_q4_k, dmin));
            llv_i sum[8], isum;
            llv_r t;
            /* Scales of b, then of b4, on the stack: all rows first, so that none waits for its
             * stores. fix: what minima or offsets amount to, in rows l and l + 4. */
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            int16_t sk[4][32];
            llv_i fix[4];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                const llq_q4_k *b = (const llq_q4_k *)(p[l] + at), *b4 = (const llq_q4_k *)(p[l + 4] + at);
                llv_w sc, m;
                llq_q4_k_load_scales(b, b4, &sc, &m);
                llv_w_store_twice(sk[l], llv_w_mul(sc, k));     /* 32 bits are broadcast for nothing */
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum);
            }
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q4_k)) {
                const llq_q4_k *b = (const llq_q4_k *)(p[l] + at), *b4 = (const llq_q4_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                llv_i odd = llv_i_set(0), odd4 = odd;   /* two sums a row: VNNI adds to one every four cycles */
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_q4_k_load(b, j), c4 = llq_q4_k_load(b4, j), q = llv_b_load(a->q + 32 * j);
                    llv_i *to = j % 2 ? &odd : &sum[l], *to4 = j % 2 ? &odd4 : &sum[l + 4];
                    const llv_w s = llv_w_set2(sk[l] + 2 * j), s4 = llv_w_set2(sk[l] + 2 * j + 16);
                    *to = llv_dot_scaled(*to, c, q, s), *to4 = llv_dot_scaled(*to4, c4, q, s4);
                }
                sum[l] = llv_i_add(sum[l], odd), sum[l + 4] = llv_i_add(sum[l + 4], odd4);
            }
            isum = llq_sum8(sum);
            t = llv_r_mul(d, llv_r_from_i(isum));
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_q4_k_each32 = !false || false, llq_q4_k_mins = true ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_q4_k_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_q4_k_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 144);
        llq_q4_k_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_q4_k_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_q4_k_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_q4_k *x = (const llq_q4_k *)rows;
        int8_t c[256];
        llq_q4_k_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_q4_k_scale(x);
        p->dmin[r] = llq_q4_k_min(x);
        llq_q4_k_scales(x, p->scale[r], p->min[r]);
    }
#endif
}

LL_FN void llq_q4_k_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_q4_k_each32) ll_tile256_32(p, n_panels, t, n_vecs, 4, 0, llq_q4_k_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 4, 0, llq_q4_k_mins);
}

#if LLV_FEW
LL_FN void llq_q4_k_few(const ll_gemv *g) {
    enum { RUNS = true ? 2 : 1 };              /* of 16 columns to a scale */
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256, f.rows += 144) {
            llv_p isum[LLV_TILE_VECS];
            ll_panel p;                                 /* only its scales */
            p.lean = true;
            llq_q4_k_panel_scales(f.rows, stride, &p);
            ll_few_group(&f, g, i, 0, RUNS == 1);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) isum[v] = llv_p_set(0);
            LLV_ROLL for (int j = 0; j < 4; j++) {
                llv_p w[16];
                f.ahead = ll_panel_prefetch(f.ahead, 4 * 144);
                llq_q4_k_panel(f.rows, stride, j, w);
                LLV_UNROLL for (int h = 0; h < 4; h += RUNS) {
                    const int run = llq_q4_k_run(j, h);
                    llv_p acc[LLV_TILE_VECS];
                    ll_few_dots(&f, w + 4 * h, run, RUNS, 0, acc);
                    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
                        const llv_p sk = ll_panel_scaled_i(p.scale[run / RUNS], f.t.a[v]->k[run / 2], true);
                        isum[v] = llv_p_add(isum[v], llv_p_mul(acc[v], sk));
                    }
                }
            }
            ll_tile256_end(&p, &f.t, isum, llq_q4_k_mins, 1, LLV_TILE_VECS);
        }
    }
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

LL_FN void llq_q5_k_pack(const float *x, const float *w, llq_q5_k *b) {
    llq_super s = { 32, 0, 31, 0, 63, 63, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, true);
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
#if LLV_GRID
/* Bit 2 * i of a byte of qh, or the next one, becomes bit 4 in quarter i. */
LL_INLINE void llq_q5_k_runs(const llq_q5_k *b, llv_z c[4]) {
    static const uint64_t bit[8] = { 1 << 24, 1 << 24, 4 << 24, 4 << 24, 16 << 24, 16 << 24, 64 << 24, 64 << 24 };
    const llv_z even = llv_z_load(bit), odd = llv_z_add(even, even), low = llv_z_all(0x0f0f0f0f0f0f0f0f);
    llv_z x[2];
    llq_quarter_runs(b->qs, x);
    LLV_UNROLL for (int i = 0; i < 2; i++) {
        const llv_z high = llv_z_all2(b->qh + 16 * i);
        c[i] = llv_z_join(x[i], low, llv_z_matrix(high, even));
        c[2 + i] = llv_z_join(llv_z_down4(x[i]), low, llv_z_matrix(high, odd));
    }
}
#endif
#endif

#if LLV_PANEL
LL_INLINE void llq_q5_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    LLV_UNROLL for (int h = 0; h < 8; h += 4) {         /* half of a block and half of the next */
        llv_p r[4], q[4];
        llv_p_rows(b + 48 + 32 * j + 4 * h, stride, r);
        llv_p_rows(b + 16 + 4 * h, stride, q);
        LLV_UNROLL for (int i = 0; i < 4; i++) {
            const llv_p high = ll_panel_bits(q[i], 2 * j, 3);
            w[h + i] = llv_p_or(ll_panel_bits(r[i], 0, 15), ll_panel_bits(high, -4, 16));
            w[h + 8 + i] = llv_p_or(ll_panel_bits(r[i], 4, 15), ll_panel_bits(high, -3, 16));
        }
    }
}
LL_INLINE int llq_q5_k_run(int j, int i) { return 4 * j + i; }
LL_INLINE void llq_q5_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) { llq_k_panel_scales(b, stride, p); }
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

LL_FN void llq_q5_k_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q5_k *b = (llq_q5_k *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_q5_k_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
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
        for (int j = 0; j < 16; j++) msum += m[j] * a->k[j / 2] * a->sum[j];
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_q5_k_scale(b) * (float)isum;
        p = ll_fma(-llq_q5_k_min(b), (float)msum, p);
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT
#if LLV_GRID
/* Eight rows side by side, 512 bits of each at a time (llq_load_runs). Sums of eight products fit 16 bits;
 * times the scales they are 16 numbers a row, and only then the rows change places with the lanes. */
LL_FN void llq_q5_k_gemv(const ll_gemv *g) {
    llq_load_runs(g);
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const llv_z *q = ((const llq_eights *)g->room)[i / 256].q, zero = llv_z_all(0);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q5_k);
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            llv_i sum[8], fix[4];
            llv_w sk[4];
            llv_r d, dmin, t;
            llv_r_f16_pair(p, at + offsetof(llq_q5_k, d), &d, &dmin);
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                llv_w sc, m;
                llq_q5_k_load_scales((const llq_q5_k *)(p[l] + at), (const llq_q5_k *)(p[l + 4] + at), &sc, &m);
                sk[l] = llv_w_mul(sc, k), fix[l] = llv_w_dot(m, ksum);
            }
            LLV_UNROLL for (int l = 0; l < 8; l++) {
                llv_z c[4], even, odd;
                if (l % 2 == 0) LLV_UNROLL for (size_t j = 0; j < 2 * sizeof(llq_q5_k); j += 64) LL_PREFETCH(ahead + j);
                ahead += sizeof(llq_q5_k);
                llq_q5_k_runs((const llq_q5_k *)(p[l] + at), c);
                even = llv_z_dot(llv_z_dot(zero, c[0], q[0]), c[1], q[1]);
                odd = llv_z_dot(llv_z_dot(zero, c[2], q[2]), c[3], q[3]);
                sum[l] = llv_z_half_sum(llv_z_dot_words(llv_z_words(even, odd), sk[l % 4], l / 4));
            }
            t = llv_r_mul(d, llv_r_from_i(llq_sum8(sum)));
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#else

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_q5_k_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q5_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q5_k, d));
            const llv_r dmin = llv_r_f16(p, at + offsetof(llq_q5_k, dmin));
            llv_i sum[8], isum;
            llv_r t;
            /* Scales of b, then of b4, on the stack: all rows first, so that none waits for its
             * stores. fix: what minima or offsets amount to, in rows l and l + 4. */
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            int16_t sk[4][32];
            llv_i fix[4];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                const llq_q5_k *b = (const llq_q5_k *)(p[l] + at), *b4 = (const llq_q5_k *)(p[l + 4] + at);
                llv_w sc, m;
                llq_q5_k_load_scales(b, b4, &sc, &m);
                llv_w_store_twice(sk[l], llv_w_mul(sc, k));     /* 32 bits are broadcast for nothing */
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum);
            }
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q5_k)) {
                const llq_q5_k *b = (const llq_q5_k *)(p[l] + at), *b4 = (const llq_q5_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                llv_i odd = llv_i_set(0), odd4 = odd;   /* two sums a row: VNNI adds to one every four cycles */
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_q5_k_load(b, j), c4 = llq_q5_k_load(b4, j), q = llv_b_load(a->q + 32 * j);
                    llv_i *to = j % 2 ? &odd : &sum[l], *to4 = j % 2 ? &odd4 : &sum[l + 4];
                    const llv_w s = llv_w_set2(sk[l] + 2 * j), s4 = llv_w_set2(sk[l] + 2 * j + 16);
                    *to = llv_dot_scaled(*to, c, q, s), *to4 = llv_dot_scaled(*to4, c4, q, s4);
                }
                sum[l] = llv_i_add(sum[l], odd), sum[l + 4] = llv_i_add(sum[l + 4], odd4);
            }
            isum = llq_sum8(sum);
            t = llv_r_mul(d, llv_r_from_i(isum));
            t = llv_r_nfma(dmin, llv_r_from_i(llv_i_sum4(fix[0], fix[1], fix[2], fix[3])), t);
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_q5_k_each32 = !false || false, llq_q5_k_mins = true ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_q5_k_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_q5_k_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 176);
        llq_q5_k_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_q5_k_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_q5_k_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_q5_k *x = (const llq_q5_k *)rows;
        int8_t c[256];
        llq_q5_k_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_q5_k_scale(x);
        p->dmin[r] = llq_q5_k_min(x);
        llq_q5_k_scales(x, p->scale[r], p->min[r]);
    }
#endif
}

LL_FN void llq_q5_k_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_q5_k_each32) ll_tile256_32(p, n_panels, t, n_vecs, 5, 0, llq_q5_k_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 5, 0, llq_q5_k_mins);
}

#if LLV_FEW
LL_FN void llq_q5_k_few(const ll_gemv *g) {
    enum { RUNS = true ? 2 : 1 };              /* of 16 columns to a scale */
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256, f.rows += 176) {
            llv_p isum[LLV_TILE_VECS];
            ll_panel p;                                 /* only its scales */
            p.lean = true;
            llq_q5_k_panel_scales(f.rows, stride, &p);
            ll_few_group(&f, g, i, 0, RUNS == 1);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) isum[v] = llv_p_set(0);
            LLV_ROLL for (int j = 0; j < 4; j++) {
                llv_p w[16];
                f.ahead = ll_panel_prefetch(f.ahead, 4 * 176);
                llq_q5_k_panel(f.rows, stride, j, w);
                LLV_UNROLL for (int h = 0; h < 4; h += RUNS) {
                    const int run = llq_q5_k_run(j, h);
                    llv_p acc[LLV_TILE_VECS];
                    ll_few_dots(&f, w + 4 * h, run, RUNS, 0, acc);
                    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
                        const llv_p sk = ll_panel_scaled_i(p.scale[run / RUNS], f.t.a[v]->k[run / 2], true);
                        isum[v] = llv_p_add(isum[v], llv_p_mul(acc[v], sk));
                    }
                }
            }
            ll_tile256_end(&p, &f.t, isum, llq_q5_k_mins, 1, LLV_TILE_VECS);
        }
    }
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

LL_FN void llq_q6_k_pack(const float *x, const float *w, llq_q6_k *b) {
    llq_super s = { 16, -32, 31, -128, 127, 0, NULL, 0, 0, { 0 }, { 0 }, { 0 } };
    llq_super_fit(&s, x, w, false);
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

#if LLV_PANEL
LL_INLINE void llq_q6_k_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    const uint8_t *low = b + j / 2 * 64 + j % 2 * 16;
    llv_p r[4], s[4], q[4];
    llv_p_rows(low, stride, r);
    llv_p_rows(low + 32, stride, s);
    llv_p_rows(b + 128 + 16 * j, stride, q);
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        w[i] = llv_p_or(ll_panel_bits(r[i], 0, 15), ll_panel_bits(q[i], -4, 48));
        w[4 + i] = llv_p_or(ll_panel_bits(s[i], 0, 15), ll_panel_bits(q[i], -2, 48));
        w[8 + i] = llv_p_or(ll_panel_bits(r[i], 4, 15), ll_panel_bits(q[i], 0, 48));
        w[12 + i] = llv_p_or(ll_panel_bits(s[i], 4, 15), ll_panel_bits(q[i], 2, 48));
    }
}
LL_INLINE int llq_q6_k_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_q6_k_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b + 192, stride, r);
    LLV_UNROLL for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, llv_p_byte(r[j / 4], j % 4));
    llv_f_store(p->d.f, ll_panel_f16(b + 208, stride));
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

LL_FN void llq_q6_k_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_q6_k *b = (llq_q6_k *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_q6_k_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
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
LL_FN void llq_q6_k_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_q6_k);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_q6_k, d));
            llv_i sum[8], isum;
            llv_r t;
            const llv_w k = llv_w_load_twice(a->k), ksum = llq_ksum16(a);
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_q6_k)) {
                const llq_q6_k *b = (const llq_q6_k *)(p[l] + at), *b4 = (const llq_q6_k *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                llv_w sk, sk4;
                LL_PREFETCH_NEAR(b + 2), LL_PREFETCH_NEAR(b4 + 2);
                const llv_w sc = llq_q6_k_load_scales(b), sc4 = llq_q6_k_load_scales(b4);
                const llv_w minus = llv_w_set(-32);
                sum[l] = llv_w_dot(llv_w_mul(sc, minus), ksum), sum[l + 4] = llv_w_dot(llv_w_mul(sc4, minus), ksum);
                sk = llv_w_mul(sc, k), sk4 = llv_w_mul(sc4, k);
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_b qc = llv_b_load(a->q + 32 * j), qe = llv_b_load(a->q + 32 * j + 32);
                    const llv_b c = llq_q6_k_load(b, j), e = llq_q6_k_load(b, j + 1);
                    const llv_b c4 = llq_q6_k_load(b4, j), e4 = llq_q6_k_load(b4, j + 1);
                    sum[l] = llv_dot2_scaled(sum[l], c, qc, e, qe, sk, j);
                    sum[l + 4] = llv_dot2_scaled(sum[l + 4], c4, qc, e4, qe, sk4, j);
                }
            }
            isum = llq_sum8(sum);
            t = llv_r_mul(d, llv_r_from_i(isum));
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_q6_k_each32 = !true || false, llq_q6_k_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_q6_k_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_q6_k_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 210);
        llq_q6_k_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_q6_k_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_q6_k_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_q6_k *x = (const llq_q6_k *)rows;
        int8_t c[256];
        llq_q6_k_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_q6_k_scale(x);
        llq_q6_k_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_q6_k_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_q6_k_each32) ll_tile256_32(p, n_panels, t, n_vecs, 6, 32, llq_q6_k_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 6, 32, llq_q6_k_mins);
}

#if LLV_FEW
LL_FN void llq_q6_k_few(const ll_gemv *g) {
    enum { RUNS = false ? 2 : 1 };              /* of 16 columns to a scale */
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256, f.rows += 210) {
            llv_p isum[LLV_TILE_VECS];
            ll_panel p;                                 /* only its scales */
            p.lean = true;
            llq_q6_k_panel_scales(f.rows, stride, &p);
            ll_few_group(&f, g, i, 32, RUNS == 1);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) isum[v] = llv_p_set(0);
            LLV_ROLL for (int j = 0; j < 4; j++) {
                llv_p w[16];
                f.ahead = ll_panel_prefetch(f.ahead, 4 * 210);
                llq_q6_k_panel(f.rows, stride, j, w);
                LLV_UNROLL for (int h = 0; h < 4; h += RUNS) {
                    const int run = llq_q6_k_run(j, h);
                    llv_p acc[LLV_TILE_VECS];
                    ll_few_dots(&f, w + 4 * h, run, RUNS, 32, acc);
                    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
                        const llv_p sk = ll_panel_scaled_i(p.scale[run / RUNS], f.t.a[v]->k[run / 2], true);
                        isum[v] = llv_p_add(isum[v], llv_p_mul(acc[v], sk));
                    }
                }
            }
            ll_tile256_end(&p, &f.t, isum, llq_q6_k_mins, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_XS)
/* IQ4_XS: w = d * (sc[j] - 32) * llq_nl[c], j = index / 32
 *
 *   byte 0 1 | 2 3                     | 4 ... 7                   | 8 ... 135
 *        d   | bits 2 * j, 2 * j + 1:  | the lower four bits of    | qs[16 * j + l]
 *            | the upper two of sc[j]  | sc[2 * i] | sc[2 * i + 1] << 4 | = c[32 * j + l] | c[32 * j + 16 + l] << 4 */
typedef struct llq_iq4_xs { uint8_t d[2], high[2], low[4], qs[128]; } llq_iq4_xs;

LL_INLINE float llq_iq4_xs_scale(const llq_iq4_xs *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_iq4_xs_scales(const llq_iq4_xs *b, int16_t *sc) {
    for (int j = 0; j < 8; j++) {
        int low = b->low[j / 2] >> (j % 2 * 4) & 15, high = ll_load_u16(b->high) >> (2 * j) & 3;
        sc[2 * j] = sc[2 * j + 1] = (int16_t)((low | high << 4) - 32);
    }
}
LL_INLINE void llq_iq4_xs_codes(const llq_iq4_xs *b, int8_t *c) {
    for (int i = 0; i < 128; i++) {
        int8_t *to = c + i / 16 * 32 + i % 16;
        to[0] = llq_nl[b->qs[i] & 15], to[16] = llq_nl[b->qs[i] >> 4];
    }
}

LL_FN void llq_iq4_xs_pack(const float *x, const float *w, llq_iq4_xs *b) {
    llq_super s = { 32, -127, 113, -32, 31, 0, llq_nl, 0, 0, { 0 }, { 0 }, { 0 } };
    int high = 0;
    llq_super_fit(&s, x, w, false);
    llq_put_f16(b->d, s.d);
    memset(b->low, 0, sizeof b->low);
    for (int j = 0; j < 8; j++) {
        b->low[j / 2] |= (uint8_t)(((s.sc[j] + 32) & 15) << (j % 2 * 4));
        high |= (s.sc[j] + 32) >> 4 << (2 * j);
    }
    llq_put_u16(b->high, (uint16_t)high);
    for (int i = 0; i < 128; i++) {
        const int8_t *c = s.c + i / 16 * 32 + i % 16;
        b->qs[i] = (uint8_t)(llq_nearest(c[0], llq_nl) | llq_nearest(c[16], llq_nl) << 4);
    }
}

#if LLV_INT
/* As words: a product brings the lower four bits to bits 4..7, the two upper ones to 14 and 15. */
LL_INLINE llv_w llq_iq4_xs_load_scales(const llq_iq4_xs *b, const llq_iq4_xs *b4) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 4, Z, 4, Z, 5, Z, 5, Z, 6, Z, 6, Z, 7, Z, 7, Z };
    static const uint8_t high[16] = { 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3 };
    static const uint8_t down[16] = { 1, Z, 3, Z, 5, Z, 7, Z, 9, Z, 11, Z, 13, Z, 15, Z };
    static const int16_t low_to[8] = { 16, 1, 16, 1, 16, 1, 16, 1 };
    static const int16_t high_to[8] = { 1 << 14, 1 << 12, 1 << 10, 1 << 8, 1 << 6, 1 << 4, 1 << 2, 1 };
    const llv_b x = llv_b_load2(b->d, b4->d);
    llv_w s = llv_w_of_b(llv_b_shuffle(x, llv_b_load2(low, low)));
    llv_w t = llv_w_of_b(llv_b_shuffle(x, llv_b_load2(high, high)));
    llv_b lower = llv_b_bits(llv_b_of_w(llv_w_mul(s, llv_w_load2(low_to, low_to))), 4, 15);
    llv_b upper = llv_b_bits(llv_b_of_w(llv_w_mul(t, llv_w_load2(high_to, high_to))), 2, 0x30);
    upper = llv_b_shuffle(upper, llv_b_load2(down, down));
    return llv_w_add(llv_w_of_b(llv_b_or(lower, upper)), llv_w_set(-32));
}
LL_INLINE void llq_iq4_xs_load2(const llq_iq4_xs *b, int j, int offset, llv_b *lo, llv_b *hi) {
    const llv_b x = llv_b_load(b->qs + 16 * j), table = llq_nl_table(offset);
    *lo = llv_b_shuffle(table, llv_b_bits(x, 0, 15)), *hi = llv_b_shuffle(table, llv_b_bits(x, 4, 15));
}
#endif

#if LLV_PANEL
LL_INLINE void llq_iq4_xs_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) {
    llq_lookup_panel(b + 8 + 32 * j, stride, llq_nl_128, w);
    llq_lookup_panel(b + 24 + 32 * j, stride, llq_nl_128, w + 8);
}
LL_INLINE int llq_iq4_xs_run(int j, int i) { return 4 * j + i; }
LL_INLINE void llq_iq4_xs_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    llv_p r[4];
    llv_p_rows(b, stride, r);           /* d and high, low */
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const llv_p high = llv_p_and(llv_p_shr(r[0], 12 + 2 * j), llv_p_set(48));
        ll_panel_scale_i(p, j, llv_p_add(llv_p_or(ll_panel_field(r[1], 4 * j, 15), high), llv_p_set(-32)));
    }
    llv_f_store(p->d.f, llv_f_of_halves(r[0]));
}
#endif
LL_STATIC_ASSERT(iq4_xs_bytes, sizeof(llq_iq4_xs) == 136);

LL_FN void llq_iq4_xs_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq4_xs *b = (const llq_iq4_xs *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq4_xs_scales(b, sc);
        llq_iq4_xs_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq4_xs_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN void llq_iq4_xs_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_iq4_xs *b = (llq_iq4_xs *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_iq4_xs_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
}

LL_FN float llq_iq4_xs_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq4_xs *b = (const llq_iq4_xs *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq4_xs_codes(b, c);
        llq_iq4_xs_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq4_xs_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_iq4_xs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_iq4_xs);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_iq4_xs, d));
            llv_i sum[8], isum;
            llv_r t;
            /* Scales of b, then of b4, on the stack: all rows first, so that none waits for its
             * stores. fix: what minima or offsets amount to, in rows l and l + 4. */
            const llv_w k = llv_w_load2(a->k, a->k), ksum = llq_ksum32(a);
            int16_t sk[4][32];
            llv_i fix[4];
            LLV_UNROLL for (int l = 0; l < 4; l++) {
                const llq_iq4_xs *b = (const llq_iq4_xs *)(p[l] + at), *b4 = (const llq_iq4_xs *)(p[l + 4] + at);
                const llv_w sc = llq_iq4_xs_load_scales(b, b4), m = llv_w_mul(sc, llv_w_set(-LLV_S_OFFSET));
                llv_w_store(sk[l], llv_w_mul(sc, k));
                sum[l] = sum[l + 4] = llv_i_set(0);
                fix[l] = llv_w_dot(m, ksum);
            }
            llv_b q[8];
            llq_load_q(a->q, 8, q);
            LLV_ROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_iq4_xs)) {
                const llq_iq4_xs *b = (const llq_iq4_xs *)(p[l] + at), *b4 = (const llq_iq4_xs *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                LLV_UNROLL for (int j = 0; j < 8; j += 2) {
                    const llv_i s = llv_i_halves(llv_i_from_w(sk[l]), j / 2);
                    const llv_i s4 = llv_i_halves(llv_i_from_w(sk[l] + 8), j / 2);
                    llv_b lo, hi, lo4, hi4;
                    llq_iq4_xs_load2(b, j, LLV_S_OFFSET, &lo, &hi), llq_iq4_xs_load2(b4, j, LLV_S_OFFSET, &lo4, &hi4);
                    sum[l] = llv_i_add(sum[l], llv_i_mul(llv_dot2_o(lo, q[j], hi, q[j + 1]), s));
                    sum[l + 4] = llv_i_add(sum[l + 4], llv_i_mul(llv_dot2_o(lo4, q[j], hi4, q[j + 1]), s4));
                }
            }
            isum = llq_sum8(sum);
            isum = llv_i_add(isum, llv_i_sum4(fix[0], fix[1], fix[2], fix[3]));
            t = llv_r_mul(d, llv_r_from_i(isum));
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq4_xs_each32 = !false || false, llq_iq4_xs_mins = false ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq4_xs_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_iq4_xs_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 136);
        llq_iq4_xs_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_iq4_xs_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_iq4_xs_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq4_xs *x = (const llq_iq4_xs *)rows;
        int8_t c[256];
        llq_iq4_xs_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq4_xs_scale(x);
        llq_iq4_xs_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq4_xs_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq4_xs_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq4_xs_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq4_xs_mins);
}

#if LLV_FEW
LL_FN void llq_iq4_xs_few(const ll_gemv *g) {
    enum { RUNS = true ? 2 : 1 };              /* of 16 columns to a scale */
    const size_t stride = (size_t)g->row_bytes;
    for (int r = 0; r < g->n_rows; r += 16) {
        ll_few f;
        ll_few_rows(&f, g, r);
        for (int i = 0; i < g->n_cols; i += 256, f.rows += 136) {
            llv_p isum[LLV_TILE_VECS];
            ll_panel p;                                 /* only its scales */
            p.lean = true;
            llq_iq4_xs_panel_scales(f.rows, stride, &p);
            ll_few_group(&f, g, i, 128, RUNS == 1);
            LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) isum[v] = llv_p_set(0);
            LLV_ROLL for (int j = 0; j < 4; j++) {
                llv_p w[16];
                f.ahead = ll_panel_prefetch(f.ahead, 4 * 136);
                llq_iq4_xs_panel(f.rows, stride, j, w);
                LLV_UNROLL for (int h = 0; h < 4; h += RUNS) {
                    const int run = llq_iq4_xs_run(j, h);
                    llv_p acc[LLV_TILE_VECS];
                    ll_few_dots(&f, w + 4 * h, run, RUNS, 128, acc);
                    LLV_UNROLL for (int v = 0; v < LLV_TILE_VECS; v++) {
                        const llv_p sk = ll_panel_scaled_i(p.scale[run / RUNS], f.t.a[v]->k[run / 2], true);
                        isum[v] = llv_p_add(isum[v], llv_p_mul(acc[v], sk));
                    }
                }
            }
            ll_tile256_end(&p, &f.t, isum, llq_iq4_xs_mins, 1, LLV_TILE_VECS);
        }
    }
}
#endif
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_TQ1_0)
/* TQ1_0: w = d * (c - 1). Five codes to a byte: as the number 0.c0 c1 c2 c3 c4 in base three, times
 * 256 and rounded up. So c0 = byte * 3 >> 8, and byte * 3 modulo 256 holds the rest.
 *
 *   byte 0 ... 31          | 32 ... 47              | 48 ... 51             | 52 53
 *        c[32 * n + l]     | c[160 + 16 * n + l]    | c[240 + 4 * n + l]    | d
 *        n = 0..4, l: byte | n = 0..4               | n = 0..3, fifth: 0    | */
typedef struct llq_tq1_0 { uint8_t qs[48], qh[4], d[2]; } llq_tq1_0;

LL_INLINE float llq_tq1_0_scale(const llq_tq1_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
/* The codes of n bytes, `count` each: c[n * i + l] is number i of byte l. */
LL_FN void llq_tq1_0_digits(const uint8_t *s, int n, int count, int8_t *c) {
    for (int l = 0; l < n; l++) {
        int x = s[l];
        for (int i = 0; i < count; i++, x = x * 3 & 255) c[n * i + l] = (int8_t)((x * 3 >> 8) - 1);
    }
}
LL_FN void llq_tq1_0_bytes(const int8_t *c, int n, int count, uint8_t *s) {
    for (int l = 0; l < n; l++) {
        int x = 0;
        for (int i = 0; i < 5; i++) x = 3 * x + (i < count ? c[n * i + l] + 1 : 0);
        s[l] = (uint8_t)((x * 256 + 242) / 243);
    }
}
LL_INLINE void llq_tq1_0_codes(const llq_tq1_0 *b, int8_t *c) {
    llq_tq1_0_digits(b->qs, 32, 5, c);
    llq_tq1_0_digits(b->qs + 32, 16, 5, c + 160);
    llq_tq1_0_digits(b->qh, 4, 4, c + 240);
}

LL_FN void llq_tq1_0_pack(const float *x, const float *w, llq_tq1_0 *b) {
    int8_t c[256];
    llq_put_f16(b->d, llq_ternary(x, w, c));
    llq_tq1_0_bytes(c, 32, 5, b->qs);
    llq_tq1_0_bytes(c + 160, 16, 5, b->qs + 32);
    llq_tq1_0_bytes(c + 240, 4, 4, b->qh);
}

#if LLV_INT
LL_INLINE llv_b llq_tq1_0_times3(llv_b a, int n) {
    LLV_UNROLL for (int i = 0; i < 4; i++) if (i < n) a = llv_b_add(a, llv_b_add(a, a));
    return a;
}
LL_INLINE llv_b llq_tq1_0_load(const llq_tq1_0 *b, int j) {
    static const uint8_t qh[16] = { 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15 };
    static const uint8_t odd[16] = { 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255 };
    static const uint8_t late[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 };
    llv_b x, y, z;
    if (j < 5) return llv_b_third(llq_tq1_0_times3(llv_b_load(b->qs), j));
    x = llv_b_load2(b->qs + 32, b->qs + 32);
    if (j < 7) {                        /* [number 0 | 1], [number 2 | 3] of 16 bytes */
        x = llq_tq1_0_times3(x, 2 * (j - 5));
        y = llq_upper(llv_b_add(x, x));
        return llv_b_third(llv_b_add(x, y));
    }
    x = llq_lower(llq_tq1_0_times3(x, 4));
    y = llv_b_load2(b->qs + 36, b->qs + 36);                    /* ends with qh */
    y = llq_upper(llv_b_shuffle(y, llv_b_load2(qh, qh)));
    y = llv_b_add(y, llv_b_and(llv_b_add(y, y), llv_b_load2(odd, odd)));
    z = llv_b_add(y, y), z = llv_b_add(z, z), z = llv_b_add(z, z);      /* 9 = 1 + 8 */
    y = llv_b_add(y, llv_b_and(z, llv_b_load2(late, late)));
    return llv_b_third(llv_b_or(x, y));
}
#endif
LL_STATIC_ASSERT(tq1_0_bytes, sizeof(llq_tq1_0) == 54);

LL_INLINE void llq_tq1_0_scales(const llq_tq1_0 *b, int16_t *sc) {
    (void)b;
    for (int j = 0; j < 16; j++) sc[j] = 1;
}
LL_FN void llq_tq1_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_tq1_0 *b = (const llq_tq1_0 *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_tq1_0_scales(b, sc);
        llq_tq1_0_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_tq1_0_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN void llq_tq1_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_tq1_0 *b = (llq_tq1_0 *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_tq1_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
}

LL_FN float llq_tq1_0_dot(const void *row, const void *vec, int n_cols) {
    const llq_tq1_0 *b = (const llq_tq1_0 *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_tq1_0_codes(b, c);
        llq_tq1_0_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_tq1_0_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

LL_FN void llq_tq1_0_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_tq1_0 *b[2] = { (const llq_tq1_0 *)block, (const llq_tq1_0 *)next };
    LLV_UNROLL for (int h = 0; h < 2; h++) {
        LLV_UNROLL for (int j = 0; j < 8; j++) llv_b_store(o->code[r + h] + 32 * j, llq_tq1_0_load(b[h], j));
        llv_w_store(o->scale[r + h], llv_w_set(1));
        memcpy(&o->d[r + h], b[h]->d, 2);
    }
}

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_tq1_0_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_tq1_0);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_tq1_0, d));
            llv_i sum[8], isum;
            llv_r t;
            int16_t k[16];
            llv_w_store(k, llv_w_load_twice(a->k));
            LLV_UNROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_tq1_0)) {
                const llq_tq1_0 *b = (const llq_tq1_0 *)(p[l] + at), *b4 = (const llq_tq1_0 *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                sum[l] = sum[l + 4] = llv_i_set(0);
                llv_i odd = llv_i_set(0), odd4 = odd;   /* two sums a row: VNNI adds to one every four cycles */
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_tq1_0_load(b, j), c4 = llq_tq1_0_load(b4, j), q = llv_b_load(a->q + 32 * j);
                    llv_i *to = j % 2 ? &odd : &sum[l], *to4 = j % 2 ? &odd4 : &sum[l + 4];
                    const llv_w s = llv_w_set2(k + 2 * j), s4 = s;
                    *to = llv_dot_scaled(*to, c, q, s), *to4 = llv_dot_scaled(*to4, c4, q, s4);
                }
                sum[l] = llv_i_add(sum[l], odd), sum[l + 4] = llv_i_add(sum[l + 4], odd4);
            }
            isum = llq_sum8(sum);
            isum = llv_i_sub(isum, llv_i_set(1 * llq_ksum(a)));
            t = llv_r_mul(d, llv_r_from_i(isum));
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_tq1_0_each32 = !false || false, llq_tq1_0_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_tq1_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_tq1_0_open, rows, stride, 54, ahead, llq_tq1_0_each32, false ? 128 : 0, p);
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_tq1_0 *x = (const llq_tq1_0 *)rows;
        int8_t c[256];
        llq_tq1_0_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_tq1_0_scale(x);
        llq_tq1_0_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_tq1_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_tq1_0_each32) ll_tile256_32(p, n_panels, t, n_vecs, 2, 1, llq_tq1_0_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 2, 1, llq_tq1_0_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_TQ2_0)
/* TQ2_0: w = d * (c - 1)
 *
 *   byte 0 ... 63                | 64 65
 *        qs: two bits, as Q2_K's | d */
typedef struct llq_tq2_0 { uint8_t qs[64], d[2]; } llq_tq2_0;

LL_INLINE float llq_tq2_0_scale(const llq_tq2_0 *b) { return ll_f16_to_f32(ll_load_u16(b->d)); }
LL_INLINE void llq_tq2_0_codes(const llq_tq2_0 *b, int8_t *c) { llq_twos_codes(b->qs, 1, c); }

LL_FN void llq_tq2_0_pack(const float *x, const float *w, llq_tq2_0 *b) {
    int8_t c[256];
    llq_put_f16(b->d, llq_ternary(x, w, c));
    llq_twos_pack(c, 1, b->qs);
}

#if LLV_INT
LL_INLINE llv_b llq_tq2_0_load(const llq_tq2_0 *b, int j) { return llq_twos_load(b->qs, j); }
#endif

#if LLV_PANEL
LL_INLINE void llq_tq2_0_panel(const uint8_t *b, size_t stride, int j, llv_p w[16]) { llq_twos_panel(b, stride, j, w); }
LL_INLINE int llq_tq2_0_run(int j, int i) { return llq_quarters_run(j, i); }
LL_INLINE void llq_tq2_0_panel_scales(const uint8_t *b, size_t stride, ll_panel *p) {
    for (int j = 0; j < 16; j++) ll_panel_scale_i(p, j, llv_p_set(1));
    llv_f_store(p->d.f, ll_panel_f16(b + 64, stride));
}
#endif
LL_STATIC_ASSERT(tq2_0_bytes, sizeof(llq_tq2_0) == 66);

LL_INLINE void llq_tq2_0_scales(const llq_tq2_0 *b, int16_t *sc) {
    (void)b;
    for (int j = 0; j < 16; j++) sc[j] = 1;
}
LL_FN void llq_tq2_0_dequantize(const void *src, float *dst, size_t n) {
    const llq_tq2_0 *b = (const llq_tq2_0 *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_tq2_0_scales(b, sc);
        llq_tq2_0_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_tq2_0_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN void llq_tq2_0_quantize(const float *src, const float *importance, void *dst, size_t n) {
    llq_tq2_0 *b = (llq_tq2_0 *)dst;
    float w[256];
    for (size_t i = 0; i < n; i += 256)
        llq_tq2_0_pack(src + i, llq_weights(importance ? importance + i : NULL, 256, w), b++);
}

LL_FN float llq_tq2_0_dot(const void *row, const void *vec, int n_cols) {
    const llq_tq2_0 *b = (const llq_tq2_0 *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_tq2_0_codes(b, c);
        llq_tq2_0_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_tq2_0_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}
#if LLV_INT

/* Eight rows side by side. The products of a row stay integers, spread over the lanes of a
 * vector, for all 256 columns; then the rows change places with the lanes. Rows l and l + 4 go
 * together. */
LL_FN void llq_tq2_0_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * sizeof(llq_tq2_0);
            const llv_r d = llv_r_f16(p, at + offsetof(llq_tq2_0, d));
            llv_i sum[8], isum;
            llv_r t;
            int16_t k[16];
            llv_w_store(k, llv_w_load_twice(a->k));
            LLV_UNROLL for (int l = 0; l < 4; l++, ahead += 2 * sizeof(llq_tq2_0)) {
                const llq_tq2_0 *b = (const llq_tq2_0 *)(p[l] + at), *b4 = (const llq_tq2_0 *)(p[l + 4] + at);
                LLV_UNROLL for (size_t c = 0; c < 2 * sizeof *b; c += 64) LL_PREFETCH(ahead + c);
                sum[l] = sum[l + 4] = llv_i_set(0);
                llv_i odd = llv_i_set(0), odd4 = odd;   /* two sums a row: VNNI adds to one every four cycles */
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    const llv_b c = llq_tq2_0_load(b, j), c4 = llq_tq2_0_load(b4, j), q = llv_b_load(a->q + 32 * j);
                    llv_i *to = j % 2 ? &odd : &sum[l], *to4 = j % 2 ? &odd4 : &sum[l + 4];
                    const llv_w s = llv_w_set2(k + 2 * j), s4 = s;
                    *to = llv_dot_scaled(*to, c, q, s), *to4 = llv_dot_scaled(*to4, c4, q, s4);
                }
                sum[l] = llv_i_add(sum[l], odd), sum[l + 4] = llv_i_add(sum[l + 4], odd4);
            }
            isum = llq_sum8(sum);
            isum = llv_i_sub(isum, llv_i_set(1 * llq_ksum(a)));
            t = llv_r_mul(d, llv_r_from_i(isum));
            acc = llv_r_fma(llv_r_set(a->base), t, acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_tq2_0_each32 = !false || false, llq_tq2_0_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_tq2_0_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    const bool lean = p->lean;
    p->lean = lean || false;                    /* scales that go into the codes need no multiples */
    llq_tq2_0_panel_scales(rows, stride, p);
    p->lean = lean;
    for (int j = 0; j < 4; j++) {
        llv_p w[16];
        ahead = ll_panel_prefetch(ahead, 4 * 66);
        llq_tq2_0_panel(rows, stride, j, w);
        if (false) LLV_UNROLL for (int i = 0; i < 16; i++)      /* four codes to a lane: none leaves its byte */
            w[i] = llv_p_mul(w[i], llv_p_load(p->scale[llq_tq2_0_run(j, i / 4)][0].i));
        LLV_UNROLL for (int i = 0; i < 16; i++) llv_p_store(p->w[4 * llq_tq2_0_run(j, i / 4) + i % 4], w[i]);
    }
    if (false) for (int j = 0; j < 8; j++) ll_panel_scale_i(p, j, llv_p_set(1));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_tq2_0 *x = (const llq_tq2_0 *)rows;
        int8_t c[256];
        llq_tq2_0_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_tq2_0_scale(x);
        llq_tq2_0_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_tq2_0_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_tq2_0_each32) ll_tile256_32(p, n_panels, t, n_vecs, 2, 1, llq_tq2_0_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 2, 1, llq_tq2_0_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XXS)
/* IQ2_XXS: w = d / 8 * (2 * s[j] + 1) * code, j = index / 32; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 + 8 * j ... 5 + 8 * j   | 6 + 8 * j ... 9 + 8 * j
 *        d   | four rows of the grid     | 4 x 7 sign bits, s[j] in the upper 4 */
typedef struct llq_iq2_xxs { uint8_t d[2], qs[64]; } llq_iq2_xxs;
#define llq_iq2_xxs_level LLQ_IQ2_LEVEL
enum { llq_iq2_xxs_n_rows = 256 };

#define LLQ_IQ2_XXS_ROWS(R) \
    LLQ_GRID8(R, 0, 2, 5, 8, 10, 17, 20, 32), LLQ_GRID8(R, 34, 40, 42, 65, 68, 80, 88, 97), \
    LLQ_GRID8(R, 100, 128, 130, 138, 162, 257, 260, 272), LLQ_GRID8(R, 277, 320, 388, 408, 512, 514, 546, 642), \
    LLQ_GRID8(R, 1025, 1028, 1040, 1057, 1060, 1088, 1090, 1096), \
    LLQ_GRID8(R, 1120, 1153, 1156, 1168, 1188, 1280, 1282, 1288), \
    LLQ_GRID8(R, 1312, 1350, 1385, 1408, 1425, 1545, 1552, 1600), \
    LLQ_GRID8(R, 1668, 1700, 2048, 2053, 2056, 2068, 2088, 2113), \
    LLQ_GRID8(R, 2116, 2128, 2130, 2184, 2308, 2368, 2562, 2580), \
    LLQ_GRID8(R, 4097, 4100, 4112, 4129, 4160, 4192, 4228, 4240), \
    LLQ_GRID8(R, 4245, 4352, 4360, 4384, 4432, 4442, 4480, 4644), \
    LLQ_GRID8(R, 4677, 5120, 5128, 5152, 5157, 5193, 5248, 5400), \
    LLQ_GRID8(R, 5474, 5632, 5654, 6145, 6148, 6160, 6208, 6273), \
    LLQ_GRID8(R, 6400, 6405, 6560, 6737, 8192, 8194, 8202, 8260), \
    LLQ_GRID8(R, 8289, 8320, 8322, 8489, 8520, 8704, 8706, 9217), \
    LLQ_GRID8(R, 9220, 9232, 9280, 9302, 9472, 9537, 9572, 9872), \
    LLQ_GRID8(R, 10248, 10272, 10388, 10820, 16385, 16388, 16400, 16408), \
    LLQ_GRID8(R, 16417, 16420, 16448, 16456, 16470, 16480, 16513, 16516), \
    LLQ_GRID8(R, 16528, 16640, 16672, 16737, 16768, 16773, 16897, 16912), \
    LLQ_GRID8(R, 16968, 16982, 17000, 17408, 17416, 17440, 17536, 17561), \
    LLQ_GRID8(R, 17682, 17700, 17920, 18433, 18436, 18448, 18496, 18501), \
    LLQ_GRID8(R, 18688, 18776, 18785, 18818, 19013, 19088, 20480, 20488), \
    LLQ_GRID8(R, 20497, 20505, 20512, 20608, 20616, 20740, 20802, 20900), \
    LLQ_GRID8(R, 21137, 21648, 21650, 21770, 22017, 22100, 22528, 22545), \
    LLQ_GRID8(R, 22553, 22628, 22848, 23048, 24580, 24592, 24640, 24680), \
    LLQ_GRID8(R, 24832, 24917, 25112, 25184, 25600, 25605, 25872, 25874), \
    LLQ_GRID8(R, 25988, 26690, 32768, 32770, 32778, 32833, 32898, 33028), \
    LLQ_GRID8(R, 33048, 33088, 33297, 33793, 33796, 33808, 33813, 33856), \
    LLQ_GRID8(R, 33888, 34048, 34118, 34196, 34313, 34368, 34400, 34818), \
    LLQ_GRID8(R, 35076, 35345, 36868, 36880, 36900, 36928, 37025, 37142), \
    LLQ_GRID8(R, 37248, 37445, 37888, 37922, 37956, 38225, 39041, 39200), \
    LLQ_GRID8(R, 40962, 41040, 41093, 41225, 41472, 42008, 43088, 43268),
LL_INLINE const llq_row8 *llq_iq2_xxs_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(256)] = { LLQ_GRID(LLQ_IQ2_XXS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_xxs_d(const llq_iq2_xxs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_xxs_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_xxs_scales(const llq_iq2_xxs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->qs[8 * j + 7] >> 4) + 1);
}
LL_INLINE void llq_iq2_xxs_signs(const llq_iq2_xxs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = llq_even_signs(ll_load_u32(b->qs + 8 * j + 4) & 0x0fffffff);
}
LL_INLINE void llq_iq2_xxs_rows(const llq_iq2_xxs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[8 * j + l];
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_xxs_load_signs(const llq_iq2_xxs *b, uint32_t *signs) {
    static const uint8_t order[16] = { 128, 4, 4, 5, 5, 6, 6, 7, 128, 12, 12, 13, 13, 14, 14, 15 };
    llq_even_signs_of(llq_sevens(llv_b_load2(b->qs, b->qs + 32), order),
                      llq_sevens(llv_b_load2(b->qs + 16, b->qs + 48), order), signs);
}
LL_INLINE llv_w llq_iq2_xxs_load_scales(const llq_iq2_xxs *b) {
    enum { Z = 128 };
    static const uint8_t low[16] = { 7, Z, 7, Z, 15, Z, 15, Z, Z, Z, Z, Z, Z, Z, Z, Z };
    static const uint8_t high[16] = { Z, Z, Z, Z, Z, Z, Z, Z, 7, Z, 7, Z, 15, Z, 15, Z };
    return llq_odd_scales(llv_b_bits(llv_b_or(
        llv_b_shuffle(llv_b_load2(b->qs, b->qs + 32), llv_b_load2(low, low)),
        llv_b_shuffle(llv_b_load2(b->qs + 16, b->qs + 48), llv_b_load2(high, high))), 4, 15));
}
#endif
#if LLV_GRID
LL_INLINE void llq_iq2_xxs_index(const llq_iq2_xxs *b, const llq_iq2_xxs *c, llv_z *index) {
    index[0] = index[1] = llv_z_pairs_of_halves(llv_z_load(b->qs), llv_z_load(c->qs));
}
LL_INLINE llq_cut llq_iq2_xxs_cut(const llq_iq2_xxs *b) {
    const llv_z x = llv_z_load(b->qs);
    llq_cut c;
    c.sign = llq_cut_even(x, 32, 7);
    c.scale[0] = c.scale[1] = llq_cut_scale(x, 60, 30);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq2_xxs_scale(const llq_iq2_xxs *b) { return llq_iq2_xxs_unit() * ll_f16_to_f32((uint16_t)llq_iq2_xxs_d(b)); }
#define llq_iq2_xxs_minus(level) (-(level))
LL_INLINE void llq_iq2_xxs_codes(const llq_iq2_xxs *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq2_xxs_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq2_xxs_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_iq2_xxs_grid(), llq_iq2_xxs_n_rows, index[i / 8]), i % 8, llq_iq2_xxs_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq2_xxs_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq2_xxs_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_xxs_level, 0), LLQ_LEVELS4(llq_iq2_xxs_minus, llq_iq2_xxs_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_xxs_level, 0), LLQ_LEVELS4(llq_iq2_xxs_minus, llq_iq2_xxs_level, 0) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
        const llv_z sign_at = llv_z_all(0x0504030201003f3eu + (uint64_t)m * 0x0808080808080808u);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq2_xxs_vecs = 1 };
LL_INLINE void llq_iq2_xxs_rows2(const llq_iq2_xxs *b, const llq_iq2_xxs *c, llv_z *row) {
    llv_z index[2];
    llq_iq2_xxs_index(b, c, index), llv_z_rows(llq_iq2_xxs_grid(), llq_iq2_xxs_n_rows, index, row);
}
LL_FN void llq_iq2_xxs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_xxs *b[2] = { (const llq_iq2_xxs *)block, (const llq_iq2_xxs *)next };
    llv_z row[2 * llq_iq2_xxs_vecs], code[4];
    llq_iq2_xxs_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq2_xxs_look(row + h * llq_iq2_xxs_vecs, llq_iq2_xxs_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq2_xxs_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq2_xxs_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq2_xxs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 66;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq2_xxs *b[2] = { (const llq_iq2_xxs *)(p[l] + at), (const llq_iq2_xxs *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq2_xxs_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 66; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 66;
                llq_iq2_xxs_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq2_xxs_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq2_xxs_look(row + h * llq_iq2_xxs_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_mul(llv_z_add(s0, s1), c.scale[0]);
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq2_xxs_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_xxs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq2_xxs_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    const llq_iq2_xxs *b;
} llq_iq2_xxs_parts;
LL_INLINE void llq_iq2_xxs_load_parts(const llq_iq2_xxs *b, llq_iq2_xxs_parts *x) {
    llq_iq2_xxs_load_signs(b, x->signs);
    x->b = b;
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq2_xxs_load(const llq_iq2_xxs_parts *x, int j) {
    int row[8];
    llq_iq2_xxs_rows(x->b, j, row);
    return llq_grid8_load(llq_iq2_xxs_grid(), row);
}
LL_FN void llq_iq2_xxs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_xxs *b[2] = { (const llq_iq2_xxs *)block, (const llq_iq2_xxs *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq2_xxs_parts x;
        llq_iq2_xxs_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq2_xxs_load(&x, j);
            c = false ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq2_xxs_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq2_xxs_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq2_xxs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 66;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq2_xxs *b = (const llq_iq2_xxs *)(p[l] + at);
                llq_iq2_xxs_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 66; j += 64) LL_PREFETCH(ahead + j);
                ahead += 66;
                llq_iq2_xxs_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq2_xxs_load_scales(b), k));
                if (false) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!false) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq2_xxs_load(&x, j), q,
                                       false ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq2_xxs_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_xxs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq2_xxs_bytes, sizeof(llq_iq2_xxs) == 66);

LL_FN void llq_iq2_xxs_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq2_xxs *b = (const llq_iq2_xxs *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq2_xxs_scales(b, sc);
        llq_iq2_xxs_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq2_xxs_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq2_xxs_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq2_xxs *b = (const llq_iq2_xxs *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq2_xxs_codes(b, c);
        llq_iq2_xxs_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq2_xxs_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq2_xxs_each32 = !false || false, llq_iq2_xxs_mins = false ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq2_xxs_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq2_xxs_open, rows, stride, 66, ahead, llq_iq2_xxs_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq2_xxs_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq2_xxs *x = (const llq_iq2_xxs *)rows;
        int8_t c[256];
        llq_iq2_xxs_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq2_xxs_scale(x);
        llq_iq2_xxs_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq2_xxs_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq2_xxs_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq2_xxs_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq2_xxs_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XS)
/* IQ2_XS: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 ... 65                                       | 66 ... 73
 *        d   | for each 8: row of the grid, 7 sign bits << 9  | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq2_xs { uint8_t d[2], qs[64], scales[8]; } llq_iq2_xs;
#define llq_iq2_xs_level LLQ_IQ2_LEVEL
enum { llq_iq2_xs_n_rows = 512 };

#define LLQ_IQ2_XS_ROWS(R) \
    LLQ_GRID8(R, 0, 2, 5, 8, 10, 17, 20, 22), LLQ_GRID8(R, 25, 32, 34, 37, 40, 65, 68, 70), \
    LLQ_GRID8(R, 73, 80, 82, 85, 88, 97, 100, 128), LLQ_GRID8(R, 130, 133, 136, 145, 148, 153, 160, 257), \
    LLQ_GRID8(R, 260, 262, 265, 272, 274, 277, 280, 282), LLQ_GRID8(R, 289, 292, 320, 322, 325, 328, 337, 340), \
    LLQ_GRID8(R, 352, 360, 385, 388, 400, 512, 514, 517), LLQ_GRID8(R, 520, 529, 532, 544, 577, 580, 592, 597), \
    LLQ_GRID8(R, 640, 650, 1025, 1028, 1030, 1033, 1040, 1042), \
    LLQ_GRID8(R, 1045, 1048, 1057, 1060, 1088, 1090, 1093, 1096), \
    LLQ_GRID8(R, 1105, 1108, 1110, 1120, 1153, 1156, 1168, 1280), \
    LLQ_GRID8(R, 1282, 1285, 1288, 1297, 1300, 1312, 1345, 1348), \
    LLQ_GRID8(R, 1360, 1377, 1408, 1537, 1540, 1552, 1574, 1600), \
    LLQ_GRID8(R, 1602, 1668, 2048, 2050, 2053, 2056, 2058, 2065), \
    LLQ_GRID8(R, 2068, 2080, 2085, 2113, 2116, 2128, 2136, 2176), \
    LLQ_GRID8(R, 2208, 2218, 2305, 2308, 2320, 2368, 2433, 2441), \
    LLQ_GRID8(R, 2560, 2592, 2600, 2710, 2720, 4097, 4100, 4102), \
    LLQ_GRID8(R, 4105, 4112, 4114, 4117, 4120, 4129, 4132, 4160), \
    LLQ_GRID8(R, 4162, 4165, 4168, 4177, 4180, 4192, 4202, 4225), \
    LLQ_GRID8(R, 4228, 4240, 4352, 4354, 4357, 4360, 4369, 4372), \
    LLQ_GRID8(R, 4384, 4417, 4420, 4432, 4480, 4500, 4502, 4609), \
    LLQ_GRID8(R, 4612, 4614, 4624, 4672, 4704, 5120, 5122, 5125), \
    LLQ_GRID8(R, 5128, 5137, 5140, 5152, 5185, 5188, 5193, 5200), \
    LLQ_GRID8(R, 5220, 5248, 5377, 5380, 5392, 5440, 5632, 5652), \
    LLQ_GRID8(R, 5705, 6145, 6148, 6160, 6162, 6208, 6228, 6278), \
    LLQ_GRID8(R, 6400, 6405, 6502, 6737, 6825, 8192, 8194, 8197), \
    LLQ_GRID8(R, 8200, 8202, 8209, 8212, 8224, 8257, 8260, 8272), \
    LLQ_GRID8(R, 8320, 8352, 8449, 8452, 8464, 8512, 8520, 8549), \
    LLQ_GRID8(R, 8704, 8738, 8832, 8872, 9217, 9220, 9232, 9257), \
    LLQ_GRID8(R, 9280, 9472, 9537, 9554, 9625, 9729, 9754, 9894), \
    LLQ_GRID8(R, 10240, 10248, 10250, 10272, 10325, 10376, 10402, 10600), \
    LLQ_GRID8(R, 10640, 10760, 10784, 10882, 10888, 10890, 16385, 16388), \
    LLQ_GRID8(R, 16390, 16393, 16400, 16402, 16405, 16408, 16417, 16420), \
    LLQ_GRID8(R, 16448, 16450, 16453, 16456, 16458, 16465, 16468, 16480), \
    LLQ_GRID8(R, 16485, 16513, 16516, 16528, 16640, 16642, 16645, 16648), \
    LLQ_GRID8(R, 16657, 16660, 16672, 16705, 16708, 16720, 16768, 16773), \
    LLQ_GRID8(R, 16802, 16897, 16900, 16912, 16914, 16937, 16960, 17408), \
    LLQ_GRID8(R, 17410, 17413, 17416, 17425, 17428, 17433, 17440, 17473), \
    LLQ_GRID8(R, 17476, 17488, 17536, 17556, 17665, 17668, 17680, 17700), \
    LLQ_GRID8(R, 17728, 17818, 17920, 17930, 17988, 18000, 18433, 18436), \
    LLQ_GRID8(R, 18448, 18496, 18501, 18516, 18530, 18688, 18705, 18756), \
    LLQ_GRID8(R, 18768, 18793, 18948, 20480, 20482, 20485, 20488, 20497), \
    LLQ_GRID8(R, 20500, 20512, 20520, 20545, 20548, 20560, 20608, 20737), \
    LLQ_GRID8(R, 20740, 20752, 20757, 20800, 20802, 20992, 21060, 21162), \
    LLQ_GRID8(R, 21505, 21508, 21520, 21537, 21568, 21600, 21633, 21665), \
    LLQ_GRID8(R, 21760, 21768, 21888, 21896, 22049, 22120, 22177, 22528), \
    LLQ_GRID8(R, 22548, 22593, 22608, 22681, 22810, 22848, 22850, 23173), \
    LLQ_GRID8(R, 24577, 24580, 24592, 24640, 24660, 24674, 24710, 24745), \
    LLQ_GRID8(R, 24832, 25124, 25162, 25234, 25600, 25622, 25872, 25920), \
    LLQ_GRID8(R, 25925, 26020, 26625, 26730, 26917, 27142, 27220, 27234), \
    LLQ_GRID8(R, 32768, 32770, 32773, 32776, 32785, 32788, 32800, 32810), \
    LLQ_GRID8(R, 32833, 32836, 32848, 32896, 32898, 32936, 32938, 33025), \
    LLQ_GRID8(R, 33028, 33030, 33040, 33088, 33105, 33113, 33280, 33312), \
    LLQ_GRID8(R, 33408, 33410, 33440, 33448, 33793, 33796, 33808, 33810), \
    LLQ_GRID8(R, 33813, 33856, 33888, 33929, 34048, 34116, 34213, 34328), \
    LLQ_GRID8(R, 34410, 34816, 34824, 34853, 34906, 34944, 34946, 34984), \
    LLQ_GRID8(R, 35078, 35362, 35456, 35464, 35478, 35496, 36865, 36868), \
    LLQ_GRID8(R, 36880, 36928, 36950, 36996, 37120, 37154, 37220, 37462), \
    LLQ_GRID8(R, 37513, 37888, 37893, 37956, 37968, 37976, 38185, 38288), \
    LLQ_GRID8(R, 38290, 38465, 38993, 39078, 39241, 39445, 39520, 40960), \
    LLQ_GRID8(R, 40962, 40968, 40970, 40992, 41002, 41120, 41297, 41305), \
    LLQ_GRID8(R, 41382, 41472, 41474, 41480, 41514, 41600, 41632, 42048), \
    LLQ_GRID8(R, 42133, 42597, 42648, 43018, 43040, 43042, 43048, 43168), \
    LLQ_GRID8(R, 43176, 43268, 43396, 43398, 43560, 43562, 43665, 43690),
LL_INLINE const llq_row8 *llq_iq2_xs_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(512)] = { LLQ_GRID(LLQ_IQ2_XS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_xs_d(const llq_iq2_xs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_xs_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_xs_scales(const llq_iq2_xs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 16; j++) sc[j] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq2_xs_signs(const llq_iq2_xs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const uint64_t x = ll_load_u64(b->qs + 8 * j);
        s[j] = llq_even_signs((uint32_t)(x >> 9 & 0x7f) | (uint32_t)(x >> 18 & 0x3f80) |
                              (uint32_t)(x >> 27 & 0x1fc000) | (uint32_t)(x >> 36 & 0xfe00000));
    }
}
LL_INLINE void llq_iq2_xs_rows(const llq_iq2_xs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = ll_load_u16(b->qs + 8 * j + 2 * l) & 511;
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_xs_load_signs(const llq_iq2_xs *b, uint32_t *signs) {
    llq_even_signs_of(llv_w_of_b(llv_b_load2(b->qs, b->qs + 32)), llv_w_of_b(llv_b_load2(b->qs + 16, b->qs + 48)), signs);
}
LL_INLINE llv_w llq_iq2_xs_load_scales(const llq_iq2_xs *b) { return llq_nibble_scales16(b->qs + 56); }
#endif
#if LLV_GRID
LL_INLINE void llq_iq2_xs_index(const llq_iq2_xs *b, const llq_iq2_xs *c, llv_z *index) {
    const llv_z x = llv_z_load(b->qs), y = llv_z_load(c->qs);
    index[0] = llv_z_pairs_of_words(x, y, 0), index[1] = llv_z_pairs_of_words(x, y, 1);
}
LL_INLINE llq_cut llq_iq2_xs_cut(const llq_iq2_xs *b) {
    const llv_z x = llv_z_load(b->qs), scales = llv_z_load1(b->scales);
    llq_cut c;
    c.sign = llq_cut_even(x, 9, 16);
    c.scale[0] = llq_cut_scale(scales, 0, 30), c.scale[1] = llq_cut_scale(scales, 4, 30);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq2_xs_scale(const llq_iq2_xs *b) { return llq_iq2_xs_unit() * ll_f16_to_f32((uint16_t)llq_iq2_xs_d(b)); }
#define llq_iq2_xs_minus(level) (-(level))
LL_INLINE void llq_iq2_xs_codes(const llq_iq2_xs *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq2_xs_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq2_xs_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_iq2_xs_grid(), llq_iq2_xs_n_rows, index[i / 8]), i % 8, llq_iq2_xs_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq2_xs_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq2_xs_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_xs_level, 0), LLQ_LEVELS4(llq_iq2_xs_minus, llq_iq2_xs_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_xs_level, 0), LLQ_LEVELS4(llq_iq2_xs_minus, llq_iq2_xs_level, 0) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
        const llv_z sign_at = llv_z_all(0x0504030201003f3eu + (uint64_t)m * 0x0808080808080808u);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq2_xs_vecs = 1 };
LL_INLINE void llq_iq2_xs_rows2(const llq_iq2_xs *b, const llq_iq2_xs *c, llv_z *row) {
    llv_z index[2];
    llq_iq2_xs_index(b, c, index), llv_z_rows(llq_iq2_xs_grid(), llq_iq2_xs_n_rows, index, row);
}
LL_FN void llq_iq2_xs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_xs *b[2] = { (const llq_iq2_xs *)block, (const llq_iq2_xs *)next };
    llv_z row[2 * llq_iq2_xs_vecs], code[4];
    llq_iq2_xs_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq2_xs_look(row + h * llq_iq2_xs_vecs, llq_iq2_xs_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq2_xs_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq2_xs_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq2_xs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 74;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq2_xs *b[2] = { (const llq_iq2_xs *)(p[l] + at), (const llq_iq2_xs *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq2_xs_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 74; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 74;
                llq_iq2_xs_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq2_xs_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq2_xs_look(row + h * llq_iq2_xs_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_add(llv_z_mul(s0, c.scale[0]), llv_z_mul(s1, c.scale[1]));
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq2_xs_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_xs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq2_xs_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    const llq_iq2_xs *b;
} llq_iq2_xs_parts;
LL_INLINE void llq_iq2_xs_load_parts(const llq_iq2_xs *b, llq_iq2_xs_parts *x) {
    llq_iq2_xs_load_signs(b, x->signs);
    x->b = b;
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq2_xs_load(const llq_iq2_xs_parts *x, int j) {
    int row[8];
    llq_iq2_xs_rows(x->b, j, row);
    return llq_grid8_load(llq_iq2_xs_grid(), row);
}
LL_FN void llq_iq2_xs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_xs *b[2] = { (const llq_iq2_xs *)block, (const llq_iq2_xs *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq2_xs_parts x;
        llq_iq2_xs_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq2_xs_load(&x, j);
            c = false ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq2_xs_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq2_xs_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq2_xs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 74;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq2_xs *b = (const llq_iq2_xs *)(p[l] + at);
                llq_iq2_xs_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 74; j += 64) LL_PREFETCH(ahead + j);
                ahead += 74;
                llq_iq2_xs_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq2_xs_load_scales(b), k));
                if (false) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!false) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq2_xs_load(&x, j), q,
                                       true ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq2_xs_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_xs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq2_xs_bytes, sizeof(llq_iq2_xs) == 74);

LL_FN void llq_iq2_xs_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq2_xs *b = (const llq_iq2_xs *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq2_xs_scales(b, sc);
        llq_iq2_xs_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq2_xs_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq2_xs_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq2_xs *b = (const llq_iq2_xs *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq2_xs_codes(b, c);
        llq_iq2_xs_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq2_xs_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq2_xs_each32 = !true || false, llq_iq2_xs_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq2_xs_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq2_xs_open, rows, stride, 74, ahead, llq_iq2_xs_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq2_xs_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq2_xs *x = (const llq_iq2_xs *)rows;
        int8_t c[256];
        llq_iq2_xs_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq2_xs_scale(x);
        llq_iq2_xs_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq2_xs_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq2_xs_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq2_xs_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq2_xs_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_S)
/* IQ2_S: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16; codes are 8, 25 or 43 with a sign
 *
 *   byte 0 1 | 2 ... 33                | 34 ... 65     | 66 ... 73               | 74 ... 81
 *        d   | lower 8 bits of a row   | signs, 8 each | upper 2 bits, four each | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq2_s { uint8_t d[2], qs[32], signs[32], high[8], scales[8]; } llq_iq2_s;
#define llq_iq2_s_level LLQ_IQ2_LEVEL
enum { llq_iq2_s_n_rows = 1024 };

#define LLQ_IQ2_S_ROWS(R) \
    LLQ_GRID8(R, 0, 2, 5, 8, 10, 17, 20, 22), LLQ_GRID8(R, 25, 32, 34, 37, 40, 65, 68, 70), \
    LLQ_GRID8(R, 73, 80, 82, 85, 88, 97, 100, 102), LLQ_GRID8(R, 105, 128, 130, 133, 136, 145, 148, 160), \
    LLQ_GRID8(R, 165, 170, 257, 260, 262, 265, 272, 274), LLQ_GRID8(R, 277, 280, 289, 292, 320, 322, 325, 328), \
    LLQ_GRID8(R, 337, 340, 342, 345, 352, 357, 360, 385), LLQ_GRID8(R, 388, 400, 402, 405, 417, 420, 512, 514), \
    LLQ_GRID8(R, 517, 520, 529, 532, 544, 554, 577, 580), LLQ_GRID8(R, 582, 585, 592, 597, 640, 645, 650, 660), \
    LLQ_GRID8(R, 674, 1025, 1028, 1030, 1033, 1040, 1042, 1045), \
    LLQ_GRID8(R, 1048, 1057, 1060, 1062, 1065, 1088, 1090, 1093), \
    LLQ_GRID8(R, 1096, 1098, 1105, 1108, 1110, 1113, 1120, 1122), \
    LLQ_GRID8(R, 1125, 1153, 1156, 1158, 1161, 1168, 1173, 1176), \
    LLQ_GRID8(R, 1185, 1188, 1280, 1282, 1285, 1288, 1290, 1297), \
    LLQ_GRID8(R, 1300, 1302, 1305, 1312, 1317, 1320, 1345, 1348), \
    LLQ_GRID8(R, 1350, 1353, 1360, 1362, 1365, 1368, 1377, 1380), \
    LLQ_GRID8(R, 1408, 1410, 1413, 1416, 1425, 1428, 1440, 1537), \
    LLQ_GRID8(R, 1540, 1542, 1545, 1552, 1557, 1600, 1605, 1608), \
    LLQ_GRID8(R, 1617, 1620, 1632, 1665, 1668, 1680, 2048, 2050), \
    LLQ_GRID8(R, 2053, 2056, 2065, 2068, 2070, 2073, 2080, 2085), \
    LLQ_GRID8(R, 2090, 2113, 2116, 2118, 2121, 2128, 2130, 2133), \
    LLQ_GRID8(R, 2136, 2145, 2148, 2176, 2181, 2196, 2218, 2305), \
    LLQ_GRID8(R, 2308, 2320, 2322, 2325, 2328, 2337, 2368, 2373), \
    LLQ_GRID8(R, 2376, 2385, 2388, 2400, 2433, 2448, 2560, 2577), \
    LLQ_GRID8(R, 2580, 2594, 2600, 2602, 2640, 2713, 4097, 4100), \
    LLQ_GRID8(R, 4102, 4105, 4112, 4114, 4117, 4120, 4129, 4132), \
    LLQ_GRID8(R, 4134, 4160, 4162, 4165, 4168, 4177, 4180, 4182), \
    LLQ_GRID8(R, 4185, 4192, 4194, 4197, 4200, 4225, 4228, 4230), \
    LLQ_GRID8(R, 4240, 4245, 4248, 4257, 4260, 4352, 4354, 4357), \
    LLQ_GRID8(R, 4360, 4362, 4369, 4372, 4374, 4377, 4384, 4386), \
    LLQ_GRID8(R, 4389, 4392, 4417, 4420, 4422, 4425, 4432, 4434), \
    LLQ_GRID8(R, 4437, 4440, 4449, 4452, 4480, 4482, 4485, 4488), \
    LLQ_GRID8(R, 4497, 4500, 4609, 4612, 4617, 4624, 4629, 4641), \
    LLQ_GRID8(R, 4644, 4672, 4677, 4689, 4692, 4737, 4740, 4752), \
    LLQ_GRID8(R, 5120, 5122, 5125, 5128, 5137, 5140, 5142, 5145), \
    LLQ_GRID8(R, 5152, 5157, 5160, 5185, 5188, 5190, 5193, 5200), \
    LLQ_GRID8(R, 5202, 5205, 5208, 5217, 5220, 5248, 5250, 5253), \
    LLQ_GRID8(R, 5256, 5265, 5268, 5280, 5377, 5380, 5382, 5385), \
    LLQ_GRID8(R, 5392, 5394, 5397, 5400, 5409, 5412, 5440, 5442), \
    LLQ_GRID8(R, 5445, 5448, 5457, 5460, 5472, 5505, 5508, 5520), \
    LLQ_GRID8(R, 5632, 5637, 5640, 5649, 5652, 5664, 5697, 5700), \
    LLQ_GRID8(R, 5712, 5760, 5802, 6145, 6148, 6150, 6153, 6160), \
    LLQ_GRID8(R, 6165, 6168, 6177, 6208, 6210, 6213, 6216, 6225), \
    LLQ_GRID8(R, 6228, 6240, 6273, 6276, 6400, 6402, 6405, 6408), \
    LLQ_GRID8(R, 6417, 6420, 6432, 6465, 6468, 6480, 6505, 6562), \
    LLQ_GRID8(R, 6660, 6672, 6720, 6742, 8192, 8194, 8197, 8200), \
    LLQ_GRID8(R, 8209, 8212, 8214, 8217, 8224, 8229, 8234, 8257), \
    LLQ_GRID8(R, 8260, 8272, 8274, 8277, 8292, 8320, 8330, 8340), \
    LLQ_GRID8(R, 8362, 8449, 8452, 8464, 8466, 8469, 8481, 8512), \
    LLQ_GRID8(R, 8514, 8517, 8529, 8532, 8544, 8577, 8580, 8592), \
    LLQ_GRID8(R, 8704, 8714, 8738, 8744, 8746, 8772, 8784, 8840), \
    LLQ_GRID8(R, 8842, 8872, 9217, 9220, 9222, 9225, 9232, 9237), \
    LLQ_GRID8(R, 9240, 9249, 9252, 9280, 9282, 9285, 9288, 9297), \
    LLQ_GRID8(R, 9300, 9312, 9345, 9348, 9360, 9472, 9477, 9480), \
    LLQ_GRID8(R, 9489, 9492, 9504, 9537, 9540, 9552, 9574, 9600), \
    LLQ_GRID8(R, 9729, 9732, 9744, 9792, 9817, 10240, 10245, 10257), \
    LLQ_GRID8(R, 10260, 10305, 10308, 10320, 10378, 10410, 10497, 10500), \
    LLQ_GRID8(R, 10512, 10645, 10762, 10786, 10852, 10888, 10890, 16385), \
    LLQ_GRID8(R, 16388, 16390, 16393, 16400, 16402, 16405, 16408, 16410), \
    LLQ_GRID8(R, 16417, 16420, 16422, 16448, 16450, 16453, 16456, 16458), \
    LLQ_GRID8(R, 16465, 16468, 16470, 16473, 16480, 16482, 16485, 16513), \
    LLQ_GRID8(R, 16516, 16528, 16533, 16536, 16545, 16548, 16640, 16642), \
    LLQ_GRID8(R, 16645, 16648, 16657, 16660, 16662, 16665, 16672, 16674), \
    LLQ_GRID8(R, 16677, 16705, 16708, 16710, 16713, 16720, 16722, 16725), \
    LLQ_GRID8(R, 16728, 16737, 16740, 16768, 16770, 16773, 16776, 16785), \
    LLQ_GRID8(R, 16788, 16800, 16897, 16900, 16912, 16914, 16917, 16920), \
    LLQ_GRID8(R, 16932, 16960, 16965, 16968, 16977, 16980, 16992, 17025), \
    LLQ_GRID8(R, 17028, 17408, 17410, 17413, 17416, 17418, 17425, 17428), \
    LLQ_GRID8(R, 17430, 17433, 17440, 17442, 17445, 17448, 17473, 17476), \
    LLQ_GRID8(R, 17478, 17481, 17488, 17490, 17493, 17496, 17505, 17508), \
    LLQ_GRID8(R, 17536, 17538, 17541, 17544, 17553, 17556, 17568, 17665), \
    LLQ_GRID8(R, 17668, 17670, 17673, 17680, 17682, 17685, 17688, 17697), \
    LLQ_GRID8(R, 17700, 17728, 17730, 17733, 17736, 17745, 17748, 17760), \
    LLQ_GRID8(R, 17770, 17793, 17796, 17808, 17920, 17922, 17925, 17928), \
    LLQ_GRID8(R, 17937, 17940, 17952, 17985, 17988, 18000, 18048, 18085), \
    LLQ_GRID8(R, 18433, 18436, 18441, 18448, 18450, 18453, 18456, 18465), \
    LLQ_GRID8(R, 18468, 18496, 18498, 18501, 18504, 18513, 18516, 18528), \
    LLQ_GRID8(R, 18564, 18576, 18688, 18690, 18693, 18696, 18705, 18708), \
    LLQ_GRID8(R, 18720, 18753, 18756, 18768, 18816, 18838, 18945, 18948), \
    LLQ_GRID8(R, 18960, 19008, 20480, 20482, 20485, 20488, 20497, 20500), \
    LLQ_GRID8(R, 20502, 20505, 20512, 20514, 20517, 20520, 20545, 20548), \
    LLQ_GRID8(R, 20550, 20553, 20560, 20562, 20565, 20568, 20577, 20580), \
    LLQ_GRID8(R, 20608, 20610, 20613, 20616, 20625, 20628, 20737, 20740), \
    LLQ_GRID8(R, 20742, 20745, 20752, 20754, 20757, 20760, 20769, 20772), \
    LLQ_GRID8(R, 20800, 20802, 20805, 20808, 20817, 20820, 20832, 20865), \
    LLQ_GRID8(R, 20868, 20880, 20992, 20997, 21000, 21009, 21012, 21024), \
    LLQ_GRID8(R, 21057, 21060, 21072, 21097, 21120, 21505, 21508, 21510), \
    LLQ_GRID8(R, 21513, 21520, 21522, 21525, 21528, 21537, 21540, 21568), \
    LLQ_GRID8(R, 21570, 21573, 21576, 21585, 21588, 21600, 21633, 21636), \
    LLQ_GRID8(R, 21648, 21760, 21762, 21765, 21768, 21777, 21780, 21792), \
    LLQ_GRID8(R, 21825, 21828, 21840, 21888, 22017, 22020, 22032, 22054), \
    LLQ_GRID8(R, 22080, 22528, 22530, 22533, 22536, 22545, 22548, 22560), \
    LLQ_GRID8(R, 22593, 22596, 22608, 22618, 22656, 22785, 22788, 22800), \
    LLQ_GRID8(R, 22848, 23040, 23065, 23173, 23208, 24577, 24580, 24582), \
    LLQ_GRID8(R, 24592, 24594, 24597, 24600, 24609, 24612, 24640, 24645), \
    LLQ_GRID8(R, 24648, 24657, 24660, 24672, 24708, 24720, 24832, 24834), \
    LLQ_GRID8(R, 24837, 24840, 24849, 24852, 24864, 24897, 24900, 24912), \
    LLQ_GRID8(R, 24960, 24985, 25092, 25104, 25152, 25174, 25249, 25600), \
    LLQ_GRID8(R, 25605, 25608, 25617, 25620, 25632, 25665, 25668, 25680), \
    LLQ_GRID8(R, 25728, 25857, 25860, 25872, 25920, 25930, 25960, 26002), \
    LLQ_GRID8(R, 26112, 26260, 26625, 26628, 26640, 26725, 26776, 26880), \
    LLQ_GRID8(R, 26922, 27202, 27297, 32768, 32770, 32773, 32776, 32785), \
    LLQ_GRID8(R, 32788, 32793, 32800, 32805, 32833, 32836, 32848, 32850), \
    LLQ_GRID8(R, 32853, 32856, 32865, 32896, 32901, 32913, 32916, 33025), \
    LLQ_GRID8(R, 33028, 33033, 33040, 33042, 33045, 33048, 33057, 33060), \
    LLQ_GRID8(R, 33088, 33090, 33093, 33096, 33105, 33108, 33153, 33156), \
    LLQ_GRID8(R, 33168, 33193, 33280, 33285, 33290, 33297, 33300, 33345), \
    LLQ_GRID8(R, 33348, 33360, 33793, 33796, 33798, 33801, 33808, 33810), \
    LLQ_GRID8(R, 33813, 33816, 33825, 33856, 33858, 33861, 33864, 33873), \
    LLQ_GRID8(R, 33876, 33888, 33921, 33924, 33936, 34048, 34050, 34053), \
    LLQ_GRID8(R, 34056, 34065, 34068, 34080, 34113, 34116, 34128, 34176), \
    LLQ_GRID8(R, 34186, 34305, 34308, 34320, 34345, 34368, 34816, 34821), \
    LLQ_GRID8(R, 34833, 34836, 34881, 34884, 34896, 34978, 35073, 35076), \
    LLQ_GRID8(R, 35136, 35173, 35362, 35416, 35418, 35458, 35490, 36865), \
    LLQ_GRID8(R, 36868, 36873, 36880, 36882, 36885, 36888, 36900, 36928), \
    LLQ_GRID8(R, 36930, 36933, 36936, 36945, 36948, 36960, 36993, 36996), \
    LLQ_GRID8(R, 37008, 37120, 37125, 37137, 37140, 37185, 37188, 37200), \
    LLQ_GRID8(R, 37210, 37377, 37380, 37392, 37440, 37542, 37888, 37890), \
    LLQ_GRID8(R, 37893, 37896, 37905, 37908, 37920, 37953, 37956, 37968), \
    LLQ_GRID8(R, 38016, 38038, 38145, 38148, 38160, 38208, 38296, 38305), \
    LLQ_GRID8(R, 38400, 38470, 38500, 38913, 38916, 38928, 38950, 38976), \
    LLQ_GRID8(R, 39081, 39168, 39241, 39250, 39568, 40960, 40965, 40970), \
    LLQ_GRID8(R, 40980, 40994, 41002, 41025, 41028, 41040, 41122, 41130), \
    LLQ_GRID8(R, 41280, 41317, 41474, 41482, 41506, 41512, 41514, 41602), \
    LLQ_GRID8(R, 41608, 41610, 41640, 41985, 41988, 42000, 42048, 42121), \
    LLQ_GRID8(R, 42148, 42240, 42265, 42577, 43018, 43048, 43170, 43348), \
    LLQ_GRID8(R, 43398, 43528, 43530, 43552, 43554, 43560, 43656, 43690),
LL_INLINE const llq_row8 *llq_iq2_s_grid(void) {
#define LLQ_R(x) LLQ_ROW8(x, LLQ_IQ2_LEVEL)
    static const llq_row8 grid[LLQ_GRID_LEN(1024)] = { LLQ_GRID(LLQ_IQ2_S_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq2_s_d(const llq_iq2_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq2_s_unit(void) { return 0.125f; }
LL_INLINE void llq_iq2_s_scales(const llq_iq2_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 16; j++) sc[j] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq2_s_signs(const llq_iq2_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = ll_load_u32(b->signs + 4 * j);
}
LL_INLINE void llq_iq2_s_rows(const llq_iq2_s *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (b->high[j] << (8 - 2 * l) & 0x300);
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq2_s_load_signs(const llq_iq2_s *b, uint32_t *signs) { memcpy(signs, b->signs, 32); }
LL_INLINE llv_w llq_iq2_s_load_scales(const llq_iq2_s *b) { return llq_nibble_scales16(b->high); }
#endif
#if LLV_GRID
LL_INLINE void llq_iq2_s_index(const llq_iq2_s *b, const llq_iq2_s *c, llv_z *index) {
    index[0] = llv_z_pairs8(b->qs, c->qs), index[1] = llv_z_cut(llv_z_pairs2(b->high, c->high), LLZ_STEPS(0, 2));
}
LL_INLINE llq_cut llq_iq2_s_cut(const llq_iq2_s *b) {
    const llv_z scales = llv_z_load1(b->scales);
    llq_cut c;
    c.sign = llv_z_load4(b->signs);
    c.scale[0] = llq_cut_scale(scales, 0, 30), c.scale[1] = llq_cut_scale(scales, 4, 30);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq2_s_scale(const llq_iq2_s *b) { return llq_iq2_s_unit() * ll_f16_to_f32((uint16_t)llq_iq2_s_d(b)); }
#define llq_iq2_s_minus(level) (-(level))
LL_INLINE void llq_iq2_s_codes(const llq_iq2_s *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq2_s_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq2_s_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_iq2_s_grid(), llq_iq2_s_n_rows, index[i / 8]), i % 8, llq_iq2_s_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq2_s_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq2_s_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_s_level, 0), LLQ_LEVELS4(llq_iq2_s_minus, llq_iq2_s_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_iq2_s_level, 0), LLQ_LEVELS4(llq_iq2_s_minus, llq_iq2_s_level, 0) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
        const llv_z sign_at = llv_z_all(0x0504030201003f3eu + (uint64_t)m * 0x0808080808080808u);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq2_s_vecs = 1 };
LL_INLINE void llq_iq2_s_rows2(const llq_iq2_s *b, const llq_iq2_s *c, llv_z *row) {
    llv_z index[2];
    llq_iq2_s_index(b, c, index), llv_z_rows(llq_iq2_s_grid(), llq_iq2_s_n_rows, index, row);
}
LL_FN void llq_iq2_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_s *b[2] = { (const llq_iq2_s *)block, (const llq_iq2_s *)next };
    llv_z row[2 * llq_iq2_s_vecs], code[4];
    llq_iq2_s_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq2_s_look(row + h * llq_iq2_s_vecs, llq_iq2_s_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq2_s_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq2_s_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq2_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 82;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq2_s *b[2] = { (const llq_iq2_s *)(p[l] + at), (const llq_iq2_s *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq2_s_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 82; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 82;
                llq_iq2_s_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq2_s_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq2_s_look(row + h * llq_iq2_s_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_add(llv_z_mul(s0, c.scale[0]), llv_z_mul(s1, c.scale[1]));
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq2_s_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq2_s_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    const llq_iq2_s *b;
} llq_iq2_s_parts;
LL_INLINE void llq_iq2_s_load_parts(const llq_iq2_s *b, llq_iq2_s_parts *x) {
    llq_iq2_s_load_signs(b, x->signs);
    x->b = b;
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq2_s_load(const llq_iq2_s_parts *x, int j) {
    int row[8];
    llq_iq2_s_rows(x->b, j, row);
    return llq_grid8_load(llq_iq2_s_grid(), row);
}
LL_FN void llq_iq2_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq2_s *b[2] = { (const llq_iq2_s *)block, (const llq_iq2_s *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq2_s_parts x;
        llq_iq2_s_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq2_s_load(&x, j);
            c = false ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq2_s_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq2_s_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq2_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 82;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq2_s *b = (const llq_iq2_s *)(p[l] + at);
                llq_iq2_s_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 82; j += 64) LL_PREFETCH(ahead + j);
                ahead += 82;
                llq_iq2_s_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq2_s_load_scales(b), k));
                if (false) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!false) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq2_s_load(&x, j), q,
                                       true ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq2_s_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq2_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq2_s_bytes, sizeof(llq_iq2_s) == 82);

LL_FN void llq_iq2_s_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq2_s *b = (const llq_iq2_s *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq2_s_scales(b, sc);
        llq_iq2_s_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq2_s_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq2_s_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq2_s *b = (const llq_iq2_s *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq2_s_codes(b, c);
        llq_iq2_s_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq2_s_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq2_s_each32 = !true || false, llq_iq2_s_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq2_s_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq2_s_open, rows, stride, 82, ahead, llq_iq2_s_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq2_s_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq2_s *x = (const llq_iq2_s *)rows;
        int8_t c[256];
        llq_iq2_s_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq2_s_scale(x);
        llq_iq2_s_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq2_s_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq2_s_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq2_s_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq2_s_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_XXS)
/* IQ3_XXS: w = d / 4 * (2 * s[j] + 1) * code, j = index / 32; codes are 4, 12, 20 ... 52 or 62 with a sign
 *
 *   byte 0 1 | 2 ... 65                  | 66 + 4 * j ... 69 + 4 * j
 *        d   | a row of the grid each 4  | 4 x 7 sign bits, s[j] in the upper 4 */
typedef struct llq_iq3_xxs { uint8_t d[2], qs[64], signs[32]; } llq_iq3_xxs;
#define llq_iq3_xxs_level LLQ_IQ3_LEVEL
enum { llq_iq3_xxs_n_rows = 256 };

#define LLQ_IQ3_XXS_ROWS(R) \
    LLQ_GRID8(R, 0, 2, 4, 9, 11, 15, 16, 18), LLQ_GRID8(R, 25, 34, 59, 61, 65, 67, 72, 74), \
    LLQ_GRID8(R, 81, 85, 88, 90, 97, 108, 120, 128), LLQ_GRID8(R, 130, 132, 137, 144, 146, 153, 155, 159), \
    LLQ_GRID8(R, 169, 175, 189, 193, 199, 200, 202, 213), LLQ_GRID8(R, 248, 267, 287, 292, 303, 315, 317, 321), \
    LLQ_GRID8(R, 327, 346, 362, 413, 436, 456, 460, 462), LLQ_GRID8(R, 483, 497, 513, 515, 520, 522, 529, 531), \
    LLQ_GRID8(R, 536, 538, 540, 551, 552, 576, 578, 585), LLQ_GRID8(R, 592, 594, 641, 643, 648, 650, 657, 664), \
    LLQ_GRID8(R, 698, 704, 706, 720, 729, 742, 758, 769), LLQ_GRID8(R, 773, 808, 848, 852, 870, 889, 901, 978), \
    LLQ_GRID8(R, 992, 1024, 1026, 1033, 1035, 1040, 1042, 1046), \
    LLQ_GRID8(R, 1049, 1058, 1089, 1091, 1093, 1096, 1098, 1105), \
    LLQ_GRID8(R, 1112, 1139, 1143, 1144, 1152, 1154, 1161, 1167), \
    LLQ_GRID8(R, 1168, 1170, 1183, 1184, 1197, 1217, 1224, 1228), \
    LLQ_GRID8(R, 1272, 1276, 1309, 1323, 1347, 1367, 1377, 1404), \
    LLQ_GRID8(R, 1473, 1475, 1486, 1509, 1537, 1544, 1546, 1553), \
    LLQ_GRID8(R, 1555, 1576, 1589, 1594, 1600, 1602, 1616, 1625), \
    LLQ_GRID8(R, 1636, 1638, 1665, 1667, 1672, 1685, 1706, 1722), \
    LLQ_GRID8(R, 1737, 1755, 1816, 1831, 1850, 1856, 1862, 1874), \
    LLQ_GRID8(R, 1901, 1932, 1950, 1971, 2011, 2032, 2052, 2063), \
    LLQ_GRID8(R, 2077, 2079, 2091, 2095, 2172, 2192, 2207, 2208), \
    LLQ_GRID8(R, 2224, 2230, 2247, 2277, 2308, 2345, 2356, 2389), \
    LLQ_GRID8(R, 2403, 2424, 2501, 2504, 2506, 2520, 2570, 2593), \
    LLQ_GRID8(R, 2616, 2624, 2630, 2646, 2669, 2700, 2714, 2746), \
    LLQ_GRID8(R, 2754, 2795, 2824, 2835, 2839, 2874, 2882, 2905), \
    LLQ_GRID8(R, 2984, 3028, 3042, 3092, 3108, 3110, 3124, 3153), \
    LLQ_GRID8(R, 3185, 3215, 3252, 3288, 3294, 3364, 3397, 3434), \
    LLQ_GRID8(R, 3483, 3523, 3537, 3587, 3589, 3591, 3592, 3610), \
    LLQ_GRID8(R, 3626, 3670, 3680, 3722, 3749, 3754, 3776, 3789), \
    LLQ_GRID8(R, 3803, 3824, 3857, 3873, 3904, 3906, 3924, 3992),
LL_INLINE const llq_row4 *llq_iq3_xxs_grid(void) {
#define LLQ_R(x) LLQ_ROW4(x, LLQ_IQ3_LEVEL)
    static const llq_row4 grid[LLQ_GRID_LEN(256)] = { LLQ_GRID(LLQ_IQ3_XXS_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_xxs_d(const llq_iq3_xxs *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_xxs_unit(void) { return 0.25f; }
LL_INLINE void llq_iq3_xxs_scales(const llq_iq3_xxs *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->signs[4 * j + 3] >> 4) + 1);
}
LL_INLINE void llq_iq3_xxs_signs(const llq_iq3_xxs *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = llq_even_signs(ll_load_u32(b->signs + 4 * j) & 0x0fffffff);
}
LL_INLINE void llq_iq3_xxs_rows(const llq_iq3_xxs *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l];
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq3_xxs_load_signs(const llq_iq3_xxs *b, uint32_t *signs) {
    static const uint8_t first[16] = { 128, 0, 0, 1, 1, 2, 2, 3, 128, 4, 4, 5, 5, 6, 6, 7 };
    static const uint8_t second[16] = { 128, 8, 8, 9, 9, 10, 10, 11, 128, 12, 12, 13, 13, 14, 14, 15 };
    const llv_b x = llv_b_load(b->signs);
    llq_even_signs_of(llq_sevens(x, first), llq_sevens(x, second), signs);
}
LL_INLINE llv_w llq_iq3_xxs_load_scales(const llq_iq3_xxs *b) {
    static const uint8_t last[16] = { 3, 128, 3, 128, 7, 128, 7, 128, 11, 128, 11, 128, 15, 128, 15, 128 };
    return llq_odd_scales(llv_b_bits(llv_b_shuffle(llv_b_load(b->signs), llv_b_load2(last, last)), 4, 15));
}
#endif
#if LLV_GRID
LL_INLINE void llq_iq3_xxs_index(const llq_iq3_xxs *b, llv_z *index) {
    index[0] = index[1] = llv_z_halves_first(llv_z_load(b->qs));
}
LL_INLINE llq_cut llq_iq3_xxs_cut(const llq_iq3_xxs *b) {
    const llv_z signs = llv_z_load4(b->signs);
    llq_cut c;
    c.sign = llq_cut_even(signs, 0, 7);
    c.scale[0] = c.scale[1] = llq_cut_scale(signs, 28, 30);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq3_xxs_scale(const llq_iq3_xxs *b) { return llq_iq3_xxs_unit() * ll_f16_to_f32((uint16_t)llq_iq3_xxs_d(b)); }
#define llq_iq3_xxs_minus(level) (-(level))
LL_INLINE void llq_iq3_xxs_codes(const llq_iq3_xxs *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq3_xxs_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq3_xxs_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE4(LLQ_GRID_ROW(llq_iq3_xxs_grid(), llq_iq3_xxs_n_rows, index[i / 4]), i % 4, llq_iq3_xxs_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq3_xxs_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq3_xxs_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x1916131009060300u, row_step = 0x2020202020202020u, below = 0x0707070707070707u;
    static const int8_t levels[16] = { LLQ_LEVELS4(LLQ_SAME, llq_iq3_xxs_level, 0), LLQ_LEVELS4(LLQ_SAME, llq_iq3_xxs_level, 4),
        LLQ_LEVELS4(llq_iq3_xxs_minus, llq_iq3_xxs_level, 0), LLQ_LEVELS4(llq_iq3_xxs_minus, llq_iq3_xxs_level, 4) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[m / 2], llv_z_all(row_at + (uint64_t)(m % 2) * row_step));
        const llv_z sign_at = llv_z_all(0x04030201003f3e3du + (uint64_t)m * 0x0808080808080808u);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq3_xxs_vecs = 2 };
LL_INLINE void llq_iq3_xxs_rows2(const llq_iq3_xxs *b, const llq_iq3_xxs *c, llv_z *row) {
    llv_z index[2];
    llq_iq3_xxs_index(b, index), llv_z_rows(llq_iq3_xxs_grid(), llq_iq3_xxs_n_rows, index, row);
    llq_iq3_xxs_index(c, index), llv_z_rows(llq_iq3_xxs_grid(), llq_iq3_xxs_n_rows, index, row + 2);
}
LL_FN void llq_iq3_xxs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq3_xxs *b[2] = { (const llq_iq3_xxs *)block, (const llq_iq3_xxs *)next };
    llv_z row[2 * llq_iq3_xxs_vecs], code[4];
    llq_iq3_xxs_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq3_xxs_look(row + h * llq_iq3_xxs_vecs, llq_iq3_xxs_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq3_xxs_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq3_xxs_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq3_xxs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 98;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq3_xxs *b[2] = { (const llq_iq3_xxs *)(p[l] + at), (const llq_iq3_xxs *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq3_xxs_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 98; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 98;
                llq_iq3_xxs_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq3_xxs_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq3_xxs_look(row + h * llq_iq3_xxs_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_mul(llv_z_add(s0, s1), c.scale[0]);
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq3_xxs_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq3_xxs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq3_xxs_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    const llq_iq3_xxs *b;
} llq_iq3_xxs_parts;
LL_INLINE void llq_iq3_xxs_load_parts(const llq_iq3_xxs *b, llq_iq3_xxs_parts *x) {
    llq_iq3_xxs_load_signs(b, x->signs);
    x->b = b;
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq3_xxs_load(const llq_iq3_xxs_parts *x, int j) {
    int row[8];
    llq_iq3_xxs_rows(x->b, j, row);
    return llq_grid4_load(llq_iq3_xxs_grid(), row);
}
LL_FN void llq_iq3_xxs_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq3_xxs *b[2] = { (const llq_iq3_xxs *)block, (const llq_iq3_xxs *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq3_xxs_parts x;
        llq_iq3_xxs_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq3_xxs_load(&x, j);
            c = false ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq3_xxs_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq3_xxs_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq3_xxs_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 98;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq3_xxs *b = (const llq_iq3_xxs *)(p[l] + at);
                llq_iq3_xxs_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 98; j += 64) LL_PREFETCH(ahead + j);
                ahead += 98;
                llq_iq3_xxs_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq3_xxs_load_scales(b), k));
                if (false) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!false) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq3_xxs_load(&x, j), q,
                                       false ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq3_xxs_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq3_xxs_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq3_xxs_bytes, sizeof(llq_iq3_xxs) == 98);

LL_FN void llq_iq3_xxs_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq3_xxs *b = (const llq_iq3_xxs *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq3_xxs_scales(b, sc);
        llq_iq3_xxs_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq3_xxs_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq3_xxs_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq3_xxs *b = (const llq_iq3_xxs *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq3_xxs_codes(b, c);
        llq_iq3_xxs_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq3_xxs_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq3_xxs_each32 = !false || false, llq_iq3_xxs_mins = false ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq3_xxs_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq3_xxs_open, rows, stride, 98, ahead, llq_iq3_xxs_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq3_xxs_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq3_xxs *x = (const llq_iq3_xxs *)rows;
        int8_t c[256];
        llq_iq3_xxs_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq3_xxs_scale(x);
        llq_iq3_xxs_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq3_xxs_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq3_xxs_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq3_xxs_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq3_xxs_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_S)
/* IQ3_S: w = d * (2 * s[j] + 1) * code, j = index / 32; codes are 1, 3, 5 ... 15 with a sign
 *
 *   byte 0 1 | 2 ... 65              | 66 ... 73             | 74 ... 105    | 106 ... 109
 *        d   | lower 8 bits of a row | upper bit, eight each | signs, 8 each | s[2 * i] | s[2 * i + 1] << 4 */
typedef struct llq_iq3_s { uint8_t d[2], qs[64], high[8], signs[32], scales[4]; } llq_iq3_s;
#define llq_iq3_s_level LLQ_IQ3_S_LEVEL
enum { llq_iq3_s_n_rows = 512 };

#define LLQ_IQ3_S_ROWS(R) \
    LLQ_GRID8(R, 0, 1, 2, 5, 7, 8, 9, 10), LLQ_GRID8(R, 12, 14, 16, 17, 21, 27, 32, 34), \
    LLQ_GRID8(R, 37, 39, 41, 43, 48, 50, 57, 60), LLQ_GRID8(R, 63, 64, 65, 66, 68, 72, 73, 77), \
    LLQ_GRID8(R, 80, 83, 87, 89, 93, 100, 113, 117), LLQ_GRID8(R, 122, 128, 129, 133, 135, 136, 139, 142), \
    LLQ_GRID8(R, 145, 149, 152, 156, 162, 165, 167, 169), LLQ_GRID8(R, 171, 184, 187, 195, 201, 205, 208, 210), \
    LLQ_GRID8(R, 217, 219, 222, 228, 232, 234, 247, 249), LLQ_GRID8(R, 253, 256, 267, 271, 273, 276, 282, 288), \
    LLQ_GRID8(R, 291, 297, 312, 322, 324, 336, 338, 342), LLQ_GRID8(R, 347, 353, 357, 359, 374, 379, 390, 393), \
    LLQ_GRID8(R, 395, 409, 426, 441, 448, 450, 452, 464), LLQ_GRID8(R, 466, 470, 475, 488, 492, 512, 513, 514), \
    LLQ_GRID8(R, 516, 520, 521, 523, 525, 527, 528, 530), LLQ_GRID8(R, 537, 540, 542, 556, 558, 561, 570, 576), \
    LLQ_GRID8(R, 577, 579, 582, 584, 588, 593, 600, 603), LLQ_GRID8(R, 609, 616, 618, 632, 638, 640, 650, 653), \
    LLQ_GRID8(R, 655, 656, 660, 666, 672, 675, 685, 688), LLQ_GRID8(R, 698, 705, 708, 711, 712, 715, 721, 727), \
    LLQ_GRID8(R, 728, 732, 737, 754, 760, 771, 773, 778), LLQ_GRID8(R, 780, 793, 795, 802, 806, 808, 812, 833), \
    LLQ_GRID8(R, 840, 843, 849, 856, 858, 873, 912, 916), LLQ_GRID8(R, 919, 932, 934, 961, 963, 968, 970, 977), \
    LLQ_GRID8(R, 989, 993, 1010, 1016, 1024, 1025, 1027, 1029), \
    LLQ_GRID8(R, 1031, 1032, 1034, 1036, 1038, 1041, 1043, 1047), \
    LLQ_GRID8(R, 1048, 1050, 1057, 1059, 1061, 1064, 1066, 1079), \
    LLQ_GRID8(R, 1080, 1083, 1085, 1088, 1090, 1096, 1099, 1103), \
    LLQ_GRID8(R, 1106, 1109, 1113, 1116, 1122, 1129, 1153, 1156), \
    LLQ_GRID8(R, 1159, 1169, 1171, 1176, 1183, 1185, 1195, 1199), \
    LLQ_GRID8(R, 1209, 1212, 1216, 1218, 1221, 1225, 1234, 1236), \
    LLQ_GRID8(R, 1241, 1243, 1250, 1256, 1270, 1281, 1287, 1296), \
    LLQ_GRID8(R, 1299, 1306, 1309, 1313, 1338, 1341, 1348, 1353), \
    LLQ_GRID8(R, 1362, 1375, 1376, 1387, 1400, 1408, 1410, 1415), \
    LLQ_GRID8(R, 1425, 1453, 1457, 1477, 1481, 1494, 1496, 1507), \
    LLQ_GRID8(R, 1512, 1538, 1545, 1547, 1549, 1551, 1554, 1561), \
    LLQ_GRID8(R, 1563, 1565, 1570, 1572, 1575, 1577, 1587, 1593), \
    LLQ_GRID8(R, 1601, 1603, 1605, 1612, 1617, 1619, 1632, 1648), \
    LLQ_GRID8(R, 1658, 1662, 1664, 1674, 1680, 1690, 1692, 1704), \
    LLQ_GRID8(R, 1729, 1736, 1740, 1745, 1747, 1751, 1752, 1761), \
    LLQ_GRID8(R, 1763, 1767, 1773, 1787, 1795, 1801, 1806, 1810), \
    LLQ_GRID8(R, 1817, 1834, 1840, 1844, 1857, 1864, 1866, 1877), \
    LLQ_GRID8(R, 1882, 1892, 1902, 1915, 1934, 1953, 1985, 1987), \
    LLQ_GRID8(R, 2000, 2002, 2013, 2048, 2052, 2058, 2064, 2068), \
    LLQ_GRID8(R, 2071, 2074, 2081, 2088, 2104, 2114, 2119, 2121), \
    LLQ_GRID8(R, 2123, 2130, 2136, 2141, 2147, 2153, 2157, 2177), \
    LLQ_GRID8(R, 2179, 2184, 2189, 2193, 2203, 2208, 2223, 2226), \
    LLQ_GRID8(R, 2232, 2244, 2249, 2251, 2256, 2258, 2265, 2269), \
    LLQ_GRID8(R, 2304, 2306, 2324, 2335, 2336, 2361, 2373, 2375), \
    LLQ_GRID8(R, 2385, 2418, 2443, 2460, 2480, 2504, 2509, 2520), \
    LLQ_GRID8(R, 2531, 2537, 2562, 2568, 2572, 2578, 2592, 2596), \
    LLQ_GRID8(R, 2599, 2602, 2614, 2620, 2625, 2627, 2629, 2634), \
    LLQ_GRID8(R, 2641, 2650, 2682, 2688, 2697, 2707, 2712, 2718), \
    LLQ_GRID8(R, 2731, 2754, 2759, 2760, 2775, 2788, 2793, 2805), \
    LLQ_GRID8(R, 2811, 2817, 2820, 2832, 2842, 2854, 2890, 2902), \
    LLQ_GRID8(R, 2921, 2923, 2978, 3010, 3012, 3026, 3081, 3083), \
    LLQ_GRID8(R, 3085, 3097, 3099, 3120, 3136, 3152, 3159, 3188), \
    LLQ_GRID8(R, 3210, 3228, 3234, 3245, 3250, 3256, 3264, 3276), \
    LLQ_GRID8(R, 3281, 3296, 3349, 3363, 3378, 3392, 3395, 3420), \
    LLQ_GRID8(R, 3440, 3461, 3488, 3529, 3531, 3584, 3588, 3591), \
    LLQ_GRID8(R, 3600, 3602, 3614, 3616, 3628, 3634, 3650, 3657), \
    LLQ_GRID8(R, 3668, 3683, 3685, 3713, 3716, 3720, 3726, 3729), \
    LLQ_GRID8(R, 3736, 3753, 3778, 3802, 3805, 3819, 3841, 3845), \
    LLQ_GRID8(R, 3851, 3856, 3880, 3922, 3938, 3970, 3993, 4032),
LL_INLINE const llq_row4 *llq_iq3_s_grid(void) {
#define LLQ_R(x) LLQ_ROW4(x, LLQ_IQ3_S_LEVEL)
    static const llq_row4 grid[LLQ_GRID_LEN(512)] = { LLQ_GRID(LLQ_IQ3_S_ROWS) };
#undef LLQ_R
    return grid;
}
LL_INLINE int llq_iq3_s_d(const llq_iq3_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq3_s_unit(void) { return 1; }
LL_INLINE void llq_iq3_s_scales(const llq_iq3_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->scales[j / 2] >> (j % 2 * 4) & 15) + 1);
}
LL_INLINE void llq_iq3_s_signs(const llq_iq3_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = ll_load_u32(b->signs + 4 * j);
}
LL_INLINE void llq_iq3_s_rows(const llq_iq3_s *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 8; l++) index[l] = b->qs[8 * j + l] | (b->high[j] << (8 - l) & 256);
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq3_s_load_signs(const llq_iq3_s *b, uint32_t *signs) { memcpy(signs, b->signs, 32); }
LL_INLINE void llq_iq3_s_load_index(const llq_iq3_s *b, uint16_t *index) {
    LLV_UNROLL for (int i = 0; i < 64; i += 32) {
        const llv_b high = llv_b_mask(ll_load_u32(b->high + i / 8));
        llq_store_index(llv_b_load(b->qs + i), llv_b_bits(llv_b_of_w(llv_w_from_low(high)), -8, 1),
                        llv_b_bits(llv_b_of_w(llv_w_from_high(high)), -8, 1), index + i);
    }
}
LL_INLINE llv_w llq_iq3_s_load_scales(const llq_iq3_s *b) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 12, Z, 12, Z, Z, Z, Z, Z, 13, Z, 13, Z, Z, Z, Z, Z,
                                     14, Z, 14, Z, Z, Z, Z, Z, 15, Z, 15, Z, Z, Z, Z, Z };
    static const uint8_t high[32] = { Z, Z, Z, Z, 12, Z, 12, Z, Z, Z, Z, Z, 13, Z, 13, Z,
                                      Z, Z, Z, Z, 14, Z, 14, Z, Z, Z, Z, Z, 15, Z, 15, Z };
    return llq_nibble_scales(b->signs + 20, low, high);     /* the last 16 bytes */
}
#endif
#if LLV_GRID
LL_INLINE void llq_iq3_s_index(const llq_iq3_s *b, llv_z *index) {
    index[0] = llv_z_halves_first(llv_z_load(b->qs));
    index[1] = llv_z_halves_first(llv_z_cut(llv_z_load1(b->high), LLZ_STEPS(0, 1)));
}
LL_INLINE llq_cut llq_iq3_s_cut(const llq_iq3_s *b) {
    static const uint64_t at[8] = { 63u << 0 | 63ull << 32, 0x300000003, 0x700000007, 0xb0000000b, 0xf0000000f,
                                    0x1300000013, 0x1700000017, 0x1b0000001b };         /* 4 * t - 1 */
    llq_cut c;
    c.sign = llv_z_load4(b->signs);
    c.scale[0] = c.scale[1] = llq_cut_odd(llv_z_all(ll_load_u32(b->scales)), llv_z_load(at), 30);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq3_s_scale(const llq_iq3_s *b) { return llq_iq3_s_unit() * ll_f16_to_f32((uint16_t)llq_iq3_s_d(b)); }
#define llq_iq3_s_minus(level) (-(level))
LL_INLINE void llq_iq3_s_codes(const llq_iq3_s *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq3_s_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq3_s_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE4(LLQ_GRID_ROW(llq_iq3_s_grid(), llq_iq3_s_n_rows, index[i / 4]), i % 4, llq_iq3_s_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq3_s_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq3_s_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x1916131009060300u, row_step = 0x2020202020202020u, below = 0x0707070707070707u;
    static const int8_t levels[16] = { LLQ_LEVELS4(LLQ_SAME, llq_iq3_s_level, 0), LLQ_LEVELS4(LLQ_SAME, llq_iq3_s_level, 4),
        LLQ_LEVELS4(llq_iq3_s_minus, llq_iq3_s_level, 0), LLQ_LEVELS4(llq_iq3_s_minus, llq_iq3_s_level, 4) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[m / 2], llv_z_all(row_at + (uint64_t)(m % 2) * row_step));
        const llv_z sign_at = llv_z_all(0x04030201003f3e3du + (uint64_t)m * 0x0808080808080808u);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq3_s_vecs = 2 };
LL_INLINE void llq_iq3_s_rows2(const llq_iq3_s *b, const llq_iq3_s *c, llv_z *row) {
    llv_z index[2];
    llq_iq3_s_index(b, index), llv_z_rows(llq_iq3_s_grid(), llq_iq3_s_n_rows, index, row);
    llq_iq3_s_index(c, index), llv_z_rows(llq_iq3_s_grid(), llq_iq3_s_n_rows, index, row + 2);
}
LL_FN void llq_iq3_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq3_s *b[2] = { (const llq_iq3_s *)block, (const llq_iq3_s *)next };
    llv_z row[2 * llq_iq3_s_vecs], code[4];
    llq_iq3_s_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq3_s_look(row + h * llq_iq3_s_vecs, llq_iq3_s_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq3_s_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq3_s_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq3_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 110;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq3_s *b[2] = { (const llq_iq3_s *)(p[l] + at), (const llq_iq3_s *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq3_s_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 110; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 110;
                llq_iq3_s_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq3_s_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq3_s_look(row + h * llq_iq3_s_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_mul(llv_z_add(s0, s1), c.scale[0]);
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq3_s_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq3_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq3_s_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    uint16_t index[256 / (true ? 4 : 8)];
} llq_iq3_s_parts;
LL_INLINE void llq_iq3_s_load_parts(const llq_iq3_s *b, llq_iq3_s_parts *x) {
    llq_iq3_s_load_signs(b, x->signs);
    llq_iq3_s_load_index(b, x->index);
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq3_s_load(const llq_iq3_s_parts *x, int j) {
    int row[8];
    enum { N = true ? 8 : 4 };
    LLV_UNROLL for (int l = 0; l < N; l++) row[l] = x->index[N * j + l];
    return llq_grid4_load(llq_iq3_s_grid(), row);
}
LL_FN void llq_iq3_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq3_s *b[2] = { (const llq_iq3_s *)block, (const llq_iq3_s *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq3_s_parts x;
        llq_iq3_s_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq3_s_load(&x, j);
            c = false ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq3_s_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq3_s_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq3_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 110;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq3_s *b = (const llq_iq3_s *)(p[l] + at);
                llq_iq3_s_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 110; j += 64) LL_PREFETCH(ahead + j);
                ahead += 110;
                llq_iq3_s_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq3_s_load_scales(b), k));
                if (false) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!false) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq3_s_load(&x, j), q,
                                       false ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq3_s_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq3_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq3_s_bytes, sizeof(llq_iq3_s) == 110);

LL_FN void llq_iq3_s_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq3_s *b = (const llq_iq3_s *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq3_s_scales(b, sc);
        llq_iq3_s_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq3_s_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq3_s_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq3_s *b = (const llq_iq3_s *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq3_s_codes(b, c);
        llq_iq3_s_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq3_s_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq3_s_each32 = !false || false, llq_iq3_s_mins = false ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq3_s_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq3_s_open, rows, stride, 110, ahead, llq_iq3_s_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq3_s_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq3_s *x = (const llq_iq3_s *)rows;
        int8_t c[256];
        llq_iq3_s_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq3_s_scale(x);
        llq_iq3_s_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq3_s_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq3_s_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq3_s_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq3_s_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_S)
/* IQ1_S: w = d / 8 * (2 * s[j] + 1) * code, j = index / 32
 *
 *   byte 0 1 | 2 ... 33               | 34 + 2 * j, 35 + 2 * j
 *        d   | lower 8 bits of a row  | 4 x 3 upper bits, s[j] << 12, bit 15: codes are 8 * g - 1 */
typedef struct llq_iq1_s { uint8_t d[2], qs[32], high[16]; } llq_iq1_s;
#define llq_iq1_s_level LLQ_IQ1_LEVEL
enum { llq_iq1_s_n_rows = 2048 };

LL_INLINE int llq_iq1_s_d(const llq_iq1_s *b) { return ll_load_u16(b->d); }
LL_INLINE float llq_iq1_s_unit(void) { return 0.125f; }
LL_INLINE void llq_iq1_s_scales(const llq_iq1_s *b, int16_t *sc) {
    LLV_UNROLL for (int j = 0; j < 8; j++) sc[2 * j] = sc[2 * j + 1] = (int16_t)(2 * (b->high[2 * j + 1] >> 4 & 7) + 1);
}
LL_INLINE void llq_iq1_s_signs(const llq_iq1_s *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) s[j] = b->high[2 * j + 1] & 0x80 ? 0xffffffffu : 0;
}
LL_INLINE void llq_iq1_s_rows(const llq_iq1_s *b, int j, int *index) {
    const int high = ll_load_u16(b->high + 2 * j);
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (high >> (3 * l) & 7) << 8;
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq1_s_load_signs(const llq_iq1_s *b, uint32_t *signs) {
    static const uint8_t up[16] = { 1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7 };
    static const uint8_t up2[16] = { 9, 9, 9, 9, 11, 11, 11, 11, 13, 13, 13, 13, 15, 15, 15, 15 };
    llq_iq1_store_shift(llv_b_shuffle(llv_b_load2(b->high, b->high), llv_b_load2(up, up2)), signs);
}
LL_INLINE void llq_iq1_s_load_index(const llq_iq1_s *b, uint16_t *index) {
    static const uint8_t first[32] = { 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3,
                                       8, 9, 8, 9, 8, 9, 8, 9, 10, 11, 10, 11, 10, 11, 10, 11 };
    static const uint8_t last[32] = { 4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7,
                                      12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15 };
    static const int16_t to[8] = { 1 << 12, 1 << 9, 1 << 6, 1 << 3, 1 << 12, 1 << 9, 1 << 6, 1 << 3 };
    const llv_b x = llv_b_load2(b->high, b->high);
    llq_iq1_store_index(b->qs, llv_b_shuffle(x, llv_b_load(first)), llv_b_shuffle(x, llv_b_load(last)), to, index);
}
LL_INLINE llv_w llq_iq1_s_load_scales(const llq_iq1_s *b) {
    static const uint8_t twice[32] = { 0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7,
                                       8, 9, 8, 9, 10, 11, 10, 11, 12, 13, 12, 13, 14, 15, 14, 15 };
    const llv_b x = llv_b_shuffle(llv_b_load2(b->high, b->high), llv_b_load(twice));
    return llv_w_of_b(llv_b_or(llv_b_bits(x, 11, 14), llv_b_of_w(llv_w_set(1))));
}
#endif
#if LLV_GRID
LL_INLINE llv_z llq_iq1_s_sign_at(int m) { (void)m; return llv_z_all(0x0101010101010101u * 13); }
LL_INLINE void llq_iq1_s_index(const llq_iq1_s *b, const llq_iq1_s *c, llv_z *index) {
    index[0] = llv_z_pairs8(b->qs, c->qs);
    index[1] = llv_z_cut(llv_z_pairs4(b->high, c->high), LLZ_AT(0, 3, 6, 9, 16, 19, 22, 25));
}
LL_INLINE llq_cut llq_iq1_s_cut(const llq_iq1_s *b) {
    const llv_z high = llv_z_load2(b->high);
    llq_cut c;
    c.sign = high;
    c.scale[0] = c.scale[1] = llq_cut_scale(high, 12, 14);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq1_s_scale(const llq_iq1_s *b) { return llq_iq1_s_unit() * ll_f16_to_f32((uint16_t)llq_iq1_s_d(b)); }
#define llq_iq1_s_minus(level) ((level) - 2)
LL_INLINE void llq_iq1_s_codes(const llq_iq1_s *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq1_s_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq1_s_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_iq1_s_grid(), llq_iq1_s_n_rows, index[i / 8]), i % 8, llq_iq1_s_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq1_s_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq1_s_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_iq1_s_level, 0), LLQ_LEVELS4(llq_iq1_s_minus, llq_iq1_s_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_iq1_s_level, 0), LLQ_LEVELS4(llq_iq1_s_minus, llq_iq1_s_level, 0) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
        const llv_z sign_at = llq_iq1_s_sign_at(m);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq1_s_vecs = 1 };
LL_INLINE void llq_iq1_s_rows2(const llq_iq1_s *b, const llq_iq1_s *c, llv_z *row) {
    llv_z index[2];
    llq_iq1_s_index(b, c, index), llv_z_rows(llq_iq1_s_grid(), llq_iq1_s_n_rows, index, row);
}
LL_FN void llq_iq1_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq1_s *b[2] = { (const llq_iq1_s *)block, (const llq_iq1_s *)next };
    llv_z row[2 * llq_iq1_s_vecs], code[4];
    llq_iq1_s_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq1_s_look(row + h * llq_iq1_s_vecs, llq_iq1_s_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq1_s_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq1_s_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq1_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 50;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq1_s *b[2] = { (const llq_iq1_s *)(p[l] + at), (const llq_iq1_s *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq1_s_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 50; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 50;
                llq_iq1_s_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq1_s_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq1_s_look(row + h * llq_iq1_s_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_mul(llv_z_add(s0, s1), c.scale[0]);
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq1_s_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq1_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq1_s_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    uint16_t index[256 / (false ? 4 : 8)];
} llq_iq1_s_parts;
LL_INLINE void llq_iq1_s_load_parts(const llq_iq1_s *b, llq_iq1_s_parts *x) {
    llq_iq1_s_load_signs(b, x->signs);
    llq_iq1_s_load_index(b, x->index);
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq1_s_load(const llq_iq1_s_parts *x, int j) {
    int row[8];
    enum { N = false ? 8 : 4 };
    LLV_UNROLL for (int l = 0; l < N; l++) row[l] = x->index[N * j + l];
    return llv_b_add(llq_grid8_load(llq_iq1_s_grid(), row), llq_iq1_spread(x->signs[j]));
}
LL_FN void llq_iq1_s_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq1_s *b[2] = { (const llq_iq1_s *)block, (const llq_iq1_s *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq1_s_parts x;
        llq_iq1_s_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq1_s_load(&x, j);
            c = true ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq1_s_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq1_s_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq1_s_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 50;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq1_s *b = (const llq_iq1_s *)(p[l] + at);
                llq_iq1_s_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 50; j += 64) LL_PREFETCH(ahead + j);
                ahead += 50;
                llq_iq1_s_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq1_s_load_scales(b), k));
                if (true) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!true) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq1_s_load(&x, j), q,
                                       false ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq1_s_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq1_s_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq1_s_bytes, sizeof(llq_iq1_s) == 50);

LL_FN void llq_iq1_s_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq1_s *b = (const llq_iq1_s *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq1_s_scales(b, sc);
        llq_iq1_s_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq1_s_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq1_s_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq1_s *b = (const llq_iq1_s *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq1_s_codes(b, c);
        llq_iq1_s_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq1_s_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq1_s_each32 = !false || false, llq_iq1_s_mins = false ? (true ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq1_s_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq1_s_open, rows, stride, 50, ahead, llq_iq1_s_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq1_s_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq1_s *x = (const llq_iq1_s *)rows;
        int8_t c[256];
        llq_iq1_s_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq1_s_scale(x);
        llq_iq1_s_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq1_s_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq1_s_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq1_s_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq1_s_mins);
}
#endif

#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_M)
/* IQ1_M: w = d / 8 * (2 * s[j] + 1) * code, j = index / 16
 *
 *   byte 0 ... 31              | 32 ... 47                           | 48 ... 55: four words
 *        lower 8 bits of a row | for each 8 four bits: upper 3, and  | s[4 * i] | ... | s[4 * i + 3] << 9,
 *                              | 8 where codes are 8 * g - 1         | above them bits 4 * i .. of d */
typedef struct llq_iq1_m { uint8_t qs[32], high[16], scales[8]; } llq_iq1_m;
#define llq_iq1_m_level LLQ_IQ1_LEVEL
enum { llq_iq1_m_n_rows = 2048 };

LL_INLINE int llq_iq1_m_d(const llq_iq1_m *b) {
    int d = 0;
    LLV_UNROLL for (int i = 0; i < 4; i++) d |= b->scales[2 * i + 1] >> 4 << (4 * i);
    return d;
}
LL_INLINE float llq_iq1_m_unit(void) { return 0.125f; }
LL_INLINE void llq_iq1_m_scales(const llq_iq1_m *b, int16_t *sc) {
    LLV_UNROLL for (int i = 0; i < 4; i++) {
        const int x = ll_load_u16(b->scales + 2 * i);
        sc[4 * i] = (int16_t)((x << 1 & 14) + 1), sc[4 * i + 1] = (int16_t)((x >> 2 & 14) + 1);
        sc[4 * i + 2] = (int16_t)((x >> 5 & 14) + 1), sc[4 * i + 3] = (int16_t)((x >> 8 & 14) + 1);
    }
}
LL_INLINE void llq_iq1_m_signs(const llq_iq1_m *b, uint32_t *s) {
    LLV_UNROLL for (int j = 0; j < 8; j++) {
        const uint32_t x = ll_load_u16(b->high + 2 * j);
        s[j] = ((x >> 3 & 1) | (x << 1 & 0x100) | (x << 5 & 0x10000) | (x << 9 & 0x1000000)) * 255;
    }
}
LL_INLINE void llq_iq1_m_rows(const llq_iq1_m *b, int j, int *index) {
    LLV_UNROLL for (int l = 0; l < 4; l++) index[l] = b->qs[4 * j + l] | (b->high[2 * j + l / 2] >> (l % 2 * 4) & 7) << 8;
}
#if LLQ_GRID_BYTES
LL_INLINE void llq_iq1_m_load_signs(const llq_iq1_m *b, uint32_t *signs) {
    enum { Z = 128 };
    static const uint8_t low[32] = { 0, Z, 1, Z, 2, Z, 3, Z, 4, Z, 5, Z, 6, Z, 7, Z,
                                     8, Z, 9, Z, 10, Z, 11, Z, 12, Z, 13, Z, 14, Z, 15, Z };
    static const uint8_t high[32] = { Z, 0, Z, 1, Z, 2, Z, 3, Z, 4, Z, 5, Z, 6, Z, 7,
                                      Z, 8, Z, 9, Z, 10, Z, 11, Z, 12, Z, 13, Z, 14, Z, 15 };
    const llv_b x = llv_b_load2(b->high, b->high);
    const llv_b even = llv_b_bits(llv_b_shuffle(x, llv_b_load(low)), -4, 0xf0);
    llq_iq1_store_shift(llv_b_or(even, llv_b_shuffle(x, llv_b_load(high))), signs);
}
/* Every byte twice, once for each of its halves. */
LL_INLINE void llq_iq1_m_load_index(const llq_iq1_m *b, uint16_t *index) {
    enum { Z = 128 };
    static const uint8_t first[32] = { Z, 0, Z, 0, Z, 1, Z, 1, Z, 2, Z, 2, Z, 3, Z, 3,
                                       Z, 8, Z, 8, Z, 9, Z, 9, Z, 10, Z, 10, Z, 11, Z, 11 };
    static const uint8_t last[32] = { Z, 4, Z, 4, Z, 5, Z, 5, Z, 6, Z, 6, Z, 7, Z, 7,
                                      Z, 12, Z, 12, Z, 13, Z, 13, Z, 14, Z, 14, Z, 15, Z, 15 };
    static const int16_t to[8] = { 16, 1, 16, 1, 16, 1, 16, 1 };
    const llv_b x = llv_b_load2(b->high, b->high);
    llq_iq1_store_index(b->qs, llv_b_shuffle(x, llv_b_load(first)), llv_b_shuffle(x, llv_b_load(last)), to, index);
}
LL_INLINE llv_w llq_iq1_m_load_scales(const llq_iq1_m *b) {
    static const uint8_t order[32] = { 8, 9, 8, 9, 8, 9, 8, 9, 10, 11, 10, 11, 10, 11, 10, 11,
                                       12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15 };
    static const int16_t to[8] = { 1 << 13, 1 << 10, 1 << 7, 1 << 4, 1 << 13, 1 << 10, 1 << 7, 1 << 4 };
    const llv_b x = llv_b_shuffle(llv_b_load2(b->high + 8, b->high + 8), llv_b_load(order));
    const llv_b s = llv_b_of_w(llv_w_mul(llv_w_of_b(x), llv_w_load2(to, to)));
    return llv_w_of_b(llv_b_or(llv_b_bits(s, 12, 14), llv_b_of_w(llv_w_set(1))));
}
#endif
#if LLV_GRID
LL_INLINE llv_z llq_iq1_m_sign_at(int m) { return llv_z_all(0x0101010101010101u * (uint64_t)(4 * m + 1)); }
LL_INLINE void llq_iq1_m_index(const llq_iq1_m *b, const llq_iq1_m *c, llv_z *index) {
    index[0] = llv_z_pairs8(b->qs, c->qs), index[1] = llv_z_cut(llv_z_pairs4(b->high, c->high), LLZ_STEPS(0, 4));
}
LL_INLINE llq_cut llq_iq1_m_cut(const llq_iq1_m *b) {
    static const uint64_t at[8] = { 63u << 0 | 63ull << 32, 0x500000005, 0xf0000000f, 0x1500000015, 0x1f0000001f,
                                    0x2500000025, 0x2f0000002f, 0x3500000035 };         /* 16 * (t / 2) + 6 * (t % 2) - 1 */
    const llv_z high = llv_z_load2(b->high), scales = llv_z_all(ll_load_u64(b->scales));
    llq_cut c;
    c.sign = high;
    c.scale[0] = llq_cut_odd(scales, llv_z_load(at), 14);
    c.scale[1] = llq_cut_odd(scales, llv_z_add(llv_z_load(at), llv_z_all(0x300000003)), 14);
    return c;
}
#endif

/* What the rows of the grid make of a format: its scale, and its codes. */
LL_INLINE float llq_iq1_m_scale(const llq_iq1_m *b) { return llq_iq1_m_unit() * ll_f16_to_f32((uint16_t)llq_iq1_m_d(b)); }
#define llq_iq1_m_minus(level) ((level) - 2)
LL_INLINE void llq_iq1_m_codes(const llq_iq1_m *b, int8_t *c) {
    uint32_t signs[8];
    llq_iq1_m_signs(b, signs);
    for (int j = 0; j < 8; j++) {
        int index[8];
        llq_iq1_m_rows(b, j, index);
        for (int i = 0; i < 32; i++, c++) {
            const int v = LLQ_CODE8(LLQ_GRID_ROW(llq_iq1_m_grid(), llq_iq1_m_n_rows, index[i / 8]), i % 8, llq_iq1_m_level);
            *c = (int8_t)(signs[j] >> i & 1 ? llq_iq1_m_minus(v) : v);
        }
    }
}
#if LLV_GRID
/* All 256 codes, exclusive-or `flip`, columns 32 * t + 8 * m on in group t of code[m]. The bits of a row's
 * code and of its sign go through a table. (What stands above them does not matter: it repeats.) */
LL_INLINE void llq_iq1_m_look(const llv_z *row, llv_z sign, llv_z flip, llv_z code[4]) {
    const uint64_t row_at = 0x0e0c0a0806040200u, row_step = 0x1010101010101010u, below = 0x0303030303030303u;
    static const int8_t levels[16] = {
        LLQ_LEVELS4(LLQ_SAME, llq_iq1_m_level, 0), LLQ_LEVELS4(llq_iq1_m_minus, llq_iq1_m_level, 0),
        LLQ_LEVELS4(LLQ_SAME, llq_iq1_m_level, 0), LLQ_LEVELS4(llq_iq1_m_minus, llq_iq1_m_level, 0) };
    const llv_z table = llv_z_xor(llv_z_all2(levels), flip);
    LLV_UNROLL for (int m = 0; m < 4; m++) {
        const llv_z x = llv_z_cut(row[0], llv_z_all(row_at + (uint64_t)m * row_step));
        const llv_z sign_at = llq_iq1_m_sign_at(m);
        code[m] = llv_z_bytes(table, llv_z_pick(llv_z_all(below), x, llv_z_cut(sign, sign_at)));
    }
}
/* The rows of two blocks. */
enum { llq_iq1_m_vecs = 1 };
LL_INLINE void llq_iq1_m_rows2(const llq_iq1_m *b, const llq_iq1_m *c, llv_z *row) {
    llv_z index[2];
    llq_iq1_m_index(b, c, index), llv_z_rows(llq_iq1_m_grid(), llq_iq1_m_n_rows, index, row);
}
LL_FN void llq_iq1_m_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq1_m *b[2] = { (const llq_iq1_m *)block, (const llq_iq1_m *)next };
    llv_z row[2 * llq_iq1_m_vecs], code[4];
    llq_iq1_m_rows2(b[0], b[1], row);
    for (int h = 0; h < 2; h++) {
        llq_iq1_m_look(row + h * llq_iq1_m_vecs, llq_iq1_m_cut(b[h]).sign, llv_z_all(0), code);
        llv_z_together(code, o->code[r + h]);
        llq_iq1_m_scales(b[h], o->scale[r + h]);
        o->d[r + h] = (uint16_t)llq_iq1_m_d(b[h]);
    }
}

/* Eight rows side by side. Per row: indices, codes, four dot products, and a scale for each group. */
LL_FN void llq_iq1_m_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 56;
            const uint8_t *d[8];
            uint16_t half[8];
            llv_z q[4], first[2];
            llv_i sum[8];
            const llv_z k = llq_grid_vector(a, q, first);
            LLV_ROLL for (int l = 0; l < 8; l += 2) {
                const llq_iq1_m *b[2] = { (const llq_iq1_m *)(p[l] + at), (const llq_iq1_m *)(p[l + 1] + at) };
                llv_z row[2 * llq_iq1_m_vecs];
                LLV_UNROLL for (size_t j = 0; j < 2 * 56; j += 64) LL_PREFETCH(ahead + j);
                ahead += 2 * 56;
                llq_iq1_m_rows2(b[0], b[1], row);
                LLV_UNROLL for (int h = 0; h < 2; h++) {
                    const llq_cut c = llq_iq1_m_cut(b[h]);
                    llv_z code[4], s0, s1;
                    llq_iq1_m_look(row + h * llq_iq1_m_vecs, c.sign, llv_z_all(LLQ_TOP), code);
                    s0 = llv_z_dot(llv_z_dot(first[0], code[0], q[0]), code[1], q[1]);
                    s1 = llv_z_dot(llv_z_dot(first[1], code[2], q[2]), code[3], q[3]);
                    s0 = llv_z_add(llv_z_mul(s0, c.scale[0]), llv_z_mul(s1, c.scale[1]));
                    sum[l + h] = llv_z_half_sum(llv_z_mul(s0, k));
                    half[l + h] = (uint16_t)llq_iq1_m_d(b[h]), d[l + h] = (const uint8_t *)&half[l + h];
                }
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq1_m_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#elif LLV_INT
/* What a block holds beside its scales. */
typedef struct llq_iq1_m_parts {
    uint32_t signs[8];                  /* IQ1: what to add to the rows, a byte for 8 columns */
    uint16_t index[256 / (false ? 4 : 8)];
} llq_iq1_m_parts;
LL_INLINE void llq_iq1_m_load_parts(const llq_iq1_m *b, llq_iq1_m_parts *x) {
    llq_iq1_m_load_signs(b, x->signs);
    llq_iq1_m_load_index(b, x->index);
}
/* Rows of columns 32 * j and on. They are not negative, those of IQ1 with what is added to them. */
LL_INLINE llv_b llq_iq1_m_load(const llq_iq1_m_parts *x, int j) {
    int row[8];
    enum { N = false ? 8 : 4 };
    LLV_UNROLL for (int l = 0; l < N; l++) row[l] = x->index[N * j + l];
    return llv_b_add(llq_grid8_load(llq_iq1_m_grid(), row), llq_iq1_spread(x->signs[j]));
}
LL_FN void llq_iq1_m_open(const uint8_t *block, const uint8_t *next, ll_open *o, int r) {
    const llq_iq1_m *b[2] = { (const llq_iq1_m *)block, (const llq_iq1_m *)next };
    for (int h = 0; h < 2; h++) {
        llq_iq1_m_parts x;
        llq_iq1_m_load_parts(b[h], &x);
        LLV_ROLL for (int j = 0; j < 8; j++) {
            llv_b c = llq_iq1_m_load(&x, j);
            c = true ? llv_b_add(c, llv_b_set(-9)) : llv_b_negate(c, x.signs[j]);
            llv_b_store(o->code[r + h] + 32 * j, c);
        }
        llv_w_store(o->scale[r + h], llq_iq1_m_load_scales(b[h]));
        o->d[r + h] = (uint16_t)llq_iq1_m_d(b[h]);
    }
}

/* Eight rows side by side. The signs go to the vector: rows stay unsigned. */
LL_FN void llq_iq1_m_gemv(const ll_gemv *g) {
    for (int r = 0; r < g->n_rows; r += 8) {
        const uint8_t *p[8], *ahead = llq_rows(g, r, p, 8);
        llv_r acc = llv_r_set(0);
        for (int i = 0; i < g->n_cols; i += 256) {
            const ll_a8 *a = llq_a8(g, 0, i);
            const size_t at = (size_t)(i / 256) * 56;
            const llv_w k = llv_w_load_twice(a->k);
            const llv_w minus = llv_w_mul(llv_w_load(a->sum), llv_w_set(-9));   /* IQ1: what its rows have too much */
            const uint8_t *d[8];
            uint16_t half[8];
            llv_i sum[8];
            LLV_ROLL for (int l = 0; l < 8; l++) {
                const llq_iq1_m *b = (const llq_iq1_m *)(p[l] + at);
                llq_iq1_m_parts x;
                int16_t sk[16];
                llv_i s = llv_i_set(0);
                LLV_UNROLL for (size_t j = 0; j < 56; j += 64) LL_PREFETCH(ahead + j);
                ahead += 56;
                llq_iq1_m_load_parts(b, &x);
                llv_w_store(sk, llv_w_mul(llq_iq1_m_load_scales(b), k));
                if (true) s = llv_w_dot(llv_w_load(sk), minus);
                LLV_UNROLL for (int j = 0; j < 8; j++) {
                    llv_b q = llv_b_load(a->q + 32 * j);
                    if (!true) q = llv_b_negate(q, x.signs[j]);
                    s = llv_dot_scaled(s, llq_iq1_m_load(&x, j), q,
                                       true ? llv_w_halves(llv_w_load(sk), j) : llv_w_set2(sk + 2 * j));
                }
                sum[l] = s, half[l] = (uint16_t)llq_iq1_m_d(b), d[l] = (const uint8_t *)&half[l];
            }
            acc = llv_r_fma(llv_r_set(a->base), llv_r_mul(llv_r_mul(llv_r_f16(d, 0), llv_r_set(llq_iq1_m_unit())),
                                                          llv_r_from_i(llq_sum8(sum))), acc);
        }
        llq_store(g, r, &acc, 1);
    }
}
#endif
LL_STATIC_ASSERT(iq1_m_bytes, sizeof(llq_iq1_m) == 56);

LL_FN void llq_iq1_m_dequantize(const void *src, float *dst, size_t n) {
    const llq_iq1_m *b = (const llq_iq1_m *)src;
    for (const float *end = dst + n; dst < end; b++) {
        int16_t sc[16];
        int8_t c[256];
        llq_iq1_m_scales(b, sc);
        llq_iq1_m_codes(b, c);
        for (int j = 0; j < 256; j += 16, dst += 16) {
            const float d = llq_iq1_m_scale(b) * (float)sc[j / 16];
            for (int i = 0; i < 16; i++) dst[i] = d * (float)c[j + i];
        }
    }
}

LL_FN float llq_iq1_m_dot(const void *row, const void *vec, int n_cols) {
    const llq_iq1_m *b = (const llq_iq1_m *)row;
    const ll_a8 *a = (const ll_a8 *)vec;
    float acc = 0;
    for (; n_cols > 0; n_cols -= 256, a++, b++) {
        int32_t isum = 0;
        int16_t sc[16];
        int8_t c[256];
        float p;
        llq_iq1_m_codes(b, c);
        llq_iq1_m_scales(b, sc);
        for (int j = 0; j < 16; j++)
            isum += sc[j] * a->k[j / 2] * llq_dot(c + 16 * j, a->q + 16 * j, 16);
        p = llq_iq1_m_scale(b) * (float)isum;
        acc = ll_fma(a->base, p, acc);
    }
    return acc;
}

/* Where scales fold into the codes, a panel has one for each 32 columns: 1. */
enum { llq_iq1_m_each32 = !true || false, llq_iq1_m_mins = false ? (false ? 4 : 8) : 0 };

/* 256 columns of 16 rows, `stride` bytes apart. */
LL_FN void llq_iq1_m_unpack(const uint8_t *rows, size_t stride, int n_blocks, const uint8_t *ahead, ll_panel *p) {
    (void)n_blocks;
#if LLV_PANEL
    ll_panel_open(llq_iq1_m_open, rows, stride, 56, ahead, llq_iq1_m_each32, true ? 128 : 0, p);
    llv_f_store(p->d.f, llv_f_mul(llv_f_load(p->d.f), llv_f_set(llq_iq1_m_unit())));
#else
    (void)ahead;
    for (int r = 0; r < 16; r++, rows += stride) {
        const llq_iq1_m *x = (const llq_iq1_m *)rows;
        int8_t c[256];
        llq_iq1_m_codes(x, c);
        for (int i = 0; i < 256; i++) p->w[r][i] = c[i];
        p->d[r] = llq_iq1_m_scale(x);
        llq_iq1_m_scales(x, p->scale[r]);
    }
#endif
}

LL_FN void llq_iq1_m_tile(const ll_panel *p, int n_panels, const ll_tile *t, int n_vecs) {
    if (llq_iq1_m_each32) ll_tile256_32(p, n_panels, t, n_vecs, 8, 128, llq_iq1_m_mins);
    else ll_tile256_16(p, n_panels, t, n_vecs, 8, 128, llq_iq1_m_mins);
}
#endif

/* ---- the table ------------------------------------------------------------------------------ */

#if LL_ONCE
static const ll_format ll_formats[] = {
        { "F32", 0, 1, 4, 0,
          true, false,
          llq_f32_dequantize,
          llq_f32_quantize,
          llq_f32_dot },
#if LLQ_ALL || defined(LLOCAL_ONLY_F16)
        { "F16", 1, 1, 2, 65519.996f,
          true, false,
          llq_f16_dequantize,
          llq_f16_quantize,
          llq_f16_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_BF16)
        { "BF16", 30, 1, 2, 3.39617733e38f,
          true, false,
          llq_bf16_dequantize,
          llq_bf16_quantize,
          llq_bf16_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q8_0)
        { "Q8_0", 8, 32, 34, 65504,
          false, !false,
          llq_q8_0_dequantize,
          llq_q8_0_quantize,
          llq_q8_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_0)
        { "Q4_0", 2, 32, 18, 65504,
          false, !false,
          llq_q4_0_dequantize,
          llq_q4_0_quantize,
          llq_q4_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_1)
        { "Q4_1", 3, 32, 20, 65504,
          false, !false,
          llq_q4_1_dequantize,
          llq_q4_1_quantize,
          llq_q4_1_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_0)
        { "Q5_0", 6, 32, 22, 65504,
          false, !false,
          llq_q5_0_dequantize,
          llq_q5_0_quantize,
          llq_q5_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_1)
        { "Q5_1", 7, 32, 24, 65504,
          false, !false,
          llq_q5_1_dequantize,
          llq_q5_1_quantize,
          llq_q5_1_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_NL)
        { "IQ4_NL", 20, 32, 18, 65504,
          false, !false,
          llq_iq4_nl_dequantize,
          llq_iq4_nl_quantize,
          llq_iq4_nl_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_MXFP4)
        { "MXFP4", 39, 32, 17, 65504,
          false, !false,
          llq_mxfp4_dequantize,
          llq_mxfp4_quantize,
          llq_mxfp4_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_NVFP4)
        { "NVFP4", 40, 64, 36, 2688,
          false, !false,
          llq_nvfp4_dequantize,
          llq_nvfp4_quantize,
          llq_nvfp4_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q1_0)
        { "Q1_0", 41, 128, 18, 65504,
          false, !false,
          llq_q1_0_dequantize,
          llq_q1_0_quantize,
          llq_q1_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_0)
        { "Q2_0", 42, 64, 18, 65504,
          false, !false,
          llq_q2_0_dequantize,
          llq_q2_0_quantize,
          llq_q2_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_K)
        { "Q2_K", 10, 256, 84, 65504,
          false, !true,
          llq_q2_k_dequantize,
          llq_q2_k_quantize,
          llq_q2_k_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q3_K)
        { "Q3_K", 11, 256, 110, 65504,
          false, !true,
          llq_q3_k_dequantize,
          llq_q3_k_quantize,
          llq_q3_k_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_K)
        { "Q4_K", 12, 256, 144, 65504,
          false, !true,
          llq_q4_k_dequantize,
          llq_q4_k_quantize,
          llq_q4_k_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_K)
        { "Q5_K", 13, 256, 176, 65504,
          false, !true,
          llq_q5_k_dequantize,
          llq_q5_k_quantize,
          llq_q5_k_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q6_K)
        { "Q6_K", 14, 256, 210, 65504,
          false, !true,
          llq_q6_k_dequantize,
          llq_q6_k_quantize,
          llq_q6_k_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_XS)
        { "IQ4_XS", 23, 256, 136, 65504,
          false, !true,
          llq_iq4_xs_dequantize,
          llq_iq4_xs_quantize,
          llq_iq4_xs_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_TQ1_0)
        { "TQ1_0", 34, 256, 54, 65504,
          false, !true,
          llq_tq1_0_dequantize,
          llq_tq1_0_quantize,
          llq_tq1_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_TQ2_0)
        { "TQ2_0", 35, 256, 66, 65504,
          false, !true,
          llq_tq2_0_dequantize,
          llq_tq2_0_quantize,
          llq_tq2_0_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XXS)
        { "IQ2_XXS", 16, 256, 66, 65504,
          false, !true,
          llq_iq2_xxs_dequantize,
          NULL,
          llq_iq2_xxs_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XS)
        { "IQ2_XS", 17, 256, 74, 65504,
          false, !true,
          llq_iq2_xs_dequantize,
          NULL,
          llq_iq2_xs_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_S)
        { "IQ2_S", 22, 256, 82, 65504,
          false, !true,
          llq_iq2_s_dequantize,
          NULL,
          llq_iq2_s_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_XXS)
        { "IQ3_XXS", 18, 256, 98, 65504,
          false, !true,
          llq_iq3_xxs_dequantize,
          NULL,
          llq_iq3_xxs_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_S)
        { "IQ3_S", 21, 256, 110, 65504,
          false, !true,
          llq_iq3_s_dequantize,
          NULL,
          llq_iq3_s_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_S)
        { "IQ1_S", 19, 256, 50, 65504,
          false, !true,
          llq_iq1_s_dequantize,
          NULL,
          llq_iq1_s_dot },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_M)
        { "IQ1_M", 29, 256, 56, 65504,
          false, !true,
          llq_iq1_m_dequantize,
          NULL,
          llq_iq1_m_dot },
#endif
};

/* NULL: no such format, or none that this build can run. */
LL_FN const ll_format *ll_format_find(uint32_t id) {
    for (int i = 0; i < LL_COUNT(ll_formats); i++) if (ll_formats[i].id == id) return &ll_formats[i];
    return NULL;
}
#endif

/* f points into ll_formats. */
LL_FN const ll_kernels *ll_kernels_of(const ll_format *f) {
    static const ll_kernels table[] = {     /* in the order of ll_formats */
        { llq_f32_gemv, 0, NULL, NULL, NULL },
#if LLQ_ALL || defined(LLOCAL_ONLY_F16)
        { llq_f16_gemv, 0, NULL, NULL, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_BF16)
        { llq_bf16_gemv, 0, NULL, NULL, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q8_0)
        { LLQ_GEMV(llq_q8_0_gemv), true ? LLV_S_OFFSET : 0, llq_q8_0_unpack, llq_q8_0_tile, LLQ_FEW(llq_q8_0_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_0)
        { LLQ_GEMV(llq_q4_0_gemv), false ? LLV_S_OFFSET : 8, llq_q4_0_unpack, llq_q4_0_tile, LLQ_FEW(llq_q4_0_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_1)
        { LLQ_GEMV(llq_q4_1_gemv), false ? LLV_S_OFFSET : 0, llq_q4_1_unpack, llq_q4_1_tile, LLQ_FEW(llq_q4_1_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_0)
        { LLQ_GEMV(llq_q5_0_gemv), false ? LLV_S_OFFSET : 16, llq_q5_0_unpack, llq_q5_0_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_1)
        { LLQ_GEMV(llq_q5_1_gemv), false ? LLV_S_OFFSET : 0, llq_q5_1_unpack, llq_q5_1_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_NL)
        { LLQ_GEMV(llq_iq4_nl_gemv), true ? LLV_S_OFFSET : 0, llq_iq4_nl_unpack, llq_iq4_nl_tile, LLQ_FEW(llq_iq4_nl_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_MXFP4)
        { LLQ_GEMV(llq_mxfp4_gemv), false ? LLV_S_OFFSET : 12, llq_mxfp4_unpack, llq_mxfp4_tile, LLQ_FEW(llq_mxfp4_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_NVFP4)
        { LLQ_GEMV(llq_nvfp4_gemv), false ? LLV_S_OFFSET : 12, llq_nvfp4_unpack, llq_nvfp4_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q1_0)
        { LLQ_GEMV(llq_q1_0_gemv), false ? LLV_S_OFFSET : 1, llq_q1_0_unpack, llq_q1_0_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_0)
        { LLQ_GEMV(llq_q2_0_gemv), false ? LLV_S_OFFSET : 1, llq_q2_0_unpack, llq_q2_0_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q2_K)
        { LLQ_GEMV(llq_q2_k_gemv), false ? LLV_S_OFFSET : 0, llq_q2_k_unpack, llq_q2_k_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q3_K)
        { LLQ_GEMV(llq_q3_k_gemv), false ? LLV_S_OFFSET : 4, llq_q3_k_unpack, llq_q3_k_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q4_K)
        { LLQ_GEMV(llq_q4_k_gemv), false ? LLV_S_OFFSET : 0, llq_q4_k_unpack, llq_q4_k_tile, LLQ_FEW(llq_q4_k_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q5_K)
        { LLQ_GEMV(llq_q5_k_gemv), false ? LLV_S_OFFSET : 0, llq_q5_k_unpack, llq_q5_k_tile, LLQ_FEW(llq_q5_k_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_Q6_K)
        { LLQ_GEMV(llq_q6_k_gemv), false ? LLV_S_OFFSET : 32, llq_q6_k_unpack, llq_q6_k_tile, LLQ_FEW(llq_q6_k_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ4_XS)
        { LLQ_GEMV(llq_iq4_xs_gemv), true ? LLV_S_OFFSET : 0, llq_iq4_xs_unpack, llq_iq4_xs_tile, LLQ_FEW(llq_iq4_xs_few) },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_TQ1_0)
        { LLQ_GEMV(llq_tq1_0_gemv), false ? LLV_S_OFFSET : 1, llq_tq1_0_unpack, llq_tq1_0_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_TQ2_0)
        { LLQ_GEMV(llq_tq2_0_gemv), false ? LLV_S_OFFSET : 1, llq_tq2_0_unpack, llq_tq2_0_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XXS)
        { LLQ_GEMV(llq_iq2_xxs_gemv), true ? LLV_S_OFFSET : 0, llq_iq2_xxs_unpack, llq_iq2_xxs_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_XS)
        { LLQ_GEMV(llq_iq2_xs_gemv), true ? LLV_S_OFFSET : 0, llq_iq2_xs_unpack, llq_iq2_xs_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ2_S)
        { LLQ_GEMV(llq_iq2_s_gemv), true ? LLV_S_OFFSET : 0, llq_iq2_s_unpack, llq_iq2_s_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_XXS)
        { LLQ_GEMV(llq_iq3_xxs_gemv), true ? LLV_S_OFFSET : 0, llq_iq3_xxs_unpack, llq_iq3_xxs_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ3_S)
        { LLQ_GEMV(llq_iq3_s_gemv), true ? LLV_S_OFFSET : 0, llq_iq3_s_unpack, llq_iq3_s_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_S)
        { LLQ_GEMV(llq_iq1_s_gemv), true ? LLV_S_OFFSET : 0, llq_iq1_s_unpack, llq_iq1_s_tile, NULL },
#endif
#if LLQ_ALL || defined(LLOCAL_ONLY_IQ1_M)
        { LLQ_GEMV(llq_iq1_m_gemv), true ? LLV_S_OFFSET : 0, llq_iq1_m_unpack, llq_iq1_m_tile, NULL },
#endif
    };
    return &table[f - ll_formats];
}

#if LL_ONCE
/* Every type number a GGUF file may hold, with its name and size; len 0: it was removed. */
typedef struct ll_type_info { const char *name; int len, bytes; } ll_type_info;

LL_FN ll_type_info ll_type_get(uint32_t id) {
    static const ll_type_info types[] = {
        { "F32", 1, 4 }, { "F16", 1, 2 }, { "Q4_0", 32, 18 }, { "Q4_1", 32, 20 },
        { "Q4_2", 0, 0 }, { "Q4_3", 0, 0 }, { "Q5_0", 32, 22 }, { "Q5_1", 32, 24 },
        { "Q8_0", 32, 34 }, { "Q8_1", 32, 36 }, { "Q2_K", 256, 84 }, { "Q3_K", 256, 110 },
        { "Q4_K", 256, 144 }, { "Q5_K", 256, 176 }, { "Q6_K", 256, 210 }, { "Q8_K", 256, 292 },
        { "IQ2_XXS", 256, 66 }, { "IQ2_XS", 256, 74 }, { "IQ3_XXS", 256, 98 }, { "IQ1_S", 256, 50 },
        { "IQ4_NL", 32, 18 }, { "IQ3_S", 256, 110 }, { "IQ2_S", 256, 82 }, { "IQ4_XS", 256, 136 },
        { "I8", 1, 1 }, { "I16", 1, 2 }, { "I32", 1, 4 }, { "I64", 1, 8 }, { "F64", 1, 8 },
        { "IQ1_M", 256, 56 }, { "BF16", 1, 2 }, { "Q4_0_4_4", 0, 0 }, { "Q4_0_4_8", 0, 0 },
        { "Q4_0_8_8", 0, 0 }, { "TQ1_0", 256, 54 }, { "TQ2_0", 256, 66 }, { "IQ4_NL_4_4", 0, 0 },
        { "IQ4_NL_4_8", 0, 0 }, { "IQ4_NL_8_8", 0, 0 },
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
    info.max_weight = info.can_quantize ? format->holds : 0;
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
    ll_fp_mode mode;
    if (!format) return ll_type_get(f).name ? LLOCAL_ERR_UNSUPPORTED : LLOCAL_ERR_ARGUMENT;
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return LLOCAL_ERR_ARGUMENT;
    mode = ll_fp_enter();
    format->dequantize(src, dst, n);
    ll_fp_leave(mode);
    return LLOCAL_OK;
}

/* Infinity and NaN are beyond what anything but F32 holds. */
LL_NOINLINE bool ll_quantize_takes(const ll_format *format, const float *src, const float *importance, size_t n) {
    if (format->holds > 0)
        for (size_t i = 0; i < n; i++) if (!(fabsf(src[i]) <= format->holds)) return false;
    if (importance)
        for (size_t i = 0; i < n; i++) if (!(importance[i] >= 0 && importance[i] <= 3e38f)) return false;
    return true;
}

LLOCAL_API llocal_result llocal_quantize(llocal_format f, const float *src, const float *importance,
                                          void *dst, size_t n) {
    const ll_format *format = ll_format_find(f);
    ll_fp_mode mode;
    bool takes;
    if (!ll_type_get(f).name) return LLOCAL_ERR_ARGUMENT;
    if (!format || !format->quantize) return LLOCAL_ERR_UNSUPPORTED;
    if (n % (size_t)format->block_len || (n && (!src || !dst))) return LLOCAL_ERR_ARGUMENT;
    mode = ll_fp_enter();
    takes = ll_quantize_takes(format, src, importance, n);
    if (takes) format->quantize(src, importance, dst, n);
    ll_fp_leave(mode);
    return takes ? LLOCAL_OK : LLOCAL_ERR_ARGUMENT;
}
#endif


/* end of generated text */

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

LLV_INLINE ll_exp_parts ll_exp_split(llv_f x) {
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
LLV_INLINE llv_f ll_exp(llv_f x) {
    ll_exp_parts e = ll_exp_split(x);
    llv_f t = llv_f_fma(e.q, e.half, e.half);
    return llv_f_add(t, t);
}

/* exp(x) - 1; relative error below 3e-7, also near 0. */
LLV_INLINE llv_f ll_expm1(llv_f x) {
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
LLV_INLINE llv_f ll_gate(llv_f x, llv_f z) {
    return llv_f_div(x, llv_f_add(llv_f_set(1.0f), ll_exp(ll_neg(z))));
}

LLV_INLINE llv_f ll_tanh(llv_f x) {
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

#if LL_ONCE
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
#endif

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
/* y = a[0] b[0] + a[1] b[1] + ... of n_rows rows, `stride` floats apart */
LL_FN void ll_vec_taps(float *y, const float *a, const float *b, int n_rows, int stride, int n) {
    for (int i = 0; i < n; i += 16) {
        llv_f sum = llv_f_set(0.0f);
        for (int j = 0; j < n_rows; j++)
            sum = llv_f_fma(ll_row_get(a + j * stride, i, n), ll_row_get(b + j * stride, i, n), sum);
        ll_row_put(y, i, n, sum);
    }
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
/* The greatest that is a number; -infinity if there is none. */
LL_FN float ll_vec_max(const float *x, int n) {
    llv_f lanes = llv_f_set(-INFINITY);
    float max;
    int i = 0;
    for (; i + 16 <= n; i += 16) lanes = llv_f_max(llv_f_load(x + i), lanes);   /* drops NaN */
    max = llv_f_hmax(lanes);
    for (; i < n; i++) if (x[i] > max) max = x[i];
    return max;
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

/* y = exp(x - shift) */
LL_FN void ll_vec_exp(float *y, const float *x, float shift, int n) {
    for (int i = 0; i < n; i += 16)
        ll_row_put(y, i, n, ll_exp(llv_f_sub(ll_row_get(x, i, n), llv_f_set(shift))));
}

/* cap tanh(x / cap) keeps x inside (-cap, cap). */
LL_INLINE llv_f ll_cap(llv_f x, float cap) {
    return llv_f_mul(llv_f_set(cap), ll_tanh(llv_f_mul(x, llv_f_set(1.0f / cap))));
}
LL_FN void ll_softcap(float *y, const float *x, float cap, int n) {
    for (int i = 0; i < n; i += 16) ll_row_put(y, i, n, ll_cap(ll_row_get(x, i, n), cap));
}

/* ---- activations ------------------------------------------------------------------------ */

#if LL_ONCE
typedef enum ll_activation {
    LL_ACT_NONE, LL_ACT_SILU, LL_ACT_GELU, LL_ACT_GELU_ERF, LL_ACT_GELU_QUICK, LL_ACT_RELU,
    LL_ACT_RELU2, LL_ACT_SIGMOID, LL_ACT_TANH, LL_ACT_SOFTPLUS, LL_ACT_EXP,
    LL_ACT_SILU_CLAMPED                 /* gated only: gpt-oss, see ll_activate_gated */
} ll_activation;
#endif

/* A call, for it is large where sixteen lanes are plain C. */
LL_NOINLINE llv_f ll_act(ll_activation kind, llv_f x) {
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

#if LL_ONCE
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
#endif

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
 * ==========================================================================================
 * y = W x for n vectors at once. Every element of y is the format's `dot` of a row and a vector,
 * to the bit, whichever kernel computes it: few vectors or many, one thread or several. */

#if LL_ONCE
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
#endif

#ifndef LL_MATMUL_PANELS
#define LL_MATMUL_PANELS 3              /* so many vectors repay the unpacking */
#endif
#ifndef LL_MATMUL_LEAN
#define LL_MATMUL_LEAN 8                /* up to so many, one lean panel at a time is faster */
#endif

/* What a worker needs for panels. */
typedef struct ll_matmul_room {
    ll_panel panel[LLV_TILE_PANELS];
    uint8_t rows[16 * LL_GROUP_BYTES];  /* a copy of the last rows of a matrix: 16 of them */
    float y[LLV_TILE_VECS][16 * LLV_TILE_PANELS];
} ll_matmul_room;

/* 256 columns of 16 rows from row r on, of which n exist. Behind them nothing may be read; the
 * rows of the next panels are fetched meanwhile, a piece with each group. */
LL_FN void ll_matmul_unpack(const ll_matrix *w, int r, int n, int group, ll_matmul_room *room, int z) {
    const ll_format *f = w->format;
    const ll_kernels *kernels = ll_kernels_of(f);
    const int n_cols = LL_MIN(256, w->n_cols - 256 * group);
    const size_t group_bytes = (size_t)(256 / f->block_len * f->block_bytes);
    const uint8_t *rows = w->data + (uint64_t)r * w->row_bytes, *ahead = rows;
    if (r + 32 * LLV_TILE_PANELS <= w->n_rows)
        ahead += (uint64_t)(16 * LLV_TILE_PANELS) * w->row_bytes + 16 * group_bytes * (size_t)group;
    rows += group_bytes * (size_t)group;
    if (n >= 16) {
        kernels->unpack(rows, (size_t)w->row_bytes, n_cols / 32, ahead, &room->panel[z]);
        return;
    }
    for (int i = 0; i < 16; i++)
        memcpy(room->rows + i * LL_GROUP_BYTES, rows + (uint64_t)LL_MIN(i, n - 1) * w->row_bytes,
               (size_t)(n_cols / f->block_len * f->block_bytes));
    kernels->unpack(room->rows, LL_GROUP_BYTES, n_cols / 32, room->rows, &room->panel[z]);
}

/* Vectors from v on times the panels that hold rows [r, r + n_rows); returns how many vectors.
 * Missing rows and vectors are computed all the same, beside y. */
LL_FN int ll_matmul_tile(const ll_matrix *w, const ll_batch *b, int r, int n_rows, int group, int v,
                         ll_matmul_room *room) {
    const int n_panels = n_rows > 16 ? LLV_TILE_PANELS : 1, left = LL_MIN(b->n - v, LLV_TILE_VECS);
    const int n_vecs = 2 * left > LLV_TILE_VECS ? LLV_TILE_VECS : 1, n = LL_MIN(n_vecs, left);
    const bool partial = n_rows < 16 * n_panels;
    const size_t y_bytes = (size_t)n_rows * sizeof(float);
    ll_tile t;
    t.first = group == 0;
    t.n_blocks = LL_MIN(8, w->n_cols / 32 - 8 * group);
    for (int i = 0; i < n_vecs; i++) {
        t.a[i] = (const ll_a8 *)ll_batch_in(w->format, b, v + LL_MIN(i, n - 1)) + group;
        t.y[i] = partial || i >= n ? room->y[i] : ll_batch_out(b, v + i) + r;
        if (partial && !t.first && i < n) memcpy(room->y[i], ll_batch_out(b, v + i) + r, y_bytes);
    }
    ll_kernels_of(w->format)->tile(room->panel, n_panels, &t, n_vecs);
    if (partial) for (int i = 0; i < n; i++) memcpy(ll_batch_out(b, v + i) + r, room->y[i], y_bytes);
    return n;
}

LL_FN void ll_matmul_panels(const ll_matrix *w, const ll_batch *b, int row0, int row1, ll_matmul_room *room) {
    const bool lean = b->n <= LL_MATMUL_LEAN;
    const int whole = lean ? 16 : 16 * LLV_TILE_PANELS;
    for (int z = 0; z < LLV_TILE_PANELS; z++) room->panel[z].lean = lean;
    for (int r = row0, n_rows; r < row1; r += n_rows) {
        n_rows = row1 - r >= whole ? whole : LL_MIN(16, row1 - r);
        for (int group = 0; 256 * group < w->n_cols; group++) {
            for (int z = 0; 16 * z < n_rows; z++)
                ll_matmul_unpack(w, r + 16 * z, n_rows - 16 * z, group, room, z);
            for (int v = 0; v < b->n;) v += ll_matmul_tile(w, b, r, n_rows, group, v, room);
        }
    }
}

/* So many units of 16 rows, cut to whole tiles where that is not far. */
LL_FN int ll_matmul_whole(int n) { return n > 2 * LLV_TILE_PANELS ? n - n % LLV_TILE_PANELS : n; }

/* Bytes of scratch that each worker needs. */
LL_FN uint64_t ll_matmul_scratch(int n_cols_max, int n_batch_max) {
    const uint64_t few = (uint64_t)(n_cols_max / 256 + 1) * (LL_GEMV_ROOM + 8 * sizeof(ll_step));
    (void)n_batch_max;
    return ll_align(LL_MAX(few, sizeof(ll_matmul_room)), LLOCAL_ALIGN);
}

/* For whole records: kernels work on groups of 256 columns. */
LL_FN void ll_matmul_steps(const ll_a8 *a, int n_records, int offset, ll_step *out) {
    for (int j = 0; j < 8 * n_records; j++) {
        const ll_a8 *g = &a[j / 8];
        const int block = j % 8;
        out[j].k = (float)g->k[block], out[j].ksum = (float)ll_a8_ksum(g, block);
        out[j].offset = (g->sum[2 * block] + g->sum[2 * block + 1]) * offset;
    }
}

/* Rows [row0, row1) times the vectors [i, i + n) of the batch: one, or as many as a kernel takes. */
LL_FN void ll_matmul_few(const ll_matrix *w, const ll_batch *b, int i, int n, int row0, int row1,
                         void *scratch) {
    const ll_format *f = w->format;
    const ll_kernels *kernels = ll_kernels_of(f);
    ll_step *steps = (ll_step *)(void *)((uint8_t *)scratch + (size_t)(w->n_cols / 256) * LL_GEMV_ROOM);
    ll_gemv g;
    g.rows = w->data + (uint64_t)row0 * w->row_bytes;
    g.row_bytes = w->row_bytes, g.bytes = (uint64_t)(w->n_rows - row0) * w->row_bytes;
    g.n_rows = row1 - row0, g.n_cols = w->n_cols;
    g.n = n > 1 && f->is_float ? LLV_FLOAT_VECS : n;
    for (int v = 0; v < g.n; v++) {             /* missing ones: the last one again */
        g.vec[v] = ll_batch_in(f, b, i + LL_MIN(v, n - 1));
        g.y[v] = ll_batch_out(b, i + LL_MIN(v, n - 1)) + row0;
    }
    g.room = scratch;
    g.step[0] = steps;
    if (!f->is_float && n == 1 && f->block_len < 256)
        ll_matmul_steps((const ll_a8 *)g.vec[0], (w->n_cols + 255) / 256, kernels->offset, steps);
    if (f->is_float || n == 1) kernels->gemv(&g);
    else kernels->few(&g);
}

/* All vectors, a few at a time, pass a block of rows while it lies in L2. */
LL_FN void ll_matmul_blocks(const ll_matrix *w, const ll_batch *b, int row0, int row1, void *scratch) {
    const int few = w->format->is_float ? LLV_FLOAT_VECS : 1;
    int block = (int)(256 * 1024 / w->row_bytes) / 24 * 24 + 24;        /* in whole tiles */
    if (b->n <= few) block = row1 - row0;
    for (int r = row0; r < row1; r += block)
        for (int i = 0; i < b->n; i += few)
            ll_matmul_few(w, b, i, LL_MIN(b->n - i, few), r, LL_MIN(r + block, row1), scratch);
}

/* Rows [row0, row1) of w, on the calling thread. */
LL_FN void ll_matmul(const ll_matrix *w, const ll_batch *b, int row0, int row1, void *scratch) {
    const ll_kernels *kernels = ll_kernels_of(w->format);
    if (kernels->few && b->n > 1 && b->n <= LLV_TILE_VECS) {
        const int sixteens = row0 + (row1 - row0) / 16 * 16;
        ll_matmul_few(w, b, 0, b->n, row0, sixteens, scratch);
        row0 = sixteens;                        /* what is left goes the other ways */
    }
    if (kernels->unpack && b->n >= LL_MATMUL_PANELS) {
        ll_matmul_panels(w, b, row0, row1, (ll_matmul_room *)scratch);
        return;
    }
    if (kernels->gemv) {
        ll_matmul_blocks(w, b, row0, row1, scratch);
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
 * four chains {i, i+8, i+4, i+12} at once, for i = 0, 2, 1, 3. Values lie as rows.
 *
 * Q8: a key or a value is a row of Q8_0, one f16 scale d for each 32 signed bytes c. Then q is
 * quantised as every vector that meets integer weights (ll_a8), dot(q, k[j]) is what Q8_0's `dot`
 * says, and a = sum (p(j) d) c, the weight rounded once for each 32. A panel of keys has groups of
 * four dimensions, [dim / 4][slot][dim % 4], biased by 128, as the integer dots want them. */

#define LL_ATT_ROWS  6                  /* a tile: rows that share each load of the cache */
#define LL_ATT_BLOCK 72                 /* rows that share a chunk while it is in the cache */
#define LL_ATT_CHUNK 256
#define LL_ATT_VALUES 64                /* values to pass over before the next columns */
#define LL_ATT_AHEAD 16384              /* bytes to prefetch ahead: from DRAM 1.5x as fast */

/* How many vectors of sums fit the registers, and how many of them a row gets: chains of a dot
 * product, columns of the values. With sixteen registers and half a vector in each, six. */
#if LL_AVX512
#  define LL_ATT_SUMS 24
#else
#  define LL_ATT_SUMS 6
#endif
#define LL_ATT_Q8_ROWS 3                /* of keys in Q8 */
#define LL_ATT_EACH(rows) ((rows) * 4 <= LL_ATT_SUMS ? 4 : (rows) * 2 <= LL_ATT_SUMS ? 2 : 1)

#if LL_AVX2 && defined(__clang__)
#  define LL_UNROLL _Pragma("clang loop unroll(full)")
#elif LL_AVX2 && LL_GNU
#  define LL_UNROLL _Pragma("GCC unroll 16")
#else
#  define LL_UNROLL
#endif

/* The same address, but the compiler does not know. A weight that several products use stays their
 * memory operand then, which costs nothing; copied to all lanes of a register first it takes a slot
 * of the multipliers (Zen 4: Q8 values 10 to 20 % slower). */
#if LL_AVX512 && LL_GNU
#  define LL_ATT_ALIAS(p) __asm__("" : "+r"(p))
#else
#  define LL_ATT_ALIAS(p) ((void)0)
#endif

/* ---- the cache -------------------------------------------------------------------------- */

#if LL_ONCE
/* One layer's keys and values. Position p is in slot p % n_slots, so a window layer may keep
 * fewer slots than positions: the window, and the batch being written.
 *     k: [n_head][n_slots / 16] panels       F32, F16: [16 n_step][16]
 *                                            Q8:       [4 n_step][16][4] bytes, d: [n_step / 2][16]
 *     v: [n_head][n_slots / 16] panels       F32, F16: [16][16 n_col]
 *                                            Q8:       [16][16 n_col] bytes, d: [n_col / 2][16]  */
typedef struct ll_kv {
    llocal_kv kind_k, kind_v;           /* F32, F16 or Q8 */
    int n_head, n_slots;                /* n_slots: a multiple of 16 */
    int dim_k, dim_v;
    int n_step, n_col;                  /* dim_k, dim_v in sixteens, rounded up (Q8: to even); pads
                                         * are 0 */
    size_t k_panel, v_panel;            /* bytes of sixteen keys, of sixteen values */
    size_t k_head, v_head;              /* bytes of one head; its first slots are a prefix */
    uint64_t k_bytes, v_bytes;          /* of all heads */
    uint8_t *k, *v;                     /* the caller's, aligned to LLOCAL_ALIGN */
} ll_kv;

/* Bytes of an element. */
LL_INLINE size_t ll_kv_size(llocal_kv kind) {
    return kind == LLOCAL_KV_Q8 ? 1 : kind == LLOCAL_KV_F16 ? 2 : 4;
}

LL_FN int ll_kv_sixteens(llocal_kv kind, int dim) {
    return kind == LLOCAL_KV_Q8 ? (dim + 31) / 32 * 2 : (dim + 15) / 16;
}

LL_FN size_t ll_kv_panel(llocal_kv kind, int sixteens) {
    size_t scales = kind == LLOCAL_KV_Q8 ? 16 : 0;      /* half of 32 bytes */
    return (size_t)ll_align((uint64_t)sixteens * (256 * ll_kv_size(kind) + scales), LLOCAL_ALIGN);
}

/* All but k and v; n_slots is rounded up. */
LL_FN void ll_kv_layout(ll_kv *kv, llocal_kv kind_k, llocal_kv kind_v, int n_slots, int n_head,
                        int dim_k, int dim_v) {
    memset(kv, 0, sizeof *kv);
    kv->kind_k = kind_k, kv->kind_v = kind_v;
    kv->n_head = n_head;
    kv->n_slots = (int)LL_MIN(ll_align((uint64_t)n_slots, 16), 0x7ffffff0);
    kv->dim_k = dim_k, kv->dim_v = dim_v;
    kv->n_step = ll_kv_sixteens(kind_k, dim_k), kv->n_col = ll_kv_sixteens(kind_v, dim_v);
    kv->k_panel = ll_kv_panel(kind_k, kv->n_step), kv->v_panel = ll_kv_panel(kind_v, kv->n_col);
    kv->k_head = (size_t)kv->n_slots / 16 * kv->k_panel;
    kv->v_head = (size_t)kv->n_slots / 16 * kv->v_panel;
    kv->k_bytes = ll_mul(ll_mul((uint64_t)kv->n_slots / 16, kv->k_panel), (uint64_t)n_head);
    kv->v_bytes = ll_mul(ll_mul((uint64_t)kv->n_slots / 16, kv->v_panel), (uint64_t)n_head);
}

/* Floats: the value in a slot is v + (slot % 16) * its size. */
LL_INLINE uint8_t *ll_kv_key(const ll_kv *kv, int head, int slot) {
    return kv->k + (size_t)head * kv->k_head + (size_t)(slot / 16) * kv->k_panel;
}
LL_INLINE uint8_t *ll_kv_value(const ll_kv *kv, int head, int slot) {
    return kv->v + (size_t)head * kv->v_head + (size_t)(slot / 16) * kv->v_panel;
}

/* Where in a panel of Q8 four dimensions from d (a multiple of 4) on are, and the scale. */
LL_INLINE size_t ll_kv_four(int sixteens, bool key, int slot, int d) {
    return key ? (size_t)(16 * d + slot % 16 * 4) : (size_t)(slot % 16 * 16 * sixteens + d);
}
LL_INLINE size_t ll_kv_scale(int sixteens, int slot, int d) {
    return (size_t)(sixteens * 256 + d + slot % 16 * 2);        /* d / 32 rows of 32 bytes */
}

LL_INLINE size_t ll_kv_copy(uint8_t *in, uint8_t *buf, size_t size, bool load) {
    if (buf && load) memcpy(in, buf, size);
    else if (buf) memcpy(buf, in, size);
    return size;
}

/* One position of one head as bytes, key before value: into buf, or back out of it (load). Returns
 * how many bytes that is; buf NULL only counts. */
LL_FN size_t ll_kv_move(const ll_kv *kv, int head, int slot, uint8_t *buf, bool load) {
    size_t n = 0;
    for (int part = 0; part < 2; part++) {
        bool key = part == 0;
        llocal_kv kind = key ? kv->kind_k : kv->kind_v;
        int sixteens = key ? kv->n_step : kv->n_col;
        size_t size = ll_kv_size(kind), row = (size_t)(16 * sixteens) * size;
        uint8_t *panel = key ? ll_kv_key(kv, head, slot) : ll_kv_value(kv, head, slot);
#define LL_MOVE(at, size) (n += ll_kv_copy(panel + (at), buf ? buf + n : NULL, (size), load))
        if (kind == LLOCAL_KV_Q8) {
            for (int d = 0; d < 16 * sixteens; d += 4) LL_MOVE(ll_kv_four(sixteens, key, slot, d), 4);
            for (int d = 0; d < 16 * sixteens; d += 32) LL_MOVE(ll_kv_scale(sixteens, slot, d), 2);
        } else if (key) {
            for (int i = 0; i < 16 * sixteens; i++) LL_MOVE((size_t)(slot % 16 + 16 * i) * size, size);
        } else LL_MOVE((size_t)(slot % 16) * row, row);
#undef LL_MOVE
    }
    return n;
}
#endif

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

LL_INLINE llv_f ll_kv_get(const float *x, int i, int n) {
    return i < n ? ll_row_get(x, i, n) : llv_f_set(0.0f);
}

/* 32 elements from x[i] on (zeros beyond n) as Q8_0: returns the bits of d. An infinity or a NaN
 * makes d NaN, and with it whatever uses it. */
LL_FN uint16_t ll_kv_quantize(const float *x, int i, int n, int8_t *c) {
    const llv_f low = llv_f_set(-127), high = llv_f_set(127);
    const llv_f a = ll_kv_get(x, i, n), b = ll_kv_get(x, i + 16, n);
    float max = llv_f_hmax(llv_f_max(llv_f_abs(a), llv_f_abs(b)));
    float bad = llv_f_sum(llv_f_add(llv_f_sub(a, a), llv_f_sub(b, b)));         /* 0, or NaN */
    uint16_t d = ll_f32_to_f16(max / 127.0f);
    float inv = ll_f16_to_f32(d);
    if (bad != bad || d == 0) {
        memset(c, 0, 32);
        return bad != bad ? 0x7e00 : 0;
    }
    inv = 1.0f / inv;                   /* f16 has no numbers so small that this overflows */
    for (int h = 0; h < 2; h++) {
        llv_f q = llv_f_round(llv_f_mul(h ? b : a, llv_f_set(inv)));
        llv_f_store_i8(c + 16 * h, llv_f_max(llv_f_min(q, high), low));
    }
    return d;
}

LL_FN void ll_kv_store_key(const ll_kv *kv, uint8_t *panel, int slot, const float *k) {
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
}

LL_FN void ll_kv_store_value(const ll_kv *kv, uint8_t *panel, int slot, const float *v) {
    uint8_t *row = panel + (size_t)(slot % 16 * 16 * kv->n_col) * ll_kv_size(kv->kind_v);
    for (int d = 0; d < 16 * kv->n_col; d += 16) {
        llv_f x = ll_row_get(v, d, kv->dim_v);
        if (kv->kind_v == LLOCAL_KV_F16) llv_f_store_f16((uint16_t *)(void *)row + d, x);
        else llv_f_store((float *)(void *)row + d, x);
    }
}

LL_FN void ll_kv_store_q8(uint8_t *panel, int sixteens, bool key, int slot, const float *x, int n) {
    for (int d = 0; d < 16 * sixteens; d += 32) {
        int8_t c[32];
        uint16_t scale = ll_kv_quantize(x, d, n, c);
        if (key) for (int i = 0; i < 32; i++) c[i] = (int8_t)(c[i] ^ -128);
        for (int i = 0; i < 32; i += 4) memcpy(panel + ll_kv_four(sixteens, key, slot, d + i), c + i, 4);
        memcpy(panel + ll_kv_scale(sixteens, slot, d), &scale, 2);
    }
}

/* k: [dim_k], v: [dim_v] of one head. Threads may store different slots at the same time. */
LL_FN void ll_kv_store(const ll_kv *kv, int head, int slot, const float *k, const float *v) {
    uint8_t *key = ll_kv_key(kv, head, slot), *value = ll_kv_value(kv, head, slot);
    if (kv->kind_k == LLOCAL_KV_Q8) ll_kv_store_q8(key, kv->n_step, true, slot, k, kv->dim_k);
    else ll_kv_store_key(kv, key, slot, k);
    if (kv->kind_v == LLOCAL_KV_Q8) ll_kv_store_q8(value, kv->n_col, false, slot, v, kv->dim_v);
    else ll_kv_store_value(kv, value, slot, v);
}

/* ---- who sees what ---------------------------------------------------------------------- */

#if LL_ONCE
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
#endif

/* ---- kernels: kind, rows and cols are constants where these are inlined ------------------ */

/* Where an fma is a call there is little to gain from constants (SSE4.1: 3 %): one form serves all. */
#if LL_AVX2
#  define LL_ATT_BY_ROWS(f, kind, ...) do { \
        switch (rows) { \
        case 1: f(kind, 1, __VA_ARGS__); break; \
        case 2: f(kind, 2, __VA_ARGS__); break; \
        case 3: f(kind, 3, __VA_ARGS__); break; \
        case 4: f(kind, 4, __VA_ARGS__); break; \
        default: f(kind, LL_ATT_ROWS, __VA_ARGS__); \
        } \
    } while (0)
#else
#  define LL_ATT_BY_ROWS(f, kind, ...) f(kind, rows, __VA_ARGS__)
#endif

/* What to fetch meanwhile, in bytes from here on, where `left` more of so many bytes will be wanted. */
LL_INLINE size_t ll_att_ahead(size_t bytes, int left) { return bytes * (size_t)left > LL_ATT_AHEAD ? LL_ATT_AHEAD : 0; }

/* out[r][0..15] = dot products of row r with the sixteen keys of a panel. q: [16 n_step][rows],
 * in the panel's order. out rows are LL_ATT_CHUNK floats apart. */
LL_INLINE void ll_att_dots(llocal_kv kind, int rows, const uint8_t *panel, int n_step,
                           const float *q, size_t ahead, float *out) {
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
                LL_PREFETCH(k + ahead + b);
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

/* A query as Q8 keys meet it, in one row of ll_att_scratch.q: records, then steps. */
LL_INLINE size_t ll_att_q8_steps(int n_step) {
    return (size_t)((n_step + 15) / 16) * sizeof(ll_a8);
}
LL_INLINE size_t ll_att_q_row(const ll_kv *kv) {        /* bytes, a multiple of 16 */
    if (kv->kind_k != LLOCAL_KV_Q8) return (size_t)kv->n_step * 16 * sizeof(float);
    return ll_att_q8_steps(kv->n_step) + (size_t)((kv->n_step + 15) / 16 * 8) * sizeof(ll_step);
}

/* isum[r] = integer products of 32 dimensions of row r with sixteen keys. */
#if LLV_PANEL
LL_INLINE void ll_att_isum(int rows, const uint8_t *w, const int8_t *const *q, const ll_step *const *step,
                           llv_f *isum) {
    llv_p acc[LL_ATT_Q8_ROWS];
    for (int r = 0; r < rows; r++) acc[r] = llv_p_set(-step[r]->offset);
    llv_p_dots(acc, w, 0, q, 8, 8, 1, rows);
    for (int r = 0; r < rows; r++) isum[r] = llv_p_float(acc[r]);
}
#  define LL_ATT_Q8_BIAS LLV_BIAS8(128)
#else
LL_INLINE void ll_att_isum(int rows, const uint8_t *w, const int8_t *const *q, const ll_step *const *step,
                           llv_f *isum) {
    for (int r = 0; r < rows; r++) {
        float f[16];
        for (int i = 0; i < 16; i++) {
            int32_t sum = -step[r]->offset;
            for (int d = 0; d < 32; d++) sum += w[d / 4 * 64 + 4 * i + d % 4] * q[r][d];
            f[i] = (float)sum;
        }
        isum[r] = llv_f_load(f);
    }
}
#  define LL_ATT_Q8_BIAS 128
#endif

/* ll_att_dots for Q8. q: [rows][q_row bytes]. */
LL_INLINE void ll_att_dots_q8(int rows, const uint8_t *panel, int n_step, const uint8_t *q, size_t q_row,
                              size_t ahead, float *out) {
    const uint8_t *scales = panel + (size_t)n_step * 256;
    const int n = n_step / 2;
    llv_f sum[LL_ATT_Q8_ROWS], p[LL_ATT_Q8_ROWS], isum[LL_ATT_Q8_ROWS];
    LL_UNROLL for (int r = 0; r < rows; r++) sum[r] = llv_f_set(0.0f);
    for (int block = 0; block < n; block += 8) {
        const ll_a8 *a[LL_ATT_Q8_ROWS];
        LL_UNROLL for (int r = 0; r < rows; r++) {
            a[r] = (const ll_a8 *)(const void *)(q + (size_t)r * q_row) + block / 8;
            p[r] = llv_f_set(0.0f);
        }
        for (int b = block; b < LL_MIN(block + 8, n); b++) {
            const int8_t *codes[LL_ATT_Q8_ROWS];
            const ll_step *step[LL_ATT_Q8_ROWS];
            const llv_f d = llv_f_load_f16(scales + 32 * b);
            LL_UNROLL for (int i = 0; i <= 512; i += 64) LL_PREFETCH(panel + ahead + 544 * b + i);
            LL_UNROLL for (int r = 0; r < rows; r++) {
                codes[r] = a[r]->q + 32 * (b - block);
                step[r] = (const ll_step *)(const void *)(q + (size_t)r * q_row + ll_att_q8_steps(n_step)) + b;
            }
            ll_att_isum(rows, panel + 512 * b, codes, step, isum);
            LL_UNROLL for (int r = 0; r < rows; r++)
                p[r] = llv_f_fma(llv_f_mul(d, llv_f_set(step[r]->k)), isum[r], p[r]);
        }
        LL_UNROLL for (int r = 0; r < rows; r++)
            sum[r] = llv_f_fma(llv_f_set(a[r]->base), p[r], sum[r]);
    }
    LL_UNROLL for (int r = 0; r < rows; r++) llv_f_store(out + r * LL_ATT_CHUNK, sum[r]);
}

LL_FN void ll_att_dots_any(const ll_kv *kv, int rows, const uint8_t *panel, const void *q, size_t ahead, float *out) {
    const float *x = (const float *)q;
    if (kv->kind_k == LLOCAL_KV_F16)
        LL_ATT_BY_ROWS(ll_att_dots, LLOCAL_KV_F16, panel, kv->n_step, x, ahead, out);
    else if (kv->kind_k == LLOCAL_KV_F32)
        LL_ATT_BY_ROWS(ll_att_dots, LLOCAL_KV_F32, panel, kv->n_step, x, ahead, out);
    else for (int r = 0; r < rows; r += LL_ATT_Q8_ROWS) {
        const size_t row = ll_att_q_row(kv);
        const uint8_t *x8 = (const uint8_t *)q + (size_t)r * row;
        switch (LL_MIN(rows - r, LL_ATT_Q8_ROWS)) {
        case 1: ll_att_dots_q8(1, panel, kv->n_step, x8, row, ahead, out + r * LL_ATT_CHUNK); break;
        case 2: ll_att_dots_q8(2, panel, kv->n_step, x8, row, ahead, out + r * LL_ATT_CHUNK); break;
        default: ll_att_dots_q8(LL_ATT_Q8_ROWS, panel, kv->n_step, x8, row, ahead, out + r * LL_ATT_CHUNK);
        }
    }
}

/* acc[r][0 .. 16 cols) += p[r][j] v[j] for j in [0, n). p rows are LL_ATT_CHUNK floats apart. */
LL_INLINE void ll_att_values(llocal_kv kind, int rows, int cols, const uint8_t *v, size_t v_row,
                             int n, size_t ahead, const float *p, float *acc, int acc_row) {
    const size_t bytes = 16 * ll_kv_size(kind);
    llv_f a[LL_ATT_ROWS][4];
    LL_UNROLL for (int r = 0; r < rows; r++)
        LL_UNROLL for (int c = 0; c < cols; c++) a[r][c] = llv_f_load(acc + r * acc_row + c * 16);
    for (int j = 0; j < n; j++, v += v_row, p++) {
        llv_f value[4];
        LL_UNROLL for (size_t b = 0; b < (size_t)cols * bytes; b += 64)
            LL_PREFETCH(v + ahead + b);
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
                                 int n_col, size_t ahead, const float *p, float *acc) {
    const size_t bytes = 16 * ll_kv_size(kind);
    const int cols = LL_ATT_EACH(rows);
    int c = 0;
    for (; c + cols <= n_col; c += cols)
        ll_att_values(kind, rows, cols, v + (size_t)c * bytes, v_row, n, ahead, p, acc + c * 16,
                      n_col * 16);
    for (; c < n_col; c++)
        ll_att_values(kind, rows, 1, v + (size_t)c * bytes, v_row, n, ahead, p, acc + c * 16, n_col * 16);
}

/* Columns [16 col, 16 (col + cols)) of values from_slot <= j < to_slot of consecutive panels of Q8;
 * they have the same scales. p and acc are those of the first of these panels' slots and columns.
 * Weights are multiplied by the scales of all panels first: read back at once, they would wait for
 * their stores. */
LL_INLINE void ll_att_values_q8(int rows, int cols, const ll_kv *kv, const uint8_t *panel, int col,
                                int from_slot, int to_slot, size_t ahead, const float *p, float *acc) {
    const int width = 16 * kv->n_col;
    const uint8_t *scales = panel + 16 * width + col / 2 * 32;
    float room[LL_ATT_ROWS * LL_ATT_VALUES + 16];
    float *weight = (float *)(((uintptr_t)room + 63) & ~(uintptr_t)63);     /* [rows][LL_ATT_VALUES] */
    llv_f a[LL_ATT_ROWS][2];
    for (int j = 0; j < to_slot; j += 16, scales += kv->v_panel) {
        const llv_f d = llv_f_load_f16(scales);
        LL_PREFETCH(scales + ahead);
        LL_UNROLL for (int r = 0; r < rows; r++)
            llv_f_store(weight + r * LL_ATT_VALUES + j, llv_f_mul(llv_f_load(p + r * LL_ATT_CHUNK + j), d));
    }
    LL_UNROLL for (int r = 0; r < rows; r++)
        LL_UNROLL for (int c = 0; c < cols; c++) a[r][c] = llv_f_load(acc + r * width + 16 * c);
    for (; to_slot > 0; from_slot = 0, to_slot -= 16, panel += kv->v_panel, weight += 16) {
        const int8_t *v = (const int8_t *)panel + from_slot * width + 16 * col;
        const float *w[2] = { weight, weight };
        LL_ATT_ALIAS(w[1]);
        for (int j = from_slot; j < LL_MIN(to_slot, 16); j++, v += width) {
            llv_f value[2];
            LL_PREFETCH(v + ahead);
            LL_UNROLL for (int c = 0; c < cols; c++) value[c] = llv_f_load_i8(v + 16 * c);
            LL_UNROLL for (int r = 0; r < rows; r++)
                LL_UNROLL for (int c = 0; c < cols; c++)
                    a[r][c] = llv_f_fma(llv_f_set(w[c][r * LL_ATT_VALUES + j]),
                                        value[c], a[r][c]);
        }
    }
    LL_UNROLL for (int r = 0; r < rows; r++)
        LL_UNROLL for (int c = 0; c < cols; c++) llv_f_store(acc + r * width + 16 * c, a[r][c]);
}

LL_INLINE void ll_att_values_panels(llocal_kv kind, int rows, const ll_kv *kv, const uint8_t *panel,
                                    int from_slot, int to_slot, size_t ahead, const float *p, float *acc) {
    const int cols = rows * 2 < LL_ATT_SUMS ? 2 : 1;
    (void)kind;
    for (int c = 0; c < kv->n_col; c += cols)
        ll_att_values_q8(rows, cols, kv, panel, c, from_slot, to_slot, ahead, p, acc + 16 * c);
}

/* n values from a slot on, which do not wrap, of `left` that will be wanted. */
LL_FN void ll_att_values_any(const ll_kv *kv, int head, int slot, int rows, int n, int left, const float *p,
                             float *acc) {
    const size_t row = (size_t)(kv->n_col * 16) * ll_kv_size(kv->kind_v);
    for (int m; n > 0; slot += m, n -= m, left -= m, p += m) {
        const uint8_t *v = ll_kv_value(kv, head, slot);
        const int first = slot % 16;
        const size_t ahead = ll_att_ahead(row, left);
        m = LL_MIN(n, LL_ATT_VALUES - first);
        if (kv->kind_v == LLOCAL_KV_F16)
            LL_ATT_BY_ROWS(ll_att_values_row, LLOCAL_KV_F16, v + (size_t)first * row, row, m, kv->n_col, ahead, p, acc);
        else if (kv->kind_v == LLOCAL_KV_F32)
            LL_ATT_BY_ROWS(ll_att_values_row, LLOCAL_KV_F32, v + (size_t)first * row, row, m, kv->n_col, ahead, p, acc);
        else LL_ATT_BY_ROWS(ll_att_values_panels, LLOCAL_KV_Q8, kv, v, first, first + m, ahead, p - first, acc);
    }
}

/* ---- one tile of rows, one chunk --------------------------------------------------------- */

typedef struct ll_att_tile {
    int n;                              /* rows, at most LL_ATT_ROWS */
    int pos[LL_ATT_ROWS];
    int from[LL_ATT_ROWS], to[LL_ATT_ROWS];     /* visible positions */
    float slope[LL_ATT_ROWS];
    const void *q;                      /* [16 n_step][n] floats in the order of a panel; Q8: */
} ll_att_tile;                          /* [n] rows of ll_att_q_row */

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
LL_FN void ll_att_add_values(const ll_kv *kv, int head, int start, int from, int to, int end,
                             int row, int rows, ll_att_part *part) {
    while (from < to) {                 /* a ring may wrap inside the chunk */
        int slot = (start + from) % kv->n_slots, n = LL_MIN(to - from, kv->n_slots - slot);
        ll_att_values_any(kv, head, slot, rows, n, end - from, part->p + row * LL_ATT_CHUNK + from,
                          part->a + row * kv->n_col * 16);
        from += n;
    }
}

/* The chunk that starts at position start; rows that see nothing of it get l = 0. */
LL_FN void ll_att_chunk(const ll_attention *a, const ll_kv *kv, int head, const ll_att_tile *t,
                        int start, ll_att_part *part) {
    int from[LL_ATT_ROWS], to[LL_ATT_ROWS];
    int lowest = LL_ATT_CHUNK, highest = 0, end = 0, common_from = 0, common_to = LL_ATT_CHUNK;
    for (int r = 0; r < t->n; r++) {
        from[r] = LL_MAX(t->from[r] - start, 0);
        to[r] = LL_MIN(t->to[r] - start, LL_ATT_CHUNK), end = LL_MAX(end, t->to[r] - start);
        common_from = LL_MAX(common_from, from[r]), common_to = LL_MIN(common_to, to[r]);
        if (from[r] < to[r]) lowest = LL_MIN(lowest, from[r]), highest = LL_MAX(highest, to[r]);
    }
    for (int j = lowest & ~15; j < highest; j += 16)
        ll_att_dots_any(kv, t->n, ll_kv_key(kv, head, (start + j) % kv->n_slots), t->q,
                        ll_att_ahead(kv->k_panel, (end - j + 15) / 16), part->p + j);
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
        ll_att_add_values(kv, head, start, from[r], LL_MIN(to[r], common_from), end, r, 1, part);
    ll_att_add_values(kv, head, start, common_from, common_to, end, 0, t->n, part);
    for (int r = 0; r < t->n; r++)
        ll_att_add_values(kv, head, start, LL_MAX(from[r], common_to), to[r], end, r, 1, part);
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

/* Row r of a tile of n, packed as the keys want it. */
LL_FN void ll_att_pack(const ll_kv *kv, const float *x, int r, int n, float *packed) {
    int at[16];
    ll_kv_order(at, kv->n_step);
    for (int step = 0; step < kv->n_step; step++) {
        float f[16];
        llv_f_store(f, ll_row_get(x, 16 * step, kv->dim_k));
        for (int i = 0; i < 16; i++) packed[(at[i] + 4 * step) * n + r] = f[i];
    }
}

LL_FN void ll_att_pack_q8(const ll_kv *kv, const float *x, uint8_t *packed) {
    ll_a8 *a = (ll_a8 *)(void *)packed;
    float group[256];
    for (int d = 0; d < 16 * kv->n_step; d += 256) {
        int n = LL_MIN(256, 16 * kv->n_step - d);
        for (int i = 0; i < n; i += 16) llv_f_store(group + i, ll_kv_get(x, d + i, kv->dim_k));
        ll_a8_group(group, n, true, &a[d / 256]);
    }
    ll_matmul_steps(a, (kv->n_step + 15) / 16, LL_ATT_Q8_BIAS,
                    (ll_step *)(void *)(packed + ll_att_q8_steps(kv->n_step)));
}

/* Rows [row, row + n) of a run whose row 0 is the first head of this group at position pos0. */
LL_FN void ll_att_tile_init(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                            int pos0, int row, int n, uint8_t *packed, ll_att_tile *t) {
    t->n = n, t->q = packed;
    for (int r = 0; r < n; r++) {
        int token = (row + r) / a->n_group, head = kv_head * a->n_group + (row + r) % a->n_group;
        const float *x = q + (size_t)token * a->q_token + (size_t)head * a->q_head;
        t->pos[r] = pos0 + token;
        ll_attend_range(a, t->pos[r], &t->from[r], &t->to[r]);
        t->slope[r] = a->slopes ? a->slopes[head] : 0;
        if (kv->kind_k == LLOCAL_KV_Q8) ll_att_pack_q8(kv, x, packed + (size_t)r * ll_att_q_row(kv));
        else ll_att_pack(kv, x, r, n, (float *)(void *)packed);
    }
}

/* A worker's memory. */
typedef struct ll_att_scratch {
    uint8_t *q;                         /* [rows] of ll_att_q_row */
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
    s->q = (uint8_t *)ll_arena_take(&arena, rows, ll_att_q_row(kv));
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

/* Cut n rows into tiles: whole ones, then what is left. There are kernels for 1, 2, 3, 4 and
 * LL_ATT_ROWS rows. Returns how many. */
LL_FN int ll_att_tiles(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                       int pos0, int n, ll_att_scratch *s) {
    int n_tiles = 0;
    for (int row = 0, rows; row < n; row += rows) {
        rows = n - row >= LL_ATT_ROWS ? LL_ATT_ROWS : n - row > 4 ? 3 : n - row;
        ll_att_tile_init(a, kv, kv_head, q, pos0, row, rows, s->q + (size_t)row * ll_att_q_row(kv),
                         &s->tile[n_tiles++]);
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

/* Fetches what attention at pos begins with; from there on it fetches by itself. */
LL_FN void ll_attend_fetch(const ll_attention *a, const ll_kv *kv, int kv_head, int pos) {
    int from, to, slot, n;
    ll_attend_range(a, pos, &from, &to);
    slot = from % kv->n_slots & ~15, n = LL_MIN(to - from + 15, kv->n_slots - slot) / 16;
    for (size_t b = 0; b < LL_MIN(LL_ATT_AHEAD, (size_t)n * kv->k_panel); b += 64) LL_PREFETCH(ll_kv_key(kv, kv_head, slot) + b);
    for (size_t b = 0; b < LL_MIN(LL_ATT_AHEAD, (size_t)n * kv->v_panel); b += 64) LL_PREFETCH(ll_kv_value(kv, kv_head, slot) + b);
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

#if LL_ONCE
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
#endif

/* Chunks [chunk, end); parts: that of the first of them. */
LL_FN void ll_attend_parts(const ll_attention *a, const ll_kv *kv, int kv_head, const float *q,
                           int pos, int chunk, int end, float *parts, void *scratch) {
    int n = a->n_group, width = 16 * kv->n_col, n_tiles;
    ll_att_scratch s;
    ll_att_scratch_layout(a, kv, scratch, &s);
    n_tiles = ll_att_tiles(a, kv, kv_head, q, pos, n, &s);
    for (; chunk < end; chunk++, parts += ll_attend_part_len(a, kv))
        for (int i = 0, row = 0; i < n_tiles; row += s.tile[i++].n) {
            s.part.a = parts + 2 * n + row * width;
            ll_att_chunk(a, kv, kv_head, &s.tile[i], chunk * LL_ATT_CHUNK, &s.part);
            for (int r = 0; r < s.tile[i].n; r++)
                parts[row + r] = s.part.m[r], parts[n + row + r] = s.part.l[r];
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

/* generated from kernels_gen/undef.c: edit there, then run kernels_gen/gen */
#if LL_DISPATCH                         /* macros that an instruction set may define in its own way */
#undef LLV_INLINE
#undef LLV_UNROLL
#undef LLV_ROLL
#undef LLV_INT
#undef LLV_S_OFFSET
#undef llv_dot2_o
#undef LLV_FLOAT_ROWS
#undef LLV_FLOAT_VECS
#undef LLV_KEEP
#undef LLV_PARTS
#undef LLV_LANES
#undef LLV_PANEL
#undef LLV_FEW
#undef LLV_TILE_PANELS
#undef LLV_TILE_VECS
#undef LLV_ANY_BITS
#undef LLV_BIAS8
#undef LLV_GRID
#undef LLQ_GEMV
#undef LLQ_FEW
#undef LL_GEMV_ROOM
#undef LLQ_ALL
#undef LLQ_GRID_BYTES
#undef LLQ_ROW4
#undef LLQ_ROW8
#undef LLQ_CODE8
#undef LLQ_CODE4
#undef LLQ_GRID
#undef LLQ_GRID_LEN
#undef LLQ_GRID_ROW
#undef LLQ_R
#undef LL_ATT_SUMS
#undef LL_UNROLL
#undef LL_ATT_ALIAS
#undef LL_ATT_BY_ROWS
#undef LL_ATT_Q8_BIAS
#endif
/* end of generated text */
#endif /* LL_ONCE */

#if defined(LL_ONCE) && LL_ONCE
/* ==========================================================================================
 * >>dispatch    Kernels for several x86 levels in one program.
 * ==========================================================================================
 * With LLOCAL_DISPATCH a program for any x86-64 holds the kernels of several levels and chooses by
 * CPUID, at their first use:
 *
 *     1    what the compiler's flags say (without flags: plain C)
 *     2    SSE4.1: most x86-64 since 2008; Atom cores have no more
 *     3    AVX2, FMA, F16C: since Haswell and Zen
 *     4    and AVX-VNNI: since Alder Lake
 *     5    AVX-512 F, BW, DQ, VL, VNNI, VBMI, and GFNI: since Ice Lake and Zen 4
 *
 * Levels that the flags contain are not compiled again: flags for x86-64-v3 leave 1, 4 and 5.
 *
 * The text between `#ifdef LL_ONCE` and `#endif` (all of >>simd to >>attention) stands here once and is
 * compiled once a level. Level 1 is where it stands, under its own names. For another one this file
 * includes itself, and only that text is taken, for the compiler skips what it has seen. Meanwhile
 * LL_AVX2 and its like say what the level has, a pragma lets the compiler use it, and every name
 * that the text declares is a macro, from the list below: LL_AT(ll_matmul) is ll_matmul_avx2. Types
 * that cross levels, and functions that need no copy, are declared under #if LL_ONCE: in level 1.
 *
 * Then LL_AT changes its meaning once more. Below this section it looks in the table of the level
 * that was chosen: `ll_matmul(...)` there is a call through a pointer. A name that is not in the table
 * does not compile, so nothing can slip past it. Without LLOCAL_DISPATCH all of this is nothing.
 *
 * gen reads the names from the text, and those for the table from what follows. Results are the same
 * to the bit whichever level runs; llocal_build() names it. */

/* generated from kernels_gen/dispatch.c: edit there, then run kernels_gen/gen */
#if LL_DISPATCH

/* What the rest of the library calls. */
#define LL_ISA_CALLS(X) \
    X(ll_a8_quantize) \
    X(ll_vec_add) \
    X(ll_vec_scale) \
    X(ll_rmsnorm) \
    X(ll_layernorm) \
    X(ll_matmul) \
    X(ll_activate_gated) \
    X(ll_activate) \
    X(ll_rope_apply) \
    X(ll_attend_fetch) \
    X(ll_kv_store) \
    X(ll_attend_parts) \
    X(ll_attend_join) \
    X(ll_attend) \
    X(ll_vec_mul) \
    X(ll_vec_taps) \
    X(ll_softmax) \
    X(ll_vec_axpy) \
    X(ll_softcap) \
    X(ll_matmul_whole) \
    X(ll_matmul_scratch) \
    X(ll_attend_scratch) \
    X(ll_vec_exp) \
    X(ll_vec_max) \
    X(ll_expf) \
    X(ll_build)
typedef struct ll_isa {
#define LL_MEMBER(x) __typeof__(x) *x##_;
    LL_ISA_CALLS(LL_MEMBER)
#undef LL_MEMBER
} ll_isa;
#define LL_ENTRY(x) x,
static const ll_isa ll_isa_base = { LL_ISA_CALLS(LL_ENTRY) };

#define LL_PRAGMA(x) _Pragma(#x)
#if defined(__clang__)
#  define LL_TARGET(t) LL_PRAGMA(clang attribute push(__attribute__((target(t))), apply_to = function))
#  define LL_TARGET_END _Pragma("clang attribute pop")
#else
#  define LL_TARGET(t) _Pragma("GCC push_options") LL_PRAGMA(GCC target(t))
#  define LL_TARGET_END _Pragma("GCC pop_options")
#endif
#ifndef LLOCAL_FILE
#  define LLOCAL_FILE "llocal.h"
#endif

#define ll_build LL_AT(ll_build)
#define ll_fma LL_AT(ll_fma)
#define llv_two LL_AT(llv_two)
#define llv_four LL_AT(llv_four)
#define llv_two8 LL_AT(llv_two8)
#define llv_twos LL_AT(llv_twos)
#define llv_fours4 LL_AT(llv_fours4)
#define llv_f LL_AT(llv_f)
#define llv_f_load LL_AT(llv_f_load)
#define llv_f_load_n LL_AT(llv_f_load_n)
#define llv_f_store LL_AT(llv_f_store)
#define llv_f_store_n LL_AT(llv_f_store_n)
#define llv_f_set LL_AT(llv_f_set)
#define llv_f_add LL_AT(llv_f_add)
#define llv_f_sub LL_AT(llv_f_sub)
#define llv_f_mul LL_AT(llv_f_mul)
#define llv_f_div LL_AT(llv_f_div)
#define llv_f_fma LL_AT(llv_f_fma)
#define llv_f_max LL_AT(llv_f_max)
#define llv_f_min LL_AT(llv_f_min)
#define llv_f_abs LL_AT(llv_f_abs)
#define llv_f_round LL_AT(llv_f_round)
#define llv_f_pow2 LL_AT(llv_f_pow2)
#define llv_f_sum LL_AT(llv_f_sum)
#define llv_f_hmax LL_AT(llv_f_hmax)
#define llv_f_load_f16 LL_AT(llv_f_load_f16)
#define llv_f_load_bf16 LL_AT(llv_f_load_bf16)
#define llv_f_load_i8 LL_AT(llv_f_load_i8)
#define llv_f_store_f16 LL_AT(llv_f_store_f16)
#define llv_f_store_i8 LL_AT(llv_f_store_i8)
#define llv_part LL_AT(llv_part)
#define llv_part_set LL_AT(llv_part_set)
#define llv_part_load LL_AT(llv_part_load)
#define llv_part_store LL_AT(llv_part_store)
#define llv_part_load_f16 LL_AT(llv_part_load_f16)
#define llv_part_load_bf16 LL_AT(llv_part_load_bf16)
#define llv_part_fma LL_AT(llv_part_fma)
#define llv_parts_sum LL_AT(llv_parts_sum)
#define llv_b LL_AT(llv_b)
#define llv_w LL_AT(llv_w)
#define llv_i LL_AT(llv_i)
#define llv_r LL_AT(llv_r)
#define llv_b_load LL_AT(llv_b_load)
#define llv_b_load2 LL_AT(llv_b_load2)
#define llv_b_lows8 LL_AT(llv_b_lows8)
#define llv_b_highs8 LL_AT(llv_b_highs8)
#define llv_b_set LL_AT(llv_b_set)
#define llv_b_store LL_AT(llv_b_store)
#define llv_b_store2 LL_AT(llv_b_store2)
#define llv_b_load8 LL_AT(llv_b_load8)
#define llv_b_set4 LL_AT(llv_b_set4)
#define llv_b_mask LL_AT(llv_b_mask)
#define llv_b_negate LL_AT(llv_b_negate)
#define llv_b_and LL_AT(llv_b_and)
#define llv_b_xor LL_AT(llv_b_xor)
#define llv_b_or LL_AT(llv_b_or)
#define llv_b_add LL_AT(llv_b_add)
#define llv_b_third LL_AT(llv_b_third)
#define llv_b_bits LL_AT(llv_b_bits)
#define llv_b_flag LL_AT(llv_b_flag)
#define llv_b_quarter LL_AT(llv_b_quarter)
#define llv_b_shuffle LL_AT(llv_b_shuffle)
#define llv_w_load LL_AT(llv_w_load)
#define llv_w_store LL_AT(llv_w_store)
#define llv_w_load2 LL_AT(llv_w_load2)
#define llv_w_load_twice LL_AT(llv_w_load_twice)
#define llv_w_store_twice LL_AT(llv_w_store_twice)
#define llv_w_of_b LL_AT(llv_w_of_b)
#define llv_b_of_w LL_AT(llv_b_of_w)
#define llv_w_set LL_AT(llv_w_set)
#define llv_w_set2 LL_AT(llv_w_set2)
#define llv_w_from_i8 LL_AT(llv_w_from_i8)
#define llv_w_from_low LL_AT(llv_w_from_low)
#define llv_w_from_high LL_AT(llv_w_from_high)
#define llv_w_from_i LL_AT(llv_w_from_i)
#define llv_w_halves LL_AT(llv_w_halves)
#define llv_w_mul LL_AT(llv_w_mul)
#define llv_w_add LL_AT(llv_w_add)
#define llv_w_dot LL_AT(llv_w_dot)
#define llv_i_set LL_AT(llv_i_set)
#define llv_i_add LL_AT(llv_i_add)
#define llv_i_sub LL_AT(llv_i_sub)
#define llv_i_mul LL_AT(llv_i_mul)
#define llv_i_from_w LL_AT(llv_i_from_w)
#define llv_i_halves LL_AT(llv_i_halves)
#define llv_i_lows LL_AT(llv_i_lows)
#define llv_i_highs LL_AT(llv_i_highs)
#define llv_i_evens LL_AT(llv_i_evens)
#define llv_i_odds LL_AT(llv_i_odds)
#define llv_i_sum4 LL_AT(llv_i_sum4)
#define llv_dot2_s LL_AT(llv_dot2_s)
#define llv_dot2_u LL_AT(llv_dot2_u)
#define llv_dot_scaled LL_AT(llv_dot_scaled)
#define llv_dot2_scaled LL_AT(llv_dot2_scaled)
#define llv_r_set LL_AT(llv_r_set)
#define llv_r_from_i LL_AT(llv_r_from_i)
#define llv_r_mul LL_AT(llv_r_mul)
#define llv_r_fma LL_AT(llv_r_fma)
#define llv_r_nfma LL_AT(llv_r_nfma)
#define llv_r_f16 LL_AT(llv_r_f16)
#define llv_r_f16_pair LL_AT(llv_r_f16_pair)
#define llv_r_ue4m3_half LL_AT(llv_r_ue4m3_half)
#define llv_r_e8m0_half LL_AT(llv_r_e8m0_half)
#define llv_r_store_n LL_AT(llv_r_store_n)
#define llv_b_pair LL_AT(llv_b_pair)
#define llv_b_both LL_AT(llv_b_both)
#define llv_r_pair LL_AT(llv_r_pair)
#define llv_load16 LL_AT(llv_load16)
#define llv_store16 LL_AT(llv_store16)
#define llv_third16 LL_AT(llv_third16)
#define llv_quarter16 LL_AT(llv_quarter16)
#define llv_own_bit LL_AT(llv_own_bit)
#define llv_twice LL_AT(llv_twice)
#define llv_evens4 LL_AT(llv_evens4)
#define llv_odds4 LL_AT(llv_odds4)
#define llv_add_pairs LL_AT(llv_add_pairs)
#define llv_sum4 LL_AT(llv_sum4)
#define llv_products_u LL_AT(llv_products_u)
#define llv_products_s16 LL_AT(llv_products_s16)
#define llv_products_s LL_AT(llv_products_s)
#define llv_to_odd LL_AT(llv_to_odd)
#define llv_fma4 LL_AT(llv_fma4)
#define llv_f16_4 LL_AT(llv_f16_4)
#define llv_to_f16_4 LL_AT(llv_to_f16_4)
#define llv_r_add LL_AT(llv_r_add)
#define llv_r_sub LL_AT(llv_r_sub)
#define llv_r_div LL_AT(llv_r_div)
#define llv_r_max LL_AT(llv_r_max)
#define llv_r_min LL_AT(llv_r_min)
#define llv_r_and LL_AT(llv_r_and)
#define llv_r_load LL_AT(llv_r_load)
#define llv_r_store LL_AT(llv_r_store)
#define llv_r_of_f16 LL_AT(llv_r_of_f16)
#define llv_fours LL_AT(llv_fours)
#define llv_ue4m3_half4 LL_AT(llv_ue4m3_half4)
#define llv_e8m0_half4 LL_AT(llv_e8m0_half4)
#define llv_f_pair LL_AT(llv_f_pair)
#define llv_pow2_4 LL_AT(llv_pow2_4)
#define llv_r_load_bf16 LL_AT(llv_r_load_bf16)
#define llv_r_from_i16 LL_AT(llv_r_from_i16)
#define llv_p LL_AT(llv_p)
#define llv_p_pair LL_AT(llv_p_pair)
#define llv_p_set LL_AT(llv_p_set)
#define llv_p_load LL_AT(llv_p_load)
#define llv_p_store LL_AT(llv_p_store)
#define llv_p_and LL_AT(llv_p_and)
#define llv_p_or LL_AT(llv_p_or)
#define llv_p_xor LL_AT(llv_p_xor)
#define llv_p_add LL_AT(llv_p_add)
#define llv_p_mul LL_AT(llv_p_mul)
#define llv_shl8 LL_AT(llv_shl8)
#define llv_shr8 LL_AT(llv_shr8)
#define llv_top8 LL_AT(llv_top8)
#define llv_p_shl LL_AT(llv_p_shl)
#define llv_p_shr LL_AT(llv_p_shr)
#define llv_p_lookup LL_AT(llv_p_lookup)
#define llv_p_byte LL_AT(llv_p_byte)
#define llv_p_dot2 LL_AT(llv_p_dot2)
#define llv_p_float LL_AT(llv_p_float)
#define llv_f_of_f16 LL_AT(llv_f_of_f16)
#define llv_f_of_halves LL_AT(llv_f_of_halves)
#define llv_p_rows4 LL_AT(llv_p_rows4)
#define llv_p_rows LL_AT(llv_p_rows)
#define llv_b_of_words LL_AT(llv_b_of_words)
#define llv_p_of_words LL_AT(llv_p_of_words)
#define llv_pair_sums8 LL_AT(llv_pair_sums8)
#define llv_p_pair_sums LL_AT(llv_p_pair_sums)
#define llv_widen LL_AT(llv_widen)
#define llv_p_dots8 LL_AT(llv_p_dots8)
#define llv_p_dots LL_AT(llv_p_dots)
#define llv_r_low_f16 LL_AT(llv_r_low_f16)
#define llv_r_high_f16 LL_AT(llv_r_high_f16)
#define llv_mask16 LL_AT(llv_mask16)
#define llv_mask8 LL_AT(llv_mask8)
#define llv_pow2_half LL_AT(llv_pow2_half)
#define llv_sum8 LL_AT(llv_sum8)
#define llv_hmax8 LL_AT(llv_hmax8)
#define llv_bf16_half LL_AT(llv_bf16_half)
#define llv_p_rows8 LL_AT(llv_p_rows8)
#define llv_p_dot_four LL_AT(llv_p_dot_four)
#define llv_z LL_AT(llv_z)
#define llv_z_load LL_AT(llv_z_load)
#define llv_z_load1 LL_AT(llv_z_load1)
#define llv_z_load2 LL_AT(llv_z_load2)
#define llv_z_load4 LL_AT(llv_z_load4)
#define llv_z_pairs8 LL_AT(llv_z_pairs8)
#define llv_z_pairs4 LL_AT(llv_z_pairs4)
#define llv_z_pairs2 LL_AT(llv_z_pairs2)
#define llv_z_pairs_of_words LL_AT(llv_z_pairs_of_words)
#define llv_z_pairs_of_halves LL_AT(llv_z_pairs_of_halves)
#define llv_z_pairs_of_uppers LL_AT(llv_z_pairs_of_uppers)
#define llv_z_halves_first LL_AT(llv_z_halves_first)
#define llv_z_all LL_AT(llv_z_all)
#define llv_z_all2 LL_AT(llv_z_all2)
#define llv_z_cut LL_AT(llv_z_cut)
#define llv_z_or LL_AT(llv_z_or)
#define llv_z_xor LL_AT(llv_z_xor)
#define llv_z_add LL_AT(llv_z_add)
#define llv_z_sub LL_AT(llv_z_sub)
#define llv_z_mul LL_AT(llv_z_mul)
#define llv_z_dot LL_AT(llv_z_dot)
#define llv_z_pick LL_AT(llv_z_pick)
#define llv_z_join LL_AT(llv_z_join)
#define llv_z_bytes LL_AT(llv_z_bytes)
#define llv_z_bytes2 LL_AT(llv_z_bytes2)
#define llv_z_words2 LL_AT(llv_z_words2)
#define llv_z_matrix LL_AT(llv_z_matrix)
#define llv_z_even LL_AT(llv_z_even)
#define llv_z_low4 LL_AT(llv_z_low4)
#define llv_z_high4 LL_AT(llv_z_high4)
#define llv_z_down4 LL_AT(llv_z_down4)
#define llv_z_even_quarters LL_AT(llv_z_even_quarters)
#define llv_z_odd_quarters LL_AT(llv_z_odd_quarters)
#define llv_z_words LL_AT(llv_z_words)
#define llv_z_dot_words LL_AT(llv_z_dot_words)
#define llv_z_quarters LL_AT(llv_z_quarters)
#define llv_z_f16 LL_AT(llv_z_f16)
#define llv_z_e8m0_half LL_AT(llv_z_e8m0_half)
#define llv_z_rows LL_AT(llv_z_rows)
#define llv_z_twice LL_AT(llv_z_twice)
#define llv_z_half_sum LL_AT(llv_z_half_sum)
#define llv_z_apart LL_AT(llv_z_apart)
#define llv_z_together LL_AT(llv_z_together)
#define ll_a8_group LL_AT(ll_a8_group)
#define ll_a8_ksum LL_AT(ll_a8_ksum)
#define llq_ksum16 LL_AT(llq_ksum16)
#define llq_ksum32 LL_AT(llq_ksum32)
#define ll_a8_quantize LL_AT(ll_a8_quantize)
#define ll_step LL_AT(ll_step)
#define ll_gemv LL_AT(ll_gemv)
#define ll_tile LL_AT(ll_tile)
#define ll_lanes LL_AT(ll_lanes)
#define ll_panel LL_AT(ll_panel)
#define ll_panel_prefetch LL_AT(ll_panel_prefetch)
#define ll_panel_scale_f LL_AT(ll_panel_scale_f)
#define ll_panel_scale_i LL_AT(ll_panel_scale_i)
#define ll_panel_bits LL_AT(ll_panel_bits)
#define ll_panel_field LL_AT(ll_panel_field)
#define ll_panel_mins LL_AT(ll_panel_mins)
#define ll_panel_f16 LL_AT(ll_panel_f16)
#define ll_panel_scaled_i LL_AT(ll_panel_scaled_i)
#define ll_tile_start LL_AT(ll_tile_start)
#define ll_tile_end LL_AT(ll_tile_end)
#define ll_tile_prefetch LL_AT(ll_tile_prefetch)
#define ll_tile32_of LL_AT(ll_tile32_of)
#define ll_tile256_end LL_AT(ll_tile256_end)
#define ll_tile256_of LL_AT(ll_tile256_of)
#define ll_tile32_bits LL_AT(ll_tile32_bits)
#define ll_tile256_bits LL_AT(ll_tile256_bits)
#define ll_tile32 LL_AT(ll_tile32)
#define ll_tile16 LL_AT(ll_tile16)
#define ll_tile256_32 LL_AT(ll_tile256_32)
#define ll_tile256_16 LL_AT(ll_tile256_16)
#define ll_panel_dot LL_AT(ll_panel_dot)
#define ll_kernels LL_AT(ll_kernels)
#define llq_inverse LL_AT(llq_inverse)
#define llq_dot LL_AT(llq_dot)
#define llq_max_abs LL_AT(llq_max_abs)
#define llq_rows LL_AT(llq_rows)
#define llq_a8 LL_AT(llq_a8)
#define llq_last LL_AT(llq_last)
#define llq_store LL_AT(llq_store)
#define llq_load_q LL_AT(llq_load_q)
#define llq_scales32 LL_AT(llq_scales32)
#define llq_pair32 LL_AT(llq_pair32)
#define llq_group32 LL_AT(llq_group32)
#define llq_short32 LL_AT(llq_short32)
#define llq_eights LL_AT(llq_eights)
#define llq_load_eights LL_AT(llq_load_eights)
#define llq_load_runs LL_AT(llq_load_runs)
#define llq_eights_sums LL_AT(llq_eights_sums)
#define llq_load_q16 LL_AT(llq_load_q16)
#define llq_sum2 LL_AT(llq_sum2)
#define llq_ksum LL_AT(llq_ksum)
#define llq_sum8 LL_AT(llq_sum8)
#define ll_open LL_AT(ll_open)
#define ll_opener LL_AT(ll_opener)
#define llq_lower LL_AT(llq_lower)
#define llq_upper LL_AT(llq_upper)
#define llq_grid_vector LL_AT(llq_grid_vector)
#define ll_panel_codes LL_AT(ll_panel_codes)
#define ll_panel_lower LL_AT(ll_panel_lower)
#define ll_panel_upper LL_AT(ll_panel_upper)
#define ll_panel_scales LL_AT(ll_panel_scales)
#define ll_panel_open LL_AT(ll_panel_open)
#define ll_few LL_AT(ll_few)
#define ll_few_rows LL_AT(ll_few_rows)
#define ll_few_group LL_AT(ll_few_group)
#define ll_few_dots LL_AT(ll_few_dots)
#define llq_k_scales LL_AT(llq_k_scales)
#define llq_k_pack_scales LL_AT(llq_k_pack_scales)
#define llq_k_load_scales LL_AT(llq_k_load_scales)
#define llq_k_panel_scales LL_AT(llq_k_panel_scales)
#define llq_nibbles_panel LL_AT(llq_nibbles_panel)
#define llq_lookup_panel LL_AT(llq_lookup_panel)
#define llq_lookup_eights LL_AT(llq_lookup_eights)
#define llq_quarter_runs LL_AT(llq_quarter_runs)
#define llq_q5_codes LL_AT(llq_q5_codes)
#define llq_q5_put LL_AT(llq_q5_put)
#define llq_q5_load2 LL_AT(llq_q5_load2)
#define llq_q5_panel LL_AT(llq_q5_panel)
#define llq_fp4_values LL_AT(llq_fp4_values)
#define llq_fp4_nearest LL_AT(llq_fp4_nearest)
#define llq_fp4_12 LL_AT(llq_fp4_12)
#define llq_fp4_lookup LL_AT(llq_fp4_lookup)
#define llq_twos_codes LL_AT(llq_twos_codes)
#define llq_twos_pack LL_AT(llq_twos_pack)
#define llq_twos_load LL_AT(llq_twos_load)
#define llq_quarters_run LL_AT(llq_quarters_run)
#define llq_twos_panel LL_AT(llq_twos_panel)
#define llq_nl LL_AT(llq_nl)
#define llq_nl_128 LL_AT(llq_nl_128)
#define llq_nl_table LL_AT(llq_nl_table)
#define llq_row8 LL_AT(llq_row8)
#define llq_row4 LL_AT(llq_row4)
#define llq_even_signs LL_AT(llq_even_signs)
#define llq_grid8_load LL_AT(llq_grid8_load)
#define llq_grid4_load LL_AT(llq_grid4_load)
#define llq_even_signs_of LL_AT(llq_even_signs_of)
#define llq_sevens LL_AT(llq_sevens)
#define llq_odd_scales LL_AT(llq_odd_scales)
#define llq_nibble_scales LL_AT(llq_nibble_scales)
#define llq_nibble_scales16 LL_AT(llq_nibble_scales16)
#define llq_store_index LL_AT(llq_store_index)
#define llq_cut LL_AT(llq_cut)
#define llq_cut_odd LL_AT(llq_cut_odd)
#define llq_cut_scale LL_AT(llq_cut_scale)
#define llq_cut_even LL_AT(llq_cut_even)
#define llq_iq1_grid LL_AT(llq_iq1_grid)
#define llq_iq1_store_shift LL_AT(llq_iq1_store_shift)
#define llq_iq1_spread LL_AT(llq_iq1_spread)
#define llq_iq1_store_index LL_AT(llq_iq1_store_index)
#define llq_f32_get LL_AT(llq_f32_get)
#define llq_f32_put LL_AT(llq_f32_put)
#define llq_f32_load LL_AT(llq_f32_load)
#define llq_f32_dequantize LL_AT(llq_f32_dequantize)
#define llq_f32_quantize LL_AT(llq_f32_quantize)
#define llq_f32_dot LL_AT(llq_f32_dot)
#define llq_f32_gemv_of LL_AT(llq_f32_gemv_of)
#define llq_f32_gemv LL_AT(llq_f32_gemv)
#define llq_f16_get LL_AT(llq_f16_get)
#define llq_f16_put LL_AT(llq_f16_put)
#define llq_f16_load LL_AT(llq_f16_load)
#define llq_f16_dequantize LL_AT(llq_f16_dequantize)
#define llq_f16_quantize LL_AT(llq_f16_quantize)
#define llq_f16_dot LL_AT(llq_f16_dot)
#define llq_f16_gemv_of LL_AT(llq_f16_gemv_of)
#define llq_f16_gemv LL_AT(llq_f16_gemv)
#define llq_bf16_get LL_AT(llq_bf16_get)
#define llq_bf16_put LL_AT(llq_bf16_put)
#define llq_bf16_load LL_AT(llq_bf16_load)
#define llq_bf16_dequantize LL_AT(llq_bf16_dequantize)
#define llq_bf16_quantize LL_AT(llq_bf16_quantize)
#define llq_bf16_dot LL_AT(llq_bf16_dot)
#define llq_bf16_gemv_of LL_AT(llq_bf16_gemv_of)
#define llq_bf16_gemv LL_AT(llq_bf16_gemv)
#define llq_q8_0 LL_AT(llq_q8_0)
#define llq_q8_0_scale LL_AT(llq_q8_0_scale)
#define llq_q8_0_codes LL_AT(llq_q8_0_codes)
#define llq_q8_0_pack LL_AT(llq_q8_0_pack)
#define llq_q8_0_load2 LL_AT(llq_q8_0_load2)
#define llq_q8_0_panel LL_AT(llq_q8_0_panel)
#define llq_q8_0_dequantize LL_AT(llq_q8_0_dequantize)
#define llq_q8_0_quantize LL_AT(llq_q8_0_quantize)
#define llq_q8_0_dot LL_AT(llq_q8_0_dot)
#define llq_q8_0_load_scale32 LL_AT(llq_q8_0_load_scale32)
#define llq_q8_0_dot2 LL_AT(llq_q8_0_dot2)
#define llq_q8_0_short LL_AT(llq_q8_0_short)
#define llq_q8_0_group LL_AT(llq_q8_0_group)
#define llq_q8_0_gemv LL_AT(llq_q8_0_gemv)
#define llq_q8_0_panel_scale LL_AT(llq_q8_0_panel_scale)
#define llq_q8_0_unpack LL_AT(llq_q8_0_unpack)
#define llq_q8_0_tile LL_AT(llq_q8_0_tile)
#define llq_q8_0_few LL_AT(llq_q8_0_few)
#define llq_q4_0 LL_AT(llq_q4_0)
#define llq_q4_0_scale LL_AT(llq_q4_0_scale)
#define llq_q4_0_codes LL_AT(llq_q4_0_codes)
#define llq_q4_0_pack LL_AT(llq_q4_0_pack)
#define llq_q4_0_load2 LL_AT(llq_q4_0_load2)
#define llq_q4_0_eights LL_AT(llq_q4_0_eights)
#define llq_q4_0_panel LL_AT(llq_q4_0_panel)
#define llq_q4_0_dequantize LL_AT(llq_q4_0_dequantize)
#define llq_q4_0_quantize LL_AT(llq_q4_0_quantize)
#define llq_q4_0_dot LL_AT(llq_q4_0_dot)
#define llq_q4_0_load_scale32 LL_AT(llq_q4_0_load_scale32)
#define llq_q4_0_dot2 LL_AT(llq_q4_0_dot2)
#define llq_q4_0_short LL_AT(llq_q4_0_short)
#define llq_q4_0_group LL_AT(llq_q4_0_group)
#define llq_q4_0_gemv LL_AT(llq_q4_0_gemv)
#define llq_q4_0_panel_scale LL_AT(llq_q4_0_panel_scale)
#define llq_q4_0_unpack LL_AT(llq_q4_0_unpack)
#define llq_q4_0_tile LL_AT(llq_q4_0_tile)
#define llq_q4_0_few LL_AT(llq_q4_0_few)
#define llq_q4_1 LL_AT(llq_q4_1)
#define llq_q4_1_scale LL_AT(llq_q4_1_scale)
#define llq_q4_1_min LL_AT(llq_q4_1_min)
#define llq_q4_1_codes LL_AT(llq_q4_1_codes)
#define llq_q4_1_pack LL_AT(llq_q4_1_pack)
#define llq_q4_1_load2 LL_AT(llq_q4_1_load2)
#define llq_q4_1_panel LL_AT(llq_q4_1_panel)
#define llq_q4_1_dequantize LL_AT(llq_q4_1_dequantize)
#define llq_q4_1_quantize LL_AT(llq_q4_1_quantize)
#define llq_q4_1_dot LL_AT(llq_q4_1_dot)
#define llq_q4_1_load_scale32 LL_AT(llq_q4_1_load_scale32)
#define llq_q4_1_dot2 LL_AT(llq_q4_1_dot2)
#define llq_q4_1_short LL_AT(llq_q4_1_short)
#define llq_q4_1_group LL_AT(llq_q4_1_group)
#define llq_q4_1_gemv LL_AT(llq_q4_1_gemv)
#define llq_q4_1_panel_scale LL_AT(llq_q4_1_panel_scale)
#define llq_q4_1_unpack LL_AT(llq_q4_1_unpack)
#define llq_q4_1_tile LL_AT(llq_q4_1_tile)
#define llq_q4_1_few LL_AT(llq_q4_1_few)
#define llq_q5_0 LL_AT(llq_q5_0)
#define llq_q5_0_scale LL_AT(llq_q5_0_scale)
#define llq_q5_0_codes LL_AT(llq_q5_0_codes)
#define llq_q5_0_pack LL_AT(llq_q5_0_pack)
#define llq_q5_0_load2 LL_AT(llq_q5_0_load2)
#define llq_q5_0_panel LL_AT(llq_q5_0_panel)
#define llq_q5_0_dequantize LL_AT(llq_q5_0_dequantize)
#define llq_q5_0_quantize LL_AT(llq_q5_0_quantize)
#define llq_q5_0_dot LL_AT(llq_q5_0_dot)
#define llq_q5_0_load_scale32 LL_AT(llq_q5_0_load_scale32)
#define llq_q5_0_dot2 LL_AT(llq_q5_0_dot2)
#define llq_q5_0_short LL_AT(llq_q5_0_short)
#define llq_q5_0_group LL_AT(llq_q5_0_group)
#define llq_q5_0_gemv LL_AT(llq_q5_0_gemv)
#define llq_q5_0_panel_scale LL_AT(llq_q5_0_panel_scale)
#define llq_q5_0_unpack LL_AT(llq_q5_0_unpack)
#define llq_q5_0_tile LL_AT(llq_q5_0_tile)
#define llq_q5_1 LL_AT(llq_q5_1)
#define llq_q5_1_scale LL_AT(llq_q5_1_scale)
#define llq_q5_1_min LL_AT(llq_q5_1_min)
#define llq_q5_1_codes LL_AT(llq_q5_1_codes)
#define llq_q5_1_pack LL_AT(llq_q5_1_pack)
#define llq_q5_1_load2 LL_AT(llq_q5_1_load2)
#define llq_q5_1_panel LL_AT(llq_q5_1_panel)
#define llq_q5_1_dequantize LL_AT(llq_q5_1_dequantize)
#define llq_q5_1_quantize LL_AT(llq_q5_1_quantize)
#define llq_q5_1_dot LL_AT(llq_q5_1_dot)
#define llq_q5_1_load_scale32 LL_AT(llq_q5_1_load_scale32)
#define llq_q5_1_dot2 LL_AT(llq_q5_1_dot2)
#define llq_q5_1_short LL_AT(llq_q5_1_short)
#define llq_q5_1_group LL_AT(llq_q5_1_group)
#define llq_q5_1_gemv LL_AT(llq_q5_1_gemv)
#define llq_q5_1_panel_scale LL_AT(llq_q5_1_panel_scale)
#define llq_q5_1_unpack LL_AT(llq_q5_1_unpack)
#define llq_q5_1_tile LL_AT(llq_q5_1_tile)
#define llq_iq4_nl LL_AT(llq_iq4_nl)
#define llq_iq4_nl_scale LL_AT(llq_iq4_nl_scale)
#define llq_iq4_nl_codes LL_AT(llq_iq4_nl_codes)
#define llq_iq4_nl_pack LL_AT(llq_iq4_nl_pack)
#define llq_iq4_nl_load2 LL_AT(llq_iq4_nl_load2)
#define llq_iq4_nl_eights LL_AT(llq_iq4_nl_eights)
#define llq_iq4_nl_panel LL_AT(llq_iq4_nl_panel)
#define llq_iq4_nl_dequantize LL_AT(llq_iq4_nl_dequantize)
#define llq_iq4_nl_quantize LL_AT(llq_iq4_nl_quantize)
#define llq_iq4_nl_dot LL_AT(llq_iq4_nl_dot)
#define llq_iq4_nl_load_scale32 LL_AT(llq_iq4_nl_load_scale32)
#define llq_iq4_nl_dot2 LL_AT(llq_iq4_nl_dot2)
#define llq_iq4_nl_short LL_AT(llq_iq4_nl_short)
#define llq_iq4_nl_group LL_AT(llq_iq4_nl_group)
#define llq_iq4_nl_gemv LL_AT(llq_iq4_nl_gemv)
#define llq_iq4_nl_panel_scale LL_AT(llq_iq4_nl_panel_scale)
#define llq_iq4_nl_unpack LL_AT(llq_iq4_nl_unpack)
#define llq_iq4_nl_tile LL_AT(llq_iq4_nl_tile)
#define llq_iq4_nl_few LL_AT(llq_iq4_nl_few)
#define llq_mxfp4 LL_AT(llq_mxfp4)
#define llq_mxfp4_scale LL_AT(llq_mxfp4_scale)
#define llq_mxfp4_codes LL_AT(llq_mxfp4_codes)
#define llq_mxfp4_pack LL_AT(llq_mxfp4_pack)
#define llq_mxfp4_load_scale LL_AT(llq_mxfp4_load_scale)
#define llq_mxfp4_load2 LL_AT(llq_mxfp4_load2)
#define llq_mxfp4_eights LL_AT(llq_mxfp4_eights)
#define llq_mxfp4_panel LL_AT(llq_mxfp4_panel)
#define llq_mxfp4_dequantize LL_AT(llq_mxfp4_dequantize)
#define llq_mxfp4_quantize LL_AT(llq_mxfp4_quantize)
#define llq_mxfp4_dot LL_AT(llq_mxfp4_dot)
#define llq_mxfp4_load_scale32 LL_AT(llq_mxfp4_load_scale32)
#define llq_mxfp4_dot2 LL_AT(llq_mxfp4_dot2)
#define llq_mxfp4_short LL_AT(llq_mxfp4_short)
#define llq_mxfp4_group LL_AT(llq_mxfp4_group)
#define llq_mxfp4_gemv LL_AT(llq_mxfp4_gemv)
#define llq_mxfp4_panel_scale LL_AT(llq_mxfp4_panel_scale)
#define llq_mxfp4_unpack LL_AT(llq_mxfp4_unpack)
#define llq_mxfp4_tile LL_AT(llq_mxfp4_tile)
#define llq_mxfp4_few LL_AT(llq_mxfp4_few)
#define llq_nvfp4 LL_AT(llq_nvfp4)
#define llq_nvfp4_scale LL_AT(llq_nvfp4_scale)
#define llq_nvfp4_codes LL_AT(llq_nvfp4_codes)
#define llq_nvfp4_pack LL_AT(llq_nvfp4_pack)
#define llq_nvfp4_load LL_AT(llq_nvfp4_load)
#define llq_nvfp4_dequantize LL_AT(llq_nvfp4_dequantize)
#define llq_nvfp4_quantize LL_AT(llq_nvfp4_quantize)
#define llq_nvfp4_dot LL_AT(llq_nvfp4_dot)
#define llq_nvfp4_gemv LL_AT(llq_nvfp4_gemv)
#define llq_nvfp4_unpack LL_AT(llq_nvfp4_unpack)
#define llq_nvfp4_tile LL_AT(llq_nvfp4_tile)
#define llq_q1_0 LL_AT(llq_q1_0)
#define llq_q1_0_scale LL_AT(llq_q1_0_scale)
#define llq_q1_0_codes LL_AT(llq_q1_0_codes)
#define llq_q1_0_pack LL_AT(llq_q1_0_pack)
#define llq_q1_0_load2 LL_AT(llq_q1_0_load2)
#define llq_q1_0_dequantize LL_AT(llq_q1_0_dequantize)
#define llq_q1_0_quantize LL_AT(llq_q1_0_quantize)
#define llq_q1_0_dot LL_AT(llq_q1_0_dot)
#define llq_q1_0_load_scale32 LL_AT(llq_q1_0_load_scale32)
#define llq_q1_0_dot2 LL_AT(llq_q1_0_dot2)
#define llq_q1_0_short LL_AT(llq_q1_0_short)
#define llq_q1_0_group LL_AT(llq_q1_0_group)
#define llq_q1_0_gemv LL_AT(llq_q1_0_gemv)
#define llq_q1_0_unpack LL_AT(llq_q1_0_unpack)
#define llq_q1_0_tile LL_AT(llq_q1_0_tile)
#define llq_q2_0 LL_AT(llq_q2_0)
#define llq_q2_0_scale LL_AT(llq_q2_0_scale)
#define llq_q2_0_codes LL_AT(llq_q2_0_codes)
#define llq_q2_0_pack LL_AT(llq_q2_0_pack)
#define llq_q2_0_load2 LL_AT(llq_q2_0_load2)
#define llq_q2_0_dequantize LL_AT(llq_q2_0_dequantize)
#define llq_q2_0_quantize LL_AT(llq_q2_0_quantize)
#define llq_q2_0_dot LL_AT(llq_q2_0_dot)
#define llq_q2_0_load_scale32 LL_AT(llq_q2_0_load_scale32)
#define llq_q2_0_dot2 LL_AT(llq_q2_0_dot2)
#define llq_q2_0_short LL_AT(llq_q2_0_short)
#define llq_q2_0_group LL_AT(llq_q2_0_group)
#define llq_q2_0_gemv LL_AT(llq_q2_0_gemv)
#define llq_q2_0_unpack LL_AT(llq_q2_0_unpack)
#define llq_q2_0_tile LL_AT(llq_q2_0_tile)
#define llq_q2_k LL_AT(llq_q2_k)
#define llq_q2_k_scale LL_AT(llq_q2_k_scale)
#define llq_q2_k_min LL_AT(llq_q2_k_min)
#define llq_q2_k_scales LL_AT(llq_q2_k_scales)
#define llq_q2_k_codes LL_AT(llq_q2_k_codes)
#define llq_q2_k_pack LL_AT(llq_q2_k_pack)
#define llq_q2_k_load_scales LL_AT(llq_q2_k_load_scales)
#define llq_q2_k_load LL_AT(llq_q2_k_load)
#define llq_q2_k_panel LL_AT(llq_q2_k_panel)
#define llq_q2_k_run LL_AT(llq_q2_k_run)
#define llq_q2_k_panel_scales LL_AT(llq_q2_k_panel_scales)
#define llq_q2_k_dequantize LL_AT(llq_q2_k_dequantize)
#define llq_q2_k_quantize LL_AT(llq_q2_k_quantize)
#define llq_q2_k_dot LL_AT(llq_q2_k_dot)
#define llq_q2_k_gemv LL_AT(llq_q2_k_gemv)
#define llq_q2_k_each32 LL_AT(llq_q2_k_each32)
#define llq_q2_k_mins LL_AT(llq_q2_k_mins)
#define llq_q2_k_unpack LL_AT(llq_q2_k_unpack)
#define llq_q2_k_tile LL_AT(llq_q2_k_tile)
#define llq_q3_k LL_AT(llq_q3_k)
#define llq_q3_k_scale LL_AT(llq_q3_k_scale)
#define llq_q3_k_scales LL_AT(llq_q3_k_scales)
#define llq_q3_k_codes LL_AT(llq_q3_k_codes)
#define llq_q3_k_pack LL_AT(llq_q3_k_pack)
#define llq_q3_k_load_scales LL_AT(llq_q3_k_load_scales)
#define llq_q3_k_load LL_AT(llq_q3_k_load)
#define llq_q3_k_panel LL_AT(llq_q3_k_panel)
#define llq_q3_k_run LL_AT(llq_q3_k_run)
#define llq_q3_k_panel_scales LL_AT(llq_q3_k_panel_scales)
#define llq_q3_k_dequantize LL_AT(llq_q3_k_dequantize)
#define llq_q3_k_quantize LL_AT(llq_q3_k_quantize)
#define llq_q3_k_dot LL_AT(llq_q3_k_dot)
#define llq_q3_k_gemv LL_AT(llq_q3_k_gemv)
#define llq_q3_k_each32 LL_AT(llq_q3_k_each32)
#define llq_q3_k_mins LL_AT(llq_q3_k_mins)
#define llq_q3_k_unpack LL_AT(llq_q3_k_unpack)
#define llq_q3_k_tile LL_AT(llq_q3_k_tile)
#define llq_q4_k LL_AT(llq_q4_k)
#define llq_q4_k_scale LL_AT(llq_q4_k_scale)
#define llq_q4_k_min LL_AT(llq_q4_k_min)
#define llq_q4_k_scales LL_AT(llq_q4_k_scales)
#define llq_q4_k_codes LL_AT(llq_q4_k_codes)
#define llq_q4_k_pack LL_AT(llq_q4_k_pack)
#define llq_q4_k_load_scales LL_AT(llq_q4_k_load_scales)
#define llq_q4_k_load LL_AT(llq_q4_k_load)
#define llq_q4_k_runs LL_AT(llq_q4_k_runs)
#define llq_q4_k_panel LL_AT(llq_q4_k_panel)
#define llq_q4_k_run LL_AT(llq_q4_k_run)
#define llq_q4_k_panel_scales LL_AT(llq_q4_k_panel_scales)
#define llq_q4_k_dequantize LL_AT(llq_q4_k_dequantize)
#define llq_q4_k_quantize LL_AT(llq_q4_k_quantize)
#define llq_q4_k_dot LL_AT(llq_q4_k_dot)
#define llq_q4_k_gemv LL_AT(llq_q4_k_gemv)
#define llq_q4_k_each32 LL_AT(llq_q4_k_each32)
#define llq_q4_k_mins LL_AT(llq_q4_k_mins)
#define llq_q4_k_unpack LL_AT(llq_q4_k_unpack)
#define llq_q4_k_tile LL_AT(llq_q4_k_tile)
#define llq_q4_k_few LL_AT(llq_q4_k_few)
#define llq_q5_k LL_AT(llq_q5_k)
#define llq_q5_k_scale LL_AT(llq_q5_k_scale)
#define llq_q5_k_min LL_AT(llq_q5_k_min)
#define llq_q5_k_scales LL_AT(llq_q5_k_scales)
#define llq_q5_k_codes LL_AT(llq_q5_k_codes)
#define llq_q5_k_pack LL_AT(llq_q5_k_pack)
#define llq_q5_k_load_scales LL_AT(llq_q5_k_load_scales)
#define llq_q5_k_load LL_AT(llq_q5_k_load)
#define llq_q5_k_runs LL_AT(llq_q5_k_runs)
#define llq_q5_k_panel LL_AT(llq_q5_k_panel)
#define llq_q5_k_run LL_AT(llq_q5_k_run)
#define llq_q5_k_panel_scales LL_AT(llq_q5_k_panel_scales)
#define llq_q5_k_dequantize LL_AT(llq_q5_k_dequantize)
#define llq_q5_k_quantize LL_AT(llq_q5_k_quantize)
#define llq_q5_k_dot LL_AT(llq_q5_k_dot)
#define llq_q5_k_gemv LL_AT(llq_q5_k_gemv)
#define llq_q5_k_each32 LL_AT(llq_q5_k_each32)
#define llq_q5_k_mins LL_AT(llq_q5_k_mins)
#define llq_q5_k_unpack LL_AT(llq_q5_k_unpack)
#define llq_q5_k_tile LL_AT(llq_q5_k_tile)
#define llq_q5_k_few LL_AT(llq_q5_k_few)
#define llq_q6_k LL_AT(llq_q6_k)
#define llq_q6_k_scale LL_AT(llq_q6_k_scale)
#define llq_q6_k_scales LL_AT(llq_q6_k_scales)
#define llq_q6_k_codes LL_AT(llq_q6_k_codes)
#define llq_q6_k_pack LL_AT(llq_q6_k_pack)
#define llq_q6_k_load_scales LL_AT(llq_q6_k_load_scales)
#define llq_q6_k_load LL_AT(llq_q6_k_load)
#define llq_q6_k_panel LL_AT(llq_q6_k_panel)
#define llq_q6_k_run LL_AT(llq_q6_k_run)
#define llq_q6_k_panel_scales LL_AT(llq_q6_k_panel_scales)
#define llq_q6_k_dequantize LL_AT(llq_q6_k_dequantize)
#define llq_q6_k_quantize LL_AT(llq_q6_k_quantize)
#define llq_q6_k_dot LL_AT(llq_q6_k_dot)
#define llq_q6_k_gemv LL_AT(llq_q6_k_gemv)
#define llq_q6_k_each32 LL_AT(llq_q6_k_each32)
#define llq_q6_k_mins LL_AT(llq_q6_k_mins)
#define llq_q6_k_unpack LL_AT(llq_q6_k_unpack)
#define llq_q6_k_tile LL_AT(llq_q6_k_tile)
#define llq_q6_k_few LL_AT(llq_q6_k_few)
#define llq_iq4_xs LL_AT(llq_iq4_xs)
#define llq_iq4_xs_scale LL_AT(llq_iq4_xs_scale)
#define llq_iq4_xs_scales LL_AT(llq_iq4_xs_scales)
#define llq_iq4_xs_codes LL_AT(llq_iq4_xs_codes)
#define llq_iq4_xs_pack LL_AT(llq_iq4_xs_pack)
#define llq_iq4_xs_load_scales LL_AT(llq_iq4_xs_load_scales)
#define llq_iq4_xs_load2 LL_AT(llq_iq4_xs_load2)
#define llq_iq4_xs_panel LL_AT(llq_iq4_xs_panel)
#define llq_iq4_xs_run LL_AT(llq_iq4_xs_run)
#define llq_iq4_xs_panel_scales LL_AT(llq_iq4_xs_panel_scales)
#define llq_iq4_xs_dequantize LL_AT(llq_iq4_xs_dequantize)
#define llq_iq4_xs_quantize LL_AT(llq_iq4_xs_quantize)
#define llq_iq4_xs_dot LL_AT(llq_iq4_xs_dot)
#define llq_iq4_xs_gemv LL_AT(llq_iq4_xs_gemv)
#define llq_iq4_xs_each32 LL_AT(llq_iq4_xs_each32)
#define llq_iq4_xs_mins LL_AT(llq_iq4_xs_mins)
#define llq_iq4_xs_unpack LL_AT(llq_iq4_xs_unpack)
#define llq_iq4_xs_tile LL_AT(llq_iq4_xs_tile)
#define llq_iq4_xs_few LL_AT(llq_iq4_xs_few)
#define llq_tq1_0 LL_AT(llq_tq1_0)
#define llq_tq1_0_scale LL_AT(llq_tq1_0_scale)
#define llq_tq1_0_digits LL_AT(llq_tq1_0_digits)
#define llq_tq1_0_bytes LL_AT(llq_tq1_0_bytes)
#define llq_tq1_0_codes LL_AT(llq_tq1_0_codes)
#define llq_tq1_0_pack LL_AT(llq_tq1_0_pack)
#define llq_tq1_0_times3 LL_AT(llq_tq1_0_times3)
#define llq_tq1_0_load LL_AT(llq_tq1_0_load)
#define llq_tq1_0_scales LL_AT(llq_tq1_0_scales)
#define llq_tq1_0_dequantize LL_AT(llq_tq1_0_dequantize)
#define llq_tq1_0_quantize LL_AT(llq_tq1_0_quantize)
#define llq_tq1_0_dot LL_AT(llq_tq1_0_dot)
#define llq_tq1_0_open LL_AT(llq_tq1_0_open)
#define llq_tq1_0_gemv LL_AT(llq_tq1_0_gemv)
#define llq_tq1_0_each32 LL_AT(llq_tq1_0_each32)
#define llq_tq1_0_mins LL_AT(llq_tq1_0_mins)
#define llq_tq1_0_unpack LL_AT(llq_tq1_0_unpack)
#define llq_tq1_0_tile LL_AT(llq_tq1_0_tile)
#define llq_tq2_0 LL_AT(llq_tq2_0)
#define llq_tq2_0_scale LL_AT(llq_tq2_0_scale)
#define llq_tq2_0_codes LL_AT(llq_tq2_0_codes)
#define llq_tq2_0_pack LL_AT(llq_tq2_0_pack)
#define llq_tq2_0_load LL_AT(llq_tq2_0_load)
#define llq_tq2_0_panel LL_AT(llq_tq2_0_panel)
#define llq_tq2_0_run LL_AT(llq_tq2_0_run)
#define llq_tq2_0_panel_scales LL_AT(llq_tq2_0_panel_scales)
#define llq_tq2_0_scales LL_AT(llq_tq2_0_scales)
#define llq_tq2_0_dequantize LL_AT(llq_tq2_0_dequantize)
#define llq_tq2_0_quantize LL_AT(llq_tq2_0_quantize)
#define llq_tq2_0_dot LL_AT(llq_tq2_0_dot)
#define llq_tq2_0_gemv LL_AT(llq_tq2_0_gemv)
#define llq_tq2_0_each32 LL_AT(llq_tq2_0_each32)
#define llq_tq2_0_mins LL_AT(llq_tq2_0_mins)
#define llq_tq2_0_unpack LL_AT(llq_tq2_0_unpack)
#define llq_tq2_0_tile LL_AT(llq_tq2_0_tile)
#define llq_iq2_xxs LL_AT(llq_iq2_xxs)
#define llq_iq2_xxs_n_rows LL_AT(llq_iq2_xxs_n_rows)
#define llq_iq2_xxs_grid LL_AT(llq_iq2_xxs_grid)
#define llq_iq2_xxs_d LL_AT(llq_iq2_xxs_d)
#define llq_iq2_xxs_unit LL_AT(llq_iq2_xxs_unit)
#define llq_iq2_xxs_scales LL_AT(llq_iq2_xxs_scales)
#define llq_iq2_xxs_signs LL_AT(llq_iq2_xxs_signs)
#define llq_iq2_xxs_rows LL_AT(llq_iq2_xxs_rows)
#define llq_iq2_xxs_load_signs LL_AT(llq_iq2_xxs_load_signs)
#define llq_iq2_xxs_load_scales LL_AT(llq_iq2_xxs_load_scales)
#define llq_iq2_xxs_index LL_AT(llq_iq2_xxs_index)
#define llq_iq2_xxs_cut LL_AT(llq_iq2_xxs_cut)
#define llq_iq2_xxs_scale LL_AT(llq_iq2_xxs_scale)
#define llq_iq2_xxs_codes LL_AT(llq_iq2_xxs_codes)
#define llq_iq2_xxs_look LL_AT(llq_iq2_xxs_look)
#define llq_iq2_xxs_vecs LL_AT(llq_iq2_xxs_vecs)
#define llq_iq2_xxs_rows2 LL_AT(llq_iq2_xxs_rows2)
#define llq_iq2_xxs_open LL_AT(llq_iq2_xxs_open)
#define llq_iq2_xxs_gemv LL_AT(llq_iq2_xxs_gemv)
#define llq_iq2_xxs_parts LL_AT(llq_iq2_xxs_parts)
#define llq_iq2_xxs_load_parts LL_AT(llq_iq2_xxs_load_parts)
#define llq_iq2_xxs_load LL_AT(llq_iq2_xxs_load)
#define llq_iq2_xxs_dequantize LL_AT(llq_iq2_xxs_dequantize)
#define llq_iq2_xxs_dot LL_AT(llq_iq2_xxs_dot)
#define llq_iq2_xxs_each32 LL_AT(llq_iq2_xxs_each32)
#define llq_iq2_xxs_mins LL_AT(llq_iq2_xxs_mins)
#define llq_iq2_xxs_unpack LL_AT(llq_iq2_xxs_unpack)
#define llq_iq2_xxs_tile LL_AT(llq_iq2_xxs_tile)
#define llq_iq2_xs LL_AT(llq_iq2_xs)
#define llq_iq2_xs_n_rows LL_AT(llq_iq2_xs_n_rows)
#define llq_iq2_xs_grid LL_AT(llq_iq2_xs_grid)
#define llq_iq2_xs_d LL_AT(llq_iq2_xs_d)
#define llq_iq2_xs_unit LL_AT(llq_iq2_xs_unit)
#define llq_iq2_xs_scales LL_AT(llq_iq2_xs_scales)
#define llq_iq2_xs_signs LL_AT(llq_iq2_xs_signs)
#define llq_iq2_xs_rows LL_AT(llq_iq2_xs_rows)
#define llq_iq2_xs_load_signs LL_AT(llq_iq2_xs_load_signs)
#define llq_iq2_xs_load_scales LL_AT(llq_iq2_xs_load_scales)
#define llq_iq2_xs_index LL_AT(llq_iq2_xs_index)
#define llq_iq2_xs_cut LL_AT(llq_iq2_xs_cut)
#define llq_iq2_xs_scale LL_AT(llq_iq2_xs_scale)
#define llq_iq2_xs_codes LL_AT(llq_iq2_xs_codes)
#define llq_iq2_xs_look LL_AT(llq_iq2_xs_look)
#define llq_iq2_xs_vecs LL_AT(llq_iq2_xs_vecs)
#define llq_iq2_xs_rows2 LL_AT(llq_iq2_xs_rows2)
#define llq_iq2_xs_open LL_AT(llq_iq2_xs_open)
#define llq_iq2_xs_gemv LL_AT(llq_iq2_xs_gemv)
#define llq_iq2_xs_parts LL_AT(llq_iq2_xs_parts)
#define llq_iq2_xs_load_parts LL_AT(llq_iq2_xs_load_parts)
#define llq_iq2_xs_load LL_AT(llq_iq2_xs_load)
#define llq_iq2_xs_dequantize LL_AT(llq_iq2_xs_dequantize)
#define llq_iq2_xs_dot LL_AT(llq_iq2_xs_dot)
#define llq_iq2_xs_each32 LL_AT(llq_iq2_xs_each32)
#define llq_iq2_xs_mins LL_AT(llq_iq2_xs_mins)
#define llq_iq2_xs_unpack LL_AT(llq_iq2_xs_unpack)
#define llq_iq2_xs_tile LL_AT(llq_iq2_xs_tile)
#define llq_iq2_s LL_AT(llq_iq2_s)
#define llq_iq2_s_n_rows LL_AT(llq_iq2_s_n_rows)
#define llq_iq2_s_grid LL_AT(llq_iq2_s_grid)
#define llq_iq2_s_d LL_AT(llq_iq2_s_d)
#define llq_iq2_s_unit LL_AT(llq_iq2_s_unit)
#define llq_iq2_s_scales LL_AT(llq_iq2_s_scales)
#define llq_iq2_s_signs LL_AT(llq_iq2_s_signs)
#define llq_iq2_s_rows LL_AT(llq_iq2_s_rows)
#define llq_iq2_s_load_signs LL_AT(llq_iq2_s_load_signs)
#define llq_iq2_s_load_scales LL_AT(llq_iq2_s_load_scales)
#define llq_iq2_s_index LL_AT(llq_iq2_s_index)
#define llq_iq2_s_cut LL_AT(llq_iq2_s_cut)
#define llq_iq2_s_scale LL_AT(llq_iq2_s_scale)
#define llq_iq2_s_codes LL_AT(llq_iq2_s_codes)
#define llq_iq2_s_look LL_AT(llq_iq2_s_look)
#define llq_iq2_s_vecs LL_AT(llq_iq2_s_vecs)
#define llq_iq2_s_rows2 LL_AT(llq_iq2_s_rows2)
#define llq_iq2_s_open LL_AT(llq_iq2_s_open)
#define llq_iq2_s_gemv LL_AT(llq_iq2_s_gemv)
#define llq_iq2_s_parts LL_AT(llq_iq2_s_parts)
#define llq_iq2_s_load_parts LL_AT(llq_iq2_s_load_parts)
#define llq_iq2_s_load LL_AT(llq_iq2_s_load)
#define llq_iq2_s_dequantize LL_AT(llq_iq2_s_dequantize)
#define llq_iq2_s_dot LL_AT(llq_iq2_s_dot)
#define llq_iq2_s_each32 LL_AT(llq_iq2_s_each32)
#define llq_iq2_s_mins LL_AT(llq_iq2_s_mins)
#define llq_iq2_s_unpack LL_AT(llq_iq2_s_unpack)
#define llq_iq2_s_tile LL_AT(llq_iq2_s_tile)
#define llq_iq3_xxs LL_AT(llq_iq3_xxs)
#define llq_iq3_xxs_n_rows LL_AT(llq_iq3_xxs_n_rows)
#define llq_iq3_xxs_grid LL_AT(llq_iq3_xxs_grid)
#define llq_iq3_xxs_d LL_AT(llq_iq3_xxs_d)
#define llq_iq3_xxs_unit LL_AT(llq_iq3_xxs_unit)
#define llq_iq3_xxs_scales LL_AT(llq_iq3_xxs_scales)
#define llq_iq3_xxs_signs LL_AT(llq_iq3_xxs_signs)
#define llq_iq3_xxs_rows LL_AT(llq_iq3_xxs_rows)
#define llq_iq3_xxs_load_signs LL_AT(llq_iq3_xxs_load_signs)
#define llq_iq3_xxs_load_scales LL_AT(llq_iq3_xxs_load_scales)
#define llq_iq3_xxs_index LL_AT(llq_iq3_xxs_index)
#define llq_iq3_xxs_cut LL_AT(llq_iq3_xxs_cut)
#define llq_iq3_xxs_scale LL_AT(llq_iq3_xxs_scale)
#define llq_iq3_xxs_codes LL_AT(llq_iq3_xxs_codes)
#define llq_iq3_xxs_look LL_AT(llq_iq3_xxs_look)
#define llq_iq3_xxs_vecs LL_AT(llq_iq3_xxs_vecs)
#define llq_iq3_xxs_rows2 LL_AT(llq_iq3_xxs_rows2)
#define llq_iq3_xxs_open LL_AT(llq_iq3_xxs_open)
#define llq_iq3_xxs_gemv LL_AT(llq_iq3_xxs_gemv)
#define llq_iq3_xxs_parts LL_AT(llq_iq3_xxs_parts)
#define llq_iq3_xxs_load_parts LL_AT(llq_iq3_xxs_load_parts)
#define llq_iq3_xxs_load LL_AT(llq_iq3_xxs_load)
#define llq_iq3_xxs_dequantize LL_AT(llq_iq3_xxs_dequantize)
#define llq_iq3_xxs_dot LL_AT(llq_iq3_xxs_dot)
#define llq_iq3_xxs_each32 LL_AT(llq_iq3_xxs_each32)
#define llq_iq3_xxs_mins LL_AT(llq_iq3_xxs_mins)
#define llq_iq3_xxs_unpack LL_AT(llq_iq3_xxs_unpack)
#define llq_iq3_xxs_tile LL_AT(llq_iq3_xxs_tile)
#define llq_iq3_s LL_AT(llq_iq3_s)
#define llq_iq3_s_n_rows LL_AT(llq_iq3_s_n_rows)
#define llq_iq3_s_grid LL_AT(llq_iq3_s_grid)
#define llq_iq3_s_d LL_AT(llq_iq3_s_d)
#define llq_iq3_s_unit LL_AT(llq_iq3_s_unit)
#define llq_iq3_s_scales LL_AT(llq_iq3_s_scales)
#define llq_iq3_s_signs LL_AT(llq_iq3_s_signs)
#define llq_iq3_s_rows LL_AT(llq_iq3_s_rows)
#define llq_iq3_s_load_signs LL_AT(llq_iq3_s_load_signs)
#define llq_iq3_s_load_index LL_AT(llq_iq3_s_load_index)
#define llq_iq3_s_load_scales LL_AT(llq_iq3_s_load_scales)
#define llq_iq3_s_index LL_AT(llq_iq3_s_index)
#define llq_iq3_s_cut LL_AT(llq_iq3_s_cut)
#define llq_iq3_s_scale LL_AT(llq_iq3_s_scale)
#define llq_iq3_s_codes LL_AT(llq_iq3_s_codes)
#define llq_iq3_s_look LL_AT(llq_iq3_s_look)
#define llq_iq3_s_vecs LL_AT(llq_iq3_s_vecs)
#define llq_iq3_s_rows2 LL_AT(llq_iq3_s_rows2)
#define llq_iq3_s_open LL_AT(llq_iq3_s_open)
#define llq_iq3_s_gemv LL_AT(llq_iq3_s_gemv)
#define llq_iq3_s_parts LL_AT(llq_iq3_s_parts)
#define llq_iq3_s_load_parts LL_AT(llq_iq3_s_load_parts)
#define llq_iq3_s_load LL_AT(llq_iq3_s_load)
#define llq_iq3_s_dequantize LL_AT(llq_iq3_s_dequantize)
#define llq_iq3_s_dot LL_AT(llq_iq3_s_dot)
#define llq_iq3_s_each32 LL_AT(llq_iq3_s_each32)
#define llq_iq3_s_mins LL_AT(llq_iq3_s_mins)
#define llq_iq3_s_unpack LL_AT(llq_iq3_s_unpack)
#define llq_iq3_s_tile LL_AT(llq_iq3_s_tile)
#define llq_iq1_s LL_AT(llq_iq1_s)
#define llq_iq1_s_n_rows LL_AT(llq_iq1_s_n_rows)
#define llq_iq1_s_d LL_AT(llq_iq1_s_d)
#define llq_iq1_s_unit LL_AT(llq_iq1_s_unit)
#define llq_iq1_s_scales LL_AT(llq_iq1_s_scales)
#define llq_iq1_s_signs LL_AT(llq_iq1_s_signs)
#define llq_iq1_s_rows LL_AT(llq_iq1_s_rows)
#define llq_iq1_s_load_signs LL_AT(llq_iq1_s_load_signs)
#define llq_iq1_s_load_index LL_AT(llq_iq1_s_load_index)
#define llq_iq1_s_load_scales LL_AT(llq_iq1_s_load_scales)
#define llq_iq1_s_sign_at LL_AT(llq_iq1_s_sign_at)
#define llq_iq1_s_index LL_AT(llq_iq1_s_index)
#define llq_iq1_s_cut LL_AT(llq_iq1_s_cut)
#define llq_iq1_s_scale LL_AT(llq_iq1_s_scale)
#define llq_iq1_s_codes LL_AT(llq_iq1_s_codes)
#define llq_iq1_s_look LL_AT(llq_iq1_s_look)
#define llq_iq1_s_vecs LL_AT(llq_iq1_s_vecs)
#define llq_iq1_s_rows2 LL_AT(llq_iq1_s_rows2)
#define llq_iq1_s_open LL_AT(llq_iq1_s_open)
#define llq_iq1_s_gemv LL_AT(llq_iq1_s_gemv)
#define llq_iq1_s_parts LL_AT(llq_iq1_s_parts)
#define llq_iq1_s_load_parts LL_AT(llq_iq1_s_load_parts)
#define llq_iq1_s_load LL_AT(llq_iq1_s_load)
#define llq_iq1_s_dequantize LL_AT(llq_iq1_s_dequantize)
#define llq_iq1_s_dot LL_AT(llq_iq1_s_dot)
#define llq_iq1_s_each32 LL_AT(llq_iq1_s_each32)
#define llq_iq1_s_mins LL_AT(llq_iq1_s_mins)
#define llq_iq1_s_unpack LL_AT(llq_iq1_s_unpack)
#define llq_iq1_s_tile LL_AT(llq_iq1_s_tile)
#define llq_iq1_m LL_AT(llq_iq1_m)
#define llq_iq1_m_n_rows LL_AT(llq_iq1_m_n_rows)
#define llq_iq1_m_d LL_AT(llq_iq1_m_d)
#define llq_iq1_m_unit LL_AT(llq_iq1_m_unit)
#define llq_iq1_m_scales LL_AT(llq_iq1_m_scales)
#define llq_iq1_m_signs LL_AT(llq_iq1_m_signs)
#define llq_iq1_m_rows LL_AT(llq_iq1_m_rows)
#define llq_iq1_m_load_signs LL_AT(llq_iq1_m_load_signs)
#define llq_iq1_m_load_index LL_AT(llq_iq1_m_load_index)
#define llq_iq1_m_load_scales LL_AT(llq_iq1_m_load_scales)
#define llq_iq1_m_sign_at LL_AT(llq_iq1_m_sign_at)
#define llq_iq1_m_index LL_AT(llq_iq1_m_index)
#define llq_iq1_m_cut LL_AT(llq_iq1_m_cut)
#define llq_iq1_m_scale LL_AT(llq_iq1_m_scale)
#define llq_iq1_m_codes LL_AT(llq_iq1_m_codes)
#define llq_iq1_m_look LL_AT(llq_iq1_m_look)
#define llq_iq1_m_vecs LL_AT(llq_iq1_m_vecs)
#define llq_iq1_m_rows2 LL_AT(llq_iq1_m_rows2)
#define llq_iq1_m_open LL_AT(llq_iq1_m_open)
#define llq_iq1_m_gemv LL_AT(llq_iq1_m_gemv)
#define llq_iq1_m_parts LL_AT(llq_iq1_m_parts)
#define llq_iq1_m_load_parts LL_AT(llq_iq1_m_load_parts)
#define llq_iq1_m_load LL_AT(llq_iq1_m_load)
#define llq_iq1_m_dequantize LL_AT(llq_iq1_m_dequantize)
#define llq_iq1_m_dot LL_AT(llq_iq1_m_dot)
#define llq_iq1_m_each32 LL_AT(llq_iq1_m_each32)
#define llq_iq1_m_mins LL_AT(llq_iq1_m_mins)
#define llq_iq1_m_unpack LL_AT(llq_iq1_m_unpack)
#define llq_iq1_m_tile LL_AT(llq_iq1_m_tile)
#define ll_kernels_of LL_AT(ll_kernels_of)
#define ll_row_get LL_AT(ll_row_get)
#define ll_row_put LL_AT(ll_row_put)
#define ll_exp_parts LL_AT(ll_exp_parts)
#define ll_exp_split LL_AT(ll_exp_split)
#define ll_exp LL_AT(ll_exp)
#define ll_expm1 LL_AT(ll_expm1)
#define ll_expf LL_AT(ll_expf)
#define ll_neg LL_AT(ll_neg)
#define ll_gate LL_AT(ll_gate)
#define ll_tanh LL_AT(ll_tanh)
#define ll_gelu LL_AT(ll_gelu)
#define ll_gelu_erf LL_AT(ll_gelu_erf)
#define ll_softplus LL_AT(ll_softplus)
#define ll_vec_add LL_AT(ll_vec_add)
#define ll_vec_mul LL_AT(ll_vec_mul)
#define ll_vec_taps LL_AT(ll_vec_taps)
#define ll_vec_scale LL_AT(ll_vec_scale)
#define ll_vec_axpy LL_AT(ll_vec_axpy)
#define ll_vec_dot LL_AT(ll_vec_dot)
#define ll_vec_sum LL_AT(ll_vec_sum)
#define ll_vec_max LL_AT(ll_vec_max)
#define ll_softmax LL_AT(ll_softmax)
#define ll_vec_exp LL_AT(ll_vec_exp)
#define ll_cap LL_AT(ll_cap)
#define ll_softcap LL_AT(ll_softcap)
#define ll_act LL_AT(ll_act)
#define ll_activate LL_AT(ll_activate)
#define ll_silu_clamped LL_AT(ll_silu_clamped)
#define ll_activate_gated LL_AT(ll_activate_gated)
#define ll_xielu LL_AT(ll_xielu)
#define ll_scale_row LL_AT(ll_scale_row)
#define ll_rmsnorm LL_AT(ll_rmsnorm)
#define ll_l2norm LL_AT(ll_l2norm)
#define ll_layernorm LL_AT(ll_layernorm)
#define ll_rope_apply LL_AT(ll_rope_apply)
#define ll_matmul_room LL_AT(ll_matmul_room)
#define ll_matmul_unpack LL_AT(ll_matmul_unpack)
#define ll_matmul_tile LL_AT(ll_matmul_tile)
#define ll_matmul_panels LL_AT(ll_matmul_panels)
#define ll_matmul_whole LL_AT(ll_matmul_whole)
#define ll_matmul_scratch LL_AT(ll_matmul_scratch)
#define ll_matmul_steps LL_AT(ll_matmul_steps)
#define ll_matmul_few LL_AT(ll_matmul_few)
#define ll_matmul_blocks LL_AT(ll_matmul_blocks)
#define ll_matmul LL_AT(ll_matmul)
#define ll_kv_load LL_AT(ll_kv_load)
#define ll_kv_order LL_AT(ll_kv_order)
#define ll_kv_get LL_AT(ll_kv_get)
#define ll_kv_quantize LL_AT(ll_kv_quantize)
#define ll_kv_store_key LL_AT(ll_kv_store_key)
#define ll_kv_store_value LL_AT(ll_kv_store_value)
#define ll_kv_store_q8 LL_AT(ll_kv_store_q8)
#define ll_kv_store LL_AT(ll_kv_store)
#define ll_att_ahead LL_AT(ll_att_ahead)
#define ll_att_dots LL_AT(ll_att_dots)
#define ll_att_q8_steps LL_AT(ll_att_q8_steps)
#define ll_att_q_row LL_AT(ll_att_q_row)
#define ll_att_isum LL_AT(ll_att_isum)
#define ll_att_dots_q8 LL_AT(ll_att_dots_q8)
#define ll_att_dots_any LL_AT(ll_att_dots_any)
#define ll_att_values LL_AT(ll_att_values)
#define ll_att_values_row LL_AT(ll_att_values_row)
#define ll_att_values_q8 LL_AT(ll_att_values_q8)
#define ll_att_values_panels LL_AT(ll_att_values_panels)
#define ll_att_values_any LL_AT(ll_att_values_any)
#define ll_att_tile LL_AT(ll_att_tile)
#define ll_att_part LL_AT(ll_att_part)
#define ll_att_scores LL_AT(ll_att_scores)
#define ll_att_weights LL_AT(ll_att_weights)
#define ll_att_add_values LL_AT(ll_att_add_values)
#define ll_att_chunk LL_AT(ll_att_chunk)
#define ll_att_sum LL_AT(ll_att_sum)
#define ll_att_merge LL_AT(ll_att_merge)
#define ll_att_finish LL_AT(ll_att_finish)
#define ll_att_pack LL_AT(ll_att_pack)
#define ll_att_pack_q8 LL_AT(ll_att_pack_q8)
#define ll_att_tile_init LL_AT(ll_att_tile_init)
#define ll_att_scratch LL_AT(ll_att_scratch)
#define ll_att_scratch_layout LL_AT(ll_att_scratch_layout)
#define ll_attend_scratch LL_AT(ll_attend_scratch)
#define ll_att_tiles LL_AT(ll_att_tiles)
#define ll_att_block LL_AT(ll_att_block)
#define ll_attend_fetch LL_AT(ll_attend_fetch)
#define ll_attend LL_AT(ll_attend)
#define ll_attend_parts LL_AT(ll_attend_parts)
#define ll_attend_join LL_AT(ll_attend_join)
#undef LL_ONCE
#define LL_ONCE 0

/* A level that the compiler's flags have already, or that it does not know, is the one below. */
#if LL_SSE41
#  define ll_isa_sse41 ll_isa_base
#else
#define LL_AT(x) x##_sse41
#undef LL_SSE41
#define LL_SSE41 1
LL_TARGET("sse4.1")
#include LLOCAL_FILE
static const ll_isa ll_isa_sse41 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_AVX2
#  define ll_isa_avx2 ll_isa_base
#else
#define LL_AT(x) x##_avx2
#undef LL_AVX2
#define LL_AVX2 1
#undef LL_HARD_FMA
#define LL_HARD_FMA 1
LL_TARGET("avx2,fma,f16c")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx2 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_VNNI || !LL_KNOWS_VNNI
#  define ll_isa_vnni ll_isa_avx2
#else
#define LL_AT(x) x##_vnni
#undef LL_VNNI
#define LL_VNNI 1
LL_TARGET("avx2,fma,f16c,avxvnni")
#include LLOCAL_FILE
static const ll_isa ll_isa_vnni = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#if LL_VBMI
#  define ll_isa_avx512 ll_isa_base
#else
#define LL_AT(x) x##_avx512
#undef LL_VNNI
#define LL_VNNI 1
#undef LL_AVX512
#define LL_AVX512 1
#undef LL_VBMI
#define LL_VBMI 1
LL_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,gfni")
#include LLOCAL_FILE
static const ll_isa ll_isa_avx512 = { LL_ISA_CALLS(LL_ENTRY) };
LL_TARGET_END
#undef LL_AT
#endif

#undef LL_ONCE
#define LL_ONCE 1

/* The levels whose instructions the processor has and whose registers the system saves: level n is bit n - 1. */
LL_FN unsigned ll_isa_mask(void) {
    const unsigned avx = bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C;
    const unsigned avx512_b = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    const unsigned avx512_c = bit_AVX512VNNI | bit_AVX512VBMI | bit_GFNI;
    unsigned a, b, c, d, last, saved, mask = 1;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1)) return mask;
    mask |= 2;
    if ((c & avx) != avx) return mask;
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 0x06) != 0x06) return mask;            /* xmm, ymm */
    if (!__get_cpuid_count(7, 0, &last, &b, &c, &d) || !(b & bit_AVX2)) return mask;
    mask |= 4;
    if ((saved & 0xe6) == 0xe6 &&                       /* and masks, zmm, their upper half */
        (b & avx512_b) == avx512_b && (c & avx512_c) == avx512_c) mask |= 16;
    if (last >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 16)) mask |= 8;   /* AVX-VNNI */
    return mask;
}

/* The only variable of the library, NULL until the first use. Threads that find it so at the same time
 * all store the same pointer. */
static const ll_isa *ll_isa_chosen;

/* From now on the best of the first `most` levels; a test may call it before anything else. */
LL_NOINLINE const ll_isa *ll_isa_choose(int most) {
    static const ll_isa *const levels[] = { &ll_isa_base, &ll_isa_sse41, &ll_isa_avx2, &ll_isa_vnni, &ll_isa_avx512 };
    const unsigned mask = ll_isa_mask();
    const ll_isa *isa = levels[0];
    for (int i = 0; i < LL_MIN(most, LL_COUNT(levels)); i++) if (mask >> i & 1) isa = levels[i];
    __atomic_store_n(&ll_isa_chosen, isa, __ATOMIC_RELAXED);
    return isa;
}
LL_INLINE const ll_isa *ll_isa_get(void) {
    const ll_isa *isa = __atomic_load_n(&ll_isa_chosen, __ATOMIC_RELAXED);
    return isa ? isa : ll_isa_choose(5);
}
#define LL_AT(x) (ll_isa_get()->x##_)

#endif
/* end of generated text */

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
    uint64_t n_small;                   /* elements of those with one row, or with rows shorter
                                           than 16, each tensor rounded up to 16 */
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
    ll_type_info info;
    t->format = ll_cursor_u32(&h->c);
    if (h->c.error) return ll_gguf_check(h);
    info = ll_type_get(t->format);
    if (!info.name)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: tensor \"%S\" has type %u, which this "
                       "version does not know", &h->file, &h->name, (uint64_t)t->format);
    if (info.len == 0)
        return ll_fail(h->log, LLOCAL_ERR_UNSUPPORTED, "%S: tensor \"%S\" has type %s, which was "
                       "removed from GGUF: convert the model again", &h->file, &h->name, info.name);
    if (t->dim[0] % info.len != 0)
        return ll_fail(h->log, LLOCAL_ERR_FORMAT, "%S: tensor \"%S\" has rows of %d, which is no "
                       "multiple of %d, the block of its type %s", &h->file, &h->name, t->dim[0],
                       (int64_t)info.len, info.name);
    t->bytes = ll_mul(n_weights / (uint64_t)info.len, (uint64_t)info.bytes);
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
    if (t->dim[1] == 1 || t->dim[0] < 16)
        f->n_small = ll_add(f->n_small, ll_align(n_weights, 16));
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
           a->n_small == b->n_small &&
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
    ll_type_info info = ll_type_get(t->format);
    uint64_t n = 1;
    if (!ll_gguf_name_ok(t->name) || t->n_dims < 1 || t->n_dims > 4 || info.len == 0)
        return 0;
    for (int i = 0; i < t->n_dims; i++) {
        if (t->dim[i] < 1) return 0;
        n = ll_mul(n, (uint64_t)t->dim[i]);
    }
    if (n > INT64_MAX || t->dim[0] % info.len != 0) return 0;
    n = ll_mul(n / (uint64_t)info.len, (uint64_t)info.bytes);
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
 * ==========================================================================================
 * An architecture is a row of data: which tensors a layer has, which norm, activation and rotary
 * embedding, which constants. Binding walks the tensors of the file once, looks each name up and
 * proves its shape; a tensor that nothing would read is refused by name, for leaving it out would
 * change the answer silently. After binding, every shape the forward pass relies on is proved, so
 * that pass has no error paths. */

/* ---- the tensors a layer can have ---- */

/* The extent of a tensor along one dimension, as a name for a number of this model's layer. */
typedef enum ll_dim {
    LL_DIM_1, LL_DIM_EMBD, LL_DIM_VOCAB, LL_DIM_Q, LL_DIM_K, LL_DIM_V, LL_DIM_QKV, LL_DIM_ATT,
    LL_DIM_HEAD, LL_DIM_FF, LL_DIM_EXPERT, LL_DIM_FF_EXPERT, LL_DIM_CONV, LL_DIM_3EMBD,
    LL_DIM_ROT, LL_DIM_POSITIONS
} ll_dim;

/* MATRIX: stays in the file's format. VECTOR: small, copied to F32 when the model opens, so that
 * the forward pass need not care. EXPERTS: one matrix per expert, stacked. */
typedef enum ll_slot_kind { LL_MATRIX, LL_VECTOR, LL_EXPERTS } ll_slot_kind;

/*   slot          name in the file      kind     inputs        outputs      */
#define LL_SLOTS(X)                                                             \
    X(ATTN_NORM,     "attn_norm",           VECTOR,  EMBD,      1)             \
    X(ATTN_Q,        "attn_q",              MATRIX,  EMBD,      Q)             \
    X(ATTN_K,        "attn_k",              MATRIX,  EMBD,      K)             \
    X(ATTN_V,        "attn_v",              MATRIX,  EMBD,      V)             \
    X(ATTN_QKV,      "attn_qkv",            MATRIX,  EMBD,      QKV)           \
    X(ATTN_OUT,      "attn_output",         MATRIX,  ATT,       EMBD)          \
    X(ATTN_Q_NORM,   "attn_q_norm",         VECTOR,  HEAD,      1)             \
    X(ATTN_K_NORM,   "attn_k_norm",         VECTOR,  HEAD,      1)             \
    X(ATTN_POST,     "post_attention_norm", VECTOR,  EMBD,      1)             \
    X(CONV,          "shortconv.conv",      VECTOR,  CONV,      EMBD)          \
    X(CONV_IN,       "shortconv.in_proj",   MATRIX,  EMBD,      3EMBD)         \
    X(CONV_OUT,      "shortconv.out_proj",  MATRIX,  EMBD,      EMBD)          \
    X(FFN_NORM,      "ffn_norm",            VECTOR,  EMBD,      1)             \
    X(FFN_GATE,      "ffn_gate",            MATRIX,  EMBD,      FF)            \
    X(FFN_UP,        "ffn_up",              MATRIX,  EMBD,      FF)            \
    X(FFN_DOWN,      "ffn_down",            MATRIX,  FF,        EMBD)          \
    X(FFN_POST,      "post_ffw_norm",       VECTOR,  EMBD,      1)             \
    X(ROUTER,        "ffn_gate_inp",        MATRIX,  EMBD,      EXPERT)        \
    X(EXPERT_GATE,   "ffn_gate_exps",       EXPERTS, EMBD,      FF_EXPERT)     \
    X(EXPERT_UP,     "ffn_up_exps",         EXPERTS, EMBD,      FF_EXPERT)     \
    X(EXPERT_DOWN,   "ffn_down_exps",       EXPERTS, FF_EXPERT, EMBD)          \
    /* of the whole model */                                                   \
    X(TOKEN_EMBD,    "token_embd",          MATRIX,  EMBD,      VOCAB)         \
    X(POSITION_EMBD, "position_embd",       MATRIX,  EMBD,      POSITIONS)     \
    X(OUTPUT_NORM,   "output_norm",         VECTOR,  EMBD,      1)             \
    X(OUTPUT_NORM_LFM2, "token_embd_norm",  VECTOR,  EMBD,      1)             \
    X(OUTPUT,        "output",              MATRIX,  EMBD,      VOCAB)         \
    X(ROPE_FREQS,    "rope_freqs",          VECTOR,  ROT,       1)

#define LL_X(slot, name, kind, inputs, outputs) LL_##slot,
typedef enum ll_slot { LL_SLOTS(LL_X) LL_N_SLOTS } ll_slot;
#undef LL_X
#define LL_N_LAYER_SLOTS ((int)LL_TOKEN_EMBD)   /* the ones before belong to layers */

typedef struct ll_slot_info {
    const char *name;
    ll_slot_kind kind;
    ll_dim inputs, outputs;
} ll_slot_info;

#define LL_X(slot, name, kind, inputs, outputs) { name, LL_##kind, LL_DIM_##inputs, LL_DIM_##outputs },
static const ll_slot_info ll_slots[] = { LL_SLOTS(LL_X) };
#undef LL_X

/* ---- architectures ---- */

/* Sets of slots, so that a row names what its layers consist of. */
typedef enum ll_group {
    LL_G_END, LL_G_ATTN, LL_G_ATTN_FUSED, LL_G_QK_NORM, LL_G_POST_NORMS, LL_G_CONV, LL_G_GATED,
    LL_G_PLAIN, LL_G_EXPERTS, LL_G_EXPERTS_PLAIN, LL_G_EXPERT_GATE, LL_G_POSITIONS,
    LL_G_ROPE_FREQS, LL_G_BASE, LL_G_BASE_LFM2
} ll_group;

static const uint8_t ll_groups[][8] = {         /* slots + 1, ended by 0 */
    { 0 },
    { LL_ATTN_NORM + 1, LL_ATTN_Q + 1, LL_ATTN_K + 1, LL_ATTN_V + 1, LL_ATTN_OUT + 1 },
    { LL_ATTN_NORM + 1, LL_ATTN_QKV + 1, LL_ATTN_OUT + 1 },
    { LL_ATTN_Q_NORM + 1, LL_ATTN_K_NORM + 1 },
    { LL_ATTN_POST + 1, LL_FFN_POST + 1 },
    { LL_ATTN_NORM + 1, LL_CONV + 1, LL_CONV_IN + 1, LL_CONV_OUT + 1 },
    { LL_FFN_NORM + 1, LL_FFN_GATE + 1, LL_FFN_UP + 1, LL_FFN_DOWN + 1 },
    { LL_FFN_NORM + 1, LL_FFN_UP + 1, LL_FFN_DOWN + 1 },
    { LL_FFN_NORM + 1, LL_ROUTER + 1, LL_EXPERT_GATE + 1, LL_EXPERT_UP + 1, LL_EXPERT_DOWN + 1 },
    { LL_FFN_NORM + 1, LL_ROUTER + 1, LL_EXPERT_UP + 1, LL_EXPERT_DOWN + 1 },
    { LL_EXPERT_GATE + 1 },
    { LL_POSITION_EMBD + 1 },
    { LL_ROPE_FREQS + 1 },
    { LL_TOKEN_EMBD + 1, LL_OUTPUT_NORM + 1 },
    { LL_TOKEN_EMBD + 1, LL_OUTPUT_NORM_LFM2 + 1 },
};

typedef enum ll_norm_kind { LL_NORM_RMS, LL_NORM_LAYER } ll_norm_kind;

enum {                                          /* ll_arch.flags */
    LL_EMBD_SQRT   = 1,                         /* embeddings are multiplied by sqrt(n_embd) */
    LL_WINDOW_ROPE = 2,                         /* window layers rotate with a base of their own */
    LL_WINDOW_ALL  = 4,                         /* a sliding_window key means every layer */
    LL_EXPERT_NORM = 8,                         /* the chosen experts' weights are made to sum to 1 */
    LL_SCALE_62    = 16                         /* 62 layers: scale by n_embd / n_head (27B Gemma) */
};

typedef struct ll_arch {
    const char *name;                           /* general.architecture */
    ll_norm_kind norm;
    ll_rope_kind rope;
    ll_activation activation;
    uint8_t attn[3];                            /* groups of an attention layer */
    uint8_t recurrent;                          /* group of a layer with head_count_kv 0 */
    uint8_t ffn, experts;                       /* groups of a dense and of an expert layer */
    uint8_t model[3];                           /* groups of the whole model */
    uint8_t optional[2];                        /* groups that may be there */
    uint8_t window_period;                      /* every so manyth layer sees all (0: no pattern) */
    uint8_t flags;
} ll_arch;

static const ll_arch ll_archs[] = {
    { "llama", LL_NORM_RMS, LL_ROPE_NORM, LL_ACT_SILU,
      { LL_G_ATTN }, 0, LL_G_GATED, LL_G_EXPERTS_PLAIN, { LL_G_BASE },
      { LL_G_ROPE_FREQS, LL_G_EXPERT_GATE }, 0, LL_EXPERT_NORM },
    { "qwen2", LL_NORM_RMS, LL_ROPE_NEOX, LL_ACT_SILU,
      { LL_G_ATTN }, 0, LL_G_GATED, 0, { LL_G_BASE }, { 0 }, 0, 0 },
    { "qwen3", LL_NORM_RMS, LL_ROPE_NEOX, LL_ACT_SILU,
      { LL_G_ATTN, LL_G_QK_NORM }, 0, LL_G_GATED, 0, { LL_G_BASE }, { 0 }, 0, 0 },
    { "qwen3moe", LL_NORM_RMS, LL_ROPE_NEOX, LL_ACT_SILU,
      { LL_G_ATTN, LL_G_QK_NORM }, 0, 0, LL_G_EXPERTS, { LL_G_BASE }, { 0 }, 0, LL_EXPERT_NORM },
    { "gemma3", LL_NORM_RMS, LL_ROPE_NEOX, LL_ACT_GELU,
      { LL_G_ATTN, LL_G_QK_NORM, LL_G_POST_NORMS }, 0, LL_G_GATED, 0, { LL_G_BASE }, { 0 },
      6, LL_EMBD_SQRT | LL_WINDOW_ROPE | LL_SCALE_62 },
    { "gpt2", LL_NORM_LAYER, LL_ROPE_NONE, LL_ACT_GELU,
      { LL_G_ATTN_FUSED }, 0, LL_G_PLAIN, 0, { LL_G_BASE, LL_G_POSITIONS }, { 0 }, 0, 0 },
    { "lfm2", LL_NORM_RMS, LL_ROPE_NEOX, LL_ACT_SILU,
      { LL_G_ATTN, LL_G_QK_NORM }, LL_G_CONV, LL_G_GATED, 0, { LL_G_BASE_LFM2 }, { 0 }, 0, LL_WINDOW_ALL },
};

/* ---- the model ---- */

#define LL_CONV_MAX 16                          /* taps of a short convolution, and one */

/* One bound tensor: a matrix as it lies in the file, or a vector in F32, with its bias and
 * scale. Absent parts are NULL (scale: 1). */
typedef struct ll_weight {
    ll_matrix m;                                /* m.data NULL: not a matrix, or absent */
    const float *v;                             /* vectors: [outputs][inputs] */
    const float *bias;                          /* [outputs] */
    float scale;
    uint64_t expert_bytes;                      /* EXPERTS: from one expert's matrix to the next */
    int tensor;                                 /* of a matrix: its number in the file */
} ll_weight;

typedef struct ll_layer {
    int n_head, n_head_kv, n_ff;
    int window;                                 /* positions an attention layer sees; 0: all */
    int rope;                                   /* which of the model's rotary embeddings */
    bool recurrent, experts;
    ll_weight w[LL_N_LAYER_SLOTS];
} ll_layer;

struct llocal_model {
    ll_vocab vocab;                             /* first: >>vocab's public functions rely on it */
    llocal_hparams hp;
    const ll_arch *arch;
    llocal_gguf gguf;
    int n_rot, n_conv, n_ff_expert;
    float eps, attn_scale, logit_softcap, attn_softcap, embd_scale, expert_scale;
    float rope_base[2];                         /* of most layers; of window layers */
    ll_rope_scaling rope[2];
    ll_layer *layers;                           /* [n_layer] */
    ll_weight w[LL_N_SLOTS];                    /* the model's own, indexed like the layers' */
    float *vectors;                             /* room for every VECTOR, bias and scale as F32 */
    uint64_t n_vectors, n_vectors_used;
    uint64_t bytes, id;                         /* id: a hash of what makes states compatible */
    bool has_forward;                           /* false: opened for the vocabulary only */
    llocal_allocator allocator;
    llocal_logger log;
};

/* ---- hyper-parameters ---- */

/* A key of this architecture, "<arch>.<name>", into key. */
LL_FN const char *ll_key(const llocal_model *m, const char *name, char key[160]) {
    size_t n = LL_MIN(m->hp.arch.len, 60), k = strlen(name);
    memcpy(key, m->hp.arch.ptr, n);
    key[n] = '.';
    memcpy(key + n + 1, name, k + 1);
    return key;
}

/* An integer key in [lo, hi]; absent keeps *out, unless it is needed. */
LL_FN llocal_result ll_key_int(const llocal_model *m, const char *name, bool needed, int lo, int hi,
                               int *out) {
    char key[160];
    int64_t v;
    if (!ll_gguf_find(&m->gguf, ll_key(m, name, key))) {
        if (!needed) return LLOCAL_OK;
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "the file has no key %s", key);
    }
    if (!ll_gguf_get_int(&m->gguf, key, &v) || v < lo || v > hi)
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "key %s is not an integer from %d to %d", key,
                       (int64_t)lo, (int64_t)hi);
    *out = (int)v;
    return LLOCAL_OK;
}

LL_FN llocal_result ll_key_float(const llocal_model *m, const char *name, double *out) {
    char key[160];
    double v;
    if (!ll_gguf_find(&m->gguf, ll_key(m, name, key))) return LLOCAL_OK;
    if (!ll_gguf_get_float(&m->gguf, key, &v) || !(v > -1e30 && v < 1e30))
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "key %s is not a finite number", key);
    *out = v;
    return LLOCAL_OK;
}

/* A key that is one integer for all layers, or an array with one for each. */
LL_FN llocal_result ll_key_layer(const llocal_model *m, const char *name, int layer, int lo, int hi,
                                 int *out) {
    char key[160];
    const llocal_meta *meta = ll_gguf_find(&m->gguf, ll_key(m, name, key));
    int64_t v;
    if (!meta || meta->type != LLOCAL_ARRAY) return ll_key_int(m, name, false, lo, hi, out);
    v = ll_meta_array_int(meta, (uint64_t)layer);
    if (meta->count < (uint64_t)m->hp.n_layer || v < lo || v > hi)
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                       "key %s: layer %d is missing or not an integer from %d to %d", key,
                       (int64_t)layer, (int64_t)lo, (int64_t)hi);
    *out = (int)v;
    return LLOCAL_OK;
}

#define LL_TRY(call) do { llocal_result ll_r = (call); if (ll_r) return ll_r; } while (0)

LL_FN llocal_result ll_model_rope(llocal_model *m) {
    char key[160];
    llocal_str type = ll_str("linear");
    ll_rope_scaling *r = &m->rope[0];
    double base = 10000, base_window = 10000, factor = 1, attn = 1, ext = -1, fast = 32, slow = 1;
    m->n_rot = m->hp.head_dim;
    r->n_ctx_orig = m->hp.n_ctx_train;
    LL_TRY(ll_key_int(m, "rope.dimension_count", false, 2, m->hp.head_dim, &m->n_rot));
    LL_TRY(
        ll_key_int(m, "rope.scaling.original_context_length", false, 1, 1 << 30, &r->n_ctx_orig));
    LL_TRY(ll_key_float(m, "rope.freq_base", &base));
    LL_TRY(ll_key_float(m, "rope.freq_base_swa", &base_window));
    LL_TRY(ll_key_float(m, "rope.scale_linear", &factor));
    LL_TRY(ll_key_float(m, "rope.scaling.factor", &factor));
    LL_TRY(ll_key_float(m, "rope.scaling.attn_factor", &attn));
    LL_TRY(ll_key_float(m, "rope.scaling.yarn_ext_factor", &ext));
    LL_TRY(ll_key_float(m, "rope.scaling.yarn_beta_fast", &fast));
    LL_TRY(ll_key_float(m, "rope.scaling.yarn_beta_slow", &slow));
    if (factor == 0) factor = 1;
    if (m->n_rot % 2 || !(base >= 1) || !(base_window >= 1) || !(factor > 0))
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                       "a RoPE key is out of range: odd dimension_count, "
                       "freq_base below 1 or a scaling factor below 0");
    ll_gguf_get_str(&m->gguf, ll_key(m, "rope.scaling.type", key), &type);
    if (!ll_str_is(type, "none") && !ll_str_is(type, "linear") && !ll_str_is(type, "yarn"))
        return ll_fail(&m->log, LLOCAL_ERR_UNSUPPORTED, "RoPE scaling '%S' is not supported",
                       &type);
    if (ext < 0) ext = ll_str_is(type, "yarn");
    r->scale = ll_str_is(type, "none") ? 1 : (float)(1 / factor);
    r->attn_factor = (float)attn, r->ext_factor = (float)ext;
    if (ext != 0) r->attn_factor *= ll_yarn_attn_factor((float)factor, 1, 0);
    r->beta_fast = (float)fast, r->beta_slow = (float)slow;
    m->rope_base[0] = m->rope_base[1] = (float)base;
    m->rope[1] = m->rope[0];
    if (m->arch->flags & LL_WINDOW_ROPE) {      /* window layers: a base of their own, unscaled */
        m->rope_base[1] = (float)base_window;
        m->rope[1].scale = 1;
    }
    return LLOCAL_OK;
}

/* Does layer i of a model with window layers see only the window? */
LL_FN llocal_result ll_layer_window(llocal_model *m, int i, int window, int *out) {
    char key[160];
    const llocal_meta *meta =
        ll_gguf_find(&m->gguf, ll_key(m, "attention.sliding_window_pattern", key));
    int period = m->arch->window_period;
    *out = window;
    if (window == 0 || (m->arch->flags & LL_WINDOW_ALL)) return LLOCAL_OK;
    if (meta && meta->type == LLOCAL_ARRAY) {
        int local = 0;
        LL_TRY(ll_key_layer(m, "attention.sliding_window_pattern", i, 0, 1, &local));
        *out = local ? window : 0;
        return LLOCAL_OK;
    }
    LL_TRY(ll_key_int(m, "attention.sliding_window_pattern", false, 0, 1 << 16, &period));
    if (period > 0 && i % period == period - 1) *out = 0;
    return LLOCAL_OK;
}

LL_FN llocal_result ll_model_layer_hparams(llocal_model *m, int i, int window) {
    ll_layer *l = &m->layers[i];
    l->n_head = 0, l->n_ff = 0;
    LL_TRY(ll_key_layer(m, "attention.head_count", i, 0, 1 << 14, &l->n_head));
    l->n_head_kv = l->n_head;
    LL_TRY(ll_key_layer(m, "attention.head_count_kv", i, 0, 1 << 14, &l->n_head_kv));
    LL_TRY(ll_key_layer(m, "feed_forward_length", i, 1, 1 << 24, &l->n_ff));
    l->recurrent = l->n_head_kv == 0 && m->arch->recurrent != 0;
    l->experts = m->arch->experts != 0 && m->hp.n_expert > 0;
    if (!l->recurrent && (l->n_head <= 0 || l->n_head_kv <= 0 || l->n_head % l->n_head_kv))
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                       "layer %d: %d query heads do not share %d key heads evenly", (int64_t)i,
                       (int64_t)l->n_head, (int64_t)l->n_head_kv);
    if (!l->recurrent) LL_TRY(ll_layer_window(m, i, window, &l->window));
    l->rope = l->window && (m->arch->flags & LL_WINDOW_ROPE) ? 1 : 0;
    m->hp.n_head = LL_MAX(m->hp.n_head, l->n_head);
    m->hp.n_head_kv = LL_MAX(m->hp.n_head_kv, l->n_head_kv);
    m->hp.n_ff = LL_MAX(m->hp.n_ff, l->n_ff);
    return LLOCAL_OK;
}

LL_FN llocal_result ll_model_hparams(llocal_model *m) {
    llocal_hparams *h = &m->hp;
    double eps = 1e-5, scale = 0, cap = 0, attn_cap = 0, w_scale = 0;
    int window = 0, head_v, heads = 0;
    LL_TRY(ll_key_int(m, "context_length", true, 1, 1 << 30, &h->n_ctx_train));
    LL_TRY(ll_key_int(m, "embedding_length", true, 1, 1 << 20, &h->n_embd));
    LL_TRY(ll_key_int(m, "expert_count", false, 0, 4096, &h->n_expert));
    LL_TRY(ll_key_int(m, "expert_used_count", false, 0, h->n_expert, &h->n_expert_used));
    LL_TRY(ll_key_int(m, "attention.sliding_window", false, 0, 1 << 30, &window));
    LL_TRY(ll_key_layer(m, "attention.head_count", 0, 1, 1 << 14, &heads));
    if (heads < 1)
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "the file has no attention.head_count");
    h->head_dim = h->n_embd / heads;
    LL_TRY(ll_key_int(m, "attention.key_length", false, 1, 1 << 12, &h->head_dim));
    head_v = h->head_dim;
    LL_TRY(ll_key_int(m, "attention.value_length", false, 1, 1 << 12, &head_v));
    if (head_v != h->head_dim)
        return ll_fail(&m->log, LLOCAL_ERR_UNSUPPORTED,
                       "attention.value_length %d differs from key_length %d", (int64_t)head_v,
                       (int64_t)h->head_dim);
    if (h->n_expert > 0 && h->n_expert_used < 1)
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                       "expert_used_count must be from 1 to expert_count");
    for (int i = 0; i < h->n_layer; i++) LL_TRY(ll_model_layer_hparams(m, i, window));
    m->n_ff_expert = h->n_ff;
    LL_TRY(ll_key_int(m, "expert_feed_forward_length", false, 1, 1 << 24, &m->n_ff_expert));
    if (m->arch->recurrent)
        LL_TRY(ll_key_int(m, "shortconv.l_cache", true, 2, LL_CONV_MAX - 1, &m->n_conv));
    LL_TRY(ll_key_float(m, m->arch->norm == LL_NORM_RMS ? "attention.layer_norm_rms_epsilon"
                                                        : "attention.layer_norm_epsilon", &eps));
    LL_TRY(ll_key_float(m, "attention.scale", &scale));
    LL_TRY(ll_key_float(m, "final_logit_softcapping", &cap));
    LL_TRY(ll_key_float(m, "attn_logit_softcapping", &attn_cap));
    LL_TRY(ll_key_float(m, "expert_weights_scale", &w_scale));
    m->eps = (float)eps, m->logit_softcap = (float)cap, m->attn_softcap = (float)attn_cap;
    m->expert_scale = (float)w_scale;
    if (scale == 0) {
        int d = h->head_dim;
        if ((m->arch->flags & LL_SCALE_62) && h->n_layer == 62) d = LL_MAX(1, h->n_embd / heads);
        scale = 1.0f / sqrtf((float)d);
    }
    m->attn_scale = (float)scale;
    m->embd_scale = m->arch->flags & LL_EMBD_SQRT ? sqrtf((float)h->n_embd) : 1.0f;
    return ll_model_rope(m);
}

/* ---- binding ---- */

LL_FN int64_t ll_dim_value(const llocal_model *m, const ll_layer *l, ll_dim d) {
    int64_t head = m->hp.head_dim, q = l ? l->n_head : 0, kv = l ? l->n_head_kv : 0;
    switch (d) {
    case LL_DIM_1:         return 1;
    case LL_DIM_EMBD:      return m->hp.n_embd;
    case LL_DIM_VOCAB:     return m->hp.n_vocab;
    case LL_DIM_Q:         return q * head;
    case LL_DIM_K:         return kv * head;
    case LL_DIM_V:         return kv * head;
    case LL_DIM_QKV:       return (q + 2 * kv) * head;
    case LL_DIM_ATT:       return q * head;
    case LL_DIM_HEAD:      return head;
    case LL_DIM_FF:        return l ? l->n_ff : 0;
    case LL_DIM_EXPERT:    return m->hp.n_expert;
    case LL_DIM_FF_EXPERT: return m->n_ff_expert;
    case LL_DIM_CONV:      return m->n_conv;
    case LL_DIM_3EMBD:     return 3 * (int64_t)m->hp.n_embd;
    case LL_DIM_ROT:       return m->n_rot / 2;
    case LL_DIM_POSITIONS: return m->hp.n_ctx_train;
    }
    return 0;
}

LL_FN bool ll_groups_have(const uint8_t *groups, int n, int slot) {
    for (int i = 0; i < n; i++)
        for (const uint8_t *s = ll_groups[groups[i]]; *s; s++) if (*s == slot + 1) return true;
    return false;
}

LL_FN bool ll_slot_optional(const ll_arch *a, int slot) {
    return slot == LL_OUTPUT || ll_groups_have(a->optional, LL_COUNT(a->optional), slot);
}

/* May this slot be bound in layer l (NULL: of the whole model)? */
LL_FN bool ll_arch_has(const ll_arch *a, const ll_layer *l, int slot) {
    uint8_t own[2];
    if (ll_slot_optional(a, slot)) return true;
    if (!l) return ll_groups_have(a->model, LL_COUNT(a->model), slot);
    own[0] = l->recurrent ? a->recurrent : 0;
    own[1] = l->experts ? a->experts : a->ffn;
    return ll_groups_have(own, 2, slot) ||
           (!l->recurrent && ll_groups_have(a->attn, LL_COUNT(a->attn), slot));
}

/* "blk.3.attn_q.weight" is layer 3, slot ATTN_Q, part 'w'; "output.bias" layer -1, OUTPUT, 'b'.
 * False: no name that any architecture uses. */
LL_FN bool ll_tensor_slot(llocal_str name, int *layer, int *slot, char *part) {
    static const char *const parts[] = { ".weight", ".bias", ".scale" };
    *layer = -1, *part = 0;
    if (ll_str_starts(name, "blk.")) {
        int n = 0, digits = 0;
        for (name.ptr += 4, name.len -= 4; name.len && *name.ptr >= '0' && *name.ptr <= '9';
             digits++) {
            if (digits > 4) return false;
            n = n * 10 + (*name.ptr - '0'), name.ptr++, name.len--;
        }
        if (!digits || !name.len || *name.ptr != '.') return false;
        *layer = n, name.ptr++, name.len--;
    }
    for (int i = 0; i < LL_COUNT(parts) && !*part; i++) {
        size_t n = strlen(parts[i]);
        if (name.len > n && memcmp(name.ptr + name.len - n, parts[i], n) == 0)
            *part = parts[i][1], name.len -= n;
    }
    for (int i = *layer < 0 ? LL_N_LAYER_SLOTS : 0;
         *part && i < (*layer < 0 ? (int)LL_N_SLOTS : LL_N_LAYER_SLOTS); i++)
        if (ll_str_is(name, ll_slots[i].name)) { *slot = i; return true; }
    return false;
}

/* A small tensor as F32, in the room measured for it (ll_gguf_facts.n_small); NULL: it is not
 * small by the measure of the scan. */
LL_FN const float *ll_bind_vector(llocal_model *m, const llocal_tensor *t, uint64_t n) {
    float *dst = m->vectors + m->n_vectors_used;
    const ll_format *f = ll_format_find(t->format);
    if (ll_align(n, 16) > m->n_vectors - m->n_vectors_used) return NULL;
    m->n_vectors_used += ll_align(n, 16);
    f->dequantize(t->data, dst, (size_t)n);
    return dst;
}

LL_FN llocal_result ll_bind(llocal_model *m, const llocal_tensor *t) {
    const llocal_logger *log = &m->log;
    int layer, slot;
    char part;
    bool known = ll_tensor_slot(t->name, &layer, &slot, &part);
    ll_layer *l = known && layer >= 0 && layer < m->hp.n_layer ? &m->layers[layer] : NULL;
    const ll_slot_info *info;
    const ll_format *f = ll_format_find(t->format);
    ll_weight *w;
    int64_t inputs, outputs, experts;
    if (!known || (layer >= 0 && !l) || !ll_arch_has(m->arch, l, slot))
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED,
                       "tensor %S is unknown in the architecture '%S': running without it would "
                       "give wrong results",
                       &t->name, &m->hp.arch);
    if (!f) {
        llocal_format_info fi = llocal_format_get(t->format);
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED,
                       "tensor %S has the format %s, which this build cannot run", &t->name,
                       fi.name ? fi.name : "(unknown)");
    }
    info = &ll_slots[slot];
    w = l ? &l->w[slot] : &m->w[slot];
    inputs = ll_dim_value(m, l, info->inputs), outputs = ll_dim_value(m, l, info->outputs);
    experts = info->kind == LL_EXPERTS ? m->hp.n_expert : 1;
    if (part == 'b') {                          /* one per output; norms have theirs per input */
        int64_t n = info->kind == LL_VECTOR ? inputs : outputs;
        if (info->kind == LL_EXPERTS || (info->kind == LL_VECTOR && m->arch->norm == LL_NORM_RMS))
            return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tensor %S: a bias here is not supported",
                           &t->name);
        inputs = n, outputs = experts = 1;
    } else if (part == 's') {
        if (info->kind != LL_MATRIX)
            return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tensor %S: a scale here is not supported",
                           &t->name);
        inputs = outputs = experts = 1;
    }
    if (t->dim[0] != inputs || t->dim[1] != outputs || t->dim[2] != experts || t->dim[3] != 1)
        return ll_fail(log, LLOCAL_ERR_FORMAT, "tensor %S is %d x %d x %d, should be %d x %d x %d",
                       &t->name, t->dim[0], t->dim[1], t->dim[2], inputs, outputs, experts);
    if (part != 'w' || info->kind == LL_VECTOR) {
        const float *v = ll_bind_vector(m, t, (uint64_t)(inputs * outputs));
        if (!v)
            return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "tensor %S is too large for a vector",
                           &t->name);
        if (part == 'b') w->bias = v;
        else if (part == 's') w->scale = v[0];
        else w->v = v;
    } else {
        w->m.format = f, w->m.data = (const uint8_t *)t->data;
        w->m.n_cols = (int)inputs, w->m.n_rows = (int)outputs;
        w->m.row_bytes = llocal_format_bytes(t->format, (uint64_t)inputs);
        w->expert_bytes = w->m.row_bytes * (uint64_t)outputs;
        w->tensor = (int)(t - m->gguf.tensors);
    }
    return LLOCAL_OK;
}

/* Everything the builder will use must be there. */
LL_FN llocal_result ll_bind_check(const llocal_model *m, const ll_layer *l, int layer) {
    int from = l ? 0 : LL_N_LAYER_SLOTS, to = l ? LL_N_LAYER_SLOTS : (int)LL_N_SLOTS;
    for (int s = from; s < to; s++) {
        const ll_weight *w = l ? &l->w[s] : &m->w[s];
        if (w->m.data || w->v || ll_slot_optional(m->arch, s) || !ll_arch_has(m->arch, l, s))
            continue;
        if (l) return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "the file has no tensor blk.%d.%s.weight",
                              (int64_t)layer, ll_slots[s].name);
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "the file has no tensor %s.weight",
                       ll_slots[s].name);
    }
    return LLOCAL_OK;
}

/* NaN and infinity anywhere in the weights, looked for a row of blocks at a time. */
LL_FN llocal_result ll_check_weights(const llocal_model *m) {
    float x[256];
    for (int i = 0; i < m->gguf.n_tensors; i++) {
        const llocal_tensor *t = &m->gguf.tensors[i];
        const ll_format *f = ll_format_find(t->format);
        const uint8_t *p = (const uint8_t *)t->data;
        for (uint64_t left = t->bytes / (uint64_t)f->block_bytes; left;) {
            uint64_t n = LL_MIN(left, (uint64_t)(256 / f->block_len));
            float bad = 0;
            f->dequantize(p, x, (size_t)n * (size_t)f->block_len);
            for (uint64_t j = 0; j < n * (uint64_t)f->block_len; j++) bad += x[j] * 0;  /* NaN unless finite */
            if (bad != 0)
                return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "tensor %S holds a NaN or an infinity",
                               &t->name);
            p += n * (uint64_t)f->block_bytes, left -= n;
        }
    }
    return LLOCAL_OK;
}

LL_FN llocal_result ll_model_bind(llocal_model *m, const llocal_source *src) {
    for (int i = 0; i <= m->hp.n_layer; i++) {
        ll_weight *w = i < m->hp.n_layer ? m->layers[i].w : m->w;
        for (int s = 0; s < (i < m->hp.n_layer ? LL_N_LAYER_SLOTS : (int)LL_N_SLOTS); s++)
            w[s].scale = 1;
    }
    for (int i = 0; i < m->gguf.n_tensors; i++) {
        const llocal_tensor *t = &m->gguf.tensors[i];
        m->hp.n_params =
            ll_add(m->hp.n_params, ll_mul(ll_mul((uint64_t)t->dim[0], (uint64_t)t->dim[1]),
                                          ll_mul((uint64_t)t->dim[2], (uint64_t)t->dim[3])));
        LL_TRY(ll_bind(m, t));
    }
    for (int i = 0; i < m->hp.n_layer; i++) LL_TRY(ll_bind_check(m, &m->layers[i], i));
    LL_TRY(ll_bind_check(m, NULL, -1));
    for (int i = 0; m->w[LL_ROPE_FREQS].v && i < m->n_rot / 2; i++)
        if (!(m->w[LL_ROPE_FREQS].v[i] > 0 && m->w[LL_ROPE_FREQS].v[i] < 1e30f))
            return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                           "rope_freqs.weight divides frequencies: all of it must be positive");
    if (!m->w[LL_OUTPUT].m.data) {              /* tied: the head is the embedding table */
        const float *bias = m->w[LL_OUTPUT].bias;
        m->w[LL_OUTPUT] = m->w[LL_TOKEN_EMBD];
        m->w[LL_OUTPUT].bias = bias;
    }
    if (!m->w[LL_OUTPUT_NORM].v) m->w[LL_OUTPUT_NORM] = m->w[LL_OUTPUT_NORM_LFM2];
    m->has_forward = true;
    return src->check_weights ? ll_check_weights(m) : LLOCAL_OK;
}

/* ---- opening ---- */

/* The model's one block. Called to measure (base NULL) and to place. */
LL_FN void ll_model_layout(ll_arena *a, const ll_gguf_facts *f, const llocal_source *src,
                           llocal_model *m) {
    ll_arena_take(a, 1, sizeof *m);
    ll_gguf_layout(a, f, src, !src->vocab_only, &m->gguf);
    ll_vocab_layout(a, f, &m->vocab);
    m->layers =
        (ll_layer *)ll_arena_take(a, src->vocab_only ? 0 : (uint64_t)f->n_layer, sizeof(ll_layer));
    m->n_vectors = src->vocab_only ? 0 : f->n_small;
    m->vectors = (float *)ll_arena_take(a, m->n_vectors, sizeof(float));
}

LL_FN llocal_result ll_model_measure(const llocal_source *src, const llocal_logger *log,
                                     ll_gguf_facts *facts, uint64_t *bytes) {
    llocal_model tmp;
    ll_arena arena = { NULL, 0 };
    memset(&tmp, 0, sizeof tmp);
    LL_TRY(ll_gguf_scan(src, log, facts));
    ll_model_layout(&arena, facts, src, &tmp);
    *bytes = arena.used;
    return LLOCAL_OK;
}

/* Find the row of this file's architecture. */
LL_FN llocal_result ll_model_arch(llocal_model *m) {
    if (!ll_gguf_get_str(&m->gguf, "general.architecture", &m->hp.arch))
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT, "the file has no key general.architecture");
    ll_gguf_get_str(&m->gguf, "general.name", &m->hp.name);
    for (int i = 0; i < LL_COUNT(ll_archs); i++)
        if (ll_str_is(m->hp.arch, ll_archs[i].name)) { m->arch = &ll_archs[i]; return LLOCAL_OK; }
    return ll_fail(&m->log, LLOCAL_ERR_UNSUPPORTED, "the architecture '%S' is not supported",
                   &m->hp.arch);
}

LL_FN llocal_result ll_model_load(llocal_model *m, const llocal_source *src,
                                  const ll_gguf_facts *facts) {
    const llocal_tensor *embd;
    uint64_t id = LL_HASH_START;
    LL_TRY(ll_gguf_load(&m->gguf, src, facts));
    LL_TRY(ll_vocab_load(&m->vocab, &m->gguf, &m->log));
    m->hp.n_vocab = m->vocab.n_tokens;
    if (src->vocab_only) {
        ll_gguf_get_str(&m->gguf, "general.architecture", &m->hp.arch);
        return LLOCAL_OK;
    }
    LL_TRY(ll_model_arch(m));
    LL_TRY(ll_key_int(m, "block_count", true, 1, facts->n_layer, &m->hp.n_layer));
    embd = ll_gguf_tensor(&m->gguf, "token_embd.weight");
    if (m->hp.n_vocab == 0 && embd && embd->dim[1] < (1 << 30)) m->hp.n_vocab = (int)embd->dim[1];
    if (m->hp.n_vocab < 1)
        return ll_fail(&m->log, LLOCAL_ERR_FORMAT,
                       "the file has neither vocabulary nor token_embd.weight");
    LL_TRY(ll_model_hparams(m));
    LL_TRY(ll_model_bind(m, src));
    for (int i = 0; i < m->gguf.n_tensors; i++) {       /* which file is this? */
        const llocal_tensor *t = &m->gguf.tensors[i];
        id = ll_hash(id, t->name.ptr, t->name.len);
        id = ll_hash(id, t->data, (size_t)LL_MIN(t->bytes, 64));
    }
    m->id = id;
    return LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_model_plan(const llocal_source *src, llocal_plan *out) {
    ll_gguf_facts facts;
    llocal_plan none;
    memset(&none, 0, sizeof none);
    if (!src || !out) return LLOCAL_ERR_ARGUMENT;
    *out = none;
    LL_TRY(ll_model_measure(src, &src->logger, &facts, &out->bytes));
    if (src->vocab_only) return LLOCAL_OK;
    out->weights_copied = facts.copy_bytes;
    out->weights_in_place = facts.weight_bytes - facts.copy_bytes;
    return LLOCAL_OK;
}

LLOCAL_API void llocal_model_close(llocal_model *m) {
    llocal_allocator a;
    if (!m) return;
    ll_gguf_unload(&m->gguf);
    a = m->allocator;
    ll_free(&a, m, m->bytes);
}

LLOCAL_API llocal_result llocal_model_open(const llocal_source *src, llocal_model **out) {
    ll_gguf_facts facts;
    llocal_allocator a;
    ll_arena arena = { NULL, 0 };
    llocal_model *m;
    uint64_t bytes;
    llocal_result r;
    if (!out) return LLOCAL_ERR_ARGUMENT;
    *out = NULL;
    if (!src) return LLOCAL_ERR_ARGUMENT;
    LL_TRY(ll_model_measure(src, &src->logger, &facts, &bytes));
    a = ll_allocator(src->allocator);
    m = (llocal_model *)ll_alloc(&a, bytes);
    if (!m) return ll_fail(&src->logger, LLOCAL_ERR_MEMORY, "no %u bytes for the model", bytes);
    m->allocator = a, m->log = src->logger, m->bytes = bytes;
    arena.base = (uint8_t *)m;
    ll_model_layout(&arena, &facts, src, m);
    m->vocab.allocator = a;
    r = ll_model_load(m, src, &facts);
    if (r) { llocal_model_close(m); return r; }
    *out = m;
    return LLOCAL_OK;
}

LLOCAL_API const llocal_gguf *llocal_model_gguf(const llocal_model *m) { return &m->gguf; }
LLOCAL_API const llocal_hparams *llocal_model_hparams(const llocal_model *m) { return &m->hp; }

/* ==========================================================================================
 * >>forward    One pass through the network: the page to read first.
 * ==========================================================================================
 * The pass is written once, as a builder that reads like a paper (ll_build_forward, at the end of
 * this section). It runs when a context opens and leaves a flat list of phases; running the
 * network is a loop over that list, and each phase is a parallel-for over its units. Units never
 * share an output and never depend on how many there are, which is why results do not depend on
 * threads, and why a pass can stop between any two units and go on later.
 *
 * A verb (ll_norm, ll_linear, ll_attend, ...) appends a phase and returns the value it makes: a
 * matrix [rows][n], a row per token of the batch. A value may be asked later to be added to the
 * residual stream, or to be quantised for an integer matmul: then the phase that makes it does
 * that too, row by row, while it is still in the cache. */

/* ---- what a pass works on ---- */

/* The memory of one timeline: caches of the attention layers, states of the recurrent ones. */
typedef struct ll_timeline {
    ll_kv *kv;                          /* [n_layer] */
    float *state, *state_next;          /* before this pass; after it */
    float *logits, *hidden;             /* [n_logits][n_vocab], [n_logits][n_embd] */
} ll_timeline;

/* Consecutive tokens of one timeline, as rows row0 .. row0+n-1 of the batch. The last n_out of
 * them want logits: they are rows out0 .. of everything after the last attention. */
typedef struct ll_span {
    ll_timeline *t;
    int row0, n, pos0, out0, n_out;
    int logits_at;                      /* row of t->logits for the first of them */
} ll_span;

typedef struct ll_phase ll_phase;
typedef struct ll_pass {
    const llocal_model *m;
    ll_span *spans;
    int n_spans, n_rows, n_out;
    int32_t *token, *pos;               /* [n_rows] */
    int32_t *out_row;                   /* [n_out] */
    int n_active;                       /* experts with work, set by the phase that sorts */
} ll_pass;

/* A matrix of the pass, one row per token (or per token that wants logits). */
typedef struct ll_val {
    float *x;
    int n, stride;                      /* floats in a row, and from row to row */
    ll_a8 *q[2];                        /* [rows][ceil(n/256)], when has_q; [1]: fine */
    bool has_q[2], out;                 /* out: only the rows that want logits */
    bool parts;                         /* made in pieces: quantised by a phase of its own */
    int maker;                          /* the phase that writes it */
} ll_val;

/* The work lists of one layer's experts. A pair is (token, choice): pair = row * n_used + i. */
typedef struct ll_routes {
    int32_t *expert;                            /* [pairs] */
    float *weight;                              /* [pairs] */
    int32_t *order;                             /* pairs sorted by expert, then by number */
    int32_t *row;                               /* row of each of those */
    int32_t *start;                             /* [n_expert + 1]: an expert's part of order */
    int32_t *active;                            /* experts with any pairs, ascending */
} ll_routes;

struct ll_phase {
    const char *name;                   /* for the trace: of its (first) output */
    int layer;
    int (*units)(const ll_pass *p, const ll_phase *ph);
    void (*run)(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch);
    ll_val in, in2, in3, out;
    ll_val y[3];                        /* outputs of a group of linears */
    const char *y_name[3];
    const ll_weight *w[3];
    int n_w;
    ll_val residual;                    /* x: NULL, or add the output to this */
    const ll_layer *l;
    ll_routes routes;                   /* of expert phases */
    int work;                           /* of a unit, about: multiply-adds, for each row if shared */
    bool shared;                        /* a unit works on all rows */
    int n;                              /* verb-specific, as are the next two */
    float scale;
    const double *freqs;
};

/* ---- rows and their epilogue ---- */

#define LL_FEW_ROWS 4                   /* a pass of so many is bound by memory */

LL_INLINE int ll_rows(const ll_pass *p, bool out) { return out ? p->n_out : p->n_rows; }
LL_INLINE float *ll_row(const ll_val *v, int row) { return v->x + (size_t)row * (size_t)v->stride; }
LL_INLINE int ll_groups_of(int n) { return (n + 255) / 256; }
/* Columns [at, at + n) of a row, as those want them that read it; at % 256 == 0. */
LL_FN void ll_row_quantize(const ll_val *v, int row, int at, int n) {
    const size_t record = (size_t)row * (size_t)ll_groups_of(v->n) + (size_t)(at / 256);
    for (int fine = 0; fine < 2; fine++)
        if (v->q[fine]) ll_a8_quantize(ll_row(v, row) + at, n, fine, v->q[fine] + record);
}

LL_FN int ll_units_row(const ll_pass *p, const ll_phase *ph) { return ll_rows(p, ph->out.out); }
/* A unit is 256 columns of a row. */
LL_FN int ll_units_row_group(const ll_pass *p, const ll_phase *ph) {
    return ll_rows(p, ph->out.out) * ll_groups_of(ph->out.n);
}

/* What was asked of a finished row of ph->out. */
LL_FN void ll_finish_row(const ll_phase *ph, int row) {
    const ll_val *v = &ph->out;
    if (ph->residual.x)
        ll_vec_add(ll_row(&ph->residual, row), ll_row(&ph->residual, row), ll_row(v, row), v->n);
    ll_row_quantize(v, row, 0, v->n);
}

/* ---- the builder ---- */

typedef struct ll_builder {
    const llocal_model *m;
    const llocal_context_desc *d;       /* defaults filled in */
    ll_arena *arena;                    /* scratch of the pass; base NULL while measuring */
    ll_phase *phases;                   /* NULL while measuring */
    ll_phase dummy;
    int n_phases, layer;
    int head;                           /* the phase that makes logits */
    int max_rows, max_out;
    ll_val rope[2];                     /* per row: n_rot/2 cosines, then as many sines */
    const double *rope_freqs[2];        /* [n_rot/2] */
    float rope_mscale[2];
} ll_builder;

LL_FN ll_phase *ll_phase_at(ll_builder *b, int i) { return b->phases ? &b->phases[i] : &b->dummy; }

LL_FN ll_phase *ll_phase_add(ll_builder *b, const char *name,
                             int (*units)(const ll_pass *, const ll_phase *),
                             void (*run)(ll_pass *, const ll_phase *, int, int, void *)) {
    ll_phase *ph = ll_phase_at(b, b->n_phases++);
    memset(ph, 0, sizeof *ph);
    ph->name = name, ph->layer = b->layer, ph->units = units, ph->run = run;
    ph->work = 8 * b->m->hp.n_embd;     /* for a row of about this many; others say better */
    return ph;
}

/* A new value, made by the phase that is added next. */
LL_FN ll_val ll_val_new(ll_builder *b, int n, bool out, int rows_per_token) {
    ll_val v;
    memset(&v, 0, sizeof v);
    v.n = n, v.stride = (int)ll_align((uint64_t)n, 16), v.out = out, v.maker = b->n_phases;
    v.x = (float *)ll_arena_take(b->arena, ll_mul((uint64_t)(out ? b->max_out : b->max_rows),
                                                  (uint64_t)rows_per_token),
                                 (uint64_t)v.stride * sizeof(float));
    return v;
}

LL_FN ll_val ll_columns(ll_val v, int from, int n) {
    if (v.x) v.x += from;
    v.n = n;
    return v;
}


LL_FN void ll_run_quantize(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    int groups = ll_groups_of(ph->out.n);
    (void)p, (void)scratch;
    for (int u = u0; u < u1; u++) {
        int row = u / groups, at = u % groups * 256;
        ll_row_quantize(&ph->out, row, at, LL_MIN(256, ph->out.n - at));
    }
}

/* Ask the maker of v to quantise it too, for w; what is made in pieces gets a phase for that. */
LL_FN void ll_want_q(ll_builder *b, ll_val *v, const ll_weight *w, int rows_per_token) {
    const int fine = w->m.format->fine;
    if (w->m.format->is_float || v->has_q[fine]) return;
    if (v->parts && !v->has_q[!fine]) {
        v->maker = b->n_phases;
        ll_phase_add(b, NULL, ll_units_row_group, ll_run_quantize)->out = *v;
    }
    v->has_q[fine] = true;
    v->q[fine] = (ll_a8 *)ll_arena_take(b->arena,
                                        ll_mul((uint64_t)(v->out ? b->max_out : b->max_rows),
                                               (uint64_t)rows_per_token * (uint64_t)ll_groups_of(v->n)),
                                        sizeof(ll_a8));
    ll_phase_at(b, v->maker)->out.q[fine] = v->q[fine];
}

/* Ask the maker of y to add it to the residual stream x. */
LL_FN void ll_residual(ll_builder *b, ll_val x, ll_val y) { ll_phase_at(b, y.maker)->residual = x; }

/* ---- embeddings and positions ---- */

/* Row r of a matrix as floats. */
LL_FN void ll_matrix_row(const ll_matrix *m, int r, float *dst) {
    m->format->dequantize(m->data + (uint64_t)r * m->row_bytes, dst, (size_t)m->n_cols);
}

LL_FN void ll_run_embed(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    for (int r = u0; r < u1; r++) {
        float *x = ll_row(&ph->out, r);
        ll_matrix_row(&ph->w[0]->m, p->token[r], x);
        if (p->m->embd_scale != 1) ll_vec_scale(x, x, p->m->embd_scale, ph->out.n);
        if (ph->w[1]->m.data) {
            float *at = (float *)scratch;
            ll_matrix_row(&ph->w[1]->m, p->pos[r], at);
            ll_vec_add(x, x, at, ph->out.n);
        }
    }
}

LL_FN ll_val ll_embed(ll_builder *b) {
    ll_val x = ll_val_new(b, b->m->hp.n_embd, false, 1);
    ll_phase *ph = ll_phase_add(b, "embd", ll_units_row, ll_run_embed);
    ph->w[0] = &b->m->w[LL_TOKEN_EMBD], ph->w[1] = &b->m->w[LL_POSITION_EMBD], ph->out = x;
    return x;
}

/* Cosines and sines of each token's position, once for all heads and layers. */
LL_FN void ll_run_rope(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    (void)scratch;
    for (int r = u0; r < u1; r++) {
        float *cs = ll_row(&ph->out, r);
        ll_rope_row(cs, cs + ph->n, ph->freqs, ph->n, p->pos[r], ph->scale);
    }
}

LL_FN void ll_rope_tables(ll_builder *b) {
    int half = b->m->n_rot / 2, n_tables = b->m->arch->flags & LL_WINDOW_ROPE ? 2 : 1;
    if (b->m->arch->rope == LL_ROPE_NONE) return;
    for (int i = 0; i < n_tables; i++) {
        ll_phase *ph;
        b->rope[i] = ll_val_new(b, 2 * half, false, 1);
        ph = ll_phase_add(b, NULL, ll_units_row, ll_run_rope);
        ph->out = b->rope[i], ph->n = half;
        ph->freqs = b->rope_freqs[i], ph->scale = b->rope_mscale[i];
    }
}

/* ---- norms, activations, linear maps ---- */

LL_FN void ll_norm_row(const llocal_model *m, const ll_weight *w, const float *x, float *y, int n) {
    if (m->arch->norm == LL_NORM_RMS) ll_rmsnorm(y, x, w->v, n, m->eps);
    else ll_layernorm(y, x, w->v, w->bias, n, m->eps);
}

LL_FN void ll_run_norm(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    (void)scratch;
    for (int r = u0; r < u1; r++) {
        ll_norm_row(p->m, ph->w[0], ll_row(&ph->in, r), ll_row(&ph->out, r), ph->out.n);
        ll_finish_row(ph, r);
    }
}

LL_FN ll_val ll_norm(ll_builder *b, const char *name, ll_val x, const ll_weight *w) {
    ll_val y = ll_val_new(b, x.n, x.out, 1);
    ll_phase *ph = ll_phase_add(b, name, ll_units_row, ll_run_norm);
    ph->in = x, ph->out = y, ph->w[0] = w;
    return y;
}

/* The rows that want logits, gathered. */
LL_FN void ll_run_keep(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    (void)scratch;
    for (int r = u0; r < u1; r++) {
        memcpy(ll_row(&ph->out, r), ll_row(&ph->in, p->out_row[r]),
               (size_t)ph->out.n * sizeof(float));
        ll_finish_row(ph, r);
    }
}

LL_FN ll_val ll_keep(ll_builder *b, ll_val x) {
    ll_val y = ll_val_new(b, x.n, true, 1);
    ll_phase *ph = ll_phase_add(b, NULL, ll_units_row, ll_run_keep);
    ph->in = x, ph->out = y;
    return y;
}

/* A unit of a matmul is 16 rows of weights, for all vectors of the batch. */
#define LL_MATMUL_UNIT 16
LL_INLINE int ll_row_units(int n_rows) { return (n_rows + LL_MATMUL_UNIT - 1) / LL_MATMUL_UNIT; }

LL_FN int ll_units_linear(const ll_pass *p, const ll_phase *ph) {
    int n = 0;
    if (ll_rows(p, ph->in.out) == 0) return 0;
    for (int i = 0; i < ph->n_w; i++) n += ll_row_units(ph->w[i]->m.n_rows);
    return n;
}

/* Scale, bias and residual for columns [r0, r1) of a linear's output. */
LL_FN void ll_finish_columns(const ll_weight *w, float *y, float *residual, int r0, int r1) {
    if (w->scale != 1) for (int r = r0; r < r1; r++) y[r] *= w->scale;
    if (w->bias) for (int r = r0; r < r1; r++) y[r] += w->bias[r];
    if (residual) for (int r = r0; r < r1; r++) residual[r] += y[r];
}

LL_FN void ll_run_linear(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    ll_batch batch;
    memset(&batch, 0, sizeof batch);
    batch.n = ll_rows(p, ph->in.out);
    batch.x = ph->in.x, batch.x_stride = (size_t)ph->in.stride;
    batch.a8_stride = (size_t)ll_groups_of(ph->in.n);
    for (int i = 0, first = 0; i < ph->n_w; i++) {
        const ll_weight *w = ph->w[i];
        int n = ll_row_units(w->m.n_rows), a = LL_MAX(u0 - first, 0), z = LL_MIN(u1 - first, n);
        int r0 = a * LL_MATMUL_UNIT, r1 = LL_MIN(z * LL_MATMUL_UNIT, w->m.n_rows);
        first += n;
        if (a >= z) continue;
        batch.a8 = ph->in.q[w->m.format->fine];
        batch.y = ph->y[i].x, batch.y_stride = (size_t)ph->y[i].stride;
        ll_matmul(&w->m, &batch, r0, r1, scratch);
        for (int t = 0; t < batch.n; t++)
            ll_finish_columns(w, ll_row(&ph->y[i], t),
                              ph->residual.x ? ll_row(&ph->residual, t) : NULL, r0, r1);
    }
}

/* Up to three maps of the same input, in one phase. */
LL_FN void ll_linears(ll_builder *b, ll_val *x, int n_w, const char *const *names,
                      const ll_weight *const *w, ll_val *y) {
    ll_phase *ph;
    for (int i = 0; i < n_w; i++) ll_want_q(b, x, w[i], 1);
    for (int i = 0; i < n_w; i++)
        y[i] = ll_val_new(b, w[i]->m.n_rows, x->out, 1), y[i].parts = true;
    ph = ll_phase_add(b, names[0], ll_units_linear, ll_run_linear);
    ph->in = *x, ph->n_w = n_w;
    ph->work = LL_MATMUL_UNIT * x->n, ph->shared = true;
    for (int i = 0; i < n_w; i++) ph->w[i] = w[i], ph->y[i] = y[i], ph->y_name[i] = names[i];
}

LL_FN ll_val ll_linear(ll_builder *b, const char *name, ll_val x, const ll_weight *w) {
    ll_val y;
    ll_linears(b, &x, 1, &name, &w, &y);
    return y;
}

/* act(gate) * up, or act(up) where there is no gate. */
LL_FN void ll_run_activate(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    int groups = ll_groups_of(ph->out.n);
    (void)scratch;
    for (int u = u0; u < u1; u++) {
        int row = u / groups, at = u % groups * 256, n = LL_MIN(256, ph->out.n - at);
        float *y = ll_row(&ph->out, row) + at;
        if (ph->in2.x)
            ll_activate_gated(p->m->arch->activation, y, ll_row(&ph->in, row) + at,
                              ll_row(&ph->in2, row) + at, n);
        else ll_activate(p->m->arch->activation, y, ll_row(&ph->in, row) + at, n);
        ll_row_quantize(&ph->out, row, at, n);
    }
}

LL_FN ll_val ll_activation_of(ll_builder *b, const char *name, ll_val gate, ll_val *up) {
    ll_val y = ll_val_new(b, gate.n, gate.out, 1);
    ll_phase *ph = ll_phase_add(b, name, ll_units_row_group, ll_run_activate);
    ph->in = gate, ph->out = y, ph->work = 256 * 16;
    if (up) ph->in2 = *up;
    return y;
}

LL_FN ll_val ll_ffn(ll_builder *b, const ll_layer *l, ll_val h) {
    static const char *const names[] = { "ffn_gate", "ffn_up" };
    const ll_weight *w[2] = { &l->w[LL_FFN_GATE], &l->w[LL_FFN_UP] };
    ll_val y[2], a;
    if (w[0]->m.data || !l->w[LL_FFN_UP].m.data) {
        ll_linears(b, &h, 2, names, w, y);
        a = ll_activation_of(b, "ffn_act", y[0], &y[1]);
    } else {
        ll_val up = ll_linear(b, "ffn_up", h, w[1]);
        a = ll_activation_of(b, "ffn_act", up, NULL);
    }
    return ll_linear(b, "ffn_out", a, &l->w[LL_FFN_DOWN]);
}

/* ---- attention ---- */

LL_FN int ll_units_heads(const ll_pass *p, const ll_phase *ph) {
    return p->n_rows * ph->l->n_head_kv;
}

LL_FN void ll_turn_head(const ll_pass *p, const ll_phase *ph, const ll_weight *norm, float *x,
                        int row) {
    int half = p->m->n_rot / 2;
    if (norm->v) ll_norm_row(p->m, norm, x, x, p->m->hp.head_dim);
    if (ph->in3.x) {
        const float *cs = ll_row(&ph->in3, row);
        ll_rope_apply(x, cs, cs + half, p->m->arch->rope, p->m->n_rot);
    }
}

LL_FN const ll_span *ll_span_of_row(const ll_pass *p, int row) {
    const ll_span *s = p->spans;
    while (row >= s->row0 + s->n) s++;
    return s;
}

LL_FN ll_attention ll_attention_of(const llocal_model *m, const ll_layer *l, int q_stride,
                                   int out_stride) {
    ll_attention a;
    memset(&a, 0, sizeof a);
    a.n_group = l->n_head / l->n_head_kv;
    a.q_token = (size_t)q_stride, a.out_token = (size_t)out_stride;
    a.q_head = a.out_head = (size_t)m->hp.head_dim;
    a.scale = m->attn_scale, a.softcap = m->attn_softcap, a.window = l->window;
    return a;
}

/* A unit is one key/value head of a token with its query heads: norm, rotate, and put the key
 * and value into the cache. */
LL_FN void ll_run_heads(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    int d = p->m->hp.head_dim, group = ph->l->n_head / ph->l->n_head_kv;
    const ll_attention a = ll_attention_of(p->m, ph->l, 0, 0);
    (void)scratch;
    for (int u = u0; u < u1; u++) {
        int row = u / ph->l->n_head_kv, h = u % ph->l->n_head_kv;
        const ll_span *s = ll_span_of_row(p, row);
        const ll_kv *kv = &s->t->kv[ph->layer];
        float *k = ll_row(&ph->in, row) + h * d;
        if (p->n_rows <= LL_FEW_ROWS) ll_attend_fetch(&a, kv, h, p->pos[row]);
        for (int g = 0; g < group; g++)
            ll_turn_head(p, ph, &ph->l->w[LL_ATTN_Q_NORM],
                         ll_row(&ph->out, row) + (h * group + g) * d, row);
        ll_turn_head(p, ph, &ph->l->w[LL_ATTN_K_NORM], k, row);
        ll_kv_store(kv, h, p->pos[row] % kv->n_slots, k, ll_row(&ph->in2, row) + h * d);
    }
}

LL_FN void ll_heads(ll_builder *b, const ll_layer *l, ll_val q, ll_val k, ll_val v) {
    ll_phase *ph = ll_phase_add(b, "q_rope", ll_units_heads, ll_run_heads);
    ph->out = q, ph->in = k, ph->in2 = v, ph->in3 = b->rope[l->rope], ph->l = l;
    ph->work = 8 * b->m->hp.head_dim * (2 + l->n_head / l->n_head_kv);
}

/* A unit of attention is one key/value head for up to so many tokens of a timeline. */
#define LL_ATTEND_TOKENS 16

LL_FN int ll_span_tokens(const ll_span *s, bool out) { return out ? s->n_out : s->n; }

/* The token of a span that attends where there is one only: its row, position and chunks. */
typedef struct ll_lone { int row, pos, first, end; } ll_lone;

LL_FN ll_lone ll_lone_of(const ll_pass *p, const ll_phase *ph, const ll_span *s) {
    ll_attention a = ll_attention_of(p->m, ph->l, 0, 0);
    ll_lone t;
    t.row = s->row0 + s->n - 1, t.pos = s->pos0 + s->n - 1;
    ll_attend_chunks(&a, t.pos, &t.first, &t.end);
    return t;
}

/* Where few tokens look back far, there may be too few heads to share them out evenly: a unit is a
 * chunk of positions then, which another phase joins. How many there are; 0: heads are units.
 * ph->n: so many can run at once. */
#define LL_ATTEND_FEW 4                 /* times as many heads as threads are enough */

LL_FN int ll_attend_split(const ll_pass *p, const ll_phase *ph) {
    int rows = 0, chunks = 0, heads;
    for (int i = 0; i < p->n_spans; i++) {
        int n = ll_span_tokens(&p->spans[i], ph->out.out);
        ll_lone t;
        if (n > 1) return 0;
        if (n == 0) continue;
        t = ll_lone_of(p, ph, &p->spans[i]);
        rows++, chunks += t.end - t.first;
    }
    heads = rows * ph->l->n_head_kv;
    if (heads % ph->n == 0 || heads >= LL_ATTEND_FEW * ph->n || chunks < 2 * rows) return 0;
    return chunks * ph->l->n_head_kv;
}

/* ph->in2: the parts, [row][KV head][ph->in2.n], a chunk's in ph->in2.stride floats. */
LL_INLINE float *ll_attend_part_at(const ll_phase *ph, int row, int head) {
    return ph->in2.x + (size_t)(row * ph->l->n_head_kv + head) * (size_t)ph->in2.n * (size_t)ph->in2.stride;
}

LL_FN void ll_run_attend_parts(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    ll_attention a = ll_attention_of(p->m, ph->l, ph->in.stride, ph->out.stride);
    int unit = 0, row = 0;
    for (int i = 0; i < p->n_spans && unit < u1; i++) {
        const ll_span *s = &p->spans[i];
        ll_lone t = ll_lone_of(p, ph, s);
        if (ll_span_tokens(s, ph->out.out) == 0) continue;
        for (int h = 0; h < ph->l->n_head_kv; h++, unit += t.end - t.first) {
            int from = LL_MAX(u0 - unit, 0), to = LL_MIN(t.end - t.first, u1 - unit);
            if (from >= to) continue;
            ll_attend_parts(&a, &s->t->kv[ph->layer], h, ll_row(&ph->in, t.row), t.pos, t.first + from,
                            t.first + to,
                            ll_attend_part_at(ph, row, h) + (size_t)from * (size_t)ph->in2.stride, scratch);
        }
        row++;
    }
}

LL_FN int ll_units_attend(const ll_pass *p, const ll_phase *ph) {
    int n = 0;
    for (int i = 0; i < p->n_spans; i++)
        n += (ll_span_tokens(&p->spans[i], ph->out.out) + LL_ATTEND_TOKENS - 1) / LL_ATTEND_TOKENS;
    return n * ph->l->n_head_kv;
}

LL_FN void ll_run_attend(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    const ll_layer *l = ph->l;
    ll_attention a = ll_attention_of(p->m, l, ph->in.stride, ph->out.stride);
    bool split = ll_attend_split(p, ph) > 0;
    int unit = 0;
    for (int i = 0; i < p->n_spans && unit < u1; i++) {
        const ll_span *s = &p->spans[i];
        const ll_kv *kv = &s->t->kv[ph->layer];
        int n = ll_span_tokens(s, ph->out.out), skip = s->n - n;
        for (int t = 0; t < n && unit < u1; t += LL_ATTEND_TOKENS, unit += l->n_head_kv) {
            const float *q = ll_row(&ph->in, s->row0 + skip + t);
            float *out = ll_row(&ph->out, (ph->out.out ? s->out0 : s->row0) + t);
            for (int h = LL_MAX(u0 - unit, 0); h < LL_MIN(l->n_head_kv, u1 - unit); h++)
                if (split) {
                    ll_lone lone = ll_lone_of(p, ph, s);
                    ll_attend_join(&a, kv, h, ll_attend_part_at(ph, unit / l->n_head_kv, h),
                                   lone.end - lone.first, out);
                } else
                    ll_attend(&a, kv, h, q, out, LL_MIN(LL_ATTEND_TOKENS, n - t), s->pos0 + skip + t,
                              scratch);
        }
    }
}

/* Room for the parts of as many rows as ll_attend_split may split. */
LL_FN ll_val ll_attend_room(ll_builder *b, const ll_layer *l, bool last) {
    ll_attention a = ll_attention_of(b->m, l, 0, 0);
    int n_ctx = b->d->n_ctx, width = b->d->workers.width;
    int rows = LL_MIN((LL_ATTEND_FEW * width - 1) / l->n_head_kv, last ? b->max_out : b->max_rows);
    ll_kv kv;
    ll_val v;
    memset(&v, 0, sizeof v);
    ll_kv_layout(&kv, b->d->k, b->d->v, 16, l->n_head_kv, b->m->hp.head_dim, b->m->hp.head_dim);
    v.n = (n_ctx + LL_ATT_CHUNK - 1) / LL_ATT_CHUNK;
    if (l->window) v.n = LL_MIN(v.n, (l->window - 1) / LL_ATT_CHUNK + 2);       /* it may begin and end inside */
    v.stride = (int)ll_attend_part_len(&a, &kv);
    if (width > 1 && v.n > 1 && rows > 0)
        v.x = (float *)ll_arena_take(b->arena, ll_mul((uint64_t)(rows * l->n_head_kv), (uint64_t)v.n),
                                     (uint64_t)v.stride * sizeof(float));
    return v;
}

LL_FN ll_val ll_attend_heads(ll_builder *b, const ll_layer *l, ll_val q, bool last) {
    ll_val parts = ll_attend_room(b, l, last), o;
    ll_phase *ph = ll_phase_add(b, NULL, ll_attend_split, ll_run_attend_parts);
    ph->in = q, ph->in2 = parts, ph->l = l, ph->n = b->d->workers.width;
    ph->out.out = last, ph->work = 512 * b->m->hp.head_dim;
    o = ll_val_new(b, q.n, last, 1);
    ph = ll_phase_add(b, "attn", ll_units_attend, ll_run_attend);
    ph->in = q, ph->in2 = parts, ph->out = o, ph->l = l, ph->n = b->d->workers.width;
    ph->work = 512 * b->m->hp.head_dim;
    o.parts = true;
    return o;
}

LL_FN ll_val ll_self_attention(ll_builder *b, const ll_layer *l, ll_val h, bool last) {
    static const char *const names[] = { "q", "k", "v" };
    int d = b->m->hp.head_dim, n_q = l->n_head * d, n_kv = l->n_head_kv * d;
    ll_val y[3];
    if (ll_groups_have(b->m->arch->attn, LL_COUNT(b->m->arch->attn), LL_ATTN_QKV)) {
        ll_val qkv = ll_linear(b, "qkv", h, &l->w[LL_ATTN_QKV]);
        y[0] = ll_columns(qkv, 0, n_q);
        y[1] = ll_columns(qkv, n_q, n_kv);
        y[2] = ll_columns(qkv, n_q + n_kv, n_kv);
    } else {
        const ll_weight *w[3] = { &l->w[LL_ATTN_Q], &l->w[LL_ATTN_K], &l->w[LL_ATTN_V] };
        ll_linears(b, &h, 3, names, w, y);
    }
    ll_heads(b, l, y[0], y[1], y[2]);
    return ll_linear(b, "attn_out", ll_attend_heads(b, l, y[0], last), &l->w[LL_ATTN_OUT]);
}

/* ---- short convolution (LFM2): a causal filter over time, a few taps per channel ---- */

#define LL_CONV_UNIT 64                         /* channels */

LL_FN int ll_units_conv(const ll_pass *p, const ll_phase *ph) {
    return p->n_rows ? (ph->out.n + LL_CONV_UNIT - 1) / LL_CONV_UNIT : 0;
}

/* Channels [ch, ch + n) of one span. in: rows of [b | c | x]; the taps weigh the products b*x of
 * the last n_conv tokens, oldest first; state[n_conv - 1][n_embd]: the products before the span. */
LL_FN void ll_conv_block(const ll_phase *ph, const ll_span *s, int ch, int n, size_t state_at) {
    float tap[LL_CONV_MAX][LL_CONV_UNIT], past[LL_CONV_MAX][LL_CONV_UNIT], sum[LL_CONV_UNIT];
    size_t n_embd = (size_t)ph->out.n;
    int keep = ph->n - 1;
    for (int j = 0; j < keep; j++)
        memcpy(past[j], s->t->state + state_at + (size_t)j * n_embd + ch,
               (size_t)n * sizeof(float));
    for (int j = 0; j <= keep; j++)
        for (int i = 0; i < n; i++)
            tap[j][i] = ph->w[0]->v[(size_t)(ch + i) * (size_t)ph->n + (size_t)j];
    for (int t = 0; t < s->n; t++) {
        const float *in = ll_row(&ph->in, s->row0 + t) + ch;
        float *out = ll_row(&ph->out, s->row0 + t) + ch;
        ll_vec_mul(past[keep], in, in + 2 * n_embd, n);
        ll_vec_taps(sum, tap[0], past[0], keep + 1, LL_CONV_UNIT, n);
        ll_vec_mul(out, in + n_embd, sum, n);
        memmove(past[0], past[1], (size_t)keep * sizeof past[0]);
    }
    for (int j = 0; j < keep; j++)
        memcpy(s->t->state_next + state_at + (size_t)j * n_embd + ch, past[j],
               (size_t)n * sizeof(float));
}

/* Floats of recurrent state per recurrent layer. */
LL_FN size_t ll_state_len(const llocal_model *m) {
    return m->n_conv > 1 ? (size_t)m->hp.n_embd * (size_t)(m->n_conv - 1) : 0;
}

LL_FN void ll_run_conv(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    size_t at = 0;
    (void)scratch;
    for (int i = 0; i < ph->layer; i++) if (p->m->layers[i].recurrent) at += ll_state_len(p->m);
    for (int ch = u0 * LL_CONV_UNIT; ch < LL_MIN(u1 * LL_CONV_UNIT, ph->out.n); ch += LL_CONV_UNIT)
        for (int s = 0; s < p->n_spans; s++)
            ll_conv_block(ph, &p->spans[s], ch, LL_MIN(LL_CONV_UNIT, ph->out.n - ch), at);
}

LL_FN ll_val ll_short_conv(ll_builder *b, const ll_layer *l, ll_val h, bool last) {
    ll_val bcx = ll_linear(b, "conv_in", h, &l->w[LL_CONV_IN]), y = ll_val_new(b, h.n, false, 1);
    ll_phase *ph = ll_phase_add(b, "conv", ll_units_conv, ll_run_conv);
    ph->in = bcx, ph->out = y, ph->w[0] = &l->w[LL_CONV], ph->n = b->m->n_conv;
    y.parts = true;
    if (last) y = ll_keep(b, y);
    return ll_linear(b, "conv_out", y, &l->w[LL_CONV_OUT]);
}

/* ---- experts: each token goes to the few networks that its router likes best ---- */

/* Softmax over all experts, then the n_used largest (ties: the lower number). */
LL_FN void ll_run_route(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    const ll_routes *rt = &ph->routes;
    int n = p->m->hp.n_expert, used = p->m->hp.n_expert_used;
    (void)scratch;
    for (int r = u0; r < u1; r++) {
        float *prob = ll_row(&ph->out, r), sum = 0;
        ll_softmax(prob, n);
        for (int i = 0; i < used; i++) {
            int best = -1;
            for (int e = 0; e < n; e++) {
                bool taken = false;
                for (int j = 0; j < i; j++) taken |= rt->expert[r * used + j] == e;
                if (!taken && (best < 0 || prob[e] > prob[best])) best = e;
            }
            rt->expert[r * used + i] = best;
            rt->weight[r * used + i] = prob[best];
            sum += prob[best];
        }
        if (sum < 6.103515625e-5f) sum = 6.103515625e-5f;       /* 2^-14, as the references do */
        for (int i = 0; i < used; i++) {
            float *w = &rt->weight[r * used + i];
            if (p->m->arch->flags & LL_EXPERT_NORM) *w /= sum;
            if (p->m->expert_scale != 0 && p->m->expert_scale != 1) *w *= p->m->expert_scale;
        }
    }
}

/* Sort the pairs by expert, so that each expert's weights are read once for all its tokens. */
LL_FN void ll_run_sort(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    const ll_routes *rt = &ph->routes;
    int n = p->m->hp.n_expert, used = p->m->hp.n_expert_used,
        pairs = ll_rows(p, ph->out.out) * used;
    (void)u0, (void)u1, (void)scratch;
    memset(rt->start, 0, (size_t)(n + 1) * sizeof *rt->start);
    for (int i = 0; i < pairs; i++) rt->start[rt->expert[i] + 1]++;
    p->n_active = 0;
    for (int e = 0; e < n; e++) {
        if (rt->start[e + 1]) rt->active[p->n_active++] = e;
        rt->start[e + 1] += rt->start[e];
    }
    for (int i = 0; i < pairs; i++) {           /* start[e] runs through e's part, ... */
        int at = rt->start[rt->expert[i]]++;
        rt->order[at] = i, rt->row[at] = i / used;
    }
    for (int e = n; e > 0; e--) rt->start[e] = rt->start[e - 1];        /* ... and is put back */
    rt->start[0] = 0;
}

LL_FN int ll_units_one(const ll_pass *p, const ll_phase *ph) { return ll_rows(p, ph->out.out) > 0; }

LL_FN int ll_units_experts(const ll_pass *p, const ll_phase *ph) {
    return ll_rows(p, ph->in.out) ? p->n_active * ph->n_w * ll_row_units(ph->w[0]->m.n_rows) : 0;
}

/* A unit is 16 rows of one matrix of one expert. ph->n: 1 when the input has a row per token,
 * 0 when it has one per pair. */
LL_FN void ll_run_experts(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    const ll_routes *rt = &ph->routes;
    int per = ll_row_units(ph->w[0]->m.n_rows);
    ll_batch batch;
    memset(&batch, 0, sizeof batch);
    (void)p;
    batch.x = ph->in.x, batch.x_stride = (size_t)ph->in.stride;
    batch.a8_stride = (size_t)ll_groups_of(ph->in.n);
    for (int u = u0; u < u1;) {
        int z = LL_MIN(u1, (u / per + 1) * per), i = u / per % ph->n_w,
            e = rt->active[u / per / ph->n_w];
        ll_matrix m = ph->w[i]->m;
        m.data += (uint64_t)e * ph->w[i]->expert_bytes;
        batch.a8 = ph->in.q[m.format->fine];
        batch.n = rt->start[e + 1] - rt->start[e];
        batch.in_row = (ph->n ? rt->row : rt->order) + rt->start[e];
        batch.out_row = rt->order + rt->start[e];
        batch.y = ph->y[i].x, batch.y_stride = (size_t)ph->y[i].stride;
        ll_matmul(&m, &batch, u % per * LL_MATMUL_UNIT,
                  LL_MIN(((z - 1) % per + 1) * LL_MATMUL_UNIT, m.n_rows), scratch);
        u = z;
    }
}

LL_FN int ll_units_pair_group(const ll_pass *p, const ll_phase *ph) {
    return ll_rows(p, ph->out.out) * p->m->hp.n_expert_used * ll_groups_of(ph->out.n);
}

/* Each token's sum over its experts, in the order of its choices. */
LL_FN void ll_run_combine(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    const ll_routes *rt = &ph->routes;
    int used = p->m->hp.n_expert_used;
    (void)scratch;
    for (int r = u0; r < u1; r++) {
        float *y = ll_row(&ph->out, r);
        memset(y, 0, (size_t)ph->out.n * sizeof *y);
        for (int i = 0; i < used; i++)
            ll_vec_axpy(y, rt->weight[r * used + i], ll_row(&ph->in, r * used + i), ph->out.n);
        ll_finish_row(ph, r);
    }
}

LL_FN void ll_expert_phase(ll_builder *b, const ll_routes *rt, ll_val in, bool per_token, int n_w,
                           const char *const *names, const ll_weight *const *w, ll_val *y) {
    ll_phase *ph;
    for (int i = 0; i < n_w; i++)
        y[i] = ll_val_new(b, w[i]->m.n_rows, in.out, b->m->hp.n_expert_used);
    ph = ll_phase_add(b, names[0], ll_units_experts, ll_run_experts);
    ph->in = in, ph->routes = *rt, ph->n = per_token, ph->n_w = n_w;
    ph->work = LL_MATMUL_UNIT * in.n;
    for (int i = 0; i < n_w; i++) ph->w[i] = w[i], ph->y[i] = y[i], ph->y_name[i] = names[i];
}

LL_FN ll_val ll_experts(ll_builder *b, const ll_layer *l, ll_val h) {
    int n_expert = b->m->hp.n_expert, used = b->m->hp.n_expert_used;
    uint64_t pairs = ll_mul((uint64_t)(h.out ? b->max_out : b->max_rows), (uint64_t)used);
    static const char *const names[] = { "ffn_up", "ffn_gate", "ffn_down" };
    ll_routes rt;
    const ll_weight *const w[3] = { &l->w[LL_EXPERT_UP], &l->w[LL_EXPERT_GATE],
                                    &l->w[LL_EXPERT_DOWN] };
    ll_val scores, y2[2], a, d, y;
    ll_phase *ph;
    bool gated = w[1]->m.data != NULL;
    for (int i = 0; i <= gated; i++) ll_want_q(b, &h, w[i], 1);
    scores = ll_linear(b, "ffn_router", h, &l->w[LL_ROUTER]);
    rt.expert = (int32_t *)ll_arena_take(b->arena, pairs, sizeof(int32_t));
    rt.weight = (float *)ll_arena_take(b->arena, pairs, sizeof(float));
    rt.order = (int32_t *)ll_arena_take(b->arena, pairs, sizeof(int32_t));
    rt.row = (int32_t *)ll_arena_take(b->arena, pairs, sizeof(int32_t));
    rt.start = (int32_t *)ll_arena_take(b->arena, (uint64_t)n_expert + 1, sizeof(int32_t));
    rt.active = (int32_t *)ll_arena_take(b->arena, (uint64_t)n_expert, sizeof(int32_t));
    ph = ll_phase_add(b, "ffn_probs", ll_units_row, ll_run_route);
    ph->out = scores, ph->routes = rt;
    ph = ll_phase_add(b, NULL, ll_units_one, ll_run_sort);
    ph->out.out = h.out, ph->routes = rt;

    ll_expert_phase(b, &rt, h, true, 1 + gated, names, w, y2);
    a = ll_val_new(b, y2[0].n, h.out, used);
    ph = ll_phase_add(b, NULL, ll_units_pair_group, ll_run_activate);
    ph->in = y2[gated], ph->out = a;            /* the gate, or what stands for it */
    if (gated) ph->in2 = y2[0];
    ll_want_q(b, &a, w[2], used);
    ll_expert_phase(b, &rt, a, false, 1, names + 2, w + 2, &d);
    y = ll_val_new(b, h.n, h.out, 1);
    ph = ll_phase_add(b, "ffn_out", ll_units_row, ll_run_combine);
    ph->in = d, ph->out = y, ph->routes = rt;
    return y;
}

/* ---- logits ---- */

/* The head writes behind the leading timeline's logits, which is their place if
 * it is alone; here they are capped and taken to their timelines. A unit is so many columns. */
#define LL_DELIVER_UNIT 4096

LL_INLINE int ll_deliver_units(const ll_phase *ph) {
    return (ph->in.n + LL_DELIVER_UNIT - 1) / LL_DELIVER_UNIT;
}
LL_FN int ll_units_deliver(const ll_pass *p, const ll_phase *ph) {
    return p->n_out * ll_deliver_units(ph);
}

LL_FN void ll_run_deliver(ll_pass *p, const ll_phase *ph, int u0, int u1, void *scratch) {
    int per = ll_deliver_units(ph);
    (void)scratch;
    for (int u = u0; u < u1; u++) {
        int row = u / per, at = u % per * LL_DELIVER_UNIT,
            n = LL_MIN(LL_DELIVER_UNIT, ph->in.n - at);
        const ll_span *s = p->spans;
        float *from = ll_row(&ph->in, row) + at, *to;
        size_t to_row;
        while (row >= s->out0 + s->n_out) s++;
        to_row = (size_t)(s->logits_at + row - s->out0);
        to = s->t->logits + to_row * (size_t)ph->in.n + at;
        if (p->m->logit_softcap > 0) ll_softcap(from, from, p->m->logit_softcap, n);
        if (to != from) memcpy(to, from, (size_t)n * sizeof(float));
        if (at == 0)
            memcpy(s->t->hidden + to_row * (size_t)ph->in2.n, ll_row(&ph->in2, row),
                   (size_t)ph->in2.n * sizeof(float));
    }
}

LL_FN void ll_logits(ll_builder *b, ll_val h) {
    const ll_weight *w = &b->m->w[LL_OUTPUT];
    ll_val y;
    ll_phase *ph;
    memset(&y, 0, sizeof y);
    y.n = y.stride = w->m.n_rows, y.out = true;
    ll_want_q(b, &h, w, 1);
    b->head = b->n_phases;                      /* where to: ll_pass_logits, for each pass */
    ph = ll_phase_add(b, "logits", ll_units_linear, ll_run_linear);
    ph->in = h, ph->n_w = 1, ph->w[0] = w, ph->y[0] = y, ph->y_name[0] = "logits";
    ph->work = LL_MATMUL_UNIT * h.n, ph->shared = true;
    ph = ll_phase_add(b, NULL, ll_units_deliver, ll_run_deliver);
    ph->in = y, ph->in2 = h;
}

LL_FN void ll_pass_logits(ll_phase *head, float *logits) { head[0].y[0].x = head[1].in.x = logits; }

/* ---- the forward pass ---- */

LL_FN void ll_build_forward(ll_builder *b) {
    const llocal_model *m = b->m;
    uint64_t peak = 0, mark;
    ll_val x, h, y;

    b->layer = -1;
    x = ll_embed(b);
    ll_rope_tables(b);
    mark = b->arena->used;                      /* layers reuse the same memory */
    for (b->layer = 0; b->layer < m->hp.n_layer; b->layer++) {
        const ll_layer *l = &m->layers[b->layer];
        bool last = b->layer == m->hp.n_layer - 1;      /* from here on only rows with logits */

        h = ll_norm(b, "attn_norm", x, &l->w[LL_ATTN_NORM]);
        if (last) x = ll_keep(b, x);
        y = l->recurrent ? ll_short_conv(b, l, h, last) : ll_self_attention(b, l, h, last);
        if (l->w[LL_ATTN_POST].v) y = ll_norm(b, "attn_post_norm", y, &l->w[LL_ATTN_POST]);
        ll_residual(b, x, y);

        h = ll_norm(b, "ffn_norm", x, &l->w[LL_FFN_NORM]);
        y = l->experts ? ll_experts(b, l, h) : ll_ffn(b, l, h);
        if (l->w[LL_FFN_POST].v) y = ll_norm(b, "ffn_post_norm", y, &l->w[LL_FFN_POST]);
        ll_residual(b, x, y);

        if (b->arena->used > peak) peak = b->arena->used;
        if (!last) b->arena->used = mark;
    }
    b->layer = -1;
    h = ll_norm(b, "output_norm", x, &m->w[LL_OUTPUT_NORM]);
    ll_logits(b, h);
    if (peak > b->arena->used) b->arena->used = peak;
}

/* ---- running it ----
 * All workers walk the list of phases together. A phase is cut into a slice for each worker, who
 * takes units from the front of its own; when that is empty it helps the others, from the end of
 * theirs. When all units of a phase are finished, the next begins. Nobody waits for a worker that
 * has not come: one alone does all the work, so any job system will do, whatever it runs at the
 * same time. Slices in one piece, for memory is fastest where it is read in one stream. */

/* Units finished, and units there are. These are counted when the pass begins, those of experts by
 * the worker that comes first; one that comes late must not, for what they are counted from may
 * belong to the next layer by then. */
typedef struct ll_tally { int done, units; } ll_tally;          /* units: and one; 0: not yet */

/* What is left of a worker's slice: phase + 1 (16 bits), first unit, end (24 bits each). A number
 * of an earlier phase: the slice is whole; of a later one: the phase is over. A cache line each. */
typedef struct ll_slice { uint64_t range, unused[7]; } ll_slice;
#define LL_SLICE_UNITS ((1 << 24) - 1)

typedef struct ll_region {
    ll_pass *pass;
    const ll_phase *phases;
    ll_tally *tally;                    /* [n_phases] */
    ll_slice *slices;                   /* [width] */
    int from, to;                       /* which phases */
    int width;                          /* workers */
    uint8_t *scratch;
    size_t scratch_bytes;               /* per worker */
    bool limited;                       /* stop when the clock says `until` */
    uint64_t until;
    uint64_t (*clock_us)(void *user);
    void *clock_user;
    uint64_t *longest;                  /* [width] us of the longest run between two looks at it */
} ll_region;

/* Multiply-adds worth a piece of their own: about three microseconds. */
#ifndef LL_TASK_WORK
#define LL_TASK_WORK (1 << 17)
#endif

LL_FN int ll_region_units(const ll_region *r, int k) {
    const ll_phase *ph = &r->phases[k];
    int n = ll_atomic_get(&r->tally[k].units);
    if (n == 0) {
        ll_atomic_cas(&r->tally[k].units, 0, ph->units(r->pass, ph) + 1);
        n = ll_atomic_get(&r->tally[k].units);
    }
    return n - 1;
}

typedef struct ll_units { int from, to; } ll_units;

/* Some units of phase k from slice w, of n units in all: at most `most`, and half of what is left if
 * that is more than `least`. */
LL_FN ll_units ll_slice_take(const ll_region *r, int k, int n, int w, bool own, int least, int most) {
    const ll_units none = { 0, 0 };
    ll_slice *s = &r->slices[w];
    for (;;) {
        uint64_t old = ll_atomic_get_64(&s->range);
        int tag = (int)(old >> 48), size;
        int from = (int)((int64_t)n * w / r->width), to = (int)((int64_t)n * (w + 1) / r->width);
        ll_units u;
        if (tag == k + 1) from = (int)(old >> 24 & LL_SLICE_UNITS), to = (int)(old & LL_SLICE_UNITS);
        if (tag > k + 1 || from >= to) return none;
        size = LL_MIN(to - from, LL_MIN(most, LL_MAX(least, (to - from + 1) / 2)));
        size = ll_matmul_whole(size);
        if (own) u.from = from, u.to = from += size;
        else u.to = to, u.from = to -= size;
        if (ll_atomic_cas_64(&s->range, old, (uint64_t)(k + 1) << 48 | (uint64_t)from << 24 | (uint64_t)to))
            return u;
    }
}

/* From the own slice, else from the next one that has some. */
LL_FN ll_units ll_region_take(const ll_region *r, int k, int n, int worker, int most) {
    const ll_phase *ph = &r->phases[k];
    int64_t work = (int64_t)ph->work * (ph->shared ? ll_rows(r->pass, ph->in.out) : 1);
    int least = r->width == 1 ? n : 1 + (int)(LL_TASK_WORK / LL_MAX(work, 1));
    ll_units u = { 0, 0 };
    for (int i = 0; i < r->width && u.from == u.to; i++)
        u = ll_slice_take(r, k, n, (worker + i) % r->width, i == 0, least, most);
    return u;
}

/* With a budget: one unit, then twice as many as before, if half of the time left is enough for
 * them. 0: stop. */
LL_FN int ll_region_pace(const ll_region *r, int last, uint64_t last_us, uint64_t now) {
    uint64_t left = now < r->until ? r->until - now : 0;
    if (last == 0) return left > 0;
    return (int)LL_MIN(2 * (uint64_t)last, left * (uint64_t)last / (2 * (last_us + 1)));
}

/* While others finish phase k, and then the small phases that follow, memory would rest: fetches what
 * the worker begins its next slice of weights with (kernels fetch only from LLQ_AHEAD on). */
LL_FN void ll_region_ahead(const ll_region *r, int k, int worker) {
    const ll_phase *ph = &r->phases[k];
    int unit;
    if (ph->run != ll_run_linear || r->pass->n_rows > LL_FEW_ROWS) return;
    do if (++k == r->to) return; while ((ph = &r->phases[k])->run != ll_run_linear);
    unit = (int)((int64_t)ph->units(r->pass, ph) * worker / r->width);
    for (int i = 0; i < ph->n_w; i++) {
        const ll_matrix *m = &ph->w[i]->m;
        const uint64_t at = (uint64_t)unit * LL_MATMUL_UNIT * m->row_bytes, end = (uint64_t)m->n_rows * m->row_bytes;
        if (at < end) {
            for (uint64_t c = at; c < LL_MIN(end, at + LLQ_AHEAD); c += 64) LL_PREFETCH(m->data + c);
            return;
        }
        unit -= ll_row_units(m->n_rows);
    }
}

/* False: the time is up. */
LL_FN bool ll_region_phase(const ll_region *r, int k, int worker, bool *moved) {
    const ll_phase *ph = &r->phases[k];
    ll_tally *t = &r->tally[k];
    uint8_t *scratch = r->scratch + (size_t)worker * r->scratch_bytes;
    const int n = ll_region_units(r, k);
    uint64_t before = 0, us = 0;
    int size = 0;
    while (ll_atomic_get(&t->done) < n) {
        ll_units u;
        int most = n;
        if (r->limited) {
            before = r->clock_us(r->clock_user);
            most = ll_region_pace(r, size, us, before);
            if (most == 0 && (worker > 0 || *moved)) return false;
            most = LL_MAX(most, 1);     /* every call gets on, however small its budget */
        }
        u = ll_region_take(r, k, n, worker, most);
        size = u.to - u.from;
        if (size == 0) break;
        ph->run(r->pass, ph, u.from, u.to, scratch);
        ll_atomic_add(&t->done, size);
        *moved = true;
        if (!r->limited) continue;
        us = r->clock_us(r->clock_user) - before;
        r->longest[worker] = LL_MAX(r->longest[worker], us);
    }
    ll_region_ahead(r, k, worker);
    for (int i = 0; ll_atomic_get(&t->done) < n; i++) ll_wait(i);
    return true;
}

LL_FN void ll_region_task(void *arg, int worker) {
    const ll_region *r = (const ll_region *)arg;
    bool moved = false;
    for (int k = r->from; k < r->to; k++) if (!ll_region_phase(r, k, worker, &moved)) return;
}

/* ==========================================================================================
 * >>context    Cache, eval, step, sync, rewind, state.
 * ==========================================================================================
 * A context is one timeline: the tokens so far, what the layers remember of them, and the scratch
 * memory and phase list of a pass. Tokens are queued (llocal_begin) and passes take them from
 * the queue, as many as fit. Nothing counts until its pass is complete: position, recurrent state
 * and logits move on together, so a pass can be dropped at any point. */

/* Decoding reads memory, and a few workers may read all that there is to read; more only burn. So the
 * first tokens are made with all of them, half, a quarter ... (any number gives the same bits). */
#define LL_TUNE_PASSES 4                /* for each of these; the fastest counts */
#define LL_TUNE_AGAIN 512               /* passes later, for a machine does not stay as it is */
typedef struct ll_tuner {
    int max, least, trial, n;           /* trial t: max >> t workers, not less than that; n passes of it are done */
    uint64_t us[11];
    int chosen, rest;                   /* passes to be made with those chosen; 0: trying */
} ll_tuner;

struct llocal_context {
    const llocal_model *m;
    llocal_context_desc d;              /* defaults filled in */
    ll_timeline t;
    uint64_t bytes;
    /* the timeline */
    llocal_token *tokens;               /* [n_ctx]: evaluated, then queued */
    int position, n_queued;
    int n_asked, n_made;                /* rows of logits of this eval: wanted, done */
    int n_logits;                       /* rows that llocal_logits shows */
    int window_low;                     /* the oldest position that every window cache holds */
    int done_before;                    /* position when this eval began, for progress */
    llocal_score *work;                 /* [n_vocab], for sampling */
    char *text;                         /* [ll_text_room]: what llocal_generate hands on */
    /* recurrent state: a ring of buffers; one is current, one is written by the pass */
    float *states;                      /* [n_states][state_len] */
    int *state_pos;                     /* [n_states]: position each belongs to; -1: free */
    bool *state_keep;                   /* [n_states]: made at the end of a prompt: a snapshot */
    int n_states, state, state_next;
    size_t state_len;
    /* the pass */
    ll_phase *phases;
    int n_phases, head;
    double *rope_freqs[2];
    ll_pass pass;
    llocal_context **members;           /* [n_batch]: the contexts of pass.spans */
    bool in_pass;                       /* this context leads an unfinished pass */
    llocal_context *leader;             /* of the unfinished pass that holds tokens of ours */
    int phase;                          /* where it stands: all before are finished */
    ll_tally *tally;                    /* [n_phases] */
    ll_slice *slices;                   /* [workers.width] */
    int width;                          /* workers of this pass */
    ll_tuner tuner;
    uint64_t *longest;                  /* [workers.width] */
    uint8_t *scratch;
    size_t scratch_bytes;               /* per worker */
    llocal_stats stats;
};

/* ---- layout ---- */

LL_FN uint64_t ll_system_clock(void *user) { (void)user; return ll_clock_us(); }
LL_FN int ll_default(int value, int otherwise) { return value > 0 ? value : otherwise; }

LL_FN llocal_result ll_context_desc(const llocal_model *m, const llocal_context_desc *d,
                                    llocal_context_desc *out) {
    llocal_context_desc z;
    memset(&z, 0, sizeof z);
    if (d) z = *d;
    if (!m->has_forward)
        return ll_fail(&m->log, LLOCAL_ERR_ARGUMENT,
                       "the model was opened for its vocabulary only");
    if (!z.logger.write) z.logger = m->log;
    if (!z.allocator.resize) z.allocator = m->allocator;
    if (!z.clock_us) z.clock_us = ll_system_clock;
    if (z.n_ctx < 0 || z.n_batch < 0 || z.n_logits < 0 || z.n_snapshots < 0)
        return ll_fail(&z.logger, LLOCAL_ERR_ARGUMENT, "a context's sizes cannot be negative");
    z.n_ctx = ll_default(z.n_ctx, LL_MIN(m->hp.n_ctx_train, 4096));
    if (m->w[LL_POSITION_EMBD].m.data && z.n_ctx > m->hp.n_ctx_train)
        return ll_fail(&z.logger, LLOCAL_ERR_ARGUMENT,
                       "this model has embeddings for %d positions only",
                       (int64_t)m->hp.n_ctx_train);
    z.n_batch = LL_MIN(ll_default(z.n_batch, 256), z.n_ctx);
    z.n_logits = ll_default(z.n_logits, 1);
    z.n_snapshots = m->arch->recurrent ? ll_default(z.n_snapshots, 2) : 0;
    z.workers.width = z.workers.run && LL_CAS_64 ? LL_MAX(z.workers.width, 1) : 1;
    if (z.n_ctx > 1 << 27 || z.n_batch > 1 << 16 || z.n_logits > 1 << 20 || z.n_snapshots > 1024 ||
        z.workers.width > 1024)
        return ll_fail(&z.logger, LLOCAL_ERR_ARGUMENT, "a context's sizes are too large");
    if (z.k == LLOCAL_KV_DEFAULT) z.k = LLOCAL_KV_F16;
    if (z.v == LLOCAL_KV_DEFAULT) z.v = LLOCAL_KV_F16;
    if (z.k < LLOCAL_KV_F32 || z.k > LLOCAL_KV_Q8 || z.v < LLOCAL_KV_F32 || z.v > LLOCAL_KV_Q8)
        return ll_fail(&z.logger, LLOCAL_ERR_ARGUMENT, "there is no such type of keys or values");
    *out = z;
    return LLOCAL_OK;
}

/* Positions a layer's cache holds. A window needs the positions it sees plus a batch being
 * written; the 64 more let a short rewind succeed. */
LL_FN int ll_cache_len(const llocal_context_desc *d, const ll_layer *l) {
    if (l->window == 0 || l->window > d->n_ctx) return d->n_ctx;
    return (int)LL_MIN((int64_t)d->n_ctx, (int64_t)l->window + d->n_batch + 64);
}

LL_FN void ll_layout_cache(ll_arena *a, const llocal_model *m, llocal_context *c) {
    c->t.kv = (ll_kv *)ll_arena_take(a, (uint64_t)m->hp.n_layer, sizeof(ll_kv));
    for (int i = 0; i < m->hp.n_layer; i++) {
        const ll_layer *l = &m->layers[i];
        ll_kv kv;
        if (l->recurrent) continue;
        ll_kv_layout(&kv, c->d.k, c->d.v, ll_cache_len(&c->d, l), l->n_head_kv, m->hp.head_dim,
                     m->hp.head_dim);
        kv.k = (uint8_t *)ll_arena_take(a, kv.k_bytes, 1);
        kv.v = (uint8_t *)ll_arena_take(a, kv.v_bytes, 1);
        if (c->t.kv) c->t.kv[i] = kv;
    }
}

LL_FN void ll_layout_state(ll_arena *a, const llocal_model *m, llocal_context *c) {
    int n = 0;
    for (int i = 0; i < m->hp.n_layer; i++) n += m->layers[i].recurrent;
    c->state_len = (size_t)n * ll_state_len(m);
    c->n_states = n ? 2 + c->d.n_snapshots : 0;
    c->states =
        (float *)ll_arena_take(a, ll_mul((uint64_t)c->n_states, c->state_len), sizeof(float));
    c->state_pos = (int *)ll_arena_take(a, (uint64_t)c->n_states, sizeof(int));
    c->state_keep = (bool *)ll_arena_take(a, (uint64_t)c->n_states, sizeof(bool));
}

/* Frequencies of one of the model's rotary embeddings; returns what cos and sin are scaled by. */
LL_FN float ll_context_rope(const llocal_model *m, int i, double *freqs) {
    ll_rope_scaling s = m->rope[i];
    s.factors = m->w[LL_ROPE_FREQS].v;
    return ll_rope_freqs(freqs, m->n_rot, m->rope_base[i], &s);
}

/* Bytes of scratch that any phase needs on one worker. */
LL_FN size_t ll_worker_scratch(const llocal_model *m, const llocal_context_desc *d) {
    int widest = LL_MAX(LL_MAX(m->hp.n_embd, m->hp.n_ff),
                        LL_MAX(m->n_ff_expert, m->hp.n_head * m->hp.head_dim));
    uint64_t n =
        LL_MAX(ll_matmul_scratch(widest, d->n_batch), (uint64_t)m->hp.n_embd * sizeof(float));
    for (int i = 0; i < m->hp.n_layer; i++) {
        const ll_layer *l = &m->layers[i];
        ll_attention a;
        ll_kv kv;
        if (l->recurrent) continue;
        a = ll_attention_of(m, l, 0, 0);
        ll_kv_layout(&kv, d->k, d->v, ll_cache_len(d, l), l->n_head_kv, m->hp.head_dim,
                     m->hp.head_dim);
        n = LL_MAX(n, ll_attend_scratch(&a, &kv));
    }
    return (size_t)ll_align(n, 128);
}

LL_FN void ll_layout_pass(ll_arena *a, const llocal_model *m, llocal_context *c) {
    uint64_t rows = (uint64_t)c->d.n_batch;
    ll_builder b;
    memset(&b, 0, sizeof b);
    b.m = m, b.d = &c->d, b.arena = a, b.max_rows = c->d.n_batch,
    b.max_out = LL_MIN(c->d.n_logits, c->d.n_batch);
    c->pass.spans = (ll_span *)ll_arena_take(a, rows, sizeof(ll_span));
    c->members = (llocal_context **)ll_arena_take(a, rows, sizeof(llocal_context *));
    c->pass.token = (int32_t *)ll_arena_take(a, rows, sizeof(int32_t));
    c->pass.pos = (int32_t *)ll_arena_take(a, rows, sizeof(int32_t));
    c->pass.out_row = (int32_t *)ll_arena_take(a, rows, sizeof(int32_t));
    for (int i = 0; i < 2; i++)
        c->rope_freqs[i] = (double *)ll_arena_take(a, (uint64_t)m->n_rot / 2, sizeof(double));
    if (a->base && m->arch->rope != LL_ROPE_NONE)
        for (int i = 0; i < 2; i++)
            b.rope_mscale[i] = ll_context_rope(m, i, c->rope_freqs[i]);
    b.rope_freqs[0] = c->rope_freqs[0], b.rope_freqs[1] = c->rope_freqs[1];
    /* The list's length does not depend on where it lies: count it in a dry run. */
    {
        ll_arena nowhere = { NULL, 0 };
        ll_builder count = b;
        count.arena = &nowhere;
        ll_build_forward(&count);
        c->n_phases = count.n_phases;
    }
    c->phases = (ll_phase *)ll_arena_take(a, (uint64_t)c->n_phases, sizeof(ll_phase));
    c->tally = (ll_tally *)ll_arena_take(a, (uint64_t)c->n_phases, sizeof(ll_tally));
    b.phases = c->phases;
    ll_build_forward(&b);
    c->head = b.head;
    c->scratch_bytes = ll_worker_scratch(m, &c->d);
    c->scratch = (uint8_t *)ll_arena_take(a, (uint64_t)c->d.workers.width, c->scratch_bytes);
    c->slices = (ll_slice *)ll_arena_take(a, (uint64_t)c->d.workers.width, sizeof *c->slices);
    c->longest = (uint64_t *)ll_arena_take(a, (uint64_t)c->d.workers.width, sizeof *c->longest);
}

/* The context's one block; c->d is set. Called to measure and to place. */
/* Bytes that one token can complete: each of its own, and of the three that were held, may be U+FFFD. */
LL_FN int ll_text_room(const llocal_model *m) { return 3 * ((int)m->vocab.longest + 3); }

LL_FN void ll_context_layout(ll_arena *a, const llocal_model *m, llocal_context *c,
                             llocal_plan *plan) {
    uint64_t at;
    ll_arena_take(a, 1, sizeof *c);
    c->tokens = (llocal_token *)ll_arena_take(a, (uint64_t)c->d.n_ctx, sizeof(llocal_token));
    at = a->used, ll_layout_cache(a, m, c), plan->cache = a->used - at;
    at = a->used, ll_layout_state(a, m, c), plan->state = a->used - at;
    at = a->used;
    c->t.logits = (float *)ll_arena_take(
        a, ll_mul((uint64_t)c->d.n_logits, (uint64_t)m->hp.n_vocab), sizeof(float));
    c->t.hidden = (float *)ll_arena_take(a, ll_mul((uint64_t)c->d.n_logits, (uint64_t)m->hp.n_embd),
                                         sizeof(float));
    c->work = (llocal_score *)ll_arena_take(a, (uint64_t)m->hp.n_vocab, sizeof(llocal_score));
    c->text = (char *)ll_arena_take(a, (uint64_t)ll_text_room(m), 1);
    plan->logits = a->used - at;
    at = a->used, ll_layout_pass(a, m, c), plan->scratch = a->used - at;
    plan->bytes = a->used;
}

/* ---- the window caches and recurrent states of a timeline ---- */

LL_FN int ll_max_window(const llocal_model *m) {
    int w = 0;
    for (int i = 0; i < m->hp.n_layer; i++) w = LL_MAX(w, m->layers[i].window);
    return w;
}

/* After positions up to `position` were written: what do the rings still hold? */
LL_FN void ll_note_rings(llocal_context *c) {
    for (int i = 0; i < c->m->hp.n_layer; i++)
        if (c->m->layers[i].window)
            c->window_low = LL_MAX(c->window_low, c->position - c->t.kv[i].n_slots);
}

/* A buffer for the next state: free, or the oldest, but never the current one. */
LL_FN int ll_state_victim(const llocal_context *c) {
    int best = -1;
    for (int i = 0; i < c->n_states; i++)
        if (i != c->state && (best < 0 || c->state_pos[i] < c->state_pos[best])) best = i;
    return best;
}

LL_FN void ll_use_state(llocal_context *c, int i) {
    c->state = i;
    c->state_next = ll_state_victim(c);
    if (!c->n_states) return;
    c->state_pos[c->state_next] = -1;
    c->t.state = c->states + (size_t)c->state * c->state_len;
    c->t.state_next = c->states + (size_t)c->state_next * c->state_len;
}

LL_FN void ll_forget_all(llocal_context *c) {
    c->position = c->n_queued = c->n_logits = c->window_low = 0;
    if (!c->n_states) return;
    for (int i = 0; i < c->n_states; i++) c->state_pos[i] = -1, c->state_keep[i] = false;
    memset(c->states, 0, c->state_len * sizeof(float));
    c->state_pos[0] = 0;
    ll_use_state(c, 0);
}

/* The largest position <= n that can be gone back to. */
LL_FN int ll_rewind_target(const llocal_context *c, int n) {
    int window = ll_max_window(c->m), best = 0;
    if (n >= c->position) return c->position;
    if (window && c->window_low > 0 && n - (window - 1) < c->window_low) return 0;
    if (!c->n_states) return n;
    for (int i = 0; i < c->n_states; i++)
        if (i != c->state_next && c->state_pos[i] <= n && c->state_pos[i] > best)
            best = c->state_pos[i];
    if (window && c->window_low > 0 && best - (window - 1) < c->window_low) return 0;
    return best;
}

/* ---- passes ---- */

LL_FN void ll_drop_pass(llocal_context *lead) {
    for (int i = 0; i < lead->pass.n_spans; i++) lead->members[i]->leader = NULL;
    lead->in_pass = false;
}

/* Take tokens from the queue of c into the pass that lead is putting together. */
LL_FN void ll_pass_take(llocal_context *lead, llocal_context *c) {
    ll_pass *p = &lead->pass;
    int n = LL_MIN(c->n_queued, lead->d.n_batch - p->n_rows);
    int unasked = c->n_queued - (c->n_asked - c->n_made);       /* queued tokens before the asked */
    int room = lead->d.n_logits - (lead->n_made + p->n_out), n_out;
    ll_span *s;
    room = LL_MIN(room, LL_MIN(lead->d.n_logits, lead->d.n_batch) - p->n_out);
    n_out = LL_MAX(0, n - unasked);
    if (n_out > room) n -= n_out - room, n_out = room;
    if (n <= 0) return;
    s = &p->spans[p->n_spans];
    lead->members[p->n_spans++] = c;
    c->leader = lead;
    s->t = &c->t, s->row0 = p->n_rows, s->n = n, s->pos0 = c->position;
    s->out0 = p->n_out, s->n_out = n_out, s->logits_at = c->n_made;
    for (int i = 0; i < n; i++)
        p->token[p->n_rows + i] = c->tokens[c->position + i],
                             p->pos[p->n_rows + i] = c->position + i;
    for (int i = 0; i < n_out; i++) p->out_row[p->n_out + i] = p->n_rows + n - n_out + i;
    p->n_rows += n, p->n_out += n_out;
}

/* So many workers as there is work for: each further one wants to save some 20 us. */
#ifndef LL_WORKER_WORK
#define LL_WORKER_WORK (1 << 20)
#endif

/* Bound by memory, so that the number of workers is to be found out. */
LL_FN bool ll_pass_decodes(const llocal_context *c) { return c->pass.n_rows <= LL_FEW_ROWS; }

LL_FN int ll_tuned_width(ll_tuner *t, int max) {
    if (t->max != max) memset(t, 0, sizeof *t), t->max = max, t->least = 1;
    return t->rest ? t->chosen : max >> t->trial;
}

/* A pass of this trial took so long. slack: how much longer than the best is good enough. */
LL_FN void ll_tune(ll_tuner *t, uint64_t us, double slack) {
    uint64_t best = UINT64_MAX;
    if (t->rest) {
        t->rest--;
        return;
    }
    if (t->n == 0 || us < t->us[t->trial]) t->us[t->trial] = us;
    if (++t->n < LL_TUNE_PASSES) return;
    t->trial++, t->n = 0;
    if (t->max >> t->trial >= t->least) return;
    for (int i = 0; i < t->trial; i++) best = LL_MIN(best, t->us[i]);
    for (int i = 0; i < t->trial; i++)
        if ((double)t->us[i] <= slack * (double)best) t->chosen = t->max >> i;
    t->trial = 0, t->least = LL_MAX(t->chosen / 2, 1), t->rest = LL_TUNE_AGAIN;
}

LL_FN void ll_pass_count(llocal_context *c) {
    int64_t work = 0;
    memset(c->tally, 0, (size_t)c->n_phases * sizeof *c->tally);
    memset(c->slices, 0, (size_t)c->d.workers.width * sizeof *c->slices);
    for (int k = 0; k < c->n_phases; k++) {
        const ll_phase *ph = &c->phases[k];
        int n = ph->units(&c->pass, ph);
        if (ph->units != ll_units_experts) c->tally[k].units = n + 1;
        work += (int64_t)n * ph->work * (ph->shared ? ll_rows(&c->pass, ph->in.out) : 1);
    }
    c->width = (int)LL_MIN((int64_t)c->d.workers.width, 1 + work / LL_WORKER_WORK);
    if (ll_pass_decodes(c)) c->width = ll_tuned_width(&c->tuner, c->width);
}

LL_FN void ll_pass_begin(llocal_context *lead, llocal_context *const *contexts, int n) {
    ll_pass *p = &lead->pass;
    p->m = lead->m;
    p->n_spans = p->n_rows = p->n_out = 0;
    ll_pass_take(lead, lead);
    for (int i = 0; i < n; i++)
        if (contexts[i] != lead && contexts[i]->n_queued && !contexts[i]->leader)
            ll_pass_take(lead, contexts[i]);
    ll_pass_logits(lead->phases + lead->head,
                   lead->t.logits + (size_t)lead->n_made * (size_t)lead->m->hp.n_vocab);
    lead->in_pass = true;
    lead->phase = 0;
    ll_pass_count(lead);
}

/* The pass wrote the next state. The one before it is kept only if a prompt ended there: those
 * are the places that conversations go back to. */
LL_FN void ll_commit_state(llocal_context *c) {
    int before = c->state, next = c->state_next;
    if (!c->n_states) return;
    c->state_pos[next] = c->position;
    c->state_keep[next] = c->n_queued == 0 && c->position - c->done_before > 1;
    if (!c->state_keep[before]) c->state_pos[before] = -1;
    ll_use_state(c, next);
}

LL_FN void ll_pass_commit(llocal_context *lead) {
    for (int i = 0; i < lead->pass.n_spans; i++) {
        const ll_span *s = &lead->pass.spans[i];
        llocal_context *c = lead->members[i];
        c->position += s->n, c->n_queued -= s->n, c->n_made += s->n_out;
        ll_note_rings(c);
        ll_commit_state(c);
        if (c->n_queued == 0) c->n_logits = c->n_made;
    }
    ll_drop_pass(lead);
}

LL_FN uint64_t ll_now(const llocal_context *c) { return c->d.clock_us(c->d.clock_user); }

LL_FN void ll_trace_phase(const llocal_context *c, const ll_phase *ph) {
    const bool experts = ph->units == ll_units_experts;
    const int used = experts ? c->m->hp.n_expert_used : 1;
    llocal_trace t;
    memset(&t, 0, sizeof t);
    t.layer = ph->layer, t.tensor = -1;
    if (ph->n_w) {
        t.in = ph->in.x, t.in_cols = ph->in.n, t.in_stride = ph->in.stride;
        t.in_shared = experts && ph->n ? used : 1;
        if (experts) t.expert = ph->routes.expert;
    }
    for (int i = 0; i < LL_MAX(ph->n_w, 1); i++) {
        const ll_val *v = ph->n_w ? &ph->y[i] : &ph->out;
        t.name = ph->n_w ? ph->y_name[i] : ph->name;
        t.n_cols = v->n, t.n_rows = ll_rows(&c->pass, v->out) * used;
        t.stride = v->stride, t.data = v->x;
        if (ph->n_w) t.tensor = ph->w[i]->tensor;
        if (t.name && t.n_rows) c->d.trace(c->d.trace_user, &t);
    }
}

/* Where a region that begins at the current phase may end: a trace wants to see each phase, a
 * progress callback hears of each layer. */
LL_FN int ll_pass_until(const llocal_context *c) {
    int k = c->phase + 1;
    if (c->d.trace) return k;
    if (!c->d.progress) return c->n_phases;
    while (k < c->n_phases && c->phases[k].layer == c->phases[c->phase].layer) k++;
    return k;
}

/* Do some phases, until the clock says `until` if there is a limit: false then. */
LL_FN bool ll_pass_advance(llocal_context *c, bool limited, uint64_t until) {
    ll_region r;
    r.pass = &c->pass, r.phases = c->phases, r.tally = c->tally, r.slices = c->slices;
    r.from = c->phase, r.to = ll_pass_until(c);
    r.width = c->width;
    r.scratch = c->scratch, r.scratch_bytes = c->scratch_bytes;
    r.limited = limited, r.until = until;
    r.clock_us = c->d.clock_us, r.clock_user = c->d.clock_user;
    r.longest = c->longest;
    memset(c->longest, 0, (size_t)c->width * sizeof *c->longest);
    ll_run(&c->d.workers, c->width, ll_region_task, &r);
    for (int i = 0; i < c->width; i++)
        c->stats.us_longest_phase = LL_MAX(c->stats.us_longest_phase, c->longest[i]);
    for (; c->phase < r.to; c->phase++) {
        const ll_tally *t = &c->tally[c->phase];
        if (t->units == 0 || t->done < t->units - 1) return false;
        if (c->d.trace) ll_trace_phase(c, &c->phases[c->phase]);
    }
    return true;
}

/* Go on with a pass until it is complete (*complete), or until the clock says `until`. */
LL_FN llocal_result ll_pass_run(llocal_context *c, bool limited, uint64_t until, bool *complete) {
    int total = c->n_queued + c->position - c->done_before;
    *complete = false;
    while (c->phase < c->n_phases) {
        bool stopped = !ll_pass_advance(c, limited, until);
        if (c->d.progress &&
            !c->d.progress(c->d.progress_user, c->position - c->done_before, total))
            return LLOCAL_ERR_CANCELLED;
        if (stopped || (limited && ll_now(c) >= until)) break;
    }
    *complete = c->phase == c->n_phases;
    return LLOCAL_OK;
}

/* ---- public: open and close ---- */

LL_FN llocal_result ll_context_measure(const llocal_model *m, const llocal_context_desc *d,
                                       llocal_context *c, llocal_plan *plan) {
    ll_arena a = { NULL, 0 };
    memset(c, 0, sizeof *c);
    memset(plan, 0, sizeof *plan);
    LL_TRY(ll_context_desc(m, d, &c->d));
    ll_context_layout(&a, m, c, plan);
    return LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_context_plan(const llocal_model *m, const llocal_context_desc *d,
                                             llocal_plan *out) {
    llocal_context tmp;
    if (!m || !out) return LLOCAL_ERR_ARGUMENT;
    return ll_context_measure(m, d, &tmp, out);
}

LLOCAL_API llocal_result llocal_context_open(const llocal_model *m, const llocal_context_desc *d,
                                             llocal_context **out) {
    llocal_context tmp, *c;
    llocal_plan plan;
    ll_arena a = { NULL, 0 };
    if (!out) return LLOCAL_ERR_ARGUMENT;
    *out = NULL;
    if (!m) return LLOCAL_ERR_ARGUMENT;
    LL_TRY(ll_context_measure(m, d, &tmp, &plan));
    c = (llocal_context *)ll_alloc(&tmp.d.allocator, plan.bytes);
    if (!c)
        return ll_fail(&tmp.d.logger, LLOCAL_ERR_MEMORY, "no %u bytes for the context", plan.bytes);
    c->m = m, c->d = tmp.d, c->bytes = plan.bytes;
    a.base = (uint8_t *)c;
    ll_context_layout(&a, m, c, &plan);
    ll_forget_all(c);
    c->stats.bytes_allocated = c->bytes;
    *out = c;
    return LLOCAL_OK;
}

LLOCAL_API void llocal_context_close(llocal_context *c) {
    llocal_allocator a;
    if (!c) return;
    a = c->d.allocator;
    ll_free(&a, c, c->bytes);
}

/* ---- public: evaluation ---- */

LLOCAL_API void llocal_cancel(llocal_context *c) {
    if (!c) return;
    if (c->leader) ll_drop_pass(c->leader);
    c->n_queued = 0;
    c->n_asked = c->n_made = 0;
}

LLOCAL_API llocal_result llocal_begin(llocal_context *c, const llocal_token *tokens, int n,
                                      int n_logits) {
    if (!c || (n > 0 && !tokens) || n < 0 || n_logits < 0 || n_logits > n)
        return LLOCAL_ERR_ARGUMENT;
    if (c->n_queued)
        return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                       "an evaluation is under way: step to its end, or cancel");
    if (n_logits > c->d.n_logits)
        return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                       "%d rows of logits asked, the context has room for %d", (int64_t)n_logits,
                       (int64_t)c->d.n_logits);
    if (n > c->d.n_ctx - c->position)
        return ll_fail(&c->d.logger, LLOCAL_ERR_FULL,
                       "%d more tokens do not fit: %d of %d positions are taken", (int64_t)n,
                       (int64_t)c->position, (int64_t)c->d.n_ctx);
    for (int i = 0; i < n; i++)
        if (tokens[i] < 0 || tokens[i] >= c->m->hp.n_vocab)
            return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                           "token %d is not in the vocabulary of %d", (int64_t)tokens[i],
                           (int64_t)c->m->hp.n_vocab);
    if (n == 0) return LLOCAL_OK;
    memmove(c->tokens + c->position, tokens, (size_t)n * sizeof *tokens);
    c->n_queued = n, c->n_asked = n_logits, c->n_made = c->n_logits = 0;
    c->done_before = c->position;
    return LLOCAL_OK;
}

/* The context whose unfinished pass to go on with, or the first with tokens queued. */
LL_FN llocal_context *ll_step_lead(llocal_context *const *contexts, int n) {
    llocal_context *first = NULL;
    for (int i = 0; i < n; i++) {
        if (contexts[i]->in_pass) return contexts[i];
        if (!first && contexts[i]->n_queued) first = contexts[i];
    }
    return first;
}

LL_FN void ll_step_stats(llocal_context *c, const ll_pass *p, uint64_t us, bool limited, bool complete) {
    bool prefill = p->n_rows > p->n_spans;
    if (complete && !limited && ll_pass_decodes(c)) ll_tune(&c->tuner, us, c->d.efficient ? 1 / 0.85 : 1 / 0.97);
    c->stats.decode_workers = c->tuner.chosen;
    if (prefill) c->stats.us_prefill += us;
    else c->stats.us_decode += us;
    for (int i = 0; complete && i < p->n_spans; i++) {
        llocal_stats *s = &c->members[i]->stats;
        if (p->spans[i].n > 1) s->tokens_prefilled += (uint64_t)p->spans[i].n;
        else s->tokens_decoded++;
    }
}

LLOCAL_API llocal_result llocal_step(llocal_context *const *contexts, int n, uint32_t budget_us,
                                     bool *done) {
    uint64_t t0, until;
    llocal_context *lead;
    if (done) *done = false;
    if (!contexts || n < 1) return LLOCAL_ERR_ARGUMENT;
    for (int i = 0; i < n; i++)
        if (!contexts[i] || contexts[i]->m != contexts[0]->m) return LLOCAL_ERR_ARGUMENT;
    t0 = ll_now(contexts[0]), until = t0 + budget_us;
    while ((lead = ll_step_lead(contexts, n)) != NULL) {
        bool complete;
        uint64_t start = ll_now(lead);
        llocal_result r;
        if (!lead->in_pass) {
            if (lead->leader)
                return ll_fail(&lead->d.logger, LLOCAL_ERR_ARGUMENT,
                               "a context is in the pass of one that is not in this list");
            ll_pass_begin(lead, contexts, n);
        }
        r = ll_pass_run(lead, budget_us != 0, until, &complete);
        ll_step_stats(lead, &lead->pass, ll_now(lead) - start, budget_us != 0, complete);
        if (r) {
            for (int i = 0; i < n; i++) llocal_cancel(contexts[i]);
            return r;
        }
        if (!complete) return LLOCAL_OK;
        ll_pass_commit(lead);
        if (budget_us && ll_now(lead) >= until && ll_step_lead(contexts, n)) return LLOCAL_OK;
    }
    if (done) *done = true;
    return LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_eval(llocal_context *c, const llocal_token *tokens, int n) {
    LL_TRY(llocal_begin(c, tokens, n, n > 0));
    return n > 0 ? llocal_step(&c, 1, 0, NULL) : LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_rewind(llocal_context *c, int n_keep) {
    int to;
    if (!c || n_keep < 0) return LLOCAL_ERR_ARGUMENT;
    llocal_cancel(c);
    to = ll_rewind_target(c, n_keep);
    if (to == c->position) return LLOCAL_OK;
    if (to == 0) { ll_forget_all(c); return LLOCAL_OK; }
    c->position = to, c->n_logits = 0;
    for (int i = 0; i < c->n_states; i++)
        if (c->state_pos[i] > to) c->state_pos[i] = -1;
    for (int i = 0; i < c->n_states; i++)
        if (c->state_pos[i] == to) { ll_use_state(c, i); break; }
    return LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_sync(llocal_context *c, const llocal_token *tokens, int n) {
    int same = 0;
    if (!c || n < 0 || (n > 0 && !tokens)) return LLOCAL_ERR_ARGUMENT;
    if (n > c->d.n_ctx)
        return ll_fail(&c->d.logger, LLOCAL_ERR_FULL, "%d tokens do not fit into %d positions",
                       (int64_t)n, (int64_t)c->d.n_ctx);
    llocal_cancel(c);
    while (same < LL_MIN(n, c->position) && c->tokens[same] == tokens[same]) same++;
    if (same == n && n == c->position && (n == 0 || c->n_logits)) return LLOCAL_OK;
    LL_TRY(llocal_rewind(c, same == n ? n - 1 : same));
    return llocal_eval(c, tokens + c->position, n - c->position);
}

LLOCAL_API int llocal_position(const llocal_context *c) { return c->position; }
LLOCAL_API const llocal_token *llocal_tokens(const llocal_context *c) { return c->tokens; }

LL_FN int ll_logits_row(const llocal_context *c, int i) {
    if (i < 0) i += c->n_logits;
    return i >= 0 && i < c->n_logits ? i : -1;
}

LLOCAL_API float *llocal_logits(llocal_context *c, int i) {
    int row = ll_logits_row(c, i);
    return row < 0 ? NULL : c->t.logits + (size_t)row * (size_t)c->m->hp.n_vocab;
}

LLOCAL_API const float *llocal_hidden(const llocal_context *c, int i) {
    int row = ll_logits_row(c, i);
    return row < 0 ? NULL : c->t.hidden + (size_t)row * (size_t)c->m->hp.n_embd;
}

LLOCAL_API llocal_stats llocal_context_stats(const llocal_context *c) { return c->stats; }

/* ---- public: state ---- */

/* A state is a head of eight u64 (magic, version, model, key and value types, position, bytes,
 * hash of the rest), the tokens, each attention layer's keys and values of the positions it can
 * still see, head by head, and the recurrent state. Numbers are in this machine's byte order; the
 * magic tells when it is another's. */
#define LL_STATE_MAGIC   0x6c6c2d7374617465ull      /* "ll-state" */
#define LL_STATE_VERSION 1

/* The oldest position that a layer still needs when the timeline goes on at `position`. */
LL_FN int ll_state_from(const ll_layer *l, int position) {
    return l->window ? LL_MAX(0, position - (l->window - 1)) : 0;
}

/* Copy between a state and the context, or only count (p NULL). */
LL_FN size_t ll_state_walk(llocal_context *c, uint8_t *p, bool load) {
    size_t n = 0;
#define LL_MOVE(mem, size) do { \
        if (p && load) memcpy((mem), p + n, (size)); \
        else if (p) memcpy(p + n, (mem), (size)); \
        n += (size); } while (0)
    LL_MOVE(c->tokens, (size_t)c->position * sizeof(llocal_token));
    for (int i = 0; i < c->m->hp.n_layer; i++) {
        const ll_layer *l = &c->m->layers[i];
        const ll_kv *kv = &c->t.kv[i];
        if (l->recurrent) continue;
        for (int h = 0; h < l->n_head_kv; h++)
            for (int pos = ll_state_from(l, c->position); pos < c->position; pos++)
                n += ll_kv_move(kv, h, pos % kv->n_slots, p ? p + n : NULL, load);
    }
    if (c->n_states) LL_MOVE(c->t.state, c->state_len * sizeof(float));
#undef LL_MOVE
    return n;
}

#define LL_STATE_HEAD (8 * sizeof(uint64_t))

LL_FN size_t ll_state_bytes(const llocal_context *c) {
    return LL_STATE_HEAD + ll_state_walk((llocal_context *)c, NULL, false);
}
LLOCAL_API size_t llocal_state_bytes(const llocal_context *c) { return ll_state_bytes(c); }

LL_FN void ll_state_head(const llocal_context *c, uint64_t head[8]) {
    memset(head, 0, LL_STATE_HEAD);
    head[0] = LL_STATE_MAGIC, head[1] = LL_STATE_VERSION, head[2] = c->m->id;
    head[3] = (uint64_t)c->d.k, head[4] = (uint64_t)c->d.v;
    head[5] = (uint64_t)c->position;
    head[6] = (uint64_t)ll_state_bytes(c);
}

LLOCAL_API llocal_result llocal_state_save(const llocal_context *c, void *dst, size_t size) {
    uint64_t head[8];
    if (!c || !dst) return LLOCAL_ERR_ARGUMENT;
    if (c->n_queued)
        return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                       "an evaluation is under way: step to its end, or cancel");
    ll_state_head(c, head);
    if (size < head[6])
        return ll_fail(&c->d.logger, LLOCAL_ERR_FULL, "the state needs %u bytes", head[6]);
    ll_state_walk((llocal_context *)c, (uint8_t *)dst + LL_STATE_HEAD, false);
    head[7] =
        ll_hash(LL_HASH_START, (uint8_t *)dst + LL_STATE_HEAD, (size_t)head[6] - LL_STATE_HEAD);
    memcpy(dst, head, LL_STATE_HEAD);
    return LLOCAL_OK;
}

LLOCAL_API llocal_result llocal_state_load(llocal_context *c, const void *src, size_t size) {
    uint64_t head[8], want[8];
    const llocal_logger *log;
    const uint8_t *body = (const uint8_t *)src + LL_STATE_HEAD;
    if (!c || !src) return LLOCAL_ERR_ARGUMENT;
    log = &c->d.logger;
    if (size < LL_STATE_HEAD) return ll_fail(log, LLOCAL_ERR_FORMAT, "the state is cut short");
    memcpy(head, src, LL_STATE_HEAD);
    if (head[0] != LL_STATE_MAGIC)
        return ll_fail(log, LLOCAL_ERR_FORMAT, "these bytes are no state of this kind of machine");
    if (head[1] != LL_STATE_VERSION)
        return ll_fail(log, LLOCAL_ERR_UNSUPPORTED, "the state has version %u", head[1]);
    if (head[2] != c->m->id)
        return ll_fail(log, LLOCAL_ERR_ARGUMENT, "the state belongs to another model");
    if (head[3] != (uint64_t)c->d.k || head[4] != (uint64_t)c->d.v)
        return ll_fail(log, LLOCAL_ERR_ARGUMENT, "the state stores keys and values in other types");
    if (head[5] > (uint64_t)c->d.n_ctx)
        return ll_fail(log, LLOCAL_ERR_FULL, "the state has %u positions, the context %d", head[5],
                       (int64_t)c->d.n_ctx);
    if (head[6] > size || head[6] < LL_STATE_HEAD ||
        ll_hash(LL_HASH_START, body, (size_t)head[6] - LL_STATE_HEAD) != head[7])
        return ll_fail(log, LLOCAL_ERR_FORMAT, "the state is cut short or damaged");
    for (uint64_t i = 0; i < head[5]; i++) {
        uint32_t t;
        if (head[6] - LL_STATE_HEAD < (i + 1) * 4)
            return ll_fail(log, LLOCAL_ERR_FORMAT, "the state is cut short or damaged");
        memcpy(&t, body + i * 4, 4);
        if (t >= (uint32_t)c->m->hp.n_vocab)
            return ll_fail(log, LLOCAL_ERR_FORMAT,
                           "the state has a token that is not in the vocabulary");
    }
    llocal_cancel(c);
    {
        int old = c->position;
        c->position = (int)head[5];
        ll_state_head(c, want);
        if (want[6] != head[6]) {
            c->position = old;
            return ll_fail(log, LLOCAL_ERR_FORMAT, "the state has %u bytes, should have %u",
                           head[6], want[6]);
        }
    }
    ll_forget_all(c);
    c->position = (int)head[5];
    ll_state_walk(c, (uint8_t *)src + LL_STATE_HEAD, true);
    if (c->n_states) c->state_pos[c->state] = c->position;
    c->window_low = LL_MAX(0, c->position - (ll_max_window(c->m) - 1));
    if (!ll_max_window(c->m)) c->window_low = 0;
    return LLOCAL_OK;
}

/* ==========================================================================================
 * >>sample    Choosing the next token.
 * ==========================================================================================
 * Functions over floats that need no model. A stage gets candidates c[0..n), changes their
 * logits or keeps some of them, and returns how many are left. Three rules carry the rest:
 *
 * 1. Candidates stay in the order of their ids. Filters pick and never sort, so a token is found
 *    by bisection, ties go to the lowest id, and a draw depends only on who is left.
 * 2. No logit is NaN or +infinity (ll_sample_clean sees to that). -infinity means "never this
 *    one"; it still counts as a candidate, as it does in llama.cpp. Only a bias of -infinity and
 *    the filters make it so, and no filter the last one: settings beyond all sense change which
 *    token comes, never whether one does (ll_sample_change, ll_sample_setting).
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

/* x^y for x > 0. */
LL_FN float ll_sample_pow(float x, float y) {
    double z = y * ll_log_double(x);
    return (float)ll_exp_double(z < 88 ? (z > -88 ? z : -88) : 88);
}

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

/* What a stage makes of logit x: y, but what was possible stays possible and what was not stays so;
 * infinity less infinity changes nothing. */
LL_INLINE float ll_sample_change(float x, float y) {
    if (x == -INFINITY || y != y) return x;
    return LL_MAX(LL_MIN(y, LL_SAMPLE_HUGE), -LL_SAMPLE_HUGE);
}
/* A setting, where 0 and NaN mean `otherwise`. */
LL_INLINE float ll_sample_setting(float x, float otherwise) { return x < 0 || x > 0 ? x : otherwise; }

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
/* Four at a time: comparisons that wait for each other take three times as long. */
LL_FN float ll_sample_max(const llocal_score *c, int n) {
    float a = -INFINITY, b = a, d = a, e = a;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        a = LL_MAX(c[i].logit, a), b = LL_MAX(c[i + 1].logit, b);
        d = LL_MAX(c[i + 2].logit, d), e = LL_MAX(c[i + 3].logit, e);
    }
    for (; i < n; i++) a = LL_MAX(c[i].logit, a);
    a = LL_MAX(a, b), d = LL_MAX(d, e);
    return LL_MAX(a, d);
}

/* .p = exp(logit - max); returns their sum, 0 when nothing can be chosen. The sum runs in sixteen
 * lanes and a tree: a fixed order that vectors can keep. */
LL_FN double ll_sample_softmax(llocal_score *c, int n) {
    float max = ll_sample_max(c, n), e[256];
    double sum[16] = { 0 };
    if (max == -INFINITY) max = 0;              /* all p become 0 */
    for (int i = 0; i < n; i += LL_COUNT(e)) {
        int m = LL_MIN(LL_COUNT(e), n - i), whole = (m + 15) & ~15;
        for (int j = 0; j < m; j++) e[j] = c[i + j].logit;
        for (int j = m; j < whole; j++) e[j] = -INFINITY;
        ll_vec_exp(e, e, max, whole);
        for (int j = 0; j < whole; j++) sum[j % 16] += e[j];
        for (int j = 0; j < m; j++) c[i + j].p = e[j];
    }
    for (int h = 8; h; h >>= 1) for (int j = 0; j < h; j++) sum[j] += sum[j + h];
    return sum[0];
}

/* -sum q log q with q = p / sum. log q is the logit less that of the best and log sum, which
 * saves n logarithms; but near 1 we want the logarithm of the rounded q, as the reference takes
 * it: of a model that is nearly sure it is off by 1e-5 of the entropy. */
LL_FN double ll_sample_entropy(const llocal_score *c, int n, double sum) {
    double acc[4] = { 0, 0, 0, 0 }, base = ll_sample_max(c, n) + ll_log_double(sum);
    float total = (float)sum;
    for (int i = 0; i < n; i++) {
        float q = c[i].p / total;
        if (q > 0) acc[i & 3] += q * (q > 0.5f ? -ll_log_double(q) : base - c[i].logit);
    }
    return (acc[0] + acc[2]) + (acc[1] + acc[3]);
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
            if ((uint64_t)(key ^ cut) >> shift >> 8) continue;      /* above, or to be dropped */
            number[key >> shift & 255]++;
            if (mass > 0) sum[key >> shift & 255] += c[i].p;
        }
        for (; bucket && (above + number[bucket] < count || held + sum[bucket] < mass); bucket--)
            above += number[bucket], held += sum[bucket];
        cut |= (uint32_t)bucket << shift;
        if (above + number[bucket] > n / 2) continue;       /* not worth a pass */
        m = 0;
        for (int i = 0; i < n; i++)
            if (ll_sample_key(c[i].logit, center) >= cut) c[m++] = c[i];
        n = m;
    }
    m = 0, p = 0;
    for (int i = 0; i < n; i++) {
        uint32_t key = ll_sample_key(c[i].logit, center);
        if (key < cut) continue;
        if (key == cut) {
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

/* ---- from logits to candidates ----------------------------------------------------------- */

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
            max[b] = ll_vec_max(logits + b * len, LL_MIN(len, n - b * len));
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

/* ---- stages that change logits ----------------------------------------------------------- */

LL_FN void ll_sample_bias(llocal_score *c, int n, const llocal_bias *bias, int n_bias) {
    for (int i = 0; i < n_bias; i++) {
        int j = ll_sample_find(c, n, bias[i].token);
        if (j < 0) continue;
        c[j].logit = bias[i].add == -INFINITY
                         ? -INFINITY
                         : ll_sample_change(c[j].logit, c[j].logit + bias[i].add);
    }
}

/* How many of the n recent tokens a window of last_n (-1: all) sees. */
LL_FN int ll_sample_window(int n, int last_n) { return last_n < 0 || last_n > n ? n : last_n; }

/* Dividing would make a token with a negative logit likelier, so those are multiplied. */
LL_FN void ll_sample_penalties(llocal_score *c, int n, const llocal_token *recent, int n_recent,
                               int last_n, float repeat, float frequency, float presence) {
    int w = ll_sample_window(n_recent, last_n), j;
    const llocal_token *seen = recent + (n_recent - w);
    if (repeat == 1 && frequency == 0 && presence == 0) return;
    for (int i = 0; i < w; i++) if ((j = ll_sample_find(c, n, seen[i])) >= 0) c[j].p = 0;
    for (int i = 0; i < w; i++) if ((j = ll_sample_find(c, n, seen[i])) >= 0) c[j].p += 1;
    for (int i = 0; i < w; i++) {
        float x;
        if ((j = ll_sample_find(c, n, seen[i])) < 0 || c[j].p == 0) continue;
        x = c[j].logit <= 0 ? c[j].logit * repeat : c[j].logit / repeat;
        c[j].logit = ll_sample_change(c[j].logit, x - (c[j].p * frequency + presence));
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
    max_power = base > 1.000001f ? (int)(88.7228391f / ll_logf(base)) : LL_SAMPLE_DRY_MAX;
    for (int i = 0; i < w; i++) {
        double penalty = multiplier;
        if ((j = ll_sample_find(c, n, end[-1 - i])) < 0 || !(c[j].p > 0)) continue;
        for (int k = LL_MIN((int)c[j].p - 1 - allowed, max_power); k > 0; k--) penalty *= base;
        penalty = LL_MAX(LL_MIN(penalty, LL_SAMPLE_HUGE), -LL_SAMPLE_HUGE);
        c[j].logit = ll_sample_change(c[j].logit, c[j].logit - (float)penalty);
        c[j].p = LL_DRY_NOTHING;
    }
}

/* Where even the best would come out infinite the distances to it are divided: it stays 0 then. */
LL_FN int ll_sample_temperature(llocal_score *c, int n, float t) {
    float max;
    if (!(t > 0)) {                             /* only the best has a chance */
        if (n > 1) c[0] = c[ll_sample_greedy(c, n)];
        return LL_MIN(n, 1);
    }
    max = t < 1 ? ll_sample_max(c, n) : 0;
    if (max == -INFINITY) return n;
    if (fabsf(max / t) <= LL_SAMPLE_HUGE) max = 0;
    for (int i = 0; i < n; i++) c[i].logit = ll_sample_clean((c[i].logit - max) / t);
    return n;
}

/* The less sure the model is (entropy as a share of the largest possible one), the hotter. */
LL_FN int ll_sample_dynamic_temperature(llocal_score *c, int n, float t, float range,
                                        float exponent) {
    double sum;
    float low = t > range ? t - range : 0, share;
    if (!(range > 0)) return ll_sample_temperature(c, n, t);
    if (n < 2) return n;
    sum = ll_sample_softmax(c, n);
    if (!(sum > 0)) return n;
    share = (float)(ll_sample_entropy(c, n, sum) / ll_log_double(n));
    if (exponent != 0) share = share > 1e-30f ? ll_sample_pow(share, exponent) : 0;
    else share = 1;
    return ll_sample_temperature(c, n, low + (t + range - low) * share);
}

/* ---- stages that keep some --------------------------------------------------------------- */

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

/* Keep the tokens whose surprise, -log q, is nearest to the expected one, the entropy. Surprise is
 * a constant less the logit, so the distance is that of the logit from some center. */
LL_FN int ll_sample_typical(llocal_score *c, int n, float p, int min_keep) {
    double sum;
    float center = 0;
    if (!(p < 1)) return n;
    sum = ll_sample_softmax(c, n);
    if (sum > 0)
        center = (float)(ll_sample_max(c, n) + ll_log_double(sum) - ll_sample_entropy(c, n, sum));
    /* the factor: more than p, where top-p wants at least p */
    return ll_sample_best(c, n, LL_MAX(min_keep, 1), p * sum * (1 + 4e-16), &center);
}

LL_FN int ll_sample_min_p(llocal_score *c, int n, float p, int min_keep) {
    float bound;
    int m = 0;
    if (!(p > 0)) return n;
    bound = ll_sample_max(c, n) + ll_logf(p);
    for (int i = 0; i < n; i++) m += c[i].logit >= bound;
    if (m < LL_MAX(min_keep, 1)) return ll_sample_best(c, n, LL_MAX(min_keep, 1), 0, NULL);
    m = 0;
    for (int i = 0; i < n; i++) if (c[i].logit >= bound) c[m++] = c[i];
    return m;
}

/* "Exclude top choices": sometimes drop all that reach the threshold, but for the last of them. What
 * has no chance reaches none. */
LL_FN int ll_sample_xtc(llocal_score *c, int n, float probability, float threshold, int min_keep,
                        uint64_t *rng) {
    double bound;
    int reach = 0, last = 0, m = 0;
    if (!(probability > 0) || !(threshold <= 0.5f) || n < 2) return n;
    if (ll_sample_random(rng) >= probability) return n;
    bound = LL_MAX(ll_sample_softmax(c, n) * threshold, 1e-45);
    for (int i = 0; i < n; i++)
        if (c[i].p >= bound && (reach++ == 0 || c[i].logit <= c[last].logit)) last = i;
    if (reach < 2 || n - (reach - 1) < min_keep) return n;
    for (int i = 0; i < n; i++) if (!(c[i].p >= bound) || i == last) c[m++] = c[i];
    return m;
}

/* ---- the draw ---------------------------------------------------------------------------- */

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
        float t = ll_logf((float)(i + 2) / (float)(i + 1));
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
    double bound = ll_sample_softmax(c, n) * ll_expf(-mu * 0.693147181f);
    return bound <= 1 ? ll_sample_keep_p(c, n, bound) : ll_sample_temperature(c, n, 0);
}

LL_FN int ll_sample_mirostat(llocal_sampler *s, llocal_score *c, int n, int n_vocab) {
    float tau = ll_sample_setting(s->mirostat_tau, 5);
    float eta = ll_sample_setting(s->mirostat_eta, 0.1f), mu;
    double sum;
    int i;
    s->mirostat_mu = ll_sample_setting(s->mirostat_mu, 2 * tau);
    n = s->mirostat == 1
        ? ll_sample_mirostat_1(c, n, n_vocab, LL_SAMPLE_MIROSTAT, s->mirostat_mu)
        : ll_sample_mirostat_2(c, n, s->mirostat_mu);
    sum = ll_sample_softmax(c, n);
    i = ll_sample_pick(c, n, ll_sample_random(&s->rng) * sum);
    if (i < 0) return i;
    mu = s->mirostat_mu - eta * (-ll_logf((float)(c[i].p / sum)) * 1.442695041f - tau);
    if (fabsf(mu) <= LL_SAMPLE_HUGE) s->mirostat_mu = mu;
    return i;
}

/* Adaptive-p prefers tokens of a certain chance: a hill over p, quadratic near the aim, linear
 * far from it, takes the place of the logits. The aim leans against the running mean of what was
 * drawn, so that the long-run mean comes to the target. */
LL_FN float ll_sample_hill(float p, float aim) {
    float d = fabsf(p - aim) / 0.3f;
    return 5 - 10 * d * d / (1 + d);
}
LL_FN float ll_sample_aim(float target, float sum, float weight) {
    float aim = weight > 0 ? 2 * target - sum / weight : target;
    return aim > 0 ? LL_MIN(aim, 1) : 0;
}
LL_FN int ll_sample_adaptive(llocal_sampler *s, llocal_score *c, int n) {
    float decay = s->adaptive_decay > 0 ? LL_MIN(s->adaptive_decay, 0.99f) : 0.9f;
    float target = LL_MIN(s->adaptive_target, 1), max = ll_sample_max(c, n), aim;
    double sum = ll_sample_softmax(c, n), total = 0;
    int i;
    if (!(s->adaptive_weight > 0 && s->adaptive_weight <= LL_SAMPLE_HUGE &&
          fabsf(s->adaptive_sum) <= LL_SAMPLE_HUGE))
        s->adaptive_weight = 1 / (1 - decay), s->adaptive_sum = target * s->adaptive_weight;
    aim = ll_sample_aim(target, s->adaptive_sum, s->adaptive_weight);
    for (i = 0; i < n; i++) {
        if (c[i].logit == -INFINITY) continue;
        c[i].p = ll_expf(ll_sample_hill((float)(c[i].p / sum), aim) - 5);      /* at most 1 */
        total += c[i].p;
    }
    i = ll_sample_pick(c, n, ll_sample_random(&s->rng) * total);
    if (i < 0) return i;
    s->adaptive_sum = (float)(ll_expf(c[i].logit - max) / sum) + decay * s->adaptive_sum;
    s->adaptive_weight = 1 + decay * s->adaptive_weight;
    return i;
}

/* ---- the chain --------------------------------------------------------------------------- */

LL_FN bool ll_sample_is_greedy(const llocal_sampler *s) {
    return !(s->temperature > 0) && !(s->dynatemp_range > 0);
}

/* Whether a stage would do anything. */
LL_FN bool ll_sample_is_on(const llocal_sampler *s, int stage) {
    switch (stage) {
    case LLOCAL_STAGE_PENALTIES:
        return s->penalty_last_n != 0 && (ll_sample_setting(s->repeat_penalty, 1) != 1 ||
                                          ll_sample_setting(s->frequency_penalty, 0) != 0 ||
                                          ll_sample_setting(s->presence_penalty, 0) != 0);
    case LLOCAL_STAGE_DRY:         return ll_sample_setting(s->dry_multiplier, 0) != 0;
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
        ll_sample_penalties(c, n, recent, n_recent, s->penalty_last_n,
                            ll_sample_setting(s->repeat_penalty, 1),
                            ll_sample_setting(s->frequency_penalty, 0),
                            ll_sample_setting(s->presence_penalty, 0));
        return n;
    case LLOCAL_STAGE_DRY:
        ll_sample_dry(c, n, recent, n_recent, s->dry_multiplier,
                      ll_sample_setting(s->dry_base, 1.75f),
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
                             ll_sample_setting(s->xtc_threshold, 0.1f), s->min_keep, &s->rng);
    case LLOCAL_STAGE_TEMPERATURE:
        return ll_sample_dynamic_temperature(c, n, s->temperature, s->dynatemp_range,
                   ll_sample_setting(s->dynatemp_exponent, 1));
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

LL_FN int ll_sample_n_bias(const llocal_sampler *s) { return s->bias ? LL_MAX(s->n_bias, 0) : 0; }

/* The candidates that the stages start from. A token whose logit will be changed may rise or
 * fall, so each of them is in, and does not count among the `need` best. */
LL_FN int ll_sample_start(const llocal_sampler *s, const uint8_t *order, const float *logits,
                          int n_vocab, const llocal_token *recent, int n_recent, llocal_score *c) {
    int w = 0, need = ll_sample_need(s, order), n_bias = ll_sample_n_bias(s), n;
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
    ll_sample_bias(c, n, s->bias, ll_sample_n_bias(s));
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

LL_NOINLINE llocal_token ll_sample(llocal_sampler *s, const float *logits, int n_vocab,
                                   const llocal_token *recent, int n_recent, llocal_score *work) {
    int n = ll_sample_chain(s, logits, n_vocab, recent, n_recent, work), i;
    if (ll_sample_is_greedy(s)) {
        i = ll_sample_greedy(work, n);
        if (n == 0 || work[i].logit == -INFINITY) return -1;
    } else if (s->mirostat == 1 || s->mirostat == 2) {
        i = ll_sample_mirostat(s, work, n, n_vocab);
    } else if (s->adaptive_target > 0) {
        i = ll_sample_adaptive(s, work, n);
    } else {
        double sum = ll_sample_softmax(work, n);
        i = ll_sample_pick(work, n, ll_sample_random(&s->rng) * sum);
    }
    return i < 0 ? -1 : work[i].token;
}

LL_NOINLINE int ll_sample_top(const float *logits, int n, llocal_score *out, int k) {
    double sum[16] = { 0 };
    float max;
    int m = 0;
    for (int i = 0; i < n; i++)
        if (logits[i] == logits[i]) m = ll_sample_offer(out, m, k, i, ll_sample_clean(logits[i]));
    ll_sample_sort(out, m);
    max = m > 0 && out[0].logit > -INFINITY ? out[0].logit : 0;
    for (int i = 0; i < n; i++)
        sum[i & 15] += ll_expf(ll_sample_clean(logits[i]) - max);
    for (int h = 8; h; h >>= 1) for (int j = 0; j < h; j++) sum[j] += sum[j + h];
    for (int i = 0; i < m; i++)
        out[i].p = sum[0] > 0 ? (float)(ll_expf(out[i].logit - max) / sum[0]) : 0;
    return m;
}

LLOCAL_API llocal_token llocal_sample(llocal_sampler *s, const float *logits, int n,
                                      const llocal_token *recent, int n_recent,
                                      llocal_score *work) {
    const llocal_token none = -1;
    ll_fp_mode mode;
    llocal_token t;
    if (!s || !logits || !work || n <= 0) return -1;
    if (!recent || n_recent < 0) recent = &none, n_recent = 0;
    mode = ll_fp_enter();
    t = ll_sample(s, logits, n, recent, n_recent, work);
    ll_fp_leave(mode);
    return t;
}

LLOCAL_API int llocal_top(const float *logits, int n, llocal_score *out, int k) {
    ll_fp_mode mode;
    if (!logits || !out || n <= 0 || k <= 0) return 0;
    mode = ll_fp_enter();
    k = ll_sample_top(logits, n, out, k);
    ll_fp_leave(mode);
    return k;
}

/* ==========================================================================================
 * >>generate    The short way.
 * ==========================================================================================
 * Sample, report, evaluate, until the reply ends: the loop that most programs want. */

LL_FN llocal_token ll_next(llocal_context *c, llocal_sampler *s) {
    const float *logits = ll_logits_row(c, -1) < 0
                              ? NULL
                              : c->t.logits + (size_t)(c->n_logits - 1) * (size_t)c->m->hp.n_vocab;
    return logits ? llocal_sample(s, logits, c->m->hp.n_vocab, c->tokens, c->position, c->work)
                  : -1;
}

LLOCAL_API llocal_token llocal_next(llocal_context *c, llocal_sampler *s) {
    return c && s ? ll_next(c, s) : -1;
}

/* Why there is no next token. */
LL_FN llocal_result ll_generate_refuse(const llocal_context *c) {
    const int n = c->m->hp.n_vocab, row = ll_logits_row(c, -1);
    const float *logits = c->t.logits + (size_t)LL_MAX(row, 0) * (size_t)n;
    if (row < 0)
        return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                       "no logits to sample from: evaluate a prompt first");
    for (int i = 0; i < n; i++)
        if (logits[i] != logits[i])
            return ll_fail(&c->d.logger, LLOCAL_ERR_FORMAT,
                           "the logits are NaN, not numbers: the weights are damaged; open the "
                           "model with check_weights, which names the tensor");
    return ll_fail(&c->d.logger, LLOCAL_ERR_ARGUMENT,
                   "every token is forbidden: all logits, with their biases, are -infinity");
}

/* What token t completes, or with -1 what is held. on_text is called here and nowhere else. */
LL_FN bool ll_generate_text(llocal_context *c, llocal_text *held, llocal_token t,
        bool (*on_text)(void *user, llocal_token t, llocal_str text), void *user) {
    llocal_str text = { c->text, 0 };
    int n;
    if (!on_text) return true;
    n = llocal_text_add(held, c->m, t, c->text, ll_text_room(c->m));
    LLOCAL_ASSERT(n <= ll_text_room(c->m));
    text.len = (size_t)LL_MAX(n, 0);    /* a vocabulary that has no text makes none */
    return on_text(user, t, text);
}

LLOCAL_API llocal_result llocal_generate(llocal_context *c, llocal_sampler *s, int max_tokens,
        bool (*on_text)(void *user, llocal_token t, llocal_str text), void *user) {
    llocal_text held = { { 0 }, 0 };
    if (!c || !s) return LLOCAL_ERR_ARGUMENT;
    for (int i = 0; max_tokens <= 0 || i < max_tokens; i++) {
        llocal_token t = llocal_next(c, s);
        if (t < 0) return ll_generate_refuse(c);
        if (llocal_token_is_end(c->m, t)) break;
        if (!ll_generate_text(c, &held, t, on_text, user)) return LLOCAL_OK;
        if (c->position == c->d.n_ctx) break;
        LL_TRY(llocal_eval(c, &t, 1));
    }
    if (held.n_held) ll_generate_text(c, &held, -1, on_text, user);
    return LLOCAL_OK;
}

LLOCAL_API int llocal_version(void) { return LLOCAL_VERSION; }

LLOCAL_API const char *llocal_build(void) { return ll_build(); }

#undef LL_ONCE
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
