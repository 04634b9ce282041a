#!/bin/bash
# $( ) in $( ) in $( ), its status, its newlines, its size, its errors.
echo "$(echo "a $(echo "b $(echo "c $(echo d)")")")"
x=$(exit 3); echo $?
y=$(printf 'lines\n\n\n'); echo "[$y]"
z=$(seq 100000); echo ${#z}
echo `echo old \`echo style\``
w=$(<$0); [ "$w" = "$(cat "$0")" ] && echo "the same"
v=$(echo out; echo err >&2) 2>err; echo "$v"; cat err
deep() { [ "$1" -eq 0 ] && echo bottom || echo "$(deep $(($1 - 1)))"; }
deep 15
u=$(kill -TERM "$BASHPID"; echo no); echo "$? [$u]"
