#!/bin/bash
# find -exec with ; and +, -execdir, -ok-free tests, -delete, -print0.
mkdir -p t/{a,b,c}/{d,e}
for f in t/*/*; do echo "$f" >"$f/file.txt"; : >"$f/empty"; done
find t -name file.txt -exec cat {} \; | sort
find t -name file.txt -exec sh -c 'echo $#' - {} +
find t -name file.txt -execdir sh -c 'echo "$1 ${PWD##*/}"' - {} \; | sort | uniq -c
find t -name 'file.txt' -exec grep -q a/d {} \; -print
find t -empty -type f -print0 | sort -z | tr '\0' ,; echo
find t -empty -type f -delete; find t -type f | wc -l
find t -type f -exec false {} + ; echo $?
find t -maxdepth 1 -mindepth 1 -type d -exec rm -r {} + ; find t
