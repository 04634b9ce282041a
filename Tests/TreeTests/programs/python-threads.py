#!/usr/bin/python3 -u
"""threading and concurrent.futures: locks, conditions, queues, pools of threads and of processes."""
import concurrent.futures
import os
import queue
import subprocess
import threading


def work(n):
    return n, os.getpid() != parent


parent = os.getpid()
counter, lock = 0, threading.Lock()


def count():
    global counter
    for _ in range(500):
        with lock:
            counter += 1


threads = [threading.Thread(target=count) for _ in range(50)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(counter, threading.active_count())
jobs, results = queue.Queue(5), queue.Queue()


def worker():
    while (job := jobs.get()) is not None:
        results.put(job * 2)


threads = [threading.Thread(target=worker) for _ in range(4)]
[thread.start() for thread in threads]
for i in range(200):
    jobs.put(i)
[jobs.put(None) for _ in threads]
[thread.join() for thread in threads]
print(sum(results.get() for _ in range(200)))
barrier = threading.Barrier(8)
order = []
threads = [threading.Thread(target=lambda: order.append(barrier.wait())) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sorted(order))
condition, turn, said = threading.Condition(), 0, []


def take_turns(me):
    global turn
    for _ in range(20):
        with condition:
            condition.wait_for(lambda: turn == me)
            said.append(me)
            turn = 1 - me
            condition.notify_all()


threads = [threading.Thread(target=take_turns, args=(i,)) for i in (0, 1)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(said == [0, 1] * 20)
with concurrent.futures.ThreadPoolExecutor(6) as pool:
    print(list(pool.map(lambda i: subprocess.run(["sh", "-c", f"exit {i}"]).returncode, range(12))))
with concurrent.futures.ProcessPoolExecutor(3) as pool:
    print(list(pool.map(work, range(6))))
    print(pool.submit(work, 7).result())
try:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(os._exit, 3).result()
except concurrent.futures.process.BrokenProcessPool:
    print("broken pool")
if os.fork() == 0:
    print(threading.active_count(), flush=True)
    os._exit(0)
os.wait()
local = threading.local()
timer = threading.Timer(0.05, print, ["timer"])
timer.start()
timer.join()
