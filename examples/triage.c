/* Sorts mail and notifications by questions that you write: the model says how likely each answer is, plain rules
 * act.
 *
 *     triage -m model.gguf -q triage.json ~/Maildir             what is new: a JSON line each, with what would be done
 *     triage -m model.gguf -q triage.json --apply ~/Maildir     does it
 *     triage -m model.gguf -q triage.json --digest old.mbox     a text of sections instead
 *     triage -m model.gguf -q triage.json --watch ~/Maildir     goes on with what comes (inotify), until interrupted
 *     notifications | triage -m model.gguf -q triage.json       JSON lines {"text": ..., "id": ..., "from": ...}
 *
 * Packages (Debian): libgmime-3.0-dev, libsqlite3-dev. A folder is a maildir; a file is an mbox, one mail or JSON
 * lines with a text and, where there is one, id, from, to and subject. The questions are those of
 * examples/questions.h; three members more are for this program:
 *
 *     {"questions": [...], "body": 600, "rules": [
 *         "when topic=bill and p>0.8 -> label bills, digest Money",
 *         "when has List-Unsubscribe -> move lists, seen",
 *         "when from~'@family.example' and urgency>1.5 -> flag, digest Today",
 *         "otherwise -> digest Other"]}
 *
 * body: so many bytes of a mail's text are read to the model, with its sender and subject. A rule acts when all that
 * stands between "when" and "->" is so; "otherwise" when no rule before it acted. NAME=ANSWER, NAME!=ANSWER: the most
 * likely answer. p>0.8 (< >= <=): how likely it is, of the question named before. NAME>1.5: of a scale its value, of
 * a yes_no the chance of yes. from~WORD, to~, subject~, text~: has the word, in letters of either size. has HEADER:
 * of a mail. Words with spaces stand in '...'. Actions: label NAME: the mail is in the folder .NAME too (a hard
 * link); move NAME: only there; flag, seen: the maildir's marks F and S; digest SECTION: where the digest tells of
 * it.
 *
 * What was decided is kept (--state FILE, .triage.db in this folder) by Message-ID, else by a hash of the text: the
 * model is asked once for each; it is asked anew when the questions change, not when the rules do. Killed at any
 * moment nothing is lost: a line may come twice, an action is done once. What was seen without --apply is still done
 * by the first --apply.
 *
 * What is judged can argue: a mail that says what it is may be believed. Let a rule that hides something want more
 * than an answer, such as a sender.
 *
 * --all: lines of what is known, too. --every N: seconds between digests while watching (3600). --plain: no chat
 * template. -c N: positions (1024). -t N: threads (1). Status 1: something failed, and a line on stderr says what;
 * what could be read was sorted all the same. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include "questions.h"
#include "lines.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <gmime/gmime.h>
#include <sqlite3.h>
#ifdef __linux__
#  include <sys/inotify.h>
#endif

enum { MAX_RULES = 64, MAX_CONDITIONS = 8, MAX_ACTIONS = 4, MAX_INPUTS = 32, MAX_WORD = 100, MAX_KEPT = 512 };
enum { IS, IS_NOT, SURE, VALUE, HOLDS, HAS };           /* conditions */
enum { LABEL, MOVE, FLAG, SEEN, DIGEST, N_KINDS };      /* actions */

typedef struct condition {
    int kind, question, option;
    char op[3], field[MAX_WORD], word[MAX_WORD];
    double number;
} condition;

typedef struct action { int kind; char name[MAX_WORD]; } action;

typedef struct rule {
    condition c[MAX_CONDITIONS];
    action a[MAX_ACTIONS];
    int n, n_actions;
    bool otherwise;
} rule;

typedef struct mail {
    char *id, *from, *to, *subject, *text, *headers;    /* headers: ":name:name:", small letters */
    const char *folder;                 /* a maildir, or NULL */
    char *path;                         /* of the file in it */
} mail;

typedef struct triage {
    const char *model, *questions, *state, *inputs[MAX_INPUTS];
    int n_inputs, n_ctx, threads, n_rules, n_new;
    double every;
    size_t body;
    bool apply, digest, watch, all, plain, bad;         /* bad: something could not be read */
    rule rules[MAX_RULES];
    decider d;
    sqlite3 *db;
    char asked[65];                     /* hash of the questions, and of the model's name */
} triage;

static bool complain(const char *what, const char *detail) {
    print_plain(stderr, "triage: error: %s%s\n", what, detail);
    return false;
}

/* ---- rules ---------------------------------------------------------------------------------------------- */

/* The next word of a rule: a sign (-> = != ~ , < > <= >=), or a word, perhaps in '...'. False: there is none. */
static bool next_word(const char **at, char *out) {
    const char *p = *at;
    size_t n = 0;
    while (*p == ' ') p++;
    if (*p == '\'') {
        for (p++; *p && *p != '\'' && n + 1 < MAX_WORD; p++) out[n++] = *p;
        if (*p == '\'') p++;
    } else if (*p == '-' && p[1] == '>') out[n++] = *p++, out[n++] = *p++;
    else if (*p && strchr("=!~,<>", *p)) {
        out[n++] = *p++;
        if (out[0] != ',' && out[0] != '~' && *p == '=') out[n++] = *p++;
    } else {
        while (*p && !strchr(" =!~,<>'", *p) && !(*p == '-' && p[1] == '>') && n + 1 < MAX_WORD) out[n++] = *p++;
    }
    out[n] = 0, *at = p;
    return n > 0;
}

static bool bad_rule(const char *rule_text, const char *what, const char *word) {
    print_plain(stderr, "triage: error: rule \"%s\": %s%s\n", rule_text, what, word);
    return false;
}

static int question_named(const decider *d, const char *name) {
    for (int k = 0; k < d->d.n_questions; k++) if (!strcmp(d->name[k].ptr, name)) return k;
    return -1;
}

static bool read_condition(const triage *t, const char *all, const char **at, const char *first, int *last,
    condition *c) {
    const llocal_question *q;
    char *end;
    snprintf(c->field, sizeof c->field, "%s", first);
    if (!strcmp(first, "has")) {
        c->kind = HAS;
        return next_word(at, c->word) || bad_rule(all, "has which header?", "");
    }
    if (!next_word(at, c->word) || strlen(c->word) > 2 || !strchr("=!~<>", *c->word))
        return bad_rule(all, "a sign of = != ~ < > <= >= is wanted behind ", first);
    memcpy(c->op, c->word, 3);
    if (!next_word(at, c->word)) return bad_rule(all, "nothing stands behind ", first);
    if (*c->op == '~') {
        c->kind = HOLDS;
        if (!strcmp(first, "from") || !strcmp(first, "to") || !strcmp(first, "subject") || !strcmp(first,
            "text")) return true;
        return bad_rule(all, "~ is for from, to, subject and text, not for ", first);
    }
    c->question = strcmp(first, "p") ? question_named(&t->d, first) : *last;
    if (c->question < 0) return bad_rule(all, "there is no question ", *first == 'p' && !first[1] ? "before p" : first);
    *last = c->question, q = &t->d.q[c->question];
    if (*c->op == '<' || *c->op == '>') {
        c->kind = strcmp(first, "p") ? VALUE : SURE, c->number = strtod(c->word, &end);
        return !*end || bad_rule(all, "a number is wanted, not ", c->word);
    }
    c->kind = *c->op == '!' ? IS_NOT : IS;
    for (c->option = 0; c->option < n_options(q); c->option++) {
        llocal_str s = option_name(q, c->option);
        if (s.len == strlen(c->word) && !memcmp(s.ptr, c->word, s.len)) return true;
    }
    return bad_rule(all, "that is none of the answers: ", c->word);
}

/* Names become those of folders: nothing that leads elsewhere. */
static bool read_action(const char *all, const char **at, const char *word, action *a) {
    static const char *const kinds[N_KINDS] = { "label", "move", "flag", "seen", "digest" };
    for (a->kind = 0; a->kind < N_KINDS && strcmp(word, kinds[a->kind]); a->kind++) { }
    if (a->kind == N_KINDS) return bad_rule(all, "actions are label, move, flag, seen and digest, not ", word);
    if (a->kind == FLAG || a->kind == SEEN) return true;
    if (!next_word(at, a->name) || strchr(",<>=~", *a->name)) return bad_rule(all, "a name is wanted behind ", word);
    for (const char *p = a->name; *p; p++)
        if (a->kind != DIGEST && (*p == '/' || (unsigned char)*p < 32 || (*p == '.' && (p == a->name ||
            p[1] == '.' || !p[1]))))
            return bad_rule(all, "no name of a folder: ", a->name);
    return true;
}

static bool read_rule(triage *t, const char *all) {
    rule *r = &t->rules[t->n_rules++];
    const char *at = all;
    char word[MAX_WORD];
    int last = -1;
    if (!next_word(&at, word)) return bad_rule(all, "it is empty", "");
    r->otherwise = !strcmp(word, "otherwise");
    if (!r->otherwise && strcmp(word, "when")) return bad_rule(all, "it begins with when or otherwise, not ", word);
    while (next_word(&at, word) && strcmp(word, "->")) {
        if (r->otherwise || (r->n && strcmp(word, "and"))) return bad_rule(all, "-> is wanted, not ", word);
        if (r->n == MAX_CONDITIONS) return bad_rule(all, "more than eight conditions", "");
        if (r->n && !next_word(&at, word)) return bad_rule(all, "nothing stands behind and", "");
        if (!read_condition(t, all, &at, word, &last, &r->c[r->n++])) return false;
    }
    if (!r->otherwise && !r->n) return bad_rule(all, "when what?", "");
    while (next_word(&at, word)) {
        if (r->n_actions == MAX_ACTIONS) return bad_rule(all, "more than four actions", "");
        if (!read_action(all, &at, word, &r->a[r->n_actions++])) return false;
        if (next_word(&at, word) && strcmp(word, ",")) return bad_rule(all, "a comma is wanted, not ", word);
    }
    return r->n_actions > 0 || bad_rule(all, "-> and an action are missing", "");
}

/* Questions and rules; the hash is of what answers depend on. */
static bool read_config(triage *t) {
    llocal_json j;
    double v = 600;
    int list, item, head;
    const char *name = strrchr(t->model, '/') ? strrchr(t->model, '/') + 1 : t->model;
    text kept = { NULL, 0, 0 };
    llocal_str rule_text;
    char *hash;
    bool ok;
    if (!read_questions(&t->d, &j, t->questions)) return false;
    llocal_json_number(&j, llocal_json_find(&j, 0, "body"), &v);
    if (v < 0 || v > 1e6) return complain("body is from 0 to 1000000 bytes in ", t->questions);
    t->body = (size_t)v;
    list = llocal_json_find(&j, 0, "rules");
    for (int i = 0; (item = llocal_json_item(&j, list, i)) >= 0; i++) {
        if (i == MAX_RULES) return complain("more than 64 rules in ", t->questions);
        if (j.nodes[item].type != LLOCAL_JSON_STRING) return complain("a rule is no string in ", t->questions);
        rule_text = keep_text(&j, item);
        ok = read_rule(t, rule_text.ptr);
        if (rule_text.len) free((void *)(size_t)rule_text.ptr);
        if (!ok) return false;
    }
    head = snprintf(t->asked, sizeof t->asked, "%d", (int)v);
    append(&kept, t->asked, (size_t)head + 1), append(&kept, name, strlen(name) + 1);
    append(&kept, t->d.d.instruction.ptr, t->d.d.instruction.len + 1), append(&kept, t->d.before.ptr,
        t->d.before.len + 1);
    list = llocal_json_find(&j, 0, "questions"), item = llocal_json_text(&j, list, NULL, 0);
    if (item > 0) {
        char *raw = (char *)resize(NULL, (size_t)item);
        llocal_json_text(&j, list, raw, item), append(&kept, raw, (size_t)item), free(raw);
    }
    hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)kept.at, kept.len);
    snprintf(t->asked, sizeof t->asked, "%s", hash);
    g_free(hash), free(kept.at), free((void *)(size_t)j.text);
    return true;
}

static bool contains(const char *s, const char *word) {
    const size_t n = strlen(word);
    for (; s && *s; s++) if (!g_ascii_strncasecmp(s, word, n)) return true;
    return n == 0;
}

static bool compares(double v, const char *op, double with) {
    return (op[1] == '=' && v == with) || (*op == '<' ? v < with : v > with);
}

static bool holds(const triage *t, const mail *m, const condition *c) {
    const llocal_question *q = &t->d.q[c->question];
    text header = { NULL, 0, 0 };
    bool yes;
    if (c->kind == IS || c->kind == IS_NOT) return (q->best == c->option) == (c->kind == IS);
    if (c->kind == SURE) return compares((double)q->p[q->best], c->op, c->number);
    if (c->kind == VALUE) return compares((double)q->value, c->op, c->number);
    if (c->kind == HOLDS) return contains(*c->field == 'f' ? m->from : *c->field == 's' ? m->subject
        : c->field[1] == 'o' ? m->to : m->text, c->word);
    append_string(&header, ":"), append_string(&header, c->word), append_string(&header, ":");
    yes = m->headers && contains(m->headers, header.at);
    free(header.at);
    return yes;
}

/* Which actions, in the order of the rules; how many. */
static int find_actions(const triage *t, const mail *m, const action **out) {
    int n = 0;
    bool any = false;
    for (int i = 0; i < t->n_rules; i++) {
        const rule *r = &t->rules[i];
        bool yes = !r->otherwise || !any;
        for (int k = 0; k < r->n && yes; k++) yes = holds(t, m, &r->c[k]);
        for (int k = 0; k < r->n_actions && yes; k++) out[n++] = &r->a[k];
        any = any || yes;
    }
    return n;
}

/* ---- what is remembered --------------------------------------------------------------------------------- */

static const char tables[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS mails(id TEXT, asked TEXT, answers BLOB, sender TEXT, subject TEXT, section TEXT, "
    "shown INTEGER DEFAULT 0, done INTEGER DEFAULT 0, told INTEGER DEFAULT 0, PRIMARY KEY(id, asked));"
    "CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, id TEXT);";

static bool failed(triage *t, const char *what) {
    return complain(what, t->db ? sqlite3_errmsg(t->db) : "out of memory");
}

/* A statement with texts in its places. */
static sqlite3_stmt *prepare(triage *t, const char *sql, int n, const char *const *texts) {
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(t->db, sql, -1, &s, NULL) != SQLITE_OK) { failed(t, "what is remembered: "); return NULL; }
    for (int i = 0; i < n; i++) sqlite3_bind_text(s, i + 1, texts[i], -1, SQLITE_TRANSIENT);
    return s;
}

static bool change(triage *t, sqlite3_stmt *s) {
    bool ok = s && sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return ok || failed(t, "what is remembered: ");
}

static bool open_state(triage *t) {
    if (sqlite3_open(t->state, &t->db) != SQLITE_OK) return failed(t, "cannot open what is remembered: ");
    sqlite3_busy_timeout(t->db, 10000);
    return sqlite3_exec(t->db, tables, NULL, NULL, NULL) == SQLITE_OK || failed(t, "what is remembered: ");
}

/* Chances as they were, and what follows from them. */
static void restore(decider *d, const float *p) {
    for (int k = 0; k < d->d.n_questions; k++) {
        llocal_question *q = &d->q[k];
        double mean = 0;
        q->best = 0;
        for (int i = 0; i < n_options(q); i++) {
            q->p[i] = *p++, mean += i * (double)q->p[i];
            if (q->p[i] > q->p[q->best]) q->best = i;
        }
        q->value = q->kind == LLOCAL_SCALE ? (float)mean : q->kind == LLOCAL_YES_NO ? q->p[0] : q->p[q->best];
    }
}

static int collect(const decider *d, float *p) {
    int n = 0;
    for (int k = 0; k < d->d.n_questions; k++)
        for (int i = 0; i < n_options(&d->q[k]); i++) p[n++] = d->q[k].p[i];
    return n;
}

typedef struct known { bool there, shown, done; } known;

static known recall(triage *t, const char *id) {
    const char *texts[2];
    float p[MAX_KEPT];
    sqlite3_stmt *s;
    known k = { false, false, false };
    texts[0] = id, texts[1] = t->asked;
    s = prepare(t, "SELECT answers, shown, done FROM mails WHERE id = ? AND asked = ?", 2, texts);
    if (s && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == (int)sizeof(float) * collect(&t->d, p)) {
        k.there = true, k.shown = sqlite3_column_int(s, 1), k.done = sqlite3_column_int(s, 2);
        memcpy(p, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
        restore(&t->d, p);
    }
    sqlite3_finalize(s);
    return k;
}

static bool remember(triage *t, const mail *m, const char *section) {
    float p[MAX_KEPT];
    const char *texts[5];
    int n = collect(&t->d, p);
    sqlite3_stmt *s;
    texts[0] = m->id, texts[1] = t->asked, texts[2] = m->from, texts[3] = m->subject && *m->subject ? m->subject
        : m->text, texts[4] = section;
    s = prepare(t, "INSERT OR REPLACE INTO mails(id, asked, sender, subject, section, answers) "
                   "VALUES(?, ?, ?, ?, ?, ?)", 5, texts);
    if (s) sqlite3_bind_blob(s, 6, p, (int)sizeof(float) * n, SQLITE_TRANSIENT);
    return change(t, s);
}

static bool mark(triage *t, const mail *m, bool shown, bool done) {
    const char *texts[2];
    sqlite3_stmt *s;
    texts[0] = m->id, texts[1] = t->asked;
    s = prepare(t, "UPDATE mails SET shown = max(shown, ?3), done = max(done, ?4) WHERE id = ?1 AND asked = ?2", 2,
        texts);
    if (s) sqlite3_bind_int(s, 3, shown), sqlite3_bind_int(s, 4, done);
    return change(t, s);
}

/* ---- the maildir ---------------------------------------------------------------------------------------- */

static char *join(const char *a, const char *b, const char *c) {
    text s = { NULL, 0, 0 };
    append_string(&s, a), append_string(&s, b), append_string(&s, c);
    return s.at;
}

static size_t base_length(const char *name) { return strcspn(name, ":"); }

/* Does a folder have this mail, whatever its marks? */
static bool folder_has(const char *folder, const char *name) {
    DIR *d = opendir(folder);
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d)) != NULL)
        found = base_length(e->d_name) == base_length(name) && !strncmp(e->d_name, name, base_length(name));
    if (d) closedir(d);
    return found;
}

/* FOLDER/.NAME/cur, made where it is not; to be freed. */
static char *sub_folder(const char *folder, const char *name) {
    static const char *const parts[] = { "", "/tmp", "/new", "/cur" };
    char *at = join(folder, "/.", name), *part = NULL;
    FILE *f;
    for (int i = 0; i < 4; i++) {
        free(part), part = join(at, parts[i], "");
        if (mkdir(part, 0700) && errno != EEXIST) complain("cannot make ", part);
        else if (i == 0) {
            char *sign = join(at, "/maildirfolder", "");
            if ((f = fopen(sign, "a")) != NULL) fclose(f);
            free(sign);
        }
    }
    free(at);
    return part;
}

/* Its name with the marks that it has, and these. */
static char *marked(const char *name, const char *marks) {
    static const char order[] = "DFPRST";
    const char *had = strstr(name, ":2,");
    text s = { NULL, 0, 0 };
    append(&s, name, base_length(name)), append_string(&s, ":2,");
    for (const char *p = order; *p; p++) if ((had && strchr(had + 3, *p)) || strchr(marks, *p)) append(&s, p, 1);
    for (const char *p = had ? had + 3 : ""; *p; p++) if (!strchr(order, *p)) append(&s, p, 1);
    return s.at;
}

/* Labels first, then marks, and the move last: whatever is cut short can be done again. */
static bool act(mail *m, const action *const *list, int n) {
    const char *name = strrchr(m->path, '/') + 1, *move = NULL;
    char marks[3] = "", *as, *to;
    bool ok = true;
    for (int i = 0; i < n; i++) {
        if (list[i]->kind == FLAG && !strchr(marks, 'F')) strcat(marks, "F");
        if (list[i]->kind == SEEN && !strchr(marks, 'S')) strcat(marks, "S");
        if (list[i]->kind == MOVE) move = list[i]->name;
    }
    as = marked(name, marks);
    for (int i = 0; i < n && ok; i++) {
        char *folder, *link_to;
        if (list[i]->kind != LABEL || (move && !strcmp(move, list[i]->name))) continue;
        folder = sub_folder(m->folder, list[i]->name), link_to = join(folder, "/", as);
        if (!folder_has(folder, name) && link(m->path, link_to)) ok = complain("cannot label: ", link_to);
        free(folder), free(link_to);
    }
    if (ok && (move || *marks)) {
        char *folder = move ? sub_folder(m->folder, move) : join(m->folder, "/cur", "");
        to = join(folder, "/", as);
        if (rename(m->path, to)) ok = complain("cannot move to ", to);
        free(folder), free(to);
    }
    free(as);
    return ok;
}

/* ---- a mail --------------------------------------------------------------------------------------------- */

/* The text of HTML: without tags, styles and scripts. */
static void append_html(text *t, const char *s) {
    static const char *const names[][2] = { { "&nbsp;", " " }, { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, {
        "&quot;", "\"" }, { "&#39;", "'" } };
    while (*s) {
        size_t n = 0;
        if (!g_ascii_strncasecmp(s, "<style", 6) || !g_ascii_strncasecmp(s, "<script", 7)) {
            const char *end = s[2] == 't' || s[2] == 'T' ? "</style" : "</script";
            while (*s && g_ascii_strncasecmp(s, end, strlen(end))) s++;
        }
        if (*s == '<') {
            while (*s && *s != '>') s++;
            s += *s == '>';
            append_string(t, " ");
            continue;
        }
        for (size_t i = 0; i < sizeof names / sizeof *names && !n; i++)
            if (!strncmp(s, names[i][0], strlen(names[i][0]))) append_string(t, names[i][1]), n = strlen(names[i][0]);
        if (!n && *s) append(t, s, 1), n = 1;
        s += n;
    }
}

/* Valid UTF-8, spaces and line ends one space each; of a mail without what is quoted, to the signature. At most so many
 * bytes, no half of a character. */
static char *tidy(const char *s, size_t most, bool is_mail) {
    char *valid = g_utf8_make_valid(s ? s : "", -1), *p = valid;
    text out = { NULL, 0, 0 };
    append(&out, "", 0);
    while (*p && out.len < most) {
        const size_t n = strcspn(p, "\n");
        if (is_mail && n <= 4 && !strncmp(p, "-- ", 3) && p[3 + (p[3] == '\r')] == '\n') break;
        for (size_t i = 0; i < n && !(is_mail && *p == '>'); i++) {
            const bool space = (unsigned char)p[i] <= ' ';
            if (!space) append(&out, p + i, 1);
            else if (out.len && out.at[out.len - 1] != ' ') append(&out, " ", 1);
        }
        if (out.len && out.at[out.len - 1] != ' ') append(&out, " ", 1);
        p += n + (p[n] == '\n');
    }
    if (out.len > most) {
        out.len = most;
        while (out.len && ((unsigned char)out.at[out.len] & 0xc0) == 0x80) out.len--;
    }
    while (out.len && out.at[out.len - 1] == ' ') out.len--;
    out.at[out.len] = 0;
    g_free(valid);
    return out.at;
}

static void mail_free(mail *m) {
    free(m->id), free(m->from), free(m->to), free(m->subject), free(m->text), free(m->headers), free(m->path);
}

/* The first part that is plain text; else the first of HTML. */
static char *body_of(GMimeMessage *g, size_t most) {
    GMimePartIter *it = g_mime_part_iter_new(GMIME_OBJECT(g));
    text html = { NULL, 0, 0 };
    char *plain = NULL, *out;
    do {
        GMimeObject *o = g_mime_part_iter_get_current(it);
        if (o && GMIME_IS_TEXT_PART(o) && !plain) {
            char *s = g_mime_text_part_get_text(GMIME_TEXT_PART(o));
            if (g_mime_content_type_is_type(g_mime_object_get_content_type(o), "text", "html")) { if (!html.len &&
                s) append_html(&html, s); }
            else if (s) plain = strdup(s);
            g_free(s);
        }
    } while (g_mime_part_iter_next(it));
    g_mime_part_iter_free(it);
    out = tidy(plain ? plain : html.at, most, true);
    free(plain), free(html.at);
    return out;
}

static char *addresses(InternetAddressList *list) {
    char *s = list ? internet_address_list_to_string(list, NULL, FALSE) : NULL, *out = tidy(s, 300, false);
    g_free(s);
    return out;
}

static char *hash_of(const char *a, const char *b, const char *c) {
    char *all = join(a, "\n", b), *more = join(all, "\n", c),
        *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, more, -1);
    char *out = strdup(hash);
    free(all), free(more), g_free(hash);
    return out;
}

static void from_gmime(const triage *t, GMimeMessage *g, mail *m) {
    GMimeHeaderList *h = g_mime_object_get_header_list(GMIME_OBJECT(g));
    const char *id = g_mime_message_get_message_id(g);
    text names = { NULL, 0, 0 };
    m->from = addresses(g_mime_message_get_from(g)), m->to = addresses(g_mime_message_get_to(g));
    m->subject = tidy(g_mime_message_get_subject(g), 300, false), m->text = body_of(g, t->body);
    append_string(&names, ":");
    for (int i = 0; i < g_mime_header_list_get_count(h); i++)
        append_string(&names, g_mime_header_get_name(g_mime_header_list_get_header_at(h, i))), append_string(&names,
            ":");
    m->headers = names.at;
    m->id = id && *id ? tidy(id, 500, false) : hash_of(m->from, m->subject, m->text);
}

/* What the model is shown. False: why has been said. */
static bool judge(triage *t, const mail *m) {
    text s = { NULL, 0, 0 };
    llocal_result r;
    size_t head;
    append(&s, t->d.before.ptr, t->d.before.len), head = s.len;
    if (*m->from) append_string(&s, "From: "), append_string(&s, m->from), append_string(&s, "\n");
    if (*m->subject) append_string(&s, "Subject: "), append_string(&s, m->subject), append_string(&s, "\n");
    if (s.len > head) append_string(&s, "\n");
    append_string(&s, m->text);
    while (s.len > 64 && llocal_tokenize(t->d.m, s.at, s.len, 0, NULL, 0) > t->n_ctx / 2) {
        s.len = s.len * 3 / 4;
        while (s.len && ((unsigned char)s.at[s.len] & 0xc0) == 0x80) s.len--;
    }
    t->d.d.text.ptr = s.at, t->d.d.text.len = s.len;
    r = llocal_decide(&t->d.d, 0, NULL);
    free(s.at);
    return r == LLOCAL_OK || complain("cannot decide: ", llocal_result_name(r));
}

static void print_line(const triage *t, const mail *m, const action *const *list, int n) {
    static const char *const kinds[N_KINDS] = { "label ", "move ", "flag", "seen", "digest " };
    llocal_json_writer w;
    memset(&w, 0, sizeof w);
    w.cap = 6 * (strlen(m->id) + strlen(m->from) + strlen(m->subject) + (m->path ? strlen(m->path) : 0)) + 65536;
    w.out = (char *)resize(NULL, w.cap);
    llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("id")), llocal_json_put_string(&w, str_of(m->id));
    if (m->path) llocal_json_put_key(&w, str_of("path")), llocal_json_put_string(&w, str_of(m->path));
    if (*m->from) llocal_json_put_key(&w, str_of("from")), llocal_json_put_string(&w, str_of(m->from));
    if (*m->subject) llocal_json_put_key(&w, str_of("subject")), llocal_json_put_string(&w, str_of(m->subject));
    llocal_json_put_key(&w, str_of("answers")), put_answers(&t->d, &w);
    llocal_json_put_key(&w, str_of(t->apply && m->path ? "do" : "would")), llocal_json_put(&w, "[");
    for (int i = 0; i < n; i++) {
        char *s = join(kinds[list[i]->kind], list[i]->name, "");
        llocal_json_put_string(&w, str_of(s));
        free(s);
    }
    llocal_json_put(&w, "]"), llocal_json_put(&w, "}");
    if (w.n <= w.cap) printf("%.*s\n", (int)w.n, w.out);
    fflush(stdout);
    free(w.out);
}

/* Kept before it is told, told before anything is done, done before that is kept. */
static bool take(triage *t, mail *m) {
    const action *list[MAX_RULES * MAX_ACTIONS];
    const char *section = "";
    known k = recall(t, m->id);
    int n;
    bool act_now, show;
    if (!k.there && !judge(t, m)) return false;
    n = find_actions(t, m, list);
    for (int i = n - 1; i >= 0; i--) if (list[i]->kind == DIGEST) section = list[i]->name;
    if (!k.there) { t->n_new++; if (!remember(t, m, section)) return false; }
    act_now = t->apply && m->path && !k.done;
    show = !t->digest && (t->all || !k.shown || act_now);
    if (show) print_line(t, m, list, n);
    if (ferror(stdout)) return complain("cannot write to the output", "");
    if (act_now && !act(m, list, n)) t->bad = true, act_now = false;
    return mark(t, m, show, act_now);
}

/* ---- where mail comes from ------------------------------------------------------------------------------ */

/* Is there nothing to do about this file? Then it is not opened. */
static bool file_known(triage *t, const char *key) {
    const char *texts[2];
    sqlite3_stmt *s;
    bool yes;
    texts[0] = key, texts[1] = t->asked;
    s = prepare(t, "SELECT shown, done FROM files JOIN mails ON mails.id = files.id WHERE path = ? AND asked = ?", 2,
        texts);
    yes = s && sqlite3_step(s) == SQLITE_ROW && (t->digest || (!t->all && sqlite3_column_int(s, 0))) && (!t->apply ||
        sqlite3_column_int(s, 1));
    sqlite3_finalize(s);
    return yes;
}

static bool take_file(triage *t, const char *folder, const char *path, const char *key) {
    GMimeStream *in = g_mime_stream_file_open(path, "r", NULL);
    GMimeParser *parser = in ? g_mime_parser_new_with_stream(in) : NULL;
    GMimeMessage *g = parser ? g_mime_parser_construct_message(parser, NULL) : NULL;
    const char *texts[2];
    mail m;
    bool ok = true;
    memset(&m, 0, sizeof m);
    if (g) {
        from_gmime(t, g, &m), m.folder = folder, m.path = strdup(path);
        texts[0] = key, texts[1] = m.id;
        ok = take(t, &m) && change(t, prepare(t, "INSERT OR REPLACE INTO files VALUES(?, ?)", 2, texts));
        g_object_unref(g);
    } else if (file_exists(path)) t->bad = true, complain(in ? "no mail: " : "cannot read ", path);
        /* else it was moved away */
    if (parser) g_object_unref(parser);
    if (in) g_object_unref(in);
    mail_free(&m);
    return ok;
}

static bool take_maildir(triage *t, const char *folder) {
    static const char *const parts[] = { "/new/", "/cur/" };
    char *real = realpath(folder, NULL);
    bool ok = real != NULL || complain("cannot read ", folder);
    for (int part = 0; part < 2 && ok; part++) {
        struct dirent **list = NULL;
        char *dir = join(folder, parts[part], "");
        int n = scandir(dir, &list, NULL, alphasort);
        if (n < 0) ok = complain("no maildir, for there is no ", dir);
        for (int i = 0; i < n; i++) {
            char *path = join(dir, list[i]->d_name, ""), *key = join(real, "/", list[i]->d_name);
            key[strlen(real) + 1 + base_length(list[i]->d_name)] = 0;
            if (ok && !interrupted && list[i]->d_name[0] != '.' && !file_known(t, key)) ok = take_file(t, folder,
                path, key);
            free(path), free(key), free(list[i]);
        }
        free(list), free(dir);
    }
    free(real);
    return ok;
}

static bool take_mbox(triage *t, FILE *f, const char *name) {
    size_t len = 0;
    char *all = stream_read(f, &len);
    GMimeStream *in = all ? g_mime_stream_mem_new_with_buffer(all, len) : NULL;
    GMimeParser *parser = in ? g_mime_parser_new_with_stream(in) : NULL;
    bool ok = parser != NULL || complain("cannot read ", name);
    int n = 0;
    if (ok) g_mime_parser_set_format(parser, len >= 5 && !memcmp(all, "From ", 5) ? GMIME_FORMAT_MBOX
        : GMIME_FORMAT_MESSAGE);
    while (ok && !interrupted && (n == 0 || !g_mime_parser_eos(parser))) {
        GMimeMessage *g = len ? g_mime_parser_construct_message(parser, NULL) : NULL;
        mail m;
        if (!g) break;
        memset(&m, 0, sizeof m);
        from_gmime(t, g, &m), ok = take(t, &m), n++;
        g_object_unref(g), mail_free(&m);
    }
    if (ok && !n && len) t->bad = true, complain("no mail: ", name);
    if (parser) g_object_unref(parser);
    if (in) g_object_unref(in);
    free(all);
    return ok;
}

static char *member(const llocal_json *j, const char *key, size_t most) {
    llocal_str s = member_text(j, 0, key);
    char *out = tidy(s.ptr, most, false);
    if (s.len) free((void *)(size_t)s.ptr);
    return out;
}

static bool take_json(triage *t, FILE *f, const char *name) {
    char *line = NULL, where[300];
    size_t cap = 0;
    ssize_t n;
    bool ok = true;
    for (int number = 1; ok && !interrupted && (n = getline(&line, &cap, f)) >= 0; number++) {
        llocal_json j;
        llocal_fault fault;
        mail m;
        int nodes;
        while (n > 0 && strchr(" \t\r\n", line[n - 1])) n--;
        if (n == 0) continue;
        memset(&fault, 0, sizeof fault), memset(&m, 0, sizeof m);
        j.text = line, j.len = (size_t)n, j.nodes = t->d.nodes, j.cap = MAX_NODES;
        nodes = llocal_json_read(&j, &fault);
        if (nodes < 0 || nodes > MAX_NODES || llocal_json_find(&j, 0, "text") < 0) {
            snprintf(where, sizeof where, "%s: line %d: ", name, number);
            t->bad = true, complain(where, nodes < 0 ? fault.message : "there is no \"text\"");
            continue;
        }
        m.id = member(&j, "id", 500), m.from = member(&j, "from", 300), m.to = member(&j, "to", 300);
        m.subject = member(&j, "subject", 300), m.text = member(&j, "text", t->body);
        if (!*m.id) free(m.id), m.id = hash_of(m.from, m.subject, m.text);
        ok = take(t, &m);
        mail_free(&m);
    }
    free(line);
    return ok;
}

static bool take_input(triage *t, const char *path) {
    struct stat st;
    FILE *f = stdin;
    int c = 0;
    bool ok;
    if (path && !stat(path, &st) && S_ISDIR(st.st_mode)) return take_maildir(t, path);
    if (path && !(f = file_open(path, "rb"))) return complain("cannot read ", path);
    do c = getc(f); while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
    ungetc(c, f);
    ok = c == EOF || (c == '{' ? take_json(t, f, path ? path : "input") : take_mbox(t, f, path ? path : "input"));
    if (path) fclose(f);
    return ok;
}

/* ---- the digest ----------------------------------------------------------------------------------------- */

static int print_section(triage *t, const char *section) {
    const char *texts[2];
    sqlite3_stmt *s;
    int n = 0;
    texts[0] = t->asked, texts[1] = section;
    s = prepare(t, "SELECT sender, subject FROM mails WHERE asked = ? AND section = ? AND NOT told ORDER BY rowid",
        2, texts);
    for (; s && sqlite3_step(s) == SQLITE_ROW; n++) {
        const char *from = (const char *)sqlite3_column_text(s, 0), *subject = (const char *)sqlite3_column_text(s, 1);
        if (!n) print_plain(stdout, "%s\n", section);
        print_plain(stdout, "  %s%s%.100s\n", from ? from : "", from && *from ? ": " : "", subject ? subject : "");
    }
    sqlite3_finalize(s);
    return n;
}

/* What was not told before, by the sections of the rules. It counts as told when it was written. */
static bool write_digest(triage *t) {
    const char *asked = t->asked, *done[MAX_RULES * MAX_ACTIONS];
    sqlite3_stmt *s;
    int n_done = 0, n = 0, all = 0;
    if (sqlite3_exec(t->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return failed(t, "what is remembered: ");
    for (int i = 0; i < t->n_rules; i++) {
        for (int k = 0; k < t->rules[i].n_actions; k++) {
            const action *a = &t->rules[i].a[k];
            bool again = a->kind != DIGEST;
            for (int d = 0; d < n_done && !again; d++) again = !strcmp(done[d], a->name);
            if (!again) n += print_section(t, done[n_done++] = a->name);
        }
    }
    s = prepare(t, "SELECT count(*) FROM mails WHERE asked = ? AND NOT told", 1, &asked);
    if (s && sqlite3_step(s) == SQLITE_ROW) all = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    printf("-- %d of %d, %d judged now\n", n, all, t->n_new);
    t->n_new = 0;
    if (fflush(stdout) || ferror(stdout)) return complain("cannot write to the output", "");
    return change(t, prepare(t, "UPDATE mails SET told = 1 WHERE asked = ?", 1, &asked)) &&
           (sqlite3_exec(t->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || failed(t, "what is remembered: "));
}

/* ---- the program ---------------------------------------------------------------------------------------- */

static bool take_all(triage *t) {
    bool ok = true;
    if (!t->n_inputs) return take_input(t, NULL);
    for (int i = 0; i < t->n_inputs && ok && !interrupted; i++) ok = take_input(t, t->inputs[i]);
    return ok;
}

/* Until it is interrupted. Folders are watched before they are read: nothing comes in between. */
static bool watch(triage *t) {
    double last = now_seconds();
    struct pollfd in = { -1, POLLIN, 0 };
    bool ok = true;
#ifdef __linux__
    in.fd = inotify_init1(IN_CLOEXEC);
    for (int i = 0; i < t->n_inputs && ok; i++) {
        char *fresh = join(t->inputs[i], "/new", ""), *cur = join(t->inputs[i], "/cur", "");
        ok = (inotify_add_watch(in.fd, fresh, IN_MOVED_TO | IN_CREATE) >= 0 && inotify_add_watch(in.fd, cur,
            IN_MOVED_TO | IN_CREATE) >= 0) ||
             complain("--watch is for maildirs; cannot watch ", t->inputs[i]);
        free(fresh), free(cur);
    }
#endif
    ok = ok && take_all(t);
    while (ok && !interrupted) {
        char events[4096];
        double left = t->digest ? t->every - (now_seconds() - last) : 3600;
        int r = poll(&in, 1, in.fd < 0 ? 2000 : left > 0 ? (int)(1000 * left) : 0);
        if (r > 0 && read(in.fd, events, sizeof events) < 0 &&
            errno != EINTR) ok = complain("cannot watch any more: ", strerror(errno));
        if (r > 0 || in.fd < 0) ok = ok && take_all(t);
        if (ok && t->digest && now_seconds() - last >= t->every) ok = write_digest(t), last = now_seconds();
    }
    if (in.fd >= 0) close(in.fd);
    return ok;
}

static void print_help(void) {
    puts("usage: triage -m model.gguf -q triage.json [--apply] [--digest] [--watch] [--every N] [--all]\n"
         "           [--state FILE] [--plain] [-c N] [-t N] [MAILDIR | FILE ...]\n"
         "sorts mail (a maildir, an mbox) or JSON lines {\"text\": ...} by the questions and rules of triage.json;\n"
         "nothing is moved without --apply; the head of examples/triage.c has all of it");
}

static bool read_options(int argc, char **argv, triage *t) {
    t->state = ".triage.db", t->n_ctx = 1024, t->threads = 1, t->every = 3600;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "--help")) { print_help(); exit(0); }
        if (!strcmp(a, "--apply")) { t->apply = true; continue; }
        if (!strcmp(a, "--digest")) { t->digest = true; continue; }
        if (!strcmp(a, "--watch")) { t->watch = true; continue; }
        if (!strcmp(a, "--all")) { t->all = true; continue; }
        if (!strcmp(a, "--plain")) { t->plain = true; continue; }
        if (a[0] != '-') {
            if (t->n_inputs == MAX_INPUTS) return complain("more than 32 inputs: ", a);
            t->inputs[t->n_inputs++] = a;
            continue;
        }
        if (!v) return complain("unknown, or without a value: ", a);
        if (!strcmp(a, "-m")) t->model = v;
        else if (!strcmp(a, "-q")) t->questions = v;
        else if (!strcmp(a, "--state")) t->state = v;
        else if (!strcmp(a, "--every")) t->every = atof(v);
        else if (!strcmp(a, "-c")) t->n_ctx = atoi(v);
        else if (!strcmp(a, "-t")) t->threads = atoi(v);
        else return complain("unknown: ", a);
        i++;
    }
    if (!t->model || !t->questions) return complain("-m model.gguf and -q questions.json are wanted", "");
    if (t->n_ctx < 64 || t->every <= 0) return complain("-c is 64 at least, --every more than 0", "");
    return !t->watch || t->n_inputs || complain("--watch wants a maildir", "");
}

int main(int argc, char **argv) {
    static triage t;
    bool ok;
    t.d.program = "triage";
    if (!(argv = system_arguments(&argc, argv)) || !read_options(argc, argv, &t) || !read_config(&t)) return 1;
    g_mime_init();
    catch_interrupt(true);
    ok = decider_open(&t.d, t.model, t.n_ctx, t.threads, t.plain) && open_state(&t) && (t.watch ? watch(&t)
        : take_all(&t));
    if (ok && t.digest) ok = write_digest(&t);
    sqlite3_close(t.db);
    decider_close(&t.d);
    g_mime_shutdown();
    return ok && !t.bad ? 0 : 1;
}
