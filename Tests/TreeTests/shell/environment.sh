#!/bin/bash
# env -i, -u, exported and not exported variables, and large environments.
env -i A=1 B=2 /usr/bin/env | sort
env -i bash --norc -c 'echo ${HOME-none} ${PATH+path}'
X=exported; export X; Y=local
bash -c 'echo "$X ${Y-none}"'
Y=once bash -c 'echo "$Y"'; echo "$Y"
env -u X bash -c 'echo ${X-unset}'
export BIG=$(head -c 120000 /dev/zero | tr '\0' b)
bash -c 'echo ${#BIG}'
export BIG=$(head -c 140000 /dev/zero | tr '\0' b)
/bin/true 2>/dev/null; echo $?
unset BIG
tr '\0' '\n' </proc/self/environ | grep -c ^X=
env -C / pwd; env -S 'echo split "this one"'
readonly R=1; (R=2) 2>/dev/null; echo $?
