// BearSSL behind functions on plain buffers. Its constant-time implementations are named one by one: they use no CPUID, no heap and no table lookups that depend
// on secrets.
#include "platform.h"
#include "cryptography.h"

// By its path: on a search path, the glibc headers beside it would be found too.
#include "/usr/include/bearssl/bearssl.h"

/// The key schedule, and the hash key with the state of the message. They point to each other.
struct sealer {
    br_aes_ct64_ctr_keys aes;
    br_gcm_context gcm;
};
_Static_assert(sizeof(struct sealer) <= sizeof(struct skerry_sealer) && _Alignof(struct sealer) <= _Alignof(struct skerry_sealer), "the sealer is too small");

static void begin(struct sealer *sealer, const uint8_t key[32]) {
    br_aes_ct64_ctr_init(&sealer->aes, key, 32);
    br_gcm_init(&sealer->gcm, &sealer->aes.vtable, br_ghash_ctmul64);
}

/// AES-256-GCM (SP 800-38D) in place with a nonce of 12 bytes.
static void gcm(struct sealer *sealer, const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, int encrypts, uint8_t tag[16]) {
    br_gcm_reset(&sealer->gcm, nonce, 12);
    br_gcm_aad_inject(&sealer->gcm, data, data_size);
    br_gcm_flip(&sealer->gcm);
    br_gcm_run(&sealer->gcm, encrypts, text, size);
    br_gcm_get_tag(&sealer->gcm, tag);
}

static int is_tag(const uint8_t found[16], const uint8_t tag[16]) {
    uint32_t difference = 0;
    for (int index = 0; index < 16; index++) difference |= found[index] ^ tag[index];
    return difference == 0;
}

void skerry_sealer_begin(struct skerry_sealer *sealer, const uint8_t key[32]) { begin((struct sealer *)sealer, key); }

void skerry_sealer_seal(struct skerry_sealer *sealer, const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]) {
    gcm((struct sealer *)sealer, nonce, data, data_size, text, size, 1, tag);
}

int skerry_sealer_open(struct skerry_sealer *sealer, const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]) {
    uint8_t found[16];
    gcm((struct sealer *)sealer, nonce, data, data_size, text, size, 0, found);
    return is_tag(found, tag);
}

void skerry_derive_store_key(const uint8_t secret[32], const uint8_t identity[32], uint8_t key[32]) {
    br_hkdf_context context;
    br_hkdf_init(&context, &br_sha384_vtable, identity, 32);
    br_hkdf_inject(&context, secret, 32);
    br_hkdf_flip(&context);
    br_hkdf_produce(&context, SKERRY_STORE_PURPOSE, sizeof SKERRY_STORE_PURPOSE - 1, key, 32);
    skerry_wipe(&context, sizeof context);
}

void skerry_seal(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]) {
    struct sealer sealer;
    begin(&sealer, key);
    gcm(&sealer, nonce, data, data_size, text, size, 1, tag);
    skerry_wipe(&sealer, sizeof sealer);
}

int skerry_open(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]) {
    struct sealer sealer;
    uint8_t found[16];
    begin(&sealer, key);
    gcm(&sealer, nonce, data, data_size, text, size, 0, found);
    skerry_wipe(&sealer, sizeof sealer);
    return is_tag(found, tag);
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

void skerry_bind_key(const void *nonce, const uint8_t public_key[97], uint8_t digest[64]) {
    br_sha512_context context;
    br_sha512_init(&context);
    br_sha512_update(&context, SKERRY_REPORT_PURPOSE, sizeof SKERRY_REPORT_PURPOSE - 1);
    br_sha512_update(&context, nonce, SKERRY_RELEASE_NONCE_SIZE);
    br_sha512_update(&context, public_key, SKERRY_RELEASE_POINT_SIZE);
    br_sha512_out(&context, digest);
}

void skerry_sha512(const void *bytes, size_t size, uint8_t digest[64]) {
    br_sha512_context context;
    br_sha512_init(&context);
    br_sha512_update(&context, bytes, size);
    br_sha512_out(&context, digest);
    skerry_wipe(&context, sizeof context);
}

_Static_assert(sizeof(br_sha384_context) <= sizeof(struct skerry_transcript) && _Alignof(br_sha384_context) <= _Alignof(struct skerry_transcript), "the transcript is too small");

void skerry_transcript_begin(struct skerry_transcript *transcript) { br_sha384_init((br_sha384_context *)transcript); }

void skerry_transcript_add(struct skerry_transcript *transcript, const void *bytes, size_t size) {
    br_sha384_update((br_sha384_context *)transcript, bytes, size);
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

int skerry_agree(const uint8_t private_key[48], const uint8_t point[97], uint8_t secret[48]) {
    uint8_t product[SKERRY_RELEASE_POINT_SIZE];
    size_t size = 0;
    memcpy(product, point, sizeof product);
    // It refuses what is no point of the curve, and the curve has no points of small order.
    uint32_t agreed = product[0] == 4 ? br_ec_prime_i31.mul(product, sizeof product, private_key, 48, BR_EC_secp384r1) : 0;
    size_t offset = br_ec_prime_i31.xoff(BR_EC_secp384r1, &size);
    if (agreed && size == 48 && offset + size <= sizeof product) memcpy(secret, product + offset, 48);
    else agreed = 0;
    skerry_wipe(product, sizeof product);
    return agreed != 0;
}

void skerry_derive(struct skerry_release *release, size_t secrets) {
    uint8_t digest[br_sha384_SIZE];
    uint8_t info[sizeof SKERRY_RELEASE_PURPOSE - 1 + 2 * SKERRY_RELEASE_POINT_SIZE + sizeof digest];
    uint8_t *next = info;
    br_hkdf_context context;
    br_sha384_out((br_sha384_context *)&release->transcript, digest);
    memcpy(next, SKERRY_RELEASE_PURPOSE, sizeof SKERRY_RELEASE_PURPOSE - 1);
    next += sizeof SKERRY_RELEASE_PURPOSE - 1;
    memcpy(next, release->evidence.public_key, SKERRY_RELEASE_POINT_SIZE);
    next += SKERRY_RELEASE_POINT_SIZE;
    memcpy(next, release->answer.public_key, SKERRY_RELEASE_POINT_SIZE);
    next += SKERRY_RELEASE_POINT_SIZE;
    memcpy(next, digest, sizeof digest);
    br_hkdf_init(&context, &br_sha384_vtable, release->hello.nonce, SKERRY_RELEASE_NONCE_SIZE);
    br_hkdf_inject(&context, release->agreed, secrets * 48);
    br_hkdf_flip(&context);
    br_hkdf_produce(&context, info, sizeof info, release->derived, sizeof release->derived);
    skerry_wipe(&context, sizeof context);
}

void skerry_wipe_stack(void) {
    // What the functions that were called before have left there; BearSSL's deepest take some 3 KiB.
    uint8_t rest[8192];
    skerry_wipe(rest, sizeof rest);
}
