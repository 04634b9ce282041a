// The pseudo application that measures and signs what runs.
#ifndef PTA_ATTESTATION_H
#define PTA_ATTESTATION_H

#define PTA_ATTESTATION_UUID \
    { 0x39800861, 0x182a, 0x4720, { 0x9b, 0x67, 0x2b, 0xcd, 0x62, 0x2b, 0xc0, 0xb5 } }

/// memref[0] out: public exponent; memref[1] out: modulus; value[2] out: algorithm of signatures.
#define PTA_ATTESTATION_GET_PUBKEY 0x0
/// memref[0] in: UUID; memref[1] in: nonce; memref[2] out: hash of the application's file; value[3] reserved.
#define PTA_ATTESTATION_GET_TA_SHDR_DIGEST 0x1
/// memref[0] in: nonce; memref[1] out: digest of the calling application's code and constants, with a signature.
#define PTA_ATTESTATION_HASH_TA_MEMORY 0x2
#define PTA_ATTESTATION_HASH_TEE_MEMORY 0x3

#endif
