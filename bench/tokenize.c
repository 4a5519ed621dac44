/* How fast text becomes tokens: tokenize [-s SECONDS] VOCAB.gguf... prints a line for each vocabulary (for
 * byte-level BPE that says "gpt-2", one for each name of tokenizer.ggml.pre): megabytes a second of
 * English, Chinese and code on one core, and the slowest of some texts of a megabyte that are made to be
 * slow, in seconds. Start it at the top of the repository: README.md and llocal.h are the texts. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "../tests/t.h"
#include "../tests/tokens.h"
#include <time.h>

#define SIZE (1 << 20)
static char text[SIZE + 64];
static llocal_token ids[SIZE * 3 + 64];
static double seconds = 0.1;            /* for each figure, at least */

/* Of this process: other ones do not count. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A megabyte of s, again and again. */
static size_t fill(const char *s, size_t n) {
    size_t len = 0;
    while (len + n <= SIZE && n) memcpy(text + len, s, n), len += n;
    return len;
}

static double rate(const test_vocabulary *t, size_t len) {
    double start = now(), best = 1e9, end;
    do {
        double begin = now();
        if (llocal_tokenize(test_vocab_model(t), text, len, 0, ids, SIZE * 3) < 0) return 0;
        end = now();
        if (end - begin < best) best = end - begin;
    } while (end - start < seconds);
    return (double)len / best / 1e6;
}

/* Seconds for the slowest, and which it is. */
static double slowest(const test_vocabulary *t, const char **which) {
    static const char *const units[] = { "a", "A", " ", "0", "\n", "!", "\t", "\xcc\x81", "\xf0\x9f\x98\x80", "\xff", "\xc3\xa9",
        "\xe4\xb8\xad", "\xe2\x96\x81", "ab", "a ", "aA", "'s", "  a", "\n ", "\xc3\xa9" "A", "\xd9\xa3" "1", "a\xcc\x81", "/.", "<", "\x01", "1,", "\xc2\xa0" };
    double worst = 0;
    for (int i = 0; i < LL_COUNT(units); i++) {
        size_t len = fill(units[i], strlen(units[i]));
        double begin = now(), took;
        llocal_tokenize(test_vocab_model(t), text, len, LLOCAL_TOKENIZE_PARSE_SPECIAL, ids, SIZE * 3);
        took = now() - begin;
        if (took > worst) worst = took, *which = units[i];
    }
    return worst;
}

static void line(const char *name, const test_vocabulary *t, const char *english, const char *code) {
    static const char chinese[] = "\xe6\x97\xa9\xe4\xb8\x8a\xe4\xb8\x8b\xe4\xba\x86\xe4\xb8\x80\xe5\x9c\xba\xe5\xb0\x8f\xe9\x9b\xa8\xef\xbc\x8c"
        "\xe8\xa1\x97\xe8\xbe\xb9\xe7\x9a\x84\xe4\xb9\xa6\xe5\xba\x97\xe8\xbf\x98\xe6\xb2\xa1\xe6\x9c\x89\xe5\xbc\x80\xe9\x97\xa8\xe3\x80\x82"
        "\xe4\xbb\x96\xe7\xab\x99\xe5\x9c\xa8\xe9\x97\xa8\xe5\x8f\xa3\xe7\xad\x89\xe4\xba\x86" "12\xe5\x88\x86\xe9\x92\x9f\xef\xbc\x8c\xe6\x83\xb3"
        "\xe8\xb5\xb7\xe6\x98\xa8\xe5\xa4\xa9\xe8\xaf\xbb\xe8\xbf\x87\xe7\x9a\x84\xe9\x82\xa3\xe6\x9c\xac\xe6\x97\xa7\xe8\xaf\x97\xe9\x9b\x86\xe3\x80\x82\n";
    double e, z, c, s;
    const char *which = "";
    e = rate(t, fill(english, strlen(english)));
    z = rate(t, fill(chinese, sizeof chinese - 1));
    c = rate(t, LL_MIN(strlen(code), (size_t)SIZE) == SIZE ? (memcpy(text, code, SIZE), (size_t)SIZE) : fill(code, strlen(code)));
    s = slowest(t, &which);
    printf("%-26s %8.1f %8.1f %8.1f %10.2f  ", name, e, z, c, s);
    for (; *which; which++) printf(*which > ' ' ? "%c" : "\\x%02x", *which > ' ' ? *which : (unsigned char)*which);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    char *english = t_read_file("README.md", NULL), *code = t_read_file("llocal.h", NULL);
    if (!english || !code || argc < 2) {
        fprintf(stderr, "usage: tokenize [-s SECONDS] VOCAB.gguf...   (at the top of the repository)\n");
        return 2;
    }
    printf("%-26s %8s %8s %8s %10s\n", "MB/s", "English", "Chinese", "code", "slowest/s");
    for (int i = 1; i < argc; i++) {
        const char *name = strrchr(argv[i], '/');
        test_vocabulary t;
        bool every;
        double begin;
        if (!strcmp(argv[i], "-s") && i + 1 < argc) { seconds = atof(argv[++i]); continue; }
        begin = now();
        if (test_vocab_open(&t, argv[i], NULL)) { printf("%s: %s\n", argv[i], t.message); return 1; }
        begin = now() - begin;
        printf("%s: %d tokens, opened in %.0f ms\n", name ? name + 1 : argv[i], t.v.n_tokens, begin * 1e3);
        every = t.v.pre && !strcmp(t.v.pre->name, "gpt-2");
        if (!every) line(t.v.pre ? t.v.pre->name : t.v.kind->model, &t, english, code);
        test_vocab_close(&t);
        for (int k = 0; every && k < LL_COUNT(ll_vocab_pres); k++) {
            bool seen = false;
            for (int j = 0; j < k; j++) seen |= !memcmp(ll_vocab_pres[j].cut, ll_vocab_pres[k].cut, sizeof ll_vocab_pres[k].cut);
            if (seen) continue;
            if (test_vocab_open(&t, argv[i], ll_vocab_pres[k].name)) return 1;
            line(ll_vocab_pres[k].name, &t, english, code);
            test_vocab_close(&t);
        }
    }
    free(english), free(code);
    return 0;
}
