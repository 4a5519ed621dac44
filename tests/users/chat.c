/* A chat over standard input: chat model.gguf [template]. A line is a turn, and so is what the model says. */
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
#include <stdio.h>
#include <string.h>

static bool say(void *user, const llocal_event *e) {
    return e->part != LLOCAL_PART_TEXT || fwrite(e->text.ptr, 1, e->text.len, (FILE *)user) == e->text.len;
}

int main(int argc, char **argv) {
    static llocal_source src;
    static llocal_talk t;
    static llocal_message said[200];
    static char room[100000], line[400];
    llocal_model *m;
    llocal_chat *chat;
    src.path = argc > 1 ? argv[1] : "model.gguf", src.logger.write = llocal_log_stderr, t.split.user = stdout;
    if (llocal_model_open(&src, &m) || llocal_chat_open(m, argc > 2 ? argv[2] : NULL, NULL, &chat)) return 1;
    if (llocal_context_open(m, NULL, &t.reply.context)) return 1;
    t.split.chat = chat, t.split.on_event = say;
    t.messages = said, t.cap = 200, t.room = room, t.room_size = sizeof room;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (llocal_chat_next(&t, line, NULL) || t.reply.state.stop == LLOCAL_STOP_FULL) return 1;
        puts("");
    }
    llocal_chat_close(chat), llocal_context_close(t.reply.context), llocal_model_close(m);
    return 0;
}
