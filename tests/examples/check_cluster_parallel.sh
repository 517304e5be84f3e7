#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A video is cut, encoded and joined by examples/cluster/parallel.sh: here, and on this machine through ssh where an sshd
# can be started. A part that is killed is encoded again, and the file is that of a single run.
#
# usage: check_cluster_parallel.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"
script=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../examples/cluster/parallel.sh")
command -v parallel >/dev/null || {
  echo "skipped: parallel is not installed"
  exit 77
}
export WCENC_ENCODE=$program

# A name with everything that a shell could take for something else.
film="a 'film' \$HOME & \"more\".mp4"
encode=(-c vp9 -g 20 -p faster --encoder-option "row-mt=0:aq-mode=0")
ffmpeg -v error -f lavfi -i "testsrc2=size=320x180:rate=25:duration=8" -f lavfi -i "sine=frequency=440:duration=8" \
  -c:v libx264 -preset veryfast -g 25 -bf 2 -c:a aac "$film"
"$program" --quiet --parallel-groups 1 "${encode[@]}" "$film" -o single.mkv

"$script" -n 4 -H 2/: "$film" "the result.mkv" -- "${encode[@]}" >out 2>err || wrong "parallel.sh: status $?: $(cat err)"
cmp single.mkv "the result.mkv" || wrong "the joined file is not that of a single run"
[ "$(tail -n +2 "the result.mkv.parts/log" | wc -l)" = 4 ] || wrong "not 4 parts: $(cat "the result.mkv.parts/log")"

# A program that is killed the first time that it encodes part 3, as on a machine that has no memory left.
cat >killed.sh <<END
#!/bin/bash
case " \$* " in
  *" --groups 3/4 "*) mkdir "$directory/once" 2>/dev/null && kill -KILL \$\$ ;;
esac
exec "$program" "\$@"
END
chmod +x killed.sh
WCENC_ENCODE=$directory/killed.sh "$script" -n 4 -H 1/: "$film" again.mkv -- "${encode[@]}" >out 2>err ||
  wrong "parallel.sh with a part that is killed: status $?: $(cat err)"
[ -d once ] || wrong "part 3 was not killed"
cmp single.mkv again.mkv || wrong "after a part was killed the joined file is not that of a single run"

# What cannot be encoded fails, and leaves no file; wrong usage is refused.
"$script" -n 4 "$film" never.mkv -- -c vp9 --crf 99 >out 2>err && wrong "wrong options work"
[ ! -e never.mkv ] || wrong "wrong options made a file"
for words in "-n x a b" "-n 2 no.mp4 b.mkv" "-n 2 killed.sh" "-n 2 killed.sh single.mkv" "-n 2 killed.sh none" "-z"; do
  # shellcheck disable=SC2086
  "$script" $words >out 2>err && wrong "parallel.sh $words works"
  grep -q '^parallel.sh: ' err || wrong "parallel.sh $words: $(cat err)"
done

# The same through ssh, with keys and a server of its own.
sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || {
  echo "without ssh, whose server is not installed"
  finish
  exit
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
for key in host user; do ssh-keygen -q -t ed25519 -N '' -f "$directory/$key"; done
cat >sshd_config <<END
Port $port
ListenAddress 127.0.0.1
HostKey $directory/host
PidFile $directory/sshd.pid
AuthorizedKeysFile $directory/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 50
END
cat >ssh_config <<END
Host node1 node2
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile $directory/user
  IdentitiesOnly yes
  UserKnownHostsFile $directory/known
  StrictHostKeyChecking accept-new
END
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
"$sshd" -D -e -f "$directory/sshd_config" 2>sshd.log &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$directory"' EXIT
reached=false
for _ in $(seq 100); do
  if ssh -F "$directory/ssh_config" node1 true 2>ssh.log; then
    reached=true
    break
  fi
  kill -0 $server 2>/dev/null || break
  read -rt 0.1 <> <(:) || true
done
$reached || wrong "no ssh: $(cat ssh.log sshd.log)"
WCENC_SSH="ssh -F $directory/ssh_config" "$script" -n 4 -H 1/node1,1/node2 "$film" far.mkv -- "${encode[@]}" >out 2>err ||
  wrong "parallel.sh through ssh: status $?: $(cat err)"
cmp single.mkv far.mkv || wrong "through ssh the joined file is not that of a single run"
[ "$(tail -n +2 far.mkv.parts/log | cut -f 2 | sort -u | wc -l)" = 2 ] || wrong "not both hosts encoded: $(cat far.mkv.parts/log)"
finish
