#!/bin/sh
# examples/serve.c with the client libraries that people use (tests/clients), and with what goes wrong; examples/mcp.c with
# the SDK of its protocol. Wants node, npm and what serve is built on; without them it says so and has nothing to show.
# Usage: tests/serve.sh [model.gguf]
set -u
model=${1:-}
for p in node npm; do command -v $p > /dev/null || { echo "SKIPPED serve: no $p"; exit 0; }; done
[ -x build/serve ] || { echo "SKIPPED serve: build/serve is not there"; exit 0; }
dir=build/clients
mkdir -p $dir
cp tests/clients/* $dir/
(cd $dir && npm install --no-audit --no-fund > npm.log 2>&1) || { echo "SKIPPED serve: npm cannot install"; tail -3 $dir/npm.log; exit 0; }
set -- -m examples/tiny.gguf --chat-template-file tests/clients/template.jinja
[ -n "$model" ] && set -- -m "$model"
rm -rf $dir/snap
. tests/serving.sh
serving "$@" -c 512 --snapshots $dir/snap --max-body 1 --timeout 5
bad=0
(cd $dir && AI_SDK_LOG_WARNINGS=false node --no-deprecation clients.mjs "$url") || bad=1
(cd $dir && node faults.mjs "$url" $server) || bad=1
(cd $dir && node page.mjs "$url") || bad=1
served || { echo "FAILED serve: it did not end well"; bad=1; }
here=$PWD
(cd $dir && node killed.mjs "$here/build/serve" -m "$here/examples/tiny.gguf") || bad=1
if [ -x build/gguf ]; then
    # a state, and windows: small models of these shapes with random weights and a vocabulary of bytes
    build/gguf model wide-lfm2 $dir/lfm2.gguf && build/gguf model wide-gemma3 $dir/gemma3.gguf || bad=1
    (cd $dir && node prefix.mjs "$here/build/serve" template.jinja lfm2.gguf gemma3.gguf) || bad=1
else echo "SKIPPED serve: build/gguf is not there, so no models that cannot go back"; fi
if [ -x build/mcp ] && [ -x build/find ] && [ -x build/triage ]; then
    rm -rf $dir/Maildir $dir/notes.db*; mkdir -p $dir/Maildir/new $dir/Maildir/cur; cp tests/people/mail/* $dir/Maildir/new
    build/find -m examples/tiny.gguf -d $dir/notes.db index tests/people/notes 2> /dev/null || bad=1
    (cd $dir && node mcp.mjs "$here/build/mcp" "$here/examples/tiny.gguf" notes.db "$here/tests/people/triage.json" Maildir) || bad=1
else echo "SKIPPED mcp: build/mcp, build/find and build/triage are not all there"; fi
[ $bad = 0 ] || tail -5 $dir/log
exit $bad
