#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The row kernels with NEON against those in C: a cross compiler builds both and compare_kernels, which runs in an
# emulator. On 64-bit ARM the test kernel_sets does the same without either.
#
# usage: check_neon.sh PROJECT
set -euo pipefail

project=$1
compiler=aarch64-linux-gnu-gcc emulator=qemu-aarch64 libraries=/usr/aarch64-linux-gnu
for program in "$compiler" "$emulator"; do
  command -v "$program" >/dev/null || {
    echo "skipped: $program is not installed"
    exit 77
  }
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

echo 'int main(void) { return 0; }' >"$directory/probe.c"
if ! { "$compiler" -o "$directory/probe" "$directory/probe.c" && "$emulator" -L "$libraries" "$directory/probe"; }; then
  echo "skipped: $compiler and $emulator make and run no program here"
  exit 77
fi
flags=(-std=c11 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
for folder in base media convert; do
  flags+=("-I$project/src/$folder")
done
"$compiler" "${flags[@]}" "-I$project/include" -o "$directory/compare_kernels" \
  "$project"/tests/kernels/compare_kernels.c "$project"/src/convert/{kernel*,scale}.c \
  "$project"/src/media/pixel_format.c "$project"/src/base/status.c -lm
"$emulator" -L "$libraries" "$directory/compare_kernels" neon
