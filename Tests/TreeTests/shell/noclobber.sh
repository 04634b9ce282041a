#!/bin/bash
# set -C, >|, and that the file is created by exactly one of many.
echo first >file
set -C
echo second 2>/dev/null >file; echo $?
cat file
echo third >|file
cat file
for i in {1..20}; do (echo "$i" >lock) 2>/dev/null && echo won; done | wc -l
for i in {1..20}; do ( (echo "$i" >race) 2>/dev/null && echo won) & done | wc -l
wait
rm lock race
: >>file
cat file
