#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wcenc-encode as a user meets it: every codec into a container, standard input, and one clear line for whatever is wrong.
#
# usage: check_encode.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"

# file, further options: 12 frames of the scene must come out as 12 frames.
encodes() {
  local file=$1
  shift
  "$program" -y --quiet -n 12 -s 192x128 "$@" --test-scene -o "$file" >out 2>err || wrong "$file: status $?: $(cat err)"
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

echo "no video in here" >text.mp4
ffmpeg -v error -f lavfi -i sine -t 0.2 sound.wav
fails "no-such-file" no-such-file.mp4 bad.mp4
fails "text.mp4" text.mp4 bad.mp4
fails "sound.wav" sound.wav bad.mp4
fails "nonsense" --test-scene -c nonsense bad.mp4
fails "level" --test-scene -c avc1.42000a -s 1920x1080 bad.mp4
fails "641" --test-scene -c h264 -s 641x480 bad.mp4
fails "xyz" --test-scene bad.xyz
fails "" --test-scene -c h264 bad.webm
fails "no-such-option" --test-scene -c h264 --encoder-option no-such-option=1 bad.mp4
fails "preset" --test-scene -c h264 --encoder-option preset=zzz bad.mp4
fails "exists" --test-scene -n 2 a.mp4
fails "width is 20000, VP8 allows 16383" --test-scene -s 20000x20000 -c vp8 bad.webm
fails "20000x20000 is 400000000 luma samples, level 6.2 allows 35651584" --test-scene -s 20000x20000 -c vp9 bad.webm
fails "allows 13208 at a width of 20000" --test-scene -s 20000x20000 -c vp09.00.10.08 bad.webm
fails "100000x50.* 65536" --test-scene -s 100000x50 bad.mp4
fails "5000.* 16" --test-scene --max-b-frames 5000 bad.mp4
fails "5000.* 1024" --test-scene --threads 5000 bad.mp4
fails "fast.*quality or realtime" --test-scene --latency fast bad.mp4
fails "ultrafast.*faster, fast, medium, slow or slower" --test-scene --preset ultrafast bad.mp4

# A preset is the library's effort.
for preset in faster medium slower; do
  "$program" --quiet --test-scene -n 10 -s 160x96 -c h264 --threads 1 --preset "$preset" "preset-$preset.h264"
done
"$program" --quiet --test-scene -n 10 -s 160x96 -c h264 --threads 1 preset-default.h264
! cmp -s preset-faster.h264 preset-slower.h264 || wrong "--preset faster and slower write the same"
cmp -s preset-medium.h264 preset-default.h264 || wrong "--preset medium is not the default"

# Groups are the same however many are encoded at once.
for groups in 1 3; do
  "$program" --quiet --test-scene -n 25 -s 160x96 -c h264 --gop 10 --parallel-groups "$groups" "groups-$groups.h264"
done
cmp groups-1.h264 groups-3.h264 || wrong "--parallel-groups 1 and 3 write different files"
fails "parallel_groups with latency_mode .*realtime" --test-scene -n 2 -l realtime --parallel-groups 2 bad.mp4
[ ! -e /dev/full ] || { ln -s /dev/full full.ivf && fails "space" --test-scene -y -n 5 -c vp8 full.ivf; }

# What is missing on the command line is named, and a video that is named alone is never written to, -y or not.
sum=$(cksum <input.mkv)
fails "input.mkv -o OUTPUT" input.mkv
fails "input.mkv -o OUTPUT" -y input.mkv
fails "INPUT and OUTPUT are needed" -y -i input.mkv
fails "INPUT is missing" -o bad.mp4
fails "INPUT is missing" -c h264
fails "OUTPUT is missing" --test-scene
fails "'input.mkv' cannot be read as well" --test-scene input.mkv bad.mp4
fails "'input.mkv' cannot be read as well" --test-scene -i input.mkv bad.mp4
fails "starting with 'third'" input.mkv bad.mp4 third
fails "choose another name" -y input.mkv -o input.mkv
fails "name its format with -f, one of mp4" input.mkv -o -
[ "$sum" = "$(cksum <input.mkv)" ] || wrong "the input was written to"
for arguments in "input.mkv -o way.mp4" "-o way.mp4 input.mkv" "-i input.mkv -o way.mp4" "-i input.mkv way.mp4" "input.mkv way.mp4"; do
  # shellcheck disable=SC2086
  "$program" --quiet -y $arguments || wrong "$arguments: status $?"
  [ "$(frames_in way.mp4)" = 10 ] || wrong "$arguments: $(frames_in way.mp4) frames"
  rm -f way.mp4
done

finish
