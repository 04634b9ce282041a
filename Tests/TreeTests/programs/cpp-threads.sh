#!/bin/bash
#: needs g++
#: limit 120
#: ignores threads
# std::thread, async, condition variables and exceptions, compiled in the sandbox.
g++ -std=c++17 -O0 -pthread -o threads cpp-threads/main.cpp 2>&1; echo $?
./threads; echo $?
