#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What runs on a node; slurm.sh submits it. A task that fails is queued again by itself, since Slurm does so only where a
# node failed.
#
# usage: slurm_task.sh index|part|join PROGRAM FOLDER INPUT PARTS [OPTION... | OUTPUT]
set -euo pipefail

what=$1 program=$2 folder=$3 input=$4 parts=$5
shift 5
job=${SLURM_JOB_ID:?is not set: this runs under Slurm}
restarts_most=3

case $what in
  index) command=("$program" --quiet --index "$folder/index" "$@" -- "$input") ;;
  part)
    command=("$program" --quiet --groups "$SLURM_ARRAY_TASK_ID/$parts" --index "$folder/index" "$@"
      --parallel-groups "${SLURM_CPUS_PER_TASK:-1}"
      -o "$folder/$SLURM_ARRAY_TASK_ID.part" -- "$input")
    ;;
  join)
    files=()
    for number in $(seq "$parts"); do files+=("$folder/$number.part"); done
    command=("$program" --quiet -y --join "$1" -i "$input" -- "${files[@]}")
    ;;
  *)
    echo "$what is not one of index, part, join" >&2
    exit 2
    ;;
esac

status=0
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "${command[@]}" || status=$?
# What a killed task left is of no use to the one that follows.
[ "$what" != part ] || rm -f -- "$folder/$SLURM_ARRAY_TASK_ID.part".*.part
[ "$status" -ne 0 ] || exit 0
echo "$what: status $status, restart ${SLURM_RESTART_COUNT:-0}" >&2
# Wrong options stay wrong.
if [ "$status" -ne 2 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt "$restarts_most" ]; then
  scontrol requeue "$job"
fi
exit "$status"
