#!/bin/bash
# <( ) and >( ), several at once, with diff, paste, tee and loops.
diff <(seq 1 5) <(seq 1 6)
paste -d, <(seq 3) <(seq 4 6) <(seq 7 9)
while read -r x; do sum=$((sum + x)); done < <(seq 100)
echo "$sum"
comm -12 <(printf '%s\n' a b c) <(printf '%s\n' b c d)
echo data | tee >(tr a-z A-Z >upper) >(rev >reversed) >plain
until [ -s upper ] && [ -s reversed ]; do sleep 0.02; done
cat upper reversed plain
cat <(cat <(cat <(echo nested)))
exec 3< <(echo kept; exit 3)
read -r kept <&3
wait $!; echo "$kept $?"
