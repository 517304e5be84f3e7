#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tests of examples/python, with a Python that has NumPy if there is one. Any argument behind the library is passed on
# to unittest.
#
# usage: check_python.sh LIBRARY [ARGUMENT...]
set -euo pipefail

library=$1
shift
tests=$(cd "$(dirname "$0")/../../examples/python/tests" && pwd)

if [ -n "${WCENC_SANITIZE:-}" ]; then
  echo "skipped: Python would need the sanitizers' libraries loaded before it"
  exit 77
fi
python=''
for candidate in python3 /usr/bin/python3; do
  command -v "$candidate" >/dev/null || continue
  [ -n "$python" ] || python=$candidate
  if "$candidate" -c 'import numpy' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "skipped: python3 is not installed"
  exit 77
fi

echo "$("$python" --version), $("$python" -c 'import numpy; print("NumPy", numpy.__version__)' 2>/dev/null ||
  echo "no NumPy: its tests are skipped")"
cd "$tests"
exec env WCENC_LIBRARY="$library" PYTHONDONTWRITEBYTECODE=1 "$python" -X faulthandler -W error::ResourceWarning \
  -m unittest "$@"
