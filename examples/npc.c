/* Two characters on one model, in a text game that runs at 60 frames a second.
 *
 *     npc model.gguf [-d FOLDER] [--frames N]
 *
 * You come to an inn. Type to the character who is nearest ("go" changes who that is); what both say appears as it is
 * thought of, while the frames go by. Each character is a timeline of its own over the same weights, and both begin from
 * one world that is read once (llocal_fork). Before an answer its mood is decided (llocal_decide, in steps like all
 * else): no text, the chances of some words behind "feels", of what was said last, on a timeline beside its own. With -d
 * what they remember is kept, and they know you again.
 *
 * Every frame does what the game has to do, then gives the model what is left of it but a reserve; a step comes back in
 * the middle of a token, and goes on in the next frame. The line at the end is the frame meter: work in a frame, the
 * longest, and how many were late. Status 1: some were. --frames N: end after so many (a test).
 *
 * It reads the terminal without waiting and sleeps to the frame: POSIX. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include <fcntl.h>
#include <math.h>
#include <poll.h>

enum { FRAME_US = 1000000 / 60, GAME_US = 1000, RESERVE_US = 4000, N_CTX = 512, ROOM = 4096, N_MOODS = 4 };

typedef enum thinking { IDLE, FEELING, SPEAKING } thinking;

typedef struct npc {
    const char *name, *about;
    llocal_context *c, *aside;          /* its memory; where its mood is decided */
    llocal_decision mood_of;
    llocal_question feels;
    char heard[ROOM + 600], lead[40];   /* what was said last; "Mira feels" */
    llocal_reply reply;
    thinking now;
    const char *mood;
    llocal_token line[256];             /* what is read next */
    int n_line;
    char said[ROOM];
    size_t shown;
} npc;

typedef struct game {
    llocal_model *m;
    npc who[2];
    int nearest;
    uint64_t longest, sum;
    int frames, late;
    bool over;
} game;

static const llocal_str moods[N_MOODS] = { { "happy", 5 }, { "sad", 3 }, { "angry", 5 }, { "afraid", 6 } };
static const char world[] = "There is an inn by the sea. Mira, the host, is kind and tells stories. Tom, a sailor, is "
                            "loud and afraid of storms. A stranger comes in.\n";

static uint64_t now_us(void) { return (uint64_t)(1e6 * now_seconds()); }

static int tokens_of(const llocal_model *m, const char *s, unsigned flags, llocal_token *out, int cap) {
    int n = llocal_tokenize(m, s, strlen(s), flags, out, cap);
    return n < 0 ? 0 : n < cap ? n : cap;
}

/* ---- a character ---------------------------------------------------------------------------------- */

/* Goes on with a line, first aside: how does it feel about that? What it said itself counts, too. */
static void hear(game *g, npc *c, const char *what) {
    const size_t n = strlen(c->heard);
    char line[600];
    snprintf(line, sizeof line, "Stranger: %.400s\n", what);
    c->n_line = tokens_of(g->m, line, 0, c->line, 200);
    if (llocal_position(c->c) + c->n_line + 120 > N_CTX)         /* the oldest talk is forgotten, the world stays */
        llocal_rewind(c->c, 60);
    snprintf(c->heard + n, sizeof c->heard - n, "%s", line);
    c->mood_of.text.len = strlen(c->heard) - 1;
    c->now = FEELING, c->mood = NULL;
}

/* Its mood is decided: then it speaks. */
static void feel(game *g, npc *c) {
    char line[64];
    c->mood = moods[c->feels.best].ptr;
    snprintf(line, sizeof line, "%s:", c->name);
    c->n_line += tokens_of(g->m, line, 0, c->line + c->n_line, 56);
    c->now = IDLE, c->shown = 0, c->heard[0] = 0;
    if (llocal_begin(c->c, c->line, c->n_line, 1)) return;
    c->reply.context = c->c, c->reply.prompt = NULL, c->reply.max_tokens = 48;
    c->reply.text = c->said, c->reply.text_size = sizeof c->said;
    if (!llocal_reply_begin(&c->reply)) c->now = SPEAKING;
}

static void show(npc *c) {
    const char *end = strchr(c->said + c->shown, '\n');
    size_t n = end ? (size_t)(end - c->said) - c->shown : strlen(c->said + c->shown);
    if (!n) return;
    if (c->shown == 0) printf("\n%s (%s):", c->name, c->mood);
    put_plain(stdout, c->said + c->shown, n, ""), c->shown += n;
    fflush(stdout);
}

/* The line that it said, for when its mood is decided again. */
static void keep_said(npc *c) {
    const size_t at = (size_t)snprintf(c->heard, 80, "%s:", c->name), n = strcspn(c->said, "\n");
    memcpy(c->heard + at, c->said, n), memcpy(c->heard + at + n, "\n", 2);
}

/* Everything that is thought, for so long. Replies share passes over the weights. */
static void think(game *g, uint32_t budget) {
    llocal_reply *speaking[2];
    int n = 0, n_feeling = 0;
    bool done = true;
    for (int i = 0; i < 2; i++) {
        n_feeling += g->who[i].now == FEELING;
        if (g->who[i].now == SPEAKING) speaking[n++] = &g->who[i].reply;
    }
    if (n_feeling) budget /= (uint32_t)(n_feeling + (n > 0));
    if (n) llocal_reply_step(speaking, n, budget, &done);
    for (int i = 0; i < 2; i++) {
        npc *c = &g->who[i];
        if (c->now == FEELING) {
            if (llocal_decide(&c->mood_of, budget, &done)) c->now = IDLE, c->heard[0] = 0;
            else if (done) feel(g, c);
        }
        if (c->now != SPEAKING) continue;
        show(c);
        if (c->reply.state.stop == LLOCAL_STOP_NONE) continue;
        keep_said(c);
        c->now = IDLE, c->said[0] = 0, putchar('\n');
    }
}

/* ---- memory ------------------------------------------------------------------------------------------- */

static void mind_path(const char *folder, const npc *c, char *out, size_t size) { snprintf(out, size, "%s/%s.mind", folder, c->name); }

static bool remember(const char *folder, const npc *c) {
    char path[4096];
    size_t n = llocal_save_bytes(c->c);
    void *state = malloc(n + 1);
    bool ok;
    mind_path(folder, c, path, sizeof path);
    ok = state && !llocal_save(c->c, state, n) && file_write(path, state, n);
    free(state);
    if (!ok) fprintf(stderr, "npc: error: cannot write %s\n", path);
    return ok;
}

static bool recall(const char *folder, npc *c) {
    char path[4096], *state;
    size_t n = 0;
    bool ok;
    mind_path(folder, c, path, sizeof path);
    state = file_read(path, &n);
    ok = state && !llocal_restore(c->c, state, n);
    free(state);
    return ok;
}

/* ---- the game ---------------------------------------------------------------------------------------------- */

static void obey(game *g, char *line) {
    line[strcspn(line, "\r\n")] = 0;
    if (!strcmp(line, "quit")) g->over = true;
    else if (!strcmp(line, "go")) {
        g->nearest = 1 - g->nearest;
        printf("You stand beside %s.\n", g->who[g->nearest].name);
    } else if (*line && g->who[g->nearest].now == IDLE) hear(g, &g->who[g->nearest], line);
    else if (*line) printf("%s is still busy.\n", g->who[g->nearest].name);
    fflush(stdout);
}

/* Lines that have come, without waiting for one. */
static void read_keys(game *g) {
    static char line[512];
    static size_t n;
    struct pollfd p = { 0, POLLIN, 0 };
    while (!g->over && poll(&p, 1, 0) > 0) {
        char c;
        ssize_t got = read(0, &c, 1);
        if (got <= 0) { p.fd = -1; if (g->who[0].now == IDLE && g->who[1].now == IDLE) g->over = true; return; }
        if (n + 1 < sizeof line) line[n++] = c;
        if (c != '\n') continue;
        line[n] = 0, n = 0;
        obey(g, line);
        if (g->who[g->nearest].now != IDLE) return;     /* the next line is for when it has answered */
    }
}

static void run(game *g, int frames) {
    const uint64_t start = now_us();
    volatile float physics = 1;
    for (g->frames = 0; !g->over && (frames == 0 || g->frames < frames); g->frames++) {
        const uint64_t begun = start + (uint64_t)g->frames * FRAME_US, end = now_us() + GAME_US;
        uint64_t now, took;
        while (now_us() < end) physics = physics * 0.999f + 0.001f;     /* the rest of the game */
        if (g->who[g->nearest].now == IDLE) read_keys(g);
        now = now_us();
        if (now + RESERVE_US < begun + FRAME_US) think(g, (uint32_t)(begun + FRAME_US - RESERVE_US - now));
        now = now_us(), took = now > begun ? now - begun : 0;
        g->sum += took, g->late += took > FRAME_US;
        if (took > g->longest) g->longest = took;
        if (now < begun + FRAME_US) {
            struct timespec t = { 0, (long)(begun + FRAME_US - now) * 1000 };
            nanosleep(&t, NULL);
        }
    }
}

static bool open_game(game *g, const char *path, const char *folder) {
    llocal_source src;
    llocal_context_desc d;
    llocal_token ids[160];
    const unsigned flags = LLOCAL_TOKENIZE_ADD_SPECIAL;
    static const char *const stops[] = { "\n", "Stranger:", "Mira:", "Tom:" };
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    src.path = path, src.logger.write = log_plain, d.n_ctx = N_CTX, d.logger.write = log_plain;
    if (llocal_model_open(&src, &g->m)) return false;
    for (int i = 0; i < 2; i++)
        if (llocal_context_open(g->m, &d, &g->who[i].c) || llocal_context_open(g->m, &d, &g->who[i].aside)) return false;
    g->who[0].name = "Mira", g->who[1].name = "Tom";
    if (llocal_eval(g->who[0].c, ids, tokens_of(g->m, world, flags, ids, 160)) || llocal_fork(g->who[0].c, g->who[1].c)) return false;
    for (int i = 0; i < 2; i++) {
        npc *c = &g->who[i];
        llocal_reply *r = &c->reply;
        snprintf(c->lead, sizeof c->lead, "%s feels", c->name);
        c->feels.lead.ptr = c->lead, c->feels.lead.len = strlen(c->lead);
        c->feels.options = moods, c->feels.n_options = N_MOODS;
        c->mood_of.contexts = &c->aside, c->mood_of.n_contexts = 1, c->mood_of.questions = &c->feels;
        c->mood_of.n_questions = 1, c->mood_of.text.ptr = c->heard;
        c->mood_of.instruction.ptr = world, c->mood_of.instruction.len = sizeof world - 2;
        r->sampler = llocal_sampler_default((uint64_t)(7 + i)), r->stop = stops, r->n_stop = 4;
        if (folder && recall(folder, &g->who[i])) printf("%s knows you.\n", g->who[i].name);
    }
    printf("%sYou stand beside Mira. Say something (go: to the other one; quit).\n", world);
    fflush(stdout);
    return true;
}

static const char usage[] =
    "usage: npc model.gguf [-d FOLDER] [--frames N]\n"
    "two characters in a game of 60 frames a second; status 1: some were late; the head of examples/npc.c has all of it\n";

int main(int argc, char **argv) {
    static game g;
    const char *folder = NULL, *path = NULL;
    int frames = 0;
    bool ok;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) { fputs(usage, stdout); return 0; }
        if (!strcmp(argv[i], "-d") && i + 1 < argc) folder = argv[++i];
        else if (!strcmp(argv[i], "--frames") && i + 1 < argc) frames = atoi(argv[++i]);
        else path = argv[i];
    }
    if (!path) { fputs(usage, stderr); return 2; }
    if (!open_game(&g, path, folder)) return 1;
    run(&g, frames);
    ok = true;
    for (int i = 0; i < 2; i++) {
        llocal_cancel(g.who[i].c), llocal_cancel(g.who[i].aside);
        if (g.who[i].mood_of.work) llocal_decide(&g.who[i].mood_of, 0, NULL);   /* gives back what it took */
        if (folder) ok = remember(folder, &g.who[i]) && ok;
        llocal_context_close(g.who[i].c), llocal_context_close(g.who[i].aside);
    }
    printf("\n%d frames, %d late; work %.2f ms of %.2f, the longest %.2f\n", g.frames, g.late,
           g.frames ? (double)g.sum / 1e3 / g.frames : 0, FRAME_US / 1e3, (double)g.longest / 1e3);
    llocal_model_close(g.m);
    return ok && !g.late ? 0 : 1;
}
