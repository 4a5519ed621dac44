/* examples/train: the grammar's language; gradients against finite differences, one result for any
 * number of threads, and going on from a checkpoint as if there had been no stop. */
#define TRAIN_NO_MAIN
#include "../examples/train/train.c"
#include "../examples/train/grammar.h"
#include "t.h"

static const char grammar_text[] =
    "# a comment\n"
    "@who [name they]\n"
    "Ann | she\n"
    "!n Zed | he\n"
    "Bob | he\n"
    "\n"
    "@fruit\n"
    "3* apple\n"
    "pear\n"
    "!t old <fruit_kind>\n"
    "@fruit_kind\n"
    "unicorn\n"
    "hour\n"
    "@main\n"
    "<x=who><y=who><x>/<y> <^x.they> ate <a f:fruit>, <^a f> \\[<n:3-5>=<n>\\]\\n\n"
    "  [a/a][/]<who.they>\n";

static char *grammar_fields(const char *text, char *copy, char **part, int n) {    /* cut at spaces */
    strcpy(copy, text);
    part[0] = strtok(copy, " ");
    for (int i = 1; i < n; i++) part[i] = strtok(NULL, " ");
    return copy;
}

static void test_grammar(void) {
    const char *path = "build/t_grammar.txt";
    FILE *f = fopen(path, "wb");
    grammar *g;
    int apples = 0;
    TEST("grammar");
    fwrite(grammar_text, 1, sizeof grammar_text - 1, f), fclose(f);
    g = grammar_open(path);
    for (uint64_t i = 0; i < 400; i++) {
        size_t len, again;
        char copy[200], first[200], *p[6];
        snprintf(first, sizeof first, "%s", grammar_document(g, "main", GRAMMAR_TRAIN, 5, i, &len));
        CHECK_EQ(len, strlen(first));
        CHECK(strstr(first, "Zed") == NULL && strstr(first, "old") == NULL);   /* held out */
        grammar_fields(first, copy, p, 6);
        CHECK(!strcmp(p[0], "Ann/Bob") || !strcmp(p[0], "Bob/Ann"));           /* two people are two */
        CHECK(!strcmp(p[1], *p[0] == 'A' ? "She" : "He"));
        CHECK(!strcmp(p[2], "ate") && p[4][0] && strchr("ap", *p[4]));
        CHECK(!strcmp(p[3], *p[4] == 'a' ? "an" : "a"));
        CHECK(strstr(first, *p[4] == 'a' ? "An apple [" : "A pear [") != NULL);
        CHECK(strstr(first, "[3=3]") || strstr(first, "[4=4]") || strstr(first, "[5=5]"));
        CHECK(strstr(first, "]\nashe") || strstr(first, "]\nahe"));            /* lines are joined */
        apples += *p[4] == 'a';
        grammar_document(g, "main", GRAMMAR_TRAIN, 5, i + 1, &again);
        CHECK(!strcmp(first, grammar_document(g, "main", GRAMMAR_TRAIN, 5, i, &again)));
        CHECK(strstr(grammar_document(g, "main", GRAMMAR_NAMES, 5, i, &again), "Zed/Zed") != NULL);
        strcpy(first, grammar_document(g, "main", GRAMMAR_WORDINGS, 5, i, &again));
        CHECK(strstr(first, "an old unicorn") || strstr(first, "an old hour"));
        CHECK(strstr(first, "Zed") == NULL);
    }
    CHECK(apples > 270 && apples < 330);        /* three of four */
    CHECK(!strcmp(grammar_article("hour"), "an ") && !strcmp(grammar_article("unicorn"), "a ") &&
          !strcmp(grammar_article("uninvited"), "an ") && !strcmp(grammar_article("one"), "a "));
    grammar_close(g);
    remove(path);
}

static const shape small = { 48, 64, 2, 4, 2, 48, 40 };     /* heads of 16, two of them share k and v */

static void random_batch(batch *b, uint64_t *random) {
    static const int ends[] = { 7, 8, 25, 40 };
    b->n = 0, b->n_docs = 4;
    for (int i = 0; i < 4; i++) {
        b->first[i] = b->n;
        for (int pos = 0; b->n < ends[i]; pos++, b->n++) {
            b->token[b->n] = (int)(random_bits(random) % 48), b->pos[b->n] = pos;
            b->next[b->n] = (int)(random_bits(random) % 48), b->weight[b->n] = 0.25f * (float)(pos % 5);
        }
    }
    b->first[4] = b->n;
}

static trainer small_trainer(llocal_workers workers, float spread) {
    trainer t = trainer_new(&small, 5, workers);
    uint64_t random = 7;
    t.n_steps = 20, t.peak_rate = 0.01f;
    weights_start(&small, &t.w, 3);
    for (size_t i = 0; i < t.w.n; i++) t.w.block[i] += spread * random_normal(&random);
    return t;
}

/* Along a random direction within each tensor: the difference of losses against the sum of
 * gradient times direction. */
static void test_gradients(void) {
    llocal_workers none = { NULL, 0, NULL };
    trainer t = small_trainer(none, 0.15f);
    batch *b = &t.batches[0];
    memory *m = &t.memories[0];
    uint64_t random = 11;
    tensor list[MAX_TENSORS];
    int n = list_tensors(&t.s, &t.w, list);
    size_t at = 0;
    float *kept = take_floats(t.w.n);
    TEST("train gradients");
    random_batch(b, &random);
    forward(&t.s, &t.w, &t.a, b, m, 1), backward(&t.s, &t.w, &t.grads[0], &t.a, b, m);
    memcpy(kept, t.w.block, t.w.n * sizeof *kept);
    for (int k = 0; k < n; at += tensor_size(&list[k++])) {
        double by_gradient = 0, plus, minus, by_difference, size = 0;
        const float step = 1e-3f;
        uint64_t direction = random_bits(&random), again = direction;
        for (size_t i = at; i < at + tensor_size(&list[k]); i++) {
            float d = random_normal(&direction);
            by_gradient += (double)(t.grads[0].block[i] * d), size += (double)(t.grads[0].block[i] * t.grads[0].block[i]);
            t.w.block[i] = kept[i] + step * d;
        }
        plus = forward(&t.s, &t.w, &t.a, b, m, 1);
        for (size_t i = at; i < at + tensor_size(&list[k]); i++) t.w.block[i] = kept[i] - step * random_normal(&again);
        minus = forward(&t.s, &t.w, &t.a, b, m, 1);
        memcpy(t.w.block, kept, t.w.n * sizeof *kept);
        by_difference = (plus - minus) / (2 * (double)step);
        if (!(fabs(by_gradient - by_difference) < 0.01 * sqrt(size) + 1e-3))
            printf("%s: %g by gradient, %g by difference, length %g\n", list[k].name, by_gradient, by_difference, sqrt(size));
        CHECK(fabs(by_gradient - by_difference) < 0.01 * sqrt(size) + 1e-3);
        CHECK(size > 1e-4);
    }
    free(kept);
    trainer_free(&t);
}

static void train_some(trainer *t, int n_steps) {
    uint64_t random = 5 + (uint64_t)t->step;
    for (int k = 0; k < n_steps; k++) {
        for (int i = 0; i < t->n_batches; i++) random_batch(&t->batches[i], &random);
        random = 5 + (uint64_t)t->step + 1;
        train_step(t);
    }
}

static uint64_t hash_of(const trainer *t) { return ll_hash(LL_HASH_START, t->w.block, t->w.n * sizeof(float)); }

static void test_one_result(void) {
    uint64_t first = 0;
    TEST("train threads");
    for (int threads = 1; threads <= 4; threads++) {
        llocal_pool *pool = NULL;
        llocal_pool_desc d = {0};
        trainer t;
        d.n_threads = threads;
        CHECK_EQ(llocal_pool_open(&d, &pool), LLOCAL_OK);
        t = small_trainer(llocal_pool_workers(pool), 0);
        train_some(&t, 4);
        if (threads == 1) first = hash_of(&t);
        CHECK(hash_of(&t) == first);
        trainer_free(&t);
        llocal_pool_close(pool);
    }
    printf("train hash %016llx\n", (unsigned long long)first);
}

static void test_resume(void) {
    llocal_workers none = { NULL, 0, NULL };
    trainer whole = small_trainer(none, 0), cut = small_trainer(none, 0), again = small_trainer(none, 0.1f);
    char path[] = "build/t_train.state";
    reader r;
    TEST("train resume");
    memset(&r, 0, sizeof r);
    r.f = tmpfile(), r.at = 0;
    train_some(&whole, 6), train_some(&cut, 3);
    CHECK(save(&cut, &r, path));
    CHECK(resume(&again, &r, path));
    CHECK_EQ(again.step, 3);
    train_some(&again, 3);
    CHECK(hash_of(&again) == hash_of(&whole));
    again.n_steps = 40;
    CHECK(resume(&again, &r, path));    /* its rate has not begun to go down: it may go on for longer */
    again.n_steps = 2;
    CHECK(!resume(&again, &r, path));
    cut.s.n_ff = 16;
    CHECK(!resume(&cut, &r, path));     /* another shape */
    fclose(r.f), remove(path);
    trainer_free(&whole), trainer_free(&cut), trainer_free(&again);
}

static void test_learns(void) {
    llocal_workers none = { NULL, 0, NULL };
    trainer t = small_trainer(none, 0);
    double first = 0, last = 0;
    uint64_t random = 1;
    TEST("train learns");
    t.n_steps = 60;
    for (int i = 0; i < t.n_batches; i++) random_batch(&t.batches[i], &random);
    for (int k = 0; k < 60; k++) {
        last = train_step(&t);
        if (k == 0) first = last;
    }
    printf("loss from %.3f to %.3f\n", first, last);
    CHECK(first > 3.5 && last < 0.5 * first);
    trainer_free(&t);
}

int main(void) {
    test_grammar();
    test_gradients();
    test_one_result();
    test_resume();
    test_learns();
    printf("%d passed, %d failed, %d skipped\n", t_passed, t_failed, t_skipped);
    return t_failed != 0;
}
