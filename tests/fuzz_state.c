/* Hostile states: llocal_restore takes what it can check, refuses the rest, and whatever it
 * took can be evaluated on.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined tests/fuzz_state.c -o build/fuzz_state -lm -lpthread
 * Without libFuzzer: cc -DFUZZ_MAIN ... && build/fuzz_state [ROUNDS [SEED]] */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "tiny.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct world { tiny t; llocal_model *m; llocal_context *c; uint8_t *good; size_t n_good; } world;

/* A model with a window layer, recurrent ones, an encoder or latent attention, a context, and a state that is right. */
static bool world_open(world *w, const char *path, llocal_kv kv) {
    llocal_source src;
    llocal_context_desc d;
    size_t size;
    memset(w, 0, sizeof *w), memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    if (!tiny_load(path, &w->t)) return false;
    src.data = tiny_image(&w->t, LLOCAL_FORMAT_F32, &size), src.data_size = size;
    d.n_ctx = 48, d.n_batch = 16, d.k = d.v = kv;
    if (llocal_model_open(&src, &w->m) || llocal_context_open(w->m, &d, &w->c)) return false;
    if (w->t.n_tokens_enc && llocal_encode(w->c, w->t.tokens_enc, w->t.n_tokens_enc)) return false;
    if (llocal_eval(w->c, w->t.tokens, 21)) return false;
    w->n_good = llocal_save_bytes(w->c);
    w->good = (uint8_t *)malloc(w->n_good);
    return w->good && !llocal_save(w->c, w->good, w->n_good);
}

/* Input: which model, whether to mend the hash, then (offset, byte) changes to the right state,
 * or, when the first byte is odd, the state itself. */
static void load(const uint8_t *data, size_t size, world *w) {
    bool mend = data[1] & 1, whole = data[1] & 2;
    size_t n = whole ? size - 2 : w->n_good;
    uint8_t *state = (uint8_t *)malloc(n + 1);
    llocal_token t = 1;
    if (!state) return;
    if (whole) memcpy(state, data + 2, n);
    else {
        memcpy(state, w->good, n);
        for (size_t i = 2; i + 3 <= size; i += 3) state[(size_t)(data[i] | data[i + 1] << 8) % n] = data[i + 2];
    }
    if (mend && n > LL_STATE_HEAD) {
        uint64_t h = ll_hash(LL_HASH_START, state, LL_STATE_HEAD - 8);
        h = ll_hash(h, state + LL_STATE_HEAD, n - LL_STATE_HEAD);
        memcpy(state + LL_STATE_HEAD - 8, &h, 8);
    }
    if (llocal_restore(w->c, state, n) == LLOCAL_OK) {
        llocal_eval(w->c, &t, 1);
        llocal_rewind(w->c, llocal_position(w->c) / 2);
        llocal_eval(w->c, &t, 1);
    }
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static world worlds[4];
    static bool open;
    if (!open && (!world_open(&worlds[0], "tests/golden/arch/gemma3.golden", LLOCAL_KV_Q8) ||
                  !world_open(&worlds[1], "tests/golden/arch/lfm2.golden", LLOCAL_KV_F16) ||
                  !world_open(&worlds[2], "tests/golden/arch/t5.golden", LLOCAL_KV_F16) ||
                  !world_open(&worlds[3], "tests/golden/arch/deepseek32.golden", LLOCAL_KV_Q8))) {
        fprintf(stderr, "run this from the top of the repository\n");
        exit(1);
    }
    open = true;
    if (size >= 2) load(data, size, &worlds[data[0] % 4]);
    return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv) {
    static uint8_t input[600];
    int rounds = argc > 1 ? atoi(argv[1]) : 20000;
    if (argc > 2) t_rng = strtoull(argv[2], NULL, 0) | 1;
    for (int i = 0; i < rounds; i++) {
        size_t n = 2 + (size_t)(t_random() % 20) * 3;
        for (size_t k = 0; k < n; k++) input[k] = (uint8_t)(t_random() >> 32);
        input[1] = 1;
        if (i & 1) for (size_t k = 2; k < n; k += 3) input[k] %= 128, input[k + 1] = 0;     /* the head and tokens */
        LLVMFuzzerTestOneInput(input, n);
    }
    printf("%d rounds without a finding\n", rounds);
    return t_total();
}
#endif
