#!/bin/sh
# Compilers and what they make of llocal.h: compile time, size, what llocal_build() says, tokens per second of
# the default model. Prints two tables in Markdown; to be run by hand on a quiet machine.
# Seconds are those of the processor, for one object with the implementation alone; speeds are
# the best of three, on one thread.  Usage: sh tests/compilers.sh [first | second]
set -u
build=build/compilers
mkdir -p $build
cat > $build/use.c <<'END'
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
END
cat > $build/speed.c <<'END'
#ifndef LLOCAL_IMPLEMENTATION
#define LLOCAL_IMPLEMENTATION
#endif
#include "../../llocal.h"

static bool put_text(void *user, llocal_token t, llocal_str text) { (void)user, (void)t, (void)text; return true; }

int main(int argc, char **argv) {
    static const char text[] = "Once upon a time there was a girl who owned a handwritten recipe, and one day it was gone. It told "
        "how to make a rhubarb cake, and the guests were already on their way.";
    double read = 0, write = 0;
    llocal_source src = {0};
    llocal_model *m = NULL;
    src.path = argv[argc - 1];
    if (llocal_model_open(&src, &m)) return 1;
    for (int i = 0; i < 3; i++) {
        llocal_context *c = NULL;
        llocal_sampler s = {0};
        llocal_token ids[512];
        llocal_stats t;
        int n = llocal_tokenize(m, text, (int)sizeof text - 1, LLOCAL_TOKENIZE_ADD_SPECIAL, ids, 512);
        if (llocal_context_open(m, NULL, &c) || llocal_eval(c, ids, n)) return 1;
        if (llocal_generate(c, &s, 60, put_text, NULL)) return 1;
        t = llocal_context_stats(c);
        read = LL_MAX(read, 1e6 * (double)t.tokens_prefilled / (double)t.us_prefill);
        write = LL_MAX(write, 1e6 * (double)t.tokens_decoded / (double)t.us_decode);
        llocal_context_close(c);
    }
    llocal_model_close(m);
    printf("%s | %.0f | %.0f\n", llocal_build(), read, write);
    return 0;
}
END
seconds() { # command...: of user time; then whether it failed
    rm -f $build/use.o
    sh -c '"$@" > /dev/null 2>&1; times' seconds "$@" | awk 'NR == 2 { sub(/s/, "", $1); split($1, t, "m"); printf "%.1f", 60 * t[1] + t[2] }'
}
size_of() { if [ -f $build/use.o ]; then wc -c < $build/use.o | awk '{ printf "%d", $1 / 1024 }'; else printf "fails"; fi; }
row() { # name, flags as shown, compiler and flags
    name=$1 shown=$2; shift 2
    took=$(seconds "$@" -c $build/use.c -o $build/use.o)
    size=$(size_of)
    said=$("$@" $build/speed.c -o $build/speed -lm $threads 2> /dev/null && $build/speed examples/tiny.gguf 2> /dev/null) || said="does not run here | |"
    echo "| $name | $shown | $said | $took | $size |"
}
version() { $1 --version 2> /dev/null | head -1 | sed 's/ *(.*)//'; }
threads=-lpthread
if [ "${1:-first}" = first ]; then
    echo "| compiler | flags | llocal_build() | read, tokens/s | write, tokens/s | compile, s | object, KiB |"
    echo "|---|---|---|---|---|---|---|"
    for c in gcc clang; do
        command -v $c > /dev/null || { echo "SKIPPED $c: not here" >&2; continue; }
        for flags in "" -DLLOCAL_NO_DISPATCH -DLLOCAL_DISPATCH -march=native; do row "$(version $c)" "-O2 $flags" $c -std=c99 -O2 $flags; done
    done
    threads=
    if command -v tcc > /dev/null; then row "$(tcc -v | sed 's/ *(.*//')" "" tcc; else echo "SKIPPED tcc: not here" >&2; fi
    if command -v clang > /dev/null; then
        msvc="clang -std=c99 -w -O2 -fms-extensions -ffp-contract=off -mavx2 -mfma -mf16c"
        for flags in "" -DARCH_AVX2; do
            took=$(seconds $msvc $flags -DPROGRAM='"../build/compilers/use.c"' -c tests/msvc.c -o $build/use.o)
            size=$(size_of)
            $msvc $flags -DPROGRAM='"../build/compilers/speed.c"' tests/msvc.c -o $build/speed -lm 2> /dev/null && said=$($build/speed examples/tiny.gguf) || said="does not run here | |"
            echo "| clang with MSVC's macros | $(echo "-O2 $flags" | sed 's,-DARCH_,/arch:,') | $said | $took | $size |"
        done
    fi
    c=x86_64-w64-mingw32-gcc wine=$(command -v wine64 || command -v wine || ls /usr/lib/wine/wine64 2> /dev/null || echo wine)
    if command -v $c > /dev/null; then
        for flags in "" "-mavx2 -mfma -mf16c"; do
            took=$(seconds $c -std=c99 -O2 $flags -c $build/use.c -o $build/use.o)
            size=$(size_of)
            $c -std=c99 -O2 $flags $build/speed.c -o $build/speed.exe 2> /dev/null && said=$(WINEDEBUG=-all $wine $build/speed.exe examples/tiny.gguf 2> /dev/null | tr -d '\r') || said="(no wine to run it) | |"
            echo "| $(version $c) | -O2 $flags | $said | $took | $size |"
        done
    else echo "SKIPPED $c: not here" >&2; fi
    echo
fi
[ "${1:-second}" = second ] || exit 0
echo "| option | gcc, s | KiB | clang, s | KiB |"
echo "|---|---|---|---|---|"
for option in "" NO_LEGACY NO_K NO_IQ NO_FP4 NO_TERNARY "NO_IQ NO_FP4 NO_TERNARY" ONLY_Q4_0 ONLY_Q4_K; do
    flags=$(for o in $option; do printf ' -DLLOCAL_%s' $o; done)
    printf '| %s |' "${option:-(none)}"
    for c in gcc clang; do
        command -v $c > /dev/null || { printf ' | |'; continue; }
        printf ' %s |' $(seconds $c -std=c99 -O2 $flags -c $build/use.c -o $build/use.o)
        printf ' %s |' $(size_of)
    done
    echo
done
