#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The binding for Node as people install it: by npm from the folder and from the archive of `npm pack`, without a network,
# over a libwcenc in a prefix that only pkg-config knows. The add-on has no path into the tree.
#
# usage: check_node_install.sh BUILD_DIRECTORY CMAKE
set -euo pipefail

# shellcheck source=install_common.sh
. "$(dirname "$0")/install_common.sh"
tree=$(cd "$(dirname "$0")/../.." && pwd)
for program in node npm pkg-config; do
  command -v "$program" >/dev/null || skip "$program is not installed"
done

install_to_prefix "$1" "$2"
unset WCENC_NODE_ADDON

mkdir "$work/package"
(cd "$tree/examples/node" && npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null)
archive=$(echo "$work"/wcenc-*.tgz)
tar -xzf "$archive" -C "$work"
[ -z "$(find "$work/package" -name '*.node' -o -name test)" ] || wrong "the archive has more than sources"

npm_install() { # where, then arguments
  local where=$1
  shift
  (cd "$where" && npm install --offline --omit=dev --foreground-scripts "$@") >"$work/log" 2>&1 || {
    cat "$work/log"
    return 1
  }
}

check() { # where, what was installed
  local addon said
  cat >"$1/program.mjs" <<'END'
import { VideoEncoder } from 'wcenc';
import { buildInfo } from 'wcenc/info';
const { supported, encoderName } = await VideoEncoder.isConfigSupported({ codec: 'vp8', width: 64, height: 48 });
console.log(supported, encoderName, buildInfo());
END
  said=$(cd "$1" && node program.mjs)
  [[ $said == "true "* ]] || wrong "$2 does not run: $said"
  addon=$(find "$1/" -follow -name wcenc.node -print -quit)
  ! grep -qaF "$tree" "$addon" || wrong "the add-on of $2 names the tree"
  said=$(ldd "$addon")
  grep -q "libwcenc.* => $work/prefix/" <<<"$said" || wrong "the add-on of $2 loads another libwcenc: $said"
  echo "installed $2"
}

# The folder has a lock file too, with which npm asks its registry nothing.
cp "$tree/examples/node/package-lock.json" "$work/package"
npm_install "$work/package"
check "$work/package" "in the folder"
mkdir "$work/user" "$work/other"
npm_install "$work/user" "$archive"
check "$work/user" "from the archive"
npm_install "$work/other" --install-links "$work/package"
check "$work/other" "from the folder"

mkdir "$work/none"
if PKG_CONFIG_PATH=$work PKG_CONFIG_LIBDIR=$work npm_install "$work/none" "$archive" >/dev/null; then
  wrong "npm install works without libwcenc"
fi
grep -q 'wcenc: pkg-config finds no libwcenc' "$work/log" || { cat "$work/log"; wrong "no word on what is missing"; }
echo "said what is missing"
