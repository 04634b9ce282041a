// Who waits sleeps: one sleep for each call that waits, as the count of voluntary context switches says, and no processor time.
#include "probe.h"
#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>

static long switches(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw;
}

static void interrupted(int number) { (void)number; }

// The call is ended by its own time-out, or by SIGALRM after 100 ms.
#define SLEEPS(call)                                                                                     \
    do {                                                                                                 \
        alarm_in(100);                                                                                   \
        long before = switches();                                                                        \
        long result = (long)(call);                                                                      \
        const char *error = result == -1 ? error_name(errno) : "";                                       \
        long slept = switches() - before;                                                                \
        printf("%s = %ld %s: %s\n", #call, result, error, slept < 1 ? "no sleep" : slept < 20 ? "asleep" : "again and again"); \
    } while (0)

static void files(void) {
    int empty[2], full[2], pair[2];
    char byte = 0, page[4096] = {0};
    section("pipes and sockets");
    pipe(empty);
    pipe(full);
    fcntl(full[1], F_SETFL, O_NONBLOCK);
    while (write(full[1], page, sizeof page) > 0) {}
    fcntl(full[1], F_SETFL, 0);
    SLEEPS(read(empty[0], &byte, 1));
    SLEEPS(write(full[1], page, sizeof page));
    SLEEPS(splice(empty[0], NULL, full[1], NULL, 1, 0));
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    SLEEPS(recv(pair[0], &byte, 1, 0));
    struct sockaddr_un name = {AF_UNIX, "idle.socket"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&name, sizeof name);
    listen(listener, 0);
    SLEEPS(accept(listener, NULL, NULL));
    struct timeval limit = {0, 50000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    SLEEPS(recv(pair[0], &byte, 1, 0));

    section("event files");
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    uint64_t count;
    int event = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0), signals = signalfd(-1, &usr1, 0), notices = inotify_init();
    SLEEPS(read(event, &count, 8));
    SLEEPS(read(timer, &count, 8));
    SLEEPS(read(signals, page, 128));
    SLEEPS(read(notices, page, sizeof page));

    section("many at once");
    struct pollfd polled[] = {{empty[0], POLLIN, 0}, {full[1], POLLOUT, 0}, {pair[0], POLLIN, 0}, {event, POLLIN, 0}};
    SLEEPS(poll(polled, 4, -1));
    SLEEPS(poll(polled, 4, 50));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(empty[0], &set);
    SLEEPS(select(empty[0] + 1, &set, NULL, NULL, NULL));
    struct epoll_event wanted = {EPOLLIN, {0}}, found[4];
    int inner = epoll_create1(0), outer = epoll_create1(0), none = epoll_create1(0);
    epoll_ctl(inner, EPOLL_CTL_ADD, empty[0], &wanted);
    epoll_ctl(inner, EPOLL_CTL_ADD, listener, &wanted);
    epoll_ctl(inner, EPOLL_CTL_ADD, timer, &wanted);
    epoll_ctl(outer, EPOLL_CTL_ADD, inner, &wanted);
    SLEEPS(epoll_wait(inner, found, 4, -1));
    SLEEPS(epoll_wait(inner, found, 4, 50));
    SLEEPS(epoll_wait(outer, found, 4, -1));
    SLEEPS(epoll_wait(none, found, 4, -1));
}

static void *lock_it(void *word) {
    syscall(SYS_futex, word, FUTEX_LOCK_PI, 0, NULL);
    sleep_ms(400);
    syscall(SYS_futex, word, FUTEX_UNLOCK_PI, 0, NULL);
    return NULL;
}

static void others(void) {
    section("time, signals, children");
    struct timespec second = {1, 0}, soon = {0, 50000000};
    SLEEPS(nanosleep(&second, NULL));
    SLEEPS(nanosleep(&soon, NULL));
    SLEEPS(pause());
    sigset_t none;
    sigemptyset(&none);
    SLEEPS(sigsuspend(&none));
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr2, NULL);
    SLEEPS(sigtimedwait(&usr2, NULL, &soon));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGALRM, SIG_IGN);
        pause();
        _exit(0);
    }
    SLEEPS(waitpid(child, NULL, 0));
    siginfo_t info;
    SLEEPS(waitid(P_PID, child, &info, WSTOPPED));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);

    section("locks");
    int word = 0;
    SLEEPS(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL));
    SLEEPS(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &soon));
    pthread_t holder;
    sigset_t alarms, before;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, &before);
    pthread_create(&holder, NULL, lock_it, &word);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (__atomic_load_n(&word, __ATOMIC_RELAXED) == 0) sleep_ms(1);
    SLEEPS(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL));
    pthread_join(holder, NULL);
    make_file("idle.locked", "x");
    int mine = open("idle.locked", O_RDWR), other = open("idle.locked", O_RDWR);
    flock(mine, LOCK_EX);
    SLEEPS(flock(other, LOCK_EX));
    struct flock whole = {.l_type = F_WRLCK};
    fcntl(mine, F_OFD_SETLK, &whole);
    SLEEPS(fcntl(other, F_OFD_SETLKW, &whole));

    section("System V");
    int set = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);
    struct sembuf down = {0, -1, 0};
    struct { long type; char text[8]; } message;
    SLEEPS(semop(set, &down, 1));
    SLEEPS(semtimedop(set, &down, 1, &soon));
    SLEEPS(msgrcv(queue, &message, 8, 0, 0));
    semctl(set, 0, IPC_RMID);
    msgctl(queue, IPC_RMID, NULL);
}

int main(void) {
    struct sigaction action = {.sa_handler = interrupted};
    sigaction(SIGALRM, &action, NULL);
    files();
    others();
    return 0;
}
