// The name under which OP-TEE sources include the entry points of an application.
#ifndef TEE_TA_API_H
#define TEE_TA_API_H
#include <tee_internal_api.h>
#endif
