#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The binding for Node: its own tests; with "mediabunny" those that need npm and FFmpeg's programs; with "types" those of
# the declarations for TypeScript. Its sources stay short enough to be read in one sitting.
#
# usage: check_node.sh classes|mediabunny|types [ADDON]
set -euo pipefail

readonly MOST_LINES=450
# What npm says where there is no way to its registry.
readonly NO_WAY='SELF_SIGNED_CERT_IN_CHAIN|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED'

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
cmp LICENSE ../../LICENSE
version=$(sed -n 's/^ "version": "\(.*\)",/\1/p' ../../docs/abi.json)
grep -q "\"version\": \"$version\"" package.json || {
  echo "WRONG: package.json has another version than the library, $version"
  exit 1
}
command -v node >/dev/null || skip "node is not installed"
[ $# -gt 1 ] || skip "the add-on was not built, for which node_api.h is missing"
export WCENC_NODE_ADDON=$2

# Two tests may come here at once.
install_packages() {
  local log
  command -v npm >/dev/null || skip "npm is not installed"
  mkdir -p node_modules
  exec 9<node_modules
  flock 9
  cmp -s package-lock.json node_modules/.lock-installed && return 0
  if ! log=$(npm ci --ignore-scripts 2>&1); then
    echo "$log"
    ! grep -qE "$NO_WAY" <<<"$log" || skip "npm does not reach its registry"
    exit 1
  fi
  cp package-lock.json node_modules/.lock-installed
}

case $1 in
  classes)
    node --test test/addon.test.mjs test/browsers.test.mjs test/clone.test.mjs test/encoder.test.mjs \
      test/frame.test.mjs test/loop.test.mjs test/worker.test.mjs
    ;;
  mediabunny)
    command -v ffprobe >/dev/null || skip "the ffprobe program is not installed"
    install_packages
    node --test test/mediabunny.test.mjs
    ;;
  types)
    install_packages
    node_modules/.bin/tsc --project test
    ;;
esac
