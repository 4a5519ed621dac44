/* OpenAI's interface: chat completions, completions, responses, embeddings, rerank. Include it behind asked.h.
 * https://platform.openai.com/docs/api-reference */
#ifndef OPENAI_H
#define OPENAI_H

/* ---- messages ---------------------------------------------------------------------------------- */

static const char *role_of(const char *name) {
    static const char *const roles[] = { "system", "user", "assistant", "tool" };
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) if (!strcmp(name, roles[i])) return roles[i];
    return !strcmp(name, "developer") ? "system" : !strcmp(name, "function") ? "tool" : NULL;
}

static llocal_str str_copy_json(const json_t *v) {
    text t = { NULL, 0, 0 };
    if (json_is_string(v)) append(&t, json_string_value(v), json_string_length(v));
    else if (v && !json_is_null(v)) put_json(&t, v);
    else append(&t, "", 0);
    return give(&t);
}

/* {"id", "function": {"name", "arguments"}} each. */
static bool read_calls(request *q, llocal_message *m, const json_t *list) {
    llocal_call *calls;
    const json_t *one;
    size_t i;
    if (!list || json_is_null(list)) return true;
    if (!json_is_array(list)) return refuse(q, 400, "messages", "tool_calls must be a list");
    if (!json_array_size(list)) return true;
    m->calls = calls = (llocal_call *)resize(NULL, sizeof *calls * json_array_size(list));
    json_array_foreach(list, i, one) {
        const json_t *f = json_object_get(one, "function");
        if (!json_is_string(json_object_get(f, "name")))
            return refuse(q, 400, "messages", "a call has no function name");
        calls[i].id = str_copy_json(json_object_get(one, "id")),
        calls[i].name = str_copy_json(json_object_get(f, "name"));
        calls[i].arguments = str_copy_json(json_object_get(f, "arguments"));
        m->n_calls = (int)i + 1;
    }
    return true;
}

static bool read_openai_messages(request *q, const json_t *list) {
    const json_t *one;
    size_t i;
    if (!json_is_array(list) || !json_array_size(list)) return refuse(q, 400, "messages", "must be a list of messages");
    json_array_foreach(list, i, one) {
        const json_t *role = json_object_get(one, "role"), *thoughts = json_object_get(one, "reasoning_content");
        const char *name = json_is_string(role) ? role_of(json_string_value(role)) : NULL;
        char where[60];
        text t = { NULL, 0, 0 };
        llocal_message *m;
        snprintf(where, sizeof where, "messages[%d].content", (int)i);
        if (!name)
            return refuse(q, 400, "messages", "message %d has no role of system, developer, user, assistant or tool",
                          (int)i);
        m = message_add(&q->asked->said, name);
        if (!content_text(q, json_object_get(one, "content"), where, &t)) { free(t.at); return false; }
        m->text = give(&t);
        if (!json_is_string(thoughts)) thoughts = json_object_get(one, "thinking");
        if (json_is_string(thoughts)) m->thoughts = str_copy_json(thoughts);
        if (!read_calls(q, m, json_object_get(one, "tool_calls"))) return false;
        if (json_is_string(json_object_get(one, "tool_call_id")))
            m->call_id = str_copy_json(json_object_get(one, "tool_call_id"));
        if (json_is_string(json_object_get(one, "name"))) m->name = str_copy_json(json_object_get(one, "name"));
    }
    return true;
}

/* ---- settings ------------------------------------------------------------------------------------ */

static bool read_tool_choice(request *q, const json_t *v) {
    asked *a = q->asked;
    const json_t *f = json_object_get(v, "function"), *name = json_object_get(f ? f : v, "name");
    a->calls = a->has_tools ? LLOCAL_CALLS_AUTO : LLOCAL_CALLS_FREE;
    if (!v || json_is_null(v)) return true;
    if (json_is_string(v)) {
        const char *s = json_string_value(v);
        if (!strcmp(s, "auto")) return true;
        if (!strcmp(s, "none")) { a->calls = a->has_tools ? LLOCAL_CALLS_NONE : LLOCAL_CALLS_FREE; return true; }
        if (strcmp(s, "required") && strcmp(s, "any"))
            return refuse(q, 400, "tool_choice", "must be none, auto, required or a function");
    } else if (json_is_string(name)) snprintf(a->call, sizeof a->call, "%s", json_string_value(name));
    else return refuse(q, 400, "tool_choice", "must be none, auto, required or a function");
    if (!a->has_tools) return refuse(q, 400, "tool_choice", "there are no tools");
    a->calls = LLOCAL_CALLS_REQUIRED;
    return true;
}

static bool read_response_format(request *q, const json_t *v) {
    const json_t *type = json_object_get(v, "type"), *inner = json_object_get(v, "json_schema"), *schema;
    const char *t = json_is_string(type) ? json_string_value(type) : "";
    if (!v || json_is_null(v) || !strcmp(t, "text")) return true;
    schema = json_object_get(inner ? inner : v, "schema");
    if (!strcmp(t, "json_object")) return asked_format(q, schema);
    if (strcmp(t, "json_schema"))
        return refuse(q, 400, "response_format", "type must be text, json_object or json_schema");
    if (!schema) return refuse(q, 400, "response_format", "json_schema.schema is missing");
    return asked_format(q, schema);
}

static bool read_effort(request *q, const json_t *v) {
    text *vars = &q->asked->vars;
    if (!v || json_is_null(v)) return true;
    if (!json_is_string(v)) return refuse(q, 400, "reasoning_effort", "must be a string");
    q->asked->think = !strcmp(json_string_value(v), "none") || !strcmp(json_string_value(v), "minimal")
                          ? LLOCAL_THINK_OFF
                          : LLOCAL_THINK_ON;
    if (!vars->len) append_string(vars, "{\"reasoning_effort\":"), put_json(vars, v), append_string(vars, "}");
    return true;
}

/* Variables of the template, as llama.cpp's server has them. */
static bool read_vars(request *q, const json_t *o) {
    json_t *v;
    const json_t *think;
    if (!field_object(q, o, "chat_template_kwargs", &v)) return false;
    if (!v) return true;
    think = json_object_get(v, "enable_thinking");
    if (json_is_boolean(think)) q->asked->think = json_is_true(think) ? LLOCAL_THINK_ON : LLOCAL_THINK_OFF;
    q->asked->vars.len = 0;
    put_json(&q->asked->vars, v);
    return true;
}

static bool read_limits(request *q, const json_t *o, const char *name) {
    asked *a = q->asked;
    int64_t n = a->max_tokens ? a->max_tokens : a->nothing ? 0 : -1;
    if (!field_int(q, o, name, -2, 1 << 30, &n)) return false;
    a->max_tokens = n > 0 ? (int)n : 0, a->nothing = n == 0;
    return true;
}

static bool read_stream(request *q, const json_t *o) {
    json_t *options;
    if (!field_bool(q, o, "stream", &q->asked->stream) || !field_object(q, o, "stream_options", &options)) return false;
    return !options || field_bool(q, options, "include_usage", &q->asked->usage);
}

/* ---- chat completions -------------------------------------------------------------------------------- */

static json_t *openai_usage(const asked *a) {
    int prompt, cached, generated;
    usage_sum(a, &prompt, &cached, &generated);
    return json_pack("{s:i,s:i,s:i,s:{s:i},s:{s:i}}", "prompt_tokens", prompt, "completion_tokens", generated,
                     "total_tokens", prompt + generated, "prompt_tokens_details", "cached_tokens", cached,
                     "completion_tokens_details", "reasoning_tokens", thoughts_sum(a));
}

static json_t *chunk_new(const asked *a, const char *object) {
    return json_pack("{s:s,s:s,s:I,s:s,s:s}", "id", a->id, "object", object, "created", (json_int_t)a->created, "model",
                     a->m->name, "system_fingerprint", llocal_build());
}

static void chat_chunk(request *q, int choice, json_t *delta, const char *finish, json_t *logprobs) {
    json_t *chunk = chunk_new(q->asked, "chat.completion.chunk");
    json_object_set_new(chunk, "choices",
                        json_pack("[{s:i,s:o,s:o?,s:s?}]", "index", choice, "delta", delta, "logprobs", logprobs,
                                  "finish_reason", finish));
    if (q->asked->usage) json_object_set_new(chunk, "usage", json_null());
    put_event(q, NULL, chunk);
}

static void chat_begin(request *q) {
    for (int i = 0; i < q->asked->n; i++)
        chat_chunk(q, i, json_pack("{s:s,s:s}", "role", "assistant", "content", ""), NULL, NULL);
}

static void chat_part(request *q, const event *e) {
    asked *a = q->asked;
    const said *s = &a->answers[e->choice];
    const said_call *c = s->n_calls ? &s->calls[s->n_calls - 1] : NULL;
    switch (e->part) {
    case LLOCAL_PART_TEXT:
        chat_chunk(q, e->choice, json_pack("{s:o}", "content", json_of(&e->text)), NULL, NULL);
        break;
    case LLOCAL_PART_THOUGHTS:
        chat_chunk(q, e->choice, json_pack("{s:o}", "reasoning_content", json_of(&e->text)), NULL, NULL);
        break;
    case LLOCAL_PART_NAME:
        if (c)
            chat_chunk(q, e->choice,
                       json_pack("{s:[{s:i,s:o,s:s,s:{s:o,s:s}}]}", "tool_calls", "index", s->n_calls - 1, "id",
                                 json_of(&c->id), "type", "function", "function", "name", json_of(&c->name),
                                 "arguments", ""),
                       NULL, NULL);
        break;
    case LLOCAL_PART_ARGUMENTS:
        chat_chunk(q, e->choice,
                   json_pack("{s:[{s:i,s:{s:o}}]}", "tool_calls", "index", s->n_calls - 1, "function", "arguments",
                             json_of(&e->text)),
                   NULL, NULL);
        break;
    case SAID_TOKEN:
        chat_chunk(q, e->choice, json_object(), NULL, json_pack("{s:[o]}", "content", token_json(a->m->m, e)));
        break;
    case SAID_END:
        if (s->j->stop_kind == STOP_FAILED) put_event(q, NULL, error_json(q->speaks, 500, NULL, s->j->words));
        else chat_chunk(q, e->choice, json_object(), finish_openai(s), NULL);
        break;
    }
}

static void chat_end(request *q) {
    asked *a = q->asked;
    if (a->usage) {
        json_t *chunk = chunk_new(a, "chat.completion.chunk");
        json_object_set_new(chunk, "choices", json_array()), json_object_set_new(chunk, "usage", openai_usage(a));
        json_object_set_new(chunk, "timings", timings_json(a->jobs[0])),
            json_object_set_new(chunk, "energy", energy_json(q));
        put_event(q, NULL, chunk);
    }
    append_string(&q->out, "data: [DONE]\n\n");
}

static json_t *calls_json(const said *s) {
    json_t *list = json_array();
    for (int i = 0; i < s->n_calls; i++)
        if (!s->calls[i].broken)
            json_array_append_new(list, json_pack("{s:o,s:s,s:{s:o,s:o}}", "id", json_of(&s->calls[i].id), "type",
                                                  "function", "function", "name", json_of(&s->calls[i].name),
                                                  "arguments", json_of(&s->calls[i].arguments)));
    return list;
}

static json_t *message_json(const said *s) {
    json_t *m = json_pack("{s:s}", "role", "assistant"), *calls = calls_json(s);
    json_object_set_new(m, "content", s->text.len || !json_array_size(calls) ? json_of(&s->text) : json_null());
    json_object_set_new(m, "refusal", json_null());
    if (s->thoughts.len) json_object_set_new(m, "reasoning_content", json_of(&s->thoughts));
    if (json_array_size(calls)) json_object_set(m, "tool_calls", calls);
    json_decref(calls);
    return m;
}

static json_t *logprobs_json(const asked *a, const said *s) {
    json_t *list;
    if (a->n_top < 0) return NULL;
    list = json_array();
    for (const event *e = s->tokens; e; e = e->next) json_array_append_new(list, token_json(a->m->m, e));
    return json_pack("{s:o}", "content", list);
}

static json_t *chat_whole(request *q) {
    asked *a = q->asked;
    json_t *all = chunk_new(a, "chat.completion"), *choices = json_array();
    for (int i = 0; i < a->n; i++) {
        const said *s = &a->answers[i];
        json_array_append_new(choices, json_pack("{s:i,s:o,s:o?,s:s?}", "index", i, "message", message_json(s),
                                                 "logprobs", logprobs_json(a, s), "finish_reason", finish_openai(s)));
    }
    json_object_set_new(all, "choices", choices), json_object_set_new(all, "usage", openai_usage(a));
    json_object_set_new(all, "timings", timings_json(a->jobs[0])), json_object_set_new(all, "energy", energy_json(q));
    return all;
}

static const style chat_style = { "text/event-stream", chat_begin, chat_part, chat_end, chat_whole, ": wait\n\n" };

/* What a chat request has beside its messages. */
static bool read_chat_settings(request *q) {
    asked *a = q->asked;
    const json_t *o = q->json;
    json_t *tools;
    bool logprobs = false, parallel = true;
    int64_t top = 0, n = 1;
    const char *grammar = NULL;
    a->sampler.temperature = 1, a->sampler.top_k = 40, a->sampler.top_p = 1, a->sampler.min_p = 0.05f;
    if (!field_list(q, o, "tools", &tools) || !asked_tools(q, tools, "parameters") ||
        !read_tool_choice(q, json_object_get(o, "tool_choice")) ||
        !field_bool(q, o, "parallel_tool_calls", &parallel) ||
        !read_response_format(q, json_object_get(o, "response_format")) ||
        !read_effort(q, json_object_get(o, "reasoning_effort")) || !read_vars(q, o) || !read_stream(q, o) ||
        !read_limits(q, o, "max_tokens") || !read_limits(q, o, "max_completion_tokens") || !field_stops(q, o, "stop") ||
        !field_bool(q, o, "logprobs", &logprobs) || !field_int(q, o, "top_logprobs", 0, MAX_TOP, &top) ||
        !field_int(q, o, "n", 1, MAX_CHOICES, &n) || !field_sampler(q, o) ||
        !field_string(q, o, "grammar", false, &grammar))
        return false;
    if (grammar) append_string(&a->grammar, grammar);
    if (grammar && a->json_only) return refuse(q, 400, "grammar", "and response_format: only one of them");
    a->n = (int)n, a->max_calls = parallel ? 0 : 1;
    if (logprobs) a->n_top = (int)top;
    if (a->json_only || a->grammar.len) a->think = LLOCAL_THINK_OFF;
    return true;
}

static bool run_chat(request *q) {
    const char *name = NULL;
    asked_new(q);
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name) && model_writes(q) &&
           read_chat_settings(q) && read_openai_messages(q, json_object_get(q->json, "messages")) && asked_render(q) &&
           asked_submit(q, true) && asked_answer(q, &chat_style, "chatcmpl-");
}

/* ---- completions ---------------------------------------------------------------------------------------- */

static void text_chunk(request *q, int choice, json_t *s, const char *finish, json_t *logprobs) {
    json_t *chunk = chunk_new(q->asked, "text_completion");
    json_object_set_new(chunk, "choices",
                        json_pack("[{s:i,s:o,s:o?,s:s?}]", "index", choice, "text", s, "logprobs", logprobs,
                                  "finish_reason", finish));
    put_event(q, NULL, chunk);
}

static json_t *text_logprobs(const asked *a, int choice, const event *first, bool all) {
    const text said = prompt_of(a, choice).said;
    json_t *tokens = json_array(), *each = json_array(), *tops = json_array(), *offsets = json_array();
    int before = 0;
    for (size_t i = 0; a->echo && i < said.len; i++) before += (said.at[i] & 0xc0) != 0x80;
    for (const event *e = first; e; e = all ? e->next : NULL) {
        text s = token_spelling(a->m->m, e->chosen.token);
        json_t *top = json_object();
        json_array_append_new(tokens, json_of(&s)),
            json_array_append_new(each, json_real(fmax(e->chosen.logprob, -9999)));
        free(s.at);
        for (int i = 0; i < e->n_top; i++) {
            char *key;
            s = token_spelling(a->m->m, e->top[i].token), key = s.at;
            if (json_object_set_new(top, key, json_real(fmax(e->top[i].logprob, -9999))))
                json_object_set_new(top, "\xef\xbf\xbd", json_real(fmax(e->top[i].logprob, -9999)));
            free(s.at);
        }
        json_array_append_new(tops, top), json_array_append_new(offsets, json_integer(before + e->offset));
    }
    return json_pack("{s:o,s:o,s:o,s:o}", "tokens", tokens, "token_logprobs", each, "top_logprobs", tops, "text_offset",
                     offsets);
}

static void text_begin(request *q) {
    for (int i = 0; i < q->asked->n && q->asked->echo; i++) {
        const text said = prompt_of(q->asked, i).said;
        text_chunk(q, i, json_of(&said), NULL, NULL);
    }
}
static void text_part(request *q, const event *e) {
    const said *s = &q->asked->answers[e->choice];
    if (e->part == LLOCAL_PART_TEXT) text_chunk(q, e->choice, json_of(&e->text), NULL, NULL);
    else if (e->part == SAID_TOKEN)
        text_chunk(q, e->choice, json_string(""), NULL, text_logprobs(q->asked, e->choice, e, false));
    else if (e->part == SAID_END && s->j->stop_kind == STOP_FAILED)
        put_event(q, NULL, error_json(q->speaks, 500, NULL, s->j->words));
    else if (e->part == SAID_END) text_chunk(q, e->choice, json_string(""), finish_openai(s), NULL);
}
static void text_end(request *q) {
    asked *a = q->asked;
    if (a->usage) {
        json_t *chunk = chunk_new(a, "text_completion");
        json_object_set_new(chunk, "choices", json_array()), json_object_set_new(chunk, "usage", openai_usage(a));
        put_event(q, NULL, chunk);
    }
    append_string(&q->out, "data: [DONE]\n\n");
}
static json_t *text_whole(request *q) {
    asked *a = q->asked;
    json_t *all = chunk_new(a, "text_completion"), *choices = json_array();
    for (int i = 0; i < a->n; i++) {
        const said *s = &a->answers[i];
        text whole = { NULL, 0, 0 };
        if (a->echo) append(&whole, prompt_of(a, i).said.at, prompt_of(a, i).said.len);
        append(&whole, s->text.at, s->text.len);
        json_array_append_new(choices, json_pack("{s:i,s:o,s:o?,s:s?}", "index", i, "text", json_of(&whole), "logprobs",
            a->n_top >= 0 ? text_logprobs(a, i, s->tokens, true) : NULL, "finish_reason", finish_openai(s)));
        free(whole.at);
    }
    json_object_set_new(all, "choices", choices), json_object_set_new(all, "usage", openai_usage(a));
    json_object_set_new(all, "timings", timings_json(a->jobs[0])), json_object_set_new(all, "energy", energy_json(q));
    return all;
}
static const style text_style = { "text/event-stream", text_begin, text_part, text_end, text_whole, ": wait\n\n" };

/* A prompt: text (which may spell special tokens, as its writer is the program), or token numbers. */
static bool read_prompt_tokens(request *q, const json_t *v, const char *field, bool special) {
    asked *a = q->asked;
    const int n_vocab = llocal_model_hparams(a->m->m)->n_vocab;
    const json_t *one;
    size_t i;
    if (json_is_array(v) && json_array_size(v) == 1 && !json_is_integer(json_array_get(v, 0))) v = json_array_get(v, 0);
    if (json_is_string(v)) {
        a->prompt = tokens_of(a->m->m, json_string_value(v), json_string_length(v), LLOCAL_TOKENIZE_ADD_SPECIAL |
                              (special ? LLOCAL_TOKENIZE_PARSE_SPECIAL : 0), &a->n_prompt);
        append(&a->echoed, json_string_value(v), json_string_length(v));
        if (!a->prompt)
            return refuse(q, 400, field, "cannot be made into tokens: %s",
                          llocal_result_name((llocal_result)-a->n_prompt));
    } else if (json_is_array(v)) {
        a->prompt = (llocal_token *)resize(NULL, sizeof *a->prompt * (json_array_size(v) + 1));
        json_array_foreach(v, i, one) {
            if (!json_is_integer(one) || json_integer_value(one) < 0 || json_integer_value(one) >= n_vocab)
                return refuse(
                    q, 400, field,
                    "element %d is no token of this model (or there are several prompts, which only /v1/completions "
                    "takes)", (int)i);
            a->prompt[i] = (llocal_token)json_integer_value(one), a->n_prompt = (int)i + 1;
        }
    } else return refuse(q, 400, field, "must be a string or a list of token numbers");
    if (!a->n_prompt && llocal_token_role(a->m->m, LLOCAL_ROLE_BOS) >= 0) {
        a->prompt = (llocal_token *)resize(a->prompt, sizeof *a->prompt);
        a->prompt[a->n_prompt++] = llocal_token_role(a->m->m, LLOCAL_ROLE_BOS);
    }
    return true;
}

static void append_tokens(asked *a, const llocal_token *t, int n) {
    a->prompt = (llocal_token *)resize(a->prompt, sizeof *t * (size_t)(a->n_prompt + n + 1));
    if (n > 0) memcpy(a->prompt + a->n_prompt, t, sizeof *t * (size_t)n), a->n_prompt += n;
}

/* A text with a hole: what is before it and behind it, around the model's own marks. */
static bool asked_infill(request *q, const char *before, const char *behind) {
    asked *a = q->asked;
    const llocal_model *m = a->m->m;
    const llocal_token prefix = llocal_token_role(m, LLOCAL_ROLE_FIM_PREFIX),
                       suffix = llocal_token_role(m, LLOCAL_ROLE_FIM_SUFFIX);
    const llocal_token middle = llocal_token_role(m, LLOCAL_ROLE_FIM_MIDDLE),
                       bos = llocal_token_role(m, LLOCAL_ROLE_BOS);
    llocal_token *t;
    int n = 0;
    if (prefix < 0 || suffix < 0 || middle < 0)
        return refuse(q, 400, "model", "has no tokens for filling a hole in a text");
    t = tokens_of(m, "", 0, LLOCAL_TOKENIZE_ADD_SPECIAL, &n);
    if (n > 0 && t && t[0] == bos) append_tokens(a, &bos, 1);
    free(t);
    append_tokens(a, &prefix, 1), t = tokens_of(m, before, strlen(before), 0, &n), append_tokens(a, t, t ? n : 0),
                                  free(t);
    append_tokens(a, &suffix, 1), t = tokens_of(m, behind, strlen(behind), 0, &n), append_tokens(a, t, t ? n : 0),
                                  free(t);
    append_tokens(a, &middle, 1);
    return true;
}

/* Several prompts at once: n answers of each. */
static bool read_prompts(request *q, const json_t *list) {
    asked *a = q->asked;
    const size_t n = json_array_size(list);
    if (n * (size_t)a->n > MAX_CHOICES)
        return refuse(q, 400, "prompt", "at most %d answers at once, of all prompts together", MAX_CHOICES);
    for (size_t i = 0; i < n; i++) {
        asked_prompt *p = &a->prompts[a->n_prompts];
        if (!read_prompt_tokens(q, json_array_get(list, i), "prompt", true)) return false;
        p->tokens = a->prompt, p->n = a->n_prompt, p->said = a->echoed;
        a->n_prompts++, a->prompt = NULL, a->n_prompt = 0, memset(&a->echoed, 0, sizeof a->echoed);
    }
    a->n *= (int)n;
    return true;
}

static bool run_completions(request *q) {
    const char *name = NULL, *suffix = NULL, *grammar = NULL;
    const json_t *o = q->json, *prompt = json_object_get(o, "prompt");
    int64_t logprobs = -1, n = 1, best = 0;
    bool several;
    asked *a = asked_new(q);
    a->sampler.temperature = 1, a->sampler.top_p = 1;
    a->max_tokens = 16;
    if (!field_string(q, o, "model", false, &name) || !asked_model(q, name) || !model_writes(q) || !read_stream(q, o) ||
        !read_limits(q, o, "max_tokens") || !field_stops(q, o, "stop") ||
        !field_int(q, o, "logprobs", 0, MAX_TOP, &logprobs) || !field_int(q, o, "n", 1, MAX_CHOICES, &n) ||
        !field_int(q, o, "best_of", 1, MAX_CHOICES, &best) ||
        !field_bool(q, o, "echo", &a->echo) || !field_sampler(q, o) || !field_string(q, o, "suffix", false, &suffix) ||
        !field_string(q, o, "grammar", false, &grammar) ||
        !read_response_format(q, json_object_get(o, "response_format")))
        return false;
    if (grammar) append_string(&a->grammar, grammar);
    a->n = (int)n, a->n_top = (int)logprobs;
    if (best > n) return refuse(q, 400, "best_of", "answers are not compared here: ask for n and choose");
    several = json_is_array(prompt) && json_array_size(prompt) > 1 && !json_is_integer(json_array_get(prompt, 0));
    if (suffix && !json_is_string(prompt)) return refuse(q, 400, "prompt", "must be a string where there is a suffix");
    if (suffix ? !asked_infill(q, json_string_value(prompt), suffix)
        : several ? !read_prompts(q, prompt) : !read_prompt_tokens(q, prompt, "prompt", true))
        return false;
    return asked_submit(q, false) && asked_answer(q, &text_style, "cmpl-");
}

/* ---- vectors --------------------------------------------------------------------------------------------- */

/* Puts a text into the queue's next place: as tokens of the model's pattern. */
static bool vectors_add(request *q, job *j, llocal_str query, llocal_str document, llocal_pattern p, int n_ctx, int i) {
    const llocal_model *m = q->asked->m->m;
    llocal_str pattern = llocal_text_pattern(m, p);
    int n = llocal_tokenize_pattern(m, pattern, query, document, NULL, 0);
    if (n < 0)
        return refuse(q, 400, "input", "text %d cannot be made into tokens: %s", i,
                      llocal_result_name((llocal_result)-n));
    if (n == 0) return refuse(q, 400, "input", "text %d has no tokens", i);
    if (n > n_ctx) return refuse(q, 400, "input", "text %d has %d tokens, and this model reads %d", i, n, n_ctx);
    j->texts[j->n_texts] = (llocal_token *)resize(NULL, sizeof(llocal_token) * (size_t)n);
    j->lengths[j->n_texts] = llocal_tokenize_pattern(m, pattern, query, document, j->texts[j->n_texts], n);
    j->n_texts++;
    q->asked->n_prompt += n;
    return true;
}

static job *vectors_new(request *q, bool rank, size_t n, int *n_ctx) {
    asked *a = q->asked;
    int size = 0;
    job *j;
    llocal_result r = engine_vectors(&q->server->engine, a->m, rank, &size, n_ctx);
    if (r) {
        refuse(q, r == LLOCAL_ERR_MEMORY ? 503 : 400, "model", rank ? "cannot rank: %s" : "cannot make vectors: %s",
               llocal_result_name(r));
        return NULL;
    }
    mailbox_open(&a->box), a->boxed = true;
    a->jobs[a->n_jobs++] = j = job_new(JOB_VECTORS, a->m, &a->box, 0);
    j->rank = rank, j->size = size, j->client = request_client(q);
    j->texts = (llocal_token **)resize(NULL, sizeof *j->texts * n),
    j->lengths = (int *)resize(NULL, sizeof *j->lengths * n);
    j->vectors = (float *)resize(NULL, sizeof *j->vectors * n * (size_t)size);
    return j;
}

static bool vectors_run(request *q, job *j) {
    asked *a = q->asked;
    bool over = false;
    if (!engine_submit(&q->server->engine, j)) {
        job_free(j), a->n_jobs = 0;
        return refuse(q, 429, NULL, "there are too many requests; come again");
    }
    while (!over) {
        event_free(mailbox_take(&a->box, 250, &over));
        if (!over && request_gone(q)) return refuse(q, 499, NULL, "the client has gone");
    }
    return j->stop_kind == STOP_END || refuse(q, 500, NULL, "%s", j->words);
}

static json_t *vector_json(const float *v, int n, bool base64) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = (const unsigned char *)v;
    size_t bytes = (size_t)n * sizeof *v;
    json_t *list;
    text s = { NULL, 0, 0 };
    if (base64) {
        for (size_t i = 0; i < bytes; i += 3) {
            unsigned w =
                (unsigned)b[i] << 16 | (i + 1 < bytes ? (unsigned)b[i + 1] << 8 : 0) | (i + 2 < bytes ? b[i + 2] : 0u);
            char four[4] = { digits[w >> 18], digits[w >> 12 & 63], i + 1 < bytes ? digits[w >> 6 & 63] : '=',
                             i + 2 < bytes ? digits[w & 63] : '=' };
            append(&s, four, 4);
        }
        list = json_of(&s);
        free(s.at);
        return list;
    }
    list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, json_real((double)v[i]));
    return list;
}

/* The first n of a longer vector, of length 1 again. */
static void vector_cut(float *v, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)v[i] * v[i];
    for (int i = 0; i < n && sum > 0; i++) v[i] = (float)(v[i] / sqrt(sum));
}

/* Fills a job with the texts of `input`: a string, a list of strings, tokens, or a list of these. */
static job *read_inputs(request *q, const json_t *v, llocal_pattern p) {
    const bool list = json_is_array(v) && !json_is_integer(json_array_get(v, 0));
    const size_t n = list ? json_array_size(v) : 1;
    const llocal_str none = { NULL, 0 };
    int n_ctx = 0;
    job *j;
    if (!json_is_string(v) && !json_is_array(v)) {
        refuse(q, 400, "input", "must be a string or a list of strings");
        return NULL;
    }
    if (!n || n > 2048) { refuse(q, 400, "input", "must be 1 to 2048 texts"); return NULL; }
    if (!(j = vectors_new(q, false, n, &n_ctx))) return NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = list ? json_array_get(v, i) : v, *t;
        llocal_str s;
        size_t k;
        if (json_is_array(one)) {
            j->texts[j->n_texts] = (llocal_token *)resize(NULL, sizeof(llocal_token) * (json_array_size(one) + 1));
            j->lengths[j->n_texts++] = (int)json_array_size(one);
            if ((int)json_array_size(one) > n_ctx || !json_array_size(one)) {
                refuse(q, 400, "input", "text %d must have 1 to %d tokens", (int)i, n_ctx);
                return NULL;
            }
            json_array_foreach(one, k, t) {
                if (!json_is_integer(t) || json_integer_value(t) < 0 ||
                    json_integer_value(t) >= llocal_model_hparams(q->asked->m->m)->n_vocab) {
                    refuse(q, 400, "input", "text %d: element %d is no token of this model", (int)i, (int)k);
                    return NULL;
                }
                j->texts[j->n_texts - 1][k] = (llocal_token)json_integer_value(t);
            }
            q->asked->n_prompt += (int)json_array_size(one);
            continue;
        }
        if (!json_is_string(one)) { refuse(q, 400, "input", "text %d is no string", (int)i); return NULL; }
        s.ptr = json_string_value(one), s.len = json_string_length(one);
        if (!vectors_add(q, j, p == LLOCAL_PATTERN_QUERY ? s : none, p == LLOCAL_PATTERN_QUERY ? none : s, p, n_ctx,
                         (int)i))
            return NULL;
    }
    return j;
}

static bool run_embeddings(request *q) {
    const char *name = NULL, *encoding = "float", *type = "document";
    const json_t *input = json_object_get(q->json, "input");
    int64_t dimensions = 0;
    json_t *data;
    job *j;
    asked_new(q);
    if (!input) input = json_object_get(q->json, "content");
    if (!field_string(q, q->json, "model", false, &name) || !asked_model(q, name) ||
        !field_string(q, q->json, "encoding_format", false, &encoding) ||
        !field_string(q, q->json, "input_type", false, &type) ||
        !field_int(q, q->json, "dimensions", 1, 1 << 20, &dimensions))
        return false;
    if (strcmp(encoding, "float") && strcmp(encoding, "base64"))
        return refuse(q, 400, "encoding_format", "must be float or base64");
    j = read_inputs(q, input, !strcmp(type, "query") ? LLOCAL_PATTERN_QUERY : LLOCAL_PATTERN_DOCUMENT);
    if (!j) return false;
    if (dimensions > j->size) return refuse(q, 400, "dimensions", "this model's vectors have %d", j->size);
    if (!vectors_run(q, j)) return false;
    data = json_array();
    for (int i = 0; i < j->n_texts; i++) {
        float *v = j->vectors + (size_t)i * (size_t)j->size;
        int n = dimensions ? (int)dimensions : j->size;
        if (n < j->size) vector_cut(v, n);
        json_array_append_new(data, json_pack("{s:s,s:i,s:o}", "object", "embedding", "index", i, "embedding",
                                              vector_json(v, n, *encoding == 'b')));
    }
    return http_json(q, 200,
                     json_pack("{s:s,s:o,s:s,s:{s:i,s:i}}", "object", "list", "data", data, "model", q->asked->m->name,
                               "usage", "prompt_tokens", q->asked->n_prompt, "total_tokens", q->asked->n_prompt));
}

static int by_score(const void *a, const void *b) {
    const double x = (*(const double *const *)a)[0], y = (*(const double *const *)b)[0];
    return (x < y) - (x > y);
}

/* As Jina, Cohere and llama.cpp have it. */
static bool run_rerank(request *q) {
    const char *name = NULL, *query = NULL;
    json_t *documents, *results, *one;
    int64_t top = 1 << 20;
    bool with_text = false;
    int n_ctx = 0, label = 0;
    double (*scores)[2], **order;
    size_t i, n;
    job *j;
    asked_new(q);
    if (!field_string(q, q->json, "model", false, &name) || !asked_model(q, name) ||
        !field_string(q, q->json, "query", true, &query) || !field_list(q, q->json, "documents", &documents) ||
        !field_int(q, q->json, "top_n", 1, 1 << 20, &top) || !field_bool(q, q->json, "return_documents", &with_text))
        return false;
    if (!documents) documents = json_object_get(q->json, "texts");
    n = json_array_size(documents);
    if (!n || n > 2048) return refuse(q, 400, "documents", "must be a list of 1 to 2048 texts");
    if (!(j = vectors_new(q, true, n, &n_ctx))) return false;
    json_array_foreach(documents, i, one) {
        const json_t *v = json_is_object(one) ? json_object_get(one, "text") : one;
        llocal_str s = { json_string_value(v), json_string_length(v) };
        if (!json_is_string(v)) return refuse(q, 400, "documents", "document %d is no text", (int)i);
        if (!vectors_add(q, j, str_of(query), s, LLOCAL_PATTERN_PAIR, n_ctx, (int)i)) return false;
    }
    if (!vectors_run(q, j)) return false;
    for (int k = 0; k < j->size; k++) {
        llocal_str l = llocal_label(q->asked->m->m, k);
        if (l.len == 3 && !memcmp(l.ptr, "yes", 3)) label = k;
    }
    scores = (double (*)[2])resize(NULL, sizeof *scores * n), order = (double **)resize(NULL, sizeof *order * n);
    for (i = 0; i < n; i++)
        scores[i][0] = (double)j->vectors[i * (size_t)j->size + (size_t)label], scores[i][1] = (double)i,
        order[i] = scores[i];
    qsort(order, n, sizeof *order, by_score);
    results = json_array();
    for (i = 0; i < n && (int64_t)i < top; i++) {
        json_t *r = json_pack("{s:i,s:f}", "index", (int)order[i][1], "relevance_score", order[i][0]);
        if (with_text)
            json_object_set_new(r, "document",
                                json_pack("{s:O}", "text", json_array_get(documents, (size_t)order[i][1])));
        json_array_append_new(results, r);
    }
    free(scores), free(order);
    return http_json(q, 200,
                     json_pack("{s:s,s:s,s:o,s:{s:i,s:i}}", "object", "list", "model", q->asked->m->name, "results",
                               results, "usage", "prompt_tokens", q->asked->n_prompt, "total_tokens",
                               q->asked->n_prompt));
}

/* ---- models ------------------------------------------------------------------------------------------------ */

/* The chat template, as text. */
static json_t *template_json(const engine *g, const model *m) {
    const llocal_gguf *f = llocal_model_gguf(m->m);
    const int at = llocal_gguf_meta_find(f, "tokenizer.chat_template");
    llocal_meta v;
    if (g->o.chat_template) return json_text(g->o.chat_template, strlen(g->o.chat_template));
    if (at < 0) return json_string("");
    v = llocal_gguf_meta(f, at);
    return v.type == LLOCAL_META_STRING ? json_text(v.as.s.ptr, v.as.s.len) : json_string("");
}

static json_t *model_json(const model *m) {
    return json_pack("{s:s,s:s,s:I,s:s,s:b}", "id", m->name, "object", "model", "created", (json_int_t)m->made,
                     "owned_by", "llocal", "loaded", m->m != NULL);
}

static bool run_models(request *q) {
    engine *g = &q->server->engine;
    json_t *list = json_array();
    for (int i = 0; i < g->n_models; i++) json_array_append_new(list, model_json(&g->models[i]));
    return http_json(q, 200, json_pack("{s:s,s:o}", "object", "list", "data", list));
}

static bool run_model(request *q) {
    model *m = engine_find(&q->server->engine, q->path + strlen("/v1/models/"));
    return m ? http_json(q, 200, model_json(m)) : refuse(q, 404, "model", "there is no model of that name");
}

#endif
