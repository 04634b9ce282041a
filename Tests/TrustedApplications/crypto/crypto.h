// Cryptography. Keys come with each command.
#ifndef CRYPTO_H
#define CRYPTO_H

#define CRYPTO_UUID \
    { 0x5ec0e001, 0x0007, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x07 } }

/// value[0] in: algorithm, bytes of each update; memref[1] in: data; memref[2] out: digest.
#define CRYPTO_DIGEST 0
/// The same, with the digest handed out in pieces of that many bytes.
#define CRYPTO_EXTRACT 1
/// value[0] in: algorithm, bytes of each update; memref[1] in: length of the key in one byte, length of the data in two (big-endian), key, data; memref[2] out: code.
#define CRYPTO_MAC 2
/// The same for a cipher, with 16 bytes of initialisation vector behind the key. Bit 31 of value[0].b: decrypts.
#define CRYPTO_CIPHER 3
/// As CRYPTO_CIPHER, with a nonce of 12 bytes, then 16 bytes of data that is only authenticated; the tag of 16 bytes is appended, or taken off.
#define CRYPTO_AUTHENTICATED 4
/// memref[0] out: random bytes.
#define CRYPTO_RANDOM 5
/// value[0] in: algorithm, element; the result of TEE_IsAlgorithmSupported.
#define CRYPTO_IS_SUPPORTED 6
/// value[0] in: algorithm, mode; value[1].a in: key size; value[2] out: class, digest length; value[3] out: handle state, required usage.
#define CRYPTO_OPERATION_INFO 7
/// value[0] in: object type, key size; value[1] out: key size, usage of a new key; memref[2] out: its secret value, if it has one.
#define CRYPTO_GENERATE 8
/// value[0].a in: algorithm of a digest; memref[1] in: data; memref[2] out: digest of the data, then of it doubled by a copied operation.
#define CRYPTO_COPY 9
/// As CRYPTO_CIPHER, in place: memref[2] inout is data only; memref[1] in: key.
#define CRYPTO_IN_PLACE 10

#endif
