/* Hostile model files that know the tables: any changes of keys, by ll_keys, and of tensors, by the rules, in the model
 * of any golden file (of tests/golden/arch, and of the shared data).
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined tests/fuzz_model.c -o build/fuzz_model -lm -lpthread
 * Without libFuzzer: cc -DFUZZ_MAIN ... && build/fuzz_model [SECONDS [SEED]] */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "hostile.h"
#include "goldens.h"
#include "fuzz.h"
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_FILES 1000
static hostile *fuzz_files[FUZZ_FILES];
static int fuzz_n;

static void fuzz_add(void *user, const char *path, const char *name) {
    hostile *h = (hostile *)calloc(1, sizeof *h);
    (void)user, (void)name;
    if (!h || fuzz_n == FUZZ_FILES) { free(h); return; }
    if (!hostile_open(h, path) || h->t.n_tensors == 0) { hostile_close(h), free(h); return; }
    fuzz_files[fuzz_n++] = h;
}

/* Which file, then changes of four bytes: of a key (which, how), of a tensor (which, how), of a key's number. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hostile *h;
    if (!fuzz_n) goldens_all(fuzz_add, NULL);
    check(fuzz_n > 0);
    if (size < 3) return 0;
    h = fuzz_files[(data[0] | data[1] << 8) % fuzz_n];
    for (size_t at = 2; at + 4 <= size && at < 50; at += 4) {
        const int which = data[at + 1] | (data[at + 2] & 15) << 8, how = data[at + 3];
        const ll_key_row *k = &ll_keys[which % LL_COUNT(ll_keys)];
        if (data[at] % 4 == 0 && h->n_tensors > 0)
            hostile_change_tensor(h, which % h->n_tensors, how % (HOSTILE_TENSOR_CHANGES + 1));
        else if (data[at] % 4 == 1 && h->n_meta > 0) {
            llocal_meta *m = &h->meta[which % h->n_meta];
            if (m->type <= LLOCAL_META_I32 || m->type == LLOCAL_META_U64 || m->type == LLOCAL_META_I64)
                m->as.u = how & 128 ? m->as.u + (uint64_t)(how & 127) : (uint64_t)how << (data[at + 2] >> 4) * 4;
        } else hostile_change_key(h, k, how % HOSTILE_KEY_CHANGES);
    }
    check(hostile_try(h));
    hostile_reset(h);
    return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv) {
    const double seconds = argc > 1 ? atof(argv[1]) : 60;
    const clock_t start = clock();
    uint64_t opened = 0, refused = 0;
    long n = 0;
    if (argc > 2) t_rng ^= strtoull(argv[2], NULL, 10) << 20;
    for (; (double)(clock() - start) / CLOCKS_PER_SEC < seconds; n++) {
        uint8_t data[50];
        const size_t size = 6 + 4 * (size_t)(t_random() % 5);
        for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(t_random() >> 24);
        LLVMFuzzerTestOneInput(data, size);
    }
    for (int i = 0; i < fuzz_n; i++) opened += fuzz_files[i]->n_opened, refused += fuzz_files[i]->n_refused;
    printf("%ld files from %d models: %llu refused, %llu opened, no findings\n", n, fuzz_n, (unsigned long long)refused,
           (unsigned long long)opened);
    return 0;
}
#endif
