#!/bin/bash
# mktemp, /tmp, files that are open and deleted, files of many processes.
dir=$(mktemp -d); [ "$(stat -c %a "$dir")" = 700 ] && echo private
file=$(mktemp -p "$dir" name.XXXX.txt 2>/dev/null || mktemp -p "$dir" --suffix=.txt name.XXXX); [[ $file == */name.????.txt ]] && echo named
exec 3<>"$file"; rm "$file"
echo "still there" >&3
cat /proc/self/fd/3
readlink /proc/self/fd/3 | grep -o '(deleted)'
exec 3>&-
for i in {1..20}; do (f=$(mktemp -p "$dir"); echo "$i" >"$f") & done; wait
cat "$dir"/* | sort -n | paste -sd,
rm -rf "$dir"; [ -e "$dir" ] || echo gone
(cd /tmp; mkdir "trees-$$"; cd "trees-$$"; rmdir "../trees-$$"; echo "status $?")
