#!/bin/bash
# Scripts that call scripts; $0, arguments, levels.
cat >one <<'END'
#!/bin/bash
echo "one: ${0##*/} $# $SHLVL" | sed "s/ $SHLVL\$/ level/"
./two "$@" extra
echo "two said $?"
END
cat >two <<'END'
#!/bin/dash
echo "two: ${0##*/} $*"
. ./three inner
exit 4
END
cat >three <<'END'
echo "three: ${0##*/} $*"
END
chmod +x one two
./one a 'b c'
bash one; bash ./two x
source ./three sourced
level=$SHLVL; bash -c 'echo $((SHLVL - '$level'))'
echo 'echo piped $0' | bash
echo 'echo with $1' | bash -s argument
PATH=$PWD:$PATH; one | tail -n 1
