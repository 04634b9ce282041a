#!/bin/bash
# eval, IFS, quoting, "$@" and "$*".
name=x; eval "$name=5"; echo "$x"
eval 'for i in 1 2; do echo "eval $i"; done | tac'
args() { echo "$#: $(printf '[%s]' "$@")"; }
list='a b  c'
args $list; args "$list"
IFS=,; set -- 'a b' c; args "$*"; args $*; unset IFS
IFS=: ; path=/bin:/usr/bin::/sbin; args $path; unset IFS
IFS=' :'; args $(echo 'x : y:z'); unset IFS
args "" '' $empty "$empty"
args "$@"; args $@
set -- ; args "$@"; args "$*"
eval "args $(printf '%q ' 'a b' "c'd" 'e$f')"
