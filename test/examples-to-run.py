#! /usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only

# (command line, condition to run it, condition to run it under valgrind), as ns-3's test.py reads it.
cpp_examples = [
    ("cellfree-isac-channel --draws=50 --subbands=4", "True", "False"),
    ("cellfree-isac-channel --fading=rayleigh --draws=50 --los=Drawn", "True", "False"),
    ("cellfree-isac-clusters --simTime=150ms --nClusters=3 --nCarriers=2", "True", "False"),
    ("cellfree-isac-compare --policies=rzf,gnn --drops=2 --programArgs=--simTime=150ms", "True", "False"),
    ("cellfree-isac-custom-policy", "True", "False"),
    ("cellfree-isac-echo --dwells=100 --estimates=10", "True", "False"),
    ("cellfree-isac-echo --dwells=100 --estimates=10 --nSubcarriers=8 --nSymbols=8 --nTransmitters=2 --nReceivers=3 --separate --target=constant --symbols=orthogonal", "True", "False"),
    ("cellfree-isac-example --simTime=500ms", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=wmmse", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=ns-rzf", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=split", "True", "False"),
    ("cellfree-isac-example --simTime=50ms --policy=jsc --nAps=4 --nUes=2", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=joint --sensingWeight=2 --nTargets=2", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=rzf --nUes=0", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=rzf --ns3::CellFreeCpu::DecisionDelay=4", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=cb --nAps=1 --nAntennas=1 --nTargets=0", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=cb-sensing --nUes=1", "True", "False"),
    ("cellfree-isac-example --simTime=200ms --policy=rzf --load=full-buffer --scheduler=pf --ueSpeed=14", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --policy=rzf --load=ftp3 --scheduler=deadline --ueSpeed=0", "True", "False"),
    ("cellfree-isac-example --simTime=100ms --policy=rzf --fading=rician --subbands=4", "True", "False"),
    ("cellfree-isac-example --simTime=100ms --policy=rzf --fading=correlated", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --tracking --nTargets=2", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --tracking --detectionTarget=0.9 --policy=joint --nAps=6", "True", "False"),
    ("cellfree-isac-example --simTime=300ms --detectionTarget=0.8 --load=full-buffer", "True", "False"),
    ("cellfree-isac-figures --figure=4 --draws=3", "True", "False"),
    ("cellfree-isac-fusion --simTime=1100ms", "True", "False"),
    ("cellfree-isac-mobility --simTime=3s", "True", "False"),
    ("cellfree-isac-my-scenario", "True", "False"),
    ("cellfree-isac-solve --in=/dev/null --out=/dev/null", "True", "False"),
    ("cellfree-isac-tracking --simTime=300ms", "True", "False"),
    ("cellfree-isac-tracking --simTime=200ms --tracking=false --detectionTarget=0 --policy=rzf", "True", "False"),
    ("cellfree-isac-validate --list", "True", "False"),
    ("cellfree-isac-train --steps=2 --interval=1 --links=200 --validationDrops=1", "True", "False"),
    ("cellfree-isac-train --head=edge --linkWidth=16 --nodeWidth=16 --problems=4 --steps=2 --validationDrops=2", "True", "False"),
    ("cellfree-isac-train --distribution=simulation --links=60 --steps=2 --validationDrops=1", "True", "False"),
]

python_examples = []
