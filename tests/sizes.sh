#!/bin/sh
# How large the library is: its sections as text, and an object of it with what can be left out (a minute).
# Usage: tests/sizes.sh CC [llocal.h [sections]]      "sections": only those
set -u
cc=${1:-cc} h=${2:-llocal.h} only=${3:-}
build=build/sizes
mkdir -p $build || exit 1

# A section begins at the bar above its tag.
awk '
    function close_section() { printf "%-12s %7d %8.1f\n", name, lines, bytes / 1024; lines = bytes = 0 }
    function count(line) { lines++; bytes += length(line) + 1; all++; all_bytes += length(line) + 1 }
    BEGIN { name = "(manual)"; printf "%-12s %7s %8s\n", "section", "lines", "KB" }
    /^\/\* =====/ { bar = $0; next }
    bar != "" {
        if ($0 ~ /^ \* >>[a-z]+ /) { close_section(); name = $2 }
        count(bar); bar = ""
    }
    { count($0) }
    END { close_section(); printf "%-12s %7d %8.1f\n", "all", all, all_bytes / 1024 }' $h
[ -z "$only" ] || exit 0

printf '\n%-62s %8s %5s\n' "$($cc --version | head -1)" "KiB" "s"
printf '#define LLOCAL_IMPLEMENTATION\n#include "%s"\n' "$(cd "$(dirname $h)" && pwd)/$(basename $h)" > $build/use.c
object() { # options...
    start=$(date +%s)
    if ! $cc -std=c99 "$@" -c $build/use.c -o $build/use.o 2> $build/log; then echo "$*: does not compile:"; head -3 $build/log; return; fi
    printf '%-62s %8d %5d\n' "$(echo $* | sed 's/-DLLOCAL_//g')" "$(size $build/use.o | awk 'NR == 2 { print int(($1 + $2) / 1024) }')" $(($(date +%s) - start))
}
object -O2
object -O2 -DLLOCAL_DISPATCH
object -O2 -DLLOCAL_NO_DISPATCH
object -O2 -DLLOCAL_NO_CHAT
object -O2 -DLLOCAL_NO_IQ -DLLOCAL_NO_FP4 -DLLOCAL_NO_TERNARY
object -O2 -DLLOCAL_ONLY_Q4_K -DLLOCAL_ONLY_Q6_K
object -O2 -DLLOCAL_ONLY_Q8_0
object -O2 -DLLOCAL_ONLY_Q8_0 -DLLOCAL_NO_DISPATCH
object -Os -DLLOCAL_ONLY_Q8_0 -DLLOCAL_NO_SIMD
object -Os -DLLOCAL_ONLY_Q8_0 -DLLOCAL_NO_SIMD -DLLOCAL_ONLY_ARCH_LLAMA
object -Os -DLLOCAL_ONLY_Q8_0 -DLLOCAL_NO_SIMD -DLLOCAL_NO_STDIO -DLLOCAL_NO_MMAP -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB -DLLOCAL_NO_CHAT
object -Os -DLLOCAL_ONLY_Q8_0 -DLLOCAL_NO_SIMD -DLLOCAL_NO_STDIO -DLLOCAL_NO_MMAP -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_ARCH_LLAMA -DLLOCAL_ONLY_ARCH_QWEN3
