#!/bin/bash
# Children by /proc alone: each names its parent.
for i in 1 2 3; do sleep 30 & pids+=($!); done
for pid in "${pids[@]}"; do until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.01; done; done
children() { grep -lx "PPid:	$1" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3; }
for pid in $(children $$); do [ "$(cat /proc/$pid/comm 2>/dev/null)" = sleep ] && n=$((n + 1)); done; echo $n
kill "${pids[@]}"; wait
for pid in "${pids[@]}"; do [ -e /proc/$pid ] && echo "still there"; done
bash -c 'bash -c "bash -c \"sleep 0.01; cat /proc/self/status; true\"; true"; true' | awk '/^NSpid|^Threads/ { print $1, NF }'
