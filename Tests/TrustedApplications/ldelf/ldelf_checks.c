// Every call with arguments that do and that do not do; expected are the results of OP-TEE's core (core/kernel/ldelf_syscalls.c, core/mm/vm.c).
#include "ldelf.h"

#define EXPECT(result, call) \
    if ((call) != (result)) sys_return(0xbad00000 | __LINE__)
#define HOLDS(condition) EXPECT(1, !!(condition))

enum { PAGE = 4096 };
static const uint64_t nowhere = 0x1000, beyond = 0xffff800000000000;
/// In pages that nobody may write.
static const uint64_t constant = 1;

static const volatile uint8_t *bytes_at(uint64_t va) { return (const volatile uint8_t *)(uintptr_t)va; }

static void check_logging(void) {
    EXPECT(TEE_SUCCESS, sys_log("checked\n", 8));
    EXPECT(TEE_SUCCESS, sys_log(NULL, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_log(NULL, 1));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_log((const void *)beyond, 1));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_log((const void *)nowhere, UINT64_MAX));
}

static void check_zeroed_memory(void) {
    uint64_t va = 0, other = 0, wrong = 0;
    EXPECT(TEE_SUCCESS, sys_map_zi(&va, PAGE + 1, PAGE, PAGE, SHAREABLE));
    HOLDS(va && !(va & (PAGE - 1)) && !bytes_at(va)[0] && !bytes_at(va)[2 * PAGE - 1]);
    ((uint8_t *)(uintptr_t)va)[2 * PAGE - 1] = 1;
    // What is kept free around it may be mapped by name.
    other = va + 2 * PAGE;
    EXPECT(TEE_SUCCESS, sys_map_zi(&other, PAGE, 0, 0, 0));
    HOLDS(other == va + 2 * PAGE);
    wrong = va;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, 0, 0, 0));
    wrong = va + 3 * PAGE;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, PAGE, 0, 0));
    wrong = (uintptr_t)&check_zeroed_memory & ~(uint64_t)(PAGE - 1);
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, 0, 0, 0));
    wrong = va + 8 * PAGE + 1;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, 0, 0, 0));
    wrong = beyond;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, 0, 0, 0));
    wrong = 0;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, -(size_t)PAGE, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, 2 * PAGE, -(size_t)PAGE, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_zi(&wrong, PAGE, 0, -(size_t)2 * PAGE, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_zi(&wrong, PAGE, 0, 0, WRITEABLE));
    EXPECT(TEE_ERROR_OUT_OF_MEMORY, sys_map_zi(&wrong, 0, 0, 0, 0));
    EXPECT(TEE_ERROR_OUT_OF_MEMORY, sys_map_zi(&wrong, 1UL << 40, 0, 0, 0));
    EXPECT(TEE_ERROR_OUT_OF_MEMORY, sys_map_zi(&wrong, UINT64_MAX, 0, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_map_zi(NULL, PAGE, 0, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_map_zi((uint64_t *)(uintptr_t)beyond, PAGE, 0, 0, 0));
    HOLDS(!wrong);

    EXPECT(TEE_SUCCESS, sys_unmap(va, PAGE + 1));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num((void *)va, 1));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(va, PAGE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(other + 1, PAGE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(other, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(other, UINT64_MAX));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(other, -other));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_unmap(other, 2 * PAGE));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_unmap((uintptr_t)&check_zeroed_memory & ~(uint64_t)(PAGE - 1), PAGE));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_unmap((uintptr_t)&wrong & ~(uint64_t)(PAGE - 1), PAGE));
    EXPECT(TEE_SUCCESS, sys_unmap(other, PAGE));
}

static void check_opening(const TEE_UUID *application) {
    uint32_t handle = 0, second = 0;
    TEE_UUID unknown = {1, 2, 3, {4}};
    EXPECT(TEE_SUCCESS, sys_open_bin(application, sizeof(*application), &handle));
    EXPECT(TEE_SUCCESS, sys_open_bin(application, sizeof(*application), &second));
    HOLDS(handle != second);
    EXPECT(TEE_ERROR_ITEM_NOT_FOUND, sys_open_bin(&unknown, sizeof(unknown), &handle));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_open_bin(application, sizeof(*application) - 1, &handle));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_open_bin(NULL, sizeof(*application), &handle));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_open_bin(application, sizeof(*application), NULL));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_open_bin(application, sizeof(*application), (uint32_t *)(uintptr_t)&constant));
    EXPECT(TEE_SUCCESS, sys_close_bin(second));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_close_bin(second));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_close_bin(handle | 1UL << 32));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_close_bin(UINT64_MAX));
    // As many as there may be, and no more; the end of the call closes them.
    TEE_Result result = TEE_SUCCESS;
    int count = 0;
    while (result == TEE_SUCCESS && count++ < 100000) result = sys_open_bin(application, sizeof(*application), &second);
    HOLDS(result == TEE_ERROR_OUT_OF_MEMORY && count > 16);
    for (uint32_t other = second - 64; other <= second; other++) sys_close_bin(other);
    EXPECT(TEE_SUCCESS, sys_close_bin(handle));
}

static void check_copying(const TEE_UUID *application) {
    static uint8_t buffer[2 * PAGE];
    uint32_t handle = 0;
    EXPECT(TEE_SUCCESS, sys_open_bin(application, sizeof(*application), &handle));
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(buffer, 0, 4, handle));
    HOLDS(buffer[0] == 0x7f && buffer[1] == 'E' && buffer[2] == 'L' && buffer[3] == 'F' && !buffer[4]);
    uint64_t sections = 0;
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(&sections, 40, 8, handle));
    // Section headers are the last in the file: behind them it is zero.
    uint16_t count = 0;
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(&count, 60, 2, handle));
    uint64_t end = sections + count * 64UL;
    for (size_t index = 0; index < sizeof(buffer); index++) buffer[index] = 0xff;
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(buffer, end - 64, PAGE, handle));
    HOLDS(buffer[4] == 3 && !buffer[64] && !buffer[PAGE - 1] && buffer[PAGE] == 0xff);
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(buffer, end, 1, handle));
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(NULL, 0, 0, handle));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_copy_from_bin(buffer, end + 1, 1, handle));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_copy_from_bin(buffer, UINT64_MAX, 1, handle));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_copy_from_bin(buffer, 0, 1, handle + 1000));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_copy_from_bin(NULL, 0, 1, handle));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_copy_from_bin((void *)(uintptr_t)&constant, 0, 8, handle));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_copy_from_bin(buffer, 0, UINT64_MAX, handle));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_copy_from_bin(buffer, 0, 1UL << 46, handle));
    EXPECT(TEE_SUCCESS, sys_close_bin(handle));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_copy_from_bin(buffer, 0, 1, handle));
}

static void check_mapping(const TEE_UUID *application) {
    uint8_t head[16];
    uint32_t handle = 0;
    uint64_t code = 0, data = 0, wrong = 0;
    EXPECT(TEE_SUCCESS, sys_open_bin(application, sizeof(*application), &handle));
    EXPECT(TEE_SUCCESS, sys_copy_from_bin(head, PAGE, sizeof(head), handle));
    EXPECT(TEE_SUCCESS, sys_map_bin(&code, PAGE, handle, PAGE, PAGE, PAGE, SHAREABLE | EXECUTABLE));
    HOLDS(!__builtin_memcmp((const void *)(uintptr_t)code, head, sizeof(head)));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num((void *)code, 1));
    EXPECT(TEE_SUCCESS, sys_map_bin(&data, 100, handle, 0, 0, 0, WRITEABLE));
    HOLDS(bytes_at(data)[1] == 'E' && !bytes_at(data)[100]);
    EXPECT(TEE_SUCCESS, sys_gen_rnd_num((void *)data, 8));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle, 0, 0, 0, SHAREABLE | WRITEABLE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle, 0, 0, 0, EXECUTABLE | WRITEABLE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle, 0, 0, 0, 8));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle, 1, 0, 0, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle, 1UL << 40, 0, 0, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, UINT64_MAX, handle, 0, 0, 0, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_map_bin(&wrong, PAGE, handle + 1000, 0, 0, 0, 0));
    EXPECT(TEE_ERROR_OUT_OF_MEMORY, sys_map_bin(&wrong, 0, handle, 0, 0, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_map_bin(NULL, PAGE, handle, 0, 0, 0, 0));
    HOLDS(!wrong);
    wrong = code;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_map_bin(&wrong, PAGE, handle, 0, 0, 0, 0));

    // What comes from a file as read-only stays so, wherever it goes.
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_set_prot(code, PAGE, WRITEABLE));
    uint64_t moved = 0;
    EXPECT(TEE_SUCCESS, sys_remap(code, &moved, PAGE, PAGE, PAGE));
    HOLDS(moved && moved != code && !__builtin_memcmp((const void *)(uintptr_t)moved, head, sizeof(head)));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_set_prot(moved, PAGE, WRITEABLE));
    EXPECT(TEE_SUCCESS, sys_set_prot(moved, PAGE, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(code, PAGE, 0));
    EXPECT(TEE_SUCCESS, sys_unmap(moved, PAGE));
    EXPECT(TEE_SUCCESS, sys_unmap(data, PAGE));
    EXPECT(TEE_SUCCESS, sys_close_bin(handle));
}

static void check_protection_and_moving(void) {
    uint64_t va = 0, other = 0;
    EXPECT(TEE_SUCCESS, sys_map_zi(&va, 2 * PAGE, 0, 0, 0));
    EXPECT(TEE_SUCCESS, sys_set_prot(va, PAGE, EXECUTABLE));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num((void *)va, 1));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_remap(va, &other, 2 * PAGE, 0, 0));
    EXPECT(TEE_SUCCESS, sys_set_prot(va, PAGE, WRITEABLE));
    EXPECT(TEE_SUCCESS, sys_gen_rnd_num((void *)va, 1));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(va, PAGE, WRITEABLE | EXECUTABLE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(va, PAGE, SHAREABLE));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(va, 3 * PAGE, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(va, UINT64_MAX, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_set_prot(nowhere, PAGE, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_set_prot((uintptr_t)&check_logging & ~(uint64_t)(PAGE - 1), PAGE, WRITEABLE));

    *(uint64_t *)(uintptr_t)(va + PAGE) = 0x1122334455667788;
    EXPECT(TEE_SUCCESS, sys_remap(va, &other, 2 * PAGE, 0, 0));
    HOLDS(other != va && *(const uint64_t *)(uintptr_t)(other + PAGE) == 0x1122334455667788);
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num((void *)va, 1));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_remap(va, &va, 2 * PAGE, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_remap(other, NULL, 2 * PAGE, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_remap(other, (uint64_t *)(uintptr_t)&constant, 2 * PAGE, 0, 0));
    uint64_t taken = (uintptr_t)&check_logging & ~(uint64_t)(PAGE - 1), none = 0;
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_remap(other, &taken, 2 * PAGE, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_remap(taken, &none, PAGE, 0, 0));
    EXPECT(TEE_ERROR_BAD_PARAMETERS, sys_remap(other, &none, UINT64_MAX, 0, 0));
    EXPECT(TEE_ERROR_ACCESS_CONFLICT, sys_remap(other, &none, 2 * PAGE, -(size_t)PAGE, 0));
    HOLDS(*(const uint64_t *)(uintptr_t)(other + PAGE) == 0x1122334455667788);
    EXPECT(TEE_SUCCESS, sys_unmap(other, 2 * PAGE));
}

static void check_randomness(void) {
    uint64_t numbers[3] = {0, 0, 0};
    EXPECT(TEE_SUCCESS, sys_gen_rnd_num(numbers, 16));
    HOLDS(numbers[0] && numbers[1] && numbers[0] != numbers[1] && !numbers[2]);
    EXPECT(TEE_SUCCESS, sys_gen_rnd_num(NULL, 0));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num(NULL, 8));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num((void *)(uintptr_t)&constant, 8));
    EXPECT(TEE_ERROR_ACCESS_DENIED, sys_gen_rnd_num(numbers, 1UL << 46));
}

void check_calls(const TEE_UUID *application) {
    check_logging();
    check_zeroed_memory();
    check_opening(application);
    check_copying(application);
    check_mapping(application);
    check_protection_and_moving();
    check_randomness();
    EXPECT(TEE_ERROR_NOT_SUPPORTED, ldelf_call(12, 0, 0, 0, 0, 0, 0, 0));
    EXPECT(TEE_ERROR_NOT_SUPPORTED, ldelf_call(UINT64_MAX, 0, 0, 0, 0, 0, 0, 0));
}
