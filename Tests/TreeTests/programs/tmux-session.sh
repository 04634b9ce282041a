#!/bin/bash
#: needs tmux
#: pty
#: slow
# tmux: a server, a session without a client, keys, and what is on the screen.
export LC_ALL=C.UTF-8
tmux() { command tmux -S "$PWD/socket" -f /dev/null "$@"; }
tmux new-session -d -x 80 -y 24 -s t 'PS1="> " exec bash --norc --noediting -i'; echo $?
screen() { tmux capture-pane -p -t t; }
until_shown() { for _ in {1..200}; do screen | grep -qE "$1" && { echo "shown $1"; return; }; sleep 0.05; done; echo "not shown: $1"; screen; }
until_shown '^>'
tmux send-keys -t t 'echo $((40 + 2))' Enter; until_shown '^42'
tmux send-keys -t t 'sleep 30' Enter; sleep 0.5; tmux send-keys -t t C-z; until_shown 'Stopped'
tmux send-keys -t t 'fg' Enter; sleep 0.5; tmux send-keys -t t C-c; until_shown '\^C'
tmux send-keys -t t 'echo status $?' Enter; until_shown '^status 130'
tmux send-keys -t t 'stty size' Enter; until_shown '^24 80'
tmux kill-server; echo $?
for _ in {1..100}; do [ -e socket ] || break; sleep 0.05; done
rm -f socket
