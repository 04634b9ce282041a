#!/bin/bash
# wait -n: one after the other as they end, 127 when there is none.
(sleep 0.9; exit 3) &
(sleep 0.5; exit 2) &
(sleep 0.1; exit 1) &
wait -n; echo $?
wait -n; echo $?
wait -n; echo $?
wait -n; echo $?
(exit 7) & one=$!
sleep 20 & two=$!
wait -n -p which $one $two; status=$?
[ "$which" = $one ] && echo "the first one: $status"
( (sleep 0.5; kill $two) & ); wait -n; echo $?
