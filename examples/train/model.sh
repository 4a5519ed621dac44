#!/bin/sh
# From nothing to the default model. Run from the top, through make model:
#     sh examples/train/model.sh          examples/tiny.gguf, as it is in the repository
#     sh examples/train/model.sh small    a toy, twice: does the loss fall, are the bits the same?
# Everything between lies in build/tiny. A run that was cut short goes on when started again.
set -eu
here=examples/train dir=build/tiny
mkdir -p $dir

small() { # number of the run
    build/train --vocab $dir/small-vocab.gguf --text $dir/small.txt --out "$dir/small-$1.gguf" \
        --curve "$dir/small-$1.csv" --embd 64 --layers 2 --heads 4 --kv-heads 2 --ff 128 --ctx 256 \
        --batches 8 --steps 300 --rate 0.01 --threads "$1"
}

if [ "${1:-}" = small ]; then
    build/corpus 4000 $here > $dir/small.txt
    build/tokenizer $dir/small.txt 600 $dir/small-vocab.gguf
    small 1 && small 2
    cmp $dir/small-1.gguf $dir/small-2.gguf
    echo "ok: one thread and two give the same bits"
    awk -F, 'NR == 2 { first = $3 } { last = $3 } END { print "loss from", first, "to", last; exit !(last < 0.6 * first) }' \
        $dir/small-1.csv
    exit
fi

documents=520000 steps=12000
echo "Making examples/tiny.gguf anew: about 110 minutes on two cores of 2023, more on older ones."
echo "It can be stopped, and goes on when it is started again."
build/corpus $documents $here > $dir/corpus.txt
build/tokenizer $dir/corpus.txt 2048 $dir/vocab.gguf
resume=; [ -f $dir/state ] && resume=--resume
build/train --vocab $dir/vocab.gguf --text $dir/corpus.txt --out $dir/tiny-f32.gguf --name tiny \
    --batches 8 --rate 0.002 --steps $steps --save $dir/state --curve $dir/loss.csv $resume
build/quantize --force $dir/tiny-f32.gguf examples/tiny.gguf Q6_K
rm -f $dir/state
