#!/bin/bash
# while, until, for and break around processes and pipes.
seq 5 | while read -r n; do [ "$n" = 4 ] && break; echo "$n"; done
i=0; until test $i -ge 3; do i=$(expr $i + 1); done; echo $i
for f in $(seq 3); do for g in a b; do [ $g = b ] && continue 2; echo "$f$g"; done; done
while :; do while :; do break 2; done; done; echo out
n=0; while read -r _; do n=$((n + 1)); done < <(yes | head -n 1000); echo $n
printf '%s\n' 3 1 2 | while read -r x; do (sleep "0.$x"; echo "$x") & done | sort
select_free() { local PS3= answer; for answer in "$@"; do echo "$answer"; done; }; select_free x y
