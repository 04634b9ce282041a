#!/bin/bash
# A writer whose reader went is killed by SIGPIPE; one that ignores it sees EPIPE.
yes | head -n 3
echo "${PIPESTATUS[@]}"
seq 1000000 | sed -n '5{p;q}'
echo "${PIPESTATUS[@]}"
(trap '' PIPE; yes 2>&1 >&3 3>&- | sed 's/.*: //') 3>&1 >message | head -n 1
cat message
{ trap '' PIPE; yes 2>/dev/null; echo $? >ignored; } | true
wait
cat ignored
dd if=/dev/zero bs=64k 2>/dev/null | dd of=/dev/null bs=1k count=10 2>/dev/null
echo "${PIPESTATUS[@]}"
