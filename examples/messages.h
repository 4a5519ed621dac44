/* A conversation as data: messages that own their texts, and the JSON in which programs keep and exchange them
 * ({"role": ..., "content": ...}, as the interfaces of model servers have it). Include it behind system.h. */
#ifndef MESSAGES_H
#define MESSAGES_H

typedef struct messages { llocal_message *at; int n, cap; } messages;       /* zero it */

static inline llocal_str string_copy(llocal_str s) {
    text t = { NULL, 0, 0 };
    append(&t, s.ptr, s.len);
    return give(&t);
}

static inline bool message_is(const llocal_message *m, const char *role) { return !strcmp(m->role, role); }

/* role is not copied. */
static inline llocal_message *message_add(messages *all, const char *role) {
    llocal_message *m;
    if (all->n == all->cap)
        all->at = (llocal_message *)resize(all->at, sizeof *m * (size_t)(all->cap = 2 * all->cap + 16));
    m = &all->at[all->n++];
    memset(m, 0, sizeof *m);
    m->role = role;
    return m;
}

static inline void message_free(llocal_message *m) {
    for (int i = 0; i < m->n_calls; i++)
        free((void *)m->calls[i].id.ptr), free((void *)m->calls[i].name.ptr), free((void *)m->calls[i].arguments.ptr);
    free((void *)m->calls), free((void *)m->text.ptr), free((void *)m->thoughts.ptr);
    free((void *)m->call_id.ptr), free((void *)m->name.ptr);
    memset(m, 0, sizeof *m);
}

/* Forgets all but the first n. */
static inline void messages_cut(messages *all, int n) { while (all->n > n) message_free(&all->at[--all->n]); }

/* The system message, if there is one, is the first. NULL or empty: without. */
static inline void messages_set_system(messages *all, const char *s) {
    llocal_message system;
    if (all->n > 0 && message_is(&all->at[0], "system")) {
        message_free(&all->at[0]);
        memmove(all->at, all->at + 1, sizeof *all->at * (size_t)--all->n);
    }
    if (!s || !*s) return;
    message_add(all, "system")->text = string_copy(str_of(s));
    system = all->at[all->n - 1];
    memmove(all->at + 1, all->at, sizeof *all->at * (size_t)(all->n - 1));
    all->at[0] = system;
}

/* ---- to JSON ------------------------------------------------------------------------------ */

static inline void put_member(llocal_json_writer *w, const char *key, llocal_str s) {
    llocal_json_put_key(w, str_of(key));
    llocal_json_put_string(w, s);
}

static inline void put_message(llocal_json_writer *w, const llocal_message *m) {
    llocal_json_put(w, "{");
    put_member(w, "role", str_of(m->role));
    put_member(w, "content", m->text);
    if (m->thoughts.len) put_member(w, "reasoning_content", m->thoughts);
    if (m->call_id.len) put_member(w, "tool_call_id", m->call_id);
    if (m->name.len) put_member(w, "name", m->name);
    if (m->n_calls) llocal_json_put_key(w, str_of("tool_calls")), llocal_json_put(w, "[");
    for (int i = 0; i < m->n_calls; i++) {
        llocal_json_put(w, "{");
        put_member(w, "id", m->calls[i].id), put_member(w, "type", str_of("function"));
        llocal_json_put_key(w, str_of("function")), llocal_json_put(w, "{");
        put_member(w, "name", m->calls[i].name), put_member(w, "arguments", m->calls[i].arguments);
        llocal_json_put(w, "}"), llocal_json_put(w, "}");
    }
    if (m->n_calls) llocal_json_put(w, "]");
    llocal_json_put(w, "}");
}

static inline void put_messages(llocal_json_writer *w, const messages *all) {
    llocal_json_put(w, "[");
    for (int i = 0; i < all->n; i++) put_message(w, &all->at[i]);
    llocal_json_put(w, "]");
}

/* ---- from JSON ---------------------------------------------------------------------------- */

/* All values of a text: nodes to be freed, or NULL and what is wrong. j has the text. */
static inline llocal_json_node *json_nodes(llocal_json *j, llocal_fault *fault) {
    int n = llocal_json_read(j, fault);
    if (n < 0) return NULL;
    j->nodes = (llocal_json_node *)resize(NULL, sizeof *j->nodes * (size_t)(j->cap = n));
    if (llocal_json_read(j, fault) == n) return j->nodes;
    free(j->nodes);
    return j->nodes = NULL;
}

/* A member as text, to be freed: a string decoded, an object as it is written; empty where there is none, or null. */
static inline llocal_str json_member(const llocal_json *j, int object, const char *key) {
    int node = object < 0 ? -1 : llocal_json_find(j, object, key);
    int n = node < 0 || j->nodes[node].type == LLOCAL_JSON_NULL ? 0 : llocal_json_text(j, node, NULL, 0);
    text t = { NULL, 0, 0 };
    t.at = (char *)resize(NULL, t.cap = (size_t)n + 1);
    if (n > 0) llocal_json_text(j, node, t.at, n);
    t.at[t.len = (size_t)n] = 0;
    return give(&t);
}

static inline const char *json_role(const llocal_json *j, int object) {
    static const char *const roles[] = { "system", "developer", "user", "assistant", "tool" };
    llocal_str role = json_member(j, object, "role");
    const char *found = NULL;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) if (!strcmp(role.ptr, roles[i])) found = roles[i];
    free((void *)role.ptr);
    return found;
}

/* False: it is no message, has a role that chats have not, or a content that is no text. */
static inline bool message_read(messages *all, const llocal_json *j, int object) {
    const char *role = json_role(j, object);
    int content = llocal_json_find(j, object, "content"), calls = llocal_json_find(j, object, "tool_calls");
    int n = calls < 0 || j->nodes[calls].type != LLOCAL_JSON_ARRAY ? 0 : j->nodes[calls].count;
    int type = content < 0 ? (int)LLOCAL_JSON_NULL : j->nodes[content].type;
    llocal_message *m;
    llocal_call *list;
    if (!role || (type != LLOCAL_JSON_STRING && type != LLOCAL_JSON_NULL)) return false;
    m = message_add(all, role);
    m->text = json_member(j, object, "content"), m->thoughts = json_member(j, object, "reasoning_content");
    m->call_id = json_member(j, object, "tool_call_id"), m->name = json_member(j, object, "name");
    if (!n) return true;
    m->calls = list = (llocal_call *)resize(NULL, sizeof *list * (size_t)n);
    for (m->n_calls = 0; m->n_calls < n; m->n_calls++) {
        int item = llocal_json_item(j, calls, m->n_calls), function = llocal_json_find(j, item, "function");
        list[m->n_calls].id = json_member(j, item, "id");
        list[m->n_calls].name = json_member(j, function, "name");
        list[m->n_calls].arguments = json_member(j, function, "arguments");
    }
    return true;
}

#endif
