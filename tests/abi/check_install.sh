#!/bin/bash
# Installs everything into two places and moves one of them: the program runs in each, with the library beside it and none
# of another place, and brings its documents along. The target "uninstall" leaves nothing.
# usage: check_install.sh BUILD_DIRECTORY CMAKE; 77 under sanitizers.
set -euo pipefail

if [ -n "${WCENC_SANITIZE:-}" ]; then
  echo "skipped: programs with sanitizers are not installed"
  exit 77
fi

build=$1 cmake=$2
work=$(mktemp -d)
mkdir "$work/manifests"
# What a developer has installed from this build stays known to "uninstall".
find "$build" -maxdepth 1 -name 'install_manifest*.txt' -exec mv {} "$work/manifests" \;
trap 'rm -f "$build"/install_manifest*.txt; cp "$work"/manifests/* "$build" 2>/dev/null; rm -rf "$work"' EXIT
unset LD_LIBRARY_PATH

install_to() { "$cmake" --install "$build" --prefix "$1" >"$work/log" || { cat "$work/log"; exit 1; }; }

check() { # prefix
  local library file
  library=$(ldd "$1/bin/wcenc-encode" | sed -n 's/.*libwcenc[^ ]* => \([^ ]*\) .*/\1/p')
  case $(realpath "$library") in
  "$1"/*) ;;
  *) echo "$1/bin/wcenc-encode takes '$library'" && exit 1 ;;
  esac
  "$1/bin/wcenc-encode" --quiet -y --test-scene -s 96x64 -n 3 -o "$work/scene.webm"
  [ -s "$work/scene.webm" ]
  for file in share/man/man1/wcenc-encode.1 share/bash-completion/completions/wcenc-encode \
    share/zsh/site-functions/_wcenc-encode share/doc/wcenc/LICENSE share/doc/wcenc/README.md \
    share/doc/wcenc/docs/architecture.md include/wcenc/wcenc.h; do
    [ -s "$1/$file" ] || { echo "$1/$file is missing" && exit 1; }
  done
}

install_to "$work/first"
readelf -d "$work/first/bin/wcenc-encode" | grep -q 'RUNPATH.*\[\$ORIGIN/' || { echo "no RUNPATH" && exit 1; }
check "$work/first"
mkdir "$work/away"
mv "$work/first" "$work/away/moved"
check "$work/away/moved"
install_to "$work/second"
check "$work/second"
other=$(find "$work/second" -type d -name cmake)/other.cmake
touch "$other"
"$cmake" --build "$build" --target uninstall >"$work/log" || { cat "$work/log"; exit 1; }
[ -e "$other" ] || { echo "uninstall removed what another package installed" && exit 1; }
rm "$other"
rmdir "$(dirname "$other")"
left=$(find "$work/second" ! -type d -o -type d \( -name wcenc -o -name pkgconfig \))
[ -z "$left" ] || { echo "left after uninstall: $left" && exit 1; }
check "$work/away/moved"
echo "installed, moved, uninstalled"
