#!/bin/sh
# Programs as a new user would write them (tests/users), which are the test of the interface: each is short, builds
# without a warning as C99 and as C++11, and does what it says on the model that is here.
# Usage: tests/users.sh CC [folder of the programs]      status 0: all passed
set -u
cc=${1:-cc} bin=${2:-build} tiny=examples/tiny.gguf
cxx=${CXX:-c++} dir=$bin/users
rm -rf $dir && mkdir -p $dir && : > $dir/out && : > $dir/err || exit 1
passed=0 failed=0
ok()  { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; head -5 $dir/out $dir/err; }
is()  { if [ "$2" = "$3" ]; then ok; else bad "$1: '$2', wanted '$3'"; fi; }
run() { # status, program, argument...: what it prints is in out and err; its input is the file in
    want=$1 program=$2; shift 2
    $dir/$program$as "$@" > $dir/out 2> $dir/err < $dir/in; status=$?
    is "status of $program$as $*" $status $want
}
prints() { if grep -q -- "$1" $dir/out; then ok; else bad "$program$as does not print '$1'"; fi; }

# ---- short, of normal width
for f in tests/users/*.c; do
    if awk 'length > 112 || NR > 30 { exit 1 }' $f; then ok; else bad "$f has more than 30 lines, or a long one"; fi
done

# ---- they build: with the object that make has, which is the same text (LLOCAL_IMPLEMENTATION_DONE)
warn="-Wall -Wextra -Wpedantic -Werror -DLLOCAL_IMPLEMENTATION_DONE"
build() { # suffix, compiler...
    as=$1; shift
    for f in frame arena chat characters json search save; do
        if "$@" $warn tests/users/$f.c -x none $bin/llocal.o -o $dir/$f$as -lm -lpthread > $dir/out 2>&1; then ok
        else : > $dir/err; bad "$*: tests/users/$f.c does not build"; fi
    done
}
: > $dir/in
build "" $cc -std=c99
kinds=c
if command -v $cxx > /dev/null; then build ++ $cxx -x c++ -std=c++11; kinds="c ++"
else echo "SKIPPED programs as C++11: no $cxx here"; fi

turns="{% for m in messages %}{% if m.role == 'user' %}Task: repeat
Text: {{ m.content }}
Answer:{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"

for as in $kinds; do
    as=${as#c}
    # what the manual shows: the text that comes in one frame or many, and memory to the byte
    run 0 frame $tiny; if [ $(head -1 $dir/out | wc -c) -gt 10 ]; then ok; else bad "no title"; fi
    $bin/llocal -m $tiny -p "Title:" -n 100 --temp 0 2> /dev/null > $dir/whole
    is "the reply in frames" "$(sed '1s/^/Title:/' $dir/out)" "$(cat $dir/whole)"
    run 0 arena $tiny; prints '^planned [0-9]* bytes, taken'
    is "bytes beyond the plan, of less than 64 each" $(($(sed 's/.*taken //; s/^\([0-9]*\)$/\1/' $dir/out) - $(sed 's/planned //; s/ .*//' $dir/out) < 128)) 1

    # a conversation, a line each; the toy knows how to answer the first
    printf 'the blue kite flies over the old mill\nthree small ants\nbread\n' > $dir/in
    run 0 chat $tiny "$turns"; prints '^ the blue kite flies over the old mill$'; is "lines of chat" $(wc -l < $dir/out) 3
    for i in 1 2 3 4 5 6; do cat $dir/in $dir/in > $dir/more; mv $dir/more $dir/in; done
    run 1 chat $tiny "$turns"; if grep -q "does not fit" $dir/err; then ok; else bad "no word about the window"; fi
    run 1 chat $tiny; if grep -q "no chat template" $dir/err; then ok; else bad "no word about the template"; fi
    : > $dir/in
    run 1 chat $dir/nothing.gguf; if grep -q "nothing.gguf" $dir/err; then ok; else bad "no word about the file"; fi

    # two characters at once: the same again, and each to its end
    run 0 characters $tiny; cp $dir/out $dir/first
    prints '^Title: The Fox ..*'; prints '^Dear ..*'; is "ends" $(grep -c '\[token limit\]$' $dir/out) 2
    run 0 characters $tiny; if cmp -s $dir/out $dir/first; then ok; else bad "characters differ from run to run"; fi

    # nothing but one of three texts, whatever comes
    for prompt in "Task: triage
Text: the bill is due today, please pay now
JSON:" "Once upon a time" "{" "$(head -c 500 tests/users/json.c)"; do
        run 0 json $tiny "$prompt"; is "lines of json" $(wc -l < $dir/out) 1; prints '^{"pay":"\(now\|later\|never\)"}$'
    done

    run 1 json $tiny "$(cat tests/users/json.c)"; if grep -q "do not fit" $dir/err; then ok; else bad "no word about the window"; fi

    # the nearest sentence is the one of the same kind
    run 0 search $tiny "The electricity bill comes to 84 euros, please pay" "Once upon a time there was an old fox" \
        "The water bill comes to 20 euros, please pay" "Your parcel arrives on Friday" "The team meeting starts in ten minutes"
    is "nearest" "$(sort -r $dir/out | sed -n '1s/^[0-9.]* //p')" "The water bill comes to 20 euros, please pay"
    run 0 search $tiny "a sentence" "a sentence"; prints '^1.000 '

    # three runs over a file, as one that writes on: what hello prints
    rm -f $dir/state
    for i in 1 2 3; do run 0 save $tiny $dir/state; done
    said=$(sed 's/^Once upon a time//; s/ *$//' $dir/out)
    $bin/hello $tiny > $dir/hello
    case $(cat $dir/hello) in "$said"?*) ok ;; *) bad "save says '$said', hello '$(head -c 100 $dir/hello)'" ;; esac
    if [ ${#said} -gt 60 ]; then ok; else bad "save says only '$said'"; fi
    printf 'no timeline' > $dir/state
    run 1 save $tiny $dir/state
done

echo "users: $passed passed, $failed failed"
[ $failed = 0 ]
