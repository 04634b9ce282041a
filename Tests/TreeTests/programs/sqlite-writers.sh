#!/bin/bash
#: needs sqlite3
#: ignores *.db
# Two writers and a reader at one database, in both journal modes.
for mode in delete wal; do
    db=$mode.db
    sqlite3 $db "pragma journal_mode=$mode; create table t (w, n)"
    writer() { for i in $(seq 15); do sqlite3 -cmd '.timeout 20000' $db "begin immediate; insert into t values ('$1', $i); commit" || echo failed; done; }
    writer a & writer b &
    sqlite3 -cmd '.timeout 20000' $db 'select count(*) >= 0 from t'
    wait
    sqlite3 $db 'select w, count(*), sum(n) from t group by w; pragma integrity_check'
done
(sqlite3 wal.db <<'END'
begin exclusive;
.shell touch held; sleep 0.5
commit;
END
) & until [ -e held ]; do sleep 0.02; done
sqlite3 wal.db "insert into t values ('c', 1)" 2>/dev/null; echo "locked: $?"
wait
ls *.db-* 2>/dev/null; rm held
