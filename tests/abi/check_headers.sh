#!/bin/bash
# Compiles every public header alone, and twice in a row, with each compiler given; and sees to it that no struct has
# padding that nobody named, for this machine and for others of 32 and 64 bits.
# usage: check_headers.sh c11|c++17 INCLUDE_DIRECTORY [COMPILER...]; 77 if there is no compiler.
set -euo pipefail

standard=$1
include=$2
shift 2

if [ $# -eq 0 ]; then
  echo "skipped: no compiler for $standard"
  exit 77
fi

case $standard in
  c11) language=c strict=(-Wstrict-prototypes) ;;
  *) language=c++ strict=(-Wold-style-cast) ;;
esac

compile() { # compiler, source text, further flags
  local compiler=$1 text=$2
  shift 2
  printf '%b' "$text" | "$compiler" -x "$language" -std="$standard" -Wall -Wextra -Wpedantic -Werror "$@" \
    -I"$include" -fsyntax-only -
}

# Those of other machines, as far as a compiler knows them; its own headers do, so none of theirs is needed.
abis=("-m32" "-m32 -malign-double" "--target=i386-linux-gnu" "--target=armv7a-linux-gnueabihf" "--target=wasm32"
  "--target=aarch64-linux-gnu")

failed=0
for compiler in "$@"; do
  padded=()
  if compile "$compiler" '#include <stddef.h>\ntypedef char wide[sizeof(size_t) == 8 ? 1 : -1];\n' 2>/dev/null; then
    padded=(-Wpadded)
  fi
  for abi in "${abis[@]}"; do
    read -ra flags <<<"$abi"
    compile "$compiler" 'typedef int nothing;\n' "${flags[@]}" 2>/dev/null || continue
    if ! compile "$compiler" '#include <wcenc/wcenc.h>\n' "${flags[@]}" -ffreestanding -Wpadded; then
      echo "a struct has padding with $compiler $abi"
      failed=1
    fi
  done
  count=0
  for path in "$include"/wcenc/*.h; do
    header=wcenc/$(basename "$path")
    line="#include <$header>\n"
    count=$((count + 1))
    if ! compile "$compiler" "$line${line}typedef int nothing;\n" "${strict[@]}" "${padded[@]}"; then
      echo "$header does not compile alone with $compiler -std=$standard"
      failed=1
    fi
  done
  echo "$count headers: $compiler -std=$standard ${padded[*]}"
done
exit "$failed"
