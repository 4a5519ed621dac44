/* >>unicode: the packed tables against the ranges they were packed from, and UTF-8. */
#ifndef TEST_UNICODE_H
#define TEST_UNICODE_H

static unsigned test_unicode_want[0x110000];

static unsigned test_unicode_bits(const char *name) {
    switch (name[0]) {
    case 'L': return LL_UNI_L | (name[1] == 'u' ? LL_UNI_LU : name[1] == 'l' ? LL_UNI_LL : name[1] == 't' ? LL_UNI_LT : 0);
    case 'M': return LL_UNI_M;
    case 'N': return LL_UNI_N;
    case 'P': return LL_UNI_P;
    case 'S': return LL_UNI_S;
    case 'Z': return LL_UNI_Z | LL_UNI_SPACE;
    case 'C': return LL_UNI_C;
    }
    return 0;
}

static void test_unicode_tables(void) {
    static unsigned lower[0x110000], base[0x110000];
    char *text = t_read_file("kernels_gen/tables/unicode.txt", NULL), name[8] = "";
    int bad = 0;
    TEST("unicode tables");
    if (!text) { SKIP("run from the top of the repository"); return; }
    for (char *p = strtok(text, " \n"); p; p = strtok(NULL, " \n")) {
        unsigned long first, last, step = 1;
        long add = 0, to = 0;
        if (strchr(p, ':')) { snprintf(name, sizeof name, "%.5s", p); continue; }
        first = last = strtoul(p, &p, 16);
        if (*p == '-') last = strtoul(p + 1, &p, 16);
        if (*p == '/') step = strtoul(p + 1, &p, 10), add = strtol(p, NULL, 16);
        if (*p == '=') to = strtol(p + 1, NULL, 16);
        for (unsigned long c = first; c <= last; c += step)
            if (to) base[c] = (unsigned)to;
            else if (add) lower[c] = (unsigned)((long)c + add);
            else test_unicode_want[c] |= test_unicode_bits(name);
    }
    free(text);
    for (unsigned c = 9; c < 14; c++) test_unicode_want[c] |= LL_UNI_SPACE;
    test_unicode_want[0x85] |= LL_UNI_SPACE;
    for (unsigned c = 0; c < 0x110000; c++) {
        unsigned want = test_unicode_want[c];
        bad += ll_unicode_flags(c) != want;
        bad += ll_unicode_lower(c) != (lower[c] ? lower[c] : c);
        if (c < 0xac00 || c > 0xd7a3) bad += ll_unicode_base(c) != (base[c] ? base[c] : c);
    }
    CHECK_EQ(bad, 0);
}

static void test_unicode_points(void) {
    TEST("unicode points");
    CHECK_EQ(ll_unicode_flags('a'), LL_UNI_L | LL_UNI_LL);
    CHECK_EQ(ll_unicode_flags('$'), LL_UNI_S);
    CHECK_EQ(ll_unicode_flags(' '), LL_UNI_Z | LL_UNI_SPACE);
    CHECK_EQ(ll_unicode_flags(0x85), LL_UNI_C | LL_UNI_SPACE);
    CHECK_EQ(ll_unicode_flags(0x200b), LL_UNI_C);               /* zero width space is a control */
    CHECK_EQ(ll_unicode_flags(0x4e2d), LL_UNI_L);
    CHECK_EQ(ll_unicode_flags(0x2ee5d), LL_UNI_L);              /* 15.1 */
    CHECK_EQ(ll_unicode_flags(0x378), 0);                       /* not assigned */
    CHECK_EQ(ll_unicode_flags(0xe000), LL_UNI_C);
    CHECK_EQ(ll_unicode_flags(0x663), LL_UNI_N);
    CHECK_EQ(ll_unicode_flags(0x301), LL_UNI_M);
    CHECK_EQ(ll_unicode_flags(0x10fffd), LL_UNI_C);
    CHECK_EQ(ll_unicode_flags(0x10ffff), 0);
    CHECK_EQ(ll_unicode_flags(0x110000), 0);
    CHECK_EQ(ll_unicode_flags(0xffffffff), 0);
    CHECK_EQ(ll_unicode_lower('Q'), 'q');
    CHECK_EQ(ll_unicode_lower('q'), 'q');
    CHECK_EQ(ll_unicode_lower('@'), '@');
    CHECK_EQ(ll_unicode_lower(0), 0);
    CHECK_EQ(ll_unicode_lower(0x130), 'i');
    CHECK_EQ(ll_unicode_lower(0x1e921), 0x1e943);
    CHECK_EQ(ll_unicode_lower(0xffffffff), 0xffffffff);
    CHECK_EQ(ll_unicode_base('a'), 'a');
    CHECK_EQ(ll_unicode_base(0xc5), 'A');
    CHECK_EQ(ll_unicode_base(0x1ea7), 'a');                     /* two accents, taken off one after the other */
    CHECK_EQ(ll_unicode_base(0x212b), 'A');
    CHECK_EQ(ll_unicode_base(0xac01), 0x1100);
    CHECK_EQ(ll_unicode_base(0xd7a3), 0x1112);
    CHECK_EQ(ll_unicode_base(0xd7a4), 0xd7a4);
    CHECK_EQ(ll_unicode_base(0x2fa1d), 0x2a600);
    CHECK_EQ(ll_unicode_base(0xffffffff), 0xffffffff);
}

static unsigned test_unicode_next(const char *s, int n, int *used) {
    const char *p = s;
    unsigned c = ll_utf8_next(&p, s + n);
    *used = (int)(p - s);
    return c;
}

static void test_unicode_utf8(void) {
    static const struct { const char *s; int n, used; unsigned c; int check; } cases[] = {
        { "a", 1, 1, 'a', 1 }, { "\0", 1, 1, 0, 1 }, { "\xc3\xa9", 2, 2, 0xe9, 2 },
        { "\xe4\xb8\xad", 3, 3, 0x4e2d, 3 }, { "\xf0\x9f\x98\x80", 4, 4, 0x1f600, 4 },
        { "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff, 4 },
        { "\x80", 1, 1, LL_UTF8_BAD, -1 }, { "\xff", 1, 1, LL_UTF8_BAD, -1 }, { "\xf8\x80\x80\x80", 4, 1, LL_UTF8_BAD, -1 },
        { "\xc3", 1, 1, LL_UTF8_BAD, 0 }, { "\xe4\xb8", 2, 1, LL_UTF8_BAD, 0 }, { "\xf0\x9f\x98", 3, 1, LL_UTF8_BAD, 0 },
        { "\xc3z", 2, 1, LL_UTF8_BAD, -1 }, { "\xe4\xb8z", 3, 1, LL_UTF8_BAD, -1 }, { "az", 2, 1, 'a', -1 },
        { "\xc0\xaf", 2, 2, '/', -1 }, { "\xe0\x80\xaf", 3, 3, '/', -1 }, { "\xed\xa0\x80", 3, 3, 0xd800, -1 },
        { "\xf4\x90\x80\x80", 4, 1, LL_UTF8_BAD, -1 }, { "\xf5\x80\x80\x80", 4, 1, LL_UTF8_BAD, -1 },
        { "\xe0\x9f", 2, 1, LL_UTF8_BAD, -1 }, { "\xf0\x80", 2, 1, LL_UTF8_BAD, -1 }, { "\xed\x9f\xbf", 3, 3, 0xd7ff, 3 },
    };
    int bad = 0;
    TEST("unicode utf8");
    for (int i = 0; i < LL_COUNT(cases); i++) {
        int used;
        CHECK_EQ(test_unicode_next(cases[i].s, cases[i].n, &used), cases[i].c);
        CHECK_EQ(used, cases[i].used);
        CHECK_EQ(ll_utf8_check((const uint8_t *)cases[i].s, cases[i].n), cases[i].check);
    }
    for (unsigned c = 0; c < 0x110000; c++) {
        char s[4];
        int n = ll_utf8_put(c, s), used;
        bad += test_unicode_next(s, n, &used) != c || used != n;
        if (c < 0xd800 || c > 0xdfff) {
            for (int i = 1; i < n; i++) bad += ll_utf8_check((const uint8_t *)s, i) != 0;
            bad += ll_utf8_check((const uint8_t *)s, n) != n;
        }
    }
    CHECK_EQ(bad, 0);
}

static void test_unicode(void) {
    test_unicode_tables();
    test_unicode_points();
    test_unicode_utf8();
}
#endif
