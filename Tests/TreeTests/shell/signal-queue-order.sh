#!/bin/bash
# Pending standard signals collapse into one; each kind is delivered.
trap 'a=$((a + 1))' USR1
trap 'b=$((b + 1))' USR2
a=0 b=0
for i in {1..20}; do kill -USR1 $$; kill -USR2 $$; done
echo "$a $b"
python3 -S - <<'END'
import os, signal
seen = []
for number in (signal.SIGUSR1, signal.SIGRTMIN, signal.SIGRTMIN + 1):
    signal.signal(number, lambda n, frame: seen.append(n))
mask = {signal.SIGUSR1, signal.SIGRTMIN, signal.SIGRTMIN + 1}
signal.pthread_sigmask(signal.SIG_BLOCK, mask)
for number in (signal.SIGRTMIN + 1, signal.SIGRTMIN, signal.SIGUSR1, signal.SIGUSR1):
    os.kill(os.getpid(), number)
print(sorted(int(n) for n in signal.sigpending()))
signal.pthread_sigmask(signal.SIG_UNBLOCK, mask)
print(sorted(seen))
END
