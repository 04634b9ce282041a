"""A program in a confidential guest that uses the sockets of --connect: /run/echo, /run/tcp (an echo, too), /run/sink, /run/source, /run/reset, /run/closes, /run/gone."""

import errno
import hashlib
import os
import select
import socket
import stat
import threading


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            break
        data += part
    return data


def refused(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


for path in ["/run/echo", "/run/tcp"]:
    with connect(path) as connection:
        connection.sendall(b"hello")
        print(path, receive(connection, 5), connection.getpeername(), stat.S_ISSOCK(os.stat(path).st_mode))
        connection.shutdown(socket.SHUT_WR)
        print(connection.recv(10), refused(lambda: connection.send(b"x")))

# As many bytes as never fit into any buffer, in both directions at once.
data = os.urandom(1 << 20) * 6
with connect("/run/echo") as connection:
    writer = threading.Thread(target=lambda: (connection.sendall(data), connection.shutdown(socket.SHUT_WR)))
    writer.start()
    print("echoed", receive(connection, len(data)) == data, connection.recv(1))
    writer.join()
with connect("/run/sink") as connection:
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    print("sunk", receive(connection, 64) == hashlib.sha256(data).hexdigest().encode())
with connect("/run/source") as connection:
    print("source", hashlib.sha256(receive(connection, 5_000_000)).hexdigest(), connection.recv(1))

# Readiness.
with connect("/run/echo") as connection, select.epoll() as epoll:
    connection.setblocking(False)
    print("nothing yet", refused(lambda: connection.recv(1)), select.select([connection], [connection], [], 0)[1] == [connection])
    epoll.register(connection, select.EPOLLIN | select.EPOLLET | select.EPOLLRDHUP)
    print("quiet", epoll.poll(0.01))
    connection.send(b"first")
    print("in", [events & select.EPOLLIN for _, events in epoll.poll(10)], connection.recv(5, socket.MSG_PEEK), connection.recv(5))
    connection.shutdown(socket.SHUT_WR)
    while not any(events & select.EPOLLRDHUP for _, events in epoll.poll(10)):
        pass
    print("end", connection.recv(1))

# Several at once, and no more than there are.
many = [connect("/run/echo") for _ in range(61)]
for number, connection in enumerate(many):
    connection.sendall(b"%d\n" % number)
print("many", all(receive(connection, len(b"%d\n" % number)) == b"%d\n" % number for number, connection in enumerate(many)))
more = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
more.setblocking(False)
print("one more", refused(lambda: more.connect("/run/echo")))
many.pop().close()
more.setblocking(True)
more.connect("/run/echo")
more.sendall(b"in its place")
print(receive(more, 12))
for connection in many + [more]:
    connection.close()

# Ends that are none of this program's making.
with connect("/run/closes") as connection:
    print("closed", receive(connection, 10))
    for _ in range(100):
        if refused(lambda: connection.send(b"x")) != "done":
            break
    print(refused(lambda: connection.send(b"x")))
with connect("/run/reset") as connection:
    connection.sendall(b"x")
    print("reset", refused(lambda: receive(connection, 10)))
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
    print("gone", refused(lambda: connection.connect("/run/gone")), refused(lambda: connection.connect("/run/other")))
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
    print("datagrams", refused(lambda: connection.connect("/run/echo")))

# What is written last is sent, although nobody waits for it.
last = connect("/run/sink")
last.sendall(data)
