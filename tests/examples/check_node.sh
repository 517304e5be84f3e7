#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The binding for Node: its own tests, or with "mediabunny" those that need npm and FFmpeg's programs. Its sources stay
# short enough to be read in one sitting.
#
# usage: check_node.sh classes|mediabunny [ADDON]
set -euo pipefail

readonly MOST_LINES=450
# What npm says where there is no way to its registry.
readonly NO_WAY='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED'

skip() {
  echo "skipped: $*"
  exit 77
}

cd "$(dirname "$0")/../../examples/node"
for source in *.mjs addon/*; do
  [ "$(wc -l <"$source")" -lt "$MOST_LINES" ] || {
    echo "WRONG: $source has $(wc -l <"$source") lines"
    exit 1
  }
done
command -v node >/dev/null || skip "node is not installed"
[ $# -gt 1 ] || skip "the add-on was not built, for which node_api.h is missing"
export WCENC_NODE_ADDON=$2

install_mediabunny() {
  local log
  command -v npm >/dev/null || skip "npm is not installed"
  if ! log=$(npm ci 2>&1); then
    echo "$log"
    ! grep -qE "$NO_WAY" <<<"$log" || skip "npm does not reach its registry"
    exit 1
  fi
}

case $1 in
  classes)
    node --test test/addon.test.mjs test/clone.test.mjs test/encoder.test.mjs test/frame.test.mjs test/loop.test.mjs
    ;;
  mediabunny)
    command -v ffprobe >/dev/null || skip "the ffprobe program is not installed"
    install_mediabunny
    node --test test/mediabunny.test.mjs
    ;;
esac
