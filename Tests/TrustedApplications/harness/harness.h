// A stand-in for the TEE core: runs one instance of a trusted application as part of this process, natively, so that the development kit is tested without the
// secure world. System calls from the application's addresses are trapped by seccomp and answered here. It protects from nothing.
#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The image is put somewhere within these 4 GiB, by whose upper half the seccomp filter knows calls of the application.
#define APPLICATION_BASE UINT64_C(0x500000000000)

/// A loaded application.
struct application {
    uint64_t base;
    uint64_t size;
    uint64_t entry;
    uint64_t stackTop;
    /// What FS points at while it runs: a page of zeroes, or the thread pointer.
    uint64_t threadArea;
};

/// What the core and the application exchange for each entry.
struct core_params {
    uint64_t types;
    uint64_t values[8];
};

/// How an entry ended.
enum ending { endedNormally, endedByPanic, endedByFault };

/// Loads and relocates; tells and exits when the file is not as the kit makes them. `fillsModules`: as loaders do that know `__elf_phdr_info`.
/// `laysOutThreadLocals`: as those do that follow the ABI.
struct application load_application(const char *path, bool fillsModules, bool laysOutThreadLocals);

/// Starts trapping the calls of the application.
void trap_calls(void);

/// Runs the application from its entry point until it returns or panics; `*result` is what it answered or its panic code. `misaligns`: as some loaders do.
enum ending enter_application(const struct application *application, uint64_t function, uint64_t session, struct core_params *params, uint64_t command, bool misaligns,
                              uint32_t *result);

/// The registers of a trapped call.
struct call {
    uint64_t number;
    uint64_t arguments[8];
    const struct application *application;
};

/// How a call is answered; for RETURN and PANIC `ends` is set.
struct answer {
    bool ends;
    enum ending ending;
    uint32_t result;
};

/// Answers a call of the application.
struct answer answer_call(const struct call *call);
/// Answers calls 15 to 40 and 54: objects and operations, with made-up ciphers that reveal how they were called.
struct answer answer_crypto_call(const struct call *call);
/// Answers calls 41 to 53: one object in memory.
struct answer answer_storage_call(const struct call *call);

/// Sets that the next TEE_Wait is cancelled and that the cancellation flag is set.
extern bool isCancelled;

#endif
