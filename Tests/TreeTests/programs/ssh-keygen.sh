#!/bin/bash
#: needs ssh-keygen
# Keys of both kinds: facts of them, signatures, changed comments and passphrases.
#: ignores k rsa* k.pub text.sig allowed
ssh-keygen -q -t ed25519 -N '' -C comment -f k; echo $?
cut -d' ' -f1,3 k.pub
ssh-keygen -l -f k.pub | awk '{ print $1, substr($2, 1, 7), length($2), $3, $4 }'
[ "$(ssh-keygen -y -f k)" = "$(cat k.pub)" ] && echo "the public half"
ssh-keygen -q -t rsa -b 2048 -N secret -f rsa; ssh-keygen -l -f rsa | awk '{ print $1, $NF }'
ssh-keygen -y -P wrong -f rsa >/dev/null 2>&1; echo $?
ssh-keygen -q -p -P secret -N '' -f rsa >/dev/null; echo $?
echo text >text; ssh-keygen -q -Y sign -f k -n file text 2>/dev/null; echo $?
echo "me $(cat k.pub)" >allowed
ssh-keygen -q -Y verify -f allowed -I me -n file -s text.sig <text; echo $?
stat -c %a k k.pub
