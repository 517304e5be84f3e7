#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A cluster of Slurm on this machine, of one controller and two nodes: a video is cut, encoded and joined by
# examples/cluster/slurm.sh, and one part is killed while it runs. It runs again, and the file is that of a single run.
#
# usage: check_cluster_slurm.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"
scripts=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../examples/cluster")
PATH=$PATH:/usr/sbin
for tool in slurmctld slurmd sbatch munged mungekey; do
  command -v $tool >/dev/null || {
    echo "skipped: $tool is not installed"
    exit 77
  }
done
[ "$(id -u)" = 0 ] || {
  echo "skipped: daemons of Slurm need root"
  exit 77
}

# Waits until a command succeeds: what, seconds, command. Without a fixed sleep, a tenth of a second at a time.
until_true() {
  local what=$1 seconds=$2
  shift 2
  for _ in $(seq $((seconds * 10))); do
    ! "$@" >/dev/null 2>&1 || return 0
    read -rt 0.1 <> <(:) || true
  done
  wrong "$what did not come within $seconds s"
  show_logs
  finish
}

show_logs() {
  for log in "$directory"/*.log "$directory"/work/*.parts/*.log; do
    [ ! -s "$log" ] || { echo "-- $log"; tail -n 15 "$log"; }
  done
}

# Everything in a folder of its own: keys, sockets, state and configuration.
daemons=()
stop_all() {
  local pid
  # Steps outlive their daemon.
  timeout 10 scancel --quiet -u root 2>/dev/null || true
  for _ in $(seq 100); do
    [ "$(timeout 10 squeue -h 2>/dev/null | wc -l)" != 0 ] || break
    read -rt 0.1 <> <(:) || true
  done
  for pid in "${daemons[@]}"; do kill "$pid" 2>/dev/null || true; done
  for _ in $(seq 100); do
    kill -0 "${daemons[@]}" 2>/dev/null || break
    read -rt 0.1 <> <(:) || true
  done
  for pid in "${daemons[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$directory"
}
trap stop_all EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'; }

mkdir -m 700 state spool1 spool2 munge
mkdir work
chmod 755 .
mungekey --create --keyfile=munge/key
munged --foreground --key-file="$directory/munge/key" --socket="$directory/munge/socket" --pid-file="$directory/munge/pid" \
  --seed-file="$directory/munge/seed" --log-file="$directory/munge.log" --num-threads=2 --force >munged.log 2>&1 &
daemons+=($!)
until_true "the socket of munged" 20 test -S munge/socket

export SLURM_CONF=$directory/slurm.conf
host=$(hostname -s)
cat >slurm.conf <<END
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A job that is queued again waits until its credential has ended.
AuthInfo=socket=$directory/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$directory/state
SlurmctldPidFile=$directory/slurmctld.pid
SlurmctldLogFile=$directory/slurmctld.log
SlurmdSpoolDir=$directory/spool-%n
SlurmdPidFile=$directory/slurmd-%n.pid
SlurmdLogFile=$directory/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
MessageTimeout=30
KillWait=2
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1
PartitionName=all Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
END
slurmctld -D -c >ctld.out.log 2>&1 &
daemons+=($!)
for node in node1 node2; do
  slurmd -D -N $node >$node.out.log 2>&1 &
  daemons+=($!)
done
both_idle() { [ "$(sinfo -h -t idle -o %D)" = 2 ]; }
until_true "two idle nodes" 60 both_idle

# One run, to compare with, and 4 parts. Part 2 is killed in the middle, while its file is not complete.
encode=(-c vp9 -g 20 -p slower)
cd work
ffmpeg -v error -f lavfi -i "testsrc2=size=640x360:rate=25:duration=8" -f lavfi -i "sine=frequency=440:duration=8" \
  -c:v libx264 -preset veryfast -g 25 -bf 2 -c:a aac "a film.mp4"
"$program" --quiet --parallel-groups 1 "${encode[@]}" "a film.mp4" -o single.mkv
WCENC_ENCODE=$program "$scripts/slurm.sh" -n 4 -m 2 "a film.mp4" "the result.mkv" -- "${encode[@]}" >submitted 2>err ||
  wrong "slurm.sh: status $?: $(cat err)"
[[ $(cat submitted) =~ ^index\ ([0-9]+),\ parts\ ([0-9]+),\ join\ ([0-9]+)$ ]] || wrong "slurm.sh printed $(cat submitted)"
array=${BASH_REMATCH[2]} join=${BASH_REMATCH[3]}
half_made() { [ -n "$(find "the result.mkv.parts" -name '2.part.*.part' -size +2k)" ]; }
until_true "part 2" 120 half_made
# As the system kills what takes too much memory. The name of the unfinished file has the process.
half=$(find "the result.mkv.parts" -name '2.part.*.part')
half=${half%.part}
kill -KILL "${half##*.}" || wrong "part 2 ended before it was killed"
killed_again() { grep -q "^part: status 137, restart 0" "the result.mkv.parts/2.log"; }
until_true "the end of part 2" 60 killed_again
until_true "the restart of part 2" 120 test -e "the result.mkv.parts/2.part"
until_true "the joined file" 240 test -e "the result.mkv"
cmp single.mkv "the result.mkv" || wrong "the joined file is not that of a single run"
done_is() { [[ $(scontrol -o show job "$1") == *"JobState=COMPLETED"*"Restarts=$2 "* ]]; }
until_true "the end of the join" 30 done_is "$join" 0
done_is "${array}_2" 1 || wrong "part 2 did not run twice: $(scontrol -o show job "${array}_2")"
for part in 1 3 4; do
  done_is "${array}_$part" 0 || wrong "part $part ran again: $(scontrol -o show job "${array}_$part")"
done

# What cannot become anything ends the join as well, and leaves no file; wrong usage is refused before a job is there.
WCENC_ENCODE=$program "$scripts/slurm.sh" -n 4 "a film.mp4" never.mkv -- -c vp9 --crf 99 >submitted 2>err || wrong "slurm.sh: $(cat err)"
[[ $(cat submitted) =~ join\ ([0-9]+)$ ]] || wrong "slurm.sh printed $(cat submitted)"
never=${BASH_REMATCH[1]}
cancelled() { [[ $(scontrol -o show job "$never") == *JobState=CANCELLED* ]]; }
until_true "the end of what cannot work" 60 cancelled
[ ! -e never.mkv ] || wrong "wrong options made a file"
for words in "-n x a b" "-n 2 no.mp4 b.mkv" "-n 2 submitted" "-n 2 -c 0 submitted b.mkv" "-n 2 -m x submitted b.mkv" "-z"; do
  # shellcheck disable=SC2086
  "$scripts/slurm.sh" $words >out 2>err && wrong "slurm.sh $words works"
  grep -q '^slurm.sh: ' err || wrong "slurm.sh $words: $(cat err)"
done
[ "$failures" = 0 ] || show_logs
finish
