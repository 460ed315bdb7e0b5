#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests tools/plot.py on a small comparison: every plot, what the report holds, and how bad input is refused.
#
# usage: test/plot-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
compare=$1/cellfree-isac-compare
plot=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/plot.py
synthetic=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/synthetic-tracks.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN ARGS...: plot.py fails in one line, and leaves no report.
refuses() {
    local name=$1 pattern=$2
    shift 2
    refuses_in_a_line "$name" "$pattern" bad/report.html "$plot" "$@"
}

# spoil FILE SED-SCRIPT: a copy of the comparison in bad/, without a report, with one file changed.
spoil() {
    rm -rf bad
    cp -r out bad
    rm -f bad/report.html
    sed -i "$2" "bad/$1"
}

comparison=(--policies=joint,rzf,cb-sensing --sensingWeights=0,2 --drops=2 --plots=false
    "--programArgs=--simTime=300ms --nAps=3 --nUes=2 --nAntennas=4")
"$compare" "${comparison[@]}" --outputDir=out >compare.log 2>&1 || { tail compare.log; exit 1; }

cat >inspect.py <<'PY'
# inspect.py REPORT WORD...: nothing is loaded from elsewhere, the words can be read, and no tag is one of the data's.
import html.parser, sys

class Page(html.parser.HTMLParser):
    text, links, tags = "", [], set()
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action")]
    def handle_data(self, data):
        self.text += data

source = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(source)
assert page.links and all(link.startswith(("data:image/png;base64,", "#")) for link in page.links), page.links
assert "url(" not in source and "@import" not in source and not page.tags & {"script", "link", "iframe", "i"}, page.tags
missing = [word for word in sys.argv[2:] if word not in page.text]
assert not missing, missing
assert "nan" not in page.text and "inf" not in page.text.replace("information", ""), "not a number in the report"
PY

plots=(frontier differences throughput-cdf delay-cdf decision-time time-series map)
cases=(joint-b0 joint-b2 rzf cb-sensing)
"$plot" out >plot.log 2>&1 || sed 's/^/    /' plot.log
for name in "${plots[@]}"; do
    check "$name.png and .pdf" bash -c '
        [[ $(head -c 4 "$0.png" | tail -c 3) == PNG ]] &&
        [[ $(head -c 5 "$0.pdf") == %PDF- ]] && (($(stat -c %s "$0.png") > 5000))' "out/plots/$name"
done
check "the report holds every case and metric, and nothing from elsewhere" python3 inspect.py out/report.html \
    "${cases[@]}" $(cut -f 2 out/comparison.tsv | tail -n +2 | sort -u) "cellfree-isac-compare" "--nAps=3"
check "the report says what the scenario is" python3 inspect.py out/report.html "APs3" "UEs2" "targets1" \
    "UDP 10 Mb/s down to half of the UEs"
check "the caption of the frontier speaks of weights where there are several" grep -q "number beside a point" out/report.html
check "the report holds every plot" bash -c '(($(grep -c "data:image/png;base64," out/report.html) == $0))' "${#plots[@]}"
check "plots of tracks are skipped where there are none" bash -c '
    for name in tracks closed-loop gospa track-error-cdf age-cdf; do
        grep -q "^$name: skipped: no " plot.log && [[ ! -e out/plots/$name.png ]] || exit 1
    done'
check "no partial file is left" bash -c '[[ -z $(find out -name "*.part") ]]'
check "the same data gives the same bytes" bash -c '
    cp -r out again && "$0" again >/dev/null && cmp out/report.html again/report.html && cmp out/plots/map.pdf again/plots/map.pdf' "$plot"
check "--only draws one plot in the formats asked for" bash -c '
    rm -r again/plots again/report.html && "$0" again --only map --formats svg --drop 2 --map-cases rzf,joint-b2 >/dev/null &&
    [[ $(ls again/plots) == map.svg && ! -e again/report.html ]] && grep -q "<svg" again/plots/map.svg' "$plot"

cp -r again single
sed -i '/^joint-b2\t/d' single/*.tsv
check "and not where there is one" bash -c '
    "$0" single --formats png >/dev/null && ! grep -q "number beside" single/report.html' "$plot"
cp -r out one
for file in drops users costs; do # the column "run" is the fourth, in costs the second
    awk -F '\t' -v run=$([[ $file == costs ]] && echo 2 || echo 4) '$run != 2' out/$file.tsv >one/$file.tsv
done
check "one drop is called one drop" bash -c '
    "$0" one --formats png >/dev/null && grep -q "4 cases (.*) in one drop: there are no intervals" one/report.html' "$plot"

mv again escaped
for file in comparison drops users costs; do
    sed -i 's/^rzf\t/rzf<i>\&"\t/' "escaped/$file.tsv"
done
mv escaped/runs/rzf 'escaped/runs/rzf<i>&"'
check "names from the data are escaped" bash -c '
    "$0" escaped --formats png >/dev/null && python3 inspect.py escaped/report.html "rzf<i>&\""' "$plot"

# The same with traces of tracking, from which a second call computes their metrics too.
cp -r out tracked
rm -r tracked/plots tracked/report.html
seed=0
for run in tracked/runs/*/*; do
    python3 "$synthetic" "$run" $((++seed))
done
"$compare" "${comparison[@]}" --outputDir=tracked >compare.log 2>&1 || tail compare.log
check "a comparison has the metrics of tracks and reports where its runs do" bash -c '
    for metric in trackError gospa firstTrack meanAge; do
        (($(cut -f 2 tracked/comparison.tsv | grep -c "^$metric\$") == 4)) && ! grep -q "$metric" out/comparison.tsv &&
            grep -q "$metric" compare.log || exit 1
    done'
check "and they are those of the traces" python3 - <<'PY'
import csv
drops = list(csv.DictReader(open("tracked/drops.tsv"), delimiter="\t"))
assert len(drops) == 8
for drop in drops:
    rows = list(csv.DictReader(open(f"tracked/runs/{drop['case']}/drop-{drop['run']}/TrackTrace.tsv"), delimiter="\t"))
    gospa = {row["time_s"]: float(row["gospa_m"]) for row in rows}
    assert abs(sum(gospa.values()) / len(gospa) - float(drop["gospa_m"])) < 1e-6
    errors = [float(row["error_m"]) for row in rows if row["status"] != "tentative" and row["targetId"] != "-1"]
    assert abs(sum(errors) / len(errors) - float(drop["trackError_m"])) < 1e-6
    assert 0 < float(drop["firstTrack_s"]) < 0.3 and 3 < float(drop["meanAge_ms"]) < 60
PY
tracking=(tracks closed-loop gospa track-error-cdf age-cdf)
"$plot" tracked >plot.log 2>&1 || sed 's/^/    /' plot.log
for name in "${tracking[@]}"; do
    check "$name.png and .pdf" bash -c '
        [[ $(head -c 4 "$0.png" | tail -c 3) == PNG ]] && [[ $(head -c 5 "$0.pdf") == %PDF- ]] &&
        (($(stat -c %s "$0.png") > 5000))' "tracked/plots/$name"
done
check "the report holds them, and says what the metrics mean" bash -c '
    (($(grep -c "data:image/png;base64," tracked/report.html) == $0)) && python3 inspect.py tracked/report.html \
        "GOSPA" "error of a track (m)" "time to the first track (s)" "age of information (ms)"' $((${#plots[@]} + ${#tracking[@]}))
check "one run has its plots, and no report" bash -c '
    cp -r tracked/runs/joint-b2/drop-2 run && "$0" run --formats png >log && [[ ! -e run/report.html ]] &&
    [[ $(echo $(ls run/plots)) == "age-cdf.png closed-loop.png delay-cdf.png gospa.png map.png time-series.png track-error-cdf.png tracks.png" ]] &&
    grep -q "^frontier: skipped: " log && grep -q "^throughput-cdf: skipped: one run, not a comparison" log' "$plot"
check "and so has one with a tag" bash -c '
    cd run && rm -r plots && for name in *.tsv *.json; do mv "$name" "${name%.*}-a.${name##*.}"; done &&
    "$0" . --only tracks --formats png >/dev/null && [[ -s plots/tracks.png ]]' "$plot"
check "dwells without a track, runs without a detection or a report" bash -c '
    cp -r tracked/runs/joint-b2/drop-1 few && cd few && rm ReportTrace.tsv && sed -i "2,\$d" DetectionTrace.tsv &&
    head -n 1 TrackTrace.tsv >head && awk -F "\t" -v OFS="\t" "NR > 1 {for (i = 5; i <= 18; ++i) \$i = \"\"; \$3 = \$17 = -1; \$4 = \"none\"; print}" \
        TrackTrace.tsv >rows && cat head rows >TrackTrace.tsv && "$0" . --formats png >log && [[ -s plots/tracks.png && -s plots/gospa.png ]] &&
    grep -q "^track-error-cdf: skipped: no track of a target" log && grep -q "^age-cdf: skipped: no report" log' "$plot"

sed -i '2,$d' out/runs/*/*/SensingTrace.tsv out/runs/*/*/BeamTrace.tsv
sed -i '/^[^\t]*\t\(sensingSnr\|combinedSnr\|pd\)\t/d' out/comparison.tsv
check "a comparison without targets has the other plots" bash -c '
    "$0" out --formats png >log && grep -q "frontier: skipped: no sensing SNR" log && grep -q "map.png" log && [[ -s out/report.html ]]' "$plot"

refuses "no such folder" "nowhere: expected the output directory" nowhere
mkdir empty
refuses "a folder without traces" "empty/compare.json: cannot be read" empty
refuses "unknown plot" "--only: pie: expected one of frontier" out --only pie
refuses "unknown format" "--formats: gif: expected png" out --formats gif
refuses "unknown drop" "--drop: 9: expected one of 1, 2" out --drop 9
refuses "unknown case" "--map-cases: magic: expected of joint-b0" out --map-cases magic
spoil comparison.tsv '3s/\t[^\t]*$/\tmany/'
refuses "a word in place of a number" "bad/comparison.tsv: line 3: differenceHigh95 = many: expected a number" bad
spoil comparison.tsv '4s/\t[^\t]*$//'
refuses "a field too few" "bad/comparison.tsv: line 4: 9 fields: expected 10" bad
spoil drops.tsv '1s/policy/rule/'
refuses "a column too few" "bad/drops.tsv: no column policy" bad
spoil compare.json '1s/.*/[/'
refuses "a configuration that is not JSON" "bad/compare.json: not JSON" bad
spoil users.tsv ''
truncate -s -1 bad/users.tsv
refuses "a file that is cut off" "bad/users.tsv: no line feed at its end" bad
spoil users.tsv '1,$d'
refuses "an empty file" "bad/users.tsv: empty: expected a header row" bad
spoil users.tsv ''
rm bad/runs/rzf/drop-2/DelayTrace.tsv
refuses "a trace that is missing" "rzf/drop-2/DelayTrace.tsv: cannot be read: No such file" bad

# The first Python lines of the README, on a run of the comparison.
ln -s out/runs/rzf/drop-1 cellfree-isac-output
awk '/^```python$/ {inside = 1; next} /^```$/ {if (inside) exit} inside' "$(dirname "$plot")/../README.md" >readme.py
check "the README's ten lines read a trace" bash -c '
    (($(grep -c . readme.py) <= 12)) && python3 readme.py >said && (($(grep -c "^UE [0-9]*: .* Mb/s over the air$" said) == 2))'
check "and compute what they say" python3 - <<'PY'
import re
rows = [line.rstrip("\n").split("\t") for line in open("cellfree-isac-output/UeTrace.tsv")]
columns = {name: i for i, name in enumerate(rows.pop(0))}
last = float(rows[-1][columns["time_s"]])
for line in open("said"):
    ue, rate = re.fullmatch(r"UE (\d+): (.*) Mb/s over the air\n", line).groups()
    bits = sum(8 * int(row[columns["blockSize_B"]]) for row in rows
               if row[columns["ueId"]] == ue and row[columns["direction"]] == "DL" and row[columns["decoded"]] == "1")
    assert bits > 0 and abs(float(rate) - bits / last / 1e6) < 0.051, (line, bits, last)
PY
