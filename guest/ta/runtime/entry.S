// Where the core enters the application: (function, session, parameters, command) as arguments of a C function.
    .text
    .globl __ta_entry
    .type __ta_entry, @function
__ta_entry:
    .cfi_startproc
    .cfi_undefined rip
    xorl %ebp, %ebp
    // There are loaders that enter with the stack aligned as before a call and others as after one; the parameters lie above it in either case.
    andq $-16, %rsp
    call skerry_ta_enter
    ud2
    .cfi_endproc
    .size __ta_entry, . - __ta_entry

    .section .note.GNU-stack, "", @progbits
