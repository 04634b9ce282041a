#!/bin/bash
# A session that is killed as a whole leaves nothing behind.
setsid bash -c 'echo $$ >leader; for i in 1 2 3; do (bash -c "sleep 60; true" & sleep 60; true) & done; echo up >flag; wait' &
until [ -e flag ] && [ "$(grep -l "^Name:	sleep" /proc/[0-9]*/status 2>/dev/null | while read -r f; do [ "$(cut -d' ' -f6 "${f%status}stat" 2>/dev/null)" = "$(cat leader)" ] && echo; done | wc -l)" = 6 ]; do sleep 0.05; done
leader=$(cat leader)
kill -KILL -- -$leader
wait $!; echo $?
left() { for f in /proc/[0-9]*/stat; do cut -d' ' -f6 $f 2>/dev/null; done | grep -cx $leader; }
until [ "$(left)" = 0 ]; do sleep 0.05; done
echo "nothing left"
rm leader flag
