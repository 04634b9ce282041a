#!/bin/bash
# What is ignored stays ignored through exec; what is handled goes back to the default.
trap '' USR1
trap 'echo handled' USR2
bash -c 'kill -USR1 $$; echo "USR1 ignored"; kill -USR2 $$; echo not reached'
echo "$?"
grep -E 'Sig(Ign|Cgt)' /proc/self/status | while read -r name mask; do
    printf '%s USR1=%d USR2=%d\n' "$name" $((0x$mask >> 9 & 1)) $((0x$mask >> 11 & 1))
done
