#!/bin/bash
# Functions: recursion, local, nameref, return, redirections, subshell bodies, export.
fact() { local n=$1; if ((n <= 1)); then result=1; else fact $((n - 1)); result=$((result * n)); fi; }
fact 20; echo "$result"
depth() { (($1 == 0)) && return 42; depth $(($1 - 1)); }
depth 500; echo $?
swap() { local -n x=$1 y=$2; local t=$x; x=$y; y=$t; }
p=1 q=2; swap p q; echo "$p $q"
outer() { local v=outer; inner; echo "$v"; }
inner() { v=changed; }
v=global; outer; echo "$v"
logged() { echo out; echo err >&2; } >log 2>&1
logged; cat log
isolated() (cd /; v=gone; exit 3)
isolated; echo "$? $v"
greet() { echo "hello $1"; }
export -f greet
bash -c 'greet child'
hanoi() { (($1 == 0)) && return; hanoi $(($1 - 1)) "$2" "$4" "$3"; ((moves++)); hanoi $(($1 - 1)) "$4" "$3" "$2"; }
moves=0; hanoi 10 a b c; echo $moves
unset -f greet; type greet 2>/dev/null; echo $?
