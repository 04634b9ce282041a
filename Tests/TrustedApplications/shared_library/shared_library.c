#include "shared_library.h"

#include <tee_internal_api.h>

uint32_t sharedLibraryVariable = 5;
static uint32_t constructed;

static __attribute__((constructor)) void construct(void) { constructed = 77; }

static uint32_t plus(uint32_t a, uint32_t b) { return a + b; }
static uint32_t (*const operations[])(uint32_t, uint32_t) = {plus};

uint32_t shared_library_add(uint32_t a, uint32_t b) {
    uint32_t *sum = TEE_Malloc(sizeof(*sum), 0);
    if (!sum) return 0;
    *sum = operations[0](a, b);
    uint32_t result = *sum;
    TEE_Free(sum);
    return result;
}

uint32_t shared_library_constructed(void) { return constructed; }
