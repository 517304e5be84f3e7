#!/bin/bash
# The benchmark for a moment: the numbers of frames and bytes agree, and what it writes can be read and drawn. No time
# is judged.
set -euo pipefail

bench=$1 machinery=$2 convert=$3 frontier=$4 folder=$5
# The browser starts slowly; it takes part in the long form of the tests.
who=${6:-wcenc,plain,named}

missing() { # what
  echo "skipped: $1 is missing"
  exit 77
}
command -v ffmpeg >/dev/null || missing ffmpeg
command -v python3 >/dev/null || missing python3
[[ $who != *chromium* ]] || command -v chromium >/dev/null || missing chromium

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$bench" --smoke --json "$out/bench.json"
"$machinery" --smoke --json "$out/machinery.json"
"$convert" --rounds 1 --repeats 1 --size 66x34 --json "$out/convert.json" >/dev/null
python3 "$folder/frontier/frontier.py" --form smoke --who "$who" --program "$frontier" --content "$out/content" \
  --json "$out/frontier.json"
python3 "$folder/frontier/check.py" "$frontier" "$out/content" "$out/frontier.json"
python3 "$folder/plot.py" "$folder/performance.md.in" "$out" "$out"/{bench,machinery,convert,frontier}.json

python3 - "$out" <<'END'
import json, pathlib, re, sys
import xml.dom.minidom

out = pathlib.Path(sys.argv[1])
rows = json.loads((out / "bench.json").read_text())["rows"] + json.loads((out / "machinery.json").read_text())["rows"]
for row in rows:
    assert row["min"] <= row["median"] <= row["max"] and row["samples"] == 2, row
measures = {row["measure"] for row in rows}
page = (out / "performance.md").read_text()
assert "Not measured" not in page, page
assert not re.search(r"^@", page, re.M), page
plots = re.findall(r"\]\((performance/.*?\.svg)\)", page)
assert plots
for plot in plots:
    xml.dom.minidom.parse(str(out / plot))
print(len(rows), "rows of", ", ".join(sorted(measures)), "and", len(plots), "plots")
wanted = "memory groups throughput caller copy latency flush quality machinery"
assert measures == set(wanted.split()), measures
END
