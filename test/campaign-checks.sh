# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of campaigns share: a program that takes no time, and a comparison of two results. Source it in an empty
# folder.

# make_toy PATH: a script that answers as ns-3's CommandLine does. Its result depends on its options; each start is a line
# in $TOY_LOG.
make_toy() {
    export TOY_LOG=$PWD/toy.log
    : >"$TOY_LOG"
    cat >"$1" <<SH
#!/bin/sh
value=0 pause=0.01 fat=0
for a; do
    case \$a in
        --PrintHelp) printf 'toy [Program Options] [General Arguments]\n\nProgram Options:\n    --value: a value [0]\n    --pause: seconds [0.01]\n    --fat: bytes [0]\n\nGeneral Arguments:\n    --PrintHelp: this\n'; exit ;;
        --Print*) exit 1 ;;
        --value=*) value=\${a#*=} ;;
        --pause=*) pause=\${a#*=} ;;
        --fat=*) fat=\${a#*=} ;;
        --RngRun=*) run=\${a#*=} ;;
    esac
done
echo "value=\$value \$run" >>$TOY_LOG
if [ \$value = 13 ] && [ ! -e $PWD/lucky ]; then echo unlucky; exit 3; fi
if [ \$value = 14 ] && [ ! -e $PWD/second-\$run ]; then touch $PWD/second-\$run; exit 4; fi
echo "\$value \$run" >half.txt
sleep \$pause
if [ \$fat != 0 ]; then head -c \$fat /dev/zero >fat.txt || exit 5; fi
echo "\$value \$run" >>half.txt
mv half.txt result.txt
SH
    chmod +x "$1"
}

# toy_grid GRID TOY RUNS OPTIONS: a grid of it.
toy_grid() {
    local pause=', "pause": 0.01'
    [[ $4 != *pause* ]] || pause=
    printf '{"program": "%s", "options": {%s%s}, "runs": %s}\n' "$PWD/$2" "$4" "$pause" "$3" >"$1"
}

cat >same.py <<'PY'
# same.py A B: two campaigns of one grid have equal results, runs and rows, but for what the wall clock says.
import os, sqlite3, sys

WALL_CLOCK = ("costs.tsv", "CostTrace.tsv", "run.json", "log.txt")
OWN = ("campaign.json", "campaign.lock", "runs.lock", "parallel.log", "report.html")

def contents(folder):
    found = {}
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "plots"]
        for name in names:
            path = os.path.join(root, name)
            relative = os.path.relpath(path, folder)
            if name in OWN:
                continue
            if name in WALL_CLOCK:
                found[relative] = "wall clock"
            elif name.endswith(".sqlite"):
                with sqlite3.connect(path) as base:
                    # Traces are views, of tables named ...Rows.
                    names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '%Rows' ORDER BY name"
                    for (table,) in base.execute(names).fetchall():
                        columns = [column[1] for column in base.execute(f'PRAGMA table_info("{table}")')]
                        order = "RunId, Row" if "Row" in columns else "rowid"
                        rows = base.execute(f'SELECT * FROM "{table}" ORDER BY {order}').fetchall()
                        found["table " + table] = len(rows) if table == "CostTrace" else rows
            else:
                with open(path, "rb") as file:
                    found[relative] = file.read()
    return found

a, b = (contents(folder) for folder in sys.argv[1:])
different = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
if different or not a["table campaign"]:
    sys.exit(f"different: {different}")
PY
