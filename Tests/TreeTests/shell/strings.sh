#!/bin/bash
# Expansions of strings.
s=/usr/local/lib/file.tar.gz
echo "${s##*/} ${s%/*} ${s%.*} ${s%%.*} ${#s}"
echo "${s:5:5} ${s: -6} ${s/l/L} ${s//l/L} ${s/#\/usr/home} ${s/%gz/xz}"
unset u; e=
echo "${u-default} ${u:-default} ${e-set} ${e:-empty} ${u+x}|${e+x}"
: "${u:=assigned}"; echo "$u"
(: "${missing:?not there}") 2>/dev/null; echo $?
x=hello; echo "${x^} ${x^^} ${x@Q} ${x:1:-1}"
y=$'tab\there'; printf '%q\n' "$y"
v=x; echo "${!v}"; echo "${!BASH_VERSI@}"
[[ abc == a*c && abc =~ ^a(.)c$ ]] && echo "${BASH_REMATCH[1]}"
[[ a < b ]] && echo less
case $s in *.tar.gz) echo archive ;;& /usr/*) echo usr ;& none) echo through ;; *) echo no ;; esac
z=$(printf 'x%.0s' {1..1000}); echo ${#z}
