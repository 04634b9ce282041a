#include "calls.h"

#include <string.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>
#include <utee_types.h>

// p input, l its size; P output, Q output that may be null, L size of the output before it (u64 inout), M the same with 32 bits; W new handle or word (u32 output).
// o object, k another one, c operation, e enumerator, s session; a algorithm, m mode, t object type, z size in bits, i attribute, A attributes, C how many;
// u UUID, U parameters, x property set, n small number, S storage, I identifier of an object, J its size, f flags of a stored object, w origin of a seek, T time,
// R access rights, d milliseconds, h size in bytes.
const struct core_call core_calls[core_call_count] = {
    {0, "n"}, {1, "pl"}, {2, "nn"}, {3, "xnPMPMW"}, {4, "xplW"}, {5, "udUWW"}, {6, "s"}, {7, "sdnUW"}, {8, "Rpl"}, {9, "W"}, {10, "W"}, {11, "W"}, {12, "d"}, {13, "TP"},
    {14, "p"}, {15, "amokW"}, {16, "cc"}, {17, "c"}, {18, "cpl"}, {19, "cpl"}, {20, "cplPL"}, {21, "cpl"}, {22, "cplPL"}, {23, "cplPL"}, {24, "oP"}, {25, "on"},
    {26, "oiPL"}, {27, "tzW"}, {28, "o"}, {29, "o"}, {30, "oAC"}, {31, "oo"}, {32, "cACo"}, {33, "Pl"}, {34, "cplhhh"}, {35, "cpl"}, {36, "cplPL"}, {37, "cplPLPL"},
    {38, "cplPLpl"}, {39, "cACplPL"}, {40, "cACplpl"}, {41, "SIJfW"}, {42, "SIJfoplV"}, {43, "o"}, {44, "oIJ"}, {45, "W"}, {46, "e"}, {47, "e"}, {48, "eS"}, {49, "ePPL"},
    {50, "oPlL"}, {51, "opl"}, {52, "oh"}, {53, "onw"}, {54, "ozAC"}, {70, "plm"},
};

uint64_t next(struct random *random) {
    random->state += 0x9e3779b97f4a7c15;
    uint64_t value = random->state;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

uint64_t core_call(uint64_t number, const uint64_t arguments[8]) {
    register uint64_t r10 __asm__("r10") = arguments[3], r8 __asm__("r8") = arguments[4], r9 __asm__("r9") = arguments[5];
    register uint64_t r12 __asm__("r12") = arguments[6], r13 __asm__("r13") = arguments[7];
    __asm__ volatile("syscall" : "+a"(number) : "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(r10), "r"(r8), "r"(r9), "r"(r12), "r"(r13)
                     : "rcx", "r11", "memory");
    return number;
}

static const uint32_t algorithms[] = {
    TEE_ALG_AES_ECB_NOPAD, TEE_ALG_AES_CBC_NOPAD, TEE_ALG_AES_CTR, TEE_ALG_AES_CTS, TEE_ALG_AES_XTS, TEE_ALG_DES_CBC_NOPAD, TEE_ALG_DES3_ECB_NOPAD, TEE_ALG_SM4_CTR,
    TEE_ALG_SM4_CBC_PKCS5, TEE_ALG_SM4_XTS, TEE_ALG_AES_CBC_MAC_NOPAD, TEE_ALG_AES_CBC_MAC_PKCS5, TEE_ALG_AES_CMAC, TEE_ALG_DES3_CBC_MAC_PKCS5, TEE_ALG_HMAC_MD5,
    TEE_ALG_HMAC_SHA256, TEE_ALG_HMAC_SHA3_512, TEE_ALG_AES_CCM, TEE_ALG_AES_GCM, TEE_ALG_MD5, TEE_ALG_SHA256, TEE_ALG_SHA512, TEE_ALG_SM3, TEE_ALG_SHA3_256,
    TEE_ALG_SHAKE128, TEE_ALG_SHAKE256, TEE_ALG_RSA_NOPAD, TEE_ALG_RSAES_PKCS1_V1_5, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, TEE_ALG_SM2_PKE, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256,
    TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA512, TEE_ALG_DSA_SHA1, TEE_ALG_DSA_SHA256, TEE_ALG_ECDSA_SHA256, TEE_ALG_ECDSA_SHA512,
    TEE_ALG_ED25519, TEE_ALG_ED448, TEE_ALG_SM2_DSA_SM3, TEE_ALG_DH_DERIVE_SHARED_SECRET, TEE_ALG_ECDH_DERIVE_SHARED_SECRET, TEE_ALG_X25519, TEE_ALG_X448, TEE_ALG_SM2_KEP,
    TEE_ALG_HKDF, TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_ALG_CONCAT_KDF_SHA256_DERIVE_KEY, TEE_ALG_PBKDF2_HMAC_SHA1_DERIVE_KEY,
};
// A type with sizes that it may have, and what fills it.
static const struct {
    uint32_t type;
    uint16_t sizes[3];
    uint32_t attributes[5];
} types[] = {
    {TEE_TYPE_GENERIC_SECRET, {8, 256, 4096}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_AES, {128, 192, 256}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_DES, {56, 64, 56}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_DES3, {112, 168, 192}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_SM4, {128, 128, 128}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_HMAC_MD5, {64, 128, 512}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_HMAC_SHA256, {192, 256, 1024}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_HMAC_SHA3_512, {512, 256, 1024}, {TEE_ATTR_SECRET_VALUE}},
    {TEE_TYPE_RSA_PUBLIC_KEY, {256, 512, 1024}, {TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT}},
    {TEE_TYPE_RSA_KEYPAIR, {256, 512, 1024}, {TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT, TEE_ATTR_RSA_PRIVATE_EXPONENT, TEE_ATTR_RSA_PRIME1, TEE_ATTR_RSA_PRIME2}},
    {TEE_TYPE_DSA_PUBLIC_KEY, {512, 1024, 2048}, {TEE_ATTR_DSA_PRIME, TEE_ATTR_DSA_SUBPRIME, TEE_ATTR_DSA_BASE, TEE_ATTR_DSA_PUBLIC_VALUE}},
    {TEE_TYPE_DSA_KEYPAIR, {512, 1024, 2048}, {TEE_ATTR_DSA_PRIME, TEE_ATTR_DSA_SUBPRIME, TEE_ATTR_DSA_BASE, TEE_ATTR_DSA_PUBLIC_VALUE, TEE_ATTR_DSA_PRIVATE_VALUE}},
    {TEE_TYPE_DH_KEYPAIR, {256, 512, 2048}, {TEE_ATTR_DH_PRIME, TEE_ATTR_DH_BASE, TEE_ATTR_DH_PUBLIC_VALUE, TEE_ATTR_DH_PRIVATE_VALUE, TEE_ATTR_DH_X_BITS}},
    {TEE_TYPE_ECDSA_PUBLIC_KEY, {192, 256, 521}, {TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y, TEE_ATTR_ECC_CURVE}},
    {TEE_TYPE_ECDSA_KEYPAIR, {192, 256, 521}, {TEE_ATTR_ECC_CURVE, TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y}},
    {TEE_TYPE_ECDH_KEYPAIR, {224, 256, 384}, {TEE_ATTR_ECC_CURVE, TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y}},
    {TEE_TYPE_ED25519_KEYPAIR, {256, 256, 256}, {TEE_ATTR_ED25519_PRIVATE_VALUE, TEE_ATTR_ED25519_PUBLIC_VALUE}},
    {TEE_TYPE_ED448_KEYPAIR, {448, 448, 456}, {TEE_ATTR_ED448_PRIVATE_VALUE, TEE_ATTR_ED448_PUBLIC_VALUE}},
    {TEE_TYPE_X25519_KEYPAIR, {256, 256, 256}, {TEE_ATTR_X25519_PRIVATE_VALUE, TEE_ATTR_X25519_PUBLIC_VALUE}},
    {TEE_TYPE_X448_KEYPAIR, {448, 448, 448}, {TEE_ATTR_X448_PRIVATE_VALUE, TEE_ATTR_X448_PUBLIC_VALUE}},
    {TEE_TYPE_SM2_DSA_KEYPAIR, {256, 256, 256}, {TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y}},
    {TEE_TYPE_SM2_KEP_KEYPAIR, {256, 256, 256}, {TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y}},
    {TEE_TYPE_SM2_PKE_KEYPAIR, {256, 256, 256}, {TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y}},
    {TEE_TYPE_HKDF_IKM, {256, 1024, 4096}, {TEE_ATTR_HKDF_IKM, TEE_ATTR_HKDF_SALT, TEE_ATTR_HKDF_INFO, TEE_ATTR_HKDF_OKM_LENGTH}},
    {TEE_TYPE_CONCAT_KDF_Z, {256, 1024, 4096}, {TEE_ATTR_CONCAT_KDF_Z, TEE_ATTR_CONCAT_KDF_OTHER_INFO, TEE_ATTR_CONCAT_KDF_DKM_LENGTH}},
    {TEE_TYPE_PBKDF2_PASSWORD, {256, 1024, 4096}, {TEE_ATTR_PBKDF2_PASSWORD, TEE_ATTR_PBKDF2_SALT, TEE_ATTR_PBKDF2_ITERATION_COUNT, TEE_ATTR_PBKDF2_DKM_LENGTH}},
    {TEE_TYPE_DATA, {0, 0, 0}, {TEE_ATTR_SECRET_VALUE}},
};
static const uint32_t attributes[] = {
    TEE_ATTR_SECRET_VALUE, TEE_ATTR_RSA_OAEP_LABEL, TEE_ATTR_RSA_PSS_SALT_LENGTH, TEE_ATTR_RSA_OAEP_MGF_HASH, TEE_ATTR_EDDSA_CTX, TEE_ATTR_EDDSA_PREHASH, TEE_ATTR_DH_PUBLIC_VALUE,
    TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y, TEE_ATTR_ECC_CURVE, TEE_ATTR_X25519_PUBLIC_VALUE, TEE_ATTR_X448_PUBLIC_VALUE, TEE_ATTR_SM2_KEP_USER,
    TEE_ATTR_SM2_ID_INITIATOR, TEE_ATTR_SM2_ID_RESPONDER, TEE_ATTR_SM2_KEP_CONFIRMATION_IN, TEE_ATTR_SM2_KEP_CONFIRMATION_OUT, TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_X,
    TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_Y, TEE_ATTR_HKDF_SALT, TEE_ATTR_HKDF_INFO, TEE_ATTR_HKDF_OKM_LENGTH, TEE_ATTR_HKDF_HASH_ALGORITHM, TEE_ATTR_KDF_KEY_SIZE,
    TEE_ATTR_CONCAT_KDF_OTHER_INFO, TEE_ATTR_CONCAT_KDF_DKM_LENGTH, TEE_ATTR_PBKDF2_SALT, TEE_ATTR_PBKDF2_ITERATION_COUNT, TEE_ATTR_PBKDF2_DKM_LENGTH,
};
static const TEE_UUID others[] = {
    {0x3a2f8978, 0x5dc0, 0x11e8, {0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b, 0xbe, 0xbc}}, {0x7011a688, 0xddde, 0x4053, {0xa5, 0xa9, 0x7b, 0x3c, 0x4d, 0xdf, 0x13, 0xb8}},
    {0xf389f8c8, 0x845f, 0x496c, {0x8b, 0xbe, 0xd6, 0x4b, 0xd2, 0x4c, 0x92, 0xfd}}, {0x3b996a7d, 0x2c2b, 0x4a49, {0xa8, 0x96, 0xe1, 0xfb, 0x57, 0x66, 0xd2, 0xf4}},
    {0xd96a5b40, 0xe2c7, 0xb1af, {0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6, 0x1b}}, {0x39800861, 0x182a, 0x4720, {0x9b, 0x67, 0x2b, 0xcd, 0x62, 0x2b, 0xc0, 0xb5}},
    {0x5ec0e001, 0x0001, 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x01}}, {0x5ec0e001, 0x0050, 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x50}},
    {0x5ec0e001, 0x0050, 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x51}},
};
#define ONE_OF(list) ((list)[next(random) % (sizeof(list) / sizeof(*(list)))])

enum { arena_size = 32768, most_handles = 24 };
static _Alignas(4096) uint8_t arena[arena_size];
static const uint8_t constants[64] = {1, 2, 3};
// What the core gave: objects, operations, enumerators, sessions.
static uint32_t handles[4][most_handles];

static uint32_t handle(struct random *random, int kind) { return handles[kind][next(random) % most_handles]; }

static uint64_t edge(struct random *random) {
    static const uint64_t edges[] = {0, 1, 7, 8, 15, 16, 63, 64, 65, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 1ull << 47, 1ull << 63, UINT64_MAX - 7, UINT64_MAX};
    return next(random) % 3 ? ONE_OF(edges) : next(random) >> next(random) % 64;
}

// An address that is no good, or not for everything: null, code, constants, ends of mappings, the stack, the kernel's half, what no processor takes.
static uint64_t bad_address(struct random *random, uint32_t kind) {
    switch (kind % 12) {
    case 0: return 0;
    case 1: return 8;
    case 2: return 0xffff800000001000;
    case 3: return 0x0000800000000000;
    case 4: return UINT64_MAX - 3;
    case 5: return 0x00007fffffffe000;
    case 6: return (uintptr_t)&core_call & ~0xfffull;
    case 7: return 0xffffffffffffe000;
    case 8: return (uintptr_t)constants;
    case 9: return ((uintptr_t)arena & ~0xfffull) - next(random) % 64;
    case 10: return (uintptr_t)__builtin_frame_address(0) + next(random) % 8192 - 4096;
    default: return (uintptr_t)arena + edge(random);
    }
}

static uint8_t *place(struct random *random) { return arena + next(random) % (arena_size - 8192); }

static uint64_t attribute_list(struct random *random, uint64_t *count, uint32_t nonsense) {
    struct utee_attribute *list = (void *)(arena + arena_size - 2048);
    // Mostly those that belong together.
    const uint32_t *group = next(random) % 2 ? ONE_OF(types).attributes : NULL;
    *count = next(random) % 6;
    for (uint64_t index = 0; index < *count; index++) {
        list[index].attribute_id = group && index < 5 && group[index] ? group[index] : ONE_OF(attributes);
        if (list[index].attribute_id & TEE_ATTR_FLAG_VALUE) {
            list[index].a = next(random) % nonsense ? next(random) % 300 : edge(random);
            list[index].b = 0;
        } else {
            list[index].a = next(random) % nonsense ? (uintptr_t)place(random) : bad_address(random, (uint32_t)next(random));
            list[index].b = next(random) % nonsense ? next(random) % 260 : edge(random);
        }
    }
    return (uintptr_t)list;
}

static uint64_t parameter_list(struct random *random, uint32_t nonsense) {
    struct utee_params *list = (void *)(arena + arena_size - 4096);
    list->types = next(random) & 0x7777;
    if (!(next(random) % nonsense)) list->types = next(random);
    for (int index = 0; index < 8; index++) list->vals[index] = next(random) % nonsense ? next(random) % 64 : edge(random);
    for (int index = 0; index < 4; index++) {
        if ((list->types >> index * 4 & 7) < 5) continue;
        list->vals[index * 2] = next(random) % nonsense ? (uintptr_t)place(random) : bad_address(random, (uint32_t)next(random));
        list->vals[index * 2 + 1] = next(random) % nonsense ? next(random) % 4096 : edge(random);
    }
    return (uintptr_t)list;
}

static uint64_t argument(struct random *random, char kind, uint64_t *count, uint32_t nonsense) {
    static const uint32_t storages[] = {1, 0x80000000, 0x80000100, 2}, flags[] = {1, 2, 3, 4, 7, 0x31, 0x37, 0x403, 0x407, 0x33, 0x417};
    static const uint32_t sets[] = {0xffffffff, 0xfffffffe, 0xfffffffd};
    uint64_t *length;
    switch (kind) {
    case 'n': return next(random) % 64;
    case 'p': case 'P': return (uintptr_t)place(random);
    case 'l': case 'h': return next(random) % 16 ? next(random) % 300 : next(random) % 8192;
    case 'L': case 'M':
        length = (void *)((uintptr_t)place(random) & ~7ull);
        *length = next(random) % 4 ? next(random) % 8192 : next(random) % 64;
        return (uintptr_t)length;
    case 'W': return (uintptr_t)arena + arena_size - 8;
    case 'V': return next(random) % 2 ? 0 : (uintptr_t)arena + arena_size - 8;
    case 'o': return handle(random, 0);
    case 'k': return next(random) % 3 ? 0 : handle(random, 0);
    case 'c': return handle(random, 1);
    case 'e': return handle(random, 2);
    case 's': return handle(random, 3);
    case 'a': return ONE_OF(algorithms);
    case 'm': return next(random) % 8;
    case 't': return ONE_OF(types).type;
    case 'z': return ONE_OF(types).sizes[next(random) % 3];
    case 'i': return ONE_OF(attributes);
    case 'A': return attribute_list(random, count, nonsense);
    case 'C': return *count;
    case 'u': memcpy(arena, &ONE_OF(others), 16); return (uintptr_t)arena;
    case 'U': return parameter_list(random, nonsense);
    case 'x': return ONE_OF(sets);
    case 'S': return ONE_OF(storages);
    case 'I': arena[64] = (uint8_t)('a' + next(random) % 8); return (uintptr_t)arena + 64;
    case 'J': return 1 + (next(random) % 8 == 0) * 63;
    case 'f': return ONE_OF(flags);
    case 'w': case 'T': return next(random) % 3;
    case 'R': return next(random) % 8 | (next(random) % 4) << 28;
    case 'd': return next(random) % 5;
    default: return 0;
    }
}

// Remembers a handle in the place of an old one, which is given back, so that there are never many.
static void keep(struct random *random, int kind, uint32_t value) {
    static const uint8_t releases[] = {28, 17, 46, 6};
    uint32_t *slot = &handles[kind][next(random) % most_handles];
    uint64_t arguments[8] = {*slot};
    if (*slot) core_call(releases[kind], arguments);
    *slot = value;
}

static int kind_made(uint32_t number) {
    switch (number) {
    case 27: case 41: case 42: return 0;
    case 15: return 1;
    case 45: return 2;
    case 5: return 3;
    default: return -1;
    }
}

static uint64_t make_call(struct random *random, const struct core_call *call, uint32_t nonsense) {
    uint64_t arguments[8], count = 0;
    for (int index = 0; index < 8; index++) arguments[index] = next(random);
    for (int index = 0; call->arguments[index]; index++) {
        char kind = call->arguments[index];
        arguments[index] = argument(random, kind, &count, nonsense);
        if (next(random) % nonsense) continue;
        bool isPointer = strchr("pPQLMWVAuUI", kind) != NULL;
        arguments[index] = isPointer && next(random) % 4 ? bad_address(random, (uint32_t)next(random)) : edge(random);
    }
    // Nobody is to wait for long: that it ends is tried elsewhere.
    if (call->number == 12) arguments[0] %= 3;
    return core_call(call->number, arguments);
}

// An object of a type with what fills it, so that operations find keys.
static void make_key(struct random *random) {
    uint64_t which = next(random) % (sizeof(types) / sizeof(*types));
    uint32_t size = types[which].sizes[next(random) % 3];
    uint32_t *made = (void *)(arena + arena_size - 8);
    if ((uint32_t)core_call(27, (uint64_t[8]){types[which].type, size, (uintptr_t)made})) return;
    uint32_t object = *made;
    keep(random, 0, object);
    struct utee_attribute list[5];
    int count = 0;
    for (; count < 5 && types[which].attributes[count]; count++)
        list[count] = (struct utee_attribute){(uintptr_t)place(random), (size + 7) / 8, types[which].attributes[count]};
    if (next(random) % 2 || size > 1024) {
        core_call(30, (uint64_t[8]){object, (uintptr_t)list, (uint64_t)count});
    } else {
        struct utee_attribute curve = {size == 192 ? 1 : size == 224 ? 2 : size == 256 ? 3 : size == 384 ? 4 : 5, 0, TEE_ATTR_ECC_CURVE};
        bool hasCurve = types[which].attributes[0] == TEE_ATTR_ECC_CURVE;
        core_call(54, (uint64_t[8]){object, size, (uintptr_t)&curve, hasCurve});
    }
    uint32_t algorithm = ONE_OF(algorithms);
    // The operation class and the key's kind have the same digits in most of them.
    for (int tries = 0; tries < 40 && (algorithm & 0xff) != (types[which].type & 0xff); tries++) algorithm = ONE_OF(algorithms);
    for (uint64_t mode = 0; mode < 8; mode++)
        if (!(uint32_t)core_call(15, (uint64_t[8]){algorithm, (mode + next(random)) % 8, object, 0, (uintptr_t)made})) return keep(random, 1, *made);
}

void random_calls(uint64_t seed, uint32_t count, uint32_t nonsense) {
    struct random own = {seed}, *random = &own;
    if (!nonsense) nonsense = 1;
    for (uint32_t index = 0; index < count; index++) {
        if (next(random) % 16 == 0) make_key(random);
        const struct core_call *call = &core_calls[next(random) % core_call_count];
        // To return or to panic is rarely what brings one further.
        if ((call->number == 0 || call->number == 2) && next(random) % 64) continue;
        if (next(random) % 256 == 0) {
            uint64_t arguments[8];
            for (int place = 0; place < 8; place++) arguments[place] = edge(random);
            uint64_t number = next(random) % 2 ? 55 + next(random) % 20 : edge(random);
            if (number != 0 && number != 2 && number != 12) core_call(number, arguments);
            continue;
        }
        uint32_t *made = (void *)(arena + arena_size - 8);
        *made = 0;
        uint32_t result = (uint32_t)make_call(random, call, nonsense);
        int kind = kind_made(call->number);
        if (kind >= 0 && result == 0 && *made) keep(random, kind, *made);
    }
}

bool bad_pointers(uint32_t number, uint32_t kind, uint32_t *result) {
    struct random own = {number * 8 + kind}, *random = &own;
    for (int round = 0; round < 40; round++) make_key(random);
    const struct core_call *call = NULL;
    for (int index = 0; index < core_call_count; index++)
        if (core_calls[index].number == number) call = &core_calls[index];
    if (!call || number == 0 || number == 2) return false;
    uint64_t arguments[8] = {0}, count = 0;
    bool takesPointers = false;
    for (int index = 0; call->arguments[index]; index++) {
        char letter = call->arguments[index];
        arguments[index] = argument(random, letter, &count, UINT32_MAX);
        if (letter == 'l' || letter == 'J') arguments[index] = 16;
        if (letter == 'C') arguments[index] = 2;
        if (strchr("pPLMWVAuUI", letter)) {
            arguments[index] = bad_address(random, kind);
            takesPointers = true;
        }
    }
    *result = (uint32_t)core_call(number, arguments);
    return takesPointers;
}
