// Key release: what a confidential guest and a relying party say to each other over a byte stream that the hostile host carries. Numbers are little-endian, what is
// reserved is zero. The article "The protocol of key release" of the module KeyRelease explains it.
#ifndef SKERRY_KEY_RELEASE_ABI_H
#define SKERRY_KEY_RELEASE_ABI_H

#include <stddef.h>
#include <stdint.h>

/// REPORT_DATA is SHA-512 of this purpose, the relying party's nonce and the guest's public key.
#define SKERRY_REPORT_PURPOSE "skerry confidential guest key 1"
/// The info of HKDF begins with this purpose; both public keys and SHA-384 of the transcript follow.
#define SKERRY_RELEASE_PURPOSE "skerry key release 1"

#define SKERRY_RELEASE_MAGIC 0x4559454B59524B53 // "SKRYKEYE"
#define SKERRY_RELEASE_VERSION 1
#define SKERRY_RELEASE_NONCE_SIZE 32
/// A P-384 point, uncompressed (SEC 1, 2.3.3).
#define SKERRY_RELEASE_POINT_SIZE 97
#define SKERRY_RELEASE_REPORT_SIZE 1184
/// The most bytes of a manifest, and of a certificate table.
#define SKERRY_RELEASE_MANIFEST_LIMIT 0x100000
#define SKERRY_RELEASE_CERTIFICATES_LIMIT 0x10000
/// The stream that the guest asks its host for the certificates of the processor by. A host that has none refuses it.
#define SKERRY_RELEASE_CERTIFICATES_STREAM "certificates"
/// All secrets of a release, with their names, sealed: always as many bytes, so that their lengths tell the host nothing.
#define SKERRY_RELEASE_SECRETS_SIZE 4096
#define SKERRY_RELEASE_TAG_SIZE 16
/// What HKDF-SHA-384 yields: a key of AES-256, a nonce of GCM, and the proof of the receipt.
#define SKERRY_RELEASE_KEY_SIZE 32
#define SKERRY_RELEASE_IV_SIZE 12
#define SKERRY_RELEASE_PROOF_SIZE 32

/// The messages, in their order.
enum skerry_release_kind {
    skerry_release_hello = 1,
    skerry_release_evidence,
    skerry_release_answer,
    skerry_release_refusal,
    skerry_release_receipt,
};

/// How a key release ended for the guest.
enum skerry_release_outcome {
    /// None was tried.
    skerry_release_none,
    /// The secrets are there, and the relying party was told.
    skerry_release_released,
    /// The relying party has refused, or the host says so.
    skerry_release_refused,
    /// The stream ended.
    skerry_release_ended,
    /// Something came that is no message of this protocol.
    skerry_release_malformed,
    /// It is another relying party than the pinned one.
    skerry_release_stranger,
    /// The answer is not from who was asked, or not to this question.
    skerry_release_forged,
};

/// What every message begins with.
struct skerry_release_header {
    uint64_t magic;
    /// enum skerry_release_kind.
    uint32_t kind;
    /// Bytes behind this header.
    uint32_t size;
};

/// The relying party's first message.
struct skerry_release_hello {
    struct skerry_release_header header;
    uint32_t version;
    uint32_t reserved;
    /// Fresh for each connection.
    uint8_t nonce[SKERRY_RELEASE_NONCE_SIZE];
    /// The key that the relying party is known by; zeros when it has none.
    uint8_t identity[SKERRY_RELEASE_POINT_SIZE];
    uint8_t padding[7];
};

/// The guest's: the manifest and the certificate table, as many bytes as it says here, follow it.
struct skerry_release_evidence {
    struct skerry_release_header header;
    uint32_t manifest_size;
    uint32_t certificates_size;
    /// Fresh for each connection.
    uint8_t public_key[SKERRY_RELEASE_POINT_SIZE];
    uint8_t padding[7];
    uint8_t report[SKERRY_RELEASE_REPORT_SIZE];
};

/// The relying party's second: the secrets, sealed, and the tag follow it. A refusal is the header alone.
struct skerry_release_answer {
    struct skerry_release_header header;
    /// Fresh for each connection.
    uint8_t public_key[SKERRY_RELEASE_POINT_SIZE];
    uint8_t padding[7];
};

/// The guest's second, when it has opened the secrets.
struct skerry_release_receipt {
    struct skerry_release_header header;
    uint8_t proof[SKERRY_RELEASE_PROOF_SIZE];
};

// Where things lie in the messages.
#define SKERRY_RELEASE_HEADER_SIZE 16
#define SKERRY_RELEASE_KIND_AT 8
#define SKERRY_RELEASE_SIZE_AT 12
#define SKERRY_RELEASE_HELLO_SIZE 160
#define SKERRY_RELEASE_HELLO_NONCE_AT 24
#define SKERRY_RELEASE_HELLO_IDENTITY_AT 56
#define SKERRY_RELEASE_EVIDENCE_SIZE 1312
#define SKERRY_RELEASE_EVIDENCE_MANIFEST_AT 16
#define SKERRY_RELEASE_EVIDENCE_CERTIFICATES_AT 20
#define SKERRY_RELEASE_EVIDENCE_KEY_AT 24
#define SKERRY_RELEASE_EVIDENCE_REPORT_AT 128
#define SKERRY_RELEASE_ANSWER_SIZE 120
#define SKERRY_RELEASE_ANSWER_KEY_AT 16
#define SKERRY_RELEASE_RECEIPT_SIZE 48
_Static_assert(sizeof(struct skerry_release_header) == SKERRY_RELEASE_HEADER_SIZE && offsetof(struct skerry_release_header, kind) == SKERRY_RELEASE_KIND_AT, "header");
_Static_assert(offsetof(struct skerry_release_header, size) == SKERRY_RELEASE_SIZE_AT, "header");
_Static_assert(sizeof(struct skerry_release_hello) == SKERRY_RELEASE_HELLO_SIZE && offsetof(struct skerry_release_hello, nonce) == SKERRY_RELEASE_HELLO_NONCE_AT, "hello");
_Static_assert(offsetof(struct skerry_release_hello, identity) == SKERRY_RELEASE_HELLO_IDENTITY_AT, "hello");
_Static_assert(sizeof(struct skerry_release_evidence) == SKERRY_RELEASE_EVIDENCE_SIZE, "evidence");
_Static_assert(offsetof(struct skerry_release_evidence, manifest_size) == SKERRY_RELEASE_EVIDENCE_MANIFEST_AT, "evidence");
_Static_assert(offsetof(struct skerry_release_evidence, certificates_size) == SKERRY_RELEASE_EVIDENCE_CERTIFICATES_AT, "evidence");
_Static_assert(offsetof(struct skerry_release_evidence, public_key) == SKERRY_RELEASE_EVIDENCE_KEY_AT, "evidence");
_Static_assert(offsetof(struct skerry_release_evidence, report) == SKERRY_RELEASE_EVIDENCE_REPORT_AT, "evidence");
_Static_assert(sizeof(struct skerry_release_answer) == SKERRY_RELEASE_ANSWER_SIZE && offsetof(struct skerry_release_answer, public_key) == SKERRY_RELEASE_ANSWER_KEY_AT, "answer");
_Static_assert(sizeof(struct skerry_release_receipt) == SKERRY_RELEASE_RECEIPT_SIZE, "receipt");

/// The secrets before they are sealed: how many there are (16 bits), then each as the length of its name (16 bits), the length of its value (16 bits), name and
/// value; then zeros up to the end. A name has 1 to 64 bytes.
#define SKERRY_RELEASE_NAME_LIMIT 64
#endif
