#!/bin/bash
# 128 + n for every signal that ends a process.
dash -c 'kill -QUIT $$'; echo "QUIT $?"
for signal in HUP INT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT XCPU XFSZ VTALRM PROF IO PWR SYS RTMIN RTMIN+5 RTMAX; do
    (ulimit -c 0; bash -c "kill -$signal \$\$; sleep 5") 2>/dev/null
    echo "$signal $?"
done
for signal in CHLD CONT URG WINCH; do
    bash -c "kill -$signal \$\$; exit 9"
    echo "$signal $?"
done
