#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What wcenc-encode makes of the name that it is given: a file appears when it is complete, one that was there before
# outlives a run that fails, and pipes, devices and standard output are written as they are.
#
# usage: check_encode_files.sh PROGRAM
# shellcheck source=tests/examples/encode_common.sh
. "$(dirname "$0")/encode_common.sh" "$@"

scene=(--quiet --test-scene -s 192x128)

# Ctrl-C in the middle: status 130, and what was accepted is there to be played. Until then the old file is.
echo "what was there before" >long.mp4
start -y -t 3600 -s 192x128 -c h264 --test-scene -o long.mp4
grep -q "was there before" long.mp4 || wrong "the old file is gone before the new one is complete"
kill -INT "$pid"
wait_for_it
[ "$status" = 130 ] || wrong "after Ctrl-C the status is $status: $(cat err)"
[ "$(frames_in long.mp4)" -gt 10 ] || wrong "after Ctrl-C $(frames_in long.mp4) frames can be played"
no_parts "Ctrl-C"

# Twice: it quits without its temporary file, or was just done.
echo "what was there before" >twice.mp4
start -y -t 3600 -s 640x480 -c av1 --test-scene -o twice.mp4
while kill -INT "$pid" 2>/dev/null; do :; done
wait_for_it
[ "$status" = 130 ] || wrong "after Ctrl-C twice the status is $status: $(cat err)"
grep -q "was there before" twice.mp4 || [ "$(frames_in twice.mp4)" -gt 1 ] || wrong "Ctrl-C twice left a broken file"
no_parts "Ctrl-C twice"

# A run that fails before its first frame, and one that fails in the middle, since the disk takes no more.
echo "what was there before" >old.mkv
cp old.mkv old.ivf
sum=$(cksum <old.mkv)
fails "no-such-option" -y "${scene[@]}" -o old.mkv --encoder-option no-such-option=1
for file in old.mkv old.ivf new.mkv; do
  (trap '' XFSZ && ulimit -f 64 && fails "File too large" -y "${scene[@]}" -t 60 -b 4M -c vp8 -o $file && finish) \
    >limited || wrong "$file: $(cat limited)"
done
[ "$sum" = "$(cksum <old.mkv)" ] && [ "$sum" = "$(cksum <old.ivf)" ] || wrong "a run that failed changed what was there"
[ ! -e new.mkv ] || wrong "a run that failed left a new file"
fails "is OUTPUT" "${scene[@]}" --source-y4m same.mkv -o same.mkv
[ ! -e same.mkv ] || wrong "a name for two files was taken"

# Who comes first keeps the name; what was encoded is not lost.
start -t 3600 -s 192x128 -c h264 --test-scene -o late.mkv
echo "another's" >late.mkv
kill -INT "$pid"
wait_for_it
part=$(find . -name 'late.mkv.*.part')
[ "$status" = 1 ] || wrong "a name that was taken meanwhile gives status $status"
grep -q "another's" late.mkv || wrong "a file that came meanwhile was replaced"
grep -qF "${part#./}" err || wrong "$part is not named: $(cat err)"
[ "$(frames_in "$part")" -gt 10 ] || wrong "$part cannot be played"
rm -f "$part"

# Links stay links, permissions stay, and a link to nowhere is refused.
mkdir far
echo "what was there before" >far/real.mp4
chmod 640 far/real.mp4
ln -s far/real.mp4 link.mp4
fails "exists" "${scene[@]}" -n 5 -o link.mp4
"$program" -y "${scene[@]}" -n 5 -o link.mp4
[ -L link.mp4 ] && [ "$(frames_in far/real.mp4)" = 5 ] || wrong "a link was not followed"
[ "$(stat -c %a far/real.mp4)" = 640 ] || wrong "permissions became $(stat -c %a far/real.mp4)"
(umask 027 && "$program" "${scene[@]}" -n 5 -o fresh.mp4)
[ "$(stat -c %a fresh.mp4)" = 640 ] || wrong "a new file has permissions $(stat -c %a fresh.mp4)"
ln -s no/such.mp4 nowhere.mp4
fails "leads nowhere" -y "${scene[@]}" -n 5 -o nowhere.mp4
fails "is a directory" -y "${scene[@]}" -f mp4 -n 5 -o far
fails "No such file" "${scene[@]}" -n 5 -o no/such.mp4
long=$(printf 'n%.0s' $(seq 251)).mp4
"$program" "${scene[@]}" -n 5 -o "$long"
[ "$(frames_in "$long")" = 5 ] || wrong "a name of 255 bytes was not written"
no_parts "names"

# What cannot seek: in fragments where the format needs that, and without -y, since nothing is replaced.
mkfifo pipe.mp4 pipe.ivf
for format in mp4 mov mkv webm ivf h264 h265 obu; do
  for way in "- -f $format" pipe.mp4; do
    [ "$way" != pipe.mp4 ] || [ $format = mp4 ] || continue
    # shellcheck disable=SC2086
    if [ "$way" = pipe.mp4 ]; then
      cat pipe.mp4 >got.$format &
      "$program" "${scene[@]}" -n 12 -r 25 -o $way 2>err || wrong "$way: status $?: $(cat err)"
      wait
    else
      "$program" "${scene[@]}" -n 12 -r 25 -o $way 2>err | cat >got.$format || wrong "$way: status $?: $(cat err)"
    fi
    [ "$(frames_in got.$format)" = 12 ] || wrong "$way: $(frames_in got.$format) frames: $(cat err)"
    ffprobe -v error -show_entries packet=pts_time -of csv=p=0 got.$format | tr -d , | awk -v f=$format '
      f == "h264" || f == "h265" || f == "obu" { next }
      NR > 1 && ($1 - last < 0.039 || $1 - last > 0.041) { print "step of " $1 - last; exit 1 }
      { last = $1 }' || wrong "$way: times are not a frame apart"
  done
done
"$program" "${scene[@]}" -n 12 -o /dev/stdout -f mp4 >redirected.mp4 2>err || wrong "redirected: $(cat err)"
[ "$(frames_in redirected.mp4)" = 12 ] || wrong "redirected to a file: $(frames_in redirected.mp4) frames"
"$program" "${scene[@]}" -n 12 -o /dev/null -f ivf 2>err || wrong "/dev/null: $(cat err)"
[ -c /dev/null ] || wrong "/dev/null is no device any more"
head -c 100 pipe.ivf >/dev/null &
fails "Broken pipe" "${scene[@]}" -c vp8 -o pipe.ivf
fails "needs standard output" --json "${scene[@]}" -o /dev/stdout -f ivf

# Several files into a folder: each is encoded, failures are listed at the end, and one name is not taken twice.
for name in one.mov two.mov; do ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 5 -c:v mpeg4 $name; done
echo "no video" >broken.mov
status=0
"$program" --out-dir small one.mov broken.mov two.mov >out 2>err || status=$?
[ "$status" = 1 ] || wrong "a batch with a broken file: status $status"
[ "$(frames_in small/one.mp4)" = 5 ] && [ "$(frames_in small/two.mp4)" = 5 ] || wrong "a batch: $(ls small)"
tail -n 2 err | head -n 1 | grep -q "^wcenc-encode: 1 of 3 files failed:$" || wrong "a batch: ends with $(tail -n 2 err)"
tail -n 1 err | grep -q "^  broken.mov: cannot read" || wrong "a batch: lists $(tail -n 1 err)"
"$program" --out-dir small --quiet -y -f webm -c vp8 -- *o.mov || wrong "a batch: status $?"
[ "$(ls small)" = "$(printf 'one.mp4\ntwo.mp4\ntwo.webm')" ] || wrong "a batch: made $(ls small)"
cp one.mov one.avi
fails "one.mov and one.avi would both become small/one.mp4" --out-dir small one.mov one.avi
fails "leave out -o" --out-dir small -o bad.mp4 one.mov
fails "cannot make one.mov/x: Not a directory" --out-dir one.mov/x two.mov

# --json: one object, whatever happens and whatever names hold; and for a batch one with all files.
json() { python3 -c "
import json, sys
data = open('out', 'rb').read()
assert data.count(b'\n') == 1, data
it = json.loads(data.decode('utf-8'))
assert $1, it"; }
odd=$(printf 'odd \377\303\244"\001.mov')
cp one.mov "$odd"
"$program" --json --quiet "$odd" -o odd.mkv >out || wrong "--json: status $?"
json "it['status'] == 'done' and it['input'] == 'odd \ufffd\u00e4\"\x01.mov' and it['frames_out'] == 5" || wrong "--json: $(cat out)"
"$program" --json one.mov -o odd.mkv >out 2>err && wrong "--json: an existing file was written"
json "it['status'] == 'failed' and it['error'] == 'odd.mkv exists: -y replaces it'" || wrong "--json: $(cat out)"
"$program" --json --nonsense >out 2>err && wrong "--json --nonsense works"
json "it['status'] == 'failed' and 'nonsense' in it['error']" || wrong "--json: $(cat out)"
"$program" --json --out-dir small -y one.mov broken.mov >out 2>err && wrong "--json: a batch that failed has status 0"
json "it['failed'] == 1 and [f['status'] for f in it['files']] == ['done', 'failed']" || wrong "--json: $(cat out)"

# On a terminal, one line that says how far things are; Ctrl-C says that the file is finished.
python3 - "$program" <<'END' || wrong "progress is not as it should be"
import os, pty, re, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "-y", "--test-scene", "-t", "3600", "-s", "192x128", "-o", "progress.mkv"])
shown = b""
interrupted = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    shown += part
    if b"left" in shown and not interrupted:
        interrupted = True
        os.kill(pid, signal.SIGINT)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
shown = shown.decode()
assert status == 130, status
assert re.search(r"\r.*[0-9]+%  [0-9]+/108000 frames  [0-9.]+ fps  [0-9.]+x  [0-9]+ kb/s  [0-9:]+ left", shown), shown
assert "finishing the file; a second Ctrl-C quits at once" in shown, shown
assert shown.count("\n") == 3, shown
END
[ "$(frames_in progress.mkv)" -gt 1 ] || wrong "after Ctrl-C on a terminal the file cannot be played"

# IVF: the length field counts frames, and FFmpeg, which takes it for time units, derives the right duration.
for codec in vp8 vp9 av1; do
  "$program" -y "${scene[@]}" -c $codec -r 30000/1001 -n 30 -o a.ivf
  [ "$(value_of a.ivf stream=duration)" = 1.001000 ] || wrong "$codec: IVF lasts $(value_of a.ivf stream=duration)"
  [ "$(value_of a.ivf stream=time_base)" = 1001/30000 ] || wrong "$codec: a unit is $(value_of a.ivf stream=time_base)"
  [ "$(od -An -tu4 -j24 -N4 a.ivf | tr -d ' ')" = 30 ] || wrong "$codec: the field does not count frames"
  ffprobe -v error -show_entries packet=pts -of csv=p=0 a.ivf | tr -d , | diff - <(seq 0 29) ||
    wrong "$codec: timestamps do not count frames"
done
# One whose rate changes keeps its times, and the count of frames.
ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=25 -frames:v 20 -vf 'setpts=PTS*(1+gte(N\,10))' -fps_mode passthrough \
  -c:v ffv1 varying.mkv
"$program" -y --quiet -c vp8 varying.mkv -o a.ivf
[ "$(value_of a.ivf stream=time_base)" = 1/1000000 ] || wrong "varying: a unit is $(value_of a.ivf stream=time_base)"
[ "$(od -An -tu4 -j24 -N4 a.ivf | tr -d ' ')" = 20 ] || wrong "varying: the field does not count frames"
diff <(ffprobe -v error -show_entries packet=pts_time -of csv=p=0 a.ivf) \
  <(ffprobe -v error -show_entries packet=pts_time -of csv=p=0 varying.mkv) || wrong "varying: times differ"

finish
