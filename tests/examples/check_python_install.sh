#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The Python package as people install it: by pip from the folder, from its source archive and in place, in virtual
# environments without a network and without a compiler, over a libwcenc in a prefix that only pkg-config knows. mypy
# accepts the package, and a program over it.
#
# usage: check_python_install.sh BUILD_DIRECTORY CMAKE
set -euo pipefail

# shellcheck source=install_common.sh
. "$(dirname "$0")/install_common.sh"
package=$(cd "$(dirname "$0")/../../examples/python" && pwd)
python=/usr/bin/python3
"$python" -c 'import venv, ensurepip' 2>/dev/null || python=python3
"$python" -c 'import venv, ensurepip' 2>/dev/null || skip "python3-venv is not installed"
command -v pkg-config >/dev/null || skip "pkg-config is not installed"

install_to_prefix "$1" "$2"
unset WCENC_LIBRARY PYTHONPATH

"$python" -m venv "$work/venv"
pip() {
  # No network: a proxy that refuses, besides --no-index. No compiler: one that fails.
  env PIP_NO_INDEX=1 PIP_FIND_LINKS='' PIP_DISABLE_PIP_VERSION_CHECK=1 https_proxy=http://127.0.0.1:9 CC=false \
    "$work/venv/bin/pip" --quiet "$@"
}

check() { # what was installed
  (
    cd "$work"
    "$work/venv/bin/python" - "$work" <<'END'
import sys
import wcenc

assert wcenc.__file__.startswith(sys.argv[1] + "/"), wcenc.__file__
assert wcenc.ffi.lib._name.startswith(sys.argv[1] + "/prefix/"), wcenc.ffi.lib._name
assert wcenc.__version__ == wcenc.library_version
END
    "$work/venv/bin/python" "$package/demo.py" "$work/film.mp4" >"$work/log"
    [ -s "$work/film.mp4" ] && rm "$work/film.mp4"
  ) || wrong "$1"
  echo "installed $1"
}

# A copy, so that pip leaves nothing in the tree, and has nothing of it.
cp -r "$package" "$work/folder"
pip install "$work/folder"
check "from the folder"
files=$("$work/venv/bin/pip" show --files wcenc)
grep -q 'dist-info/licenses/LICENSE' <<<"$files" || wrong "no licence"
"$work/venv/bin/pip" --quiet check
pip uninstall --yes wcenc
[ -z "$(find "$work/venv" -name '*wcenc*')" ] || wrong "something is left after pip uninstall"
(cd "$work/folder" && "$python" -c "import sys; sys.path.insert(0, 'backend'); import wcenc_backend as b; b.build_sdist('$work')")
pip install "$work"/wcenc-*.tar.gz
check "from the source archive"
pip uninstall --yes wcenc
pip install --editable "$work/folder"
check "in place"

command -v mypy >/dev/null || skip "mypy is not installed"
(cd "$work/folder" && mypy --strict --cache-dir "$work/mypy")
cat >"$work/program.py" <<'END'
import wcenc

def first(encoder: wcenc.VideoEncoder, frame: wcenc.VideoFrame) -> int:
    encoder.configure({"codec": "vp8", "width": frame.coded_width, "height": frame.coded_height})
    encoder.encode(frame, key_frame=True)
    encoder.flush(timeout=5)
    chunk = encoder.receive()
    assert chunk is not None
    config = chunk.metadata.decoder_config
    reveal_type(chunk.timestamp)
    reveal_type(config.color_space.matrix if config else None)
    return chunk.timestamp + encoder.encode_queue_size
END
said=$(cd "$work" && MYPYPATH=$work/folder mypy --strict --cache-dir "$work/mypy" program.py)
grep -q 'Revealed type is "builtins.int"' <<<"$said" || wrong "$said"
echo "mypy accepts the package and a program"
