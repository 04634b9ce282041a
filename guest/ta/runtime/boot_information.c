// What the secure world tells this instance at its start.
#include <skerry_boot_information.h>
#include <stdint.h>

/// Filled in by a loader that finds the name among the exported ones; another one leaves it zero.
__attribute__((visibility("default"))) struct {
    uint64_t address;
    uint64_t size;
} __skerry_boot_information;

const void *skerry_boot_information(size_t *size) {
    // The loader wrote it before anything here ran, which the compiler cannot know.
    *size = *(volatile uint64_t *)&__skerry_boot_information.size;
    return (const void *)(uintptr_t) * (volatile uint64_t *)&__skerry_boot_information.address;
}
