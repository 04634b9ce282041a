// The interface between the guest stub and the monitor: addresses, ports and the mailbox page. Shared by assembly, C and Swift.
//
// Every address space maps the stub at one fixed place in the upper half, which programs cannot map. Each thread slot has its own
// top-level page-table page, so that the mailbox and the exception stack differ from slot to slot at the same address.
#ifndef SKERRY_GUEST_ABI_H
#define SKERRY_GUEST_ABI_H

// --- the stub's window: one page table, 512 pages from SKERRY_WINDOW ---
#define SKERRY_WINDOW 0xffffc00000000000
#define SKERRY_WINDOW_PML4_INDEX 384

#define SKERRY_PAGE_GATE 0            // user, read and execute: the system call gates
#define SKERRY_PAGE_EXCEPTIONS 1      // supervisor, read and execute: one gate per vector
#define SKERRY_PAGE_GDT 2             // supervisor, read and write: GDT, then the TSS at +0x100
#define SKERRY_PAGE_IDT 3             // supervisor, read
#define SKERRY_PAGE_BOOT_INFORMATION 4 // supervisor, read: the device tree, at most four pages
#define SKERRY_PAGE_MAILBOX 8         // user, read and write, one per slot
#define SKERRY_PAGE_EXCEPTION_STACK 9 // supervisor, read and write, one per slot

// --- segment selectors, the numbers Linux uses (programs see them in signal frames) ---
#define SKERRY_KERNEL_CS 0x10
#define SKERRY_KERNEL_SS 0x18
#define SKERRY_USER32_CS 0x23
#define SKERRY_USER_SS 0x2b
#define SKERRY_USER_CS 0x33
#define SKERRY_TSS 0x40

// --- ports by which the guest leaves; allowed at CPL 3 by the I/O permission bitmap of the TSS ---
#define SKERRY_PORT_SYSCALL 0xf9       // a system call on the exit path; registers are the program's
#define SKERRY_PORT_SYSCALL_SPUN 0xfa  // the same after spinning on the mailbox: the request has been published there
#define SKERRY_PORT_EXCEPTION 0xc0     // + vector (0 to 31)
#define SKERRY_EXCEPTION_STRIDE 16     // bytes from one exception gate to the next

// --- the mailbox page; everything in it is the guest's word and is read once ---
#define SKERRY_MAILBOX_REQUEST 0x00    // u32, counts the requests the gate has published
#define SKERRY_MAILBOX_RESPONSE 0x40   // u32, the request that has been answered (own cache line)
#define SKERRY_MAILBOX_VERDICT 0x44    // u32, 0: RESULT holds the answer; 1: leave by the port
#define SKERRY_MAILBOX_RESULT 0x48     // u64
#define SKERRY_MAILBOX_SPIN 0x80       // u32, how many times the gate looks for an answer; 0: leave at once
#define SKERRY_MAILBOX_NUMBER 0x08     // u64, rax
#define SKERRY_MAILBOX_ARGUMENT0 0x10  // u64, rdi
#define SKERRY_MAILBOX_ARGUMENT1 0x18  // rsi
#define SKERRY_MAILBOX_ARGUMENT2 0x20  // rdx
#define SKERRY_MAILBOX_ARGUMENT3 0x28  // r10
#define SKERRY_MAILBOX_ARGUMENT4 0x30  // r8
#define SKERRY_MAILBOX_ARGUMENT5 0x38  // r9
#define SKERRY_MAILBOX_RIP 0xc0        // u64, where the program goes on
#define SKERRY_MAILBOX_RSP 0xc8        // u64, the program's stack pointer while the gate restores RFLAGS
#define SKERRY_MAILBOX_STACK_TOP 0x200 // eight bytes below it hold RFLAGS for popfq

#include "guest_clock.h"

#ifndef __ASSEMBLER__
#include <stdint.h>

/// The mailbox page as the monitor sees it; offsets are asserted in guest_abi.c.
struct skerry_mailbox {
    uint32_t request;
    uint32_t reserved0;
    uint64_t number;
    uint64_t arguments[6];
    uint32_t response;
    uint32_t verdict;
    uint64_t result;
    uint64_t reserved1[6];
    uint32_t spin;
    uint32_t reserved2[15];
    uint64_t rip;
    uint64_t rsp;
};

/// One word for Swift of each constant above that is too large or too plain a macro to import.
static const uint64_t skerry_window = SKERRY_WINDOW;
#endif

#endif
