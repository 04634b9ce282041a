#!/bin/bash
#: needs git
#: ignores */.git/index */logs/*
# A small repository: commit, clone, hooks, pager and aliases that start shells.
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'
git init -q -b main r && cd r || exit
for i in $(seq 30); do echo "$i" >"f$i"; done
printf '#!/bin/sh\necho "hook ran: $(git diff --cached --name-only | wc -l)" >&2\n' >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit
git add . && git commit -q -m one 2>&1
git log --format='%H %s'
git -c alias.x='!f() { echo "alias $1"; }; f' x word
GIT_PAGER='sed s/^/paged:/' git -c core.pager='sed s/^/paged:/' --paginate log --oneline
cd .. && git clone -q r s && git -C s fsck && git -C s rev-parse HEAD
rm -rf s
