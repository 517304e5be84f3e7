#!/bin/bash
# Runs a program that writes what it has to say to the file given as its argument, and sees to it that nothing came on
# stdout and stderr.
# usage: check_silence.sh PROGRAM
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status=0
"$1" "$work/report" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
cat "$work/report"
if [ "$status" -ne 0 ]; then
  echo "$1 ended with status $status"
fi
for stream in stdout stderr; do
  if [ -s "$work/$stream" ]; then
    echo "on $stream came:"
    head -c 4000 "$work/$stream"
    status=1
  fi
done
exit "$status"
