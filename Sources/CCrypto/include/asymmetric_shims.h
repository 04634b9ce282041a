// What public-key cryptography needs of libcrypto and Swift cannot see: macros that are not literals.
#ifndef SKERRY_CCRYPTO_ASYMMETRIC_SHIMS_H
#define SKERRY_CCRYPTO_ASYMMETRIC_SHIMS_H

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>

static inline int skerry_evp_pkey_keypair(void) { return EVP_PKEY_KEYPAIR; }
static inline int skerry_evp_pkey_public_key(void) { return EVP_PKEY_PUBLIC_KEY; }
static inline int skerry_nid_sm2(void) { return NID_sm2; }
// RFC 2253, the first attribute first.
static inline unsigned long skerry_xn_flags(void) { return XN_FLAG_RFC2253 & ~XN_FLAG_DN_REV; }

#endif
