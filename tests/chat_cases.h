/* A conversation of a golden's context (golden_chat.h says what those are) as llocal_message. */
#ifndef CHAT_CASES_H
#define CHAT_CASES_H

typedef struct chat_case {
    llocal_message messages[16];
    llocal_call calls[64];
    int n_messages, n_calls;
    llocal_str tools, vars;
    bool no_answer;
    char room[1 << 16];
    size_t n_room;
} chat_case;

/* A string, or all texts of a list of parts; another value as it is written. */
static llocal_str chat_case_text(chat_case *c, const llocal_json *j, int node) {
    llocal_str s = { c->room + c->n_room, 0 };
    if (node < 0 || j->nodes[node].type == LLOCAL_JSON_NULL) return s;
    if (j->nodes[node].type == LLOCAL_JSON_ARRAY) {
        for (int i = 0; i < j->nodes[node].count; i++) s.len += chat_case_text(c, j, llocal_json_find(j, llocal_json_item(j, node, i), "text")).len;
        return s;
    }
    s.len = (size_t)llocal_json_text(j, node, c->room + c->n_room, (int)(sizeof c->room - c->n_room));
    c->n_room += s.len;
    return s;
}
static const char *chat_case_name(chat_case *c, const llocal_json *j, int node) {
    const char *s = chat_case_text(c, j, node).ptr;
    c->room[c->n_room++] = 0;
    return s;
}

/* All variables of the context that a prompt has no field for. */
static llocal_str chat_case_vars(chat_case *c, const llocal_json *j, int context) {
    static const char *const names[] = { "enable_thinking", "functions", "datetime" };
    llocal_json_writer w;
    llocal_str s;
    memset(&w, 0, sizeof w);
    w.out = c->room + c->n_room, w.cap = sizeof c->room - c->n_room;
    llocal_json_put(&w, "{");
    for (int i = 0; i < 3; i++) {
        int node = llocal_json_find(j, context, names[i]);
        if (node < 0) continue;
        s.ptr = names[i], s.len = strlen(names[i]);
        llocal_json_put_key(&w, s);
        if (j->nodes[node].type != LLOCAL_JSON_STRING) llocal_json_put(&w, j->nodes[node].type == LLOCAL_JSON_TRUE ? "true" : "false");
        else {
            char text[8000];
            s.ptr = text, s.len = (size_t)llocal_json_text(j, node, text, (int)sizeof text);
            llocal_json_put_string(&w, s);
        }
    }
    llocal_json_put(&w, "}");
    s.ptr = w.out, s.len = w.n;
    c->n_room += w.n;
    return s;
}

static void chat_case_read(chat_case *c, const llocal_json *j, int context) {
    int list = llocal_json_find(j, context, "messages"), node = llocal_json_find(j, context, "tools");
    memset(c, 0, sizeof *c);
    if (node >= 0) c->tools.ptr = j->text + j->nodes[node].at, c->tools.len = j->nodes[node].len;
    node = llocal_json_find(j, context, "add_generation_prompt");
    c->no_answer = node >= 0 && j->nodes[node].type == LLOCAL_JSON_FALSE;
    for (int i = 0; i < j->nodes[list].count; i++) {
        int at = llocal_json_item(j, list, i), calls = llocal_json_find(j, at, "tool_calls");
        llocal_message *m = &c->messages[c->n_messages++];
        m->role = chat_case_name(c, j, llocal_json_find(j, at, "role"));
        m->text = chat_case_text(c, j, llocal_json_find(j, at, "content"));
        m->thoughts = chat_case_text(c, j, llocal_json_find(j, at, "reasoning_content"));
        m->call_id = chat_case_text(c, j, llocal_json_find(j, at, "tool_call_id"));
        m->name = chat_case_text(c, j, llocal_json_find(j, at, "name"));
        m->calls = c->calls + c->n_calls;
        for (int k = 0; calls >= 0 && k < j->nodes[calls].count; k++) {
            int call = llocal_json_item(j, calls, k), function = llocal_json_find(j, call, "function");
            llocal_call *o = &c->calls[c->n_calls++];
            o->id = chat_case_text(c, j, llocal_json_find(j, call, "id"));
            o->name = chat_case_text(c, j, llocal_json_find(j, function, "name"));
            o->arguments = chat_case_text(c, j, llocal_json_find(j, function, "arguments"));
            m->n_calls++;
        }
    }
    c->vars = chat_case_vars(c, j, context);
}
#endif
