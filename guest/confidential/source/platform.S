// The image's head, its first instructions, and the two bodies of every operation that is an instruction of the hardware: the instruction itself, and an `out` to
// the simulation port. The measured platform table says which body runs.

#include "confidential_abi.h"

    .section .head, "ax", @progbits
    .quad   SKERRY_IMAGE_MAGIC
    .quad   skerry_start
    .quad   skerry_code_end, skerry_constants_end, skerry_data_end, skerry_zero_end
    .quad   skerry_vectors, skerry_thread
    .quad   sev_status_hardware, msr_exit_hardware, page_exit_hardware, pvalidate_hardware, set_entry_hardware, cpuid_hardware
    .quad   skerry_run_ring0, skerry_flush_ring0, skerry_exception_ring0 + SKERRY_GUEST_ALIAS
    .quad   sev_status_simulation, msr_exit_simulation, page_exit_simulation, pvalidate_simulation, set_entry_simulation, cpuid_simulation
    .quad   skerry_run_ring0, skerry_flush_ring0, skerry_exception_ring0 + SKERRY_GUEST_ALIAS
    .quad   skerry_run_ring3, skerry_flush_ring3, skerry_exception_ring3 + SKERRY_GUEST_ALIAS
    .quad   skerry_gate
    .quad   skerry_description, skerry_description_end
    .fill   SKERRY_IMAGE_HEAD_WORDS - 32, 8, 0

    .section .text.start, "ax", @progbits
    .global skerry_start
// The registers page has set the stack, FS, the descriptor tables and the page tables.
skerry_start:
    cld
    // The canaries of the library's stack protector and of Swift's. Without random numbers it keeps the measured value; the boot goes on to refuse then.
    rdrand  %rax
    jnc     1f
    xor     %al, %al
    mov     %rax, %fs:0x28
    mov     %rax, __stack_chk_guard(%rip)
1:  xor     %ebp, %ebp
    call    skerry_main
    mov     $SKERRY_TERMINATED_REFUSING, %edi
    mov     $22, %esi
    jmp     skerry_terminate

    .text
// Linked where the platform table is in the guest's direct map (image.lds).
.macro PLATFORM name, offset
    .global skerry_\name
skerry_\name:
    jmp     *skerry_platform + \offset(%rip)
.endm
    PLATFORM sev_status, SKERRY_PLATFORM_SEV_STATUS
    PLATFORM msr_exit, SKERRY_PLATFORM_MSR_EXIT
    PLATFORM page_exit, SKERRY_PLATFORM_PAGE_EXIT
    PLATFORM pvalidate, SKERRY_PLATFORM_PVALIDATE
    PLATFORM set_entry, SKERRY_PLATFORM_SET_ENTRY
    PLATFORM cpuid, SKERRY_PLATFORM_CPUID
    PLATFORM run_program, SKERRY_PLATFORM_RUN
    PLATFORM flush, SKERRY_PLATFORM_FLUSH

.macro VMGEXIT
    .byte   0xF3, 0x0F, 0x01, 0xD9
.endm

sev_status_hardware:
    mov     $0xC0010131, %ecx
    rdmsr
    shl     $32, %rdx
    or      %rdx, %rax
    ret
msr_exit_hardware:
    mov     $0xC0010130, %ecx
    mov     %edi, %eax
    mov     %rdi, %rdx
    shr     $32, %rdx
    wrmsr
    VMGEXIT
    mov     $0xC0010130, %ecx
    rdmsr
    shl     $32, %rdx
    or      %rdx, %rax
    ret
page_exit_hardware:
    mov     $0xC0010130, %ecx
    mov     %edi, %eax
    mov     %rdi, %rdx
    shr     $32, %rdx
    wrmsr
    VMGEXIT
    ret
pvalidate_hardware:
    mov     %rdi, %rax
    mov     %esi, %ecx
    .byte   0xF2, 0x0F, 0x01, 0xFF
    setc    %cl
    movzbl  %cl, %ecx
    shl     $32, %rcx
    mov     %eax, %eax
    or      %rcx, %rax
    ret
set_entry_hardware:
    mov     %rsi, (%rdi)
    invlpg  (%rdx)
    ret
cpuid_hardware:
    push    %rbx
    mov     %rdx, %r8
    mov     %edi, %eax
    mov     %esi, %ecx
    cpuid
    jmp     2f

.macro SIMULATE operation
    mov     $\operation, %eax
    out     %al, $SKERRY_SIMULATION_PORT
.endm
sev_status_simulation:
    SIMULATE SKERRY_SIMULATE_SEV_STATUS
    ret
msr_exit_simulation:
    SIMULATE SKERRY_SIMULATE_MSR_EXIT
    ret
page_exit_simulation:
    SIMULATE SKERRY_SIMULATE_PAGE_EXIT
    ret
pvalidate_simulation:
    SIMULATE SKERRY_SIMULATE_PVALIDATE
    mov     %eax, %eax
    shl     $32, %rcx
    or      %rcx, %rax
    ret
set_entry_simulation:
    mov     %ecx, %edx
    SIMULATE SKERRY_SIMULATE_SET_ENTRY
    ret
// The port loads EAX and ECX from EDI and ESI and makes the host raise #VC at the instruction behind it, as the hardware does.
cpuid_simulation:
    push    %rbx
    mov     %rdx, %r8
    SIMULATE SKERRY_SIMULATE_CPUID
    cpuid
2:  mov     %eax, (%r8)
    mov     %ebx, 4(%r8)
    mov     %ecx, 8(%r8)
    mov     %edx, 12(%r8)
    pop     %rbx
    ret

    .global skerry_xcr0
skerry_xcr0:
    xor     %ecx, %ecx
    xgetbv
    shl     $32, %rdx
    or      %rdx, %rax
    ret

    .global skerry_random
skerry_random:
    mov     $32, %ecx
1:  rdrand  %rdx
    jc      2f
    pause
    dec     %ecx
    jnz     1b
    xor     %eax, %eax
    ret
2:  mov     %rdx, (%rdi)
    mov     $1, %eax
    ret

// The termination request of the MSR protocol, again and again: a host that goes on with the guest nevertheless gets nothing else.
    .global skerry_terminate
skerry_terminate:
    shl     $12, %edi
    movzbl  %sil, %esi
    shl     $16, %esi
    or      %esi, %edi
    or      $0x100, %edi
    mov     %rdi, %rbx
1:  mov     %rbx, %rdi
    call    skerry_msr_exit
    jmp     1b

    .global __stack_chk_fail
__stack_chk_fail:
    mov     $SKERRY_TERMINATED_REFUSING, %edi
    mov     $20, %esi
    jmp     skerry_terminate

    .section .data
    .balign 64
    .global skerry_thread
skerry_thread:
    .quad   skerry_thread
    .fill   4, 8, 0
    .quad   0x5B7E20A1C94D3F00
    .fill   10, 8, 0
    .global __stack_chk_guard
__stack_chk_guard:
    .quad   0x5B7E20A1C94D3F00

    .bss
    .balign 4096
    .global skerry_message_page, skerry_response_page, skerry_key, skerry_evidence_buffer, skerry_bitmap
    .global skerry_release_buffer, skerry_secrets_buffer, skerry_certificates_buffer, skerry_manifest_buffer
skerry_message_page: .skip 4096
skerry_response_page: .skip 4096
skerry_evidence_buffer: .skip 4096
skerry_key: .skip 32
skerry_bitmap: .skip 320
    .balign 4096
skerry_release_buffer: .skip 8192
skerry_secrets_buffer: .skip 4096 + 32
skerry_certificates_buffer: .skip SKERRY_STREAM_CERTIFICATES
skerry_manifest_buffer: .skip SKERRY_STREAM_MANIFEST
