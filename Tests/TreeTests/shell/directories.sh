#!/bin/bash
# cd, pushd, popd, CDPATH, links, folders that are gone.
top=$PWD
mkdir -p a/b c; ln -s a/b link
cd a/b; echo "${PWD#$top}"; cd ..; echo "${PWD#$top}"; cd - | sed "s:$top::"
cd "$top/link"; echo "${PWD#$top}"; pwd -P | sed "s:$top::"; cd ..; echo "${PWD#$top}."
cd -P link; echo "${PWD#$top}"; cd "$top"
pushd a >/dev/null; pushd ../c >/dev/null; dirs -l -p | sed "s:$top::"; popd >/dev/null; echo "${PWD#$top}"; popd >/dev/null
CDPATH=$top/a; cd b | sed "s:$top::"; cd "$top"
cd nowhere 2>/dev/null; echo $?
mkdir gone; cd gone; rmdir ../gone; ls; touch x 2>/dev/null; echo $?; /bin/pwd 2>/dev/null; echo $?; cd "$top"
(cd a; echo "${PWD#$top}"); echo "${PWD#$top}."
mkdir locked; chmod 000 locked; stat -c %a locked; chmod 755 locked
