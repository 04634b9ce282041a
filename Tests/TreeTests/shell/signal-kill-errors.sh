#!/bin/bash
# kill's own failures, and the names of signals.
kill -0 $$ && echo "I am"
(exit 0) & gone=$!
wait
kill -0 $gone 2>/dev/null; echo "gone: $?"
kill -TERM 4194304 2>/dev/null; echo "$?"
kill -99 $$ 2>/dev/null; echo "$?"
kill -l 9 15 34 64 143
kill -l TERM HUP
