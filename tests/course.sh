#!/bin/sh
# examples/course.md holds what its commands print: runs every line "$ command" of its console blocks and
# compares. --write puts the present output into the file instead.
# Usage: tests/course.sh [--write]       status 0: the course says what is so
set -u
course=examples/course.md
mkdir -p build
awk '/^```console$/ { print; on = 1; next }
     on && /^```$/ { on = 0 }
     on && /^\$ / { print; fflush(); system(substr($0, 3) " 2>&1"); next }
     !on { print }' $course > build/course.md || exit 1
if [ "${1:-}" = --write ]; then cp build/course.md $course; exit; fi
n=$(grep -c '^\$ ' $course)
if [ "$n" -gt 0 ] && diff $course build/course.md; then echo "course.sh: $n commands print what the course says"
else echo "FAILED course.sh: the lines above (tests/course.sh --write, if they are right)"; exit 1; fi
