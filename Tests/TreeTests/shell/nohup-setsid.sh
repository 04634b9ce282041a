#!/bin/bash
# nohup ignores HUP; setsid leads a session of its own.
nohup bash -c 'kill -HUP $$; echo survived' 2>/dev/null
cat nohup.out 2>/dev/null
session() { cut -d' ' -f6 "/proc/$1/stat"; }
setsid -w bash -c '[ "$(cut -d" " -f5,6 /proc/$$/stat)" = "$$ $$" ] && echo "leads group and session"; exit 5'
echo $?
bash -c '[ "$(cut -d" " -f6 /proc/$$/stat)" = '"$(session $$)"' ] && echo "the same session"'
setsid -f bash -c 'echo $$ >pid; sleep 0.1; echo done >flag'
until [ -e flag ] && [ -s pid ]; do sleep 0.02; done
[ "$(cat pid)" != $$ ] && cat flag
rm pid
