// TEE Internal Core API 1.3.1 of GlobalPlatform: what a trusted application may call and what it must define.
//
// "Panics" means TEE_Panic: the instance ends. Every function panics on arguments that break its rules, whether said or not. Lengths are bytes unless said otherwise.
#ifndef TEE_INTERNAL_API_H
#define TEE_INTERNAL_API_H

#include <compiler.h>
#include <stddef.h>
#include <tee_api_defines.h>
#include <tee_api_types.h>
#include <trace.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <tee_internal_api_framework.h>
#include <tee_internal_api_objects.h>
#include <tee_internal_api_operations.h>
#include <tee_internal_api_arithmetic.h>
#include <tee_api_compat.h>

#ifdef __cplusplus
}
#endif

#endif
