// A client that is killed in the middle of a call that never ends: usage: vanish UUID COMMAND [TIMES]. Its sessions go with it, and the next client is served.
#include "tee.h"
#include <signal.h>
#include <sys/wait.h>

// An instance that all clients share may be about to end, with what the client before left it with.
static uint32_t open_patiently(int device, const uint8_t uuid[16]) {
    uint32_t session = 0;
    for (int tries = 0; tries < 5 && !session; tries++) session = open_session(device, uuid);
    return session;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    uint8_t uuid[16];
    parse_uuid(arguments[1], uuid);
    int times = count > 3 ? atoi(arguments[3]) : 5;
    for (int index = 0; index < times; index++) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        pid_t process = fork();
        if (process == 0) {
            int device = open("/dev/tee0", O_RDWR);
            struct invoke_command command = {.arg = {.session = open_patiently(device, uuid), .func = (uint32_t)atoi(arguments[2])}};
            if (!command.arg.session) _exit(3);
            if (write(ends[1], "", 1) != 1) _exit(4);
            run_invoke(device, &command);
            _exit(5);
        }
        char ready;
        CHECK(read(ends[0], &ready, 1) == 1);
        usleep((useconds_t)(index * 20000));
        CHECK(kill(process, SIGKILL) == 0);
        int status = 0;
        CHECK(waitpid(process, &status, 0) == process);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        close(ends[0]);
        close(ends[1]);
    }
    int device = open("/dev/tee0", O_RDWR);
    uint32_t session = open_patiently(device, uuid);
    CHECK(session != 0);
    struct invoke_command command = {.arg = {.session = session, .num_params = 1}, .params = {{.attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT, .a = 1}}};
    CHECK(run_invoke(device, &command) == 0 && command.arg.ret == 0 && command.params[0].a == 2);
    CHECK(run_close(device, session) == 0);
    return checked();
}
