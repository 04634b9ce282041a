#!/bin/bash
# timeout(1): the statuses, the signal, -k, and in time.
timeout 5 true; echo $?
timeout 5 bash -c 'exit 9'; echo $?
timeout 0.2 sleep 30; echo $?
timeout -s KILL 0.2 sleep 30; echo $?
timeout --preserve-status 0.2 sleep 30; echo $?
timeout -k 0.2 0.2 bash -c 'trap "" TERM; while :; do sleep 0.05; done'; echo $?
timeout 0.3 bash -c 'trap "echo caught; exit 3" TERM; while :; do sleep 0.05; done'; echo $?
timeout 5 /nonexistent 2>/dev/null; echo $?
timeout 0.3 bash -c 'sleep 31 & sleep 32; wait'; echo $?
grep -lz '^sleep' /proc/[0-9]*/cmdline 2>/dev/null | xargs -r -n1 dirname | while read -r p; do tr '\0' ' ' <$p/cmdline | grep -E '^sleep 3[12] '; done
timeout --foreground 0.2 sleep 5; echo $?
