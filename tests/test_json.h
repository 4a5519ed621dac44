/* >>json: what is JSON and what is not, nodes, strings, numbers, pointers, faults, the writer. */
#ifndef TEST_JSON_H
#define TEST_JSON_H

static llocal_json_node test_json_nodes[400];
static llocal_fault test_json_fault;
static int test_json_read(llocal_json *j, const char *text, size_t len) {
    memset(j, 0, sizeof *j), memset(&test_json_fault, 0, sizeof test_json_fault);
    j->text = text, j->len = len, j->nodes = test_json_nodes, j->cap = LL_COUNT(test_json_nodes);
    return llocal_json_read(j, &test_json_fault);
}

static void test_json_grammar(void) {
    static const char *const good[] = {
        "1", "-0", "0.5", "-1.25e+10", "1E400", "123456789012345678901234567890", "\"\"", "\"a\\u0000b\"", "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\xf0\x9f\x98\x80\x7f\"", "\"\\ud800\"", "true", "false", "null", "[]", "{}", " [ ] ", "[[],[{}]]",
        "\t\r\n{ \"a\" : [ 1 , 2 ] , \"a\" : null }\n", "{\"\":0}", "[1,\"2\",{\"3\":[4]}]",
    };
    static const char *const bad[] = {
        "", " ", "[", "]", "{", "}", "[1", "[1,", "[,1]", "[1,]", "[1 2]", "[1,,2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{,}", "{1:2}",
        "{\"a\" 1}", "{a:1}", "{'a':1}", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1_000", "Infinity", "NaN", "-Infinity", "nul",
        "True", "truefalse", "1 2", "[] []", "\"", "\"a", "\"\\", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\x01\"", "'a'",
        "\"\x80\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe4\xb8\"", "\xef\xbb\xbf{}", "[1]x", "/*c*/1", "1//c",
        "\302\2401", "{\"a\":1 \"b\":2}", "[1:2]", "[\"a\":1]", "{]", "[}", "-x", "2.e3", "1ea", "\f1",
    };
    llocal_json j;
    char deep[400];
    TEST("json grammar");
    for (int i = 0; i < LL_COUNT(good); i++) CHECK(test_json_read(&j, good[i], strlen(good[i])) > 0);
    for (int i = 0; i < LL_COUNT(bad); i++) {
        CHECK_EQ(test_json_read(&j, bad[i], strlen(bad[i])), -LLOCAL_ERR_FORMAT);
        CHECK(strncmp(test_json_fault.message, "line 1, column ", 15) == 0);
    }
    CHECK_EQ(test_json_read(&j, "\0", 1), -LLOCAL_ERR_FORMAT);
    CHECK_EQ(test_json_read(&j, "[1\0]", 4), -LLOCAL_ERR_FORMAT);
    memset(deep, '[', LLOCAL_JSON_DEPTH), memset(deep + LLOCAL_JSON_DEPTH, ']', LLOCAL_JSON_DEPTH);
    CHECK_EQ(test_json_read(&j, deep, 2 * LLOCAL_JSON_DEPTH), LLOCAL_JSON_DEPTH);
    memset(deep, '[', LLOCAL_JSON_DEPTH + 1);
    CHECK_EQ(test_json_read(&j, deep, LLOCAL_JSON_DEPTH + 1), -LLOCAL_ERR_FORMAT);
    for (size_t n = 0; n < 49; n++)             /* a text cut short anywhere is none */
        CHECK(test_json_read(&j, "{\"a\":[1.5e3,\"x\\u00e9\\ud83d\\ude00\",{\"b\":null}],\"c\":-0}", n) < 0);
}

static void test_json_find(void) {
    static const char text[] = "{\"a\":[10,{\"b/~\":\"x\\u00e9y\"},[]],\"k\\u0061\":2.5,\"a\":-7,\"\":true}";
    llocal_json j;
    char out[40];
    double f;
    int n, b;
    TEST("json find");
    CHECK_EQ(test_json_read(&j, text, strlen(text)), 14);
    CHECK_EQ(test_json_nodes[0].count, 4), CHECK_EQ(test_json_nodes[0].next, 14), CHECK_EQ(test_json_nodes[0].parent, -1);
    n = llocal_json_find(&j, 0, "ka");
    CHECK(n > 0 && llocal_json_number(&j, n, &f) && f == 2.5);
    n = llocal_json_find(&j, 0, "a");           /* the last of two */
    CHECK(llocal_json_number(&j, n, &f) && f == -7);
    CHECK_EQ(llocal_json_find(&j, 0, "b"), -1), CHECK(llocal_json_find(&j, 0, "") > 0), CHECK_EQ(llocal_json_find(&j, 2, "a"), -1);
    n = llocal_json_item(&j, 0, 0);
    CHECK_EQ(n, 2), CHECK_EQ(test_json_nodes[n].type, LLOCAL_JSON_ARRAY), CHECK_EQ(llocal_json_item(&j, n, 3), -1);
    b = llocal_json_find(&j, llocal_json_item(&j, n, 1), "b/~");
    CHECK_EQ(llocal_json_text(&j, b, out, sizeof out), 4), CHECK(memcmp(out, "x\xc3\xa9y", 4) == 0);
    CHECK_EQ(llocal_json_text(&j, b, NULL, 0), 4);
    n = ll_json_pointer(&j, b, out, sizeof out);
    CHECK(n == 10 && memcmp(out, "/a/1/b~1~0", 10) == 0);
    CHECK_EQ(ll_json_pointer(&j, 0, out, sizeof out), 0);
    j.cap = 3;
    CHECK_EQ(llocal_json_read(&j, NULL), 14);
    CHECK_EQ(llocal_json_text(&j, 3, out, 4), -LLOCAL_ERR_ARGUMENT), CHECK_EQ(llocal_json_read(NULL, NULL), -LLOCAL_ERR_ARGUMENT);
}

static void test_json_faults(void) {
    static const char text[] = "{\n \"a\": [1, {\"b~\": x}]}";
    llocal_json j;
    TEST("json faults");
    CHECK_EQ(test_json_read(&j, text, strlen(text)), -LLOCAL_ERR_FORMAT);
    CHECK_EQ(test_json_fault.offset, 19), CHECK_EQ(test_json_fault.line, 2), CHECK_EQ(test_json_fault.column, 18);
    CHECK(strcmp(test_json_fault.pointer, "/a/1/b~0") == 0);
    CHECK(strcmp(test_json_fault.message, "line 2, column 18, in /a/1/b~0: a value is expected here") == 0);
}

/* Doubles both ways: the shortest digits that read back, and what lies between two doubles. */
static void test_json_numbers(void) {
    static const struct { const char *in, *out; } cases[] = {
        { "0", "0.0" }, { "-0.0", "-0.0" }, { "1", "1.0" }, { "0.1", "0.1" }, { "1e22", "1e+22" }, { "1e23", "1e+23" }, { "7.00001", "7.00001" },
        { "123456789012345680", "1.2345678901234568e+17" }, { "9007199254740993", "9007199254740992.0" }, { "5e-324", "5e-324" }, { "2.5e-324", "5e-324" },
        { "2.4e-324", "0.0" }, { "1.7976931348623157e308", "1.7976931348623157e+308" }, { "1.7976931348623159e308", "inf" }, { "0.0001", "0.0001" },
        { "0.00001", "1e-05" }, { "1e16", "1e+16" }, { "9999999999999998", "9999999999999998.0" }, { "2.2250738585072011e-308", "2.225073858507201e-308" },
        { "0.30000000000000004", "0.30000000000000004" }, { "179769313486231580793e289", "inf" }, { "1e-400", "0.0" }, { "1e99999999999", "inf" },
        { "8.41e21", "8.41e+21" }, { "9.5367431640625e-07", "9.5367431640625e-07" }, { "4.35", "4.35" }, { "0.000123456789012345678", "0.00012345678901234567" },
    };
    int bad = 0;
    TEST("json numbers");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        ll_decimal x;
        char out[40];
        int n;
        CHECK(ll_decimal_read(&x, cases[i].in, strlen(cases[i].in)));
        n = ll_f64_write(ll_decimal_double(&x), out);
        CHECK((size_t)n == strlen(cases[i].out) && memcmp(out, cases[i].out, (size_t)n) == 0);
    }
    for (int i = 0; i < 3000; i++) {            /* any bits, and numbers of some digits */
        double v = i % 2 ? ll_bits_f64(t_random()) : (double)(int64_t)(t_random() >> (t_random() & 63)) / 1000.0;
        ll_decimal x;
        char out[40], seventeen[40];
        int n;
        if (!ll_f64_finite(v)) continue;
        n = ll_f64_write(v, out);
        bad += n > 32 || !ll_decimal_read(&x, out, (size_t)n) || ll_f64_bits(ll_decimal_double(&x)) != ll_f64_bits(v);
        snprintf(seventeen, sizeof seventeen, "%.17g", v);
        bad += strtod(seventeen, NULL) != v || !ll_decimal_read(&x, seventeen, strlen(seventeen)) || ll_decimal_double(&x) != v;
        out[n] = 0;
        bad += strtod(out, NULL) != v;
    }
    CHECK_EQ(bad, 0);
}

static void test_json_writer(void) {
    llocal_json_writer w;
    llocal_json j;
    char out[200];
    static const char want[] = "{\"a\":[1,-2.5,\"q\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\",true,null,[],{}],\"b\":9.5}";
    TEST("json writer");
    for (size_t cap = 0; cap < sizeof out; cap += cap ? 60 : 7) {
        memset(&w, 0, sizeof w), memset(out, '#', sizeof out);
        w.out = out, w.cap = cap;
        llocal_json_put(&w, "{"), llocal_json_put_key(&w, ll_str("a")), llocal_json_put(&w, "[");
        llocal_json_put_number(&w, 1), llocal_json_put_number(&w, -2.5), llocal_json_put_string(&w, ll_str("q\"\\\n\x01\xc3\xa9\xff"));
        llocal_json_put(&w, "true"), llocal_json_put_number(&w, (double)INFINITY);
        llocal_json_put(&w, "["), llocal_json_put(&w, "]"), llocal_json_put(&w, "{}"), llocal_json_put(&w, "]");
        llocal_json_put_key(&w, ll_str("b")), llocal_json_put_number(&w, 9.5), llocal_json_put(&w, "}");
        CHECK_EQ(w.n, strlen(want)), CHECK(memcmp(out, want, LL_MIN(cap, w.n)) == 0), CHECK(out[LL_MIN(cap, w.n)] == '#');
    }
    CHECK(test_json_read(&j, want, strlen(want)) > 0);
}

static void test_json(void) {
    test_json_grammar();
    test_json_find();
    test_json_faults();
    test_json_numbers();
    test_json_writer();
}
#endif
