// What public-key cryptography needs of libcrypto and Swift cannot see: macros that are not literals.
#ifndef SKERRY_CCRYPTO_ASYMMETRIC_SHIMS_H
#define SKERRY_CCRYPTO_ASYMMETRIC_SHIMS_H

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

static inline int skerry_evp_pkey_keypair(void) { return EVP_PKEY_KEYPAIR; }
static inline int skerry_evp_pkey_public_key(void) { return EVP_PKEY_PUBLIC_KEY; }
static inline int skerry_nid_sm2(void) { return NID_sm2; }

#endif
