/* >>rule: what the tests of another engine's grammars mean, said anew; ranges of numbers against counting; formats and
 * anchors; hostile texts, which cost little whatever they say; a reply that keeps to a rule, bit for bit. */
#ifndef TEST_PROOF_H
#define TEST_PROOF_H
#include <time.h>

static const struct { const char *grammar, *accept, *refuse; } test_proof_grammars[] = {
    { "root ::= sum\nsum ::= item (\"+\" item)*\nitem ::= digits\ndigits ::= [0-9]+", "7\n10+20+30\n0+0", "+\n1+\n1++2\n1-2\n1 + 2" },
    { "root ::= e\ne ::= t s ((\"+\" | \"-\") s t)*\nt ::= f s ((\"*\" | \"/\") s f)*\nf ::= [0-9]+ | v | \"(\" e \")\" | call\n"
      "v ::= [a-z] [a-z0-9]*\ncall ::= v s \"(\" (e (\",\" s e)*)? \")\"\ns ::= [ \\t]?",
      "1\nx\nx + y1\nf()\nf(a, b + 1)\n(a + b) * (c - d)\nmax(min(a, 1), f(g()))\n1*2/3-4+5*6", "*\na +\nf(,)\nf(a b)\n(a\na)\na * / b\n(a + b) * (c\nf(g(x)" },
    { "root ::= .. \"mid\" ..", "xymidzw\nmimidmi\n\303\244\342\202\254mid\360\237\230\200!", "xmidzw\nxymidz\nxymidzwv\n\303\244mid\303\244" },
    { "root ::= \"a\"*", "\naaaa", "b\naab" }, { "root ::= \"a\"+", "a\naaaa", "b\nab" }, { "root ::= \"a\"?", "a", "aa\nb" },
    { "root ::= c+ v* c? (v c)*\nv ::= [aeiouy]\nc ::= [b-df-hj-np-tv-xz]", "no\nfly\nbanan\nbool", "anna\nbassoons\nu" },
    { "root ::= [01]{4}", "0110\n1111", "011\n01101\n0120" }, { "root ::= [01]{2,}", "01\n010101010", "0\n012" }, { "root ::= [01]{0,3}", "0\n011", "0110" },
    { "root ::= (\"#\" [0-9A-F]{2} \" \"?){2,4}", "#00 #FF\n#00#11#22#33 ", "#00\n#0 #1\n#00 #11 #22 #33 #44" },
    { "root ::= ( [x]* )*", "x\nxxx", "y\nxy" }, { "root ::= ((([x]*)*)*)* \"y\"", "y\nxxxy", "x\nyy" },
    { "root ::= \"a\"{3,5000}", "aaa\naaaaaaaaaa", "aa\naab" }, { "root ::= \"a\"{0,5000} \"b\"", "b\naab", "a" },
    { "root ::= \"ab\"+ | [^\\n]\"!\"", "abab\na!\n\303\244!", "aab\n!\nab!" },
    { "root ::= empty \"a\"\nempty ::= \"x\" | ", "a\nxa", "x\nxxa" },
    { "root ::= \"1\"# a comment ) \" ]\n\"2\" # and so on\n | \"3\"", "12\n3", "1\n23" },
    { "root-1 ::= \"x\"\nroot ::= root-1 Root_2\nRoot_2 ::= \"\\x79\" \"\\u007A\"", "xyz", "xy" },
    { "root ::= [\\]\\-\\\\^a] [-a] [a-]", "]--\n^aa\n\\a-", "b--\n]b-" }
};
static const char *const test_proof_wrong_grammars[] = {
    "rot ::= \"a\"", "root ::= thing\nthin ::= \"a\"", "root ::= \"a\"{,}", "root ::= \"a\"{,10}", "root ::= \"a\"{x}", "root ::= \"a\" | root \"a\"",
    "root ::= q\nq ::= \"a\" | q \"a\"", "root ::= q\nq ::= \"a\" | p \"b\"\np ::= \"c\" | q \"d\"", "root ::= q\nq ::= \"a\" | p \"b\"\np ::= \"c\" | none q \"d\"\nnone ::= \"x\" | ",
    "root ::= (root)?", "root ::= \"\"* root", "root ::= [a-z]* root | \"b\"", "root ::= !<[11]>", "root ::= \"a\\", "root ::= \"\\u00\"", "root ::= \"\\uD800\"", "root ::= (", "root ::= ()(", "::= \"a\""
};

static const struct { const char *schema, *accept, *refuse; } test_proof_schemas[] = {
    { "{'type':'integer','minimum':0}", "0\n10\n10000\n100000000000000000000000000000000", "-1\n-10\n00\n01\n1.0" },
    { "{'type':'integer','minimum':456}", "456\n4560\n457\n500", "455\n50\n050\n-456\n-500" },
    { "{'type':'integer','maximum':-9999}", "-9999\n-10000\n-99999", "-9998\n0\n9999\n-999" },
    { "{'type':'integer','exclusiveMinimum':0,'maximum':900719925474091}", "1\n900719925474091\n900719925474090", "0\n900719925474092\n9007199254740910" },
    { "{'type':'integer','minimum':-123,'maximum':42}", "-123\n-13\n-2\n0\n39\n42", "-124\n-1123\n-0123\n43\n123" },
    { "{'items':[{'format':'date'},{'format':'uuid'},{'format':'time'}],'type':'array'}", "[]\n['2012-04-23']\n['2012-04-23','12345678-1234-1234-1234-1234567890ab','18:25:43.511Z']",
      "['foo','bar']\n['12345678-1234-1234-1234-1234567890ab']\n['2012-04-23','']" },
    { "{'const':'foo'}", "'foo'", "foo\n'bar'\n''" }, { "{'enum':['red',null,42,['foo']]}", "'red'\nnull\n42\n['foo']", "420\ntrue\nfoo\n['red']" },
    { "{'type':'string','pattern':'^[a-zA-Z0-9_-]*$'}", "''\n'He_llo-12'", "'!'\n'Hello World'" },
    { "{'type':'string','pattern':'^a\\\\^\\\\$\\\\.\\\\[\\\\]\\\\(\\\\)\\\\|\\\\{\\\\}\\\\*\\\\+\\\\?b$'}", "'a^$.[]()|{}*+?b'", "'ab'\n'a^$.[]()|{}*+?'" },
    { "{'type':'string','pattern':'^A|B|C|D$'}", "'A'\n'Ax'\n'xBx'\n'xD'", "'xA'\n'Dx'\n''" },
    { "{'type':'string','pattern':'^(\\\\([0-9]{1,3}\\\\))?[0-9]{3}-[0-9]{4} a{3,5}nd...$'}", "'(1)555-5555 aaand...'\n'555-5555 aaaaandxyz'", "'(1234)555-5555 aaand...'\n'555-5555 aand...'" },
    { "{'type':['array','null'],'items':{'type':'string'}}", "null\n[]\n['123']", "[123]\n'foo'\n['foo',42]" },
    { "{'items':{'type':['number','integer']},'minItems':3,'maxItems':5,'type':'array'}", "[1,2,3]\n[1,2.5,3,4,5]", "[1,2]\n[1,2,3,4,5,6]\n1" },
    { "{'type':'array','items':{'type':'boolean'},'maxItems':0}", "[]", "[true]" },
    { "{'properties':{'b':{},'a':{},'d':{},'c':{}},'required':['a','b'],'additionalProperties':false,'type':'object'}",
      "{'b':1,'a':2}\n{'b':1,'a':2,'d':3}\n{'b':1,'a':2,'d':3,'c':4}\n{'b':1,'a':2,'c':4}", "{'a':1,'b':2}\n{'b':1}\n{'a':1,'c':2}\n{'b':1,'a':2,'c':3,'d':4}" },
    { "{'properties':{'':{'type':'integer'},'a':{'type':'integer'}},'additionalProperties':{'type':'integer'},'type':'object'}", "{}\n{'':1}\n{'':1,'a':2}\n{'aa':1,'b':2}", "{'':''}\n{'b':''}\n{'':1,'':2}" },
    { "{'properties':{'a':{'type':'integer'},'aa':{'type':'null'}},'additionalProperties':{'type':'string'},'type':'object'}", "{'a':1,'aa':null,'aaa':''}\n{'aaa':''}\n{'a_':''}", "{'aaa':1}\n{'aa':1}\n{'a':''}" },
    { "{'type':'object','additionalProperties':{'type':'array','items':{'type':'number'}}}", "{}\n{'a':[]}\n{'a':[1,2.5],'b':[]}", "{'a':1}\n{'a':['']}" },
    { "{'anyOf':[{'$ref':'#/definitions/f'},{'$ref':'#/definitions/b'}],'definitions':{'f':{'type':'object','properties':{'a':{'type':'number'}},'additionalProperties':false},"
      "'b':{'type':'object','properties':{'b':{'type':'number'}},'required':['b'],'additionalProperties':false}}}", "{}\n{'a':1}\n{'b':1}", "{'a':1,'b':1}\n{'c':1}\n{'b':''}" },
    { "{'allOf':[{'$ref':'#/definitions/f'},{'$ref':'#/definitions/b'}],'type':'object','required':['a','b'],'definitions':{'f':{'properties':{'a':{'type':'number'}}},'b':{'properties':{'b':{'type':'number'}}}}}",
      "{'a':1,'b':2}\n{'a':1,'b':2,'c':''}", "{'a':1}\n{'a':'','b':1}\n{'a':1,'b':''}" },
    { "{'type':'object','properties':{'code':{'const':' \\r \\n \\' \\\\ '}},'required':['code'],'additionalProperties':false}", "{'code':' \\r \\n \\' \\\\ '}", "{'code':''}" },
    { "{'type':'object','properties':{'a':{'type':'object','properties':{'b':{'$ref':'#/properties/a'}},'additionalProperties':false}},'additionalProperties':false}", "{}\n{'a':{'b':{'b':{}}}}", "{'b':{}}\n{'a':{'a':{}}}" },
    /* formats that have a text to keep to, and names of schemas */
    { "{'type':'string','format':'regex'}", "''\n'^[a-z_-]+(x|(?:y{2,10}))?$'\n'\\\\d\\\\.[^\\\\]]'\n'a|b|'\n'((a))'", "'('\n')'\n'['\n'[z-a]'\n'a**'\n'*a'\n'\\\\a'\n'(?P<n>a)'\n'a{3,2}'\n'^*'\n'\\\\'\n'(?i)a'" },
    { "{'type':'string','format':'uri-template'}", "''\n'/a/{b}{?c,d*}{+e:10}'\n'{a.b}'", "'{'\n'{}'\n'}'\n'{a b}'\n'a b'\n'{a:0}'\n'%2'" },
    { "{'$ref':'#x','$defs':{'a':{'enum':[{'$anchor':'x','type':'null'}]},'enum':{'$anchor':'y','type':'integer'},'b':{'$anchor':'x','$ref':'#y'}}}", "1", "null\n''" },
    { "{'items':{'$ref':'#x'},'type':'array','$defs':{'a':{'$dynamicAnchor':'x','type':'string'}}}", "['a']", "[1]" },
    { "{'$ref':'#x','definitions':{'a':{'id':'#x','type':'null'}}}", "null", "1" }
};

static void test_proof_meanings(void) {
    char text[3000];
    llocal_rule *r;
    llocal_fault f;
    TEST("rule meanings");
    for (int i = 0; i < LL_COUNT(test_proof_grammars); i++) {
        memset(&f, 0, sizeof f);
        CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(test_proof_grammars[i].grammar), 0, &f, &r), LLOCAL_OK);
        if (!r) { printf("       %s: %s\n", test_proof_grammars[i].grammar, f.message); continue; }
        test_rule_lines(r, test_proof_grammars[i].accept, true);
        test_rule_lines(r, test_proof_grammars[i].refuse, false);
        llocal_rule_close(r);
    }
    for (int i = 0; i < LL_COUNT(test_proof_wrong_grammars); i++) {
        memset(&f, 0, sizeof f);
        CHECK(test_rule_open(NULL, LLOCAL_RULE_GRAMMAR, ll_str(test_proof_wrong_grammars[i]), 0, &f, &r) != LLOCAL_OK && f.message[0]);
        if (r) printf("       %s\n", test_proof_wrong_grammars[i]), llocal_rule_close(r);
    }
    for (int i = 0; i < LL_COUNT(test_proof_schemas); i++) {
        memset(&f, 0, sizeof f);
        CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_SCHEMA, test_rule_text(test_proof_schemas[i].schema, text), 0, &f, &r), LLOCAL_OK);
        if (!r) { printf("       %s: %s\n", test_proof_schemas[i].schema, f.message); continue; }
        test_rule_lines(r, test_proof_schemas[i].accept, true);
        test_rule_lines(r, test_proof_schemas[i].refuse, false);
        llocal_rule_close(r);
    }
}

/* Bounds in hundredths: what lies between is let through, in its shortest form and with a zero more, and nothing else. */
static void test_proof_range(int lo, int hi, bool whole) {
    char schema[200], text[40];
    int wrong = 0, step = whole ? 100 : 1;
    llocal_rule *r;
    snprintf(schema, sizeof schema, "{\"type\":\"%s\",\"minimum\":%s%d.%02d,\"maximum\":%s%d.%02d}", whole ? "integer" : "number",
             lo < 0 ? "-" : "", abs(lo) / 100, abs(lo) % 100, hi < 0 ? "-" : "", abs(hi) / 100, abs(hi) % 100);
    CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_SCHEMA, ll_str(schema), 0, NULL, &r), LLOCAL_OK);
    for (int v = (lo - 1300) / step * step; r && v <= hi + 1300; v += v < lo - 9 * step || v > hi + 9 * step || (v > lo + 9 * step && v < hi - 9 * step) ? 7 * step : step)
        for (int zero = 0; zero < (whole ? 1 : 2); zero++) {
            int n = snprintf(text, sizeof text, "%s%d", v < 0 ? "-" : "", abs(v) / 100);
            if (!whole) n += snprintf(text + n, sizeof text - (size_t)n, ".%02d%s", abs(v) % 100, zero ? "0" : "");
            wrong += test_rule_takes(r, text, (size_t)n) != (v >= lo && v <= hi);
        }
    if (wrong) printf("       %s: %d are wrong\n", schema, wrong);
    CHECK_EQ(wrong, 0);
    llocal_rule_close(r);
}
static void test_proof_ranges(void) {
    TEST("rule ranges");
    for (int i = 0; i < 24; i++) {
        int lo = (int)(t_random() % 60000) - 30000, hi = lo + (int)(t_random() % (i % 3 ? 3000 : 60000));
        if (i % 2) lo = lo / 100 * 100, hi = hi / 100 * 100;
        if (lo / 100 * 100 == lo || i % 4) test_proof_range(lo, hi, false);
        if (i % 2) test_proof_range(lo, hi, true);
    }
    test_proof_range(0, 0, true), test_proof_range(-1, 1, false), test_proof_range(-100000, 100000, true);
}

/* Random texts that were once left without a way on: names of two kinds whose cheaper one wants an escape, and texts that
 * may come once each, where their greatest length leaves one of them. */
static void test_proof_walks(void) {
    static const char *const schemas[] = {
        "{'type':'object','properties':{'n':true},'required':['n'],'patternProperties':{'^[^\"]*$':{'type':'object','minProperties':4}}}",
        "{'type':'object','patternProperties':{'^[^\303\244\360\237\230\200]*$':{'type':'array','minItems':5}},'minProperties':2}",
        "{'type':'object','propertyNames':{'minLength':2},'patternProperties':{'^[^\\\\\\\\]*$':{'type':'array','minItems':5},'^.?.?$':false},'minProperties':1}",
        "{'type':'array','uniqueItems':true,'items':{'type':'string','maxLength':1},'minItems':9,'maxItems':30}",
        "{'type':'array','uniqueItems':true,'items':{'type':'string','pattern':'^[ab]{0,9}$','maxLength':2},'maxItems':7}",
        "{'type':'object','propertyNames':{'maxLength':1,'pattern':'^[a-d]*$'},'minProperties':5}"
    };
    llocal_model *m = test_rule_model("examples/tiny.gguf");
    uint32_t *mask;
    char text[400];
    TEST("rule walks");
    if (!m) { SKIP("no examples/tiny.gguf"); return; }
    mask = (uint32_t *)calloc((size_t)llocal_model_hparams(m)->n_vocab / 32 + 1, 4);
    for (int i = 0; i < LL_COUNT(schemas); i++)
        for (unsigned flags = 0; flags < 2; flags++) {
            llocal_rule *r = NULL;
            llocal_fault f;
            memset(&f, 0, sizeof f);
            strcpy(text, schemas[i]);
            for (char *c = text; *c; c++) if (*c == '\'') *c = '"'; else if (*c == '"') memmove(c + 1, c, strlen(c) + 1), *c++ = '\\';
            CHECK_EQ(test_rule_open(m, LLOCAL_RULE_SCHEMA, ll_str(text), flags, &f, &r), LLOCAL_OK);
            if (!r) printf("       %s: %s\n", schemas[i], f.message);
            for (int k = 0; r && k < 30; k++) test_rule_walk(m, r, mask, false);
            llocal_rule_close(r);
        }
    free(mask);
    llocal_model_close(m);
}

/* Lists whose items may come once each: words of different lengths, of few letters, or both. Every reply that has what is
 * needed, or a few tokens more, ends whole, with items that differ; and what nothing can meet is refused. */
static void test_proof_apart_reply(llocal_model *m, llocal_rule *r, uint32_t *mask, int left, const char *schema, int min, int max) {
    char out[2000], *item[100];
    llocal_rule_state st;
    int len = 0, n = 0, wrong = 0, need = left;
    memset(&st, 0, sizeof st);
    while (left > 0 && len < 1600) {
        int pick = -1, k = 0;
        if (llocal_rule_mask(r, &st, left, mask)) break;
        for (int t = 0; t < llocal_model_hparams(m)->n_vocab; t++) if (mask[t >> 5] >> (t & 31) & 1 && t_random() % (unsigned)++k == 0) pick = t;
        if (pick < 0 || llocal_token_is_end(m, pick) || !llocal_rule_accept(r, &st, pick)) break;
        len += llocal_token_text(m, pick, false, out + len, 300), left--;
        wrong += llocal_rule_need(r, &st) > left;
    }
    out[len] = 0;
    wrong += !llocal_rule_can_end(r, &st) || len < 2 || out[0] != '[' || out[len - 1] != ']';
    if (!wrong && len > 2) {
        char *p = out + 1;
        out[len - 1] = 0;
        for (item[n++] = p; (p = strchr(p, ',')) != NULL && n < 100;) *p++ = 0, item[n++] = p;
        for (int i = 0; i < n; i++) for (int k = 0; k < i; k++) wrong += !strcmp(item[i], item[k]);
    }
    if (!wrong && n >= min && n <= max) { t_passed++; return; }
    t_fail(__FILE__, __LINE__, "a list does not end, or has an item twice");
    printf("       %s with %d: ", schema, need);
    for (int i = 0; i < len; i++) putchar(out[i] ? out[i] : ',');
    putchar('\n');
}
/* One schema of this kind in `out`; returns how many different items there are. */
static int test_proof_apart_items(char *out) {
    static const char *const classes[] = { "a", "ab", "a\303\251", "\\\"\\\\\\\\", "ab\360\237\230\200", "\303\251\303\250", "z\\\\n\\\\u0001" };
    static const int n_letters[] = { 1, 2, 2, 2, 3, 2, 3 };
    int kind = (int)(t_random() % 4), count = 0, w = (int)(t_random() % LL_COUNT(n_letters)), lo = (int)(t_random() % 3), hi = lo + (int)(t_random() % 4);
    int most = t_random() % 2 ? (int)(t_random() % 4) : 99;
    char *p = out;
    if (kind == 3) p += sprintf(p, "{\"anyOf\":[");
    if (kind != 1) {
        int n = 1 + (int)(t_random() % 9);
        p += sprintf(p, "{\"enum\":[");
        for (int i = 0; i < n; i++, count++) p += sprintf(p, i % 3 == 2 ? "%s%d" : "%s\"%.*s%d\"", i ? "," : "", i % 3 == 2 ? i : (int)(t_random() % 30), "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", i);
        p += sprintf(p, "]}");
    }
    if (kind == 3) p += sprintf(p, ",");
    if (kind == 1 || kind == 3) {
        p += sprintf(p, "{\"type\":\"string\",\"pattern\":\"^[%s]{%d,%d}$\"", classes[w], lo, hi);
        if (most < 99) p += sprintf(p, ",\"maxLength\":%d", most);
        p += sprintf(p, "}");
        for (int l = lo; l <= hi && l <= most; l++) { int ways = 1; for (int i = 0; i < l; i++) ways *= n_letters[w]; count += ways; }
    }
    if (kind == 2) p = out + sprintf(out, "{\"type\":\"string\",\"pattern\":\"^(a|b{%d}|c{%d}d?)$\"}", 2 + hi, 30 + 9 * lo), count = 4;
    if (kind == 3) sprintf(p, "]}");
    return count;
}
static void test_proof_apart(void) {
    llocal_model *m = test_rule_model("examples/tiny.gguf");
    uint32_t *mask;
    char items[900], schema[1100];
    int refused = 0;
    TEST("rule items apart");
    if (!m) { SKIP("no examples/tiny.gguf"); return; }
    mask = (uint32_t *)calloc((size_t)llocal_model_hparams(m)->n_vocab / 32 + 1, 4);
    for (int i = 0; i < 150; i++) {
        int count = test_proof_apart_items(items), min = (int)(t_random() % 10), max = min + (int)(t_random() % 4), need;
        llocal_rule *r = NULL;
        llocal_fault f;
        llocal_rule_state st;
        llocal_result result;
        memset(&f, 0, sizeof f), memset(&st, 0, sizeof st);
        max = LL_MAX(max, 2);
        sprintf(schema, "{\"type\":\"array\",\"uniqueItems\":true,\"items\":%s,\"minItems\":%d,\"maxItems\":%d}", items, min, max);
        result = test_rule_open(m, LLOCAL_RULE_SCHEMA, ll_str(schema), 0, &f, &r);
        if (result != (min > count ? LLOCAL_ERR_FORMAT : LLOCAL_OK)) t_fail(__FILE__, __LINE__, "not refused, or refused"), printf("       %s: %d items; %s\n", schema, count, f.message);
        if (min > count) CHECK(strstr(f.message, "minItems") != NULL), refused++;
        if (!r) continue;
        need = llocal_rule_need(r, &st);
        for (int more = 0; more < 12; more++) test_proof_apart_reply(m, r, mask, need + more, schema, min, max);
        llocal_rule_close(r);
    }
    CHECK(refused > 5);
    free(mask);
    llocal_model_close(m);
}

/* ---- hostile ---- */

static size_t test_proof_bytes, test_proof_most;
static void *test_proof_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    (void)user;
    test_proof_bytes += new_size - old_size;
    if (test_proof_bytes > test_proof_most) test_proof_most = test_proof_bytes;
    return ll_default_resize(NULL, ptr, old_size, new_size);
}

#define TEST_PROOF_MB 24
/* Opens, or is refused in words, within the memory it may have; then it reads `text` again and again, 500 bytes. Each takes a
 * second at most, where nothing slows it down (twenty are let pass). TEST_PROOF in the environment: what each cost. */
static void test_proof_hostile_one(llocal_rule_kind kind, const char *what, const char *rule, const char *text) {
    llocal_rule_desc d;
    llocal_fault f;
    llocal_rule *r;
    llocal_rule_state st;
    clock_t begin = clock();
    double opened, read;
    size_t n = strlen(text);
    memset(&d, 0, sizeof d), memset(&f, 0, sizeof f), memset(&st, 0, sizeof st);
    d.kind = kind, d.text = ll_str(rule), d.max_bytes = TEST_PROOF_MB << 20, d.allocator.resize = test_proof_resize;
    test_proof_bytes = test_proof_most = 0;
    CHECK((llocal_rule_open(NULL, &d, &f, &r) == LLOCAL_OK) == (r != NULL));
    CHECK(r || f.message[0]);
    opened = (double)(clock() - begin) / CLOCKS_PER_SEC, begin = clock();
    for (int i = 0; r && i < 500; i++) if (llocal_rule_accept_text(r, &st, text + (size_t)i % n, 1) != 1) break;
    if (r) CHECK(llocal_rule_need(r, &st) >= 0);
    read = (double)(clock() - begin) / CLOCKS_PER_SEC;
    llocal_rule_close(r);
    CHECK_EQ(test_proof_bytes, 0);
    if (opened < 20 && read < 20 && test_proof_most <= (size_t)(TEST_PROOF_MB + 1) << 20) t_passed++;
    else t_fail(__FILE__, __LINE__, what), printf("       opened in %.1f s with %zu KB, read in %.1f s\n", opened, test_proof_most >> 10, read);
    if (getenv("TEST_PROOF")) printf("%-24s %6.3f s %6zu KB %6.3f s  %s\n", what, opened, test_proof_most >> 10, read, f.message);
}

/* `rule` n times, each inside of the one before: in front, behind. */
static char *test_proof_nest(const char *front, const char *middle, const char *behind, int n) {
    size_t a = strlen(front), b = strlen(middle), c = strlen(behind);
    char *s = (char *)malloc((a + c) * (size_t)n + b + 1), *p = s;
    for (int i = 0; i < n; i++, p += a) memcpy(p, front, a);
    memcpy(p, middle, b), p += b;
    for (int i = 0; i < n; i++, p += c) memcpy(p, behind, c);
    *p = 0;
    return s;
}
/* front, n times `format` with its number (and the next one, twice), behind. */
static char *test_proof_list(const char *front, const char *format, const char *behind, int n) {
    size_t cap = strlen(front) + (size_t)n * (strlen(format) + 24) + strlen(behind) + 1;
    char *s = (char *)malloc(cap), *p = s + snprintf(s, cap, "%s", front);
    for (int i = 0; i < n; i++) p += snprintf(p, cap - (size_t)(p - s), format, i, i + 1, i + 1);
    snprintf(p, cap - (size_t)(p - s), "%s", behind);
    return s;
}

static void test_proof_hostile(void) {
    static const struct { const char *what; llocal_rule_kind kind; const char *front, *middle, *behind; int n; const char *text; } nests[] = {
        { "stars in stars", LLOCAL_RULE_GRAMMAR, "(", "\"a\"", ")*", 50, "a" }, { "groups", LLOCAL_RULE_GRAMMAR, "(", "\"a\"", ")", 100000, "a" },
        { "counts in counts", LLOCAL_RULE_GRAMMAR, "(", "[^x]*", "){0,99}", 8, "a" }, { "stars in stars", LLOCAL_RULE_REGEX, "(", "a", ")*", 50, "a" },
        { "groups", LLOCAL_RULE_REGEX, "(", "a", ")", 100000, "a" }, { "counts in counts", LLOCAL_RULE_REGEX, "(", "a", "){0,99}", 10, "a" },
        { "a list too deep", LLOCAL_RULE_SCHEMA, "[", "", "]", 200000, "1" }, { "allOf too deep", LLOCAL_RULE_SCHEMA, "{\"allOf\":[", "{\"type\":\"integer\"}", "]}", 3000, "1" },
        { "anyOf deep", LLOCAL_RULE_SCHEMA, "{\"anyOf\":[{\"type\":\"null\"},", "{\"type\":\"integer\"}", "]}", 400, "1" },
        { "oneOf deep", LLOCAL_RULE_SCHEMA, "{\"oneOf\":[{\"maximum\":1},", "{\"type\":\"integer\"}", "]}", 40, "1" },
        { "not deep", LLOCAL_RULE_SCHEMA, "{\"not\":", "{\"type\":\"integer\"}", "}", 1001, "a" },
        { "items deep", LLOCAL_RULE_SCHEMA, "{\"type\":\"array\",\"items\":", "{}", "}", 500, "[" },
        { "items deep, required", LLOCAL_RULE_SCHEMA, "{\"type\":\"array\",\"minItems\":1,\"items\":", "{}", "}", 500, "[" },
        { "if deep", LLOCAL_RULE_SCHEMA, "{\"if\":{\"minimum\":3},\"then\":{\"maximum\":9},\"else\":", "{}", "}", 300, "1" }
    };
    static const struct { const char *what; llocal_rule_kind kind; const char *front, *format, *behind; int n; const char *text; } lists[] = {
        { "2^40 ways to say nothing", LLOCAL_RULE_GRAMMAR, "root ::= r0\n", "r%d ::= r%d r40 |\n", "r40 ::= \"a\"?", 40, "a" },
        { "2^60 trees", LLOCAL_RULE_GRAMMAR, "root ::= r0*\n", "r%d ::= r%d r%d | \"a\"\n", "r60 ::= \"a\"", 60, "a" },
        { "60 times perhaps", LLOCAL_RULE_GRAMMAR, "root ::= (", "\"a\"? ", ")*", 30, "a" }, { "dangling else", LLOCAL_RULE_GRAMMAR, "root ::= s\n", "s%d ::= \"a\" s (\"b\" s)?\n", "s ::= s0 | s1 | \"a\"", 3, "a" },
        { "all ways at once", LLOCAL_RULE_GRAMMAR, "root ::= (\"x\"", "| \"a\"{%d,}", ")*", 500, "a" }, { "a ring of rules", LLOCAL_RULE_GRAMMAR, "root ::= r0\n", "r%d ::= r%d\n", "r900 ::= root", 900, "a" },
        { "a ring behind nothing", LLOCAL_RULE_GRAMMAR, "root ::= r0\nn ::= \"\"*\n", "r%d ::= n r%d\n", "r900 ::= n root", 900, "a" }, { "many rules", LLOCAL_RULE_GRAMMAR, "root ::= \"a\"\n", "r%d ::= \"a\"\n", "", 4990, "a" },
        { "words", LLOCAL_RULE_GRAMMAR, "root ::= (\"x\"", "| \"aaa%d\"", ")*", 20000, "a" }, { "perhaps", LLOCAL_RULE_REGEX, "^(", "a?", ")*$", 500, "a" },
        { "dots", LLOCAL_RULE_REGEX, "", ".*a%d", "", 60, "a" }, { "any of", LLOCAL_RULE_REGEX, "^(", "a{0,%d}b|", ")*$", 60, "a" },
        { "determined", LLOCAL_RULE_REGEX, "(a|b)*a(a|b){60}(", "c|", ")", 3, "a" }, { "a million", LLOCAL_RULE_REGEX, "^", "a{1000000}", "$", 1, "a" },
        { "products of anyOf", LLOCAL_RULE_SCHEMA, "{\"allOf\":[{}", ",{\"anyOf\":[{\"minimum\":%d},{\"multipleOf\":%d}]}", "]}", 40, "1" },
        { "products of objects", LLOCAL_RULE_SCHEMA, "{\"type\":\"object\",\"allOf\":[{}", ",{\"oneOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]}]}", "]}", 30, "{\"a0\":1," },
        { "patterns of names", LLOCAL_RULE_SCHEMA, "{\"type\":\"object\",\"patternProperties\":{\"z\":{}", ",\"a.{%d}b\":{\"minimum\":%d}", "}}", 60, "{\"a\":1," },
        { "patterns", LLOCAL_RULE_SCHEMA, "{\"type\":\"string\",\"allOf\":[{}", ",{\"pattern\":\"[a-f].{%d}[0-%d]\"}", "]}", 9, "\"a" },
        { "refs", LLOCAL_RULE_SCHEMA, "{\"$ref\":\"#/$defs/r0\",\"$defs\":{\"x\":{}", ",\"r%d\":{\"$ref\":\"#/$defs/r%d\"}", ",\"r3000\":{}}}", 3000, "1" },
        { "doubled refs", LLOCAL_RULE_SCHEMA, "{\"$ref\":\"#/$defs/r0\",\"$defs\":{\"x\":{}", ",\"r%d\":{\"allOf\":[{\"$ref\":\"#/$defs/r%d\"},{\"$ref\":\"#/$defs/r%d\"}]}", ",\"r40\":{}}}", 40, "1" },
        { "doubled values", LLOCAL_RULE_SCHEMA, "{\"$ref\":\"#/$defs/r0\",\"$defs\":{\"x\":{}", ",\"r%d\":{\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"$ref\":\"#/$defs/r%d\"},\"b\":{\"$ref\":\"#/$defs/r%d\"}}}", ",\"r40\":{}}}", 40, "{\"a\":" },
        { "names", LLOCAL_RULE_SCHEMA, "{\"type\":\"object\",\"properties\":{\"x\":{}", ",\"n%d\":{\"type\":\"integer\"}", "}}", 3000, "{\"n1\":1," },
        { "words", LLOCAL_RULE_SCHEMA, "{\"enum\":[0", ",\"aaaaaaaa%d\"", "]}", 2000, "\"aaaaaaaa" },
        { "too many names", LLOCAL_RULE_SCHEMA, "{\"type\":\"object\",\"properties\":{\"x\":{}", ",\"n%d\":{\"type\":\"integer\"}", "}}", 20000, "{\"n1\":1," },
        { "many words", LLOCAL_RULE_SCHEMA, "{\"enum\":[0", ",\"aaaaaaaa%d\"", "]}", 50000, "\"aaaaaaaa" },
        { "apart", LLOCAL_RULE_SCHEMA, "{\"type\":\"array\",\"uniqueItems\":true,\"minItems\":4000,\"items\":{\"enum\":[0", ",\"a%d\"", "]}}", 4000, "[\"a1\"," },
        { "dependents", LLOCAL_RULE_SCHEMA, "{\"type\":\"object\",\"dependentRequired\":{\"x\":[]", ",\"n%d\":[\"n%d\"]", "}}", 40, "{\"n1\":1," }
    };
    TEST("rule hostile");
    for (int i = 0; i < LL_COUNT(nests); i++) {
        char *s = test_proof_nest(nests[i].front, nests[i].middle, nests[i].behind, nests[i].n), *t = (char *)malloc(strlen(s) + 20);
        sprintf(t, "%s%s", nests[i].kind == LLOCAL_RULE_GRAMMAR ? "root ::= " : "", s);
        test_proof_hostile_one(nests[i].kind, nests[i].what, t, nests[i].text);
        free(s), free(t);
    }
    for (int i = 0; i < LL_COUNT(lists); i++) {
        char *s = test_proof_list(lists[i].front, lists[i].format, lists[i].behind, lists[i].n);
        test_proof_hostile_one(lists[i].kind, lists[i].what, s, lists[i].text);
        free(s);
    }
}

/* The most names that an object's schema may have, and one more: refused in words. */
static void test_proof_limits(void) {
    TEST("rule limits");
    for (int n = 9999; n < 10001; n++) {
        char *s = test_proof_list("{\"type\":\"object\",\"properties\":{\"x\":{}", ",\"n%d\":{\"type\":\"integer\"}", "}}", n);
        llocal_rule *r = NULL;
        llocal_fault f;
        memset(&f, 0, sizeof f);
        CHECK_EQ(test_rule_open(NULL, LLOCAL_RULE_SCHEMA, ll_str(s), 0, &f, &r), n < 10000 ? LLOCAL_OK : LLOCAL_ERR_UNSUPPORTED);
        if (n == 10000) CHECK(strstr(f.message, "properties") && strstr(f.message, "10000"));
        if (r) CHECK(test_rule_takes(r, "{\"n1\":1,\"n9\":2}", 15));
        llocal_rule_close(r);
        free(s);
    }
}

static void test_proof(void) {
    test_proof_limits();
    test_proof_meanings();
    test_proof_ranges();
    test_proof_walks();
    test_proof_apart();
    test_proof_hostile();
}
#endif
