#!/bin/bash
# Here strings: words, splitting, a newline at the end, and in loops.
cat <<<"a string"
read -r a b <<<"one two three"
echo "$a|$b"
tr a-z A-Z <<<$'two\nlines'
wc -c <<<''
for i in 1 2 3; do cat <<<"$i"; done | paste -sd,
IFS=: read -ra parts <<<"x:y::z"
echo "${#parts[@]}"
