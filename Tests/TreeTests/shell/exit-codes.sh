#!/bin/bash
# 126, 127, 128 + n, and numbers beyond a byte.
./missing 2>/dev/null; echo $?
: >plain; ./plain 2>/dev/null; echo $?
chmod +x plain; ./plain; echo "empty: $?"
mkdir folder; ./folder 2>/dev/null; echo $?
printf '#!/nonexistent\n' >bad; chmod +x bad; ./bad 2>/dev/null; echo $?
printf '\177ELFgarbage' >elf; chmod +x elf; ./elf 2>/dev/null; echo $?
no-such-command 2>/dev/null; echo $?
(exit 256); echo $?
(exit 257); echo $?
(exit -1); echo $?
bash -c 'kill -9 $$'; echo $?
bash -c 'exit 300'; echo $?
bash -c 'syntax error (' 2>/dev/null; echo $?
false; (exit); echo $?
sh -c 'exit 3' || sh -c "exit $(($? + 1))"; echo $?
exit 77
