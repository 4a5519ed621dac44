/* A plugin of qemu-user: how many instructions a program executes, on standard error when it ends.
 * cc -std=c99 -O1 -shared -fPIC tests/count.c -o build/count.so
 * qemu-aarch64 -plugin build/count.so PROGRAM
 * (What it takes of qemu's interface is declared here, for Debian ships no header of it.) */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define SHOWN __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
SHOWN int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*f)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int add, void *to, uint64_t n);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*f)(qemu_plugin_id_t, void *), void *user);

static uint64_t total;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &total, qemu_plugin_tb_n_insns(tb));
}
static void ended(qemu_plugin_id_t id, void *user) {
    (void)id, (void)user;
    fprintf(stderr, "instructions %" PRIu64 "\n", total);
}
SHOWN int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
