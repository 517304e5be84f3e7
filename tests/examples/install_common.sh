# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the installation tests of the bindings share: a temporary prefix that only pkg-config knows. Sourced.

skip() {
  echo "skipped: $*"
  exit 77
}

wrong() {
  echo "WRONG: $*"
  exit 1
}

# Installs into $work/prefix, and leaves what "uninstall" knows of the build as it was.
install_to_prefix() { # build directory, cmake
  local manifests
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  manifests=$(mktemp -d -p "$work")
  find "$1" -maxdepth 1 -name 'install_manifest*.txt' -exec cp {} "$manifests" \;
  "$2" --install "$1" --prefix "$work/prefix" >"$work/log" || { cat "$work/log"; exit 1; }
  rm -f "$1"/install_manifest*.txt
  cp "$manifests"/* "$1" 2>/dev/null || true
  PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name wcenc.pc)")
  export PKG_CONFIG_PATH
  unset LD_LIBRARY_PATH
}
