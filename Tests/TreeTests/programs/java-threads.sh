#!/bin/bash
#: needs java javac
#: slow
#: memory 4g
#: limit 200
#: ignores *.class hs_err*
# javac and a program with threads, executors, ProcessBuilder.
javac Trees.java 2>&1 || javac java-threads/Trees.java -d . 2>&1
java -cp . Trees; echo $?
