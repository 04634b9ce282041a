#!/bin/bash
#: needs busybox
# The same things in busybox's shell, whose forks are its own applets.
busybox sh <<'END'
echo one | cat | wc -l
x=$(for i in 1 2 3; do echo $i; done | sort -r | tr '\n' ' '); echo "$x"
sleep 20 & kill $!; wait $!; echo $?
trap 'echo trapped' USR1; kill -USR1 $$
(exit 7); echo $?
seq 30 | xargs -P 4 -n 1 sh -c 'echo $(($0 * 2))' | sort -n | tail -n 1
i=0; while [ $i -lt 100 ]; do i=$((i + 1)); busybox true; done; echo $i
mkfifo p; (echo through >p) & cat p; rm p
set -o pipefail; false | true; echo $?
END
echo $?
