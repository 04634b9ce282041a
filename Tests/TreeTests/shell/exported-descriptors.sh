#!/bin/bash
# Descriptors through exec: kept, closed on exec, and pipes held open.
exec 7>file
bash -c 'echo kept >&7'
cat file
exec 7>&-
bash -c 'echo lost >&7' 2>/dev/null; echo $?
python3 -S - <<'END'
import os, subprocess
r, w = os.pipe()
print(os.get_inheritable(r))
print(subprocess.run(["sh", "-c", f"echo x >&{w}"], stderr=subprocess.DEVNULL).returncode)
print(subprocess.run(["sh", "-c", f"echo x >&{w}"], pass_fds=[w]).returncode, os.read(r, 10))
END
(sleep 0.3; echo end >&8) 8>&1 >/dev/null | cat
(exec 3>&1; sleep 20 3>&- >/dev/null & echo "$!" >pid; echo text >&3) | cat; kill "$(cat pid)"; rm pid
