#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds libwcenc and its add-on for Node, runs the add-on's tests, and has mediabunny write an MP4 and a WebM. Installs
# what is missing on Debian.
#
# usage: examples/node/run.sh

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=../../tests/packages.sh
. tests/packages.sh

readonly OUT=$PWD/build/examples-out

# Node may have come from elsewhere than Debian, and then brings npm and its headers along.
has_headers() { [ -f "$(dirname "$(node -p process.execPath)")/../include/node/node_api.h" ]; }
command -v node >/dev/null || WCENC_PACKAGES+=(nodejs)
command -v npm >/dev/null || WCENC_PACKAGES+=(npm)
{ command -v node >/dev/null && has_headers; } || WCENC_PACKAGES+=(libnode-dev)
install_packages

cmake --preset release
cmake --build --preset release --target wcenc_node -j "$(nproc)"
addon=$PWD/build/release/examples/node/wcenc.node
bash tests/examples/check_node.sh classes "$addon"
bash tests/examples/check_node.sh mediabunny "$addon"

mkdir -p "$OUT"
for file in "$OUT/node.mp4" "$OUT/node.webm"; do
  WCENC_NODE_ADDON=$addon node examples/node/demo.mjs "$file"
  ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=codec_name,nb_read_frames -of default=nw=1 "$file"
done
