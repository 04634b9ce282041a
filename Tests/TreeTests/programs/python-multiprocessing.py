#!/usr/bin/python3 -u
#: ignores __pycache__*
"""multiprocessing with fork and spawn: pools, queues, pipes, locks, shared values, managers, shared memory."""
import multiprocessing
import os
import signal
from multiprocessing import shared_memory


def square(n):
    return n * n


def producer(queue, n):
    for i in range(n):
        queue.put((n, i))


def add(value, lock, times):
    for _ in range(times):
        with lock:
            value.value += 1


def answer(connection):
    while (text := connection.recv()) is not None:
        connection.send(text.upper())
    os._exit(7)


def fill(name):
    block = shared_memory.SharedMemory(name=name)
    block.buf[:5] = b"child"
    block.close()


def hang():
    signal.pause()


def main(method):
    context = multiprocessing.get_context(method)
    with context.Pool(3) as pool:
        print(method, sum(pool.map(square, range(200))), sorted(pool.imap_unordered(square, range(5))))
    queue = context.Queue()
    children = [context.Process(target=producer, args=(queue, n)) for n in (10, 20)]
    for child in children:
        child.start()
    print(sorted(queue.get() for _ in range(30))[::9], [child.join() or child.exitcode for child in children])
    value, lock = context.Value("i", 0), context.Lock()
    children = [context.Process(target=add, args=(value, lock, 300)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print(value.value)
    here, there = context.Pipe()
    child = context.Process(target=answer, args=(there,))
    child.start()
    here.send("text")
    print(here.recv())
    here.send(None)
    child.join()
    print(child.exitcode)
    block = shared_memory.SharedMemory(create=True, size=100)
    child = context.Process(target=fill, args=(block.name,))
    child.start()
    child.join()
    print(bytes(block.buf[:5]))
    block.close()
    block.unlink()
    child = context.Process(target=hang)
    child.start()
    child.terminate()
    child.join()
    print(child.exitcode)


if __name__ == "__main__":
    main("fork")
    main("spawn")
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        child = multiprocessing.Process(target=shared.update, args=({"b": 2},))
        child.start()
        child.join()
        print(dict(shared))
