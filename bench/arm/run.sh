#!/bin/sh
# Instructions that AArch64 executes for 256 weights of one row and one vector, as a table: ours at each level, and those of
# llama.cpp, whose sources lie in PEER (its dots of one row; "re": with rows repacked, if it does that at this level). One
# vector, and 64 at once. Instructions, not time: an emulator has no clock. Needs aarch64-linux-gnu-g++ and qemu-aarch64.
# Usage: sh bench/arm/run.sh [PEER]
set -eu
b=build/arm peer=${1:-}
mkdir -p $b
cc -std=c99 -O1 -shared -fPIC tests/count.c -o $b/count.so
count() { # program, format, vectors, more...: what three runs take more than one, for 256 weights
    p=$1 f=$2 n=$3; shift 3
    for r in 1 3; do
        qemu-aarch64 -plugin $b/count.so $p "$f" "$n" $r "$@" 2>&1 > /dev/null | sed -n 's/^instructions //p'
    done | awk -v n="$n" 'NR == 1 { a = $1 } END { if (NR == 2) printf "%.0f", ($1 - a) / 2 / (64 * 4096 / 256 * n); else printf "-" }'
}
only="-DLLOCAL_NO_CHAT -DLLOCAL_NO_DISPATCH -DLLOCAL_ONLY_Q4_0 -DLLOCAL_ONLY_Q8_0 -DLLOCAL_ONLY_Q4_K -DLLOCAL_ONLY_Q6_K -DLLOCAL_ONLY_IQ4_XS"
echo "| level | format | one vector | llama.cpp | re | 64 vectors | llama.cpp | re |"
echo "|---|---|---|---|---|---|---|---|"
for level in base: dotprod:-march=armv8.2-a+dotprod i8mm:-march=armv8.2-a+dotprod+i8mm; do
    flags=${level#*:} level=${level%%:*}
    aarch64-linux-gnu-gcc -std=c99 -O2 $only $flags -static bench/arm/dots.c -o $b/dots_$level -lm -lpthread
    if [ -n "$peer" ] && ! [ -e $b/peer_$level ]; then
        g="$peer/ggml" include="-I$peer/ggml/include -I$peer/ggml/src -I$peer/ggml/src/ggml-cpu"
        for s in arch/arm/quants.c quants.c arch/arm/repack.cpp repack.cpp; do
            o=$b/$(echo $s | tr / _).o
            case $s in *.c) x="gcc -std=gnu11" ;; *) x="g++ -std=gnu++17" ;; esac
            aarch64-linux-gnu-$x -O3 -DNDEBUG -D_GNU_SOURCE -ffunction-sections -fdata-sections $flags $include -c "$g/src/ggml-cpu/$s" -o $o
        done
        aarch64-linux-gnu-g++ -std=gnu++17 -O2 $flags $include -static -Wl,--gc-sections -Wl,--unresolved-symbols=ignore-all \
            bench/arm/peer.cpp $b/arch_arm_quants.c.o $b/quants.c.o $b/arch_arm_repack.cpp.o $b/repack.cpp.o -o $b/peer_$level
    fi
    for f in Q4_0 Q8_0 Q4_K Q6_K IQ4_XS; do
        printf '| %s | %s ' $level $f
        for n in 1 64; do
            printf '| %s ' "$(count $b/dots_$level $f $n)"
            if [ -n "$peer" ]; then printf '| %s | %s ' "$(count $b/peer_$level $f $n 0)" "$(count $b/peer_$level $f $n 1)"
            else printf '| | '; fi
        done
        echo '|'
    done
done
