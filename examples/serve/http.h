/* Requests and answers of serve.c over libmicrohttpd: who may ask, how much, and what goes back. A connection has a
 * thread of its own, which may wait for the engine. Include it behind engine.h. */
#ifndef HTTP_H
#define HTTP_H

#include <jansson.h>
#include <microhttpd.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

typedef struct http_settings {
    const char *host, *key;             /* where to listen; NULL: anybody there may ask */
    int port, max_connections, seconds; /* seconds: a client may take for its headers, or between bytes */
    size_t max_body;
    const char *origins[16], *names[16];        /* pages of other origins that may ask; names that this host has */
    int n_origins, n_names;
} http_settings;

typedef enum dialect { DIALECT_OPENAI, DIALECT_ANTHROPIC, DIALECT_OLLAMA } dialect;

typedef struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const char *method, *path;
    text body;
    bool too_large, answered;
    dialect speaks;                     /* how errors look */
    int status;                         /* of an error */
    const char *origin;                 /* a page's, that may ask; or NULL */
    json_t *json;                       /* the body */
    struct asked *asked;
    /* an answer that comes bit by bit */
    const char *type;
    text out;
    size_t sent;
    bool over;                          /* nothing more comes */
    bool (*more)(struct request *q);    /* waits a little and appends to out; false: that was all */
} request;

typedef bool (*handler)(request *q);    /* false: it has failed, and an error is in out (see refuse) */

typedef struct route { const char *method, *path; handler run; dialect speaks; bool open; } route;

/* ---- answers ------------------------------------------------------------------------------------- */

static bool http_send(request *q, int status, const char *type, const char *data, size_t n) {
    struct MHD_Response *r = MHD_create_response_from_buffer(n, (void *)data, MHD_RESPMEM_MUST_COPY);
    bool ok;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    if (q->origin) {
        MHD_add_response_header(r, "Access-Control-Allow-Origin", q->origin);
        MHD_add_response_header(r, "Vary", "Origin");
    }
    if (status == 503 || status == 429) MHD_add_response_header(r, "Retry-After", "1");
    if (status == 401) MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
    ok = MHD_queue_response(q->connection, (unsigned)status, r) == MHD_YES;
    MHD_destroy_response(r);
    q->answered = true;
    return ok;
}

/* json is released. */
static bool http_json(request *q, int status, json_t *json) {
    char *s = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    bool ok = http_send(q, status, "application/json; charset=utf-8", s ? s : "{}", s ? strlen(s) : 2);
    free(s), json_decref(json);
    return ok;
}

static json_t *json_text(const char *s, size_t n) {
    json_t *j = json_stringn(s ? s : "", n);        /* NULL: it is no UTF-8 */
    return j ? j : json_string("\xef\xbf\xbd");
}
static json_t *json_of(const text *t) { return json_text(t->at, t->len); }

static json_t *error_json(dialect speaks, int status, const char *param, const char *words) {
    const char *kind = status == 401 ? "authentication_error" : status == 403 ? "permission_error"
        : status == 404 ? "not_found_error" : status == 413 ? "request_too_large" : status == 429 ? "rate_limit_error"
        : status == 503 ? "overloaded_error" : status >= 500 ? "api_error" : "invalid_request_error";
    if (speaks == DIALECT_OLLAMA) return json_pack("{s:o}", "error", json_text(words, strlen(words)));
    if (speaks == DIALECT_ANTHROPIC)
        return json_pack("{s:s,s:{s:s,s:o}}", "type", "error", "error", "type", kind, "message",
                         json_text(words, strlen(words)));
    return json_pack("{s:{s:o,s:s,s:s?,s:i}}", "error", "message", json_text(words, strlen(words)), "type", kind,
                     "param", param, "code", status);
}

/* Answers with an error that names the field, or NULL; always false. */
static bool refuse(request *q, int status, const char *param, const char *format, ...) {
    char words[600];
    size_t n = 0;
    va_list list;
    if (q->status) return false;
    if (param) n = (size_t)snprintf(words, sizeof words, "%.100s: ", param);
    va_start(list, format);
    vsnprintf(words + n, sizeof words - n, format, list);
    va_end(list);
    q->status = status;
    http_json(q, status, error_json(q->speaks, status, param, words));
    return false;
}

/* ---- an answer bit by bit -------------------------------------------------------------------------- */

static ssize_t stream_read_more(void *user, uint64_t at, char *out, size_t max) {
    request *q = (request *)user;
    size_t n;
    (void)at;
    while (q->sent == q->out.len) {
        q->sent = q->out.len = 0;
        if (q->over) return MHD_CONTENT_READER_END_OF_STREAM;
        if (!q->more(q)) q->over = true;
    }
    n = q->out.len - q->sent < max ? q->out.len - q->sent : max;
    memcpy(out, q->out.at + q->sent, n);
    q->sent += n;
    return (ssize_t)n;
}

static bool http_stream(request *q, const char *type) {
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, stream_read_more, q, NULL);
    bool ok;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "X-Accel-Buffering", "no");
    if (q->origin) MHD_add_response_header(r, "Access-Control-Allow-Origin", q->origin);
    ok = MHD_queue_response(q->connection, 200, r) == MHD_YES;
    MHD_destroy_response(r);
    q->answered = true;
    return ok;
}

/* Server-sent events: "event: name\n" (NULL: without) and "data: json\n\n"; json is released. */
static void put_event(request *q, const char *name, json_t *json) {
    char *s = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (name) append_string(&q->out, "event: "), append_string(&q->out, name), append_string(&q->out, "\n");
    append_string(&q->out, "data: "), append_string(&q->out, s ? s : "{}"), append_string(&q->out, "\n\n");
    free(s), json_decref(json);
}
static void put_line(request *q, json_t *json) {
    char *s = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
    append_string(&q->out, s ? s : "{}"), append_string(&q->out, "\n");
    free(s), json_decref(json);
}

static int request_socket(const request *q) {
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return i ? i->connect_fd : -1;
}

/* The client has hung up. */
static bool request_gone(const request *q) {
    char c;
    return recv(request_socket(q), &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static uint64_t request_client(const request *q) {
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = i ? i->client_addr : NULL;
    if (a && a->sa_family == AF_INET) return ((const struct sockaddr_in *)a)->sin_addr.s_addr;
    if (a && a->sa_family == AF_INET6) return hash_more(HASH_FIRST, &((const struct sockaddr_in6 *)a)->sin6_addr, 16);
    return 0;
}

/* ---- who may ask ------------------------------------------------------------------------------------- */

/* "name:port" or "[::1]:port": is the name one that nobody else can give away? A page of another site whose name
 * suddenly leads here (DNS rebinding) sends that site's name. */
static bool host_is_ours(const http_settings *o, const char *host) {
    char name[256];
    struct in6_addr six;
    struct in_addr four;
    size_t n;
    if (!host) return false;
    if (*host == '[') {
        n = strcspn(++host, "]");
        if (n >= sizeof name || host[n] != ']') return false;
    } else n = strcspn(host, ":");
    if (n == 0 || n >= sizeof name) return false;
    memcpy(name, host, n), name[n] = 0;
    if (inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1 || !strcasecmp(name, "localhost"))
        return true;
    for (int i = 0; i < o->n_names; i++) if (!strcasecmp(name, o->names[i])) return true;
    return false;
}

/* The page that asks is one of ours ("http://" and the same host), or one that was allowed. */
static bool origin_is_allowed(const http_settings *o, const char *origin, const char *host) {
    if (!strncmp(origin, "http://", 7) && !strcmp(origin + 7, host)) return true;
    for (int i = 0; i < o->n_origins; i++)
        if (!strcmp(o->origins[i], "*") || !strcmp(o->origins[i], origin)) return true;
    return false;
}

/* In a time that does not tell how much of it was right. */
static bool key_is_right(const char *key, const char *given) {
    const size_t n = strlen(key), m = given ? strlen(given) : 0;
    volatile unsigned char differ = (unsigned char)(n != m);
    for (size_t i = 0; i < n; i++) differ = (unsigned char)(differ | (key[i] ^ (m ? given[i % m] : 0)));
    return differ == 0;
}

static const char *request_header(const request *q, const char *name) {
    return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

/* ---- fields of a body ---------------------------------------------------------------------------------- */

/* Each reads a member: what is missing, or null, is the default. False: it is wrong, and that has been answered. */
static bool field_int(request *q, const json_t *o, const char *name, int64_t low, int64_t high, int64_t *out) {
    const json_t *v = json_object_get(o, name);
    double d;
    if (!v || json_is_null(v)) return true;
    d = json_is_integer(v) ? (double)json_integer_value(v) : json_is_real(v) ? json_real_value(v) : NAN;
    if (!(d == floor(d))) return refuse(q, 400, name, "must be an integer");
    if (d < (double)low || d > (double)high)
        return refuse(q, 400, name, "must be from %lld to %lld", (long long)low, (long long)high);
    *out = (int64_t)d;
    return true;
}

static bool field_real(request *q, const json_t *o, const char *name, double low, double high, double *out) {
    const json_t *v = json_object_get(o, name);
    if (!v || json_is_null(v)) return true;
    if (!json_is_number(v)) return refuse(q, 400, name, "must be a number");
    if (!(json_number_value(v) >= low && json_number_value(v) <= high))
        return refuse(q, 400, name, "must be from %g to %g", low, high);
    *out = json_number_value(v);
    return true;
}

static bool field_bool(request *q, const json_t *o, const char *name, bool *out) {
    const json_t *v = json_object_get(o, name);
    if (!v || json_is_null(v)) return true;
    if (!json_is_boolean(v)) return refuse(q, 400, name, "must be true or false");
    *out = json_is_true(v);
    return true;
}

/* NULL where there is none; valid as long as the body. */
static bool field_string(request *q, const json_t *o, const char *name, bool needed, const char **out) {
    const json_t *v = json_object_get(o, name);
    if (!v || json_is_null(v)) return !needed || refuse(q, 400, name, "is missing");
    if (!json_is_string(v)) return refuse(q, 400, name, "must be a string");
    *out = json_string_value(v);
    return true;
}

static bool field_of(request *q, const json_t *o, const char *name, int type, const char *what, json_t **out) {
    json_t *v = json_object_get(o, name);
    *out = NULL;
    if (!v || json_is_null(v)) return true;
    if ((int)json_typeof(v) != type) return refuse(q, 400, name, "must be %s", what);
    *out = v;
    return true;
}
static bool field_list(request *q, const json_t *o, const char *name, json_t **out) {
    return field_of(q, o, name, JSON_ARRAY, "a list", out);
}
static bool field_object(request *q, const json_t *o, const char *name, json_t **out) {
    return field_of(q, o, name, JSON_OBJECT, "an object", out);
}

#endif
