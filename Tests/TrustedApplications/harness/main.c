// harness [--no-modules] [--misaligned] [--thread-locals] IMAGE STEP...
//
// A step is a word or a command with its parameters, joined by spaces in one argument:
//     open | close | cancel | invoke COMMAND | open2 ... | close2 | invoke2 ...     (2: a second session)
// with up to four parameters: -  vi:A,B  vo  vio:A,B  mi:HEX  mi:@TEXT  mo:SIZE  mio:HEX  null:SIZE (an output without a buffer)
// After each step a line says how it ended, with its output parameters. The exit code says nothing of that.
#include "harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t read_bytes(const char *text, uint8_t *bytes) {
    size_t size = 0;
    if (*text == '@') {
        size = strlen(text + 1);
        memcpy(bytes, text + 1, size);
        return size;
    }
    for (unsigned byte; sscanf(text, "%2x", &byte) == 1; text += 2) bytes[size++] = (uint8_t)byte;
    return size;
}

static void set_param(struct core_params *params, int index, uint64_t type, uint64_t a, uint64_t b) {
    params->types |= type << index * 4;
    params->values[index * 2] = a;
    params->values[index * 2 + 1] = b;
}

static void read_param(char *text, struct core_params *params, int index) {
    static uint8_t buffers[4][1 << 20];
    char *value = strchr(text, ':');
    if (value) *value++ = 0;
    unsigned long a = 0, b = 0;
    if (*text == 'v' && value) sscanf(value, "%lu,%lu", &a, &b);
    if (!strcmp(text, "vi")) set_param(params, index, 1, a, b);
    if (!strcmp(text, "vo")) set_param(params, index, 2, 0, 0);
    if (!strcmp(text, "vio")) set_param(params, index, 3, a, b);
    if (!strcmp(text, "null")) set_param(params, index, 6, 0, strtoull(value, NULL, 0));
    if (!strcmp(text, "mo")) set_param(params, index, 6, (uint64_t)memset(buffers[index], 0, sizeof(buffers[index])), strtoull(value, NULL, 0));
    if (!strcmp(text, "mi") || !strcmp(text, "mio")) set_param(params, index, text[2] ? 7 : 5, (uint64_t)buffers[index], read_bytes(value, buffers[index]));
}

static void print_outputs(const struct core_params *params) {
    for (int index = 0; index < 4; index++) {
        uint64_t type = params->types >> index * 4 & 15, a = params->values[index * 2], b = params->values[index * 2 + 1];
        if (type == 2 || type == 3) printf(" %" PRIu64 ",%" PRIu64, a, b);
        if (type != 6 && type != 7) continue;
        printf(" [%" PRIu64 "]", b);
        for (uint64_t byte = 0; a && byte < b && byte < 2048; byte++) printf("%02x", ((const uint8_t *)a)[byte]);
    }
    printf("\n");
}

static void run(const struct application *application, char *step, bool misaligns) {
    static bool isDead;
    struct core_params params = {0};
    char *rest, *word = strtok_r(step, " ", &rest);
    uint64_t session = strchr(word, '2') ? 2 : 1, function = *word == 'o' ? 0 : *word == 'c' ? 1 : *word == 'm' ? 3 : 2, command = 0;
    if (!strcmp(word, "cancel")) {
        isCancelled = true;
        return;
    }
    printf("%s", word);
    if (*word == 'i') printf(" %" PRIu64, command = strtoull(strtok_r(NULL, " ", &rest), NULL, 0));
    int index = 0;
    for (char *param; index < 4 && (param = strtok_r(NULL, " ", &rest)); index++) read_param(param, &params, index);
    if (isDead) {
        printf(": dead\n");
        return;
    }
    uint32_t result;
    enum ending ending = enter_application(application, function, session, &params, command, misaligns, &result);
    isDead = ending != endedNormally;
    printf(": %s%08x", ending == endedByPanic ? "panic " : ending == endedByFault ? "fault " : "", result);
    if (isDead)
        printf("\n");
    else
        print_outputs(&params);
}

int main(int count, char **arguments) {
    bool fillsModules = true, misaligns = false, laysOutThreadLocals = false;
    int place = 1;
    for (; place < count && !strncmp(arguments[place], "--", 2); place++) {
        fillsModules &= strcmp(arguments[place], "--no-modules") != 0;
        misaligns |= strcmp(arguments[place], "--misaligned") == 0;
        laysOutThreadLocals |= strcmp(arguments[place], "--thread-locals") == 0;
    }
    if (place >= count) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct application application = load_application(arguments[place++], fillsModules, laysOutThreadLocals);
    trap_calls();
    for (; place < count; place++) run(&application, arguments[place], misaligns);
    return 0;
}
