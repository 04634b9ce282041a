// An application of version 1.1 of the API, in which lengths have 32 bits. Commands answer TEE_ERROR_OVERFLOW when more than that was written.
#ifndef VERSION_1_1_H
#define VERSION_1_1_H

#define VERSION_1_1_UUID \
    { 0x5ec0e001, 0x0018, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x18 } }

/// memref[0] in: key; value[1] in: counter; value[2] out: six digits (RFC 4226).
#define VERSION_1_1_ONE_TIME_PASSWORD 0
/// memref[0] in: identifier; memref[1] in: data; memref[2] out: what was read back; value[3] out: size and number of objects.
#define VERSION_1_1_STORE 1
/// memref[0] out: the name and value of the first property of the TEE that has a text, separated by '='; memref[1] out: the text of gpd.ta.version.
#define VERSION_1_1_PROPERTIES 2
/// memref[0] in: text; memref[1] out: what it is after encryption with RSA and back; value[2] out: bytes of the modulus, of the signature.
#define VERSION_1_1_RSA 3
/// memref[0] in: UUID of hello_world; value[1] inout: a becomes a + 1 there; memref[2] out: its greeting.
#define VERSION_1_1_CALL 4
/// memref[0] in: text; memref[1] out: the same after AES-CTR and AES-GCM and back; memref[2] out: its SHA-256 digest.
#define VERSION_1_1_CIPHERS 5
/// memref[0] out: 2 to the power of 100 as bytes, from the big integers.
#define VERSION_1_1_BIG_INTEGER 6

#endif
