#include "guest_abi.h"
#include "guest_clock.h"

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

#define CLOCK_AT(field, offset) _Static_assert(offsetof(struct skerry_clock_page, field) == offset, #field)
CLOCK_AT(sequence, SKERRY_CLOCK_SEQUENCE);
CLOCK_AT(mode, SKERRY_CLOCK_MODE);
CLOCK_AT(origin, SKERRY_CLOCK_ORIGIN);
CLOCK_AT(clocks, SKERRY_CLOCK_TABLE);
_Static_assert(sizeof(struct skerry_clock_entry) == 16 && offsetof(struct skerry_clock_entry, multiplier) == 8, "clock entries");
_Static_assert(sizeof(struct skerry_clock_page) <= 4096, "one page");
_Static_assert(SKERRY_CLOCK_SERVED >> SKERRY_CLOCK_COUNT == 0, "every served clock has an entry");
_Static_assert((SKERRY_CLOCK_COARSE & ~SKERRY_CLOCK_SERVED) == 0, "coarse clocks are served");
