// Big integers between their words in the application's memory and mbedTLS's numbers.
#ifndef BIGINT_H
#define BIGINT_H

#include <mbedtls/bignum.h>

#include "ta_runtime.h"

/// In front of the words of an absolute value, least significant first.
struct big_integer {
    /// Words in use, and in bit 31 whether the number is negative.
    uint32_t usedAndSign;
    /// Words that there is room for.
    uint32_t capacity;
    uint32_t words[];
};

/// Panics, with a code that tells a mistake in arithmetic from others.
void arithmetic_panic(const char *reason) __noreturn;
/// Panics unless mbedTLS is content.
void must(int result);
/// A number of mbedTLS with that value, or zero for null; mbedtls_mpi_free ends it.
mbedtls_mpi number_from(const TEE_BigInt *words);
/// Takes a number over, whatever its words were; false when it does not fit.
bool number_to(TEE_BigInt *words, const mbedtls_mpi *number);
/// The same, which panics when it does not fit, and frees the number.
void number_into(TEE_BigInt *words, mbedtls_mpi *number);

#endif
