// Processes and threads open, fill, change, hang up and close pseudo-terminals at once, with requests and memory that make no sense. Arguments: a seed, how
// many rounds.
#include "hostile.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static unsigned long seed, rounds = 200;
static volatile int files[12];

static const unsigned requests[] = {
    0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5406, 0x5407, 0x5408, 0x5409, 0x540a, 0x540b, 0x540c, 0x540d, 0x540e, 0x540f, 0x5410, 0x5411, 0x5412, 0x5413,
    0x5414, 0x5419, 0x541a, 0x541b, 0x5420, 0x5422, 0x5423, 0x5424, 0x5425, 0x5427, 0x5428, 0x5429, 0x5437, 0x5441, 0x802c542a, 0x402c542b, 0x402c542c,
    0x402c542d, 0x80045430, 0x40045431, 0x80045432, 0x40045436, 0x80045438, 0x80045439, 0x80045440,
};

static void open_one(uint64_t *state) {
    char name[] = "/dev/pts/0";
    name[9] = '0' + next(state) % 9;
    int place = next(state) % 12, flags = O_NONBLOCK | (next(state) % 2 ? O_NOCTTY : 0) | (next(state) % 8 ? O_RDWR : (int)(next(state) % 3));
    int fd = open(next(state) % 3 ? name : next(state) % 2 ? "/dev/ptmx" : "/dev/tty", flags);
    int unlocked = 0;
    if (fd >= 0) ioctl(fd, 0x40045431, &unlocked);
    int old = files[place];
    files[place] = fd;
    if (old > 2) close(old);
}

static void move_bytes(uint64_t *state) {
    static char bytes[20000];
    for (int i = 0; i < 64; i++) bytes[next(state) % sizeof bytes] = next(state) % 4 ? next(state) % 33 : next(state);
    int fd = files[next(state) % 12];
    void *where = next(state) % 16 ? bytes : (void *)next(state);
    if (next(state) % 2) write(fd, where, next(state) % sizeof bytes);
    else read(fd, where, next(state) % sizeof bytes);
}

static void request(uint64_t *state) {
    unsigned char argument[64];
    for (size_t i = 0; i < sizeof argument; i++) argument[i] = next(state) % 3 ? 0 : next(state);
    unsigned number = requests[next(state) % (sizeof requests / sizeof *requests)];
    unsigned long value = next(state) % 4 ? (unsigned long)argument : next(state) % 2 ? next(state) % 8 : next(state);
    int fd = ioctl(files[next(state) % 12], number, value);
    if (number == 0x5441 && fd > 2) close(fd);
}

static void *misuse(void *argument) {
    uint64_t state = (seed + (unsigned long)argument) * 0x9e3779b97f4a7c15ul + 99;
    for (unsigned long round = 0; round < rounds; round++) {
        switch (next(&state) % 8) {
        case 0: case 1: open_one(&state); break;
        case 2: case 3: case 4: move_bytes(&state); break;
        case 5: case 6: request(&state); break;
        default: {
            struct pollfd waits[12];
            for (int i = 0; i < 12; i++) waits[i] = (struct pollfd){files[i], POLLIN | POLLOUT | POLLPRI, 0};
            poll(waits, 12, 0);
            break;
        }
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    seed = argc > 1 ? strtoul(argv[1], 0, 0) : 1;
    if (argc > 2) rounds = strtoul(argv[2], 0, 0);
    for (int i = 0; i < 12; i++) files[i] = -1;
    for (int i = 1; i < 32; i++)
        if (i != SIGKILL && i != SIGSTOP && i != SIGCHLD && i != SIGSEGV && i != SIGALRM) signal(i, i % 2 ? SIG_IGN : ignore_signal);
    // A time limit for whoever was stopped, or waits.
    alarm(30);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        if ((children[i] = fork())) continue;
        seed += 1000 * (i + 1);
        if (i) setsid();
        alarm(10);
        pthread_t threads[3];
        for (long t = 0; t < 3; t++) pthread_create(&threads[t], 0, misuse, (void *)t);
        for (int t = 0; t < 3; t++) pthread_join(threads[t], 0);
        _exit(0);
    }
    misuse((void *)7);
    for (int i = 0; i < 3; i++) waitpid(children[i], 0, 0);
    return 0;
}
