#!/bin/bash
# Here documents: quoted, with tabs, nested, several at once, large.
name=world
cat <<END
hello $name $(echo sub) $((1 + 2)) \$name
END
cat <<'END'
hello $name $(echo sub)
END
cat <<-END
	tabs go
	  spaces stay
	END
cat <<A - /dev/fd/3 3<<B
first
A
second
B
while read -r line; do
    cat <<INNER
[$line]
INNER
done <<OUTER
one
two
OUTER
text=$(head -c 300000 /dev/zero | tr '\0' h)
cat <<END | wc -c
$text
END
wc -c <<<"$text"
