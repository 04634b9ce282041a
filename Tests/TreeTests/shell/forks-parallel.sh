#!/bin/bash
# 60 processes at once, each with something to say.
for i in {1..60}; do (sleep 0.05; echo "$i" >>all; exit $((i % 5))) & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid"; sum=$((sum + $?)); done
echo $sum
sort -n all | md5sum
rm all
ls /proc | grep -c '^[0-9]*$' >count; [ "$(cat count)" -ge 2 ] && rm count
