/* Anthropic's interface: messages and their tokens counted. Include it behind openai.h.
 * https://docs.anthropic.com/en/api/messages */
#ifndef ANTHROPIC_H
#define ANTHROPIC_H

/* What has been sent: which block is open. */
typedef struct blocks { int n, open, kind; bool begun; } blocks;
enum { BLOCK_NONE, BLOCK_TEXT, BLOCK_THINKING, BLOCK_TOOL };

/* A message's blocks: text, thoughts, calls; results of tools are messages of their own here. */
static bool read_blocks(request *q, const char *role, const json_t *content, int index) {
    messages *all = &q->asked->said;
    text said = { NULL, 0, 0 }, thoughts = { NULL, 0, 0 };
    llocal_call *calls = NULL;
    int n_calls = 0;
    bool good = true;
    const json_t *one;
    size_t i;
    llocal_message *m;
    char where[60];
    snprintf(where, sizeof where, "messages[%d].content", index);
    json_array_foreach(content, i, one) {
        const json_t *type = json_object_get(one, "type");
        const char *t = json_is_string(type) ? json_string_value(type) : "";
        if (!strcmp(t, "text")) {
            const json_t *s = json_object_get(one, "text");
            if (!(good = json_is_string(s) || refuse(q, 400, where, "a text block has no text"))) break;
            append(&said, json_string_value(s), json_string_length(s));
        } else if (!strcmp(t, "thinking") && json_is_string(json_object_get(one, "thinking")))
            append_string(&thoughts, json_string_value(json_object_get(one, "thinking")));
        else if (!strcmp(t, "tool_use")) {
            if (!(good = json_is_string(json_object_get(one, "name")) ||
                         refuse(q, 400, where, "a tool_use block has no name")))
                break;
            calls = (llocal_call *)resize(calls, sizeof *calls * (size_t)(n_calls + 1));
            calls[n_calls].id = str_copy_json(json_object_get(one, "id")),
            calls[n_calls].name = str_copy_json(json_object_get(one, "name"));
            calls[n_calls++].arguments = str_copy_json(json_object_get(one, "input"));
        } else if (!strcmp(t, "tool_result")) {
            text s = { NULL, 0, 0 };
            good = content_text(q, json_object_get(one, "content"), where, &s);
            m = message_add(all, "tool");
            m->text = give(&s), m->call_id = str_copy_json(json_object_get(one, "tool_use_id"));
            if (!good) break;
        } else if (strcmp(t, "redacted_thinking")) {
            good = refuse(q, 400, where, "a block of type '%.60s' is not supported", t);
            break;
        }
    }
    if (good && (said.len || thoughts.len || n_calls)) {
        m = message_add(all, role);
        append(&said, "", 0);
        m->text = give(&said), m->thoughts = give(&thoughts), m->calls = calls, m->n_calls = n_calls, calls = NULL,
        n_calls = 0;
    }
    for (int k = 0; k < n_calls; k++)
        free((void *)calls[k].id.ptr), free((void *)calls[k].name.ptr), free((void *)calls[k].arguments.ptr);
    free(calls), free(said.at), free(thoughts.at);
    return good;
}

static bool read_anthropic_messages(request *q) {
    const json_t *system = json_object_get(q->json, "system"), *list = json_object_get(q->json, "messages"), *one;
    text s = { NULL, 0, 0 };
    size_t i;
    if (system && !json_is_null(system)) {
        bool good = content_text(q, system, "system", &s);
        if (good && s.len) message_add(&q->asked->said, "system")->text = give(&s);
        free(s.at);
        if (!good) return false;
    }
    if (!json_is_array(list) || !json_array_size(list)) return refuse(q, 400, "messages", "must be a list of messages");
    json_array_foreach(list, i, one) {
        const json_t *role = json_object_get(one, "role"), *content = json_object_get(one, "content");
        const char *name = json_is_string(role) ? role_of(json_string_value(role)) : NULL;
        if (!name || !strcmp(name, "tool"))
            return refuse(q, 400, "messages", "message %d: role must be user or assistant", (int)i);
        if (json_is_string(content)) message_add(&q->asked->said, name)->text = str_copy_json(content);
        else if (!json_is_array(content))
            return refuse(q, 400, "messages", "message %d: content must be a string or a list of blocks", (int)i);
        else if (!read_blocks(q, name, content, (int)i)) return false;
    }
    return true;
}

static bool read_anthropic(request *q, bool counting) {
    asked *a = q->asked;
    const json_t *o = q->json, *choice = json_object_get(o, "tool_choice"), *kind = json_object_get(choice, "type"),
                 *limit = json_object_get(o, "max_tokens");
    json_t *tools, *thinking, *output, *format;
    const char *t = json_is_string(kind) ? json_string_value(kind) : "auto";
    bool alone = false;
    a->sampler.temperature = 1, a->sampler.top_k = 40, a->sampler.top_p = 1, a->sampler.min_p = 0.05f;
    if (!counting && !json_is_integer(limit)) return refuse(q, 400, "max_tokens", "is missing, or no integer");
    if (!field_list(q, o, "tools", &tools) || !asked_tools(q, tools, "input_schema") ||
        !field_object(q, o, "thinking", &thinking) || !field_object(q, o, "output_config", &output) ||
        !read_effort(q, json_object_get(output, "effort")) || !field_object(q, output, "format", &format) ||
        !read_response_format(q, format) || !field_bool(q, o, "stream", &a->stream) ||
        !field_stops(q, o, "stop_sequences") || !read_limits(q, o, "max_tokens") ||
        !field_bool(q, choice, "disable_parallel_tool_use", &alone) || !field_sampler(q, o))
        return false;
    if (thinking) {
        const json_t *on = json_object_get(thinking, "type");
        a->think = json_is_string(on) && strcmp(json_string_value(on), "disabled") ? LLOCAL_THINK_ON : LLOCAL_THINK_OFF;
    }
    if (a->json_only) a->think = LLOCAL_THINK_OFF;
    a->calls = a->has_tools ? LLOCAL_CALLS_AUTO : LLOCAL_CALLS_FREE, a->max_calls = alone ? 1 : 0;
    if (!strcmp(t, "any") || !strcmp(t, "tool")) a->calls = LLOCAL_CALLS_REQUIRED;
    else if (!strcmp(t, "none")) a->calls = a->has_tools ? LLOCAL_CALLS_NONE : LLOCAL_CALLS_FREE;
    else if (strcmp(t, "auto")) return refuse(q, 400, "tool_choice", "type must be auto, any, tool or none");
    if (a->calls == LLOCAL_CALLS_REQUIRED && !a->has_tools) return refuse(q, 400, "tool_choice", "there are no tools");
    if (!strcmp(t, "tool")) {
        const json_t *name = json_object_get(choice, "name");
        if (!json_is_string(name)) return refuse(q, 400, "tool_choice", "name is missing");
        snprintf(a->call, sizeof a->call, "%s", json_string_value(name));
    }
    return read_anthropic_messages(q);
}

/* ---- answers --------------------------------------------------------------------------------------- */

static void anthropic_event(request *q, const char *name, json_t *e) {
    json_object_set_new(e, "type", json_string(name));
    put_event(q, name, e);
}

static const char *anthropic_stop(const said *s) {
    const char *finish = finish_openai(s);
    return !s->j ? NULL : s->j->stop_kind == STOP_TEXT ? "stop_sequence" : !strcmp(finish, "length") ? "max_tokens"
         : !strcmp(finish, "tool_calls") ? "tool_use" : "end_turn";
}
static json_t *anthropic_sequence(const said *s) {
    return s->j && s->j->stop_kind == STOP_TEXT ? json_string(s->j->stop[s->j->stop_index]) : json_null();
}
static json_t *anthropic_usage(const asked *a) {
    int prompt, cached, generated;
    usage_sum(a, &prompt, &cached, &generated);
    return json_pack("{s:i,s:i,s:i,s:i}", "input_tokens", prompt - cached, "cache_read_input_tokens", cached,
                     "cache_creation_input_tokens", 0, "output_tokens", generated);
}

/* The message begins when the first of it is there: what was read, and what was known already, is known then. */
static void anthropic_begin(request *q) { (void)q; }
static void message_begin(request *q) {
    asked *a = q->asked;
    blocks *b = (blocks *)a->own;
    json_t *usage;
    if (b->begun) return;
    b->begun = true, usage = anthropic_usage(a);
    json_object_set_new(usage, "output_tokens", json_integer(0));
    anthropic_event(q, "message_start",
                    json_pack("{s:{s:s,s:s,s:s,s:s,s:[],s:n,s:n,s:o}}", "message", "id", a->id, "type", "message",
                              "role", "assistant", "model", a->m->name, "content", "stop_reason", "stop_sequence",
                              "usage", usage));
}

static void block_close(request *q) {
    blocks *b = (blocks *)q->asked->own;
    if (b->kind == BLOCK_THINKING)      /* clients expect one; there is nothing that it could prove here */
        anthropic_event(q, "content_block_delta",
                        json_pack("{s:i,s:{s:s,s:s}}", "index", b->open, "delta", "type", "signature_delta",
                                  "signature", ""));
    if (b->kind) anthropic_event(q, "content_block_stop", json_pack("{s:i}", "index", b->open));
    b->kind = BLOCK_NONE;
}
static void block_open(request *q, int kind, json_t *block) {
    blocks *b = (blocks *)q->asked->own;
    block_close(q);
    b->kind = kind, b->open = b->n++;
    anthropic_event(q, "content_block_start", json_pack("{s:i,s:o}", "index", b->open, "content_block", block));
}
static void block_delta(request *q, const char *type, const char *key, const text *s) {
    anthropic_event(q, "content_block_delta",
                    json_pack("{s:i,s:{s:s,s:o}}", "index", ((blocks *)q->asked->own)->open, "delta", "type", type, key,
                              json_of(s)));
}

static void anthropic_part(request *q, const event *e) {
    blocks *b = (blocks *)q->asked->own;
    said *s = &q->asked->answers[0];
    const said_call *c = s->n_calls ? &s->calls[s->n_calls - 1] : NULL;
    message_begin(q);
    switch (e->part) {
    case LLOCAL_PART_TEXT:
        if (b->kind != BLOCK_TEXT) block_open(q, BLOCK_TEXT, json_pack("{s:s,s:s}", "type", "text", "text", ""));
        block_delta(q, "text_delta", "text", &e->text);
        break;
    case LLOCAL_PART_THOUGHTS:
        if (b->kind != BLOCK_THINKING)
            block_open(q, BLOCK_THINKING,
                       json_pack("{s:s,s:s,s:s}", "type", "thinking", "thinking", "", "signature", ""));
        block_delta(q, "thinking_delta", "thinking", &e->text);
        break;
    case LLOCAL_PART_NAME:
        block_open(q, BLOCK_TOOL,
                   json_pack("{s:s,s:o,s:o,s:{}}", "type", "tool_use", "id", json_of(&c->id), "name", json_of(&c->name),
                             "input"));
        break;
    case LLOCAL_PART_ARGUMENTS:
        if (b->kind == BLOCK_TOOL) block_delta(q, "input_json_delta", "partial_json", &e->text);
        break;
    case LLOCAL_PART_CALL_END: block_close(q); break;
    }
}

static void anthropic_end(request *q) {
    const said *s = &q->asked->answers[0];
    message_begin(q), block_close(q);
    if (s->j->stop_kind == STOP_FAILED) {
        put_event(q, "error", error_json(q->speaks, 500, NULL, s->j->words));
        return;
    }
    anthropic_event(q, "message_delta",
                    json_pack("{s:{s:s?,s:o},s:o}", "delta", "stop_reason", anthropic_stop(s), "stop_sequence",
                              anthropic_sequence(s), "usage", anthropic_usage(q->asked)));
    anthropic_event(q, "message_stop", json_object());
}

static json_t *anthropic_whole(request *q) {
    asked *a = q->asked;
    const said *s = &a->answers[0];
    json_t *content = json_array();
    if (s->thoughts.len)
        json_array_append_new(content, json_pack("{s:s,s:o,s:s}", "type", "thinking", "thinking", json_of(&s->thoughts),
                                                 "signature", ""));
    if (s->text.len) json_array_append_new(content, json_pack("{s:s,s:o}", "type", "text", "text", json_of(&s->text)));
    for (int i = 0; i < s->n_calls; i++) {
        json_t *input = s->calls[i].broken ? NULL
                                           : json_loadb(s->calls[i].arguments.at ? s->calls[i].arguments.at : "",
                                                        s->calls[i].arguments.len, 0, NULL);
        if (s->calls[i].broken) continue;
        json_array_append_new(content,
                              json_pack("{s:s,s:o,s:o,s:o}", "type", "tool_use", "id", json_of(&s->calls[i].id), "name",
                                        json_of(&s->calls[i].name), "input", input ? input : json_object()));
    }
    return json_pack("{s:s,s:s,s:s,s:s,s:o,s:s?,s:o,s:o}", "id", a->id, "type", "message", "role", "assistant", "model",
                     a->m->name, "content", content, "stop_reason", anthropic_stop(s), "stop_sequence",
                     anthropic_sequence(s), "usage", anthropic_usage(a));
}
static const style anthropic_style = { "text/event-stream", anthropic_begin,
                                       anthropic_part,      anthropic_end,
                                       anthropic_whole,     "event: ping\ndata: {\"type\":\"ping\"}\n\n" };

static bool run_messages(request *q) {
    const char *name = NULL;
    asked *a = asked_new(q);
    a->own = resize(NULL, sizeof(blocks));
    memset(a->own, 0, sizeof(blocks));
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name) && model_writes(q) &&
           read_anthropic(q, false) && asked_render(q) && asked_submit(q, true) &&
           asked_answer(q, &anthropic_style, "msg_");
}

static bool run_count_tokens(request *q) {
    const char *name = NULL;
    asked_new(q);
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name) && model_writes(q) &&
           read_anthropic(q, true) && asked_render(q) &&
           http_json(q, 200, json_pack("{s:i}", "input_tokens", q->asked->n_prompt));
}

#endif
