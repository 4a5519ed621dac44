/* Ollama's interface: a JSON value a line. Include it behind openai.h.
 * https://github.com/ollama/ollama/blob/main/docs/api.md */
#ifndef OLLAMA_H
#define OLLAMA_H

static json_t *ollama_time(int64_t t, long ns) {
    time_t at = (time_t)t;
    struct tm parts;
    char s[40], whole[64];
    gmtime_r(&at, &parts);
    strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(whole, sizeof whole, "%s.%09ldZ", s, ns);
    return json_string(whole);
}

static json_t *ollama_new(const asked *a) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return json_pack("{s:s,s:o}", "model", a->m->name, "created_at", ollama_time((int64_t)now.tv_sec, now.tv_nsec));
}

/* The last line has what it took, in nanoseconds. */
static void ollama_done(const asked *a, json_t *o) {
    const job *j = a->jobs[0];
    const double first = j->first > 0 ? j->first : j->ended;
    json_object_set_new(o, "done", json_true());
    json_object_set_new(o, "done_reason", json_string(j->stop_kind == STOP_LENGTH ? "length" : "stop"));
    json_object_set_new(o, "total_duration", json_integer((json_int_t)(1e9 * (j->ended - a->came))));
    json_object_set_new(o, "load_duration", json_integer((json_int_t)(1e9 * a->s_load)));
    json_object_set_new(o, "prompt_eval_count", json_integer(j->n_prompt));
    json_object_set_new(o, "prompt_eval_duration", json_integer((json_int_t)(1e9 * (first - j->begun))));
    json_object_set_new(o, "eval_count", json_integer(j->n_generated));
    json_object_set_new(o, "eval_duration", json_integer((json_int_t)(1e9 * (j->ended - first))));
}

static json_t *ollama_call(const said_call *c) {
    json_t *args = json_loadb(c->arguments.at ? c->arguments.at : "", c->arguments.len, 0, NULL);
    return json_pack("{s:o,s:{s:o,s:o}}", "id", json_of(&c->id), "function", "name", json_of(&c->name), "arguments",
                     args ? args : json_object());
}

static void ollama_message(request *q, json_t *message) {
    json_t *o = ollama_new(q->asked);
    json_object_set_new(o, "message", message), json_object_set_new(o, "done", json_false());
    put_line(q, o);
}
static void ollama_begin(request *q) { (void)q; }
static void ollama_chat_part(request *q, const event *e) {
    const said *s = &q->asked->answers[0];
    if (e->part == LLOCAL_PART_TEXT)
        ollama_message(q, json_pack("{s:s,s:o}", "role", "assistant", "content", json_of(&e->text)));
    else if (e->part == LLOCAL_PART_THOUGHTS)
        ollama_message(q,
                       json_pack("{s:s,s:s,s:o}", "role", "assistant", "content", "", "thinking", json_of(&e->text)));
    else if (e->part == LLOCAL_PART_CALL_END && !e->broken)
        ollama_message(q, json_pack("{s:s,s:s,s:[o]}", "role", "assistant", "content", "", "tool_calls",
                                    ollama_call(&s->calls[s->n_calls - 1])));
}
static void ollama_chat_end(request *q) {
    const job *j = q->asked->jobs[0];
    json_t *o;
    if (j->stop_kind == STOP_FAILED) { put_line(q, error_json(DIALECT_OLLAMA, 500, NULL, j->words)); return; }
    o = ollama_new(q->asked);
    json_object_set_new(o, "message", json_pack("{s:s,s:s}", "role", "assistant", "content", ""));
    ollama_done(q->asked, o);
    put_line(q, o);
}
static json_t *ollama_chat_whole(request *q) {
    const said *s = &q->asked->answers[0];
    json_t *o = ollama_new(q->asked), *m = json_pack("{s:s,s:o}", "role", "assistant", "content", json_of(&s->text)),
           *calls = json_array();
    if (s->thoughts.len) json_object_set_new(m, "thinking", json_of(&s->thoughts));
    for (int i = 0; i < s->n_calls; i++)
        if (!s->calls[i].broken) json_array_append_new(calls, ollama_call(&s->calls[i]));
    if (json_array_size(calls)) json_object_set(m, "tool_calls", calls);
    json_decref(calls);
    json_object_set_new(o, "message", m);
    ollama_done(q->asked, o);
    return o;
}
static const style ollama_chat_style = { "application/x-ndjson", ollama_begin,      ollama_chat_part,
                                         ollama_chat_end,        ollama_chat_whole, NULL };

static void ollama_text_part(request *q, const event *e) {
    json_t *o;
    if (e->part != LLOCAL_PART_TEXT && e->part != LLOCAL_PART_THOUGHTS) return;
    o = ollama_new(q->asked);
    json_object_set_new(o, "response", e->part == LLOCAL_PART_TEXT ? json_of(&e->text) : json_string(""));
    if (e->part == LLOCAL_PART_THOUGHTS) json_object_set_new(o, "thinking", json_of(&e->text));
    json_object_set_new(o, "done", json_false());
    put_line(q, o);
}
static json_t *ollama_text_whole(request *q) {
    json_t *o = ollama_new(q->asked);
    json_object_set_new(o, "response", json_of(&q->asked->answers[0].text));
    if (q->asked->answers[0].thoughts.len) json_object_set_new(o, "thinking", json_of(&q->asked->answers[0].thoughts));
    ollama_done(q->asked, o);
    return o;
}
static void ollama_text_end(request *q) {
    const job *j = q->asked->jobs[0];
    json_t *o;
    if (j->stop_kind == STOP_FAILED) { put_line(q, error_json(DIALECT_OLLAMA, 500, NULL, j->words)); return; }
    o = ollama_new(q->asked);
    json_object_set_new(o, "response", json_string(""));
    ollama_done(q->asked, o);
    put_line(q, o);
}
static const style ollama_text_style = { "application/x-ndjson", ollama_begin,      ollama_text_part,
                                         ollama_text_end,        ollama_text_whole, NULL };

/* Options, format and think are alike in both. */
static bool read_ollama(request *q) {
    asked *a = q->asked;
    json_t *options, *format = json_object_get(q->json, "format"), *think = json_object_get(q->json, "think");
    int64_t n = 0;
    a->stream = true;
    if (!field_object(q, q->json, "options", &options) || !field_bool(q, q->json, "stream", &a->stream)) return false;
    if (!options) options = json_object_get(q->json, "none");
    if (!field_sampler(q, options) || !field_stops(q, options, "stop") ||
        !field_int(q, options, "num_predict", -2, 1 << 30, &n))
        return false;
    if (n > 0) a->max_tokens = (int)n;
    if (json_is_boolean(think)) a->think = json_is_true(think) ? LLOCAL_THINK_ON : LLOCAL_THINK_OFF;
    else if (json_is_string(think)) { if (!read_effort(q, think)) return false; }
    else if (think && !json_is_null(think)) return refuse(q, 400, "think", "must be true, false or a level");
    if (json_is_string(format) && !strcmp(json_string_value(format), "json")) return asked_format(q, NULL);
    if (json_is_object(format)) return asked_format(q, format);
    if (format && !json_is_null(format) && !(json_is_string(format) && !json_string_length(format)))
        return refuse(q, 400, "format", "must be \"json\" or a schema");
    return true;
}

/* Without a prompt, or messages, the model is opened, and no more. */
static bool ollama_loaded(request *q, const char *key, json_t *value) {
    json_t *o = ollama_new(q->asked);
    json_object_set_new(o, key, value), json_object_set_new(o, "done", json_true());
    json_object_set_new(o, "done_reason", json_string("load"));
    return http_json(q, 200, o);
}

static bool run_ollama_chat(request *q) {
    const char *name = NULL;
    json_t *tools, *said = json_object_get(q->json, "messages");
    asked *a = asked_new(q);
    if (!field_string(q, q->json, "model", true, &name) || !asked_model(q, name) || !model_writes(q) ||
        !read_ollama(q) || !field_list(q, q->json, "tools", &tools) || !asked_tools(q, tools, "parameters"))
        return false;
    a->calls = a->has_tools ? LLOCAL_CALLS_AUTO : LLOCAL_CALLS_FREE;
    if (a->json_only) a->think = LLOCAL_THINK_OFF;
    if (!said || (json_is_array(said) && !json_array_size(said)))
        return ollama_loaded(q, "message", json_pack("{s:s,s:s}", "role", "assistant", "content", ""));
    return read_openai_messages(q, said) && asked_render(q) && asked_submit(q, true) &&
           asked_answer(q, &ollama_chat_style, "ollama-");
}

/* A prompt becomes a user's message, unless it is raw or the model has no template. */
static bool run_ollama_generate(request *q) {
    const char *name = NULL, *prompt = "", *system = NULL, *suffix = NULL;
    bool raw = false;
    asked *a = asked_new(q);
    if (!field_string(q, q->json, "model", true, &name) || !asked_model(q, name) || !model_writes(q) ||
        !read_ollama(q) || !field_string(q, q->json, "prompt", false, &prompt) ||
        !field_string(q, q->json, "system", false, &system) || !field_string(q, q->json, "suffix", false, &suffix) ||
        !field_bool(q, q->json, "raw", &raw))
        return false;
    if (!*prompt && !(suffix && *suffix)) return ollama_loaded(q, "response", json_string(""));
    if (suffix && *suffix)
        return asked_infill(q, prompt, suffix) && asked_submit(q, false) &&
               asked_answer(q, &ollama_text_style, "ollama-");
    if (raw || !a->m->chat) {
        if (!read_prompt_tokens(q, json_object_get(q->json, "prompt"), "prompt", true)) return false;
        return asked_submit(q, false) && asked_answer(q, &ollama_text_style, "ollama-");
    }
    if (a->json_only) a->think = LLOCAL_THINK_OFF;
    if (system && *system) message_add(&a->said, "system")->text = str_copy_json(json_object_get(q->json, "system"));
    message_add(&a->said, "user")->text = str_copy_json(json_object_get(q->json, "prompt"));
    return asked_render(q) && asked_submit(q, true) && asked_answer(q, &ollama_text_style, "ollama-");
}

static bool run_ollama_embed(request *q) {
    const bool old = !strcmp(q->path, "/api/embeddings");
    const json_t *input = json_object_get(q->json, old ? "prompt" : "input");
    const char *name = NULL;
    json_t *all;
    job *j;
    asked_new(q);
    if (!field_string(q, q->json, "model", true, &name) || !asked_model(q, name)) return false;
    j = read_inputs(q, input, LLOCAL_PATTERN_DOCUMENT);
    if (!j || !vectors_run(q, j)) return false;
    if (old) return http_json(q, 200, json_pack("{s:o}", "embedding", vector_json(j->vectors, j->size, false)));
    all = json_array();
    for (int i = 0; i < j->n_texts; i++)
        json_array_append_new(all, vector_json(j->vectors + (size_t)i * (size_t)j->size, j->size, false));
    return http_json(q, 200,
                     json_pack("{s:s,s:o,s:I,s:I,s:i}", "model", q->asked->m->name, "embeddings", all, "total_duration",
                               (json_int_t)(1e9 * (j->ended - q->asked->came)), "load_duration",
                               (json_int_t)(1e9 * q->asked->s_load),
                               "prompt_eval_count", q->asked->n_prompt));
}

static json_t *ollama_details(const model *m) {
    char size[40];
    const double n = (double)m->n_params;
    snprintf(size, sizeof size, n >= 1e9 ? "%.1fB" : "%.1fM", n >= 1e9 ? n / 1e9 : n / 1e6);
    return json_pack("{s:s,s:s,s:s,s:[s],s:s,s:s}", "parent_model", "", "format", "gguf", "family", m->arch, "families",
                     m->arch, "parameter_size", size, "quantization_level", m->format);
}
static json_t *ollama_model(const model *m) {
    char digest[40];
    uint64_t h = hash_more(hash_more(HASH_FIRST, m->name, strlen(m->name)), &m->file_bytes, sizeof m->file_bytes);
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)hash_more(h, &m->made, sizeof m->made));
    return json_pack("{s:s,s:s,s:o,s:I,s:s,s:o}", "name", m->name, "model", m->name, "modified_at",
                     ollama_time(m->made, 0), "size", (json_int_t)m->file_bytes, "digest", digest, "details",
                     ollama_details(m));
}
static bool run_ollama_tags(request *q) {
    engine *g = &q->server->engine;
    json_t *list = json_array();
    for (int i = 0; i < g->n_models; i++) json_array_append_new(list, ollama_model(&g->models[i]));
    return http_json(q, 200, json_pack("{s:o}", "models", list));
}
/* What is open: size is what it takes of memory; it is closed when nobody has asked for it for so long (--idle). */
static bool run_ollama_ps(request *q) {
    engine *g = &q->server->engine;
    json_t *list = json_array();
    const double now = now_seconds();
    for (int i = 0; i < g->n_models; i++) {
        const model *m = &g->models[i];
        double left = 100.0 * 365 * 86400;      /* never */
        uint64_t bytes;
        json_t *o;
        if (!m->m) continue;
        pthread_mutex_lock(&g->lock);
        bytes = m->bytes;
        if (g->o.idle_seconds > 0) left = m->users ? g->o.idle_seconds : g->o.idle_seconds - (now - m->last_used);
        pthread_mutex_unlock(&g->lock);
        o = ollama_model(m);
        json_object_set_new(o, "size", json_integer((json_int_t)bytes));
        json_object_set_new(o, "size_vram", json_integer(0));
        json_object_set_new(o, "context_length", json_integer(m->n_ctx));
        json_object_set_new(o, "expires_at", ollama_time((int64_t)time(NULL) + (int64_t)left, 0));
        json_array_append_new(list, o);
    }
    return http_json(q, 200, json_pack("{s:o}", "models", list));
}
static bool run_ollama_version(request *q) {
    char v[40];
    snprintf(v, sizeof v, "%d.%d.%d", llocal_version() / 10000, llocal_version() / 100 % 100, llocal_version() % 100);
    return http_json(q, 200, json_pack("{s:s}", "version", v));
}
static bool run_ollama_show(request *q) {
    const char *name = NULL;
    const llocal_hparams *h;
    const model *m;
    json_t *about, *can;
    unsigned chat;
    static const char *const names[] = { "context_length", "embedding_length", "block_count" };
    char key[80];
    asked_new(q);
    if (!field_string(q, q->json, "model", false, &name) || (!name && !field_string(q, q->json, "name", true, &name)) ||
        !asked_model(q, name))
        return false;
    m = q->asked->m, h = llocal_model_hparams(m->m), chat = m->chat ? llocal_chat_can(m->chat) : 0;
    can = json_pack("[s]", h->embeds ? "embedding" : "completion");
    if (chat & LLOCAL_CHAT_TOOLS) json_array_append_new(can, json_string("tools"));
    if (chat & LLOCAL_CHAT_THINK_SWITCH) json_array_append_new(can, json_string("thinking"));
    if (llocal_token_role(m->m, LLOCAL_ROLE_FIM_MIDDLE) >= 0) json_array_append_new(can, json_string("insert"));
    about = json_pack("{s:s,s:I}", "general.architecture", m->arch, "general.parameter_count", (json_int_t)h->n_params);
    for (int i = 0; i < 3; i++) {
        snprintf(key, sizeof key, "%s.%s", m->arch, names[i]);
        json_object_set_new(about, key, json_integer(i == 0 ? h->n_ctx_train : i == 1 ? h->n_embd : h->n_layer));
    }
    return http_json(q, 200,
                     json_pack("{s:o,s:o,s:o,s:o,s:o}", "template", template_json(&q->server->engine, m), "details",
                               ollama_details(m), "model_info", about, "capabilities", can, "modified_at",
                               ollama_time(m->made, 0)));
}

#endif
