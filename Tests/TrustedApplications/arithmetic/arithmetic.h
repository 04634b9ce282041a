// Big integers, in the text of the test as big-endian bytes; a negative one is said by a bit.
#ifndef ARITHMETIC_H
#define ARITHMETIC_H

#define ARITHMETIC_UUID \
    { 0x5ec0e001, 0x0009, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x09 } }

/// value[0] in: operation, bits 0 to 2 of b: first, second, third operand is negative; memref[1] and [2] in: first two operands;
/// memref[3] inout: third operand, replaced by the result: one byte of sign (0 or 1), then bytes.
///
/// Operations of two operands: 0 add, 1 sub, 2 mul, 3 quotient, 4 remainder, 5 greatest common divisor, 6 its first factor, 7 its second factor, 8 compare,
/// 9 relative primes, 10 shift right by the second operand, 11 bit of that index, 12 bits, 13 set that bit, 14 negate, 15 absolute, 16 is probably prime,
/// 17 to 32 bits and back, 18 square. Modulo the third: 32 mod, 33 add, 34 sub, 35 mul, 36 square, 37 inverse, 38 power, 39 fast mul.
#define ARITHMETIC_COMPUTE 0

#endif
