#!/usr/bin/python3 -u
"""subprocess: pipes, statuses, timeouts, sessions, preexec_fn, large data both ways."""
import os
import signal
import subprocess
import sys

print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True))
print(subprocess.run("kill -TERM $$", shell=True).returncode)
data = os.urandom(1 << 20)
print(subprocess.run(["cat"], input=data, capture_output=True).stdout == data)
first = subprocess.Popen(["seq", "1000"], stdout=subprocess.PIPE)
second = subprocess.Popen(["wc", "-l"], stdin=first.stdout, stdout=subprocess.PIPE, text=True)
first.stdout.close()
print(second.communicate()[0].strip(), first.wait())
try:
    subprocess.run(["sleep", "30"], timeout=0.2)
except subprocess.TimeoutExpired as error:
    print("too long:", error.cmd)
for name in ("./missing", "/", __file__ + "x"):
    try:
        subprocess.run([name])
    except OSError as error:
        print(type(error).__name__, error.errno)
print(subprocess.check_output(["sh", "-c", "ps=$(cut -d' ' -f6 /proc/self/stat); [ $ps = $$ ] && echo leads"], start_new_session=True, text=True).strip())
print(subprocess.check_output(["pwd"], cwd="/usr", text=True).strip(), subprocess.check_output(["env"], env={"A": "1"}, text=True).strip())
print(subprocess.run(["true"], preexec_fn=lambda: os.nice(1)).returncode)
try:
    subprocess.run(["true"], preexec_fn=lambda: 1 / 0)
except subprocess.SubprocessError as error:
    print(error)
r, w = os.pipe()
child = subprocess.Popen(["sh", "-c", f"echo passed >&{w}"], pass_fds=[w])
os.close(w)
print(os.read(r, 100), child.wait())
many = [subprocess.Popen(["sh", "-c", f"exit {i}"]) for i in range(30)]
print([p.wait() for p in many])
sleeper = subprocess.Popen(["sleep", "30"])
sleeper.send_signal(signal.SIGSTOP)
print(os.WIFSTOPPED(os.waitpid(sleeper.pid, os.WUNTRACED)[1]))
sleeper.kill()
print(sleeper.wait(), subprocess.getstatusoutput("echo text; exit 9"))
print(subprocess.run([sys.executable, "-S", "-c", "import sys; sys.exit('bye')"], stderr=subprocess.PIPE).stderr)
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "echo spawned; exit 6"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "spawned.txt", os.O_CREAT | os.O_WRONLY, 0o644)])
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), open("spawned.txt").read())
