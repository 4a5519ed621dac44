/* Writes the generated regions of llocal.h.
 *
 *     gen llocal.h            replace each region by fresh text
 *     gen --check llocal.h    change nothing; show the first difference and exit 1 if there is one
 *     gen --list llocal.h     name every file that takes part, one a line
 *
 * A region lies between two comments in llocal.h, of which the first names its source:
 *
 *     [* generated from kernels_gen/formats.c: edit there, then run gen *]
 *     [* end of generated text *]
 *
 * Sources are ordinary C. Lines that begin with //@ tell this program what to do:
 *
 *     //@ include PATH              put a file here (PATH is relative to kernels_gen/)
 *     //@ formats A B C             the formats, in order: formats/A.h, formats/B.h, ...
 *     //@ each format               repeat up to the matching end for each of them
 *     //@ if WORD | else | end      keep the lines if the format's head has WORD
 *     //@ format NAME ...           the head of a format file; see read_format
 *     //@ names | undefs | calls | members      for >>dispatch; see read_kernels
 *     //@ archs                     the rows of ll_archs; see read_archs
 *
 * Inside `each`, FMT becomes the format's name in lower case (llq_FMT_dot: llq_q4_0_dot), and
 * FMT_NAME, FMT_ID, FMT_BLOCK, FMT_BYTES, FMT_OFFSET, FMT_BITS, FMT_BIAS become its name and numbers,
 * FMT_GROUP the bytes of 256 weights, FMT_FAMILY the 0/1 macro of its family, FMT_OPTION what leaves it away, FMT_HOLDS the largest one it takes, FMT_IS(WORD) true or false. */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *root = "kernels_gen";        /* folder of the sources */
static char formats[1024];                      /* their names, separated by blanks */
static bool listing;

static void fail(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fputs("gen: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

/* ---- text that grows ---------------------------------------------------------------------- */

typedef struct text { char *s; size_t n, cap; } text;

static void put(text *t, const char *s, size_t n) {
    if (t->n + n + 1 > t->cap) {
        t->cap = (t->n + n + 1) * 2;
        t->s = (char *)realloc(t->s, t->cap);
        if (!t->s) fail("out of memory");
    }
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

static char *read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    text t = { NULL, 0, 0 };
    char part[4096];
    size_t n;
    if (!f) fail("cannot read %s", path);
    while ((n = fread(part, 1, sizeof part, f)) > 0) put(&t, part, n);
    fclose(f);
    put(&t, "", 0);
    return t.s;
}

static const char *next_line(const char *s) {
    const char *end = strchr(s, '\n');
    return end ? end + 1 : s + strlen(s);
}

/* ---- a format's head ------------------------------------------------------------------------ */

/* //@ format Q4_K id 12 family K block 256 bytes 144 codes 0..15 scales 0..63 mins 0..63 is block256 min
 * Codes are what lies in the bytes; offset is subtracted from them. */
typedef struct format {
    char lower[32], name[32], family[32], words[256], holds[32];
    long id, block, bytes, offset;
    long code_lo, code_hi, scale_lo, scale_hi, min_hi;
} format;

static long abs_max(long a, long b) { return labs(a) > labs(b) ? labs(a) : labs(b); }

static bool has_word(const format *f, const char *word, int n) {
    char padded[64];
    snprintf(padded, sizeof padded, " %.*s ", n, word);
    return strstr(f->words, padded) != NULL;
}

/* The arithmetic of the templates is exact only inside these bounds; activations are -127..127,
 * their multipliers 1..7. */
static void check_bounds(const format *f) {
    long code = abs_max(f->code_lo - f->offset, f->code_hi - f->offset);
    if (f->code_lo < -128 || f->code_hi > 255 || (f->code_lo < 0 && f->code_hi > 127))
        fail("%s: codes %ld..%ld fit neither u8 nor s8", f->name, f->code_lo, f->code_hi);
    if (f->code_lo >= 0 && 2 * f->code_hi * 127 > 32767)
        fail("%s: two products of unsigned codes overflow int16 (use signed codes)", f->name);
    if (f->code_lo < -127 && has_word(f, "block256", 8))
        fail("%s: the magnitude of a signed code must be a signed byte", f->name);
    /* (A grid's kernel has the magnitudes of two signed codes in a sum of 16 bits, whatever they are.) */
    if (has_word(f, "sub16", 5) && !has_word(f, "grid", 4) && (f->code_lo < 0 || 4 * f->code_hi * 127 > 32767))
        fail("%s: the kernel of 16 columns to a scale takes unsigned codes up to 64", f->name);
    if (has_word(f, "nibbles", 7) && (f->block != 32 || f->bytes > 18))
        fail("%s: eight blocks do not fit the two windows of llq_eights", f->name);
    if (f->min_hi > 255) fail("%s: a panel has a byte for a minimum", f->name);
    if (has_word(f, "runs", 4) && 8 * f->code_hi * 127 > 32767)
        fail("%s: eight products of its codes overflow int16", f->name);
    if (has_word(f, "block256", 8)) {
        const long scale = abs_max(f->scale_lo, f->scale_hi), offset = f->code_lo < 0 ? 128 : f->offset;
        if (scale * 7 > 32767 || scale * offset > 32767)
            fail("%s: scale * k or scale * offset overflows int16", f->name);
        if (has_word(f, "folds", 5) && (f->scale_lo < 0 || offset || f->scale_hi * f->code_hi > 127))
            fail("%s: scale * code is no code", f->name);
        if ((double)scale * 7 * 127 * 256 * (double)(code + offset) > 2147483647.0)
            fail("%s: the sum of 256 products overflows int32", f->name);
        if ((double)f->min_hi * 7 * 127 * 256 > 2147483647.0)
            fail("%s: the sum of minima overflows int32", f->name);
    }
}

/* A panel holds unsigned codes: the weights plus a bias. */
static long code_bias(const format *f) { return f->code_lo < 0 ? 128 : f->offset; }
static long code_bits(const format *f) {
    long bits = 1;
    const long hi = f->code_hi * (has_word(f, "folds", 5) ? f->scale_hi : 1);
    if (f->code_lo < 0) return 8;
    while (hi >> bits) bits++;
    return bits;
}

static void read_range(char **at, long *lo, long *hi) {
    *lo = strtol(*at, at, 10);
    if (strncmp(*at, "..", 2)) fail("expected lo..hi");
    *hi = strtol(*at + 2, at, 10);
}

static void read_format(format *f, const char *name) {
    char path[1024], key[32], *file, *at;
    long lo, n = 0;
    snprintf(path, sizeof path, "%s/formats/%s.h", root, name);
    file = read_file(path);
    memset(f, 0, sizeof *f);
    snprintf(f->lower, sizeof f->lower, "%s", name);
    strcpy(f->holds, "65504"), strcpy(f->family, "LLQ_ALL");
    if (sscanf(file, "//@ format %31s%ln", f->name, &n) != 1) fail("%s has no head", path);
    file[strcspn(file, "\n")] = 0;
    for (at = file + n; sscanf(at, " %31s%ln", key, &n) == 1;) {
        at += n;
        if (!strcmp(key, "id")) f->id = strtol(at, &at, 10);
        else if (!strcmp(key, "block")) f->block = strtol(at, &at, 10);
        else if (!strcmp(key, "bytes")) f->bytes = strtol(at, &at, 10);
        else if (!strcmp(key, "offset")) f->offset = strtol(at, &at, 10);
        else if (!strcmp(key, "codes")) read_range(&at, &f->code_lo, &f->code_hi);
        else if (!strcmp(key, "scales")) read_range(&at, &f->scale_lo, &f->scale_hi);
        else if (!strcmp(key, "mins")) read_range(&at, &lo, &f->min_hi);
        else if (!strcmp(key, "family")) {
            if (sscanf(at, " %27s%ln", key, &n) != 1) fail("%s: which family?", path);
            snprintf(f->family, sizeof f->family, "LLQ_%.27s", key);
            at += n;
        } else if (!strcmp(key, "holds")) {
            if (sscanf(at, " %31s%ln", f->holds, &n) != 1) fail("%s: holds what?", path);
            at += n;
        } else if (!strcmp(key, "is")) {
            snprintf(f->words, sizeof f->words, "%s ", at);
            break;
        } else fail("%s: what is \"%s\"?", path, key);
    }
    check_bounds(f);
    free(file);
}

/* ---- expanding ------------------------------------------------------------------------------ */

static void put_number(text *out, long v) {
    char s[32];
    snprintf(s, sizeof s, "%ld", v);
    put(out, s, strlen(s));
}

/* FMT_IS(word): whether the head has it. Returns what follows. */
static const char *put_is(text *out, const char *word, const format *f) {
    int n = (int)strcspn(word, ")\n");
    const char *value = has_word(f, word, n) ? "true" : "false";
    put(out, value, strlen(value));
    return word + n + 1;
}

static void put_option(text *out, const format *f) {
    if (!strcmp(f->family, "LLQ_ALL")) put(out, "options to leave formats away", 29);
    else put(out, "LLOCAL_NO_", 10), put(out, f->family + 4, strlen(f->family + 4));
}

/* One line with FMT... replaced. */
static void put_line(text *out, const char *s, const char *end, const format *f) {
    while (s < end) {
        const char *at = f ? strstr(s, "FMT") : NULL;
        if (!at || at >= end) { put(out, s, (size_t)(end - s)); return; }
        put(out, s, (size_t)(at - s));
        s = at + 3;
        if (!strncmp(s, "_NAME", 5)) put(out, f->name, strlen(f->name)), s += 5;
        else if (!strncmp(s, "_ID", 3)) put_number(out, f->id), s += 3;
        else if (!strncmp(s, "_BLOCK", 6)) put_number(out, f->block), s += 6;
        else if (!strncmp(s, "_FAMILY", 7)) put(out, f->family, strlen(f->family)), s += 7;
        else if (!strncmp(s, "_OPTION", 7)) put_option(out, f), s += 7;
        else if (!strncmp(s, "_GROUP", 6)) put_number(out, 256 / f->block * f->bytes), s += 6;
        else if (!strncmp(s, "_BYTES", 6)) put_number(out, f->bytes), s += 6;
        else if (!strncmp(s, "_OFFSET", 7)) put_number(out, f->offset), s += 7;
        else if (!strncmp(s, "_BITS", 5)) put_number(out, code_bits(f)), s += 5;
        else if (!strncmp(s, "_BIAS", 5)) put_number(out, code_bias(f)), s += 5;
        else if (!strncmp(s, "_HOLDS", 6)) put(out, f->holds, strlen(f->holds)), s += 6;
        else if (!strncmp(s, "_IS(", 4)) s = put_is(out, s + 4, f);
        else put(out, f->lower, strlen(f->lower));
    }
}

static bool is_directive(const char *s, const char *what) {
    size_t n = strlen(what);
    if (strncmp(s, "//@ ", 4) || strncmp(s + 4, what, n)) return false;
    return s[4 + n] == 0 || isspace((unsigned char)s[4 + n]);
}

/* From the line after an if or each: its matching end, or else where `else_too`. */
static const char *find_end(const char *s, bool else_too) {
    for (int depth = 0; *s; s = next_line(s)) {
        if (is_directive(s, "if") || is_directive(s, "each")) depth++;
        else if (is_directive(s, "end") && depth-- == 0) return s;
        else if (else_too && depth == 0 && is_directive(s, "else")) return s;
    }
    fail("an if or each without its end");
    return s;
}

/* ---- names of the kernels --------------------------------------------------------------------- */

/* >>dispatch compiles a part of llocal.h, between `#ifdef LL_ONCE` and its marked end, for each
 * instruction set anew. Of what it declares outside of `#if LL_ONCE`, these are lists, one a line:
 * functions, types, tables and enumerators; macros that are defined more than once; and of the
 * first those that are used below the generated region which follows it. The members are pointers to
 * these last, as a struct declares them. */
static text kernel_names, kernel_macros, kernel_calls, kernel_members;

static bool has_line(const text *list, const char *s, size_t n) {
    for (const char *at = list->s; at && *at; at = next_line(at))
        if ((size_t)(next_line(at) - at) == n + 1 && !strncmp(at, s, n)) return true;
    return false;
}
static void add_line(text *list, const char *s, size_t n) {
    if (!has_line(list, s, n)) put(list, s, n), put(list, "\n", 1);
}

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_'; }
static size_t word_length(const char *s) {
    size_t n = 0;
    while (in_word(s[n])) n++;
    return n;
}

/* Past a comment, a literal or a single character. */
static const char *skip(const char *s) {
    if (!strncmp(s, "/*", 2)) return strstr(s + 2, "*/") + 2;
    if (!strncmp(s, "//", 2)) return next_line(s);
    if (*s == '"' || *s == '\'') {
        const char quote = *s++;
        while (*s != quote) s += *s == '\\' ? 2 : 1;
    }
    return s + 1;
}

/* Past a directive of the preprocessor; `once` counts the conditions from `#if LL_ONCE` on. */
static const char *read_directive(const char *s, int *once, text *defined) {
    char word[64] = "", name[64] = "";
    sscanf(s, "# %63[a-z] %63[A-Za-z0-9_]", word, name);
    if (!strncmp(word, "if", 2)) *once += *once || !strcmp(name, "LL_ONCE");
    else if (!strcmp(word, "endif")) *once -= *once > 0;
    else if (!strcmp(word, "define") && !*once)
        add_line(has_line(defined, name, strlen(name)) ? &kernel_macros : defined, name, strlen(name));
    while (*s && *s != '\n') s = *s == '\\' ? s + 2 : strncmp(s, "/*", 2) ? s + 1 : skip(s);
    return s;
}

/* What stands before the first ( [ = or the ; of a declaration is its name; a struct has one more
 * before its {. Enumerators are all words in braces after enum. */
static void read_declarations(const char *s, const char *end, text *defined) {
    const char *last = "";
    int once = 0, depth = 0;
    bool named = false, body = false, enumerators = false;
    while (s < end) {
        const size_t n = word_length(s), length = word_length(last);
        const bool ours = !once && !strncmp(last, "ll", 2);
        if (n) {
            if (depth == 0) last = s, enumerators |= n == 4 && !strncmp(s, "enum", 4);
            else if (enumerators && !once && !strncmp(s, "ll", 2)) add_line(&kernel_names, s, n);
            s += n;
            continue;
        }
        if (*s == '#') { s = read_directive(s, &once, defined); continue; }
        if (depth == 0 && strchr("([=;{", *s)) {
            if (ours && !named) add_line(&kernel_names, last, length);
            body = *s == '(' || (body && *s != '=');
            named = named || strchr("([=", *s);
        }
        if (strchr("({[", *s)) depth++;
        if (strchr(")}]", *s)) depth--;
        if (depth == 0 && (*s == ';' || (*s == '}' && body))) named = body = enumerators = false, last = "";
        s = skip(s);
    }
}

/* The head of function `name`, `LL_FN void name(int i) {`, as a member: `void (*name_)(int i);`. Spelled
 * out, for C has no other way to say "a pointer to such a function" on every compiler. */
static void put_member(text *out, const char *s, const char *end, const char *name, size_t n) {
    for (; s < end; s = next_line(s)) {
        const char *type = s + word_length(s) + 1, *at = type, *stop;
        if (strncmp(s, "LL_FN ", 6) && strncmp(s, "LL_INLINE ", 10) && strncmp(s, "LL_NOINLINE ", 12)) continue;
        at += strcspn(at, "(\n");
        if (*at != '(' || (size_t)(at - type) <= n || in_word(at[-(int)n - 1]) || strncmp(at - n, name, n)) continue;
        stop = strchr(at, '{');
        while (stop && isspace((unsigned char)stop[-1])) stop--;
        if (!stop) break;
        put(out, "    ", 4), put(out, type, (size_t)(at - type) - n);
        put(out, "(*", 2), put(out, name, n), put(out, "_)", 2);
        put(out, at, (size_t)(stop - at)), put(out, ";\n", 2);
        return;
    }
    fail("%.*s is called from below the kernels, but is no function", (int)n, name);
}

static void read_kernels(const char *file) {
    const char *begin = strstr(file, "\n#ifdef LL_ONCE\n"), *end = strstr(file, "\n#endif /* LL_ONCE */\n"), *s;
    text defined = { NULL, 0, 0 };
    if (!begin || !end || !(s = strstr(end, "end of generated text"))) fail("no kernels between #ifdef LL_ONCE and its end");
    read_declarations(next_line(begin + 1), end, &defined);
    for (const char *at = kernel_names.s; at && *at; at = next_line(at)) {
        const size_t n = word_length(at);
        if (has_line(&defined, at, n)) fail("%.*s is a macro too: it cannot be renamed", (int)n, at);
    }
    end = strstr(s, "generated from kernels_gen/names.c");
    if (!end) fail("no region for the names of the kernels");
    while (s < end) {
        const size_t n = word_length(s);
        if (n && has_line(&kernel_names, s, n)) add_line(&kernel_calls, s, n);
        s = n ? s + n : skip(s);
    }
    for (const char *at = kernel_calls.s; at && *at; at = next_line(at))
        put_member(&kernel_members, next_line(begin + 1), strstr(begin, "\n#endif /* LL_ONCE */\n"), at, word_length(at));
    free(defined.s);
}

/* ---- architectures ------------------------------------------------------------------------------ */

static text arch_rows;                          /* "    ROW(NAME, stream, mix, ffn, model, act, flags) \" for each */

/* Comments of rows are closed. */
static const char *skip_blanks(const char *s) {
    while (*s == ' ' || *s == '\n') s++;
    return s;
}

/* The next field of a row, up to a comma or brace of its own level, in one line. */
static const char *read_field(const char *s, text *out) {
    int depth = 0;
    out->n = 0;
    for (s = skip_blanks(s); *s && !(depth == 0 && (*s == ',' || *s == ')')); s++) {
        if (!strncmp(s, "/*", 2)) { s = strstr(s, "*/") + 1; continue; }
        depth += (*s == '{') + (*s == '(') - (*s == '}') - (*s == ')');
        if (*s == '\n' || (*s == ' ' && out->n && out->s[out->n - 1] == ' ')) continue;
        put(out, s, 1);
    }
    while (out->n && out->s[out->n - 1] == ' ') out->s[--out->n] = 0;
    return *s == ',' ? s + 1 : s;
}

/* LLOCAL_ONLY_ARCH_ has names in capitals, and _ for what is neither letter nor digit. */
static void put_arch_name(text *out, const text *name) {
    for (size_t i = 1; i + 1 < name->n; i++) {
        char c = (char)toupper((unsigned char)name->s[i]);
        if (!isalnum((unsigned char)c)) c = '_';
        put(out, &c, 1);
    }
}

/* A field of fields, as "a | b" without what is 0. */
static void put_blocks(text *out, const text *a, const text *b) {
    const bool first = a && strcmp(a->s, "0"), second = b && strcmp(b->s, "0");
    put(out, ", ", 2);
    if (first) put(out, a->s, a->n);
    if (first && second) put(out, " | ", 3);
    if (second) put(out, b->s, b->n);
    if (!first && !second) put(out, "0", 1);
}

/* Lines of at most 120 characters, joined by backslashes. */
static void put_arch_line(const text *row) {
    const size_t most = 116;
    for (size_t at = 0, n; at < row->n; at += n) {
        const size_t indent = at ? 8 : 4;
        n = row->n - at;
        if (n > most - indent) for (n = most - indent; n > 1 && row->s[at + n - 1] != ' '; n--) {}
        put(&arch_rows, "        ", indent), put(&arch_rows, row->s + at, n);
        while (arch_rows.s[arch_rows.n - 1] == ' ') arch_rows.n--;
        put(&arch_rows, " \\\n", 3);
    }
}

static void read_archs(const char *file) {
    const char *s = strstr(file, "\nstatic const ll_arch ll_archs[] = {\n"), *end = s ? strstr(s, "\n};") : NULL;
    text field[13], row = { NULL, 0, 0 }, layernorm = { NULL, 0, 0 };
    memset(field, 0, sizeof field);
    if (!end) fail("no table of architectures");
    put(&layernorm, "LL_B_LAYERNORM", 14);
    while ((s = strstr(s, "\n    LL_ARCH(")) && s < end) {
        s += 13;
        bool layer;
        for (int i = 0; i < 13; i++) s = read_field(s, &field[i]);
        layer = !strcmp(field[3].s, "LL_NORM_LAYER") || strstr(field[12].s, "LL_NORM_BY_KEY");
        row.n = 0;
        put(&row, "ROW(", 4), put_arch_name(&row, &field[1]);
        put_blocks(&row, &field[6], NULL), put_blocks(&row, &field[7], &field[8]);
        put_blocks(&row, &field[9], &field[10]), put_blocks(&row, &field[11], layer ? &layernorm : NULL);
        put_blocks(&row, &field[5], NULL), put_blocks(&row, &field[12], NULL);
        put(&row, ")", 1), put_arch_line(&row);
    }
    if (arch_rows.n < 3) fail("the table of architectures is empty");
    arch_rows.n -= 3, put(&arch_rows, "\n", 1);
    for (int i = 0; i < 13; i++) free(field[i].s);
    free(row.s), free(layernorm.s);
}

/* Each line of a list between two texts. */
static void put_list(text *out, const text *list, const char *before, const char *between, const char *after) {
    for (const char *at = list->s; at && *at; at = next_line(at)) {
        const size_t n = word_length(at);
        put(out, before, strlen(before)), put(out, at, n);
        if (*between) put(out, between, strlen(between)), put(out, at, n);
        put(out, after, strlen(after));
    }
}

/* ---- expanding files -------------------------------------------------------------------------- */

static void expand(text *out, const char *s, const char *end, const format *f);

static text listed;                             /* each file once */

static void expand_file(text *out, const char *name, const format *f) {
    char path[1024], *s;
    snprintf(path, sizeof path, "%s/%s", root, name);
    if (listing && !strstr(listed.s ? listed.s : "", path)) {
        put(&listed, path, strlen(path));
        put(&listed, "\n", 1);
        puts(path);
    }
    s = read_file(path);
    expand(out, s, s + strlen(s), f);
    free(s);
}

static void expand_each(text *out, const char *body, const char *end) {
    char name[32];
    int n;
    for (const char *at = formats; sscanf(at, "%31s%n", name, &n) == 1; at += n) {
        format f;
        read_format(&f, name);
        expand(out, body, end, &f);
    }
}

static void expand(text *out, const char *s, const char *end, const format *f) {
    while (s < end) {
        const char *next = next_line(s);
        char word[256] = "";
        if (is_directive(s, "include")) {
            text name = { NULL, 0, 0 };
            sscanf(s, "//@ include %255s", word);
            put_line(&name, word, word + strlen(word), f);
            expand_file(out, name.s, f);
            free(name.s);
        } else if (is_directive(s, "each")) {
            const char *stop = find_end(next, false);
            expand_each(out, next, stop);
            next = next_line(stop);
        } else if (is_directive(s, "formats")) {
            snprintf(formats, sizeof formats, "%.*s", (int)(next - s - 12), s + 12);
        } else if (is_directive(s, "if")) {
            const char *stop = find_end(next, true), *last = find_end(next, false);
            if (!f || sscanf(s, "//@ if %255s", word) != 1) fail("if outside of each");
            if (has_word(f, word, (int)strlen(word))) expand(out, next, stop, f);
            else if (stop != last) expand(out, next_line(stop), last, f);
            next = next_line(last);
        } else if (is_directive(s, "format")) {         /* the head: already read */
        } else if (is_directive(s, "names")) {
            put_list(out, &kernel_names, "#define ", " LL_AT(", ")\n");
        } else if (is_directive(s, "undefs")) {
            put_list(out, &kernel_macros, "#undef ", "", "\n");
        } else if (is_directive(s, "calls")) {
            put(out, "#define LL_ISA_CALLS", 20);
            put_list(out, &kernel_calls, " \\\n    ", "", ",");
            put(out, "\n", 1);
        } else if (is_directive(s, "archs")) {
            put(out, arch_rows.s ? arch_rows.s : "", arch_rows.n);
        } else if (is_directive(s, "members")) {
            put(out, kernel_members.s ? kernel_members.s : "", kernel_members.n);
        } else if (!strncmp(s, "//@", 3)) {
            fail("unknown directive: %.*s", (int)(next - s - 1), s);
        } else put_line(out, s, next, f);
        s = next;
    }
}

/* ---- splicing ------------------------------------------------------------------------------- */

static const char begin_mark[] = "/* generated from kernels_gen/";
static const char end_mark[] = "/* end of generated text */";

static void splice(text *out, const char *s) {
    for (const char *next; *s; s = next) {
        char name[256];
        next = next_line(s);
        put(out, s, (size_t)(next - s));
        if (strncmp(s, begin_mark, sizeof begin_mark - 1)) continue;
        if (sscanf(s + sizeof begin_mark - 1, "%255[^: ]", name) != 1) fail("a nameless region");
        expand_file(out, name, NULL);
        next = strstr(next, end_mark);
        if (!next) fail("the region of %s has no end", name);
    }
}

static int show_difference(const char *a, const char *b) {
    for (int line = 1; *a || *b; line++) {
        const char *na = next_line(a), *nb = next_line(b);
        if (na - a != nb - b || strncmp(a, b, (size_t)(na - a))) {
            printf("line %d differs; the file and the generator say:\n", line);
            printf("- %.*s+ %.*s", (int)(na - a), a, (int)(nb - b), b);
            puts("run kernels_gen/gen to bring it up to date");
            return 1;
        }
        a = na, b = nb;
    }
    return 0;
}

int main(int argc, char **argv) {
    bool check = argc == 3 && !strcmp(argv[1], "--check");
    const char *path = argv[argc - 1], *slash = strrchr(path, '/');
    char folder[512];
    char *old;
    text fresh = { NULL, 0, 0 };
    listing = argc == 3 && !strcmp(argv[1], "--list");
    if (argc != 2 && !check && !listing) fail("usage: gen [--check | --list] llocal.h");
    snprintf(folder, sizeof folder, "%.*skernels_gen", slash ? (int)(slash + 1 - path) : 0, path);
    root = folder;
    old = read_file(path);
    splice(&fresh, old);
    read_kernels(fresh.s), read_archs(fresh.s);
    fresh.n = 0;
    splice(&fresh, old);
    if (listing) return 0;
    if (check) return show_difference(old, fresh.s);
    if (strcmp(old, fresh.s)) {
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(fresh.s, 1, fresh.n, f) != fresh.n || fclose(f))
            fail("cannot write %s", path);
    }
    return 0;
}
