#!/bin/bash
# exec that only redirects, exec that replaces, exec that fails.
exec 3>&1 1>file
echo "into the file"
exec 1>&3 3>&-
cat file
exec 4<>both
echo written >&4
exec 4<both
read -r line <&4; echo "$line"
exec 4<&-
{ echo >&4; } 2>/dev/null; echo "closed: $?"
(exec -a other bash -c 'echo $0')
(exec -c /usr/bin/env | grep -c HOME)
(exec true; echo not reached); echo $?
(exec /nonexistent/program) 2>/dev/null; echo $?
(exec ./file) 2>/dev/null; echo $?
(shopt -s execfail; exec /nonexistent 2>/dev/null; echo "goes on: $?")
bash -c 'exec bash -c "exec bash -c \"echo \$\$ \""' >pid & wait; [ "$(cat pid | tr -d ' ')" = $! ] && echo "the same process"
rm pid
