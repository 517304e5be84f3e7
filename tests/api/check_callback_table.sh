#!/bin/bash
# The table in encoder.h of what may be called from inside which callback is the one that the test goes through.
# usage: check_callback_table.sh PROGRAM HEADER; PROGRAM --print prints the table.
set -euo pipefail

program=$1 header=$2
tested=$("$program" --print)
documented=$(awk '
  /^ \*     \+  as from outside/ { exit }
  inside && !/^ \*$/
  /What may be called from inside which callback/ { inside = 1 }
' "$header")

if [ -z "$tested" ]; then
  echo "$program prints no table"
  exit 1
fi
diff -u --label "$header" --label "what is tested" <(echo "$documented") <(echo "$tested")
