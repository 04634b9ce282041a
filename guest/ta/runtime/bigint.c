// Arithmetic (TEE Internal Core API 1.3.1, 8.4 to 8.8) over mbedTLS.
#include "bigint.h"

#include <string.h>

enum { negative = 1u << 31 };

void arithmetic_panic(const char *reason) {
    EMSG("arithmetic: %s", reason);
    TEE_Panic(TEE_ERROR_OVERFLOW);
}

void must(int result) {
    if (result) arithmetic_panic(result == MBEDTLS_ERR_MPI_ALLOC_FAILED ? "no memory" : result == MBEDTLS_ERR_MPI_DIVISION_BY_ZERO ? "division by zero" : "bad operand");
}

mbedtls_mpi number_from(const TEE_BigInt *words) {
    mbedtls_mpi number;
    mbedtls_mpi_init(&number);
    const struct big_integer *integer = (const struct big_integer *)words;
    if (!integer) {
        must(mbedtls_mpi_lset(&number, 0));
        return number;
    }
    uint32_t used = integer->usedAndSign & ~(uint32_t)negative;
    if (used > integer->capacity) arithmetic_panic("not a big integer");
    // Words of 32 bits are only aligned as such; mbedTLS's are of 64.
    must(mbedtls_mpi_read_binary_le(&number, (const unsigned char *)integer->words, used * sizeof(uint32_t)));
    if (integer->usedAndSign & (uint32_t)negative) number.s = -1;
    return number;
}

bool number_to(TEE_BigInt *words, const mbedtls_mpi *number) {
    struct big_integer *integer = (struct big_integer *)words;
    size_t used = (mbedtls_mpi_bitlen(number) + 31) / 32;
    if (used > integer->capacity) return false;
    must(mbedtls_mpi_write_binary_le(number, (unsigned char *)integer->words, used * sizeof(uint32_t)));
    integer->usedAndSign = (uint32_t)used | (used && number->s < 0 ? (uint32_t)negative : 0);
    return true;
}

void number_into(TEE_BigInt *words, mbedtls_mpi *number) {
    bool fits = number_to(words, number);
    mbedtls_mpi_free(number);
    if (!fits) arithmetic_panic("result too large");
}

/// A result, or TEE_ERROR_OVERFLOW; frees the number.
static TEE_Result number_into_if_fits(TEE_BigInt *words, mbedtls_mpi *number) {
    bool fits = number_to(words, number);
    mbedtls_mpi_free(number);
    return fits ? TEE_SUCCESS : TEE_ERROR_OVERFLOW;
}

void TEE_BigIntInit(TEE_BigInt *bigInt, size_t len) {
    require(bigInt && len >= 2);
    if (len > TEE_BigIntSizeInU32(2 * BIG_INTEGER_BITS)) arithmetic_panic("larger than gpd.tee.arith.maxBigIntSize");
    memset(bigInt, 0, len * sizeof(uint32_t));
    ((struct big_integer *)bigInt)->capacity = (uint32_t)len - 2;
}

TEE_Result TEE_BigIntConvertFromOctetString(TEE_BigInt *dest, const uint8_t *buffer, size_t bufferLen, int32_t sign) {
    mbedtls_mpi number;
    mbedtls_mpi_init(&number);
    // More than mbedTLS takes is more than any big integer holds, unless it is zeroes.
    while (bufferLen && !*buffer) buffer++, bufferLen--;
    if (bufferLen > 2 * BIG_INTEGER_BITS / 8) return TEE_ERROR_OVERFLOW;
    must(mbedtls_mpi_read_binary(&number, buffer, bufferLen));
    if (sign < 0) number.s = -1;
    return number_into_if_fits(dest, &number);
}

TEE_Result TEE_BigIntConvertToOctetString(uint8_t *buffer, size_t *bufferLen, const TEE_BigInt *bigInt) {
    require(bufferLen);
    mbedtls_mpi number = number_from(bigInt);
    size_t size = mbedtls_mpi_size(&number);
    bool fits = size <= *bufferLen;
    if (fits) must(mbedtls_mpi_write_binary(&number, buffer, size));
    mbedtls_mpi_free(&number);
    *bufferLen = size;
    return fits ? TEE_SUCCESS : TEE_ERROR_SHORT_BUFFER;
}

void TEE_BigIntConvertFromS32(TEE_BigInt *dest, int32_t shortVal) {
    mbedtls_mpi number;
    mbedtls_mpi_init(&number);
    must(mbedtls_mpi_lset(&number, shortVal));
    number_into(dest, &number);
}

TEE_Result TEE_BigIntConvertToS32(int32_t *dest, const TEE_BigInt *src) {
    const struct big_integer *integer = (const struct big_integer *)src;
    bool isNegative = integer->usedAndSign & (uint32_t)negative;
    uint32_t used = integer->usedAndSign & ~(uint32_t)negative;
    int64_t value = used ? integer->words[0] : 0;
    if (used > 1 || value > (int64_t)INT32_MAX + isNegative) return TEE_ERROR_OVERFLOW;
    *dest = (int32_t)(isNegative ? -value : value);
    return TEE_SUCCESS;
}

int32_t TEE_BigIntCmp(const TEE_BigInt *op1, const TEE_BigInt *op2) {
    mbedtls_mpi first = number_from(op1), second = number_from(op2);
    int order = mbedtls_mpi_cmp_mpi(&first, &second);
    mbedtls_mpi_free(&first);
    mbedtls_mpi_free(&second);
    return order;
}

int32_t TEE_BigIntCmpS32(const TEE_BigInt *op, int32_t shortVal) {
    mbedtls_mpi number = number_from(op);
    int order = mbedtls_mpi_cmp_int(&number, shortVal);
    mbedtls_mpi_free(&number);
    return order;
}

void TEE_BigIntShiftRight(TEE_BigInt *dest, const TEE_BigInt *op, size_t bits) {
    mbedtls_mpi number = number_from(op);
    must(mbedtls_mpi_shift_r(&number, bits));
    number_into(dest, &number);
}

bool TEE_BigIntGetBit(const TEE_BigInt *src, uint32_t bitIndex) {
    const struct big_integer *integer = (const struct big_integer *)src;
    uint32_t used = integer->usedAndSign & ~(uint32_t)negative;
    return bitIndex / 32 < used && integer->words[bitIndex / 32] >> bitIndex % 32 & 1;
}

uint32_t TEE_BigIntGetBitCount(const TEE_BigInt *src) {
    mbedtls_mpi number = number_from(src);
    size_t bits = mbedtls_mpi_bitlen(&number);
    mbedtls_mpi_free(&number);
    return (uint32_t)bits;
}

TEE_Result TEE_BigIntSetBit(TEE_BigInt *op, uint32_t bitIndex, bool value) {
    if (bitIndex / 32 >= ((const struct big_integer *)op)->capacity) return value ? TEE_ERROR_OVERFLOW : TEE_SUCCESS;
    mbedtls_mpi number = number_from(op);
    must(mbedtls_mpi_set_bit(&number, bitIndex, value));
    return number_into_if_fits(op, &number);
}

TEE_Result TEE_BigIntAssign(TEE_BigInt *dest, const TEE_BigInt *src) {
    mbedtls_mpi number = number_from(src);
    return number_into_if_fits(dest, &number);
}

TEE_Result TEE_BigIntAbs(TEE_BigInt *dest, const TEE_BigInt *src) {
    mbedtls_mpi number = number_from(src);
    number.s = 1;
    return number_into_if_fits(dest, &number);
}

/// dest = op1 function op2. The result is made beside the operands, which may be the destination.
static void combine(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, int (*function)(mbedtls_mpi *, const mbedtls_mpi *, const mbedtls_mpi *)) {
    mbedtls_mpi first = number_from(op1), second = number_from(op2), result;
    mbedtls_mpi_init(&result);
    must(function(&result, &first, &second));
    mbedtls_mpi_free(&first);
    mbedtls_mpi_free(&second);
    number_into(dest, &result);
}

void TEE_BigIntAdd(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2) { combine(dest, op1, op2, mbedtls_mpi_add_mpi); }
void TEE_BigIntSub(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2) { combine(dest, op1, op2, mbedtls_mpi_sub_mpi); }
void TEE_BigIntMul(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2) { combine(dest, op1, op2, mbedtls_mpi_mul_mpi); }
void TEE_BigIntSquare(TEE_BigInt *dest, const TEE_BigInt *op) { TEE_BigIntMul(dest, op, op); }

void TEE_BigIntNeg(TEE_BigInt *dest, const TEE_BigInt *op) {
    mbedtls_mpi number = number_from(op);
    number.s = -number.s;
    number_into(dest, &number);
}

void TEE_BigIntDiv(TEE_BigInt *dest_q, TEE_BigInt *dest_r, const TEE_BigInt *op1, const TEE_BigInt *op2) {
    mbedtls_mpi dividend = number_from(op1), divisor = number_from(op2), quotient, remainder;
    mbedtls_mpi_init(&quotient);
    mbedtls_mpi_init(&remainder);
    must(mbedtls_mpi_div_mpi(&quotient, &remainder, &dividend, &divisor));
    mbedtls_mpi_free(&dividend);
    mbedtls_mpi_free(&divisor);
    if (dest_q)
        number_into(dest_q, &quotient);
    else
        mbedtls_mpi_free(&quotient);
    if (dest_r)
        number_into(dest_r, &remainder);
    else
        mbedtls_mpi_free(&remainder);
}

TEE_Result __GP11_TEE_BigIntConvertToOctetString(uint8_t *buffer, uint32_t *bufferLen, const TEE_BigInt *bigInt) {
    require(bufferLen);
    size_t length = *bufferLen;
    TEE_Result result = TEE_BigIntConvertToOctetString(buffer, &length, bigInt);
    *bufferLen = (uint32_t)length;
    return result;
}
