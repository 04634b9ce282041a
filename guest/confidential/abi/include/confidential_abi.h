// What the measured guest image and those who launch it agree on: where everything lies, what the image's head and the platform table hold, and the operations of
// the simulation port. Included by assembly as well, hence macros for what assembly needs.
#ifndef SKERRY_CONFIDENTIAL_ABI_H
#define SKERRY_CONFIDENTIAL_ABI_H

// Where the guest sees its memory: every guest-physical address at this distance, in tables of its own. It has to be the lower half, as Swift keeps flags in the upper
// bits of addresses, and programs have all of that in theirs. So there is a second place, which the tables of programs have as well, closed to them: what the processor
// itself uses (descriptor tables, entry points, the stacks of exceptions) is named by its address there.
#define SKERRY_GUEST_DIRECT 0
#define SKERRY_GUEST_ALIAS 0xFFFFC00000000000
#define SKERRY_GUEST_ALIAS_SLOT 384 // of the top-level table
// Where a program of a guest whose library OS runs at CPL 3 finds the gate that its calls arrive at.
#define SKERRY_GUEST_GATE 0xFFFFC08000000000
#define SKERRY_GUEST_GATE_SLOT 385

// The guest-physical map. The image, then 2 MiB of what belongs to the processor and to the host, then RAM, which the guest accepts while it runs. Pages that
// nothing below names are never mapped.
#define SKERRY_GUEST_BASE 0x200000
#define SKERRY_GUEST_TABLES 0xA00000 // PML4, PDPT, PTs of the five 2 MiB from SKERRY_GUEST_BASE on, the gate's PDPT, PD and PT, and a PD for each GiB
#define SKERRY_GUEST_LEAVES 0xA02000
#define SKERRY_GUEST_GATE_TABLES 0xA07000
#define SKERRY_GUEST_DIRECTORIES 0xA0A000
#define SKERRY_GUEST_IDT 0xA50000
#define SKERRY_GUEST_GDT 0xA51000 // the task state segment lies in the same page, at SKERRY_GUEST_TSS
#define SKERRY_GUEST_TSS 0xA51800
#define SKERRY_GUEST_PLATFORM 0xA52000
#define SKERRY_GUEST_SECRETS 0xA53000
#define SKERRY_GUEST_CPUID 0xA54000
#define SKERRY_GUEST_GHCB 0xA55000
#define SKERRY_GUEST_EVIDENCE 0xA56000
#define SKERRY_GUEST_REQUEST 0xA57000
#define SKERRY_GUEST_RESPONSE 0xA58000
#define SKERRY_GUEST_RING 0xA60000 // ring_abi.h
#define SKERRY_GUEST_RING_PAGES 17
#define SKERRY_GUEST_STACK_END 0xAC0000 // 32 pages
#define SKERRY_GUEST_STACK_PAGES 32
#define SKERRY_GUEST_VC_STACK_END 0xAD0000 // four pages: #VC
#define SKERRY_GUEST_FAULT_STACK_END 0xAE0000 // four pages: every other vector
#define SKERRY_GUEST_RAM 0xC00000
#define SKERRY_GUEST_RAM_STEP 0x200000 // what is accepted at a time
#define SKERRY_GUEST_RAM_LIMIT 0x1000000000 // where RAM ends at the latest

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
#define SKERRY_PLATFORM_RUN 0x30
#define SKERRY_PLATFORM_FLUSH 0x38
#define SKERRY_PLATFORM_EXCEPTION 0x40
#define SKERRY_PLATFORM_BODIES 9
#define SKERRY_PLATFORM_ENCRYPTION 0x60 // the bit of page-table entries that makes a page private; 0 in the simulation
#define SKERRY_PLATFORM_ENTRY_BITS 0x68 // bits of every entry beside: user access where the image runs at CPL 3
#define SKERRY_PLATFORM_RAM_SIZE 0x70
#define SKERRY_PLATFORM_LAUNCHED 0x80 // a bit for each of the pages from SKERRY_GUEST_BASE to SKERRY_GUEST_RAM: accepted by the launch

// The simulation port: AL the operation, RDI, RSI and RDX the operands, RAX and RCX the results.
#define SKERRY_SIMULATION_PORT 0xE8
#define SKERRY_SIMULATE_SEV_STATUS 1 // -> SEV_STATUS
#define SKERRY_SIMULATE_MSR_EXIT 2   // GHCB MSR -> GHCB MSR
#define SKERRY_SIMULATE_PAGE_EXIT 3  // GHCB address
#define SKERRY_SIMULATE_PVALIDATE 4  // address, 1 for 2 MiB, 1 to validate -> return code, carry
#define SKERRY_SIMULATE_SET_ENTRY 5  // address of the entry, entry, encryption bit wanted
#define SKERRY_SIMULATE_CPUID 6      // function, index: the next instruction is CPUID, which raises #VC on hardware
#define SKERRY_SIMULATE_RUN 7        // struct skerry_context: runs a program until an event, whose number is the result
#define SKERRY_SIMULATE_FLUSH 8      // first frame, count: translations of these frames are forgotten; none: those of tables that changed
// The ports by which a program of a guest at CPL 3 comes back: by the gate, and by an exception, whose vector is on the stack.
#define SKERRY_GATE_PORT 0xE9
#define SKERRY_EXCEPTION_PORT 0xEA

// Events that end the run of a program, beside the vectors 0 to 31.
#define SKERRY_EVENT_PREEMPTED 32 // the only vector that the host may raise
#define SKERRY_EVENT_CALL 256
#define SKERRY_EVENT_UNSERVABLE 257 // the processor stopped

// The port of a byte stream over the evidence page (struct skerry_page_stream): OUT of 32 bits by GHCB exit 0x7B.
#define SKERRY_STREAM_PORT 0xEA
#define SKERRY_STREAM_PAYLOAD 16
#define SKERRY_STREAM_PAYLOAD_SIZE 2048
#define SKERRY_STREAM_CERTIFICATES 16384 // the most bytes of certificates that the image takes
#define SKERRY_STREAM_MANIFEST 16384     // the most bytes of a manifest

// The head of the image.
#define SKERRY_IMAGE_MAGIC 0x3147534E59524B53 // "SKRYNSG1"
#define SKERRY_IMAGE_HEAD_WORDS 32

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
    /// The bodies of the platform tables: instructions, the port at CPL 0, the port at CPL 3; nine, then nine, then the last three.
    skerry_image_hardware,
    skerry_image_simulation = skerry_image_hardware + 9,
    skerry_image_user_mode = skerry_image_simulation + 9,
    /// The page of the gate.
    skerry_image_gate = skerry_image_user_mode + 3,
    /// The beginning and end of the description, in the constants.
    skerry_image_description,
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
    /// The CPUID page lacks a leaf the guest needs (15 was another).
    skerry_refusal_cpuid = 16,
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
    /// There is no memory left for the library OS itself.
    skerry_refusal_memory,
    /// The host's answer over the ring is not one.
    skerry_refusal_ring,
    /// The root image is not the one of the manifest.
    skerry_refusal_root,
    /// The manifest is not the one that was launched with, or is malformed.
    skerry_refusal_manifest,
    /// The host answers a request for the byte stream by what is none.
    skerry_refusal_stream,
    /// A block of the sealed store is not the one that the guest has sealed.
    skerry_refusal_store,
};
_Static_assert(skerry_refusal_stack == 20 && skerry_refusal_unreachable == 22, "the assembly names them by number");

/// The registers of a program, for SKERRY_SIMULATE_RUN and what stands in its place elsewhere.
struct skerry_context {
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags, fs_base, gs_base;
    /// The top-level table, with the encryption bit.
    uint64_t root;
    /// After an exception.
    uint64_t error, fault_address;
};
_Static_assert(sizeof(struct skerry_context) == 23 * 8, "assembly knows the offsets");

/// The evidence page before the guest starts: what the host asks.
struct skerry_challenge {
    uint64_t magic; // SKERRY_IMAGE_MAGIC
    uint8_t nonce[32];
    /// Not 0: there is a byte stream to a relying party, which the guest is to ask for its secrets.
    uint64_t has_stream;
    /// The key by which the relying party is to be known, or zeros. In an image with a manifest it belongs there, where the host cannot choose it.
    uint8_t identity[SKERRY_RELEASE_POINT_SIZE];
    uint8_t padding[7];
    /// 1: the guest goes on with the manifest of its launch; 0: its evidence is all that is wanted.
    uint64_t has_workload;
};

/// The head of the evidence page while it carries a byte stream; the payload follows it.
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

/// The evidence page when the guest ends with success.
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
