#!/bin/bash
# Measures libwcenc and writes docs/performance.md; on a fresh Debian it first installs what is missing. See usage below.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash tests/bench/run.sh [--smoke] [-h]

Builds libwcenc and the benchmark with optimisation in build/bench, runs all measurements, and writes
docs/performance.md and docs/performance/*.svg. That takes a quarter of an hour and wants a machine that does nothing else.
  --smoke  a few frames of everything, written to build/bench/docs: shows that it works, and nothing of how fast
END
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/packages.sh
source tests/packages.sh

options=() convert_options=(--rounds 9) out=docs
for argument in "$@"; do
  case $argument in
    --smoke) options+=(--smoke) convert_options=(--rounds 1 --repeats 1 --size 66x34) out=build/bench/docs ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

install_packages
cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release -DWCENC_BUILD_TESTS=ON -DWCENC_BUILD_EXAMPLES=OFF
cmake --build build/bench -j "$(nproc)" --target wcenc-bench wcenc-bench-machinery wcenc-bench-convert

read -r load _ </proc/loadavg
echo "load before: $load (figures are worth something where it is near 0)"
programs=build/bench/tests/bench
"$programs/wcenc-bench" "${options[@]}" --json build/bench/bench.json
"$programs/wcenc-bench-machinery" "${options[@]}" --json build/bench/machinery.json
"$programs/convert/wcenc-bench-convert" "${convert_options[@]}" --json build/bench/convert.json
python3 tests/bench/plot.py tests/bench/performance.md.in "$out" build/bench/{bench,machinery,convert}.json
echo "$out/performance.md"
