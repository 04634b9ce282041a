#!/bin/bash
# wait with ids, with none, with ones that are no children.
(exit 3) & a=$!
(exit 4) & b=$!
wait $b; echo "b $?"
wait $a; echo "a $?"
wait $a; echo "a again $?"
wait 1 2>/dev/null; echo "not mine $?"
(exit 5) & (exit 6) &
wait; echo "all $?"
(kill -KILL "$BASHPID") & wait $!; echo "killed $?"
(exit 1) & x=$! ; (exit 2) & y=$!
wait $x $y; echo "the last of both $?"
