#!/bin/bash
# Duplicating, moving and closing descriptors; /proc/self/fd agrees.
open() { for fd in /proc/$BASHPID/fd/*; do [ "${fd##*/}" -lt 10 ] && printf '%s ' "${fd##*/}"; done; echo; }
exec 5>five 6</dev/null
open
exec 7>&5 5>&-
echo seven >&7
exec 8>&7-
echo eight >&8
open
cat five
exec {free}>named
[ "$free" -ge 10 ] && echo "a free one"
echo named >&$free
exec {free}>&- 6<&- 8>&-
open
cat named
{ echo one; echo two >&2; } >all 2>&1
cat all
echo three &>>all
cat <all >&1 | wc -l
readlink /proc/self/fd/0 </dev/null
