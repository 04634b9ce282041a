#!/bin/bash
# Every status of a pipeline, and the one it counts as.
true | false | (exit 3) | true
echo "${PIPESTATUS[@]}"
false | true
echo "$? without pipefail"
set -o pipefail
(exit 4) | (exit 5) | true
echo "$? with pipefail"
! (exit 4) | true
echo "$? negated: ${PIPESTATUS[*]}"
set -e
(exit 7) | cat || echo "caught $?"
(exit 8) | cat
echo not reached
