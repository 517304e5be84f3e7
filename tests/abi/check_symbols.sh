#!/bin/bash
# The exported names: those in wcenc.symbols, which are those that the headers declare, and nothing else; functions only.
# The static library has no global name outside wcenc_, so that it collides with nothing in a program. The SONAME has the
# version of the ABI.
# usage: check_symbols.sh NM SHARED_LIBRARY STATIC_LIBRARY INCLUDE_DIRECTORY ABI_VERSION
set -euo pipefail
export LC_ALL=C

nm=$1 shared=$2 static=$3 include=$4 abi=$5
symbols=$(dirname "$0")/wcenc.symbols
failed=0

fail() {
  echo "$1"
  failed=1
}

# Compares two lists of one name a line.
same() { # name of the first, first, name of the second, second
  local only_first only_second
  only_first=$(comm -23 <(echo "$2") <(echo "$4"))
  only_second=$(comm -13 <(echo "$2") <(echo "$4"))
  [ -z "$only_first" ] || fail "in $1 but not in $3:"$'\n'"$only_first"
  [ -z "$only_second" ] || fail "in $3 but not in $1:"$'\n'"$only_second"
}

# Sanitizers add names of their own.
of_the_library() {
  grep -vE ' (__odr_asan|__asan|__ubsan|__tsan|__start_asan|__stop_asan)' || true
}

listed=$(cat "$symbols")
sort -cu "$symbols" || fail "wcenc.symbols is not sorted, or names something twice"

# Each has the version of src/wcenc.map, which is a name of its own; not in builds with sanitizers.
defined=$("$nm" -D --defined-only "$shared" | of_the_library | awk '$2 != "A" { sub(/@@WCENC_[0-9.]+$/, "", $3); print }')
same "the shared library" "$(awk '{ print $3 }' <<<"$defined" | sort)" "wcenc.symbols" "$listed"
others=$(awk '$2 != "T" { print $2, $3 }' <<<"$defined")
[ -z "$others" ] || fail "exported, but no function:"$'\n'"$others"

declared=$(find "$include/wcenc" -name '*.h' ! -name export.h -exec cat {} + | tr '\n' ' ' |
  grep -oE 'WCENC_API [^;(]*\(' | grep -oE 'wcenc_[a-z0-9_]+\($' | tr -d '(' | sort)
same "the headers" "$declared" "wcenc.symbols" "$listed"

strangers=$("$nm" -g --defined-only "$static" 2>/dev/null | awk 'NF == 3' | of_the_library |
  awk '$3 !~ /^wcenc_/ { print $3 }')
[ -z "$strangers" ] || fail "global in the static library, but not wcenc_:"$'\n'"$strangers"

if command -v readelf >/dev/null; then
  soname=$(readelf -d "$shared" | sed -n 's/.*Library soname: \[\(.*\)\]/\1/p')
  [ "$soname" = "libwcenc.so.$abi" ] || fail "the SONAME is $soname, not libwcenc.so.$abi"
fi

[ "$failed" -ne 0 ] || echo "$(wc -l <"$symbols") functions"
exit "$failed"
