/* A line for each row: its name, and its blocks of each room. */
#define LL_ARCH_ROWS(ROW) \
//@ archs
