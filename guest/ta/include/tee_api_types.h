// Types of the TEE Internal Core API 1.3.1; the section of each is in parentheses.
#ifndef TEE_API_TYPES_H
#define TEE_API_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_api_defines.h>

/// How a call ended: TEE_SUCCESS or TEE_ERROR_* (3.2.2).
typedef uint32_t TEE_Result;

/// A UUID of RFC 4122; the first three fields are in the machine's byte order (3.2.4).
typedef struct {
    uint32_t timeLow;
    uint16_t timeMid;
    uint16_t timeHiAndVersion;
    uint8_t clockSeqAndNode[8];
} TEE_UUID;

/// Who a client is: TEE_LOGIN_* and its UUID, nil when not applicable (4.1.1).
typedef struct {
    uint32_t login;
    TEE_UUID uuid;
} TEE_Identity;

/// One of the four parameters of an operation; which member counts is said by its type (4.1.2). Sizes in bytes.
typedef union {
    struct {
        void *buffer;
        size_t size;
    } memref;
    struct {
        uint32_t a;
        uint32_t b;
    } value;
} TEE_Param;

/// A session that this application opened with another one (4.1.3).
typedef struct __TEE_TASessionHandle *TEE_TASessionHandle;
/// A property set TEE_PROPSET_* or an enumerator (4.1.4).
typedef struct __TEE_PropSetHandle *TEE_PropSetHandle;
/// A transient or persistent object (5.3.2).
typedef struct __TEE_ObjectHandle *TEE_ObjectHandle;
/// An enumerator of persistent objects (5.3.3).
typedef struct __TEE_ObjectEnumHandle *TEE_ObjectEnumHandle;
/// A cryptographic operation (6.1.2).
typedef struct __TEE_OperationHandle *TEE_OperationHandle;

/// TEE_TYPE_* (5.3.1).
typedef uint32_t TEE_ObjectType;
/// Where a seek starts: TEE_DATA_SEEK_* (5.3.5).
typedef uint32_t TEE_Whence;
/// TEE_MODE_* (6.1.1).
typedef uint32_t TEE_OperationMode;

/// What an object is: sizes of keys in bits, of data in bytes (5.3.4). `keySize` and `maxKeySize` are the names of version 1.0.
typedef struct {
    TEE_ObjectType objectType;
    __extension__ union {
        uint32_t objectSize;
        uint32_t keySize;
    };
    __extension__ union {
        uint32_t maxObjectSize;
        uint32_t maxKeySize;
    };
    uint32_t objectUsage;
    size_t dataSize;
    size_t dataPosition;
    uint32_t handleFlags;
} TEE_ObjectInfo;

/// An attribute of an object or an operation: by reference (bytes) or by value, as bit 29 of its identifier says (5.3.6).
typedef struct {
    uint32_t attributeID;
    union {
        struct {
            void *buffer;
            size_t length;
        } ref;
        struct {
            uint32_t a;
            uint32_t b;
        } value;
    } content;
} TEE_Attribute;

/// What an operation with one key is: key sizes in bits, digest length in bytes (6.1.3).
typedef struct {
    uint32_t algorithm;
    uint32_t operationClass;
    uint32_t mode;
    uint32_t digestLength;
    uint32_t maxKeySize;
    uint32_t keySize;
    uint32_t requiredKeyUsage;
    uint32_t handleState;
} TEE_OperationInfo;

/// One key of an operation (6.1.3).
typedef struct {
    uint32_t keySize;
    uint32_t requiredKeyUsage;
} TEE_OperationInfoKey;

/// What an operation with any number of keys is (6.1.3).
typedef struct {
    uint32_t algorithm;
    uint32_t operationClass;
    uint32_t mode;
    uint32_t digestLength;
    uint32_t maxKeySize;
    uint32_t handleState;
    uint32_t operationState;
    uint32_t numberOfKeys;
    TEE_OperationInfoKey keyInformation[];
} TEE_OperationInfoMultiple;

/// A time: seconds, and milliseconds below 1000 (7.1).
typedef struct {
    uint32_t seconds;
    uint32_t millis;
} TEE_Time;

/// A word of a big integer; a number is TEE_BigIntSizeInU32(bits) of them (8.3.1).
typedef uint32_t TEE_BigInt;
/// A word of a number in the representation for fast modular multiplication (8.3.3).
typedef uint32_t TEE_BigIntFMM;
/// A word of the precomputed context of a modulus (8.3.2).
typedef uint32_t TEE_BigIntFMMContext;

#endif
