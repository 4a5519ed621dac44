/* What a client asked for, whatever interface it speaks: messages, tools, how to choose tokens, what the answer keeps
 * to; and what has been answered so far. Include it behind http.h and messages.h. */
#ifndef ASKED_H
#define ASKED_H

typedef struct server {
    engine engine;
    http_settings http;
    struct MHD_Daemon *daemon;
} server;

/* ---- an answer, gathered ----------------------------------------------------------------------- */

typedef struct said_call { text id, name, arguments; bool broken; } said_call;

typedef struct said {                   /* of one choice */
    text text, thoughts;
    said_call *calls;
    int n_calls, n_chars;
    event *tokens, *last_token;         /* with their chances */
    const job *j;                       /* when it has ended */
} said;

struct style;

typedef struct asked_prompt { llocal_token *tokens; int n; text said; } asked_prompt;

typedef struct asked {
    model *m;
    const struct style *style;
    messages said;
    text tools, vars;                   /* JSON */
    llocal_think think;
    llocal_calls calls;
    char call[256];
    int max_calls;
    bool strict, has_tools, described, json_only, stream, usage;    /* described: in a system's text */
    text schema, grammar;               /* the answer keeps to it */
    llocal_sampler sampler;
    llocal_bias *bias;
    int n_bias;
    char *stop[MAX_STOPS];
    int n_stop;
    int max_tokens, n_top, n, want_slot;
    bool cache, ignore_end, nothing;    /* nothing: no answer is wanted, only that the prompt is read */
    llocal_token *prompt;
    int n_prompt, marks[MAX_MARKS], n_marks;
    llocal_chat_prompt render;
    /* while it is answered */
    mailbox box;
    bool boxed;
    job *jobs[MAX_CHOICES];
    int n_jobs;
    said answers[MAX_CHOICES];
    char id[40];
    int64_t created;
    double came, s_load;                /* when, and how long its model took to be there */
    int n_ended;
    void *own;                          /* of the interface, to be freed */
    bool echo;
    text echoed;
    asked_prompt prompts[MAX_CHOICES];  /* where several are asked at once: of each as many answers, one behind the */
    int n_prompts;                      /* other; else 0, and there is the one above */
} asked;

/* An interface: how an answer looks, whole or bit by bit. */
typedef struct style {
    const char *stream_type;
    void (*begin)(request *q);          /* these append to q->out */
    void (*part)(request *q, const event *e);   /* e is gathered already */
    void (*end)(request *q);
    json_t *(*whole)(request *q);
    const char *wait;                   /* what is sent while nothing comes; NULL: nothing */
} style;

static void make_id(char *out, size_t size, const char *prefix) {
    static volatile unsigned counter;
    unsigned n = __sync_add_and_fetch(&counter, 1);
    struct timespec t;
    uint64_t h;
    clock_gettime(CLOCK_REALTIME, &t);
    h = hash_words(HASH_FIRST, &t, sizeof t);
    h = hash_more(h, &n, sizeof n), h ^= h >> 31, h *= 0x9e3779b97f4a7c15u;
    snprintf(out, size, "%s%016llx%04x", prefix, (unsigned long long)(h ^ h >> 29), n & 0xffff);
}

static asked *asked_new(request *q) {
    asked *a = (asked *)resize(NULL, sizeof *a);
    memset(a, 0, sizeof *a);
    a->sampler = llocal_sampler_default(0), a->n = 1, a->n_top = -1, a->want_slot = -1, a->cache = true;
    a->created = (int64_t)time(NULL), a->came = now_seconds();
    return q->asked = a;
}

static void said_free(said *s) {
    free(s->text.at), free(s->thoughts.at);
    for (int i = 0; i < s->n_calls; i++)
        free(s->calls[i].id.at), free(s->calls[i].name.at), free(s->calls[i].arguments.at);
    free(s->calls);
    for (event *e = s->tokens, *next; e; e = next) next = e->next, event_free(e);
}

/* What still runs is told to stop, and waited for. */
static void asked_free(request *q) {
    asked *a = q->asked;
    bool over = false;
    if (!a) return;
    for (int i = 0; i < a->n_jobs; i++) job_cancel(a->jobs[i]);
    while (a->boxed && !over) event_free(mailbox_take(&a->box, 100, &over));
    for (int i = 0; i < a->n_jobs; i++) job_free(a->jobs[i]);
    if (a->boxed) mailbox_close(&a->box);
    for (int i = 0; i < MAX_CHOICES; i++) said_free(&a->answers[i]);
    messages_cut(&a->said, 0);
    free(a->said.at), free(a->tools.at), free(a->vars.at), free(a->schema.at), free(a->grammar.at), free(a->bias);
    for (int i = 0; i < a->n_stop; i++) free(a->stop[i]);
    free(a->prompt), free(a->own), free(a->echoed.at);
    for (int i = 0; i < a->n_prompts; i++) free(a->prompts[i].tokens), free(a->prompts[i].said.at);
    if (a->m) engine_release(&q->server->engine, a->m);
    free(a);
    q->asked = NULL;
}

/* ---- what is asked for ----------------------------------------------------------------------------- */

/* The model that the body names; with one model only, whatever name a client was made for will do. */
static bool asked_model(request *q, const char *name) {
    engine *g = &q->server->engine;
    char words[300] = "";
    llocal_result r = LLOCAL_OK;
    asked *a = q->asked;
    if (name && strlen(name) > 7 && !strcmp(name + strlen(name) - 7, ":latest") && !engine_find(g, name)) {
        char bare[256];
        snprintf(bare, sizeof bare, "%.*s", (int)(strlen(name) - 7), name);
        if (engine_find(g, bare)) a->m = engine_hold(g, bare, &r, words, sizeof words);
    } else if (name && engine_find(g, name)) a->m = engine_hold(g, name, &r, words, sizeof words);
    else if (g->n_models == 1 || !name) a->m = engine_hold(g, g->models[0].name, &r, words, sizeof words);
    a->s_load = now_seconds() - a->came;
    if (a->m) return true;
    if (r)
        return refuse(q, r == LLOCAL_ERR_MEMORY ? 503 : 500, "model", "cannot be opened: %s",
                      *words ? words : llocal_result_name(r));
    return refuse(q, 404, "model", "there is no model '%s'; GET /v1/models lists those there are", name);
}

static bool model_writes(request *q) {
    return !llocal_model_hparams(q->asked->m->m)->embeds || refuse(q, 400, "model", "makes vectors, no text");
}

/* Text of a content: a string, or a list of parts that are text. */
static bool content_text(request *q, const json_t *v, const char *where, text *out) {
    const json_t *part;
    size_t i;
    if (!v || json_is_null(v)) { append(out, "", 0); return true; }
    if (json_is_string(v)) { append(out, json_string_value(v), json_string_length(v)); return true; }
    if (!json_is_array(v)) return refuse(q, 400, where, "must be a string or a list of parts");
    append(out, "", 0);
    json_array_foreach(v, i, part) {
        const json_t *type = json_object_get(part, "type"), *s = json_object_get(part, "text");
        const char *t = json_is_string(type) ? json_string_value(type) : "text";
        if (json_is_string(part)) s = part;
        else if (strcmp(t, "text") && strcmp(t, "input_text") && strcmp(t, "output_text") && strcmp(t, "refusal"))
            return refuse(q, 400, where, "a part of type '%.60s' is not supported: this server reads text only", t);
        if (!s && !strcmp(t, "refusal")) s = json_object_get(part, "refusal");
        if (!json_is_string(s)) return refuse(q, 400, where, "part %d has no text", (int)i);
        append(out, json_string_value(s), json_string_length(s));
    }
    return true;
}

static bool field_stops(request *q, const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name), *s;
    asked *a = q->asked;
    size_t i, n = json_is_array(v) ? json_array_size(v) : 1;
    if (!v || json_is_null(v)) return true;
    if (!json_is_string(v) && !json_is_array(v)) return refuse(q, 400, name, "must be a string or a list of strings");
    if (n > MAX_STOPS) return refuse(q, 400, name, "has more than %d strings", MAX_STOPS);
    for (i = 0; i < n; i++) {
        s = json_is_array(v) ? json_array_get(v, i) : v;
        if (!json_is_string(s)) return refuse(q, 400, name, "must be a string or a list of strings");
        if (json_string_length(s) >= LLOCAL_MAX_STOP || strlen(json_string_value(s)) != json_string_length(s))
            return refuse(q, 400, name, "a stop string has at most %d bytes, and no zero", LLOCAL_MAX_STOP - 1);
        if (json_string_length(s) > 0) a->stop[a->n_stop++] = strdup(json_string_value(s));
    }
    return true;
}

static bool field_bias(request *q, const json_t *o) {
    json_t *v = json_object_get(o, "logit_bias"), *add;
    asked *a = q->asked;
    const int n_vocab = llocal_model_hparams(a->m->m)->n_vocab;
    const char *key;
    if (!v || json_is_null(v) || (json_is_array(v) && !json_array_size(v))) return true;
    if (!json_is_object(v)) return refuse(q, 400, "logit_bias", "must be an object: token numbers and what is added");
    if (json_object_size(v) > 4096) return refuse(q, 400, "logit_bias", "has more than 4096 tokens");
    a->bias = (llocal_bias *)resize(a->bias, sizeof *a->bias * (json_object_size(v) + 1));
    json_object_foreach(v, key, add) {
        char *end;
        long t = strtol(key, &end, 10);
        if (!*key || *end || t < 0 || t >= n_vocab)
            return refuse(q, 400, "logit_bias", "'%.40s' is no token of this model", key);
        if (!json_is_number(add)) return refuse(q, 400, "logit_bias", "what is added must be a number");
        a->bias[a->n_bias].token = (llocal_token)t;
        a->bias[a->n_bias++].add = json_number_value(add) <= -100 ? -INFINITY : (float)json_number_value(add);
    }
    return true;
}

/* How tokens are chosen: OpenAI's names, and llama.cpp's for the rest. */
static bool field_sampler(request *q, const json_t *o) {
    static const struct { const char *name; double low, high; size_t at;
    } reals[] = { { "temperature", 0, 100, offsetof(llocal_sampler, temperature) },
                  { "top_p", 0, 1, offsetof(llocal_sampler, top_p) },
                  { "min_p", 0, 1, offsetof(llocal_sampler, min_p) },
                  { "typical_p", 0, 1, offsetof(llocal_sampler, typical_p) },
                  { "top_n_sigma", -1, 1000, offsetof(llocal_sampler, top_n_sigma) },
                  { "xtc_probability", 0, 1, offsetof(llocal_sampler, xtc_probability) },
                  { "xtc_threshold", 0, 1, offsetof(llocal_sampler, xtc_threshold) },
                  { "repeat_penalty", 0.01, 100, offsetof(llocal_sampler, repeat_penalty) },
                  { "repetition_penalty", 0.01, 100, offsetof(llocal_sampler, repeat_penalty) },
                  { "frequency_penalty", -10, 10, offsetof(llocal_sampler, frequency_penalty) },
                  { "presence_penalty", -10, 10, offsetof(llocal_sampler, presence_penalty) },
                  { "dynatemp_range", 0, 100, offsetof(llocal_sampler, dynatemp_range) },
                  { "dynatemp_exponent", 0, 100, offsetof(llocal_sampler, dynatemp_exponent) },
                  { "dry_multiplier", 0, 100, offsetof(llocal_sampler, dry_multiplier) },
                  { "dry_base", 0, 100, offsetof(llocal_sampler, dry_base) },
                  { "mirostat_tau", 0, 100, offsetof(llocal_sampler, mirostat_tau) },
                  { "mirostat_eta", 0, 100, offsetof(llocal_sampler, mirostat_eta) } };
    static const struct { const char *name; int low, high; size_t at;
    } wholes[] = { { "top_k", -1, 1 << 30, offsetof(llocal_sampler, top_k) },
                   { "min_keep", 0, 1 << 20, offsetof(llocal_sampler, min_keep) },
                   { "repeat_last_n", -1, 1 << 30, offsetof(llocal_sampler, penalty_last_n) },
                   { "dry_allowed_length", 0, 1 << 20, offsetof(llocal_sampler, dry_allowed_length) },
                   { "dry_penalty_last_n", -1, 1 << 30, offsetof(llocal_sampler, dry_last_n) },
                   { "mirostat", 0, 2, offsetof(llocal_sampler, mirostat) } };
    llocal_sampler *s = &q->asked->sampler;
    int64_t seed = -1;
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        float *at = (float *)((char *)s + reals[i].at);
        double v = (double)*at;
        if (!field_real(q, o, reals[i].name, reals[i].low, reals[i].high, &v)) return false;
        *at = (float)v;
    }
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        int *at = (int *)((char *)s + wholes[i].at);
        int64_t v = *at;
        if (!field_int(q, o, wholes[i].name, wholes[i].low, wholes[i].high, &v)) return false;
        *at = v < 0 ? 0 : (int)v;
    }
    if (s->top_n_sigma < 0) s->top_n_sigma = 0;
    if (!field_int(q, o, "seed", -1, INT64_MAX / 2, &seed)) return false;
    if (seed >= 0) s->rng = (uint64_t)seed + 1;
    else {
        char id[40];
        make_id(id, sizeof id, "");
        s->rng = hash_more(HASH_FIRST, id, strlen(id)) | 1;
    }
    return field_bias(q, o) && field_bool(q, o, "ignore_eos", &q->asked->ignore_end) &&
           field_bool(q, o, "cache_prompt", &q->asked->cache);
}

/* A JSON value as text; of what a client may nest. */
static void put_json(text *out, const json_t *v) {
    char *s = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    append_string(out, s ? s : "null");
    free(s);
}

/* A list of tools in one of three spellings, as the template wants them. */
static bool asked_tools(request *q, const json_t *tools, const char *schema_key) {
    asked *a = q->asked;
    const json_t *tool;
    json_t *all;
    size_t i;
    if (!tools || !json_array_size(tools)) return true;
    all = json_array();
    json_array_foreach(tools, i, tool) {
        const json_t *type = json_object_get(tool, "type"), *f = json_object_get(tool, "function");
        const json_t *name, *params, *about;
        if (!f) f = tool;
        if (json_is_string(type) && strcmp(json_string_value(type), "function") &&
            strcmp(json_string_value(type), "custom")) {
            json_decref(all);
            return refuse(q, 400, "tools", "a tool of type '%.60s' is not supported", json_string_value(type));
        }
        name = json_object_get(f, "name"), params = json_object_get(f, schema_key),
        about = json_object_get(f, "description");
        if (!json_is_string(name) || !json_string_length(name) ||
            (params && !json_is_object(params) && !json_is_null(params)) ||
            (about && !json_is_string(about) && !json_is_null(about))) {
            json_decref(all);
            return refuse(q, 400, "tools", "tool %d wants a name, a description and an object '%s'", (int)i,
                          schema_key);
        }
        if (json_is_true(json_object_get(f, "strict"))) a->strict = true;
        json_array_append_new(all, json_pack("{s:s,s:{s:O,s:o,s:o}}", "type", "function", "function", "name", name,
                                             "description",
                                             json_is_string(about) ? json_incref((json_t *)about) : json_string(""),
                                             "parameters",
                                             json_is_object(params)
                                                 ? json_incref((json_t *)params)
                                                 : json_pack("{s:s,s:{}}", "type", "object", "properties")));
    }
    put_json(&a->tools, all);
    json_decref(all);
    a->has_tools = true;
    return true;
}

static bool asked_format(request *q, const json_t *schema) {
    if (schema && !json_is_object(schema) && !json_is_boolean(schema))
        return refuse(q, 400, "response_format", "the schema must be an object");
    if (schema) put_json(&q->asked->schema, schema);
    else append_string(&q->asked->schema, "{\"type\":\"object\"}");
    q->asked->json_only = true;
    return true;
}

/* ---- prompts ------------------------------------------------------------------------------------------ */

static bool window_has_room(request *q, int n) {
    const model *m = q->asked->m;
    if (n < m->n_ctx) return true;
    return refuse(q, 400, "messages", "the prompt has %d tokens, and the window %d", n, m->n_ctx);
}

/* For a template that has no words for tools: they are described in a system's text, with the form of calls that
 * llocal_split reads where a template has none. */
static void describe_tools(asked *a) {
    text t = { NULL, 0, 0 };
    messages *all = &a->said;
    if (all->n && !strcmp(all->at[0].role, "system"))
        append(&t, all->at[0].text.ptr, all->at[0].text.len), append_string(&t, "\n\n");
    append_string(&t, "You may call these functions, described by JSON schemas:\n");
    append(&t, a->tools.at, a->tools.len);
    append_string(&t, "\nTo call one write <tool_call>{\"name\": its name, \"arguments\": an object}</tool_call>, and "
                      "nothing behind it.");
    messages_set_system(all, t.at);
    free(t.at);
}

/* How many first tokens a prompt has in common with one of the first n messages, and maybe another user's. */
static int common_with(const asked *a, int n, bool another) {
    llocal_chat_prompt p = a->render;
    llocal_message *list = (llocal_message *)resize(NULL, sizeof *list * (size_t)(n + 1));
    int same = 0;
    memcpy(list, a->said.at, sizeof *list * (size_t)n);
    memset(&list[n], 0, sizeof *list), list[n].role = "user", list[n].text = str_of("?");
    p.messages = list, p.n_messages = n + another, p.no_answer = true, p.cap = a->n_prompt + 64;
    p.tokens = (llocal_token *)resize(NULL, sizeof *p.tokens * (size_t)p.cap);
    if (!llocal_chat_render(a->m->chat, &p, NULL))
        same = common(a->prompt, a->n_prompt, p.tokens, p.n_tokens < p.cap ? p.n_tokens : p.cap);
    free(p.tokens), free(list);
    return same;
}

/* Where other prompts may part from this one: behind the system message and tools, before the last message, and behind
 * it. For models that cannot go back to any place, which keep what they were like there. */
static void asked_marks(asked *a) {
    const int n = a->said.n, system = n > 0 && !strcmp(a->said.at[0].role, "system");
    a->n_marks = 0;
    if (!a->m->remembers_state && !a->m->n_window) return;
    if (n > system) a->marks[a->n_marks++] = common_with(a, system, true);
    if (n - 1 > system) a->marks[a->n_marks++] = common_with(a, n - 1, false);
    a->marks[a->n_marks++] = common_with(a, n, false);
}

/* The same of a prompt of n tokens that is no conversation. */
static void prompt_marks(asked *a, int n) {
    const int every = KEEP_EVERY * (1 + n / (KEEP_EVERY * MAX_MARKS));
    a->n_marks = 0;
    if (!a->m->remembers_state && !a->m->n_window) return;
    for (int at = every; at < n && a->n_marks < MAX_MARKS; at += every) a->marks[a->n_marks++] = at;
}

/* What choice i is an answer to. */
static asked_prompt prompt_of(const asked *a, int i) {
    asked_prompt one;
    if (a->n_prompts) return a->prompts[i / (a->n / a->n_prompts)];
    one.tokens = a->prompt, one.n = a->n_prompt, one.said = a->echoed;
    return one;
}

/* The messages as tokens, by the model's template. */
static bool asked_render(request *q) {
    asked *a = q->asked;
    llocal_chat_prompt *p = &a->render;
    llocal_fault fault;
    llocal_result r;
    memset(&fault, 0, sizeof fault);
    if (!a->m->chat)
        return refuse(q, 400, "model", "has no chat template that can be used here; --chat-template-file gives one");
    if (!a->said.n) return refuse(q, 400, "messages", "are missing");
    if (a->has_tools && !(llocal_chat_can(a->m->chat) & LLOCAL_CHAT_TOOLS)) describe_tools(a), a->described = true;
    p->messages = a->said.at, p->n_messages = a->said.n;
    if (!a->described) p->tools.ptr = a->tools.at, p->tools.len = a->tools.len;
    p->vars.ptr = a->vars.at, p->vars.len = a->vars.len;
    p->think = llocal_chat_can(a->m->chat) & LLOCAL_CHAT_THINK_SWITCH ? a->think : LLOCAL_THINK_DEFAULT;
    p->now = (int64_t)time(NULL) / 86400 * 86400;       /* the date is in some templates: the same for a day, so that
                                                         * what has been read stays of use */
    p->cap = 0, p->tokens = NULL;
    r = llocal_chat_render(a->m->chat, p, &fault);
    if (!r && !window_has_room(q, p->n_tokens)) return false;
    if (!r) {
        a->prompt = p->tokens = (llocal_token *)resize(NULL, sizeof *p->tokens * (size_t)(p->n_tokens + 1));
        p->cap = p->n_tokens + 1;
        r = llocal_chat_render(a->m->chat, p, &fault);
        a->n_prompt = p->n_tokens;
        if (!r) asked_marks(a);
    }
    if (r == LLOCAL_ERR_MEMORY) return refuse(q, 503, NULL, "there is no memory");
    if (r) return refuse(q, 400, "messages", "%s", *fault.message ? fault.message : llocal_result_name(r));
    return true;
}

/* A text as tokens; special: it may spell them. */
static llocal_token *tokens_of(const llocal_model *m, const char *s, size_t len, unsigned flags, int *n) {
    llocal_token *t;
    *n = llocal_tokenize(m, s, len, flags, NULL, 0);
    if (*n < 0) return NULL;
    t = (llocal_token *)resize(NULL, sizeof *t * (size_t)(*n + 1));
    *n = llocal_tokenize(m, s, len, flags, t, *n);
    if (*n >= 0) return t;
    free(t);
    return NULL;
}

/* What the answer keeps to, for each choice. */
static bool asked_rule(request *q, llocal_rule **out) {
    asked *a = q->asked;
    llocal_rule_desc d;
    llocal_fault fault;
    llocal_result r;
    const char *field = a->grammar.len ? "grammar" : a->schema.len ? "response_format" : "tools";
    memset(&d, 0, sizeof d), memset(&fault, 0, sizeof fault);
    *out = NULL;
    if (a->nothing) return true;
    d.space = LLOCAL_RULE_SPACE_ONE;
    if (a->grammar.len) d.kind = LLOCAL_RULE_GRAMMAR, d.text.ptr = a->grammar.at, d.text.len = a->grammar.len;
    else if (a->schema.len) d.kind = LLOCAL_RULE_SCHEMA, d.text.ptr = a->schema.at, d.text.len = a->schema.len;
    else if (a->has_tools && a->calls != LLOCAL_CALLS_FREE) {
        d.kind = LLOCAL_RULE_TOOLS, d.text.ptr = a->tools.at, d.text.len = a->tools.len,
        d.space = LLOCAL_RULE_SPACE_FREE;
        d.chat = a->m->chat, d.calls = a->calls, d.call = str_of(a->call), d.max_calls = a->max_calls;
        d.in_thoughts = a->render.in_thoughts;
    } else return true;
    pthread_mutex_lock(&a->m->rules);
    r = llocal_rule_open(a->m->m, &d, &fault, out);
    pthread_mutex_unlock(&a->m->rules);
    if (!r) return true;
    /* calls of a template, or a schema, that cannot be kept to: unless more was asked for, they are what comes */
    if (d.kind == LLOCAL_RULE_TOOLS && r == LLOCAL_ERR_UNSUPPORTED && a->calls == LLOCAL_CALLS_AUTO && !a->strict)
        return true;
    return refuse(q, r == LLOCAL_ERR_MEMORY ? 503 : 400, field, "%s",
                  *fault.message ? fault.message : llocal_result_name(r));
}

static bool asked_submit(request *q, bool chat) {
    asked *a = q->asked;
    const int n_vocab = llocal_model_hparams(a->m->m)->n_vocab;
    for (int i = 0; i < a->n; i++) {
        const int n = prompt_of(a, i).n;
        if (!n) return refuse(q, 400, "prompt", "is empty, and this model has no token to begin from");
        if (!window_has_room(q, n)) return false;
    }
    if (a->ignore_end) {
        a->bias = (llocal_bias *)resize(a->bias, sizeof *a->bias * (size_t)(a->n_bias + n_vocab));
        for (llocal_token t = 0; t < n_vocab; t++)
            if (llocal_token_is_end(a->m->m, t)) a->bias[a->n_bias].token = t, a->bias[a->n_bias++].add = -INFINITY;
    }
    mailbox_open(&a->box), a->boxed = true;
    for (int i = 0; i < a->n; i++) {
        const asked_prompt of = prompt_of(a, i);
        job *j = job_new(JOB_REPLY, a->m, &a->box, i);
        a->jobs[a->n_jobs++] = j;
        j->prompt = (llocal_token *)resize(NULL, sizeof *j->prompt * (size_t)of.n);
        memcpy(j->prompt, of.tokens, sizeof *j->prompt * (size_t)of.n);
        if (!chat) prompt_marks(a, of.n);
        memcpy(j->marks, a->marks, sizeof j->marks), j->n_marks = a->n_marks;
        j->n_prompt = of.n, j->client = request_client(q), j->max_tokens = a->max_tokens;
        j->sampler = a->sampler, j->sampler.rng += (uint64_t)i * 0x9e3779b97f4a7c15u, j->n_top = a->n_top;
        j->chat = chat, j->cache = a->cache, j->nothing = a->nothing, j->want_slot = a->want_slot;
        if (a->n_bias) {
            j->bias = (llocal_bias *)resize(NULL, sizeof *j->bias * (size_t)a->n_bias);
            memcpy(j->bias, a->bias, sizeof *j->bias * (size_t)a->n_bias);
            j->sampler.bias = j->bias, j->sampler.n_bias = a->n_bias;
        }
        for (int k = 0; k < a->n_stop; k++) j->stop[j->n_stop++] = strdup(a->stop[k]);
        if (chat) {
            j->tools = a->tools.len ? strdup(a->tools.at) : NULL;
            j->split_prompt.tools = str_of(j->tools), j->split_prompt.in_thoughts = a->render.in_thoughts;
        }
        if (!asked_rule(q, &j->rule)) return false;
    }
    for (int i = 0; i < a->n_jobs; i++) {
        if (engine_submit(&q->server->engine, a->jobs[i])) continue;
        for (int k = i; k < a->n_jobs; k++) job_free(a->jobs[k]);
        a->n_jobs = i;
        return refuse(q, q->server->engine.closing ? 503 : 429, NULL, "there are too many requests; come again");
    }
    return true;
}

/* ---- what comes ----------------------------------------------------------------------------------------- */

static text token_spelling(const llocal_model *m, llocal_token t) {
    text s = { NULL, 0, 0 };
    int n = llocal_token_text(m, t, true, NULL, 0);
    s.at = (char *)resize(NULL, s.cap = (size_t)(n > 0 ? n : 0) + 1);
    if (n > 0) llocal_token_text(m, t, true, s.at, n);
    s.at[s.len = (size_t)(n > 0 ? n : 0)] = 0;
    return s;
}

/* Characters of a token, which may have parts of some. */
static int token_chars(const llocal_model *m, llocal_token t) {
    text s = token_spelling(m, t);
    int n = 0;
    for (size_t i = 0; i < s.len; i++) n += ((unsigned char)s.at[i] & 0xc0) != 0x80;
    free(s.at);
    return n;
}

static void gather(asked *a, event *e) {
    said *s = &a->answers[e->choice];
    said_call *c = s->n_calls ? &s->calls[s->n_calls - 1] : NULL;
    switch (e->part) {
    case LLOCAL_PART_THOUGHTS: append(&s->thoughts, e->text.at, e->text.len); break;
    case LLOCAL_PART_TEXT: append(&s->text, e->text.at, e->text.len); break;
    case LLOCAL_PART_CALL:
        s->calls = (said_call *)resize(s->calls, sizeof *c * (size_t)(s->n_calls + 1));
        c = &s->calls[s->n_calls++];
        memset(c, 0, sizeof *c);
        if (e->text.len) append(&c->id, e->text.at, e->text.len);
        else {
            char id[40];
            make_id(id, sizeof id, "call_");
            append_string(&c->id, id);
        }
        break;
    case LLOCAL_PART_NAME: if (c) append(&c->name, e->text.at, e->text.len); break;
    case LLOCAL_PART_ARGUMENTS: if (c) append(&c->arguments, e->text.at, e->text.len); break;
    case LLOCAL_PART_CALL_END: if (c) c->broken = e->broken; break;
    case SAID_TOKEN: e->offset = s->n_chars, s->n_chars += token_chars(a->m->m, e->chosen.token); break;
    case SAID_END: s->j = a->jobs[e->choice], a->n_ended++; break;
    }
}

/* Reads what has come. Returns false when all has; a token's chances are kept. */
static bool asked_wait(request *q, int ms) {
    asked *a = q->asked;
    bool over = false;
    event *e = mailbox_take(&a->box, ms, &over);
    for (; e; e = mailbox_take(&a->box, 0, &over)) {
        said *s = &a->answers[e->choice];
        bool keep = e->part == SAID_TOKEN;
        gather(a, e);
        if (a->stream) a->style->part(q, e);
        e->next = NULL;
        if (keep) {
            if (s->last_token) s->last_token->next = e;
            else s->tokens = e;
            s->last_token = e;
        } else event_free(e);
    }
    return !over;
}

static bool asked_more(request *q) {
    asked *a = q->asked;
    bool more = true;
    for (int waited = 0; more && !q->out.len && waited < 20; waited++) {
        more = asked_wait(q, 250);
        if (more && !q->out.len && request_gone(q)) return false;
    }
    if (more && !q->out.len && a->style->wait) append_string(&q->out, a->style->wait);
    if (!more) a->style->end(q);
    return more;
}

/* The job that failed, or NULL. */
static const job *asked_failed(const asked *a) {
    for (int i = 0; i < a->n_jobs; i++) if (a->jobs[i]->stop_kind == STOP_FAILED) return a->jobs[i];
    return NULL;
}

static bool asked_answer(request *q, const style *s, const char *id_prefix) {
    asked *a = q->asked;
    const job *failed;
    a->style = s;
    make_id(a->id, sizeof a->id, id_prefix);
    if (a->stream) {
        q->more = asked_more;
        s->begin(q);
        return http_stream(q, s->stream_type);
    }
    while (asked_wait(q, 250)) if (request_gone(q)) return refuse(q, 499, NULL, "the client has gone");
    failed = asked_failed(a);
    if (failed)
        return refuse(q, failed->result == LLOCAL_ERR_FULL || failed->result == LLOCAL_ERR_ARGUMENT ? 400 : 500, NULL,
                      "%s", failed->words);
    return http_json(q, 200, s->whole(q));
}

/* ---- words that several interfaces have ------------------------------------------------------------------- */

static const char *finish_openai(const said *s) {
    bool calls = false;
    for (int i = 0; i < s->n_calls; i++) calls = calls || !s->calls[i].broken;
    if (!s->j) return NULL;
    if (calls && s->j->rule) return "tool_calls";       /* whole, whatever ended it */
    return s->j->stop_kind == STOP_LENGTH ? "length" : calls ? "tool_calls" : "stop";
}

static void usage_sum(const asked *a, int *prompt, int *cached, int *generated) {
    *prompt = *cached = *generated = 0;
    for (int i = 0; i < a->n_jobs; i++) {
        /* a prompt counts once, however many answers it has */
        if (i % (a->n / (a->n_prompts ? a->n_prompts : 1)) == 0)
            *prompt += a->jobs[i]->n_prompt, *cached += a->jobs[i]->n_cached;
        *generated += a->jobs[i]->n_generated;
    }
}

static int thoughts_sum(const asked *a) {
    int n = 0;
    for (int i = 0; i < a->n_jobs; i++) n += a->jobs[i]->n_thoughts;
    return n;
}

static json_t *timings_json(const job *j) {
    const double prompt = 1e3 * (j->first - j->begun), rest = 1e3 * (j->ended - j->first);
    const int n = j->n_prompt - j->n_cached;
    if (j->first == 0) return json_object();
    return json_pack("{s:i,s:i,s:f,s:f,s:f,s:i,s:f,s:f,s:f}", "cache_n", j->n_cached, "prompt_n", n, "prompt_ms",
                     prompt, "prompt_per_token_ms", n ? prompt / n : 0.0, "prompt_per_second",
                     prompt > 0 ? n * 1e3 / prompt : 0.0, "predicted_n", j->n_generated, "predicted_ms", rest,
                     "predicted_per_token_ms", j->n_generated ? rest / j->n_generated : 0.0, "predicted_per_second",
                     rest > 0 ? j->n_generated * 1e3 / rest : 0.0);
}

static json_t *energy_json(const request *q) {
    const asked *a = q->asked;
    double joules = 0;
    for (int i = 0; i < a->n_jobs; i++) joules += a->jobs[i]->joules;
    return json_pack("{s:f,s:s}", "joules", joules, "source", q->server->engine.meter.source);
}

static json_t *bytes_json(const text *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->len; i++) json_array_append_new(list, json_integer((unsigned char)s->at[i]));
    return list;
}

static json_t *chance_json(const llocal_model *m, const chance *c) {
    text s = token_spelling(m, c->token);
    json_t *j = json_pack("{s:o,s:f,s:o,s:i}", "token", json_of(&s), "logprob",
                          isfinite(c->logprob) ? c->logprob : -9999.0, "bytes", bytes_json(&s), "id", (int)c->token);
    free(s.at);
    return j;
}

static json_t *token_json(const llocal_model *m, const event *e) {
    json_t *j = chance_json(m, &e->chosen), *top = json_array();
    for (int i = 0; i < e->n_top; i++) json_array_append_new(top, chance_json(m, &e->top[i]));
    json_object_set_new(j, "top_logprobs", top);
    return j;
}

#endif
