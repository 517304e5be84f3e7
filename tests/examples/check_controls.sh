#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The programs of examples/controls as a user meets them: what they print is what the ffmpeg programs find in the files
# that they have written. Where there is no encoder for one, that one is left out. Their sources stay short enough to be
# read at once.
#
# usage: check_controls.sh DIRECTORY-OF-THE-PROGRAMS
set -euo pipefail

readonly NO_ENCODER='^not supported: FFmpeg has no encoder ' # where the program is in order and FFmpeg lacks one
programs=$1
failures=0 checked=0

wrong() {
  echo "WRONG: $*"
  failures=$((failures + 1))
}

for source in "$(dirname "$0")"/../../examples/{common,controls}/*.[ch]; do
  [ "$(wc -l <"$source")" -lt 150 ] || wrong "$source has $(wc -l <"$source") lines"
done
for tool in ffmpeg ffprobe; do
  command -v $tool >/dev/null && continue
  echo "skipped: the $tool program is not installed"
  [ "$failures" = 0 ] && exit 77
  exit 1
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

# program, arguments: leaves what it prints in out. False where it does not run through.
run() {
  local name=$1 status=0
  shift
  "$programs/$name" "$@" >out 2>err || status=$?
  if [ "$status" = 1 ] && grep -q "$NO_ENCODER" err; then
    echo "left out: $name $*: $(cat err)"
    return 1
  fi
  checked=$((checked + 1))
  [ "$status" = 0 ] && [ ! -s err ] && return 0
  wrong "$name $*: status $status: $(cat err)"
  return 1
}

# file, least number of frames: it can be decoded to so many, and no decoder has anything to complain about.
decodes() {
  local count
  count=$(ffmpeg -v warning -xerror -err_detect explode -i "$1" -fps_mode passthrough -f framemd5 - 2>decoder_err |
    tee "$1.md5" | grep -c '^[0-9]' || true)
  [ ! -s decoder_err ] || wrong "$1: $(cat decoder_err)"
  [ "$count" = "$2" ] || wrong "$1: $count frames, not $2"
}

# file: the size of each coded picture.
sizes_in() {
  ffprobe -v error -show_entries packet=size -of csv=p=0 "$1" | tr -d ,
}

# file: the time of each coded picture, in the unit of the file.
times_in() {
  ffprobe -v error -show_entries packet=pts -of csv=p=0 "$1" | tr -d ,
}

# What each frame has cost is in the file, and a frame after a better one is smaller, after a worse one bigger.
check_frame_quantizer() {
  run frame_quantizer quantizer.h264 || return 0
  decodes quantizer.h264 60
  sed -nE 's/^[0-9.]+ s: +([0-9]+) bytes, quantizer ([0-9]+)$/\1 \2/p' out >costs
  cut -d ' ' -f 1 costs | diff - <(sizes_in quantizer.h264) >difference ||
    wrong "frame_quantizer: printed and found: $(cat difference)"
  [ "$(cut -d ' ' -f 2 costs | sort -un | wc -l)" = 3 ] || wrong "frame_quantizer: not three quantizers: $(cat costs)"
  awk 'NR > 1 && (($2 > quantizer && $1 >= size) || ($2 < quantizer && $1 <= size)) { print NR ": " $0 }
    { size = $1; quantizer = $2 }' costs >astray
  [ ! -s astray ] || wrong "frame_quantizer: sizes do not follow the quantizers: $(cat astray)"
}

# The times of the frames that a receiver is given who gets the layers that were printed: of four frames the layers are
# 0, 2, 1 and 2.
times_by_layer() {
  sed -nE 's/^([0-9]+)\.([0-9]+) s: layers up to ([0-9])$/\1\2 \3/p' out | awk '
    { from[NR] = $1 + 0; layer[NR] = $2 }
    END {
      split("0 2 1 2", pattern, " ")
      for (n = 0; n < 120; n++) {
        time = int(n * 1000000 / 30)
        for (i = 1; i <= NR && from[i] <= time; i++) highest = layer[i]
        if (pattern[n % 4 + 1] <= highest) print time
      }
    }'
}

# What a receiver shows that was given a part of the stream are the very pictures of the whole.
check_temporal_layers() { # codec
  local sent received file
  run temporal_layers sent.ivf received.ivf "$1" || return 0
  read -r sent received < <(sed -nE 's/^([0-9]+) frames sent, ([0-9]+) received$/\1 \2/p' out)
  [ "$sent" = 120 ] || wrong "temporal_layers $1: $sent frames sent"
  ((received > 30 && received < 120)) || wrong "temporal_layers $1: $received frames received"
  grep -q 'layers up to 0' out || wrong "temporal_layers $1 never goes down to the base layer"
  decodes sent.ivf "$sent"
  decodes received.ivf "$received"
  times_in received.ivf | diff - <(times_by_layer) >difference ||
    wrong "temporal_layers $1: received and to be received: $(cat difference)"
  for file in sent received; do
    grep '^[0-9]' "$file.ivf.md5" | cut -d , -f 6 | paste <(times_in "$file.ivf") - | sort >"$file.pictures"
  done
  comm -13 sent.pictures received.pictures >astray
  [ ! -s astray ] || wrong "temporal_layers $1: pictures that are not those of the whole stream: $(cat astray)"
}

# file, number of a frame, x, y: the mean luma of 24 pixels around there.
luma() {
  ffmpeg -v error -i "$1" -vf "select=eq(n\,$2),crop=24:24:$(($3 - 12)):$(($4 - 12)),signalstats,metadata=print:file=-" \
    -f null - | sed -n 's/^lavfi.signalstats.YAVG=//p'
}

# number of a frame, x, y, alpha: it is there in the alpha, within two steps.
check_alpha_at() {
  awk -v found="$(luma alpha.ivf "$1" "$2" "$3")" -v drawn="$4" \
    'BEGIN { exit found == "" || found < drawn - 2 || found > drawn + 2 }' ||
    wrong "alpha: frame $1 at $2,$3 is not $4"
}

check_alpha() {
  local frame x y
  run alpha colors.ivf alpha.ivf || return 0
  decodes colors.ivf 60
  decodes alpha.ivf 60
  sed -nE 's/.*: disc at ([0-9]+),([0-9]+), ([0-9]+) bytes of colours, ([0-9]+) of alpha$/\1 \2 \3 \4/p' out >discs
  cut -d ' ' -f 3 discs | cmp - <(sizes_in colors.ivf) || wrong "alpha: sizes of the colours"
  cut -d ' ' -f 4 discs | cmp - <(sizes_in alpha.ivf) || wrong "alpha: sizes of the alpha"
  for frame in 0 1 19 38 59; do
    read -r x y _ < <(sed -n $((frame + 1))p discs)
    check_alpha_at $frame "$x" "$y" 160
    check_alpha_at $frame "$((x - 40))" "$y" 160
    check_alpha_at $frame "$((x < 160 ? x + 80 : x - 80))" "$y" 0
    check_alpha_at $frame "$x" "$((y < 120 ? y + 80 : y - 80))" 0
  done
}

# The bitrate of each second but the first of each rate is what was asked for, and a live one costs no key chunk.
check_live_bitrate() {
  local keys expected=3
  run live_bitrate live.h264 || return 0
  decodes live.h264 270
  sed -nE 's/^second ([0-9]+): +([0-9]+) kb\/s asked, +([0-9]+) kb\/s measured$/\1 \2 \3/p' out >asked
  [ "$(wc -l <asked)" = 9 ] || wrong "live_bitrate: $(cat out)"
  # Thirty pictures a second.
  sizes_in live.h264 | awk '{ bits += 8 * $1 } NR % 30 == 0 { printf "%.0f\n", bits / 1000; bits = 0 }' >found
  paste -d ' ' asked found | awk '$3 != $4 || ($1 % 3 && ($4 < 0.8 * $2 || $4 > 1.2 * $2))' >astray
  [ ! -s astray ] || wrong "live_bitrate: second, asked, printed, found: $(cat astray)"
  ! grep -q 'takes effect while the stream runs' out || expected=1
  keys=$(ffprobe -v error -show_entries packet=flags -of csv=p=0 live.h264 | grep -c K || true)
  [ "$keys" = "$expected" ] || wrong "live_bitrate: $keys key chunks"
  grep -qx "$keys key chunks" out || wrong "live_bitrate: $keys key chunks in the file, $(tail -n 1 out)"
}

# words, program, arguments: it ends as an error, and says so.
fails() {
  local words=$1 name=$2 status=0
  shift 2
  "$programs/$name" "$@" >out 2>err || status=$?
  ! grep -q "$NO_ENCODER" err || return 0
  [ "$status" = 1 ] || wrong "$name $*: status $status where it should say \"$words\""
  grep -q "$words" err || wrong "$name $*: does not say \"$words\": $(cat err)"
}

check_arguments() { # program, how many files it writes
  local name=$1 one=() bad=() full=()
  [ "$2" = 1 ] || one=("$name.first")
  bad=("${one[@]}" no/such/directory/file) full=("${one[@]}" /dev/full)
  "$programs/$name" --help >out 2>err || wrong "$name --help: status $?"
  grep -q "^usage: $name " out || wrong "$name --help prints $(cat out)"
  fails '^usage: ' "$name"
  fails '^usage: ' "$name" 1 2 3 4
  fails '^no/such/directory/file: ' "$name" "${bad[@]}"
  [ ! -e /dev/full ] || fails 'could not be written' "$name" "${full[@]}"
}

check_frame_quantizer
check_temporal_layers vp8
check_temporal_layers vp9
check_alpha
check_live_bitrate
check_arguments frame_quantizer 1
check_arguments temporal_layers 2
check_arguments alpha 2
check_arguments live_bitrate 1
fails 'neither vp8 nor vp9' temporal_layers sent.ivf received.ivf h264

[ "$failures" = 0 ] || exit 1
[ "$checked" -gt 0 ] || {
  echo "skipped: there is no encoder for any of them"
  exit 77
}
echo "all as it should be"
