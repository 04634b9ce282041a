#!/bin/bash
# |& and the order of redirections in pipelines.
both() { echo out; echo err >&2; }
both |& sort
both 2>&1 >/dev/null | sed 's/^/only: /'
{ both 3>&1 1>&2 2>&3 | sed 's/^/swapped: /'; } 2>&1 | sort
both 2>/dev/null | tr a-z A-Z
