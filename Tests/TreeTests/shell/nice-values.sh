#!/bin/bash
# nice and renice: values add up and are inherited.
nice
nice -n 5 nice
nice -n 5 bash -c 'nice -n 7 nice; cut -d" " -f19 /proc/self/stat'
nice -n 100 nice
sleep 30 & renice -n 3 -p $! >/dev/null; cut -d' ' -f19 /proc/$!/stat; kill $!
nice -n 5 /nonexistent 2>/dev/null; echo $?
taskset -p $$ 2>/dev/null | sed 's/.*: //'
ionice 2>/dev/null | sed 's/:.*//'
