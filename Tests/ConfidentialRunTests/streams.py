"""Servers of the host that guests are connected to (--connect): each serves every connection on a thread of its own."""

import hashlib
import pathlib
import socket
import struct
import threading

SOURCE = bytes(range(250)) * 20_000


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data)


def closes(connection):
    connection.sendall(b"hello")


def source(connection):
    connection.sendall(SOURCE)


def reset(connection):
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Sink:
    """Counts what comes, and answers with its digest."""

    def __init__(self):
        self.sizes = []

    def __call__(self, connection):
        size, digest = 0, hashlib.sha256()
        while data := connection.recv(65536):
            size += len(data)
            digest.update(data)
        self.sizes.append(size)
        try:
            connection.sendall(digest.hexdigest().encode())
        except OSError:
            pass


class Server:
    """Listens at a path, or at a port of this host that nobody else uses."""

    def __init__(self, serve, path=None):
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.socket.bind(str(path) if path else ("127.0.0.1", 0))
        self.socket.listen(100)
        self.address = f"unix:{path}" if path else "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.serve, self.threads = serve, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.handle, args=[connection], daemon=True))
            self.threads[-1].start()

    def handle(self, connection):
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def join(self):
        for thread in list(self.threads):
            thread.join(30)
