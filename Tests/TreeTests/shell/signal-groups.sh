#!/bin/bash
# A signal to a process group reaches all of it and nothing else.
set -m
outside() { sleep 30; }
outside & other=$!
{ trap 'echo "leader saw it"; exit 3' USR1; bash -c 'trap "exit 4" USR1; echo >ready1; while :; do sleep 0.05; done' & echo >ready2; while :; do sleep 0.05; done; } & group=$!
until [ -e ready1 ] && [ -e ready2 ]; do sleep 0.02; done
kill -USR1 -- -$group
wait $group
echo "group: $?"
kill -0 $other && echo "the other group lives"
kill -TERM -- -$other
wait $other
echo "other: $?"
kill -0 -- -$group 2>/dev/null
while kill -0 -- -$group 2>/dev/null; do sleep 0.05; done
echo "nothing is left of the group"
rm ready1 ready2
