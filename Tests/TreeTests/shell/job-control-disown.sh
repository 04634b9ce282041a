#!/bin/bash
# disown takes a job out of the table; the process goes on.
set -m
sleep 30 & kept=$!
sleep 31 & gone=$!
disown %2
jobs
kill -0 $gone && echo "still there"
wait $gone 2>/dev/null; echo "not a child of this shell any more: $?"
kill $gone $kept
wait $kept; echo $?
sleep 5 & disown -h %1; disown -a; jobs; echo "none"
kill $!
