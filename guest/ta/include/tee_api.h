// The name under which OP-TEE sources include the API.
#ifndef TEE_API_H
#define TEE_API_H
#include <tee_internal_api.h>
#endif
