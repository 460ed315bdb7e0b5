#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests tools/replay.py on a small run: that the page is whole, loads nothing, and holds what the traces say; in a
# browser, where there is one, that it draws.
#
# usage: test/replay-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
example=$1/cellfree-isac-example
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
replay=$here/../tools/replay.py
source "$here/program-checks.sh"

# refuses NAME PATTERN ARGS...: replay.py fails in one line, and leaves no page.
refuses() {
    local name=$1 pattern=$2
    shift 2
    refuses_in_a_line "$name" "$pattern" refused.html "$replay" "$@" --out refused.html
}

# spoil FILE SED-SCRIPT: a copy of the run in bad/ with one file changed.
spoil() {
    rm -rf bad
    cp -r tracked bad
    sed -i "$2" "bad/$1"
}

"$example" --policy=joint --simTime=600ms --side=300 --nAps=4 --nUes=3 --nTargets=2 --nAntennas=4 --clusterSize=2 \
    --ns3::CellFreeMapWriter::BeamInterval=100ms --database= --outputDir=plain >example.log 2>&1 ||
    { tail example.log; exit 1; }
cp -r plain tracked
python3 "$here/synthetic-tracks.py" tracked

cat >inspect.py <<'PY'
# inspect.py PAGE RUN: the page is HTML that loads nothing, and its data that of the run's traces.
import base64, csv, html.parser, json, os, re, sys

VOID = {"meta", "input", "br", "link", "img", "hr"}

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.data, self.ids, self.references = [], "", [], []
    def handle_starttag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]
        self.references += [value for name, value in attributes if name in ("src", "href", "srcset", "action", "data")]
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))
    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open[-1:], self.getpos())
        self.open.pop()
    def handle_data(self, data):
        if self.open and self.open[-1][1].get("type") == "application/json":
            self.data += data

path, run = sys.argv[1:]
source = open(path, encoding="utf-8").read()
page = Page()
page.feed(source)
page.close()
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)), "an id is there twice"
assert not page.references, page.references
code = source.replace(page.data, "")
assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch\(|XMLHttp|import\(", code), "it loads something"
assert "default-src 'none'" in source and "prefers-color-scheme" in source and "prefers-reduced-motion" in source
for name in re.findall(r'byId\("([^"]+)"\)', code):
    assert name in page.ids, name
data = json.loads(page.data, parse_constant=lambda name: sys.exit(f"{name} in the data"))

def rows(name):
    path = os.path.join(run, f"{name}.tsv")
    return list(csv.DictReader(open(path), delimiter="\t")) if os.path.exists(path) else []

positions = rows("PositionTrace")
for kind, key in (("AP", "aps"), ("UE", "ues"), ("target", "targets")):
    assert {node["id"] for node in data[key]} == {row["nodeId"] for row in positions if row["kind"] == kind}, kind
row = [row for row in positions if row["kind"] == "target"][-1]
node = next(node for node in data["targets"] if node["id"] == row["nodeId"])
assert abs(node["x"][-1] - float(row["x_m"])) <= 0.051 and abs(node["t"][-1] - float(row["time_s"])) < 1e-3
frames = data["n"] + 1
assert data["step"] * data["n"] >= data["end"] - 1e-6 > data["step"] * (data["n"] - 1) and frames <= 700

# A rate is the mean over a window: windows side by side hold every decoded byte.
sizes = {}
for row in rows("UeTrace"):
    if row["direction"] == "DL" and row["decoded"] == "1":
        sizes[row["ueId"]] = sizes.get(row["ueId"], 0) + int(row["blockSize_B"])
width = max(1, round(data["window"] / data["step"]))
assert sizes and set(data["rates"]) == set(sizes)
for ue, size in sizes.items():
    rates = data["rates"][ue]
    assert len(rates) == frames
    total = sum(rates[i] * max(1, min(i, width)) * data["step"] for i in range(data["n"], -1, -width))
    assert abs(total - 8e-6 * size) <= 0.06 * data["step"] * frames, (ue, total, 8e-6 * size)

dwells = rows("SensingTrace")
for target, series in data["sensed"].items():
    of = [float(row["pd"]) for row in dwells if row["targetId"] == target]
    found = [pd for pd in series["pd"] if pd is not None]
    assert found and min(of) - 1e-3 <= min(found) and max(found) <= max(of) + 1e-3
    assert all(len(values) == frames for values in series.values())
beams = rows("BeamTrace")
assert len(data["beams"]["t"]) == len({row["time_s"] for row in beams}) > 1
assert max(max(base64.b64decode(text), default=0) for aps in data["beams"]["aps"] for ap in aps for text in ap[1:]) == 255
assert len(data["links"]) == len(rows("ClusterTrace")) > 0
tracks = rows("TrackTrace")
assert len(data["detections"]["t"]) == len(rows("DetectionTrace"))
assert {track["id"] for track in data["tracks"]} <= {row["trackId"] for row in tracks} - {"-1"}
if tracks:
    assert len(data["gospa"]) == frames
    track = max(data["tracks"], key=lambda track: len(track["f"]))
    of = {float(row["time_s"]): row for row in tracks if row["trackId"] == track["id"]}
    for i, frame in enumerate(track["f"]):
        row = of[max(time for time in of if time <= frame * data["step"] + 1e-6)]
        assert abs(track["x"][i] - float(row["x_m"])) <= 0.051
        # The 95 % ellipse: its axes' product is the quantile times the root of the determinant.
        xx, xy, yy = (float(row[name]) for name in ("covXx_m2", "covXy_m2", "covYy_m2"))
        a, b = track["a"][i], track["b"][i]
        assert a >= b and abs(a * b - 5.99146 * (xx * yy - xy**2) ** 0.5) < 0.0501 * (a + b) + 0.003
else:
    assert data["gospa"] is None and not data["tracks"]
assert len(source) < 400_000
PY

for run in plain tracked; do
    check "$run run: makes a page" bash -c '[[ $("$0" $1) == $1/replay.html && -s $1/replay.html ]]' "$replay" $run
    check "$run run: the page is whole, loads nothing and holds the traces" python3 inspect.py $run/replay.html $run
done
check "the same run gives the same bytes, wherever the page is" bash -c '
    "$0" tracked --out page.html >/dev/null && cmp page.html tracked/replay.html && ! compgen -G "*.part"' "$replay"
check "only Python's own library is needed" bash -c '
    python3 -I -S "$0" tracked --out page.html >/dev/null && cmp page.html tracked/replay.html' "$replay"

cp -r tracked sparse
rm sparse/{DetectionTrace,ClusterTrace,BeamTrace,SensingTrace,TrackTrace,ReportTrace}.tsv sparse/configuration.json
check "positions and blocks alone make a page" bash -c '"$0" sparse >/dev/null && grep -q "policy unknown" sparse/replay.html' "$replay"
cp -r tracked tagged
(cd tagged && rm replay.html && for name in *.tsv *.json; do mv "$name" "${name%.*}-a.${name##*.}"; done)
check "a tag in the names of the traces" bash -c '"$0" tagged >/dev/null && cmp tagged/replay.html tracked/replay.html' "$replay"
cp -r tracked escaped
sed -i 's|"policy": "joint"|"policy": "</script><i>\&amp;$title"|; s|"command": "|&</script><b>|' escaped/configuration.json
check "no text of the data leaves its place" bash -c '
    "$0" escaped >/dev/null && (($(grep -o "</script>" escaped/replay.html | wc -l) == 2)) &&
    ! grep -q "<i>\|<b>" escaped/replay.html && grep -qF "&amp;amp;\$title" escaped/replay.html &&
    python3 inspect.py escaped/replay.html escaped' "$replay"
# Buildings, where a scenario says that it has some.
cp -r tracked built
sed -i 's/"scenario": {/& "buildings": "10|30.5|20|60|0|20 -5|0|1|2|0|9",/' built/configuration.json
check "buildings" bash -c '
    "$0" built >/dev/null && grep -q "\"buildings\":\[\[10,30.5,20,60\],\[-5,0,1,2\]\]" built/replay.html' "$replay"

refuses "no such folder" "nowhere: expected the output directory" nowhere
mkdir comparison
touch comparison/compare.json
refuses "a comparison" "comparison: is a comparison: expected one of its runs" comparison
mkdir empty
refuses "a folder without traces" "empty: 0 files PositionTrace" empty
spoil UeTrace.tsv '1s/ueId/user/'
refuses "a column too few" "bad/UeTrace.tsv: no column ueId" bad
spoil SensingTrace.tsv '3s/^[^\t]*\t[^\t]*/0\tlate/'
refuses "a word in place of a number" "bad/SensingTrace.tsv: line 3: time_s = late: expected a finite number" bad
spoil SensingTrace.tsv '3s/^[^\t]*\t[^\t]*/0\tnan/'
refuses "not a number" "bad/SensingTrace.tsv: line 3: time_s = nan: expected a finite number" bad
spoil TrackTrace.tsv 's/\ttentative\t/\thoped\t/'
refuses "a status that is none" "TrackTrace: status = hoped: expected tentative" bad
spoil BeamTrace.tsv '5s/\t[^\t]*$//'
refuses "a field too few" "bad/BeamTrace.tsv: line 5: 5 fields: expected 6" bad
spoil DetectionTrace.tsv ''
truncate -s -1 bad/DetectionTrace.tsv
refuses "a file that is cut off" "bad/DetectionTrace.tsv: no line feed at its end" bad
spoil configuration.json '1s/.*/[/'
refuses "a configuration that is not JSON" "bad/configuration.json: not JSON" bad
spoil configuration.json 's/"scenario": {/& "buildings": "10|30",/'
refuses "half a building" "buildings: 10|30: expected xMin|xMax" bad
spoil PositionTrace.tsv '/\tAP\t/d'
refuses "no AP" "PositionTrace has no AP" bad

# What a browser makes of it: the script fills the legend and the panels, and would say what is wrong on the console.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
# dump PAGE: the page as it is after its script ran.
dump() {
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/browser" \
        --force-prefers-reduced-motion --enable-logging=stderr --window-size=1280,800 --virtual-time-budget=2000 \
        --dump-dom "file://$PWD/$1" 2>console.log
}
if [[ -z $browser ]]; then
    echo "skip: the page in a browser (no chromium here)"
elif ! dump "tracked/replay.html#t=0.4" >dom.html || [[ ! -s dom.html ]]; then
    echo "skip: the page in a browser ($browser does not start here)"
else
    check "in a browser: the script ends, and says nothing on the console" bash -c '
        grep -q "95 % ellipse" dom.html && ! grep -q "CONSOLE" console.log'
    check "in a browser: panels of the time asked for" bash -c '
        grep -qE "Tracks: [0-9]+ confirmed, [0-9]+ lost, [0-9]+ tentative" dom.html &&
        grep -qE "<output[^>]*>0\.40 s</output>" dom.html && (($(grep -o "<canvas" dom.html | wc -l) > 10))'
    dump plain/replay.html >dom.html
    check "in a browser: a run without tracks" bash -c '
        grep -q ">No tracker in this run<" dom.html && ! grep -q "CONSOLE" console.log && ! grep -q ">GOSPA (m)<" dom.html'
    dump sparse/replay.html >dom.html
    check "in a browser: positions and blocks alone" bash -c '
        grep -q "nearest AP</label>" dom.html && ! grep -q "CONSOLE" console.log'
fi
