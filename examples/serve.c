/* A server for the client libraries that people have: OpenAI's (chat completions, completions, responses, embeddings,
 * rerank), Anthropic's (messages), Ollama's, llama.cpp's own, and decisions. All replies of a model are written in the
 * same passes: each weight is read once for all of them.
 *
 *     serve -m model.gguf [-m other.gguf ...] [--port 8080]
 *
 * Packages (Debian): libmicrohttpd-dev libjansson-dev. serve --help has the options. On this machine only unless --host
 * says otherwise; pages of other origins are refused unless --origin allows them. Ctrl-C or SIGTERM: replies that are
 * being written are finished, timelines are kept (--snapshots), and it ends; a second one ends it at once.
 *
 * A prompt of one client delays the others' next token by one pass of at most --batch tokens. What a prompt shares with
 * anything that is remembered, in a slot or in a file of --snapshots, is not evaluated again. (Models with windows or a
 * state cannot go back to any place, so places are kept for them: behind the system message and tools, before the last
 * message and behind it; of a prompt that is no conversation every 256 tokens.) The tokens of a reply depend on nothing
 * but the request. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include "messages.h"
#include "energy.h"
#include <signal.h>
#include <strings.h>
#if defined(__GLIBC__)
#  include <malloc.h>
#endif
#include "serve/engine.h"
#include "serve/http.h"
#include "serve/asked.h"
#include "serve/openai.h"
#include "serve/responses.h"
#include "serve/anthropic.h"
#include "serve/ollama.h"
#include "serve/native.h"
#include "page.h"                       /* the page: make writes it from serve/page.html */

/* ---- routes ---------------------------------------------------------------------------------------- */

static bool run_page(request *q) {
    return http_send(q, 200, "text/html; charset=utf-8", (const char *)serve_page, sizeof serve_page);
}

/* path: the whole, or the beginning where it ends with a star. open: without a key. */
static const route routes[] = { { "GET", "/", run_page, DIALECT_OPENAI, true },
                                { "GET", "/health", run_health, DIALECT_OPENAI, true },
                                { "GET", "/v1/health", run_health, DIALECT_OPENAI, true },
                                { "GET", "/v1/models", run_models, DIALECT_OPENAI, false },
                                { "GET", "/models", run_models, DIALECT_OPENAI, false },
                                { "GET", "/v1/models/*", run_model, DIALECT_OPENAI, false },
                                { "POST", "/v1/chat/completions", run_chat, DIALECT_OPENAI, false },
                                { "POST", "/chat/completions", run_chat, DIALECT_OPENAI, false },
                                { "POST", "/v1/completions", run_completions, DIALECT_OPENAI, false },
                                { "POST", "/v1/responses", run_responses, DIALECT_OPENAI, false },
                                { "POST", "/responses", run_responses, DIALECT_OPENAI, false },
                                { "POST", "/v1/responses/input_tokens", run_responses_count, DIALECT_OPENAI, false },
                                { "POST", "/v1/embeddings", run_embeddings, DIALECT_OPENAI, false },
                                { "POST", "/embeddings", run_embeddings, DIALECT_OPENAI, false },
                                { "POST", "/v1/rerank", run_rerank, DIALECT_OPENAI, false },
                                { "POST", "/rerank", run_rerank, DIALECT_OPENAI, false },
                                { "POST", "/v1/reranking", run_rerank, DIALECT_OPENAI, false },
                                { "POST", "/v1/messages", run_messages, DIALECT_ANTHROPIC, false },
                                { "POST", "/v1/messages/count_tokens", run_count_tokens, DIALECT_ANTHROPIC, false },
                                { "POST", "/api/chat", run_ollama_chat, DIALECT_OLLAMA, false },
                                { "POST", "/api/generate", run_ollama_generate, DIALECT_OLLAMA, false },
                                { "POST", "/api/embed", run_ollama_embed, DIALECT_OLLAMA, false },
                                { "POST", "/api/embeddings", run_ollama_embed, DIALECT_OLLAMA, false },
                                { "POST", "/api/show", run_ollama_show, DIALECT_OLLAMA, false },
                                { "GET", "/api/tags", run_ollama_tags, DIALECT_OLLAMA, false },
                                { "GET", "/api/ps", run_ollama_ps, DIALECT_OLLAMA, false },
                                { "GET", "/api/version", run_ollama_version, DIALECT_OLLAMA, true },
                                { "POST", "/v1/systemone", run_systemone, DIALECT_OPENAI, false },
                                { "GET", "/props", run_props, DIALECT_OPENAI, false },
                                { "GET", "/metrics", run_metrics, DIALECT_OPENAI, false },
                                { "GET", "/slots", run_slots, DIALECT_OPENAI, false },
                                { "POST", "/slots/*", run_slot, DIALECT_OPENAI, false },
                                { "POST", "/tokenize", run_tokenize, DIALECT_OPENAI, false },
                                { "POST", "/detokenize", run_detokenize, DIALECT_OPENAI, false },
                                { "POST", "/apply-template", run_apply_template, DIALECT_OPENAI, false },
                                { "POST", "/completion", run_completion, DIALECT_OPENAI, false },
                                { "POST", "/completions", run_completion, DIALECT_OPENAI, false },
                                { "POST", "/infill", run_infill, DIALECT_OPENAI, false } };

static const route *route_of(const char *path, const char *method, bool *other_method) {
    const route *found = NULL;
    *other_method = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const size_t n = strlen(routes[i].path);
        const bool star = routes[i].path[n - 1] == '*';
        if (star ? strncmp(path, routes[i].path, n - 1) : strcmp(path, routes[i].path)) continue;
        if (!strcmp(routes[i].method, method) || (!strcmp(method, "HEAD") && !strcmp(routes[i].method, "GET")))
            found = &routes[i];
        else *other_method = true;
    }
    return found;
}

/* ---- a request ---------------------------------------------------------------------------------------- */

/* False: it has been refused. */
static bool may_ask(request *q, const route *r) {
    const http_settings *o = &q->server->http;
    const char *host = request_header(q, "Host"), *origin = request_header(q, "Origin"),
               *key = request_header(q, "Authorization");
    if (!host_is_ours(o, host)) return refuse(q, 403, "Host", "is not a name of this server (--name allows more)");
    if (origin && !origin_is_allowed(o, origin, host))
        return refuse(q, 403, "Origin", "pages of %.200s may not ask (--origin allows them)", origin);
    q->origin = origin;
    if (!o->key || (r && r->open)) return true;
    if (key && !strncasecmp(key, "Bearer ", 7)) key += 7;
    else key = request_header(q, "x-api-key");
    return key_is_right(o->key, key) || refuse(q, 401, NULL, "the key is missing, or wrong");
}

/* A page of an allowed origin asks whether it may ask. */
static bool answer_preflight(request *q) {
    struct MHD_Response *r;
    bool ok;
    if (!may_ask(q, &routes[0])) return true;
    r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (q->origin) {
        MHD_add_response_header(r, "Access-Control-Allow-Origin", q->origin);
        MHD_add_response_header(r, "Access-Control-Allow-Methods", "GET, POST");
        MHD_add_response_header(r, "Access-Control-Allow-Headers",
                                "Content-Type, Authorization, x-api-key, anthropic-version");
        MHD_add_response_header(r, "Vary", "Origin");
    }
    ok = MHD_queue_response(q->connection, 204, r) == MHD_YES;
    MHD_destroy_response(r);
    return ok;
}

static void answer(request *q) {
    bool other = false;
    const route *r = route_of(q->path, q->method, &other);
    json_error_t where;
    if (r) q->speaks = r->speaks;
    if (!strcmp(q->method, "OPTIONS")) { answer_preflight(q); return; }
    if (!may_ask(q, r)) return;
    if (!r) {
        refuse(q, other ? 405 : 404, NULL, other ? "%s is not how to ask for %.200s" : "there is no %s %.200s",
               q->method, q->path);
        return;
    }
    if (q->too_large) { refuse(q, 413, NULL, "the body has more than %zu bytes", q->server->http.max_body); return; }
    if (!strcmp(r->method, "POST")) {
        q->json = json_loadb(q->body.at ? q->body.at : "", q->body.len, JSON_REJECT_DUPLICATES, &where);
        if (!q->json && !q->body.len && !strncmp(q->path, "/slots/", 7)) q->json = json_object();
        if (!q->json) {
            refuse(q, 400, NULL, "the body is no JSON: %s (line %d, column %d)", where.text, where.line, where.column);
            return;
        }
        if (!json_is_object(q->json)) { refuse(q, 400, NULL, "the body must be a JSON object"); return; }
    }
    r->run(q);
    if (!q->answered && !q->status) refuse(q, 500, NULL, "no answer was made");
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *c, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **own) {
    server *s = (server *)user;
    request *q = (request *)*own;
    (void)version;
    if (!q) {
        const unsigned patience = 30000;
        q = (request *)resize(NULL, sizeof *q);
        memset(q, 0, sizeof *q);
        q->server = s, q->connection = c, q->method = method, q->path = url;
        *own = q;
        /* who reads slower than nothing in that time is gone */
        setsockopt(request_socket(q), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
        return MHD_YES;
    }
    q->method = method, q->path = url;
    if (*n) {
        if (q->body.len + *n > s->http.max_body) q->too_large = true;
        else append(&q->body, data, *n);
        *n = 0;
        return MHD_YES;
    }
    if (q->answered || q->status) return MHD_YES;
    pthread_mutex_lock(&s->engine.lock);
    s->engine.count.n_requests++;
    pthread_mutex_unlock(&s->engine.lock);
    MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, 0u);    /* the engine may take its time */
    answer(q);
    return MHD_YES;
}

static void on_completed(void *user, struct MHD_Connection *c, void **own, enum MHD_RequestTerminationCode how) {
    request *q = (request *)*own;
    server *s = (server *)user;
    (void)how;
    if (!q) return;
    asked_free(q);
    json_decref(q->json);
    free(q->body.at), free(q->out.at), free(q);
    *own = NULL;
    MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)s->http.seconds);
}

/* ---- options ---------------------------------------------------------------------------------------------- */

static const char help[] =
"serve -m model.gguf [-m other.gguf ...]: a server for OpenAI's, Anthropic's, Ollama's and llama.cpp's clients\n"
"  -m FILE          a model; several are opened when they are asked for, by the file's name without .gguf\n"
"  --models FOLDER  all models of a folder\n"
"  --alias NAME     the first model's name\n"
"  --host ADDRESS   where to listen (127.0.0.1); 0.0.0.0: everywhere. Give a key then\n"
"  --port N         (8080); 0: any, which is printed\n"
"  --api-key KEY    who asks must have it; or in the environment: LLOCAL_API_KEY\n"
"  --origin ORIGIN  pages from there may ask, too (repeatable; * : all)\n"
"  --name NAME      a host name of this machine (repeatable); others are refused\n"
"  -c N             positions of a slot (4096)\n"
"  -np N            slots: replies that are written at once (4)\n"
"  -b N             tokens of one pass (128); so many of a prompt delay other replies at most\n"
"  -t N             threads (all cores)\n"
"  -ctk, -ctv TYPE  how keys and values are kept: f16, q8_0, f32 (f16)\n"
"  --snapshots FOLDER  timelines are kept there, for prompts that begin alike, also after a restart\n"
"  --snapshot-mib N    all of them together (2048)\n"
"  --places-mib N   of a model with windows or a state, which cannot go back to any place: memory for places that\n"
"                   prompts begin with (256)\n"
"  --memory MIB     for all models and slots; models that nobody uses are closed when another needs room\n"
"  --idle SECONDS   then a model is closed (0: never)\n"
"  --chat-template-file FILE  in place of the models' own\n"
"  --max-body MIB (16), --max-queue N (64), --max-connections N (256), --timeout SECONDS (30)\n"
"  -v               say more\n";

static bool add_model(engine *g, const char *path) {
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t n = strlen(name);
    model *m = &g->models[g->n_models];
    struct stat st;
    if (g->n_models == MAX_MODELS) { fprintf(stderr, "serve: error: more than %d models\n", MAX_MODELS); return false; }
    if (stat(path, &st)) { fprintf(stderr, "serve: error: cannot read %s: %s\n", path, strerror(errno)); return false; }
    if (n > 5 && !strcmp(name + n - 5, ".gguf")) n -= 5;
    snprintf(m->name, sizeof m->name, "%.*s", (int)n, name), snprintf(m->path, sizeof m->path, "%s", path);
    m->made = (int64_t)st.st_mtime, m->file_bytes = (uint64_t)st.st_size;
    pthread_mutex_init(&m->rules, NULL);
    model_describe(m);
    g->n_models++;
    return true;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static bool add_folder(engine *g, const char *path) {
    DIR *d = opendir(path);
    struct dirent *e;
    char *list[MAX_MODELS];
    int n = 0;
    bool ok = d != NULL;
    if (!d) fprintf(stderr, "serve: error: cannot read %s: %s\n", path, strerror(errno));
    while (d && n < MAX_MODELS && (e = readdir(d)) != NULL) {
        const size_t len = strlen(e->d_name);
        text t = { NULL, 0, 0 };
        if (len < 6 || strcmp(e->d_name + len - 5, ".gguf") ||
            (strstr(e->d_name, "-of-") && !strstr(e->d_name, "-00001-of-")))
            continue;
        append_string(&t, path), append_string(&t, "/"), append_string(&t, e->d_name);
        list[n++] = t.at;
    }
    if (d) closedir(d);
    qsort(list, (size_t)n, sizeof *list, by_name);
    for (int i = 0; i < n; i++) ok = ok && add_model(g, list[i]), free(list[i]);
    return ok;
}

static bool read_kv(const char *s, llocal_kv *out) {
    *out = !strcmp(s, "f32") ? LLOCAL_KV_F32 : !strcmp(s, "q8_0") ? LLOCAL_KV_Q8 : LLOCAL_KV_F16;
    return !strcmp(s, "f32") || !strcmp(s, "q8_0") || !strcmp(s, "f16");
}

static bool read_number(const char *s, long low, long high, long *out) {
    char *end;
    *out = strtol(s, &end, 10);
    return *s && !*end && *out >= low && *out <= high;
}

static bool read_options(int argc, char **argv, server *s, const char **alias) {
    engine_settings *o = &s->engine.o;
    http_settings *h = &s->http;
    char *folder = NULL;
    o->n_ctx = 4096, o->n_slots = 4, o->n_batch = 128, o->max_queue = 64, o->snapshot_bytes = (uint64_t)2048 << 20,
    o->shelf_bytes = (uint64_t)256 << 20;
    h->host = "127.0.0.1", h->port = 8080, h->max_connections = 256, h->seconds = 30, h->max_body = (size_t)16 << 20,
    h->key = getenv("LLOCAL_API_KEY");
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        long n = 0;
        bool ok = true;
        if (!strcmp(a, "-v")) { o->verbose = true; continue; }
        if (!strcmp(a, "--help") || !strcmp(a, "-h")) { fputs(help, stdout); exit(0); }
        if (!v) {
            fprintf(stderr, "serve: error: %s is unknown, or without a value; --help lists the options\n", a);
            return false;
        }
        if (!strcmp(a, "-m") || !strcmp(a, "--model")) { if (!add_model(&s->engine, v)) return false; }
        else if (!strcmp(a, "--models")) { if (!add_folder(&s->engine, v)) return false; }
        else if (!strcmp(a, "--alias")) *alias = v;
        else if (!strcmp(a, "--host")) h->host = v;
        else if (!strcmp(a, "--api-key")) h->key = v;
        else if (!strcmp(a, "--origin") && h->n_origins < 16) h->origins[h->n_origins++] = v;
        else if (!strcmp(a, "--name") && h->n_names < 16) h->names[h->n_names++] = v;
        else if (!strcmp(a, "--port")) ok = read_number(v, 0, 65535, &n), h->port = (int)n;
        else if (!strcmp(a, "-c")) ok = read_number(v, 8, 1 << 26, &n), o->n_ctx = (int)n;
        else if (!strcmp(a, "-np")) ok = read_number(v, 1, MAX_SLOTS, &n), o->n_slots = (int)n;
        else if (!strcmp(a, "-b")) ok = read_number(v, 1, 65536, &n), o->n_batch = (int)n;
        else if (!strcmp(a, "-t")) ok = read_number(v, 0, 1024, &n), o->n_threads = (int)n;
        else if (!strcmp(a, "-ctk")) ok = read_kv(v, &o->k);
        else if (!strcmp(a, "-ctv")) ok = read_kv(v, &o->v);
        else if (!strcmp(a, "--snapshots")) o->snapshots = v;
        else if (!strcmp(a, "--snapshot-mib"))
            ok = read_number(v, 1, 1 << 30, &n), o->snapshot_bytes = (uint64_t)n << 20;
        else if (!strcmp(a, "--places-mib"))
            ok = read_number(v, 0, 1 << 30, &n), o->shelf_bytes = (uint64_t)n << 20;
        else if (!strcmp(a, "--memory")) ok = read_number(v, 1, 1 << 30, &n), o->max_memory = (uint64_t)n << 20;
        else if (!strcmp(a, "--idle")) ok = read_number(v, 0, 1 << 30, &n), o->idle_seconds = (double)n;
        else if (!strcmp(a, "--max-body")) ok = read_number(v, 1, 1024, &n), h->max_body = (size_t)n << 20;
        else if (!strcmp(a, "--max-queue")) ok = read_number(v, 1, 65536, &n), o->max_queue = (int)n;
        else if (!strcmp(a, "--max-connections")) ok = read_number(v, 1, 65536, &n), h->max_connections = (int)n;
        else if (!strcmp(a, "--timeout")) ok = read_number(v, 1, 86400, &n), h->seconds = (int)n;
        else if (!strcmp(a, "--chat-template-file")) {
            size_t len;
            o->chat_template = folder = file_read(v, &len);
            if (!folder) { fprintf(stderr, "serve: error: cannot read %s\n", v); return false; }
        } else { fprintf(stderr, "serve: error: %s is unknown; --help lists the options\n", a); return false; }
        if (!ok) { fprintf(stderr, "serve: error: %s %s is not possible\n", a, v); return false; }
        i++;
    }
    if (!s->engine.n_models) fprintf(stderr, "serve: error: -m model.gguf is missing\n");
    return s->engine.n_models > 0;
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t ending;
static void on_signal(int n) {
    (void)n;
    if (ending++) _exit(130);
}

static struct MHD_Daemon *listen_on(server *s) {
    const http_settings *h = &s->http;
    struct addrinfo want, *found = NULL;
    struct MHD_Daemon *d;
    char port[16];
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    memset(&want, 0, sizeof want);
    want.ai_socktype = SOCK_STREAM, want.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    snprintf(port, sizeof port, "%d", h->port);
    if (getaddrinfo(h->host, port, &want, &found) || !found) {
        fprintf(stderr, "serve: error: there is no address %s\n", h->host);
        return NULL;
    }
    if (found->ai_family == AF_INET6) flags |= MHD_USE_IPv6;
    d = MHD_start_daemon(flags, (uint16_t)h->port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, found->ai_addr,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)h->seconds, MHD_OPTION_THREAD_STACK_SIZE, (size_t)1 << 20,
        MHD_OPTION_END);
    freeaddrinfo(found);
    if (!d) fprintf(stderr, "serve: error: cannot listen on %s port %d: %s\n", h->host, h->port, strerror(errno));
    return d;
}

/* Each connection has a thread, to which glibc gives a heap of its own, and what was large once leaves holes there: so few
 * heaps, and what is large (rules, timelines on their way to disk) goes back to the system when it is freed. SmolLM2,
 * tests/soak.sh, 32 clients: without this 226 MB after a minute and 312 after ten, with it 157 and 157. */
static void memory_settings(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 2), mallopt(M_MMAP_THRESHOLD, 256 << 10), mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char **argv) {
    static server s;
    const char *alias = NULL;
    const union MHD_DaemonInfo *info;
    char words[300] = "";
    llocal_result r;
    model *first;
    memory_settings();
    if (!(argv = system_arguments(&argc, argv)) || !read_options(argc, argv, &s, &alias)) return 1;
    if (alias) snprintf(s.engine.models[0].name, sizeof s.engine.models[0].name, "%s", alias);
    signal(SIGPIPE, SIG_IGN), signal(SIGINT, on_signal), signal(SIGTERM, on_signal);
    if (!engine_open(&s.engine)) return 1;
    first = engine_hold(&s.engine, s.engine.models[0].name, &r, words, sizeof words);
    if (!first) {
        fprintf(stderr, "serve: error: %s: %s\n", s.engine.models[0].path, *words ? words : llocal_result_name(r));
        return 1;
    }
    engine_release(&s.engine, first);
    if (!(s.daemon = listen_on(&s))) return 1;
    info = MHD_get_daemon_info(s.daemon, MHD_DAEMON_INFO_BIND_PORT);
    fprintf(stderr, "serve: http://%s:%d (%s, %d slots of %d, %s)\n", s.http.host, info ? info->port : s.http.port,
            first->name, first->n_slots, first->n_ctx, llocal_build());
    while (!ending) {
        struct timespec t = { 0, 100000000L };
        nanosleep(&t, NULL);
    }
    fprintf(stderr, "serve: ending\n");
    pthread_mutex_lock(&s.engine.lock);
    s.engine.closing = true;            /* nothing new; what runs is finished */
    pthread_mutex_unlock(&s.engine.lock);
    MHD_quiesce_daemon(s.daemon);
    engine_finish(&s.engine);
    MHD_stop_daemon(s.daemon);
    engine_close(&s.engine);
    return 0;
}
