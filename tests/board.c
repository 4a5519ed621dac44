/* The story of examples/board on this machine, for tests/board.sh to compare: board MODEL */
#include "../llocal.h"
#include <stdio.h>
#include <string.h>
#include "../examples/board/story.h"

static void put(const char *s, size_t n) { fwrite(s, 1, n, stdout); }

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_model *m = NULL;
    story s;
    memset(&src, 0, sizeof src), memset(&s, 0, sizeof s);
    src.path = argc > 1 ? argv[1] : "examples/tiny.gguf", src.logger.write = llocal_log_stderr;
    story_desc(&d);
    if (llocal_model_open(&src, &m) || llocal_context_open(m, &d, &s.context)) return 1;
    s.model = m, s.put = put;
    if (story_tell(&s)) return 1;
    llocal_context_close(s.context), llocal_model_close(m);
    return 0;
}
