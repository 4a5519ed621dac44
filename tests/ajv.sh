#!/bin/sh
# Random schemas (tests/ajv/schemas.mjs), random texts of them (tests/rule_samples.c), and whether a validator that is not
# ours, npm's ajv, finds them valid. Says SKIPPED where node or npm is not there, or npm brings nothing.
# Usage: sh tests/ajv.sh [SCHEMAS] [SEED] [FILE.gguf...]     (200, 1, examples/tiny.gguf)
cd "$(dirname "$0")/.." || exit 1
n=${1:-200} seed=${2:-1}
[ $# -gt 2 ] && shift 2 || set -- examples/tiny.gguf
node -e 'process.exit(+process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2> /dev/null || { echo "SKIPPED ajv: no node from 18 on"; exit 0; }
mkdir -p build/ajv && cp tests/ajv/* build/ajv || exit 1
(cd build/ajv && npm ci --no-audit --no-fund --ignore-scripts) > build/ajv/npm.log 2>&1 || { echo "SKIPPED ajv: npm brings no packages"; exit 0; }
[ -n "$SAMPLES" ] || { make build/rule_samples && SAMPLES=build/rule_samples; } || exit 1
node build/ajv/schemas.mjs "$seed" "$n" > build/ajv/schemas || exit 1
for f in "$@"; do
    "$SAMPLES" "$f" 1 "$seed" < build/ajv/schemas > build/ajv/texts || { echo "FAILED: $f"; exit 1; }
    node build/ajv/check.mjs build/ajv/schemas < build/ajv/texts || exit 1
done
