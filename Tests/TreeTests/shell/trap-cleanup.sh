#!/bin/bash
# A script that removes its temporary files however it ends.
cat >worker <<'END'
#!/bin/bash
dir=$(mktemp -d -p .)
trap 'rm -rf "$dir"; echo "cleaned up"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
touch "$dir/file"
case $1 in
    normal) exit 0 ;;
    error) exit 1 ;;
    INT | TERM) kill "-$1" $$; sleep 1 ;;
esac
END
chmod +x worker
for how in normal error INT TERM; do
    ./worker $how
    echo "$how: $?"
done
ls
