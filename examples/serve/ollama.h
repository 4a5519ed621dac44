/* Ollama's interface: a JSON value a line. Include it behind openai.h.
 * https://github.com/ollama/ollama/blob/main/docs/api.md */
#ifndef OLLAMA_H
#define OLLAMA_H

static json_t *ollama_time(int64_t t) {
    time_t at = (time_t)t;
    struct tm parts;
    char s[40];
    gmtime_r(&at, &parts);
    strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(s);
}

static json_t *ollama_new(const asked *a) {
    return json_pack("{s:s,s:o}", "model", a->m->name, "created_at", ollama_time(a->created));
}

/* The last line has what it took, in nanoseconds. */
static void ollama_done(const asked *a, json_t *o) {
    const job *j = a->jobs[0];
    const double first = j->first > 0 ? j->first : j->ended;
    json_object_set_new(o, "done", json_true());
    json_object_set_new(o, "done_reason", json_string(j->stop_kind == STOP_LENGTH ? "length" : "stop"));
    json_object_set_new(o, "total_duration", json_integer((json_int_t)(1e9 * (j->ended - j->queued))));
    json_object_set_new(o, "load_duration", json_integer(0));
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

static bool run_ollama_chat(request *q) {
    const char *name = NULL;
    json_t *tools;
    asked *a = asked_new(q);
    if (!field_string(q, q->json, "model", true, &name) || !asked_model(q, name) || !model_writes(q) ||
        !read_ollama(q) || !field_list(q, q->json, "tools", &tools) || !asked_tools(q, tools, "parameters"))
        return false;
    a->calls = a->has_tools ? LLOCAL_CALLS_AUTO : LLOCAL_CALLS_FREE;
    if (a->json_only) a->think = LLOCAL_THINK_OFF;
    return read_openai_messages(q, json_object_get(q->json, "messages")) && asked_render(q) && asked_submit(q, true) &&
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
                               (json_int_t)(1e9 * (j->ended - j->queued)), "load_duration", (json_int_t)0,
                               "prompt_eval_count", q->asked->n_prompt));
}

static json_t *ollama_model(const model *m) {
    char digest[80];
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)m->id);
    return json_pack("{s:s,s:s,s:o,s:I,s:s,s:{s:s,s:s,s:s,s:s}}", "name", m->name, "model", m->name, "modified_at",
                     ollama_time(m->made), "size", (json_int_t)m->file_bytes, "digest", digest, "details", "format",
                     "gguf", "family", "", "parameter_size", "", "quantization_level", "");
}
static bool run_ollama_tags(request *q) {
    engine *g = &q->server->engine;
    json_t *list = json_array();
    const bool open_only = !strcmp(q->path, "/api/ps");
    for (int i = 0; i < g->n_models; i++)
        if (!open_only || g->models[i].m) json_array_append_new(list, ollama_model(&g->models[i]));
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
    asked *a = asked_new(q);
    char size[40];
    if (!field_string(q, q->json, "model", false, &name) || (!name && !field_string(q, q->json, "name", true, &name)) ||
        !asked_model(q, name))
        return false;
    h = llocal_model_hparams(a->m->m);
    snprintf(size, sizeof size, "%.1fM", (double)h->n_params / 1e6);
    return http_json(q, 200,
                     json_pack("{s:s,s:{s:s,s:s%,s:s},s:{s:s%,s:I,s:i,s:i},s:[s]}", "template", "", "details", "format",
                               "gguf", "family", h->arch.ptr, h->arch.len, "parameter_size", size, "model_info",
                               "general.architecture", h->arch.ptr, h->arch.len, "general.parameter_count",
                               (json_int_t)h->n_params, "context_length", h->n_ctx_train, "embedding_length", h->n_embd,
                               "capabilities", h->embeds ? "embedding" : "completion"));
}

#endif
