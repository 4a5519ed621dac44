#!/bin/sh
# The personal tools of examples/ with recorded inputs, on the default model: what they write is the same on every machine.
set -u
passed=0 failed=0
dir=build/people
model=examples/tiny.gguf
rm -rf $dir
mkdir -p $dir
ok() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $2"; fi; }
same() { cmp -s "$1" "$2"; r=$?; ok $r "$3"; [ $r = 0 ] || diff "$1" "$2" | head -5; }

for p in triage remind mcp find watch npc; do
    [ -x build/$p ] || continue
    build/$p --help > $dir/help && grep -q "^usage: $p " $dir/help; ok $? "$p --help"
done

# ---- watch: a shape is judged once, what is known is not asked about, what a person wrote counts
build/watch -m $model --once --json --state $dir/state tests/people/app.log > $dir/watch; ok $? "watch"
same tests/people/watch.expected $dir/watch "watch: the digest"
build/watch -m $model --once tests/people/app.log --state $dir/state | tail -1 > $dir/again
grep -q ' 0 judged now' $dir/again; ok $? "watch: known shapes are judged again: $(cat $dir/again)"
sed 's/^[a-z]*\t/critical\t/' $dir/state > $dir/mine
build/watch -m $model --once --from critical --state $dir/mine --json < tests/people/app.log | grep -c '"critical"' > $dir/count
[ "$(cat $dir/count)" = "$(grep -c . $dir/mine)" ]; ok $? "watch: judgements of a person"
build/watch -m $model --once nothing.log > /dev/null 2>&1 && ok 1 "watch: a file that is not there" || ok 0 ""
build/watch -m $model --digest 1 $dir/growing.log > $dir/followed & watcher=$!
sleep 1; cp tests/people/app.log $dir/growing.log; sleep 2.5
mv $dir/growing.log $dir/old.log; echo "2026-11-30 09:00:00 kernel: panic" > $dir/growing.log; sleep 2.5
kill -INT $watcher; wait $watcher; ok $? "watch: it did not end well"
grep -q 'panic' $dir/followed && grep -q '10 lines' $dir/followed; ok $? "watch: a file that is replaced"

# ---- find: words and vectors; only what is new is read; files that are gone
if [ -x build/find ]; then
    cp -r tests/people/notes $dir/notes
    find="build/find -m $model -d $dir/index.db"
    $find index $dir/notes 2> $dir/log; ok $? "find: index"
    grep -q '3 files, 3 of them read' $dir/log; ok $? "find: $(cat $dir/log)"
    $find index $dir/notes 2> $dir/log; grep -q '3 files, 0 of them read' $dir/log; ok $? "find, again: $(cat $dir/log)"
    $find -k 1 "insurance leaks" | grep -q 'roof.md:1:'; ok $? "find: the roof"
    $find -k 1 --json "sugar syrup for the colonies" | grep -q 'bees.txt","line":1'; ok $? "find: the bees"
    echo 'The bees moved to the orchard.' > $dir/notes/bees.txt; rm $dir/notes/garden.md
    $find index $dir/notes 2> $dir/log; grep -q '2 files, 1 of them read, 1 pieces made, 1 files gone' $dir/log; ok $? "find: changes: $(cat $dir/log)"
    $find "tomatoes" | grep -q garden && ok 1 "find: a file that is gone" || ok 0 ""
    # what a file begins with is a piece of its own: it says what all of it is about
    mkdir $dir/heads; { echo "/* Make a model smaller: its weights in another format, of fewer bits."; echo " *"; n=0
        while [ $n -lt 20 ]; do n=$((n + 1)); echo " *     --option-$n FILE   errors count as much as columns matter, by a file"; done; } > $dir/heads/tool.c
    build/find -m $model -d $dir/heads.db index $dir/heads 2> /dev/null
    build/find -m $model -d $dir/heads.db -k 9 --json "fewer bits" | grep -q '"line":1,.*of fewer bits.\\n"}$'; ok $? "find: what a file begins with"
    # killed at any moment it goes on, and nothing is lost or there twice
    rm -f $dir/kill.db*; mkdir $dir/many
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do for k in 1 2 3 4 5; do echo "Note $i.$k says something about number $i and number $k."; echo; done > $dir/many/$i.txt; done
    n=0
    while [ $n -lt ${KILLS:-10} ]; do
        build/find -m $model -d $dir/kill.db index $dir/many 2> /dev/null & p=$!
        sleep 0.0$((n % 7 + 1)); kill -9 $p 2> /dev/null; wait $p 2> /dev/null
        n=$((n + 1))
    done
    build/find -m $model -d $dir/kill.db index $dir/many 2> $dir/log; ok $? "find: after kills"
    build/find -m $model -d $dir/kill.db index $dir/many 2> $dir/log; grep -q '12 files, 0 of them read' $dir/log; ok $? "find: after kills: $(cat $dir/log)"
    build/find -m $model -d $dir/kill.db -k 50 --json "number" | sort | uniq -d | grep -q . && ok 1 "find: twice there" || ok 0 ""
else echo "SKIPPED find: it is not built"; fi

# ---- triage: scores decide, rules act; each is asked about once; only --apply changes something
if [ -x build/triage ]; then
    box=$dir/Maildir
    triage="build/triage -m $model -q tests/people/triage.json"
    fresh() { rm -rf $box; mkdir -p $box/cur $box/tmp $box/new; cp tests/people/mail/* $box/new; }
    files() { (cd $box && find . -type f ! -name maildirfolder | sort); }
    fresh
    $triage --state $dir/t.db $box > $dir/triage; ok $? "triage"
    sed "s,$box,Maildir,g" $dir/triage > $dir/triage.out
    same tests/people/triage.expected $dir/triage.out "triage: what is decided"
    [ "$(files | grep -c '^./new/')" = 4 ]; ok $? "triage: a dry run changed something"
    $triage --state $dir/t.db $box | grep -q . && ok 1 "triage: what was seen is shown again" || ok 0 ""
    $triage --state $dir/t.db --apply $box > $dir/applied; ok $? "triage: --apply"
    [ "$(grep -c '"do":' $dir/applied)" = 4 ]; ok $? "triage: what was seen before --apply is not done"
    files > $dir/files; same tests/people/triage.files $dir/files "triage: what is done"
    $triage --state $dir/t.db --apply --all $box > /dev/null; files > $dir/files
    same tests/people/triage.files $dir/files "triage: done twice"
    $triage --state $dir/t.db --all $dir/none.jsonl > /dev/null 2>&1 && ok 1 "triage: a file that is not there" || ok 0 ""
    $triage --state $dir/t.db --digest tests/people/mails.mbox tests/people/notices.jsonl > $dir/digest; ok $? "triage: --digest"
    same tests/people/triage.digest $dir/digest "triage: the digest, mails by mbox known from the maildir"
    $triage --state $dir/t.db --digest < tests/people/notices.jsonl | grep -q '^-- 0 of 0, 0 judged'; ok $? "triage: told twice"
    sed 's/-> label bills/-> label money/' tests/people/triage.json > $dir/rules.json
    build/triage -m $model -q $dir/rules.json --state $dir/t.db --digest < tests/people/notices.jsonl | grep -q ' 0 judged'
    ok $? "triage: other rules, the same questions"
    { echo '{"text": 5'; echo '{"no": 1}'; tail -1 tests/people/notices.jsonl; } | $triage --state $dir/t2.db > $dir/some 2> $dir/log
    [ $? = 1 ] && [ "$(grep -c 'line [12]' $dir/log)" = 2 ] && grep -q '"n1"' $dir/some; ok $? "triage: lines that are none"
    for r in 'when topic=nothing -> seen' 'when topic=bill' 'when p>1 -> seen' 'if topic=bill -> seen' 'when topic=bill -> move ../x' \
             'when topic=bill -> explode' 'when topic>much -> seen' 'when text=x -> seen' 'otherwise topic=bill -> seen' '' 'when topic=bill -> label'; do
        echo '{"questions": [{"name": "topic", "options": ["bill", "spam"]}], "rules": ["'"$r"'"]}' > $dir/bad.json
        build/triage -m $model -q $dir/bad.json --state $dir/t3.db < /dev/null > /dev/null 2> $dir/log
        [ $? = 1 ] && grep -q '^triage: error: rule "' $dir/log; ok $? "triage: the rule \"$r\": $(cat $dir/log)"
    done
    fresh; rm $box/new/*
    $triage --state $dir/t4.db --apply --watch $box > $dir/watched & watcher=$!
    sleep 1.5; cp tests/people/mail/*.b.host $box/tmp/; mv $box/tmp/* $box/new/; sleep 2
    cp tests/people/mail/*.d.host $box/tmp/; mv $box/tmp/* $box/new/; sleep 2
    kill -INT $watcher; wait $watcher; ok $? "triage: --watch did not end well"
    [ "$(grep -c . $dir/watched)" = 2 ] && [ -f $box/.junk/cur/1701000004.d.host:2,S ]; ok $? "triage: --watch: $(cat $dir/watched)"
    # killed at any moment: each mail is where it belongs, once, and was shown
    fresh; : > $dir/lines; n=0
    while [ $n -lt ${KILLS:-10} ]; do
        $triage --state $dir/t5.db --apply $box >> $dir/lines 2> /dev/null & p=$!
        sleep 0.0$((n % 9 + 1)); kill -9 $p 2> /dev/null; wait $p 2> /dev/null
        n=$((n + 1))
    done
    $triage --state $dir/t5.db --apply $box >> $dir/lines; ok $? "triage: after kills"
    files > $dir/files; same tests/people/triage.files $dir/files "triage: after kills"
    [ "$(grep -o '^{"id":"[^"]*"' $dir/lines | sort -u | wc -l)" = 4 ]; ok $? "triage: after kills a line is missing"
else echo "SKIPPED triage: it is not built"; fi

# ---- remind: what is found in a sentence, which of it the model takes, and what comes of it
if [ -x build/remind ]; then
    remind="build/remind -m $model --now 2026-11-30T10:00"
    while read -r sentence; do
        echo "> $sentence"
        $remind --tz UTC "$sentence" < /dev/null 2>&1 > $dir/entry.ics; echo "status $?"
        grep -E '^(DTSTART|DURATION|RRULE|SUMMARY)' $dir/entry.ics
        : > $dir/entry.ics
    done < tests/people/remind.txt > $dir/remind
    same tests/people/remind.expected $dir/remind "remind: what is read"
    echo "Call Mum tomorrow at 5pm" | $remind --tz UTC --alarm 15 2> /dev/null | tr -d '\r' > $dir/entry.ics; ok $? "remind: from the input"
    same tests/people/remind.ics $dir/entry.ics "remind: the entry"
    $remind --tz Nowhere/None "x tomorrow" > $dir/entry.ics 2>&1; [ $? = 1 ]; ok $? "remind: a zone that is not there"
    $remind --tz UTC --now yesterday "x tomorrow" > $dir/entry.ics 2>&1; [ $? = 1 ]; ok $? "remind: --now"
    if [ -f /usr/share/zoneinfo/Europe/Berlin ]; then
        $remind --tz Europe/Berlin --now 2027-03-27T10:00 "call Mum tomorrow at 2:30am" 2> /dev/null > $dir/entry.ics; ok $? "remind: a zone"
        grep -q '^BEGIN:VTIMEZONE' $dir/entry.ics && grep -q '^TZID:Europe/Berlin' $dir/entry.ics; ok $? "remind: the zone is not there"
        grep -q '^DTSTART;TZID=Europe/Berlin:20270328T033000' $dir/entry.ics; ok $? "remind: a time that a clock skips: $(grep DTSTART $dir/entry.ics)"
        grep -q '^DTSTAMP:20270327T090000Z' $dir/entry.ics; ok $? "remind: the time of writing"
    fi
    if [ -x build/terminal ]; then
        printf 'see when is it\ntype tomorrow at noon\\n\nsee 20261201T120000Z\nend\n' | build/terminal 30 $remind --tz UTC "feed the cat" > $dir/asked
        ok $? "remind: it asks back: $(cat $dir/asked)"
    fi
else echo "SKIPPED remind: it is not built"; fi

# ---- mcp: a few messages by hand (tests/clients/mcp.mjs has the protocol's own client)
if [ -x build/mcp ] && [ -x build/find ] && [ -x build/triage ]; then
    build/find -m $model -d $dir/mcp.db index tests/people/notes 2> /dev/null
    cat > $dir/messages <<'END'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"sh","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"find","arguments":{"question":"sugar syrup for the colonies","k":1}}}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"triage","arguments":{"texts":[{"id":"x","text":"Your parcel arrives on Friday"}]}}}
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"find","arguments":{"question":"--answer"}}}
END
    build/mcp --find $model --index $dir/mcp.db --triage $model --questions tests/people/triage.json < $dir/messages > $dir/mcp; ok $? "mcp"
    grep '"id":1,' $dir/mcp | grep -q '"protocolVersion":"2025-06-18"'; ok $? "mcp: the version"
    grep '"id":2,' $dir/mcp | grep -q 'bees.txt","line":1'; ok $? "mcp: find"
    grep '"id":3,' $dir/mcp | grep -q '"decided":\[{"id":"x","answers":{"topic":{"answer":"delivery"'; ok $? "mcp: triage"
    grep '"id":4,' $dir/mcp | grep -q '"structuredContent"'; ok $? "mcp: a question like an option"
    build/mcp --find $model < /dev/null > /dev/null 2>&1 && ok 1 "mcp: half of an option" || ok 0 ""
else echo "SKIPPED mcp: build/mcp, build/find and build/triage are not all there"; fi

# ---- npc: what is said does not depend on the frames; it is remembered
printf 'Hello, do you have a room?\ngo\nAre you afraid of the storm?\nquit\n' > $dir/script
build/npc $model -d $dir < $dir/script > $dir/npc; [ $? -le 1 ]; ok $? "npc"
sed '$d' $dir/npc > $dir/npc.said
same tests/people/npc.expected $dir/npc.said "npc: what is said"
build/npc $model -d $dir < /dev/null | grep -q 'Tom knows you'; ok $? "npc: memory"

echo "people: $passed passed, $failed failed"
[ $failed = 0 ]
