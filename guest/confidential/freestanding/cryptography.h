// The cryptography of the image, all of it BearSSL's (source/cryptography.c).
#ifndef SKERRY_FREESTANDING_CRYPTOGRAPHY_H
#define SKERRY_FREESTANDING_CRYPTOGRAPHY_H
#include <stddef.h>
#include <stdint.h>

#include "key_release_abi.h"

/// Encrypts in place and computes the tag over the data and the ciphertext.
void skerry_seal(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]);
/// Decrypts in place; 0 when the tag is another, and then the text is worth nothing.
int skerry_open(const uint8_t key[32], const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]);

/// AES-256-GCM with one key for many messages, each with its own nonce. It stays where it was begun, and whoever owns it wipes it.
struct skerry_sealer {
    uint64_t words[56];
};
void skerry_sealer_begin(struct skerry_sealer *sealer, const uint8_t key[32]);
/// As `skerry_seal` and `skerry_open`.
void skerry_sealer_seal(struct skerry_sealer *sealer, const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, uint8_t tag[16]);
int skerry_sealer_open(struct skerry_sealer *sealer, const uint8_t nonce[12], const void *data, size_t data_size, void *text, size_t size, const uint8_t tag[16]);
/// The info of HKDF for the key of a sealed store.
#define SKERRY_STORE_PURPOSE "skerry sealed store key 1"
/// HKDF-SHA-384 of what the secure processor has derived, with the digest of what the key is for as its salt.
void skerry_derive_store_key(const uint8_t secret[32], const uint8_t identity[32], uint8_t key[32]);

/// SHA-256 of two pieces, one after the other.
void skerry_sha256(const void *first, size_t first_size, const void *second, size_t second_size, uint8_t digest[32]);
/// Bytes of HMAC_DRBG with SHA-256 (SP 800-90A) from a seed.
void skerry_generate(const void *seed, size_t seed_size, void *bytes, size_t size);
/// REPORT_DATA that binds a key to a nonce: SHA-512 of the purpose (`SKERRY_REPORT_PURPOSE`), the nonce and the key.
void skerry_bind_key(const void *nonce, const uint8_t public_key[97], uint8_t digest[64]);
/// SHA-512.
void skerry_sha512(const void *bytes, size_t size, uint8_t digest[64]);
/// A P-384 key from random bytes (HMAC_DRBG with SHA-384); 0 on failure.
int skerry_generate_key(const uint8_t *seed, size_t seed_size, uint8_t private_key[48], uint8_t public_key[97]);

/// SHA-384 under way.
struct skerry_transcript {
    uint64_t words[28];
};

/// All that a key release needs while it lasts, in one place, so that all of it is wiped.
struct skerry_release {
    uint64_t seed[8];
    uint8_t private_key[48];
    /// The secrets shared with the relying party's fresh key, and with its identity.
    uint8_t agreed[96];
    /// The key, the nonce and the proof.
    uint8_t derived[SKERRY_RELEASE_KEY_SIZE + SKERRY_RELEASE_IV_SIZE + SKERRY_RELEASE_PROOF_SIZE];
    uint8_t report_data[64];
    struct skerry_transcript transcript;
    struct skerry_release_hello hello;
    struct skerry_release_evidence evidence;
    struct skerry_release_answer answer;
    struct skerry_release_receipt receipt;
    /// The secrets, opened in place, and their tag: one message, as Swift sees no longer arrays.
    uint8_t secrets[SKERRY_RELEASE_SECRETS_SIZE];
    uint8_t tag[SKERRY_RELEASE_TAG_SIZE];
};

_Static_assert(offsetof(struct skerry_release, tag) == offsetof(struct skerry_release, secrets) + SKERRY_RELEASE_SECRETS_SIZE, "no padding");
_Static_assert(sizeof(struct skerry_release) <= 8192, "the buffer (source/platform.S) is too small");

void skerry_transcript_begin(struct skerry_transcript *transcript);
void skerry_transcript_add(struct skerry_transcript *transcript, const void *bytes, size_t size);
/// ECDH on P-384 in constant time: the X coordinate; 0 when the point is none of the curve.
int skerry_agree(const uint8_t private_key[48], const uint8_t point[97], uint8_t secret[48]);
/// HKDF-SHA-384 over that many of the agreed secrets, with the nonce, both fresh keys and the transcript, which ends here.
void skerry_derive(struct skerry_release *release, size_t secrets);
/// Overwrites 8 KiB of the stack below the caller's frame: the library's functions leave parts of keys there.
__attribute__((noinline)) void skerry_wipe_stack(void);
#endif
