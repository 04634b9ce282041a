#!/bin/bash
# printf and its conversions.
printf '%d %i %o %x %X %#x %c %s\n' 42 -42 8 255 255 255 char string
printf '[%5d] [%-5d] [%05d] [%+d] [%.3f] [%10.2e]\n' 42 42 42 42 3.14159 12345.678
printf '%s-%s\n' a b c d e
printf '%b\n' 'tab\tnew\\'
printf '%q\n' 'it is' '$x' ''
printf '%*s|%-*s|\n' 6 r 6 l
printf -v var '%03d' 7; echo "$var"
printf '%(%Y-%m-%d)T\n' 86400
printf '%d\n' "'A" 0x10 010
printf '%d\n' nonsense 2>/dev/null; echo $?
printf '\x41\u00e9\101\n'
printf '%s' "$(head -c 100000 /dev/zero | tr '\0' a)" | wc -c
