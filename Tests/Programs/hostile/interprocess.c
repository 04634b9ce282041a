// Threads attach, detach, remove, resize and misuse System V objects at once, with random filters on top. Arguments: a seed, how many rounds.
#include "hostile.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>

static unsigned long seed, rounds = 200;
static volatile int ids[8];

static void memory(uint64_t *state) {
    int place = next(state) % 8;
    switch (next(state) % 6) {
    case 0: {
        int old = ids[place];
        ids[place] = shmget(next(state) % 2 ? IPC_PRIVATE : (int)(1 + next(state) % 4), next(state) % 70000, IPC_CREAT | 0600);
        shmctl(old, IPC_RMID, 0);
        break;
    }
    case 1: {
        char *at = shmat(ids[place], 0, next(state) % 2 ? SHM_RDONLY : 0);
        if (at != (void *)-1) {
            (void)*(volatile char *)at;
            if (next(state) % 4) shmdt(at);
            else munmap(at + 4096 * (next(state) % 3), 4096);
        }
        break;
    }
    case 2: shmat(ids[place], (void *)next(state), next(state)); break;
    case 3: shmctl(ids[place], next(state) % 20, (void *)(next(state) % 2 ? next(state) : 0)); break;
    case 4: shmdt((void *)(next(state) & ~4095ul)); break;
    default: shmget(next(state) % 4, next(state), next(state) & 07777);
    }
}

static void semaphores(uint64_t *state) {
    struct sembuf operations[4];
    for (int i = 0; i < 4; i++) operations[i] = (struct sembuf){next(state) % 9, (short)(next(state) % 7) - 3, SEM_UNDO | (next(state) % 8 ? IPC_NOWAIT : 0)};
    struct timespec soon = {0, 1000000};
    int id = semget(next(state) % 40, next(state) % 9, IPC_CREAT | 0600);
    semtimedop(id, operations, 1 + next(state) % 4, &soon);
    semctl(id, next(state) % 10, next(state) % 21, next(state) % 2 ? next(state) : 0);
    if (next(state) % 4 == 0) semctl(id, 0, IPC_RMID);
}

static void messages(uint64_t *state) {
    static char text[9000];
    int id = msgget(next(state) % 3, IPC_CREAT | 0600);
    msgsnd(id, text + 8, next(state) % 8500, IPC_NOWAIT);
    struct {
        long type;
        char text[100];
    } message = {1 + next(state) % 3, ""};
    msgsnd(id, &message, next(state) % 100, IPC_NOWAIT);
    msgrcv(id, &message, next(state) % 100, (long)(next(state) % 7) - 3, IPC_NOWAIT | (next(state) & 070000));
    msgrcv(id, (void *)next(state), next(state), 0, IPC_NOWAIT);
    if (next(state) % 8 == 0) msgctl(id, IPC_RMID, 0);
}

static void inspection(uint64_t *state) {
    struct iovec local[3], remote[3];
    static char room[3][5000];
    for (int i = 0; i < 3; i++) {
        local[i] = (struct iovec){room[i], next(state) % 5000};
        remote[i] = (struct iovec){(void *)(next(state) >> (next(state) % 40)), next(state) >> (next(state) % 60)};
    }
    syscall(SYS_process_vm_readv, getpid(), local, 3, remote, 3, 0);
    remote[0] = (struct iovec){room[next(state) % 3], 5000};
    syscall(SYS_process_vm_writev, getpid(), local, 3, remote, 1, 0);
}

static void filters(uint64_t *state) {
    struct sock_filter code[10];
    static const unsigned short codes[] = {0x20, 0x00, 0x60, 0x02, 0x04, 0x34, 0x3c, 0x6c, 0x05, 0x15, 0x25, 0x1d, 0x07, 0x87, 0x06, 0x16};
    for (int i = 0; i < 9; i++) code[i] = (struct sock_filter){codes[next(state) % 16], next(state) % 4, next(state) % 4, next(state) % 40};
    code[8] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    // Verdicts of random filters are made harmless: only their checking and running is of interest.
    for (int i = 0; i < 8; i++)
        if ((code[i].code & 7) == 6) code[i] = code[8];
    struct sock_fprog program = {9, code};
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, next(state) % 2 ? SECCOMP_FILTER_FLAG_TSYNC : 0, &program);
    syscall(SYS_seccomp, next(state) % 5 + 1, next(state) % 64, next(state));
}

static void *work(void *number) {
    uint64_t state = seed * 77777 + (unsigned long)number * 1234567 + 99;
    for (unsigned long i = 0; i < rounds; i++) {
        memory(&state);
        semaphores(&state);
        messages(&state);
        inspection(&state);
        if (i % 50 == 0) filters(&state);
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count > 1) seed = strtoul(arguments[1], 0, 10);
    if (count > 2) rounds = strtoul(arguments[2], 0, 10);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    pthread_t threads[4];
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, work, (void *)i);
    for (long i = 0; i < 4; i++) pthread_join(threads[i], 0);
    return 0;
}
