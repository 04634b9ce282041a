#!/bin/bash
# Traps of the shell itself.
trap 'echo "ERR at $LINENO: $?"' ERR
false
(exit 3)
if false; then :; fi
false || true
set -E
inner() { false; return 0; }
inner
trap - ERR
count=0
trap 'count=$((count + 1))' DEBUG
:; :; :
trap - DEBUG
echo "DEBUG ran $count times"
set -T
returns() { :; }
trap 'echo "RETURN from ${FUNCNAME[0]}"' RETURN
returns
trap - RETURN
