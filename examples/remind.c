/* A sentence becomes a calendar entry: remind -m model.gguf [--tz Europe/Berlin] "Call Mum next Friday at 5pm" >
 * entry.ics
 *
 * Package (Debian): libical-dev; time zones come from the system (tzdata). Plain code finds in the sentence whatever
 * can be a day, a time, a length or a repetition; the model says which of these are meant, or none (it can say
 * nothing else: the schema's words are what was found), and picks a short title. What it is read as is told in a line
 * on stderr.
 *
 * Days: today, tonight, tomorrow, the day after tomorrow, (this) Friday: the first that comes; next Friday: that of
 * next week (weeks begin on Monday); next week, next month; in 3 days, weeks, months; 3 May, May 3rd, 3rd of May
 * 2027, 2027-05-03, 3.5.2027: without a year the next that comes. Times: 5pm, 5:30 pm, 17:30, at 5 (from 1 to 6 in
 * the afternoon), 5 o'clock, half past five, quarter to six, noon, midnight, morning (9), afternoon (15), evening
 * (19), tonight (20). Both: in 2 hours, in 20 minutes. Length: for 2 hours, for 30 minutes. Repetition: every day,
 * weekday, week, month, year, Monday, Monday and Thursday; every other, every 2; daily, weekly, monthly, yearly;
 * Mondays; until a day.
 *
 * The title is words of the sentence, too. A day without a time is an entry of the whole day; a time without a day is
 * the next that comes; the only day that was found is taken before it asks. Without both it asks back, if it runs in
 * a terminal; else the question goes to stderr, with status 3. A time that a clock skips (the night when summer time
 * begins) is an hour later.
 *
 * Without a sentence, one is read from the input. --now 2026-11-30T10:00: as if it were then, in that zone. --tz
 * NAME: else TZ, else /etc/localtime, else UTC. --alarm MINUTES: an alarm so long before. -t N: threads (1). Status
 * 1: something failed, and a line on stderr says what. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"
#include "system.h"
#include "messages.h"
#include "answer.h"
#include <libical/ical.h>

enum { MAX_WORDS = 200, MAX_FOUND = 12, WORD = 48, MAX_SENTENCE = 1000, MAX_TITLES = 500, TITLE_WORDS = 8 };
enum { DAY, TIME, LENGTH, REPEAT, N_FIELDS };

typedef struct found {
    char words[3 * WORD];               /* as the model sees it */
    struct icaltimetype when;           /* of a day; with a time if it has one */
    int minutes;                        /* of a time: of the day; of a length: all */
    char rule[120];
} found;

typedef struct reminder {
    const char *model, *zone_name, *now_text;
    int threads, alarm;
    char sentence[MAX_SENTENCE];
    icaltimezone *zone;
    struct icaltimetype now, until;
    char raw[MAX_WORDS][WORD], word[MAX_WORDS][WORD];   /* as they stand; small letters, without marks around */
    bool used[MAX_WORDS];               /* by what was found */
    int n_words, n[N_FIELDS], part;     /* part: minutes of a part of the day, or -1 */
    char part_words[WORD];
    found list[N_FIELDS][MAX_FOUND];
    int chosen[N_FIELDS];               /* -1: none */
    char title[200];
} reminder;

static bool complain(const char *what, const char *detail) {
    print_plain(stderr, "remind: error: %s%s\n", what, detail);
    return false;
}

/* ---- words ---------------------------------------------------------------------------------------------- */

static bool is_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80; }

static void cut_words(reminder *r) {
    const char *p = r->sentence;
    for (r->n_words = 0; *p && r->n_words < MAX_WORDS - 8; ) {
        char *w = r->word[r->n_words];
        size_t n = 0, from = 0;
        while (*p && (unsigned char)*p <= ' ') p++;
        while (p[n] && (unsigned char)p[n] > ' ') n++;
        if (!n) break;
        snprintf(r->raw[r->n_words], WORD, "%.*s", n < WORD ? (int)n : WORD - 1, p), p += n;
        memcpy(w, r->raw[r->n_words], WORD);
        for (char *c = w; *c; c++) if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
        while (w[from] && !is_letter((unsigned char)w[from])) from++;
        memmove(w, w + from, strlen(w + from) + 1), n = strlen(w);
        while (n && !is_letter((unsigned char)w[n - 1])) w[--n] = 0;
        if (n > 2 && (!strcmp(w + n - 3, "a.m") || !strcmp(w + n - 3, "p.m"))) w[n - 2] = 'm', w[n - 1] = 0;
        r->n_words++;
    }
    for (int i = r->n_words; i < r->n_words + 8; i++) r->word[i][0] = r->raw[i][0] = 0;
}

static bool is(const reminder *r, int i, const char *w) { return !strcmp(r->word[i], w); }

/* Is it one of a list of words, separated by spaces? Its number, from 1; 0: no. Plural: an s behind it is let pass. */
static int one_of(const char *w, const char *list, bool plural) {
    int n = 1;
    for (const char *p = list; *p; n++) {
        const size_t len = strcspn(p, " ");
        if (!strncmp(w, p, len) && len && (!w[len] || (plural && w[len] == 's' && !w[len + 1]))) return n;
        p += len + (p[len] == ' ');
    }
    return 0;
}

/* "3", "3rd", "three", "a": -1: no number. */
static int number(const char *w) {
    char *end;
    long v = strtol(w, &end, 10);
    int n;
    if (end != w && v >= 0 && v < 10000 && (!*end || one_of(end, "st nd rd th", false))) return (int)v;
    if (!strcmp(w, "a") || !strcmp(w, "an")) return 1;
    n = one_of(w, "one two three four five six seven eight nine ten eleven twelve", false);
    return n ? n : -1;
}

static int weekday(const char *w, bool plural) {        /* 1: Sunday, as libical has it */
    int n = one_of(w, "sunday monday tuesday wednesday thursday friday saturday", plural);
    return n ? n : one_of(w, "sun mon tue wed thu fri sat", false);
}

static int month(const char *w) {
    int n = one_of(w, "january february march april may june july august september october november december", false);
    return n ? n : one_of(w, "jan feb mar apr may jun jul aug sep oct nov dec", false);
}

/* What was found is named by its words in the sentence, or by what it means. */
static found *add(reminder *r, int field, int from, int n, const char *name) {
    found *f = &r->list[field][r->n[field]];
    memset(f, 0, sizeof *f);
    if (name) snprintf(f->words, sizeof f->words, "%s", name);
    for (int i = 0; i < n && !name; i++)
        snprintf(f->words + strlen(f->words), sizeof f->words - strlen(f->words), "%s%s", i ? " " : "",
            r->word[from + i]);
    for (int i = 0; i < r->n[field]; i++) if (!strcmp(r->list[field][i].words, f->words)) return &r->list[field][i];
    if (r->n[field] < MAX_FOUND - 1) r->n[field]++;
    return f;
}

/* ---- days ----------------------------------------------------------------------------------------------- */

static struct icaltimetype day_of(struct icaltimetype t, int days) {
    t.is_date = 1, t.hour = t.minute = t.second = 0;
    icaltime_adjust(&t, days, 0, 0, 0);
    return t;
}

static struct icaltimetype months_later(struct icaltimetype t, int months) {
    int m = t.year * 12 + t.month - 1 + months, most;
    t = day_of(t, 0), t.year = m / 12, t.month = m % 12 + 1, most = icaltime_days_in_month(t.month, t.year);
    if (t.day > most) t.day = most;
    return t;
}

/* False: there is no such day. Year 0: the next that comes. */
static bool set_day(const reminder *r, int y, int m, int d, struct icaltimetype *out) {
    struct icaltimetype t = day_of(r->now, 0);
    const bool any = y == 0;
    if (m < 1 || m > 12 || d < 1 || d > 31 || (!any && (y < 1970 || y > 2200))) return false;
    t.month = m, t.day = d, t.year = any ? r->now.year : y;
    for (int i = 0; i < 9 && any && (d > icaltime_days_in_month(m, t.year) || icaltime_compare(t, day_of(r->now,
        0)) < 0); i++) t.year++;
    *out = t;
    return d <= icaltime_days_in_month(m, t.year);
}

static int year_at(const reminder *r, int i) {
    int y = strlen(r->word[i]) == 4 ? number(r->word[i]) : -1;
    return y >= 1970 && y <= 2200 ? y : 0;
}

/* In figures: 2027-05-03, 2027-05-03t17:30, 3.5.2027, 3.5. */
static bool figures_at(const reminder *r, int i, struct icaltimetype *out) {
    int y = 0, m, d, h, min, n = 0;
    if (sscanf(r->word[i], "%4d-%2d-%2dt%2d:%2d%n", &y, &m, &d, &h, &min, &n) == 5 && n && h < 24 && min < 60 &&
        h >= 0 && min >= 0) {
        if (!set_day(r, y, m, d, out)) return false;
        out->is_date = 0, out->hour = h, out->minute = min;
        return true;
    }
    if (sscanf(r->word[i], "%4d-%2d-%2d%n", &y, &m, &d, &n) == 3 && !r->word[i][n]) return set_day(r, y, m, d, out);
    if (sscanf(r->word[i], "%2d.%2d.%4d%n", &d, &m, &y, &n) == 3 && !r->word[i][n]) return set_day(r, y, m, d, out);
    n = 0;
    if (sscanf(r->raw[i], "%2d.%2d.%n", &d, &m, &n) == 2 && n && (!r->raw[i][n] ||
        r->raw[i][n] == ',')) return set_day(r, 0, m, d, out);
    return false;
}

/* The day that is said from word i on; so many words, 0: none. */
static int day_at(const reminder *r, int i, struct icaltimetype *out) {
    const bool next = is(r, i, "next"), this_one = is(r, i, "this") || is(r, i, "coming");
    const int k = i + (next || this_one), day = weekday(r->word[k], false), today = icaltime_day_of_week(r->now);
    int n, m, used;
    if (is(r, i, "today") || is(r, i, "tonight")) { *out = day_of(r->now, 0); return 1; }
    if (is(r, i, "tomorrow")) { *out = day_of(r->now, 1); return 1; }
    if (is(r, i, "day") && is(r, i + 1, "after") && is(r, i + 2, "tomorrow")) { *out = day_of(r->now, 2); return 3; }
    if (day) {          /* of next week: from its Monday on */
        *out = day_of(r->now, next ? 7 - (today + 5) % 7 + (day + 5) % 7 : (day - today + 6) % 7 + 1);
        return k - i + 1;
    }
    if (next && is(r, k, "week")) { *out = day_of(r->now, 7); return 2; }
    if (next && is(r, k, "month")) { *out = months_later(r->now, 1); return 2; }
    if (is(r, i, "in") && (n = number(r->word[i + 1])) > 0) {
        static const int days[] = { 0, 1, 7 };
        const int unit = one_of(r->word[i + 2], "day week month year", true);
        if (unit) *out = unit <= 2 ? day_of(r->now, n * days[unit]) : months_later(r->now, n * (unit == 3 ? 1 : 12));
        if (unit) return 3;
    }
    if (figures_at(r, i, out)) return 1;
    n = number(r->word[i]), used = 1 + is(r, i + 1, "of");
    if (n > 0 && (m = month(r->word[i + used])) > 0) {
        const int y = year_at(r, i + used + 1);
        return set_day(r, y, m, n, out) ? used + 1 + (y > 0) : 0;
    }
    if ((m = month(r->word[i])) > 0 && (r->word[i + 1][0] >= '0' && r->word[i + 1][0] <= '9') &&
        (n = number(r->word[i + 1])) > 0 && n < 32) {
        const int y = year_at(r, i + 2);
        return set_day(r, y, m, n, out) ? 2 + (y > 0) : 0;
    }
    return 0;
}

/* ---- times, lengths, repetitions ------------------------------------------------------------------------ */

static int part_of_day(const char *w) {
    static const int at[] = { -1, 9, 15, 19, 20, 12, 0 };
    int n = one_of(w, "morning afternoon evening tonight noon midnight", false);
    return n ? 60 * at[n] : -1;
}

/* Without am and pm: by the part of the day that is said, else from 1 to 6 in the afternoon. */
static int guess_hour(const reminder *r, int h) {
    if (h < 1 || h > 11) return h;
    return r->part >= 0 ? h + (r->part >= 12 * 60 ? 12 : 0) : h <= 6 ? h + 12 : h;
}

/* Minutes of the day; *n: so many words, 0: none. */
static int time_at(const reminder *r, int i, int *n) {
    const bool at = is(r, i, "at");
    const int k = i + at;
    const char *w = r->word[k];
    int h = -1, min = 0, len = 0, half;
    *n = 0;
    if (!at && (is(r, i, "half") || is(r, i, "quarter")) && (is(r, i + 1, "past") || is(r, i + 1, "to")) &&
        (h = number(r->word[i + 2])) > 0 && h <= 12) {
        min = is(r, i, "half") ? 30 : 15, *n = 3, h = 60 * guess_hour(r, h);
        return (is(r, i + 1, "past") ? h + min : h - min) % 1440;
    }
    if (is(r, k, "noon") || is(r, k, "midnight")) { *n = 1 + at; return part_of_day(w); }
    if (sscanf(w, "%2d:%2d%n", &h, &min, &len) != 2 || !len) {
        min = 0, len = 0;
        if (at && sscanf(w, "%2d.%2d%n", &h, &min, &len) == 2 && len && !w[len]) { *n = 2; return h < 24 && min < 60
            ? 60 * h + min : (*n = 0); }
        if (sscanf(w, "%2d%n", &h, &len) != 1) h = at ? number(w) : -1, len = (int)strlen(w);
    }
    if (h < 0 || h > 24 || min < 0 || min > 59) return 0;
    half = one_of(w + len, "am pm", false);
    if (!half && w[len]) return 0;
    *n = 1 + at;
    if (!half && (half = one_of(r->word[k + 1], "am pm", false)) != 0) ++*n;
    if (half) {
        if (h < 1 || h > 12) return *n = 0;
        return 60 * (h % 12 + (half == 2 ? 12 : 0)) + min;
    }
    if (strchr(w, ':')) return (60 * (h == 24 ? 0 : h) + min) % 1440;
    if (is(r, k + 1, "o'clock")) { ++*n; return 60 * guess_hour(r, h) % 1440; }
    if (!at || month(r->word[k + 1]) || is(r, k + 1, "of")) return *n = 0;
    return 60 * guess_hour(r, h) % 1440;
}

/* "2 hours", "half an hour": minutes. */
static int length_at(const reminder *r, int i, int *n) {
    static const int minutes[] = { 0, 1, 1, 60, 1440 };
    const int v = number(r->word[i]), unit = one_of(r->word[i + 1], "minute min hour day", true);
    *n = 0;
    if (is(r, i, "half") && is(r, i + 1, "an") && is(r, i + 2, "hour")) { *n = 3; return 30; }
    if (v < 1 || !unit) return 0;
    *n = 2;
    return v * minutes[unit];
}

static int repeat_at(const reminder *r, int i, char *rule, size_t size) {
    static const char *const freq[] = { "", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "WEEKLY", "DAILY" };
    static const char *const day_names[] = { "", "SU", "MO", "TU", "WE", "TH", "FR", "SA" };
    const bool every = is(r, i, "every") || is(r, i, "each");
    int k = i + 1, interval = 1, unit, days = 0;
    if (!every && (unit = one_of(r->word[i], "daily weekly monthly yearly hourly", false)) != 0) { snprintf(rule,
        size, "FREQ=%s", freq[unit]); return 1; }
    if (!every && weekday(r->word[i], true) && r->word[i][strlen(r->word[i]) - 1] == 's') k = i;
    else if (!every) return 0;
    if (every && is(r, k, "other")) interval = 2, k++;
    else if (every && number(r->word[k]) > 1) interval = number(r->word[k]), k++;
    unit = every ? one_of(r->word[k], "day week month year hour weekday", true) : 0;
    if (every && !unit && part_of_day(r->word[k]) >= 0) unit = 7;
    if (unit) {
        snprintf(rule, size, "FREQ=%s%s", freq[unit], unit == 6 ? ";BYDAY=MO,TU,WE,TH,FR" : "");
        k++;
    } else {
        snprintf(rule, size, "FREQ=WEEKLY;BYDAY=");
        for (int day; (day = weekday(r->word[k], true)) != 0; k += 1 + (is(r, k + 1, "and") &&
            weekday(r->word[k + 2], true)))
            snprintf(rule + strlen(rule), size - strlen(rule), "%s%s", days++ ? "," : "", day_names[day]);
        if (!days) return 0;
    }
    if (interval > 1) snprintf(rule + strlen(rule), size - strlen(rule), ";INTERVAL=%d", interval);
    return k - i;
}

static void find_all(reminder *r) {
    struct icaltimetype day;
    char rule[120], clock[8];
    memset(r->n, 0, sizeof r->n), memset(r->used, 0, sizeof r->used), r->part = -1, r->until = icaltime_null_time();
    for (int i = 0; i < r->n_words; i++)
        if (part_of_day(r->word[i]) >= 0 && !is(r, i, "noon") && !is(r, i,
            "midnight")) r->part = part_of_day(r->word[i]);
    for (int i = 0, n; i < r->n_words; i += n) {
        int minutes;
        if ((n = repeat_at(r, i, rule, sizeof rule)) > 0) {
            snprintf(add(r, REPEAT, i, n, NULL)->rule, sizeof rule, "%s", rule);
        } else if ((is(r, i, "until") || is(r, i, "till")) && (n = day_at(r, i + 1, &day)) > 0) {
            r->until = day, n++;
        } else if (is(r, i, "for") && (minutes = length_at(r, i + 1, &n)) > 0) {
            add(r, LENGTH, i + 1, n, NULL)->minutes = minutes, n++;
        } else if (is(r, i, "in") && (minutes = length_at(r, i + 1, &n)) > 0 && minutes < 1440 && !is(r, i + 2,
            "day")) {
            day = r->now, day.second = 0, icaltime_adjust(&day, 0, 0, minutes, 0), n++;
            add(r, DAY, i, n, NULL)->when = day;
        } else if ((n = day_at(r, i, &day)) > 0) {
            const int bare = n == 2 && weekday(r->word[i + 1], false) != 0;     /* "friday", whichever it is */
            found *f = add(r, DAY, i + bare, n - bare, NULL);
            if (icaltime_is_null_time(f->when)) f->when = day;
            else if (icaltime_compare(f->when, day)) add(r, DAY, i, n, NULL)->when = day;
        } else if (minutes = time_at(r, i, &n), n > 0) {
            snprintf(clock, sizeof clock, "%02d:%02d", minutes / 60 % 24, minutes % 60);
            add(r, TIME, i, n, clock)->minutes = minutes;
        } else { n = 1; continue; }
        for (int k = 0; k < n; k++) r->used[i + k] = true;
        for (int k = i - 1; k >= 0 && one_of(r->word[k], "on by the at from", false); k--) r->used[k] = true;
    }
    if (!r->n[TIME] && r->part >= 0) {
        snprintf(clock, sizeof clock, "%02d:%02d", r->part / 60 % 24, r->part % 60);
        add(r, TIME, 0, 0, clock)->minutes = r->part;
    }
}

/* ---- the model says which ------------------------------------------------------------------------------- */

static const char *const fields[N_FIELDS] = { "day", "time", "length", "repeat" };

static void put_enum(llocal_json_writer *w, const reminder *r, int field) {
    llocal_json_put_key(w, str_of(fields[field])), llocal_json_put(w, "{");
    llocal_json_put_key(w, str_of("enum")), llocal_json_put(w, "[");
    for (int i = 0; i < r->n[field]; i++) llocal_json_put_string(w, str_of(r->list[field][i].words));
    llocal_json_put_string(w, str_of("none"));
    llocal_json_put(w, "]"), llocal_json_put(w, "}");
}

/* Words of asking begin no title, and words that want another end none. */
static bool is_title(const reminder *r, int from, int to) {
    if (one_of(r->word[from], "me to that and or please can could would i you it", false)) return false;
    if (is(r, from, "remind") && is(r, from + 1, "me")) return false;
    return !one_of(r->word[to], "the a an and or to of my your with for at on in by from is about that", false);
}

/* Titles are words of the sentence in a row: nothing is invented. What was found is in none. */
static void put_titles(llocal_json_writer *w, const reminder *r) {
    static char title[MAX_TITLES][TITLE_WORDS * WORD];
    int n = 0;
    for (int i = 0; i < r->n_words; i++) {
        char all[TITLE_WORDS * WORD] = "";
        for (int k = i; k < r->n_words && k < i + TITLE_WORDS && !r->used[k] && n < MAX_TITLES; k++) {
            const char *raw = r->raw[k];
            size_t len;
            bool again = false;
            snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", k > i ? " " : "", raw);
            snprintf(title[n], sizeof title[n], "%s", all), len = strlen(all);
            while (len && strchr(".,;:!?", title[n][len - 1])) title[n][--len] = 0;
            for (int d = 0; d < n && !again; d++) again = !strcmp(title[d], title[n]);
            if (len && !again && is_title(r, i, k)) llocal_json_put_string(w, str_of(title[n++]));
            if (strchr(".!?;:", raw[strlen(raw) - 1])) break;
        }
    }
    if (!n) llocal_json_put_string(w, str_of("Reminder"));
}

static size_t write_schema(const reminder *r, char *out, size_t size) {
    llocal_json_writer w;
    memset(&w, 0, sizeof w);
    w.out = out, w.cap = size;
    llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("type")), llocal_json_put_string(&w, str_of("object"));
    llocal_json_put_key(&w, str_of("properties")), llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("what")), llocal_json_put(&w, "{");
    llocal_json_put_key(&w, str_of("enum")), llocal_json_put(&w, "["), put_titles(&w, r), llocal_json_put(&w, "]");
    llocal_json_put(&w, "}");
    for (int i = 0; i < N_FIELDS; i++) if (r->n[i]) put_enum(&w, r, i);
    llocal_json_put(&w, "}");
    llocal_json_put_key(&w, str_of("required")), llocal_json_put(&w, "["), llocal_json_put_string(&w, str_of("what"));
    for (int i = 0; i < N_FIELDS; i++) if (r->n[i]) llocal_json_put_string(&w, str_of(fields[i]));
    llocal_json_put(&w, "]");
    llocal_json_put_key(&w, str_of("additionalProperties")), llocal_json_put(&w, "false");
    llocal_json_put(&w, "}");
    return w.n <= w.cap ? w.n : 0;
}

/* Tokens to be freed: a conversation where the model has one, else the form that the default model was taught. */
static llocal_token *write_prompt(const reminder *r, const llocal_model *m, const llocal_chat *chat, int *n) {
    llocal_chat_prompt p;
    llocal_message said[2];
    llocal_fault fault;
    llocal_token *ids;
    text s = { NULL, 0, 0 };
    memset(&p, 0, sizeof p), memset(said, 0, sizeof said), memset(&fault, 0, sizeof fault);
    if (chat) {
        said[0].role = "system";
        said[0].text = str_of("You fill in a calendar. From the text, write JSON: \"what\", the errand in a few words, "
                              "without day and time; and which of the words that were found in it say when it is, "
                              "or \"none\".");
        said[1].role = "user", said[1].text = str_of(r->sentence);
        p.messages = said, p.n_messages = 2;
        if (prompt_render(chat, &p, &fault)) { complain("the model's template: ", fault.message); return NULL; }
        *n = p.n_tokens;
        return p.tokens;
    }
    append_string(&s, "Task: remind\nText: "), append_string(&s, r->sentence), append_string(&s, "\nJSON:");
    *n = (int)s.len + 8, ids = (llocal_token *)resize(NULL, sizeof *ids * (size_t)*n);
    *n = llocal_tokenize(m, s.at, s.len, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, *n);
    free(s.at);
    return ids;
}

static bool read_choices(reminder *r, const char *json) {
    llocal_json j;
    llocal_fault fault;
    llocal_str s;
    memset(&j, 0, sizeof j), memset(&fault, 0, sizeof fault);
    j.text = json, j.len = strlen(json);
    if (!json_nodes(&j, &fault)) return complain("the model's JSON is not whole: ", json);
    s = json_member(&j, 0, "what");
    snprintf(r->title, sizeof r->title, "%s", s.ptr), free((void *)(size_t)s.ptr);
    if (r->title[0] >= 'a' && r->title[0] <= 'z') r->title[0] = (char)(r->title[0] - 32);
    if (!*r->title) snprintf(r->title, sizeof r->title, "%.150s", r->sentence);
    for (int k = 0; k < N_FIELDS; k++) {
        r->chosen[k] = -1;
        s = json_member(&j, 0, fields[k]);
        for (int i = 0; i < r->n[k]; i++) if (!strcmp(s.ptr, r->list[k][i].words)) r->chosen[k] = i;
        free((void *)(size_t)s.ptr);
    }
    free(j.nodes);
    if (r->chosen[DAY] < 0 && r->chosen[TIME] < 0 && r->chosen[REPEAT] < 0 && r->n[DAY] == 1) r->chosen[DAY] = 0;
    return true;
}

static bool choose(reminder *r, const llocal_model *m, llocal_context *c, const llocal_chat *chat) {
    static char schema[1 << 18], said[2048];
    llocal_rule_desc rd;
    llocal_fault fault;
    llocal_reply reply, *all = &reply;
    llocal_token *ids;
    bool ok;
    memset(&rd, 0, sizeof rd), memset(&fault, 0, sizeof fault), memset(&reply, 0, sizeof reply);
    rd.kind = LLOCAL_RULE_SCHEMA, rd.text.ptr = schema, rd.text.len = write_schema(r, schema, sizeof schema);
    fault.logger.write = log_plain;
    ids = write_prompt(r, m, chat, &reply.n_prompt);
    if (!ids) return false;
    reply.context = c, reply.prompt = ids, reply.max_tokens = 300, reply.text = said, reply.text_size = sizeof said;
    ok = !llocal_rule_open(m, &rd, &fault, &reply.rule) && !llocal_reply_begin(&reply) && !llocal_reply_step(&all, 1,
        0, NULL);
    llocal_rule_close(reply.rule);
    free(ids);
    return ok && read_choices(r, said);
}

/* ---- the entry ------------------------------------------------------------------------------------------ */

/* What a clock skips is as much later as it skips. */
static struct icaltimetype existing(const reminder *r, struct icaltimetype t) {
    const struct icaltimetype utc = icaltime_convert_to_zone(t, icaltimezone_get_utc_timezone());
    struct icaltimetype back = icaltime_convert_to_zone(utc, r->zone), plain = t;
    back.zone = plain.zone = NULL;
    icaltime_adjust(&t, 0, 0, 0, (int)(icaltime_as_timet(plain) - icaltime_as_timet(back)));
    return t;
}

/* When it is first; false: it is not said. */
static bool first_time(const reminder *r, struct icaltimetype *out) {
    const found *day = r->chosen[DAY] < 0 ? NULL : &r->list[DAY][r->chosen[DAY]];
    const found *at = r->chosen[TIME] < 0 ? NULL : &r->list[TIME][r->chosen[TIME]];
    struct icaltimetype t = day ? day->when : day_of(r->now, 0);
    if (!day && !at && r->chosen[REPEAT] < 0) return false;
    if (at && t.is_date) t.is_date = 0, t.hour = at->minutes / 60 % 24, t.minute = at->minutes % 60;
    if (t.is_date && r->chosen[REPEAT] >= 0 && strstr(r->list[REPEAT][r->chosen[REPEAT]].rule, "HOURLY"))
        t.is_date = 0, t.hour = day ? 0 : r->now.hour, t.minute = day ? 0 : r->now.minute;
    t.zone = t.is_date ? NULL : r->zone;
    if (r->chosen[REPEAT] >= 0) {
        struct icalrecurrencetype rule = icalrecurrencetype_from_string(r->list[REPEAT][r->chosen[REPEAT]].rule);
        icalrecur_iterator *it = icalrecur_iterator_new(rule, t);
        const struct icaltimetype from = t.is_date ? day_of(r->now, 0) : r->now;
        struct icaltimetype next = it ? icalrecur_iterator_next(it) : t;
        for (int i = 0; i < 1000 && it && !icaltime_is_null_time(next) && icaltime_compare(next, from) < 0;
            i++) next = icalrecur_iterator_next(it);
        if (it) icalrecur_iterator_free(it);
        if (!icaltime_is_null_time(next)) t = next;
    } else if (!day && icaltime_compare(t, r->now) <= 0) icaltime_adjust(&t, 1, 0, 0, 0);
    t.zone = t.is_date ? NULL : r->zone;
    if (!t.is_date) t = existing(r, t);
    *out = t;
    return true;
}

static uint64_t hash_of(const char *s, uint64_t h) {
    while (*s) h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h;
}

static void add_time(const reminder *r, icalcomponent *event, struct icaltimetype t) {
    icalproperty *p = icalproperty_new_dtstart(t);
    if (!t.is_date && r->zone != icaltimezone_get_utc_timezone()) icalproperty_add_parameter(p,
        icalparameter_new_tzid(r->zone_name));
    icalcomponent_add_property(event, p);
}

static void add_rule(const reminder *r, icalcomponent *event, struct icaltimetype first) {
    struct icalrecurrencetype rule = icalrecurrencetype_from_string(r->list[REPEAT][r->chosen[REPEAT]].rule);
    if (!icaltime_is_null_time(r->until)) {
        rule.until = r->until;
        if (!first.is_date) {           /* to the end of that day, in UTC as it has to be */
            rule.until.is_date = 0, rule.until.hour = 23, rule.until.minute = 59, rule.until.second = 59,
                rule.until.zone = r->zone;
            rule.until = icaltime_convert_to_zone(rule.until, icaltimezone_get_utc_timezone());
        }
    }
    icalcomponent_add_property(event, icalproperty_new_rrule(rule));
}

static bool write_entry(const reminder *r, struct icaltimetype first) {
    icalcomponent *all = icalcomponent_new(ICAL_VCALENDAR_COMPONENT),
        *event = icalcomponent_new(ICAL_VEVENT_COMPONENT), *alarm, *zone;
    char uid[64], *s;
    bool ok;
    icalcomponent_add_property(all, icalproperty_new_version("2.0")), icalcomponent_add_property(all,
        icalproperty_new_prodid("-//llocal//remind//EN"));
    if (!first.is_date && r->zone != icaltimezone_get_utc_timezone() &&
        (zone = icaltimezone_get_component(r->zone)) != NULL) {
        icalproperty *id;
        zone = icalcomponent_new_clone(zone), id = icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);
        if (id) icalproperty_set_tzid(id, r->zone_name);
        icalcomponent_add_component(all, zone);
    }
    snprintf(uid, sizeof uid, "%016llx@remind", (unsigned long long)hash_of(icaltime_as_ical_string(r->now),
        hash_of(r->sentence, 1469598103934665603u)));
    icalcomponent_add_property(event, icalproperty_new_uid(uid));
    icalcomponent_add_property(event, icalproperty_new_dtstamp(icaltime_convert_to_zone(r->now,
        icaltimezone_get_utc_timezone())));
    icalcomponent_add_property(event, icalproperty_new_summary(r->title));
    icalcomponent_add_property(event, icalproperty_new_description(r->sentence));
    add_time(r, event, first);
    if (r->chosen[LENGTH] >= 0) {
        int minutes = r->list[LENGTH][r->chosen[LENGTH]].minutes;
        if (first.is_date && minutes % 1440) minutes = 1440;    /* whole days only */
        icalcomponent_add_property(event, icalproperty_new_duration(icaldurationtype_from_int(60 * minutes)));
    }
    if (r->chosen[REPEAT] >= 0) add_rule(r, event, first);
    if (r->alarm >= 0) {
        alarm = icalcomponent_new(ICAL_VALARM_COMPONENT);
        icalcomponent_add_property(alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
        icalcomponent_add_property(alarm, icalproperty_new_description(r->title));
        icalcomponent_add_property(alarm, icalproperty_new_trigger(icaltriggertype_from_int(-60 * r->alarm)));
        icalcomponent_add_component(event, alarm);
    }
    icalcomponent_add_component(all, event);
    s = icalcomponent_as_ical_string_r(all);
    ok = s && fputs(s, stdout) >= 0 && !fflush(stdout);
    icalmemory_free_buffer(s), icalcomponent_free(all);
    return ok || complain("cannot write the entry", "");
}

/* How it was understood, and what was found and not meant. */
static void tell(const reminder *r, struct icaltimetype t) {
    static const char *const days[] = { "", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
        "Saturday" };
    char clock[64] = "";
    text s = { NULL, 0, 0 };
    if (!t.is_date) snprintf(clock, sizeof clock, " %02d:%02d", t.hour, t.minute);
    append_string(&s, r->title);
    for (int k = LENGTH; k < N_FIELDS; k++) {
        if (r->chosen[k] < 0) continue;
        append_string(&s, k == LENGTH ? ", for " : ", "), append_string(&s, r->list[k][r->chosen[k]].words);
    }
    for (int k = 0, n = 0; k < N_FIELDS; k++) {
        for (int i = 0; i < r->n[k]; i++) {
            if (r->chosen[k] == i) continue;
            append_string(&s, n++ ? ", " : "; not taken: "), append_string(&s, r->list[k][i].words);
        }
    }
    if (icaltime_compare(t, t.is_date ? day_of(r->now, 0) : r->now) < 0) append_string(&s, "; that is past");
    print_plain(stderr, "%s %04d-%02d-%02d%s (%s): %s\n", days[icaltime_day_of_week(t)], t.year, t.month, t.day,
        clock, r->zone_name, s.at);
    free(s.at);
}

/* ---- the program ---------------------------------------------------------------------------------------- */

/* The zone's name: --tz, TZ, where /etc/localtime leads to, UTC. */
static bool open_zone(reminder *r) {
    static char path[1024];
    const char *zone = getenv("TZ"), *found_at;
    ssize_t n;
    if (!r->zone_name && zone && *zone) r->zone_name = zone + (*zone == ':');
    if (!r->zone_name && (n = readlink("/etc/localtime", path, sizeof path - 1)) > 0) {
        path[n] = 0, found_at = strstr(path, "zoneinfo/");
        if (found_at) r->zone_name = found_at + strlen("zoneinfo/");
    }
    if (!r->zone_name || !strcmp(r->zone_name, "Etc/UTC")) r->zone_name = "UTC";
    r->zone = !strcmp(r->zone_name, "UTC") ? icaltimezone_get_utc_timezone()
        : icaltimezone_get_builtin_timezone(r->zone_name);
    if (!r->zone) return complain("there is no time zone ", r->zone_name);
    r->now = icaltime_current_time_with_zone(r->zone), r->now.zone = r->zone;
    if (!r->now_text) return true;
    memset(&r->now, 0, sizeof r->now);
    if (sscanf(r->now_text, "%4d-%2d-%2dT%2d:%2d", &r->now.year, &r->now.month, &r->now.day, &r->now.hour,
        &r->now.minute) != 5 ||
        r->now.month < 1 || r->now.month > 12 || r->now.day < 1 || r->now.day > icaltime_days_in_month(r->now.month,
            r->now.year) ||
        r->now.hour > 23 || r->now.minute > 59)
        return complain("--now is as 2026-11-30T10:00, not ", r->now_text);
    r->now.zone = r->zone;
    return true;
}

static void print_help(void) {
    puts("usage: remind -m model.gguf [--tz ZONE] [--now 2026-11-30T10:00] [--alarm MINUTES] [-t N] [SENTENCE]\n"
         "writes the sentence as an iCalendar entry; status 3: it does not say when; the head of examples/remind.c\n"
         "has all of it");
}

static bool read_options(int argc, char **argv, reminder *r) {
    text s = { NULL, 0, 0 };
    size_t len = 0;
    char *in;
    r->threads = 1, r->alarm = -1;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "--help")) { print_help(); exit(0); }
        if (a[0] != '-') { append_string(&s, s.len ? " " : ""), append_string(&s, a); continue; }
        if (!v) return complain("unknown, or without a value: ", a);
        if (!strcmp(a, "-m")) r->model = v;
        else if (!strcmp(a, "--tz")) r->zone_name = v;
        else if (!strcmp(a, "--now")) r->now_text = v;
        else if (!strcmp(a, "--alarm")) r->alarm = atoi(v);
        else if (!strcmp(a, "-t")) r->threads = atoi(v);
        else return complain("unknown: ", a);
        i++;
    }
    if (!r->model) return complain("-m model.gguf is missing", "");
    if (!s.len && (in = stream_read(stdin, &len)) != NULL) append(&s, in, len), free(in);
    while (s.len && (unsigned char)s.at[s.len - 1] <= ' ') s.len--;
    if (!s.len) return complain("a sentence is wanted", "");
    if (s.len >= MAX_SENTENCE || memchr(s.at, 0, s.len)) return complain("one sentence, of less than 1000 bytes", "");
    memcpy(r->sentence, s.at, s.len), free(s.at);
    for (size_t i = 0; i < s.len; i++) if ((unsigned char)r->sentence[i] < ' ') r->sentence[i] = ' ';
    return true;
}

/* 0, or 3: the day is missing and there is nobody to ask. */
static int make_entry(reminder *r, const llocal_model *m, llocal_context *c, const llocal_chat *chat) {
    struct icaltimetype first;
    for (;;) {
        char line[200];
        size_t n = strlen(r->sentence);
        cut_words(r), find_all(r);
        if (!choose(r, m, c, chat)) return 1;
        if (first_time(r, &first)) break;
        print_plain(stderr, "remind: when is it: %s? (tomorrow at 5pm, 3 May, every Monday)\n", r->title);
        if (!is_terminal(stdin) || !is_terminal(stderr)) return 3;
        if (!fgets(line, sizeof line, stdin) || n + strlen(line) + 2 > MAX_SENTENCE) return 3;
        line[strcspn(line, "\n")] = 0;
        snprintf(r->sentence + n, sizeof r->sentence - n, " %s", line);
    }
    tell(r, first);
    return write_entry(r, first) ? 0 : 1;
}

int main(int argc, char **argv) {
    static reminder r;
    llocal_source src;
    llocal_context_desc d;
    llocal_pool_desc pd;
    llocal_model *m = NULL;
    llocal_context *c = NULL;
    llocal_chat *chat = NULL;
    llocal_pool *pool = NULL;
    int status = 1;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d), memset(&pd, 0, sizeof pd);
    if (!(argv = system_arguments(&argc, argv)) || !read_options(argc, argv, &r) || !open_zone(&r)) return 1;
    src.path = r.model, src.logger.write = log_plain, pd.n_threads = r.threads;
    if (llocal_model_open(&src, &m)) return 1;
    if (r.threads > 1 && !llocal_pool_open(&pd, &pool)) d.workers = llocal_pool_workers(pool);
    d.n_ctx = 2048, d.logger.write = log_plain;
    if (d.n_ctx > llocal_model_hparams(m)->n_ctx_train) d.n_ctx = llocal_model_hparams(m)->n_ctx_train;
    if (llocal_gguf_meta_find(llocal_model_gguf(m), "tokenizer.chat_template") >= 0 && llocal_chat_open(m, NULL,
        NULL, &chat)) chat = NULL;
    if (!llocal_context_open(m, &d, &c)) status = make_entry(&r, m, c, chat);
    llocal_chat_close(chat), llocal_context_close(c), llocal_model_close(m), llocal_pool_close(pool);
    icaltimezone_free_builtin_timezones();
    return status;
}
