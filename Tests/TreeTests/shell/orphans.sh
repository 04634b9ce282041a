#!/bin/bash
# A process whose parent ends gets another parent, goes on, and is reaped.
bash -c '(sleep 0.3; cut -d" " -f4 /proc/$BASHPID/stat >parent; echo done >flag) & echo $! >pid'
pid=$(cat pid)
[ "$(cut -d' ' -f4 /proc/$pid/stat)" != $$ ] && echo "not mine"
wait $pid 2>/dev/null; echo "cannot be waited for: $?"
until [ -e flag ]; do sleep 0.02; done
while [ -e /proc/$pid ]; do sleep 0.02; done
echo "reaped"
python3 -S - <<'END'
import ctypes, os, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
r, w = os.pipe()
if os.fork() == 0:
    mother = os.getpid()
    if os.fork() == 0:
        while os.getppid() == mother:
            time.sleep(0.01)
        time.sleep(0.2)
        os.write(w, str(os.getppid()).encode())
        os._exit(5)
    os._exit(4)
print(os.waitstatus_to_exitcode(os.wait()[1]))
print("the subreaper" if int(os.read(r, 20)) == os.getpid() else "another")
print(os.waitstatus_to_exitcode(os.wait()[1]))
try:
    os.wait()
except ChildProcessError:
    print("no more")
END
rm pid parent
