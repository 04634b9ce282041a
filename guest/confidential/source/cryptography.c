// BearSSL behind functions on plain buffers. Its constant-time implementations are named one by one: they use no CPUID, no heap and no table lookups that depend
// on secrets.
#include "platform.h"
#include "cryptography.h"

// By its path: on a search path, the glibc headers beside it would be found too.
#include "/usr/include/bearssl/bearssl.h"

/// AES-256-GCM (SP 800-38D) in place with a nonce of 12 bytes.
static void gcm(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, int encrypts, uint8_t tag[16]) {
    br_aes_ct64_ctr_keys aes;
    br_gcm_context context;
    br_aes_ct64_ctr_init(&aes, key, 32);
    br_gcm_init(&context, &aes.vtable, br_ghash_ctmul64);
    br_gcm_reset(&context, nonce, 12);
    br_gcm_aad_inject(&context, data, data_size);
    br_gcm_flip(&context);
    br_gcm_run(&context, encrypts, text, size);
    br_gcm_get_tag(&context, tag);
    skerry_wipe(&aes, sizeof aes);
    skerry_wipe(&context, sizeof context);
}

void skerry_seal(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]) {
    gcm(key, nonce, data, data_size, text, size, 1, tag);
}

int skerry_open(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]) {
    uint8_t found[16];
    uint32_t difference = 0;
    gcm(key, nonce, data, data_size, text, size, 0, found);
    for (int index = 0; index < 16; index++) difference |= found[index] ^ tag[index];
    return difference == 0;
}

void skerry_sha256(const void *first, size_t first_size, const void *second, size_t second_size, uint8_t digest[32]) {
    br_sha256_context context;
    br_sha256_init(&context);
    br_sha256_update(&context, first, first_size);
    br_sha256_update(&context, second, second_size);
    br_sha256_out(&context, digest);
}

void skerry_generate(const void *seed, size_t seed_size, void *bytes, size_t size) {
    br_hmac_drbg_context generator;
    br_hmac_drbg_init(&generator, &br_sha256_vtable, seed, seed_size);
    br_hmac_drbg_generate(&generator, bytes, size);
    skerry_wipe(&generator, sizeof generator);
}

void skerry_sha512(const void *first, size_t first_size, const void *second, size_t second_size, const void *third, size_t third_size, uint8_t digest[64]) {
    br_sha512_context context;
    br_sha512_init(&context);
    br_sha512_update(&context, first, first_size);
    br_sha512_update(&context, second, second_size);
    br_sha512_update(&context, third, third_size);
    br_sha512_out(&context, digest);
}

int skerry_generate_key(const uint8_t *seed, size_t seed_size, uint8_t private_key[48], uint8_t public_key[97]) {
    br_hmac_drbg_context generator;
    br_ec_private_key key;
    br_ec_public_key public_half;
    uint8_t encoded[BR_EC_KBUF_PUB_MAX_SIZE];
    br_hmac_drbg_init(&generator, &br_sha384_vtable, seed, seed_size);
    size_t private_size = br_ec_keygen(&generator.vtable, &br_ec_prime_i31, &key, private_key, BR_EC_secp384r1);
    size_t public_size = private_size == 48 ? br_ec_compute_pub(&br_ec_prime_i31, &public_half, encoded, &key) : 0;
    skerry_wipe(&generator, sizeof generator);
    if (public_size != 97) return 0;
    memcpy(public_key, encoded, 97);
    return 1;
}
