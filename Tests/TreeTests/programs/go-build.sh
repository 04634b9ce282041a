#!/bin/bash
#: needs go
#: slow
#: limit 400
#: memory 4g
#: ignores cache/* cache tmp
# go build and go vet in the sandbox.
export GOCACHE=$PWD/cache GOTMPDIR=$PWD/tmp CGO_ENABLED=0 GOFLAGS=-trimpath GOPROXY=off
mkdir tmp
cat >go.mod <<'END'
module hello

go 1.19
END
cat >main.go <<'END'
package main

import (
	"fmt"
	"sync"
)

func main() {
	var group sync.WaitGroup
	results := make([]int, 100)
	for i := range results {
		group.Add(1)
		go func(n int) { defer group.Done(); results[n] = n * n }(i)
	}
	group.Wait()
	fmt.Println(results[99])
}
END
go build -o hello . 2>&1; echo $?
./hello
rm -rf tmp cache
