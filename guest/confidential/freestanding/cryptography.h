// The cryptography of the image, all of it BearSSL's (source/cryptography.c).
#ifndef SKERRY_FREESTANDING_CRYPTOGRAPHY_H
#define SKERRY_FREESTANDING_CRYPTOGRAPHY_H
#include <stddef.h>
#include <stdint.h>

/// Encrypts in place and computes the tag over the data and the ciphertext.
void skerry_seal(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]);
/// Decrypts in place; 0 when the tag is another, and then the text is worth nothing.
int skerry_open(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]);
/// SHA-256 of two pieces, one after the other.
void skerry_sha256(const void *first, size_t first_size, const void *second, size_t second_size, uint8_t digest[32]);
/// Bytes of HMAC_DRBG with SHA-256 (SP 800-90A) from a seed.
void skerry_generate(const void *seed, size_t seed_size, void *bytes, size_t size);
/// SHA-512 of three pieces, one after the other.
void skerry_sha512(const void *first, size_t first_size, const void *second, size_t second_size, const void *third, size_t third_size, uint8_t digest[64]);
/// A P-384 key from random bytes (HMAC_DRBG with SHA-384); 0 on failure.
int skerry_generate_key(const uint8_t *seed, size_t seed_size, uint8_t private_key[48], uint8_t public_key[97]);
#endif
