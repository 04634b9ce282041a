#include "guest_abi.h"

#include <stddef.h>

#define AT(field, offset) _Static_assert(offsetof(struct skerry_mailbox, field) == offset, #field)
AT(request, SKERRY_MAILBOX_REQUEST);
AT(number, SKERRY_MAILBOX_NUMBER);
AT(arguments, SKERRY_MAILBOX_ARGUMENT0);
AT(response, SKERRY_MAILBOX_RESPONSE);
AT(verdict, SKERRY_MAILBOX_VERDICT);
AT(result, SKERRY_MAILBOX_RESULT);
AT(spin, SKERRY_MAILBOX_SPIN);
AT(rip, SKERRY_MAILBOX_RIP);
AT(rsp, SKERRY_MAILBOX_RSP);
_Static_assert(SKERRY_MAILBOX_ARGUMENT5 == SKERRY_MAILBOX_ARGUMENT0 + 40, "arguments");
_Static_assert(((uint64_t)SKERRY_WINDOW >> 39 & 511) == SKERRY_WINDOW_PML4_INDEX, "window");
