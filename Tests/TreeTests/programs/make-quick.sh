#!/bin/bash
#: needs gcc make
#: ignores *.o program
# make -j4 with the job server: recursive makes, a few C files, a failure.
for i in 1 2 3 4; do echo "int f$i(void) { return $i; }" >f$i.c; done
cat >main.c <<'END'
#include <stdio.h>
int f1(void), f2(void), f3(void), f4(void);
int main(void) { printf("%d\n", f1() + f2() * 10 + f3() * 100 + f4() * 1000); return 3; }
END
mkdir sub
printf 'all: a b c\na b c:\n\t@echo $@ >$@.txt; sleep 0.0$(shell echo 1)\n' >sub/Makefile
cat >Makefile <<'END'
all: program sub
program: main.o f1.o f2.o f3.o f4.o
	@$(CC) -o $@ $^
%.o: %.c
	@$(CC) -c -o $@ $<
sub:
	@$(MAKE) --no-print-directory -C sub
fail: one two
one:
	@exit 3
two:
	@kill -TERM $$$$
.PHONY: sub
END
make -j4; echo $?
./program; echo $?
cat sub/*.txt
make -k -j4 fail >/dev/null 2>&1; echo $?
