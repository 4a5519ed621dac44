#!/bin/sh
# One result on other machines: tests/bits.c compiled for each, run (under an emulator), and its hash compared. Prints a
# table in Markdown, a row for each host: what it was compiled by, at which level, the hash, what a token of tiny.gguf
# takes, how large the program's code and tables are (of wasm32: the program). What is not installed is skipped, with a word. Builds are short: -O1,
# three formats.
# Usage: sh tests/hosts.sh [NAME...]      status 0: all that is here gives the same bits
set -u
build=build/hosts
want=2a77a1c0569a16cc
mkdir -p $build
passed=0 failed=0 skipped=0
ok()   { passed=$((passed + 1)); }
bad()  { failed=$((failed + 1)); echo "FAILED $*"; head -20 $build/log; }
skip() { skipped=$((skipped + 1)); echo "SKIPPED $*"; }
wanted="$*"
chosen() { case " ${wanted:-$1} " in *" $1 "*) return 0 ;; esac; return 1; }
here() { # name, program...: are they all installed?
    name=$1; shift
    for p in "$@"; do command -v "$p" > /dev/null || { skip "$name: no $p here"; return 1; }; done
}
warn="-Wall -Wextra -Wpedantic -Werror"
formats="-DLLOCAL_NO_CHAT -DLLOCAL_ONLY_F16 -DLLOCAL_ONLY_BF16 -DLLOCAL_ONLY_Q6_K"
cat > $build/use.c <<'END'
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
END
cat > $build/first.c <<'END'
#include <stdio.h>
#include "../../llocal.h"
#include <string.h>
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
int main(void) { return ll_clock_us() == 0 || printf("%s\n", llocal_build()) < 0; }
END
compile() { # what, command...
    what=$1; shift
    if "$@" > $build/log 2>&1; then ok; else bad "$what: $*"; return 1; fi
}
refuse() { # what, words of the error, command...
    what=$1 words=$2; shift 2
    if "$@" > $build/log 2>&1; then bad "$what is not refused: $*"
    elif grep -q -e "$words" $build/log; then ok; else bad "$what is refused without a reason: $*"; fi
}

# Whether the program says the hash, has what is wanted, and its row: name, shown compiler, level, words of "has", size.
row() { # name, compiler as shown, level, words that "has" must have (a pattern), size, command...
    name=$1 shown=$2 level=$3 has=$4 size=$5; shift 5
    "$@" > $build/out 2> $build/log
    bits=$(tr -d '\r' < $build/out | sed -n 's/^bits //p')
    if [ "$bits" = $want ]; then ok; else bad "$name: bits '$bits', wanted $want: $*"; cat $build/out; fi
    if grep -qE "^has $has" $build/out; then ok; else : > $build/log; bad "$name: $(grep '^has' $build/out), wanted $has"; fi
    echo "| $name | $shown | $(echo "$level" | tr -d "[]") | $bits | $(cost "$@") | $size |" >> $build/table
}
# What a token of tiny.gguf takes on one thread: millions of instructions, where qemu counts them; else tokens/s.
cost() { # command...
    emulator=
    case $1 in
        qemu-*) emulator=$1; shift ;;
        */bits) emulator=qemu-x86_64 ;;
        */bits32) emulator=qemu-i386 ;;
    esac
    if [ -n "$emulator" ] && [ -e $build/count.so ] && command -v $emulator > /dev/null; then
        for n in 4 12; do $emulator -plugin $build/count.so "$@" $n 1 2>&1 > /dev/null | sed -n 's/^instructions //p'; done |
            awk 'NR == 1 { a = $1 } END { if (NR == 2) printf "%.1f M", ($1 - a) / 8e6 }'
    else "$@" 12 1 2> /dev/null | tr -d '\r' | sed -n 's/^speed \(.*\)/\1 a second/p'; fi
}
cc -std=c99 -O1 -shared -fPIC tests/count.c -o $build/count.so > /dev/null 2>&1 || skip "counting: no plugin for qemu can be made here"
kib() { # size tool, object
    $1 "$2" 2> /dev/null | awk 'NR == 2 { print int(($1 + $2) / 1024) }'
}
# A Linux for another processor, by gcc and qemu-user: name, prefix, qemu, flags, level as shown, what it has
linux() {
    chosen "$1" || return 0
    here "$1" "$2gcc" "$3" || return 0
    program=$build/bits_$1
    compile "$1" $2gcc $warn -O1 $formats $4 -c tests/bits.c -o $program.o || return 0
    compile "$1, linked" $2gcc -static $program.o -o $program -lm -lpthread || return 0
    row "$1" "gcc $($2gcc -dumpversion)" "$5" "$6" "$(kib $2size $program.o)" $3 $program
}
printf '| host | compiler | level | bits | a token | KiB |\n|---|---|---|---|---|---|\n' > $build/table

if chosen x86-64; then
    compile x86-64 ${CC:-cc} -std=c99 $warn -O1 $formats -DLLOCAL_NO_DISPATCH -c tests/bits.c -o $build/bits.o &&
        compile "x86-64, linked" ${CC:-cc} $build/bits.o -o $build/bits -lm -lpthread &&
        row x86-64 "${CC:-cc} $(${CC:-cc} -dumpversion)" "plain C" "[a-z0-9]* threads mmap.* clock" "$(kib size $build/bits.o)" $build/bits
fi
# AArch64: levels are chosen at run time, of three processors; and primitives and kernels of each, as the flags promise it
if chosen aarch64 && here aarch64 aarch64-linux-gnu-gcc qemu-aarch64; then
    levels() { # compiler as shown, option, processor:level..., compiler...
        shown=$1 option=$2 cpus=$3; shift 3
        program=$build/bits_aarch64
        compile "aarch64, $shown" "$@" -std=c99 $warn -O1 $formats $option -c tests/bits.c -o $program.o || return 0
        compile "aarch64, $shown, linked" "$@" -static $program.o -o $program -lm -lpthread || return 0
        for cpu in $cpus; do
            row aarch64 "$shown" "${cpu#*:} (${cpu%:*}) $option" "${cpu#*:} dispatch threads mmap clock" \
                "$(kib aarch64-linux-gnu-size $program.o)" qemu-aarch64 -cpu ${cpu%:*} $program
        done
    }
    gcc="gcc $(aarch64-linux-gnu-gcc -dumpversion)"
    levels "$gcc" "" "cortex-a53:neon max:neon[+]dotprod" aarch64-linux-gnu-gcc
    all="cortex-a53:neon cortex-a76:neon[+]dotprod max:neon[+]i8mm"
    levels "$gcc" -DLLOCAL_DISPATCH "$all" aarch64-linux-gnu-gcc
    if here "aarch64, clang" clang; then levels "clang $(clang -dumpversion)" -DLLOCAL_DISPATCH "$all" clang --target=aarch64-linux-gnu; fi
    for flags in "" +dotprod +dotprod+i8mm; do
        compile "aarch64, kernels $flags" aarch64-linux-gnu-gcc -std=c99 $warn -O1 -DLLOCAL_NO_CHAT -march=armv8.2-a$flags \
            -DLLOCAL_ONLY_Q8_0 -DLLOCAL_ONLY_Q4_0 -DLLOCAL_ONLY_Q6_K -DLLOCAL_ONLY_IQ4_XS -static tests/test.c -o $build/test_arm -lm -lpthread &&
            compile "aarch64, kernels $flags, run" qemu-aarch64 $build/test_arm simd matmul tile
    done
fi
linux armhf arm-linux-gnueabihf- qemu-arm -std=c99 "plain C" "scalar threads mmap clock"
linux armhf-fma arm-linux-gnueabihf- qemu-arm "-std=c99 -mfpu=neon-vfpv4" "plain C, -mfpu=neon-vfpv4" "scalar threads mmap clock"
linux riscv64 riscv64-linux-gnu- qemu-riscv64 -std=c99 "plain C" "scalar threads mmap clock"
linux ppc64le powerpc64le-linux-gnu- qemu-ppc64le -std=c99 "plain C" "scalar threads mmap clock"
linux s390x s390x-linux-gnu- qemu-s390x -std=gnu99 "plain C" "scalar threads mmap big-endian clock"
linux mips mips-linux-gnu- qemu-mips -std=c99 "plain C" "scalar threads mmap big-endian clock"

# ---- 32-bit x86 (its kernel headers lie where a 64-bit compiler looks last)
m32="gcc -m32 -idirafter /usr/include/$(uname -m)-linux-gnu"
if chosen i386; then
    if $m32 -x c -c -o $build/use32.o - < /dev/null 2> $build/log && echo '#include <errno.h>
        int main(void) { return 0; }' | $m32 -x c - -o $build/use32 2> $build/log; then
        compile i386 $m32 -std=c99 $warn -O1 $formats -msse2 -mfpmath=sse -c tests/bits.c -o $build/bits32.o &&
            compile "i386, linked" $m32 $build/bits32.o -o $build/bits32 -lm -lpthread &&
            row i386 "gcc $(gcc -dumpversion) -m32" "plain C, -msse2 -mfpmath=sse" "scalar threads mmap clock" "$(kib size $build/bits32.o)" $build/bits32
        for flags in -std=gnu99 "-mavx2 -mfma -mf16c"; do
            refuse "x87 arithmetic ($flags)" "-msse2 -mfpmath=sse" $m32 $flags -fsyntax-only $build/use.c
        done
    else skip "i386: gcc has no -m32 here"; fi
fi
if chosen s390x && here "s390x -std=c99" s390x-linux-gnu-gcc; then
    refuse "floats as doubles" "-fexcess-precision=fast" s390x-linux-gnu-gcc -std=c99 -fsyntax-only $build/use.c
    compile "s390x, its remedy" s390x-linux-gnu-gcc -std=c99 -fexcess-precision=fast $warn -fsyntax-only $build/use.c
fi

# ---- fma is an instruction, also where the host takes no builtins
for c in riscv64-linux-gnu-gcc powerpc64le-linux-gnu-gcc "arm-linux-gnueabihf-gcc -mfpu=neon-vfpv4" "aarch64-linux-gnu-gcc -DLLOCAL_NO_SIMD" "gcc -mfma -DLLOCAL_NO_SIMD"; do
    chosen fma && here "fma, $c" ${c%% *} || continue
    compile "fma, $c" $c -std=c99 -O0 -ffreestanding $formats -DLLOCAL_NO_THREADS -S $build/use.c -o $build/use.s || continue
    : > $build/log
    if grep -qE '[[:space:]](v?fmadd|vfma|xsmadd)' $build/use.s && ! grep -qE '[[:space:]](fmaf|fabsf)' $build/use.s; then ok
    else bad "$c -ffreestanding: a call, where an instruction would do"; fi
done

# ---- a system header first, in strict C99, on 32 bits and in both sizes of its times
for c in arm-linux-gnueabihf-gcc:qemu-arm mips-linux-gnu-gcc:qemu-mips; do
    run=${c#*:} c=${c%:*}
    chosen first && here "a system header first, $c" $c $run || continue
    for times in "" "-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64"; do
        compile "a system header first, $c $times" $c -std=c99 $warn -O0 $times -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_Q8_0 -static $build/first.c -o $build/first -lm -lpthread &&
            compile "a system header first, $c $times, run" $run $build/first
    done
done

# ---- Windows
windows() { # name, compiler, flags, level, wine
    chosen $1 || return 0
    here $1 $2gcc || return 0
    compile $1 $2gcc -std=c99 $warn -O1 $formats $3 -c tests/bits.c -o $build/$1.o || return 0
    compile "$1, linked" $2gcc $build/$1.o -o $build/$1.exe || return 0
    here "$1, run" $5 || return 0
    if [ $5 = wine ] && ! ls /usr/lib/wine/wine /usr/lib/i386-linux-gnu/wine > /dev/null 2>&1; then skip "$1, run: wine has no 32 bits here"; return 0; fi
    row $1 "mingw gcc $($2gcc -dumpversion | sed 's/-.*//')" "$4" "[a-z0-9]* .*threads mmap.* clock" "$(kib $2size $build/$1.o)" env WINEDEBUG=-all $5 $build/$1.exe
}
wine=$(command -v wine64 || command -v wine || ls /usr/lib/wine/wine64 2> /dev/null || echo wine)
windows windows x86_64-w64-mingw32- "-mavx2 -mfma -mf16c" avx2 $wine
windows windows32 i686-w64-mingw32- "-msse2 -mfpmath=sse" "plain C, -msse2 -mfpmath=sse" wine
# The unit tests there: paths of all letters and over 260 units, files over 4 GiB, threads.
if chosen windows && here "windows, unit tests" x86_64-w64-mingw32-gcc "$wine"; then
    compile "windows, unit tests" x86_64-w64-mingw32-gcc -std=c99 $warn -O1 -mavx2 -mfma -mf16c $formats -DLLOCAL_ONLY_Q8_0 tests/test.c -o $build/test.exe &&
        if WINEDEBUG=-all $wine $build/test.exe source gguf threads unicode simd ops sample text template reply calls attention matmul tile > $build/log 2>&1; then
            ok; tail -1 $build/log | tr -d '\r' | sed 's/^/windows, unit tests: /'
        else bad "windows, unit tests: $(tail -1 $build/log)"; fi
fi

# ---- WebAssembly, as a program for WASI in node
if { chosen wasm32 || chosen wasm32-simd; } && here wasm32 clang node; then
    cat > $build/wasi.mjs <<'END'
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const wasi = new WASI({ version: 'preview1', args: ['bits', ...process.argv.slice(3)], preopens: { '.': '.' } });
const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), wasi.getImportObject ?
    wasi.getImportObject() : { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
END
    if echo 'int main(void) { return 0; }' | clang --target=wasm32-wasi -x c - -o $build/no.wasm > $build/log 2>&1; then
        wasm() { # name, flags, level, what it has, compiler, option of node
            chosen $1 || [ "$wanted" = wasm32 ] || return 0
            compile $1 $5 --target=wasm32-wasi -std=c99 $warn -O1 $formats $2 -Wl,-z,stack-size=1048576 tests/bits.c -o $build/bits.wasm &&
                row $1 "clang $($5 -dumpversion), node" "$3" "$4 clock" "$(($(wc -c < $build/bits.wasm) / 1024))" node --no-warnings $6 $build/wasi.mjs $build/bits.wasm
        }
        wasm wasm32 "" "plain C" scalar clang ""
        fused=$(sh examples/web/fused.sh)
        if [ -n "$fused" ]; then wasm wasm32-simd "-msimd128 -mrelaxed-simd" "vectors of 128 bits, -mrelaxed-simd" "wasm128[+]fma" $fused --experimental-wasm-relaxed-simd
        else skip "wasm32, -mrelaxed-simd: no clang of 16 or later with its runtime for wasm32"; fi
        wasm wasm32-simd -msimd128 "vectors of 128 bits" wasm128 clang ""
        # Two roundings, named and near the one result, but another.
        if chosen wasm32-simd || [ "$wanted" = wasm32 ]; then
            compile "wasm32, relaxed" clang --target=wasm32-wasi -std=c99 $warn -O1 $formats -msimd128 -DLLOCAL_RELAXED -Wl,-z,stack-size=1048576 \
                tests/bits.c -o $build/relaxed.wasm && node --no-warnings $build/wasi.mjs $build/relaxed.wasm > $build/log 2>&1
            if grep -q '^has wasm128 RELAXED' $build/log && grep -qE '^bits [0-9a-f]{16}$' $build/log && ! grep -qE "^bits ($want|0{16})" $build/log &&
                [ "$(head -1 $build/log)" = "$(head -1 $build/out)" ]; then ok; else bad "LLOCAL_RELAXED: not named, not another result, or another story"; fi
        fi
        compile "wasm64, an object" clang --target=wasm64-unknown-unknown -std=c99 $warn -O0 -ffreestanding $formats -DLLOCAL_NO_STDIO \
            -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB -c $build/use.c -o $build/use64.o
        # 64-bit addresses, without a libc: the story of examples/board, whose bits every machine says.
        if { chosen wasm32 || [ "$wanted" = wasm32 ]; } && node --experimental-wasm-memory64 -e 0 2> $build/log; then
            compile "wasm64" clang --target=wasm64-unknown-unknown -std=gnu99 -Wall -Wextra -Werror -O1 -ffreestanding -nostdlib -DLLOCAL_NO_STDIO \
                -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_Q6_K -Wl,--no-entry -Wl,-mwasm64 tests/wasm64.c -o $build/bits64.wasm &&
                if node --no-warnings --experimental-wasm-memory64 tests/wasm64.mjs $build/bits64.wasm examples/tiny.gguf > $build/log 2>&1 &&
                    grep -qx 'bits: ac492a12613ebee1' $build/log; then ok; else bad "wasm64 tells another story"; fi
        fi
    else skip "wasm32: clang has no WASI here (wasi-libc, lld, libclang-rt-dev-wasm32)"; fi
fi

# ---- boards: without a libc's headers what the library wants of one is named, and nothing else is called
bare="-DLLOCAL_NO_STDIO -DLLOCAL_NO_MMAP -DLLOCAL_NO_THREADS -DLLOCAL_NO_STDLIB"
if chosen bare && here bare arm-none-eabi-gcc; then
    own=$(arm-none-eabi-gcc -print-file-name=include)
    for language in "c -std=c99" "c++ -std=c++11"; do
        compile "bare, $language" arm-none-eabi-gcc -x $language $warn -O1 -mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16 \
            -ffreestanding -nostdinc -isystem $own $bare -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_Q8_0 -c $build/use.c -o $build/bare.o || continue
        calls=$(arm-none-eabi-nm -u $build/bare.o | awk '{ print $2 }' | grep -v __aeabi |
            grep -vxE 'mem(chr|cmp|cpy|move|set)|str(chr|cmp|cspn|len|ncmp)|sqrt|sqrtf|roundf')
        : > $build/log
        if [ -z "$calls" ]; then ok; else bad "bare, $language, also wants: $calls"; fi
    done
fi
# Vectors of floats flush what is tiny on M-profile: none, however much the compiler wants to.
if chosen mve && here mve arm-none-eabi-gcc; then
    compile "M-profile's vectors" arm-none-eabi-gcc -std=c99 -O1 -ftree-vectorize -mcpu=cortex-m55 -mthumb -mfloat-abi=hard $bare \
        -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_Q8_0 -S $build/use.c -o $build/use.s &&
        if grep -qE '[[:space:]]v(mul|fma|add|sub)\.f32[[:space:]]q' $build/use.s; then : > $build/log; bad "vectors of floats on M-profile"; else ok; fi
fi
cat $build/table
echo "hosts: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
