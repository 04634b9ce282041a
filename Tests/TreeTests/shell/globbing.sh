#!/bin/bash
# Patterns: hidden files, ranges, extglob, globstar, nullglob, failglob.
mkdir -p tree/a/b tree/c
touch tree/{one,two,three}.txt tree/a/x.c tree/a/b/y.c tree/c/z.h tree/.hidden "tree/with space"
cd tree || exit
echo *
echo .[!.]*
echo [ot]*.txt ?wo.txt
echo nothing*
shopt -s extglob globstar
echo !(*.txt)
echo @(one|two).txt
echo +([a-z]).txt
echo **/*.c **/
shopt -s nullglob; echo nothing*; shopt -u nullglob
shopt -s dotglob; set -- *; echo $#; shopt -u dotglob
(shopt -s failglob; echo nothing*) 2>/dev/null; echo $?
set -f; echo *; set +f
for file in *; do echo "[$file]"; done
for i in {1..300}; do : >"f$i"; done; set -- f*; echo $# ; rm f*
