#!/bin/sh
# Builtins only: nothing forks.
set -eu
total=0
while read -r number; do
    total=$((total + number))
done < numbers.txt
echo "total $total"
greet() {
    local name=${1:-nobody}
    case $name in
        a*) echo "A: $name" ;;
        *) echo "other: $name" ;;
    esac
}
greet anna
greet
for file in tree/*; do
    [ -d "$file" ] && echo "folder $file" || echo "file $file"
done
exec 3> out.txt
echo "through descriptor 3" >&3
exec 3>&-
read -r line < out.txt
echo "$line"
printf '%s %05.1f\n' number 3.14159
umask 077
: > private.txt
trap 'echo "bye $?"' EXIT
exit 6
