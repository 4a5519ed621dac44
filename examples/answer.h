/* From a template to the tokens of a conversation, and from tokens to an answer: llocal_split's events as text on
 * stdout, and as a message. Include it behind messages.h. */
#ifndef ANSWER_H
#define ANSWER_H

/* ---- the prompt ---------------------------------------------------------------------------- */

/* given: a template in Jinja, "chatml", or the name of one of the model's, or NULL; file: where one is, or NULL. */
static inline llocal_result template_open(const llocal_model *m, const char *given, const char *file,
                                          llocal_fault *fault, llocal_chat **out) {
    static const char chatml[] = "{%- for m in messages %}"
        "{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{%- endif %}";
    llocal_result r = LLOCAL_ERR_IO;
    size_t n;
    char *s = file ? file_read(file, &n) : NULL;
    if (given && !strcmp(given, "chatml")) given = chatml;
    if (file && !s) snprintf(fault->message, sizeof fault->message, "cannot read %s", file);
    else r = llocal_chat_open(m, s ? s : given, fault, out);
    free(s);
    return r;
}

static inline const char *fault_text(const llocal_fault *fault, llocal_result r) {
    return *fault->message ? fault->message : llocal_result_name(r);
}
static inline const char *template_remedy(llocal_result r) {
    return r == LLOCAL_ERR_UNSUPPORTED ? "; --chat-template-file gives a template" : "";
}

/* Local time as seconds since 1970. Templates may write the date: take one for a conversation, and what has been
 * evaluated stays the same. */
static inline int64_t local_time(void) {
    time_t t = time(NULL), utc;
    struct tm *parts = gmtime(&t);
    if (!parts) return 0;
    parts->tm_isdst = -1, utc = mktime(parts);
    return (int64_t)t + (int64_t)difftime(t, utc);
}

static inline void tokens_resize(llocal_token **tokens, int *cap, int n) {
    *tokens = (llocal_token *)resize(*tokens, sizeof **tokens * (size_t)(*cap = n));
}

/* Makes room for the tokens; p->tokens is to be freed. */
static inline llocal_result prompt_render(const llocal_chat *c, llocal_chat_prompt *p, llocal_fault *fault) {
    for (;;) {
        llocal_result r = llocal_chat_render(c, p, fault);
        if (r || p->n_tokens <= p->cap) return r;
        tokens_resize(&p->tokens, &p->cap, p->n_tokens + 1024);
    }
}

/* ---- the answer ---------------------------------------------------------------------------- */

typedef struct answer_call { text id, name, arguments; } answer_call;
typedef struct answer {                 /* zero it, and answer_begin */
    llocal_split split;                 /* gets what the model writes */
    bool colour;                        /* stdout is a terminal that may be told to */
    bool verbatim, quiet;               /* verbatim: control characters pass; quiet: nothing is printed */
    text said, thoughts, raw;           /* raw: of the call that is being written */
    answer_call *calls;
    int n_calls;
    llocal_part part;                   /* being shown */
    char last;                          /* character shown last; 0: none */
    const char *problem;                /* NULL, or what was broken in what the model wrote */
    char held[65536];                   /* what may still become something else */
} answer;

static inline void answer_show(answer *w, llocal_str s) {
    if (w->quiet) return;
    if (w->verbatim) fwrite(s.ptr, 1, s.len, stdout);
    else put_plain(stdout, s.ptr, s.len, "\n\t");
    if (s.len) w->last = s.ptr[s.len - 1];
}

/* Thoughts are dim on a terminal, and stand between two lines elsewhere; calls have lines of their own. */
static inline void answer_part(answer *w, llocal_part part) {
    if (part == w->part || w->quiet) return;
    if (w->part == LLOCAL_PART_THOUGHTS && w->colour) fputs("\033[0m", stdout);
    if (w->last && w->last != '\n') putchar('\n'), w->last = '\n';
    if (w->part == LLOCAL_PART_THOUGHTS && !w->colour) puts("</think>");
    if (part == LLOCAL_PART_THOUGHTS) fputs(w->colour ? "\033[2m" : "<think>\n", stdout), w->last = '\n';
    w->part = part;
}

/* For a line of somebody else's in the middle, and after it. */
static inline void answer_pause(answer *w) {
    if (w->colour) fputs("\033[0m", stdout);
    if (w->last && w->last != '\n') putchar('\n'), w->last = '\n';
    fflush(stdout);
}
static inline void answer_resume(answer *w) {
    if (w->colour && w->part == LLOCAL_PART_THOUGHTS) fputs("\033[2m", stdout);
}

static inline void answer_call_free(answer_call *c) { free(c->id.at), free(c->name.at), free(c->arguments.at); }

static inline bool answer_event(void *user, const llocal_event *e) {
    answer *w = (answer *)user;
    answer_call *c = w->n_calls ? &w->calls[w->n_calls - 1] : NULL;
    switch (e->part) {
    case LLOCAL_PART_THOUGHTS: case LLOCAL_PART_TEXT:
        answer_part(w, e->part);
        answer_show(w, e->text);
        append(e->part == LLOCAL_PART_TEXT ? &w->said : &w->thoughts, e->text.ptr, e->text.len);
        break;
    case LLOCAL_PART_CALL:
        answer_part(w, e->part);
        answer_show(w, str_of("[call] "));
        w->calls = (answer_call *)resize(w->calls, sizeof *c * (size_t)(w->n_calls + 1));
        c = &w->calls[w->n_calls++];
        memset(c, 0, sizeof *c);
        append(&c->id, e->text.ptr, e->text.len);
        w->raw.len = 0;
        break;
    case LLOCAL_PART_NAME: case LLOCAL_PART_ARGUMENTS:
        if (e->part == LLOCAL_PART_ARGUMENTS && !c->arguments.len) answer_show(w, str_of(" "));
        answer_show(w, e->text);
        append(e->part == LLOCAL_PART_NAME ? &c->name : &c->arguments, e->text.ptr, e->text.len);
        break;
    case LLOCAL_PART_CALL_END:
        answer_show(w, str_of("\n"));
        if (!c->id.len) append(&c->id, e->text.ptr, e->text.len);
        break;
    case LLOCAL_PART_END: answer_part(w, e->part), w->problem = e->problem; break;
    }
    append(&w->raw, e->raw.ptr, e->raw.len);
    if (e->part == LLOCAL_PART_CALL_END && e->problem) {        /* a call that is not whole stays as what was written */
        append(&w->said, w->raw.at, w->raw.len);
        answer_call_free(&w->calls[--w->n_calls]);
    }
    fflush(stdout);
    return true;
}

static inline void answer_begin(answer *w, const llocal_chat *chat, const llocal_chat_prompt *prompt) {
    w->part = LLOCAL_PART_END;
    w->split.chat = chat, w->split.prompt = prompt, w->split.held = w->held, w->split.held_size = sizeof w->held;
    w->split.on_event = answer_event, w->split.user = w;
    memset(w->split.state, 0, sizeof w->split.state);
}

/* What came becomes the last message; false: nothing did. */
static inline bool answer_keep(answer *w, messages *all) {
    llocal_call *calls = NULL;
    llocal_message *m;
    if (!w->said.len && !w->thoughts.len && !w->n_calls) return false;
    if (w->n_calls) calls = (llocal_call *)resize(NULL, sizeof *calls * (size_t)w->n_calls);
    for (int i = 0; i < w->n_calls; i++) {
        calls[i].id = give(&w->calls[i].id), calls[i].name = give(&w->calls[i].name);
        calls[i].arguments = give(&w->calls[i].arguments);
    }
    m = message_add(all, "assistant");
    m->text = give(&w->said), m->thoughts = give(&w->thoughts), m->calls = calls, m->n_calls = w->n_calls;
    return true;
}

static inline void answer_free(answer *w) {
    for (int i = 0; i < w->n_calls; i++) answer_call_free(&w->calls[i]);
    free(w->calls), free(w->said.at), free(w->thoughts.at), free(w->raw.at);
}

#endif
