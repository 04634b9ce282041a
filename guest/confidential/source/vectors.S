// The 256 entry points of exceptions and interrupts, 16 bytes apart. All but #VC end the guest: it enables no interrupt, causes no exception, and takes no
// vector from the host.

#include "confidential_abi.h"

    .text
    .balign 4096
    .global skerry_vectors
skerry_vectors:
    .set vector, 0
    .rept 256
    .balign 16
    .if vector == 29
    jmp     communication
    .else
    mov     $vector, %esi
    jmp     unowned
    .endif
    .set vector, vector + 1
    .endr
    .balign 16

unowned:
    cld
    mov     $SKERRY_TERMINATED_BY_VECTOR, %edi
    jmp     skerry_terminate

// #VC (APM volume 2, 15.35.5), on a stack of its own. The error code is on it.
communication:
    cld
    push    %r15
    push    %r14
    push    %r13
    push    %r12
    push    %rbp
    push    %rbx
    push    %r11
    push    %r10
    push    %r9
    push    %r8
    push    %rax
    push    %rcx
    push    %rdx
    push    %rsi
    push    %rdi
    mov     %rsp, %rdi
    // Five words of the frame, the error code and fifteen registers make an odd number, which leaves the stack off by eight.
    sub     $8, %rsp
    call    skerry_communication
    add     $8, %rsp
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %rcx
    pop     %rax
    pop     %r8
    pop     %r9
    pop     %r10
    pop     %r11
    pop     %rbx
    pop     %rbp
    pop     %r12
    pop     %r13
    pop     %r14
    pop     %r15
    add     $8, %rsp
    iretq
