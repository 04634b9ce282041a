#!/bin/bash
#: needs go
#: limit 120
#: ahead cd go-program && GOCACHE=$PWD/../.cache CGO_ENABLED=0 go build -o ../program . && rm -rf ../.cache
# Goroutines, channels, os/exec, signals, timers, pipes in a Go program built natively.
./program; echo $?
GOMAXPROCS=1 ./program | md5sum
