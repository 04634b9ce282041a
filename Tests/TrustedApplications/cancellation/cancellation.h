// Cancellation, which is masked at first in each session.
#ifndef CANCELLATION_H
#define CANCELLATION_H

#define CANCELLATION_UUID \
    { 0x5ec0e001, 0x0005, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x05 } }

/// Waits ten seconds with cancellation masked, that is all of them; no parameters or value[0].a in: other milliseconds.
#define CANCELLATION_WAIT_MASKED 0
/// The same unmasked: TEE_ERROR_CANCEL when cancelled.
#define CANCELLATION_WAIT_UNMASKED 1
/// Loops until the flag is set.
#define CANCELLATION_WATCH_FLAG 2
/// value[0] out: answers of unmask and unmask again; value[1] out: of mask and mask again; value[2].a out: the flag.
#define CANCELLATION_MASKS 3

#endif
