#!/bin/bash
# ulimit -t: XCPU at the soft limit each second, KILL at the hard one.
(ulimit -t 1; while :; do :; done) 2>/dev/null; echo $?
(ulimit -S -t 1; while :; do :; done) 2>/dev/null; echo $?
(ulimit -S -t 1; trap 'echo caught; exit 3' XCPU; while :; do :; done); echo $?
(ulimit -S -t 1; sleep 1.2; echo "sleep does not count")
