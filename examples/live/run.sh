#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs what is missing on Debian, builds wcenc-live and runs it with the arguments; without any, the test scene is at
# http://127.0.0.1:8090/.
#
# usage: examples/live/run.sh [OPTION OF WCENC-LIVE]...

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=../../tests/packages.sh
. tests/packages.sh

install_packages
cmake --preset release >/dev/null
cmake --build --preset release --target wcenc-live -j "$(nproc)" >/dev/null
exec build/release/examples/live/wcenc-live "$@"
