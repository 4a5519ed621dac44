/* Trains a vocabulary: byte pair encoding over words, with single bytes for what it has not seen.
 *
 *     tokenizer TEXT N_TOKENS OUT.gguf
 *
 * TEXT is what corpus writes. The vocabulary is of the SentencePiece kind that llama models have, so
 * llocal.h and llama.cpp both read it from OUT, and a text is cut by applying the merges in the
 * order in which they were learnt: a token's score is minus its place in that order.
 *
 * Learning (Sennrich, Haddow, Birch: Neural machine translation of rare words with subword units,
 * 2016): begin with characters; join the most frequent pair of neighbours, everywhere; repeat.
 * Pairs never cross the bounds of words. A word is a run of letters or of punctuation; spaces, digits
 * and line breaks stand alone. In the end the most frequent words get a second token, with the space
 * before them. So an unusual word, unless it begins with a usual one, is cut the same way behind a space
 * and behind a quote, and can be copied; the usual ones cost one token. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "head.h"

#define MAX_TOKENS 8192
#define MAX_LEN    24                   /* bytes of a token */
#define MAX_WORD   64
#define SPACED     16                   /* one token of so many is a word with its space */
#define SPACE      "\xe2\x96\x81"       /* U+2581, which stands for a space */

typedef struct word {
    int n, part[MAX_WORD];              /* its tokens */
    uint32_t start;                     /* its text */
    int len;
    uint32_t count, spaced;             /* how often; how often behind a space */
    uint64_t hash;
} word;

static char tokens[MAX_TOKENS][MAX_LEN];        /* with plain spaces */
static int n_tokens, n_wanted;
static word *words;                     /* a hash table, then a list */
static size_t n_words, n_slots = 1u << 20;
static char *text;
static size_t text_len;

static void die(const char *why) { fprintf(stderr, "tokenizer: %s\n", why); exit(1); }

static void *grow(void *p, size_t size) {
    p = realloc(p, size);
    if (!p) die("out of memory");
    return p;
}

static void read_text(const char *path) {
    FILE *f = fopen(path, "rb");
    size_t got = 1;
    if (!f) die("cannot read the text");
    while (got > 0) {
        text = (char *)grow(text, text_len + 65536);
        got = fread(text + text_len, 1, 65536, f);
        text_len += got;
    }
    fclose(f);
}

/* ---- words ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const char *s, size_t len) {    /* FNV-1a */
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h;
}

static bool is_letter(char c) { return isalpha((unsigned char)c) || (c & 0x80); }

/* The length of the word at s, s < end. */
static size_t word_len(const char *s, const char *end) {
    const char *p = s;
    if (*p == '\n' || *p == ' ' || isdigit((unsigned char)*p)) return 1;
    if (is_letter(*p)) while (p < end && is_letter(*p)) p++;
    else while (p < end && ispunct((unsigned char)*p)) p++;
    return p > s ? (size_t)(p - s) : 1;
}

static void count_word(const char *s, size_t len, bool spaced) {
    uint64_t h = hash_of(s, len);
    size_t i = (size_t)h % n_slots;
    if (len > MAX_WORD) return;
    while (words[i].count && (words[i].hash != h || words[i].len != (int)len ||
                              memcmp(text + words[i].start, s, len))) i = (i + 1) % n_slots;
    if (!words[i].count) {
        if (++n_words > n_slots / 2) die("too many different words: give it less text");
        words[i].hash = h, words[i].len = (int)len, words[i].start = (uint32_t)(s - text);
    }
    words[i].count++, words[i].spaced += spaced;
}

/* Documents end with a line that is "%"; each begins with the space that llama models add. */
static void count_words(void) {
    char *s = text, *end = text + text_len;
    while (s < end) {
        char *stop = s;
        while (stop < end && !(stop[0] == '\n' && stop + 2 < end && stop[1] == '%' && stop[2] == '\n')) stop++;
        while (s < stop) {
            size_t len = word_len(s, stop);
            count_word(s, len, s > text && s[-1] == ' ');
            s += len;
        }
        s = stop + 3;
    }
}

/* ---- learning ------------------------------------------------------------------------------- */

static int find_token(const char *s) {
    for (int i = 0; i < n_tokens; i++) if (!strcmp(tokens[i], s)) return i;
    return -1;
}

/* All of printable ASCII and the line break become tokens, and words lists of them. */
static void start_from_characters(void) {
    int of_byte[256] = { 0 };
    size_t n = 0;
    for (int b = ' '; b < 127; b++) of_byte[b] = n_tokens, tokens[n_tokens++][0] = (char)b;
    of_byte['\n'] = n_tokens, tokens[n_tokens++][0] = '\n';
    for (size_t i = 0; i < n_slots; i++) if (words[i].count) words[n++] = words[i];
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < words[i].len; k++) {
            unsigned char c = (unsigned char)text[words[i].start + (uint32_t)k];
            if (c != '\n' && (c < ' ' || c > '~')) die("the text is not plain ASCII");
            words[i].part[words[i].n++] = of_byte[c];
        }
}

/* counts: [n_wanted][n_wanted], of each pair of neighbours. */
static void count_pairs(uint32_t *counts, const word *w, bool add) {
    for (int k = 0; k + 1 < w->n; k++) {
        uint32_t *c = counts + (size_t)w->part[k] * (size_t)n_wanted + (size_t)w->part[k + 1];
        *c = add ? *c + w->count : *c - w->count;
    }
}

/* The most frequent pair that makes a token of allowed length; the first one where they are even. */
static uint32_t best_pair(const uint32_t *counts, int *best_a, int *best_b) {
    uint32_t best = 0;
    for (int a = 0; a < n_tokens; a++)
        for (int b = 0; b < n_tokens; b++) {
            uint32_t c = counts[(size_t)a * (size_t)n_wanted + (size_t)b];
            if (c > best && strlen(tokens[a]) + strlen(tokens[b]) < MAX_LEN) best = c, *best_a = a, *best_b = b;
        }
    return best;
}

static void join_in_word(word *w, int a, int b, int token) {
    int n = 0;
    for (int k = 0; k < w->n; k++) {
        bool here = k + 1 < w->n && w->part[k] == a && w->part[k + 1] == b;
        w->part[n++] = here ? token : w->part[k];
        k += here;
    }
    w->n = n;
}

static bool has_pair(const word *w, int a, int b) {
    for (int k = 0; k + 1 < w->n; k++) if (w->part[k] == a && w->part[k + 1] == b) return true;
    return false;
}

static void learn_pieces(int n) {
    uint32_t *counts = (uint32_t *)calloc((size_t)n_wanted * (size_t)n_wanted, sizeof *counts), best;
    int a = 0, b = 0;
    if (!counts) die("out of memory");
    for (size_t i = 0; i < n_words; i++) count_pairs(counts, &words[i], true);
    while (n_tokens < n && (best = best_pair(counts, &a, &b)) > 1) {
        char joined[2 * MAX_LEN];
        int token;
        snprintf(joined, sizeof joined, "%s%s", tokens[a], tokens[b]);
        token = find_token(joined);     /* it may have been learnt from other halves */
        if (token < 0) token = n_tokens, memcpy(tokens[n_tokens++], joined, strlen(joined));
        for (size_t i = 0; i < n_words; i++) {
            if (!has_pair(&words[i], a, b)) continue;
            count_pairs(counts, &words[i], false);
            join_in_word(&words[i], a, b, token);
            count_pairs(counts, &words[i], true);
        }
    }
    free(counts);
}

/* The most frequent first; words have different texts. */
static int compare_words(const void *a, const void *b) {
    const word *v = (const word *)a, *w = (const word *)b;
    if (v->spaced != w->spaced) return v->spaced > w->spaced ? -1 : 1;
    if (v->len != w->len) return v->len - w->len;
    return memcmp(text + v->start, text + w->start, (size_t)v->len);
}

/* Only words that are one token, so that no other merge takes the space: these come last. */
static void learn_spaced(void) {
    qsort(words, n_words, sizeof *words, compare_words);
    for (size_t i = 0; i < n_words && n_tokens < n_wanted; i++) {
        const word *w = &words[i];
        if (w->n > 1 || w->len + 1 >= MAX_LEN || !islower((unsigned char)text[w->start])) continue;
        tokens[n_tokens][0] = ' ', memcpy(tokens[n_tokens++] + 1, text + w->start, (size_t)w->len);
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

#define N_SPECIAL 3
enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3, BYTES = 6 };   /* token types in GGUF */

typedef struct list {                   /* as the file has them */
    uint8_t *strings, score[4 * MAX_TOKENS], type[4 * MAX_TOKENS];
    size_t n_bytes, n;
} list;

static void store(uint8_t *out, uint64_t v, int n_bytes) {     /* little-endian */
    for (int i = 0; i < n_bytes; i++) out[i] = (uint8_t)(v >> 8 * i);
}

static void put(list *l, const char *s, int type, float score) {
    size_t len = strlen(s);
    uint32_t bits;
    l->strings = (uint8_t *)grow(l->strings, l->n_bytes + 8 + len);
    memcpy(&bits, &score, sizeof bits);
    store(l->strings + l->n_bytes, len, 8);
    memcpy(l->strings + l->n_bytes + 8, s, len);
    l->n_bytes += 8 + len;
    store(l->score + 4 * l->n, bits, 4);
    store(l->type + 4 * l->n++, (uint64_t)type, 4);
}

static void put_token(list *l, int i) {
    char spelled[3 * MAX_LEN + 1];
    size_t len = 0;
    int n_chars = '~' - ' ' + 2;        /* the single characters; they are never the result of a merge */
    for (const char *s = tokens[i]; *s; s++) {
        if (*s == ' ') memcpy(spelled + len, SPACE, 3), len += 3;
        else spelled[len++] = *s;
    }
    spelled[len] = 0;
    put(l, spelled, NORMAL, i < n_chars ? -1e6f : (float)(n_chars - i));
}

static void write_vocabulary(const char *path) {
    static head h;
    static list l;
    FILE *f = fopen(path, "wb");
    llocal_writer w = {0};
    char name[8];
    bool ok;
    put(&l, "<unk>", UNKNOWN, 0), put(&l, "<s>", CONTROL, 0), put(&l, "</s>", CONTROL, 0);
    for (int b = 0; b < 256; b++) snprintf(name, sizeof name, "<0x%02X>", b), put(&l, name, BYTES, 0);
    for (int i = 0; i < n_tokens; i++) put_token(&l, i);
    head_string(&h, "general.architecture", "llama");
    head_string(&h, "tokenizer.ggml.model", "llama");
    head_array(&h, "tokenizer.ggml.tokens", LLOCAL_META_STRING, l.n, l.strings, l.n_bytes);
    head_array(&h, "tokenizer.ggml.scores", LLOCAL_META_F32, l.n, l.score, 4 * l.n);
    head_array(&h, "tokenizer.ggml.token_type", LLOCAL_META_I32, l.n, l.type, 4 * l.n);
    head_int(&h, "tokenizer.ggml.unknown_token_id", 0);
    head_int(&h, "tokenizer.ggml.bos_token_id", 1);
    head_int(&h, "tokenizer.ggml.eos_token_id", 2);
    head_bool(&h, "tokenizer.ggml.add_bos_token", true);
    head_bool(&h, "tokenizer.ggml.add_eos_token", false);
    head_bool(&h, "tokenizer.ggml.add_space_prefix", true);
    w.write = head_write, w.user = f;
    ok = f && !llocal_gguf_write_head(&w, h.meta, h.n, NULL, 0);
    if (f && fclose(f)) ok = false;
    if (f && !ok) remove(path);
    if (!ok) die("cannot write the vocabulary");
    free(l.strings);
}

int main(int argc, char **argv) {
    if (argc != 4 || atoi(argv[2]) < 400 || atoi(argv[2]) > MAX_TOKENS) {
        fprintf(stderr, "usage: tokenizer TEXT N_TOKENS OUT.gguf    (400 to %d tokens)\n", MAX_TOKENS);
        return 2;
    }
    n_wanted = atoi(argv[2]) - N_SPECIAL - 256;
    read_text(argv[1]);
    words = (word *)calloc(n_slots, sizeof *words);
    if (!words) die("out of memory");
    count_words();
    start_from_characters();
    learn_pieces(n_wanted - n_wanted / SPACED);
    learn_spaced();
    write_vocabulary(argv[3]);
    printf("%d tokens from %zu different words\n", n_tokens + N_SPECIAL + 256, n_words);
    free(words), free(text);
    return 0;
}
