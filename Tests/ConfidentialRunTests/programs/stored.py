"""Makes files of every kind in /store when it is empty, then prints all that a file system keeps of them."""

import hashlib
import mmap
import os
import socket
import stat
import threading

os.chdir("/store")
os.umask(0)
if not os.listdir("."):
    os.mkdir("folder", 0o1770)
    with open("folder/file", "wb") as file:
        file.write(b"content" * 5000)
    os.link("folder/file", "same")
    os.symlink("folder/file", "link")
    os.symlink("nowhere/" * 100, "dangling")
    os.mkfifo("pipe", 0o640)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket")
    os.chmod("folder/file", 0o4751)
    os.chown("folder/file", 12, 34)
    os.setxattr("folder/file", "user.key", b"value\0with a zero")
    os.setxattr("folder", "user.other", b"x" * 1000)
    with open("sparse", "wb") as file:
        file.seek(10_000_000)
        file.write(b"end")
    # Through a mapping, with threads that reach the disk at once.
    with open("mapped", "w+b") as file:
        file.truncate(1 << 20)
        memory = mmap.mmap(file.fileno(), 1 << 20)

        def fill(part):
            start = part << 18
            memory[start : start + (1 << 18)] = bytes([part + 1]) * (1 << 18)
            memory.flush(start, 1 << 18)

        threads = [threading.Thread(target=fill, args=[part]) for part in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        memory.close()
    # One that is unlinked and open is gone with the run.
    orphan = open("orphan", "wb")
    orphan.write(b"x" * 1_000_000)
    orphan.flush()
    os.unlink("orphan")
    os.mkdir("many")
    for number in range(500):
        with open(f"many/{number}", "w") as file:
            file.write(str(number))
    for number in range(0, 500, 2):
        os.rename(f"many/{number}", f"many/renamed-{number}")
    os.utime("folder/file", ns=(10**18 + 1, 10**18 + 123456789))
    os.utime("folder", ns=(5, 6))
    os.sync()
    print("made")

for place, folders, files in os.walk("."):
    folders.sort()
    if place == "./many":
        print(len(files), sorted(files)[:5], sum(os.stat(f"many/{name}").st_size for name in files))
        continue
    for name in sorted(folders + files):
        path = f"{place}/{name}"
        found = os.lstat(path)
        words = [path, oct(found.st_mode), found.st_nlink, found.st_uid, found.st_gid]
        if stat.S_ISREG(found.st_mode):
            with open(path, "rb") as file:
                words += [found.st_size, found.st_blocks, found.st_mtime_ns, hashlib.sha256(file.read()).hexdigest()]
        if stat.S_ISLNK(found.st_mode):
            words.append(os.readlink(path))
        else:
            words.append([(key, os.getxattr(path, key)) for key in os.listxattr(path)])
        print(*words)
with open("sparse", "rb") as file:
    print(os.lseek(file.fileno(), 0, os.SEEK_DATA))
print(os.stat("same").st_ino == os.stat("folder/file").st_ino)
