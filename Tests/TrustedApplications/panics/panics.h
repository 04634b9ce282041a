// Ways for an instance to end. No command returns, except those that say so.
#ifndef PANICS_H
#define PANICS_H

#define PANICS_UUID \
    { 0x5ec0e001, 0x0003, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x03 } }

/// value[0].a in: the panic code.
#define PANICS_PANIC 0
#define PANICS_READ_NULL 1
#define PANICS_WRITE_CODE 2
#define PANICS_RUN_DATA 3
#define PANICS_DIVIDE_BY_ZERO 4
#define PANICS_OVERFLOW_STACK 5
#define PANICS_FREE_WHAT_IS_NONE 6
#define PANICS_FREE_TWICE 7
#define PANICS_ABORT 8
#define PANICS_ASSERT 9
#define PANICS_SMASH_STACK 10
/// Runs until somebody ends the instance.
#define PANICS_LOOP 11
/// value[0].a in: number of a call; the call is made with arguments that point nowhere. Returns its result if it returns.
#define PANICS_CALL_NOWHERE 12
#define PANICS_UNINITIALIZED_CIPHER 13
#define PANICS_WRONG_HANDLE 14
#define PANICS_INVALID_INSTRUCTION 15
#define PANICS_READ_EMPTY_BLOCK 16
#define PANICS_WRITE_EMPTY_BLOCK 17

#endif
