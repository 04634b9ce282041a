#!/bin/bash
#: needs java javac
#: slow
#: memory 4g
#: limit 200
#: ignores *.class hs_err*
# javac and a program with threads, executors, ProcessBuilder.
javac -d . java-threads/Trees.java 2>&1; echo $?
java -cp . Trees; echo $?
