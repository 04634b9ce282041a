// What the measured guest image and those who launch it agree on: where everything lies, what the image's head and the platform table hold, and the operations of
// the simulation port. Included by assembly as well, hence macros for what assembly needs.
#ifndef SKERRY_CONFIDENTIAL_ABI_H
#define SKERRY_CONFIDENTIAL_ABI_H

// The guest-physical map; virtual addresses are the same. Everything up to RAM is launched, apart from the pages between the stacks, which are never mapped.
#define SKERRY_GUEST_BASE 0x200000
#define SKERRY_GUEST_TABLES 0x3D0000 // PML4, PDPT, PD, one PT for the launched 2 MiB, one for the RAM
#define SKERRY_GUEST_IDT 0x3D8000
#define SKERRY_GUEST_GDT 0x3D9000 // the task state segment lies in the same page, at SKERRY_GUEST_TSS
#define SKERRY_GUEST_TSS 0x3D9800
#define SKERRY_GUEST_PLATFORM 0x3DA000
#define SKERRY_GUEST_SECRETS 0x3DB000
#define SKERRY_GUEST_CPUID 0x3DC000
#define SKERRY_GUEST_GHCB 0x3DD000
#define SKERRY_GUEST_RING 0x3DE000
#define SKERRY_GUEST_REQUEST 0x3DF000
#define SKERRY_GUEST_RESPONSE 0x3E0000
#define SKERRY_GUEST_STACK_END 0x3F0000 // eight pages
#define SKERRY_GUEST_VC_STACK_END 0x3F4000 // two pages: #VC
#define SKERRY_GUEST_FAULT_STACK_END 0x3F8000 // two pages: every other vector
#define SKERRY_GUEST_RAM 0x400000
#define SKERRY_GUEST_RAM_LIMIT 0x600000

// Selectors.
#define SKERRY_GUEST_CS0 0x08
#define SKERRY_GUEST_SS0 0x10
#define SKERRY_GUEST_SS3 0x1B
#define SKERRY_GUEST_CS3 0x23
#define SKERRY_GUEST_TR 0x28

// The platform table: addresses of the bodies, then what the platform is.
#define SKERRY_PLATFORM_SEV_STATUS 0x00
#define SKERRY_PLATFORM_MSR_EXIT 0x08
#define SKERRY_PLATFORM_PAGE_EXIT 0x10
#define SKERRY_PLATFORM_PVALIDATE 0x18
#define SKERRY_PLATFORM_SET_ENTRY 0x20
#define SKERRY_PLATFORM_CPUID 0x28
#define SKERRY_PLATFORM_BODIES 6
#define SKERRY_PLATFORM_ENCRYPTION 0x40 // the bit of page-table entries that makes a page private; 0 in the simulation
#define SKERRY_PLATFORM_ENTRY_BITS 0x48 // bits of every entry beside: user access where the image runs at CPL 3
#define SKERRY_PLATFORM_RAM_SIZE 0x50
#define SKERRY_PLATFORM_LAUNCHED 0x80 // a bit for each of the 512 pages from SKERRY_GUEST_BASE on: accepted by the launch

// The simulation port: AL the operation, RDI, RSI and RDX the operands, RAX and RCX the results.
#define SKERRY_SIMULATION_PORT 0xE8
#define SKERRY_SIMULATE_SEV_STATUS 1 // -> SEV_STATUS
#define SKERRY_SIMULATE_MSR_EXIT 2   // GHCB MSR -> GHCB MSR
#define SKERRY_SIMULATE_PAGE_EXIT 3  // GHCB address
#define SKERRY_SIMULATE_PVALIDATE 4  // address, 1 for 2 MiB, 1 to validate -> return code, carry
#define SKERRY_SIMULATE_SET_ENTRY 5  // address of the entry, entry, encryption bit wanted
#define SKERRY_SIMULATE_CPUID 6      // function, index: the next instruction is CPUID, which raises #VC on hardware

// The port of a byte stream over the ring page (struct skerry_page_stream): OUT of 32 bits by GHCB exit 0x7B.
#define SKERRY_STREAM_PORT 0xEA
#define SKERRY_STREAM_PAYLOAD 16
#define SKERRY_STREAM_PAYLOAD_SIZE 2048
#define SKERRY_STREAM_CERTIFICATES 16384 // the most bytes of certificates that the image takes
#define SKERRY_STREAM_MANIFEST 16384     // the most bytes of a manifest

// The head of the image.
#define SKERRY_IMAGE_MAGIC 0x3147534E59524B53 // "SKRYNSG1"
#define SKERRY_IMAGE_HEAD_WORDS 24

// Sets of reasons of the termination request (AMD 56421, 2.3.2).
#define SKERRY_TERMINATED_REFUSING 1
#define SKERRY_TERMINATED_SUCCESS 2
#define SKERRY_TERMINATED_BY_VECTOR 3 // the code is the vector

#ifndef __ASSEMBLER__
#include <stdint.h>

#include "key_release_abi.h"

/// Words of the image's head, by index.
enum skerry_image_word {
    skerry_image_magic,
    skerry_image_entry,
    /// The end of the code, the constants and the initialised data; each begins on a page where the one before ends.
    skerry_image_code_end, skerry_image_constants_end, skerry_image_data_end,
    /// The end of what starts as zeros.
    skerry_image_zero_end,
    /// The first of 256 entry points, 16 bytes apart.
    skerry_image_vectors,
    /// What FS points to.
    skerry_image_thread,
    /// The bodies of the two platform tables, six each.
    skerry_image_hardware,
    skerry_image_simulation = skerry_image_hardware + 6,
    /// The beginning and end of the description, in the constants.
    skerry_image_description = skerry_image_simulation + 6,
    skerry_image_description_end,
};
_Static_assert(skerry_image_description_end < SKERRY_IMAGE_HEAD_WORDS, "the head is too small");

/// Why the guest ended itself (set SKERRY_TERMINATED_REFUSING).
enum skerry_refusal {
    /// SEV_STATUS does not say SEV, SEV-ES and SEV-SNP.
    skerry_refusal_status = 1,
    /// The host speaks no GHCB protocol 2, or offers no SEV-SNP.
    skerry_refusal_protocol,
    /// The encryption bit of the CPUID page is not the one the image was built for, or the CPUID page is malformed.
    skerry_refusal_encryption_bit,
    /// The address of the GHCB page that was registered is another.
    skerry_refusal_registration,
    /// A page state change was refused, or left undone.
    skerry_refusal_page_state,
    /// PVALIDATE failed.
    skerry_refusal_validation,
    /// PVALIDATE changed nothing: the page was in that state already, which the guest did not do.
    skerry_refusal_unchanged,
    /// A page would be accepted twice, or given back that was never accepted.
    skerry_refusal_accounting,
    /// The host answers an exit by an error, or by an exception.
    skerry_refusal_exit,
    /// A guest request failed.
    skerry_refusal_request,
    /// The response to a guest request is not the one to this request.
    skerry_refusal_response,
    /// The secure processor refused the report, or the report is not about this request.
    skerry_refusal_report,
    /// #VC with another code than that of CPUID.
    skerry_refusal_vc_code,
    /// #VC says CPUID where no CPUID instruction is.
    skerry_refusal_vc_instruction,
    /// #VC while handling #VC.
    skerry_refusal_vc_nested,
    /// The CPUID page lacks a leaf the guest needs.
    skerry_refusal_cpuid,
    /// The processor gives no random numbers.
    skerry_refusal_random,
    /// The cryptographic library failed.
    skerry_refusal_cryptography,
    /// The secrets page holds no keys.
    skerry_refusal_secrets,
    /// The stack was overwritten.
    skerry_refusal_stack,
    /// The host's challenge is malformed.
    skerry_refusal_challenge,
    /// Code that cannot be reached was reached.
    skerry_refusal_unreachable,
    /// The host answers a request for the byte stream by what is none.
    skerry_refusal_stream,
};
_Static_assert(skerry_refusal_stack == 20 && skerry_refusal_unreachable == 22, "the assembly names them by number");

/// The ring page before the guest starts: what the host asks.
struct skerry_challenge {
    uint64_t magic; // SKERRY_IMAGE_MAGIC
    uint8_t nonce[32];
    /// Not 0: there is a byte stream to a relying party, which the guest is to ask for its secrets.
    uint64_t has_stream;
    /// The key by which the relying party is to be known, or zeros. In an image with a manifest it belongs there, where the host cannot choose it.
    uint8_t identity[SKERRY_RELEASE_POINT_SIZE];
    uint8_t padding[7];
};

/// The head of the ring page while it carries a byte stream; the payload follows it.
struct skerry_page_stream {
    /// The guest's: enum skerry_stream_operation.
    uint32_t operation;
    /// The guest's: bytes that are sent or wanted. The host's, of certificates and manifest: bytes that it gives, at most those; none at their end.
    uint32_t count;
    /// The guest's, of certificates and manifest: how many it has already.
    uint32_t offset;
    /// The host's: 0 when it is done, 1 when the stream has ended.
    uint32_t status;
};
enum skerry_stream_operation {
    /// All of them.
    skerry_stream_send = 1,
    /// Just so many.
    skerry_stream_receive,
    /// The host's certificates, a table as in AMD 56421, 4.1.8.
    skerry_stream_certificates,
    /// The bytes whose SHA-256 is HOST_DATA; this image shows them to the relying party and makes no other use of them.
    skerry_stream_manifest,
};

/// One CPUID answer that the guest got by the instruction.
struct skerry_cpuid_answer {
    uint32_t function, index, eax, ebx, ecx, edx;
};

/// The ring page when the guest ends with success.
struct skerry_evidence {
    uint8_t public_key[97]; // P-384, uncompressed (SEC 1, 2.3.3)
    uint8_t reserved[15];
    uint64_t accepted_pages; // pages of RAM
    uint64_t xcr0;
    struct skerry_cpuid_answer answers[6];
    uint8_t report[1184];
    /// How the key release went: enum skerry_release_outcome.
    uint64_t release_outcome;
    /// SHA-512 of the challenge's nonce and all secrets as they were sealed; zeros without any.
    uint8_t secrets_proof[64];
};
_Static_assert(sizeof(struct skerry_evidence) == 112 + 16 + 6 * 24 + 1184 + 8 + 64, "no padding");
#endif
#endif
