#!/bin/dash
# dash: pipelines, substitutions, redirections, functions.
seq 10 | while read -r n; do echo $((n * 2)); done | tail -n 2
x=$(seq 3 | tr '\n' ,); echo "$x"
f() { local y=1; echo "$1 $y"; return 3; }
f a; echo $?
{ echo out; echo err >&2; } 2>&1 | sort
exec 3>file; echo three >&3; exec 3>&-; cat file
false | true; echo $?
! true | false; echo $?
i=0; while [ $i -lt 50 ]; do i=$((i + 1)); (exit $i) || s=$((${s:-0} + $?)); done; echo $s
case abc in a*) echo yes ;; esac
echo "${x%,} ${#x}"
for a in 1 2 3; do [ $a = 2 ] && continue; echo $a; done
ulimit -n 20; ulimit -n
command -v cat; type cd
