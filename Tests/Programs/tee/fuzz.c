// Requests to /dev/tee0 and /dev/teepriv0 that are mostly right, from several threads: usage: fuzz SECONDS [SEED [UUID...]]. The monitor has to survive; answers
// do not matter. A client lives for a second or less; then another one begins, and now and then one is killed in the middle.
#include "tee.h"
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>

static uint8_t uuids[8][16];
static unsigned uuid_count;
static time_t end;
static uint64_t seed = 1;
static int device, supplicant;

struct random {
    uint64_t state;
};

static uint64_t next(struct random *random) {
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state;
}

static uint64_t odd(struct random *random, uint64_t usual) {
    static const uint64_t edges[] = {0, 1, 4095, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 1ull << 47, 1ull << 63, UINT64_MAX - 7, UINT64_MAX};
    if (next(random) % 12) return usual;
    uint64_t choice = next(random) % 16;
    return choice < sizeof edges / sizeof *edges ? edges[choice] : next(random);
}

static void parameters(struct random *random, struct tee_ioctl_param *params, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        params[index].attr = odd(random, next(random) % 8);
        params[index].a = odd(random, next(random) % 64);
        params[index].b = odd(random, next(random) % 4096);
        params[index].c = odd(random, next(random) % 4 ? next(random) % 8 : UINT64_MAX);
    }
}

// Maps all of it, a part, or more than there is, in any way; looks at what came, and forgets some of it.
static void map(struct random *random, int descriptor) {
    static const int ways[] = {MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_SHARED | MAP_FIXED};
    static const int rights[] = {PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_READ | PROT_WRITE | PROT_EXEC};
    size_t length = odd(random, 4096 * (1 + next(random) % 16));
    int way = ways[next(random) % 4];
    // Somewhere that is nobody's, for what replaces what is there.
    void *place = way & MAP_FIXED ? mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) : NULL;
    if (place == MAP_FAILED) return;
    void *mapped = mmap(place, length, rights[next(random) % 4], way, descriptor, (off_t)odd(random, 4096 * (next(random) % 3)));
    if (mapped != MAP_FAILED && next(random) % 2) madvise(mapped, length, next(random) % 2 ? MADV_DONTNEED : MADV_WILLNEED);
    if (mapped != MAP_FAILED && next(random) % 4 == 0) mprotect(mapped, 4096, rights[next(random) % 4]);
    if (mapped != MAP_FAILED && next(random) % 8 == 0) mapped = mremap(mapped, length, odd(random, 4096 * (1 + next(random) % 16)), MREMAP_MAYMOVE);
    if (mapped != MAP_FAILED && next(random) % 8) munmap(mapped, length);
    else if (place) munmap(place, length);
}

static void supply(struct random *random, uint8_t *buffer) {
    struct tee_ioctl_buf_data data = {odd(random, (uintptr_t)buffer), odd(random, 8 + next(random) % 6 * 32)};
    fcntl(supplicant, F_SETFL, O_NONBLOCK);
    for (int index = 0; index < 200; index++) buffer[index] = (uint8_t)odd(random, next(random) % 8);
    // To receive waits for ever where nobody asks: another thread's signal would have to end it.
    ioctl(supplicant, next(random) % 8 ? TEE_IOC_SUPPL_SEND : TEE_IOC_VERSION, &data);
}

static void *thread(void *argument) {
    struct random random = {seed * 0x9e3779b97f4a7c15 + (uintptr_t)argument * 77 + 1};
    uint8_t *buffer = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t session = 0;
    for (uint64_t calls = 0; time(NULL) < end && calls < 3000; calls++) {
        struct open_command open_arg = {.arg = {.num_params = (uint32_t)odd(&random, next(&random) % 5), .clnt_login = (uint32_t)odd(&random, next(&random) % 3)}};
        struct invoke_command invoke_arg = {
            .arg = {.num_params = (uint32_t)odd(&random, next(&random) % 5), .session = (uint32_t)odd(&random, session), .func = (uint32_t)odd(&random, next(&random) % 8)}};
        memcpy(open_arg.arg.uuid, uuids[next(&random) % uuid_count], 16);
        parameters(&random, open_arg.params, 6);
        parameters(&random, invoke_arg.params, 6);
        struct tee_ioctl_shm_alloc_data alloc = {.size = odd(&random, next(&random) % 65536)};
        struct tee_ioctl_shm_register_data reg = {.addr = odd(&random, (uintptr_t)buffer + next(&random) % 65536), .length = odd(&random, next(&random) % 65536)};
        struct tee_ioctl_shm_register_fd_data file = {.fd = (int64_t)odd(&random, next(&random) % 16)};
        struct tee_ioctl_buf_data data = {odd(&random, (uintptr_t)buffer), odd(&random, 24 + next(&random) % 5 * 32)};
        int made = -1;
        switch (next(&random) % 12) {
        case 0: made = ioctl(device, TEE_IOC_SHM_ALLOC, &alloc); break;
        case 1: made = ioctl(device, TEE_IOC_SHM_REGISTER, &reg); break;
        case 2: made = ioctl(device, TEE_IOC_SHM_REGISTER_FD, &file); break;
        case 3:
            if (run_open(device, &open_arg) == 0 && open_arg.arg.ret == 0) session = open_arg.arg.session;
            break;
        case 4: run_close(device, (uint32_t)odd(&random, session)); break;
        case 5: ioctl(device, TEE_IOC_CANCEL, &(struct tee_ioctl_cancel_arg){0, (uint32_t)odd(&random, session)}); break;
        case 6: ioctl(device, next(&random) % 2 ? TEE_IOC_INVOKE : TEE_IOC_OPEN_SESSION, &data); break;
        case 7: ioctl(device, next(&random) % 3 ? _IOC(3, TEE_IOC_MAGIC, next(&random) % 16, next(&random) % 64) : next(&random), buffer); break;
        case 8: supply(&random, buffer + 65536); break;
        case 9:
            // The client's memory goes while the core may be using it.
            if (next(&random) % 4 == 0) mmap(buffer, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            map(&random, (int)(next(&random) % 32));
            break;
        default: run_invoke(device, &invoke_arg); break;
        }
        if (made >= 0) {
            map(&random, made);
            if (next(&random) % 4) close(made);
        }
        if (calls % 256 == 255) {
            for (int descriptor = 16; descriptor < 128; descriptor++) close(descriptor);
            memset(buffer, (int)next(&random), 4096);
        }
    }
    return NULL;
}

static int client(void) {
    device = open("/dev/tee0", O_RDWR);
    CHECK(device >= 0 && device < 16);
    supplicant = open("/dev/teepriv0", O_RDWR);
    pthread_t threads[3];
    for (uintptr_t index = 0; index < 3; index++) CHECK(pthread_create(&threads[index], NULL, thread, (void *)index) == 0);
    for (int index = 0; index < 3; index++) pthread_join(threads[index], NULL);
    return checked();
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    time_t last = time(NULL) + atoi(arguments[1]);
    if (count > 2) seed = strtoull(arguments[2], NULL, 0);
    for (int index = 3; index < count && uuid_count < 8; index++) parse_uuid(arguments[index], uuids[uuid_count++]);
    if (!uuid_count) uuid_count = 1;
    int clients = 0;
    for (; time(NULL) < last; clients++, seed++) {
        end = time(NULL) + 2;
        fflush(stdout);
        pid_t process = fork();
        CHECK(process >= 0);
        if (process == 0) _exit(client());
        bool isKilled = seed % 3 == 0;
        if (isKilled) {
            usleep((useconds_t)(seed * 7919 % 200000));
            kill(process, SIGKILL);
        }
        int status = 0;
        CHECK(waitpid(process, &status, 0) == process);
        // Mappings it has lost are its own affair.
        if (!isKilled && WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
    }
    // The device still answers.
    device = open("/dev/tee0", O_RDWR);
    struct tee_ioctl_version_data version = {0};
    CHECK(device >= 0 && ioctl(device, TEE_IOC_VERSION, &version) == 0 && version.impl_id == TEE_IMPL_ID_OPTEE);
    if (count > 3) CHECK(open_session(device, uuids[0]) != 0);
    printf("fuzz: %d clients\n", clients);
    return checked();
}
