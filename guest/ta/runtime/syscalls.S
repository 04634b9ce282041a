// The calls into the TEE core: number in rax, arguments in rdi rsi rdx r10 r8 r9 r12 r13, result in rax; rcx and r11 are lost.
    .macro core_call name, number, arguments
    .globl _utee_\name
    .type _utee_\name, @function
_utee_\name:
    .cfi_startproc
    .if \arguments > 3
    movq %rcx, %r10
    .endif
    .if \arguments > 6
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r13, 0
    // Behind the two saved registers and the return address.
    movq 24(%rsp), %r12
    .if \arguments > 7
    movq 32(%rsp), %r13
    .endif
    .endif
    movl $\number, %eax
    syscall
    .if \arguments > 6
    popq %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore r13
    popq %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore r12
    .endif
    ret
    .cfi_endproc
    .size _utee_\name, . - _utee_\name
    .endm

    .text
    core_call return, 0, 1
    core_call log, 1, 2
    core_call get_property, 3, 7
    core_call get_property_name_to_index, 4, 4
    core_call open_ta_session, 5, 5
    core_call close_ta_session, 6, 1
    core_call invoke_ta_command, 7, 5
    core_call check_access_rights, 8, 3
    core_call get_cancellation_flag, 9, 1
    core_call unmask_cancellation, 10, 1
    core_call mask_cancellation, 11, 1
    core_call wait, 12, 1
    core_call get_time, 13, 2
    core_call set_ta_time, 14, 1
    core_call cryp_state_alloc, 15, 5
    core_call cryp_state_copy, 16, 2
    core_call cryp_state_free, 17, 1
    core_call hash_init, 18, 3
    core_call hash_update, 19, 3
    core_call hash_final, 20, 5
    core_call cipher_init, 21, 3
    core_call cipher_update, 22, 5
    core_call cipher_final, 23, 5
    core_call cryp_obj_get_info, 24, 2
    core_call cryp_obj_restrict_usage, 25, 2
    core_call cryp_obj_get_attr, 26, 4
    core_call cryp_obj_alloc, 27, 3
    core_call cryp_obj_close, 28, 1
    core_call cryp_obj_reset, 29, 1
    core_call cryp_obj_populate, 30, 3
    core_call cryp_obj_copy, 31, 2
    core_call cryp_derive_key, 32, 4
    core_call cryp_random_number_generate, 33, 2
    core_call authenc_init, 34, 6
    core_call authenc_update_aad, 35, 3
    core_call authenc_update_payload, 36, 5
    core_call authenc_enc_final, 37, 7
    core_call authenc_dec_final, 38, 7
    core_call asymm_operate, 39, 7
    core_call asymm_verify, 40, 7
    core_call storage_obj_open, 41, 5
    core_call storage_obj_create, 42, 8
    core_call storage_obj_del, 43, 1
    core_call storage_obj_rename, 44, 3
    core_call storage_alloc_enum, 45, 1
    core_call storage_free_enum, 46, 1
    core_call storage_reset_enum, 47, 1
    core_call storage_start_enum, 48, 2
    core_call storage_next_enum, 49, 4
    core_call storage_obj_read, 50, 4
    core_call storage_obj_write, 51, 3
    core_call storage_obj_trunc, 52, 2
    core_call storage_obj_seek, 53, 3
    core_call cryp_obj_generate_key, 54, 4
    core_call cache_operation, 70, 3

    // The second argument of a panic is the stack, for whoever prints the calls that led here.
    .globl _utee_panic
    .type _utee_panic, @function
_utee_panic:
    .cfi_startproc
    movq %rsp, %rsi
    movl $2, %eax
    syscall
    ud2
    .cfi_endproc
    .size _utee_panic, . - _utee_panic

    .section .note.GNU-stack, "", @progbits
