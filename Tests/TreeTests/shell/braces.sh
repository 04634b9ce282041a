#!/bin/bash
# Brace expansion.
echo {a,b}{1,2} {1..5} {5..1..2} {a..e} {01..03} x{,y}z {a,{b,c}d}
echo {1..3}{a..c} \{a,b\} "{a,b}" {single}
mkdir -p project/{src,test}/{main,util}
find project -type d | sort
touch file{1..3}.{c,h}; ls
