#!/bin/bash
# xargs: batches, -P4, -I, -0, and its statuses.
seq 20 | xargs -n 3 echo
seq 40 | xargs -P4 -n1 sh -c 'echo "$1 $(($1 * $1))"' - | sort -n | tail -n 3
seq 100 | xargs -P4 -n7 sh -c 'echo $#' - | sort | uniq -c
printf 'a b\0c\0' | xargs -0 -I{} echo '[{}]'
seq 3 | xargs -I% sh -c 'exit %'; echo $?
echo x | xargs sh -c 'exit 255' 2>/dev/null; echo $?
echo x | xargs /nonexistent 2>/dev/null; echo $?
echo x | xargs sh -c 'kill -TERM $$' 2>/dev/null; echo $?
xargs -r echo </dev/null; echo "none: $?"
seq 100000 | xargs | wc -c
head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 100 | xargs sh -c 'echo $#' | awk '{ n += $1 } END { print n, (NR > 1) }'
