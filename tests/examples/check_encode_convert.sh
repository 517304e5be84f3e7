#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What wcenc-encode changes of an input (a part of it, its framerate, its fields), what it copies beside the video, and
# what it keeps.
#
# usage: check_encode_convert.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"

# Sets status; what is printed is in err.
encode() {
  status=0
  "$program" -y --quiet "$@" >out 2>err || status=$?
  [ "$status" = 0 ] || wrong "$*: status $status: $(cat err)"
}

silent() { [ ! -s err ] || wrong "$*: printed $(cat err)"; }

sums() { ffmpeg -v error "$@" -map 0:v:0 -f framemd5 - | sed -n 's/^0,.*, *//p'; }

ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=25 -f lavfi -i sine=frequency=440 -f lavfi -i sine=frequency=880 \
  -map 0 -map 1 -map 2 -t 4 -g 30 -c:v mpeg4 -q:v 2 -c:a aac -metadata title=Hello -metadata:s:a:1 language=fra in.mp4
cat >more.txt <<'END'
;FFMETADATA1
artist=Somebody
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2000
title=One
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=4000
title=Two
END
printf '1\n00:00:00,500 --> 00:00:01,000\nHello\n' >text.srt
ffmpeg -v error -i in.mp4 -i more.txt -i text.srt -map 0 -map 2 -map_metadata 1 -map_chapters 1 -c copy -c:s srt in.mkv

# Audio is copied, packet by packet, and stays with the picture; tags, languages and chapters come along.
# Packets, but for the first, which its decoder needs to start: Matroska may have it or not.
audio_sums() { ffmpeg -v error -i "$1" -map "0:a:$2" -c copy -f framemd5 - | sed -n 's/^0,.*, *//p' | tail -n 171; }
audio_sums in.mp4 0 >first
audio_sums in.mp4 1 >second
for output in mp4 mkv; do
  encode in.mp4 -o o.$output
  silent "in.mp4, $output"
  audio_sums o.$output 0 | diff - first >/dev/null || wrong "$output: other audio"
  audio_sums o.$output 1 | diff - second >/dev/null || wrong "$output: other audio 1"
  [ "$(wc -l <second)" = 171 ] || wrong "$output: $(wc -l <second) packets"
  ffprobe -v error -show_entries stream_tags=language:format_tags=title -of default=nw=1:nk=1 o.$output >tags
  grep -qx fra tags && grep -qx Hello tags || wrong "$output: tags are $(tr '\n' ' ' <tags)"
done
for output in mp4 mkv; do
  encode in.mkv -o o.$output
  grep -q "note: 1 subtitle stream of in.mkv is not written$" err || wrong "subtitles: $(cat err)"
  ffprobe -v error -show_chapters -show_entries format_tags=artist -of default=nw=1 o.$output >tags
  grep -qi "TAG:artist=Somebody" tags && grep -q "TAG:title=Two" tags || wrong "$output: chapters are $(cat tags)"
done
# The sound of a click at 2 s is heard with its picture, also after a part was left out.
ffmpeg -v error -f lavfi -i "color=black:size=96x64:rate=25,drawbox=color=white:t=fill:enable='between(t,1.99,2.1)'" \
  -f lavfi -i "aevalsrc='between(t,2,2.1)*sin(6000*t)':s=48000" -t 4 -c:v mpeg4 -c:a aac click.mp4
for seek in 0 1.2; do
  encode click.mp4 --seek $seek -o o.mp4
  sound=$(ffmpeg -v info -i o.mp4 -af silencedetect=noise=-30dB:d=0.1 -f null - 2>&1 | sed -n 's/.*silence_end: \([0-9.]*\).*/\1/p' | head -n 1)
  light=$(ffmpeg -v info -i o.mp4 -vf blackdetect=d=0.1 -f null - 2>&1 | sed -n 's/.*black_end:\([0-9.]*\).*/\1/p' | head -n 1)
  awk -v sound="$sound" -v light="$light" -v seek=$seek \
    'BEGIN { exit !(light > 1.98 - seek && light < 2.02 - seek && sound - light < 0.03 && light - sound < 0.03) }' ||
    wrong "--seek $seek: light at $light, sound at $sound"
done
encode in.mp4 --no-audio -n 3 -o o.mkv
[ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 o.mkv)" = video ] || wrong "--no-audio: audio is there"
encode in.mp4 -n 3 -c vp8 -o o.webm
grep -q "note: 2 audio streams of in.mp4 are not written: WebM cannot hold aac (.mkv can)$" err || wrong "WebM: $(cat err)"
encode in.mkv -n 3 -c vp8 -o o.webm
grep -q "cannot hold aac (.mkv can); 1 subtitle stream is not written either$" err || wrong "WebM and subtitles: $(cat err)"
encode in.mp4 -n 3 -c vp8 -o o.ivf
grep -q "not written: IVF holds only video$" err || wrong "IVF: $(cat err)"
encode in.mp4 -o /dev/stdout -f mp4
[ "$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 out | head -n 1)" = 100 ] &&
  [ "$(audio_sums out 0 | wc -l)" -gt 170 ] || wrong "fragments with audio: $(ffprobe -v error -show_streams out | grep -c codec_name) streams"
# MPEG-TS has AAC with headers that MP4 has not.
ffmpeg -v error -i in.mp4 -c copy -c:v mpeg2video -t 1 in.ts
encode in.ts -o o.mp4
ffmpeg -v error -i o.mp4 -map 0:a:0 -f null - 2>err
silent "AAC of MPEG-TS"

# A part of the input: frames are those that ffmpeg takes, and time counts from the first.
encode in.mp4 --seek 1.5 -t 1 --source-y4m part.y4m -o o.mkv
diff <(sums -i part.y4m -pix_fmt yuv420p) <(sums -i in.mp4 -vf trim=start=1.5:end=2.5 -pix_fmt yuv420p) >/dev/null ||
  wrong "--seek: other frames"
[ "$(value_of o.mkv stream=start_time)" = 0.000000 ] || wrong "--seek: starts at $(value_of o.mkv stream=start_time)"
ffmpeg -v error -i in.mp4 -an -f yuv4mpegpipe -pix_fmt yuv420p in.y4m
encode - --seek 3 -o o.mkv <in.y4m
[ "$(frames_in o.mkv)" = 25 ] || wrong "--seek in a pipe: $(frames_in o.mkv) frames"
fails "ends before 9 seconds (--seek)" in.mp4 --seek 9 bad.mp4
fails "is for an INPUT" --test-scene --seek 1 bad.mp4

# Another framerate: frames are repeated and dropped, and the length stays.
encode in.mp4 -r 50 --source-y4m twice.y4m -o o.mp4
diff <(sums -i twice.y4m) <(sums -i in.y4m | sed p) >/dev/null || wrong "-r 50: not every frame twice"
[ "$(value_of o.mp4 stream=duration)" = 4.000000 ] || wrong "-r 50 lasts $(value_of o.mp4 stream=duration)"
encode in.mp4 -n 30 -r 30000/1001 -o o.mp4
[ "$(value_of o.mp4 stream=avg_frame_rate)" = 30000/1001 ] || wrong "-r 30000/1001 is $(value_of o.mp4 stream=avg_frame_rate)"
encode in.mp4 -r 5 -n 10 -o o.mp4
[ "$(frames_in o.mp4)" = 10 ] && [ "$(value_of o.mp4 stream=duration)" = 2.000000 ] || wrong "-r 5 -n 10: $(frames_in o.mp4) frames"

# Fields become whole frames: rows that differ by field in a moving picture no longer do.
ffmpeg -v error -f lavfi -i "testsrc2=size=192x128:rate=50,scroll=h=0.02" -frames:v 20 -vf tinterlace=interleave_top,setfield=tff \
  -c:v mpeg2video -flags +ilme+ildct -q:v 2 interlaced.ts
combing() {
  ffmpeg -v error -ss 0.2 -i "$1" -frames:v 1 -vf format=gray -f rawvideo - | python3 -c "
import sys
f = sys.stdin.buffer.read()
print(sum(abs(2 * f[i] - f[i - 192] - f[i + 192]) for i in range(192, len(f) - 192)) * 10 // len(f))"
}
encode interlaced.ts --source-y4m fields.y4m -o o.mkv
grep -q "deinterlace makes whole frames" err || wrong "interlaced: $(cat err)"
encode interlaced.ts --deinterlace --source-y4m whole.y4m -o o.mkv
silent "--deinterlace"
[ "$(frames_in o.mkv)" = 20 ] && [ "$(value_of o.mkv stream=field_order)" != tt ] || wrong "--deinterlace: $(frames_in o.mkv) frames"
[ "$(combing whole.y4m)" -lt $(($(combing fields.y4m) * 2 / 3)) ] || wrong "combing $(combing fields.y4m) became $(combing whole.y4m)"
encode in.mp4 --deinterlace -n 3 -o o.mkv
grep -q "note: no frame of in.mp4 is marked as interlaced" err || wrong "--deinterlace in vain: $(cat err)"

# Constant quality: less of it, fewer bytes; a bitrate is a cap.
for codec in h264 vp9; do
  for crf in 20 45; do encode in.mp4 --no-audio -n 4 -c $codec --crf $crf -o crf$crf.mkv; done
  [ "$(stat -c %s crf20.mkv)" -gt $(($(stat -c %s crf45.mkv) * 4 / 3)) ] ||
    wrong "$codec: crf 20 makes $(stat -c %s crf20.mkv) bytes, 45 $(stat -c %s crf45.mkv)"
done
encode --test-scene -s 96x64 -n 3 --bitrate-mode quality -o o.mkv
fails "exclude each other" --test-scene --crf 20 -q 20 bad.mp4
fails "crf.* 0 to 63" --test-scene --crf 64 bad.mp4
fails "quality 60 is outside of 0 to 51" --test-scene -c h264 --crf 60 bad.mp4

# B-frames come, and 10 bits stay.
encode in.mp4 -n 20 -c h264 --b-frames 2 -o o.mkv
[ "$(value_of o.mkv stream=has_b_frames)" -ge 1 ] || wrong "--b-frames 2: none"
ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=25,format=yuv420p10 -frames:v 3 -c:v ffv1 deep.mkv
for codec in h264 vp9; do
  encode deep.mkv -c $codec -o o.mkv
  [ "$(value_of o.mkv stream=pix_fmt)" = yuv420p10le ] || wrong "$codec: 10 bits became $(value_of o.mkv stream=pix_fmt)"
done

# What came out, measured: as ffmpeg measures it, with a picture of both and a plot.
json() { python3 -c "
import json
it = json.load(open('out'))
assert $1, it"; }
encode in.mp4 -r 50 -s 128x-2 -b 60k --compare --json -o measured.mp4
ffmpeg -v info -i measured.mp4 -i in.y4m -lavfi "[1]fps=50,scale=128:86:flags=bicubic+accurate_rnd+full_chroma_int[r];[0][r]psnr" \
  -f null - 2>&1 | sed -n 's/.*average:\([0-9.]*\) min:\([0-9.]*\).*/\1 \2/p' >psnr
read -r average lowest <psnr
json "abs(it['psnr'] - $average) < 0.01 and abs(it['lowest_psnr'] - $lowest) < 0.01 and 0.3 < it['ssim'] < 1" ||
  wrong "--compare: ffmpeg says $average, $lowest: $(cat out)"
[ "$(value_of measured.compare.png stream=width)" -gt 1600 ] || wrong "--compare: the picture is no picture"
python3 -c "
import xml.dom.minidom
plot = xml.dom.minidom.parse('measured.compare.svg')
texts = [t.firstChild.data for t in plot.getElementsByTagName('text')]
assert any('PSNR' in t and 'measured.mp4' in t for t in texts), texts
assert len(plot.getElementsByTagName('rect')) > 100 and len(plot.getElementsByTagName('path')) == 2" || wrong "--compare: the plot"
encode deep.mkv --compare --json -o deep.h265
json "it['psnr'] > 25 and it['contact_sheet'] == 'deep.compare.png'" || wrong "--compare of 10 bits: $(cat out)"
"$program" --quiet --test-scene -s 96x64 -n 3 --compare -o fresh.webm || wrong "--compare of the scene: status $?"
fails "fresh.compare.png exists" --test-scene -n 3 --compare -o fresh.mkv
[ ! -e fresh.mkv ] || wrong "--compare: encoded although its files exist"
fails "reads INPUT twice" --compare - bad.mp4
no_parts "--compare"

finish
