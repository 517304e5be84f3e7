#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs what is missing on Debian, builds the library, runs the demo in both of its ways with every available codec, and
# then the tests of the module.
#
# usage: bash examples/python/run.sh

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=../../tests/packages.sh
. tests/packages.sh

readonly OUT=build/examples-out
readonly LIBRARY=$PWD/build/release/libwcenc.so

install_packages
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake --preset release && cmake --build --preset release --target wcenc -j "$(nproc)"; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

mkdir -p "$OUT"
for codec in h264 hevc vp8 vp9 av1; do
  extension=mp4
  [ "$codec" != vp8 ] || extension=webm
  for way in "" --asyncio; do
    WCENC_LIBRARY=$LIBRARY python3 examples/python/demo.py --codec "$codec" $way "$OUT/python$way.$codec.$extension" ||
      echo "left out: $codec"
  done
done
bash tests/examples/check_python.sh "$LIBRARY"
