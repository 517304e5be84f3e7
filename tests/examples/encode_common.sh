# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests of wcenc-encode share: an empty directory to work in, and how wrongs are counted. Sourced with the
# program as the argument.
set -euo pipefail

program=$(realpath "$1")
command -v ffmpeg >/dev/null || {
  echo "skipped: the ffmpeg program is not installed"
  exit 77
}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
failures=0

wrong() {
  echo "WRONG: $*"
  failures=$((failures + 1))
}

finish() {
  [ "$failures" = 0 ] || exit 1
  echo "all as it should be"
}

frames_in() { ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }

value_of() { ffprobe -v error -select_streams v:0 -show_entries "$2" -of default=nw=1:nk=1 "$1" | head -n 1; }

# Bad input: one line on standard error that holds the words, a status of 1 or 2, and no file of no use.
fails() {
  local words=$1 status=0
  shift
  rm -f bad.mp4 bad.webm bad.xyz
  "$program" "$@" >out 2>err </dev/null || status=$?
  [ "$status" = 1 ] || [ "$status" = 2 ] || wrong "$*: status $status"
  [ "$(wc -l <err)" = 1 ] || wrong "$*: printed $(wc -l <err) lines: $(cat err)"
  grep -q "^wcenc-encode: .*$words" err || wrong "$*: does not say \"$words\": $(cat err)"
  [ ! -e bad.mp4 ] && [ ! -e bad.webm ] || wrong "$*: left a file behind"
  no_parts "$*"
}

no_parts() { [ -z "$(find . -name '*.part')" ] || wrong "$*: left $(find . -name '*.part') behind"; }

# Runs the program in the background, and waits until some of its output is in the temporary file.
start() {
  "$program" "$@" >out 2>err &
  pid=$!
  for _ in $(seq 1200); do
    [ "$(find . -name "*.$pid.part" -size +20k | wc -l)" = 0 ] || return 0
    kill -0 "$pid" 2>/dev/null || break
    read -rt 0.05 <> <(:) || true
  done
  wrong "$*: no output comes: $(cat err)"
}

# Sets status.
wait_for_it() {
  status=0
  wait "$pid" || status=$?
}
