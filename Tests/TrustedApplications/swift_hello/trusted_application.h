// The GlobalPlatform API as Swift sees it. Constants with casts and function-like macros do not come through; what is needed of them is said again here.
#ifndef TRUSTED_APPLICATION_H
#define TRUSTED_APPLICATION_H

#include <tee_internal_api.h>

#include "swift_hello.h"

static inline uint32_t parameter_types(uint32_t first, uint32_t second, uint32_t third, uint32_t fourth) { return TEE_PARAM_TYPES(first, second, third, fourth); }

/// Prints one line.
static inline void trace(const char *text, size_t length) { trace_printf(0, 0, TRACE_INFO, true, "%.*s", (int)length, text); }

#endif
