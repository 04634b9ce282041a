#!/bin/bash
# Groups and sessions: without job control all are in the shell's group.
group() { cut -d' ' -f5 "/proc/$1/stat"; }
session() { cut -d' ' -f6 "/proc/$1/stat"; }
sleep 30 & a=$!
[ "$(group $a)" = "$(group $$)" ] && echo "the shell's group"
kill $a; wait $a
set -m
sleep 30 | sleep 31 & b=$!
first=$(jobs -p %%)
[ "$(group $b)" = "$first" ] && [ "$first" != "$(group $$)" ] && echo "a pipeline is one group"
[ "$(session $b)" = "$(session $$)" ] && echo "one session"
kill -- -$first; wait $b; echo $?
set +m
python3 -S - <<'END'
import os, signal
pid = os.fork()
if pid == 0:
    os.setsid()
    try:
        os.setsid()
    except PermissionError:
        os._exit(11)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
pid = os.fork()
if pid == 0:
    signal.pause()
os.setpgid(pid, pid)
print(os.getpgid(pid) == pid)
try:
    os.setpgid(pid, 999999)
except OSError as error:
    print(error.errno)
os.killpg(pid, signal.SIGUSR1)
print(os.waitstatus_to_exitcode(os.waitpid(-pid, 0)[1]))
END
