/* Lines that a person types, or that come from a pipe. Where the Makefile finds libedit, lines of a terminal can be
 * edited and called back; elsewhere the terminal's own editing does. Include it behind system.h. */
#ifndef LINES_H
#define LINES_H

#include <signal.h>
#ifdef CHAT_LIBEDIT
#  include <locale.h>
#  include <histedit.h>
#endif

/* ---- Ctrl-C -------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;       /* look at it, and stop; reading a line clears it */

static inline void on_interrupt(int signal_number) {
    if (interrupted) signal(signal_number, SIG_DFL);    /* nobody looks: the next one ends the program */
    interrupted = 1;
}

/* waking: what waits for a line wakes up. Else all calls of the system go on: none fails because of it. */
static inline void catch_interrupt(bool waking) {
#ifdef _WIN32
    (void)waking;
    signal(SIGINT, on_interrupt);
#else
    struct sigaction s;
    memset(&s, 0, sizeof s);
    s.sa_handler = on_interrupt, s.sa_flags = waking ? 0 : SA_RESTART;
    sigaction(SIGINT, &s, NULL);
#endif
}

/* ---- one line ------------------------------------------------------------------------------ */

typedef struct input {
    const char *prompt;
    bool terminal, dropped;             /* dropped: Ctrl-C, the line is not wanted */
#ifdef CHAT_LIBEDIT
    EditLine *editor;
    History *history;
#endif
} input;

#ifdef CHAT_LIBEDIT

static inline char *give_prompt(EditLine *e) {
    void *in = NULL;
    el_get(e, EL_CLIENTDATA, &in);
    return (char *)((input *)in)->prompt;
}

static inline unsigned char drop_line(EditLine *e, int c) {
    void *in = NULL;
    (void)c;
    el_get(e, EL_CLIENTDATA, &in);
    ((input *)in)->dropped = true;
    return CC_NEWLINE;
}

static inline void open_editor(input *in, const char *file) {
    HistEvent event;
    if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
    if (MB_CUR_MAX == 1) return;        /* libedit would leave out every character that is not ASCII */
    in->history = history_init();
    if (in->history) in->editor = el_init("chat", stdin, stdout, stderr);
    if (!in->editor) return;
    history(in->history, &event, H_SETSIZE, 1000);
    history(in->history, &event, H_SETUNIQUE, 1);
    if (file) history(in->history, &event, H_LOAD, file);
    el_set(in->editor, EL_CLIENTDATA, in);
    el_set(in->editor, EL_PROMPT, give_prompt);
    el_set(in->editor, EL_EDITOR, "emacs");
    el_set(in->editor, EL_HIST, history, in->history);
    el_set(in->editor, EL_SIGNAL, 1);
    el_set(in->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(in->editor, NULL);
    el_set(in->editor, EL_SETTY, "-d", "-isig", NULL);      /* while editing, Ctrl-C is a key as any */
    el_set(in->editor, EL_ADDFN, "drop-line", "forget this line", drop_line);
    el_set(in->editor, EL_BIND, "^C", "drop-line", NULL);
}

static inline void close_editor(input *in, const char *file) {
    HistEvent event;
    if (in->editor) el_end(in->editor);
    if (in->history && file) history(in->history, &event, H_SAVE, file);
    if (in->history) history_end(in->history);
}

static inline bool edit_line(input *in, text *line) {
    HistEvent event;
    int n = 0;
    const char *got = el_gets(in->editor, &n);
    if (!got || n <= 0) return false;
    if (!in->dropped && strspn(got, " \t\r\n") < (size_t)n) history(in->history, &event, H_ENTER, got);
    append(line, got, (size_t)n);
    return true;
}

#else
static inline void open_editor(input *in, const char *file) { (void)in, (void)file; }
static inline void close_editor(input *in, const char *file) { (void)in, (void)file; }
#endif

static inline bool plain_line(input *in, text *line) {
    int c;
    if (in->terminal) fputs(in->prompt, stdout), fflush(stdout);
    if (in->terminal) catch_interrupt(true);
    while ((c = getchar()) != EOF) {
        char byte = (char)c;
        append(line, &byte, 1);
        if (c == '\n') return true;
    }
    if (interrupted) return clearerr(stdin), in->dropped = true;
    return line->len > 0;
}

/* One line, without its end; false at the end of the input. */
static inline bool read_line(input *in, const char *prompt, text *line) {
    bool more;
    in->prompt = prompt, in->dropped = false, line->len = 0;
    append(line, "", 0);
    interrupted = 0;
#ifdef CHAT_LIBEDIT
    more = in->editor ? edit_line(in, line) : plain_line(in, line);
#else
    more = plain_line(in, line);
#endif
    interrupted = 0;
    if (in->terminal) catch_interrupt(false);
    if (in->terminal && (!more || in->dropped)) putchar('\n');
    while (line->len > 0 && strchr("\r\n", line->at[line->len - 1])) line->at[--line->len] = 0;
    return more;
}

/* Lines that belong together: as long as they end with a backslash, or from """ to """. False: there is none, at the
 * end of the input or (in->dropped) after Ctrl-C. */
static inline bool read_message(input *in, const char *prompt, text *message) {
    static const char quotes[] = "\"\"\"";
    text line = { NULL, 0, 0 };
    bool more = read_line(in, prompt, &line), quoted = more && !strncmp(line.at, quotes, 3);
    char *s = line.at + (quoted ? 3 : 0), *end = NULL;
    message->len = 0;
    append(message, "", 0);
    while (more && !in->dropped) {
        size_t n = strlen(s);
        end = quoted ? strstr(s, quotes) : NULL;
        if (end) append(message, s, (size_t)(end - s)), append_string(message, end + 3);
        else if (!quoted && n > 0 && s[n - 1] == '\\') append(message, s, n - 1);
        else append(message, s, n);
        if (end || (!quoted && (n == 0 || s[n - 1] != '\\'))) break;
        if (!quoted || message->len > 0) append(message, "\n", 1);      /* a line that is """ alone is no line */
        more = read_line(in, ". ", &line), s = line.at;
    }
    free(line.at);
    return !in->dropped && (more || message->len > 0);
}

#endif
