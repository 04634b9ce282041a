// The guest stub's image, linked into the monitor as data and copied into guest memory; never executed in the monitor.
#ifndef SKERRY_GUEST_STUB_H
#define SKERRY_GUEST_STUB_H

#include "guest_abi.h"

/// The address in the monitor of a label of stub.S, by its place in the table of stub.S; the order is that of `Stub` and `GateLabels` in the monitor.
const void *_Nonnull skerry_stub_symbol(int index);

#endif
