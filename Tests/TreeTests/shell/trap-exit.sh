#!/bin/bash
# EXIT traps: at the end, by exit, in subshells, and with the status.
trap 'echo "exit with $?"' EXIT
(trap 'echo "subshell leaves with $?"' EXIT; exit 3)
echo "$?"
(echo "an inherited trap does not run here")
bash -c 'trap "echo inner" EXIT; exec true'
bash -c 'trap "echo ended by TERM" EXIT; kill -TERM $$; sleep 1'
echo "$?"
bash -c 'trap "exit 9" EXIT; exit 1'
echo "$?"
exit 5
