#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The programs of examples/loops as a user meets them: what they say that they have coded is what can be decoded, Ctrl-C
# ends a recording well, and one clear line for whatever is wrong. Their sources stay short enough to be read at once.
#
# usage: check_loops.sh PROGRAM...
set -euo pipefail

failures=0

wrong() {
  echo "WRONG: $*"
  failures=$((failures + 1))
}

for source in "$(dirname "$0")"/../../examples/{common,loops}/*.[ch]; do
  [ "$(wc -l <"$source")" -lt 150 ] || wrong "$source has $(wc -l <"$source") lines"
done
command -v ffmpeg >/dev/null || {
  echo "skipped: the ffmpeg program is not installed"
  [ "$failures" = 0 ] && exit 77
  exit 1
}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

# The frames that a file can be decoded to; none where a decoder has anything to complain about.
frames_in() {
  ffmpeg -v error -xerror -i "$1" -fps_mode passthrough -f framecrc - 2>ffmpeg_err | grep -c '^[0-9]' || true
  [ ! -s ffmpeg_err ] || cat ffmpeg_err
}

# name, file: what the program has printed on its last line is so. Leaves the numbers in frames, chunks and drops.
agrees() {
  local name=$1 file=$2 decoded
  if ! [[ $(tail -n 1 out) =~ ^([0-9]+)\ frames,\ ([0-9]+)\ chunks,\ ([0-9]+)\ dropped$ ]]; then
    wrong "$name: the last line is \"$(tail -n 1 out)\""
    return
  fi
  frames=${BASH_REMATCH[1]} chunks=${BASH_REMATCH[2]} drops=${BASH_REMATCH[3]}
  [ "$frames" = $((chunks + drops)) ] || wrong "$name: $(tail -n 1 out)"
  decoded=$(frames_in "$file")
  [ "$decoded" = "$chunks" ] || wrong "$name: $chunks chunks, decoded: $decoded"
  # Only a live source drops.
  [ "$name" = epoll_loop ] || [ "$drops" = 0 ] || wrong "$name dropped $drops frames"
}

encodes() { # program
  local name=${1##*/}
  "$1" "$name.video" >out 2>err || wrong "$name: status $?: $(cat err)"
  agrees "$name" "$name.video"
  [ "$frames" = 90 ] || wrong "$name: $frames frames"
  [ "$name" = epoll_loop ] || [ ! -s err ] || wrong "$name printed $(cat err)"
}

fails() { # words, program, arguments
  local words=$1 name=${2##*/} status=0
  shift
  "$@" >out 2>err || status=$?
  [ "$status" = 1 ] || wrong "$name: status $status where it should say \"$words\""
  # In front of it a live source may have reported frames that it has dropped.
  tail -n 1 err | grep -q "$words" || wrong "$name: does not say \"$words\": $(cat err)"
}

# Ctrl-C as soon as the first byte is written: the file has what was recorded until then.
interrupted() { # program
  local name=${1##*/} status=0
  { echo "$BASHPID" >pid && exec "$1" /dev/fd/3 3>&1 >out 2>err; } |
    { head -c 1 && kill -INT "$(cat pid)" && cat; } >interrupted.video || status=${PIPESTATUS[0]}
  [ "$status" = 0 ] || wrong "$name: after Ctrl-C the status is $status: $(cat err)"
  agrees "$name" interrupted.video
  ((frames > 0 && frames < 90)) || wrong "$name: after Ctrl-C there are $frames frames"
}

for program in "$@"; do
  frames=0
  encodes "$program"
  fails usage "$program"
  fails "no/such/directory" "$program" no/such/directory/file
  [ ! -e /dev/full ] || fails "written" "$program" /dev/full
  [ "${program##*/}" != libuv_loop ] || interrupted "$program"
done

[ "$failures" = 0 ] || exit 1
echo "all as it should be"
