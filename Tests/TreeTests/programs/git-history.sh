#!/bin/bash
#: needs git
#: slow
#: limit 300
#: ignores */index */.git/index */packed-refs *.pack *.idx *.rev */logs/* .git/* */ORIG_HEAD */info/*
# git with 1,000 files: init, add, commit, branch, merge, clone, log, gc, fsck.
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'
git() { command git -c init.defaultBranch=main -c gc.auto=0 -c advice.detachedHead=false -c protocol.file.allow=always "$@"; }
git init -q repository && cd repository || exit
for d in $(seq 10); do mkdir "d$d"; for f in $(seq 100); do echo "file $f of $d" >"d$d/f$f"; done; done
git add . && git commit -q -m first; echo $?
git log --format='%H %an %ad %s' --date=iso
git ls-files | wc -l
git checkout -q -b side
for f in $(seq 50); do echo changed >>"d3/f$f"; done
git mv d4/f1 d4/moved; git rm -q d5/f5
git commit -q -a -m side; git show --stat --format=%s | tail -n 3
git checkout -q main; echo more >d1/new; git add d1/new; git commit -q -m main
git merge -q --no-edit side; echo $?
git log --graph --oneline --abbrev=10
git status --short | wc -l
echo conflict >d1/f1; git commit -q -am ours; git checkout -q side; echo other >d1/f1; git commit -q -am theirs
git checkout -q main; git merge -q side >/dev/null 2>&1; echo "conflict: $?"
git diff --name-only --diff-filter=U; git merge --abort
git gc -q; echo $?
git fsck --full 2>/dev/null; echo $?
git count-objects -v | grep -E '^(count|packs|in-pack)'
cd ..; git clone -q repository copy; echo $?
git -C copy log --oneline | wc -l; git -C copy rev-parse HEAD; git -C copy ls-files | wc -l
git clone -q --bare --no-local repository bare.git; git -C bare.git rev-parse main
git -C copy checkout -q -b pushed; echo p >copy/p; git -C copy add p; git -C copy commit -q -m pushed; git -C copy push -q origin pushed; echo $?
git -C repository log -1 --format=%H pushed
git -C repository grep -c changed | wc -l
git -C repository blame -s d1/new; git -C repository archive HEAD d2 | tar -t | wc -l
