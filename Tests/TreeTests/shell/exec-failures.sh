#!/bin/bash
# Programs that cannot be started, and what the errors are called.
said() { LC_ALL=C "$@" 2>&1 | sed 's/.*: //'; }
said ./missing
: >not-executable; said ./not-executable
mkdir folder; said ./folder
ln -s loop loop; said ./loop
: >file; said ./file/below
printf '#!./missing-interpreter\n' >script; chmod +x script; said ./script
printf '#!/bin/sh' >short; chmod +x short; ./short; echo $?
printf '#!\n' >nothing; chmod +x nothing; said ./nothing
long=$(printf 'x%.0s' {1..300}); said "./$long"
printf '\177ELF\2\1\1' >truncated; chmod +x truncated; said ./truncated
said env ./missing
said nice ./missing
python3 -S - <<'END'
import os
for args in (["./missing"], ["./not-executable"], ["./folder"], ["./nothing"], ["./truncated"], ["./loop"], ["x" * 5000]):
    try:
        os.execv(args[0], args)
    except OSError as error:
        print(error.errno)
try:
    os.execv("/bin/true", ["true", "x" * (1 << 17)])
except OSError as error:
    print(error.errno)
try:
    os.execv("/bin/true", ["true"] + ["x" * 100000] * 40)
except OSError as error:
    print(error.errno)
END
