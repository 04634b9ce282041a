#!/bin/bash
# A signal inside a handler, handlers that set handlers, and a handler during a wait.
trap 'echo USR1 begins; kill -USR2 $$; echo USR1 ends' USR1
trap 'echo USR2' USR2
kill -USR1 $$
trap 'trap "echo second" USR1; echo first' USR1
kill -USR1 $$
kill -USR1 $$
trap 'echo interrupted' USR1
sleep 5 & sleeper=$!
(sleep 0.2; kill -USR1 $$) &
wait $sleeper
echo "wait said $(($? > 128))"
kill $sleeper
wait $sleeper
echo "$?"
