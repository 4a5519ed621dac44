/* What fuzzers share, behind the implementation: a check that stops, and an allocator that counts. */

static void check(bool ok) { if (!ok) __builtin_trap(); }

#ifdef FUZZ_MEMORY
static size_t fuzz_bytes;               /* that are out */
static void *fuzz_resize(void *user, void *ptr, size_t old_size, size_t new_size) {
    fuzz_bytes += new_size - old_size;
    return ll_default_resize(user, ptr, old_size, new_size);
}
#endif
