/* The golden files of architectures, one after the other: those of tests/golden/arch, and of the shared data where that
 * is there. */
#ifndef GOLDENS_H
#define GOLDENS_H
#include "t.h"
#if LL_POSIX
#include <dirent.h>
#endif

typedef void golden_visit(void *user, const char *path, const char *name);

/* Calls f for each golden file of a folder; not for those that `but`, another folder, has, too. Gives how many. */
static inline int goldens_in(const char *folder, const char *but, golden_visit *f, void *user) {
    int n = 0;
#if LL_POSIX
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char path[1300];
        FILE *other = NULL;
        if (!strstr(e->d_name, ".golden")) continue;
        if (but) snprintf(path, sizeof path, "%s/%.250s", but, e->d_name), other = fopen(path, "rb");
        if (other) { fclose(other); continue; }
        snprintf(path, sizeof path, "%.1000s/%.250s", folder, e->d_name);
        f(user, path, e->d_name), n++;
    }
    if (d) closedir(d);
#else
    (void)folder, (void)but, (void)f, (void)user;
#endif
    return n;
}

/* All of them. False: there is no shared data. */
static inline bool goldens_all(golden_visit *f, void *user) {
    const char *own = "tests/golden/arch";
    const char *const shared[] = { t_shared("golden/arch/README.md"), t_shared("golden/arch_2026_08/README.md") };
    int n = goldens_in(own, NULL, f, user);
#if LL_POSIX
    CHECK(n > 0);
#endif
    for (int i = 0; i < LL_COUNT(shared); i++) {
        char folder[1024];
        if (!shared[i]) continue;
        snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(shared[i], '/') - shared[i]), shared[i]);
        n += goldens_in(folder, own, f, user);
    }
    return shared[0] != NULL && shared[1] != NULL;
}
#endif
