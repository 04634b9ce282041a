#!/bin/bash
# 20 MB through four processes of different appetites.
head -c 20000000 /dev/zero | tr '\0' 'x' | dd bs=777 2>/dev/null | dd bs=100000 iflag=fullblock 2>/dev/null | wc -c
head -c 3000000 /dev/zero | tee copy1 copy2 | sha256sum
cmp copy1 copy2 && wc -c <copy1
rm copy1 copy2
