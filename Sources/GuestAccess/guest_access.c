#define _GNU_SOURCE
#include "guest_access.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

struct fixup {
    uintptr_t start, end, target;
};
extern const struct fixup skerry_guest_access_fixups[];

static struct sigaction previous_segv, previous_bus;

static void chain(const struct sigaction *previous, int number, siginfo_t *information, void *context) {
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(number, information, context);
        return;
    }
    if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
        previous->sa_handler(number);
        return;
    }
    // The monitor's own bug: let the default action end it with the usual status and a core.
    signal(number, SIG_DFL);
}

static void handle(int number, siginfo_t *information, void *context) {
    ucontext_t *machine = context;
    uintptr_t rip = (uintptr_t)machine->uc_mcontext.gregs[REG_RIP];
    for (const struct fixup *f = skerry_guest_access_fixups; f->start; f++) {
        if (rip >= f->start && rip < f->end) {
            machine->uc_mcontext.gregs[REG_RIP] = (greg_t)f->target;
            return;
        }
    }
    chain(number == SIGBUS ? &previous_bus : &previous_segv, number, information, context);
}

int skerry_guest_access_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, &previous_segv) != 0 || sigaction(SIGBUS, &action, &previous_bus) != 0) return -errno;
    return 0;
}
