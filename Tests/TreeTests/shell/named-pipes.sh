#!/bin/bash
# mkfifo with readers and writers: the open waits, the end comes with the last writer.
mkfifo pipe
cat pipe >out & reader=$!
{ echo one; echo two; } >pipe
wait $reader
cat out
(sleep 0.1; echo late >pipe) &
read -r line <pipe
echo "$line"
wait
for i in 1 2 3 4 5; do echo "writer $i" >pipe & done
exec 3<>pipe
wait
for i in 1 2 3 4 5; do read -r line <&3; echo "$line"; done | sort
exec 3>&-
mkfifo there back
(while read -r x; do echo "<$x>"; done <there >back) &
exec 4>there 5<back
for x in a b c; do echo $x >&4; read -r y <&5; echo "$y"; done
exec 4>&- 5<&-
wait; echo $?
stat -c %F pipe
rm pipe there back
