#!/bin/sh
# What `make check` does besides the generators: the order of the house, its manners, every way of
# compiling it, and one result over instruction sets and compilers. Usage: tests/check.sh CC
set -u
cc=${1:-cc}
build=build/check
passed=0 failed=0 skipped=0
mkdir -p $build
ok()   { passed=$((passed + 1)); }
bad()  { failed=$((failed + 1)); echo "FAILED $*"; }
skip() { skipped=$((skipped + 1)); echo "SKIPPED $*"; }

# ---- order: the sections stand in the order of the table of contents
awk '/^   CONTENTS/ { toc = 1 } /^   OPTIONS/ { toc = 0 } toc && /^ *>>/ { print $1 }' llocal.h > $build/toc
sed -n 's/^ \* \(>>[a-z]*\) .*/\1/p' llocal.h > $build/sections
if cmp -s $build/toc $build/sections; then ok; else bad "sections and table of contents differ:"; diff $build/toc $build/sections; fi

# ---- layers: no static forward prototypes, so the compiler proves the order of the functions
if grep -nE '^(static|LL_FN|LL_INLINE|LL_NOINLINE|LL_COLD)[^={]*\([^{]*\);' llocal.h; then bad "forward prototypes"; else ok; fi

# ---- lines: none longer than 120 columns, but where they are generated, and eight old ones
long=$(awk '/^\/\* generated from kernels_gen/ { skip = 1 } /^\/\* end of generated/ { skip = 0 }
    !skip && length($0) > 120 { print "llocal.h:" NR ": " substr($0, 1, 60) "..." }' llocal.h)
[ "$(printf '%s' "$long" | grep -c .)" -le 8 ] && ok || bad "lines of more than 120 columns: $long"

# ---- blocks: no two of a room share a bit
twice=$(sed -n 's/^#define LL_B_[A-Z0-9_]* *LL_B(\([A-Z]*\), \([0-9]*\)).*/\1 \2/p' llocal.h | sort | uniq -d)
if [ -n "$twice" ]; then bad "two blocks with one bit: $twice"; else ok; fi

# ---- names: of windows.h some are macros
taken=$(sed 's,/\*.*\*/,,; s/"[^"]*"//g' llocal.h | awk '/^ *\/\*/ { c = 1 } { print c ? "" : $0 } /\*\// { c = 0 }' |
    sed '1,/^#define LLOCAL_IMPLEMENTATION_DONE/s/.*//' | grep -nE '(^|[^a-zA-Z0-9_])(near|far) *[+=,;).>/*-]')
if [ -n "$taken" ]; then bad "names that are macros of Windows: $taken"; else ok; fi

# ---- flags: nor do two of an enum (written 1 << n)
twice=$(awk '/^(typedef )?enum/ { e++ } /^    LL_[A-Z0-9_]+ *= 1 << [0-9]+/ { match($0, /<< [0-9]+/); print e, substr($0, RSTART, RLENGTH) }' \
    llocal.h | sort | uniq -d)
if [ -n "$twice" ]; then bad "two flags with one bit: $twice"; else ok; fi
twice=$(sed -n 's/^#define LL_[A-Z0-9_]* *LL_FLAG(\([0-9]*\)).*/\1/p' llocal.h | sort | uniq -d)
if [ -n "$twice" ]; then bad "two flags of architectures with one bit: $twice"; else ok; fi

# ---- operations: the table is in the order of their numbers
awk '/^typedef enum ll_op_id/ { on = 1; next } /LL_N_OPS/ { sub(/LL_N_OPS.*/, ""); print; exit } on' llocal.h |
    grep -oE 'LL_OP_[A-Z0-9_]+' | sed 's/LL_OP_//' | tr 'A-Z_' 'a-z ' > $build/want
awk '/^static const ll_op ll_ops/ { on = 1; next } on && /^};/ { exit } on' llocal.h | sed -n 's/^    \({ \|LL_RARE_OP(\)"\([^"]*\)".*/\2/p' > $build/got
if cmp -s $build/want $build/got; then ok; else bad "ll_ops is not in the order of ll_op_id:"; diff $build/want $build/got; fi

# ---- manners: what a good guest does not call, but for the defaults of the hooks
calls=$(sed 's,/\*.*\*/,,; s,//.*,,' llocal.h |
    awk '/^\/\*/ { c = 1 } !c { print } /\*\// { c = 0 }' |
    grep -E '(^|[^a-zA-Z_>.])(abort|exit|_Exit|assert|getenv|printf|fprintf|puts|malloc|calloc|realloc|free|rand|srand|time)[ ]*\(' |
    grep -vE 'block = \(uint8_t \*\)calloc\(|free\(old_block\)')
if [ -n "$calls" ]; then bad "calls that a guest does not make: $calls"; else ok; fi

# ---- words: a result that is an error comes from what says why. Two say it for others: the cursor remembers
# (ll_gguf_check speaks), and ll_alloc knows only why (ll_fail_alloc speaks).
mute=$(awk '/^#define LLOCAL_IMPLEMENTATION_DONE/ { on = 1 } on' llocal.h | awk '
        { line = $0; while ((a = index(line, "/*")) || c) {          # without comments
              if (!c) { out = out substr(line, 1, a - 1); line = substr(line, a + 2); c = 1 }
              else if (b = index(line, "*/")) { line = substr(line, b + 2); c = 0 }
              else { line = ""; break } }
          print out line; out = "" }' | awk '
        /^LL_FN llocal_result ll_alloc\(/ { skip = 1 } /^}/ { skip = 0 }
        { s = s " " $0 } /[;{}] *$/ { if (!skip && s ~ /LLOCAL_ERR_/) print s; s = "" }' | sed 's/   */ /g' |
    grep -vE '(ll_fail|ll_fail_unheard|ll_fault_set|ll_chat_fail|ll_gguf_refuse|ll_tpl_wrong|ll_tpl_fault|ll_auto_refuse|ll_auto_refuse_memory)\([^;]*LLOCAL_ERR_|(==|!=) LLOCAL_ERR_|c->error = LLOCAL_ERR_')
if [ -n "$mute" ]; then bad "results without words: $mute"; else ok; fi
unheard=$(grep -c 'return ll_fail_unheard(' llocal.h)
[ "$unheard" -le 19 ] && ok || bad "$unheard failures have nobody to tell: is there really no logger?"

# ---- faces: nothing inside calls a public function, which begins by checking its caller
faces=$(sed -n 's/^LLOCAL_API [^(]*[ *]\(llocal_[a-z0-9_]*\)(.*/\1/p' llocal.h | sort -u | tr '\n' '|' | sed 's/|$//')
inside=$(sed -e '1,/^#define LLOCAL_IMPLEMENTATION_DONE/s/.*//' -e 's,/\*.*\*/,,; s,"[^"]*",,g; s/^LLOCAL_API [^(]*(/(/' llocal.h |
    awk '/\/\*/ { c = 1 } { print c ? "" : $0 } /\*\// { c = 0 }' | grep -nE "(^|[^a-z0-9_])($faces)[ ]*\(")
if [ -n "$inside" ]; then bad "internal calls of public functions: $inside"; else ok; fi

# ---- the architectures that the README names, and how many, are the rows of the table
awk '/^static const ll_arch ll_archs/ { on = 1; next } on && /^};/ { exit } on' llocal.h |
    sed -n 's/^    LL_ARCH([A-Z0-9_]*, "\([a-z0-9_-]*\)", [0-9].*/\1/p' | sort -u > $build/want
sed -n 's/^| \(architectures\|for vectors and ranks\|by denoising\)[^|]*| \(.*\) |$/\2/p' README.md |
    grep -oE '`[a-z0-9_-]+`' | tr -d '`' | sort -u > $build/got
if diff $build/want $build/got > $build/log; then ok; else bad "README's architectures:"; cat $build/log; fi
if grep -q "^| architectures ($(grep -c . $build/want))" README.md; then ok; else bad "README does not say how many"; fi

# ---- the programs in the manual, and the first one in the README, are those that are compiled and run
shown() { # heading: the code under it in the manual
    awk -v head="$1" 'index($0, head) { on = 1; next } on && /^   [^ ]/ { exit } on' llocal.h | sed 's/^       //' |
        sed '/./,$!d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}
same() { if diff $build/want $build/got; then ok; else bad "the program $1"; fi; }
sed -n '/^static bool put_text/,$p' examples/hello.c > $build/want
shown "THE FIRST PROGRAM" > $build/got; same "in the manual is not examples/hello.c"
awk '/^static bool put_text/ { on = 1 } /^```/ { on = 0 } on' README.md > $build/got; same "in the README is not examples/hello.c"
sed -n '/^int main/,$p' tests/users/frame.c > $build/want
shown "INSIDE A FRAME" > $build/got; same "in the manual is not tests/users/frame.c"
sed -n '/^typedef struct arena/,/^}/p' tests/users/arena.c > $build/want
shown "So an arena will do" > $build/got; same "in the manual is not tests/users/arena.c"

# ---- kernels: each primitive of an instruction set has a definition and a test; what only its own file uses is named
# llx_; no instruction set is named outside of isa/, the lists simd.c and dispatch.c, >>platform and >>dispatch
isa=kernels_gen/isa
grep -ohE "^LL_INLINE [a-z0-9_]+ +llv_[a-z0-9_]+\(" $isa/scalar*.h | grep -oE "llv_[a-z0-9_]+" | grep -vxE "llv_([bfwiprz]|part)" | sort -u > $build/defined
same_list() { if cmp -s "$1" "$2"; then ok; else bad "$3"; diff "$1" "$2"; fi; }
grep -ohE '\bllv_[a-z0-9_]+\(' $isa/*.h | tr -d '(' | sort -u > $build/primitives
same_list $build/primitives $build/defined "a primitive of $isa has no definition in scalar*.h (or is a helper: llx_)"
sed -n 's/^#define \(llv_[a-z0-9_]*\) .*/\1/p' tests/simd_names.h | grep -vE '^llv_([bfwiprz]|part)$' > $build/named
same_list $build/named $build/defined "tests/simd_names.h is not the list of definitions"
grep -oE '(TAKE(_F)?\([a-z_]+, |TAKE_SUM\([248], |TAKE_PART\(|NOTE\()llv_[a-z0-9_]+' tests/simd_calls.h | grep -oE 'llv_[a-z0-9_]+$' | sort -u > $build/tested
same_list $build/tested $build/defined "a primitive has no test in tests/simd_calls.h"
x86='_mm[0-9_]|__m(128|256|512)|\bllx_|\bLL_(SSE41|AVX2|AVX512|VNNI|VBMI)\b'
strangers=$(grep -nE "$x86" -r kernels_gen/formats kernels_gen/templates; grep -n LLV_GRID -r kernels_gen/formats)
if [ -n "$strangers" ]; then bad "formats and templates name an instruction set: $strangers"; else ok; fi
strangers=$(awk '/^\/\* generated from kernels_gen/ { skip = 1 } /^\/\* end of generated/ { skip = 0 } / \* >>/ { at = $2 }
    !skip && at != ">>platform" && at != ">>dispatch"' llocal.h | grep -nE "$x86" | grep -vE 'LL_AVX2 && LL_MSVC|_mm_fmadd_ss')
if [ -n "$strangers" ]; then bad "llocal.h names an instruction set outside of >>platform and isa/: $strangers"; else ok; fi

# ---- the names at llocal_trace are those that examples/look.c has words for
awk '/^ \*     embd  / { on = 1 } /^typedef struct llocal_trace/ { exit } on' llocal.h | cut -c8-32 |
    tr -s ' ' '\n' | grep . | sort -u > $build/names.header
sed -n 's/^    { "\([a-z_]*\)", .*/\1/p' examples/look.c | sort -u > $build/names.look
if cmp -s $build/names.header $build/names.look; then ok; else bad "names of values:"; diff $build/names.header $build/names.look; fi

# ---- every way of compiling
cat > $build/use.c <<'END'
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
END
cat > $build/user.c <<'END'
#include "../../llocal.h"
int llocal_user(void) { return llocal_version(); }
END
cat > $build/main.c <<'END'
#include "../../llocal.h"
int llocal_user(void);
int main(void) { return llocal_user() != LLOCAL_VERSION || llocal_version() != LLOCAL_VERSION; }
END
warn="-Wall -Wextra -Wpedantic -Werror"
# VNNI twice: as CPUs without AVX-512 have it, and as those with it do (without the rest of AVX-512 it is
# the same path, so that it runs there too)
avx2=-mavx2,-mfma,-mf16c
simds="-DLLOCAL_NO_SIMD -msse4.1 $avx2 $avx2,-mavxvnni $avx2,-mavx512vl,-mavx512vnni -march=x86-64-v4,-mavx512vnni"
case $(uname -m) in x86_64) ;; *) simds=-DLLOCAL_NO_SIMD ;; esac
try() { # what, command...
    what=$1; shift
    if "$@" > $build/log 2>&1; then ok; else bad "$what: $*"; head -20 $build/log; fi
}
refuse() { # what, words of the error, command...
    what=$1 words=$2; shift 2
    if "$@" > $build/log 2>&1; then bad "$what is not refused: $*"
    elif grep -q "$words" $build/log; then ok; else bad "$what is refused without a reason: $*"; head -20 $build/log; fi
}
case $($cc --version | head -1) in *clang*) other=gcc ;; *) other=clang ;; esac
compilers=$cc
command -v $other > /dev/null && compilers="$cc $other"
for c in $compilers; do
    for simd in $simds; do
        simd=$(echo "$simd" | tr , ' ')
        try "C99 $simd" $c -std=c99 $warn $simd -fsyntax-only $build/use.c
        try "C++11 $simd" $c -x c++ -std=c++11 $warn $simd -fsyntax-only $build/use.c
    done
    for option in STATIC NO_DISPATCH NO_CHAT NO_STDIO NO_MMAP NO_THREADS NO_STDLIB NO_SAMPLING ONLY_KV_F16 ONLY_KV_Q8 ONLY_Q4_0 ONLY_Q8_0 ONLY_Q4_K ONLY_F16 ONLY_NVFP4 ONLY_IQ2_XS ONLY_IQ1_M NO_K NO_IQ NO_FP4 NO_TERNARY NO_LEGACY; do
        try "$option" $c -std=c99 $warn -DLLOCAL_$option -fsyntax-only $build/use.c
    done
    try "freestanding" $c -std=c99 $warn -DLLOCAL_NO_STDIO -DLLOCAL_NO_STDLIB -DLLOCAL_NO_THREADS -DLLOCAL_NO_MMAP -fsyntax-only $build/use.c
    try "gnu11" $c -std=gnu11 $warn -O1 -c $build/use.c -o $build/use.o
    try "two files" $c -std=c99 $warn $build/main.c $build/user.c $build/use.o -o $build/two -lm -lpthread
    try "two files run" $build/two
    try "few things" $c -std=c99 $warn -O0 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_CHAT -DLLOCAL_ONLY_Q6_K -DLLOCAL_ONLY_KV_Q8 -DLLOCAL_NO_SAMPLING tests/few.c -o $build/few -lm -lpthread
    try "few things run" $build/few
    try "a program in C++" $c -x c++ -std=c++11 $warn -O1 -DLLOCAL_ONLY_Q6_K tests/users/frame.c -o $build/frame -lm -lpthread
    try "a program in C++ runs" $build/frame examples/tiny.gguf
done

# ---- hosts with strict warnings: none from the header, nor from the implementation, nor from declarations that stay
# without one; and what the host's flags say holds again behind it
cat > $build/static.c <<'END'
#define LLOCAL_STATIC
#include "../../llocal.h"
END
cat > $build/strict.c <<'END'
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
double after(float x, double y);
double after(float x, double y) { return x * y; }
END
strict="-Wdouble-promotion -Wconversion -Wsign-conversion -Wshadow -Wcast-align -Wcast-qual -Wfloat-equal"
strict_cxx="-Wold-style-cast -Wzero-as-null-pointer-constant"
for c in $compilers; do
    useless=-Wuseless-cast
    if $c --version | grep -q clang; then useless=; fi
    for file in use user static; do
        try "strict, C99, $file" $c -std=c99 $warn $strict -fsyntax-only $build/$file.c
        try "strict, C++17, $file" $c -x c++ -std=c++17 $warn $strict $strict_cxx $useless -fsyntax-only $build/$file.c
    done
    refuse "a strict host's own code" "double-promotion" $c -std=c99 -Werror -Wdouble-promotion -DLLOCAL_NO_DISPATCH -fsyntax-only $build/strict.c
done

# ---- a file that needs a family of formats which was left away is refused, with the option (the model is in Q6_K)
try "a family left away" $cc -std=c99 $warn -O0 -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_K -DLLOCAL_NO_IQ examples/hello.c -o $build/hello_no_k -lm -lpthread
refuse "a file of K-quants without them" "Q6_K.*: compile it without LLOCAL_NO_K" $build/hello_no_k examples/tiny.gguf
try "one format" $cc -std=c99 $warn -O1 -DLLOCAL_ONLY_Q6_K examples/hello.c -o $build/hello_q6_k -lm -lpthread
$build/hello_q6_k examples/tiny.gguf > $build/said 2> $build/log || bad "hello with one format"

# ---- a small compiler, plain C and one thread: the same text
if command -v tcc > /dev/null; then
    try "tcc" tcc -Wall -Werror examples/hello.c -o $build/hello_tcc -lm
    if $build/hello_tcc examples/tiny.gguf 2> $build/log | cmp -s - $build/said; then ok; else bad "tcc's program says something else"; fi
else skip "tcc: not here"; fi

# ---- a system header may come first, in strict C99 too, and the implementation after the header alone
cat > $build/first.c <<'END'
#include <stdio.h>
#include "../../llocal.h"
#include <string.h>
#define LLOCAL_IMPLEMENTATION
#include "../../llocal.h"
float after(float a, float b, float c);
float after(float a, float b, float c) { return a * b + c; }
int main(void) { return ll_clock_us() == 0 || printf("%s\n", llocal_build()) < 0; }
END
for c in $compilers; do
    for option in "" -DLLOCAL_NO_STDIO -DLLOCAL_NO_MMAP -DLLOCAL_NO_THREADS; do
        try "a system header first $option" $c -std=c99 $warn -O0 -DLLOCAL_NO_DISPATCH -DLLOCAL_ONLY_Q8_0 $option $build/first.c -o $build/first -lm -lpthread
        try "a system header first $option, run" $build/first
    done
done
# what the host's flags say about a * b + c holds again behind the include
case $(uname -m) in x86_64)
    for c in $compilers; do for contract in off fast; do
        try "contraction $contract" $c -std=c99 $warn -O2 -mfma -ffp-contract=$contract -DLLOCAL_NO_SIMD -DLLOCAL_ONLY_Q8_0 -S $build/first.c -o $build/first.s
        fused=$(awk '/^after:/ { on = 1 } on && /vfmadd/ { print "fast"; exit } on && /ret/ { exit }' $build/first.s)
        if [ "${fused:-off}" = $contract ]; then ok; else bad "$c -ffp-contract=$contract does not hold behind the include"; fi
    done; done ;;
*) skip "contraction behind the include: known of x86-64" ;; esac
# clang's flag overrules the pragma that forbids it, and no macro tells: opening a model does, of the level that runs
case $(uname -m) in x86_64)
    if command -v clang > /dev/null && grep -q avx2 /proc/cpuinfo 2> /dev/null; then
        for flags in "-mfma -DLLOCAL_NO_SIMD" ""; do
            try "contraction that the pragma does not stop $flags" clang -std=c99 $warn -O1 -ffp-contract=fast $flags -DLLOCAL_NO_CHAT \
                -DLLOCAL_ONLY_Q6_K examples/hello.c -o $build/hello_fused -lm -lpthread
            refuse "contraction that the pragma does not stop $flags" "fuses products and sums: compile llocal.h with -ffp-contract=off" \
                $build/hello_fused examples/tiny.gguf
        done
    else skip "contraction by clang: no clang, or no FMA here"; fi ;;
esac

# ---- no function that nothing calls: what one of these builds has no use for, another must have. (Of inline
# ones only clang speaks, and only in the file itself.)
for c in $compilers; do
    n=0
    rm -f $build/unused.*
    for simd in $simds; do
        quick=-fsyntax-only
        if ! $c --version | grep -q clang; then         # it sees them only while it compiles
            quick="-O0 -S -o /dev/null"
            case $simd in -DLLOCAL_NO_SIMD|$avx2) ;; *) continue ;; esac
        fi
        simd=$(echo "$simd" | tr , ' ')
        n=$((n + 1))
        try "unused functions" $c -x c -std=c99 -Wunused-function -DLL_SHOW_UNUSED -DLLOCAL_NO_DISPATCH -DLLOCAL_IMPLEMENTATION $simd $quick llocal.h
        grep -E 'unused function|defined but not used' $build/log | grep -oE 'll[a-z]?_[A-Za-z0-9_]+' | sort -u > $build/unused.$n
    done
    dead=$(cat $build/unused.* | sort | uniq -c | awk -v n=$n '$1 == n { print $2 }')
    if [ -z "$dead" ]; then ok; else bad "functions that nothing calls, says $c: $dead"; fi
done

# ---- each example is complete, and complete with an object of the library beside it (those with libraries where these are)
programs=$(ls examples/*.c tests/users/*.c)
if echo '#include <microhttpd.h>
#include <jansson.h>' | $cc -E -x c - > /dev/null 2>&1; then make -s build/page.h
else programs=$(echo "$programs" | grep -v examples/serve.c); skip "examples/serve.c: libmicrohttpd-dev, libjansson-dev are missing"; fi
if ! echo '#include <sqlite3.h>' | $cc -E -x c - > /dev/null 2>&1; then
    programs=$(echo "$programs" | grep -v examples/find.c); skip "examples/find.c: libsqlite3-dev is missing"
fi
if ! pkg-config --exists gmime-3.0 sqlite3 2> /dev/null; then
    programs=$(echo "$programs" | grep -v examples/triage.c); skip "examples/triage.c: libgmime-3.0-dev, libsqlite3-dev or pkg-config are missing"
fi
if ! echo '#include <libical/ical.h>' | $cc -E -x c - > /dev/null 2>&1; then
    programs=$(echo "$programs" | grep -v examples/remind.c); skip "examples/remind.c: libical-dev is missing"
fi
if ! echo '#include <jansson.h>' | $cc -E -x c - > /dev/null 2>&1; then
    programs=$(echo "$programs" | grep -v examples/mcp.c); skip "examples/mcp.c: libjansson-dev is missing"
fi
gmime=$(pkg-config --cflags gmime-3.0 2> /dev/null)
for c in $compilers; do
    for f in $programs; do
        if [ $c = $cc ]; then try "$f alone" $c -std=c99 $warn -Ibuild $gmime -DLLOCAL_ONLY_Q8_0 -fsyntax-only $f; fi
        try "$f with an object" $c -std=c99 $warn -Ibuild $gmime -DLLOCAL_IMPLEMENTATION_DONE -fsyntax-only $f
    done
done

# ---- levels in one object: those of LLOCAL_DISPATCH, also of some flags; the two of no flag at all; from
# any folder and under another name. Text that was copied into a program has no file to include again.
levels= above=
case $(uname -m) in x86_64) levels="1 2 3 4 5" above="-march=x86-64-v2 -march=x86-64-v3 -march=icelake-client" ;; esac
mkdir -p $build/elsewhere/lib $build/copied
cp llocal.h $build/elsewhere/lib/ai.h
cat > $build/renamed.c <<'END'
#define LLOCAL_IMPLEMENTATION
#include "elsewhere/lib/ai.h"
END
cat > $build/says.c <<'END'
#include <stdio.h>
#include "../../llocal.h"
int main(void) { puts(llocal_build()); return 0; }
END
{ echo '#define LLOCAL_IMPLEMENTATION'; cat llocal.h; } > $build/copied/program.c
timed() { # compiler, option, object
    start=$(date +%s)
    try "one object" $1 -std=c99 $warn -O2 $2 -c $build/use.c -o $3
    echo "one object at -O2, $1 $2: $(($(date +%s) - start)) s $(size $3 2> /dev/null | awk 'NR == 2 { print int(($1 + $2) / 1024) " KiB" }')"
}
says() { # what, pattern, command...: whether the program prints it
    what=$1 pattern=$2; shift 2
    if "$@" 2> $build/log | grep -q "$pattern"; then ok; else bad "$what does not say $pattern: $*"; "$@" 2>&1 | head -5; fi
}
for c in $compilers; do
    timed $c -DLLOCAL_DISPATCH $build/dispatch_$c.o
    try "dispatch, C++11" $c -x c++ -std=c++11 $warn -O1 -DLLOCAL_DISPATCH -c $build/use.c -o $build/dispatch_$c++.o
    for option in -DLLOCAL_STATIC -DLLOCAL_NO_STDIO -DLLOCAL_NO_THREADS -DLLOCAL_NO_SIMD -DLLOCAL_ONLY_Q4_0 $above; do
        try "dispatch, $option" $c -std=c99 $warn -DLLOCAL_DISPATCH $option -fsyntax-only $build/use.c
    done
    try "dispatch, renamed" $c -std=c99 $warn -DLLOCAL_DISPATCH -DLLOCAL_FILE='"ai.h"' -fsyntax-only $build/renamed.c
    refuse "all levels and none" "define one of them" $c -DLLOCAL_DISPATCH -DLLOCAL_NO_DISPATCH -fsyntax-only $build/use.c
    [ -n "$levels" ] || continue
    for more in "" -DLLOCAL_FILE='"nowhere.h"' -DLLOCAL_NO_DISPATCH -DLLOCAL_NO_SIMD -mavx2,-mfma,-mf16c; do
        try "flags $more" $c -std=c99 $warn -O0 -DLLOCAL_ONLY_Q8_0 $(echo $more | tr , ' ') $build/use.c $build/says.c -o $build/says -lm -lpthread
        case $more in
            "") says "no flag" "^[a-z0-9]* dispatch " $build/says ;;
            -m*) if grep -q avx2 /proc/cpuinfo 2> /dev/null; then says "$more" "^avx2 threads" $build/says; fi ;;
            *) says "$more" "^scalar threads" $build/says ;;
        esac
    done
    try "renamed" $c -std=c99 $warn -O0 -DLLOCAL_ONLY_Q8_0 $build/renamed.c $build/says.c -o $build/says -lm -lpthread
    if echo __FILE_NAME__ | $c -E -x c - | grep -q '"'; then says "renamed" " dispatch " $build/says
    else says "renamed" "^scalar threads" $build/says; fi
    try "renamed, named" $c -std=c99 $warn -O0 -DLLOCAL_ONLY_Q8_0 -DLLOCAL_FILE='"ai.h"' $build/renamed.c $build/says.c -o $build/says -lm -lpthread
    says "renamed, named" " dispatch " $build/says
    try "copied" $c -std=c99 -O0 -DLLOCAL_ONLY_Q8_0 $build/copied/program.c $build/says.c -o $build/says -lm -lpthread
    says "copied" "^scalar threads" $build/says
done
for f in tests/test.c bench/bench.c; do refuse "$f with levels" "one instruction set" $cc -DLLOCAL_DISPATCH -fsyntax-only $f; done
if [ -n "$levels" ]; then
    refuse "AVX-512 without FMA" "needs AVX2, FMA" $cc -march=icelake-client -U__FMA__ -fsyntax-only $build/use.c
fi

# ---- 32-bit x86: x87 arithmetic is refused, with the flags that help
x87= sse32=
case $(uname -m) in x86_64|i?86) x87=-m32,-mno-sse sse32=-m32,-msse2,-mfpmath=sse ;; esac
for c in $compilers; do
    [ -n "$x87" ] || break
    if ! $c -m32 $build/user.c -c -o $build/user32.o 2> /dev/null; then skip "32-bit x86: $c has no -m32 here"; continue; fi
    for flags in $x87 -m32,-mfpmath=387; do
        refuse "x87, $c" "compile with -msse2 -mfpmath=sse" $c -std=c99 $(echo $flags | tr , ' ') -fsyntax-only $build/use.c
    done
    try "32-bit x86" $c -std=c99 $warn $(echo $sse32 | tr , ' ') -fsyntax-only $build/use.c
    try "fast-math is no refusal, $c" $c -std=c99 -ffast-math -fsyntax-only $build/use.c
done
mingw=x86_64-w64-mingw32-gcc
if command -v $mingw > /dev/null; then
    for option in -DLLOCAL_DISPATCH -DLLOCAL_NO_DISPATCH; do try "Windows" $mingw -std=c99 $warn $option -fsyntax-only $build/use.c; done
    # (some are for systems of POSIX)
    for f in $(echo "$programs" | grep -vE 'examples/(serve|find|npc|triage|remind|mcp).c'); do
        try "Windows, $f" $mingw -std=c99 $warn -DLLOCAL_IMPLEMENTATION_DONE -fsyntax-only $f
    done
    try "Windows, linked" $mingw -O1 -DLLOCAL_ONLY_Q6_K examples/hello.c -o $build/hello.exe
    for f in examples/train/*.c; do try "Windows, $f" $mingw -std=c99 $warn -DLLOCAL_ONLY_Q8_0 -fsyntax-only $f; done
else skip "Windows: no $mingw here"; fi

# ---- MSVC, as near as clang comes to it: with its macros (tests/msvc.c); and what clang is on Windows, which
# has of the intrinsics only what the flags promise unless asked for each header (of the system's, these do)
mkdir -p $build/windows
printf '#include <stddef.h>\nvoid *memcpy(void *, const void *, size_t), *memset(void *, int, size_t), *memmove(void *, const void *, size_t),
    *memchr(const void *, int, size_t);\nint memcmp(const void *, const void *, size_t), strcmp(const char *, const char *),
    strncmp(const char *, const char *, size_t);\nsize_t strlen(const char *);\nchar *strchr(const char *, int);\n' > $build/windows/string.h
printf '#include <stddef.h>\nvoid *malloc(size_t), *calloc(size_t, size_t), free(void *);\n' > $build/windows/stdlib.h
printf 'float fmaf(float, float, float), sqrtf(float), fabsf(float), rintf(float), floorf(float);\n' > $build/windows/math.h
printf 'double sqrt(double), fabs(double), floor(double);\n#define INFINITY __builtin_inff()\n#define NAN __builtin_nanf("")\n' >> $build/windows/math.h
if command -v clang > /dev/null && [ -n "$levels" ]; then
    msvc="clang -std=c99 -w -O1 -fms-extensions -ffp-contract=off tests/msvc.c -lm -o $build/msvc"
    try "MSVC's macros" $msvc -mavx2 -mfma -mf16c
    if grep -q avx2 /proc/cpuinfo 2> /dev/null; then
        says "MSVC, no flag" "^avx2 dispatch" $build/msvc
        for which in 1 3; do try "MSVC, level $which" $build/msvc $which; done
        try "MSVC, /arch:AVX2" $msvc -mavx2 -mfma -mf16c -DARCH_AVX2
        says "MSVC, /arch:AVX2" "^avx2 mmap" $build/msvc
    fi
    try "MSVC's macros, all levels" $msvc -march=icelake-client -DLLOCAL_DISPATCH
    if grep -q avx512_vbmi /proc/cpuinfo 2> /dev/null; then try "MSVC, the best level" $build/msvc; fi
    for option in "" -DLLOCAL_DISPATCH -DLLOCAL_NO_DISPATCH "-mavx2 -mfma -mf16c"; do
        try "clang for Windows $option" clang -target x86_64-pc-windows-msvc -U_WIN32 -std=c99 -w -I$build/windows $option \
            -DLLOCAL_NO_STDIO -DLLOCAL_NO_THREADS -DLLOCAL_ONLY_Q4_0 -c $build/use.c -o $build/windows.o
    done
else skip "MSVC's macros: no clang for x86-64 here"; fi

# ---- an object shows nothing but llocal_
if command -v nm > /dev/null; then
    strangers=$(nm $build/use.o $build/dispatch_*.o | awk '$2 ~ /[A-TV-Z]/ && $3 !~ /^_?llocal_/ { print $3 }')
    if [ -n "$strangers" ]; then bad "foreign symbols: $strangers"; else ok; fi
fi

# ---- compile time (tests/compilers.sh measures that of others)
for option in "" -DLLOCAL_NO_DISPATCH -march=native; do timed $cc "$option" $build/time.o; done

echo "manners and compile matrix: $passed passed, $failed failed"
# ---- one result: the same hash of all logits from every build, of the widest models and of every architecture
rm -f $build/hash.* $build/bits.*
same_hash() { # name, command...: run the test; its hash is that of the first
    name=$1; shift
    if "$@" > $build/out.$name; then ok; else bad "one result: $name"; cat $build/out.$name; fi
    grep '^one result' $build/out.$name > $build/hash.$name
    if [ -s $build/hash.first ]; then
        if diff $build/hash.first $build/hash.$name; then ok; else bad "one result: $name differs"; fi
    else cp $build/hash.$name $build/hash.first; fi
}
same_bits() { # name, command...
    name=$1; shift
    if "$@" > $build/out.bits; then ok; else bad "bits: $name"; tail -5 $build/out.bits; fi
    grep '^bits of' $build/out.bits > $build/bits.$name
    [ -s $build/bits.first ] || cp $build/bits.$name $build/bits.first
    if diff $build/bits.first $build/bits.$name > $build/log; then ok; else bad "bits: $name differs"; head -20 $build/log; fi
}
opt=-O2                               # of the second compiler another, which takes half the time
for c in $compilers; do
    [ $c = $cc ] || opt=-O1
    for simd in $simds; do
        name=$(echo "$c$simd" | tr -c 'a-z0-9A-Z' _)
        simd=$(echo "$simd" | tr , ' ')
        case $simd in
            *avxvnni*) grep -q avx_vnni /proc/cpuinfo 2> /dev/null || { skip "one result: no AVX-VNNI here"; continue; } ;;
            *avx512*) grep -q avx512_vnni /proc/cpuinfo 2> /dev/null || { skip "one result: no AVX-512 here"; continue; } ;;
            *avx2*) grep -q avx2 /proc/cpuinfo 2> /dev/null || { skip "one result: no AVX2 here"; continue; } ;;
            *sse4*) grep -q sse4_1 /proc/cpuinfo 2> /dev/null || { skip "one result: no SSE4.1 here"; continue; } ;;
        esac
        try "tests with $simd" $c -std=c99 $opt -DLLOCAL_NO_CHAT $simd tests/test.c -o $build/test_$name -lm -lpthread
        same_hash $name $build/test_$name one
        [ $c != $cc ] || same_bits $name $build/test_$name bits
    done
    [ -n "$levels" ] || continue
    try "dispatch tests" $c -std=c99 $opt -DLLOCAL_DISPATCH tests/dispatch.c -o $build/dispatch_$c -lm -lpthread
    try "flagless tests" $c -std=c99 $opt tests/dispatch.c -o $build/flagless_$c -lm -lpthread
    for what in dispatch flagless; do try "$what, the best level" $build/${what}_$c; done
    if command -v qemu-x86_64 > /dev/null; then
        for cpu in Conroe:scalar:scalar Nehalem:sse41:scalar Haswell:avx2:avx2 Haswell,-xsave:sse41:scalar; do
            is=${cpu#*:} cpu=${cpu%%:*}
            says "dispatch, $cpu" "^${is%:*} " qemu-x86_64 -cpu $cpu $build/dispatch_$c
            says "flagless, $cpu" "^${is#*:} " qemu-x86_64 -cpu $cpu $build/flagless_$c
            says "flagless, $cpu" " 0 failed" qemu-x86_64 -cpu $cpu $build/flagless_$c
        done
    else skip "dispatch on other processors: no qemu-x86_64 here"; fi
    for which in $levels; do
        if $build/dispatch_$c $which has; then same_hash dispatch_$c$which $build/dispatch_$c $which
        else skip "dispatch: no level $which here"; fi
    done
    if $build/flagless_$c 3 has; then same_hash flagless_$c $build/flagless_$c 3; else skip "flagless: no AVX2 here"; fi
done
# a reply that keeps to a rule, by 1, 2 and 3 threads
rm -f $build/ruled.*
for simd in -DLLOCAL_NO_SIMD -mavx2,-mfma,-mf16c -march=native; do
    case $simd in *avx2*) grep -q avx2 /proc/cpuinfo 2> /dev/null || { skip "one ruled reply: no AVX2 here"; continue; } ;; esac
    try "bits with $simd" $cc -std=c99 -O1 -DLLOCAL_NO_DISPATCH -DLLOCAL_ONLY_F16 -DLLOCAL_ONLY_BF16 -DLLOCAL_ONLY_Q6_K $(echo $simd | tr , ' ') tests/bits.c -o $build/ruled -lm -lpthread
    $build/ruled | grep '^ruled' >> $build/ruled.all || bad "a ruled reply with $simd"
done
if [ "$(sort -u $build/ruled.all | wc -l)" = 1 ]; then ok; else bad "ruled replies differ"; fi
# a new instruction set touches its files and the list in simd.c: one that is nothing but the definitions, with every
# capability, so that all kernels run on any machine
port=$build/port
rm -rf $port && mkdir -p $port && cp -r kernels_gen tests llocal.h $port
cat > $port/kernels_gen/isa/port.h <<'END'
#define LLV_NAME "port"
#define LLV_INLINE LL_NOINLINE
#define LLV_UNROLL
#define LLV_ROLL
#define LLV_PARTS 1
#define LLV_FLOAT_ROWS 2
#define LLV_FLOAT_VECS 3
#define LLV_SUMS 6
#define LLV_FORMS 1
#define LLV_INT 1
#define LLV_S_OFFSET 128
#define LLV_PANEL 1
#define LLV_FEW 1
#define LLV_TILE_PANELS 2
#define LLV_TILE_VECS 3
#define LLV_ANY_BITS 1
#define LLV_BIAS8(bias) (bias)
#define LLV_GRID 1
END
sed 's,^//@ include isa/plain.h,//@ include isa/port.h,; s,^//@ include isa/scalar.h,&\
//@ include isa/scalar_panel.h\
//@ include isa/scalar_grid.h,' kernels_gen/simd.c > $port/kernels_gen/simd.c
try "port: gen" build/gen $port/llocal.h
try "port" $cc -std=c99 $warn -O1 -DLLOCAL_NO_SIMD -I$port $port/tests/test.c -o $port/test -lm -lpthread
says "port" "^port " $port/test simd
says "port" " 0 failed" $port/test simd formats matmul tile

tail -1 $build/hash.first
[ -z "$simds" ] || tail -1 $build/bits.first

echo "check: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
