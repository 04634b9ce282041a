#include "library.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string_ext.h>

#include "../plain_session.h"

static uint32_t checks, failures;
#define CHECK(condition)                    \
    do {                                    \
        checks++;                           \
        if (!(condition)) {                 \
            EMSG("failed: %s", #condition); \
            failures++;                     \
        }                                   \
    } while (0)

static size_t print(char *text, size_t size) {
    return (size_t)snprintf(text, size,
                            "%d|%5d|%-5d|%05d|%+d|% d|%u|%x|%#X|%o|%#o|%c|%s|%10s|%-10s|%.3s|%%|%ld|%lu|%zu|%" PRIx64 "|%hhd|%hu|%.5d|%8.3x|%*d|%.*s|%p\n", -42, 42, 42, 42, 42,
                            42, 4000000000u, 0xbeefu, 0xbeefu, 8u, 8u, 'c', "text", "text", "text", "abcdef", LONG_MIN, ULONG_MAX, (size_t)7, UINT64_C(0x123456789abcdef0), 300,
                            65537u, 42, 10u, 6, 42, 2, "xyz", (void *)0x1234);
}

static void check_strings(void) {
    char text[16];
    CHECK(strlen("four") == 4 && strnlen("four", 2) == 2);
    CHECK(strcmp("a", "b") < 0 && !strcmp("a", "a") && strcmp("b", "a") > 0 && strncmp("ab", "ac", 1) == 0);
    CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("ABx", "aby", 2) == 0);
    CHECK(strlcpy(text, "abc", sizeof(text)) == 3 && strlcat(text, "def", sizeof(text)) == 6 && !strcmp(text, "abcdef"));
    CHECK(strlcpy(text, "0123456789abcdefgh", sizeof(text)) == 18 && strlen(text) == 15);
    CHECK(!strcmp(strchr("path/name", '/'), "/name") && !strcmp(strrchr("a/b/c", '/'), "/c") && !strchr("x", 'y') && *strchr("x", 0) == 0);
    CHECK(!strcmp(strstr("haystack", "st"), "stack") && !strstr("short", "shorter") && *strstr("x", "") == 'x');
    CHECK(strspn("aabbc", "ab") == 4 && strcspn("aabbc", "c") == 4 && !strcmp(strpbrk("a,b", ";,"), ",b"));
    strcpy(text, "a,b;;c");
    char *rest;
    CHECK(!strcmp(strtok_r(text, ",;", &rest), "a") && !strcmp(strtok_r(NULL, ",;", &rest), "b") && !strcmp(strtok_r(NULL, ",;", &rest), "c") && !strtok_r(NULL, ",;", &rest));
    strcpy(text, "0123456789");
    memmove(text + 2, text, 8);
    CHECK(!memcmp(text, "0101234567", 10));
    memmove(text, text + 2, 8);
    CHECK(!memcmp(text, "01234567", 8));
    CHECK(consttime_memcmp("abc", "abd", 3) < 0 && consttime_memcmp("b", "a", 1) > 0 && !consttime_memcmp("abc", "abd", 2));
    CHECK(TEE_MemCompare("\xff", "\x01", 1) > 0);
    char *copy = strdup("copied");
    CHECK(copy && !strcmp(copy, "copied"));
    free(copy);
}

static int by_value(const void *first, const void *second) { return *(const int *)first - *(const int *)second; }

static void check_numbers(void) {
    char *end;
    CHECK(strtol("  -42x", &end, 10) == -42 && *end == 'x');
    CHECK(strtoul("0xff", NULL, 0) == 255 && strtoul("0777", NULL, 0) == 511 && strtoull("18446744073709551615", NULL, 10) == ULLONG_MAX);
    CHECK(strtol("9223372036854775808", NULL, 10) == LONG_MAX && strtol("-9223372036854775808", NULL, 10) == LONG_MIN);
    CHECK(strtol("none", &end, 10) == 0 && *end == 'n' && strtol("0x", &end, 16) == 0 && *end == 'x');
    CHECK(isxdigit('f') && !isxdigit('g') && toupper('z') == 'Z' && isspace('\n') && ispunct('!') && !isalpha('1'));
    int numbers[101], wanted = 77;
    for (int index = 0; index < 101; index++) numbers[index] = index * 37 % 101;
    qsort(numbers, 101, sizeof(int), by_value);
    bool isSorted = true;
    for (int index = 0; index < 101; index++) isSorted &= numbers[index] == index;
    CHECK(isSorted && *(int *)bsearch(&wanted, numbers, 101, sizeof(int), by_value) == 77);
    wanted = 200;
    CHECK(!bsearch(&wanted, numbers, 101, sizeof(int), by_value));
}

static jmp_buf place;
static __noinline void jump(int value) { longjmp(place, value); }

static void check_jumps(void) {
    volatile int times = 0;
    int value = setjmp(place);
    times++;
    if (times < 3) jump(times);
    CHECK(value == 2 && times == 3);
    value = setjmp(place);
    if (times++ < 4) jump(0);
    CHECK(value == 1);
}

static void check_uuids(void) {
    TEE_UUID uuid;
    char text[40];
    CHECK(tee_uuid_from_str(&uuid, "8aaaf200-2450-11e4-abe2-0002a5d5c51b") == TEE_SUCCESS && uuid.timeLow == 0x8aaaf200 && uuid.clockSeqAndNode[7] == 0x1b);
    CHECK(snprintf(text, sizeof(text), "%pUl", (void *)&uuid) == 36 && !strcmp(text, "8aaaf200-2450-11e4-abe2-0002a5d5c51b"));
    CHECK(tee_invoke_supp_plugin(NULL, 0, 0, NULL, 0, NULL) == TEE_ERROR_BAD_PARAMETERS);
    CHECK(tee_uuid_from_str(&uuid, "8aaaf200") == TEE_ERROR_BAD_PARAMETERS && tee_uuid_from_str(&uuid, "8aaaf200-2450-11e4-abe2-0002a5d5c51g") == TEE_ERROR_BAD_PARAMETERS);
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    switch (commandID) {
    case LIBRARY_PRINTF:
        EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE);
        params[0].memref.size = print(params[0].memref.buffer, params[0].memref.size);
        return TEE_SUCCESS;
    case LIBRARY_FUNCTIONS:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        checks = failures = 0;
        check_strings();
        check_numbers();
        check_jumps();
        check_uuids();
        params[0].value.a = failures;
        params[0].value.b = checks;
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
