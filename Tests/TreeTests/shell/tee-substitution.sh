#!/bin/bash
# tee into several process substitutions that all finish.
seq 1000 | tee >(sort -rn | head -n 1 >max) >(wc -l >count) | tail -n 1
until [ -s max ] && [ -s count ]; do sleep 0.02; done
cat max count
seq 10 | tee -a log | tee -a log >/dev/null; wc -l <log
echo x | tee /dev/full 2>/dev/null; echo $?
(echo a; sleep 0.1; echo b) | tee /dev/stderr 2>both | cat; cat both
