#!/bin/bash
#: needs flock
# flock(1): one at a time, -n, -w, -s, and inherited descriptors.
for i in {1..8}; do
    flock lock bash -c 'n=$(cat counter 2>/dev/null || echo 0); sleep 0.01; echo $((n + 1)) >counter' &
done
wait
cat counter
flock lock sleep 30 & holder=$!
until ! flock -n lock true; do sleep 0.02; done
flock -n lock true; echo $?
flock -w 0.1 -E 7 lock true; echo $?
flock -n -s lock true; echo $?
kill $holder; pkill -P $holder sleep 2>/dev/null
wait $holder 2>/dev/null
exec 9>second
flock 9
(flock -n second true; echo "held by the shell: $?")
(flock -u 9)
flock -n second true; echo "a copy let it go: $?"
flock -s 9; flock -n -s second true; echo "shared: $?"; flock -n -x second true; echo "not exclusive: $?"
exec 9>&-
flock -n -x second true; echo "closed: $?"
