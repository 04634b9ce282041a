#!/bin/bash
#: needs java
#: memory 3g
#: ignores hs_err*
# java starts.
java -version 2>&1
echo $?
java -XX:TieredStopAtLevel=1 -version 2>&1 | tail -n 1
