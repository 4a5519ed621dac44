#!/bin/sh
# The programs of examples/board in qemu: each tells its story over the UART, and must tell the same as this machine, to
# the bit of every logit. Then what they take, as a table in Markdown: code and tables without the model, memory by its
# parts, instructions of a token (qemu counts a nanosecond for each: -icount shift=0; the board's clock tells them).
# Usage: sh tests/board.sh           the default model
#        sh tests/board.sh sizes     also other settings, stories260K.gguf of LLOCAL_SHARED, and the largest functions
# Status 0: all stories are the same. What is not installed is skipped, with a word.
set -u
build=build/boards
mkdir -p $build
passed=0 failed=0
bad() { failed=$((failed + 1)); echo "FAILED $*"; }
for p in arm-none-eabi-gcc qemu-system-arm; do
    command -v $p > /dev/null || { echo "SKIPPED board: no $p here"; exit 0; }
done
case "$(arm-none-eabi-gcc -print-file-name=nano.specs)" in */*) ;; *) echo "SKIPPED board: no newlib for arm-none-eabi here"; exit 0 ;; esac
make=${MAKE:-make}

# The boards' story and this machine's: name, model, flags (format, N_CTX, KV, ARENA), optimisation (the Makefile's)
story() {
    name=$1 model=$2 flags=$3 opt=${4:-}
    rm -f build/board_host
    $make -s build/board_host BOARD_FLAGS="$flags" > $build/log 2>&1 && build/board_host "$model" > $build/want ||
        { bad "$name on this machine"; cat $build/log; return; }
    for board in ${boards:-m4:mps2-an386 m33:mps2-an505 m55:mps3-an547}; do
        machine=${board#*:} board=${board%:*} out=$build/$name/${board%:*}.txt
        $make -s $build/"$name"/$board.elf BOARD=$build/"$name" BOARD_MODEL="$model" BOARD_FLAGS="$flags" ${opt:+BOARD_OPT="$opt"} \
            > $build/log 2>&1 || { bad "$name: $board.elf"; head -20 $build/log; continue; }
        timeout 120 qemu-system-arm -M $machine -display none -monitor none -serial stdio -no-reboot -icount shift=0 \
            -kernel $build/"$name"/$board.elf < /dev/null > $out 2> $build/log
        if grep -E '^(story|bits):' $out | cmp -s - $build/want && tail -1 $out | grep -qx done; then
            passed=$((passed + 1))
            [ "$name $board" = "default m33" ] && cat $out
        else bad "$name on $machine is not what this machine says:"; cat $out $build/log $build/want; fi
        code=$(arm-none-eabi-size -A $build/"$name"/$board.elf | awk '/^\.(text|ARM.exidx|data) / { n += $2 } END { print n }')
        sed 's/[:,]//g' $out | awk -v name="$name" -v board=$board -v code="$code" '
            /^plan/ { total = $2; model = $7; cache = $9; scratch = $11; logits = $13 + $15 }
            /^ticks/ { each = $8 / $11 * (1e9 / $2) }
            /^most/ { stack = $5 }
            END { printf "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %.1f M |\n", name, board, code, total, model, cache, scratch, logits, stack, each / 1e6 }
        ' >> $build/table
    done
}
printf '| program | board | code | arena | model | cache | scratch | logits, state | stack | instructions a token |\n|---|---|---|---|---|---|---|---|---|---|\n' > $build/table
q8=-DLLOCAL_ONLY_KV_Q8
story default examples/tiny.gguf "-DLLOCAL_ONLY_Q6_K $q8"
boards=m0:mps2-an385                    # no FPU, and no product of four bytes: a few words are enough
story default examples/tiny.gguf "-DLLOCAL_ONLY_Q6_K $q8 -DN_TOKENS=4"
boards=
if [ "${1:-}" = sizes ]; then
    story default-O2 examples/tiny.gguf "-DLLOCAL_ONLY_Q6_K $q8" -O2
    story default-512 examples/tiny.gguf "-DLLOCAL_ONLY_Q6_K $q8 -DN_CTX=512 -DARENA=868352"
    small=${LLOCAL_SHARED:-../shared}/models/stories260K.gguf
    if [ -e "$small" ]; then
        story stories260K "$small" "-DLLOCAL_ONLY_F32 $q8 -DARENA=262144"
        story stories260K-O2 "$small" "-DLLOCAL_ONLY_F32 $q8 -DARENA=262144" -O2
        story stories260K-F16 "$small" "-DLLOCAL_ONLY_F32 -DLLOCAL_ONLY_KV_F16 -DKV=LLOCAL_KV_F16 -DARENA=524288"
    else echo "SKIPPED stories260K.gguf: not in $small"; fi
    echo "The largest of default's code and tables, m33 (the whole map: $build/default/m33.map):"
    arm-none-eabi-nm --size-sort -S -r $build/default/m33.elf | awk '$3 ~ /[tTrR]/ { print $2, $4 }' | head -24 |
        while read -r size what; do printf '%7d %s\n' "0x$size" "$what"; done
fi
cat $build/table
echo "board: $passed passed, $failed failed"
[ $failed = 0 ]
