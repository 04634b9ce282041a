#!/bin/bash
# SIGCHLD: once for each child that a wait reaps.
n=0
trap 'n=$((n + 1))' CHLD
for i in 1 2 3; do
    (exit "$i") &
    wait $!
    echo "child $i: $?"
done
trap - CHLD
echo "$n handlers"
(sleep 0.1; exit 4) & pid=$!
trap 'echo "in the handler"' CHLD
wait "$pid"; first=$?
while [ "$first" -gt 128 ]; do wait "$pid"; first=$?; done
echo "$first"
