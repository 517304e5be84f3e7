#!/bin/bash
# Installs the library and builds a program against the installation, in C and in C++, by pkg-config and by find_package,
# with the shared and with the static library; and once more after the installation has been moved.
# usage: check_consumer.sh BUILD_DIRECTORY CMAKE C_COMPILER [CXX_COMPILER]; 77 under sanitizers.
set -euo pipefail

if [ -n "${WCENC_SANITIZE:-}" ]; then
  echo "skipped: a library with sanitizers is not for programs without them"
  exit 77
fi

build=$1 cmake=$2 cc=$3 cxx=${4:-}
source=$(cd "$(dirname "$0")/consumer" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a program that finds its shared library by path.
run() { # what it is, library directory, program
  LD_LIBRARY_PATH=$2 "$3" >"$work/output" || {
    echo "$1 does not run"
    return 1
  }
  echo "$1: $(cat "$work/output")"
}

linked_shared() {
  readelf -d "$1" | grep -q 'NEEDED.*libwcenc'
}

# Flags for the static library. With --static pkg-config lists everything that FFmpeg was built with; a machine that has
# FFmpeg as shared libraries may lack most of that, and the modules that the library names are then enough.
static_flags() { # library directory
  local everything modules
  everything=$(pkg-config --static --libs wcenc)
  for name in avcodec avutil swscale pthread m; do
    [[ " $everything " == *" -l$name "* || ($name = pthread && $everything = *-pthread*) ]] || {
      echo "pkg-config --static --libs wcenc does not name -l$name" >&2
      return 1
    }
  done
  # shellcheck disable=SC2086
  if echo 'int main(void) { return 0; }' | "$cc" -x c - -o "$work/probe" $everything 2>/dev/null; then
    echo "${everything/-lwcenc/$1/libwcenc.a}"
  else
    modules=$(pkg-config --print-requires-private wcenc)
    # shellcheck disable=SC2086
    echo "$1/libwcenc.a $(pkg-config --libs $modules) -lpthread -lm"
  fi
}

by_pkg_config() { # language, compiler, library directory
  local flags
  # shellcheck disable=SC2046
  if [ -e "$3/libwcenc.so" ]; then
    "$2" -x "$1" "$source/main.c" -x none -o "$work/shared" $(pkg-config --cflags --libs wcenc)
    linked_shared "$work/shared"
    run "pkg-config, $1, shared" "$3" "$work/shared"
  fi
  if [ -e "$3/libwcenc.a" ]; then
    flags=$(static_flags "$3")
    # shellcheck disable=SC2046,SC2086
    "$2" -x "$1" "$source/main.c" -x none -o "$work/static" $(pkg-config --static --cflags wcenc) $flags
    if linked_shared "$work/static"; then
      echo "the program with the static library needs the shared one"
      return 1
    fi
    run "pkg-config, $1, static" /nowhere "$work/static"
  fi
}

by_find_package() { # prefix, library directory
  local program options=(-DCMAKE_PREFIX_PATH="$1" -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release)
  [ -z "$cxx" ] || options+=(-DCMAKE_CXX_COMPILER="$cxx")
  rm -rf "$work/cmake"
  "$cmake" -S "$source" -B "$work/cmake" "${options[@]}" >"$work/log" || { cat "$work/log"; return 1; }
  "$cmake" --build "$work/cmake" >"$work/log" || { cat "$work/log"; return 1; }
  for program in "$work"/cmake/consumer_*; do
    run "find_package, $(basename "$program")" "$2" "$program"
  done
}

check() { # prefix
  local library
  library=$(dirname "$(find "$1" -name 'libwcenc.*' ! -type d | head -n 1)")
  export PKG_CONFIG_PATH="$library/pkgconfig"
  by_pkg_config c "$cc" "$library"
  [ -z "$cxx" ] || by_pkg_config c++ "$cxx" "$library"
  by_find_package "$1" "$library"
}

for component in runtime development; do
  "$cmake" --install "$build" --prefix "$work/first" --component $component >"$work/log" || { cat "$work/log"; exit 1; }
done
check "$work/first"
mkdir -p "$work/elsewhere/deep"
mv "$work/first" "$work/elsewhere/deep/second"
if grep -rlF "$work/first" "$work/elsewhere" --include='*.cmake' --include='*.pc'; then
  echo "the files above name the place of installation"
  exit 1
fi
echo "moved"
check "$work/elsewhere/deep/second"
[ -n "$cxx" ] || echo "without C++: there is no compiler"
