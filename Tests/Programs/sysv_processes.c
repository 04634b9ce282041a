// What processes share and leave: System V objects, undone semaphores, filters, each other's memory.
#include "probe.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

static int pass[2];
static int finish(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    printf("exit %d signal %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return status;
}
static unsigned long attached(int id) {
    struct shmid_ds status;
    return shmctl(id, IPC_STAT, &status) ? 999 : status.shm_nattch;
}

static void memory(void) {
    section("shared memory");
    int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
    char *at = shmat(id, NULL, 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        strcpy(at, "from the child");
        _exit(attached(id));
    }
    finish(child);
    puts(at);
    SHOW(attached(id));
    CALL(shmctl(id, IPC_RMID, NULL) < 0 ? -1 : 0);
    SHOW(attached(id));
    CALL(shmdt(at));
    SHOW(attached(id));
}

static void semaphores(void) {
    section("semaphores undone");
    int set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    semctl(set, 0, SETVAL, 3);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct sembuf taken[] = {{0, -2, SEM_UNDO}, {1, 4, SEM_UNDO}};
        semop(set, taken, 2);
        _exit(semctl(set, 0, GETVAL) * 10 + semctl(set, 1, GETVAL));
    }
    finish(child);
    CALL(semctl(set, 0, GETVAL));
    CALL(semctl(set, 1, GETVAL));
    TRUTH(semctl(set, 0, GETPID) == child);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        struct sembuf wait = {1, -1, 0};
        _exit(semop(set, &wait, 1) == 0 ? 1 : 2);
    }
    while (semctl(set, 1, GETNCNT) != 1) sched_yield();
    kill(child, SIGKILL);
    finish(child);
    CALL(semctl(set, 1, GETNCNT));
    CALL(semctl(set, 0, IPC_RMID));
}

static void messages(void) {
    section("messages");
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    fflush(stdout);
    struct {
        long type;
        char text[16];
    } message = {3, "to the parent"};
    pid_t child = fork();
    if (child == 0) _exit(msgsnd(queue, &message, 16, 0) == 0 ? 4 : 5);
    memset(message.text, 0, 16);
    CALL(msgrcv(queue, &message, 16, 0, 0));
    puts(message.text);
    finish(child);
    CALL(msgctl(queue, IPC_RMID, NULL));
}

static char secret[100] = "the parent's";
static void inspection(void) {
    section("memory of another process");
    pipe(pass);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        strcpy(secret, "the child's");
        write(pass[1], "x", 1);
        pause();
        _exit(0);
    }
    char text[100] = "";
    read(pass[0], text, 1);
    struct iovec local = {text, 100}, remote = {secret, 100};
    CALL(process_vm_readv(child, &local, 1, &remote, 1, 0));
    puts(text);
    puts(secret);
    kill(child, SIGKILL);
    finish(child);
    CALL(process_vm_readv(child, &local, 1, &remote, 1, 0));
}

static void install(unsigned number, unsigned verdict) {
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, verdict), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {4, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) printf("install: %s\n", error_name(errno));
}
static void filters(void) {
    section("filters");
    static const unsigned verdicts[] = {SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 33};
    for (int i = 0; i < 4; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            install(SYS_getpriority, verdicts[i]);
            // Inherited by the grandchild.
            pid_t grandchild = fork();
            if (grandchild == 0) _exit(syscall(SYS_getpriority, 0, 0) == -1 ? errno : 0);
            _exit(finish(grandchild) & 127);
        }
        finish(child);
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        syscall(SYS_getpid);
        syscall(SYS_exit, 9);
    }
    finish(child);
}

int main(void) {
    memory();
    semaphores();
    messages();
    inspection();
    filters();
    return 0;
}
