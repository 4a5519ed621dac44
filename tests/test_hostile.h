/* Hostile files of every architecture: what the tables of keys and rules tell of, changed one by one. */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H
#include "hostile.h"
#include "goldens.h"

/* Of so many changes one is tried, at another place for each file; tests/fuzz_model.c tries them all, and several. */
#ifndef HOSTILE_EVERY
#define HOSTILE_EVERY 29
#endif

typedef struct test_hostile_walk {
    bool done[LL_COUNT(ll_archs)];
    uint64_t n, n_opened, n_refused;
    unsigned turn;
    hostile h;
} test_hostile_walk;

static void test_hostile_one(test_hostile_walk *w, const char *what, int i) {
    w->n++;
    if (hostile_try(&w->h)) t_passed++;
    else { t_fail(__FILE__, __LINE__, what); printf("       %s, change %d\n", w->h.arch->name, i); }
    hostile_reset(&w->h);
}
static bool test_hostile_turn(test_hostile_walk *w) { return w->turn++ % HOSTILE_EVERY == 0; }

static void test_hostile_rules(test_hostile_walk *w, const llocal_model *m) {
    static const char *const parts[] = { ".weight", ".bias", ".scale", "" };
    for (int layer = 0; layer < 2; layer++) {
        const ll_rule *rules = layer ? ll_layer_rules : ll_model_rules;
        for (int r = 0; r < (layer ? LL_COUNT(ll_layer_rules) : LL_COUNT(ll_model_rules)); r++)
            for (int i = 0; i < 2 * LL_COUNT(parts); i++) {
                if (!test_hostile_turn(w)) continue;
                hostile_add_rule(&w->h, m, &rules[r], layer != 0, parts[i / 2], i & 1);
                test_hostile_one(w, rules[r].name, i);
            }
    }
}

/* The first file of each row. */
static void test_hostile_file(void *user, const char *path, const char *name) {
    test_hostile_walk *w = (test_hostile_walk *)user;
    hostile *h = &w->h;
    llocal_source src;
    llocal_model *m = NULL;
    size_t size;
    uint8_t *image;
    ll_blocks blocks;
    (void)name;
    memset(h, 0, sizeof *h);
    if (!hostile_open(h, path) || w->done[h->arch - ll_archs]) { hostile_close(h); return; }
    w->done[h->arch - ll_archs] = true, blocks = ll_arch_blocks(h->arch), w->turn += 5;
    image = hostile_image(h, &size);
    src = t_from_memory(image, size);
    if (llocal_model_open(&src, &m)) m = NULL;
    if (m) test_hostile_rules(w, m);
    llocal_model_close(m);
    free(image);
    for (int k = 0; k < LL_COUNT(ll_keys); k++)
        for (int i = 0; i < HOSTILE_KEY_CHANGES; i++) {
            if (ll_keys[k].blocks && !ll_blocks_any(&blocks, ll_keys[k].blocks)) continue;
            if (!test_hostile_turn(w)) continue;
            hostile_change_key(h, &ll_keys[k], i);
            test_hostile_one(w, ll_keys[k].name, i);
        }
    for (int x = 0; x < h->t.n_tensors; x++)
        for (int i = 0; i < HOSTILE_TENSOR_CHANGES; i++) {
            if (!test_hostile_turn(w)) continue;
            hostile_change_tensor(h, x, i);
            test_hostile_one(w, h->t.tensors[x].name, i);
        }
    w->n_opened += h->n_opened, w->n_refused += h->n_refused;
    hostile_close(h);
}

static inline void test_hostile(void) {
    test_hostile_walk *w = (test_hostile_walk *)calloc(1, sizeof *w);
    int n = 0;
    TEST("hostile files");
    goldens_all(test_hostile_file, w);
    for (int k = 0; k < LL_COUNT(ll_archs); k++) n += w->done[k];
    printf("       %d files of %d rows of architectures: %d refused, %d opened\n", (int)w->n, n, (int)w->n_refused,
           (int)w->n_opened);
    free(w);
}
#endif
