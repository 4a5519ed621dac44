/* What a piece of work takes: joules by a meter of the machine where one can be read, else an estimate, called so.
 * Include it behind system.h.
 *
 * Meters, the first that is there: a file named by LLOCAL_METER whose number are microjoules that only grow (a plug, a
 * board's sensor: a script of yours can write it); Linux's powercap counters of all packages; energy counters of hwmon;
 * a battery that is being emptied (its power now, times the time: look often). An estimate is the processor time of this
 * program times LLOCAL_CORE_WATTS (6: a laptop's core at work). Meters count the whole machine: net is without what it
 * takes when it is idle, if that was measured. */
#ifndef ENERGY_H
#define ENERGY_H

#if !defined(_WIN32)
#  include <sys/resource.h>
#endif

enum { METER_ESTIMATE, METER_COUNTER, METER_BATTERY, METER_FILES = 16 };

typedef struct meter {
    int kind, n;
    const char *source;                 /* "powercap", ..., "estimate" */
    char path[METER_FILES][128];
    double last[METER_FILES], range[METER_FILES], sum;          /* joules; range: where a counter starts anew (0: never) */
    double watts, when, idle_watts;     /* of an estimate, for a core; of a battery: seconds, when it was read */
} meter;

static inline bool meter_number(const char *path, double *out) {
    FILE *f = fopen(path, "r");
    bool ok = f && fscanf(f, "%lf", out) == 1;
    if (f) fclose(f);
    return ok;
}

static inline double meter_core_seconds(void) {
#if defined(_WIN32)
    return (double)clock() / CLOCKS_PER_SEC;
#else
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
#endif
}

static inline void meter_add(meter *m, int kind, const char *source, const char *path, const char *range) {
    double v, most = 0;
    if (m->n == METER_FILES || !meter_number(path, &v)) return;
    if (range) meter_number(range, &most);
    m->kind = kind, m->source = source, m->last[m->n] = 1e-6 * v, m->range[m->n] = 1e-6 * most;
    snprintf(m->path[m->n++], sizeof m->path[0], "%s", path);
}

static inline void meter_open(meter *m) {
    const char *own = getenv("LLOCAL_METER"), *watts = getenv("LLOCAL_CORE_WATTS");
    char path[128], range[128];
    double off;
    memset(m, 0, sizeof *m);
    if (own) meter_add(m, METER_COUNTER, "LLOCAL_METER", own, NULL);
    for (int i = 0; i < 8 && (m->n == 0 || !strcmp(m->source, "powercap")); i++) {
        snprintf(path, sizeof path, "/sys/class/powercap/intel-rapl:%d/energy_uj", i);
        snprintf(range, sizeof range, "/sys/class/powercap/intel-rapl:%d/max_energy_range_uj", i);
        meter_add(m, METER_COUNTER, "powercap", path, range);
    }
    for (int i = 0; i < 16 && (m->n == 0 || !strcmp(m->source, "hwmon")); i++) {
        snprintf(path, sizeof path, "/sys/class/hwmon/hwmon%d/energy1_input", i);
        meter_add(m, METER_COUNTER, "hwmon", path, NULL);
    }
    for (int i = 0; i < 4 && m->n == 0; i++) {
        snprintf(path, sizeof path, "/sys/class/power_supply/AC%s/online", i ? (i == 1 ? "0" : i == 2 ? "1" : "AD") : "");
        if (meter_number(path, &off) && off > 0) break;         /* on the mains it says what the battery gets */
        snprintf(path, sizeof path, "/sys/class/power_supply/BAT%d/power_now", i);
        meter_add(m, METER_BATTERY, "battery", path, NULL);
    }
    m->when = now_seconds();
    if (m->n) return;
    m->kind = METER_ESTIMATE, m->source = "estimate", m->watts = watts && atof(watts) > 0 ? atof(watts) : 6;
    m->last[0] = meter_core_seconds();
}

/* Since it was opened. */
static inline double meter_joules(meter *m) {
    double v, now = now_seconds();
    for (int i = 0; i < m->n; i++) {
        if (!meter_number(m->path[i], &v)) continue;
        v *= 1e-6;
        if (m->kind == METER_BATTERY) m->sum += v * (now - m->when);
        else m->sum += v >= m->last[i] ? v - m->last[i] : v + m->range[i] - m->last[i], m->last[i] = v;
    }
    m->when = now;
    if (m->kind == METER_ESTIMATE) v = meter_core_seconds(), m->sum += m->watts * (v - m->last[0]), m->last[0] = v;
    return m->sum;
}

/* Watts of the machine while this program sleeps; an estimate counts nothing then. */
static inline void meter_idle(meter *m, double seconds) {
#if !defined(_WIN32)
    double before = meter_joules(m), start = now_seconds();
    struct timespec t;
    if (m->kind == METER_ESTIMATE) return;
    t.tv_sec = (time_t)seconds, t.tv_nsec = (long)(1e9 * (seconds - (double)t.tv_sec));
    nanosleep(&t, NULL);
    m->idle_watts = (meter_joules(m) - before) / (now_seconds() - start);
#else
    (void)m, (void)seconds;
#endif
}

#endif
