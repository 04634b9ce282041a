#!/bin/bash
# A coprocess answers line by line, and ends when its input does.
coproc SQUARE { while read -r n; do echo $((n * n)); done; echo "end of input"; exit 5; }
for i in 1 2 3 12; do
    echo $i >&"${SQUARE[1]}"
    read -r answer <&"${SQUARE[0]}"
    echo "$i $answer"
done
pid=$SQUARE_PID
exec {from}<&"${SQUARE[0]}"
exec {to}>&"${SQUARE[1]}" {SQUARE[1]}>&-
exec {to}>&-
read -r answer <&$from
echo "$answer"
wait "$pid"; echo $?
coproc CAT { cat; }
echo through >&"${CAT[1]}"
read -r line <&"${CAT[0]}"; echo "$line"
kill "$CAT_PID"; wait "$CAT_PID"; echo $?
