#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What wcenc-encode makes of inputs that are not quite as they should be: recordings that were joined, damaged frames,
# interlaced pictures, and what it does not write. Each is reported, with --quiet as well.
#
# usage: check_encode_input.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"

pattern=(-f lavfi -i "testsrc2=size=96x64:rate=25")

# name, frames, further options
record() {
  local name=$1 frames=$2
  shift 2
  ffmpeg -v error -y "${pattern[@]}" -frames:v "$frames" "$@" "$name"
}

# Sets status; what is printed is in err.
encode() {
  status=0
  "$program" -y --quiet "$@" >out 2>err || status=$?
}

# file, its frames, its duration in hundredths of a second: timestamps go up, by a frame each unless stated otherwise.
lasts() {
  local file=$1 frames=$2 hundredths=$3 irregular=${4:-0}
  ffprobe -v error -select_streams v:0 -show_entries packet=pts_time,duration_time -of csv=p=0 "$file" | sort -n |
    awk -F, -v frames="$frames" -v wanted="$hundredths" -v irregular="$irregular" '
      NR > 1 && $1 <= last { print "goes back from " last " to " $1; bad = 1 }
      NR > 1 && ($1 - last < 0.038 || $1 - last > 0.042) { steps++ }
      { last = $1; end = $1 + $2 }
      END {
        if (NR != frames) { print NR " frames"; bad = 1 }
        if (steps + 0 != irregular) { print steps + 0 " irregular steps"; bad = 1 }
        if (end * 100 < wanted - 1 || end * 100 > wanted + 1) { print "ends at " end; bad = 1 }
        exit bad
      }' || wrong "$file: times are wrong"
}

# Joined recordings: a step back in MPEG-TS and MPEG-PS, with B-frames, into every container.
record a.ts 50 -c:v mpeg2video -bf 2
record b.ts 60 -c:v mpeg2video -bf 2
cat a.ts b.ts a.ts >joined.ts
record a.mpg 50 -c:v mpeg2video -bf 2 -b:v 300k -f vob
cat a.mpg a.mpg >joined.mpg
"$program" --quiet --test-scene -s 96x64 -r 25 -n 50 -c avc1.4d400d --max-b-frames 2 h264.mkv
ffmpeg -v error -i h264.mkv -c copy h264.ts
cat h264.ts h264.ts >joined264.ts
for output in mp4 mov webm; do
  encode joined.ts -o o.$output
  [ "$status" = 0 ] || wrong "joined.ts, $output: status $status: $(cat err)"
  grep -q "^wcenc-encode: note: .*joined.ts jump 2 times" err || wrong "joined.ts, $output: the jumps are not reported: $(cat err)"
  lasts o.$output 160 640
done
for input in joined.mpg joined264.ts; do
  encode $input -o o.mp4
  [ "$status" = 0 ] || wrong "$input: status $status: $(cat err)"
  lasts o.mp4 100 400
done
# Its timestamps are whole, so there is nothing to close.
encode a.ts -o o.mp4
[ ! -s err ] || wrong "a.ts: printed $(cat err)"
lasts o.mp4 50 200

# Gaps: an hour is closed, a pause stays. name, seconds, format
gap() { record "$1" 40 -vf "setpts=PTS+gte(N\,20)*$2/TB" -fps_mode passthrough -c:v mpeg2video -bf 0; }
gap hour.ts 3600
gap hour.mkv 3600
gap short.ts 8
gap pause.mkv 300
for input in hour.ts hour.mkv; do
  encode $input -o o.mp4
  grep -q "jump 1 time;" err || wrong "$input: the jump is not reported: $(cat err)"
  lasts o.mp4 40 160
done
encode short.ts -o o.mkv
lasts o.mkv 40 960 1
encode pause.mkv -o o.mkv
lasts o.mkv 40 30160 1
[ ! -s err ] || wrong "pause.mkv: printed $(cat err)"

# Two frames at one time come one after the other, and move nothing after them.
record twice.mkv 20 -c:v mjpeg -bsf:v "setts=pts=PTS-eq(N\,10)*40:dts=DTS-eq(N\,10)*40"
for output in mov mp4 mkv; do
  encode twice.mkv -o o.$output
  [ "$status" = 0 ] && [ "$(frames_in o.$output)" = 20 ] || wrong "twice.mkv, $output: status $status: $(cat err)"
  lasts o.$output 20 80 2
done

# Damage: three packets of MPEG-TS are lost, or a frame is overwritten. What can be decoded is there, the rest is counted.
# file, place (of 10) or frame, result
lose() {
  python3 - "$@" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at = len(data) // 188 * int(sys.argv[2]) // 10 * 188
del data[at:at + 3 * 188]
open(sys.argv[3], "wb").write(data)
END
}
overwrite() {
  ffprobe -v error -select_streams v:0 -show_entries packet=pos,size -of csv=p=0 "$1" >packets
  python3 - "$@" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
size, at = map(int, open("packets").read().split("\n")[int(sys.argv[2])].split(",")[:2])
data[at + 4:at + size] = b"\xff" * (size - 4)
open(sys.argv[3], "wb").write(data)
END
}
damaged_frames() { sed -nE 's/.*"damaged_frames":([0-9]+),.*/\1/p' out; }

# input, frames that it should have, frames that may be missing
survives() {
  local frames
  encode --json "$1" -o o.mkv
  [ "$status" = 1 ] || wrong "$1, $place: status $status: $(cat err)"
  grep -q "^wcenc-encode: warning: $1 is damaged" err || wrong "$1, $place: the damage is not reported: $(cat err)"
  grep -q "warning: $1 is damaged" out || wrong "$1, $place: the summary does not have it: $(cat out)"
  [ "$(damaged_frames)" -ge 1 ] && [ "$(damaged_frames)" -le "$3" ] || wrong "$1, $place: $(damaged_frames) damaged frames"
  frames=$(frames_in o.mkv)
  [ "$frames" -le "$2" ] && [ "$frames" -ge $(($2 - $3)) ] || wrong "$1, $place: $frames frames"
}

record mpeg2.ts 50 -c:v mpeg2video -bf 2 -b:v 2M
"$program" -y --quiet --test-scene -s 96x64 -r 25 -n 50 -g 10 -b 1M -c hevc hevc.mkv
"$program" -y --quiet --test-scene -s 96x64 -r 25 -n 50 -g 10 -b 1M -c h264 h264.mp4
ffmpeg -v error -y -i h264.mp4 -c copy h264.ts
ffmpeg -v error -y -i hevc.mkv -c copy hevc.ts
for input in mpeg2.ts h264.ts hevc.ts; do
  for place in 2 4 5 7 9; do
    lose $input $place damaged.ts
    survives damaged.ts 50 12
  done
done
record mjpeg.mkv 50 -c:v mjpeg
"$program" -y --quiet --test-scene -s 96x64 -r 25 -n 50 -g 10 -b 1M -c vp8 vp8.mkv
"$program" -y --quiet --test-scene -s 96x64 -r 25 -n 50 -g 10 -b 1M -c vp9 --latency realtime vp9.mkv
"$program" -y --quiet --test-scene -s 96x64 -r 25 -n 50 -g 10 -b 1M -c av1 av1.mkv
for input in h264.mp4 hevc.mkv vp9.mkv av1.mkv vp8.mkv mjpeg.mkv; do
  place=23
  overwrite $input $place damaged.${input##*.}
  survives damaged.${input##*.} 50 12
done

# Where nothing can be decoded, no file is made.
"$program" -y --quiet --test-scene -s 96x64 -n 1 -c h264 one.mp4
overwrite one.mp4 0 none.mp4
fails "none.mp4: .*its video" --quiet none.mp4 -o bad.mp4
# An input that ends in the middle of a frame is encoded up to there.
record whole.y4m 20 -pix_fmt yuv420p
head -c 100000 whole.y4m >cut.y4m
encode - -o o.mp4 <cut.y4m
[ "$(frames_in o.mp4)" = 10 ] || wrong "cut.y4m: $(frames_in o.mp4) frames: $(cat err)"

# Interlaced pictures: a note, and no container that calls them progressive; blended with a note only.
record interlaced.ts 20 -vf tinterlace=interleave_top,setfield=tff -c:v mpeg2video -flags +ilme+ildct
record bottom.ts 20 -vf tinterlace=interleave_bottom,setfield=bff -c:v mpeg2video -flags +ilme+ildct
for codec in h264 hevc vp9 av1; do
  encode interlaced.ts -c $codec -o o.mkv
  grep -q "^wcenc-encode: note: interlaced.ts is interlaced (top field first).*is marked as interlaced" err ||
    wrong "interlaced, $codec: $(cat err)"
  [ "$(value_of o.mkv stream=field_order)" = tt ] || wrong "interlaced, $codec: $(value_of o.mkv stream=field_order)"
done
encode bottom.ts -c hevc -o o.mp4
grep -q "bottom field first" err || wrong "bottom field first: $(cat err)"
[ "$(value_of o.mp4 stream=field_order)" = bb ] || wrong "bottom field first: $(value_of o.mp4 stream=field_order)"
encode interlaced.ts -c h264 -o o.mp4
grep -q "MP4 with H.264 cannot be marked" err || wrong "interlaced H.264 in MP4: $(cat err)"
encode interlaced.ts -s 96x32 -o o.mkv
grep -q "scaling blends the two fields" err || wrong "interlaced and scaled: $(cat err)"
[ "$(value_of o.mkv stream=field_order)" != tt ] || wrong "scaled pictures are called interlaced"
encode interlaced.ts -s 48x64 -c vp9 -o o.mkv
[ "$(value_of o.mkv stream=field_order)" = tt ] || wrong "pictures scaled in width are no longer called interlaced"

# What is not written: a note each, with --quiet and in the summary.
ffmpeg -v error "${pattern[@]}" -f lavfi -i sine -f lavfi -i sine -map 0 -map 1 -map 2 -frames:v 5 -c:v ffv1 -c:a flac \
  -t 0.2 sound.mkv
encode sound.mkv -c vp9 -o o.webm
grep -q "^wcenc-encode: note: 2 audio streams of sound.mkv are not written: WebM cannot hold flac (.mkv can)$" err || wrong "audio: $(cat err)"
# What libavformat's tables promise and its muxer then refuses.
encode sound.mkv -c h264 -o o.mov
grep -q "^wcenc-encode: note: 2 audio streams of sound.mkv are not written: QuickTime cannot hold flac (.mkv can)$" err || wrong "audio in MOV: $(cat err)"
[ "$(frames_in o.mov)" = 5 ] || wrong "audio in MOV: $(frames_in o.mov) frames"
record deep.mkv 5 -pix_fmt yuv420p10 -c:v ffv1
encode deep.mkv --json -c vp8 -o o.webm
grep -q "note: the 10 bits of deep.mkv become 8 in VP8" err || wrong "10 bits: $(cat err)"
grep -q '"notes":\["note: the 10 bits of deep.mkv become 8' out || wrong "10 bits, summary: $(cat out)"
if ffmpeg -hide_banner -encoders 2>/dev/null | grep -q libx265; then
  record hdr.mkv 5 -pix_fmt yuv420p10 -c:v libx265 -x265-params "log-level=none:max-cll=1000,400:\
master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)" 2>/dev/null
  # Containers differ in how they write the fractions.
  hdr_of() {
    ffprobe -v error -show_entries stream_side_data -of flat "$1" | sed -n 's/.*data\.[01]\.\([a-z_]*\)=\([0-9"].*\)/\1 \2/p' |
      tr -d '"' | awk '$2 ~ /^[0-9]/ { split($2, part, "/"); print $1, part[2] ? part[1] / part[2] : $2 }' | sort
  }
  printf '%s\n' "blue_x 0.15" "blue_y 0.06" "green_x 0.265" "green_y 0.69" "max_average 400" "max_content 1000" \
    "max_luminance 1000" "min_luminance 0.0001" "red_x 0.68" "red_y 0.32" "white_point_x 0.3127" \
    "white_point_y 0.329" >wanted
  for output in o.mp4:hevc o.mkv:hevc o.mov:hevc o.mp4:h264 o.mkv:h264 o.mp4:av1 o.mkv:av1 o.mp4:vp9 o.webm:vp9; do
    encode hdr.mkv -o "${output%:*}" -c "${output#*:}"
    ! grep -q HDR err || wrong "HDR in $output: $(cat err)"
    hdr_of "${output%:*}" | diff wanted - >difference || wrong "HDR in $output: $(cat difference)"
  done
  encode hdr.mkv -o o.ivf -c vp9
  grep -q "note: the HDR metadata of hdr.mkv are not written: IVF with VP9 has no place for them" err ||
    wrong "HDR in IVF: $(cat err)"
fi
encode a.ts -o o.mp4
[ ! -s err ] || wrong "a plain input gives notes: $(cat err)"

finish
