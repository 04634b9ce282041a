#!/bin/bash
# What a subshell inherits, and that nothing of it comes back.
x=1
(x=2; cd /; set -f; echo "inside $x $PWD"; exit 3)
echo "$? outside $x ${PWD##*/}" | sed 's/case$/case/' | cut -c1-11
[ "$BASHPID" = $$ ] && echo "the shell itself"
( [ "$BASHPID" != $$ ] && echo "another process, the same \$\$" )
echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL)))
( ( ( (exit 9) ) ) ); echo $?
f() { (return 4); }
f; echo $?
[ "$( (grep PPid /proc/self/status | cut -f2) )" = "$BASHPID" ] || echo "the subshell is the parent"
