// Arithmetic of the TEE Internal Core API 1.3.1 (chapter 8). Included by tee_internal_api.h.
//
// Operands may be the destination as well. A result that does not fit its destination panics unless a result code is said to tell.
#ifndef TEE_INTERNAL_API_ARITHMETIC_H
#define TEE_INTERNAL_API_ARITHMETIC_H

/// Words of a number in the representation for fast modular multiplication (8.4.3).
size_t TEE_BigIntFMMSizeInU32(size_t modulusSizeInBits);
/// Words of the context of a modulus (8.4.2).
size_t TEE_BigIntFMMContextSizeInU32(size_t modulusSizeInBits);
/// Makes a zero of `len` words (8.5.1).
void TEE_BigIntInit(TEE_BigInt *bigInt, size_t len);
/// As TEE_BigIntInitFMMContext1; panics when the modulus does not do. Deprecated (8.5.2).
void TEE_BigIntInitFMMContext(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus);
/// Makes the context of an odd modulus; TEE_ERROR_NOT_SUPPORTED for an even one (8.5.3).
TEE_Result TEE_BigIntInitFMMContext1(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus);
/// Makes a zero of `len` words (8.5.4).
void TEE_BigIntInitFMM(TEE_BigIntFMM *bigIntFMM, size_t len);

/// From big-endian bytes, negated if `sign` is negative; TEE_ERROR_OVERFLOW (8.6.1).
TEE_Result TEE_BigIntConvertFromOctetString(TEE_BigInt *dest, const uint8_t *buffer, size_t bufferLen, int32_t sign);
/// The absolute value as the fewest big-endian bytes; TEE_ERROR_SHORT_BUFFER (8.6.2).
TEE_Result TEE_BigIntConvertToOctetString(uint8_t *buffer, size_t *bufferLen, const TEE_BigInt *bigInt);
/// From a small number (8.6.3).
void TEE_BigIntConvertFromS32(TEE_BigInt *dest, int32_t shortVal);
/// To a small number; TEE_ERROR_OVERFLOW (8.6.4).
TEE_Result TEE_BigIntConvertToS32(int32_t *dest, const TEE_BigInt *src);

/// Negative, zero or positive as op1 - op2 is (8.7.1).
int32_t TEE_BigIntCmp(const TEE_BigInt *op1, const TEE_BigInt *op2);
/// The same against a small number (8.7.2).
int32_t TEE_BigIntCmpS32(const TEE_BigInt *op, int32_t shortVal);
/// Shifts the absolute value right; the sign stays (8.7.3).
void TEE_BigIntShiftRight(TEE_BigInt *dest, const TEE_BigInt *op, size_t bits);
/// A bit of the absolute value (8.7.4).
bool TEE_BigIntGetBit(const TEE_BigInt *src, uint32_t bitIndex);
/// Bits of the absolute value; 0 for zero (8.7.5).
uint32_t TEE_BigIntGetBitCount(const TEE_BigInt *src);
/// Sets or clears a bit of the absolute value; TEE_ERROR_OVERFLOW (8.7.6).
TEE_Result TEE_BigIntSetBit(TEE_BigInt *op, uint32_t bitIndex, bool value);
/// Copies; TEE_ERROR_OVERFLOW (8.7.7).
TEE_Result TEE_BigIntAssign(TEE_BigInt *dest, const TEE_BigInt *src);
/// The absolute value; TEE_ERROR_OVERFLOW (8.7.8).
TEE_Result TEE_BigIntAbs(TEE_BigInt *dest, const TEE_BigInt *src);

/// op1 + op2 (8.8.1).
void TEE_BigIntAdd(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);
/// op1 - op2 (8.8.2).
void TEE_BigIntSub(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);
/// -op (8.8.3).
void TEE_BigIntNeg(TEE_BigInt *dest, const TEE_BigInt *op);
/// op1 * op2 (8.8.4).
void TEE_BigIntMul(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2);
/// op * op (8.8.5).
void TEE_BigIntSquare(TEE_BigInt *dest, const TEE_BigInt *op);
/// op1 = q * op2 + r, rounded towards zero, r of op1's sign; either may be null; panics on division by zero (8.8.6).
void TEE_BigIntDiv(TEE_BigInt *dest_q, TEE_BigInt *dest_r, const TEE_BigInt *op1, const TEE_BigInt *op2);

// Modulo n, which is at least 2; results are in 0..<n.

/// op mod n (8.9.1).
void TEE_BigIntMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);
/// op1 + op2 mod n (8.9.2).
void TEE_BigIntAddMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);
/// op1 - op2 mod n (8.9.3).
void TEE_BigIntSubMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);
/// op1 * op2 mod n (8.9.4).
void TEE_BigIntMulMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n);
/// op * op mod n (8.9.5).
void TEE_BigIntSquareMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);
/// The inverse of op mod n; panics when there is none (8.9.6).
void TEE_BigIntInvMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n);
/// op1 to the power of op2 mod n; TEE_ERROR_NOT_SUPPORTED for an even n (8.9.7). The context may be null.
TEE_Result TEE_BigIntExpMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n, const TEE_BigIntFMMContext *context);

/// Whether the greatest common divisor is 1 (8.10.1).
bool TEE_BigIntRelativePrime(const TEE_BigInt *op1, const TEE_BigInt *op2);
/// gcd = u * op1 + v * op2; u and v may be null (8.10.2).
void TEE_BigIntComputeExtendedGcd(TEE_BigInt *gcd, TEE_BigInt *u, TEE_BigInt *v, const TEE_BigInt *op1, const TEE_BigInt *op2);
/// 0: composite; 1: prime; -1: probably prime, wrong less often than one in 2^confidenceLevel, at least 80 (8.10.3).
int32_t TEE_BigIntIsProbablePrime(const TEE_BigInt *op, uint32_t confidenceLevel);

/// From 0..<n into the representation for fast modular multiplication (8.11.1).
void TEE_BigIntConvertToFMM(TEE_BigIntFMM *dest, const TEE_BigInt *src, const TEE_BigInt *n, const TEE_BigIntFMMContext *context);
/// And back (8.11.2).
void TEE_BigIntConvertFromFMM(TEE_BigInt *dest, const TEE_BigIntFMM *src, const TEE_BigInt *n, const TEE_BigIntFMMContext *context);
/// The product mod n, all in that representation (8.11.3).
void TEE_BigIntComputeFMM(TEE_BigIntFMM *dest, const TEE_BigIntFMM *op1, const TEE_BigIntFMM *op2, const TEE_BigInt *n, const TEE_BigIntFMMContext *context);

#endif
