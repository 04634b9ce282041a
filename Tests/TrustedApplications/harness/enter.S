// Into the application and back. FS is the application's while it runs and the C library's otherwise.
    .text

// (entry, stack, thread area, function, session, parameters), command on the stack: jumps to the entry as the core does and never comes back here.
    .globl jump_into_application
jump_into_application:
    movq 8(%rsp), %rax
    wrfsbase %rdx
    movq %rdi, %r11
    movq %rsi, %rsp
    movq %rcx, %rdi
    movq %r8, %rsi
    movq %r9, %rdx
    movq %rax, %rcx
    // Whatever the application reads before it writes shall not look like zero.
    movq $-0x123456789, %rbx
    movq %rbx, %rbp
    movq %rbx, %r12
    movq %rbx, %r13
    movq %rbx, %r14
    movq %rbx, %r15
    jmp *%r11

// The signal handler, which runs with the application's FS until it has put the C library's back.
    .globl trapped
trapped:
    movq host_thread_area(%rip), %rax
    wrfsbase %rax
    subq $8, %rsp
    call handle_trap
    addq $8, %rsp
    // The answer is the FS to go on with.
    wrfsbase %rax
    ret

    .section .note.GNU-stack, "", @progbits
