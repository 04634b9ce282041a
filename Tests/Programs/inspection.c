// Looking into a process: process_vm_readv(2) and process_vm_writev(2), /proc/PID/mem, kcmp(2); shared memory and semaphores of POSIX; membarrier(2).
#include "probe.h"
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <semaphore.h>
#include <sys/wait.h>

static char source[20000], target[20000];

static void memory_calls(void) {
    section("process_vm");
    for (unsigned i = 0; i < sizeof source; i++) source[i] = i * 7;
    struct iovec local[2] = {{target, 100}, {target + 200, 12000}}, remote[3] = {{source, 5000}, {source + 6000, 3000}, {source + 10000, 9000}};
    CALL(process_vm_readv(getpid(), local, 2, remote, 3, 0));
    TRUTH(!memcmp(target, source, 100) && !memcmp(target + 200, source + 100, 4900) && !memcmp(target + 5100, source + 6000, 3000));
    CALL(process_vm_writev(getpid(), local, 1, remote + 1, 1, 0));
    TRUTH(!memcmp(source + 6000, target, 100));
    CALL(process_vm_readv(getpid(), local, 2, remote, 3, 1));
    CALL(process_vm_readv(getpid(), local, 2000, remote, 3, 0));
    CALL(process_vm_readv(getpid(), local, 2, remote, 2000, 0));
    CALL(process_vm_readv(getpid(), local, 0, remote, 3, 0));
    CALL(process_vm_readv(getpid(), local, 2, remote, 0, 0));
    CALL(process_vm_readv(0x3ffffff, local, 2, remote, 3, 0));
    TRY(process_vm_readv(getpid(), (void *)8, 2, remote, 3, 0));
    TRY(process_vm_readv(getpid(), local, 2, (void *)8, 3, 0));
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + 4096, 4096);
    struct iovec edge = {pages, 8192}, into = {target, 8192}, hole = {pages + 4096, 10};
    CALL(process_vm_readv(getpid(), &into, 1, &edge, 1, 0));
    CALL(process_vm_readv(getpid(), &into, 1, &hole, 1, 0));
    mprotect(pages, 4096, PROT_READ);
    CALL(process_vm_writev(getpid(), &into, 1, &edge, 1, 0));
}

static void memory_file(void) {
    section("/proc/self/mem");
    int file = open("/proc/self/mem", O_RDWR);
    TRUTH(file >= 0);
    char text[8] = "";
    strcpy(source, "in here");
    CALL(pread(file, text, 8, (off_t)(uintptr_t)source));
    puts(text);
    CALL(pwrite(file, "changed", 8, (off_t)(uintptr_t)source));
    puts(source);
    TRUTH(lseek(file, (off_t)(uintptr_t)source, SEEK_SET) == (off_t)(uintptr_t)source);
    CALL(read(file, text, 8));
    CALL(read(file, text, 8));
    CALL(pread(file, text, 8, 0));
    CALL(pread(file, text, 8, 4096));
    CALL(pwrite(file, text, 8, 4096));
    close(file);
}

static void compare(void) {
    section("kcmp");
    int pid = getpid(), one = dup(1), other = open("/proc/self/stat", O_RDONLY);
    CALL(syscall(SYS_kcmp, pid, pid, KCMP_FILE, 1, one));
    TRUTH(syscall(SYS_kcmp, pid, pid, KCMP_FILE, 1, other) > 0);
    CALL(syscall(SYS_kcmp, pid, pid, KCMP_FILE, 1, 999));
    CALL(syscall(SYS_kcmp, pid, pid, KCMP_VM, 0, 0));
    CALL(syscall(SYS_kcmp, pid, 0x3ffffff, KCMP_VM, 0, 0));
    CALL(syscall(SYS_kcmp, pid, pid, 99, 0, 0));
}

static sem_t *shared;
static void *poster(void *unused) {
    (void)unused;
    sleep_ms(20);
    sem_post(shared);
    return NULL;
}
static void posix(void) {
    section("POSIX shared memory and semaphores");
    char name[64];
    snprintf(name, sizeof name, "/skerry-probe-%d", getpid());
    int file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    TRUTH(file >= 0);
    CALL(ftruncate(file, 8192));
    char *one = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), *two = mmap(NULL, 8192, PROT_READ, MAP_SHARED, file, 0);
    strcpy(one + 5000, "through the other mapping");
    puts(two + 5000);
    CALL(shm_unlink(name));
    CALL(shm_unlink(name));
    shared = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    TRUTH(shared != SEM_FAILED);
    CALL(sem_wait(shared));
    CALL(sem_trywait(shared));
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += 20000000;
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    CALL(sem_timedwait(shared, &end));
    pthread_t thread;
    pthread_create(&thread, NULL, poster, NULL);
    end.tv_sec += 20;
    CALL(sem_timedwait(shared, &end));
    pthread_join(thread, NULL);
    int value;
    CALL(sem_getvalue(shared, &value));
    SHOW(value);
    CALL(sem_close(shared));
    CALL(sem_unlink(name));
}

static int condition, mutex;
static long futex(int *word, int operation, long value, void *timeout, int *other, int third) {
    long result = syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, other, third);
    return result < 0 ? -errno : result;
}
static void *wait_to_own(void *unused) {
    (void)unused;
    long result = futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &mutex, 0);
    if (result == 0) {
        result = (mutex & FUTEX_TID_MASK) == (int)syscall(SYS_gettid) ? 0 : 99;
        futex(&mutex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
    }
    return (void *)result;
}
static void requeue(void) {
    section("FUTEX_WAIT_REQUEUE_PI");
    pthread_t threads[3];
    SHOW(futex(&mutex, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, wait_to_own, NULL);
    sleep_ms(100);
    SHOW(futex(&condition, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&condition, FUTEX_CMP_REQUEUE_PI, 2, (void *)9, &mutex, 0));
    SHOW(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &condition, 0));
    SHOW(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 1));
    SHOW(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 0));
    sleep_ms(50);
    SHOW(futex(&mutex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        SHOW((long)result);
    }
    SHOW(mutex);
    SHOW(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 7, NULL, &mutex, 0));
    SHOW(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &condition, 0));
    struct timespec past = {1, 0};
    SHOW(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, &past, &mutex, 0));
    section("membarrier");
    SHOW(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) & 31);
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
}

int main(void) {
    memory_calls();
    memory_file();
    compare();
    posix();
    requeue();
    return 0;
}
