#!/bin/bash
# Whole numbers: bases, operators, wrapping, errors.
echo $((2 ** 62)) $((2 ** 63)) $((9223372036854775807 + 1))
echo $((16#ff)) $((2#1011)) $((0x1F)) $((017)) $((36#zz))
echo $((7 / 2)) $((-7 / 2)) $((-7 % 3)) $((1 << 40)) $((-1 >> 1)) $((5 ^ 3)) $((~5))
((i = 5, j = i++ + ++i)); echo "$i $j"
echo $((1 ? 2 : 3)) $((0 || 5)) $((3 > 2 && 2 > 1))
(echo $((1 / 0))) 2>/dev/null; echo $?
((0)); echo $?
let 'x = 3 * 4' 'y = x + 1'; echo "$x $y"
for ((sum = 0, i = 1; i <= 10000; i++)); do ((sum += i * i)); done; echo "$sum"
fib() { local n=$1; ((n < 2)) && echo "$n" || echo $(($(fib $((n - 1))) + $(fib $((n - 2))))); }
fib 7
