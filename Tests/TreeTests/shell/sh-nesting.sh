#!/bin/sh
# /bin/sh -c in /bin/sh -c.
/bin/sh -c "/bin/sh -c \"/bin/sh -c 'echo three deep; exit 3'; echo \\\$?\"; echo out"
level=0
nest="echo bottom"
while [ $level -lt 6 ]; do
    nest="sh -c $(printf '%s' "$nest" | sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/")"
    level=$((level + 1))
done
eval "$nest"
sh -c 'sh -c "kill -TERM \$\$"; echo $?'
sh -c 'echo $1 $0' zero one
sh -c 'sh -c "exit 4" & wait $!; echo $?'
sh -ec 'false; echo not reached'; echo $?
