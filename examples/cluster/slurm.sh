#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Encodes a video on the nodes of a Slurm cluster: an index of its frames, then a task for each part, at the end the
# join. Each waits for the one before. See usage below, and README.md.
set -euo pipefail

usage() {
  cat <<'END'
usage: slurm.sh -n PARTS [-c CPUS] [-m MOST] [-p PARTITION] INPUT OUTPUT [-- OPTION...]

Submits three jobs, and prints their numbers: index, parts, join. OUTPUT appears when the join is done. Until then its
parts and logs are in the folder OUTPUT.parts. INPUT and OUTPUT are on a file system that all nodes have.
  -n PARTS      into how many parts the video is cut, at most its groups (OPTION --gop)
  -c CPUS       of a task, which encodes so many groups of its part at a time (default: 1)
  -m MOST       tasks at a time (default: as many as Slurm starts)
  -p PARTITION  of Slurm (default: that of the cluster)
  OPTION        of wcenc-encode, such as -c av1 --crf 30 --gop 240

SBATCH_ variables such as SBATCH_ACCOUNT and SBATCH_TIMELIMIT hold for each of the jobs. WCENC_ENCODE names the program
where it is not in PATH. A task that fails or is killed runs again, three times at most.
END
}

partition='' cpus=1 most=''
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
letters=c:m:p:
# shellcheck source=examples/cluster/arguments.sh
. "$here/arguments.sh"
command -v sbatch >/dev/null || fail "sbatch is not installed: this is no machine of a Slurm cluster"

[[ $cpus =~ ^[1-9][0-9]{0,3}$ ]] || wrong_usage "-c: \"$cpus\" is not valid; use a number of CPUs such as 4"
[[ $most =~ ^([1-9][0-9]{0,5})?$ ]] || wrong_usage "-m: \"$most\" is not valid; use a number of tasks such as 200"

mkdir -p -- "$folder"
program=$(realpath -- "$(command -v "$program")")
common=(--parsable --requeue --open-mode=append)
[ -z "$partition" ] || common+=(-p "$partition")

# Slurm keeps the script, and passes its arguments as they are.
index=$(sbatch "${common[@]}" -J wcenc-index -o "$folder/index.log" "$here/slurm_task.sh" index "$program" "$folder" "$input" \
  "$parts" -f "$format" "${encode[@]}")
array=$(sbatch "${common[@]}" -J wcenc-parts -o "$folder/%a.log" --array="1-$parts${most:+%$most}" -c "$cpus" --dependency="afterok:$index" \
  --kill-on-invalid-dep=yes "$here/slurm_task.sh" part "$program" "$folder" "$input" "$parts" -f "$format" "${encode[@]}")
join=$(sbatch "${common[@]}" -J wcenc-join -o "$folder/join.log" --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  "$here/slurm_task.sh" join "$program" "$folder" "$input" "$parts" "$output")
echo "index $index, parts $array, join $join"
