#!/bin/bash
# Handlers for INT and TERM: run between commands, can be changed and taken away.
trap 'echo "got TERM, status $?"' TERM
trap 'echo "got INT"' INT
kill -TERM $$
kill -INT $$
echo alive
trap '' TERM
kill -TERM $$
echo "ignored"
bash -c 'kill -TERM $$; echo "the child ignores it too"'
trap - TERM
(kill -TERM "$BASHPID"; echo not reached)
echo "subshell: $?"
bash -c 'trap "echo handler; exit 3" TERM; kill -TERM $$; echo not reached'
echo "$?"
trap
