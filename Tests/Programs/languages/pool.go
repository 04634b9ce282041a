package main

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	fmt.Println("hello from Go")
	jobs := make(chan uint64)
	var total uint64
	var lock sync.Mutex
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for n := range jobs {
				var sum uint64
				for x := uint64(0); x < n; x++ {
					sum += x * x
				}
				lock.Lock()
				total += sum
				lock.Unlock()
			}
		}()
	}
	for n := uint64(0); n < 1000; n++ {
		jobs <- n
	}
	close(jobs)
	group.Wait()
	fmt.Println("total", total)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-signals)
	time.Sleep(5 * time.Millisecond)
	func() {
		defer func() { fmt.Println("recovered", recover() != nil) }()
		var p *int
		*p = 1
	}()
	var garbage [][]byte
	for i := 0; i < 200; i++ {
		garbage = append(garbage, make([]byte, 100000))
	}
	fmt.Println(len(garbage))
	data, err := os.ReadFile("words.txt")
	fmt.Println(len(data), err)
	os.Exit(3)
}
