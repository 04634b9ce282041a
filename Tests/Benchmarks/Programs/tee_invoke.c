// A warm command of a trusted application (hello_world of Tests/TrustedApplications): invoke and return, without memory to copy.
#include "loop.h"
#include <fcntl.h>
#include <linux/tee.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

static const uint8_t uuid[16] = {0x5e, 0xc0, 0xe0, 0x01, 0x00, 0x01, 0x4a, 0x11, 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x01};

int main(int argc, char **argv) {
    int device = open("/dev/tee0", O_RDWR);
    struct tee_ioctl_open_session_arg opening = {0};
    memcpy(opening.uuid, uuid, sizeof uuid);
    struct tee_ioctl_buf_data open_data = {(uintptr_t)&opening, sizeof opening};
    if (device < 0 || ioctl(device, TEE_IOC_OPEN_SESSION, &open_data) || opening.ret) return 1;
    struct {
        struct tee_ioctl_invoke_arg arg;
        struct tee_ioctl_param params[1];
    } invoking = {.arg = {.session = opening.session, .num_params = 1}};
    struct tee_ioctl_buf_data data = {(uintptr_t)&invoking, sizeof invoking};
    invoking.params[0].attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT;
    if (ioctl(device, TEE_IOC_INVOKE, &data) || invoking.arg.ret) return 1;
    MEASURE(if (ioctl(device, TEE_IOC_INVOKE, &data) || invoking.arg.ret) return 1)
}
