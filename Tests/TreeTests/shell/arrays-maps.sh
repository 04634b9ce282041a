#!/bin/bash
# Arrays and maps: slices, keys, holes, deletion, sorting.
a=(one two "three four" five)
echo "${#a[@]} ${a[2]} ${a[@]:1:2} ${a[-1]}"
a[10]=ten
echo "${!a[@]}"
unset 'a[1]'
printf '<%s>' "${a[@]}"; echo
a+=(last)
echo "${a[@]/o/0}"
declare -A m=([x]=1 [y]=2 ["a b"]=3)
for key in "${!m[@]}"; do echo "$key=${m[$key]}"; done | sort
[[ -v m[x] ]] && unset 'm[x]'
echo "${#m[@]}"
mapfile -t sorted < <(printf '%s\n' "${a[@]}" | sort)
echo "${sorted[*]}"
declare -p sorted
b=("${a[@]^^}"); echo "${b[*]}"
for i in {1..2000}; do m[$i]=$((i * i)); done
echo "${m[1999]} ${#m[@]}"
