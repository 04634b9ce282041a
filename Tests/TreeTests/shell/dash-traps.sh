#!/bin/dash
# dash: traps, wait, background, here documents.
trap 'echo "exit $?"' EXIT
trap 'echo term' TERM
kill -TERM $$
(trap - TERM; kill -TERM $(exec sh -c 'echo $PPID'); echo not reached)
echo $?
sleep 30 & pid=$!
# Not while the child still has the shell's traps.
sleep 0.3
kill $pid
wait $pid; echo $?
(sleep 0.1; kill -TERM $$) &
sleep 5 & waited=$!
wait $waited; echo $?
kill $waited
cat <<END | while read -r x; do echo "[$x]"; done
one
two
END
set -- a b c; shift; echo "$*"
exit 3
