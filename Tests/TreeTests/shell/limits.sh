#!/bin/bash
# ulimit: soft, hard, inherited, and what happens beyond it.
ulimit -S -n 32; ulimit -Sn
bash -c 'ulimit -n'
(for i in {3..40}; do eval "exec $i</dev/null" 2>/dev/null || { echo "failed at $i"; break; }; done)
(ulimit -f 1; trap '' XFSZ; head -c 5000 /dev/zero >big 2>/dev/null; echo $?; stat -c %s big)
(ulimit -f 1; bash -c 'exec head -c 5000 /dev/zero >big'); echo $?
(ulimit -H -n 16; ulimit -n; ulimit -n 16; echo $?)
(ulimit -c 0; ulimit -c)
(ulimit -v 100000; python3 -S -c 'bytearray(200 << 20)' 2>&1 | tail -n 1)
rm big
