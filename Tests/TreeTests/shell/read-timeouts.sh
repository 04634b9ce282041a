#!/bin/bash
# read -t, -n, -N, -d, -s, -r, -a and what it says at the end of input.
mkfifo pipe
exec 3<>pipe
read -t 0.1 -u 3 x; echo "$(($? > 128))"
echo word >&3
read -t 5 -u 3 x; echo "$? $x"
read -t 0 -u 3; echo "nothing there: $?"
echo more >&3
read -t 0 -u 3; echo "something there: $?"
read -n 2 -u 3 x; echo "$x"
read -u 3 x; echo "$x"
printf 'a:b:c\0d' >&3
read -d : -u 3 x; echo "$x"
read -d '' -u 3 x; echo "$x"
read -N 1 -u 3 x; echo "$x"
read x </dev/null; echo $?
printf 'no newline' | { read x; echo "$? $x"; }
printf 'a\\b c\n' | { read x; echo "$x"; }
printf 'a\\b c\n' | { read -r x; echo "$x"; }
read -ra list <<<"1 2  3"; echo "${list[2]} ${#list[@]}"
(sleep 0.2; echo late) | { read -t 0.02 x; [ $? -gt 128 ] && echo "too early"; read -t 10 x; echo "$x"; }
exec 3>&-
rm pipe
