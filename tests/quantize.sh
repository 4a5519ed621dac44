#!/bin/sh
# examples/quantize and examples/imatrix on files that this script makes: what becomes of each tensor, how
# exact the formats are, what importance gains, and that no accident costs a file or leaves one behind.
# Usage: tests/quantize.sh [folder of the programs]       status 0: all passed
set -u
bin=${1:-build}
dir=$bin/quantize-test
rm -rf $dir && mkdir -p $dir || exit 1
passed=0 failed=0
ok()  { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; [ ! -s $dir/log ] || head -5 $dir/log; }
yes() { what=$1; shift; if "$@" > $dir/log 2>&1; then ok; else bad "$what: $*"; fi; }       # must succeed
no()  { # must fail with a status of its own, say this, and leave no file
    what=$1 says=$2; shift 2
    "$@" > $dir/log 2>&1; status=$?
    if [ $status = 1 ] || [ $status = 2 ]; then ok; else bad "$what: status $status: $*"; fi
    if grep -q -- "$says" $dir/log; then ok; else bad "$what: does not say '$says': $*"; fi
    leaves_nothing "$what"
}
leaves_nothing() { if ls $dir/new* > /dev/null 2>&1; then bad "$1: leaves $(ls $dir/new*)"; rm -rf $dir/new*; else ok; fi; }
format_of() { $bin/gguf compare $1 $1 | awk -v n=$2 '$1 == n { print $2 }'; }               # file tensor
is() { if [ "$2" = "$3" ]; then ok; else : > $dir/log; bad "$1: $2, wanted $3"; fi; }

q=$bin/quantize
llama=$dir/llama.gguf moe=$dir/moe.gguf
yes "make a model" $bin/gguf model wide-llama $llama
yes "make a model" $bin/gguf model wide-qwen3moe $moe
head -c 1500 README.md > $dir/text.txt

# ---- imatrix: what plain arithmetic says; every expert's tokens once for each choice
yes "imatrix" $bin/imatrix -m $llama -f $dir/text.txt -c 64 -o $dir/llama.im
yes "by hand" $bin/gguf inputs $llama $dir/text.txt 64 $dir/hand.im
yes "imatrix is what plain arithmetic says" $bin/gguf same $dir/llama.im $dir/hand.im
yes "imatrix of experts" $bin/imatrix -m $moe -f $dir/text.txt -c 64 -o $dir/moe.im
$bin/gguf counts $dir/moe.im > $dir/counts
tokens=$(awk '$1 == "blk.1.attn_output.weight.counts" { print $2 }' $dir/counts)
is "experts' counts" "$(awk '/_exps/ { print $2 }' $dir/counts | sort -u)" $((2 * tokens))
is "tensors in it" "$(wc -l < $dir/counts | tr -d ' ')" 16
no "imatrix keeps what exists" "exists" $bin/imatrix -m $llama -f $dir/text.txt -c 64 -o $dir/llama.im
cp $llama $dir/read.gguf
no "imatrix onto its model" "what is read" $bin/imatrix --force -m $dir/read.gguf -f $dir/text.txt -c 64 -o $dir/read.gguf
yes "the model is whole" cmp $llama $dir/read.gguf
cp $dir/llama.im $dir/before.im
no "imatrix on a full disk" "cannot write" sh -c "ulimit -f 2; trap '' XFSZ; exec $bin/imatrix --force -m $llama -f $dir/text.txt -c 64 -o $dir/llama.im"
yes "what it would have replaced is whole" cmp $dir/before.im $dir/llama.im
is "nothing beside it" "$(ls $dir/*.tmp 2> /dev/null)" ""
no "imatrix of a short text" "longer text" $bin/imatrix -m $llama -f $dir/text.txt -c 100000 -o $dir/new.im

# ---- every format: it loads and runs, and its mean squared error is below a bound
while read type bound; do
    yes "$type" $q $llama $dir/$type.gguf $type 2
    yes "$type loads and runs" $bin/perplexity -m $dir/$type.gguf -f $dir/text.txt -c 64
    worst=$($bin/gguf compare $dir/$type.gguf $llama | awk '$4 > m { m = $4 } END { print m + 0 }')
    yes "$type: error $worst, bound $bound" awk "BEGIN { exit !($worst <= $bound && $worst * 3 >= $bound) }"
done <<END
F32       0
F16       1e-7
BF16      5e-6
Q8_0      4e-5
Q4_0      9e-3
Q4_1      5e-3
Q5_0      2e-3
Q5_1      1.2e-3
Q2_K      8e-2
Q2_K_S    8e-2
Q3_K_S    2e-2
Q3_K_M    2e-2
Q3_K_L    2e-2
Q4_K_S    5e-3
Q4_K_M    5e-3
Q5_K_S    1.2e-3
Q5_K_M    1.2e-3
Q6_K      4e-4
IQ4_NL    8e-3
IQ4_XS    8e-3
MXFP4     2e-2
NVFP4     1.5e-2
TQ1_0     0.3
TQ2_0     0.3
Q1_0      0.4
Q2_0      0.2
END

# ---- the rules of a mix: two layers, so 7 * 2 / 8 = 1 and the second one gets more bits
is "Q4_K_M, attn_q"            "$(format_of $dir/Q4_K_M.gguf blk.1.attn_q.weight)" Q4_K
is "Q4_K_M, first ffn_down"    "$(format_of $dir/Q4_K_M.gguf blk.0.ffn_down.weight)" Q4_K
is "Q4_K_M, last ffn_down"     "$(format_of $dir/Q4_K_M.gguf blk.1.ffn_down.weight)" Q6_K
is "Q4_K_M, last attn_v"       "$(format_of $dir/Q4_K_M.gguf blk.1.attn_v.weight)" Q6_K
is "Q4_K_M, tied embedding"    "$(format_of $dir/Q4_K_M.gguf token_embd.weight)" Q6_K
is "Q3_K_M, attn_output"       "$(format_of $dir/Q3_K_M.gguf blk.0.attn_output.weight)" Q4_K
is "Q2_K, attn_v"              "$(format_of $dir/Q2_K.gguf blk.0.attn_v.weight)" Q3_K
is "norms stay"                "$(format_of $dir/Q2_K.gguf blk.0.attn_norm.weight)" F32
yes "experts" $q --imatrix $dir/moe.im $moe $dir/moe-q.gguf q4_k
is "eight experts, attn_k"     "$(format_of $dir/moe-q.gguf blk.0.attn_k.weight)" Q8_0
is "eight experts, attn_output" "$(format_of $dir/moe-q.gguf blk.0.attn_output.weight)" Q5_K
is "a router stays"            "$(format_of $dir/moe-q.gguf blk.0.ffn_gate_inp.weight)" F32
is "experts, last ffn_down"    "$(format_of $dir/moe-q.gguf blk.1.ffn_down_exps.weight)" Q6_K
yes "overrides" $q --pure --tensor-type attn_q=Q8_0 --token-embedding-type f16 $llama $dir/over.gguf Q4_K_M
is "pure"                      "$(format_of $dir/over.gguf blk.1.ffn_down.weight)" Q4_K
is "--tensor-type"             "$(format_of $dir/over.gguf blk.1.attn_q.weight)" Q8_0
is "--token-embedding-type"    "$(format_of $dir/over.gguf token_embd.weight)" F16
$bin/inspect $dir/Q4_K_M.gguf > $dir/says
yes "file_type" grep -q "general.file_type *u32 15" $dir/says
yes "version" grep -q "general.quantization_version *u32 2" $dir/says

# ---- the same whatever the threads, and from a model in parts
yes "one thread" $q $llama $dir/one.gguf Q4_K_M 1
yes "threads change nothing" cmp $dir/one.gguf $dir/Q4_K_M.gguf
yes "split" $bin/gguf split $llama $dir/parts
yes "from parts" $q $dir/parts-00001-of-00002.gguf $dir/joined.gguf Q4_K_M
yes "parts change nothing" cmp $dir/joined.gguf $dir/Q4_K_M.gguf

# ---- importance: less weighted error; either form of the file; a file that lacks a tensor
weighted() { $bin/gguf compare $1 $2 $3 | awk '/ weighted/ { s += $4 } END { printf "%.9f", s }'; }
for type in Q4_0 Q2_K Q3_K_S Q4_K_M Q6_K IQ4_XS Q5_1 MXFP4; do
    yes "$type by importance" $q --imatrix $dir/llama.im $llama $dir/by.gguf $type --force
    with=$(weighted $dir/by.gguf $llama $dir/llama.im) without=$(weighted $dir/$type.gguf $llama $dir/llama.im)
    yes "$type: weighted error $with with, $without without" awk "BEGIN { exit !($with > 0 && $with < $without) }"
done
yes "experts by importance" $q $moe $dir/moe-without.gguf Q4_K_M
with=$(weighted $dir/moe-q.gguf $moe $dir/moe.im) without=$(weighted $dir/moe-without.gguf $moe $dir/moe.im)
yes "experts: weighted error $with with, $without without" awk "BEGIN { exit !($with < $without) }"
yes "older form" $bin/gguf old $dir/llama.im $dir/llama.dat
yes "by the older form" $q --imatrix $dir/llama.dat $llama $dir/old.gguf Q6_K
yes "by the newer form" $q --imatrix $dir/llama.im $llama $dir/fresh.gguf Q6_K
yes "they are as good" $bin/gguf same $dir/old.gguf $dir/fresh.gguf
$q --imatrix $dir/hand.im $llama $dir/lacks.gguf Q4_0 > $dir/says 2>&1
yes "says what is not in it" grep -q "14 of 15 matrices are not in the importance matrix" $dir/says
printf '\1\0\0\0\23\0\0\0blk.0.attn_q.weight\1\0\0\0\2\0\0\0\0\0\200\77\0\0\200\77' > $dir/narrow.dat
no "importance of another model" "another model" $q --imatrix $dir/narrow.dat $llama $dir/new.gguf Q4_0
head -c 3000 $dir/llama.im > $dir/cut.im
no "importance cut short" "damaged" $q --imatrix $dir/cut.im $llama $dir/new.gguf Q4_0

# ---- accidents
cp $llama $dir/in.gguf
ln $dir/in.gguf $dir/link.gguf
ln -s in.gguf $dir/soft.gguf
for out in in.gguf ./in.gguf link.gguf soft.gguf; do
    no "onto its input" "what is read" $q --force $dir/in.gguf $dir/$out Q4_0
done
no "onto a part of its input" "what is read" $q --force $dir/parts-00001-of-00002.gguf $dir/parts-00002-of-00002.gguf Q4_0
no "imatrix onto a part of its model" "what is read" $bin/imatrix --force -m $dir/parts-00001-of-00002.gguf -f $dir/text.txt -c 64 -o $dir/parts-00002-of-00002.gguf
yes "the input is whole" cmp $llama $dir/in.gguf
no "onto a file" "--force" $q $llama $dir/Q4_0.gguf Q4_0
yes "onto a file by force" $q --force $llama $dir/over.gguf Q4_0
yes "which is another now" cmp $dir/over.gguf $dir/Q4_0.gguf
no "quantised already" "--allow-requantize" $q $dir/Q8_0.gguf $dir/new.gguf Q4_0
yes "but if one insists" $q --allow-requantize $dir/Q8_0.gguf $dir/again.gguf Q4_0
head -c 2000000 $llama > $dir/cut.gguf
no "a file cut short" "cut short" $q $dir/cut.gguf $dir/new.gguf Q4_0
no "no model" "not" $q $dir/text.txt $dir/new.gguf Q4_0
no "no folder" "cannot open" $q $llama $dir/nowhere/new.gguf Q4_0
no "no such type" "no type" $q $llama $dir/new.gguf IQ2_XXS
no "no such option" "not understood" $q --fast $llama $dir/new.gguf Q4_0
no "a full disk" "cannot write" sh -c "ulimit -f 200; exec $q $llama $dir/new.gguf Q8_0"
yes "dry run" $q --dry-run $llama $dir/new.gguf Q4_K_M
leaves_nothing "dry run"

# Interrupted while it writes, or, if it was faster, complete: never in between.
$q $moe $dir/new.gguf Q3_K_S 1 > $dir/log 2>&1 &
until ls $dir/new* > /dev/null 2>&1 || ! kill -0 $! 2> /dev/null; do :; done
kill -TERM $! 2> /dev/null
wait $!; status=$?
if [ $status = 0 ]; then yes "too fast to interrupt" $bin/inspect $dir/new.gguf; rm -f $dir/new.gguf; else is "interrupted" $status 130; fi
leaves_nothing "interrupted"

echo "quantize.sh: $passed passed, $failed failed"
rm -rf $dir
[ $failed = 0 ]
