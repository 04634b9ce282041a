// The vDSO image, linked into the monitor as data and copied into guest memory; never executed in the monitor.
#ifndef SKERRY_GUEST_VDSO_H
#define SKERRY_GUEST_VDSO_H

#include "guest_clock.h"

/// The image's first byte, page-aligned; its bytes to `skerry_vdso_end` fit one page.
extern const unsigned char skerry_vdso_start[];
/// Behind the image's last byte.
extern const unsigned char skerry_vdso_end[];

/// The image's first byte.
static inline const void *_Nonnull skerry_vdso_image(void) { return skerry_vdso_start; }
/// How many bytes the image has.
static inline long skerry_vdso_size(void) { return skerry_vdso_end - skerry_vdso_start; }

#endif
