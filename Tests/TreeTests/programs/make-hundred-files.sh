#!/bin/bash
#: needs gcc make
#: slow
#: limit 400
#: ignores *.o project/tests
# make -j4 builds a C project of 100 generated files and runs its tests.
mkdir project && cd project || exit
for i in $(seq 1 100); do
    cat >"part$i.c" <<END
#include "parts.h"
#include <string.h>
long part$i(long n) { long sum = $i; for (long k = 0; k < n; k++) sum = sum * 31 + (long)strlen("part $i") + k; return sum; }
END
done
{
    for i in $(seq 1 100); do echo "long part$i(long n);"; done
    echo "static long (*const parts[])(long) = {"
    for i in $(seq 1 100); do echo "    part$i,"; done
    echo "};"
} >parts.h
cat >tests.c <<'END'
#include "parts.h"
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **arguments) {
    long sum = 0;
    for (int i = 0; i < 100; i++) sum ^= parts[i](atol(arguments[1]));
    printf("%s: %ld\n", arguments[1], sum);
    return count - 2;
}
END
sed -i '1i #pragma GCC diagnostic ignored "-Wunused-variable"' parts.h
cat >Makefile <<'END'
OBJECTS := $(patsubst %.c,%.o,$(sort $(wildcard part*.c)))
CFLAGS := -O1
check: check1 check10 check100
	@echo all $(words $(OBJECTS)) parts
check%: tests
	@./tests $* >result$* && cat result$*
tests: tests.o $(OBJECTS)
	@$(CC) -o $@ $^
%.o: %.c parts.h
	@$(CC) $(CFLAGS) -c -o $@ $<
clean:
	@rm -f *.o tests
broken:
	@false
END
make -j4 | sort
echo "${PIPESTATUS[0]}"
make -j4 -q tests; echo "up to date: $?"
touch part7.c
make -j4 -n | grep -c 'part[0-9]*\.c$'
make -s broken 2>/dev/null; echo "broken: $?"
make -k -j4 broken check 2>/dev/null | sort | tail -n 1
