/* What llama.cpp's server has beside other interfaces: state of the server, tokens, templates, completions, filling in,
 * slots; and decisions (/v1/systemone). Include it behind openai.h.
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
#ifndef NATIVE_H
#define NATIVE_H

/* ---- the server -------------------------------------------------------------------------------------- */

static bool run_health(request *q) {
    bool closing;
    pthread_mutex_lock(&q->server->engine.lock);
    closing = q->server->engine.closing;
    pthread_mutex_unlock(&q->server->engine.lock);
    return http_json(q, 200, json_pack("{s:s}", "status", closing ? "closing" : "ok"));
}

static void put_role(json_t *o, const char *key, const llocal_model *m, llocal_role role) {
    const llocal_token t = llocal_token_role(m, role);
    text s = { NULL, 0, 0 };
    if (t >= 0) s = token_spelling(m, t);
    json_object_set_new(o, key, json_of(&s));
    free(s.at);
}

static bool run_props(request *q) {
    engine *g = &q->server->engine;
    llocal_result r;
    char words[300];
    json_t *o;
    asked *a = asked_new(q);
    a->m = engine_hold(g, g->models[0].name, &r, words, sizeof words);
    if (!a->m) return refuse(q, 500, NULL, "%s", words);
    o = json_pack("{s:{s:i},s:i,s:s,s:s,s:{s:b,s:b},s:i}", "default_generation_settings", "n_ctx", a->m->n_ctx,
                  "total_slots", a->m->n_slots, "model_alias", a->m->name, "build_info", llocal_build(), "modalities",
                  "vision", 0, "audio", 0, "n_ctx_train", llocal_model_hparams(a->m->m)->n_ctx_train);
    json_object_set_new(o, "chat_template", template_json(g, a->m));
    put_role(o, "bos_token", a->m->m, LLOCAL_ROLE_BOS), put_role(o, "eos_token", a->m->m, LLOCAL_ROLE_EOS);
    if (a->m->chat) {
        unsigned can = llocal_chat_can(a->m->chat);
        json_object_set_new(o, "chat_template_caps",
                            json_pack("{s:b,s:b,s:b,s:b,s:b}", "supports_system_role", can & LLOCAL_CHAT_SYSTEM,
                                      "supports_tools", can & LLOCAL_CHAT_TOOLS, "supports_tool_calls",
                                      can & LLOCAL_CHAT_CALLS, "supports_preserve_reasoning",
                                      can & LLOCAL_CHAT_THOUGHTS, "supports_thinking_switch",
                                      can & LLOCAL_CHAT_THINK_SWITCH));
    }
    return http_json(q, 200, o);
}

static bool run_metrics(request *q) {
    engine *g = &q->server->engine;
    counters c;
    text s = { NULL, 0, 0 };
    int queued, running;
    bool ok;
    pthread_mutex_lock(&g->lock);
    c = g->count, queued = g->n_queued, running = g->n_running - g->n_queued;
    pthread_mutex_unlock(&g->lock);
    {
        const struct { const char *name, *type, *help; double value;
        } list[] = {
            { "prompt_tokens_total", "counter", "Prompt tokens evaluated.", (double)c.n_prompt },
            { "prompt_tokens_cached_total", "counter", "Prompt tokens that were there already.", (double)c.n_cached },
            { "prompt_seconds_total", "counter", "Time spent on prompts.", c.s_prompt },
            { "tokens_predicted_total", "counter", "Tokens generated.", (double)c.n_generated },
            { "tokens_predicted_seconds_total", "counter", "Time spent on generating.", c.s_generate },
            { "busy_seconds_total", "counter", "Time in which something ran.", c.s_busy },
            { "joules_total", "counter",
              "Energy while something ran (a meter's, or an estimate: see energy in answers).", c.joules },
            { "requests_total", "counter", "Requests.", (double)c.n_requests },
            { "requests_failed_total", "counter", "Jobs that failed.", (double)c.n_failed },
            { "requests_cancelled_total", "counter", "Jobs whose client went away.", (double)c.n_cancelled },
            { "requests_refused_total", "counter", "Jobs for which the queue had no room.", (double)c.n_refused },
            { "requests_processing", "gauge", "Jobs that run.", (double)running },
            { "requests_deferred", "gauge", "Jobs that wait.", (double)queued }
        };
        for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
            char line[400];
            snprintf(line, sizeof line, "# HELP llocal:%s %s\n# TYPE llocal:%s %s\nllocal:%s %.17g\n", list[i].name,
                     list[i].help, list[i].name, list[i].type, list[i].name, list[i].value);
            append_string(&s, line);
        }
    }
    ok = http_send(q, 200, "text/plain; version=0.0.4", s.at, s.len);
    free(s.at);
    return ok;
}

/* ---- tokens and templates -------------------------------------------------------------------------------- */

static bool read_model(request *q) {
    const char *name = NULL;
    asked_new(q);
    return field_string(q, q->json, "model", false, &name) && asked_model(q, name);
}

static bool run_tokenize(request *q) {
    bool add = false, special = true, pieces = false;
    json_t *list;
    const json_t *content;
    llocal_token *t;
    int n;
    if (!read_model(q) || !field_bool(q, q->json, "add_special", &add) ||
        !field_bool(q, q->json, "parse_special", &special) || !field_bool(q, q->json, "with_pieces", &pieces))
        return false;
    content = json_object_get(q->json, "content");
    if (!json_is_string(content)) return refuse(q, 400, "content", "must be a string");
    t = tokens_of(q->asked->m->m, json_string_value(content), json_string_length(content),
                  (add ? LLOCAL_TOKENIZE_ADD_SPECIAL : 0) | (special ? LLOCAL_TOKENIZE_PARSE_SPECIAL : 0), &n);
    if (!t) return refuse(q, 400, "content", "cannot be made into tokens: %s", llocal_result_name((llocal_result)-n));
    list = json_array();
    for (int i = 0; i < n; i++) {
        text s;
        if (!pieces) { json_array_append_new(list, json_integer(t[i])); continue; }
        s = token_spelling(q->asked->m->m, t[i]);
        json_array_append_new(list, json_pack("{s:i,s:o}", "id", (int)t[i], "piece",
                                              json_stringn(s.at, s.len) ? json_of(&s) : bytes_json(&s)));
        free(s.at);
    }
    free(t);
    return http_json(q, 200, json_pack("{s:o}", "tokens", list));
}

static bool run_detokenize(request *q) {
    const json_t *one;
    json_t *list;
    text all = { NULL, 0, 0 };
    size_t i;
    bool ok;
    if (!read_model(q) || !field_list(q, q->json, "tokens", &list)) return false;
    append(&all, "", 0);
    json_array_foreach(list, i, one) {
        text s;
        if (!json_is_integer(one) || json_integer_value(one) < 0 ||
            json_integer_value(one) >= llocal_model_hparams(q->asked->m->m)->n_vocab) {
            free(all.at);
            return refuse(q, 400, "tokens", "element %d is no token of this model", (int)i);
        }
        s = token_spelling(q->asked->m->m, (llocal_token)json_integer_value(one));
        append(&all, s.at, s.len), free(s.at);
    }
    ok = http_json(q, 200, json_pack("{s:o}", "content", json_of(&all)));
    free(all.at);
    return ok;
}

static bool run_apply_template(request *q) {
    asked *a;
    json_t *tools;
    llocal_fault fault;
    llocal_chat_prompt *p;
    bool ok;
    if (!read_model(q) || !model_writes(q) || !field_list(q, q->json, "tools", &tools) ||
        !asked_tools(q, tools, "parameters") || !read_vars(q, q->json) ||
        !read_openai_messages(q, json_object_get(q->json, "messages")) || !asked_render(q))
        return false;
    a = q->asked, p = &a->render;
    memset(&fault, 0, sizeof fault);
    p->text_size = p->n_text + 1, p->text = (char *)resize(NULL, p->text_size);
    if (llocal_chat_render(a->m->chat, p, &fault)) p->n_text = 0;
    ok = http_json(q, 200, json_pack("{s:o,s:i}", "prompt", json_text(p->text, p->n_text), "n_tokens", p->n_tokens));
    free(p->text);
    return ok;
}

/* ---- completions ------------------------------------------------------------------------------------------- */

static json_t *native_end(const asked *a, const said *s, json_t *o) {
    const job *j = s->j;
    json_object_set_new(o, "stop", json_true());
    json_object_set_new(o, "model", json_string(a->m->name));
    json_object_set_new(o, "tokens_predicted", json_integer(j->n_generated)),
        json_object_set_new(o, "tokens_evaluated", json_integer(j->n_prompt));
    json_object_set_new(o, "tokens_cached", json_integer(j->n_cached)),
        json_object_set_new(o, "truncated", json_false());
    json_object_set_new(o, "stop_type",
                        json_string(j->stop_kind == STOP_TEXT  ? "word"
                                    : j->stop_kind == STOP_END ? "eos"
                                                               : "limit"));
    json_object_set_new(o, "stopping_word", json_string(j->stop_kind == STOP_TEXT ? j->stop[j->stop_index] : ""));
    json_object_set_new(o, "timings", timings_json(j));
    return o;
}
static void native_begin(request *q) { (void)q; }
static void native_part(request *q, const event *e) {
    if (e->part == LLOCAL_PART_TEXT)
        put_event(q, NULL, json_pack("{s:i,s:o,s:b}", "index", e->choice, "content", json_of(&e->text), "stop", 0));
    else if (e->part == SAID_TOKEN)
        put_event(q, NULL,
                  json_pack("{s:i,s:s,s:b,s:[o]}", "index", e->choice, "content", "", "stop", 0,
                            "completion_probabilities", token_json(q->asked->m->m, e)));
}
static void native_finish(request *q) {
    const said *s = &q->asked->answers[0];
    if (s->j->stop_kind == STOP_FAILED) put_event(q, "error", error_json(q->speaks, 500, NULL, s->j->words));
    else put_event(q, NULL, native_end(q->asked, s, json_pack("{s:i,s:s}", "index", 0, "content", "")));
}
static json_t *native_whole(request *q) {
    asked *a = q->asked;
    const said *s = &a->answers[0];
    json_t *o = json_pack("{s:i,s:o}", "index", 0, "content", json_of(&s->text)), *list;
    if (a->n_top >= 0) {
        list = json_array();
        for (const event *e = s->tokens; e; e = e->next) json_array_append_new(list, token_json(a->m->m, e));
        json_object_set_new(o, "completion_probabilities", list);
    }
    return native_end(a, s, o);
}
static const style native_style = { "text/event-stream", native_begin, native_part,
                                    native_finish,       native_whole, ": wait\n\n" };

static bool read_native(request *q) {
    asked *a = q->asked;
    const json_t *o = q->json, *schema = json_object_get(o, "json_schema");
    const char *grammar = NULL;
    int64_t top = -1, want = -1;
    if (!read_stream(q, o) || !field_sampler(q, o) || !field_stops(q, o, "stop") ||
        !read_limits(q, o, "n_predict") || !read_limits(q, o, "max_tokens") ||
        !field_int(q, o, "n_probs", 0, MAX_TOP, &top) || !field_string(q, o, "grammar", false, &grammar) ||
        !field_int(q, o, "id_slot", -1, a->m->n_slots - 1, &want))
        return false;
    if (top > 0) a->n_top = (int)top;
    a->want_slot = (int)want;
    if (grammar && *grammar) append_string(&a->grammar, grammar);
    return !schema || json_is_null(schema) || asked_format(q, schema);
}

static bool run_completion(request *q) {
    return read_model(q) && model_writes(q) && read_native(q) &&
           read_prompt_tokens(q, json_object_get(q->json, "prompt"), "prompt", true) && asked_submit(q, false) &&
           asked_answer(q, &native_style, "cmpl-");
}

/* Other files of the repository, then what stands before and behind the hole. */
static bool run_infill(request *q) {
    const char *before = "", *behind = "", *prompt = "";
    json_t *extra, *one;
    size_t i;
    text all = { NULL, 0, 0 };
    bool ok;
    if (!read_model(q) || !model_writes(q) || !read_native(q) ||
        !field_string(q, q->json, "input_prefix", false, &before) ||
        !field_string(q, q->json, "input_suffix", false, &behind) ||
        !field_string(q, q->json, "prompt", false, &prompt) || !field_list(q, q->json, "input_extra", &extra))
        return false;
    json_array_foreach(extra, i, one) {
        const llocal_token repo = llocal_token_role(q->asked->m->m, LLOCAL_ROLE_FIM_REPO),
                           file = llocal_token_role(q->asked->m->m, LLOCAL_ROLE_FIM_FILE);
        const char *s = json_string_value(json_object_get(one, "text")),
                   *name = json_string_value(json_object_get(one, "filename"));
        text t = { NULL, 0, 0 };
        llocal_token *tokens;
        int n;
        if (!s) return refuse(q, 400, "input_extra", "element %d has no text", (int)i);
        if (i == 0 && repo >= 0) append_tokens(q->asked, &repo, 1);
        if (file >= 0) append_tokens(q->asked, &file, 1);
        append_string(&t, name ? name : "tmp"), append_string(&t, "\n"), append_string(&t, s), append_string(&t, "\n");
        tokens = tokens_of(q->asked->m->m, t.at, t.len, 0, &n);
        append_tokens(q->asked, tokens, tokens ? n : 0);
        free(tokens), free(t.at);
    }
    append_string(&all, before), append_string(&all, prompt);
    ok = asked_infill(q, all.at, behind);
    free(all.at);
    return ok && asked_submit(q, false) && asked_answer(q, &native_style, "cmpl-");
}

/* ---- slots ----------------------------------------------------------------------------------------------------- */

static bool run_slots(request *q) {
    engine *g = &q->server->engine;
    json_t *list = json_array();
    for (int i = 0; i < g->n_models; i++) {
        const model *m = &g->models[i];
        for (int k = 0; m->m && k < m->n_slots; k++)
            json_array_append_new(list, json_pack("{s:i,s:s,s:i,s:b}", "id", k, "model", m->name, "n_ctx", m->n_ctx,
                                                  "is_processing", m->slots[k].j != NULL));
    }
    return http_json(q, 200, list);
}

typedef struct slot_order { const char *action; char path[4400]; int n; uint64_t bytes; } slot_order;

static llocal_result slot_obey(job *j, slot *s, void *user) {
    slot_order *w = (slot_order *)user;
    llocal_result r = LLOCAL_OK;
    (void)j;
    if (!strcmp(w->action, "erase")) { w->n = llocal_position(s->c), s->dirty = false; return llocal_rewind(s->c, 0); }
    if (!strcmp(w->action, "save")) {
        void *state;
        w->n = llocal_position(s->c), w->bytes = llocal_save_bytes(s->c);
        state = malloc((size_t)w->bytes + 1);
        r = state ? llocal_save(s->c, state, (size_t)w->bytes) : LLOCAL_ERR_MEMORY;
        if (!r && !file_write(w->path, state, (size_t)w->bytes)) r = LLOCAL_ERR_IO;
        free(state);
    } else {
        size_t n = 0;
        char *state = file_read(w->path, &n);
        if (!state) return LLOCAL_ERR_IO;
        r = llocal_restore(s->c, state, n);
        w->n = llocal_position(s->c), w->bytes = n, s->dirty = true;
        free(state);
    }
    return r;
}

/* The name that a client gives becomes a hash: it is in no path. */
static bool run_slot(request *q) {
    engine *g = &q->server->engine;
    const char *action = MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, "action"), *file = NULL;
    char *end;
    long id = strtol(q->path + strlen("/slots/"), &end, 10);
    slot_order w;
    job *j;
    bool over = false;
    memset(&w, 0, sizeof w);
    if (!read_model(q) || !model_writes(q)) return false;
    if (*end || id < 0 || id >= q->asked->m->n_slots) return refuse(q, 404, "id_slot", "there is no such slot");
    if (!action || (strcmp(action, "save") && strcmp(action, "restore") && strcmp(action, "erase")))
        return refuse(q, 400, "action", "must be save, restore or erase");
    if (strcmp(action, "erase")) {
        if (!field_string(q, q->json, "filename", true, &file)) return false;
        if (!g->o.snapshots) return refuse(q, 501, "action", "start the server with --snapshots FOLDER");
        snprintf(w.path, sizeof w.path, "%s/%016llx.slot", g->o.snapshots,
                 (unsigned long long)hash_more(q->asked->m->id, file, strlen(file)));
    }
    w.action = action;
    mailbox_open(&q->asked->box), q->asked->boxed = true;
    q->asked->jobs[q->asked->n_jobs++] = j = job_new(JOB_CONTROL, q->asked->m, &q->asked->box, 0);
    j->want_slot = (int)id, j->control = slot_obey, j->control_user = &w;
    if (!engine_submit(g, j)) {
        job_free(j), q->asked->n_jobs = 0;
        return refuse(q, 503, NULL, "the server is closing");
    }
    while (!over) event_free(mailbox_take(&q->asked->box, 250, &over));
    if (j->stop_kind != STOP_END)
        return refuse(q, j->result == LLOCAL_ERR_IO ? 404 : 400, "filename", "%s", llocal_result_name(j->result));
    return http_json(q, 200,
                     json_pack("{s:i,s:s,s:i,s:I}", "id_slot", (int)id, "action", action, "n_tokens", w.n, "n_bytes",
                               (json_int_t)w.bytes));
}

/* ---- decisions --------------------------------------------------------------------------------------------------- */

/* POST {"state", "questions": {name: {"type": "noul" | "choice" | "score", "instructions", "criteria"}}}: a chance for each
 * answer, and no token is generated. Confidence is how peaked the chances are. */
typedef struct decide_room { text ask; llocal_str options[LLOCAL_MAX_OPTIONS]; const char *kind; } decide_room;

static void ask_line(text *t, const char *key, const json_t *about) {
    append_string(t, "\n- "), append_string(t, key);
    if (json_is_string(about)) append_string(t, ": "), append(t, json_string_value(about), json_string_length(about));
}

static bool read_question(request *q, const char *name, const json_t *v, decide_room *w, llocal_question *out) {
    const json_t *type = json_object_get(v, "type"), *ask = json_object_get(v, "instructions"), *about;
    json_t *criteria = json_object_get(v, "criteria");
    const char *key;
    size_t i;
    w->kind = json_is_string(type) ? json_string_value(type) : "";
    if (!json_is_string(ask)) return refuse(q, 400, "questions", "%.80s: instructions must be a string", name);
    append(&w->ask, json_string_value(ask), json_string_length(ask));
    memset(out, 0, sizeof *out);
    if (!strcmp(w->kind, "noul")) {
        out->kind = LLOCAL_YES_NO;
        if (json_is_object(criteria)) {
            ask_line(&w->ask, "Yes", json_object_get(criteria, "true")),
                ask_line(&w->ask, "No", json_object_get(criteria, "false"));
        }
    } else if (!strcmp(w->kind, "choice")) {
        out->kind = LLOCAL_CHOICE;
        if (!json_is_object(criteria) || json_object_size(criteria) < 2 ||
            json_object_size(criteria) > LLOCAL_MAX_OPTIONS)
            return refuse(q, 400, "questions", "%.80s: criteria must be an object of 2 to %d options", name,
                          LLOCAL_MAX_OPTIONS);
        append_string(&w->ask, "\nOne of:");
        json_object_foreach(criteria, key, about) {
            w->options[out->n_options++] = str_of(key);
            ask_line(&w->ask, key, about);
        }
        out->options = w->options;
    } else if (!strcmp(w->kind, "score")) {
        out->kind = LLOCAL_SCALE;
        if (!json_is_array(criteria) || json_array_size(criteria) < 2 || json_array_size(criteria) > 9)
            return refuse(q, 400, "questions", "%.80s: criteria must be a list of 2 to 9 levels", name);
        out->n_options = (int)json_array_size(criteria);
        json_array_foreach(criteria, i, about) {
            char figure[12];
            snprintf(figure, sizeof figure, "%d", (int)i + 1);
            ask_line(&w->ask, figure, about);
        }
    } else return refuse(q, 400, "questions", "%.80s: type must be noul, choice or score", name);
    out->ask.ptr = w->ask.at, out->ask.len = w->ask.len;
    return true;
}

static double peaked(const llocal_question *d) {
    const int n = d->n_options ? d->n_options : 2;
    double most = 0, mean = 0, flat = 0;
    for (int i = 0; i < n; i++) most = fmax(most, (double)d->p[i]);
    if (d->kind != LLOCAL_SCALE) return fmax(0, (most - 1.0 / n) / (1 - 1.0 / n));
    for (int i = 0; i < n; i++) mean += (double)d->p[i] * abs(i - d->best), flat += abs(i - d->best) / (double)n;
    return flat > 0 ? fmax(0, 1 - mean / flat) : 0;
}

static json_t *answer_json(const decide_room *w, const llocal_question *d, const json_t *criteria) {
    json_t *p = json_object();
    char figure[12];
    for (int i = 0; i < d->n_options; i++) {
        snprintf(figure, sizeof figure, "%d", i);
        json_object_set_new(p, d->kind == LLOCAL_CHOICE ? w->options[i].ptr : figure, json_real((double)d->p[i]));
    }
    if (d->kind == LLOCAL_YES_NO) {
        json_decref(p);
        return json_pack("{s:s,s:f}", "type", "noul", "noul", (double)d->p[0]);
    }
    if (d->kind == LLOCAL_CHOICE)
        return json_pack("{s:s,s:s,s:o,s:f}", "type", "choice", "choice", w->options[d->best].ptr, "probabilities", p,
                         "confidence", peaked(d));
    return json_pack("{s:s,s:f,s:o,s:f,s:O}", "type", "score", "score", (double)d->value, "probabilities", p,
                     "confidence", peaked(d), "legend", criteria);
}

static bool run_systemone(request *q) {
    static const char instruction[] = "Read the text and answer the question about it.";
    json_t *questions, *v, *answers;
    const json_t *state = json_object_get(q->json, "state");
    llocal_question list[LLOCAL_MAX_QUESTIONS];
    decide_room *rooms;
    llocal_decision d;
    text s = { NULL, 0, 0 };
    const char *name;
    bool over = false, good = true;
    int n = 0;
    job *j = NULL;
    if (!read_model(q) || !model_writes(q) || !field_object(q, q->json, "questions", &questions)) return false;
    if (!state || json_is_null(state)) return refuse(q, 400, "state", "is missing");
    if (!questions || !json_object_size(questions) || json_object_size(questions) > LLOCAL_MAX_QUESTIONS)
        return refuse(q, 400, "questions", "must be an object of 1 to %d questions", LLOCAL_MAX_QUESTIONS);
    rooms = (decide_room *)resize(NULL, sizeof *rooms * LLOCAL_MAX_QUESTIONS);
    memset(rooms, 0, sizeof *rooms * LLOCAL_MAX_QUESTIONS), memset(&d, 0, sizeof d);
    if (json_is_string(state)) append(&s, json_string_value(state), json_string_length(state));
    else put_json(&s, state);
    json_object_foreach(questions, name, v) if (good) { good = read_question(q, name, v, &rooms[n], &list[n]); n++; }
    d.chat = q->asked->m->chat, d.instruction = str_of(instruction), d.text.ptr = s.at, d.text.len = s.len,
    d.questions = list, d.n_questions = n;
    for (int letters = 0; good && letters < 2; letters++) {     /* options that begin alike are asked for by letters */
        for (int i = 0; i < n; i++) list[i].letters = letters && list[i].kind == LLOCAL_CHOICE ? 1 : 0;
        if (q->asked->boxed) job_free(j), mailbox_close(&q->asked->box);
        mailbox_open(&q->asked->box), q->asked->boxed = true, q->asked->n_jobs = 0;
        q->asked->jobs[q->asked->n_jobs++] = j = job_new(JOB_DECIDE, q->asked->m, &q->asked->box, 0);
        j->decision = &d, j->client = request_client(q);
        if (!engine_submit(&q->server->engine, j)) {
            good = refuse(q, 429, NULL, "there are too many requests; come again");
            break;
        }
        for (over = false; !over; ) event_free(mailbox_take(&q->asked->box, 250, &over));
        if (j->stop_kind == STOP_END || j->result != LLOCAL_ERR_ARGUMENT) break;
    }
    if (good && j->stop_kind != STOP_END)
        good = refuse(q, j->result == LLOCAL_ERR_FULL || j->result == LLOCAL_ERR_ARGUMENT ? 400 : 500, "state", "%s",
                      j->words);
    if (good) {
        answers = json_object();
        n = 0;
        json_object_foreach(questions, name, v) {
            json_object_set_new(answers, name, answer_json(&rooms[n], &list[n], json_object_get(v, "criteria")));
            n++;
        }
        good = http_json(q, 200,
                         json_pack("{s:s,s:o,s:{s:i,s:i}}", "model", q->asked->m->name, "answers", answers, "usage",
                                   "input_tokens", j->n_prompt, "output_tokens", 0));
    }
    for (int i = 0; i < LLOCAL_MAX_QUESTIONS; i++) free(rooms[i].ask.at);
    free(rooms), free(s.at);
    return good;
}

#endif
