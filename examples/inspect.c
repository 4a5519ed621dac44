/* What is in a GGUF file, and what running it would take.
 *
 *     inspect [-c N] [-ctk TYPE] [-ctv TYPE] model.gguf
 *
 * Prints the metadata (long texts and arrays cut short), every tensor, the totals of each weight
 * format, and the memory that a model and a context of N positions would need. A split model is
 * given by its first part. Status 1: the file cannot be read. */
#define LLOCAL_IMPLEMENTATION
#include "../llocal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system.h"

#define MAX_TEXT  64                    /* characters of a string */
#define MAX_ITEMS 4                     /* elements of an array */

/* ---- metadata ---------------------------------------------------------------------------- */

static const char *type_name(llocal_meta_type t) {
    static const char *const names[] = { "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool",
                                         "string", "array", "u64", "i64", "f64" };
    return (unsigned)t < sizeof names / sizeof *names ? names[t] : "?";
}

/* In quotes, on one line, and never half a UTF-8 character. */
static void print_string(llocal_str s) {
    size_t n = s.len < MAX_TEXT ? s.len : MAX_TEXT;
    while (n < s.len && n > 0 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80) n--;
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        char c = s.ptr[i];
        if (c == '\n') fputs("\\n", stdout);
        else if (c == '\t') fputs("\\t", stdout);
        else if (c == '"' || c == '\\') printf("\\%c", c);
        else {
            size_t len = plain_length(s.ptr + i, n - i);
            put_plain(stdout, s.ptr + i, len ? len : 1, "");
            i += len ? len - 1 : 0;
        }
    }
    putchar('"');
    if (n < s.len) printf("... (%zu bytes)", s.len);
}

static void print_scalar(const llocal_meta *m) {
    switch (m->type) {
    case LLOCAL_META_STRING: print_string(m->as.s); break;
    case LLOCAL_META_BOOL: fputs(m->as.b ? "true" : "false", stdout); break;
    case LLOCAL_META_F32: case LLOCAL_META_F64: printf("%g", m->as.f); break;
    case LLOCAL_META_U8: case LLOCAL_META_U16: case LLOCAL_META_U32: case LLOCAL_META_U64:
        printf("%llu", (unsigned long long)m->as.u);
        break;
    default: printf("%lld", (long long)m->as.i); break;
    }
}

static void print_meta(const llocal_meta *m) {
    print_plain(stdout, "  %-44.*s ", shown(m->key), m->key.ptr);
    if (m->type == LLOCAL_META_ARRAY) {
        llocal_meta item;
        uint64_t at = 0;
        int n = 0;
        printf("%s[%llu] ", type_name(m->elem_type), (unsigned long long)m->count);
        while (n < MAX_ITEMS && llocal_meta_item(m, &at, &item)) {
            if (n++) fputs(", ", stdout);
            print_scalar(&item);
        }
        if ((uint64_t)n < m->count) fputs(", ...", stdout);
    } else {
        printf("%s ", type_name(m->type));
        print_scalar(m);
    }
    putchar('\n');
}

/* ---- tensors ----------------------------------------------------------------------------- */

static const char *format_name(llocal_format f) {
    const char *name = llocal_format_traits(f).name;
    return name ? name : "(unknown)";
}

static void print_tensor(const llocal_tensor *t) {
    char shape[96] = "1";               /* of a number, which has no dimensions */
    int n = 0;
    for (int i = 0; i < t->n_dims; i++)
        n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%lld", i ? " x " : "",
                      (long long)t->dim[i]);
    print_plain(stdout, "  %-40.*s %-8s %-24s %14llu", shown(t->name), t->name.ptr, format_name(t->format),
                shape, (unsigned long long)t->bytes);
    if (t->file) printf("  in part %d", t->file + 1);
    putchar('\n');
}

static int64_t count_weights(const llocal_tensor *t) {
    return t->dim[0] * t->dim[1] * t->dim[2] * t->dim[3];
}

static void print_totals(const llocal_gguf *g) {
    int n = llocal_gguf_tensor_count(g);
    double all_bytes = 0, all_weights = 0;
    printf("\nformats:\n");
    for (int i = 0; i < n; i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        double bytes = 0, weights = 0;
        int count = 0;
        bool first = true;
        for (int j = 0; j < n; j++) {
            llocal_tensor u = llocal_gguf_tensor(g, j);
            if (u.format != t.format) continue;
            if (j < i) { first = false; break; }
            bytes += (double)u.bytes, weights += (double)count_weights(&u), count++;
        }
        if (!first) continue;
        printf("  %-8s %5d tensors %14.0f weights %14.0f bytes  %.2f bits each%s\n",
               format_name(t.format), count, weights, bytes, weights > 0 ? bytes * 8 / weights : 0,
               llocal_format_traits(t.format).can_run ? "" : "  (this build cannot run it)");
        all_bytes += bytes, all_weights += weights;
    }
    printf("  %-8s %5d tensors %14.0f weights %14.0f bytes  %.2f bits each\n", "all", n, all_weights,
           all_bytes, all_weights > 0 ? all_bytes * 8 / all_weights : 0);
}

/* ---- memory ------------------------------------------------------------------------------ */

static void print_bytes(const char *what, uint64_t bytes) {
    printf("  %-38s %14llu  %10.2f MiB\n", what, (unsigned long long)bytes, (double)bytes / 1048576);
}

/* Bytes of layers that guess tokens ahead, which are not run: they stand behind the others. */
static uint64_t bytes_ahead(const llocal_model *m) {
    const llocal_gguf *g = llocal_model_gguf(m);
    uint64_t bytes = 0;
    for (int i = 0; i < llocal_gguf_tensor_count(g) && llocal_model_hparams(m)->n_ahead; i++) {
        const llocal_tensor t = llocal_gguf_tensor(g, i);
        char name[32];
        int layer;
        snprintf(name, sizeof name, "%.*s", (int)t.name.len, t.name.ptr);
        if (sscanf(name, "blk.%d.", &layer) == 1 && layer >= llocal_model_hparams(m)->n_layer) bytes += t.bytes;
    }
    return bytes;
}

/* Nothing is allocated for the context; the model is opened because its shape is needed. */
static void print_plan(const llocal_source *src, llocal_context_desc *d) {
    llocal_plan weights, context;
    llocal_model *m = NULL;
    llocal_result r = llocal_model_plan(src, &weights);
    if (!r) r = llocal_model_open(src, &m);
    if (!r && d->n_ctx == 0) d->n_ctx = llocal_model_hparams(m)->n_ctx_train;
    if (!r) r = llocal_context_plan(m, d, &context);
    if (r) {
        printf("\ncannot be run: %s\n", llocal_result_name(r));
    } else {
        printf("\nmemory with a context of %d:\n", d->n_ctx);
        print_bytes("weights used where they lie", weights.weights_in_place);
        if (llocal_model_hparams(m)->n_ahead) print_bytes("  of that to guess ahead, not used", bytes_ahead(m));
        print_bytes("model", weights.bytes);
        print_bytes("  of that copied weights", weights.weights_copied);
        print_bytes("context", context.bytes);
        print_bytes("  of that keys and values", context.cache);
        print_bytes("  of that recurrent state", context.state);
        print_bytes("  of that working memory", context.scratch);
        print_bytes("  of that logits", context.logits);
    }
    llocal_model_close(m);
}

/* ---- the program ------------------------------------------------------------------------- */

static int usage(void) {
    fprintf(stderr, "usage: inspect [-c N] [-ctk f32|f16|q8_0] [-ctv f32|f16|q8_0] model.gguf\n");
    return 2;
}

static llocal_kv kv_named(const char *text) {
    return !strcmp(text, "f32") ? LLOCAL_KV_F32 : !strcmp(text, "f16") ? LLOCAL_KV_F16
         : !strcmp(text, "q8_0") ? LLOCAL_KV_Q8 : LLOCAL_KV_DEFAULT;
}

int main(int argc, char **argv) {
    llocal_source src;
    llocal_context_desc d;
    llocal_gguf *g = NULL;
    memset(&src, 0, sizeof src), memset(&d, 0, sizeof d);
    argv = system_arguments(&argc, argv);
    if (!argv) return 1;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (argv[i][0] != '-') { if (src.path) return usage(); src.path = argv[i]; continue; }
        if (!strcmp(argv[i], "-c") && atoi(value) > 0) d.n_ctx = atoi(value);
        else if (!strcmp(argv[i], "-ctk") && kv_named(value)) d.k = kv_named(value);
        else if (!strcmp(argv[i], "-ctv") && kv_named(value)) d.v = kv_named(value);
        else return usage();
        i++;
    }
    if (!src.path) return usage();
    src.logger.write = log_plain;
    if (llocal_gguf_open(&src, &g)) return 1;

    printf("metadata:\n");
    for (int i = 0; i < llocal_gguf_meta_count(g); i++) {
        llocal_meta m = llocal_gguf_meta(g, i);
        print_meta(&m);
    }
    printf("\ntensors:\n");
    for (int i = 0; i < llocal_gguf_tensor_count(g); i++) {
        llocal_tensor t = llocal_gguf_tensor(g, i);
        print_tensor(&t);
    }
    print_totals(g);
    llocal_gguf_close(g);
    fflush(stdout);
    print_plan(&src, &d);
    return 0;
}
