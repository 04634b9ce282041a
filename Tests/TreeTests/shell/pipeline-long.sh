#!/bin/bash
# A pipeline of 50 processes passes everything on and every status back.
line='seq 1 2000'
for i in {1..48}; do line+=' | cat'; done
line+=' | sha256sum'
eval "$line"
echo "${#PIPESTATUS[@]}"
line='echo 0'
for i in {1..49}; do line+=' | { read n; echo $((n + 1)); exit '$i'; }'; done
eval "$line; echo \${PIPESTATUS[@]}"
