#!/bin/bash
# Background commands: $!, their standard input, their results in files.
for i in 1 2 3 4 5; do
    { sleep 0.0$i; echo "job $i" >out.$i; } &
done
wait
cat out.*
cat &
wait $!
echo "cat read nothing: $?"
sleep 30 & kill $!; wait $! ; echo $?
(sleep 0.1; echo late) & echo early; wait
jobs
x=$( { sleep 0.1; echo slow; } & echo fast; wait )
echo $x
