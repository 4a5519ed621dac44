/* A program in a terminal of its own, and a person who reads what it writes and types.
 *
 *     terminal SECONDS PROGRAM [ARGUMENT...] < steps
 *
 * A step is a line: `see TEXT` waits until that comes, behind what was waited for before; `type TEXT` types it; `end`
 * waits until the program has ended. \n, \r, \e (escape), \\ and \x1b stand for bytes. What the program writes goes to
 * stdout. With TERMINAL_EDITS=1 in the environment the program edits lines itself: behind a prompt ("> ") nothing is typed
 * before it has told the terminal so. The exit status is the program's; 100 when a text does not come within SECONDS, 101 when the program does not
 * end (it is killed then), 102 when there is no terminal to be had. */
#define _XOPEN_SOURCE 600
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char seen[1 << 20];                      /* what it wrote and nobody has waited for */
static size_t n_seen;
static int line_open = -1;                      /* the terminal's other end; -1: it is closed */

static double now(void) {
    struct timeval t;
    gettimeofday(&t, NULL);
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static pid_t begin(char **command) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    struct winsize size;
    struct termios how;
    pid_t child;
    int slave;
    if (master < 0 || grantpt(master) || unlockpt(master)) return -1;
    memset(&size, 0, sizeof size), size.ws_col = 100, size.ws_row = 30;
    child = fork();
    if (child) { line_open = master; return child; }
    setsid();
    slave = open(ptsname(master), O_RDWR);
    if (slave < 0) _exit(102);
#ifdef TIOCSCTTY
    ioctl(slave, TIOCSCTTY, 0);
#endif
    ioctl(slave, TIOCSWINSZ, &size);
#ifdef IUTF8
    if (!tcgetattr(slave, &how)) how.c_iflag |= IUTF8, tcsetattr(slave, TCSANOW, &how);
#else
    (void)how;
#endif
    for (int i = 0; i < 3; i++) dup2(slave, i);
    if (slave > 2) close(slave);
    close(master);
    signal(SIGINT, SIG_DFL);            /* Ctrl-C works, whatever who started us ignored */
    execvp(command[0], command);
    _exit(102);
}

/* Takes what the program has written, waiting for it until then. False: there is no more, or not in time. */
static int listen_until(double end) {
    fd_set set;
    struct timeval wait;
    const double left = end - now();
    ssize_t n;
    if (line_open < 0 || left <= 0) return 0;
    FD_ZERO(&set);
    FD_SET(line_open, &set);
    wait.tv_sec = (time_t)left, wait.tv_usec = (suseconds_t)((left - (double)wait.tv_sec) * 1e6);
    if (select(line_open + 1, &set, NULL, NULL, &wait) <= 0) return 0;
    if (n_seen > sizeof seen / 2) memmove(seen, seen + n_seen / 2, n_seen - n_seen / 2), n_seen -= n_seen / 2;
    n = read(line_open, seen + n_seen, sizeof seen - n_seen);
    if (n <= 0) { close(line_open), line_open = -1; return 0; }         /* the program has ended */
    fwrite(seen + n_seen, 1, (size_t)n, stdout), fflush(stdout);
    n_seen += (size_t)n;
    return 1;
}

static int see(const char *what, size_t n, double seconds) {
    const double end = now() + seconds;
    do
        for (size_t i = 0; i + n <= n_seen; i++) {
            if (memcmp(seen + i, what, n)) continue;
            memmove(seen, seen + i + n, n_seen - i - n), n_seen -= i + n;
            return 1;
        }
    while (listen_until(end));
    return 0;
}

/* Until keys go to the program as they are, not line by line. */
static void wait_for_keys(double seconds) {
    const double end = now() + seconds;
    struct termios how;
    while (line_open >= 0 && !tcgetattr(line_open, &how) && (how.c_lflag & ICANON) && now() < end) usleep(1000);
}

/* In place; returns how many bytes there are. */
static size_t bytes_of(char *s) {
    char *out = s, *p = s, two[3] = { 0, 0, 0 };
    for (; *p && *p != '\n'; p++) {
        if (*p != '\\') { *out++ = *p; continue; }
        switch (*++p) {
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 'e': *out++ = 27; break;
        case 'x': two[0] = p[1], two[1] = p[1] ? p[2] : 0, *out++ = (char)strtol(two, NULL, 16), p += 2; break;
        default: *out++ = *p;
        }
    }
    return (size_t)(out - s);
}

static int end(pid_t child, double seconds) {
    const double limit = now() + seconds;
    int status = 0;
    while (listen_until(limit)) n_seen = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (now() > limit) {
            kill(child, SIGKILL), waitpid(child, &status, 0);
            fprintf(stderr, "terminal: the program did not end\n");
            return 101;
        }
        usleep(1000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
    char line[4096];
    double seconds;
    pid_t child;
    int status = 0, prompted = 0;
    const int edits = getenv("TERMINAL_EDITS") != NULL;
    if (argc < 3) return fprintf(stderr, "usage: terminal SECONDS PROGRAM [ARGUMENT...] < steps\n"), 2;
    seconds = atof(argv[1]);
    child = begin(argv + 2);
    if (child < 0) return fprintf(stderr, "terminal: there is none: %s\n", strerror(errno)), 102;
    for (int number = 1; !status && fgets(line, sizeof line, stdin); number++) {
        char *arg = line + (strncmp(line, "type ", 5) ? 4 : 5);
        size_t n, at = 0;
        if (!strncmp(line, "end", 3)) break;
        if (line[0] == '#' || line[0] == '\n') continue;
        n = bytes_of(arg);
        if (!strncmp(line, "see ", 4) && see(arg, n, seconds)) {
            prompted = edits && n >= 2 && !memcmp(arg + n - 2, "> ", 2);
            continue;
        }
        if (prompted) wait_for_keys(seconds), prompted = 0;
        if (!strncmp(line, "see ", 4)) fprintf(stderr, "terminal: step %d: not seen: %s\n", number, arg), status = 100;
        for (ssize_t k; arg == line + 5 && at < n && line_open >= 0; at += (size_t)k)
            if ((k = write(line_open, arg + at, n - at)) <= 0) break;
    }
    if (status) kill(child, SIGKILL), waitpid(child, NULL, 0);
    else status = end(child, seconds);
    return status;
}
