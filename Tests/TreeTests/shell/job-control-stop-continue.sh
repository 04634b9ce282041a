#!/bin/bash
# STOP, TSTP and CONT: the state in /proc, the wait statuses, and a stopped process that is killed.
state() { cut -d' ' -f3 "/proc/$1/stat"; }
until_state() { until [ "$(state "$1")" = "$2" ]; do sleep 0.02; done; echo "$2"; }
set -m
sleep 30 & pid=$!
kill -STOP $pid
until_state $pid T
kill -CONT $pid
until_state $pid S
kill -TSTP $pid
until_state $pid T
kill -TERM $pid
until_state $pid T
kill -CONT $pid
# Not `wait -f`: that may report the stop before.
while [ -e /proc/$pid ]; do sleep 0.02; done
wait $pid; echo $?
set +m
sleep 30 & pid=$!
kill -STOP $pid
until_state $pid T
kill -KILL $pid
wait $pid; echo $?
set -m
bash -c 'kill -TSTP $$; echo "back again"' & pid=$!
until_state $pid T
jobs -s >/dev/null
fg >/dev/null
echo $?
