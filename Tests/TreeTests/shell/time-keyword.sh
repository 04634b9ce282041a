#!/bin/bash
# time, times, TIMEFORMAT and SECONDS, without the figures.
{ time -p sleep 0.1; } 2>&1 | sed 's/[0-9.]\+$/N/'
{ time true | false; } 2>&1 | grep -c '^real\|^user\|^sys'
TIMEFORMAT=%R; took=$({ time sleep 0.2; } 2>&1); [[ $took == [0-9]*.* ]] && [ "${took/./}" -ge 200 ] && echo "not too early"
TIMEFORMAT=%U; took=$({ time bash -c 'for ((i = 0; i < 100000; i++)); do :; done'; } 2>&1); [ "${took/./}" -gt 5 ] && echo "time of its own"
times | wc -l
SECONDS=0; sleep 1.1; [ $SECONDS -ge 1 ] && echo "a second"
a=$EPOCHREALTIME; sleep 0.05; b=$EPOCHREALTIME; [ $((${b/./} - ${a/./})) -ge 50000 ] && echo "the clock goes"
