/* A game that runs at 60 frames a second while one of its characters thinks.
 *
 *     game_loop model.gguf ["a prompt"]
 *
 * Every frame does four milliseconds of (simulated) game, then gives the model two: one call of
 * llocal_reply_step. It comes back when they are over, in the middle of a token or of the prompt, and
 * goes on in the next frame. A small model gets several tokens into one frame; a large one needs several
 * frames for a token. More characters are more contexts and replies, in the same call.
 *
 * The game has a job system of its own, as engines do. llocal.h needs one function of it: run this
 * task for i in [0, count) and come back when all are done. It starts no threads by itself.
 *
 * It uses pthreads, clock_gettime and nanosleep: POSIX, or mingw on Windows. */
#define LLOCAL_IMPLEMENTATION
#define LLOCAL_NO_THREADS               /* we have our own */
#include "../llocal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "system.h"

enum {
    FRAME_US = 1000000 / 60,
    GAME_US = 4000,                     /* what the rest of the game takes */
    THINK_US = 2000,                    /* what the model may take */
    MAX_TOKENS = 300, MAX_FRAMES = 60 * 60
};

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
static void sleep_until(uint64_t when) {
    uint64_t now = now_us();
    struct timespec t;
    if (now >= when) return;
    t.tv_sec = (time_t)((when - now) / 1000000u);
    t.tv_nsec = (long)((when - now) % 1000000u) * 1000;
    nanosleep(&t, NULL);
}

/* ---- the game's job system --------------------------------------------------------------- */

#define MAX_WORKERS 7

typedef struct jobs {
    pthread_mutex_t mutex;
    pthread_cond_t wake, finished;
    pthread_t thread[MAX_WORKERS];
    int n_workers;
    /* the round that is running, all under the mutex */
    void (*task)(void *arg, int i);
    void *arg;
    int next, count, running;
    bool quit;
} jobs;

/* Take items until there are none left. The mutex is held on entry and on return. */
static void work_on_round(jobs *j) {
    while (j->next < j->count) {
        int i = j->next++;
        j->running++;
        pthread_mutex_unlock(&j->mutex);
        j->task(j->arg, i);
        pthread_mutex_lock(&j->mutex);
        if (--j->running == 0 && j->next == j->count) pthread_cond_signal(&j->finished);
    }
}
static void *worker(void *user) {
    jobs *j = (jobs *)user;
    pthread_mutex_lock(&j->mutex);
    while (!j->quit) {
        work_on_round(j);
        if (!j->quit) pthread_cond_wait(&j->wake, &j->mutex);
    }
    pthread_mutex_unlock(&j->mutex);
    return NULL;
}

/* This is all that the model sees of it: llocal_workers.run. */
static void parallel_for(void *user, int count, void (*task)(void *arg, int i), void *arg) {
    jobs *j = (jobs *)user;
    pthread_mutex_lock(&j->mutex);
    j->task = task, j->arg = arg, j->next = 0, j->count = count;
    pthread_cond_broadcast(&j->wake);
    work_on_round(j);
    while (j->running > 0) pthread_cond_wait(&j->finished, &j->mutex);
    pthread_mutex_unlock(&j->mutex);
}

static void jobs_start(jobs *j) {
    int cores = core_count(), wanted = cores > MAX_WORKERS ? MAX_WORKERS : cores - 1;
    memset(j, 0, sizeof *j);
    pthread_mutex_init(&j->mutex, NULL);
    pthread_cond_init(&j->wake, NULL);
    pthread_cond_init(&j->finished, NULL);
    while (j->n_workers < wanted && !pthread_create(&j->thread[j->n_workers], NULL, worker, j))
        j->n_workers++;
}
static void jobs_stop(jobs *j) {
    pthread_mutex_lock(&j->mutex);
    j->quit = true;
    pthread_cond_broadcast(&j->wake);
    pthread_mutex_unlock(&j->mutex);
    for (int i = 0; i < j->n_workers; i++) pthread_join(j->thread[i], NULL);
}

/* ---- the game ---------------------------------------------------------------------------- */

static void play_one_frame(void) {
    uint64_t end = now_us() + GAME_US;
    volatile float physics = 1;
    while (now_us() < end) physics = physics * 0.999f + 0.001f;
}

int main(int argc, char **argv) {
    const char *prompt;
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    llocal_token ids[256];
    char said[4096];
    llocal_reply npc, *all = &npc;      /* what the character says */
    jobs engine;
    uint64_t start, first_word_us = 0, longest_frame = 0, longest_step = 0;
    int frame, missed = 0;
    bool finished = false;
    argv = system_arguments(&argc, argv);
    if (!argv || argc < 2 || argc > 3) {
        fprintf(stderr, "usage: game_loop model.gguf [\"a prompt\"]\n");
        return 2;
    }
    prompt = argc > 2 ? argv[2] : "Once upon a time";
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&npc, 0, sizeof npc);
    jobs_start(&engine);
    src.path = argv[1], src.logger.write = llocal_log_stderr;
    d.workers.run = parallel_for, d.workers.user = &engine, d.workers.width = engine.n_workers + 1;
    d.n_ctx = 512;
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &npc.context)) return 1;
    npc.sampler = llocal_sampler_default(1), npc.max_tokens = MAX_TOKENS;
    npc.text = said, npc.text_size = sizeof said;
    npc.prompt = ids, npc.n_prompt = llocal_tokenize(m, prompt, strlen(prompt), LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 256);
    if (npc.n_prompt < 1 || npc.n_prompt > 256 || llocal_reply_begin(&npc)) return 1;

    start = now_us();
    for (frame = 0; frame < MAX_FRAMES && !finished; frame++) {
        uint64_t begun = start + (uint64_t)frame * FRAME_US, think, took;
        play_one_frame();
        think = now_us();
        if (llocal_reply_step(&all, 1, THINK_US, &finished)) finished = true;
        took = now_us() - think;
        if (took > longest_step) longest_step = took;
        took = now_us() - begun;
        if (took > FRAME_US) missed++;
        if (took > longest_frame) longest_frame = took;
        if (npc.state.n_tokens && !first_word_us) first_word_us = now_us() - start;
        sleep_until(begun + FRAME_US);
    }
    fputs(prompt, stdout);
    put_plain(stdout, said, strlen(said), "\n\t");
    printf("\n\n%d tokens (stopped: %s), %.1f a frame, the first after %.0f ms; longest step %.2f ms of %.2f\n",
           npc.state.n_tokens, llocal_stop_name(npc.state.stop), (double)npc.state.n_tokens / frame,
           (double)first_word_us / 1e3, (double)longest_step / 1e3, THINK_US / 1e3);
    printf("%d frames, %d missed; the longest took %.2f of %.2f ms\n", frame, missed,
           (double)longest_frame / 1e3, FRAME_US / 1e3);
    llocal_context_close(npc.context);
    llocal_model_close(m);
    jobs_stop(&engine);
    return missed ? 1 : 0;
}
