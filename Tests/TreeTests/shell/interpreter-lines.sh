#!/bin/bash
# #! with one argument, spaces, env -S, scripts as interpreters.
printf '#!/bin/echo one argument with spaces\n' >a
printf '#!  /bin/echo   \n' >b
printf '#!/usr/bin/env -S awk -f\nBEGIN { print "awk", ARGV[1] }\n' >c
printf '#!/bin/sh -e\nfalse\necho not reached\n' >d
printf '#!./a\n' >e
printf '#!/usr/bin/python3 -S\nimport sys; print(sys.argv)\n' >f
printf '#!/bin/cat\nsome text\n' >g
chmod +x a b c d e f g
./a x y; ./b z; ./c w; ./d; echo $?; ./e v; ./f 1 '2 3'; ./g
cp g h0; for i in 1 2 3 4; do printf "#!./h$((i - 1))\n" >h$i; chmod +x h$i; done; chmod +x h0
./h2 | tail -n 3
./h4 >/dev/null; echo $?
printf '#!./h4\n' >h5; printf '#!./h5\n' >h6; chmod +x h5 h6
python3 -S -c 'import os; os.execv("./h6", ["h6"])' 2>&1 | tail -n 1
echo 'echo no line at all' >n; chmod +x n; ./n
