// The calls of the core with random arguments that are half plausible.
#ifndef HOSTILE_CALLS_H
#define HOSTILE_CALLS_H
#include <stdbool.h>
#include <stdint.h>

/// A call: the kinds of its arguments, one letter each (see calls.c).
struct core_call {
    uint8_t number;
    const char *arguments;
};
extern const struct core_call core_calls[];
enum { core_call_count = 56 };

/// The instruction itself.
uint64_t core_call(uint64_t number, const uint64_t arguments[8]);

struct random {
    uint64_t state;
};
uint64_t next(struct random *random);

/// `count` random calls; one in `nonsense` arguments is none of its kind.
void random_calls(uint64_t seed, uint32_t count, uint32_t nonsense);
/// The call with that number, plausible but for its pointers; whether it takes any.
bool bad_pointers(uint32_t number, uint32_t kind, uint32_t *result);

#endif
