#!/bin/bash
# The walls between the rooms of the source, and the plainest rules of its style.
# shellcheck disable=SC2317
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0

# Says what is wrong, and where: the lines that a command prints.
none() { # what is wrong, command
  local found what=$1
  shift
  found=$("$@")
  [ -n "$found" ] || return 0
  printf '%s:\n%s\n' "$what" "$found"
  failed=1
}

# grep of lines with file and number; nothing found is no error.
lines() {
  grep -nHE "$@" || [ $? -eq 1 ]
}

without_end_of_line() {
  local file
  for file in "$@"; do
    [ -z "$(tail -c 1 "$file")" ] || echo "$file"
  done
}

without_licence() {
  local file
  for file in "$@"; do
    head -n 1 "$file" | grep -qxF '/* SPDX-License-Identifier: MIT */' || echo "$file"
  done
}

without_build() {
  local file
  for file in "$@"; do
    grep -qxE "[[:space:]]*$file" CMakeLists.txt || echo "$file"
  done
}

mapfile -t sources < <(find src include examples tests -name '*.[ch]' | sort)
mapfile -t texts < <(find src include examples tests cmake -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' \
  -o -name '*.cmake' -o -name '*.in' -o -name CMakeLists.txt \) | sort; ls CMakeLists.txt .ci/run 2>/dev/null)
mapfile -t rooms < <(find src -name '*.[ch]' ! -path 'src/lavc/*' ! -path src/convert_swscale.c | sort)
mapfile -t threadless < <(find src include -name '*.[ch]' ! -path 'src/thread.[ch]' | sort)
mapfile -t versionless < <(printf '%s\n' "${sources[@]}" | grep -vE '^src/lavc/compat\.h$|^examples/.*compat\.h$')

ffmpeg='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]lib(av|sw)'
none "only src/lavc/ and src/convert_swscale.c know FFmpeg" lines "$ffmpeg" "${rooms[@]}"
none "public headers name no header of FFmpeg" lines "$ffmpeg" include/wcenc/*.h
none "only src/thread.h and src/thread.c include pthread.h" \
  lines '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]pthread\.h' "${threadless[@]}"
none "conditions on FFmpeg's version stand in src/lavc/compat.h only (in examples: in their own compat header)" \
  lines '^[[:space:]]*#.*LIB(AV|SW)[A-Z]*_VERSION' "${versionless[@]}"
none "tabs" lines $'\t' "${texts[@]}"
none "white space at the end of a line" lines '[[:space:]]+$' "${texts[@]}"
none "no line break at the end" without_end_of_line "${texts[@]}"
none "the first line is not the licence" without_licence "${sources[@]}"
none "not in CMakeLists.txt" without_build src/*.c src/lavc/*.c

[ "$failed" -ne 0 ] || echo "${#sources[@]} sources"
exit "$failed"
