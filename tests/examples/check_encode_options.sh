#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command line of wcenc-encode: what is not an option leads to the right one, the habits of ffmpeg included, and
# help, man page and completions know every option.
#
# usage: check_encode_options.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"

scene=(--quiet -y --test-scene -s 96x64 -n 3)

# Wrong words: the message leads on.
fails 'unknown option .--outptu.: did you mean --output?' --outptu bad.mp4
fails 'unknown option .--qantizer=3.: did you mean --quantizer?' --qantizer=3
fails 'unknown option .--zzzzzz. (--help' --zzzzzz
fails 'unknown option .-Z.' -Z
fails "unknown option '-threads': use --threads" -threads 2 input.mkv bad.mp4
fails "unknown option '-crf': use --crf" -crf 23 input.mkv bad.mp4
fails "unknown option '-ss': use --seek" -ss 1 input.mkv bad.mp4
fails "unknown option '-c:v': use --codec" -c:v libx264 bad.mp4
fails "unknown option '-vf': there are no filters; use --size, --framerate" -vf scale=1:2 bad.mp4
fails "unknown option '-b:v': use --bitrate" -b:v 1M bad.mp4
fails "unknown option '-x264-params': use --encoder-option" -x264-params a=b bad.mp4
fails "unknown option '-bf': use --b-frames" -bf 3 bad.mp4
fails "takes no argument, but .1. was set" --quiet=1
fails "option '--latency' needs an argument, MODE" --test-scene -o bad.mp4 --latency
fails 'latency: "fast" is not valid; use quality or realtime' --latency=fast
fails 'bitrate-mode: "cbr" is not valid; use variable, constant' --bitrate-mode cbr
fails 'codec: "libx999" is not valid; use h264, hevc, vp8, vp9 or av1' -c libx999 --test-scene bad.mp4
fails 'size: "1280" is not valid; use WIDTHxHEIGHT' -s 1280
fails 'size: "-2x-2" is not valid' -s -2x-2
fails 'duration: "1:00:xx" is not valid; use seconds' -t 1:00:xx
fails 'framerate: "30/0" is not valid' -r 30/0
fails 'bitrate: "2 Mbit" is not valid; use bits per second, such as 800k' -b "2 Mbit"

# Every way to write an option. options, member of the stream, value
gives() {
  local member=$1 value=$2
  shift 2
  "$program" "${scene[@]}" "$@" -o o.mkv >out 2>err || wrong "$*: status $?: $(cat err)"
  [ "$(value_of o.mkv "stream=$member")" = "$value" ] || wrong "$*: $member is $(value_of o.mkv "stream=$member")"
}
gives codec_name hevc -c h265
gives codec_name h264 -c libx264
gives codec_name vp8 -e libvpx
gives codec_name vp9 --codec=vp9
gives codec_name vp9 --code vp9
gives codec_name vp8 -cvp8
gives width 128 -s 128x-2
gives height 72 --size=128x-2
gives width 160 -s -1x90
gives avg_frame_rate 50/1 --framerate=100/2
gives has_b_frames 0 -c h264 --b-frames 0 --gop=7 --encoder-option=aq-mode=0 --threads 1
"$program" --quiet -y -t 00:00:00.2 -r 10 -s 96x64 --test-scene -o o.mkv
[ "$(frames_in o.mkv)" = 2 ] || wrong "-t 00:00:00.2: $(frames_in o.mkv) frames"
ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 3 -c:v ffv1 -f matroska ./--json
"$program" --quiet -y -o o.mkv -- --json || wrong "a name after --: status $?"
[ "$(frames_in o.mkv)" = 3 ] || wrong "a name after --: $(frames_in o.mkv) frames"

# What is generated holds each option of --help, and is what its reader takes.
"$program" --generate man >page
sed 's/\\-/-/g' page >plain
"$program" --generate bash >completion
"$program" --generate zsh >_completion
"$program" --help | grep -oE -- '--[a-z][a-z0-9-]+' | sort -u | while read -r option; do
  grep -qF -- "$option" completion || wrong "bash: no $option"
  grep -qF -- "$option" _completion || wrong "zsh: no $option"
  grep -qE -- "^\.BR .*$option( |$)" plain || wrong "man page: no $option"
  [ "$failures" = 0 ] || exit 1
done || failures=$((failures + 1))
[ "$("$program" --help | wc -L)" -le 100 ] || wrong "--help has a line of $("$program" --help | wc -L) columns"
if command -v man >/dev/null; then
  man --warnings -l page >shown 2>warnings </dev/null || wrong "man cannot show the page"
  [ ! -s warnings ] || wrong "man page: $(cat warnings)"
  grep -q "encode a video with libwcenc" shown || wrong "the man page is empty"
fi
if command -v zsh >/dev/null; then zsh -n _completion || wrong "zsh cannot read its completion"; fi
# words before the last, the last one, what must be offered
completes() {
  local offered
  offered=$(
    # shellcheck disable=SC1091
    . ./completion
    compopt() { :; }
    read -ra COMP_WORDS <<<"wcenc-encode $1"
    COMP_WORDS+=("$2")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _wcenc_encode
    echo "${COMPREPLY[*]}"
  )
  [ "$offered" = "$3" ] || wrong "completion of '$1 $2' offers '$offered'"
}
completes "--codec" "v" "vp8 vp9"
completes "-l" "r" "realtime"
completes "--latency =" "q" "quality"
completes "" "--enc" "--encoder --encoder-option"
touch clip.mov
completes "-i" "cli" "clip.mov"
completes "" "cli" "clip.mov"

finish
