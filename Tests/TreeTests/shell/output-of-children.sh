#!/bin/bash
# Children share the parent's open file: one position for all.
{ echo one; bash -c 'echo two'; (echo three); echo four | cat; } >file
cat file
exec 3<file
read -r a <&3; b=$(bash -c 'read -r x <&3; echo $x'); read -r c <&3
echo "$a $b $c"
(exec 3<&-); read -r d <&3; echo "$d"
exec 4>shared
for i in 1 2 3; do bash -c "echo $i >&4"; done; echo end >&4
cat shared
dd of=shared bs=1 seek=2 conv=notrunc <<<X 2>/dev/null; cat shared
