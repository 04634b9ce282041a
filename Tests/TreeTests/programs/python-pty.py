#!/usr/bin/python3 -u
#: pty
"""pty: fork, echo, Ctrl-C to the foreground group, end of input, hang-up."""
import os
import pty
import select
import signal
import time


def until(fd, text):
    got = b""
    while text not in got:
        if not select.select([fd], [], [], 20)[0]:
            return b"nothing: " + got
        try:
            part = os.read(fd, 1000)
        except OSError as error:
            return b"error %d: " % error.errno + got
        got += part
    return got


pid, fd = pty.fork()
if pid == 0:
    print(os.ttyname(0).startswith("/dev/pts/"), os.getsid(0) == os.getpid(), os.tcgetpgrp(0) == os.getpgrp(), flush=True)
    os.execvp("cat", ["cat"])
print(until(fd, b"\n"))
os.write(fd, b"echoed\n")
print(until(fd, b"echoed\r\nechoed\r\n"))
os.write(fd, b"\x03")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
os.close(fd)
pid, fd = pty.fork()
if pid == 0:
    signal.signal(signal.SIGHUP, lambda number, frame: os._exit(9))
    print("up", flush=True)
    while True:
        time.sleep(1)
print(until(fd, b"up\r\n"))
os.close(fd)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
