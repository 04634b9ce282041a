// Modular and other arithmetic (TEE Internal Core API 1.3.1, 8.9 to 8.11) over mbedTLS.
#include "bigint.h"

#include <string.h>

/// The modulus, which is at least 2.
static mbedtls_mpi modulus_from(const TEE_BigInt *n) {
    mbedtls_mpi modulus = number_from(n);
    if (mbedtls_mpi_cmp_int(&modulus, 2) < 0) arithmetic_panic("modulus below 2");
    return modulus;
}

/// Reduces, which mbedTLS does into 0..<n for negative numbers too.
static void reduce_into(TEE_BigInt *dest, mbedtls_mpi *number, const TEE_BigInt *n) {
    mbedtls_mpi modulus = modulus_from(n), result;
    mbedtls_mpi_init(&result);
    must(mbedtls_mpi_mod_mpi(&result, number, &modulus));
    mbedtls_mpi_free(&modulus);
    mbedtls_mpi_free(number);
    number_into(dest, &result);
}

void TEE_BigIntMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n) {
    mbedtls_mpi number = number_from(op);
    reduce_into(dest, &number, n);
}

static void combine_modulo(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n,
                           int (*function)(mbedtls_mpi *, const mbedtls_mpi *, const mbedtls_mpi *)) {
    mbedtls_mpi first = number_from(op1), second = number_from(op2), result;
    mbedtls_mpi_init(&result);
    must(function(&result, &first, &second));
    mbedtls_mpi_free(&first);
    mbedtls_mpi_free(&second);
    reduce_into(dest, &result, n);
}

void TEE_BigIntAddMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n) { combine_modulo(dest, op1, op2, n, mbedtls_mpi_add_mpi); }
void TEE_BigIntSubMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n) { combine_modulo(dest, op1, op2, n, mbedtls_mpi_sub_mpi); }
void TEE_BigIntMulMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n) { combine_modulo(dest, op1, op2, n, mbedtls_mpi_mul_mpi); }
void TEE_BigIntSquareMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n) { TEE_BigIntMulMod(dest, op, op, n); }

void TEE_BigIntInvMod(TEE_BigInt *dest, const TEE_BigInt *op, const TEE_BigInt *n) {
    mbedtls_mpi number = number_from(op), modulus = modulus_from(n), result;
    mbedtls_mpi_init(&result);
    must(mbedtls_mpi_inv_mod(&result, &number, &modulus));
    mbedtls_mpi_free(&number);
    mbedtls_mpi_free(&modulus);
    number_into(dest, &result);
}

TEE_Result TEE_BigIntExpMod(TEE_BigInt *dest, const TEE_BigInt *op1, const TEE_BigInt *op2, const TEE_BigInt *n, const TEE_BigIntFMMContext *context) {
    (void)context;
    mbedtls_mpi modulus = modulus_from(n);
    if (!mbedtls_mpi_get_bit(&modulus, 0)) {
        mbedtls_mpi_free(&modulus);
        return TEE_ERROR_NOT_SUPPORTED;
    }
    mbedtls_mpi base = number_from(op1), exponent = number_from(op2), result;
    mbedtls_mpi_init(&result);
    must(mbedtls_mpi_exp_mod(&result, &base, &exponent, &modulus, NULL));
    mbedtls_mpi_free(&base);
    mbedtls_mpi_free(&exponent);
    mbedtls_mpi_free(&modulus);
    number_into(dest, &result);
    return TEE_SUCCESS;
}

bool TEE_BigIntRelativePrime(const TEE_BigInt *op1, const TEE_BigInt *op2) {
    mbedtls_mpi first = number_from(op1), second = number_from(op2), divisor;
    mbedtls_mpi_init(&divisor);
    must(mbedtls_mpi_gcd(&divisor, &first, &second));
    // With zero for the other operand it is the operand itself, of either sign.
    divisor.s = 1;
    bool isOne = mbedtls_mpi_cmp_int(&divisor, 1) == 0;
    mbedtls_mpi_free(&first);
    mbedtls_mpi_free(&second);
    mbedtls_mpi_free(&divisor);
    return isOne;
}

/// One column of Euclid's table: the remainder, and the factor of the first operand that it has.
struct column {
    mbedtls_mpi remainder;
    mbedtls_mpi factor;
};

/// Replaces (older, newer) by (newer, older - quotient * newer). mbedTLS loses signs when a result of a division is an operand as well.
static void step(struct column *older, struct column *newer) {
    mbedtls_mpi quotient, remainder, product;
    mbedtls_mpi_init(&quotient);
    mbedtls_mpi_init(&remainder);
    mbedtls_mpi_init(&product);
    must(mbedtls_mpi_div_mpi(&quotient, &remainder, &older->remainder, &newer->remainder));
    must(mbedtls_mpi_mul_mpi(&product, &quotient, &newer->factor));
    must(mbedtls_mpi_sub_mpi(&older->factor, &older->factor, &product));
    mbedtls_mpi_swap(&older->remainder, &remainder);
    mbedtls_mpi_free(&quotient);
    mbedtls_mpi_free(&remainder);
    mbedtls_mpi_free(&product);
    struct column kept = *older;
    *older = *newer;
    *newer = kept;
}

/// The factor of the second operand that goes with the others: (gcd - factor * first) / second.
static mbedtls_mpi other_factor(const struct column *found, const mbedtls_mpi *first, const mbedtls_mpi *second) {
    mbedtls_mpi product, factor = number_from(NULL);
    if (mbedtls_mpi_cmp_int(second, 0) == 0) return factor;
    mbedtls_mpi_init(&product);
    must(mbedtls_mpi_mul_mpi(&product, &found->factor, first));
    must(mbedtls_mpi_sub_mpi(&product, &found->remainder, &product));
    must(mbedtls_mpi_div_mpi(&factor, NULL, &product, second));
    mbedtls_mpi_free(&product);
    return factor;
}

void TEE_BigIntComputeExtendedGcd(TEE_BigInt *gcd, TEE_BigInt *u, TEE_BigInt *v, const TEE_BigInt *op1, const TEE_BigInt *op2) {
    mbedtls_mpi first = number_from(op1), second = number_from(op2);
    struct column older = {number_from(op1), number_from(NULL)}, newer = {number_from(op2), number_from(NULL)};
    must(mbedtls_mpi_lset(&older.factor, 1));
    while (mbedtls_mpi_cmp_int(&newer.remainder, 0) != 0) step(&older, &newer);
    if (mbedtls_mpi_cmp_int(&older.remainder, 0) < 0) {
        older.remainder.s = -older.remainder.s;
        older.factor.s = -older.factor.s;
    }
    mbedtls_mpi other = other_factor(&older, &first, &second);
    mbedtls_mpi_free(&first);
    mbedtls_mpi_free(&second);
    mbedtls_mpi_free(&newer.remainder);
    mbedtls_mpi_free(&newer.factor);
    number_into(gcd, &older.remainder);
    if (u)
        number_into(u, &older.factor);
    else
        mbedtls_mpi_free(&older.factor);
    if (v)
        number_into(v, &other);
    else
        mbedtls_mpi_free(&other);
}

static int random_bytes(void *context, unsigned char *bytes, size_t size) {
    (void)context;
    TEE_GenerateRandom(bytes, size);
    return 0;
}

int32_t TEE_BigIntIsProbablePrime(const TEE_BigInt *op, uint32_t confidenceLevel) {
    // Below the square of the largest prime that mbedTLS divides by, what it does not divide is a prime for certain.
    enum { certainBelow = 997 * 997 };
    mbedtls_mpi number = number_from(op);
    if (mbedtls_mpi_cmp_int(&number, 2) < 0) {
        mbedtls_mpi_free(&number);
        return 0;
    }
    // A round of Miller and Rabin errs less often than one time in four.
    uint32_t bits = confidenceLevel < 80 ? 80 : confidenceLevel > 1024 ? 1024 : confidenceLevel;
    int result = mbedtls_mpi_is_prime_ext(&number, (int)((bits + 1) / 2), random_bytes, NULL);
    bool isCertain = mbedtls_mpi_cmp_int(&number, certainBelow) < 0;
    mbedtls_mpi_free(&number);
    if (result == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) return 0;
    must(result);
    return isCertain ? 1 : -1;
}

// Fast modular multiplication keeps numbers as they are: mbedTLS has Montgomery's form for itself only, inside exponentiation.

size_t TEE_BigIntFMMSizeInU32(size_t modulusSizeInBits) { return TEE_BigIntSizeInU32(modulusSizeInBits); }
size_t TEE_BigIntFMMContextSizeInU32(size_t modulusSizeInBits) { return TEE_BigIntSizeInU32(modulusSizeInBits); }

void TEE_BigIntInitFMM(TEE_BigIntFMM *bigIntFMM, size_t len) { TEE_BigIntInit(bigIntFMM, len); }

TEE_Result TEE_BigIntInitFMMContext1(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus) {
    mbedtls_mpi number = modulus_from(modulus);
    bool isOdd = mbedtls_mpi_get_bit(&number, 0);
    mbedtls_mpi_free(&number);
    if (!isOdd) return TEE_ERROR_NOT_SUPPORTED;
    TEE_BigIntInit(context, len);
    return TEE_SUCCESS;
}
void TEE_BigIntInitFMMContext(TEE_BigIntFMMContext *context, size_t len, const TEE_BigInt *modulus) {
    mbedtls_mpi number = modulus_from(modulus);
    mbedtls_mpi_free(&number);
    TEE_BigIntInit(context, len);
}

void TEE_BigIntConvertToFMM(TEE_BigIntFMM *dest, const TEE_BigInt *src, const TEE_BigInt *n, const TEE_BigIntFMMContext *context) {
    (void)context;
    TEE_BigIntMod(dest, src, n);
}
void TEE_BigIntConvertFromFMM(TEE_BigInt *dest, const TEE_BigIntFMM *src, const TEE_BigInt *n, const TEE_BigIntFMMContext *context) {
    (void)context;
    TEE_BigIntMod(dest, src, n);
}
void TEE_BigIntComputeFMM(TEE_BigIntFMM *dest, const TEE_BigIntFMM *op1, const TEE_BigIntFMM *op2, const TEE_BigInt *n, const TEE_BigIntFMMContext *context) {
    (void)context;
    TEE_BigIntMulMod(dest, op1, op2, n);
}
