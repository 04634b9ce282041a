#!/bin/bash
# The last command of a pipeline runs in the shell itself with lastpipe, else in a process of its own.
x=before
echo after | read -r x
echo "$x"
shopt -s lastpipe
echo after | read -r x
echo "$x"
printf '%s\n' a b c | while read -r each; do list+=$each; done
echo "$list"
seq 5 | mapfile -t lines
echo "${#lines[@]} ${lines[4]}"
