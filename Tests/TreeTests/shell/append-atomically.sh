#!/bin/bash
# Many writers append to one file; no line is torn or lost.
for w in {1..8}; do (for i in {1..40}; do echo "writer $w line $i of many that must stay whole" >>log; done) & done
wait
sort log | uniq | wc -l
grep -vc '^writer [1-8] line [0-9]* of many that must stay whole$' log
rm log
for w in 1 2 3 4; do (for i in {1..50}; do echo "$w $i"; done) & done | sort | uniq | wc -l
