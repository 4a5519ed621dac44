/* OpenAI's Responses interface, without what a server would have to remember (previous_response_id, store). Include it
 * behind openai.h. https://platform.openai.com/docs/api-reference/responses */
#ifndef RESPONSES_H
#define RESPONSES_H

/* What has been sent of the items: at most one of text and thoughts, and the calls. */
typedef struct responses {
    int sequence, n_items, text_item, thoughts_item, call_item;         /* -1: none is open */
    char text_id[40], thoughts_id[40], call_id[40];
    json_t *done;                       /* items that are whole */
} responses;

static json_t *response_json(request *q, const char *status, json_t *output) {
    asked *a = q->asked;
    json_t *r = json_pack("{s:s,s:s,s:I,s:s,s:s,s:o,s:n,s:n,s:b}", "id", a->id, "object", "response", "created_at",
                          (json_int_t)a->created, "status", status, "model", a->m->name, "output", output, "error",
                          "incomplete_details", "parallel_tool_calls", a->max_calls != 1);
    json_t *tools = json_object_get(q->json, "tools"), *choice = json_object_get(q->json, "tool_choice"),
           *meta = json_object_get(q->json, "metadata"), *effort = json_object_get(q->json, "reasoning"),
           *format = json_object_get(json_object_get(q->json, "text"), "format");
    json_object_set_new(r, "tools", tools ? json_incref(tools) : json_array());
    json_object_set_new(r, "tool_choice", choice ? json_incref(choice) : json_string("auto"));
    json_object_set_new(r, "temperature", json_real((double)a->sampler.temperature));
    json_object_set_new(r, "top_p", json_real((double)a->sampler.top_p));
    json_object_set(r, "instructions", json_object_get(q->json, "instructions"));
    json_object_set_new(r, "text", json_pack("{s:o}", "format", json_is_object(format) ? json_incref(format)
                                                                : json_pack("{s:s}", "type", "text")));
    json_object_set_new(r, "metadata", json_is_object(meta) ? json_incref(meta) : json_object());
    json_object_set_new(r, "reasoning", json_is_object(effort) ? json_incref(effort) : json_pack("{s:n,s:n}", "effort",
                                                                                                 "summary"));
    json_object_set_new(r, "max_output_tokens", a->max_tokens ? json_integer(a->max_tokens) : json_null());
    json_object_set_new(r, "previous_response_id", json_null());
    json_object_set_new(r, "store", json_false()), json_object_set_new(r, "truncation", json_string("disabled"));
    return r;
}

static void response_event(request *q, const char *name, json_t *e) {
    responses *w = (responses *)q->asked->own;
    json_object_set_new(e, "type", json_string(name)),
        json_object_set_new(e, "sequence_number", json_integer(w->sequence++));
    put_event(q, name, e);
}

static json_t *item_text(const char *id, const text *s, const char *status) {
    json_t *content = json_array();
    if (s)
        json_array_append_new(content,
                              json_pack("{s:s,s:o,s:[]}", "type", "output_text", "text", json_of(s), "annotations"));
    return json_pack("{s:s,s:s,s:s,s:s,s:o}", "type", "message", "id", id, "status", status, "role", "assistant",
                     "content", content);
}
/* An item that the limit of tokens has cut is not whole. */
static const char *item_status(const said *s) {
    return s->j && s->j->stop_kind == STOP_LENGTH ? "incomplete" : "completed";
}
static json_t *item_thoughts(const char *id, const text *s) {
    json_t *content = json_array();
    if (s) json_array_append_new(content, json_pack("{s:s,s:o}", "type", "reasoning_text", "text", json_of(s)));
    return json_pack("{s:s,s:s,s:[],s:o}", "type", "reasoning", "id", id, "summary", "content", content);
}
static json_t *item_call(const char *id, const said_call *c, bool whole) {
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:s}", "type", "function_call", "id", id, "call_id", json_of(&c->id), "name",
                     json_of(&c->name), "arguments", whole ? json_of(&c->arguments) : json_string(""), "status",
                     whole ? "completed" : "in_progress");
}

static void responses_begin(request *q) {
    responses *w = (responses *)q->asked->own;
    w->text_item = w->thoughts_item = w->call_item = -1;
    w->done = json_array();
    if (!q->asked->stream) return;
    response_event(q, "response.created",
                   json_pack("{s:o}", "response", response_json(q, "in_progress", json_array())));
    response_event(q, "response.in_progress",
                   json_pack("{s:o}", "response", response_json(q, "in_progress", json_array())));
}

static void item_open(request *q, int *item, char *id, const char *prefix, json_t *(*make)(const char *id)) {
    responses *w = (responses *)q->asked->own;
    if (*item >= 0) return;
    *item = w->n_items++;
    make_id(id, 40, prefix);
    response_event(q, "response.output_item.added", json_pack("{s:i,s:o}", "output_index", *item, "item", make(id)));
}
static json_t *text_begun(const char *id) { return item_text(id, NULL, "in_progress"); }
static json_t *thoughts_begun(const char *id) { return item_thoughts(id, NULL); }

static void item_close(request *q, int item, json_t *whole) {
    responses *w = (responses *)q->asked->own;
    json_array_append(w->done, whole);
    response_event(q, "response.output_item.done", json_pack("{s:i,s:o}", "output_index", item, "item", whole));
}

/* Text and thoughts end where something else begins. */
static void texts_close(request *q) {
    responses *w = (responses *)q->asked->own;
    said *s = &q->asked->answers[0];
    if (w->thoughts_item >= 0) {
        response_event(q, "response.reasoning_text.done",
                       json_pack("{s:s,s:i,s:i,s:o}", "item_id", w->thoughts_id, "output_index", w->thoughts_item,
                                 "content_index", 0, "text", json_of(&s->thoughts)));
        item_close(q, w->thoughts_item, item_thoughts(w->thoughts_id, &s->thoughts));
        s->thoughts.len = 0;
    }
    if (w->text_item >= 0) {
        response_event(q, "response.output_text.done",
                       json_pack("{s:s,s:i,s:i,s:o,s:[]}", "item_id", w->text_id, "output_index", w->text_item,
                                 "content_index", 0, "text", json_of(&s->text), "logprobs"));
        response_event(q, "response.content_part.done",
                       json_pack("{s:s,s:i,s:i,s:{s:s,s:o,s:[]}}", "item_id", w->text_id, "output_index", w->text_item,
                                 "content_index", 0, "part", "type", "output_text", "text", json_of(&s->text),
                                 "annotations"));
        item_close(q, w->text_item, item_text(w->text_id, &s->text, item_status(s)));
        s->text.len = 0;
    }
    w->text_item = w->thoughts_item = -1;
}

static void responses_text(request *q, const event *e) {
    responses *w = (responses *)q->asked->own;
    const bool new_item = w->text_item < 0;
    if (w->thoughts_item >= 0) {
        text *t = &q->asked->answers[0].text;   /* what has just come is of the next item */
        texts_close(q);
        t->len = 0, append(t, e->text.at, e->text.len);
    }
    item_open(q, &w->text_item, w->text_id, "msg_", text_begun);
    if (new_item)
        response_event(q, "response.content_part.added",
                       json_pack("{s:s,s:i,s:i,s:{s:s,s:s,s:[]}}", "item_id", w->text_id, "output_index", w->text_item,
                                 "content_index", 0, "part", "type", "output_text", "text", "", "annotations"));
    response_event(q, "response.output_text.delta",
                   json_pack("{s:s,s:i,s:i,s:o,s:[]}", "item_id", w->text_id, "output_index", w->text_item,
                             "content_index", 0, "delta", json_of(&e->text), "logprobs"));
}

static void responses_part(request *q, const event *e) {
    responses *w = (responses *)q->asked->own;
    said *s = &q->asked->answers[0];
    said_call *c = s->n_calls ? &s->calls[s->n_calls - 1] : NULL;
    switch (e->part) {
    case LLOCAL_PART_TEXT: responses_text(q, e); break;
    case LLOCAL_PART_THOUGHTS:
        item_open(q, &w->thoughts_item, w->thoughts_id, "rs_", thoughts_begun);
        response_event(q, "response.reasoning_text.delta",
                       json_pack("{s:s,s:i,s:i,s:o}", "item_id", w->thoughts_id, "output_index", w->thoughts_item,
                                 "content_index", 0, "delta", json_of(&e->text)));
        break;
    case LLOCAL_PART_NAME:
        texts_close(q);
        w->call_item = w->n_items++;
        make_id(w->call_id, sizeof w->call_id, "fc_");
        response_event(q, "response.output_item.added",
                       json_pack("{s:i,s:o}", "output_index", w->call_item, "item", item_call(w->call_id, c, false)));
        break;
    case LLOCAL_PART_ARGUMENTS:
        response_event(q, "response.function_call_arguments.delta",
                       json_pack("{s:s,s:i,s:o}", "item_id", w->call_id, "output_index", w->call_item, "delta",
                                 json_of(&e->text)));
        break;
    case LLOCAL_PART_CALL_END:
        if (w->call_item < 0) break;
        response_event(q, "response.function_call_arguments.done",
                       json_pack("{s:s,s:i,s:o,s:o}", "item_id", w->call_id, "output_index", w->call_item, "name",
                                 json_of(&c->name), "arguments", json_of(&c->arguments)));
        item_close(q, w->call_item, item_call(w->call_id, c, true));
        w->call_item = -1;
        break;
    }
}

static json_t *response_done(request *q, json_t *output) {
    asked *a = q->asked;
    const job *j = a->jobs[0];
    const char *status = j->stop_kind == STOP_FAILED   ? "failed"
                         : j->stop_kind == STOP_LENGTH ? "incomplete"
                                                       : "completed";
    json_t *r = response_json(q, status, output);
    int prompt, cached, generated;
    usage_sum(a, &prompt, &cached, &generated);
    json_object_set_new(r, "usage",
                        json_pack("{s:i,s:{s:i},s:i,s:{s:i},s:i}", "input_tokens", prompt, "input_tokens_details",
                                  "cached_tokens", cached, "output_tokens", generated, "output_tokens_details",
                                  "reasoning_tokens", thoughts_sum(a), "total_tokens", prompt + generated));
    if (j->stop_kind == STOP_FAILED)
        json_object_set_new(r, "error", json_pack("{s:s,s:s}", "code", "server_error", "message", j->words));
    if (j->stop_kind == STOP_LENGTH)
        json_object_set_new(r, "incomplete_details", json_pack("{s:s}", "reason", "max_output_tokens"));
    return r;
}

static void responses_end(request *q) {
    responses *w = (responses *)q->asked->own;
    const job_stop stop = q->asked->jobs[0]->stop_kind;
    texts_close(q);
    response_event(q,
                   stop == STOP_FAILED   ? "response.failed"
                   : stop == STOP_LENGTH ? "response.incomplete"
                                         : "response.completed",
                   json_pack("{s:o}", "response", response_done(q, w->done)));
    w->done = NULL;
}

static json_t *responses_whole(request *q) {
    const said *s = &q->asked->answers[0];
    json_t *output = json_array();
    char id[40];
    if (s->thoughts.len) make_id(id, sizeof id, "rs_"), json_array_append_new(output, item_thoughts(id, &s->thoughts));
    if (s->text.len || !s->n_calls)
        make_id(id, sizeof id, "msg_"), json_array_append_new(output, item_text(id, &s->text, item_status(s)));
    for (int i = 0; i < s->n_calls; i++)
        if (!s->calls[i].broken)
            make_id(id, sizeof id, "fc_"), json_array_append_new(output, item_call(id, &s->calls[i], true));
    return response_done(q, output);
}
static const style responses_style = { "text/event-stream", responses_begin, responses_part,
                                       responses_end,       responses_whole, ": wait\n\n" };

/* Items of the input: messages, calls, what calls gave, thoughts. */
static bool read_input(request *q, const json_t *input) {
    messages *all = &q->asked->said;
    const json_t *one;
    size_t i;
    if (json_is_string(input)) { message_add(all, "user")->text = str_copy_json(input); return true; }
    if (!json_is_array(input)) return refuse(q, 400, "input", "must be a string or a list of items");
    json_array_foreach(input, i, one) {
        const json_t *type = json_object_get(one, "type"), *role = json_object_get(one, "role");
        const char *t = json_is_string(type) ? json_string_value(type) : "message",
                   *name = json_is_string(role) ? role_of(json_string_value(role)) : NULL;
        llocal_message *m = all->n ? &all->at[all->n - 1] : NULL;
        text s = { NULL, 0, 0 };
        if (!strcmp(t, "message")) {
            if (!name) return refuse(q, 400, "input", "item %d has no role", (int)i);
            m = message_add(all, name);
            if (!content_text(q, json_object_get(one, "content"), "input", &s)) { free(s.at); return false; }
            m->text = give(&s);
        } else if (!strcmp(t, "function_call")) {
            llocal_call *calls;
            if (!json_is_string(json_object_get(one, "name")))
                return refuse(q, 400, "input", "item %d has no name", (int)i);
            if (!m || !message_is(m, "assistant")) m = message_add(all, "assistant"), m->text = str_copy_json(NULL);
            m->calls = calls = (llocal_call *)resize((void *)m->calls, sizeof *calls * (size_t)(m->n_calls + 1));
            calls[m->n_calls].id = str_copy_json(json_object_get(one, "call_id")),
            calls[m->n_calls].name = str_copy_json(json_object_get(one, "name"));
            calls[m->n_calls++].arguments = str_copy_json(json_object_get(one, "arguments"));
        } else if (!strcmp(t, "function_call_output")) {
            m = message_add(all, "tool");
            if (!content_text(q, json_object_get(one, "output"), "input", &s)) { free(s.at); return false; }
            m->text = give(&s), m->call_id = str_copy_json(json_object_get(one, "call_id"));
        } else if (strcmp(t, "reasoning"))
            return refuse(q, 400, "input", "item %d: type '%.60s' is not supported", (int)i, t);
    }
    return true;
}

static bool read_responses(request *q) {
    asked *a = q->asked;
    const json_t *o = q->json;
    json_t *tools, *format, *effort;
    bool parallel = true;
    const char *instructions = NULL;
    a->sampler.temperature = 1, a->sampler.top_k = 40, a->sampler.top_p = 1, a->sampler.min_p = 0.05f;
    if (json_object_get(o, "previous_response_id") && !json_is_null(json_object_get(o, "previous_response_id")))
        return refuse(q, 400, "previous_response_id", "this server keeps no responses: send the whole input");
    if (!field_string(q, o, "instructions", false, &instructions) || !field_list(q, o, "tools", &tools) ||
        !asked_tools(q, tools, "parameters") || !read_tool_choice(q, json_object_get(o, "tool_choice")) ||
        !field_bool(q, o, "parallel_tool_calls", &parallel) || !field_object(q, o, "text", &format) ||
        !read_response_format(q, json_object_get(format, "format")) || !field_object(q, o, "reasoning", &effort) ||
        !read_effort(q, json_object_get(effort, "effort")) || !field_bool(q, o, "stream", &a->stream) ||
        !read_limits(q, o, "max_output_tokens") || !field_sampler(q, o))
        return false;
    a->max_calls = parallel ? 0 : 1;
    if (a->json_only) a->think = LLOCAL_THINK_OFF;
    if (instructions) message_add(&a->said, "system")->text = str_copy_json(json_object_get(o, "instructions"));
    return read_input(q, json_object_get(o, "input"));
}

static bool run_responses(request *q) {
    const char *name = NULL;
    asked *a = asked_new(q);
    a->own = resize(NULL, sizeof(responses));
    memset(a->own, 0, sizeof(responses));
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name) && model_writes(q) &&
           read_responses(q) && asked_render(q) && asked_submit(q, true) && asked_answer(q, &responses_style, "resp_");
}

static bool count_prompt(request *q) {
    return http_json(q, 200,
                     json_pack("{s:s,s:i}", "object", "response.input_tokens", "input_tokens", q->asked->n_prompt));
}
static bool run_responses_count(request *q) {
    const char *name = NULL;
    asked_new(q);
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name) && model_writes(q) &&
           read_responses(q) && asked_render(q) && count_prompt(q);
}

#endif
