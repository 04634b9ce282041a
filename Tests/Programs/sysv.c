// System V shared memory, semaphores and message queues, between the threads of a process.
#include "probe.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static key_t fresh_key(void) { return 0x53000000 | (getpid() & 0xffffff); }

static void show_segment(int id) {
    struct shmid_ds status;
    if (CALL(shmctl(id, IPC_STAT, &status)) == 0)
        printf("size %zu mode %o attached %lu creator %d last %d owner %d times %d %d %d\n", status.shm_segsz, status.shm_perm.mode, status.shm_nattch,
               status.shm_cpid == getpid(), status.shm_lpid == getpid(), status.shm_perm.uid == getuid(), status.shm_atime != 0, status.shm_dtime != 0,
               status.shm_ctime != 0);
}

static void segments(void) {
    section("shared memory");
    int key = fresh_key();
    CALL(shmget(key, 0, 0600));
    CALL(shmget(key, 0, IPC_CREAT | 0600));
    int id = shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0640);
    TRUTH(id >= 0);
    CALL(shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0640));
    TRUTH(shmget(key, 5000, 0) == id);
    CALL(shmget(key, 20000, 0));
    CALL(shmget(IPC_PRIVATE, -1UL, 0600));
    show_segment(id);
    char *one = shmat(id, NULL, 0), *two = shmat(id, NULL, SHM_RDONLY);
    TRUTH(one != (void *)-1 && two != (void *)-1 && one != two);
    strcpy(one + 9000, "seen by both");
    printf("%s\n", two + 9000);
    CALL(mprotect(two, 4096, PROT_READ | PROT_WRITE));
    show_segment(id);
    CALL(munmap(two + 4096, 4096));
    show_segment(id);
    CALL(shmdt(two + 4096));
    CALL(shmdt(two));
    CALL(shmdt(two));
    CALL(shmdt((char *)1));
    show_segment(id);
    TRY(shmat(id, (void *)1, 0));
    TRY(shmat(id, one, 0));
    TRUTH(shmat(id, one + 5, SHM_RND | SHM_REMAP) == one);
    TRY(shmat(id, NULL, SHM_REMAP));
    TRY(shmat(-1, NULL, 0));
    TRY(shmat(0x7fffffff, NULL, 0));
    show_segment(id);
    struct shmid_ds status;
    shmctl(id, IPC_STAT, &status);
    status.shm_perm.mode = 0600;
    CALL(shmctl(id, IPC_SET, &status));
    show_segment(id);
    CALL(shmctl(id, SHM_LOCK, NULL));
    CALL(shmctl(id, SHM_UNLOCK, NULL));
    CALL(shmctl(id, 77, NULL));
    TRY(shmctl(id, IPC_STAT, (void *)8));
    CALL(shmctl(id, IPC_RMID, NULL));
    show_segment(id);
    TRY(shmget(key, 0, 0));
    char *three = shmat(id, NULL, 0);
    TRUTH(three != (void *)-1);
    printf("%s\n", three + 9000);
    CALL(shmdt(one));
    CALL(shmdt(three));
    TRY(shmctl(id, IPC_STAT, &status));
    struct shminfo limits;
    TRUTH(shmctl(0, IPC_INFO, (void *)&limits) >= 0);
    printf("%lu %lu %lu\n", limits.shmmax, limits.shmmin, limits.shmmni);
}

static int set;
// What a thread's call answered is printed by whoever joins it, so that the lines have an order.
static void *operate(void *operation) {
    long result = semop(set, operation, 1);
    return (void *)(result < 0 ? -(long)errno : result);
}
static void join(const char *what, pthread_t thread) {
    void *result;
    pthread_join(thread, &result);
    printf("%s: %ld %s\n", what, (long)result, (long)result < 0 ? error_name(-(long)result) : "");
}
static void *leave_with_undo(void *operation) {
    semop(set, operation, 1);
    // The list is shared with the process (CLONE_SYSVSEM), so nothing is undone yet.
    return NULL;
}
static void until(int command, int number, int value) {
    while (semctl(set, number, command) != value) sched_yield();
}
static void on_signal(int number) { (void)number; }
static void semaphores(void) {
    section("semaphores");
    int key = fresh_key();
    CALL(semget(key, 0, IPC_CREAT | 0600));
    CALL(semget(key, -1, IPC_CREAT | 0600));
    CALL(semget(key, 32001, IPC_CREAT | 0600));
    set = semget(key, 4, IPC_CREAT | IPC_EXCL | 0600);
    TRUTH(set >= 0);
    CALL(semget(key, 5, 0));
    TRUTH(semget(key, 0, 0) == set);
    unsigned short values[4] = {1, 1, 1, 40000};
    CALL(semctl(set, 0, SETALL, (union semun){.array = values}));
    values[3] = 7;
    CALL(semctl(set, 0, SETALL, (union semun){.array = values}));
    CALL(semctl(set, 3, GETVAL));
    CALL(semctl(set, 4, GETVAL));
    CALL(semctl(set, 0, SETVAL, (union semun){.val = 32768}));
    CALL(semctl(set, 9, SETVAL, (union semun){.val = 3}));
    TRUTH(semctl(set, 0, GETPID) == getpid());
    struct sembuf several[] = {{0, 2, 0}, {3, -8, IPC_NOWAIT}};
    CALL(semop(set, several, 2));
    CALL(semctl(set, 0, GETVAL));
    several[1].sem_op = -7;
    CALL(semop(set, several, 2));
    memset(values, 0, sizeof values);
    CALL(semctl(set, 0, GETALL, (union semun){.array = values}));
    printf("%d %d %d %d\n", values[0], values[1], values[2], values[3]);
    CALL(semop(set, several, 0));
    CALL(semop(set, several, 501));
    TRY(semop(set, (void *)8, 1));
    CALL(semop(-1, several, 1));
    several[0].sem_num = 4;
    CALL(semop(set, several, 1));
    several[0] = (struct sembuf){0, 32767, 0};
    CALL(semop(set, several, 1));
    several[0] = (struct sembuf){0, -100, 0};
    struct timespec soon = {0, 20000000}, bad = {0, -1};
    CALL(semtimedop(set, several, 1, &soon));
    CALL(semtimedop(set, several, 1, &bad));
    section("waits");
    pthread_t first, second;
    struct sembuf take_two = {1, -2, 0}, wait_zero = {2, 0, 0}, take_many = {0, -1000, 0}, take_one = {0, -1, 0}, undone = {3, 5, SEM_UNDO};
    pthread_create(&first, NULL, operate, &take_two);
    until(GETNCNT, 1, 1);
    CALL(semctl(set, 1, GETZCNT));
    struct sembuf up = {1, 1, 0};
    CALL(semop(set, &up, 1));
    join("two taken", first);
    CALL(semctl(set, 1, GETNCNT));
    pthread_create(&second, NULL, operate, &wait_zero);
    until(GETZCNT, 2, 1);
    CALL(semctl(set, 2, SETVAL, (union semun){.val = 0}));
    join("zero", second);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&first, NULL, operate, &take_many);
    until(GETNCNT, 0, 1);
    pthread_kill(first, SIGUSR1);
    join("interrupted", first);
    pthread_create(&second, NULL, leave_with_undo, &undone);
    pthread_join(second, NULL);
    CALL(semctl(set, 3, GETVAL));
    CALL(semctl(set, 0, GETNCNT));
    CALL(semctl(set, 0, SETVAL, (union semun){.val = 0}));
    struct semid_ds status;
    CALL(semctl(set, 0, IPC_STAT, (union semun){.buf = &status}));
    printf("%lu %o %d %d\n", status.sem_nsems, status.sem_perm.mode, status.sem_otime != 0, status.sem_ctime != 0);
    pthread_create(&first, NULL, operate, &take_one);
    until(GETNCNT, 0, 1);
    CALL(semctl(set, 0, IPC_RMID));
    join("removed", first);
    CALL(semctl(set, 0, GETVAL));
    struct seminfo limits;
    TRUTH(semctl(0, 0, IPC_INFO, (union semun){.buf = (void *)&limits}) >= 0);
    printf("%d %d %d %d\n", limits.semmsl, limits.semopm, limits.semvmx, limits.semmni);
}

static int queue;
struct message {
    long type;
    char text[64];
};
static void *receive(void *unused) {
    (void)unused;
    struct message message;
    long first = msgrcv(queue, &message, 64, 5, 0);
    long second = msgrcv(queue, &message, 64, 5, 0);
    int error = errno;
    bool good = first == 64 && message.type == 5 && !strcmp(message.text, "for the receiver") && second == -1;
    return (void *)(long)(good ? -error : 1);
}
static void *fill(void *unused) {
    (void)unused;
    static struct {
        long type;
        char text[8192];
    } large = {1, "large"};
    CALL(msgsnd(queue, &large, 8192, 0));
    CALL(msgsnd(queue, &large, 8192, 0));
    CALL(msgsnd(queue, &large, 8192, IPC_NOWAIT));
    CALL(msgsnd(queue, &large, 8193, 0));
    long result = msgsnd(queue, &large, 100, 0);
    return (void *)result;
}

static void take(long type, int flags, size_t size) {
    struct message message = {0};
    long count = msgrcv(queue, &message, size, type, flags);
    printf("type %ld flags %o: %ld %s type %ld %s\n", type, flags, count, count < 0 ? error_name(errno) : "", message.type, message.text);
}

static void messages(void) {
    section("messages");
    int key = fresh_key();
    CALL(msgget(key, 0));
    queue = msgget(key, IPC_CREAT | 0600);
    TRUTH(queue >= 0);
    CALL(msgget(key, IPC_CREAT | IPC_EXCL));
    for (long type = 1; type < 7; type++) {
        struct message message = {type % 4 + 1, ""};
        snprintf(message.text, 64, "message %ld", type);
        CALL(msgsnd(queue, &message, type * 10, 0));
    }
    struct message wrong = {0, ""};
    CALL(msgsnd(queue, &wrong, 1, 0));
    CALL(msgsnd(-1, &wrong, 1, 0));
    take(0, MSG_COPY | IPC_NOWAIT, 64);
    take(3, MSG_COPY | IPC_NOWAIT, 64);
    take(9, MSG_COPY | IPC_NOWAIT, 64);
    take(0, MSG_COPY, 64);
    take(-2, 0, 64);
    take(3, 0, 4);
    take(3, MSG_NOERROR, 4);
    take(3, MSG_EXCEPT, 64);
    take(9, IPC_NOWAIT, 64);
    struct msqid_ds status;
    CALL(msgctl(queue, IPC_STAT, &status));
    printf("%lu messages, %lu bytes of %lu, %d %d\n", status.msg_qnum, status.__msg_cbytes, status.msg_qbytes, status.msg_lspid == getpid(), status.msg_lrpid == getpid());
    take(0, IPC_NOWAIT, 64);
    take(0, IPC_NOWAIT, 64);
    take(0, IPC_NOWAIT, 64);
    take(0, IPC_NOWAIT, 64);
    pthread_t thread;
    pthread_create(&thread, NULL, fill, NULL);
    do {
        sched_yield();
        msgctl(queue, IPC_STAT, &status);
    } while (status.msg_qnum < 2);
    sleep_ms(50);
    static char large[8200];
    CALL(msgrcv(queue, large, 8192, 0, 0));
    join("sent when there was room", thread);
    CALL(msgrcv(queue, large, 8192, 0, 0));
    CALL(msgrcv(queue, large, 8192, 0, 0));
    pthread_create(&thread, NULL, receive, NULL);
    sleep_ms(20);
    struct message message = {5, "for the receiver"};
    CALL(msgsnd(queue, &message, 64, 0));
    sleep_ms(50);
    CALL(msgctl(queue, IPC_RMID, NULL));
    join("received, then removed", thread);
    TRY(msgctl(queue, IPC_STAT, &status));
}

int main(void) {
    segments();
    semaphores();
    messages();
    return 0;
}
