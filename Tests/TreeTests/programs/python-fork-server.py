#!/usr/bin/python3 -u
"""A unix socket server that forks for each of 20 clients, and rights that are passed."""
import array
import os
import socket
import struct

server = socket.socket(socket.AF_UNIX)
server.bind("service")
server.listen(20)
if os.fork() == 0:
    for _ in range(20):
        connection, _ = server.accept()
        if os.fork() == 0:
            pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            total = 0
            with connection.makefile("rw") as stream:
                for line in stream:
                    total += int(line)
                    stream.write(f"{total}\n")
                    stream.flush()
            os._exit(0)
        connection.close()
    statuses = sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(20))
    os._exit(sum(statuses))
server.close()
for number in range(20):
    if os.fork() == 0:
        client = socket.socket(socket.AF_UNIX)
        client.connect("service")
        stream = client.makefile("rw")
        for i in range(10):
            stream.write(f"{number * i}\n")
            stream.flush()
            answer = stream.readline()
        os._exit(0 if int(answer) == number * 45 else 1)
print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(21)))
os.unlink("service")
here, there = socket.socketpair()
if os.fork() == 0:
    with open("given.txt", "w+") as file:
        file.write("written by the child")
        file.flush()
        there.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))])
    os._exit(0)
_, ancillary, _, _ = here.recvmsg(1, socket.CMSG_SPACE(4))
fd = struct.unpack("i", ancillary[0][2])[0]
print(os.pread(fd, 100, 0))
os.wait()
