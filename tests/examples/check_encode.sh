#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wcenc-encode as a user meets it: every codec into a container, standard input, what Ctrl-C leaves behind, and one clear
# line for whatever is wrong.
#
# usage: check_encode.sh PROGRAM
set -euo pipefail

program=$1
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

frames_in() { ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 "$1"; }

value_of() { ffprobe -v error -select_streams v:0 -show_entries "$2" -of default=nw=1:nk=1 "$1" | head -n 1; }

# file, further options: 12 frames of the scene must come out as 12 frames.
encodes() {
  local file=$1
  shift
  "$program" -y --quiet -n 12 -s 192x128 "$@" "$file" >out 2>err || wrong "$file: status $?: $(cat err)"
  [ ! -s out ] && [ ! -s err ] || wrong "$file: --quiet printed $(cat out err)"
  [ "$(frames_in "$file")" = 12 ] || wrong "$file holds $(frames_in "$file") frames"
}

encodes a.mp4 -c h264
encodes b.mkv -c hevc
encodes c.webm -c vp8
encodes d.webm -c vp9 --latency realtime
encodes e.mp4 -c av1
encodes f.ivf -c vp8 --bitrate-mode constant
encodes g.h264 -c h264 --annexb
encodes h.mp4 -c avc1.4d401e --max-b-frames 2
encodes i.mp4 -c h264 --bitrate-mode quantizer -q 30

encodes l.webm -c vp9 --latency realtime --scalability-mode L1T3 --content-hint text

# Alpha: FFmpeg decodes it from WebM, at the levels that went in.
for codec in vp8 vp9; do
  ffmpeg -v error -y -f lavfi -i color=red@0.5:size=96x64:rate=25,format=yuva420p -frames:v 10 -c:v ffv1 alpha.mkv
  decoder=libvpx
  [ $codec = vp8 ] || decoder=libvpx-vp9
  "$program" --quiet -y -c $codec --alpha keep alpha.mkv alpha.webm
  [ "$(value_of alpha.webm stream_tags=alpha_mode)" = 1 ] || wrong "$codec: the file does not say that it has alpha"
  ffmpeg -v error -y -c:v "$decoder" -i alpha.webm -f rawvideo -pix_fmt yuva420p alpha.raw 2>err || true
  python3 - $codec <<'END' || wrong "$codec: alpha is not what went in"
import sys
data = open("alpha.raw", "rb").read()
size = 96 * 64 * 5 // 2
assert len(data) == 10 * size, len(data)
for i in range(10):
    alpha = data[(i + 1) * size - 96 * 64:(i + 1) * size]
    assert all(abs(level - 127) <= 2 for level in alpha), (i, min(alpha), max(alpha))
END
done

# A file as input: rate and aspect arrive; standard input.
ffmpeg -v error -f lavfi -i testsrc2=size=176x144:rate=25 -frames:v 10 -vf setsar=12/11 -c:v ffv1 input.mkv
"$program" --quiet -c h264 input.mkv j.mp4
[ "$(value_of j.mp4 stream=sample_aspect_ratio)" = 12:11 ] || wrong "aspect is $(value_of j.mp4 stream=sample_aspect_ratio)"
[ "$(value_of j.mp4 stream=avg_frame_rate)" = 25/1 ] || wrong "rate is $(value_of j.mp4 stream=avg_frame_rate)"
ffmpeg -v error -i input.mkv -f yuv4mpegpipe - | "$program" --quiet -c vp9 - k.webm
[ "$(frames_in k.webm)" = 10 ] || wrong "standard input gave $(frames_in k.webm) frames"

# Colours arrive as the file has them, what it leaves open included. ffprobe: range, matrix, transfer, primaries.
colors_arrive() { # pixel format, primaries, transfer, matrix
  local is output
  ffmpeg -v error -y -f lavfi -i testsrc2=size=128x96:rate=25 -frames:v 3 -pix_fmt "$1" \
    -vf "setparams=range=tv:color_primaries=$2:color_trc=$3:colorspace=$4" -color_range tv \
    -color_primaries "$2" -color_trc "$3" -colorspace "$4" -c:v ffv1 tagged.mkv
  for output in "vp8 webm" "vp9 webm" "vp9 mp4" "vp9 mkv" "h264 mp4" "av1 mp4"; do
    "$program" --quiet -y -c "${output% *}" tagged.mkv "colors.${output#* }"
    is=$(ffprobe -v error -show_entries stream=color_range,color_space,color_transfer,color_primaries -of csv=p=0 \
      "colors.${output#* }")
    [ "$is" = "tv,$4,$3,$2" ] || wrong "$output of tv,$4,$3,$2 is $is"
  done
}
colors_arrive yuv420p10le bt2020 smpte2084 bt2020nc
colors_arrive yuv420p10le bt2020 arib-std-b67 bt2020nc
colors_arrive yuv420p smpte432 iec61966-2-1 bt709
colors_arrive yuv420p unknown unknown smpte170m
colors_arrive yuv420p bt2020 unknown unknown

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
}

echo "no video in here" >text.mp4
ffmpeg -v error -f lavfi -i sine -t 0.2 sound.wav
fails "no-such-file" no-such-file.mp4 bad.mp4
fails "text.mp4" text.mp4 bad.mp4
fails "sound.wav" sound.wav bad.mp4
fails "nonsense" -c nonsense bad.mp4
fails "level" -c avc1.42000a -s 1920x1080 bad.mp4
fails "641" -c h264 -s 641x480 bad.mp4
fails "xyz" bad.xyz
fails "" -c h264 bad.webm
fails "no-such-option" -c h264 -o no-such-option=1 bad.mp4
fails "preset" -c h264 -o preset=zzz bad.mp4
fails "exists" -n 2 a.mp4
[ ! -e /dev/full ] || { ln -s /dev/full full.ivf && fails "space" -y -n 5 -c vp8 full.ivf; }

# Ctrl-C in the middle: status 130, and what was accepted is there to be played.
"$program" -y --duration 3600 -s 192x128 -c h264 long.mp4 >out 2>err &
pid=$!
for _ in $(seq 600); do
  [ "$(stat -c %s long.mp4 2>/dev/null || echo 0)" -gt 20000 ] && break
  read -rt 0.05 <> <(:) || true
done
kill -INT "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || wrong "after Ctrl-C the status is $status: $(cat err)"
[ "$(frames_in long.mp4)" -gt 10 ] || wrong "after Ctrl-C $(frames_in long.mp4) frames can be played"

[ "$failures" = 0 ] || exit 1
echo "all as it should be"
