#!/bin/bash
# What /proc says of a process and its parents.
sleep 30 & pid=$!
until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.01; done
tr '\0' ' ' </proc/$pid/cmdline; echo
[ "$(awk '/^PPid/ { print $2 }' /proc/$pid/status)" = $$ ] && echo "my child"
readlink /proc/$pid/exe
[ "$(readlink /proc/$pid/cwd)" = "$PWD" ] && echo "the same folder"
readlink /proc/$pid/root
ls /proc/$pid/fd | tr '\n' ' '; echo
awk '/^(Name|State|Threads|Tgid|SigIgn)/ { if ($1 == "Tgid:") $2 = "N"; print $1, $2 }' /proc/$pid/status
set -- $(cat /proc/$pid/stat); echo "$2 $3 $#"
grep -c 'sleep' /proc/$pid/maps | grep -qv '^0$' && echo "maps name the file"
grep -q '^VmRSS' /proc/$pid/status && echo "has memory"
grep 'Max open files' /proc/$pid/limits | awk '{ print NF }'
ls /proc/$pid/task | wc -l
kill $pid; wait $pid; echo $?
[ -e /proc/$pid ] || echo "gone"
[ /proc/self -ef /proc/$$ ] || readlink /proc/self >/dev/null && echo "self is the reader"
