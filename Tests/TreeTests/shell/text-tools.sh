#!/bin/bash
# sort, awk, sed, grep, cut, join and the like in processes that feed each other.
seq 5000 | shuf --random-source=<(yes) | sort -n | md5sum
seq 1000 | awk '{ print $1 % 10, $1 }' | sort -k1,1n -k2,2nr | awk '!seen[$1]++' | paste -sd' '
join <(printf '%s\n' '1 a' '2 b' '3 c') <(printf '%s\n' '1 x' '3 z')
awk 'BEGIN { while (("seq 3" | getline x) > 0) print "got", x; close("seq 3"); print "sorted" | "sort -r"; print "zeta" | "sort -r"; close("sort -r"); system("exit 3") }'
awk 'BEGIN { print system("exit 3"), (system("kill -TERM $$") > 0) }'
echo a b c | sed 's/b/$(x)/; s/\w/<&>/g'
echo 'echo from sed' | sed 's/^/ /e' 2>/dev/null
seq 100000 >numbers; split -n l/4 --filter='wc -l' numbers | awk '{ n += $1 } END { print n, NR }'; rm numbers
sort --parallel=2 -S 1M <(seq 50000 -1 1) | head -n 2
