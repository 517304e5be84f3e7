#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Writes the reference of the public headers to DIRECTORY/html, with docs/Doxyfile. A warning of doxygen is an error.
#
# usage: make_reference.sh DIRECTORY; 77 if doxygen is not installed
set -euo pipefail

directory=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v doxygen >/dev/null; then
  echo "skipped: doxygen is not installed"
  exit 77
fi
rm -rf "$directory/html"
{
  cat docs/Doxyfile
  echo "OUTPUT_DIRECTORY = \"$directory\""
} | doxygen -
[ -s "$directory/html/encoder_8h.html" ] || { echo "there is no page of encoder.h"; exit 1; }
echo "$(find "$directory/html" -name '*.html' | wc -l) pages in $directory/html"
