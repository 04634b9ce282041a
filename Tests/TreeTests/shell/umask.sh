#!/bin/bash
# umask: what files and folders get, symbolic forms, inherited.
umask
umask 027; touch a; mkdir b; stat -c '%a %n' a b
(umask 0; touch c; stat -c %a c)
umask
umask -S; umask u=rwx,g=,o=; umask
bash -c umask
install -m 751 a d; stat -c %a d
mkfifo -m 640 e; stat -c %a e; rm e
umask g+r; umask
grep Umask /proc/self/status
