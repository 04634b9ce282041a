#!/bin/bash
# set -m: each job a process group of its own; jobs, %1, fg, bg.
set -m
sleep 30 & one=$!
sleep 31 & two=$!
jobs
[ "$(cut -d' ' -f5 /proc/$!/stat)" = $two ] && echo "its own group"
kill %1
wait $one; echo "first $?"
kill %sleep
wait $two; echo "second $?"
jobs
(sleep 0.5; exit 5) & fg %1 >/dev/null; echo "fg $?"
bash -c 'kill -STOP $$; echo continued; exit 6' &
until [ "$(cut -d' ' -f3 /proc/$!/stat)" = T ]; do sleep 0.02; done
sleep 0.1
jobs -s | sed 's/ *bash.*//'
bg %1 >/dev/null
wait $!; echo "bg $?"
