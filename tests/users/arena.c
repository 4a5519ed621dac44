/* A model and a timeline in one block of exactly the bytes that were planned: arena model.gguf */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>

typedef struct arena { unsigned char *at, *end; } arena;    // at: a multiple of LLOCAL_ALIGN
static void *arena_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    arena *a = (arena *)user;
    size_t was = (old_size + 63) / 64 * 64, is = (new_size + 63) / 64 * 64;
    unsigned char *p = ptr ? (unsigned char *)ptr : a->at;      // only the last block moves, or goes
    if ((ptr && p + was != a->at) || is > (size_t)(a->end - p)) return NULL;
    a->at = p + is;
    return new_size ? p : NULL;
}

int main(int argc, char **argv) {
    static unsigned char room[16 << 20];
    static llocal_source src;
    static llocal_plan p, q;
    arena a = { room + 63 - ((uintptr_t)room + 63) % 64, room + sizeof room }, all = a;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr;
    src.allocator.resize = arena_resize, src.allocator.user = &a;
    if (llocal_model_plan(&src, &p) || llocal_model_open(&src, &m)) return 1;
    if (llocal_context_plan(m, NULL, &q) || llocal_context_open(m, NULL, &c)) return 1;
    if (llocal_eval_text(c, "Once upon a time", 16, LLOCAL_TOKENIZE_ADD_SPECIAL)) return 1;
    printf("planned %.0f bytes, taken %.0f\n", (double)(p.bytes + q.bytes), (double)(a.at - all.at));
    return llocal_context_close(c), llocal_model_close(m), a.at != all.at;
}
