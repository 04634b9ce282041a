#!/usr/bin/python3 -u
"""signal: handlers, masks, timers, sigwait, wakeup descriptors, interrupted and restarted calls, signalled threads."""
import os
import select
import signal
import threading
import time

signal.signal(signal.SIGUSR1, lambda number, frame: print("handler", number))
os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
os.kill(os.getpid(), signal.SIGUSR2)
print(signal.sigpending(), signal.sigwait({signal.SIGUSR2}))
print(signal.sigtimedwait({signal.SIGUSR2}, 0.05))
ticks = []
signal.signal(signal.SIGALRM, lambda number, frame: ticks.append(number))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
while len(ticks) < 5:
    signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0)
print("five ticks", signal.getitimer(signal.ITIMER_REAL))
signal.signal(signal.SIGVTALRM, lambda number, frame: ticks.append(number))
signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
while signal.SIGVTALRM not in ticks:
    pass
print("virtual")


def interrupt(number, frame):
    raise InterruptedError("from the handler")


signal.signal(signal.SIGALRM, interrupt)
for call in (lambda: time.sleep(20), lambda: os.read(os.pipe()[0], 1), lambda: select.select([], [], [], 20), lambda: select.poll().poll(20000)):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        call()
    except InterruptedError as error:
        print(error)
pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    os._exit(9)
signal.signal(signal.SIGALRM, lambda number, frame: None)
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
r, w = os.pipe()
os.set_blocking(w, False)
signal.set_wakeup_fd(w)
os.kill(os.getpid(), signal.SIGUSR1)
print(list(os.read(r, 10)))
signal.set_wakeup_fd(-1)
thread = threading.Thread(target=lambda: print("thread got", signal.sigwait({signal.SIGUSR2})))
thread.start()
signal.pthread_kill(thread.ident, signal.SIGUSR2)
thread.join()
info = []
pid = os.fork()
if pid == 0:
    os.kill(os.getppid(), signal.SIGUSR2)
    os._exit(0)
found = signal.sigwaitinfo({signal.SIGUSR2})
print(found.si_pid == pid, found.si_uid == os.getuid(), found.si_code)
os.waitpid(pid, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.kill(os.getpid(), signal.SIGINT)
