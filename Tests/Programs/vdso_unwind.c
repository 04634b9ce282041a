// Interrupts the vDSO a hundred times by a timer's signal and unwinds from there to main.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unwind.h>

static uintptr_t image;
static volatile int inside, unwound, interrupted;
int main(void);

static _Unwind_Reason_Code frame(struct _Unwind_Context *context, void *found) {
    uintptr_t rip = _Unwind_GetIP(context);
    if (rip > (uintptr_t)main && rip < (uintptr_t)main + 512) *(int *)found = 1;
    return _URC_NO_REASON;
}

static void interrupt(int number, siginfo_t *information, void *context) {
    (void)number, (void)information;
    uintptr_t rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    interrupted++;
    if (rip < image || rip >= image + 4096) return;
    inside++;
    int found = 0;
    _Unwind_Backtrace(frame, &found);
    unwound += found;
}

__attribute__((noinline)) int main(void) {
    image = getauxval(AT_SYSINFO_EHDR);
    struct sigaction action = {.sa_sigaction = interrupt, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &often, NULL);
    struct timespec now, start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do clock_gettime(CLOCK_MONOTONIC, &now); while (inside < 100 && now.tv_sec - start.tv_sec < 20);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    if (inside < 10 || unwound != inside) {
        printf("%d signals, %d inside the vDSO, %d of them unwound to main\n", interrupted, inside, unwound);
        return 1;
    }
    puts("unwound");
    return 0;
}
