#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Encodes INPUT, or a test scene, with every available codec, decodes the files with FFmpeg's own programs, and compares.
# Everything in the table but the speed is measured on the written files. Fails if any row is wrong.
#
# usage: examples/run.sh [INPUT]

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=../tests/packages.sh
. tests/packages.sh

readonly OUT=build/examples-out
readonly SHEET=$OUT/contact-sheet.png
readonly ENCODE=build/release/examples/encode/wcenc-encode
readonly MIN_PSNR=30       # dB
readonly MAX_RATE_ERROR=25 # percent
readonly SHEET_FRAMES=5
readonly TILE=320x180

# codec, encoder ("" for the library's choice), extension, bitrate mode. VP9 constant: left free to vary, libvpx stays
# far below the bitrate where a scene is simple.
readonly ROWS=(
  "h264||mp4|variable" "hevc||mkv|variable" "vp8||webm|variable" "vp9||webm|constant" "av1||mp4|variable"
  "h264||h264|constant" "hevc||mp4|variable" "vp8||ivf|variable" "vp9||ivf|constant" "av1||webm|variable"
  "av1|librav1e|mkv|variable" "av1|libsvtav1|ivf|variable"
)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

build() {
  install_packages
  if ! { cmake --preset release && cmake --build --preset release; } >"$scratch/build.log" 2>&1; then
    cat "$scratch/build.log" >&2
    return 1
  fi
}

# A member of a JSON object on one line: numbers and texts without escapes, as the summary has them.
member() { sed -E "s/.*\"$2\":\"?([^\",}]*)\"?.*/\1/" <<<"$1"; }

# The frames that the encoders are given, as YUV4MPEG2, and the rate to ask for.
make_source() {
  local json limit=(--duration 3)
  [ $# -gt 0 ] && limit=(--duration 10)
  json=$("$ENCODE" --json -y "${limit[@]}" -c h264 --source-y4m "$scratch/source.y4m" "${input[@]}" \
    -o "$scratch/first.mkv")
  width=$(member "$json" width)
  height=$(member "$json" height)
  source_frames=$(member "$json" frames_in)
  # A tenth of a bit for each pixel.
  rate=$(awk -v w="$width" -v h="$height" -v n="$source_frames" -v s="$(member "$json" media_seconds)" \
    'BEGIN { printf "%d", w * h * n / s / 10 }')
  limits=("${limit[@]}")
}

count_frames() {
  ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0 "$1" | tr -d ','
}

# The average over all planes and frames. Frames are compared one by one in their order, whatever their timestamps.
measure_psnr() {
  ffmpeg -hide_banner -nostats -noautorotate -i "$1" -i "$scratch/source.y4m" -lavfi \
    "[0:v]settb=1/1000,setpts=N,scale=${width}:${height}$2,format=yuv420p[a];
     [1:v]settb=1/1000,setpts=N,format=yuv420p[b];[a][b]psnr" \
    -fps_mode passthrough -f null - 2>&1 | sed -nE 's/.*PSNR .*average:(inf|[0-9]+\.[0-9]).*/\1/p'
}

# Bits per second of the stream: the bytes of the packets over the time that the frames take.
measure_rate() {
  ffprobe -v error -select_streams v:0 -show_entries packet=size -of csv=p=0 "$1" |
    awk -F, -v seconds="$2" '{ bytes += $1 } END { printf "%d", bytes * 8 / seconds }'
}

# Frames spread over the video, as one row of tiles with a label.
tile_row() {
  local file=$1 label=$2 out=$3 matrix=$4 step
  step=$((source_frames / SHEET_FRAMES > 0 ? source_frames / SHEET_FRAMES : 1))
  ffmpeg -v error -y -noautorotate -i "$file" -vf "select='not(mod(n,$step))',scale=${TILE/x/:}$matrix,
    tile=${SHEET_FRAMES}x1:padding=4,pad=iw:ih+26:0:26:color=0x202020,
    drawtext=text='$label':x=6:y=5:fontsize=16:fontcolor=white:font=DejaVu Sans" \
    -frames:v 1 "$out"
}

label_of() { printf '%s' "$*" | tr -d "':\\\\%"; }

failures=0
tiles=()

row() {
  local codec=$1 encoder=$2 extension=$3 mode=$4 json file frames psnr got verdict=ok matrix="" to_source=""
  local options=(--bitrate-mode "$mode")
  file=$OUT/$codec${encoder:+-$encoder}.$extension
  rm -f "$file"
  [ -n "$encoder" ] && options+=(--encoder "$encoder")
  if ! json=$("$ENCODE" --json -y -c "$codec" "${options[@]}" -b "$rate" "${limits[@]}" \
    "${input[@]}" -o "$file" 2>"$scratch/error"); then
    printf '%-5s %-11s %-5s FAILED: %s\n' "$codec" "${encoder:-?}" "$extension" "$(tr '\n' ' ' <"$scratch/error")"
    failures=$((failures + 1))
    return
  fi
  encoder=$(member "$json" encoder)
  if [ -s "$file" ]; then
    frames=$(count_frames "$file")
    # VP8 has no word for the matrix. The scene, which is RGB, is coded as BT.601, as VP8's decoders take it; a video keeps
    # the matrix that it came with.
    if [ "$codec" = vp8 ] && [ ${#source_arguments[@]} -eq 0 ]; then
      to_source=:in_color_matrix=bt601:out_color_matrix=bt709
    elif [ "$codec" = vp8 ]; then
      matrix=$source_matrix
    fi
    psnr=$(measure_psnr "$file" "$to_source")
    got=$(measure_rate "$file" "$(member "$json" media_seconds)")
    tile_row "$file" "$(label_of "$codec by $encoder in $extension, ${psnr:-?} dB, $((got / 1000)) kb/s")" \
      "$scratch/tile-${#tiles[@]}.png" "$matrix" && tiles+=("$scratch/tile-${#tiles[@]}.png")
  else
    verdict="no file"
  fi
  [ "${frames:-0}" = "$source_frames" ] || verdict="frames differ"
  awk -v p="${psnr:-0}" -v low="$MIN_PSNR" 'BEGIN { exit !(p == "inf" || p + 0 >= low) }' || verdict="low PSNR"
  awk -v a="$rate" -v g="${got:-0}" -v most="$MAX_RATE_ERROR" \
    'BEGIN { d = (g - a) * 100 / a; exit !(d <= most && -d <= most) }' || verdict="rate off"
  [ "$verdict" = ok ] || failures=$((failures + 1))
  printf '%-5s %-11s %-5s %-9s %6d %6s %8d %8s %7.1f %7s  %s\n' "$codec" "$encoder" "$extension" "$mode" \
    "$source_frames" "${frames:-0}" $((rate / 1000)) "$((${got:-0} / 1000))" "$(member "$json" fps)" "${psnr:-?}" "$verdict"
}

contact_sheet() {
  local inputs=() tile
  # YUV4MPEG2 has no word for the matrix; the table's rows have it in the stream.
  tile_row "$scratch/source.y4m" "source" "$scratch/tile-source.png" "$source_matrix"
  for tile in "$scratch/tile-source.png" "${tiles[@]}"; do inputs+=(-i "$tile"); done
  if [ ${#tiles[@]} -eq 0 ]; then
    cp "$scratch/tile-source.png" "$SHEET"
  else
    ffmpeg -v error -y "${inputs[@]}" -filter_complex "vstack=inputs=$((${#tiles[@]} + 1))" -frames:v 1 "$SHEET"
  fi
  echo "contact sheet: $SHEET"
}

[ $# -le 1 ] || {
  echo "usage: examples/run.sh [INPUT]" >&2
  exit 2
}
# The script works from the top of the tree; INPUT is relative to where the user stands.
source_arguments=()
[ $# -eq 0 ] || source_arguments=("$(cd "$OLDPWD" && realpath -- "$1")")
input=(--test-scene)
[ $# -eq 0 ] || input=("${source_arguments[@]}")
build
mkdir -p "$OUT"
make_source "${source_arguments[@]}"
source_matrix=:in_color_matrix=bt709
[ "$height" -gt 576 ] || [ $# -eq 0 ] || source_matrix=:in_color_matrix=bt601

echo "source: ${source_arguments[0]:-test scene}, ${width}x${height}, $source_frames frames"
printf '%-5s %-11s %-5s %-9s %6s %6s %8s %8s %7s %7s\n' CODEC ENCODER FILE MODE IN OUT "ASKED k" "GOT k" FPS PSNR
list=$("$ENCODE" --list)
for entry in "${ROWS[@]}"; do
  IFS='|' read -r codec encoder extension mode <<<"$entry"
  # Encoders by name are second choices, which a build of FFmpeg may lack.
  [ -z "$encoder" ] || grep -q " $encoder .*yes" <<<"$list" || continue
  row "$codec" "$encoder" "$extension" "$mode"
done
contact_sheet
[ "$failures" -eq 0 ] || {
  echo "$failures rows are wrong" >&2
  exit 1
}
