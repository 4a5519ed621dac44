/* An MCP server over stdio: any agent may look in your notes (find) and have texts or your mail sorted (triage).
 *
 *     mcp --find embed.gguf --index notes.db --triage model.gguf --questions triage.json --mail ~/Maildir
 *
 * Package (Debian): libjansson-dev. It is started by the agent's program, which has it in its list of servers:
 *
 *     {"mcpServers": {"llocal": {"command": "/path/to/build/mcp", "args": ["--find", "embed.gguf", ...]}}}
 *
 * It runs the programs find and triage that lie beside it, without a shell; they have to be built, the index made
 * (find -d notes.db index FOLDER). An agent gives a question and texts, no files and no options: which models, which
 * index and which mail is said here. Nothing is changed: triage runs dry (what it decided about mail is kept in
 * --state FILE, .mcp.db). Tools that lack an option are not offered: find wants --find and --index, triage --triage
 * and --questions.
 *
 * JSON-RPC 2.0, a message a line, as the Model Context Protocol has it: versions 2025-11-25 and 2025-06-18. Calls run
 * side by side, four at once; others wait. A call that is cancelled is killed, and so is one that takes longer than
 * --timeout SECONDS (300). -t N: threads of each (1). It ends when its input does, after the calls that run. Status
 * 1: an option is wrong, and a line on stderr says what. */
#define _POSIX_C_SOURCE 200809L
#include "../llocal.h"
#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { MAX_CALLS = 64, AT_ONCE = 4, MAX_LINE = 4 << 20, MAX_OUTPUT = 16 << 20, MAX_ARGS = 16 };
enum { PARSE = -32700, REQUEST = -32600, METHOD = -32601, PARAMS = -32602 };       /* JSON-RPC's errors */

typedef struct call {
    json_t *id;
    bool find, killed;                  /* find, or triage; killed: there is no answer, or that it took too long */
    char *args[MAX_ARGS];
    FILE *in, *err;
    int out;
    pid_t child;                        /* 0: it waits */
    double until;
    text said;
} call;

typedef struct server {
    const char *find, *index, *triage, *questions, *mail, *state, *threads;
    char folder[4096];
    double timeout;
    bool started;                       /* initialize has come */
    call calls[MAX_CALLS];
    int n_calls;
    text line;
    bool skip;                          /* the rest of a line that is too long */
} server;

static volatile sig_atomic_t ended;
static void on_end(int signal) { (void)signal, ended = 1; }

static bool complain(const char *what, const char *detail) {
    print_plain(stderr, "mcp: error: %s%s\n", what, detail);
    return false;
}

/* ---- messages ------------------------------------------------------------------------------------------- */

/* The message is given away. */
static void send_message(json_t *m) {
    json_object_set_new(m, "jsonrpc", json_string("2.0"));
    if (json_dumpf(m, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15)) || putchar('\n') == EOF || fflush(stdout))
        ended = 1;
    json_decref(m);
}

static void send_result(json_t *id, json_t *result) {
    send_message(json_pack("{s:O, s:o}", "id", id, "result", result));
}

static void send_error(json_t *id, int code, const char *what, const char *detail) {
    text s = { NULL, 0, 0 };
    append_string(&s, what), append_string(&s, detail);
    send_message(json_pack("{s:o, s:{s:i, s:s}}", "id", id ? json_incref(id) : json_null(), "error", "code", code,
        "message", s.at));
    free(s.at);
}

/* What a tool says when it fails: the model reads it, and may try again. */
static void send_failure(json_t *id, const char *what) {
    json_t *s = json_string(what);
    send_result(id, json_pack("{s:[{s:s, s:o}], s:b}", "content", "type", "text", "text", s ? s
        : json_string("it failed"), "isError", 1));
}

/* ---- what is offered ------------------------------------------------------------------------------------ */

static const char find_tool[] =
    "{\"name\": \"find\", \"title\": \"Find in notes and files\", \"description\": \"Looks by meaning and by words "
    "in the notes, mail and documents of the user that were indexed on this machine. Gives the nearest pieces, "
    "with file and line.\", \"inputSchema\": {\"type\": \"object\", \"properties\": {\"question\": {\"type\": "
    "\"string\", \"minLength\": 1, \"maxLength\": 2000, \"description\": \"What is looked for, as a question or in "
    "words\"}, \"k\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 50, \"description\": \"How many pieces "
    "(5)\"}}, \"required\": [\"question\"], \"additionalProperties\": false}, \"outputSchema\": {\"type\": "
    "\"object\", \"properties\": {\"found\": {\"type\": \"array\", \"items\": {\"type\": \"object\", "
    "\"properties\": {\"path\": {\"type\": \"string\"}, \"line\": {\"type\": \"integer\"}, \"score\": {\"type\": "
    "\"number\"}, \"text\": {\"type\": \"string\"}}, \"required\": [\"path\", \"line\", \"score\", \"text\"]}}}, "
    "\"required\": [\"found\"]}, \"annotations\": {\"readOnlyHint\": true, \"openWorldHint\": false}}";

static const char triage_tool[] =
    "{\"name\": \"triage\", \"title\": \"Sort messages\", \"description\": \"Decides about messages by the user's "
    "own questions (such as topic, urgency, what they ask for): for each the answers, how likely each is, and what "
    "the user's rules would do. Nothing is moved.\", \"inputSchema\": {\"type\": \"object\", \"properties\": "
    "{\"texts\": {\"type\": \"array\", \"maxItems\": 200, \"description\": \"Messages to decide about\", "
    "\"items\": {\"type\": \"object\", \"properties\": {\"text\": {\"type\": \"string\"}, \"id\": {\"type\": "
    "\"string\"}, \"from\": {\"type\": \"string\"}, \"to\": {\"type\": \"string\"}, \"subject\": {\"type\": "
    "\"string\"}}, \"required\": [\"text\"], \"additionalProperties\": false}}}, \"additionalProperties\": false}, "
    "\"outputSchema\": {\"type\": \"object\", \"properties\": {\"decided\": {\"type\": \"array\", \"items\": "
    "{\"type\": \"object\", \"properties\": {\"id\": {\"type\": \"string\"}, \"answers\": {\"type\": \"object\"}, "
    "\"would\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}, \"required\": [\"id\", \"answers\", "
    "\"would\"]}}}, \"required\": [\"decided\"]}, \"annotations\": {\"readOnlyHint\": true, \"openWorldHint\": "
    "false}}";

static json_t *list_tools(const server *s) {
    json_t *list = json_array(), *t;
    if (s->find) json_array_append_new(list, json_loads(find_tool, 0, NULL));
    if (s->triage) {
        json_array_append_new(list, t = json_loads(triage_tool, 0, NULL));
        if (s->mail) {
            json_t *in = json_object_get(json_object_get(t, "inputSchema"), "properties");
            json_object_set_new(in, "mail", json_pack("{s:s, s:s}", "type", "boolean", "description",
                "The user's own mail instead of texts"));
        }
    }
    return json_pack("{s:o}", "tools", list);
}

static json_t *introduce(const json_t *params) {
    static const char *const versions[] = { "2025-11-25", "2025-06-18" };       /* the newest first */
    const char *wanted = json_string_value(json_object_get(params, "protocolVersion")), *version = versions[0];
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) if (wanted && !strcmp(wanted,
        versions[i])) version = versions[i];
    return json_pack("{s:s, s:{s:{s:b}}, s:{s:s, s:s, s:s}}", "protocolVersion", version, "capabilities", "tools",
        "listChanged", 0,
                     "serverInfo", "name", "llocal", "title", "Local search and sorting", "version", "1");
}

/* ---- calls ---------------------------------------------------------------------------------------------- */

static void add_arg(call *c, const char *a) {
    int n = 0;
    while (c->args[n]) n++;
    if (n + 1 < MAX_ARGS) c->args[n] = strdup(a);
}

static void drop_call(server *s, call *c) {
    for (int i = 0; i < MAX_ARGS; i++) free(c->args[i]);
    if (c->in) fclose(c->in);
    if (c->err) fclose(c->err);
    if (c->out >= 0) close(c->out);
    json_decref(c->id), free(c->said.at);
    *c = s->calls[--s->n_calls];
}

/* NULL, or what is wrong with the arguments. */
static const char *take_find(const server *s, call *c, const json_t *a) {
    const char *question = json_string_value(json_object_get(a, "question"));
    const json_t *k = json_object_get(a, "k");
    char number[24];
    text q = { NULL, 0, 0 };
    if (!question || !*question || strlen(question) > 8000)
        return "\"question\" is wanted: a string, not empty, of 2000 characters at most";
    if (k && (!json_is_integer(k) || json_integer_value(k) < 1 ||
        json_integer_value(k) > 50)) return "\"k\" is a whole number from 1 to 50";
    snprintf(number, sizeof number, "%d", k ? (int)json_integer_value(k) : 5);
    if (*question == '-' || !strcmp(question, "index")) append_string(&q, " ");       /* no option, and no command */
    append_string(&q, question);
    add_arg(c, "-m"), add_arg(c, s->find), add_arg(c, "-d"), add_arg(c, s->index), add_arg(c, "-t"), add_arg(c,
        s->threads);
    add_arg(c, "-k"), add_arg(c, number), add_arg(c, "--json"), add_arg(c, q.at);
    free(q.at);
    return NULL;
}

static const char *take_triage(const server *s, call *c, const json_t *a) {
    json_t *texts = json_object_get(a, "texts"), *mail = json_object_get(a, "mail");
    if (mail && (!json_is_boolean(mail) || !s->mail)) return s->mail ? "\"mail\" is true or false"
        : "there is no mail here: give \"texts\"";
    if (json_is_true(mail) && texts) return "either \"texts\" or \"mail\", not both";
    if (!json_is_true(mail) && (!json_is_array(texts) || !json_array_size(texts) || json_array_size(texts) > 200))
        return "\"texts\" is wanted: a list of 1 to 200 messages";
    add_arg(c, "-m"), add_arg(c, s->triage), add_arg(c, "-q"), add_arg(c, s->questions), add_arg(c, "-t"), add_arg(c,
        s->threads);
    add_arg(c, "--all"), add_arg(c, "--state"), add_arg(c, json_is_true(mail) ? s->state : ":memory:");
    if (json_is_true(mail)) { add_arg(c, s->mail); return NULL; }
    for (size_t i = 0; i < json_array_size(texts); i++) {
        json_t *one = json_array_get(texts, i), *v;
        const char *key;
        if (!json_is_object(one) || !json_is_string(json_object_get(one,
            "text"))) return "each of \"texts\" is an object with a string \"text\"";
        json_object_foreach(one, key, v) if (!json_is_string(v)) return "all that \"texts\" have are strings";
        if (json_dumpf(one, c->in, JSON_COMPACT) || fputc('\n', c->in) == EOF) return "there is no room for the texts";
    }
    return fflush(c->in) ? "there is no room for the texts" : NULL;
}

/* A program beside this one. What it reads is in a file; what it says comes through a pipe. */
static bool start_call(const server *s, call *c) {
    char path[4200];
    int ends[2];
    snprintf(path, sizeof path, "%s/%s", s->folder, c->find ? "find" : "triage");
    if (pipe(ends)) return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC), rewind(c->in);
    c->child = fork();
    if (c->child == 0) {
        signal(SIGINT, SIG_IGN), signal(SIGPIPE, SIG_DFL);
        dup2(fileno(c->in), 0), dup2(ends[1], 1), dup2(fileno(c->err), 2), close(ends[1]);
        lseek(0, 0, SEEK_SET);
        execv(path, c->args);
        fprintf(stderr, "%s cannot be run: %s\n", path, strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    if (c->child < 0) { close(ends[0]), c->child = 0; return false; }
    c->out = ends[0], c->until = now_seconds() + s->timeout;
    return true;
}

/* Those that wait, while there is room. */
static void start_calls(server *s) {
    int running = 0;
    for (int i = 0; i < s->n_calls; i++) running += s->calls[i].child != 0;
    for (int i = 0; i < s->n_calls && running < AT_ONCE; i++) {
        call *c = &s->calls[i];
        if (c->child) continue;
        if (start_call(s, c)) { running++; continue; }
        send_failure(c->id, strerror(errno)), drop_call(s, c), i--;
    }
}

static void begin_call(server *s, json_t *id, const json_t *params) {
    const char *name = json_string_value(json_object_get(params, "name")), *wrong;
    json_t *a = json_object_get(params, "arguments");
    const bool find = name && !strcmp(name, "find") && s->find, triage = name && !strcmp(name, "triage") && s->triage;
    call *c = &s->calls[s->n_calls];
    if (!find && !triage) { send_error(id, PARAMS, "there is no tool ", name ? name : "without a name"); return; }
    if (a && !json_is_object(a)) { send_error(id, PARAMS, "arguments are an object", ""); return; }
    if (s->n_calls == MAX_CALLS) { send_failure(id, "too many calls are waiting; try again later"); return; }
    memset(c, 0, sizeof *c);
    c->id = json_incref(id), c->find = find, c->out = -1, c->in = tmpfile(), c->err = tmpfile(), s->n_calls++;
    add_arg(c, find ? "find" : "triage");
    if (c->in) fcntl(fileno(c->in), F_SETFD, FD_CLOEXEC);
    if (c->err) fcntl(fileno(c->err), F_SETFD, FD_CLOEXEC);
    wrong = !c->in || !c->err ? "there is no room for files" : find ? take_find(s, c, a) : take_triage(s, c, a);
    if (!wrong) return;
    send_failure(id, wrong), drop_call(s, c);
}

/* The lines of a program as a list. NULL: one is no JSON. */
static json_t *read_lines(char *said) {
    json_t *list = json_array(), *one;
    for (char *line = said, *end; line && *line; line = end) {
        if ((end = strchr(line, '\n')) != NULL) *end++ = 0;
        if (!*line) continue;
        if (!(one = json_loads(line, 0, NULL))) { json_decref(list); return NULL; }
        json_array_append_new(list, one);
    }
    return list;
}

static void end_call(server *s, call *c) {
    char words[1024];
    int status = 0;
    json_t *list, *all;
    char *flat;
    while (waitpid(c->child, &status, 0) < 0 && errno == EINTR) { }
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    append(&c->said, "", 0);
    list = !c->killed && (status == 0 || (c->find && status == 2)) ? read_lines(c->said.at) : NULL;
    if (list) {
        all = json_pack("{s:o}", c->find ? "found" : "decided", list);
        flat = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(15));
        send_result(c->id, json_pack("{s:[{s:s, s:s}], s:o}", "content", "type", "text", "text", flat,
            "structuredContent", all));
        free(flat);
    } else {
        size_t n;
        rewind(c->err), n = fread(words, 1, sizeof words - 1, c->err), words[n] = 0;
        while (n && (unsigned char)words[n - 1] <= ' ') words[--n] = 0;
        send_failure(c->id, c->killed ? "it took too long, or said too much" : n ? words : status
            ? "it ended without a word" : "what it said cannot be read");
    }
    drop_call(s, c);
}

/* Killed, without an answer. */
static void cancel_call(server *s, const json_t *id) {
    for (int i = 0; i < s->n_calls; i++) {
        call *c = &s->calls[i];
        if (!json_equal(c->id, id)) continue;
        if (c->child) kill(c->child, SIGKILL), waitpid(c->child, NULL, 0);
        drop_call(s, c);
        return;
    }
}

/* ---- requests ------------------------------------------------------------------------------------------- */

static void take_message(server *s, json_t *m) {
    json_t *id = json_object_get(m, "id"), *params = json_object_get(m, "params");
    const char *method = json_string_value(json_object_get(m, "method")),
        *version = json_string_value(json_object_get(m, "jsonrpc"));
    if (!json_is_object(m) || !version || strcmp(version, "2.0")) { send_error(NULL, REQUEST,
        "a message is an object with \"jsonrpc\": \"2.0\"", ""); return; }
    if (!method) {
        if (!json_object_get(m, "result") && !json_object_get(m, "error")) send_error(id, REQUEST,
            "there is no method", "");
        return;                         /* answers: nothing was asked */
    }
    if (!id) {
        if (!strcmp(method, "notifications/cancelled")) cancel_call(s, json_object_get(params, "requestId"));
        return;
    }
    if (!json_is_string(id) && !json_is_integer(id)) send_error(NULL, REQUEST, "an id is a string or a whole number",
        "");
    else if (params && !json_is_object(params)) send_error(id, PARAMS, "params are an object", "");
    else if (!strcmp(method, "ping")) send_result(id, json_object());
    else if (!strcmp(method, "initialize")) s->started = true, send_result(id, introduce(params));
    else if (!s->started) send_error(id, REQUEST, "initialize comes first", "");
    else if (!strcmp(method, "tools/list")) send_result(id, list_tools(s));
    else if (!strcmp(method, "tools/call")) begin_call(s, id, params);
    else send_error(id, METHOD, "there is no method ", method);
}

static void take_line(server *s) {
    json_error_t e;
    json_t *m;
    while (s->line.len && strchr("\r ", s->line.at[s->line.len - 1])) s->line.len--;
    if (!s->line.len) return;
    m = json_loadb(s->line.at, s->line.len, JSON_DECODE_ANY, &e);
    if (!m) send_error(NULL, PARSE, "no JSON: ", e.text);
    else take_message(s, m);
    json_decref(m);
}

/* False: the input has ended. */
static bool take_input(server *s) {
    char room[65536];
    const ssize_t n = read(0, room, sizeof room);
    if (n < 0 && errno == EINTR) return true;
    for (ssize_t i = 0; i < n; i++) {
        if (room[i] != '\n') {
            if (s->line.len < MAX_LINE) append(&s->line, room + i, 1);
            else s->skip = true;
            continue;
        }
        if (s->skip) send_error(NULL, REQUEST, "a message has 4 MiB at most", "");
        else take_line(s);
        s->line.len = 0, s->skip = false;
    }
    return n > 0;
}

/* What a program says; it has ended when that has. */
static void take_output(server *s, call *c) {
    char room[65536];
    const ssize_t n = read(c->out, room, sizeof room);
    if (n < 0 && errno == EINTR) return;
    if (n > 0) {
        if (c->said.len + (size_t)n <= MAX_OUTPUT) append(&c->said, room, (size_t)n);
        else if (!c->killed) c->killed = true, kill(c->child, SIGKILL);
        return;
    }
    end_call(s, c);
}

static void serve(server *s) {
    bool more = true;
    while (!ended && (more || s->n_calls)) {
        struct pollfd p[MAX_CALLS + 1];
        double wait = 3600;
        int n = 0;
        start_calls(s);
        for (int i = 0; i < s->n_calls; i++) {
            call *c = &s->calls[i];
            if (!c->child) continue;
            if (c->until <= now_seconds() && !c->killed) c->killed = true, kill(c->child, SIGKILL);
            if (!c->killed && c->until - now_seconds() < wait) wait = c->until - now_seconds();
            p[n].fd = c->out, p[n++].events = POLLIN;
        }
        p[n].fd = more ? 0 : -1, p[n].events = POLLIN, p[n].revents = 0;
        if (poll(p, (nfds_t)n + 1, (int)(1000 * wait) + 1) > 0) {
            for (int k = 0; k < n; k++)         /* calls change places when one ends */
                for (int i = 0; i < s->n_calls && p[k].revents; i++)
                    if (s->calls[i].out == p[k].fd) { take_output(s, &s->calls[i]); break; }
            if (more && p[n].revents) more = take_input(s);
        }
    }
    for (int i = 0; i < s->n_calls; i++) if (s->calls[i].child) kill(s->calls[i].child, SIGKILL);
    while (s->n_calls) drop_call(s, &s->calls[0]);
}

/* ---- the program ---------------------------------------------------------------------------------------- */

static void print_help(void) {
    puts("usage: mcp [--find embed.gguf --index FILE] [--triage model.gguf --questions FILE [--mail MAILDIR]\n"
         "           [--state FILE]] [--timeout SECONDS] [-t N]\n"
         "an MCP server over stdio: JSON-RPC, a message a line; the head of examples/mcp.c has all of it");
}

static bool read_options(int argc, char **argv, server *s) {
    const char *slash = strrchr(argv[0], '/');
    ssize_t n = readlink("/proc/self/exe", s->folder, sizeof s->folder - 1);
    s->state = ".mcp.db", s->threads = "1", s->timeout = 300;
    if (n > 0) s->folder[n] = 0, *strrchr(s->folder, '/') = 0;
    else snprintf(s->folder, sizeof s->folder, "%.*s", slash ? (int)(slash - argv[0]) : 1, slash ? argv[0] : ".");
    for (int i = 1; i < argc; i += 2) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "--help")) { print_help(); exit(0); }
        if (!v) return complain("unknown, or without a value: ", a);
        if (!strcmp(a, "--find")) s->find = v;
        else if (!strcmp(a, "--index")) s->index = v;
        else if (!strcmp(a, "--triage")) s->triage = v;
        else if (!strcmp(a, "--questions")) s->questions = v;
        else if (!strcmp(a, "--mail")) s->mail = v;
        else if (!strcmp(a, "--state")) s->state = v;
        else if (!strcmp(a, "--timeout")) s->timeout = atof(v);
        else if (!strcmp(a, "-t")) s->threads = v;
        else return complain("unknown: ", a);
    }
    if (!s->find != !s->index) return complain("--find and --index belong together", "");
    if (!s->triage != !s->questions) return complain("--triage and --questions belong together", "");
    if (s->timeout <= 0 || s->timeout > 86400) return complain("--timeout is from above 0 to 86400 seconds", "");
    return s->find || s->triage ||
           complain("nothing is offered: --find and --index, or --triage and --questions, are wanted", "");
}

int main(int argc, char **argv) {
    static server s;
    struct sigaction a;
    if (!read_options(argc, argv, &s)) return 1;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_end;
    sigaction(SIGINT, &a, NULL), sigaction(SIGTERM, &a, NULL), signal(SIGPIPE, SIG_IGN);
    serve(&s);
    free(s.line.at);
    return 0;
}
