#!/bin/sh
# The programs of examples/ as a person meets them: what the command-line tool takes by default and says at
# the end, text files as editors make them, damaged models, and names and texts that give a terminal orders.
# Usage: tests/tools.sh [folder of the programs]       status 0: all passed
set -u
bin=${1:-build}
dir=$bin/tools-test
rm -rf $dir && mkdir -p $dir || exit 1
passed=0 failed=0
ok()  { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; head -5 $dir/out $dir/err; }
run() { # status, command...: what it prints is in out and err
    want=$1; shift
    "$@" > $dir/out 2> $dir/err < /dev/null; status=$?
    if [ $status = $want ]; then ok; else bad "status $status, wanted $want: $*"; fi
}
says()     { if grep -q -- "$1" $dir/err; then ok; else bad "does not say '$1'"; fi; }
prints()   { if grep -q -- "$1" $dir/out; then ok; else bad "does not print '$1'"; fi; }
silent()   { if grep -q -- "$1" $dir/err; then bad "says '$1'"; else ok; fi; }
is()       { if [ "$2" = "$3" ]; then ok; else bad "$1: $2, wanted $3"; fi; }
esc=$(printf '\033') c1=$(printf '\302\233')
harmless() { if cat $dir/out $dir/err | LC_ALL=C grep -q "$esc\|$c1"; then bad "$1: orders for a terminal"; else ok; fi; }

base=$dir/base.gguf tiny=examples/tiny.gguf
run 0 $bin/gguf model wide-llama $base              # trained for 512
for odd in nan bare narrow vocabulary evil arch uncut; do run 0 $bin/gguf odd $odd $base $dir/$odd.gguf; done
L="$bin/llocal -m $base --temp 0"

# ---- the context: what the prompt (nine tokens) and -n need, and no more than was trained for
run 0 $L -p Hello -n 10;        says "context 19 (trained for 512)"
run 0 $L -p Hello -n 0;         says "context 9 (trained for 512)"
run 0 $L -p Hello -n 10 -c 0;   says "context 512 (trained"
run 0 $L -p Hello -n 10 -c 600; says "warning: -c 600 is more than the 512"
run 0 $L -p Hello -n 10 -c 512; silent "warning"
run 1 $L -p Hello -n 10 -c 9;   says "larger -c"
if (ulimit -v 2000000) 2> /dev/null; then
    run 1 sh -c "ulimit -v 2000000; $L -p Hello -n 10 -c 2000000"; says "give a smaller -c"
fi

# ---- a model with an encoder: the prompt is a source text, and what is written an answer to it
run 0 $bin/gguf model t5 $dir/t5.gguf
T="$bin/llocal -m $dir/t5.gguf --temp 0 --ignore-eos"
run 0 $T -p "Hello you" -n 7;   says "generated 7 tokens"; says "context 8 (trained for 256)"
sum=$(cksum < $dir/out)
run 0 $T -p "Hello we" -n 7;    if [ "$sum" = "$(cksum < $dir/out)" ]; then bad "two prompts, one answer"; else ok; fi
run 0 $T -p "Hello you" -n 7 -t 3;  is "an answer by three threads" "$(cksum < $dir/out)" "$sum"
run 1 $bin/hello $dir/t5.gguf;  says "llocal_encode"

# ---- a file that does not say how text is cut into words, and the option for it
run 1 $bin/llocal -m $dir/uncut.gguf -p x;             says "tokenizer.ggml.pre is missing"
run 1 $bin/llocal -m $dir/uncut.gguf -p x --pre xyz;   says 'pre is "xyz"'; says "qwen2"
run 1 $bin/llocal -m $dir/uncut.gguf -p x --pre gpt-2; silent "ggml.pre"

# ---- the end: a full context is told from a text that has ended
run 3 $L -p Hello -n 100 -c 20 --ignore-eos;  says "context of 20 is full"; says "generated 12 tokens"
run 3 $L -p Hello --ignore-eos;               says "context of 512 is full"; says "not trained for more"
run 0 $L -p Hello -n -2 -c 20 --ignore-eos;   says "context of 20 is full"; silent "warning"
run 0 $L -p Hello -n 12 -c 20 --ignore-eos;   silent "is full"
run 0 $L -p Hello -n 11 -c 20 --ignore-eos;   silent "is full"
run 0 $L -p Hello -c 20 -l 2+1000;            silent "is full"; says "generated 0 tokens"       # </s> at once

# ---- a second BOS; the seed that gives the text again
run 0 $L -p "<s>Hello" -n 1; says "warning: .*twice"
run 0 $L -p "Hello" -n 1;    silent "twice"
run 0 $L -p Hello -n 1;      silent "seed"

# ---- to the tool, as to llama.cpp, the last 0 tokens are none; to the library 0 is all
L30="$L -p Hello -n 30 --ignore-eos"
run 0 $L30; plain=$(od -An -tx1 $dir/out)
run 0 $L30 --repeat-penalty 1.9 --repeat-last-n 0;  is "penalties of none" "$(od -An -tx1 $dir/out)" "$plain"
run 0 $L30 --repeat-penalty 1.9 --repeat-last-n -1; all=$(od -An -tx1 $dir/out)
if [ "$all" != "$plain" ]; then ok; else bad "penalties of all change nothing"; fi
run 0 $L30 --repeat-penalty 1.9 --repeat-last-n 999; is "penalties of more than all" "$(od -An -tx1 $dir/out)" "$all"
run 0 $bin/llocal -m $base -p Hello -n 30 --ignore-eos; cp $dir/out $dir/first
seed=$(sed -n 's/.*| seed \([0-9]*\).*/\1/p' $dir/err)
run 0 $bin/llocal -m $base -p Hello -n 30 --ignore-eos; again=$(sed -n 's/.*| seed \([0-9]*\).*/\1/p' $dir/err)
if [ "$seed" != "$again" ]; then ok; else bad "two random seeds are $seed"; fi
run 0 $bin/llocal -m $base -p Hello -n 30 --ignore-eos -s "$seed"
if cmp -s $dir/first $dir/out; then ok; else bad "the seed gives another text"; fi

# ---- texts as editors write them: all of these are the same prompt
printf 'Some text\n' > $dir/lf
printf 'Some text' > $dir/none
printf 'Some text\r\n' > $dir/crlf
printf '\357\273\277Some text\n' > $dir/mark
for text in lf none crlf mark; do
    run 0 $L -f $dir/$text -n 0; is "$text" "$(cat $dir/out)" "Some text"; says "prompt 15 tokens"
    $L -n 0 < $dir/$text > $dir/out 2> $dir/err; is "$text from a pipe" "$(cat $dir/out)" "Some text"
done
printf 'two\r\nlines\r\n\r\n' > $dir/lines
run 0 $L -f $dir/lines -n 0; is "only the last newline goes" "$(od -An -c $dir/out | tr -d ' \n')" 'two\r\nlines\r\n\n'
run 0 $L -f $dir/none -p Other -n 0; is "-p goes before -f" "$(cat $dir/out)" Other

# UTF-16 of either order, with and without its mark, and UTF-32
utf16() { printf "$1"; i=0; while [ $i -lt 300 ]; do printf "$2"; i=$((i + 1)); done; }
utf16 '\377\376' 'a\0' > $dir/le; utf16 '\376\377' '\0a' > $dir/be
utf16 '' 'a\0' > $dir/le-bare;    utf16 '' '\0a' > $dir/be-bare; utf16 '\377\376\0\0' 'a\0\0\0' > $dir/utf32
for text in le be le-bare be-bare utf32; do
    name=UTF-16; [ $text != utf32 ] || name=UTF-32
    run 1 $L -f $dir/$text -n 0; says "error: .*$text is $name.*iconv"
    $L -n 0 < $dir/$text > $dir/out 2> $dir/err; is "$text from a pipe" $? 1; says "standard input is $name"
    run 1 $bin/perplexity -m $base -f $dir/$text -c 64; says "error: .*is $name"
    run 1 $bin/imatrix -m $base -f $dir/$text -c 64 -o $dir/none.im; says "error: .*is $name"
done
utf16 '' 'a text of some length. ' > $dir/plain
{ printf '\357\273\277'; cat $dir/plain; } > $dir/marked
run 0 $bin/perplexity -m $base -f $dir/plain -c 64; cp $dir/out $dir/first
run 0 $bin/perplexity -m $base -f $dir/marked -c 64; if cmp -s $dir/first $dir/out; then ok; else bad "the mark is read"; fi

# ---- a model whose logits are no numbers
run 1 $bin/llocal -m $dir/nan.gguf -p Hello -n 3; says "no numbers (NaN)"; says "check-tensors"
run 1 $bin/llocal -m $dir/nan.gguf -p Hello -n 3 --check-tensors; says "blk.1.ffn_down.weight"
run 1 $bin/perplexity -m $dir/nan.gguf -f $dir/plain -c 64; says "no numbers (NaN)"
run 1 $bin/perplexity -m $base --base $dir/nan.gguf -f $dir/plain -c 64; says "the base: .*no numbers (NaN)"
run 1 $bin/imatrix -m $dir/nan.gguf -f $dir/plain -c 64 -o $dir/none.im; says "no numbers (NaN)"
if ls $dir/none.im* > /dev/null 2>&1; then bad "imatrix leaves a file"; else ok; fi

# ---- tokens with long texts (700 bytes), whole
run 0 $bin/llocal -m $dir/vocabulary.gguf --temp 0 -p Hello -n 2 -l 100+1000 -sp --no-display-prompt
is "two tokens of 700 bytes" "$(wc -c < $dir/out | tr -d ' ')" 1401

# ---- orders for a terminal: from names, keys, strings and messages, never; from a text, to files only
run 0 $bin/inspect $dir/evil.gguf;       prints '\\x1b\[2Jevil\\xc2\\x9b'; harmless "names"
run 0 $bin/inspect $dir/vocabulary.gguf; prints 'general.name .*\\x1b\[2Jevil'; harmless "strings"
run 0 $bin/quantize --dry-run $dir/evil.gguf $dir/none.gguf Q8_0; prints '\\x1b\[2Jevil'; harmless "quantize"
run 1 $bin/quantize --dry-run --allow-requantize --imatrix $dir/evil.gguf $base $dir/none.gguf Q8_0; harmless "imatrix"
run 1 $bin/llocal -m $dir/evil.gguf -p Hello; says "evil"; harmless "an unknown tensor"
for program in hello "llocal -p Hello -m" "inspect"; do
    $bin/$program $dir/arch.gguf > $dir/out 2> $dir/err < /dev/null; says "evil"; harmless "an unknown architecture, $program"
done
run 2 $bin/llocal "--$esc[2J"; says 'x1b'; harmless "an option"
evil="$bin/llocal -m $dir/vocabulary.gguf --temp 0 -p Hello -n 2 -l 101+1000"
run 0 $evil -v; says 'model: llama, \\x1b\[2Jevil'
is "a file gets every byte" "$(LC_ALL=C tr -dc '\033' < $dir/out | wc -c | tr -d ' ')" 2
if script -qec true /dev/null > /dev/null 2>&1; then
    for special in "" -sp; do
        script -qec "$evil $special" /dev/null > $dir/out 2> $dir/err < /dev/null
        prints '\\x1b\[31mred\\x1b\[31mred'; harmless "a text on a terminal"
    done
    printf 'Caf\303\251 \342\202\254\tend\r\n' > $dir/accents
    script -qec "$L -n 0 --no-escape -f $dir/accents" /dev/null > $dir/out 2> $dir/err < /dev/null
    prints "$(printf 'Caf\303\251 \342\202\254\tend')"
fi

# ---- chat: a conversation through pipes, with a template that makes messages what the default model knows
cat > $dir/repeat.jinja <<'END'
{%- for m in messages -%}
{%- if m.role == 'system' -%}{{ m.content + '\n' }}
{%- elif m.role == 'user' -%}{{ 'Task: repeat\nText: ' + m.content + '\nAnswer:' }}
{%- else -%}{{ m.content + '\n' }}
{%- endif -%}
{%- endfor -%}
END
talk() { # status, lines with \n, command...
    want=$1 lines=$2; shift 2
    printf "$lines" | "$@" > $dir/out 2> $dir/err; status=$?
    if [ $status = $want ]; then ok; else bad "status $status, wanted $want: $*"; fi
}
roles() { tr '{' '\n' < $1 | sed -n 's/^"role":"\([a-z]\).*/\1/p' | tr -d '\n'; }
kite="the blue kite flies over the old mill"
C="$bin/chat -m $tiny --temp 0 -v --chat-template-file $dir/repeat.jinja"
run 1 $bin/chat -m $tiny;  says "chat template"; says "--chat-template-file"
run 1 $bin/chat -m $tiny --chat-template nosuch; says "nosuch"
talk 0 "Hi\n/save $dir/ml\n" $bin/chat -m $tiny --temp 0 -n 3 --chat-template chatml; is "chatml" "$(roles $dir/ml.json)" ua
run 2 $bin/chat;           says "which model"
run 2 $bin/chat -m $tiny -n 0;             says "wants a number of tokens"
run 2 $bin/chat -m $tiny --reasoning some; says "on, off or auto"
run 1 $C --chat-template-file $dir/nowhere; says "cannot read .*nowhere"
run 1 $bin/chat -m $tiny --chat-template "{% if"; says "line 1"
talk 0 "$kite\n" $C; is "an answer" "$(cat $dir/out)" " $kite"; says "(26 tokens evaluated (0 were there)"

# Only the new turn is evaluated, also in another process; what is saved goes on as if there had been no detour.
talk 0 "$kite\nthe red fox\n/stats\nthe old mill\n" $C; says "(1[0-9] tokens evaluated (4[0-9] were there)"
prints "last answer: 1[0-9] tokens evaluated"; prints "4 messages, 0 of them left out"
is "evaluated twice" "$(sed -n 's/.*(\([0-9]*\) were there.*window \([0-9]*\) of.*/\1 \2/p' $dir/err | awk 'NR > 1 && $1 < was - 1 { n++ } { was = $2 } END { print n + 0 }')" 0
tail -1 $dir/out > $dir/third; tail -1 $dir/err | sed 's/ were.*//' > $dir/cost
talk 0 "$kite\nthe red fox\n/save $dir/kite\n" $C; says "4 messages in .*kite.json"
is "saved" "$(roles $dir/kite.json)" uaua
talk 0 "/load $dir/kite\nthe old mill\n/save\n/regen\n" $C; head -1 $dir/out > $dir/again
if cmp -s $dir/third $dir/again; then ok; else bad "a loaded conversation goes on otherwise"; fi
is "evaluated after loading" "$(sed -n 's/ were.*//p' $dir/err | head -1)" "$(cat $dir/cost)"
is "saved once more" "$(roles $dir/kite.json)" uauaua
is "another answer, greedy" "$(sed -n 2p $dir/out)" "$(cat $dir/third)"; says "(0 tokens evaluated"
talk 0 "/load $dir/kite\n/undo\n/undo\n/save\n" $C; is "taken back" "$(roles $dir/kite.json)" ua; says "taken back.*old mill"
rm $dir/kite.state; talk 0 "/load $dir/kite\nthe red fox\n" $C; says "no timeline.*evaluated again"; says "(5[0-9] tokens evaluated (0 were"
talk 1 "Hello\n/save $dir/kite\n/load $dir/kite\n" $C; says "is there already"; says "is not saved"
is "not written over" "$(roles $dir/kite.json)" ua
talk 1 "/regen\n/undo\n/nothing\n/load\n/load $dir/nowhere\n/file $dir/nowhere\n/tools $dir/repeat.jinja\n" $C
is "errors" "$(grep -c '^chat: error' $dir/err)" 7
talk 0 "Hello\n/clear\n/save $dir/empty\n/quit\nnot said\n" $C -sys "Be kind."; is "cleared" "$(roles $dir/empty.json)" s; is "one answer" "$(wc -l < $dir/out | tr -d ' ')" 1
talk 0 "/system\n/system Be brief.\n/system off\n" $C -sys "Be kind."; is "system" "$(tr '\n' '|' < $dir/out)" "Be kind.|Be brief.|no system message; /system TEXT gives one|"

# Several lines; a file as text; JSON of others.
talk 0 'one\\\ntwo\n"""three\nfour"""\n"""\nfive\n\nsix\n"""\n /seven\n'"/save $dir/lines\n" $C
is "messages of lines" "$(tr '{' '\n' < $dir/lines.json | sed -n 's/.*"user","content":"\(.*\)"},$/\1/p' | tr '\n' '|')" 'one\ntwo|three\nfour|five\n\nsix\n|/seven|'
printf 'a note\n' > $dir/note; printf 'a text with a zero: \0 here' > $dir/zeros
talk 1 "/file $dir/zeros\n/file $dir/le\n/file $dir/note\nread it\nand now\n/save $dir/files\n" $C; says "zeros in it"; says "UTF-16"; says "note, [0-9]* tokens, goes"
is "a file goes once" "$(grep -o 'a note' $dir/files.json | wc -l | tr -d ' ')" 1
printf '[{"role":"user","content":"%s"},{"role":"assistant","content":null,"tool_calls":[{"id":"7","type":"function","function":{"name":"f","arguments":"{\\"x\\":1}"}}]},{"role":"tool","tool_call_id":"7","content":"\\u001b[2J"}]' "$kite" > $dir/other.json
talk 0 "/load $dir/other\n/save -f $dir/other2\n" $C; is "others' JSON" "$(roles $dir/other2.json)" uat
is "a call comes through" "$(grep -c '"tool_calls":\[{"id":"7","type":"function","function":{"name":"f","arguments":"{\\"x\\":1}"}}\]' $dir/other2.json)" 1
printf '[{"role":"king","content":""}]' > $dir/king.json; talk 1 "$kite\n/save -f $dir/k2\n/load $dir/king\n/save\n" $C; says "message 1 is not"
is "what was said stays" "$(roles $dir/k2.json)" ua

# The context is full: the oldest turns go, it is said, the system message stays, and nothing is lost.
i=0; while [ $i -lt 12 ]; do echo "$kite, turn $i"; i=$((i + 1)); done > $dir/many
talk 0 "$(sed 's/$/\\n/' $dir/many | tr -d '\n')/save $dir/many\n/stats\n" $C -c 160 -sys "Be kind."
says "context of 160 tokens is full: the oldest [0-9]* of [0-9]* messages are left out"
is "all is kept" "$(roles $dir/many.json)" suauauauauauauauauauauaua; prints "25 messages, [1-9][0-9]* of them left out"
is "answers" "$(sed '/^last answer/,$d' $dir/out | grep -c .)" 12
is "a window that is too full" "$(sed -n 's/.*window \([0-9]*\) of.*/\1/p' $dir/err | awk '$1 > 160' | wc -l | tr -d ' ')" 0
talk 0 "/load $dir/many\n/stats\nthe red fox\n" $C -c 160; prints "25 messages, [1-9][0-9]* of them left out"
says "([0-9][0-9] tokens evaluated ([1-9][0-9]* were there"
talk 1 "$kite\n$(printf '%0400d' 0)\n$kite\n/save $dir/long\n" $C -c 128; says "that makes [0-9]* tokens, and the context has 128"; says "taken back"
is "the long one is not there" "$(roles $dir/long.json)" uaua

# In the middle of an answer, too: what was before it goes, and it goes on. An answer that is larger than the window is cut.
printf '{%%- for m in messages -%%}{{ m.content }}{%%- endfor -%%}' > $dir/plain.jinja
C2="$bin/chat -m $tiny --temp 0.9 -v --chat-template-file $dir/plain.jinja"
talk 0 "Once upon a time\nTitle:\n/save $dir/middle\n" $C2 -s 2 -c 150 -n 100
is "two answers" "$(roles $dir/middle.json)" uaua; says "the oldest 2 of 3 messages"
is "both whole" "$(grep -c '100 written' $dir/err)" 2
talk 1 "Title:\n" $C2 -s 2 -c 60; says "context of 60 tokens is full.*cut"; says "window 60 of 60"

# Thoughts, and calls whose results are typed; and what a terminal must not get, from a model, a tool or a file.
cat > $dir/tools.jinja <<'END'
{%- if tools %}{{ 'Tools: ' + tools | tojson + '\n' }}{% endif -%}
{%- for m in messages -%}
{{ m.role + ': ' }}
{%- if m.reasoning_content %}{{ '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}{% endif -%}
{{ m.content }}
{%- for c in m.tool_calls or [] -%}
{{ '<tool_call>\n{"name": "' + c.function.name + '", "arguments": ' + c.function.arguments | tojson + '}\n</tool_call>' }}
{%- endfor -%}
{{ '\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ 'assistant: ' }}{%- endif -%}
END
printf '[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]' > $dir/tools.json
C3="$bin/chat -m $dir/vocabulary.gguf --temp 0 -l 102+1000 -n 1 --chat-template-file $dir/tools.jinja"
talk 0 "Rain?\nno\n" $C3 --tools $dir/tools.json; harmless "a call"
is "two calls" "$(sed 1d $dir/out | tr '\n' '|')" '<think>|hm|</think>|A mo\x1bment.|[call] weather {"city": "Paris"}|<think>|hm|</think>|A mo\x1bment.|[call] weather {"city": "Paris"}|'

if script -qec true /dev/null > /dev/null 2>&1; then
    printf 'Hi\n/quit\n' | NO_COLOR=1 TERM=dumb script -qec "$bin/chat -m $dir/vocabulary.gguf --temp 0 -l 101+1000 -n 2 --chat-template-file $dir/tools.jinja" /dev/null > $dir/out 2> $dir/err
    prints '\\x1b\[31mred\\x1b\[31mred'; harmless "an answer on a terminal"
fi

# llocal: one answer, and a conversation
L2="$bin/llocal -m $tiny --temp 0 --chat-template-file $dir/repeat.jinja"
run 0 $L2 --chat -p "$kite" -n 40; is "llocal --chat" "$(cat $dir/out)" " $kite"; says "prompt 26 tokens"
run 0 $L2 -st -p "$kite" -n 40 --system 'Be\nkind.'; says "generated 15 tokens"
talk 0 "the red fox\n" $L2 -cnv -p "$kite"; is "llocal -cnv" "$(wc -l < $dir/out | tr -d ' ')" 2; says "generated 30 tokens"
talk 0 "$kite\n" $L2 --chat; is "llocal --chat from a pipe" "$(cat $dir/out)" " $kite"
run 1 $bin/llocal -m $tiny --chat -p x; says "chat template"
run 1 $L2 --chat; says "wants a message"
run 2 $bin/llocal -m $tiny -sys x -p x; says "with --chat or -cnv only"
run 0 $L2 --chat --reasoning off -p "$kite"; says "warning: .*no switch for thinking"
run 0 $bin/llocal -m $tiny -cnv -no-cnv -p "Once upon" -n 3 --temp 0; prints "^Once upon a time"

# ---- forward_by_hand: it writes what the library writes; with float weights they agree closely
run 0 $bin/forward_by_hand
prints "8-bit activations"; silent "prefers"
is "ten tokens by hand" "$(sed -n 's/^ .*off by [0-9.]*  "\(.*\)"$/\1/p' $dir/out | tr -d '\n')" " there was a girl called Adam"
run 0 $bin/llocal -m $tiny -p "A: " -n 30 --no-display-prompt --choices "yes|no|may be"; prints "^\(yes\|no\|may be\)$"
run 0 $bin/llocal -m $tiny -p "A: " -n 9 --no-display-prompt --grammar 'root ::= [a-c]{3} "!"'; prints '^[abc][abc][abc]!$'
run 1 $bin/llocal -m $tiny -p x --grammar 'root ::= x'; says "line 1, column 10"
printf '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}' > $dir/schema.json
run 0 $bin/llocal -m $tiny -p "A: " -n 30 --no-display-prompt --json-schema-file $dir/schema.json; prints '^{"n": -*[0-9]*}$'
run 1 $bin/llocal -m $tiny -p x --json-schema '{"pattern":"(?=x)"}'; says "look-ahead"
run 1 $bin/llocal -m $tiny -p x --json-schema-file $dir/nothing.json; says "nothing.json"
is "by the library" "$($bin/llocal -m $tiny --temp 0 -n 10 -p 'Once upon a time' 2> /dev/null)" "Once upon a time there was a girl called Adam"
run 0 $bin/forward_by_hand $base "Once upon a time"; prints "order of sums"
is "tokens written" "$(grep -c 'off by' $dir/out)" 10
run 1 $bin/forward_by_hand $base "$(printf '%300s' x)"; says "1 to 256 tokens"
run 0 $bin/gguf model wide-lfm2 $dir/other.gguf
run 1 $bin/forward_by_hand $dir/other.gguf; says "one architecture only: llama"

# ---- look: each value of each layer, in order, and a word on each name, in 100 columns
run 0 $bin/look
prints '^tokens: 1 "<s>" '; is "tokens" "$(grep '^tokens' $dir/out | tr -cd '"' | wc -c | tr -d ' ')" 14
is "the first value" "$(awk '$3 == "x" { print $1, $2; exit }' $dir/out)" "embd 1"
is "values of layers" "$(awk '$1 ~ /^[0-9]+$/ && $4 == "x" { print $1 }' $dir/out | uniq -c | awk '{ printf "%s:%s ", $2, $1 }')" "0:15 1:15 2:15 3:15 4:15 "
is "values of a layer" "$(awk '$1 == "4" { printf "%s ", $2 }' $dir/out)" "attn_norm q k v q_rope k_rope attn attn_out residual ffn_norm ffn_gate ffn_up ffn_act ffn_out residual "
prints "^ *output_norm  *1 x 256 .*[0-9]$"; prints "^ *logits  *1 x 2048 .*Q6_K token_embd.weight$"
is "words" "$(grep -c '^ *# ' $dir/out)" 17
for model in wide-llama wide-gemma3 wide-lfm2 wide-qwen3moe; do
    run 0 $bin/gguf model $model $dir/look.gguf
    run 0 $bin/look $dir/look.gguf Hello
    if grep -q "no words" $dir/out; then bad "look does not know a name of $model"; else ok; fi
    is "lines too long, $model" "$(awk 'length($0) > 100' $dir/out | wc -l | tr -d ' ')" 0
done
run 0 $bin/look $dir/vocabulary.gguf "$esc[2J$c1"; prints 'last one, "'; harmless "look"
run 0 $bin/look $tiny "$esc the ünbelievable $esc$c1 $(printf '%90s' x)"; prints '"\\x1b"'; harmless "look's tokens"
is "lines too long, a long prompt" "$(awk 'length($0) > 100' $dir/out | wc -l | tr -d ' ')" 0
run 1 $bin/look $tiny "$(awk 'BEGIN { for (i = 0; i < 5000; i++) printf "a b " }')"; says "1 to 4096 tokens"

# ---- xray: one page with all there is to it, whatever the text says; only what it has checked
tags() { LC_ALL=C tr -dc '<>&' < $1 | wc -c | tr -d ' '; }
run 0 $bin/xray; cp $dir/out $dir/page.html
is "scripts" "$(grep -c '<script' $dir/out)" 2
is "requests" "$(grep -ciE 'https?:|src=|url\(|@import|fetch\(' $dir/out)" 0
prints "default-src &apos;none&apos;"; prints '^{"model":"tiny","arch":"llama","n_layer":5,"n_head":8,"n_embd":256,'
is "tokens" "$(sed -n 's/^"tokens":\[\(.*\)\],$/\1/p' $dir/out | tr , '\n' | wc -l | tr -d ' ')" 41
is "attention" "$(sed -n 's/^"attention":"\(.*\)"}$/\1/p' $dir/out | tr -d '\n' | wc -c | tr -d ' ')" $((5 * 8 * 41 * 42 / 2 * 4 / 3))
is "a small page" "$(($(wc -c < $dir/out) < 200000))" 1
run 0 $bin/xray $tiny "</script><script>alert(1)</script><img src=x onerror='alert(2)'> & <!-- \" \\ $esc[2J$c1" 4
is "a text is no markup" "$(tags $dir/out)" "$(tags $dir/page.html)"; harmless "xray"; prints 'u003c'
run 0 $bin/xray $dir/vocabulary.gguf Hello 4; harmless "xray, a vocabulary"
is "a vocabulary is no markup" "$(tags $dir/out)" "$(tags $dir/page.html)"
for model in wide-llama wide-gemma3 wide-qwen3moe; do
    run 0 $bin/gguf model $model $dir/other.gguf
    run 0 $bin/xray $dir/other.gguf "Hello" 4
done
is "experts show their neurons" "$(sed -n 's/^"neurons":\(.*\),$/\1/p' $dir/out | grep -c '\[\[\[\[[0-9]')" 1
run 0 $bin/gguf model wide-lfm2 $dir/other.gguf
run 1 $bin/xray $dir/other.gguf Hello; says "gemma3, but the model is lfm2"; is "no page" "$(wc -c < $dir/out | tr -d ' ')" 0
run 1 $bin/xray $dir/nan.gguf Hello; says "no numbers (NaN)"
run 1 $bin/xray $tiny "$(printf '%300s' x | sed 's/ /a b /g')"; says "1 to 256 tokens"
run 2 $bin/xray $tiny Hello many
if command -v node > /dev/null; then        # what a browser would read
    cat > $dir/page.js <<'END'
const page = require('fs').readFileSync(0, 'utf8'), text = page.match(/<script id='data'[^>]*>([^]*?)<.script>/)[1];
const d = JSON.parse(text), T = d.tokens.length, b = Buffer.from(d.attention, 'base64');
let worst = 0, at = 0;
for (let lh = 0; lh < d.n_layer * d.n_head; lh++) for (let t = 0; t < T; t++) {
  let sum = 0;
  for (let u = 0; u <= t; u++) sum += b[at++];
  worst = Math.max(worst, Math.abs(sum - 255) / (t + 1));
}
const best = d.tokens.slice(d.n_prompt).every((id, i) => d.lens[d.n_layer][d.n_prompt + i - 1][0][0] === id);
const copies = (3 * d.n_head + 2) * T * (T + 1) / 2 + 33 * 34 / 2 + 16;        // layer 3, head 2: token 33 to 16
const told = b[copies] > 200 && d.tokens[33] === d.tokens[15] && d.next[33] === d.tokens[16] && d.written[3][33][1] > 1 && d.written[4][33][1] === 1;
new Function(page.match(/<script>([^]*?)<.script>/)[1]);
console.log(worst <= 0.5 && at === b.length, best, told, d.tokens.slice(d.n_prompt).map(id => d.texts[id]).join(''));
END
    is "the page's data" "$(node $dir/page.js < $dir/page.html)" "true true true  the blue kite flies over the old mill"
fi

# ---- quantize: requests that come to nothing are said; files without weights
q="$bin/quantize --force"
run 1 $q --tensor-type nosuch=Q4_0 $base $dir/q.gguf Q8_0;    says "nosuch=Q4_0: no tensor"
run 1 $q --tensor-type attn_norm=Q4_0 $base $dir/q.gguf Q8_0; says "attn_norm=Q4_0: .*stays as it is"
run 1 $q --output-tensor-type Q8_0 $base $dir/q.gguf Q8_0;    says "no output.weight"
run 1 $q --token-embedding-type Q8_0 $dir/bare.gguf $dir/q.gguf Q8_0; says "no token_embd.weight"
run 0 $q --tensor-type ffn_down=Q4_K $dir/narrow.gguf $dir/q.gguf Q8_0
says "warning: blk.1.ffn_down.weight cannot be Q4_K.*rows of 64.*blocks of 256.*Q5_0"
run 0 $q --tensor-type ffn_down=Q4_0 $dir/narrow.gguf $dir/q.gguf Q8_0; silent "warning"
run 0 $q $dir/bare.gguf $dir/q.gguf Q8_0; prints "no weights"
if grep -qi nan $dir/out $dir/err; then bad "nan"; else ok; fi
run 0 $bin/inspect $dir/q.gguf; prints 'general.name .*"wide-llama"'

# One weight is 1e5: F16 cannot hold it, BF16 can.
run 0 $bin/gguf odd big $base $dir/big.gguf
for type in F16 Q8_0 Q5_1; do
    run 1 $q $dir/big.gguf $dir/new.gguf $type; says "blk.1.ffn_down.weight has weights that $type cannot hold"
done
run 0 $q $dir/big.gguf $dir/q.gguf BF16
run 1 $q $dir/nan.gguf $dir/new.gguf BF16; says "blk.1.ffn_down.weight has weights that BF16 cannot hold"
if ls $dir/new* > /dev/null 2>&1; then bad "quantize leaves a file"; else ok; fi

# By hand: an architecture, a number without dimensions, and a tensor of 32 x 0 elements.
printf 'GGUF\3\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\24\0\0\0\0\0\0\0general.architecture\10\0\0\0\5\0\0\0\0\0\0\0llama' > $dir/empty.gguf
printf '\10\0\0\0\0\0\0\0a.weight\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >> $dir/empty.gguf
printf '\10\0\0\0\0\0\0\0b.weight\2\0\0\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\40\0\0\0\0\0\0\0' >> $dir/empty.gguf
size=$(wc -c < $dir/empty.gguf)
while [ $((size % 32)) != 0 ]; do printf '\0' >> $dir/empty.gguf; size=$((size + 1)); done
printf '\0\0\200\77\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >> $dir/empty.gguf
run 0 $bin/inspect $dir/empty.gguf; prints "a.weight  *F32  *1  *4$"; prints "b.weight  *F32  *32 x 0  *0$"
run 0 $q -v $dir/empty.gguf $dir/q.gguf Q8_0; prints "b.weight  *32 x 0  *F32  *-> F32"
run 0 $bin/inspect $dir/q.gguf; prints "a.weight  *F32  *1  *4$"; prints "b.weight  *F32  *32 x 0  *0$"
if grep -qi "nan" $dir/out; then bad "nan"; else ok; fi

# ---- a refusal for memory says what to do, in the other programs too
if (ulimit -v 200000) 2> /dev/null; then
    awk 'BEGIN { for (i = 0; i < 30000; i++) printf "a long text, ever on. " }' > $dir/long
    run 1 sh -c "ulimit -v 200000; $bin/perplexity -m $base -f $dir/long -c 250000"; says "context of 250000.*smaller -c"
    run 1 sh -c "ulimit -v 200000; $bin/imatrix -m $base -f $dir/long -c 250000 -o $dir/new.im"; says "context of 250000.*smaller -c"
fi

# ---- help and wrong options
run 0 $bin/llocal --help; prints "3: the context was full"
run 2 $bin/llocal -m $base -n many; says "whole number"
run 2 $bin/llocal -p Hello; says "which model"

# ---- decisions: lines in, lines out; what is wrong with a line or the questions; calibration
cat > $dir/q.json <<'END'
{"instruction": "Task: triage", "before": "Text: ", "questions": [
    {"name": "topic", "lead": "JSON: {\"topic\":\"", "options": ["bill", "delivery", "meeting", "spam"]},
    {"name": "late", "kind": "yes_no", "ask": "Is it late?"}, {"name": "size", "kind": "scale", "options": 3}]}
END
cat > $dir/lines <<'END'
{"text": "Your parcel is on its way and arrives on Friday", "topic": "delivery", "late": false, "size": "1"}
{"text": "Last notice: the electricity bill comes to 84 euros. Please pay.", "topic": "bill", "late": true, "size": "3"}
{"text": "Team meeting starts in 10 minutes, please join now", "topic": "meeting", "late": true, "size": "2"}
{"text": "Congratulations! You have been chosen to receive a free phone, click here", "topic": "spam", "late": false, "size": "1"}
END
for i in 1 2 3 4 5 6; do cat $dir/lines; done > $dir/labelled
D="$bin/decide -m $tiny"
run 0 sh -c "$D -q $dir/q.json < $dir/lines"
is "answers" "$(sed 's/.*"topic":{"answer":"\([a-z]*\)".*/\1/' $dir/out | tr '\n' ' ')" "delivery bill meeting spam "
run 0 $D -q $dir/q.json --calibrate $dir/labelled;      says "12 lines to fit, 12 to measure"; says "ECE"
says "llama.decision.temperature.choice"; prints '"name":"topic","temperature":'
run 1 $D -q $dir/q.json --calibrate $dir/lines;         says "too few"
run 0 sh -c "$D --options bill,spam --ask Which? --letters --both-orders < $dir/lines"; prints '"answer":{"answer":'
run 1 sh -c "echo '{}' | $D -q $dir/q.json";            says "line 1: there is no"
run 1 sh -c "echo '{' | $D -q $dir/q.json";             says "line 1: line 1, column"
run 1 sh -c "$D --options bill < $dir/lines";           says "from 2 to 52"
echo '{}' > $dir/none; run 1 $D -q $dir/none;           says "no questions"
run 1 $D -q $dir/lines;                                 says "line 2, column 1"
run 2 $D

# ---- vectors of lines
printf 'Your parcel arrives on Friday\n\nThe electricity bill comes to 84 euros\r\nYour parcel arrives on Friday\n' > $dir/lines
E="$bin/embed -m $tiny"
run 0 sh -c "$E < $dir/lines | wc -l";                  prints 3
run 0 sh -c "$E --similar --pooling mean < $dir/lines"; prints '^1.0000 0.[0-9]* 1.0000$'
run 0 sh -c "$E -j 1 < $dir/lines | cksum; $E -j 3 -t 2 < $dir/lines | cksum"; is "company" "$(uniq $dir/out | wc -l)" 1
run 0 sh -c "$E --find 'Your parcel arrives on Friday' < $dir/lines | head -1"; prints '^1.0000 Your parcel'
run 0 sh -c "$E --document 'A line: {document}' < $dir/lines | wc -l"; prints 3
run 1 sh -c "$E -c 3 < $dir/lines";                     says "too long"
run 1 sh -c "$E --pooling most < $dir/lines";           says "mean, first or last"
run 1 sh -c "$E -j 99 < $dir/lines";                    says "from 1 to 32"
run 1 sh -c "$bin/rerank -m $tiny what < $dir/lines";   says "no classifier"
run 1 $bin/rerank;                                      says "are wanted"
run 1 $bin/denoise -m $tiny Hello;                      says "from left to right"

echo "tools.sh: $passed passed, $failed failed"
rm -rf $dir
[ $failed = 0 ]
