#!/bin/bash
#: needs script
#: pty
# script(1) passes output and status of what it runs on a terminal.
script -qec 'test -t 0 && test -t 1 && echo terminal; exit 5' /dev/null </dev/null | tr -d '\r'
echo "${PIPESTATUS[0]}"
script -qec 'stty size; stty cols 100 rows 30; stty size' /dev/null </dev/null | tail -n 1 | tr -d '\r'
script -qec 'kill -TERM $$' /dev/null </dev/null; echo $?
