#!/bin/bash
# A child that ended is a zombie until it is waited for; then nothing is left.
python3 -S - <<'END'
import os, time
def state(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
pid = os.fork()
if pid == 0:
    os._exit(3)
while state(pid) != "Z":
    time.sleep(0.01)
print("a zombie", repr(open(f"/proc/{pid}/cmdline").read()))
os.kill(pid, 0)
print(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status, state(pid))
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), state(pid))
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    os._exit(3)
try:
    os.waitpid(pid, 0)
except ChildProcessError:
    print("ignored children leave no zombie", state(pid))
END
bash -c 'for i in {1..20}; do true & done; wait; exec cat /proc/self/status' | grep -c Zombie
