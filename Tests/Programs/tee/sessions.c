// Sessions with an application: usage: sessions UUID [COMMAND]. The command is given without parameters; whatever it answers, it has to answer.
#include "tee.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static uint8_t uuid[16];
static uint32_t number;
static int device;

static int invoke(int fd, uint32_t session) {
    struct invoke_command command = {.arg = {.func = number, .session = session, .ret = 0xdead, .ret_origin = 0xdead}};
    if (run_invoke(fd, &command)) return -1;
    CHECK(command.arg.ret != 0xdead && command.arg.ret_origin >= 1 && command.arg.ret_origin <= 4);
    return 0;
}

static void *thread(void *unused) {
    (void)unused;
    for (int round = 0; round < 20; round++) {
        uint32_t session = open_session(device, uuid);
        CHECK(session != 0);
        CHECK(invoke(device, session) == 0);
        CHECK(run_close(device, session) == 0);
        FAILS(invoke(device, session), EINVAL);
    }
    return NULL;
}

static void identities(void) {
    struct open_command command = {.arg = {.clnt_login = TEE_IOCTL_LOGIN_USER}};
    memcpy(command.arg.uuid, uuid, 16);
    CHECK(run_open(device, &command) == 0 && command.arg.ret == 0 && run_close(device, command.arg.session) == 0);
    gid_t group = getegid();
    command.arg.clnt_login = TEE_IOCTL_LOGIN_GROUP;
    memcpy(command.arg.clnt_uuid, &group, sizeof group);
    CHECK(run_open(device, &command) == 0 && command.arg.ret == 0 && run_close(device, command.arg.session) == 0);
}

// Children that are killed in the middle of everything leave nothing behind that keeps others away.
static void deaths(void) {
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0) {
            int fd = open("/dev/tee0", O_RDWR);
            for (;;) {
                uint32_t session = open_session(fd, uuid);
                if (session) invoke(fd, session);
                if (round & 1) run_close(fd, session);
            }
        }
        usleep((useconds_t)(1000 + round * 700));
        kill(child, SIGKILL);
        int status;
        CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    }
    uint32_t session = open_session(device, uuid);
    CHECK(session != 0 && invoke(device, session) == 0 && run_close(device, session) == 0);
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    parse_uuid(arguments[1], uuid);
    number = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 0) : 0;
    device = open("/dev/tee0", O_RDWR);
    CHECK(device >= 0);
    uint32_t session = open_session(device, uuid);
    CHECK(session != 0 && invoke(device, session) == 0);
    int other = open("/dev/tee0", O_RDWR);
    FAILS(invoke(other, session), EINVAL);
    FAILS(run_close(other, session), EINVAL);
    CHECK(close(other) == 0);
    CHECK(run_close(device, session) == 0);
    FAILS(run_close(device, session), EINVAL);
    identities();
    pthread_t threads[4];
    for (int index = 0; index < 4; index++) CHECK(pthread_create(&threads[index], NULL, thread, NULL) == 0);
    for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
    deaths();
    return checked();
}
