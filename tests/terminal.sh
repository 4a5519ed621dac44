#!/bin/sh
# examples/chat.c on a terminal: lines are edited, Ctrl-C stops an answer and keeps what came, commands, a window that is
# full. (tests/tools.sh has the same conversations through pipes.)
# Usage: tests/terminal.sh [folder of the programs] [name of the chat]       status 0: all passed
set -u
bin=${1:-build}
chat=${2:-chat}
dir=$bin/terminal-test
rm -rf $dir && mkdir -p $dir || exit 1
passed=0 failed=0
ok()    { passed=$((passed + 1)); }
bad()   { failed=$((failed + 1)); echo "FAILED $*"; tail -c 400 $dir/out; cat $dir/err; echo; }
is()    { if [ "$2" = "$3" ]; then ok; else bad "$1: $2, wanted $3"; fi; }
roles() { tr '{' '\n' < $1 | sed -n 's/^"role":"\([a-z]\).*/\1/p' | tr -d '\n'; }
texts() { tr '{' '\n' < $1 | sed -n 's/.*"'$2'","content":"\(.*\)"}.*/\1/p' | tr '\n' '|'; }
types() { # name, status, command...; the steps are read
    name=$1 want=$2; shift 2
    TERM=xterm LC_ALL=C.UTF-8 $bin/terminal 30 "$@" > $dir/out 2> $dir/err; status=$?
    is "$name" $status $want
}
editing=no; grep -q el_gets $bin/$chat && editing=yes TERMINAL_EDITS=1 && export TERMINAL_EDITS

# Messages become what the default model knows: it says again what is said to it.
cat > $dir/repeat.jinja <<'END'
{%- for m in messages -%}
{%- if m.role == 'user' -%}{{ 'Task: repeat\nText: ' + m.content + '\nAnswer:' }}{%- else -%}{{ m.content + '\n' }}{%- endif -%}
{%- endfor -%}
END
printf '{%%- for m in messages -%%}{{ m.content }}{%%- endfor -%%}' > $dir/plain.jinja
C="$bin/$chat -m examples/tiny.gguf --temp 0 -v --chat-template-file $dir/repeat.jinja"

# ---- lines, commands, and the end
types "a conversation" 0 $C <<END
see > 
type the red foxx\x7f\r
see \n the red fox\r
see 0 were there
see > 
type """one\r
see . 
type two"""\r
see > 
type one \\\\\r
see . 
type two\r
see > 
type caf\xc3\xa9\x7f\xc3\xa9\r
see > 
type not this\x15the old mill\r
see were there
see > 
type /regen\r
see (0 tokens evaluated
see > 
type bread\r
see > 
type /undo\r
see taken back
see > 
type /save $dir/all\r
see 10 messages in
see > 
type \x04
END
is "who spoke" "$(roles $dir/all.json)" uauauauaua
is "what was typed" "$(texts $dir/all.json user)" 'the red fox|one\ntwo|one \ntwo|café|the old mill|'
types "and on" 0 $C --load $dir/all <<END
see > the red fox
see 10 messages, 
see > 
type the blue kite\r
see were there
see > 
type /quit\r
END
types "mistakes" 1 $C <<END
see > 
type /nothing\r
see there is no /nothing
see > 
type the old mill\r
see were there
see > 
type /load $dir/all\r
see is not saved
see > 
type /save $dir/mistakes\r
see 2 messages in
see > 
type /clear\r
see 2 messages forgotten
see > 
type bread\r
see were there
see > 
type /save $dir/all\r
see is there already
see > 
type \x04
END

rm -f $dir/mistakes.*

# ---- Ctrl-C: forgets a line that is being typed, ends an answer (one that would never end by itself) and keeps it
types "Ctrl-C" 0 $bin/$chat -m examples/tiny.gguf -s 2 -l 1-1000 -l 2-1000 -c 8000 --chat-template-file $dir/plain.jinja <<END
see > 
type half a li\x03
see Ctrl-D or /quit ends the chat
see > 
type Once upon a time\r
see \n
see e
type \x03
see (stopped; what came is kept)
see > 
type /save $dir/stopped\r
see 2 messages in
see > 
type /regen\r
see \n
see e
type \x03
see (stopped; what came is kept)
see > 
type /save\r
see 2 messages in
see > 
type \x03
see ends the chat
see > 
type \x04
END
is "what came is kept" "$(roles $dir/stopped.json)" ua
if [ -n "$(texts $dir/stopped.json assistant | tr -d '|')" ]; then ok; else bad "the answer that was stopped is empty"; fi

# ---- a window that is full: it is said, and nothing is lost
types "a full window" 0 $C -c 72 <<END
see > 
type the blue kite flies over the old mill\r
see \n the blue kite flies over the old mill\r
see > 
type the red fox runs over the green field\r
see window
see > 
type the small ant carries a loaf of bread\r
see messages are left out of what the model sees
see > 
type /save $dir/full\r
see 6 messages in
see > 
type \x04
END
is "nothing is lost" "$(roles $dir/full.json)" uauaua

# ---- editing, where there is libedit: keys that move, lines that come back, also in the next chat
if [ $editing = yes ]; then
    types "editing" 0 $C --history $dir/history <<END
see > 
type kite\x01blue \x05 flies\r
see \n blue kite flies
see > 
type \e[A\r
see \n blue kite flies
see > 
type the \e[D\e[D\e[D\x0bold mill\x17\x17a red fox\r
see were there
see > 
type \x12blue\r\r
see were there
see > 
type /save $dir/edited\r
see 8 messages in
see > 
type \x04
END
    is "edited" "$(texts $dir/edited.json user)" 'blue kite flies|blue kite flies|a red fox|blue kite flies|'
    types "history" 0 $C --history $dir/history <<END
see > 
type \e[A\e[A\r
see \n blue kite flies
see > 
type \x04
END
fi

echo "$passed passed, $failed failed (on a terminal, $chat: $([ $editing = yes ] && echo libedit || echo plain lines))"
[ $failed = 0 ]
