#!/bin/bash
# Holds docs/codecs.md against what the tables of the library say.
# usage: check_codecs.sh PROGRAM DOCUMENT
set -euo pipefail

program=$1
document=$2
if ! diff -u --label "$document" --label "what the tables say" "$document" <("$program" || echo "$program failed"); then
  echo "write it again: $program > $document"
  exit 1
fi
echo "$(wc -l <"$document") lines are as the tables say"
