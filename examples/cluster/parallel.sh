#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Encodes a video on several machines with GNU parallel over ssh, a part at a time on each. See usage below, and
# README.md.
set -euo pipefail

usage() {
  cat <<'END'
usage: parallel.sh -n PARTS [-H HOST[,HOST...]] INPUT OUTPUT [-- OPTION...]

OUTPUT appears when all is done. Until then its parts and the log are in the folder OUTPUT.parts; run again after a
failure, only parts that are missing are encoded. INPUT and OUTPUT are on a file system that all hosts have.
  -n PARTS  into how many parts the video is cut, at most its groups (OPTION --gop)
  -H HOSTS  as ssh knows them; N/HOST encodes N parts at a time there, and HOST as
            many as it has CPUs; : is this machine (default: :)
  OPTION    of wcenc-encode, such as -c av1 --crf 30 --gop 240

WCENC_ENCODE names the program on all hosts where it is not in PATH. A part that fails is encoded again, on another host
if there is one, three times at most. WCENC_SSH is the ssh that is used.
END
}

hosts=:
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
letters=H:
# shellcheck source=examples/cluster/arguments.sh
. "$here/arguments.sh"
command -v parallel >/dev/null || fail "parallel is not installed"

mkdir -p -- "$folder"
"$program" --index "$folder/index" -f "$format" "${encode[@]}" -- "$input"
# -q: each word reaches the other machine as it is.
PARALLEL_SSH=${WCENC_SSH:-ssh} parallel --will-cite -q --jobs 100% --retries 3 --halt soon,fail=1 --joblog "$folder/log" \
  --sshlogin "$hosts" "$program" --quiet --groups "{}/$parts" --index "$folder/index" -f "$format" "${encode[@]}" \
  -o "$folder/{}.part" -- "$input" ::: $(seq "$parts") </dev/null
files=()
for number in $(seq "$parts"); do files+=("$folder/$number.part"); done
"$program" -y --join "$output" -i "$input" -- "${files[@]}"
rm -f -- "$folder"/*.part
