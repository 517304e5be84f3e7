#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Parts of a video that wcenc-encode encodes apart, --groups, and joins, --join: the file is the one that a single run
# makes, byte by byte, in every format and from inputs whose frames are hard to find. What does not belong together, is
# missing, twice there or damaged is refused.
#
# usage: check_encode_groups.sh PROGRAM [all]    all: more inputs
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"
all=${2:-}

# Encodes N parts, and for each format one run, which the joined parts are compared with. "formats", N, further arguments
same() {
  local formats=$1 parts=$2 part format
  shift 2
  rm -f ./*.run
  for part in $(seq "$parts"); do
    "$program" --quiet --groups "$part/$parts" -f "${formats%% *}" "$@" -o "$part.run" 2>err || wrong "part $part of $*: $(cat err)"
  done
  for format in $formats; do
    "$program" --quiet -y --parallel-groups 1 -f "$format" "$@" -o "single.$format" 2>err || wrong "$*: $(cat err)"
    # In any order.
    # shellcheck disable=SC2046
    "$program" --quiet -y --join "joined.$format" $(printf '%s\n' ./*.run | sort -r) 2>err || wrong "join of $*: $(cat err)"
    cmp "single.$format" "joined.$format" || wrong "$format of $parts parts differs: $*"
  done
}

scene=(--test-scene -s 96x64 -n 17 -g 5)
same "mp4 mov mkv" 2 "${scene[@]}" -c h264
same "webm ivf" 2 "${scene[@]}" -c vp8
same obu 2 "${scene[@]}" -c av1 -p faster
same h264 2 "${scene[@]}" -c h264 --b-frames 2
if [ "$all" ]; then
  same h265 2 "${scene[@]}" -c hevc
  same "mp4 mkv" 2 "${scene[@]}" -c hevc --crf 30
  same "mp4 webm ivf mkv" 4 "${scene[@]}" -c vp9 -p faster
  same "mp4 webm ivf mkv" 4 "${scene[@]}" -c av1 -p faster
  same mkv 4 "${scene[@]}" -c h264 -q 30
fi

# Audio, tags, B-frames, an edit list, another rate, and a beginning and an end in between.
picture=(-f lavfi -i "testsrc2=size=96x64:rate=25:duration=2")
sound=(-f lavfi -i "sine=frequency=440:duration=2")
ffmpeg -v error "${picture[@]}" "${sound[@]}" -metadata title=both -c:v libx264 -preset veryfast -g 10 -bf 3 -c:a aac long.mp4
ffmpeg -v error -ss 0.5 -i long.mp4 -c copy cut.mp4
same mp4 2 long.mp4 -g 10 -c h264 --b-frames 2
same mkv 2 cut.mp4 -g 5 -c h264 --seek 0.3 -t 0.9 -r 12
[ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 joined.mkv | sort | tr '\n' ' ')" = "aac h264 " ] ||
  wrong "the joined file has $(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 joined.mkv)"
if [ "$all" ]; then
  ffmpeg -v error "${picture[@]}" -vf "settb=1/1000,setpts=N*40+mod(N\,3)*9+N*N/5" -fps_mode passthrough \
    -enc_time_base 1:1000 -c:v libx264 -g 10 -bf 2 varying.mkv
  ffmpeg -v error "${picture[@]}" "${sound[@]}" -c:v libx264 -g 10 -bf 2 -c:a aac plain.ts
  ffmpeg -v error "${picture[@]}" -c:v libx264 -x264-params open-gop=1:keyint=12 -bf 3 open.mkv
  ffmpeg -v error "${picture[@]}" -c:v libx264 -x264-params intra-refresh=1:keyint=12 refresh.mkv
  ffmpeg -v error "${picture[@]}" -c:v libx265 -x265-params log-level=none:keyint=12:bframes=3:open-gop=1 open265.mp4
  ffmpeg -v error "${picture[@]}" "${sound[@]}" -c:v libvpx -deadline good -cpu-used 5 -auto-alt-ref 1 -lag-in-frames 16 -g 20 \
    -c:a libopus hidden.webm
  ffmpeg -v error "${picture[@]}" -c:v libvpx-vp9 -deadline good -cpu-used 5 -lag-in-frames 16 -g 20 nine.webm
  ffmpeg -v error "${picture[@]}" -c:v libaom-av1 -cpu-used 8 -g 20 one.mkv
  ffmpeg -v error "${picture[@]}" -pix_fmt yuv420p plain.y4m
  ffmpeg -v error "${picture[@]}" -c:v ffv1 -g 10 lossless.mkv
  ffmpeg -v error "${picture[@]}" "${sound[@]}" -c:v prores_ks -c:a pcm_s16le intra.mov
  ffmpeg -v error "${picture[@]}" -c:v mpeg4 -g 10 -bf 0 old.avi
  ffmpeg -v error "${picture[@]}" -c:v libx264 -flags +ildct+ilme -x264-params tff=1 -g 10 fields.mkv
  for input in varying.mkv plain.ts open.mkv refresh.mkv open265.mp4 hidden.webm nine.webm one.mkv plain.y4m lossless.mkv intra.mov \
    old.avi fields.mkv; do
    same mkv 4 $input -g 7 -c vp8 -p faster
    same mp4 3 $input -g 7 -r 30000/1001 -c h264 -p faster --seek 0.25 -t 1.5
    same mkv 2 $input -g 7 -n 31 -c h264 -p faster --b-frames 2
  done
  same mp4 3 fields.mkv -g 7 --deinterlace -c h264
  same webm 3 long.mp4 -g 9 -c vp9 --no-audio
  ffmpeg -v error "${picture[@]}" -vf "format=yuva420p,geq=lum='p(X,Y)':cb=128:cr=128:a='X*2'" -c:v ffv1 -pix_fmt yuva420p clear.mkv
  same webm 3 clear.mkv -g 9 -c vp9 --alpha keep
fi

# An index is made once, and used.
[ "$("$program" --index long.index long.mp4 -g 10)" = "50 frames in 5 groups of 10" ] || wrong "--index alone: status $?"
cp long.index copy.index
"$program" --quiet --groups 1/2 --index long.index long.mp4 -g 10 -c h264 -o a.run || wrong "--index: status $?"
"$program" --quiet --groups 2/2 --index long.index long.mp4 -g 10 -c h264 -o b.run || wrong "--index: status $?"
cmp long.index copy.index || wrong "the index was made again"
"$program" --quiet -y --join joined.mp4 a.run b.run || wrong "--index: status $?"
"$program" --quiet -y --parallel-groups 2 long.mp4 -g 10 -c h264 -o single.mp4
cmp single.mp4 joined.mp4 || wrong "with an index the file differs"
fails "long.index is of another INPUT" --groups 1/2 --index long.index cut.mp4 -g 10 -o bad.mp4

# A part that is there is not encoded again; one with other settings is not taken for it, and a damaged one is.
sum=$(stat -c '%i %Y %s' a.run)
"$program" --quiet --groups 1/2 ./long.mp4 -g 10 -c h264 -o a.run 2>err || wrong "a part that is there: status $?"
grep -q "a.run is there and complete: nothing was encoded" err || wrong "a part that is there: $(cat err)"
[ "$sum" = "$(stat -c '%i %Y %s' a.run)" ] || wrong "a part that is there was written again"
fails "a.run exists, and is another part or has other settings" --groups 1/2 long.mp4 -g 5 -c h264 -o a.run
cp a.run good
printf 'x' | dd of=a.run bs=1 seek=5000 conv=notrunc 2>/dev/null
fails "a.run is damaged: encode it again" --join bad.mp4 a.run b.run
"$program" --quiet --groups 1/2 long.mp4 -g 10 -c h264 -o a.run || wrong "a damaged part: status $?"
cmp a.run good || wrong "a damaged part was not made again"

# What does not make a file.
fails "of 2 parts these are missing: 2" --join bad.mp4 a.run
fails "a.run and ./a.run are both part 1 of 2" --join bad.mp4 a.run ./a.run
head -c 3000 b.run >short
fails "short is not a complete part" --join bad.mp4 a.run short
"$program" --quiet --groups 2/2 --crf 30 long.mp4 -g 10 -c h264 -o other.run
fails "a.run and other.run do not belong together: one was made with .*, the other with --crf=30" --join bad.mp4 a.run other.run
"$program" --quiet --groups 2/2 cut.mp4 -g 10 -c h264 -o other.run -y
fails "a.run and other.run are parts of different inputs" --join bad.mp4 a.run other.run
sed 's/^versions=libwcenc [0-9.]*/versions=libwcenc 0.0.1/' b.run >other.run
fails "one was made with versions=libwcenc .*, the other with versions=libwcenc 0.0.1" --join bad.mp4 a.run other.run
fails "the parts are without start codes, unlike raw H.264: encode them with -f h264" --join bad.h264 a.run b.run
mv long.mp4 elsewhere.mp4
fails "cannot read long.mp4, which audio, chapters and tags are copied from: No such file.*; -i names it" --join bad.mp4 a.run b.run
fails "cut.mp4 is not the file that the parts were made of" --join bad.mp4 -i cut.mp4 a.run b.run
"$program" --json -y --join joined.mp4 -i elsewhere.mp4 a.run b.run >out || wrong "--join -i: status $?"
grep -q '^{"status":"done".*"source":"2 parts".*"frames_out":50,"key_frames":5' out || wrong "--json: $(cat out)"
cmp single.mp4 joined.mp4 || wrong "--join -i: the file differs"

fails "6 parts are too many: 17 frames in groups of 5 (--gop) make 4 groups" --groups 6/6 "${scene[@]}" -o bad.mp4
if [ "$all" ]; then
  # What cannot be cut, and options that exclude each other.
  fails "cut.mp4 is not an index" --groups 1/2 --index cut.mp4 elsewhere.mp4 -g 10 -o bad.mp4
  fails "a.run exists, and is another part" --groups 2/2 elsewhere.mp4 -g 10 -c h264 -o a.run
  fails "elsewhere.mp4 is not a part" --join bad.mp4 a.run elsewhere.mp4
  fails "cannot read no.run: No such file" --join bad.mp4 a.run no.run
  fails "the parts are missing" --join bad.mp4
  fails "WebM (.webm) cannot hold H.264" --join bad.webm a.run b.run
  fails 'groups: "3/2" is not valid; use which part of how many' --groups 3/2 "${scene[@]}" -o bad.mp4
  fails "standard input cannot be cut" --groups 1/2 - -o bad.mp4
  fails "leave out --out-dir" --groups 1/2 --out-dir x elsewhere.mp4
  fails "index is for --groups" --index x elsewhere.mp4 -o bad.mp4
  fails "index is for an INPUT" --index x --groups 1/2 "${scene[@]}" -o bad.mp4
  fails "compare is for whole files" --groups 1/2 --compare "${scene[@]}" -o bad.mp4
  fails "join encodes nothing: leave out --gop" --join bad.mp4 -g 5 a.run b.run
  fails "join names the output: leave out -o" --join bad.mp4 -o bad.mp4 a.run
  ffmpeg -v error "${picture[@]}" -c:v mpeg2video -bf 2 untimed.mpg
  fails "untimed.mpg has video without timestamps, and cannot be cut" --groups 1/2 untimed.mpg -g 10 -o bad.mp4
  ffmpeg -v error -i elsewhere.mp4 -c:v copy -an -f mpegts broken.ts
  head -c 5000 elsewhere.mp4 | dd of=broken.ts bs=1 seek=$(($(stat -c %s broken.ts) * 3 / 4)) conv=notrunc 2>/dev/null
  fails "broken.ts .*encode it in one run" --groups 2/2 broken.ts -g 10 -c h264 -o bad.mp4
fi

# A part that is interrupted leaves nothing.
start --groups 1/2 --test-scene -s 192x128 -t 3600 -c h264 -o half.run
kill -TERM "$pid"
wait_for_it
[ "$status" = 143 ] || wrong "an interrupted part: status $status: $(cat err)"
[ ! -e half.run ] || wrong "an interrupted part was written"
[ -z "$(find . -name '*.part')" ] || wrong "an interrupted part left $(find . -name '*.part')"

finish
