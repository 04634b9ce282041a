#!/bin/bash
#: needs script
#: pty
# script(1) drives an interactive bash: Ctrl-C, Ctrl-Z, fg, and the window's size.
export PS1='> ' HISTFILE=/dev/null
typed() { sleep 0.5; printf '%b' "$1"; }
{
    typed 'echo started $((40 + 2))\n'
    typed 'sleep 30\n'; typed '\003'; typed 'echo status $?\n'
    typed 'cat >typed.txt\n'; typed 'a line\n'; typed '\004'
    typed 'sleep 31\n'; typed '\032'; typed 'echo status $?; jobs\n'
    typed 'fg\n'; typed '\003'; typed 'jobs; echo none\n'
    typed 'stty -a | grep -o "isig\\|icanon"\n'
    typed 'tty | grep -c pts\n'
    typed 'exit 7\n'
} | script -qec 'bash --norc --noediting -i' log.txt >/dev/null
echo "${PIPESTATUS[1]}"
grep -E '^(started|status|none|isig|icanon|\[1\]|1)' log.txt | tr -d '\r'
cat typed.txt
rm log.txt
