# Made by tools/make-crossroads.py, in the format of SUMO's traceExporter.py.
$node_(0) set X_ 5
$node_(0) set Y_ 147
$node_(0) set Z_ 3
$node_(1) set X_ 153
$node_(1) set Y_ 300
$node_(1) set Z_ 1.5
$node_(2) set X_ 300
$node_(2) set Y_ 153
$node_(2) set Z_ 1.5
$node_(3) set X_ 140
$node_(3) set Y_ 140
$node_(3) set Z_ 1.5
$node_(4) set X_ 115
$node_(4) set Y_ 140
$node_(4) set Z_ 1.5
$node_(5) set X_ 160
$node_(5) set Y_ 250
$node_(5) set Z_ 1.5
$ns_ at 0.0 "$node_(0) setdest 120 147 10.00"
$ns_ at 0.5 "$node_(4) setdest 95 140 1.20"
$ns_ at 1.0 "$node_(1) setdest 153 165 13.90"
$ns_ at 2.0 "$node_(2) setdest 160 153 13.90"
$ns_ at 4.0 "$node_(5) setdest 160 210 1.60"
$ns_ at 5.0 "$node_(3) setdest 160 140 1.40"
$ns_ at 14.0 "$node_(1) setdest 153 0 13.90"
$ns_ at 16.0 "$node_(0) setdest 300 147 10.00"
$ns_ at 18.0 "$node_(2) setdest 0 153 11.10"
$ns_ at 20.0 "$node_(3) setdest 160 160 1.40"
$ns_ at 25.0 "$node_(4) setdest 120 140 1.20"
