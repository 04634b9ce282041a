#!/bin/bash
#: needs tar gzip
# tar and compressors that feed each other, and sparse and linked files.
mkdir -p t/a/b; for i in $(seq 50); do seq "$i" 500 >"t/a/f$i"; done
ln -s f1 t/a/link; ln t/a/f2 t/a/b/hard; truncate -s 1M t/sparse; chmod 750 t/a/b; mkfifo t/fifo; touch -d @1000000000 t/a/f3
tar -cf - t | gzip -n | gunzip | tar -tvf - | awk '{ print $1, $3, $6, $7, $8 }' | sed 's/, .*//' | sort -k3 | md5sum
tar -czf all.tgz --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner t; mkdir out; tar -xzf all.tgz -C out; diff -r t/a out/t/a && echo equal
stat -c '%a %h %F' out/t/a/b out/t/a/b/hard out/t/fifo
(cd t && tar -cf - a) | (mkdir copy && cd copy && tar -xf -); diff -r t/a copy/a && echo copied
tar -cf - t | (sleep 0.1; head -c 1000 >/dev/null); echo "${PIPESTATUS[0]}"
tar --use-compress-program='gzip -1' -cf x.tgz t/a; tar -tf x.tgz | wc -l
tar -xf all.tgz --to-command='wc -c' t/a/f1
cat t/a/f* | gzip | tee one.gz | zcat | md5sum; gzip -t one.gz; echo $?
head -c 100 one.gz | gzip -t 2>/dev/null; echo $?
rm -rf t out copy all.tgz x.tgz one.gz
