#!/bin/sh
# The server for a long time: 32 clients at once on 4 slots, then one client; tests/clients/soak.mjs says what is looked at.
# By hand, not in CI.   Usage: tests/soak.sh [MODEL] [SECONDS of 32 clients: 600] [SECONDS of one: 3600] [THREADS: 2] > log
set -u
model=${1:-examples/tiny.gguf} many=${2:-600} one=${3:-3600} threads=${4:-2} dir=build/soak
[ -x build/serve ] || { echo "make build/serve first"; exit 1; }
mkdir -p $dir; rm -rf $dir/snap
set -- -m "$model"
[ "$model" = examples/tiny.gguf ] && set -- "$@" --chat-template-file tests/clients/template.jinja
. tests/serving.sh
serving "$@" -c 1024 -np 4 -t "$threads" --snapshots $dir/snap --snapshot-mib 64
date; head -1 $dir/log
bad=0
[ "$many" = 0 ] || node tests/clients/soak.mjs "$url" $server 32 "$many" || bad=1
[ "$one" = 0 ] || node tests/clients/soak.mjs "$url" $server 1 "$one" "${PAUSE:-0}" || bad=1
served || { echo "FAILED soak: the server did not end well"; bad=1; }
date
exit $bad
