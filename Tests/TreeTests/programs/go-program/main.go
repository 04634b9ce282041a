package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"sort"
	"sync"
	"syscall"
	"time"
)

func main() {
	var group sync.WaitGroup
	sums := make(chan int, 10)
	for i := 0; i < 2000; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			time.Sleep(time.Millisecond)
			sums <- n
		}(i)
	}
	go func() { group.Wait(); close(sums) }()
	total := 0
	for n := range sums {
		total += n
	}
	fmt.Println(total)

	var statuses []int
	var lock sync.Mutex
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			command := exec.Command("sh", "-c", fmt.Sprintf("exit %d", n))
			command.Run()
			lock.Lock()
			statuses = append(statuses, command.ProcessState.ExitCode())
			lock.Unlock()
		}(i)
	}
	group.Wait()
	sort.Ints(statuses)
	fmt.Println(statuses)

	upper := exec.Command("tr", "a-z", "A-Z")
	upper.Stdin = bytes.NewBufferString("to the child")
	output, err := upper.Output()
	fmt.Println(string(output), err)

	limited, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	fmt.Println(exec.CommandContext(limited, "sleep", "30").Run())
	_, err = exec.Command("./missing").Output()
	fmt.Println(err)

	first, second := exec.Command("seq", "10000"), exec.Command("wc", "-l")
	reader, writer := io.Pipe()
	first.Stdout, second.Stdin, second.Stdout = writer, reader, os.Stdout
	second.Start()
	first.Run()
	writer.Close()
	second.Wait()

	child := exec.Command("sleep", "30")
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	child.Start()
	group2, _ := syscall.Getpgid(child.Process.Pid)
	fmt.Println(group2 == child.Process.Pid)
	syscall.Kill(-child.Process.Pid, syscall.SIGUSR1)
	fmt.Println(child.Wait())

	listener, err := net.Listen("unix", "service")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(connection, connection); connection.Close() }()
		}
	}()
	echoed := make(chan int)
	for i := 0; i < 50; i++ {
		go func(n int) {
			connection, err := net.Dial("unix", "service")
			if err != nil {
				echoed <- -1
				return
			}
			fmt.Fprintf(connection, "%d\n", n)
			var back int
			fmt.Fscan(connection, &back)
			connection.Close()
			echoed <- back
		}(i)
	}
	total = 0
	for i := 0; i < 50; i++ {
		total += <-echoed
	}
	listener.Close()
	fmt.Println(total)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-signals)
	select {
	case <-signals:
	case <-time.After(50 * time.Millisecond):
		fmt.Println("no more")
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 5; i++ {
		<-ticker.C
	}
	defer fmt.Println("not run by Exit")
	os.Exit(3)
}
