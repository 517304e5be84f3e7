#!/bin/bash
# Measures libwcenc and writes docs/performance.md; on a fresh Debian it first installs what is missing. See usage below.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash tests/bench/run.sh [--frontier [--form short|long]] [--machinery] [--page] [--smoke] [-h]

Builds libwcenc and the benchmark with optimisation in build/bench, measures, and writes docs/performance.md and
docs/performance/*.svg. It wants a machine that does nothing else. Without --frontier and --machinery: both, one after the
other. Figures are kept in build/bench/*.json.
  --frontier   rate, distortion and speed as a user meets them, beside Chromium and plain loops, and the choice between
               libwcenc's encoders and libavcodec's: more than an hour
  --form FORM  of the frontier: short, or long, which has 300 frames, 2160p and more rounds and takes hours
  --machinery  the costs of the library itself: a quarter of an hour
  --page       measure nothing, only write the page from the figures that are there
  --smoke      a few frames of everything, written to build/bench/docs: shows that it works, and nothing of how fast
END
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/packages.sh
source tests/packages.sh

options=() convert_options=(--rounds 9) out=docs form=short parts='' smoke=false
while [ $# -gt 0 ]; do
  case $1 in
    --frontier | --machinery | --page) parts="$parts ${1#--}" ;;
    --form) form=${2:-}; shift ;;
    --smoke) smoke=true form=smoke options+=(--smoke) convert_options=(--rounds 1 --repeats 1 --size 66x34) out=build/bench/docs ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
case $form in short | long | smoke) ;; *) usage >&2; exit 2 ;; esac
parts=${parts:-frontier machinery}
figures=build/bench
[ "$smoke" = false ] || figures=build/bench/smoke
programs=build/bench/tests/bench
page_measures=(memory throughput caller copy latency flush quality)

measures() { # part
  [[ " $parts " == *" $1 "* ]]
}

build() {
  # Pictures of the frontier, and a browser to stand beside it.
  WCENC_PACKAGES+=(chromium plasma-workspace-wallpapers)
  install_packages
  cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release -DWCENC_BUILD_TESTS=ON -DWCENC_BUILD_EXAMPLES=OFF
  cmake --build build/bench -j "$(nproc)" --target wcenc-bench wcenc-bench-machinery wcenc-bench-convert wcenc-bench-frontier
  read -r load _ </proc/loadavg
  echo "load before: $load (figures are worth something where it is near 0)"
}

mkdir -p "$figures"
if measures frontier || measures machinery; then
  build
fi
if measures frontier; then
  python3 tests/bench/frontier/frontier.py --form "$form" --json "$figures/frontier.json"
  choice=(python3 tests/bench/frontier/frontier.py --form "$form" --choice)
  if [ "$form" = short ]; then
    "${choice[@]}" --latency realtime --json "$figures/choice.json"
    # Encoders are slow in quality.
    "${choice[@]}" --latency quality --contents photo --json "$figures/choice-quality.json"
    bounds=(python3 tests/bench/frontier/frontier.py --form short --sizes 1280x720 --parts bounds)
    "${bounds[@]}" --latency realtime --json "$figures/bounds.json"
    "${bounds[@]}" --latency quality --who wcenc --codecs h264,av1 --contents synth,photo --json "$figures/bounds-quality.json"
  else
    "${choice[@]}" --json "$figures/choice.json"
  fi
  python3 tests/bench/frontier/verdict.py "$figures/frontier.json"
fi
if measures machinery; then
  # Those that the page shows; parallel groups, which take longest, are run by hand.
  for measure in "${page_measures[@]}"; do
    "$programs/wcenc-bench" "${options[@]}" --measure "$measure" --json "$figures/bench-$measure.json"
  done
  "$programs/wcenc-bench-machinery" "${options[@]}" --json "$figures/machinery.json"
  "$programs/convert/wcenc-bench-convert" "${convert_options[@]}" --json "$figures/convert.json"
fi
documents=()
for name in frontier bounds bounds-quality choice choice-quality "${page_measures[@]/#/bench-}" machinery convert; do
  [ ! -e "$figures/$name.json" ] || documents+=("$figures/$name.json")
done
python3 tests/bench/plot.py tests/bench/performance.md.in "$out" "${documents[@]}"
echo "$out/performance.md"
