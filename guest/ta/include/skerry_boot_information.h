// What the secure world tells an instance at its start: a flattened device tree (Devicetree Specification 0.4) in read-only memory. firmware/tee.dts says what is in it.
#ifndef SKERRY_BOOT_INFORMATION_H
#define SKERRY_BOOT_INFORMATION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The tree and its size in bytes; null under a core that does not know of it.
const void *skerry_boot_information(size_t *size);

#ifdef __cplusplus
}
#endif

#endif
