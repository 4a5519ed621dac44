#!/bin/sh
# The real little model (not part of the repository): its greedy stories to the letter, with the
# command-line tool, and its perplexity. Usage: tests/stories.sh, from the top, after make.
set -u
shared=${LLOCAL_SHARED:-../shared}
model=$shared/models/stories260K.gguf
[ -f "$model" ] || { echo "SKIPPED stories: there is no $model"; exit 0; }
passed=0 failed=0
json() { sed -n "s/.*\"$2\": \"\(\([^\"\\\\]\|\\\\.\)*\)\".*/\1/p" "$1"; }     # one string, still escaped
unescape() { sed 's/\\n/\n/g; s/\\"/"/g; s/\\\\/\\/g'; }
n=0
mkdir -p build/stories
while IFS= read -r line; do
    n=$((n + 1))
    printf '%s\n' "$line" > build/stories/line
    prompt=$(json build/stories/line prompt | unescape)
    json build/stories/line continuation | unescape > build/stories/want
    want="$prompt$(cat build/stories/want)"
    got=$(build/llocal -m "$model" -p "$prompt" -n 200 --temp 0 -ctk f32 -ctv f32 2> /dev/null)
    if [ "$got" = "$want" ]; then passed=$((passed + 1)); echo "story $n: as expected"
    else failed=$((failed + 1)); printf 'FAILED story %s\n%s\n' $n "$got"; fi
done < "$shared/models/stories260K.expected.jsonl"
want=$(cut -d' ' -f1 "$shared/models/stories260K.ppl.expected")
got=$(build/perplexity -m "$model" -f "$shared/models/stories260K.ppl.txt" -c 256 -ctk f32 -ctv f32 2> /dev/null | awk '/^perplexity/ { print $2 }')
if [ "$want" = "$got" ]; then passed=$((passed + 1)); echo "perplexity $got"
else failed=$((failed + 1)); echo "FAILED perplexity $got, wanted $want"; fi
q8=$(build/perplexity -m "$model" -f "$shared/models/stories260K.ppl.txt" -c 256 -ctk q8_0 -ctv q8_0 2> /dev/null | awk '/^perplexity/ { print $2 }')
if awk "BEGIN { exit !($q8 > 0.98 * $want && $q8 < 1.02 * $want) }"; then passed=$((passed + 1)); echo "perplexity $q8 with a cache of 8 bits (within 2 %)"
else failed=$((failed + 1)); echo "FAILED perplexity $q8 with a cache of 8 bits"; fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
